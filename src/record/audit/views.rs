//! The ways in which a file can be looked at: as it is, unescaped, unpacked, decoded; one within another.
//!
//! Nothing here decides what a find means. What cannot be unpacked within bounds is said, not passed over.

use std::io::Read;

use crate::record::audit::needles::{Find, Needles};
use crate::record::audit::pdf;
use crate::record::audit::words;

/// The letters that a word must have to be a find among bytes that are no text.
const SHORTEST_IN_BINARY: usize = 5;
/// How deep views stand within one another.
const DEPTH: usize = 4;
/// The bytes that one packed stream may unpack to.
const STREAM: u64 = 64 << 20;
/// The bytes that the packed streams of one file may unpack to, all together.
const FILE: usize = 256 << 20;

/// A find with the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sight {
    pub(super) find: Find,
    /// The offset in the file.
    pub(super) offset: usize,
    /// The views, the outermost first.
    pub(super) view: Vec<&'static str>,
}

/// What was seen in a file.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) sights: Vec<Sight>,
    /// Whether something in it could not be unpacked within bounds.
    pub(super) is_cut_short: bool,
}

/// Looks at the bytes of a file in every way.
pub(super) fn look(needles: &Needles, path: &str, bytes: &[u8]) -> Seen {
    let mut eye = Eye {
        needles,
        seen: Seen::default(),
        view: Vec::new(),
        offset: None,
        budget: FILE,
    };
    eye.look(bytes, DEPTH);
    if path.to_ascii_lowercase().ends_with(".br") {
        eye.brotli(bytes, DEPTH);
    }
    eye.seen
}

/// Looks at the name of a file.
pub(super) fn look_at_name(needles: &Needles, path: &str) -> Vec<Sight> {
    let finds = needles.search(path.as_bytes(), false, false);
    finds
        .into_iter()
        .map(|find| Sight {
            find,
            offset: 0,
            view: vec!["its name"],
        })
        .collect()
}

struct Eye<'n> {
    needles: &'n Needles,
    seen: Seen,
    view: Vec<&'static str>,
    /// Where the outermost packed thing stands in the file.
    offset: Option<usize>,
    budget: usize,
}

