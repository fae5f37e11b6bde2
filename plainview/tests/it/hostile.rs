//! Text that wants to be markup, a command to the terminal or a formula: it is shown and does nothing.

use std::fs;

use plainview_synth::listings::{ListingRow, S3Encoding};
use tempfile::TempDir;

use crate::world::{
    DAY_MS, JANUARY_MS, Ran, arg, copy, edit, inventory, page, put, review_json, run, small_case,
    verdict,
};

/// Markup, a right-to-left override, an isolate, and two commands to a terminal.
const HOSTILE: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>\u{202e}\u{2066}\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m";

/// The same in TOML.
const HOSTILE_TOML: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>\\u202E\\u2066\\u001B[2J\\u001B]0;owned\\u0007\\u009B31m";

/// What may reach no terminal: controls other than line feed and tab, and marks that reorder text.
fn driving(text: &str) -> Option<char> {
    text.chars().find(|c| {
        (c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

#[track_caller]
fn harmless(what: &str, ran: &Ran) {
    for (stream, text) in [("stdout", &ran.out), ("stderr", &ran.err)] {
        if let Some(c) = driving(text) {
            let line = text.lines().find(|l| l.contains(c)).unwrap_or_default();
            panic!("{what}: {stream} holds U+{:04X}: {line:?}", u32::from(c));
        }
    }
}

#[track_caller]
fn harmless_page(page: &str) {
    assert_eq!(driving(page), None);
    let lower = page.to_lowercase();
    assert!(!lower.contains("<script") && !lower.contains("<img"));
    assert!(lower.contains("&lt;script&gt;") || lower.contains("&#60;script&#62;"));
}

/// A case of one bucket whose name and keys are hostile.
fn case() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    small_case(folder.path(), "");
    let rows = (0..300)
        .map(|n| {
            let key = format!("logs{HOSTILE}/{n:04}{HOSTILE}.gz");
            ListingRow::new(key, 1_000, JANUARY_MS + n * DAY_MS / 10)
        })
        .collect();
    let files = inventory(
        &format!("bucket{HOSTILE}"),
        JANUARY_MS + 20 * DAY_MS,
        S3Encoding::Parquet,
        rows,
    );
    // The envelope's own file names are the tests', not the bucket's.
    let files: Vec<_> = files
        .into_iter()
        .map(|mut file| {
            file.name = file.name.rsplit('/').next().unwrap().to_owned();
            file
        })
        .collect();
    put(&folder.path().join("sources/inventory"), &files);
    folder
}

#[test]
fn a_store_with_a_hostile_name_is_shown_and_does_nothing() {
    let case = case();
    let folder = arg(case.path());
    let inventory = case.path().join("sources/inventory");
    harmless("review", &run(&["review", folder]).code(0));
    harmless_page(&page(case.path()));
    harmless("explain", &run(&["explain", folder, "C1"]).code(0));
    harmless("profile", &run(&["profile", arg(&inventory)]).code(0));
    harmless("records", &run(&["records", arg(&inventory)]).code(0));
    harmless(
        "reconcile",
        &run(&[
            "reconcile",
            arg(&inventory),
            "--account",
            "aws/111122223333",
        ]),
    );
    let ran = run(&["ask", folder, "select container, key from objects limit 3"]).code(0);
    assert!(ran.out.contains("<script>"), "text is shown: {}", ran.out);
    harmless("ask", &ran);
    // JSON escapes what a terminal would obey, and loses nothing.
    let sql = "select distinct container as c from objects";
    let ran = run(&["ask", folder, sql, "--format", "json"]).code(0);
    assert!(!ran.out.contains('\u{1b}'));
    let value = ran.json();
    assert_eq!(value[0]["c"], format!("bucket{HOSTILE}"));
}

#[test]
fn hostile_statements_titles_and_names_do_nothing() {
    let case = copy(true);
    for from in [
        "title = \"",
        "text = \"None of our data",
        "name = \"Tern Bakery",
        "who = \"",
        "topic = \"",
    ] {
        let to = from.replacen('"', &format!("\"{HOSTILE_TOML} "), 1);
        edit(case.path(), from, &to);
    }
    let marks = case.path().join("exhibits.toml");
    let text = fs::read_to_string(&marks).unwrap();
    let quote = format!("quote = \"{HOSTILE_TOML} ");
    fs::write(&marks, text.replace("quote = \"", &quote)).unwrap();
    let folder = arg(case.path());
    harmless("check", &run(&["check", folder]).code(0));
    harmless("review", &run(&["review", folder]).code(1));
    harmless_page(&page(case.path()));
    harmless("explain", &run(&["explain", folder, "C4"]).code(0));
    harmless("explain", &run(&["explain", folder, "C3"]).code(0));
    // The quoted words stand in no mail, so the passages are not verified.
    let review = review_json(case.path());
    for argument in verdict(&review, "C3")["arguments"].as_array().unwrap() {
        if argument["id"].as_str().unwrap().starts_with('E') {
            assert_eq!(argument["state"], "unverified", "{argument}");
        }
    }
}

#[test]
fn a_hostile_mark_in_a_mistake_is_shown_harmlessly() {
    let case = copy(true);
    // U+202E may stand raw in TOML, so the line that is shown holds it.
    edit(
        case.path(),
        "measure = \"byte_hours\"",
        "measure = \"byte_hours\u{202e}\"",
    );
    edit(
        case.path(),
        "kind = \"customer_of\"",
        "kind = \"\\u001B[2J\"",
    );
    let ran = run(&["check", arg(case.path())]).code(2);
    assert!(ran.err.contains("2 mistakes"), "{}", ran.err);
    harmless("check", &ran);
}

#[test]
fn names_given_on_the_command_line_do_nothing_either() {
    let case = copy(false);
    harmless(
        "explain",
        &run(&["explain", arg(case.path()), "\u{1b}[2J\u{202e}"]).code(2),
    );
    harmless(
        "ask",
        &run(&["ask", arg(case.path()), "select '\u{1b}[2J' from \u{202e}"]).code(2),
    );
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join("a\u{1b}[2J\u{202e}b.csv");
    fs::write(&odd, "x\n").unwrap();
    harmless(
        "records",
        &run(&["records", arg(&odd), "--format", "focus"]).code(2),
    );
    harmless("records", &run(&["records", arg(folder.path())]));
}

#[test]
fn a_key_that_is_a_formula_is_none_in_csv() {
    let folder = tempfile::tempdir().unwrap();
    small_case(folder.path(), "");
    let rows = vec![ListingRow::new("=cmd|' /C calc'!A1", 1, JANUARY_MS)];
    let files = inventory("fictional", JANUARY_MS + DAY_MS, S3Encoding::Parquet, rows);
    put(&folder.path().join("sources/inventory"), &files);
    run(&["review", arg(folder.path())]).code(0);
    let sql = "select key from objects";
    let ran = run(&["ask", arg(folder.path()), sql, "--format", "csv"]).code(0);
    assert!(ran.out.contains("\n'=cmd"), "{}", ran.out);
}
