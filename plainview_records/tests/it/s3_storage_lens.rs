//! `s3-storage-lens`: the daily metrics export. All fixtures are written here.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use plainview_records::{Effect, Format, Table, detect};

use crate::support::{Folder, codes, column, gzip, md5_hex, only, read, with_effect};

const SCHEMA: &str = "version_number,configuration_id,report_date,aws_account_number,aws_region,storage_class,record_type,record_value,bucket_name,metric_name,metric_value";
const ROWS: &str = "\
V_1,conf,2025-03-18,111122223333,eu-west-1,STANDARD,ACCOUNT,111122223333,,StorageBytes,5000
V_1,conf,2025-03-18,111122223333,eu-west-1,STANDARD,BUCKET,b1,b1,StorageBytes,3000
V_1,conf,2025-03-18,111122223333,eu-west-1,GLACIER,BUCKET,b1,b1,ObjectCount,7
V_1,conf,2025-03-18,111122223333,eu-west-1,,BUCKET,b1,b1,BytesDownloaded,11
V_1,conf,2025-03-18,111122223333,eu-west-1,STANDARD,PREFIX,b1%2Fpeople%2Fcanary,b1,StorageBytes,900
V_1,conf,2025-03-18,111122223333,eu-west-1,STANDARD,BUCKET,b1,b1,EncryptedStorageBytes,3000
";

fn manifest(format: &str, schema: &str, name: &str, bytes: &[u8]) -> String {
    format!(
        r#"{{"sourceAccountId":"111122223333","configId":"conf","destinationBucket":"arn:aws:s3:::d","reportVersion":"V_1","reportDate":"2025-03-18","reportFormat":"{format}","reportSchema":"{schema}","reportFiles":[{{"key":"p/StorageLens/111122223333/conf/V_1/reports/dt=2025-03-18/{name}","size":{},"md5Checksum":"{}"}}]}}"#,
        bytes.len(),
        md5_hex(bytes)
    )
}

fn delivered(rows: &str) -> Folder {
    let folder = Folder::new();
    folder.write("V_1/reports/dt=2025-03-18/a.csv", rows);
    let manifest = manifest("CSV", SCHEMA, "a.csv", rows.as_bytes());
    folder.write("V_1/manifests/dt=2025-03-18/manifest.json", manifest);
    folder
}

#[test]
fn a_delivered_day_gives_one_reading_per_account_and_bucket_metric() {
    let folder = delivered(ROWS);
    let (sink, report) = read(&folder.input(Format::S3StorageLens, &["V_1"]));
    let rows = sink.table(Table::Metering).unwrap();
    assert_eq!(column(&rows, "row_no"), ["1", "2", "3", "4"]);
    assert_eq!(column(&rows, "account"), ["111122223333"; 4]);
    assert_eq!(column(&rows, "container"), ["-", "b1", "b1", "b1"]);
    assert_eq!(
        column(&rows, "meter"),
        [
            "stored_bytes",
            "stored_bytes",
            "object_count",
            "egress_bytes"
        ]
    );
    assert_eq!(
        column(&rows, "tier"),
        ["STANDARD", "STANDARD", "GLACIER", "-"]
    );
    assert_eq!(
        column(&rows, "statistic"),
        ["average", "average", "average", "sum"]
    );
    assert_eq!(
        column(&rows, "value"),
        [
            "5000.000000000000",
            "3000.000000000000",
            "7.000000000000",
            "11.000000000000"
        ]
    );
    // 2025-03-18 and the day after, in milliseconds.
    assert_eq!(
        report.time_range,
        Some((1_742_256_000_000, 1_742_342_400_000))
    );
    assert!(
        only(&sink.notices, "lens-other-record")
            .found
            .contains("PREFIX")
    );
    assert!(
        only(&sink.notices, "metric-unread")
            .found
            .contains("EncryptedStorageBytes")
    );
    assert_eq!(with_effect(&sink.notices, Effect::Lost), Vec::<&str>::new());
}

