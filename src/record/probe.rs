//! The door by itself, in memory: what fuzzing knocks at. It gives out public text, and names of files and of ways
//! of looking; nothing else in the program uses it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::civil::Date;

use crate::config::ConfigSource;
use crate::diag::{Diagnostic, Severity};
use crate::record::{Archive, Origin, Reading, Records, Shape};

/// What came of it.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Whether nothing was refused.
    pub is_sound: bool,
    /// What the two nets have caught: in which file, and how, never what.
    pub caught: Vec<String>,
}

/// Sends files through the door, by their paths below the root of a site, and puts up both nets behind it.
#[doc(hidden)]
#[must_use]
pub fn probe(config: &str, files: BTreeMap<String, Vec<u8>>, today: Date) -> Probe {
    let config_text = config;
    let config = ConfigSource::from_bytes(config.as_bytes().to_vec())
        .parse()
        .value;
    let reading = Reading {
        today,
        drafts: false,
    };
    let archive = Archive::from_files(files);
    let disclosure = archive.disclose(&config, reading);
    let told = archive.explain(&disclosure.findings, &disclosure.guard);
    let is_sound = !told.iter().any(|told| told.severity == Severity::Error);
    let published = shown(&disclosure.records, &told);
    let opinion = archive.second_opinion();
    let mut caught = Vec::new();
    if is_sound && opinion.withholds() {
        for shape in [Shape::Short, Shape::Rich] {
            for twin in [opinion.twin(shape), opinion.partial_twin(shape)] {
                let other = twin.archive.disclose(&config, reading);
                if let Some(file) = twin.differs(&disclosure.records, &other.records) {
                    caught.push(format!("{shape:?}: {file} is published differently"));
                }
                let of_twin = twin.archive.explain(&other.findings, &other.guard);
                if !twin.says_the_same(&twin.part_of(&told), &twin.part_of(&of_twin)) {
                    caught.push(format!("{shape:?}: the messages differ"));
                }
            }
        }
        let scan = opinion.leak_scan(config_text, &[]);
        // Names of fields and types are words as well; a twin shows them where nothing withheld is.
        let twin = opinion.twin(Shape::Short).archive;
        let other = twin.disclose(&config, reading);
        let of_twin = twin.explain(&other.findings, &other.guard);
        let of_twin = shown(&other.records, &of_twin);
        let hits = scan.search("published", published.as_bytes(), Origin::Made);
        let known = scan.search("published", of_twin.as_bytes(), Origin::Made);
        let hits = super::without_coincidences(hits, &known);
        caught.extend(
            hits.iter()
                .map(|hit| format!("{}, seen in {}", hit.file, hit.view)),
        );
    }
    Probe { is_sound, caught }
}

/// Returns everything that is published and said, as the types show themselves. Places in the source are not published, nor are
/// the lists of files that nothing has named or nothing may name.
fn shown(records: &Records, told: &[Diagnostic]) -> String {
    let records = Records {
        assets: BTreeMap::new(),
        drafts: BTreeMap::new(),
        draft_folders: BTreeSet::new(),
        withheld_files: BTreeSet::new(),
        unreadable: BTreeSet::new(),
        ..records.clone()
    };
    let mut shown = String::new();
    for (at, part) in format!("{records:?}").split("Span {").enumerate() {
        let part = match part.split_once('}') {
            Some((_, behind)) if at > 0 => behind,
            _ => part,
        };
        shown.push_str(part);
    }
    for told in told {
        let excerpt = told.excerpt.as_ref().map(|excerpt| &excerpt.line);
        let _ = write!(shown, "{:?}", (&told.message, &told.help, excerpt));
    }
    shown
}
