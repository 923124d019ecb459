//! Writes documents nobody would think of: every kind of Markdown within every other, withheld text of every kind at every place.
//!
//! A document is a list of pieces. Each is public, or withheld in some form; a withheld piece has two texts, so that whoever
//! uses this knows what is withheld without looking for it, and can put something else in its place. The first text holds
//! canaries (see `lookout`), each used once and disguised; the second holds none and is of another length and kind.
//!
//! All choices come from [`Choices`]: from a seed, or from a tape of numbers that proptest shortens.

use std::fmt::{self, Write as _};

/// Where choices come from.
#[derive(Clone, Debug)]
pub(crate) struct Choices {
    tape: Option<Vec<u16>>,
    at: usize,
    state: u64,
    /// The canaries that were given out.
    serial: u64,
    /// The labels that were given out in this document.
    labels: usize,
    /// Whether the site has two languages.
    has_french: bool,
}

impl Choices {
    /// Chooses by a seed (splitmix64). No two seeds share canaries.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self {
            tape: None,
            at: 0,
            state: seed,
            serial: seed.wrapping_mul(1 << 20),
            labels: 0,
            has_french: false,
        }
    }

    /// Chooses by a tape; behind its end, always the first and simplest.
    pub(crate) fn tape(tape: Vec<u16>) -> Self {
        Self {
            tape: Some(tape),
            ..Self::seeded(0)
        }
    }

    /// Says that the site has two languages, so that texts can be written in both.
    pub(crate) fn with_french(self, has_french: bool) -> Self {
        Self { has_french, ..self }
    }

    fn next(&mut self) -> usize {
        if let Some(tape) = &self.tape {
            let next = tape.get(self.at).copied().unwrap_or(0);
            self.at += 1;
            return usize::from(next);
        }
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) & 0xFFFF).unwrap_or(0)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.next() % limit.max(1)
    }

    /// Says yes once in so many times; the simplest answer is no.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) + 1 == times
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    fn label(&mut self) -> usize {
        self.labels += 1;
        self.labels
    }

    /// Returns a word that stands nowhere else, in one of many disguises.
    fn canary(&mut self) -> String {
        match self.below(17) {
            0..=3 => self.latin(),
            4 => self.latin().to_lowercase(),
            5 => self.latin().to_uppercase(),
            6 | 7 => self.figure(),
            8 => self.spelled("Щъыжфэ"),
            9 => self.spelled("ΨΞΖφθψ"),
            10 => self.spelled("ץקףצטץ"),
            11 => self.spelled("ظضغثذظ"),
            12 => self.spelled("龘靐齉爨麤"),
            13 => self.spelled("쀍쀎쫗쬻"),
            14 => {
                let latin = self.latin();
                let wide =
                    |c: char| char::from_u32(u32::from(c) + 0xFEE0).expect("ASCII has a wide form");
                latin.chars().map(wide).collect()
            }
            15 => self.latin().replacen('v', "v\u{308}\u{323}", 1),
            _ => self.latin().replacen('z', "\u{1D433}", 1),
        }
    }

    /// Returns a canary that can stand in an address or a label.
    fn latin(&mut self) -> String {
        const LETTERS: &[u8; 16] = b"bcdfghjklmnprstw";
        let mut id = self.serial();
        let mut word = "Qvzkj".to_owned();
        while id > 0 {
            word.push(char::from(
                LETTERS[usize::try_from(id % 16).expect("below 16")],
            ));
            id /= 16;
        }
        word
    }

    fn figure(&mut self) -> String {
        let digits = format!("9187360427{:05}", self.serial() % 100_000);
        let separator = self.pick(&["", " ", ".", ",", "'", "\u{A0}", "\u{202F}", "-"]);
        let groups: Vec<&str> = (0..5)
            .filter_map(|at| digits.get(3 * at..3 * at + 3))
            .collect();
        format!("{}{}", self.pick(&["", "€ ", "№ "]), groups.join(separator))
    }

    fn spelled(&mut self, core: &str) -> String {
        format!("{core}{}", self.serial() % 100_000)
    }

    fn serial(&mut self) -> u64 {
        self.serial = self.serial.wrapping_add(1);
        self.serial
    }
}

/// Which of the two withheld texts stands in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    /// That with canaries.
    First,
    /// Another in its place.
    Second,
}

/// In what form something is withheld, which says what can stand in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Block,
    Inline,
    Value(Kind),
    Comment,
    Body,
}

/// The kinds of values in TOML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Local,
    Date,
    Number,
    Slug,
    Measure,
    Country,
    Address,
    Party,
    Link,
    Revision,
    Document,
    Attachment,
    Person,
    Event,
}

#[derive(Clone, Debug)]
enum Piece {
    Public(String),
    Withheld {
        form: Form,
        is_list: bool,
        first: String,
        second: String,
    },
}

type Line = Vec<Piece>;

