//! The program: arguments → run → console → exit code.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use jiff::civil::Date;

use clerestory::cli::{Cli, Command, Content};
use clerestory::console::{Console, write_out};
use clerestory::diag::{self, Code};
use clerestory::{Audit, Options, Report, Trouble, config, explain, review, scaffold, serve};

/// Done; warnings may have been printed.
const DONE: u8 = 0;
/// The content has errors; nothing was written.
const UNSOUND: u8 = 1;
/// A wrong option, no site here, or the output cannot be written.
const USAGE: u8 = 2;
/// Withheld text was found in the output; nothing was written.
const TOLD: u8 = 3;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(clerestory::console::panicked));
    let cli = Cli::parse();
    let console = Console::new(&cli.common);
    ExitCode::from(run(&cli, &console))
}

fn run(cli: &Cli, console: &Console) -> u8 {
    match &cli.command {
        Command::Init { folder } => {
            let folder = folder
                .clone()
                .or_else(|| cli.common.root.clone())
                .unwrap_or_else(|| PathBuf::from("."));
            made(console, scaffold::init(&folder))
        }
        Command::New { kind, name } => match find_root(cli) {
            Some(root) => made(console, scaffold::create(&root, *kind, name, today(None))),
            None => no_site(console),
        },
        Command::Explain { code } => explain(console, code),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "clerestory", &mut script);
            heard(write_out(&String::from_utf8_lossy(&script)));
            DONE
        }
        Command::Man => {
            let mut page = Vec::new();
            heard(clap_mangen::Man::new(Cli::command()).render(&mut page));
            heard(write_out(&String::from_utf8_lossy(&page)));
            DONE
        }
        Command::Check { content } => match find_root(cli) {
            Some(root) => {
                heard(console.detail(&format!("site in {}", root.display())));
                let progress = console.progress("checking");
                let outcome = clerestory::check(&options(root, content));
                drop(progress);
                told(console, outcome, "no errors")
            }
            None => no_site(console),
        },
        Command::Build { content, out } => match find_root(cli) {
            Some(root) => {
                let out = out.clone().unwrap_or_else(|| public(&root));
                heard(console.detail(&format!(
                    "site in {}, output to {}",
                    root.display(),
                    out.display()
                )));
                let progress = console.progress("building");
                let outcome = clerestory::build(&options(root, content), &out);
                drop(progress);
                told(console, outcome, &format!("built {}", out.display()))
            }
            None => no_site(console),
        },
        Command::Serve { content, preview } => match find_root(cli) {
            Some(root) => match serve::run(&options(root, content), *preview, console) {
                Ok(()) => DONE,
                Err(refused) => {
                    heard(console.failure(&refused.message, refused.help.as_deref()));
                    USAGE
                }
            },
            None => no_site(console),
        },
        Command::Audit { content, folder } => match find_root(cli) {
            Some(root) => {
                let folder = folder.clone().unwrap_or_else(|| public(&root));
                let progress = console.progress("looking for withheld text");
                let outcome = clerestory::audit(&options(root, content), &folder);
                drop(progress);
                audited(console, outcome, &folder)
            }
            None => no_site(console),
        },
        Command::Review {
            content,
            out,
            since,
        } => match find_root(cli) {
            Some(root) => {
                let since = since.as_deref();
                let options = options(root, content);
                let outcome = match out {
                    Some(file) => review::write(&options, since, file),
                    None => console.page().and_then(|(form, mut page)| {
                        review::print(&options, since, form, &mut page)
                    }),
                };
                reviewed(console, outcome, out.as_deref())
            }
            None => no_site(console),
        },
    }
}

/// A closed terminal is no reason to fail: what was to be done is done, and the exit code says how it went.
fn heard(said: std::io::Result<()>) {
    drop(said);
}

fn told(console: &Console, outcome: Result<Report, Trouble>, done: &str) -> u8 {
    match outcome {
        Ok(report) => {
            heard(console.report(&report, done));
            code_of(&report)
        }
        Err(trouble) => {
            heard(console.trouble(&trouble));
            USAGE
        }
    }
}

fn code_of(report: &Report) -> u8 {
    if report.tells_withheld_text() {
        TOLD
    } else if report.is_sound() {
        DONE
    } else {
        UNSOUND
    }
}

