//! `clerestory.toml`: the title, the address and the languages of a site, its kinds, topics and grounds.
//!
//! Reading never fails: what is wrong becomes a finding, and a default stands in its place, so that the content can be
//! checked in the same run. Nothing here is ever withheld.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diag::{Code, FilePath, Finding, Message, Span, Warned};
use crate::fields::{self, Language, LocalText, Placed, Raw, Reader, Table};
use crate::slug;

/// The file that makes a folder a site.
pub const FILE: &str = "clerestory.toml";

/// Everything that `clerestory.toml` says.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) title: LocalText,
    pub(crate) description: Option<LocalText>,
    pub(crate) base_url: BaseUrl,
    pub(crate) languages: Vec<Language>,
    pub(crate) theme: Placed<String>,
    pub(crate) author: Option<LocalText>,
    pub(crate) notice: Option<LocalText>,
    pub(crate) kinds: Vec<Label>,
    pub(crate) grounds: Vec<Ground>,
    /// `None` where the site has no closed list of topics.
    pub(crate) topics: Option<Vec<Label>>,
    pub(crate) navigation: Option<Vec<NavigationItem>>,
    pub(crate) licence: Option<Licence>,
}

/// A slug with the text shown for it; without one, the theme or the slug itself serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) slug: String,
    pub(crate) label: Option<LocalText>,
}

/// Why a passage may be withheld: a code of a closed vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    pub(crate) code: Arc<str>,
    /// `None` for a built-in ground, which the theme labels in every language.
    pub(crate) label: Option<LocalText>,
    /// The legal basis, as it is cited.
    pub(crate) basis: Option<String>,
    /// Whether it is a state of procedure and no secret; such a ground has a mark of its own and is counted apart.
    pub(crate) is_procedural: bool,
}

/// An entry of the main navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NavigationItem {
    /// A section of the site, or a free page, by its slug.
    Slug(Placed<String>),
    /// A link of the site's own.
    Link {
        title: LocalText,
        url: Placed<String>,
    },
}

/// Under which licence the text and the data may be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Licence {
    pub(crate) text: Option<LicenceName>,
    pub(crate) data: Option<LicenceName>,
}

/// A licence by its name and, where there is one, its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LicenceName {
    pub(crate) name: LocalText,
    pub(crate) url: Option<String>,
}

/// The address under which a site stands: `https://host/any/path/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    origin: String,
    path: String,
}

impl BaseUrl {
    /// Reads an absolute address, with or without the last `/`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if !fields::is_web_address(text) || text.contains(['?', '#']) || !text.is_ascii() {
            return None;
        }
        let scheme_end = text.find("://")? + 3;
        let path_start = text
            .get(scheme_end..)?
            .find('/')
            .map_or(text.len(), |at| scheme_end + at);
        let (origin, path) = text.split_at_checked(path_start)?;
        if origin.contains('@')
            || path.split('/').any(|part| part == "." || part == "..")
            || path.contains("//")
        {
            return None;
        }
        Some(Self {
            origin: origin.to_owned(),
            path: format!("{}/", path.trim_end_matches('/')),
        })
    }

    /// Returns scheme and host, without a `/` at the end.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns the path, which begins and ends with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the absolute address of a path below the site's root.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{}{}", self.origin, self.path, path)
    }
}

/// The built-in grounds that are states of procedure and no secrets.
const PROCEDURAL: [&str; 2] = ["pending-consultation", "out-of-scope"];

/// The built-in grounds with their legal basis; the theme labels them in every language.
const BUILT_IN_GROUNDS: &[(&str, Option<&str>)] = &[
    (
        "commercial",
        Some("Regulation (EU) 2024/1689, Article 78(1)(a)"),
    ),
    (
        "trade-secret",
        Some("Directive (EU) 2016/943, Article 2(1)"),
    ),
    ("personal-data", Some("Regulation (EU) 2018/1725")),
    (
        "security",
        Some("Regulation (EU) 2024/1689, Article 78(1)(c)"),
    ),
    (
        "negotiation",
        Some("Regulation (EC) No 1049/2001, Article 4(2), first indent"),
    ),
    (
        "decision-making",
        Some("Regulation (EC) No 1049/2001, Article 4(3)"),
    ),
    (
        "investigation",
        Some("Regulation (EU) 2024/1689, Article 78(1)(b)"),
    ),
    (
        "legal-advice",
        Some("Regulation (EC) No 1049/2001, Article 4(2), second indent"),
    ),
    (
        "competition",
        Some("Treaty on the Functioning of the European Union, Article 101"),
    ),
    (
        "professional-secrecy",
        Some("Treaty on the Functioning of the European Union, Article 339"),
    ),
    (
        "pending-consultation",
        Some("Regulation (EC) No 1049/2001, Article 4(4)"),
    ),
    ("out-of-scope", None),
];

