//! What the tests share: where the sites lie, how the program is run, how trees of files are compared, and how canaries
//! are found.
//!
//! A canary is a word that begins with `Canary`. It stands in withheld text only, so wherever one comes out, withheld text
//! came out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use assert_cmd::Command;
use regex::bytes::Regex;
use walkdir::WalkDir;

/// The day of every build, so that no expectation depends on the clock.
pub(crate) const TODAY: &str = "2026-11-24";

/// How many differences between two trees are shown.
const SHOWN: usize = 20;

/// The paths of all files and empty folders below a folder, with `/` between their parts, and the files' bytes.
pub(crate) type Tree = BTreeMap<String, Vec<u8>>;

/// Returns the folder of this repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns a folder below `tests/sites/`.
pub(crate) fn site(name: &str) -> PathBuf {
    repository().join("tests/sites").join(name)
}

/// Returns the folders directly below a folder, in the order of their names.
pub(crate) fn folders(above: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(above).min_depth(1).max_depth(1);
    entries
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("a folder of the repository can be read"))
        .filter(|entry| entry.file_type().is_dir())
        .map(walkdir::DirEntry::into_path)
        .collect()
}

/// Returns the last part of a path.
pub(crate) fn name(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .expect("folders of the repository have names in ASCII")
}

/// What came of a run of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Returns the program, to be run in a folder; of the environment, nothing reaches it that changes what it says.
pub(crate) fn clerestory(here: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clerestory"));
    command.current_dir(here);
    for variable in ["SOURCE_DATE_EPOCH", "NO_COLOR", "RAYON_NUM_THREADS"] {
        command.env_remove(variable);
    }
    command
}

/// Runs the program with arguments that are separated by spaces.
pub(crate) fn run(here: &Path, arguments: &str) -> Run {
    run_command(clerestory(here).args(arguments.split_whitespace()))
}

/// Runs a prepared command.
pub(crate) fn run_command(command: &mut Command) -> Run {
    let output = command.output().expect("the program can be started");
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("the program writes UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("the program writes UTF-8"),
    }
}

/// Builds the site at `root` into `public` below `here`, as of [`TODAY`].
pub(crate) fn build(root: &Path, here: &Path, arguments: &str) -> Run {
    run_command(
        clerestory(here)
            .args(["build", "--out", "public", "--today", TODAY, "--root"])
            .arg(root)
            .args(arguments.split_whitespace()),
    )
}

/// Makes a folder that is removed at the end of the test.
pub(crate) fn temporary() -> tempfile::TempDir {
    tempfile::tempdir().expect("temporary folders can be made")
}

/// Writes a file and the folders above it.
pub(crate) fn put(path: &Path, bytes: impl AsRef<[u8]>) {
    let folder = path.parent().expect("a file has a folder");
    fs::create_dir_all(folder).expect("folders of a test can be made");
    fs::write(path, bytes).expect("files of a test can be written");
}

/// Reads a text of the repository or of a test.
pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Reads all that stands below a folder.
pub(crate) fn tree(folder: &Path) -> Tree {
    let mut found = Tree::new();
    for entry in WalkDir::new(folder).min_depth(1) {
        let entry = entry.unwrap_or_else(|error| panic!("{error}"));
        let below = entry
            .path()
            .strip_prefix(folder)
            .expect("it was found there");
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        let path = parts.join("/");
        if !entry.file_type().is_dir() {
            let bytes = fs::read(entry.path());
            found.insert(
                path,
                bytes.unwrap_or_else(|error| panic!("{}: {error}", entry.path().display())),
            );
        } else if fs::read_dir(entry.path()).is_ok_and(|mut folder| folder.next().is_none()) {
            found.insert(format!("{path}/"), Vec::new());
        }
    }
    found
}

/// Reads what a site is made of, and nothing that may lie beside it.
pub(crate) fn sources(site: &Path) -> Tree {
    let mut found = Tree::new();
    for folder in ["content", "themes"] {
        if site.join(folder).exists() {
            let files = tree(&site.join(folder)).into_iter();
            found.extend(files.map(|(path, bytes)| (format!("{folder}/{path}"), bytes)));
        }
    }
    let config = "clerestory.toml";
    found.insert(config.to_owned(), read(&site.join(config)).into_bytes());
    found
}

/// Writes a tree into a folder.
pub(crate) fn plant<'t>(files: impl IntoIterator<Item = (&'t String, &'t Vec<u8>)>, folder: &Path) {
    for (path, bytes) in files {
        if let Some(path) = path.strip_suffix('/') {
            fs::create_dir_all(folder.join(path)).expect("folders of a test can be made");
        } else {
            put(&folder.join(path), bytes);
        }
    }
}

/// Says in words how two trees differ; nothing where they are equal.
pub(crate) fn differences(expected: &Tree, found: &Tree) -> Vec<String> {
    let mut said = Vec::new();
    for (path, bytes) in expected {
        match found.get(path) {
            None => said.push(format!("{path}: expected, and not there")),
            Some(own) if own != bytes => said.push(format!(
                "{path}: {}",
                first_difference(
                    &String::from_utf8_lossy(bytes),
                    &String::from_utf8_lossy(own)
                )
            )),
            Some(_) => {}
        }
    }
    let unexpected = found.keys().filter(|path| !expected.contains_key(*path));
    said.extend(unexpected.map(|path| format!("{path}: there, and not expected")));
    if said.len() > SHOWN {
        let more = said.len() - SHOWN;
        said.truncate(SHOWN);
        said.push(format!("and {more} more"));
    }
    said
}

