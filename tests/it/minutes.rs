//! Minutes as secretariats write them, with every tenth paragraph withheld: the nets raise no alarm about them.
//!
//! The sentences are those of this repository's own pages, which are prose that people wrote; names, dates and sums of money
//! are put into them, the same ones in public and in withheld paragraphs. All is drawn from a fixed seed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::support::{TODAY, build, clerestory, put, read, repository, run_command, temporary};

/// How many minutes are written, in two languages.
const MINUTES: usize = 320;

const NAMES: [&str; 12] = [
    "Ms Example",
    "Mr Specimen",
    "Acme Models",
    "Łukasz Próbka",
    "Beta Labs",
    "Zoë Muster",
    "the Office",
    "Example Institute",
    "Παράδειγμα ΑΕ",
    "Démo SARL",
    "the chair",
    "Gamma & Söhne",
];

/// A small generator of numbers (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % 1_000_000).expect("a small number") % limit
    }

    /// Takes a text out of a list: twelve words that stand in public and in a withheld passage are an error.
    fn take(&mut self, texts: &mut Vec<String>) -> String {
        let at = self.below(texts.len());
        texts.swap_remove(at)
    }
}

/// Returns the sentences of some pages: those without any mark-up.
fn sentences(files: &[&str]) -> Vec<String> {
    let is_plain = |c: char| c.is_alphanumeric() || " ,.;'’()-?".contains(c);
    let mut found: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let text = read(&repository().join(file));
            let paragraphs: Vec<String> = text
                .split("\n\n")
                .filter(|paragraph| paragraph.starts_with(char::is_uppercase))
                .map(|paragraph| paragraph.replace('\n', " "))
                .collect();
            paragraphs
        })
        .flat_map(|paragraph| {
            let own: Vec<String> = paragraph
                .split_inclusive(". ")
                .map(|sentence| sentence.trim().to_owned())
                .collect();
            own
        })
        .filter(|sentence| {
            sentence.chars().all(is_plain)
                && sentence.split(' ').count() >= 7
                && sentence.ends_with('.')
        })
        .collect();
    found.sort();
    // Pages repeat each other in places; eight words that were met are enough to leave a sentence out.
    let mut met = BTreeSet::new();
    found.retain(|sentence| {
        let words: Vec<String> = sentence
            .to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        words
            .windows(8.min(words.len()))
            .all(|run| met.insert(run.to_vec()))
    });
    found
}

/// Returns a paragraph: a sentence, and who said or paid what, when.
fn paragraph(numbers: &mut Numbers, sentences: &mut Vec<String>) -> String {
    let mut text = numbers.take(sentences);
    let name = NAMES[numbers.below(NAMES.len())];
    let sum = 1000 * (1 + numbers.below(900));
    let _ = match numbers.below(4) {
        0 => write!(
            text,
            " {name} named €{},{:03} for this.",
            sum / 1000,
            sum % 1000
        ),
        1 => write!(
            text,
            " {name} will answer by {} March 2027.",
            1 + numbers.below(28)
        ),
        2 => write!(
            text,
            " {name} counted {} cases, {}.{} % of all.",
            numbers.below(90),
            numbers.below(99),
            numbers.below(9)
        ),
        _ => write!(text, " On the 30 January 2026 {name} had asked the same."),
    };
    text
}

fn body(numbers: &mut Numbers, sentences: &[String], marks: &[bool]) -> String {
    let mut sentences = sentences.to_vec();
    let mut text = String::new();
    for (index, is_withheld) in marks.iter().enumerate() {
        if index % 5 == 0 {
            let _ = write!(text, "\n## Item {}\n", index / 5 + 1);
        }
        let own = paragraph(numbers, &mut sentences);
        let _ = if *is_withheld {
            write!(
                text,
                "\n::: confidential ground=\"commercial\" until=\"2028-03-31\"\n{own}\n:::\n"
            )
        } else {
            write!(text, "\n{own}\n")
        };
    }
    text
}

#[test]
fn minutes_of_secretariats_raise_no_alarm() {
    let english = sentences(&[
        "README.md",
        "CONTRIBUTING.md",
        "docs/authoring.md",
        "docs/comparison.md",
        "docs/configuration.md",
        "docs/diagnostics.md",
        "docs/output.md",
        "docs/review.md",
        "docs/themes.md",
        "docs/withholding.md",
    ]);
    let french = sentences(&[
        "themes/default/pages/how-we-withhold.fr.md",
        "content/pages/about.fr.md",
        "content/index.fr.md",
    ]);
    assert!(
        english.len() > 150 && french.len() > 15,
        "{} and {}",
        english.len(),
        french.len()
    );
    let here = temporary();
    let root = here.path().join("site");
    put(
        &root.join("clerestory.toml"),
        "[site]\ntitle = \"A fictional centre\"\nbase_url = \"https://example.org/\"\nlanguages = [\"en\", \"fr\"]\n\
         [meetings]\nkinds = [\"plenary\", \"working-group\"]\n",
    );
    put(
        &root.join("content/index.md"),
        "+++\ntitle = \"Home\"\n+++\n\nA fictional centre.\n",
    );
    let mut numbers = Numbers(11);
    let (mut paragraphs, mut withheld) = (0, 0);
    for index in 0..MINUTES {
        let marks: Vec<bool> = (0..10 + numbers.below(8))
            .map(|_| numbers.below(10) == 0)
            .collect();
        paragraphs += marks.len();
        withheld += marks.iter().filter(|mark| **mark).count();
        let date = format!(
            "202{}-{:02}-{:02}",
            4 + index % 3,
            1 + index % 12,
            1 + index % 28
        );
        let kind = ["plenary", "working-group"][index % 2];
        let folder = root.join(format!("content/meetings/{date}-{index}"));
        let participants = format!(
            "participants = [{{ name = \"{}\" }}, {{ confidential = {{ name = \"{}\" }}, ground = \"personal-data\", until = 2028-03-31 }}]\n",
            NAMES[numbers.below(NAMES.len())],
            NAMES[numbers.below(NAMES.len())],
        );
        let head = format!(
            "+++\ntitle = \"Fictional meeting {index}\"\ndate = {date}\nkind = \"{kind}\"\nattachments = [\"figures.csv\"]\n{participants}+++\n"
        );
        put(
            &folder.join("index.md"),
            head + &body(&mut numbers, &english, &marks),
        );
        if index % 3 == 0 {
            let head = format!("+++\ntitle = \"Réunion fictive {index}\"\n{participants}+++\n");
            put(
                &folder.join("index.fr.md"),
                head + &body(&mut numbers, &french, &marks),
            );
        }
        put(
            &folder.join("figures.csv"),
            format!(
                "name,cases,sum\n{},{},{}\n",
                NAMES[numbers.below(NAMES.len())],
                numbers.below(90),
                1000 * numbers.below(900)
            ),
        );
    }
    assert!(
        (8..13).contains(&(withheld * 100 / paragraphs)),
        "{withheld} of {paragraphs}"
    );
    let run = build(&root, here.path(), "");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let run = run_command(clerestory(here.path()).args([
        "audit", "public", "--root", "site", "--today", TODAY, "--format", "json",
    ]));
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
}
