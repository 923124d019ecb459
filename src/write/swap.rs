//! What is done to whole folders: recognise, claim, exchange, remove.
//!
//! Nothing is removed here but a site with its marker, and what a staging folder holds beside it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::Path;

use super::MARKER;
use super::error::{WriteError, failed};

/// What the marker begins with. By it earlier builds are recognised: do not change it.
pub(super) const MARKER_LINE: &[u8] =
    b"Built by Clerestory. The next build replaces this folder and all that is in it.\n";

// What a staging folder holds; the crate's `write` module says when.
const LOCK: &str = "lock";
pub(super) const SITE: &str = "site";
pub(super) const OLD: &str = "old";

/// How often to begin again when another build takes the staging folder away under our hands.
const ATTEMPTS: usize = 100;

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Nothing,
    Empty,
    Built,
    Foreign,
    NoFolder,
}

/// Looks at a path, which another build may be changing at the same time: what is taken away under
/// our eyes is missing, and a folder that is filled is looked at for the marker after that.
pub(super) fn standing(path: &Path) -> Result<Standing, WriteError> {
    let look = || {
        Ok(if !fs::symlink_metadata(path)?.is_dir() {
            Standing::NoFolder
        } else if fs::read_dir(path)?.next().is_none() {
            Standing::Empty
        } else if is_marked(path)? {
            Standing::Built
        } else {
            Standing::Foreign
        })
    };
    unless_missing(look())
        .map(|standing| standing.unwrap_or(Standing::Nothing))
        .map_err(failed("read", path))
}

/// Returns whether the folder holds the marker: a file, no link to one, that begins with its line.
fn is_marked(folder: &Path) -> io::Result<bool> {
    let marker = folder.join(MARKER);
    let metadata = unless_missing(fs::symlink_metadata(&marker))?;
    if !metadata.is_some_and(|metadata| metadata.is_file()) {
        return Ok(false);
    }
    let mut line = [0; MARKER_LINE.len()];
    match File::open(marker)?.read_exact(&mut line) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        result => result.map(|()| line == MARKER_LINE),
    }
}

/// Makes the staging folder and locks it, after clearing away what a killed build left there.
///
/// All builds into `place` use one name, so that making it, or locking what is there, decides
/// between them.
pub(super) fn claim(out: &Path, folder: &Path, place: &Path) -> Result<File, WriteError> {
    for _ in 0..ATTEMPTS {
        let made = match private_folder().create(folder) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(failed("make the folder", folder)(error)),
        };
        if standing(folder)? == Standing::NoFolder {
            break;
        }
        let path = folder.join(LOCK);
        // A file, for NFS locks no folders.
        let mut options = OpenOptions::new();
        let opened = options.write(true).create(true).truncate(false).open(&path);
        let Some(lock) = unless_missing(opened).map_err(failed("write", &path))? else {
            continue;
        };
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(WriteError::Busy(out.to_path_buf())),
            Err(TryLockError::Error(error)) => return Err(failed("lock", &path)(error)),
        }
        // Between the opening and the locking, the build that had it may have ended and removed it.
        if !is_still_at(&lock, &path) {
            continue;
        }
        if made {
            return Ok(lock);
        }
        // What is there already is not used, for it may have another owner or mode.
        clear(folder, place)?;
    }
    Err(WriteError::Foreign(folder.to_path_buf()))
}

/// Takes a staging folder down. An old site that a kill left aside goes back to its place first.
pub(super) fn clear(folder: &Path, place: &Path) -> Result<(), WriteError> {
    let old = folder.join(OLD);
    if standing(&old)? == Standing::Built
        && matches!(standing(place)?, Standing::Nothing | Standing::Empty)
    {
        move_in(&old, place).map_err(failed("put back", place))?;
    }
    remove_site(&old)?;
    remove_site(&folder.join(SITE))?;
    for file in [MARKER, LOCK].map(|name| folder.join(name)) {
        unless_missing(fs::remove_file(&file)).map_err(failed("remove", &file))?;
    }
    match fs::remove_dir(folder) {
        // Without the lock in it, it may be the next build's by now.
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
        result => unless_missing(result)
            .map(drop)
            .map_err(failed("remove", folder)),
    }
}