impl Eye<'_> {
    fn look(&mut self, bytes: &[u8], depth: usize) {
        let is_binary = std::str::from_utf8(bytes).is_err() || bytes.contains(&0);
        let markup = bytes.contains(&b'<');
        self.note(bytes, markup, is_binary);
        if depth == 0 {
            // What is packed deeper than this is not passed over in silence.
            self.seen.is_cut_short |= is_packed(bytes);
            return;
        }
        if bytes.len() > 8 {
            self.escaped_twice(bytes, depth);
            self.folded(bytes, depth);
        }
        self.runs(bytes, depth);
        if is_binary {
            let latin: String = bytes.iter().copied().map(char::from).collect();
            self.within("Latin-1", 0, |eye| eye.note(latin.as_bytes(), markup, true));
            self.wide(bytes, depth);
            self.packed(bytes, depth);
        }
        if find_near_start(bytes, b"%PDF-") {
            for text in pdf::texts(bytes) {
                self.within("the text of a PDF", 0, |eye| {
                    eye.look(text.as_bytes(), depth - 1);
                });
            }
        }
    }

    fn note(&mut self, bytes: &[u8], markup: bool, is_binary: bool) {
        let outer = self.offset;
        let is_packed_or_binary = is_binary
            || self
                .view
                .iter()
                .any(|view| !matches!(*view, "escapes" | "folded lines"));
        for find in self.needles.search(bytes, markup, is_binary) {
            // Pixels make every short word sooner or later.
            if is_packed_or_binary && find.size < SHORTEST_IN_BINARY {
                continue;
            }
            let mut view = self.view.clone();
            if find.is_in_tag {
                view.push("an attribute or comment");
            } else if view.is_empty() {
                view.push(if is_binary {
                    "its bytes or metadata"
                } else {
                    "its text"
                });
            }
            self.seen.sights.push(Sight {
                find,
                offset: outer.unwrap_or(find.start),
                view,
            });
        }
    }

    fn within(&mut self, view: &'static str, at: usize, look: impl FnOnce(&mut Self)) {
        let outer = self.offset;
        self.offset = outer.or(Some(at));
        self.view.push(view);
        look(self);
        self.view.pop();
        self.offset = outer;
    }

    /// Reads through escapes within escapes: what comes out is looked at again.
    fn escaped_twice(&mut self, bytes: &[u8], depth: usize) {
        if self.view.last() == Some(&"escapes") {
            return;
        }
        let of_wholes: [&[u8]; 4] = [br"\u003c", br"\u0026", br"\\", b"&lt;"];
        if of_wholes
            .iter()
            .any(|escape| words::find(bytes, escape).is_some())
        {
            let text = words::unescaped(bytes);
            self.within("escapes", 0, |eye| eye.look(text.as_bytes(), depth - 1));
            return;
        }
        // Of addresses and references, only the run of letters around them is read again.
        let of_others: [&[u8]; 4] = [b"%25", b"%26", b"%3C", b"&amp;"];
        for escape in of_others {
            let mut at = 0;
            while let Some(next) = words::find(&bytes[at..], escape) {
                let place = at + next;
                let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"\"'<>".contains(byte);
                let start = bytes[..place]
                    .iter()
                    .rposition(is_end)
                    .map_or(0, |at| at + 1);
                let end = bytes[place..].iter().position(is_end);
                let end = end.map_or(bytes.len(), |at| place + at);
                let run = &bytes[start..end];
                if escape != b"&amp;" || is_escaped_reference(&bytes[place + 5..]) {
                    let text = words::unescaped(run);
                    self.within("escapes", start, |eye| eye.look(text.as_bytes(), depth - 1));
                }
                at = end;
            }
        }
    }

    /// Joins lines that calendars and mail have folded, and reads through the escapes of mail.
    fn folded(&mut self, bytes: &[u8], depth: usize) {
        let of_calendars: [&[u8]; 2] = [b"\r\n ", b"\r\n\t"];
        let of_mail: [&[u8]; 2] = [b"=\r\n", b"=\n"];
        for (folds, is_mail) in [(of_calendars, false), (of_mail, true)] {
            if self.view.last() == Some(&"folded lines")
                || !folds.iter().any(|fold| words::find(bytes, fold).is_some())
            {
                continue;
            }
            let mut whole = Vec::with_capacity(bytes.len());
            let mut at = 0;
            while at < bytes.len() {
                let rest = &bytes[at..];
                let escaped = match rest {
                    [b'=', high, low, ..] if is_mail => std::str::from_utf8(&[*high, *low])
                        .ok()
                        .and_then(|pair| u8::from_str_radix(pair, 16).ok()),
                    _ => None,
                };
                if let Some(fold) = folds.iter().find(|fold| rest.starts_with(fold)) {
                    at += fold.len();
                } else if let Some(byte) = escaped {
                    whole.push(byte);
                    at += 3;
                } else {
                    whole.push(rest[0]);
                    at += 1;
                }
            }
            self.within("folded lines", 0, |eye| eye.look(&whole, depth - 1));
        }
    }

    /// Decodes runs of letters that may be base64 or hexadecimal.
    fn runs(&mut self, bytes: &[u8], depth: usize) {
        let mut at = SHORTEST - 1;
        let mut known = 0;
        while at < bytes.len() {
            // A run that is long enough cannot lie between two places that are looked at.
            if !is_base64(bytes[at]) {
                at += SHORTEST;
                continue;
            }
            let before = bytes[known..at].iter().rev();
            let start = at - before.take_while(|byte| is_base64(**byte)).count();
            let end = run_end(bytes, start);
            known = end;
            at = end + SHORTEST;
            let run = &bytes[start..end];
            let has_capital_or_digit = || {
                run.iter()
                    .any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            };
            if run.len() >= SHORTEST && (run.len() >= 24 || has_capital_or_digit()) {
                self.base64(run, start, depth);
                if run.len() >= 8 {
                    self.hexadecimal(run, start, depth);
                }
            }
        }
    }

    fn base64(&mut self, run: &[u8], at: usize, depth: usize) {
        for shift in 0..4.min(run.len()) {
            let Some(decoded) = decode_base64(&run[shift..]) else {
                continue;
            };
            self.within("base64", at, |eye| eye.look(&decoded, depth - 1));
        }
    }

    fn hexadecimal(&mut self, run: &[u8], at: usize, depth: usize) {
        let digits = run
            .iter()
            .take_while(|byte| byte.is_ascii_hexdigit())
            .count();
        if digits < 8 {
            return;
        }
        for shift in 0..2 {
            let decoded: Vec<u8> = run[shift..digits]
                .chunks_exact(2)
                .map_while(|pair| {
                    let text = std::str::from_utf8(pair).ok()?;
                    u8::from_str_radix(text, 16).ok()
                })
                .collect();
            if let Some(decoded) = sound_part(decoded) {
                self.within("hexadecimal", at, |eye| eye.look(&decoded, depth - 1));
            }
        }
    }

    /// Reads the bytes as UTF-16 in both orders, from even and odd places.
    fn wide(&mut self, bytes: &[u8], depth: usize) {
        for (shift, big) in [(0, false), (0, true), (1, false), (1, true)] {
            let units = bytes.get(shift..).unwrap_or_default().chunks_exact(2);
            let units = units.map(|pair| {
                if big {
                    u16::from_be_bytes([pair[0], pair[1]])
                } else {
                    u16::from_le_bytes([pair[0], pair[1]])
                }
            });
            let text: String = char::decode_utf16(units)
                .map(|c| c.unwrap_or(' '))
                .collect();
            self.within("UTF-16", shift, |eye| {
                let markup = text.contains('<');
                eye.note(text.as_bytes(), markup, true);
                // Bytes that are no part of the text make letters of far-away scripts, which hang on to it.
                let near = text.replace(|c| c >= '\u{2E80}', " ");
                eye.note(near.as_bytes(), markup, true);
                if depth > 1 {
                    eye.runs(text.as_bytes(), depth - 1);
                }
            });
        }
    }

    /// Unpacks gzip, zlib and archives, wherever in the bytes they begin.
    fn packed(&mut self, bytes: &[u8], depth: usize) {
        let mut at = 0;
        while at + 4 <= bytes.len() {
            let rest = &bytes[at..];
            let (view, unpacked) = match rest {
                [0x1F, 0x8B, 8, ..] => {
                    ("gzip", self.unpack(flate2::read::MultiGzDecoder::new(rest)))
                }
                [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..] => {
                    ("zlib", self.unpack(flate2::read::ZlibDecoder::new(rest)))
                }
                [b'P', b'K', 3, 4, ..] => ("an archive", self.archived(rest)),
                _ => {
                    at += 1;
                    continue;
                }
            };
            // A header may be there by chance.
            if unpacked.len() >= 4 {
                self.within(view, at, |eye| eye.look(&unpacked, depth - 1));
            }
            at += 2;
        }
        let is_known = [
            &b"\x89PNG"[..],
            b"\xFF\xD8\xFF",
            b"%PDF",
            b"PK\x03\x04",
            b"\x1F\x8B",
            b"RIFF",
            b"GIF8",
        ]
        .iter()
        .any(|magic| bytes.starts_with(magic));
        if !is_known {
            self.brotli(bytes, depth);
        }
    }

    fn archived(&mut self, entry: &[u8]) -> Vec<u8> {
        let number = |at: usize| {
            let pair = entry.get(at..at + 2).unwrap_or_default();
            pair.try_into()
                .map_or(0, |pair| usize::from(u16::from_le_bytes(pair)))
        };
        let data = entry
            .get(30 + number(26) + number(28)..)
            .unwrap_or_default();
        if number(8) == 8 {
            self.unpack(flate2::read::DeflateDecoder::new(data))
        } else {
            // What is stored unpacked is seen in the bytes of the archive.
            Vec::new()
        }
    }

    fn brotli(&mut self, bytes: &[u8], depth: usize) {
        let unpacked = self.unpack(brotli::Decompressor::new(bytes, 4096));
        if unpacked.len() >= 4 {
            self.within("brotli", 0, |eye| eye.look(&unpacked, depth - 1));
        }
    }

    /// Unpacks a stream as far as it goes; a damaged end does not hide its beginning.
    fn unpack(&mut self, stream: impl Read) -> Vec<u8> {
        let bound = STREAM.min(u64::try_from(self.budget).unwrap_or(0));
        let mut unpacked = Vec::new();
        let mut stream = stream.take(bound);
        let mut buffer = [0; 16 << 10];
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            unpacked.extend_from_slice(&buffer[..length]);
        }
        if u64::try_from(unpacked.len()).unwrap_or(u64::MAX) >= bound {
            self.seen.is_cut_short = true;
        }
        self.budget = self.budget.saturating_sub(unpacked.len());
        unpacked
    }
}

