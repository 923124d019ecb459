//! The parser's veto: what is withheld must make no difference to how the public text is read (contract A7).
//!
//! Markdown is not local. A link definition, a footnote or an open fence changes the meaning of text far away. So both texts,
//! the full and the public, are parsed here, and the events must be the same but for the passages themselves. Every doubt is an error.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::diag::{Code, FilePath, Finding, Message, Span};
use crate::record::cut::{Cut, FULL_END, FULL_START, MARK_END, MARK_START};
use crate::record::passage::{Form, Scan};
use crate::record::source;

/// Returns the dialect of every body: `CommonMark` with tables, footnotes, strikethrough and task lists (contract A1.4).
pub(crate) fn dialect() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
}

/// An event of the parser with its place in the text that was parsed.
type Placed<'t> = (Event<'t>, Range<usize>);

/// Checks a body's public text against its full text. `full` is `None` where nothing is withheld in blocks.
pub(in crate::record) fn check(
    file: &FilePath,
    scan: &Scan,
    public: &Cut,
    full: Option<&Cut>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let parser = Parser::new_ext(&public.text, dialect());
    let definitions: BTreeMap<usize, (Range<usize>, String)> = parser
        .reference_definitions()
        .iter()
        .map(|(label, definition)| {
            (
                definition.span.start,
                (definition.span.clone(), label.to_owned()),
            )
        })
        .collect();
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let offsets = parser.into_offset_iter();
    let mut events: Vec<Placed<'_>> = Vec::new();
    let mut labels: Vec<String> = Vec::new();
    for (event, range) in offsets {
        if let Event::Start(Tag::Link { id, .. } | Tag::Image { id, .. }) = &event
            && !id.is_empty()
        {
            labels.push(id.to_string());
        }
        events.push((event, range));
    }
    if !definitions.is_empty() {
        let parser = Parser::new_ext(&public.text, dialect());
        let references = parser.reference_definitions();
        used.extend(
            labels
                .iter()
                .filter_map(|label| references.get(label))
                .map(|definition| definition.span.start),
        );
    }
    let events = merge_texts(events);
    check_marks(file, scan, &events, &mut findings);
    check_html(file, public, &events, &mut findings);
    check_characters(file, public, &events, scan, &mut findings);
    check_definitions(file, public, &events, &definitions, &used, &mut findings);
    if let Some(full) = full {
        let full_events = merge_texts(
            Parser::new_ext(&full.text, dialect())
                .into_offset_iter()
                .collect(),
        );
        compare(file, scan, public, &events, &full_events, &mut findings);
    }
    findings
}

