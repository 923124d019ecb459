//! The site: entries with addresses, the relations between them, and whether everything that is named exists.
//!
//! Values in, values out: nothing here knows a template or a disk. Only published records come in.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rayon::prelude::*;

use crate::config::Config;
use crate::diag::{Code, FilePath, Finding, Message, Span};
use crate::fields::{Language, LocalText, Placed};
use crate::links::{Destination, Directory, Folder, Origin, PagePath, Target};
use crate::markdown::{self, Html};
use crate::record::{
    Attachment, CodeOfPractice, Disclosed, DisclosedList, DocumentFields, DocumentReference,
    Edition, MeasureReference, MeetingFields, MemberFields, PageFields, Party, Published,
    PublishedMember, Records, Redaction, ReportFields, VersionFields, public_items,
};

/// Meetings on one page of the register.
pub(crate) const MEETINGS_PER_PAGE: usize = 50;

/// The first parts of addresses that belong to the program.
const SECTIONS: &[&str] = &[
    "meetings",
    "members",
    "code",
    "documents",
    "reports",
    "topics",
    "withheld",
    "changes",
    "search",
    "data",
    "assets",
];

/// Says whether a name is that of a section with a page of its own.
pub(crate) fn is_section(name: &str) -> bool {
    name == "home" || (SECTIONS.contains(&name) && name != "assets" && name != "search")
}

/// A document with its address and its texts as HTML.
#[derive(Debug)]
pub(crate) struct Entry<F> {
    pub(crate) record: Published<F>,
    pub(crate) path: PagePath,
    /// One for each edition: the original's first, then the translations'.
    bodies: Vec<Body>,
    /// The anchors that the page has apart from its text.
    sections: BTreeSet<String>,
}

/// A text as HTML, with where its links lead.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) html: Html,
    pub(crate) targets: Vec<Target>,
}

impl<F> Entry<F> {
    /// Returns the edition in a language, else the original, with its text.
    pub(crate) fn edition(&self, language: &Language) -> (&Edition<F>, &Body) {
        let at = self
            .record
            .translations
            .iter()
            .position(|edition| edition.language == *language);
        match at {
            Some(at) => (&self.record.translations[at], &self.bodies[at + 1]),
            None => (&self.record.original, &self.bodies[0]),
        }
    }

    /// Returns the public fields of the original.
    pub(crate) fn fields(&self) -> &F {
        &self.record.original.fields
    }

    fn has_anchor(&self, language: &Language, anchor: &str) -> bool {
        self.sections.contains(anchor) || self.edition(language).1.html.anchors.contains(anchor)
    }
}

/// A member with its address.
#[derive(Debug)]
pub(crate) struct MemberEntry {
    pub(crate) slug: String,
    pub(crate) path: PagePath,
    pub(crate) fields: MemberFields,
}

/// A governing document with its versions, the newest first.
#[derive(Debug)]
pub(crate) struct DocumentEntry {
    pub(crate) entry: Entry<DocumentFields>,
    pub(crate) versions: Vec<Entry<VersionFields>>,
}

/// A report with the sections of its text that report on a measure.
#[derive(Debug)]
pub(crate) struct ReportEntry {
    pub(crate) member: String,
    pub(crate) entry: Entry<ReportFields>,
    /// Measures with the anchors of their sections in the original.
    pub(crate) sections: Vec<(MeasureReference, String)>,
}

/// A topic with what is on it; the numbers are indexes into the site's lists.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) slug: String,
    pub(crate) label: Option<LocalText>,
    pub(crate) meetings: Vec<usize>,
    pub(crate) documents: Vec<usize>,
}

/// What refers to a measure, a commitment or an appendix.
#[derive(Debug, Default)]
pub(crate) struct Backlinks {
    /// Meetings with the sub-points they name.
    pub(crate) meetings: Vec<(usize, String)>,
    /// Reports with the anchor of the section on the measure, if there is one.
    pub(crate) reports: Vec<(usize, Option<String>)>,
    pub(crate) documents: Vec<usize>,
    pub(crate) members: Vec<usize>,
}

/// In which way a member took part in a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Participant,
    Observer,
    Speaker,
}

/// Something withheld, as the public register lists it.
#[derive(Debug)]
pub(crate) struct WithheldEntry {
    pub(crate) section: &'static str,
    pub(crate) path: PagePath,
    pub(crate) date: Option<Date>,
    /// The field, for withheld fields.
    pub(crate) field: Option<&'static str>,
    pub(crate) redaction: Redaction,
}

