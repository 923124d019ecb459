//! Names: that every member, topic, measure, document, chapter and kind that is named exists, and that numbers are unique.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Code, FilePath, Finding, Message};
use crate::fields::Placed;
use crate::record::{
    Disclosed, DisclosedList, DocumentReference, MeasureReference, MeetingFields, Party,
    public_items,
};
use crate::site::{Entry, Site};
use crate::slug;

/// Everything that can be named.
struct Known<'s> {
    /// Whether the code of practice could be read.
    has_code: bool,
    members: BTreeSet<&'s str>,
    measures: BTreeSet<&'s str>,
    documents: BTreeSet<&'s str>,
    chapters: BTreeSet<&'s str>,
    kinds: BTreeSet<&'s str>,
    /// `None` where the site has no closed list.
    topics: Option<BTreeSet<&'s str>>,
}

const MEMBER_HELP: &str =
    "write a record in content/members/, or name the body as { name = \"…\" }";
const RECORD_HELP: &str = "write the slug of a record in content/members/";
const MEASURE_HELP: &str =
    "write a measure of content/code.toml with its chapter's prefix, such as \"S-1.1\"";

/// Says which names lead nowhere.
///
/// A file that could not be read has an error of its own; what it would define counts as known.
pub(super) fn check(
    site: &Site,
    member_files: &BTreeMap<String, FilePath>,
    unreadable: &BTreeSet<String>,
    findings: &mut Vec<Finding>,
) {
    let unread_members = unreadable
        .iter()
        .filter_map(|path| path.strip_prefix("members/")?.strip_suffix(".toml"));
    let has_code = !unreadable.contains("code.toml");
    let known = Known {
        members: site
            .members
            .iter()
            .map(|member| member.slug.as_str())
            .chain(unread_members)
            .collect(),
        has_code,
        measures: site.code.names().collect(),
        documents: site
            .documents
            .iter()
            .map(|document| document.entry.record.slug.as_str())
            .collect(),
        chapters: site
            .code
            .chapters
            .iter()
            .map(|chapter| chapter.id.as_str())
            .collect(),
        kinds: site
            .config
            .kinds
            .iter()
            .map(|kind| kind.slug.as_str())
            .collect(),
        topics: site
            .config
            .topics
            .as_ref()
            .map(|topics| topics.iter().map(|topic| topic.slug.as_str()).collect()),
    };
    for meeting in &site.meetings {
        known.check_meeting(meeting, findings);
    }
    for document in &site.documents {
        let fields = document.entry.fields();
        known.check_subjects(
            &document.entry.record.original.file,
            fields.topics.as_ref(),
            fields.measures.as_ref(),
            findings,
        );
    }
    for report in &site.reports {
        let file = &report.entry.record.original.file;
        known.check_subjects(
            file,
            None,
            report.entry.fields().measures.as_ref(),
            findings,
        );
        if let Some(member) = &report.entry.fields().member {
            check_name(
                file,
                member,
                &known.members,
                (Code::UnknownMember, "member", RECORD_HELP),
                findings,
            );
        }
    }
    for member in &site.members {
        let file = &member_files[&member.slug];
        known.check_subjects(file, None, member.fields.measures.as_ref(), findings);
        for chapter in public_items(member.fields.chapters.as_ref()).filter(|_| known.has_code) {
            check_name(
                file,
                chapter,
                &known.chapters,
                (
                    Code::UnknownChapter,
                    "chapter",
                    "write the id of a chapter in content/code.toml",
                ),
                findings,
            );
        }
        if let Some(Disclosed::Public(successor)) = &member.fields.successor {
            check_name(
                file,
                successor,
                &known.members,
                (Code::UnknownMember, "member", RECORD_HELP),
                findings,
            );
        }
    }
    check_unique(site, findings);
    if has_code {
        check_report_headings(site, &known.measures, findings);
    }
}

/// Says that a name is not one of the known ones; `what` is its code, what it is called, and what to do.
fn check_name(
    file: &FilePath,
    name: &Placed<String>,
    known: &BTreeSet<&str>,
    what: (Code, &str, &str),
    findings: &mut Vec<Finding>,
) {
    if !known.contains(name.value.as_str()) {
        let (code, called, help) = what;
        let finding = Finding::new(
            code,
            file,
            Message::new(format!("no {called}")).value(&name.value),
        )
        .at(name.span);
        findings.push(finding.suggest(&name.value, known.iter().copied(), help));
    }
}

