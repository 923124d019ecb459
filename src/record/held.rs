//! Fields that may be withheld (contract A5): reading them, and what is left of them afterwards.
//!
//! A withheld value is checked for its type and then forgotten. What a record holds in its place is the [`Redaction`] alone, so
//! that no record carries withheld text; the text itself stays in its source file.

use std::sync::Arc;

use jiff::civil::Date;
use toml::de::DeValue;

use crate::config::Ground;
use crate::diag::{Code, Finding, Span};
use crate::fields::{Language, LocalText, MARK_KEYS, Placed, Raw, Reader, Table, looks_withheld};
use crate::record::near_miss;
use crate::record::passage::{self, Form, Rules};
use crate::record::source::{self, Unredacted};

/// The visible mark of something withheld: that it is, on which ground and until when; never what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Redaction {
    /// The code of the ground.
    pub ground: Arc<str>,
    /// The day on which the decision is due for review.
    pub until: Date,
    /// Whether that day has come.
    pub due: bool,
    /// In which way it is withheld.
    pub form: Form,
}

/// A field as anyone may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disclosed<T> {
    /// The value is public.
    Public(T),
    /// The value is withheld.
    Withheld(Redaction),
}

impl<T> Disclosed<T> {
    /// Returns the value, if it is public.
    pub fn public(&self) -> Option<&T> {
        match self {
            Self::Public(value) => Some(value),
            Self::Withheld(_) => None,
        }
    }

    /// Returns the redaction, if the value is withheld.
    pub fn redaction(&self) -> Option<&Redaction> {
        match self {
            Self::Public(_) => None,
            Self::Withheld(redaction) => Some(redaction),
        }
    }
}

/// A list of which the whole, or single items, may be withheld. A withheld item keeps its place.
pub type DisclosedList<T> = Disclosed<Vec<Disclosed<T>>>;

/// Returns the public items of a list.
pub fn public_items<T>(list: Option<&DisclosedList<T>>) -> impl Iterator<Item = &T> {
    list.and_then(Disclosed::public)
        .into_iter()
        .flatten()
        .filter_map(Disclosed::public)
}

/// A withheld field as the room remembers it, for checks that need the withheld text.
#[derive(Clone, Debug)]
pub(in crate::record) struct FieldMark {
    /// The field, with the number of the item in a list.
    pub(in crate::record) name: String,
    /// The whole table.
    pub(in crate::record) span: Span,
    pub(in crate::record) redaction: Redaction,
    /// The names of withheld files, where it is an attachment.
    pub(in crate::record) files: Vec<String>,
    /// All texts of the value.
    pub(in crate::record) text: Unredacted,
}

/// Reads the fields of one record, withheld ones included.
#[derive(Debug)]
pub(in crate::record) struct Hand<'r> {
    pub(in crate::record) reader: Reader<'r>,
    pub(in crate::record) rules: Rules<'r>,
    pub(in crate::record) today: Date,
    pub(in crate::record) marks: Vec<FieldMark>,
    /// Where withheld values stand, also those whose marks are in error.
    pub(in crate::record) secrets: Vec<Span>,
    /// Set while a withheld value is checked: nothing inside it may be withheld again.
    inside: bool,
}

impl<'r> Hand<'r> {
    pub(in crate::record) fn new(reader: Reader<'r>, rules: Rules<'r>, today: Date) -> Self {
        Self {
            reader,
            rules,
            today,
            marks: Vec::new(),
            secrets: Vec::new(),
            inside: false,
        }
    }

