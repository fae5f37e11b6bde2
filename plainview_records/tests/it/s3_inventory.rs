//! Tests of the s3-inventory reader.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use plainview_records::{
    Collected, Effect, FileRole, Format, SourceInput, SourceReport, Table, expand,
};

use crate::support::{
    Folder, codes, column, gzip, hex, md5_hex, objects, only, read, shared_data, with_effect,
};

const SCHEMA: &str = "Bucket, Key, Size, LastModifiedDate";

/// A manifest over these files, as S3 writes it.
fn manifest(format: &str, schema: &str, files: &[(&str, &[u8])]) -> String {
    let files: Vec<String> = files
        .iter()
        .map(|(key, bytes)| {
            format!(
                r#"{{"key":"{key}","size":{},"MD5checksum":"{}"}}"#,
                bytes.len(),
                md5_hex(bytes)
            )
        })
        .collect();
    format!(
        r#"{{"sourceBucket":"calls","destinationBucket":"inventories","version":"2016-11-30",
        "creationTimestamp":"1715043600000","fileFormat":"{format}","fileSchema":"{schema}","files":[{}]}}"#,
        files.join(",")
    )
}

/// A folder with one CSV, its manifest and the manifest's checksum.
fn one_csv(schema: &str, csv: &[u8]) -> Folder {
    let folder = Folder::new();
    let json = manifest("CSV", schema, &[("x/data/1.csv", csv)]);
    folder.write("1.csv", csv);
    folder.write(
        "manifest.checksum",
        format!("{}\n", md5_hex(json.as_bytes())),
    );
    folder.write("manifest.json", json);
    folder
}

fn read_folder(folder: &Folder) -> (Collected, SourceReport) {
    read(&folder.input(Format::S3Inventory, &["."]))
}

fn orcabus() -> Option<std::path::PathBuf> {
    shared_data().map(|data| data.join("aws_s3_inventory/orcabus-filemanager"))
}

fn orcabus_input(root: &Path, manifest: &str) -> SourceInput {
    let (files, notices) = expand(root, &[manifest.to_owned()]);
    assert_eq!(notices, []);
    let mut input = SourceInput::new("inventory", Format::S3Inventory, root.to_owned(), files);
    input.account = Some("aws/111122223333".to_owned());
    input
}

#[test]
fn csv_orc_and_parquet_of_one_bucket_give_identical_tables() {
    let Some(root) = orcabus() else { return };
    let mut tables = Vec::new();
    for encoding in ["csv", "orc", "parquet"] {
        let (sink, report) = read(&orcabus_input(
            &root,
            &format!("{encoding}_inventory_manifest.json"),
        ));
        assert_eq!(codes(&sink.notices), ["column-not-read"], "{encoding}");
        assert_eq!(report.rows, [(Table::Objects, 5)].into());
        assert_eq!(
            report
                .files
                .iter()
                .filter(|file| file.role == FileRole::Data)
                .map(|file| file.rows)
                .sum::<u64>(),
            5
        );
        assert_eq!(
            (report.bytes_listed.current, report.bytes_listed.all),
            (5, 10)
        );
        // Between 2024-05-06T22:37:48Z and 2024-05-06T22:46:14Z.
        assert_eq!(
            report.time_range,
            Some((1_715_035_068_000, 1_715_035_574_000))
        );
        tables.push(objects(&sink));
    }
    assert_eq!(tables[0], tables[1]);
    assert_eq!(tables[0], tables[2]);
    let table = &tables[0];
    assert_eq!(
        column(table, "state"),
        [
            "folder",
            "noncurrent",
            "current",
            "delete_marker",
            "noncurrent"
        ]
    );
    assert_eq!(
        column(table, "version_id"),
        [
            "null",
            "null",
            "tpinzcbxOfWpZsmjvVgdHEvSohsY4TA0",
            "gdN1exfZmD7m713patv8dlQ7fTNwle3v",
            "zl_C7NLxrkBsMFD5HQUdybrmuV9VpvkN"
        ]
    );
    assert_eq!(column(table, "size"), ["0", "0", "5", "-", "5"]);
    assert_eq!(column(table, "etag")[3], "-");
    assert_eq!(column(table, "key")[2], "inventory-test/key1");
    assert_eq!(column(table, "snapshot_at")[0], "2024-05-07T01:00:00Z");
    assert_eq!(column(table, "modified_at")[4], "2024-05-06T22:45:34Z");
    assert_eq!(column(table, "encryption")[3], "-");
    assert_eq!(
        column(table, "is_multipart"),
        ["false", "false", "false", "-", "false"]
    );
    assert_eq!(column(table, "container")[0], "filemanager-inventory-test");
    assert_eq!(column(table, "account")[0], "111122223333");
}

