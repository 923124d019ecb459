//! Atom feeds, the calendar, the sitemap and `robots.txt`, all of public values and explicit dates only.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use atom_syndication::{
    ContentBuilder, Entry as FeedEntry, EntryBuilder, Feed, FeedBuilder, GeneratorBuilder,
    LinkBuilder, PersonBuilder, Text, TextBuilder, TextType,
};
use icalendar::{Calendar, Component, Event, EventLike, Property};
use jiff::civil::{Date, Time};

use crate::links::{self, Target};
use crate::record::{Disclosed, MeetingFields, public_items};
use crate::render::alternates;
use crate::render::lens::Lens;
use crate::site::{Change, Entry, Site};

/// Entries in one feed.
const FEED_LENGTH: usize = 50;

/// Addresses in one sitemap, by its format.
const SITEMAP_LENGTH: usize = 50_000;

/// Returns the feeds and the calendar in the language of the lens, with their paths below the root of that language.
pub(crate) fn files(lens: &Lens<'_>) -> Vec<(String, Vec<u8>)> {
    let site = lens.site;
    let meetings: Vec<(Date, FeedEntry)> = site
        .meetings
        .iter()
        .take(FEED_LENGTH)
        .filter_map(|meeting| meeting_entry(lens, meeting))
        .collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut changes: Vec<(Date, FeedEntry)> = Vec::new();
    for change in site.changes(lens.language).iter().take(FEED_LENGTH) {
        let (date, mut entry) = change_entry(lens, change);
        // Two changes of one page on one day have ids of their own.
        let times = seen.entry(entry.id().to_owned()).or_insert(0);
        *times += 1;
        if *times > 1 {
            entry.set_id(format!("{}-{times}", entry.id()));
        }
        changes.push((date, entry));
    }
    let mut all: Vec<(Date, FeedEntry)> = meetings.iter().chain(&changes).cloned().collect();
    all.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.id().cmp(other.id())));
    all.truncate(FEED_LENGTH);
    vec![
        (
            "feed.xml".into(),
            feed(lens, "feed.xml", "", "feed-all", all),
        ),
        (
            "meetings/feed.xml".into(),
            feed(
                lens,
                "meetings/feed.xml",
                "meetings/",
                "feed-meetings",
                meetings,
            ),
        ),
        (
            "changes/feed.xml".into(),
            feed(
                lens,
                "changes/feed.xml",
                "changes/",
                "feed-changes",
                changes,
            ),
        ),
        ("meetings/calendar.ics".into(), calendar(lens).into_bytes()),
    ]
}

fn absolute(lens: &Lens<'_>, path: &str) -> String {
    lens.site
        .config
        .base_url
        .join(&links::encode(&lens.path(path)))
}

fn feed(
    lens: &Lens<'_>,
    path: &str,
    page: &str,
    title: &str,
    mut entries: Vec<(Date, FeedEntry)>,
) -> Vec<u8> {
    entries.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.id().cmp(other.id())));
    let updated = entries
        .first()
        .map_or(Date::constant(1970, 1, 1), |(date, _)| *date);
    let config = &lens.site.config;
    let author = config.author.as_ref().unwrap_or(&config.title);
    let feed: Feed = FeedBuilder::default()
        .id(absolute(lens, path))
        .title(Text::plain(format!(
            "{} – {}",
            lens.local(&config.title).text,
            lens.strings.get(title)
        )))
        .updated(midnight(updated))
        .lang(Some(lens.language.to_string()))
        .author(
            PersonBuilder::default()
                .name(lens.local(author).text)
                .build(),
        )
        .generator(Some(
            GeneratorBuilder::default().value("Clerestory").build(),
        ))
        .link(
            LinkBuilder::default()
                .rel("self")
                .href(absolute(lens, path))
                .mime_type(Some("application/atom+xml".into()))
                .build(),
        )
        .link(
            LinkBuilder::default()
                .rel("alternate")
                .href(absolute(lens, page))
                .mime_type(Some("text/html".into()))
                .build(),
        )
        .entries(
            entries
                .into_iter()
                .map(|(_, entry)| entry)
                .collect::<Vec<_>>(),
        )
        .build();
    let mut text = feed.to_string();
    text.push('\n');
    text.into_bytes()
}