/// A file of `content/`.
#[derive(Clone)]
pub(crate) struct Written {
    path: [String; 2],
    pieces: Vec<Piece>,
    has_returns: bool,
    has_mark: bool,
}

impl Written {
    /// Returns the path below the root of the site; where the title is withheld, so is the name of the file.
    pub(crate) fn path(&self, take: Take) -> &str {
        match take {
            Take::First => &self.path[0],
            Take::Second => &self.path[1],
        }
    }

    /// Returns the text with one of the two withheld texts.
    pub(crate) fn text(&self, take: Take) -> String {
        let mut text = String::new();
        if self.has_mark {
            text.push('\u{FEFF}');
        }
        for piece in &self.pieces {
            text.push_str(match (piece, take) {
                (Piece::Public(public), _) => public,
                (Piece::Withheld { first, .. }, Take::First) => first,
                (Piece::Withheld { second, .. }, Take::Second) => second,
            });
        }
        if self.has_returns {
            text = text.replace('\n', "\r\n");
        }
        text
    }

    /// Says whether anything is withheld but comments.
    pub(crate) fn withholds(&self) -> bool {
        self.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Withheld { form, .. } if *form != Form::Comment))
    }
}

impl fmt::Debug for Written {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for take in [Take::First, Take::Second] {
            let (path, text) = (self.path(take), self.text(take));
            write!(formatter, "\n--- {take:?}: {path}\n{text}")?;
        }
        Ok(())
    }
}

/// Files that are read together and refused together: an original, its translation, and what lies beside them.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// Markdown and TOML.
    pub(crate) texts: Vec<Written>,
    /// Bundled files: paths and bytes, which may be withheld.
    pub(crate) files: Vec<[(String, String); 2]>,
}

/// Writes a meeting with all that belongs to it. `number` is its own in the site; `is_translated` asks for a French text too.
pub(crate) fn meeting(c: &mut Choices, number: usize, is_translated: bool) -> Group {
    c.labels = 0;
    let has_title = !c.one_in(5);
    let is_closed = c.one_in(12);
    let is_bundle = c.one_in(10);
    let date = format!("2026-0{}-{:02}", 1 + c.below(3), 1 + c.below(4));
    let kind = c.pick(&["plenary", "ad-hoc"]);
    let stem = if has_title && !is_closed {
        let stem = format!("{date}-meeting-{number}");
        [stem.clone(), stem]
    } else {
        let canary = c.latin().to_lowercase();
        [
            format!("{date}-{canary}-{number}"),
            format!("{date}-{kind}-other-{number}"),
        ]
    };
    let path = |tag: &str, take: usize| {
        let middle = if is_bundle { "/index" } else { "" };
        format!("content/meetings/{}{middle}{tag}.md", stem[take])
    };
    let mut files = Vec::new();
    let mut front = fields(
        c,
        &Front {
            has_title,
            is_closed,
            is_bundle,
            date: &date,
            kind,
        },
        &stem,
        &mut files,
    );
    let body = if is_closed {
        vec![vec![withheld(c, Form::Body, false)]]
    } else {
        let up = if is_bundle { "../" } else { "" };
        body(c, up)
    };
    let translated_front: Vec<(String, Line)> = front
        .iter()
        .filter(|(name, line)| {
            ["title", "agenda", "chair", "decisions"].contains(&name.as_str())
                || line.iter().any(|piece| {
                    matches!(
                        piece,
                        Piece::Withheld {
                            form: Form::Value(_),
                            ..
                        }
                    )
                })
                || name == "[confidential]"
        })
        .cloned()
        .collect();
    let mut texts = Vec::new();
    let written = |c: &mut Choices, tag: &str, front: Vec<(String, Line)>, body: Vec<Line>| {
        let mut pieces = vec![Piece::Public("+++\n".to_owned())];
        for (_, line) in front {
            pieces.extend(line);
            if c.one_in(12) {
                pieces.push(Piece::Public(" # ".to_owned()));
                pieces.push(withheld(c, Form::Comment, false));
            }
            pieces.push(Piece::Public("\n".to_owned()));
        }
        pieces.push(Piece::Public("+++\n".to_owned()));
        for line in body {
            pieces.extend(line);
            pieces.push(Piece::Public("\n".to_owned()));
        }
        Written {
            path: [path(tag, 0), path(tag, 1)],
            pieces,
            has_returns: c.one_in(8),
            has_mark: c.one_in(8),
        }
    };
    if is_translated {
        let front = again(c, translated_front);
        let body = body
            .iter()
            .map(|line| (String::new(), line.clone()))
            .collect();
        let body = again(c, body).into_iter().map(|(_, line)| line).collect();
        texts.push(written(c, ".fr", front, body));
    }
    front.sort_by_key(|(name, _)| name == "[confidential]");
    texts.insert(0, written(c, "", front, body));
    Group { texts, files }
}

