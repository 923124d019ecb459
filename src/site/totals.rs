//! The register of withheld passages in numbers. Each entry counts as one, a whole document too: how much text stands behind
//! a mark nobody can count, for nothing of it is here.

use std::collections::BTreeMap;

use crate::config::Ground;
use crate::site::{Site, WithheldEntry};

/// How much is withheld on a ground in the documents of a year.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Total<'s> {
    pub(crate) ground: &'s Ground,
    /// The year of the meeting, of the version of a document, or in which the period of a report ends; other texts have no date.
    pub(crate) year: Option<i16>,
    pub(crate) count: usize,
    /// How many of them are due for review.
    pub(crate) due: usize,
}

impl WithheldEntry {
    /// Returns the year under which the entry is counted.
    pub(crate) fn year(&self) -> Option<i16> {
        self.date.map(jiff::civil::Date::year)
    }
}

impl Site {
    /// Returns how much is withheld, by ground in the order of the site's list, then by year; what has no date comes last.
    pub(crate) fn withheld_totals(&self) -> Vec<Total<'_>> {
        let of_ground = |ground| {
            let mut years: BTreeMap<(bool, Option<i16>), Total<'_>> = BTreeMap::new();
            for entry in self.entries_on(ground) {
                let year = entry.year();
                let total = years.entry((year.is_none(), year)).or_insert(Total {
                    ground,
                    year,
                    count: 0,
                    due: 0,
                });
                total.count += 1;
                total.due += usize::from(entry.redaction.due);
            }
            years.into_values()
        };
        self.config.grounds.iter().flat_map(of_ground).collect()
    }

    fn entries_on(&self, ground: &Ground) -> impl Iterator<Item = &WithheldEntry> {
        self.withheld
            .iter()
            .filter(|entry| entry.redaction.ground == ground.code)
    }
}
