//! A meeting summary's front matter.

use jiff::civil::Date;

use crate::diag::{Code, Message};
use crate::fields::{LocalText, Placed, Raw, Reader, Table};
use crate::record::code::{self, MeasureReference};
use crate::record::held::{Disclosed, DisclosedList, Hand, placed_text};
use crate::record::translation::{Fields, inherit, inherit_list, inherit_text, same};
use crate::slug;

/// What anyone may read of a meeting's front matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeetingFields {
    pub(crate) title: Option<Disclosed<LocalText>>,
    pub(crate) date: Option<Placed<Date>>,
    pub(crate) end: Option<Disclosed<Placed<Date>>>,
    pub(crate) kind: Option<Placed<String>>,
    pub(crate) reference: Option<Disclosed<Placed<String>>>,
    pub(crate) number: Option<Disclosed<Placed<i64>>>,
    pub(crate) published: Option<Disclosed<Placed<Date>>>,
    pub(crate) time: Option<Disclosed<Placed<String>>>,
    pub(crate) place: Option<Disclosed<LocalText>>,
    pub(crate) chair: Option<Disclosed<LocalText>>,
    pub(crate) participants: Option<DisclosedList<Party>>,
    pub(crate) observers: Option<DisclosedList<Party>>,
    pub(crate) speakers: Option<DisclosedList<Party>>,
    pub(crate) agenda: Option<DisclosedList<LocalText>>,
    pub(crate) topics: Option<DisclosedList<Placed<String>>>,
    pub(crate) measures: Option<DisclosedList<Placed<MeasureReference>>>,
    pub(crate) documents: Option<DisclosedList<DocumentReference>>,
    pub(crate) attachments: Option<DisclosedList<Attachment>>,
    pub(crate) decisions: Option<DisclosedList<LocalText>>,
    pub(crate) sources: Option<DisclosedList<WebLink>>,
    pub(crate) revisions: Option<DisclosedList<Revision>>,
    pub(crate) aliases: Vec<Placed<String>>,
    pub(crate) draft: bool,
}

/// Someone who takes part: a member with a record, or another body by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// A member, by its slug.
    Member(Placed<String>),
    /// Another body.
    Other(LocalText),
}

/// A document that a meeting dealt with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentReference {
    /// A document of the site, by its slug.
    Slug(Placed<String>),
    /// A document that exists but is not published.
    Unpublished(Disclosed<LocalText>),
}

/// A file that is published with its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The file, relative to the one that names it.
    pub(crate) file: Placed<String>,
    pub(crate) title: Option<Disclosed<LocalText>>,
}

/// A link to another site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebLink {
    pub(crate) title: Option<Disclosed<LocalText>>,
    pub(crate) url: Placed<String>,
}

/// A change to a published text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    pub(crate) date: Placed<Date>,
    pub(crate) summary: Option<Disclosed<LocalText>>,
}

impl Fields for MeetingFields {
    const WHAT: &'static str = "a meeting";

    fn read(hand: &mut Hand<'_>, table: &mut Table<'_, '_>) -> Self {
        Self {
            title: hand.local_text(table, "title"),
            date: hand.plain(table, "date", super::super::fields::Reader::date),
            end: hand.field(table, "end", |hand, value| hand.reader.date(value)),
            kind: hand.plain(table, "kind", super::super::fields::Reader::text),
            reference: hand.field(table, "reference", placed_text),
            number: hand.field(table, "number", |hand, value| hand.reader.number(value)),
            published: hand.field(table, "published", |hand, value| hand.reader.date(value)),
            time: hand.field(table, "time", placed_text),
            place: hand.local_text(table, "place"),
            chair: hand.local_text(table, "chair"),
            participants: hand.list(table, "participants", read_party),
            observers: hand.list(table, "observers", read_party),
            speakers: hand.list(table, "speakers", read_party),
            agenda: hand.list(table, "agenda", |hand, value| hand.reader.local_text(value)),
            topics: hand.list(table, "topics", placed_text),
            measures: hand.list(table, "measures", |hand, value| {
                code::read_reference(&mut hand.reader, value)
            }),
            documents: hand.list(table, "documents", read_document),
            attachments: hand.list(table, "attachments", read_attachment),
            decisions: hand.list(table, "decisions", |hand, value| {
                hand.reader.local_text(value)
            }),
            sources: hand.list(table, "sources", read_link),
            revisions: hand.list(table, "revisions", read_revision),
            aliases: read_aliases(hand, table),
            draft: hand
                .plain(table, "draft", super::super::fields::Reader::truth)
                .unwrap_or(false),
        }
    }

