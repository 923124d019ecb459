//! Pictures made of pixels, cleaned: the picture stays, and everything that was written about it goes.
//!
//! What is kept is a list, and what is not on it is dropped. This file must never pass on bytes that no viewer shows: comments,
//! places, thumbnails, a second picture, whatever stands behind the end.

use std::io::Read;

use img_parts::Bytes;
use img_parts::png::{Png, PngChunk};
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::WebP;

use crate::attachment::{Inspected, broken, exif, icc};

/// Colour profiles above this size are dropped.
const LARGEST_PROFILE: u64 = 4 * 1024 * 1024;

/// Says whether an image within another file carries words or places; `None` where it cannot be looked into. Colour profiles
/// and thumbnails of the format itself are no reason to refuse a document.
pub(super) fn is_telling(name: &str, bytes: &[u8]) -> Option<bool> {
    let (_, ending) = name.rsplit_once('.')?;
    match ending {
        "jpg" | "jpeg" | "jfif" => {
            clean_jpeg(bytes)?;
            Some(is_telling_jpeg(bytes))
        }
        "png" => {
            let cleaned = clean_png(bytes.to_vec())?;
            let words: [&[u8]; 4] = [b"tEXt", b"zTXt", b"iTXt", b"eXIf"];
            let ends = bytes.ends_with(b"IEND\xAE\x42\x60\x82");
            let has_words = cleaned != bytes
                && words
                    .iter()
                    .any(|word| bytes.windows(4).any(|four| four == *word));
            Some(!ends || has_words)
        }
        "gif" => Some(clean_gif(bytes)? != bytes),
        "webp" => Some(clean_webp(bytes.to_vec())?.len() + 4096 < bytes.len()),
        _ => None,
    }
}

pub(super) fn jpeg(bytes: &[u8]) -> Inspected {
    clean_jpeg(bytes).ok_or_else(|| vec![broken()])
}

/// What stands in front of the parts of a JPEG that are told by their first words.
const EXIF: &[u8] = b"Exif\0\0";
const PROFILE: &[u8] = b"ICC_PROFILE\0";

/// Says whether a JPEG carries words, places or another picture: more than colours and numbers.
pub(super) fn is_telling_jpeg(bytes: &[u8]) -> bool {
    let mut at = 2;
    let mut is_telling = false;
    while let Some((marker, contents, next)) = segment(bytes, at) {
        is_telling |= match marker {
            0xE1 => contents.strip_prefix(EXIF).is_none_or(|block| {
                exif::orientation(block).map_or(block.len() > 26, |way| block != exif::block(way))
            }),
            0xE2 => !contents.starts_with(PROFILE),
            0xE3..=0xED | 0xEF | 0xFE => true,
            _ => false,
        };
        if marker == 0xDA {
            break;
        }
        at = next;
    }
    is_telling
}

/// Returns the segment of a JPEG at an offset: its marker, what it holds, and where the next one begins.
fn segment(bytes: &[u8], mut at: usize) -> Option<(u8, &[u8], usize)> {
    if *bytes.get(at)? != 0xFF {
        return None;
    }
    while *bytes.get(at)? == 0xFF {
        at += 1;
    }
    let marker = *bytes.get(at)?;
    if marker == 0xD9 || marker == 0x01 || (0xD0..=0xD7).contains(&marker) {
        return Some((marker, &[], at + 1));
    }
    let length = usize::from(u16::from_be_bytes([
        *bytes.get(at + 1)?,
        *bytes.get(at + 2)?,
    ]));
    let contents = bytes.get(at + 3..at + 1 + length)?;
    Some((marker, contents, at + 1 + length))
}

