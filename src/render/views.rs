//! From entries of the site to what templates see of them.

use crate::compare;
use crate::fields::Placed;
use crate::record::{
    Attachment, Disclosed, DocumentFields, DocumentReference, Measure, MeasureReference,
    MeetingFields, Party, Representative, Revision, Status, VersionFields, WebLink, public_items,
};
use crate::render::lens::{Lens, humanise};
use crate::render::view::{
    ChangeItem, ChapterView, CommitmentView, DocumentItem, DocumentView, Figures, Item, List,
    MeasureView, MeetingItem, MeetingView, MemberItem, MemberView, ReportItem, ReportView,
    TopicItem, VersionItem, Words,
};
use crate::site::{
    Change, DocumentEntry, Entry, MemberEntry, Part, ReportEntry, Topic, WithheldEntry,
    closed_title,
};

impl Lens<'_> {
    fn measure_item(&self, reference: &Placed<MeasureReference>) -> Item {
        let reference = &reference.value;
        let chapter = self.site.code.chapter_of(&reference.name);
        Item {
            words: Lens::text(reference.to_string()),
            path: chapter.map(|chapter| {
                format!(
                    "{}#{}",
                    self.path(&format!("code/{}/", chapter.id)),
                    reference.name
                )
            }),
            note: chapter
                .and_then(|chapter| chapter.title_of(&reference.name))
                .map(|title| self.local(title)),
            name: Some(reference.name.clone()),
            ..Item::default()
        }
    }

    fn party_item(&self, party: &Party) -> Item {
        match party {
            Party::Other(name) => Item {
                words: self.local(name),
                ..Item::default()
            },
            Party::Member(slug) => match self.site.member(&slug.value) {
                Some(member) => self.member_link(member),
                None => Item {
                    words: Lens::text(slug.value.clone()),
                    ..Item::default()
                },
            },
        }
    }

    fn member_link(&self, member: &MemberEntry) -> Item {
        Item {
            words: self.local(&member.fields.name),
            path: Some(self.path(&member.path)),
            name: Some(member.slug.clone()),
            ..Item::default()
        }
    }

    fn attachment_item(&self, attachment: &Attachment, folder: &str) -> Item {
        let name = attachment.file.value.rsplit('/').next().unwrap_or_default();
        let source = crate::slug::join(folder, &attachment.file.value).unwrap_or_default();
        let path = self
            .site
            .files
            .iter()
            .find(|(_, own)| **own == source)
            .map(|(address, _)| crate::links::encode(address));
        Item {
            words: attachment
                .title
                .as_ref()
                .map_or_else(|| Lens::text(name), |title| self.words(title)),
            path,
            name: Some(name.to_owned()),
            ..Item::default()
        }
    }

    fn link_item(&self, link: &WebLink) -> Item {
        let url = &link.url.value;
        Item {
            words: link
                .title
                .as_ref()
                .map_or_else(|| Lens::text(url.clone()), |title| self.words(title)),
            url: Some(url.clone()),
            ..Item::default()
        }
    }

    fn revision_item(&self, revision: &Revision) -> Item {
        Item {
            words: revision
                .summary
                .as_ref()
                .map(|summary| self.words(summary))
                .unwrap_or_default(),
            day: Some(self.day(revision.date.value)),
            ..Item::default()
        }
    }

    fn document_reference(&self, reference: &DocumentReference) -> Item {
        match reference {
            DocumentReference::Unpublished(title) => Item {
                words: self.words(title),
                name: Some("unpublished".into()),
                ..Item::default()
            },
            DocumentReference::Slug(slug) => match self.site.document(&slug.value) {
                Some(document) => {
                    let item = self.document_item(document);
                    let name = item.is_unpublished.then(|| "unpublished".to_owned());
                    Item {
                        words: item.title,
                        path: Some(item.path),
                        name,
                        ..Item::default()
                    }
                }
                None => Item {
                    words: Lens::text(slug.value.clone()),
                    ..Item::default()
                },
            },
        }
    }

    fn topic_label(&self, slug: &str) -> Words {
        let topic = self.site.topics.iter().find(|topic| topic.slug == slug);
        self.label(
            topic.and_then(|topic| topic.label.as_ref()),
            &format!("topic-{slug}"),
            slug,
        )
    }

    fn topic_link(&self, slug: &Placed<String>) -> Item {
        Item {
            words: self.topic_label(&slug.value),
            path: Some(self.path(&format!("topics/{}/", slug.value))),
            ..Item::default()
        }
    }

    pub(crate) fn kind_item(&self, kind: &str) -> Item {
        let own = self
            .site
            .config
            .kinds
            .iter()
            .find(|own| own.slug == kind)
            .and_then(|own| own.label.as_ref());
        Item {
            words: self.label(own, &format!("kind-{kind}"), kind),
            name: Some(kind.to_owned()),
            ..Item::default()
        }
    }

    pub(crate) fn meeting_title(&self, entry: &Entry<MeetingFields>) -> Words {
        self.title(
            entry.edition(self.language).0.fields.title.as_ref(),
            entry.record.closed.as_ref(),
        )
    }

    pub(crate) fn meeting_item(&self, entry: &Entry<MeetingFields>, note: String) -> MeetingItem {
        let (edition, body) = entry.edition(self.language);
        let fields = &edition.fields;
        let summary = Words {
            text: body.html.summary.clone(),
            lang: (edition.language != *self.language).then(|| edition.language.to_string()),
            notice: None,
        };
        let withheld = if entry.record.closed.is_some() {
            1
        } else {
            fields.redactions().len() + edition.body.redactions().len()
        };
        MeetingItem {
            title: self.meeting_title(entry),
            path: self.path(&entry.path),
            day: fields.date.as_ref().map(|date| self.day(date.value)),
            end: fields
                .end
                .as_ref()
                .map(|end| self.day_or_notice(end, |date| date.value)),
            kind: fields.kind.as_ref().map(|kind| self.kind_item(&kind.value)),
            number: fields.number.as_ref().map(|number| {
                self.disclosed(number, |number| Lens::text(number.value.to_string()))
            }),
            summary,
            measures: public_items(fields.measures.as_ref())
                .map(|reference| self.measure_item(reference))
                .collect(),
            withheld,
            note,
        }
    }

    pub(crate) fn meeting_view(&self, index: usize, root: &str) -> MeetingView {
        let entry = &self.site.meetings[index];
        let fields = &entry.edition(self.language).0.fields;
        let folder = entry.record.paths.folder.as_str();
        let date = fields.date.as_ref().map(|date| date.value);
        let lag = match (date, &fields.published) {
            (Some(date), Some(Disclosed::Public(published))) => {
                Some(i64::from((published.value - date).get_days())).filter(|days| *days >= 0)
            }
            _ => None,
        };
        let neighbour = |index: Option<usize>| {
            index
                .and_then(|index| self.site.meetings.get(index))
                .map(|entry| {
                    let day = entry
                        .fields()
                        .date
                        .as_ref()
                        .map(|date| self.day(date.value));
                    Item {
                        words: self.meeting_title(entry),
                        path: Some(self.path(&entry.path)),
                        day,
                        ..Item::default()
                    }
                })
        };
        MeetingView {
            item: self.meeting_item(entry, String::new()),
            closed: entry
                .record
                .closed
                .as_ref()
                .map(|redaction| self.notice(redaction)),
            reference: fields.reference.as_ref().map(|reference| {
                self.disclosed(reference, |reference| Lens::text(reference.value.clone()))
            }),
            published: fields
                .published
                .as_ref()
                .map(|published| self.day_or_notice(published, |date| date.value)),
            lag,
            time: fields
                .time
                .as_ref()
                .map(|time| self.disclosed(time, |time| Lens::text(time.value.clone()))),
            place: fields.place.as_ref().map(|place| self.words(place)),
            chair: fields.chair.as_ref().map(|chair| self.words(chair)),
            participants: self.list(fields.participants.as_ref(), |party| self.party_item(party)),
            observers: self.list(fields.observers.as_ref(), |party| self.party_item(party)),
            speakers: self.list(fields.speakers.as_ref(), |party| self.party_item(party)),
            agenda: self.list(fields.agenda.as_ref(), |text| Item {
                words: self.local(text),
                ..Item::default()
            }),
            topics: self.list(fields.topics.as_ref(), |topic| self.topic_link(topic)),
            measures: self.list(fields.measures.as_ref(), |reference| {
                self.measure_item(reference)
            }),
            documents: self.list(fields.documents.as_ref(), |reference| {
                self.document_reference(reference)
            }),
            attachments: self.list(fields.attachments.as_ref(), |attachment| {
                self.attachment_item(attachment, folder)
            }),
            decisions: self.list(fields.decisions.as_ref(), |text| Item {
                words: self.local(text),
                ..Item::default()
            }),
            sources: self.list(fields.sources.as_ref(), |link| self.link_item(link)),
            revisions: self.list(fields.revisions.as_ref(), |revision| {
                self.revision_item(revision)
            }),
            text: self.body(entry, root),
            newer: neighbour(index.checked_sub(1)),
            older: neighbour(Some(index + 1)),
        }
    }

    pub(crate) fn attachments(
        &self,
        list: Option<&crate::record::DisclosedList<Attachment>>,
        folder: &str,
    ) -> Option<List> {
        self.list(list, |attachment| self.attachment_item(attachment, folder))
    }

    fn chapter_item(&self, id: &str) -> Item {
        let chapter = self
            .site
            .code
            .chapters
            .iter()
            .find(|chapter| chapter.id == id);
        Item {
            words: chapter.map_or_else(
                || Lens::text(humanise(id)),
                |chapter| self.local(&chapter.title),
            ),
            path: chapter.map(|chapter| self.path(&format!("code/{}/", chapter.id))),
            name: Some(id.to_owned()),
            ..Item::default()
        }
    }

    pub(crate) fn status_text(&self, status: Status) -> String {
        self.strings
            .get(&format!("status-{}", status.as_str()))
            .to_owned()
    }

    fn missing_chapters(&self, member: &MemberEntry) -> Vec<Item> {
        let Some(Disclosed::Public(signed)) = &member.fields.chapters else {
            return Vec::new();
        };
        // Where an item is withheld, nobody can say what is missing.
        if signed.iter().any(|chapter| chapter.redaction().is_some()) {
            return Vec::new();
        }
        let signed: Vec<&str> = signed
            .iter()
            .filter_map(Disclosed::public)
            .map(|chapter| chapter.value.as_str())
            .collect();
        self.site
            .code
            .chapters
            .iter()
            .filter(|chapter| !signed.contains(&chapter.id.as_str()))
            .map(|chapter| self.chapter_item(&chapter.id))
            .collect()
    }

    pub(crate) fn member_item(&self, member: &MemberEntry) -> MemberItem {
        let fields = &member.fields;
        let mut meetings: Vec<usize> = self
            .site
            .attendance
            .get(&member.slug)
            .into_iter()
            .flatten()
            .map(|(index, _)| *index)
            .collect();
        meetings.dedup();
        MemberItem {
            name: self.local(&fields.name),
            slug: member.slug.clone(),
            path: self.path(&member.path),
            status: fields.status.as_str().to_owned(),
            status_text: self.status_text(fields.status),
            country: fields.country.as_ref().map(|country| {
                self.disclosed(country, |code| {
                    Lens::text(
                        self.strings
                            .find(&format!("country-{code}"))
                            .unwrap_or(code),
                    )
                })
            }),
            chapters: self.list(fields.chapters.as_ref(), |chapter| {
                self.chapter_item(&chapter.value)
            }),
            is_partial: !self.missing_chapters(member).is_empty(),
            meetings: meetings.len(),
            reports: self
                .site
                .reports
                .iter()
                .filter(|report| report.member == member.slug)
                .count(),
        }
    }

    #[expect(clippy::too_many_lines, reason = "one line for each field of a member")]
    pub(crate) fn member_view(&self, member: &MemberEntry) -> MemberView {
        let fields = &member.fields;
        let representative = |own: &Representative| Item {
            words: self.disclosed(&own.name, |name| Lens::text(name.value.clone())),
            note: own.role.as_ref().map(|role| self.words(role)),
            ..Item::default()
        };
        let mut meetings: Vec<(usize, Vec<Part>)> = Vec::new();
        for (index, part) in self.site.attendance.get(&member.slug).into_iter().flatten() {
            match meetings.last_mut().filter(|(known, _)| known == index) {
                Some((_, parts)) => parts.push(*part),
                None => meetings.push((*index, vec![*part])),
            }
        }
        let part = |part: &Part| {
            self.strings.get(match part {
                Part::Participant => "part-participant",
                Part::Observer => "part-observer",
                Part::Speaker => "part-speaker",
            })
        };
        let is_predecessor = |other: &&MemberEntry| {
            other
                .fields
                .successor
                .as_ref()
                .and_then(Disclosed::public)
                .is_some_and(|slug| slug.value == member.slug)
        };
        MemberView {
            item: self.member_item(member),
            description: fields.description.as_ref().map(|text| self.words(text)),
            website: fields.website.as_ref().map(|website| match website {
                Disclosed::Public(url) => Item {
                    words: Lens::text(url.value.clone()),
                    url: Some(url.value.clone()),
                    ..Item::default()
                },
                Disclosed::Withheld(redaction) => Item {
                    words: self.withheld(redaction),
                    ..Item::default()
                },
            }),
            signed: fields
                .signed
                .as_ref()
                .map(|date| self.day_or_notice(date, |date| date.value)),
            joined: fields
                .joined
                .as_ref()
                .map(|date| self.day_or_notice(date, |date| date.value)),
            left: fields
                .left
                .as_ref()
                .map(|date| self.day_or_notice(date, |date| date.value)),
            measures: self.list(fields.measures.as_ref(), |reference| {
                self.measure_item(reference)
            }),
            models: self.list(fields.models.as_ref(), |model| Item {
                words: self.local(model),
                ..Item::default()
            }),
            representatives: self.list(fields.representatives.as_ref(), representative),
            links: self.list(fields.links.as_ref(), |link| self.link_item(link)),
            successor: fields.successor.as_ref().map(|successor| match successor {
                Disclosed::Public(slug) => self.party_item(&Party::Member(slug.clone())),
                Disclosed::Withheld(redaction) => Item {
                    words: self.withheld(redaction),
                    ..Item::default()
                },
            }),
            predecessors: self
                .site
                .members
                .iter()
                .filter(is_predecessor)
                .map(|other| self.member_link(other))
                .collect(),
            events: self.list(fields.events.as_ref(), |event| Item {
                words: event
                    .summary
                    .as_ref()
                    .map(|summary| self.words(summary))
                    .unwrap_or_default(),
                day: event.date.public().map(|date| self.day(date.value)),
                note: event
                    .kind
                    .as_ref()
                    .map(|kind| self.disclosed(kind, |kind| Lens::text(humanise(&kind.value)))),
                ..Item::default()
            }),
            meetings: meetings
                .into_iter()
                .map(|(index, parts)| {
                    self.meeting_item(
                        &self.site.meetings[index],
                        parts.iter().map(part).collect::<Vec<_>>().join(", "),
                    )
                })
                .collect(),
            reports: self
                .site
                .reports
                .iter()
                .filter(|report| report.member == member.slug)
                .map(|report| self.report_item(report))
                .collect(),
            missing_chapters: self.missing_chapters(member),
        }
    }

    fn measure_view(&self, measure: &Measure) -> MeasureView {
        let links = self.site.backlinks.get(&measure.name);
        let meeting = |(index, points): &(usize, String)| {
            let entry = &self.site.meetings[*index];
            Item {
                words: self.meeting_title(entry),
                path: Some(self.path(&entry.path)),
                day: entry
                    .fields()
                    .date
                    .as_ref()
                    .map(|date| self.day(date.value)),
                name: (!points.is_empty()).then(|| points.clone()),
                ..Item::default()
            }
        };
        let report = |(index, anchor): &(usize, Option<String>)| {
            let report = &self.site.reports[*index];
            let item = self.report_item(report);
            let anchor = anchor.as_deref().filter(|anchor| {
                self.site
                    .has_anchor(&report.entry.path, self.language, anchor)
            });
            Item {
                words: item.title,
                path: Some(format!(
                    "{}{}",
                    item.path,
                    crate::links::encode_fragment(anchor)
                )),
                note: Some(item.member.words),
                day: item.end,
                ..Item::default()
            }
        };
        let document = |index: &usize| {
            let item = self.document_item(&self.site.documents[*index]);
            Item {
                words: item.title,
                path: Some(item.path),
                ..Item::default()
            }
        };
        MeasureView {
            name: measure.name.clone(),
            title: self.local(&measure.title),
            summary: measure.summary.as_ref().map(|summary| self.local(summary)),
            meetings: links
                .map(|links| links.meetings.iter().map(meeting).collect())
                .unwrap_or_default(),
            reports: links
                .map(|links| links.reports.iter().map(report).collect())
                .unwrap_or_default(),
            documents: links
                .map(|links| links.documents.iter().map(document).collect())
                .unwrap_or_default(),
            members: links
                .map(|links| {
                    links
                        .members
                        .iter()
                        .map(|index| self.member_link(&self.site.members[*index]))
                        .collect()
                })
                .unwrap_or_default(),
        }
    }

    pub(crate) fn chapters(&self) -> Vec<ChapterView> {
        let view = |chapter: &crate::record::Chapter| ChapterView {
            id: chapter.id.clone(),
            prefix: chapter.prefix.clone(),
            title: self.local(&chapter.title),
            path: self.path(&format!("code/{}/", chapter.id)),
            measure_count: chapter
                .commitments
                .iter()
                .map(|commitment| commitment.measures.len())
                .sum(),
            commitments: chapter
                .commitments
                .iter()
                .map(|commitment| CommitmentView {
                    own: self.measure_view(&Measure {
                        name: commitment.name.clone(),
                        title: commitment.title.clone(),
                        summary: None,
                    }),
                    measures: commitment
                        .measures
                        .iter()
                        .map(|measure| self.measure_view(measure))
                        .collect(),
                })
                .collect(),
            appendices: chapter
                .appendices
                .iter()
                .map(|appendix| self.measure_view(appendix))
                .collect(),
            signatories: self
                .site
                .members
                .iter()
                .filter(|member| {
                    public_items(member.fields.chapters.as_ref()).any(|own| own.value == chapter.id)
                })
                .map(|member| self.member_link(member))
                .collect(),
        };
        self.site.code.chapters.iter().map(view).collect()
    }

    pub(crate) fn version_item(&self, entry: &Entry<VersionFields>, is_shown: bool) -> VersionItem {
        let fields = &entry.edition(self.language).0.fields;
        VersionItem {
            version: fields
                .version
                .as_ref()
                .map(|version| version.value.clone())
                .unwrap_or_default(),
            path: self.path(&entry.path),
            day: fields.date.as_ref().map(|date| self.day(date.value)),
            summary: fields.summary.as_ref().map(|summary| self.words(summary)),
            is_shown,
        }
    }

    pub(crate) fn document_title(&self, document: &DocumentEntry) -> Words {
        self.title(
            document
                .entry
                .edition(self.language)
                .0
                .fields
                .title
                .as_ref(),
            document.entry.record.closed.as_ref(),
        )
    }

    pub(crate) fn document_item(&self, document: &DocumentEntry) -> DocumentItem {
        let fields: &DocumentFields = document.entry.fields();
        let kind = fields
            .kind
            .as_ref()
            .map(|kind| kind.value.clone())
            .unwrap_or_default();
        let newest = document
            .versions
            .first()
            .map(|version| self.version_item(version, false));
        DocumentItem {
            title: self.document_title(document),
            path: self.path(&document.entry.path),
            kind_text: self
                .label(None, &format!("document-kind-{kind}"), &kind)
                .text,
            kind,
            is_unpublished: fields.unpublished,
            version: newest.as_ref().map(|version| version.version.clone()),
            day: newest.and_then(|version| version.day),
        }
    }

    /// Returns the view of a document with its newest version, or with the version `shown`.
    pub(crate) fn document_view(
        &self,
        index: usize,
        shown: Option<usize>,
        root: &str,
    ) -> DocumentView {
        let document = &self.site.documents[index];
        let fields = document.entry.fields();
        let at = shown.unwrap_or(0);
        let version = document.versions.get(at);
        let previous = document.versions.get(at + 1);
        let changes = match (version, previous) {
            (Some(version), Some(previous)) => {
                compare::compare(&self.plain(previous), &self.plain(version))
            }
            _ => Vec::new(),
        };
        let slug = document.entry.record.slug.as_str();
        let names = |meeting: &&Entry<MeetingFields>| {
            public_items(meeting.fields().documents.as_ref()).any(
                |reference| matches!(reference, DocumentReference::Slug(own) if own.value == slug),
            )
        };
        DocumentView {
            item: self.document_item(document),
            closed: version
                .and_then(|version| version.record.closed.as_ref())
                .or(document.entry.record.closed.as_ref())
                .map(|redaction| self.notice(redaction)),
            about: self.body(&document.entry, root),
            text: version.map(|version| self.body(version, root)),
            shown: version.map(|version| self.version_item(version, true)),
            versions: document
                .versions
                .iter()
                .enumerate()
                .map(|(own, version)| self.version_item(version, own == at))
                .collect(),
            changes,
            previous: previous.map(|previous| self.version_item(previous, false)),
            is_newest: at == 0,
            meetings: self
                .site
                .meetings
                .iter()
                .filter(names)
                .map(|meeting| self.meeting_item(meeting, String::new()))
                .collect(),
            attachments: self.attachments(
                document
                    .entry
                    .edition(self.language)
                    .0
                    .fields
                    .attachments
                    .as_ref(),
                &document.entry.record.paths.folder,
            ),
            topics: self.list(fields.topics.as_ref(), |topic| self.topic_link(topic)),
            measures: self.list(fields.measures.as_ref(), |reference| {
                self.measure_item(reference)
            }),
        }
    }

    pub(crate) fn report_title(&self, report: &ReportEntry) -> Words {
        self.title(
            report.entry.edition(self.language).0.fields.title.as_ref(),
            report.entry.record.closed.as_ref(),
        )
    }

    pub(crate) fn report_item(&self, report: &ReportEntry) -> ReportItem {
        let fields = report.entry.fields();
        let named =
            public_items(fields.measures.as_ref()).map(|reference| self.measure_item(reference));
        ReportItem {
            title: self.report_title(report),
            path: self.path(&report.entry.path),
            member: self.site.member(&report.member).map_or_else(
                || Item {
                    words: Lens::text(report.member.clone()),
                    ..Item::default()
                },
                |member| self.member_link(member),
            ),
            start: fields.period.map(|period| self.day(period.start)),
            end: fields.period.map(|period| self.day(period.end)),
            measures: named.collect(),
        }
    }

    pub(crate) fn report_view(&self, report: &ReportEntry, root: &str) -> ReportView {
        let fields = report.entry.fields();
        ReportView {
            item: self.report_item(report),
            closed: report
                .entry
                .record
                .closed
                .as_ref()
                .map(|redaction| self.notice(redaction)),
            published: fields
                .published
                .as_ref()
                .map(|published| self.day_or_notice(published, |date| date.value)),
            measures: self.list(fields.measures.as_ref(), |reference| {
                self.measure_item(reference)
            }),
            attachments: self.attachments(
                report
                    .entry
                    .edition(self.language)
                    .0
                    .fields
                    .attachments
                    .as_ref(),
                &report.entry.record.paths.folder,
            ),
            text: self.body(&report.entry, root),
        }
    }

    pub(crate) fn topic_item(&self, topic: &Topic) -> TopicItem {
        TopicItem {
            label: self.topic_label(&topic.slug),
            slug: topic.slug.clone(),
            path: self.path(&format!("topics/{}/", topic.slug)),
            meetings: topic.meetings.len(),
            documents: topic.documents.len(),
        }
    }

    pub(crate) fn version_title(&self, title: Words, version: &str) -> Words {
        if title.notice.is_some() {
            return title;
        }
        Words {
            text: self.strings.fill(
                "version-title",
                &[("title", &title.text), ("version", version)],
            ),
            ..title
        }
    }

    pub(crate) fn change_item(&self, change: &Change) -> ChangeItem {
        let title = change
            .title
            .as_ref()
            .map_or_else(|| Lens::text("–"), |title| self.words(title));
        ChangeItem {
            day: self.day(change.date),
            kind: change.kind.as_str().to_owned(),
            kind_text: self
                .strings
                .get(&format!("change-{}", change.kind.as_str()))
                .to_owned(),
            title,
            version: change.version.clone(),
            path: self.path(&change.path),
            summary: change.summary.as_ref().map(|summary| self.words(summary)),
        }
    }

    pub(crate) fn figures(&self) -> Figures {
        let lags: Vec<i64> = self
            .site
            .meetings
            .iter()
            .filter_map(|meeting| {
                let fields = meeting.fields();
                let published = fields.published.as_ref().and_then(Disclosed::public)?;
                Some(i64::from(
                    (published.value - fields.date.as_ref()?.value).get_days(),
                ))
            })
            .collect();
        let mean = i64::try_from(lags.len())
            .ok()
            .filter(|count| *count > 0)
            .map(|count| (lags.iter().sum::<i64>() + count / 2) / count);
        let on_state = |entry: &&WithheldEntry| self.is_procedural(&entry.redaction.ground);
        let procedural = self.site.withheld.iter().filter(on_state).count();
        Figures {
            meetings: self.site.meetings.len(),
            members: self.site.members.len(),
            measures: self
                .site
                .code
                .chapters
                .iter()
                .flat_map(|chapter| &chapter.commitments)
                .map(|commitment| commitment.measures.len())
                .sum(),
            documents: self.site.documents.len(),
            reports: self.site.reports.len(),
            withheld: self.site.withheld.len() - procedural,
            procedural,
            lag: mean,
            latest: self
                .site
                .meetings
                .first()
                .and_then(|meeting| meeting.fields().date.as_ref())
                .map(|date| self.day(date.value)),
        }
    }

    /// Returns the title of a page's own, for `<title>` and breadcrumbs.
    pub(crate) fn page_title(&self, page: &Entry<crate::record::PageFields>) -> Words {
        let title = page
            .edition(self.language)
            .0
            .fields
            .title
            .clone()
            .or_else(|| closed_title(&page.record));
        self.title(title.as_ref(), page.record.closed.as_ref())
    }
}
