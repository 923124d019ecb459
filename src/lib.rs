//! Clerestory: a static site generator for transparency centres. Everything public, nothing confidential.
//!
//! Text flows one way, **record → redact → markdown → site → render → write**:
//!
//! 1. [`record::Archive::read`] reads `content/`, withheld text and all, into a closed room.
//! 2. [`record::Archive::disclose`] is the door: withheld text is cut before any Markdown is parsed, and only public text leaves.
//! 3. `markdown` turns public text into HTML, `site` gives everything an address and relates it, `render` fills templates.
//! 4. `write` swaps the finished site into place, whole.
//!
//! Two nets stand around this, in `nets`: what is published must not depend on what is withheld, and no file may hold any of it.
//! [`check`] is a [`build`] that stops before `write`; [`audit`] puts up the nets around a folder that stands there already.

mod attachment;
pub mod cli;
mod compare;
pub mod config;
pub mod console;
mod data;
pub mod diag;
pub mod explain;
mod feeds;
pub mod fields;
mod forms;
mod intl;
mod links;
mod markdown;
mod nets;
pub mod record;
mod render;
pub mod review;
pub mod scaffold;
pub mod serve;
mod site;
mod slug;
mod theme;
pub mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::civil::Date;
use rayon::prelude::*;

use config::{BaseUrl, Config, ConfigSource};
use diag::{Code, Diagnostic, Severity};
use nets::{Print, Prints, Watch};
use record::{
    Archive, Disclosure, Guard, Hit, LeakScan, Origin, Reading, SecondOpinion, Shape, Twin,
};
use render::{RenderError, Sink};
use site::Site;
use theme::{Theme, ThemeError};
use write::{Staging, WriteError};

/// How a site is checked or built.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that holds `clerestory.toml`.
    pub root: PathBuf,
    /// The day of the build, by which reviews fall due.
    pub today: Date,
    /// Whether drafts are published.
    pub drafts: bool,
    /// Replaces the address in the configuration.
    pub base_url: Option<BaseUrl>,
}

/// What a site holds, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Errors that were found.
    pub errors: usize,
    /// Warnings that were found.
    pub warnings: usize,
    /// Pages, in all languages.
    pub pages: usize,
    /// Meetings in the register.
    pub meetings: usize,
    /// Member records.
    pub members: usize,
    /// Entries of the public register of withheld passages.
    pub withheld: usize,
}

/// What came of checking or building.
#[derive(Debug)]
pub struct Report {
    /// Everything that was noticed, sorted by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// The site in numbers.
    pub summary: Summary,
}

impl Report {
    /// Says whether the site may be published.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.summary.errors == 0
    }

    /// Says whether withheld text was found in the output, or could be told from it.
    #[must_use]
    pub fn tells_withheld_text(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| {
            matches!(
                diagnostic.code,
                Code::WithheldTextFound | Code::WithheldTextMatters
            )
        })
    }
}

/// Why nothing could be said about a site at all.
#[derive(Debug)]
pub enum Trouble {
    /// The configuration, the content or the theme cannot be read.
    Unreadable {
        /// What was read.
        what: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The output cannot be written.
    Unwritable(WriteError),
    /// The output would lie in a folder of sources.
    OutputInSources(PathBuf),
    /// There is no folder to look at.
    NoOutput(PathBuf),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable { what, error } => {
                write!(formatter, "{} cannot be read: {error}", what.display())
            }
            Self::Unwritable(error) => error.fmt(formatter),
            Self::NoOutput(folder) => {
                write!(
                    formatter,
                    "there is no folder {}; build the site first, or name another folder",
                    folder.display()
                )
            }
            Self::OutputInSources(out) => {
                write!(
                    formatter,
                    "{} lies in a folder of sources; choose another folder with --out",
                    out.display()
                )
            }
        }
    }
}

impl std::error::Error for Trouble {}

/// Says everything that is wrong with a site; writes nothing.
///
/// # Errors
/// Where the site cannot be read.
pub fn check(options: &Options) -> Result<Report, Trouble> {
    let material = Material::read(options)?;
    let prepared = material.prepare()?;
    Ok(prepared.render(&Discard)?.0)
}

