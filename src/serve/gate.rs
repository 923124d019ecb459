//! The gate: takes connections, reads requests within bounds, and sends answers.
//!
//! Everything that comes from a client is handled here and is short: a head has a largest size and a time, connections have a
//! largest number, and silent ones make room for others. A request that is not plainly right is refused before anybody looks at
//! what it asks for. Nothing of a request ever goes into the head of an answer.
//!
//! `tiny_http` writes the answers. Its own accepting is not used: it ends at the first failure of the system, keeps a thread for
//! each silent connection for ever, and reads lines of any length.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tiny_http::{HTTPVersion, Header, Response, StatusCode};

/// How long a head may be.
const LONGEST_HEAD: usize = 16 * 1024;
/// How long an address may be.
const LONGEST_TARGET: usize = 4 * 1024;
/// How often connections are looked at. Time is counted in these, so that nothing here needs a clock.
const TICK: Duration = Duration::from_millis(250);
/// After how many ticks a connection that asks nothing is closed.
const SILENT: u32 = 40;
/// After how many ticks a silent connection makes room for another.
const PATIENCE: u32 = 2;
/// After how many ticks an answer that nobody reads is given up.
const STUCK: u32 = 240;
/// How many pages can be followed at once.
const STREAMS: usize = 64;

/// A request, as far as anybody needs to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) is_head: bool,
    /// The path and what follows `?`, as they were sent.
    pub(super) path: String,
    pub(super) query: String,
    /// The names by which we were called: `Host`, and the host of an address in absolute form.
    pub(super) hosts: Vec<String>,
    pub(super) origin: Option<String>,
    pub(super) site: Option<String>,
    pub(super) etag: Option<String>,
    pub(super) range: Option<String>,
    pub(super) is_last: bool,
}

/// What is sent back.
pub(super) enum Reply {
    Whole(Answer),
    /// A stream: gets the connection for itself.
    Stream(Stream),
}

/// Writes for as long as it likes, or until the client goes away.
pub(super) type Stream = Box<dyn FnOnce(&mut dyn Write) -> io::Result<()>>;

/// An answer with a body of known length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Names and values of ours, never of a request.
    pub(super) head: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Returns an answer of one line.
    pub(super) fn plain(status: u16, words: &str) -> Self {
        Self {
            status,
            head: vec![("Content-Type", "text/plain; charset=utf-8".to_owned())],
            body: format!("{words}\n").into_bytes(),
        }
    }
}

/// Answers requests.
pub(super) trait Answers: Send + Sync + 'static {
    fn answer(&self, request: &Request) -> Reply;
}

/// Takes connections for ever.
pub(super) fn keep(listener: &TcpListener, answers: &Arc<dyn Answers>) {
    let hall = Arc::new(Hall::new(room()));
    let swept = Arc::clone(&hall);
    let sweeper = thread::Builder::new().name("sweeper".into());
    let sweep = move || {
        loop {
            thread::sleep(TICK);
            swept.sweep();
        }
    };
    // Without a sweeper silent connections stay until there is need of room.
    drop(sweeper.spawn(sweep));
    loop {
        hall.make_room();
        let Ok((stream, _)) = listener.accept() else {
            // The client has gone, or the system has no room: neither is a reason to end.
            hall.turn_out();
            thread::sleep(Duration::from_millis(20));
            continue;
        };
        let seat = hall.seat(stream);
        let answers = Arc::clone(answers);
        let visit = move || {
            // A client that goes away in the middle is nobody's mistake.
            let _ = seat.attend(&*answers);
        };
        // Where no thread can be had, the connection is closed with its seat.
        drop(thread::Builder::new().stack_size(512 * 1024).spawn(visit));
    }
}

