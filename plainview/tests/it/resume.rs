//! A review goes on where it stopped, and runs no step twice.

use std::fs;
use std::path::Path;

use crate::world::{arg, copy, review_json, run, verdict, walk};

/// The eight sources of the demo, then the four steps over all of them.
const STEPS: [&str; 12] = [
    "audit-listing",
    "inventory-bakery",
    "inventory-tenant",
    "invoices",
    "leaked-listing",
    "mail-sales",
    "mail-support",
    "metering-tenant",
    "profile",
    "coverage",
    "facts",
    "weigh",
];

/// The steps that a review did run.
fn ran_again(case: &Path) -> Vec<&'static str> {
    let ran = run(&["review", arg(case)]);
    assert!(ran.code < 2, "{}", ran.err);
    STEPS
        .into_iter()
        .filter(|step| !ran.err.contains(&format!("{step}: unchanged")))
        .collect()
}

fn published(case: &Path) -> (Vec<u8>, Vec<u8>) {
    let out = case.join(".plainview/out");
    (
        fs::read(out.join("review.json")).unwrap(),
        fs::read(out.join("report.html")).unwrap(),
    )
}

#[test]
fn a_step_whose_file_is_lost_is_the_only_one_that_runs() {
    let case = copy(false);
    let own = case.path().join(".plainview");
    let before = published(case.path());
    assert!(ran_again(case.path()).is_empty());
    for (file, step) in [
        ("tables/charges/invoices.parquet", "invoices"),
        ("tables/documents/mail-sales.parquet", "mail-sales"),
        ("profile/profiles.json", "profile"),
        ("out/facts.json", "facts"),
        ("out/verdicts.json", "weigh"),
    ] {
        fs::remove_file(own.join(file)).unwrap();
        // A step that gives the same bytes again leaves everything after it fresh.
        assert_eq!(ran_again(case.path()), [step], "after losing {file}");
        assert!(published(case.path()) == before, "after losing {file}");
    }
}

#[test]
fn a_table_that_was_touched_is_made_again() {
    let case = copy(false);
    let path = case
        .path()
        .join(".plainview/tables/charges/invoices.parquet");
    let before = fs::read(&path).unwrap();
    fs::write(&path, &before[..before.len() / 2]).unwrap();
    assert_eq!(ran_again(case.path()), ["invoices"]);
    assert!(fs::read(&path).unwrap() == before);
}

#[test]
fn what_was_weighed_is_weighed_again_when_its_input_is_lost() {
    let case = copy(false);
    fs::remove_file(case.path().join(".plainview/out/weigh/C1.json")).unwrap();
    run(&["review", arg(case.path())]).code(1);
    run(&["explain", arg(case.path()), "C1"]).code(1);
}

#[test]
fn a_changed_record_runs_what_depends_on_it_and_nothing_else() {
    let case = copy(false);
    let mail = walk(&case.path().join("sources/mail-support"))[0].clone();
    let mut text = fs::read(&mail).unwrap();
    text.extend(b"\r\nP.S. One more line.\r\n");
    fs::write(&mail, text).unwrap();
    let again = ran_again(case.path());
    assert!(again.contains(&"mail-support"), "{again:?}");
    for step in STEPS
        .iter()
        .filter(|s| s.contains("list") || s.contains("inv"))
    {
        assert!(!again.contains(step), "{step} was read again");
    }
    let review = review_json(case.path());
    let sources = review["sources"].as_array().unwrap();
    let source = sources.iter().find(|s| s["id"] == "mail-support").unwrap();
    assert_eq!(
        source["integrity"], "unverified",
        "other bytes than declared"
    );
    assert!(ran_again(case.path()).is_empty());
}

#[test]
fn a_changed_question_opens_no_record_again() {
    let case = copy(false);
    crate::world::edit(
        case.path(),
        "template = \"not-in-region eu-north-1\"",
        "template = \"not-in-region eu-central-1\"",
    );
    let again = ran_again(case.path());
    assert_eq!(again, ["facts", "weigh"]);
    assert_ne!(
        verdict(&review_json(case.path()), "C4")["outcome"],
        "supported",
        "the bakery does keep data there"
    );
}

#[test]
fn two_reviews_of_one_case_are_kept_apart() {
    let case = copy(false);
    let lock = fs::File::create(case.path().join(".plainview/lock")).unwrap();
    lock.lock().unwrap();
    let ran = run(&["review", arg(case.path())]).code(2);
    assert!(ran.err.contains("another plainview"), "{}", ran.err);
    drop(lock);
    run(&["review", arg(case.path())]).code(1);
}

#[test]
fn a_demo_that_is_there_is_not_made_again() {
    let case = copy(false);
    let before = published(case.path());
    let ran = run(&["demo", arg(case.path())]).code(0);
    assert!(
        !ran.err.contains("writing fictional records"),
        "{}",
        ran.err
    );
    assert_eq!(ran.err.matches("unchanged").count(), STEPS.len());
    assert!(published(case.path()) == before);
}
