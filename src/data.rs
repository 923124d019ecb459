//! Open data: everything public as JSON and CSV, with a JSON Schema made from the types that write it.
//!
//! A withheld value is `{"withheld":{"ground":"…","until":"…"}}`, never an empty text and never a missing key.

use std::fmt::Write as _;

use schemars::{JsonSchema, schema_for};
use serde::Serialize;

use crate::fields::LocalText;
use crate::links;
use crate::record::{
    Attachment, Chapter, Disclosed, DisclosedList, DocumentReference, Form, MeasureReference,
    MeetingFields, Party, Redaction, WebLink,
};
use crate::render::lens::Lens;
use crate::render::view::Words;
use crate::site::{DocumentEntry, Entry, MemberEntry, ReportEntry, Total, WithheldEntry};

/// The version of the form of all data files. It grows when a field changes its meaning or goes.
const VERSION: u32 = 1;

/// A value, or the mark that it is withheld.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Maybe<T> {
    Withheld { withheld: Withheld },
    Public(T),
}

/// The mark of a withheld value.
#[derive(Serialize, JsonSchema)]
struct Withheld {
    /// The code of the ground.
    ground: String,
    /// The day on which the decision is due for review, as YYYY-MM-DD.
    until: String,
}

/// A list of which the whole or single items may be withheld.
type MaybeList<T> = Maybe<Vec<Maybe<T>>>;

/// A text with the address it belongs to.
#[derive(Serialize, JsonSchema)]
struct Linked {
    title: Maybe<String>,
    /// An absolute address.
    url: Option<String>,
}

/// Someone who took part.
#[derive(Serialize, JsonSchema)]
struct PartyRecord {
    name: String,
    /// The slug of the member record, if there is one.
    member: Option<String>,
}

/// A change to a text.
#[derive(Serialize, JsonSchema)]
struct RevisionRecord {
    date: String,
    summary: Maybe<String>,
}

/// A meeting of the register.
#[derive(Serialize, JsonSchema)]
struct MeetingRecord {
    slug: String,
    url: String,
    title: Maybe<String>,
    /// The day of the meeting, as YYYY-MM-DD.
    date: Option<String>,
    end: Option<Maybe<String>>,
    kind: Option<String>,
    number: Option<Maybe<i64>>,
    reference: Option<Maybe<String>>,
    published: Option<Maybe<String>>,
    time: Option<Maybe<String>>,
    place: Option<Maybe<String>>,
    chair: Option<Maybe<String>>,
    participants: Option<MaybeList<PartyRecord>>,
    observers: Option<MaybeList<PartyRecord>>,
    speakers: Option<MaybeList<PartyRecord>>,
    agenda: Option<MaybeList<String>>,
    topics: Option<MaybeList<String>>,
    measures: Option<MaybeList<String>>,
    documents: Option<MaybeList<Linked>>,
    attachments: Option<MaybeList<Linked>>,
    decisions: Option<MaybeList<String>>,
    sources: Option<MaybeList<Linked>>,
    revisions: Option<MaybeList<RevisionRecord>>,
    /// The language of `text`.
    text_language: String,
    /// The public text without markup; a sentence in square brackets stands where something is withheld.
    text: String,
}

/// An event in the record of a member.
#[derive(Serialize, JsonSchema)]
struct EventRecord {
    date: Maybe<String>,
    kind: Option<Maybe<String>>,
    summary: Option<Maybe<String>>,
}

/// Someone who speaks for a member.
#[derive(Serialize, JsonSchema)]
struct RepresentativeRecord {
    name: Maybe<String>,
    role: Option<Maybe<String>>,
}

/// A member record.
#[derive(Serialize, JsonSchema)]
struct MemberRecord {
    slug: String,
    url: String,
    name: String,
    /// `member`, `signatory`, `observer` or `former`.
    status: String,
    /// The code of ISO 3166-1 alpha-2.
    country: Option<Maybe<String>>,
    website: Option<Maybe<String>>,
    signed: Option<Maybe<String>>,
    joined: Option<Maybe<String>>,
    left: Option<Maybe<String>>,
    chapters: Option<MaybeList<String>>,
    measures: Option<MaybeList<String>>,
    description: Option<Maybe<String>>,
    models: Option<MaybeList<String>>,
    representatives: Option<MaybeList<RepresentativeRecord>>,
    links: Option<MaybeList<Linked>>,
    successor: Option<Maybe<String>>,
    events: Option<MaybeList<EventRecord>>,
    /// Slugs of the meetings in which the member is publicly named.
    meetings: Vec<String>,
}

