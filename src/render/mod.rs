//! Site × theme → files: every page in every language, feeds and data, handed to a [`Sink`] as they are made.
//!
//! Nothing here touches a disk. Pages are rendered in parallel; what a page says never depends on which came first.

pub(crate) mod lens;
mod pages;
mod register;
pub(crate) mod view;
mod views;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use tera::{Context, Value};

use crate::config::{Config, LicenceName, NavigationItem};
use crate::data;
use crate::diag::Diagnostic;
use crate::feeds;
use crate::fields::Language;
use crate::links;
use crate::render::lens::Lens;
use crate::render::view::{Item, Page, SiteView};
use crate::site::{DATA_SETS, Site};
use crate::theme::Theme;

/// Takes the files of a site, in any order and from several threads.
pub(crate) trait Sink: Sync {
    /// Takes one file; `path` is relative to the site's root, with `/` between its parts.
    ///
    /// # Errors
    /// Where the file cannot be kept.
    fn put(&self, path: &str, bytes: &[u8]) -> std::io::Result<()>;
}

/// Why a site could not be rendered.
#[derive(Debug)]
pub(crate) enum RenderError {
    /// Templates have errors.
    Templates(Vec<Diagnostic>),
    /// A file could not be kept.
    Io(std::io::Error),
}

impl From<std::io::Error> for RenderError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// What a page shows.
#[derive(Clone, Copy, Debug)]
enum Show {
    Home,
    Meetings(usize),
    Meeting(usize),
    Members,
    Member(usize),
    Code,
    Chapter(usize),
    Documents,
    Document(usize, Option<usize>),
    Reports,
    Report(usize),
    Topics,
    Topic(usize),
    Withheld,
    Changes,
    Data,
    Free(usize),
    NotFound,
}

/// Renders all pages, feeds, data and files. Returns the number of pages.
pub(crate) fn render(site: &Site, theme: &Theme, sink: &dyn Sink) -> Result<usize, RenderError> {
    let stylesheet = put_statics(theme, sink)?;
    let mut pages = 0;
    let mut redirects = String::new();
    let mut failed: BTreeMap<String, Diagnostic> = BTreeMap::new();
    for language in &site.config.languages {
        let Some(strings) = theme.strings.get(language) else {
            continue;
        };
        let lens = match Lens::new(site, language, strings, &theme.tera) {
            Ok(lens) => lens,
            Err(error) => return Err(RenderError::Templates(vec![theme.explain(&error)])),
        };
        let frame = Frame::new(&lens, &stylesheet);
        let shows = shows(site);
        let count = AtomicUsize::new(0);
        let results: Vec<Result<(), Failure>> = shows
            .par_iter()
            .map(|show| {
                let (path, html) = frame.render(*show, theme)?;
                count.fetch_add(1, Ordering::Relaxed);
                sink.put(&path, html.as_bytes()).map_err(Failure::Io)
            })
            .collect();
        pages += count.into_inner();
        for result in results {
            match result {
                Ok(()) => {}
                Err(Failure::Io(error)) => return Err(RenderError::Io(error)),
                Err(Failure::Template(error)) => {
                    // The same mistake shows on every page of a kind; one diagnostic is enough.
                    let diagnostic = theme.explain(&error);
                    failed.insert(
                        format!(
                            "{}{:?}{}",
                            diagnostic.file, diagnostic.place, diagnostic.message
                        ),
                        diagnostic,
                    );
                }
            }
        }
        if failed.is_empty() {
            redirects.push_str(&put_redirects(&frame, theme, sink)?);
            let mut files = feeds::files(&lens);
            files.extend(data::files(&lens));
            files
                .par_iter()
                .try_for_each(|(path, bytes)| sink.put(&lens.path(path), bytes))?;
        }
    }
    if !failed.is_empty() {
        return Err(RenderError::Templates(failed.into_values().collect()));
    }
    if !redirects.is_empty() {
        sink.put("_redirects", redirects.as_bytes())?;
    }
    sink.put("sitemap.xml", feeds::sitemap(site).as_bytes())?;
    sink.put("robots.txt", feeds::robots(site).as_bytes())?;
    Ok(pages)
}

/// Why one page could not be rendered.
enum Failure {
    Template(Box<tera::Error>),
    Io(std::io::Error),
}

impl From<tera::Error> for Failure {
    fn from(error: tera::Error) -> Self {
        Self::Template(Box::new(error))
    }
}

/// Writes the theme's files under names that hold a fingerprint of their bytes; returns the path of the stylesheet.
fn put_statics(theme: &Theme, sink: &dyn Sink) -> std::io::Result<String> {
    let mut stylesheet = String::new();
    for (name, bytes) in &theme.statics {
        let path = if name == "style.css" {
            let mut print = String::new();
            for byte in Sha256::digest(bytes).iter().take(6) {
                let _ = write!(print, "{byte:02x}");
            }
            stylesheet = format!("assets/style.{print}.css");
            stylesheet.clone()
        } else {
            format!("assets/{name}")
        };
        sink.put(&path, bytes)?;
    }
    Ok(stylesheet)
}

