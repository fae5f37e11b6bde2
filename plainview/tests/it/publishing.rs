//! What the demo prints and publishes, and what a digest binds.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::world::{
    arg, copy, demo, demo_case, edit, mend_manifest, page, review_json, run, verdict, walk,
};

/// The word the terminal prints for an outcome.
fn word(outcome: &str) -> &'static str {
    match outcome {
        "supported" => "Supported",
        "contradicted" => "Contradicted",
        "contested" => "Contested",
        "not_tested" => "Not tested",
        _ => "Undecided",
    }
}

#[test]
fn the_demo_prints_every_verdict_and_where_the_report_is() {
    let out = &demo().1;
    let review = review_json(&demo_case());
    let claims = review["claims"].as_array().unwrap();
    assert_eq!(claims.len(), 5);
    for entry in claims {
        let verdict = &entry["verdict"];
        let id = verdict["claim"].as_str().unwrap();
        let line = format!("\n{id}  {}\n", word(verdict["outcome"].as_str().unwrap()));
        assert!(out.contains(&line), "no {line} in:\n{out}");
        // The terminal folds lines; the words are the quoted statement.
        let flat = out.split_whitespace().collect::<Vec<_>>().join(" ");
        let quote = format!("\u{201c}{}\u{201d}", verdict["text"].as_str().unwrap());
        assert!(flat.contains(&quote), "{quote} is not printed");
    }
    let path = out
        .lines()
        .find_map(|line| line.strip_prefix("The report: "))
        .unwrap();
    assert_eq!(
        Path::new(path).canonicalize().unwrap(),
        demo_case()
            .join(".plainview/out/report.html")
            .canonicalize()
            .unwrap()
    );
}

/// The value of every attribute called `name` in a page.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    page.split(&format!(" {name}=\""))
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect()
}

#[test]
fn the_page_needs_nothing_but_itself_and_runs_nothing() {
    let page = page(&demo_case());
    for name in ["href", "src", "xlink:href", "action", "data", "poster"] {
        for value in attributes(&page, name) {
            assert!(value.starts_with('#'), "{name}={value}");
        }
    }
    let lower = page.to_lowercase();
    assert!(!lower.contains("javascript:") && !lower.contains("<script"));
    for handler in ["onload", "onclick", "onerror", "onmouseover", "onfocus"] {
        assert!(attributes(&lower, handler).is_empty(), "{handler}");
    }
    // Every place that the page points at is on the page.
    for target in attributes(&page, "href") {
        let id = format!("id=\"{}\"", &target[1..]);
        assert!(page.contains(&id), "nothing is called {target}");
    }
    assert!(page.matches("FICTIONAL").count() + page.matches("Fictional").count() > 2);
}

#[test]
fn the_published_json_is_exactly_its_canonical_form() {
    let bytes = fs::read(demo_case().join(".plainview/out/review.json")).unwrap();
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    assert!(serde_json_canonicalizer::to_vec(&value).unwrap() == bytes);
}

#[test]
fn another_seed_is_another_demo_with_the_same_truth() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    let ran = run(&["demo", arg(&case), "--seed", "7", "--json"]).code(0);
    assert_eq!(ran.json()["differences_from_truth"], serde_json::json!([]));
    let (one, other) = (review_json(&demo_case()), review_json(&case));
    assert_ne!(one["reconciliation"], other["reconciliation"]);
    assert_eq!(verdict(&other, "C1")["outcome"], "contradicted");
    // The folder holds another demo now, and is left alone.
    let ran = run(&["demo", arg(&case), "--seed", "8"]).code(2);
    assert!(ran.err.contains("another demo"), "{}", ran.err);
}

#[test]
fn a_demo_without_invoices_supports_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    run(&["demo", arg(&case), "--without", "invoices"]).code(0);
    let review = review_json(&case);
    let sources = review["sources"].as_array().unwrap();
    assert!(sources.iter().all(|s| s["format"] != "focus"));
    for entry in review["claims"].as_array().unwrap() {
        let verdict = &entry["verdict"];
        assert_ne!(verdict["runs"]["base"], "supported", "{}", verdict["claim"]);
        for argument in verdict["arguments"].as_array().unwrap() {
            if argument["scheme"] == "absence" {
                assert_ne!(argument["state"], "qualifying", "{}", argument["id"]);
                let gates = argument["gates"].as_array().unwrap();
                let frame = gates.iter().find(|g| g["gate"] == "G1").unwrap();
                assert_eq!(frame["pass"], false, "{}", argument["id"]);
            }
        }
    }
    // The bakery's statement stands on its bills alone for what exists.
    let ran = run(&["explain", arg(&case), "C4"]).code(0);
    assert!(ran.out.starts_with("C4  Undecided"), "{}", ran.out);
    assert!(ran.out.contains("gate_G1"), "{}", ran.out);
}

