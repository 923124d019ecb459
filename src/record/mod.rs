//! The closed room: all of `content/` comes in here, and what leaves it is public.
//!
//! [`Archive`] holds the files as they were read and shows none of them. [`Archive::disclose`] is the door: it gives
//! [`Records`], made of public text only, and a [`Guard`], which knows what no message may quote. The submodules that hold
//! raw text are private, so that outside of this folder a raw type cannot even be named:
//!
//! ```compile_fail
//! fn leak(text: &clerestory::record::Unredacted) {}
//! ```
//! whereas public text can be:
//! ```
//! fn show(text: &clerestory::record::PublicText) {}
//! ```
//! An archive shows nothing of what it holds:
//! ```compile_fail
//! fn show(archive: &clerestory::record::Archive) -> String { archive.sources.to_string() }
//! ```
//! but for the number of its files:
//! ```
//! fn show(archive: &clerestory::record::Archive) -> String { archive.len().to_string() }
//! ```

mod audit;
mod code;
mod cut;
mod document;
mod held;
mod meeting;
mod member;
mod near_miss;
mod passage;
mod probe;
mod redact;
mod register;
mod repeats;
mod review;
mod room;
mod source;
mod supplied;
mod translation;
mod veto;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::attachment;
use crate::config::Config;
use crate::diag::{Code, Diagnostic, FilePath, Finding, Span};
use crate::fields::{self, Language};

pub use audit::{Hit, LeakScan};
pub(crate) use audit::{Origin, SecondOpinion, Shape, Twin, without_coincidences};
pub use code::{Chapter, CodeOfPractice, Commitment, Measure, MeasureReference};
pub(crate) use cut::{MARK_END, MARK_START};
pub use document::{DocumentFields, PageFields, Period, ReportFields, VersionFields};
pub use held::{Disclosed, DisclosedList, Redaction, public_items};
pub use meeting::{Attachment, DocumentReference, MeetingFields, Party, Revision, WebLink};
pub use member::{Event, MemberFields, Representative, Status};
pub use passage::Form;
#[doc(hidden)]
pub use probe::{Probe, probe};
pub use redact::{Edition, PublicText, Published};
pub(crate) use review::PAGE_MARKER;
pub use review::{GroundName, ReviewForm, ReviewOptions, ReviewSummary, Since};
pub(crate) use supplied::SuppliedText;
pub(crate) use veto::dialect;

use held::Setting;
use redact::Verdict;
use room::{Place, Role, Room};
use source::{Source, Sources};

/// The files of `content/` as they were read; opaque.
pub struct Archive {
    root: PathBuf,
    sources: Sources,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Archive")
            .field("files", &self.len())
            .finish_non_exhaustive()
    }
}

/// How content is read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The day of the build.
    pub today: Date,
    /// Whether drafts are published.
    pub drafts: bool,
}

/// Everything in `content/` as anyone may read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    pub(crate) home: Option<Published<PageFields>>,
    pub(crate) meetings: Vec<Published<MeetingFields>>,
    pub(crate) members: Vec<PublishedMember>,
    pub(crate) code: CodeOfPractice,
    pub(crate) documents: Vec<PublishedDocument>,
    pub(crate) reports: Vec<PublishedReport>,
    pub(crate) pages: Vec<Published<PageFields>>,
    /// Files that may be published when something public names them, by their paths below `content/`.
    pub(crate) assets: BTreeMap<String, FilePath>,
    /// Drafts that are left out, by their paths below `content/`; true where the title is withheld, and so the path.
    pub(crate) drafts: BTreeMap<String, bool>,
    /// Folders of drafts that are left out, by their paths below `content/`: nothing may publish their files.
    pub(crate) draft_folders: BTreeSet<String>,
    /// Files that are withheld as attachments, by their paths below `content/`: nothing may publish them.
    pub(crate) withheld_files: BTreeSet<String>,
    /// Files that are there but could not be read, by their paths below `content/`.
    pub(crate) unreadable: BTreeSet<String>,
}

/// A member record as anyone may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedMember {
    pub(crate) slug: String,
    pub(crate) file: FilePath,
    pub(crate) fields: MemberFields,
}

/// A governing document with its versions, as anyone may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedDocument {
    pub(crate) document: Published<DocumentFields>,
    /// In the order of their dates, the oldest first.
    pub(crate) versions: Vec<Published<VersionFields>>,
}

/// A report with the folder it stands in, which names the member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedReport {
    pub(crate) member: String,
    pub(crate) report: Published<ReportFields>,
}

/// Knows what no message may quote.
#[derive(Debug)]
pub struct Guard {
    masks: BTreeMap<FilePath, Vec<Span>>,
    doubtful: BTreeSet<FilePath>,
}

/// What came out of the door.
#[derive(Debug)]
pub struct Disclosure {
    /// What anyone may read.
    pub records: Records,
    /// What was noticed.
    pub findings: Vec<Finding>,
    /// What no message may quote.
    pub guard: Guard,
}

impl Archive {
    /// Reads `content/` below the root of a site.
    ///
    /// # Errors
    /// Where a file or folder cannot be read.
    pub fn read(root: &Path) -> io::Result<Self> {
        Ok(Self {
            root: root.to_path_buf(),
            sources: source::read(root)?,
        })
    }

