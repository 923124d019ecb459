//! The front matter of governing documents and their versions, of reports and of free pages.

use jiff::civil::Date;

use crate::diag::{Code, Message};
use crate::fields::{LocalText, Placed, Reader, Table};
use crate::record::code::{self, MeasureReference};
use crate::record::held::{Disclosed, DisclosedList, Hand, placed_text};
use crate::record::meeting::{Attachment, read_aliases, read_attachment};
use crate::record::translation::{Fields, inherit_list, inherit_text, same};

/// What anyone may read of a document's `index.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentFields {
    pub(crate) title: Option<Disclosed<LocalText>>,
    pub(crate) kind: Option<Placed<String>>,
    /// The document exists, but nobody may read it here.
    pub(crate) unpublished: bool,
    pub(crate) measures: Option<DisclosedList<Placed<MeasureReference>>>,
    pub(crate) topics: Option<DisclosedList<Placed<String>>>,
    pub(crate) attachments: Option<DisclosedList<Attachment>>,
    pub(crate) aliases: Vec<Placed<String>>,
    pub(crate) draft: bool,
}

impl Fields for DocumentFields {
    const WHAT: &'static str = "a document";

    fn read(hand: &mut Hand<'_>, table: &mut Table<'_, '_>) -> Self {
        Self {
            title: hand.local_text(table, "title"),
            kind: hand.plain(table, "kind", super::super::fields::Reader::text),
            unpublished: hand
                .plain(table, "unpublished", super::super::fields::Reader::truth)
                .unwrap_or(false),
            measures: hand.list(table, "measures", |hand, value| {
                code::read_reference(&mut hand.reader, value)
            }),
            topics: hand.list(table, "topics", placed_text),
            attachments: hand.list(table, "attachments", read_attachment),
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
        for (key, example) in [("title", "\"Rules of procedure\""), ("kind", "\"rules\"")] {
            if !given(key) {
                reader.missing(table, key, Self::WHAT, example);
            }
        }
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
        inherit_list(
            &mut self.attachments,
            original.attachments.as_ref(),
            "attachments",
            &mut differing,
        );
        same(
            &mut self.kind,
            original.kind.as_ref(),
            "kind",
            &mut differing,
        );
        same(
            &mut self.measures,
            original.measures.as_ref(),
            "measures",
            &mut differing,
        );
        same(
            &mut self.topics,
            original.topics.as_ref(),
            "topics",
            &mut differing,
        );
        self.unpublished = original.unpublished;
        self.draft |= original.draft;
        differing
    }

    fn withhold_all(&self) -> Self {
        Self {
            kind: self.kind.clone(),
            draft: self.draft,
            ..Self::default()
        }
    }
}

/// What anyone may read of one version of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionFields {
    pub(crate) version: Option<Placed<String>>,
    pub(crate) date: Option<Placed<Date>>,
    pub(crate) summary: Option<Disclosed<LocalText>>,
    pub(crate) draft: bool,
}

impl Fields for VersionFields {
    const WHAT: &'static str = "a version";

    fn read(hand: &mut Hand<'_>, table: &mut Table<'_, '_>) -> Self {
        Self {
            version: hand.plain(table, "version", read_version),
            date: hand.plain(table, "date", super::super::fields::Reader::date),
            summary: hand.local_text(table, "summary"),
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
        for (key, example) in [("version", "\"1.0\""), ("date", "2026-01-31")] {
            if !given(key) {
                reader.missing(table, key, Self::WHAT, example);
            }
        }
    }

    fn date(&self) -> Option<Date> {
        self.date.as_ref().map(|date| date.value)
    }

    fn title(&self) -> Option<&Disclosed<LocalText>> {
        None
    }

    fn is_draft(&self) -> bool {
        self.draft
    }

    fn complete(&mut self, original: &Self) -> Vec<&'static str> {
        let mut differing = Vec::new();
        inherit_text(&mut self.summary, original.summary.as_ref());
        same(
            &mut self.version,
            original.version.as_ref(),
            "version",
            &mut differing,
        );
        same(
            &mut self.date,
            original.date.as_ref(),
            "date",
            &mut differing,
        );
        self.draft |= original.draft;
        differing
    }

    fn withhold_all(&self) -> Self {
        Self {
            version: self.version.clone(),
            date: self.date.clone(),
            summary: None,
            draft: self.draft,
        }
    }
}

/// Reads a version, which is the last part of its address.
fn read_version(reader: &mut Reader<'_>, value: &crate::fields::Raw<'_>) -> Option<Placed<String>> {
    if value.get_ref().is_integer() || value.get_ref().is_float() {
        reader.wrong_type(
            value,
            "a text",
            "put the version between quotation marks, such as \"1.0\"",
        );
        return None;
    }
    let text = reader.text(value)?;
    if crate::slug::is_path_part(&text.value) {
        return Some(text);
    }
    reader.note(
        Code::InvalidValue,
        text.span,
        Message::new("this version cannot be part of an address:").value(&text.value),
        "use letters, digits, `.`, `-` and `_`, such as \"1.0\" or \"2026-01\"",
    );
    None
}

