//! Addresses of everything: what can be linked to, where every link leads, and that no address is taken twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::diag::{Code, FilePath, Finding, Message, Span};
use crate::fields::{Language, Placed};
use crate::links::{Destination, Directory, Folder, Origin, PagePath, Target};
use crate::record::{Attachment, CodeOfPractice, DisclosedList, Published, Records, public_items};
use crate::site::{DATA_SETS, Entry, SECTIONS, Site};

/// Adds the files of a document, and its folder if it has one of its own.
fn add<F>(directory: &mut Directory, record: &Published<F>, path: PagePath) {
    for file in &record.paths.files {
        directory.pages.insert(
            file.clone(),
            Destination {
                path: path.clone(),
                is_withheld: record.paths.is_withheld,
            },
        );
    }
    if record.paths.is_bundle && !record.paths.folder.is_empty() {
        directory.folders.insert(
            record.paths.folder.clone(),
            Folder {
                path,
                is_closed: record.closed.is_some(),
            },
        );
    }
}

/// Returns what can be linked to.
pub(super) fn directory(records: &Records, config: &Config) -> Directory {
    let mut directory = Directory {
        base_url: config.base_url.join(""),
        assets: records.assets.clone(),
        drafts: records.drafts.clone(),
        unreadable: records.unreadable.clone(),
        withheld: records.withheld_files.clone(),
        ..Directory::default()
    };
    for folder in &records.draft_folders {
        let folder = folder.clone();
        directory.folders.insert(
            folder,
            Folder {
                path: String::new(),
                is_closed: true,
            },
        );
    }
    if let Some(home) = &records.home {
        add(&mut directory, home, String::new());
    }
    for meeting in &records.meetings {
        add(
            &mut directory,
            meeting,
            format!("meetings/{}/", meeting.slug),
        );
    }
    for page in &records.pages {
        add(&mut directory, page, format!("{}/", page.slug));
    }
    for report in &records.reports {
        add(
            &mut directory,
            &report.report,
            format!("reports/{}/{}/", report.member, report.report.slug),
        );
    }
    for document in &records.documents {
        let path = format!("documents/{}/", document.document.slug);
        add(&mut directory, &document.document, path.clone());
        for version in &document.versions {
            let name = version
                .original
                .fields
                .version
                .as_ref()
                .map_or(&version.slug, |version| &version.value);
            add(&mut directory, version, format!("{path}{name}/"));
        }
    }
    for member in &records.members {
        directory.pages.insert(
            format!("members/{}.toml", member.slug),
            Destination {
                path: format!("members/{}/", member.slug),
                is_withheld: false,
            },
        );
    }
    for chapter in &records.code.chapters {
        let names = CodeOfPractice {
            title: None,
            chapters: vec![chapter.clone()],
        };
        directory.measures.extend(
            names
                .names()
                .map(|name| (name.to_owned(), chapter.id.clone())),
        );
    }
    directory
}

/// Collects the files that public fields name.
pub(super) fn collect_files(site: &mut Site, directory: &Directory, findings: &mut Vec<Finding>) {
    let mut files = BTreeMap::new();
    let mut clashes = BTreeMap::new();
    let mut name = |file: &FilePath,
                    folder: &str,
                    list: Option<&DisclosedList<Attachment>>,
                    known: Option<&DisclosedList<Attachment>>| {
        if known.is_some() && list == known {
            return;
        }
        for attachment in public_items(list) {
            let path = crate::slug::join(folder, &attachment.file.value);
            let there = path.filter(|path| directory.assets.contains_key(path));
            if there
                .as_ref()
                .is_some_and(|path| directory.withheld.contains(path))
            {
                let message = "this file is withheld as an attachment of its document";
                let finding =
                    Finding::new(Code::BrokenLink, file, message).at(attachment.file.span);
                findings.push(
                    finding
                        .help("take it out of this list, or take the mark off the attachment")
                        .unquoted(),
                );
            } else if let Some(path) = there {
                if let Some(address) = directory.address_of(&path) {
                    keep_file(&mut files, &mut clashes, address, path);
                }
            } else {
                let message = Message::new("there is no file")
                    .value(&attachment.file.value)
                    .words("beside this one");
                let help = "put the file into the folder of this text; a text with files is called <slug>/index.md";
                // No file is suggested: it may lie there to be withheld.
                findings.push(
                    Finding::new(Code::MissingFile, file, message)
                        .at(attachment.file.span)
                        .help(help),
                );
            }
        }
    };
    macro_rules! name_all {
        ($entries:expr) => {
            for entry in $entries {
                let original = entry.record.original.fields.attachments.as_ref();
                for edition in entry.record.editions() {
                    let is_original = std::ptr::eq(
                        &raw const edition.fields,
                        &raw const entry.record.original.fields,
                    );
                    name(
                        &edition.file,
                        &entry.record.paths.folder,
                        edition.fields.attachments.as_ref(),
                        if is_original { None } else { original },
                    );
                }
            }
        };
    }
    name_all!(&site.meetings);
    name_all!(&site.pages);
    name_all!(site.home.iter());
    name_all!(site.reports.iter().map(|report| &report.entry));
    name_all!(site.documents.iter().map(|document| &document.entry));
    site.files = files;
    site.file_clashes = clashes;
}

