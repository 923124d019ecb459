//! Broken sites: every folder in `tests/sites/broken/` shows one mistake, or one way to make it, and its `expected.txt` the
//! diagnostics: `<severity> <code> <file>:<line>` in the order of the output, or `<file>` where no line is named.
//!
//! No message about them, in any form, may quote withheld text; and a site with an error is never written.

use std::collections::BTreeSet;
use std::path::Path;

use clerestory::diag::Code;
use rayon::prelude::*;
use serde_json::Value;

use crate::support::{
    Run, TODAY, build, canaries, canaries_said, clerestory, folders, name, read, run_command, site,
    temporary, tree,
};

#[test]
fn broken_sites_say_what_is_expected() {
    let failures: Vec<String> = folders(&site("broken"))
        .par_iter()
        .flat_map_iter(|site| {
            let said = check(site);
            said.into_iter()
                .map(|said| format!("broken/{}: {said}", name(site)))
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// What is told of an output that stands there, or of a mistake in the program: no site can show it. `audit.rs` does, and for
/// the last a test in `record`.
const OF_OUTPUT: [Code; 3] = [
    Code::UnsearchableFile,
    Code::OutputDiffers,
    Code::WithheldTextMatters,
];

#[test]
fn every_code_has_a_broken_site() {
    let sites = folders(&site("broken"));
    let names: BTreeSet<&str> = sites.iter().map(|site| name(site)).collect();
    let of_content = || Code::ALL.iter().filter(|code| !OF_OUTPUT.contains(code));
    let missing: Vec<&str> = of_content()
        .map(|code| code.as_str())
        .filter(|code| !names.contains(code))
        .collect();
    assert!(
        missing.is_empty(),
        "no folder in tests/sites/broken/ for {missing:?}"
    );
    for code in of_content() {
        let expected = read(&site("broken").join(code.as_str()).join("expected.txt"));
        let line = format!("{} {} ", code.severity().as_str(), code.as_str());
        assert!(
            expected.contains(&line),
            "{code}: its own site does not show it"
        );
    }
}

/// Checks and builds a site in both forms of output, and says what is not as expected.
fn check(site: &Path) -> Vec<String> {
    let here = temporary();
    let check = |arguments: &str| {
        run_command(
            clerestory(here.path())
                .args(["check", "--today", TODAY, "--root"])
                .arg(site)
                .args(arguments.split_whitespace()),
        )
    };
    let expected = read(&site.join("expected.txt"));
    let is_sound = expected.lines().all(|line| line.starts_with("warning "));
    let is_told = expected.contains("error withheld-text-found ");
    let code = Some(if is_told { 3 } else { i32::from(!is_sound) });

    let checked = check("--format json");
    let mut wrong = Vec::new();
    let (found, misshapen) = diagnostics(&checked);
    wrong.extend(misshapen);
    if found != expected.lines().collect::<Vec<_>>() {
        wrong.push(format!(
            "expected\n  {}\nfound\n  {}",
            expected.trim_end().replace('\n', "\n  "),
            found.join("\n  ")
        ));
    }
    let built = build(site, here.path(), "--format json");
    if built != checked {
        wrong.push(format!("build says\n{built:?}\nand check\n{checked:?}"));
    }
    let for_people = [check(""), build(site, here.path(), "")];
    if checked.code != code {
        wrong.push(format!("ended with {:?}, not {code:?}", checked.code));
    }
    wrong.extend(canaries_said(&checked));
    wrong.extend(canaries_said(&for_people[0]));
    wrong.extend(people(&for_people[0], &found));
    let said = |run: &Run| -> Vec<String> { run.stderr.lines().map(str::to_owned).collect() };
    let [checked_lines, built_lines] = [&for_people[0], &for_people[1]].map(said);
    let differing = checked_lines
        .iter()
        .zip(&built_lines)
        .filter(|(a, b)| a != b)
        .count();
    if for_people[1].code != checked.code
        || differing > 1
        || checked_lines.len() != built_lines.len()
    {
        wrong.push(format!("build says to people\n{}", for_people[1].stderr));
    }
    let written = tree(here.path());
    if !is_sound && !written.is_empty() {
        wrong.push(format!(
            "{} files were written, though an error is expected",
            written.len()
        ));
    }
    wrong.extend(canaries(&written));
    wrong
}

/// Says what is wrong with messages for people, who are told what programs are told.
fn people(run: &Run, told: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    if !run.stdout.is_empty() {
        wrong.push(format!("standard output holds {}", run.stdout));
    }
    let titles = run
        .stderr
        .lines()
        .filter(|line| line.starts_with("error[") || line.starts_with("warning["));
    let titles: Vec<String> = titles
        .map(|line| {
            let (severity, rest) = line.split_once('[').unwrap_or_default();
            let (code, _) = rest.split_once(']').unwrap_or_default();
            format!("{severity} {code}")
        })
        .collect();
    let wanted: Vec<String> = told
        .iter()
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    if titles != wanted {
        wrong.push(format!("people are told {titles:?}, not {wanted:?}"));
    }
    wrong
}

/// Returns the diagnostics of a run as they stand in `expected.txt`, and what is wrong with their form.
fn diagnostics(run: &Run) -> (Vec<String>, Vec<String>) {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    if !run.stderr.is_empty() {
        wrong.push(format!("standard error holds {}", run.stderr));
    }
    let lines: Vec<&str> = run.stdout.lines().collect();
    let Some((summary, lines)) = lines.split_last() else {
        wrong.push("nothing on standard output".to_owned());
        return (found, wrong);
    };
    for line in lines {
        match diagnostic(line) {
            Ok(diagnostic) => found.push(diagnostic),
            Err(why) => wrong.push(format!("{why}: {line}")),
        }
    }
    let count = |severity: &str| {
        found
            .iter()
            .filter(|line| line.starts_with(severity))
            .count()
    };
    if let Err(why) = check_summary(summary, count("error "), count("warning ")) {
        wrong.push(format!("{why}: {summary}"));
    }
    (found, wrong)
}

/// Reads a line of JSON: exactly the keys of the contract, each of its type.
fn diagnostic(line: &str) -> Result<String, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let object = value.as_object().ok_or("no object")?;
    let known = [
        "severity", "code", "file", "line", "column", "message", "help",
    ];
    if let Some(key) = object.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(format!("the key {key} is not in the contract"));
    }
    let text = |key: &str| match object.get(key) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.as_str()),
        _ => Err(format!("`{key}` is no text that says something")),
    };
    let number = |key: &str| match object.get(key) {
        None => Ok(None),
        Some(value) => value
            .as_u64()
            .filter(|number| *number > 0)
            .map(Some)
            .ok_or(format!("`{key}` is no number from 1")),
    };
    text("message")?;
    if object.contains_key("help") {
        text("help")?;
    }
    let (severity, name, file) = (text("severity")?, text("code")?, text("file")?);
    let code = Code::ALL.iter().find(|code| code.as_str() == name);
    if code.is_none_or(|code| code.severity().as_str() != severity) {
        return Err(format!("there is no {severity} {name}"));
    }
    match (number("line")?, number("column")?) {
        (Some(line), Some(_)) => Ok(format!("{severity} {name} {file}:{line}")),
        (None, None) => Ok(format!("{severity} {name} {file}")),
        _ => Err("a line without a column, or the other way round".to_owned()),
    }
}

fn check_summary(line: &str, errors: usize, warnings: usize) -> Result<(), String> {
    let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let inner = value
        .as_object()
        .filter(|object| object.len() == 1)
        .and_then(|object| object.get("summary"))
        .and_then(Value::as_object)
        .ok_or("no object with the one key `summary`")?;
    let mut keys: Vec<&str> = inner.keys().map(String::as_str).collect();
    keys.sort_unstable();
    if keys
        != [
            "errors", "meetings", "members", "pages", "warnings", "withheld",
        ]
    {
        return Err("the keys of the summary are others".to_owned());
    }
    if !inner.values().all(Value::is_u64) {
        return Err("the summary holds something else than numbers".to_owned());
    }
    let number = |key: &str| {
        inner[key]
            .as_u64()
            .and_then(|number| usize::try_from(number).ok())
    };
    if number("errors") != Some(errors) || number("warnings") != Some(warnings) {
        return Err("the summary counts otherwise".to_owned());
    }
    Ok(())
}
