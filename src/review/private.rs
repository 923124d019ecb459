//! A file with withheld text: where it may stand, and that only its owner can read it from the first byte on.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::record::PAGE_MARKER;
use crate::review::Refused;
use crate::write::MARKER;

/// The folders of a site whose files are published, served or built into it.
const FOLDERS: [(&str, &str); 3] = [
    ("public", "the output folder, which anyone may read"),
    (
        "content",
        "the folder of content, whose files can be published",
    ),
    ("themes", "the folder of themes, whose files are published"),
];

/// Where a review will be written.
#[derive(Debug)]
pub(super) struct Target {
    /// The path as the reviewer named it, for messages.
    named: PathBuf,
    /// Its folder: absolute, its links followed.
    pub(super) folder: PathBuf,
    /// The file in that folder.
    pub(super) place: PathBuf,
}

/// Says whether a review may be written to a path.
pub(super) fn judge(root: &Path, named: &Path) -> Result<Target, Refused> {
    let elsewhere = "choose a place that is private, such as ../review.html";
    let Some(name) = named.file_name().filter(|_| !ends_as_folder(named)) else {
        return Err(Refused::new(
            format!("{} is no name of a file", named.display()),
            "name the file itself, such as ../review.html",
        ));
    };
    let above = named
        .parent()
        .filter(|above| !above.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let folder = above.canonicalize().map_err(|error| {
        Refused::new(
            format!("there is no folder {}: {}", above.display(), error.kind()),
            "make the folder first, readable for nobody else",
        )
    })?;
    let place = folder.join(name);
    let lies_in = |parent: &Path| {
        let resolved = parent
            .canonicalize()
            .or_else(|_| std::path::absolute(parent));
        let plain = root
            .canonicalize()
            .map(|root| root.join(parent.strip_prefix(root.as_path()).unwrap_or(parent)));
        [resolved, plain]
            .into_iter()
            .flatten()
            .any(|parent| place.starts_with(parent))
    };
    for (folder, what) in FOLDERS {
        if lies_in(&root.join(folder)) {
            let message = format!("{} lies in {what}", named.display());
            return Err(Refused::new(message, elsewhere));
        }
    }
    let built = folder
        .ancestors()
        .find(|folder| fs::symlink_metadata(folder.join(MARKER)).is_ok());
    if built.is_some() {
        let message = format!("{} lies in a site that was built", named.display());
        return Err(Refused::new(message, elsewhere));
    }
    match fs::symlink_metadata(&place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(unwritable(named, &error)),
        Ok(metadata) => {
            let refuse = |what: &str| {
                let message = format!("{} {what}", named.display());
                Err(Refused::new(message, "choose another name, or remove it"))
            };
            if metadata.file_type().is_symlink() {
                return refuse("is a symbolic link, which could lead anywhere");
            }
            if !metadata.is_file() {
                return refuse("is there and is no file");
            }
            if !is_review(&place).map_err(|error| unwritable(named, &error))? {
                return refuse("is there and is no earlier review");
            }
        }
    }
    Ok(Target {
        named: named.to_path_buf(),
        folder,
        place,
    })
}

/// Says whether a path is written as that of a folder: with `/` or `..` at its end.
fn ends_as_folder(path: &Path) -> bool {
    path.to_string_lossy()
        .ends_with(['/', std::path::MAIN_SEPARATOR])
}

fn is_review(place: &Path) -> io::Result<bool> {
    let mut line = [0; PAGE_MARKER.len()];
    match File::open(place)?.read_exact(&mut line) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        result => result.map(|()| line == PAGE_MARKER.as_bytes()),
    }
}

pub(super) fn unwritable(named: &Path, error: &io::Error) -> Refused {
    Refused::new(
        format!("{} cannot be written: {}", named.display(), error.kind()),
        "nothing was written; choose another place",
    )
}

/// A file that is being written beside its place. Dropped without [`finish`](PrivateFile::finish), it is removed.
#[derive(Debug)]
pub(super) struct PrivateFile<'t> {
    target: &'t Target,
    temporary: Option<tempfile::TempPath>,
    writer: BufWriter<File>,
}

impl<'t> PrivateFile<'t> {
    /// Makes the file, which nobody else can read.
    pub(super) fn begin(target: &'t Target) -> Result<Self, Refused> {
        let failed = |error: io::Error| unwritable(&target.named, &error);
        let made = tempfile::Builder::new()
            .prefix(".clerestory-review-")
            .make_in(&target.folder, |path| {
                let mut options = OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                options.open(path)
            })
            .map_err(failed)?;
        let (file, temporary) = made.into_parts();
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .map_err(failed)?;
        Ok(Self {
            target,
            temporary: Some(temporary),
            writer: BufWriter::new(file),
        })
    }

    /// Moves the file into its place, whole. What stands there is replaced, and no link is followed.
    pub(super) fn finish(mut self) -> Result<(), Refused> {
        let failed = |error: io::Error| unwritable(&self.target.named, &error);
        self.writer.flush().map_err(failed)?;
        self.writer.get_ref().sync_all().map_err(failed)?;
        if let Some(temporary) = self.temporary.take() {
            temporary
                .persist(&self.target.place)
                .map_err(|error| unwritable(&self.target.named, &error.error))?;
        }
        Ok(())
    }
}

impl Write for PrivateFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
