//! Office files of both families, built part by part.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;

use super::pictures::jpeg;
use super::{check, check_clean, codes};
use crate::diag::Code;

/// Returns an archive of parts.
pub(super) fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
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
pub(super) fn office(folder: &str, main: &str, inner: &str, others: &[(&str, &str)]) -> Vec<u8> {
    let mut relations = String::from("<Relationships>");
    for (name, _) in others {
        write!(relations, "<Relationship Type=\"t\" Target=\"/{name}\"/>").unwrap();
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
#[expect(clippy::too_many_lines, reason = "a table of cases")]
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
    let sheet_of_styles =
        "<w:styles><w:style w:styleId=\"Mine\"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>";
    check(
        "a style that hides",
        "a.docx",
        &office(
            "word",
            "document",
            styled,
            &[("word/styles.xml", sheet_of_styles)],
        ),
        &[hidden],
    );
    let by_paragraph = styled.replace("rStyle", "pStyle");
    let hiding = office(
        "word",
        "document",
        &by_paragraph,
        &[("word/styles.xml", sheet_of_styles)],
    );
    check(
        "a paragraph in a style that hides",
        "a.docx",
        &hiding,
        &[hidden],
    );
    check_clean(
        "a style that nobody uses",
        "a.docx",
        &office(
            "word",
            "document",
            main,
            &[("word/styles.xml", sheet_of_styles)],
        ),
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

pub(super) fn open_document(content: &str, others: &[(&str, &str)]) -> Vec<u8> {
    let mut manifest = String::from("<manifest><file-entry full-path=\"content.xml\"/>");
    for (name, _) in others {
        write!(manifest, "<file-entry full-path=\"{name}\"/>").unwrap();
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
#[expect(clippy::too_many_lines, reason = "a table of cases")]
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
