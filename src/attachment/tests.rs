//! Builds files that must be refused or cleaned, one for each rule, and sound ones that must pass.

use std::io::{Cursor, Write};

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object, Stream, dictionary};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;

use super::inspect;
use crate::diag::Code;

/// Returns the codes of what stands against a file, each once; and sees to it that no secret is told.
fn codes(name: &str, bytes: &[u8]) -> Vec<Code> {
    let Err(refusals) = inspect(name, bytes.to_vec()) else {
        return Vec::new();
    };
    assert!(!refusals.is_empty());
    for refusal in &refusals {
        assert!(
            !refusal.found.to_lowercase().contains("canary"),
            "{refusal:?}"
        );
    }
    let mut codes: Vec<Code> = refusals.into_iter().map(|refusal| refusal.code).collect();
    codes.dedup();
    codes
}

fn check(what: &str, name: &str, bytes: &[u8], expected: &[Code]) {
    assert_eq!(codes(name, bytes), expected, "{what}");
}

fn check_clean(what: &str, name: &str, bytes: &[u8]) {
    let refused = inspect(name, bytes.to_vec()).err();
    assert_eq!(refused, None, "{what}");
}

// ---- PDF ----

/// Returns a PDF of one page with the given operators; `change` may do to it what it likes.
fn pdf(operators: &str, change: impl FnOnce(&mut Document)) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let pages = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier", "Encoding" => "WinAnsiEncoding",
    });
    let content = document.add_object(Stream::new(dictionary! {}, operators.as_bytes().to_vec()));
    let image = document.add_object(Stream::new(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => 1, "Height" => 1, "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8,
        },
        vec![0],
    ));
    let mask = document.add_object(Stream::new(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => 1, "Height" => 1, "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8,
        },
        vec![10],
    ));
    let glass = document.add_object(Stream::new(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => 1, "Height" => 1, "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8,
            "SMask" => mask,
        },
        vec![0],
    ));
    let form = document.add_object(Stream::new(
        dictionary! { "Type" => "XObject", "Subtype" => "Form", "BBox" => vec![0.into(), 0.into(), 500.into(), 50.into()] },
        b"0 0 300 30 re f".to_vec(),
    ));
    let page = document.add_object(dictionary! {
        "Type" => "Page",
        "Parent" => pages,
        "MediaBox" => vec![0.into(), 0.into(), 600.into(), 800.into()],
        "Contents" => content,
        "Resources" => dictionary! {
            "Font" => dictionary! { "F" => font },
            "XObject" => dictionary! { "Image" => image, "Glass" => glass, "Form" => form },
            "ExtGState" => dictionary! { "Thin" => dictionary! { "ca" => 0.2 }, "Half" => dictionary! { "ca" => 0.6 } },
        },
    });
    document.objects.insert(
        pages,
        dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }.into(),
    );
    let catalogue = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalogue);
    change(&mut document);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

const WORDS: &str = "BT /F 12 Tf 100 700 Td (Some words that can be read) Tj ET\n";

fn catalogue(document: &mut Document) -> &mut Dictionary {
    document.catalog_mut().unwrap()
}

fn page(document: &mut Document) -> &mut Dictionary {
    let id = document.page_iter().next().unwrap();
    document.get_dictionary_mut(id).unwrap()
}

fn inform(document: &mut Document, key: &str, value: &str) {
    let information = document.add_object(dictionary! { key => Object::string_literal(value) });
    document.trailer.set("Info", information);
}

