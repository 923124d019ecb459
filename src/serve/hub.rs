//! What is shown now, and whoever follows it.
//!
//! The builder turns the hub; each open page follows it through a stream of events and is told what concerns it: that its bytes
//! are others, that only the stylesheet is, what is wrong with the site, and which other page was saved.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::console;
use crate::diag::Diagnostic;
use crate::serve::memory::Memory;

/// A client that has gone is noticed at the latest when it is spoken to.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The head of a stream of events. It is never held back, and ends with its connection.
const STREAM: &str = "HTTP/1.1 200 OK\r\n\
    Content-Type: text/event-stream; charset=utf-8\r\n\
    Cache-Control: no-store\r\n\
    X-Content-Type-Options: nosniff\r\n\
    Cross-Origin-Resource-Policy: same-origin\r\n\
    Connection: close\r\n\r\n\
    retry: 500\n\n";

/// What is wrong, as a browser shows it. All words come from diagnostics, which quote nothing that is withheld.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    severity: &'static str,
    code: Option<&'static str>,
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    message: String,
    help: Option<String>,
    /// The same as the terminal draws it, where that shows a line of the file.
    picture: Option<String>,
}

impl From<&Diagnostic> for Problem {
    fn from(diagnostic: &Diagnostic) -> Self {
        Self {
            severity: diagnostic.severity.as_str(),
            code: Some(diagnostic.code.as_str()),
            file: Some(diagnostic.file.to_string()),
            line: diagnostic.place.map(|place| place.line),
            column: diagnostic.place.map(|place| place.column),
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            picture: diagnostic
                .excerpt
                .is_some()
                .then(|| console::picture(diagnostic)),
        }
    }
}

impl Problem {
    /// Returns what is told where nothing can be said about a file.
    pub(super) fn of_trouble(message: String) -> Self {
        Self {
            severity: "error",
            code: None,
            file: None,
            line: None,
            column: None,
            message,
            help: None,
            picture: None,
        }
    }
}

/// A page that was saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Saved {
    pub(super) address: String,
    pub(super) title: String,
}

/// What came of a build.
#[derive(Clone, Debug, Default)]
pub(super) struct Now {
    /// Counts the builds.
    turn: u64,
    /// The last good site.
    pub(super) site: Option<Arc<Memory>>,
    /// What is wrong with what was saved since.
    pub(super) problems: Arc<[Problem]>,
    /// Files that pages show, and that changed with this turn.
    parts: Arc<[String]>,
    saved: Option<Saved>,
}

/// What is shown now.
#[derive(Debug, Default)]
pub(super) struct Hub {
    now: Mutex<Now>,
    turned: Condvar,
}

impl Hub {
    pub(super) fn now(&self) -> Now {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows another site from now on.
    pub(super) fn show(&self, site: Memory, saved: Option<Saved>) {
        let before = self.now().site;
        let parts = before.map(|before| site.changed_parts(&before));
        let mut now = self.lock();
        now.turn += 1;
        now.site = Some(Arc::new(site));
        now.problems = Arc::default();
        now.parts = parts.unwrap_or_default().into();
        now.saved = saved;
        drop(now);
        self.turned.notify_all();
    }

    /// Shows what is wrong, over the last good site.
    pub(super) fn complain(&self, problems: Vec<Problem>) {
        let mut now = self.lock();
        now.turn += 1;
        now.problems = problems.into();
        now.parts = Arc::default();
        now.saved = None;
        drop(now);
        self.turned.notify_all();
    }

    /// Returns what is shown as soon as it is another turn than `seen`; nothing where that takes long.
    fn after(&self, seen: u64) -> Option<Now> {
        let now = self.lock();
        let waited = self
            .turned
            .wait_timeout_while(now, HEARTBEAT, |now| now.turn == seen);
        let (now, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        (!waited.timed_out()).then(|| now.clone())
    }
}

/// A page that is open in a browser.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    /// Its path, decoded.
    pub(super) path: String,
    /// The fingerprint of what the browser shows.
    pub(super) print: String,
    /// The stylesheet that the browser uses.
    pub(super) style: String,
}

/// One thing that a browser is told.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Word<'w> {
    Problems(&'w [Problem]),
    Reload(bool),
    Style { from: String, to: &'w str },
    Saved(&'w Saved),
}

/// Tells a browser what concerns its page, until it goes away.
pub(super) fn follow(hub: &Hub, mut reader: Reader, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(STREAM.as_bytes())?;
    out.flush()?;
    let mut now = hub.now();
    let mut told: Arc<[Problem]> = Arc::default();
    let mut is_first = true;
    loop {
        let mut words = Vec::new();
        if now.problems != told {
            words.push(Word::Problems(&now.problems));
        }
        if let Some(site) = now.site.as_ref().filter(|_| now.problems.is_empty()) {
            let print = site.print(&reader.path);
            let shows_changed = !is_first && site.shows(&reader.path, &now.parts);
            if print != reader.print || shows_changed {
                reader.print = print;
                reader.style.clone_from(&site.stylesheet);
                words.push(Word::Reload(true));
            } else if reader.style != site.stylesheet {
                let from = std::mem::replace(&mut reader.style, site.stylesheet.clone());
                let to = &site.stylesheet;
                words.push(Word::Style { from, to });
            } else if let Some(saved) = now.saved.as_ref().filter(|_| !is_first) {
                words.push(Word::Saved(saved));
            }
        }
        for word in &words {
            let word = serde_json::to_string(word).map_err(io::Error::other)?;
            writeln!(out, "data: {word}\n")?;
        }
        out.flush()?;
        told = Arc::clone(&now.problems);
        is_first = false;
        let seen = now.turn;
        // The last good site is not kept alive by whoever waits.
        now.site = None;
        now = loop {
            if let Some(now) = hub.after(seen) {
                break now;
            }
            out.write_all(b": still here\n\n")?;
            out.flush()?;
        };
    }
}
