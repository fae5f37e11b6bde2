//! The same number and address in every kind of record that can carry them: they are found nowhere, and
//! the same number still joins across records.

use std::fs;
use std::path::Path;

use plainview_synth::listings::{
    BlobEncoding, BlobInventory, ListingRow, S3Encoding, azure_blob_inventory,
};
use tempfile::TempDir;

use crate::world::{DAY_MS, JANUARY_MS, Ran, arg, edit, inventory, put, run, small_case, walk};

/// A fictional number: country code 999 is assigned to nobody.
const NUMBER: &str = "999972501234567";

/// What must appear nowhere, whatever stands between or around the digits.
const SECRETS: [&str; 5] = [
    "999972501234567",
    "9997250",
    "972-50-123",
    "jane.roe",
    "jane%2eroe",
];

const SOURCES: &str = r#"
[[source]]
id = "blobs"
format = "azure-blob-inventory"
files = ["sources/blobs"]
kind = "system-record"
custodian = "provider"
controller = "provider"
acquired_at = 2025-07-01T00:00:00Z
[[source]]
id = "bill"
format = "focus"
files = ["sources/bill"]
kind = "business-record"
custodian = "provider"
controller = "provider"
acquired_at = 2025-07-01T00:00:00Z
[[source]]
id = "mail"
format = "mail"
files = ["sources/mail"]
kind = "business-record"
custodian = "provider"
controller = "provider"
acquired_at = 2025-07-01T00:00:00Z
"#;

fn rows() -> Vec<ListingRow> {
    let keys = [
        format!("calls/{NUMBER}.opus"),
        format!("calls/+{NUMBER}/20250103T101500.opus"),
        format!("calls/tel%3A%2B{NUMBER}.opus"),
        format!("x{NUMBER}y{NUMBER}z"),
        "calls/999-972-50-123-4567.opus".to_owned(),
        "calls/(999) 972 50 1234567.opus".to_owned(),
        "box/jane.roe@example.org/a.mbox".to_owned(),
    ];
    keys.iter()
        .cycle()
        .take(350)
        .zip(0_i64..)
        .map(|(key, n)| ListingRow::new(format!("{n}/{key}"), 40_000, JANUARY_MS + n * DAY_MS / 30))
        .collect()
}

const FOCUS_HEADER: &str = "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,\
BillingPeriodStart,ChargeCategory,ChargeClass,ChargeDescription,ChargePeriodEnd,ChargePeriodStart,\
ConsumedQuantity,ConsumedUnit,ContractedCost,EffectiveCost,InvoiceIssuerName,ListCost,PricingQuantity,\
PricingUnit,ProviderName,PublisherName,ResourceId,ServiceCategory,ServiceName,SubAccountId,Tags";

fn bill_row(description: &str, resource: &str, tags: &str, quantity: &str) -> String {
    let tags = tags.replace('"', "\"\"");
    format!(
        "1.0,111122223333,A tenant,EUR,2025-02-01T00:00:00Z,2025-01-01T00:00:00Z,Usage,,{description},\
         2025-02-01T00:00:00Z,2025-01-01T00:00:00Z,{quantity},GB-Mo,1.0,1.0,A provider,1.0,{quantity},GB-Mo,AWS,\
         A provider,{resource},Storage,Object Storage,111122223333,\"{tags}\"\n"
    )
}

