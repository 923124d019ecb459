//! The preview: builds in memory, shows the result on this machine, and follows every save.
//!
//! It stands at the side, and no stage knows it. What it serves is what `build` would write, past both nets; a site with an error
//! or a leak is never shown, and the last good one stays, with what is wrong over it. It reads no file itself, writes none, and
//! has no mode that shows withheld text.
//!
//! ```text
//! watch ──► builder ──► hub ──► streams of events ──► open pages
//!                        │
//! gate ──► desk ─────────┘   (the gate takes requests, the desk looks up answers, in memory alone)
//! ```

mod gate;
mod hub;
mod memory;
mod watch;

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread;

use crate::cli::Preview;
use crate::console::Console;
use crate::serve::gate::{Answer, Answers, Reply, Request};
use crate::serve::hub::{Hub, Problem, Reader, Saved};
use crate::serve::memory::{Found, Intake, decoded, etag, with_script};
use crate::serve::watch::Watch;
use crate::{Options, Report, build_into};

/// Where the preview's own files stand, beside the site and never in it.
const RESERVED: &str = "/__clerestory/";
/// The script of the preview, which is in no built site.
const SCRIPT: &str = include_str!("live.js");
/// The page that is shown as long as there has never been a good build.
const NOTHING_YET: &str = include_str!("nothing_yet.html");

/// Why nothing could be shown.
#[derive(Debug)]
pub struct Refused {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// Shows a site until Ctrl-C.
///
/// # Errors
/// Where the address is taken, or the site cannot be watched.
pub fn run(options: &Options, preview: Preview, console: &Console) -> Result<(), Refused> {
    let listener = listen(preview)?;
    let address = listener.local_addr().map_err(|error| Refused {
        message: format!("the address of the preview cannot be told: {error}"),
        help: None,
    })?;
    let watch = Watch::begin(&options.root).map_err(|error| Refused {
        message: format!(
            "{} cannot be watched: {}",
            options.root.display(),
            words_of(&error)
        ),
        help: None,
    })?;
    // A closed terminal is no reason to end.
    if !address.ip().is_loopback() {
        let words = format!(
            "the preview listens on {}: whoever reaches this machine can read it, drafts too if you show them",
            address.ip()
        );
        console.warn(&words).unwrap_or_default();
    }
    if let Some(words) = &watch.warning {
        console.warn(words).unwrap_or_default();
    }
    let hub = Arc::new(Hub::default());
    let (done, ended) = mpsc::channel();
    // From the beginning, so that Ctrl-C during the first build is no failure either.
    end_on_signals(done.clone());
    let builder = Builder {
        options: options.clone(),
        hub: Arc::clone(&hub),
        shown: address,
        opens: preview.open,
    };
    let desk: Arc<dyn Answers> = Arc::new(Desk { hub, address });
    let console = console.clone();
    let build = move || {
        builder.work(watch, &console);
        // Without the files nothing more will be shown.
        let _ = done.send(());
    };
    spawn("gate", move || gate::keep(&listener, &desk))
        .and_then(|()| spawn("builder", build))
        .map_err(|error| Refused {
            message: format!("the preview cannot be started: {error}"),
            help: None,
        })?;
    // The threads end with the program.
    let _ = ended.recv();
    Ok(())
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(work).map(drop)
}

/// Takes the address, or says which one is free.
fn listen(preview: Preview) -> Result<TcpListener, Refused> {
    let Preview { port, bind, .. } = preview;
    let error = match TcpListener::bind((bind, port)) {
        Ok(listener) => return Ok(listener),
        Err(error) => error,
    };
    let is_free = |port: &u16| TcpListener::bind((bind, *port)).is_ok();
    let free = (1..=50)
        .filter_map(|step| port.checked_add(step))
        .find(is_free);
    let help =
        |port| format!("try `clerestory serve --port {port}`, or `--port 0` for any free one");
    Err(if error.kind() == io::ErrorKind::AddrInUse {
        Refused {
            message: format!(
                "port {port} is taken: another program listens there, perhaps another preview"
            ),
            help: Some(help(free.unwrap_or(0))),
        }
    } else if error.kind() == io::ErrorKind::PermissionDenied {
        Refused {
            message: format!("port {port} is kept for the system"),
            help: Some(help(1111)),
        }
    } else {
        Refused {
            message: format!("the preview cannot listen on {bind}: {error}"),
            help: Some("leave --bind out to show it on this machine".to_owned()),
        }
    })
}

/// Ends the preview when it is asked to end.
#[cfg(unix)]
fn end_on_signals(done: Sender<()>) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    // Where signals cannot be heard, the system ends the program in its own way.
    if let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) {
        let heard = move || {
            if signals.forever().next().is_some() {
                let _ = done.send(());
            }
        };
        drop(spawn("signals", heard));
    }
}

