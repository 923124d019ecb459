//! The reviewer's private list (contract D): what is withheld, where, on which ground, until when, and what stands around it.
//!
//! Nothing else in the program shows withheld text. It is written straight out to where the reviewer asked for it, and nothing
//! is handed back but numbers: the types of this folder that hold it are private to it.

mod changes;
mod context;
mod gather;
mod page;
mod sheet;
mod text;

use std::collections::BTreeMap;
use std::io;

use jiff::civil::Date;

use crate::config::Config;
use crate::diag::FilePath;
use crate::fields::Language;
use crate::record::{Archive, Reading};

use gather::Due;

/// How a review is made, and what is needed to say it in words.
#[derive(Debug)]
pub struct ReviewOptions<'r> {
    /// What the site is configured to be.
    pub config: &'r Config,
    /// The day, and whether drafts count as published.
    pub reading: Reading,
    /// The grounds of the site, in the order of its list.
    pub grounds: &'r [GroundName],
    /// What each language is called in itself.
    pub languages: &'r BTreeMap<Language, String>,
    /// An earlier state to compare with.
    pub since: Option<Since<'r>>,
    /// The form that it takes.
    pub form: ReviewForm,
}

/// An earlier state of the site.
#[derive(Debug)]
pub struct Since<'r> {
    /// What the reviewer called it.
    pub name: &'r str,
    /// Its files.
    pub archive: &'r Archive,
    /// Its configuration.
    pub config: &'r Config,
}

/// A ground in words.
#[derive(Clone, Debug)]
pub struct GroundName {
    /// The code.
    pub code: String,
    /// What readers see.
    pub label: String,
    /// The legal basis.
    pub basis: Option<String>,
}

/// The form of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewForm {
    /// Plain text for a terminal.
    Text {
        /// Whether colours may be used.
        has_colour: bool,
        /// Whether only what is due is listed.
        is_brief: bool,
    },
    /// One HTML file that needs nothing else.
    Html,
}

/// A review in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReviewSummary {
    /// Withheld passages, fields and documents; translations are not counted again.
    pub withheld: usize,
    /// Documents in which something is withheld.
    pub documents: usize,
    /// How many are due for review.
    pub due: usize,
    /// Files that were left out, for what is withheld in them is not certain.
    pub in_doubt: usize,
}

/// What the first line of every review in HTML holds, by which an earlier one is recognised.
pub(crate) const PAGE_MARKER: &str = "<!doctype html><!-- Clerestory review: confidential -->";

/// What stands on top of every review.
const BANNER: &str = "Confidential: holds withheld text. Do not publish, do not send.";

impl Archive {
    /// Writes what is withheld in these files, for the reviewer's eyes.
    ///
    /// Of a file about whose marks there is a doubt nothing is shown but its name: its diagnostics say what to mend.
    ///
    /// # Errors
    /// Where the review cannot be written.
    pub fn review(
        &self,
        options: &ReviewOptions<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<ReviewSummary> {
        let review = self.gathered(options);
        match options.form {
            ReviewForm::Text {
                has_colour,
                is_brief,
            } => text::write(&review, has_colour, is_brief, out)?,
            ReviewForm::Html => page::write(&review, out)?,
        }
        Ok(review.summary())
    }

    fn gathered<'r>(&self, options: &'r ReviewOptions<'r>) -> Review<'r> {
        let now = gather::gather(self, options.config, options.reading, options.grounds);
        let since = options.since.as_ref().map(|since| {
            let then = gather::gather(
                since.archive,
                since.config,
                options.reading,
                options.grounds,
            );
            Comparison {
                name: since.name,
                changes: changes::compare(&then, &now),
                in_doubt: then.in_doubt,
            }
        });
        Review {
            options,
            documents: now.documents,
            in_doubt: now.in_doubt,
            since,
        }
    }
}

/// A review that is about to be written.
struct Review<'r> {
    options: &'r ReviewOptions<'r>,
    documents: Vec<gather::Document>,
    in_doubt: Vec<FilePath>,
    since: Option<Comparison<'r>>,
}

/// What became of what was withheld since an earlier state.
struct Comparison<'r> {
    name: &'r str,
    in_doubt: Vec<FilePath>,
    changes: Vec<changes::Change>,
}

/// A row of a review with its number and its document.
#[derive(Clone, Copy)]
struct Entry<'r> {
    number: usize,
    document: &'r gather::Document,
    row: &'r gather::Row,
}