#[test]
fn a_listing_without_versions_is_all_current() {
    let Some(root) = orcabus() else { return };
    let (sink, _) = read(&orcabus_input(
        &root,
        "csv_inventory_no_version_manifest.json",
    ));
    let table = objects(&sink);
    assert_eq!(column(&table, "state"), ["folder", "current"]);
    assert_eq!(column(&table, "version_id"), ["-", "-"]);
}

#[test]
fn a_whole_folder_is_walked_and_nothing_in_it_is_passed_over_in_silence() {
    let Some(root) = orcabus() else { return };
    let (sink, report) = read(&orcabus_input(&root, "."));
    assert_eq!(report.rows, [(Table::Objects, 17)].into());
    assert_eq!(report.files.len(), 13);
    assert_eq!(only(&sink.notices, "not-an-inventory-file").file, "LICENSE");
    assert_eq!(
        sink.notices
            .iter()
            .filter(|notice| notice.code == "overlapping-manifests")
            .count(),
        3
    );
    assert_eq!(with_effect(&sink.notices, Effect::Lost), Vec::<&str>::new());
}

#[test]
fn the_order_of_csv_columns_is_the_manifests() {
    let schema = "Size, Bucket,Key, IsLatest, VersionId, IsDeleteMarker, LastModifiedDate";
    let csv = b"\"7\",\"calls\",\"a\",\"true\",\"\",\"false\",\"2024-05-06T22:37:48.000Z\"\n\n\n";
    let (sink, report) = read_folder(&one_csv(schema, csv));
    let table = objects(&sink);
    assert_eq!(codes(&sink.notices), Vec::<&str>::new());
    assert_eq!(report.rows, [(Table::Objects, 1)].into());
    assert_eq!(
        (column(&table, "size"), column(&table, "key")),
        (vec!["7".to_owned()], vec!["a".to_owned()])
    );
    assert_eq!(column(&table, "version_id"), ["null"]);
}

#[test]
fn csv_keys_are_url_decoded_with_plus_for_a_space_and_then_masked() {
    let csv = b"\"calls\",\"a+b%2Bc%2F972501234567.opus\",\"1\",\"2024-05-06T22:37:48.000Z\"\n\
        \"calls\",\"bad%FF\",\"1\",\"2024-05-06T22:37:48.000Z\"\n";
    let (sink, _) = read_folder(&one_csv(SCHEMA, csv));
    let key = &column(&objects(&sink), "key")[0];
    assert_eq!((&key[..6], &key[18..]), ("a b+c/", ".opus"));
    assert_eq!(key.len(), "a b+c/972501234567.opus".len());
    assert!(!key.contains("972501234567"));
    assert_eq!(only(&sink.notices, "bad-row").row, Some(2));
}

