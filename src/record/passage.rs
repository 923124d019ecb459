//! Finds withheld passages in a body of Markdown, before any parser has seen it (contract A3, A4 and A6).
//!
//! Scanning never fails: it returns the passages it understood and findings on everything else. The passages, joined, give
//! back the body byte for byte. Where a marker is in doubt, what follows it counts as withheld.

use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use regex::Regex;

use crate::config::Ground;
use crate::diag::{Code, FilePath, Finding, Message, Span};
use crate::record::near_miss::{self, STAND_IN};

/// The way in which something is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Whole lines between two marker lines.
    Block,
    /// A run of words in a line.
    Inline,
    /// A field of a record or front matter.
    Field,
    /// A whole document.
    Document,
}

/// A run of the body, open or withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::record) enum Passage {
    /// Public text, verbatim.
    Open(Span),
    /// Withheld text with its markers; the number is the index of its mark.
    Withheld(Span, usize),
}

/// A marker in the body with what it withholds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::record) struct Mark {
    pub(in crate::record) form: Form,
    /// The marker with all that it withholds.
    pub(in crate::record) span: Span,
    /// What is withheld.
    pub(in crate::record) secret: Span,
    /// The ground, empty where the marker is in error.
    pub(in crate::record) ground: Arc<str>,
    /// The date, absent where the marker is in error.
    pub(in crate::record) until: Option<Date>,
}

/// A body, cut into passages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::record) struct Scan {
    pub(in crate::record) passages: Vec<Passage>,
    pub(in crate::record) marks: Vec<Mark>,
}

/// What a marker is judged by.
#[derive(Clone, Copy, Debug)]
pub(in crate::record) struct Rules<'r> {
    pub(in crate::record) file: &'r FilePath,
    pub(in crate::record) grounds: &'r [Ground],
    /// The document's own date; no passage may be withheld until an earlier one.
    pub(in crate::record) date: Option<Date>,
}