#[cfg(not(unix))]
fn end_on_signals(_: Sender<()>) {}

/// Says what went wrong while watching, without the paths that such errors like to list.
fn words_of(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::Io(error) => error.to_string(),
        notify::ErrorKind::PathNotFound => "there is no such folder".to_owned(),
        notify::ErrorKind::MaxFilesWatch => "the system watches too many files already".to_owned(),
        notify::ErrorKind::Generic(_)
        | notify::ErrorKind::WatchNotFound
        | notify::ErrorKind::InvalidConfig(_) => "the system refuses".to_owned(),
    }
}

/// Builds whenever something was saved.
struct Builder {
    options: Options,
    hub: Arc<Hub>,
    shown: SocketAddr,
    opens: bool,
}

impl Builder {
    fn work(&self, mut watch: Watch, console: &Console) {
        self.build(console, &[]);
        self.open(console);
        while let Some(changes) = watch.next() {
            let files: Vec<String> = changes.files.into_iter().collect();
            self.build(console, &files);
        }
    }

    fn build(&self, console: &Console, saved: &[String]) {
        let intake = Intake::default();
        // A mistake in the program must not end the preview; the panic hook has said where it is.
        let built = catch_unwind(AssertUnwindSafe(|| build_into(&self.options, &intake)));
        let problems = match built {
            Ok(Ok(built)) if built.is_fit => {
                let site = intake.into_site(&built.base);
                let page = saved.iter().find_map(|file| site.page_of(file));
                let page = page.map(|(address, title)| Saved { address, title });
                self.hub.show(site, page);
                tell(console, &built.report, true);
                return;
            }
            Ok(Ok(built)) => {
                tell(console, &built.report, self.hub.now().site.is_some());
                built.report.diagnostics.iter().map(Problem::from).collect()
            }
            Ok(Err(trouble)) => {
                console.trouble(&trouble).unwrap_or_default();
                vec![Problem::of_trouble(trouble.to_string())]
            }
            Err(_) => {
                let words = "clerestory failed; this is a mistake in the program, and the terminal says where";
                vec![Problem::of_trouble(words.to_owned())]
            }
        };
        self.hub.complain(problems);
    }

    /// Says where the site stands, and opens it.
    fn open(&self, console: &Console) {
        let base = self
            .hub
            .now()
            .site
            .map_or_else(|| "/".to_owned(), |site| site.base.clone());
        let ip = match self.shown.ip() {
            ip if !ip.is_unspecified() => ip,
            IpAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
            IpAddr::V6(_) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
        };
        let url = format!("http://{}{base}", SocketAddr::new(ip, self.shown.port()));
        console.address(&url).unwrap_or_default();
        if self.opens && !browse(&url) {
            let words = "no browser could be opened; open the address above yourself";
            console.warn(words).unwrap_or_default();
        }
    }
}

fn tell(console: &Console, report: &Report, has_site: bool) {
    let stays = if has_site {
        "the last good site is still shown"
    } else {
        "the site is shown when this is mended"
    };
    console.previewed(report, stays).unwrap_or_default();
}

