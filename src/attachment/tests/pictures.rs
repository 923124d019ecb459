//! Pictures of pixels and drawings: what is written about them goes, and what they show stays.

use super::{check, inspect};
use crate::diag::Code;

/// Returns a JPEG of one pixel, with segments of one's own.
pub(super) fn jpeg(segments: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8];
    let mut push = |marker: u8, contents: &[u8]| {
        bytes.extend([0xFF, marker]);
        bytes.extend(u16::try_from(contents.len() + 2).unwrap().to_be_bytes());
        bytes.extend(contents);
    };
    push(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    for (marker, contents) in segments {
        push(*marker, contents);
    }
    push(0xC0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]);
    push(0xDA, &[1, 1, 0, 0, 63, 0]);
    bytes.extend([0x12, 0xFF, 0x00, 0xFF, 0xD0, 0x34, 0xFF, 0xD9]);
    bytes
}

pub(super) fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    use img_parts::Bytes;
    use img_parts::png::PngChunk;
    let mut bytes = b"\x89PNG\r\n\x1A\n".to_vec();
    let head: &[u8] = &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0];
    let all = [(b"IHDR", head)].into_iter().chain(chunks.iter().copied());
    for (kind, contents) in all.chain([(b"IDAT", &[1_u8, 2][..]), (b"IEND", &[][..])]) {
        let chunk = PngChunk::new(*kind, Bytes::copy_from_slice(contents));
        bytes.extend(chunk.encoder().bytes());
    }
    bytes
}

pub(super) fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut inner = b"WEBP".to_vec();
    for (kind, contents) in chunks {
        inner.extend(*kind);
        inner.extend(u32::try_from(contents.len()).unwrap().to_le_bytes());
        inner.extend(*contents);
        inner.resize(inner.len().next_multiple_of(2), 0);
    }
    [
        b"RIFF",
        &u32::try_from(inner.len()).unwrap().to_le_bytes()[..],
        &inner,
    ]
    .concat()
}

pub(super) fn gif(blocks: &[u8]) -> Vec<u8> {
    let picture = [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 1, 0x44, 0];
    [b"GIF89a\x01\0\x01\0\0\0\0", blocks, &picture, b";"].concat()
}

fn clean(name: &str, bytes: &[u8]) -> Vec<u8> {
    let cleaned = inspect(name, bytes.to_vec()).unwrap();
    let told = String::from_utf8_lossy(&cleaned).to_lowercase();
    assert!(!told.contains("canary"), "{name}: {told}");
    assert_eq!(
        inspect(name, cleaned.clone()).unwrap(),
        cleaned,
        "{name} is clean when cleaned"
    );
    cleaned
}

/// EXIF that tells, with an orientation.
pub(super) fn telling_exif(way: u8) -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0\x02\0".to_vec();
    block.extend(b"\x0E\x01\x02\0\x07\0\0\0\x26\0\0\0");
    block.extend([0x12, 1, 3, 0, 1, 0, 0, 0, way, 0, 0, 0, 0, 0, 0, 0]);
    block.extend(b"canary\0");
    block
}

#[test]
fn photographs_lose_what_is_written_about_them() {
    let plain = jpeg(&[]);
    let rows: [(&str, u8, &[u8]); 8] = [
        ("EXIF", 0xE1, b"Exif\0\0canary"),
        ("XMP", 0xE1, b"http://ns.adobe.com/xap/1.0/\0canary"),
        ("IPTC", 0xED, b"Photoshop 3.0\0canary"),
        ("a comment", 0xFE, b"canary"),
        ("other pictures", 0xE2, b"MPF\0canary"),
        ("FlashPix", 0xE2, b"FPXR\0canary"),
        ("a thumbnail", 0xE0, b"JFXX\0canary"),
        ("what a maker adds", 0xEF, b"canary"),
    ];
    for (what, marker, contents) in rows {
        assert_eq!(
            clean("a.jpg", &jpeg(&[(marker, contents)])),
            plain,
            "{what}"
        );
    }
    assert_eq!(
        clean("a.jpg", &[&plain[..], b"canary"].concat()),
        plain,
        "behind the end"
    );
    let turned = clean(
        "a.JPEG",
        &jpeg(&[(0xE1, &[b"Exif\0\0", &telling_exif(6)[..]].concat())]),
    );
    let own = [b"Exif\0\0", &crate::attachment::exif::block(6)[..]].concat();
    assert!(
        turned.windows(own.len()).any(|part| part == own),
        "a turned photograph stays turned"
    );
    let upright = jpeg(&[(0xE1, &[b"Exif\0\0", &telling_exif(1)[..]].concat())]);
    assert_eq!(
        clean("a.jpg", &upright),
        plain,
        "an upright one needs no word"
    );
    // Comments between the scans of a photograph that loads step by step.
    let end = plain.len() - 2;
    let scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x55];
    let stepwise = [&plain[..end], &scan, &plain[end..]].concat();
    let commented = [&plain[..end], b"\xFF\xFE\0\x08canary", &scan, &plain[end..]].concat();
    assert_eq!(clean("a.jpg", &commented), stepwise, "between scans");
}