/// Returns how many connections are held at once: what the system allows, less what a build needs.
fn room() -> usize {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        const WISHED: u64 = 4096;
        let limit = getrlimit(Resource::Nofile);
        let most = limit.maximum.map_or(WISHED, |most| most.min(WISHED));
        if limit.current.is_some_and(|current| current < most) {
            let wider = Rlimit {
                current: Some(most),
                maximum: limit.maximum,
            };
            // Where it is refused, fewer connections are held.
            let _ = setrlimit(Resource::Nofile, wider);
        }
        let current = getrlimit(Resource::Nofile).current.unwrap_or(WISHED);
        usize::try_from(current / 2).map_or(1024, |half| half.clamp(32, 2048))
    }
    #[cfg(not(unix))]
    1024
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Doing {
    /// It was answered and may ask again.
    Idle,
    /// Its head is being read.
    Asking,
    /// It is being answered.
    Answered,
    /// It follows a page.
    Following,
}

struct Guest {
    stream: Arc<TcpStream>,
    doing: Doing,
    ticks: Arc<AtomicU32>,
}

/// All connections.
struct Hall {
    room: usize,
    next: AtomicU64,
    guests: Mutex<BTreeMap<u64, Guest>>,
}

impl Hall {
    fn new(room: usize) -> Self {
        Self {
            room,
            next: AtomicU64::new(0),
            guests: Mutex::default(),
        }
    }

