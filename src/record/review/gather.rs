//! What is withheld, put together for a review: documents in the order of their dates, and in each the marks of all languages side by side.
//!
//! This reads the files once more, in a way of its own: records forget what they withhold as soon as they are read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use crate::config::Config;
use crate::diag::FilePath;
use crate::fields::Language;
use crate::record::held::Setting;
use crate::record::passage::Form;
use crate::record::redact::Verdict;
use crate::record::repeats::WordHash;
use crate::record::review::GroundName;
use crate::record::review::context::Around;
use crate::record::review::sheet::{self, Desk, Sheet};
use crate::record::room::{Role, Room};
use crate::record::source::Unredacted;
use crate::record::{Archive, Reading};

/// All documents of a site, withheld text and all.
pub(super) struct Dossier {
    pub(super) documents: Vec<Document>,
    /// Files of which nothing is shown.
    pub(super) in_doubt: Vec<FilePath>,
}

/// A document with its translations.
pub(super) struct Document {
    pub(super) role: Role,
    pub(super) kind: &'static str,
    pub(super) title: Title,
    /// The language of its original.
    pub(super) language: Language,
    pub(super) date: Option<Date>,
    pub(super) is_draft: bool,
    pub(super) files: Vec<FilePath>,
    pub(super) rows: Vec<Row>,
    /// The words of everything that is public in it, in all languages; between two runs stands nothing.
    pub(super) public: Vec<Vec<WordHash>>,
}

/// What a document is called.
#[derive(Clone)]
pub(super) struct Title {
    pub(super) text: Unredacted,
    pub(super) is_withheld: bool,
}

/// Something withheld, in all languages.
pub(super) struct Row {
    pub(super) form: Form,
    /// The field, with the number of the item in a list.
    pub(super) field: Option<String>,
    pub(super) ground: Arc<str>,
    pub(super) until: Date,
    pub(super) due: Due,
    pub(super) columns: Vec<Column>,
}

/// When a decision is to be looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Now,
    Soon,
    Later,
}

/// Something withheld, in one language.
pub(super) struct Column {
    pub(super) language: Language,
    pub(super) file: FilePath,
    /// The first and the last line of the mark.
    pub(super) lines: (usize, usize),
    /// The nearest public heading above.
    pub(super) section: Option<String>,
    pub(super) secret: Unredacted,
    /// The words of what is withheld, by which two are compared.
    pub(super) words: Vec<WordHash>,
    pub(super) around: Around,
    /// Files that are withheld as attachments.
    pub(super) attached: Vec<String>,
}

/// Puts together all that a site withholds.
pub(super) fn gather(
    archive: &Archive,
    config: &Config,
    reading: Reading,
    grounds: &[GroundName],
) -> Dossier {
    let mut room = Room {
        archive,
        config,
        setting: Setting {
            grounds: &config.grounds,
            languages: &config.languages,
            today: reading.today,
        },
        verdict: Verdict::default(),
        unreadable: BTreeSet::new(),
    };
    let roles = room.classify();
    let doubtful = doubtful(archive, config, reading);
    let mut in_doubt = Vec::new();
    let desk = Desk {
        config,
        today: reading.today,
        grounds,
    };
    let mut groups: BTreeMap<Role, Vec<Sheet>> = BTreeMap::new();
    for (path, role, language) in roles {
        let Some(source) = archive.sources.texts.get(&path) else {
            continue;
        };
        if matches!(role, Role::Misplaced(_)) {
            continue;
        }
        let language = language.as_ref().unwrap_or(config.default_language());
        let sheet = sheet::read(desk, source, &path, &role, language).filter(|sheet| {
            // Of a document that is withheld as a whole no message quotes anything; but a reviewer may read it.
            match doubtful.get(&source.file) {
                None => true,
                Some(Doubt::Quoting) => sheet.is_closed,
                Some(Doubt::Marks) => false,
            }
        });
        match sheet {
            Some(sheet) => groups.entry(role).or_default().push(sheet),
            None => in_doubt.push(source.file.clone()),
        }
    }
    let order = |language: &Language| {
        config
            .languages
            .iter()
            .position(|known| known == language)
            .unwrap_or(usize::MAX)
    };
    let mut documents: Vec<Document> = groups
        .into_iter()
        .map(|(role, mut sheets)| {
            sheets.sort_by_key(|sheet| order(&sheet.language));
            join(role, sheets, config.default_language())
        })
        .collect();
    name_versions(&mut documents);
    documents.sort_by(|a, b| {
        (a.date.is_none(), a.date, &a.role).cmp(&(b.date.is_none(), b.date, &b.role))
    });
    in_doubt.sort();
    Dossier {
        documents,
        in_doubt,
    }
}

