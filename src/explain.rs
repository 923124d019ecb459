//! What the documentation says of a code, for `clerestory explain`.

/// The page of the documentation; it is part of the program.
const PAGE: &str = include_str!("../docs/diagnostics.md");

/// Returns the section on a code, in Markdown, without its heading.
#[must_use]
pub fn paragraph(code: &str) -> Option<&'static str> {
    let heading = format!("\n## `{code}`\n");
    let start = PAGE.find(&heading)? + heading.len();
    let rest = PAGE.get(start..)?;
    let end = ["\n## ", "\n# "]
        .iter()
        .filter_map(|next| rest.find(next))
        .min();
    Some(rest.get(..end.unwrap_or(rest.len()))?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;

    #[test]
    fn every_code_is_explained() {
        for code in Code::ALL {
            let text = paragraph(code.as_str()).unwrap_or_default();
            assert!(text.len() > 40 && !text.contains("\n## "), "{code}: {text}");
        }
        assert_eq!(paragraph("no-such-code"), None);
    }
}