    /// Reads a field that can never be withheld.
    pub(in crate::record) fn plain<'t, 'i, T>(
        &mut self,
        table: &mut Table<'t, 'i>,
        key: &'static str,
        parse: impl FnOnce(&mut Reader<'r>, &'t Raw<'i>) -> Option<T>,
    ) -> Option<T> {
        let value = table.take(key)?;
        if looks_withheld(value) {
            let span = self.reader.span(value);
            self.reader.note(
                Code::CannotWithhold,
                span,
                format!("the field `{key}` can never be withheld (A5)"),
                "write its value, or withhold the whole document with a table [confidential]",
            );
            return None;
        }
        parse(&mut self.reader, value)
    }

    /// Reads a field that can never be withheld and must be there; `what` is what it belongs to.
    pub(in crate::record) fn required<'t, 'i, T>(
        &mut self,
        table: &mut Table<'t, 'i>,
        key: &'static str,
        what: &str,
        example: &str,
        parse: impl FnOnce(&mut Reader<'r>, &'t Raw<'i>) -> Option<T>,
    ) -> Option<T> {
        if !table.has(key) {
            self.reader.missing(table, key, what, example);
        }
        self.plain(table, key, parse)
    }

    /// Reads a field that may be withheld.
    pub(in crate::record) fn field<'t, 'i, T>(
        &mut self,
        table: &mut Table<'t, 'i>,
        key: &'static str,
        parse: impl FnMut(&mut Self, &'t Raw<'i>) -> Option<T>,
    ) -> Option<Disclosed<T>> {
        let value = table.take(key)?;
        self.value(value, key, parse)
    }

    /// Reads a text that may be withheld, in one or several languages.
    pub(in crate::record) fn local_text(
        &mut self,
        table: &mut Table<'_, '_>,
        key: &'static str,
    ) -> Option<Disclosed<LocalText>> {
        self.field(table, key, |hand, value| hand.reader.local_text(value))
    }

    /// Reads a list that may be withheld, as a whole or item by item.
    pub(in crate::record) fn list<'t, 'i, T>(
        &mut self,
        table: &mut Table<'t, 'i>,
        key: &'static str,
        mut item: impl FnMut(&mut Self, &'t Raw<'i>) -> Option<T>,
    ) -> Option<DisclosedList<T>> {
        let value = table.take(key)?;
        self.value(value, key, |hand, value| {
            let DeValue::Array(items) = value.get_ref() else {
                hand.reader.wrong_type(
                    value,
                    "a list",
                    "put it between square brackets, even if it is only one",
                );
                return None;
            };
            let read = |(index, value): (usize, &'t Raw<'i>)| {
                hand.value(value, &format!("{key}[{index}]"), &mut item)
            };
            Some(items.iter().enumerate().filter_map(read).collect())
        })
    }

    /// Reads a value that may be withheld.
    pub(in crate::record) fn value<'t, 'i, T>(
        &mut self,
        value: &'t Raw<'i>,
        name: &str,
        mut parse: impl FnMut(&mut Self, &'t Raw<'i>) -> Option<T>,
    ) -> Option<Disclosed<T>> {
        if !looks_withheld(value) {
            return parse(self, value).map(Disclosed::Public);
        }
        let span = self.reader.span(value);
        let DeValue::Table(entries) = value.get_ref() else {
            return None;
        };
        let entry = |wanted: &str| {
            entries
                .iter()
                .find(|(key, _)| key.get_ref() == wanted)
                .map(|(_, value)| value)
        };
        let example =
            "write it as { confidential = \"…\", ground = \"commercial\", until = 2027-03-31 }";
        if self.inside {
            self.reader.note(
                Code::MalformedMarker,
                span,
                "a withheld value must not hold another one (A5)",
                example,
            );
            return None;
        }
        if entries
            .keys()
            .any(|key| !MARK_KEYS.contains(&key.get_ref().as_ref()))
            || entry("confidential").is_none()
        {
            self.reader.note(
                Code::MalformedMarker,
                span,
                "a withheld field has exactly the keys confidential, ground and until (A5)",
                example,
            );
            self.secrets.push(span);
            return None;
        }
        let ground = self.ground(entry("ground"), span, example);
        let until = self.until(entry("until"), span, example);
        let secret = entry("confidential")?;
        if !self.inside {
            let span = self.reader.span(secret);
            self.secrets.push(span);
        }
        self.check_secret(secret, &mut parse);
        let redaction = Redaction {
            ground: ground?,
            until: until?,
            due: self.today >= until?,
            form: Form::Field,
        };
        if redaction.due {
            let message = format!(
                "this withheld field was to be reviewed by {}",
                redaction.until
            );
            self.reader.note(
                Code::ReviewDue,
                span,
                message,
                "delete the marker to publish it, or set a new date",
            );
        }
        let mut text = String::new();
        collect_texts(secret, &mut text);
        let files = if name.starts_with("attachments") {
            named_files(secret)
        } else {
            Vec::new()
        };
        self.marks.push(FieldMark {
            name: name.to_owned(),
            span,
            redaction: redaction.clone(),
            files,
            text: Unredacted::new(text),
        });
        Some(Disclosed::Withheld(redaction))
    }

    /// Reads the ground of a withheld field or document.
    pub(in crate::record) fn ground(
        &mut self,
        value: Option<&Raw<'_>>,
        span: Span,
        example: &str,
    ) -> Option<Arc<str>> {
        match value.map(|value| (value.get_ref(), value)) {
            Some((DeValue::String(code), value)) => {
                let at = self.reader.span(value);
                let ground = passage::check_ground(code, at, self.rules, &mut self.reader.findings);
                (!ground.is_empty()).then_some(ground)
            }
            Some((_, value)) => {
                let at = self.reader.span(value);
                self.reader.note(
                    Code::MalformedMarker,
                    at,
                    "the ground is the code of one in the site's list (A5)",
                    example,
                );
                None
            }
            None => {
                self.reader.note(
                    Code::MissingGround,
                    span,
                    "this does not say on which ground it is withheld (A5)",
                    example,
                );
                None
            }
        }
    }

    /// Reads the date of a withheld field or document.
    pub(in crate::record) fn until(
        &mut self,
        value: Option<&Raw<'_>>,
        span: Span,
        example: &str,
    ) -> Option<Date> {
        let Some(value) = value else {
            self.reader.note(
                Code::MissingUntil,
                span,
                "this does not say until when it is withheld (A5)",
                example,
            );
            return None;
        };
        let known = self.reader.findings.len();
        let date = self.reader.date(value);
        self.reader.findings.truncate(known);
        let at = self.reader.span(value);
        match date {
            Some(ref date) => {
                passage::check_order(date.value, at, self.rules, &mut self.reader.findings);
            }
            None => self.reader.note(
                Code::InvalidUntil,
                at,
                "the date of a withheld field is a date without quotation marks (A5)",
                example,
            ),
        }
        date.map(|date| date.value)
    }

    /// Checks that a withheld value is of the field's type and holds something; says nothing of what it holds.
    fn check_secret<'t, 'i, T>(
        &mut self,
        secret: &'t Raw<'i>,
        parse: &mut impl FnMut(&mut Self, &'t Raw<'i>) -> Option<T>,
    ) {
        let span = self.reader.span(secret);
        if is_empty(secret) {
            self.reader.note(
                Code::EmptyPassage,
                span,
                "this withholds nothing (A5)",
                "write what is withheld, or delete the field",
            );
            return;
        }
        let findings = std::mem::take(&mut self.reader.findings);
        let marks = self.marks.len();
        self.inside = true;
        let _ = parse(self, secret);
        self.inside = false;
        self.marks.truncate(marks);
        // What is wrong inside, beyond its type, would say something about it.
        let wrong = self.reader.findings.iter().any(|finding| {
            matches!(
                finding.code,
                Code::WrongType
                    | Code::MalformedMarker
                    | Code::UnknownField
                    | Code::MissingField
                    | Code::UnknownLanguage
                    | Code::CannotWithhold
            )
        });
        self.reader.findings = findings;
        if wrong {
            self.reader.note(
                Code::MalformedMarker,
                span,
                "what is withheld is not of the field's normal type (A5)",
                "write it exactly as it would stand in the field if it were public",
            );
        }
    }
}

fn is_empty(value: &Raw<'_>) -> bool {
    match value.get_ref() {
        DeValue::String(text) => text.trim().is_empty(),
        DeValue::Array(items) => items.iter().all(is_empty),
        DeValue::Table(entries) => entries.values().all(is_empty),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            false
        }
    }
}

/// Returns the files that a withheld attachment, or a withheld list of them, names.
pub(in crate::record) fn named_files(value: &Raw<'_>) -> Vec<String> {
    match value.get_ref() {
        DeValue::String(file) => vec![file.to_string()],
        DeValue::Array(items) => items.iter().flat_map(named_files).collect(),
        DeValue::Table(entries) => entries
            .get("file")
            .and_then(|file| file.get_ref().as_str())
            .map(str::to_owned)
            .into_iter()
            .collect(),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            Vec::new()
        }
    }
}

