//! The words and runs of words that occur in withheld text and in no public input, and the search for them.
//!
//! No text is kept: a needle is a salted hash in memory, with the place of its passage in the source.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::diag::FilePath;
use crate::record::audit::words::{self, Listener, Word};

/// The longest run of words that is a needle of its own.
const RUN: usize = 4;

/// Where something withheld stands in the source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Passage {
    pub(super) file: FilePath,
    /// The first and the last line, from 1.
    pub(super) lines: (usize, usize),
}

/// How much a needle says where it stands alone, in a file that its author put beside a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// A round figure of a longer passage: tables are full of them.
    Round,
    /// A word of the language of a longer passage.
    Ordinary,
    /// A few words in a row of a longer passage.
    Run,
    /// A name, a figure, or all that a passage has.
    Telling,
}

/// A needle: what it belongs to, and how much it says.
#[derive(Debug)]
struct Needle {
    passage: usize,
    weight: Weight,
    /// The length of a word in characters; of a run, that of a long word.
    size: usize,
    /// Set when the same stands in a public input.
    is_public: AtomicBool,
}

/// The needles of a site.
#[derive(Debug)]
pub(super) struct Needles {
    salt: u64,
    pub(super) passages: Vec<Passage>,
    all: Vec<Needle>,
    words: HashMap<u64, usize>,
    /// Runs of two, three and four words.
    runs: [HashMap<u64, usize>; RUN - 1],
    /// A quick answer to most questions: no.
    filter: Filter,
}

/// Something that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Find {
    pub(super) needle: usize,
    pub(super) passage: usize,
    pub(super) weight: Weight,
    pub(super) size: usize,
    /// The offset in the bytes that were searched.
    pub(super) start: usize,
    pub(super) is_in_tag: bool,
}

impl Needles {
    pub(super) fn new() -> Self {
        Self {
            salt: RandomState::new().hash_one("words"),
            passages: Vec::new(),
            all: Vec::new(),
            words: HashMap::new(),
            runs: Default::default(),
            filter: Filter::default(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty() && self.runs.iter().all(HashMap::is_empty)
    }

    /// Adds the words of something withheld.
    pub(super) fn add(&mut self, passage: Passage, texts: &[String]) {
        let index = self.passages.len();
        self.passages.push(passage);
        for text in texts {
            let heard = Heard::of(text.as_bytes(), self.salt);
            let size = heard.words.len();
            for word in &heard.words {
                let weight = if size < RUN {
                    Weight::Telling
                } else {
                    word.weight()
                };
                if word.is_telling() {
                    self.needle(None, word.hash, index, weight, word.size);
                }
                for other in &word.others {
                    self.needle(None, *other, index, weight, word.size);
                }
            }
            let hashes: Vec<u64> = heard.words.iter().map(|word| word.hash).collect();
            let own = size.min(RUN);
            if own >= 2 {
                for run in hashes.windows(own) {
                    let weight = if size <= RUN {
                        Weight::Telling
                    } else {
                        Weight::Run
                    };
                    self.needle(Some(own), run_of(run), index, weight, usize::MAX);
                }
            }
            // A figure says little alone, and much with the word beside it.
            for (pair, run) in heard.words.windows(2).zip(hashes.windows(2)) {
                if pair.iter().any(|word| word.has_digit) && pair.iter().any(|word| word.size > 1) {
                    let weight = if size <= RUN {
                        Weight::Telling
                    } else {
                        Weight::Run
                    };
                    self.needle(Some(2), run_of(run), index, weight, usize::MAX);
                }
            }
            if (2..RUN).contains(&size) {
                // Written without its spaces or hyphens.
                let whole = words::spelled(text).concat();
                if whole.chars().count() >= 6 {
                    self.needle(
                        None,
                        words::hash(self.salt, whole.as_bytes()),
                        index,
                        Weight::Telling,
                        usize::MAX,
                    );
                }
            }
        }
    }

    fn needle(
        &mut self,
        run: Option<usize>,
        hash: u64,
        passage: usize,
        weight: Weight,
        size: usize,
    ) {
        let map = match run {
            Some(length) => &mut self.runs[length - 2],
            None => &mut self.words,
        };
        let next = self.all.len();
        match map.entry(hash) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(next);
                self.all.push(Needle {
                    passage,
                    weight,
                    size,
                    is_public: AtomicBool::new(false),
                });
            }
            std::collections::hash_map::Entry::Occupied(entry) => {
                // What says much in one passage says much everywhere.
                let known = &mut self.all[*entry.get()].weight;
                *known = weight.max(*known);
            }
        }
    }