#[test]
fn pages_hide_nothing() {
    let hidden = &[Code::FileWithHiddenText];
    let black = "0 g 95 695 220 16 re f\n";
    let rows: [(&str, String, &[Code]); 31] = [
        ("words", WORDS.into(), &[]),
        ("a box over words", format!("{WORDS}{black}"), hidden),
        ("a box under words of another colour", format!("0.8 g 95 695 220 16 re f 0 g {WORDS}"), &[]),
        ("a black box under black words", format!("{black}{WORDS}"), hidden),
        ("a white box over words", format!("{WORDS}1 g 95 695 220 16 re f"), hidden),
        ("a box over a few letters", format!("{WORDS}136 695 36 16 re f"), hidden),
        ("a box beside words", format!("{WORDS}95 720 220 16 re f"), &[]),
        ("a line under words", format!("{WORDS}95 697 220 1 re f"), &[]),
        ("a line through words", format!("{WORDS}95 703 220 1 re f"), &[]),
        ("a frame around words", format!("{WORDS}90 690 240 30 re S"), &[]),
        ("a frame that is filled", format!("{WORDS}90 690 240 30 re 92 692 236 26 re f*"), &[]),
        ("a thick line over words", format!("{WORDS}16 w 95 703 m 300 703 l S"), hidden),
        ("a curved shape over words", format!("{WORDS}90 690 m 90 730 330 730 330 690 c f"), hidden),
        ("strips over words", format!("{WORDS}{}", (0..16).map(|y| format!("95 {} 220 1.1 re f\n", 695 + y)).collect::<String>()), hidden),
        ("a glass box over words", format!("{WORDS}/Thin gs {black}"), &[]),
        ("a dim box over words", format!("{WORDS}/Half gs {black}"), hidden),
        ("a box of glass that was put back", format!("{WORDS}q /Thin gs Q {black}"), hidden),
        ("a picture over words", format!("{WORDS}q 220 0 0 20 95 695 cm /Image Do Q"), hidden),
        ("a picture of glass over words", format!("{WORDS}q 220 0 0 20 95 695 cm /Glass Do Q"), &[]),
        ("a picture in the line over words", format!("{WORDS}q 220 0 0 20 95 695 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \0 EI Q"), hidden),
        ("a form over words", format!("{WORDS}q 1 0 0 1 95 690 cm /Form Do Q"), hidden),
        ("a box that is clipped away", format!("{WORDS}q 0 0 50 50 re W n {black} Q"), &[]),
        ("a shadow around a box with words", format!("{WORDS}q 0 0 600 800 re 95 690 250 20 re W* n 80 680 300 50 re f Q"), &[]),
        ("turned words under a box", "BT /F 12 Tf 0 1 -1 0 300 400 Tm (Some words) Tj ET 285 395 20 100 re f".into(), hidden),
        ("unpainted words", format!("3 Tr {WORDS}"), hidden),
        ("words that only clip", format!("7 Tr {WORDS}"), hidden),
        ("white words on white", format!("1 1 1 rg {WORDS}"), hidden),
        ("white words on a dark cell", format!("0 0 0.5 rg 90 690 240 30 re f 1 g {WORDS}"), &[]),
        ("words beside the page", "BT /F 12 Tf 700 700 Td (Some words) Tj ET".into(), hidden),
        ("words too small", "BT /F 0.4 Tf 100 700 Td (Some words) Tj ET".into(), hidden),
        ("words by other operators under a box", "BT /F 12 Tf 14 TL 100 714 Td [(So) -20 (me)] TJ (words) ' 1 1 (more) \" T* ET 95 660 100 70 re f".into(), hidden),
    ];
    for (what, operators, expected) in rows {
        check(what, "a.pdf", &pdf(&operators, |_| {}), expected);
    }
}

#[test]
fn pages_show_everything_that_is_on_them() {
    let cropped = pdf(WORDS, |document| {
        page(document).set("CropBox", vec![0.into(), 0.into(), 600.into(), 500.into()]);
    });
    check(
        "words that are cropped away",
        "a.pdf",
        &cropped,
        &[Code::FileWithHiddenText],
    );
    let layered = pdf(WORDS, |document| {
        let group = document.add_object(
            dictionary! { "Type" => "OCG", "Name" => Object::string_literal("canary") },
        );
        catalogue(document).set(
            "OCProperties",
            dictionary! { "OCGs" => vec![group.into()], "D" => dictionary! { "OFF" => vec![group.into()] } },
        );
    });
    check(
        "a layer that is off",
        "a.pdf",
        &layered,
        &[Code::FileWithHiddenText],
    );
}

#[test]
fn properties_of_pdf_name_nobody() {
    let metadata = &[Code::FileWithMetadata];
    let rows: [(&str, &str, &[Code]); 13] = [
        ("Author", "Canary", metadata),
        ("Author", "", &[]),
        ("Subject", "Canary", metadata),
        ("Keywords", "canary", metadata),
        ("Company", "Canary", metadata),
        ("Title", "Canary", metadata),
        ("Title", "words that can be READ", &[]),
        ("Producer", "Skia/PDF m120", &[]),
        ("Producer", "Canary Bird", metadata),
        ("Creator", "Microsoft Word - canary.docx", metadata),
        ("Creator", "Microsoft Word for canary@example.org", metadata),
        ("CreationDate", "D:20260130120000+01'00'", &[]),
        ("CreationDate", "canary", metadata),
    ];
    for (key, value, expected) in rows {
        let bytes = pdf(WORDS, |document| inform(document, key, value));
        check(&format!("{key} {value}"), "a.pdf", &bytes, expected);
    }
    let packet = |inner: &str| {
        let packet = format!(
            "<?xpacket begin=\"\" id=\"a\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"r\"><rdf:Description>{inner}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>"
        );
        pdf(WORDS, |document| {
            let stream = Stream::new(
                dictionary! { "Type" => "Metadata", "Subtype" => "XML" },
                packet.into_bytes(),
            );
            let id = document.add_object(stream);
            catalogue(document).set("Metadata", id);
        })
    };
    check_clean(
        "a packet of formats",
        "a.pdf",
        &packet(
            "<pdfuaid:part>1</pdfuaid:part><dc:title><rdf:Alt><rdf:li>Some words</rdf:li></rdf:Alt></dc:title>",
        ),
    );
    check(
        "a packet with an author",
        "a.pdf",
        &packet("<dc:creator><rdf:Seq><rdf:li>Canary</rdf:li></rdf:Seq></dc:creator>"),
        metadata,
    );
    check(
        "a packet with another title",
        "a.pdf",
        &packet("<dc:title>Canary</dc:title>"),
        metadata,
    );
    check(
        "a packet with a comment",
        "a.pdf",
        &packet("<!-- canary -->"),
        metadata,
    );
}