#[test]
fn bad_rows_are_notices_and_the_rows_around_them_are_kept() {
    let mut csv = Vec::new();
    csv.extend(b"\"calls\",\"good1\",\"1\",\"2024-05-06T22:37:48.000Z\"\n");
    csv.extend(b"\"calls\",\"narrow\",\"1\"\n");
    csv.extend(b"\"calls\",\"size\",\"-1\",\"2024-05-06T22:37:48.000Z\"\n");
    csv.extend(b"\"calls\",\"time\",\"1\",\"yesterday\"\n");
    csv.extend(b"\"calls\",\"utf8\xff\",\"1\",\"2024-05-06T22:37:48.000Z\"\n");
    csv.extend(b"\"calls\",\"\",\"1\",\"2024-05-06T22:37:48.000Z\"\n");
    csv.extend(b"\"calls\",\"good2\",\"2\",\"2024-05-06T22:37:48.000Z\"\n");
    let (sink, report) = read_folder(&one_csv(SCHEMA, &csv));
    assert_eq!(column(&objects(&sink), "key"), ["good1", "good2"]);
    assert_eq!(column(&objects(&sink), "row_no"), ["1", "7"]);
    let bad: Vec<_> = sink
        .notices
        .iter()
        .map(|notice| (notice.code, notice.effect, notice.row, notice.rows_affected))
        .collect();
    let expected: Vec<_> = (2..=6)
        .map(|row| ("bad-row", Effect::Lost, Some(row), 1))
        .collect();
    assert_eq!(bad, expected);
    assert_eq!(sink.notices[1].found, "-1");
    assert_eq!(sink.notices[2].found, "yesterday");
    assert_eq!(sink.notices[0].file, "1.csv");
    assert_eq!(report.bytes_listed.current, 3);
}

#[test]
fn notices_are_bounded_and_their_rows_are_all_counted() {
    let csv = "\"calls\",\"narrow\"\n".repeat(250);
    let (sink, _) = read_folder(&one_csv(SCHEMA, csv.as_bytes()));
    assert_eq!(sink.notices.len(), 101);
    assert_eq!(
        sink.notices
            .iter()
            .map(|notice| notice.rows_affected)
            .sum::<u64>(),
        250
    );
    assert_eq!(sink.notices[100].found, "150 more notices of this code");
}

#[test]
fn gzip_of_many_members_is_read_to_its_end() {
    let row = |key: &str| format!("\"calls\",\"{key}\",\"1\",\"2024-05-06T22:37:48.000Z\"\n");
    let bytes = [
        gzip(row("a").as_bytes()),
        gzip(b""),
        gzip((row("b") + &row("c")).as_bytes()),
    ]
    .concat();
    let folder = Folder::new();
    folder.write(
        "daily/2024-05-07T01-00Z/manifest.json",
        manifest("CSV", SCHEMA, &[("p/data/1.csv.gz", &bytes)]),
    );
    folder.write("daily/data/1.csv.gz", &bytes);
    let (sink, report) = read(&folder.input(Format::S3Inventory, &["daily/2024-05-07T01-00Z"]));
    assert_eq!(column(&objects(&sink), "key"), ["a", "b", "c"]);
    assert_eq!(codes(&sink.notices), ["manifest-unchecked"]);
    assert_eq!(
        report
            .files
            .iter()
            .map(|file| file.name.as_str())
            .collect::<Vec<_>>(),
        [
            "daily/2024-05-07T01-00Z/manifest.json",
            "daily/data/1.csv.gz"
        ]
    );
}

#[test]
fn a_file_with_a_wrong_md5_is_not_used_at_all() {
    let csv = b"\"calls\",\"a\",\"1\",\"2024-05-06T22:37:48.000Z\"\n";
    let folder = one_csv(SCHEMA, csv);
    folder.write(
        "1.csv",
        b"\"calls\",\"b\",\"1\",\"2024-05-06T22:37:48.000Z\"\n",
    );
    let (sink, report) = read_folder(&folder);
    assert_eq!(objects(&sink).num_rows(), 0);
    assert_eq!(
        (
            only(&sink.notices, "md5-mismatch").effect,
            report.rows.get(&Table::Objects)
        ),
        (Effect::Lost, None)
    );
}

