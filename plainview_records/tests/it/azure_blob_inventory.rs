//! Tests of the azure-blob-inventory reader. No real rows are to be had: the envelopes are made here, from the vendor's documentation.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use parquet::arrow::ArrowWriter;
use plainview_records::{Collected, Effect, FileRole, Format, SourceReport, Table};

use crate::support::{Folder, codes, column, md5_hex, objects, only, read, with_effect};

const HEADER: &str = "Name,Creation-Time,Last-Modified,Content-Length,Content-Type,BlobType,AccessTier,Snapshot,VersionId,IsCurrentVersion,Deleted,hdi_isfolder,Metadata";

/// A live blob, a folder, a snapshot, an older version and a deleted blob; the live bytes are 100.
const CSV: &str = "\
calls/2024/972501234567.opus,2024-05-06T22:37:48.0000000Z,2024-05-06T22:37:49.0000000Z,100,audio/ogg,BlockBlob,Cool,,2024-05-06T22:37:48.1234567Z,true,,,canary\n\
calls/2024,2024-05-06T22:37:48.0000000Z,2024-05-06T22:37:49.0000000Z,0,,BlockBlob,,,,,,true,\n\
calls/2024/b.opus,2024-05-06T22:37:48.0000000Z,2024-05-06T22:37:49.0000000Z,20,audio/ogg,BlockBlob,Cool,2024-05-07T00:00:00.0000000Z,,,,,\n\
calls/2024/c.opus,2024-05-06T22:37:48.0000000Z,2024-05-06T22:37:49.0000000Z,3,audio/ogg,BlockBlob,Cool,,2024-05-01T00:00:00.0000000Z,,,,\n\
calls/2024/d.opus,2024-05-06T22:37:48.0000000Z,2024-05-06T22:37:49.0000000Z,4,audio/ogg,BlockBlob,Cool,,,,TRUE,,\n";

fn manifest(files: &[(&str, &[u8])], status: &str, object_type: &str, count: u64) -> String {
    let files: Vec<String> = files
        .iter()
        .map(|(name, bytes)| {
            format!(
                r#"{{"blob":"2024/05/07/01-00-00/daily/{name}","size":{}}}"#,
                bytes.len()
            )
        })
        .collect();
    format!(
        r#"{{"destinationContainer":"reports","endpoint":"https://contoso.blob.core.windows.net","files":[{}],
        "inventoryCompletionTime":"2024-05-07T01:30:00Z","inventoryStartTime":"2024-05-07T01:00:00Z",
        "ruleDefinition":{{"filters":{{}},"format":"csv","objectType":"{object_type}","schedule":"daily","schemaFields":["Name"]}},
        "ruleName":"daily","status":"{status}","summary":{{"objectCount":{count},"totalObjectSize":1}},"version":"1.0"}}"#,
        files.join(",")
    )
}

fn report(data: &[u8], name: &str, count: u64) -> Folder {
    let folder = Folder::new();
    let json = manifest(&[(name, data)], "Succeeded", "blob", count);
    folder.write(name, data);
    folder.write("daily-manifest.checksum", md5_hex(json.as_bytes()));
    folder.write("daily-manifest.json", json);
    folder
}

fn read_folder(folder: &Folder) -> (Collected, SourceReport) {
    let mut input = folder.input(Format::AzureBlobInventory, &["."]);
    input.account = None;
    read(&input)
}

fn csv() -> Vec<u8> {
    format!("{HEADER}\n{CSV}").into_bytes()
}

#[test]
fn every_kind_of_row_has_its_state_and_only_live_bytes_count() {
    let (sink, read) = read_folder(&report(&csv(), "daily.csv", 5));
    assert_eq!(codes(&sink.notices), ["column-not-read"]);
    assert_eq!(sink.notices[0].found, "Metadata");
    let table = objects(&sink);
    assert_eq!(
        column(&table, "state"),
        ["current", "folder", "snapshot", "noncurrent", "deleted"]
    );
    assert_eq!(
        (read.bytes_listed.current, read.bytes_listed.all),
        (100, 127)
    );
    assert_eq!(read.rows, [(Table::Objects, 5)].into());
    assert_eq!(column(&table, "container"), ["calls"; 5]);
    assert_eq!(column(&table, "provider")[0], "azure");
    assert_eq!(column(&table, "account")[0], "contoso");
    assert_eq!(column(&table, "key")[1], "2024");
    assert_eq!(column(&table, "snapshot_at")[0], "2024-05-07T01:00:00Z");
    assert_eq!(column(&table, "created_at")[0], "2024-05-06T22:37:48Z");
    assert_eq!(
        column(&table, "version_id")[2],
        "2024-05-07T00:00:00.0000000Z"
    );
    assert_eq!(column(&table, "version_id")[4], "-");
    assert_eq!(column(&table, "tier")[1], "-");
    let all = format!("{table:?} {:?}", sink.notices);
    assert!(!all.contains("canary") && !all.contains("972501234567"));
    let roles: Vec<FileRole> = read.files.iter().map(|file| file.role).collect();
    assert_eq!(
        roles,
        [FileRole::Checksum, FileRole::Manifest, FileRole::Data]
    );
}

