//! The program under SIGKILL: whenever a build is killed, the old site stands or the new one, complete.
//!
//! `write_kill` does the same to the module that writes. Here the whole program is killed, between the first file that it
//! reads and the last that it removes. `CLERESTORY_KILLS=200` kills more often.
#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{TODAY, Tree, differences, plant, site, sources, temporary, tree};

const KILLS: u64 = 40;

#[test]
fn a_killed_build_leaves_the_old_site_or_the_new_one() {
    let kills = std::env::var("CLERESTORY_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(KILLS);
    let here = temporary();
    let at = |path: &str| here.path().join(path);
    let files = sources(&site("golden/small"));
    plant(&files, &at("a"));
    plant(&files, &at("b"));
    let config = at("b/clerestory.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("Small centre", "Other centre")).unwrap();
    fs::create_dir(at("out")).unwrap();
    let out = at("out/public");

    let finished = |root: &str| -> Tree {
        let status = start_build(&at(root), &out).wait().unwrap();
        assert!(status.success());
        tree(&out)
    };
    let start = Instant::now();
    let sites = [finished("a"), finished("b")];
    // How long a build takes; kept up with, for the machine has other things to do as well.
    let mut span = start.elapsed() / 2;
    assert_ne!(sites[0], sites[1]);
    let names: Vec<&String> = sites[0].keys().collect();
    assert_eq!(names, sites[1].keys().collect::<Vec<_>>());

    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let (mut killed, mut interrupted, mut seen) = (0, 0, [0; 2]);
    for kill in 0..kills {
        let root = if kill % 2 == 0 { "a" } else { "b" };
        let mut child = start_build(&at(root), &out);
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        // Every third in the first half of its work, the others at its end, where the sites are exchanged.
        let part = if kill % 3 == 0 {
            random % 500
        } else {
            700 + random % 400
        };
        let moment = span.as_micros() * u128::from(part) / 1000;
        std::thread::sleep(Duration::from_micros(u64::try_from(moment).unwrap()));
        child.kill().unwrap();
        let status = child.wait().unwrap();
        killed += u64::from(status.signal() == Some(9));
        assert!(status.success() || status.signal() == Some(9), "{status}");
        interrupted += u64::from(entries(&at("out")).len() > 1);
        let found = tree(&out);
        let stands = sites.iter().position(|site| *site == found);
        let Some(stands) = stands else {
            let differ = differences(&sites[0], &found);
            panic!(
                "neither site stands after kill {kill}: {}",
                differ.join("\n")
            );
        };
        seen[stands] += 1;
        if status.success() {
            span = span * 9 / 10;
        } else if stands != usize::try_from(kill % 2).unwrap() && kill % 3 != 0 {
            span = span * 11 / 10;
        }
    }
    writeln!(
        std::io::stderr(),
        "{kills} builds, {killed} killed, {interrupted} of them left a staging folder: A stood {}, B {}",
        seen[0],
        seen[1],
    )
    .unwrap();
    assert!(killed > kills / 4, "the kills came too late");
    assert!(
        kills < KILLS || (seen[0] > 0 && seen[1] > 0),
        "the kills came too early"
    );

    assert_eq!(finished("a"), sites[0]);
    assert_eq!(entries(&at("out")), ["public"]);
}

fn start_build(root: &Path, out: &Path) -> std::process::Child {
    Command::new(env!("CARGO_BIN_EXE_clerestory"))
        .args(["build", "-q", "--today", TODAY, "--root"])
        .arg(root)
        .arg("--out")
        .arg(out)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program can be started")
}

fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder was made for this");
    entries
        .map(|entry| {
            let entry = entry.expect("an entry can be read");
            entry.file_name().to_string_lossy().into_owned()
        })
        .collect()
}
