//! The code of practice (`content/code.toml`): chapters, commitments, measures and appendices. All of it is public.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::diag::{Code, Finding, Message, Span};
use crate::fields::{LocalText, Placed, Raw, Reader, Table};
use crate::slug;

/// The code of practice as a tree; numbers restart in every chapter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeOfPractice {
    pub(crate) title: Option<LocalText>,
    pub(crate) chapters: Vec<Chapter>,
}

/// A chapter of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// The slug, which is also the last part of the chapter's address.
    pub(crate) id: String,
    /// The letters before every number of the chapter.
    pub(crate) prefix: String,
    pub(crate) title: LocalText,
    pub(crate) commitments: Vec<Commitment>,
    pub(crate) appendices: Vec<Measure>,
}

/// A commitment of a chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// The name with its prefix, such as `S-3`.
    pub(crate) name: String,
    pub(crate) title: LocalText,
    pub(crate) measures: Vec<Measure>,
}

/// A measure of a commitment, or an appendix of a chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The name with its prefix, such as `S-3.2` or `S-A1.4`.
    pub(crate) name: String,
    pub(crate) title: LocalText,
    pub(crate) summary: Option<LocalText>,
}

/// A reference to a measure, a commitment or an appendix, with its sub-points as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasureReference {
    /// The name in the code, such as `S-1.1`.
    pub(crate) name: String,
    /// Sub-points, such as `(2)(c)`; empty where there are none.
    pub(crate) points: String,
}

impl MeasureReference {
    /// Reads a reference such as `S-1.1(2)(c)`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"^([A-Z][A-Z0-9]*-A?[0-9]+(?:\.[0-9]+)*)((?: ?\([0-9A-Za-z]{1,8}\))*)$")
                .expect("a fixed pattern")
        });
        let found = REFERENCE.captures(text)?;
        Some(Self {
            name: found[1].to_owned(),
            points: found[2].to_owned(),
        })
    }
}

impl Chapter {
    /// Returns the title of a commitment, measure or appendix of this chapter.
    #[must_use]
    pub fn title_of(&self, name: &str) -> Option<&LocalText> {
        let in_commitment = |commitment: &'_ Commitment| commitment.name == name;
        self.commitments
            .iter()
            .find(|commitment| in_commitment(commitment))
            .map(|commitment| &commitment.title)
            .or_else(|| {
                self.commitments
                    .iter()
                    .flat_map(|commitment| &commitment.measures)
                    .find(|measure| measure.name == name)
                    .map(|measure| &measure.title)
            })
            .or_else(|| {
                self.appendices
                    .iter()
                    .find(|appendix| appendix.name == name)
                    .map(|appendix| &appendix.title)
            })
    }
}

impl std::fmt::Display for MeasureReference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}{}", self.name, self.points)
    }
}

impl CodeOfPractice {
    /// Returns the names of all commitments, measures and appendices.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.chapters.iter().flat_map(|chapter| {
            let commitments = chapter.commitments.iter().flat_map(|commitment| {
                std::iter::once(commitment.name.as_str()).chain(
                    commitment
                        .measures
                        .iter()
                        .map(|measure| measure.name.as_str()),
                )
            });
            commitments.chain(
                chapter
                    .appendices
                    .iter()
                    .map(|appendix| appendix.name.as_str()),
            )
        })
    }

    /// Returns the chapter in which a commitment, measure or appendix stands.
    #[must_use]
    pub fn chapter_of(&self, name: &str) -> Option<&Chapter> {
        self.chapters.iter().find(|chapter| {
            name.strip_prefix(chapter.prefix.as_str())
                .is_some_and(|rest| rest.starts_with('-'))
                && (chapter.commitments.iter().any(|commitment| {
                    commitment.name == name
                        || commitment
                            .measures
                            .iter()
                            .any(|measure| measure.name == name)
                }) || chapter
                    .appendices
                    .iter()
                    .any(|appendix| appendix.name == name))
        })
    }

    pub(in crate::record) fn read(reader: &mut Reader<'_>, table: &mut Table<'_, '_>) -> Self {
        let title = required(reader, table, "title", "the code", "\"Code of practice\"");
        let list = table.take("chapter");
        let chapters = list
            .and_then(|value| reader.list(value, read_chapter))
            .unwrap_or_default();
        reader.finish(table, "code.toml");
        let code = Self { title, chapters };
        let places = places(reader, list);
        check_unique(reader, &code, &places);
        code
    }
}

