//! Public text to HTML: headings with anchors, footnotes, tables, links and notices.
//!
//! Only [`PublicText`] comes in, so nothing withheld can come out. Links and notices stay open places in the result: where they
//! lead and how they read depends on the page and its language.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use pulldown_cmark::{
    Alignment, CodeBlockKind, Event, HeadingLevel, LinkType, Parser, Tag, TagEnd, html,
};

use crate::diag::Span;
use crate::record::{Form, MARK_END, MARK_START, PublicText, Redaction, dialect};
use crate::slug::slugify;

/// Opens the open place of a link; its number and [`MARK_END`] follow.
const LINK_START: char = '\u{E010}';
/// Opens the open place of a phrase; its key, a comma, a number and [`MARK_END`] follow.
const PHRASE_START: char = '\u{E011}';
/// Opens the open place of a link within the text; its anchor and [`MARK_END`] follow.
const HERE_START: char = '\u{E012}';

/// HTML with open places for links, notices and phrases of the page's language.
#[derive(Clone, Debug, Default)]
pub(crate) struct Html {
    pieces: Vec<Piece>,
    /// The headings in their order, for tables of contents and reports.
    pub(crate) headings: Vec<Heading>,
    /// The links in the order of their numbers.
    pub(crate) links: Vec<Link>,
    /// All anchors of the text.
    pub(crate) anchors: BTreeSet<String>,
    /// The redactions in the order of their numbers.
    redactions: Vec<Redaction>,
    /// The running text with placeholders.
    plain: String,
    /// The first paragraph, with `[…]` in the place of notices.
    pub(crate) summary: String,
}

#[derive(Clone, Debug)]
enum Piece {
    Markup(String),
    Link(usize),
    Notice(usize),
    Phrase(String, usize),
    Here(String),
}

/// A heading of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heading {
    /// The level on the page, from 2.
    pub(crate) level: u8,
    pub(crate) anchor: String,
    /// The public text, without notices.
    pub(crate) text: String,
    /// Where it stands in its source file.
    pub(crate) span: Span,
}

/// A link or image as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) destination: String,
    pub(crate) is_image: bool,
    /// Where it stands in its source file.
    pub(crate) span: Span,
}

impl Html {
    /// Writes the HTML with its open places filled. `page` is what stands before links within the text: nothing on their own page.
    pub(crate) fn fill(
        &self,
        page: &str,
        link: impl Fn(usize) -> String,
        notice: impl Fn(&Redaction) -> String,
        phrase: impl Fn(&str, usize) -> String,
    ) -> String {
        let mut filled = String::with_capacity(
            self.pieces
                .iter()
                .map(|piece| {
                    if let Piece::Markup(markup) = piece {
                        markup.len()
                    } else {
                        80
                    }
                })
                .sum(),
        );
        for piece in &self.pieces {
            match piece {
                Piece::Markup(markup) => filled.push_str(markup),
                Piece::Link(number) => filled.push_str(&escape(&link(*number))),
                Piece::Notice(number) => {
                    if let Some(redaction) = self.redactions.get(*number) {
                        filled.push_str(&notice(redaction));
                    }
                }
                Piece::Here(anchor) => filled.push_str(&escape(&format!("{page}#{anchor}"))),
                Piece::Phrase(key, number) => filled.push_str(&escape(&phrase(key, *number))),
            }
        }
        filled
    }

    /// Returns the running text, with what `notice` says in the place of notices.
    pub(crate) fn plain(&self, notice: impl Fn(&Redaction) -> String) -> String {
        let mut text = String::with_capacity(self.plain.len());
        for (at, part) in self.plain.split(MARK_START).enumerate() {
            if at == 0 {
                text.push_str(part);
                continue;
            }
            let (number, rest) = part.split_once(MARK_END).unwrap_or(("", part));
            if let Some(redaction) = number
                .parse::<usize>()
                .ok()
                .and_then(|number| self.redactions.get(number))
            {
                text.push_str(&notice(redaction));
            }
            text.push_str(rest);
        }
        text.trim().to_owned()
    }