static OPENER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^::: *confidential((?: +(?:ground|until)="[^"\\]*"){2})[ \t]*$"#)
        .expect("a fixed pattern")
});
static INLINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^:confidential\[([^\[\]`\\]*)\]\{((?:ground|until)="[^"\\]*" +(?:ground|until)="[^"\\]*")\}"#).expect("a fixed pattern")
});
static ATTRIBUTE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(ground|until)="([^"\\]*)""#).expect("a fixed pattern"));

const INLINE_START: &str = ":confidential[";

/// Says whether a line, without its end, closes a passage.
pub(in crate::record) fn is_closer(line: &str) -> bool {
    line.strip_prefix(":::")
        .is_some_and(|rest| rest.chars().all(|c| c == ' ' || c == '\t'))
}

/// Says whether a line begins as an opening marker does, well formed or not.
fn begins_opener(line: &str) -> bool {
    line.strip_prefix(":::")
        .is_some_and(|rest| rest.trim_start_matches(' ').starts_with("confidential"))
}

/// Cuts a body into passages. `text` is the whole file and `start` the first byte of the body.
pub(in crate::record) fn scan(text: &str, start: usize, rules: Rules<'_>) -> (Scan, Vec<Finding>) {
    let mut scanner = Scanner {
        rules,
        scan: Scan::default(),
        findings: Vec::new(),
        open_from: start,
    };
    let mut block: Option<(Span, Arc<str>, Option<Date>)> = None;
    for line in lines(text, start) {
        let words = line.words;
        if let Some((opener, ground, until)) = &block {
            if is_closer(words) {
                let secret = Span::new(opener.end, line.span.start);
                let mark = Mark {
                    form: Form::Block,
                    span: Span::new(opener.start, line.span.end),
                    secret,
                    ground: Arc::clone(ground),
                    until: *until,
                };
                if text
                    .get(secret.start..secret.end)
                    .is_none_or(|text| text.trim().is_empty())
                {
                    scanner.note(
                        Code::EmptyPassage,
                        Span::new(opener.start, opener.start + 3),
                        "this passage withholds nothing",
                        "write what is withheld between the two marker lines, or delete both",
                    );
                }
                scanner.withhold(mark);
                block = None;
            } else if near_miss::is_nested_marker(&near_miss::canonical(words)) {
                let at = Span::new(line.span.start, line.span.start + words.len().min(3));
                scanner.note(
                    Code::NestedPassage,
                    at,
                    "there is a marker inside a withheld passage (A3)",
                    "close the passage above with a line `:::` first, or take this marker out",
                );
            }
        } else if begins_opener(words) {
            let (ground, until) = scanner.opener(&line);
            block = Some((line.span, ground, until));
        } else if is_closer(words) {
            scanner.note(
                Code::StrayCloser,
                line.inner(),
                "this line closes a passage that was never opened (A3)",
                "delete it, or write the opening marker above",
            );
        } else if words == "+++" {
            scanner.note(
                Code::FrontMatterInvalid,
                line.inner(),
                "a line `+++` stands in the body (A1)",
                "use `---` for a rule, or delete the line",
            );
        } else {
            scanner.open_line(&line);
        }
    }
    if let Some((opener, ground, until)) = block {
        scanner.note(
            Code::UnclosedPassage,
            Span::new(opener.start, opener.start + 3),
            "this passage is never closed (A3)",
            "write a line `:::` where what is withheld ends",
        );
        let end = text.len();
        scanner.withhold(Mark {
            form: Form::Block,
            span: Span::new(opener.start, end),
            secret: Span::new(opener.end, end),
            ground,
            until,
        });
    }
    scanner.close_open(text.len());
    (scanner.scan, scanner.findings)
}

/// A line of the file.
#[derive(Clone, Copy)]
struct Line<'t> {
    /// The line with its end.
    span: Span,
    /// The line without its end.
    words: &'t str,
}

impl Line<'_> {
    fn inner(&self) -> Span {
        Span::new(self.span.start, self.span.start + self.words.len())
    }
}

fn lines(text: &str, start: usize) -> impl Iterator<Item = Line<'_>> {
    let mut at = start;
    text.get(start..)
        .unwrap_or_default()
        .split_inclusive('\n')
        .map(move |whole| {
            let words = whole
                .strip_suffix('\n')
                .map_or(whole, |line| line.strip_suffix('\r').unwrap_or(line));
            let span = Span::new(at, at + whole.len());
            at = span.end;
            Line { span, words }
        })
}

struct Scanner<'t> {
    rules: Rules<'t>,
    scan: Scan,
    findings: Vec<Finding>,
    /// Where the public text begins that is not yet a passage.
    open_from: usize,
}

impl Scanner<'_> {
    fn note(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<Message>,
        help: impl Into<Message>,
    ) {
        self.findings.push(
            Finding::new(code, self.rules.file, message)
                .at(span)
                .help(help),
        );
    }

    fn close_open(&mut self, end: usize) {
        if self.open_from < end {
            self.scan
                .passages
                .push(Passage::Open(Span::new(self.open_from, end)));
        }
    }

    fn withhold(&mut self, mark: Mark) {
        self.close_open(mark.span.start);
        self.open_from = mark.span.end;
        self.scan
            .passages
            .push(Passage::Withheld(mark.span, self.scan.marks.len()));
        self.scan.marks.push(mark);
    }

    /// Reads the attributes of an opening line; says what is wrong with them.
    fn opener(&mut self, line: &Line<'_>) -> (Arc<str>, Option<Date>) {
        let span = line.inner();
        if let Some(found) = OPENER.captures(line.words) {
            let attributes = found.get(1).expect("the group is not optional");
            return self.attributes(
                attributes.as_str(),
                span,
                "`::: confidential ground=\"commercial\" until=\"2027-03-31\"`",
            );
        }
        let rest = line.words.trim_start_matches([':', ' ']);
        self.explain(
            rest,
            span,
            "`::: confidential ground=\"commercial\" until=\"2027-03-31\"`",
        );
        (Arc::from(""), None)
    }

    /// Reads two attributes that have the right form.
    fn attributes(&mut self, text: &str, span: Span, example: &str) -> (Arc<str>, Option<Date>) {
        let mut grounds = Vec::new();
        let mut untils = Vec::new();
        for found in ATTRIBUTE.captures_iter(text) {
            let value = found.get(2).map_or("", |value| value.as_str());
            if found.get(1).is_some_and(|name| name.as_str() == "ground") {
                grounds.push(value);
            } else {
                untils.push(value);
            }
        }
        match (grounds.as_slice(), untils.as_slice()) {
            ([ground], [until]) => {
                let ground = self.ground(ground, span);
                (
                    ground,
                    check_until(until, span, self.rules, &mut self.findings),
                )
            }
            ([], _) => {
                self.note(
                    Code::MissingGround,
                    span,
                    "this marker does not say on which ground the passage is withheld (A2)",
                    format!("write it as {example}"),
                );
                (Arc::from(""), None)
            }
            _ => {
                self.note(
                    Code::MissingUntil,
                    span,
                    "this marker does not say until when the passage is withheld (A2)",
                    format!("write it as {example}"),
                );
                (Arc::from(""), None)
            }
        }
    }

    /// Says what is wrong with a marker that has not the right form.
    fn explain(&mut self, rest: &str, span: Span, example: &str) {
        let mut said = false;
        if !rest.contains("ground") {
            self.note(
                Code::MissingGround,
                span,
                "this marker does not say on which ground the passage is withheld (A2)",
                format!("write it as {example}"),
            );
            said = true;
        }
        if !rest.contains("until") {
            self.note(
                Code::MissingUntil,
                span,
                "this marker does not say until when the passage is withheld (A2)",
                format!("write it as {example}"),
            );
            said = true;
        }
        if !said {
            let help = format!(
                "write it as {example}, with straight quotation marks, each attribute once and no other"
            );
            self.note(
                Code::MalformedMarker,
                span,
                "this marker is not written as it must be (A3, A4)",
                help,
            );
        }
    }

    fn ground(&mut self, code: &str, span: Span) -> Arc<str> {
        check_ground(code, span, self.rules, &mut self.findings)
    }

    /// Finds the inline markers of a public line, and judges what is left.
    fn open_line(&mut self, line: &Line<'_>) {
        let mut rest = String::new();
        let mut from = 0;
        let mut malformed = false;
        while let Some(at) = line
            .words
            .get(from..)
            .and_then(|tail| tail.find(INLINE_START))
            .map(|at| from + at)
        {
            let (before, marker) = line.words.split_at_checked(at).unwrap_or((line.words, ""));
            let here = line.span.start + at;
            let found = INLINE
                .captures(marker)
                .filter(|_| !before.ends_with([':', '\\']));
            let Some(found) = found else {
                malformed = true;
                self.malformed_inline(marker, before, here, line);
                break;
            };
            let whole = found.get(0).map_or(0, |whole| whole.len());
            let words = found.get(1).expect("the group is not optional");
            let span = Span::new(here, here + whole);
            let secret = Span::new(here + words.start(), here + words.end());
            if words.as_str().trim().is_empty() {
                self.note(
                    Code::EmptyPassage,
                    span,
                    "this marker withholds nothing (A4)",
                    "write what is withheld between the square brackets, or delete the marker",
                );
            }
            let attributes = found.get(2).map_or("", |attributes| attributes.as_str());
            let (ground, until) = self.attributes(
                attributes,
                span,
                "`:confidential[…]{ground=\"commercial\" until=\"2027-03-31\"}`",
            );
            self.withhold(Mark {
                form: Form::Inline,
                span,
                secret,
                ground,
                until,
            });
            rest.push_str(line.words.get(from..at).unwrap_or_default());
            rest.push(STAND_IN);
            from = at + whole;
        }
        if malformed {
            return;
        }
        let missed = if from == 0 {
            near_miss::judge(line.words)
        } else {
            rest.push_str(line.words.get(from..).unwrap_or_default());
            near_miss::judge(&rest)
        };
        if let Some(miss) = missed {
            // The whole line: which words are meant as withheld is exactly what is not known.
            self.note(miss.code(), line.inner(), miss.message(), miss.help());
        }
    }

    /// Says what is wrong with something that begins as an inline marker; the rest of the line counts as withheld.
    fn malformed_inline(&mut self, marker: &str, before: &str, here: usize, line: &Line<'_>) {
        let span = Span::new(here, line.span.start + line.words.len());
        let start = Span::new(here, here + INLINE_START.len());
        let example = "`:confidential[…]{ground=\"commercial\" until=\"2027-03-31\"}`";
        if before.ends_with([':', '\\']) {
            self.note(
                Code::MalformedMarker,
                start,
                "a marker must not follow a colon or a backslash (A4)",
                "put a space before the marker",
            );
        } else if marker
            .split(']')
            .next()
            .unwrap_or_default()
            .get(INLINE_START.len()..)
            .unwrap_or_default()
            .contains(['[', '`', '\\'])
        {
            self.note(Code::MalformedMarker, start, "what a marker withholds in a line must not hold `[`, `]`, a backtick or a backslash (A4)", "take them out, or withhold the whole block");
        } else if let Some(end) = marker.find(']') {
            let attributes = marker.get(end + 1..).unwrap_or_default();
            let attributes = attributes.split('}').next().unwrap_or_default();
            self.explain(attributes, start, example);
        } else {
            self.note(
                Code::MalformedMarker,
                start,
                "this marker has no `]` on its line (A4)",
                format!("write it on one line as {example}"),
            );
        }
        self.withhold(Mark {
            form: Form::Inline,
            span,
            secret: Span::new(start.end, span.end),
            ground: Arc::from(""),
            until: None,
        });
    }
}

