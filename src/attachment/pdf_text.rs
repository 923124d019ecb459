//! The words of a PDF, for one question only: whether its title says nothing but what its pages show.
//!
//! This file must never put a word of a document into a message.

use lopdf::Document;

use crate::attachment::pdf::LARGEST_STREAM;

/// Says whether every word of a title stands in the text of the first pages.
pub(super) fn shows(document: &Document, title: &str) -> bool {
    let pages: Vec<u32> = (1..=3).collect();
    let text: String = document
        .extract_text_chunks_with_limit(&pages, LARGEST_STREAM)
        .into_iter()
        .filter_map(Result::ok)
        .collect();
    let text = fold(&text);
    title
        .split(|c: char| !c.is_alphanumeric())
        .map(fold)
        .all(|word| text.contains(&word))
}

/// Returns the letters and digits of a text in small letters: a page may break it anywhere.
fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Returns a text of the document's properties.
pub(super) fn decode(bytes: &[u8]) -> String {
    let pairs = |bytes: &[u8], read: fn([u8; 2]) -> u16| -> String {
        let units = bytes.chunks_exact(2).map(|pair| {
            read([
                pair.first().copied().unwrap_or(0),
                pair.last().copied().unwrap_or(0),
            ])
        });
        char::decode_utf16(units)
            .map(|c| c.unwrap_or('\u{FFFD}'))
            .collect()
    };
    match bytes {
        [0xFE, 0xFF, rest @ ..] => pairs(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => pairs(rest, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}
