//! The door: what was written goes in, what anyone may read comes out.
//!
//! Everything that later stages know of content has passed here. The types of this file hold public text only: each field is
//! listed because it is public, and [`PublicText`] can be made nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rayon::prelude::*;

use crate::diag::{Code, FilePath, Finding, Message, Span};
use crate::fields::Language;
use crate::record::cut::{MARK_END, MARK_START, SourceMap};
use crate::record::held::{Disclosed, Redaction};
use crate::record::passage::Form;
use crate::record::repeats;
use crate::record::translation::{self, Fields, MarkKey};
use crate::record::written::Written;
use crate::slug;

/// Markdown from which everything withheld has been cut; placeholders stand where it was.
///
/// There is no way to make one but to pass the door:
/// ```compile_fail
/// let text = clerestory::record::PublicText::from("a secret".to_owned());
/// ```
/// whereas to read one that has passed is everybody's right:
/// ```
/// fn read(text: &clerestory::record::PublicText) -> usize { text.redactions().len() }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicText {
    text: String,
    redactions: Vec<Redaction>,
    map: SourceMap,
}

impl PublicText {
    /// Returns the Markdown with its placeholders.
    #[must_use]
    pub(crate) fn markdown(&self) -> &str {
        &self.text
    }

    /// Returns the redactions, in the order of the numbers in their placeholders.
    #[must_use]
    pub fn redactions(&self) -> &[Redaction] {
        &self.redactions
    }

    /// Returns where a run of the public text stands in its file, for messages.
    pub(crate) fn place(&self, run: &std::ops::Range<usize>) -> Span {
        self.map.to_source(run)
    }

    /// Returns the text of a file in doubt: nothing.
    fn nothing() -> Self {
        Self {
            text: String::new(),
            redactions: Vec::new(),
            map: SourceMap::default(),
        }
    }

    /// Returns the text of a document that is withheld as a whole: one notice.
    fn closed(redaction: Redaction) -> Self {
        Self {
            text: format!("{MARK_START}0{MARK_END}\n"),
            redactions: vec![redaction],
            map: SourceMap::default(),
        }
    }
}

/// A Markdown file as anyone may read it, in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition<F> {
    pub(crate) language: Language,
    pub(crate) file: FilePath,
    pub(crate) fields: F,
    pub(crate) body: PublicText,
    /// The file has errors of the contract's part A: its body is left out and the site will not be built.
    pub(crate) in_doubt: bool,
}

/// A document with its translations, as anyone may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published<F> {
    pub(crate) slug: String,
    pub(crate) original: Edition<F>,
    pub(crate) translations: Vec<Edition<F>>,
    /// Set where the whole document is withheld.
    pub(crate) closed: Option<Redaction>,
    /// The paths of its files below `content/`, for links. The stem of a withheld title is never published.
    pub(crate) paths: Paths,
}

/// Where the files of a document stand. Two are always equal: a path is for links between sources, not for readers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paths {
    pub(crate) files: Vec<String>,
    /// The folder of a bundle, or the folder in which the file stands.
    pub(crate) folder: String,
    /// Whether the folder is this document's own.
    pub(crate) is_bundle: bool,
    /// Whether the title is withheld, and so the name of the file.
    pub(crate) is_withheld: bool,
}

