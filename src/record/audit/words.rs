//! Words as the search compares them: NFKC, lower case, letters and digits only, figures with their separators folded.
//!
//! Files are read as bytes, whatever they are. Escapes of HTML, JSON and addresses are read through on the way, and a word
//! that is spelled across tags is put together. This file knows nothing of what is withheld.

use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::UnicodeNormalization;

/// A word of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'w> {
    /// The salted hash of its normal form.
    pub(super) hash: u64,
    /// Where it begins, in bytes.
    pub(super) start: usize,
    /// Where it ends, in bytes.
    pub(super) end: usize,
    /// Its length in characters, in normal form.
    pub(super) size: usize,
    /// Whether it has a letter.
    pub(super) has_letter: bool,
    /// Whether it has a digit.
    pub(super) has_digit: bool,
    /// Whether a letter of it is a capital.
    pub(super) has_capital: bool,
    /// Its normal form, where that holds more than ASCII.
    pub(super) beyond_ascii: Option<&'w str>,
}

/// Hears the words of a file in their order.
pub(super) trait Listener {
    /// Hears a word.
    fn word(&mut self, word: &Word<'_>);
    /// Hears another reading of words that were heard: one spelled across tags, or behind a backslash.
    fn aside(&mut self, word: &Word<'_>);
    /// Hears that what follows does not go on from what came before.
    fn gap(&mut self);
    /// Hears that the words of a tag follow, or that they have ended.
    fn tag(&mut self, is_open: bool);
}

/// What a byte is to the reader of words, as bits, so that those of a word can be put together.
const DIGIT: u8 = 1;
const LOWER: u8 = 2;
const UPPER: u8 = 4;
/// May be the beginning of an escape, or of a character of several bytes.
const SPECIAL: u8 = 8;
const TAG: u8 = 16;
const LETTER_OR_DIGIT: u8 = DIGIT | LOWER | UPPER;

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the loop ends at 255")]
        let own = byte as u8;
        classes[byte] = match own {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'&' | b'\\' | b'%' | 0x80.. => SPECIAL,
            b'<' => TAG,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

/// Returns the salted hash of a text in normal form. Capitals of ASCII count as small letters.
pub(super) fn hash(salt: u64, normal: &[u8]) -> u64 {
    // Setting this bit makes small letters of capitals, and leaves digits and small letters as they are. Bytes beyond ASCII
    // may become others, the same ones every time.
    const SMALL: u64 = 0x2020_2020_2020_2020;
    let mut mixed = salt ^ (normal.len() as u64);
    let (chunks, rest) = normal.as_chunks::<8>();
    for chunk in chunks {
        mixed = mix(mixed ^ (u64::from_le_bytes(*chunk) | SMALL));
    }
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        mixed = mix(mixed ^ (u64::from_le_bytes(last) | SMALL));
    }
    mixed ^ (mixed >> 29)
}

fn mix(own: u64) -> u64 {
    let mixed = own.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 32)
}

/// Reads the words of a file. With `markup`, tags are read apart from the text around them.
pub(super) fn listen(bytes: &[u8], salt: u64, markup: bool, listener: &mut impl Listener) {
    Reader {
        bytes,
        salt,
        glue: Glue::default(),
        cache: Vec::new(),
    }
    .read(0, bytes.len(), markup, listener);
}

/// Words of which one ends where a tag begins, and the next begins where it ends.
#[derive(Default)]
struct Glue {
    letters: Vec<u8>,
    last: (usize, usize),
    start: usize,
    end: usize,
    has_tag: bool,
}

struct Reader<'b> {
    bytes: &'b [u8],
    salt: u64,
    glue: Glue,
    /// Normal forms of words beyond ASCII: the same ones come again and again.
    cache: Vec<Option<(Vec<u8>, String)>>,
}

const CACHE: usize = 64;

