//! Slugs: what can stand in an address, and how a heading or a name becomes one.

/// Says whether a text can be the last part of an address as it is.
pub(crate) fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_'
        })
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// Says whether a text can be one part of an address as it is, letters of both cases and dots included.
pub(crate) fn is_path_part(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte))
        && !text.ends_with('.')
}

/// Returns a name made of a-z, 0-9 and `-` that reads like the given text; empty where nothing of it can be read.
pub(crate) fn slugify(text: &str) -> String {
    let mut slug = String::new();
    for c in deunicode::deunicode(text).chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if c != '\'' && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_matches('-').to_owned()
}

/// Joins a relative path to a folder; nothing where it leads out.
pub(crate) fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_gives_a_slug() {
        assert_eq!(slugify("Next steps, and more"), "next-steps-and-more");
        assert_eq!(slugify("Прозрачност"), "prozrachnost");
        assert_eq!(slugify("Łukasz’s Größe"), "lukaszs-grosse");
        assert_eq!(slugify("—"), "");
    }

    #[test]
    fn slugs_are_told_from_other_names() {
        assert!(is_slug("2026-01-30-first"));
        for bad in ["", "-a", "A", "a b", "é", "a.b", "a/b"] {
            assert!(!is_slug(bad), "{bad}");
        }
        assert!(
            is_path_part("1.0")
                && is_path_part("2026-01")
                && !is_path_part("..")
                && !is_path_part("a/b")
        );
    }
}
