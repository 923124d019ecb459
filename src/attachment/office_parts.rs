//! The parts of office files: comments, changes, hidden things, names and titles, by the elements that say so.
//!
//! Two families are known: that of Microsoft (`.docx`, `.xlsx`, `.pptx`) and that of `OpenDocument` (`.odt`, `.ods`, `.odp`). This file must never put a name
//! of a sheet, a style or a person into a message: it counts instead.

use std::collections::{BTreeMap, BTreeSet};

use crate::attachment::office::{INSPECT, unused};
use crate::attachment::pdf::is_software;
use crate::attachment::xml::{Element, Step, walk};
use crate::attachment::{Refusal, broken};
use crate::diag::Code;

type Parts = BTreeMap<String, Vec<u8>>;

const COMMENTS: &str = "delete all comments: in Microsoft Office in the tab Review, in LibreOffice in Manage > Comments";
const CHANGES: &str = "accept or reject all changes, switch tracking off and save it again";
const HIDDEN: &str = "show it and decide: publish it or delete it; in Microsoft Office File > Info > Inspect Document finds it";
const OUTSIDE: &str = "break the link, or put what it brings into the document itself";

/// What was found in the parts of a file.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) refusals: Vec<Refusal>,
    /// Titles in the properties: they may say what the text says.
    titles: Vec<String>,
    text: String,
}

impl Findings {
    pub(super) fn say(&mut self, code: Code, found: impl Into<String>, remedy: &'static str) {
        self.refusals.push(Refusal::new(code, found, remedy));
    }

    fn is_named(&mut self, what: &str) {
        self.say(
            Code::FileWithMetadata,
            format!("this file holds {what} in its properties"),
            INSPECT,
        );
    }

    /// A title that the text shows says nothing new.
    pub(super) fn compare_titles(&mut self) {
        let fold = |text: &str| -> String {
            let letters = text.chars().filter(|c| c.is_alphanumeric());
            letters.flat_map(char::to_lowercase).collect()
        };
        let text = fold(&self.text);
        let is_shown = |title: &String| {
            let mut words = title.split(|c: char| !c.is_alphanumeric());
            words.all(|word| text.contains(&fold(word)))
        };
        if !self.titles.iter().all(is_shown) {
            self.say(
                Code::FileWithMetadata,
                "this file has a title in its properties that its text does not show",
                "set the title in the properties to words at the head of the document, or leave it empty",
            );
        }
    }
}

/// Looks at the parts of a file of Microsoft's family.
pub(super) fn office_open(parts: &Parts, findings: &mut Findings) {
    let mut used: BTreeSet<String> = BTreeSet::from(["[content_types].xml".to_owned()]);
    let mut hidden_styles = BTreeSet::new();
    for (name, part) in parts {
        let folded = name.to_lowercase();
        let read = if ending(&folded) == "rels" {
            used.insert(folded.clone());
            relations(name, part, &mut used, findings)
        } else if folded == "docprops/core.xml" {
            core(part, findings)
        } else if folded == "docprops/app.xml" {
            app(part, findings)
        } else if folded == "docprops/custom.xml" {
            walk(part, |step, _| {
                if matches!(step, Step::Open(element) if element.name == "property") {
                    findings.is_named("properties of its own, such as a label of its sensitivity,");
                }
            })
        } else if folded.starts_with("customxml/") {
            custom(part, findings);
            Some(())
        } else if folded == "word/styles.xml" {
            walk(part, |step, open| {
                if let (Step::Open(element), Some(style)) =
                    (step, open.iter().find(|element| element.name == "style"))
                    && element.name == "vanish"
                    && !is_off(element)
                {
                    hidden_styles.extend(style.get("styleId").map(str::to_owned));
                }
            })
        } else if is_xml(&folded) {
            Some(())
        } else {
            continue;
        };
        if read.is_none() {
            findings.refusals.push(broken());
        }
    }
    for (name, part) in parts
        .iter()
        .filter(|(name, _)| is_xml(&name.to_lowercase()))
    {
        let folded = name.to_lowercase();
        if folded.starts_with("docprops/") || folded.starts_with("customxml/") {
            continue;
        }
        let read = if folded.starts_with("xl/worksheets/sheet") {
            sheet(&folded, part, findings)
        } else {
            content(&folded, part, &hidden_styles, findings)
        };
        if read.is_none() {
            findings.refusals.push(broken());
        }
    }
    if !unused(parts, &used).is_empty() {
        findings.say(
            Code::FileWithRevisions,
            "this file holds parts that it does not use: most often what was deleted",
            "open it in the office program and save it under a new name",
        );
    }
}

