//! The commands and options, as somebody meets them who types them: what stands where afterwards, what is said on which
//! stream, and the exit code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::support::{
    Run, TODAY, clerestory, differences, name, put, read, run, run_command, site, temporary, tree,
};

/// A starter site in a folder of its own.
struct Starter {
    folder: tempfile::TempDir,
}

impl Starter {
    fn new() -> Self {
        let folder = temporary();
        let made = run(folder.path(), "init site");
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        Self { folder }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    fn run(&self, arguments: &str) -> Run {
        run(&self.root(), arguments)
    }

    /// Adds a meeting that says who is named in nothing: an error.
    fn spoil(&self) {
        put(
            &self.at("content/meetings/2026-02-01-broken.md"),
            "+++\ntitle = \"Broken\"\ndate = 2026-02-01\nkind = \"plenary\"\nparticipants = [\"nobody\"]\n+++\n",
        );
    }
}

fn assert_code(run: &Run, code: i32) {
    assert_eq!(run.code, Some(code), "{}{}", run.stdout, run.stderr);
}

#[test]
fn init_makes_a_site_that_builds() {
    let here = temporary();
    fs::create_dir(here.path().join("empty")).unwrap();
    for (folder, arguments) in [("fresh", "init fresh"), ("a/deep/one", "init a/deep/one")] {
        let made = run(here.path(), arguments);
        assert_code(&made, 0);
        assert_eq!(made.stdout, "");
        assert!(made.stderr.contains("made "), "{}", made.stderr);
        let built = run(&here.path().join(folder), "build");
        assert_code(&built, 0);
        assert!(!built.stderr.contains("warning"), "{}", built.stderr);
        assert!(here.path().join(folder).join("public/index.html").is_file());
    }
    let made = run(&here.path().join("empty"), "init");
    assert_code(&made, 0);
    assert_code(&run(&here.path().join("empty"), "build"), 0);
    let files: Vec<String> = tree(&here.path().join("fresh/content"))
        .into_keys()
        .collect();
    assert!(
        files.contains(&"meetings/2026-01-15-first-meeting.md".to_owned()),
        "{files:?}"
    );
}

#[test]
fn init_never_overwrites() {
    let starter = Starter::new();
    put(
        &starter.at("content/index.md"),
        "+++\ntitle = \"Mine\"\n+++\n",
    );
    let before = tree(starter.folder.path());
    for (folder, arguments) in [
        (starter.root(), "init"),
        (starter.root(), "init ."),
        (starter.folder.path().to_path_buf(), "init site"),
    ] {
        let refused = run(&folder, arguments);
        assert_code(&refused, 2);
        assert!(
            refused.stderr.contains("nothing is ever overwritten"),
            "{}",
            refused.stderr
        );
    }
    assert_eq!(tree(starter.folder.path()), before);

    // One file of a starter site is enough.
    let here = temporary();
    put(&here.path().join("content/index.md"), "mine");
    assert_code(&run(here.path(), "init"), 2);
    assert_eq!(tree(here.path()).len(), 1);
}

#[test]
fn new_files_build_and_are_never_overwritten() {
    let starter = Starter::new();
    for (arguments, file) in [
        (
            "new meeting 2026-02-27-second-meeting",
            "meetings/2026-02-27-second-meeting.md",
        ),
        ("new meeting undated", "meetings/undated.md"),
        ("new member acme", "members/acme.toml"),
        ("new document guide", "documents/guide/index.md"),
        ("new report acme/first-half", "reports/acme/first-half.md"),
        ("new page questions", "pages/questions.md"),
    ] {
        let made = starter.run(arguments);
        assert_code(&made, 0);
        assert_eq!(made.stdout, "");
        assert!(starter.at("content").join(file).is_file(), "{arguments}");
        let checked = starter.run("check --format json");
        assert_code(&checked, 0);
        assert!(
            checked.stdout.contains(r#""errors":0,"#),
            "{arguments}: {}",
            checked.stdout
        );

        put(&starter.at("content").join(file), "mine");
        let before = tree(&starter.root());
        let refused = starter.run(arguments);
        assert_code(&refused, 2);
        assert!(
            refused.stderr.contains("nothing is ever overwritten"),
            "{}",
            refused.stderr
        );
        assert_eq!(tree(&starter.root()), before, "{arguments}");
        fs::remove_file(starter.at("content").join(file)).unwrap();
        let _ = fs::remove_dir_all(starter.at("content/documents/guide"));
        assert_code(&starter.run(arguments), 0);
    }
    assert_code(&starter.run("build"), 0);
    assert!(
        starter
            .at("public/meetings/2026-02-27-second-meeting/index.html")
            .is_file()
    );

    // A bundle, too, is there already.
    put(&starter.at("content/meetings/bundle/index.md"), "mine");
    assert_code(&starter.run("new meeting bundle"), 2);
    assert!(!starter.at("content/meetings/bundle.md").exists());
}

#[test]
fn new_files_explain_every_field() {
    let starter = Starter::new();
    for (arguments, file, fields) in [
        (
            "new meeting m",
            "meetings/m.md",
            "title date end kind reference number published time place chair participants observers speakers agenda topics \
             measures documents attachments decisions sources revisions aliases draft [confidential]",
        ),
        (
            "new member m",
            "members/m.toml",
            "name status country website signed joined left chapters measures description models representatives links \
             successor [[events]]",
        ),
        (
            "new document d",
            "documents/d/index.md",
            "title kind unpublished topics measures attachments aliases draft",
        ),
        (
            "new report m/r",
            "reports/m/r.md",
            "title member period measures published attachments",
        ),
        (
            "new page p",
            "pages/p.md",
            "title weight description attachments aliases draft",
        ),
    ] {
        assert_code(&starter.run(arguments), 0);
        let text = read(&starter.at("content").join(file));
        let missing: Vec<&str> = fields
            .split_whitespace()
            .filter(|field| {
                !text.lines().any(|line| {
                    let line = line.trim_start_matches(['#', ' ']);
                    line.strip_prefix(field)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with(" ="))
                })
            })
            .collect();
        assert!(missing.is_empty(), "{file} says nothing of {missing:?}");
    }
}

#[test]
fn names_that_cannot_be_addresses_are_refused() {
    let starter = Starter::new();
    let before = tree(&starter.root());
    let refused =
        run_command(clerestory(&starter.root()).args(["new", "meeting", "Zweite Sitzung"]));
    assert_code(&refused, 2);
    assert!(
        refused.stderr.contains("use `zweite-sitzung`"),
        "{}",
        refused.stderr
    );
    for arguments in [
        "new meeting ../outside",
        "new meeting /etc/outside",
        "new page ..",
        "new member a/b",
        "new report no-slash",
        "new report nobody/report",
        "new report ../members/report",
        "new nonsense name",
        "new meeting",
    ] {
        assert_code(&starter.run(arguments), 2);
    }
    assert_eq!(tree(&starter.root()), before);
}

#[test]
fn wrong_usage_is_told() {
    let starter = Starter::new();
    for arguments in [
        "",
        "nonsense",
        "build --nonsense",
        "build --today 2026-02-30",
        "build --today tomorrow",
        "build --today 2026-1-1",
        "build --base-url nonsense",
        "build --base-url https://example.org/?q",
        "check --format yaml",
        "check --color sometimes",
        "check -q -v",
        "check surplus",
        "build --out",
    ] {
        let refused = starter.run(arguments);
        assert_code(&refused, 2);
        assert_eq!(refused.stdout, "", "{arguments}");
        assert!(!refused.stderr.is_empty(), "{arguments}");
    }
    assert!(!starter.at("public").exists());
    for arguments in ["--help", "build --help", "help new"] {
        let helped = starter.run(arguments);
        assert_code(&helped, 0);
        assert!(helped.stdout.contains("Usage:"), "{}", helped.stdout);
    }
    let version = starter.run("--version");
    assert_code(&version, 0);
    assert_eq!(
        version.stdout.trim(),
        concat!("clerestory ", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn without_a_site_there_is_nothing_to_do() {
    let here = temporary();
    for arguments in [
        "check",
        "build",
        "check --format json",
        "new page about",
        "check --root nowhere",
        "build --root . --out public",
    ] {
        let refused = run(here.path(), arguments);
        assert_code(&refused, 2);
        assert_eq!(refused.stdout, "", "{arguments}");
        assert!(
            refused.stderr.contains("clerestory.toml"),
            "{arguments}: {}",
            refused.stderr
        );
    }
    assert!(tree(here.path()).is_empty());
}

#[test]
fn errors_leave_the_old_site_as_it_is() {
    let starter = Starter::new();
    assert_code(&starter.run("build"), 0);
    let before = tree(&starter.at("public"));
    starter.spoil();
    put(
        &starter.at("content/index.md"),
        "+++\ntitle = \"Changed\"\n+++\n",
    );
    for arguments in ["build", "build --format json", "check"] {
        let refused = starter.run(arguments);
        assert_code(&refused, 1);
        assert_eq!(tree(&starter.at("public")), before);
    }
    let refused = starter.run("build");
    insta::assert_snapshot!(refused.stderr, @r#"
    error[unknown-member]: no member `nobody`
     --> content/meetings/2026-02-01-broken.md:5:17
      |
    5 | participants = ["nobody"]
      |                 ^^^^^^^^
      |
      = help: write a record in content/members/, or name the body as { name = "…" }

    1 error; nothing was written
    "#);
    fs::remove_file(starter.at("content/meetings/2026-02-01-broken.md")).unwrap();
    assert_code(&starter.run("build"), 0);
    assert_ne!(tree(&starter.at("public")), before);
    let beside: Vec<String> = tree(&starter.root())
        .into_keys()
        .filter(|path| path.starts_with(".public"))
        .collect();
    assert!(beside.is_empty(), "{beside:?}");
}

/// A mistake in a template shows only when pages are made, after the output folder was claimed.
#[test]
fn errors_of_a_theme_leave_the_old_site_as_it_is() {
    let starter = Starter::new();
    assert_code(&starter.run("build"), 0);
    let before = tree(&starter.at("public"));
    put(
        &starter.at("themes/default/templates/members.html"),
        "{{ nobody.knows.this }}",
    );
    let refused = starter.run("build");
    assert_code(&refused, 1);
    assert!(
        refused
            .stderr
            .contains("themes/default/templates/members.html"),
        "{}",
        refused.stderr
    );
    assert_eq!(tree(&starter.at("public")), before);
    assert!(!starter.at(".public.clerestory-staging").exists());
}

#[test]
fn a_folder_that_clerestory_did_not_build_stays_as_it_is() {
    let starter = Starter::new();
    put(&starter.at("mine/index.html"), "mine");
    put(&starter.at("file"), "mine");
    let before = tree(&starter.root());
    for out in [
        "mine",
        "file",
        ".",
        "..",
        "content",
        "content/public",
        "themes/public",
    ] {
        let refused = starter.run(&format!("build --out {out}"));
        assert_code(&refused, 2);
        assert_eq!(refused.stdout, "");
        assert!(
            refused.stderr.contains("--out"),
            "{out}: {}",
            refused.stderr
        );
        let differ = differences(&before, &tree(&starter.root()));
        assert!(differ.is_empty(), "{out}: {differ:?}");
    }
    fs::create_dir(starter.at("empty")).unwrap();
    assert_code(&starter.run("build --out empty"), 0);
}

#[test]
fn the_root_is_found_from_below_or_named() {
    let starter = Starter::new();
    let below = starter.at("content/meetings");
    assert_code(&run(&below, "build"), 0);
    assert!(starter.at("public/index.html").is_file());
    assert!(!below.join("public").exists());
    let first = tree(&starter.at("public"));
    fs::remove_dir_all(starter.at("public")).unwrap();

    let outside = starter.folder.path();
    assert_code(&run(outside, "build --root site"), 0);
    assert_eq!(tree(&starter.at("public")), first);
    // A named output folder is relative to where one stands, as with any command.
    assert_code(&run(outside, "build --root site --out elsewhere/www"), 0);
    assert_eq!(tree(&outside.join("elsewhere/www")), first);
    // A named folder is the root itself: nothing above it is looked at.
    assert_code(&run(outside, "check --root site/content"), 2);
    assert_code(&run(&below, "new page from-below"), 0);
    assert!(starter.at("content/pages/from-below.md").is_file());
}

#[test]
fn base_url_replaces_the_address_of_the_site() {
    let starter = Starter::new();
    assert_code(
        &starter.run("build --base-url https://other.example/a/b"),
        0,
    );
    let sitemap = read(&starter.at("public/sitemap.xml"));
    assert!(
        sitemap.contains("https://other.example/a/b/meetings/"),
        "{sitemap}"
    );
    for (path, bytes) in tree(&starter.at("public")) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("https://example.org/meetings"), "{path}");
    }
}

#[test]
fn drafts_are_built_when_asked_for() {
    let starter = Starter::new();
    put(
        &starter.at("content/meetings/2026-03-01-draft.md"),
        "+++\ntitle = \"Draft\"\ndate = 2026-03-01\nkind = \"plenary\"\ndraft = true\n+++\n",
    );
    let page = starter.at("public/meetings/2026-03-01-draft/index.html");
    assert_code(&starter.run("build"), 0);
    assert!(!page.exists());
    assert!(!read(&starter.at("public/sitemap.xml")).contains("draft"));
    assert_code(&starter.run("build --drafts"), 0);
    assert!(page.is_file());
}

#[test]
fn the_day_comes_from_the_option_then_the_environment_then_the_clock() {
    let starter = Starter::new();
    put(
        &starter.at("content/pages/dated.md"),
        "+++\ntitle = \"Dated\"\n+++\n\nWithheld: :confidential[x]{ground=\"commercial\" until=\"2020-06-01\"}\n",
    );
    // The first second of 2020-06-01 in UTC.
    let day: i64 = 1_590_969_600;
    let is_due = |option: &str, seconds: Option<i64>| {
        let mut command = clerestory(&starter.root());
        command.arg("check").args(option.split_whitespace());
        if let Some(seconds) = seconds {
            command.env("SOURCE_DATE_EPOCH", seconds.to_string());
        }
        let checked = run_command(command.env("TZ", "Pacific/Kiritimati"));
        assert_code(&checked, 0);
        checked.stderr.contains("review-due")
    };
    assert!(!is_due("--today 2020-05-31", None));
    assert!(is_due("--today 2020-06-01", None));
    assert!(!is_due("", Some(day - 1)));
    assert!(is_due("", Some(day)));
    assert!(!is_due("--today 2020-05-31", Some(day)));
    assert!(is_due("--today 2020-06-01", Some(0)));
    // By the clock, which is later everywhere.
    assert!(is_due("", None));
}

#[test]
fn quiet_leaves_errors_and_warnings() {
    let starter = Starter::new();
    for arguments in ["check -q", "build -q", "build --quiet"] {
        let done = starter.run(arguments);
        assert_code(&done, 0);
        assert_eq!(
            (done.stdout.as_str(), done.stderr.as_str()),
            ("", ""),
            "{arguments}"
        );
    }
    let done = starter.run("new page quiet -q");
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""));
    put(&starter.at("content/stray.txt"), "x");
    let warned = starter.run("check -q");
    assert_code(&warned, 0);
    assert!(
        warned.stderr.starts_with("warning[unexpected-file]"),
        "{}",
        warned.stderr
    );
    assert!(!warned.stderr.contains("no errors"), "{}", warned.stderr);
    starter.spoil();
    let refused = starter.run("build -q");
    assert_code(&refused, 1);
    assert!(
        refused.stderr.contains("error[unknown-member]"),
        "{}",
        refused.stderr
    );
}

#[test]
fn colours_are_for_terminals_unless_asked_for() {
    let starter = Starter::new();
    starter.spoil();
    let coloured = |arguments: &str, variable: Option<&str>| {
        let mut command = clerestory(&starter.root());
        command.args(arguments.split_whitespace());
        if let Some(variable) = variable {
            command.env(variable, "1");
        }
        let run = run_command(&mut command);
        assert_code(&run, 1);
        assert!(!run.stdout.contains('\u{1b}'));
        run.stderr.contains('\u{1b}')
    };
    assert!(!coloured("check", None));
    assert!(!coloured("check --color auto", None));
    assert!(!coloured("check --color never", None));
    assert!(coloured("check --color always", None));
    assert!(coloured("check --color always", Some("NO_COLOR")));
    assert!(!coloured("check --color always --format json", None));
    for variable in ["CLICOLOR_FORCE", "FORCE_COLOR"] {
        assert!(!coloured("check --color never", Some(variable)));
    }
    let plain = starter.run("check").stderr;
    let colours = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    let with = starter.run("check --color always").stderr;
    assert_eq!(colours.replace_all(&with, ""), plain);
}

#[test]
fn standard_output_is_for_programs() {
    let starter = Starter::new();
    put(&starter.at("content/stray.txt"), "x");
    for arguments in ["check", "build", "check -v", "build -v", "new page said"] {
        assert_eq!(starter.run(arguments).stdout, "", "{arguments}");
    }
    for (arguments, code, lines) in [
        ("check --format json", 0, 2),
        ("build --format json", 0, 2),
        ("--format json build -q", 0, 2),
        ("build --format json -v", 0, 2),
    ] {
        let run = starter.run(arguments);
        assert_code(&run, code);
        assert_eq!(run.stderr, "", "{arguments}");
        let said: Vec<Value> = run
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(said.len(), lines, "{}", run.stdout);
        let summary = &said.last().unwrap()["summary"];
        assert_eq!(summary["errors"], 0);
        assert_eq!(summary["warnings"], 1);
        assert_eq!(summary["meetings"], 1);
        assert_eq!(summary["members"], 1);
        assert_eq!(summary["withheld"], 3);
        assert!(summary["pages"].as_u64().is_some_and(|pages| pages > 10));
    }
}

#[test]
fn a_closed_stream_is_no_reason_to_panic() {
    let starter = Starter::new();
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    let run = |arguments: &str, stdout: Stdio, stderr: Stdio| {
        let child = std::process::Command::new(env!("CARGO_BIN_EXE_clerestory"))
            .current_dir(starter.root())
            .args(arguments.split_whitespace())
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .unwrap();
        let output = child.wait_with_output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, stderr) = run("build --format json", closed(), Stdio::piped());
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(starter.at("public/index.html").is_file());
    assert_eq!(run("build", Stdio::piped(), closed()).0, Some(0));
    for arguments in ["--help", "build --help"] {
        let (_, stderr) = run(arguments, closed(), Stdio::piped());
        assert_eq!(stderr, "", "{arguments}");
    }
    // What is wrong stays wrong, though nobody listens.
    starter.spoil();
    let (code, stderr) = run("check --format json", closed(), Stdio::piped());
    assert_eq!((code, stderr.as_str()), (Some(1), ""));
    assert_eq!(run("build", Stdio::piped(), closed()).0, Some(1));
    fs::remove_file(starter.at("clerestory.toml")).unwrap();
    assert_eq!(run("check", Stdio::piped(), closed()).0, Some(2));
}

/// Progress is for terminals: in a pipe a run says the same every time, and in whole lines.
#[test]
fn a_pipe_gets_plain_lines() {
    let starter = Starter::new();
    let run = starter.run("build --today 2026-11-24");
    assert!(run.stderr.ends_with('\n'));
    assert!(!run.stderr.contains(['\r', '\u{1b}', '\u{8}']));
    let numbers = regex::Regex::new("[0-9]+").unwrap();
    let said = numbers.replace_all(&run.stderr, "N");
    insta::assert_snapshot!(said, @"built public: N pages, N meeting, N member, N passages withheld");
    assert_eq!(starter.run("build --today 2026-11-24"), run);
}

/// Where the home folder, the current folder or the sources would go with the old site, there is no build.
#[test]
fn a_marker_in_the_wrong_place_saves_nothing_from_the_checks() {
    let starter = Starter::new();
    assert_code(&starter.run("build"), 0);
    let marker = read(&starter.at("public/.clerestory"));
    put(&starter.at(".clerestory"), &marker);
    put(&starter.at("content/.clerestory"), &marker);
    let before = tree(&starter.root());
    for out in [".", "content", "../site", "content/../content"] {
        assert_code(&starter.run(&format!("build --out {out}")), 2);
        assert_eq!(tree(&starter.root()), before, "{out}");
    }
    let home = run_command(
        clerestory(&starter.at("content"))
            .env("HOME", starter.at("public"))
            .args(["build", "--root", "..", "--out", "../public"]),
    );
    assert_code(&home, 2);
    assert_eq!(tree(&starter.root()), before);
}

/// The site of this repository's own tests is one of many: what a user sees of it are paths as he wrote them.
#[test]
fn messages_name_files_below_the_root() {
    let broken = site("broken/unknown-member");
    let here = temporary();
    let checked = run_command(
        clerestory(here.path())
            .args(["check", "--root"])
            .arg(&broken),
    );
    assert_code(&checked, 1);
    assert!(
        checked.stderr.contains("content/meetings/"),
        "{}",
        checked.stderr
    );
    let above = broken.parent().and_then(Path::to_str).unwrap();
    assert!(!checked.stderr.contains(above), "{}", checked.stderr);
    assert!(!checked.stderr.contains(name(&broken)) || checked.stderr.contains("[unknown-member]"));
}

#[test]
fn a_code_is_explained_as_in_the_documentation() {
    let here = temporary();
    let said = run(here.path(), "explain near-miss-marker");
    assert_code(&said, 0);
    assert!(
        said.stdout
            .starts_with("near-miss-marker\n\nThe line looks like a marker and is none."),
        "{}",
        said.stdout
    );
    let said = run(here.path(), "explain near-mis-marker");
    assert_code(&said, 2);
    assert!(
        said.stderr.contains("did you mean `near-miss-marker`?"),
        "{}",
        said.stderr
    );
}

#[test]
fn reports_take_the_forms_of_other_programs() {
    let root = site("broken/unclosed-passage");
    let check = |form: &str| {
        let here = temporary();
        run_command(
            clerestory(here.path())
                .args(["check", "--today", TODAY, "--format", form, "--root"])
                .arg(&root),
        )
    };
    let said = check("github");
    assert_code(&said, 1);
    assert_eq!(said.stderr, "");
    let first = said.stdout.lines().next().unwrap_or_default();
    assert_eq!(
        first,
        "::error file=content/pages/end.md,line=6,col=1,title=unclosed-passage::this passage is never closed (A3)\
         %0Awrite a line `:::` where what is withheld ends"
    );
    let said = check("sarif");
    assert_code(&said, 1);
    let document: serde_json::Value = serde_json::from_str(&said.stdout).expect("JSON");
    let result = &document["runs"][0]["results"][0];
    assert_eq!(document["version"], "2.1.0");
    assert_eq!(result["ruleId"], "unclosed-passage");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "content/pages/end.md");
    assert_eq!(place["region"]["startLine"], 6);
    let rules = document["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .expect("a list");
    assert!(rules.iter().all(|rule| {
        rule["help"]["text"]
            .as_str()
            .is_some_and(|text| text.len() > 40)
    }));
}

#[test]
fn shells_and_manuals_know_every_command() {
    let here = temporary();
    for arguments in [
        "completions bash",
        "completions zsh",
        "completions fish",
        "man",
    ] {
        let said = run(here.path(), arguments);
        assert_code(&said, 0);
        for command in ["audit", "review", "explain", "build"] {
            assert!(said.stdout.contains(command), "{arguments} lacks {command}");
        }
    }
}
