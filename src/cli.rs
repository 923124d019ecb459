//! The command line: what can be asked for, and how it is said.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::config::BaseUrl;

/// A static site generator for transparency centres: everything public, nothing confidential.
#[derive(Debug, Parser)]
#[command(name = "clerestory", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options of every command.
    #[command(flatten)]
    pub common: Common,
}

/// Options of every command.
#[derive(Args, Debug)]
pub struct Common {
    /// The folder of the site [default: the nearest folder upwards with a clerestory.toml]
    #[arg(long, value_name = "DIR", global = true)]
    pub root: Option<PathBuf>,
    /// Says nothing but errors and warnings
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Says more about what is done
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    pub color: Color,
    /// How to say what was found: for people on standard error, or for programs on standard output
    #[arg(long, value_name = "FORM", global = true, default_value = "human")]
    pub format: Format,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How to say what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, on standard error.
    Human,
    /// One JSON object a line, on standard output.
    Json,
    /// Annotations for a workflow of GitHub, on standard output.
    Github,
    /// One SARIF document, on standard output.
    Sarif,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes a starter site that builds, with a commented clerestory.toml
    Init {
        /// Where to make it [default: here]
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Makes a new file with every field explained; never overwrites
    New {
        /// What to make
        kind: Kind,
        /// Its slug; for a report MEMBER/SLUG
        name: String,
    },
    /// Says every error and warning; writes nothing
    Check {
        /// Which text, and when.
        #[command(flatten)]
        content: Content,
    },
    /// Explains a code that stands in a message
    Explain {
        /// The code, such as near-miss-marker
        code: String,
    },
    /// Prints what a shell needs to complete commands and options
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Prints the manual page
    Man,
    /// Checks the site, then writes it
    Build {
        /// Which text, and when.
        #[command(flatten)]
        content: Content,
        /// Where to write the site [default: public/ beside clerestory.toml]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Builds the site in memory, shows it on this machine, and follows every save
    Serve {
        /// Which text, and when.
        #[command(flatten)]
        content: Content,
        /// Where it is shown.
        #[command(flatten)]
        preview: Preview,
    },
    /// Looks for withheld text in a built site, whoever built it; writes nothing
    Audit {
        /// Which text, and when.
        #[command(flatten)]
        content: Content,
        /// The folder of the built site [default: public/ beside clerestory.toml]
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Shows the reviewer what is withheld and what stands around it: confidential, for no other eyes
    Review {
        /// Which text, and when.
        #[command(flatten)]
        content: Content,
        /// Writes one HTML file to read and print, which only its owner can open, instead of printing here
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Shows too what became public and what became withheld since a commit of git
        #[arg(long, value_name = "REV")]
        since: Option<String>,
    },
}

/// Which text is published, and as of when.
#[derive(Args, Debug)]
pub struct Content {
    /// Puts the site under another address
    #[arg(long, value_name = "URL", value_parser = base_url)]
    pub base_url: Option<BaseUrl>,
    /// Publishes drafts too
    #[arg(long)]
    pub drafts: bool,
    /// The day by which reviews fall due, as YYYY-MM-DD [default: `SOURCE_DATE_EPOCH`, else today in UTC]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub today: Option<Date>,
}

/// Where a preview is shown.
#[derive(Args, Clone, Copy, Debug)]
pub struct Preview {
    /// The port to listen on; 0 picks a free one
    #[arg(long, value_name = "N", default_value_t = 1111)]
    pub port: u16,
    /// The address to listen on; others than loopback let other machines read the preview
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1", value_parser = address)]
    pub bind: IpAddr,
    /// Opens the preview in the browser
    #[arg(long)]
    pub open: bool,
}

/// What can be made new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A meeting summary.
    Meeting,
    /// A member record.
    Member,
    /// A governing document with its first version.
    Document,
    /// A member's report.
    Report,
    /// A free page.
    Page,
}

fn base_url(text: &str) -> Result<BaseUrl, String> {
    BaseUrl::parse(text)
        .ok_or_else(|| "write it as https://example.org/centre/, without `?` and `#`".to_owned())
}

fn address(text: &str) -> Result<IpAddr, String> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    if bare.eq_ignore_ascii_case("localhost") {
        return Ok(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    bare.parse()
        .map_err(|_| "write an address of this machine, as 127.0.0.1 or ::1".to_owned())
}

fn date(text: &str) -> Result<Date, String> {
    let form = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| {
            if at == 4 || at == 7 {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    let date = text.parse::<Date>().ok().filter(|_| form);
    date.ok_or_else(|| "write a date that exists as YYYY-MM-DD".to_owned())
}
