//! A built site in memory: what a build put there, and what of it a browser asks for.
//!
//! Pages are kept byte for byte as `build` would write them. The script that follows saves is added on the way out, and only
//! here; a built site never holds it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::links;
use crate::render::Sink;

/// Takes the files of a site while it is built.
#[derive(Debug, Default)]
pub(super) struct Intake(Mutex<BTreeMap<String, Vec<u8>>>);

impl Sink for Intake {
    fn put(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let bytes = bytes.to_vec();
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.insert(path.to_owned(), bytes);
        Ok(())
    }
}

impl Intake {
    /// Returns the site, which stands under a path that begins and ends with `/`.
    pub(super) fn into_site(self, base: &str) -> Memory {
        let files = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let stylesheet = files.keys().find(|path| is_stylesheet(path)).cloned();
        let redirects = files.get("_redirects").map(|list| redirects(list, base));
        Memory {
            redirects: redirects.unwrap_or_default(),
            stylesheet: stylesheet.unwrap_or_default(),
            base: base.to_owned(),
            prefix: decoded(base).unwrap_or_else(|| base.to_owned()),
            files,
        }
    }
}

/// A site that may be shown.
#[derive(Debug)]
pub(super) struct Memory {
    files: BTreeMap<String, Vec<u8>>,
    /// Old addresses below the site's root, decoded, and the paths to which they lead, as they stand in an address.
    redirects: BTreeMap<String, String>,
    /// The path of the stylesheet, which holds a fingerprint.
    pub(super) stylesheet: String,
    /// The path of `base_url`, as it stands in an address.
    pub(super) base: String,
    /// The same, decoded.
    prefix: String,
}

/// What stands at an address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'m> {
    File(&'m str, &'m [u8]),
    /// It stands at another address, as it is written in a head.
    Elsewhere(u16, String),
    /// There is nothing; where the site has a page that says so, this is it.
    Nothing(Option<(&'m str, &'m [u8])>),
}

