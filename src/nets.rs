//! The two nets that every build passes through: the output must not depend on what is withheld, and must not hold any of it.
//!
//! What is withheld stays in `record`; here are only the places where the nets are put up, and what they tell. Nothing here
//! writes a file.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::diag::{Code, Diagnostic, FilePath, Finding};
use crate::record::{Hit, LeakScan, Origin};
use crate::render::Sink;

/// Passes files on and looks for withheld text in each of them on the way.
pub(crate) struct Watch<'w> {
    sink: &'w dyn Sink,
    scan: &'w LeakScan,
    origin: Origin,
    hits: Mutex<Vec<Hit>>,
}

impl<'w> Watch<'w> {
    pub(crate) fn new(sink: &'w dyn Sink, scan: &'w LeakScan, origin: Origin) -> Self {
        Self {
            sink,
            scan,
            origin,
            hits: Mutex::default(),
        }
    }

    /// Returns what was seen, in the order of the files.
    pub(crate) fn into_hits(self) -> Vec<Hit> {
        let mut hits = self
            .hits
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        hits.sort();
        hits
    }
}

impl Sink for Watch<'_> {
    fn put(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let found = self.scan.search(path, bytes, self.origin);
        if !found.is_empty() {
            let mut hits = self.hits.lock().unwrap_or_else(PoisonError::into_inner);
            hits.extend(found);
        }
        self.sink.put(path, bytes)
    }
}

/// Keeps a fingerprint of every file.
#[derive(Debug, Default)]
pub(crate) struct Prints(Mutex<BTreeMap<String, Print>>);

pub(crate) type Print = [u8; 32];

impl Prints {
    pub(crate) fn into_files(self) -> BTreeMap<String, Print> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Prints {
    fn put(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.insert(path.to_owned(), print(bytes));
        Ok(())
    }
}

/// Returns the fingerprint of a file of an output.
pub(crate) fn print(bytes: &[u8]) -> Print {
    Sha256::digest(bytes).into()
}

/// Returns what is told of an output or a record that depends on what is withheld.
pub(crate) fn matters(file: &FilePath) -> Diagnostic {
    let message =
        "with other text in the place of what is withheld, this would be published differently";
    Finding::new(Code::WithheldTextMatters, file, message)
        .help("this is a mistake in the program, and nothing was written: please report it, without the withheld text")
        .disclose("", &[], true)
}

/// Returns the files in which two outputs differ: those that only the first has, that only the second has, and that both have
/// otherwise.
pub(crate) fn compare<'f>(
    one: &'f BTreeMap<String, Print>,
    other: &'f BTreeMap<String, Print>,
) -> [Vec<&'f str>; 3] {
    let only = |one: &'f BTreeMap<String, Print>, other: &BTreeMap<String, Print>| {
        one.keys()
            .filter(|path| !other.contains_key(*path))
            .map(String::as_str)
            .collect()
    };
    let differing = one
        .iter()
        .filter(|(path, print)| other.get(*path).is_some_and(|known| known != *print))
        .map(|(path, _)| path.as_str())
        .collect();
    [only(one, other), only(other, one), differing]
}

/// Returns what is told where a folder is not what the content builds to.
pub(crate) fn differs(
    folder: &str,
    built: &BTreeMap<String, Print>,
    there: &BTreeMap<String, Print>,
) -> Option<Diagnostic> {
    let [missing, surplus, differing] = compare(built, there);
    let parts: Vec<String> = [
        (&missing, "missing"),
        (&surplus, "too many"),
        (&differing, "different"),
    ]
    .into_iter()
    .filter(|(files, _)| !files.is_empty())
    .map(|(files, what)| format!("{} {what} (the first is {})", files.len(), files[0]))
    .collect();
    if parts.is_empty() {
        return None;
    }
    let file: FilePath = folder.into();
    let message = format!(
        "this is not what the content builds to: of its files, {}",
        parts.join(", ")
    );
    let help = "build the site again, with the same --today, --base-url and --drafts as here; a site of another generator always differs";
    Some(
        Finding::new(Code::OutputDiffers, &file, message)
            .help(help)
            .disclose("", &[], true),
    )
}
