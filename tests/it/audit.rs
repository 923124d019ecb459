//! The audit: planted leaks of every kind are found, each with its place and its source and without a word of it; and nothing is
//! found where nothing is.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::Value;

use crate::support::{Run, TODAY, build, clerestory, put, run_command, site, temporary};

const CONFIG: &str = r#"[site]
title = "A fictional centre"
base_url = "https://example.org/centre/"
languages = ["en", "fr"]
[meetings]
kinds = ["plenary"]
[topics]
audit = "Audit"
"#;

/// A meeting with a block (lines 14 to 16) and words in a line (line 19), a withheld item of the agenda (line 6).
const MEETING: &str = r#"+++
title = "Fictional meeting"
date = 2026-01-30
kind = "plenary"
topics = ["audit"]
agenda = ["Opening", { confidential = "Marigoldplan for 2031", ground = "commercial", until = 2027-03-31 }]
attachments = ["table.csv", { confidential = { file = "annex.csv", title = "Juniperannex" }, ground = "commercial", until = 2027-03-31 }]
+++

The members spoke about the table and agreed to meet again in spring.

::: confidential ground="commercial" until="2027-03-31"

The Canarycorp bid of €4,735,000 fell behind that of Zwölfmann & Söhne,
whose saffronwork in Thessaloníki (Θεσσαλονίκης) was much cheaper: about 17 units.
The members agreed to speak again.
:::

Its price was :confidential[Quetzalmark]{ground="commercial" until="2027-03-31"} at the time.
"#;

const FRENCH: &str = r#"+++
title = "Réunion fictive"
agenda = ["Ouverture", { confidential = "Plan Souci pour 2031", ground = "commercial", until = 2027-03-31 }]
attachments = ["table.csv", { confidential = { file = "annex.csv", title = "Annexegenévrier" }, ground = "commercial", until = 2027-03-31 }]
+++

Les membres ont parlé du tableau.

::: confidential ground="commercial" until="2027-03-31"
L'offre de Pamplemoussier était trop chère.
:::

Son prix était de :confidential[Quetzalprix]{ground="commercial" until="2027-03-31"}.
"#;

const CLOSED: &str = r#"+++
title = "Vermilionproject"
date = 2026-02-12
kind = "plenary"

[confidential]
ground = "security"
until = 2027-03-31
+++

All about Obsidianworks.
"#;

const MEMBER: &str = r#"name = "Example Models"
status = "member"
website = { confidential = "https://peridot.example/", ground = "commercial", until = 2027-03-31 }
models = ["Model One", { confidential = "Turmalinmodel", ground = "trade-secret", until = 2027-03-31 }]
# A note of the author's: not withheld, and never published.
"#;

/// Writes the site, builds it and says where.
fn built(here: &Path) -> Run {
    let root = here.join("site");
    put(&root.join("clerestory.toml"), CONFIG);
    put(
        &root.join("content/index.md"),
        "+++\ntitle = \"Home\"\n+++\n\nA fictional centre.\n",
    );
    let meeting = root.join("content/meetings/2026-01-30-first");
    put(&meeting.join("index.md"), MEETING);
    put(&meeting.join("index.fr.md"), FRENCH);
    put(&meeting.join("table.csv"), "name,number\nOne,1\n");
    put(
        &meeting.join("annex.csv"),
        "name,units\nPeriwinkle figures,77123\n",
    );
    put(&root.join("content/meetings/2026-02-12-plenary.md"), CLOSED);
    put(&root.join("content/members/example.toml"), MEMBER);
    build(&root, here, "--format json")
}

fn audit(here: &Path, arguments: &str) -> Run {
    run_command(
        clerestory(here)
            .args(["audit", "public", "--today", TODAY, "--root", "site"])
            .args(arguments.split_whitespace()),
    )
}

/// Returns the diagnostics of a run.
fn told(run: &Run) -> Vec<Value> {
    let lines = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    lines
        .filter(|line: &Value| line.get("summary").is_none())
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory takes bytes");
    encoder.finish().expect("memory takes bytes")
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory takes bytes");
    encoder.finish().expect("memory takes bytes")
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    brotli::CompressorWriter::new(&mut packed, 4096, 9, 20)
        .write_all(bytes)
        .expect("memory takes bytes");
    packed
}