impl Reader<'_> {
    fn read(&mut self, start: usize, end: usize, markup: bool, listener: &mut impl Listener) {
        let mut at = start;
        while at < end {
            let class = class(self.bytes[at]);
            if class & LETTER_OR_DIGIT != 0 {
                at = self.word(at, end, listener);
            } else if class == TAG && markup {
                at = self.tag(at, end, listener);
            } else if class == SPECIAL {
                at = self.special(at, end, listener);
            } else {
                at += 1;
            }
        }
    }

    /// Reads what may be an escape or a character of several bytes; returns where it ends.
    fn special(&mut self, at: usize, end: usize, listener: &mut impl Listener) -> usize {
        let (c, length) = character(self.bytes, at);
        if is_word(c) {
            return self.slow_word(at, end, listener);
        }
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric();
        if self.bytes[at] == b'\\'
            && length == 2
            && c.is_control()
            && self.bytes.get(at + 2).is_some_and(is_letter)
        {
            // What looks like an escape can also be a path: `C:\names`.
            let mut own = Aside(listener);
            self.word(at + 1, end, &mut own);
        }
        at + length
    }

    /// Reads a word that begins with an ASCII letter or digit; returns where it ends.
    fn word(&mut self, start: usize, end: usize, listener: &mut impl Listener) -> usize {
        let bytes = &self.bytes[..end];
        let mut at = start;
        let mut classes = 0;
        let mut last = 0;
        while let Some(byte) = bytes.get(at) {
            last = class(*byte);
            if last & LETTER_OR_DIGIT == 0 {
                break;
            }
            classes |= last;
            at += 1;
        }
        if last == SPECIAL && at < end {
            let (c, _) = character(self.bytes, at);
            if is_word(c) || is_joint(c) || (bytes[at - 1].is_ascii_digit() && is_separator(c)) {
                return self.slow_word(start, end, listener);
            }
        } else if at + 1 < end
            && bytes[at + 1].is_ascii_digit()
            && bytes[at - 1].is_ascii_digit()
            && is_separator(char::from(bytes[at]))
        {
            return self.slow_word(start, end, listener);
        }
        let word = Word {
            hash: hash(self.salt, &bytes[start..at]),
            start,
            end: at,
            size: at - start,
            has_letter: classes & (LOWER | UPPER) != 0,
            has_digit: classes & DIGIT != 0,
            has_capital: classes & UPPER != 0,
            beyond_ascii: None,
        };
        listener.word(&word);
        self.heard(start, at, listener);
        at
    }

    /// Reads a word with characters beyond ASCII or with escapes in it; returns where it ends.
    fn slow_word<L: Listener>(&mut self, start: usize, end: usize, listener: &mut L) -> usize {
        let mut at = start;
        let mut written = String::new();
        let (mut group, mut only_digits) = (0, true);
        while at < end {
            let (c, length) = character(self.bytes, at);
            if is_word(c) {
                let is_digit = c.is_numeric();
                group = if is_digit { group + 1 } else { 0 };
                only_digits &= is_digit;
                written.push(c);
            } else if is_joint(c) {
                written.push(c);
            } else if group > 0 && is_separator(c) {
                let (next, _) = character(self.bytes, at + length);
                let is_space = c.is_whitespace();
                let is_figure = next.is_ascii_digit()
                    && (!is_space
                        || (only_digits && group <= 3 && is_group(self.bytes, at + length)));
                if !is_figure {
                    break;
                }
                group = 0;
            } else {
                break;
            }
            at += length;
        }
        let at = at.max(start + 1).min(end);
        self.say(&written, start, at, L::word, listener);
        self.heard(start, at, listener);
        at
    }

    /// Tells the listener a word as it is written.
    fn say<L: Listener>(
        &mut self,
        written: &str,
        start: usize,
        end: usize,
        tell: impl Fn(&mut L, &Word<'_>),
        listener: &mut L,
    ) {
        let salt = self.salt;
        let normal = self.normal(written);
        if normal.is_empty() {
            return;
        }
        let word = Word {
            hash: hash(salt, normal.as_bytes()),
            start,
            end,
            size: normal.chars().count(),
            has_letter: normal.chars().any(char::is_alphabetic),
            has_digit: normal.chars().any(char::is_numeric),
            has_capital: written.chars().any(char::is_uppercase),
            beyond_ascii: (!normal.is_ascii()).then_some(normal),
        };
        tell(listener, &word);
    }

    fn normal(&mut self, written: &str) -> &str {
        if self.cache.is_empty() {
            self.cache.resize(CACHE, None);
        }
        let slot = usize::try_from(hash(0, written.as_bytes()) % 64).unwrap_or(0);
        let own = &mut self.cache[slot];
        if own
            .as_ref()
            .is_none_or(|(known, _)| known != written.as_bytes())
        {
            *own = Some((written.as_bytes().to_vec(), normal_form(written)));
        }
        own.as_ref().map_or("", |(_, normal)| normal)
    }

    /// Remembers a word, and puts it together with the one before if only tags stand between.
    fn heard<L: Listener>(&mut self, start: usize, end: usize, listener: &mut L) {
        let bytes = self.bytes;
        let glue = &mut self.glue;
        if glue.has_tag && glue.end == start {
            if glue.letters.is_empty() {
                let (first, last) = glue.last;
                glue.letters.extend_from_slice(&bytes[first..last]);
                glue.start = first;
            }
            glue.letters.extend_from_slice(&bytes[start..end]);
            let whole = unescaped(&glue.letters);
            let first = glue.start;
            self.say(&whole, first, end, L::aside, listener);
        } else {
            glue.letters.clear();
        }
        self.glue.last = (start, end);
        self.glue.end = end;
        self.glue.has_tag = false;
    }

    /// Reads a tag or comment; returns where it ends.
    fn tag(&mut self, start: usize, end: usize, listener: &mut impl Listener) -> usize {
        let rest = &self.bytes[start..end];
        let is_tag = rest
            .get(1)
            .is_some_and(|byte| byte.is_ascii_alphabetic() || b"/!?".contains(byte));
        let length = if rest.starts_with(b"<!--") {
            find(rest, b"-->").map(|at| at + 3)
        } else {
            memchr::memchr(b'>', rest).map(|at| at + 1)
        };
        let Some(length) = length.filter(|_| is_tag) else {
            return start + 1;
        };
        let glue = std::mem::take(&mut self.glue);
        listener.tag(true);
        self.read(start + 1, start + length, false, listener);
        listener.tag(false);
        self.glue = glue;
        let end = start + length;
        if is_inline(rest) {
            if self.glue.end == start {
                self.glue.end = end;
                self.glue.has_tag = true;
            }
        } else {
            listener.gap();
        }
        end
    }
}

