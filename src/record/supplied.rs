//! Free pages that come with the theme: they pass the same door as those of the site, and may withhold nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::diag::{Code, FilePath, Finding};
use crate::fields::Language;
use crate::record::document::PageFields;
use crate::record::held::Setting;
use crate::record::redact::{self, Group, Published, Verdict};
use crate::record::source::{Source, Unredacted};
use crate::record::written;
use crate::record::{Disclosure, Reading};

/// A text that comes with the theme, in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SuppliedText {
    /// The slug of its page.
    pub(crate) slug: String,
    pub(crate) language: Language,
    /// The file of the theme, for messages.
    pub(crate) file: FilePath,
    pub(crate) text: String,
}

impl Disclosure {
    /// Adds the free pages of the theme, but for those that the site has itself. The texts of a page stand together, the one
    /// that serves for all other languages first.
    pub(crate) fn add_supplied(
        &mut self,
        texts: &[SuppliedText],
        config: &Config,
        reading: Reading,
    ) {
        let own: BTreeSet<&str> = self
            .records
            .pages
            .iter()
            .map(|page| page.slug.as_str())
            .collect();
        let texts: Vec<&SuppliedText> = texts
            .iter()
            .filter(|text| !own.contains(text.slug.as_str()))
            .collect();
        let (mut pages, findings) = supply(&texts, config, reading);
        // A file of that name may lie in `content/` all the same, as a draft or under a withheld title.
        let taken: BTreeSet<&String> = self
            .records
            .pages
            .iter()
            .flat_map(|page| &page.paths.files)
            .chain(self.records.drafts.keys())
            .collect();
        for page in &mut pages {
            page.paths.files.retain(|path| !taken.contains(path));
        }
        self.records.pages.extend(pages);
        self.findings.extend(findings);
    }
}

fn supply(
    texts: &[&SuppliedText],
    config: &Config,
    reading: Reading,
) -> (Vec<Published<PageFields>>, Vec<Finding>) {
    let setting = Setting {
        grounds: &config.grounds,
        languages: &config.languages,
        today: reading.today,
    };
    let mut groups: BTreeMap<&str, Group<PageFields>> = BTreeMap::new();
    for text in texts {
        let source = Source {
            file: text.file.clone(),
            text: Unredacted::new(text.text.clone()),
            broken_at: None,
        };
        let group = groups.entry(&text.slug).or_insert_with(|| Group {
            stem: text.slug.clone(),
            folder: "pages".into(),
            is_bundle: false,
            editions: Vec::new(),
        });
        let is_translation = !group.editions.is_empty();
        let written = written::read(&source, setting, &text.language, is_translation);
        // As if it were a file of `content/`, so that links to it are written as to any other.
        let path = if is_translation {
            format!("pages/{}.{}.md", text.slug, text.language)
        } else {
            format!("pages/{}.md", text.slug)
        };
        group.editions.push((path, written));
    }
    let mut verdict = Verdict::default();
    let pages = redact::disclose(groups.into_values().collect(), reading.drafts, &mut verdict);
    let withholding = pages
        .iter()
        .flat_map(Published::editions)
        .filter(|edition| {
            !edition.body.redactions().is_empty() || !edition.fields.redactions().is_empty()
        });
    let mut findings = verdict.findings;
    findings.extend(withholding.map(|edition| {
        let message = "a page of a theme cannot withhold anything";
        Finding::new(Code::CannotWithhold, &edition.file, message)
            .help("write the page in content/pages/: it takes the place of the theme's")
    }));
    // What was read is the file with its places filled: a line in it is no line of the file.
    for finding in &mut findings {
        finding.span = None;
    }
    (pages, findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(language: &str, text: &str) -> SuppliedText {
        SuppliedText {
            slug: "rules".into(),
            language: Language::new(language),
            file: format!("themes/mine/pages/rules.{language}.md").into(),
            text: text.into(),
        }
    }

    fn check(texts: &[SuppliedText]) -> (Vec<Published<PageFields>>, Vec<&'static str>) {
        let repository = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let config = crate::config::ConfigSource::read(repository).unwrap();
        let config = config.parse().value;
        let reading = Reading {
            today: jiff::civil::date(2026, 11, 24),
            drafts: false,
        };
        let texts: Vec<&SuppliedText> = texts.iter().collect();
        let (pages, findings) = supply(&texts, &config, reading);
        (
            pages,
            findings
                .iter()
                .map(|finding| finding.code.as_str())
                .collect(),
        )
    }

    #[test]
    fn the_first_text_serves_for_languages_that_have_none() {
        let (pages, said) = check(&[
            text("en", "+++\ntitle = \"Rules\"\n+++\nEnglish.\n"),
            text("fr", "+++\ntitle = \"Règles\"\n+++\nFrançais.\n"),
        ]);
        assert!(said.is_empty(), "{said:?}");
        assert_eq!(pages.len(), 1);
        assert_eq!(pages[0].original.language.as_str(), "en");
        assert_eq!(pages[0].translations[0].language.as_str(), "fr");
        assert_eq!(
            pages[0].paths.files,
            ["pages/rules.md", "pages/rules.fr.md"]
        );
    }

    #[test]
    fn a_theme_cannot_withhold() {
        let mark = ":confidential[x]{ground=\"commercial\" until=\"2027-01-01\"}";
        let (_, said) = check(&[text(
            "en",
            &format!("+++\ntitle = \"Rules\"\n+++\nSo {mark}.\n"),
        )]);
        assert_eq!(said, ["cannot-withhold"]);
    }
}