/// Returns the first moment of a day. Dates of content have no time, so feeds say midnight, UTC.
fn midnight(date: Date) -> atom_syndication::FixedDateTime {
    format!("{date}T00:00:00+00:00").parse().unwrap_or_default()
}

/// Returns the day on which a meeting's page last changed, by its explicit dates.
pub(crate) fn last_changed(fields: &MeetingFields) -> Option<Date> {
    let published = fields
        .published
        .as_ref()
        .and_then(Disclosed::public)
        .map(|date| date.value);
    let revised = public_items(fields.revisions.as_ref())
        .map(|revision| revision.date.value)
        .max();
    published
        .max(revised)
        .or_else(|| fields.date.as_ref().map(|date| date.value))
}

fn meeting_entry(lens: &Lens<'_>, meeting: &Entry<MeetingFields>) -> Option<(Date, FeedEntry)> {
    let (edition, body) = meeting.edition(lens.language);
    let date = last_changed(&edition.fields)?;
    let url = absolute(lens, &meeting.path);
    let root = lens.site.config.base_url.join("");
    let href = |target: &Target| match target {
        Target::Here(_) => format!("{url}{}", lens.href(target, &root)),
        Target::Page { .. }
        | Target::Fixed { .. }
        | Target::File { .. }
        | Target::External(_)
        | Target::Nowhere => lens.href(target, &root),
    };
    let content = lens.html(body, &url, &href);
    let entry = EntryBuilder::default()
        .id(url.clone())
        .title(Text::plain(lens.meeting_title(meeting).text))
        .updated(midnight(date))
        .published(
            edition
                .fields
                .published
                .as_ref()
                .and_then(Disclosed::public)
                .map(|date| midnight(date.value)),
        )
        .link(
            LinkBuilder::default()
                .rel("alternate")
                .href(url)
                .mime_type(Some("text/html".into()))
                .build(),
        )
        .summary((!body.html.summary.is_empty()).then(|| Text::plain(body.html.summary.clone())))
        .content(Some(
            ContentBuilder::default()
                .content_type(Some("html".into()))
                .lang(Some(edition.language.to_string()))
                .value(Some(content))
                .build(),
        ))
        .build();
    Some((date, entry))
}

fn change_entry(lens: &Lens<'_>, change: &Change) -> (Date, FeedEntry) {
    let url = absolute(lens, &change.path);
    let item = lens.change_item(change);
    let title = match &change.version {
        Some(version) => lens.version_title(item.title, version).text,
        None => item.title.text,
    };
    let summary = item.summary.map(|summary| {
        TextBuilder::default()
            .value(summary.text)
            .r#type(TextType::Text)
            .build()
    });
    let entry = EntryBuilder::default()
        .id(format!("{url}#{}-{}", change.kind.as_str(), change.date))
        .title(Text::plain(format!("{title} ({})", item.kind_text)))
        .updated(midnight(change.date))
        .link(
            LinkBuilder::default()
                .rel("alternate")
                .href(url)
                .mime_type(Some("text/html".into()))
                .build(),
        )
        .summary(summary)
        .build();
    (change.date, entry)
}

/// Reads the first and last time of a text such as "10:00–16:30".
fn times(text: &str) -> Option<(Time, Option<Time>)> {
    let mut found = text
        .split(|c: char| !c.is_ascii_digit() && c != ':' && c != '.')
        .filter_map(|part| {
            let (hour, minute) = part.split_once([':', '.'])?;
            Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0)
                .ok()
                .filter(|_| hour.len() <= 2 && minute.len() == 2)
        });
    Some((found.next()?, found.next()))
}

fn calendar(lens: &Lens<'_>) -> String {
    let mut calendar = Calendar::empty();
    calendar.append_property(Property::new(
        "PRODID",
        "-//Clerestory//Transparency centre//EN",
    ));
    calendar.append_property(Property::new("VERSION", "2.0"));
    calendar.append_property(Property::new("CALSCALE", "GREGORIAN"));
    calendar.append_property(Property::new("METHOD", "PUBLISH"));
    let name = format!(
        "{} – {}",
        lens.local(&lens.site.config.title).text,
        lens.strings.get("calendar-title")
    );
    calendar.append_property(Property::new("X-WR-CALNAME", escape_text(&name)));
    for meeting in &lens.site.meetings {
        if let Some(event) = calendar_event(lens, meeting) {
            calendar.push(event);
        }
    }
    calendar.to_string()
}

