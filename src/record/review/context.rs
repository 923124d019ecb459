//! The public text around a mark, as a reader will see it: notices stand where passages were cut.

use std::ops::Range;

use jiff::civil::Date;
use pulldown_cmark::{Event, Parser, Tag, TagEnd, html};

use crate::record::cut::{MARK_END, MARK_START};
use crate::record::passage::{Form, Mark};
use crate::record::review::GroundName;
use crate::record::review::sheet::Siblings;
use crate::record::veto::dialect;

/// What stands before and after a mark.
#[derive(Default)]
pub(super) struct Around {
    pub(super) before: String,
    pub(super) after: String,
    /// The same as HTML. A mark within a line has its whole paragraph in the first.
    pub(super) html: (String, String),
}

/// In a list, table or quotation, how many parts are shown before and after the one with the mark.
const NEIGHBOURS: usize = 1;
/// A paragraph that is shorter than this is shown with the one before it.
const SHORT: usize = 100;
/// How much of a long paragraph is shown as plain text on each side, in characters.
const LONG: usize = 600;

/// Returns what stands around a field.
pub(super) fn of_field(siblings: &Siblings) -> Around {
    let item = |text: &Option<String>| {
        let text = text.as_deref();
        let html = text.map(|text| format!("<p>{}</p>", escape(text)));
        (
            text.unwrap_or_default().to_owned(),
            html.unwrap_or_default(),
        )
    };
    let (before, html_before) = item(&siblings.before);
    let (after, html_after) = item(&siblings.after);
    Around {
        before,
        after,
        html: (html_before, html_after),
    }
}

/// A public text, parsed.
pub(super) struct Context<'t> {
    text: &'t str,
    marks: &'t [Mark],
    grounds: &'t [GroundName],
    events: Vec<(Event<'t>, Range<usize>)>,
    /// The blocks that stand in nothing else, as runs of events.
    blocks: Vec<Range<usize>>,
}

impl<'t> Context<'t> {
    pub(super) fn new(text: &'t str, marks: &'t [Mark], grounds: &'t [GroundName]) -> Self {
        let events: Vec<_> = if marks.is_empty() {
            Vec::new()
        } else {
            Parser::new_ext(text, dialect())
                .into_offset_iter()
                .collect()
        };
        let blocks = parts(&events, 0..events.len());
        Self {
            text,
            marks,
            grounds,
            events,
            blocks,
        }
    }

    /// Returns what stands around a mark, and the heading above it.
    pub(super) fn of(&self, index: usize) -> (Around, Option<String>) {
        let Some(at) = (0..self.blocks.len()).find(|at| self.holds(&self.blocks[*at], index))
        else {
            return (Around::default(), None);
        };
        let section = self.blocks[..at]
            .iter()
            .rev()
            .find(|block| self.is_heading(block))
            .map(|block| {
                let plain = self.plain(block.clone());
                self.with_notices(plain.trim())
            });
        let around = if self.marks[index].form == Form::Block {
            let before = self.beside(at, false);
            let after = self.beside(at, true);
            let plain = |blocks: &[Range<usize>]| {
                let texts: Vec<String> = blocks
                    .iter()
                    .map(|block| self.plain(block.clone()).trim().to_owned())
                    .collect();
                self.with_notices(&texts.join("\n\n"))
            };
            let html = |blocks: &[Range<usize>]| -> String {
                blocks
                    .iter()
                    .map(|block| self.html(block.clone(), None))
                    .collect()
            };
            Around {
                before: last(&plain(&before)),
                after: first(&plain(&after)),
                html: (html(&before), html(&after)),
            }
        } else {
            self.inline(at, index)
        };
        (around, section)
    }

    /// Returns what stands around a mark within a line: its paragraph, or its part of a list or table.
    fn inline(&self, at: usize, index: usize) -> Around {
        let block = &self.blocks[at];
        let mut shown = vec![block.clone()];
        let mut plain = self.trimmed_plain(block, index);
        if plain.chars().count() < SHORT {
            let before = at.checked_sub(1).map(|at| self.blocks[at].clone());
            // The heading above is named already.
            if let Some(before) = before.filter(|before| !self.is_heading(before)) {
                plain = format!("{}\n\n{plain}", self.plain(before.clone()).trim());
                shown.insert(0, before);
            }
            if self.is_heading(block)
                && let Some(after) = self.blocks.get(at + 1)
            {
                plain = format!("{plain}\n\n{}", self.plain(after.clone()).trim());
                shown.push(after.clone());
            }
        }
        let placeholder = placeholder(index);
        let (before, after) = plain.split_once(&placeholder).unwrap_or((&plain, ""));
        Around {
            before: last(self.with_notices(before).trim_start()),
            after: first(self.with_notices(after).trim_end()),
            html: (
                shown
                    .into_iter()
                    .map(|block| self.html(block, Some(index)))
                    .collect(),
                String::new(),
            ),
        }
    }

