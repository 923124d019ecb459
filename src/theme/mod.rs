//! Themes: the built-in one, a project's files laid over it, the UI texts of every language, and the pages that it brings.
//!
//! A theme sees published types only, and a template that asks for its whole context is refused. Files of a theme are read
//! here and nowhere else.

mod pages;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rust_embed::RustEmbed;
use tera::{Kwargs, State, Tera, Value};

use crate::config::{Config, Ground};
use crate::diag::{Code, Diagnostic, FilePath, Finding, Message, Span};
use crate::fields::{self, Language};
use crate::intl::Intl;
use crate::record::SuppliedText;

#[derive(RustEmbed)]
#[folder = "themes/default/"]
struct BuiltIn;

/// A theme, ready to render.
pub(crate) struct Theme {
    pub(crate) tera: Tera,
    /// UI texts by language, each with all keys: what a language lacks is taken from English.
    pub(crate) strings: BTreeMap<Language, Strings>,
    /// Files that are copied to `assets/`.
    pub(crate) statics: BTreeMap<String, Vec<u8>>,
    /// All files as they are: what stands in one of them is public.
    pub(crate) public: Vec<Vec<u8>>,
    /// Free pages that a site has unless it writes them itself.
    pub(crate) pages: Vec<SuppliedText>,
    /// The text of every file that came from the project, for messages.
    sources: BTreeMap<FilePath, String>,
    /// The templates that came from the project, by name.
    own_templates: BTreeMap<String, FilePath>,
}

impl std::fmt::Debug for Theme {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Theme")
    }
}

/// The UI texts of a language.
#[derive(Clone, Debug, Default)]
pub(crate) struct Strings {
    texts: BTreeMap<String, Text>,
}

#[derive(Clone, Debug)]
enum Text {
    Plain(String),
    /// By plural category.
    Plural(BTreeMap<String, String>),
}

impl Strings {
    /// Returns a text; a key that nobody has defined is shown as it is.
    pub(crate) fn get<'s>(&'s self, key: &'s str) -> &'s str {
        match self.texts.get(key) {
            Some(Text::Plain(text)) => text,
            Some(Text::Plural(forms)) => forms.get("other").map_or(key, String::as_str),
            None => key,
        }
    }

    /// Returns a text, if there is one.
    pub(crate) fn find(&self, key: &str) -> Option<&str> {
        self.texts.contains_key(key).then(|| self.get_known(key))
    }

    fn get_known(&self, key: &str) -> &str {
        match self.texts.get(key) {
            Some(Text::Plain(text)) => text,
            Some(Text::Plural(forms)) => forms.get("other").map_or("", String::as_str),
            None => "",
        }
    }

    /// Returns a text with a number in it, in the right plural form.
    pub(crate) fn count(&self, key: &str, number: u64, intl: &Intl) -> String {
        let text = match self.texts.get(key) {
            Some(Text::Plural(forms)) => forms
                .get(intl.plural(number))
                .or_else(|| forms.get("other"))
                .map_or(key, String::as_str),
            Some(Text::Plain(text)) => text,
            None => key,
        };
        text.replace("{n}", &number.to_string())
    }

    /// Returns a text with names put in: `{name}` is replaced by the value of that name.
    pub(crate) fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        values
            .iter()
            .fold(self.get(key).to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            })
    }

    /// Returns the legal basis of a ground: the theme's words for a built-in one, else as the site cites it.
    pub(crate) fn basis(&self, ground: &Ground) -> Option<String> {
        let built_in = ground
            .label
            .is_none()
            .then(|| self.find(&format!("basis-{}", ground.code)));
        built_in
            .flatten()
            .map(ToOwned::to_owned)
            .or_else(|| ground.basis.clone())
    }

    /// Returns all plain texts, for templates.
    pub(crate) fn plain(&self) -> BTreeMap<&str, &str> {
        self.texts
            .keys()
            .map(|key| (key.as_str(), self.get(key)))
            .collect()
    }
}

/// Why a theme could not be loaded.
#[derive(Debug)]
pub(crate) enum ThemeError {
    /// It does not exist; the finding is about the configuration.
    Missing(Box<Finding>),
    /// Something is wrong with its files.
    Broken(Vec<Diagnostic>),
    /// They cannot be read.
    Io(io::Error),
}