/// Remembers a file with its address; two files at one address are remembered as a clash.
fn keep_file(
    files: &mut BTreeMap<String, String>,
    clashes: &mut BTreeMap<String, String>,
    address: String,
    path: String,
) {
    match files.get(&address) {
        Some(own) if *own != path => {
            clashes.insert(address, path);
        }
        _ => {
            files.insert(address, path);
        }
    }
}

/// Finds where every link of every text leads.
pub(super) fn resolve_links(site: &mut Site, directory: &Directory, findings: &mut Vec<Finding>) {
    fn resolve<F>(
        entry: &mut Entry<F>,
        directory: &Directory,
        (files, clashes): (&mut BTreeMap<String, String>, &mut BTreeMap<String, String>),
        findings: &mut Vec<Finding>,
    ) {
        let folder = entry.record.paths.folder.clone();
        let sources: Vec<FilePath> = entry
            .record
            .editions()
            .map(|edition| edition.file.clone())
            .collect();
        for (body, file) in entry.bodies.iter_mut().zip(sources) {
            for link in &body.html.links {
                let origin = Origin {
                    file: &file,
                    folder: &folder,
                    span: link.span,
                };
                let target = directory
                    .resolve(&link.destination, link.is_image, origin)
                    .unwrap_or_else(|finding| {
                        findings.push(*finding);
                        Target::Nowhere
                    });
                if let Target::File { address, source } = &target {
                    keep_file(files, clashes, address.clone(), source.clone());
                }
                body.targets.push(target);
            }
        }
    }
    let mut files = std::mem::take(&mut site.files);
    let mut clashes = std::mem::take(&mut site.file_clashes);
    for entry in &mut site.meetings {
        resolve(entry, directory, (&mut files, &mut clashes), findings);
    }
    for entry in site.pages.iter_mut().chain(&mut site.home) {
        resolve(entry, directory, (&mut files, &mut clashes), findings);
    }
    for report in &mut site.reports {
        resolve(
            &mut report.entry,
            directory,
            (&mut files, &mut clashes),
            findings,
        );
    }
    for document in &mut site.documents {
        resolve(
            &mut document.entry,
            directory,
            (&mut files, &mut clashes),
            findings,
        );
        for version in &mut document.versions {
            resolve(version, directory, (&mut files, &mut clashes), findings);
        }
    }
    site.files = files;
    site.file_clashes = clashes;
}

impl Site {
    /// Returns the paths of all pages, without their languages.
    pub(crate) fn page_paths(&self) -> Vec<PagePath> {
        let mut paths: Vec<PagePath> = [
            "",
            "meetings/",
            "members/",
            "code/",
            "documents/",
            "reports/",
            "topics/",
            "withheld/",
            "changes/",
            "data/",
        ]
        .map(str::to_owned)
        .into();
        paths.extend((2..=self.register_pages()).map(|page| format!("meetings/page/{page}/")));
        paths.extend(self.meetings.iter().map(|meeting| meeting.path.clone()));
        paths.extend(self.members.iter().map(|member| member.path.clone()));
        paths.extend(
            self.code
                .chapters
                .iter()
                .map(|chapter| format!("code/{}/", chapter.id)),
        );
        for document in &self.documents {
            paths.push(document.entry.path.clone());
            paths.extend(document.versions.iter().map(|version| version.path.clone()));
        }
        paths.extend(self.reports.iter().map(|report| report.entry.path.clone()));
        paths.extend(
            self.topics
                .iter()
                .map(|topic| format!("topics/{}/", topic.slug)),
        );
        paths.extend(self.pages.iter().map(|page| page.path.clone()));
        paths
    }
}

