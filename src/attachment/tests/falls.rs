//! Whatever is thrown at it: nothing makes it fall, and what was cleaned stays clean.

use lopdf::content::{Content, Operation};
use lopdf::{Document, Object};
use proptest::prelude::*;

use super::inspect;
use super::office::{office, open_document};
use super::pdf::{WORDS, inform, pdf};
use super::pictures::{gif, jpeg, png, telling_exif, webp};

fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let text = Content {
        operations: vec![
            Operation::new("BT", vec![]),
            Operation::new("Tj", vec![Object::string_literal("a")]),
        ],
    };
    vec![
        ("a.pdf", pdf(&format!("{WORDS}q 1 0 0 1 0 0 cm /Form Do /Image Do /Glass Do Q 0 0 9 9 re W* n 1 2 3 4 5 6 c b*"), |document| {
            inform(document, "Title", "Some words");
        })),
        ("a.pdf", pdf(&String::from_utf8(text.encode().unwrap()).unwrap(), Document::compress)),
        ("a.jpg", jpeg(&[(0xE1, &[b"Exif\0\0", &telling_exif(6)[..]].concat()), (0xFE, b"note")])),
        ("a.png", png(&[(b"eXIf", &telling_exif(3)), (b"tEXt", b"a\0b")])),
        ("a.webp", webp(&[(b"VP8X", &[0x28; 10]), (b"ICCP", &[0; 140]), (b"VP8 ", b"pixels"), (b"ANMF", &[0; 30])])),
        ("a.gif", gif(b"!\xFE\x04note\0!\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0")),
        ("a.svg", b"<svg xmlns=\"s\" i:a='b'><g style='fill:url(#a)'><text x='1'>a&amp;b</text></g><!-- c --></svg>".to_vec()),
        ("a.docx", office("word", "document", "<w:document><w:r><w:t>a</w:t></w:r></w:document>", &[("docProps/core.xml", "<a/>")])),
        ("a.odt", open_document("<o><text:p>a</text:p></o>", &[("meta.xml", "<m/>")])),
        ("a.xml", b"<a b='c'>&lt;<![CDATA[d]]></a>".to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_it_fall(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..8)) {
        for (name, bytes) in samples() {
            let mut bytes = bytes;
            for (place, byte, way) in &changes {
                let at = place.index(bytes.len().max(1));
                match way {
                    0 => bytes.insert(at.min(bytes.len()), *byte),
                    1 if !bytes.is_empty() => drop(bytes.remove(at)),
                    2 => bytes.truncate(at.max(8)),
                    _ => if let Some(own) = bytes.get_mut(at) { *own = *byte },
                }
            }
            let _ = inspect(name, bytes);
        }
    }

    #[test]
    fn what_is_cleaned_stays_clean(noise in proptest::collection::vec(any::<u8>(), 0..60), marker in 0xE0_u8..=0xFE) {
        for (name, bytes) in [("a.jpg", jpeg(&[(marker, &noise)])), ("a.png", png(&[(b"zTXt", &noise)])), ("a.gif", [gif(b""), noise.clone()].concat())] {
            if let Ok(cleaned) = inspect(name, bytes) {
                prop_assert_eq!(inspect(name, cleaned.clone()).unwrap(), cleaned);
            }
        }
    }
}
