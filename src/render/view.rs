//! What templates see: plain structs of public values, already in one language.
//!
//! Every value that can be withheld comes as a [`Words`], which holds either a text or the notice that stands in its place.

use serde::Serialize;

use crate::compare::Paragraph;

/// A text in the language of the page, or the notice in its place.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Words {
    /// The text; the sentence of the notice where it is withheld.
    pub(crate) text: String,
    /// The language of the text where it is not that of the page.
    pub(crate) lang: Option<String>,
    /// The notice, where the text is withheld.
    pub(crate) notice: Option<Notice>,
}

/// The notice that stands where something is withheld.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Notice {
    pub(crate) ground: String,
    pub(crate) label: String,
    /// The language of the label where it is not that of the page.
    pub(crate) lang: Option<String>,
    pub(crate) basis: Option<String>,
    /// The date as YYYY-MM-DD.
    pub(crate) until: String,
    /// The date written out.
    pub(crate) until_text: String,
    pub(crate) is_due: bool,
    /// Whether it stands for whole blocks.
    pub(crate) is_block: bool,
    /// Whether the ground is a state of procedure and no secret.
    pub(crate) is_procedural: bool,
    /// The notice as HTML.
    pub(crate) html: String,
}

/// A date in two forms.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Day {
    /// As YYYY-MM-DD.
    pub(crate) iso: String,
    /// Written out in the language of the page.
    pub(crate) text: String,
}

/// A value that may be withheld and is not a text.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DayOrNotice {
    pub(crate) day: Option<Day>,
    pub(crate) notice: Option<Notice>,
}

/// An entry of a list: a text with what belongs to it.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Item {
    pub(crate) words: Words,
    /// A page or file of the site, from its root.
    pub(crate) path: Option<String>,
    /// An address on another site.
    pub(crate) url: Option<String>,
    pub(crate) day: Option<Day>,
    /// Something said about it.
    pub(crate) note: Option<Words>,
    /// A name that is also an anchor or class: a measure, a part, a kind.
    pub(crate) name: Option<String>,
}

/// A list that may be withheld as a whole.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct List {
    pub(crate) notice: Option<Notice>,
    pub(crate) items: Vec<Item>,
}

/// A text as HTML.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Text {
    pub(crate) html: String,
    /// The language of the text where it is not that of the page.
    pub(crate) lang: Option<String>,
    /// Whether the page's language has no translation of it.
    pub(crate) is_untranslated: bool,
    pub(crate) headings: Vec<Section>,
    pub(crate) summary: String,
}

/// An entry of a table of contents.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Section {
    pub(crate) level: u8,
    pub(crate) anchor: String,
    pub(crate) text: String,
}

/// What every page says about itself.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Page {
    /// The template that renders it.
    pub(crate) kind: &'static str,
    /// Its path from the root of the site, language included.
    pub(crate) path: String,
    /// What leads from here to the root of the site.
    pub(crate) root: String,
    /// The root of its language.
    pub(crate) home: String,
    pub(crate) lang: String,
    pub(crate) title: String,
    pub(crate) description: String,
    /// Its absolute address.
    pub(crate) url: String,
    /// The section of the navigation in which it stands.
    pub(crate) section: String,
    pub(crate) alternates: Vec<Alternate>,
    /// Feeds to announce: paths with titles.
    pub(crate) feeds: Vec<Item>,
    /// Whether search engines should leave it out.
    pub(crate) is_noindex: bool,
    pub(crate) crumbs: Vec<Item>,
}

/// The same page in another language.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Alternate {
    pub(crate) lang: String,
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) url: String,
    pub(crate) is_current: bool,
    pub(crate) is_default: bool,
}

/// What every page says about the site.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SiteView {
    pub(crate) title: Words,
    pub(crate) description: Option<Words>,
    pub(crate) author: Option<Words>,
    pub(crate) notice: Option<Words>,
    pub(crate) navigation: Vec<Item>,
    pub(crate) pages: Vec<Item>,
    pub(crate) text_licence: Option<Item>,
    pub(crate) data_licence: Option<Item>,
    pub(crate) stylesheet: String,
}

/// A meeting as it stands in lists.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MeetingItem {
    pub(crate) title: Words,
    pub(crate) path: String,
    pub(crate) day: Option<Day>,
    pub(crate) end: Option<DayOrNotice>,
    pub(crate) kind: Option<Item>,
    pub(crate) number: Option<Words>,
    pub(crate) summary: Words,
    pub(crate) measures: Vec<Item>,
    pub(crate) withheld: usize,
    /// What is said about it here: sub-points, or in which way a member took part.
    pub(crate) note: String,
}