#[test]
fn the_digest_in_a_notice_is_not_masked() {
    let folder = one_csv(
        SCHEMA,
        b"\"calls\",\"a\",\"1\",\"2024-05-06T22:37:48.000Z\"\n",
    );
    // The MD5 of nothing has a run of seven digits.
    folder.write("1.csv", b"");
    let (sink, _) = read_folder(&folder);
    assert_eq!(
        only(&sink.notices, "md5-mismatch").found,
        "MD5 in hex d41d8cd98f00b204e9800998ecf8427e"
    );
}

#[test]
fn a_file_of_the_wrong_length_is_not_used_either() {
    let csv = b"\"calls\",\"a\",\"1\",\"2024-05-06T22:37:48.000Z\"\n";
    let folder = Folder::new();
    folder.write("1.csv", csv);
    let json = manifest("CSV", SCHEMA, &[("1.csv", csv)])
        .replace(&format!("\"size\":{}", csv.len()), "\"size\":1");
    folder.write("manifest.json", json);
    let (sink, _) = read_folder(&folder);
    assert_eq!(with_effect(&sink.notices, Effect::Lost), ["size-mismatch"]);
    assert_eq!(objects(&sink).num_rows(), 0);
}

#[test]
fn a_manifest_with_a_wrong_md5_vouches_for_nothing() {
    let folder = one_csv(
        SCHEMA,
        b"\"calls\",\"a\",\"1\",\"2024-05-06T22:37:48.000Z\"\n",
    );
    folder.write("manifest.checksum", "00000000000000000000000000000000\n");
    let (sink, report) = read_folder(&folder);
    assert_eq!(
        with_effect(&sink.notices, Effect::Lost),
        ["manifest-md5-mismatch"]
    );
    assert_eq!(objects(&sink).num_rows(), 0);
    assert!(report.files.iter().all(|file| file.sha256.len() == 64));
}

#[test]
fn listed_files_that_are_absent_are_lost() {
    let folder = Folder::new();
    folder.write(
        "manifest.json",
        manifest(
            "CSV",
            SCHEMA,
            &[("x/gone.csv", b"abc"), ("../../etc/..", b"")],
        ),
    );
    let (sink, _) = read_folder(&folder);
    assert_eq!(
        with_effect(&sink.notices, Effect::Lost),
        ["file-missing", "file-missing"]
    );
    let files: Vec<_> = sink
        .notices
        .iter()
        .filter(|n| n.code == "file-missing")
        .map(|n| (n.file.as_str(), n.file_no))
        .collect();
    assert_eq!(files, [("x/gone.csv", None), ("../../etc/..", None)]);
}

#[test]
fn a_manifest_that_cannot_be_understood_is_lost() {
    let folder = Folder::new();
    folder.write("manifest.json", "{\"files\": [");
    folder.write("1.csv", "\"calls\",\"a\"\n");
    let (sink, _) = read_folder(&folder);
    assert_eq!(
        with_effect(&sink.notices, Effect::Lost),
        ["manifest-invalid", "no-schema"]
    );
}

#[test]
fn a_headerless_csv_needs_a_manifest_or_a_schema() {
    let folder = Folder::new();
    folder.write(
        "1.csv",
        b"\"calls\",\"a\",\"1\",\"2024-05-06T22:37:48.000Z\"\n",
    );
    let mut input = folder.input(Format::S3Inventory, &["1.csv"]);
    let (sink, _) = read(&input);
    assert_eq!(codes(&sink.notices), ["no-schema"]);
    input.schema = Some(SCHEMA.to_owned());
    let (sink, _) = read(&input);
    assert_eq!(codes(&sink.notices), ["no-manifest"]);
    assert_eq!(column(&objects(&sink), "snapshot_at"), ["-"]);
    assert_eq!(column(&objects(&sink), "key"), ["a"]);
}