/// Joins neighbouring texts: how the parser splits them is no difference in meaning.
fn merge_texts(events: Vec<Placed<'_>>) -> Vec<Placed<'_>> {
    let mut merged: Vec<Placed<'_>> = Vec::with_capacity(events.len());
    for (event, range) in events {
        if let (Event::Text(more), Some((Event::Text(text), own))) = (&event, merged.last_mut()) {
            let mut joined = std::mem::replace(text, "".into()).into_string();
            joined.push_str(more);
            *text = joined.into();
            own.end = range.end;
            continue;
        }
        merged.push((event, range));
    }
    merged
}

/// Returns the number of the mark whose placeholder the text is, and nothing else.
fn placeholder(text: &str, start: char) -> Option<usize> {
    text.strip_prefix(start)?
        .strip_suffix(MARK_END)?
        .parse()
        .ok()
}

/// Says whether the events at `at` are a paragraph that holds a placeholder and nothing else; returns its number.
fn placeholder_paragraph(events: &[Placed<'_>], at: usize, start: char) -> Option<usize> {
    match events.get(at..at + 3)? {
        [
            (Event::Start(Tag::Paragraph), _),
            (Event::Text(text), _),
            (Event::End(TagEnd::Paragraph), _),
        ] => placeholder(text, start),
        _ => None,
    }
}

/// Every placeholder stands once, and where a reader will see it.
fn check_marks(file: &FilePath, scan: &Scan, events: &[Placed<'_>], findings: &mut Vec<Finding>) {
    if scan.marks.is_empty() {
        return;
    }
    let mut seen: Vec<usize> = vec![0; scan.marks.len()];
    let mut depth = 0_usize;
    let mut closed = 0_usize;
    for (at, (event, _)) in events.iter().enumerate() {
        match event {
            Event::Start(tag) => {
                if depth == 0
                    && let Some(index) = placeholder_paragraph(events, at, MARK_START)
                    && scan
                        .marks
                        .get(index)
                        .is_some_and(|mark| mark.form == Form::Block)
                {
                    seen[index] += 1;
                }
                depth += 1;
                closed += usize::from(is_closed_to_marks(tag));
            }
            Event::End(tag) => {
                depth -= 1;
                closed -= usize::from(is_closed_to_marks_end(*tag));
            }
            Event::Text(text) if closed == 0 => {
                for index in placeholders_in(text) {
                    if scan
                        .marks
                        .get(index)
                        .is_some_and(|mark| mark.form == Form::Inline)
                    {
                        seen[index] += 1;
                    }
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
            | Event::TaskListMarker(_) => {}
        }
    }
    // Nothing of a placeholder may stand anywhere else: each occurs once in the text that was parsed, so once in running text is all.
    for (mark, count) in scan.marks.iter().zip(seen) {
        if count != 1 {
            let (message, help) = match mark.form {
                Form::Inline => (
                    "this marker stands in code, a link, an image or a definition, where no notice can be shown (A4)",
                    "withhold the whole link, sentence or block instead",
                ),
                Form::Block | Form::Field | Form::Document => (
                    "this marker stands inside a code block, a list or another structure (A7)",
                    "close what was opened above it: a code fence, for instance",
                ),
            };
            let start = mark.span.start;
            findings.push(
                Finding::new(Code::MarkerInStructure, file, message)
                    .at(Span::new(start, start + 3))
                    .help(help),
            );
        }
    }
}

fn is_closed_to_marks(tag: &Tag<'_>) -> bool {
    is_closed_to_marks_end(tag.to_end())
}

fn is_closed_to_marks_end(tag: TagEnd) -> bool {
    match tag {
        TagEnd::CodeBlock
        | TagEnd::HtmlBlock
        | TagEnd::Link
        | TagEnd::Image
        | TagEnd::MetadataBlock(_) => true,
        TagEnd::Paragraph
        | TagEnd::Heading(_)
        | TagEnd::BlockQuote(_)
        | TagEnd::List(_)
        | TagEnd::Item
        | TagEnd::FootnoteDefinition
        | TagEnd::DefinitionList
        | TagEnd::DefinitionListTitle
        | TagEnd::DefinitionListDefinition
        | TagEnd::Table
        | TagEnd::TableHead
        | TagEnd::TableRow
        | TagEnd::TableCell
        | TagEnd::Emphasis
        | TagEnd::Strong
        | TagEnd::Strikethrough
        | TagEnd::Superscript
        | TagEnd::Subscript => false,
    }
}

fn placeholders_in(text: &str) -> impl Iterator<Item = usize> {
    text.split(MARK_START)
        .skip(1)
        .filter_map(|rest| rest.split(MARK_END).next()?.parse().ok())
}

fn check_html(file: &FilePath, public: &Cut, events: &[Placed<'_>], findings: &mut Vec<Finding>) {
    let mut last = None;
    for (event, range) in events {
        if matches!(event, Event::Html(_) | Event::InlineHtml(_)) {
            let span = public.map.to_source(range);
            // A block of HTML comes line by line; one finding for each block is enough.
            if matches!(event, Event::Html(_)) && last == Some(range.start) {
                last = Some(range.end);
                continue;
            }
            last = Some(range.end);
            findings.push(
                Finding::new(
                    Code::RawHtml,
                    file,
                    "HTML is not allowed here, comments neither: it could hide text (A7)",
                )
                .at(Span::new(span.start, span.start + 1))
                .help("use Markdown; write `<` as `&lt;`"),
            );
        }
    }
}

/// Characters that come in by way of a reference such as `&#xE000;` are judged like the others.
fn check_characters(
    file: &FilePath,
    public: &Cut,
    events: &[Placed<'_>],
    scan: &Scan,
    findings: &mut Vec<Finding>,
) {
    if !public.text.contains('&') {
        return;
    }
    for (event, range) in events {
        if let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) = event
            && let Some(c) = info.chars().find(|c| source::is_forbidden(*c))
        {
            findings.push(source::forbidden(file, c, public.map.to_source(range)));
        }
        let (Event::Text(text) | Event::Code(text)) = event else {
            if let Event::Start(
                Tag::Link {
                    dest_url, title, ..
                }
                | Tag::Image {
                    dest_url, title, ..
                },
            ) = event
                && let Some(c) = dest_url
                    .chars()
                    .chain(title.chars())
                    .find(|c| source::is_forbidden(*c))
            {
                findings.push(source::forbidden(file, c, public.map.to_source(range)));
            }
            continue;
        };
        let mut rest = text.as_ref();
        while let Some(at) = rest.find(|c| source::is_forbidden(c) || c == '\r') {
            let tail = rest.get(at..).unwrap_or_default();
            let c = tail.chars().next().unwrap_or_default();
            let number = tail
                .strip_prefix(MARK_START)
                .and_then(|tail| tail.split_once(MARK_END))
                .and_then(|(number, _)| number.parse::<usize>().ok());
            let source_text = public.text.get(range.clone()).unwrap_or_default();
            match number {
                Some(index)
                    if index < scan.marks.len()
                        && source_text.contains(&format!("{MARK_START}{index}{MARK_END}")) =>
                {
                    rest = tail.split_once(MARK_END).map_or("", |(_, after)| after);
                }
                _ => {
                    findings.push(source::forbidden(file, c, public.map.to_source(range)));
                    break;
                }
            }
        }
    }
}

/// Every definition of the public text is used by the public text, and stands once.
fn check_definitions(
    file: &FilePath,
    public: &Cut,
    events: &[Placed<'_>],
    definitions: &BTreeMap<usize, (Range<usize>, String)>,
    used: &BTreeSet<usize>,
    findings: &mut Vec<Finding>,
) {
    let note = |findings: &mut Vec<Finding>, range: &Range<usize>, what: &str, help: &str| {
        let span = public.map.to_source(&(range.start..range.start + 1));
        findings.push(
            Finding::new(Code::UnusedDefinition, file, Message::new(what))
                .at(span)
                .help(help),
        );
    };
    for (start, (range, _)) in definitions {
        if !used.contains(start) {
            note(
                findings,
                range,
                "nothing in the public text uses this link definition (A7)",
                "delete it, or move it into the withheld passage that uses it",
            );
        }
    }
    check_footnotes(events, |range, what, help| {
        note(findings, range, what, help);
    });
    check_covered(public, events, definitions, findings, file);
}

/// Every letter and digit of the public text is shown: a definition that repeats a label, or a table cell beyond the
/// last column, is known to no event and would vanish without a trace.
fn check_covered(
    public: &Cut,
    events: &[Placed<'_>],
    definitions: &BTreeMap<usize, (Range<usize>, String)>,
    findings: &mut Vec<Finding>,
    file: &FilePath,
) {
    let text = public.text.as_str();
    let mut hidden_info = None;
    let mut covered: Vec<Range<usize>> = definitions
        .values()
        .map(|(range, _)| range.clone())
        .collect();
    for (event, range) in events {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info)))
                if !info.contains(MARK_START)
                    && info
                        .split_whitespace()
                        .skip(1)
                        .any(|word| word.contains(char::is_alphanumeric)) =>
            {
                // Of the words behind the fence only the first is used, as the name of a language.
                let start = text.get(range.clone()).and_then(|block| {
                    block.find(info.split_whitespace().nth(1).unwrap_or_default())
                });
                hidden_info = Some(range.start + start.unwrap_or_default());
                covered.push(range.clone());
            }
            Event::Text(_)
            | Event::Code(_)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::Rule
            | Event::TaskListMarker(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::Start(
                Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_) | Tag::HtmlBlock,
            ) => covered.push(range.clone()),
            Event::Start(Tag::Item) => covered.push(
                range.start..range.start + item_marker(text.get(range.clone()).unwrap_or_default()),
            ),
            Event::Start(Tag::FootnoteDefinition(_)) => {
                let label = text
                    .get(range.clone())
                    .and_then(|text| text.find("]:"))
                    .unwrap_or_default();
                covered.push(range.start..range.start + label);
            }
            Event::Start(_) | Event::End(_) | Event::SoftBreak | Event::HardBreak => {}
        }
    }
    if let Some(at) = hidden_info {
        findings.push(
            Finding::new(
                Code::HiddenText,
                file,
                "the words behind the language of this code block would not be shown to any reader",
            )
            .at(public.map.to_source(&(at..at + 1)))
            .help(
                "write them above the block, and behind the fence the name of the language alone",
            ),
        );
    }
    covered.sort_by_key(|range| range.start);
    let mut reached = 0;
    let mut next = 0;
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
        while let Some(range) = covered.get(next).filter(|range| range.start <= at) {
            reached = reached.max(range.end);
            next += 1;
        }
        if at < reached {
            continue;
        }
        let line_start = text
            .get(..at)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |end| end + 1);
        let before = text.get(line_start..at).unwrap_or_default();
        let is_definition = before
            .trim_start_matches(['>', ' ', '-', '*', '+', '\t'])
            .starts_with('[');
        let (code, message, help) = if is_definition {
            (
                Code::UnusedDefinition,
                "this definition repeats the label of another one and would not be shown (A7)",
                "give it another label, or delete it",
            )
        } else {
            (
                Code::HiddenText,
                "this text would not be shown to any reader",
                "a row of a table must not have more cells than the table's head: add a column, or join two cells",
            )
        };
        let span = public.map.to_source(&(at..at + c.len_utf8()));
        findings.push(Finding::new(code, file, message).at(span).help(help));
        // What follows on the line is told by its first letter.
        reached = text
            .get(at..)
            .and_then(|rest| rest.find('\n'))
            .map_or(text.len(), |end| at + end);
    }
}

/// Returns the length of a list item's bullet or number.
fn item_marker(item: &str) -> usize {
    let indent = item.len() - item.trim_start().len();
    let digits = item
        .trim_start()
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    indent + digits + 1
}

/// Every footnote is reached from the text, by way of other footnotes at most, and every label stands once.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other events of the parser carry nothing of this"
)]
fn check_footnotes(events: &[Placed<'_>], mut note: impl FnMut(&Range<usize>, &str, &str)) {
    let fold = |label: &str| label.to_lowercase();
    let mut defined: BTreeMap<String, Range<usize>> = BTreeMap::new();
    let mut references: BTreeMap<Option<String>, BTreeSet<String>> = BTreeMap::new();
    let mut inside: Vec<String> = Vec::new();
    for (event, range) in events {
        match event {
            Event::Start(Tag::FootnoteDefinition(label)) => {
                let label = fold(label);
                if defined.insert(label.clone(), range.clone()).is_some() {
                    note(
                        range,
                        "this footnote repeats the label of another one (A7)",
                        "give it another label",
                    );
                }
                inside.push(label);
            }
            Event::End(TagEnd::FootnoteDefinition) => {
                inside.pop();
            }
            Event::FootnoteReference(label) => {
                references
                    .entry(inside.last().cloned())
                    .or_default()
                    .insert(fold(label));
            }
            _ => {}
        }
    }
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let mut todo: Vec<String> = references
        .get(&None)
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    while let Some(label) = todo.pop() {
        if reached.insert(label.clone()) {
            todo.extend(references.get(&Some(label)).into_iter().flatten().cloned());
        }
    }
    for (label, range) in &defined {
        if !reached.contains(label) {
            note(
                range,
                "nothing in the public text refers to this footnote (A7)",
                "delete it, or move it into the withheld passage that refers to it",
            );
        }
    }
}

/// The events of the full text, with each passage folded into its notice, are those of the public text.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other events of the parser carry nothing of this"
)]
fn compare(
    file: &FilePath,
    scan: &Scan,
    public: &Cut,
    events: &[Placed<'_>],
    full: &[Placed<'_>],
    findings: &mut Vec<Finding>,
) {
    let mut at = 0;
    let mut depth = 0_usize;
    let mut public_events = events.iter().enumerate();
    while let Some((event, _)) = full.get(at) {
        let folded = (depth == 0)
            .then(|| placeholder_paragraph(full, at, FULL_START))
            .flatten();
        if let Some(index) = folded {
            let Some(end) = end_of_passage(full, at + 3, index) else {
                in_structure(file, scan, index, findings);
                return;
            };
            // The notice: start, text and end of its paragraph.
            for offset in 0..3 {
                let same = match (public_events.next(), offset) {
                    (Some((_, (Event::Start(Tag::Paragraph), _))), 0)
                    | (Some((_, (Event::End(TagEnd::Paragraph), _))), 2) => true,
                    (Some((_, (Event::Text(text), _))), 1) => {
                        placeholder(text, MARK_START) == Some(index)
                    }
                    _ => false,
                };
                if !same {
                    in_structure(file, scan, index, findings);
                    return;
                }
            }
            at = end;
            continue;
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text)
                if text.contains([FULL_START, FULL_END]) =>
            {
                let index = text
                    .split([FULL_START, FULL_END])
                    .nth(1)
                    .and_then(|rest| rest.split(MARK_END).next()?.parse().ok());
                in_structure(file, scan, index.unwrap_or_default(), findings);
                return;
            }
            _ => {}
        }
        match public_events.next() {
            Some((_, (own, _))) if own == event => at += 1,
            Some((_, (_, range))) => {
                disagree(file, public.map.to_source(range), findings);
                return;
            }
            None => {
                disagree(
                    file,
                    Span::new(scan.marks.first().map_or(0, |mark| mark.span.start), 0),
                    findings,
                );
                return;
            }
        }
    }
    if let Some((_, (_, range))) = public_events.next() {
        disagree(file, public.map.to_source(range), findings);
    }
}

/// Returns the index behind the closing placeholder of a passage, which must stand at the root as its opening one does.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other events of the parser carry nothing of this"
)]
fn end_of_passage(full: &[Placed<'_>], start: usize, index: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, (event, _)) in full.iter().enumerate().skip(start) {
        if depth == 0 && placeholder_paragraph(full, at, FULL_END) == Some(index) {
            return Some(at + 3);
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

fn in_structure(file: &FilePath, scan: &Scan, index: usize, findings: &mut Vec<Finding>) {
    let start = scan.marks.get(index).map_or(0, |mark| mark.span.start);
    let finding = Finding::new(Code::MarkerInStructure, file, "something is opened before this passage, or inside it, and not closed (A7)")
        .at(Span::new(start, start + 3))
        .help("close code fences inside the passage or before it, and start the passage outside of lists and quotations");
    if !findings
        .iter()
        .any(|known| known.code == Code::MarkerInStructure && known.span == finding.span)
    {
        findings.push(finding);
    }
}

fn disagree(file: &FilePath, span: Span, findings: &mut Vec<Finding>) {
    findings.push(
        Finding::new(Code::ParseDisagreement, file, "from here on the public text reads differently with and without what is withheld (A7)")
            .at(Span::new(span.start, span.start + 1))
            .help("the public text uses a link or footnote definition of a withheld passage, or the other way round: give each its own"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialect_has_what_the_contract_lists_and_nothing_else() {
        let events = |text: &str| {
            let events = Parser::new_ext(text, dialect()).map(|event| format!("{event:?}"));
            events.collect::<Vec<_>>().join(" ")
        };
        for (text, event) in [
            ("| a |\n|---|\n| b |\n", "TableCell"),
            ("a[^1]\n\n[^1]: b\n", "FootnoteReference"),
            ("~~a~~\n", "Strikethrough"),
            ("- [x] a\n", "TaskListMarker"),
        ] {
            assert!(events(text).contains(event), "{text}: {}", events(text));
        }
        for (text, event) in [
            ("# a {#b}\n", "Some("),
            ("---\na: b\n---\n", "MetadataBlock"),
            ("+++\na = 1\n+++\n", "MetadataBlock"),
            ("a\n: b\n", "DefinitionList"),
            ("[[a]]\n", "WikiLink"),
            ("$a$\n", "Math"),
            ("a ~b~ c~d~ e\n", "Subscript"),
            ("a ^b^ c^d^ e\n", "Superscript"),
            ("> [!NOTE]\n> a\n", "Note"),
            ("\"a\"\n", "“"),
        ] {
            assert!(!events(text).contains(event), "{text}: {}", events(text));
        }
    }

    /// Returns the codes of what is wrong with a public text without marks.
    fn check(text: &str) -> Vec<&'static str> {
        let public = Cut {
            text: text.to_owned(),
            ..Cut::default()
        };
        let findings = super::check(&"content/x.md".into(), &Scan::default(), &public, None);
        findings
            .iter()
            .map(|finding| finding.code.as_str())
            .collect()
    }

    #[test]
    fn references_bring_in_no_forbidden_character() {
        for text in [
            "a &#x202E; b\n",
            "a `b` &#13; c\n",
            "[a](b&#x202E;c)\n",
            "[a](b \"c&#x202E;d\")\n",
            "![a](b \"c&#x202E;d\")\n",
            "``` a&#x202E;b\nc\n```\n",
        ] {
            assert_eq!(check(text), ["forbidden-character"], "{text}");
        }
        assert!(check("a &eacute; [b](c&amp;d \"e&amp;f\")\n").is_empty());
    }

    #[test]
    fn footnotes_are_reached_from_the_text_and_stand_once() {
        assert!(check("a[^1]\n\n[^1]: b[^2]\n\n[^2]: c\n").is_empty());
        assert_eq!(check("a\n\n[^1]: b[^1]\n"), ["unused-definition"]);
        assert_eq!(
            check("a[^1]\n\n[^1]: b\n\n[^1]: c\n"),
            ["unused-definition"]
        );
    }
}
