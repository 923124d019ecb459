//! The work of one disclosure: which file is what, originals with their translations, and the addresses of withheld titles.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use rayon::prelude::*;
use regex::Regex;

use crate::config::Config;
use crate::diag::{Code, FilePath, Finding, Message, Span};
use crate::fields::{self, Language};
use crate::record::code::CodeOfPractice;
use crate::record::document::{DocumentFields, ReportFields, VersionFields};
use crate::record::held::{self, Disclosed, Hand, Setting};
use crate::record::meeting::{DocumentReference, MeetingFields};
use crate::record::member::MemberFields;
use crate::record::passage::Rules;
use crate::record::redact::{self, Group, Published, Verdict};
use crate::record::repeats;
use crate::record::source::{self, Source};
use crate::record::translation::Fields;
use crate::record::written::{self, Written};
use crate::record::{Archive, PublishedDocument, PublishedMember, PublishedReport, Records};
use crate::slug::{self, slugify};

/// Where a file of `content/` belongs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::record) enum Role {
    Home,
    Code,
    Meeting(Place),
    Member(String),
    Document(Place),
    Version { document: String, place: Place },
    Report { member: String, place: Place },
    Page(Place),
    Misplaced(&'static str),
}

/// The slug and folder of a Markdown file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::record) struct Place {
    pub(in crate::record) stem: String,
    pub(in crate::record) folder: String,
    pub(in crate::record) is_bundle: bool,
}

/// The work of one disclosure.
pub(in crate::record) struct Room<'a> {
    pub(in crate::record) archive: &'a Archive,
    pub(in crate::record) config: &'a Config,
    pub(in crate::record) setting: Setting<'a>,
    pub(in crate::record) verdict: Verdict,
    pub(in crate::record) unreadable: BTreeSet<String>,
}

pub(in crate::record) type Roles = Vec<(String, Role, Option<Language>)>;

