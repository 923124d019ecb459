//! How fast a site of 1,000 meetings is built, as a ratio to a floor: only reading, parsing and writing the same Markdown.
//!
//! `cargo bench` makes the site from a fixed seed, runs both in turn, and prints medians, pages a second and the ratio. A third build is
//! that of the same site with its markers taken out: with nothing withheld there is nothing to prove, so it tells what the two nets cost.
//! `CLERESTORY_MEETINGS` sets another size. Times on a shared machine mean little; the ratio of one run is what to compare.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark writes a site and prints what it measured"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use clerestory::Options;
use jiff::civil::Date;
use pulldown_cmark::{Parser, html};

const WORDS: &[&str] = &[
    "the",
    "members",
    "discussed",
    "measures",
    "of",
    "transparency",
    "and",
    "agreed",
    "to",
    "report",
    "on",
    "model",
    "evaluations",
    "in",
    "spring",
    "risk",
    "forecast",
    "copyright",
    "policy",
    "a",
    "summary",
    "was",
    "presented",
    "by",
    "chair",
    "with",
    "documentation",
    "rightsholders",
    "asked",
    "for",
    "clear",
    "channels",
    "incident",
    "framework",
    "security",
    "mitigations",
    "were",
    "compared",
    "several",
    "open",
    "questions",
    "remain",
];
const TOPICS: usize = 40;
const MEMBERS: usize = 30;
const WORDS_PER_MEETING: usize = 900;
const RUNS: usize = 5;

/// A small generator of numbers, the same on every machine (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit).expect("a limit is small"))
            .expect("below the limit")
    }

    fn sentence(&mut self, words: usize) -> String {
        let text: Vec<&str> = (0..words).map(|_| WORDS[self.below(WORDS.len())]).collect();
        format!("{}.", text.join(" "))
    }
}

