//! The only file that knows the terminal: messages for people and for programs.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::{Color, Common, Format};
use crate::diag::{Diagnostic, Severity};
use crate::record::ReviewForm;
use crate::review::{Refused, Reviewed};
use crate::{Report, Summary, Trouble, forms};

/// Says what is to be said, in the form that was asked for.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent switches of the command line"
)]
pub struct Console {
    format: Format,
    is_quiet: bool,
    is_verbose: bool,
    has_colour: bool,
    /// Whether what is written to standard output, and not to standard error, may be coloured.
    has_coloured_page: bool,
    has_progress: bool,
}

impl Console {
    /// Returns a console that speaks as the options say.
    #[must_use]
    pub fn new(common: &Common) -> Self {
        let is_terminal = io::stderr().is_terminal();
        let has_colour = |is_terminal: bool| match common.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        let is_human = common.format == Format::Human;
        Self {
            format: common.format,
            is_quiet: common.quiet,
            is_verbose: common.verbose,
            has_colour: has_colour(is_terminal),
            has_coloured_page: has_colour(io::stdout().is_terminal()),
            has_progress: is_terminal && is_human && !common.quiet,
        }
    }

    /// Shows that work is going on, if it takes long and somebody is looking.
    #[must_use]
    pub fn progress(&self, what: &'static str) -> Progress {
        if !self.has_progress {
            return Progress(None);
        }
        let bar = ProgressBar::new_spinner().with_message(what);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress(Some(bar))
    }

    /// Says everything that was noticed, and the site in numbers.
    ///
    /// # Errors
    /// Where standard output or standard error is closed.
    pub fn report(&self, report: &Report, done: &str) -> io::Result<()> {
        self.tell(report, &|| Self::closing(report, done))
    }

    /// Says what came of building for the preview; `stays` says what is shown where the site has errors.
    ///
    /// # Errors
    /// Where standard output or standard error is closed.
    pub fn previewed(&self, report: &Report, stays: &str) -> io::Result<()> {
        self.tell(report, &|| {
            let closing = Self::closing(report, "built");
            closing.replace("nothing was written", stays)
        })
    }

    /// Says where the preview stands, on standard output, where programs can read it too.
    ///
    /// # Errors
    /// Where standard output is closed.
    pub fn address(&self, url: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match self.format {
            Format::Json => writeln!(out, "{}", serde_json::json!({ "url": url }))?,
            Format::Human | Format::Github | Format::Sarif => writeln!(out, "{url}")?,
        }
        out.flush()
    }

    /// Says what came of looking at a folder.
    ///
    /// # Errors
    /// Where standard output or standard error is closed.
    pub fn audit(&self, report: &Report, done: &str) -> io::Result<()> {
        self.tell(report, &|| match report.summary.errors {
            0 => done.to_owned(),
            1 => "1 error".to_owned(),
            errors => format!("{errors} errors"),
        })
    }

    fn tell(&self, report: &Report, closing: &dyn Fn() -> String) -> io::Result<()> {
        match self.format {
            Format::Json => write_out(&forms::json_lines(report)),
            Format::Github => write_out(&forms::github(report)),
            Format::Sarif => write_out(&forms::sarif(report)),
            Format::Human => {
                let mut out = io::stderr().lock();
                for diagnostic in &report.diagnostics {
                    writeln!(out, "{}\n", self.draw(diagnostic))?;
                }
                if !report.is_sound() || !self.is_quiet {
                    writeln!(out, "{}", closing())?;
                }
                out.flush()
            }
        }
    }