impl Known<'_> {
    fn check_subjects(
        &self,
        file: &FilePath,
        topics: Option<&DisclosedList<Placed<String>>>,
        measures: Option<&DisclosedList<Placed<MeasureReference>>>,
        findings: &mut Vec<Finding>,
    ) {
        if let Some(known) = &self.topics {
            for topic in public_items(topics) {
                check_name(
                    file,
                    topic,
                    known,
                    (
                        Code::UnknownTopic,
                        "topic",
                        "add it to [topics] in clerestory.toml",
                    ),
                    findings,
                );
            }
        }
        for topic in public_items(topics)
            .filter(|topic| self.topics.is_none() && !slug::is_slug(&topic.value))
        {
            let better = slug::slugify(&topic.value);
            let message =
                Message::new("this topic cannot be part of an address:").value(&topic.value);
            findings.push(
                Finding::new(Code::InvalidSlug, file, message)
                    .at(topic.span)
                    .help(
                        Message::new("write it as")
                            .value(better)
                            .words(", and its label under [topics] in clerestory.toml"),
                    ),
            );
        }
        for reference in public_items(measures).filter(|_| self.has_code) {
            let name = Placed::new(reference.value.name.clone(), reference.span);
            check_name(
                file,
                &name,
                &self.measures,
                (Code::UnknownMeasure, "measure", MEASURE_HELP),
                findings,
            );
        }
    }

    fn check_meeting(&self, meeting: &Entry<MeetingFields>, findings: &mut Vec<Finding>) {
        let original = meeting.fields();
        let file = &meeting.record.original.file;
        self.check_subjects(
            file,
            original.topics.as_ref(),
            original.measures.as_ref(),
            findings,
        );
        for edition in meeting.record.editions() {
            let fields = &edition.fields;
            let is_original = std::ptr::eq(fields, original);
            let lists = [
                (&fields.participants, &original.participants),
                (&fields.observers, &original.observers),
                (&fields.speakers, &original.speakers),
            ];
            // What a translation has taken over was said where it stands.
            for (own, _) in lists
                .into_iter()
                .filter(|(own, theirs)| is_original || own != theirs)
            {
                for party in public_items(own.as_ref()) {
                    if let Party::Member(slug) = party {
                        check_name(
                            &edition.file,
                            slug,
                            &self.members,
                            (Code::UnknownMember, "member", MEMBER_HELP),
                            findings,
                        );
                    }
                }
            }
        }
        for reference in public_items(original.documents.as_ref()) {
            if let DocumentReference::Slug(slug) = reference {
                let help = "write the name of a folder in content/documents/, or { title = \"…\", unpublished = true }";
                check_name(
                    file,
                    slug,
                    &self.documents,
                    (Code::UnknownDocument, "document", help),
                    findings,
                );
            }
        }
        if let Some(kind) = &original.kind {
            let help = "add it to `kinds` under [meetings] in clerestory.toml";
            check_name(
                file,
                kind,
                &self.kinds,
                (Code::UnknownKind, "kind of meeting", help),
                findings,
            );
        }
    }
}

/// Headings of reports that begin with a measure name one that exists.
fn check_report_headings(site: &Site, measures: &BTreeSet<&str>, findings: &mut Vec<Finding>) {
    for report in &site.reports {
        for (reference, _) in &report.sections {
            let name = reference.value.name.as_str();
            if !measures.contains(name) {
                let file = &report.entry.record.original.file;
                let message = Message::new("a heading of this report begins with")
                    .value(name)
                    .words("which is no measure of the code");
                let finding = Finding::new(Code::UnknownMeasure, file, message).at(reference.span);
                findings.push(finding.suggest(
                    name,
                    measures.iter().copied(),
                    "write a measure of content/code.toml with its chapter's prefix",
                ));
            }
        }
    }
}

/// A meeting's number and reference are its own.
fn check_unique(site: &Site, findings: &mut Vec<Finding>) {
    let mut seen: BTreeMap<String, &FilePath> = BTreeMap::new();
    let mut meetings: Vec<&Entry<MeetingFields>> = site.meetings.iter().collect();
    meetings.sort_by(|a, b| a.record.original.file.cmp(&b.record.original.file));
    for meeting in meetings {
        let file = &meeting.record.original.file;
        let fields = meeting.fields();
        let number = fields
            .number
            .as_ref()
            .and_then(Disclosed::public)
            .map(|number| ("number", number.value.to_string(), number.span));
        let reference = fields
            .reference
            .as_ref()
            .and_then(Disclosed::public)
            .map(|reference| ("reference", reference.value.clone(), reference.span));
        for (field, value, span) in number.into_iter().chain(reference) {
            if let Some(other) = seen.insert(format!("{field} {value}"), file) {
                let message = Message::new(format!("another meeting has the same {field}"))
                    .value(&value)
                    .words(format!(", see {other}"));
                findings.push(
                    Finding::new(Code::DuplicateName, file, message)
                        .at(span)
                        .help(format!(
                            "the {field} is the meeting's permanent name: give each its own"
                        )),
                );
            }
        }
    }
}