fn ending(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

fn is_xml(name: &str) -> bool {
    name.rsplit('.')
        .next()
        .is_some_and(|ending| matches!(ending, "xml" | "vml"))
        && name != "[content_types].xml"
}

fn is_off(element: &Element) -> bool {
    element
        .get("val")
        .is_some_and(|value| matches!(value, "0" | "false" | "off"))
}

/// Reads where a part leads to.
fn relations(
    name: &str,
    part: &[u8],
    used: &mut BTreeSet<String>,
    findings: &mut Findings,
) -> Option<()> {
    let folder = name
        .rsplit_once("_rels/")
        .map_or("", |(folder, _)| folder)
        .to_owned();
    walk(part, |step, _| {
        let Step::Open(element) = step else { return };
        if element.name != "Relationship" {
            return;
        }
        let target = element.get("Target").unwrap_or_default();
        if element.get("TargetMode") == Some("External") {
            let is_link = element
                .get("Type")
                .is_some_and(|kind| kind.ends_with("/hyperlink"));
            leads_out(target, is_link, findings);
        } else {
            used.insert(resolve(&folder, target).to_lowercase());
        }
    })
}

/// Judges an address outside of the file.
fn leads_out(target: &str, is_link: bool, findings: &mut Findings) {
    let folded = target.to_lowercase();
    let is_open = ["http:", "https:", "mailto:", "tel:", "#"]
        .iter()
        .any(|scheme| folded.starts_with(scheme));
    if !is_open {
        findings.say(
            Code::FileWithMetadata,
            "this file names a place on somebody's own computer or network, by a link or a template",
            OUTSIDE,
        );
    } else if !is_link {
        findings.say(
            Code::FileWithActiveContent,
            "this file fetches something from another address when it is opened",
            OUTSIDE,
        );
    }
}

/// Returns the name of the part that a relation leads to.
fn resolve(folder: &str, target: &str) -> String {
    let whole = match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("{folder}{target}"),
    };
    let mut steps: Vec<&str> = Vec::new();
    for step in whole.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            _ => steps.push(step),
        }
    }
    steps.join("/")
}

fn core(part: &[u8], findings: &mut Findings) -> Option<()> {
    walk(part, |step, open| {
        let (Step::Text(text), Some(property)) = (step, open.last()) else {
            return;
        };
        if text.trim().is_empty() {
            return;
        }
        match property.name.as_str() {
            "created" | "modified" | "revision" | "language" | "lastPrinted" => {}
            "title" => findings.titles.push((*text).to_owned()),
            "creator" | "lastModifiedBy" => findings.is_named("the name of who wrote or saved it"),
            _ => findings.is_named("a subject, keywords, a description or the like"),
        }
    })
}

fn app(part: &[u8], findings: &mut Findings) -> Option<()> {
    walk(part, |step, open| {
        let (Step::Text(text), Some(property)) = (step, open.last()) else {
            return;
        };
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        match property.name.as_str() {
            "Company" | "Manager" | "HyperlinkBase" => {
                findings.is_named("a company, a manager or a folder");
            }
            "Template" if !text.to_lowercase().starts_with("normal") && text != "Office Theme" => {
                findings.is_named("the name of a template");
            }
            "Application" if !is_software(text) => findings.is_named("a program that is not known"),
            _ => {}
        }
    })
}

