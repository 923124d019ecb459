//! What became of withheld text between two states of a site: what became public, and what became withheld.
//!
//! Marks are matched by their documents and then by their words, as the contract counts words. What has no counterpart is
//! looked for in the public text of the other state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use similar::{Algorithm, ChangeTag, capture_diff_slices, diff_ratio};

use crate::diag::FilePath;
use crate::record::passage::Form;
use crate::record::repeats::WordHash;
use crate::record::review::gather::{Document, Dossier, Row, Title};
use crate::record::room::Role;
use crate::record::source::Unredacted;

/// From which likeness on two texts are one text, edited.
const LIKE: f32 = 0.5;
/// Fewer words than this are looked for only in their own document.
const TELLING: usize = 4;
/// So many words that were taken out of a mark, or put into one, are looked for by themselves.
const RUN: usize = 3;

/// What became of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// It was withheld, and stands in public text now.
    BecamePublic,
    /// It was public, and is withheld now.
    BecameWithheld,
    /// It is withheld, and was not there before.
    NewlyWithheld,
    /// Its ground, its date or its form is another.
    Decision,
    /// The withheld text is another.
    Edited,
    /// It was withheld, and stands nowhere any more.
    Gone,
}

/// Something that changed.
pub(super) struct Change {
    pub(super) kind: Kind,
    pub(super) title: Title,
    /// Where it stood, and where it stands.
    pub(super) was: Option<Side>,
    pub(super) now: Option<Side>,
    /// What more there is to say.
    pub(super) note: Option<String>,
}

/// Something withheld, in one of two states.
pub(super) struct Side {
    pub(super) form: Form,
    pub(super) field: Option<String>,
    pub(super) file: FilePath,
    pub(super) lines: (usize, usize),
    pub(super) ground: Arc<str>,
    pub(super) until: Date,
    pub(super) secret: Unredacted,
    pub(super) language: String,
}

/// A mark in one language.
#[derive(Clone, Copy)]
struct Mark<'d> {
    document: &'d Document,
    row: &'d Row,
    column: usize,
}

impl<'d> Mark<'d> {
    fn words(&self) -> &'d [WordHash] {
        &self.row.columns[self.column].words
    }

    fn file(&self) -> &'d FilePath {
        &self.row.columns[self.column].file
    }

    fn side(&self) -> Side {
        let column = &self.row.columns[self.column];
        Side {
            form: self.row.form,
            field: self.row.field.clone(),
            file: column.file.clone(),
            lines: column.lines,
            ground: self.row.ground.clone(),
            until: self.row.until,
            secret: column.secret.clone(),
            language: column.language.as_str().to_owned(),
        }
    }

    /// Says whether this stands in the same document as another one, by the names of its files or of itself.
    fn is_beside(&self, other: &Mark<'_>) -> bool {
        self.file() == other.file()
    }
}

/// Compares two states of a site. Of a file that is in doubt in one of them, nothing is known that could be compared.
pub(super) fn compare(then: &Dossier, now: &Dossier) -> Vec<Change> {
    let old = marks(&then.documents, &now.in_doubt);
    let new = marks(&now.documents, &then.in_doubt);
    let (then, now) = (then.documents.as_slice(), now.documents.as_slice());
    let pairs = pair(&old, &new);
    let publics = Publics {
        then: words_by_role(then),
        now: words_by_role(now),
    };
    let mut changes = Vec::new();
    for (&at, &to) in &pairs {
        compare_pair(&old[at], &new[to], &publics, &mut changes);
    }
    let paired: BTreeSet<usize> = pairs.values().copied().collect();
    let was_alone = (0..old.len()).filter(|at| !pairs.contains_key(at));
    let is_alone = (0..new.len()).filter(|to| !paired.contains(to));
    for at in was_alone {
        changes.push(ended(&old[at], &new, now, &publics));
    }
    for to in is_alone {
        changes.push(begun(&new[to], &old, then, &publics));
    }
    changes.sort_by(|a, b| {
        let key = |change: &Change| {
            let side = change.now.as_ref().or(change.was.as_ref());
            (
                change.kind,
                side.map(|side| (side.file.clone(), side.lines)),
            )
        };
        key(a).cmp(&key(b))
    });
    changes
}

