//! Addresses: where a link of a content file leads on the site, and how one page refers to another.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::config::Config;
use crate::diag::{Code, FilePath, Finding, Message, Span};
use crate::fields::Language;
use crate::slug;

/// The path of a page below the site's root, without its language: `meetings/2026-01-30-first/`, or nothing for the home page.
pub(crate) type PagePath = String;

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A page of the site, in the language of the reader.
    Page {
        path: PagePath,
        fragment: Option<String>,
    },
    /// An address of the site as it was written, language and all.
    Fixed {
        path: String,
        fragment: Option<String>,
    },
    /// A file that is published with the site; `source` is its path below `content/`.
    File { address: String, source: String },
    /// A place on the same page.
    Here(String),
    /// Another site, or a mail address.
    External(String),
    /// Nowhere; a finding says so.
    Nowhere,
}

/// A content file that has a page.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    pub(crate) path: PagePath,
    /// Its title is withheld, and so the name of its file: no message may quote a link to it.
    pub(crate) is_withheld: bool,
}

/// A folder whose files are published with a page.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    pub(crate) path: PagePath,
    /// The whole document is withheld, and so are its files.
    pub(crate) is_closed: bool,
}

/// What can be linked to.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// The address of the site.
    pub(crate) base_url: String,
    /// Pages by the paths of their files below `content/`.
    pub(crate) pages: BTreeMap<String, Destination>,
    /// Bundles by their folders below `content/`.
    pub(crate) folders: BTreeMap<String, Folder>,
    /// Files that may be published.
    pub(crate) assets: BTreeMap<String, FilePath>,
    /// Drafts that are left out; true where the title is withheld, and so the path.
    pub(crate) drafts: BTreeMap<String, bool>,
    pub(crate) unreadable: BTreeSet<String>,
    /// Files that are withheld as attachments.
    pub(crate) withheld: BTreeSet<String>,
    /// Names in the code of practice with the chapters in which they stand.
    pub(crate) measures: BTreeMap<String, String>,
}

/// Where a link was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'o> {
    pub(crate) file: &'o FilePath,
    /// The folder of the file below `content/`.
    pub(crate) folder: &'o str,
    pub(crate) span: Span,
}

const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

impl Directory {
    /// Finds where a link leads. Anchors are checked later, when all pages are known.
    pub(crate) fn resolve(
        &self,
        destination: &str,
        is_image: bool,
        origin: Origin<'_>,
    ) -> Result<Target, Box<Finding>> {
        let finding = |code: Code, message: Message| {
            Box::new(Finding::new(code, origin.file, message).at(origin.span))
        };
        if let Some(path) = destination
            .strip_prefix(self.base_url.as_str())
            .filter(|_| !is_image)
        {
            // The whole address of a page of this site is one like any other.
            let (path, fragment) = path
                .split_once('#')
                .map_or((path, None), |(path, fragment)| (path, Some(fragment)));
            let fragment = fragment.map(decode).filter(|fragment| !fragment.is_empty());
            return Ok(Target::Fixed {
                path: decode(path),
                fragment,
            });
        }
        if let Some(scheme) = scheme(destination) {
            let scheme = scheme.to_ascii_lowercase();
            if is_image {
                let message = Message::new(
                    "this image lies on another site, which every reader's browser would have to ask",
                );
                return Err(Box::new(
                    finding(Code::UnsafeLink, message)
                        .help("put a copy of the image beside the text"),
                ));
            }
            if SCHEMES.contains(&scheme.as_str())
                && !destination
                    .chars()
                    .any(|c| c.is_control() || c.is_whitespace())
            {
                return Ok(Target::External(destination.to_owned()));
            }
            let message = Message::new("a link must not begin with").value(format!("{scheme}:"));
            return Err(Box::new(
                finding(Code::UnsafeLink, message).help("use https:, http:, mailto: or tel:"),
            ));
        }
        if destination.starts_with("//") {
            return Err(Box::new(
                finding(
                    Code::UnsafeLink,
                    Message::new("a link to another site needs its scheme"),
                )
                .help(Message::new("write it as").value(format!("https:{destination}"))),
            ));
        }
        let (path, fragment) = destination
            .split_once('#')
            .map_or((destination, None), |(path, fragment)| {
                (path, Some(fragment))
            });
        let fragment = fragment.map(decode).filter(|fragment| !fragment.is_empty());
        if let Some(path) = path.strip_prefix('/') {
            return Ok(Target::Fixed {
                path: decode(path),
                fragment,
            });
        }
        if path.is_empty() {
            return match fragment {
                Some(fragment) => Ok(Target::Here(fragment)),
                None => Err(Box::new(
                    finding(Code::BrokenLink, Message::new("this link is empty"))
                        .help("write the file or the address it leads to"),
                )),
            };
        }
        let path = decode(path);
        let Some(path) = slug::join(origin.folder, &path) else {
            return Err(Box::new(
                finding(
                    Code::BrokenLink,
                    Message::new("this link leaves the content folder:").value(destination),
                )
                .help("link to a file in content/"),
            ));
        };
        let target = self.resolve_file(&path, fragment, destination, origin)?;
        if is_image && !matches!(target, Target::File { .. } | Target::Nowhere) {
            let message = Message::new("this image is a page, not a picture");
            return Err(Box::new(
                finding(Code::BrokenLink, message)
                    .help("name a file with a picture in it")
                    .unquoted(),
            ));
        }
        Ok(target)
    }