/// Something that changed on the site.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) date: Date,
    pub(crate) kind: ChangeKind,
    pub(crate) path: PagePath,
    pub(crate) title: Option<Disclosed<LocalText>>,
    pub(crate) version: Option<String>,
    pub(crate) summary: Option<Disclosed<LocalText>>,
}

/// What kind of change it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ChangeKind {
    Revision,
    Version,
    Event,
}

impl ChangeKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Revision => "revision",
            Self::Version => "version",
            Self::Event => "event",
        }
    }
}

/// Everything that is published, with its relations.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) config: Config,
    pub(crate) code: CodeOfPractice,
    pub(crate) home: Option<Entry<PageFields>>,
    /// Newest first.
    pub(crate) meetings: Vec<Entry<MeetingFields>>,
    /// Meetings by their paths.
    meeting_index: BTreeMap<PagePath, usize>,
    pub(crate) members: Vec<MemberEntry>,
    pub(crate) documents: Vec<DocumentEntry>,
    /// By period, newest first, then by member.
    pub(crate) reports: Vec<ReportEntry>,
    /// By weight, then by slug.
    pub(crate) pages: Vec<Entry<PageFields>>,
    pub(crate) topics: Vec<Topic>,
    pub(crate) backlinks: BTreeMap<String, Backlinks>,
    /// Meetings by the slugs of the members that took part in them.
    pub(crate) attendance: BTreeMap<String, Vec<(usize, Part)>>,
    pub(crate) withheld: Vec<WithheldEntry>,
    /// Old addresses with the pages they lead to.
    pub(crate) aliases: BTreeMap<String, PagePath>,
    /// Files that are published, by their addresses, with their paths below `content/`.
    pub(crate) files: BTreeMap<String, String>,
}

/// Builds the site and says what in it leads nowhere.
pub(crate) fn build(records: Records, config: &Config) -> (Site, Vec<Finding>) {
    let mut findings = Vec::new();
    let directory = directory(&records);
    let Records {
        home,
        meetings,
        members,
        code,
        documents,
        reports,
        pages,
        ..
    } = records;
    let mut meetings: Vec<Entry<MeetingFields>> = meetings
        .into_par_iter()
        .map(|meeting| {
            let sections = meeting_sections(&meeting.original.fields);
            let path = format!("meetings/{}/", meeting.slug);
            entry(meeting, path, sections)
        })
        .collect();
    meetings.sort_by(|a, b| {
        let key = |entry: &Entry<MeetingFields>| {
            (
                entry.fields().date.as_ref().map(|date| date.value),
                entry
                    .fields()
                    .number
                    .as_ref()
                    .and_then(Disclosed::public)
                    .map(|number| number.value),
            )
        };
        key(b)
            .cmp(&key(a))
            .then_with(|| a.record.slug.cmp(&b.record.slug))
    });
    let mut pages: Vec<Entry<PageFields>> = pages
        .into_iter()
        .map(|page| {
            let (path, sections) = (
                format!("{}/", page.slug),
                attachment_sections(page.original.fields.attachments.as_ref()),
            );
            entry(page, path, sections)
        })
        .collect();
    pages.sort_by(|a, b| {
        (a.fields().weight.unwrap_or(i64::MAX), &a.record.slug)
            .cmp(&(b.fields().weight.unwrap_or(i64::MAX), &b.record.slug))
    });
    let documents: Vec<DocumentEntry> = documents
        .into_iter()
        .map(|document| document_entry(document.document, document.versions))
        .collect();
    let mut reports: Vec<ReportEntry> = reports
        .into_iter()
        .map(|report| report_entry(report.member, report.report))
        .collect();
    reports.sort_by(|a, b| {
        let period = |report: &ReportEntry| report.entry.fields().period.map(|period| period.end);
        period(b)
            .cmp(&period(a))
            .then_with(|| a.entry.path.cmp(&b.entry.path))
    });
    let home = home.map(|home| {
        let sections = attachment_sections(home.original.fields.attachments.as_ref());
        entry(home, String::new(), sections)
    });
    let member_files: BTreeMap<String, FilePath> = members
        .iter()
        .map(|member| (member.slug.clone(), member.file.clone()))
        .collect();
    let members: Vec<MemberEntry> = members.into_iter().map(member_entry).collect();
    let meeting_index = meetings
        .iter()
        .enumerate()
        .map(|(index, meeting)| (meeting.path.clone(), index))
        .collect();
    let mut site = Site {
        meeting_index,
        config: config.clone(),
        code,
        home,
        meetings,
        members,
        documents,
        reports,
        pages,
        topics: Vec::new(),
        backlinks: BTreeMap::new(),
        attendance: BTreeMap::new(),
        withheld: Vec::new(),
        aliases: BTreeMap::new(),
        files: BTreeMap::new(),
    };
    check_names(&site, &member_files, &mut findings);
    relate(&mut site);
    collect_files(&mut site, &directory, &mut findings);
    resolve_links(&mut site, &directory, &mut findings);
    check_addresses(&mut site, &mut findings);
    check_anchors(&site, &mut findings);
    site.withheld = withheld(&site);
    (site, findings)
}