    /// Takes the files of a site as they were at another time, by their paths below its root. They can be reviewed, not built.
    pub(crate) fn from_files(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self {
            // No folder can be called so: nothing is read from the disk as it is today.
            root: PathBuf::from("\0"),
            sources: source::from_files(files),
        }
    }

    /// Returns the number of Markdown and TOML files.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sources.texts.len()
    }

    /// Says whether there is no Markdown and no TOML file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.texts.is_empty()
    }

    /// Reads a bundled file, by its path below `content/`. Only public text and public fields may name one.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub(crate) fn read_asset(&self, path: &str) -> io::Result<Vec<u8>> {
        source::read_asset(&self.root, path)
    }

    /// Returns fingerprints of the public files of a meeting, as text to sort by.
    fn attached(&self, meeting: &Published<MeetingFields>) -> String {
        public_items(meeting.original.fields.attachments.as_ref())
            .filter_map(|attachment| {
                let path = format!("{}/{}", meeting.paths.folder, attachment.file.value);
                // What is published is the file without its metadata, so nothing may be sorted by them.
                let published = attachment::inspect(&path, self.read_asset(&path).ok()?).ok()?;
                Some(format!("{:?}", Sha256::digest(published)))
            })
            .collect()
    }

    /// Takes out everything that is withheld, and says what is wrong.
    #[must_use]
    pub fn disclose(&self, config: &Config, reading: Reading) -> Disclosure {
        let mut room = Room {
            archive: self,
            config,
            setting: Setting {
                grounds: &config.grounds,
                languages: &config.languages,
                today: reading.today,
            },
            verdict: Verdict {
                findings: self.sources.findings.clone(),
                ..Verdict::default()
            },
            unreadable: BTreeSet::new(),
        };
        let roles = room.classify();
        let mut records = Records {
            assets: self.sources.assets.clone(),
            ..Records::default()
        };
        records.code = room.code(&roles);
        records.members = room.members(&roles);
        let home = room.group::<PageFields>(&roles, |role| {
            (*role == Role::Home).then(|| Place {
                stem: "index".into(),
                folder: String::new(),
                is_bundle: true,
            })
        });
        records.home = redact::disclose(home, reading.drafts, &mut room.verdict).pop();
        let meetings = room.group::<MeetingFields>(&roles, |role| {
            if let Role::Meeting(place) = role {
                Some(place.clone())
            } else {
                None
            }
        });
        records.meetings = redact::disclose(meetings, reading.drafts, &mut room.verdict);
        let pages = room.group::<PageFields>(&roles, |role| {
            if let Role::Page(place) = role {
                Some(place.clone())
            } else {
                None
            }
        });
        records.pages = redact::disclose(pages, reading.drafts, &mut room.verdict);
        records.documents = room.documents(&roles, reading.drafts);
        records.reports = room.reports(&roles, reading.drafts);
        room.rename(&mut records);
        records.drafts = std::mem::take(&mut room.verdict.drafts);
        records.draft_folders = std::mem::take(&mut room.verdict.draft_folders);
        records.withheld_files = std::mem::take(&mut room.verdict.withheld_files);
        records.unreadable = room.unreadable;
        let Verdict {
            findings,
            masks,
            doubtful,
            ..
        } = room.verdict;
        Disclosure {
            records,
            findings,
            guard: Guard { masks, doubtful },
        }
    }

    /// Turns findings about content into diagnostics, sorted by file and place.
    ///
    /// Of a file with an error of the contract's part A nothing is quoted, and withheld text is masked everywhere.
    #[must_use]
    pub fn explain(&self, findings: &[Finding], guard: &Guard) -> Vec<Diagnostic> {
        let mut doubtful = guard.doubtful.clone();
        doubtful.extend(
            findings
                .iter()
                .filter(|finding| finding.casts_doubt())
                .map(|finding| finding.file.clone()),
        );
        let texts: BTreeMap<&FilePath, &Source> = self
            .sources
            .texts
            .values()
            .map(|source| (&source.file, source))
            .collect();
        let mut diagnostics: Vec<Diagnostic> = findings
            .iter()
            .map(|finding| {
                let text = texts
                    .get(&finding.file)
                    .map_or("", |source| source.text.expose());
                let masks = guard
                    .masks
                    .get(&finding.file)
                    .map_or(&[][..], Vec::as_slice);
                finding.disclose(text, masks, !doubtful.contains(&finding.file))
            })
            .collect();
        diagnostics.sort_by(|a, b| {
            (&a.file, a.place, a.code, &a.message).cmp(&(&b.file, b.place, b.code, &b.message))
        });
        diagnostics.dedup();
        diagnostics
    }
}

/// Checks the texts of the configuration as those of records are: whatever is not withheld is shown, so nothing in it may look
/// like a marker or hide anything.
pub(crate) fn check_configuration(file: &FilePath, text: &str) -> Vec<Finding> {
    let Ok(root) = fields::parse(text, 0, file, Code::InvalidToml) else {
        return Vec::new();
    };
    let language = Language::new("en");
    let mut reader = fields::Reader {
        file,
        base: 0,
        language: &language,
        languages: &[],
        is_closed: false,
        findings: Vec::new(),
    };
    for value in root.get_ref().values() {
        held::check_texts(&mut reader, value);
    }
    reader.findings
}
