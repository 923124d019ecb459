//! The same files with everything withheld replaced: once by one short word, once by rich and much longer content.
//!
//! What is withheld is found by the crude extractor, never by the scanner at the door. What replaces it keeps the form that a
//! value must have (a date, an address, a measure), so that a sound site stays sound.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::record::audit::extract::{self, Extract, Kind, PUBLIC_FIELDS};

/// What stands in the place of withheld text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One short word.
    Short,
    /// Headings, tables, images, definitions, names that nobody knows; much longer.
    Rich,
}

/// How lines of a replaced file belong to those of the original.
#[derive(Clone, Debug)]
pub(super) enum Lines {
    /// Each edit: its first line in the original, and the lines it had and has now.
    Edits(Vec<(usize, usize, usize)>),
    /// The file was written anew.
    Anew,
}

impl Lines {
    /// Says whether a place in the replaced file can be one in a line of the original; lines count from 1.
    ///
    /// On the line of an edit, a place before it and one behind it have the same line here, and may have had two there.
    pub(super) fn can_be(&self, own: usize, original: usize) -> bool {
        let Self::Edits(edits) = self else {
            return true;
        };
        let (mut first_line, mut last_line) = (own, own);
        for (first, before, after) in edits {
            let moved = |line: usize, is_before: bool| {
                if line < *first || (line == *first && is_before) {
                    line
                } else if line < first + after {
                    line.min(first + before)
                } else {
                    line + before - after
                }
            };
            first_line = moved(first_line, true);
            last_line = moved(last_line, false);
        }
        (first_line..=last_line).contains(&original)
    }
}

struct Substitutes {
    block: &'static str,
    inline: &'static str,
    text: &'static str,
    address: &'static str,
    measure: &'static str,
    country: &'static str,
    date: &'static str,
    time: &'static str,
    number: &'static str,
    body: &'static str,
    /// How many items a list of such a document has.
    items: usize,
    file: &'static str,
}

const SHORT: Substitutes = Substitutes {
    block: "x\n",
    inline: "x",
    text: "x",
    address: "https://x.invalid/",
    measure: "X-1",
    country: "FR",
    date: "2001-02-03",
    time: "2001-02-03T04:05:06Z",
    number: "1",
    body: "x\n",
    items: 1,
    file: "x.bin",
};

