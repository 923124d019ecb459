//! The preview: what it serves is what `build` writes, it follows every way in which files are saved, shows what is wrong and
//! nothing that is withheld, and whatever is sent to it, it goes on.
#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "the helpers here stand for a client, and a test ends where one fails"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{
    TODAY, build, has_canary, plant, put, read, repository, run, site, sources, temporary, tree,
};

/// A build takes a moment in a debug build on a busy machine; whatever takes longer than this has not come at all.
const LONG: Duration = Duration::from_secs(40);

const CONFIG: &str = r#"
[site]
title = "Centre"
base_url = "https://example.org/a/centre/"
languages = ["en", "fr"]

[meetings]
kinds = ["plenary"]
"#;

/// A preview that runs until the end of a test.
struct Preview {
    child: Child,
    root: PathBuf,
    address: SocketAddr,
    base: String,
    errors: PathBuf,
    _folder: tempfile::TempDir,
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Preview {
    /// Starts a preview of a site that consists of these files.
    fn of(files: &[(&str, &str)]) -> Self {
        Self::prepared(|root| {
            for (path, text) in files {
                put(&root.join(path), text);
            }
        })
    }

    /// Starts a preview of a site with one meeting.
    fn plain() -> Self {
        Self::of(&[
            ("clerestory.toml", CONFIG),
            ("content/meetings/one.md", &meeting("One", "First words.")),
        ])
    }

    fn prepared(prepare: impl FnOnce(&Path)) -> Self {
        let folder = temporary();
        let root = folder.path().join("site");
        prepare(&root);
        let errors = folder.path().join("errors");
        let mut child = Command::new(env!("CARGO_BIN_EXE_clerestory"))
            .args(["serve", "--port", "0", "--today", TODAY, "--root"])
            .arg(&root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&errors).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let url = line
            .strip_prefix("http://")
            .and_then(|url| url.strip_suffix('\n'))
            .unwrap_or_else(|| panic!("{line:?}, {}", read(&errors)));
        let (host, base) = url.split_once('/').unwrap();
        Self {
            address: host.parse().unwrap(),
            base: format!("/{base}"),
            child,
            root,
            errors,
            _folder: folder,
        }
    }

    fn put(&self, path: &str, text: &str) {
        put(&self.root.join(path), text);
    }

    /// Saves as most editors do: a new file beside the old one, and then its name.
    fn put_by_rename(&self, path: &str, text: &str) {
        let beside = self.root.join(format!("{path}.part~"));
        put(&beside, text);
        fs::rename(beside, self.root.join(path)).unwrap();
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream
    }

    /// Sends bytes and returns all that comes back.
    fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        // A connection may be closed in the middle of what should not be sent.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    fn ask(&self, method: &str, path: &str, head: &str) -> Answer {
        let host = self.address;
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{head}\r\n");
        Answer::read(&self.raw(request.as_bytes()))
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", &format!("{}{path}", self.base), "")
    }

    /// Waits until a page holds some words.
    fn wait_for(&self, path: &str, words: &str) {
        self.wait(&format!("{words:?} at {path}"), |preview| {
            preview.get(path).text().contains(words)
        });
    }