fn required(
    reader: &mut Reader<'_>,
    table: &mut Table<'_, '_>,
    key: &'static str,
    place: &str,
    example: &str,
) -> Option<LocalText> {
    if let Some(value) = table.take(key) {
        reader.local_text(value)
    } else {
        reader.missing(table, key, place, example);
        None
    }
}

fn read_chapter(reader: &mut Reader<'_>, value: &Raw<'_>) -> Option<Chapter> {
    let mut table = reader.table(value)?;
    let id = read_id(
        reader,
        &mut table,
        "a chapter",
        "\"transparency\"",
        slug::is_slug,
        "use a-z, 0-9 and `-` only",
    );
    let prefix = if let Some(value) = table.take("prefix") {
        reader.text(value)
    } else {
        reader.missing(&table, "prefix", "a chapter", "\"T\"");
        None
    };
    let prefix = prefix.filter(|prefix| {
        let sound = prefix
            .value
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && prefix.value.starts_with(|c: char| c.is_ascii_uppercase());
        if !sound {
            reader.note(
                Code::InvalidValue,
                prefix.span,
                "a prefix is made of capital letters",
                "write one such as \"T\"",
            );
        }
        sound
    });
    let title = required(reader, &mut table, "title", "a chapter", "\"Transparency\"");
    let letters = prefix.as_ref().map_or("", |prefix| prefix.value.as_str());
    let commitments = table
        .take("commitment")
        .and_then(|value| {
            reader.list(value, |reader, value| {
                read_commitment(reader, value, letters)
            })
        })
        .unwrap_or_default();
    let appendices = table
        .take("appendix")
        .and_then(|value| {
            reader.list(value, |reader, value| {
                read_measure(
                    reader,
                    value,
                    letters,
                    "an appendix",
                    "\"A1.4\"",
                    is_appendix_id,
                )
            })
        })
        .unwrap_or_default();
    reader.finish(&table, "a chapter");
    Some(Chapter {
        id: id?,
        prefix: prefix?.value,
        title: title?,
        commitments,
        appendices,
    })
}

fn read_commitment(reader: &mut Reader<'_>, value: &Raw<'_>, prefix: &str) -> Option<Commitment> {
    let mut table = reader.table(value)?;
    let id = read_id(
        reader,
        &mut table,
        "a commitment",
        "\"3\"",
        is_measure_id,
        "write its number as a text, such as \"3\"",
    );
    let title = required(
        reader,
        &mut table,
        "title",
        "a commitment",
        "\"Documentation\"",
    );
    let measures = table
        .take("measure")
        .and_then(|value| {
            reader.list(value, |reader, value| {
                read_measure(reader, value, prefix, "a measure", "\"3.2\"", is_measure_id)
            })
        })
        .unwrap_or_default();
    reader.finish(&table, "a commitment");
    Some(Commitment {
        name: format!("{prefix}-{}", id?),
        title: title?,
        measures,
    })
}

fn read_measure(
    reader: &mut Reader<'_>,
    value: &Raw<'_>,
    prefix: &str,
    what: &str,
    example: &str,
    is_id: fn(&str) -> bool,
) -> Option<Measure> {
    let mut table = reader.table(value)?;
    let id = read_id(
        reader,
        &mut table,
        what,
        example,
        is_id,
        &format!("write its number without the prefix, such as {example}"),
    );
    let title = required(reader, &mut table, "title", what, "\"…\"");
    let summary = table
        .take("summary")
        .and_then(|value| reader.local_text(value));
    reader.finish(&table, what);
    Some(Measure {
        name: format!("{prefix}-{}", id?),
        title: title?,
        summary,
    })
}

fn read_id(
    reader: &mut Reader<'_>,
    table: &mut Table<'_, '_>,
    what: &str,
    example: &str,
    is_id: fn(&str) -> bool,
    help: &str,
) -> Option<String> {
    let Some(value) = table.take("id") else {
        reader.missing(table, "id", what, example);
        return None;
    };
    let id = reader.text(value)?;
    if is_id(&id.value) {
        return Some(id.value);
    }
    let finding = Finding::new(
        Code::InvalidValue,
        reader.file,
        Message::new(format!("this is no id of {what}:")).value(&id.value),
    )
    .at(id.span)
    .help(help);
    reader.findings.push(finding);
    None
}

