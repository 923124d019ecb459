//! Attacks the program with generated documents, as many as one has patience for, and looks for withheld text in what it writes.
//!
//! ```sh
//! ATTACK_DOCUMENTS=1000000 ATTACK_SEED=1 cargo run --release --example attack
//! ```
//!
//! Documents stand in sites of some hundreds (`ATTACK_BATCH`). What the checker refuses is left out; of the rest, a site is built
//! twice, the second time with other withheld text, and every file is compared and looked through. `ATTACK_FOLDER` is where the
//! sites lie meanwhile, best in memory. What is found is kept there, and the program ends with 1.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it writes sites and prints what it found"
)]

#[path = "../tests/it/generator.rs"]
#[expect(
    dead_code,
    reason = "tapes are for the property tests, which shorten them"
)]
mod generator;
#[path = "../tests/it/lookout.rs"]
mod lookout;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clerestory::diag::{Code, Diagnostic, Severity};
use clerestory::{Options, Report};
use generator::{Choices, Group, Take};

/// How often a site is checked until nothing in it is refused.
const ROUNDS: usize = 6;

/// What was done so far.
#[derive(Debug, Default)]
struct Tally {
    generated: usize,
    refused: usize,
    built: usize,
    withholding: usize,
    files: usize,
    bytes: usize,
    batches: usize,
    by_code: BTreeMap<&'static str, usize>,
    found: Vec<String>,
}

fn main() -> ExitCode {
    let number = |name: &str, otherwise: u64| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(otherwise)
    };
    let wanted = usize::try_from(number("ATTACK_DOCUMENTS", 10_000)).unwrap_or(usize::MAX);
    let size = usize::try_from(number("ATTACK_BATCH", 400)).unwrap_or(400);
    let first = number("ATTACK_SEED", 1);
    let seconds = number("ATTACK_SECONDS", u64::MAX);
    let folder = std::env::var_os("ATTACK_FOLDER").map_or_else(std::env::temp_dir, PathBuf::from);
    assert!(
        lookout::is_awake(),
        "the lookout does not find what it must"
    );
    std::panic::set_hook(Box::new(|_| {}));
    let start = Instant::now();
    let mut tally = Tally::default();
    let mut seed = first;
    while tally.generated < wanted && start.elapsed().as_secs() < seconds {
        let here = folder.join(format!("attack-{seed}"));
        let before = tally.found.len();
        attack(&here, seed, size, &mut tally);
        if tally.found.len() == before {
            let _ = fs::remove_dir_all(&here);
        } else {
            for found in tally.found.iter().skip(before) {
                println!("FOUND in the site of seed {seed}: {found}");
            }
        }
        seed += 1;
        tally.batches += 1;
        if tally.batches.is_multiple_of(20) || tally.generated >= wanted {
            say(&tally, seed, first, start);
        }
    }
    say(&tally, seed, first, start);
    println!("refused, by the first code: {:?}", tally.by_code);
    if tally.found.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn say(tally: &Tally, seed: u64, first: u64, start: Instant) {
    println!(
        "{} documents, {} refused, {} built, {} of them withholding; {} files and {} MB looked through; seeds {first} to {}, {} s, {} found",
        tally.generated,
        tally.refused,
        tally.built,
        tally.withholding,
        tally.files,
        tally.bytes >> 20,
        seed - 1,
        start.elapsed().as_secs(),
        tally.found.len()
    );
}