/// Collects all texts of a value, withheld ones included.
pub(in crate::record) fn collect_texts(value: &Raw<'_>, text: &mut String) {
    match value.get_ref() {
        DeValue::String(own) => {
            text.push_str(own);
            text.push('\n');
        }
        DeValue::Array(items) => items.iter().for_each(|item| collect_texts(item, text)),
        DeValue::Table(entries) => entries.values().for_each(|item| collect_texts(item, text)),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// Checks every public text of a TOML value line by line, as a body is (contract A5).
pub(in crate::record) fn check_texts(reader: &mut Reader<'_>, value: &Raw<'_>) {
    let span = reader.span(value);
    match value.get_ref() {
        DeValue::String(text) => {
            if let Some(miss) = text.split(['\n', '\r']).find_map(near_miss::judge) {
                reader.note(miss.code(), span, miss.message(), miss.help());
            }
            let is_said = |known: &Finding| {
                known.code == Code::ForbiddenCharacter
                    && known
                        .span
                        .is_some_and(|own| span.start <= own.start && own.end <= span.end)
            };
            // One that comes in by an escape; one that stands there as it is has been said already.
            let lone_return = text.replace("\r\n", "").contains('\r').then_some('\r');
            if let Some(c) = text
                .chars()
                .find(|c| source::is_forbidden(*c))
                .or(lone_return)
                && !reader.findings.iter().any(is_said)
            {
                reader
                    .findings
                    .push(source::forbidden(reader.file, c, span));
            }
        }
        DeValue::Array(items) => items.iter().for_each(|item| check_texts(reader, item)),
        DeValue::Table(entries) => {
            for (key, value) in entries {
                if key.get_ref() != "confidential" {
                    check_texts(reader, value);
                }
            }
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// What is needed to read a record.
#[derive(Clone, Copy, Debug)]
pub(in crate::record) struct Setting<'s> {
    pub(in crate::record) grounds: &'s [Ground],
    pub(in crate::record) languages: &'s [Language],
    pub(in crate::record) today: Date,
}

/// A placed text that may be withheld.
pub(in crate::record) fn placed_text(
    hand: &mut Hand<'_>,
    value: &Raw<'_>,
) -> Option<Placed<String>> {
    hand.reader.text(value)
}

/// A finding about a marker that is due, in a body.
pub(in crate::record) fn review_due(rules: Rules<'_>, until: Date, span: Span) -> Finding {
    Finding::new(
        Code::ReviewDue,
        rules.file,
        format!("this passage was to be reviewed by {until}"),
    )
    .at(span)
    .help("delete the marker to publish the passage, or set a new date")
}

/// Collects the public texts of a TOML value: all but those of withheld fields.
pub(in crate::record) fn public_texts(value: &Raw<'_>, texts: &mut Vec<String>) {
    match value.get_ref() {
        DeValue::String(text) => texts.push(text.to_string()),
        DeValue::Array(items) => items.iter().for_each(|item| public_texts(item, texts)),
        DeValue::Table(entries) => entries
            .iter()
            .filter(|(key, _)| key.get_ref() != "confidential")
            .for_each(|(_, item)| public_texts(item, texts)),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}
