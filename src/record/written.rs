//! A Markdown file as it was written: front matter, body, and every check of the contract's part A that one file can fail.

use std::collections::BTreeMap;

use crate::diag::{Code, FilePath, Finding, Span};
use crate::fields::{self, Language, Reader, Table};
use crate::record::cut::{self, Cut};
use crate::record::held::{self, Hand, Redaction, Setting};
use crate::record::passage::{self, Form, Rules, Scan};
use crate::record::repeats;
use crate::record::source::{self, Source, Unredacted};
use crate::record::translation::{Fields, MarkKey};
use crate::record::veto;

/// A Markdown file, read and checked. What it holds of the body is still in the room: see [`crate::record::redact`].
#[derive(Clone, Debug)]
pub(in crate::record) struct Written<F> {
    pub(in crate::record) file: FilePath,
    pub(in crate::record) language: Language,
    pub(in crate::record) fields: F,
    /// Set where the whole document is withheld.
    pub(in crate::record) closed: Option<Redaction>,
    pub(in crate::record) public: Cut,
    /// The marks of the body that are sound, in their order.
    pub(in crate::record) redactions: Vec<Redaction>,
    /// All marks, as translations are compared by.
    pub(in crate::record) marks: Vec<MarkKey>,
    /// The bytes that no message may quote.
    pub(in crate::record) masks: Vec<Span>,
    pub(in crate::record) findings: Vec<Finding>,
    /// Withheld texts long enough to be looked for in the other languages of the document.
    pub(in crate::record) long_secrets: Vec<(Unredacted, Span)>,
    /// The names of the files that are withheld as attachments.
    pub(in crate::record) withheld_files: Vec<String>,
    /// Where each field of the front matter stands.
    pub(in crate::record) places: BTreeMap<String, Span>,
}

impl<F: Fields> Written<F> {
    fn unreadable(source: &Source, language: &Language, findings: Vec<Finding>) -> Self {
        Self {
            file: source.file.clone(),
            language: language.clone(),
            fields: F::default(),
            closed: None,
            public: Cut::default(),
            redactions: Vec::new(),
            marks: Vec::new(),
            masks: vec![Span::new(0, source.text.expose().len())],
            findings,
            long_secrets: Vec::new(),
            withheld_files: Vec::new(),
            places: BTreeMap::new(),
        }
    }

    /// Says whether what looks public in this file may be meant as withheld.
    pub(in crate::record) fn is_in_doubt(&self) -> bool {
        self.findings.iter().any(Finding::casts_doubt)
    }
}

/// The parts of a Markdown file.
pub(in crate::record) struct Parts {
    /// Where the front matter begins, behind the line `+++`.
    pub(in crate::record) front: usize,
    /// Where it ends, before the second line `+++`.
    pub(in crate::record) front_end: usize,
    /// Where the body begins.
    pub(in crate::record) body: usize,
}

/// Finds front matter and body (contract A1.3).
pub(in crate::record) fn split(text: &str, file: &FilePath) -> Result<Parts, Finding> {
    let mut at = if text.starts_with('\u{FEFF}') {
        '\u{FEFF}'.len_utf8()
    } else {
        0
    };
    let mut front = None;
    for line in text.get(at..).unwrap_or_default().split_inclusive('\n') {
        let words = line
            .strip_suffix('\n')
            .map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
        match front {
            None if words == "+++" => front = Some(at + line.len()),
            None => {
                let help = match words.trim_end() {
                    "---" => {
                        "this is YAML, as other programs use it: write the front matter in TOML, between two lines `+++`"
                    }
                    "+++" => "delete the spaces behind `+++`",
                    _ => {
                        "begin the file with a line `+++`, then the fields, then a second line `+++`"
                    }
                };
                let span = Span::new(at, at + words.len().min(3));
                return Err(Finding::new(
                    Code::FrontMatterMissing,
                    file,
                    "the file does not begin with a line `+++` (A1)",
                )
                .at(span)
                .help(help));
            }
            Some(front) if words == "+++" => {
                return Ok(Parts {
                    front,
                    front_end: at,
                    body: at + line.len(),
                });
            }
            Some(_) => {}
        }
        at += line.len();
    }
    Err(match front {
        Some(_) => {
            let start = text.find("+++").unwrap_or_default();
            Finding::new(
                Code::FrontMatterUnclosed,
                file,
                "the front matter has no second line `+++` (A1)",
            )
            .at(Span::new(start, start + 3))
            .help("write a line `+++` between the fields and the text")
        }
        None => Finding::new(Code::FrontMatterMissing, file, "the file is empty (A1)")
            .at(Span::new(0, 0))
            .help("begin the file with a line `+++`, then the fields, then a second line `+++`"),
    })
}

