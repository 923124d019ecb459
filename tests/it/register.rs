//! The public register of withheld passages: its page, its JSON and its CSV say the same, and every total can be counted
//! from the register itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::support::{build, plant, put, read, repository, site, sources, temporary};

/// Passages and those that are due for review, by ground and year, with whether the ground is a state of procedure.
type Totals = BTreeMap<(bool, String, Option<i64>), (u64, u64)>;

/// Builds a site in the looks of the default theme.
fn built(root: &Path) -> (tempfile::TempDir, PathBuf) {
    let here = temporary();
    let copy = here.path().join("site");
    plant(&sources(root), &copy);
    let config = copy.join("clerestory.toml");
    let text = read(&config).replace("theme = \"plain\"", "theme = \"default\"");
    put(&config, text);
    let run = build(&copy, here.path(), "");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let public = here.path().join("public");
    (here, public)
}

/// An entry of the register, as far as totals are made of it.
#[derive(Debug, PartialEq, Deserialize)]
struct Entry {
    url: String,
    date: Option<String>,
    ground: String,
    until: String,
    review_due: bool,
    procedural: bool,
}

/// A line of the totals.
#[derive(Deserialize)]
struct Total {
    ground: String,
    procedural: bool,
    year: Option<i64>,
    count: u64,
    review_due: u64,
}

fn json<T: DeserializeOwned>(path: &Path, name: &str) -> Vec<T> {
    let mut value: Value = serde_json::from_str(&read(path)).expect("a data set is JSON");
    serde_json::from_value(value[name].take()).expect("a data set has the fields of its schema")
}

fn csv<T: DeserializeOwned>(path: &Path) -> Vec<T> {
    let mut reader = csv::Reader::from_path(path).expect("a data set is there as CSV");
    let rows = reader.deserialize();
    rows.map(|row| row.expect("a row has the columns of its set"))
        .collect()
}

/// Counts the entries of the register.
fn counted(register: &[Entry]) -> Totals {
    let mut totals = Totals::new();
    for entry in register {
        let year = entry.date.as_ref().and_then(|date| date.split('-').next());
        let key = (
            entry.procedural,
            entry.ground.clone(),
            year.and_then(|year| year.parse().ok()),
        );
        let total = totals.entry(key).or_default();
        total.0 += 1;
        total.1 += u64::from(entry.review_due);
    }
    totals
}

fn told(totals: Vec<Total>) -> Totals {
    let lines = totals.into_iter();
    lines
        .map(|total| {
            (
                (total.procedural, total.ground, total.year),
                (total.count, total.review_due),
            )
        })
        .collect()
}

/// Returns the cells of the rows of a table that name a ground, by ground.
fn rows(page: &str, table: &str) -> BTreeMap<String, Vec<u64>> {
    static ROW: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?s)<tr data-ground="([^"]+)">(.*?)</tr>"#).expect("a fixed pattern")
    });
    static CELL: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"<td class="end">(\d+)</td>"#).expect("a fixed pattern"));
    let Some((_, rest)) = page.split_once(&format!("<caption id=\"{table}\"")) else {
        return BTreeMap::new();
    };
    let table = rest.split("</table>").next().unwrap_or_default();
    let cells = |row: &str| {
        CELL.captures_iter(row)
            .map(|cell| cell[1].parse().expect("a cell holds a number"))
            .collect()
    };
    ROW.captures_iter(table)
        .map(|row| (row[1].to_owned(), cells(&row[2])))
        .collect()
}

/// Returns the years in the head of a table; nothing for what has no date.
fn heads(page: &str, table: &str) -> Vec<Option<i64>> {
    static HEAD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"<th scope="col" class="end">([^<]+)</th>"#).expect("a fixed pattern")
    });
    let Some((_, rest)) = page.split_once(&format!("<caption id=\"{table}\"")) else {
        return Vec::new();
    };
    let head = rest.split("</thead>").next().unwrap_or_default();
    let mut years: Vec<Option<i64>> = HEAD
        .captures_iter(head)
        .map(|head| head[1].parse().ok())
        .collect();
    years.pop();
    years
}

/// Compares page, JSON and CSV of a built site, in one language.
fn check(public: &Path) {
    let data = public.join("data");
    let register: Vec<Entry> = json(&data.join("withheld.json"), "withheld");
    assert!(!register.is_empty());
    assert_eq!(csv::<Entry>(&data.join("withheld.csv")), register);
    let expected = counted(&register);
    let totals = json(&data.join("withheld-totals.json"), "withheld-totals");
    assert_eq!(told(totals), expected, "withheld-totals.json");
    let totals = csv(&data.join("withheld-totals.csv"));
    assert_eq!(told(totals), expected, "withheld-totals.csv");

    let page = read(&public.join("withheld/index.html"));
    for (is_procedural, part) in [(false, "confidential"), (true, "procedural")] {
        let own: Totals = expected
            .clone()
            .into_iter()
            .filter(|((procedural, _, _), _)| *procedural == is_procedural)
            .collect();
        check_part(&page, part, &own, &register, is_procedural);
    }
}