#[expect(
    clippy::single_match_else,
    reason = "the two ways to tell a time, side by side"
)]
fn calendar_event(lens: &Lens<'_>, meeting: &Entry<MeetingFields>) -> Option<Event> {
    let fields = &meeting.edition(lens.language).0.fields;
    let date = fields.date.as_ref()?.value;
    let end = match &fields.end {
        Some(Disclosed::Public(end)) => end.value,
        Some(Disclosed::Withheld(_)) | None => date,
    };
    let basic = |date: Date| date.strftime("%Y%m%d").to_string();
    let mut event = Event::new();
    let host = lens
        .site
        .config
        .base_url
        .origin()
        .split("://")
        .nth(1)
        .unwrap_or("localhost");
    event.append_property(Property::new(
        "UID",
        format!("{}@{host}", meeting.path.trim_end_matches('/')),
    ));
    event.append_property(Property::new(
        "DTSTAMP",
        format!("{}T000000Z", basic(last_changed(fields).unwrap_or(date))),
    ));
    let exact = fields
        .time
        .as_ref()
        .and_then(Disclosed::public)
        .and_then(|time| times(&time.value));
    match exact {
        // A time of day where the meeting is: the content names no time zone.
        Some((start, stop)) => {
            let moment =
                |date: Date, time: Time| format!("{}T{}", basic(date), time.strftime("%H%M%S"));
            event.append_property(Property::new("DTSTART", moment(date, start)));
            if let Some(stop) = stop.filter(|stop| end > date || *stop > start) {
                event.append_property(Property::new("DTEND", moment(end, stop)));
            }
        }
        None => {
            let day = |name: &str, date: Date| {
                let mut property = Property::new(name, basic(date));
                property.add_parameter("VALUE", "DATE");
                property.done()
            };
            event.append_property(day("DTSTART", date));
            event.append_property(day("DTEND", end.tomorrow().unwrap_or(end)));
        }
    }
    event.summary(&lens.meeting_title(meeting).text);
    if let Some(place) = &fields.place {
        event.location(&lens.words(place).text);
    }
    let summary = &meeting.edition(lens.language).1.html.summary;
    if !summary.is_empty() {
        event.description(summary);
    }
    event.append_property(Property::new("URL", absolute(lens, &meeting.path)));
    Some(event.done())
}

/// Escapes a text value of a calendar property that the library takes as it is.
fn escape_text(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
        .replace('\n', "\\n")
}

/// Returns the sitemap: every page in every language, with the last explicit date of meetings.
pub(crate) fn sitemap(site: &Site) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    let mut addresses = 0;
    for path in site.page_paths() {
        let changed = site
            .meeting_at(&path)
            .and_then(|meeting| last_changed(meeting.fields()));
        let links = alternates(site, &path);
        let mut hreflang = String::new();
        if links.len() > 1 {
            for (language, url) in &links {
                let url = crate::markdown::escape(url);
                let _ = write!(
                    hreflang,
                    "<xhtml:link rel=\"alternate\" hreflang=\"{language}\" href=\"{url}\"/>"
                );
            }
        }
        for (_, url) in &links {
            if addresses == SITEMAP_LENGTH {
                break;
            }
            addresses += 1;
            let lastmod = changed
                .map(|date| format!("<lastmod>{date}</lastmod>"))
                .unwrap_or_default();
            let _ = writeln!(
                xml,
                "<url><loc>{}</loc>{lastmod}{hreflang}</url>",
                crate::markdown::escape(url)
            );
        }
    }
    xml.push_str("</urlset>\n");
    xml
}

/// Returns `robots.txt`: everything may be read.
pub(crate) fn robots(site: &Site) -> String {
    format!(
        "User-agent: *\nAllow: /\n\nSitemap: {}\n",
        site.config.base_url.join("sitemap.xml")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_from_text() {
        let time = |hour, minute| Time::new(hour, minute, 0, 0).unwrap();
        assert_eq!(
            times("10:00–16:30"),
            Some((time(10, 0), Some(time(16, 30))))
        );
        assert_eq!(times("at 9.15 h"), Some((time(9, 15), None)));
        assert_eq!(times("in the morning"), None);
        assert_eq!(times("25:00"), None);
    }
}
