//! `write`: what a build does to the output folder, and what it leaves alone.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "all of this file is tests, and what fails them is the disk"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use clerestory::write::{MARKER, Staging, WriteError};
use rayon::prelude::*;

/// A folder for one test: its path, with its links followed, and what removes it at the end.
struct Root(
    PathBuf,
    #[expect(dead_code, reason = "it is there to be dropped")] tempfile::TempDir,
);

impl Root {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = fs::canonicalize(folder.path()).unwrap();
        Self(path, folder)
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    fn begin(&self, out: &str) -> Result<Staging, WriteError> {
        Staging::begin(&self.at(out), &[&self.0])
    }

    /// Builds a site of `index.html` and one other page, all with this text.
    fn build(&self, out: &str, text: &str) -> Result<(), WriteError> {
        let staging = self.begin(out)?;
        staging.put("index.html", text.as_bytes())?;
        staging.put(&format!("pages/{text}/index.html"), text.as_bytes())?;
        staging.commit()
    }

    /// Asserts what stands in the folder, and in all folders below it, and what `public` says.
    fn check(&self, out: &str, expected: &[&str], text: &str) {
        let found: Vec<_> = tree(&self.0).into_keys().collect();
        assert_eq!(found, expected);
        assert_eq!(
            fs::read_to_string(self.at(out).join("index.html")).unwrap_or_default(),
            text
        );
    }
}

