//! A review as one HTML file: it loads nothing, runs nothing, and can be printed.

use std::io::{self, Write};

use crate::diag::FilePath;
use crate::record::passage::Form;
use crate::record::review::changes::{Change, Kind, Side};
use crate::record::review::context::escape;
use crate::record::review::gather::{Column, Document, Due, Title};
use crate::record::review::text;
use crate::record::review::{BANNER, Comparison, Entry, PAGE_MARKER, Review, counted, visible};

const STYLE: &str = include_str!("page.css");

/// Writes a review.
pub(super) fn write(review: &Review<'_>, out: &mut dyn Write) -> io::Result<()> {
    let summary = review.summary();
    write!(
        out,
        "{PAGE_MARKER}\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex, nofollow, noarchive\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Confidential: review of what is withheld, {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <p class=\"banner\" role=\"note\">{BANNER}</p>\n<main>\n",
        review.today()
    )?;
    write!(
        out,
        "<header class=\"top\">\n<h1>Review of what is withheld</h1>\n<p class=\"asof\">As of <time datetime=\"{0}\">{0}</time></p>\n",
        review.today()
    )?;
    overview(review, out)?;
    writeln!(out, "</header>")?;
    if let Some(since) = &review.since {
        changes(review, since, out)?;
    }
    due_lists(review, out)?;
    let then = review.since.as_ref();
    if let Some(since) = then {
        left_out(&since.in_doubt, &format!("at {}", since.name), out)?;
    }
    left_out(&review.in_doubt, "now", out)?;
    if summary.withheld > 0 {
        contents(review, out)?;
    }
    let mut entries = review.entries().peekable();
    for (at, document) in review.withheld_documents().enumerate() {
        heading(review, document, at + 1, out)?;
        while let Some(entry) = entries.next_if(|entry| std::ptr::eq(entry.document, document)) {
            passage(review, &entry, out)?;
        }
        writeln!(out, "</section>")?;
    }
    write!(out, "</main>\n</body>\n</html>\n")?;
    out.flush()
}

fn overview(review: &Review<'_>, out: &mut dyn Write) -> io::Result<()> {
    let summary = review.summary();
    if summary.withheld == 0 {
        return writeln!(
            out,
            "<p class=\"nothing\">Nothing is withheld on this site.</p>"
        );
    }
    let (due, soon) = review.due();
    let due_class = if due.is_empty() { "" } else { " class=\"due\"" };
    writeln!(
        out,
        "<dl class=\"figures\">\n<div><dt>withheld</dt><dd>{}</dd></div>\n<div><dt>documents</dt><dd>{}</dd></div>\n\
         <div{due_class}><dt>due for review</dt><dd>{}</dd></div>\n<div><dt>due within 90 days</dt><dd>{}</dd></div>\n</dl>",
        summary.withheld,
        summary.documents,
        due.len(),
        soon.len(),
    )?;
    writeln!(
        out,
        "<table class=\"grounds\">\n<caption>By ground</caption>\n<thead><tr><th scope=\"col\">Ground</th><th scope=\"col\">Code</th>\
         <th scope=\"col\">Legal basis</th><th scope=\"col\" class=\"number\">Withheld</th></tr></thead>\n<tbody>"
    )?;
    for (ground, count) in review.by_ground() {
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td><code>{}</code></td><td>{}</td><td class=\"number\">{count}</td></tr>",
            clean(&ground.label),
            clean(&ground.code),
            clean(ground.basis.as_deref().unwrap_or("—")),
        )?;
    }
    writeln!(out, "</tbody>\n</table>")
}

fn due_lists(review: &Review<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (due, soon) = review.due();
    for (title, id, entries) in [
        ("Due for review", "due", due),
        ("Due within 90 days", "soon", soon),
    ] {
        if entries.is_empty() {
            continue;
        }
        writeln!(
            out,
            "<section class=\"list {id}\" aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n<table>\n<thead><tr><th scope=\"col\">No.</th>\
             <th scope=\"col\">Until</th><th scope=\"col\">Ground</th><th scope=\"col\">What</th><th scope=\"col\">Where</th></tr></thead>\n<tbody>"
        )?;
        for entry in entries {
            let place = entry
                .row
                .columns
                .first()
                .map_or_else(String::new, text::place);
            writeln!(
                out,
                "<tr><td><a href=\"#p{0}\">{0}</a></td><td><time datetime=\"{1}\">{1}</time></td><td>{2}</td><td>{3}</td>\
                 <td>{4}<br><code>{5}</code></td></tr>",
                entry.number,
                entry.row.until,
                clean(review.label(&entry.row.ground)),
                clean(&text::form(entry.row.form, entry.row.field.as_deref())),
                title_html(&entry.document.title),
                clean(&place),
            )?;
        }
        writeln!(out, "</tbody>\n</table>\n</section>")?;
    }
    Ok(())
}

