//! Plain text, tables and data: they pass as they are, or not at all. This file must never change a byte.

use crate::attachment::{Inspected, Refusal, broken};
use crate::diag::Code;

/// Looks into a text file; comments of XML are refused, for browsers hide them.
pub(super) fn inspect(bytes: Vec<u8>, is_xml: bool) -> Inspected {
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return Err(vec![Refusal::new(
            Code::UnreadableFile,
            "this file is not UTF-8",
            "save it again with the encoding UTF-8",
        )]);
    };
    let mut refusals = Vec::new();
    if let Some(line) = first_line(text, is_hiding) {
        refusals.push(Refusal::new(
            Code::FileWithHiddenText,
            format!("line {line} holds a character that hides text or changes its order"),
            "delete the character; if the text was pasted from elsewhere, type the line again",
        ));
    }
    if is_xml && let Err(refusal) = check_xml(text) {
        refusals.push(refusal);
    }
    if refusals.is_empty() {
        Ok(bytes)
    } else {
        Err(refusals)
    }
}

fn first_line(text: &str, wanted: impl Fn(char) -> bool) -> Option<usize> {
    let marked = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let lines = marked.split('\n').enumerate();
    lines
        .filter(|(_, line)| line.chars().any(&wanted))
        .map(|(at, _)| at + 1)
        .next()
}

/// Says whether a character hides text, or shows it in another order than it has.
fn is_hiding(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{B}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
}

fn check_xml(text: &str) -> Result<(), Refusal> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return Ok(()),
            Ok(Event::Comment(_)) => {
                return Err(Refusal::new(
                    Code::FileWithComments,
                    "this file holds a comment `<!-- … -->`, which browsers do not show",
                    "delete the comments",
                ));
            }
            Ok(Event::DocType(_) | Event::PI(_)) => {
                return Err(Refusal::new(
                    Code::FileWithActiveContent,
                    "this file holds a document type or an instruction to programs",
                    "delete what stands in `<!DOCTYPE …>` and `<?…?>`, but for the first line",
                ));
            }
            Ok(
                Event::Start(_)
                | Event::End(_)
                | Event::Empty(_)
                | Event::Text(_)
                | Event::CData(_)
                | Event::Decl(_)
                | Event::GeneralRef(_),
            ) => {}
            Err(_) => return Err(broken()),
        }
    }
}