fn base64(bytes: &[u8], alphabet: &str) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_usize, |bits, byte| (bits << 8) | usize::from(*byte))
            << (8 * (3 - chunk.len()));
        for index in 0..=chunk.len() {
            text.push(alphabet[(bits >> (18 - 6 * index)) & 63]);
        }
    }
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

const STANDARD: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FOR_ADDRESSES: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn percent(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |text, byte| format!("{text}%{byte:02X}"))
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let bytes = |unit: u16| {
        if big {
            unit.to_be_bytes()
        } else {
            unit.to_le_bytes()
        }
    };
    text.encode_utf16().flat_map(bytes).collect()
}

/// An image with a segment of metadata: marker, text.
fn jpeg(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2)
        .expect("small")
        .to_be_bytes();
    let mut image = vec![0xFF, 0xD8, 0xFF, marker, length[0], length[1]];
    image.extend_from_slice(content);
    image.extend_from_slice(&[0xFF, 0xDA, 0, 2, 0x3F, 0xFF, 0xD9]);
    image
}

fn png(kind: &str, content: &[u8]) -> Vec<u8> {
    let mut image = b"\x89PNG\r\n\x1a\n".to_vec();
    image.extend_from_slice(&u32::try_from(content.len()).expect("small").to_be_bytes());
    image.extend_from_slice(kind.as_bytes());
    image.extend_from_slice(content);
    image.extend_from_slice(b"aB3x");
    image
}

fn office(name: &str, text: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive
        .start_file(name, options)
        .expect("memory takes files");
    archive
        .write_all(text.as_bytes())
        .expect("memory takes bytes");
    archive.finish().expect("memory takes files").into_inner()
}

fn pdf(content: &str, is_packed: bool, info: &[u8]) -> Vec<u8> {
    use lopdf::{Document, Object, Stream, dictionary};
    let mut document = Document::with_version("1.5");
    let pages = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
    });
    let resources = document.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
    let content = document.add_object(Stream::new(dictionary! {}, content.as_bytes().to_vec()));
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => resources,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    });
    document.objects.insert(
        pages,
        Object::Dictionary(
            dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 },
        ),
    );
    let catalogue = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalogue);
    if !info.is_empty() {
        let info = document.add_object(dictionary! {
            "Subject" => Object::String(info.to_vec(), lopdf::StringFormat::Hexadecimal),
        });
        document.trailer.set("Info", info);
    }
    if is_packed {
        document.compress();
    }
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("memory takes bytes");
    bytes
}

/// A leak: what it shows, the file that it stands in, its bytes, a word of how it is seen, the source and its lines.
type Plant = (
    &'static str,
    &'static str,
    Vec<u8>,
    &'static str,
    &'static str,
);

const BLOCK: &str = "2026-01-30-first/index.md, lines 13 to 16";
const INLINE: &str = "2026-01-30-first/index.md, line 19";
const ITEM: &str = "2026-01-30-first/index.md, line 6";
const ATTACHED: &str = "2026-01-30-first/index.md, line 7";

