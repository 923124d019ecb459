//! Same input, same bytes: on whatever machine, in whatever time zone and language, with however many threads, and from a
//! copy whose files have other times and were made in another order.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::support::{
    TODAY, Tree, clerestory, differences, folders, name, plant, run_command, site, sources,
    temporary, tree,
};

#[test]
fn a_site_is_built_to_the_same_bytes_everywhere() {
    let mut sites = folders(&site("golden"));
    sites.push(site("secretariats"));
    for site in sites {
        let files = sources(&site);
        let here = temporary();
        let one = here.path().join("one");
        plant(&files, &one);
        let there = temporary();
        let other = there.path().join("another/name and folder");
        plant(files.iter().rev(), &other);
        age(&files, &other);

        let first = built(
            &one,
            "public",
            &[
                ("TZ", "Pacific/Kiritimati"),
                ("LC_ALL", "C"),
                ("RAYON_NUM_THREADS", "1"),
            ],
        );
        let second = built(
            &other,
            "www/deeper",
            &[
                ("TZ", "America/Adak"),
                ("LANG", "tr_TR.UTF-8"),
                ("LC_ALL", "tr_TR.UTF-8"),
                ("RAYON_NUM_THREADS", "7"),
            ],
        );
        let differ = differences(&first.0, &second.0);
        assert!(differ.is_empty(), "{}:\n{}", name(&site), differ.join("\n"));
        assert_eq!(first.1, second.1, "{}", name(&site));
    }
}

/// Returns the output of a build, and what it said.
fn built(root: &Path, out: &str, environment: &[(&str, &str)]) -> (Tree, String) {
    let mut command = clerestory(root);
    command.args(["build", "--format", "json", "--today", TODAY, "--out", out]);
    let run = run_command(command.envs(environment.iter().copied()));
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    (tree(&root.join(out)), run.stdout)
}

/// Gives every file a time of its own, years ago.
fn age(files: &Tree, root: &Path) {
    for (number, path) in (0..).zip(files.keys()) {
        let file = File::options().write(true).open(root.join(path));
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000 + number * 86_401);
        file.and_then(|file| file.set_modified(time))
            .unwrap_or_else(|error| panic!("{path}: {error}"));
    }
}
