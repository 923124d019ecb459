//! `write` under SIGKILL: whenever a build is killed, the old site stands, or the new one.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "all of this file is tests, and what fails them is the disk"
)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clerestory::write::{MARKER, Staging};

const FILES: usize = 300;
const KILLS: u64 = 200;

fn build(out: &Path, letter: &str) {
    let staging = Staging::begin(out, &[]).unwrap();
    for number in 0..FILES {
        let path = format!("section-{}/page-{number}/index.html", number % 7);
        staging.put(&path, letter.repeat(500).as_bytes()).unwrap();
    }
    staging.commit().unwrap();
}

/// Returns the letter of the site; panics unless all of it is there, and all of one site.
fn letter_of(out: &Path) -> char {
    let mut folders = vec![out.to_path_buf()];
    let mut letters = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path != out.join(MARKER) {
                let text = fs::read_to_string(&path).unwrap();
                assert_eq!(text.len(), 500, "{}", path.display());
                letters.extend(text.chars());
            }
        }
    }
    assert!(out.join(MARKER).is_file());
    assert_eq!(letters.len(), FILES * 500);
    letters.dedup();
    assert_eq!(letters.len(), 1, "a mixed site: {letters:?}");
    letters[0]
}

#[test]
fn a_killed_build_leaves_a_complete_site() {
    // In memory, where there is such a disk: two hundred kills then take seconds.
    let memory = Path::new("/dev/shm");
    let root = match std::env::var_os("TMPDIR") {
        None if memory.is_dir() => tempfile::tempdir_in(memory),
        _ => tempfile::tempdir(),
    };
    let root = root.unwrap();
    let out = root.path().join("public");

    let start = Instant::now();
    build(&out, "A");
    build(&out, "B");
    let time = start.elapsed().as_micros();

    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let (mut interrupted, mut absent, mut seen) = (0, 0, [0; 2]);
    for kill in 0..KILLS {
        // Now and then the first build of all is the one that is killed.
        if kill % 8 == 0 && out.exists() {
            fs::remove_dir_all(&out).unwrap();
        }
        let stood = out.exists();
        let mut child = start_child(&out);
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let moment = u64::try_from(time).unwrap() * (random % 1000) / 700;
        std::thread::sleep(Duration::from_micros(moment));
        child.kill().unwrap();
        // Had it ended of itself, it would have stumbled over what the last kill left.
        assert_eq!(child.wait().unwrap().signal(), Some(9));
        if !stood && !out.exists() {
            absent += 1;
        } else {
            seen[usize::from(letter_of(&out) == 'B')] += 1;
        }
        interrupted += u64::from(fs::read_dir(root.path()).unwrap().count() > 1);
    }
    writeln!(
        std::io::stderr(),
        "{KILLS} kills, {interrupted} left a staging folder: A stood {}, B {}, none yet {absent}",
        seen[0],
        seen[1],
    )
    .unwrap();
    assert!(
        interrupted > KILLS / 10,
        "the kills came at no interesting moment"
    );

    build(&out, "A");
    assert_eq!(letter_of(&out), 'A');
    let beside: Vec<_> = fs::read_dir(root.path()).unwrap().collect();
    assert_eq!(beside.len(), 1, "left: {beside:?}");
}

/// Starts `child` below in a process of its own, and returns when it begins to build.
fn start_child(out: &Path) -> std::process::Child {
    let name = module_path!()
        .split_once("::")
        .map_or("child".into(), |(_, module)| format!("{module}::child"));
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env("WRITE_FOR_EVER", out)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines
        .map_while(Result::ok)
        .any(|line| line.contains("ready"));
    assert!(ready);
    child
}

/// Not a test of its own: builds two sites in turn, until it is killed.
#[test]
fn child() {
    let Some(out) = std::env::var_os("WRITE_FOR_EVER") else {
        return;
    };
    writeln!(std::io::stdout(), "ready").unwrap();
    loop {
        build(Path::new(&out), "A");
        build(Path::new(&out), "B");
    }
}