/// Writes a page for every old address of a language; returns the lines for hosts that read a list of redirects.
#[expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "an address has one spelling"
)]
fn put_redirects(frame: &Frame<'_>, theme: &Theme, sink: &dyn Sink) -> Result<String, RenderError> {
    let (lens, site) = (frame.lens, frame.lens.site);
    let base = site.config.base_url.path();
    let mut list = String::new();
    for (alias, (path, _)) in site
        .aliases
        .iter()
        .filter(|(_, (_, language))| language == lens.language)
    {
        let target = links::encode(&lens.path(path));
        let is_file = alias
            .rsplit('/')
            .next()
            .is_some_and(|name| name.ends_with(".html") || name.ends_with(".htm"));
        let file = if is_file {
            alias.clone()
        } else {
            format!("{alias}/index.html")
        };
        let mut context = Context::new();
        let page = frame.page(
            "redirect",
            path,
            lens.strings.get("section-home").to_owned(),
            "",
        );
        // From the old address, so that it works under any path.
        let relative = format!("{}{target}", links::to_root(&file));
        context.insert(
            "page",
            &Page {
                root: links::to_root(&file),
                is_noindex: true,
                crumbs: Vec::new(),
                ..page
            },
        );
        context.insert("target", &relative);
        context.insert("lang", lens.language.as_str());
        context.insert_value("site", frame.site_view.clone());
        context.insert_value("t", frame.strings.clone());
        let html = theme
            .tera
            .render("redirect.html", &context)
            .map_err(|error| RenderError::Templates(vec![theme.explain(&error)]))?;
        sink.put(&file, html.as_bytes())?;
        let _ = writeln!(list, "{base}{} {base}{target} 301", links::encode(alias));
    }
    Ok(list)
}

/// Returns what every language has pages for.
fn shows(site: &Site) -> Vec<Show> {
    let mut shows = vec![
        Show::Home,
        Show::Members,
        Show::Code,
        Show::Documents,
        Show::Reports,
        Show::Topics,
        Show::Withheld,
        Show::Changes,
        Show::Data,
        Show::NotFound,
    ];
    shows.extend((1..=site.register_pages()).map(Show::Meetings));
    shows.extend((0..site.meetings.len()).map(Show::Meeting));
    shows.extend((0..site.members.len()).map(Show::Member));
    shows.extend((0..site.code.chapters.len()).map(Show::Chapter));
    for (index, document) in site.documents.iter().enumerate() {
        shows.push(Show::Document(index, None));
        shows.extend(
            (0..document.versions.len()).map(|version| Show::Document(index, Some(version))),
        );
    }
    shows.extend((0..site.reports.len()).map(Show::Report));
    shows.extend((0..site.topics.len()).map(Show::Topic));
    shows.extend((0..site.pages.len()).map(Show::Free));
    shows
}

/// What is the same on all pages of a language.
struct Frame<'l> {
    lens: &'l Lens<'l>,
    site_view: Value,
    strings: Value,
    /// The code with all that refers to it: many pages show parts of it.
    chapters: Vec<view::ChapterView>,
}

impl<'l> Frame<'l> {
    fn new(lens: &'l Lens<'l>, stylesheet: &str) -> Self {
        Self {
            lens,
            site_view: Value::from_serializable(&site_view(lens, stylesheet)),
            strings: Value::from_serializable(&lens.strings.plain()),
            chapters: lens.chapters(),
        }
    }

    /// Renders a page; returns the path of its file and its HTML.
    fn render(&self, show: Show, theme: &Theme) -> Result<(String, String), Failure> {
        let mut context = Context::new();
        let page = self.describe(show, &mut context);
        let template = format!("{}.html", page.kind);
        let file = if matches!(show, Show::NotFound) {
            self.lens.path("404.html")
        } else {
            format!("{}index.html", page.path)
        };
        context.insert("page", &page);
        context.insert_value("site", self.site_view.clone());
        context.insert_value("t", self.strings.clone());
        Ok((file, theme.tera.render(&template, &context)?))
    }
}