fn case() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    small_case(folder.path(), SOURCES);
    let sources = folder.path().join("sources");
    let at = JANUARY_MS + 20 * DAY_MS;
    let csv = S3Encoding::CsvGz {
        rows_per_member: 50,
    };
    put(
        &sources.join("inventory"),
        &inventory("fictional-a", at, csv, rows()),
    );
    let report = BlobInventory {
        account: "fictionalaccount",
        destination: "reports",
        rule: "everything",
        started_ms: at,
        encoding: BlobEncoding::Csv,
        rows_per_file: 1_000,
        versioned: false,
    };
    let blobs: Vec<(String, ListingRow)> = rows()
        .into_iter()
        .map(|row| ("fictional-b".to_owned(), row))
        .collect();
    put(
        &sources.join("blobs"),
        &azure_blob_inventory(&report, blobs).unwrap(),
    );
    fs::create_dir_all(sources.join("bill")).unwrap();
    let bill = [
        bill_row(
            &format!("storage for +{NUMBER}"),
            &format!("arn:aws:s3:::fictional-a/{NUMBER}"),
            &format!("{{\"owner\": \"jane.roe@example.org\", \"tel\": \"{NUMBER}\"}}"),
            "3",
        ),
        // Not a quantity: the row or its cell ends up in a notice.
        bill_row(NUMBER, NUMBER, NUMBER, &format!("about {NUMBER}")),
    ];
    fs::write(
        sources.join("bill/january.csv"),
        format!("{FOCUS_HEADER}\n{}", bill.concat()),
    )
    .unwrap();
    fs::create_dir_all(sources.join("mail")).unwrap();
    fs::write(
        sources.join("mail/1.eml"),
        format!(
            "From: \"Roe +{NUMBER}\" <jane.roe@example.org>\r\nTo: <{NUMBER}@example.net>\r\n\
             Date: about {NUMBER}\r\nSubject: =?utf-8?Q?call_=2B{NUMBER}?=\r\n\
             In-Reply-To: <jane.roe.{NUMBER}@example.org>\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n\
             <p>Call <a href=\"tel:+{NUMBER}\">999-972-50-123-4567</a>, jane.roe@example.org</p>\r\n\
             --b\r\nContent-Type: audio/ogg; name=\"{NUMBER}.opus\"\r\n\
             Content-Disposition: attachment; filename=\"{NUMBER}.opus\"\r\n\r\nx\r\n--b--\r\n"
        ),
    )
    .unwrap();
    folder
}

#[track_caller]
fn hides(what: &str, text: &str) {
    let lower = text.to_lowercase();
    for secret in SECRETS {
        if let Some(at) = lower.find(secret) {
            let from = lower[..at]
                .char_indices()
                .rev()
                .nth(80)
                .map_or(0, |(i, _)| i);
            panic!(
                "{what} shows {secret}: ...{}",
                &lower[from..at + secret.len()]
            );
        }
    }
}

#[track_caller]
fn hides_run(what: &str, ran: &Ran) {
    hides(what, &ran.out);
    hides(what, &ran.err);
}

fn hides_folder(folder: &Path) {
    for path in walk(folder) {
        let name = path.display().to_string();
        hides("a file name", &name);
        hides(&name, &String::from_utf8_lossy(&fs::read(&path).unwrap()));
    }
}

#[test]
fn the_records_themselves_do_hold_it() {
    let case = case();
    for name in ["mail/1.eml", "bill/january.csv"] {
        let text = fs::read_to_string(case.path().join("sources").join(name)).unwrap();
        for secret in [NUMBER, "jane.roe"] {
            assert!(text.contains(secret), "{name} does not hold {secret}");
        }
    }
    let caught = std::panic::catch_unwind(|| hides_folder(&case.path().join("sources/mail")));
    assert!(caught.is_err(), "the search finds it where it is");
}

#[test]
fn no_format_lets_it_through_to_any_table_page_or_file() {
    let case = case();
    let folder = arg(case.path());
    hides_run("review", &run(&["review", folder]));
    hides_folder(&case.path().join(".plainview"));
    for table in ["objects", "charges", "documents", "notices", "named_stores"] {
        let ran = run(&[
            "ask",
            folder,
            &format!("select * from {table}"),
            "--format",
            "json",
        ])
        .code(0);
        hides_run(table, &ran);
    }
    for verb in [
        vec!["explain", folder, "C1"],
        vec!["explain", folder, "C1", "--json"],
        vec!["check", folder],
        vec!["review", folder, "--json"],
        vec!["ask", folder],
    ] {
        hides_run(verb[0], &run(&verb));
    }
    // Something was read from each of them, so that there was something to hide.
    let sql = "select source_id, count(*) as n from objects group by 1 \
               union all select source_id, count(*) from charges group by 1 \
               union all select source_id, count(*) from documents group by 1 order by 1";
    let ran = run(&["ask", folder, sql, "--format", "csv"]).code(0);
    for line in ["blobs,350", "inventory,350", "mail,1", "bill,"] {
        assert!(ran.out.contains(line), "no {line} in {}", ran.out);
    }
}

