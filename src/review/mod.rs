//! `clerestory review`: where the reviewer's list is written, and which earlier state it is compared with.
//!
//! What is written is made in the closed room; nothing of it passes through here but the bytes on their way out. This is one of
//! the files at the rim: it makes a private file, and it asks `git` for an earlier state.

mod history;
mod private;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::Path;

use crate::config::{Config, ConfigSource};
use crate::fields::Language;
use crate::record::{
    Archive, GroundName, Reading, ReviewForm, ReviewOptions, ReviewSummary, Since,
};
use crate::theme::Theme;
use crate::{Material, Options, Report, Trouble, intl};

use private::PrivateFile;

/// What came of a review.
#[derive(Debug)]
pub struct Reviewed {
    /// What `check` says of the site.
    pub report: Report,
    /// The review in numbers.
    pub summary: ReviewSummary,
    /// What the reviewer should know of the file that was written.
    pub warning: Option<String>,
}

/// Why there is no review.
#[derive(Debug)]
pub struct Refused {
    /// What stands in the way.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Refused {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Some(help.into()),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Refused {}

impl From<Trouble> for Refused {
    fn from(trouble: Trouble) -> Self {
        Self {
            message: trouble.to_string(),
            help: None,
        }
    }
}

/// Writes a review for reading on a terminal.
///
/// # Errors
/// Where the site or the earlier state cannot be read.
pub fn print(
    options: &Options,
    since: Option<&str>,
    form: ReviewForm,
    out: &mut dyn Write,
) -> Result<Reviewed, Refused> {
    let site = Site::read(options, since)?;
    let summary = match site.review(form, out) {
        Ok(summary) => summary,
        // A closed terminal is no reason to fail.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ReviewSummary::default(),
        Err(error) => {
            return Err(Refused::new(
                format!("the review cannot be written: {}", error.kind()),
                "what was written is not whole",
            ));
        }
    };
    Ok(Reviewed {
        report: site.report,
        summary,
        warning: None,
    })
}

/// Writes a review into one HTML file that only its owner can read. Of a site with errors nothing is written.
///
/// # Errors
/// Where the site or the earlier state cannot be read, or the file must not or cannot be written.
pub fn write(options: &Options, since: Option<&str>, file: &Path) -> Result<Reviewed, Refused> {
    // Before anything is read: a wrong path is the reviewer's first question.
    let target = private::judge(&options.root, file)?;
    let site = Site::read(options, since)?;
    if !site.report.is_sound() {
        // A page outlives its moment, and whoever prints it would not see what is missing.
        return Ok(Reviewed {
            report: site.report,
            summary: ReviewSummary::default(),
            warning: None,
        });
    }
    let mut private = PrivateFile::begin(&target)?;
    let summary = site
        .review(ReviewForm::Html, &mut private)
        .map_err(|error| private::unwritable(file, &error))?;
    private.finish()?;
    let warning = history::could_be_committed(&target).then(|| {
        format!(
            "{} lies in a git repository that does not ignore it: it could be committed",
            file.display()
        )
    });
    Ok(Reviewed {
        report: site.report,
        summary,
        warning,
    })
}

/// A site to be reviewed.
struct Site<'n> {
    archive: Archive,
    config: Config,
    reading: Reading,
    report: Report,
    grounds: Vec<GroundName>,
    languages: BTreeMap<Language, String>,
    since: Option<(&'n str, Archive, Config)>,
}

impl<'n> Site<'n> {
    fn read(options: &Options, since: Option<&'n str>) -> Result<Self, Refused> {
        let since = match since {
            None => None,
            Some(name) => {
                let files = history::files_at(&options.root, name)?;
                let config = files
                    .get(crate::config::FILE)
                    .map(|bytes| ConfigSource::from_bytes(bytes.clone()).parse().value);
                Some((name, Archive::from_files(files), config))
            }
        };
        let material = Material::read(options)?;
        let report = material.prepare()?.report;
        let Material {
            config,
            theme,
            archive,
            reading,
            ..
        } = material;
        let since = since.map(|(name, archive, own)| {
            let own = own.unwrap_or_else(|| config.clone());
            (name, archive, own)
        });
        let languages = config
            .languages
            .iter()
            .map(|language| (language.clone(), intl::own_name(language)))
            .collect();
        Ok(Self {
            archive,
            reading,
            report,
            grounds: grounds(&config, theme.as_ref()),
            languages,
            since,
            config,
        })
    }

    fn review(&self, form: ReviewForm, out: &mut dyn Write) -> std::io::Result<ReviewSummary> {
        let options = ReviewOptions {
            config: &self.config,
            reading: self.reading,
            grounds: &self.grounds,
            languages: &self.languages,
            since: self.since.as_ref().map(|(name, archive, config)| Since {
                name,
                archive,
                config,
            }),
            form,
        };
        self.archive.review(&options, out)
    }
}

/// Returns the grounds in words, as readers of the site see them in its first language.
fn grounds(config: &Config, theme: Option<&Theme>) -> Vec<GroundName> {
    let language = config.default_language();
    let strings = theme.and_then(|theme| theme.strings.get(language));
    let find = |key: String| {
        strings
            .and_then(|strings| strings.find(&key))
            .map(str::to_owned)
    };
    config
        .grounds
        .iter()
        .map(|ground| {
            let (label, basis) = match &ground.label {
                Some(label) => (
                    Some(label.best(language, language).0.to_owned()),
                    ground.basis.clone(),
                ),
                None => (
                    find(format!("ground-{}", ground.code)),
                    find(format!("basis-{}", ground.code)).or_else(|| ground.basis.clone()),
                ),
            };
            GroundName {
                code: ground.code.to_string(),
                label: label.unwrap_or_else(|| ground.code.to_string()),
                basis,
            }
        })
        .collect()
}
