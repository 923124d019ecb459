//! What can be said about a source file: findings, their codes, and the diagnostics that people and machines read.
//!
//! A [`Finding`] is made where something is noticed and knows bytes; a [`Diagnostic`] is what leaves the
//! program and knows lines, columns and words. Between the two stands a decision that only the closed room can take:
//! whether values and source lines of a file may be quoted. This file must never read a file and never print.

use std::fmt;
use std::sync::Arc;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The site is not built.
    Error,
    /// The site is built all the same.
    Warning,
}

impl Severity {
    /// Returns the word used in messages and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $severity:ident, $part:ident;)*) => {
        /// The kinds of findings, named by words that keep their meaning for ever.
        ///
        /// Each has a broken site in `tests/sites/broken/` and a paragraph in `docs/diagnostics.md`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All codes, in the order of the contract.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// Returns the code as it stands in messages: lower-case words with hyphens.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// Returns how bad findings of this code are.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)* }
            }

            /// Says whether this is an error of the confidentiality contract's part A.
            ///
            /// Nothing that stands in a file with such an error is quoted: what looks public there may be meant as withheld.
            #[must_use]
            pub fn casts_doubt(self) -> bool {
                match self { $(Code::$name => codes!(@part $part),)* }
            }
        }
    };
    (@part syntax) => { true };
    (@part plain) => { false };
}