/// A chapter, commitment, measure or appendix of the code of practice.
#[derive(Serialize, JsonSchema)]
struct CodeRecord {
    /// The name, such as `S-3.2`; of a chapter its id.
    name: String,
    /// `chapter`, `commitment`, `measure` or `appendix`.
    level: &'static str,
    chapter: String,
    /// The commitment of a measure.
    commitment: Option<String>,
    title: String,
    summary: Option<String>,
    url: String,
    /// Slugs of the meetings that name it.
    meetings: Vec<String>,
}

/// A version of a governing document.
#[derive(Serialize, JsonSchema)]
struct VersionRecord {
    version: String,
    url: String,
    date: Option<String>,
    summary: Option<Maybe<String>>,
    text: String,
}

/// A governing document.
#[derive(Serialize, JsonSchema)]
struct DocumentRecord {
    slug: String,
    url: String,
    title: Maybe<String>,
    kind: Option<String>,
    /// The document exists, but is not published here.
    unpublished: bool,
    topics: Option<MaybeList<String>>,
    measures: Option<MaybeList<String>>,
    attachments: Option<MaybeList<Linked>>,
    text: String,
    /// The newest first.
    versions: Vec<VersionRecord>,
}

/// A report of a member on measures for a period.
#[derive(Serialize, JsonSchema)]
struct ReportRecord {
    slug: String,
    url: String,
    title: Maybe<String>,
    member: String,
    start: Option<String>,
    end: Option<String>,
    published: Option<Maybe<String>>,
    measures: Option<MaybeList<String>>,
    attachments: Option<MaybeList<Linked>>,
    text: String,
}

/// Something withheld: where, on which ground, until when; never what.
#[derive(Serialize, JsonSchema)]
struct WithheldRecord {
    /// The page on which its notice stands.
    url: String,
    /// The title of that page.
    title: Maybe<String>,
    /// `meetings`, `documents`, `reports`, `members` or `pages`.
    section: String,
    /// `block`, `inline`, `field` or `document`.
    form: &'static str,
    /// The name of the field, where one is withheld.
    field: Option<String>,
    /// The day of the meeting or version, or the last day of the period of a report, as YYYY-MM-DD.
    date: Option<String>,
    /// The code of the ground.
    ground: String,
    label: String,
    basis: Option<String>,
    /// The day on which the decision is due for review, as YYYY-MM-DD.
    until: String,
    /// Whether that day had come when the site was built.
    review_due: bool,
    /// Whether the ground is a state of procedure and no secret.
    procedural: bool,
}

/// How much is withheld on a ground in the documents of a year. Each entry of the register counts as one.
#[derive(Serialize, JsonSchema)]
struct WithheldTotalRecord {
    /// The code of the ground.
    ground: String,
    label: String,
    basis: Option<String>,
    /// Whether the ground is a state of procedure and no secret: such totals are not to be added to those of secrets.
    procedural: bool,
    /// The year of `date` in the register; `null` for what has none.
    #[schemars(range(min = 0, max = 9999))]
    year: Option<i16>,
    count: usize,
    /// How many of them were due for review when the site was built.
    review_due: usize,
}

/// Something that changed on the site.
#[derive(Serialize, JsonSchema)]
struct ChangeRecord {
    date: String,
    /// `revision`, `version` or `event`.
    kind: String,
    url: String,
    title: Maybe<String>,
    version: Option<String>,
    summary: Option<Maybe<String>>,
}

