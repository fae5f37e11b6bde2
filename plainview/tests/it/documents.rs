//! Documents whose parsers are confined: what is denied inside, and what becomes of documents that harm their parser.

use std::fs;
use std::path::Path;

use crate::world::{arg, run, small_case};

/// A PDF of these objects, numbered from 1; the first is the catalogue.
fn pdf(objects: &[String]) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", n + 1).into_bytes());
    }
    let start = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    for place in places {
        out.extend(format!("{place:010} 00000 n \n").into_bytes());
    }
    out.extend(
        format!(
            "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
            objects.len() + 1
        )
        .into_bytes(),
    );
    out
}

/// A page that draws one line.
pub(crate) fn page(text: &str) -> Vec<u8> {
    let content = format!("BT /F1 12 Tf 72 700 Td ({text}) Tj ET");
    pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [4 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
    ])
}

/// A page that is its own parent: a parser that asks parents for what the page lacks never stops asking.
fn endless() -> Vec<u8> {
    pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 3 0 R /Contents 4 0 R >>".to_owned(),
        "<< /Length 1 >>\nstream\n \nendstream".to_owned(),
    ])
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_can_open_nothing() {
    assert_eq!(run(&["--worker", "probe", "status"]).code(0).out, "held");
    for probe in [
        "read", "write", "list", "connect", "listen", "spawn", "exec",
    ] {
        let ran = run(&["--worker", "probe", probe]).code(0);
        assert_eq!(ran.out, "denied", "{probe}");
    }
    assert!(!Path::new("/tmp/plainview-probe").exists());
}

/// Signals have no exit code, which the helper gives as -1.
#[cfg(target_os = "linux")]
#[test]
fn a_worker_is_bounded_in_time_and_memory() {
    for probe in ["loop", "memory", "crash"] {
        let ran = run(&["--worker", "probe", probe]).code(-1);
        assert_eq!(ran.out, "", "{probe}");
    }
}

#[test]
fn unknown_workers_are_refused() {
    run(&["--worker"]).code(64);
    run(&["--worker", "shell"]).code(64);
    run(&["--worker", "probe", "nothing"]).code(1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_document_that_kills_its_parser_is_lost_and_the_next_is_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("1.pdf"), endless()).unwrap();
    fs::write(folder.path().join("2.pdf"), page("the second is read")).unwrap();
    let ran = run(&["records", "--json", arg(folder.path())]).code(2);
    let value = ran.json();
    assert_eq!(value["groups"][0]["rows"]["documents"], 1);
    let notices = value["notices"].as_array().unwrap();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(notices[0]["code"], "document-crashed");
    assert_eq!(notices[0]["effect"], "lost");
    assert_eq!(notices[0]["file"], "1.pdf");
    // Where the sandbox holds, asking for less changes nothing and is not said.
    let asked = run(&["records", "--json", "--unsandboxed", arg(folder.path())]).code(2);
    assert_eq!(asked.out, ran.out);
}

#[cfg(target_os = "linux")]
#[test]
fn check_tries_the_sandbox_of_a_case_with_documents() {
    let folder = tempfile::tempdir().unwrap();
    small_case(folder.path(), "");
    let plain = run(&["check", "--json", arg(folder.path())]).code(2).json();
    assert!(plain["sandbox"].is_null());
    small_case(folder.path(), SOURCES);
    let told = run(&["check", "--json", arg(folder.path())]).code(2).json();
    assert_eq!(
        told["sandbox"],
        "confined; files, network and other programs are denied"
    );
}

/// Sources of mails and papers, one protected, and a reviewer.
pub(crate) const SOURCES: &str = r#"
[[party]]
id = "panel"
name = "A panel (fictional)"
kind = "organisation"
role = "reviewer"
[[source]]
id = "mail-ops"
format = "mail"
files = ["sources/mail"]
kind = "business-record"
custodian = "provider"
controller = "provider"
acquired_at = 2025-07-01T00:00:00Z
[[source]]
id = "papers"
format = "document"
files = ["sources/papers"]
kind = "business-record"
custodian = "provider"
controller = "provider"
acquired_at = 2025-07-01T00:00:00Z
[[source]]
id = "leak"
format = "document"
files = ["sources/leak"]
kind = "business-record"
custodian = "panel"
controller = "provider"
acquired_at = 2025-07-01T00:00:00Z
protected = true
"#;