#[test]
fn a_resaved_csv_with_a_header_is_read_with_doubt() {
    let csv = b"Bucket,Key,Size,LastModifiedDate\ncalls,a,1,2024-05-06T22:37:48.000Z\n";
    let (sink, _) = read_folder(&one_csv(SCHEMA, csv));
    assert_eq!(codes(&sink.notices), ["header-row"]);
    assert_eq!(column(&objects(&sink), "row_no"), ["1"]);
}

#[test]
fn unknown_columns_are_named_and_known_ones_outside_the_list_are_left() {
    let schema = "Bucket, Key, ObjectOwner, Secret, ObjectAccessControlList, Size";
    let csv = b"\"calls\",\"a\",\"canary-owner\",\"canary-secret\",\"e30K\",\"1\"\n";
    let (sink, _) = read_folder(&one_csv(schema, csv));
    let unknown = only(&sink.notices, "unknown-column");
    assert_eq!(
        (unknown.found.as_str(), unknown.effect),
        ("Secret", Effect::Unread)
    );
    assert_eq!(
        only(&sink.notices, "column-not-read").found,
        "ObjectOwner, ObjectAccessControlList"
    );
    let everything = format!("{:?} {:?}", objects(&sink), sink.notices);
    assert!(!everything.contains("canary"));
}

#[test]
fn rows_of_another_bucket_raise_doubt() {
    let csv = b"\"calls\",\"a\",\"1\",\"2024-05-06T22:37:48.000Z\"\n\"other\",\"b\",\"1\",\"2024-05-06T22:37:48.000Z\"\n";
    let (sink, _) = read_folder(&one_csv(SCHEMA, csv));
    assert_eq!(only(&sink.notices, "bucket-mismatch").rows_affected, 1);
    assert_eq!(column(&objects(&sink), "container"), ["calls", "other"]);
}

#[test]
fn one_record_cannot_grow_without_end() {
    let folder = Folder::new();
    let mut csv = b"\"calls\",\"a\",\"1\",\"2024-05-06T22:37:48.000Z\"\n\"calls\",\"".to_vec();
    csv.extend(vec![b'x'; 600_000]);
    folder.write("1.csv", &csv);
    let mut input = folder.input(Format::S3Inventory, &["1.csv"]);
    input.schema = Some(SCHEMA.to_owned());
    input.limits.record_bytes_max = 100_000;
    let (sink, _) = read(&input);
    assert_eq!(codes(&sink.notices), ["no-manifest", "record-too-long"]);
    assert_eq!(column(&objects(&sink), "key"), ["a"]);
}

#[test]
fn a_decompression_bomb_is_stopped() {
    let folder = Folder::new();
    let row = "\"calls\",\"a\",\"1\",\"2024-05-06T22:37:48.000Z\"\n";
    folder.write("1.csv.gz", gzip(row.repeat(100_000).as_bytes()));
    let mut input = folder.input(Format::S3Inventory, &["."]);
    input.schema = Some(SCHEMA.to_owned());
    input.limits.decompressed_bytes_max = 200_000;
    let (sink, _) = read(&input);
    assert_eq!(with_effect(&sink.notices, Effect::Lost), ["file-too-large"]);
    assert!(objects(&sink).num_rows() < 20_000);
}

/// Rows whose text does not compress well, so that half of the file is about half of the rows.
fn many_rows(rows: usize) -> String {
    use std::fmt::Write as _;
    let mut csv = String::new();
    let mut seed = 1_u64;
    for row in 0..rows {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let _ = writeln!(
            csv,
            "\"calls\",\"k{row}/{}\",\"{}\",\"2024-05-06T22:37:48.000Z\"",
            seed >> 45,
            seed >> 50
        );
    }
    csv
}