fn is_own_file(path: &str) -> bool {
    let data = path.strip_prefix("data/").is_some_and(|name| {
        DATA_SETS.iter().any(|set| {
            name == format!("{set}.json")
                || name == format!("{set}.csv")
                || name == format!("schema/{set}.json")
        })
    });
    data || matches!(
        path,
        "feed.xml"
            | "meetings/feed.xml"
            | "changes/feed.xml"
            | "meetings/calendar.ics"
            | "sitemap.xml"
            | "robots.txt"
            | "404.html"
    )
}

/// No two pages, old addresses or files stand at the same address; links that begin with `/` lead to one that exists.
pub(super) fn check_addresses(site: &mut Site, findings: &mut Vec<Finding>) {
    let languages: BTreeSet<&str> = site.config.languages.iter().map(Language::as_str).collect();
    for page in &site.pages {
        let slug = page.record.slug.as_str();
        if SECTIONS.contains(&slug) || languages.contains(slug) {
            let message = Message::new(
                "the address of this page belongs to a section or a language of the site:",
            )
            .value(format!("/{slug}/"));
            findings.push(
                Finding::new(Code::DuplicateAddress, &page.record.original.file, message)
                    .help("rename the file"),
            );
        }
    }
    let pages: BTreeSet<PagePath> = site.page_paths().into_iter().collect();
    for (address, path) in &site.files {
        let taken = pages
            .iter()
            .any(|page| *address == format!("{page}index.html"))
            || is_own_file(address)
            || address
                .split('/')
                .next()
                .is_some_and(|first| languages.contains(first));
        if taken {
            let file: FilePath = format!("content/{path}").into();
            findings.push(
                Finding::new(
                    Code::DuplicateAddress,
                    &file,
                    "this file would stand at the address of a page",
                )
                .help("rename the file"),
            );
        }
    }
    check_file_addresses(site, findings);
    site.aliases = aliases(site, &pages, findings);
}

/// A file that lies in `content/` itself and that nothing names has been forgotten; one in a folder waits to be named.
pub(super) fn check_unexpected(site: &Site, directory: &Directory, findings: &mut Vec<Finding>) {
    let is_named = |path: &str| site.files.values().any(|own| own == path);
    for (_, file) in directory
        .assets
        .iter()
        .filter(|(path, _)| !path.contains('/') && !is_named(path))
    {
        findings.push(
            Finding::new(
                Code::UnexpectedFile,
                file,
                "nothing names this file, so it is not published",
            )
            .help(
                "link to it, move it into the folder of the text that names it, or out of content/",
            ),
        );
    }
}

/// No two files are published at one address.
fn check_file_addresses(site: &Site, findings: &mut Vec<Finding>) {
    for (address, path) in &site.file_clashes {
        let file: FilePath = format!("content/{path}").into();
        let message = Message::new("another file would stand at the same address:")
            .value(format!("/{address}"));
        findings.push(
            Finding::new(Code::DuplicateAddress, &file, message).help("rename one of the two"),
        );
    }
}

