//! Watches what a site is made of: `clerestory.toml`, `content/` and `themes/`, and nothing else below the root.
//!
//! It tells that something changed, not what came of it: a build reads everything anew. So an event may come twice, late, or for
//! nothing; only none at all would be a mistake.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use notify::event::{CreateKind, EventKind, ModifyKind};
use notify::{Config, Event, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};

use crate::config;

/// The folders that a site is made of.
const FOLDERS: [&str; 2] = ["content", "themes"];
/// A save is over when nothing has happened for so long.
const QUIET: Duration = Duration::from_millis(8);
/// Events that never stop are waited for so many times.
const LONGEST: usize = 40;
/// When a folder is new, what was written into it before anybody could watch it is looked for once more.
const AGAIN: Duration = Duration::from_millis(400);
/// How often to look where the system cannot tell of changes.
const POLL: Duration = Duration::from_millis(700);

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// Paths below the root, with `/` between their parts.
    pub(super) files: BTreeSet<String>,
    /// Whether folders came, or events were lost.
    is_unsure: bool,
    /// Whether one of the watched folders itself came, went, or was replaced.
    is_replaced: bool,
}

/// Watches a site until it is dropped.
pub(super) struct Watch {
    root: PathBuf,
    watcher: Box<dyn Watcher + Send>,
    events: Receiver<notify::Result<Event>>,
    is_unsure: bool,
    /// Said where watching is slower than it should be.
    pub(super) warning: Option<String>,
}

impl Watch {
    /// Begins to watch.
    pub(super) fn begin(root: &Path) -> notify::Result<Self> {
        // Events name files below the path that was given; that of the root must stay what it is.
        let root = root.canonicalize().map_err(notify::Error::io)?;
        let (sender, events) = mpsc::channel();
        let polled = sender.clone();
        let system = RecommendedWatcher::new(told(sender), Config::default());
        let by_system = system.and_then(|watcher| start(watcher, &root));
        let (watcher, warning) = if let Ok(watcher) = by_system {
            (watcher, None)
        } else {
            let config = Config::default().with_poll_interval(POLL);
            let watcher = start(PollWatcher::new(told(polled), config)?, &root)?;
            let words = "the system cannot tell of changes (perhaps it watches too many files already), so the files are looked at \
                         again and again; saves show later";
            (watcher, Some(words.to_owned()))
        };
        Ok(Self {
            root,
            watcher,
            events,
            is_unsure: false,
            warning,
        })
    }

    /// Waits for changes, and for the end of a burst of them; nothing where watching has ended.
    pub(super) fn next(&mut self) -> Option<Changes> {
        let mut changes = Changes::default();
        loop {
            let first = if self.is_unsure {
                match self.events.recv_timeout(AGAIN) {
                    Ok(event) => event,
                    Err(RecvTimeoutError::Timeout) => {
                        self.is_unsure = false;
                        return Some(changes);
                    }
                    Err(RecvTimeoutError::Disconnected) => return None,
                }
            } else {
                self.events.recv().ok()?
            };
            let mut is_change = self.gather(&mut changes, first);
            for _ in 0..LONGEST {
                match self.events.recv_timeout(QUIET) {
                    Ok(event) => is_change |= self.gather(&mut changes, event),
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return None,
                }
            }
            if is_change {
                break;
            }
        }
        self.is_unsure = changes.is_unsure;
        if changes.is_replaced {
            for folder in FOLDERS {
                let folder = self.root.join(folder);
                // It watched what stood there before.
                let _ = self.watcher.unwatch(&folder);
                if folder.is_dir() {
                    let _ = self.watcher.watch(&folder, RecursiveMode::Recursive);
                }
            }
            self.is_unsure = true;
        }
        Some(changes)
    }

    /// Notes an event; says whether it is a change of the site.
    fn gather(&self, changes: &mut Changes, event: notify::Result<Event>) -> bool {
        let Ok(event) = event else {
            // Something could not be watched any more: what is there is looked at again.
            changes.is_unsure = true;
            return true;
        };
        if event.need_rescan() {
            changes.is_unsure = true;
            changes.is_replaced = true;
            return true;
        }
        if matches!(event.kind, EventKind::Access(_)) {
            return false;
        }
        let mut is_change = false;
        for path in &event.paths {
            let Some(below) = path.strip_prefix(&self.root).ok().and_then(to_slashes) else {
                continue;
            };
            if !is_of_site(&below) {
                continue;
            }
            is_change = true;
            changes.is_replaced |= FOLDERS.contains(&below.as_str());
            let may_be_folder = matches!(
                event.kind,
                EventKind::Create(CreateKind::Folder | CreateKind::Any)
                    | EventKind::Modify(ModifyKind::Name(_))
            );
            changes.is_unsure |= may_be_folder && path.is_dir();
            changes.files.insert(below);
        }
        is_change
    }
}

/// Passes events on.
fn told(sender: Sender<notify::Result<Event>>) -> impl Fn(notify::Result<Event>) + Send + 'static {
    move |event| {
        // What nobody waits for any more is not told.
        let _ = sender.send(event);
    }
}

/// Watches the root itself, for the configuration and for folders that come later, and what lies in the folders.
fn start(
    mut watcher: impl Watcher + Send + 'static,
    root: &Path,
) -> notify::Result<Box<dyn Watcher + Send>> {
    watcher.watch(root, RecursiveMode::NonRecursive)?;
    for folder in FOLDERS.map(|folder| root.join(folder)) {
        if folder.is_dir() {
            watcher.watch(&folder, RecursiveMode::Recursive)?;
        }
    }
    Ok(Box::new(watcher))
}

/// Says whether a path is one of those that a site is made of. What a build does not read is left out: hidden files, and those
/// that editors keep beside their own.
fn is_of_site(below: &str) -> bool {
    let is_hidden = |name: &str| {
        name.starts_with('.')
            || name.ends_with('~')
            || (name.starts_with('#') && name.ends_with('#'))
    };
    let mut parts = below.split('/');
    let first = parts.next().unwrap_or_default();
    (below == config::FILE || FOLDERS.contains(&first)) && !parts.any(is_hidden)
}

fn to_slashes(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_site_is_made_of_counts() {
        for (path, expected) in [
            ("clerestory.toml", true),
            ("content", true),
            ("content/meetings/one.md", true),
            ("themes/own/static/style.css", true),
            ("content/.one.md.swp", false),
            ("content/one.md~", false),
            ("content/#one.md#", false),
            ("content/.git/HEAD", false),
            ("public/index.html", false),
            (".public.clerestory-staging/lock", false),
            ("clerestory.toml.bak", false),
            ("", false),
        ] {
            assert_eq!(is_of_site(path), expected, "{path}");
        }
    }
}