#[expect(clippy::too_many_lines, reason = "a list of leaks, one after another")]
fn plants() -> Vec<Plant> {
    let name = "Canarycorp";
    let html = |text: &str| format!("<!doctype html><title>x</title><p>{text}</p>").into_bytes();
    let page = "leak/index.html";
    let text = |text: &str| text.as_bytes().to_vec();
    let mut wide = vec![0xFF, 0xFE];
    wide.extend(utf16("about Canarycorp", false));
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x9c\x9c\x01\0".to_vec();
    exif.extend(utf16(name, false));
    let sentence = "The members agreed to speak again.";
    vec![
        ("a name in a page", page, html(name), "its text", BLOCK),
        (
            "in other letters",
            page,
            html("CANARYCORP"),
            "its text",
            BLOCK,
        ),
        (
            "a run of public words",
            page,
            html("<em>the members agreed</em> to speak again"),
            "its text",
            BLOCK,
        ),
        ("a figure", page, html("4735000"), "its text", BLOCK),
        (
            "a figure with other separators",
            page,
            html("4 735 000"),
            "its text",
            BLOCK,
        ),
        (
            "a small figure with its unit",
            page,
            html("17 units"),
            "its text",
            BLOCK,
        ),
        (
            "an ordinary word",
            page,
            html("saffronwork"),
            "its text",
            BLOCK,
        ),
        (
            "a word with an accent",
            page,
            html("Thessaloníki"),
            "its text",
            BLOCK,
        ),
        (
            "a word with a combining accent",
            page,
            html("Thessaloni\u{301}ki"),
            "its text",
            BLOCK,
        ),
        (
            "a word as an address has it",
            page,
            html("thessaloniki"),
            "its text",
            BLOCK,
        ),
        (
            "wide letters",
            page,
            html("Ｃａｎａｒｙｃｏｒｐ"),
            "its text",
            BLOCK,
        ),
        (
            "soft hyphens",
            page,
            html("Canary\u{AD}corp"),
            "its text",
            BLOCK,
        ),
        (
            "invisible characters",
            page,
            html("Canary\u{200B}cor\u{2060}p"),
            "its text",
            BLOCK,
        ),
        (
            "decimal references",
            page,
            html("&#67;anarycorp"),
            "its text",
            BLOCK,
        ),
        (
            "hexadecimal references",
            page,
            html("Canary&#x63;orp"),
            "its text",
            BLOCK,
        ),
        (
            "named references",
            page,
            html("Zw&ouml;lfmann"),
            "its text",
            BLOCK,
        ),
        (
            "references within references",
            page,
            html("&amp;#67;anarycorp"),
            "escapes",
            BLOCK,
        ),
        (
            "letters in tags of their own",
            page,
            html("<b>C</b>anary<i>corp</i>"),
            "its text",
            BLOCK,
        ),
        (
            "a word with a comment in it",
            page,
            html("Canary<!-- x -->corp"),
            "its text",
            BLOCK,
        ),
        (
            "a comment",
            page,
            html("<!-- Canarycorp -->"),
            "an attribute or comment",
            BLOCK,
        ),
        (
            "an attribute",
            page,
            html("<a data-x=\"Canarycorp\">x</a>"),
            "an attribute or comment",
            BLOCK,
        ),
        (
            "an attribute with references",
            page,
            html("<a title='Canary&#99;orp'>"),
            "an attribute or comment",
            BLOCK,
        ),
        (
            "an address in a page",
            page,
            html("<a href='/?q=Zw%C3%B6lfmann'>x</a>"),
            "an attribute or comment",
            BLOCK,
        ),
        (
            "percent-encoding",
            "leak/x.txt",
            percent(name).into_bytes(),
            "its text",
            BLOCK,
        ),
        (
            "percent-encoding twice",
            "leak/x.txt",
            text("%2543anarycorp"),
            "escapes",
            BLOCK,
        ),
        (
            "JSON",
            "data/leak.json",
            text("{\"x\":\"of\\nCanarycorp\"}"),
            "its text",
            BLOCK,
        ),
        (
            "JSON with escapes",
            "data/leak.json",
            text("{\"x\":\"\\u0043anary\\u0063orp\"}"),
            "its text",
            BLOCK,
        ),
        (
            "HTML in JSON",
            "data/leak.json",
            text("{\"x\":\"Canary\\u003cb\\u003ecorp\\u003c/b\\u003e\"}"),
            "escapes",
            BLOCK,
        ),
        (
            "CSV",
            "data/leak.csv",
            text("a,b\n1,\"Canarycorp\"\n"),
            "its text",
            BLOCK,
        ),
        (
            "a script",
            "leak.js",
            text("const x = '\\x43anarycorp'"),
            "its text",
            BLOCK,
        ),
        (
            "a stylesheet",
            "leak.css",
            text("a::after { content: 'Canarycorp' }"),
            "its text",
            BLOCK,
        ),
        (
            "folded lines of a calendar",
            "leak.ics",
            text("SUMMARY:Canary\r\n corp\r\n"),
            "folded lines",
            BLOCK,
        ),
        (
            "the escapes of mail",
            "leak.eml",
            text("Canary=63orp and=\r\n x"),
            "folded lines",
            BLOCK,
        ),
        (
            "base64",
            page,
            html(&base64(b"about Canarycorp", STANDARD)),
            "base64",
            BLOCK,
        ),
        (
            "base64 of one word",
            page,
            html(&base64(b"Canarycorp", STANDARD)),
            "base64",
            BLOCK,
        ),
        (
            "base64 not from its beginning",
            page,
            html(&format!("xy{}", base64(b"of Canarycorp it", STANDARD))),
            "base64",
            BLOCK,
        ),
        (
            "base64 for addresses",
            page,
            html(&base64("?>?>?> Canarycorp".as_bytes(), FOR_ADDRESSES)),
            "base64",
            BLOCK,
        ),
        (
            "base64 in a data address",
            "x.css",
            text(&format!(
                "url(data:text/plain;base64,{})",
                base64(b"of Canarycorp", STANDARD)
            )),
            "base64",
            BLOCK,
        ),
        (
            "base64 of gzip",
            page,
            html(&base64(&gzip(b"about Canarycorp"), STANDARD)),
            "gzip",
            BLOCK,
        ),
        (
            "base64 of UTF-16",
            page,
            html(&base64(&utf16("of Canarycorp", false), STANDARD)),
            "UTF-16",
            BLOCK,
        ),
        (
            "base64 of base64",
            page,
            html(&base64(
                base64(b"about Canarycorp", STANDARD).as_bytes(),
                STANDARD,
            )),
            "base64",
            BLOCK,
        ),
        (
            "hexadecimal",
            page,
            html(&hexadecimal(b"Canarycorp 1")),
            "hexadecimal",
            BLOCK,
        ),
        (
            "gzip",
            "index.html.gz",
            gzip(b"<p>Canary<b>corp</b></p>"),
            "gzip",
            BLOCK,
        ),
        (
            "gzip within gzip",
            "x.gz",
            gzip(&gzip(b"about Canarycorp")),
            "gzip, in it gzip",
            BLOCK,
        ),
        (
            "gzip behind other bytes",
            "x.bin",
            [&b"\x00\x01\xFFjunk"[..], &gzip(b"of Canarycorp")].concat(),
            "gzip",
            BLOCK,
        ),
        (
            "brotli",
            "index.html.br",
            brotli(b"<p>about Canarycorp and more of it</p>"),
            "brotli",
            BLOCK,
        ),
        ("zlib", "x.zz", zlib(b"about Canarycorp"), "zlib", BLOCK),
        ("UTF-16", "x.txt", wide, "UTF-16", BLOCK),
        (
            "UTF-16, the other order",
            "x.txt",
            utf16("of Zwölfmann", true),
            "UTF-16",
            BLOCK,
        ),
        (
            "Latin-1",
            "x.txt",
            b"Zw\xF6lfmann".to_vec(),
            "Latin-1",
            BLOCK,
        ),
        (
            "metadata of a JPEG image",
            "x.jpg",
            jpeg(0xFE, b"Canarycorp"),
            "its bytes or metadata",
            BLOCK,
        ),
        ("EXIF", "x.jpg", jpeg(0xE1, &exif), "UTF-16", BLOCK),
        (
            "XMP",
            "x.jpg",
            jpeg(
                0xE1,
                b"http://ns.adobe.com/xap/1.0/\0<rdf:li>Canary&#99;orp</rdf:li>",
            ),
            "its bytes or metadata",
            BLOCK,
        ),
        (
            "a text of a PNG image",
            "x.png",
            png("tEXt", b"Comment\0Canarycorp"),
            "its bytes or metadata",
            BLOCK,
        ),
        (
            "a packed text of a PNG image",
            "x.png",
            png(
                "zTXt",
                &[b"Comment\0\0".to_vec(), zlib(b"of Canarycorp")].concat(),
            ),
            "zlib",
            BLOCK,
        ),
        (
            "an office file",
            "x.docx",
            office("word/document.xml", "<w:t>Canary</w:t><w:t>corp</w:t>"),
            "an archive",
            BLOCK,
        ),
        (
            "a PDF",
            "x.pdf",
            pdf("BT /F1 12 Tf (about Canarycorp) Tj ET", false, b""),
            "",
            BLOCK,
        ),
        (
            "a packed PDF",
            "x.pdf",
            pdf(
                &format!(
                    "BT /F1 12 Tf {} (about Canarycorp) Tj ET",
                    "0 0 Td ".repeat(40)
                ),
                true,
                b"",
            ),
            "",
            BLOCK,
        ),
        (
            "a PDF with letters apart",
            "x.pdf",
            pdf("BT /F1 12 Tf [(Can) -20 (ary) 3 (corp)] TJ ET", false, b""),
            "PDF",
            BLOCK,
        ),
        (
            "a PDF with octal letters",
            "x.pdf",
            pdf("BT /F1 12 Tf (\\103anary\\143orp) Tj ET", false, b""),
            "PDF",
            BLOCK,
        ),
        (
            "metadata of a PDF",
            "x.pdf",
            pdf(
                "BT ET",
                false,
                &[vec![0xFE, 0xFF], utf16(name, true)].concat(),
            ),
            "PDF",
            BLOCK,
        ),
        (
            "the name of a file",
            "leak/canarycorp/index.html",
            html("x"),
            "its name",
            BLOCK,
        ),
        (
            "the escaped name of a file",
            "leak/zw%C3%B6lfmann.html",
            html("x"),
            "its name",
            BLOCK,
        ),
        ("a hidden file", ".cache/x", text(name), "its text", BLOCK),
        (
            "a copy that an editor left",
            "index.html~",
            html(name),
            "its text",
            BLOCK,
        ),
        (
            "a folder of a build that was killed",
            ".public.clerestory-staging/site/index.html",
            html(name),
            "its text",
            BLOCK,
        ),
        ("a source", "leak.md", text(sentence), "its text", BLOCK),
        (
            "a figure with its currency",
            page,
            html("EUR4,735,000"),
            "its text",
            BLOCK,
        ),
        (
            "a figure with decimals",
            page,
            html("4.735.000,00"),
            "its text",
            BLOCK,
        ),
        (
            "capitals of a word that ends in a small sigma",
            page,
            html("ΘΕΣΣΑΛΟΝΊΚΗΣ"),
            "its text",
            BLOCK,
        ),
        (
            "references without their ends",
            page,
            html("Canary&#99orp"),
            "its text",
            BLOCK,
        ),
        (
            "tags in escaped HTML",
            "leak.xml",
            text("<content type='html'>Canary&lt;b&gt;corp&lt;/b&gt;</content>"),
            "escapes",
            BLOCK,
        ),
        (
            "JSON in JSON",
            "data/leak.json",
            text("{\"x\":\"{\\\"y\\\":\\\"\\\\u0043anarycorp\\\"}\"}"),
            "escapes",
            BLOCK,
        ),
        (
            "EXIF as cameras write comments",
            "x.jpg",
            jpeg(
                0xE1,
                &[b"Exif\0\0UNICODE\0".to_vec(), utf16(name, false)].concat(),
            ),
            "UTF-16",
            BLOCK,
        ),
        (
            "words in a line",
            page,
            html("Quetzalmark"),
            "its text",
            INLINE,
        ),
        (
            "an item of an agenda",
            page,
            html("Marigoldplan"),
            "its text",
            ITEM,
        ),
        (
            "the title of a withheld attachment",
            page,
            html("Juniperannex"),
            "its text",
            ATTACHED,
        ),
        (
            "a text of a withheld attachment",
            page,
            html("Periwinkle 77123"),
            "its text",
            ATTACHED,
        ),
        (
            "a withheld attachment",
            "annex.csv",
            text("name,units\nPeriwinkle figures,77123\n"),
            "the whole file",
            ATTACHED,
        ),
        (
            "a passage of a translation",
            page,
            html("Pamplemoussier"),
            "its text",
            "2026-01-30-first/index.fr.md, line 10",
        ),
        (
            "words of a translation",
            page,
            html("Quetzalprix"),
            "its text",
            "2026-01-30-first/index.fr.md, line 13",
        ),
        (
            "a title withheld with its document",
            page,
            html("Vermilionproject"),
            "its text",
            "2026-02-12-plenary.md, line 2",
        ),
        (
            "a document withheld as a whole",
            page,
            html("Obsidianworks"),
            "its text",
            "2026-02-12-plenary.md, lines 10 to 11",
        ),
        (
            "a field of a record",
            page,
            html("Turmalinmodel"),
            "its text",
            "members/example.toml, line 4",
        ),
        (
            "a link of a record",
            page,
            html("<a href='https://peridot.example/'>x</a>"),
            "an attribute",
            "members/example.toml, line 3",
        ),
    ]
}

