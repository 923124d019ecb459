//! Non-interference: whatever is withheld, the output is the same.
//!
//! `tests/sites/secretariats` holds summaries as many hands write them, all well marked. It is built; then every withheld
//! text is replaced, once by a single letter and once by long and rich content, and the output, the messages and the exit
//! code stay what they were. The replacer is crude on purpose, and shares no code with the program: it knows markers by
//! regular expressions and TOML by its brackets.

use std::borrow::Cow;
use std::path::Path;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::support::{
    Run, Tree, build, canaries, canaries_said, differences, has_canary, plant, site, sources,
    temporary, tree,
};

#[test]
fn the_site_of_secretariats_builds_without_a_word() {
    let here = temporary();
    let run = build(&site("secretariats"), here.path(), "--format json");
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    assert!(run.stdout.contains(r#""errors":0,"#) && run.stdout.contains(r#""warnings":0,"#));
    assert_eq!(run.stderr, "");
    let written = tree(here.path());
    let found = [canaries_said(&run), canaries(&written)].concat();
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(written.len() > 300, "only {} files", written.len());
}

#[test]
fn replacing_what_is_withheld_changes_nothing_in_the_site_of_secretariats() {
    let original = Built::from(&sources(&site("secretariats")));
    for (name, with) in [("short", &SHORT), ("rich", &RICH)] {
        let other = Built::from(&replaced(&site("secretariats"), with));
        let differ = differences(&original.output, &other.output);
        assert!(differ.is_empty(), "{name}:\n{}", differ.join("\n"));
        assert_eq!(original.as_json, other.as_json, "{name}");
        assert_eq!(original.for_people, other.for_people, "{name}");
    }
}

/// Their warnings name lines and columns, which move with what is withheld above and before them; all else stays.
#[test]
fn replacing_what_is_withheld_changes_nothing_in_golden_sites() {
    static PLACE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#""(?:line|column)":\d+,"#).expect("a fixed pattern"));
    for golden in ["golden/small", "golden/deep-path", "golden/withheld"] {
        let original = Built::from(&sources(&site(golden)));
        for (name, with) in [("short", &SHORT), ("rich", &RICH)] {
            let other = Built::from(&replaced(&site(golden), with));
            let differ = differences(&original.output, &other.output);
            assert!(
                differ.is_empty(),
                "{golden}, {name}:\n{}",
                differ.join("\n")
            );
            let told = |built: &Built| {
                let said = PLACE.replace_all(&built.as_json.stdout, "").into_owned();
                (built.as_json.code, said)
            };
            assert_eq!(told(&original), told(&other), "{golden}, {name}");
        }
    }
}

/// Where the title is withheld, so is the name of the file.
#[test]
fn renaming_files_of_withheld_titles_changes_nothing_in_the_output() {
    let original = sources(&site("golden/withheld"));
    let renamed: Tree = original
        .iter()
        .map(|(path, bytes)| {
            let path = path
                .replace(
                    "2026-03-19-working-group-2.md",
                    "2026-03-19-working-group-9.md",
                )
                .replace(
                    "2026-03-19-working-group-3.md",
                    "2026-03-19-working-group-1.md",
                )
                .replace("2026-04-10-whole.", "2026-04-10-all-of-it.")
                .replace("documents/contract/", "documents/lease/")
                .replace("pages/page.md", "pages/zzz.md")
                .replace("pages/secret-plans.md", "pages/aaa.md")
                .replace("acme/2026-01-01-report.md", "acme/rival.md")
                .replace("acme/report.md", "acme/merger.md");
            (path, bytes.clone())
        })
        .collect();
    assert_eq!(renamed.len(), original.len());
    let differ = differences(
        &Built::from(&original).output,
        &Built::from(&renamed).output,
    );
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// A site that was built from a copy of its sources.
struct Built {
    output: Tree,
    as_json: Run,
    for_people: Run,
}

impl Built {
    fn from(files: &Tree) -> Self {
        let here = temporary();
        let root = here.path().join("site");
        plant(files, &root);
        let as_json = build(&root, here.path(), "--format json");
        assert_eq!(
            as_json.code,
            Some(0),
            "{}{}",
            as_json.stdout,
            as_json.stderr
        );
        let output = tree(&here.path().join("public"));
        let for_people = build(&root, here.path(), "");
        assert_eq!(output, tree(&here.path().join("public")));
        Self {
            output,
            as_json,
            for_people,
        }
    }
}

/// What stands in the place of withheld text.
struct Replacement {
    /// Between the marker lines of a passage.
    block: &'static str,
    /// In the square brackets of an inline marker.
    inline: &'static str,
    /// In the texts of a withheld field.
    text: &'static str,
    /// As the name of a withheld attachment.
    file: &'static str,
    /// How often the items of a withheld list are written down.
    times: usize,
    date: &'static str,
    number: &'static str,
    /// The text of a document that is withheld as a whole.
    body: &'static str,
}

static SHORT: Replacement = Replacement {
    block: "x\n",
    inline: "x",
    text: "x",
    file: "y.z",
    times: 1,
    date: "2026-12-24",
    number: "1",
    body: "x\n",
};

/// With headings like public ones, so that their anchors would move; with definitions, tables, images and notes.
static RICH: Replacement = Replacement {
    block: "\
# Next steps

Opening
=======

![A chart of it](rich-chart.png \"The chart\") and a [link][rich] to it.[^rich]

| Rich | table |
| :--- | ----: |
| one  |     1 |

- [x] a task
  1. and another, [here](../members/nobody.toml#nowhere)

> A quotation
> > of a quotation

~~~ toml
topics = [\"rich-topic\"]
~~~

<div>HTML</div>

    an indented block

[rich]: https://rich.example/ \"Rich\"
[^rich]: A note, with a [second][rich] link.

***

A long paragraph that has far more words than anything that stood here before, so that every length, every count, every \
place and every page break that depended on it would have to move, and would be seen to move, at once and by everybody.
",
    inline: "Rich *words* of any length: 1 000 000 €, | cells |, <b>tags</b> & references &amp; {braces} “quoted”, # no heading, \
             - no item, http://rich.example/ and a great many more of them, up to and beyond the end of any line",
    text: "Rich # words ![of](any.png) length | in | cells: 1 000 000 € <b>and tags</b>, far longer than what they stand for",
    file: "no folder/of this name/and no file.pdf",
    times: 3,
    date: "2027-01-01",
    number: "987654321",
    body: "\
<!-- never closed

::: confidential
```
# Next steps
[rich]: https://rich.example/
{{< shortcode >}} :confidential[x
+++
",
};

/// Returns the sources of a site with all that is withheld in them replaced.
fn replaced(site: &Path, with: &Replacement) -> Tree {
    let mut files = sources(site);
    for (path, bytes) in files
        .iter_mut()
        .filter(|(path, _)| path.starts_with("content/"))
    {
        let text = String::from_utf8_lossy(bytes);
        let text = match path.rsplit_once('.') {
            Some((_, "md")) => replaced_in_markdown(&text, with),
            Some((_, "toml")) => replaced_in_toml(&text, with),
            // A file that nothing public names.
            _ if has_canary(bytes) => with.body.to_owned(),
            _ => continue,
        };
        *bytes = text.into_bytes();
        // Drafts are left out, and not withheld.
        assert!(
            !has_canary(bytes) || path.ends_with("unfinished.md"),
            "{path}: the replacer has missed something"
        );
    }
    files
}

fn replaced_in_markdown(text: &str, with: &Replacement) -> String {
    let mut lines = text.split_inclusive('\n');
    let opening = lines.next().unwrap_or_default();
    let is_fence = |line: &str| line.trim_end() == "+++";
    let front: String = lines.by_ref().take_while(|line| !is_fence(line)).collect();
    let closing = "+++\n";
    if let Some((fields, mark)) = front.split_once("[confidential]") {
        let fields = replaced_in_closed(fields, with);
        return format!(
            "{opening}{fields}[confidential]{mark}{closing}{}",
            with.body
        );
    }
    let mut body = String::new();
    let mut is_withheld = false;
    for line in lines {
        let words = line.trim_end();
        if is_withheld && words == ":::" {
            is_withheld = false;
            body.push_str(with.block);
        }
        if !is_withheld {
            body.push_str(&replaced_inline(line, with));
        }
        if words.starts_with(":::") && words.contains("confidential") {
            is_withheld = true;
        }
    }
    format!("{opening}{}{closing}{body}", replaced_in_toml(&front, with))
}

fn replaced_inline<'t>(line: &'t str, with: &Replacement) -> Cow<'t, str> {
    static INLINE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r":confidential\[[^\]]*\]\{").expect("a fixed pattern"));
    INLINE.replace_all(line, |_: &Captures<'_>| {
        format!(":confidential[{}]{{", with.inline)
    })
}

/// Replaces what stands behind every `confidential =`.
fn replaced_in_toml(text: &str, with: &Replacement) -> String {
    static KEY: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\bconfidential\s*=\s*").expect("a fixed pattern"));
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(key) = KEY.find(rest) {
        let (before, behind) = rest.split_at(key.end());
        let (value, behind) = behind.split_at(end_of_value(behind));
        replaced.push_str(before);
        replaced.push_str(&replaced_value(value, with));
        rest = behind;
    }
    replaced + rest
}

/// Replaces the fields of a document that is withheld as a whole, but for those that stay public.
fn replaced_in_closed(fields: &str, with: &Replacement) -> String {
    let is_public = |line: &str| {
        ["date", "kind", "draft", "member", "version"]
            .iter()
            .any(|key| line.split('=').next().is_some_and(|own| own.trim() == *key))
    };
    fields
        .split_inclusive('\n')
        .map(|line| {
            if is_public(line) {
                line.to_owned()
            } else {
                replaced_value(line, with)
            }
        })
        .collect()
}

/// Returns where a value ends: at the first comma, closing bracket or line end that is not inside it.
fn end_of_value(text: &str) -> usize {
    let mut depth = 0;
    let mut quote = None;
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some('"'), '\\') if !is_escaped => {
                is_escaped = true;
                continue;
            }
            (Some(open), c) if c == open && !is_escaped => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ',' | ']' | '}' | '\n') if depth == 0 => return at,
            (None, ']' | '}') => depth -= 1,
            _ => {}
        }
        is_escaped = false;
    }
    text.len()
}

/// Replaces all texts, dates and numbers of a value, and keeps its form.
fn replaced_value(value: &str, with: &Replacement) -> String {
    static PARTS: LazyLock<Regex> = LazyLock::new(|| {
        let text = r#""(?:[^"\\]|\\.)*"|'[^']*'"#;
        let (date, number) = (r"\d{4}-\d{2}-\d{2}", r"\b\d+\b");
        let pattern = format!(
            r"(?P<file>\bfile\s*=\s*)?(?:(?P<text>{text})|(?P<date>{date})|(?P<number>{number}))"
        );
        Regex::new(&pattern).expect("a fixed pattern")
    });
    let value = PARTS.replace_all(value, |found: &Captures<'_>| {
        if found.name("file").is_some() {
            format!("file = \"{}\"", with.file)
        } else if found.name("text").is_some() {
            format!("\"{}\"", with.text)
        } else if found.name("date").is_some() {
            with.date.to_owned()
        } else {
            with.number.to_owned()
        }
    });
    match value
        .trim()
        .strip_prefix('[')
        .and_then(|list| list.strip_suffix(']'))
    {
        Some(items) => {
            let items = items.trim().trim_end_matches(',');
            format!("[{}]", vec![items; with.times].join(", "))
        }
        None => value.into_owned(),
    }
}

#[test]
fn the_replacer_knows_every_form() {
    let with = Replacement {
        block: "BLOCK\n",
        inline: "INLINE",
        text: "TEXT",
        file: "FILE",
        times: 2,
        date: "2000-01-01",
        number: "7",
        body: "BODY\n",
    };
    let text = r#"+++
title = { ground = "g", confidential = "a \" } b", until = 2027-01-01 }
agenda = ["a", { confidential = ["x", { file = "y" }], ground = "g", until = 2027-01-01 }]
number = { confidential = 42, ground = "g", until = 2027-01-01 }
+++
Public :confidential[one]{ground="g" until="2027-01-01"} public :confidential[]{}.
::: confidential ground="g" until="2027-01-01"
secret
:::   
public
"#;
    insta::assert_snapshot!(replaced_in_markdown(text, &with).replace("   \n", "\n"), @r#"
    +++
    title = { ground = "g", confidential = "TEXT", until = 2027-01-01 }
    agenda = ["a", { confidential = ["TEXT", { file = "FILE" }, "TEXT", { file = "FILE" }], ground = "g", until = 2027-01-01 }]
    number = { confidential = 7, ground = "g", until = 2027-01-01 }
    +++
    Public :confidential[INLINE]{ground="g" until="2027-01-01"} public :confidential[INLINE]{}.
    ::: confidential ground="g" until="2027-01-01"
    BLOCK
    :::
    public
    "#);
    let whole =
        "+++\ntitle = \"a\"\ndate = 2026-01-01\n\n[confidential]\nground = \"g\"\n+++\nsecret\n";
    insta::assert_snapshot!(replaced_in_markdown(whole, &with), @r#"
    +++
    title = "TEXT"
    date = 2026-01-01

    [confidential]
    ground = "g"
    +++
    BODY
    "#);
}
