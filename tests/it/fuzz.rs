//! The property of `door` over inputs that a seeded mutator makes of real files: what the fuzz target does with coverage, on every
//! machine and the same each time. `FUZZ_CASES` tries more of them.

use std::panic::catch_unwind;

use crate::door;
use crate::generator::Choices;
use crate::support::{read, repository, tree};

const CASES: usize = 5000;
/// Longer inputs take their time and reach nothing new.
const LONGEST: usize = 3000;

#[test]
fn the_door_holds_whatever_knocks() {
    let cases = std::env::var("FUZZ_CASES").ok();
    let cases = cases.and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let seeds = seeds();
    let words = words();
    let mut c = Choices::seeded(20_261_124);
    let mut sound = 0;
    for case in 0..cases {
        let mut input = seeds[c.below(seeds.len())].clone();
        // The first of them are the files as they are.
        for _ in 0..c.below(5) {
            mutate(&mut c, &mut input, &seeds, &words);
        }
        input.truncate(LONGEST);
        let is_sound = catch_unwind(|| door::holds(&input));
        assert!(
            is_sound.is_ok(),
            "case {case}: {:?}",
            String::from_utf8_lossy(&input)
        );
        sound += usize::from(is_sound.unwrap_or_default());
    }
    assert!(sound * 20 > cases, "only {sound} of {cases} were sound");
}

/// Meetings and members of the test sites, and what the fuzz target begins with.
fn seeds() -> Vec<Vec<u8>> {
    let corpus = tree(&repository().join("tests/door/seeds"));
    let folders = ["golden", "secretariats"].into_iter();
    let sites = folders.flat_map(|folder| tree(&repository().join("tests/sites").join(folder)));
    let meetings = sites
        .filter(|(path, _)| path.contains("/content/meetings/"))
        .filter(|(path, bytes)| path.rsplit('.').next() == Some("md") && bytes.len() < LONGEST)
        .map(|(_, bytes)| bytes);
    corpus.into_values().chain(meetings).collect()
}

/// The words of the dictionary, their escapes read.
fn words() -> Vec<Vec<u8>> {
    let text = read(&repository().join("tests/door/words.dict"));
    let words = text
        .lines()
        .filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    words
        .map(|word| {
            let mut bytes = Vec::new();
            let mut rest = word;
            while let Some(c) = rest.chars().next() {
                let hex = rest.strip_prefix("\\x").and_then(|hex| hex.get(..2));
                if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                    bytes.push(byte);
                    rest = rest.get(4..).unwrap_or_default();
                } else {
                    rest = rest.get(c.len_utf8()..).unwrap_or_default();
                    if c != '\\' {
                        bytes.extend(c.to_string().bytes());
                    }
                }
            }
            bytes
        })
        .collect()
}

fn mutate(c: &mut Choices, input: &mut Vec<u8>, seeds: &[Vec<u8>], words: &[Vec<u8>]) {
    let at = c.below(input.len() + 1);
    let end = (at + c.below(40)).min(input.len());
    match c.below(7) {
        0 => drop(input.drain(at..end)),
        1 => {
            let run = input[at..end].to_vec();
            let to = c.below(input.len() + 1);
            input.splice(to..to, run);
        }
        2 => {
            let word = &words[c.below(words.len())];
            input.splice(at..at, word.iter().copied());
        }
        3 => {
            let word = &words[c.below(words.len())];
            input.splice(at..end, word.iter().copied());
        }
        4 => {
            let other = &seeds[c.below(seeds.len())];
            let from = c.below(other.len() + 1);
            let to = (from + c.below(200)).min(other.len());
            input.splice(at..at, other[from..to].iter().copied());
        }
        5 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << c.below(8);
            }
        }
        _ => {
            input.splice(at..at, door::BETWEEN.iter().copied());
        }
    }
}