/// Opens an address of ours in the browser; says whether that could be tried.
fn browse(url: &str) -> bool {
    let program: &[&str] = if cfg!(target_os = "macos") {
        &["open"]
    } else if cfg!(windows) {
        &["explorer"]
    } else {
        &["xdg-open"]
    };
    let [program, arguments @ ..] = program else {
        return false;
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(url);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().is_ok()
}

/// Looks up answers, in memory alone.
struct Desk {
    hub: Arc<Hub>,
    address: SocketAddr,
}

impl Answers for Desk {
    fn answer(&self, request: &Request) -> Reply {
        if !request.hosts.iter().all(|host| self.is_ours(host)) {
            let words = "this preview answers to the names of this machine only, such as 127.0.0.1 or localhost";
            return Reply::Whole(Answer::plain(403, words));
        }
        let Some(path) = decoded(&request.path) else {
            return Reply::Whole(Answer::plain(400, "there is no such address"));
        };
        match path.strip_prefix(RESERVED) {
            Some(name) => self.own(name, request),
            None => Reply::Whole(self.page(&path, request)),
        }
    }
}

impl Desk {
    /// Says whether a host, with its port, is one by which only this machine is meant: a page of another site cannot bring a
    /// browser to call us so (DNS rebinding).
    fn is_ours(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, port),
            _ => (host, "80"),
        };
        if port != self.address.port().to_string() {
            return false;
        }
        if name.eq_ignore_ascii_case("localhost") {
            return true;
        }
        let bare = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'));
        let ip: Option<IpAddr> = match bare {
            Some(bare) => bare.parse().ok().filter(IpAddr::is_ipv6),
            None => name.parse().ok().filter(IpAddr::is_ipv4),
        };
        let own = self.address.ip();
        // Addresses in numbers cannot be rebound; who listens on all of them is called by any.
        ip.is_some_and(|ip| {
            ip.is_loopback() && (own.is_loopback() || own.is_unspecified())
                || ip == own
                || own.is_unspecified()
        })
    }

    /// Answers for a file of the preview itself. Pages of other sites have no business with them.
    fn own(&self, name: &str, request: &Request) -> Reply {
        let is_foreign_origin = request.origin.as_ref().is_some_and(|origin| {
            !origin
                .strip_prefix("http://")
                .is_some_and(|host| self.is_ours(host))
        });
        let is_foreign_site = request
            .site
            .as_ref()
            .is_some_and(|site| !matches!(site.as_str(), "same-origin" | "none"));
        if is_foreign_origin || is_foreign_site {
            return Reply::Whole(Answer::plain(
                403,
                "this belongs to the preview's own pages",
            ));
        }
        match name {
            "live.js" => Reply::Whole(whole("live.js", SCRIPT.into(), 200, request)),
            "events" if request.is_head => Reply::Whole(Answer::plain(200, "")),
            "events" => {
                let (hub, reader) = (Arc::clone(&self.hub), reader(&request.query));
                Reply::Stream(Box::new(move |out| hub::follow(&hub, reader, out)))
            }
            _ => Reply::Whole(Answer::plain(404, "there is no such address")),
        }
    }

    fn page(&self, path: &str, request: &Request) -> Answer {
        let Some(site) = self.hub.now().site else {
            let page = with_script(NOTHING_YET.as_bytes(), "none", "");
            return whole("index.html", page, 503, request);
        };
        let sent = |path: &str, bytes: &[u8], status| {
            let bytes = if is_page(path) {
                site.live(bytes)
            } else {
                bytes.to_vec()
            };
            whole(path, bytes, status, request)
        };
        match site.find(path) {
            Found::File(path, bytes) => sent(path, bytes, 200),
            Found::Nothing(Some((path, bytes))) => sent(path, bytes, 404),
            Found::Nothing(None) => Answer::plain(404, "there is no such page"),
            Found::Elsewhere(status, address) => {
                let mut answer = Answer::plain(status, "this stands at another address");
                answer.head.push(("Location", address));
                answer
            }
        }
    }
}

/// Reads what an open page says of itself.
fn reader(query: &str) -> Reader {
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(own, _)| *own == name);
        found
            .and_then(|(_, value)| decoded(value))
            .unwrap_or_default()
    };
    let path = value("page");
    Reader {
        path: decoded(&path).unwrap_or_default(),
        print: value("print"),
        style: value("style"),
    }
}

fn is_page(path: &str) -> bool {
    content_type(path).starts_with("text/html")
}

