//! Verbs at their edges: where a mistake is pointed at, what `check` may open, what `ask` exports, what
//! standard input gives, and which names an unknown name is answered with.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::world::{arg, copy, demo_case, edit, run, walk};

/// The line of `case.toml` that holds `text`, from 1.
fn line_of(case: &Path, text: &str) -> usize {
    let toml = fs::read_to_string(case.join("case.toml")).unwrap();
    1 + toml.lines().position(|line| line.contains(text)).unwrap()
}

#[test]
fn every_mistake_is_pointed_at_where_it_stands() {
    let case = copy(true);
    edit(
        case.path(),
        "measure = \"byte_hours\"",
        "measure = \"hours\"",
    );
    edit(
        case.path(),
        "claimant = [\"bakery\"]",
        "claimant = [\"backery\"]",
    );
    edit(
        case.path(),
        "stated_at = 2025-06-27",
        "stated_on = 2025-06-27",
    );
    let ran = run(&["check", arg(case.path())]).code(2);
    for text in ["\"hours\"", "\"backery\"", "stated_on"] {
        let place = format!("case.toml:{}:", line_of(case.path(), text));
        assert!(
            ran.err.contains(&place),
            "{text} is not at {place} in\n{}",
            ran.err
        );
    }
    for word in ["byte_hours", "did you mean `bakery`", "stated_at"] {
        assert!(ran.err.contains(word), "no {word} in\n{}", ran.err);
    }
    assert!(!ran.err.contains("panicked"));
}

#[test]
fn text_that_is_no_toml_is_one_mistake_with_its_line() {
    let case = copy(true);
    edit(case.path(), "[scope]", "[scope");
    let ran = run(&["check", arg(case.path())]).code(2);
    let place = format!("case.toml:{}:", line_of(case.path(), "[scope"));
    assert!(ran.err.contains(&place), "{}", ran.err);
}

#[test]
fn check_says_the_same_whatever_the_records_hold() {
    let case = copy(true);
    let before = run(&["check", arg(case.path())]).code(0);
    for path in walk(&case.path().join("sources")) {
        fs::write(path, "this is not what it was").unwrap();
    }
    let after = run(&["check", arg(case.path())]).code(0);
    assert_eq!(before.out, after.out);
    assert!(!case.path().join(".plainview").exists());
    // Yet it sees that a source has no files.
    fs::remove_dir_all(case.path().join("sources/invoices")).unwrap();
    let ran = run(&["check", arg(case.path())]).code(2);
    assert!(ran.out.contains("source invoices: no file"), "{}", ran.out);
}

#[test]
fn a_draft_asks_at_most_ten_questions_and_points_at_each() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    let sources = demo_case().join("sources");
    run(&["new", arg(&case), "--from", arg(&sources)]);
    let text = fs::read_to_string(case.join("case.toml")).unwrap();
    let questions: Vec<usize> = text
        .lines()
        .zip(1..)
        .filter(|(line, _)| line.trim_start().starts_with("# Q"))
        .map(|(_, number)| number)
        .collect();
    assert!((1..=10).contains(&questions.len()), "{}", questions.len());
    let ran = run(&["check", arg(&case)]).code(2);
    assert!(ran.err.contains("no evidence was opened"), "{}", ran.err);
    for (line, number) in text.lines().zip(1..) {
        if line.contains(" = \"\"") {
            let place = format!("case.toml:{number}:");
            assert!(ran.err.contains(&place), "{place} {line} in\n{}", ran.err);
        }
    }
    // Without records there is a draft too.
    let bare = folder.path().join("bare");
    run(&["new", arg(&bare)]).code(0);
    run(&["check", arg(&bare)]).code(2);
    let salt = fs::read_to_string(bare.join("secrets/salt")).unwrap();
    assert_eq!(salt.trim().len(), 64);
    assert_ne!(salt, fs::read_to_string(case.join("secrets/salt")).unwrap());
}