impl Room<'_> {
    fn note(
        &mut self,
        code: Code,
        file: &FilePath,
        message: impl Into<Message>,
        help: impl Into<Message>,
    ) {
        self.verdict
            .findings
            .push(Finding::new(code, file, message).help(help));
    }

    /// Says of every file what it is, and in which language.
    pub(in crate::record) fn classify(&mut self) -> Roles {
        let mut roles = Vec::new();
        for (path, source) in &self.archive.sources.texts {
            let (bare, language) = self.language_of(path, source);
            let role = role_of(&bare);
            let slugs: Vec<&str> = match &role {
                Role::Home | Role::Code | Role::Misplaced(_) => Vec::new(),
                Role::Meeting(place) | Role::Document(place) | Role::Page(place) => {
                    vec![&place.stem]
                }
                Role::Member(slug) => vec![slug],
                Role::Version { document, .. } => vec![document],
                Role::Report { member, place } => vec![member, &place.stem],
            };
            if let Some(slug) = slugs.into_iter().find(|slug| !slug::is_slug(slug)) {
                let better = slugify(slug);
                let message = Message::new("this name cannot be part of an address:").value(slug);
                let help = if better.is_empty() {
                    Message::new("use a-z, 0-9 and `-` only")
                } else {
                    Message::new("rename it to").value(better)
                };
                self.note(Code::InvalidSlug, &source.file, message, help);
            }
            if let Role::Misplaced(help) = role {
                self.note(
                    Code::MisplacedFile,
                    &source.file,
                    "nothing would publish this file",
                    help,
                );
            }
            if source.broken_at.is_some() {
                self.unreadable.insert(path.clone());
            }
            roles.push((path.clone(), role, language));
        }
        roles
    }

    /// Splits the language off a file name: `x.fr.md` is `x.md` in French.
    fn language_of(&mut self, path: &str, source: &Source) -> (String, Option<Language>) {
        let Some((stem, extension)) = path.rsplit_once('.') else {
            return (path.to_owned(), None);
        };
        let name_start = stem.rfind('/').map_or(0, |at| at + 1);
        let Some((bare, tag)) = stem
            .rsplit_once('.')
            .filter(|(bare, _)| bare.len() > name_start)
        else {
            return (path.to_owned(), None);
        };
        let Some(language) = self
            .config
            .languages
            .iter()
            .find(|language| language.as_str() == tag)
        else {
            if fields::is_language_tag(tag) {
                let known: Vec<&str> = self.config.languages.iter().map(Language::as_str).collect();
                let message = Message::new("this is a translation into")
                    .value(tag)
                    .words(", which is no language of this site");
                self.note(
                    Code::UnknownLanguage,
                    &source.file,
                    message,
                    format!(
                        "add it to `languages` in clerestory.toml, which has {}",
                        known.join(", ")
                    ),
                );
                // Read as a translation all the same, so that its other errors are said too.
                return (format!("{bare}.{extension}"), Some(Language::new(tag)));
            }
            return (path.to_owned(), None);
        };
        (format!("{bare}.{extension}"), Some(language.clone()))
    }

    fn text(&self, path: &str) -> Option<&Source> {
        self.archive.sources.texts.get(path)
    }

    pub(in crate::record) fn code(&mut self, roles: &Roles) -> CodeOfPractice {
        for (path, role, language) in roles {
            if *role == Role::Code && language.is_none() {
                let code = self.toml(path, |hand, table| {
                    Some(CodeOfPractice::read(&mut hand.reader, table))
                });
                if code.is_none() {
                    self.unreadable.insert(path.clone());
                }
                return code.unwrap_or_default();
            }
        }
        CodeOfPractice::default()
    }

    pub(in crate::record) fn members(&mut self, roles: &Roles) -> Vec<PublishedMember> {
        let mut members = Vec::new();
        for (path, role, language) in roles {
            let Role::Member(slug) = role else { continue };
            let Some(file) = self.text(path).map(|source| source.file.clone()) else {
                continue;
            };
            if language.is_some() {
                self.note(
                    Code::MisplacedFile,
                    &file,
                    "a member record has no translations of its own",
                    "write texts by language in the record itself, as { en = \"…\", fr = \"…\" }",
                );
                continue;
            }
            match self.toml(path, MemberFields::read) {
                Some(fields) => members.push(PublishedMember {
                    slug: slug.clone(),
                    file,
                    fields,
                }),
                None => {
                    self.unreadable.insert(path.clone());
                }
            }
        }
        members
    }

    /// Reads a TOML file.
    fn toml<T>(
        &mut self,
        path: &str,
        read: impl FnOnce(&mut Hand<'_>, &mut fields::Table<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        let source = self.archive.sources.texts.get(path)?;
        let characters = source.check_characters();
        if source.broken_at.is_some() {
            self.verdict.findings.extend(characters);
            return None;
        }
        let text = source.text.expose();
        let base = if text.starts_with('\u{FEFF}') {
            '\u{FEFF}'.len_utf8()
        } else {
            0
        };
        self.verdict
            .masks
            .insert(source.file.clone(), vec![Span::new(0, text.len())]);
        let root = match fields::parse(
            text.get(base..).unwrap_or_default(),
            base,
            &source.file,
            Code::InvalidToml,
        ) {
            Ok(root) => root,
            Err(findings) => {
                self.verdict.findings.extend(characters);
                self.verdict.findings.extend(findings);
                return None;
            }
        };
        let rules = Rules {
            file: &source.file,
            grounds: self.setting.grounds,
            date: None,
        };
        let mut hand = Hand::new(
            written::reader(
                source,
                base,
                self.config.default_language(),
                self.setting,
                characters,
            ),
            rules,
            self.setting.today,
        );
        let mut table = hand.reader.root(&root);
        let value = read(&mut hand, &mut table);
        for value in root.get_ref().values() {
            held::check_texts(&mut hand.reader, value);
        }
        let mut public = Vec::new();
        root.get_ref()
            .values()
            .for_each(|value| held::public_texts(value, &mut public));
        let public: Vec<Vec<repeats::WordHash>> =
            public.iter().map(|text| repeats::words(text)).collect();
        let public = repeats::PublicRuns::of(&public);
        for mark in hand
            .marks
            .iter()
            .filter(|mark| public.repeat(mark.text.expose()))
        {
            hand.reader
                .findings
                .push(repeats::repeated(&source.file, mark.span));
        }
        let mut masks: Vec<Span> = hand.secrets.clone();
        masks.extend(source::comments(text, Span::new(base, text.len())));
        masks.sort_unstable();
        self.verdict.masks.insert(source.file.clone(), masks);
        self.verdict.findings.append(&mut hand.reader.findings);
        value
    }

    /// Reads the Markdown files that `place` picks, and puts originals and translations together.
    pub(in crate::record) fn group<F: Fields + Send>(
        &mut self,
        roles: &Roles,
        place: impl Fn(&Role) -> Option<Place> + Sync,
    ) -> Vec<Group<F>> {
        let default = self.config.default_language();
        let (archive, setting) = (self.archive, self.setting);
        let picked: Vec<(&String, Place, Option<&Language>)> = roles
            .iter()
            .filter_map(|(path, role, language)| {
                place(role).map(|place| (path, place, language.as_ref()))
            })
            .collect();
        let read: Vec<(String, Place, Written<F>)> = picked
            .into_par_iter()
            .filter_map(|(path, place, language)| {
                let source = archive.sources.texts.get(path)?;
                let is_translation = language.is_some_and(|language| language != default);
                Some((
                    path.clone(),
                    place,
                    written::read(source, setting, language.unwrap_or(default), is_translation),
                ))
            })
            .collect();
        let mut groups: BTreeMap<(String, String), Group<F>> = BTreeMap::new();
        for (path, place, written) in read {
            let key = (place.folder.clone(), place.stem.clone());
            let group = groups.entry(key).or_insert_with(|| Group {
                stem: place.stem,
                folder: place.folder,
                is_bundle: place.is_bundle,
                editions: Vec::new(),
            });
            group.editions.push((path, written));
        }
        let mut whole = Vec::new();
        let mut slugs: BTreeMap<String, FilePath> = BTreeMap::new();
        for (_, mut group) in groups {
            group.editions.sort_by_key(|(_, written)| {
                self.config
                    .languages
                    .iter()
                    .position(|language| *language == written.language)
                    .unwrap_or(usize::MAX)
            });
            for pair in group.editions.windows(2) {
                if pair[0].1.language == pair[1].1.language {
                    let message = format!(
                        "this is the same text in the same language as {}",
                        pair[0].1.file
                    );
                    self.verdict.findings.push(
                        Finding::new(Code::DuplicateSlug, &pair[1].1.file, message)
                            .help("keep one of the two files"),
                    );
                }
            }
            let Some((_, first)) = group.editions.first() else {
                continue;
            };
            if first.language != *default {
                for (_, written) in &mut group.editions {
                    let message = format!(
                        "this is a translation, but there is no original in the language `{default}`"
                    );
                    self.verdict.findings.push(
                        Finding::new(Code::OrphanTranslation, &written.file, message)
                            .help("write the original beside it, or make its language the first in clerestory.toml"),
                    );
                }
                self.verdict.keep(group);
                continue;
            }
            if let Some(other) = slugs.insert(unique_key(&group), first.file.clone()) {
                let message = format!("this has the same slug as {other}");
                self.verdict.findings.push(
                    Finding::new(Code::DuplicateSlug, &first.file, message)
                        .help("keep either the file or the folder"),
                );
                self.verdict.keep(group);
                continue;
            }
            whole.push(group);
        }
        whole
    }

    pub(in crate::record) fn documents(
        &mut self,
        roles: &Roles,
        drafts: bool,
    ) -> Vec<PublishedDocument> {
        let groups = self.group::<DocumentFields>(roles, |role| {
            if let Role::Document(place) = role {
                Some(place.clone())
            } else {
                None
            }
        });
        let documents = redact::disclose(groups, drafts, &mut self.verdict);
        let groups = self.group::<VersionFields>(roles, |role| {
            if let Role::Version { place, .. } = role {
                Some(place.clone())
            } else {
                None
            }
        });
        let mut versions = redact::disclose(groups, drafts, &mut self.verdict);
        let folders: BTreeSet<String> = documents
            .iter()
            .map(|document| document.paths.folder.clone())
            .collect();
        let known_drafts = self.verdict.drafts.clone();
        for version in &versions {
            let index = format!("{}/index.md", version.paths.folder);
            if !folders.contains(&version.paths.folder)
                && !known_drafts.contains_key(&index)
                && self.text(&index).is_none()
            {
                let help = format!("write content/{index} with `title` and `kind`");
                self.note(
                    Code::MissingFile,
                    &version.original.file,
                    "this is a version of a document that has no `index.md`",
                    help,
                );
            }
        }
        let mut published = Vec::new();
        for document in documents {
            let (mut own, others): (Vec<_>, Vec<_>) = versions
                .into_iter()
                .partition(|version| version.paths.folder == document.paths.folder);
            versions = others;
            own.sort_by(|a, b| {
                let key = |version: &Published<VersionFields>| {
                    let fields = &version.original.fields;
                    (
                        fields.date(),
                        fields.version.as_ref().map(|version| version.value.clone()),
                    )
                };
                key(a).cmp(&key(b)).then_with(|| a.slug.cmp(&b.slug))
            });
            let mut names: BTreeMap<String, FilePath> = BTreeMap::new();
            for version in &own {
                if let Some(name) = &version.original.fields.version
                    && let Some(other) =
                        names.insert(name.value.to_lowercase(), version.original.file.clone())
                {
                    let message = format!("this has the same version as {other}");
                    self.verdict.findings.push(
                        Finding::new(Code::DuplicateAddress, &version.original.file, message)
                            .at(name.span)
                            .help("give it a version of its own"),
                    );
                }
            }
            if document.closed.is_some() {
                for version in own.iter().filter(|version| version.closed.is_none()) {
                    let message = "the document of this version is withheld as a whole, but this version is not (A5)";
                    let help =
                        "add a table [confidential] to this file too, or take it out of `index.md`";
                    self.verdict.findings.push(
                        Finding::new(Code::CannotWithhold, &version.original.file, message)
                            .help(help),
                    );
                }
            }
            published.push(PublishedDocument {
                document,
                versions: own,
            });
        }
        published
    }

    pub(in crate::record) fn reports(
        &mut self,
        roles: &Roles,
        drafts: bool,
    ) -> Vec<PublishedReport> {
        let groups = self.group::<ReportFields>(roles, |role| {
            if let Role::Report { place, .. } = role {
                Some(place.clone())
            } else {
                None
            }
        });
        let members: BTreeMap<String, String> = roles
            .iter()
            .filter_map(|(path, role, _)| {
                if let Role::Report { member, .. } = role {
                    Some((path.clone(), member.clone()))
                } else {
                    None
                }
            })
            .collect();
        let reports = redact::disclose(groups, drafts, &mut self.verdict);
        let mut published = Vec::new();
        for report in reports {
            let member = report
                .paths
                .files
                .first()
                .and_then(|path| members.get(path))
                .cloned()
                .unwrap_or_default();
            if let Some(named) = &report.original.fields.member
                && named.value != member
            {
                let message = Message::new("this report stands in the folder of")
                    .value(&member)
                    .words("but names")
                    .value(&named.value);
                self.verdict.findings.push(
                    Finding::new(Code::InvalidValue, &report.original.file, message)
                        .at(named.span)
                        .help("move the file into the folder of the member it names"),
                );
            }
            published.push(PublishedReport { member, report });
        }
        published
    }

    /// Gives everything whose title is withheld an address that does not tell.
    pub(in crate::record) fn rename(&mut self, records: &mut Records) {
        let findings = &mut self.verdict.findings;
        redact::rename_withheld(
            &mut records.meetings,
            |fields| {
                (
                    fields.date.as_ref().map(|date| date.value),
                    fields.kind.as_ref().map(|kind| kind.value.clone()),
                )
            },
            |meeting| format!("{}{}", public_key(meeting), self.archive.attached(meeting)),
            findings,
        );
        redact::rename_withheld(
            &mut records.pages,
            |_| (None, Some("page".into())),
            public_key,
            findings,
        );
        let mut documents: Vec<Published<DocumentFields>> = records
            .documents
            .iter()
            .map(|document| document.document.clone())
            .collect();
        redact::rename_withheld(
            &mut documents,
            |fields| (None, fields.kind.as_ref().map(|kind| slugify(&kind.value))),
            public_key,
            findings,
        );
        let renamed: BTreeMap<String, String> = records
            .documents
            .iter()
            .zip(&documents)
            .filter(|(before, after)| before.document.slug != after.slug)
            .map(|(before, after)| (before.document.slug.clone(), after.slug.clone()))
            .collect();
        for meeting in &mut records.meetings {
            follow(&mut meeting.original.fields, &renamed);
            for edition in &mut meeting.translations {
                follow(&mut edition.fields, &renamed);
            }
        }
        for (document, renamed) in records.documents.iter_mut().zip(documents) {
            document.document = renamed;
        }
        // In the order of what is published, never of folders whose names are withheld.
        records
            .documents
            .sort_by(|a, b| a.document.slug.cmp(&b.document.slug));
        let members: BTreeSet<String> = records
            .reports
            .iter()
            .map(|report| report.member.clone())
            .collect();
        for member in members {
            let mut own: Vec<Published<ReportFields>> = records
                .reports
                .iter()
                .filter(|report| report.member == member)
                .map(|report| report.report.clone())
                .collect();
            redact::rename_withheld(
                &mut own,
                |fields| {
                    (
                        fields.period.map(|period| period.start),
                        Some("report".into()),
                    )
                },
                public_key,
                findings,
            );
            for (report, renamed) in records
                .reports
                .iter_mut()
                .filter(|report| report.member == member)
                .zip(own)
            {
                report.report = renamed;
            }
        }
    }
}

