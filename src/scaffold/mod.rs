//! `init` and `new`: a starter site that builds, and new files with every field explained. Nothing is ever overwritten.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::cli::Kind;
use crate::config::{self, Config, ConfigSource};
use crate::slug::{is_slug, slugify};

/// The files that were made.
#[derive(Debug)]
pub struct Made {
    /// Their paths.
    pub files: Vec<PathBuf>,
    /// What to do next.
    pub next: String,
}

/// Why nothing was made.
#[derive(Debug)]
pub struct Refused {
    /// What stands in the way.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Refused {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

/// The files of the starter site.
const STARTER: &[(&str, &str)] = &[
    (config::FILE, include_str!("starter/clerestory.toml")),
    (".gitignore", "/public/\n/.public.clerestory-*\n"),
    ("content/index.md", include_str!("starter/index.md")),
    ("content/code.toml", include_str!("starter/code.toml")),
    (
        "content/meetings/2026-01-15-first-meeting.md",
        include_str!("starter/meeting.md"),
    ),
    (
        "content/members/example-models.toml",
        include_str!("starter/member.toml"),
    ),
    (
        "content/documents/rules-of-procedure/index.md",
        include_str!("starter/document.md"),
    ),
    (
        "content/documents/rules-of-procedure/v1.md",
        include_str!("starter/version.md"),
    ),
    ("content/pages/about.md", include_str!("starter/about.md")),
];

const NEW_MEETING: &str = include_str!("new/meeting.md");
const NEW_MEMBER: &str = include_str!("new/member.toml");
const NEW_DOCUMENT: &str = include_str!("new/document.md");
const NEW_VERSION: &str = include_str!("new/version.md");
const NEW_REPORT: &str = include_str!("new/report.md");
const NEW_PAGE: &str = include_str!("new/page.md");

/// Makes a starter site in a folder that holds none.
///
/// # Errors
/// Where a file of the starter site is there already, or the folder cannot be written.
pub fn init(folder: &Path) -> Result<Made, Refused> {
    if let Some(there) = STARTER
        .iter()
        .map(|(path, _)| folder.join(path))
        .find(|path| path.exists())
    {
        return Err(Refused::new(
            format!(
                "{} is there already, and nothing is ever overwritten",
                there.display()
            ),
            "name another folder: clerestory init DIR",
        ));
    }
    let files: Vec<(PathBuf, String)> = STARTER
        .iter()
        .map(|(path, text)| (folder.join(path), (*text).to_owned()))
        .collect();
    let go = if folder == Path::new(".") {
        String::new()
    } else {
        format!("cd {} && ", folder.display())
    };
    write_all(files, format!("next: {go}clerestory build"))
}

/// Makes a new file in the site at `root`.
///
/// # Errors
/// Where the name cannot be a slug, the file is there already, or it cannot be written.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of file")]
pub fn create(root: &Path, kind: Kind, name: &str, today: Date) -> Result<Made, Refused> {
    let config = ConfigSource::read(root)
        .map(|source| source.parse().value)
        .ok();
    let content = root.join("content");
    let files = match kind {
        Kind::Report => {
            let (member, slug) = name.split_once('/').ok_or_else(|| {
                Refused::new(
                    "a report needs its member",
                    "write it as clerestory new report MEMBER/NAME",
                )
            })?;
            let (member, slug) = (checked(member)?, checked(slug)?);
            if !content
                .join("members")
                .join(format!("{member}.toml"))
                .is_file()
            {
                return Err(Refused::new(
                    format!("there is no member `{member}`"),
                    format!("make one first: clerestory new member {member}"),
                ));
            }
            let text = NEW_REPORT
                .replace("{member}", &member)
                .replace("{title}", &title(&slug))
                .replace("{year}", &today.year().to_string());
            vec![(
                content
                    .join("reports")
                    .join(member)
                    .join(format!("{slug}.md")),
                text,
            )]
        }
        Kind::Meeting => {
            let slug = checked(name)?;
            let date = slug
                .get(..10)
                .and_then(|date| date.parse::<Date>().ok())
                .unwrap_or(today);
            let rest = slug
                .strip_prefix(&date.to_string())
                .unwrap_or(&slug)
                .trim_start_matches('-');
            let text = NEW_MEETING
                .replace(
                    "{title}",
                    &title(if rest.is_empty() { "meeting" } else { rest }),
                )
                .replace("{date}", &date.to_string())
                .replace("{kind}", &first_kind(config.as_ref()))
                .replace("{kinds}", &kinds(config.as_ref()));
            vec![(content.join("meetings").join(format!("{slug}.md")), text)]
        }
        Kind::Member => {
            let slug = checked(name)?;
            vec![(
                content.join("members").join(format!("{slug}.toml")),
                NEW_MEMBER.replace("{title}", &title(&slug)),
            )]
        }
        Kind::Document => {
            let slug = checked(name)?;
            let folder = content.join("documents").join(&slug);
            vec![
                (
                    folder.join("index.md"),
                    NEW_DOCUMENT.replace("{title}", &title(&slug)),
                ),
                (
                    folder.join("v1.md"),
                    NEW_VERSION.replace("{date}", &today.to_string()),
                ),
            ]
        }
        Kind::Page => {
            let slug = checked(name)?;
            vec![(
                content.join("pages").join(format!("{slug}.md")),
                NEW_PAGE.replace("{title}", &title(&slug)),
            )]
        }
    };
    let bundle = |file: &Path| file.with_extension("").join("index.md");
    if let Some(there) = files
        .iter()
        .map(|(file, _)| file.clone())
        .chain(files.iter().map(|(file, _)| bundle(file)))
        .find(|file| file.exists())
    {
        return Err(Refused::new(
            format!(
                "{} is there already, and nothing is ever overwritten",
                there.display()
            ),
            "choose another name",
        ));
    }
    write_all(
        files,
        "next: write the text, then run clerestory check".to_owned(),
    )
}

/// Returns the name as a slug; a name that is none is made one.
fn checked(name: &str) -> Result<String, Refused> {
    let name = name.trim_end_matches(".md").trim_end_matches(".toml");
    if is_slug(name) {
        return Ok(name.to_owned());
    }
    let better = slugify(name);
    let help = if is_slug(&better) {
        format!("use `{better}`")
    } else {
        "use a-z, 0-9 and `-`, such as 2026-01-31-second-meeting".to_owned()
    };
    Err(Refused::new(
        format!("`{name}` cannot be part of an address"),
        help,
    ))
}

fn title(slug: &str) -> String {
    let words = slug.replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn first_kind(config: Option<&Config>) -> String {
    config
        .and_then(|config| config.kinds.first())
        .map_or_else(|| "plenary".to_owned(), |kind| kind.slug.clone())
}

fn kinds(config: Option<&Config>) -> String {
    config
        .map(|config| {
            config
                .kinds
                .iter()
                .map(|kind| kind.slug.clone())
                .collect::<Vec<_>>()
                .join(", ")
        })
        .unwrap_or_default()
}

/// Writes new files; none that is there already is touched, and what was made is taken back where one cannot be.
fn write_all(files: Vec<(PathBuf, String)>, next: String) -> Result<Made, Refused> {
    let mut made = Vec::new();
    for (path, text) in files {
        if let Err(error) = write_new(&path, &text) {
            for path in &made {
                // Best effort: the error to tell is the first one.
                let _ = std::fs::remove_file(path);
            }
            return Err(Refused::new(
                format!("{} cannot be written: {error}", path.display()),
                "choose a folder that you may write to",
            ));
        }
        made.push(path);
    }
    Ok(Made { files: made, next })
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}
