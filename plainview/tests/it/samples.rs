//! Real samples, held to more than a count: the same rows whatever the encoding, the same collections
//! whatever the envelope, and a refusal that names what is missing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use plainview_synth::listings::{
    BlobEncoding, BlobInventory, ListingRow, S3Encoding, azure_blob_inventory,
};
use serde_json::Value;

use crate::world::{DAY_MS, JANUARY_MS, arg, inventory, put, review_json, run, shared, small_case};

/// A further source of a small case.
fn source(id: &str, format: &str, files: &str) -> String {
    format!(
        "[[source]]\nid = \"{id}\"\nformat = \"{format}\"\nfiles = [\"{files}\"]\nkind = \"system-record\"\n\
         custodian = \"provider\"\ncontroller = \"provider\"\nacquired_at = 2025-07-01T00:00:00Z\n\
         {}",
        if format == "s3-inventory" {
            "account = \"aws/111122223333\"\n"
        } else {
            ""
        }
    )
}

#[test]
fn the_three_encodings_of_one_real_inventory_give_the_same_rows() {
    let Some(folder) = shared("aws_s3_inventory/orcabus-filemanager") else {
        return;
    };
    let case = tempfile::tempdir().unwrap();
    let encodings = ["csv", "orc", "parquet"];
    let more =
        encodings.map(|e| source(e, "s3-inventory", &format!("{e}_inventory_manifest.json")));
    small_case(case.path(), &more.concat());
    let csv = S3Encoding::CsvGz {
        rows_per_member: 10,
    };
    let one = vec![ListingRow::new("a", 1, JANUARY_MS)];
    put(
        &case.path().join("sources/inventory"),
        &inventory("fictional", JANUARY_MS, csv, one),
    );
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        fs::write(
            case.path().join(entry.file_name()),
            fs::read(entry.path()).unwrap(),
        )
        .unwrap();
    }
    run(&["review", arg(case.path())]).code(0);
    let table = |source: &str| {
        let sql = format!(
            "select provider, account, container, region, snapshot_at, key, version_id, state, size, created_at, \
             modified_at, etag, content_type, tier, blob_type, is_multipart, encryption, retain_until, legal_hold, \
             replication from objects where source_id = '{source}' order by key, version_id, state, size"
        );
        run(&["ask", arg(case.path()), &sql, "--format", "csv"])
            .code(0)
            .out
    };
    let csv = table("csv");
    assert_eq!(csv.lines().count(), 6, "a header and five versions:\n{csv}");
    assert_eq!(csv.matches(",delete_marker,").count(), 1, "{csv}");
    assert_eq!(csv, table("orc"));
    assert_eq!(csv, table("parquet"));
}

/// The mandatory columns of FOCUS 1.0 that `header` has not.
fn missing_columns(folder: &Path, header: &str) -> Vec<String> {
    let table = fs::read_to_string(folder.join("focus-1.2-columns.tsv")).unwrap();
    let has: Vec<&str> = header
        .trim_start_matches('\u{feff}')
        .trim()
        .split(',')
        .map(|name| name.trim_matches('"'))
        .collect();
    table
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|cells| cells[2] == "Mandatory" && !has.contains(&cells[0]))
        .map(|cells| cells[0].to_owned())
        .collect()
}

#[test]
fn what_is_no_focus_export_is_refused_with_every_missing_column_named() {
    let Some(folder) = shared("focus") else {
        return;
    };
    let native = folder.join("focus_converters/focus_converter_base/tests/provider_config_tests");
    let mut files: Vec<_> = fs::read_dir(folder.join("focus-spec-validator/tests/samples"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "csv"))
        .collect();
    assert_eq!(files.len(), 5);
    files.push(native.join("aws/sample-anonymous-aws-export-dataset.csv"));
    files.push(native.join("azure/sample-anonymous-ea-export-dataset.csv"));
    files.push(native.join("oci/reports_cost-csv_0000000030000269.csv"));
    for file in files {
        let ran = run(&["records", arg(&file), "--format", "focus", "--json"]).code(2);
        let bytes = fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let missing = missing_columns(&folder, text.lines().next().unwrap());
        assert!(missing.len() > 5, "{}: {missing:?}", file.display());
        let value = ran.json();
        let notices = value["notices"].as_array().unwrap();
        let refusal = notices.iter().find(|n| n["effect"] == "lost").unwrap();
        for column in missing {
            assert!(
                refusal["message"].as_str().unwrap().contains(&column),
                "{}: {column} is missing and not named in {refusal}",
                file.display()
            );
        }
        assert!(value["groups"][0]["rows"]["charges"].is_null());
    }
    // A Parquet file of the standard's first drafts is no FOCUS 1.x either.
    let parquet = folder.join("focus-spec-validator/tests/samples/sample.parquet");
    let ran = run(&["records", arg(&parquet), "--format", "focus"]).code(2);
    assert!(ran.out.contains("mandatory FOCUS columns"), "{}", ran.out);
}

