//! The listing envelopes, read back with plain decoders.

#![allow(clippy::unwrap_used)]

use std::io::Read as _;

use arrow_array::{Array as _, RecordBatch, StringArray, TimestampMillisecondArray};
use md5::Digest as _;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use plainview_synth::listings::{
    BlobEncoding, BlobInventory, ListingRow, ListingVersion, NamedFile, S3Encoding, S3Inventory,
    VersionState, azure_blob_inventory, s3_inventory, s3_inventory_parquet_stream,
    s3_inventory_stream,
};

use crate::hex;

const AT: i64 = 1_736_038_800_000;

fn some_rows(count: u64) -> Vec<ListingRow> {
    let at = |n: u64| AT - i64::try_from(n).unwrap() * 1_500;
    (0..count)
        .map(|n| ListingRow::new(format!("a b/\u{e9}{n}.bin"), n * 7, at(n)))
        .collect()
}

fn report(encoding: S3Encoding, versioned: bool) -> S3Inventory<'static> {
    S3Inventory {
        bucket: "demo-bucket",
        destination: "demo-reports",
        configuration: "weekly",
        created_ms: AT,
        encoding,
        rows_per_file: 10,
        versioned,
    }
}

fn gunzip(bytes: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(bytes)
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// Where gzip members of a file begin: deflate's and our header, which data cannot imitate here.
fn members(bytes: &[u8]) -> usize {
    bytes
        .windows(10)
        .filter(|w| w[..4] == [0x1f, 0x8b, 8, 0] && w[4..8] == [0; 4] && w[9] == 255)
        .count()
}

fn parquet_rows(bytes: &[u8]) -> RecordBatch {
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::copy_from_slice(bytes)).unwrap();
    let schema = reader.schema().clone();
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    assert!(batches.len() <= 1, "small files are one batch");
    batches
        .into_iter()
        .next()
        .unwrap_or_else(|| RecordBatch::new_empty(schema))
}

fn column<'a, T: 'static>(batch: &'a RecordBatch, name: &str) -> &'a T {
    batch
        .column_by_name(name)
        .unwrap()
        .as_any()
        .downcast_ref::<T>()
        .unwrap()
}

fn manifest_of(files: &[NamedFile], name: &str) -> serde_json::Value {
    serde_json::from_slice(&files.iter().find(|file| file.name == name).unwrap().bytes).unwrap()
}

#[test]
fn csv_is_split_into_files_and_members_without_losing_a_row() {
    let files = s3_inventory(
        &report(S3Encoding::CsvGz { rows_per_member: 4 }, false),
        some_rows(23),
    )
    .unwrap();
    let data: Vec<_> = files
        .iter()
        .filter(|file| file.name.ends_with(".csv.gz"))
        .collect();
    assert_eq!(
        data.iter()
            .map(|file| members(&file.bytes))
            .collect::<Vec<_>>(),
        [3, 3, 1]
    );
    let text: String = data.iter().map(|file| gunzip(&file.bytes)).collect();
    assert_eq!(text.lines().count(), 23);
    let first = text.lines().next().unwrap();
    assert!(
        first
            .starts_with("\"demo-bucket\",\"a+b/%C3%A90.bin\",\"0\",\"2025-01-05T01:00:00.000Z\","),
        "{first}"
    );
    let manifest = manifest_of(&files, "manifest.json");
    assert_eq!(manifest["creationTimestamp"], AT.to_string());
    assert_eq!(manifest["fileFormat"], "CSV");
    let columns = manifest["fileSchema"].as_str().unwrap().split(", ").count();
    assert_eq!(first.split("\",\"").count(), columns);
}

#[test]
fn delete_markers_have_no_size_and_no_tag() {
    let version = |id: &str, state| {
        Some(ListingVersion {
            id: id.to_owned(),
            state,
        })
    };
    let live = ListingRow {
        version: version("", VersionState::Noncurrent),
        ..ListingRow::new("k", 5, AT)
    };
    let marker = ListingRow {
        size: None,
        version: version("v2", VersionState::DeleteMarker),
        ..ListingRow::new("k", 0, AT)
    };
    let rows = vec![live, marker];
    let files = s3_inventory(
        &report(S3Encoding::CsvGz { rows_per_member: 9 }, true),
        rows.clone(),
    )
    .unwrap();
    let text = gunzip(&files[0].bytes);
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].contains("\"k\",\"\",\"false\",\"false\",\"5\","),
        "{text}"
    );
    assert!(
        lines[1].contains("\"k\",\"v2\",\"true\",\"true\",\"\","),
        "{text}"
    );
    assert!(lines[1].ends_with("\"\",\"\",\"\",\"\",\"\""), "{text}");
    let files = s3_inventory(&report(S3Encoding::Parquet, true), rows).unwrap();
    let batch = parquet_rows(&files[0].bytes);
    assert!(column::<StringArray>(&batch, "version_id").is_null(0));
    assert!(column::<StringArray>(&batch, "e_tag").is_null(1));
    assert!(column::<arrow_array::Int64Array>(&batch, "size").is_null(1));
}

