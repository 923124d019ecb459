//! Reports for programs: JSON lines, annotations of GitHub, SARIF. Text out of values; nothing here prints.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::diag::{Code, Diagnostic, Severity};
use crate::{Report, Summary};

/// Returns a report as JSON, one object a line: the diagnostics, then the site in numbers.
pub(crate) fn json_lines(report: &Report) -> String {
    let mut lines = String::new();
    for diagnostic in &report.diagnostics {
        let _ = writeln!(lines, "{}", object(diagnostic));
    }
    let Summary {
        errors,
        warnings,
        pages,
        meetings,
        members,
        withheld,
    } = report.summary;
    let summary = json!({ "summary": {
        "errors": errors,
        "warnings": warnings,
        "pages": pages,
        "meetings": meetings,
        "members": members,
        "withheld": withheld,
    } });
    let _ = writeln!(lines, "{summary}");
    lines
}

fn object(diagnostic: &Diagnostic) -> Value {
    let mut object = Map::new();
    object.insert("severity".into(), diagnostic.severity.as_str().into());
    object.insert("code".into(), diagnostic.code.as_str().into());
    object.insert("file".into(), (&*diagnostic.file).into());
    if let Some(place) = diagnostic.place {
        object.insert("line".into(), place.line.into());
        object.insert("column".into(), place.column.into());
    }
    object.insert("message".into(), diagnostic.message.as_str().into());
    if let Some(help) = &diagnostic.help {
        object.insert("help".into(), help.as_str().into());
    }
    Value::Object(object)
}

/// Returns a report as workflow commands of GitHub, one annotation a line.
pub(crate) fn github(report: &Report) -> String {
    let mut lines = String::new();
    for diagnostic in &report.diagnostics {
        let _ = write!(
            lines,
            "::{} file={}",
            diagnostic.severity.as_str(),
            property(&diagnostic.file)
        );
        if let Some(place) = diagnostic.place {
            let _ = write!(lines, ",line={},col={}", place.line, place.column);
        }
        let help = diagnostic
            .help
            .as_deref()
            .map_or_else(String::new, |help| format!("\n{help}"));
        let words = format!("{}{help}", diagnostic.message);
        let _ = writeln!(
            lines,
            ",title={}::{}",
            diagnostic.code.as_str(),
            data(&words)
        );
    }
    lines
}

/// Escapes what would end a line of the runner's protocol.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes what would end a property as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Returns a report as one SARIF document (OASIS, version 2.1.0).
pub(crate) fn sarif(report: &Report) -> String {
    let rules: Vec<Value> = Code::ALL
        .iter()
        .map(|code| {
            json!({
                "id": code.as_str(),
                "defaultConfiguration": { "level": level(code.severity()) },
                "help": { "text": crate::explain::paragraph(code.as_str()).unwrap_or_default() },
            })
        })
        .collect();
    let results: Vec<Value> = report.diagnostics.iter().map(result).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "clerestory",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn result(diagnostic: &Diagnostic) -> Value {
    let help = diagnostic
        .help
        .as_deref()
        .map_or_else(String::new, |help| format!(". {help}"));
    let mut place = json!({ "artifactLocation": { "uri": address(&diagnostic.file) } });
    if let Some(own) = diagnostic.place {
        place["region"] = json!({ "startLine": own.line, "startColumn": own.column });
    }
    json!({
        "ruleId": diagnostic.code.as_str(),
        "level": level(diagnostic.severity),
        "message": { "text": format!("{}{help}", diagnostic.message) },
        "locations": [{ "physicalLocation": place }],
    })
}

/// Returns a path as a relative URI.
fn address(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().fold(String::new(), |mut text, byte| {
        if is_plain(byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}