fn marks<'d>(documents: &'d [Document], in_doubt: &[FilePath]) -> Vec<Mark<'d>> {
    documents
        .iter()
        .flat_map(|document| document.rows.iter().map(move |row| (document, row)))
        .flat_map(|(document, row)| {
            (0..row.columns.len()).map(move |column| Mark {
                document,
                row,
                column,
            })
        })
        .filter(|mark| !in_doubt.contains(mark.file()))
        .collect()
}

/// Finds for each old mark the new one that it has become.
fn pair(old: &[Mark<'_>], new: &[Mark<'_>]) -> BTreeMap<usize, usize> {
    let mut pairs = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for is_pair in [is_same, is_same_elsewhere_in_file, is_edited, is_moved] {
        for (at, mark) in old.iter().enumerate() {
            if pairs.contains_key(&at) {
                continue;
            }
            let to = (0..new.len()).find(|to| !taken.contains(to) && is_pair(mark, &new[*to]));
            if let Some(to) = to {
                pairs.insert(at, to);
                taken.insert(to);
            }
        }
    }
    pairs
}

fn has_same_form(old: &Mark<'_>, new: &Mark<'_>) -> bool {
    old.row.form == new.row.form && field_stem(old.row) == field_stem(new.row)
}

fn is_same(old: &Mark<'_>, new: &Mark<'_>) -> bool {
    old.is_beside(new) && has_same_form(old, new) && old.words() == new.words()
}

fn is_same_elsewhere_in_file(old: &Mark<'_>, new: &Mark<'_>) -> bool {
    old.is_beside(new) && old.words() == new.words()
}

/// Says whether one text has become another one, in the same field, in the same document, or by a few words.
fn is_edited(old: &Mark<'_>, new: &Mark<'_>) -> bool {
    old.is_beside(new)
        && has_same_form(old, new)
        && match old.row.form {
            Form::Document => true,
            Form::Field if old.row.field == new.row.field => true,
            Form::Field | Form::Block | Form::Inline => likeness(old.words(), new.words()) >= LIKE,
        }
}

/// Says whether a mark stands in another file now: one that was renamed or moved.
fn is_moved(old: &Mark<'_>, new: &Mark<'_>) -> bool {
    has_same_form(old, new) && old.words() == new.words()
}

/// Returns the name of a field without the number in a list.
fn field_stem(row: &Row) -> Option<&str> {
    row.field.as_deref()?.split('[').next()
}

fn likeness(one: &[WordHash], other: &[WordHash]) -> f32 {
    let steps = capture_diff_slices(Algorithm::Myers, one, other);
    diff_ratio(&steps, one.len(), other.len())
}

/// The public words of two states.
struct Publics<'d> {
    then: BTreeMap<&'d Role, &'d [Vec<WordHash>]>,
    now: BTreeMap<&'d Role, &'d [Vec<WordHash>]>,
}

fn words_by_role(documents: &[Document]) -> BTreeMap<&Role, &[Vec<WordHash>]> {
    documents
        .iter()
        .map(|document| (&document.role, document.public.as_slice()))
        .collect()
}

/// Counts how often a run of words stands in texts.
fn count(words: &[WordHash], texts: &[Vec<WordHash>]) -> usize {
    if words.is_empty() {
        return 0;
    }
    texts
        .iter()
        .map(|text| {
            text.windows(words.len())
                .filter(|run| *run == words)
                .count()
        })
        .sum()
}