fn entry<F>(record: Published<F>, path: PagePath, sections: BTreeSet<String>) -> Entry<F> {
    let bodies = record
        .editions()
        .map(|edition| Body {
            html: markdown::render(&edition.body, &sections),
            targets: Vec::new(),
        })
        .collect();
    Entry {
        record,
        path,
        bodies,
        sections,
    }
}

fn member_entry(member: PublishedMember) -> MemberEntry {
    MemberEntry {
        path: format!("members/{}/", member.slug),
        slug: member.slug,
        fields: member.fields,
    }
}

fn document_entry(
    document: Published<DocumentFields>,
    mut versions: Vec<Published<VersionFields>>,
) -> DocumentEntry {
    let path = format!("documents/{}/", document.slug);
    versions.reverse();
    let own: BTreeSet<String> = ["versions", "changes", "meetings"]
        .map(str::to_owned)
        .into();
    let versions = versions
        .into_iter()
        .map(|version| {
            let name = version
                .original
                .fields
                .version
                .as_ref()
                .map_or_else(|| version.slug.clone(), |version| version.value.clone());
            let path = format!("{path}{name}/");
            entry(version, path, own.clone())
        })
        .collect();
    DocumentEntry {
        entry: entry(document, path, own),
        versions,
    }
}

fn report_entry(member: String, report: Published<ReportFields>) -> ReportEntry {
    let path = format!("reports/{member}/{}/", report.slug);
    let sections = ["measures", "attachments"].map(str::to_owned).into();
    let entry = entry(report, path, sections);
    let sections = entry.bodies[0]
        .html
        .headings
        .iter()
        .filter_map(|heading| {
            let first = heading.text.split_whitespace().next()?;
            MeasureReference::parse(first.trim_end_matches([':', '.', ',']))
                .map(|reference| (reference, heading.anchor.clone()))
        })
        .collect();
    ReportEntry {
        member,
        entry,
        sections,
    }
}

