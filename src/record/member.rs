//! A member record (`content/members/<slug>.toml`).

use jiff::civil::Date;

use crate::diag::{Code, Finding, Message};
use crate::fields::{LocalText, Placed, Raw, Reader, Table};
use crate::record::code::{self, MeasureReference};
use crate::record::held::{Disclosed, DisclosedList, Hand, placed_text};
use crate::record::meeting::{WebLink, read_link};

/// What anyone may read of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberFields {
    pub(crate) name: LocalText,
    pub(crate) status: Status,
    pub(crate) country: Option<Disclosed<String>>,
    pub(crate) website: Option<Disclosed<Placed<String>>>,
    pub(crate) signed: Option<Disclosed<Placed<Date>>>,
    pub(crate) joined: Option<Disclosed<Placed<Date>>>,
    pub(crate) left: Option<Disclosed<Placed<Date>>>,
    pub(crate) chapters: Option<DisclosedList<Placed<String>>>,
    pub(crate) measures: Option<DisclosedList<Placed<MeasureReference>>>,
    pub(crate) description: Option<Disclosed<LocalText>>,
    pub(crate) models: Option<DisclosedList<LocalText>>,
    pub(crate) representatives: Option<DisclosedList<Representative>>,
    pub(crate) links: Option<DisclosedList<WebLink>>,
    pub(crate) successor: Option<Disclosed<Placed<String>>>,
    pub(crate) events: Option<DisclosedList<Event>>,
}

/// How a member takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Takes part in the taskforce.
    Member,
    /// Signed the code.
    Signatory,
    /// Attends without being a member.
    Observer,
    /// Took part once.
    Former,
}

impl Status {
    /// All statuses, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Member, Self::Signatory, Self::Observer, Self::Former];

    /// Returns the status as it is written in a record.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Signatory => "signatory",
            Self::Observer => "observer",
            Self::Former => "former",
        }
    }
}

/// Someone who speaks for a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Representative {
    pub(crate) name: Disclosed<Placed<String>>,
    pub(crate) role: Option<Disclosed<LocalText>>,
}

/// Something that happened to a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub(crate) date: Disclosed<Placed<Date>>,
    pub(crate) kind: Option<Disclosed<Placed<String>>>,
    pub(crate) summary: Option<Disclosed<LocalText>>,
}

impl MemberFields {
    pub(in crate::record) fn read(hand: &mut Hand<'_>, table: &mut Table<'_, '_>) -> Option<Self> {
        let name = hand.required(
            table,
            "name",
            "a member record",
            "\"Example Models\"",
            Reader::local_text,
        );
        let status = hand.required(
            table,
            "status",
            "a member record",
            "\"member\"",
            read_status,
        );
        let fields = Self {
            name: name
                .clone()
                .unwrap_or_else(|| LocalText::single(hand.reader.language.clone(), "?")),
            status: status.unwrap_or(Status::Member),
            country: hand.field(table, "country", read_country),
            website: hand.field(table, "website", |hand, value| {
                hand.reader.web_address(value)
            }),
            signed: hand.field(table, "signed", |hand, value| hand.reader.date(value)),
            joined: hand.field(table, "joined", |hand, value| hand.reader.date(value)),
            left: hand.field(table, "left", |hand, value| hand.reader.date(value)),
            chapters: hand.list(table, "chapters", placed_text),
            measures: hand.list(table, "measures", |hand, value| {
                code::read_reference(&mut hand.reader, value)
            }),
            description: hand.local_text(table, "description"),
            models: hand.list(table, "models", |hand, value| hand.reader.local_text(value)),
            representatives: hand.list(table, "representatives", read_representative),
            links: hand.list(table, "links", read_link),
            successor: hand.field(table, "successor", placed_text),
            events: hand.list(table, "events", read_event),
        };
        hand.reader.finish(table, "a member record");
        (name.is_some() && status.is_some()).then_some(fields)
    }
}

