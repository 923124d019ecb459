//! What refers to what, what changed, and what is withheld: the lists that are made of everything.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::fields::{Language, Placed};
use crate::record::{Disclosed, Party, Redaction, public_items};
use crate::site::{Backlinks, Change, ChangeKind, Part, Site, Topic, WithheldEntry, closed_title};

impl Site {
    /// Returns everything that changed on the site, newest first, as the edition in a language tells it.
    pub(crate) fn changes(&self, language: &Language) -> Vec<Change> {
        let mut changes = Vec::new();
        for meeting in &self.meetings {
            let fields = &meeting.edition(language).0.fields;
            for revision in public_items(fields.revisions.as_ref()) {
                changes.push(Change {
                    date: revision.date.value,
                    kind: ChangeKind::Revision,
                    path: meeting.path.clone(),
                    title: fields
                        .title
                        .clone()
                        .or_else(|| closed_title(&meeting.record)),
                    version: None,
                    summary: revision.summary.clone(),
                });
            }
        }
        for document in &self.documents {
            for version in &document.versions {
                let fields = &version.edition(language).0.fields;
                let Some(date) = &fields.date else { continue };
                changes.push(Change {
                    date: date.value,
                    kind: ChangeKind::Version,
                    path: version.path.clone(),
                    title: document
                        .entry
                        .edition(language)
                        .0
                        .fields
                        .title
                        .clone()
                        .or_else(|| closed_title(&document.entry.record)),
                    version: fields.version.as_ref().map(|version| version.value.clone()),
                    summary: fields.summary.clone(),
                });
            }
        }
        for member in &self.members {
            for event in public_items(member.fields.events.as_ref()) {
                let Disclosed::Public(date) = &event.date else {
                    continue;
                };
                changes.push(Change {
                    date: date.value,
                    kind: ChangeKind::Event,
                    path: member.path.clone(),
                    title: Some(Disclosed::Public(member.fields.name.clone())),
                    version: None,
                    summary: event.summary.clone(),
                });
            }
        }
        changes.sort_by(|a, b| {
            b.date
                .cmp(&a.date)
                .then_with(|| a.path.cmp(&b.path))
                .then_with(|| a.kind.cmp(&b.kind))
        });
        changes
    }
}

/// Finds out what refers to what. What is named in something withheld creates nothing.
#[expect(
    clippy::too_many_lines,
    reason = "one loop for each kind of thing that refers to another"
)]
pub(super) fn relate(site: &mut Site) {
    let mut backlinks: BTreeMap<String, Backlinks> = BTreeMap::new();
    let mut topics: BTreeMap<String, Topic> = BTreeMap::new();
    for topic in site.config.topics.iter().flatten() {
        topics.insert(
            topic.slug.clone(),
            Topic {
                slug: topic.slug.clone(),
                label: topic.label.clone(),
                meetings: Vec::new(),
                documents: Vec::new(),
            },
        );
    }
    let mut topic = |slug: &Placed<String>, add: &dyn Fn(&mut Topic)| {
        if crate::slug::is_slug(&slug.value) {
            add(topics.entry(slug.value.clone()).or_insert_with(|| Topic {
                slug: slug.value.clone(),
                label: None,
                meetings: Vec::new(),
                documents: Vec::new(),
            }));
        }
    };
    for (index, meeting) in site.meetings.iter().enumerate() {
        let fields = meeting.fields();
        for slug in public_items(fields.topics.as_ref()) {
            topic(slug, &|topic| push_once(&mut topic.meetings, index));
        }
        for reference in public_items(fields.measures.as_ref()) {
            let own = &mut backlinks
                .entry(reference.value.name.clone())
                .or_default()
                .meetings;
            match own.last_mut().filter(|(known, _)| *known == index) {
                Some((_, points)) if !reference.value.points.is_empty() => {
                    if !points.is_empty() {
                        points.push_str(", ");
                    }
                    points.push_str(&reference.value.points);
                }
                Some(_) => {}
                None => own.push((index, reference.value.points.clone())),
            }
        }
        for (list, part) in [
            (&fields.participants, Part::Participant),
            (&fields.observers, Part::Observer),
            (&fields.speakers, Part::Speaker),
        ] {
            for party in public_items(list.as_ref()) {
                if let Party::Member(slug) = party {
                    let own = site.attendance.entry(slug.value.clone()).or_default();
                    if !own.contains(&(index, part)) {
                        own.push((index, part));
                    }
                }
            }
        }
    }
    for (index, document) in site.documents.iter().enumerate() {
        for slug in public_items(document.entry.fields().topics.as_ref()) {
            topic(slug, &|topic| push_once(&mut topic.documents, index));
        }
        for reference in public_items(document.entry.fields().measures.as_ref()) {
            push_once(
                &mut backlinks
                    .entry(reference.value.name.clone())
                    .or_default()
                    .documents,
                index,
            );
        }
    }
    for (index, report) in site.reports.iter().enumerate() {
        let mut named: BTreeMap<&str, Option<String>> = BTreeMap::new();
        for reference in public_items(report.entry.fields().measures.as_ref()) {
            named.entry(&reference.value.name).or_default();
        }
        for (reference, anchor) in &report.sections {
            named
                .entry(&reference.value.name)
                .or_default()
                .get_or_insert_with(|| anchor.clone());
        }
        for (name, anchor) in named {
            backlinks
                .entry(name.to_owned())
                .or_default()
                .reports
                .push((index, anchor));
        }
    }
    for (index, member) in site.members.iter().enumerate() {
        for reference in public_items(member.fields.measures.as_ref()) {
            push_once(
                &mut backlinks
                    .entry(reference.value.name.clone())
                    .or_default()
                    .members,
                index,
            );
        }
    }
    site.backlinks = backlinks;
    site.topics = topics.into_values().collect();
}