    /// Makes the quick filter; to be called when all needles are there, and again when public ones are gone.
    pub(super) fn prepare(&mut self) {
        let all = self
            .words
            .keys()
            .chain(self.runs.iter().flat_map(HashMap::keys));
        self.filter = Filter::of(all.copied(), self.all.len());
    }

    /// Notes that a text is public, with everything that stands in it.
    pub(super) fn publish(&self, text: &[u8], markup: bool) {
        let mut strike = Strike {
            needles: self,
            window: Window::default(),
        };
        words::listen(text, self.salt, markup, &mut strike);
    }

    /// Forgets the needles that are public.
    pub(super) fn forget_public(&mut self) {
        let needles = &self.all;
        let is_secret = |index: &usize| !needles[*index].is_public.load(Ordering::Relaxed);
        self.words.retain(|_, index| is_secret(index));
        for run in &mut self.runs {
            run.retain(|_, index| is_secret(index));
        }
        self.prepare();
    }

    /// Returns the number of passages of which every word and run is public: the search cannot see them.
    pub(super) fn unseen(&self) -> usize {
        let mut seen = vec![false; self.passages.len()];
        for needle in &self.all {
            if !needle.is_public.load(Ordering::Relaxed) {
                seen[needle.passage] = true;
            }
        }
        seen.iter().filter(|seen| !**seen).count()
    }

    /// Looks for needles in bytes. `is_binary` says that letters may stand next to bytes that are none of the word.
    pub(super) fn search(&self, bytes: &[u8], markup: bool, is_binary: bool) -> Vec<Find> {
        let mut search = Search {
            needles: self,
            bytes,
            is_binary,
            window: Window::default(),
            outside: None,
            found: Vec::new(),
        };
        words::listen(bytes, self.salt, markup, &mut search);
        search.found
    }

    fn word(&self, hash: u64) -> Option<usize> {
        if self.filter.may_hold(hash) {
            self.words.get(&hash).copied()
        } else {
            None
        }
    }

    fn run(&self, length: usize, hash: u64) -> Option<usize> {
        let runs = &self.runs[length - 2];
        if !runs.is_empty() && self.filter.may_hold(hash) {
            runs.get(&hash).copied()
        } else {
            None
        }
    }
}

/// The words of a withheld text.
struct Heard<'t> {
    text: &'t [u8],
    salt: u64,
    words: Vec<HeardWord>,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a property of its own"
)]
struct HeardWord {
    hash: u64,
    size: usize,
    has_letter: bool,
    has_digit: bool,
    has_capital: bool,
    is_ascii: bool,
    /// How many digits it has before the zeros at its end.
    digits: usize,
    /// Whether it is a number that years have: these say nothing alone.
    is_year: bool,
    /// Other forms of the same word: in ASCII, as addresses have it.
    others: Vec<u64>,
}

impl<'t> Heard<'t> {
    fn of(text: &'t [u8], salt: u64) -> Self {
        let mut heard = Self {
            text,
            salt,
            words: Vec::new(),
        };
        words::listen(text, salt, false, &mut heard);
        heard
    }
}

impl Heard<'_> {
    /// Says whether a capital of a word may be that of a sentence.
    fn begins_sentence(&self, word: &Word<'_>, written: &str) -> bool {
        let before = String::from_utf8_lossy(&self.text[word.start.saturating_sub(8)..word.start]);
        let before = before.trim_end();
        let is_start = before.is_empty() || before.ends_with(|c: char| ".!?:;…#*->|".contains(c));
        is_start && written.chars().skip(1).all(|c| !c.is_uppercase())
    }
}

impl HeardWord {
    /// Says whether the word alone would tell something.
    fn is_telling(&self) -> bool {
        match (self.has_letter, self.has_digit) {
            (true, true) => self.size >= 3,
            (true, false) => self.size >= if self.is_ascii { 3 } else { 2 },
            (false, _) => self.size >= 4 && !self.is_year,
        }
    }

    /// Says whether it looks like a name or figure, or like a word of the language or a round figure.
    fn weight(&self) -> Weight {
        match (self.has_letter, self.has_digit) {
            (true, false) if !self.has_capital => Weight::Ordinary,
            (false, true) if self.digits < 4 => Weight::Round,
            _ => Weight::Telling,
        }
    }
}

impl Listener for Heard<'_> {
    fn word(&mut self, word: &Word<'_>) {
        let others = word
            .beyond_ascii
            .map(|text| in_ascii(text, self.salt))
            .unwrap_or_default();
        let is_year = word.has_digit
            && !word.has_letter
            && word.size == 4
            && (1900..2200)
                .any(|year| words::hash(self.salt, year.to_string().as_bytes()) == word.hash);
        let written = String::from_utf8_lossy(&self.text[word.start..word.end]);
        let digits = written
            .trim_end_matches(|c: char| !c.is_numeric() || c == '0')
            .chars()
            .filter(|c| c.is_numeric())
            .count();
        self.words.push(HeardWord {
            hash: word.hash,
            digits,
            size: word.size,
            has_letter: word.has_letter,
            has_digit: word.has_digit,
            has_capital: word.has_capital && !self.begins_sentence(word, &written),
            is_ascii: word.beyond_ascii.is_none(),
            is_year,
            others,
        });
    }

    fn aside(&mut self, _: &Word<'_>) {}

    fn gap(&mut self) {}

    fn tag(&mut self, _: bool) {}
}