/// A meeting's page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MeetingView {
    pub(crate) item: MeetingItem,
    pub(crate) closed: Option<Notice>,
    pub(crate) reference: Option<Words>,
    pub(crate) published: Option<DayOrNotice>,
    /// Days between the meeting and its publication.
    pub(crate) lag: Option<i64>,
    pub(crate) time: Option<Words>,
    pub(crate) place: Option<Words>,
    pub(crate) chair: Option<Words>,
    pub(crate) participants: Option<List>,
    pub(crate) observers: Option<List>,
    pub(crate) speakers: Option<List>,
    pub(crate) agenda: Option<List>,
    pub(crate) topics: Option<List>,
    pub(crate) measures: Option<List>,
    pub(crate) documents: Option<List>,
    pub(crate) attachments: Option<List>,
    pub(crate) decisions: Option<List>,
    pub(crate) sources: Option<List>,
    pub(crate) revisions: Option<List>,
    pub(crate) text: Text,
    pub(crate) newer: Option<Item>,
    pub(crate) older: Option<Item>,
}

/// The meetings of one year.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Year {
    pub(crate) year: String,
    pub(crate) meetings: Vec<MeetingItem>,
}

/// The pages of a register.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Pager {
    pub(crate) current: usize,
    pub(crate) total: usize,
    pub(crate) pages: Vec<Item>,
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
}

/// A member as it stands in lists.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MemberItem {
    pub(crate) name: Words,
    pub(crate) slug: String,
    pub(crate) path: String,
    pub(crate) status: String,
    pub(crate) status_text: String,
    pub(crate) country: Option<Words>,
    pub(crate) chapters: Option<List>,
    /// Whether a chapter of the code is missing among those signed.
    pub(crate) is_partial: bool,
    pub(crate) meetings: usize,
    pub(crate) reports: usize,
}

/// A member's page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MemberView {
    pub(crate) item: MemberItem,
    pub(crate) description: Option<Words>,
    pub(crate) website: Option<Item>,
    pub(crate) signed: Option<DayOrNotice>,
    pub(crate) joined: Option<DayOrNotice>,
    pub(crate) left: Option<DayOrNotice>,
    pub(crate) measures: Option<List>,
    pub(crate) models: Option<List>,
    pub(crate) representatives: Option<List>,
    pub(crate) links: Option<List>,
    pub(crate) successor: Option<Item>,
    pub(crate) predecessors: Vec<Item>,
    pub(crate) events: Option<List>,
    pub(crate) meetings: Vec<MeetingItem>,
    pub(crate) reports: Vec<ReportItem>,
    /// Chapters of the code that are not among those signed.
    pub(crate) missing_chapters: Vec<Item>,
}

/// A chapter of the code.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ChapterView {
    pub(crate) id: String,
    pub(crate) prefix: String,
    pub(crate) title: Words,
    pub(crate) path: String,
    pub(crate) commitments: Vec<CommitmentView>,
    pub(crate) appendices: Vec<MeasureView>,
    pub(crate) measure_count: usize,
    pub(crate) signatories: Vec<Item>,
}

/// A commitment with its measures.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CommitmentView {
    pub(crate) own: MeasureView,
    pub(crate) measures: Vec<MeasureView>,
}

/// A measure, commitment or appendix with what refers to it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MeasureView {
    pub(crate) name: String,
    pub(crate) title: Words,
    pub(crate) summary: Option<Words>,
    pub(crate) meetings: Vec<Item>,
    pub(crate) reports: Vec<Item>,
    pub(crate) documents: Vec<Item>,
    pub(crate) members: Vec<Item>,
}

/// A governing document as it stands in lists.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DocumentItem {
    pub(crate) title: Words,
    pub(crate) path: String,
    pub(crate) kind: String,
    pub(crate) kind_text: String,
    pub(crate) is_unpublished: bool,
    pub(crate) version: Option<String>,
    pub(crate) day: Option<Day>,
}

/// A document's page, or that of one of its versions.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DocumentView {
    pub(crate) item: DocumentItem,
    pub(crate) closed: Option<Notice>,
    /// The text of `index.md`.
    pub(crate) about: Text,
    /// The text of the version that is shown.
    pub(crate) text: Option<Text>,
    /// The version that is shown.
    pub(crate) shown: Option<VersionItem>,
    pub(crate) versions: Vec<VersionItem>,
    /// What changed since the version before.
    pub(crate) changes: Vec<Paragraph>,
    pub(crate) previous: Option<VersionItem>,
    pub(crate) is_newest: bool,
    pub(crate) meetings: Vec<MeetingItem>,
    pub(crate) attachments: Option<List>,
    pub(crate) topics: Option<List>,
    pub(crate) measures: Option<List>,
}

