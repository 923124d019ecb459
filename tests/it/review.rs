//! `clerestory review`: it shows all that is withheld, to the reviewer alone, and writes it nowhere that anyone could read.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::support::{
    self, Run, TODAY, canaries_said, clerestory, put, read, run_command, site, temporary, tree,
};

const CONFIG: &str = r#"
[site]
title = "Centre"
base_url = "https://example.org/"
languages = ["en", "fr"]

[meetings]
kinds = ["plenary"]
"#;

const MEETING: &str = r#"+++
title = "First meeting"
date = 2026-01-30
kind = "plenary"
agenda = ["Opening", { confidential = "Canary<b>item", ground = "commercial", until = 2026-10-01 }, "Closing"]
+++

## Prices

The members met in the morning. Of the price :confidential[Canaryprice *EUR 5* & 数字]{ground="commercial" until="2027-01-15"} nobody spoke.

::: confidential ground="legal-advice" until="2029-01-30"
Canaryblock in two
lines.
:::

Then they went home.
"#;

const TRANSLATION: &str = r#"+++
title = "Première réunion"
agenda = ["Ouverture", { confidential = "Canarypoint", ground = "commercial", until = 2026-10-01 }, "Fin"]
+++

## Prix

Du prix :confidential[Canaryprix]{ground="commercial" until="2027-01-15"}, rien.

::: confidential ground="legal-advice" until="2029-01-30"
Canarybloc.
:::
"#;

/// Writes a small site that withholds something, in two languages.
fn plant(root: &Path) {
    put(&root.join("clerestory.toml"), CONFIG);
    put(
        &root.join("content/index.md"),
        "+++\ntitle = \"Home\"\n+++\nWelcome.\n",
    );
    put(&root.join("content/meetings/first.md"), MEETING);
    put(&root.join("content/meetings/first.fr.md"), TRANSLATION);
}

fn review(root: &Path, arguments: &[&str]) -> Run {
    run_command(
        clerestory(root)
            .args(["review", "--today", TODAY])
            .args(arguments)
            .env_remove("CI")
            .env_remove("GITHUB_ACTIONS"),
    )
}

