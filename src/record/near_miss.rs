//! Near misses: lines that look like a marker and are none (contract A6).
//!
//! A marker that the scanner does not recognise would be published with all that it was meant to withhold. So every public
//! line is brought into a canonical form, in which look-alikes are equal, and compared with what people write by mistake.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Regex, RegexSet};
use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::UnicodeNormalization;

use crate::diag::Code;

/// Stands for a valid inline marker in the line that is judged.
pub(in crate::record) const STAND_IN: char = '\u{FFFC}';

/// Why a line is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::record) enum Miss {
    /// N1: it begins or ends with three colons.
    Fence,
    /// N2: it has the keyword where a marker would have it.
    Keyword,
    /// N3: it has the syntax of another program.
    Foreign,
    /// N4: it has a directive.
    Directive,
}

impl Miss {
    pub(in crate::record) fn code(self) -> Code {
        match self {
            Self::Fence | Self::Keyword => Code::NearMissMarker,
            Self::Foreign | Self::Directive => Code::ForeignSyntax,
        }
    }

    pub(in crate::record) fn message(self) -> &'static str {
        match self {
            Self::Fence => "this line begins or ends with `:::` and is not a marker (N1)",
            Self::Keyword => "this looks like a marker and is none (N2)",
            Self::Foreign => {
                "this is the syntax of another program, which would be published as it stands (N3)"
            }
            Self::Directive => {
                "this looks like a directive, which would be published as it stands (N4)"
            }
        }
    }

    pub(in crate::record) fn help(self) -> &'static str {
        match self {
            Self::Fence => {
                "write `::: confidential ground=\"…\" until=\"YYYY-MM-DD\"` or `:::` alone, at the start of the line, or take the colons out"
            }
            Self::Keyword => {
                "write the marker exactly as docs/authoring.md shows it, or use other words"
            }
            Self::Foreign | Self::Directive => {
                "take it out, or put a space between the colon or bracket and the word"
            }
        }
    }
}

/// Returns the canonical form of a line (contract A6).
pub(in crate::record) fn canonical(line: &str) -> Cow<'_, str> {
    if line.is_ascii() && !line.contains(['&', '\\']) {
        return if line.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(line.to_ascii_lowercase())
        } else {
            Cow::Borrowed(line)
        };
    }
    let mut folded = String::with_capacity(line.len());
    for c in decode_references(line).nfkc() {
        match c {
            '\u{2236}' | '\u{A789}' | '\u{2D0}' | '\u{2F8}' | '\u{589}' | '\u{5C3}' | '\u{703}'
            | '\u{704}' | '\u{16EC}' | '\u{1803}' | '\u{1809}' | '\u{205A}' | '\u{A4FD}'
            | '\u{903}' | '\u{A83}' | '\u{2982}' => folded.push(':'),
            '\u{2237}' => folded.push_str("::"),
            '\\'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{34F}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{3164}'
            | '\u{FFA0}' => {}
            c if get_general_category(c) == GeneralCategory::Format => {}
            c => folded.extend(c.to_lowercase()),
        }
    }
    Cow::Owned(folded)
}

/// Decodes `&#N;`, `&#xN;` and `&colon;`.
fn decode_references(line: &str) -> Cow<'_, str> {
    // The contract names `&colon;` alone; these others look the same to a reader.
    static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"&(?:#([0-9]{1,8})|#[xX]([0-9a-fA-F]{1,7})|(colon|ratio|Colon|Proportion|lbrack|lsqb|lbrace|lcub|equals|excl|num|percnt|bsol|grave));")
            .expect("a fixed pattern")
    });
    if !line.contains('&') {
        return Cow::Borrowed(line);
    }
    REFERENCE.replace_all(line, |found: &regex::Captures<'_>| {
        let number = found
            .get(1)
            .map(|digits| digits.as_str().parse::<u32>())
            .or_else(|| {
                found
                    .get(2)
                    .map(|digits| u32::from_str_radix(digits.as_str(), 16))
            });
        match number {
            Some(number) => number
                .ok()
                .and_then(char::from_u32)
                .unwrap_or('\u{FFFD}')
                .to_string(),
            None => match found.get(3).map_or("", |name| name.as_str()) {
                "Colon" | "Proportion" => "::",
                "lbrack" | "lsqb" => "[",
                "lbrace" | "lcub" => "{",
                "equals" => "=",
                "excl" => "!",
                "num" => "#",
                "percnt" => "%",
                "bsol" => "\\",
                "grave" => "`",
                _ => ":",
            }
            .to_owned(),
        }
    })
}

/// Says whether a canonical line begins or ends like a fence (N1).
pub(in crate::record) fn is_fence_like(canonical: &str) -> bool {
    canonical.contains(":::")
        && (canonical
            .trim_start_matches(|c: char| !c.is_alphabetic() && c != ':')
            .starts_with(":::")
            || canonical
                .trim_end_matches(|c: char| !c.is_alphanumeric() && c != ':')
                .ends_with(":::"))
}

/// Says whether a canonical line inside a passage looks like a marker (contract A3, nesting).
pub(in crate::record) fn is_nested_marker(canonical: &str) -> bool {
    is_fence_like(canonical) || canonical.contains(":confidential[")
}