const DEFAULT_KINDS: &[&str] = &["plenary", "working-group", "ad-hoc"];

/// Returns the root of the site: `start` or the nearest folder above it that holds a `clerestory.toml`.
#[must_use]
pub fn find_root(start: &Path) -> Option<PathBuf> {
    start
        .ancestors()
        .find(|folder| folder.join(FILE).is_file())
        .map(Path::to_path_buf)
}

/// A configuration as read, with its text for messages.
#[derive(Debug)]
pub struct ConfigSource {
    pub(crate) file: FilePath,
    pub(crate) text: String,
    /// Where the line stands that is not UTF-8; of the text then only its line ends are kept.
    broken_at: Option<usize>,
}

impl ConfigSource {
    /// Reads the configuration of the site at `root`.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn read(root: &Path) -> Result<Self, std::io::Error> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the configuration is read here and nowhere else"
        )]
        let bytes = std::fs::read(root.join(FILE))?;
        Ok(Self::from_bytes(bytes))
    }

    /// Takes a configuration as it was at another time.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Self {
        let file = Arc::from(FILE);
        match String::from_utf8(bytes) {
            Ok(text) => {
                let text = text
                    .strip_prefix('\u{FEFF}')
                    .map_or(text.clone(), ToOwned::to_owned);
                Self {
                    file,
                    text,
                    broken_at: None,
                }
            }
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let lines = error
                    .as_bytes()
                    .iter()
                    .take(valid)
                    .filter(|byte| **byte == b'\n')
                    .count();
                Self {
                    file,
                    text: "\n".repeat(lines),
                    broken_at: Some(lines),
                }
            }
        }
    }

    /// Returns the configuration and what was noticed in it.
    #[must_use]
    pub fn parse(&self) -> Warned<Config> {
        let english = Language::new("en");
        let mut config = Config::fallback(&english);
        if let Some(at) = self.broken_at {
            let finding = Finding::new(
                Code::NotUtf8,
                &self.file,
                "this file is not UTF-8 from this line on",
            )
            .at(Span::new(at, at))
            .help("save the file again with the encoding UTF-8");
            return Warned {
                value: config,
                findings: vec![finding],
            };
        }
        let root = match fields::parse(&self.text, 0, &self.file, Code::InvalidToml) {
            Ok(root) => root,
            Err(findings) => {
                return Warned {
                    value: config,
                    findings,
                };
            }
        };
        let mut reader = Reader {
            file: &self.file,
            base: 0,
            language: &english,
            languages: &[],
            is_closed: false,
            findings: Vec::new(),
        };
        let mut top = reader.root(&root);
        // The languages come first: every text that follows may be a table by language.
        let languages = languages(&mut reader, &root);
        config.languages.clone_from(&languages);
        let mut reader = Reader {
            file: &self.file,
            base: 0,
            language: &languages[0],
            languages: &languages,
            is_closed: false,
            findings: reader.findings,
        };
        match top.take("site").and_then(|value| reader.table(value)) {
            Some(mut site) => read_site(&mut reader, &mut site, &mut config),
            None => reader.missing(
                &top,
                "site",
                "the configuration",
                "{ title = \"…\", base_url = \"https://…\" }",
            ),
        }
        if let Some(mut meetings) = top.take("meetings").and_then(|value| reader.table(value)) {
            read_kinds(&mut reader, &mut meetings, &mut config);
        }
        if let Some(value) = top.take("grounds") {
            config.grounds = read_grounds(&mut reader, value);
        }
        if let Some(mut topics) = top.take("topics").and_then(|value| reader.table(value)) {
            config.topics = Some(read_labels(&mut reader, &mut topics));
        }
        if let Some(mut navigation) = top.take("navigation").and_then(|value| reader.table(value)) {
            config.navigation = navigation
                .take("items")
                .and_then(|value| reader.list(value, read_navigation_item));
            reader.finish(&navigation, "[navigation]");
        }
        if let Some(mut licence) = top.take("licence").and_then(|value| reader.table(value)) {
            config.licence = Some(Licence {
                text: licence
                    .take("text")
                    .and_then(|value| read_licence(&mut reader, value)),
                data: licence
                    .take("data")
                    .and_then(|value| read_licence(&mut reader, value)),
            });
            reader.finish(&licence, "[licence]");
        }
        // Read by the publishing of a built site, which has its own rules.
        top.take("publish");
        reader.finish(&top, "clerestory.toml");
        Warned {
            value: config,
            findings: reader.findings,
        }
    }

    /// Returns the findings in this file as diagnostics. Nothing in a configuration is withheld.
    #[must_use]
    pub fn disclose(&self, findings: &[Finding]) -> Vec<crate::diag::Diagnostic> {
        // Somebody may have tried all the same.
        let tried = |finding: &Finding| {
            matches!(
                finding.code,
                Code::CannotWithhold | Code::MalformedMarker | Code::NearMissMarker | Code::NotUtf8
            )
        };
        let is_trusted = !findings.iter().any(tried)
            && !self.text.contains("confidential =")
            && !self.text.contains("confidential=");
        findings
            .iter()
            .map(|finding| finding.disclose(&self.text, &[], is_trusted))
            .collect()
    }
}