/// Writes a member record.
pub(crate) fn member(c: &mut Choices, number: usize) -> Group {
    c.labels = 0;
    let mut pieces = vec![Piece::Public(format!(
        "name = \"Member {number} {}\"\nstatus = \"{}\"\n",
        c.pick(WORDS).replace(['\\', '"'], ""),
        c.pick(&["member", "signatory", "observer", "former"])
    ))];
    for (name, kind, is_list) in [
        ("country", Kind::Country, false),
        ("website", Kind::Address, false),
        ("signed", Kind::Date, false),
        ("joined", Kind::Date, false),
        ("description", Kind::Local, false),
        ("models", Kind::Text, true),
        ("representatives", Kind::Person, true),
        ("links", Kind::Link, true),
        ("measures", Kind::Measure, true),
        ("events", Kind::Event, true),
    ] {
        let mut files = Vec::new();
        if c.one_in(2)
            && let Some(line) = field(c, name, kind, is_list, &mut files)
        {
            pieces.extend(line);
            if c.one_in(8) {
                pieces.push(Piece::Public(" # ".to_owned()));
                pieces.push(withheld(c, Form::Comment, false));
            }
            pieces.push(Piece::Public("\n".to_owned()));
        }
    }
    let path = format!("content/members/member-{number}.toml");
    let written = Written {
        path: [path.clone(), path],
        pieces,
        has_returns: c.one_in(8),
        has_mark: false,
    };
    Group {
        texts: vec![written],
        files: Vec::new(),
    }
}

/// Writes the same lines with other withheld texts, as a translation has them.
fn again(c: &mut Choices, lines: Vec<(String, Line)>) -> Vec<(String, Line)> {
    let anew = |c: &mut Choices, piece: Piece| match piece {
        Piece::Withheld {
            form:
                form @ (Form::Block
                | Form::Inline
                | Form::Body
                | Form::Comment
                | Form::Value(Kind::Text | Kind::Local)),
            is_list,
            ..
        } => withheld(c, form, is_list),
        piece @ (Piece::Public(_) | Piece::Withheld { .. }) => piece,
    };
    lines
        .into_iter()
        .map(|(name, line)| (name, line.into_iter().map(|piece| anew(c, piece)).collect()))
        .collect()
}

struct Front<'f> {
    has_title: bool,
    is_closed: bool,
    is_bundle: bool,
    date: &'f str,
    kind: &'f str,
}

/// Writes the front matter of a meeting, each field with its name.
fn fields(
    c: &mut Choices,
    front: &Front<'_>,
    stem: &[String; 2],
    files: &mut Vec<[(String, String); 2]>,
) -> Vec<(String, Line)> {
    let public = |text: String| Piece::Public(text);
    let mut lines = vec![
        (
            "date".to_owned(),
            vec![public(format!("date = {}", front.date))],
        ),
        (
            "kind".to_owned(),
            vec![public(format!("kind = \"{}\"", front.kind))],
        ),
    ];
    if front.is_closed {
        for (name, kind, is_list) in [
            ("title", Kind::Text, false),
            ("reference", Kind::Text, false),
            ("place", Kind::Local, false),
            ("topics", Kind::Slug, true),
            ("participants", Kind::Party, true),
            ("sources", Kind::Link, true),
            ("published", Kind::Date, false),
        ] {
            if name == "title" || c.one_in(4) {
                let value = withheld(c, Form::Value(kind), is_list);
                lines.push((name.to_owned(), vec![public(format!("{name} = ")), value]));
            }
        }
        let (ground, until) = mark(c);
        let table = format!("[confidential]\nground = \"{ground}\"\nuntil = {until}");
        lines.push(("[confidential]".to_owned(), vec![public(table)]));
        return lines;
    }
    let title = if front.has_title {
        let title = quoted(&words(c, Voice::Public, 3));
        vec![public(format!("title = {title}"))]
    } else {
        let mut line = vec![public("title = ".to_owned())];
        line.extend(value_mark(c, Kind::Text, false));
        line
    };
    lines.push(("title".to_owned(), title));
    for (name, kind, is_list) in [
        ("reference", Kind::Text, false),
        ("number", Kind::Number, false),
        ("published", Kind::Date, false),
        ("time", Kind::Text, false),
        ("place", Kind::Local, false),
        ("chair", Kind::Local, false),
        ("participants", Kind::Party, true),
        ("observers", Kind::Party, true),
        ("agenda", Kind::Text, true),
        ("topics", Kind::Slug, true),
        ("measures", Kind::Measure, true),
        ("documents", Kind::Document, true),
        ("decisions", Kind::Text, true),
        ("sources", Kind::Link, true),
        ("revisions", Kind::Revision, true),
    ] {
        if c.one_in(12)
            && let Some(line) = field(c, name, kind, is_list, files)
        {
            lines.push((name.to_owned(), line));
        }
    }
    if front.is_bundle {
        let mut own = Vec::new();
        if let Some(line) = field(c, "attachments", Kind::Attachment, true, &mut own) {
            lines.push(("attachments".to_owned(), line));
        }
        for [first, second] in own {
            let [(first, one), (second, other)] = [first, second];
            let path = |take: usize, name: &str| format!("content/meetings/{}/{name}", stem[take]);
            files.push([(path(0, &first), one), (path(1, &second), other)]);
        }
    }
    lines
}

