//! What has to hold of any bytes at all: the door does not fall over, and what it lets out neither holds nor depends on what is
//! withheld. The fuzz target in `fuzz/` and the test `fuzz` share this.

use std::collections::BTreeMap;

use clerestory::record::{Probe, probe};
use jiff::civil::Date;

/// Stands between the files of one input: a meeting, its translation, a member.
pub(crate) const BETWEEN: &[u8] = b"\n%%%%\n";

const CONFIG: &str = "[site]\ntitle = \"Site\"\nbase_url = \"https://example.org/\"\nlanguages = [\"en\", \"fr\"]\n[topics]\naudit = \"Audit\"\n";
const PATHS: [&str; 3] = [
    "content/meetings/2026-01-30-meeting.md",
    "content/meetings/2026-01-30-meeting.fr.md",
    "content/members/acme.toml",
];

/// Sends an input through the door; panics where something does not hold. Says whether it was sound.
pub(crate) fn holds(input: &[u8]) -> bool {
    let files: BTreeMap<String, Vec<u8>> = PATHS
        .iter()
        .zip(parts(input))
        .map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()))
        .collect();
    let Probe { is_sound, caught } = probe(CONFIG, files, Date::constant(2026, 11, 24));
    assert!(caught.is_empty(), "{caught:?}");
    is_sound
}

fn parts(input: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = input;
    while parts.len() < PATHS.len() - 1 {
        let Some(at) = rest
            .windows(BETWEEN.len())
            .position(|window| window == BETWEEN)
        else {
            break;
        };
        parts.push(&rest[..at]);
        rest = &rest[at + BETWEEN.len()..];
    }
    parts.push(rest);
    parts
}