/// Returns the old addresses of all pages, each with the page and the language it leads to.
fn aliases(
    site: &Site,
    pages: &BTreeSet<PagePath>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, (PagePath, Language)> {
    let mut aliases: BTreeMap<String, (PagePath, Language)> = BTreeMap::new();
    let languages: BTreeSet<&str> = site.config.languages.iter().map(Language::as_str).collect();
    let mut add = |file: &FilePath, language: &Language, list: &[Placed<String>], path: &str| {
        for alias in list {
            let with_slash = format!("{}/", alias.value);
            let (own, bare) = site.split_language(&with_slash);
            // An alias of a translation leads to it; one of the original to the language that it is written in.
            let language = if language == site.config.default_language() {
                own
            } else {
                language.clone()
            };
            let is_taken = pages.contains(bare)
                || is_own_file(&alias.value)
                || site.files.contains_key(&alias.value)
                || languages.contains(alias.value.as_str());
            if is_taken
                || aliases
                    .insert(alias.value.clone(), (path.to_owned(), language))
                    .is_some()
            {
                let message =
                    Message::new("this old address is taken:").value(format!("/{}/", alias.value));
                findings.push(
                    Finding::new(Code::DuplicateAddress, file, message)
                        .at(alias.span)
                        .help("delete the alias, or rename what stands there"),
                );
            }
        }
    };
    macro_rules! add_all {
        ($entries:expr) => {
            for entry in $entries {
                for edition in entry.record.editions() {
                    add(
                        &edition.file,
                        &edition.language,
                        &edition.fields.aliases,
                        &entry.path,
                    );
                }
            }
        };
    }
    add_all!(&site.meetings);
    add_all!(site.pages.iter().chain(&site.home));
    add_all!(site.reports.iter().map(|report| &report.entry));
    add_all!(site.documents.iter().map(|document| &document.entry));
    aliases
}

const ANCHOR_HELP: &str =
    "anchors are made of the words of a heading, in small letters with hyphens";

/// Links to a place lead to one that exists.
pub(super) fn check_anchors(site: &Site, findings: &mut Vec<Finding>) {
    let pages: BTreeSet<PagePath> = site.page_paths().into_iter().collect();
    let check = |findings: &mut Vec<Finding>,
                 file: &FilePath,
                 language: &Language,
                 own: &dyn Fn(&str) -> bool,
                 target: &Target,
                 span: Span| match target {
        Target::Here(anchor) => {
            if !own(anchor) {
                let message = Message::new("there is no place")
                    .value(format!("#{anchor}"))
                    .words("on this page (A7)");
                findings.push(
                    Finding::new(Code::MissingAnchor, file, message)
                        .at(span)
                        .help(ANCHOR_HELP),
                );
            }
        }
        Target::Page {
            path,
            fragment: Some(fragment),
        } => {
            if !site.has_anchor(path, language, fragment) {
                let message = Message::new("there is no place")
                    .value(format!("#{fragment}"))
                    .words("on the page that this link leads to");
                let finding = Finding::new(Code::MissingAnchor, file, message)
                    .at(span)
                    .help(ANCHOR_HELP);
                // The link may hold the name of a file whose title is withheld.
                findings.push(if site.is_withheld(path) {
                    finding.unquoted()
                } else {
                    finding
                });
            }
        }
        Target::Fixed { path, fragment } => {
            let (own_language, bare) = site.split_language(path);
            let page = if bare.is_empty() || bare.ends_with('/') {
                bare.to_owned()
            } else {
                format!("{bare}/")
            };
            let is_page = pages.contains(&page);
            if !is_page
                && !is_own_file(bare)
                && !site.files.contains_key(path)
                && !site.aliases.contains_key(path.trim_end_matches('/'))
            {
                let message = Message::new("the site has no address").value(format!("/{path}"));
                let finding = Finding::new(Code::BrokenLink, file, message).at(span);
                // Names that are withheld are no part of this list: pages stand in it by their published addresses.
                findings.push(finding.suggest(bare, pages.iter().map(String::as_str), "write an address as it stands on the built site, or link to the file in content/"));
            } else if let Some(fragment) = fragment.as_ref().filter(|_| is_page)
                && !site.has_anchor(&page, &own_language, fragment)
            {
                let message = Message::new("there is no place")
                    .value(format!("#{fragment}"))
                    .words("on the page that this link leads to");
                findings.push(
                    Finding::new(Code::MissingAnchor, file, message)
                        .at(span)
                        .help(ANCHOR_HELP),
                );
            }
        }
        Target::Page { .. } | Target::File { .. } | Target::External(_) | Target::Nowhere => {}
    };
    macro_rules! check_all {
        ($entries:expr) => {
            for entry in $entries {
                for (edition, body) in entry.record.editions().zip(&entry.bodies) {
                    for (link, target) in body.html.links.iter().zip(&body.targets) {
                        check(
                            findings,
                            &edition.file,
                            &edition.language,
                            &|anchor| {
                                entry.sections.contains(anchor)
                                    || body.html.anchors.contains(anchor)
                            },
                            target,
                            link.span,
                        );
                    }
                }
            }
        };
    }
    check_all!(&site.meetings);
    check_all!(&site.pages);
    check_all!(site.home.iter());
    check_all!(site.reports.iter().map(|report| &report.entry));
    check_all!(site.documents.iter().map(|document| &document.entry));
    check_all!(
        site.documents
            .iter()
            .flat_map(|document| &document.versions)
    );
}

impl Site {
    /// Says whether the title of the document at a path is withheld, and so the name of its file.
    fn is_withheld(&self, path: &str) -> bool {
        self.meeting_at(path)
            .is_some_and(|entry| entry.record.paths.is_withheld)
            || self
                .pages
                .iter()
                .any(|entry| entry.path == path && entry.record.paths.is_withheld)
            || self
                .reports
                .iter()
                .any(|report| report.entry.path == path && report.entry.record.paths.is_withheld)
            || self.documents.iter().any(|document| {
                document.entry.path == path && document.entry.record.paths.is_withheld
            })
    }

    /// Says whether something stands at an address of the site, written without its first `/`.
    pub(crate) fn has_address(&self, path: &str) -> bool {
        let path = path.split('#').next().unwrap_or_default();
        let (_, bare) = self.split_language(path);
        let page = if bare.is_empty() || bare.ends_with('/') {
            bare.to_owned()
        } else {
            format!("{bare}/")
        };
        self.page_paths().contains(&page)
            || is_own_file(bare)
            || self.files.contains_key(path)
            || self.aliases.contains_key(path.trim_end_matches('/'))
    }

    /// Splits the language off an address.
    pub(crate) fn split_language<'p>(&self, path: &'p str) -> (Language, &'p str) {
        let default = self.config.default_language();
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        match self
            .config
            .languages
            .iter()
            .find(|language| language.as_str() == first && *language != default)
        {
            Some(language) => (language.clone(), rest),
            None => (default.clone(), path),
        }
    }

    /// Says whether the page at a path has an anchor, in a language. Of a text in doubt nothing is known: it has all.
    pub(crate) fn has_anchor(&self, path: &str, language: &Language, anchor: &str) -> bool {
        fn in_entry<F>(entry: &Entry<F>, language: &Language, anchor: &str) -> bool {
            entry.edition(language).0.in_doubt || entry.has_anchor(language, anchor)
        }
        if let Some(chapter) = path
            .strip_prefix("code/")
            .map(|rest| rest.trim_end_matches('/'))
            .filter(|chapter| !chapter.is_empty())
        {
            return self
                .code
                .chapter_of(anchor)
                .is_some_and(|own| own.id == chapter);
        }
        if let Some(home) = self.home.as_ref().filter(|_| path.is_empty()) {
            return in_entry(home, language, anchor);
        }
        self.meeting_at(path)
            .map(|entry| in_entry(entry, language, anchor))
            .or_else(|| {
                self.pages
                    .iter()
                    .find(|entry| entry.path == path)
                    .map(|entry| in_entry(entry, language, anchor))
            })
            .or_else(|| {
                self.reports
                    .iter()
                    .find(|report| report.entry.path == path)
                    .map(|report| in_entry(&report.entry, language, anchor))
            })
            .or_else(|| {
                self.documents
                    .iter()
                    .find(|document| document.entry.path == path)
                    .map(|document| {
                        in_entry(&document.entry, language, anchor)
                            || document
                                .versions
                                .first()
                                .is_some_and(|version| in_entry(version, language, anchor))
                    })
            })
            .or_else(|| {
                self.documents
                    .iter()
                    .flat_map(|document| &document.versions)
                    .find(|version| version.path == path)
                    .map(|version| in_entry(version, language, anchor))
            })
            .unwrap_or(false)
    }
}