#[test]
fn column_names_are_compared_without_case_and_hyphens() {
    let csv = b"\xef\xbb\xbfNAME,creationtime,LastModified,Etag,ContentLength,ContentType,blob_type,accesstier\n\
        calls/a,2024-05-06T22:37:48Z,\"Mon, 06 May 2024 22:37:49 GMT\",0x1,7,text/plain,BlockBlob,Hot\n";
    let (sink, _) = read_folder(&report(csv, "daily.csv", 1));
    assert_eq!(codes(&sink.notices), Vec::<&str>::new());
    let table = objects(&sink);
    assert_eq!(column(&table, "size"), ["7"]);
    assert_eq!(column(&table, "modified_at"), ["2024-05-06T22:37:49Z"]);
    assert_eq!(column(&table, "etag"), ["0x1"]);
    assert_eq!(column(&table, "content_type"), ["text/plain"]);
}

#[test]
fn parquet_gives_the_same_table_as_csv() {
    let created = 1_715_035_068_000;
    let times = |moment: i64| {
        Arc::new(TimestampMillisecondArray::from(vec![moment; 5]).with_timezone("UTC")) as ArrayRef
    };
    let text = |cells: [Option<&str>; 5]| Arc::new(StringArray::from(cells.to_vec())) as ArrayRef;
    let flag = |cells: [Option<bool>; 5]| Arc::new(BooleanArray::from(cells.to_vec())) as ArrayRef;
    let ogg = Some("audio/ogg");
    let cool = Some("Cool");
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "Name",
            text([
                Some("calls/2024/972501234567.opus"),
                Some("calls/2024"),
                Some("calls/2024/b.opus"),
                Some("calls/2024/c.opus"),
                Some("calls/2024/d.opus"),
            ]),
        ),
        ("Creation-Time", times(created)),
        ("Last-Modified", times(created + 1000)),
        (
            "Content-Length",
            Arc::new(Int64Array::from(vec![100, 0, 20, 3, 4])),
        ),
        ("Content-Type", text([ogg, None, ogg, ogg, ogg])),
        ("BlobType", text([Some("BlockBlob"); 5])),
        ("AccessTier", text([cool, None, cool, cool, cool])),
        (
            "Snapshot",
            text([None, None, Some("2024-05-07T00:00:00.0000000Z"), None, None]),
        ),
        (
            "VersionId",
            text([
                Some("2024-05-06T22:37:48.1234567Z"),
                None,
                None,
                Some("2024-05-01T00:00:00.0000000Z"),
                None,
            ]),
        ),
        (
            "IsCurrentVersion",
            flag([Some(true), None, None, None, None]),
        ),
        ("Deleted", flag([None, None, None, None, Some(true)])),
        ("hdi_isfolder", flag([None, Some(true), None, None, None])),
        ("Metadata", text([Some("canary"); 5])),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let bytes = writer.into_inner().unwrap();
    let (from_parquet, one) = read_folder(&report(&bytes, "daily.parquet", 5));
    let (from_csv, other) = read_folder(&report(&csv(), "daily.csv", 5));
    assert_eq!(objects(&from_parquet), objects(&from_csv));
    assert_eq!(codes(&from_parquet.notices), codes(&from_csv.notices));
    assert_eq!(
        (one.bytes_listed, one.time_range),
        (other.bytes_listed, other.time_range)
    );
}

#[test]
fn an_unfinished_inventory_and_a_missing_checksum_are_told() {
    let folder = Folder::new();
    let csv = csv();
    folder.write("daily.csv", &csv);
    folder.write(
        "daily-manifest.json",
        manifest(&[("daily.csv", &csv)], "Pending", "blob", 0),
    );
    let (sink, _) = read_folder(&folder);
    assert_eq!(
        with_effect(&sink.notices, Effect::Lost),
        ["inventory-unfinished"]
    );
    assert_eq!(
        with_effect(&sink.notices, Effect::Doubt),
        ["manifest-unchecked"]
    );
    assert_eq!(objects(&sink).num_rows(), 5);
}

