//! A telephone number or an address in records is found in no output, table or file of ours.

use std::fs;

use plainview_synth::listings::{ListingRow, S3Encoding};
use tempfile::TempDir;

use crate::world::{DAY_MS, JANUARY_MS, Ran, arg, inventory, put, run, small_case, walk};

/// A fictional number: country code 999 is assigned to nobody.
const NUMBER: &str = "999972501234";

/// What must appear nowhere.
const SECRETS: &[&str] = &[
    "999972501234",
    "97250123",
    "972-50-123",
    "jane.doe",
    "jane%2edoe",
    "janedoe",
    "٩٩٩٩٧٢",
];

const MAIL_SOURCE: &str = r#"
[[source]]
id = "mail"
format = "mail"
files = ["sources/mail"]
kind = "business-record"
custodian = "provider"
controller = "provider"
acquired_at = 2025-07-01T00:00:00Z
[[source]]
id = "bill"
format = "table"
files = ["sources/bill.csv"]
kind = "business-record"
custodian = "provider"
controller = "provider"
acquired_at = 2025-07-01T00:00:00Z
[source.map]
table = "charges"
[source.map.columns]
provider = { value = "aws" }
billing_account = { value = "111122223333" }
account = { value = "111122223333" }
service_category = { value = "Storage" }
service_name = { value = "Object Storage" }
charge_category = { value = "Usage" }
invoice_issuer = { value = "A provider (fictional)" }
currency = { value = "EUR" }
description = "What"
charge_start = "From"
charge_end = "To"
billing_start = "From"
billing_end = "To"
consumed_quantity = "GB-Mo"
consumed_unit = { value = "GB-Mo" }
tags = "Tags"
"#;

fn case() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    small_case(folder.path(), MAIL_SOURCE);
    let keys = [
        format!("calls/{NUMBER}.opus"),
        format!("calls/+{NUMBER}_20250103101500.opus"),
        "calls/999-972-50-123-4567/a.opus".to_owned(),
        format!("calls/ab{NUMBER}cd.opus"),
        "calls/\u{669}\u{669}\u{669}\u{669}\u{667}\u{662}\u{665}\u{660}\u{661}\u{662}\u{663}\u{664}.opus".to_owned(),
        "mail/jane.doe@example.org/inbox.mbox".to_owned(),
        "mail/jane.doe%40example.org/inbox.mbox".to_owned(),
    ];
    let rows = || {
        keys.iter()
            .cycle()
            .take(700)
            .enumerate()
            .map(|(n, key)| {
                let at = JANUARY_MS + i64::try_from(n).unwrap() * DAY_MS / 30;
                ListingRow::new(format!("{n}/{key}"), 40_000, at)
            })
            .collect::<Vec<_>>()
    };
    let sources = folder.path().join("sources");
    let csv = S3Encoding::CsvGz {
        rows_per_member: 500,
    };
    put(
        &sources.join("inventory/a"),
        &inventory("fictional-a", JANUARY_MS + 20 * DAY_MS, csv, rows()),
    );
    let parquet = S3Encoding::Parquet;
    put(
        &sources.join("inventory/b"),
        &inventory("fictional-b", JANUARY_MS + 20 * DAY_MS, parquet, rows()),
    );
    fs::create_dir_all(sources.join("mail")).unwrap();
    let mail = format!(
        "From: Jane Doe <jane.doe@example.org>\r\nTo: ops@example.net\r\nDate: Mon, 6 Jan 2025 10:00:00 +0000\r\n\
         Subject: call me on +{NUMBER}\r\nMessage-ID: <jane.doe.{NUMBER}@example.org>\r\n\r\n\
         My number is {NUMBER}, or 999-972-50-123-4567. Write to jane.doe@example.org.\r\n"
    );
    fs::write(sources.join("mail/1.eml"), mail).unwrap();
    let bill = format!(
        "What,From,To,GB-Mo,Tags\nstorage for +{NUMBER},2025-01-01T00:00:00Z,2025-02-01T00:00:00Z,3,\"{{\"\"owner\"\": \"\"jane.doe@example.org\"\"}}\"\n\
         {NUMBER},not a date {NUMBER},2025-02-01T00:00:00Z,3,\n"
    );
    fs::write(sources.join("bill.csv"), bill).unwrap();
    folder
}

#[track_caller]
fn hides(what: &str, text: &str) {
    let lower = text.to_lowercase();
    for secret in SECRETS {
        assert!(!lower.contains(secret), "{what} shows {secret}");
    }
}

fn hides_run(what: &str, ran: &Ran) {
    hides(what, &ran.out);
    hides(what, &ran.err);
}

#[test]
fn a_number_known_to_be_in_the_keys_is_found_nowhere() {
    let case = case();
    let folder = arg(case.path());
    // A row of the bill is bad on purpose, so that its text could reach a notice.
    hides_run("review", &run(&["review", folder]).code(2));
    hides_run("explain", &run(&["explain", folder, "C1"]).code(0));
    for table in [
        "objects",
        "metering",
        "charges",
        "documents",
        "notices",
        "latest_objects",
    ] {
        for format in ["text", "csv", "json"] {
            let sql = format!("select * from {table}");
            let ran = run(&["ask", folder, &sql, "--format", format]).code(0);
            hides_run(table, &ran);
        }
    }
    let count = run(&[
        "ask",
        folder,
        "select count(*) as n from objects",
        "--format",
        "csv",
    ])
    .code(0);
    assert_eq!(count.out, "n\r\n1400\r\n", "the rows are there, masked");
    let search = format!("select key from objects where key like '%{NUMBER}%'");
    assert_eq!(
        run(&["ask", folder, &search, "--format", "csv"])
            .code(0)
            .out,
        "key\r\n"
    );
    for path in walk(&case.path().join(".plainview")) {
        let bytes = fs::read(&path).unwrap();
        hides(
            &path.display().to_string(),
            &String::from_utf8_lossy(&bytes),
        );
    }
    let export = case.path().join("objects.parquet");
    run(&[
        "ask",
        folder,
        "select * from objects",
        "--format",
        "parquet",
        "--output",
        arg(&export),
    ])
    .code(0);
    hides(
        "export",
        &String::from_utf8_lossy(&fs::read(export).unwrap()),
    );
}

#[test]
fn verbs_without_a_case_hide_it_too() {
    let case = case();
    let sources = case.path().join("sources");
    let inventory = sources.join("inventory");
    for args in [
        vec!["records", arg(&inventory), arg(&sources.join("mail"))],
        vec!["records", arg(&inventory), "--json"],
        vec!["profile", arg(&inventory)],
        vec!["profile", arg(&inventory), "--json"],
    ] {
        hides_run(args[0], &run(&args).code(0));
    }
}

#[test]
fn what_is_published_of_such_records_knows_no_salt() {
    let case = case();
    let out = case.path().join(".plainview/out");
    let published = || {
        run(&["review", arg(case.path())]).code(2);
        (
            fs::read(out.join("review.json")).unwrap(),
            fs::read(out.join("report.html")).unwrap(),
        )
    };
    let first = published();
    fs::write(case.path().join("secrets/salt"), "7c".repeat(32)).unwrap();
    assert!(published() == first, "another salt gives other bytes");
}
