//! Bundled files: looks into each one before it is published, cleans what can be cleaned, and refuses what cannot.
//!
//! A file says more than it shows: who wrote it, where a photograph was taken, what stood there before. [`inspect`] is the one
//! way in: bytes in, bytes that may be published out, or reasons why not. This module must never touch a disk, never run what
//! it reads, never panic on it, and never quote a word out of it: a message says what kind of thing was found and where.

mod exif;
mod geometry;
mod glyphs;
mod icc;
mod image;
mod office;
mod office_parts;
mod pages;
mod pdf;
mod pdf_text;
mod svg;
mod text;
mod xml;
mod xmp;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use rayon::prelude::*;

use crate::diag::{Code, FilePath, Finding};

/// Files above this size are not looked into. Nothing that a reader would want to download is larger.
const LARGEST: usize = 256 * 1024 * 1024;

/// Why a file is not published: what was found in it, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) found: String,
    pub(crate) remedy: &'static str,
}

impl Refusal {
    fn new(code: Code, found: impl Into<String>, remedy: &'static str) -> Self {
        Self {
            code,
            found: found.into(),
            remedy,
        }
    }
}

/// What came of looking into a file: the bytes to publish, or everything that stands against it.
type Inspected = Result<Vec<u8>, Vec<Refusal>>;

/// Returns the bytes of a file as they may be published, or everything that stands against publishing them.
///
/// # Errors
/// Where the file holds what its readers would not see, or cannot be looked into.
pub(crate) fn inspect(name: &str, bytes: Vec<u8>) -> Inspected {
    let refuse = |code, found, remedy| Err(vec![Refusal::new(code, found, remedy)]);
    if bytes.len() > LARGEST {
        return refuse(
            Code::UnreadableFile,
            "this file is too large to be looked into",
            "make it smaller than 256 MB, for instance by making its pictures smaller",
        );
    }
    let name = name.rsplit('/').next().unwrap_or_default();
    let (_, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let Some(kind) = Kind::of(&ending.to_lowercase()) else {
        return refuse(
            Code::UnknownFileType,
            "nothing can look into a file with this ending",
            "publish it as PDF, PNG, JPEG, CSV or plain text",
        );
    };
    if let Kind::Unwanted(found, remedy) = kind {
        return refuse(Code::UnknownFileType, found, remedy);
    }
    if !kind.is_begun_by(&bytes) {
        return refuse(
            Code::UnreadableFile,
            "this file is of another kind than its ending says",
            "save it again in the format of its ending, or give it the right ending",
        );
    }
    let inspected = match kind {
        Kind::Jpeg => image::jpeg(&bytes),
        Kind::Png => image::png(bytes),
        Kind::WebP => image::webp(bytes),
        Kind::Gif => image::gif(&bytes),
        Kind::Svg => svg::inspect(&bytes),
        Kind::Pdf => pdf::inspect(bytes),
        Kind::Office => office::inspect(&ending.to_lowercase(), bytes),
        Kind::Text => text::inspect(bytes, false),
        Kind::Xml => text::inspect(bytes, true),
        Kind::Unwanted(..) => Err(Vec::new()),
    };
    inspected.map_err(|mut refusals| {
        refusals.sort();
        refusals.dedup();
        refusals
    })
}

/// Returns findings on those of the files that may not be published; `files` are paths below `content/`, by their addresses.
///
/// # Errors
/// Where a file cannot be read, with its path.
pub(crate) fn check(
    files: &BTreeMap<String, String>,
    read: impl Fn(&str) -> io::Result<Vec<u8>> + Sync,
) -> Result<Vec<Finding>, (String, io::Error)> {
    let paths: BTreeSet<&String> = files.values().collect();
    let found: Result<Vec<Vec<Finding>>, (String, io::Error)> = paths
        .into_par_iter()
        .map(|path| {
            let bytes = read(path).map_err(|error| (path.clone(), error))?;
            Ok(findings(path, inspect(path, bytes).err()))
        })
        .collect();
    Ok(found?.into_iter().flatten().collect())
}

fn findings(path: &str, refusals: Option<Vec<Refusal>>) -> Vec<Finding> {
    let file: FilePath = Arc::from(format!("content/{path}"));
    let refusals = refusals.into_iter().flatten();
    refusals
        .map(|refusal| Finding::new(refusal.code, &file, refusal.found).help(refusal.remedy))
        .collect()
}

/// The kinds of files that are told apart, by their endings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Jpeg,
    Png,
    WebP,
    Gif,
    Svg,
    Pdf,
    Office,
    Text,
    Xml,
    /// Never published: why, and what to do.
    Unwanted(&'static str, &'static str),
}

