//! What is withheld in a source file, found crudely: by the word `confidential` and the lines around it.
//!
//! This is a second opinion. It shares no code with the scanner at the door and must never call it: what that one might
//! overlook, this one must not overlook for the same reason. TOML is read by the library alone.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// In which way something is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Lines between two marker lines.
    Block,
    /// Words in a line.
    Inline,
    /// A value of TOML.
    Value,
    /// The body of a document that is withheld as a whole.
    Body,
}

/// Something withheld.
#[derive(Clone)]
pub(super) struct Secret {
    pub(super) kind: Kind,
    /// The bytes in the file.
    pub(super) range: Range<usize>,
    /// Its texts, as they would be shown.
    pub(super) texts: Vec<String>,
}

/// What is withheld and what is public in a file.
#[derive(Clone, Default)]
pub(super) struct Extract {
    pub(super) secrets: Vec<Secret>,
    /// Runs of public text.
    pub(super) public: Vec<String>,
    /// Names of files that are withheld as attachments.
    pub(super) files: Vec<String>,
    /// Whether the whole document is withheld.
    pub(super) is_closed: bool,
    /// Whether the title is withheld, and so the name of the file.
    pub(super) has_withheld_title: bool,
    /// Whether it is a draft.
    pub(super) is_draft: bool,
}

/// The fields of a document withheld as a whole that stay public, or say where it stands.
pub(super) const PUBLIC_FIELDS: [&str; 6] =
    ["date", "kind", "draft", "member", "version", "confidential"];

const WORD: &str = "confidential";
const FENCE: &str = ":::";

/// Looks through a file of `content/`.
pub(super) fn extract(path: &str, text: &str) -> Extract {
    let mut found = Extract::default();
    if !path.to_ascii_lowercase().ends_with(".md") {
        toml(text, 0, &mut found);
        return found;
    }
    let (front, body) = split(text);
    toml(
        text.get(front.clone()).unwrap_or_default(),
        front.start,
        &mut found,
    );
    if found.is_closed {
        found.secrets.push(Secret {
            kind: Kind::Body,
            range: body.clone(),
            texts: vec![text.get(body).unwrap_or_default().to_owned()],
        });
    } else {
        lines(text, body, &mut found);
    }
    found
}

/// Returns the public texts of a TOML file that holds nothing withheld.
pub(super) fn public_toml(text: &str) -> Vec<String> {
    let mut found = Extract::default();
    toml(text, 0, &mut found);
    found.public
}

/// Returns where the front matter and the body of a Markdown file stand.
pub(super) fn split(text: &str) -> (Range<usize>, Range<usize>) {
    let mut at = 0;
    let mut front = None;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let is_mark = line.trim_start_matches('\u{FEFF}').trim_end() == "+++";
        match front {
            None if is_mark => front = Some(end),
            None => return (0..0, 0..text.len()),
            Some(start) if is_mark => return (start..at, end..text.len()),
            Some(_) => {}
        }
        at = end;
    }
    let start = front.unwrap_or(0);
    (start..text.len(), text.len()..text.len())
}

fn lines(text: &str, body: Range<usize>, found: &mut Extract) {
    let mut at = body.start;
    let mut opened = None;
    let mut public = String::new();
    for line in text.get(body).unwrap_or_default().split_inclusive('\n') {
        let end = at + line.len();
        if let Some(start) = opened {
            if is_fence(line) {
                found.block(text, start..at);
                opened = None;
            }
        } else if is_fence(line) && line.to_lowercase().contains(WORD) {
            opened = Some(end);
            found.public.push(std::mem::take(&mut public));
        } else {
            inline(line, at, &mut public, found);
        }
        at = end;
    }
    if let Some(start) = opened {
        found.block(text, start..at);
    }
    found.public.push(public);
}

/// Says whether a line begins with colons, whatever stands before them that is no letter.
fn is_fence(line: &str) -> bool {
    line.trim_start_matches(|c: char| !c.is_alphanumeric() && c != ':')
        .starts_with(FENCE)
}