/// A version in the list of versions.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct VersionItem {
    pub(crate) version: String,
    pub(crate) path: String,
    pub(crate) day: Option<Day>,
    pub(crate) summary: Option<Words>,
    pub(crate) is_shown: bool,
}

/// A report as it stands in lists.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ReportItem {
    pub(crate) title: Words,
    pub(crate) path: String,
    pub(crate) member: Item,
    pub(crate) start: Option<Day>,
    pub(crate) end: Option<Day>,
    pub(crate) measures: Vec<Item>,
}

/// A report's page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ReportView {
    pub(crate) item: ReportItem,
    pub(crate) closed: Option<Notice>,
    pub(crate) published: Option<DayOrNotice>,
    pub(crate) measures: Option<List>,
    pub(crate) attachments: Option<List>,
    pub(crate) text: Text,
}

/// A topic in the list of topics.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TopicItem {
    pub(crate) label: Words,
    pub(crate) slug: String,
    pub(crate) path: String,
    pub(crate) meetings: usize,
    pub(crate) documents: usize,
}

/// One part of the public register of withheld passages: what is confidential, or the states of procedure.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RegisterPart {
    pub(crate) is_procedural: bool,
    pub(crate) total: usize,
    pub(crate) due: usize,
    pub(crate) grounds: Vec<GroundTotal>,
    /// All grounds together, by year.
    pub(crate) years: Vec<YearCount>,
    /// What is due for review, by page.
    pub(crate) due_now: Vec<RegisterRecord>,
    /// The reviews to come.
    pub(crate) reviews: Vec<ReviewYear>,
    /// Every mark, the newest year first.
    pub(crate) register: Vec<RegisterYear>,
}

/// How much is withheld on a ground.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct GroundTotal {
    pub(crate) ground: String,
    pub(crate) label: String,
    /// The language of the label where it is not that of the page.
    pub(crate) lang: Option<String>,
    pub(crate) basis: Option<String>,
    pub(crate) is_procedural: bool,
    pub(crate) count: usize,
    pub(crate) due: usize,
    /// The same years for all grounds of a part.
    pub(crate) years: Vec<YearCount>,
}

/// How much is withheld in the documents of a year.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct YearCount {
    /// Nothing for what has no date.
    pub(crate) year: Option<i16>,
    pub(crate) count: usize,
    /// For a chart: the count in hundredths of the highest count of any ground and year.
    pub(crate) height: usize,
}

/// How many decisions are to be reviewed in a year to come.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct ReviewYear {
    pub(crate) year: i16,
    pub(crate) count: usize,
    pub(crate) quarters: [usize; 4],
}

/// The marks in documents of one year.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RegisterYear {
    /// Nothing for what has no date.
    pub(crate) year: Option<i16>,
    pub(crate) count: usize,
    /// Whether it is shown at once.
    pub(crate) is_open: bool,
    pub(crate) records: Vec<RegisterRecord>,
}

/// A page with the marks on it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RegisterRecord {
    pub(crate) title: Words,
    pub(crate) path: String,
    pub(crate) section: String,
    pub(crate) section_text: String,
    pub(crate) day: Option<Day>,
    pub(crate) marks: Vec<RegisterMark>,
}

/// Marks on one page that look the same.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RegisterMark {
    /// What is withheld: a passage, words in a line, a field by its name, the whole document.
    pub(crate) what: String,
    pub(crate) form: String,
    pub(crate) count: usize,
    pub(crate) notice: Notice,
}

/// An entry of the list of changes.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ChangeItem {
    pub(crate) day: Day,
    pub(crate) kind: String,
    pub(crate) kind_text: String,
    pub(crate) title: Words,
    pub(crate) version: Option<String>,
    pub(crate) path: String,
    pub(crate) summary: Option<Words>,
}

/// The site in numbers.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) meetings: usize,
    pub(crate) members: usize,
    pub(crate) measures: usize,
    pub(crate) documents: usize,
    pub(crate) reports: usize,
    /// Passages that are withheld as confidential.
    pub(crate) withheld: usize,
    /// Passages that are not published and no secret.
    pub(crate) procedural: usize,
    /// The mean number of days between a meeting and its publication.
    pub(crate) lag: Option<i64>,
    pub(crate) latest: Option<Day>,
}
