//! Walks through the XML parts of office files. This file must never resolve an entity or follow an address.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// An element with its attributes, by their names without prefixes.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    /// With the prefix, where it has one: `table:display` and `draw:display` are two things.
    pub(super) full_name: String,
    attributes: Vec<(String, String)>,
}

impl Element {
    /// Returns an attribute, by its name without a prefix.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        all.find(|(key, _)| key.rsplit(':').next() == Some(name))
            .map(|(_, value)| value.as_str())
    }

    /// Says whether a switch such as `hidden` is on.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|value| matches!(value, "1" | "true" | "on"))
    }
}

/// What stands in a part, one thing after another.
pub(super) enum Step<'s> {
    Open(&'s Element),
    Text(&'s str),
    Close(&'s Element),
}

/// Goes through a part; the steps come with the elements that are open around them. `None` where it is not well-formed, or
/// holds a comment, a document type or anything else that office programs do not write.
pub(super) fn walk(bytes: &[u8], mut take: impl FnMut(&Step<'_>, &[Element])) -> Option<()> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
    let mut open: Vec<Element> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                let own = element(&tag)?;
                take(&Step::Open(&own), &open);
                open.push(own);
                if open.len() > 500 {
                    return None;
                }
            }
            Event::Empty(tag) => {
                let own = element(&tag)?;
                take(&Step::Open(&own), &open);
                take(&Step::Close(&own), &open);
            }
            Event::End(_) => {
                let own = open.pop()?;
                take(&Step::Close(&own), &open);
            }
            Event::Text(text) => take(&Step::Text(&text.decode().ok()?), &open),
            Event::CData(data) => take(&Step::Text(std::str::from_utf8(&data).ok()?), &open),
            Event::GeneralRef(name) => {
                let known: [&[u8]; 5] = [b"amp", b"lt", b"gt", b"quot", b"apos"];
                if !name.is_char_ref() && !known.contains(&&*name) {
                    return None;
                }
                take(&Step::Text("?"), &open);
            }
            Event::Decl(_) => {}
            Event::PI(_) if open.is_empty() => {}
            Event::Comment(_) | Event::DocType(_) | Event::PI(_) => return None,
            Event::Eof => return open.is_empty().then_some(()),
        }
    }
}

fn element(tag: &BytesStart<'_>) -> Option<Element> {
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.ok()?;
        let key = std::str::from_utf8(attribute.key.as_ref()).ok()?.to_owned();
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Explicit1_0)
            .ok()?;
        attributes.push((key, value.into_owned()));
    }
    Some(Element {
        name: std::str::from_utf8(tag.local_name().as_ref())
            .ok()?
            .to_owned(),
        full_name: std::str::from_utf8(tag.name().as_ref()).ok()?.to_owned(),
        attributes,
    })
}