/// The files of a theme: the built-in ones, overlaid by the project's.
struct Files {
    /// Bytes by path below the theme's folder, with the path to name in messages where they came from the project.
    files: BTreeMap<String, (Vec<u8>, Option<FilePath>)>,
}

impl Theme {
    /// Loads the built-in theme and lays the project's `themes/<name>/` over it.
    ///
    /// # Errors
    /// Where the theme is missing, cannot be read, or has errors.
    pub(crate) fn load(root: &Path, config: &Config) -> Result<Self, ThemeError> {
        let files = Files::read(root, config).map_err(ThemeError::Io)?;
        let Some(files) = files else {
            let file: FilePath = Arc::from(crate::config::FILE);
            let name = &config.theme.value;
            let finding = Finding::new(
                Code::UnknownTheme,
                &file,
                Message::new("there is no theme").value(name),
            )
            .at(config.theme.span);
            return Err(ThemeError::Missing(Box::new(finding.help(format!(
                "make a folder themes/{name}/, or write theme = \"default\""
            )))));
        };
        files.into_theme(config)
    }

    /// Returns a template's error as a diagnostic of the file it is in.
    pub(crate) fn explain(&self, error: &tera::Error) -> Diagnostic {
        explain(error, &self.own_templates, &self.sources)
    }
}

/// Returns the pages of the built-in theme, for sites whose own theme has errors: links to them are none.
pub(crate) fn built_in_pages(config: &Config) -> Vec<SuppliedText> {
    let theme = Files::built_in().into_theme(config);
    theme.map(|theme| theme.pages).unwrap_or_default()
}

/// Takes the places off findings about pages of the theme: what was read is the file with its places filled.
pub(crate) fn forget_places(findings: &mut [Finding], pages: &[SuppliedText]) {
    for finding in findings {
        if pages.iter().any(|page| page.file == finding.file) {
            finding.span = None;
        }
    }
}

impl Files {
    fn built_in() -> Self {
        let mut files = BTreeMap::new();
        for path in BuiltIn::iter() {
            if let Some(file) = BuiltIn::get(&path) {
                files.insert(path.to_string(), (file.data.into_owned(), None));
            }
        }
        Self { files }
    }