/// Checks a site and, if it is sound, replaces the folder `out` by it, whole.
///
/// # Errors
/// Where the site cannot be read or the output cannot be written.
pub fn build(options: &Options, out: &Path) -> Result<Report, Trouble> {
    let material = Material::read(options)?;
    let prepared = material.prepare()?;
    if !prepared.report.is_sound() {
        return Ok(prepared.report);
    }
    let staging = begin(options, out)?;
    let sink = Staged {
        staging: &staging,
        failed: Mutex::new(None),
    };
    let rendered = prepared.render(&sink);
    if let Some(error) = sink.failed.into_inner().unwrap_or_default() {
        return Err(Trouble::Unwritable(error));
    }
    let (report, is_whole) = rendered?;
    if is_whole && report.is_sound() {
        staging.commit().map_err(Trouble::Unwritable)?;
    }
    Ok(report)
}

/// Checks a site and, if it is sound, renders it into a sink, past both nets, byte for byte what [`build`] writes.
///
/// What is in the sink may be shown only where [`Built::is_fit`] says so.
///
/// # Errors
/// Where the site cannot be read.
pub(crate) fn build_into(options: &Options, sink: &dyn Sink) -> Result<Built, Trouble> {
    let material = Material::read(options)?;
    let base = material.config.base_url.path().to_owned();
    let (report, is_whole) = material.prepare()?.render(sink)?;
    Ok(Built {
        is_fit: is_whole && report.is_sound(),
        report,
        base,
    })
}

/// What came of building into a sink.
pub(crate) struct Built {
    pub(crate) report: Report,
    /// Whether the sink holds a whole site that may be shown.
    pub(crate) is_fit: bool,
    /// The path under which the site stands, between two `/`.
    pub(crate) base: String,
}

/// Looks for withheld text in a folder, whoever built it, and builds the site three times in memory, with and without what is
/// withheld.
///
/// # Errors
/// Where the site or the folder cannot be read.
pub fn audit(options: &Options, folder: &Path) -> Result<Audit, Trouble> {
    let there = write::files(folder).map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            return Trouble::NoOutput(folder.to_path_buf());
        }
        Trouble::Unreadable {
            what: folder.to_path_buf(),
            error,
        }
    })?;
    let material = Material::read(options)?;
    let prepared = material.prepare()?;
    let bundled: BTreeSet<String> = prepared.site.files.keys().cloned().collect();
    let scan = prepared.scan();
    let looked: Vec<io::Result<(Vec<Hit>, Print)>> = there
        .par_iter()
        .map(|path| {
            let bytes = write::read(folder, path)?;
            let origin = if bundled.contains(path) {
                Origin::Bundled
            } else {
                Origin::Made
            };
            Ok((scan.search(path, &bytes, origin), nets::print(&bytes)))
        })
        .collect();
    let mut hits = Vec::new();
    let mut prints = BTreeMap::new();
    for (path, looked) in there.iter().zip(looked) {
        let (found, print) = looked.map_err(|error| Trouble::Unreadable {
            what: folder.join(path),
            error,
        })?;
        hits.extend(found);
        if path != write::MARKER {
            prints.insert(path.clone(), print);
        }
    }
    let shown = folder.display().to_string();
    let is_sound = prepared.report.is_sound();
    let mut said = Vec::new();
    let mut pages = 0;
    if is_sound {
        let (trees, twin_hits) = prepared.trees(&scan)?;
        pages = trees.pages;
        said.extend(trees.said);
        said.extend(nets::differs(&shown, &trees.files, &prints));
        hits = record::without_coincidences(hits, &twin_hits);
    }
    let help = "delete what holds it and build the site again; whoever could read the folder may have read it";
    said.extend(hits.iter().map(|hit| hit.explain(&shown, help)));
    let unseen = scan.unseen();
    let mut all = prepared.report.diagnostics;
    all.extend(said);
    let summary = Summary {
        pages,
        ..prepared.report.summary
    };
    Ok(Audit {
        report: report(all, summary),
        files: there.len(),
        unseen,
    })
}

/// What came of looking at a folder.
#[derive(Debug)]
pub struct Audit {
    /// Everything that was noticed.
    pub report: Report,
    /// The number of files in the folder.
    pub files: usize,
    /// How many withheld passages a search cannot see, for all their words are public, and how many there are.
    pub unseen: (usize, usize),
}

/// What a site is made of, as it was read.
struct Material {
    source: ConfigSource,
    config: Config,
    of_config: Vec<diag::Finding>,
    theme: Option<Theme>,
    of_theme: Vec<Diagnostic>,
    archive: Archive,
    reading: Reading,
}