fn clean_jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = vec![0xFF, 0xD8];
    let mut body = Vec::with_capacity(bytes.len());
    let mut way = None;
    let mut profile: Vec<(u8, &[u8])> = Vec::new();
    let (mut has_frame, mut has_scan) = (false, false);
    let mut at = 2;
    loop {
        let (marker, contents, next) = segment(bytes, at)?;
        at = next;
        match marker {
            0xD9 => break,
            // JFIF, without the thumbnail that may follow.
            0xE0 if contents.starts_with(b"JFIF\0") => {
                kept.extend([0xFF, 0xE0, 0, 16]);
                kept.extend(contents.get(..12)?);
                kept.extend([0, 0]);
            }
            0xE1 => {
                way = way.or_else(|| exif::orientation(contents.strip_prefix(EXIF)?));
            }
            0xE2 => {
                if let Some([number, _, part @ ..]) = contents.strip_prefix(PROFILE) {
                    profile.push((*number, part));
                }
            }
            // How Adobe's programs mix colours.
            0xEE if contents.starts_with(b"Adobe") => push(&mut body, marker, contents.get(..12)?),
            0xC0..=0xCF | 0xDB..=0xDF => {
                has_frame |= !matches!(marker, 0xC4 | 0xC8 | 0xCC) && marker < 0xD0;
                push(&mut body, marker, contents);
            }
            0xDA => {
                has_scan = true;
                push(&mut body, marker, contents);
                let end = end_of_scan(bytes, at)?;
                body.extend(bytes.get(at..end)?);
                at = end;
            }
            // All other segments are about the picture, or another picture.
            _ => {}
        }
    }
    if !(has_frame && has_scan) {
        return None;
    }
    if let Some(way) = way {
        let contents = [EXIF, &exif::block(way)].concat();
        push(&mut kept, 0xE1, &contents);
    }
    profile.sort_by_key(|(number, _)| *number);
    let joined: Vec<u8> = profile
        .into_iter()
        .flat_map(|(_, part)| part)
        .copied()
        .collect();
    if let Some(rebuilt) = icc::rebuild(&joined) {
        let parts = rebuilt.chunks(65_000);
        let count = u8::try_from(parts.len()).ok()?;
        for (number, part) in (1..=count).zip(parts) {
            push(&mut kept, 0xE2, &[PROFILE, &[number, count], part].concat());
        }
    }
    kept.extend(body);
    kept.extend([0xFF, 0xD9]);
    Some(kept)
}

fn push(kept: &mut Vec<u8>, marker: u8, contents: &[u8]) {
    // Every segment was read with its length, or is short: it fits.
    let length = u16::try_from(contents.len() + 2).unwrap_or(u16::MAX);
    kept.extend([0xFF, marker]);
    kept.extend(length.to_be_bytes());
    kept.extend(contents);
}

/// Returns where the pixels of a scan end: at the next marker that does not belong to them.
fn end_of_scan(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xFF)?;
        match bytes.get(at + 1)? {
            0x00 | 0xD0..=0xD7 => at += 2,
            0xFF => at += 1,
            _ => return Some(at),
        }
    }
}

pub(super) fn png(bytes: Vec<u8>) -> Inspected {
    clean_png(bytes).ok_or_else(|| vec![broken()])
}

fn clean_png(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let mut png = Png::from_bytes(Bytes::from(bytes)).ok()?;
    let is_whole = |kind: [u8; 4]| png.chunks().iter().any(|chunk| chunk.kind() == kind);
    if !(is_whole(*b"IHDR") && is_whole(*b"IDAT") && is_whole(*b"IEND")) {
        return None;
    }
    let chunks = std::mem::take(png.chunks_mut());
    let kept = chunks.into_iter().filter_map(|chunk| match &chunk.kind() {
        b"IHDR" | b"PLTE" | b"IDAT" | b"IEND" | b"tRNS" | b"cHRM" | b"gAMA" | b"sRGB" | b"sBIT"
        | b"bKGD" | b"hIST" | b"pHYs" | b"cICP" | b"mDCV" | b"cLLI" | b"acTL" | b"fcTL"
        | b"fdAT" => Some(chunk),
        b"eXIf" => {
            let way = exif::orientation(chunk.contents())?;
            Some(PngChunk::new(*b"eXIf", Bytes::from(exif::block(way))))
        }
        b"iCCP" => {
            let (name, packed) = chunk
                .contents()
                .split_at_checked(chunk.contents().iter().position(|byte| *byte == 0)? + 2)?;
            // The name of a profile is a text as well.
            let rebuilt = icc::rebuild(&unpack(packed)?)?;
            let contents = [b"colour\0\0", pack(&rebuilt)?.as_slice()].concat();
            (name.len() <= 81).then(|| PngChunk::new(*b"iCCP", Bytes::from(contents)))
        }
        _ => None,
    });
    *png.chunks_mut() = kept.collect();
    Some(png.encoder().bytes().to_vec())
}

fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut unpacked = Vec::new();
    let decoder = flate2::read::ZlibDecoder::new(packed);
    decoder
        .take(LARGEST_PROFILE)
        .read_to_end(&mut unpacked)
        .ok()?;
    Some(unpacked)
}

fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut packed = Vec::new();
    let level = flate2::Compression::best();
    flate2::read::ZlibEncoder::new(bytes, level)
        .read_to_end(&mut packed)
        .ok()?;
    Some(packed)
}