#[test]
fn a_gzip_cut_in_half_gives_its_rows_up_to_the_cut() {
    let folder = Folder::new();
    let whole = gzip(many_rows(20_000).as_bytes());
    folder.write("1.csv.gz", &whole[..whole.len() / 2]);
    let mut input = folder.input(Format::S3Inventory, &["."]);
    input.schema = Some(SCHEMA.to_owned());
    let (sink, report) = read(&input);
    let rows = objects(&sink).num_rows();
    assert!((5_000..15_000).contains(&rows), "{rows}");
    let notice = only(&sink.notices, "file-truncated");
    assert_eq!(notice.effect, Effect::Lost);
    assert!(
        notice
            .message
            .contains(&format!("{rows} rows before it were read")),
        "{}",
        notice.message
    );
    assert_eq!(report.rows[&Table::Objects], rows as u64);
}

fn parquet_bytes(rows: usize, group_rows: usize) -> Vec<u8> {
    let schema = Arc::new(Schema::new(vec![
        Field::new("bucket", DataType::Utf8, false),
        Field::new("key", DataType::Utf8, false),
        Field::new("object_owner", DataType::Utf8, true),
        Field::new("size", DataType::Int64, true),
        Field::new("is_latest", DataType::Boolean, true),
        Field::new(
            "last_modified_date",
            DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            true,
        ),
    ]));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec!["calls"; rows])),
        Arc::new(
            (0..rows)
                .map(|row| Some(format!("a+b%20/{row}")))
                .collect::<StringArray>(),
        ),
        Arc::new(StringArray::from(vec!["canary"; rows])),
        Arc::new(
            (0..rows)
                .map(|row| i64::try_from(row).ok())
                .collect::<Int64Array>(),
        ),
        Arc::new(BooleanArray::from(vec![true; rows])),
        Arc::new(
            TimestampMillisecondArray::from(vec![1_715_035_068_000; rows]).with_timezone("UTC"),
        ),
    ];
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_max_row_group_row_count(Some(group_rows))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn parquet_keys_are_raw_and_other_columns_are_not_decoded() {
    let folder = Folder::new();
    let bytes = parquet_bytes(20_000, 9_000);
    folder.write("data.parquet", &bytes);
    folder.write(
        "manifest.json",
        manifest(
            "Parquet",
            "message s3.inventory {}",
            &[("data.parquet", &bytes)],
        ),
    );
    let (sink, report) = read_folder(&folder);
    let table = objects(&sink);
    assert_eq!(column(&table, "key")[19_999], "a+b%20/19999");
    assert_eq!(column(&table, "row_no")[19_999], "20000");
    assert_eq!(report.bytes_listed.current, (0..20_000).sum::<u128>());
    assert!(
        sink.batches[&Table::Objects]
            .iter()
            .all(|batch| batch.num_rows() <= plainview_records::tables::BATCH_ROWS_MAX)
    );
    assert_eq!(
        codes(&sink.notices),
        ["manifest-unchecked", "column-not-read"]
    );
}

#[test]
fn a_parquet_without_a_manifest_describes_itself() {
    let folder = Folder::new();
    folder.write("data.parquet", parquet_bytes(3, 10));
    let (sink, _) = read_folder(&folder);
    assert_eq!(codes(&sink.notices), ["no-manifest", "column-not-read"]);
    assert_eq!(objects(&sink).num_rows(), 3);
}

#[test]
fn a_cut_parquet_is_lost_and_a_damaged_row_group_costs_its_own_rows_only() {
    let bytes = parquet_bytes(20_000, 5_000);
    let folder = Folder::new();
    folder.write("cut.parquet", &bytes[..bytes.len() / 2]);
    let (sink, _) = read_folder(&folder);
    assert_eq!(with_effect(&sink.notices, Effect::Lost), ["file-damaged"]);
    assert_eq!(objects(&sink).num_rows(), 0);

    let folder = Folder::new();
    let mut damaged = bytes;
    // The first page header of the first row group, behind the four bytes of magic.
    damaged[4..40].fill(0xff);
    folder.write("damaged.parquet", damaged);
    let (sink, _) = read_folder(&folder);
    let notice = only(&sink.notices, "file-damaged");
    assert_eq!((notice.effect, notice.rows_affected), (Effect::Lost, 5_000));
    assert_eq!(objects(&sink).num_rows(), 15_000);
    assert_eq!(column(&objects(&sink), "row_no")[0], "5001");
}