impl Memory {
    /// Returns what stands at a decoded path of an address.
    pub(super) fn find(&self, path: &str) -> Found<'_> {
        let Some(below) = path.strip_prefix(&self.prefix) else {
            let is_above = path == "/" || self.prefix.strip_suffix('/') == Some(path);
            return if is_above {
                Found::Elsewhere(302, self.base.clone())
            } else {
                Found::Nothing(self.not_found(""))
            };
        };
        if let Some(target) = self.redirects.get(below.trim_end_matches('/')) {
            return Found::Elsewhere(301, target.clone());
        }
        let is_folder = below.is_empty() || below.ends_with('/');
        let file = if is_folder {
            format!("{below}index.html")
        } else {
            below.to_owned()
        };
        if let Some((path, bytes)) = self.files.get_key_value(&file) {
            return Found::File(path, bytes);
        }
        // What is sent back is the site's own path, not the one that was asked for.
        let folder = self.files.get_key_value(&format!("{below}/index.html"));
        if let Some(folder) = folder.and_then(|(path, _)| path.strip_suffix("index.html")) {
            return Found::Elsewhere(301, format!("{}{}", self.base, links::encode(folder)));
        }
        Found::Nothing(self.not_found(below))
    }

    /// Returns the page that says that there is nothing, in the language of the address.
    fn not_found(&self, below: &str) -> Option<(&str, &[u8])> {
        let language = below.split('/').next().unwrap_or_default();
        let own = format!("{language}/404.html");
        let page = self.files.get_key_value(&own);
        page.or_else(|| self.files.get_key_value("404.html"))
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Returns the page that is shown at a path, whether it is that page or the one that says that there is none.
    fn shown(&self, path: &str) -> Option<&[u8]> {
        match self.find(path) {
            Found::File(_, bytes) | Found::Nothing(Some((_, bytes))) => Some(bytes),
            Found::Elsewhere(..) | Found::Nothing(None) => None,
        }
    }

    /// Returns a fingerprint of what is shown at a path. It is the same after a change of the stylesheet alone.
    pub(super) fn print(&self, path: &str) -> String {
        self.shown(path)
            .map_or_else(String::new, |bytes| self.print_of(bytes))
    }

    fn print_of(&self, page: &[u8]) -> String {
        let mut digest = Sha256::new();
        let mut rest = page;
        if !self.stylesheet.is_empty() {
            let finder = memchr::memmem::Finder::new(self.stylesheet.as_bytes());
            while let Some(at) = finder.find(rest) {
                let (before, after) = rest.split_at(at);
                digest.update(before);
                rest = after.get(self.stylesheet.len()..).unwrap_or_default();
            }
        }
        digest.update(rest);
        hexadecimal(&digest.finalize())
    }

    /// Returns a page with the script that follows saves.
    pub(super) fn live(&self, page: &[u8]) -> Vec<u8> {
        with_script(page, &self.print_of(page), &self.stylesheet)
    }

    /// Says whether the page at a path shows one of these files, going by their names.
    pub(super) fn shows(&self, path: &str, files: &[String]) -> bool {
        let Some(page) = self.shown(path).filter(|_| !files.is_empty()) else {
            return false;
        };
        files.iter().any(|file| {
            let name = file.rsplit('/').next().unwrap_or(file);
            memchr::memmem::find(page, links::encode(name).as_bytes()).is_some()
        })
    }

    /// Returns the files that pages show and that differ from those of another build; the stylesheet is told of otherwise.
    pub(super) fn changed_parts(&self, before: &Self) -> Vec<String> {
        let is_part = |path: &str| {
            let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
            let parts = [
                "avif", "css", "gif", "jpeg", "jpg", "js", "png", "svg", "webp", "woff", "woff2",
            ];
            parts.contains(&ending) && path != self.stylesheet
        };
        let changed = self.files.iter().filter(|(path, bytes)| {
            is_part(path) && before.files.get(*path).is_none_or(|old| old != *bytes)
        });
        changed.map(|(path, _)| path.clone()).collect()
    }

    /// Returns the page of a file of `content/` that was saved, if it can be told by its name: its address and its title. Where
    /// a title is withheld the page has another name than the file, and nothing is found.
    pub(super) fn page_of(&self, source: &str) -> Option<(String, String)> {
        let mut parts: Vec<&str> = source.strip_prefix("content/")?.split('/').collect();
        let name = parts.pop()?;
        let mut stem = name.split('.');
        let slug = stem.next()?;
        let endings: Vec<&str> = stem.collect();
        let language = match endings.as_slice() {
            [language, _] => format!("{language}/"),
            _ => String::new(),
        };
        if slug != "index" {
            parts.push(slug);
        }
        let below = parts.join("/");
        let below = below.strip_prefix("pages/").unwrap_or(&below);
        let file = if below.is_empty() {
            format!("{language}index.html")
        } else {
            format!("{language}{below}/index.html")
        };
        let page = self.files.get(&file)?;
        let address = format!(
            "{}{}",
            self.base,
            links::encode(file.strip_suffix("index.html")?)
        );
        Some((address, title(page).unwrap_or_else(|| below.to_owned())))
    }
}

/// Returns a page with the script that follows saves, and what the script must know.
pub(super) fn with_script(page: &[u8], print: &str, stylesheet: &str) -> Vec<u8> {
    let script = format!(
        "<script src=\"{}live.js\" data-print=\"{print}\" data-style=\"{stylesheet}\" defer></script>\n",
        super::RESERVED
    );
    let at = memchr::memmem::find(page, b"</head>").unwrap_or(page.len());
    let (before, after) = page.split_at(at);
    [before, script.as_bytes(), after].concat()
}

/// Returns the text of a page's `<title>`.
fn title(page: &[u8]) -> Option<String> {
    let page = std::str::from_utf8(page).ok()?;
    let (_, after) = page.split_once("<title>")?;
    let (title, _) = after.split_once("</title>")?;
    let mut plain = title.to_owned();
    for (name, letter) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#x2F;", "/"),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(name, letter);
    }
    Some(plain)
}

fn is_stylesheet(path: &str) -> bool {
    path.strip_prefix("assets/style.")
        .and_then(|rest| rest.strip_suffix(".css"))
        .is_some_and(|print| !print.contains('/'))
}