fn find_near_start(bytes: &[u8], wanted: &[u8]) -> bool {
    words::find(&bytes[..bytes.len().min(1024)], wanted).is_some()
}

/// Says whether what stands behind an escaped ampersand makes a reference with it.
fn is_escaped_reference(rest: &[u8]) -> bool {
    let name = rest
        .iter()
        .take(10)
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#')
        .count();
    name >= 2 && rest.get(name) == Some(&b';')
}

/// The shortest run that is decoded: it gives four bytes.
const SHORTEST: usize = 6;

const BASE64: [bool; 256] = {
    let mut is_base64 = [false; 256];
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
    let mut at = 0;
    while at < letters.len() {
        is_base64[letters[at] as usize] = true;
        at += 1;
    }
    is_base64
};

fn is_base64(byte: u8) -> bool {
    BASE64[usize::from(byte)]
}

/// Returns where a run ends that begins here. Mail and certificates break long ones into lines of one length.
fn run_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    loop {
        let line = at;
        while at < bytes.len() && is_base64(bytes[at]) {
            at += 1;
        }
        let broken = match bytes.get(at..) {
            Some([b'\r', b'\n', next, ..]) if is_base64(*next) => 2,
            Some([b'\n', next, ..]) if is_base64(*next) => 1,
            _ => 0,
        };
        let length = at - line;
        if broken == 0 || length < 60 || !length.is_multiple_of(4) {
            return at;
        }
        at += broken;
    }
}

