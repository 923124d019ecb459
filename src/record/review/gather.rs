//! What is withheld, put together for a review: documents in the order of their dates, and in each the marks of all languages side by side.
//!
//! This reads the files once more, in a way of its own: records forget what they withhold as soon as they are read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use toml::de::DeValue;

use crate::config::Config;
use crate::diag::{Code, FilePath, Place, Span};
use crate::fields::{self, Language, Raw};
use crate::record::cut;
use crate::record::held::{self, Setting};
use crate::record::passage::{self, Form, Rules};
use crate::record::redact::Verdict;
use crate::record::repeats;
use crate::record::review::GroundName;
use crate::record::review::context::{self, Around, Context};
use crate::record::room::{Role, Room};
use crate::record::source::{Source, Unredacted};
use crate::record::written;
use crate::record::{Archive, Reading};
use crate::slug;

/// For how many days before its date a review is announced.
const SOON: i64 = 90;

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
    pub(super) date: Option<Date>,
    pub(super) is_draft: bool,
    pub(super) files: Vec<FilePath>,
    pub(super) rows: Vec<Row>,
    /// The words of everything that is public in it, in all languages; between two runs stands nothing.
    pub(super) public: Vec<Vec<String>>,
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
    pub(super) words: Vec<String>,
    pub(super) around: Around,
    /// Files that are withheld as attachments.
    pub(super) attached: Vec<String>,
}

