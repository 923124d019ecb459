//! Looks for canaries of the `generator` in an output: in every view in which somebody could read one.
//!
//! Each canary begins with one of few cores, each of letters or figures that no public word of the generator has. The views are
//! made here, by other code than that of the second net.

use std::sync::LazyLock;

use unicode_normalization::char::decompose_compatible;

/// The beginnings of canaries, folded: NFKC, small letters, letters and digits alone.
const CORES: &[&str] = &[
    "qvzkj",
    "9187360427",
    "щъыжфэ",
    "ψξζφθψ",
    "ץקףצטץ",
    "ظضغثذظ",
    "龘靐齉爨麤",
    "쀍쀎쫗쬻",
];

/// The spellings of which base64 is looked for.
const SPELLED: &[&str] = &[
    "Qvzkj",
    "qvzkj",
    "QVZKJ",
    "918736042",
    "Щъыжфэ",
    "ΨΞΖφθψ",
    "ץקףצטץ",
    "ظضغثذظ",
    "龘靐齉爨麤",
    "쀍쀎쫗쬻",
];

/// Names the views of a file in which a canary is seen.
pub(crate) fn seen(path: &str, bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut views = vec![
        ("its name", path.to_owned()),
        ("its name, decoded", percent(path)),
        ("the text", text.to_string()),
    ];
    if text.contains('&') {
        views.push(("references decoded", references(&text)));
    }
    if text.contains('<') {
        let bare = tags_removed(&text);
        views.push(("references decoded without tags", references(&bare)));
        views.push(("without tags", bare));
    }
    if text.contains('\\') {
        views.push(("escapes decoded", escapes(&text)));
    }
    if text.contains('%') {
        views.push(("percent decoded", percent(&text)));
    }
    let mut found: Vec<String> = views
        .into_iter()
        .filter(|(_, text)| holds(text))
        .map(|(view, _)| format!("{path}: a canary in {view}"))
        .collect();
    if BASE64.iter().any(|word| text.contains(word.as_str())) {
        found.push(format!("{path}: a canary in base64"));
    }
    found
}

/// Says whether a text holds a canary in plain sight.
pub(crate) fn holds(text: &str) -> bool {
    let text = folded(text);
    FOLDED.iter().any(|core| text.contains(core.as_str()))
}

/// The cores as texts are folded, and what a slug would make of those of other scripts.
static FOLDED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let latin = CORES.iter().map(|core| folded(&deunicode::deunicode(core)));
    // Too short a word could be anybody's.
    let latin = latin.filter(|slug| slug.len() > 4);
    let mut all: Vec<String> = CORES.iter().map(|core| folded(core)).chain(latin).collect();
    all.sort();
    all.dedup();
    all
});

static BASE64: LazyLock<Vec<String>> =
    LazyLock::new(|| SPELLED.iter().flat_map(|word| in_base64(word)).collect());

fn folded(text: &str) -> String {
    if text.is_ascii() {
        let kept = text.bytes().filter(u8::is_ascii_alphanumeric);
        return kept.map(|c| char::from(c.to_ascii_lowercase())).collect();
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            if c.is_ascii_alphanumeric() {
                folded.push(c.to_ascii_lowercase());
            }
            continue;
        }
        decompose_compatible(c, |c| {
            if c.is_alphanumeric() {
                folded.extend(c.to_lowercase());
            }
        });
    }
    folded.replace('ς', "σ")
}

fn references(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        let end = rest.bytes().take(10).position(|c| c == b';');
        let name = end.and_then(|end| rest.get(..end)).unwrap_or_default();
        let number = match name.strip_prefix('#') {
            Some(number) => match number.strip_prefix(['x', 'X']) {
                Some(number) => u32::from_str_radix(number, 16).ok(),
                None => number.parse().ok(),
            },
            None => None,
        };
        let c = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => number.and_then(char::from_u32),
        };
        match c {
            Some(c) => {
                decoded.push(c);
                rest = rest.get(name.len() + 1..).unwrap_or_default();
            }
            None => decoded.push('&'),
        }
    }
    decoded.push_str(rest);
    decoded
}

fn tags_removed(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut is_inside = false;
    for c in text.chars() {
        match c {
            '<' => is_inside = true,
            '>' if is_inside => is_inside = false,
            c if !is_inside => bare.push(c),
            _ => {}
        }
    }
    bare
}

fn escapes(text: &str) -> String {
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let mut ahead = rest.clone();
        let is_unit = c == '\\' && ahead.next() == Some('u');
        let digits: String = ahead.take(4).collect();
        match u16::from_str_radix(&digits, 16) {
            Ok(unit) if is_unit && digits.len() == 4 => {
                units.push(unit);
                rest.nth(4);
            }
            _ => units.extend(c.encode_utf16(&mut [0; 2]).iter()),
        }
    }
    String::from_utf16_lossy(&units)
}

fn percent(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let digits = text.get(at + 1..at + 3).unwrap_or_default();
        match u8::from_str_radix(digits, 16) {
            Ok(own) if *byte == b'%' && !digits.starts_with('+') => {
                decoded.push(own);
                at += 3;
            }
            _ => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Returns the letters that stand in base64 for a word, wherever in a group of three bytes it begins.
fn in_base64(word: &str) -> Vec<String> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut all = Vec::new();
    for before in 0..3 {
        let bits: Vec<u8> = std::iter::repeat_n(0, before)
            .chain(word.bytes())
            .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
            .collect();
        // Letters that share bits with a neighbour are left out.
        let sextets = bits.chunks_exact(6).skip((before * 8).div_ceil(6));
        let own: String = sextets
            .map(|bits| {
                bits.iter()
                    .fold(0, |number, bit| number * 2 + usize::from(*bit))
            })
            .map(|number| char::from(LETTERS[number]))
            .collect();
        if own.len() >= 6 {
            all.push(own);
        }
    }
    all
}

/// The lookout finds what it is made for, and nothing where nothing is.
pub(crate) fn is_awake() -> bool {
    let hidden = [
        "Qvzkjbb",
        "QVZKJ",
        "so q-v-z-k-j",
        "9 187.360’427",
        "щЪЫЖФЭ7",
        "Ｑｖｚｋｊ",
        "Qv\u{308}zkj",
        "<p>Qv<b>zk</b>j",
        "&#81;vzkj",
        "%51vzkj",
        "\\u0051vzkj",
        "UXZ6a2o=",
        "b21yIFF2emtq",
        "shch'yzhfe Qvzkj",
    ];
    hidden
        .iter()
        .all(|text| !seen("x", text.as_bytes()).is_empty())
        && !seen("a/qvzkjbb/b", b"").is_empty()
        && seen(
            "x",
            "<p title=\"a\">quiz &amp; jury 91 87 36</p>".as_bytes(),
        )
        .is_empty()
}