    /// Returns nothing where the theme does not exist.
    fn read(root: &Path, config: &Config) -> io::Result<Option<Self>> {
        let Self { mut files } = Self::built_in();
        let name = &config.theme.value;
        let folder = root.join("themes").join(name);
        if !folder.is_dir() {
            return Ok((name == "default").then_some(Self { files }));
        }
        for entry in walkdir::WalkDir::new(&folder).sort_by_file_name() {
            let entry = entry.map_err(io::Error::from)?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.')
                || entry.file_name().to_string_lossy().ends_with('~');
            if !entry.file_type().is_file() || hidden {
                continue;
            }
            let Ok(below) = entry.path().strip_prefix(&folder) else {
                continue;
            };
            let parts: Vec<String> = below
                .components()
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect();
            let path = parts.join("/");
            let named: FilePath = Arc::from(format!("themes/{name}/{path}"));
            #[expect(
                clippy::disallowed_methods,
                reason = "files of a theme are read here and nowhere else"
            )]
            let bytes = std::fs::read(entry.path())?;
            // The program's own sources lie in such a folder; the same bytes are no override.
            if files.get(&path).is_none_or(|(own, _)| *own != bytes) {
                files.insert(path, (bytes, Some(named)));
            }
        }
        Ok(Some(Self { files }))
    }

    fn into_theme(self, config: &Config) -> Result<Theme, ThemeError> {
        let mut findings: Vec<Diagnostic> = Vec::new();
        let mut templates: Vec<(String, String)> = Vec::new();
        let mut statics = BTreeMap::new();
        let mut texts: BTreeMap<String, Strings> = BTreeMap::new();
        let mut sources = BTreeMap::new();
        let mut own_templates = BTreeMap::new();
        let public = self
            .files
            .iter()
            .filter_map(|(path, (bytes, _))| Some((path, std::str::from_utf8(bytes).ok()?)))
            .map(|(path, text)| {
                // Elsewhere these signs begin no comment: a stylesheet has them too.
                if path.starts_with("templates/") {
                    without_comments(text).into_bytes()
                } else {
                    text.as_bytes().to_vec()
                }
            })
            .collect();
        let mut written = Vec::new();
        for (path, (bytes, named)) in self.files {
            let file = named
                .clone()
                .unwrap_or_else(|| Arc::from(format!("theme default: {path}")));
            if let Some(name) = path.strip_prefix("static/") {
                statics.insert(name.to_owned(), bytes);
                continue;
            }
            let Ok(text) = String::from_utf8(bytes) else {
                findings.push(
                    Finding::new(Code::NotUtf8, &file, "this file of the theme is not UTF-8")
                        .help("save it again with the encoding UTF-8")
                        .disclose("", &[], true),
                );
                continue;
            };
            if named.is_some() {
                sources.insert(Arc::clone(&file), text.clone());
            }
            if let Some(name) = path.strip_prefix("templates/") {
                if named.is_some() {
                    own_templates.insert(name.to_owned(), Arc::clone(&file));
                }
                if let Some(at) = text.find("__tera_context") {
                    let message =
                        "`__tera_context` shows everything a template knows, and is refused";
                    findings.push(
                        Finding::new(Code::TemplateError, &file, message)
                            .at(Span::new(at, at + 14))
                            .help("name the fields that are to be shown")
                            .disclose(&text, &[], !looks_withheld(&text)),
                    );
                }
                templates.push((name.to_owned(), text));
            } else if let Some(tag) = path
                .strip_prefix("i18n/")
                .and_then(|name| name.strip_suffix(".toml"))
            {
                match read_strings(&text, &file) {
                    Ok(strings) => {
                        texts.insert(tag.to_owned(), strings);
                    }
                    Err(more) => findings.extend(
                        more.iter()
                            .map(|finding| finding.disclose(&text, &[], !looks_withheld(&text))),
                    ),
                }
            } else if let Some(name) = path.strip_prefix("pages/") {
                match pages::read(name, text, &file) {
                    Ok(page) => written.push(page),
                    Err(finding) => findings.push(finding.disclose("", &[], true)),
                }
            }
        }
        let strings = strings_by_language(config, &texts);
        let pages = pages::fill(&written, config, &strings, texts.get("en"));
        let mut tera = new_tera(config, &strings);
        if let Err(error) = tera.add_raw_templates(templates) {
            findings.push(explain(&error, &own_templates, &sources));
        }
        if findings.is_empty() {
            Ok(Theme {
                tera,
                strings,
                statics,
                public,
                pages,
                sources,
                own_templates,
            })
        } else {
            Err(ThemeError::Broken(findings))
        }
    }
}

/// Completes every language of the site by the English texts.
fn strings_by_language(
    config: &Config,
    texts: &BTreeMap<String, Strings>,
) -> BTreeMap<Language, Strings> {
    let english = texts.get("en").cloned().unwrap_or_default();
    config
        .languages
        .iter()
        .map(|language| {
            let mut strings = english.clone();
            let base = language.as_str().split('-').next().unwrap_or_default();
            for tag in [base, language.as_str()] {
                if let Some(own) = texts.get(tag) {
                    strings.texts.extend(own.texts.clone());
                }
            }
            (language.clone(), strings)
        })
        .collect()
}

/// Makes an engine that knows our filters. They come before the templates: the engine checks names when it reads them.
fn new_tera(config: &Config, strings: &BTreeMap<Language, Strings>) -> Tera {
    let mut tera = Tera::new();
    let tools: Arc<BTreeMap<String, (Strings, Intl)>> = Arc::new(
        config
            .languages
            .iter()
            .filter_map(|language| {
                Some((
                    language.to_string(),
                    (strings.get(language)?.clone(), Intl::new(language)),
                ))
            })
            .collect(),
    );
    let counting = Arc::clone(&tools);
    tera.register_filter(
        "count",
        move |number: u64, arguments: Kwargs, _: &State<'_>| -> tera::TeraResult<String> {
            let key = arguments.must_get::<String>("key")?;
            let language = arguments.must_get::<String>("lang")?;
            let Some((strings, intl)) = counting.get(&language) else {
                return Err(tera::Error::message("no such language"));
            };
            Ok(strings.count(&key, number, intl))
        },
    );
    tera.register_filter(
        "fill",
        |text: String, arguments: Kwargs, _: &State<'_>| -> tera::TeraResult<String> {
            let name = arguments.must_get::<String>("name")?;
            let value = arguments.must_get::<Value>("value")?;
            Ok(text.replace(&format!("{{{name}}}"), &value.to_string()))
        },
    );
    tera.register_filter(
        "json",
        |value: Value, _: Kwargs, _: &State<'_>| -> tera::TeraResult<Value> {
            let text = serde_json::to_string(&value)
                .map_err(|_| tera::Error::message("this value cannot be written as JSON"))?;
            // Inside a script element, `<` could end it.
            Ok(Value::safe_string(
                &text
                    .replace('<', "\\u003c")
                    .replace('>', "\\u003e")
                    .replace('&', "\\u0026"),
            ))
        },
    );
    tera
}