fn contents(review: &Review<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<nav class=\"contents\" aria-labelledby=\"contents\">\n<h2 id=\"contents\">By document</h2>\n<ol>"
    )?;
    for (at, document) in review.withheld_documents().enumerate() {
        writeln!(
            out,
            "<li><a href=\"#d{}\">{}</a> <span class=\"about\">{}{}</span></li>",
            at + 1,
            title_html(&document.title),
            document
                .date
                .map_or_else(String::new, |date| format!("{date}, ")),
            counted(document.rows.len(), "passage", "passages"),
        )?;
    }
    writeln!(out, "</ol>\n</nav>")
}

fn heading(
    review: &Review<'_>,
    document: &Document,
    number: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "<section class=\"document\" aria-labelledby=\"d{number}\">\n<header class=\"title\">\n<h2 id=\"d{number}\" lang=\"{}\">{}</h2>",
        clean(document.language.as_str()),
        title_html(&document.title)
    )?;
    let date = document.date.map_or_else(String::new, |date| {
        format!("<time datetime=\"{date}\">{date}</time> · ")
    });
    let draft = match (document.is_draft, review.options.reading.drafts) {
        (false, _) => "",
        (true, false) => " · <strong class=\"draft\">draft, not published</strong>",
        (true, true) => " · <strong class=\"draft\">draft</strong>",
    };
    let files: Vec<String> = document
        .files
        .iter()
        .map(|file| format!("<code>{}</code>", clean(file)))
        .collect();
    writeln!(
        out,
        "<p class=\"about\">{date}{}{draft}<br>{}</p>\n</header>",
        document.kind,
        files.join(", ")
    )
}

fn title_html(title: &Title) -> String {
    let text = clean(title.text.expose());
    if title.is_withheld {
        format!("<span class=\"secret-title\">{text}</span> <small>(title withheld)</small>")
    } else {
        text
    }
}

fn passage(review: &Review<'_>, entry: &Entry<'_>, out: &mut dyn Write) -> io::Result<()> {
    let row = entry.row;
    let due = match row.due {
        Due::Now => " <strong class=\"due\">review is due</strong>",
        Due::Soon => " <span class=\"soon\">due within 90 days</span>",
        Due::Later => "",
    };
    writeln!(
        out,
        "<article class=\"passage\" id=\"p{0}\" aria-labelledby=\"h{0}\">\n<h3 id=\"h{0}\"><span class=\"number\">{0}</span> {1}</h3>\n\
         <p class=\"decision\"><span class=\"ground\">{2}</span> <code>{3}</code> until <time datetime=\"{4}\">{4}</time>{due}{5}</p>",
        entry.number,
        clean(&capital(&text::form(row.form, row.field.as_deref()))),
        clean(review.label(&row.ground)),
        clean(&row.ground),
        row.until,
        review
            .ground(&row.ground)
            .and_then(|ground| ground.basis.as_deref())
            .map_or_else(String::new, |basis| format!(
                "<br><span class=\"basis\">{}</span>",
                clean(basis)
            )),
    )?;
    writeln!(out, "<div class=\"columns\">")?;
    let has_languages = row.columns.len() > 1 || entry.document.files.len() > 1;
    for one in &row.columns {
        column(review, entry, one, has_languages, out)?;
    }
    writeln!(out, "</div>\n</article>")
}

fn column(
    review: &Review<'_>,
    entry: &Entry<'_>,
    column: &Column,
    has_languages: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let language = if has_languages {
        format!("<h4>{}</h4> ", clean(review.language(&column.language)))
    } else {
        String::new()
    };
    let tag = clean(column.language.as_str());
    let section = column.section.as_ref().map_or_else(String::new, |section| {
        format!(" under <q lang=\"{tag}\">{}</q>", clean(section))
    });
    writeln!(
        out,
        "<div class=\"column\">\n<div class=\"place\">{language}<code>{}</code>{section}</div>",
        clean(&text::place(column))
    )?;
    let around = |html: &str, out: &mut dyn Write| -> io::Result<()> {
        if html.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "<div class=\"public\" lang=\"{tag}\">{}</div>",
            visible(html)
        )
    };
    around(&column.around.html.0, out)?;
    let what = match entry.row.form {
        Form::Block => "Withheld here",
        Form::Inline => "Withheld words",
        Form::Field => "Withheld value",
        Form::Document => "Withheld as a whole",
    };
    let secret = column.secret.expose().trim_end_matches(['\r', '\n']);
    writeln!(
        out,
        "<figure class=\"secret\">\n<figcaption>{what}</figcaption>\n<pre lang=\"{tag}\">{}</pre>",
        clean(secret)
    )?;
    for file in &column.attached {
        writeln!(
            out,
            "<p class=\"attached\">The file itself is at <code>{}</code></p>",
            clean(file)
        )?;
    }
    writeln!(out, "</figure>")?;
    around(&column.around.html.1, out)?;
    writeln!(out, "</div>")
}

