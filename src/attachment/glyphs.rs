//! How wide letters are, which are blank, and where a picture is transparent. This file must never pass a letter on.

use std::cell::RefCell;
use std::collections::BTreeMap;

use lopdf::{Dictionary, Document, Encoding, Object, Stream};

use crate::attachment::geometry::Point;
use crate::attachment::pdf::LARGEST_STREAM;

/// What is known of a font.
pub(super) struct Font<'d> {
    is_composite: bool,
    /// First code, last code, and the width of each in thousandths.
    widths: Vec<(usize, usize, f64)>,
    otherwise: f64,
    scale: f64,
    encoding: Option<Encoding<'d>>,
    blanks: RefCell<BTreeMap<Vec<u8>, bool>>,
}

impl<'d> Font<'d> {
    pub(super) fn new(document: &'d Document, font: &'d Dictionary) -> Self {
        let follow = |from: &'d Dictionary, key: &[u8]| from.get_deref(key, document).ok();
        let kind = font
            .get(b"Subtype")
            .ok()
            .and_then(|kind| kind.as_name().ok())
            .unwrap_or_default();
        let is_composite = kind == b"Type0";
        let number = |object: &Object| object.as_float().ok().map(f64::from);
        let mut own = Self {
            is_composite,
            widths: Vec::new(),
            otherwise: 500.0,
            scale: 0.001,
            encoding: font
                .get_font_encoding_with_limit(document, LARGEST_STREAM)
                .ok(),
            blanks: RefCell::default(),
        };
        if is_composite {
            let heir =
                follow(font, b"DescendantFonts").and_then(|fonts| fonts.as_array().ok()?.first());
            let heir = heir.and_then(|heir| document.dereference(heir).ok()?.1.as_dict().ok());
            if let Some(heir) = heir {
                own.otherwise = follow(heir, b"DW").and_then(number).unwrap_or(1000.0);
                let items = follow(heir, b"W").and_then(|widths| widths.as_array().ok());
                own.widths = composite_widths(document, items.map_or(&[], Vec::as_slice));
            }
        } else {
            let first = follow(font, b"FirstChar")
                .and_then(|first| first.as_i64().ok())
                .and_then(|first| usize::try_from(first).ok());
            let items = follow(font, b"Widths").and_then(|widths| widths.as_array().ok());
            let codes = first.unwrap_or(0)..;
            own.widths = codes
                .zip(items.into_iter().flatten())
                .filter_map(|(code, item)| {
                    Some((code, code, number(document.dereference(item).ok()?.1)?))
                })
                .collect();
            if kind == b"Type3" {
                let matrix =
                    follow(font, b"FontMatrix").and_then(|matrix| matrix.as_array().ok()?.first());
                own.scale = matrix.and_then(number).unwrap_or(0.001);
            }
        }
        own.widths.sort_by_key(|(first, ..)| *first);
        own
    }

    /// Returns how many bytes a letter takes.
    pub(super) fn code_length(&self) -> usize {
        if self.is_composite { 2 } else { 1 }
    }

    /// Returns the width of a letter, as a share of the size of the font.
    pub(super) fn width(&self, code: &[u8]) -> f64 {
        let code = code
            .iter()
            .fold(0_usize, |sum, byte| sum * 256 + usize::from(*byte));
        let at = self.widths.partition_point(|(first, ..)| *first <= code);
        let width = at
            .checked_sub(1)
            .and_then(|at| self.widths.get(at))
            .filter(|(_, last, _)| code <= *last);
        width.map_or(self.otherwise, |(_, _, width)| *width) * self.scale
    }

    /// Says whether a letter is a space.
    pub(super) fn is_blank(&self, code: &[u8]) -> bool {
        if let Some(known) = self.blanks.borrow().get(code) {
            return *known;
        }
        let text = self
            .encoding
            .as_ref()
            .and_then(|encoding| Document::decode_text(encoding, code).ok());
        let is_blank = match text.as_deref() {
            None | Some("") => !self.is_composite && matches!(code, [b' ' | 0xA0]),
            Some(text) => text.chars().all(|c| c.is_whitespace() || c == '\u{200B}'),
        };
        self.blanks.borrow_mut().insert(code.to_vec(), is_blank);
        is_blank
    }
}