codes! {
    /// The file is not UTF-8.
    NotUtf8 = "not-utf8", Error, syntax;
    /// A character that can hide text or change its direction.
    ForbiddenCharacter = "forbidden-character", Error, syntax;
    /// The file does not begin with a line `+++`.
    FrontMatterMissing = "front-matter-missing", Error, syntax;
    /// The front matter has no second line `+++`.
    FrontMatterUnclosed = "front-matter-unclosed", Error, syntax;
    /// The front matter is not valid TOML.
    FrontMatterInvalid = "front-matter-invalid", Error, syntax;
    /// A field that does not exist here.
    UnknownField = "unknown-field", Error, syntax;
    /// A withheld passage without its closing line.
    UnclosedPassage = "unclosed-passage", Error, syntax;
    /// A closing line without a withheld passage.
    StrayCloser = "stray-closer", Error, syntax;
    /// A marker inside a withheld passage.
    NestedPassage = "nested-passage", Error, syntax;
    /// A marker that withholds nothing.
    EmptyPassage = "empty-passage", Error, syntax;
    /// A marker that is not written exactly as the contract says.
    MalformedMarker = "malformed-marker", Error, syntax;
    /// A line that looks like a marker and is none.
    NearMissMarker = "near-miss-marker", Error, syntax;
    /// Syntax of another program, which would be shown as it is.
    ForeignSyntax = "foreign-syntax", Error, syntax;
    /// A marker without its ground.
    MissingGround = "missing-ground", Error, syntax;
    /// A ground that the site does not know.
    UnknownGround = "unknown-ground", Error, syntax;
    /// A marker without its date.
    MissingUntil = "missing-until", Error, syntax;
    /// A date that does not exist or is not written as `YYYY-MM-DD`.
    InvalidUntil = "invalid-until", Error, syntax;
    /// A date before the document's own.
    UntilBeforeDate = "until-before-date", Error, syntax;
    /// A marker where the parser sees code, a link or another structure.
    MarkerInStructure = "marker-in-structure", Error, syntax;
    /// The public text reads differently with and without what is withheld.
    ParseDisagreement = "parse-disagreement", Error, syntax;
    /// HTML in Markdown.
    RawHtml = "raw-html", Error, syntax;
    /// A link or footnote definition that the public text does not use.
    UnusedDefinition = "unused-definition", Error, syntax;
    /// Text that Markdown would drop without a trace.
    HiddenText = "hidden-text", Error, syntax;
    /// A link to a place that is not on its page.
    MissingAnchor = "missing-anchor", Error, syntax;
    /// Twelve words in a row stand both in a withheld passage and in the public text.
    WithheldTextRepeated = "withheld-text-repeated", Error, syntax;
    /// A translation withholds something else than its original.
    TranslationDisagrees = "translation-disagrees", Error, syntax;
    /// A date that has been reached: the decision is due for review.
    ReviewDue = "review-due", Warning, plain;
    /// A file name that says more than date and kind, where the title is withheld.
    TellingFileName = "telling-file-name", Warning, plain;
    /// A field that can never be withheld.
    CannotWithhold = "cannot-withhold", Error, syntax;
    /// A TOML file that is not valid TOML.
    InvalidToml = "invalid-toml", Error, syntax;
    /// A required field that is not there.
    MissingField = "missing-field", Error, plain;
    /// A value of another type than the field's.
    WrongType = "wrong-type", Error, syntax;
    /// A value that the field does not allow.
    InvalidValue = "invalid-value", Error, plain;
    /// A file or folder name that cannot be an address.
    InvalidSlug = "invalid-slug", Error, plain;
    /// Two files for the same slug.
    DuplicateSlug = "duplicate-slug", Error, plain;
    /// Two pages at the same address.
    DuplicateAddress = "duplicate-address", Error, plain;
    /// Two things with the same number, reference or id.
    DuplicateName = "duplicate-name", Error, plain;
    /// A kind of meeting that the site does not know.
    UnknownKind = "unknown-kind", Error, plain;
    /// A member without a record.
    UnknownMember = "unknown-member", Error, plain;
    /// A topic that the site does not know.
    UnknownTopic = "unknown-topic", Error, plain;
    /// A measure, commitment or appendix that is not in the code of practice.
    UnknownMeasure = "unknown-measure", Error, plain;
    /// A chapter that is not in the code of practice.
    UnknownChapter = "unknown-chapter", Error, plain;
    /// A document that does not exist.
    UnknownDocument = "unknown-document", Error, plain;
    /// A language that the site does not have.
    UnknownLanguage = "unknown-language", Error, plain;
    /// A country code that does not exist.
    UnknownCountry = "unknown-country", Error, plain;
    /// A file that is named and is not there.
    MissingFile = "missing-file", Error, plain;
    /// A file in `content/` that is no part of a site.
    UnexpectedFile = "unexpected-file", Warning, plain;
    /// A Markdown or TOML file in `content/` that nothing would publish.
    MisplacedFile = "misplaced-file", Error, plain;
    /// A symbolic link in `content/`.
    SymbolicLink = "symbolic-link", Error, plain;
    /// A link that leads nowhere.
    BrokenLink = "broken-link", Error, plain;
    /// A link to a draft.
    LinkToDraft = "link-to-draft", Error, plain;
    /// A link with a scheme that is not allowed.
    UnsafeLink = "unsafe-link", Error, plain;
    /// A translation without its original.
    OrphanTranslation = "orphan-translation", Error, plain;
    /// A field in which a translation differs from its original.
    TranslationField = "translation-field", Error, plain;
    /// A bundled file of a kind that nothing can look into.
    UnknownFileType = "unknown-file-type", Error, plain;
    /// A bundled file that is damaged, locked, or of another kind than its ending says.
    UnreadableFile = "unreadable-file", Error, plain;
    /// A bundled file that says who made it, or more about itself than readers see.
    FileWithMetadata = "file-with-metadata", Error, plain;
    /// A bundled file with comments, notes or marks of its readers.
    FileWithComments = "file-with-comments", Error, plain;
    /// A bundled file that still holds what it was before.
    FileWithRevisions = "file-with-revisions", Error, plain;
    /// A bundled file with text that is there and cannot be seen.
    FileWithHiddenText = "file-with-hidden-text", Error, plain;
    /// A bundled file with other files in it.
    FileWithEmbeddedFiles = "file-with-embedded-files", Error, plain;
    /// A bundled file with scripts, fields or references to other places.
    FileWithActiveContent = "file-with-active-content", Error, plain;
    /// A theme that is not there.
    UnknownTheme = "unknown-theme", Error, plain;
    /// A template that cannot be read or rendered.
    TemplateError = "template-error", Error, plain;
    /// Withheld text in a file of the output.
    WithheldTextFound = "withheld-text-found", Error, plain;
    /// An output that would be another one if other text were withheld.
    WithheldTextMatters = "withheld-text-matters", Error, plain;
    /// A file of the output that cannot be looked through.
    UnsearchableFile = "unsearchable-file", Error, plain;
    /// An output that is not what the content builds to.
    OutputDiffers = "output-differs", Warning, plain;
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A run of bytes in a source file, from its first byte up to, not including, its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

impl Span {
    /// Returns the span between two byte offsets.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }

    /// Returns the span of a range, moved by `base` bytes.
    #[must_use]
    pub fn shifted(range: &std::ops::Range<usize>, base: usize) -> Self {
        Self::new(range.start + base, range.end + base)
    }
}

/// The path of a source file below the site's root, with `/` between its parts.
pub type FilePath = Arc<str>;

/// A sentence in which what comes from a source file is set apart, so that it can be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Words(String),
    Value(String),
}

