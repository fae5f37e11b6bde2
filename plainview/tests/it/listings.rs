//! Real object listings in the envelopes of two providers: names, sizes and times are real, the
//! envelope is made here.

use std::fs;

use plainview_synth::listings::{
    BlobEncoding, BlobInventory, ListingRow, S3Encoding, azure_blob_inventory,
};

use crate::world::{
    DAY_MS, JANUARY_MS, arg, inventory, page, put, review_json, run, shared, small_case,
};

const AZURE_SOURCE: &str = r#"
[[source]]
id = "blobs"
format = "azure-blob-inventory"
files = ["sources/blobs"]
kind = "system-record"
custodian = "provider"
controller = "provider"
acquired_at = 2025-07-01T00:00:00Z
"#;

/// Every listing with its rows.
fn listings() -> Option<Vec<(String, Vec<ListingRow>)>> {
    let folder = shared("listings")?;
    let mut all = Vec::new();
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        let name = path
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .replace("__", "-")
            .replace('_', "-");
        let mut rows = Vec::new();
        for record in csv::Reader::from_path(&path).unwrap().records() {
            let record = record.unwrap();
            let modified: jiff::Timestamp = record[2].parse().unwrap();
            let mut row = ListingRow::new(&record[0], 0, modified.as_millisecond());
            row.size = record[1].parse().ok();
            rows.push(row);
        }
        all.push((name, rows));
    }
    Some(all)
}

#[test]
fn real_listings_are_reviewed_end_to_end_in_both_envelopes() {
    let Some(listings) = listings() else { return };
    let folder = tempfile::tempdir().unwrap();
    small_case(folder.path(), AZURE_SOURCE);
    let at = JANUARY_MS + 20 * DAY_MS;
    let mut blobs = Vec::new();
    for (number, (name, rows)) in listings.iter().enumerate() {
        let encoding = if number % 2 == 0 {
            S3Encoding::CsvGz {
                rows_per_member: 777,
            }
        } else {
            S3Encoding::Parquet
        };
        let files = inventory(name, at, encoding, rows.clone());
        put(&folder.path().join("sources/inventory").join(name), &files);
        blobs.extend(rows.iter().map(|row| (name.clone(), row.clone())));
    }
    let report = BlobInventory {
        account: "fictionalaccount",
        destination: "reports",
        rule: "everything",
        started_ms: at,
        encoding: BlobEncoding::Csv,
        rows_per_file: 5_000,
        versioned: false,
    };
    put(
        &folder.path().join("sources/blobs"),
        &azure_blob_inventory(&report, blobs).unwrap(),
    );
    run(&["review", arg(folder.path())]).code(0);
    let review = review_json(folder.path());
    let stores = review["stores"].as_array().unwrap();
    assert_eq!(stores.len(), 2 * listings.len());
    let page = page(folder.path());
    let mut named = 0;
    for store in stores {
        let container = store["container"].as_str().unwrap();
        let (_, rows) = listings.iter().find(|(name, _)| name == container).unwrap();
        assert_eq!(store["objects"], rows.len());
        let bytes: u64 = rows.iter().filter_map(|row| row.size).sum();
        assert_eq!(store["bytes"], bytes);
        assert!(page.contains(container));
        for collection in store["collections"].as_array().unwrap() {
            let id = collection["kind"]["id"].as_str().unwrap();
            assert_ne!(
                id, "recorded_calls",
                "{container}: {}",
                collection["template"]
            );
            named += usize::from(!matches!(id, "unknown" | "opaque"));
        }
    }
    assert!(named > 0, "no store is named at all");
    agree(stores);
}

/// The two envelopes hold the same objects, so as much is seen in one as in the other.
fn agree(stores: &[serde_json::Value]) {
    let collections = |store: &serde_json::Value| store["collections"].as_array().unwrap().len();
    for store in stores.iter().filter(|s| s["provider"] == "aws") {
        let twin = stores
            .iter()
            .find(|s| s["provider"] == "azure" && s["container"] == store["container"])
            .unwrap();
        assert_eq!(
            collections(store),
            collections(twin),
            "{}",
            store["container"]
        );
    }
}

#[test]
fn the_three_encodings_of_one_real_inventory_give_the_same() {
    let Some(folder) = shared("aws_s3_inventory/orcabus-filemanager") else {
        return;
    };
    let mut seen = Vec::new();
    for encoding in ["csv", "orc", "parquet"] {
        let manifest = folder.join(format!("{encoding}_inventory_manifest.json"));
        let ran = run(&[
            "records",
            arg(&manifest),
            "--format",
            "s3-inventory",
            "--json",
        ])
        .code(0);
        let group = ran.json()["groups"][0].clone();
        assert_eq!(group["rows"]["objects"], 5, "{encoding}");
        assert_eq!(group["by"]["objects"]["delete_marker"], 1, "{encoding}");
        seen.push((
            group["by"].clone(),
            group["bytes_listed"].clone(),
            group["time_range"].clone(),
        ));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
}

#[test]
fn a_real_focus_export_and_what_is_none() {
    let Some(folder) = shared("focus") else {
        return;
    };
    let sample = folder.join("focus_1.0_sample_300.csv");
    let ran = run(&["records", arg(&sample), "--format", "focus", "--json"]).code(0);
    let value = ran.json();
    assert_eq!(value["groups"][0]["rows"]["charges"], 300);
    assert_eq!(value["groups"][0]["by"]["charges"]["Storage"], 44);
    let text = value["notices"].to_string();
    for predicted in ["Id", "zone"] {
        assert!(
            text.contains(predicted),
            "no notice about {predicted}: {text}"
        );
    }
    let native = "focus_converters/focus_converter_base/tests/provider_config_tests";
    for file in [
        "focus-spec-validator/tests/samples/all_pass.csv".to_owned(),
        format!("{native}/aws/sample-anonymous-aws-export-dataset.csv"),
        format!("{native}/azure/sample-anonymous-ea-export-dataset.csv"),
        format!("{native}/oci/reports_cost-csv_0000000030000269.csv"),
    ] {
        let ran = run(&["records", arg(&folder.join(&file)), "--format", "focus"]).code(2);
        assert!(
            ran.out.contains("ServiceCategory") || ran.out.contains("ListCost"),
            "{file}: {}",
            ran.out
        );
    }
}

#[test]
fn real_mails_give_counts_and_notices() {
    let Some(folder) = shared("mail/libratom/tests/emails.zip") else {
        return;
    };
    let unpacked = tempfile::tempdir().unwrap();
    let mut archive = zip::ZipArchive::new(fs::File::open(folder).unwrap()).unwrap();
    let mut mails = 0;
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).unwrap();
        if entry.is_file() && entry.name().unwrap().ends_with(".eml") {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
            fs::write(unpacked.path().join(format!("{at:04}.eml")), bytes).unwrap();
            mails += 1;
        }
    }
    assert_eq!(mails, 100);
    let ran = run(&[
        "records",
        arg(unpacked.path()),
        "--format",
        "mail",
        "--json",
    ]);
    assert!(matches!(ran.code, 0 | 2), "{}", ran.err);
    let value = ran.json();
    let read = value["groups"][0]["rows"]["documents"].as_u64().unwrap();
    let notices = value["notices"].as_array().unwrap();
    let lost = notices.iter().filter(|n| n["effect"] == "lost").count() as u64;
    assert!(read >= 90 && read + lost >= 100, "{read} read, {lost} lost");
    assert!(!notices.is_empty());
}