impl Material {
    fn read(options: &Options) -> Result<Self, Trouble> {
        let unreadable = |what: &str| {
            let what = options.root.join(what);
            move |error| Trouble::Unreadable { what, error }
        };
        let source = ConfigSource::read(&options.root).map_err(unreadable(config::FILE))?;
        let diag::Warned {
            value: mut config,
            findings: mut of_config,
        } = source.parse();
        if let Some(base_url) = &options.base_url {
            config.set_base_url(base_url.clone());
        }
        let (theme, of_theme) = load_theme(options, &config, &mut of_config)?;
        let archive = Archive::read(&options.root).map_err(unreadable("content"))?;
        Ok(Self {
            source,
            config,
            of_config,
            theme,
            of_theme,
            archive,
            reading: Reading {
                today: options.today,
                drafts: options.drafts,
            },
        })
    }

    /// Discloses and relates: everything before pages are made. The first net stands here, at the door.
    ///
    /// # Errors
    /// Where a bundled file cannot be read.
    fn prepare(&self) -> Result<Prepared<'_>, Trouble> {
        let opinion = self.archive.second_opinion();
        let disclose = |archive: &Archive| archive.disclose(&self.config, self.reading);
        let (disclosure, twins) = rayon::join(
            || disclose(&self.archive),
            || -> Vec<(Twin, Disclosure)> {
                let shapes = [Shape::Short, Shape::Rich];
                let shapes = shapes.into_par_iter().filter(|_| opinion.withholds());
                shapes
                    .map(|shape| {
                        let twin = opinion.partial_twin(shape);
                        let disclosure = disclose(&twin.archive);
                        (twin, disclosure)
                    })
                    .collect()
            },
        );
        let mut said = Vec::new();
        let told = self
            .archive
            .explain(&disclosure.findings, &disclosure.guard);
        let is_sound = !told.iter().any(|told| told.severity == Severity::Error);
        for (twin, other) in twins.iter().filter(|_| is_sound) {
            let of_twin = twin.archive.explain(&other.findings, &other.guard);
            let differing = match twin.differs(&disclosure.records, &other.records) {
                None if !twin.says_the_same(&twin.part_of(&told), &twin.part_of(&of_twin)) => {
                    Some("content".into())
                }
                differing => differing,
            };
            said.extend(differing.map(|file| nets::matters(&file)));
        }
        said.dedup();
        let Related {
            site,
            mut findings,
            guard,
        } = self.relate(disclosure);
        findings.extend(inspect_files(&self.archive, &site)?);
        let mut of_config = self.of_config.clone();
        of_config.extend(render::check_navigation(&site));
        of_config.extend(record::check_configuration(
            &self.source.file,
            &self.source.text,
        ));
        said.extend(self.source.disclose(&of_config));
        said.extend(self.of_theme.iter().cloned());
        said.extend(self.archive.explain(&findings, &guard));
        let summary = Summary {
            meetings: site.meetings.len(),
            members: site.members.len(),
            withheld: site.withheld.len(),
            ..Summary::default()
        };
        Ok(Prepared {
            material: self,
            opinion,
            site,
            report: report(said, summary),
        })
    }

    /// Adds the theme's own pages, and relates everything.
    fn relate(&self, mut disclosure: Disclosure) -> Related {
        let supplied = self.theme.as_ref().map_or_else(
            || theme::built_in_pages(&self.config),
            |theme| theme.pages.clone(),
        );
        disclosure.add_supplied(&supplied, &self.config, self.reading);
        let (site, mut of_site) = site::build(disclosure.records, &self.config);
        theme::forget_places(&mut of_site, &supplied);
        let mut findings = disclosure.findings;
        findings.extend(of_site);
        Related {
            site,
            findings,
            guard: disclosure.guard,
        }
    }
}

/// A site that has been put together of what came out of the door.
struct Related {
    site: Site,
    findings: Vec<diag::Finding>,
    guard: Guard,
}

/// A site that has been read, redacted and put together.
struct Prepared<'m> {
    material: &'m Material,
    opinion: SecondOpinion<'m>,
    site: Site,
    report: Report,
}

/// Looks into every file that the site would publish beside its pages.
fn inspect_files(archive: &Archive, site: &Site) -> Result<Vec<diag::Finding>, Trouble> {
    attachment::check(&site.files, |path| archive.read_asset(path)).map_err(|(path, error)| {
        Trouble::Unreadable {
            what: PathBuf::from("content").join(path),
            error,
        }
    })
}

