//! Site × theme → files: every page in every language, feeds and data, handed to a [`Sink`] as they are made.
//!
//! Nothing here touches a disk. Pages are rendered in parallel; what a page says never depends on which came first.

pub(crate) mod lens;
mod view;
mod views;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tera::{Context, Value};

use crate::config::{Config, LicenceName, NavigationItem};
use crate::data;
use crate::diag::Diagnostic;
use crate::feeds;
use crate::fields::Language;
use crate::intl;
use crate::links;
use crate::record::{Disclosed, Status};
use crate::render::lens::Lens;
use crate::render::view::{Alternate, Item, MeetingItem, MemberItem, Page, Pager, SiteView, Year};
use crate::site::{DATA_SETS, MEETINGS_PER_PAGE, Site};
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
            for (path, bytes) in feeds::files(&lens).into_iter().chain(data::files(&lens)) {
                sink.put(&lens.path(&path), &bytes)?;
            }
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
            let print: String = Sha256::digest(bytes)
                .iter()
                .take(6)
                .map(|byte| format!("{byte:02x}"))
                .collect();
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
fn put_redirects(frame: &Frame<'_>, theme: &Theme, sink: &dyn Sink) -> Result<String, RenderError> {
    let (lens, site) = (frame.lens, frame.lens.site);
    let base = site.config.base_url.path();
    let mut list = String::new();
    for (alias, path) in site
        .aliases
        .iter()
        .filter(|(alias, _)| site.split_language(alias).0 == *lens.language)
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
        context.insert_value("site", frame.site_view.clone());
        context.insert_value("t", frame.strings.clone());
        let html = theme
            .tera
            .render("redirect.html", &context)
            .map_err(|error| RenderError::Templates(vec![theme.explain(&error)]))?;
        sink.put(&file, html.as_bytes())?;
        list.push_str(&format!(
            "{base}{} {base}{target} 301\n",
            links::encode(alias)
        ));
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

    /// Returns what a page says about itself, and puts what it shows into the context.
    fn describe(&self, show: Show, context: &mut Context) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let section = |name: &str| lens.strings.get(&format!("section-{name}")).to_owned();
        let told = |name: &str| lens.strings.get(&format!("describe-{name}")).to_owned();
        match show {
            Show::Home => {
                let home = site.home.as_ref();
                let page = self.page(
                    "home",
                    "",
                    home.map_or_else(|| section("home"), |home| lens.page_title(home).text),
                    "home",
                );
                context.insert("text", &home.map(|home| lens.body(home, &page.root)));
                let latest: Vec<MeetingItem> = site
                    .meetings
                    .iter()
                    .take(5)
                    .map(|meeting| lens.meeting_item(meeting, String::new()))
                    .collect();
                context.insert("latest", &latest);
                let changes: Vec<_> = site
                    .changes(lens.language)
                    .iter()
                    .take(5)
                    .map(|change| lens.change_item(change))
                    .collect();
                context.insert("changes", &changes);
                context.insert("figures", &lens.figures());
                context.insert("chapters", &self.chapters);
                let description = home
                    .and_then(|home| home.edition(lens.language).0.fields.description.as_ref())
                    .and_then(Disclosed::public)
                    .or(site.config.description.as_ref())
                    .map_or_else(|| told("home"), |text| lens.local(text).text);
                Page {
                    description,
                    ..page
                }
            }
            Show::Meetings(number) => {
                let path = register_path(number);
                let page = self.page("meetings", &path, section("meetings"), "meetings");
                let from = (number - 1) * MEETINGS_PER_PAGE;
                let shown = site.meetings.iter().skip(from).take(MEETINGS_PER_PAGE);
                let mut years: Vec<Year> = Vec::new();
                for meeting in shown {
                    let year = meeting
                        .fields()
                        .date
                        .as_ref()
                        .map(|date| date.value.year().to_string())
                        .unwrap_or_default();
                    let item = lens.meeting_item(meeting, String::new());
                    match years.last_mut().filter(|own| own.year == year) {
                        Some(own) => own.meetings.push(item),
                        None => years.push(Year {
                            year,
                            meetings: vec![item],
                        }),
                    }
                }
                context.insert("years", &years);
                context.insert("pager", &pager(lens, number));
                context.insert("total", &site.meetings.len());
                Page {
                    description: told("meetings"),
                    ..page
                }
            }
            Show::Meeting(index) => {
                let meeting = &site.meetings[index];
                let title = lens.meeting_title(meeting).text;
                let page = self.below("meeting", &meeting.path, title, "meetings");
                let view = lens.meeting_view(index, &page.root);
                let description = first_of(&view.text.summary, &told("meetings"));
                context.insert("meeting", &view);
                Page {
                    description,
                    ..page
                }
            }
            Show::Members => {
                #[derive(Serialize)]
                struct Group {
                    status: &'static str,
                    status_text: String,
                    members: Vec<MemberItem>,
                }
                let mut groups: Vec<Group> = Vec::new();
                for status in Status::ALL {
                    let mut members: Vec<MemberItem> = site
                        .members
                        .iter()
                        .filter(|member| member.fields.status == status)
                        .map(|member| lens.member_item(member))
                        .collect();
                    members.sort_by(|a, b| {
                        lens.intl
                            .compare(&a.name.text, &b.name.text)
                            .then_with(|| a.slug.cmp(&b.slug))
                    });
                    if !members.is_empty() {
                        groups.push(Group {
                            status: status.as_str(),
                            status_text: lens.status_text(status),
                            members,
                        });
                    }
                }
                context.insert("groups", &groups);
                let chapters: Vec<Item> = self
                    .chapters
                    .iter()
                    .map(|chapter| Item {
                        words: chapter.title.clone(),
                        path: Some(chapter.path.clone()),
                        name: Some(chapter.id.clone()),
                        ..Item::default()
                    })
                    .collect();
                context.insert("chapters", &chapters);
                Page {
                    description: told("members"),
                    ..self.page("members", "members/", section("members"), "members")
                }
            }
            Show::Member(index) => {
                let member = &site.members[index];
                let view = lens.member_view(member);
                let description = first_of(
                    view.description
                        .as_ref()
                        .filter(|words| words.notice.is_none())
                        .map_or("", |words| words.text.as_str()),
                    &told("members"),
                );
                let page = self.below(
                    "member",
                    &member.path,
                    view.item.name.text.clone(),
                    "members",
                );
                context.insert("member", &view);
                Page {
                    description,
                    ..page
                }
            }
            Show::Code => {
                let title = site
                    .code
                    .title
                    .as_ref()
                    .map_or_else(|| Lens::text(section("code")), |title| lens.local(title));
                context.insert("title", &title);
                context.insert("chapters", &self.chapters);
                Page {
                    description: told("code"),
                    ..self.page("code", "code/", title.text, "code")
                }
            }
            Show::Chapter(index) => {
                let chapter = &self.chapters[index];
                context.insert("chapter", chapter);
                let path = format!("code/{}/", chapter.id);
                Page {
                    description: told("code"),
                    ..self.below("chapter", &path, chapter.title.text.clone(), "code")
                }
            }
            Show::Documents => {
                let mut documents: Vec<_> = site
                    .documents
                    .iter()
                    .map(|document| lens.document_item(document))
                    .collect();
                documents.sort_by(|a, b| {
                    lens.intl
                        .compare(&a.title.text, &b.title.text)
                        .then_with(|| a.path.cmp(&b.path))
                });
                context.insert("documents", &documents);
                Page {
                    description: told("documents"),
                    ..self.page("documents", "documents/", section("documents"), "documents")
                }
            }
            Show::Document(index, version) => {
                let document = &site.documents[index];
                let title = lens.document_title(document);
                let (path, title) = match version.and_then(|version| document.versions.get(version))
                {
                    Some(version) => (
                        version.path.as_str(),
                        lens.version_title(
                            title,
                            version
                                .fields()
                                .version
                                .as_ref()
                                .map_or("", |version| &version.value),
                        )
                        .text,
                    ),
                    None => (document.entry.path.as_str(), title.text),
                };
                let mut page = self.below("document", path, title, "documents");
                if version.is_some() {
                    page.crumbs.push(Item {
                        words: lens.document_title(document),
                        path: Some(lens.path(&document.entry.path)),
                        ..Item::default()
                    });
                }
                let view = lens.document_view(index, version, &page.root);
                let description = first_of(&view.about.summary, &told("documents"));
                context.insert("document", &view);
                Page {
                    description,
                    ..page
                }
            }
            Show::Reports => {
                let reports: Vec<_> = site
                    .reports
                    .iter()
                    .map(|report| lens.report_item(report))
                    .collect();
                context.insert("reports", &reports);
                Page {
                    description: told("reports"),
                    ..self.page("reports", "reports/", section("reports"), "reports")
                }
            }
            Show::Report(index) => {
                let report = &site.reports[index];
                let page = self.below(
                    "report",
                    &report.entry.path,
                    lens.report_title(report).text,
                    "reports",
                );
                let view = lens.report_view(report, &page.root);
                let description = first_of(&view.text.summary, &told("reports"));
                context.insert("report", &view);
                Page {
                    description,
                    ..page
                }
            }
            Show::Topics => {
                let mut topics: Vec<_> = site
                    .topics
                    .iter()
                    .map(|topic| lens.topic_item(topic))
                    .collect();
                topics.sort_by(|a, b| {
                    lens.intl
                        .compare(&a.label.text, &b.label.text)
                        .then_with(|| a.slug.cmp(&b.slug))
                });
                context.insert("topics", &topics);
                Page {
                    description: told("topics"),
                    ..self.page("topics", "topics/", section("topics"), "topics")
                }
            }
            Show::Topic(index) => {
                let topic = &site.topics[index];
                let item = lens.topic_item(topic);
                let meetings: Vec<MeetingItem> = topic
                    .meetings
                    .iter()
                    .map(|index| lens.meeting_item(&site.meetings[*index], String::new()))
                    .collect();
                let documents: Vec<_> = topic
                    .documents
                    .iter()
                    .map(|index| lens.document_item(&site.documents[*index]))
                    .collect();
                context.insert("topic", &item);
                context.insert("meetings", &meetings);
                context.insert("documents", &documents);
                Page {
                    description: told("topics"),
                    ..self.below(
                        "topic",
                        &format!("topics/{}/", topic.slug),
                        item.label.text,
                        "topics",
                    )
                }
            }
            Show::Withheld => {
                let items: Vec<_> = site
                    .withheld
                    .iter()
                    .map(|entry| lens.withheld_item(entry))
                    .collect();
                context.insert("items", &items);
                context.insert("totals", &lens.totals());
                context.insert("total", &items.len());
                context.insert(
                    "due",
                    &items.iter().filter(|item| item.notice.is_due).count(),
                );
                Page {
                    description: told("withheld"),
                    ..self.page("withheld", "withheld/", section("withheld"), "withheld")
                }
            }
            Show::Changes => {
                let changes: Vec<_> = site
                    .changes(lens.language)
                    .iter()
                    .map(|change| lens.change_item(change))
                    .collect();
                context.insert("changes", &changes);
                Page {
                    description: told("changes"),
                    ..self.page("changes", "changes/", section("changes"), "changes")
                }
            }
            Show::Data => {
                context.insert("sets", &self.data_sets());
                Page {
                    description: told("data"),
                    ..self.page("data", "data/", section("data"), "data")
                }
            }
            Show::Free(index) => {
                let entry = &site.pages[index];
                let page = self.page(
                    "page",
                    &entry.path,
                    lens.page_title(entry).text,
                    &entry.record.slug,
                );
                let text = lens.body(entry, &page.root);
                let fields = &entry.edition(lens.language).0.fields;
                let own = fields
                    .description
                    .as_ref()
                    .and_then(Disclosed::public)
                    .map(|text| lens.local(text).text);
                let description = own.unwrap_or_else(|| first_of(&text.summary, &told("home")));
                context.insert("text", &text);
                context.insert(
                    "attachments",
                    &lens.attachments(fields.attachments.as_ref(), &entry.record.paths.folder),
                );
                Page {
                    description,
                    ..page
                }
            }
            Show::NotFound => {
                let page = self.page(
                    "404",
                    "",
                    lens.strings.get("not-found-title").to_owned(),
                    "",
                );
                // It is shown at any address, so nothing in it may be relative.
                let root = site.config.base_url.path().to_owned();
                Page {
                    root,
                    is_noindex: true,
                    path: lens.path("404.html"),
                    url: site.config.base_url.join(&lens.path("404.html")),
                    crumbs: Vec::new(),
                    ..page
                }
            }
        }
    }

    /// Returns what a page of the first level says about itself.
    fn page(&self, kind: &'static str, path: &str, title: String, section: &str) -> Page {
        let (lens, config) = (self.lens, &self.lens.site.config);
        let own = lens.path(path);
        let alternates = config
            .languages
            .iter()
            .map(|language| {
                let path = links::in_language(config, path, language);
                Alternate {
                    lang: language.to_string(),
                    name: intl::own_name(language),
                    url: config.base_url.join(&links::encode(&path)),
                    path,
                    is_current: language == lens.language,
                    is_default: language == config.default_language(),
                }
            })
            .collect();
        let feed = |path: &str, key: &str| Item {
            words: Lens::text(lens.strings.get(key)),
            path: Some(lens.path(path)),
            ..Item::default()
        };
        let home = Item {
            words: Lens::text(lens.strings.get("section-home")),
            path: Some(lens.path("")),
            ..Item::default()
        };
        Page {
            kind,
            root: links::to_root(&own),
            home: lens.path(""),
            lang: lens.language.to_string(),
            title,
            description: String::new(),
            url: config.base_url.join(&links::encode(&own)),
            section: section.to_owned(),
            alternates,
            feeds: vec![
                feed("feed.xml", "feed-all"),
                feed("meetings/feed.xml", "feed-meetings"),
                feed("changes/feed.xml", "feed-changes"),
            ],
            is_noindex: false,
            crumbs: if path.is_empty() {
                Vec::new()
            } else {
                vec![home]
            },
            path: own,
        }
    }

    /// Returns what a page below a section says about itself.
    fn below(&self, kind: &'static str, path: &str, title: String, section: &str) -> Page {
        let mut page = self.page(kind, path, title, section);
        let name = self
            .lens
            .strings
            .get(&format!("section-{section}"))
            .to_owned();
        page.crumbs.push(Item {
            words: Lens::text(name),
            path: Some(self.lens.path(&format!("{section}/"))),
            ..Item::default()
        });
        page
    }

    fn data_sets(&self) -> Vec<DataSet> {
        let lens = self.lens;
        let set = |name: &&'static str| DataSet {
            name,
            title: lens.strings.get(&format!("section-{name}")).to_owned(),
            records: data::count(lens, name),
            json: lens.path(&format!("data/{name}.json")),
            csv: lens.path(&format!("data/{name}.csv")),
            schema: lens.path(&format!("data/schema/{name}.json")),
        };
        DATA_SETS.iter().map(set).collect()
    }
}

/// A data set in the list of data.
#[derive(Serialize)]
struct DataSet {
    name: &'static str,
    title: String,
    records: usize,
    json: String,
    csv: String,
    schema: String,
}

fn first_of(text: &str, otherwise: &str) -> String {
    if text.is_empty() {
        otherwise.to_owned()
    } else {
        text.to_owned()
    }
}

fn register_path(number: usize) -> String {
    if number == 1 {
        "meetings/".to_owned()
    } else {
        format!("meetings/page/{number}/")
    }
}

fn pager(lens: &Lens<'_>, current: usize) -> Pager {
    let total = lens.site.register_pages();
    let path = |number: usize| lens.path(&register_path(number));
    Pager {
        current,
        total,
        pages: (1..=total)
            .map(|number| Item {
                words: Lens::text(number.to_string()),
                path: Some(path(number)),
                ..Item::default()
            })
            .collect(),
        previous: (current > 1).then(|| path(current - 1)),
        next: (current < total).then(|| path(current + 1)),
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
