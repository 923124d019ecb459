//! A review as plain text: withheld words stand in ⟦ ⟧, so that they can be told from public ones without colours.

use std::io::{self, Write};

use crate::record::passage::Form;
use crate::record::review::changes::{Change, Kind, Side};
use crate::record::review::gather::{Column, Document, Due, Title};
use crate::record::review::{BANNER, Comparison, Entry, Review, counted, visible};

/// Stand around withheld words until they are painted. Private-use characters are escaped by [`visible`].
const OPEN: char = '\u{E010}';
const CLOSE: char = '\u{E011}';

/// How many characters of public text stand in a line.
const WIDTH: usize = 96;

/// How something is told from the rest, where there are colours.
#[derive(Clone, Copy)]
enum Style {
    Banner,
    Title,
    Faint,
    Withheld,
    Due,
}

/// Writes lines, coloured or not.
struct Pen<'o> {
    out: &'o mut dyn Write,
    has_colour: bool,
}

impl Pen<'_> {
    fn paint(&self, style: Style, text: &str) -> String {
        let text = visible(text);
        if !self.has_colour || text.is_empty() {
            return text;
        }
        let code = match style {
            Style::Banner => "1;7;31",
            Style::Title => "1",
            Style::Faint => "2",
            Style::Withheld => "33",
            Style::Due => "1;31",
        };
        // Colours end with each line: a pager shows lines one by one.
        let lines: Vec<String> = text
            .split('\n')
            .map(|line| {
                if line.is_empty() {
                    String::new()
                } else {
                    format!("\u{1b}[{code}m{line}\u{1b}[0m")
                }
            })
            .collect();
        lines.join("\n")
    }

    /// Paints what stands between [`OPEN`] and [`CLOSE`].
    fn paint_withheld(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut is_inside = false;
        for c in text.chars() {
            let (before, shown, after) = match c {
                OPEN => (false, None, true),
                CLOSE => (true, None, false),
                '\n' => (is_inside, Some(c), is_inside),
                c => (false, Some(c), false),
            };
            let is_break = matches!(c, OPEN | CLOSE | '\n');
            if is_break && before && self.has_colour {
                out.push_str("\u{1b}[0m");
            }
            out.extend(shown);
            if is_break && after && self.has_colour {
                out.push_str("\u{1b}[33m");
            }
            if is_break {
                is_inside = after;
            }
        }
        out
    }

    /// Writes a line that has been painted.
    fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.out, "{}", line.trim_end())
    }

    /// Writes lines that have been painted, behind a bar.
    fn behind_bar(&mut self, text: &str) -> io::Result<()> {
        for line in text.split('\n') {
            self.line(&format!("    │ {line}"))?;
        }
        Ok(())
    }
}

/// Writes a review.
pub(super) fn write(
    review: &Review<'_>,
    has_colour: bool,
    is_brief: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut pen = Pen { out, has_colour };
    let banner = pen.paint(Style::Banner, BANNER);
    pen.line(&banner)?;
    pen.line("")?;
    overview(review, &mut pen)?;
    if let Some(since) = &review.since {
        changes(review, since, &mut pen)?;
        left_out(&mut pen, &since.in_doubt, &format!("at {}", since.name))?;
    }
    due_list(review, &mut pen)?;
    if !is_brief {
        let mut entries = review.entries().peekable();
        for document in review.withheld_documents() {
            heading(review, document, &mut pen)?;
            while let Some(entry) = entries.next_if(|entry| std::ptr::eq(entry.document, document))
            {
                passage(review, &entry, &mut pen)?;
            }
        }
    }
    left_out(&mut pen, &review.in_doubt, "now")?;
    pen.line(&banner)?;
    pen.out.flush()
}

fn overview(review: &Review<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    let summary = review.summary();
    if summary.withheld == 0 {
        let line = format!(
            "Nothing is withheld on this site, as of {}.",
            review.today()
        );
        pen.line(&line)?;
        return pen.line("");
    }
    let line = format!(
        "Withheld as of {}: {} in {}",
        review.today(),
        counted(summary.withheld, "passage", "passages"),
        counted(summary.documents, "document", "documents"),
    );
    let line = pen.paint(Style::Title, &line);
    pen.line(&line)?;
    for (ground, count) in review.by_ground() {
        let basis = ground
            .basis
            .as_ref()
            .map_or_else(String::new, |basis| format!("; {basis}"));
        let words = visible(&format!("{} ({}{basis})", ground.label, ground.code));
        pen.line(&format!("  {count:>4}  {words}"))?;
    }
    let (due, soon) = review.due();
    let line = format!(
        "  {:>4}  due for review, and {} more within 90 days",
        due.len(),
        soon.len()
    );
    let line = if due.is_empty() {
        line
    } else {
        pen.paint(Style::Due, &line)
    };
    pen.line(&line)?;
    pen.line("")
}