fn load_theme(
    options: &Options,
    config: &Config,
    of_config: &mut Vec<diag::Finding>,
) -> Result<(Option<Theme>, Vec<Diagnostic>), Trouble> {
    match Theme::load(&options.root, config) {
        Ok(theme) => Ok((Some(theme), Vec::new())),
        Err(ThemeError::Missing(finding)) => {
            of_config.push(*finding);
            Ok((None, Vec::new()))
        }
        Err(ThemeError::Broken(diagnostics)) => Ok((None, diagnostics)),
        Err(ThemeError::Io(error)) => Err(Trouble::Unreadable {
            what: options.root.join("themes"),
            error,
        }),
    }
}

fn report(mut diagnostics: Vec<Diagnostic>, summary: Summary) -> Report {
    diagnostics.sort_by(|a, b| {
        (&a.file, a.place, a.code, &a.message).cmp(&(&b.file, b.place, b.code, &b.message))
    });
    let count = |severity: Severity| {
        diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    };
    let summary = Summary {
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        ..summary
    };
    Report {
        diagnostics,
        summary,
    }
}

fn unreadable_site(error: io::Error) -> Trouble {
    Trouble::Unreadable {
        what: PathBuf::from("the site"),
        error,
    }
}

/// What is told to whoever finds withheld text in a site that was about to be written.
const TAKE_OUT: &str = "take it out of what brings it there: a bundled file, a file of the theme, or public text; nothing was written";

impl Prepared<'_> {
    /// Renders the site into a sink, past the second net; says whether it is there whole.
    fn render(self, sink: &dyn Sink) -> Result<(Report, bool), Trouble> {
        let Some(theme) = self.theme().filter(|_| self.report.is_sound()) else {
            return Ok((self.report, false));
        };
        let scan = self.scan();
        let made = Watch::new(sink, &scan, Origin::Made);
        let pages = match render::render(&self.site, theme, &made) {
            Ok(pages) => pages,
            Err(RenderError::Templates(diagnostics)) => {
                let mut all = self.report.diagnostics;
                all.extend(diagnostics);
                return Ok((report(all, self.report.summary), false));
            }
            Err(RenderError::Io(error)) => return Err(unreadable_site(error)),
        };
        let bundled = Watch::new(sink, &scan, Origin::Bundled);
        self.put_files(&bundled)?;
        let mut hits = made.into_hits();
        hits.extend(bundled.into_hits());
        if !hits.is_empty() {
            // Words that the program itself writes, such as those of a date, may be withheld somewhere as well.
            let (_, twin_hits) = self.twin_tree(Shape::Short, &scan, &Discard)?;
            hits = record::without_coincidences(hits, &twin_hits);
        }
        let summary = Summary {
            pages,
            ..self.report.summary
        };
        let mut all = self.report.diagnostics;
        all.extend(hits.iter().map(|hit| hit.explain("", TAKE_OUT)));
        Ok((report(all, summary), true))
    }

    fn theme(&self) -> Option<&Theme> {
        self.material.theme.as_ref()
    }

    /// Puts the files that public text or a public field names.
    fn put_files(&self, sink: &dyn Sink) -> Result<(), Trouble> {
        for (address, path) in &self.site.files {
            let bytes = self.material.archive.read_asset(path);
            let bytes = bytes.map_err(|error| Trouble::Unreadable {
                what: PathBuf::from("content").join(path),
                error,
            })?;
            // A file that was sound a moment ago and is not any more was changed while the site was built.
            let bytes = attachment::inspect(path, bytes).map_err(|_| {
                unreadable_site(io::Error::other("a bundled file changed meanwhile"))
            })?;
            sink.put(address, &bytes).map_err(unreadable_site)?;
        }
        Ok(())
    }

    /// Prepares the second net. Public are the texts of the site, its configuration and theme, and what the
    /// program itself writes: the names of months, and schemas.
    fn scan(&self) -> LeakScan {
        let dates: Vec<String> = self
            .site
            .config
            .languages
            .iter()
            .flat_map(|language| {
                let intl = intl::Intl::new(language);
                (1..=12).map(move |month| intl.date(jiff::civil::date(2000, month, 1)))
            })
            .collect();
        let schemas = data::schemas();
        let mut public: Vec<&[u8]> = dates.iter().map(String::as_bytes).collect();
        public.extend(schemas.iter().map(Vec::as_slice));
        public.extend(
            self.theme()
                .iter()
                .flat_map(|theme| theme.public.iter().map(Vec::as_slice)),
        );
        self.opinion.leak_scan(&self.material.source.text, &public)
    }

    /// Renders the site as it would be if something else were withheld; returns what is told of it and what the search finds.
    fn twin_tree(
        &self,
        shape: Shape,
        scan: &LeakScan,
        sink: &dyn Sink,
    ) -> Result<(Vec<Diagnostic>, Vec<Hit>), Trouble> {
        let material = self.material;
        let twin = self.opinion.twin(shape);
        let disclosure = twin.archive.disclose(&material.config, material.reading);
        let Related {
            site,
            findings,
            guard,
        } = material.relate(disclosure);
        let mut told = twin.archive.explain(&findings, &guard);
        let mut own = self.report.diagnostics.clone();
        for told in [&mut told, &mut own] {
            told.retain(|told| told.file.starts_with("content/"));
        }
        let mut said = Vec::new();
        if !twin.says_the_same(&own, &told) {
            said.push(nets::matters(&"content".into()));
        }
        let watch = Watch::new(sink, scan, Origin::Made);
        let theme = self.theme().filter(|_| said.is_empty());
        match theme.map(|theme| render::render(&site, theme, &watch)) {
            Some(Err(RenderError::Io(error))) => return Err(unreadable_site(error)),
            Some(Err(RenderError::Templates(more))) => said.extend(more),
            Some(Ok(_)) | None => {}
        }
        Ok((said, watch.into_hits()))
    }

    /// Builds the site in memory, with what is withheld and twice with something else, and compares file by file.
    fn trees(&self, scan: &LeakScan) -> Result<(Trees, Vec<Hit>), Trouble> {
        let prints = Prints::default();
        let mut pages = 0;
        let mut said = Vec::new();
        match self
            .theme()
            .map(|theme| render::render(&self.site, theme, &prints))
        {
            Some(Ok(count)) => pages = count,
            Some(Err(RenderError::Io(error))) => return Err(unreadable_site(error)),
            Some(Err(RenderError::Templates(more))) => said.extend(more),
            None => {}
        }
        let mut made = prints.into_files();
        let mut plain = Vec::new();
        for shape in [Shape::Short, Shape::Rich] {
            if !self.opinion.withholds() {
                break;
            }
            let twin = Prints::default();
            let (told, hits) = self.twin_tree(shape, scan, &twin)?;
            said.extend(told);
            if shape == Shape::Short {
                plain = hits;
            }
            let twin = twin.into_files();
            let differing = nets::compare(&made, &twin).into_iter().flatten().min();
            said.extend(differing.map(|path| nets::matters(&path.into())));
        }
        said.dedup();
        let bundled = Prints::default();
        self.put_files(&bundled)?;
        made.extend(bundled.into_files());
        let trees = Trees {
            files: made,
            said,
            pages,
        };
        Ok((trees, plain))
    }
}

