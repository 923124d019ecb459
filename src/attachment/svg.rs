//! Drawings as SVG, cleaned: what draws stays byte for byte, what only editors and programs read goes.
//!
//! Comments, processing instructions, `<metadata>`, `data-…` and everything of an editor's own namespace are cut out. What runs, what asks
//! another address and what hides text is refused. This file must never let through an element that can do either. It knows
//! what a drawing says, not what it looks like: text behind a shape or outside the picture is not found.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::attachment::{Inspected, Refusal, broken};
use crate::diag::Code;

/// Prefixes that draw; all others belong to editors.
const DRAWING: [&str; 4] = ["svg", "xlink", "xml", "xmlns"];

const ACTIVE: [&str; 13] = [
    "script",
    "foreignObject",
    "iframe",
    "embed",
    "object",
    "audio",
    "video",
    "canvas",
    "handler",
    "listener",
    "a",
    "use-element",
    "import",
];

/// Looks into a drawing.
pub(super) fn inspect(bytes: &[u8]) -> Inspected {
    let text = std::str::from_utf8(bytes).map_err(|_| vec![broken()])?;
    let mut drawing = Drawing::default();
    drawing.read(text).ok_or_else(|| vec![broken()])?;
    if drawing.has_spare_text && !drawing.has_use {
        drawing.hides();
    }
    if drawing.refusals.is_empty() {
        Ok(drawing.kept.into_bytes())
    } else {
        Err(drawing.refusals)
    }
}

#[derive(Default)]
struct Drawing {
    kept: String,
    refusals: Vec<Refusal>,
    /// The elements that are open, by their local names.
    open: Vec<String>,
    has_spare_text: bool,
    has_use: bool,
}

