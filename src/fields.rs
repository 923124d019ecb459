//! Typed reading of TOML values, with the place of each and every error of a file in one pass.
//!
//! `serde` stops at the first error and its messages quote the source; here a `Reader` collects findings in
//! our own words and goes on. This file knows types of values, not what a meeting is, and never reads a file.

use std::sync::Arc;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diag::{Code, FilePath, Finding, Message, Span};

/// A TOML value with its place, as the parser gives it.
pub(crate) type Raw<'i> = Spanned<DeValue<'i>>;

/// A value and where it stands in its file.
///
/// Two placed values are equal when their values are: a place is for messages and never part of what is published.
#[derive(Clone)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T: std::fmt::Debug> std::fmt::Debug for Placed<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.value.fmt(formatter)
    }
}

impl<T: PartialEq> PartialEq for Placed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Placed<T> {}

impl<T> Placed<T> {
    /// Puts a value in its place.
    pub(crate) fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Changes the value and keeps the place.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Placed<U> {
        Placed {
            value: change(self.value),
            span: self.span,
        }
    }
}

/// A language of the site, as an IETF language tag (BCP 47), such as `en` or `pt`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(Arc<str>);

impl Language {
    /// Names a language by its tag; says nothing about whether a site has it.
    pub(crate) fn new(tag: &str) -> Self {
        Self(Arc::from(tag))
    }

    /// Returns the tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A text in one or several languages; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalText(Vec<(Language, String)>);

impl LocalText {
    /// Returns a text in one language.
    pub(crate) fn single(language: Language, text: impl Into<String>) -> Self {
        Self(vec![(language, text.into())])
    }

    /// Returns the text in the wanted language, else in the first one there is, with the language it is in.
    #[must_use]
    pub fn best(&self, wanted: &Language, default: &Language) -> (&str, &Language) {
        let find = |language: &Language| self.0.iter().find(|(own, _)| own == language);
        let (language, text) = find(wanted).or_else(|| find(default)).unwrap_or(&self.0[0]);
        (text, language)
    }

    /// Returns all texts with their languages.
    pub fn iter(&self) -> impl Iterator<Item = (&Language, &str)> {
        self.0
            .iter()
            .map(|(language, text)| (language, text.as_str()))
    }

    /// Adds the languages of `other` that are missing here.
    pub(crate) fn or(mut self, other: &Self) -> Self {
        for (language, text) in &other.0 {
            if self.0.iter().all(|(own, _)| own != language) {
                self.0.push((language.clone(), text.clone()));
            }
        }
        self
    }
}

/// Parses a run of TOML whose first byte stands at `base` in its file.
///
/// # Errors
/// Returns what is wrong, in our own words: the parser's own messages can quote the source.
pub(crate) fn parse<'i>(
    text: &'i str,
    base: usize,
    file: &FilePath,
    code: Code,
) -> Result<Spanned<DeTable<'i>>, Vec<Finding>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(table);
    }
    let mut said = std::collections::BTreeSet::new();
    let line_of = |error: &toml::de::Error| {
        let start = error.span().map_or(0, |range| range.start);
        text.get(..start)
            .map_or(0, |before| before.matches('\n').count())
    };
    // One mistake on a line makes many errors; the first is the one to mend.
    let findings = errors
        .iter()
        .filter(|error| said.insert(line_of(error)))
        .map(|error| {
            let (message, help) = reword(error.message());
            let span = error
                .span()
                .map_or(Span::new(base, base), |range| Span::shifted(&range, base));
            Finding::new(code, file, message).at(span).help(help)
        })
        .collect();
    Err(findings)
}

/// Says what a TOML error is about, by the fixed words of the parser's messages, never by the source they quote.
fn reword(message: &str) -> (&'static str, &'static str) {
    let message = message.to_ascii_lowercase();
    let has = |words: &str| message.contains(words);
    if has("duplicate key") {
        ("this key stands twice", "keep one of the two")
    } else if has("basic string") || has("literal string") || has("multi-line") || has("quote") {
        (
            "this text has no closing quotation mark, or one too many",
            "put the text between two straight quotation marks on one line",
        )
    } else if has("date")
        || has("month")
        || has("day")
        || has("time")
        || has("hour")
        || has("minute")
    {
        (
            "this is not a date that exists",
            "write dates as 2026-01-31, without quotation marks",
        )
    } else if has("array") {
        (
            "this list is not closed, or lacks a comma",
            "write lists as [\"one\", \"two\"]",
        )
    } else if has("inline table") {
        (
            "this table is not closed, or lacks a comma",
            "write tables as { one = \"…\", two = \"…\" }",
        )
    } else if has("escape") {
        (
            "a backslash in this text begins no known escape",
            "write \\\\ for a backslash, or use single quotation marks",
        )
    } else if has("key with no value") || has("expected `=`") || has("assignment") {
        (
            "this key has no value",
            "write the line as name = \"value\"",
        )
    } else if has("integer") || has("number") || has("float") {
        (
            "this is not a number that can be read",
            "write texts between quotation marks and numbers as digits",
        )
    } else {
        (
            "this is not valid TOML",
            "write the line as name = \"value\", with texts between straight quotation marks",
        )
    }
}