impl Message {
    /// Begins a sentence with words of our own.
    #[must_use]
    pub fn new(words: impl Into<String>) -> Self {
        Self(vec![Piece::Words(words.into())])
    }

    /// Adds a value of the source file; it is shown in backticks, or left out.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.0.push(Piece::Value(value.into()));
        self
    }

    /// Adds words of our own.
    #[must_use]
    pub fn words(mut self, words: impl Into<String>) -> Self {
        self.0.push(Piece::Words(words.into()));
        self
    }

    /// Returns the sentence; without `values` an ellipsis stands in each value's place.
    #[must_use]
    pub fn to_text(&self, values: bool) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            if !text.is_empty()
                && !matches!(piece, Piece::Words(words) if words.starts_with([',', ';', ':', '.', '?']))
            {
                text.push(' ');
            }
            match piece {
                Piece::Words(words) => text.push_str(words),
                Piece::Value(value) if values => {
                    text.push('`');
                    text.push_str(&shorten(value));
                    text.push('`');
                }
                Piece::Value(_) => text.push('…'),
            }
        }
        text
    }
}

/// Returns the value on one line and at most 80 characters long.
fn shorten(value: &str) -> String {
    let mut short: String = value
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(80)
        .collect();
    if value.chars().nth(80).is_some() {
        short.push('…');
    }
    short
}

impl From<&str> for Message {
    fn from(words: &str) -> Self {
        Self::new(words)
    }
}

impl From<String> for Message {
    fn from(words: String) -> Self {
        Self::new(words)
    }
}

/// Something noticed in a source file, before it is decided what of it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of finding it is.
    pub code: Code,
    /// Where it was noticed.
    pub file: FilePath,
    /// Which bytes it is about, if it is about some.
    pub span: Option<Span>,
    /// What is wrong.
    pub message: Message,
    /// What to do next.
    pub help: Option<Message>,
    /// Whether the source line may be quoted, all else permitting.
    pub quotable: bool,
    /// Whether what looks public in this file may be meant as withheld, though the code alone does not say so.
    pub is_doubtful: bool,
}

impl Finding {
    /// Returns a finding about a whole file.
    pub fn new(code: Code, file: &FilePath, message: impl Into<Message>) -> Self {
        Self {
            code,
            file: Arc::clone(file),
            span: None,
            message: message.into(),
            help: None,
            quotable: true,
            is_doubtful: false,
        }
    }

