//! Writes a finished site: first into a staging folder beside its place, then with one swap into
//! `public/`.
//!
//! It owns the output folder, and one name beside it. It must never change a folder that Clerestory
//! did not build; and whoever looks at `public/`, and whatever kills the program, finds the old
//! site or the new one, complete.
//!
//! ```text
//! public/                        what readers see; a built site holds the file `.clerestory`
//! .public.clerestory-staging/    only while a build runs, and closed to other users
//!   lock                         locked by the living build; the system frees it when that dies
//!   site/                        the new site; after the swap the old one, on its way out
//!   old/                         only where folders cannot be exchanged: see `swap::exchange`
//! ```
//!
//! - A built folder is replaced as a whole: what was put into it by hand goes with the old site.
//! - Of two builds into one folder the second fails, at its start, with [`WriteError::Busy`].
//! - A kill leaves the staging folder behind; the next build into the same place removes it.
//! - Nothing is flushed to the disk. After a power cut soon after a build, build again.
//! - A program that stands inside `public/` (a server started in it, a container that mounts it)
//!   goes on seeing the old, removed folder. Give it the folder above, and the path.
#![expect(
    clippy::disallowed_methods,
    reason = "the rim: the module that writes the site"
)]

mod error;
mod swap;

use std::collections::HashSet;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{self, Path, PathBuf};
use std::sync::{PoisonError, RwLock};

pub use self::error::WriteError;
use self::error::failed;
use self::swap::{MARKER_LINE, OLD, SITE, Standing, claim, clear, exchange, move_in, standing};

/// The file by which a folder built by Clerestory is recognised; it is part of the site.
pub const MARKER: &str = ".clerestory";

/// A site that is being written beside its place, and is not visible yet.
///
/// Dropped without [`commit`](Staging::commit), it removes what it wrote, and the old site stays as
/// it was.
#[derive(Debug)]
pub struct Staging {
    /// The output folder as the user named it, for messages.
    out: PathBuf,
    /// Where the site will stand: absolute, its links followed.
    place: PathBuf,
    folder: PathBuf,
    site: PathBuf,
    /// The folders made in `site`.
    made: RwLock<HashSet<String>>,
    /// Says that `folder` is ours. Without it nothing there may be touched: by now it may be the
    /// folder of another build.
    lock: Option<File>,
    /// Dropped last, when the staging folder in them is gone.
    _parents: NewFolders,
}

impl Staging {
    /// Begins a site that will replace `out`, which must be absent, empty or built by Clerestory.
    ///
    /// Folders missing above `out` are made. When `out` is a link to a folder, the folder is
    /// replaced and the link stays. Staging folders of killed builds are removed.
    ///
    /// # Errors
    /// Refuses `out`, whatever it holds, when the current folder, the home folder or one of `keep`
    /// (the site's root and sources) is that folder or lies in it. More reasons: [`WriteError`].
    pub fn begin(out: &Path, keep: &[&Path]) -> Result<Self, WriteError> {
        let (place, linked, parents) = locate(out)?;
        refuse_protected(out, &place, keep)?;
        let mut name = OsString::from(".");
        name.push(place.file_name().unwrap_or_default());
        name.push(".clerestory-staging");
        let folder = place.with_file_name(name);

        // Looked at before anything is made beside it, and again when a killed build is cleared up.
        may_replace(out, &place)?;
        let lock = claim(out, &folder, &place)?;
        let staging = Self {
            out: out.to_path_buf(),
            site: folder.join(SITE),
            place,
            folder,
            made: RwLock::default(),
            lock: Some(lock),
            _parents: parents,
        };
        if may_replace(out, &staging.place)? == Standing::Nothing && linked {
            return Err(WriteError::DanglingLink(out.to_path_buf()));
        }
        staging.lay_out()?;
        Ok(staging)
    }

    /// Writes one file of the site; `path` is relative to it, with `/` between its parts.
    ///
    /// May be called from many threads at once, with paths in any order.
    ///
    /// # Errors
    /// Refuses a path that could leave the site, and one that was written before (in another letter
    /// case too, on a disk where that makes no difference); and when the disk is full.
    pub fn put(&self, path: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let stays_inside = |part| !matches!(part, "" | "." | "..");
        if path.contains(['\\', '\0']) || !path.split('/').all(stays_inside) {
            return Err(WriteError::BadPath(path.to_owned()));
        }
        let written = || {
            if let Some((folder, _)) = path.rsplit_once('/') {
                self.make_folder(folder)?;
            }
            File::create_new(self.site.join(path))?.write_all(bytes)
        };
        written().map_err(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists {
                WriteError::WrittenTwice(path.to_owned())
            } else {
                failed("write", &self.out.join(path))(error)
            }
        })
    }

    /// Puts the site in its place, and removes the one that stood there.
    ///
    /// # Errors
    /// The old site still stands, unless the error is [`WriteError::OldSiteLeft`].
    pub fn commit(mut self) -> Result<(), WriteError> {
        self.swap()?;
        self.clear()
            .map_err(|error| WriteError::OldSiteLeft(self.folder.clone(), Box::new(error)))
    }

    /// Makes the site's folder, whose first entry is the marker, complete.
    fn lay_out(&self) -> Result<(), WriteError> {
        let marker = self.folder.join(MARKER);
        fs::create_dir(&self.site)
            .and_then(|()| fs::write(&marker, MARKER_LINE))
            .and_then(|()| fs::rename(&marker, self.site.join(MARKER)))
            .map_err(failed("write", &self.site))
    }

    /// Makes a folder in the site and those above it, each once.
    ///
    /// The list of those made is locked only to look and to note, so two threads may both try to
    /// make one. Without it, making folders when a file could not be opened, `put` took a fifth
    /// longer.
    fn make_folder(&self, folder: &str) -> io::Result<()> {
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        if made.contains(folder) {
            return Ok(());
        }
        drop(made);
        if let Some((above, _)) = folder.rsplit_once('/') {
            self.make_folder(above)?;
        }
        match fs::create_dir(self.site.join(folder)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => result?,
        }
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        made.insert(folder.to_owned());
        Ok(())
    }

    fn swap(&self) -> Result<(), WriteError> {
        // Somebody who tidies up by hand may have removed it.
        if standing(&self.site)? != Standing::Built {
            return Err(WriteError::Disturbed(self.folder.clone()));
        }
        let swapped = if may_replace(&self.out, &self.place)? == Standing::Built {
            exchange(&self.site, &self.place, &self.folder.join(OLD))
        } else {
            move_in(&self.site, &self.place)
        };
        let immovable = [io::ErrorKind::CrossesDevices, io::ErrorKind::ResourceBusy];
        swapped.map_err(|error| {
            if immovable.contains(&error.kind()) {
                WriteError::Immovable(self.out.clone())
            } else {
                failed("replace", &self.out)(error)
            }
        })
    }

    fn clear(&mut self) -> Result<(), WriteError> {
        // Taken out, so that this is done once; let go of at the end, when all is removed.
        match self.lock.take() {
            Some(_lock) => clear(&self.folder, &self.place),
            None => Ok(()),
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // There is nobody to tell. What stays, the next build tries to remove again, and tells.
        let _ = self.clear();
    }
}