/// Reads and checks a Markdown file.
#[expect(
    clippy::too_many_lines,
    reason = "the checks of one file, in the order in which they depend on each other"
)]
pub(in crate::record) fn read<F: Fields>(
    source: &Source,
    setting: Setting<'_>,
    language: &Language,
    is_translation: bool,
) -> Written<F> {
    let mut findings = source.check_characters();
    if source.broken_at.is_some() {
        return Written::unreadable(source, language, findings);
    }
    let text = source.text.expose();
    let parts = match split(text, &source.file) {
        Ok(parts) => parts,
        Err(finding) => {
            findings.push(finding);
            return Written::unreadable(source, language, findings);
        }
    };
    let front = text.get(parts.front..parts.front_end).unwrap_or_default();
    let root = match fields::parse(front, parts.front, &source.file, Code::FrontMatterInvalid) {
        Ok(root) => root,
        Err(more) => {
            findings.extend(more);
            return Written::unreadable(source, language, findings);
        }
    };
    let date = {
        let mut reader = reader(source, parts.front, language, setting, Vec::new());
        root.get_ref()
            .get("date")
            .and_then(|value| reader.date(value))
            .map(|date| date.value)
    };
    let rules = Rules {
        file: &source.file,
        grounds: setting.grounds,
        date,
    };
    let mut hand = Hand::new(
        reader(source, parts.front, language, setting, findings),
        rules,
        setting.today,
    );
    let mut table = hand.reader.root(&root);
    let present = |key: &str| root.get_ref().contains_key(key);
    if present("confidential") {
        return read_closed(source, &root, hand, table, language, is_translation);
    }
    let fields = F::read(&mut hand, &mut table);
    if !is_translation {
        fields.check_required(&mut hand.reader, &table, &present);
    }
    table.take("confidential");
    hand.reader.finish(&table, F::WHAT);
    for value in root.get_ref().values() {
        held::check_texts(&mut hand.reader, value);
    }
    let withheld_files = hand
        .marks
        .iter()
        .flat_map(|mark| mark.files.iter().cloned())
        .collect();
    let (scan, scanned) = passage::scan(text, parts.body, rules);
    let certain = scanned.iter().all(|finding| {
        matches!(
            finding.code,
            Code::NearMissMarker | Code::ForeignSyntax | Code::FrontMatterInvalid
        )
    });
    let mut findings = std::mem::take(&mut hand.reader.findings);
    findings.extend(scanned);
    let public = cut::public_text(text, &scan);
    let full = (certain && scan.marks.iter().any(|mark| mark.form == Form::Block))
        .then(|| cut::full_text(text, &scan));
    let vetoed = veto::check(&source.file, &scan, &public, full.as_ref());
    // Where a passage is not understood, only what surely stands in public text is said.
    findings.extend(
        vetoed
            .into_iter()
            .filter(|finding| certain || finding.code == Code::RawHtml),
    );
    check_repeats(text, &scan, &hand, &root, &public, &mut findings);
    let mut redactions = Vec::new();
    for mark in &scan.marks {
        let Some(until) = mark.until.filter(|_| !mark.ground.is_empty()) else {
            continue;
        };
        let due = setting.today >= until;
        if due {
            let start = mark.span.start;
            findings.push(held::review_due(rules, until, Span::new(start, start + 3)));
        }
        redactions.push(Redaction {
            ground: mark.ground.clone(),
            until,
            due,
            form: mark.form,
        });
    }
    let sound = redactions.len() == scan.marks.len();
    let body_marks = scan
        .marks
        .iter()
        .zip(redactions.iter().map(Some).chain(std::iter::repeat(None)));
    let keys = hand
        .marks
        .iter()
        .map(|mark| MarkKey {
            field: mark.name.clone(),
            redaction: Some(mark.redaction.clone()),
            span: mark.span,
        })
        .chain(body_marks.map(|(mark, redaction)| MarkKey {
            field: String::new(),
            redaction: redaction.filter(|_| sound).cloned(),
            span: mark.span,
        }))
        .collect();
    let long_secrets = scan
        .marks
        .iter()
        .map(|mark| {
            (
                text.get(mark.secret.start..mark.secret.end)
                    .unwrap_or_default(),
                mark.span,
            )
        })
        .chain(
            hand.marks
                .iter()
                .map(|mark| (mark.text.expose(), mark.span)),
        )
        .filter(|(secret, _)| repeats::is_long(secret))
        .map(|(secret, span)| (Unredacted::new(secret.to_owned()), span))
        .collect();
    let places = root
        .get_ref()
        .keys()
        .map(|key| {
            (
                key.get_ref().to_string(),
                Span::shifted(&key.span(), parts.front),
            )
        })
        .collect();
    let mut masks: Vec<Span> = hand
        .secrets
        .iter()
        .copied()
        .chain(scan.marks.iter().map(|mark| mark.secret))
        .collect();
    masks.extend(source::comments(
        text,
        Span::new(parts.front, parts.front_end),
    ));
    masks.sort_unstable();
    Written {
        file: source.file.clone(),
        language: language.clone(),
        fields,
        closed: None,
        public,
        redactions,
        marks: keys,
        masks,
        findings,
        long_secrets,
        withheld_files,
        places,
    }
}