/// A change to a sound PDF, and what it must be refused for.
type Change = (&'static str, fn(&mut Document), Code);

fn annotate(document: &mut Document, annotation: Dictionary) {
    let id = document.add_object(annotation);
    page(document).set("Annots", vec![Object::Reference(id)]);
}

#[test]
fn pdf_holds_nothing_beside_its_pages() {
    let rows: [Change; 20] = [
        (
            "a note",
            |d| {
                annotate(
                    d,
                    dictionary! { "Subtype" => "Text", "Contents" => Object::string_literal("canary") },
                )
            },
            Code::FileWithComments,
        ),
        (
            "a highlight",
            |d| annotate(d, dictionary! { "Subtype" => "Highlight" }),
            Code::FileWithComments,
        ),
        (
            "a pop-up",
            |d| annotate(d, dictionary! { "Subtype" => "Popup" }),
            Code::FileWithComments,
        ),
        (
            "a redaction that is not applied",
            |d| annotate(d, dictionary! { "Subtype" => "Redact" }),
            Code::FileWithHiddenText,
        ),
        (
            "a pinned file",
            |d| annotate(d, dictionary! { "Subtype" => "FileAttachment" }),
            Code::FileWithEmbeddedFiles,
        ),
        (
            "a field",
            |d| annotate(d, dictionary! { "Subtype" => "Widget" }),
            Code::FileWithActiveContent,
        ),
        (
            "a form",
            |d| {
                let field = d.add_object(
                    dictionary! { "FT" => "Tx", "V" => Object::string_literal("canary") },
                );
                catalogue(d).set("AcroForm", dictionary! { "Fields" => vec![field.into()] });
            },
            Code::FileWithActiveContent,
        ),
        (
            "an XFA form",
            |d| {
                catalogue(d).set(
                    "AcroForm",
                    dictionary! { "XFA" => Object::string_literal("canary") },
                )
            },
            Code::FileWithActiveContent,
        ),
        (
            "an attachment",
            |d| {
                let file = d.add_object(Stream::new(
                    dictionary! { "Type" => "EmbeddedFile" },
                    b"canary".to_vec(),
                ));
                catalogue(d).set(
                    "Names",
                    dictionary! { "EmbeddedFiles" => dictionary! { "Names" => vec![file.into()] } },
                );
            },
            Code::FileWithEmbeddedFiles,
        ),
        (
            "a portfolio",
            |d| catalogue(d).set("Collection", dictionary! {}),
            Code::FileWithEmbeddedFiles,
        ),
        (
            "a script",
            |d| {
                catalogue(d).set(
                    "OpenAction",
                    dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("canary") },
                )
            },
            Code::FileWithActiveContent,
        ),
        (
            "a program to start",
            |d| catalogue(d).set("OpenAction", dictionary! { "S" => "Launch" }),
            Code::FileWithActiveContent,
        ),
        (
            "a script of a page",
            |d| page(d).set("AA", dictionary! {}),
            Code::FileWithActiveContent,
        ),
        (
            "a link to a file",
            |d| {
                annotate(
                    d,
                    dictionary! { "Subtype" => "Link", "A" => dictionary! { "S" => "URI", "URI" => Object::string_literal("file:///canary") } },
                )
            },
            Code::FileWithMetadata,
        ),
        (
            "private data",
            |d| page(d).set("PieceInfo", dictionary! { "Canary" => 1 }),
            Code::FileWithMetadata,
        ),
        (
            "a thumbnail",
            |d| {
                let picture = d.add_object(Stream::new(dictionary! {}, vec![0]));
                page(d).set("Thumb", picture);
            },
            Code::FileWithMetadata,
        ),
        (
            "a photograph with a place",
            |d| {
                let photograph = jpeg(&[(0xE1, b"Exif\0\0canary canary canary canary canary")]);
                let picture = d.add_object(Stream::new(
                    dictionary! { "Subtype" => "Image", "Filter" => "DCTDecode" },
                    photograph,
                ));
                page(d).set("Spare", picture);
            },
            Code::FileWithMetadata,
        ),
        (
            "a leftover",
            |d| {
                d.add_object(Stream::new(dictionary! {}, b"BT (canary) Tj ET".to_vec()));
            },
            Code::FileWithRevisions,
        ),
        (
            "words that nothing uses",
            |d| {
                d.add_object(dictionary! { "T" => Object::string_literal("canary") });
            },
            Code::FileWithRevisions,
        ),
        (
            "a deleted page",
            |d| {
                let lost =
                    d.add_object(dictionary! { "Type" => "Page", "Contents" => Object::Null });
                catalogue(d).set("Spare", lost);
            },
            Code::FileWithRevisions,
        ),
    ];
    for (what, change, expected) in rows {
        check(what, "a.pdf", &pdf(WORDS, change), &[expected]);
    }
    let link = dictionary! { "Subtype" => "Link", "A" => dictionary! { "S" => "URI", "URI" => Object::string_literal("https://example.org/") } };
    check_clean(
        "a link",
        "a.pdf",
        &pdf(WORDS, |document| annotate(document, link)),
    );
}