/// Paths of all files, links and empty folders below a folder, with the files' bytes.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        let entries: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .collect();
        if entries.is_empty() && folder != root {
            let name = folder.strip_prefix(root).unwrap().display();
            found.insert(format!("{name}/"), Vec::new());
        }
        for entry in entries {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                found.insert(name, fs::read(&path).unwrap_or_default());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

const SITE_A: [&str; 3] = [
    "public/.clerestory",
    "public/index.html",
    "public/pages/A/index.html",
];
const SITE_B: [&str; 3] = [
    "public/.clerestory",
    "public/index.html",
    "public/pages/B/index.html",
];

#[test]
fn a_site_replaces_nothing_an_empty_folder_and_an_older_site() {
    let root = Root::new();
    root.build("public", "A").unwrap();
    root.check("public", &SITE_A, "A");
    root.build("public", "B").unwrap();
    root.check("public", &SITE_B, "B");
    fs::remove_dir_all(root.at("public")).unwrap();
    fs::create_dir(root.at("public")).unwrap();
    root.build("public/", "A").unwrap();
    root.check("public", &SITE_A, "A");
}

#[test]
fn the_same_site_has_the_same_bytes() {
    let root = Root::new();
    root.build("public", "A").unwrap();
    let first = tree(&root.0);
    root.build("public", "A").unwrap();
    assert_eq!(tree(&root.0), first);
    assert_eq!(
        String::from_utf8_lossy(&first["public/.clerestory"]),
        "Built by Clerestory. The next build replaces this folder and all that is in it.\n"
    );
}

#[test]
fn nothing_is_visible_before_the_commit_and_nothing_left_without_it() {
    let root = Root::new();
    let staging = root.begin("public").unwrap();
    staging.put("index.html", b"A").unwrap();
    assert!(!root.at("public").exists());
    assert_eq!(mode(&root.at(".public.clerestory-staging")), 0o700);
    drop(staging);
    root.check("public", &[], "");

    root.build("public", "A").unwrap();
    let staging = root.begin("public").unwrap();
    staging.put("index.html", b"B").unwrap();
    drop(staging);
    root.check("public", &SITE_A, "A");
}

#[test]
fn files_put_into_a_built_site_by_hand_go_with_it() {
    let root = Root::new();
    root.build("public", "A").unwrap();
    fs::create_dir(root.at("public/mine")).unwrap();
    fs::write(root.at("public/mine/notes.txt"), "").unwrap();
    symlink("/etc", root.at("public/etc")).unwrap();
    root.build("public", "B").unwrap();
    root.check("public", &SITE_B, "B");
    assert!(Path::new("/etc/passwd").exists());
}

#[test]
fn a_folder_that_clerestory_did_not_build_is_refused_and_kept() {
    let root = Root::new();
    fs::create_dir(root.at("public")).unwrap();
    fs::write(root.at("public/index.html"), "mine").unwrap();
    let error = root.begin("public").unwrap_err();
    assert!(matches!(error, WriteError::Foreign(_)));
    assert_eq!(
        error.to_string().replace(root.0.to_str().unwrap(), "…"),
        "`…/public` holds files that Clerestory did not build; \
         choose another folder with --out, or move them away"
    );
    root.check("public", &["public/index.html"], "mine");
}

#[test]
fn a_marker_must_be_a_file_that_begins_with_its_line() {
    let right = "Built by Clerestory. The next build replaces this folder and all that is in it.\n";
    for (marker, accepted) in [
        (right.to_owned(), true),
        (format!("{right}and more\n"), true),
        (String::new(), false),
        (right.trim_end().to_owned(), false),
        (right.to_lowercase(), false),
        (format!("\n{right}"), false),
    ] {
        let root = Root::new();
        fs::create_dir(root.at("public")).unwrap();
        fs::write(root.at("public").join(MARKER), &marker).unwrap();
        assert_eq!(root.build("public", "A").is_ok(), accepted, "{marker:?}");
        assert_eq!(root.at("public/index.html").exists(), accepted);
    }

    let root = Root::new();
    fs::write(root.at("marker"), right).unwrap();
    for make in [
        &|path: &Path| symlink(root.at("marker"), path).unwrap() as (),
        &|path: &Path| fs::create_dir(path).unwrap(),
        &|path: &Path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
    ] as [&dyn Fn(&Path); 3]
    {
        fs::create_dir(root.at("public")).unwrap();
        make(&root.at("public").join(MARKER));
        assert!(matches!(root.begin("public"), Err(WriteError::Foreign(_))));
        fs::remove_dir_all(root.at("public")).unwrap();
    }
}

#[test]
fn a_folder_filled_during_the_build_is_kept() {
    for before in [None, Some("empty"), Some("built")] {
        let root = Root::new();
        match before {
            None => {}
            Some("empty") => fs::create_dir(root.at("public")).unwrap(),
            Some(_) => root.build("public", "A").unwrap(),
        }
        let staging = root.begin("public").unwrap();
        staging.put("index.html", b"B").unwrap();
        let _ = fs::remove_dir_all(root.at("public"));
        fs::create_dir(root.at("public")).unwrap();
        fs::write(root.at("public/index.html"), "mine").unwrap();
        assert!(matches!(staging.commit(), Err(WriteError::Foreign(_))));
        root.check("public", &["public/index.html"], "mine");
    }
}

#[test]
fn a_staging_folder_removed_during_the_build_is_an_error() {
    let root = Root::new();
    root.build("public", "A").unwrap();
    for removed in [
        ".public.clerestory-staging",
        ".public.clerestory-staging/site",
    ] {
        let staging = root.begin("public").unwrap();
        staging.put("index.html", b"B").unwrap();
        fs::remove_dir_all(root.at(removed)).unwrap();
        assert!(matches!(
            staging.put("a.html", b"B"),
            Err(WriteError::Io { .. })
        ));
        assert!(matches!(
            staging.put("a/b/c.html", b"B"),
            Err(WriteError::Io { .. })
        ));
        assert!(matches!(staging.commit(), Err(WriteError::Disturbed(_))));
        root.check("public", &SITE_A, "A");
    }
}

#[test]
fn files_and_links_to_nothing_are_refused() {
    let root = Root::new();
    fs::write(root.at("file"), "mine").unwrap();
    symlink("file", root.at("to-file")).unwrap();
    symlink("absent", root.at("dangling")).unwrap();
    symlink("absent/deeper", root.at("deeper")).unwrap();
    symlink("circle", root.at("circle")).unwrap();
    let before = tree(&root.0);
    assert!(matches!(root.begin("file"), Err(WriteError::NotAFolder(_))));
    assert!(matches!(
        root.begin("to-file"),
        Err(WriteError::NotAFolder(_))
    ));
    assert!(matches!(root.begin("circle"), Err(WriteError::Io { .. })));
    assert!(matches!(
        root.begin("dangling"),
        Err(WriteError::DanglingLink(_))
    ));
    assert!(matches!(
        root.begin("dangling/"),
        Err(WriteError::DanglingLink(_))
    ));
    assert!(matches!(
        root.begin("deeper"),
        Err(WriteError::DanglingLink(_))
    ));
    assert!(matches!(
        root.begin("file/public"),
        Err(WriteError::Io { .. })
    ));
    assert!(matches!(
        Staging::begin(Path::new(""), &[]),
        Err(WriteError::Io { .. })
    ));
    assert_eq!(tree(&root.0), before);
}

#[test]
fn behind_a_link_the_folder_is_replaced_and_the_link_stays() {
    let root = Root::new();
    fs::create_dir_all(root.at("far/away")).unwrap();
    symlink("far/away", root.at("relative")).unwrap();
    symlink(root.at("relative"), root.at("public")).unwrap();
    for (out, text) in [
        ("public", "A"),
        ("public/", "B"),
        ("relative", "C"),
        ("far/away", "D"),
    ] {
        root.build(out, text).unwrap();
        root.check(
            "public",
            &[
                "far/away/.clerestory",
                "far/away/index.html",
                &format!("far/away/pages/{text}/index.html"),
                "public",
                "relative",
            ],
            text,
        );
        assert_eq!(
            fs::read_link(root.at("public")).unwrap(),
            root.at("relative")
        );
        assert_eq!(
            fs::read_link(root.at("relative")).unwrap(),
            Path::new("far/away")
        );
    }
    fs::remove_file(root.at("far/away").join(MARKER)).unwrap();
    assert!(matches!(root.begin("public"), Err(WriteError::Foreign(_))));
}

#[test]
fn folders_to_keep_are_refused_even_with_a_marker() {
    let root = Root::new();
    root.build("site/public", "A").unwrap();
    fs::copy(
        root.at("site/public").join(MARKER),
        root.at("site").join(MARKER),
    )
    .unwrap();
    fs::create_dir(root.at("site/public/content")).unwrap();
    symlink("site", root.at("link")).unwrap();
    let before = tree(&root.0);
    let refused = |out: &str, keep: &str| {
        let result = Staging::begin(&root.at(out), &[&root.at(keep)]);
        assert!(
            matches!(result, Err(WriteError::Protected(..))),
            "{out} {keep}"
        );
    };
    refused("site", "site");
    refused("site/", "site/public");
    refused("site/public", "site/public/content");
    refused("site/public/..", "site");
    refused("link", "site");
    refused("site", "link");
    refused("link/public", "site/public/content");
    refused("site/public", "link/public/content");
    refused("themes", "themes");
    refused("themes", "themes/mine/static");
    refused("link/themes", "site/themes");
    // These the caller need not name.
    let here = std::env::current_dir().unwrap();
    let home = std::env::home_dir().unwrap();
    for out in [
        Path::new("/"),
        Path::new("."),
        Path::new(".."),
        &here,
        &home,
    ] {
        let result = Staging::begin(out, &[]);
        assert!(matches!(result, Err(WriteError::Protected(..))), "{out:?}");
    }
    assert_eq!(tree(&root.0), before);
    // A folder whose name only begins like one to keep is another folder.
    Staging::begin(&root.at("sit"), &[&root.at("site")]).unwrap();
}

#[test]
fn folders_above_are_made_and_removed_again_without_a_commit() {
    let root = Root::new();
    drop(root.begin("a/b/public").unwrap());
    root.check("a", &[], "");
    assert!(!root.at("a").exists());
    root.build("a/b/public", "A").unwrap();
    assert!(root.at("a/b/public/index.html").exists());
}

#[test]
fn paths_that_leave_the_site_are_refused() {
    let root = Root::new();
    let staging = root.begin("public").unwrap();
    for path in [
        "",
        "/",
        "/etc/passwd",
        "..",
        "../x",
        "a/../b",
        "a/..",
        ".",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "a\0b",
        "a\\b",
        "..\\x",
    ] {
        assert!(
            matches!(staging.put(path, b""), Err(WriteError::BadPath(_))),
            "{path:?}"
        );
    }
    for path in [
        "...",
        "..a",
        "a..",
        ".well-known/x",
        "é/ü.html",
        "a b/c?d",
        "-",
    ] {
        staging.put(path, b"").unwrap();
    }
    staging.commit().unwrap();
}

#[test]
fn a_path_written_twice_is_refused() {
    let root = Root::new();
    let staging = root.begin("public").unwrap();
    staging.put("a/b", b"first").unwrap();
    assert!(matches!(
        staging.put("a/b", b"second"),
        Err(WriteError::WrittenTwice(_))
    ));
    assert!(matches!(
        staging.put("a", b"second"),
        Err(WriteError::WrittenTwice(_))
    ));
    assert!(matches!(
        staging.put(MARKER, b"second"),
        Err(WriteError::WrittenTwice(_))
    ));
    let error = staging.put("a/b/c", b"second").unwrap_err();
    assert_eq!(
        error.to_string().replace(root.0.to_str().unwrap(), "…"),
        "cannot write `…/public/a/b/c`: not a directory"
    );
    staging.commit().unwrap();
    assert_eq!(fs::read(root.at("public/a/b")).unwrap(), b"first");
}

#[test]
fn many_threads_write_one_site() {
    let root = Root::new();
    let staging = root.begin("public").unwrap();
    let path = |number: usize| format!("a/{}/b/{}/{number}.html", number % 3, number % 50);
    (0..2000).into_par_iter().for_each(|number| {
        staging
            .put(&path(number), number.to_string().as_bytes())
            .unwrap();
    });
    // Of many who write one path, one does.
    let winners = AtomicUsize::new(0);
    (0..200)
        .into_par_iter()
        .for_each(|_| match staging.put("new/folder/one", b"1") {
            Ok(()) => drop(winners.fetch_add(1, SeqCst)),
            Err(WriteError::WrittenTwice(_)) => {}
            Err(error) => panic!("{error}"),
        });
    assert_eq!(winners.into_inner(), 1);
    staging.commit().unwrap();
    let site = tree(&root.at("public"));
    assert_eq!(site.len(), 2002);
    assert!((0..2000).all(|number| site[&path(number)] == number.to_string().as_bytes()));
}

#[test]
fn a_second_build_into_the_same_folder_fails() {
    let root = Root::new();
    symlink("public", root.at("link")).unwrap();
    root.build("public", "A").unwrap();
    let first = root.begin("public").unwrap();
    for out in ["public", "link"] {
        let error = root.begin(out).unwrap_err();
        assert!(matches!(error, WriteError::Busy(_)));
        assert!(error.to_string().starts_with("another build is writing"));
    }
    // Into another folder it may go on, even beside.
    root.build("public2", "A").unwrap();
    first.put("index.html", b"B").unwrap();
    first.commit().unwrap();
    assert_eq!(fs::read(root.at("public/index.html")).unwrap(), b"B");
    drop(root.begin("public").unwrap());
}

#[test]
fn builds_that_race_never_meet() {
    let root = Root::new();
    let living = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..6 {
            let (root, living) = (&root, &living);
            scope.spawn(move || {
                let mut round = 0;
                while round < 100 {
                    let staging = match root.begin("public") {
                        Ok(staging) => staging,
                        Err(WriteError::Busy(_)) => {
                            std::thread::yield_now();
                            continue;
                        }
                        Err(error) => panic!("{error}"),
                    };
                    assert_eq!(living.fetch_add(1, SeqCst), 0);
                    for page in ["index.html", "a/index.html", "b/index.html"] {
                        let text = format!("{thread} {round}");
                        staging.put(page, text.as_bytes()).unwrap();
                    }
                    living.fetch_sub(1, SeqCst);
                    if round % 5 > 0 {
                        staging.commit().unwrap();
                    }
                    round += 1;
                }
            });
        }
    });
    let site = tree(&root.0);
    assert_eq!(site.len(), 4, "{:?}", site.keys());
    assert_eq!(site["public/index.html"], site["public/a/index.html"]);
    assert_eq!(site["public/index.html"], site["public/b/index.html"]);
}