/// Data of other programs. Word writes an empty list of sources into every document, which is harmless.
fn custom(part: &[u8], findings: &mut Findings) {
    let mut is_telling = false;
    let read = walk(part, |step, open| match step {
        Step::Open(element) => {
            let is_own = matches!(
                element.name.as_str(),
                "Sources" | "datastoreItem" | "schemaRefs" | "schemaRef"
            );
            is_telling |= !is_own || (element.name == "Sources" && !open.is_empty());
        }
        Step::Text(text) => is_telling |= !text.trim().is_empty(),
        Step::Close(_) => {}
    });
    if is_telling || read.is_none() {
        findings.say(
            Code::FileWithMetadata,
            "this file holds data of another program (custom XML)",
            INSPECT,
        );
    }
}

/// Elements of a text document that are there only where changes are tracked.
const TRACKED: [&str; 17] = [
    "ins",
    "del",
    "moveFrom",
    "moveTo",
    "delText",
    "delInstrText",
    "rPrChange",
    "pPrChange",
    "sectPrChange",
    "tblPrChange",
    "tcPrChange",
    "trPrChange",
    "tblPrExChange",
    "numberingChange",
    "cellIns",
    "cellDel",
    "cellMerge",
];

/// Looks at a part with text, slides or settings.
fn content(
    name: &str,
    part: &[u8],
    hidden_styles: &BTreeSet<String>,
    findings: &mut Findings,
) -> Option<()> {
    let is_word = name.starts_with("word/");
    let number: String = name.chars().filter(char::is_ascii_digit).collect();
    let mut sheets = 0;
    walk(part, |step, open| match step {
        Step::Open(element) => {
            let mut outer = open.iter().rev().map(|outer| outer.name.as_str());
            let is_in_run = outer.find(|name| matches!(*name, "r" | "pPr")) == Some("r");
            if is_word {
                word_element(element, is_in_run, hidden_styles, findings);
            }
            sheets += usize::from(name == "xl/workbook.xml" && element.name == "sheet");
            other_element((name, &number, sheets), element, findings);
        }
        Step::Text(text) => words((name, &number), text, open, findings),
        Step::Close(_) => {}
    })
}

/// Looks at an element of a text document.
fn word_element(
    element: &Element,
    is_in_run: bool,
    hidden_styles: &BTreeSet<String>,
    findings: &mut Findings,
) {
    let value = element.get("val").unwrap_or_default();
    match element.name.as_str() {
        tracked if TRACKED.contains(&tracked) => {
            findings.say(
                Code::FileWithRevisions,
                "this document holds tracked changes: deleted words are still there",
                CHANGES,
            );
        }
        "vanish" if is_in_run && !is_off(element) => {
            findings.say(
                Code::FileWithHiddenText,
                "this document holds words in hidden type",
                HIDDEN,
            );
        }
        "sz" if is_in_run && value.parse().is_ok_and(|size: u32| size < 4) => {
            findings.say(
                Code::FileWithHiddenText,
                "this document holds words too small to be read",
                HIDDEN,
            );
        }
        "pStyle" | "rStyle" if hidden_styles.contains(value) => {
            findings.say(
                Code::FileWithHiddenText,
                "this document holds words in a style that hides them",
                HIDDEN,
            );
        }
        "docVar" | "mailMerge" => findings.is_named("variables or the source of a mail merge"),
        _ => {}
    }
}