    fn check_required(
        &self,
        reader: &mut Reader<'_>,
        table: &Table<'_, '_>,
        given: &dyn Fn(&str) -> bool,
    ) {
        for (key, example) in [
            ("title", "\"Second meeting\""),
            ("date", "2026-01-31"),
            ("kind", "\"plenary\""),
        ] {
            if !given(key) {
                reader.missing(table, key, Self::WHAT, example);
            }
        }
        if let (Some(date), Some(Disclosed::Public(end))) = (&self.date, &self.end)
            && end.value < date.value
        {
            reader.note(
                Code::InvalidValue,
                end.span,
                "the meeting ends before it begins",
                "write the last day of the meeting, or leave `end` out",
            );
        }
    }

    fn date(&self) -> Option<Date> {
        self.date.as_ref().map(|date| date.value)
    }

    fn title(&self) -> Option<&Disclosed<LocalText>> {
        self.title.as_ref()
    }

    fn is_draft(&self) -> bool {
        self.draft
    }

    fn complete(&mut self, original: &Self) -> Vec<&'static str> {
        let mut differing = Vec::new();
        inherit_text(&mut self.title, original.title.as_ref());
        inherit_text(&mut self.place, original.place.as_ref());
        inherit_text(&mut self.chair, original.chair.as_ref());
        inherit_list(
            &mut self.agenda,
            original.agenda.as_ref(),
            "agenda",
            &mut differing,
        );
        inherit_list(
            &mut self.decisions,
            original.decisions.as_ref(),
            "decisions",
            &mut differing,
        );
        inherit(&mut self.time, original.time.as_ref());
        inherit(&mut self.sources, original.sources.as_ref());
        inherit_list(
            &mut self.attachments,
            original.attachments.as_ref(),
            "attachments",
            &mut differing,
        );
        inherit_list(
            &mut self.revisions,
            original.revisions.as_ref(),
            "revisions",
            &mut differing,
        );
        inherit_list(
            &mut self.participants,
            original.participants.as_ref(),
            "participants",
            &mut differing,
        );
        inherit_list(
            &mut self.observers,
            original.observers.as_ref(),
            "observers",
            &mut differing,
        );
        inherit_list(
            &mut self.speakers,
            original.speakers.as_ref(),
            "speakers",
            &mut differing,
        );
        inherit_list(
            &mut self.documents,
            original.documents.as_ref(),
            "documents",
            &mut differing,
        );
        same(
            &mut self.date,
            original.date.as_ref(),
            "date",
            &mut differing,
        );
        same(&mut self.end, original.end.as_ref(), "end", &mut differing);
        same(
            &mut self.kind,
            original.kind.as_ref(),
            "kind",
            &mut differing,
        );
        same(
            &mut self.reference,
            original.reference.as_ref(),
            "reference",
            &mut differing,
        );
        same(
            &mut self.number,
            original.number.as_ref(),
            "number",
            &mut differing,
        );
        same(
            &mut self.published,
            original.published.as_ref(),
            "published",
            &mut differing,
        );
        same(
            &mut self.topics,
            original.topics.as_ref(),
            "topics",
            &mut differing,
        );
        same(
            &mut self.measures,
            original.measures.as_ref(),
            "measures",
            &mut differing,
        );
        self.draft |= original.draft;
        differing
    }

    fn withhold_all(&self) -> Self {
        Self {
            date: self.date.clone(),
            kind: self.kind.clone(),
            draft: self.draft,
            ..Self::default()
        }
    }
}

