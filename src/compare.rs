//! What changed between two versions of a text, word by word.

use serde::Serialize;
use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, capture_diff_slices};

/// A paragraph of the comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Paragraph {
    /// Whether something in it changed; unchanged paragraphs stand around for orientation.
    pub(crate) is_changed: bool,
    /// Whether unchanged paragraphs were left out before this one.
    pub(crate) is_gap: bool,
    pub(crate) pieces: Vec<Piece>,
}

/// A run of words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Piece {
    /// `same`, `added` or `removed`.
    pub(crate) kind: &'static str,
    pub(crate) text: String,
}

/// Compares two texts whose paragraphs are lines.
pub(crate) fn compare(old: &str, new: &str) -> Vec<Paragraph> {
    let lines = |text: &str| -> Vec<String> {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (old, new) = (lines(old), lines(new));
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        match op {
            DiffOp::Equal { new_index, len, .. } => paragraphs.extend(
                new[new_index..new_index + len]
                    .iter()
                    .map(|line| whole(line, "same")),
            ),
            DiffOp::Delete {
                old_index, old_len, ..
            } => paragraphs.extend(
                old[old_index..old_index + old_len]
                    .iter()
                    .map(|line| whole(line, "removed")),
            ),
            DiffOp::Insert {
                new_index, new_len, ..
            } => paragraphs.extend(
                new[new_index..new_index + new_len]
                    .iter()
                    .map(|line| whole(line, "added")),
            ),
            DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            } => {
                let (old, new) = (
                    &old[old_index..old_index + old_len],
                    &new[new_index..new_index + new_len],
                );
                let paired = old.len().min(new.len());
                paragraphs.extend(old.iter().zip(new).map(|(old, new)| words(old, new)));
                paragraphs.extend(old[paired..].iter().map(|line| whole(line, "removed")));
                paragraphs.extend(new[paired..].iter().map(|line| whole(line, "added")));
            }
        }
    }
    around_changes(paragraphs)
}

fn whole(line: &str, kind: &'static str) -> Paragraph {
    Paragraph {
        is_changed: kind != "same",
        is_gap: false,
        pieces: vec![Piece {
            kind,
            text: line.to_owned(),
        }],
    }
}

/// Compares two lines word by word; lines with little in common are shown one after the other.
fn words(old: &str, new: &str) -> Paragraph {
    let diff = TextDiff::from_unicode_words(old, new);
    if diff.ratio() < 0.3 {
        let piece = |kind, text: &str| Piece {
            kind,
            text: text.to_owned(),
        };
        return Paragraph {
            is_changed: true,
            is_gap: false,
            pieces: vec![piece("removed", old), piece("added", new)],
        };
    }
    let mut pieces: Vec<Piece> = Vec::new();
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => "same",
            ChangeTag::Insert => "added",
            ChangeTag::Delete => "removed",
        };
        match pieces.last_mut().filter(|piece| piece.kind == kind) {
            Some(piece) => piece.text.push_str(change.value()),
            None => pieces.push(Piece {
                kind,
                text: change.value().to_owned(),
            }),
        }
    }
    Paragraph {
        is_changed: true,
        is_gap: false,
        pieces,
    }
}

/// Keeps the changed paragraphs and one unchanged on either side.
fn around_changes(paragraphs: Vec<Paragraph>) -> Vec<Paragraph> {
    let changed: Vec<bool> = paragraphs
        .iter()
        .map(|paragraph| paragraph.is_changed)
        .collect();
    let near = |at: usize| {
        changed[at] || (at > 0 && changed[at - 1]) || changed.get(at + 1).copied().unwrap_or(false)
    };
    let mut kept: Vec<Paragraph> = Vec::new();
    let mut is_gap = false;
    for (at, mut paragraph) in paragraphs.into_iter().enumerate() {
        if near(at) {
            paragraph.is_gap = is_gap;
            is_gap = false;
            kept.push(paragraph);
        } else {
            is_gap = true;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, new: &str) -> String {
        let mut shown = String::new();
        for paragraph in compare(old, new) {
            if paragraph.is_gap {
                shown.push_str("…|");
            }
            for piece in paragraph.pieces {
                match piece.kind {
                    "added" => shown.extend(["[+", &piece.text, "]"]),
                    "removed" => shown.extend(["[-", &piece.text, "]"]),
                    _ => shown.push_str(&piece.text),
                }
            }
            shown.push('|');
        }
        shown
    }

    #[test]
    fn words_are_compared_within_lines() {
        assert_eq!(
            check(
                "Members decide by simple majority.",
                "Members decide by consensus."
            ),
            "Members decide by [-simple majority][+consensus].|"
        );
    }

    #[test]
    fn unchanged_lines_far_away_are_left_out() {
        assert_eq!(
            check("a\nb\nc\nd\nold line here", "a\nb\nc\nd\nold line there"),
            "…|d|old line [-here][+there]|"
        );
    }

    #[test]
    fn equal_texts_have_no_comparison() {
        assert!(compare("a\nb", "a\n\nb").is_empty());
    }
}