#[test]
fn a_draft_whose_questions_are_answered_is_a_case() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    let sources = demo_case().join("sources");
    let from = ["inventory-tenant", "invoices", "metering-tenant"].map(|n| sources.join(n));
    let mut args = vec!["new", arg(&case), "--from"];
    args.extend(from.iter().map(|p| arg(p)));
    run(&args).code(0);
    let path = case.join("case.toml");
    let mut text = fs::read_to_string(&path).unwrap();
    let mut names = 0;
    let answered: Vec<String> = text
        .lines()
        .map(|line| {
            let answer = match line.split(" = ").next().unwrap() {
                "until" => "2030-01-01",
                "account" => "aws/111122223333",
                "text" => "Nothing of ours is kept in the north.",
                "stated_at" => "2025-06-20",
                "template" => "not-in-region eu-north-1",
                "name" => {
                    names += 1;
                    ["A provider (fictional)", "A tenant (fictional)"][names % 2]
                }
                _ => "the reviewers (fictional)",
            };
            line.replace(" = \"\"", &format!(" = \"{answer}\""))
        })
        .collect();
    text = answered.join("\n");
    fs::write(&path, text).unwrap();
    run(&["check", arg(&case)]).code(0);
    let ran = run(&["review", arg(&case)]);
    assert!(ran.code < 2, "{}{}", ran.out, ran.err);
    // The tenant's bills name the region, so the statement is not supported by its own silence.
    assert!(ran.out.contains("Nothing of ours is kept in the north."));
    assert!(!ran.out.contains("  Supported\n"), "{}", ran.out);
    assert!(ran.out.contains("The report: "));
}

#[test]
fn what_is_asked_comes_back_whole_in_every_form() {
    let case = copy(false);
    let folder = arg(case.path());
    let sql = "select source_id, count(*) as n from objects group by source_id order by source_id";
    let csv = run(&["ask", folder, sql, "--format", "csv"]).code(0).out;
    let mut rows = Vec::new();
    for record in csv::Reader::from_reader(csv.as_bytes()).records() {
        let record = record.unwrap();
        rows.push((record[0].to_owned(), record[1].parse::<u64>().unwrap()));
    }
    assert_eq!(rows.len(), 4);
    let json = run(&["ask", folder, sql, "--format", "json"])
        .code(0)
        .json();
    for (row, value) in rows.iter().zip(json.as_array().unwrap()) {
        assert_eq!(
            (&value["source_id"], &value["n"]),
            (&row.0.as_str().into(), &row.1.into())
        );
    }
    // An export is Parquet that the engine itself reads again, laid beside the tables it came from.
    let export = case
        .path()
        .join(".plainview/tables/objects/zz-export.parquet");
    let whole = "select * from objects where source_id = 'leaked-listing'";
    run(&[
        "ask",
        folder,
        whole,
        "--format",
        "parquet",
        "--output",
        arg(&export),
    ])
    .code(0);
    let again = run(&["ask", folder, sql, "--format", "json"])
        .code(0)
        .json();
    let count = |value: &Value| {
        let rows = value.as_array().unwrap();
        let row = rows.iter().find(|r| r["source_id"] == "leaked-listing");
        row.unwrap()["n"].as_u64().unwrap()
    };
    assert_eq!(count(&again), 2 * count(&json));
    run(&["ask", folder, "select 1", "--format", "parquet"]).code(2);
    run(&["ask", folder, "select 1", "--format", "xml"]).code(64);
}

#[test]
fn asking_changes_nothing_and_reaches_nothing_else() {
    let case = copy(false);
    let folder = arg(case.path());
    let own = case.path().join(".plainview");
    let state = || -> Vec<_> {
        let files = walk(&own).into_iter();
        files.map(|p| (fs::read(&p).unwrap(), p)).collect()
    };
    let before = state();
    let secret = case.path().join("secrets/salt");
    let salt = fs::read_to_string(&secret).unwrap();
    let never = case.path().join("never.csv");
    for sql in [
        format!("select * from '{}'", secret.display()),
        format!(
            "select * from '{}'",
            own.join("tables/objects/leaked-listing.parquet").display()
        ),
        format!(
            "create external table p stored as csv location '{}'",
            secret.display()
        ),
        format!("copy (select * from objects) to '{}'", never.display()),
        format!("copy objects to '{}' stored as parquet", never.display()),
        "create table t as select * from objects".to_owned(),
        "create view v as select 1".to_owned(),
        "drop view named_stores".to_owned(),
        "insert into objects select * from objects".to_owned(),
        "update objects set key = ''".to_owned(),
        "delete from objects".to_owned(),
        "set datafusion.catalog.information_schema = false".to_owned(),
        "select current_date".to_owned(),
        "select current_timestamp".to_owned(),
        "select now()".to_owned(),
        "select uuid()".to_owned(),
        "select random()".to_owned(),
        "select 1; select 2".to_owned(),
        "explain analyze select 1; drop table objects".to_owned(),
    ] {
        let ran = run(&["ask", folder, &sql]);
        assert_eq!(ran.code, 2, "{sql}: {}{}", ran.out, ran.err);
        assert!(ran.out.is_empty(), "{sql}: {}", ran.out);
        assert!(!ran.err.contains(salt.trim()) && !ran.err.contains("panicked"));
    }
    assert!(!never.exists());
    assert!(state() == before, "a question changed a file");
}

