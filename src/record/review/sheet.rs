//! One file, read for a review: what it withholds, with its places and its words, and the words of what is public in it.

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use crate::config::Config;
use crate::diag::{Code, FilePath, Place, Span};
use crate::fields::{self, Language, Raw};
use crate::record::cut;
use crate::record::held;
use crate::record::passage::{self, Form, Rules};
use crate::record::repeats;
use crate::record::repeats::WordHash;
use crate::record::review::GroundName;
use crate::record::review::context::{self, Around, Context};
use crate::record::review::gather::{Column, Due, Row, Title};
use crate::record::room::Role;
use crate::record::source::{Source, Unredacted};
use crate::record::written;
use crate::slug;

/// For how many days before its date a review is announced.
const SOON: i64 = 90;

/// One file, read for a review.
pub(super) struct Sheet {
    pub(super) language: Language,
    pub(super) file: FilePath,
    pub(super) title: Option<Title>,
    pub(super) date: Option<Date>,
    pub(super) is_draft: bool,
    /// Whether the whole document is withheld.
    pub(super) is_closed: bool,
    pub(super) rows: Vec<Row>,
    /// The words of everything that is public in it.
    pub(super) public: Vec<Vec<WordHash>>,
}

/// What is needed to read a file.
#[derive(Clone, Copy)]
pub(super) struct Desk<'d> {
    pub(super) config: &'d Config,
    pub(super) today: Date,
    pub(super) grounds: &'d [GroundName],
}

/// A file on the desk.
struct File<'f> {
    desk: Desk<'f>,
    source: &'f Source,
    language: &'f Language,
    text: &'f str,
    /// The folder in which it stands, below `content/`.
    folder: &'f str,
    /// Where its fields begin.
    front: usize,
    /// Where its body begins.
    body: usize,
    date: Option<Date>,
}

/// Reads one file; nothing where it cannot be understood.
pub(super) fn read(
    desk: Desk<'_>,
    source: &Source,
    path: &str,
    role: &Role,
    language: &Language,
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
    let file = File {
        desk,
        source,
        language,
        text,
        folder: path.rsplit_once('/').map_or("", |(folder, _)| folder),
        front,
        body,
        date,
    };
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
        is_closed: root.contains_key("confidential") && !is_record,
        rows: Vec::new(),
        public: Vec::new(),
    };
    if sheet.is_closed {
        sheet.rows.push(file.whole(root)?);
        if let Some(title) = &mut sheet.title {
            title.is_withheld = true;
        }
        return Some(sheet);
    }
    sheet.rows = file.fields(root)?;
    sheet.public = file.public_fields(root);
    if !is_record {
        let (rows, public) = file.passages()?;
        sheet.rows.extend(rows);
        sheet.public.extend(public);
    }
    Some(sheet)
}

