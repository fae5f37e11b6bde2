//! Damage in every kind of record, and a file that really cannot be read: each is named in the report,
//! the rest is used, the run completes, and a loss that the register expects changes no exit code.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::world::{arg, copy, edit, page, review_json, run, walk};

/// The demo as it is judged without damage.
const UNDAMAGED: i32 = 1;

fn source<'a>(review: &'a Value, id: &str) -> &'a Value {
    let sources = review["sources"].as_array().unwrap();
    sources.iter().find(|s| s["id"] == id).unwrap()
}

/// Files of one source of a case whose name ends so.
fn files(case: &Path, source: &str, end: &str) -> Vec<PathBuf> {
    walk(&case.join("sources").join(source))
        .into_iter()
        .filter(|p| p.to_str().unwrap().ends_with(end))
        .collect()
}

fn halve(path: &Path) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}

/// Reviews, and wants a loss in `id`, shown on the page with its file, while every claim keeps an outcome.
#[track_caller]
fn loses(case: &Path, id: &str, file: &str) -> Vec<String> {
    let ran = run(&["review", arg(case)]).code(2);
    assert!(ran.out.contains("The report: "), "{}", ran.out);
    let review = review_json(case);
    assert_eq!(review["claims"].as_array().unwrap().len(), 5);
    let groups = review["coverage"]["groups"].as_array().unwrap();
    let lost: Vec<&Value> = groups
        .iter()
        .filter(|g| g["effect"] == "lost" && g["source"] == id)
        .collect();
    assert!(!lost.is_empty(), "nothing is lost in {id}: {groups:?}");
    let page = page(case);
    for group in &lost {
        assert_eq!(group["expected"], false);
        assert!(!group["message"].as_str().unwrap().is_empty());
        let places = group["examples"].to_string();
        assert!(places.contains(file), "{file} is not in {places}");
        assert!(page.contains(group["code"].as_str().unwrap()));
    }
    assert!(page.contains(file), "the page does not name {file}");
    assert!(source(&review, id)["notices"]["lost"].as_u64().unwrap() > 0);
    lost.iter()
        .map(|g| g["code"].as_str().unwrap().to_owned())
        .collect()
}

#[track_caller]
fn expecting(case: &Path, id: &str, codes: &[String], exit: i32) {
    let list: Vec<String> = codes.iter().map(|code| format!("\"{code}\"")).collect();
    edit(
        case,
        &format!("[[source]]\nid = \"{id}\"\n"),
        &format!(
            "[[source]]\nid = \"{id}\"\nexpected_notices = [{}]\n",
            list.join(", ")
        ),
    );
    let ran = run(&["review", arg(case)]);
    assert_eq!(ran.code, exit, "{}{}", ran.out, ran.err);
    let review = review_json(case);
    let groups = review["coverage"]["groups"].as_array().unwrap();
    let lost = groups.iter().filter(|g| g["effect"] == "lost");
    assert!(lost.clone().all(|g| g["expected"] == true));
    assert!(lost.count() > 0, "an expected loss is still shown");
}

#[test]
fn a_file_that_points_nowhere_cannot_be_read_and_is_named() {
    let case = copy(true);
    let path = files(case.path(), "metering-tenant", ".jsonl")[0].clone();
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/nonexistent/elsewhere", &path).unwrap();
    let codes = loses(case.path(), "metering-tenant", "account-storage.jsonl");
    assert!(
        source(&review_json(case.path()), "metering-tenant")["tables"]["metering"].is_null(),
        "nothing of it was read"
    );
    // Without the meter no second custodian speaks against the list: nothing is contradicted.
    expecting(case.path(), "metering-tenant", &codes, 0);
}

#[test]
fn a_bill_cut_in_the_middle_of_a_row_loses_that_row() {
    let case = copy(true);
    let path = files(case.path(), "invoices", "2025-03.csv")[0].clone();
    let text = fs::read_to_string(&path).unwrap();
    let at = text.rfind("111122223333").unwrap();
    fs::write(&path, &text[..at]).unwrap();
    let before = review_json(&crate::world::demo_case());
    loses(case.path(), "invoices", "2025-03.csv");
    let after = review_json(case.path());
    let rows = |review: &Value| {
        source(review, "invoices")["tables"]["charges"]
            .as_u64()
            .unwrap()
    };
    assert!(rows(&after) < rows(&before) && rows(&after) > 0);
    assert_eq!(source(&after, "invoices")["integrity"], "unverified");
}

#[test]
fn a_parquet_listing_cut_in_half_is_lost_and_the_others_are_used() {
    let case = copy(true);
    let path = files(case.path(), "audit-listing", ".parquet")[0].clone();
    halve(&path);
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let codes = loses(case.path(), "audit-listing", &name);
    let review = review_json(case.path());
    let rows = &source(&review, "audit-listing")["tables"]["objects"];
    assert!(rows.as_u64().unwrap() > 20_000, "{rows}");
    expecting(case.path(), "audit-listing", &codes, UNDAMAGED);
}