/// What the content builds to.
struct Trees {
    files: BTreeMap<String, Print>,
    said: Vec<Diagnostic>,
    pages: usize,
}

/// Prepares the output folder; it must lie apart from everything that a site is made of.
fn begin(options: &Options, out: &Path) -> Result<Staging, Trouble> {
    let resolved = |path: &Path| {
        path.canonicalize()
            .or_else(|_| std::path::absolute(path))
            .unwrap_or_else(|_| path.to_path_buf())
    };
    let out_resolved = resolved(out);
    let sources = ["content", "themes"].map(|name| options.root.join(name));
    if sources
        .iter()
        .any(|source| out_resolved.starts_with(resolved(source)))
    {
        return Err(Trouble::OutputInSources(out.to_path_buf()));
    }
    let config = options.root.join(config::FILE);
    let keep: Vec<&Path> = [options.root.as_path(), config.as_path()]
        .into_iter()
        .chain(sources.iter().map(PathBuf::as_path))
        .collect();
    Staging::begin(out, &keep).map_err(Trouble::Unwritable)
}

/// Forgets every file: checking needs to know only that it can be made.
struct Discard;

impl Sink for Discard {
    fn put(&self, _: &str, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// Writes files into a staging folder and remembers the first that failed.
struct Staged<'s> {
    staging: &'s Staging,
    failed: Mutex<Option<WriteError>>,
}

impl Sink for Staged<'_> {
    fn put(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.staging.put(path, bytes).map_err(|error| {
            if let Ok(mut failed) = self.failed.lock() {
                failed.get_or_insert(error);
            }
            io::Error::other("a file of the site could not be written")
        })
    }
}