/// Reads `c [w w w]` and `c c w`, one after another.
fn composite_widths(document: &Document, items: &[Object]) -> Vec<(usize, usize, f64)> {
    let number = |object: &Object| object.as_float().ok().map(f64::from);
    let code = |object: &Object| {
        object
            .as_i64()
            .ok()
            .and_then(|code| usize::try_from(code).ok())
    };
    let items: Vec<&Object> = items
        .iter()
        .filter_map(|item| document.dereference(item).ok())
        .map(|(_, item)| item)
        .collect();
    let mut widths = Vec::new();
    let mut rest = items.as_slice();
    loop {
        match rest {
            [first, Object::Array(own), behind @ ..] => {
                if let Some(first) = code(first) {
                    let own = own.iter().map(|item| {
                        document
                            .dereference(item)
                            .ok()
                            .and_then(|(_, item)| number(item))
                    });
                    widths.extend(
                        (first..)
                            .zip(own)
                            .filter_map(|(code, width)| Some((code, code, width?))),
                    );
                }
                rest = behind;
            }
            [first, last, width, behind @ ..] => {
                if let (Some(first), Some(last), Some(width)) =
                    (code(first), code(last), number(width))
                {
                    widths.push((first, last, width));
                }
                rest = behind;
            }
            _ => return widths,
        }
    }
}

/// Where a picture is opaque.
pub(super) struct Mask {
    width: usize,
    height: usize,
    is_bits: bool,
    is_inverted: bool,
    values: Vec<u8>,
}

impl Mask {
    /// Returns the mask of a picture; `None` where it has none, or one that cannot be read: it then counts as opaque.
    pub(super) fn of(document: &Document, picture: &Stream) -> Option<Self> {
        let is_stencil = picture
            .dict
            .get(b"ImageMask")
            .is_ok_and(|own| own.as_bool().unwrap_or(false));
        if is_stencil {
            return Self::read(document, picture, false);
        }
        let mask = |key: &[u8]| {
            picture
                .dict
                .get_deref(key, document)
                .ok()
                .and_then(|mask| mask.as_stream().ok())
        };
        match (mask(b"SMask"), mask(b"Mask")) {
            (Some(soft), _) => Self::read(document, soft, true),
            (None, Some(hard)) => Self::read(document, hard, false),
            (None, None) => None,
        }
    }

    fn read(document: &Document, stream: &Stream, is_soft: bool) -> Option<Self> {
        let number = |key: &[u8]| {
            let object = stream.dict.get_deref(key, document).ok()?;
            usize::try_from(object.as_i64().ok()?).ok()
        };
        let bits = number(b"BitsPerComponent").unwrap_or(1);
        let (width, height) = (number(b"Width")?, number(b"Height")?);
        let decode = stream
            .dict
            .get_deref(b"Decode", document)
            .ok()
            .and_then(|decode| decode.as_array().ok());
        let starts_high = decode.is_some_and(|decode| {
            decode
                .first()
                .and_then(|first| first.as_float().ok())
                .is_some_and(|first| first > 0.5)
        });
        let values = stream
            .decompressed_content_with_limit(LARGEST_STREAM)
            .ok()?;
        let row = if bits == 1 { width.div_ceil(8) } else { width };
        let is_whole = matches!(bits, 1 | 8)
            && width > 0
            && height > 0
            && values.len() >= row.checked_mul(height)?;
        is_whole.then_some(Self {
            width,
            height,
            is_bits: bits == 1,
            // A stencil paints where it is 0, a soft mask where it is 1.
            is_inverted: starts_high == is_soft,
            values,
        })
    }

    /// Returns how opaque the picture is at a place of its unit square, from 0 to 1.
    pub(super) fn at(&self, (x, y): Point) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "the cast goes to the nearest number that fits, and is bounded behind"
        )]
        let place = |share: f64, count: usize| ((share * count as f64) as usize).min(count - 1);
        let (column, row) = (place(x, self.width), place(1.0 - y, self.height));
        let value = if self.is_bits {
            let byte = self
                .values
                .get(row * self.width.div_ceil(8) + column / 8)
                .copied()
                .unwrap_or(0);
            f64::from((byte >> (7 - column % 8)) & 1)
        } else {
            f64::from(
                self.values
                    .get(row * self.width + column)
                    .copied()
                    .unwrap_or(0),
            ) / 255.0
        };
        if self.is_inverted { 1.0 - value } else { value }
    }
}
