//! Documents nobody would think of: generated Markdown with withheld passages and words at random places.
//!
//! Of every document that builds, no withheld word stands in any output file, and other withheld text in its place changes
//! no byte of them. Of every document, none stands in a message. `PROPTEST_CASES=5000` tries more of them than 200.

use std::cell::Cell;
use std::fmt;
use std::io::Write;
use std::path::Path;

use clerestory::{Options, Report};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use proptest::{prop_assert, prop_assert_eq, prop_oneof};

use crate::generator::{self, Choices, Group};
use crate::lookout;
use crate::support::{Tree, canaries, differences, has_canary, plant, put, temporary, tree};

const CASES: u32 = 200;
const NESTED: u32 = 40;

#[test]
fn nothing_withheld_comes_out_of_any_document() {
    let cases = match std::env::var_os("PROPTEST_CASES") {
        Some(_) => Config::default().cases,
        None => CASES,
    };
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let (built, withholding) = (Cell::new(0), Cell::new(0));
    let outcome = runner.run(&document(), |document| {
        let is_sound = check(&document)?;
        built.set(built.get() + u32::from(is_sound));
        withholding.set(withholding.get() + u32::from(is_sound && document.withholds()));
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, document)) => panic!("{why}\n{document:?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    // Otherwise nothing would have been tried.
    let (built, withholding) = (built.get(), withholding.get());
    writeln!(
        std::io::stderr(),
        "{cases} documents, {built} built, {withholding} of them with something withheld"
    )
    .unwrap();
    assert!(
        withholding * 4 > cases,
        "too few of the documents show anything"
    );
}

/// Meetings with everything in everything, their translations and members: `generator` writes them, `examples/attack.rs` many more.
#[test]
fn nothing_withheld_comes_out_of_nested_documents() {
    let cases = match std::env::var_os("PROPTEST_CASES") {
        Some(_) => Config::default().cases,
        None => NESTED,
    };
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let withholding = Cell::new(0);
    let outcome = runner.run(&nested(), |site| {
        let texts = site.groups.iter().flat_map(|group| &group.texts);
        let withholds = texts.clone().any(generator::Written::withholds);
        let is_sound = check_nested(&site)?;
        withholding.set(withholding.get() + u32::from(is_sound && withholds));
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, site)) => panic!("{why}\n{site:?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    assert!(
        withholding.get() * 4 > cases,
        "too few of the documents show anything"
    );
}

#[test]
fn the_lookout_is_awake() {
    assert!(lookout::is_awake());
}

/// A meeting, perhaps with a translation, and a member.
#[derive(Clone, Debug)]
struct Nested {
    groups: [Group; 2],
    is_translated: bool,
}

fn nested() -> impl Strategy<Value = Nested> {
    (vec(any::<u16>(), 0..600), any::<bool>()).prop_map(|(tape, is_translated)| {
        let mut c = Choices::tape(tape).with_french(is_translated);
        Nested {
            groups: [
                generator::meeting(&mut c, 0, is_translated),
                generator::member(&mut c, 0),
            ],
            is_translated,
        }
    })
}

fn check_nested(site: &Nested) -> Result<bool, TestCaseError> {
    let (report, output) = build_nested(site, generator::Take::First);
    if !report.is_sound() {
        prop_assert!(!report.tells_withheld_text(), "{:?}", report.diagnostics);
        prop_assert!(output.is_empty(), "it has errors and was written");
        return Ok(false);
    }
    for (path, bytes) in &output {
        let seen = lookout::seen(path, bytes);
        prop_assert!(seen.is_empty(), "{}", seen.join("\n"));
    }
    for told in &report.diagnostics {
        // A message about a file names it (A9), and shows the beginning of its line.
        let said = format!("{} {:?}", told.message, told.excerpt);
        prop_assert!(!lookout::holds(&said), "a canary in a message: {said}");
    }
    let (other, changed) = build_nested(site, generator::Take::Second);
    prop_assert_eq!(without_lines(&other), without_lines(&report));
    prop_assert_eq!(other.summary, report.summary);
    let differ = differences(&output, &changed);
    prop_assert!(differ.is_empty(), "{}", differ.join("\n"));
    Ok(true)
}

/// Returns what was said, without lines and names of files, which move with what is withheld.
fn without_lines(report: &Report) -> Vec<String> {
    let told = report.diagnostics.iter();
    let mut said: Vec<String> = told
        .map(|told| {
            let column = told.place.map(|place| place.column);
            format!("{} {column:?} {:?}", told.code.as_str(), told.excerpt)
        })
        .filter(|said| !said.starts_with("telling-file-name"))
        .collect();
    said.sort();
    said
}

fn build_nested(site: &Nested, take: generator::Take) -> (Report, Tree) {
    let here = temporary();
    let root = here.path();
    let languages = if site.is_translated {
        "\"en\", \"fr\""
    } else {
        "\"en\""
    };
    put(
        &root.join("clerestory.toml"),
        format!(
            "[site]\ntitle = \"Site\"\nbase_url = \"https://example.org/\"\nlanguages = [{languages}]\ntheme = \"plain\"\n[topics]\naudit = \"Audit\"\ntakeover = \"Takeover\"\n"
        ),
    );
    put(
        &root.join("content/code.toml"),
        "title = \"Code\"\n[[chapter]]\nid = \"t\"\nprefix = \"T\"\ntitle = \"T\"\n[[chapter.commitment]]\nid = \"1\"\ntitle = \"One\"\n\
         [[chapter.commitment.measure]]\nid = \"1.1\"\ntitle = \"First\"\n",
    );
    put(
        &root.join("content/meetings/square.svg"),
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"><path d=\"M0 0h1v1z\"/></svg>\n",
    );
    // A theme that takes little time.
    let theme = crate::support::site("golden/withheld/themes/plain");
    plant(&tree(&theme), &root.join("themes/plain"));
    for group in &site.groups {
        for text in &group.texts {
            put(&root.join(text.path(take)), text.text(take));
        }
        for [first, second] in &group.files {
            let is_first = take == generator::Take::First;
            let (path, text) = if is_first { first } else { second };
            put(&root.join(path), text);
        }
    }
    build_site(root)
}

/// Builds a document twice, the second time with other withheld text; says whether it could be built.
fn check(document: &Document) -> Result<bool, TestCaseError> {
    let (report, output) = build(&document.source(Take::First));
    for diagnostic in &report.diagnostics {
        let said = format!("{diagnostic:?}");
        prop_assert!(
            !has_canary(said.as_bytes()),
            "a canary in a message: {said}"
        );
    }
    if !report.is_sound() {
        prop_assert!(output.is_empty(), "it has errors and was written");
        return Ok(false);
    }
    let found = canaries(&output);
    prop_assert!(found.is_empty(), "{}", found.join("\n"));
    let (other, changed) = build(&document.source(Take::Second));
    prop_assert_eq!(&other.diagnostics, &report.diagnostics);
    prop_assert_eq!(other.summary, report.summary);
    let differ = differences(&output, &changed);
    prop_assert!(differ.is_empty(), "{}", differ.join("\n"));
    Ok(true)
}

/// Builds a site of one meeting with this text.
fn build(body: &str) -> (Report, Tree) {
    let here = temporary();
    let root = here.path();
    put(
        &root.join("clerestory.toml"),
        "[site]\ntitle = \"Site\"\nbase_url = \"https://example.org/\"\n",
    );
    let front = "+++\ntitle = \"Meeting\"\ndate = 2026-01-30\nkind = \"plenary\"\n+++\n";
    put(
        &root.join("content/meetings/2026-01-30-meeting.md"),
        format!("{front}{body}"),
    );
    build_site(root)
}

fn build_site(root: &Path) -> (Report, Tree) {
    let options = Options {
        root: root.to_path_buf(),
        today: jiff::civil::date(2026, 11, 24),
        drafts: false,
        base_url: None,
    };
    let out = root.join("public");
    let report = clerestory::build(&options, &out).expect("the folder can be read and written");
    (
        report,
        if Path::exists(&out) {
            tree(&out)
        } else {
            Tree::new()
        },
    )
}

/// Which of two withheld texts stands in a document.
#[derive(Clone, Copy)]
enum Take {
    First,
    Second,
}

/// Withheld text, and what is put in its place.
#[derive(Clone, Debug)]
struct Secret(String, String);

impl Secret {
    fn take(&self, take: Take) -> &str {
        match take {
            Take::First => &self.0,
            Take::Second => &self.1,
        }
    }

    /// Returns the inline marker that withholds this.
    fn mark(&self, take: Take) -> String {
        format!(
            ":confidential[{}]{{ground=\"commercial\" until=\"2027-03-31\"}}",
            self.take(take)
        )
    }
}

/// A document, shrunk by leaving out blocks, words, passages and marks.
#[derive(Clone)]
struct Document {
    blocks: Vec<(Block, bool)>,
    /// Passages, each before some line of the public text.
    passages: Vec<(Index, Secret)>,
    /// Marks, each in some line before some letter, whatever stands there.
    marks: Vec<(Index, Index, Secret)>,
}

#[derive(Clone, Debug)]
enum Block {
    Paragraph(Words),
    Heading(usize, Words),
    Underlined(Words),
    List(bool, Vec<(usize, Words)>),
    Quotation(usize, Vec<Words>),
    Table(Vec<(Words, Words)>),
    Fence(Words),
    Rule,
    /// A link by a definition, which follows it or stands before it.
    Link(Words, bool),
    /// A footnote.
    Note(Words),
}

type Words = Vec<Word>;

#[derive(Clone, Debug)]
enum Word {
    Plain(&'static str),
    Withheld(Secret),
}

impl Document {
    fn withholds(&self) -> bool {
        self.source(Take::First).contains("confidential")
    }

    fn source(&self, take: Take) -> String {
        let mut lines = Vec::new();
        for (number, (block, is_apart)) in self.blocks.iter().enumerate() {
            lines.extend(block.lines(number, take));
            if *is_apart {
                lines.push(String::new());
            }
        }
        for (line, letter, secret) in &self.marks {
            if lines.is_empty() {
                break;
            }
            let at = line.index(lines.len());
            let line = &mut lines[at];
            // Before the marks that stand there already, so that it never gets into one.
            let open = line.find(":confidential").unwrap_or(line.len());
            let letters: Vec<usize> = line.char_indices().map(|(at, _)| at).collect();
            let letters: Vec<usize> = letters.into_iter().filter(|at| *at <= open).collect();
            let at = if letters.is_empty() {
                0
            } else {
                letters[letter.index(letters.len())]
            };
            line.insert_str(at, &secret.mark(take));
        }
        let mut places: Vec<(usize, &Secret)> = self
            .passages
            .iter()
            .map(|(at, secret)| (at.index(lines.len() + 1), secret))
            .collect();
        places.sort_by_key(|(at, _)| *at);
        for (at, secret) in places.into_iter().rev() {
            let text = secret.take(take);
            let passage =
                format!("::: confidential ground=\"security\" until=\"2027-03-31\"\n{text}\n:::");
            lines.insert(at, passage);
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "--- the text\n{}--- with other withheld text\n{}---",
            self.source(Take::First),
            self.source(Take::Second)
        )
    }
}

impl Block {
    fn lines(&self, number: usize, take: Take) -> Vec<String> {
        let said = |words: &Words| -> String {
            let words = words.iter().map(|word| match word {
                Word::Plain(word) => (*word).to_owned(),
                Word::Withheld(secret) => secret.mark(take),
            });
            words.collect::<Vec<_>>().join(" ")
        };
        match self {
            Self::Paragraph(words) => vec![said(words)],
            Self::Heading(level, words) => vec![format!("{} {}", "#".repeat(*level), said(words))],
            Self::Underlined(words) => vec![said(words), "---".to_owned()],
            Self::List(is_ordered, items) => items
                .iter()
                .map(|(depth, words)| {
                    let mark = if *is_ordered { "1." } else { "-" };
                    format!("{}{mark} {}", "   ".repeat(*depth), said(words))
                })
                .collect(),
            Self::Quotation(depth, lines) => lines
                .iter()
                .map(|words| format!("{} {}", ">".repeat(*depth), said(words)))
                .collect(),
            Self::Table(rows) => {
                let head = ["| who | what |", "| --- | ---: |"].map(str::to_owned);
                let rows = rows
                    .iter()
                    .map(|(left, right)| format!("| {} | {} |", said(left), said(right)));
                head.into_iter().chain(rows).collect()
            }
            Self::Fence(words) => vec!["```".to_owned(), said(words), "```".to_owned()],
            Self::Rule => vec!["***".to_owned()],
            Self::Link(words, is_before) => {
                let link = format!("{} [link][l{number}]", said(words));
                let definition = format!("[l{number}]: https://example.org/{number}");
                if *is_before {
                    vec![definition, link]
                } else {
                    vec![link, String::new(), definition]
                }
            }
            Self::Note(words) => vec![
                format!("A note.[^n{number}]"),
                String::new(),
                format!("[^n{number}]: {}", said(words)),
            ],
        }
    }
}

fn document() -> impl Strategy<Value = Document> {
    (
        vec((block(), proptest::bool::weighted(0.8)), 0..8),
        vec((any::<Index>(), passage()), 0..4),
        vec((any::<Index>(), any::<Index>(), inline()), 0..2),
    )
        .prop_map(|(blocks, passages, marks)| Document {
            blocks,
            passages,
            marks,
        })
}

fn block() -> impl Strategy<Value = Block> {
    prop_oneof![
        4 => words().prop_map(Block::Paragraph),
        2 => (1..5_usize, words()).prop_map(|(level, words)| Block::Heading(level, words)),
        1 => words().prop_map(Block::Underlined),
        3 => (any::<bool>(), vec((0..3_usize, words()), 1..5)).prop_map(|(is_ordered, items)| Block::List(is_ordered, items)),
        2 => (1..3_usize, vec(words(), 1..4)).prop_map(|(depth, lines)| Block::Quotation(depth, lines)),
        2 => vec((words(), words()), 1..4).prop_map(Block::Table),
        1 => plain().prop_map(|words| Block::Fence(words.into_iter().map(Word::Plain).collect())),
        1 => Just(Block::Rule),
        2 => (words(), any::<bool>()).prop_map(|(words, is_before)| Block::Link(words, is_before)),
        2 => words().prop_map(Block::Note),
    ]
}

fn words() -> impl Strategy<Value = Words> {
    let word = prop_oneof![
        6 => public_word().prop_map(Word::Plain),
        1 => inline().prop_map(Word::Withheld),
    ];
    vec(word, 1..6)
}

fn plain() -> impl Strategy<Value = Vec<&'static str>> {
    vec(public_word(), 1..5)
}

fn public_word() -> impl Strategy<Value = &'static str> {
    select(vec![
        "agenda",
        "clerk",
        "the",
        "rules",
        "of",
        "procedure",
        "*stress*",
        "**weight**",
        "~~struck~~",
        "`code`",
        "[here](#summary)",
        "<https://example.org/>",
        "1.",
        "-",
        "€",
        "naïve",
        "&amp;",
        "a|b",
        "\\*",
        "\"quoted\"",
        "{braces}",
        "confidential",
        "#",
        "_low_",
    ])
}