#[test]
fn a_wrong_checksum_refuses_the_manifest_and_a_wrong_length_the_file() {
    let folder = report(&csv(), "daily.csv", 5);
    folder.write("daily-manifest.checksum", "0".repeat(32));
    let (sink, _) = read_folder(&folder);
    assert_eq!(
        with_effect(&sink.notices, Effect::Lost),
        ["manifest-md5-mismatch"]
    );
    assert_eq!(objects(&sink).num_rows(), 0);

    let folder = report(&csv(), "daily.csv", 5);
    folder.write(
        "daily.csv",
        [csv(), b"calls/z,,,1,,,,,,,,,\n".to_vec()].concat(),
    );
    let (sink, _) = read_folder(&folder);
    assert_eq!(with_effect(&sink.notices, Effect::Lost), ["size-mismatch"]);
    assert_eq!(objects(&sink).num_rows(), 0);
}

#[test]
fn reports_on_containers_are_counted_and_not_read() {
    let folder = Folder::new();
    let csv = b"Name,Last-Modified,ETag,PublicAccess,HasLegalHold\ncalls,2024-05-06T22:37:48Z,0x1,,false\nlogs,2024-05-06T22:37:48Z,0x2,,false\n";
    folder.write("daily.csv", csv);
    folder.write(
        "daily-manifest.json",
        manifest(&[("daily.csv", csv)], "Succeeded", "container", 2),
    );
    let (sink, report) = read_folder(&folder);
    let notice = only(&sink.notices, "container-report");
    assert_eq!((notice.effect, notice.rows_affected), (Effect::Unread, 2));
    assert_eq!(report.rows.get(&Table::Objects), None);
}

#[test]
fn bad_rows_are_notices_with_their_row() {
    let csv = format!(
        "{HEADER}\nnocontainer,,,1,,,,,,,,,\ncalls/a,,,many,,,,,,,,,\ncalls/b,,,2,,,,,,,maybe,,\ncalls/c\ncalls/d,,,5,,,,,,,,,\n"
    );
    let (sink, _) = read_folder(&report(csv.as_bytes(), "daily.csv", 5));
    let bad: Vec<_> = sink
        .notices
        .iter()
        .filter(|n| n.code == "bad-row")
        .map(|n| (n.row, n.found.as_str()))
        .collect();
    assert_eq!(
        bad,
        [
            (Some(1), "nocontainer"),
            (Some(2), "many"),
            (Some(3), "maybe"),
            (Some(4), "1 fields")
        ]
    );
    assert_eq!(column(&objects(&sink), "key"), ["d"]);
}

#[test]
fn a_summary_that_counts_other_rows_raises_doubt() {
    let (sink, _) = read_folder(&report(&csv(), "daily.csv", 6));
    let notice = only(&sink.notices, "summary-mismatch");
    assert_eq!(
        (notice.found.as_str(), notice.expected.as_str()),
        ("5 rows", "6 rows")
    );
}

#[test]
fn a_file_without_a_manifest_is_read_with_doubt_and_the_sources_account() {
    let folder = Folder::new();
    folder.write("x.csv", csv());
    folder.write("readme.txt", "nothing here\n");
    let mut input = folder.input(Format::AzureBlobInventory, &["."]);
    input.account = Some("azure/fabrikam".to_owned());
    let (sink, _) = read(&input);
    assert_eq!(with_effect(&sink.notices, Effect::Doubt), ["no-manifest"]);
    assert_eq!(
        only(&sink.notices, "not-an-inventory-file").file,
        "readme.txt"
    );
    assert_eq!(column(&objects(&sink), "account")[0], "fabrikam");
}

#[test]
fn another_account_than_the_source_says_raises_doubt() {
    let folder = report(&csv(), "daily.csv", 5);
    let mut input = folder.input(Format::AzureBlobInventory, &["."]);
    input.account = Some("azure/fabrikam".to_owned());
    let (sink, _) = read(&input);
    assert_eq!(only(&sink.notices, "account-mismatch").found, "contoso");
    assert_eq!(column(&objects(&sink), "account")[0], "contoso");
}

#[test]
fn versions_without_a_current_mark_raise_doubt() {
    let csv = b"Name,Content-Length,VersionId\ncalls/a,1,2024-05-06T22:37:48.1234567Z\n";
    let (sink, _) = read_folder(&report(csv, "daily.csv", 1));
    assert_eq!(only(&sink.notices, "version-unclear").rows_affected, 1);
}

#[test]
fn two_rules_of_one_day_may_list_a_blob_twice() {
    let folder = report(&csv(), "daily.csv", 5);
    let csv = csv();
    folder.write("other/weekly.csv", &csv);
    folder.write(
        "other/weekly-manifest.json",
        manifest(&[("weekly.csv", &csv)], "Succeeded", "blob", 5),
    );
    let (sink, _) = read_folder(&folder);
    assert_eq!(
        only(&sink.notices, "overlapping-manifests").effect,
        Effect::Doubt
    );
}