fn audited(console: &Console, outcome: Result<Audit, Trouble>, folder: &Path) -> u8 {
    match outcome {
        Ok(audit) => {
            let (unseen, passages) = audit.unseen;
            if unseen > 0 {
                heard(console.detail(&format!(
                    "of {passages} withheld passages {unseen} have only words that are public elsewhere: no search can see them, the \
                     comparison of whole sites does"
                )));
            }
            let done = format!(
                "looked at {} files in {} and at three sites in memory, and found no withheld text",
                audit.files,
                folder.display()
            );
            heard(console.audit(&audit.report, &done));
            code_of(&audit.report)
        }
        Err(trouble) => {
            heard(console.trouble(&trouble));
            USAGE
        }
    }
}

fn reviewed(
    console: &Console,
    outcome: Result<review::Reviewed, review::Refused>,
    file: Option<&Path>,
) -> u8 {
    match outcome {
        Ok(reviewed) => {
            heard(console.reviewed(&reviewed, file));
            if reviewed.report.is_sound() {
                DONE
            } else {
                UNSOUND
            }
        }
        Err(refused) => {
            heard(console.failure(&refused.message, refused.help.as_deref()));
            USAGE
        }
    }
}

/// Returns the folder of the built site, as the reader knows it: `public`, not `./public`.
fn public(root: &Path) -> PathBuf {
    if root.as_os_str() == "." {
        PathBuf::from("public")
    } else {
        root.join("public")
    }
}

fn made(console: &Console, outcome: Result<scaffold::Made, scaffold::Refused>) -> u8 {
    match outcome {
        Ok(made) => {
            for file in &made.files {
                let file = file.strip_prefix(".").unwrap_or(file);
                heard(console.say(&format!("made {}", file.display())));
            }
            heard(console.say(&made.next));
            DONE
        }
        Err(refused) => {
            heard(console.failure(&refused.message, Some(&refused.help)));
            USAGE
        }
    }
}

fn explain(console: &Console, code: &str) -> u8 {
    if let Some(text) = explain::paragraph(code) {
        heard(write_out(&format!("{code}\n\n{text}\n")));
        return DONE;
    }
    let known = Code::ALL.iter().map(|code| code.as_str());
    let help = match diag::nearest(code, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "codes stand in square brackets in messages, such as near-miss-marker".to_owned(),
    };
    heard(console.failure(&format!("there is no code `{code}`"), Some(&help)));
    USAGE
}

fn no_site(console: &Console) -> u8 {
    heard(console.failure(
        "there is no clerestory.toml here or in a folder above",
        Some("go to the folder of a site, name it with --root, or make one with `clerestory init`"),
    ));
    USAGE
}

fn find_root(cli: &Cli) -> Option<PathBuf> {
    if let Some(root) = &cli.common.root {
        return Some(root.clone()).filter(|root| root.join(config::FILE).is_file());
    }
    let here = std::env::current_dir().ok()?;
    let root = config::find_root(&here)?;
    Some(if root == here {
        PathBuf::from(".")
    } else {
        root
    })
}

fn options(root: PathBuf, content: &Content) -> Options {
    Options {
        root,
        today: today(content.today),
        drafts: content.drafts,
        base_url: content.base_url.clone(),
    }
}

/// Returns the day that was named, else that of `SOURCE_DATE_EPOCH`, else the current one in UTC.
#[expect(
    clippy::disallowed_methods,
    reason = "the clock is read here and nowhere else"
)]
fn today(named: Option<Date>) -> Date {
    let seconds = || {
        let fixed = std::env::var("SOURCE_DATE_EPOCH")
            .ok()
            .and_then(|text| text.trim().parse::<i64>().ok());
        let clock = || {
            std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .ok()
                .and_then(|passed| i64::try_from(passed.as_secs()).ok())
        };
        fixed.or_else(clock).unwrap_or(0)
    };
    let day = |seconds: i64| {
        jiff::Timestamp::from_second(seconds)
            .map(|moment| jiff::tz::Offset::UTC.to_datetime(moment).date())
    };
    named.unwrap_or_else(|| day(seconds()).unwrap_or(Date::constant(1970, 1, 1)))
}