/// One file, read for a review.
struct Sheet {
    language: Language,
    file: FilePath,
    title: Option<Title>,
    date: Option<Date>,
    is_draft: bool,
    is_closed: bool,
    rows: Vec<Row>,
    public: Vec<Vec<String>>,
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
    let mut groups: BTreeMap<Role, Vec<Sheet>> = BTreeMap::new();
    for (path, role, language) in roles {
        let Some(source) = archive.sources.texts.get(&path) else {
            continue;
        };
        if matches!(role, Role::Misplaced(_)) {
            continue;
        }
        let language = language.as_ref().unwrap_or(config.default_language());
        let sheet = read(
            source,
            &path,
            &role,
            language,
            config,
            reading.today,
            grounds,
        )
        .filter(|sheet| {
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
            join(role, sheets)
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

/// Reads one file; nothing where it cannot be understood.
fn read(
    source: &Source,
    path: &str,
    role: &Role,
    language: &Language,
    config: &Config,
    today: Date,
    grounds: &[GroundName],
) -> Option<Sheet> {
    if source.broken_at.is_some() {
        return None;
    }
    let text = source.text.expose();
    let is_record = matches!(role, Role::Member(_) | Role::Code);
    let (front, front_end, body) = if is_record {
        let start = text.len() - text.trim_start_matches('\u{FEFF}').len();
        (start, text.len(), text.len())
    } else {
        let parts = written::split(text, &source.file).ok()?;
        (parts.front, parts.front_end, parts.body)
    };
    let root = fields::parse(
        text.get(front..front_end)?,
        front,
        &source.file,
        Code::InvalidToml,
    )
    .ok()?;
    let root = root.get_ref();
    let date = date_of(root.get("date"))
        .or_else(|| date_of(root.get("period")?.get_ref().as_table()?.get("start")));
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut sheet = Sheet {
        language: language.clone(),
        file: source.file.clone(),
        title: ["title", "name", "version"]
            .iter()
            .find_map(|key| title_of(root.get(*key)?, language)),
        date,
        is_draft: root
            .get("draft")
            .and_then(|value| value.get_ref().as_bool())
            .unwrap_or(false),
        is_closed: false,
        rows: Vec::new(),
        public: Vec::new(),
    };
    let column = |span: Span, secret: &str, words, around, section, attached| Column {
        language: language.clone(),
        file: source.file.clone(),
        lines: lines(text, span),
        section,
        secret: Unredacted::new(secret.to_owned()),
        words,
        around,
        attached,
    };
    if let Some(table) = root
        .get("confidential")
        .and_then(|value| value.get_ref().as_table())
        .filter(|_| !is_record)
    {
        let whole = text.get(front..)?;
        let mut own = String::new();
        for (key, value) in root {
            if !["confidential", "date", "kind", "draft"].contains(&key.get_ref().as_ref()) {
                held::collect_texts(value, &mut own);
            }
        }
        own.push_str(text.get(body..)?);
        let until = date_of(table.get("until"))?;
        let span = Span::new(0, text.len());
        let words = repeats::words(&repeats::running_text(&own));
        sheet.is_closed = true;
        if let Some(title) = &mut sheet.title {
            title.is_withheld = true;
        }
        sheet.rows.push(Row {
            form: Form::Document,
            field: None,
            ground: Arc::from(table.get("ground")?.get_ref().as_str()?),
            until,
            due: due(until, today),
            columns: vec![column(
                span,
                whole,
                words,
                Around::default(),
                None,
                Vec::new(),
            )],
        });
        return Some(sheet);
    }
    let mut found = Vec::new();
    for (key, value) in root {
        find(
            value,
            key.get_ref(),
            (front, grounds),
            &Siblings::default(),
            &mut found,
        );
    }
    found.sort_by_key(|field| field.span);
    for field in found {
        let secret = text.get(field.secret.start..field.secret.end)?;
        let shown = field.text.as_ref().map_or(secret, |text| text.expose());
        let words = repeats::words(field.words.expose());
        let attached = field
            .files
            .iter()
            .filter_map(|name| slug::join(folder, name))
            .map(|path| format!("content/{path}"))
            .collect();
        sheet.rows.push(Row {
            form: Form::Field,
            field: Some(field.name),
            ground: field.ground,
            until: field.until,
            due: due(field.until, today),
            columns: vec![column(
                field.span,
                shown,
                words,
                context::of_field(&field.siblings),
                None,
                attached,
            )],
        });
    }
    let mut texts = Vec::new();
    root.values()
        .for_each(|value| held::public_texts(value, &mut texts));
    sheet.public = texts.iter().map(|text| repeats::words(text)).collect();
    if is_record {
        return Some(sheet);
    }
    let rules = Rules {
        file: &source.file,
        grounds: &config.grounds,
        date,
    };
    let (scan, _) = passage::scan(text, body, rules);
    let public = cut::public_text(text, &scan);
    let running = repeats::running_text(&public.text);
    sheet
        .public
        .extend(repeats::between_placeholders(&running).map(repeats::words));
    let context = Context::new(&public.text, &scan.marks, grounds);
    for (index, mark) in scan.marks.iter().enumerate() {
        let secret = text.get(mark.secret.start..mark.secret.end)?;
        let (around, section) = context.of(index);
        let words = repeats::words(&repeats::running_text(secret));
        // A marker without a date is an error, and then the file is in doubt.
        let until = mark.until?;
        sheet.rows.push(Row {
            form: mark.form,
            field: None,
            ground: Arc::clone(&mark.ground),
            until,
            due: due(until, today),
            columns: vec![column(
                mark.span,
                secret,
                words,
                around,
                section,
                Vec::new(),
            )],
        });
    }
    Some(sheet)
}

/// Puts the marks of translations beside those of their original: fields by their names, the others by their numbers.
fn join(role: Role, mut sheets: Vec<Sheet>) -> Document {
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
        kind,
        title,
        date,
        is_draft,
        files,
        rows,
        public,
        role,
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

/// The public texts beside an item of a list.
#[derive(Clone, Default)]
pub(super) struct Siblings {
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

/// A withheld field, as it was found.
struct FieldFound {
    name: String,
    span: Span,
    ground: Arc<str>,
    until: Date,
    secret: Span,
    /// The text itself, where the value is nothing but a text.
    text: Option<Unredacted>,
    words: Unredacted,
    files: Vec<String>,
    siblings: Siblings,
}

/// Finds the withheld fields in a value.
fn find(
    value: &Raw<'_>,
    name: &str,
    (base, grounds): (usize, &[GroundName]),
    siblings: &Siblings,
    found: &mut Vec<FieldFound>,
) {
    match value.get_ref() {
        DeValue::Table(entries) => {
            if let Some(secret) = entries.get("confidential") {
                let ground = entries.get("ground").and_then(|it| it.get_ref().as_str());
                let until = date_of(entries.get("until"));
                if let (Some(ground), Some(until)) = (ground, until) {
                    let mut words = String::new();
                    held::collect_texts(secret, &mut words);
                    // Not where only its title is withheld: then the file is public.
                    let is_attachment = name == "attachments"
                        || (name.starts_with("attachments[") && name.ends_with(']'));
                    found.push(FieldFound {
                        name: name.to_owned(),
                        span: Span::shifted(&value.span(), base),
                        ground: Arc::from(ground),
                        until,
                        secret: Span::shifted(&secret.span(), base),
                        text: secret
                            .get_ref()
                            .as_str()
                            .map(|text| Unredacted::new(text.to_owned())),
                        words: Unredacted::new(words),
                        files: if is_attachment {
                            held::named_files(secret)
                        } else {
                            Vec::new()
                        },
                        siblings: siblings.clone(),
                    });
                }
                return;
            }
            for (key, value) in entries {
                let name = format!("{name}.{}", key.get_ref());
                find(value, &name, (base, grounds), &Siblings::default(), found);
            }
        }
        DeValue::Array(items) => {
            let public = |at: Option<usize>| shown(items.get(at?)?, grounds);
            for (at, value) in items.iter().enumerate() {
                let siblings = Siblings {
                    before: public(at.checked_sub(1)),
                    after: public(Some(at + 1)),
                };
                let name = format!("{name}[{at}]");
                find(value, &name, (base, grounds), &siblings, found);
            }
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => {}
    }
}

/// Returns what readers see of a value: its first text, or a notice.
fn shown(value: &Raw<'_>, grounds: &[GroundName]) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Table(table) if table.contains_key("confidential") => {
            let ground = table.get("ground")?.get_ref().as_str()?;
            let until = date_of(table.get("until"))?;
            Some(format!("[{}]", context::notice(grounds, ground, until)))
        }
        DeValue::Table(table) => table.values().find_map(|value| shown(value, grounds)),
        DeValue::Array(items) => items.iter().find_map(|value| shown(value, grounds)),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            None
        }
    }
}

/// Reads a title, public or withheld, in one or several languages.
fn title_of(value: &Raw<'_>, language: &Language) -> Option<Title> {
    let plain = |value: &Raw<'_>| match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Table(texts) => {
            let own = texts.get(language.as_str());
            let text = own.or_else(|| texts.values().next())?;
            text.get_ref().as_str().map(str::to_owned)
        }
        DeValue::Array(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => None,
    };
    let withheld = value
        .get_ref()
        .as_table()
        .and_then(|table| table.get("confidential"));
    let text = plain(withheld.unwrap_or(value))?;
    Some(Title {
        text: Unredacted::new(text),
        is_withheld: withheld.is_some(),
    })
}

fn date_of(value: Option<&Raw<'_>>) -> Option<Date> {
    let date = value?.get_ref().as_datetime()?.date?;
    Date::new(
        i16::try_from(date.year).ok()?,
        i8::try_from(date.month).ok()?,
        i8::try_from(date.day).ok()?,
    )
    .ok()
}

fn due(until: Date, today: Date) -> Due {
    if today >= until {
        Due::Now
    } else if today
        .checked_add(SOON.days())
        .is_ok_and(|soon| soon >= until)
    {
        Due::Soon
    } else {
        Due::Later
    }
}

/// Returns the first and the last line of a span.
fn lines(text: &str, span: Span) -> (usize, usize) {
    let first = Place::of(text, span).line;
    let own = text.get(span.start..span.end).unwrap_or_default();
    let more = own.trim_end_matches(['\r', '\n']).matches('\n').count();
    (first, first + more)
}