impl PartialEq for Paths {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Paths {}

impl<F> Published<F> {
    /// Returns the original and all translations.
    pub(crate) fn editions(&self) -> impl Iterator<Item = &Edition<F>> {
        std::iter::once(&self.original).chain(&self.translations)
    }
}

/// The files of one document before the door: its original and its translations.
#[derive(Clone, Debug)]
pub(in crate::record) struct Group<F> {
    /// The file's stem, or the bundle's folder name.
    pub(in crate::record) stem: String,
    pub(in crate::record) folder: String,
    pub(in crate::record) is_bundle: bool,
    /// The editions with their paths below `content/`; the original comes first.
    pub(in crate::record) editions: Vec<(String, Written<F>)>,
}

/// What the door has to say beside what it lets through.
#[derive(Debug, Default)]
pub(in crate::record) struct Verdict {
    pub(in crate::record) findings: Vec<Finding>,
    /// The bytes that no message may quote, by file.
    pub(in crate::record) masks: BTreeMap<FilePath, Vec<Span>>,
    /// Files about which nothing may be quoted, though their own findings do not say so.
    pub(in crate::record) doubtful: BTreeSet<FilePath>,
    /// Drafts that are left out, by their paths below `content/`; true where the title is withheld, and so the path.
    pub(in crate::record) drafts: BTreeMap<String, bool>,
    /// Folders of drafts that are left out, by their paths below `content/`.
    pub(in crate::record) draft_folders: BTreeSet<String>,
    /// Files that are withheld as attachments, by their paths below `content/`.
    pub(in crate::record) withheld_files: BTreeSet<String>,
}

impl Verdict {
    /// Keeps what there is to say of files that do not pass the door, and what of them must not be quoted.
    pub(in crate::record) fn keep<F>(&mut self, group: Group<F>) {
        for (_, written) in group.editions {
            self.findings.extend(written.findings);
            if written.closed.is_some() {
                self.doubtful.insert(written.file.clone());
            }
            self.masks.insert(written.file, written.masks);
        }
    }
}

/// Lets a group of files through the door. Returns nothing for a draft that is to be left out.
pub(in crate::record) fn disclose<F: Fields + Send + Sync>(
    groups: Vec<Group<F>>,
    drafts: bool,
    verdict: &mut Verdict,
) -> Vec<Published<F>> {
    let disclosed: Vec<(Option<Published<F>>, Verdict)> = groups
        .into_par_iter()
        .map(|group| disclose_group(group, drafts))
        .collect();
    let mut published = Vec::with_capacity(disclosed.len());
    for (document, said) in disclosed {
        verdict.findings.extend(said.findings);
        verdict.masks.extend(said.masks);
        verdict.doubtful.extend(said.doubtful);
        verdict.drafts.extend(said.drafts);
        verdict.withheld_files.extend(said.withheld_files);
        verdict.draft_folders.extend(said.draft_folders);
        published.extend(document);
    }
    published
}

fn disclose_group<F: Fields>(group: Group<F>, drafts: bool) -> (Option<Published<F>>, Verdict) {
    let mut verdict = Verdict::default();
    let paths: Vec<String> = group
        .editions
        .iter()
        .map(|(path, _)| path.clone())
        .collect();
    let mut editions = group.editions;
    for (_, written) in &mut editions {
        verdict.findings.append(&mut written.findings);
        verdict
            .masks
            .insert(written.file.clone(), std::mem::take(&mut written.masks));
        let named = written.withheld_files.iter();
        verdict
            .withheld_files
            .extend(named.filter_map(|name| slug::join(&group.folder, name)));
        if written.closed.is_some() {
            // Its date and its kind are public; that is too little to be worth quoting a line.
            verdict.doubtful.insert(written.file.clone());
        }
    }
    let mut in_doubt: BTreeSet<FilePath> = verdict
        .findings
        .iter()
        .filter(|finding| finding.casts_doubt())
        .map(|finding| finding.file.clone())
        .collect();
    let (first, translated) = editions.split_at_mut(1);
    let Some((_, original)) = first.first_mut() else {
        return (None, verdict);
    };
    for (_, translation) in translated.iter_mut() {
        check_translation(original, translation, &mut in_doubt, &mut verdict);
    }
    let is_withheld = original.closed.is_some()
        || matches!(original.fields.title(), Some(Disclosed::Withheld(_)));
    if original.fields.is_draft() && !drafts {
        verdict
            .draft_folders
            .extend(group.is_bundle.then_some(group.folder));
        verdict
            .drafts
            .extend(paths.into_iter().map(|path| (path, is_withheld)));
        return (None, verdict);
    }
    let kept = editions
        .iter()
        .filter(|(_, written)| !written.fields.is_draft() || drafts);
    let mut editions: Vec<Edition<F>> = kept
        .map(|(_, written)| edition(written, in_doubt.contains(&written.file)))
        .collect();
    let closed = editions_closed(&editions);
    let original = editions.remove(0);
    let paths = Paths {
        files: paths,
        folder: group.folder,
        is_bundle: group.is_bundle,
        is_withheld,
    };
    (
        Some(Published {
            slug: group.stem,
            original,
            translations: editions,
            closed,
            paths,
        }),
        verdict,
    )
}

/// Compares a translation with its original, and lets it take over what it does not say.
fn check_translation<F: Fields>(
    original: &Written<F>,
    translation: &mut Written<F>,
    in_doubt: &mut BTreeSet<FilePath>,
    verdict: &mut Verdict,
) {
    // Of a file that could not be read there is nothing to compare.
    let readable =
        |written: &Written<F>| !written.marks.is_empty() || !in_doubt.contains(&written.file);
    let finding = if readable(translation) && readable(original) {
        compare(original, translation)
    } else {
        None
    };
    if let Some(finding) = finding {
        in_doubt.extend([original.file.clone(), translation.file.clone()]);
        verdict
            .doubtful
            .extend([original.file.clone(), translation.file.clone()]);
        verdict.findings.push(finding);
    }
    for (one, other) in [(original, &*translation), (&*translation, original)] {
        if one.long_secrets.is_empty() {
            continue;
        }
        let words = repeats::public_words(&other.public);
        let public = repeats::PublicRuns::of(&words);
        for (_, span) in one
            .long_secrets
            .iter()
            .filter(|(secret, _)| public.repeat(secret.expose()))
        {
            verdict.findings.push(repeats::repeated(&one.file, *span));
            in_doubt.extend([one.file.clone(), other.file.clone()]);
            verdict.doubtful.insert(other.file.clone());
        }
    }
    if !in_doubt.contains(&translation.file) && !in_doubt.contains(&original.file) {
        for name in translation.fields.complete(&original.fields) {
            let message = format!(
                "the field `{name}` says something else than in the original, {}",
                original.file
            );
            let finding = Finding::new(Code::TranslationField, &translation.file, message)
                .help("delete the field here: a translation takes it over from its original");
            verdict.findings.push(match translation.places.get(name) {
                Some(place) => finding.at(*place),
                None => finding,
            });
        }
    }
}

fn editions_closed<F>(editions: &[Edition<F>]) -> Option<Redaction> {
    editions
        .first()?
        .body
        .redactions
        .first()
        .filter(|redaction| redaction.form == Form::Document)
        .cloned()
}

fn edition<F: Fields>(written: &Written<F>, in_doubt: bool) -> Edition<F> {
    let body = match &written.closed {
        Some(redaction) => PublicText::closed(redaction.clone()),
        None if in_doubt || written.is_in_doubt() => PublicText::nothing(),
        None => PublicText {
            text: written.public.text.clone(),
            redactions: written.redactions.clone(),
            map: written.public.map.clone(),
        },
    };
    Edition {
        language: written.language.clone(),
        file: written.file.clone(),
        fields: written.fields.clone(),
        body,
        in_doubt,
    }
}

fn compare<F>(original: &Written<F>, translation: &Written<F>) -> Option<Finding> {
    let marks = |written: &Written<F>| -> Vec<MarkKey> { written.marks.clone() };
    translation::compare(
        (&original.file, &marks(original)),
        (&translation.file, &marks(translation)),
    )
}

/// Gives documents whose title is withheld a slug of their date and kind, and warns of file names that say more (contract A9).
pub(in crate::record) fn rename_withheld<F: Fields>(
    documents: &mut [Published<F>],
    name: impl Fn(&F) -> (Option<Date>, Option<String>),
    public_key: impl Fn(&Published<F>) -> String,
    findings: &mut Vec<Finding>,
) {
    let mut taken: BTreeSet<String> = documents
        .iter()
        .filter(|document| !document.paths.is_withheld)
        .map(|document| document.slug.clone())
        .collect();
    // In the order of date and public text, never of the names that are withheld.
    let mut order: Vec<(Option<Date>, String, usize)> = documents
        .iter()
        .enumerate()
        .filter(|(_, document)| document.paths.is_withheld)
        .map(|(index, document)| {
            (
                name(&document.original.fields).0,
                public_key(document),
                index,
            )
        })
        .collect();
    order.sort();
    for (_, _, index) in order {
        let document = &mut documents[index];
        let (date, kind) = name(&document.original.fields);
        let base: Vec<String> = date
            .map(|date| date.to_string())
            .into_iter()
            .chain(kind)
            .collect();
        let base = if base.is_empty() {
            "withheld".to_owned()
        } else {
            base.join("-")
        };
        if says_more(&document.slug, &base) {
            let message = "the title of this document is withheld, but the name of its file says more than date and kind (A9)";
            findings.push(
                Finding::new(
                    Code::TellingFileName,
                    &document.original.file,
                    Message::new(message),
                )
                .help(format!(
                    "rename it to `{base}`: messages must name the file, and they travel"
                )),
            );
        }
        let slug = (1..usize::MAX)
            .map(|number| {
                if number == 1 {
                    base.clone()
                } else {
                    format!("{base}-{number}")
                }
            })
            .find(|slug| !taken.contains(slug))
            .expect("numbers do not end");
        taken.insert(slug.clone());
        document.slug = slug;
    }
}

/// Says whether a stem says more than the words of date and kind, and a number.
fn says_more(stem: &str, base: &str) -> bool {
    let allowed: BTreeSet<&str> = base.split('-').collect();
    stem.split(['-', '_'])
        .any(|part| !allowed.contains(part) && !part.bytes().all(|byte| byte.is_ascii_digit()))
}