/// Returns all data files in the language of the lens, with their paths below the root of that language.
pub(crate) fn files(lens: &Lens<'_>) -> Vec<(String, Vec<u8>)> {
    let site = lens.site;
    let mut files = Vec::new();
    let meetings: Vec<MeetingRecord> = site
        .meetings
        .iter()
        .map(|meeting| lens.meeting_record(meeting))
        .collect();
    add(&mut files, lens, "meetings", &meetings);
    let members: Vec<MemberRecord> = site
        .members
        .iter()
        .map(|member| lens.member_record(member))
        .collect();
    add(&mut files, lens, "members", &members);
    let code: Vec<CodeRecord> = site
        .code
        .chapters
        .iter()
        .flat_map(|chapter| lens.code_records(chapter))
        .collect();
    add(&mut files, lens, "code", &code);
    let documents: Vec<DocumentRecord> = site
        .documents
        .iter()
        .map(|document| lens.document_record(document))
        .collect();
    add(&mut files, lens, "documents", &documents);
    let reports: Vec<ReportRecord> = site
        .reports
        .iter()
        .map(|report| lens.report_record(report))
        .collect();
    add(&mut files, lens, "reports", &reports);
    let withheld: Vec<WithheldRecord> = site
        .withheld
        .iter()
        .map(|entry| lens.withheld_record(entry))
        .collect();
    add(&mut files, lens, "withheld", &withheld);
    let totals: Vec<WithheldTotalRecord> = site
        .withheld_totals()
        .iter()
        .map(|total| lens.withheld_total_record(total))
        .collect();
    add(&mut files, lens, "withheld-totals", &totals);
    let changes: Vec<ChangeRecord> = site
        .changes(lens.language)
        .iter()
        .map(|change| lens.change_record(change))
        .collect();
    add(&mut files, lens, "changes", &changes);
    files
}

/// Returns the number of records of a data set.
pub(crate) fn count(lens: &Lens<'_>, name: &str) -> usize {
    let site = lens.site;
    match name {
        "meetings" => site.meetings.len(),
        "members" => site.members.len(),
        "code" => site.code.names().count() + site.code.chapters.len(),
        "documents" => site.documents.len(),
        "reports" => site.reports.len(),
        "withheld" => site.withheld.len(),
        "withheld-totals" => site.withheld_totals().len(),
        _ => site.changes(lens.language).len(),
    }
}

/// Adds a data set as JSON, one record a line, as CSV, and its schema.
fn add<T: Serialize + JsonSchema>(
    files: &mut Vec<(String, Vec<u8>)>,
    lens: &Lens<'_>,
    name: &str,
    records: &[T],
) {
    let values: Vec<serde_json::Value> = records
        .iter()
        .map(|record| serde_json::to_value(record).unwrap_or_default())
        .collect();
    let head = serde_json::json!({
        "version": VERSION,
        "schema": absolute(lens, &format!("data/schema/{name}.json")),
        "source": absolute(lens, ""),
        "language": lens.language.as_str(),
        "licence": lens.site.config.licence.as_ref().and_then(|licence| licence.data.as_ref()).map(|licence| lens.local(&licence.name).text),
    });
    let mut json = String::from("{\n");
    for (key, value) in head.as_object().into_iter().flatten() {
        let _ = writeln!(json, "{}: {value},", serde_json::Value::from(key.as_str()));
    }
    let _ = writeln!(json, "\"{name}\": [");
    let lines: Vec<String> = records
        .iter()
        .map(|record| serde_json::to_string(record).unwrap_or_default())
        .collect();
    json.push_str(&lines.join(",\n"));
    json.push_str("\n]\n}\n");
    files.push((format!("data/{name}.json"), json.into_bytes()));
    files.push((format!("data/{name}.csv"), csv(&columns::<T>(), &values)));
    files.push((format!("data/schema/{name}.json"), schema::<T>(name)));
}

/// Returns the JSON Schema of a whole data file.
/// Returns the schemas of all data sets: words that the program itself brings into every site.
pub(crate) fn schemas() -> Vec<Vec<u8>> {
    vec![
        schema::<MeetingRecord>("meetings"),
        schema::<MemberRecord>("members"),
        schema::<CodeRecord>("code"),
        schema::<DocumentRecord>("documents"),
        schema::<ReportRecord>("reports"),
        schema::<WithheldRecord>("withheld"),
        schema::<WithheldTotalRecord>("withheld-totals"),
        schema::<ChangeRecord>("changes"),
    ]
}