/// Returns a file as it is sent: with its type and fingerprint, and only a part of it if that was asked for.
fn whole(path: &str, bytes: Vec<u8>, status: u16, request: &Request) -> Answer {
    let tag = etag(&bytes);
    let kept = request.etag.as_ref().filter(|_| status == 200);
    let is_kept = kept.is_some_and(|kept| {
        let mut tags = kept
            .split(',')
            .map(|tag| tag.trim().trim_start_matches("W/"));
        tags.any(|kept| kept == tag || kept == "*")
    });
    let mut answer = Answer {
        status,
        head: vec![
            ("Content-Type", content_type(path).to_owned()),
            ("ETag", tag),
        ],
        body: bytes,
    };
    if is_kept {
        answer.status = 304;
        answer.body.clear();
        return answer;
    }
    if status == 200 {
        answer.head.push(("Accept-Ranges", "bytes".to_owned()));
        let length = answer.body.len();
        match request
            .range
            .as_ref()
            .map_or(Range::Whole, |range| part(range, length))
        {
            Range::Whole => {}
            Range::Part(start, end) => {
                answer.status = 206;
                answer.head.push((
                    "Content-Range",
                    format!("bytes {start}-{}/{length}", end - 1),
                ));
                answer.body = answer.body.get(start..end).unwrap_or_default().to_vec();
            }
            Range::Nowhere => {
                answer = Answer::plain(416, "the file is shorter");
                answer
                    .head
                    .push(("Content-Range", format!("bytes */{length}")));
            }
        }
    }
    answer
}

#[derive(Debug, PartialEq, Eq)]
enum Range {
    Whole,
    Part(usize, usize),
    Nowhere,
}

/// Reads a range of bytes; several at once, and what is no range, mean the whole.
fn part(range: &str, length: usize) -> Range {
    let Some((first, last)) = range
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Range::Whole;
    };
    let number = |text: &str| {
        text.parse::<usize>()
            .ok()
            .filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let (start, end) = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => (first, last.saturating_add(1).min(length)),
        (Some(first), None) if last.is_empty() => (first, length),
        (None, Some(count)) if first.is_empty() => (length.saturating_sub(count), length),
        _ => return Range::Whole,
    };
    if start < end {
        Range::Part(start, end)
    } else {
        Range::Nowhere
    }
}

fn content_type(path: &str) -> &'static str {
    let ending = path
        .rsplit('/')
        .next()
        .and_then(|name| name.rsplit_once('.'));
    match ending
        .map_or("", |(_, ending)| ending)
        .to_ascii_lowercase()
        .as_str()
    {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json; charset=utf-8",
        "jsonld" => "application/ld+json; charset=utf-8",
        "webmanifest" => "application/manifest+json; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "txt" | "md" => "text/plain; charset=utf-8",
        "xml" => "application/xml; charset=utf-8",
        "ics" => "text/calendar; charset=utf-8",
        "svg" => "image/svg+xml; charset=utf-8",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "pdf" => "application/pdf",
        "wasm" => "application/wasm",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "odt" => "application/vnd.oasis.opendocument.text",
        "ods" => "application/vnd.oasis.opendocument.spreadsheet",
        "odp" => "application/vnd.oasis.opendocument.presentation",
        "zip" => "application/zip",
        _ if path.ends_with("_redirects") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_ours() {
        let desk = |address: &str| Desk {
            hub: Arc::default(),
            address: address.parse().unwrap(),
        };
        let loopback = desk("127.0.0.1:1111");
        for (host, expected) in [
            ("127.0.0.1:1111", true),
            ("LocalHost:1111", true),
            ("[::1]:1111", true),
            ("127.0.0.1", false),
            ("127.0.0.1:1112", false),
            ("evil.example:1111", false),
            ("localhost.evil.example:1111", false),
            ("192.168.0.7:1111", false),
            ("::1:1111", false),
            ("[::1]", false),
            ("", false),
            (":1111", false),
        ] {
            assert_eq!(loopback.is_ours(host), expected, "{host}");
        }
        assert!(desk("127.0.0.1:80").is_ours("localhost"));
        assert!(desk("0.0.0.0:1111").is_ours("192.168.0.7:1111"));
        assert!(!desk("0.0.0.0:1111").is_ours("evil.example:1111"));
        assert!(desk("192.168.0.7:1111").is_ours("192.168.0.7:1111"));
    }

    #[test]
    fn ranges_are_read() {
        for (range, expected) in [
            ("bytes=0-3", Range::Part(0, 4)),
            ("bytes=4-", Range::Part(4, 10)),
            ("bytes=-3", Range::Part(7, 10)),
            ("bytes=5-99999999999999999", Range::Part(5, 10)),
            ("bytes=10-", Range::Nowhere),
            ("bytes=3-1", Range::Whole),
            ("bytes=0-1,4-5", Range::Whole),
            ("bytes=+1-2", Range::Whole),
            ("lines=1-2", Range::Whole),
        ] {
            assert_eq!(part(range, 10), expected, "{range}");
        }
    }
}