    /// Adds the place in the file.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Adds what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<Message>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds "did you mean", where a near match exists; else the given help.
    #[must_use]
    pub fn suggest<'a>(
        self,
        wanted: &str,
        known: impl IntoIterator<Item = &'a str>,
        otherwise: impl Into<Message>,
    ) -> Self {
        match nearest(wanted, known) {
            Some(near) => self.help(Message::new("did you mean").value(near).words("?")),
            None => self.help(otherwise),
        }
    }

    /// Says that what looks public in this file may be meant as withheld.
    #[must_use]
    pub fn doubtful(mut self) -> Self {
        self.is_doubtful = true;
        self
    }

    /// Says whether nothing of the file may be quoted because of this finding.
    #[must_use]
    pub fn casts_doubt(&self) -> bool {
        self.is_doubtful || self.code.casts_doubt()
    }

    /// Forbids to quote the source line.
    #[must_use]
    pub fn unquoted(mut self) -> Self {
        self.quotable = false;
        self
    }

    /// Turns the finding into what leaves the program.
    ///
    /// `text` is the file as read, `masked` the bytes that must not be shown, in ascending order, and
    /// `trusted` says whether values and lines of this file may be quoted at all.
    #[must_use]
    pub fn disclose(&self, text: &str, masked: &[Span], trusted: bool) -> Diagnostic {
        let place = self.span.map(|span| Place::masked(text, span, masked));
        let excerpt = match (self.span, trusted && self.quotable) {
            (Some(span), true) => Excerpt::of(text, span, masked),
            _ => None,
        };
        Diagnostic {
            severity: self.code.severity(),
            code: self.code,
            file: Arc::clone(&self.file),
            place,
            message: self.message.to_text(trusted),
            help: self.help.as_ref().map(|help| help.to_text(trusted)),
            excerpt,
        }
    }
}

/// Returns the known name that is nearest to the wanted one, if one is near enough to be meant.
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = wanted.to_lowercase();
    let allowed = (wanted.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .map(|name| {
            let lower = name.to_lowercase();
            let mut distance = strsim::damerau_levenshtein(&folded, &lower);
            // A name written out too long or too short is meant as often as a mistyped one.
            if lower.len() >= 4
                && folded.len() >= 4
                && (lower.starts_with(&folded) || folded.starts_with(&lower))
            {
                distance = distance.min(1);
            }
            (distance, name)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name)
}

/// A line and a column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// Returns where a span begins, withheld text before it on its line counted as one constant length.
    ///
    /// A column that grew with a withheld passage would tell how long it is.
    #[must_use]
    pub fn masked(text: &str, span: Span, masked: &[Span]) -> Self {
        let place = Self::of(text, span);
        match Excerpt::of(text, span, masked) {
            Some(excerpt) => {
                let before = excerpt.line.get(..excerpt.start).unwrap_or_default();
                Self {
                    column: before.chars().count() + 1,
                    ..place
                }
            }
            None => place,
        }
    }

    /// Returns where a span begins. A byte order mark at the start of the file counts for nothing.
    #[must_use]
    pub fn of(text: &str, span: Span) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before
            .get(line_start..)
            .unwrap_or_default()
            .trim_start_matches('\u{FEFF}')
            .chars()
            .count()
            + 1;
        Self {
            line: before.matches('\n').count() + 1,
            column,
        }
    }
}

/// One source line to show, withheld text masked, and the run of characters in it to point at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, without its end.
    pub line: String,
    /// Byte offset in `line` where the marked run begins.
    pub start: usize,
    /// Byte offset in `line` behind the marked run.
    pub end: usize,
}

/// Stands for withheld text in a quoted line; its length says nothing.
const MASK: &str = "█████";

impl Excerpt {
    fn of(text: &str, span: Span, masked: &[Span]) -> Option<Self> {
        // A line goes on behind a withheld value that has ends of lines in it: whether it has any is withheld as well.
        let breaks = |at: &usize| !masked.iter().any(|mask| is_within(text, *mask, *at));
        let mut before = text.get(..span.start)?.rmatch_indices('\n');
        let line_start = before
            .find(|(at, _)| breaks(at))
            .map_or(0, |(at, _)| at + 1);
        let mut behind = text.get(span.start..)?.match_indices('\n');
        let line_end = behind
            .find(|(at, _)| breaks(&(span.start + at)))
            .map_or(text.len(), |(at, _)| span.start + at);
        let mut line = String::new();
        let (mut start, mut end) = (None, None);
        let mut at = line_start;
        for (offset, c) in text.get(line_start..line_end)?.char_indices() {
            let here = line_start + offset;
            if here >= span.start && start.is_none() {
                start = Some(line.len());
            }
            if here >= span.end && end.is_none() {
                end = Some(line.len());
            }
            if here < at || c == '\u{FEFF}' || c == '\r' {
                continue;
            }
            if let Some(mask) = masked
                .iter()
                .find(|mask| mask.start <= here && here < mask.end)
            {
                // What reaches beyond the line is a comment or ends it anyway.
                if mask.end < line_end {
                    line.push_str(MASK);
                }
                at = mask.end;
            } else {
                line.push(if c == '\t' { ' ' } else { c });
            }
        }
        let end = end.unwrap_or(line.len());
        let start = start.unwrap_or(line.len()).min(end);
        Some(Self { line, start, end })
    }
}