fn schema<T: JsonSchema>(name: &str) -> Vec<u8> {
    let mut record = schema_for!(T).to_value();
    let definitions = record.as_object_mut().and_then(|object| {
        object.remove("$schema");
        object.remove("$defs")
    });
    let mut schema = serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "type": "object",
        "required": ["version", "schema", "source", "language", "licence", name],
        "properties": {
            "version": { "const": VERSION },
            "schema": { "type": "string" },
            "source": { "type": "string" },
            "language": { "type": "string" },
            "licence": { "type": ["string", "null"] },
            name: { "type": "array", "items": record },
        },
        "additionalProperties": false,
    });
    if let (Some(object), Some(definitions)) = (schema.as_object_mut(), definitions) {
        object.insert("$defs".into(), definitions);
    }
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text.into_bytes()
}

/// Returns the columns of a data set: the fields of its records, in the order in which they are declared; the same for every site.
fn columns<T: JsonSchema>() -> Vec<String> {
    let schema = schema_for!(T).to_value();
    let properties = schema
        .get("properties")
        .and_then(serde_json::Value::as_object);
    properties
        .map(|properties| properties.keys().cloned().collect())
        .unwrap_or_default()
}

fn csv(columns: &[String], records: &[serde_json::Value]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    // Writing to memory cannot fail; an error would show as a missing row in the tests.
    let mut written = writer.write_record(columns).is_ok();
    for record in records {
        let cells = columns
            .iter()
            .map(|column| cell(record.get(column).unwrap_or(&serde_json::Value::Null)));
        written &= writer.write_record(cells).is_ok();
    }
    debug_assert!(written, "writing to memory succeeds");
    writer.into_inner().unwrap_or_default()
}

/// Returns a value as the text of a cell. What a spreadsheet would take for a formula gets an apostrophe.
fn cell(value: &serde_json::Value) -> String {
    let text = plain(value);
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text
    }
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::Bool(truth) => truth.to_string(),
        serde_json::Value::Number(number) => number.to_string(),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join("; "),
        serde_json::Value::Object(object) => {
            if let Some(withheld) = object.get("withheld") {
                let part = |key: &str| {
                    withheld
                        .get(key)
                        .and_then(serde_json::Value::as_str)
                        .unwrap_or_default()
                };
                return format!("[withheld: {}, until {}]", part("ground"), part("until"));
            }
            object
                .values()
                .map(plain)
                .filter(|text| !text.is_empty())
                .collect::<Vec<_>>()
                .join(" | ")
        }
    }
}

fn absolute(lens: &Lens<'_>, path: &str) -> String {
    lens.site
        .config
        .base_url
        .join(&links::encode(&lens.path(path)))
}

fn mark<T>(redaction: &Redaction) -> Maybe<T> {
    Maybe::Withheld {
        withheld: Withheld {
            ground: redaction.ground.to_string(),
            until: redaction.until.to_string(),
        },
    }
}

fn maybe<T, U>(value: &Disclosed<T>, show: impl FnOnce(&T) -> U) -> Maybe<U> {
    match value {
        Disclosed::Public(value) => Maybe::Public(show(value)),
        Disclosed::Withheld(redaction) => mark(redaction),
    }
}

fn list<T, U>(list: Option<&DisclosedList<T>>, show: impl Fn(&T) -> U) -> Option<MaybeList<U>> {
    Some(maybe(list?, |items| {
        items.iter().map(|item| maybe(item, &show)).collect()
    }))
}

fn names(
    references: Option<&DisclosedList<crate::fields::Placed<MeasureReference>>>,
) -> Option<MaybeList<String>> {
    list(references, |reference| reference.value.to_string())
}