fn due_list(review: &Review<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    let (due, soon) = review.due();
    for (title, style, entries) in [
        ("Due for review", Style::Due, due),
        ("Due within 90 days", Style::Title, soon),
    ] {
        if entries.is_empty() {
            continue;
        }
        let title = pen.paint(style, title);
        pen.line(&title)?;
        for entry in entries {
            let place = entry.row.columns.first().map_or_else(String::new, place);
            let line = format!(
                "  {:>4}  {}  {}, {}  {}",
                entry.number,
                entry.row.until,
                review.label(&entry.row.ground),
                form(entry.row.form, entry.row.field.as_deref()),
                place,
            );
            pen.line(&visible(&line))?;
        }
        pen.line("")?;
    }
    Ok(())
}

fn heading(review: &Review<'_>, document: &Document, pen: &mut Pen<'_>) -> io::Result<()> {
    let date = document
        .date
        .map_or_else(String::new, |date| format!("{date}  "));
    let title = format!("{date}{}", shown_title(pen, &document.title));
    pen.line(&format!("━━ {title}"))?;
    let draft = match (document.is_draft, review.options.reading.drafts) {
        (false, _) => "",
        (true, false) => ", a draft: not published",
        (true, true) => ", a draft",
    };
    let about = pen.paint(Style::Faint, &format!("   {}{draft}", document.kind));
    pen.line(&about)?;
    pen.line("")
}

fn shown_title(pen: &Pen<'_>, title: &Title) -> String {
    let text = title.text.expose();
    if title.is_withheld {
        let text = pen.paint(Style::Withheld, &format!("⟦{text}⟧"));
        format!("{text} (title withheld)")
    } else {
        pen.paint(Style::Title, text)
    }
}

fn passage(review: &Review<'_>, entry: &Entry<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    let row = entry.row;
    let label = review.label(&row.ground);
    let head = format!(
        "{:>4}  {} · {label} ({}) · until {}",
        entry.number,
        form(row.form, row.field.as_deref()),
        row.ground,
        row.until,
    );
    let due = match row.due {
        Due::Now => pen.paint(Style::Due, " · review is due"),
        Due::Soon => " · due within 90 days".to_owned(),
        Due::Later => String::new(),
    };
    let line = format!("{}{due}", pen.paint(Style::Title, &head));
    pen.line(&line)?;
    if let Some(basis) = review
        .ground(&row.ground)
        .and_then(|ground| ground.basis.as_deref())
    {
        let basis = pen.paint(Style::Faint, &format!("      {basis}"));
        pen.line(&basis)?;
    }
    for column in &row.columns {
        let section = column
            .section
            .as_ref()
            .map_or_else(String::new, |section| format!(" · under “{section}”"));
        let language = if entry.document.files.len() > 1 {
            format!("{} · ", review.language(&column.language))
        } else {
            String::new()
        };
        let place = format!("    {language}{}{section}", place(column));
        let place = pen.paint(Style::Faint, &place);
        pen.line(&place)?;
        let secret = column.secret.expose().trim_end_matches(['\r', '\n']);
        let secret = format!("{OPEN}⟦{}⟧{CLOSE}", visible(secret));
        let (before, after) = (
            visible(&column.around.before),
            visible(&column.around.after),
        );
        let text = if row.form == Form::Inline {
            wrap(&format!("{before}{secret}{after}"))
        } else {
            let parts = [wrap(&before), secret, wrap(&after)];
            let parts = parts.into_iter().filter(|part| !part.is_empty());
            let between = if row.form == Form::Block {
                "\n\n"
            } else {
                "\n"
            };
            parts.collect::<Vec<_>>().join(between)
        };
        let text = pen.paint_withheld(&text);
        pen.behind_bar(&text)?;
        for file in &column.attached {
            pen.line(&visible(&format!("    the file itself is at {file}")))?;
        }
    }
    pen.line("")
}