/// Returns the ground of that code, if the site knows it.
pub(in crate::record) fn check_ground(
    code: &str,
    span: Span,
    rules: Rules<'_>,
    findings: &mut Vec<Finding>,
) -> Arc<str> {
    if let Some(ground) = rules.grounds.iter().find(|ground| &*ground.code == code) {
        return Arc::clone(&ground.code);
    }
    let known: Vec<&str> = rules.grounds.iter().map(|ground| &*ground.code).collect();
    let finding = Finding::new(
        Code::UnknownGround,
        rules.file,
        "the ground of this marker is not in the site's list (A2)",
    )
    .at(span);
    findings.push(match crate::diag::nearest(code, known.iter().copied()) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help(format!("the grounds are {}", known.join(", "))),
    });
    Arc::from("")
}

/// Returns the date of a marker, if it is one that exists and does not lie before the document's own.
fn check_until(
    text: &str,
    span: Span,
    rules: Rules<'_>,
    findings: &mut Vec<Finding>,
) -> Option<Date> {
    let digits = |range: std::ops::Range<usize>| {
        text.get(range)
            .filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let date = (text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-"))
        .then(|| {
            Date::new(
                digits(0..4)?.parse().ok()?,
                digits(5..7)?.parse().ok()?,
                digits(8..10)?.parse().ok()?,
            )
            .ok()
        })
        .flatten();
    let Some(date) = date else {
        findings.push(
            Finding::new(
                Code::InvalidUntil,
                rules.file,
                "the date of this marker does not exist, or is not written as YYYY-MM-DD (A2)",
            )
            .at(span)
            .help("write it as until=\"2027-03-31\", in digits"),
        );
        return None;
    };
    check_order(date, span, rules, findings);
    Some(date)
}

/// Checks that nothing is withheld until a day before the document's own date.
pub(in crate::record) fn check_order(
    until: Date,
    span: Span,
    rules: Rules<'_>,
    findings: &mut Vec<Finding>,
) {
    if let Some(date) = rules.date.filter(|date| until < *date) {
        findings.push(
            Finding::new(
                Code::UntilBeforeDate,
                rules.file,
                format!("the date of this marker lies before the document's own, {date} (A2)"),
            )
            .at(span)
            .help("write the day on which the decision to withhold is due for review"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grounds() -> Vec<Ground> {
        vec![Ground {
            code: Arc::from("commercial"),
            label: None,
            basis: None,
            is_procedural: false,
        }]
    }

    fn check(text: &str) -> (Scan, Vec<&'static str>) {
        let grounds = grounds();
        let file: FilePath = Arc::from("a.md");
        let rules = Rules {
            file: &file,
            grounds: &grounds,
            date: Date::new(2026, 1, 30).ok(),
        };
        let (scan, findings) = scan(text, 0, rules);
        (
            scan,
            findings
                .iter()
                .map(|finding| finding.code.as_str())
                .collect(),
        )
    }

    const OPEN: &str = "::: confidential ground=\"commercial\" until=\"2027-03-31\"\n";

    #[test]
    fn blocks_are_found() {
        let (scan, codes) = check(&format!("one\n{OPEN}two\nthree\n:::\nfour\n"));
        assert!(codes.is_empty(), "{codes:?}");
        assert_eq!(scan.passages.len(), 3);
        assert_eq!(scan.marks[0].form, Form::Block);
    }

    #[test]
    fn attributes_stand_in_any_order_and_markers_may_have_no_space() {
        let (_, codes) = check(
            ":::confidential until=\"2027-03-31\"  ground=\"commercial\" \t\r\nx\r\n::: \t\r\n",
        );
        assert!(codes.is_empty(), "{codes:?}");
    }

    #[test]
    fn inline_markers_are_found() {
        let (scan, codes) = check(
            "a :confidential[b, €4]{ground=\"commercial\" until=\"2027-03-31\"} c :confidential[d]{until=\"2027-03-31\"  ground=\"commercial\"}\n",
        );
        assert!(codes.is_empty(), "{codes:?}");
        assert_eq!(scan.marks.len(), 2);
        assert_eq!(scan.passages.len(), 5);
    }

    #[test]
    fn each_error_has_its_code() {
        let inline = |inner: &str| format!("a :confidential{inner}\n");
        let cases: Vec<(String, &str)> = vec![
            (format!("{OPEN}x\n"), "unclosed-passage"),
            ("x\n:::\n".into(), "stray-closer"),
            (format!("{OPEN}x\n ::: y\n:::\n"), "nested-passage"),
            (format!("{OPEN}:confidential[a]\n:::\n"), "nested-passage"),
            (format!("{OPEN} \n\t\n:::\n"), "empty-passage"),
            (
                "::: confidential until=\"2027-03-31\"\nx\n:::\n".into(),
                "missing-ground",
            ),
            (
                "::: confidential ground=\"commercial\"\nx\n:::\n".into(),
                "missing-until",
            ),
            (
                "::: confidential ground=\"other\" until=\"2027-03-31\"\nx\n:::\n".into(),
                "unknown-ground",
            ),
            (
                "::: confidential ground=\"commercial\" until=\"2027-02-30\"\nx\n:::\n".into(),
                "invalid-until",
            ),
            (
                "::: confidential ground=\"commercial\" until=\"2026-01-29\"\nx\n:::\n".into(),
                "until-before-date",
            ),
            (
                "::: confidential ground='commercial' until=\"2027-03-31\"\nx\n:::\n".into(),
                "malformed-marker",
            ),
            (
                "::: confidential ground=\"commercial\" until=\"2027-03-31\" x\nx\n:::\n".into(),
                "malformed-marker",
            ),
            (
                "::: confidential ground=\"commercial\" ground=\"commercial\"\nx\n:::\n".into(),
                "missing-until",
            ),
            (
                " ::: confidential ground=\"commercial\" until=\"2027-03-31\"\n".into(),
                "near-miss-marker",
            ),
            (
                ":::: confidential ground=\"commercial\" until=\"2027-03-31\"\n".into(),
                "near-miss-marker",
            ),
            ("a\n+++\n".into(), "front-matter-invalid"),
            (
                inline("[x]{ground=\"commercial\" until=\"2027-03-31\""),
                "malformed-marker",
            ),
            (inline("[x]{ground=\"commercial\"}"), "missing-until"),
            (inline("[x]{until=\"2027-03-31\"}"), "missing-ground"),
            (
                inline("[ ]{ground=\"commercial\" until=\"2027-03-31\"}"),
                "empty-passage",
            ),
            (
                inline("[a [b] c]{ground=\"commercial\" until=\"2027-03-31\"}"),
                "malformed-marker",
            ),
            (inline("[a"), "malformed-marker"),
            (
                "a::confidential[x]{ground=\"commercial\" until=\"2027-03-31\"}\n".into(),
                "malformed-marker",
            ),
        ];
        for (text, code) in cases {
            let (_, codes) = check(&text);
            assert_eq!(codes.first(), Some(&code), "{text} gave {codes:?}");
        }
    }

    proptest! {
        #[test]
        fn joined_passages_give_back_the_body(pieces in proptest::collection::vec(prop_oneof![
            Just(OPEN.to_owned()), Just(":::\n".to_owned()), Just("text\r\n".to_owned()), Just("\n".to_owned()),
            Just("a :confidential[b]{ground=\"commercial\" until=\"2027-03-31\"} c\n".to_owned()), Just(":confidential[".to_owned()), "[a-z:\\[\\]{}\"é\n]{0,20}",
        ], 0..12)) {
            let text = pieces.concat();
            let (scan, _) = check(&text);
            let joined: String = scan.passages.iter().map(|passage| match passage {
                Passage::Open(span) | Passage::Withheld(span, _) => text.get(span.start..span.end).unwrap(),
            }).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