#[test]
fn what_formats_predicts_of_the_focus_sample_is_noticed() {
    let Some(folder) = shared("focus") else {
        return;
    };
    let sample = folder.join("focus_1.0_sample_300.csv");
    let value = run(&["records", arg(&sample), "--format", "focus", "--json"])
        .code(0)
        .json();
    let notices = value["notices"].as_array().unwrap();
    let of = |code: &str| -> Vec<&Value> { notices.iter().filter(|n| n["code"] == code).collect() };
    let unread = of("focus-unread-columns");
    assert!(unread[0]["message"].as_str().unwrap().contains(", Id,"));
    // No zone on any of the four date-time columns of all 300 rows, and ARNs broken by anonymisation.
    let zones = of("focus-time-without-zone");
    assert_eq!(zones.len(), 4);
    assert!(zones.iter().all(|n| n["rows_affected"] == 300));
    let text = fs::read_to_string(&sample).unwrap();
    let broken = text.lines().filter(|l| l.contains("arn:ats:")).count();
    assert!(broken > 0);
    assert!(of("focus-broken-arn")[0]["rows_affected"].as_u64().unwrap() >= broken as u64);
    assert!(notices.iter().all(|n| n["effect"] != "lost"));
    assert_eq!(value["groups"][0]["rows"]["charges"], 300);
}

/// Template, objects and bytes of every collection of a store.
fn collections(store: &Value) -> BTreeSet<(String, u64, u64)> {
    let number = |v: &Value| v.as_u64().unwrap();
    let list = store["collections"].as_array().unwrap();
    list.iter()
        .map(|c| {
            let template = c["template"].as_str().unwrap().to_owned();
            (template, number(&c["objects"]), number(&c["bytes"]))
        })
        .collect()
}

#[test]
fn the_same_listing_shows_the_same_collections_in_either_envelope() {
    let Some(folder) = shared("listings") else {
        return;
    };
    let case = tempfile::tempdir().unwrap();
    small_case(
        case.path(),
        &source("blobs", "azure-blob-inventory", "sources/blobs"),
    );
    let at = JANUARY_MS + 20 * DAY_MS;
    let mut blobs = Vec::new();
    for file in [
        "pdf_corpus__verapdf",
        "source_code__rust-analyzer",
        "meg__openneuro-ds000247",
    ] {
        let name = file.replace("__", "-").replace('_', "-");
        let mut rows = Vec::new();
        let path = folder.join(format!("{file}.csv"));
        for record in csv::Reader::from_path(&path).unwrap().records() {
            let record = record.unwrap();
            let modified: jiff::Timestamp = record[2].parse().unwrap();
            let mut row = ListingRow::new(&record[0], 0, modified.as_millisecond());
            row.size = record[1].parse().ok();
            rows.push(row);
        }
        blobs.extend(rows.iter().map(|row| (name.clone(), row.clone())));
        let encoding = S3Encoding::CsvGz {
            rows_per_member: 1_000,
        };
        let files = inventory(&name, at, encoding, rows);
        put(&case.path().join("sources/inventory").join(&name), &files);
    }
    let report = BlobInventory {
        account: "fictionalaccount",
        destination: "reports",
        rule: "everything",
        started_ms: at,
        encoding: BlobEncoding::Parquet,
        rows_per_file: 5_000,
        versioned: false,
    };
    put(
        &case.path().join("sources/blobs"),
        &azure_blob_inventory(&report, blobs).unwrap(),
    );
    run(&["review", arg(case.path())]).code(0);
    let review = review_json(case.path());
    let stores = review["stores"].as_array().unwrap();
    assert_eq!(stores.len(), 6);
    for store in stores.iter().filter(|s| s["provider"] == "aws") {
        let twin = stores
            .iter()
            .find(|s| s["provider"] == "azure" && s["container"] == store["container"]);
        let (one, other) = (collections(store), collections(twin.unwrap()));
        let differ: Vec<_> = one.symmetric_difference(&other).collect();
        assert!(differ.is_empty(), "{}: {differ:#?}", store["container"]);
    }
}

/// Rows of each format's group in what `records --json` prints.
fn group_rows(value: &Value, format: &str) -> u64 {
    let groups = value["groups"].as_array().unwrap();
    let found = groups.iter().filter(|group| group["format"] == format);
    found
        .flat_map(|group| group["files"].as_array().unwrap())
        .map(|file| file["rows"].as_u64().unwrap_or_default())
        .sum()
}

#[test]
fn everything_at_once_is_recognised_read_or_listed() {
    let Some(folder) = shared("") else { return };
    let ran = run(&["records", "--format", "auto", "--json", arg(&folder)]).code(2);
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    let value = ran.json();
    // What each file is, and every record's row or notice, is held against a table in the tests of the readers. Here:
    // the totals that the samples' README gives, less the test events that are no whole records.
    for (format, rows) in [
        ("s3-inventory", 5 + 5 + 5 + 2),
        ("focus", 300),
        ("cloudtrail", 2_900 + 310 + 461 - 17),
        ("s3-access-log", 18 + 3 + 16 - 5),
        ("azure-activity", 214 + 2),
        ("azure-resource-graph", 1),
        ("storage-blob-logs", 3),
        ("gcp-audit", 3 + 143 - 15 + 25 - 8),
        ("mail", 100),
    ] {
        assert_eq!(group_rows(&value, format), rows, "{format}");
    }
    let unknown = value["unrecognised"].as_array().unwrap();
    let has = |end: &str| {
        unknown
            .iter()
            .any(|name| name.as_str().unwrap().ends_with(end))
    };
    assert!(
        has("listings/pdf_corpus__verapdf.csv")
            && has("panther_rule_test_events/azure_signin.jsonl")
    );
    assert!(!has("emails.zip"), "an archive is what is in it");
    let because = value["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| g["because"].as_str().unwrap());
    assert!(because.clone().count() >= 12 && because.clone().all(|why| !why.is_empty()));
}