#[test]
fn readers_always_find_a_site() {
    let root = Root::new();
    root.build("public", "A").unwrap();
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(SeqCst) {
                let text = fs::read_to_string(root.at("public/index.html")).unwrap();
                assert!(matches!(text.as_str(), "A" | "B"));
            }
        });
        for round in 0..100 {
            root.build("public", ["B", "A"][round % 2]).unwrap();
        }
        ended.store(true, SeqCst);
    });
}

#[test]
fn what_a_killed_build_left_is_removed() {
    let root = Root::new();
    root.build("public", "A").unwrap();
    let staging = root.at(".public.clerestory-staging");
    // Each as a kill leaves it: in `begin`, in `put`, after the swap, while removing.
    for files in [
        &[][..],
        &["lock"],
        &["lock", ".clerestory"],
        &["site/.clerestory", "site/a/b"],
    ] {
        for file in files {
            fs::create_dir_all(staging.join(file).parent().unwrap()).unwrap();
            fs::write(staging.join(file), b"").unwrap();
        }
        fs::create_dir_all(&staging).unwrap();
        if staging.join("site").exists() {
            fs::copy(
                root.at("public").join(MARKER),
                staging.join("site").join(MARKER),
            )
            .unwrap();
        }
        drop(root.begin("public").unwrap());
        root.check("public", &SITE_A, "A");
    }
    fs::create_dir_all(staging.join("site")).unwrap();
    root.build("public", "B").unwrap();
    root.check("public", &SITE_B, "B");
}

