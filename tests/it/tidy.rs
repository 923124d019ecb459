//! Rules of the house that a machine can check, over the files of this repository. STYLE.md and ARCHITECTURE.md say why.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::sync::LazyLock;

use clerestory::diag::Code;
use regex::Regex;

use crate::support::{read, repository, tree};

/// The order in which text flows; none of these imports a later one.
const FLOW: [&str; 5] = ["record", "markdown", "site", "render", "write"];

/// Files of `src/` that may read or write a disk.
const RIM: [&str; 6] = [
    "record/source.rs",
    "config.rs",
    "theme/",
    "write/",
    "review/",
    "scaffold/",
];

/// The one file that may look at a clock.
const CLOCK: &str = "main.rs";

#[test]
fn every_file_says_what_it_is() {
    let files = ["src", "tests/it"].map(|folder| (folder, sources(folder)));
    let silent: Vec<String> = files
        .iter()
        .flat_map(|(folder, files)| {
            let silent = files.iter().filter(|(_, text)| !text.starts_with("//! "));
            silent.map(move |(path, _)| format!("{folder}/{path}"))
        })
        .collect();
    assert!(silent.is_empty(), "these do not open with //!: {silent:?}");
}

#[test]
fn imports_are_those_of_the_table() {
    let (table, real) = (import_table(), imports());
    let mut wrong = Vec::new();
    for (module, own) in &real {
        let Some(told) = table.get(module) else {
            wrong.push(format!("{module}: there is no row for it"));
            continue;
        };
        for more in own.difference(told) {
            wrong.push(format!(
                "{module}: imports {more}, and the table does not say so"
            ));
        }
        for less in told.difference(own) {
            wrong.push(format!(
                "{module}: does not import {less}, and the table says so"
            ));
        }
    }
    let surplus = table.keys().filter(|module| !real.contains_key(*module));
    wrong.extend(surplus.map(|module| format!("{module}: there is no such module")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn text_flows_one_way() {
    let real = imports();
    for (at, module) in FLOW.iter().enumerate() {
        let own = &real[*module];
        let later: Vec<_> = FLOW[at + 1..]
            .iter()
            .filter(|later| own.contains(**later))
            .collect();
        assert!(
            later.is_empty(),
            "{module} imports {later:?}, which come after it"
        );
    }
    assert!(
        real["diag"].is_empty(),
        "diag knows nobody, but {:?}",
        real["diag"]
    );
}

#[test]
fn the_disk_and_the_clock_are_at_the_rim() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let code = code_of(&text);
        let is_rim = RIM
            .iter()
            .any(|rim| path == *rim || (rim.ends_with('/') && path.starts_with(rim)));
        for word in [
            "std::fs",
            "fs::File",
            "OpenOptions",
            "tempfile::",
            "walkdir",
        ] {
            if !is_rim && code.contains(word) {
                wrong.push(format!("src/{path} has {word}"));
            }
        }
        for word in ["SystemTime", "Instant::now", "Zoned::now", "Timestamp::now"] {
            if path != CLOCK && code.contains(word) {
                wrong.push(format!("src/{path} has {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Two nets that share no code with the filter: what the audit takes from the room is files as they were read, and what is
/// published, to compare it.
#[test]
fn the_audit_shares_no_code_with_the_door() {
    static TAKEN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"crate::record::(\w+)").expect("a fixed pattern"));
    let mut wrong = Vec::new();
    for (path, text) in sources("src")
        .iter()
        .filter(|(path, _)| path.starts_with("record/audit/"))
    {
        let text = code_of(text);
        assert!(!text.contains("use super::"), "{path} imports from above");
        for taken in TAKEN.captures_iter(&text) {
            let name = &taken[1];
            let is_type = name.starts_with(char::is_uppercase);
            if !is_type && !["audit", "source"].contains(&name) {
                wrong.push(format!("{path} takes from {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_review_asks_for_withheld_text() {
    let asking: Vec<String> = sources("src")
        .into_iter()
        .filter(|(path, text)| {
            !path.starts_with("record/") && code_of(text).contains("ReviewOptions")
        })
        .map(|(path, _)| path)
        .collect();
    assert_eq!(asking, ["review/mod.rs"]);
}

/// A type that takes whatever fits lets `confidental = …` through as public data (contract, part B).
#[test]
fn nothing_is_read_by_trying_what_fits() {
    let wrong: Vec<_> = sources("src")
        .into_iter()
        .filter(|(_, text)| {
            let code = code_of(text);
            code.contains("Deserialize") && (code.contains("untagged") || code.contains("flatten"))
        })
        .map(|(path, _)| path)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// docs/withholding.md names the test beside each way out: a test that is gone or renamed must not be promised.
#[test]
fn every_way_out_names_tests_that_exist() {
    static NAMED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"`([a-z]+(?:_[a-z0-9]+)+)`").expect("a fixed pattern"));
    static SITE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"`(tests/[a-z0-9/-]+)`").expect("a fixed pattern"));
    let text = read(&repository().join("docs/withholding.md"));
    let table = text
        .split("## Every other way out")
        .nth(1)
        .and_then(|rest| rest.split("\n## ").next())
        .expect("the section is there");
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| **"))
        .collect();
    assert!(rows.len() >= 12, "{} rows", rows.len());
    let tests: String = ["src", "tests/it"]
        .into_iter()
        .flat_map(sources)
        .map(|(_, text)| text)
        .collect();
    let mut wrong = Vec::new();
    for row in rows {
        let named: Vec<&str> = NAMED
            .captures_iter(row)
            .map(|name| name.get(1).map_or("", |name| name.as_str()))
            .collect();
        let sites: Vec<&str> = SITE
            .captures_iter(row)
            .map(|site| site.get(1).map_or("", |site| site.as_str()))
            .collect();
        if named.is_empty() && sites.is_empty() {
            wrong.push(format!("names no test: {row}"));
        }
        wrong.extend(
            named
                .iter()
                .filter(|name| !tests.contains(&format!("fn {name}(")))
                .map(|name| format!("no test {name}")),
        );
        wrong.extend(
            sites
                .iter()
                .filter(|site| !repository().join(site).is_dir())
                .map(|site| format!("no site {site}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_put_off() {
    // Put together here, so that this file does not find itself.
    let banned = [
        concat!("#[", "ignore"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("dbg", "!("),
    ];
    let mut wrong = Vec::new();
    for folder in ["src", "tests/it"] {
        for (path, text) in sources(folder) {
            let found = banned.iter().filter(|word| text.contains(**word));
            wrong.extend(found.map(|word| format!("{folder}/{path} has {word}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_paragraph() {
    static HEADING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^#{2,6} +`?([a-z0-9]+(?:-[a-z0-9]+)+)`? *$").expect("a fixed pattern")
    });
    let text = read(&repository().join("docs/diagnostics.md"));
    let told: Vec<&str> = HEADING
        .captures_iter(&text)
        .map(|found| found.get(1).map_or("", |code| code.as_str()))
        .collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let missing: Vec<_> = codes.iter().filter(|code| !told.contains(code)).collect();
    assert!(
        missing.is_empty(),
        "docs/diagnostics.md has no heading for {missing:?}"
    );
    let surplus: Vec<_> = told.iter().filter(|code| !codes.contains(code)).collect();
    assert!(
        surplus.is_empty(),
        "docs/diagnostics.md tells of {surplus:?}, which do not exist"
    );
    let unique: BTreeSet<_> = told.iter().collect();
    assert_eq!(
        unique.len(),
        told.len(),
        "a code stands twice in docs/diagnostics.md"
    );
}

#[test]
fn the_texts_of_the_theme_have_the_same_keys_and_places_in_every_language() {
    let texts = tree(&repository().join("themes/default/i18n"));
    assert_eq!(texts.len(), 24, "the official languages of the Union");
    let (english, others): (Vec<_>, Vec<_>) =
        texts.into_iter().partition(|(file, _)| file == "en.toml");
    let mut languages = english.into_iter().chain(others).map(|(file, bytes)| {
        let text = String::from_utf8(bytes).expect("a text of the theme is UTF-8");
        (file, places_by_key(&text))
    });
    let (first, expected) = languages.next().expect("the theme has texts");
    assert_eq!(first, "en.toml");
    let mut wrong = Vec::new();
    for (file, found) in languages {
        for key in expected.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
            match (expected.get(key), found.get(key)) {
                (Some(_), None) => wrong.push(format!("{file} lacks {key}")),
                (None, Some(_)) => wrong.push(format!("{first} lacks {key} of {file}")),
                (own, theirs) if own != theirs => {
                    wrong.push(format!(
                        "{key} has other places in {file}: {theirs:?}, not {own:?}"
                    ));
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_pages_of_the_theme_are_there_in_every_language_of_its_texts() {
    let theme = repository().join("themes/default");
    let languages: Vec<String> = tree(&theme.join("i18n"))
        .into_keys()
        .filter_map(|file| Some(file.strip_suffix(".toml")?.to_owned()))
        .collect();
    let pages = tree(&theme.join("pages"));
    let slugs: BTreeSet<&str> = pages
        .keys()
        .filter_map(|file| file.strip_suffix(".md")?.rsplit_once('.'))
        .map(|(slug, _)| slug)
        .collect();
    assert!(slugs.contains("how-we-withhold"), "{slugs:?}");
    // Translations are made paragraph by paragraph: headings, entries of lists and places are as many in each.
    let shape = |language: &str, slug: &str| -> Option<[usize; 5]> {
        let text = pages.get(&format!("{slug}.{language}.md"))?;
        let text = String::from_utf8(text.clone()).expect("a page of the theme is UTF-8");
        Some(
            ["\n## ", "\n- ", "{root}", "{grounds}", "{states}"]
                .map(|part| text.matches(part).count()),
        )
    };
    for slug in slugs {
        for language in &languages {
            assert_eq!(
                shape(language, slug),
                shape("en", slug),
                "themes/default/pages/{slug}.{language}.md is missing, or has other headings, entries or places than the English page"
            );
        }
    }
}

#[test]
fn no_file_tells_where_it_was_written() {
    // A folder of somebody's machine, as an absolute path. In an address a letter stands before the slash.
    static FOLDER: LazyLock<regex::bytes::Regex> = LazyLock::new(|| {
        let pattern = r"(?m-u)(?:^|[^\w./*-])/(?:(?:work|root)/|home/\w+/|Users/\w+/)";
        regex::bytes::Regex::new(pattern).expect("a fixed pattern")
    });
    let listed = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(repository())
        .output()
        .unwrap();
    let files = String::from_utf8(listed.stdout).unwrap();
    let files: Vec<&str> = files.split_terminator('\0').collect();
    // A package from a registry is no repository, and holds nothing that was not checked here.
    let is_repository = repository().join(".git").exists();
    assert!(
        !is_repository || files.len() > 50,
        "git lists {} files",
        files.len()
    );
    let found: Vec<String> = files
        .iter()
        .filter_map(|file| Some((file, fs::read(repository().join(file)).ok()?)))
        .filter_map(|(file, bytes)| {
            let found = FOLDER.find(&bytes)?;
            let told = String::from_utf8_lossy(found.as_bytes()).trim().to_owned();
            Some(format!("{file}: {told}"))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Returns the Rust files below a folder of the repository.
fn sources(folder: &str) -> BTreeMap<String, String> {
    tree(&repository().join(folder))
        .into_iter()
        .filter(|(path, _)| path.rsplit('.').next() == Some("rs"))
        .map(|(path, bytes)| {
            let text = String::from_utf8(bytes).expect("Rust files are UTF-8");
            (path, text)
        })
        .collect()
}

/// Returns a file without its comments and its tests.
fn code_of(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = code.lines();
    lines
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Returns the top-level module that a file of `src/` belongs to.
fn module_of(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap_or_default()
}

/// Returns what every top-level module imports of the others. What it takes from the root of the crate is from `lib`.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    // The root names its own modules as they are.
    static NAMED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b([a-z_]+)::").expect("a fixed pattern"));
    let sources = sources("src");
    let modules: BTreeSet<&str> = sources
        .keys()
        .map(|path| module_of(path))
        .filter(|module| !["lib", "main"].contains(module))
        .collect();
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in &sources {
        let (own, code) = (module_of(path), code_of(text));
        let found = match own {
            "lib" => {
                let names = NAMED.captures_iter(&code).map(|found| found[1].to_owned());
                names
                    .filter(|name| modules.contains(name.as_str()))
                    .collect()
            }
            "main" => paths_in(&code, &["clerestory::"]),
            _ => paths_in(&code, &["crate::", &"super::".repeat(depth_of(path))]),
        };
        let others = found.into_iter().filter(|name| name != own).map(|name| {
            if modules.contains(name.as_str()) {
                name
            } else {
                "lib".to_owned()
            }
        });
        imports.entry(own.to_owned()).or_default().extend(others);
    }
    imports
}

/// Returns how many modules a file is below the root of the crate.
fn depth_of(path: &str) -> usize {
    path.split('/').count() - usize::from(path.ends_with("/mod.rs"))
}

/// Returns the names that code takes from the root of the crate: what follows one of the ways to write it.
fn paths_in(code: &str, roots: &[&str]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for root in roots {
        for (at, _) in code.match_indices(root) {
            let before = code.get(..at).unwrap_or_default();
            // `$crate::` of a macro counts; `pub(in crate::record)` names who may see, and imports nothing.
            if before.ends_with("in ") || before.ends_with("super::") || before.ends_with(':') {
                continue;
            }
            let rest = code.get(at + root.len()..).unwrap_or_default();
            names.extend(first_names(rest));
        }
    }
    names
}

/// Returns the first name of a path, or those of all paths in a group `{a, b::c, d::{e, f}}`.
fn first_names(rest: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        let text = text.trim_start();
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = rest.strip_prefix('{') else {
        return vec![name(rest)];
    };
    let mut names = vec![name(group)];
    let mut depth = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(name(group.get(at + 1..).unwrap_or_default())),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Reads the tables of ARCHITECTURE.md that say what each module may import.
fn import_table() -> BTreeMap<String, BTreeSet<String>> {
    let text = read(&repository().join("ARCHITECTURE.md"));
    let cells = |line: &str| -> Vec<String> {
        let cells = line.trim().trim_matches('|').split('|');
        cells
            .map(|cell| cell.replace('`', "").trim().to_owned())
            .collect()
    };
    let mut table = BTreeMap::new();
    let mut is_inside = false;
    for line in text.lines() {
        let cells = cells(line);
        match cells.as_slice() {
            [module, imports] if module == "module" && imports == "may import" => is_inside = true,
            [module, imports] if is_inside => {
                let names = imports
                    .split(',')
                    .map(str::trim)
                    .filter(|name| !name.is_empty());
                let is_new = table
                    .insert(module.clone(), names.map(str::to_owned).collect())
                    .is_none();
                assert!(is_new || module.starts_with('-'), "{module} has two rows");
            }
            _ => is_inside = false,
        }
    }
    table.retain(|module, _| !module.starts_with('-'));
    assert!(
        !table.is_empty(),
        "ARCHITECTURE.md has no table | module | may import |"
    );
    table
}

/// Returns the `{places}` in every text of a language, in all its plural forms.
fn places_by_key(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    static PLACE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\{[^{}]*\}").expect("a fixed pattern"));
    let table: toml::Table = text.parse().expect("the texts of the theme are TOML");
    table
        .into_iter()
        .map(|(key, value)| {
            let value = value.to_string();
            // A table of plural forms is itself in braces.
            let inner = value.trim_start_matches('{').trim_end_matches('}');
            let places = PLACE.find_iter(inner);
            (key, places.map(|place| place.as_str().to_owned()).collect())
        })
        .collect()
}

#[test]
fn imports_are_read_right() {
    let code = code_of(
        "//! See crate::doc.\nuse crate::{Report, a::{B, C}, d};\nuse crate::e::F;\npub(in crate::record) fn g() {\n    \
         super::super::h::i(crate::j::K)\n}\n#[cfg(test)]\nmod tests {\n    use crate::l;\n}\n",
    );
    let names: Vec<String> = paths_in(&code, &["crate::", "super::super::"])
        .into_iter()
        .collect();
    assert_eq!(names, ["Report", "a", "d", "e", "h", "j"]);
    assert_eq!(depth_of("a.rs"), 1);
    assert_eq!(depth_of("a/mod.rs"), 1);
    assert_eq!(depth_of("a/b.rs"), 2);
}