/// What anyone may read of a report's front matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportFields {
    pub(crate) title: Option<Disclosed<LocalText>>,
    pub(crate) member: Option<Placed<String>>,
    pub(crate) period: Option<Period>,
    pub(crate) measures: Option<DisclosedList<Placed<MeasureReference>>>,
    pub(crate) attachments: Option<DisclosedList<Attachment>>,
    pub(crate) published: Option<Disclosed<Placed<Date>>>,
    pub(crate) aliases: Vec<Placed<String>>,
    pub(crate) draft: bool,
}

/// The first and last day that a report covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    pub(crate) start: Date,
    pub(crate) end: Date,
}

impl Fields for ReportFields {
    const WHAT: &'static str = "a report";

    fn read(hand: &mut Hand<'_>, table: &mut Table<'_, '_>) -> Self {
        Self {
            title: hand.local_text(table, "title"),
            member: hand.plain(table, "member", super::super::fields::Reader::text),
            period: hand.plain(table, "period", read_period),
            measures: hand.list(table, "measures", |hand, value| {
                code::read_reference(&mut hand.reader, value)
            }),
            attachments: hand.list(table, "attachments", read_attachment),
            published: hand.field(table, "published", |hand, value| hand.reader.date(value)),
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
            ("title", "\"Report on 2026\""),
            ("member", "\"acme\""),
            ("period", "{ start = 2026-01-01, end = 2026-06-30 }"),
        ] {
            if !given(key) {
                reader.missing(table, key, Self::WHAT, example);
            }
        }
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
        inherit_list(
            &mut self.attachments,
            original.attachments.as_ref(),
            "attachments",
            &mut differing,
        );
        same(
            &mut self.member,
            original.member.as_ref(),
            "member",
            &mut differing,
        );
        same(
            &mut self.period,
            original.period.as_ref(),
            "period",
            &mut differing,
        );
        same(
            &mut self.measures,
            original.measures.as_ref(),
            "measures",
            &mut differing,
        );
        same(
            &mut self.published,
            original.published.as_ref(),
            "published",
            &mut differing,
        );
        self.draft |= original.draft;
        differing
    }

    fn withhold_all(&self) -> Self {
        // The folder says whose report it is, and is public by the contract's A9; the period and all else are withheld.
        Self {
            member: self.member.clone(),
            draft: self.draft,
            ..Self::default()
        }
    }
}

fn read_period(reader: &mut Reader<'_>, value: &crate::fields::Raw<'_>) -> Option<Period> {
    let mut table = reader.table(value)?;
    let mut day = |key: &'static str, reader: &mut Reader<'_>| {
        if let Some(value) = table.take(key) {
            reader.date(value)
        } else {
            reader.missing(&table, key, "a period", "2026-01-01");
            None
        }
    };
    let start = day("start", reader);
    let end = day("end", reader);
    reader.finish(&table, "a period");
    let (start, end) = (start?, end?);
    if end.value < start.value {
        reader.note(
            Code::InvalidValue,
            end.span,
            "the period ends before it starts",
            "exchange the two dates",
        );
        return None;
    }
    Some(Period {
        start: start.value,
        end: end.value,
    })
}

/// What anyone may read of a free page's front matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageFields {
    pub(crate) title: Option<Disclosed<LocalText>>,
    pub(crate) description: Option<Disclosed<LocalText>>,
    pub(crate) weight: Option<i64>,
    pub(crate) attachments: Option<DisclosedList<Attachment>>,
    pub(crate) aliases: Vec<Placed<String>>,
    pub(crate) draft: bool,
}

impl Fields for PageFields {
    const WHAT: &'static str = "a page";

    fn read(hand: &mut Hand<'_>, table: &mut Table<'_, '_>) -> Self {
        Self {
            title: hand.local_text(table, "title"),
            description: hand.local_text(table, "description"),
            weight: hand
                .plain(table, "weight", super::super::fields::Reader::number)
                .map(|weight| weight.value),
            attachments: hand.list(table, "attachments", read_attachment),
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
        if !given("title") {
            reader.missing(table, "title", Self::WHAT, "\"About\"");
        }
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
        inherit_text(&mut self.description, original.description.as_ref());
        inherit_list(
            &mut self.attachments,
            original.attachments.as_ref(),
            "attachments",
            &mut differing,
        );
        same(
            &mut self.weight,
            original.weight.as_ref(),
            "weight",
            &mut differing,
        );
        self.draft |= original.draft;
        differing
    }

    fn withhold_all(&self) -> Self {
        Self {
            draft: self.draft,
            ..Self::default()
        }
    }
}