/// Returns all canaries of the Markdown and TOML files of a site.
fn canaries_of(root: &Path) -> BTreeSet<String> {
    static CANARY: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)canary\w*").expect("a fixed pattern"));
    tree(&root.join("content"))
        .into_iter()
        .filter(|(path, _)| {
            Path::new(path)
                .extension()
                .is_some_and(|extension| extension == "md" || extension == "toml")
        })
        .filter_map(|(_, bytes)| String::from_utf8(bytes).ok())
        .flat_map(|text| {
            let found = CANARY.find_iter(&text);
            found
                .map(|word| word.as_str().to_owned())
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn a_review_reads_well() {
    let folder = temporary();
    plant(folder.path());
    let run = review(folder.path(), &[]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(run.stdout);
    let quiet = review(folder.path(), &["-q"]);
    assert!(quiet.stdout.contains("Due for review") && !quiet.stdout.contains("Canary"));
}

#[test]
fn a_page_reads_well() {
    let folder = temporary();
    plant(folder.path());
    let run = review(folder.path(), &["--out", "review.html"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let page = read(&folder.path().join("review.html"));
    let (_, body) = page.split_once("</style>").unwrap();
    insta::assert_snapshot!(body);
}

#[test]
fn everything_withheld_is_shown_and_nowhere_else() {
    for name in ["golden/withheld", "secretariats"] {
        let root = site(name);
        let folder = temporary();
        let text = review(&root, &[]);
        assert_eq!((text.code, text.stderr.as_str()), (Some(0), ""), "{name}");
        let file = folder.path().join("review.html");
        let page = review(&root, &["--out", file.to_str().unwrap()]);
        assert_eq!(page.code, Some(0), "{name}: {}", page.stderr);
        assert_eq!(canaries_said(&page), Vec::<String>::new());
        let page = read(&file);
        let canaries = canaries_of(&root);
        assert!(canaries.len() > 50, "{name}");
        for canary in canaries {
            assert!(text.stdout.contains(&canary), "{name}: {canary}");
            assert!(page.contains(&canary), "{name}: {canary} in the page");
        }
        for arguments in [
            vec!["check", "-v"],
            vec!["check", "--format", "json", "--drafts"],
            vec!["review", "--format", "json"],
        ] {
            let said = run_command(clerestory(&root).args(&arguments));
            assert_eq!(canaries_said(&said), Vec::<String>::new(), "{arguments:?}");
        }
    }
}

#[test]
fn a_page_needs_nothing_and_only_its_owner_can_read_it() {
    static TAG: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"<(/?)([a-z][a-z0-9]*)[^>]*>").expect("a fixed pattern"));
    static ID: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#" id="([^"]*)""#).expect("a fixed pattern"));
    let folder = temporary();
    let file = folder.path().join("review.html");
    let run = review(
        &site("secretariats"),
        &["--out", file.to_str().unwrap(), "--since", "HEAD"],
    );
    // A package from a registry has no history.
    if run.code != Some(0) {
        assert!(run.stderr.contains("git"), "{}", run.stderr);
        let again = review(&site("secretariats"), &["--out", file.to_str().unwrap()]);
        assert_eq!(again.code, Some(0), "{}", again.stderr);
    }
    let page = read(&file);
    for needed in [
        "<!doctype html>",
        "default-src 'none'; style-src 'unsafe-inline'",
        "name=\"robots\" content=\"noindex",
        "Confidential: holds withheld text",
        "<html lang=\"en\">",
    ] {
        assert!(page.contains(needed), "{needed}");
    }
    for banned in [
        "<script",
        "<link",
        "<img",
        "<iframe",
        "url(",
        "@import",
        "src=",
        "href=\"http",
        "<base",
        "<form",
        "onload",
    ] {
        assert!(!page.contains(banned), "{banned}");
    }
    let (_, body) = page.split_once("</head>").unwrap();
    let mut open = vec!["html".to_owned()];
    for tag in TAG.captures_iter(body) {
        let name = tag[2].to_owned();
        if ["br", "hr"].contains(&name.as_str()) {
        } else if tag[1].is_empty() {
            open.push(name);
        } else {
            assert_eq!(open.pop().as_ref(), Some(&name), "at {}", &tag[0]);
        }
    }
    assert_eq!(open, Vec::<String>::new());
    let ids: Vec<&str> = ID
        .captures_iter(body)
        .map(|found| found.get(1).unwrap().as_str())
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_page_is_written_nowhere_that_anyone_could_read() {
    let folder = temporary();
    let root = folder.path();
    plant(root);
    let built = support::build(root, root, "");
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    let other = temporary();
    put(&other.path().join(".clerestory"), "");
    put(&root.join("notes.html"), "<!doctype html><!-- notes -->");
    put(&root.join("empty.html"), "");
    fs::create_dir_all(root.join("folder.html")).unwrap();
    fs::create_dir_all(root.join("themes")).unwrap();
    let other = other.path().join("deep");
    fs::create_dir_all(&other).unwrap();
    let other = other.join("review.html");
    let mut refused = vec![
        ("public/review.html", "output folder"),
        ("public/meetings/review.html", "output folder"),
        ("content/../public/review.html", "output folder"),
        ("content/review.html", "folder of content"),
        ("content/meetings/review.html", "folder of content"),
        ("themes/review.html", "folder of themes"),
        (other.to_str().unwrap(), "was built"),
        ("notes.html", "no earlier review"),
        ("empty.html", "no earlier review"),
        ("folder.html", "no file"),
        ("public/", "no name of a file"),
        ("..", "no name of a file"),
        ("nowhere/review.html", "no folder"),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("public", root.join("link")).unwrap();
        std::os::unix::fs::symlink("notes.html", root.join("linked.html")).unwrap();
        refused.push(("link/review.html", "output folder"));
        refused.push(("linked.html", "symbolic link"));
    }
    let names = || -> Vec<_> {
        let found = walkdir::WalkDir::new(root).sort_by_file_name().into_iter();
        found.map(|entry| entry.unwrap().into_path()).collect()
    };
    let before = names();
    for (path, why) in refused {
        let run = review(root, &["--out", path]);
        assert_eq!(run.code, Some(2), "{path}: {}", run.stderr);
        assert!(run.stderr.contains(why), "{path}: {}", run.stderr);
        assert_eq!(canaries_said(&run), Vec::<String>::new());
    }
    assert_eq!(names(), before);
    assert_eq!(read(&root.join("empty.html")), "");
}

#[cfg(unix)]
#[test]
fn an_earlier_page_is_replaced_whole() {
    use std::os::unix::fs::PermissionsExt;
    let folder = temporary();
    let root = folder.path();
    plant(root);
    let file = root.join("review.html");
    assert_eq!(review(root, &["--out", "review.html"]).code, Some(0));
    let first = read(&file);
    // Somebody made it readable, and keeps a second name for it.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    fs::hard_link(&file, root.join("kept.html")).unwrap();
    put(
        &root.join("content/meetings/first.md"),
        MEETING.replace("Canaryblock", "Canaryother"),
    );
    assert_eq!(review(root, &["--out", "review.html"]).code, Some(0));
    assert_eq!(read(&root.join("kept.html")), first);
    assert!(read(&file).contains("Canaryother"));
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let names: Vec<_> = tree(root)
        .into_keys()
        .filter(|path| !path.starts_with("content"))
        .collect();
    assert_eq!(names, ["clerestory.toml", "kept.html", "review.html"]);
}

#[test]
fn what_is_in_doubt_is_left_out_and_said() {
    let folder = temporary();
    let root = folder.path();
    plant(root);
    put(
        &root.join("content/pages/broken.md"),
        "+++\ntitle = \"Broken\"\n+++\n::: confidential ground=\"commercial\" until=\"2027-01-01\"\nCanarybroken\n",
    );
    let run = review(root, &[]);
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.contains("Canaryblock"));
    assert!(!run.stdout.contains("Canarybroken"));
    assert!(run.stdout.contains("Left out") && run.stdout.contains("content/pages/broken.md"));
    assert!(
        run.stderr.contains("error[unclosed-passage]"),
        "{}",
        run.stderr
    );
    assert_eq!(
        canaries_said(&Run {
            stdout: String::new(),
            ..run
        }),
        Vec::<String>::new()
    );
    let run = review(root, &["--out", "review.html"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr
            .contains("nothing was written; without --out the review shows what is certain"),
        "{}",
        run.stderr
    );
    assert!(!root.join("review.html").exists());
}

#[test]
fn what_a_terminal_or_a_browser_would_obey_is_made_visible() {
    let folder = temporary();
    let root = folder.path();
    plant(root);
    put(
        &root.join("content/pages/odd.md"),
        "+++\ntitle = \"Odd\"\ndescription = { confidential = \"\\u001B]0;x\\u0007\\u202Eafter <script>alert(1)</script>\", ground = \"commercial\", until = 2027-01-01 }\n+++\nText.\n",
    );
    for color in ["never", "always", "auto"] {
        let run = run_command(
            clerestory(root)
                .args(["review", "--today", TODAY, "--color", color])
                .env("NO_COLOR", "1"),
        );
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(
            run.stdout
                .contains(r"⟦\u{1b}]0;x\u{7}\u{202e}after <script>")
        );
        let plain = run.stdout.replace("\u{1b}[", "");
        assert!(!plain.contains(['\u{1b}', '\u{7}', '\u{202e}']));
        assert_eq!(run.stdout != plain, color == "always");
        assert!(run.stdout.contains("数字"));
    }
    assert_eq!(review(root, &["--out", "review.html"]).code, Some(0));
    let page = read(&root.join("review.html"));
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"));
    assert!(!page.contains(['\u{1b}', '\u{7}', '\u{202e}']));
}

#[test]
fn a_site_that_withholds_nothing_says_so() {
    let folder = temporary();
    put(&folder.path().join("clerestory.toml"), CONFIG);
    put(
        &folder.path().join("content/index.md"),
        "+++\ntitle = \"Home\"\n+++\nWelcome.\n",
    );
    let run = review(folder.path(), &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("Nothing is withheld"));
    assert_eq!(review(folder.path(), &["--out", "a.html"]).code, Some(0));
    assert!(read(&folder.path().join("a.html")).contains("Nothing is withheld"));
}

#[test]
fn drafts_are_shown_as_drafts() {
    let folder = temporary();
    plant(folder.path());
    put(
        &folder.path().join("content/pages/later.md"),
        "+++\ntitle = \"Later\"\ndraft = true\n+++\nOf :confidential[Canarydraft]{ground=\"security\" until=\"2027-01-01\"}.\n",
    );
    let run = review(folder.path(), &[]);
    assert!(run.stdout.contains("a draft: not published"));
    assert!(run.stdout.contains("Of ⟦Canarydraft⟧."));
}

#[test]
fn standard_output_is_for_people() {
    let folder = temporary();
    plant(folder.path());
    let run = review(folder.path(), &["--format", "json"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    let run = review(folder.path(), &["--format", "json", "--out", "a.html"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.lines().all(|line| line.starts_with('{')));
    let run = run_command(clerestory(folder.path()).arg("review").env("CI", "true"));
    assert_eq!(run.code, Some(0));
    assert!(run.stdout.starts_with("Confidential: holds withheld text"));
    assert!(run.stderr.contains("log"), "{}", run.stderr);
}

fn git(folder: &Path, arguments: &[&str]) {
    let output = std::process::Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.org"])
        .args([
            "-c",
            "commit.gpgsign=false",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("git can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Commits a site in a subfolder of a repository, changes it, and returns what `review` says.
fn since(change: impl Fn(&Path)) -> String {
    let folder = temporary();
    let root = folder.path().join("site");
    plant(&root);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "first"]);
    change(&root);
    let page = review(&root, &["--since", "HEAD", "--out", "../review.html"]);
    assert!(
        page.stderr.contains("could be committed"),
        "{}",
        page.stderr
    );
    let run = review(&root, &["--since", "HEAD"]);
    assert_eq!(run.code, page.code);
    let end = ["Due for review", "Due within", "━━", "Left out"]
        .iter()
        .filter_map(|word| run.stdout.find(word))
        .min()
        .expect("something is still withheld");
    let start = run.stdout.find("Since HEAD").expect("it was asked for");
    let said = run.stdout.get(start..end);
    said.expect("it comes before the lists").to_owned()
}

fn edit(root: &Path, name: &str, from: &str, to: &str) {
    let path = root.join("content/meetings").join(name);
    let text = read(&path);
    assert!(text.contains(from), "{from}");
    put(&path, text.replace(from, to));
}

const PRICE: &str =
    ":confidential[Canaryprice *EUR 5* & 数字]{ground=\"commercial\" until=\"2027-01-15\"}";
const PRIX: &str = ":confidential[Canaryprix]{ground=\"commercial\" until=\"2027-01-15\"}";

#[test]
fn since_a_commit_nothing_changed() {
    assert_eq!(
        since(|_| ()).trim(),
        "Since HEAD\n  Nothing became public, and nothing became withheld."
    );
}

#[test]
fn since_a_commit_words_became_public() {
    let said = since(|root| {
        edit(root, "first.md", PRICE, "Canaryprice *EUR 5* & 数字");
        edit(root, "first.fr.md", PRIX, "Canaryprix");
    });
    insta::assert_snapshot!(said);
}

#[test]
fn since_a_commit_words_became_withheld() {
    let said = since(|root| {
        let marked =
            "Then :confidential[they went home]{ground=\"security\" until=\"2027-01-01\"}.";
        edit(root, "first.md", "Then they went home.", marked);
        let mark = ":confidential[nouveau]{ground=\"security\" until=\"2027-01-01\"}";
        let path = root.join("content/meetings/first.fr.md");
        put(&path, format!("{}\nTexte {mark}.\n", read(&path)));
    });
    insta::assert_snapshot!(said);
}

#[test]
fn since_a_commit_decisions_changed_and_texts_went() {
    let said = since(|root| {
        for name in ["first.md", "first.fr.md"] {
            edit(root, name, "2029-01-30", "2031-01-30");
        }
        edit(root, "first.md", PRICE, "it");
        edit(root, "first.fr.md", PRIX, "rien");
        edit(
            root,
            "first.md",
            "Canaryblock in two",
            "Canaryblock, edited, in two",
        );
    });
    insta::assert_snapshot!(said);
}

#[test]
fn since_a_commit_a_whole_document_was_opened_or_closed() {
    let whole = "kind = \"plenary\"\n\n[confidential]\nground = \"security\"\nuntil = 2027-01-01\n";
    let said = since(|root| {
        fs::remove_file(root.join("content/meetings/first.fr.md")).unwrap();
        edit(
            root,
            "first.md",
            "kind = \"plenary\"\nagenda = [\"Opening\", { confidential = \"Canary<b>item\", ground = \"commercial\", until = 2026-10-01 }, \"Closing\"]\n",
            whole,
        );
    });
    assert!(said.contains("Became withheld"), "{said}");
    assert!(said.contains("whole document"), "{said}");
    assert!(said.contains("part of a longer passage now"), "{said}");
}

#[test]
fn since_a_commit_a_field_became_public() {
    let folder = temporary();
    let root = folder.path();
    plant(root);
    let path = root.join("content/meetings/fields.md");
    let fields = |end: &str, number: &str| {
        format!(
            "+++\ntitle = \"Fields\"\ndate = 2026-02-27\nkind = \"plenary\"\nend = {end}\nnumber = {number}\n+++\nText.\n"
        )
    };
    let mark = |value: &str| {
        format!("{{ confidential = {value}, ground = \"security\", until = 2027-01-01 }}")
    };
    put(&path, fields(&mark("2026-02-28"), &mark("4711")));
    git(root, &["init", "-q"]);
    git(root, &["add", "."]);
    git(root, &["commit", "-qm", "first"]);
    put(&path, fields("2026-02-28", &mark("4712")));
    let run = review(root, &["--since", "HEAD"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let (_, said) = run.stdout.split_once("Since HEAD").unwrap();
    let (public, edited) = said.split_once("Edited, and still withheld").unwrap();
    assert!(public.contains("Became public") && public.contains("⟦2026-02-28⟧"));
    assert!(edited.contains("⟦4711⟧") && edited.contains("⟦4712⟧"));
    assert!(!said.contains("Removed altogether"));
}

/// Commits one page, writes it anew, and returns what became of it.
fn since_of_page(before: &str, after: &str) -> String {
    let folder = temporary();
    let root = folder.path();
    plant(root);
    let path = root.join("content/pages/page.md");
    put(&path, before);
    git(root, &["init", "-q"]);
    git(root, &["add", "."]);
    git(root, &["commit", "-qm", "first"]);
    put(&path, after);
    let run = review(root, &["--since", "HEAD"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let (_, said) = run
        .stdout
        .split_once("Since HEAD")
        .expect("it was asked for");
    let (said, _) = said.split_once("Due for review").expect("something is due");
    said.to_owned()
}

#[test]
fn since_a_commit_a_whole_document_was_opened() {
    let closed = "+++\ntitle = \"Plans\"\n[confidential]\nground = \"security\"\nuntil = 2027-01-01\n+++\nThe plan is Canaryplan for the spring of this year.\n";
    let open = "+++\ntitle = \"Plans\"\n+++\nThe plan is :confidential[Canaryplan]{ground=\"security\" until=\"2027-01-01\"} for the spring of this year.\n";
    let said = since_of_page(closed, open);
    assert!(said.contains("Became public"), "{said}");
    assert!(said.contains("no longer withheld as a whole"), "{said}");
    assert!(said.contains("part of a longer passage before"), "{said}");
    assert!(!said.contains("Became withheld"), "{said}");
    let said = since_of_page(open, closed);
    assert!(said.contains("Became withheld"), "{said}");
    assert!(said.contains("part of a longer passage now"), "{said}");
    assert!(!said.contains("Became public"), "{said}");
}

#[test]
fn since_a_commit_a_part_of_a_passage_became_public() {
    let page = |withheld: &str, public: &str| {
        format!(
            "+++\ntitle = \"Plans\"\n+++\n::: confidential ground=\"security\" until=\"2027-01-01\"\n{withheld}\n:::\n\n{public}\n"
        )
    };
    let both = page(
        "Nobody knows the Canaryplan for this spring. The chair was late again today.",
        "End.",
    );
    let one = page(
        "Nobody knows the Canaryplan for this spring.",
        "The chair was late again today. End.",
    );
    let said = since_of_page(&both, &one);
    assert!(
        said.contains("Became public") && said.contains("a part of it"),
        "{said}"
    );
    let said = since_of_page(&one, &both);
    assert!(
        said.contains("Became withheld") && said.contains("a part of it"),
        "{said}"
    );
}

#[test]
fn since_a_commit_files_in_doubt_are_not_compared() {
    let folder = temporary();
    let root = folder.path();
    plant(root);
    git(root, &["init", "-q"]);
    git(root, &["add", "."]);
    git(root, &["commit", "-qm", "first"]);
    let path = root.join("content/meetings/first.md");
    put(&path, format!("{}\n:::\n", read(&path)));
    let run = review(root, &["--since", "HEAD"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stdout.contains("Nothing became public"),
        "{}",
        run.stdout
    );
}

#[test]
fn since_a_commit_a_renamed_file_is_no_change() {
    let said = since(|root| {
        let folder = root.join("content/meetings");
        for (from, to) in [("first.md", "other.md"), ("first.fr.md", "other.fr.md")] {
            fs::rename(folder.join(from), folder.join(to)).unwrap();
        }
    });
    assert!(said.contains("Nothing became public"), "{said}");
}

#[test]
fn an_earlier_state_that_is_not_there_is_said_kindly() {
    let folder = temporary();
    plant(folder.path());
    let cases = |revision: &str, why: &str| {
        let run = run_command(
            clerestory(folder.path())
                .args(["review", &format!("--since={revision}")])
                // Not the repository in which the tests run.
                .env("GIT_DIR", "/nowhere"),
        );
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (Some(2), ""),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains(why), "{revision}: {}", run.stderr);
    };
    cases("HEAD", "no git repository");
    git(folder.path(), &["init", "-q"]);
    cases("HEAD", "no commit `HEAD`");
    git(folder.path(), &["commit", "-qm", "empty", "--allow-empty"]);
    cases("HEAD", "no site here at `HEAD`");
    cases("--all", "no commit `--all`");
    cases("nothing", "no commit `nothing`");
    cases("", "no commit");
}
