//! The pages that the theme brings: in which language they are shown, and that a site's own page takes their place.

use std::path::Path;

use crate::support::{build, put, read, temporary};

const PAGE: &str = "how-we-withhold/index.html";

/// Builds a small site with files of its own, and returns what is said and the pages that are wanted.
fn check<const N: usize>(
    languages: &str,
    files: &[(&str, &str)],
    wanted: [&str; N],
) -> (String, [Option<String>; N]) {
    let here = temporary();
    let root = here.path().join("site");
    put(
        &root.join("clerestory.toml"),
        format!(
            "[site]\ntitle = \"A\"\nbase_url = \"https://a.example/b/\"\nlanguages = {languages}\n"
        ),
    );
    put(
        &root.join("content/index.md"),
        "+++\ntitle = \"Home\"\n+++\nWelcome.\n",
    );
    for (path, text) in files {
        put(&root.join(path), text);
    }
    let run = build(&root, here.path(), "");
    let page = |path: &str| -> Option<String> {
        let path = here.path().join("public").join(path);
        Path::exists(&path).then(|| read(&path))
    };
    (run.stderr, wanted.map(page))
}

#[test]
fn every_site_says_how_it_withholds() {
    let (_, [page, french, map]) = check(
        r#"["en", "fr"]"#,
        &[],
        [PAGE, "fr/how-we-withhold/index.html", "sitemap.xml"],
    );
    let (page, french, map) = (page.unwrap(), french.unwrap(), map.unwrap());
    assert!(page.contains("<h1>How we withhold</h1>"), "{page}");
    assert!(page.contains(r#"href="../withheld/""#), "{page}");
    assert!(page.contains("Regulation (EU) 2024/1689, Article 78(1)(a)"));
    assert!(french.contains("<h1>Comment nous occultons</h1>"));
    assert!(french.contains(r#"href="../../fr/withheld/""#), "{french}");
    assert!(map.contains("https://a.example/b/fr/how-we-withhold/"));
}

#[test]
fn a_language_without_the_page_shows_it_in_english_and_says_so() {
    let icelandic = ["is/how-we-withhold/index.html"];
    for (languages, path) in [
        (r#"["en", "is"]"#, icelandic[0]),
        (r#"["is"]"#, PAGE),
        (r#"["is", "en"]"#, PAGE),
    ] {
        let (said, [page]) = check(languages, &[], [path]);
        let page = page.unwrap_or_else(|| panic!("{said}"));
        assert!(page.contains(r#"<html lang="is">"#), "{languages}");
        assert!(
            page.contains(r#"<div class="prose" lang="en""#),
            "{languages}: {page}"
        );
        assert!(page.contains(r#"class="untranslated""#), "{languages}");
    }
    // The region of a language speaks as the language does.
    let (_, [page]) = check(r#"["fr-be"]"#, &[], [PAGE]);
    let page = page.unwrap();
    assert!(page.contains("Comment nous occultons"), "{page}");
    assert!(!page.contains(r#"class="untranslated""#));
}

#[test]
fn a_page_of_the_site_takes_its_place_in_every_language() {
    let own = (
        "content/pages/how-we-withhold.md",
        "+++\ntitle = \"Our own way\"\n+++\nSo we do.\n",
    );
    let (_, [page, french]) = check(
        r#"["en", "fr"]"#,
        &[own],
        [PAGE, "fr/how-we-withhold/index.html"],
    );
    let (page, french) = (page.unwrap(), french.unwrap());
    assert!(page.contains("Our own way") && !page.contains("How we withhold"));
    // The theme's French page must not stand beside the site's English one: it would say something else.
    assert!(french.contains("Our own way") && !french.contains("Comment nous occultons"));
    let draft = (
        "content/pages/how-we-withhold.md",
        "+++\ntitle = \"Soon\"\ndraft = true\n+++\nSoon.\n",
    );
    let (_, [page]) = check(r#"["en"]"#, &[draft], [PAGE]);
    assert!(page.unwrap().contains("How we withhold"));
}

#[test]
fn a_theme_brings_pages_of_its_own() {
    let (_, [page, own]) = check(
        r#"["en"]"#,
        &[
            (
                "themes/default/pages/how-we-withhold.en.md",
                "+++\ntitle = \"Of the house\"\n+++\nSee [more]({root}house/).\n\n{grounds}\n",
            ),
            (
                "themes/default/pages/house.en.md",
                "+++\ntitle = \"House\"\n+++\nOf stone.\n",
            ),
            (
                "content/pages/about.md",
                "+++\ntitle = \"About\"\n+++\nSee [how](how-we-withhold.md).\n",
            ),
        ],
        [PAGE, "house/index.html"],
    );
    let page = page.unwrap();
    assert!(
        page.contains("Of the house") && page.contains(r#"href="../house/""#),
        "{page}"
    );
    assert!(own.unwrap().contains("Of stone."));
}

#[test]
fn what_is_wrong_with_a_page_of_a_theme_is_said_and_not_quoted() {
    let mark = "+++\ntitle = \"X\"\n+++\n:confidential[Canaryzeps]{ground=\"security\" until=\"2027-01-01\"} it is.\n";
    let (said, [page]) = check(
        r#"["en"]"#,
        &[
            ("themes/default/pages/how-we-withhold.en.md", mark),
            (
                "themes/default/pages/other.en.md",
                "+++\ntitle = \"Y\"\n+++\n[Nowhere]({root}nowhere/).\n",
            ),
        ],
        [PAGE],
    );
    assert!(page.is_none(), "{said}");
    assert!(
        said.contains("error[cannot-withhold]")
            && said.contains("themes/default/pages/how-we-withhold.en.md"),
        "{said}"
    );
    assert!(
        said.contains("error[broken-link]") && said.contains("themes/default/pages/other.en.md"),
        "{said}"
    );
    assert!(!said.contains("Canary"), "{said}");
    let (said, _) = check(
        r#"["en"]"#,
        &[("themes/default/pages/other.md", "x")],
        [PAGE],
    );
    assert!(
        said.contains("error[misplaced-file]") && said.contains("pages/<slug>.<language>.md"),
        "{said}"
    );
}
