//! One language's look at the site: how texts, dates, notices and links read in it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tera::{Context, Tera, Value};

use crate::fields::{Language, LocalText};
use crate::intl::Intl;
use crate::links::{self, Target};
use crate::record::{Disclosed, DisclosedList, Form, Redaction};
use crate::render::view::{Day, DayOrNotice, Item, List, Notice, Section, Text, Words};
use crate::site::{Body, Entry, Site};
use crate::theme::Strings;

/// The site as it looks in one language.
pub(crate) struct Lens<'s> {
    pub(crate) site: &'s Site,
    pub(crate) language: &'s Language,
    pub(crate) strings: &'s Strings,
    pub(crate) intl: Intl,
    /// Every notice of the site as HTML: they differ in ground, date and form only.
    notices: BTreeMap<Redaction, String>,
}

impl<'s> Lens<'s> {
    /// Looks at the site in a language. Each different notice is rendered once.
    pub(crate) fn new(
        site: &'s Site,
        language: &'s Language,
        strings: &'s Strings,
        tera: &Tera,
    ) -> tera::TeraResult<Self> {
        let mut lens = Self {
            site,
            language,
            strings,
            intl: Intl::new(language),
            notices: BTreeMap::new(),
        };
        let different: BTreeSet<&Redaction> =
            site.withheld.iter().map(|entry| &entry.redaction).collect();
        let texts = Value::from_serializable(&strings.plain());
        for redaction in different {
            // A field withheld in a list stands in a line, whatever its own form.
            for form in [redaction.form, Form::Inline] {
                let redaction = Redaction {
                    form,
                    ..redaction.clone()
                };
                let mut context = Context::new();
                context.insert("notice", &lens.notice(&redaction));
                context.insert_value("t", texts.clone());
                let html = tera.render("notice.html", &context)?;
                lens.notices.insert(redaction, html.trim().to_owned());
            }
        }
        Ok(lens)
    }

    /// Returns the path of a page in this language, from the root of the site.
    pub(crate) fn path(&self, page: &str) -> String {
        links::in_language(&self.site.config, page, self.language)
    }

    /// Says which language a text is in, where that is not this one.
    fn other(&self, language: &Language) -> Option<String> {
        (language != self.language).then(|| language.to_string())
    }

    pub(crate) fn local(&self, text: &LocalText) -> Words {
        let (text, language) = text.best(self.language, self.site.config.default_language());
        Words {
            text: text.to_owned(),
            lang: self.other(language),
            notice: None,
        }
    }

    pub(crate) fn text(text: impl Into<String>) -> Words {
        Words {
            text: text.into(),
            lang: None,
            notice: None,
        }
    }

    pub(crate) fn words(&self, text: &Disclosed<LocalText>) -> Words {
        self.disclosed(text, |text| self.local(text))
    }

    pub(crate) fn disclosed<T>(
        &self,
        value: &Disclosed<T>,
        show: impl FnOnce(&T) -> Words,
    ) -> Words {
        match value {
            Disclosed::Public(value) => show(value),
            Disclosed::Withheld(redaction) => self.withheld(redaction),
        }
    }

    pub(crate) fn withheld(&self, redaction: &Redaction) -> Words {
        Words {
            text: self.sentence(redaction),
            lang: None,
            // In a line, whatever its own form: a title stands in a heading or a link.
            notice: Some(self.notice(&Redaction {
                form: Form::Inline,
                ..redaction.clone()
            })),
        }
    }

    /// Returns a title, or the notice where it is withheld, or where the whole document is.
    pub(crate) fn title(
        &self,
        title: Option<&Disclosed<LocalText>>,
        closed: Option<&Redaction>,
    ) -> Words {
        match (title, closed) {
            (_, Some(redaction)) => self.withheld(redaction),
            (Some(title), None) => self.words(title),
            (None, None) => Self::text("–"),
        }
    }

    /// Returns the notice of a redaction: it says nothing but ground, date and form.
    pub(crate) fn notice(&self, redaction: &Redaction) -> Notice {
        let ground = self
            .site
            .config
            .grounds
            .iter()
            .find(|ground| ground.code == redaction.ground);
        let label = self.ground_label(&redaction.ground);
        Notice {
            ground: redaction.ground.to_string(),
            label: label.text,
            lang: label.lang,
            basis: ground.and_then(|ground| self.strings.basis(ground)),
            until: redaction.until.to_string(),
            until_text: self.intl.date(redaction.until),
            is_due: redaction.due,
            is_block: matches!(redaction.form, Form::Block | Form::Document),
            is_procedural: self.is_procedural(&redaction.ground),
            html: self.notices.get(redaction).cloned().unwrap_or_default(),
        }
    }

    /// Returns the label of a ground: the site's own, else the theme's, else the code.
    pub(crate) fn ground_label(&self, code: &str) -> Words {
        let own = self
            .site
            .config
            .grounds
            .iter()
            .find(|ground| &*ground.code == code)
            .and_then(|ground| ground.label.as_ref());
        own.map_or_else(
            || Self::text(self.strings.find(&format!("ground-{code}")).unwrap_or(code)),
            |label| self.local(label),
        )
    }

