//! The files of `content/` as they were read, withheld text and all.
//!
//! This is the only file that reads content. What it holds never leaves the room as it is: [`Unredacted`] has no way to be
//! shown, serialized or compared outside `record`.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use crate::diag::{Code, FilePath, Finding, Message, Span};

/// Text that may hold withheld passages.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::record) struct Unredacted(String);

impl Unredacted {
    pub(in crate::record) fn new(text: String) -> Self {
        Self(text)
    }

    /// Returns the text. Whoever calls this stands inside the room.
    pub(in crate::record) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Unredacted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Unredacted(…)")
    }
}

/// A Markdown or TOML file.
#[derive(Clone, Debug)]
pub(in crate::record) struct Source {
    /// The path below the site's root, for messages.
    pub(in crate::record) file: FilePath,
    /// The text; empty where the file is not UTF-8.
    pub(in crate::record) text: Unredacted,
    /// Where the first byte stands that is not UTF-8.
    pub(in crate::record) broken_at: Option<usize>,
}

/// All files of `content/`, by their paths below it.
#[derive(Clone, Debug, Default)]
pub(in crate::record) struct Sources {
    /// Markdown and TOML.
    pub(in crate::record) texts: BTreeMap<String, Source>,
    /// Everything else: files that public text or a public field may name.
    pub(in crate::record) assets: BTreeMap<String, FilePath>,
    /// What was noticed about files without reading them.
    pub(in crate::record) findings: Vec<Finding>,
}

/// The folder of a site that holds its content.
pub(in crate::record) const FOLDER: &str = "content";

/// Reads `content/` below `root`, in the order of the paths.
pub(in crate::record) fn read(root: &Path) -> io::Result<Sources> {
    let folder = root.join(FOLDER);
    let mut sources = Sources::default();
    let mut texts = Vec::new();
    if !folder.is_dir() {
        return Ok(sources);
    }
    let hidden = |entry: &walkdir::DirEntry| {
        entry.depth() > 0 && is_hidden(&entry.file_name().to_string_lossy())
    };
    for entry in walkdir::WalkDir::new(&folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !hidden(entry))
    {
        let entry = entry.map_err(io::Error::from)?;
        let Ok(below) = entry.path().strip_prefix(&folder) else {
            continue;
        };
        let Some(path) = to_slashes(below) else {
            let file: FilePath = Arc::from(format!("{FOLDER}/{}", below.to_string_lossy()));
            let message = "the name of this file is not UTF-8";
            sources.findings.push(
                Finding::new(Code::InvalidSlug, &file, message)
                    .help("rename it with a-z, 0-9 and `-`"),
            );
            continue;
        };
        let file: FilePath = Arc::from(format!("{FOLDER}/{path}"));
        if entry.file_type().is_symlink() {
            let message = "this is a symbolic link, which could lead anywhere";
            let help = "put a copy of the file here instead";
            sources
                .findings
                .push(Finding::new(Code::SymbolicLink, &file, message).help(help));
        } else if entry.file_type().is_file() {
            if is_text(&path) {
                texts.push((path, file, entry.into_path()));
            } else {
                sources.assets.insert(path, file);
            }
        }
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "content is read here and nowhere else"
    )]
    let read: Vec<io::Result<(String, Source)>> = texts
        .into_par_iter()
        .map(|(path, file, on_disk)| Ok((path, Source::from_bytes(file, std::fs::read(on_disk)?))))
        .collect();
    for result in read {
        let (path, source) = result?;
        sources.texts.insert(path, source);
    }
    Ok(sources)
}

/// Takes files as they were at another time, by their paths below the site's root, in the order of the paths.
pub(in crate::record) fn from_files(files: BTreeMap<String, Vec<u8>>) -> Sources {
    let mut sources = Sources::default();
    for (path, bytes) in files {
        let Some(below) = path
            .strip_prefix(FOLDER)
            .and_then(|below| below.strip_prefix('/'))
            .filter(|below| !below.split('/').any(is_hidden))
        else {
            continue;
        };
        let file: FilePath = Arc::from(path.as_str());
        if is_text(below) {
            let source = Source::from_bytes(file, bytes);
            sources.texts.insert(below.to_owned(), source);
        } else {
            sources.assets.insert(below.to_owned(), file);
        }
    }
    sources
}

/// Says whether a file is one of those that are read: Markdown or TOML.
pub(in crate::record) fn is_text(path: &str) -> bool {
    let extension = Path::new(path)
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase());
    matches!(extension.as_deref(), Some("md" | "toml"))
}

/// Reads a file that public text or a public field names; `path` is below `content/`.
pub(in crate::record) fn read_asset(root: &Path, path: &str) -> io::Result<Vec<u8>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "content is read here and nowhere else"
    )]
    std::fs::read(root.join(FOLDER).join(path))
}