/// Passes on every word as another reading.
struct Aside<'l, L>(&'l mut L);

impl<L: Listener> Listener for Aside<'_, L> {
    fn word(&mut self, word: &Word<'_>) {
        self.0.aside(word);
    }

    fn aside(&mut self, word: &Word<'_>) {
        self.0.aside(word);
    }

    fn gap(&mut self) {}

    fn tag(&mut self, _: bool) {}
}

/// Returns a word in normal form.
pub(super) fn normal_form(written: &str) -> String {
    written
        .nfkc()
        .flat_map(char::to_lowercase)
        .nfkc()
        .filter(|c| c.is_alphanumeric())
        // Where a word ends in capitals, nobody knows that this is its end.
        .map(|c| if c == 'ς' { 'σ' } else { c })
        .collect()
}

/// Returns the words of a text in normal form, for those who need them as they are.
pub(super) fn spelled(text: &str) -> Vec<String> {
    struct Ends(Vec<(usize, usize)>);
    impl Listener for Ends {
        fn word(&mut self, word: &Word<'_>) {
            self.0.push((word.start, word.end));
        }
        fn aside(&mut self, _: &Word<'_>) {}
        fn gap(&mut self) {}
        fn tag(&mut self, _: bool) {}
    }
    let mut ends = Ends(Vec::new());
    listen(text.as_bytes(), 0, false, &mut ends);
    ends.0
        .into_iter()
        .map(|(start, end)| normal_form(&unescaped(&text.as_bytes()[start..end])))
        .collect()
}

/// Says whether exactly three digits stand here.
fn is_group(bytes: &[u8], at: usize) -> bool {
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    digit(at) && digit(at + 1) && digit(at + 2) && !digit(at + 3)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric()
}

/// Says whether a character is part of the word around it and shows nothing of its own.
fn is_joint(c: char) -> bool {
    !c.is_ascii()
        && matches!(
            get_general_category(c),
            GeneralCategory::NonspacingMark
                | GeneralCategory::EnclosingMark
                | GeneralCategory::SpacingMark
                | GeneralCategory::Format
        )
}

/// Says whether a character separates the digits of a figure.
fn is_separator(c: char) -> bool {
    matches!(
        c,
        '.' | ',' | '\'' | '_' | '’' | '·' | ' ' | '\u{A0}' | '\u{202F}' | '\u{2009}' | '٫' | '٬'
    )
}

/// Says whether a tag can stand inside a word.
fn is_inline(tag: &[u8]) -> bool {
    if tag.starts_with(b"<!--") {
        return true;
    }
    let start = tag.iter().skip(1).take_while(|byte| **byte == b'/').count() + 1;
    let length = tag[start..]
        .iter()
        .take(20)
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b':')
        .count();
    let mut name = [0; 20];
    name[..length].copy_from_slice(&tag[start..start + length]);
    name.make_ascii_lowercase();
    let name = &name[..length];
    // Office files have prefixes: `w:t`, `text:span`.
    let name = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
    matches!(
        name,
        b"a" | b"abbr"
            | b"b"
            | b"bdi"
            | b"bdo"
            | b"cite"
            | b"code"
            | b"data"
            | b"del"
            | b"dfn"
            | b"em"
            | b"font"
            | b"i"
            | b"ins"
            | b"kbd"
            | b"mark"
            | b"q"
            | b"s"
            | b"samp"
            | b"small"
            | b"span"
            | b"strike"
            | b"strong"
            | b"sub"
            | b"sup"
            | b"time"
            | b"tspan"
            | b"tt"
            | b"u"
            | b"var"
            | b"wbr"
            | b"t"
            | b"r"
    )
}