#[test]
fn a_meter_line_that_is_no_json_is_lost_alone() {
    let case = copy(true);
    let path = files(case.path(), "metering-tenant", ".jsonl")[0].clone();
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[5] = "{\"namespace\": \"AWS/S3\", ";
    fs::write(&path, lines.join("\n")).unwrap();
    let codes = loses(case.path(), "metering-tenant", "account-storage.jsonl");
    let review = review_json(case.path());
    let rows = &source(&review, "metering-tenant")["tables"]["metering"];
    let before = review_json(&crate::world::demo_case());
    let all = &source(&before, "metering-tenant")["tables"]["metering"];
    let lost = all.as_u64().unwrap() - rows.as_u64().unwrap();
    assert!((1..=10).contains(&lost), "{lost} readings are lost");
    assert!(!codes.is_empty());
}

#[test]
fn a_mailbox_cut_in_half_keeps_the_mails_before_the_cut() {
    let case = copy(true);
    let path = files(case.path(), "mail-sales", ".mbox")[0].clone();
    halve(&path);
    let ran = run(&["review", arg(case.path())]);
    assert!(ran.code == 1 || ran.code == 2, "{}", ran.err);
    let review = review_json(case.path());
    let kept = &source(&review, "mail-sales")["tables"]["documents"];
    assert!((1..=4).contains(&kept.as_u64().unwrap()), "{kept}");
    assert_eq!(source(&review, "mail-sales")["integrity"], "unverified");
}

#[test]
fn a_sheet_row_that_is_no_row_is_lost_with_its_number() {
    let case = copy(true);
    let path = files(case.path(), "leaked-listing", ".csv")[0].clone();
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let cells = lines[0].split(',').count();
    lines[10] = "many,".repeat(cells - 1) + "many";
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    let codes = loses(case.path(), "leaked-listing", "archive-n1-objects.csv");
    let review = review_json(case.path());
    let groups = review["coverage"]["groups"].as_array().unwrap();
    let group = groups
        .iter()
        .find(|g| g["code"] == codes[0].as_str() && g["source"] == "leaked-listing");
    assert_eq!(group.unwrap()["examples"][0]["row"], 10);
    expecting(case.path(), "leaked-listing", &codes, UNDAMAGED);
}

#[test]
fn a_checksum_of_the_manifest_that_is_wrong_is_noticed() {
    let case = copy(true);
    let path = files(case.path(), "inventory-bakery", "manifest.checksum")[0].clone();
    fs::write(&path, "00000000000000000000000000000000\n").unwrap();
    run(&["review", arg(case.path())]);
    let review = review_json(case.path());
    let groups = review["coverage"]["groups"].as_array().unwrap();
    let about: Vec<&Value> = groups
        .iter()
        .filter(|g| g["source"] == "inventory-bakery" && g["effect"] != "unread")
        .collect();
    assert!(
        about
            .iter()
            .any(|g| g["examples"].to_string().contains("manifest")),
        "{groups:?}"
    );
    assert_eq!(
        source(&review, "inventory-bakery")["integrity"],
        "unverified"
    );
}

#[test]
fn an_expected_loss_hides_no_other() {
    let case = copy(true);
    fs::remove_dir_all(case.path().join("sources/mail-support")).unwrap();
    let codes = loses(case.path(), "mail-support", "mail-support");
    let path = files(case.path(), "audit-listing", ".parquet")[0].clone();
    halve(&path);
    // What is expected of one source is not expected of another.
    expecting_still_two(case.path(), "mail-support", &codes);
}

#[track_caller]
fn expecting_still_two(case: &Path, id: &str, codes: &[String]) {
    let list: Vec<String> = codes.iter().map(|code| format!("\"{code}\"")).collect();
    edit(
        case,
        &format!("[[source]]\nid = \"{id}\"\n"),
        &format!(
            "[[source]]\nid = \"{id}\"\nexpected_notices = [{}]\n",
            list.join(", ")
        ),
    );
    run(&["review", arg(case)]).code(2);
}

#[test]
fn the_verbs_without_a_case_say_it_too() {
    let case = copy(true);
    let path = files(case.path(), "audit-listing", ".parquet")[0].clone();
    halve(&path);
    let folder = case.path().join("sources/audit-listing");
    for verb in ["records", "profile"] {
        let ran = run(&[verb, arg(&folder)]).code(2);
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(
            ran.out.contains("lost ") && ran.out.contains(name),
            "{verb}: {}",
            ran.out
        );
    }
    let ran = run(&["records", arg(&case.path().join("nothing"))]).code(2);
    assert!(ran.err.contains("does not exist"), "{}", ran.err);
}