/// Decodes a run as far as it gives something readable.
fn decode_base64(run: &[u8]) -> Option<Vec<u8>> {
    // Most runs are words, and their first bytes tell: these are looked at before anything is decoded.
    let mut first = [0; 4];
    let mut length = 0;
    sextets(run.get(..6).unwrap_or(run), |byte| {
        first[length] = byte;
        length += 1;
    });
    if !may_be_sound(&first[..length]) {
        return None;
    }
    let mut decoded = Vec::with_capacity(run.len() / 4 * 3 + 2);
    sextets(run, |byte| decoded.push(byte));
    sound_part(decoded)
}

/// Puts the letters of a run together to bytes.
fn sextets(run: &[u8], mut put: impl FnMut(u8)) {
    let (mut bits, mut count) = (0_u32, 0);
    for byte in run {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            // The break of a line.
            _ => continue,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            put(u8::try_from((bits >> count) & 0xFF).unwrap_or_default());
        }
    }
}

/// Says whether the first bytes can begin a text or a packed file.
fn may_be_sound(first: &[u8]) -> bool {
    let is_text = |text: &str| !text.chars().any(is_no_text);
    is_packed(first)
        || matches!(first, [_, 0, _, 0] | [0, _, 0, _])
        || match std::str::from_utf8(first) {
            Ok(text) => is_text(text),
            // A character may go on behind them.
            Err(error) => {
                error.error_len().is_none()
                    && std::str::from_utf8(&first[..error.valid_up_to()]).is_ok_and(is_text)
            }
        }
}

fn is_no_text(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
}

fn is_packed(bytes: &[u8]) -> bool {
    let magics: [&[u8]; 8] = [
        b"\x1F\x8B",
        b"\x89PN",
        b"\xFF\xD8\xFF",
        b"%PD",
        b"PK\x03",
        b"RIF",
        b"GIF",
        b"\x78\x9C",
    ];
    magics.iter().any(|magic| bytes.starts_with(magic))
}

/// Returns what can be looked at of decoded bytes: all of a packed or wide file, else the text at the beginning.
fn sound_part(mut decoded: Vec<u8>) -> Option<Vec<u8>> {
    let zeros = decoded.iter().take(32).filter(|byte| **byte == 0).count();
    if is_packed(&decoded) || zeros * 3 >= decoded.len().min(32) {
        return Some(decoded);
    }
    decoded.truncate(readable(&decoded));
    (decoded.len() >= 3).then_some(decoded)
}