/// Returns the anchors that a meeting's page has apart from its text.
fn meeting_sections(fields: &MeetingFields) -> BTreeSet<String> {
    let given = [
        ("participants", fields.participants.is_some()),
        ("observers", fields.observers.is_some()),
        ("speakers", fields.speakers.is_some()),
        ("agenda", fields.agenda.is_some()),
        ("decisions", fields.decisions.is_some()),
        ("topics", fields.topics.is_some()),
        ("measures", fields.measures.is_some()),
        ("documents", fields.documents.is_some()),
        ("attachments", fields.attachments.is_some()),
        ("sources", fields.sources.is_some()),
        ("revisions", fields.revisions.is_some()),
        ("summary", true),
    ];
    given
        .into_iter()
        .filter(|(_, given)| *given)
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn attachment_sections<T>(attachments: Option<&T>) -> BTreeSet<String> {
    attachments
        .map(|_| "attachments".to_owned())
        .into_iter()
        .collect()
}

fn directory(records: &Records) -> Directory {
    let mut directory = Directory {
        assets: records.assets.clone(),
        drafts: records.drafts.clone(),
        unreadable: records.unreadable.clone(),
        ..Directory::default()
    };
    fn add<F>(directory: &mut Directory, record: &Published<F>, path: PagePath) {
        for file in &record.paths.files {
            directory.pages.insert(
                file.clone(),
                Destination {
                    path: path.clone(),
                    is_withheld: record.paths.is_withheld,
                },
            );
        }
        if record.paths.is_bundle && !record.paths.folder.is_empty() {
            directory.folders.insert(
                record.paths.folder.clone(),
                Folder {
                    path,
                    is_closed: record.closed.is_some(),
                },
            );
        }
    }
    if let Some(home) = &records.home {
        add(&mut directory, home, String::new());
    }
    for meeting in &records.meetings {
        add(
            &mut directory,
            meeting,
            format!("meetings/{}/", meeting.slug),
        );
    }
    for page in &records.pages {
        add(&mut directory, page, format!("{}/", page.slug));
    }
    for report in &records.reports {
        add(
            &mut directory,
            &report.report,
            format!("reports/{}/{}/", report.member, report.report.slug),
        );
    }
    for document in &records.documents {
        let path = format!("documents/{}/", document.document.slug);
        add(&mut directory, &document.document, path.clone());
        for version in &document.versions {
            let name = version
                .original
                .fields
                .version
                .as_ref()
                .map_or(&version.slug, |version| &version.value);
            add(&mut directory, version, format!("{path}{name}/"));
        }
    }
    for member in &records.members {
        directory.pages.insert(
            format!("members/{}.toml", member.slug),
            Destination {
                path: format!("members/{}/", member.slug),
                is_withheld: false,
            },
        );
    }
    for chapter in &records.code.chapters {
        let names = CodeOfPractice {
            title: None,
            chapters: vec![chapter.clone()],
        };
        directory.measures.extend(
            names
                .names()
                .map(|name| (name.to_owned(), chapter.id.clone())),
        );
    }
    directory
}

impl Site {
    /// Returns the member of that slug.
    pub(crate) fn member(&self, slug: &str) -> Option<&MemberEntry> {
        self.members.iter().find(|member| member.slug == slug)
    }

    /// Returns the document of that slug.
    pub(crate) fn document(&self, slug: &str) -> Option<&DocumentEntry> {
        self.documents
            .iter()
            .find(|document| document.entry.record.slug == slug)
    }

    /// Returns the meeting at a path.
    pub(crate) fn meeting_at(&self, path: &str) -> Option<&Entry<MeetingFields>> {
        self.meeting_index
            .get(path)
            .and_then(|index| self.meetings.get(*index))
    }

    /// Returns the number of pages of the register of meetings; at least one.
    pub(crate) fn register_pages(&self) -> usize {
        self.meetings.len().div_ceil(MEETINGS_PER_PAGE).max(1)
    }

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

/// Returns the title of a document that is withheld as a whole.
pub(crate) fn closed_title<F>(record: &Published<F>) -> Option<Disclosed<LocalText>> {
    record.closed.clone().map(Disclosed::Withheld)
}

/// Says which names lead nowhere: members, topics, measures, documents, chapters and kinds.
fn check_names(
    site: &Site,
    member_files: &BTreeMap<String, FilePath>,
    findings: &mut Vec<Finding>,
) {
    let members: BTreeSet<&str> = site
        .members
        .iter()
        .map(|member| member.slug.as_str())
        .collect();
    let measures: BTreeSet<&str> = site.code.names().collect();
    let documents: BTreeSet<&str> = site
        .documents
        .iter()
        .map(|document| document.entry.record.slug.as_str())
        .collect();
    let chapters: BTreeSet<&str> = site
        .code
        .chapters
        .iter()
        .map(|chapter| chapter.id.as_str())
        .collect();
    let kinds: BTreeSet<&str> = site
        .config
        .kinds
        .iter()
        .map(|kind| kind.slug.as_str())
        .collect();
    let topics: Option<BTreeSet<&str>> = site
        .config
        .topics
        .as_ref()
        .map(|topics| topics.iter().map(|topic| topic.slug.as_str()).collect());
    let mut check = |file: &FilePath,
                     name: &Placed<String>,
                     known: &BTreeSet<&str>,
                     code: Code,
                     what: &str,
                     help: &str| {
        if !known.contains(name.value.as_str()) {
            let finding = Finding::new(
                code,
                file,
                Message::new(format!("no {what}")).value(&name.value),
            )
            .at(name.span);
            findings.push(finding.suggest(&name.value, known.iter().copied(), help));
        }
    };
    let measure = |reference: &Placed<MeasureReference>| {
        Placed::new(reference.value.name.clone(), reference.span)
    };
    let member_help = "write a record in content/members/, or name the body as { name = \"…\" }";
    let measure_help =
        "write a measure of content/code.toml with its chapter's prefix, such as \"S-1.1\"";
    let topic_help = "add it to [topics] in clerestory.toml";
    let mut check_all =
        |file: &FilePath,
         topic_list: Option<&DisclosedList<Placed<String>>>,
         measure_list: Option<&DisclosedList<Placed<MeasureReference>>>| {
            if let Some(topics) = &topics {
                for topic in public_items(topic_list) {
                    check(file, topic, topics, Code::UnknownTopic, "topic", topic_help);
                }
            }
            for reference in public_items(measure_list) {
                check(
                    file,
                    &measure(reference),
                    &measures,
                    Code::UnknownMeasure,
                    "measure",
                    measure_help,
                );
            }
        };
    for meeting in &site.meetings {
        check_all(
            &meeting.record.original.file,
            meeting.fields().topics.as_ref(),
            meeting.fields().measures.as_ref(),
        );
    }
    for document in &site.documents {
        check_all(
            &document.entry.record.original.file,
            document.entry.fields().topics.as_ref(),
            document.entry.fields().measures.as_ref(),
        );
    }
    for report in &site.reports {
        check_all(
            &report.entry.record.original.file,
            None,
            report.entry.fields().measures.as_ref(),
        );
    }
    for member in &site.members {
        check_all(
            &member_files[&member.slug],
            None,
            member.fields.measures.as_ref(),
        );
    }
    for meeting in &site.meetings {
        let original = meeting.fields();
        for edition in meeting.record.editions() {
            let fields = &edition.fields;
            let is_original = std::ptr::eq(fields, original);
            for (own, theirs) in [
                (&fields.participants, &original.participants),
                (&fields.observers, &original.observers),
                (&fields.speakers, &original.speakers),
            ] {
                // What a translation has taken over was said where it stands.
                if is_original || own != theirs {
                    for party in public_items(own.as_ref()) {
                        if let Party::Member(slug) = party {
                            check(
                                &edition.file,
                                slug,
                                &members,
                                Code::UnknownMember,
                                "member",
                                member_help,
                            );
                        }
                    }
                }
            }
        }
        for reference in public_items(original.documents.as_ref()) {
            if let DocumentReference::Slug(slug) = reference {
                let help = "write the name of a folder in content/documents/, or { title = \"…\", unpublished = true }";
                check(
                    &meeting.record.original.file,
                    slug,
                    &documents,
                    Code::UnknownDocument,
                    "document",
                    help,
                );
            }
        }
        if let Some(kind) = &original.kind {
            check(
                &meeting.record.original.file,
                kind,
                &kinds,
                Code::UnknownKind,
                "kind of meeting",
                "add it to `kinds` under [meetings] in clerestory.toml",
            );
        }
    }
    for member in &site.members {
        let file = &member_files[&member.slug];
        for chapter in public_items(member.fields.chapters.as_ref()) {
            check(
                file,
                chapter,
                &chapters,
                Code::UnknownChapter,
                "chapter",
                "write the id of a chapter in content/code.toml",
            );
        }
        if let Some(Disclosed::Public(successor)) = &member.fields.successor {
            check(
                file,
                successor,
                &members,
                Code::UnknownMember,
                "member",
                "write the slug of a record in content/members/",
            );
        }
    }
    for report in &site.reports {
        if let Some(member) = &report.entry.fields().member {
            check(
                &report.entry.record.original.file,
                member,
                &members,
                Code::UnknownMember,
                "member",
                "write the slug of a record in content/members/",
            );
        }
    }
    check_unique(site, findings);
    check_report_headings(site, &measures, findings);
}

/// Headings of reports that begin with a measure name one that exists.
fn check_report_headings(site: &Site, measures: &BTreeSet<&str>, findings: &mut Vec<Finding>) {
    for report in &site.reports {
        for (reference, _) in &report.sections {
            if !measures.contains(reference.name.as_str()) {
                let message = Message::new("a heading of this report begins with")
                    .value(&reference.name)
                    .words("which is no measure of the code");
                let finding = Finding::new(
                    Code::UnknownMeasure,
                    &report.entry.record.original.file,
                    message,
                );
                findings.push(finding.suggest(
                    &reference.name,
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

/// Finds out what refers to what. What is named in something withheld creates nothing.
fn relate(site: &mut Site) {
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
                .entry(&reference.name)
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

/// Collects the files that public fields name.
fn collect_files(site: &mut Site, directory: &Directory, findings: &mut Vec<Finding>) {
    let mut files = BTreeMap::new();
    let mut name = |file: &FilePath,
                    folder: &str,
                    list: Option<&DisclosedList<Attachment>>,
                    known: Option<&DisclosedList<Attachment>>| {
        if known.is_some() && list == known {
            return;
        }
        for attachment in public_items(list) {
            let path = crate::links::join(folder, &attachment.file.value);
            match path.filter(|path| directory.assets.contains_key(path)) {
                Some(path) => {
                    if let Some(address) = directory.address_of(&path) {
                        files.insert(address, path);
                    }
                }
                None => {
                    let message = Message::new("there is no file")
                        .value(&attachment.file.value)
                        .words("beside this one");
                    let known = directory
                        .assets
                        .keys()
                        .filter_map(|path| path.strip_prefix(&format!("{folder}/")));
                    let finding =
                        Finding::new(Code::MissingFile, file, message).at(attachment.file.span);
                    findings.push(finding.suggest(&attachment.file.value, known, "put the file into the folder of this text; a text with files is called <slug>/index.md"));
                }
            }
        }
    };
    macro_rules! name_all {
        ($entries:expr) => {
            for entry in $entries {
                let original = entry.record.original.fields.attachments.as_ref();
                for edition in entry.record.editions() {
                    let is_original = std::ptr::eq(
                        &raw const edition.fields,
                        &raw const entry.record.original.fields,
                    );
                    name(
                        &edition.file,
                        &entry.record.paths.folder,
                        edition.fields.attachments.as_ref(),
                        if is_original { None } else { original },
                    );
                }
            }
        };
    }
    name_all!(&site.meetings);
    name_all!(&site.pages);
    name_all!(site.home.iter());
    name_all!(site.reports.iter().map(|report| &report.entry));
    name_all!(site.documents.iter().map(|document| &document.entry));
    site.files = files;
}

/// Finds where every link of every text leads.
fn resolve_links(site: &mut Site, directory: &Directory, findings: &mut Vec<Finding>) {
    fn resolve<F>(
        entry: &mut Entry<F>,
        directory: &Directory,
        files: &mut BTreeMap<String, String>,
        findings: &mut Vec<Finding>,
    ) {
        let folder = entry.record.paths.folder.clone();
        let sources: Vec<FilePath> = entry
            .record
            .editions()
            .map(|edition| edition.file.clone())
            .collect();
        for (body, file) in entry.bodies.iter_mut().zip(sources) {
            for link in &body.html.links {
                let origin = Origin {
                    file: &file,
                    folder: &folder,
                    span: link.span,
                };
                let target = directory
                    .resolve(&link.destination, link.is_image, origin)
                    .unwrap_or_else(|finding| {
                        findings.push(*finding);
                        Target::Nowhere
                    });
                if let Target::File { address, source } = &target {
                    files.insert(address.clone(), source.clone());
                }
                body.targets.push(target);
            }
        }
    }
    let mut files = std::mem::take(&mut site.files);
    for entry in &mut site.meetings {
        resolve(entry, directory, &mut files, findings);
    }
    for entry in site.pages.iter_mut().chain(&mut site.home) {
        resolve(entry, directory, &mut files, findings);
    }
    for report in &mut site.reports {
        resolve(&mut report.entry, directory, &mut files, findings);
    }
    for document in &mut site.documents {
        resolve(&mut document.entry, directory, &mut files, findings);
        for version in &mut document.versions {
            resolve(version, directory, &mut files, findings);
        }
    }
    site.files = files;
}

impl Site {
    /// Returns the paths of all pages, without their languages.
    pub(crate) fn page_paths(&self) -> Vec<PagePath> {
        let mut paths: Vec<PagePath> = [
            "",
            "meetings/",
            "members/",
            "code/",
            "documents/",
            "reports/",
            "topics/",
            "withheld/",
            "changes/",
            "data/",
        ]
        .map(str::to_owned)
        .into();
        paths.extend((2..=self.register_pages()).map(|page| format!("meetings/page/{page}/")));
        paths.extend(self.meetings.iter().map(|meeting| meeting.path.clone()));
        paths.extend(self.members.iter().map(|member| member.path.clone()));
        paths.extend(
            self.code
                .chapters
                .iter()
                .map(|chapter| format!("code/{}/", chapter.id)),
        );
        for document in &self.documents {
            paths.push(document.entry.path.clone());
            paths.extend(document.versions.iter().map(|version| version.path.clone()));
        }
        paths.extend(self.reports.iter().map(|report| report.entry.path.clone()));
        paths.extend(
            self.topics
                .iter()
                .map(|topic| format!("topics/{}/", topic.slug)),
        );
        paths.extend(self.pages.iter().map(|page| page.path.clone()));
        paths
    }
}

/// The files that the program writes beside the pages, once for each language.
pub(crate) const DATA_SETS: [&str; 7] = [
    "meetings",
    "members",
    "code",
    "documents",
    "reports",
    "withheld",
    "changes",
];

fn is_own_file(path: &str) -> bool {
    let data = path.strip_prefix("data/").is_some_and(|name| {
        DATA_SETS.iter().any(|set| {
            name == format!("{set}.json")
                || name == format!("{set}.csv")
                || name == format!("schema/{set}.json")
        })
    });
    data || matches!(
        path,
        "feed.xml"
            | "meetings/feed.xml"
            | "changes/feed.xml"
            | "meetings/calendar.ics"
            | "sitemap.xml"
            | "robots.txt"
            | "404.html"
    )
}

/// No two pages, old addresses or files stand at the same address; links that begin with `/` lead to one that exists.
fn check_addresses(site: &mut Site, findings: &mut Vec<Finding>) {
    let languages: BTreeSet<&str> = site.config.languages.iter().map(Language::as_str).collect();
    for page in &site.pages {
        let slug = page.record.slug.as_str();
        if SECTIONS.contains(&slug) || languages.contains(slug) {
            let message = Message::new(
                "the address of this page belongs to a section or a language of the site:",
            )
            .value(format!("/{slug}/"));
            findings.push(
                Finding::new(Code::DuplicateAddress, &page.record.original.file, message)
                    .help("rename the file"),
            );
        }
    }
    let pages: BTreeSet<PagePath> = site.page_paths().into_iter().collect();
    for (address, path) in &site.files {
        let taken = pages
            .iter()
            .any(|page| *address == format!("{page}index.html"))
            || is_own_file(address)
            || address
                .split('/')
                .next()
                .is_some_and(|first| languages.contains(first));
        if taken {
            let file: FilePath = format!("content/{path}").into();
            findings.push(
                Finding::new(
                    Code::DuplicateAddress,
                    &file,
                    "this file would stand at the address of a page",
                )
                .help("rename the file"),
            );
        }
    }
    let mut aliases: BTreeMap<String, PagePath> = BTreeMap::new();
    let mut add =
        |file: &FilePath, list: &[Placed<String>], path: &str, findings: &mut Vec<Finding>| {
            for alias in list {
                let with_slash = format!("{}/", alias.value);
                let bare = alias
                    .value
                    .split_once('/')
                    .filter(|(first, _)| languages.contains(first))
                    .map_or(with_slash.as_str(), |(_, _)| {
                        with_slash.split_once('/').map_or("", |(_, rest)| rest)
                    });
                let taken = pages.contains(bare)
                    || is_own_file(&alias.value)
                    || site.files.contains_key(&alias.value)
                    || languages.contains(alias.value.as_str());
                if taken
                    || aliases
                        .insert(alias.value.clone(), path.to_owned())
                        .is_some()
                {
                    let message = Message::new("this old address is taken:")
                        .value(format!("/{}/", alias.value));
                    findings.push(
                        Finding::new(Code::DuplicateAddress, file, message)
                            .at(alias.span)
                            .help("delete the alias, or rename what stands there"),
                    );
                }
            }
        };
    for entry in &site.meetings {
        add(
            &entry.record.original.file,
            &entry.fields().aliases,
            &entry.path,
            findings,
        );
    }
    for entry in site.pages.iter().chain(&site.home) {
        add(
            &entry.record.original.file,
            &entry.fields().aliases,
            &entry.path,
            findings,
        );
    }
    for report in &site.reports {
        add(
            &report.entry.record.original.file,
            &report.entry.fields().aliases,
            &report.entry.path,
            findings,
        );
    }
    for document in &site.documents {
        add(
            &document.entry.record.original.file,
            &document.entry.fields().aliases,
            &document.entry.path,
            findings,
        );
    }
    site.aliases = aliases;
}

/// Links to a place lead to one that exists.
fn check_anchors(site: &Site, findings: &mut Vec<Finding>) {
    let pages: BTreeSet<PagePath> = site.page_paths().into_iter().collect();
    let check = |findings: &mut Vec<Finding>,
                 file: &FilePath,
                 language: &Language,
                 own: &dyn Fn(&str) -> bool,
                 target: &Target,
                 span: Span| match target {
        Target::Here(anchor) => {
            if !own(anchor) {
                let message = Message::new("there is no place")
                    .value(format!("#{anchor}"))
                    .words("on this page (A7)");
                findings.push(Finding::new(Code::MissingAnchor, file, message).at(span).help("anchors are made of the words of a heading, in small letters with hyphens"));
            }
        }
        Target::Page {
            path,
            fragment: Some(fragment),
        } => {
            if !site.has_anchor(path, language, fragment) {
                let message = Message::new("there is no place")
                    .value(format!("#{fragment}"))
                    .words("on the page that this link leads to");
                findings.push(Finding::new(Code::MissingAnchor, file, message).at(span).help("anchors are made of the words of a heading, in small letters with hyphens"));
            }
        }
        Target::Fixed { path, fragment } => {
            let (own_language, bare) = site.split_language(path);
            let page = if bare.is_empty() || bare.ends_with('/') {
                bare.to_owned()
            } else {
                format!("{bare}/")
            };
            let is_page = pages.contains(&page);
            if !is_page
                && !is_own_file(bare)
                && !site.files.contains_key(path)
                && !site.aliases.contains_key(path.trim_end_matches('/'))
            {
                let message = Message::new("the site has no address").value(format!("/{path}"));
                let finding = Finding::new(Code::BrokenLink, file, message).at(span);
                // Names that are withheld are no part of this list: pages stand in it by their published addresses.
                findings.push(finding.suggest(bare, pages.iter().map(String::as_str), "write an address as it stands on the built site, or link to the file in content/"));
            } else if let Some(fragment) = fragment.as_ref().filter(|_| is_page)
                && !site.has_anchor(&page, &own_language, fragment)
            {
                let message = Message::new("there is no place")
                    .value(format!("#{fragment}"))
                    .words("on the page that this link leads to");
                findings.push(Finding::new(Code::MissingAnchor, file, message).at(span).help("anchors are made of the words of a heading, in small letters with hyphens"));
            }
        }
        Target::Page { .. } | Target::File { .. } | Target::External(_) | Target::Nowhere => {}
    };
    macro_rules! check_all {
        ($entries:expr) => {
            for entry in $entries {
                for (edition, body) in entry.record.editions().zip(&entry.bodies) {
                    for (link, target) in body.html.links.iter().zip(&body.targets) {
                        check(
                            findings,
                            &edition.file,
                            &edition.language,
                            &|anchor| {
                                entry.sections.contains(anchor)
                                    || body.html.anchors.contains(anchor)
                            },
                            target,
                            link.span,
                        );
                    }
                }
            }
        };
    }
    check_all!(&site.meetings);
    check_all!(&site.pages);
    check_all!(site.home.iter());
    check_all!(site.reports.iter().map(|report| &report.entry));
    check_all!(site.documents.iter().map(|document| &document.entry));
    check_all!(
        site.documents
            .iter()
            .flat_map(|document| &document.versions)
    );
}

impl Site {
    /// Splits the language off an address.
    pub(crate) fn split_language<'p>(&self, path: &'p str) -> (Language, &'p str) {
        let default = self.config.default_language();
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        match self
            .config
            .languages
            .iter()
            .find(|language| language.as_str() == first && *language != default)
        {
            Some(language) => (language.clone(), rest),
            None => (default.clone(), path),
        }
    }

    /// Says whether the page at a path has an anchor, in a language. Of a text in doubt nothing is known: it has all.
    pub(crate) fn has_anchor(&self, path: &str, language: &Language, anchor: &str) -> bool {
        fn in_entry<F>(entry: &Entry<F>, language: &Language, anchor: &str) -> bool {
            entry.edition(language).0.in_doubt || entry.has_anchor(language, anchor)
        }
        if let Some(chapter) = path
            .strip_prefix("code/")
            .map(|rest| rest.trim_end_matches('/'))
            .filter(|chapter| !chapter.is_empty())
        {
            return self
                .code
                .chapter_of(anchor)
                .is_some_and(|own| own.id == chapter);
        }
        if let Some(home) = self.home.as_ref().filter(|_| path.is_empty()) {
            return in_entry(home, language, anchor);
        }
        self.meeting_at(path)
            .map(|entry| in_entry(entry, language, anchor))
            .or_else(|| {
                self.pages
                    .iter()
                    .find(|entry| entry.path == path)
                    .map(|entry| in_entry(entry, language, anchor))
            })
            .or_else(|| {
                self.reports
                    .iter()
                    .find(|report| report.entry.path == path)
                    .map(|report| in_entry(&report.entry, language, anchor))
            })
            .or_else(|| {
                self.documents
                    .iter()
                    .find(|document| document.entry.path == path)
                    .map(|document| {
                        in_entry(&document.entry, language, anchor)
                            || document
                                .versions
                                .first()
                                .is_some_and(|version| in_entry(version, language, anchor))
                    })
            })
            .or_else(|| {
                self.documents
                    .iter()
                    .flat_map(|document| &document.versions)
                    .find(|version| version.path == path)
                    .map(|version| in_entry(version, language, anchor))
            })
            .unwrap_or(false)
    }
}

/// Returns the public register of everything withheld, newest document first. Translations withhold the same and are not counted again.
fn withheld(site: &Site) -> Vec<WithheldEntry> {
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
        match closed {
            Some(redaction) => register.push(entry(None, redaction)),
            None => {
                register.extend(
                    fields
                        .into_iter()
                        .map(|(field, redaction)| entry(Some(field), redaction)),
                );
                register.extend(body.iter().map(|redaction| entry(None, redaction)));
            }
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