#[test]
fn a_query_that_knows_the_number_learns_nothing_and_joins_still_work() {
    let case = case();
    let folder = arg(case.path());
    run(&["review", folder]);
    for sql in [
        format!("select count(*) as n from objects where key like '%{NUMBER}%'"),
        format!("select count(*) as n from charges where description like '%{NUMBER}%' or tags like '%{NUMBER}%' or resource_id like '%{NUMBER}%'"),
        "select count(*) as n from documents where text like '%jane.roe%' or subject like '%99997250%'".to_owned(),
        "select count(*) as n from objects where key like '%jane.roe%'".to_owned(),
    ] {
        let ran = run(&["ask", folder, &sql, "--format", "csv"]).code(0);
        assert_eq!(ran.out, "n\r\n0\r\n", "{sql}");
    }
    // One number is one token in a bucket of one provider, a container of another and a mail.
    let token = "with k as (select replace(split_part(key, '/', 3), '.opus', '') as t, source_id from objects \
                 where key like '%/calls/_______________.opus') \
                 select t, count(distinct source_id) as n from k group by t";
    let ran = run(&["ask", folder, token, "--format", "json"]).code(0);
    let value = ran.json();
    let tokens = value.as_array().unwrap();
    assert_eq!(tokens.len(), 1, "one number, one token: {value}");
    assert_eq!(tokens[0]["n"], 2, "the same in both providers' listings");
    let token = tokens[0]["t"].as_str().unwrap();
    let sql = format!("select count(*) as n from documents where subject like '%{token}%'");
    let ran = run(&["ask", folder, &sql, "--format", "csv"]).code(0);
    assert_eq!(ran.out, "n\r\n1\r\n");
}

#[test]
fn another_salt_gives_other_tokens() {
    let case = case();
    let keys = || {
        run(&["review", arg(case.path())]);
        let sql = "select key from objects order by source_id, row_no";
        run(&["ask", arg(case.path()), sql, "--format", "csv"])
            .code(0)
            .out
    };
    let first = keys();
    fs::write(case.path().join("secrets/salt"), "5e".repeat(32)).unwrap();
    let second = keys();
    assert_ne!(first, second);
    assert_eq!(first.len(), second.len(), "tokens keep their length");
}

#[test]
fn verbs_without_a_case_and_drafts_hide_it() {
    let case = case();
    let sources = case.path().join("sources");
    let all: Vec<_> = ["inventory", "blobs", "bill", "mail"]
        .iter()
        .map(|name| sources.join(name))
        .collect();
    let files: Vec<&str> = all.iter().map(|p| arg(p)).collect();
    for verb in [
        ["records"].as_slice(),
        &["records", "--json"],
        &["profile", "--json"],
        &["reconcile"],
    ] {
        let mut args = verb.to_vec();
        args.extend(&files);
        hides_run(verb[0], &run(&args));
    }
    let draft = case.path().join("draft");
    let mut args = vec!["new", arg(&draft), "--from"];
    args.extend(&files);
    hides_run("new", &run(&args));
    hides_folder(&draft);
    hides_run("check", &run(&["check", arg(&draft)]));
}

#[test]
fn a_sheet_without_a_header_gives_no_row_away() {
    let folder = tempfile::tempdir().unwrap();
    let sheet = folder.path().join("leak.csv");
    let row = format!("fictional-a,calls/{NUMBER}.opus,jane.roe@example.org,40000\n");
    fs::write(&sheet, row.repeat(5)).unwrap();
    hides_run("suggest", &run(&["records", "--suggest-map", arg(&sheet)]));
    hides_run(
        "focus",
        &run(&["records", arg(&sheet), "--format", "focus"]),
    );
    hides_run(
        "focus",
        &run(&["records", arg(&sheet), "--format", "focus", "--json"]),
    );
    hides_run("any", &run(&["records", arg(&sheet)]));
    hides_run(
        "blobs",
        &run(&["records", arg(&sheet), "--format", "azure-blob-inventory"]),
    );
    let schema = "Bucket, Key, Size, LastModifiedDate";
    hides_run(
        "s3",
        &run(&["records", arg(&sheet), "--schema", schema, "--json"]),
    );
    // The same file where a case says it is a bill.
    let case = case();
    fs::copy(&sheet, case.path().join("sources/bill/february.csv")).unwrap();
    hides_run("review", &run(&["review", arg(case.path())]).code(2));
    hides_folder(&case.path().join(".plainview"));
}

#[test]
fn an_address_of_a_party_becomes_the_party() {
    let case = case();
    edit(
        case.path(),
        "role = \"provider\"",
        "role = \"provider\"\naddresses = [\"jane.roe@example.org\"]",
    );
    hides_run("review", &run(&["review", arg(case.path())]));
    hides_folder(&case.path().join(".plainview/tables"));
    let sql = "select from_party from documents";
    let ran = run(&["ask", arg(case.path()), sql, "--format", "csv"]).code(0);
    assert_eq!(ran.out, "from_party\r\nprovider\r\n");
    let sql = "select count(*) as n from objects where key like '%box/provider/%'";
    let ran = run(&["ask", arg(case.path()), sql, "--format", "csv"]).code(0);
    assert_eq!(ran.out, "n\r\n100\r\n");
}