fn push_once(list: &mut Vec<usize>, index: usize) {
    if !list.contains(&index) {
        list.push(index);
    }
}

/// Returns the public register of everything withheld, newest document first. Translations withhold the same and are not counted again.
pub(super) fn withheld(site: &Site) -> Vec<WithheldEntry> {
    let mut register = Vec::new();
    let mut add = |section: &'static str,
                   path: &str,
                   date: Option<Date>,
                   closed: Option<&Redaction>,
                   fields: Vec<(&'static str, &Redaction)>,
                   body: &[Redaction]| {
        let entry = |field: Option<&'static str>, redaction: &Redaction| WithheldEntry {
            section,
            path: path.to_owned(),
            date,
            field,
            redaction: redaction.clone(),
        };
        if let Some(redaction) = closed {
            register.push(entry(None, redaction));
        } else {
            register.extend(
                fields
                    .into_iter()
                    .map(|(field, redaction)| entry(Some(field), redaction)),
            );
            register.extend(body.iter().map(|redaction| entry(None, redaction)));
        }
    };
    for meeting in &site.meetings {
        let date = meeting.fields().date.as_ref().map(|date| date.value);
        add(
            "meetings",
            &meeting.path,
            date,
            meeting.record.closed.as_ref(),
            meeting.fields().redactions(),
            meeting.record.original.body.redactions(),
        );
    }
    for document in &site.documents {
        let entry = &document.entry;
        add(
            "documents",
            &entry.path,
            None,
            entry.record.closed.as_ref(),
            entry.fields().redactions(),
            entry.record.original.body.redactions(),
        );
        for version in &document.versions {
            let date = version.fields().date.as_ref().map(|date| date.value);
            add(
                "documents",
                &version.path,
                date,
                version.record.closed.as_ref(),
                version.fields().redactions(),
                version.record.original.body.redactions(),
            );
        }
    }
    for report in &site.reports {
        let entry = &report.entry;
        let date = entry.fields().period.map(|period| period.end);
        add(
            "reports",
            &entry.path,
            date,
            entry.record.closed.as_ref(),
            entry.fields().redactions(),
            entry.record.original.body.redactions(),
        );
    }
    for member in &site.members {
        add(
            "members",
            &member.path,
            None,
            None,
            member.fields.redactions(),
            &[],
        );
    }
    for page in site.pages.iter().chain(&site.home) {
        add(
            "pages",
            &page.path,
            None,
            page.record.closed.as_ref(),
            page.fields().redactions(),
            page.record.original.body.redactions(),
        );
    }
    register
}