#[test]
fn a_staging_folder_that_clerestory_did_not_make_is_kept() {
    let root = Root::new();
    let staging = root.at(".public.clerestory-staging");
    for file in ["site/mine", "old/mine", "mine"] {
        fs::create_dir_all(staging.join(file).parent().unwrap()).unwrap();
        fs::write(staging.join(file), "").unwrap();
        assert!(matches!(root.begin("public"), Err(WriteError::Foreign(_))));
        assert!(staging.join(file).exists());
        fs::remove_dir_all(&staging).unwrap();
    }
    fs::write(&staging, "").unwrap();
    assert!(matches!(root.begin("public"), Err(WriteError::Foreign(_))));
    fs::remove_file(&staging).unwrap();
    fs::create_dir(root.at("elsewhere")).unwrap();
    symlink("elsewhere", &staging).unwrap();
    assert!(matches!(root.begin("public"), Err(WriteError::Foreign(_))));
    root.check("", &[".public.clerestory-staging", "elsewhere/"], "");
}

#[test]
fn a_kill_between_two_steps_is_mended_by_the_next_build() {
    for linked in [false, true] {
        let root = Root::new();
        fs::create_dir(root.at("far")).unwrap();
        if linked {
            symlink("far/public", root.at("out")).unwrap();
            fs::create_dir(root.at("far/public")).unwrap();
        }
        let out = if linked { "out" } else { "far/public" };
        root.build(out, "A").unwrap();
        let staging = root.at("far/.public.clerestory-staging");
        for empty_folder_came in [false, true] {
            fs::create_dir_all(staging.join("site")).unwrap();
            fs::copy(
                root.at("far/public").join(MARKER),
                staging.join("site").join(MARKER),
            )
            .unwrap();
            fs::rename(root.at("far/public"), staging.join("old")).unwrap();
            if empty_folder_came {
                fs::create_dir(root.at("far/public")).unwrap();
            }
            drop(root.begin(out).unwrap());
            assert_eq!(fs::read(root.at("far/public/index.html")).unwrap(), b"A");
            assert!(!staging.exists());
        }
    }
}

