//! Tests of the gcs-usage-log reader.

use plainview_records::{Collected, Effect, Format, SourceReport, Table, detect};

use crate::support::{Folder, codes, column, gzip, only, read};

const HEADER: &str = "\"time_micros\",\"c_ip\",\"c_ip_type\",\"c_ip_region\",\"cs_method\",\"cs_uri\",\"sc_status\",\"cs_bytes\",\"sc_bytes\",\"time_taken_micros\",\"cs_host\",\"cs_referer\",\"cs_user_agent\",\"s_request_id\",\"cs_operation\",\"cs_bucket\",\"cs_object\"";

/// A row with the fields that differ.
fn row(address: &str, agent: &str, id: &str, operation: &str, object: &str) -> String {
    format!(
        "\"1693206014339999\",\"{address}\",\"1\",\"\",\"GET\",\"/box/x?GoogleAccessId=canary&Signature=canary\",\"200\",\"11\",\"277\",\"488999\",\"canary.example\",\"http://canary/\",\"{agent}\",\"{id}\",\"{operation}\",\"box\",\"{object}\""
    )
}

fn read_text(text: impl AsRef<[u8]>) -> (Collected, SourceReport) {
    let folder = Folder::new();
    folder.write("box_usage_2023_08_28_07_00_00_0a1b_v0", text);
    let mut input = folder.input(Format::GcsUsageLog, &["."]);
    input.account = Some("gcp/a-project".to_owned());
    read(&input)
}

#[test]
fn rows_become_requests_by_nobody() {
    let text = format!(
        "\u{feff}{HEADER}\r\n\r\n{}\r\n{}\n{}\n{}\n",
        row(
            "192.0.2.7",
            "Mozilla/5.0 (canary, like Gecko)",
            "R1",
            "GET_Object",
            "v1/kanji/集"
        ),
        row(
            "",
            "GCS Lifecycle Management",
            "R2",
            "DELETE_Object",
            "old, \"\"quoted\"\".txt"
        ),
        row(
            "10.0.0.1",
            "GCS Lifecycle Management",
            "R3",
            "DELETE_Object",
            "calls/972501234567.opus"
        ),
        row("2001:db8::1", "canary", "R4", "", ""),
    );
    let (sink, report) = read_text(text);
    assert_eq!(report.rows, [(Table::Requests, 4)].into());
    let table = sink.table(Table::Requests).unwrap();
    for (name, expected) in [
        ("provider", ["gcp"; 4]),
        ("account", ["a-project"; 4]),
        ("container", ["box"; 4]),
        ("at", ["2023-08-28T07:00:14.339Z"; 4]),
        (
            "operation",
            ["GET_Object", "DELETE_Object", "DELETE_Object", "GET"],
        ),
        ("verb", ["read", "delete", "delete", "other"]),
        ("status", ["200"; 4]),
        ("bytes_in", ["11"; 4]),
        ("bytes_out", ["277"; 4]),
        ("duration_ms", ["488"; 4]),
        ("principal", ["-"; 4]),
        (
            "principal_kind",
            ["unknown", "lifecycle", "unknown", "unknown"],
        ),
        ("network", ["public", "provider", "private", "public"]),
        ("act_id", ["R1", "R2", "R3", "R4"]),
        ("row_no", ["1", "2", "3", "4"]),
    ] {
        assert_eq!(column(&table, name), expected, "{name}");
    }
    let keys = column(&table, "key");
    assert_eq!(keys[..2], ["v1/kanji/集", "old, \"quoted\".txt"]);
    assert_eq!(keys[3], "-");
    assert_eq!(codes(&sink.notices), ["column-not-read"]);
    let all = format!("{table:?} {:?} {report:?}", sink.notices);
    assert!(
        !all.contains("canary") && !all.contains("972501234567"),
        "{all}"
    );
}

#[test]
fn new_columns_are_named_and_not_read() {
    let text = format!(
        "{HEADER},\"cs_new\"\n{},\"canary\"\n",
        row("192.0.2.7", "x", "R1", "GET_Object", "a")
    );
    let (sink, report) = read_text(text);
    assert_eq!(report.rows, [(Table::Requests, 1)].into());
    let notice = only(&sink.notices, "unknown-column");
    assert_eq!(
        (notice.effect, notice.found.as_str()),
        (Effect::Unread, "cs_new")
    );
    assert!(!format!("{:?} {:?}", sink.table(Table::Requests), sink.notices).contains("canary"));
}

#[test]
fn bad_truncated_and_empty_files_are_said_to_be_so() {
    let good = row("192.0.2.7", "x", "R1", "GET_Object", "a");
    let text = format!(
        "{HEADER}\n{good}\n{}\n\"1\",\"2\"\n{}\n",
        good.replace("1693206014339999", "canary"),
        good.replace("GET_Object", "canary canary")
    );
    let (sink, report) = read_text(&text);
    assert_eq!(report.rows, [(Table::Requests, 1)].into());
    let lost: Vec<_> = sink
        .notices
        .iter()
        .filter(|n| n.effect == Effect::Lost)
        .map(|n| (n.code, n.row))
        .collect();
    assert_eq!(
        lost,
        [
            ("bad-row", Some(2)),
            ("bad-row", Some(3)),
            ("bad-row", Some(4))
        ]
    );

    let whole = gzip(format!("{HEADER}\n{}", format!("{good}\n").repeat(500)).as_bytes());
    let (sink, _) = read_text(&whole[..whole.len() - 12]);
    assert!(
        codes(&sink.notices)
            .iter()
            .any(|code| code.starts_with("file-")),
        "{:?}",
        sink.notices
    );
    // Cut within a row: the row is short of fields.
    let (sink, report) =
        read_text(&format!("{HEADER}\n{good}\n{good}")[..HEADER.len() + good.len() + 60]);
    assert_eq!(report.rows, [(Table::Requests, 1)].into());
    assert_eq!(only(&sink.notices, "bad-row").row, Some(2));

    assert_eq!(codes(&read_text("").0.notices), ["empty-file"]);
    assert_eq!(codes(&read_text("{}").0.notices), ["not-a-log"]);
    assert_eq!(
        only(&read_text("a,b\n1,2\n").0.notices, "missing-columns").effect,
        Effect::Lost
    );
    assert_eq!(read_text(format!("{HEADER}\n")).1.rows.len(), 0);
}

#[test]
fn files_are_known_by_their_header() {
    let folder = Folder::new();
    let path = folder.write("anything", format!("{HEADER}\n"));
    assert_eq!(
        detect(&path).map(|found| found.format),
        Some(Format::GcsUsageLog)
    );
}