/// Says whether the end of a line lies in a withheld value. A passage of whole lines keeps its neighbours apart.
fn is_within(text: &str, mask: Span, at: usize) -> bool {
    let before = text.get(..mask.start).unwrap_or_default();
    let behind = text.get(mask.end..).unwrap_or_default();
    let begins = before.is_empty() || before.ends_with('\n');
    let ends = text.get(..mask.end).unwrap_or_default().ends_with('\n')
        || behind.trim_start_matches('\r').starts_with('\n')
        || behind.is_empty();
    mask.start <= at && at < mask.end && !(begins && ends)
}

/// A finding as it leaves the program: places and words only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What kind it is.
    pub code: Code,
    /// The file, below the site's root.
    pub file: FilePath,
    /// Line and column, where there are any.
    pub place: Option<Place>,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
    /// The source line, where it may be shown.
    pub excerpt: Option<Excerpt>,
}

/// A value together with everything that was noticed on the way to it.
#[derive(Clone, Debug)]
pub struct Warned<T> {
    /// The value.
    pub value: T,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(
        text: &str,
        span: (usize, usize),
        masked: &[(usize, usize)],
    ) -> (String, usize, usize) {
        let masked: Vec<Span> = masked
            .iter()
            .map(|&(start, end)| Span::new(start, end))
            .collect();
        let excerpt = Excerpt::of(text, Span::new(span.0, span.1), &masked).unwrap();
        (excerpt.line, excerpt.start, excerpt.end)
    }

    #[test]
    fn a_masked_run_has_one_length() {
        let short = excerpt("one x two", (6, 9), &[(4, 5)]);
        let long = excerpt("one xxxxxxxxx two", (14, 17), &[(4, 13)]);
        assert_eq!(short, long);
        assert_eq!(short.0, format!("one {MASK} two"));
    }

    #[test]
    fn a_masked_run_of_several_lines_has_the_same_length() {
        let short = excerpt("a\none x two\nb", (8, 11), &[(6, 7)]);
        let long = excerpt("a\none x\nx\nx two\nb", (12, 15), &[(6, 11)]);
        assert_eq!(short, long);
        let before = excerpt("a\none x\nx two\nb", (2, 5), &[(6, 9)]);
        assert_eq!(before.0, short.0);
        // Whole lines are withheld: what stands around them are lines of their own.
        let closer = excerpt(":::\nx\ny\n:::\nb", (8, 11), &[(4, 8)]);
        assert_eq!(closer.0, ":::");
    }

    #[test]
    fn columns_count_characters_and_skip_the_byte_order_mark() {
        let text = "\u{FEFF}+++\nρυθμός x\n";
        let at = text.find('x').unwrap();
        assert_eq!(
            Place::of(text, Span::new(at, at + 1)),
            Place { line: 2, column: 8 }
        );
        assert_eq!(
            Place::of(text, Span::new(3, 6)),
            Place { line: 1, column: 1 }
        );
    }

    #[test]
    fn values_can_be_left_out() {
        let message = Message::new("no member")
            .value("acme-ai")
            .words(", or no record");
        assert_eq!(message.to_text(true), "no member `acme-ai`, or no record");
        assert_eq!(message.to_text(false), "no member …, or no record");
    }

    #[test]
    fn near_names_are_found() {
        let known = ["participants", "place", "published"];
        assert_eq!(nearest("particpants", known), Some("participants"));
        assert_eq!(nearest("zzz", known), None);
    }
}