#[test]
fn pdf_holds_nothing_of_before() {
    let sound = pdf(WORDS, |_| {});
    check_clean("as it was made", "a.pdf", &sound);
    let revisions = &[Code::FileWithRevisions];
    check(
        "something behind its end",
        "a.pdf",
        &[&sound[..], b"\ncanary"].concat(),
        revisions,
    );
    check_clean(
        "an empty line behind its end",
        "a.pdf",
        &[&sound[..], b"\n"].concat(),
    );
    // As programs save: the new parts behind the old ones.
    let before = Document::load_mem(&sound).unwrap();
    let mut update = lopdf::IncrementalDocument::create_from(sound.clone(), before);
    update.new_document.add_object(dictionary! { "A" => 1 });
    let mut updated = Vec::new();
    update.save_to(&mut updated).unwrap();
    check("an update", "a.pdf", &updated, revisions);
    // An object that no list names: the bytes alone tell of it.
    let at = sound.windows(4).position(|four| four == b"xref").unwrap();
    let mut unlisted = sound.clone();
    unlisted.splice(at..at, b"77 0 obj\n(canary)\nendobj\n".iter().copied());
    assert!(
        !codes("a.pdf", &unlisted).is_empty(),
        "an object that no list names"
    );
}

#[test]
fn locked_and_broken_files_are_refused() {
    let unreadable = &[Code::UnreadableFile];
    let locked = pdf(WORDS, |document| {
        let lock = document.add_object(dictionary! { "Filter" => "Standard", "V" => 1, "R" => 2 });
        document.trailer.set("Encrypt", lock);
    });
    check("a locked PDF", "a.pdf", &locked, unreadable);
    check("no PDF", "a.pdf", b"%PDF-1.7 canary", unreadable);
    check("a PDF called PNG", "a.png", &pdf(WORDS, |_| {}), unreadable);
    check(
        "a PDF called text",
        "a.txt",
        &pdf(WORDS, |_| {}),
        unreadable,
    );
    check("text called PDF", "a.pdf", b"canary", unreadable);
    check("half a PNG", "a.png", &png(&[])[..40], unreadable);
    check(
        "a JPEG without a picture",
        "a.jpg",
        b"\xFF\xD8\xFF\xD9",
        unreadable,
    );
    check("no ending", "README", b"canary", &[Code::UnknownFileType]);
    for ending in [
        "avif", "heic", "tiff", "bmp", "doc", "xls", "ppt", "rtf", "docm", "xlsm", "zip", "7z",
        "gz", "html", "mp4", "mp3", "woff2", "eml", "xyz", "js",
    ] {
        check(
            ending,
            &format!("a.{ending}"),
            b"canary",
            &[Code::UnknownFileType],
        );
    }
}

// ---- pictures ----