/// Returns how many of the bytes, from the first, are text.
fn readable(bytes: &[u8]) -> usize {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    };
    valid
        .char_indices()
        .find(|(_, c)| is_no_text(*c))
        .map_or(valid.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::record::audit::needles::Passage;

    /// Returns in which ways the word `Marigold` or `Zwölfmann` is seen in bytes.
    fn views(path: &str, bytes: &[u8]) -> Vec<String> {
        let mut needles = Needles::new();
        let passage = Passage {
            file: "content/x.md".into(),
            lines: (1, 1),
        };
        needles.add(passage, &["Marigold of Zwölfmann, 12 tons".to_owned()]);
        needles.forget_public();
        let seen = look(&needles, path, bytes);
        seen.sights
            .iter()
            .map(|sight| sight.view.join(", in it "))
            .collect()
    }

    fn wide(text: &str, to_bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn each_view_shows_what_only_it_can_show() {
        use flate2::Compression;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(b"about Marigold").unwrap();
        let gzip = gzip.finish().unwrap();
        let mut twice = flate2::write::GzEncoder::new(Vec::new(), Compression::best());
        twice.write_all(&gzip).unwrap();
        let twice = twice.finish().unwrap();
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(b"about Marigold").unwrap();
        let zlib = zlib.finish().unwrap();
        let mut brotli = Vec::new();
        brotli::CompressorWriter::new(&mut brotli, 4096, 9, 20)
            .write_all(b"about Marigold and more of it")
            .unwrap();
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file("x.xml", options).unwrap();
        archive
            .write_all(b"<t>about Mari</t><t>gold</t>".repeat(9).as_slice())
            .unwrap();
        let archive = archive.finish().unwrap().into_inner();
        let cases: Vec<(&str, &[u8], &str)> = vec![
            ("x.txt", b"YWJvdXQgTWFyaWdvbGQ=", "base64"),
            ("x.txt", b"TWFyaWdvbGQ", "base64"),
            ("x.txt", b"xyb2YgTWFyaWdvbGQgaXQ=", "base64"),
            ("x.eml", b"dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZyBhbmQgTWFyaWdv\nbGQgYmVoaW5kIGl0LCBtb3JlIHRoYW4gb25jZSBhIGRheQ==", "base64"),
            ("x.txt", b"4d617269676f6c64", "hexadecimal"),
            ("x.txt", b"%254darigold of it", "escapes"),
            ("x.html", b"&amp;#77;arigold of it", "escapes"),
            ("x.json", br#"{"x":"Mari\u003cb\u003egold"}"#, "escapes"),
            ("x.ics", b"SUMMARY:Mari\r\n gold\r\n", "folded lines"),
            ("x.eml", b"=4Darigold and=\n x", "folded lines"),
            ("x.gz", &gzip, "gzip"),
            ("x.gz", &twice, "gzip, in it gzip"),
            ("x.zz", &zlib, "zlib"),
            ("x.bin", &brotli, "brotli"),
            ("x.docx", &archive, "an archive"),
            ("x.txt", b"of Zw\xF6lfmann", "Latin-1"),
            ("x.html", b"<a title='Marigold'>", "an attribute or comment"),
            ("x.pdf", b"%PDF-1.5 [(Mari) -20 (gold)] TJ", "the text of a PDF"),
            ("x.pdf", b"%PDF-1.5 (\\115arigold) Tj", "the text of a PDF"),
            ("x.pdf", b"%PDF-1.5 <4D6172 69676F6C64> Tj", "the text of a PDF"),
        ];
        for (path, bytes, view) in cases {
            let seen = views(path, bytes);
            assert!(
                seen.iter().any(|seen| seen == view),
                "{view}: {seen:?} in {}",
                bytes.escape_ascii()
            );
        }
        for bytes in [
            wide("of Zwölfmann", u16::to_le_bytes),
            wide("of Zwölfmann", u16::to_be_bytes),
        ] {
            assert!(views("x.txt", &bytes).contains(&"UTF-16".to_owned()));
            let moved = [&[0xFF][..], &bytes].concat();
            assert!(views("x.txt", &moved).contains(&"UTF-16".to_owned()));
        }
        assert!(views("x.txt", b"nothing of it, 12 and no more").is_empty());
    }

    #[test]
    fn a_word_that_bytes_touch_is_seen() {
        assert!(
            views("x.png", b"\x00\x01\xFFxMarigoldaB3x")
                .contains(&"its bytes or metadata".to_owned())
        );
    }

    #[test]
    fn what_unpacks_to_too_much_is_said() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let zeros = vec![0; 1 << 20];
        for _ in 0..65 {
            packed.write_all(&zeros).unwrap();
        }
        let packed = packed.finish().unwrap();
        let mut eye = Eye {
            needles: &Needles::new(),
            seen: Seen::default(),
            view: Vec::new(),
            offset: None,
            budget: FILE,
        };
        let unpacked = eye.unpack(flate2::read::MultiGzDecoder::new(packed.as_slice()));
        assert!(eye.seen.is_cut_short && unpacked.len() == 64 << 20);
    }
}