pub(in crate::record) fn reader<'r>(
    source: &'r Source,
    base: usize,
    language: &'r Language,
    setting: Setting<'r>,
    findings: Vec<Finding>,
) -> Reader<'r> {
    Reader {
        file: &source.file,
        base,
        language,
        languages: setting.languages,
        is_closed: false,
        findings,
    }
}

/// Reads a document that is withheld as a whole: date and kind stay, everything else is forgotten (contract A5).
fn read_closed<F: Fields>(
    source: &Source,
    root: &toml::Spanned<toml::de::DeTable<'_>>,
    mut hand: Hand<'_>,
    mut table: Table<'_, '_>,
    language: &Language,
    is_translation: bool,
) -> Written<F> {
    let example =
        "write it as a table [confidential] with ground = \"commercial\" and until = 2027-03-31";
    // Its fields are withheld, their names included.
    hand.reader.is_closed = true;
    let mut redaction = None;
    let mut mark_span = Span::default();
    if let Some(value) = table.take("confidential") {
        let span = hand.reader.span(value);
        mark_span = span;
        match value.get_ref().as_table() {
            Some(entries) => {
                if entries
                    .keys()
                    .any(|key| !["ground", "until"].contains(&key.get_ref().as_ref()))
                {
                    hand.reader.note(
                        Code::MalformedMarker,
                        span,
                        "the table [confidential] has exactly the keys ground and until (A5)",
                        example,
                    );
                }
                let ground = hand.ground(entries.get("ground"), span, example);
                let until = hand.until(entries.get("until"), span, example);
                if let (Some(ground), Some(until)) = (ground, until) {
                    let due = hand.today >= until;
                    if due {
                        let message =
                            format!("this withheld document was to be reviewed by {until}");
                        hand.reader.note(
                            Code::ReviewDue,
                            span,
                            message,
                            "delete the table [confidential] to publish it, or set a new date",
                        );
                    }
                    redaction = Some(Redaction {
                        ground,
                        until,
                        due,
                        form: Form::Document,
                    });
                }
            }
            None => hand.reader.note(
                Code::MalformedMarker,
                span,
                "`confidential` is a table here (A5)",
                example,
            ),
        }
    }
    let kept = std::mem::take(&mut hand.reader.findings);
    let fields = F::read(&mut hand, &mut table);
    let public_keys = ["date", "kind", "draft"];
    let public_spans: Vec<Span> = public_keys
        .iter()
        .filter_map(|key| root.get_ref().get(*key))
        .map(|value| hand.reader.span(value))
        .collect();
    let mut findings = std::mem::replace(&mut hand.reader.findings, kept);
    findings.retain(|finding| {
        finding.span.is_some_and(|span| {
            public_spans
                .iter()
                .any(|public| public.start <= span.start && span.end <= public.end)
        })
    });
    hand.reader.findings.extend(findings);
    hand.reader.finish(&table, F::WHAT);
    if !is_translation {
        // What is withheld must not matter: only what stays public is checked.
        let public = fields.withhold_all();
        public.check_required(&mut hand.reader, &table, &|key| {
            key == "title" || root.get_ref().contains_key(key)
        });
    }
    let closed = redaction.clone().unwrap_or_else(|| Redaction {
        ground: "".into(),
        until: jiff::civil::Date::MAX,
        due: false,
        form: Form::Document,
    });
    Written {
        file: source.file.clone(),
        language: language.clone(),
        fields: fields.withhold_all(),
        closed: Some(closed),
        public: Cut::default(),
        redactions: Vec::new(),
        marks: vec![MarkKey {
            field: "[confidential]".into(),
            redaction,
            span: mark_span,
        }],
        masks: vec![Span::new(0, source.text.expose().len())],
        findings: hand.reader.findings,
        long_secrets: Vec::new(),
        withheld_files: Vec::new(),
        places: BTreeMap::new(),
    }
}

/// Checks that no long run of withheld words stands in the public text as well (contract A7).
fn check_repeats(
    text: &str,
    scan: &Scan,
    hand: &Hand<'_>,
    root: &toml::Spanned<toml::de::DeTable<'_>>,
    public: &Cut,
    findings: &mut Vec<Finding>,
) {
    let secrets: Vec<(&str, Span)> = scan
        .marks
        .iter()
        .map(|mark| {
            (
                text.get(mark.secret.start..mark.secret.end)
                    .unwrap_or_default(),
                mark.span,
            )
        })
        .chain(
            hand.marks
                .iter()
                .map(|mark| (mark.text.expose(), mark.span)),
        )
        .filter(|(secret, _)| repeats::is_long(secret))
        .collect();
    if secrets.is_empty() {
        return;
    }
    let mut texts = repeats::public_words(public);
    let mut public_fields = Vec::new();
    root.get_ref()
        .values()
        .for_each(|value| held::public_texts(value, &mut public_fields));
    texts.extend(public_fields.iter().map(|text| repeats::words(text)));
    let public = repeats::PublicRuns::of(&texts);
    for (secret, span) in secrets {
        if public.repeat(secret) {
            findings.push(repeats::repeated(hand.reader.file, span));
        }
    }
}
