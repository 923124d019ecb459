//! Packets of XMP, which programs write into files: harmless where they hold nothing but formats, programs and days.
//!
//! A document that all can read must say in XMP that it is one, so packets are not refused as such. What is not on the list is. This
//! file must never be used to let a property through whose value it has not seen.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::attachment::pdf::is_software;

/// What stands in a packet.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Packet {
    /// Titles, which the text of the document may show.
    pub(super) titles: Vec<String>,
    /// Whether there is more than formats, programs, days and a title.
    pub(super) is_telling: bool,
}

const FORMATS: [&str; 26] = [
    "xpacket",
    "xmpmeta",
    "RDF",
    "Description",
    "part",
    "conformance",
    "rev",
    "amd",
    "Producer",
    "CreatorTool",
    "CreateDate",
    "ModifyDate",
    "MetadataDate",
    "format",
    "Trapped",
    "PDFVersion",
    "title",
    "language",
    "Alt",
    "Bag",
    "li",
    "NPages",
    "InstanceID",
    "DocumentID",
    "RenditionClass",
    "VersionID",
];

/// Reads a packet; what cannot be read is telling.
pub(super) fn read(bytes: &[u8]) -> Packet {
    let mut packet = Packet::default();
    if parse(bytes, &mut packet).is_none() {
        packet.is_telling = true;
    }
    packet
}

fn parse(bytes: &[u8], packet: &mut Packet) -> Option<()> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut reader = Reader::from_str(text.trim_matches(['\0', '\u{FEFF}']));
    let mut open: Vec<String> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                attributes(&tag, packet)?;
                open.push(known(tag.local_name().as_ref(), packet)?);
            }
            Event::Empty(tag) => {
                attributes(&tag, packet)?;
                known(tag.local_name().as_ref(), packet)?;
            }
            Event::End(_) => {
                open.pop()?;
            }
            Event::Text(text) => {
                let value = text.decode().ok()?;
                let property = open
                    .iter()
                    .rev()
                    .find(|name| !matches!(name.as_str(), "Alt" | "Bag" | "li"));
                value_of(property.map_or("", String::as_str), &value, packet);
            }
            Event::GeneralRef(_) if open.iter().any(|name| name == "title") => {
                // A title is compared by its letters; what stands between them does not matter.
                packet.titles.push(String::new());
            }
            Event::Comment(_) | Event::CData(_) | Event::DocType(_) | Event::GeneralRef(_) => {
                packet.is_telling = true;
            }
            Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return open.is_empty().then_some(()),
        }
    }
}

fn known(name: &[u8], packet: &mut Packet) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?.to_owned();
    packet.is_telling |= !FORMATS.contains(&name.as_str());
    Some(name)
}

fn attributes(tag: &quick_xml::events::BytesStart<'_>, packet: &mut Packet) -> Option<()> {
    for attribute in tag.attributes() {
        let attribute = attribute.ok()?;
        let key = std::str::from_utf8(attribute.key.as_ref()).ok()?.to_owned();
        let (prefix, local) = key.split_once(':').unwrap_or(("", &key));
        if prefix == "xmlns"
            || key == "xmlns"
            || matches!(
                local,
                "about" | "lang" | "xmptk" | "parseType" | "id" | "begin"
            )
        {
            continue;
        }
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Explicit1_0)
            .ok()?
            .into_owned();
        if known(local.as_bytes(), packet).is_some() {
            value_of(local, &value, packet);
        }
    }
    Some(())
}

/// Looks at the value of a property.
fn value_of(property: &str, value: &str, packet: &mut Packet) {
    let value = value.trim();
    if value.is_empty() {
        return;
    }
    match property {
        "title" => packet.titles.push(value.to_owned()),
        "Producer" | "CreatorTool" => packet.is_telling |= !is_software(value),
        // Numbers that programs draw, and that mean nothing to anybody else.
        "InstanceID" | "DocumentID" | "RenditionClass" | "VersionID" | "NPages" => {
            packet.is_telling |=
                value.len() > 64 || value.contains([' ', '/', '@', '\\']) && !value.ends_with("==");
        }
        "part" | "conformance" | "rev" | "amd" | "Trapped" | "PDFVersion" | "language" => {
            packet.is_telling |= value.len() > 8;
        }
        "CreateDate" | "ModifyDate" | "MetadataDate" => {
            packet.is_telling |= value.len() > 35 || value.contains(' ');
        }
        "format" => packet.is_telling |= value != "application/pdf",
        _ => packet.is_telling = true,
    }
}