    /// Says whether there is nothing to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

/// Escapes a text for HTML content and attribute values.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Renders public text. No anchor of the result is one of `reserved`, which the page has already.
///
/// `prefix` stands before the ids of footnotes, for texts that share a page with another one.
pub(crate) fn render(text: &PublicText, reserved: &BTreeSet<String>, prefix: &'static str) -> Html {
    let mut renderer = Renderer {
        text,
        html: Html {
            redactions: text.redactions().to_vec(),
            ..Html::default()
        },
        reserved,
        prefix,
        next_numbers: BTreeMap::new(),
        flow: vec![Vec::new()],
        notes: Notes::default(),
        shift: 1,
        table: Vec::new(),
        cell: 0,
        in_head: false,
        quiet: 0,
    };
    let events: Vec<(Event<'_>, Range<usize>)> = Parser::new_ext(text.markdown(), dialect())
        .into_offset_iter()
        .collect();
    renderer.survey(&events);
    let mut at = 0;
    while at < events.len() {
        at += renderer.event(&events, at);
    }
    renderer.finish()
}

/// Footnotes in the order of their first references.
#[derive(Default)]
struct Notes<'t> {
    defined: BTreeSet<String>,
    numbers: BTreeMap<String, usize>,
    references: BTreeMap<usize, usize>,
    bodies: BTreeMap<String, Vec<Event<'t>>>,
    open: Vec<String>,
}

struct Renderer<'t> {
    text: &'t PublicText,
    html: Html,
    reserved: &'t BTreeSet<String>,
    prefix: &'static str,
    /// The numbers to try next behind headings of the same words.
    next_numbers: BTreeMap<String, usize>,
    /// The events to write; one list for the text, and one for each open footnote.
    flow: Vec<Vec<Event<'t>>>,
    notes: Notes<'t>,
    /// What is added to the level of a heading, so that the page's own is the only one of level 1.
    shift: u8,
    table: Vec<Alignment>,
    cell: usize,
    in_head: bool,
    /// Inside images, whose text is their description.
    quiet: usize,
}

fn level(level: HeadingLevel) -> u8 {
    level as u8
}