/// Returns the hashes of the words that a word becomes in an address.
fn in_ascii(text: &str, salt: u64) -> Vec<u64> {
    words::spelled(&deunicode::deunicode(text))
        .into_iter()
        .filter(|word| word.len() >= 4)
        .map(|word| words::hash(salt, word.as_bytes()))
        .collect()
}

/// Returns the hash of a run of words.
fn run_of(words: &[u64]) -> u64 {
    words.iter().fold(0, |run, word| joined(run, *word))
}

/// Continues the hash of a run by a word.
fn joined(run: u64, word: u64) -> u64 {
    (run ^ word)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .rotate_left(23)
}

/// The words that were heard last.
#[derive(Clone, Copy, Default)]
struct Window {
    /// The hashes of the runs that end with the last word, of one word and more.
    runs: [u64; RUN],
    starts: [usize; RUN],
    size: usize,
}

impl Window {
    /// Hears a word: every run becomes longer by it, and another one begins.
    fn push(&mut self, word: &Word<'_>) {
        for length in (1..RUN).rev() {
            self.runs[length] = joined(self.runs[length - 1], word.hash);
            self.starts[length] = self.starts[length - 1];
        }
        self.runs[0] = joined(0, word.hash);
        self.starts[0] = word.start;
        self.size = RUN.min(self.size + 1);
    }
}

/// Strikes out what is public.
struct Strike<'n> {
    needles: &'n Needles,
    window: Window,
}

impl Strike<'_> {
    fn strike(&self, index: Option<usize>) {
        if let Some(index) = index {
            self.needles.all[index]
                .is_public
                .store(true, Ordering::Relaxed);
        }
    }
}

impl Listener for Strike<'_> {
    fn word(&mut self, word: &Word<'_>) {
        self.aside(word);
        self.window.push(word);
        for length in 2..=self.window.size {
            self.strike(self.needles.run(length, self.window.runs[length - 1]));
        }
    }

    fn aside(&mut self, word: &Word<'_>) {
        self.strike(self.needles.word(word.hash));
        if let Some(text) = word.beyond_ascii {
            for other in in_ascii(text, self.needles.salt) {
                self.strike(self.needles.word(other));
            }
        }
    }

    fn gap(&mut self) {
        self.window = Window::default();
    }

    fn tag(&mut self, _: bool) {
        self.gap();
    }
}

/// Looks for needles.
struct Search<'n, 'b> {
    needles: &'n Needles,
    bytes: &'b [u8],
    is_binary: bool,
    window: Window,
    /// The words around a tag, while its own are heard.
    outside: Option<Window>,
    found: Vec<Find>,
}

impl Search<'_, '_> {
    fn found(&mut self, needle: usize, start: usize) {
        let Needle {
            passage,
            weight,
            size,
            ..
        } = self.needles.all[needle];
        self.found.push(Find {
            needle,
            passage,
            weight,
            size,
            start,
            is_in_tag: self.outside.is_some(),
        });
    }

    /// Looks at a figure without its currency, and without its decimals.
    fn figures(&mut self, word: &Word<'_>) {
        let written = &self.bytes[word.start..word.end];
        let digits = |bytes: &[u8]| -> Vec<u8> {
            bytes.iter().copied().filter(u8::is_ascii_digit).collect()
        };
        let cut = written.iter().rposition(|byte| matches!(byte, b'.' | b','));
        let whole = cut.filter(|at| (1..=2).contains(&(written.len() - at - 1)));
        let parts = [
            word.has_letter.then(|| digits(written)),
            whole.map(|at| digits(&written[..at])),
        ];
        for part in parts.into_iter().flatten().filter(|part| part.len() >= 4) {
            if let Some(needle) = self.needles.word(words::hash(self.needles.salt, &part)) {
                self.found(needle, word.start);
            }
        }
    }

    /// Looks at parts of a word in a binary file, where a length or a checksum may touch it.
    fn trimmed(&mut self, word: &Word<'_>) {
        for first in 0..=2 {
            for last in 0..=4 {
                let (start, end) = (word.start + first, word.end.saturating_sub(last));
                if first + last == 0 || start + 4 > end {
                    continue;
                }
                let hash = words::hash(self.needles.salt, &self.bytes[start..end]);
                if let Some(needle) = self.needles.word(hash) {
                    self.found(needle, start);
                }
            }
        }
    }
}