/// Writes a field: public, withheld, or a list some items of which are withheld.
fn field(
    c: &mut Choices,
    name: &str,
    kind: Kind,
    is_list: bool,
    files: &mut Vec<[(String, String); 2]>,
) -> Option<Line> {
    let mut line = vec![Piece::Public(format!("{name} = "))];
    match c.below(4) {
        0 if is_list => {
            line.push(Piece::Public("[".to_owned()));
            for at in 0..=c.below(3) {
                if at > 0 {
                    line.push(Piece::Public(", ".to_owned()));
                }
                if c.one_in(2) {
                    line.extend(value_mark(c, kind, false));
                } else {
                    let value = value(c, kind, Voice::Public);
                    line.push(Piece::Public(value));
                }
            }
            line.push(Piece::Public("]".to_owned()));
        }
        1 => {
            let value = value(c, kind, Voice::Public);
            let value = if is_list { format!("[{value}]") } else { value };
            line.push(Piece::Public(value));
        }
        _ => line.extend(value_mark(c, kind, is_list)),
    }
    for piece in &line {
        let (first, second) = match piece {
            Piece::Public(text) => (text, text),
            Piece::Withheld { first, second, .. } => (first, second),
        };
        let names = |text: &str| -> Vec<String> {
            let parts = text.split("file = \"").skip(1);
            parts
                .filter_map(|part| Some(part.split_once('"')?.0.to_owned()))
                .collect()
        };
        let pairs = names(first).into_iter().zip(names(second));
        for (first, second) in pairs {
            if first == second {
                let text = words(c, Voice::Public, 4);
                files.push([(first, text.clone()), (second, text)]);
            } else {
                let (one, other) = (words(c, Voice::Secret, 4), words(c, Voice::Other, 9));
                files.push([(first, one), (second, other)]);
            }
        }
    }
    // One file cannot be attached twice.
    let mut names: Vec<&String> = files.iter().map(|[(name, _), _]| name).collect();
    names.sort();
    let count = names.len();
    names.dedup();
    (names.len() == count).then_some(line)
}

/// Writes a withheld value in its table.
fn value_mark(c: &mut Choices, kind: Kind, is_list: bool) -> Line {
    let (ground, until) = mark(c);
    let secret = withheld(c, Form::Value(kind), is_list);
    let public = |text: String| Piece::Public(text);
    if c.one_in(3) {
        let before = format!("{{ until = {until}, ground = \"{ground}\", confidential = ");
        vec![public(before), secret, public(" }".to_owned())]
    } else {
        let behind = format!(", ground = \"{ground}\", until = {until} }}");
        vec![
            public("{ confidential = ".to_owned()),
            secret,
            public(behind),
        ]
    }
}

fn mark(c: &mut Choices) -> (&'static str, &'static str) {
    let ground = c.pick(&["commercial", "personal-data", "security", "negotiation"]);
    (ground, c.pick(&["2027-03-31", "2026-06-30", "2030-01-01"]))
}

fn withheld(c: &mut Choices, form: Form, is_list: bool) -> Piece {
    let mut text = |voice: Voice| match form {
        Form::Inline => {
            let count = 1 + c.below(4);
            inline_secret(c, voice, count)
        }
        Form::Block => {
            let mut lines = Vec::new();
            for _ in 0..=c.below(3) {
                block(c, 1, voice, "", &mut lines);
                if !c.one_in(4) {
                    lines.push(Vec::new());
                }
            }
            let mut text = joined(lines);
            if voice == Voice::Secret && c.one_in(10) {
                text.push_str(&hostile(c));
            }
            // A passage must hold something.
            let last = words(c, voice, 1);
            format!("{text}\n{last}")
        }
        Form::Value(kind) if is_list => {
            let items: Vec<String> = (0..=c.below(3)).map(|_| value(c, kind, voice)).collect();
            format!("[{}]", items.join(", "))
        }
        Form::Value(kind) => value(c, kind, voice),
        Form::Comment => words(c, voice, 3).replace('\n', " "),
        Form::Body => {
            let mut lines = Vec::new();
            for _ in 0..=c.below(2) {
                block(c, 1, voice, "", &mut lines);
            }
            let text = joined(lines);
            let hostile = hostile(c);
            let own = if voice == Voice::Secret {
                c.canary()
            } else {
                "other".to_owned()
            };
            format!("{text}\n::: confidential\n:confidential[{own}]\n{hostile}\n+++")
        }
    };
    let first = text(Voice::Secret);
    let second = text(Voice::Other);
    Piece::Withheld {
        form,
        is_list,
        first,
        second,
    }
}