impl<'t> Renderer<'t> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the other events of the parser carry nothing of this"
    )]
    fn survey(&mut self, events: &[(Event<'t>, Range<usize>)]) {
        let mut top = 6;
        for (event, _) in events {
            match event {
                Event::Start(Tag::Heading { level: own, .. }) => top = top.min(level(*own)),
                Event::Start(Tag::FootnoteDefinition(label)) => {
                    self.notes.defined.insert(label.to_lowercase());
                }
                _ => {}
            }
        }
        self.shift = u8::from(top == 1);
    }

    fn push(&mut self, event: Event<'t>) {
        if let Some(flow) = self.flow.last_mut() {
            flow.push(event);
        }
    }

    fn markup(&mut self, markup: impl Into<String>) {
        self.push(Event::Html(markup.into().into()));
    }

    /// Handles the event at `at`; returns how many events were used up.
    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each event of the parser"
    )]
    fn event(&mut self, events: &[(Event<'t>, Range<usize>)], at: usize) -> usize {
        let (event, range) = &events[at];
        match event {
            Event::Start(Tag::Paragraph) => {
                if let Some(number) = self.block_notice(events, at) {
                    self.markup(format!("{MARK_START}{number}{MARK_END}\n"));
                    self.say(&format!("{MARK_START}{number}{MARK_END}\n"));
                    return 3;
                }
                self.push(event.clone());
            }
            Event::Start(Tag::Heading { level: own, .. }) => self.heading(events, at, level(*own)),
            Event::End(TagEnd::Heading(own)) => {
                let own = (level(*own) + self.shift).min(6);
                self.markup(format!("</h{own}>\n"));
                self.say("\n");
            }
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                ..
            }) => {
                let number = self.link(dest_url, *link_type, false, range);
                let title = if title.is_empty() {
                    String::new()
                } else {
                    format!(" title=\"{}\"", escape(title))
                };
                self.markup(format!(
                    "<a href=\"{LINK_START}{number}{MARK_END}\"{title}>"
                ));
            }
            Event::End(TagEnd::Link) => self.markup("</a>"),
            Event::Start(Tag::Image {
                link_type,
                dest_url,
                title,
                ..
            }) => {
                let number = self.link(dest_url, *link_type, true, range);
                let title = if title.is_empty() {
                    String::new()
                } else {
                    format!(" title=\"{}\"", escape(title))
                };
                let (alt, used) = alternative(events, at);
                self.say(&alt);
                self.markup(format!("<img src=\"{LINK_START}{number}{MARK_END}\" alt=\"{}\"{title} loading=\"lazy\">", escape(&alt)));
                return used;
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let class = match kind {
                    CodeBlockKind::Fenced(info) => info
                        .split([' ', ','])
                        .next()
                        .filter(|name| !name.is_empty())
                        .map(|name| format!(" class=\"language-{}\"", escape(name))),
                    CodeBlockKind::Indented => None,
                };
                self.markup(format!(
                    "<pre tabindex=\"0\"><code{}>",
                    class.unwrap_or_default()
                ));
            }
            Event::End(TagEnd::CodeBlock) => {
                self.markup("</code></pre>\n");
                self.say("\n");
            }
            Event::Start(Tag::Table(alignments)) => {
                self.table.clone_from(alignments);
                self.markup(format!("<div class=\"table-scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{PHRASE_START}table,0{MARK_END}\"><table>"));
            }
            Event::End(TagEnd::Table) => self.markup("</tbody></table></div>\n"),
            Event::Start(Tag::TableHead) => {
                (self.in_head, self.cell) = (true, 0);
                self.markup("<thead><tr>");
            }
            Event::End(TagEnd::TableHead) => {
                self.in_head = false;
                self.markup("</tr></thead><tbody>\n");
                self.say("\n");
            }
            Event::Start(Tag::TableRow) => {
                self.cell = 0;
                self.markup("<tr>");
            }
            Event::End(TagEnd::TableRow) => {
                self.markup("</tr>\n");
                self.say("\n");
            }
            Event::Start(Tag::TableCell) => {
                let class = match self.table.get(self.cell) {
                    Some(Alignment::Center) => " class=\"centre\"",
                    Some(Alignment::Right) => " class=\"end\"",
                    Some(Alignment::Left | Alignment::None) | None => "",
                };
                let is_empty =
                    matches!(events.get(at + 1), Some((Event::End(TagEnd::TableCell), _)));
                self.markup(if self.in_head && !is_empty {
                    format!("<th scope=\"col\"{class}>")
                } else {
                    format!("<td{class}>")
                });
                self.cell += 1;
            }
            Event::End(TagEnd::TableCell) => {
                let is_empty = matches!(
                    at.checked_sub(1).and_then(|at| events.get(at)),
                    Some((Event::Start(Tag::TableCell), _))
                );
                self.markup(if self.in_head && !is_empty {
                    "</th>"
                } else {
                    "</td>"
                });
                self.say(" ");
            }
            Event::TaskListMarker(done) => {
                let (class, sign, key) = if *done {
                    ("done", "☑", "task-done")
                } else {
                    ("open", "☐", "task-open")
                };
                self.markup(format!("<span class=\"task {class}\" role=\"img\" aria-label=\"{PHRASE_START}{key},0{MARK_END}\">{sign}</span> "));
            }
            Event::FootnoteReference(label) => self.reference(label),
            Event::Start(Tag::FootnoteDefinition(label)) => {
                self.notes.open.push(label.to_lowercase());
                self.flow.push(Vec::new());
            }
            Event::End(TagEnd::FootnoteDefinition) => {
                let body = self.flow.pop().unwrap_or_default();
                if let Some(label) = self.notes.open.pop() {
                    self.notes.bodies.insert(label, body);
                }
                self.say("\n");
            }
            Event::Text(text) | Event::Code(text) => {
                self.say(text);
                self.push(event.clone());
            }
            Event::SoftBreak | Event::HardBreak => {
                self.say(" ");
                self.push(event.clone());
            }
            Event::Start(Tag::List(_)) | Event::End(TagEnd::Paragraph | TagEnd::Item) => {
                self.say("\n");
                self.push(event.clone());
            }
            Event::Start(_)
            | Event::End(_)
            | Event::Rule
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => {
                self.push(event.clone());
            }
        }
        1
    }

    /// Adds to the running text.
    fn say(&mut self, text: &str) {
        if self.quiet == 0 {
            self.html.plain.push_str(text);
        }
    }

    /// Returns the number of the mark whose block notice begins at `at`.
    fn block_notice(&self, events: &[(Event<'t>, Range<usize>)], at: usize) -> Option<usize> {
        let [
            (_, _),
            (Event::Text(text), _),
            (Event::End(TagEnd::Paragraph), _),
        ] = events.get(at..at + 3)?
        else {
            return None;
        };
        let number: usize = text
            .strip_prefix(MARK_START)?
            .strip_suffix(MARK_END)?
            .parse()
            .ok()?;
        let redaction = self.text.redactions().get(number)?;
        matches!(redaction.form, Form::Block | Form::Document).then_some(number)
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the other events of the parser carry nothing of this"
    )]
    fn heading(&mut self, events: &[(Event<'t>, Range<usize>)], at: usize, own: u8) {
        let mut text = String::new();
        for (event, _) in events.get(at + 1..).unwrap_or_default() {
            match event {
                Event::End(TagEnd::Heading(_)) => break,
                Event::Text(words) | Event::Code(words) => text.push_str(words),
                Event::SoftBreak | Event::HardBreak => text.push(' '),
                _ => {}
            }
        }
        let text = without_marks(&text);
        let own = (own + self.shift).min(6);
        let anchor = self.anchor(&text);
        self.markup(format!("<h{own} id=\"{anchor}\">"));
        let span = self.text.place(&events[at].1);
        self.html.headings.push(Heading {
            level: own,
            anchor,
            text,
            span,
        });
    }

    /// Returns an anchor made of a heading's public text that nothing else on the page has.
    fn anchor(&mut self, text: &str) -> String {
        let base = slugify(text);
        let base = if base.is_empty() {
            "section".to_owned()
        } else {
            base
        };
        let next = self.next_numbers.entry(base.clone()).or_insert(0);
        let mut anchor = if *next == 0 {
            base.clone()
        } else {
            format!("{base}-{next}")
        };
        while self.reserved.contains(&anchor) || self.html.anchors.contains(&anchor) {
            *next += 1;
            anchor = format!("{base}-{next}");
        }
        *next += 1;
        self.html.anchors.insert(anchor.clone());
        anchor
    }

    fn link(
        &mut self,
        destination: &str,
        link_type: LinkType,
        is_image: bool,
        range: &Range<usize>,
    ) -> usize {
        let destination = if link_type == LinkType::Email {
            format!("mailto:{destination}")
        } else {
            destination.to_owned()
        };
        self.html.links.push(Link {
            destination,
            is_image,
            span: self.text.place(range),
        });
        self.html.links.len() - 1
    }

    fn reference(&mut self, label: &str) {
        let key = label.to_lowercase();
        if !self.notes.defined.contains(&key) {
            self.say(&format!("[^{label}]"));
            self.push(Event::Text(format!("[^{label}]").into()));
            return;
        }
        let next = self.notes.numbers.len() + 1;
        let number = *self.notes.numbers.entry(key).or_insert(next);
        let times = self.notes.references.entry(number).or_insert(0);
        *times += 1;
        let id = if *times == 1 {
            format!("{}fnref_{number}", self.prefix)
        } else {
            format!("{}fnref_{number}_{times}", self.prefix)
        };
        self.html.anchors.insert(id.clone());
        let prefix = self.prefix;
        self.markup(format!("<sup class=\"footnote-reference\"><a href=\"{HERE_START}{prefix}fn_{number}{MARK_END}\" id=\"{id}\">{number}</a></sup>"));
    }

    fn finish(mut self) -> Html {
        let prefix = self.prefix;
        let mut flow = self.flow.pop().unwrap_or_default();
        if !self.notes.numbers.is_empty() {
            let mut order: Vec<(usize, String)> = self
                .notes
                .numbers
                .iter()
                .map(|(label, number)| (*number, label.clone()))
                .collect();
            order.sort();
            flow.push(Event::Html(format!("<section class=\"footnotes\" aria-label=\"{PHRASE_START}footnotes,0{MARK_END}\"><ol>\n").into()));
            for (number, label) in order {
                self.html.anchors.insert(format!("{prefix}fn_{number}"));
                flow.push(Event::Html(
                    format!("<li id=\"{prefix}fn_{number}\">").into(),
                ));
                flow.append(self.notes.bodies.get_mut(&label).unwrap_or(&mut Vec::new()));
                let back = format!(
                    "<a class=\"footnote-back\" href=\"{HERE_START}{prefix}fnref_{number}{MARK_END}\" aria-label=\"{PHRASE_START}footnote-back,{number}{MARK_END}\">↩</a></li>\n"
                );
                flow.push(Event::Html(back.into()));
            }
            flow.push(Event::Html("</ol></section>\n".into()));
        }
        let mut markup = String::with_capacity(self.text.markdown().len() * 3 / 2);
        html::push_html(&mut markup, flow.into_iter());
        self.html.pieces = pieces(&markup);
        self.html.summary = summary(&self.html.plain, &self.html.headings);
        self.html
    }
}

/// Collects the description of an image; returns it and the number of events it took.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other events of the parser carry nothing of this"
)]
fn alternative(events: &[(Event<'_>, Range<usize>)], at: usize) -> (String, usize) {
    let mut text = String::new();
    let mut depth = 0_usize;
    for (offset, (event, _)) in events.get(at..).unwrap_or_default().iter().enumerate() {
        match event {
            Event::Start(Tag::Image { .. }) => depth += 1,
            Event::End(TagEnd::Image) => {
                depth -= 1;
                if depth == 0 {
                    return (text, offset + 1);
                }
            }
            Event::Text(words) | Event::Code(words) => text.push_str(words),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    (text, 1)
}

/// Removes the placeholders of notices, which contribute nothing to names.
fn without_marks(text: &str) -> String {
    replace_marks(text, "")
}

/// Puts a text in the place of notices, the same for each.
fn replace_marks(text: &str, instead: &str) -> String {
    let mut clean = String::new();
    for (at, part) in text.split(MARK_START).enumerate() {
        if at > 0 {
            clean.push_str(instead);
        }
        clean.push_str(if at == 0 {
            part
        } else {
            part.split_once(MARK_END).map_or("", |(_, rest)| rest)
        });
    }
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The number of characters after which a summary is cut.
const SUMMARY_LENGTH: usize = 220;

/// Returns the first line of running text that is no heading, cut at a word. Without a sign where something is withheld it would
/// say what nobody said.
fn summary(plain: &str, headings: &[Heading]) -> String {
    let line = plain
        .lines()
        .map(|line| replace_marks(line, "[…]"))
        .find(|line| {
            line.chars().filter(|c| c.is_alphanumeric()).count() > 2
                && headings.iter().all(|heading| heading.text != *line)
        })
        .unwrap_or_default();
    if line.chars().count() <= SUMMARY_LENGTH {
        return line;
    }
    let cut: String = line.chars().take(SUMMARY_LENGTH).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(head, _)| head);
    format!("{}…", cut.trim_end_matches([',', ';', ':', '.', ' ']))
}

/// Splits markup at its open places.
fn pieces(markup: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = markup;
    while let Some((before, kind, inside, after)) = next_place(rest) {
        if !before.is_empty() {
            pieces.push(Piece::Markup(before.to_owned()));
        }
        let (key, number) = inside.split_once(',').unwrap_or(("", inside));
        let number = number.parse().unwrap_or_default();
        pieces.push(match kind {
            LINK_START => Piece::Link(number),
            PHRASE_START => Piece::Phrase(key.to_owned(), number),
            HERE_START => Piece::Here(inside.to_owned()),
            _ => Piece::Notice(number),
        });
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Markup(rest.to_owned()));
    }
    pieces
}

fn next_place(text: &str) -> Option<(&str, char, &str, &str)> {
    let at = text.find([MARK_START, LINK_START, PHRASE_START, HERE_START])?;
    let (before, rest) = text.split_at_checked(at)?;
    let kind = rest.chars().next()?;
    let (inside, after) = rest.get(kind.len_utf8()..)?.split_once(MARK_END)?;
    Some((before, kind, inside, after))
}