fn main() {
    let meetings = std::env::var("CLERESTORY_MEETINGS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1000);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().join("site");
    let bytes = generate(&root, meetings, true);
    let open = folder.path().join("open");
    generate(&open, meetings, false);
    let options = Options {
        root: root.clone(),
        today: Date::constant(2026, 11, 24),
        drafts: false,
        base_url: None,
    };
    let without = Options {
        root: open,
        ..options.clone()
    };
    let mut ours = Vec::new();
    let mut bare = Vec::new();
    let mut floor = Vec::new();
    let mut pages = 0;
    for run in 0..=RUNS {
        let start = Instant::now();
        let report =
            clerestory::build(&options, &folder.path().join("public")).expect("the site is built");
        assert!(report.is_sound(), "the generated site has errors");
        pages = report.summary.pages;
        let own = start.elapsed();
        let start = Instant::now();
        clerestory::build(&without, &folder.path().join("public-open")).expect("the site is built");
        let nothing = start.elapsed();
        let start = Instant::now();
        write_floor(&root, &folder.path().join(format!("floor-{run}")));
        let other = start.elapsed();
        // The first run warms up the disk's cache.
        if run > 0 {
            ours.push(own);
            bare.push(nothing);
            floor.push(other);
        }
    }
    let (own, other) = (median(&mut ours), median(&mut floor));
    let nothing = median(&mut bare);
    println!("{meetings} meetings, {bytes} bytes of Markdown, {pages} pages");
    println!(
        "build  {:>8.3} s   {:>8.0} pages a second",
        own.as_secs_f64(),
        f64::from(u32::try_from(pages).unwrap_or(u32::MAX)) / own.as_secs_f64()
    );
    println!("floor  {:>8.3} s", other.as_secs_f64());
    println!("open   {:>8.3} s   nothing withheld", nothing.as_secs_f64());
    println!(
        "nets   {:>8.2}     build to open",
        own.as_secs_f64() / nothing.as_secs_f64()
    );
    println!("ratio  {:>8.1}", own.as_secs_f64() / other.as_secs_f64());
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Writes a site; returns the bytes of its meetings.
fn generate(root: &Path, meetings: usize, withholds: bool) -> usize {
    let mut numbers = Numbers(7);
    let put = |path: &str, text: &str| {
        let file = root.join(path);
        fs::create_dir_all(file.parent().expect("every file has a folder"))
            .expect("a folder is made");
        fs::write(file, text).expect("a file is written");
    };
    let topics: String = (0..TOPICS).fold(String::new(), |mut text, topic| {
        let _ = writeln!(text, "topic-{topic} = \"Topic {topic}\"");
        text
    });
    put(
        "clerestory.toml",
        &format!(
            "[site]\ntitle = \"Benchmark\"\nbase_url = \"https://example.org/centre/\"\n[meetings]\nkinds = [\"plenary\"]\n[topics]\n{topics}"
        ),
    );
    put(
        "content/index.md",
        "+++\ntitle = \"Benchmark\"\n+++\n\nGenerated.\n",
    );
    put(
        "content/code.toml",
        "title = \"Code\"\n[[chapter]]\nid = \"safety\"\nprefix = \"S\"\ntitle = \"Safety\"\n[[chapter.commitment]]\nid = \"1\"\ntitle = \"One\"\n\
         [[chapter.commitment.measure]]\nid = \"1.1\"\ntitle = \"First\"\n[[chapter.commitment.measure]]\nid = \"1.2\"\ntitle = \"Second\"\n",
    );
    for member in 0..MEMBERS {
        put(
            &format!("content/members/member-{member}.toml"),
            &format!("name = \"Member {member}\"\nstatus = \"member\"\nchapters = [\"safety\"]\n"),
        );
    }
    let mut bytes = 0;
    let mut date = Date::constant(1990, 1, 1);
    for meeting in 0..meetings {
        let mut text = summary(&mut numbers, meeting, date);
        if !withholds {
            text = text
                .lines()
                .filter(|line| !line.starts_with(":::"))
                .fold(String::new(), |text, line| text + line + "\n");
        }
        bytes += text.len();
        put(
            &format!("content/meetings/{date}-meeting-{meeting}.md"),
            &text,
        );
        if meeting.is_multiple_of(7) {
            date = date.tomorrow().expect("dates do not end");
        }
    }
    bytes
}

/// Returns a summary of about 900 words: paragraphs, a list, a table, links, and something withheld in every third.
fn summary(numbers: &mut Numbers, meeting: usize, date: Date) -> String {
    let mut text = format!(
        "+++\ntitle = \"Meeting {meeting}\"\ndate = {date}\nkind = \"plenary\"\nnumber = {meeting}\nparticipants = [\"member-{}\", \"member-{}\"]\n\
         topics = [\"topic-{}\", \"topic-{}\"]\nmeasures = [\"S-1.{}\"]\n+++\n",
        numbers.below(MEMBERS / 2),
        MEMBERS / 2 + numbers.below(MEMBERS / 2),
        numbers.below(TOPICS / 2),
        TOPICS / 2 + numbers.below(TOPICS / 2),
        1 + numbers.below(2),
    );
    let mut words = 0;
    let mut section = 0;
    while words < WORDS_PER_MEETING {
        let _ = write!(
            text,
            "\n## Item {section}\n\n{} See [the measure](../code.toml#S-1.1).\n\n",
            numbers.sentence(60)
        );
        let _ = write!(
            text,
            "{}\n\n- {}\n- {}\n\n",
            numbers.sentence(60),
            numbers.sentence(12),
            numbers.sentence(12)
        );
        let _ = writeln!(
            text,
            "| Body | Point |\n| --- | ---: |\n| {} | 1 |\n",
            numbers.sentence(4)
        );
        words += 150;
        section += 1;
    }
    if meeting.is_multiple_of(3) {
        let _ = write!(
            text,
            "\n::: confidential ground=\"commercial\" until=\"2099-12-31\"\n{}\n:::\n",
            numbers.sentence(40)
        );
    }
    text
}

/// The floor: reads every meeting, parses it, wraps it and writes it.
fn write_floor(root: &Path, out: &Path) {
    let mut files: Vec<_> = fs::read_dir(root.join("content/meetings"))
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file).expect("a file is read");
        let body = text.splitn(3, "+++\n").nth(2).unwrap_or_default();
        let mut page = String::from("<!doctype html><title>Meeting</title>");
        html::push_html(&mut page, Parser::new(body));
        let folder = out.join(file.file_stem().expect("a file has a name"));
        fs::create_dir_all(&folder).expect("a folder is made");
        fs::write(folder.join("index.html"), page).expect("a file is written");
    }
}