/// Looks at an element of any file; `number` is that of the slide, `sheets` that of the sheet.
fn other_element(
    (name, number, sheets): (&str, &str, usize),
    element: &Element,
    findings: &mut Findings,
) {
    match element.name.as_str() {
        "comment" | "threadedComment" | "cm" | "cmAuthor" | "person"
            if !name.starts_with("xl/metadata") =>
        {
            findings.say(
                Code::FileWithComments,
                "this file holds comments, or the names of who commented",
                COMMENTS,
            );
        }
        "altChunk" | "OLEObject" | "oleObject" => findings.say(
            Code::FileWithEmbeddedFiles,
            "another file lies in this one",
            "paste charts and tables as pictures, or publish it as PDF",
        ),
        "absPath" => findings.is_named("the folder on somebody's computer where it was saved"),
        "fileSharing" if element.get("userName").is_some() => {
            findings.is_named("the name of who locked it");
        }
        "sheet"
            if name == "xl/workbook.xml"
                && element.get("state").is_some_and(|state| state != "visible") =>
        {
            findings.say(
                Code::FileWithHiddenText,
                format!("sheet {sheets} of this workbook is hidden"),
                HIDDEN,
            );
        }
        "definedName"
            if element.is_on("hidden") && element.get("name") != Some("_xlnm._FilterDatabase") =>
        {
            findings.say(
                Code::FileWithHiddenText,
                "this workbook holds hidden names for cells or values",
                INSPECT,
            );
        }
        "numFmt"
            if element
                .get("formatCode")
                .is_some_and(|code| code.trim_matches('"') == ";;;") =>
        {
            findings.say(
                Code::FileWithHiddenText,
                "this workbook has a format that shows nothing (;;;)",
                HIDDEN,
            );
        }
        "sld"
            if element
                .get("show")
                .is_some_and(|show| matches!(show, "0" | "false")) =>
        {
            findings.say(
                Code::FileWithHiddenText,
                format!("slide {number} of this presentation is hidden"),
                HIDDEN,
            );
        }
        "cNvPr" if element.is_on("hidden") => {
            findings.say(
                Code::FileWithHiddenText,
                "this file holds a shape or a picture that is hidden",
                HIDDEN,
            );
        }
        "tag" if name.starts_with("ppt/tags/") => findings.is_named("tags of another program"),
        _ => {}
    }
}

/// Looks at the words of a part.
fn words((name, number): (&str, &str), text: &str, open: &[Element], findings: &mut Findings) {
    let is_notes = name.starts_with("ppt/notesslides/");
    let holder = open.last().map_or("", |element| element.name.as_str());
    let is_field = open.iter().any(|element| element.name == "fld");
    if is_notes && holder == "t" && !is_field && !text.trim().is_empty() {
        findings.say(
                    Code::FileWithComments,
                    format!("slide notes {number} of this presentation hold words of the speaker"),
                    "delete the notes; in Microsoft Office File > Info > Inspect Document deletes all of them",
                );
    }
    let folded = text.to_uppercase();
    let is_outside = [
        "INCLUDETEXT",
        "INCLUDEPICTURE",
        "DDE",
        "LINK EXCEL",
        "LINK WORD",
        "DATABASE",
    ]
    .iter()
    .any(|field| folded.contains(field));
    if holder == "instrText" && is_outside {
        findings.say(
            Code::FileWithActiveContent,
            "a field of this document fetches something from another file",
            OUTSIDE,
        );
    }
    if holder == "t" && !is_notes {
        findings.text.push_str(text);
    }
}

/// Looks at a sheet: rows and columns that are hidden and hold something.
fn sheet(name: &str, part: &[u8], findings: &mut Findings) -> Option<()> {
    let number: String = name.chars().filter(char::is_ascii_digit).collect();
    let mut columns: Vec<(u32, u32)> = Vec::new();
    let (mut is_in_hidden_row, mut is_in_hidden_column) = (false, false);
    let mut hides = false;
    walk(part, |step, open| match step {
        Step::Open(element) => match element.name.as_str() {
            "col"
                if element.is_on("hidden")
                    || element
                        .get("width")
                        .is_some_and(|width| width.parse().is_ok_and(|width: f64| width < 0.3)) =>
            {
                let end = |name| {
                    element
                        .get(name)
                        .and_then(|text| text.parse().ok())
                        .unwrap_or(0)
                };
                columns.push((end("min"), end("max")));
            }
            "row" => {
                let height = element
                    .get("ht")
                    .and_then(|height| height.parse::<f64>().ok());
                is_in_hidden_row =
                    element.is_on("hidden") || height.is_some_and(|height| height < 1.0);
            }
            "c" => {
                let letters = element
                    .get("r")
                    .unwrap_or_default()
                    .bytes()
                    .take_while(u8::is_ascii_alphabetic);
                let column = letters.fold(0_u32, |sum, letter| {
                    sum.saturating_mul(26)
                        .saturating_add(u32::from(letter.to_ascii_uppercase() - b'A') + 1)
                });
                is_in_hidden_column = columns
                    .iter()
                    .any(|(first, last)| (*first..=*last).contains(&column));
            }
            "v" | "is" | "f" if open.iter().any(|element| element.name == "c") => {
                hides |= is_in_hidden_row || is_in_hidden_column;
            }
            "oleObject" | "control" => findings.say(
                Code::FileWithEmbeddedFiles,
                "another file or a control lies in this workbook",
                "paste it as a picture, or publish the sheet as PDF or .csv",
            ),
            _ => {}
        },
        Step::Text(text) => {
            if open.last().is_some_and(|element| element.name == "t") {
                findings.text.push_str(text);
            }
        }
        Step::Close(_) => {}
    })?;
    if hides {
        findings.say(
            Code::FileWithHiddenText,
            format!(
                "sheet {number} of this workbook has hidden rows or columns with something in them"
            ),
            HIDDEN,
        );
    }
    Some(())
}