/// Reads values of one file and collects what it notices.
#[derive(Debug)]
pub(crate) struct Reader<'r> {
    /// The file, for findings.
    pub(crate) file: &'r FilePath,
    /// Where the TOML begins in its file.
    pub(crate) base: usize,
    /// The language of plain texts in this file.
    pub(crate) language: &'r Language,
    /// The languages of the site.
    pub(crate) languages: &'r [Language],
    /// Set where the whole document is withheld: then not even its keys may be said.
    pub(crate) is_closed: bool,
    /// What was noticed.
    pub(crate) findings: Vec<Finding>,
}

/// A table being read: it remembers which keys were asked for, so that the others can be refused.
#[derive(Debug)]
pub(crate) struct Table<'t, 'i> {
    entries: &'t DeTable<'i>,
    span: Span,
    asked: Vec<&'static str>,
}

impl<'t, 'i> Table<'t, 'i> {
    /// Returns where the table stands.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// Returns the value of a key, and marks the key as known.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<&'t Raw<'i>> {
        self.asked.push(key);
        self.entries
            .iter()
            .find(|(own, _)| own.get_ref() == key)
            .map(|(_, value)| value)
    }

    /// Says whether a key is there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(own, _)| own.get_ref() == key)
    }

    /// Returns all entries, in the order of their keys, and marks them as known.
    pub(crate) fn take_all(&mut self, base: usize) -> Vec<(Placed<String>, &'t Raw<'i>)> {
        self.entries
            .iter()
            .map(|(key, value)| {
                (
                    Placed::new(key.get_ref().to_string(), Span::shifted(&key.span(), base)),
                    value,
                )
            })
            .collect()
    }
}

