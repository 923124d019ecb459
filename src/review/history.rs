//! An earlier state of a site, as `git` keeps it.
//!
//! `git` is asked as a program, with an environment and settings of our own, so that neither a hook nor a pager nor a filter
//! of the repository runs. Its own words are not passed on: they can quote.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::config;
use crate::review::Refused;
use crate::review::private::Target;

/// Returns the files of a site at a commit: its configuration and `content/`, by their paths below the root.
pub(super) fn files_at(root: &Path, revision: &str) -> Result<BTreeMap<String, Vec<u8>>, Refused> {
    let unknown = || {
        Refused::new(
            format!("there is no commit `{}`", shown(revision)),
            "name a commit, a branch or a tag of this repository, such as HEAD~1 or v1.0; `git log` lists commits",
        )
    };
    if revision.is_empty() || revision.starts_with('-') || revision.contains(['\0', '\n']) {
        return Err(unknown());
    }
    let inside = ask(root, &["rev-parse", "--show-prefix"])?.ok_or_else(|| {
        Refused::new(
            format!("{} lies in no git repository", root.display()),
            "`--since` compares with an earlier commit: keep the site in a git repository, one that belongs to you",
        )
    })?;
    let prefix = String::from_utf8_lossy(&inside)
        .trim_end_matches(['\r', '\n'])
        .to_owned();
    let name = format!("{revision}^{{commit}}");
    let commit = ask(
        root,
        &[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &name,
        ],
    )?
    .ok_or_else(unknown)?;
    let commit = String::from_utf8_lossy(&commit).trim().to_owned();
    let broken = || {
        Refused::new(
            format!(
                "the files of the commit `{}` cannot be read",
                shown(revision)
            ),
            "the repository may be a shallow or partial copy: fetch the whole of it, and look with `git fsck`",
        )
    };
    let listed = ask(root, &["ls-tree", "-rz", "--full-tree", &commit])?.ok_or_else(broken)?;
    let mut wanted = Vec::new();
    for entry in listed.split(|byte| *byte == 0) {
        let entry = String::from_utf8_lossy(entry);
        let Some((about, path)) = entry.split_once('\t') else {
            continue;
        };
        let mut about = about.split(' ');
        let (mode, kind, object) = (about.next(), about.next(), about.next());
        let (Some(below), Some(object)) = (path.strip_prefix(prefix.as_str()), object) else {
            continue;
        };
        // A link is no content, and what stands in another repository is none of this one.
        let is_file = kind == Some("blob") && mode != Some("120000");
        if is_file && (below == config::FILE || (below.starts_with("content/") && is_text(below))) {
            wanted.push((below.to_owned(), object.to_owned()));
        }
    }
    if !wanted.iter().any(|(path, _)| path == config::FILE) {
        let message = format!("there was no site here at `{}`", shown(revision));
        return Err(Refused::new(
            message,
            "name a commit that has the clerestory.toml of this site",
        ));
    }
    contents(root, wanted).ok_or_else(broken)
}

/// Says whether a file can hold marks: of pictures and the like, nothing is compared.
fn is_text(path: &str) -> bool {
    let extension = Path::new(path).extension();
    extension.is_some_and(|extension| {
        ["md", "toml"]
            .iter()
            .any(|own| extension.eq_ignore_ascii_case(own))
    })
}

/// Says whether a file lies in a work tree of git that would take it into a commit.
pub(super) fn could_be_committed(target: &Target) -> bool {
    let name = target.place.to_string_lossy();
    let is_inside = ask(&target.folder, &["rev-parse", "--is-inside-work-tree"])
        .ok()
        .flatten()
        .is_some_and(|said| said.starts_with(b"true"));
    is_inside
        && ask(&target.folder, &["check-ignore", "--quiet", "--", &name])
            .ok()
            .flatten()
            .is_none()
}

/// Returns `git`, in a folder, deaf to what the environment and the repository would have it do.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("LC_ALL", "C")
        .args(["--no-pager", "--no-replace-objects", "--literal-pathspecs"])
        .args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
        ])
        .arg("-C")
        .arg(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn no_git() -> Refused {
    Refused::new(
        "the program `git` cannot be started",
        "`--since` asks git for the earlier commit: install it, or leave `--since` out",
    )
}

/// Asks `git` something; nothing where it says no.
fn ask(folder: &Path, arguments: &[&str]) -> Result<Option<Vec<u8>>, Refused> {
    let output = git(folder).args(arguments).output().map_err(|_| no_git())?;
    Ok(output.status.success().then_some(output.stdout))
}

/// Reads the bytes of files by the names of their objects.
fn contents(folder: &Path, wanted: Vec<(String, String)>) -> Option<BTreeMap<String, Vec<u8>>> {
    let mut child = git(folder)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut questions = child.stdin.take()?;
    let mut answers = BufReader::new(child.stdout.take()?);
    let mut files = BTreeMap::new();
    for (path, object) in wanted {
        let read = read_object(&mut questions, &mut answers, &object);
        let Some(bytes) = read else {
            drop(questions);
            let _ = child.kill();
            let _ = child.wait();
            return None;
        };
        files.insert(path, bytes);
    }
    drop(questions);
    child.wait().ok()?.success().then_some(files)
}

fn read_object(
    questions: &mut impl Write,
    answers: &mut impl BufRead,
    object: &str,
) -> Option<Vec<u8>> {
    writeln!(questions, "{object}").ok()?;
    questions.flush().ok()?;
    let mut head = String::new();
    answers.read_line(&mut head).ok()?;
    let mut words = head.split_whitespace();
    if words.next() != Some(object) || words.next() != Some("blob") {
        return None;
    }
    let size: u64 = words.next()?.parse().ok()?;
    let mut bytes = Vec::new();
    answers.by_ref().take(size).read_to_end(&mut bytes).ok()?;
    let mut end = [0];
    answers.read_exact(&mut end).ok()?;
    (u64::try_from(bytes.len()).ok() == Some(size) && end == *b"\n").then_some(bytes)
}

/// Returns a name as it may stand in a message.
fn shown(revision: &str) -> String {
    revision
        .chars()
        .take(80)
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c })
        .collect()
}