/// Generates a site, builds what is sound of it, and looks at what comes out.
fn attack(here: &Path, seed: u64, size: usize, tally: &mut Tally) {
    let is_translated = seed.is_multiple_of(8);
    let mut c = Choices::seeded(seed).with_french(is_translated);
    let mut groups: Vec<Group> = Vec::new();
    let mut documents = 0;
    while documents < size {
        let number = groups.len();
        let group = if c.one_in(8) {
            generator::member(&mut c, number)
        } else {
            let with_translation = is_translated && !c.one_in(3);
            generator::meeting(&mut c, number, with_translation)
        };
        documents += group.texts.len();
        groups.push(group);
    }
    tally.generated += documents;
    let sites = [Take::First, Take::Second].map(|take| here.join(format!("{take:?}")));
    for site in &sites {
        frame(site, seed, is_translated);
    }
    for group in &groups {
        plant(&sites[0], group, Take::First);
    }
    let Some((groups, warnings)) = sift(&sites[0], groups, tally) else {
        return;
    };
    for group in &groups {
        plant(&sites[1], group, Take::Second);
    }
    let outs = [here.join("first"), here.join("second")];
    let mut told = vec![warnings];
    for (site, out) in sites.iter().zip(&outs) {
        match catch_unwind(AssertUnwindSafe(|| clerestory::build(&options(site), out))) {
            Ok(Ok(report)) if report.is_sound() => told.push(report.diagnostics),
            Ok(Ok(report)) => {
                let errors = errors(&report);
                tally
                    .found
                    .push(format!("{} does not build: {errors:?}", site.display()));
                return;
            }
            Ok(Err(trouble)) => return tally.found.push(format!("{}: {trouble}", site.display())),
            Err(_) => return tally.found.push(format!("{}: a panic", site.display())),
        }
    }
    let said: Vec<Vec<String>> = told.iter().map(|told| without_names(told)).collect();
    if said.iter().any(|other| *other != said[0]) {
        tally.found.push("the messages differ".to_owned());
    }
    let [first, second] = outs.map(|out| tree(&out));
    let names: BTreeSet<&String> = first.keys().chain(second.keys()).collect();
    for name in names {
        if first.get(name) != second.get(name) {
            tally.found.push(format!("{name} differs"));
        }
        for bytes in [first.get(name), second.get(name)]
            .into_iter()
            .flatten()
            .take(1)
        {
            tally.found.extend(lookout::seen(name, bytes));
            tally.files += 1;
            tally.bytes += bytes.len();
        }
    }
    let texts = groups.iter().flat_map(|group| &group.texts);
    tally.withholding += texts.clone().filter(|text| text.withholds()).count();
    tally.built += texts.count();
}

/// Leaves out what is refused, until nothing is; returns what is left, and what is told of it.
fn sift(
    site: &Path,
    mut groups: Vec<Group>,
    tally: &mut Tally,
) -> Option<(Vec<Group>, Vec<Diagnostic>)> {
    for _ in 0..ROUNDS {
        let report = match catch_unwind(AssertUnwindSafe(|| clerestory::check(&options(site)))) {
            Ok(Ok(report)) => report,
            Ok(Err(trouble)) => {
                tally.found.push(format!("{}: {trouble}", site.display()));
                return None;
            }
            Err(_) => {
                tally.found.push(format!("{}: a panic", site.display()));
                return None;
            }
        };
        look_at_messages(&report, tally);
        if report.tells_withheld_text() {
            tally
                .found
                .push(format!("a net has caught something: {:?}", errors(&report)));
            return None;
        }
        if report.is_sound() {
            return Some((groups, report.diagnostics));
        }
        let mut refused: BTreeMap<String, &'static str> = BTreeMap::new();
        for error in report
            .diagnostics
            .iter()
            .filter(|told| told.severity == Severity::Error)
        {
            refused
                .entry(error.file.to_string())
                .or_insert(error.code.as_str());
        }
        let before = groups.len();
        groups.retain(|group| {
            let code = group
                .texts
                .iter()
                .find_map(|text| refused.get(text.path(Take::First)));
            if let Some(code) = code {
                *tally.by_code.entry(code).or_default() += group.texts.len();
                tally.refused += group.texts.len();
                for text in &group.texts {
                    let _ = fs::remove_file(site.join(text.path(Take::First)));
                }
                for [(path, _), _] in &group.files {
                    let _ = fs::remove_file(site.join(path));
                }
            }
            code.is_none()
        });
        if groups.len() == before {
            tally
                .found
                .push(format!("refused without a document: {refused:?}"));
            return None;
        }
    }
    tally
        .found
        .push("still refused after many rounds".to_owned());
    None
}