#[test]
fn values_of_columns_that_are_not_read_are_found_nowhere() {
    let rows = ROWS
        .replace("V_1,conf", "canary-version,canary-conf")
        .replace("BUCKET,b1,", "BUCKET,canary-value,");
    let folder = delivered(&rows);
    let (sink, report) = read(&folder.input(Format::S3StorageLens, &["V_1"]));
    let shown = format!("{:?} {:?} {report:?}", sink.batches, sink.notices);
    assert!(!shown.contains("canary"), "{shown}");
    assert_eq!(report.rows[&Table::Metering], 4);
}

#[test]
fn parquet_and_a_saved_again_csv_with_its_header_give_the_same_rows() {
    let expected = {
        let folder = delivered(ROWS);
        let (sink, _) = read(&folder.input(Format::S3StorageLens, &["V_1"]));
        column(&sink.table(Table::Metering).unwrap(), "value")
    };
    let folder = Folder::new();
    let text = format!("{SCHEMA}\n{ROWS}");
    let path = folder.write("a.csv.gz", gzip(text.as_bytes()));
    assert_eq!(detect(&path).unwrap().format, Format::S3StorageLens);
    folder.write("b.par", parquet(ROWS));
    for name in ["a.csv.gz", "b.par"] {
        let (sink, _) = read(&folder.input(Format::S3StorageLens, &[name]));
        assert_eq!(
            column(&sink.table(Table::Metering).unwrap(), "value"),
            expected,
            "{name}"
        );
        only(&sink.notices, "no-manifest");
    }
}

fn parquet(rows: &str) -> Vec<u8> {
    let names: Vec<&str> = SCHEMA.split(',').collect();
    let cells: Vec<Vec<&str>> = rows.lines().map(|row| row.split(',').collect()).collect();
    let columns = names.iter().enumerate().map(|(n, name)| {
        let texts = cells
            .iter()
            .map(|row| Some(row[n]).filter(|cell| !cell.is_empty()));
        let array: ArrayRef = if *name == "metric_value" {
            Arc::new(
                texts
                    .map(|cell| cell.unwrap().parse::<i64>().unwrap())
                    .map(Some)
                    .collect::<Int64Array>(),
            )
        } else {
            Arc::new(texts.collect::<StringArray>())
        };
        (*name, array, true)
    });
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn bad_rows_altered_missing_truncated_and_empty_files_are_told() {
    let bad = ROWS.replace(
        ",3000\nV_1,conf,2025-03-18,111122223333,eu-west-1,GLACIER",
        ",-3\nV_1,conf,someday,111122223333,eu-west-1,GLACIER",
    );
    let folder = delivered(&bad);
    let (sink, report) = read(&folder.input(Format::S3StorageLens, &["V_1"]));
    assert_eq!(report.rows[&Table::Metering], 2);
    let lost: Vec<Option<u64>> = sink
        .notices
        .iter()
        .filter(|n| n.code == "bad-row")
        .map(|n| n.row)
        .collect();
    assert_eq!(lost, [Some(2), Some(3)]);

    let folder = delivered(ROWS);
    folder.write(
        "V_1/reports/dt=2025-03-18/a.csv",
        ROWS.replace("5000", "4000"),
    );
    let (sink, report) = read(&folder.input(Format::S3StorageLens, &["V_1"]));
    assert!(report.rows.is_empty());
    only(&sink.notices, "md5-mismatch");

    let folder = delivered(ROWS);
    std::fs::remove_file(folder.path().join("V_1/reports/dt=2025-03-18/a.csv")).unwrap();
    let (sink, _) = read(&folder.input(Format::S3StorageLens, &["V_1"]));
    only(&sink.notices, "file-missing");

    let folder = Folder::new();
    let whole = gzip(format!("{SCHEMA}\n{}", ROWS.repeat(2000)).as_bytes());
    folder.write("cut.csv.gz", &whole[..whole.len() / 2]);
    folder.write("empty.csv", "");
    folder.write("headless.csv", ROWS);
    let (sink, _) = read(&folder.input(Format::S3StorageLens, &["."]));
    let shown = format!("{:?}", sink.notices);
    assert!(
        !shown.contains("canary") && !shown.contains("eu-west-1"),
        "{shown}"
    );
    let codes = codes(&sink.notices);
    for code in ["file-truncated", "empty-file", "no-schema"] {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
}
