//! Golden sites: every folder in `tests/sites/golden/` is built, and the output is what lies in its `expected/`, byte for
//! byte; what is said on standard error is its `stderr.txt`.
//!
//! Each has a theme of its own, `themes/plain/`, which prints what templates are given and keeps the looks of the default
//! theme out of the expectations. After a change that is meant, `UPDATE_GOLDEN=1 cargo test golden` writes them anew: read
//! the diff as a member of the public would.

use std::fs;
use std::path::Path;

use crate::support::{
    Tree, build, canaries, canaries_said, differences, first_difference, folders, name, plant, put,
    read, repository, site, temporary, tree,
};

#[test]
fn golden_sites_are_built_as_expected() {
    let sites = folders(&site("golden"));
    assert!(!sites.is_empty(), "there are no golden sites");
    let failures: Vec<String> = sites
        .iter()
        .flat_map(|site| {
            let said = check(site);
            said.into_iter()
                .map(|said| format!("golden/{}: {said}", name(site)))
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{}\n\nIf all of this is meant: UPDATE_GOLDEN=1 cargo test golden",
        failures.join("\n")
    );
}

/// Builds a site and says what is not as expected.
fn check(site: &Path) -> Vec<String> {
    let here = temporary();
    let run = build(site, here.path(), "");
    let mut wrong = canaries_said(&run);
    wrong.extend(canaries(&tree(here.path())));
    let beside: Vec<String> = fs::read_dir(here.path())
        .expect("the folder was made for this")
        .map(|entry| {
            let entry = entry.expect("an entry can be read");
            entry.file_name().to_string_lossy().into_owned()
        })
        .collect();
    if beside != ["public"] {
        wrong.push(format!("beside the output stands {beside:?}"));
    }
    if run.code != Some(0) || !run.stdout.is_empty() {
        wrong.push(format!(
            "ended with {:?}\n{}{}",
            run.code, run.stdout, run.stderr
        ));
        return wrong;
    }
    let found = without_default_assets(tree(&here.path().join("public")));
    let (expected, stderr) = (site.join("expected"), site.join("stderr.txt"));
    // An expectation that holds a canary would make the search above worthless.
    if std::env::var_os("UPDATE_GOLDEN").is_some() && wrong.is_empty() {
        let _ = fs::remove_dir_all(&expected);
        plant(&found, &expected);
        put(&stderr, &run.stderr);
    }
    wrong.extend(differences(&tree(&expected), &found));
    let said = fs::read_to_string(&stderr).unwrap_or_default();
    if said != run.stderr {
        let difference = first_difference(&said, &run.stderr);
        wrong.push(format!("stderr.txt: {difference}"));
    }
    wrong
}

/// Leaves out files that come from the default theme as they are: their bytes are its business.
fn without_default_assets(mut found: Tree) -> Tree {
    let default = tree(&repository().join("themes/default/static"));
    found.retain(|path, bytes| {
        !path.starts_with("assets/") || default.values().all(|own| own != bytes)
    });
    found
}

#[test]
fn no_page_of_a_golden_site_has_the_looks_of_the_default_theme() {
    let default = repository().join("themes/default/templates");
    let pages: Vec<String> = tree(&default)
        .into_iter()
        .filter(|(_, text)| String::from_utf8_lossy(text).contains(r#"{% extends "base.html" %}"#))
        .map(|(path, _)| path)
        .chain(["notice.html".to_owned(), "redirect.html".to_owned()])
        .collect();
    let missing: Vec<String> = folders(&site("golden"))
        .iter()
        .flat_map(|site| {
            let own = site.join("themes/plain/templates");
            let missing = pages.iter().filter(move |page| !own.join(page).is_file());
            missing.map(|page| format!("golden/{}/themes/plain/templates/{page}", name(site)))
        })
        .collect();
    assert!(
        missing.is_empty(),
        "write these, so that they print what the template is given:\n{}",
        missing.join("\n")
    );
}

#[test]
fn golden_sites_hold_canaries() {
    let small = read(&site(
        "golden/small/content/meetings/2026-01-30-first/index.md",
    ));
    assert!(small.contains("Canary"));
    let withheld = canaries(&tree(&site("golden/withheld/content")));
    assert!(withheld.len() >= 18, "{withheld:?}");
}