impl File<'_> {
    fn row(&self, form: Form, ground: Arc<str>, until: Date, column: Column) -> Row {
        Row {
            form,
            field: None,
            ground,
            until,
            due: due(until, self.desk.today),
            columns: vec![column],
        }
    }

    fn column(&self, span: Span, secret: &str, words: Vec<WordHash>) -> Column {
        Column {
            language: self.language.clone(),
            file: self.source.file.clone(),
            lines: lines(self.text, span),
            section: None,
            secret: Unredacted::new(secret.to_owned()),
            words,
            around: Around::default(),
            attached: Vec::new(),
        }
    }

    /// Returns the row of a document that is withheld as a whole.
    fn whole(&self, root: &DeTable<'_>) -> Option<Row> {
        let table = root.get("confidential")?.get_ref().as_table()?;
        let mut own = String::new();
        for (key, value) in root {
            if !["confidential", "date", "kind", "draft"].contains(&key.get_ref().as_ref()) {
                held::collect_texts(value, &mut own);
            }
        }
        own.push_str(self.text.get(self.body..)?);
        let words = repeats::words(&repeats::running_text(&own));
        let shown = self.text.get(self.front..)?;
        let column = self.column(Span::new(0, self.text.len()), shown, words);
        let ground = table.get("ground")?.get_ref().as_str()?;
        let until = date_of(table.get("until"))?;
        Some(self.row(Form::Document, Arc::from(ground), until, column))
    }

    /// Returns the rows of withheld fields, in the order in which they stand.
    fn fields(&self, root: &DeTable<'_>) -> Option<Vec<Row>> {
        let mut found = Vec::new();
        let origin = (self.front, self.desk.grounds);
        for (key, value) in root {
            let siblings = Siblings::default();
            find(value, key.get_ref(), origin, &siblings, &mut found);
        }
        found.sort_by_key(|field| field.span);
        found
            .into_iter()
            .map(|field| {
                let secret = self.text.get(field.secret.start..field.secret.end)?;
                let shown = field.text.as_ref().map_or(secret, |text| text.expose());
                let mut words = repeats::words(field.words.expose());
                if words.is_empty() {
                    // A date or a number.
                    words = repeats::words(secret);
                }
                let attached = field.files.iter();
                let attached = attached
                    .filter_map(|name| slug::join(self.folder, name))
                    .map(|path| format!("content/{path}"));
                let column = Column {
                    around: context::of_field(&field.siblings),
                    attached: attached.collect(),
                    ..self.column(field.span, shown, words)
                };
                Some(Row {
                    field: Some(field.name),
                    ..self.row(Form::Field, field.ground, field.until, column)
                })
            })
            .collect()
    }

    /// Returns the words of fields that are public.
    fn public_fields(&self, root: &DeTable<'_>) -> Vec<Vec<WordHash>> {
        let mut texts = Vec::new();
        let mut others = Vec::new();
        for value in root.values() {
            held::public_texts(value, &mut texts);
            dates_and_numbers(value, self.front, &mut others);
        }
        let others = others
            .into_iter()
            .filter_map(|span| self.text.get(span.start..span.end));
        let texts = texts.iter().map(String::as_str).chain(others);
        texts.map(repeats::words).collect()
    }

    /// Returns the rows of the body, and its public words.
    fn passages(&self) -> Option<(Vec<Row>, Vec<Vec<WordHash>>)> {
        let rules = Rules {
            file: &self.source.file,
            grounds: &self.desk.config.grounds,
            date: self.date,
        };
        let (scan, _) = passage::scan(self.text, self.body, rules);
        let public = cut::public_text(self.text, &scan);
        let context = Context::new(&public.text, &scan.marks, self.desk.grounds);
        let mut rows = Vec::new();
        for (index, mark) in scan.marks.iter().enumerate() {
            let secret = self.text.get(mark.secret.start..mark.secret.end)?;
            let words = repeats::words(&repeats::running_text(secret));
            let (around, section) = context.of(index);
            let column = Column {
                section,
                around,
                ..self.column(mark.span, secret, words)
            };
            // A marker without a date is an error, and then the file is in doubt.
            rows.push(self.row(mark.form, Arc::clone(&mark.ground), mark.until?, column));
        }
        let running = repeats::running_text(&public.text);
        let words = repeats::between_placeholders(&running).map(repeats::words);
        Some((rows, words.collect()))
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

/// Collects where public values stand that are no texts.
fn dates_and_numbers(value: &Raw<'_>, base: usize, found: &mut Vec<Span>) {
    match value.get_ref() {
        DeValue::Table(table) if table.contains_key("confidential") => {}
        DeValue::Table(table) => table
            .values()
            .for_each(|value| dates_and_numbers(value, base, found)),
        DeValue::Array(items) => items
            .iter()
            .for_each(|value| dates_and_numbers(value, base, found)),
        DeValue::String(_) => {}
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            found.push(Span::shifted(&value.span(), base));
        }
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
