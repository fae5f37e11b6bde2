//! Tests of the gcs-inventory reader. No real report is to be had: the envelope is made here, from the vendor's reference; the
//! names, sizes and times of the last tests are real.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use parquet::arrow::ArrowWriter;
use plainview_records::{Collected, Effect, FileRole, Format, SourceReport, Table, detect};

use crate::support::{Folder, codes, column, gzip, objects, only, read, shared_data};

const HEADER: &str = "project,bucket,name,location,size,timeCreated,timeDeleted,updated,storageClass,etag,retentionExpirationTime,generation,contentType,md5Hash";

/// A live object, an older version, a folder marker, and a name with a comma; the live bytes are 107.
const ROWS: [&str; 4] = [
    "projects/123456789012,calls,2024/972501234567.opus,EUROPE-WEST1,100,2024-05-06T22:37:48Z,,2024-05-06T22:37:49Z,NEARLINE,CJ1,2030-01-01T00:00:00Z,1715035068000001,audio/ogg,canary",
    "projects/123456789012,calls,2024/b.opus,EUROPE-WEST1,20,2024-05-06T22:37:48Z,2024-05-07T00:00:00Z,2024-05-06T22:37:49Z,STANDARD,CJ2,,1715035068000002,audio/ogg,canary",
    "projects/123456789012,calls,2024/,EUROPE-WEST1,0,2024-05-06T22:37:48Z,,2024-05-06T22:37:49Z,STANDARD,CJ3,,1715035068000003,,canary",
    "projects/123456789012,calls,\"a, b\",EUROPE-WEST1,7,2024-05-06T22:37:48Z,,2024-05-06T22:37:49Z,STANDARD,CJ4,,1715035068000004,text/plain,canary",
];

fn manifest(shards: &[&str], shard_count: usize, records: usize, config: &str) -> String {
    let shards: Vec<String> = shards
        .iter()
        .map(|name| format!("\"reports/{name}\""))
        .collect();
    format!(
        r#"{{"report_config":{{"display_name":"canary","object_metadata_report_options":{{"storage_filters":{{"bucket":"calls"}}}}{config}}},
        "records_processed":"{records}","snapshot_time":"2024-05-07T01:00:00Z","shard_count":{shard_count},"report_shards_file_names":[{}]}}"#,
        shards.join(",")
    )
}

fn report(files: &[(&str, Vec<u8>)]) -> (Collected, SourceReport) {
    let folder = Folder::new();
    for (name, bytes) in files {
        folder.write(name, bytes);
    }
    let mut input = folder.input(Format::GcsInventory, &["."]);
    input.account = Some("gcp/of-source".to_owned());
    read(&input)
}

fn csv(rows: &[&str]) -> Vec<u8> {
    format!("{HEADER}\n{}\n", rows.join("\n")).into_bytes()
}

fn manifest_of(shards: &[&str], records: usize) -> (&'static str, Vec<u8>) {
    let text = manifest(shards, shards.len(), records, "");
    ("u_2024-05-07T01:00_manifest.json", text.into_bytes())
}

#[test]
fn shards_become_objects_in_their_states() {
    let shards = ["u_2024-05-07T01:00_0.csv", "u_2024-05-07T01:00_1.csv"];
    let (sink, read) = report(&[
        manifest_of(&shards, 4),
        (shards[0], csv(&ROWS[..2])),
        (shards[1], csv(&ROWS[2..])),
    ]);
    assert_eq!(codes(&sink.notices), ["column-not-read"]);
    assert_eq!(sink.notices[0].found, "md5Hash");
    assert_eq!(read.rows, [(Table::Objects, 4)].into());
    assert_eq!(
        (read.bytes_listed.current, read.bytes_listed.all),
        (107, 127)
    );
    let table = objects(&sink);
    for (name, expected) in [
        ("provider", ["gcp"; 4]),
        ("account", ["123456789012"; 4]),
        ("container", ["calls"; 4]),
        ("region", ["europe-west1"; 4]),
        ("snapshot_at", ["2024-05-07T01:00:00Z"; 4]),
        ("state", ["current", "noncurrent", "folder", "current"]),
        ("size", ["100", "20", "0", "7"]),
        ("created_at", ["2024-05-06T22:37:48Z"; 4]),
        ("modified_at", ["2024-05-06T22:37:49Z"; 4]),
        ("tier", ["NEARLINE", "STANDARD", "STANDARD", "STANDARD"]),
        ("etag", ["CJ1", "CJ2", "CJ3", "CJ4"]),
        (
            "version_id",
            [
                "1715035068000001",
                "1715035068000002",
                "1715035068000003",
                "1715035068000004",
            ],
        ),
        ("retain_until", ["2030-01-01T00:00:00Z", "-", "-", "-"]),
        (
            "content_type",
            ["audio/ogg", "audio/ogg", "-", "text/plain"],
        ),
        ("row_no", ["1", "2", "1", "2"]),
    ] {
        assert_eq!(column(&table, name), expected, "{name}");
    }
    assert_eq!(column(&table, "key")[1..], ["2024/b.opus", "2024/", "a, b"]);
    let all = format!("{table:?} {:?} {read:?}", sink.notices);
    assert!(
        !all.contains("canary") && !all.contains("972501234567"),
        "{all}"
    );
    let mut roles: Vec<FileRole> = read.files.iter().map(|file| file.role).collect();
    roles.sort();
    assert_eq!(roles, [FileRole::Manifest, FileRole::Data, FileRole::Data]);
}

