//! The cut: from a scanned body to its public text, and to the full text that the veto compares it with.
//!
//! Marks are replaced by placeholders made of private-use characters. Those can stand in no source (contract A1.2), so a
//! placeholder can be mistaken for nothing.

use crate::diag::Span;
use crate::record::passage::{Form, Passage, Scan};

/// Opens the placeholder of a mark; its number and [`MARK_END`] follow.
pub(crate) const MARK_START: char = '\u{E000}';
/// Opens the placeholder of a passage's first line, in the full text only.
pub(in crate::record) const FULL_START: char = '\u{E001}';
/// Opens the placeholder of a passage's last line, in the full text only.
pub(in crate::record) const FULL_END: char = '\u{E002}';
/// Closes a placeholder.
pub(crate) const MARK_END: char = '\u{E003}';

/// A text made from a body, with a way back to the places it came from.
#[derive(Clone, Debug, Default)]
pub(in crate::record) struct Cut {
    pub(in crate::record) text: String,
    pub(in crate::record) map: SourceMap,
}

/// Finds for a byte of a cut text the byte of the file that it came from.
///
/// Two maps are always equal: a place is for messages and never part of what is published.
#[derive(Clone, Default)]
pub(in crate::record) struct SourceMap(Vec<(usize, Span)>);

impl std::fmt::Debug for SourceMap {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SourceMap")
    }
}

impl PartialEq for SourceMap {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for SourceMap {}

impl SourceMap {
    /// Returns where a run of the cut text stands in its file.
    pub(in crate::record) fn to_source(&self, run: &std::ops::Range<usize>) -> Span {
        let start = self.locate(run.start);
        let end = if run.end > run.start {
            self.locate(run.end - 1) + 1
        } else {
            start
        };
        Span::new(start, end)
    }

    fn locate(&self, at: usize) -> usize {
        let piece = self.0.partition_point(|(begin, _)| *begin <= at);
        match piece.checked_sub(1).and_then(|piece| self.0.get(piece)) {
            Some((begin, span)) => (span.start + (at - begin)).min(span.end),
            None => 0,
        }
    }
}

impl Cut {
    /// Appends a run of the file, with line feeds for its line ends.
    fn copy(&mut self, file: &str, span: Span) {
        let run = file.get(span.start..span.end).unwrap_or_default();
        if !run.contains('\r') {
            self.map.0.push((self.text.len(), span));
            self.text.push_str(run);
            return;
        }
        let mut at = span.start;
        for line in run.split_inclusive('\n') {
            self.map
                .0
                .push((self.text.len(), Span::new(at, at + line.len())));
            match line.strip_suffix("\r\n") {
                Some(words) => {
                    self.text.push_str(words);
                    self.text.push('\n');
                }
                None => self.text.push_str(line),
            }
            at += line.len();
        }
    }

    /// Appends text of our own that stands for a run of the file.
    fn stand_in(&mut self, text: &str, span: Span) {
        self.map
            .0
            .push((self.text.len(), Span::new(span.start, span.start)));
        self.text.push_str(text);
    }
}

/// Returns the public text of a body: what the parser, and everybody else, may see.
pub(in crate::record) fn public_text(file: &str, scan: &Scan) -> Cut {
    cut(file, scan, |cut, index, mark_span, _| {
        cut.stand_in(&format!("\n{MARK_START}{index}{MARK_END}\n\n"), mark_span);
    })
}

/// Returns the full text of a body, withheld passages between placeholders (contract A7).
pub(in crate::record) fn full_text(file: &str, scan: &Scan) -> Cut {
    cut(file, scan, |cut, index, mark_span, secret| {
        cut.stand_in(&format!("\n{FULL_START}{index}{MARK_END}\n\n"), mark_span);
        cut.copy(file, secret);
        cut.stand_in(&format!("\n{FULL_END}{index}{MARK_END}\n\n"), mark_span);
    })
}

fn cut(file: &str, scan: &Scan, mut block: impl FnMut(&mut Cut, usize, Span, Span)) -> Cut {
    let mut cut = Cut::default();
    for passage in &scan.passages {
        match *passage {
            Passage::Open(run) => cut.copy(file, run),
            Passage::Withheld(run, index) => match scan.marks[index].form {
                Form::Inline => cut.stand_in(&format!("{MARK_START}{index}{MARK_END}"), run),
                Form::Block | Form::Field | Form::Document => {
                    block(&mut cut, index, run, scan.marks[index].secret);
                }
            },
        }
    }
    cut
}
