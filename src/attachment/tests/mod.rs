//! Builds files that must be refused or cleaned, one for each rule, and sound ones that must pass.

mod falls;
mod office;
mod pdf;
mod pictures;

use super::inspect;
use crate::diag::Code;
use lopdf::dictionary;
use pdf::{WORDS, pdf};
use pictures::png;

/// Returns the codes of what stands against a file, each once; and sees to it that no secret is told.
pub(super) fn codes(name: &str, bytes: &[u8]) -> Vec<Code> {
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

pub(super) fn check(what: &str, name: &str, bytes: &[u8], expected: &[Code]) {
    assert_eq!(codes(name, bytes), expected, "{what}");
}

pub(super) fn check_clean(what: &str, name: &str, bytes: &[u8]) {
    let refused = inspect(name, bytes.to_vec()).err();
    assert_eq!(refused, None, "{what}");
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
    check(
        "a short PDF called text",
        "a.txt",
        b"%PDF-1.7 canary",
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