/// Lets references to documents follow those that have been given another slug.
fn follow(fields: &mut MeetingFields, renamed: &BTreeMap<String, String>) {
    let Some(Disclosed::Public(references)) = &mut fields.documents else {
        return;
    };
    for reference in references {
        if let Disclosed::Public(DocumentReference::Slug(slug)) = reference
            && let Some(own) = renamed.get(&slug.value)
        {
            slug.value.clone_from(own);
        }
    }
}

/// Returns what anyone may read of a document, as text to sort by.
fn public_key<F: std::fmt::Debug>(document: &Published<F>) -> String {
    let editions: Vec<_> = document
        .editions()
        .map(|edition| {
            let body = &edition.body;
            (
                &edition.fields,
                without_destinations(body.markdown()),
                body.redactions(),
            )
        })
        .collect();
    format!("{editions:?}")
}

/// Takes out where links to files lead: a link between two documents is written with names that may be withheld.
fn without_destinations(markdown: &str) -> std::borrow::Cow<'_, str> {
    static DESTINATION: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(\]\(\s*<?|\]:\s*<?|<)([^)\s>]+)").expect("a fixed pattern"));
    DESTINATION.replace_all(markdown, |found: &regex::Captures<'_>| {
        let (before, destination) = (&found[1], &found[2]);
        let is_elsewhere = destination.contains("://") || destination.starts_with(['#', '/']);
        if is_elsewhere || !destination.contains(['.', '/']) {
            format!("{before}{destination}")
        } else {
            before.to_owned()
        }
    })
}