#[test]
fn planted_leaks_are_found() {
    let here = temporary();
    let run = built(here.path());
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let clean = audit(here.path(), "--format json");
    assert_eq!(
        (clean.code, told(&clean).len()),
        (Some(0), 0),
        "{}",
        clean.stdout
    );
    let plants = plants();
    assert!(plants.len() >= 40);
    let mut wrong = Vec::new();
    for (what, path, bytes, view, source) in &plants {
        let file = here.path().join("public").join(path);
        let before = fs::read(&file).ok();
        put(&file, bytes);
        let run = audit(here.path(), "--format json");
        let is_found = told(&run).iter().any(|told| {
            let message = told["message"].as_str().unwrap_or_default();
            told["code"] == "withheld-text-found"
                && told["file"] == format!("public/{path}")
                && message.contains(view)
                && message.contains(&format!(
                    "content/{}{source}, stands at byte",
                    if source.contains("members") {
                        ""
                    } else {
                        "meetings/"
                    }
                ))
        });
        if run.code != Some(3) || !is_found {
            wrong.push(format!("{what}: ended with {:?}\n{}", run.code, run.stdout));
        }
        let lower = run.stdout.to_lowercase().replace(&path.to_lowercase(), "");
        let secrets = [
            "canary",
            "quetzal",
            "zwölf",
            "saffron",
            "periwinkle",
            "vermilion",
            "4735",
        ];
        if let Some(secret) = secrets.iter().find(|secret| lower.contains(**secret)) {
            wrong.push(format!("{what}: {secret} is told\n{}", run.stdout));
        }
        match before {
            Some(bytes) => put(&file, bytes),
            None => fs::remove_file(&file).unwrap(),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}\n{}",
        wrong.len(),
        plants.len(),
        wrong.join("\n")
    );
}