#[test]
fn parquet_keeps_keys_raw_and_times_in_utc() {
    let files = s3_inventory(&report(S3Encoding::Parquet, false), some_rows(3)).unwrap();
    let batch = parquet_rows(&files[0].bytes);
    assert_eq!(
        column::<StringArray>(&batch, "key").value(2),
        "a b/\u{e9}2.bin"
    );
    assert_eq!(
        column::<TimestampMillisecondArray>(&batch, "last_modified_date").value(2),
        AT - 3_000
    );
    let schema = manifest_of(&files, "manifest.json")["fileSchema"]
        .as_str()
        .unwrap()
        .to_owned();
    for field in batch.schema().fields() {
        assert!(schema.contains(field.name()), "{}", field.name());
    }
}

#[test]
fn an_empty_store_has_a_manifest_without_files() {
    let files = s3_inventory(&report(S3Encoding::Parquet, false), Vec::new()).unwrap();
    assert_eq!(files.len(), 2);
    assert_eq!(
        manifest_of(&files, "manifest.json")["files"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
}

#[test]
fn streams_say_what_they_wrote() {
    let mut csv = Vec::new();
    let written = s3_inventory_stream("b", some_rows(1_001).into_iter(), &mut csv, 100).unwrap();
    assert_eq!((written.rows, written.bytes), (1_001, csv.len() as u64));
    assert_eq!(members(&csv), 11);
    let sum = hex(&md5::Md5::digest(&csv));
    assert_eq!(written.md5, sum);
    assert_eq!(gunzip(&csv).lines().count(), 1_001);
    let mut bytes = Vec::new();
    let written =
        s3_inventory_parquet_stream("b", some_rows(9_000).into_iter(), &mut bytes).unwrap();
    assert_eq!((written.rows, written.bytes), (9_000, bytes.len() as u64));
}

fn blob_report(encoding: BlobEncoding, rows_per_file: usize) -> BlobInventory<'static> {
    BlobInventory {
        account: "contoso",
        destination: "reports",
        rule: "all-blobs",
        started_ms: AT,
        encoding,
        rows_per_file,
        versioned: false,
    }
}

#[test]
fn blob_inventories_name_the_container_first() {
    let rows = || some_rows(5).into_iter().map(|row| ("box".to_owned(), row));
    let files = azure_blob_inventory(&blob_report(BlobEncoding::Csv, 100), rows()).unwrap();
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "all-blobs.csv",
            "all-blobs-manifest.json",
            "all-blobs-manifest.checksum"
        ]
    );
    let text = String::from_utf8(files[0].bytes.clone()).unwrap();
    assert!(
        text.starts_with("Name,Creation-Time,Last-Modified,ETag,Content-Length,"),
        "{text}"
    );
    assert!(
        text.contains("\nbox/a b/\u{e9}1.bin,2025-01-05T00:59:58.5000000Z,"),
        "{text}"
    );
    let manifest = manifest_of(&files, "all-blobs-manifest.json");
    assert_eq!(manifest["summary"]["objectCount"], 5);
    assert_eq!(manifest["summary"]["totalObjectSize"], 70);
    assert_eq!(manifest["status"], "Succeeded");
    let sum = hex(&md5::Md5::digest(&files[1].bytes));
    assert_eq!(files[2].bytes, sum.as_bytes());
    let files = azure_blob_inventory(&blob_report(BlobEncoding::Parquet, 2), rows()).unwrap();
    assert_eq!(files.len(), 5);
    let manifest = manifest_of(&files, "all-blobs-manifest.json");
    for (listed, file) in manifest["files"].as_array().unwrap().iter().zip(&files) {
        assert!(
            listed["blob"]
                .as_str()
                .unwrap()
                .ends_with(&format!("/{}", file.name))
        );
        assert_eq!(listed["size"].as_u64().unwrap(), file.bytes.len() as u64);
    }
    let batch = parquet_rows(&files[1].bytes);
    assert_eq!(
        column::<StringArray>(&batch, "Name").value(0),
        "box/a b/\u{e9}2.bin"
    );
    assert_eq!(
        column::<TimestampMillisecondArray>(&batch, "Last-Modified").value(0),
        AT - 3_000
    );
}
