//! PDF documents: looks at everything in them that no page shows. What the pages themselves hide is `pages`.
//!
//! A PDF is published as it is or not at all, for taking things out of one safely is the work of the program it was made with.
//! This file must never change a byte, and never trust the list of contents of a file over its bytes.

use std::collections::BTreeSet;

use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};

use crate::attachment::{Inspected, Refusal, broken, image, pages, pdf_text, xmp};
use crate::diag::Code;

/// The most that a stream may unpack to.
pub(super) const LARGEST_STREAM: usize = 64 * 1024 * 1024;

const SAVE_ANEW: &str =
    "print the document into a new PDF, or export it again from the program it was written in";
const METADATA: &str = "export it again without \"document properties\", or in Acrobat use File > Properties, or Tools > Redact > Sanitise document";

/// Words by which a name is known as that of a program; a producer without one is taken for a person.
const PROGRAMS: [&str; 66] = [
    "word",
    "excel",
    "powerpoint",
    "microsoft",
    "office",
    "writer",
    "calc",
    "impress",
    "draw",
    "acrobat",
    "adobe",
    "indesign",
    "illustrator",
    "distiller",
    "quartz",
    "macos",
    "mac os",
    "pages",
    "keynote",
    "numbers",
    "skia",
    "chrom",
    "mozilla",
    "firefox",
    "webkit",
    "tex",
    "ghostscript",
    "cairo",
    "typst",
    "reportlab",
    "itext",
    "prince",
    "wkhtml",
    "qt ",
    "qpdf",
    "pdfium",
    "aspose",
    "pdfsharp",
    "foxit",
    "nitro",
    "abbyy",
    "canon",
    "xerox",
    "ricoh",
    "konica",
    "lexmark",
    "kyocera",
    "epson",
    "brother",
    "hewlett",
    "pikepdf",
    "pypdf",
    "pymupdf",
    "mupdf",
    "fop",
    "weasyprint",
    "pandoc",
    "inkscape",
    "gimp",
    "google",
    "onlyoffice",
    "lopdf",
    "matplotlib",
    "fpdf",
    "dompdf",
    "tcpdf",
];

/// Says whether a text names a program, and nobody.
pub(super) fn is_software(text: &str) -> bool {
    let folded = text.to_lowercase();
    text.chars().count() <= 250
        && !folded.contains(['@', '\\'])
        && ![".doc", ".xls", ".ppt", ".od", ".indd", ".tex", "file:"]
            .iter()
            .any(|ending| folded.contains(ending))
        && PROGRAMS.iter().any(|program| folded.contains(program))
}

/// Looks into a PDF.
pub(super) fn inspect(bytes: Vec<u8>) -> Inspected {
    let options = LoadOptions {
        max_decompressed_size: Some(LARGEST_STREAM),
        ..LoadOptions::default()
    };
    let Ok(document) = Document::load_mem_with_options(&bytes, options) else {
        return Err(vec![broken()]);
    };
    let refuse = |code, found: &str, remedy| Err(vec![Refusal::new(code, found, remedy)]);
    if document.trailer.has(b"Encrypt") || document.was_encrypted() {
        return refuse(
            Code::UnreadableFile,
            "this PDF is encrypted, so that nobody can look into it",
            "save it again without a password and without restrictions",
        );
    }
    if document.xref_recovery.is_some() || document.page_iter().next().is_none() {
        return refuse(
            Code::UnreadableFile,
            "this PDF is damaged: its list of contents does not fit its contents",
            SAVE_ANEW,
        );
    }
    let mut look = Look {
        document: &document,
        refusals: Vec::new(),
    };
    look.revisions(&bytes);
    let reached = look.reach();
    look.leftovers(&bytes, &reached);
    look.objects(&reached);
    look.information();
    look.catalogue();
    look.annotations();
    let Look { mut refusals, .. } = look;
    refusals.extend(pages::inspect(&document));
    if refusals.is_empty() {
        Ok(bytes)
    } else {
        Err(refusals)
    }
}

struct Look<'d> {
    document: &'d Document,
    refusals: Vec<Refusal>,
}

impl<'d> Look<'d> {
    fn say(&mut self, code: Code, found: impl Into<String>, remedy: &'static str) {
        self.refusals.push(Refusal::new(code, found, remedy));
    }