    fn resolve_file(
        &self,
        path: &str,
        fragment: Option<String>,
        destination: &str,
        origin: Origin<'_>,
    ) -> Result<Target, Box<Finding>> {
        let finding =
            |code: Code, message: Message| Finding::new(code, origin.file, message).at(origin.span);
        if path == "code.toml" {
            let chapter = fragment.as_ref().and_then(|name| self.measures.get(name));
            return match (&fragment, chapter) {
                (Some(_), Some(chapter)) => Ok(Target::Page {
                    path: format!("code/{chapter}/"),
                    fragment,
                }),
                (None, _) => Ok(Target::Page {
                    path: "code/".into(),
                    fragment: None,
                }),
                (Some(name), None) => {
                    let known = self.measures.keys().map(String::as_str);
                    let message = Message::new("the code of practice has no").value(name);
                    Err(Box::new(finding(Code::UnknownMeasure, message).suggest(
                        name,
                        known,
                        "write the prefix, a hyphen and the number, such as #S-1.1",
                    )))
                }
            };
        }
        if let Some(page) = self.pages.get(path) {
            return Ok(Target::Page {
                path: page.path.clone(),
                fragment,
            });
        }
        if let Some(is_withheld) = self.drafts.get(path) {
            let help = "take `draft = true` out of that file, or take the link out";
            return Err(Box::new(if *is_withheld {
                finding(
                    Code::LinkToDraft,
                    Message::new("this link leads to a draft"),
                )
                .help(help)
                .unquoted()
            } else {
                let message = Message::new("this link leads to a draft:").value(destination);
                finding(Code::LinkToDraft, message).help(help)
            }));
        }
        if self.unreadable.contains(path) {
            // That file has an error of its own.
            return Ok(Target::Nowhere);
        }
        if self.withheld.contains(path) {
            let message = Message::new("this file is withheld as an attachment of its document");
            let help = "take the link out, or take the mark off the attachment";
            return Err(Box::new(
                finding(Code::BrokenLink, message).help(help).unquoted(),
            ));
        }
        if self.assets.contains_key(path) {
            return if let Some(address) = self.address_of(path) {
                Ok(Target::File {
                    address,
                    source: path.to_owned(),
                })
            } else {
                let message = Message::new(
                    "this file belongs to a document that is withheld as a whole, or to a draft",
                );
                Err(Box::new(
                    finding(Code::BrokenLink, message)
                        .help("take the link out, or move the file out of that document's folder")
                        .unquoted(),
                ))
            };
        }
        // Only what is public anyway may be suggested: no file that nobody has named, and none whose name is withheld.
        let known = self
            .pages
            .iter()
            .filter(|(_, page)| !page.is_withheld)
            .map(|(path, _)| path.as_str());
        let message = Message::new("there is no file").value(format!("content/{path}"));
        Err(Box::new(finding(Code::BrokenLink, message).suggest(path, known, "link to a file in content/, relative to this one, or to an address of the site that begins with /")))
    }

    /// Returns the address at which a bundled file is published, by its path below `content/`.
    pub(crate) fn address_of(&self, asset: &str) -> Option<String> {
        let mut end = asset.len();
        while let Some(at) = asset.get(..end).and_then(|head| head.rfind('/')) {
            let (own, rest) = asset.split_at_checked(at)?;
            match self.folders.get(own) {
                Some(folder) if folder.is_closed => return None,
                Some(folder) => {
                    return Some(format!("{}{}", folder.path, rest.trim_start_matches('/')));
                }
                None => end = at,
            }
        }
        Some(asset.strip_prefix("pages/").unwrap_or(asset).to_owned())
    }
}

/// Returns the scheme of an absolute address.
fn scheme(destination: &str) -> Option<&str> {
    let (scheme, _) = destination.split_once(':')?;
    let sound = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    sound.then_some(scheme)
}

/// Decodes `%20` and the like; leaves what is not UTF-8 afterwards as it was.
fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = |byte: Option<&u8>| {
            byte.and_then(|byte| char::from(*byte).to_digit(16))
                .and_then(|digit| u8::try_from(digit).ok())
        };
        if first == b'%'
            && let (Some(high), Some(low)) = (hex(tail.first()), hex(tail.get(1)))
        {
            bytes.push(high * 16 + low);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// Encodes a path for an address; `/` stays.
pub(crate) fn encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=:@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Encodes a fragment for an address.
pub(crate) fn encode_fragment(fragment: Option<&str>) -> String {
    fragment
        .map(|fragment| format!("#{}", encode(fragment)))
        .unwrap_or_default()
}

/// Returns the path of a page in a language: other languages than the default stand below their tags.
pub(crate) fn in_language(config: &Config, path: &str, language: &Language) -> String {
    if language == config.default_language() {
        path.to_owned()
    } else {
        format!("{language}/{path}")
    }
}

/// Returns what leads from a page to the site's root: `../` for every folder, `./` at the root itself.
pub(crate) fn to_root(page: &str) -> String {
    match page.matches('/').count() {
        0 => "./".to_owned(),
        depth => "../".repeat(depth),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_stay_inside() {
        assert_eq!(
            slug::join("meetings", "../members/acme.toml").as_deref(),
            Some("members/acme.toml")
        );
        assert_eq!(
            slug::join("meetings/x", "./a b.pdf").as_deref(),
            Some("meetings/x/a b.pdf")
        );
        assert_eq!(slug::join("meetings", "../../etc/passwd"), None);
    }

    #[test]
    fn paths_are_decoded_and_encoded() {
        assert_eq!(decode("a%20b%C3%A9"), "a bé");
        assert_eq!(encode("a bé/c"), "a%20b%C3%A9/c");
        assert_eq!(decode("100%"), "100%");
    }

    #[test]
    fn schemes_are_seen() {
        assert_eq!(scheme("JavaScript:alert(1)"), Some("JavaScript"));
        assert_eq!(scheme("a/b:c"), None);
    }
}