/// Returns the character at a place, escapes read through, and its length in bytes.
fn character(bytes: &[u8], at: usize) -> (char, usize) {
    let Some(byte) = bytes.get(at) else {
        return ('\0', 0);
    };
    let escaped = match byte {
        b'&' => reference(&bytes[at..]),
        b'\\' => escape(&bytes[at..]),
        b'%' => encoded(&bytes[at..]),
        0x80.. => {
            let width = match byte {
                0xC2..=0xDF => 2,
                0xE0..=0xEF => 3,
                0xF0..=0xF4 => 4,
                _ => return ('\u{FFFD}', 1),
            };
            let decoded = bytes
                .get(at..at + width)
                .and_then(|bytes| std::str::from_utf8(bytes).ok())
                .and_then(|text| text.chars().next());
            return decoded.map_or(('\u{FFFD}', 1), |c| (c, width));
        }
        _ => None,
    };
    escaped.unwrap_or((char::from(*byte), 1))
}

/// Reads a character reference of HTML: `&eacute;`, `&#233;`, `&#xE9;`.
fn reference(bytes: &[u8]) -> Option<(char, usize)> {
    if let Some(number) = bytes.get(1..).and_then(|rest| rest.strip_prefix(b"#")) {
        let (digits, radix) = match number.strip_prefix(b"x").or(number.strip_prefix(b"X")) {
            Some(hex) => (hex, 16),
            None => (number, 10),
        };
        let is_digit = |byte: &&u8| char::from(**byte).is_digit(radix);
        let length = digits.iter().take(8).take_while(is_digit).count();
        let code = std::str::from_utf8(&digits[..length]).ok()?;
        let c = char::from_u32(u32::from_str_radix(code, radix).ok()?)?;
        // Browsers do without the semicolon.
        let end = 2 + (number.len() - digits.len()) + length;
        return Some((c, end + usize::from(bytes.get(end) == Some(&b';'))));
    }
    let end = bytes.iter().take(34).position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(bytes.get(1..end)?).ok()?;
    let c = quick_xml::escape::resolve_html5_entity(name)?
        .chars()
        .next()?;
    Some((c, end + 1))
}

/// Reads an escape of JSON and its relatives: `\u00E9`, `\xE9`, `\n`, `\"`.
fn escape(bytes: &[u8]) -> Option<(char, usize)> {
    let hex = |from: usize, length: usize| {
        let digits = std::str::from_utf8(bytes.get(from..from + length)?).ok()?;
        u32::from_str_radix(digits, 16).ok()
    };
    match bytes.get(1)? {
        b'u' => {
            let first = hex(2, 4)?;
            if !(0xD800..0xDC00).contains(&first) {
                return Some((char::from_u32(first)?, 6));
            }
            let second = hex(8, 4).filter(|_| bytes.get(6..8) == Some(b"\\u"))?;
            let code = 0x10000 + ((first - 0xD800) << 10) + second.checked_sub(0xDC00)?;
            Some((char::from_u32(code)?, 12))
        }
        b'x' => Some((char::from_u32(hex(2, 2)?)?, 4)),
        b'n' => Some(('\n', 2)),
        b'r' => Some(('\r', 2)),
        b't' => Some(('\t', 2)),
        b'b' => Some(('\u{8}', 2)),
        b'f' => Some(('\u{C}', 2)),
        own @ (b'"' | b'\\' | b'/' | b'\'') => Some((char::from(*own), 2)),
        _ => None,
    }
}