impl Listener for Search<'_, '_> {
    fn word(&mut self, word: &Word<'_>) {
        self.aside(word);
        self.window.push(word);
        for length in 2..=self.window.size {
            if let Some(needle) = self.needles.run(length, self.window.runs[length - 1]) {
                self.found(needle, self.window.starts[length - 1]);
            }
        }
    }

    fn aside(&mut self, word: &Word<'_>) {
        if let Some(needle) = self.needles.word(word.hash) {
            self.found(needle, word.start);
        }
        if word.has_digit && word.end - word.start > 3 {
            self.figures(word);
        }
        if self.is_binary && word.beyond_ascii.is_none() {
            self.trimmed(word);
        }
    }

    fn gap(&mut self) {
        self.window = Window::default();
    }

    fn tag(&mut self, is_open: bool) {
        if is_open {
            self.outside = Some(std::mem::take(&mut self.window));
        } else if let Some(window) = self.outside.take() {
            self.window = window;
        }
    }
}

/// A set that may say yes too often (a Bloom filter with two probes).
#[derive(Debug, Default)]
struct Filter {
    bits: Vec<u64>,
    mask: usize,
}

impl Filter {
    fn of(hashes: impl Iterator<Item = u64>, count: usize) -> Self {
        let size = (count * 16).next_power_of_two().max(1024);
        let mut filter = Self {
            bits: vec![0; size / 64],
            mask: size - 1,
        };
        for hash in hashes {
            for place in filter.places(hash) {
                filter.bits[place / 64] |= 1 << (place % 64);
            }
        }
        filter
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "any part of a hash is as good as another"
    )]
    fn places(&self, hash: u64) -> [usize; 2] {
        [hash as usize & self.mask, (hash >> 32) as usize & self.mask]
    }

    fn may_hold(&self, hash: u64) -> bool {
        !self.bits.is_empty()
            && self
                .places(hash)
                .into_iter()
                .all(|place| self.bits[place / 64] & (1 << (place % 64)) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needles(secret: &str, public: &str) -> Needles {
        let mut needles = Needles::new();
        let passage = Passage {
            file: "content/x.md".into(),
            lines: (1, 1),
        };
        needles.add(passage, &[secret.to_owned()]);
        needles.prepare();
        needles.publish(public.as_bytes(), false);
        needles.forget_public();
        needles
    }

    fn hits(secret: &str, public: &str, output: &str) -> usize {
        needles(secret, public)
            .search(output.as_bytes(), true, false)
            .len()
    }

    #[test]
    fn words_that_are_not_public_are_found() {
        assert_eq!(hits("The ACME offer", "the offer", "<p>acme</p>"), 1);
        assert_eq!(hits("The ACME offer", "the acme offers", "<p>Acme</p>"), 0);
        assert!(
            hits(
                "an offer of €4.2m now",
                "an offer of now",
                "<b>4,2 M</b>, 42m"
            ) > 0
        );
    }

    #[test]
    fn runs_of_public_words_are_found() {
        let public = "agreed the members to the report on risk";
        let secret = "the members agreed to report";
        assert_eq!(hits(secret, public, "The <em>members</em> agreed to"), 1);
        assert_eq!(hits(secret, public, "The members<p>agreed to"), 0);
        assert_eq!(hits("risk agreed", public, "<a title='risk agreed'>"), 1);
    }

    #[test]
    fn small_numbers_are_found_with_their_neighbours() {
        assert_eq!(hits("about 17 units", "about units", "17"), 0);
        assert!(hits("about 17 units", "about units", "of 17 units") > 0);
        assert_eq!(hits("in 2031 it", "in it", "2031"), 0);
        assert_eq!(hits("see 83121", "see", "83 121"), 1);
    }

    #[test]
    fn a_name_in_an_address_is_found() {
        assert_eq!(hits("Łukasz Żółw", "", "/members/lukasz/"), 1);
        assert_eq!(hits("Lukasz came", "Łukasz came", "lukasz"), 0);
    }

    #[test]
    fn words_without_their_spaces_are_found() {
        assert_eq!(hits("risk agreed", "agreed, risk", "/riskagreed/"), 1);
        assert_eq!(
            hits("risk agreed", "agreed, riskagreed, risk", "/riskagreed/"),
            0
        );
    }

    #[test]
    fn runs_that_are_public_are_not_sought() {
        let secret = "the members agreed to report";
        assert_eq!(hits(secret, "so the members agreed to report", secret), 0);
        assert!(hits(secret, "members the report to agreed", secret) > 0);
    }
}