/// A message must hold no withheld text, but for the name of a file that it is about.
fn look_at_messages(report: &Report, tally: &mut Tally) {
    for told in &report.diagnostics {
        // The name of a file is withheld in no message about it (A9).
        let said = format!("{told:?}");
        let parts = said.split("content/").enumerate();
        let parts = parts.map(|(at, part)| match part.split_once(".md") {
            Some((_, behind)) if at > 0 => behind,
            _ => part,
        });
        let said: Vec<&str> = parts.collect();
        if told.code != Code::TellingFileName && lookout::holds(&said.concat()) {
            tally.found.push(format!("a canary in a message: {said:?}"));
        }
    }
}

/// Returns messages without what is in the names of files, and without lines, which move with what is withheld above.
fn without_names(told: &[Diagnostic]) -> Vec<String> {
    let mut said: Vec<String> = told
        .iter()
        .filter(|told| told.code != Code::TellingFileName)
        .map(|told| format!("{} {} {:?}", told.code.as_str(), told.message, told.excerpt))
        .collect();
    said.sort();
    said
}

fn errors(report: &Report) -> Vec<String> {
    let errors = report.diagnostics.iter();
    errors
        .filter(|told| told.severity == Severity::Error)
        .map(|told| format!("{} {} {}", told.code.as_str(), told.file, told.message))
        .take(5)
        .collect()
}

fn options(root: &Path) -> Options {
    Options {
        root: root.to_path_buf(),
        today: jiff::civil::Date::constant(2026, 11, 24),
        drafts: false,
        base_url: None,
    }
}

/// Writes what every site has. Most have a plain theme, so that there is time for more documents.
fn frame(site: &Path, seed: u64, is_translated: bool) {
    let languages = if is_translated {
        "\"en\", \"fr\""
    } else {
        "\"en\""
    };
    let is_plain = !seed.is_multiple_of(25);
    let theme = if is_plain { "theme = \"plain\"\n" } else { "" };
    let config = format!(
        "[site]\ntitle = \"Site\"\nbase_url = \"https://example.org/\"\nlanguages = [{languages}]\n{theme}\
         [topics]\naudit = \"Audit\"\ntakeover = \"Takeover\"\n"
    );
    put(&site.join("clerestory.toml"), &config);
    let code = "title = \"Code\"\n[[chapter]]\nid = \"transparency\"\nprefix = \"T\"\ntitle = \"Transparency\"\n[[chapter.commitment]]\n\
                id = \"1\"\ntitle = \"One\"\n[[chapter.commitment.measure]]\nid = \"1.1\"\ntitle = \"First\"\n";
    put(&site.join("content/code.toml"), code);
    let picture = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"><path d=\"M0 0h1v1z\"/></svg>\n";
    put(&site.join("content/meetings/square.svg"), picture);
    if is_plain {
        let theme =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites/golden/withheld/themes/plain");
        for (path, bytes) in tree(&theme) {
            put(&site.join("themes/plain").join(path), &bytes);
        }
    }
}

fn plant(site: &Path, group: &Group, take: Take) {
    for text in &group.texts {
        put(&site.join(text.path(take)), text.text(take));
    }
    for [first, second] in &group.files {
        let (path, text) = if take == Take::First { first } else { second };
        put(&site.join(path), text);
    }
}

fn put(path: &Path, bytes: impl AsRef<[u8]>) {
    let folder = path.parent().expect("every file has a folder");
    fs::create_dir_all(folder).expect("a folder is made");
    fs::write(path, bytes).expect("a file is written");
}

fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("a folder is read"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let below = entry
                .path()
                .strip_prefix(folder)
                .expect("it was found there");
            let bytes = fs::read(entry.path()).expect("a file is read");
            (below.to_string_lossy().into_owned(), bytes)
        })
        .collect()
}