pub(in crate::record) fn read_party(hand: &mut Hand<'_>, value: &Raw<'_>) -> Option<Party> {
    if !value.get_ref().is_table() {
        return hand.reader.text(value).map(Party::Member);
    }
    let mut table = hand.reader.table(value)?;
    let name = if let Some(value) = table.take("name") {
        hand.reader.local_text(value)
    } else {
        hand.reader.missing(
            &table,
            "name",
            "a body without a record",
            "\"Example Institute\"",
        );
        None
    };
    hand.reader.finish(&table, "an entry of this list");
    name.map(Party::Other)
}

fn read_document(hand: &mut Hand<'_>, value: &Raw<'_>) -> Option<DocumentReference> {
    if !value.get_ref().is_table() {
        return hand.reader.text(value).map(DocumentReference::Slug);
    }
    let mut table = hand.reader.table(value)?;
    let title = hand.local_text(&mut table, "title");
    if !table.has("title") {
        hand.reader.missing(
            &table,
            "title",
            "a document that is not published",
            "\"Draft rules\"",
        );
    }
    let unpublished = table
        .take("unpublished")
        .and_then(|value| hand.reader.truth(value));
    if unpublished != Some(true) {
        let span = table.span();
        hand.reader.note(
            Code::InvalidValue,
            span,
            "a document given by its title is one that is not published",
            "add unpublished = true, or give the slug of a folder in `content/documents/`",
        );
    }
    hand.reader.finish(&table, "an entry of `documents`");
    title.map(DocumentReference::Unpublished)
}

pub(in crate::record) fn read_attachment(
    hand: &mut Hand<'_>,
    value: &Raw<'_>,
) -> Option<Attachment> {
    if !value.get_ref().is_table() {
        return hand
            .reader
            .text(value)
            .map(|file| Attachment { file, title: None });
    }
    let mut table = hand.reader.table(value)?;
    let file = hand.required(
        &mut table,
        "file",
        "an attachment",
        "\"slides.pdf\"",
        Reader::text,
    );
    let title = hand.local_text(&mut table, "title");
    hand.reader.finish(&table, "an attachment");
    Some(Attachment { file: file?, title })
}

pub(in crate::record) fn read_link(hand: &mut Hand<'_>, value: &Raw<'_>) -> Option<WebLink> {
    if !value.get_ref().is_table() {
        return hand
            .reader
            .web_address(value)
            .map(|url| WebLink { title: None, url });
    }
    let mut table = hand.reader.table(value)?;
    let title = hand.local_text(&mut table, "title");
    let url = hand.required(
        &mut table,
        "url",
        "a link",
        "\"https://example.org/\"",
        Reader::web_address,
    );
    hand.reader.finish(&table, "a link");
    Some(WebLink { title, url: url? })
}

fn read_revision(hand: &mut Hand<'_>, value: &Raw<'_>) -> Option<Revision> {
    let mut table = hand.reader.table(value)?;
    let date = hand.required(&mut table, "date", "a revision", "2026-01-31", Reader::date);
    let summary = hand.local_text(&mut table, "summary");
    if !table.has("summary") {
        hand.reader.missing(
            &table,
            "summary",
            "a revision",
            "\"Corrected the list of participants\"",
        );
    }
    hand.reader.finish(&table, "a revision");
    Some(Revision {
        date: date?,
        summary,
    })
}

/// Reads the old addresses of a page, as paths below the site's root without `/` at either end.
pub(in crate::record) fn read_aliases(
    hand: &mut Hand<'_>,
    table: &mut Table<'_, '_>,
) -> Vec<Placed<String>> {
    let read = |reader: &mut Reader<'_>, value: &Raw<'_>| {
        let alias = reader.text(value)?;
        let path = alias.value.trim_matches('/').to_owned();
        let sound = !path.is_empty()
            && path
                .split('/')
                .all(|part| !part.is_empty() && part != "." && part != "..")
            && path
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_./~".contains(&byte))
            && path.split('/').all(slug::is_path_part);
        if sound {
            return Some(alias.map(|_| path));
        }
        reader.note(
            Code::InvalidValue,
            alias.span,
            Message::new("this is no path on the site:").value(&alias.value),
            "write the old address without its host, such as \"/minutes/2026-01/\"",
        );
        None
    };
    hand.plain(table, "aliases", |reader, value| reader.list(value, read))
        .unwrap_or_default()
}