fn changes(review: &Review<'_>, since: &Comparison<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section class=\"changes\" aria-labelledby=\"since\">\n<h2 id=\"since\">Since {}</h2>",
        clean(since.name)
    )?;
    if since.changes.is_empty() {
        writeln!(
            out,
            "<p>Nothing became public, and nothing became withheld.</p>"
        )?;
    }
    let mut last = None;
    for change in &since.changes {
        if last != Some(change.kind) {
            let of_kind = since.changes.iter().filter(|one| one.kind == change.kind);
            writeln!(
                out,
                "<h3 class=\"{}\">{} <span class=\"count\">{}</span></h3>",
                kind_class(change.kind),
                text::kind(change.kind),
                of_kind.count()
            )?;
            last = Some(change.kind);
        }
        one_change(review, change, out)?;
    }
    writeln!(out, "</section>")
}

fn kind_class(kind: Kind) -> &'static str {
    match kind {
        Kind::BecamePublic => "became-public",
        Kind::BecameWithheld => "became-withheld",
        Kind::NewlyWithheld | Kind::Decision | Kind::Edited | Kind::Gone => "other",
    }
}

fn one_change(review: &Review<'_>, change: &Change, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<article class=\"change {}\">\n<h4>{}</h4>",
        kind_class(change.kind),
        title_html(&change.title)
    )?;
    if let Some(note) = &change.note {
        writeln!(out, "<p class=\"note\">{}</p>", clean(note))?;
    }
    writeln!(out, "<div class=\"columns\">")?;
    for (word, is_now, one) in [("Before", false, &change.was), ("Now", true, &change.now)] {
        if let Some(one) = one {
            side(review, word, one, out)?;
        } else {
            let words = match (change.kind, is_now) {
                (Kind::BecamePublic, true) | (Kind::BecameWithheld, false) => "Public",
                (Kind::Gone, true) => "Taken out",
                _ => "Not there",
            };
            writeln!(
                out,
                "<div class=\"column\">\n<div class=\"place\"><strong>{word}</strong></div>\n<p class=\"state\">{words}</p>\n</div>"
            )?;
        }
    }
    writeln!(out, "</div>\n</article>")
}

fn side(review: &Review<'_>, word: &str, side: &Side, out: &mut dyn Write) -> io::Result<()> {
    let secret = side.secret.expose().trim_end_matches(['\r', '\n']);
    writeln!(
        out,
        "<div class=\"column\">\n<div class=\"place\"><strong>{word}</strong> <code>{}</code></div>\n\
         <figure class=\"secret\">\n<figcaption>{}: {}, until {}</figcaption>\n<pre lang=\"{}\">{}</pre>\n</figure>\n</div>",
        clean(&text::place_of(&side.file, side.lines)),
        clean(&capital(&text::form(side.form, side.field.as_deref()))),
        clean(review.label(&side.ground)),
        side.until,
        clean(&side.language),
        clean(secret),
    )
}

fn left_out(files: &[FilePath], when: &str, out: &mut dyn Write) -> io::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section class=\"left-out\">\n<h2>Left out</h2>\n<p>What these files withhold {} is not certain: a mark in them is in error. \
         <code>clerestory check</code> says what to mend.</p>\n<ul>",
        clean(when)
    )?;
    for file in files {
        writeln!(out, "<li><code>{}</code></li>", clean(file))?;
    }
    writeln!(out, "</ul>\n</section>")
}

/// Returns a text as it stands in HTML, with everything in it made visible that could hide other text.
fn clean(text: &str) -> String {
    escape(&visible(text))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::source::Unredacted;

    #[test]
    fn nothing_that_is_shown_is_obeyed() {
        assert_eq!(
            clean("<b title=\"x\" id='y'> & \u{202E}a\u{1b}[1m\r\n"),
            "&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt; &amp; \\u{202e}a\\u{1b}[1m\n"
        );
        for is_withheld in [true, false] {
            let title = Title {
                text: Unredacted::new("<i>\u{202E}".to_owned()),
                is_withheld,
            };
            assert!(title_html(&title).contains("&lt;i&gt;\\u{202e}"));
        }
    }
}