impl Review<'_> {
    fn today(&self) -> Date {
        self.options.reading.today
    }

    /// Returns all rows in the order in which they are shown, numbered from 1.
    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.withheld_documents()
            .flat_map(|document| document.rows.iter().map(move |row| (document, row)))
            .enumerate()
            .map(|(at, (document, row))| Entry {
                number: at + 1,
                document,
                row,
            })
    }

    fn withheld_documents(&self) -> impl Iterator<Item = &gather::Document> {
        self.documents
            .iter()
            .filter(|document| !document.rows.is_empty())
    }

    /// Returns what is due, and what soon will be, the oldest date first.
    fn due(&self) -> (Vec<Entry<'_>>, Vec<Entry<'_>>) {
        let mut entries: Vec<Entry<'_>> = self.entries().collect();
        entries.sort_by_key(|entry| (entry.row.until, entry.number));
        let (now, later): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .partition(|entry| entry.row.due == Due::Now);
        let soon = later
            .into_iter()
            .filter(|entry| entry.row.due == Due::Soon)
            .collect();
        (now, soon)
    }

    fn summary(&self) -> ReviewSummary {
        ReviewSummary {
            withheld: self.entries().count(),
            documents: self.withheld_documents().count(),
            due: self.due().0.len(),
            in_doubt: self.in_doubt.len(),
        }
    }

    /// Returns how many are withheld on each ground, in the order of the site's list.
    fn by_ground(&self) -> Vec<(&GroundName, usize)> {
        let count = |code: &str| {
            self.entries()
                .filter(|entry| &*entry.row.ground == code)
                .count()
        };
        let grounds = self.options.grounds.iter();
        grounds
            .map(|ground| (ground, count(&ground.code)))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    fn ground(&self, code: &str) -> Option<&GroundName> {
        self.options
            .grounds
            .iter()
            .find(|ground| ground.code == code)
    }

    fn label<'s>(&'s self, code: &'s str) -> &'s str {
        self.ground(code)
            .map_or(code, |ground| ground.label.as_str())
    }

    fn language<'s>(&'s self, language: &'s Language) -> &'s str {
        self.options
            .languages
            .get(language)
            .map_or(language.as_str(), String::as_str)
    }
}

/// Returns a text with everything in it made visible that a terminal would obey, or that could hide or turn other text.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || c == '\t' {
            shown.push(c);
        } else if c != '\r' {
            if super::source::is_forbidden(c) {
                shown.extend(c.escape_unicode());
            } else {
                shown.push(c);
            }
        }
    }
    shown
}

/// Returns a number with its word.
fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigSource;

    #[test]
    fn nothing_of_a_comparison_is_obeyed() {
        let root =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites/broken/raw-html");
        let config = ConfigSource::read(&root).unwrap().parse().value;
        let archive = |value: &str| {
            let text = format!(
                "+++\ntitle = {{ confidential = \"a\\u202E\\u001Bb\", ground = \"commercial\", until = 2027-03-31 }}\ndescription = {{ confidential = \"{value}\", ground = \"commercial\", until = 2027-03-31 }}\n+++\na\n"
            );
            let files = [("content/pages/x.md".to_owned(), text.into_bytes())];
            Archive::from_files(files.into())
        };
        let then = archive("<script>\\u202E\\r one");
        let now = archive("<script>\\u202E\\r two");
        let languages = BTreeMap::new();
        for form in [
            ReviewForm::Html,
            ReviewForm::Text {
                has_colour: false,
                is_brief: false,
            },
        ] {
            let options = ReviewOptions {
                config: &config,
                reading: Reading {
                    today: jiff::civil::date(2026, 11, 24),
                    drafts: false,
                },
                grounds: &[],
                languages: &languages,
                since: Some(Since {
                    name: "before",
                    archive: &then,
                    config: &config,
                }),
                form,
            };
            let mut out = Vec::new();
            now.review(&options, &mut out).unwrap();
            let out = String::from_utf8(out).unwrap();
            assert!(
                !out.contains(['\u{202E}', '\u{1B}', '\r']) && out.contains("\\u{202e} one"),
                "{out}"
            );
            if form == ReviewForm::Html {
                assert!(!out.contains("<script"), "{out}");
                assert_eq!(out.matches("&lt;script&gt;").count(), 3, "{out}");
            }
        }
    }
}