/// What a search cannot see, because it is no text, shows when the folder is compared with what the content builds to.
#[test]
fn a_folder_that_is_not_what_the_content_builds_to_is_told() {
    let here = temporary();
    assert_eq!(built(here.path()).code, Some(0));
    let page = here
        .path()
        .join("public/meetings/2026-01-30-first/index.html");
    let original = fs::read_to_string(&page).unwrap();
    let changes: [(&str, String); 6] = [
        (
            "a length",
            original.replacen("<main", "<main data-length=\"412\"", 1),
        ),
        (
            "a count of words",
            original.replacen("</main>", "<p>31 words</p></main>", 1),
        ),
        ("an anchor", original.replacen("<h2", "<h2 id=\"a-2\"", 1)),
        (
            "a hash",
            original.replacen("</main>", "<!-- 9f86d081884c7d65 --></main>", 1),
        ),
        ("another order", original.replacen("</main>", "</main >", 1)),
        (
            "a date",
            original.replacen("</main>", "<time>2026-11-20</time></main>", 1),
        ),
    ];
    for (what, changed) in changes {
        assert_ne!(changed, original, "{what}");
        fs::write(&page, changed).unwrap();
        let run = audit(here.path(), "--format json");
        let said = told(&run);
        assert_eq!(run.code, Some(0), "{what}: {}", run.stdout);
        assert_eq!(said.len(), 1, "{what}: {}", run.stdout);
        assert_eq!(said[0]["code"], "output-differs", "{what}");
        let message = said[0]["message"].as_str().unwrap();
        assert!(
            message.contains("1 different (the first is meetings/2026-01-30-first/index.html)"),
            "{message}"
        );
    }
    fs::write(&page, original).unwrap();
    put(
        &here.path().join("public/old/index.html"),
        "<p>An old page</p>",
    );
    fs::remove_file(here.path().join("public/robots.txt")).unwrap();
    let run = audit(here.path(), "--format json");
    let said = told(&run);
    let message = said[0]["message"].as_str().unwrap();
    assert!(
        message.contains(
            "1 missing (the first is robots.txt), 1 too many (the first is old/index.html)"
        ),
        "{message}"
    );
}

