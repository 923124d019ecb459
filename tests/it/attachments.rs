//! Files beside texts, made by programs that people use: sound ones are published, and images without what is written about them.
//!
//! What must be refused, and why, is in `tests/sites/broken/` and beside the code; here whole sites are built.

use std::fmt::Write;

use crate::support::{
    build, canaries, canaries_said, has_canary, put, repository, temporary, tree,
};

const CONFIGURATION: &str =
    "[site]\ntitle = \"Centre\"\nbase_url = \"https://example.org/\"\nlanguages = [\"en\"]\n";

#[test]
fn files_of_real_programs_are_published_and_images_are_cleaned() {
    let here = temporary();
    let root = here.path().join("site");
    let mut files = tree(&repository().join("tests/files"));
    files.remove(".gitattributes");
    assert!(files.len() > 12, "{} files", files.len());
    let mut page = String::from("+++\ntitle = \"Papers\"\n+++\n");
    for (name, bytes) in &files {
        put(&root.join("content/pages/papers").join(name), bytes);
        write!(page, "\n[A file]({name})\n").unwrap();
    }
    put(&root.join("clerestory.toml"), CONFIGURATION);
    put(
        &root.join("content/index.md"),
        "+++\ntitle = \"Home\"\n+++\nWelcome.\n",
    );
    put(&root.join("content/pages/papers/index.md"), page);
    let built = build(&root, here.path(), "");
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    assert_eq!(canaries_said(&built), Vec::<String>::new());
    let written = tree(here.path());
    let mut cleaned = 0;
    for (name, bytes) in &files {
        let suffix = format!("/papers/{name}");
        let is_public = |path: &String| path.ends_with(&suffix) && !path.starts_with("site/");
        let (_, published) = written
            .iter()
            .find(|(path, _)| is_public(path))
            .expect(name);
        assert!(!has_canary(published), "{name} tells");
        assert_eq!(published == bytes, !has_canary(bytes), "{name}");
        cleaned += usize::from(published != bytes);
    }
    assert_eq!(
        cleaned, 5,
        "two photographs, a chart, a loop and a plan have something to lose"
    );
    let site = written
        .into_iter()
        .filter(|(path, _)| !path.starts_with("site/"));
    assert_eq!(canaries(&site.collect()), Vec::<String>::new());
}
