//! The site: entries with addresses, the relations between them, and whether everything that is named exists.
//!
//! Values in, values out: nothing here knows a template or a disk. Only published records come in.

mod addresses;
mod names;
mod relations;
mod totals;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rayon::prelude::*;

use crate::config::Config;
use crate::diag::{FilePath, Finding};
use crate::fields::{Language, LocalText, Placed};
use crate::links::{PagePath, Target};
use crate::markdown::{self, Html};
use crate::record::{
    CodeOfPractice, Disclosed, DocumentFields, Edition, MeasureReference, MeetingFields,
    MemberFields, PageFields, Published, PublishedMember, Records, Redaction, ReportFields,
    VersionFields,
};

pub(crate) use totals::Total;

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
    pub(crate) sections: Vec<(Placed<MeasureReference>, String)>,
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
    /// Old addresses with the pages and languages they lead to.
    pub(crate) aliases: BTreeMap<String, (PagePath, Language)>,
    /// Files that are published, by their addresses, with their paths below `content/`.
    pub(crate) files: BTreeMap<String, String>,
    /// Addresses that two files would have, with the second of them.
    file_clashes: BTreeMap<String, String>,
}

/// Builds the site and says what in it leads nowhere.
#[expect(
    clippy::too_many_lines,
    reason = "the site, put together in the order in which its parts depend on each other"
)]
pub(crate) fn build(records: Records, config: &Config) -> (Site, Vec<Finding>) {
    let mut findings = Vec::new();
    let directory = addresses::directory(&records, config);
    let unreadable = records.unreadable.clone();
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
        file_clashes: BTreeMap::new(),
    };
    names::check(&site, &member_files, &unreadable, &mut findings);
    relations::relate(&mut site);
    addresses::collect_files(&mut site, &directory, &mut findings);
    addresses::resolve_links(&mut site, &directory, &mut findings);
    addresses::check_unexpected(&site, &directory, &mut findings);
    addresses::check_addresses(&mut site, &mut findings);
    addresses::check_anchors(&site, &mut findings);
    site.withheld = relations::withheld(&site);
    (site, findings)
}

fn entry<F>(record: Published<F>, path: PagePath, sections: BTreeSet<String>) -> Entry<F> {
    prefixed_entry(record, path, sections, "")
}

/// Returns an entry whose footnotes have ids with a prefix, for texts that share a page with another one.
fn prefixed_entry<F>(
    record: Published<F>,
    path: PagePath,
    sections: BTreeSet<String>,
    prefix: &'static str,
) -> Entry<F> {
    let bodies = record
        .editions()
        .map(|edition| Body {
            html: markdown::render(&edition.body, &sections, prefix),
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
    let about = entry(document, path.clone(), own.clone());
    // Both texts stand on one page.
    let taken: BTreeSet<String> = about
        .bodies
        .iter()
        .flat_map(|body| body.html.anchors.iter().cloned())
        .chain(own)
        .collect();
    let versions = versions
        .into_iter()
        .map(|version| {
            let name = version
                .original
                .fields
                .version
                .as_ref()
                .map_or_else(|| version.slug.clone(), |version| version.value.clone());
            prefixed_entry(version, format!("{path}{name}/"), taken.clone(), "v")
        })
        .collect();
    DocumentEntry {
        entry: about,
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
                .map(|reference| (Placed::new(reference, heading.span), heading.anchor.clone()))
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
}

/// Returns the title of a document that is withheld as a whole.
pub(crate) fn closed_title<F>(record: &Published<F>) -> Option<Disclosed<LocalText>> {
    record.closed.clone().map(Disclosed::Withheld)
}

/// The files that the program writes beside the pages, once for each language.
pub(crate) const DATA_SETS: [&str; 8] = [
    "meetings",
    "members",
    "code",
    "documents",
    "reports",
    "withheld",
    "withheld-totals",
    "changes",
];
