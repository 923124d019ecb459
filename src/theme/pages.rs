//! Pages that a theme brings: `pages/<slug>.<tag>.md`, with places that are filled from the configuration.
//!
//! `{root}` is the address of the home page in the language of the text, `{grounds}` and `{states}` are tables of the grounds
//! that are secrets and of those that are states of procedure.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::config::{Config, Ground};
use crate::diag::{Code, FilePath, Finding};
use crate::fields::{self, Language};
use crate::record::SuppliedText;
use crate::slug;
use crate::theme::Strings;

/// A page of the theme as it was written, in one language.
pub(super) struct Written {
    slug: String,
    tag: String,
    file: FilePath,
    text: String,
}

/// Reads the slug and the language off the name of a file.
pub(super) fn read(name: &str, text: String, file: &FilePath) -> Result<Written, Box<Finding>> {
    let parts = name
        .strip_suffix(".md")
        .and_then(|name| name.rsplit_once('.'))
        .filter(|(slug, tag)| slug::is_slug(slug) && fields::is_language_tag(tag));
    let Some((slug, tag)) = parts else {
        return Err(Box::new(
            Finding::new(
                Code::MisplacedFile,
                file,
                "nothing would publish this file of the theme",
            )
            .help("a page of a theme is called pages/<slug>.<language>.md, such as pages/how-we-withhold.en.md"),
        ));
    };
    Ok(Written {
        slug: slug.to_owned(),
        tag: tag.to_owned(),
        file: file.clone(),
        text,
    })
}

/// Returns the pages in the languages of the site, their places filled. Where the default language has none, the English
/// text comes first and serves for it.
pub(super) fn fill(
    written: &[Written],
    config: &Config,
    strings: &BTreeMap<Language, Strings>,
    english: Option<&Strings>,
) -> Vec<SuppliedText> {
    let mut slugs: Vec<&str> = written.iter().map(|page| page.slug.as_str()).collect();
    slugs.dedup();
    let mut texts = Vec::new();
    for slug in slugs {
        let in_language = |language: &Language| {
            let base = language.as_str().split('-').next().unwrap_or_default();
            [language.as_str(), base].into_iter().find_map(|tag| {
                written
                    .iter()
                    .find(|page| page.slug == slug && page.tag == tag)
            })
        };
        let mut own: Vec<(Language, &Written)> = config
            .languages
            .iter()
            .filter_map(|language| Some((language.clone(), in_language(language)?)))
            .collect();
        let default = config.default_language();
        if own.first().is_none_or(|(language, _)| language != default) {
            let first = Language::new("en");
            own.retain(|(language, _)| *language != first);
            let Some(page) = in_language(&first) else {
                continue;
            };
            own.insert(0, (first, page));
        }
        texts.extend(own.into_iter().filter_map(|(language, page)| {
            let strings = strings.get(&language).or(english)?;
            Some(SuppliedText {
                slug: slug.to_owned(),
                text: fill_places(&page.text, config, &language, strings),
                language,
                file: page.file.clone(),
            })
        }));
    }
    texts
}

fn fill_places(text: &str, config: &Config, language: &Language, strings: &Strings) -> String {
    let is_further = config.languages.iter().skip(1).any(|own| own == language);
    let root = if is_further {
        format!("/{language}/")
    } else {
        "/".to_owned()
    };
    let table = |is_procedural: bool| {
        let grounds = config
            .grounds
            .iter()
            .filter(|ground| ground.is_procedural == is_procedural);
        table(&grounds.collect::<Vec<_>>(), config, language, strings)
    };
    text.replace("{root}", &root)
        .replace("{grounds}", table(false).trim_end())
        .replace("{states}", table(true).trim_end())
}

/// Returns grounds as a table in Markdown; in plain words where the theme has some for at least one of them.
fn table(grounds: &[&Ground], config: &Config, language: &Language, strings: &Strings) -> String {
    if grounds.is_empty() {
        return strings.get("grounds-none").to_owned();
    }
    let plain = |ground: &Ground| strings.find(&format!("ground-why-{}", ground.code));
    let has_plain = grounds.iter().any(|ground| plain(ground).is_some());
    let mut table = String::new();
    let mut row = |cells: [&str; 3]| {
        let [first, plain, last] = cells;
        let plain = if has_plain {
            format!(" {plain} |")
        } else {
            String::new()
        };
        let _ = writeln!(table, "| {first} |{plain} {last} |");
    };
    row(["ground", "plain-words", "basis"].map(|key| strings.get(key)));
    row(["---"; 3]);
    for ground in grounds {
        let label = match &ground.label {
            Some(label) => label.best(language, config.default_language()).0,
            None => strings
                .find(&format!("ground-{}", ground.code))
                .unwrap_or(&ground.code),
        };
        let basis = strings.basis(ground).unwrap_or_else(|| "–".to_owned());
        let why = plain(ground).unwrap_or("–");
        row([&escaped(label), &escaped(why), &escaped(&basis)]);
    }
    table
}

/// Returns a text as Markdown that shows it, letter by letter.
fn escaped(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len());
    for letter in text.chars() {
        if r"\`*_[]<>|~&".contains(letter) {
            markdown.push('\\');
        }
        markdown.push(if letter == '\n' { ' ' } else { letter });
    }
    markdown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_slug_and_language() {
        let file: FilePath = "themes/mine/pages/x".into();
        let check = |name: &str| {
            read(name, String::new(), &file)
                .map(|page| (page.slug, page.tag))
                .ok()
        };
        let some = |slug: &str, tag: &str| Some((slug.to_owned(), tag.to_owned()));
        assert_eq!(
            check("how-we-withhold.en.md"),
            some("how-we-withhold", "en")
        );
        assert_eq!(
            check("how-we-withhold.pt-br.md"),
            some("how-we-withhold", "pt-br")
        );
        for name in ["how-we-withhold.md", "a/b.en.md", "Ä.en.md", "x.en.html"] {
            assert_eq!(check(name), None, "{name}");
        }
    }

    #[test]
    fn what_markdown_would_read_is_escaped() {
        assert_eq!(
            escaped("a|b *c* [d] <e> & f_g"),
            r"a\|b \*c\* \[d\] \<e\> \& f\_g"
        );
    }
}
