//! Why a site was not written: [`WriteError`], in words for whoever ran the build.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a site was not written, and what to do about it.
#[derive(Debug)]
pub enum WriteError {
    /// The folder holds files, and no marker.
    Foreign(PathBuf),
    /// It is a file.
    NotAFolder(PathBuf),
    /// It is a link to nothing.
    DanglingLink(PathBuf),
    /// The second path, which must not be replaced, is the first or lies in it.
    Protected(PathBuf, PathBuf),
    /// Another build into this folder is running.
    Busy(PathBuf),
    /// The folder cannot be moved: it is a mount point, or comes from a container's image.
    Immovable(PathBuf),
    /// The staging folder was changed by another program.
    Disturbed(PathBuf),
    /// This is not the path of a file inside the site.
    BadPath(String),
    /// Two files of the site have this path.
    WrittenTwice(String),
    /// The new site stands; what is left of the old one could not be removed from this folder.
    OldSiteLeft(PathBuf, Box<WriteError>),
    /// The system refused.
    Io {
        /// What was to be done, after "cannot".
        act: &'static str,
        /// What it was to be done to.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
}

/// Makes an [`WriteError::Io`] of the system's error.
pub(super) fn failed(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    move |error| WriteError::Io {
        act,
        path: path.to_path_buf(),
        error,
    }
}

impl std::error::Error for WriteError {}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign(path) => write!(
                f,
                "`{}` holds files that Clerestory did not build; choose another folder with --out, \
                 or move them away",
                path.display()
            ),
            Self::NotAFolder(path) => write!(
                f,
                "`{}` is not a folder; choose another with --out, or move it away",
                path.display()
            ),
            Self::DanglingLink(path) => write!(
                f,
                "`{}` is a link to a folder that does not exist; make that folder, or remove the \
                 link",
                path.display()
            ),
            Self::Protected(path, kept) => write!(
                f,
                "a build would replace all of `{}`, and with it `{}`; choose another folder with \
                 --out",
                path.display(),
                kept.display()
            ),
            Self::Busy(path) => write!(
                f,
                "another build is writing `{}`; wait until it has ended",
                path.display()
            ),
            Self::Immovable(path) => write!(
                f,
                "`{}` cannot be replaced as a whole, for it is a mount point or comes from a \
                 container's image; choose a folder inside or beside it with --out",
                path.display()
            ),
            Self::Disturbed(path) => write!(
                f,
                "another program changed `{}` during the build; build again",
                path.display()
            ),
            Self::BadPath(path) => write!(
                f,
                "`{}` cannot be the path of a file in the site; use names with `/` between them, \
                 and none of `.`, `..` and `\\`",
                path.escape_debug()
            ),
            Self::WrittenTwice(path) => write!(
                f,
                "two files of the site have the path `{path}`; give one of them another name"
            ),
            Self::OldSiteLeft(path, error) => write!(
                f,
                "the new site stands, but the old one is still in `{}`: {error}; remove it by hand",
                path.display()
            ),
            Self::Io { act, path, error } => {
                write!(f, "cannot {act} `{}`: {}", path.display(), reason(error))
            }
        }
    }
}

/// Returns the system's reason in our style: not "Permission denied (os error 13)", but "permission
/// denied".
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}
