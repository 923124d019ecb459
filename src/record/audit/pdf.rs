//! The text of a PDF: what its streams show, and the strings of its objects.
//!
//! A crude reader: it puts the strings of an array together, whatever stands between them, and knows nothing of fonts but what
//! the library tells.

use lopdf::{Document, Object};

/// Returns the texts of a PDF, one for every object that has some, and one for every page.
pub(super) fn texts(bytes: &[u8]) -> Vec<String> {
    let mut texts = vec![strings(bytes)];
    let Ok(document) = Document::load_mem(bytes) else {
        return texts;
    };
    for object in document.objects.values() {
        let mut own = String::new();
        collect(object, &mut own);
        texts.push(own);
        if let Object::Stream(stream) = object
            && let Ok(content) = stream.decompressed_content()
        {
            texts.push(strings(&content));
            texts.push(String::from_utf8_lossy(&content).into_owned());
        }
    }
    for page in document.get_pages().into_keys() {
        texts.extend(document.extract_text(&[page]));
    }
    texts.retain(|text| !text.trim().is_empty());
    texts
}

/// Collects the strings of an object.
fn collect(object: &Object, texts: &mut String) {
    match object {
        Object::String(bytes, _) => {
            texts.push_str(&decoded(bytes));
            texts.push('\n');
        }
        Object::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Object::Dictionary(entries) => {
            entries.iter().for_each(|(_, value)| collect(value, texts));
        }
        Object::Stream(stream) => {
            stream
                .dict
                .iter()
                .for_each(|(_, value)| collect(value, texts));
        }
        Object::Null
        | Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::Name(_)
        | Object::Reference(_) => {}
    }
}

/// Returns the strings of a content stream in their order; those of one array are one word.
fn strings(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut in_array = false;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'[' => in_array = true,
            b']' => {
                in_array = false;
                text.push('\n');
            }
            b'(' => {
                let (string, end) = literal(bytes, at + 1);
                text.push_str(&decoded(&string));
                if !in_array {
                    text.push('\n');
                }
                at = end;
            }
            b'<' if bytes.get(at + 1) != Some(&b'<') => {
                let digits: Vec<u8> = bytes[at + 1..]
                    .iter()
                    .copied()
                    .take_while(|byte| *byte != b'>')
                    .take(1 << 16)
                    .filter(u8::is_ascii_hexdigit)
                    .collect();
                let own: Vec<u8> = digits
                    .chunks(2)
                    .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                    .collect();
                text.push_str(&decoded(&own));
                if !in_array {
                    text.push('\n');
                }
            }
            _ => {}
        }
        at += 1;
    }
    text
}

/// Reads a string in parentheses; returns its bytes and where it ends.
fn literal(bytes: &[u8], start: usize) -> (Vec<u8>, usize) {
    let mut own = Vec::new();
    let mut depth = 1;
    let mut at = start;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => {
                let octal: Vec<u8> = bytes[at + 1..]
                    .iter()
                    .copied()
                    .take(3)
                    .take_while(|byte| (b'0'..=b'7').contains(byte))
                    .collect();
                if octal.is_empty() {
                    own.push(match bytes.get(at + 1) {
                        Some(b'n') => b'\n',
                        Some(b'r') => b'\r',
                        Some(b't') => b'\t',
                        Some(other) => *other,
                        None => b' ',
                    });
                    at += 1;
                } else {
                    let code = octal
                        .iter()
                        .fold(0_u32, |code, digit| code * 8 + u32::from(digit - b'0'));
                    own.push(u8::try_from(code & 0xFF).unwrap_or_default());
                    at += octal.len();
                }
            }
            b'(' => {
                depth += 1;
                own.push(b'(');
            }
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return (own, at);
                }
                own.push(b')');
            }
            other => own.push(other),
        }
        at += 1;
    }
    (own, at)
}

/// Returns a string of a PDF as text: UTF-16 with its mark, UTF-8, else Latin letters.
fn decoded(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => {
            let units = rest
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units)
                .map(|c| c.unwrap_or(' '))
                .collect()
        }
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().copied().map(char::from).collect(),
        },
    }
}
