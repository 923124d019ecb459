//! The list of mutants does not rot: each of `tests/mutants/list.toml` can still be applied, and every rule has some.
//!
//! Whether a test turns red for each, `tests/mutants/run` finds out; that takes too long for every run.

use std::collections::BTreeSet;

use toml::Value;

use crate::support::{read, repository};

/// The rules of the contract for which there are mutants; `C` is the audit, `D` the review.
const RULES: [&str; 15] = [
    "A1.1", "A1.2", "A1.3", "A1.4", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "C", "D",
];

#[test]
fn every_mutant_can_be_applied() {
    let list: toml::Table = read(&repository().join("tests/mutants/list.toml"))
        .parse()
        .expect("the list is TOML");
    let mutants = list["mutant"].as_array().expect("a list of tables");
    let mut wrong = Vec::new();
    let (mut names, mut rules) = (BTreeSet::new(), BTreeSet::new());
    for mutant in mutants {
        let text = |key: &str| {
            let value = mutant.get(key).and_then(Value::as_str);
            value.unwrap_or_else(|| panic!("`{key}` is missing: {mutant}"))
        };
        let (name, file, find) = (text("name"), text("file"), text("find"));
        rules.insert(text("rule"));
        text("first");
        if !names.insert(name) {
            wrong.push(format!("{name}: there are two of this name"));
        }
        if find == text("replace") {
            wrong.push(format!("{name}: it changes nothing"));
        }
        let count = read(&repository().join(file)).matches(find).count();
        if count != 1 {
            wrong.push(format!("{name}: its text stands {count} times in {file}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "mend these in tests/mutants/list.toml:\n{}",
        wrong.join("\n")
    );
    assert_eq!(rules, BTreeSet::from(RULES));
}