fn read_strings(text: &str, file: &FilePath) -> Result<Strings, Vec<Finding>> {
    let root = fields::parse(text, 0, file, Code::InvalidToml)?;
    let mut strings = Strings::default();
    let mut findings = Vec::new();
    for (key, value) in root.get_ref() {
        let text = match value.get_ref() {
            toml::de::DeValue::String(text) => Some(Text::Plain(text.to_string())),
            toml::de::DeValue::Table(forms) => {
                let forms: BTreeMap<String, String> = forms
                    .iter()
                    .filter_map(|(form, text)| {
                        Some((
                            form.get_ref().to_string(),
                            text.get_ref().as_str()?.to_owned(),
                        ))
                    })
                    .collect();
                forms.contains_key("other").then_some(Text::Plural(forms))
            }
            toml::de::DeValue::Integer(_)
            | toml::de::DeValue::Float(_)
            | toml::de::DeValue::Boolean(_)
            | toml::de::DeValue::Datetime(_)
            | toml::de::DeValue::Array(_) => None,
        };
        match text {
            Some(text) => {
                strings.texts.insert(key.get_ref().to_string(), text);
            }
            None => findings.push(
                Finding::new(
                    Code::WrongType,
                    file,
                    Message::new("this is no text:").value(key.get_ref().as_ref()),
                )
                .at(Span::shifted(&value.span(), 0))
                .help("write a text, or a table of plural forms with at least `other`"),
            ),
        }
    }
    if findings.is_empty() {
        Ok(strings)
    } else {
        Err(findings)
    }
}

/// Names the template file of an error, its place, and what is wrong.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "all other errors have no place in a template"
)]
fn explain(
    error: &tera::Error,
    own: &BTreeMap<String, FilePath>,
    sources: &BTreeMap<FilePath, String>,
) -> Diagnostic {
    let report = match error.kind() {
        tera::ErrorKind::SyntaxError(report) | tera::ErrorKind::RenderingError(report) => {
            Some(report)
        }
        _ => None,
    };
    let (template, span, words) = match report {
        Some(report) => (
            report.filename().to_owned(),
            Some(report.span().range.clone()),
            report.message().to_owned(),
        ),
        None => (
            template_named(error, own),
            None,
            error
                .to_string()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned(),
        ),
    };
    let file = own
        .get(&template)
        .cloned()
        .unwrap_or_else(|| Arc::from(format!("theme default: templates/{template}")));
    let mut finding = Finding::new(Code::TemplateError, &file, format!("this template cannot be used: {words}"))
        .help("docs/themes.md lists what a template can name; delete the file to get the built-in one back");
    if let Some(range) = span {
        finding = finding.at(Span::shifted(&range, 0));
    }
    let text = sources.get(&file).map_or("", String::as_str);
    finding.disclose(text, &[], !looks_withheld(text))
}

/// Returns a template without its comments: nobody publishes these.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{#") {
        kept.push_str(before);
        rest = behind.split_once("#}").map_or("", |(_, behind)| behind);
    }
    kept + rest
}

/// Says whether somebody may have tried to withhold something in a file of the theme, where nothing can be: then nothing of it
/// is quoted.
fn looks_withheld(text: &str) -> bool {
    text.to_lowercase().contains("confidential")
}

/// Returns the project's template that an error without a place names.
fn template_named(error: &tera::Error, own: &BTreeMap<String, FilePath>) -> String {
    let text = error.to_string();
    own.keys()
        .find(|name| text.contains(name.as_str()))
        .cloned()
        .unwrap_or_default()
}