#[test]
fn delimiters_and_headers_are_the_configurations() {
    let body = |delimiter: &str| {
        format!("calls{delimiter}a,b.txt{delimiter}7{delimiter}2024-05-06T22:37:48Z\n")
    };
    let fields = r#""metadataFields":["bucket","name","size","timeCreated"]"#;
    let config = |delimiter: &str| {
        format!(
            r#","csv_options":{{"delimiter":"{delimiter}","header_required":false}},"objectMetadataReportOptions":{{{fields},"storageFilters":{{"bucket":"calls"}}}}"#
        )
    };
    for (delimiter, in_json) in [("|", "|"), (";", ";"), ("\t", "\\t"), ("\u{1}", "\\u0001")] {
        let text = manifest(&["s.csv"], 1, 1, "").replace(
            r#","object_metadata_report_options":{"storage_filters":{"bucket":"calls"}}"#,
            &config(in_json),
        );
        let (sink, _) = report(&[
            ("m_manifest.json", text.into_bytes()),
            ("s.csv", body(delimiter).into_bytes()),
        ]);
        assert_eq!(codes(&sink.notices), Vec::<&str>::new(), "{delimiter:?}");
        let table = objects(&sink);
        assert_eq!(column(&table, "key"), ["a,b.txt"]);
        assert_eq!(column(&table, "size"), ["7"]);
        assert_eq!(column(&table, "account"), ["of-source"]);
    }
    // Without a manifest the header tells both.
    for delimiter in [";", "|", "\t"] {
        let header = ["bucket", "Name", "size", "time_created"].join(delimiter);
        let (sink, _) = report(&[(
            "s.csv",
            format!("\u{feff}{header}\n{}", body(delimiter)).into_bytes(),
        )]);
        assert_eq!(codes(&sink.notices), ["no-manifest"], "{delimiter:?}");
        assert_eq!(column(&objects(&sink), "key"), ["a,b.txt"]);
    }
    let (sink, read) = report(&[("s.csv", body(",").into_bytes())]);
    assert_eq!(only(&sink.notices, "no-schema").effect, Effect::Lost);
    assert_eq!(read.rows.len(), 0);
}

#[test]
fn a_report_that_is_not_whole_is_lost() {
    let shards = ["s_0.csv", "s_1.csv"];
    // A shard is not there.
    let (sink, _) = report(&[manifest_of(&shards, 4), (shards[0], csv(&ROWS[..2]))]);
    let missing = only(&sink.notices, "file-missing");
    assert_eq!(
        (missing.effect, missing.file.as_str()),
        (Effect::Lost, "reports/s_1.csv")
    );
    assert!(!codes(&sink.notices).contains(&"record-count-mismatch"));
    // A row is not there.
    let (sink, _) = report(&[
        manifest_of(&shards, 4),
        (shards[0], csv(&ROWS[..2])),
        (shards[1], csv(&ROWS[2..3])),
    ]);
    let short = only(&sink.notices, "record-count-mismatch");
    assert_eq!((short.effect, short.rows_affected), (Effect::Lost, 1));
    assert_eq!(
        (short.found.as_str(), short.expected.as_str()),
        ("3 rows", "4 rows")
    );
    // The list itself is short.
    let text = manifest(&shards[..1], 2, 2, "").into_bytes();
    let (sink, _) = report(&[("m_manifest.json", text), (shards[0], csv(&ROWS[..2]))]);
    let short = only(&sink.notices, "shard-count-mismatch");
    assert_eq!(
        (short.effect, short.found.as_str()),
        (Effect::Lost, "1 shards")
    );
    // The manifest is none.
    let (sink, _) = report(&[(
        "m_manifest.json",
        b"{\"records_processed\":\"canary\"}".to_vec(),
    )]);
    let invalid = only(&sink.notices, "manifest-invalid");
    assert_eq!(invalid.effect, Effect::Lost);
    assert!(!format!("{:?}", sink.notices).contains("canary"));
}