/// Joins lines that hold no marks.
fn joined(lines: Vec<Line>) -> String {
    let lines = lines.into_iter().map(|line| {
        line.into_iter()
            .map(|piece| match piece {
                Piece::Public(text) => text,
                Piece::Withheld { first, .. } => first,
            })
            .collect::<String>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            '\n' => quoted.push_str("\\n"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Writes a value of TOML.
fn value(c: &mut Choices, kind: Kind, voice: Voice) -> String {
    match kind {
        Kind::Text => toml_text(c, voice),
        Kind::Local => match c.below(3) {
            0 => toml_text(c, voice),
            1 if c.has_french => format!(
                "{{ fr = {}, en = {} }}",
                toml_text(c, voice),
                toml_text(c, voice)
            ),
            _ => format!("{{ en = {} }}", toml_text(c, voice)),
        },
        Kind::Date => match voice {
            Voice::Public => format!("2026-0{}-1{}", 4 + c.below(4), c.below(9)),
            Voice::Secret => format!("9187-0{}-1{}", 1 + c.below(8), c.below(9)),
            Voice::Other => "2031-05-06".to_owned(),
        },
        Kind::Number => match voice {
            Voice::Public => c.serial().to_string(),
            Voice::Secret => format!("9187360427{:05}", c.serial() % 100_000),
            Voice::Other => "7".to_owned(),
        },
        Kind::Slug => match voice {
            Voice::Public => format!("\"{}\"", c.pick(&["audit", "takeover"])),
            Voice::Secret => format!("\"{}\"", c.latin().to_lowercase()),
            Voice::Other => "\"otherwise\"".to_owned(),
        },
        Kind::Measure => match voice {
            Voice::Secret => format!("\"QVZKJ-1.{}\"", c.serial() % 1_000_000),
            Voice::Public | Voice::Other => "\"T-1.1\"".to_owned(),
        },
        Kind::Country => match voice {
            Voice::Public => format!("\"{}\"", c.pick(&["FR", "DE", "MT"])),
            Voice::Secret => "\"KP\"".to_owned(),
            Voice::Other => "\"AQ\"".to_owned(),
        },
        Kind::Address => format!("\"{}\"", address(c, voice)),
        Kind::Party => format!("{{ name = {} }}", toml_text(c, voice)),
        Kind::Link => format!(
            "{{ title = {}, url = \"{}\" }}",
            toml_text(c, voice),
            address(c, voice)
        ),
        Kind::Revision | Kind::Event => {
            let date = value(c, Kind::Date, voice);
            format!("{{ date = {date}, summary = {} }}", toml_text(c, voice))
        }
        Kind::Document => format!("{{ title = {}, unpublished = true }}", toml_text(c, voice)),
        Kind::Attachment => {
            let name = match voice {
                Voice::Public => format!("note-{}", c.below(3)),
                Voice::Secret => c.latin().to_lowercase(),
                Voice::Other => format!("other-{}", c.serial()),
            };
            format!(
                "{{ file = \"{name}.txt\", title = {} }}",
                toml_text(c, voice)
            )
        }
        Kind::Person => match c.below(2) {
            0 => toml_text(c, voice),
            _ => format!(
                "{{ name = {}, role = {} }}",
                toml_text(c, voice),
                toml_text(c, voice)
            ),
        },
    }
}

fn address(c: &mut Choices, voice: Voice) -> String {
    match voice {
        Voice::Public => format!("https://example.net/{}", c.pick(&["", "a", "b?c=d"])),
        Voice::Secret => {
            let host = c.latin().to_lowercase();
            let path = c.latin();
            format!("https://{host}.example/{path}?q=%51vzkj#{path}")
        }
        Voice::Other => "https://other.invalid/".to_owned(),
    }
}

/// Writes a text in one of the ways of TOML.
fn toml_text(c: &mut Choices, voice: Voice) -> String {
    let count = 1 + c.below(3);
    let mut text = words(c, voice, count);
    if voice == Voice::Secret && c.one_in(6) {
        text.push_str(c.pick(&[
            " ::: confidential",
            " :confidential[x",
            " # ground = ",
            " }, ground = ",
            " +++",
            " ]",
            " <!--",
            " {{ x }}",
        ]));
    }
    match c.below(6) {
        0 if !text.contains('\'') => format!("'{text}'"),
        1 if voice == Voice::Secret => {
            let mut escaped = String::new();
            for c in text.chars() {
                let _ = write!(escaped, "\\u{:04X}", u32::from(c).min(0xFFFF));
            }
            let is_plain = text.chars().all(|c| u32::from(c) < 0xD800);
            if is_plain {
                format!("\"{escaped}\"")
            } else {
                quoted(&text)
            }
        }
        2 if voice == Voice::Secret => {
            let text = text.replace('\\', "\\\\").replace("\"\"\"", "");
            format!(
                "\"\"\"{} \n {} \"\"\"",
                text.trim_end_matches('"'),
                c.canary()
            )
        }
        _ => quoted(&text),
    }
}

/// Who speaks: the public text, the withheld one, or that in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voice {
    Public,
    Secret,
    Other,
}

const WORDS: &[&str] = &[
    "agenda",
    "clerk",
    "the",
    "rules",
    "of",
    "procedure",
    "naïve",
    "Sitzung",
    "réunion",
    "заседание",
    "συνεδρίαση",
    "会議",
    "회의",
    "اجتماع",
    "ישיבה",
    "बैठक",
    "การประชุม",
    "e\u{301}te\u{301}",
    "👩\u{200D}⚖️",
    "€",
    "n\u{B0}",
    "1 000",
    "3.14",
    "\"quoted\"",
    "’tis",
    "confidential",
    "AT&T",
    "ﬁne",
    "x\u{A0}y",
    "İstanbul",
    "ǅ",
    "straße",
];

const OTHERS: &[&str] = &[
    "other",
    "otherwise",
    "another",
    "autre",
    "иной",
    "別の",
    "0",
    "a b c d e",
];

fn word(c: &mut Choices, voice: Voice) -> String {
    match voice {
        Voice::Public => c.pick(WORDS).to_owned(),
        Voice::Secret => c.canary(),
        Voice::Other => c.pick(OTHERS).to_owned(),
    }
}

fn words(c: &mut Choices, voice: Voice, count: usize) -> String {
    let words: Vec<String> = (0..count.max(1)).map(|_| word(c, voice)).collect();
    words.join(" ")
}

/// Writes what can stand in a mark within a line: none of `[`, `]`, backtick and backslash.
fn inline_secret(c: &mut Choices, voice: Voice, count: usize) -> String {
    let mut text = word(c, voice);
    for _ in 1..count {
        let own = word(c, voice);
        let part = match c.below(18) {
            0..=2 => own,
            3 => format!("*{own}*"),
            4 => format!("**{own}"),
            5 => format!("~~{own}~~"),
            6 => format!("<b>{own}</b>"),
            7 => format!("<!-- {own}"),
            8 => format!("<{}>", address(c, voice)),
            9 => format!("| {own} |"),
            10 => format!("&lt;{own}&gt;"),
            11 => format!("&#81;{own}&#x51;"),
            12 => format!("# {own}"),
            13 => format!("- {own}"),
            14 => format!("{{{own}}}"),
            15 => format!("{own}: confidential"),
            16 => format!("\"{own}\" _{own}_"),
            _ => address(c, voice),
        };
        text.push(if c.one_in(10) { '\u{A0}' } else { ' ' });
        text.push_str(&part);
    }
    text
}

/// Writes a line of running text.
fn running(c: &mut Choices, voice: Voice, up: &str) -> Line {
    let mut line = Vec::new();
    for at in 0..=c.below(6) {
        if at > 0 {
            line.push(Piece::Public(" ".to_owned()));
        }
        span(c, voice, up, 0, &mut line);
    }
    line
}

fn span(c: &mut Choices, voice: Voice, up: &str, depth: usize, line: &mut Line) {
    let wrapped = |c: &mut Choices, mark: &str, behind: &str, line: &mut Line| {
        line.push(Piece::Public(mark.to_owned()));
        span(c, voice, up, depth + 1, line);
        if c.one_in(3) {
            line.push(Piece::Public(" ".to_owned()));
            span(c, voice, up, depth + 1, line);
        }
        line.push(Piece::Public(behind.to_owned()));
    };
    let own = word(c, voice);
    let text = match c.below(34) {
        // Most are words, as the last arm has them.
        10..=14 if voice == Voice::Public => {
            let (ground, until) = mark(c);
            line.push(Piece::Public(":confidential[".to_owned()));
            line.push(withheld(c, Form::Inline, false));
            line.push(Piece::Public(if c.one_in(3) {
                format!("]{{until=\"{until}\"   ground=\"{ground}\"}}")
            } else {
                format!("]{{ground=\"{ground}\" until=\"{until}\"}}")
            }));
            return;
        }
        15 if depth < 3 => return wrapped(c, "*", "*", line),
        16 if depth < 3 => return wrapped(c, "**", "**", line),
        17 if depth == 0 && voice != Voice::Other => return wrapped(c, "~~", "~~", line),
        18 if depth < 3 => return wrapped(c, "_", "_", line),
        19 if depth < 3 => return wrapped(c, "***", "***", line),
        20 if depth == 0 => {
            line.push(Piece::Public("[".to_owned()));
            line.push(Piece::Public(own));
            line.push(Piece::Public(format!(
                "]({}{})",
                address(c, voice),
                title(c, voice)
            )));
            return;
        }
        21 => format!("<{}>", address(c, voice)),
        22 => format!("`{own}`"),
        23 => format!("``{own} ` {own}``"),
        24 => {
            c.pick(&["&amp;", "&eacute;", "&#233;", "&#xE9;", "&copy;", "&lt;"])
                .to_owned()
                + &own
        }
        25 => {
            c.pick(&["\\*", "\\_", "\\[", "\\#", "\\|", "\\<"])
                .to_owned()
                + &own
        }
        26 if depth == 0 => match voice {
            Voice::Public => format!("![{own}]({up}square.svg{})", title(c, voice)),
            Voice::Secret | Voice::Other => {
                format!("![{own}]({}.png{})", c.latin_of(voice), title(c, voice))
            }
        },
        27 => c
            .pick(&["*", "_", "|", "!", "(", "#", "~", ">", "+", "1."])
            .to_owned(),
        28 if voice != Voice::Public => format!("[{own}][{}]", c.pick(&["l1", "l2", "zz"])),
        29 if voice == Voice::Secret => format!("<span title=\"{own}\">{own}</span>"),
        30 if voice == Voice::Secret => own.chars().fold(String::new(), |mut text, c| {
            let _ = write!(text, "&#{};", u32::from(c));
            text
        }),
        31 if voice == Voice::Secret => {
            let middle = own.char_indices().nth(2).map_or(0, |(at, _)| at);
            let (one, other) = own.split_at(middle);
            format!("{one}**{other}**")
        }
        32 if voice == Voice::Public => format!("[{own}]({up}../code.toml#T-1.1)"),
        _ => own,
    };
    line.push(Piece::Public(text));
}

impl Choices {
    fn latin_of(&mut self, voice: Voice) -> String {
        match voice {
            Voice::Secret => self.latin(),
            Voice::Public | Voice::Other => "other".to_owned(),
        }
    }
}

fn title(c: &mut Choices, voice: Voice) -> String {
    let own = word(c, voice).replace(['"', '\\'], "");
    match c.below(3) {
        0 => String::new(),
        1 => format!(" \"{own}\""),
        _ => format!(" '{own}'").replace('’', ""),
    }
}

/// Puts text before the first line and before the others.
fn indent(lines: Vec<Line>, first: &str, others: &str) -> Vec<Line> {
    let lines = lines.into_iter().enumerate();
    lines
        .map(|(at, mut line)| {
            let before = if at == 0 { first } else { others };
            if !line.is_empty() || at == 0 {
                line.insert(0, Piece::Public(before.to_owned()));
            }
            line
        })
        .collect()
}

fn text_line(text: impl Into<String>) -> Line {
    vec![Piece::Public(text.into())]
}

/// Writes a block of some kind, with others in it.
fn block(c: &mut Choices, depth: usize, voice: Voice, up: &str, out: &mut Vec<Line>) {
    let kind = c.below(22);
    match kind {
        // Most are paragraphs, as the last arm has them.
        5 | 6 => {
            let mut line = text_line(format!("{} ", "#".repeat(1 + c.below(6))));
            line.extend(running(c, voice, up));
            if c.one_in(5) {
                line.push(Piece::Public(" ##".to_owned()));
            }
            out.push(line);
        }
        7 => {
            paragraph(c, voice, up, out);
            out.push(text_line(c.pick(&["===", "---", "=", "-----  "])));
        }
        8..=10 if depth < 3 => list(c, depth, voice, up, out),
        11 => {
            for _ in 0..=c.below(3) {
                let mut line = text_line(c.pick(&["- [ ] ", "- [x] ", "* [X] "]));
                line.extend(running(c, voice, up));
                out.push(line);
            }
        }
        12 | 13 => table(c, voice, up, out),
        14 | 15 if depth < 3 => {
            let mut inner = Vec::new();
            for _ in 0..=c.below(2) {
                block(c, depth + 1, voice, up, &mut inner);
                if c.one_in(2) {
                    inner.push(Vec::new());
                }
            }
            for (at, mut line) in inner.into_iter().enumerate() {
                // A lazy line goes on without the mark.
                if at == 0 || voice == Voice::Other || !c.one_in(8) {
                    line.insert(0, Piece::Public(c.pick(&["> ", ">"]).to_owned()));
                }
                out.push(line);
            }
        }
        16 => {
            let fence = c.pick(&["```", "~~~", "````"]);
            out.push(text_line(format!(
                "{fence}{}",
                c.pick(&["", "toml", " text x"])
            )));
            for _ in 0..c.below(3) {
                let text = words(c, voice, 2);
                out.push(text_line(text));
            }
            out.push(text_line(fence));
        }
        17 => {
            let text = words(c, voice, 2);
            out.push(Vec::new());
            out.push(text_line(format!("    {text}")));
        }
        18 => out.push(text_line(c.pick(&["***", "___", "* * *", "---"]))),
        19 => {
            let label = c.label();
            let label = match voice {
                Voice::Public => format!("n{label}"),
                Voice::Secret => c.latin(),
                Voice::Other => format!("other{label}"),
            };
            let mut line = running(c, voice, up);
            line.push(Piece::Public(format!("[^{label}]")));
            out.push(line);
            out.push(Vec::new());
            let mut line = text_line(format!("[^{label}]: "));
            line.extend(running(c, voice, up));
            out.push(line);
            if c.one_in(4) {
                out.push(Vec::new());
                let mut line = text_line("    ");
                line.extend(running(c, voice, up));
                out.push(line);
            }
        }
        20 => definition(c, voice, up, out),
        _ => paragraph(c, voice, up, out),
    }
}

fn paragraph(c: &mut Choices, voice: Voice, up: &str, out: &mut Vec<Line>) {
    for _ in 0..=c.below(3) {
        let mut line = running(c, voice, up);
        if c.one_in(8) {
            line.push(Piece::Public(c.pick(&["  ", "\\"]).to_owned()));
        }
        out.push(line);
    }
    if let Some(Piece::Public(last)) = out.last_mut().and_then(|line| line.last_mut())
        && last == "\\"
    {
        last.clear();
    }
}

fn list(c: &mut Choices, depth: usize, voice: Voice, up: &str, out: &mut Vec<Line>) {
    let mark = c.pick(&["- ", "1. ", "* ", "+ ", "7) "]);
    for _ in 0..=c.below(3) {
        let mut inner = vec![running(c, voice, up)];
        if c.one_in(3) {
            if c.one_in(2) {
                inner.push(Vec::new());
            }
            block(c, depth + 1, voice, up, &mut inner);
        }
        out.extend(indent(inner, mark, &" ".repeat(mark.len())));
        if c.one_in(5) {
            out.push(Vec::new());
        }
    }
}

fn table(c: &mut Choices, voice: Voice, up: &str, out: &mut Vec<Line>) {
    let width = 1 + c.below(3);
    let row = |c: &mut Choices, out: &mut Vec<Line>| {
        let mut line = text_line("|");
        for _ in 0..width {
            line.push(Piece::Public(" ".to_owned()));
            span(c, voice, up, 1, &mut line);
            line.push(Piece::Public(" |".to_owned()));
        }
        out.push(line);
    };
    row(c, out);
    let rule: Vec<&str> = (0..width)
        .map(|_| c.pick(&["---", ":--", "--:", ":-:"]))
        .collect();
    out.push(text_line(format!("| {} |", rule.join(" | "))));
    for _ in 0..c.below(3) {
        row(c, out);
    }
}

fn definition(c: &mut Choices, voice: Voice, up: &str, out: &mut Vec<Line>) {
    let label = c.label();
    let label = match voice {
        Voice::Public => format!("l{label}"),
        Voice::Secret => c.latin(),
        Voice::Other => format!("other{label}"),
    };
    let address = address(c, voice);
    let definition = format!("[{label}]: {address}{}", title(c, voice));
    let mut line = running(c, voice, up);
    line.push(Piece::Public(match c.below(3) {
        0 => format!(" [{label}]"),
        1 => format!(" [{label}][]"),
        _ => format!(" [{}][{label}]", word(c, voice)),
    }));
    if c.one_in(3) {
        out.extend([text_line(definition), Vec::new(), line]);
    } else {
        out.extend([line, Vec::new(), text_line(definition)]);
    }
}

/// Writes what reaches out of its passage, if anything lets it.
fn hostile(c: &mut Choices) -> String {
    let own = c.canary();
    let label = c.latin();
    match c.below(16) {
        0 => format!("\n```\n{own}"),
        1 => format!("\n<!-- {own}"),
        2 => format!("\n\n[l1]: https://{label}.example/"),
        3 => format!("\n\n[^n1]: {own}"),
        4 => format!("\n{own}\n==="),
        5 => format!("\n| {own} |\n| --- |"),
        6 => format!("\n<pre>\n{own}"),
        7 => format!("\n<script>{own}"),
        8 => format!("\n\n[{label}]:"),
        9 => format!("\n\n[^{label}]:"),
        10 => format!("\n- {own}\n    - "),
        11 => format!("\n> {own}"),
        12 => format!("\n![{own}]("),
        13 => format!("\n[{own}]("),
        14 => format!("\n**{own}"),
        _ => format!("\n~~~~~~ {own}"),
    }
}

/// Writes the text of a document, with passages before any of its lines.
fn body(c: &mut Choices, up: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut apart = vec![0];
    for _ in 0..=c.below(3) {
        block(c, 0, Voice::Public, up, &mut lines);
        if !c.one_in(8) {
            lines.push(Vec::new());
            apart.push(lines.len());
        }
    }
    let passages = c.below(3);
    let mut places: Vec<usize> = (0..passages)
        .map(|_| {
            if c.one_in(4) {
                c.below(lines.len() + 1)
            } else {
                apart[c.below(apart.len())]
            }
        })
        .collect();
    places.sort_unstable();
    for at in places.into_iter().rev() {
        let (ground, until) = mark(c);
        let opener = if c.one_in(3) {
            format!("::: confidential until=\"{until}\" ground=\"{ground}\"  ")
        } else {
            format!("::: confidential ground=\"{ground}\" until=\"{until}\"")
        };
        let secret = withheld(c, Form::Block, false);
        lines.splice(at..at, [text_line(opener), vec![secret], text_line(":::")]);
    }
    lines
}