/// Returns a JPEG of one pixel, with segments of one's own.
fn jpeg(segments: &[(u8, &[u8])]) -> Vec<u8> {
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

fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
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

fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
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

fn gif(blocks: &[u8]) -> Vec<u8> {
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
fn telling_exif(way: u8) -> Vec<u8> {
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
    let own = [b"Exif\0\0", &super::exif::block(6)[..]].concat();
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
    assert_eq!(turned, png(&[(b"eXIf", &super::exif::block(3))]));
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
            (b"EXIF", &super::exif::block(8))
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

#[test]
fn texts_pass_as_they_are_or_not_at_all() {
    for ending in ["txt", "csv", "tsv", "json", "vtt", "srt", "ics", "xml"] {
        check_clean(
            ending,
            &format!("a.{ending}"),
            "<a>Zażółć</a>\r\n".as_bytes(),
        );
    }
    check("Latin-1", "a.csv", b"R\xE9union", &[Code::UnreadableFile]);
    let hidden = &[Code::FileWithHiddenText];
    check("a zero", "a.txt", b"a\0canary", hidden);
    check("turned text", "a.txt", "a\u{202E}canary".as_bytes(), hidden);
    check(
        "a comment",
        "a.xml",
        b"<a><!-- canary --></a>",
        &[Code::FileWithComments],
    );
    check(
        "entities",
        "a.xml",
        b"<!DOCTYPE a [<!ENTITY b 'canary'>]><a/>",
        &[Code::FileWithActiveContent],
    );
    check(
        "broken XML",
        "a.xml",
        b"<a><b></a>",
        &[Code::UnreadableFile],
    );
}

// ---- office files ----

/// Returns an archive of parts.
fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in parts {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(part.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Returns a file of Microsoft's family: its main part, and others to which the main part leads.
fn office(folder: &str, main: &str, inner: &str, others: &[(&str, &str)]) -> Vec<u8> {
    let mut relations = String::from("<Relationships>");
    for (name, _) in others {
        relations += &format!("<Relationship Type=\"t\" Target=\"/{name}\"/>");
    }
    relations += "</Relationships>";
    let root = format!(
        "<Relationships><Relationship Type=\"t\" Target=\"{folder}/{main}.xml\"/></Relationships>"
    );
    let own = format!("{folder}/{main}.xml");
    let rels = format!("{folder}/_rels/{main}.xml.rels");
    let mut parts = vec![
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", &root),
        (&own, inner),
        (&rels, &relations),
    ];
    parts.extend(others);
    archive(&parts)
}

#[test]
fn office_files_of_one_family() {
    let (comments, revisions) = (Code::FileWithComments, Code::FileWithRevisions);
    let (hidden, metadata) = (Code::FileWithHiddenText, Code::FileWithMetadata);
    let (embedded, active) = (Code::FileWithEmbeddedFiles, Code::FileWithActiveContent);
    let words: [(&str, Option<Code>); 14] = [
        ("<w:p><w:r><w:t>Words</w:t></w:r></w:p>", None),
        (
            "<w:ins w:author=\"canary\"><w:r><w:t>a</w:t></w:r></w:ins>",
            Some(revisions),
        ),
        (
            "<w:del><w:r><w:delText>canary</w:delText></w:r></w:del>",
            Some(revisions),
        ),
        ("<w:moveFrom>canary</w:moveFrom>", Some(revisions)),
        (
            "<w:pPr><w:pPrChange w:author=\"canary\"/></w:pPr>",
            Some(revisions),
        ),
        (
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t>canary</w:t></w:r>",
            Some(hidden),
        ),
        (
            "<w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>a</w:t></w:r>",
            None,
        ),
        ("<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr></w:p>", None),
        (
            "<w:r><w:rPr><w:sz w:val=\"2\"/></w:rPr><w:t>canary</w:t></w:r>",
            Some(hidden),
        ),
        (
            "<w:r><w:instrText>INCLUDETEXT canary.docx</w:instrText></w:r>",
            Some(active),
        ),
        ("<w:altChunk r:id=\"a\"/>", Some(embedded)),
        (
            "<w:r><w:pict><v:cNvPr hidden=\"1\"/></w:pict></w:r>",
            Some(hidden),
        ),
        ("<!-- canary -->", Some(Code::UnreadableFile)),
        ("<w:p>&canary;</w:p>", Some(Code::UnreadableFile)),
    ];
    for (inner, expected) in words {
        let main = format!("<w:document xmlns:w=\"w\">{inner}</w:document>");
        check(
            inner,
            "a.docx",
            &office("word", "document", &main, &[]),
            expected.as_slice(),
        );
    }
    let main = "<w:document><w:p><w:r><w:t>The Minutes</w:t></w:r></w:p></w:document>";
    let others: [(&str, &str, Option<Code>); 27] = [
        (
            "word/comments.xml",
            "<w:comments><w:comment w:author=\"canary\"/></w:comments>",
            Some(comments),
        ),
        ("word/comments.xml", "<w:comments/>", None),
        (
            "word/people.xml",
            "<w15:people><w15:person w15:author=\"canary\"/></w15:people>",
            Some(comments),
        ),
        (
            "word/settings.xml",
            "<w:settings><w:rsids><w:rsid w:val=\"1\"/></w:rsids></w:settings>",
            None,
        ),
        (
            "word/settings.xml",
            "<w:settings><w:docVars><w:docVar w:val=\"canary\"/></w:docVars></w:settings>",
            Some(metadata),
        ),
        ("word/vbaProject.bin", "canary", Some(active)),
        ("word/activeX/activeX1.xml", "<a/>", Some(active)),
        ("word/embeddings/sheet.xlsx", "canary", Some(embedded)),
        ("word/media/film.mp4", "canary", Some(embedded)),
        ("word/media/image1.emf", "canary", Some(embedded)),
        ("word/glossary/document.xml", "<a/>", Some(hidden)),
        ("docProps/thumbnail.jpeg", "canary", Some(metadata)),
        (
            "docProps/core.xml",
            "<cp><dc:creator>Canary</dc:creator></cp>",
            Some(metadata),
        ),
        (
            "docProps/core.xml",
            "<cp><dc:creator/><cp:revision>3</cp:revision></cp>",
            None,
        ),
        (
            "docProps/core.xml",
            "<cp><cp:lastModifiedBy>Canary</cp:lastModifiedBy></cp>",
            Some(metadata),
        ),
        (
            "docProps/core.xml",
            "<cp><cp:keywords>canary</cp:keywords></cp>",
            Some(metadata),
        ),
        (
            "docProps/core.xml",
            "<cp><dc:title>Canary</dc:title></cp>",
            Some(metadata),
        ),
        (
            "docProps/core.xml",
            "<cp><dc:title>the minutes</dc:title></cp>",
            None,
        ),
        (
            "docProps/app.xml",
            "<p><Company>Canary</Company></p>",
            Some(metadata),
        ),
        (
            "docProps/app.xml",
            "<p><Template>canary.dotx</Template></p>",
            Some(metadata),
        ),
        (
            "docProps/app.xml",
            "<p><Application>Microsoft Office Word</Application><Template>Normal.dotm</Template></p>",
            None,
        ),
        (
            "docProps/custom.xml",
            "<p><property name=\"canary\"/></p>",
            Some(metadata),
        ),
        ("customXml/item1.xml", "<b:Sources xmlns:b=\"b\"/>", None),
        (
            "customXml/item1.xml",
            "<canary>canary</canary>",
            Some(metadata),
        ),
        (
            "word/_rels/settings.xml.rels",
            "<r><Relationship Type=\"a/attachedTemplate\" TargetMode=\"External\" Target=\"file:///C:/canary.dotx\"/></r>",
            Some(metadata),
        ),
        (
            "word/_rels/settings.xml.rels",
            "<r><Relationship Type=\"a/image\" TargetMode=\"External\" Target=\"https://canary.example\"/></r>",
            Some(active),
        ),
        (
            "word/_rels/settings.xml.rels",
            "<r><Relationship Type=\"a/hyperlink\" TargetMode=\"External\" Target=\"https://example.org\"/></r>",
            None,
        ),
    ];
    for (name, part, expected) in others {
        check(
            name,
            "a.docx",
            &office("word", "document", main, &[(name, part)]),
            expected.as_slice(),
        );
    }
    let styled = "<w:document><w:r><w:rPr><w:rStyle w:val=\"Mine\"/></w:rPr><w:t>canary</w:t></w:r></w:document>";
    let styles =
        "<w:styles><w:style w:styleId=\"Mine\"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>";
    check(
        "a style that hides",
        "a.docx",
        &office("word", "document", styled, &[("word/styles.xml", styles)]),
        &[hidden],
    );
    check_clean(
        "a style that nobody uses",
        "a.docx",
        &office("word", "document", main, &[("word/styles.xml", styles)]),
    );

    let book = |inner: &str| format!("<workbook><sheets>{inner}</sheets></workbook>");
    let sheet = "<worksheet><sheetData><row><c r=\"A1\"><v>1</v></c></row></sheetData></worksheet>";
    let tables: [(&str, &str, &str, Option<Code>); 16] = [
        ("<sheet/>", "xl/worksheets/sheet1.xml", sheet, None),
        (
            "<sheet/><sheet name=\"canary\" state=\"hidden\"/>",
            "xl/worksheets/sheet1.xml",
            sheet,
            Some(hidden),
        ),
        (
            "<sheet name=\"canary\" state=\"veryHidden\"/>",
            "xl/worksheets/sheet1.xml",
            sheet,
            Some(hidden),
        ),
        (
            "<definedName name=\"canary\" hidden=\"1\">canary</definedName>",
            "xl/worksheets/sheet1.xml",
            sheet,
            Some(hidden),
        ),
        (
            "<definedName name=\"_xlnm._FilterDatabase\" hidden=\"1\"/>",
            "xl/worksheets/sheet1.xml",
            sheet,
            None,
        ),
        (
            "<absPath url=\"C:\\canary\"/>",
            "xl/worksheets/sheet1.xml",
            sheet,
            Some(metadata),
        ),
        (
            "",
            "xl/worksheets/sheet1.xml",
            "<w><row hidden=\"1\"><c r=\"A1\"><v>1</v></c></row></w>",
            Some(hidden),
        ),
        (
            "",
            "xl/worksheets/sheet1.xml",
            "<w><row hidden=\"1\"/></w>",
            None,
        ),
        (
            "",
            "xl/worksheets/sheet1.xml",
            "<w><cols><col min=\"28\" max=\"28\" hidden=\"1\"/></cols><row><c r=\"AB1\"><v>1</v></c></row></w>",
            Some(hidden),
        ),
        (
            "",
            "xl/worksheets/sheet1.xml",
            "<w><cols><col min=\"2\" max=\"9\" hidden=\"1\"/></cols><row><c r=\"A1\"><v>1</v></c></row></w>",
            None,
        ),
        (
            "",
            "xl/comments1.xml",
            "<comments><comment>canary</comment></comments>",
            Some(comments),
        ),
        (
            "",
            "xl/threadedComments/threadedComment1.xml",
            "<T><threadedComment>canary</threadedComment></T>",
            Some(comments),
        ),
        (
            "",
            "xl/pivotCache/pivotCacheRecords1.xml",
            "<a/>",
            Some(hidden),
        ),
        (
            "",
            "xl/externalLinks/externalLink1.xml",
            "<a/>",
            Some(hidden),
        ),
        (
            "",
            "xl/styles.xml",
            "<s><numFmt formatCode=\";;;\"/></s>",
            Some(hidden),
        ),
        (
            "",
            "xl/printerSettings/printerSettings1.bin",
            "canary",
            Some(metadata),
        ),
    ];
    for (inner, name, part, expected) in tables {
        check(
            &format!("{inner} {part}"),
            "a.xlsx",
            &office("xl", "workbook", &book(inner), &[(name, part)]),
            expected.as_slice(),
        );
    }

    let slides: [(&str, &str, Option<Code>); 6] = [
        (
            "ppt/slides/slide1.xml",
            "<p:sld><a:t>Words</a:t></p:sld>",
            None,
        ),
        (
            "ppt/slides/slide1.xml",
            "<p:sld show=\"0\"><a:t>canary</a:t></p:sld>",
            Some(hidden),
        ),
        (
            "ppt/notesSlides/notesSlide1.xml",
            "<p:notes><a:t>canary</a:t></p:notes>",
            Some(comments),
        ),
        (
            "ppt/notesSlides/notesSlide1.xml",
            "<p:notes><a:fld><a:t>1</a:t></a:fld></p:notes>",
            None,
        ),
        (
            "ppt/comments/comment1.xml",
            "<p:cmLst><p:cm>canary</p:cm></p:cmLst>",
            Some(comments),
        ),
        ("ppt/changesInfos/changesInfo1.xml", "<a/>", Some(revisions)),
    ];
    for (name, part, expected) in slides {
        check(
            part,
            "a.pptx",
            &office("ppt", "presentation", "<p/>", &[(name, part)]),
            expected.as_slice(),
        );
    }
}

#[test]
fn archives_hold_nothing_but_their_parts() {
    let main = "<w:document/>";
    let sound = office("word", "document", main, &[]);
    let revisions = &[Code::FileWithRevisions];
    check_clean("as it was made", "a.docx", &sound);
    check(
        "behind its end",
        "a.docx",
        &[&sound[..], b"canary"].concat(),
        revisions,
    );
    let mut lost = vec![
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", "<Relationships/>"),
    ];
    lost.push(("word/document.xml", main));
    check(
        "a part that nothing uses",
        "a.docx",
        &archive(&lost),
        revisions,
    );
    check(
        "a sheet called a text",
        "a.docx",
        &office("xl", "workbook", "<a/>", &[]),
        &[Code::UnreadableFile],
    );
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.set_comment("canary").unwrap();
    writer
        .start_file("mimetype", SimpleFileOptions::default())
        .unwrap();
    let commented = writer.finish().unwrap().into_inner();
    check("a comment of the archive", "a.odt", &commented, revisions);
    // Bytes between two parts, with all offsets mended by hand: the first part grows, and nobody tells of it.
    assert_ne!(
        codes("a.docx", &[b"PK\x03\x04canary", &sound[..]].concat()),
        []
    );
    let telling = String::from_utf8_lossy(&jpeg(&[])).into_owned();
    assert!(
        !codes(
            "a.docx",
            &office(
                "word",
                "document",
                main,
                &[("word/media/image1.jpeg", &telling)]
            )
        )
        .is_empty()
    );
    // A part that unpacks to more than there can be.
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    writer.start_file("word/document.xml", packed).unwrap();
    for _ in 0..70 {
        writer.write_all(&vec![b' '; 1024 * 1024]).unwrap();
    }
    check(
        "a bomb",
        "a.docx",
        &writer.finish().unwrap().into_inner(),
        &[Code::UnreadableFile],
    );
}

fn open_document(content: &str, others: &[(&str, &str)]) -> Vec<u8> {
    let mut manifest = String::from("<manifest><file-entry full-path=\"content.xml\"/>");
    for (name, _) in others {
        manifest += &format!("<file-entry full-path=\"{name}\"/>");
    }
    manifest += "</manifest>";
    let mut parts = vec![("mimetype", "application/vnd.oasis.opendocument.text")];
    parts.extend([
        ("META-INF/manifest.xml", manifest.as_str()),
        ("content.xml", content),
    ]);
    parts.extend(others);
    archive(&parts)
}

#[test]
fn office_files_of_the_other_family() {
    let (comments, revisions) = (Code::FileWithComments, Code::FileWithRevisions);
    let (hidden, metadata) = (Code::FileWithHiddenText, Code::FileWithMetadata);
    let (embedded, active) = (Code::FileWithEmbeddedFiles, Code::FileWithActiveContent);
    let rows: [(&str, Option<Code>); 22] = [
        ("<text:p>Words</text:p>", None),
        (
            "<text:a xlink:href=\"https://example.org\">Words</text:a>",
            None,
        ),
        (
            "<text:a xlink:href=\"file:///canary\">Words</text:a>",
            Some(metadata),
        ),
        (
            "<draw:image xlink:href=\"https://canary.example\"/>",
            Some(active),
        ),
        (
            "<text:tracked-changes><text:changed-region>canary</text:changed-region></text:tracked-changes>",
            Some(revisions),
        ),
        ("<text:tracked-changes/>", None),
        (
            "<office:annotation>canary</office:annotation>",
            Some(comments),
        ),
        ("<text:hidden-text>canary</text:hidden-text>", Some(hidden)),
        (
            "<text:hidden-paragraph>canary</text:hidden-paragraph>",
            Some(hidden),
        ),
        (
            "<text:section text:display=\"none\">canary</text:section>",
            Some(hidden),
        ),
        (
            "<style:text-properties text:display=\"none\"/>",
            Some(hidden),
        ),
        (
            "<style:table-properties table:display=\"false\"/>",
            Some(hidden),
        ),
        ("<style:table-properties table:display=\"true\"/>", None),
        (
            "<style:drawing-page-properties presentation:visibility=\"hidden\"/>",
            Some(hidden),
        ),
        ("<draw:layer draw:display=\"none\"/>", Some(hidden)),
        (
            "<table:table-row table:visibility=\"collapse\"><text:p>canary</text:p></table:table-row>",
            Some(hidden),
        ),
        (
            "<table:table-row table:visibility=\"collapse\"/><text:p>Words</text:p>",
            None,
        ),
        (
            "<table:table-column table:visibility=\"collapse\"/>",
            Some(hidden),
        ),
        (
            "<presentation:notes><text:p>canary</text:p></presentation:notes>",
            Some(comments),
        ),
        ("<presentation:notes><text:p/></presentation:notes>", None),
        ("<office:script/>", Some(active)),
        ("<draw:object xlink:href=\"./Object 1\"/>", Some(embedded)),
    ];
    for (inner, expected) in rows {
        let content = format!("<office:document-content>{inner}</office:document-content>");
        check(
            inner,
            "a.odt",
            &open_document(&content, &[]),
            expected.as_slice(),
        );
    }
    let content = "<o><text:p>The Minutes</text:p></o>";
    let others: [(&str, &str, Option<Code>); 16] = [
        (
            "meta.xml",
            "<m><meta:generator>LibreOffice/24.2</meta:generator><dc:date>2026-01-30</dc:date></m>",
            None,
        ),
        (
            "meta.xml",
            "<m><meta:initial-creator>Canary</meta:initial-creator></m>",
            Some(metadata),
        ),
        (
            "meta.xml",
            "<m><dc:creator>Canary</dc:creator></m>",
            Some(metadata),
        ),
        (
            "meta.xml",
            "<m><dc:title>Canary</dc:title></m>",
            Some(metadata),
        ),
        ("meta.xml", "<m><dc:title>Minutes</dc:title></m>", None),
        (
            "meta.xml",
            "<m><meta:template xlink:title=\"canary\"/></m>",
            Some(metadata),
        ),
        (
            "meta.xml",
            "<m><meta:user-defined>canary</meta:user-defined></m>",
            Some(metadata),
        ),
        (
            "settings.xml",
            "<s><config:config-item config:name=\"PrinterName\">canary</config:config-item></s>",
            Some(metadata),
        ),
        (
            "settings.xml",
            "<s><config:config-item config:name=\"PrinterName\"/></s>",
            None,
        ),
        ("Thumbnails/thumbnail.png", "canary", Some(metadata)),
        ("Basic/script-lc.xml", "<a/>", Some(active)),
        ("Object 1/content.xml", "<a/>", Some(embedded)),
        ("Versions/Version1", "canary", Some(revisions)),
        ("Pictures/1.png", "canary", Some(embedded)),
        ("META-INF/documentsignatures.xml", "<a/>", Some(metadata)),
        ("META-INF/manifest2.xml", "<a><encryption-data/></a>", None),
    ];
    for (name, part, expected) in others {
        let codes = codes("a.odt", &open_document(content, &[(name, part)]));
        match expected {
            Some(expected) => assert!(codes.contains(&expected), "{name} {part}: {codes:?}"),
            None => assert_eq!(codes, [], "{name} {part}"),
        }
    }
    let parts = [
        ("mimetype", "application/vnd.oasis.opendocument.text"),
        ("content.xml", content),
    ];
    let with = |manifest| archive(&[parts[0], ("META-INF/manifest.xml", manifest), parts[1]]);
    let locked = "<m><e full-path=\"content.xml\"><encryption-data/></e></m>";
    check("locked", "a.odt", &with(locked), &[Code::UnreadableFile]);
    check(
        "a part that nothing lists",
        "a.odt",
        &with("<m/>"),
        &[revisions],
    );
}

// ---- nothing that is thrown at it makes it fall ----

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
        ("a.pdf", pdf(&String::from_utf8(text.encode().unwrap()).unwrap(), |document| document.compress())),
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