impl Publics<'_> {
    /// Says where words stand in public text more often in one state than in the other: in this document, or elsewhere.
    fn more_often(&self, words: &[WordHash], role: &Role, is_now: bool) -> Option<Where> {
        let (more, less) = if is_now {
            (&self.now, &self.then)
        } else {
            (&self.then, &self.now)
        };
        let counted = |texts: &BTreeMap<&Role, &[Vec<WordHash>]>, role: &Role| {
            texts.get(role).map_or(0, |texts| count(words, texts))
        };
        if counted(more, role) > counted(less, role) {
            return Some(Where::Here);
        }
        if words.len() < TELLING {
            return None;
        }
        let total = |texts: &BTreeMap<&Role, &[Vec<WordHash>]>| -> usize {
            texts.values().map(|texts| count(words, texts)).sum()
        };
        (total(more) > total(less)).then_some(Where::Elsewhere)
    }
}

/// Where words were found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Here,
    Elsewhere,
}

/// Says what changed in something that is withheld in both states.
fn compare_pair(old: &Mark<'_>, new: &Mark<'_>, publics: &Publics<'_>, changes: &mut Vec<Change>) {
    let change = |kind: Kind, note: Option<String>| Change {
        kind,
        title: new.document.title.clone(),
        was: Some(old.side()),
        now: Some(new.side()),
        note,
    };
    let (was, is) = (old.row, new.row);
    let mut notes = Vec::new();
    if was.ground != is.ground {
        notes.push(format!("ground: {} → {}", was.ground, is.ground));
    }
    if was.until != is.until {
        notes.push(format!("until: {} → {}", was.until, is.until));
    }
    if was.form != is.form {
        notes.push("the mark has another form".to_owned());
    }
    if !notes.is_empty() {
        changes.push(change(Kind::Decision, Some(notes.join("; "))));
    }
    if old.words() == new.words() {
        return;
    }
    let (taken_out, put_in) = runs(old.words(), new.words());
    let found = |runs: &[Vec<WordHash>], role: &Role, is_now: bool| {
        runs.iter()
            .any(|run| publics.more_often(run, role, is_now).is_some())
    };
    let opened = found(&taken_out, &new.document.role, true);
    let closed = found(&put_in, &new.document.role, false);
    if opened {
        let note = "a part of it: words that were withheld stand in public text now";
        changes.push(change(Kind::BecamePublic, Some(note.to_owned())));
    }
    if closed {
        let note = format!("a part of it was public before. {STILL_IN_HISTORY}");
        changes.push(change(Kind::BecameWithheld, Some(note)));
    }
    if !opened && !closed {
        changes.push(change(Kind::Edited, None));
    }
}

/// Returns the runs of words that only one of two texts has.
fn runs(old: &[WordHash], new: &[WordHash]) -> (Vec<Vec<WordHash>>, Vec<Vec<WordHash>>) {
    let steps = capture_diff_slices(Algorithm::Myers, old, new);
    let collect = |tag: ChangeTag| {
        let mut found: Vec<Vec<WordHash>> = vec![Vec::new()];
        for change in steps.iter().flat_map(|step| step.iter_changes(old, new)) {
            if change.tag() == tag {
                if let Some(run) = found.last_mut() {
                    run.push(change.value());
                }
            } else if change.tag() == ChangeTag::Equal {
                found.push(Vec::new());
            }
        }
        found.retain(|run| run.len() >= RUN);
        found
    };
    (collect(ChangeTag::Delete), collect(ChangeTag::Insert))
}

/// What to remember of text that was public once.
const STILL_IN_HISTORY: &str =
    "It was public once: copies may exist, and the repository's history keeps it.";