    fn wait(&self, what: &str, is_there: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !is_there(self) {
            assert!(start.elapsed() < LONG, "no {what}; {}", read(&self.errors));
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Follows a page as its script does.
    fn follow(&self, path: &str) -> Events {
        let page = self.get(path).text();
        let value = |name: &str| {
            let (_, after) = page.split_once(&format!("{name}=\"")).unwrap_or_default();
            after.split('"').next().unwrap_or_default().to_owned()
        };
        let mut stream = self.connect();
        let request = format!(
            "GET /__clerestory/events?page={}{path}&print={}&style={} HTTP/1.1\r\nHost: {}\r\n\r\n",
            self.base,
            value("data-print"),
            value("data-style"),
            self.address
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut events = Events(BufReader::new(stream));
        let head = events.line();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        while events.line() != "retry: 500" {}
        events
    }
}

struct Events(BufReader<TcpStream>);

impl Events {
    fn line(&mut self) -> String {
        let mut line = String::new();
        let count = self.0.read_line(&mut line);
        assert!(count.is_ok_and(|count| count > 0), "the stream has ended");
        line.trim_end().to_owned()
    }

    /// Waits for the next thing that is told.
    fn next(&mut self) -> serde_json::Value {
        loop {
            if let Some(data) = self.line().strip_prefix("data: ") {
                return serde_json::from_str(data).unwrap();
            }
        }
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let at = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let at = at.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(bytes)));
        let head = String::from_utf8(bytes[..at].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self {
            status,
            head,
            body: bytes[at + 4..].to_vec(),
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

fn meeting(title: &str, body: &str) -> String {
    format!("+++\ntitle = \"{title}\"\ndate = 2026-01-30\nkind = \"plenary\"\n+++\n\n{body}\n")
}

#[test]
fn serves_what_build_writes_and_the_script_beside() {
    for name in ["golden/small", "golden/withheld", "golden/deep-path"] {
        let preview = Preview::prepared(|root| plant(&sources(&site(name)), root));
        let here = temporary();
        build(&preview.root, here.path(), "");
        let built = tree(&here.path().join("public"));
        assert!(built.len() > 10);
        let mut pages = 0;
        for (path, bytes) in built.iter().filter(|(path, _)| *path != ".clerestory") {
            // Old addresses lead on by themselves.
            let answer = preview.get(&encoded(path));
            if answer.status == 301 {
                let old = path.strip_suffix("/index.html").unwrap_or(path);
                let list = String::from_utf8_lossy(&built["_redirects"]);
                assert!(
                    list.contains(&format!("/{} ", encoded(old))),
                    "{path}: {list}"
                );
                continue;
            }
            assert_eq!(answer.status, 200, "{path}");
            assert!(
                !String::from_utf8_lossy(bytes).contains("clerestory/live"),
                "{path}"
            );
            let mut text = answer.text();
            if Path::new(path)
                .extension()
                .is_some_and(|ending| ending == "html")
            {
                let start = text.find("<script src=\"/__clerestory/live.js\"").unwrap();
                let end = start + text[start..].find("</script>\n").unwrap() + 10;
                text.replace_range(start..end, "");
                pages += 1;
                assert_eq!(text.as_bytes(), bytes, "{path}");
            } else {
                assert_eq!(&answer.body, bytes, "{path}");
            }
            assert!(!has_canary(&answer.body), "{path}");
        }
        assert!(pages > 5);
    }
}

fn encoded(path: &str) -> String {
    let letters = path.bytes().map(|byte| {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    letters.collect()
}

#[test]
fn addresses_types_and_parts() {
    let preview = Preview::plain();
    assert_eq!(preview.base, "/a/centre/");
    let root = preview.ask("GET", "/", "");
    assert_eq!(
        (root.status, root.header("Location")),
        (302, Some("/a/centre/"))
    );
    let folder = preview.get("meetings/one");
    assert_eq!(folder.status, 301);
    assert_eq!(folder.header("Location"), Some("/a/centre/meetings/one/"));
    let page = preview.get("meetings/one/");
    assert_eq!(
        page.header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.header("Cache-Control"), Some("no-cache"));
    let head = preview.ask("HEAD", "/a/centre/meetings/one/", "");
    assert_eq!((head.status, head.body.len()), (200, 0));
    let length = page.body.len().to_string();
    assert_eq!(head.header("Content-Length"), Some(length.as_str()));
    let tag = page.header("ETag").unwrap();
    let known = format!("If-None-Match: {tag}\r\n");
    let known = preview.ask("GET", "/a/centre/meetings/one/", &known);
    assert_eq!((known.status, known.body.len()), (304, 0));
    let some = preview.ask("GET", "/a/centre/robots.txt", "Range: bytes=0-3\r\n");
    assert_eq!((some.status, some.text().len()), (206, 4));
    let none = preview.ask("GET", "/a/centre/robots.txt", "Range: bytes=99999-\r\n");
    assert_eq!(none.status, 416);
    for (path, kind) in [
        ("feed.xml", "application/xml; charset=utf-8"),
        ("data/meetings.json", "application/json; charset=utf-8"),
        ("data/meetings.csv", "text/csv; charset=utf-8"),
        ("meetings/calendar.ics", "text/calendar; charset=utf-8"),
    ] {
        assert_eq!(
            preview.get(path).header("Content-Type"),
            Some(kind),
            "{path}"
        );
    }
    let missing = preview.get("fr/nothing/");
    assert_eq!(missing.status, 404);
    assert!(missing.text().contains("lang=\"fr\"") && missing.text().contains("live.js"));
    let script = preview.ask("GET", "/__clerestory/live.js", "");
    assert_eq!(
        script.header("Content-Type"),
        Some("text/javascript; charset=utf-8")
    );
    // Many questions over one connection.
    let mut stream = preview.connect();
    let one = format!(
        "GET /a/centre/robots.txt HTTP/1.1\r\nHost: {}\r\n\r\n",
        preview.address
    );
    let last = one.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    stream
        .write_all(format!("{one}{one}{last}").as_bytes())
        .unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).unwrap();
    assert_eq!(all.matches("HTTP/1.1 200 OK").count(), 3);
}

#[test]
fn every_way_of_saving_is_followed() {
    let preview = Preview::plain();
    let mut events = preview.follow("meetings/one/");
    preview.put("content/meetings/one.md", &meeting("One", "Second words."));
    assert_eq!(events.next()["reload"], true);
    assert!(
        preview
            .get("meetings/one/")
            .text()
            .contains("Second words.")
    );
    preview.put_by_rename("content/meetings/one.md", &meeting("One", "Third words."));
    assert_eq!(events.next()["reload"], true);
    assert!(preview.get("meetings/one/").text().contains("Third words."));

    // Another page: it is offered, and this one stays.
    preview.put(
        "content/pages/about.md",
        "+++\ntitle = \"About\"\n+++\n\nAbout us.\n",
    );
    preview.wait_for("about/", "About us.");
    preview.put(
        "content/pages/about.md",
        "+++\ntitle = \"About\"\n+++\n\nAbout them.\n",
    );
    loop {
        let told = events.next();
        if told["saved"]["address"] == "/a/centre/about/" {
            break;
        }
    }

    // Folders that come with files in them, are renamed, and go.
    let deep = meeting("Deep", "Bundled words.");
    preview.put("content/meetings/deep/index.md", &deep);
    preview.wait_for("meetings/deep/", "Bundled words.");
    let moved = |name: &str| preview.root.join("content/meetings").join(name);
    fs::rename(moved("deep"), moved("other")).unwrap();
    preview.wait_for("meetings/other/", "Bundled words.");
    preview.put(
        "content/meetings/other/index.md",
        &meeting("Deep", "Words in a renamed folder."),
    );
    preview.wait_for("meetings/other/", "Words in a renamed folder.");
    fs::remove_dir_all(moved("other")).unwrap();
    preview.wait("end of the folder", |preview| {
        preview.get("meetings/other/").status == 404
    });

    // All of the content goes and comes again.
    let content = preview.root.join("content");
    fs::rename(&content, preview.root.join("kept")).unwrap();
    preview.wait("end of the content", |preview| {
        preview.get("meetings/one/").status == 404
    });
    fs::rename(preview.root.join("kept"), &content).unwrap();
    preview.wait_for("meetings/one/", "Third words.");
    preview.put_by_rename("content/meetings/one.md", &meeting("One", "Fourth words."));
    preview.wait_for("meetings/one/", "Fourth words.");

    // A theme that was not there, the texts of the interface, the configuration, the path of the site.
    let texts = read(&repository().join("themes/default/i18n/en.toml"));
    let name = "section-meetings = \"Meetings\"";
    assert!(texts.contains(name));
    let texts = texts.replace(name, "section-meetings = \"Sessions\"");
    preview.put("themes/default/i18n/en.toml", &texts);
    preview.wait_for("meetings/", "Sessions");
    let config = CONFIG.replace("\"Centre\"", "\"Another centre\"");
    preview.put_by_rename("clerestory.toml", &config);
    preview.wait_for("", "Another centre");
    preview.put("clerestory.toml", &config.replace("/a/centre/", "/b/"));
    preview.wait("another path", |preview| {
        preview.ask("GET", "/b/", "").status == 200
    });
    assert_eq!(preview.ask("GET", "/", "").header("Location"), Some("/b/"));
    assert_eq!(preview.get("").status, 404);
}

#[test]
fn a_change_of_style_needs_no_reload() {
    let preview = Preview::plain();
    let mut events = preview.follow("meetings/one/");
    preview.put("themes/default/static/style.css", "body { color: black }\n");
    let told = events.next();
    let to = told["style"]["to"]
        .as_str()
        .unwrap_or_else(|| panic!("{told}"));
    assert_ne!(told["style"]["from"], to);
    assert_eq!(preview.get(to).text(), "body { color: black }\n");
}

#[test]
fn what_is_wrong_stands_over_the_last_good_page() {
    let preview = Preview::plain();
    let mut events = preview.follow("meetings/one/");
    preview.put(
        "content/meetings/one.md",
        &meeting("One", "Words.").replace("kind", "kin"),
    );
    let told = events.next();
    let problem = &told["problems"][0];
    assert_eq!(problem["file"], "content/meetings/one.md");
    assert_eq!(
        (&problem["code"], &problem["line"]),
        (&"missing-field".into(), &2.into()),
        "{told}"
    );
    assert!(told.to_string().contains("unknown-field"), "{told}");
    assert!(preview.get("meetings/one/").text().contains("First words."));
    // Who opens the page only now is told as well.
    assert_eq!(
        preview.follow("meetings/one/").next()["problems"],
        told["problems"]
    );
    preview.put("content/meetings/one.md", &meeting("One", "Mended words."));
    assert_eq!(events.next()["problems"], serde_json::json!([]));
    assert_eq!(events.next()["reload"], true);
    assert!(
        preview
            .get("meetings/one/")
            .text()
            .contains("Mended words.")
    );

    // Broken and mended without another change: the words go, the page stays.
    preview.put("clerestory.toml", "[site");
    assert_eq!(events.next()["problems"][0]["file"], "clerestory.toml");
    preview.put_by_rename("clerestory.toml", CONFIG);
    assert_eq!(events.next()["problems"], serde_json::json!([]));
    assert!(read(&preview.errors).contains("the last good site is still shown"));
}

#[test]
fn where_there_was_never_a_good_site_the_errors_have_a_page() {
    let preview = Preview::of(&[
        ("clerestory.toml", CONFIG),
        ("content/meetings/one.md", "no front matter\n"),
    ]);
    assert_eq!(preview.base, "/");
    let page = preview.ask("GET", "/a/centre/", "");
    assert_eq!(page.status, 503);
    assert!(page.text().contains("live.js"));
    let mut events = preview.follow("a/centre/");
    assert_eq!(events.next()["problems"][0]["code"], "front-matter-missing");
    preview.put("content/meetings/one.md", &meeting("One", "Good words."));
    assert_eq!(events.next()["problems"], serde_json::json!([]));
    assert_eq!(events.next()["reload"], true);
    assert_eq!(
        preview.ask("GET", "/a/centre/meetings/one/", "").status,
        200
    );
}

#[test]
fn nothing_withheld_comes_out() {
    let withheld = "::: confidential ground=\"commercial\" until=\"2027-03-31\"\nThe offer of Canaryquordle.\n:::";
    let preview = Preview::of(&[
        ("clerestory.toml", CONFIG),
        ("content/meetings/one.md", &meeting("One", withheld)),
    ]);
    let mut events = preview.follow("meetings/one/");
    let mut said = Vec::new();
    for (body, what) in [
        (withheld.replace(":::", "::::"), "problems"),
        (withheld.replace("\n:::", ""), "problems"),
        (
            format!("{withheld}\n\n[link](Canaryquordle.md)"),
            "problems",
        ),
        (
            format!(
                "{withheld}\n\n[link](missing.md) :confidential[Canaryquordle]{{ground=\"commercial\" until=\"2027-03-31\"}}"
            ),
            "problems",
        ),
        (format!("{withheld}\n\nMore."), "problems"),
    ] {
        preview.put("content/meetings/one.md", &meeting("One", &body));
        let told = events.next();
        assert!(told[what].is_array(), "{told}");
        said.push(told.to_string());
    }
    assert_eq!(events.next()["reload"], true);
    // A bundled file that brings it: the second net stops it.
    preview.put(
        "content/meetings/canary/notes.csv",
        "a,b\nCanaryquordle,1\n",
    );
    let body = format!("{withheld}\n\n[Notes](notes.csv)");
    preview.put(
        "content/meetings/canary/index.md",
        &meeting("Other", &body).replace("-01-30", "-01-31"),
    );
    loop {
        let told = events.next().to_string();
        said.push(told.clone());
        if told.contains("withheld-text-found") {
            break;
        }
    }
    // The reader's own public link names the word in the third case: that is public text. In all else there is none of it.
    said.remove(2);
    for told in &said {
        assert!(
            !has_canary(told.replace("meetings/canary/", "").as_bytes()),
            "{told}"
        );
    }
    for path in [
        "",
        "meetings/one/",
        "data/meetings.json",
        "feed.xml",
        "nothing/",
    ] {
        assert!(!has_canary(&preview.get(path).body), "{path}");
    }
    assert_eq!(preview.get("meetings/canary/notes.csv").status, 404);
}

#[test]
fn other_names_than_those_of_this_machine_are_refused() {
    let preview = Preview::plain();
    let port = preview.address.port();
    let status = |request: &str| {
        let request = request.replace("PORT", &port.to_string());
        Answer::read(&preview.raw(request.as_bytes())).status
    };
    for host in [
        "127.0.0.1:PORT",
        "localhost:PORT",
        "LOCALHOST:PORT",
        "[::1]:PORT",
    ] {
        let request =
            format!("GET /a/centre/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(status(&request), 200, "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:PORT",
        "127.0.0.1.evil.example:PORT",
        "localhost.:PORT",
        "127.0.0.1",
        "127.0.0.1:1",
        "0.0.0.0:PORT",
        "user@127.0.0.1:PORT",
        "[::ffff:127.0.0.1]:PORT",
        "2130706433:PORT",
        "",
    ] {
        for path in [
            "/a/centre/",
            "/",
            "/__clerestory/live.js",
            "/__clerestory/events?page=/",
        ] {
            let request =
                format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            assert_eq!(status(&request), 403, "{host} {path}");
        }
    }
    let absolute = "GET http://127.0.0.1:PORT/a/centre/ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\n";
    assert_eq!(status(absolute), 200);
    assert_eq!(
        status(&absolute.replace("http://127.0.0.1", "http://evil.example")),
        403
    );
    assert_eq!(
        status(&absolute.replace("Host: 127.0.0.1", "Host: evil.example")),
        403
    );
    // Pages of other sites do not follow.
    let events = "GET /__clerestory/events?page=/ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\nORIGIN\r\n\r\n";
    for origin in [
        "Origin: https://evil.example",
        "Origin: null",
        "Origin: http://127.0.0.1:1",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
    ] {
        assert_eq!(status(&events.replace("ORIGIN", origin)), 403, "{origin}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a list of hostile requests")]
fn hostile_requests_get_nothing_and_end_nothing() {
    let preview = Preview::plain();
    put(&preview.root.join("../secret.txt"), "Canarysecret");
    let mut count = 0;
    let mut send = |bytes: &[u8], allowed: &[u16]| {
        let answer = preview.raw(bytes);
        let shown = String::from_utf8_lossy(bytes)
            .chars()
            .take(120)
            .collect::<String>();
        assert!(!has_canary(&answer), "{shown}");
        if !answer.is_empty() {
            let answer = Answer::read(&answer);
            assert!(
                allowed.contains(&answer.status),
                "{} {shown}",
                answer.status
            );
            assert!(answer.header("X-Evil").is_none(), "{shown}");
        }
        count += 1;
    };
    let end = format!(
        " HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        preview.address
    );
    let ups = [
        "..",
        "%2e%2e",
        "%2E.",
        ".%2e",
        "..%2f..",
        "%2e%2e%2f",
        "..%5c",
        "..\\",
        "%252e%252e",
        "..;",
        "....//",
        "%c0%ae%c0%ae",
        "%uff0e",
        "..%00",
        "%2e%2e%5c",
    ];
    for up in ups {
        for target in [
            "secret.txt",
            "etc/passwd",
            "clerestory.toml",
            "content/meetings/one.md",
        ] {
            for base in ["/", "/a/centre/", "/a/centre/meetings/one/"] {
                send(
                    format!("GET {base}{up}/{up}/{target}{end}").as_bytes(),
                    &[400, 404],
                );
            }
        }
    }
    for target in [
        "/content/meetings/one.md",
        "/a/centre/content/meetings/one.md",
        "/a/centre//etc/passwd",
        "//etc/passwd",
        "/a/centre/%00",
        "/a/centre/index.html%00.txt",
        "/a/centre/%0d%0aX-Evil:%201",
        "/a/centre/meetings/one%0d%0aX-Evil:%201",
        "/a/centre/%zz",
        "/a/centre/%",
        "/a/centre/%f",
        "/a/centre/\u{e9}",
        "/__clerestory/",
        "/__clerestory/../a",
        "/__clerestory/live.js/",
        "*",
        "evil.example:80",
        "file:///etc/passwd",
        "\\\\a\\b",
    ] {
        send(format!("GET {target}{end}").as_bytes(), &[400, 404]);
    }
    for method in [
        "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "PRI",
    ] {
        send(format!("{method} /a/centre/{end}").as_bytes(), &[405]);
    }
    for method in [
        "get",
        "G\u{e9}T",
        "G T",
        "",
        "GET\t",
        "\0",
        "GET /a/centre/ GET",
    ] {
        send(format!("{method} /a/centre/{end}").as_bytes(), &[400]);
    }
    let host = preview.address;
    for head in [
        "GET /a/centre/\r\n\r\n".to_owned(),
        "GET /a/centre/ HTTP/1.1\r\n\r\n".to_owned(),
        format!("GET /a/centre/ HTTP/3.0\r\nHost: {host}\r\n\r\n"),
        format!("GET /a/centre/ HTTP/9\r\nHost: {host}\r\n\r\n"),
        format!("GET /a/centre/ FTP/1.1\r\nHost: {host}\r\n\r\n"),
        format!("GET /a/centre/ HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n"),
        format!("GET /a/centre/ HTTP/1.1\r\nHost: {host}\r\n folded: 1\r\n\r\n"),
        format!("GET /a/centre/ HTTP/1.1\r\nHost: {host}\r\nX y: 1\r\n\r\n"),
        format!("GET /a/centre/ HTTP/1.1\r\nHost: {host}\r\nX : 1\r\n\r\n"),
        format!("GET /a/centre/ HTTP/1.1\r\nHost: {host}\r\nnothing\r\n\r\n"),
        format!("GET /a/centre/ HTTP/1.1\r\nHost: {host}\r\nX: \0\r\n\r\n"),
        format!("GET /a/centre/ HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n\r\nabc"),
        format!(
            "GET /a/centre/ HTTP/1.1\r\nHost: {host}\r\nContent-Length: 99999999999999\r\n\r\n"
        ),
        format!("GET /a/centre/ HTTP/1.1\r\nHost: {host}\r\nContent-Length: -1\r\n\r\n"),
        format!(
            "GET /a/centre/ HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        format!(
            "GET /{} HTTP/1.1\r\nHost: {host}\r\n\r\n",
            "a".repeat(5_000)
        ),
        format!(
            "GET /{} HTTP/1.1\r\nHost: {host}\r\n\r\n",
            "a".repeat(5_000_000)
        ),
        format!(
            "GET /a/centre/ HTTP/1.1\r\nHost: {host}\r\nX: {}\r\n\r\n",
            "b".repeat(5_000_000)
        ),
        format!(
            "GET /a/centre/ HTTP/1.1\r\nHost: {host}\r\n{}\r\n",
            "X: 1\r\n".repeat(100_000)
        ),
        format!("GET /a/centre/ HTTP/1.1\nHost: {host}\n\n\r\n\r\n"),
        "\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}\r\n\r\n".to_owned(),
    ] {
        send(head.as_bytes(), &[400, 405, 414, 431, 505]);
    }
    let mut noise = 7_u64;
    for length in 0..60 {
        let bytes: Vec<u8> = (0..length * 7)
            .map(|_| {
                noise = noise
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                noise.to_be_bytes()[1]
            })
            .collect();
        send(&[bytes.as_slice(), b"\r\n\r\n"].concat(), &[400, 405, 431]);
    }
    assert!(count > 200, "{count}");
    assert_eq!(preview.get("").status, 200);
}

#[test]
fn silent_and_slow_clients_block_nobody() {
    let preview = Preview::plain();
    let mut silent = Vec::new();
    for count in 0..1_000 {
        let mut stream = preview.connect();
        if count % 2 == 0 {
            stream.write_all(b"GET /a/centre/ HTTP/1.1\r\nX: ").unwrap();
        }
        silent.push(stream);
    }
    let start = Instant::now();
    assert_eq!(preview.get("").status, 200);
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
    preview.put(
        "content/meetings/one.md",
        &meeting("One", "Words in between."),
    );
    preview.wait_for("meetings/one/", "Words in between.");
    // They are let go, in time.
    let mut first = silent.swap_remove(0);
    let mut rest = Vec::new();
    let _ = first.read_to_end(&mut rest);
    assert!(rest.is_empty());
}

#[test]
fn a_thousand_questions_at_once_are_all_answered() {
    let preview = Preview::plain();
    let answered: usize = thread::scope(|scope| {
        let asking: Vec<_> = (0..100)
            .map(|_| {
                scope.spawn(|| {
                    (0..10)
                        .filter(|_| preview.get("meetings/one/").status == 200)
                        .count()
                })
            })
            .collect();
        asking
            .into_iter()
            .map(|asking| asking.join().unwrap())
            .sum()
    });
    assert_eq!(answered, 1_000);
    // And as many connections that are there at the same time.
    let mut open: Vec<TcpStream> = (0..1_000).map(|_| preview.connect()).collect();
    let request = format!(
        "GET /a/centre/robots.txt HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        preview.address
    );
    for stream in &mut open {
        stream.write_all(request.as_bytes()).unwrap();
    }
    for stream in &mut open {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert_eq!(Answer::read(&answer).status, 200);
    }
}

#[test]
fn a_port_that_is_taken_is_told_with_another() {
    let folder = temporary();
    put(&folder.path().join("clerestory.toml"), CONFIG);
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let ran = run(folder.path(), &format!("serve --port {port}"));
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains(&format!("port {port} is taken")),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("clerestory serve --port "),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stdout, "");
    assert_eq!(run(folder.path(), "serve --bind nowhere").code, Some(2));
    assert_eq!(run(folder.path(), "serve --port 70000").code, Some(2));
    assert_eq!(run(temporary().path(), "serve --port 0").code, Some(2));
}

#[cfg(unix)]
#[test]
fn control_c_ends_it_well() {
    use rustix::process::{Pid, Signal, kill_process};
    for signal in [Signal::INT, Signal::TERM] {
        let mut preview = Preview::plain();
        let _open = preview.follow("");
        let id = Pid::from_child(&preview.child);
        let start = Instant::now();
        kill_process(id, signal).unwrap();
        let status = preview.child.wait().unwrap();
        assert_eq!(status.code(), Some(0));
        assert!(start.elapsed() < Duration::from_secs(3));
    }
}

#[test]
fn building_writes_no_script_of_the_preview() {
    let here = temporary();
    build(repository(), here.path(), "");
    let built = tree(&here.path().join("public"));
    assert!(built.len() > 100);
    for (path, bytes) in &built {
        let found = memchr_find(bytes, b"__clerestory");
        assert!(!found, "{path}");
    }
}

fn memchr_find(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|part| part == wanted)
}