#[test]
fn bad_truncated_and_empty_files_are_said_to_be_so() {
    let bad = [
        ROWS[0],
        &ROWS[1].replace(",20,", ",many,"),
        "projects/1,calls",
        &ROWS[2].replace("2024/,", ","),
    ];
    let (sink, read) = report(&[manifest_of(&["s.csv"], 4), ("s.csv", csv(&bad))]);
    assert_eq!(read.rows, [(Table::Objects, 1)].into());
    let rows: Vec<_> = sink
        .notices
        .iter()
        .filter(|n| n.code == "bad-row")
        .map(|n| (n.effect, n.row))
        .collect();
    assert_eq!(
        rows,
        [
            (Effect::Lost, Some(2)),
            (Effect::Lost, Some(3)),
            (Effect::Lost, Some(4))
        ]
    );
    let whole = gzip(&csv(&ROWS.repeat(200)));
    let (sink, _) = report(&[
        manifest_of(&["s.csv.gz"], 800),
        ("s.csv.gz", whole[..whole.len() - 20].to_vec()),
    ]);
    assert!(
        sink.notices
            .iter()
            .any(|n| n.effect == Effect::Lost && n.code.starts_with("file-")),
        "{:?}",
        sink.notices
    );
    let (sink, _) = report(&[manifest_of(&["s.csv"], 0), ("s.csv", Vec::new())]);
    assert_eq!(codes(&sink.notices), ["empty-file"]);
    let (sink, _) = report(&[
        manifest_of(&["s.parquet"], 1),
        ("s.parquet", b"PAR1 and no more".to_vec()),
    ]);
    assert_eq!(only(&sink.notices, "file-damaged").effect, Effect::Lost);
    let (sink, _) = report(&[("s.csv", b"project,name,size\np,n,1\n".to_vec())]);
    assert_eq!(only(&sink.notices, "missing-columns").effect, Effect::Lost);
}

#[test]
fn parquet_gives_the_table_that_csv_gives() {
    let moment = |ms: i64| {
        Arc::new(TimestampMillisecondArray::from(vec![ms]).with_timezone("UTC")) as ArrayRef
    };
    let text = |cell: &str| Arc::new(StringArray::from(vec![cell])) as ArrayRef;
    let number = |cell: i64| Arc::new(Int64Array::from(vec![cell])) as ArrayRef;
    let created = 1_715_035_068_000;
    let columns = vec![
        ("project", number(123_456_789_012)),
        ("bucket", text("calls")),
        ("name", text("2024/972501234567.opus")),
        ("location", text("EUROPE-WEST1")),
        ("size", number(100)),
        ("time_created", moment(created)),
        (
            "time_deleted",
            Arc::new(TimestampMillisecondArray::from(vec![None::<i64>])) as ArrayRef,
        ),
        ("updated", moment(created + 1000)),
        ("storage_class", text("NEARLINE")),
        ("etag", text("CJ1")),
        ("retention_expiration_time", moment(1_893_456_000_000)),
        ("generation", number(1_715_035_068_000_001)),
        ("content_type", text("audio/ogg")),
        ("md5_hash", text("canary")),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let (from_csv, _) = report(&[manifest_of(&["s.csv"], 1), ("s.csv", csv(&ROWS[..1]))]);
    let (from_parquet, _) = report(&[manifest_of(&["s.csv"], 1), ("s.csv", bytes)]);
    assert_eq!(objects(&from_csv), objects(&from_parquet));
    assert_eq!(codes(&from_parquet.notices), ["column-not-read"]);
}

#[test]
fn files_are_known_by_their_content() {
    let folder = Folder::new();
    for bytes in [csv(&ROWS), manifest_of(&["s.csv"], 4).1] {
        let path = folder.write("anything", bytes);
        assert_eq!(
            detect(&path).map(|found| found.format),
            Some(Format::GcsInventory)
        );
    }
}

#[test]
fn real_listings_in_this_envelope_keep_every_object() {
    let Some(data) = shared_data() else { return };
    // Rows, and the sum of the sizes that the listing knows.
    for (name, rows, bytes) in [
        ("speech_digits_8khz__fsdd", 3014, 21_155_038),
        ("microscopy_spim__dandi-000108", 3847, 330_586_967),
        ("neurophysiology__dandi-000727", 24, 609_568_571_335_u128),
    ] {
        let mut listing =
            csv::Reader::from_path(data.join(format!("listings/{name}.csv"))).unwrap();
        let mut writer = csv::WriterBuilder::new()
            .delimiter(b'|')
            .from_writer(Vec::new());
        writer
            .write_record(["bucket", "name", "size", "updated"])
            .unwrap();
        for row in listing.records() {
            let row = row.unwrap();
            writer
                .write_record(["listing", &row[0], &row[1], &row[2]])
                .unwrap();
        }
        let shard = writer.into_inner().unwrap();
        let (sink, read) = report(&[manifest_of(&["s.csv"], rows), ("s.csv", shard)]);
        assert_eq!(codes(&sink.notices), Vec::<&str>::new(), "{name}");
        assert_eq!(read.rows, [(Table::Objects, rows as u64)].into(), "{name}");
        assert_eq!(read.bytes_listed.current, bytes, "{name}");
    }
}
