//! PDF documents: what pages hide, and what lies beside them.

use lopdf::{Dictionary, Document, Object, Stream, dictionary};

use super::pictures::jpeg;
use super::{check, check_clean};
use crate::diag::Code;

/// Returns a PDF of one page with the given operators; `change` may do to it what it likes.
pub(super) fn pdf(operators: &str, change: impl FnOnce(&mut Document)) -> Vec<u8> {
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

pub(super) const WORDS: &str = "BT /F 12 Tf 100 700 Td (Some words that can be read) Tj ET\n";

fn catalogue(document: &mut Document) -> &mut Dictionary {
    document.catalog_mut().unwrap()
}

fn page(document: &mut Document) -> &mut Dictionary {
    let id = document.page_iter().next().unwrap();
    document.get_dictionary_mut(id).unwrap()
}

pub(super) fn inform(document: &mut Document, key: &str, value: &str) {
    let information = document.add_object(dictionary! { key => Object::string_literal(value) });
    document.trailer.set("Info", information);
}

/// Words under sixteen strips, each as high as a line is thick.
fn strips() -> String {
    let strips = (695..711).map(|y| format!("95 {y} 220 1.1 re f"));
    [WORDS.to_owned()]
        .into_iter()
        .chain(strips)
        .collect::<Vec<_>>()
        .join("\n")
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
        ("strips over words", strips(), hidden),
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
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn pdf_holds_nothing_beside_its_pages() {
    let rows: [Change; 20] = [
        (
            "a note",
            |d| {
                annotate(
                    d,
                    dictionary! { "Subtype" => "Text", "Contents" => Object::string_literal("canary") },
                );
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
                );
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
                );
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
                );
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
    // As Microsoft's programs end a file: another list of contents, with nothing in it.
    let start = Document::load_mem(&sound).unwrap().xref_start;
    let at = sound.len() + 1;
    let twice = |list: &str| {
        let root = Document::load_mem(&sound).unwrap().trailer;
        let (root, _) = root.get(b"Root").unwrap().as_reference().unwrap();
        let more = format!(
            "{list}trailer\n<</Size 9/Root {root} 0 R/Prev {start}>>\nstartxref\n{at}\n%%EOF"
        );
        [&sound[..], b"\n", more.as_bytes()].concat()
    };
    check_clean("an empty list", "a.pdf", &twice("xref\n0 0\n"));
    let list = "xref\n1 1\n0000000015 00000 n \n";
    check("a list of something", "a.pdf", &twice(list), revisions);
    // An object that no list names: the bytes alone tell of it.
    let spare = "77 0 obj\n(canary)\nendobj\n";
    let (objects, list) = sound.split_at(start);
    let end = format!("startxref\n{start}\n%%EOF");
    let list = list.strip_suffix(end.as_bytes()).unwrap();
    let end = format!("startxref\n{}\n%%EOF", start + spare.len());
    let unlisted = [objects, spare.as_bytes(), list, end.as_bytes()].concat();
    check(
        "an object that no list names",
        "a.pdf",
        &unlisted,
        revisions,
    );
}
