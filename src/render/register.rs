//! The public register of withheld passages as its page shows it: what is confidential, and apart from it the states of
//! procedure, each with its totals, its reviews and every mark.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::Form;
use crate::render::lens::{Lens, humanise};
use crate::render::view::{
    GroundTotal, RegisterMark, RegisterPart, RegisterRecord, RegisterYear, ReviewYear, Words,
    YearCount,
};
use crate::site::{Total, WithheldEntry};

/// So many lines of a register are shown at once; of a longer one only the newest year is open.
const LINES_OPEN: usize = 200;

/// Years without an entry are shown between others, unless there would be too many of them.
const YEARS_FILLED: usize = 30;

impl Lens<'_> {
    /// Returns the two parts of the register, what is confidential first.
    pub(crate) fn register_parts(&self) -> Vec<RegisterPart> {
        let totals = self.site.withheld_totals();
        [false, true]
            .into_iter()
            .map(|is_procedural| {
                let totals: Vec<Total<'_>> = totals
                    .iter()
                    .filter(|total| total.ground.is_procedural == is_procedural)
                    .copied()
                    .collect();
                let entries: Vec<&WithheldEntry> = self
                    .site
                    .withheld
                    .iter()
                    .filter(|entry| self.is_procedural(&entry.redaction.ground) == is_procedural)
                    .collect();
                self.part(is_procedural, &totals, &entries)
            })
            .collect()
    }

    fn part(
        &self,
        is_procedural: bool,
        totals: &[Total<'_>],
        entries: &[&WithheldEntry],
    ) -> RegisterPart {
        let years = years(totals);
        let in_year = |totals: &[&Total<'_>], year: Option<i16>| -> usize {
            let own = totals.iter().filter(|total| total.year == year);
            own.map(|total| total.count).sum()
        };
        let highest = totals.iter().map(|total| total.count).max().unwrap_or(1);
        let counts = |totals: &[&Total<'_>]| -> Vec<YearCount> {
            let count = |year: &Option<i16>| {
                let count = in_year(totals, *year);
                YearCount {
                    year: *year,
                    count,
                    height: (count * 100).div_ceil(highest).min(100),
                }
            };
            years.iter().map(count).collect()
        };
        let mut grounds: Vec<GroundTotal> = Vec::new();
        for ground in &self.site.config.grounds {
            let own: Vec<&Total<'_>> = totals
                .iter()
                .filter(|total| total.ground.code == ground.code)
                .collect();
            if own.is_empty() {
                continue;
            }
            let label = self.ground_label(&ground.code);
            grounds.push(GroundTotal {
                ground: ground.code.to_string(),
                label: label.text,
                lang: label.lang,
                basis: self.strings.basis(ground),
                is_procedural,
                count: own.iter().map(|total| total.count).sum(),
                due: own.iter().map(|total| total.due).sum(),
                years: counts(&own),
            });
        }
        RegisterPart {
            is_procedural,
            total: entries.len(),
            due: entries.iter().filter(|entry| entry.redaction.due).count(),
            grounds,
            years: counts(&totals.iter().collect::<Vec<_>>()),
            due_now: self.records(entries.iter().filter(|entry| entry.redaction.due)),
            reviews: reviews(entries),
            register: self.register_years(entries),
        }
    }

    fn register_years(&self, entries: &[&WithheldEntry]) -> Vec<RegisterYear> {
        // The newest year first; what has no date comes last.
        let years: BTreeSet<Option<i16>> = entries.iter().map(|entry| entry.year()).collect();
        let mut years: Vec<RegisterYear> = years
            .into_iter()
            .rev()
            .map(|year| {
                let own: Vec<&&WithheldEntry> = entries
                    .iter()
                    .filter(|entry| entry.year() == year)
                    .collect();
                RegisterYear {
                    year,
                    count: own.len(),
                    is_open: false,
                    records: self.records(own),
                }
            })
            .collect();
        let lines = |year: &RegisterYear| -> usize {
            year.records.iter().map(|record| record.marks.len()).sum()
        };
        let is_short = years.iter().map(lines).sum::<usize>() <= LINES_OPEN;
        for (index, year) in years.iter_mut().enumerate() {
            year.is_open = is_short || index == 0;
        }
        years
    }

    /// Puts entries together that stand on one page, and of these the marks that look the same.
    fn records<'e>(
        &self,
        entries: impl IntoIterator<Item = &'e &'e WithheldEntry>,
    ) -> Vec<RegisterRecord> {
        let mut records: Vec<RegisterRecord> = Vec::new();
        for entry in entries {
            let path = self.path(&entry.path);
            if records.last().is_none_or(|record| record.path != path) {
                records.push(RegisterRecord {
                    title: self.title_of(entry),
                    path,
                    section: entry.section.to_owned(),
                    section_text: self
                        .strings
                        .get(&format!("section-{}", entry.section))
                        .to_owned(),
                    day: entry.date.map(|date| self.day(date)),
                    marks: Vec::new(),
                });
            }
            let Some(record) = records.last_mut() else {
                continue;
            };
            let mark = self.register_mark(entry);
            let same = record.marks.iter_mut().find(|own| {
                own.what == mark.what
                    && own.notice.ground == mark.notice.ground
                    && own.notice.until == mark.notice.until
            });
            match same {
                Some(own) => own.count += 1,
                None => record.marks.push(mark),
            }
        }
        records
    }

    fn register_mark(&self, entry: &WithheldEntry) -> RegisterMark {
        let form = match entry.redaction.form {
            Form::Block => "block",
            Form::Inline => "inline",
            Form::Field => "field",
            Form::Document => "document",
        };
        let what = match entry.field {
            Some(field) => self
                .strings
                .find(&format!("field-{field}"))
                .map_or_else(|| humanise(field), ToOwned::to_owned),
            None => self.strings.get(&format!("form-{form}")).to_owned(),
        };
        RegisterMark {
            what,
            form: form.to_owned(),
            count: 1,
            notice: self.notice(&entry.redaction),
        }
    }

    /// Returns the title of the page at a path.
    pub(crate) fn title_of(&self, entry: &WithheldEntry) -> Words {
        let path = entry.path.as_str();
        match entry.section {
            "meetings" => self
                .site
                .meeting_at(path)
                .map(|meeting| self.meeting_title(meeting)),
            "members" => self
                .site
                .members
                .iter()
                .find(|member| member.path == path)
                .map(|member| self.local(&member.fields.name)),
            "reports" => self
                .site
                .reports
                .iter()
                .find(|report| report.entry.path == path)
                .map(|report| self.report_title(report)),
            "documents" => {
                self.site
                    .documents
                    .iter()
                    .find(|document| path.starts_with(&document.entry.path))
                    .map(|document| {
                        let title = self.document_title(document);
                        match document
                            .versions
                            .iter()
                            .find(|version| version.path == path)
                        {
                            Some(version) => self
                                .version_title(title, &self.version_item(version, false).version),
                            None => title,
                        }
                    })
            }
            _ => self
                .site
                .pages
                .iter()
                .chain(&self.site.home)
                .find(|page| page.path == path)
                .map(|page| {
                    self.title(
                        page.edition(self.language).0.fields.title.as_ref(),
                        page.record.closed.as_ref(),
                    )
                }),
        }
        .unwrap_or_else(|| Lens::text("–"))
    }
}

