//! Finding passages and making exhibits of them.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::documents::{SOURCES, page};
use crate::world::{arg, run, small_case};

const MBOX: &str = "From ops@provider.example Mon Feb  3 10:00:00 2025\n\
From: Ops <ops@provider.example>\nTo: anna@tenant.example\nDate: Mon, 3 Feb 2025 10:00:00 +0100\n\
Subject: Store list\nMessage-ID: <1@provider.example>\n\n\
All calls are kept for two years. Ring +972 50 123 4567.\n\n\
From anna@tenant.example Mon Mar  3 10:00:00 2025\n\
From: anna@tenant.example\nTo: ops@provider.example\nDate: Mon, 3 Mar 2025 10:00:00 +0100\n\
Subject: Re: Store list\nMessage-ID: <2@tenant.example>\nIn-Reply-To: <1@provider.example>\n\n\
Thank you.\n\nOn Mon, 3 Feb 2025 at 10:00, Ops wrote:\n> All calls are kept for two years.\n";

const MARKS: &str = "# marked by hand\r\n[[exhibit]]\nid = \"E1\"\nclaim = \"C1\"\nside = \"against\"\nsource = \"papers\"\n\
file = \"plan.pdf\"\nquote = 'recordings are deleted'\nscheme = \"testimony\"\nmarked_by = \"panel\"\ndate = 2025-08-02 # today";

/// A reviewed case with two mails in one file, a paper and a leaked one.
fn case() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    small_case(folder.path(), SOURCES);
    let sources = folder.path().join("sources");
    for name in ["mail", "papers", "leak"] {
        fs::create_dir_all(sources.join(name)).unwrap();
    }
    fs::write(sources.join("mail/box"), MBOX).unwrap();
    fs::write(
        sources.join("papers/plan.pdf"),
        page("recordings are deleted after two years"),
    )
    .unwrap();
    fs::write(
        sources.join("leak/watermark-17.pdf"),
        page("nothing is ever deleted"),
    )
    .unwrap();
    fs::write(folder.path().join("exhibits.toml"), MARKS).unwrap();
    run(&["review", arg(folder.path())]);
    folder
}

fn find(case: &Path, query: &str) -> Value {
    run(&["find", "--json", arg(case), query]).code(0).json()
}

fn docs(found: &Value) -> Vec<String> {
    found["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["doc"].as_str().unwrap().to_owned())
        .collect()
}

fn mark(case: &Path, doc: &str, quote: &str, id: &str, more: &[&str]) -> crate::world::Ran {
    let mut args = vec![
        "mark",
        arg(case),
        "--doc",
        doc,
        "--quote",
        quote,
        "--claim",
        "C1",
        "--side",
        "against",
        "--scheme",
        "testimony",
        "--by",
        "panel",
        "--date",
        "2025-08-03",
        "--id",
        id,
    ];
    args.extend_from_slice(more);
    run(&args)
}

#[test]
fn documents_are_found_by_words_fields_and_dates() {
    let case = case();
    let first = "mail-ops:sources/mail/box:1";
    let second = "mail-ops:sources/mail/box:2";
    for (query, expected) in [
        ("text:\"kept for two years\"", vec![first]),
        ("quoted:kept", vec![second]),
        ("subject:list from:2025-03", vec![second]),
        ("subject:list to:2025-02", vec![first]),
        ("recordings", vec!["papers:sources/papers/plan.pdf:1"]),
        ("zebra", vec![]),
    ] {
        assert_eq!(docs(&find(case.path(), query)), expected, "{query}");
    }
    let both = find(case.path(), "kept");
    assert_eq!(both["total"], 2);
    assert_eq!(both["hits"][0]["thread_id"], both["hits"][1]["thread_id"]);
    let text = run(&["find", arg(case.path()), "quoted:kept"]).code(0).out;
    assert!(
        text.contains("mail-ops:sources/mail/box:2\n    mail 2025-03-03 from "),
        "{text}"
    );
    assert!(
        text.contains("    quoted: ... ") && text.contains("**kept**"),
        "{text}"
    );
    // What is masked is not found by its real form, and what a query does not understand is refused.
    assert_eq!(find(case.path(), "\"123 4567\"")["total"], 0);
    assert_eq!(find(case.path(), "anna")["total"], 0);
    run(&["find", arg(case.path()), "opened:anna"]).code(64);
    let help = run(&["find", arg(case.path())]).code(0).out;
    assert!(help.contains("field:value"), "{help}");
}

#[test]
fn the_index_holds_no_raw_identifier_and_follows_the_tables() {
    let case = case();
    assert_eq!(find(case.path(), "kept")["total"], 2);
    for path in crate::world::walk(&case.path().join(".plainview")) {
        let bytes = fs::read(&path).unwrap();
        for secret in ["123 4567", "anna@tenant", "watermark-17\u{0}"] {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} in {}", path.display());
        }
    }
    let again = MBOX.replace("kept for two years. Ring", "erased at once. Ring");
    fs::write(case.path().join("sources/mail/box"), again).unwrap();
    run(&["review", arg(case.path())]);
    assert_eq!(
        docs(&find(case.path(), "erased")),
        ["mail-ops:sources/mail/box:1"]
    );
    assert_eq!(find(case.path(), "text:kept")["total"], 0);
}