#[test]
fn a_case_without_listings_shows_none_and_still_compares_bills_with_meters() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    let ran = run(&["demo", arg(&case), "--without", "inventory"]).code(0);
    let review = review_json(&case);
    assert_eq!(review["stores"], serde_json::json!([]));
    for source in review["sources"].as_array().unwrap() {
        assert!(source["tables"]["objects"].is_null(), "{}", source["id"]);
    }
    let compared: Vec<(&str, &str)> = review["reconciliation"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["left"]["kind"] == "billed" && row["right"]["kind"] == "metered")
        .map(|row| {
            (
                row["month"].as_str().unwrap(),
                row["state"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        compared,
        [
            ("2025-01", "reconciled"),
            ("2025-02", "reconciled"),
            ("2025-03", "reconciled")
        ]
    );
    // Each claim says either what would decide it or why it cannot be tested.
    for entry in review["claims"].as_array().unwrap() {
        let verdict = &entry["verdict"];
        let said: String = verdict["sentences"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["text"].as_str().unwrap())
            .collect();
        assert!(
            said.contains("It would take") || said.contains("Not tested:"),
            "{}: {said}",
            verdict["claim"]
        );
    }
    let page = page(&case);
    assert!(page.contains("billed (invoices)") && page.contains("metered (metering-tenant)"));
    assert!(ran.out.contains("C3  Undecided"));
    let ran = run(&["check", arg(&case)]).code(0);
    assert!(ran.out.contains("What these sources could show at best"));
}

#[test]
fn a_declaration_binds_these_bytes_and_no_others() {
    let case = copy(true);
    let folder = case.path().join("sources/invoices");
    let path = walk(&folder)[0].clone();
    let digest = |folder: &Path| {
        let value = run(&["records", arg(folder), "--format", "focus", "--json"])
            .code(0)
            .json();
        value["groups"][0]["digest"].as_str().unwrap().to_owned()
    };
    let before = digest(&folder);
    let text = fs::read_to_string(case.path().join("case.toml")).unwrap();
    assert!(text.contains(&before), "the demo declares what lies there");
    let mut bytes = fs::read(&path).unwrap();
    bytes.push(b'\n');
    fs::write(&path, bytes).unwrap();
    let integrity = || {
        run(&["review", arg(case.path())]);
        let review = review_json(case.path());
        let sources = review["sources"].as_array().unwrap();
        let source = sources.iter().find(|s| s["id"] == "invoices").unwrap();
        (
            source["integrity"].as_str().unwrap().to_owned(),
            verdict(&review, "C4")["outcome"]
                .as_str()
                .unwrap()
                .to_owned(),
        )
    };
    // One added line feed changes no row and yet is not what was declared.
    assert_eq!(
        integrity(),
        ("unverified".to_owned(), "not_shown".to_owned())
    );
    edit(case.path(), &before, &digest(&folder));
    assert_eq!(integrity(), ("verified".to_owned(), "supported".to_owned()));
}

#[test]
fn an_inventory_from_which_keys_were_dropped_stays_unverified() {
    let case = copy(true);
    let path = walk(&case.path().join("sources/inventory-bakery"))
        .into_iter()
        .find(|p| p.extension().is_some_and(|e| e == "gz"))
        .unwrap();
    let mut text = String::new();
    let bytes = fs::read(&path).unwrap();
    std::io::Read::read_to_string(
        &mut flate2::read::MultiGzDecoder::new(&bytes[..]),
        &mut text,
    )
    .unwrap();
    let kept: String = text
        .lines()
        .skip(1)
        .map(|line| format!("{line}\n"))
        .collect();
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut out, kept.as_bytes()).unwrap();
    fs::write(&path, out.finish().unwrap()).unwrap();
    mend_manifest(&path.with_file_name("manifest.json"));
    run(&["review", arg(case.path())]).code(1);
    let review = review_json(case.path());
    let sources = review["sources"].as_array().unwrap();
    let source = sources.iter().find(|s| s["id"] == "inventory-bakery");
    let source = source.unwrap();
    assert_eq!(source["notices"]["lost"], 0, "every checksum is right");
    assert_eq!(source["integrity"], "unverified");
    let why = source["integrity_because"].as_str().unwrap();
    assert!(why.len() > 20 && why.contains(' '), "{why}");
    let shown = page(case.path());
    assert!(shown.contains("unverified") || shown.contains("not verified"));
    // One of the two listings that together supported it no longer counts.
    assert_eq!(verdict(&review, "C4")["outcome"], "not_shown");
}