/// Reads a percent-encoded character of one or several bytes.
fn encoded(bytes: &[u8]) -> Option<(char, usize)> {
    let byte = |at: usize| {
        let [b'%', high, low] = bytes.get(at..at + 3)? else {
            return None;
        };
        let digit = |byte: u8| char::from(byte).to_digit(16);
        u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
    };
    let first = byte(0)?;
    let width = match first {
        ..0x80 => return Some((char::from(first), 3)),
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let own: Option<Vec<u8>> = (0..width).map(|index| byte(index * 3)).collect();
    let text = String::from_utf8(own?).ok()?;
    Some((text.chars().next()?, width * 3))
}

/// Returns a text with the escapes in it read through.
pub(super) fn unescaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let (c, length) = character(bytes, at);
        text.push(c);
        at += length.max(1);
    }
    text
}

/// Returns where a run of bytes first stands.
pub(super) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the words of a text with its tags, asides in parentheses, gaps as `|`.
    fn words(text: &str) -> String {
        struct Heard<'t>(&'t [u8], Vec<String>);
        impl Heard<'_> {
            fn own(&self, word: &Word<'_>) -> String {
                word.beyond_ascii.map_or_else(
                    || {
                        let written = unescaped(&self.0[word.start..word.end]);
                        normal_form(&written)
                    },
                    str::to_owned,
                )
            }
        }
        impl Listener for Heard<'_> {
            fn word(&mut self, word: &Word<'_>) {
                let own = self.own(word);
                assert_eq!(word.hash, hash(7, own.as_bytes()), "{own}");
                assert_eq!(word.size, own.chars().count(), "{own}");
                self.1.push(own);
            }
            fn aside(&mut self, word: &Word<'_>) {
                self.1.push(format!("({})", word.size));
            }
            fn gap(&mut self) {
                self.1.push("|".into());
            }
            fn tag(&mut self, is_open: bool) {
                self.1.push(if is_open { "<" } else { ">" }.into());
            }
        }
        let mut heard = Heard(text.as_bytes(), Vec::new());
        listen(text.as_bytes(), 7, true, &mut heard);
        heard.1.join(" ")
    }

    #[test]
    fn words_are_letters_and_digits() {
        assert_eq!(words("The ACME-offer, of «Été»."), "the acme offer of été");
        assert_eq!(words("e\u{301}te\u{301} ac\u{AD}me ＡＣ①"), "été acme ac1");
    }

    #[test]
    fn figures_are_folded() {
        assert_eq!(
            words("€4.2m, 4,200,000 and 4 200 000."),
            "42m 4200000 and 4200000"
        );
        assert_eq!(words("4\u{202F}200\u{A0}000 4’200’000"), "4200000 4200000");
        assert_eq!(words("in 2026 120 of 12 3456"), "in 2026 120 of 12 3456");
        assert_eq!(words("2026-01-30 T-1.1"), "2026 01 30 t 11");
    }

    #[test]
    fn escapes_are_read_through() {
        assert_eq!(words("&#65;C&#x4D;E caf&eacute; a&amp;b"), "acme café a b");
        assert_eq!(
            words(r"\u0041CM\u0045 one\ntwo \ud835\udc00x"),
            "acme one (4) two ax"
        );
        assert_eq!(
            words("%41CME caf%C3%A9 one%20two 5%of"),
            "acme café one two 5 of"
        );
    }

    #[test]
    fn tags_stand_apart() {
        assert_eq!(
            words("the AC<b>M</b>E<p title=x>y"),
            "the ac < b > m (3) < b > e (4) < p title x > | y"
        );
        assert_eq!(words("A<!-- c -->B 1 < 2"), "a < c > b (2) 1 2");
    }
}