pub(super) fn webp(bytes: Vec<u8>) -> Inspected {
    clean_webp(bytes).ok_or_else(|| vec![broken()])
}

fn clean_webp(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let webp = WebP::from_bytes(Bytes::from(bytes)).ok()?;
    let mut kept: Vec<RiffChunk> = Vec::new();
    let (mut has_picture, mut has_profile, mut has_way) = (false, false, false);
    for chunk in webp.chunks() {
        let data = chunk.content().data()?;
        let cleaned = match &chunk.id() {
            b"VP8 " | b"VP8L" => {
                has_picture = true;
                data.clone()
            }
            b"VP8X" | b"ALPH" | b"ANIM" => data.clone(),
            b"ANMF" => {
                has_picture = true;
                Bytes::from(clean_frame(data)?)
            }
            b"ICCP" => {
                let Some(rebuilt) = icc::rebuild(data) else {
                    continue;
                };
                has_profile = true;
                Bytes::from(rebuilt)
            }
            b"EXIF" => {
                let block = data.strip_prefix(EXIF).unwrap_or(data);
                let Some(way) = exif::orientation(block) else {
                    continue;
                };
                has_way = true;
                Bytes::from(exif::block(way))
            }
            _ => continue,
        };
        kept.push(RiffChunk::new(chunk.id(), RiffContent::Data(cleaned)));
    }
    if !has_picture {
        return None;
    }
    for chunk in &mut kept {
        if chunk.id() == *b"VP8X" {
            let mut flags = chunk.content().data()?.to_vec();
            let first = flags.first_mut()?;
            // Of profile, EXIF and XMP only what is still there.
            *first &= !0b0010_1100;
            *first |= (u8::from(has_profile) << 5) | (u8::from(has_way) << 3);
            *chunk.content_mut() = RiffContent::Data(Bytes::from(flags));
        }
    }
    let whole = RiffContent::List {
        kind: Some(*b"WEBP"),
        subchunks: kept,
    };
    Some(RiffChunk::new(*b"RIFF", whole).encoder().bytes().to_vec())
}

/// Cleans a frame of an animation, which holds chunks of its own behind its measures.
fn clean_frame(frame: &[u8]) -> Option<Vec<u8>> {
    let (measures, mut rest) = frame.split_at_checked(16)?;
    let mut kept = measures.to_vec();
    while let Some((head, behind)) = rest.split_at_checked(8) {
        let (name, length) = head.split_at(4);
        let length = usize::try_from(u32::from_le_bytes(length.try_into().ok()?)).ok()?;
        let (data, behind) = behind.split_at_checked(length)?;
        if matches!(name, b"ALPH" | b"VP8 " | b"VP8L") {
            kept.extend(head);
            kept.extend(data);
            kept.resize(kept.len().next_multiple_of(2), 0);
        }
        rest = behind.get(length % 2..).unwrap_or_default();
    }
    Some(kept)
}

pub(super) fn gif(bytes: &[u8]) -> Inspected {
    clean_gif(bytes).ok_or_else(|| vec![broken()])
}

fn clean_gif(bytes: &[u8]) -> Option<Vec<u8>> {
    let colours = |packed: u8| {
        if packed & 0x80 == 0 {
            0
        } else {
            3 << ((packed & 7) + 1)
        }
    };
    let mut at = 13 + colours(*bytes.get(10)?);
    let mut kept = bytes.get(..at)?.to_vec();
    let mut has_picture = false;
    loop {
        match *bytes.get(at)? {
            0x3B => break,
            0x2C => {
                let pixels = at + 11 + colours(*bytes.get(at + 9)?);
                let end = end_of_blocks(bytes, pixels)?;
                kept.extend(bytes.get(at..end)?);
                has_picture = true;
                at = end;
            }
            0x21 => {
                let end = end_of_blocks(bytes, at + 2)?;
                let block = bytes.get(at..end)?;
                let is_loop = (block.get(1..14) == Some(b"\xFF\x0BNETSCAPE2.0")
                    && block.len() == 19)
                    || (block.get(1) == Some(&0xF9) && block.len() == 8);
                if is_loop {
                    kept.extend(block);
                }
                at = end;
            }
            _ => return None,
        }
    }
    kept.push(0x3B);
    has_picture.then_some(kept)
}

/// Returns the end of a chain of blocks, each with its length in front, the last one empty.
fn end_of_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}