/// Looks at the parts of an `OpenDocument` file.
pub(super) fn open_document(parts: &Parts, findings: &mut Findings) {
    let mut used: BTreeSet<String> = ["mimetype", "meta-inf/manifest.xml", "layout-cache"]
        .map(str::to_owned)
        .into();
    let mut named = String::new();
    for (name, part) in parts
        .iter()
        .filter(|(name, _)| is_xml(&name.to_lowercase()) || ending(name) == "rdf")
    {
        let read = match name.as_str() {
            "meta.xml" => properties(part, findings),
            "META-INF/manifest.xml" => walk(part, |step, _| {
                let Step::Open(element) = step else { return };
                if element.name == "encryption-data" {
                    findings.say(
                        Code::UnreadableFile,
                        "this file is locked with a password",
                        "save it again without a password",
                    );
                }
                used.extend(element.get("full-path").map(str::to_lowercase));
            }),
            "settings.xml" => walk(part, |step, open| {
                let (Step::Text(text), Some(item)) = (step, open.last()) else {
                    return;
                };
                let key = item.get("name").unwrap_or_default();
                if [
                    "PrinterName",
                    "PrinterSetup",
                    "CurrentDatabaseDataSource",
                    "ColorTableURL",
                    "RedlineProtectionKey",
                ]
                .contains(&key)
                    && !text.trim().is_empty()
                    && !(key == "ColorTableURL" && text.starts_with('$'))
                {
                    findings.say(
                        Code::FileWithMetadata,
                        "this file names a printer or a data source",
                        "in LibreOffice choose a file as printer, untick \"save printer settings with the document\" in the options, and save it again",
                    );
                }
            }),
            "content.xml" | "styles.xml" => document(part, &mut named, findings),
            _ => walk(part, |_, _| {}),
        };
        if read.is_none() {
            findings.refusals.push(broken());
        }
    }
    let is_lost = |name: &&String| name.starts_with("Pictures/") && !named.contains(name.as_str());
    let spare = unused(parts, &used)
        .into_iter()
        .any(|name| !name.starts_with("META-INF/"));
    if spare || parts.keys().any(|name| is_lost(&name)) {
        findings.say(
            Code::FileWithRevisions,
            "this file holds parts that it does not use: most often what was deleted",
            "open it in the office program and save it under a new name",
        );
    }
}

fn properties(part: &[u8], findings: &mut Findings) -> Option<()> {
    walk(part, |step, open| match step {
        Step::Open(element) if element.name == "template" => {
            findings.is_named("the name of a template");
        }
        Step::Text(text) if !text.trim().is_empty() => match open
            .last()
            .map_or("", |element| element.name.as_str())
        {
            "creation-date" | "date" | "editing-cycles" | "editing-duration" | "language"
            | "print-date" => {}
            "generator"
                if is_software(text)
                    || text.starts_with("LibreOffice")
                    || text.starts_with("ODFPY") => {}
            "title" => findings.titles.push((*text).to_owned()),
            "creator" | "initial-creator" | "printed-by" => {
                findings.is_named("the name of who wrote, saved or printed it");
            }
            _ => findings.is_named("a subject, keywords, a description or properties of its own"),
        },
        Step::Open(_) | Step::Text(_) | Step::Close(_) => {}
    })
}