/// Returns the files of a folder, whoever wrote it: paths relative to it, with `/` between their parts, in order.
///
/// # Errors
/// Where the folder, or one in it, cannot be read.
pub fn files(folder: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    // A host would serve what a link leads to.
    for entry in walkdir::WalkDir::new(folder)
        .follow_links(true)
        .sort_by_file_name()
    {
        let entry = entry?;
        if entry.file_type().is_file() {
            let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            let parts: Vec<_> = below
                .components()
                .map(|part| part.as_os_str().to_string_lossy())
                .collect();
            found.push(parts.join("/"));
        }
    }
    if found.is_empty() && !folder.is_dir() {
        return Err(io::ErrorKind::NotFound.into());
    }
    Ok(found)
}

/// Reads a file of a folder.
///
/// # Errors
/// Where it cannot be read.
pub fn read(folder: &Path, path: &str) -> io::Result<Vec<u8>> {
    fs::read(folder.join(path))
}

/// Returns what stands at `place`, or why it must stay there.
fn may_replace(out: &Path, place: &Path) -> Result<Standing, WriteError> {
    match standing(place)? {
        Standing::Foreign => Err(WriteError::Foreign(out.to_path_buf())),
        Standing::NoFolder => Err(WriteError::NotAFolder(out.to_path_buf())),
        there @ (Standing::Nothing | Standing::Empty | Standing::Built) => Ok(there),
    }
}

fn refuse_protected(out: &Path, place: &Path, keep: &[&Path]) -> Result<(), WriteError> {
    let own = [env::current_dir().ok(), env::home_dir()];
    let own = own.iter().flatten().map(PathBuf::as_path);
    for kept in own.chain(keep.iter().copied()).chain([Path::new("/")]) {
        let real = path::absolute(kept).and_then(|kept| real_path(&kept));
        if real.is_ok_and(|real| real.starts_with(place)) {
            return Err(WriteError::Protected(out.to_path_buf(), kept.to_path_buf()));
        }
    }
    Ok(())
}

/// Returns where `out` really is, whether a link leads there, and the folders made above it.
fn locate(out: &Path) -> Result<(PathBuf, bool, NewFolders), WriteError> {
    let absolute = path::absolute(out).map_err(failed("use", out))?;
    // Put together anew it has no `/` at its end, which would hide that it is a link.
    let mut place: PathBuf = absolute.components().collect();
    let mut linked = false;
    // By hand, for when a build was killed in the middle of a swap in two steps, the link leads
    // nowhere. Linux, too, gives up after 40.
    for _ in 0..40 {
        let Ok(target) = fs::read_link(&place) else {
            break;
        };
        place.pop();
        place.push(target);
        linked = true;
    }
    let parent = place.parent().unwrap_or(&place);
    if linked && !parent.exists() {
        return Err(WriteError::DanglingLink(out.to_path_buf()));
    }
    let parents = NewFolders::make(parent)?;
    let place = real_path(&place).map_err(failed("use", out))?;
    Ok((place, linked, parents))
}

/// Follows the links in a path, whose last parts need not exist: somebody may lay a theme there
/// tomorrow.
fn real_path(path: &Path) -> io::Result<PathBuf> {
    match (fs::canonicalize(path), path.parent(), path.file_name()) {
        (Err(error), Some(parent), Some(name)) if error.kind() == io::ErrorKind::NotFound => {
            Ok(real_path(parent)?.join(name))
        }
        (result, ..) => result,
    }
}

/// Folders made above the output folder, deepest first. Those still empty at the end are removed.
#[derive(Debug)]
struct NewFolders(Vec<PathBuf>);

impl NewFolders {
    fn make(folder: &Path) -> Result<Self, WriteError> {
        let missing = folder.ancestors().take_while(|folder| !folder.exists());
        let made = Self(missing.map(Path::to_path_buf).collect());
        fs::create_dir_all(folder).map_err(failed("make the folder", folder))?;
        Ok(made)
    }
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        for folder in &self.0 {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_that_has_ended_lets_the_next_ones_folder_alone() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("public");
        let mut ended = Staging::begin(&out, &[]).unwrap();
        ended.clear().unwrap();
        let next = Staging::begin(&out, &[]).unwrap();
        drop(ended);
        next.put("index.html", b"").unwrap();
        next.commit().unwrap();
    }
}