impl Kind {
    fn of(ending: &str) -> Option<Self> {
        Some(match ending {
            "jpg" | "jpeg" => Self::Jpeg,
            "png" => Self::Png,
            "webp" => Self::WebP,
            "gif" => Self::Gif,
            "svg" => Self::Svg,
            "pdf" => Self::Pdf,
            "docx" | "xlsx" | "pptx" | "odt" | "ods" | "odp" | "odg" => Self::Office,
            "txt" | "csv" | "tsv" | "json" | "jsonl" | "geojson" | "vtt" | "srt" | "ics"
            | "bib" => Self::Text,
            "xml" | "rdf" | "xsd" => Self::Xml,
            "avif" | "heic" | "heif" | "tif" | "tiff" | "bmp" | "jxl" | "ico" | "psd" => {
                Self::Unwanted(
                    "nothing can take the metadata out of an image of this format",
                    "save it as PNG or JPEG",
                )
            }
            "doc" | "rtf" | "dot" => Self::Unwanted(
                "this old format keeps deleted text and metadata where nothing can look",
                "save it as PDF or .docx",
            ),
            "xls" | "xlsb" => Self::Unwanted(
                "this format keeps hidden cells and metadata where nothing can look",
                "save it as .xlsx or .csv",
            ),
            "ppt" | "pps" => Self::Unwanted(
                "this old format keeps notes and metadata where nothing can look",
                "save it as PDF or .pptx",
            ),
            "docm" | "dotm" | "xlsm" | "xltm" | "pptm" | "ppsm" | "potm" => Self::Unwanted(
                "this format is made for macros",
                "save it as .docx, .xlsx or .pptx, without macros",
            ),
            "dotx" | "xltx" | "potx" | "ppsx" | "ott" | "ots" | "otp" => Self::Unwanted(
                "this is a template or a slide show that runs by itself",
                "save it as an ordinary document",
            ),
            "zip" | "7z" | "tar" | "gz" | "tgz" | "bz2" | "xz" | "rar" | "zst" => Self::Unwanted(
                "an archive can hold anything, also files that nobody meant to publish",
                "take the files out and publish them one by one",
            ),
            "html" | "htm" | "xhtml" | "mht" => Self::Unwanted(
                "a page of HTML can hold comments, hidden text and scripts",
                "write it as a page of the site, or publish it as PDF",
            ),
            "mp3" | "m4a" | "ogg" | "oga" | "opus" | "wav" | "flac" | "mp4" | "m4v" | "mov"
            | "webm" | "avi" | "mkv" => Self::Unwanted(
                "nothing can look into recordings, which carry names, places and other tracks",
                "publish the recording where recordings are published, and link to it",
            ),
            "woff" | "woff2" | "ttf" | "otf" => Self::Unwanted(
                "nothing can look into fonts",
                "put fonts of the site into its theme",
            ),
            "eml" | "msg" => Self::Unwanted(
                "a mail holds addresses, its way through the net and what is attached to it",
                "publish its text as PDF or plain text",
            ),
            "js" | "mjs" | "css" | "exe" | "sh" | "bat" => Self::Unwanted(
                "scripts and styles are no documents",
                "put what belongs to the look of the site into its theme",
            ),
            _ => return None,
        })
    }

    /// Says whether bytes begin as files of this kind do.
    fn is_begun_by(self, bytes: &[u8]) -> bool {
        match self {
            Self::Jpeg => bytes.starts_with(&[0xFF, 0xD8, 0xFF]),
            Self::Png => bytes.starts_with(b"\x89PNG\r\n\x1A\n"),
            Self::WebP => bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"),
            Self::Gif => bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a"),
            Self::Pdf => bytes.starts_with(b"%PDF-"),
            Self::Office => bytes.starts_with(b"PK\x03\x04"),
            Self::Svg | Self::Text | Self::Xml | Self::Unwanted(..) => {
                let binary: [&[u8]; 9] = [
                    b"\xFF\xD8\xFF",
                    b"\x89PNG",
                    b"RIFF",
                    b"GIF8",
                    b"%PDF-",
                    b"PK\x03\x04",
                    b"\xD0\xCF\x11\xE0",
                    b"\x1F\x8B",
                    b"{\\rtf",
                ];
                !binary.iter().any(|start| bytes.starts_with(start))
            }
        }
    }
}

/// Returns the refusal of a file that is not built as its format demands.
fn broken() -> Refusal {
    Refusal::new(
        Code::UnreadableFile,
        "this file is damaged, or not what its ending says",
        "open it in the program it was made with and save it again",
    )
}

#[cfg(test)]
mod tests;