/// Takes the texts behind `confidential[` out of a line.
fn inline(line: &str, base: usize, public: &mut String, found: &mut Extract) {
    let lower = line.to_ascii_lowercase();
    let mut at = 0;
    let opening = format!("{WORD}[");
    while let Some(next) = lower.get(at..).and_then(|rest| rest.find(&opening)) {
        let start = at + next + opening.len();
        public.push_str(line.get(at..at + next).unwrap_or_default());
        let rest = line.get(start..).unwrap_or_default();
        if rest.starts_with('^') {
            // A footnote behind the word.
            at = start;
            continue;
        }
        found.public.push(std::mem::take(public));
        let length = rest.find(']').unwrap_or(rest.trim_end().len());
        found.secrets.push(Secret {
            kind: Kind::Inline,
            range: base + start..base + start + length,
            texts: vec![rest.get(..length).unwrap_or_default().to_owned()],
        });
        at = start + length;
    }
    public.push_str(line.get(at..).unwrap_or_default());
}

impl Extract {
    fn block(&mut self, text: &str, range: Range<usize>) {
        let own = text.get(range.clone()).unwrap_or_default().to_owned();
        self.secrets.push(Secret {
            kind: Kind::Block,
            range,
            texts: vec![own],
        });
    }
}

fn toml(text: &str, base: usize, found: &mut Extract) {
    let Ok(root) = DeTable::parse(text) else {
        crude_toml(text, base, found);
        return;
    };
    let root = root.get_ref();
    let entry = |name: &str| {
        root.iter()
            .find(|(key, _)| key.get_ref() == name)
            .map(|(_, value)| value)
    };
    found.is_closed = entry(WORD).is_some();
    found.is_draft = matches!(
        entry("draft").map(Spanned::get_ref),
        Some(DeValue::Boolean(true))
    );
    found.has_withheld_title =
        found.is_closed || entry("title").is_some_and(|title| secret_of(title).is_some());
    for (key, value) in root {
        let name = key.get_ref().as_ref();
        if found.is_closed && !PUBLIC_FIELDS.contains(&name) {
            found.withhold(value, base);
        } else {
            found.public.push(name.to_owned());
            walk(text, value, name, base, found);
        }
    }
}

/// Returns the withheld value of a table that has one.
fn secret_of<'v, 'i>(value: &'v Spanned<DeValue<'i>>) -> Option<&'v Spanned<DeValue<'i>>> {
    let DeValue::Table(entries) = value.get_ref() else {
        return None;
    };
    entries
        .iter()
        .find(|(key, _)| key.get_ref().eq_ignore_ascii_case(WORD))
        .map(|(_, value)| value)
}

fn walk(text: &str, value: &Spanned<DeValue<'_>>, name: &str, base: usize, found: &mut Extract) {
    if let Some(secret) = secret_of(value) {
        if name == "attachments" {
            files(secret, &mut found.files);
        }
        found.withhold(secret, base);
        return;
    }
    match value.get_ref() {
        DeValue::Table(entries) => {
            for (key, value) in entries {
                found.public.push(key.get_ref().to_string());
                walk(text, value, key.get_ref(), base, found);
            }
        }
        DeValue::Array(items) => {
            for item in items {
                walk(text, item, name, base, found);
            }
        }
        DeValue::String(own) => found.public.push(own.to_string()),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            found
                .public
                .push(text.get(value.span()).unwrap_or_default().to_owned());
        }
    }
}

impl Extract {
    fn withhold(&mut self, value: &Spanned<DeValue<'_>>, base: usize) {
        let span = value.span();
        let mut texts = Vec::new();
        scalars(value, &mut texts);
        self.secrets.push(Secret {
            kind: Kind::Value,
            range: span.start + base..span.end + base,
            texts,
        });
    }
}

fn scalars(value: &Spanned<DeValue<'_>>, texts: &mut Vec<String>) {
    match value.get_ref() {
        DeValue::Table(entries) => entries.iter().for_each(|(_, value)| scalars(value, texts)),
        DeValue::Array(items) => items.iter().for_each(|item| scalars(item, texts)),
        DeValue::String(own) => texts.push(own.to_string()),
        DeValue::Integer(own) => texts.push(own.as_str().to_owned()),
        DeValue::Float(own) => texts.push(own.as_str().to_owned()),
        DeValue::Datetime(own) => texts.push(own.to_string()),
        DeValue::Boolean(_) => {}
    }
}