    /// Opens standard output for a review, and says in which form it is to be written there.
    ///
    /// # Errors
    /// Where standard output is for programs: there, nothing stands but what was noticed.
    pub fn page(&self) -> Result<(ReviewForm, impl Write), Refused> {
        if self.format != Format::Human {
            return Err(Refused {
                message:
                    "a review is for people, and this `--format` leaves standard output to programs"
                        .to_owned(),
                help: Some("name a file with --out, or leave `--format` out".to_owned()),
            });
        }
        let is_logged = ["CI", "GITHUB_ACTIONS"].iter().any(|name| {
            std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "false")
        });
        if is_logged {
            let words = "this prints withheld text into what looks like a log; write it to a private file with --out";
            self.warn(words).unwrap_or_default();
        }
        let form = ReviewForm::Text {
            has_colour: self.has_coloured_page,
            is_brief: self.is_quiet,
        };
        Ok((form, io::BufWriter::new(io::stdout().lock())))
    }

    /// Says how a review went: errors, and where the file is.
    ///
    /// # Errors
    /// Where standard output or standard error is closed.
    pub fn reviewed(&self, reviewed: &Reviewed, file: Option<&Path>) -> io::Result<()> {
        if let Some(warning) = &reviewed.warning {
            self.warn(warning)?;
        }
        if self.format != Format::Human {
            return self.report(&reviewed.report, "");
        }
        let summary = &reviewed.summary;
        if let Some(file) = file.filter(|_| reviewed.report.is_sound()) {
            let words = format!(
                "{}: {} withheld, {} due for review; confidential, do not publish",
                file.display(),
                summary.withheld,
                summary.due
            );
            self.say(&words)?;
        }
        if reviewed.report.is_sound() {
            return Ok(());
        }
        let mut out = io::stderr().lock();
        let errors = reviewed
            .report
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error);
        for diagnostic in errors {
            writeln!(out, "{}\n", self.draw(diagnostic))?;
        }
        let Summary { errors, .. } = reviewed.report.summary;
        let count = if errors == 1 { "error" } else { "errors" };
        let shown = if file.is_some() {
            "nothing was written; without --out the review shows what is certain"
        } else {
            "the review shows what is certain, and nothing of the files in doubt"
        };
        writeln!(out, "{errors} {count}; {shown}")?;
        out.flush()
    }

    /// Says something that people should heed, quiet or not.
    ///
    /// # Errors
    /// Where standard error is closed.
    pub fn warn(&self, words: &str) -> io::Result<()> {
        let group = Group::with_title(Level::WARNING.primary_title(words));
        writeln!(io::stderr().lock(), "{}", self.renderer().render(&[group]))
    }

    /// Says one thing to people, unless they want quiet.
    ///
    /// # Errors
    /// Where standard error is closed.
    pub fn say(&self, words: &str) -> io::Result<()> {
        if self.is_quiet || self.format != Format::Human {
            return Ok(());
        }
        writeln!(io::stderr().lock(), "{words}")
    }

    /// Says one thing to people who asked for more.
    ///
    /// # Errors
    /// Where standard error is closed.
    pub fn detail(&self, words: &str) -> io::Result<()> {
        if self.is_verbose {
            self.say(words)
        } else {
            Ok(())
        }
    }

    /// Says why nothing could be done.
    ///
    /// # Errors
    /// Where standard error is closed.
    pub fn trouble(&self, trouble: &Trouble) -> io::Result<()> {
        self.failure(&trouble.to_string(), None)
    }

    /// Says why nothing could be done, and what to do.
    ///
    /// # Errors
    /// Where standard error is closed.
    pub fn failure(&self, message: &str, help: Option<&str>) -> io::Result<()> {
        let mut group = Group::with_title(Level::ERROR.primary_title(message));
        if let Some(help) = help {
            group = group.element(Level::HELP.message(help));
        }
        writeln!(io::stderr().lock(), "{}", self.renderer().render(&[group]))
    }

    fn renderer(&self) -> Renderer {
        if self.has_colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        }
    }

    fn draw(&self, diagnostic: &Diagnostic) -> String {
        draw(diagnostic, &self.renderer())
    }

    fn closing(report: &Report, done: &str) -> String {
        let Summary {
            errors,
            warnings,
            pages,
            meetings,
            members,
            withheld,
        } = report.summary;
        let count = |number: usize, one: &str, many: &str| {
            format!("{number} {}", if number == 1 { one } else { many })
        };
        let warned = if warnings == 0 {
            String::new()
        } else {
            format!(", {}", count(warnings, "warning", "warnings"))
        };
        if errors > 0 {
            return format!(
                "{}{warned}; nothing was written",
                count(errors, "error", "errors")
            );
        }
        format!(
            "{done}: {}, {}, {}, {} withheld{warned}",
            count(pages, "page", "pages"),
            count(meetings, "meeting", "meetings"),
            count(members, "member", "members"),
            count(withheld, "passage", "passages"),
        )
    }
}

/// A sign that work is going on; it goes when this is dropped.
#[derive(Debug)]
pub struct Progress(Option<ProgressBar>);

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// Draws a diagnostic as rustc draws its own.
fn draw(diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    let file = diagnostic.file.to_string();
    match (&diagnostic.excerpt, diagnostic.place) {
        (Some(excerpt), Some(place)) => {
            let end = excerpt.end.max(excerpt.start + 1).min(excerpt.line.len());
            let snippet = Snippet::source(excerpt.line.as_str())
                .path(file)
                .line_start(place.line)
                .annotation(AnnotationKind::Primary.span(excerpt.start.min(end)..end));
            group = group.element(snippet);
        }
        (None, Some(place)) => {
            group = group.element(
                annotate_snippets::Origin::path(file)
                    .line(place.line)
                    .char_column(place.column),
            );
        }
        (_, None) => group = group.element(annotate_snippets::Origin::path(file)),
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group])
}

/// Draws a diagnostic as a terminal without colours shows it.
pub(crate) fn picture(diagnostic: &Diagnostic) -> String {
    draw(diagnostic, &Renderer::plain())
}

/// Writes what is for programs, or what was asked for, to standard output.
///
/// # Errors
/// Where standard output is closed.
pub fn write_out(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Says where the program failed, and nothing else: the text of a panic can hold what must not be shown.
pub fn panicked(info: &std::panic::PanicHookInfo<'_>) {
    let place = info.location().map_or_else(String::new, |place| {
        format!(" at {}:{}", place.file(), place.line())
    });
    let _ = writeln!(
        io::stderr().lock(),
        "error: clerestory failed{place}; this is a mistake in the program, and nothing was written"
    );
}