/// The theme and bundled files bring their own bytes into the site: the build looks at these, too, and writes nothing.
#[test]
fn a_leak_by_way_of_the_theme_or_a_file_stops_the_build() {
    let here = temporary();
    assert_eq!(built(here.path()).code, Some(0));
    let standing = fs::read(here.path().join("public/index.html")).unwrap();
    let root = here.path().join("site");
    let plants: [(&str, Vec<u8>, &str); 3] = [
        (
            "themes/default/static/x.bin",
            gzip(b"of Canarycorp"),
            "assets/x.bin",
        ),
        (
            "themes/default/static/x.txt",
            base64(b"of Canarycorp", STANDARD).into_bytes(),
            "assets/x.txt",
        ),
        (
            "content/meetings/2026-01-30-first/table.csv",
            b"name,number\nCanarycorp,2\n".to_vec(),
            "meetings/2026-01-30-first/table.csv",
        ),
    ];
    for (path, bytes, output) in plants {
        let file = root.join(path);
        let before = fs::read(&file).ok();
        put(&file, bytes);
        for command in ["build", "check"] {
            let run = run_command(clerestory(here.path()).args([
                command, "--root", "site", "--today", TODAY, "--format", "json",
            ]));
            assert_eq!(run.code, Some(3), "{path}: {}{}", run.stdout, run.stderr);
            assert_eq!(told(&run)[0]["file"], output, "{}", run.stdout);
            assert!(!run.stdout.contains("anarycorp"), "{}", run.stdout);
        }
        assert_eq!(
            fs::read(here.path().join("public/index.html")).unwrap(),
            standing
        );
        match before {
            Some(bytes) => put(&file, bytes),
            None => fs::remove_file(&file).unwrap(),
        }
    }
    assert_eq!(build(&root, here.path(), "").code, Some(0));
}