impl Config {
    fn fallback(language: &Language) -> Self {
        Self {
            title: LocalText::single(language.clone(), "Untitled"),
            description: None,
            base_url: BaseUrl {
                origin: "http://localhost".into(),
                path: "/".into(),
            },
            languages: vec![language.clone()],
            theme: Placed::new("default".into(), Span::default()),
            author: None,
            notice: None,
            kinds: DEFAULT_KINDS
                .iter()
                .map(|slug| Label {
                    slug: (*slug).into(),
                    label: None,
                })
                .collect(),
            grounds: BUILT_IN_GROUNDS
                .iter()
                .map(|(code, basis)| Ground {
                    code: Arc::from(*code),
                    label: None,
                    basis: basis.map(Into::into),
                    is_procedural: PROCEDURAL.contains(code),
                })
                .collect(),
            topics: None,
            navigation: None,
            licence: None,
        }
    }

    /// Returns the language at the root of the site.
    #[must_use]
    pub fn default_language(&self) -> &Language {
        &self.languages[0]
    }

    /// Puts the site under another address.
    pub fn set_base_url(&mut self, base_url: BaseUrl) {
        self.base_url = base_url;
    }
}

/// Reads `[site].languages` alone.
fn languages(
    reader: &mut Reader<'_>,
    root: &toml::Spanned<toml::de::DeTable<'_>>,
) -> Vec<Language> {
    let mut found: Vec<Language> = Vec::new();
    let site = root
        .get_ref()
        .get("site")
        .and_then(|site| site.get_ref().as_table());
    if let Some(value) = site.and_then(|site| site.get("languages")) {
        for tag in reader.list(value, Reader::text).unwrap_or_default() {
            let language = Language::new(&tag.value);
            if !fields::is_language_tag(&tag.value) {
                let message = Message::new("this is no language tag:").value(&tag.value);
                reader.note(
                    Code::InvalidValue,
                    tag.span,
                    message,
                    "write tags such as \"en\", \"fr\" or \"pt-br\"",
                );
            } else if found.contains(&language) {
                reader.note(
                    Code::DuplicateName,
                    tag.span,
                    "this language stands twice",
                    "keep one of the two",
                );
            } else {
                found.push(language);
            }
        }
    }
    if found.is_empty() {
        found.push(Language::new("en"));
    }
    found
}