#[test]
fn a_bundle_may_come_from_standard_input() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../plainview_weigh/tests/data/golden_verdicts.json");
    let golden: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let (_, case) = golden.as_object().unwrap().iter().next().unwrap();
    let give = |text: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_plainview"))
            .args(["weigh", "-", "--json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        drop(input);
        child.wait_with_output().unwrap()
    };
    let output = give(&case["bundle"].to_string());
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (key, expected) in case["expect"].as_object().unwrap() {
        assert_eq!(&found[key], expected, "{key}");
    }
    for garbage in ["", "{", "[]", "null", "{\"claim\": 3}", "\u{0}\u{1}"] {
        let output = give(garbage);
        assert_eq!(output.status.code(), Some(2), "{garbage:?}");
        assert!(output.stdout.is_empty());
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(err.contains("is not a plainview.weigh/0 bundle"), "{err}");
    }
}

#[test]
fn unknown_names_are_answered_with_the_known_ones() {
    let case = demo_case();
    let ran = run(&["explain", arg(&case), "C9"]).code(2);
    assert!(
        ran.err.contains("C9") && ran.err.contains("C1, C2, C3, C4, C5"),
        "{}",
        ran.err
    );
    let ran = run(&["explain", arg(&case), "C1", "--without", "invoice"]).code(2);
    for known in [
        "`invoice`",
        "invoices",
        "inventory-tenant",
        "metering-tenant",
    ] {
        assert!(ran.err.contains(known), "no {known} in {}", ran.err);
    }
    let ran = run(&["records", arg(&case.join("case.toml")), "--format", "s3"]).code(2);
    assert!(ran.err.contains("s3-inventory"), "{}", ran.err);
}

#[test]
fn one_case_without_a_review_is_told_so() {
    let case = copy(true);
    for verb in [["explain", "C1"], ["ask", "select count(*) from objects"]] {
        let ran = run(&[verb[0], arg(case.path()), verb[1]]).code(2);
        assert!(ran.err.contains("plainview review"), "{}", ran.err);
        assert!(ran.out.is_empty(), "no count of what was never read");
    }
    assert!(!case.path().join(".plainview").exists());
}

#[test]
fn bills_meters_and_lists_are_compared_together_without_a_case() {
    let sources = demo_case().join("sources");
    let files = ["inventory-tenant", "invoices", "metering-tenant"].map(|n| sources.join(n));
    let mut args = vec!["reconcile", "--account", "aws/111122223333", "--json"];
    args.extend(files.iter().map(|p| arg(p)));
    let value = run(&args).code(1).json();
    let mut gaps: Vec<(String, String)> = Vec::new();
    for row in value["reconciliation"].as_array().unwrap() {
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        let tenant = row["account"] == "111122223333";
        if tenant && row["right"]["kind"] == "listed" && row["state"] == "gap" {
            gaps.push((text(&row["left"]["kind"]), text(&row["month"])));
        }
        // Without the bakery's listings nothing can be missing from them.
        assert!(tenant || row["state"] != "gap", "{row}");
    }
    gaps.sort();
    let wanted = [
        ("billed", "2025-02"),
        ("billed", "2025-03"),
        ("metered", "2025-02"),
        ("metered", "2025-03"),
    ];
    assert_eq!(gaps, wanted.map(|(k, m)| (k.to_owned(), m.to_owned())));
    // Every amount has its resolution beside it.
    for row in value["reconciliation"].as_array().unwrap() {
        assert!(
            row["resolution"].is_string() && row["tau"].is_string(),
            "{row}"
        );
    }
}