#[test]
fn a_folder_of_another_generator_can_be_audited() {
    let here = temporary();
    assert_eq!(built(here.path()).code, Some(0));
    fs::remove_dir_all(here.path().join("public")).unwrap();
    let page = here.path().join("public/posts/first/index.html");
    put(
        &page,
        "<html><head><meta name=generator content='Hugo'></head><p>Powered by another generator.</p>",
    );
    let run = audit(here.path(), "--format json");
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    assert_eq!(told(&run)[0]["code"], "output-differs");
    put(&page, "<p>The Canarycorp bid</p>");
    assert_eq!(audit(here.path(), "").code, Some(3));
    fs::remove_dir_all(here.path().join("public")).unwrap();
    let run = audit(here.path(), "");
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(
        run.stderr
            .contains("there is no folder public; build the site first"),
        "{}",
        run.stderr
    );
}

#[test]
fn content_with_errors_is_searched_all_the_same() {
    let here = temporary();
    assert_eq!(built(here.path()).code, Some(0));
    put(
        &here
            .path()
            .join("site/content/meetings/2026-03-01-broken.md"),
        "+++\ntitle = \"Broken\"\ndate = 2026-03-01\nkind = \"plenary\"\n+++\n\n::: confidential ground=\"commercial\"\nAmaranthine\n",
    );
    let run = audit(here.path(), "--format json");
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    put(&here.path().join("public/x.html"), "<p>Amaranthine</p>");
    let run = audit(here.path(), "--format json");
    assert_eq!(run.code, Some(3), "{}", run.stdout);
    assert!(!run.stdout.contains("maranthine"), "{}", run.stdout);
}

#[test]
fn a_file_that_unpacks_without_end_is_told() {
    let here = temporary();
    assert_eq!(built(here.path()).code, Some(0));
    put(
        &here.path().join("public/x.gz"),
        gzip(&vec![b' '; 65 << 20]),
    );
    let run = audit(here.path(), "--format json");
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(
        told(&run)
            .iter()
            .any(|told| told["code"] == "unsearchable-file" && told["file"] == "public/x.gz")
    );
}

#[test]
fn the_sites_of_the_tests_raise_no_alarm() {
    for name in [
        "golden/small",
        "golden/deep-path",
        "golden/withheld",
        "secretariats",
    ] {
        let here = temporary();
        let run = build(&site(name), here.path(), "");
        assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
        let run = run_command(
            clerestory(here.path())
                .args([
                    "audit", "public", "--today", TODAY, "--format", "json", "--root",
                ])
                .arg(site(name)),
        );
        assert_eq!(run.code, Some(0), "{name}: {}", run.stdout);
        let alarms: Vec<Value> = told(&run)
            .into_iter()
            .filter(|told| told["file"] == "public")
            .collect();
        assert!(alarms.is_empty(), "{name}: {alarms:?}");
    }
}