/// Why a file is left out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// A mark in it is in error.
    Marks,
    /// No message may quote it.
    Quoting,
}

/// Returns the files about whose marks there is a doubt.
fn doubtful(archive: &Archive, config: &Config, reading: Reading) -> BTreeMap<FilePath, Doubt> {
    let disclosure = archive.disclose(config, reading);
    let mut doubtful: BTreeMap<FilePath, Doubt> = disclosure
        .guard
        .doubtful
        .into_iter()
        .map(|file| (file, Doubt::Quoting))
        .collect();
    let certain = disclosure.findings.iter();
    doubtful.extend(
        certain
            .filter(|finding| finding.casts_doubt())
            .map(|finding| (finding.file.clone(), Doubt::Marks)),
    );
    doubtful
}

/// Puts the marks of translations beside those of their original: fields by their names, the others by their numbers.
fn join(role: Role, mut sheets: Vec<Sheet>, default: &Language) -> Document {
    let kind = match &role {
        Role::Home => "home page",
        Role::Code => "code of practice",
        Role::Meeting(_) => "meeting summary",
        Role::Member(_) => "member record",
        Role::Document(_) => "document",
        Role::Version { .. } => "version of a document",
        Role::Report { .. } => "report",
        Role::Page(_) => "page",
        Role::Misplaced(_) => "file",
    };
    let stem = match &role {
        Role::Home => "Home",
        Role::Code => "Code of practice",
        Role::Meeting(place)
        | Role::Document(place)
        | Role::Version { place, .. }
        | Role::Report { place, .. }
        | Role::Page(place) => place.stem.as_str(),
        Role::Member(slug) => slug.as_str(),
        Role::Misplaced(_) => "",
    };
    let title = sheets
        .iter_mut()
        .find_map(|sheet| sheet.title.take())
        .unwrap_or_else(|| Title {
            text: Unredacted::new(stem.to_owned()),
            is_withheld: false,
        });
    let language = sheets
        .first()
        .map_or(default, |sheet| &sheet.language)
        .clone();
    let files = sheets.iter().map(|sheet| sheet.file.clone()).collect();
    let date = sheets.iter().find_map(|sheet| sheet.date);
    let is_draft = sheets.first().is_some_and(|sheet| sheet.is_draft);
    let public = sheets
        .iter_mut()
        .flat_map(|sheet| std::mem::take(&mut sheet.public))
        .collect();
    let mut sheets = sheets.into_iter();
    let mut rows = sheets.next().map_or_else(Vec::new, |sheet| sheet.rows);
    for sheet in sheets {
        let mut taken = BTreeSet::new();
        for mut row in sheet.rows {
            let like = |own: &Row| own.field == row.field && own.form == row.form;
            let at = (0..rows.len()).find(|at| !taken.contains(at) && like(&rows[*at]));
            if let Some(at) = at {
                taken.insert(at);
                rows[at].columns.append(&mut row.columns);
            } else {
                taken.insert(rows.len());
                rows.push(row);
            }
        }
    }
    Document {
        role,
        kind,
        title,
        language,
        date,
        is_draft,
        files,
        rows,
        public,
    }
}

/// Adds the name of the document to the names of its versions.
fn name_versions(documents: &mut [Document]) {
    let names: BTreeMap<String, (Unredacted, bool)> = documents
        .iter()
        .filter_map(|document| {
            let Role::Document(place) = &document.role else {
                return None;
            };
            let title = &document.title;
            Some((place.stem.clone(), (title.text.clone(), title.is_withheld)))
        })
        .collect();
    for version in documents {
        if let Role::Version { document, .. } = &version.role
            && let Some((name, is_withheld)) = names.get(document)
        {
            let own = version.title.text.expose();
            let text = format!("{}, version {own}", name.expose());
            version.title = Title {
                text: Unredacted::new(text),
                is_withheld: *is_withheld,
            };
        }
    }
}