    fn guests(&self) -> MutexGuard<'_, BTreeMap<u64, Guest>> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seat(self: &Arc<Self>, stream: TcpStream) -> Seat {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let stream = Arc::new(stream);
        let guest = Guest {
            stream: Arc::clone(&stream),
            doing: Doing::Asking,
            ticks: Arc::default(),
        };
        self.guests().insert(id, guest);
        Seat {
            hall: Arc::clone(self),
            id,
            stream,
        }
    }

    /// Waits until there is room for one more.
    fn make_room(&self) {
        while self.guests().len() >= self.room {
            if !self.turn_out() {
                thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// Closes the connection that can best be spared; says whether there was one.
    fn turn_out(&self) -> bool {
        let mut guests = self.guests();
        let spared = guests.iter().filter(|(_, guest)| match guest.doing {
            Doing::Idle => true,
            Doing::Asking => guest.ticks.load(Ordering::Relaxed) >= PATIENCE,
            Doing::Answered | Doing::Following => false,
        });
        // Idle ones before silent ones, and of each the oldest.
        let spared = spared.min_by_key(|(id, guest)| (guest.doing, **id));
        let Some(id) = spared.map(|(id, _)| *id) else {
            return false;
        };
        if let Some(guest) = guests.remove(&id) {
            let _ = guest.stream.shutdown(Shutdown::Both);
        }
        true
    }

    /// Closes what has been silent or stuck for too long.
    fn sweep(&self) {
        for guest in self.guests().values() {
            let ticks = guest.ticks.fetch_add(1, Ordering::Relaxed);
            let is_over = match guest.doing {
                Doing::Idle | Doing::Asking => ticks >= SILENT,
                Doing::Answered => ticks >= STUCK,
                Doing::Following => false,
            };
            if is_over {
                let _ = guest.stream.shutdown(Shutdown::Both);
            }
        }
    }
}

/// A place for one connection; given up when this is dropped.
struct Seat {
    hall: Arc<Hall>,
    id: u64,
    stream: Arc<TcpStream>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hall.guests().remove(&self.id);
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

impl Seat {
    /// Notes what the connection does now; its time begins anew.
    fn note(&self, doing: Doing) -> io::Result<()> {
        let mut guests = self.hall.guests();
        if doing == Doing::Following {
            let following = guests
                .iter()
                .filter(|(_, guest)| guest.doing == Doing::Following);
            if following.clone().count() >= STREAMS
                && let Some((_, oldest)) = following.min_by_key(|(id, _)| **id)
            {
                let _ = oldest.stream.shutdown(Shutdown::Both);
            }
        }
        // It may have been turned out meanwhile.
        let guest = guests
            .get_mut(&self.id)
            .ok_or(io::ErrorKind::NotConnected)?;
        guest.doing = doing;
        guest.ticks.store(0, Ordering::Relaxed);
        Ok(())
    }

    fn attend(&self, answers: &dyn Answers) -> io::Result<()> {
        let mut stream: &TcpStream = &self.stream;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(Duration::from_secs(10)))?;
        let mut unread = Vec::new();
        loop {
            let head = match self.head(&mut unread)? {
                None => return Ok(()),
                Some(Err(status)) => return self.refuse(status),
                Some(Ok(head)) => head,
            };
            let request = match parse(&head) {
                Ok(request) => request,
                Err(status) => return self.refuse(status),
            };
            self.note(Doing::Answered)?;
            match answers.answer(&request) {
                Reply::Whole(answer) => send(stream, &answer, request.is_head)?,
                Reply::Stream(follow) => {
                    self.note(Doing::Following)?;
                    return follow(&mut stream);
                }
            }
            if request.is_last {
                return Ok(());
            }
            self.note(Doing::Idle)?;
        }
    }

    /// Reads up to the empty line; nothing where the client is done.
    fn head(&self, unread: &mut Vec<u8>) -> io::Result<Option<Result<Vec<u8>, u16>>> {
        let mut stream: &TcpStream = &self.stream;
        let mut searched = 0;
        loop {
            if let Some(at) =
                memchr::memmem::find(unread.get(searched..).unwrap_or_default(), b"\r\n\r\n")
            {
                let rest = unread.split_off(searched + at + 4);
                unread.truncate(searched + at + 2);
                return Ok(Some(Ok(std::mem::replace(unread, rest))));
            }
            if unread.len() > LONGEST_HEAD {
                let is_target = !unread
                    .iter()
                    .take(LONGEST_TARGET)
                    .any(|byte| *byte == b'\n');
                return Ok(Some(Err(if is_target { 414 } else { 431 })));
            }
            searched = unread.len().saturating_sub(3);
            let mut some = [0; 4096];
            let count = stream.read(&mut some)?;
            if count == 0 {
                return Ok(if unread.is_empty() {
                    None
                } else {
                    Some(Err(400))
                });
            }
            if unread.is_empty() {
                self.note(Doing::Asking)?;
            }
            unread.extend_from_slice(some.get(..count).unwrap_or_default());
        }
    }

    /// Says that a request is not answered, and reads a little of what may still come: a connection closed before that is
    /// reset, and the client never sees why.
    fn refuse(&self, status: u16) -> io::Result<()> {
        let mut stream: &TcpStream = &self.stream;
        self.note(Doing::Answered)?;
        let mut answer = Answer::plain(status, "this request is not answered");
        if status == 405 {
            answer.head.push(("Allow", "GET, HEAD".to_owned()));
        }
        send(stream, &answer, false)?;
        stream.shutdown(Shutdown::Write)?;
        stream.set_read_timeout(Some(Duration::from_millis(100)))?;
        let mut some = [0; 4096];
        for _ in 0..64 {
            if stream.read(&mut some)? == 0 {
                break;
            }
        }
        Ok(())
    }
}

/// Writes an answer.
fn send(stream: &TcpStream, answer: &Answer, is_head: bool) -> io::Result<()> {
    let mut head = Vec::new();
    let always = [
        ("Server", "clerestory"),
        ("Cache-Control", "no-cache"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Content-Security-Policy", "frame-ancestors 'none'"),
        ("Referrer-Policy", "same-origin"),
    ];
    let own = answer
        .head
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    for (name, value) in always.into_iter().chain(own) {
        // What could end a line is of no use in a head; `tiny_http` would let it through.
        let is_plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if let (true, Ok(header)) = (is_plain, Header::from_bytes(name, value)) {
            head.push(header);
        }
    }
    let length = answer.body.len();
    let response = Response::new(
        StatusCode(answer.status),
        head,
        answer.body.as_slice(),
        Some(length),
        None,
    );
    let mut out = io::BufWriter::with_capacity(64 * 1024, stream);
    response.with_chunked_threshold(usize::MAX).raw_print(
        &mut out,
        HTTPVersion(1, 1),
        &[],
        is_head,
        None,
    )?;
    out.flush()
}

/// Reads a head; or says with which status it is refused.
fn parse(head: &[u8]) -> Result<Request, u16> {
    let text = std::str::from_utf8(head).map_err(|_| 400_u16)?;
    if text
        .bytes()
        .any(|byte| byte.is_ascii_control() && !matches!(byte, b'\r' | b'\n' | b'\t'))
    {
        return Err(400);
    }
    let mut lines = text.strip_suffix("\r\n").ok_or(400_u16)?.split("\r\n");
    let mut parts = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(400);
    };
    if target.len() > LONGEST_TARGET {
        return Err(414);
    }
    let is_old = match version {
        "HTTP/1.1" => false,
        "HTTP/1.0" => true,
        _ if version.starts_with("HTTP/") => return Err(505),
        _ => return Err(400),
    };
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(400);
    }
    if !target
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'#')
    {
        return Err(400);
    }
    let mut request = Request {
        is_head: method == "HEAD",
        path: String::new(),
        query: String::new(),
        hosts: Vec::new(),
        origin: None,
        site: None,
        etag: None,
        range: None,
        is_last: is_old,
    };
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(400_u16)?;
        let is_token =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_token) || line.contains(['\r', '\n']) {
            return Err(400);
        }
        let value = value.trim_matches([' ', '\t']);
        match name.to_ascii_lowercase().as_str() {
            "host" if request.hosts.is_empty() => request.hosts.push(value.to_owned()),
            // Two hosts, or a body: whoever sends them with a question wants to confuse somebody.
            "host" | "transfer-encoding" => return Err(400),
            "content-length" if value != "0" => return Err(400),
            "connection" => {
                request.is_last |= value.to_ascii_lowercase().contains("close");
            }
            "origin" => request.origin = Some(value.to_owned()),
            "sec-fetch-site" => request.site = Some(value.to_owned()),
            "if-none-match" => request.etag = Some(value.to_owned()),
            "range" => request.range = Some(value.to_owned()),
            _ => {}
        }
    }
    if !matches!(method, "GET" | "HEAD") {
        return Err(405);
    }
    if request.hosts.is_empty() {
        return Err(400);
    }
    let target = if target.starts_with('/') {
        target
    } else {
        let rest = target
            .get(..7)
            .filter(|scheme| scheme.eq_ignore_ascii_case("http://"))
            .and_then(|_| target.get(7..))
            .ok_or(400_u16)?;
        let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        request.hosts.push(host.to_owned());
        if path.starts_with('/') { path } else { "/" }
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    path.clone_into(&mut request.path);
    query.clone_into(&mut request.query);
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &str, expected: Result<&str, u16>) {
        let found = parse(head.as_bytes()).map(|request| request.path);
        assert_eq!(
            found.as_deref().map_err(|status| *status),
            expected,
            "{head:?}"
        );
    }

    #[test]
    fn only_plain_requests_are_read() {
        check("GET /a?b=c HTTP/1.1\r\nHost: localhost\r\n", Ok("/a"));
        check(
            "HEAD /%2e%2e HTTP/1.0\r\nHost: localhost\r\n",
            Ok("/%2e%2e"),
        );
        check(
            "GET http://localhost:1/x HTTP/1.1\r\nHost: localhost:1\r\n",
            Ok("/x"),
        );
        check(
            "GET http://localhost:1 HTTP/1.1\r\nHost: localhost:1\r\n",
            Ok("/"),
        );
        check("GET / HTTP/1.1\r\n", Err(400));
        check("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n", Err(400));
        check("GET / HTTP/1.1\r\nHost : a\r\n", Err(400));
        check("GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n", Err(400));
        check(
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n",
            Err(400),
        );
        check(
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n",
            Err(400),
        );
        check("GET / HTTP/1.1\nHost: a\r\n", Err(400));
        check("GET  / HTTP/1.1\r\nHost: a\r\n", Err(400));
        check("GET /\0 HTTP/1.1\r\nHost: a\r\n", Err(400));
        check("GET * HTTP/1.1\r\nHost: a\r\n", Err(400));
        check("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n", Err(400));
        check("POST / HTTP/1.1\r\nHost: a\r\n", Err(405));
        check("GET / HTTP/2.0\r\nHost: a\r\n", Err(505));
        check("GET / SPDY\r\nHost: a\r\n", Err(400));
        check(
            &format!(
                "GET /{} HTTP/1.1\r\nHost: a\r\n",
                "a".repeat(LONGEST_TARGET)
            ),
            Err(414),
        );
    }
}