impl Reader<'_> {
    /// Returns where a value stands in the file.
    pub(crate) fn span(&self, value: &Raw<'_>) -> Span {
        Span::shifted(&value.span(), self.base)
    }

    /// Notes a finding at a place in the file and returns it, so that help can be added.
    pub(crate) fn note(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<Message>,
        help: impl Into<Message>,
    ) {
        self.findings
            .push(Finding::new(code, self.file, message).at(span).help(help));
    }

    /// Opens the table at the root of a file.
    pub(crate) fn root<'t, 'i>(&self, table: &'t Spanned<DeTable<'i>>) -> Table<'t, 'i> {
        Table {
            entries: table.get_ref(),
            span: Span::shifted(&table.span(), self.base),
            asked: Vec::new(),
        }
    }

    /// Opens a table.
    pub(crate) fn table<'t, 'i>(&mut self, value: &'t Raw<'i>) -> Option<Table<'t, 'i>> {
        let span = self.span(value);
        if let DeValue::Table(entries) = value.get_ref() {
            // A topic may well be called `confidentiality`; a mark has its ground or its date beside it.
            let has = |key: &str| entries.keys().any(|own| own.get_ref() == key);
            if looks_withheld(value) && (has("ground") || has("until")) {
                self.cannot_withhold(span);
                return None;
            }
            return Some(Table {
                entries,
                span,
                asked: Vec::new(),
            });
        }
        self.wrong_type(value, "a table", "write it as { name = \"…\" }");
        None
    }

    /// Refuses the keys nobody asked for.
    ///
    /// A key is a word of the program that was mistyped, so it may be said even where no value may; but not where the whole
    /// document is withheld, and not where it is a text of its own.
    pub(crate) fn finish(&mut self, table: &Table<'_, '_>, place: &str) {
        for (key, _) in table.entries {
            let name = key.get_ref().as_ref();
            if table.asked.contains(&name) {
                continue;
            }
            let is_plain = name.len() <= 30
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
            let message = if is_plain && !self.is_closed {
                Message::new(format!("there is no field `{name}` in {place}"))
            } else {
                Message::new(format!("there is no such field in {place}"))
            };
            let span = Span::shifted(&key.span(), self.base);
            let finding = Finding::new(Code::UnknownField, self.file, message).at(span);
            self.findings.push(
                match crate::diag::nearest(name, table.asked.iter().copied())
                    .filter(|_| !self.is_closed)
                {
                    Some(near) => finding.help(format!("did you mean `{near}`?")),
                    None => finding.help(format!("the fields are {}", table.asked.join(", "))),
                },
            );
        }
    }

    /// Notes that a required field is missing.
    pub(crate) fn missing(&mut self, table: &Table<'_, '_>, key: &str, place: &str, example: &str) {
        let span = Span::new(table.span.start, table.span.start);
        self.note(
            Code::MissingField,
            span,
            format!("{place} needs the field `{key}`"),
            format!("add a line such as {key} = {example}"),
        );
    }

    /// Notes that a value has another type than its field.
    pub(crate) fn wrong_type(&mut self, value: &Raw<'_>, wanted: &str, help: &str) {
        let span = self.span(value);
        if looks_withheld(value) {
            self.cannot_withhold(span);
            return;
        }
        let found = match value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.note(
            Code::WrongType,
            span,
            format!("this is {found}; {wanted} belongs here"),
            help,
        );
    }

    /// Notes that something is marked as withheld where nothing can be.
    fn cannot_withhold(&mut self, span: Span) {
        self.note(
            Code::CannotWithhold,
            span,
            "nothing can be withheld here (A5)",
            "withhold the whole field, or the whole document, instead",
        );
    }

    /// Reads a text that is the same in all languages. It must hold something.
    pub(crate) fn text(&mut self, value: &Raw<'_>) -> Option<Placed<String>> {
        let span = self.span(value);
        let DeValue::String(text) = value.get_ref() else {
            self.wrong_type(value, "a text", "put it between quotation marks");
            return None;
        };
        if text.trim().is_empty() {
            self.note(
                Code::InvalidValue,
                span,
                "this text is empty",
                "write something, or leave the field out",
            );
            return None;
        }
        Some(Placed::new(text.trim().to_owned(), span))
    }

    /// Reads a text, or a table of texts by language.
    pub(crate) fn local_text(&mut self, value: &Raw<'_>) -> Option<LocalText> {
        let DeValue::Table(entries) = value.get_ref() else {
            if !matches!(value.get_ref(), DeValue::String(_)) {
                self.wrong_type(
                    value,
                    "a text, or a table of texts by language,",
                    "write it as \"…\" or as { en = \"…\", fr = \"…\" }",
                );
                return None;
            }
            let text = self.text(value)?;
            return Some(LocalText::single(self.language.clone(), text.value));
        };
        if looks_withheld(value) {
            let span = self.span(value);
            self.cannot_withhold(span);
            return None;
        }
        if let Some((key, _)) = entries
            .iter()
            .find(|(key, _)| !is_language_tag(key.get_ref()))
        {
            let span = Span::shifted(&key.span(), self.base);
            let message = "this table is neither a text by language nor a withheld field (A5)";
            let help = "write it as { en = \"…\", fr = \"…\" }, or as { confidential = \"…\", ground = \"commercial\", until = 2027-03-31 }";
            self.note(Code::MalformedMarker, span, message, help);
            return None;
        }
        let mut texts = Vec::new();
        let mut sound = true;
        for (key, value) in entries {
            let span = Span::shifted(&key.span(), self.base);
            match self.language_at(key.get_ref(), span) {
                Some(language) => match self.text(value) {
                    Some(text) => texts.push((language, text.value)),
                    None => sound = false,
                },
                None => sound = false,
            }
        }
        if texts.is_empty() && sound {
            let span = self.span(value);
            self.note(
                Code::InvalidValue,
                span,
                "this table holds no text",
                "write it as { en = \"…\", fr = \"…\" }",
            );
        }
        // The languages of the site in their order, whatever the order in the file.
        texts.sort_by_key(|(language, _)| self.languages.iter().position(|own| own == language));
        (sound && !texts.is_empty()).then_some(LocalText(texts))
    }

    /// Returns the site's language of that tag.
    pub(crate) fn language_at(&mut self, tag: &str, span: Span) -> Option<Language> {
        let found = self
            .languages
            .iter()
            .find(|language| language.as_str() == tag)
            .cloned();
        if found.is_none() {
            let known: Vec<String> = self.languages.iter().map(ToString::to_string).collect();
            // A table of another shape than these two may be meant as withheld.
            let message = Message::new("this site has no language").value(tag);
            let finding = Finding::new(Code::UnknownLanguage, self.file, message)
                .at(span)
                .help(format!(
                    "the languages in clerestory.toml are {}",
                    known.join(", ")
                ))
                .doubtful();
            self.findings.push(finding);
        }
        found
    }

    /// Reads a date without a time.
    pub(crate) fn date(&mut self, value: &Raw<'_>) -> Option<Placed<Date>> {
        let span = self.span(value);
        if let DeValue::Datetime(datetime) = value.get_ref()
            && datetime.time.is_none()
            && datetime.offset.is_none()
            && let Some(date) = datetime.date
        {
            let date = to_date(date);
            if date.is_none() {
                self.note(
                    Code::InvalidValue,
                    span,
                    "this date does not exist",
                    "look it up in a calendar",
                );
            }
            return date.map(|date| Placed::new(date, span));
        }
        self.wrong_type(
            value,
            "a date",
            "write it as 2026-01-31, without quotation marks and without a time",
        );
        None
    }

    /// Reads a whole number from 0.
    pub(crate) fn number(&mut self, value: &Raw<'_>) -> Option<Placed<i64>> {
        let span = self.span(value);
        let DeValue::Integer(number) = value.get_ref() else {
            self.wrong_type(
                value,
                "a whole number",
                "write it as digits, without quotation marks",
            );
            return None;
        };
        let number = i64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .filter(|number| *number >= 0);
        if number.is_none() {
            self.note(
                Code::InvalidValue,
                span,
                "this number is negative or too large",
                "write a whole number from 0",
            );
        }
        number.map(|number| Placed::new(number, span))
    }

    /// Reads true or false.
    pub(crate) fn truth(&mut self, value: &Raw<'_>) -> Option<bool> {
        if let DeValue::Boolean(truth) = value.get_ref() {
            return Some(*truth);
        }
        self.wrong_type(value, "true or false", "write it without quotation marks");
        None
    }

    /// Reads a list, each item by `item`; items that cannot be read are left out, with a finding each.
    pub(crate) fn list<'t, 'i, T>(
        &mut self,
        value: &'t Raw<'i>,
        mut item: impl FnMut(&mut Self, &'t Raw<'i>) -> Option<T>,
    ) -> Option<Vec<T>> {
        if let DeValue::Array(items) = value.get_ref() {
            return Some(items.iter().filter_map(|value| item(self, value)).collect());
        }
        self.wrong_type(
            value,
            "a list",
            "put it between square brackets, even if it is only one",
        );
        None
    }

    /// Reads an `http` or `https` address.
    pub(crate) fn web_address(&mut self, value: &Raw<'_>) -> Option<Placed<String>> {
        let address = self.text(value)?;
        if is_web_address(&address.value) {
            return Some(address);
        }
        let message = Message::new("this is no web address");
        self.note(
            Code::InvalidValue,
            address.span,
            message,
            "write the whole address, beginning with https://",
        );
        None
    }
}

/// Says whether a text is an absolute address on the web that can stand in a link as it is.
pub(crate) fn is_web_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty()
            && !text
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || "\"<>\\^`{|}".contains(c))
    })
}

fn to_date(date: toml::value::Date) -> Option<Date> {
    Date::new(
        i16::try_from(date.year).ok()?,
        i8::try_from(date.month).ok()?,
        i8::try_from(date.day).ok()?,
    )
    .ok()
}

/// Says whether a text has the form of a language tag that can stand in an address.
pub(crate) fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// The three keys of a withheld field.
pub(crate) const MARK_KEYS: [&str; 3] = ["confidential", "ground", "until"];

/// Says whether a table has one of the keys of a withheld field, or a word so like `confidential` that it was meant.
pub(crate) fn looks_withheld(value: &Raw<'_>) -> bool {
    let DeValue::Table(entries) = value.get_ref() else {
        return false;
    };
    entries.keys().any(|key| {
        let key = key.get_ref().to_lowercase();
        MARK_KEYS.contains(&key.as_str())
            || key.contains("confid")
            || strsim::damerau_levenshtein(&key, "confidential") <= 4
    })
}