impl Drawing {
    /// Reads the whole drawing; `None` where it is not well-formed.
    fn read(&mut self, text: &str) -> Option<()> {
        let mut reader = Reader::from_str(text);
        let mut at = 0;
        // The depth at which something is left out, if we are inside of it.
        let mut left_out: Option<usize> = None;
        let mut has_root = false;
        loop {
            let event = reader.read_event().ok()?;
            let end = usize::try_from(reader.buffer_position()).ok()?;
            let raw = text.get(at..end)?;
            at = end;
            match event {
                Event::Start(tag) => {
                    let name = local(&tag)?;
                    if !has_root && name != "svg" {
                        return None;
                    }
                    has_root = true;
                    if left_out.is_none() && is_of_editors(&tag)? {
                        left_out = Some(self.open.len());
                    }
                    if left_out.is_none() {
                        self.tag(&tag, raw)?;
                    }
                    self.open.push(name);
                    if self.open.len() > 500 {
                        return None;
                    }
                }
                Event::Empty(tag) => {
                    if !has_root && local(&tag)? != "svg" {
                        return None;
                    }
                    has_root = true;
                    if left_out.is_none() && !is_of_editors(&tag)? {
                        self.tag(&tag, raw)?;
                    }
                }
                Event::End(_) => {
                    self.open.pop()?;
                    if left_out.is_none() {
                        self.kept.push_str(raw);
                    } else if left_out == Some(self.open.len()) {
                        left_out = None;
                    }
                }
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if left_out.is_some() => {}
                Event::Text(_) => {
                    self.text(raw);
                    self.kept.push_str(raw);
                }
                Event::CData(data) => {
                    if self.open.last().is_none_or(|name| name != "style") {
                        self.hides();
                    }
                    let data: &[u8] = &data;
                    self.text(std::str::from_utf8(data).ok()?);
                    self.kept.push_str(raw);
                }
                Event::GeneralRef(name) => {
                    let known: [&[u8]; 5] = [b"amp", b"lt", b"gt", b"quot", b"apos"];
                    if !name.is_char_ref() && !known.contains(&&*name) {
                        self.is_active("a name that stands for another text (an entity)");
                    }
                    self.kept.push_str(raw);
                }
                Event::DocType(doctype) => {
                    // The name of the format is harmless, and goes; definitions of texts are not.
                    if doctype.contains(&b'[') {
                        self.is_active("definitions of texts in its document type");
                    }
                }
                Event::Decl(_) => self.kept.push_str(raw),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        (has_root && self.open.is_empty()).then_some(())
    }

    fn is_active(&mut self, what: &str) {
        self.refusals.push(Refusal::new(
            Code::FileWithActiveContent,
            format!("this drawing holds {what}"),
            "export it as \"plain\" or \"optimised\" SVG with all text and pictures drawn as shapes, or save it as PNG",
        ));
    }

    fn hides(&mut self) {
        self.refusals.push(Refusal::new(
            Code::FileWithHiddenText,
            "this drawing holds something that is there and not shown",
            "delete hidden layers and objects in the drawing program and export it again, or save it as PNG",
        ));
    }

    /// Looks at the text between tags: it can be a style.
    fn text(&mut self, text: &str) {
        if self.open.last().is_some_and(|name| name == "style") {
            self.style(text);
        }
    }

    /// Looks at declarations of CSS, in an element or an attribute.
    fn style(&mut self, style: &str) {
        if style.contains('\\') || style.contains("/*") || style.contains('&') {
            self.is_active("a style with comments or escaped letters");
        }
        let folded: String = style.to_lowercase().split_whitespace().collect();
        let leads_out = folded
            .split("url(")
            .skip(1)
            .any(|rest| !rest.trim_start_matches(['"', '\'']).starts_with('#'));
        if leads_out
            || folded.contains("@import")
            || folded.contains("expression(")
            || folded.contains("javascript:")
        {
            self.is_active("a style that asks another address");
        }
        let hides = [
            "display:none",
            "visibility:hidden",
            "visibility:collapse",
            "content:",
        ]
        .iter()
        .any(|hiding| folded.contains(hiding));
        let is_nothing = ["opacity:", "font-size:"].iter().any(|key| {
            folded
                .split(key)
                .skip(1)
                .any(|rest| is_nought(rest.split([';', '}']).next().unwrap_or_default()))
        });
        if hides || is_nothing {
            self.hides();
        }
    }

    /// Writes a tag without the attributes of editors, and looks at the others.
    fn tag(&mut self, tag: &BytesStart<'_>, raw: &str) -> Option<()> {
        let name = local(tag)?;
        if ACTIVE
            .iter()
            .any(|active| active.eq_ignore_ascii_case(&name))
        {
            self.is_active("a script, a link, or a page within the drawing");
        }
        let is_text = ["text", "tspan", "textPath"].contains(&name.as_str());
        self.has_use |= name == "use";
        self.has_spare_text |= is_text
            && self
                .open
                .iter()
                .any(|name| name == "defs" || name == "symbol");
        let mut dropped = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.ok()?;
            let key = std::str::from_utf8(attribute.key.as_ref()).ok()?.to_owned();
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                .ok()?;
            let (prefix, local) = key.split_once(':').unwrap_or(("", &key));
            let is_foreign = match prefix {
                "" => local.starts_with("data-"),
                "xmlns" => !DRAWING.contains(&local),
                _ => !DRAWING.contains(&prefix),
            };
            if is_foreign {
                dropped.push(key);
            } else {
                self.attribute(local, value.trim(), is_text);
            }
        }
        if dropped.is_empty() {
            self.kept.push_str(raw);
        } else {
            self.kept.push_str(&without(raw, &dropped)?);
        }
        Some(())
    }

    fn attribute(&mut self, name: &str, value: &str, is_text: bool) {
        let folded = name.to_lowercase();
        if folded.starts_with("on") || value.to_lowercase().contains("javascript:") {
            self.is_active("a script that waits for the reader");
        }
        match folded.as_str() {
            "href" | "src" | "base" if !value.starts_with('#') => {
                self.is_active("a link or a picture from another address");
            }
            "style" => self.style(value),
            "fill" if is_text && (value == "none" || value == "transparent") => self.hides(),
            "class" | "id" | "d" | "points" | "transform" => {}
            _ => self.style(&format!("{folded}:{value}")),
        }
    }
}

/// Says whether a length or a share is nothing, or so little that nobody sees it.
fn is_nought(value: &str) -> bool {
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    number.parse::<f64>().is_ok_and(|number| number < 0.02)
}

fn local(tag: &BytesStart<'_>) -> Option<String> {
    Some(
        std::str::from_utf8(tag.local_name().as_ref())
            .ok()?
            .to_owned(),
    )
}

/// Says whether an element is no part of the drawing.
fn is_of_editors(tag: &BytesStart<'_>) -> Option<bool> {
    let name = tag.name();
    let name = std::str::from_utf8(name.as_ref()).ok()?;
    let (prefix, local) = name.split_once(':').unwrap_or(("svg", name));
    Some(prefix != "svg" || local == "metadata")
}

/// Returns a tag as it is written, without some of its attributes.
fn without(raw: &str, dropped: &[String]) -> Option<String> {
    let mut kept = raw.to_owned();
    for key in dropped {
        let (start, behind) = kept
            .match_indices(key.as_str())
            .map(|(start, _)| (start, start + key.len()))
            .find(|(start, end)| {
                let before = kept
                    .get(..*start)
                    .and_then(|before| before.chars().next_back());
                let after = kept.get(*end..).unwrap_or_default().trim_start();
                before.is_some_and(char::is_whitespace) && after.starts_with('=')
            })?;
        let rest = kept.get(behind..)?;
        let quote = rest.find(['"', '\''])?;
        let mark = rest.get(quote..=quote)?;
        let length = rest.get(quote + 1..)?.find(mark)?;
        let end = behind + quote + 1 + length + 1;
        let start = kept.get(..start)?.trim_end().len();
        kept.replace_range(start..end, "");
    }
    Some(kept)
}