impl Lens<'_> {
    fn told(&self, text: &Disclosed<LocalText>) -> Maybe<String> {
        maybe(text, |text| self.local(text).text)
    }

    fn title_or_mark(
        &self,
        title: Option<&Disclosed<LocalText>>,
        closed: Option<&Redaction>,
    ) -> Maybe<String> {
        match (title, closed) {
            (_, Some(redaction)) => mark(redaction),
            (Some(title), None) => self.told(title),
            (None, None) => Maybe::Public(String::new()),
        }
    }

    fn party(&self, party: &Party) -> PartyRecord {
        match party {
            Party::Member(slug) => PartyRecord {
                name: self.site.member(&slug.value).map_or_else(
                    || slug.value.clone(),
                    |member| self.local(&member.fields.name).text,
                ),
                member: Some(slug.value.clone()),
            },
            Party::Other(name) => PartyRecord {
                name: self.local(name).text,
                member: None,
            },
        }
    }

    fn linked_attachment(&self, attachment: &Attachment, folder: &str) -> Linked {
        let source = crate::slug::join(folder, &attachment.file.value).unwrap_or_default();
        let address = self
            .site
            .files
            .iter()
            .find(|(_, own)| **own == source)
            .map(|(address, _)| address);
        let name = attachment.file.value.rsplit('/').next().unwrap_or_default();
        Linked {
            title: attachment
                .title
                .as_ref()
                .map_or_else(|| Maybe::Public(name.to_owned()), |title| self.told(title)),
            url: address.map(|address| self.site.config.base_url.join(&links::encode(address))),
        }
    }

    fn linked(&self, link: &WebLink) -> Linked {
        Linked {
            title: link.title.as_ref().map_or_else(
                || Maybe::Public(link.url.value.clone()),
                |title| self.told(title),
            ),
            url: Some(link.url.value.clone()),
        }
    }

    fn linked_document(&self, reference: &DocumentReference) -> Linked {
        match reference {
            DocumentReference::Unpublished(title) => Linked {
                title: self.told(title),
                url: None,
            },
            DocumentReference::Slug(slug) => match self.site.document(&slug.value) {
                Some(document) => Linked {
                    title: self.title_or_mark(
                        document
                            .entry
                            .edition(self.language)
                            .0
                            .fields
                            .title
                            .as_ref(),
                        document.entry.record.closed.as_ref(),
                    ),
                    url: Some(absolute(self, &document.entry.path)),
                },
                None => Linked {
                    title: Maybe::Public(slug.value.clone()),
                    url: None,
                },
            },
        }
    }

    fn meeting_record(&self, meeting: &Entry<MeetingFields>) -> MeetingRecord {
        let (edition, _) = meeting.edition(self.language);
        let fields = &edition.fields;
        let folder = meeting.record.paths.folder.as_str();
        let day = |date: &Disclosed<crate::fields::Placed<jiff::civil::Date>>| {
            maybe(date, |date| date.value.to_string())
        };
        MeetingRecord {
            slug: meeting.record.slug.clone(),
            url: absolute(self, &meeting.path),
            title: self.title_or_mark(fields.title.as_ref(), meeting.record.closed.as_ref()),
            date: fields.date.as_ref().map(|date| date.value.to_string()),
            end: fields.end.as_ref().map(day),
            kind: fields.kind.as_ref().map(|kind| kind.value.clone()),
            number: fields
                .number
                .as_ref()
                .map(|number| maybe(number, |number| number.value)),
            reference: fields
                .reference
                .as_ref()
                .map(|reference| maybe(reference, |reference| reference.value.clone())),
            published: fields.published.as_ref().map(day),
            time: fields
                .time
                .as_ref()
                .map(|time| maybe(time, |time| time.value.clone())),
            place: fields.place.as_ref().map(|place| self.told(place)),
            chair: fields.chair.as_ref().map(|chair| self.told(chair)),
            participants: list(fields.participants.as_ref(), |party| self.party(party)),
            observers: list(fields.observers.as_ref(), |party| self.party(party)),
            speakers: list(fields.speakers.as_ref(), |party| self.party(party)),
            agenda: list(fields.agenda.as_ref(), |text| self.local(text).text),
            topics: list(fields.topics.as_ref(), |topic| topic.value.clone()),
            measures: names(fields.measures.as_ref()),
            documents: list(fields.documents.as_ref(), |reference| {
                self.linked_document(reference)
            }),
            attachments: list(fields.attachments.as_ref(), |attachment| {
                self.linked_attachment(attachment, folder)
            }),
            decisions: list(fields.decisions.as_ref(), |text| self.local(text).text),
            sources: list(fields.sources.as_ref(), |link| self.linked(link)),
            revisions: list(fields.revisions.as_ref(), |revision| RevisionRecord {
                date: revision.date.value.to_string(),
                summary: revision.summary.as_ref().map_or_else(
                    || Maybe::Public(String::new()),
                    |summary| self.told(summary),
                ),
            }),
            text_language: edition.language.to_string(),
            text: self.plain(meeting),
        }
    }

    fn member_record(&self, member: &MemberEntry) -> MemberRecord {
        let fields = &member.fields;
        let day = |date: &Disclosed<crate::fields::Placed<jiff::civil::Date>>| {
            maybe(date, |date| date.value.to_string())
        };
        let mut meetings: Vec<String> = self
            .site
            .attendance
            .get(&member.slug)
            .into_iter()
            .flatten()
            .map(|(index, _)| self.site.meetings[*index].record.slug.clone())
            .collect();
        meetings.dedup();
        MemberRecord {
            slug: member.slug.clone(),
            url: absolute(self, &member.path),
            name: self.local(&fields.name).text,
            status: fields.status.as_str().to_owned(),
            country: fields
                .country
                .as_ref()
                .map(|country| maybe(country, Clone::clone)),
            website: fields
                .website
                .as_ref()
                .map(|website| maybe(website, |website| website.value.clone())),
            signed: fields.signed.as_ref().map(day),
            joined: fields.joined.as_ref().map(day),
            left: fields.left.as_ref().map(day),
            chapters: list(fields.chapters.as_ref(), |chapter| chapter.value.clone()),
            measures: names(fields.measures.as_ref()),
            description: fields.description.as_ref().map(|text| self.told(text)),
            models: list(fields.models.as_ref(), |model| self.local(model).text),
            representatives: list(fields.representatives.as_ref(), |own| {
                RepresentativeRecord {
                    name: maybe(&own.name, |name| name.value.clone()),
                    role: own.role.as_ref().map(|role| self.told(role)),
                }
            }),
            links: list(fields.links.as_ref(), |link| self.linked(link)),
            successor: fields
                .successor
                .as_ref()
                .map(|successor| maybe(successor, |slug| slug.value.clone())),
            events: list(fields.events.as_ref(), |event| EventRecord {
                date: maybe(&event.date, |date| date.value.to_string()),
                kind: event
                    .kind
                    .as_ref()
                    .map(|kind| maybe(kind, |kind| kind.value.clone())),
                summary: event.summary.as_ref().map(|summary| self.told(summary)),
            }),
            meetings,
        }
    }

    fn code_records(&self, chapter: &Chapter) -> Vec<CodeRecord> {
        let url = absolute(self, &format!("code/{}/", chapter.id));
        let meetings = |name: &str| -> Vec<String> {
            self.site
                .backlinks
                .get(name)
                .into_iter()
                .flat_map(|links| &links.meetings)
                .map(|(index, _)| self.site.meetings[*index].record.slug.clone())
                .collect()
        };
        let record = |name: &str,
                      level: &'static str,
                      commitment: Option<&str>,
                      title: &LocalText,
                      summary: Option<&LocalText>| CodeRecord {
            name: name.to_owned(),
            level,
            chapter: chapter.id.clone(),
            commitment: commitment.map(ToOwned::to_owned),
            title: self.local(title).text,
            summary: summary.map(|summary| self.local(summary).text),
            url: if level == "chapter" {
                url.clone()
            } else {
                format!("{url}#{name}")
            },
            meetings: meetings(name),
        };
        let mut records = vec![record(&chapter.id, "chapter", None, &chapter.title, None)];
        for commitment in &chapter.commitments {
            records.push(record(
                &commitment.name,
                "commitment",
                None,
                &commitment.title,
                None,
            ));
            records.extend(commitment.measures.iter().map(|measure| {
                record(
                    &measure.name,
                    "measure",
                    Some(&commitment.name),
                    &measure.title,
                    measure.summary.as_ref(),
                )
            }));
        }
        records.extend(chapter.appendices.iter().map(|appendix| {
            record(
                &appendix.name,
                "appendix",
                None,
                &appendix.title,
                appendix.summary.as_ref(),
            )
        }));
        records
    }

    fn document_record(&self, document: &DocumentEntry) -> DocumentRecord {
        let entry = &document.entry;
        let fields = &entry.edition(self.language).0.fields;
        DocumentRecord {
            slug: entry.record.slug.clone(),
            url: absolute(self, &entry.path),
            title: self.title_or_mark(fields.title.as_ref(), entry.record.closed.as_ref()),
            kind: fields.kind.as_ref().map(|kind| kind.value.clone()),
            unpublished: fields.unpublished,
            topics: list(fields.topics.as_ref(), |topic| topic.value.clone()),
            measures: names(fields.measures.as_ref()),
            attachments: list(fields.attachments.as_ref(), |attachment| {
                self.linked_attachment(attachment, &entry.record.paths.folder)
            }),
            text: self.plain(entry),
            versions: document
                .versions
                .iter()
                .map(|version| {
                    let fields = &version.edition(self.language).0.fields;
                    VersionRecord {
                        version: fields
                            .version
                            .as_ref()
                            .map(|version| version.value.clone())
                            .unwrap_or_default(),
                        url: absolute(self, &version.path),
                        date: fields.date.as_ref().map(|date| date.value.to_string()),
                        summary: fields.summary.as_ref().map(|summary| self.told(summary)),
                        text: self.plain(version),
                    }
                })
                .collect(),
        }
    }

    fn report_record(&self, report: &ReportEntry) -> ReportRecord {
        let entry = &report.entry;
        let fields = &entry.edition(self.language).0.fields;
        ReportRecord {
            slug: entry.record.slug.clone(),
            url: absolute(self, &entry.path),
            title: self.title_or_mark(fields.title.as_ref(), entry.record.closed.as_ref()),
            member: report.member.clone(),
            start: fields.period.map(|period| period.start.to_string()),
            end: fields.period.map(|period| period.end.to_string()),
            published: fields
                .published
                .as_ref()
                .map(|date| maybe(date, |date| date.value.to_string())),
            measures: names(fields.measures.as_ref()),
            attachments: list(fields.attachments.as_ref(), |attachment| {
                self.linked_attachment(attachment, &entry.record.paths.folder)
            }),
            text: self.plain(entry),
        }
    }

    fn withheld_record(&self, entry: &WithheldEntry) -> WithheldRecord {
        let notice = self.notice(&entry.redaction);
        WithheldRecord {
            url: absolute(self, &entry.path),
            title: match self.title_of(entry) {
                Words {
                    notice: Some(notice),
                    ..
                } => Maybe::Withheld {
                    withheld: Withheld {
                        ground: notice.ground,
                        until: notice.until,
                    },
                },
                Words { text, .. } => Maybe::Public(text),
            },
            section: entry.section.to_owned(),
            form: match entry.redaction.form {
                Form::Block => "block",
                Form::Inline => "inline",
                Form::Field => "field",
                Form::Document => "document",
            },
            field: entry.field.map(ToOwned::to_owned),
            date: entry.date.map(|date| date.to_string()),
            ground: notice.ground,
            label: notice.label,
            basis: notice.basis,
            until: notice.until,
            review_due: notice.is_due,
            procedural: notice.is_procedural,
        }
    }

    fn withheld_total_record(&self, total: &Total<'_>) -> WithheldTotalRecord {
        WithheldTotalRecord {
            ground: total.ground.code.to_string(),
            label: self.ground_label(&total.ground.code).text,
            basis: self.strings.basis(total.ground),
            procedural: total.ground.is_procedural,
            year: total.year,
            count: total.count,
            review_due: total.due,
        }
    }

    fn change_record(&self, change: &crate::site::Change) -> ChangeRecord {
        ChangeRecord {
            date: change.date.to_string(),
            kind: change.kind.as_str().to_owned(),
            url: absolute(self, &change.path),
            title: change
                .title
                .as_ref()
                .map_or_else(|| Maybe::Public(String::new()), |title| self.told(title)),
            version: change.version.clone(),
            summary: change.summary.as_ref().map(|summary| self.told(summary)),
        }
    }
}