/// Removes a site, its marker last: whenever a kill comes, what is left can be recognised.
fn remove_site(site: &Path) -> Result<(), WriteError> {
    match standing(site)? {
        Standing::Nothing => return Ok(()),
        Standing::Empty | Standing::Built => {}
        Standing::Foreign | Standing::NoFolder => {
            return Err(WriteError::Foreign(site.to_path_buf()));
        }
    }
    let entries = fs::read_dir(site).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    for entry in entries.map_err(failed("read", site))? {
        let path = entry.path();
        let removed = match entry.file_type() {
            Ok(_) if entry.file_name() == MARKER => Ok(()),
            Ok(kind) if kind.is_dir() => fs::remove_dir_all(&path),
            Ok(_) => fs::remove_file(&path),
            Err(error) => Err(error),
        };
        removed.map_err(failed("remove", &path))?;
    }
    unless_missing(fs::remove_file(site.join(MARKER)))
        .and_then(|_| fs::remove_dir(site))
        .map_err(failed("remove", site))
}

/// Moves a folder to where nothing stands, or an empty folder. Fails when anything else is there.
pub(super) fn move_in(site: &Path, place: &Path) -> io::Result<()> {
    if cfg!(windows) {
        // Elsewhere the one call replaces an empty folder.
        unless_missing(fs::remove_dir(place))?;
    }
    fs::rename(site, place)
}

/// Puts `site` where `place` is, and the other way round, in one step.
///
/// Where the file system cannot do that (NFS, for one) it takes two, with `old` between: a reader
/// who comes between them finds no site, and after a kill between them there is none until the next
/// build begins, and puts the old one back.
pub(super) fn exchange(site: &Path, place: &Path, old: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, site, CWD, place, RenameFlags::EXCHANGE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            result => return Ok(result?),
        }
    }
    exchange_in_two_steps(site, place, old)
}

fn exchange_in_two_steps(site: &Path, place: &Path, old: &Path) -> io::Result<()> {
    fs::rename(place, old)?;
    // When this fails, `clear` puts the old site back.
    fs::rename(site, place)
}

fn private_folder() -> DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has modes"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Returns whether `path` still leads to the open file.
#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(ours), Ok(there)) => (ours.dev(), ours.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// Returns whether `path` still leads to the open file.
#[cfg(not(unix))]
fn is_still_at(_file: &File, path: &Path) -> bool {
    path.exists()
}

fn unless_missing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes `site`, `place` and no `old`; returns what the three hold after `act`.
    fn check(act: impl Fn(&Path, &Path, &Path), expected: [&str; 3]) {
        let root = tempfile::tempdir().unwrap();
        let paths = [SITE, "place", OLD].map(|name| root.path().join(name));
        for (path, letter) in [(&paths[0], "new"), (&paths[1], "old")] {
            fs::create_dir(path).unwrap();
            fs::write(path.join(MARKER), MARKER_LINE).unwrap();
            fs::write(path.join("letter"), letter).unwrap();
        }
        act(&paths[0], &paths[1], &paths[2]);
        let found = paths.map(|path| fs::read_to_string(path.join("letter")).unwrap_or_default());
        assert_eq!(found, expected);
    }

    #[test]
    fn folders_are_exchanged_in_one_step() {
        check(
            |site, place, old| exchange(site, place, old).unwrap(),
            ["old", "new", ""],
        );
    }

    #[test]
    fn folders_are_exchanged_in_two_steps() {
        check(
            |site, place, old| exchange_in_two_steps(site, place, old).unwrap(),
            ["", "new", "old"],
        );
    }

    #[test]
    fn what_two_steps_left_is_cleared() {
        check(
            |site, place, old| {
                exchange_in_two_steps(site, place, old).unwrap();
                clear(site.parent().unwrap(), place).unwrap();
            },
            ["", "new", ""],
        );
    }

    #[test]
    fn a_failed_second_step_gives_the_old_site_back() {
        check(
            |site, place, old| {
                remove_site(site).unwrap();
                exchange_in_two_steps(site, place, old).unwrap_err();
                clear(site.parent().unwrap(), place).unwrap();
            },
            ["", "old", ""],
        );
    }

    #[test]
    fn a_lock_whose_file_was_removed_is_no_lock() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(LOCK);
        let lock = File::create(&path).unwrap();
        assert!(is_still_at(&lock, &path));
        fs::remove_file(&path).unwrap();
        assert!(!is_still_at(&lock, &path));
        File::create(&path).unwrap();
        assert_eq!(is_still_at(&lock, &path), cfg!(not(unix)));
    }
}
