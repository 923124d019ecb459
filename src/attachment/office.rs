//! Office files as packages: opens the archive within bounds, looks at which parts there are, and hands each to `office_parts`.
//!
//! An office file is published as it is or not at all. This file must never unpack more than its bounds, and never pass on an
//! archive with something between, before or behind its parts.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::attachment::office_parts::{self, Findings};
use crate::attachment::{Inspected, Refusal, broken, image, svg};
use crate::diag::Code;

/// The most that a part, and all parts together, may unpack to.
const LARGEST_PART: u64 = 64 * 1024 * 1024;
const LARGEST_SUM: usize = 256 * 1024 * 1024;
const MOST_PARTS: usize = 10_000;

pub(super) const INSPECT: &str = "in Microsoft Office choose File > Info > Inspect Document and remove what it finds; in LibreOffice use File > Properties > Reset Properties";
const AGAIN: &str =
    "open the document in the office program and save it under a new name, or publish it as PDF";

/// Looks into an office file with the given ending.
pub(super) fn inspect(ending: &str, bytes: Vec<u8>) -> Inspected {
    let parts = open(&bytes).map_err(|refusal| vec![refusal])?;
    let mut findings = Findings::default();
    let is_open_document = parts.contains_key("mimetype");
    if !is_of_kind(ending, &parts) {
        return Err(vec![Refusal::new(
            Code::UnreadableFile,
            "this file is of another kind than its ending says",
            "save it again in the format of its ending, or give it the right ending",
        )]);
    }
    for (name, part) in &parts {
        look_at_name(name, part, &mut findings);
    }
    if is_open_document {
        office_parts::open_document(&parts, &mut findings);
    } else {
        office_parts::office_open(&parts, &mut findings);
    }
    findings.compare_titles();
    let refusals = findings.refusals;
    if refusals.is_empty() {
        Ok(bytes)
    } else {
        Err(refusals)
    }
}

/// Opens the archive; every part is unpacked once, within bounds.
fn open(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, Refusal> {
    let spare = || {
        Refusal::new(
            Code::FileWithRevisions,
            "this file holds something before, between or behind its parts",
            AGAIN,
        )
    };
    let end = bytes.len().checked_sub(22).ok_or_else(broken)?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    if archive.offset() != 0
        || !archive.comment().is_empty()
        || bytes.get(end..end + 4) != Some(b"PK\x05\x06")
    {
        return Err(spare());
    }
    if archive.len() > MOST_PARTS || archive.has_duplicate_names() {
        return Err(broken());
    }
    let mut parts = BTreeMap::new();
    let mut places = Vec::new();
    let mut sum = 0;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(|_| {
            Refusal::new(
                Code::UnreadableFile,
                "this file is locked with a password, or damaged",
                "save it again without a password",
            )
        })?;
        let entry = file.entry();
        if !entry.comment_raw().is_empty() {
            return Err(spare());
        }
        let name = entry.name().map_err(|_| broken())?.into_owned();
        let start = entry.header_start();
        let packed = entry.compressed_size();
        let data = file.data_start().ok_or_else(broken)?;
        places.push((start, data.saturating_add(packed)));
        let mut part = Vec::new();
        let read = file.by_ref().take(LARGEST_PART + 1).read_to_end(&mut part);
        sum += part.len();
        if read.is_err() || part.len() as u64 > LARGEST_PART || sum > LARGEST_SUM {
            return Err(broken());
        }
        if !name.ends_with('/') {
            parts.insert(name, part);
        } else if !part.is_empty() {
            return Err(spare());
        }
    }
    places.sort_unstable();
    places.push((archive.central_directory_start(), u64::MAX));
    // Behind a part may stand its sum, in 12 to 24 bytes.
    let mut at = 0;
    for (start, end) in places {
        if start < at || start - at > 24 {
            return Err(spare());
        }
        at = end;
    }
    Ok(parts)
}

/// Says whether the parts are those of a file with this ending.
fn is_of_kind(ending: &str, parts: &BTreeMap<String, Vec<u8>>) -> bool {
    let kind = match ending {
        "odt" => "application/vnd.oasis.opendocument.text",
        "ods" => "application/vnd.oasis.opendocument.spreadsheet",
        "odp" => "application/vnd.oasis.opendocument.presentation",
        "odg" => "application/vnd.oasis.opendocument.graphics",
        "docx" => "word/",
        "xlsx" => "xl/",
        _ => "ppt/",
    };
    if ending.starts_with("od") {
        parts
            .get("mimetype")
            .is_some_and(|own| own == kind.as_bytes())
            && parts.contains_key("content.xml")
    } else {
        parts.contains_key("[Content_Types].xml") && parts.keys().any(|name| name.starts_with(kind))
    }
}