fn site_view(lens: &Lens<'_>, stylesheet: &str) -> SiteView {
    let config: &Config = &lens.site.config;
    let licence = |licence: Option<&LicenceName>| {
        licence.map(|licence| Item {
            words: lens.local(&licence.name),
            url: licence.url.clone(),
            ..Item::default()
        })
    };
    let pages: Vec<Item> = lens
        .site
        .pages
        .iter()
        .map(|page| Item {
            words: lens.page_title(page),
            path: Some(lens.path(&page.path)),
            name: Some(page.record.slug.clone()),
            ..Item::default()
        })
        .collect();
    SiteView {
        title: lens.local(&config.title),
        description: config.description.as_ref().map(|text| lens.local(text)),
        author: config.author.as_ref().map(|text| lens.local(text)),
        notice: config.notice.as_ref().map(|text| lens.local(text)),
        navigation: navigation(lens, &pages),
        pages,
        text_licence: licence(
            config
                .licence
                .as_ref()
                .and_then(|licence| licence.text.as_ref()),
        ),
        data_licence: licence(
            config
                .licence
                .as_ref()
                .and_then(|licence| licence.data.as_ref()),
        ),
        stylesheet: stylesheet.to_owned(),
    }
}

/// Returns the entries of the main navigation: the site's own, or the sections that have something to show.
fn navigation(lens: &Lens<'_>, pages: &[Item]) -> Vec<Item> {
    let site = lens.site;
    let section = |name: &str| Item {
        words: Lens::text(lens.strings.get(&format!("section-{name}"))),
        path: Some(lens.path(&if name == "home" {
            String::new()
        } else {
            format!("{name}/")
        })),
        name: Some(name.to_owned()),
        ..Item::default()
    };
    if let Some(items) = &site.config.navigation {
        return items
            .iter()
            .filter_map(|item| match item {
                NavigationItem::Slug(slug) => pages
                    .iter()
                    .find(|page| page.name.as_ref() == Some(&slug.value))
                    .cloned()
                    .or_else(|| crate::site::is_section(&slug.value).then(|| section(&slug.value))),
                NavigationItem::Link { title, url } => {
                    let address = &url.value;
                    let (path, url) = match address.strip_prefix('/') {
                        Some(path) => (Some(path.to_owned()), None),
                        None => (None, Some(address.clone())),
                    };
                    Some(Item {
                        words: lens.local(title),
                        path,
                        url,
                        ..Item::default()
                    })
                }
            })
            .collect();
    }
    let given = [
        ("meetings", true),
        ("members", !site.members.is_empty()),
        ("code", !site.code.chapters.is_empty()),
        ("documents", !site.documents.is_empty()),
        ("reports", !site.reports.is_empty()),
        ("topics", !site.topics.is_empty()),
        ("withheld", true),
        ("changes", true),
    ];
    given
        .into_iter()
        .filter(|(_, given)| *given)
        .map(|(name, _)| section(name))
        .collect()
}

/// Returns the language that a page's path belongs to, for sitemaps.
pub(crate) fn alternates(site: &Site, path: &str) -> Vec<(Language, String)> {
    site.config
        .languages
        .iter()
        .map(|language| {
            (
                language.clone(),
                site.config
                    .base_url
                    .join(&links::encode(&links::in_language(
                        &site.config,
                        path,
                        language,
                    ))),
            )
        })
        .collect()
}

/// Says which entries of the navigation lead nowhere.
pub(crate) fn check_navigation(site: &Site) -> Vec<crate::diag::Finding> {
    let file: crate::diag::FilePath = crate::config::FILE.into();
    let pages: Vec<&str> = site
        .pages
        .iter()
        .map(|page| page.record.slug.as_str())
        .collect();
    let mut findings = Vec::new();
    for item in site.config.navigation.iter().flatten() {
        if let NavigationItem::Link { url, .. } = item {
            let address = &url.value;
            let is_there = address.strip_prefix('/').map_or_else(
                || crate::fields::is_web_address(address),
                |path| site.has_address(path),
            );
            if !is_there {
                let message = crate::diag::Message::new(
                    "the navigation links to an address that does not exist:",
                )
                .value(address);
                let finding =
                    crate::diag::Finding::new(crate::diag::Code::BrokenLink, &file, message)
                        .at(url.span);
                findings.push(finding.help(
                    "write an address of the site that begins with /, or a whole web address",
                ));
            }
        }
        if let NavigationItem::Slug(slug) = item
            && !crate::site::is_section(&slug.value)
            && !pages.contains(&slug.value.as_str())
        {
            let message = crate::diag::Message::new("the navigation names no section and no page:")
                .value(&slug.value);
            let known = pages
                .iter()
                .copied()
                .chain(["home", "data"])
                .chain(DATA_SETS)
                .filter(|name| crate::site::is_section(name) || pages.contains(name))
                .chain(["topics"]);
            let finding = crate::diag::Finding::new(crate::diag::Code::BrokenLink, &file, message)
                .at(slug.span);
            findings.push(finding.suggest(
                &slug.value,
                known,
                "write the name of a section or the slug of a page in content/pages/",
            ));
        }
    }
    findings
}