/// What a reader of pixels takes for a word is none, and short names are withheld often.
#[test]
fn pictures_raise_no_alarm() {
    let here = temporary();
    assert_eq!(built(here.path()).code, Some(0));
    let names = ["Bob", "Tom", "Eva", "ECB", "DPA", "BNP", "IMF", "Ida"];
    let names: Vec<String> = names
        .iter()
        .map(|name| {
            format!("Said by :confidential[{name}]{{ground=\"commercial\" until=\"2027-03-31\"}}.")
        })
        .collect();
    let names = names.join("\n\n");
    let page = format!("+++\ntitle = \"Names\"\n+++\n\n{names}");
    put(&here.path().join("site/content/pages/names.md"), page);
    // As good as any compressed picture: bytes from a fixed seed.
    let mut state = 7_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    })
    .take(400_000)
    .collect();
    put(&here.path().join("public/x.jpg"), jpeg_of(&noise));
    let run = audit(here.path(), "--format json");
    assert_eq!(run.code, Some(0), "{}", run.stdout);
}

fn jpeg_of(pixels: &[u8]) -> Vec<u8> {
    [&[0xFF, 0xD8, 0xFF, 0xDA, 0, 2][..], pixels, &[0xFF, 0xD9]].concat()
}

/// A comment in a template is published nowhere, so it makes nothing public.
#[test]
fn a_comment_in_a_template_makes_nothing_public() {
    let here = temporary();
    assert_eq!(built(here.path()).code, Some(0));
    let root = here.path().join("site");
    put(
        &root.join("themes/default/templates/unused.html"),
        "{# Canarycorp #}x",
    );
    put(
        &root.join("content/meetings/2026-01-30-first/table.csv"),
        "name,number\nCanarycorp,2\n",
    );
    let run = build(&root, here.path(), "--format json");
    assert_eq!(run.code, Some(3), "{}", run.stdout);
}

/// What is withheld may have any form that it can have: an end before the beginning, colons in a line, names of fields.
#[test]
fn what_is_withheld_does_not_decide() {
    let here = temporary();
    assert_eq!(built(here.path()).code, Some(0));
    let root = here.path().join("site");
    let closed = CLOSED.replace(
        "date = 2026-02-12\n",
        "date = 2026-02-12\nend = 2026-02-10\n",
    );
    put(&root.join("content/meetings/2026-02-12-plenary.md"), closed);
    let page = "+++\ntitle = \"Colons\"\n+++\n\nIt was :confidential[x ::: y]{ground=\"commercial\" until=\"2027-03-31\"} then.\n";
    put(&root.join("content/pages/colons.md"), page);
    let run = build(&root, here.path(), "--format json");
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    let unknown = CLOSED.replace("date = ", "Canaryfield = 1\ndate = ");
    put(
        &root.join("content/meetings/2026-02-12-plenary.md"),
        unknown,
    );
    for form in ["", "--format json"] {
        let run = build(&root, here.path(), form);
        assert_eq!(run.code, Some(1), "{}", run.stdout);
        assert!(
            !format!("{}{}", run.stdout, run.stderr).contains("Canary"),
            "{}{}",
            run.stdout,
            run.stderr
        );
    }
}

/// Read as mail, `=` and two digits are a byte: that makes Latin-1 of a calendar or a table, in which words need no edges.
#[test]
fn words_of_the_format_are_no_leak_in_what_looks_like_mail() {
    let here = temporary();
    put(&here.path().join("clerestory.toml"), CONFIG);
    put(
        &here.path().join("content/meetings/2026-01-30-first.md"),
        "+++\ntitle = \"First\"\ndate = 2026-01-30\nkind = \"plenary\"\n+++\n\nThe sum of a =\n\nand b =DA drivers.\n\n\
         ::: confidential ground=\"commercial\" until=\"2027-03-31\"\nRivers\n:::\n",
    );
    let run = build(here.path(), here.path(), "");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}