/// Returns what must be unique: the slug within its section.
fn unique_key<F>(group: &Group<F>) -> String {
    let section = if group.is_bundle {
        group
            .folder
            .rsplit_once('/')
            .map_or("", |(section, _)| section)
    } else {
        &group.folder
    };
    format!("{section}/{}", group.stem)
}

/// Says what a file is by its path below `content/`, the language already taken off.
#[expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "an address has one spelling, and so has its file"
)]
fn role_of(path: &str) -> Role {
    let parts: Vec<&str> = path.split('/').collect();
    let is_index = |name: &str| name == "index.md";
    let file = |name: &str, folder: String| Place {
        stem: name.trim_end_matches(".md").to_owned(),
        folder,
        is_bundle: false,
    };
    let bundle = |name: &str, folder: String| Place {
        stem: name.to_owned(),
        folder,
        is_bundle: true,
    };
    match parts.as_slice() {
        ["index.md"] => Role::Home,
        ["code.toml"] => Role::Code,
        [.., name] if *name == "_index.md" => Role::Misplaced(
            "sections need no `_index.md` here: the program makes their pages; delete it",
        ),
        ["meetings", name] if name.ends_with(".md") && !is_index(name) => {
            Role::Meeting(file(name, "meetings".into()))
        }
        ["meetings", slug, name] if is_index(name) => {
            Role::Meeting(bundle(slug, format!("meetings/{slug}")))
        }
        ["pages", name] if name.ends_with(".md") && !is_index(name) => {
            Role::Page(file(name, "pages".into()))
        }
        ["pages", slug, name] if is_index(name) => {
            Role::Page(bundle(slug, format!("pages/{slug}")))
        }
        ["members", name] if name.ends_with(".toml") => {
            Role::Member(name.trim_end_matches(".toml").to_owned())
        }
        ["documents", slug, name] if is_index(name) => {
            Role::Document(bundle(slug, format!("documents/{slug}")))
        }
        ["documents", slug, name] if name.ends_with(".md") => Role::Version {
            document: (*slug).to_owned(),
            place: file(name, format!("documents/{slug}")),
        },
        ["reports", member, name] if name.ends_with(".md") && !is_index(name) => Role::Report {
            member: (*member).to_owned(),
            place: file(name, format!("reports/{member}")),
        },
        ["reports", member, slug, name] if is_index(name) => Role::Report {
            member: (*member).to_owned(),
            place: bundle(slug, format!("reports/{member}/{slug}")),
        },
        ["documents", _] => Role::Misplaced(
            "a document is a folder with an `index.md`: move the file to content/documents/<slug>/index.md",
        ),
        ["reports", _] => Role::Misplaced(
            "move the report into the folder of its member: content/reports/<member>/<slug>.md",
        ),
        ["meetings" | "pages", ..] => {
            Role::Misplaced("the text of a bundle is called `index.md`, and is one folder deep")
        }
        ["members", ..] => Role::Misplaced("a member record is called content/members/<slug>.toml"),
        _ => Role::Misplaced(
            "move it into meetings/, members/, documents/, reports/ or pages/; content/ itself holds index.md and code.toml",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigSource;
    use crate::record::{Disclosure, Reading};

    const MEETING: &str = "+++
title = \"First\"
date = 2026-01-30
kind = \"plenary\"
+++
One :confidential[two]{ground=\"commercial\" until=\"2027-03-31\"}
three.

::: confidential ground=\"commercial\" until=\"2027-03-31\"
four
:::
five
";
    const MEMBER: &str = "name = \"Example\"\nstatus = \"member\"\n";

    fn disclosed(files: &[(&str, &str)]) -> Disclosure {
        disclosed_and_told(files).0
    }

    /// Returns what comes out of files, and what is told of them.
    fn disclosed_and_told(files: &[(&str, &str)]) -> (Disclosure, Vec<crate::diag::Diagnostic>) {
        let root =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites/broken/raw-html");
        let config = ConfigSource::read(&root).unwrap().parse().value;
        let files = files.iter().map(|(path, text)| {
            let path = format!("content/{path}");
            (path, text.as_bytes().to_vec())
        });
        let reading = Reading {
            today: jiff::civil::date(2026, 11, 24),
            drafts: false,
        };
        let archive = Archive::from_files(files.collect());
        let disclosure = archive.disclose(&config, reading);
        let told = archive.explain(&disclosure.findings, &disclosure.guard);
        (disclosure, told)
    }

    fn codes(files: &[(&str, &str)]) -> Vec<&'static str> {
        let findings = disclosed(files).findings;
        findings
            .iter()
            .map(|finding| finding.code.as_str())
            .collect()
    }

    #[test]
    fn line_ends_and_a_mark_at_the_start_make_no_difference() {
        let read = |change: &dyn Fn(&str) -> String| {
            let (meeting, member) = (change(MEETING), change(MEMBER));
            let files = [
                ("meetings/2026-01-30-plenary.md", meeting.as_str()),
                ("members/example.toml", &member),
            ];
            let disclosure = disclosed(&files);
            assert!(disclosure.findings.is_empty(), "{:?}", disclosure.findings);
            assert_eq!(disclosure.records.members.len(), 1);
            let body = &disclosure.records.meetings[0].original.body;
            (body.markdown().to_owned(), body.redactions().to_vec())
        };
        let own = read(&str::to_owned);
        assert_eq!(own.1.len(), 2);
        assert_eq!(read(&|text| text.replace('\n', "\r\n")), own);
        assert_eq!(read(&|text| format!("\u{FEFF}{text}")), own);
    }

    const FRONT: &str = "title = \"x\"\ndate = 2026-01-30\nkind = \"plenary\"\n";

    /// Returns the codes of what is said of a meeting.
    fn said(front: &str, body: &str) -> Vec<&'static str> {
        let text = format!("+++\n{front}+++\n{body}");
        codes(&[("meetings/2026-01-30-plenary.md", &text)])
    }

    #[test]
    fn a_decision_is_due_on_its_day_and_may_end_on_the_day_of_the_meeting() {
        for (until, wanted) in [
            ("2026-11-25", &[][..]),
            ("2026-11-24", &["review-due"]),
            ("2026-01-30", &["review-due"]),
            ("2026-01-29", &["until-before-date"]),
        ] {
            let marker = format!("ground=\"commercial\" until=\"{until}\"");
            let told = |said: Vec<&'static str>| {
                let mut said = said;
                if wanted == ["until-before-date"] {
                    // A mark in error is no decision that could be due, and whether it is said does not matter.
                    said.retain(|code| *code != "review-due");
                }
                assert_eq!(said, wanted, "{until}");
            };
            told(said(FRONT, &format!("::: confidential {marker}\na\n:::\n")));
            told(said(FRONT, &format!("a :confidential[b]{{{marker}}}\n")));
            let field = format!(
                "{FRONT}place = {{ confidential = \"a\", ground = \"commercial\", until = {until} }}\n"
            );
            told(said(&field, "a\n"));
            let whole =
                format!("{FRONT}[confidential]\nground = \"commercial\"\nuntil = {until}\n");
            told(said(&whole, "a\n"));
        }
    }

    #[test]
    fn markers_have_one_form() {
        for attributes in [
            "ground=\"commercial\" until=\"2027-03-31\" until=\"2027-03-31\"",
            "ground=\"commercial\"\tuntil=\"2027-03-31\"",
            "ground=\"commercial\"\u{A0}until=\"2027-03-31\"",
            "ground=\"commercial\"until=\"2027-03-31\"",
        ] {
            let opener = format!("::: confidential {attributes}\na\n:::\n");
            assert_eq!(said(FRONT, &opener), ["malformed-marker"], "{opener}");
            let inline = format!("a :confidential[b]{{{attributes}}}\n");
            assert_eq!(said(FRONT, &inline), ["malformed-marker"], "{inline}");
        }
    }

    #[test]
    fn words_in_a_line_hold_no_bracket_backtick_or_backslash() {
        let until = "ground=\"commercial\" until=\"2027-03-31\"";
        for marker in [
            format!("[b [c]{{{until}}}"),
            format!("[b ` c]{{{until}}}"),
            format!("[b \\ c]{{{until}}}"),
            format!("[b] {{{until}}}"),
            format!("[b]{{ {until}}}"),
            format!("[b]{{{until} }}"),
        ] {
            let body = format!("a :confidential{marker} d\n");
            assert_eq!(said(FRONT, &body), ["malformed-marker"], "{body}");
        }
        for before in [":", "\\"] {
            let body = format!("a {before}:confidential[b]{{{until}}} d\n");
            assert_eq!(said(FRONT, &body), ["malformed-marker"], "{body}");
        }
    }

    #[test]
    fn files_of_withheld_attachments_are_known() {
        let mark = "ground = \"commercial\", until = 2027-03-31";
        let one = format!(
            "attachments = [\"a.pdf\", {{ confidential = \"b.pdf\", {mark} }}, {{ confidential = {{ file = \"c.pdf\", title = \"x\" }}, {mark} }}]\n"
        );
        let all = format!("attachments = {{ confidential = [\"b.pdf\", \"c.pdf\"], {mark} }}\n");
        for attachments in [one, all] {
            let text = format!("+++\n{FRONT}{attachments}+++\na\n");
            let records = disclosed(&[("meetings/2026-01-30-plenary/index.md", &text)]).records;
            let withheld: Vec<&String> = records.withheld_files.iter().collect();
            let folder = "meetings/2026-01-30-plenary";
            assert_eq!(
                withheld,
                [&format!("{folder}/b.pdf"), &format!("{folder}/c.pdf")]
            );
        }
    }

    #[test]
    fn comments_and_withheld_documents_are_not_quoted() {
        let due = "ground = \"commercial\", until = 2026-02-01 } # Canarynote of the author\n";
        let field = format!("{FRONT}place = {{ confidential = \"Canaryplace\", {due}");
        let meeting = format!("+++\n{field}+++\na\n");
        let member = format!("{MEMBER}description = {{ confidential = \"Canaryplace\", {due}");
        for (path, text) in [
            ("meetings/2026-01-30-plenary.md", meeting),
            ("members/example.toml", member),
        ] {
            let (_, told) = disclosed_and_told(&[(path, &text)]);
            assert_eq!(told.len(), 1, "{path}: {told:?}");
            assert!(told[0].excerpt.is_some() && !format!("{told:?}").contains("Canary"));
        }
        let whole = "[confidential]\nground = \"commercial\"\nuntil = 2026-02-01\n";
        let text = format!("+++\n{FRONT}{whole}+++\na\n");
        let (_, told) = disclosed_and_told(&[("meetings/2026-01-30-plenary.md", &text)]);
        assert_eq!(told.len(), 1);
        assert!(told[0].excerpt.is_none(), "{told:?}");
    }

    #[test]
    fn withheld_words_are_repeated_in_no_language_and_no_field() {
        let words = "one two three four five six seven eight nine ten eleven twelve";
        let mark = "ground = \"commercial\", until = 2027-03-31 }";
        let passage = |text: &str| {
            format!("::: confidential ground=\"commercial\" until=\"2027-03-31\"\n{text}\n:::\n")
        };
        let original = format!("+++\n{FRONT}+++\n{}", passage(words));
        let french = format!("+++\ntitle = \"y\"\n+++\n{}Et {words}.\n", passage("un"));
        let files = [
            ("meetings/2026-01-30-plenary.md", original.as_str()),
            ("meetings/2026-01-30-plenary.fr.md", &french),
        ];
        assert_eq!(codes(&files), ["withheld-text-repeated"]);
        let member = format!(
            "{MEMBER}description = {{ confidential = \"{words}\", {mark}\nmodels = [\"{words}\"]\n"
        );
        assert_eq!(
            codes(&[("members/example.toml", &member)]),
            ["withheld-text-repeated"]
        );
    }

    #[test]
    fn translations_withhold_the_same_field_on_the_same_ground_until_the_same_day() {
        let field = |name: &str, value: &str, ground: &str, until: &str| {
            format!(
                "{name} = {{ confidential = {value}, ground = \"{ground}\", until = {until} }}\n"
            )
        };
        let (ground, until) = ("commercial", "2027-03-31");
        let own = field("place", "\"a\"", ground, until);
        let original = format!("+++\n{FRONT}{own}+++\na\n");
        for (other, wanted) in [
            (field("place", "\"b\"", ground, until), &[][..]),
            (
                field("chair", "\"b\"", ground, until),
                &["translation-disagrees"],
            ),
            (
                field("place", "\"b\"", "security", until),
                &["translation-disagrees"],
            ),
            (
                field("place", "\"b\"", ground, "2027-04-01"),
                &["translation-disagrees"],
            ),
            ("place = \"b\"\n".to_owned(), &["translation-disagrees"]),
            (
                format!("{own}{}", field("chair", "\"b\"", ground, until)),
                &["translation-disagrees"],
            ),
        ] {
            let french = format!("+++\ntitle = \"y\"\n{other}+++\na\n");
            let files = [
                ("meetings/2026-01-30-plenary.md", original.as_str()),
                ("meetings/2026-01-30-plenary.fr.md", &french),
            ];
            assert_eq!(codes(&files), wanted, "{other}");
        }
    }

    #[test]
    fn withheld_titles_have_slugs_of_date_and_kind_that_nothing_else_has() {
        let withheld = FRONT.replace(
            "\"x\"",
            "{ confidential = \"x\", ground = \"commercial\", until = 2027-03-31 }",
        );
        let withheld = format!("+++\n{withheld}+++\na\n");
        let public = format!("+++\n{FRONT}+++\na\n");
        let files = [
            ("meetings/2026-01-30-plenary.md", public.as_str()),
            ("meetings/one.md", &withheld),
            ("meetings/two.md", &withheld),
        ];
        let records = disclosed(&files).records;
        let mut slugs: Vec<&str> = records
            .meetings
            .iter()
            .map(|meeting| meeting.slug.as_str())
            .collect();
        slugs.sort_unstable();
        assert_eq!(
            slugs,
            [
                "2026-01-30-plenary",
                "2026-01-30-plenary-2",
                "2026-01-30-plenary-3"
            ]
        );
    }

    /// Front matter of a meeting or document whose title is withheld, with another field.
    fn untitled(field: &str) -> String {
        let title = "title = { confidential = \"x\", ground = \"commercial\", until = 2027-03-31 }";
        format!("+++\n{title}\n{field}\n+++\n")
    }

    #[test]
    fn neither_links_nor_folders_order_withheld_titles() {
        let front = untitled("date = 2026-01-30\nkind = \"plenary\"");
        let one = format!("{front}See [it](zz.md), one.\n");
        let two = format!("{front}See [it](aa.md), two.\n");
        let records = disclosed(&[("meetings/a.md", &one), ("meetings/b.md", &two)]).records;
        for meeting in &records.meetings {
            let is_first = meeting.original.body.markdown().contains("one");
            assert_eq!(meeting.slug == "2026-01-30-plenary", is_first);
        }
        let withheld = untitled("kind = \"rules\"");
        let public = "+++\ntitle = \"x\"\nkind = \"rules\"\n+++\na\n";
        let files = [
            ("documents/aaa/index.md", withheld.as_str()),
            ("documents/beta/index.md", public),
            (
                "meetings/c.md",
                "+++\ntitle = \"x\"\ndate = 2026-01-30\nkind = \"plenary\"\ndocuments = [\"aaa\"]\n+++\na\n",
            ),
            (
                "documents/beta/a.md",
                "+++\nversion = \"2\"\ndate = 2026-02-01\n+++\na\n",
            ),
            (
                "documents/beta/b.md",
                "+++\nversion = \"1\"\ndate = 2026-01-01\n+++\nb\n",
            ),
        ];
        let records = disclosed(&files).records;
        let slugs: Vec<&str> = records
            .documents
            .iter()
            .map(|document| document.document.slug.as_str())
            .collect();
        assert_eq!(slugs, ["beta", "rules"]);
        let named = held::public_items(records.meetings[0].original.fields.documents.as_ref());
        let named: Vec<String> = named.map(|named| format!("{named:?}")).collect();
        assert!(
            named.len() == 1 && named[0].contains("\"rules\""),
            "{named:?}"
        );
        let versions: Vec<&str> = records.documents[0]
            .versions
            .iter()
            .map(|version| version.slug.as_str())
            .collect();
        assert_eq!(versions, ["b", "a"], "the oldest comes first");
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "a test writes the files that it reads"
    )]
    fn the_files_of_withheld_titles_order_them_and_their_names_do_not() {
        let text = format!(
            "{}a\n",
            untitled("date = 2026-01-30\nkind = \"plenary\"\nattachments = [\"table.csv\"]")
        );
        let root =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites/broken/raw-html");
        let config = ConfigSource::read(&root).unwrap().parse().value;
        let reading = Reading {
            today: jiff::civil::date(2026, 11, 24),
            drafts: false,
        };
        let slug_of_one = |names: [&str; 2]| {
            let here = tempfile::tempdir().unwrap();
            for (name, table) in names.into_iter().zip(["one,1\n", "two,2\n"]) {
                let folder = here.path().join("content/meetings").join(name);
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(folder.join("index.md"), &text).unwrap();
                std::fs::write(folder.join("table.csv"), table).unwrap();
            }
            let archive = Archive::read(here.path()).unwrap();
            let records = archive.disclose(&config, reading).records;
            let own = records
                .meetings
                .iter()
                .find(|meeting| meeting.paths.folder.ends_with(names[0]));
            own.unwrap().slug.clone()
        };
        assert_eq!(slug_of_one(["a", "b"]), slug_of_one(["b", "a"]));
    }

    #[test]
    fn front_matter_ends_with_a_line_of_three_plus_signs() {
        for line in ["+++ ", " +++", "++++"] {
            let text = format!("+++\n{FRONT}{line}\na\n");
            let codes = codes(&[("meetings/2026-01-30-plenary.md", &text)]);
            assert_eq!(codes, ["front-matter-unclosed"], "{line}");
        }
    }

    #[test]
    fn a_document_withheld_as_a_whole_has_no_unknown_fields() {
        let whole = "[confidential]\nground = \"commercial\"\nuntil = 2027-03-31\n";
        assert!(said(&format!("{FRONT}{whole}"), "a\n").is_empty());
        assert_eq!(
            said(&format!("{FRONT}colour = \"blue\"\n{whole}"), "a\n"),
            ["unknown-field"]
        );
    }

    #[test]
    fn nothing_is_said_of_what_is_withheld() {
        let whole = "[confidential]\nground = \"commercial\"\nuntil = 2027-03-31\n";
        let front = FRONT.replace("\"x\"", "5");
        for more in ["", "end = \"x\"\n", "place = \"::: x\"\n"] {
            let said = said(
                &format!("{front}{more}{whole}"),
                ":::: x <b> :confidential[\n",
            );
            assert!(said.is_empty(), "{more}: {said:?}");
        }
        for value in ["::: x", "a\\n:secret[x]", "{{ x }}"] {
            let field = format!(
                "place = {{ confidential = \"{value}\", ground = \"commercial\", until = 2027-03-31 }}\n"
            );
            assert!(
                said(&format!("{FRONT}{field}"), "a\n").is_empty(),
                "{value}"
            );
        }
    }

    #[test]
    fn every_line_of_a_public_value_is_judged() {
        for (value, code) in [
            ("a\\n::: b", "near-miss-marker"),
            ("a :::\\nb", "near-miss-marker"),
            ("a\\r\\n::: b", "near-miss-marker"),
            ("a\\n{{ b }}", "foreign-syntax"),
            ("a\\u202Eb", "forbidden-character"),
            ("a\\rb", "forbidden-character"),
        ] {
            let field = format!("place = \"{value}\"\n");
            assert_eq!(said(&format!("{FRONT}{field}"), "a\n"), [code], "{value}");
            let member = format!("{MEMBER}description = \"{value}\"\n");
            assert_eq!(
                codes(&[("members/example.toml", &member)]),
                [code],
                "{value}"
            );
        }
    }

    #[test]
    fn a_list_of_blanks_withholds_nothing() {
        for value in ["[]", "[\" \", \"\"]", "{ en = \" \" }"] {
            let key = if value.starts_with('{') {
                "place"
            } else {
                "agenda"
            };
            let field = format!(
                "{key} = {{ confidential = {value}, ground = \"commercial\", until = 2027-03-31 }}\n"
            );
            assert_eq!(
                said(&format!("{FRONT}{field}"), "a\n"),
                ["empty-passage"],
                "{value}"
            );
        }
    }

    #[test]
    fn of_an_unclosed_passage_nothing_is_public() {
        let text = "a\n\n::: confidential ground=\"commercial\" until=\"2027-03-31\"\n\nb\n\n:::: c {{ d }}\n<b>e</b>\n";
        assert!(!said(FRONT, text).contains(&"raw-html"));
        let text = format!("+++\n{FRONT}+++\n{text}");
        let disclosure = disclosed(&[("meetings/2026-01-30-plenary.md", &text)]);
        let file: FilePath = "content/meetings/2026-01-30-plenary.md".into();
        let masks = &disclosure.guard.masks[&file];
        assert!(masks.iter().any(|mark| mark.end == text.len()), "{masks:?}");
        assert_eq!(disclosure.records.meetings[0].original.body.markdown(), "");
    }

    /// The same as `tests/it/broken.rs`, without the program around it: what the room says is what is expected, and no word
    /// of it is withheld.
    #[test]
    fn broken_sites_say_what_is_expected_here_already() {
        use crate::diag::Code::{
            InvalidToml, MissingAnchor, MissingField, ReviewDue, TellingFileName, WrongType,
        };
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites/broken");
        let of_room: Vec<&str> = crate::diag::Code::ALL
            .iter()
            .filter(|code| {
                **code <= TellingFileName
                    || [ReviewDue, InvalidToml, MissingField, WrongType].contains(*code)
            })
            .filter(|code| **code != MissingAnchor)
            .map(|code| code.as_str())
            .collect();
        let mut wrong = Vec::new();
        for entry in walkdir::WalkDir::new(&root).min_depth(1).max_depth(1) {
            let site = entry.unwrap().into_path();
            if !site.is_dir() {
                continue;
            }
            let expected = Archive::read(&site).map(|archive| {
                let config = ConfigSource::read(&site).unwrap().parse();
                let reading = Reading {
                    today: jiff::civil::date(2026, 11, 24),
                    drafts: false,
                };
                let disclosure = archive.disclose(&config.value, reading);
                archive.explain(&disclosure.findings, &disclosure.guard)
            });
            let told = expected.unwrap();
            if format!("{told:?}").contains("Canary") {
                wrong.push(format!("{}: withheld text is quoted", site.display()));
            }
            let told: Vec<String> = told
                .iter()
                .filter(|told| of_room.contains(&told.code.as_str()))
                .map(|told| {
                    let (severity, code) = (told.severity.as_str(), told.code.as_str());
                    match told.place {
                        Some(place) => format!("{severity} {code} {}:{}", told.file, place.line),
                        None => format!("{severity} {code} {}", told.file),
                    }
                })
                .collect();
            let expected =
                Source::from_bytes("expected.txt".into(), bytes_of(&site.join("expected.txt")));
            let expected: Vec<&str> = expected
                .text
                .expose()
                .lines()
                .filter(|line| {
                    let code = line.split(' ').nth(1).unwrap_or_default();
                    of_room.contains(&code) && line.contains(" content/")
                })
                .collect();
            if told != expected {
                wrong.push(format!(
                    "{}: expected {expected:#?}, told {told:#?}",
                    site.display()
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[expect(clippy::disallowed_methods, reason = "a test reads what it expects")]
    fn bytes_of(path: &std::path::Path) -> Vec<u8> {
        std::fs::read(path).unwrap()
    }
}
