//! Words that stand twice: a withheld passage must not be told in the public text of its document as well (contract A7).

use std::collections::HashMap;

use pulldown_cmark::{Event, Parser, TagEnd};
use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::UnicodeNormalization;

use crate::diag::{Code, FilePath, Finding, Span};
use crate::record::cut::{Cut, MARK_END, MARK_START};
use crate::record::veto::dialect;

/// The number of words in a row that may not stand both in a withheld passage and in the public text.
const REPEATED_WORDS: usize = 12;

/// A word as it is compared: the hash of its form in NFKC and lower case (FNV-1a). Nothing of it leaves the room.
pub(in crate::record) type WordHash = u64;

const NO_LETTERS: WordHash = 0xCBF2_9CE4_8422_2325;

fn add(word: &mut WordHash, bytes: &[u8]) {
    for byte in bytes {
        *word = (*word ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
}

/// Returns the words of a text as the contract counts them: NFKC, lower case, runs of letters and digits.
pub(in crate::record) fn words(text: &str) -> Vec<WordHash> {
    let mut words = Vec::new();
    let mut word = NO_LETTERS;
    if text.is_ascii() {
        for byte in text.bytes().chain([b' ']) {
            if byte.is_ascii_alphanumeric() {
                add(&mut word, &[byte.to_ascii_lowercase()]);
            } else if word != NO_LETTERS {
                words.push(std::mem::replace(&mut word, NO_LETTERS));
            }
        }
        return words;
    }
    let mut buffer = [0; 4];
    for c in text.nfkc().flat_map(char::to_lowercase).chain([' ']) {
        if c.is_alphanumeric() {
            add(&mut word, c.encode_utf8(&mut buffer).as_bytes());
        } else if word != NO_LETTERS && get_general_category(c) != GeneralCategory::Format {
            // A soft hyphen or a joiner inside a word is no end of it.
            words.push(std::mem::replace(&mut word, NO_LETTERS));
        }
    }
    words
}

/// Returns the texts of a body as its readers see them, for [`repeats`]: the source of the public text, and its running text.
pub(in crate::record) fn public_words(public: &Cut) -> Vec<Vec<WordHash>> {
    let running = running_text(&public.text);
    [public.text.as_str(), &running]
        .into_iter()
        .flat_map(between_placeholders)
        .map(words)
        .collect()
}

/// Returns what a reader would see of Markdown: no link destinations, no marks of emphasis, references decoded.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other events of the parser carry nothing of this"
)]
pub(in crate::record) fn running_text(markdown: &str) -> String {
    Parser::new_ext(markdown, dialect())
        .map(|event| match event {
            Event::Text(text) | Event::Code(text) => text.to_string(),
            Event::SoftBreak
            | Event::HardBreak
            | Event::End(
                TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell | TagEnd::Heading(_),
            ) => " ".into(),
            _ => String::new(),
        })
        .collect()
}

/// Returns the runs of text between placeholders: no run of words reaches across a notice.
pub(in crate::record) fn between_placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split(MARK_START).enumerate().map(|(at, part)| {
        if at == 0 {
            part
        } else {
            part.split_once(MARK_END).map_or("", |(_, after)| after)
        }
    })
}

/// The words of the public texts of a document, in which runs of twelve are looked for.
pub(in crate::record) struct PublicRuns<'t>(&'t [Vec<WordHash>]);

impl<'t> PublicRuns<'t> {
    /// Returns the runs of some texts, each given as its words.
    pub(in crate::record) fn of(texts: &'t [Vec<WordHash>]) -> Self {
        Self(texts)
    }

    /// Says whether twelve words in a row of a withheld passage stand in the public texts too, as it was written or as a
    /// reader would have seen it.
    pub(in crate::record) fn repeat(&self, withheld: &str) -> bool {
        let withheld = [words(withheld), words(&running_text(withheld))];
        // There is far more public text than withheld text: it is passed through once, and most words begin no run.
        let mut runs: HashMap<WordHash, Vec<&[WordHash]>> = HashMap::new();
        for run in withheld
            .iter()
            .flat_map(|words| words.windows(REPEATED_WORDS))
        {
            runs.entry(run[0]).or_default().push(run);
        }
        self.0
            .iter()
            .flat_map(|words| words.windows(REPEATED_WORDS))
            .any(|public| {
                let known = runs.get(&public[0]);
                known.is_some_and(|known| known.contains(&public))
            })
    }
}

/// Says whether a withheld passage has enough words to be looked for in the public text.
pub(in crate::record) fn is_long(withheld: &str) -> bool {
    withheld.len() >= 2 * REPEATED_WORDS - 1 && words(withheld).len() >= REPEATED_WORDS
}

/// Returns the finding on a withheld passage whose words stand in the public text as well.
pub(in crate::record) fn repeated(file: &FilePath, span: Span) -> Finding {
    Finding::new(
        Code::WithheldTextRepeated,
        file,
        "twelve words in a row of this passage also stand in the public text (A7)",
    )
    .at(Span::new(span.start, span.start + 1))
    .help("withhold them there too, or write the public text in other words")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeats(withheld: &str, public: &str) -> bool {
        is_long(withheld) && PublicRuns::of(&[words(public)]).repeat(withheld)
    }

    #[test]
    fn twelve_words_in_a_row_are_too_many_and_eleven_are_not() {
        let twelve = "one two three four five six seven eight nine ten eleven twelve";
        let eleven = "two three four five six seven eight nine ten eleven twelve";
        assert!(repeats(twelve, &format!("So {twelve} more")));
        assert!(!repeats(twelve, &format!("So {eleven} more")));
        assert!(!repeats(&format!("zero {eleven}"), eleven));
    }

    #[test]
    fn words_of_one_letter_are_words() {
        let figures = "1 2 3 4 5 6 7 8 9 1 2 3";
        assert!(repeats(figures, figures));
    }

    #[test]
    fn words_are_compared_in_one_form() {
        assert_eq!(words("The ACME-Offer"), words("the acme offer"));
        assert_ne!(words("The ACME-Offer"), words("the acmeoffer"));
        assert_eq!(
            words("Ｔｈｅ ﬁne E\u{301}TE\u{301} ac\u{AD}me"),
            words("the fine \u{E9}t\u{E9} acme")
        );
    }

    #[test]
    fn what_markdown_adds_is_no_word() {
        let withheld = "one **two** [three](four.md) five six seven eight nine ten eleven twelve thirteen &amp; fourteen";
        let public = "one two three five six seven eight nine ten eleven twelve thirteen fourteen";
        assert!(repeats(withheld, public));
    }
}