const RICH: Substitutes = Substitutes {
    block: "\
# Substitute heading

Substitute underlined
=====================

![A substitute picture](substitute-picture.png \"substitute\") and a [substitute link][substitute-rich].[^substitute-rich]

| Substitute | table |
| :--- | ----: |
| substitute | 1 |

- [x] a substitute task
  1. with [a link](../members/substitute-nobody.toml#substitute)

~~~ toml
topics = [\"substitute-topic\"]
~~~

> Substitute <b>words</b> &amp; ~~struck~~ *marks*, far more of them than anything that stood here before, so that every
> length, count and order which could depend on what is withheld has to move, and is seen to move.

[substitute-rich]: https://substitute.invalid/ \"Substitute\"
[^substitute-rich]: A substitute note.

***
",
    inline: "Substitute *words* of any length: 1 000 000 €, | cells |, <b>tags</b> & references &amp; “quoted”, # no heading, \
             - no item, https://substitute.invalid/ and a great many more of them, up to the end of any line",
    text: "Substitute # words ![of](substitute.png) any length | in | cells: 1 000 000 € <b>and tags</b>, far longer than before",
    address: "https://substitute.invalid/a/much/longer/path?with=many#words",
    measure: "SUBSTITUTE-A9.9(9)(z)",
    country: "DE",
    date: "2998-07-06",
    time: "2998-07-06T15:14:13Z",
    number: "987654321",
    body: "\
<!-- a substitute that is never closed

::: confidential
```
# Substitute
[substitute]: https://substitute.invalid/
{{< substitute >}} :confidential[x
",
    items: 4,
    file: "substitute-file-of-another-name.pdf",
};

impl Shape {
    fn substitutes(self) -> &'static Substitutes {
        match self {
            Self::Short => &SHORT,
            Self::Rich => &RICH,
        }
    }

    /// Returns the name that a withheld file has instead.
    pub(super) fn file(self) -> &'static str {
        self.substitutes().file
    }
}

/// Replaces everything withheld in a file; returns nothing where nothing is.
pub(super) fn replace(text: &str, found: &Extract, shape: Shape) -> Option<(String, Lines)> {
    if found.secrets.is_empty() && !found.is_closed {
        return None;
    }
    let with = shape.substitutes();
    if found.is_closed {
        return Some((anew(text, with), Lines::Anew));
    }
    let mut edits = Vec::new();
    for secret in &found.secrets {
        match secret.kind {
            Kind::Block => edits.push((secret.range.clone(), with.block.to_owned())),
            Kind::Inline => edits.push((secret.range.clone(), with.inline.to_owned())),
            Kind::Body | Kind::Value => {}
        }
    }
    values(text, shape, &mut edits);
    edits.sort_by_key(|(range, _)| range.start);
    Some(apply(text, &edits))
}

/// Finds the scalars of withheld values, and writes others in their places.
fn values(text: &str, shape: Shape, edits: &mut Vec<(Range<usize>, String)>) {
    let (front, _) = if text.trim_start_matches('\u{FEFF}').starts_with("+++") {
        extract::split(text)
    } else {
        (0..text.len(), 0..0)
    };
    let own = text.get(front.clone()).unwrap_or_default();
    let Ok(root) = DeTable::parse(own) else {
        return;
    };
    let mut values = Values {
        text,
        base: front.start,
        with: shape.substitutes(),
        grows: shape == Shape::Rich,
        edits,
    };
    for (_, value) in root.get_ref() {
        values.look(value);
    }
}

struct Values<'e> {
    text: &'e str,
    base: usize,
    with: &'static Substitutes,
    grows: bool,
    edits: &'e mut Vec<(Range<usize>, String)>,
}

impl Values<'_> {
    fn look(&mut self, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(entries) => {
                let secret = entries
                    .iter()
                    .find(|(key, _)| key.get_ref() == "confidential");
                if let Some((_, secret)) = secret {
                    self.replace(secret);
                } else {
                    entries.iter().for_each(|(_, value)| self.look(value));
                }
            }
            DeValue::Array(items) => items.iter().for_each(|item| self.look(item)),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }

    fn range(&self, value: &Spanned<DeValue<'_>>) -> Range<usize> {
        let span = value.span();
        span.start + self.base..span.end + self.base
    }

    fn replace(&mut self, value: &Spanned<DeValue<'_>>) {
        let range = self.range(value);
        match value.get_ref() {
            DeValue::Table(entries) => entries.iter().for_each(|(_, value)| self.replace(value)),
            DeValue::Array(items) => {
                items.iter().for_each(|item| self.replace(item));
                self.grow(items.iter().next(), range);
            }
            DeValue::Boolean(_) => {}
            DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) => {
                let other = self.other(value.get_ref());
                self.edits.push((range, other));
            }
        }
    }

    /// Writes another item at the end of a list.
    fn grow(&mut self, first: Option<&Spanned<DeValue<'_>>>, list: Range<usize>) {
        let written = self.text.get(list.clone()).unwrap_or_default();
        let Some(first) = first.filter(|_| self.grows) else {
            return;
        };
        let is_scalar = !matches!(first.get_ref(), DeValue::Table(_) | DeValue::Array(_));
        let inside = written.strip_suffix(']').unwrap_or_default();
        if !is_scalar || inside.is_empty() || written.contains('#') {
            return;
        }
        let other = self.other(first.get_ref());
        let comma = if inside.trim_end().ends_with(',') {
            ""
        } else {
            ", "
        };
        let end = list.end - 1;
        self.edits
            .push((end..end, format!("{comma}{other}, {other}")));
    }

    /// Returns another value of the same form.
    fn other(&self, value: &DeValue<'_>) -> String {
        other(value, self.with)
    }
}

/// Returns another value of the same form, as TOML on one line.
fn other(value: &DeValue<'_>, with: &Substitutes) -> String {
    match value {
        DeValue::String(own) => format!("\"{}\"", other_text(own, with)),
        DeValue::Integer(_) => with.number.to_owned(),
        DeValue::Float(_) => format!("{}.5", with.number),
        DeValue::Boolean(own) => own.to_string(),
        DeValue::Datetime(own) => match (&own.date, &own.time) {
            (Some(_), None) => with.date.to_owned(),
            (None, Some(_)) => "01:02:03".to_owned(),
            _ => with.time.to_owned(),
        },
        DeValue::Array(items) => {
            let items = items.iter().map(|item| other(item.get_ref(), with));
            let items: Vec<String> = items.cycle().take(with.items).collect();
            format!("[{}]", items.join(", "))
        }
        DeValue::Table(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| {
                    format!("{:?} = {}", key.get_ref(), other(value.get_ref(), with))
                })
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

fn other_text<'w>(own: &str, with: &'w Substitutes) -> &'w str {
    let is_measure = own.split_once('-').is_some_and(|(prefix, number)| {
        !prefix.is_empty()
            && prefix.bytes().all(|byte| byte.is_ascii_uppercase())
            && number
                .trim_start_matches('A')
                .starts_with(|c: char| c.is_ascii_digit())
    });
    if own.starts_with("http://") || own.starts_with("https://") || own.starts_with("mailto:") {
        with.address
    } else if is_measure {
        with.measure
    } else if own.len() == 2 && own.bytes().all(|byte| byte.is_ascii_uppercase()) {
        with.country
    } else {
        with.text
    }
}

/// Writes a document that is withheld as a whole anew: only what stays public is kept.
fn anew(text: &str, with: &Substitutes) -> String {
    let (front, _) = extract::split(text);
    let own = text.get(front).unwrap_or_default();
    let mut written = String::from("+++\n");
    if let Ok(root) = DeTable::parse(own) {
        let mut mark = String::new();
        for (key, value) in root.get_ref() {
            let name = key.get_ref().as_ref();
            let raw = own.get(value.span()).unwrap_or_default();
            if name == "confidential" {
                if let DeValue::Table(entries) = value.get_ref() {
                    for (key, value) in entries {
                        let raw = own.get(value.span()).unwrap_or_default();
                        let _ = writeln!(mark, "{} = {raw}", key.get_ref());
                    }
                }
            } else if PUBLIC_FIELDS.contains(&name) {
                let _ = writeln!(written, "{name} = {raw}");
            } else {
                let _ = writeln!(written, "{name:?} = {}", other(value.get_ref(), with));
            }
        }
        written.push_str("[confidential]\n");
        written.push_str(&mark);
    }
    written.push_str("+++\n");
    written.push_str(with.body);
    written
}

fn apply(text: &str, edits: &[(Range<usize>, String)]) -> (String, Lines) {
    let mut written = String::with_capacity(text.len());
    let mut lines = Vec::with_capacity(edits.len());
    let mut at = 0;
    let mut line = 0;
    for (range, with) in edits {
        // One within another is replaced with it.
        if range.start < at {
            continue;
        }
        let open = text.get(at..range.start).unwrap_or_default();
        let before = text.get(range.clone()).unwrap_or_default();
        line += open.matches('\n').count();
        lines.push((
            line + 1,
            before.matches('\n').count(),
            with.matches('\n').count(),
        ));
        // The lines of later edits are counted in the replaced file, as they are met on the way back.
        line += before.matches('\n').count();
        written.push_str(open);
        written.push_str(with);
        at = range.end;
    }
    written.push_str(text.get(at..).unwrap_or_default());
    (written, Lines::Edits(lines))
}

/// Returns which withheld files have another name in a twin.
pub(super) fn renamed<'f>(
    files: impl Iterator<Item = &'f String>,
    shape: Shape,
) -> BTreeMap<String, String> {
    files
        .enumerate()
        .map(|(index, path)| {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            (path.clone(), format!("{folder}/{index}-{}", shape.file()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_withheld_is_replaced_and_nothing_else() {
        let text = "+++
title = { confidential = \"SECRET\", ground = \"g\", until = 2027-01-01 }
agenda = [\"one\", { confidential = [\"SECRET\", \"SECRET\"], ground = \"g\", until = 2027-01-01 }]
number = { ground = \"g\", until = 2027-01-01, confidential = 4711 }
+++
Public :confidential[SECRET]{ground=\"g\" until=\"2027-01-01\"} text.
::: confidential ground=\"g\" until=\"2027-01-01\"
SECRET
SECRET
:::
End
";
        for shape in [Shape::Short, Shape::Rich] {
            let (twin, lines) = replace(text, &extract::extract("x.md", text), shape).unwrap();
            assert!(!twin.contains("SECRET") && !twin.contains("4711"), "{twin}");
            let end = twin.lines().position(|line| line == "End").unwrap() + 1;
            assert!(lines.can_be(end, 11) && !lines.can_be(end, 10), "{twin}");
            let closer = twin.lines().position(|line| line == ":::").unwrap() + 1;
            assert!(
                lines.can_be(closer, 10) && !lines.can_be(closer, 11),
                "{twin}"
            );
            assert!(lines.can_be(6, 6) && !lines.can_be(6, 7), "{twin}");
            let agenda = twin
                .lines()
                .find(|line| line.starts_with("agenda"))
                .unwrap();
            let items = agenda.matches("\", \"").count();
            assert_eq!(items, if shape == Shape::Short { 1 } else { 3 }, "{agenda}");
        }
    }

    /// Two withheld items of a list, the first of several lines: the second stands on another line than in a twin.
    #[test]
    fn lines_are_told_back_behind_a_value_of_several_lines() {
        let mark = "ground = \"g\", until = 2027-01-01";
        let text = format!(
            "+++\ndecisions = [{{ confidential = \"\"\"a\nb\"\"\", {mark} }}, {{ confidential = \"c\", {mark} }}]\nnumber = 1\n+++\n"
        );
        for shape in [Shape::Short, Shape::Rich] {
            let (twin, lines) = replace(&text, &extract::extract("x.md", &text), shape).unwrap();
            assert_eq!(twin.lines().nth(2), Some("number = 1"));
            assert!(lines.can_be(2, 2) && lines.can_be(2, 3), "{twin}");
            assert!(lines.can_be(3, 4) && !lines.can_be(3, 3), "{twin}");
        }
    }

    #[test]
    fn a_closed_document_is_written_anew() {
        let text = "+++\ntitle = \"SECRET\"\ndate = 2026-01-02\n[confidential]\nground = \"g\"\nuntil = 2027-01-01\n+++\nSECRET\n";
        let (twin, _) = replace(text, &extract::extract("x.md", text), Shape::Short).unwrap();
        assert_eq!(
            twin,
            "+++\ndate = 2026-01-02\n\"title\" = \"x\"\n[confidential]\nground = \"g\"\nuntil = 2027-01-01\n+++\nx\n"
        );
    }
}