static RULES: LazyLock<(RegexSet, Vec<Miss>)> = LazyLock::new(|| {
    let rules: &[(&str, Miss)] = &[
        (r"::+\s*confidential", Miss::Keyword),
        (r":confidential", Miss::Keyword),
        (r"confidential\s*::", Miss::Keyword),
        (r"confidential\s*\{", Miss::Keyword),
        (r"confidential\[(?:[^^]|$)", Miss::Keyword),
        (r"\{[\s.:]*confidential", Miss::Keyword),
        (r"\[[!/]\s*confidential", Miss::Keyword),
        (r"!confidential", Miss::Keyword),
        (r#"!!!\s*"?confidential"#, Miss::Keyword),
        (r"</?confidential", Miss::Keyword),
        (r"<!--\s*confidential", Miss::Keyword),
        (r"\b(?:ground|until)\s*=", Miss::Keyword),
        (r"^[^\p{L}`~]*(?:`{3,}|~{3,}).*confidential", Miss::Keyword),
        (
            r"\{(?:#|%|\{|/\*|>>|==|--|\+\+|~~|:|\.\p{L})",
            Miss::Foreign,
        ),
        (r"%%", Miss::Foreign),
        (r":\p{L}[\p{L}\p{N}_-]*(?:\{|\[(?:[^^]|$))", Miss::Directive),
    ];
    let set = RegexSet::new(rules.iter().map(|(pattern, _)| pattern)).expect("fixed patterns");
    (set, rules.iter().map(|(_, miss)| *miss).collect())
});

/// Judges a line outside passages, valid inline markers already replaced by [`STAND_IN`].
pub(in crate::record) fn judge(line: &str) -> Option<Miss> {
    // Every rule needs one of these characters in the canonical line, and in plain ASCII that is the line itself.
    if line.is_ascii()
        && !line.bytes().any(|byte| {
            matches!(
                byte,
                b':' | b'{' | b'%' | b'=' | b'!' | b'<' | b'[' | b'`' | b'~' | b'&'
            )
        })
    {
        return None;
    }
    let canonical = canonical(line);
    if is_fence_like(&canonical) {
        return Some(Miss::Fence);
    }
    let (set, misses) = &*RULES;
    set.matches(&canonical)
        .iter()
        .next()
        .map(|rule| misses[rule])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_line_that_only_it_refuses() {
        let lines = [
            (" ::: note", Miss::Fence),
            ("> :::", Miss::Fence),
            ("end of text :::", Miss::Fence),
            ("**:::**", Miss::Fence),
            ("text∷:", Miss::Fence),
            ("see :: confidential", Miss::Keyword),
            ("x:confidential", Miss::Keyword),
            ("confidential ::", Miss::Keyword),
            ("confidential {", Miss::Keyword),
            ("Confidential[secret]", Miss::Keyword),
            ("{ .confidential }", Miss::Keyword),
            ("[!confidential]", Miss::Keyword),
            ("[/ confidential]", Miss::Keyword),
            ("!confidential", Miss::Keyword),
            ("!!! \"confidential\"", Miss::Keyword),
            ("<confidential>", Miss::Keyword),
            ("<!-- confidential", Miss::Keyword),
            ("ground = x", Miss::Keyword),
            ("until=\"2027-01-01\"", Miss::Keyword),
            ("- ```confidential", Miss::Keyword),
            ("1. ~~~ confidential", Miss::Keyword),
            ("&#58;confidential", Miss::Keyword),
            ("&colon;confidential", Miss::Keyword),
            ("：confidential", Miss::Keyword),
            (":conf\u{AD}idential", Miss::Keyword),
            (":\\confidential", Miss::Keyword),
            ("# Title {#id}", Miss::Foreign),
            ("{% if %}", Miss::Foreign),
            ("{{ x }}", Miss::Foreign),
            ("{>>x<<}", Miss::Foreign),
            ("{--x--}", Miss::Foreign),
            ("{.left}", Miss::Foreign),
            ("%% note", Miss::Foreign),
            ("{/* x */}", Miss::Foreign),
            ("{==x==}", Miss::Foreign),
            ("{++x++}", Miss::Foreign),
            ("{~~x~>y~~}", Miss::Foreign),
            ("{:.note}", Miss::Foreign),
            ("1. ::: note", Miss::Fence),
            ("&#x3A;confidential", Miss::Keyword),
            (":CONFIDENTIAL", Miss::Keyword),
            ("Ｕｎｔｉｌ=x", Miss::Keyword),
            ("~~~ Confidential", Miss::Keyword),
            ("%%", Miss::Foreign),
            (":secret[x]", Miss::Directive),
            (":αβ-1{x}", Miss::Directive),
        ];
        for (line, miss) in lines {
            assert_eq!(judge(line), Some(miss), "{line}");
        }
    }

    #[test]
    fn look_alikes_of_a_colon_are_colons() {
        let colons = "\u{2236}\u{A789}\u{2D0}\u{2F8}\u{589}\u{5C3}\u{703}\u{704}\u{16EC}\u{1803}\u{1809}\u{205A}\u{A4FD}\u{903}\u{A83}\u{2982}\u{FF1A}\u{FE55}\u{FE13}";
        for c in colons.chars() {
            assert_eq!(canonical(&format!("a{c}b")), "a:b", "{c:?}");
        }
        assert_eq!(canonical("a\u{2237}b"), "a::b");
    }

    #[test]
    fn what_nobody_sees_is_taken_out() {
        let unseen = "\\\u{AD}\u{200B}\u{200D}\u{2060}\u{E0041}\u{FE00}\u{FE0F}\u{34F}\u{115F}\u{1160}\u{3164}\u{FFA0}";
        for c in unseen.chars() {
            assert_eq!(canonical(&format!("A{c}É")), "aé", "{c:?}");
        }
    }

    #[test]
    fn ordinary_prose_passes() {
        for line in [
            "The confidential part of the meeting was short.",
            "# Confidential matters",
            "confidential[^1] and more",
            "[confidential](x.md)",
            "| :--- | :---: | ---: |",
            "Time: 10:30, see https://example.org:8080/a?b=c",
            "a: b :: c",
            "The ground is firm until noon.",
            "{ x }",
        ] {
            assert_eq!(judge(line), None, "{line}");
        }
    }
}
