//! What is withheld in the fields of a record, for the public register: where, on which ground, until when.

use crate::fields::{LocalText, Placed};
use crate::record::document::{DocumentFields, PageFields, ReportFields, VersionFields};
use crate::record::held::{Disclosed, Redaction};
use crate::record::meeting::{
    Attachment, DocumentReference, MeetingFields, Party, Revision, WebLink,
};
use crate::record::member::{Event, MemberFields, Representative};

/// Something that may hold redactions.
pub(crate) trait Redactions {
    /// Adds the redactions with the name of the field in which each stands.
    fn collect<'r>(&'r self, field: &'static str, found: &mut Vec<(&'static str, &'r Redaction)>);
}

impl<T: Redactions> Redactions for Disclosed<T> {
    fn collect<'r>(&'r self, field: &'static str, found: &mut Vec<(&'static str, &'r Redaction)>) {
        match self {
            Self::Public(value) => value.collect(field, found),
            Self::Withheld(redaction) => found.push((field, redaction)),
        }
    }
}

impl<T: Redactions> Redactions for Vec<T> {
    fn collect<'r>(&'r self, field: &'static str, found: &mut Vec<(&'static str, &'r Redaction)>) {
        for value in self {
            value.collect(field, found);
        }
    }
}

impl<T: Redactions> Redactions for Option<T> {
    fn collect<'r>(&'r self, field: &'static str, found: &mut Vec<(&'static str, &'r Redaction)>) {
        if let Some(value) = self {
            value.collect(field, found);
        }
    }
}

macro_rules! hold_none {
    ($($type:ty),*) => { $(impl Redactions for $type {
        fn collect<'r>(&'r self, _: &'static str, _: &mut Vec<(&'static str, &'r Redaction)>) {}
    })* };
}
hold_none!(LocalText, Party, String);

impl<T> Redactions for Placed<T> {
    fn collect<'r>(&'r self, _: &'static str, _: &mut Vec<(&'static str, &'r Redaction)>) {}
}

macro_rules! hold_in {
    ($($type:ty { $($field:ident),* })*) => { $(impl Redactions for $type {
        fn collect<'r>(&'r self, field: &'static str, found: &mut Vec<(&'static str, &'r Redaction)>) {
            $(self.$field.collect(field, found);)*
        }
    })* };
}
hold_in! {
    Attachment { title }
    WebLink { title }
    Revision { summary }
    Representative { name, role }
    Event { date, kind, summary }
}

impl Redactions for DocumentReference {
    fn collect<'r>(&'r self, field: &'static str, found: &mut Vec<(&'static str, &'r Redaction)>) {
        match self {
            Self::Slug(_) => {}
            Self::Unpublished(title) => title.collect(field, found),
        }
    }
}

macro_rules! all_redactions {
    ($($type:ty { $($field:ident),* $(,)? })*) => { $(impl $type {
        /// Returns all redactions in the fields, each with the name of its field.
        pub(crate) fn redactions(&self) -> Vec<(&'static str, &Redaction)> {
            let mut found = Vec::new();
            $(self.$field.collect(stringify!($field), &mut found);)*
            found
        }
    })* };
}
all_redactions! {
    MeetingFields {
        title, end, reference, number, published, time, place, chair, participants, observers, speakers, agenda, topics, measures, documents,
        attachments, decisions, sources, revisions,
    }
    MemberFields {
        country, website, signed, joined, left, chapters, measures, description, models, representatives, links, successor, events,
    }
    DocumentFields { title, measures, topics, attachments }
    VersionFields { summary }
    ReportFields { title, measures, attachments, published }
    PageFields { title, description, attachments }
}