#[test]
fn drawings_of_pixels_lose_what_is_written_about_them() {
    let plain = png(&[]);
    for kind in [
        b"tEXt", b"zTXt", b"iTXt", b"tIME", b"eXIf", b"sPLT", b"vpAg", b"caBX",
    ] {
        assert_eq!(clean("a.png", &png(&[(kind, b"canary\0\0")])), plain);
    }
    assert_eq!(clean("a.png", &[&plain[..], b"canary"].concat()), plain);
    let turned = clean("a.png", &png(&[(b"eXIf", &telling_exif(3))]));
    assert_eq!(
        turned,
        png(&[(b"eXIf", &crate::attachment::exif::block(3))])
    );
    let animated = png(&[
        (b"acTL", &[0; 8]),
        (b"fcTL", &[0; 26]),
        (b"fdAT", b"pixels"),
    ]);
    assert_eq!(clean("a.png", &animated), animated);

    let plain = webp(&[(b"VP8X", &[0; 10]), (b"VP8 ", b"pixels")]);
    let telling = webp(&[
        (b"VP8X", &[0b0010_1100, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (b"ICCP", b"canary"),
        (b"VP8 ", b"pixels"),
        (b"EXIF", b"canary"),
        (b"XMP ", b"canary"),
        (b"NOTE", b"canary"),
    ]);
    assert_eq!(clean("a.webp", &telling), plain);
    assert_eq!(clean("a.webp", &[&plain[..], b"canary"].concat()), plain);
    let turned = clean(
        "a.webp",
        &webp(&[
            (b"VP8X", &[8; 10]),
            (b"VP8L", b"pixels"),
            (b"EXIF", &telling_exif(8)),
        ]),
    );
    assert_eq!(
        turned,
        webp(&[
            (b"VP8X", &[8; 10]),
            (b"VP8L", b"pixels"),
            (b"EXIF", &crate::attachment::exif::block(8))
        ])
    );
    let frame = |note: &[u8]| [&[0; 16][..], b"VP8 \x06\0\0\0pixels", note].concat();
    let animated = webp(&[
        (b"VP8X", &[2; 10]),
        (b"ANIM", &[0; 6]),
        (b"ANMF", &frame(b"")),
    ]);
    let noted = webp(&[
        (b"VP8X", &[2; 10]),
        (b"ANIM", &[0; 6]),
        (b"ANMF", &frame(b"NOTE\x06\0\0\0canary")),
    ]);
    assert_eq!(clean("a.webp", &noted), animated);

    let plain = gif(b"");
    assert_eq!(clean("a.gif", &gif(b"!\xFE\x06canary\0")), plain);
    assert_eq!(
        clean("a.gif", &gif(b"!\xFF\x0BXMP DataXMP\x06canary\0")),
        plain
    );
    assert_eq!(clean("a.gif", &gif(b"!\x01\x06canary\0")), plain);
    assert_eq!(clean("a.gif", &[&plain[..], b"canary"].concat()), plain);
    let looping = gif(b"!\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0!\xF9\x04\0\x0A\0\0\0");
    assert_eq!(clean("a.gif", &looping), looping);
}

#[test]
fn colour_profiles_keep_colours_alone() {
    let mut profile = vec![0; 128];
    profile[36..40].copy_from_slice(b"acsp");
    profile[48..54].copy_from_slice(b"canary");
    let tags: [(&[u8; 4], &[u8]); 3] = [
        (b"cprt", b"text\0\0\0\0canary\0\0"),
        (b"rXYZ", b"XYZ \0\0\0\0colours."),
        (b"kTRC", b"text\0\0\0\0canary\0\0"),
    ];
    profile.extend(3_u32.to_be_bytes());
    let mut at = 132 + 36;
    for (name, data) in tags {
        profile.extend(name);
        profile.extend(u32::try_from(at).unwrap().to_be_bytes());
        profile.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        at += data.len();
    }
    profile.extend(tags.iter().flat_map(|(_, data)| *data));
    let cleaned = clean(
        "a.jpg",
        &jpeg(&[(0xE2, &[b"ICC_PROFILE\0\x01\x01", &profile[..]].concat())]),
    );
    assert!(cleaned.windows(8).any(|part| part == b"colours."));
    let cleaned = clean(
        "a.webp",
        &webp(&[
            (b"VP8X", &[0x20; 10]),
            (b"ICCP", &profile),
            (b"VP8 ", b"pixels"),
        ]),
    );
    assert!(cleaned.windows(8).any(|part| part == b"colours."));
}

#[test]
fn drawings_do_nothing_and_hide_nothing() {
    let svg = |inner: &str| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"9\">{inner}</svg>"
        )
    };
    let active = &[Code::FileWithActiveContent];
    let hidden = &[Code::FileWithHiddenText];
    let rows: [(&str, &[Code]); 29] = [
        ("<rect width=\"1\"/><text x=\"1\">read</text>", &[]),
        ("<script>canary</script>", active),
        ("<rect onclick=\"canary\"/>", active),
        ("<foreignObject>canary</foreignObject>", active),
        ("<image href=\"https://canary.example/a.png\"/>", active),
        (
            "<image xlink:href=\"data:image/png;base64,canary\"/>",
            active,
        ),
        ("<use href=\"#a\"/>", &[]),
        ("<use href=\"other.svg#a\"/>", active),
        ("<a href=\"https://canary.example/\">word</a>", active),
        ("<style>@import 'canary';</style>", active),
        (
            "<style>rect{fill:url(https://canary.example)}</style>",
            active,
        ),
        ("<style>rect{fill:url(#a)}</style>", &[]),
        ("<style><![CDATA[rect{fill:red}]]></style>", &[]),
        ("<style>/* canary */</style>", active),
        (
            "<rect style=\"fill:url('https://canary.example')\"/>",
            active,
        ),
        ("<text><![CDATA[canary]]></text>", hidden),
        ("<text display=\"none\">canary</text>", hidden),
        ("<g style=\"display: none\"><text>canary</text></g>", hidden),
        ("<text visibility=\"hidden\">canary</text>", hidden),
        ("<text opacity=\"0\">canary</text>", hidden),
        ("<text style=\"fill-opacity:0.0\">canary</text>", hidden),
        ("<text font-size=\"0\">canary</text>", hidden),
        ("<text fill=\"none\">canary</text>", hidden),
        ("<rect fill=\"none\" fill-opacity=\"0.5\"/>", &[]),
        ("<style>.a{visibility:hidden}</style>", hidden),
        ("<defs><text>canary</text></defs>", hidden),
        ("<text>&canary;</text>", active),
        ("<text>&amp;&#65;</text>", &[]),
        ("<rect><g></rect></g>", &[Code::UnreadableFile]),
    ];
    for (inner, expected) in rows {
        check(inner, "a.svg", svg(inner).as_bytes(), expected);
    }
    let doctype = format!("<!DOCTYPE svg [<!ENTITY canary \"canary\">]>{}", svg(""));
    check("entities", "a.svg", doctype.as_bytes(), active);
    check(
        "no drawing",
        "a.svg",
        b"<html></html>",
        &[Code::UnreadableFile],
    );

    let plain = svg("<rect width=\"1\"/>\n");
    let telling = [
        "<rect width=\"1\"/><!-- canary -->\n",
        "<rect width=\"1\"/><?canary canary?>\n",
        "<rect width=\"1\"/><metadata><rdf:RDF><text>canary</text></rdf:RDF></metadata>\n",
        "<rect width=\"1\"/><sodipodi:namedview id=\"canary\"/>\n",
        "<rect width=\"1\" inkscape:label=\"canary\"/>\n",
        "<rect width=\"1\" data-name=\"canary\"/>\n",
    ];
    for inner in telling {
        assert_eq!(
            String::from_utf8(clean("a.svg", svg(inner).as_bytes())).unwrap(),
            plain
        );
    }
    let spaced = "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:canary=\"canary\"/>";
    assert_eq!(
        clean("a.svg", spaced.as_bytes()),
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"
    );
}