fn read_status(reader: &mut Reader<'_>, value: &Raw<'_>) -> Option<Status> {
    let text = reader.text(value)?;
    let status = Status::ALL
        .into_iter()
        .find(|status| status.as_str() == text.value);
    if status.is_none() {
        let finding = Finding::new(
            Code::InvalidValue,
            reader.file,
            Message::new("there is no status").value(&text.value),
        )
        .at(text.span)
        .suggest(
            &text.value,
            Status::ALL.map(Status::as_str),
            "write member, signatory, observer or former",
        );
        reader.findings.push(finding);
    }
    status
}

fn read_country(hand: &mut Hand<'_>, value: &Raw<'_>) -> Option<String> {
    let text = hand.reader.text(value)?;
    if COUNTRIES.contains(&text.value.as_str()) {
        return Some(text.value);
    }
    let finding = Finding::new(
        Code::UnknownCountry,
        hand.reader.file,
        Message::new("there is no country code").value(&text.value),
    )
    .at(text.span)
    .help(if COUNTRIES.contains(&text.value.to_uppercase().as_str()) {
        Message::new("did you mean")
            .value(text.value.to_uppercase())
            .words("?")
    } else {
        Message::new("write the two capital letters of ISO 3166-1, such as \"FR\"")
    });
    hand.reader.findings.push(finding);
    None
}

fn read_representative(hand: &mut Hand<'_>, value: &Raw<'_>) -> Option<Representative> {
    if !value.get_ref().is_table() {
        return hand.reader.text(value).map(|name| Representative {
            name: Disclosed::Public(name),
            role: None,
        });
    }
    let mut table = hand.reader.table(value)?;
    let name = hand.field(&mut table, "name", placed_text);
    if !table.has("name") {
        hand.reader
            .missing(&table, "name", "a representative", "\"A. Example\"");
    }
    let role = hand.local_text(&mut table, "role");
    hand.reader.finish(&table, "a representative");
    name.map(|name| Representative { name, role })
}

fn read_event(hand: &mut Hand<'_>, value: &Raw<'_>) -> Option<Event> {
    let mut table = hand.reader.table(value)?;
    let date = hand.field(&mut table, "date", |hand, value| hand.reader.date(value));
    if !table.has("date") {
        hand.reader
            .missing(&table, "date", "an event", "2026-01-31");
    }
    let kind = hand.field(&mut table, "kind", placed_text);
    let summary = hand.local_text(&mut table, "summary");
    if !table.has("summary") {
        hand.reader
            .missing(&table, "summary", "an event", "\"Signed the code\"");
    }
    hand.reader.finish(&table, "an event");
    date.map(|date| Event {
        date,
        kind,
        summary,
    })
}

/// The country codes of ISO 3166-1 alpha-2, with `XK` for Kosovo as the EU uses it.
const COUNTRIES: &[&str] = &[
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ",
    "BA", "BB", "BD", "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS",
    "BT", "BV", "BW", "BY", "BZ", "CA", "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN",
    "CO", "CR", "CU", "CV", "CW", "CX", "CY", "CZ", "DE", "DJ", "DK", "DM", "DO", "DZ", "EC", "EE",
    "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK", "FM", "FO", "FR", "GA", "GB", "GD", "GE", "GF",
    "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS", "GT", "GU", "GW", "GY", "HK", "HM",
    "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR", "IS", "IT", "JE", "JM",
    "JO", "JP", "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC",
    "LI", "LK", "LR", "LS", "LT", "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK",
    "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS", "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA",
    "NC", "NE", "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ", "OM", "PA", "PE", "PF", "PG",
    "PH", "PK", "PL", "PM", "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS", "RU", "RW",
    "SA", "SB", "SC", "SD", "SE", "SG", "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS",
    "ST", "SV", "SX", "SY", "SZ", "TC", "TD", "TF", "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO",
    "TR", "TT", "TV", "TW", "TZ", "UA", "UG", "UM", "US", "UY", "UZ", "VA", "VC", "VE", "VG", "VI",
    "VN", "VU", "WF", "WS", "XK", "YE", "YT", "ZA", "ZM", "ZW",
];