/// Says what became of something that is no longer withheld by a mark of its own.
fn ended(old: &Mark<'_>, new: &[Mark<'_>], now: &[Document], publics: &Publics<'_>) -> Change {
    let role = &old.document.role;
    let document = now.iter().find(|document| document.role == *role);
    let title = document.map_or(&old.document.title, |document| &document.title);
    let change = |kind: Kind, now: Option<Side>, note: Option<&str>| Change {
        kind,
        title: title.clone(),
        was: Some(old.side()),
        now,
        note: note.map(str::to_owned),
    };
    let words = old.words();
    let inside = new.iter().find(|mark| {
        mark.is_beside(old) && mark.words().len() > words.len() && holds(mark.words(), words)
    });
    if let Some(mark) = inside {
        return change(
            Kind::Decision,
            Some(mark.side()),
            Some("it is part of a longer passage now"),
        );
    }
    let is_draft = document.is_some_and(|document| document.is_draft);
    let draft = "it stands in public text, but the document is still a draft";
    if old.row.form == Form::Document && document.is_some() {
        return change(
            Kind::BecamePublic,
            None,
            Some(if is_draft {
                draft
            } else {
                "the document is no longer withheld as a whole; what of it is still withheld is listed by itself"
            }),
        );
    }
    match publics.more_often(words, role, true) {
        Some(Where::Here) => change(
            Kind::BecamePublic,
            None,
            Some(if is_draft {
                draft
            } else {
                "it stands in the public text of its document"
            }),
        ),
        Some(Where::Elsewhere) => change(
            Kind::BecamePublic,
            None,
            Some("it stands in the public text of another document"),
        ),
        None => {
            let parts = parts_in(words, publics.now.get(role).copied().unwrap_or_default())
                > parts_in(words, publics.then.get(role).copied().unwrap_or_default());
            if parts {
                change(
                    Kind::BecamePublic,
                    None,
                    Some("a part of it: not all of its words stand in public text"),
                )
            } else {
                change(
                    Kind::Gone,
                    None,
                    Some("it was taken out with its mark, and did not become public"),
                )
            }
        }
    }
}

/// Says where something comes from that was not withheld by a mark of its own.
fn begun(new: &Mark<'_>, old: &[Mark<'_>], then: &[Document], publics: &Publics<'_>) -> Change {
    let role = &new.document.role;
    let document = then.iter().find(|document| document.role == *role);
    let change = |kind: Kind, was: Option<Side>, note: Option<String>| Change {
        kind,
        title: new.document.title.clone(),
        was,
        now: Some(new.side()),
        note,
    };
    let words = new.words();
    let outside = old.iter().find(|mark| {
        mark.is_beside(new) && mark.words().len() > words.len() && holds(mark.words(), words)
    });
    if let Some(mark) = outside {
        let note = "it was part of a longer passage before";
        return change(Kind::Decision, Some(mark.side()), Some(note.to_owned()));
    }
    let was_draft = document.is_some_and(|document| document.is_draft);
    let note = || {
        Some(if was_draft {
            "It stood in the public text of a draft.".to_owned()
        } else {
            STILL_IN_HISTORY.to_owned()
        })
    };
    if new.row.form == Form::Document
        && document
            .is_some_and(|document| document.rows.iter().all(|row| row.form != Form::Document))
    {
        return change(Kind::BecameWithheld, None, note());
    }
    match publics.more_often(words, role, false) {
        Some(_) => change(Kind::BecameWithheld, None, note()),
        None if parts_in(words, publics.then.get(role).copied().unwrap_or_default())
            > parts_in(words, publics.now.get(role).copied().unwrap_or_default()) =>
        {
            change(
                Kind::BecameWithheld,
                None,
                Some(format!("A part of it. {STILL_IN_HISTORY}")),
            )
        }
        None => change(Kind::NewlyWithheld, None, None),
    }
}

fn holds(words: &[WordHash], run: &[WordHash]) -> bool {
    !run.is_empty() && words.windows(run.len()).any(|own| own == run)
}

/// Counts how many runs of words of a text stand in other texts.
fn parts_in(words: &[WordHash], texts: &[Vec<WordHash>]) -> usize {
    const PART: usize = 5;
    let known: BTreeSet<&[WordHash]> = texts.iter().flat_map(|text| text.windows(PART)).collect();
    words
        .windows(PART)
        .filter(|run| known.contains(run))
        .count()
}