#[test]
fn a_cut_orc_is_lost() {
    let Some(root) = orcabus() else { return };
    let bytes = std::fs::read(root.join("orc_inventory.orc")).unwrap();
    for end in [3, 100, bytes.len() / 2, bytes.len() - 1] {
        let folder = Folder::new();
        folder.write("cut.orc", &bytes[..end]);
        let (sink, _) = read_folder(&folder);
        assert_eq!(objects(&sink).num_rows(), 0);
        assert_eq!(
            with_effect(&sink.notices, Effect::Lost),
            ["file-damaged"],
            "{end}"
        );
    }
}

#[test]
fn flipped_bytes_never_end_the_run() {
    let Some(root) = orcabus() else { return };
    for name in [
        "orc_inventory.orc",
        "parquet_inventory.parquet",
        "csv_inventory.csv.gz",
    ] {
        let bytes = std::fs::read(root.join(name)).unwrap();
        for at in (0..bytes.len()).step_by(23) {
            let folder = Folder::new();
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x55;
            folder.write(name, flipped);
            let mut input = folder.input(Format::S3Inventory, &["."]);
            input.schema = Some(SCHEMA.to_owned());
            let _ = read(&input);
        }
    }
}

#[test]
fn an_unreadable_file_is_a_notice_and_the_rest_is_read() {
    let folder = one_csv(
        SCHEMA,
        b"\"calls\",\"a\",\"1\",\"2024-05-06T22:37:48.000Z\"\n",
    );
    let mut input = folder.input(Format::S3Inventory, &["."]);
    // A folder where a file should be cannot be read, whoever runs the test.
    let unreadable = folder.path().join("2.csv");
    std::fs::create_dir(&unreadable).unwrap();
    input.files.push(unreadable);
    let (sink, report) = read(&input);
    assert_eq!(only(&sink.notices, "file-unreadable").file, "2.csv");
    assert_eq!(objects(&sink).num_rows(), 1);
    assert_eq!(
        report
            .files
            .iter()
            .filter(|file| file.sha256.is_empty())
            .count(),
        1
    );
}

#[test]
fn the_source_digest_is_over_sorted_hashes_and_names() {
    use sha2::{Digest as _, Sha256};
    let folder = one_csv(
        SCHEMA,
        b"\"calls\",\"a\",\"1\",\"2024-05-06T22:37:48.000Z\"\n",
    );
    let (_, report) = read_folder(&folder);
    let mut lines: Vec<String> = ["1.csv", "manifest.json", "manifest.checksum"]
        .iter()
        .map(|name| {
            format!(
                "{}  {name}\n",
                hex(&Sha256::digest(
                    std::fs::read(folder.path().join(name)).unwrap()
                ))
            )
        })
        .collect();
    lines.sort();
    assert_eq!(
        report.digest,
        format!("sha256:{}", hex(&Sha256::digest(lines.concat())))
    );
}

#[test]
fn without_an_account_the_rows_say_so() {
    let folder = one_csv(
        SCHEMA,
        b"\"calls\",\"a\",\"1\",\"2024-05-06T22:37:48.000Z\"\n",
    );
    let mut input = folder.input(Format::S3Inventory, &["."]);
    input.account = None;
    let (sink, _) = read(&input);
    assert_eq!(codes(&sink.notices), ["account-unknown"]);
    assert_eq!(
        (
            column(&objects(&sink), "provider")[0].as_str(),
            column(&objects(&sink), "account")[0].as_str()
        ),
        ("aws", "unknown")
    );
}