    /// Returns the blocks on one side of a block, up to the first that holds text of readers.
    fn beside(&self, at: usize, is_after: bool) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut next = at;
        loop {
            let other = if is_after {
                Some(next + 1)
            } else {
                next.checked_sub(1)
            };
            let Some((other, block)) =
                other.and_then(|other| Some((other, self.blocks.get(other)?)))
            else {
                break;
            };
            found.push(block.clone());
            next = other;
            // A heading is too little to know where one is, and a notice still less.
            if !self.is_notice(block) && (!self.is_heading(block) || !is_after) {
                break;
            }
        }
        if !is_after {
            found.reverse();
        }
        found
    }

    fn holds(&self, block: &Range<usize>, index: usize) -> bool {
        let run = self.events[block.clone()].iter().map(|(_, run)| run).next();
        run.and_then(|run| self.text.get(run.clone()))
            .is_some_and(|text| text.contains(&placeholder(index)))
    }

    fn is_heading(&self, block: &Range<usize>) -> bool {
        matches!(
            self.events.get(block.start),
            Some((Event::Start(Tag::Heading { .. }), _))
        )
    }

    fn is_notice(&self, block: &Range<usize>) -> bool {
        let plain = self.plain(block.clone());
        let plain = plain.trim();
        plain.starts_with(MARK_START) && plain.matches(MARK_START).count() == 1 && {
            plain.ends_with(MARK_END)
        }
    }

    /// Returns what readers see of a block in plain text, with placeholders; of a long list or table only what is near the mark.
    fn trimmed_plain(&self, block: &Range<usize>, index: usize) -> String {
        let (kept, skipped) = self.near(block, index);
        let mut plain = String::new();
        for part in kept {
            plain.push_str(&self.plain(part));
        }
        let plain = plain.trim_matches('\n');
        match skipped {
            (false, false) => plain.to_owned(),
            (true, false) => format!("…\n{plain}"),
            (false, true) => format!("{plain}\n…"),
            (true, true) => format!("…\n{plain}\n…"),
        }
    }

    /// Returns the parts of a list, table or quotation near a mark, and whether some before and after are left out.
    fn near(&self, block: &Range<usize>, index: usize) -> (Vec<Range<usize>>, (bool, bool)) {
        let is_long = matches!(
            self.events.get(block.start),
            Some((Event::Start(Tag::List(_) | Tag::Table(_)), _))
        );
        let inner = parts(&self.events, block.start + 1..block.end.saturating_sub(1));
        let own = inner.iter().position(|part| self.holds(part, index));
        let Some(own) = own.filter(|_| is_long) else {
            return (vec![block.clone()], (false, false));
        };
        let from = own.saturating_sub(NEIGHBOURS);
        let to = (own + NEIGHBOURS + 1).min(inner.len());
        let mut kept: Vec<Range<usize>> = inner[from..to].to_vec();
        let is_head =
            |part: &Range<usize>| matches!(self.events[part.start].0, Event::Start(Tag::TableHead));
        let head = inner.first().filter(|part| is_head(part) && from > 0);
        if let Some(head) = head {
            kept.insert(0, head.clone());
        }
        let before = from > usize::from(head.is_some());
        (kept, (before, to < inner.len()))
    }

    /// Returns what readers see of a run of events, with placeholders.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the other events of the parser have no text"
    )]
    fn plain(&self, run: Range<usize>) -> String {
        let mut plain = String::new();
        for (event, _) in &self.events[run] {
            match event {
                Event::Text(text) | Event::Code(text) => plain.push_str(text),
                Event::SoftBreak => plain.push(' '),
                Event::HardBreak
                | Event::End(
                    TagEnd::Paragraph
                    | TagEnd::Item
                    | TagEnd::TableRow
                    | TagEnd::TableHead
                    | TagEnd::Heading(_)
                    | TagEnd::CodeBlock,
                ) => end_line(&mut plain),
                Event::End(TagEnd::TableCell) => plain.push_str(" | "),
                Event::Start(Tag::Item) => {
                    end_line(&mut plain);
                    plain.push_str("- ");
                }
                Event::Start(Tag::BlockQuote(_)) => plain.push_str("> "),
                Event::Start(Tag::FootnoteDefinition(name)) => {
                    plain.extend(["[", name, "] "]);
                }
                Event::FootnoteReference(name) => plain.extend(["[", name, "]"]),
                Event::TaskListMarker(done) => plain.push_str(if *done { "[x] " } else { "[ ] " }),
                Event::Rule => plain.push_str("---\n"),
                _ => {}
            }
        }
        plain
    }

    /// Returns a run of events as HTML; the notice of the mark itself is told from others.
    fn html(&self, block: Range<usize>, own: Option<usize>) -> String {
        let (kept, skipped) = match own {
            Some(index) => self.near(&block, index),
            None => (vec![block.clone()], (false, false)),
        };
        let more = "<p class=\"more\">…</p>\n";
        let mut events = Vec::new();
        let is_whole = kept.first() == Some(&block);
        if !is_whole {
            self.push_event(block.start, own, &mut events);
        }
        for part in kept {
            for at in part {
                self.push_event(at, own, &mut events);
            }
        }
        if !is_whole {
            self.push_event(block.end - 1, own, &mut events);
        }
        let mut out = String::new();
        html::push_html(&mut out, events.into_iter());
        format!(
            "{}{out}{}",
            if skipped.0 { more } else { "" },
            if skipped.1 { more } else { "" }
        )
    }

    /// Adds an event to be written as HTML: nothing leads elsewhere, nothing is loaded, and there are no headings or addresses.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the other events of the parser are written as they are"
    )]
    fn push_event(&self, at: usize, own: Option<usize>, events: &mut Vec<Event<'t>>) {
        let raw = |html: &str| Event::InlineHtml(html.to_owned().into());
        match &self.events[at].0 {
            Event::Text(text) => self.push_text(text, own, events),
            Event::Start(Tag::Link { .. }) => events.push(raw("<span class=\"link\">")),
            Event::Start(Tag::Image { .. }) => events.push(raw("<span class=\"image\">")),
            Event::End(TagEnd::Link | TagEnd::Image) => events.push(raw("</span>")),
            Event::Start(Tag::Heading { .. }) => events.push(raw("<p class=\"heading\">")),
            Event::End(TagEnd::Heading(_)) => events.push(raw("</p>\n")),
            Event::Start(Tag::FootnoteDefinition(name)) => {
                let name = escape(name);
                events.push(raw(&format!(
                    "<div class=\"footnote\"><span>Footnote {name}</span>"
                )));
            }
            Event::End(TagEnd::FootnoteDefinition) => events.push(raw("</div>\n")),
            Event::FootnoteReference(name) => {
                events.push(raw(&format!("<sup>{}</sup>", escape(name))));
            }
            Event::TaskListMarker(done) => events.push(raw(if *done { "☑ " } else { "☐ " })),
            // There is no raw HTML in public text (A7); if there were, it would be shown and not obeyed.
            Event::Html(text) | Event::InlineHtml(text) => events.push(Event::Text(text.clone())),
            other => events.push(other.clone()),
        }
    }

    fn push_text(&self, text: &str, own: Option<usize>, events: &mut Vec<Event<'t>>) {
        let mut rest = text;
        while let Some((before, marked)) = rest.split_once(MARK_START) {
            let Some((number, after)) = marked.split_once(MARK_END) else {
                break;
            };
            if !before.is_empty() {
                events.push(Event::Text(before.to_owned().into()));
            }
            let index = number.parse::<usize>().ok();
            if let Some(mark) = index.and_then(|index| self.marks.get(index)) {
                let here = if index == own { " here" } else { "" };
                let notice = escape(&self.notice(mark));
                let notice = format!("<span class=\"notice{here}\">{notice}</span>");
                events.push(Event::InlineHtml(notice.into()));
            }
            rest = after;
        }
        if !rest.is_empty() {
            events.push(Event::Text(rest.to_owned().into()));
        }
    }

    fn notice(&self, mark: &Mark) -> String {
        let until = mark.until.unwrap_or(Date::MAX);
        notice(self.grounds, &mark.ground, until)
    }

    /// Replaces placeholders by short notices.
    fn with_notices(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, marked)) = rest.split_once(MARK_START) {
            let Some((number, after)) = marked.split_once(MARK_END) else {
                break;
            };
            out.push_str(before);
            let index = number.parse::<usize>().ok();
            if let Some(mark) = index.and_then(|index| self.marks.get(index)) {
                out.extend(["[", &self.notice(mark), "]"]);
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// Returns in short what readers see where something is withheld.
pub(super) fn notice(grounds: &[GroundName], code: &str, until: Date) -> String {
    let ground = grounds.iter().find(|ground| ground.code == code);
    let label = ground.map_or(code, |ground| ground.label.as_str());
    format!("withheld: {label}, until {until}")
}

fn end_line(plain: &mut String) {
    if !plain.is_empty() && !plain.ends_with('\n') {
        plain.push('\n');
    }
}

fn placeholder(index: usize) -> String {
    format!("{MARK_START}{index}{MARK_END}")
}

/// Returns the parts of a run of events that stand in no other part of it.
fn parts(events: &[(Event<'_>, Range<usize>)], run: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut from = run.start;
    for at in run {
        match events[at].0 {
            Event::Start(_) => {
                if depth == 0 {
                    from = at;
                }
                depth += 1;
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    found.push(from..at + 1);
                }
            }
            Event::Text(_)
            | Event::Code(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::SoftBreak
            | Event::HardBreak
            | Event::Rule
            | Event::TaskListMarker(_) => {
                if depth == 0 {
                    found.push(at..at + 1);
                }
            }
        }
    }
    found
}

/// Returns the end of a long text.
fn last(text: &str) -> String {
    let count = text.chars().count();
    if count <= LONG {
        return text.to_owned();
    }
    let kept: String = text.chars().skip(count - LONG).collect();
    let from = kept.find(' ').map_or(0, |at| at + 1);
    format!("… {}", kept.get(from..).unwrap_or(&kept))
}

/// Returns the beginning of a long text.
fn first(text: &str) -> String {
    if text.chars().count() <= LONG {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONG).collect();
    let to = kept.rfind(' ').unwrap_or(kept.len());
    format!("{} …", kept.get(..to).unwrap_or(&kept))
}

/// Returns a text as it stands in HTML.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}