fn check_part(page: &str, part: &str, own: &Totals, register: &[Entry], is_procedural: bool) {
    static TOLD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"<desc id=.([a-z-]+)_([a-z-]+)_told.>(.*?)</desc>").expect("a fixed pattern")
    });
    static COUNT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r": (\d+)").expect("a fixed pattern"));
    static LAST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"<td class="end">(\d+)</td>\s*</tr>"#).expect("a fixed pattern")
    });
    let mut by_ground: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for ((_, ground, _), (count, due)) in own {
        let total = by_ground
            .entry(ground.clone())
            .or_insert_with(|| vec![0, 0]);
        total[0] += count;
        total[1] += due;
    }
    assert_eq!(
        rows(page, &format!("{part}_grounds")),
        by_ground,
        "{part} by ground"
    );

    let years = heads(page, &format!("{part}_years"));
    let by_year = rows(page, &format!("{part}_years"));
    assert_eq!(
        by_year.keys().collect::<Vec<_>>(),
        by_ground.keys().collect::<Vec<_>>()
    );
    for (ground, cells) in &by_year {
        let (sum, cells) = cells.split_last().expect("a row has a sum");
        assert_eq!(*sum, by_ground[ground][0], "{ground}");
        assert_eq!(cells.len(), years.len(), "{ground}");
        for (year, count) in years.iter().zip(cells) {
            let key = (is_procedural, ground.clone(), *year);
            let expected = own.get(&key).map_or(0, |(count, _)| *count);
            assert_eq!(*count, expected, "{ground} in {year:?}");
        }
        assert_eq!(cells.iter().sum::<u64>(), *sum, "{ground}");
    }

    for told in TOLD.captures_iter(page).filter(|told| &told[1] == part) {
        let counts: Vec<u64> = COUNT
            .captures_iter(&told[3])
            .map(|count| count[1].parse().expect("digits are a number"))
            .collect();
        let cells = &by_year[&told[2]];
        assert_eq!(counts, cells[..cells.len() - 1], "{}", &told[2]);
    }

    let coming = register
        .iter()
        .filter(|entry| entry.procedural == is_procedural && !entry.review_due);
    let reviews = page
        .split_once(&format!("<caption id=\"{part}_reviews\""))
        .map_or("", |(_, rest)| {
            rest.split("</table>").next().unwrap_or_default()
        });
    let sum: u64 = LAST
        .captures_iter(reviews)
        .map(|cell| cell[1].parse::<u64>().expect("digits are a number"))
        .sum();
    assert_eq!(
        sum,
        u64::try_from(coming.count()).expect("a small number"),
        "{part}: reviews to come"
    );
}

#[test]
fn page_and_data_say_the_same() {
    for root in [
        repository().to_path_buf(),
        site("golden/withheld"),
        site("golden/small"),
    ] {
        let (_here, public) = built(&root);
        check(&public);
        check(&public.join("fr"));
    }
}

#[test]
fn a_ground_of_the_site_can_be_a_state_of_procedure() {
    let here = temporary();
    let root = here.path().join("site");
    put(
        &root.join("clerestory.toml"),
        "[site]\ntitle = \"A\"\nbase_url = \"https://a.example/\"\n[[grounds]]\ncode = \"queue\"\nlabel = \"In the queue\"\nprocedural = true\n",
    );
    put(
        &root.join("content/meetings/2026-01-30-first.md"),
        "+++\ntitle = \"First\"\ndate = 2026-01-30\nkind = \"plenary\"\n+++\nSo :confidential[Canaryzeps]{ground=\"queue\" until=\"2027-01-01\"} it is.\n",
    );
    let run = build(&root, here.path(), "");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let public = here.path().join("public");
    check(&public);
    let page = read(&public.join("withheld/index.html"));
    assert!(
        page.contains("Nothing is withheld as confidential."),
        "{page}"
    );
    assert!(page.contains("<h2>Not published, but not secret</h2>"));
    let notice = read(&public.join("meetings/2026-01-30-first/index.html"));
    assert!(notice.contains("Not published here:"), "{notice}");
}

#[test]
fn a_long_register_is_folded_by_year() {
    let here = temporary();
    let root = here.path().join("site");
    put(
        &root.join("clerestory.toml"),
        "[site]\ntitle = \"A\"\nbase_url = \"https://a.example/\"\n",
    );
    for number in 0..300 {
        let (year, grounds) = (2020 + number / 50, ["security", "commercial"]);
        let ground = grounds[number % 2];
        let passages =
            format!(":confidential[Canaryzeps]{{ground=\"{ground}\" until=\"2027-01-01\"}} and\n")
                .repeat(10);
        put(
            &root.join(format!("content/meetings/m{number}.md")),
            format!(
                "+++\ntitle = \"Meeting {number}\"\ndate = {year}-01-30\nkind = \"plenary\"\n+++\nSo\n{passages}so on.\n"
            ),
        );
    }
    let run = build(&root, here.path(), "");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let public = here.path().join("public");
    check(&public);
    let page = read(&public.join("withheld/index.html"));
    // Only the newest year is open, and marks that look the same are one line.
    assert_eq!(page.matches("<details open>").count(), 1);
    assert_eq!(page.matches("<details>").count(), 5);
    assert_eq!(
        page.matches("<td class=\"end\">10</td>\n<td><span class=\"ground\"")
            .count(),
        300
    );
    assert!(
        page.len() < 400_000,
        "{} bytes for 3,000 entries",
        page.len()
    );
}