    fn follow(&self, object: &'d Object) -> &'d Object {
        self.document
            .dereference(object)
            .map_or(&Object::Null, |(_, object)| object)
    }

    fn value(&self, dictionary: &'d Dictionary, key: &[u8]) -> Option<&'d Object> {
        let value = self.follow(dictionary.get(key).ok()?);
        (!value.is_null()).then_some(value)
    }

    fn dictionary(&self, dictionary: &'d Dictionary, key: &[u8]) -> Option<&'d Dictionary> {
        self.value(dictionary, key)?.as_dict().ok()
    }

    /// A file that was saved on top of itself still holds what stood there before.
    fn revisions(&mut self, bytes: &[u8]) {
        let ends: Vec<usize> = find(bytes, b"%%EOF").collect();
        // Microsoft's programs end a file twice: the second list of contents is empty, for readers of another age.
        let empty = ends
            .iter()
            .zip(ends.iter().skip(1))
            .filter(|(from, to)| bytes.get(**from + 5..**to).is_some_and(adds_nothing))
            .count();
        let allowed = 1 + empty + usize::from(self.document.linearization.is_some());
        if self.document.revision_count() > 1 + empty || ends.len() > allowed {
            self.say(
                Code::FileWithRevisions,
                "this PDF was changed after it was made, and still holds what it was before",
                SAVE_ANEW,
            );
        }
        let behind = ends
            .last()
            .and_then(|end| bytes.get(end + 5..))
            .unwrap_or_default();
        if ends.is_empty()
            || !behind
                .iter()
                .all(|byte| byte.is_ascii_whitespace() || *byte == 0)
        {
            self.say(
                Code::FileWithRevisions,
                "this PDF holds something behind its end",
                SAVE_ANEW,
            );
        }
    }

    /// Returns everything that can be reached from the end of the file, as a viewer reaches it.
    fn reach(&self) -> BTreeSet<ObjectId> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&Object> = self
            .document
            .trailer
            .iter()
            .map(|(_, value)| value)
            .collect();
        while let Some(object) = next.pop() {
            match object {
                Object::Reference(id) => {
                    if reached.insert(*id) {
                        next.extend(self.document.objects.get(id));
                    }
                }
                Object::Array(items) => next.extend(items),
                Object::Dictionary(dictionary) => {
                    next.extend(dictionary.iter().map(|(_, value)| value));
                }
                Object::Stream(stream) => next.extend(stream.dict.iter().map(|(_, value)| value)),
                Object::Null
                | Object::Boolean(_)
                | Object::Integer(_)
                | Object::Real(_)
                | Object::Name(_)
                | Object::String(..) => {}
            }
        }
        reached
    }

    /// Objects that are in the file and that no page uses: most often what was deleted.
    fn leftovers(&mut self, bytes: &[u8], reached: &BTreeSet<ObjectId>) {
        let hints: Vec<usize> = find(bytes, b"/Linearized").collect();
        let is_linearized = self.document.linearization.is_some();
        let spare = self
            .document
            .objects
            .iter()
            .filter(|(id, _)| !reached.contains(id))
            .any(|(_, object)| match object {
                Object::Stream(stream) => {
                    let is_own = stream.dict.has_type(b"XRef") || stream.dict.has_type(b"ObjStm");
                    // The table of hints of a file that is made for the web. It has a table of shared objects.
                    !(is_own || is_linearized && stream.dict.has(b"S"))
                }
                Object::Dictionary(dictionary) => {
                    !dictionary.has(b"Linearized") && holds_text(object, 0)
                }
                Object::String(..) | Object::Array(_) => holds_text(object, 0),
                Object::Null
                | Object::Boolean(_)
                | Object::Integer(_)
                | Object::Real(_)
                | Object::Name(_)
                | Object::Reference(_) => false,
            });
        let is_listed = |number: u32, at: usize| match self.document.reference_table.get(number) {
            Some(XrefEntry::Normal { offset, .. }) => {
                usize::try_from(*offset).is_ok_and(|offset| offset.abs_diff(at) <= 16)
            }
            Some(XrefEntry::Free | XrefEntry::UnusableFree | XrefEntry::Compressed { .. })
            | None => false,
        };
        let unlisted =
            find(bytes, b" obj")
                .filter_map(|at| begins(bytes, at))
                .any(|(number, at)| {
                    let head = bytes.get(at..bytes.len().min(at + 400)).unwrap_or_default();
                    let is_own = find(head, b"/XRef").next().is_some()
                        || (hints.len() == 1 && find(head, b"/Linearized").next().is_some());
                    !is_listed(number, at) && !is_own
                });
        let pages: BTreeSet<ObjectId> = self.document.page_iter().collect();
        let lost_page = self.document.objects.iter().any(|(id, object)| {
            !pages.contains(id)
                && object.as_dict().is_ok_and(|dictionary| {
                    dictionary.has_type(b"Page") && dictionary.has(b"Contents")
                })
        });
        if spare || unlisted || lost_page {
            self.say(
                Code::FileWithRevisions,
                "this PDF still holds parts of pages that were deleted or replaced",
                SAVE_ANEW,
            );
        }
    }

    /// Looks at every object for what it is, wherever it hangs.
    fn objects(&mut self, reached: &BTreeSet<ObjectId>) {
        for id in reached {
            let Some(object) = self.document.objects.get(id) else {
                continue;
            };
            self.object(object, 0);
            if let Object::Stream(stream) = object {
                let is_picture = stream
                    .filters()
                    .is_ok_and(|filters| filters.last() == Some(&b"DCTDecode".as_slice()));
                if is_picture && image::is_telling_jpeg(&stream.content) {
                    self.say(
                        Code::FileWithMetadata,
                        "a photograph in this PDF carries metadata of its own, such as place, day or author",
                        "take the metadata out of the picture before you put it into the document, or export with pictures made smaller",
                    );
                }
            }
        }
    }

    fn object(&mut self, object: &'d Object, depth: usize) {
        let (Some(dictionary), false) = (as_dictionary(object), depth > 50) else {
            if let (Object::Array(items), false) = (object, depth > 50) {
                for item in items {
                    self.object(item, depth + 1);
                }
            }
            return;
        };
        let is_embedded = dictionary.has_type(b"EmbeddedFile")
            || dictionary.has(b"EF")
            || dictionary.has(b"EmbeddedFiles")
            || dictionary.has(b"AF");
        if is_embedded {
            self.say(
                Code::FileWithEmbeddedFiles,
                "other files are attached to this PDF",
                "delete the attachments in the PDF program, and publish what readers need as files of their own",
            );
        }
        let action = dictionary
            .get(b"S")
            .ok()
            .and_then(|name| name.as_name().ok())
            .unwrap_or_default();
        let acts = [
            b"JavaScript".as_slice(),
            b"Launch",
            b"ImportData",
            b"SubmitForm",
            b"ResetForm",
            b"Movie",
            b"Sound",
            b"Rendition",
            b"GoToR",
            b"GoToE",
            b"RichMediaExecute",
            b"GoTo3DView",
            b"Hide",
            b"SetOCGState",
        ];
        if acts.contains(&action) || dictionary.has(b"JS") || dictionary.has(b"AA") {
            self.say(
                Code::FileWithActiveContent,
                "this PDF holds a script, or a button that opens another file or changes the document",
                SAVE_ANEW,
            );
        }
        if let Some(Object::String(address, _)) = self.value(dictionary, b"URI") {
            let folded = String::from_utf8_lossy(address).to_lowercase();
            if !["http:", "https:", "mailto:", "tel:"]
                .iter()
                .any(|scheme| folded.starts_with(scheme))
            {
                self.say(
                    Code::FileWithMetadata,
                    "a link in this PDF leads to a file on somebody's own computer or to another place that readers cannot reach",
                    "delete the link, or let it lead to an address that begins with https",
                );
            }
        }
        if dictionary.has(b"PieceInfo") {
            self.say(
                Code::FileWithMetadata,
                "this PDF holds private data of the program it was made with",
                SAVE_ANEW,
            );
        }
        if dictionary.has(b"Thumb") {
            self.say(
                Code::FileWithMetadata,
                "this PDF holds small pictures of its pages, which may show an earlier state of them",
                "delete the page thumbnails, or print the document into a new PDF",
            );
        }
        if let Some(Object::Stream(stream)) = self.value(dictionary, b"Metadata") {
            let packet = stream
                .decompressed_content_with_limit(LARGEST_STREAM)
                .map(|bytes| xmp::read(&bytes))
                .unwrap_or_default();
            let is_readable = stream
                .decompressed_content_with_limit(LARGEST_STREAM)
                .is_ok();
            if packet.is_telling || !is_readable {
                self.say(
                    Code::FileWithMetadata,
                    "this PDF holds metadata (XMP) that say more than program, day and title",
                    METADATA,
                );
            }
            if !packet.titles.iter().all(|title| self.is_shown(title)) {
                self.title();
            }
        }
        for (_, value) in dictionary {
            self.object(value, depth + 1);
        }
    }

    fn title(&mut self) {
        self.say(
            Code::FileWithMetadata,
            "this PDF has a title in its properties that its text does not show",
            "set the title in the document's properties to the words at the head of its first page, or leave it empty",
        );
    }

    /// Says whether every word of a title stands in the text that readers see.
    fn is_shown(&self, title: &str) -> bool {
        pdf_text::shows(self.document, title)
    }

    /// The properties of the document.
    fn information(&mut self) {
        let document = self.document;
        let Some(information) = self.dictionary(&document.trailer, b"Info") else {
            return;
        };
        for (key, value) in information {
            let text = match self.follow(value) {
                Object::String(bytes, _) => pdf_text::decode(bytes),
                Object::Name(name) => String::from_utf8_lossy(name).into_owned(),
                Object::Null => String::new(),
                Object::Array(items) if items.is_empty() => String::new(),
                Object::Boolean(_)
                | Object::Integer(_)
                | Object::Real(_)
                | Object::Array(_)
                | Object::Dictionary(_)
                | Object::Stream(_)
                | Object::Reference(_) => "?".to_owned(),
            };
            let text = text.trim();
            // What some programs write where nothing was said.
            let is_blank =
                ["anonymous", "unspecified", "untitled"].contains(&text.trim_matches(['(', ')']));
            match key.as_slice() {
                _ if text.is_empty() || is_blank => {}
                b"Producer" | b"Creator" | b"PTEX.Fullbanner" if is_software(text) => {}
                b"CreationDate" | b"ModDate" if is_date(text) => {}
                b"Trapped" if ["True", "False", "Unknown"].contains(&text) => {}
                b"Title" if self.is_shown(text) => {}
                b"Title" => self.title(),
                b"Author" => self.say(Code::FileWithMetadata, "this PDF names its author in its properties", METADATA),
                b"Subject" | b"Keywords" => {
                    self.say(Code::FileWithMetadata, "this PDF has a subject or keywords in its properties", METADATA);
                }
                b"Producer" | b"Creator" => self.say(
                    Code::FileWithMetadata,
                    "this PDF says in its properties what it was made with, and that is not the name of a known program",
                    SAVE_ANEW,
                ),
                _ => self.say(Code::FileWithMetadata, "this PDF has properties that no reader looks for", METADATA),
            }
        }
    }

    fn catalogue(&mut self) {
        let document = self.document;
        let Ok(catalogue) = document.catalog() else {
            return self.refusals.push(broken());
        };
        if let Some(form) = self.dictionary(catalogue, b"AcroForm") {
            let has_fields = self
                .value(form, b"Fields")
                .is_some_and(|fields| fields.as_array().map_or(true, |fields| !fields.is_empty()));
            if has_fields || form.has(b"XFA") {
                self.say(
                    Code::FileWithActiveContent,
                    "this PDF is a form or is signed: its fields can hold more than they show",
                    "print it into a new PDF, so that what the fields show becomes text",
                );
            }
        }
        if catalogue.has(b"Collection") {
            self.say(
                Code::FileWithEmbeddedFiles,
                "this PDF is a portfolio of other files",
                "take the files out and publish them one by one",
            );
        }
        if let Some(layers) = self.dictionary(catalogue, b"OCProperties")
            && self.hides_layers(layers)
        {
            self.say(
                Code::FileWithHiddenText,
                "this PDF has layers that are switched off",
                "delete the hidden layers, or flatten them and save the document again",
            );
        }
    }

    fn hides_layers(&self, layers: &'d Dictionary) -> bool {
        let mut configurations: Vec<&Object> = layers
            .get(b"D")
            .into_iter()
            .map(|object| self.follow(object))
            .collect();
        if let Some(Object::Array(more)) = self.value(layers, b"Configs") {
            configurations.extend(more.iter().map(|object| self.follow(object)));
        }
        let is_off = configurations
            .into_iter()
            .filter_map(|object| object.as_dict().ok())
            .any(|configuration| {
                let off = self
                    .value(configuration, b"OFF")
                    .is_some_and(|off| off.as_array().map_or(true, |off| !off.is_empty()));
                let base = self
                    .value(configuration, b"BaseState")
                    .is_some_and(|state| state.as_name().ok() != Some(b"ON"));
                off || base
            });
        let groups = self
            .value(layers, b"OCGs")
            .and_then(|groups| groups.as_array().ok());
        is_off
            || groups
                .into_iter()
                .flatten()
                .filter_map(|group| self.follow(group).as_dict().ok())
                .any(|group| {
                    let Some(usage) = self.dictionary(group, b"Usage") else {
                        return false;
                    };
                    [
                        (b"View".as_slice(), b"ViewState".as_slice()),
                        (b"Print", b"PrintState"),
                    ]
                    .iter()
                    .any(|(kind, state)| {
                        let state = self
                            .dictionary(usage, kind)
                            .and_then(|usage| self.value(usage, state));
                        state.is_some_and(|state| state.as_name().ok() == Some(b"OFF"))
                    })
                })
    }

    fn annotations(&mut self) {
        let document = self.document;
        for (number, id) in (1..).zip(document.page_iter()) {
            let Ok(page) = document.get_dictionary(id) else {
                continue;
            };
            let annotations = self
                .value(page, b"Annots")
                .and_then(|list| list.as_array().ok());
            for annotation in annotations.into_iter().flatten() {
                let Ok(annotation) = self.follow(annotation).as_dict() else {
                    continue;
                };
                let kind = annotation
                    .get(b"Subtype")
                    .ok()
                    .and_then(|name| name.as_name().ok())
                    .unwrap_or_default();
                match kind {
                    b"Link" => {}
                    b"Redact" => self.say(
                        Code::FileWithHiddenText,
                        format!("page {number} has a redaction that is marked and not applied: the text is still there"),
                        "in the PDF program choose \"Apply redactions\" and save the document under a new name",
                    ),
                    b"FileAttachment" | b"RichMedia" | b"Movie" | b"Sound" | b"Screen" | b"3D" => self.say(
                        Code::FileWithEmbeddedFiles,
                        format!("a file, a sound or a film is pinned to page {number}"),
                        "delete it in the PDF program, and publish what readers need as a file of its own",
                    ),
                    b"Widget" => self.say(
                        Code::FileWithActiveContent,
                        format!("page {number} has a field or a button: it can hold more than it shows"),
                        "print it into a new PDF, so that what the fields show becomes text",
                    ),
                    _ => self.say(
                        Code::FileWithComments,
                        format!("page {number} has a comment, a note or a mark of a reader"),
                        "delete all comments in the PDF program; in Word choose \"No markup\" and delete all comments before exporting",
                    ),
                }
            }
        }
    }
}

fn as_dictionary(object: &Object) -> Option<&Dictionary> {
    match object {
        Object::Dictionary(dictionary) => Some(dictionary),
        Object::Stream(stream) => Some(&stream.dict),
        Object::Null
        | Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::Name(_)
        | Object::String(..)
        | Object::Array(_)
        | Object::Reference(_) => None,
    }
}

/// Says whether what follows an end of a PDF is a list of no contents, and nothing else.
fn adds_nothing(update: &[u8]) -> bool {
    let mut words = update
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let is_list = [b"xref".as_slice(), b"0", b"0"]
        .iter()
        .all(|word| words.next() == Some(*word));
    is_list
        && words
            .next()
            .is_some_and(|word| word.starts_with(b"trailer"))
        && find(update, b" obj").next().is_none()
        && find(update, b"(").next().is_none()
        && update.len() < 1000
}

/// Says whether an object that nothing uses holds words.
fn holds_text(object: &Object, depth: usize) -> bool {
    match object {
        Object::String(bytes, _) => {
            bytes
                .iter()
                .filter(|byte| byte.is_ascii_alphanumeric())
                .count()
                > 2
        }
        Object::Array(items) => depth < 20 && items.iter().any(|item| holds_text(item, depth + 1)),
        Object::Dictionary(dictionary) => {
            depth < 20
                && dictionary
                    .iter()
                    .any(|(_, value)| holds_text(value, depth + 1))
        }
        Object::Null
        | Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::Name(_)
        | Object::Stream(_)
        | Object::Reference(_) => false,
    }
}

/// Says whether a text is a date as PDF writes them, and nothing else.
fn is_date(text: &str) -> bool {
    let digits = text.strip_prefix("D:").unwrap_or(text);
    text.len() <= 30
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || "+-Z':.T ".contains(c))
}

fn find<'b>(bytes: &'b [u8], wanted: &'static [u8]) -> impl Iterator<Item = usize> + 'b {
    let windows = bytes.windows(wanted.len()).enumerate();
    windows
        .filter(move |(_, window)| *window == wanted)
        .map(|(at, _)| at)
}

/// Returns the number of the object whose ` obj` stands at an offset, and where it begins.
fn begins(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let before = bytes.get(at.saturating_sub(18)..at)?;
    let generation = before
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let rest = before
        .get(..before.len().checked_sub(generation)?)?
        .strip_suffix(b" ")?;
    let number = rest
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if generation == 0 || number == 0 {
        return None;
    }
    let digits = std::str::from_utf8(rest.get(rest.len() - number..)?).ok()?;
    Some((digits.parse().ok()?, at - generation - 1 - number))
}