fn changes(review: &Review<'_>, since: &Comparison<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    let title = pen.paint(Style::Title, &format!("Since {}", since.name));
    pen.line(&title)?;
    if since.changes.is_empty() {
        pen.line("  Nothing became public, and nothing became withheld.")?;
    }
    pen.line("")?;
    let mut last = None;
    for change in &since.changes {
        if last != Some(change.kind) {
            let style = match change.kind {
                Kind::BecamePublic | Kind::BecameWithheld => Style::Due,
                Kind::NewlyWithheld | Kind::Decision | Kind::Edited | Kind::Gone => Style::Title,
            };
            let title = pen.paint(style, kind(change.kind));
            pen.line(&format!("  {title}"))?;
            last = Some(change.kind);
        }
        one_change(review, change, pen)?;
    }
    Ok(())
}

fn one_change(review: &Review<'_>, change: &Change, pen: &mut Pen<'_>) -> io::Result<()> {
    let title = shown_title(pen, &change.title);
    pen.line(&format!("    {title}"))?;
    let shows_both = matches!(change.kind, Kind::Edited)
        || (matches!(change.kind, Kind::BecamePublic | Kind::BecameWithheld)
            && change.was.is_some()
            && change.now.is_some());
    let sides = [("was", &change.was), ("is", &change.now)];
    let last = sides.iter().rposition(|(_, side)| side.is_some());
    for (at, (word, side)) in sides.iter().enumerate() {
        let Some(side) = side else { continue };
        let line = side_line(review, word, side);
        let line = pen.paint(Style::Faint, &format!("    {line}"));
        pen.line(&line)?;
        if shows_both || last == Some(at) {
            let secret = side.secret.expose().trim_end_matches(['\r', '\n']);
            let secret = pen.paint(Style::Withheld, &format!("⟦{secret}⟧"));
            pen.behind_bar(&secret)?;
        }
    }
    if let Some(note) = &change.note {
        pen.line(&format!("    {}", visible(note)))?;
    }
    pen.line("")
}

fn side_line(review: &Review<'_>, word: &str, side: &Side) -> String {
    format!(
        "{word}: {}, {} until {}, {}",
        form(side.form, side.field.as_deref()),
        review.label(&side.ground),
        side.until,
        place_of(&side.file, side.lines),
    )
}

fn left_out(pen: &mut Pen<'_>, files: &[crate::diag::FilePath], when: &str) -> io::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let title = format!("Left out: what these files withhold {when} is not certain");
    let title = pen.paint(Style::Due, &title);
    pen.line(&title)?;
    for file in files {
        pen.line(&visible(&format!("  {file}")))?;
    }
    pen.line("")
}

/// Says what became of something.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::BecamePublic => "Became public",
        Kind::BecameWithheld => "Became withheld",
        Kind::NewlyWithheld => "Newly written, and withheld",
        Kind::Decision => "Another decision",
        Kind::Edited => "Edited, and still withheld",
        Kind::Gone => "Removed altogether",
    }
}

/// Says in which way something is withheld.
pub(super) fn form(form: Form, field: Option<&str>) -> String {
    match (form, field) {
        (Form::Block, _) => "passage".to_owned(),
        (Form::Inline, _) => "words in a line".to_owned(),
        (Form::Document, _) => "whole document".to_owned(),
        (Form::Field, None) => "field".to_owned(),
        (Form::Field, Some(name)) => format!("field {}", field_name(name)),
    }
}

/// Returns a field as people count: `agenda[0]` is the first item of `agenda`.
fn field_name(name: &str) -> String {
    let mut parts = name.split('[');
    let mut said = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once(']').unwrap_or((part, ""));
        let number = number.parse::<usize>().map_or(0, |number| number + 1);
        said.extend([", item ", &number.to_string(), &rest.replace('.', ", ")]);
    }
    said
}

/// Returns file and lines.
pub(super) fn place(column: &Column) -> String {
    place_of(&column.file, column.lines)
}

pub(super) fn place_of(file: &str, (first, last): (usize, usize)) -> String {
    if first == last {
        format!("{file}:{first}")
    } else {
        format!("{file}:{first}-{last}")
    }
}

/// Breaks long lines at spaces. Withheld text is broken like public text; nothing of it is lost.
fn wrap(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let mut width = 0;
        for (at, word) in line.split(' ').enumerate() {
            let own = word.chars().count();
            if at > 0 {
                if width + 1 + own > WIDTH {
                    out.push('\n');
                    width = 0;
                } else {
                    out.push(' ');
                    width += 1;
                }
            }
            out.push_str(word);
            width += own;
        }
    }
    out
}