fn is_measure_id(id: &str) -> bool {
    id.split('.').all(|part| {
        !part.is_empty() && part.len() < 6 && part.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn is_appendix_id(id: &str) -> bool {
    id.strip_prefix('A').is_some_and(is_measure_id)
}

/// Says which chapters, prefixes and numbers stand twice; each `id` of the file with its place is in `ids`.
fn check_unique(
    reader: &mut Reader<'_>,
    code: &CodeOfPractice,
    places: &BTreeMap<String, Vec<Span>>,
) {
    let mut names: Vec<&str> = code
        .names()
        .chain(code.chapters.iter().map(|chapter| chapter.id.as_str()))
        .chain(code.chapters.iter().map(|chapter| chapter.prefix.as_str()))
        .collect();
    names.sort_unstable();
    for pair in names.windows(2).filter(|pair| pair[0] == pair[1]) {
        let message = Message::new("two parts of the code have the same name:").value(pair[0]);
        let finding = Finding::new(Code::DuplicateName, reader.file, message)
            .help("number the parts of a chapter, and name its chapters, each only once");
        let second = places.get(pair[0]).and_then(|spans| spans.get(1));
        reader.findings.push(match second {
            Some(span) => finding.at(*span),
            None => finding,
        });
    }
}

/// Finds where every id and every prefix stands, by the name that it makes.
fn places(reader: &Reader<'_>, root: Option<&Raw<'_>>) -> BTreeMap<String, Vec<Span>> {
    fn items<'i>(value: Option<&Raw<'i>>) -> Vec<Raw<'i>> {
        let array = value.and_then(|value| value.get_ref().as_array());
        array.into_iter().flatten().cloned().collect()
    }
    fn below<'i>(value: &Raw<'i>, key: &str) -> Vec<Raw<'i>> {
        items(value.get_ref().as_table().and_then(|table| table.get(key)))
    }
    let mut found: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    let text = |value: &Raw<'_>, key: &str| {
        let own = value.get_ref().as_table()?.get(key)?;
        Some((own.get_ref().as_str()?.to_owned(), reader.span(own)))
    };
    for chapter in items(root) {
        let prefix = text(&chapter, "prefix");
        let letters = prefix
            .as_ref()
            .map_or(String::new(), |(letters, _)| letters.clone());
        let mut add = |name: String, span: Span| found.entry(name).or_default().push(span);
        for (name, span) in text(&chapter, "id").into_iter().chain(prefix) {
            add(name, span);
        }
        let commitments = below(&chapter, "commitment");
        let measures = commitments
            .iter()
            .flat_map(|commitment| below(commitment, "measure"));
        for part in commitments
            .iter()
            .cloned()
            .chain(measures)
            .chain(below(&chapter, "appendix"))
        {
            if let Some((id, span)) = text(&part, "id") {
                add(format!("{letters}-{id}"), span);
            }
        }
    }
    found
}

/// Reads a reference to a measure; whether it exists is checked against the code later.
pub(in crate::record) fn read_reference(
    reader: &mut Reader<'_>,
    value: &Raw<'_>,
) -> Option<Placed<MeasureReference>> {
    let text = reader.text(value)?;
    let reference = MeasureReference::parse(&text.value);
    if reference.is_none() {
        let finding = Finding::new(Code::UnknownMeasure, reader.file, Message::new("this does not name a measure:").value(&text.value))
            .at(text.span)
            .help("write the chapter's prefix, a hyphen and the number, such as \"S-1.1\", \"S-1.1(2)(c)\" or \"S-A1.4\"");
        reader.findings.push(finding);
    }
    reference.map(|reference| Placed::new(reference, text.span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_keep_their_points() {
        let reference = MeasureReference::parse("S-1.1(2)(c)").unwrap();
        assert_eq!(
            (reference.name.as_str(), reference.points.as_str()),
            ("S-1.1", "(2)(c)")
        );
        assert_eq!(MeasureReference::parse("S-A1.4").unwrap().name, "S-A1.4");
        assert_eq!(MeasureReference::parse("S-3").unwrap().name, "S-3");
        for bad in ["1.1", "s-1.1", "S1.1", "S-1.1(", "S-", "S-1.1 x"] {
            assert!(MeasureReference::parse(bad).is_none(), "{bad}");
        }
    }
}