/// Shows the first line in which two texts differ.
pub(crate) fn first_difference(expected: &str, found: &str) -> String {
    let mut lines = expected.split('\n').zip(found.split('\n')).enumerate();
    let Some((at, (old, new))) = lines.find(|(_, (old, new))| old != new) else {
        return "one of the two ends earlier".to_owned();
    };
    // Lines of a page can be long: what is shown begins a little before the difference.
    let same = old.chars().zip(new.chars()).take_while(|(a, b)| a == b);
    let skipped = same.count().saturating_sub(40);
    let show = |line: &str| -> String { line.chars().skip(skipped).take(160).collect() };
    format!("line {}\n  - {}\n  + {}", at + 1, show(old), show(new))
}

/// Says where canaries stand in a tree: in names, in bytes, folded, percent-encoded or as base64.
pub(crate) fn canaries(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, bytes) in tree {
        if has_canary(path.as_bytes()) {
            found.push(format!("a canary in the name {path}"));
        }
        if has_canary(bytes) {
            found.push(format!("a canary in {path}"));
        }
    }
    found
}

/// Says where canaries stand in what a run said.
pub(crate) fn canaries_said(run: &Run) -> Vec<String> {
    [
        ("standard output", &run.stdout),
        ("standard error", &run.stderr),
    ]
    .into_iter()
    .filter(|(_, text)| has_canary(text.as_bytes()))
    .map(|(stream, text)| {
        let lines = text.lines().filter(|line| has_canary(line.as_bytes()));
        format!(
            "a canary on {stream}: {}",
            lines.collect::<Vec<_>>().join("\n")
        )
    })
    .collect()
}

/// Says whether bytes hold a canary, however it is written.
pub(crate) fn has_canary(bytes: &[u8]) -> bool {
    // In base64 a word reads in three ways, by where in its group of three bytes it begins; and letters keep their case.
    static CANARY: LazyLock<Regex> = LazyLock::new(|| {
        let spelled = ["Canary", "canary", "CANARY"].map(in_base64).concat();
        Regex::new(&format!("(?i-u:canary)|{}", spelled.join("|"))).expect("a fixed pattern")
    });
    CANARY.is_match(bytes) || (bytes.contains(&b'%') && CANARY.is_match(&percent_decoded(bytes)))
}

/// Returns the letters that stand in base64 for a word of six letters, whatever stands around it.
fn in_base64(word: &str) -> [String; 3] {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    [0, 1, 2].map(|before| {
        let bits: Vec<u8> = std::iter::repeat_n(0, before)
            .chain(word.bytes())
            .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
            .collect();
        // Letters that share bits with a neighbour of the word are left out.
        let first = (before * 8).div_ceil(6);
        let letters = bits.chunks_exact(6).skip(first);
        letters
            .map(|bits| {
                bits.iter()
                    .fold(0, |number, bit| number * 2 + usize::from(*bit))
            })
            .map(|number| char::from(LETTERS[number]))
            .collect()
    })
}

fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    static ENCODED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("(?-u)%([0-9A-Fa-f]{2})").expect("a fixed pattern"));
    ENCODED
        .replace_all(bytes, |found: &regex::bytes::Captures<'_>| {
            let digits = String::from_utf8_lossy(&found[1]).into_owned();
            vec![u8::from_str_radix(&digits, 16).expect("two hexadecimal digits")]
        })
        .into_owned()
}

#[test]
fn a_canary_is_found_in_every_spelling() {
    for (text, found) in [
        ("so says Canaryjudbel", true),
        ("CANARYJUDBEL", true),
        ("/meetings/canaryjudbel/", true),
        ("%43anaryjudbel", true),
        ("%63%61%6e%61%72%79", true),
        // "Canaryjudbel", "so Canaryjudbel" and "s canaryjudbel" in base64.
        ("Q2FuYXJ5anVkYmVs", true),
        ("c28gQ2FuYXJ5anVkYmVs", true),
        ("cyBjYW5hcnlqdWRiZWw=", true),
        ("a can of canned 100% Canadian cherries", false),
    ] {
        assert_eq!(has_canary(text.as_bytes()), found, "{text}");
    }
}

#[test]
fn trees_are_compared_byte_by_byte() {
    let tree = |files: &[(&str, &str)]| -> Tree {
        let files = files.iter();
        files
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
            .collect()
    };
    let said = differences(
        &tree(&[("a", "1\n2\n"), ("b", ""), ("c", "x\n")]),
        &tree(&[("a", "1\n3\n"), ("c", "x"), ("d", "")]),
    );
    insta::assert_snapshot!(said.join("\n"), @r"
    a: line 2
      - 2
      + 3
    b: expected, and not there
    c: one of the two ends earlier
    d: there, and not expected
    ");
}