/// Collects the names of files in a withheld attachment.
fn files(value: &Spanned<DeValue<'_>>, names: &mut Vec<String>) {
    match value.get_ref() {
        DeValue::String(name) => names.push(name.to_string()),
        DeValue::Array(items) => items.iter().for_each(|item| files(item, names)),
        DeValue::Table(entries) => {
            if let Some((_, value)) = entries.iter().find(|(key, _)| key.get_ref() == "file") {
                files(value, names);
            }
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// Reads what is no TOML: whatever stands behind the word counts as withheld, up to the end of its line.
fn crude_toml(text: &str, base: usize, found: &mut Extract) {
    let mut at = base;
    for line in text.split_inclusive('\n') {
        match line.to_ascii_lowercase().find(WORD) {
            Some(start) => {
                let own = line.get(start + WORD.len()..).unwrap_or_default();
                found.is_closed |= line.trim().eq_ignore_ascii_case("[confidential]");
                found.secrets.push(Secret {
                    kind: Kind::Value,
                    range: at + start + WORD.len()..at + line.len(),
                    texts: vec![own.to_owned()],
                });
            }
            None => found.public.push(line.to_owned()),
        }
        at += line.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what is withheld in a file, kind by kind, and what is public.
    fn check(path: &str, text: &str) -> (Vec<(Kind, String)>, String) {
        let found = extract(path, text);
        let secrets = found
            .secrets
            .iter()
            .map(|secret| (secret.kind, secret.texts.join("|").trim().to_owned()))
            .collect();
        (secrets, found.public.join("|"))
    }

    #[test]
    fn each_kind_is_found() {
        let text = "+++
title = \"public\"
agenda = [\"public\", { confidential = [\"one\", { en = \"two\" }], ground = \"g\", until = 2027-01-01 }]
attachments = [{ confidential = { file = \"three.pdf\", title = \"four\" }, ground = \"g\", until = 2027-01-01 }]
+++
Public :confidential[five]{ground=\"g\" until=\"2027-01-01\"} confidential[^1] public.
::: confidential ground=\"g\" until=\"2027-01-01\"
six
:::
public
> ::: Confidential
seven
";
        let (secrets, public) = check("x.md", text);
        let own = |kind, text: &str| (kind, text.to_owned());
        assert_eq!(
            secrets,
            [
                own(Kind::Value, "one|two"),
                own(Kind::Value, "three.pdf|four"),
                own(Kind::Inline, "five"),
                own(Kind::Block, "six"),
                own(Kind::Block, "seven"),
            ]
        );
        for secret in ["one", "two", "three", "four", "five", "six", "seven"] {
            assert!(!public.contains(secret), "{secret}: {public}");
        }
        assert!(public.contains("Public") && public.contains("^1] public"));
        assert_eq!(extract("x.md", text).files, ["three.pdf"]);
    }

    #[test]
    fn of_a_document_withheld_as_a_whole_date_and_kind_are_public() {
        let text = "+++\ntitle = \"one\"\ndate = 2026-01-30\nkind = \"plenary\"\n[confidential]\nground = \"g\"\nuntil = 2027-01-01\n+++\ntwo\n";
        let (secrets, public) = check("x.md", text);
        assert_eq!(
            secrets,
            [
                (Kind::Value, "one".to_owned()),
                (Kind::Body, "two".to_owned())
            ]
        );
        assert!(public.contains("plenary") && public.contains("2026-01-30"));
        let found = extract("x.md", text);
        assert!(found.is_closed && found.has_withheld_title);
    }

    #[test]
    fn what_is_no_toml_is_read_all_the_same() {
        let (secrets, public) = check("x.toml", "a = = \"public\"\nb = { confidential = \"one\"\n");
        assert_eq!(secrets, [(Kind::Value, "= \"one\"".to_owned())]);
        assert!(public.contains("public") && !public.contains("one"));
    }
}