    /// Says whether a ground is a state of procedure and no secret.
    pub(crate) fn is_procedural(&self, code: &str) -> bool {
        self.site
            .config
            .grounds
            .iter()
            .any(|ground| &*ground.code == code && ground.is_procedural)
    }

    /// Returns a notice as a plain sentence, for titles, feeds and data.
    pub(crate) fn sentence(&self, redaction: &Redaction) -> String {
        let key = if self.is_procedural(&redaction.ground) {
            "notice-sentence-procedural"
        } else {
            "notice-sentence"
        };
        self.strings.fill(
            key,
            &[
                ("ground", &self.ground_label(&redaction.ground).text),
                ("date", &self.intl.date(redaction.until)),
            ],
        )
    }

    pub(crate) fn day(&self, date: Date) -> Day {
        Day {
            iso: date.to_string(),
            text: self.intl.date(date),
        }
    }

    pub(crate) fn day_or_notice<T>(
        &self,
        value: &Disclosed<T>,
        date: impl FnOnce(&T) -> Date,
    ) -> DayOrNotice {
        match value {
            Disclosed::Public(value) => DayOrNotice {
                day: Some(self.day(date(value))),
                notice: None,
            },
            Disclosed::Withheld(redaction) => DayOrNotice {
                day: None,
                notice: Some(self.notice(redaction)),
            },
        }
    }

    /// Returns a list with withheld items in their places.
    pub(crate) fn list<T>(
        &self,
        list: Option<&DisclosedList<T>>,
        item: impl Fn(&T) -> Item,
    ) -> Option<List> {
        Some(match list? {
            Disclosed::Withheld(redaction) => List {
                notice: Some(self.notice(redaction)),
                items: Vec::new(),
            },
            Disclosed::Public(items) => List {
                notice: None,
                items: items
                    .iter()
                    .map(|value| match value {
                        Disclosed::Public(value) => item(value),
                        Disclosed::Withheld(redaction) => Item {
                            words: self.withheld(redaction),
                            ..Item::default()
                        },
                    })
                    .collect(),
            },
        })
    }

    /// Returns the label of a slug: the site's own, else the theme's under `key`, else the slug in words.
    pub(crate) fn label(&self, own: Option<&LocalText>, key: &str, slug: &str) -> Words {
        if let Some(own) = own {
            return self.local(own);
        }
        Self::text(
            self.strings
                .find(key)
                .map_or_else(|| humanise(slug), ToOwned::to_owned),
        )
    }

    /// Returns the text of an entry in this language as HTML for the page at `page`; `root` leads from there to the site's root.
    pub(crate) fn body<F>(&self, entry: &Entry<F>, root: &str) -> Text {
        let (edition, body) = entry.edition(self.language);
        Text {
            html: self.html(body, "", &|target| self.href(target, root)),
            lang: self.other(&edition.language),
            is_untranslated: edition.language != *self.language && !body.html.is_empty(),
            headings: body
                .html
                .headings
                .iter()
                .map(|heading| Section {
                    level: heading.level,
                    anchor: heading.anchor.clone(),
                    text: heading.text.clone(),
                })
                .collect(),
            summary: body.html.summary.clone(),
        }
    }

    /// Fills the open places of a text; `page` is the address of its page, nothing on that page itself.
    pub(crate) fn html(&self, body: &Body, page: &str, href: &dyn Fn(&Target) -> String) -> String {
        body.html.fill(
            page,
            |number| body.targets.get(number).map(href).unwrap_or_default(),
            |redaction| self.notices.get(redaction).cloned().unwrap_or_default(),
            |key, number| self.strings.fill(key, &[("n", &number.to_string())]),
        )
    }

    /// Returns the running text of an entry in this language, with sentences where something is withheld.
    pub(crate) fn plain<F>(&self, entry: &Entry<F>) -> String {
        entry
            .edition(self.language)
            .1
            .html
            .plain(|redaction| self.sentence(redaction))
    }

    /// Returns what a link says in its `href`, from a page that `root` leads to the site's root from.
    pub(crate) fn href(&self, target: &Target, root: &str) -> String {
        match target {
            Target::Page { path, fragment } => {
                // In another language the same place may have another name: then the page has to do.
                let fragment = fragment
                    .as_deref()
                    .filter(|fragment| self.site.has_anchor(path, self.language, fragment));
                format!(
                    "{root}{}{}",
                    links::encode(&self.path(path)),
                    links::encode_fragment(fragment)
                )
            }
            Target::Fixed { path, fragment } => format!(
                "{root}{}{}",
                links::encode(path),
                links::encode_fragment(fragment.as_deref())
            ),
            Target::File { address, .. } => format!("{root}{}", links::encode(address)),
            Target::Here(anchor) => links::encode_fragment(Some(anchor)),
            Target::External(address) => address.clone(),
            Target::Nowhere => "#".to_owned(),
        }
    }
}

/// Returns a slug in words: `working-group` becomes "Working group".
pub(crate) fn humanise(slug: &str) -> String {
    let words = slug.replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