/// Words withheld within a line: none of `[`, `]`, backtick and backslash.
fn inline() -> impl Strategy<Value = Secret> {
    let word = select(vec![
        "Canarygate",
        "Canarywharf",
        "canaryseed",
        "|",
        "*Canary*",
        "**",
        "<b>Canary",
        "&lt;Canary",
        "#",
        "1.",
        "- Canary",
        "{Canary}",
        "€ 4.2m",
        "~~Canary",
        "https://canary.example/",
        "!",
        ":",
        "\"Canary\"",
        "_Canary_",
    ]);
    let text = vec(word, 0..6).prop_map(|words| format!("Canary {}", words.join(" ")));
    (text.clone(), text).prop_map(|(first, second)| Secret(first, second))
}

/// A passage may hold whatever it likes at first; in its place comes something that stands on its own.
fn passage() -> impl Strategy<Value = Secret> {
    let own = || {
        select(vec![
            "A paragraph on Canarygate.\nIt has two lines.",
            "# Canary heading",
            "## agenda",
            "Canary setext\n=============",
            "- a Canary item\n  - a nested Canary\n\n  with more",
            "1. first Canary\n2. second Canary",
            "> a Canary quotation\nwith a lazy line",
            "| Canary | table |\n| --- | --- |\n| a | b |",
            "```\nCanary in a fence\n```",
            "~~~\nCanary in another\n~~~",
            "[canary]: https://canary.example/ \"Canary\"",
            "[A Canary link][canary-1]\n\n[canary-1]: https://canary.example/",
            "A Canary note.[^canary]\n\n[^canary]: Canary",
            "![Canary](canary.png)",
            "<div>Canary</div>",
            "    Canary in an indented block",
            "***",
            "Canary",
            "",
        ])
    };
    let hostile = select(vec![
        "```\nCanary in an open fence",
        "<!-- Canary in an open comment",
        "[l0]: https://canary.example/",
        "[l1]: https://canary.example/ \"Canary\"",
        "[^n0]: Canary",
        "[Canary][l2] and a note[^n2]",
        "[^n1]: Canary\n\n    more Canary",
        "===",
        "---",
        "| Canary |",
        "<pre>\nCanary",
        "    ",
        "\tCanary",
        "+ Canary",
        "[Canary]:",
        "[^canary-2]:",
    ]);
    let first = vec(prop_oneof![8 => own(), 1 => hostile], 0..4);
    (first, vec(own(), 0..6), any::<bool>()).prop_map(|(first, second, is_apart)| {
        let between = if is_apart { "\n\n" } else { "\n" };
        let text = |parts: Vec<&str>| format!("Canary text{between}{}", parts.join(between));
        Secret(text(first), text(second))
    })
}