/// Returns the years of totals in their order, with those between them; nothing stands for what has no date, and comes last.
fn years(totals: &[Total<'_>]) -> Vec<Option<i16>> {
    let known: BTreeSet<i16> = totals.iter().filter_map(|total| total.year).collect();
    let mut years: Vec<Option<i16>> = match (known.first(), known.last()) {
        (Some(first), Some(last)) if usize::from(first.abs_diff(*last)) < YEARS_FILLED => {
            (*first..=*last).map(Some).collect()
        }
        _ => known.iter().copied().map(Some).collect(),
    };
    if totals.iter().any(|total| total.year.is_none()) {
        years.push(None);
    }
    years
}

/// Returns how many decisions are to be reviewed in the quarters to come; what is due already is not among them.
fn reviews(entries: &[&WithheldEntry]) -> Vec<ReviewYear> {
    let mut years: BTreeMap<i16, [usize; 4]> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !entry.redaction.due) {
        let until = entry.redaction.until;
        let quarter = usize::from((until.month() - 1).unsigned_abs() / 3);
        if let Some(count) = years.entry(until.year()).or_default().get_mut(quarter) {
            *count += 1;
        }
    }
    let year = |(year, quarters): (i16, [usize; 4])| ReviewYear {
        year,
        count: quarters.iter().sum(),
        quarters,
    };
    years.into_iter().map(year).collect()
}