/// Looks at a text, a table or slides in `OpenDocument`.
fn document(part: &[u8], named: &mut String, findings: &mut Findings) -> Option<()> {
    let (mut hidden_columns, mut is_in_hidden_row) = (false, false);
    let mut hidden = Vec::new();
    let is_hidden = |element: &Element| {
        element
            .get("visibility")
            .is_some_and(|visibility| visibility != "visible")
    };
    walk(part, |step, open| match step {
        Step::Open(element) => {
            if let Some(address) = element.get("href") {
                named.push_str(address);
                named.push('\n');
                let inside = ["Pictures/", "#", "./"];
                if !address.is_empty() && !inside.iter().any(|start| address.starts_with(start)) {
                    let is_link = matches!(element.full_name.as_str(), "text:a" | "draw:a");
                    leads_out(address, is_link, findings);
                }
            }
            hidden.extend(hides(element));
            match element.full_name.as_str() {
                "table:table-column" => hidden_columns |= is_hidden(element),
                "table:table-row" => is_in_hidden_row = is_hidden(element),
                _ => open_element(element, findings),
            }
        }
        Step::Text(text) if !text.trim().is_empty() => {
            let is_within = |name: &str| open.iter().any(|element| element.full_name == name);
            if is_within("presentation:notes") {
                findings.say(
                    Code::FileWithComments,
                    "the notes of this presentation hold words of the speaker",
                    "delete the notes of every slide",
                );
            } else {
                findings.text.push_str(text);
            }
            if is_in_hidden_row && is_within("table:table-row") {
                hidden.push("a table of this file has hidden rows with something in them");
            }
        }
        Step::Text(_) => {}
        Step::Close(element) => is_in_hidden_row &= element.full_name != "table:table-row",
    })?;
    if hidden_columns {
        hidden.push("a table of this file has hidden columns");
    }
    for found in hidden {
        findings.say(Code::FileWithHiddenText, found, HIDDEN);
    }
    Some(())
}

/// Says what an element of `OpenDocument` hides.
fn hides(element: &Element) -> Option<&'static str> {
    let display = element.get("display");
    match element.full_name.as_str() {
        "text:hidden-text" | "text:hidden-paragraph" | "form:hidden" => {
            Some("this document holds hidden text")
        }
        "text:section" if display.is_some_and(|display| display != "true") => {
            Some("this document holds a section that is hidden")
        }
        "style:text-properties" if display.is_some_and(|display| display != "true") => {
            Some("this document holds words in hidden type")
        }
        "style:table-properties" if display == Some("false") => {
            Some("a sheet of this file is hidden")
        }
        "style:drawing-page-properties" if element.get("visibility") == Some("hidden") => {
            Some("a slide of this file is hidden")
        }
        "draw:layer" if display.is_some_and(|display| display != "always") => {
            Some("a layer of this file is hidden")
        }
        _ => None,
    }
}

/// Looks at an element of `OpenDocument` for everything but what is hidden.
fn open_element(element: &Element, findings: &mut Findings) {
    match element.full_name.as_str() {
        "text:changed-region"
        | "table:cell-content-change"
        | "table:insertion"
        | "table:deletion"
        | "table:movement" => findings.say(
            Code::FileWithRevisions,
            "this document holds tracked changes: deleted words are still there",
            CHANGES,
        ),
        "office:annotation" => {
            findings.say(Code::FileWithComments, "this file holds comments", COMMENTS);
        }
        "office:script"
        | "script:event-listener"
        | "office:dde-source"
        | "presentation:event-listener" => findings.say(
            Code::FileWithActiveContent,
            "this file holds a script, or fetches something from another file",
            OUTSIDE,
        ),
        "draw:object" | "draw:object-ole" | "draw:plugin" | "draw:applet" => findings.say(
            Code::FileWithEmbeddedFiles,
            "another document lies in this one, such as the whole table behind a chart",
            "paste charts and tables as pictures, or publish it as PDF",
        ),
        "text:user-field-decl" | "text:variable-decl" => findings.is_named("variables"),
        _ => {}
    }
}