#[test]
fn modes_are_those_of_any_new_file() {
    for (umask, folder, file) in [
        ("022", 0o755, 0o644),
        ("027", 0o750, 0o640),
        ("002", 0o775, 0o664),
    ] {
        let root = Root::new();
        let child = Command::new("sh");
        let run = run_child(
            child,
            &["-c", &format!("umask {umask}; exec \"$0\" \"$@\"")],
            &root.0,
            "A",
        );
        assert_eq!(run, "built");
        for path in ["public", "public/pages", "public/pages/A"] {
            assert_eq!(mode(&root.at(path)), folder, "{umask} {path}");
        }
        for path in [
            "public/.clerestory",
            "public/index.html",
            "public/pages/A/index.html",
        ] {
            assert_eq!(mode(&root.at(path)), file, "{umask} {path}");
        }
    }
}

#[test]
fn an_old_site_that_cannot_be_removed_is_an_error_but_the_new_one_stands() {
    let root = Root::new();
    // Nothing stops root from removing files: then it is done as nobody.
    let nobody = 65534;
    fs::set_permissions(&root.0, fs::Permissions::from_mode(0o755)).unwrap();
    let became_nobodys = chown(&root.0, Some(nobody), Some(nobody)).is_ok();
    // The folders above the test's own program may be closed to nobody.
    let open = tempfile::tempdir().unwrap();
    fs::set_permissions(open.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let (own, exe) = (std::env::current_exe().unwrap(), open.path().join("exe"));
    fs::hard_link(&own, &exe)
        .or_else(|_| fs::copy(&own, &exe).map(drop))
        .unwrap();
    let build = |text| {
        let mut child = Command::new(&exe);
        if became_nobodys {
            child.uid(nobody).gid(nobody);
        }
        let run = run_child(child, &[], &root.0, text);
        run.replace(root.0.to_str().unwrap(), "…")
    };
    assert_eq!(build("A"), "built");
    fs::set_permissions(root.at("public/pages"), fs::Permissions::from_mode(0o555)).unwrap();

    let left = "…/.public.clerestory-staging";
    assert_eq!(
        build("B"),
        format!(
            "the new site stands, but the old one is still in `{left}`: \
             cannot remove `{left}/site/pages`: permission denied; remove it by hand"
        )
    );
    assert_eq!(fs::read(root.at("public/index.html")).unwrap(), b"B");
    assert_eq!(
        build("C"),
        format!("cannot remove `{left}/site/pages`: permission denied")
    );
    assert_eq!(fs::read(root.at("public/index.html")).unwrap(), b"B");

    let pages = root.at(".public.clerestory-staging/site/pages");
    fs::set_permissions(pages, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(build("B"), "built");
    root.check("public", &SITE_B, "B");
}

/// Runs `child` below, in a process of its own, and returns what it said.
fn run_child(mut command: Command, args: &[&str], root: &Path, text: &str) -> String {
    let name = module_path!()
        .split_once("::")
        .map_or("child".into(), |(_, module)| format!("{module}::child"));
    command.args(args);
    if !args.is_empty() {
        command.arg(std::env::current_exe().unwrap());
    }
    command.args(["--exact", &name, "--nocapture"]);
    command
        .env("WRITE_ROOT", root)
        .env("WRITE_TEXT", text)
        .current_dir("/");
    let output = command.output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let said = output
        .lines()
        .find_map(|line| line.split_once("child said: "));
    said.unwrap_or_else(|| panic!("{output}")).1.to_owned()
}

/// Not a test of its own: one build in a process that another test starts.
#[test]
fn child() {
    let (Some(root), Ok(text)) = (std::env::var_os("WRITE_ROOT"), std::env::var("WRITE_TEXT"))
    else {
        return;
    };
    let build = || {
        let staging = Staging::begin(&Path::new(&root).join("public"), &[])?;
        staging.put("index.html", text.as_bytes())?;
        staging.put(&format!("pages/{text}/index.html"), text.as_bytes())?;
        staging.commit()
    };
    let said = build().map_or_else(|error| error.to_string(), |()| "built".to_owned());
    writeln!(std::io::stdout(), "child said: {said}").unwrap();
}
