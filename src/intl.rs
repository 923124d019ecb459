//! What differs between languages and is not a text: dates, plurals, sort order, names of languages. Data of ICU, compiled in.

use std::cmp::Ordering;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};
use icu_datetime::fieldsets::YMD;
use icu_datetime::input::Date as IsoDate;
use icu_datetime::{DateTimeFormatter, DateTimeFormatterPreferences};
use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralRules};
use jiff::civil::Date;

use crate::fields::Language;

/// The tools of one language. Building them takes longer than using them: one for each language of a site is enough.
pub(crate) struct Intl {
    dates: Option<DateTimeFormatter<YMD>>,
    plurals: Option<PluralRules>,
    collator: Option<CollatorBorrowed<'static>>,
    /// The language without its region.
    language: String,
}

/// Returns a date as people of the language write it, where the data of ICU say otherwise.
fn as_written(language: &str, text: &str) -> String {
    match language {
        "fr" => text.strip_prefix("1 ").map(|rest| format!("1er {rest}")),
        "it" => text.strip_prefix("1 ").map(|rest| format!("1º {rest}")),
        // 04. maj 2026
        "sl" => text.strip_prefix('0').map(str::to_owned),
        // Bealtaine 4, 2026
        "ga" => text.split_once(' ').and_then(|(month, rest)| {
            let (day, year) = rest.split_once(", ")?;
            Some(format!("{day} {month} {year}"))
        }),
        _ => None,
    }
    .unwrap_or_else(|| text.to_owned())
}

impl std::fmt::Debug for Intl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Intl")
    }
}

impl Intl {
    /// Returns the tools of a language; where ICU does not know it, those of the root locale.
    pub(crate) fn new(language: &Language) -> Self {
        let tag = match language.as_str() {
            // Alone, these are American and Brazilian.
            "en" => "en-GB",
            "pt" => "pt-PT",
            other => other,
        };
        let locale = Locale::try_from_str(tag).unwrap_or(Locale::UNKNOWN);
        Self {
            dates: DateTimeFormatter::try_new(
                DateTimeFormatterPreferences::from(&locale),
                YMD::long(),
            )
            .ok(),
            plurals: PluralRules::try_new(
                (&locale).into(),
                icu_plurals::PluralRulesOptions::default(),
            )
            .ok(),
            language: tag.split('-').next().unwrap_or_default().to_owned(),
            collator: Collator::try_new((&locale).into(), CollatorOptions::default()).ok(),
        }
    }

    /// Returns a date as it is written out, such as "30 January 2026".
    pub(crate) fn date(&self, date: Date) -> String {
        let iso = IsoDate::try_new_iso(
            i32::from(date.year()),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        );
        match (&self.dates, iso) {
            (Some(formatter), Ok(iso)) => {
                let text = formatter.format(&iso).to_string();
                as_written(&self.language, &text)
            }
            _ => date.to_string(),
        }
    }

    /// Returns the plural category of a number, as UI texts are keyed by: `one`, `two`, `few`, `many`, `other`.
    pub(crate) fn plural(&self, number: u64) -> &'static str {
        match self
            .plurals
            .as_ref()
            .map(|rules| rules.category_for(number))
        {
            Some(PluralCategory::Zero) => "zero",
            Some(PluralCategory::One) => "one",
            Some(PluralCategory::Two) => "two",
            Some(PluralCategory::Few) => "few",
            Some(PluralCategory::Many) => "many",
            Some(PluralCategory::Other) | None => "other",
        }
    }

    /// Compares two names as the language sorts them; equal ones by their code points, so that the order is total.
    pub(crate) fn compare(&self, one: &str, other: &str) -> Ordering {
        self.collator
            .as_ref()
            .map_or(Ordering::Equal, |collator| collator.compare(one, other))
            .then_with(|| one.cmp(other))
    }
}

/// The official languages of the European Union by their own names.
const NAMES: &[(&str, &str)] = &[
    ("bg", "български"),
    ("cs", "čeština"),
    ("da", "dansk"),
    ("de", "Deutsch"),
    ("el", "ελληνικά"),
    ("en", "English"),
    ("es", "español"),
    ("et", "eesti"),
    ("fi", "suomi"),
    ("fr", "français"),
    ("ga", "Gaeilge"),
    ("hr", "hrvatski"),
    ("hu", "magyar"),
    ("it", "italiano"),
    ("lt", "lietuvių"),
    ("lv", "latviešu"),
    ("mt", "Malti"),
    ("nl", "Nederlands"),
    ("pl", "polski"),
    ("pt", "português"),
    ("ro", "română"),
    ("sk", "slovenčina"),
    ("sl", "slovenščina"),
    ("sv", "svenska"),
];

/// Returns the name of a language in itself, or its tag.
pub(crate) fn own_name(language: &Language) -> String {
    let tag = language.as_str();
    NAMES
        .iter()
        .find(|(own, _)| *own == tag)
        .map_or_else(|| tag.to_owned(), |(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_out() {
        let date = Date::new(2026, 1, 30).unwrap();
        assert_eq!(
            Intl::new(&Language::new("en")).date(date),
            "30 January 2026"
        );
        assert_eq!(
            Intl::new(&Language::new("fr")).date(date),
            "30 janvier 2026"
        );
        assert_eq!(
            Intl::new(&Language::new("de")).date(date),
            "30. Januar 2026"
        );
        let first = Date::new(2026, 2, 1).unwrap();
        assert_eq!(
            Intl::new(&Language::new("fr")).date(first),
            "1er février 2026"
        );
    }

    #[test]
    fn every_official_language_has_a_name_and_dates() {
        for (tag, name) in NAMES {
            let intl = Intl::new(&Language::new(tag));
            assert!(
                intl.dates.is_some() && intl.plurals.is_some() && intl.collator.is_some(),
                "{tag}"
            );
            assert_ne!(tag, name);
        }
        assert_eq!(NAMES.len(), 24);
    }

    #[test]
    fn names_sort_as_their_language_does() {
        let intl = Intl::new(&Language::new("fr"));
        let mut names = vec!["Zoé", "écrit", "eau", "Été"];
        names.sort_by(|a, b| intl.compare(a, b));
        assert_eq!(names, ["eau", "écrit", "Été", "Zoé"]);
    }
}