/// Parts that are refused for what they are, by what their names hold.
const UNWANTED: [(&str, Code, &str, &str); 22] = [
    (
        "vbaproject",
        Code::FileWithActiveContent,
        "this file holds macros",
        "save it without macros, as .docx, .xlsx or .pptx",
    ),
    (
        "basic/",
        Code::FileWithActiveContent,
        "this file holds macros",
        "delete them in Tools > Macros > Organise macros",
    ),
    (
        "scripts/",
        Code::FileWithActiveContent,
        "this file holds macros",
        "delete them in Tools > Macros > Organise macros",
    ),
    (
        "activex",
        Code::FileWithActiveContent,
        "this file holds controls that run",
        "delete buttons and fields, or publish it as PDF",
    ),
    (
        "ctrlprops",
        Code::FileWithActiveContent,
        "this file holds controls that run",
        "delete buttons and fields, or publish it as PDF",
    ),
    (
        "customui",
        Code::FileWithActiveContent,
        "this file changes the program of its reader",
        AGAIN,
    ),
    (
        "webextensions",
        Code::FileWithActiveContent,
        "this file brings an add-in",
        "delete the add-in from the document",
    ),
    (
        "embeddings/",
        Code::FileWithEmbeddedFiles,
        "another file lies in this one, such as the whole table behind a chart",
        "paste charts and tables as pictures, or publish it as PDF",
    ),
    (
        "object ",
        Code::FileWithEmbeddedFiles,
        "another document lies in this one, such as the whole table behind a chart",
        "paste charts and tables as pictures, or publish it as PDF",
    ),
    (
        "objectreplacements/",
        Code::FileWithEmbeddedFiles,
        "another document lies in this one",
        "paste charts and tables as pictures, or publish it as PDF",
    ),
    (
        "xl/model/",
        Code::FileWithEmbeddedFiles,
        "a whole data model lies in this workbook",
        "copy the values that readers need into a new workbook",
    ),
    (
        "thumbnail",
        Code::FileWithMetadata,
        "this file holds a small picture of an earlier state of its first page",
        "untick \"save preview picture\" in the properties and save it again; or publish it as PDF",
    ),
    (
        "pivotcache",
        Code::FileWithHiddenText,
        "this workbook holds the whole table behind a pivot table, filtered rows too",
        "copy the pivot table and paste its values alone",
    ),
    (
        "slicercaches",
        Code::FileWithHiddenText,
        "this workbook holds lists behind its filters",
        "copy the cells and paste their values alone",
    ),
    (
        "externallinks/",
        Code::FileWithHiddenText,
        "this workbook holds values copied from another workbook",
        "break the links in Data > Edit Links > Break Link",
    ),
    (
        "glossary/",
        Code::FileWithHiddenText,
        "this document holds building blocks that no page shows",
        "copy the text into a new document",
    ),
    (
        "connections.xml",
        Code::FileWithMetadata,
        "this workbook says where its data come from",
        "delete the connections in Data > Queries and Connections",
    ),
    (
        "printersettings",
        Code::FileWithMetadata,
        "this file names a printer and its place in the network",
        INSPECT,
    ),
    (
        "xl/revisions",
        Code::FileWithRevisions,
        "this workbook holds the list of its changes",
        "stop sharing the workbook and save it again",
    ),
    (
        "changesinfo",
        Code::FileWithRevisions,
        "this presentation holds the list of who changed what",
        INSPECT,
    ),
    (
        "versions/",
        Code::FileWithRevisions,
        "this document holds earlier versions of itself",
        "delete them in File > Versions",
    ),
    (
        "signatures",
        Code::FileWithMetadata,
        "this file is signed, and names who signed it",
        "publish a copy without the signature",
    ),
];

fn look_at_name(name: &str, part: &[u8], findings: &mut Findings) {
    let folded = name.to_lowercase();
    let mut is_told = false;
    for (word, code, found, remedy) in UNWANTED {
        if folded.contains(word) {
            is_told = true;
            findings.say(code, found, remedy);
        }
    }
    if is_told {
        return;
    }
    let (_, ending) = folded.rsplit_once('.').unwrap_or((&folded, ""));
    let is_harmless = match ending {
        "xml" | "rels" | "vml" | "rdf" | "odttf" | "fntdata" | "ttf" | "otf" => true,
        "png" | "jpg" | "jpeg" | "jfif" | "gif" | "webp" => {
            match image::is_telling(&folded, part) {
                Some(false) => true,
                Some(true) => {
                    findings.say(
                    Code::FileWithMetadata,
                    "a picture in this file carries metadata of its own, such as place, day or author",
                    "take the metadata out of the picture before you put it in, or publish the document as PDF",
                );
                    return;
                }
                None => false,
            }
        }
        "svg" => svg::inspect(part).is_ok_and(|clean| clean.len() + 400 > part.len()),
        _ => {
            folded == "mimetype"
                || folded == "layout-cache"
                || folded.starts_with("configurations2/")
        }
    };
    if !is_harmless {
        findings.say(
            Code::FileWithEmbeddedFiles,
            "this file holds a picture, a recording or another part that nothing can look into",
            "put pictures in as PNG or JPEG and delete everything else that was inserted, or publish it as PDF",
        );
    }
}

/// Returns the names of the parts that nothing leads to.
pub(super) fn unused<'p>(
    parts: &'p BTreeMap<String, Vec<u8>>,
    used: &BTreeSet<String>,
) -> Vec<&'p String> {
    parts
        .keys()
        .filter(|name| !used.contains(&name.to_lowercase()))
        .collect()
}