impl Source {
    pub(in crate::record) fn from_bytes(file: FilePath, bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self {
                file,
                text: Unredacted::new(text),
                broken_at: None,
            },
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                // Only the number of lines before the place is kept, so that a message can name the line.
                let lines = error
                    .as_bytes()
                    .iter()
                    .take(valid)
                    .filter(|byte| **byte == b'\n')
                    .count();
                Self {
                    file,
                    text: Unredacted::new("\n".repeat(lines)),
                    broken_at: Some(lines),
                }
            }
        }
    }

    /// Checks what holds for the bytes of every file, whatever is withheld in it (contract A1.1 and A1.2).
    pub(in crate::record) fn check_characters(&self) -> Vec<Finding> {
        if let Some(at) = self.broken_at {
            let message = "this file is not UTF-8 from this line on";
            let help = "save the file again with the encoding UTF-8";
            return vec![
                Finding::new(Code::NotUtf8, &self.file, message)
                    .at(Span::new(at, at))
                    .help(help),
            ];
        }
        let text = self.text.expose();
        let mut findings = Vec::new();
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let lone_return = c == '\r' && chars.peek().is_none_or(|(_, next)| *next != '\n');
            if (c != '\r' && is_forbidden(c) && !(c == '\u{FEFF}' && at == 0)) || lone_return {
                findings.push(forbidden(&self.file, c, Span::new(at, at + c.len_utf8())));
                if findings.len() == 20 {
                    break;
                }
            }
        }
        findings
    }
}

/// Returns the finding on a forbidden character.
pub(in crate::record) fn forbidden(file: &FilePath, c: char, span: Span) -> Finding {
    let name = if c == '\r' {
        "a carriage return without a line feed".to_owned()
    } else {
        format!("U+{:04X}", u32::from(c))
    };
    Finding::new(
        Code::ForbiddenCharacter,
        file,
        Message::new(format!("this character is not allowed: {name}"))
            .words("(it can hide text or change its order)"),
    )
    .at(span)
    .help("delete it; if the text was pasted from elsewhere, type it again")
}

/// Says whether a character may stand nowhere in content (contract A1.2); `\r` is judged with its neighbour.
pub(in crate::record) fn is_forbidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        | '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
        | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// Returns the comments in a run of TOML, each up to the end of its line. They are nobody's business but the author's.
pub(in crate::record) fn comments(text: &str, run: Span) -> Vec<Span> {
    let mut found = Vec::new();
    let mut quote: Option<&str> = None;
    let mut at = run.start;
    while at < run.end {
        let rest = text.get(at..run.end).unwrap_or_default();
        let Some(c) = rest.chars().next() else { break };
        match quote {
            Some(own) if rest.starts_with(own) => {
                quote = None;
                at += own.len();
                // Up to two more quotation marks belong to a text of several lines.
                let more = text.get(at..run.end).unwrap_or_default();
                let mark = own.get(..1).unwrap_or_default();
                if own.len() == 3 && !mark.is_empty() {
                    at += more.len() - more.trim_start_matches(mark).len();
                }
            }
            Some("\"" | "\"\"\"") if c == '\\' => {
                at += 1 + rest.chars().nth(1).map_or(0, char::len_utf8);
            }
            // A quotation mark that is never closed ends with its line.
            Some("\"" | "'") if c == '\n' => {
                quote = None;
                at += 1;
            }
            Some(_) => at += c.len_utf8(),
            None => {
                quote = ["\"\"\"", "'''", "\"", "'"]
                    .into_iter()
                    .find(|mark| rest.starts_with(mark));
                if let Some(mark) = quote {
                    at += mark.len();
                } else if c == '#' {
                    let end = rest.find('\n').map_or(run.end, |end| at + end);
                    found.push(Span::new(at, end));
                    at = end;
                } else {
                    at += c.len_utf8();
                }
            }
        }
    }
    found
}

/// Files that editors and systems leave behind.
fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
        || name.ends_with('~')
        || (name.starts_with('#') && name.ends_with('#'))
        || name == "Thumbs.db"
}

fn to_slashes(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path
        .components()
        .map(|part| part.as_os_str().to_str())
        .collect();
    parts.map(|parts| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_told_from_texts() {
        let text = "e = \"\"\"x\"\"\"\" # zero\na = \"#1\" # one\nb = '#' #two\nc = \"\"\"\n# no\n\"\"\"\nd = \"\\\"#\" # three";
        let found: Vec<&str> = comments(text, Span::new(0, text.len()))
            .into_iter()
            .map(|span| text.get(span.start..span.end).unwrap())
            .collect();
        assert_eq!(found, ["# zero", "# one", "#two", "# three"]);
    }

    fn check(text: &str) -> Vec<&'static str> {
        let source = Source::from_bytes("content/x.md".into(), text.as_bytes().to_vec());
        let findings = source.check_characters();
        findings
            .iter()
            .map(|finding| finding.code.as_str())
            .collect()
    }

    #[test]
    fn each_class_of_forbidden_characters_is_told() {
        let classes = [
            ('\0', '\u{8}'),
            ('\u{B}', '\u{C}'),
            ('\u{E}', '\u{1F}'),
            ('\u{7F}', '\u{9F}'),
            ('\u{2028}', '\u{2029}'),
            ('\u{202A}', '\u{202E}'),
            ('\u{2066}', '\u{2069}'),
            ('\u{FEFF}', '\u{FEFF}'),
            ('\u{E000}', '\u{F8FF}'),
            ('\u{F0000}', '\u{FFFFF}'),
            ('\u{100000}', '\u{10FFFF}'),
        ];
        for (first, last) in classes {
            for c in [first, last] {
                assert_eq!(check(&format!("a{c}b\n")), ["forbidden-character"], "{c:?}");
            }
        }
    }

    #[test]
    fn line_ends_and_a_mark_at_the_start_are_allowed() {
        assert!(check("\u{FEFF}a\tb\r\nc\u{A0}\n").is_empty());
        assert_eq!(check("a\rb\n"), ["forbidden-character"]);
        assert_eq!(check("a\r"), ["forbidden-character"]);
    }
}