#[test]
fn a_case_that_was_not_reviewed_cannot_be_searched() {
    let folder = tempfile::tempdir().unwrap();
    small_case(folder.path(), SOURCES);
    let ran = run(&["find", arg(folder.path()), "x"]).code(2);
    assert!(ran.err.contains("not been reviewed"), "{}", ran.err);
}

#[test]
fn a_passage_becomes_an_exhibit_and_the_rest_of_the_file_stays() {
    let case = case();
    let file = case.path().join("exhibits.toml");
    let doc = "mail-ops:sources/mail/box:1";
    mark(
        case.path(),
        doc,
        "All calls are kept\nfor two years. Ring +972 50 123 4567.",
        "E2",
        &[],
    )
    .code(0);
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.starts_with(MARKS));
    assert!(
        written.contains("quote = \"All calls are kept for two years. Ring +"),
        "{written}"
    );
    assert!(
        !written.contains("123 4567"),
        "a raw number was written: {written}"
    );
    assert!(
        written.contains("row = 1\n") && written.contains("date = 2025-08-03\n"),
        "{written}"
    );
    let told = mark(
        case.path(),
        "mail-ops:sources/mail/box:2",
        "All calls are kept",
        "E3",
        &[],
    )
    .code(0);
    assert!(
        told.out.contains("quotes, not in its own words"),
        "{}",
        told.out
    );
    // The review finds all three where they are said to stand.
    run(&["review", arg(case.path())]);
    let facts: Value = serde_json::from_str(
        &fs::read_to_string(case.path().join(".plainview/out/facts.json")).unwrap(),
    )
    .unwrap();
    let found: Vec<(&str, bool)> = facts["exhibits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fact| {
            (
                fact["id"].as_str().unwrap(),
                fact["found"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(found, [("E1", true), ("E2", true), ("E3", true)]);
}

#[test]
fn what_cannot_stand_is_not_marked() {
    let case = case();
    let file = case.path().join("exhibits.toml");
    let box_ = "mail-ops:sources/mail/box";
    let plan = "papers:sources/papers/plan.pdf";
    for (doc, quote, id, more) in [
        (plan, "recordings are kept", "E9", &[][..]),
        (box_, "All calls are kept", "E9", &[]),
        (plan, "recordings are deleted", "E1", &[]),
        ("papers:plan.pdf", "recordings are deleted", "E9", &[]),
        ("nowhere:plan.pdf", "recordings", "E9", &[]),
        ("papers:other.pdf", "recordings", "E9", &[]),
        (plan, "   ", "E9", &[]),
    ] {
        mark(case.path(), doc, quote, id, more).code(2);
        assert_eq!(fs::read_to_string(&file).unwrap(), MARKS, "{doc} {quote}");
    }
    let unknown = run(&[
        "mark",
        arg(case.path()),
        "--doc",
        plan,
        "--quote",
        "recordings",
        "--claim",
        "C9",
        "--side",
        "for",
        "--scheme",
        "testimony",
        "--by",
        "panel",
        "--date",
        "2025-08-03",
        "--id",
        "E9",
    ])
    .code(2);
    assert!(unknown.err.contains("C9"), "{}", unknown.err);
    assert_eq!(fs::read_to_string(&file).unwrap(), MARKS);
    // A row makes the passage one.
    mark(
        case.path(),
        box_,
        "All calls are kept",
        "E9",
        &["--row", "2"],
    )
    .code(0);
}

#[test]
fn a_protected_document_is_named_by_its_id() {
    let case = case();
    let found = run(&["find", "--json", arg(case.path()), "ever"]).code(0);
    assert!(!found.out.contains("watermark"), "{}", found.out);
    let doc = docs(&found.json()).remove(0);
    assert!(doc.starts_with("leak:document-"), "{doc}");
    let raw = mark(
        case.path(),
        "leak:watermark-17.pdf",
        "nothing is ever deleted",
        "E2",
        &[],
    )
    .code(2);
    assert!(raw.err.contains("protected"), "{}", raw.err);
    mark(case.path(), &doc, "nothing is ever deleted", "E2", &[]).code(0);
    let written = fs::read_to_string(case.path().join("exhibits.toml")).unwrap();
    assert!(!written.contains("watermark"), "{written}");
    run(&["review", arg(case.path())]);
    let facts = fs::read_to_string(case.path().join(".plainview/out/facts.json")).unwrap();
    let facts: Value = serde_json::from_str(&facts).unwrap();
    assert_eq!(facts["exhibits"][1]["found"], true);
}