fn read_site(reader: &mut Reader<'_>, site: &mut Table<'_, '_>, config: &mut Config) {
    match site.take("title") {
        Some(value) => {
            if let Some(title) = reader.local_text(value) {
                config.title = title;
            }
        }
        None => reader.missing(site, "title", "[site]", "\"Transparency centre\""),
    }
    match site.take("base_url") {
        Some(value) => {
            if let Some(text) = reader.text(value) {
                match BaseUrl::parse(&text.value) {
                    Some(base_url) => config.base_url = base_url,
                    None => reader.note(
                        Code::InvalidValue,
                        text.span,
                        "this is no address under which a site can stand",
                        "write it as https://example.org/centre/, without `?` and `#`",
                    ),
                }
            }
        }
        None => reader.missing(site, "base_url", "[site]", "\"https://example.org/\""),
    }
    site.take("languages");
    config.description = site
        .take("description")
        .and_then(|value| reader.local_text(value));
    config.author = site
        .take("author")
        .and_then(|value| reader.local_text(value));
    config.notice = site
        .take("notice")
        .and_then(|value| reader.local_text(value));
    if let Some(theme) = site.take("theme").and_then(|value| reader.text(value)) {
        if slug::is_slug(&theme.value) {
            config.theme = theme;
        } else {
            let message = Message::new("this is no name of a theme:").value(&theme.value);
            reader.note(
                Code::UnknownTheme,
                theme.span,
                message,
                "write the name of a folder in `themes/`, or \"default\"",
            );
        }
    }
    reader.finish(site, "[site]");
}

fn read_kinds(reader: &mut Reader<'_>, meetings: &mut Table<'_, '_>, config: &mut Config) {
    if let Some(value) = meetings.take("kinds")
        && let Some(kinds) = reader.list(value, read_slug)
    {
        config.kinds = kinds
            .into_iter()
            .map(|slug| Label {
                slug: slug.value,
                label: None,
            })
            .collect();
    }
    if let Some(mut labels) = meetings
        .take("labels")
        .and_then(|value| reader.table(value))
    {
        for (key, value) in labels.take_all(reader.base) {
            let label = reader.local_text(value);
            if let Some(kind) = config.kinds.iter_mut().find(|kind| kind.slug == key.value) {
                kind.label = label;
            } else {
                let known: Vec<String> =
                    config.kinds.iter().map(|kind| kind.slug.clone()).collect();
                let finding = Finding::new(
                    Code::UnknownKind,
                    reader.file,
                    Message::new("no kind").value(&key.value),
                )
                .at(key.span)
                .suggest(
                    &key.value,
                    known.iter().map(String::as_str),
                    "add it to `kinds` above",
                );
                reader.findings.push(finding);
            }
        }
    }
    reader.finish(meetings, "[meetings]");
}

fn read_slug(reader: &mut Reader<'_>, value: &Raw<'_>) -> Option<Placed<String>> {
    let text = reader.text(value)?;
    if slug::is_slug(&text.value) {
        return Some(text);
    }
    let message = Message::new("this cannot be part of an address:").value(&text.value);
    reader.note(
        Code::InvalidSlug,
        text.span,
        message,
        "use a-z, 0-9 and `-` only",
    );
    None
}

fn read_labels(reader: &mut Reader<'_>, table: &mut Table<'_, '_>) -> Vec<Label> {
    let mut labels = Vec::new();
    for (key, value) in table.take_all(reader.base) {
        if slug::is_slug(&key.value) {
            labels.push(Label {
                slug: key.value,
                label: reader.local_text(value),
            });
        } else {
            let message = Message::new("this cannot be part of an address:").value(&key.value);
            reader.note(
                Code::InvalidSlug,
                key.span,
                message,
                "use a-z, 0-9 and `-` only",
            );
        }
    }
    labels
}

fn read_grounds(reader: &mut Reader<'_>, value: &Raw<'_>) -> Vec<Ground> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let grounds = reader.list(value, |reader, value| {
        let mut table = reader.table(value)?;
        let code = if let Some(value) = table.take("code") {
            read_slug(reader, value)
        } else {
            reader.missing(&table, "code", "a ground", "\"commercial\"");
            None
        };
        let label = table
            .take("label")
            .and_then(|value| reader.local_text(value));
        if label.is_none()
            && code
                .as_ref()
                .is_some_and(|code| BUILT_IN_GROUNDS.iter().all(|(own, _)| *own != code.value))
        {
            reader.missing(&table, "label", "a ground", "\"Commercially confidential\"");
        }
        let basis = table
            .take("basis")
            .and_then(|value| reader.text(value))
            .map(|basis| basis.value);
        let procedural = table
            .take("procedural")
            .and_then(|value| reader.truth(value));
        reader.finish(&table, "[[grounds]]");
        let code = code?;
        if !seen.insert(code.value.clone()) {
            reader.note(
                Code::DuplicateName,
                code.span,
                "this ground stands twice",
                "keep one of the two",
            );
            return None;
        }
        // A built-in code means the same in every list, unless the site says otherwise.
        let is_procedural = procedural.unwrap_or_else(|| PROCEDURAL.contains(&code.value.as_str()));
        Some(Ground {
            code: Arc::from(code.value),
            label,
            basis,
            is_procedural,
        })
    });
    grounds.unwrap_or_default()
}