/// Reads the list of redirects that the site publishes: `/base/old /base/new 301`.
fn redirects(list: &[u8], base: &str) -> BTreeMap<String, String> {
    let list = String::from_utf8_lossy(list);
    let lines = list.lines().filter_map(|line| {
        let mut parts = line.split_whitespace();
        let (from, to) = (parts.next()?, parts.next()?);
        let from = decoded(from.strip_prefix(base)?)?;
        Some((from.trim_end_matches('/').to_owned(), to.to_owned()))
    });
    lines.collect()
}

/// Decodes an address, once; nothing where it is not UTF-8 or says what no address of a site says.
pub(super) fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let path = String::from_utf8(bytes).ok()?;
    let is_odd = path.contains(|letter: char| letter.is_control() || letter == '\\')
        || path.split('/').any(|part| part == "." || part == "..");
    (!is_odd).then_some(path)
}

/// Returns the fingerprint of an answer.
pub(super) fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", hexadecimal(&Sha256::digest(bytes)))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().take(12).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Memory {
        let intake = Intake::default();
        for (path, text) in [
            ("index.html", "<head><title>Home</title></head>"),
            ("404.html", "none"),
            ("fr/404.html", "rien"),
            (
                "meetings/one/index.html",
                "<head><title>One &amp; all</title><link href=assets/style.0a.css></head>",
            ),
            ("assets/style.0a.css", "a{}"),
            ("_redirects", "/c/old /c/meetings/one/ 301\n"),
        ] {
            intake.put(path, text.as_bytes()).unwrap();
        }
        intake.into_site("/c/")
    }

    #[test]
    fn an_address_finds_a_file_or_another_address() {
        let site = site();
        let found = |path: &str| match site.find(path) {
            Found::File(path, _) => path.to_owned(),
            Found::Elsewhere(status, address) => format!("{status} {address}"),
            Found::Nothing(page) => format!("404 {}", page.map_or("", |(path, _)| path)),
        };
        for (path, expected) in [
            ("/", "302 /c/"),
            ("/c", "302 /c/"),
            ("/c/", "index.html"),
            ("/c/meetings/one/", "meetings/one/index.html"),
            ("/c/meetings/one", "301 /c/meetings/one/"),
            ("/c/meetings/one/index.html", "meetings/one/index.html"),
            ("/c/old/", "301 /c/meetings/one/"),
            ("/c/fr/x", "404 fr/404.html"),
            ("/c//meetings/one/", "404 404.html"),
            ("/elsewhere", "404 404.html"),
        ] {
            assert_eq!(found(path), expected, "{path}");
        }
    }

    #[test]
    fn an_address_is_decoded_once() {
        for (path, expected) in [
            ("/a%20b", Some("/a b")),
            ("/%252e%252e/", Some("/%2e%2e/")),
            ("/%2e%2e/", None),
            ("/../", None),
            ("/a%00", None),
            ("/a%", None),
            ("/a%5c", None),
            ("/%ff", None),
            ("/é", Some("/é")),
        ] {
            assert_eq!(decoded(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn a_change_of_style_leaves_the_print_as_it_is() {
        let site = site();
        let one = b"<link href=assets/style.0a.css>x";
        let other = Memory {
            stylesheet: "assets/style.0b.css".to_owned(),
            ..self::site()
        };
        assert_eq!(
            site.print_of(one),
            other.print_of(b"<link href=assets/style.0b.css>x")
        );
        assert_ne!(
            site.print_of(one),
            other.print_of(b"<link href=assets/style.0b.css>y")
        );
    }

    #[test]
    fn a_source_file_leads_to_its_page() {
        let site = site();
        let page = site.page_of("content/meetings/one.md").unwrap();
        assert_eq!(
            page,
            ("/c/meetings/one/".to_owned(), "One & all".to_owned())
        );
        assert_eq!(site.page_of("content/meetings/one/index.md").unwrap(), page);
        assert_eq!(site.page_of("content/index.md").unwrap().0, "/c/");
        assert_eq!(site.page_of("content/meetings/two.md"), None);
        assert_eq!(site.page_of("themes/x/style.css"), None);
    }
}
