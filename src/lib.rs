//! Clerestory: a static site generator for transparency centres. Everything public, nothing confidential.
//!
//! Text flows one way, **record → redact → markdown → site → render → write**:
//!
//! 1. [`record::Archive::read`] reads `content/`, withheld text and all, into a closed room.
//! 2. [`record::Archive::disclose`] is the door: withheld text is cut before any Markdown is parsed, and only public text leaves.
//! 3. `markdown` turns public text into HTML, `site` gives everything an address and relates it, `render` fills templates.
//! 4. `write` swaps the finished site into place, whole.
//!
//! [`check`] is a [`build`] that stops before `write`.

mod attachment;
pub mod cli;
mod compare;
pub mod config;
pub mod console;
mod data;
pub mod diag;
mod feeds;
pub mod fields;
mod intl;
mod links;
mod markdown;
pub mod record;
mod render;
pub mod scaffold;
mod site;
mod slug;
mod theme;
pub mod write;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::civil::Date;

use config::{BaseUrl, Config, ConfigSource};
use diag::{Diagnostic, Severity};
use record::{Archive, Reading};
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
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable { what, error } => {
                write!(formatter, "{} cannot be read: {error}", what.display())
            }
            Self::Unwritable(error) => error.fmt(formatter),
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
    let prepared = prepare(options)?;
    Ok(prepared.render(&Discard)?.0)
}

/// Checks a site and, if it is sound, replaces the folder `out` by it, whole.
///
/// # Errors
/// Where the site cannot be read or the output cannot be written.
pub fn build(options: &Options, out: &Path) -> Result<Report, Trouble> {
    let prepared = prepare(options)?;
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

/// A site that has been read, redacted and put together.
struct Prepared {
    archive: Archive,
    site: Site,
    theme: Option<Theme>,
    report: Report,
}

/// Reads, discloses and relates: everything before pages are made.
fn prepare(options: &Options) -> Result<Prepared, Trouble> {
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
    let (theme, mut diagnostics) = load_theme(options, &config, &mut of_config)?;
    let archive = Archive::read(&options.root).map_err(unreadable("content"))?;
    let disclosure = archive.disclose(
        &config,
        Reading {
            today: options.today,
            drafts: options.drafts,
        },
    );
    let (site, of_site) = site::build(disclosure.records, &config);
    let mut findings = disclosure.findings;
    findings.extend(of_site);
    findings.extend(inspect_files(&archive, &site)?);
    of_config.extend(render::check_navigation(&site));
    of_config.extend(record::check_configuration(&source.file, &source.text));
    let mut said = source.disclose(&of_config);
    said.append(&mut diagnostics);
    said.extend(archive.explain(&findings, &disclosure.guard));
    let summary = Summary {
        meetings: site.meetings.len(),
        members: site.members.len(),
        withheld: site.withheld.len(),
        ..Summary::default()
    };
    Ok(Prepared {
        archive,
        site,
        theme,
        report: report(said, summary),
    })
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

impl Prepared {
    /// Renders the site into a sink; says whether it is there whole.
    fn render(self, sink: &dyn Sink) -> Result<(Report, bool), Trouble> {
        let Some(theme) = self.theme.as_ref().filter(|_| self.report.is_sound()) else {
            return Ok((self.report, false));
        };
        let unwritable = |error| Trouble::Unreadable {
            what: PathBuf::from("the site"),
            error,
        };
        match render::render(&self.site, theme, sink) {
            Ok(pages) => {
                for (address, path) in &self.site.files {
                    let bytes =
                        self.archive
                            .read_asset(path)
                            .map_err(|error| Trouble::Unreadable {
                                what: PathBuf::from("content").join(path),
                                error,
                            })?;
                    // A file that was sound a moment ago and is not any more was changed while the site was built.
                    let bytes = attachment::inspect(path, bytes).map_err(|_| {
                        unwritable(io::Error::other("a bundled file changed meanwhile"))
                    })?;
                    sink.put(address, &bytes).map_err(unwritable)?;
                }
                let summary = Summary {
                    pages,
                    ..self.report.summary
                };
                Ok((
                    Report {
                        summary,
                        ..self.report
                    },
                    true,
                ))
            }
            Err(RenderError::Templates(diagnostics)) => {
                let mut all = self.report.diagnostics;
                all.extend(diagnostics);
                Ok((report(all, self.report.summary), false))
            }
            Err(RenderError::Io(error)) => Err(unwritable(error)),
        }
    }
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