fn read_navigation_item(reader: &mut Reader<'_>, value: &Raw<'_>) -> Option<NavigationItem> {
    if value.get_ref().is_table() {
        let mut table = reader.table(value)?;
        let title = table
            .take("title")
            .and_then(|value| reader.local_text(value));
        let url = table.take("url").and_then(|value| reader.text(value));
        for (key, example) in [
            ("title", "\"About us\""),
            ("url", "\"https://example.org/\""),
        ] {
            if !table.has(key) {
                reader.missing(&table, key, "a link of the navigation", example);
            }
        }
        reader.finish(&table, "an entry of the navigation");
        return Some(NavigationItem::Link {
            title: title?,
            url: url?,
        });
    }
    reader.text(value).map(NavigationItem::Slug)
}

fn read_licence(reader: &mut Reader<'_>, value: &Raw<'_>) -> Option<LicenceName> {
    if !value.get_ref().is_table() {
        return reader
            .local_text(value)
            .map(|name| LicenceName { name, url: None });
    }
    let mut table = reader.table(value)?;
    let Some(name) = table.take("name") else {
        reader.missing(&table, "name", "a licence", "\"CC BY 4.0\"");
        return None;
    };
    let name = reader.local_text(name);
    let url = table
        .take("url")
        .and_then(|value| reader.web_address(value))
        .map(|url| url.value);
    reader.finish(&table, "a licence");
    Some(LicenceName { name: name?, url })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> (Config, Vec<String>) {
        let source = ConfigSource {
            file: Arc::from(FILE),
            text: text.into(),
            broken_at: None,
        };
        let warned = source.parse();
        let said = source
            .disclose(&warned.findings)
            .iter()
            .map(|d| format!("{} {}", d.code, d.message))
            .collect();
        (warned.value, said)
    }

    #[test]
    fn a_small_configuration_is_enough() {
        let (config, said) = check("[site]\ntitle = \"A\"\nbase_url = \"https://a.example/x\"\n");
        assert!(said.is_empty(), "{said:?}");
        assert_eq!(config.base_url.join("data/"), "https://a.example/x/data/");
        assert_eq!(config.grounds.len(), 12);
    }

    #[test]
    fn a_ground_can_be_a_state_of_procedure() {
        let own = "[site]\ntitle = \"A\"\nbase_url = \"https://a.example/\"\n";
        let procedural = |text: &str| -> Vec<String> {
            let (config, said) = check(&format!("{own}{text}"));
            assert!(said.is_empty(), "{said:?}");
            let grounds = config.grounds.iter();
            grounds
                .filter(|ground| ground.is_procedural)
                .map(|ground| ground.code.to_string())
                .collect()
        };
        assert_eq!(procedural(""), ["pending-consultation", "out-of-scope"]);
        let list = "[[grounds]]\ncode = \"queue\"\nlabel = \"In the queue\"\nprocedural = true\n\
                    [[grounds]]\ncode = \"out-of-scope\"\n[[grounds]]\ncode = \"commercial\"\n";
        assert_eq!(procedural(list), ["queue", "out-of-scope"]);
        let (_, said) = check(&format!(
            "{own}[[grounds]]\ncode = \"security\"\nprocedural = \"yes\"\n"
        ));
        assert_eq!(said.len(), 1, "{said:?}");
    }

    #[test]
    fn every_error_is_said_in_one_pass() {
        let (_, said) =
            check("[site]\ntitel = \"A\"\nbase_url = \"example.org\"\n[[grounds]]\ncode = \"x\"\n");
        assert_eq!(said.len(), 4, "{said:?}");
    }

    #[test]
    fn base_urls_are_checked() {
        for bad in [
            "example.org",
            "https://",
            "https://a/?x",
            "https://a/../b/",
            "ftp://a/",
        ] {
            assert!(BaseUrl::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(BaseUrl::parse("http://a").unwrap().path(), "/");
    }
}
