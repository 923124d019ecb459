//! Originals and their translations: what a translation takes over, and that it withholds what its original withholds (contract A10).

use jiff::civil::Date;

use crate::diag::{Code, Finding, Message, Span};
use crate::fields::{LocalText, Reader, Table};
use crate::record::held::{Disclosed, DisclosedList, Hand, Redaction};

/// The front matter of one kind of Markdown file.
pub(in crate::record) trait Fields: Clone + Default + PartialEq {
    /// What the file is, for messages.
    const WHAT: &'static str;

    /// Reads all fields; what is wrong is noted.
    fn read(hand: &mut Hand<'_>, table: &mut Table<'_, '_>) -> Self;

    /// Notes the fields that are required and missing; `given` says which keys the file has.
    fn check_required(
        &self,
        reader: &mut Reader<'_>,
        table: &Table<'_, '_>,
        given: &dyn Fn(&str) -> bool,
    );

    /// Returns the document's own date, before which nothing may be withheld.
    fn date(&self) -> Option<Date> {
        None
    }

    /// Returns the title, if this kind of file has one.
    fn title(&self) -> Option<&Disclosed<LocalText>>;

    /// Says whether the file is left out of a build without `--drafts`.
    fn is_draft(&self) -> bool;

    /// Takes over what a translation does not say; returns the fields that say something else than the original.
    fn complete(&mut self, original: &Self) -> Vec<&'static str>;

    /// Returns what stays public where the whole document is withheld.
    fn withhold_all(&self) -> Self;
}

/// Takes over a text that the translation does not give.
pub(in crate::record) fn inherit_text(
    own: &mut Option<Disclosed<LocalText>>,
    original: Option<&Disclosed<LocalText>>,
) {
    match (own.as_mut(), original) {
        (None, Some(original)) => *own = Some(original.clone()),
        (Some(Disclosed::Public(text)), Some(Disclosed::Public(original))) => {
            *text = text.clone().or(original);
        }
        _ => {}
    }
}

/// Takes over a value that the translation does not give; it may give another one.
pub(in crate::record) fn inherit<T: Clone>(own: &mut Option<T>, original: Option<&T>) {
    if own.is_none() {
        *own = original.cloned();
    }
}

/// Takes over a list that the translation does not give; one that it gives has as many items as the original's.
pub(in crate::record) fn inherit_list<T: Clone>(
    own: &mut Option<DisclosedList<T>>,
    original: Option<&DisclosedList<T>>,
    name: &'static str,
    differing: &mut Vec<&'static str>,
) {
    let items = |list: Option<&DisclosedList<T>>| list.and_then(Disclosed::public).map(Vec::len);
    if own.is_none() {
        *own = original.cloned();
    } else if items(own.as_ref()) != items(original) {
        differing.push(name);
    }
}

/// Takes over a value that the translation does not give; one that it gives must be the original's.
pub(in crate::record) fn same<T: Clone + PartialEq>(
    own: &mut Option<T>,
    original: Option<&T>,
    name: &'static str,
    differing: &mut Vec<&'static str>,
) {
    if own.as_ref().is_some_and(|own| Some(own) != original) {
        differing.push(name);
    }
    *own = original.cloned();
}

/// A mark as translations are compared by: in which field or form, on which ground, until when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::record) struct MarkKey {
    /// The field with its number in a list; empty for marks in the body.
    pub(in crate::record) field: String,
    /// Ground and date, if the mark is sound.
    pub(in crate::record) redaction: Option<Redaction>,
    /// Where it stands, for the message.
    pub(in crate::record) span: Span,
}

/// Compares the marks of a translation with those of its original.
pub(in crate::record) fn compare(
    original: (&crate::diag::FilePath, &[MarkKey]),
    translation: (&crate::diag::FilePath, &[MarkKey]),
) -> Option<Finding> {
    let key = |mark: &MarkKey| (mark.field.clone(), mark.redaction.clone());
    let (own, theirs) = (translation.1, original.1);
    let first = (0..own.len().max(theirs.len()))
        .find(|&at| own.get(at).map(key) != theirs.get(at).map(key))?;
    let describe = |mark: &MarkKey| {
        let what = if mark.field.is_empty() {
            "a passage".to_owned()
        } else {
            format!("the field `{}`", mark.field)
        };
        match &mark.redaction {
            Some(redaction) => {
                format!("{what} as `{}` until {}", redaction.ground, redaction.until)
            }
            None => what,
        }
    };
    let message = match (theirs.get(first), own.get(first)) {
        (Some(theirs), Some(own)) => format!(
            "mark {} differs: the original withholds {}, this translation {}",
            first + 1,
            describe(theirs),
            describe(own)
        ),
        (Some(theirs), None) => format!(
            "mark {} is missing: the original withholds {}",
            first + 1,
            describe(theirs)
        ),
        (None, Some(own)) => format!(
            "mark {} is one too many: this translation withholds {}",
            first + 1,
            describe(own)
        ),
        (None, None) => return None,
    };
    let finding = Finding::new(Code::TranslationDisagrees, translation.0, Message::new(message).words(format!("(original: {}, A10)", original.0)))
        .help("withhold in both languages the same passages, in the same order, on the same grounds and until the same days");
    Some(match own.get(first) {
        Some(mark) => finding.at(Span::new(mark.span.start, mark.span.start + 1)),
        None => finding,
    })
}
