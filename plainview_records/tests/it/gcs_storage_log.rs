//! Tests of the gcs-storage-log reader. No real log is to be had: the form is the one of the vendor's pages.

use plainview_records::{Collected, Effect, Format, SourceReport, Table, detect};

use crate::support::{Folder, codes, column, only, read};

const HEADER: &str = "\"bucket\",\"storage_byte_hours\"";
const NAME: &str = "box_storage_2014_01_05_08_00_00_021fd_v0";

fn read_files(files: &[(&str, &str)]) -> (Collected, SourceReport) {
    let folder = Folder::new();
    for (name, text) in files {
        folder.write(name, text);
    }
    let mut input = folder.input(Format::GcsStorageLog, &["."]);
    input.account = Some("gcp/a-project".to_owned());
    read(&input)
}

#[test]
fn byte_hours_of_a_day_become_average_bytes() {
    // 2400 / 24 = 100; 5532482018 / 24 = 230520084.08333...; 0 stays 0.
    let text = format!("{HEADER}\n\"box\",\"2400\"\n\"crate\",\"5532482018\"\n\"empty\",\"0\"\n");
    let (sink, report) = read_files(&[(NAME, &text)]);
    assert_eq!(codes(&sink.notices), Vec::<&str>::new());
    assert_eq!(report.rows, [(Table::Metering, 3)].into());
    let table = sink.table(Table::Metering).unwrap();
    for (name, expected) in [
        ("provider", ["gcp"; 3]),
        ("account", ["a-project"; 3]),
        ("container", ["box", "crate", "empty"]),
        ("meter", ["stored_bytes"; 3]),
        ("statistic", ["average"; 3]),
        ("unit", ["B"; 3]),
        ("start_at", ["2014-01-05T08:00:00Z"; 3]),
        ("end_at", ["2014-01-06T08:00:00Z"; 3]),
        (
            "value",
            [
                "100.000000000000",
                "230520084.083333333333",
                "0.000000000000",
            ],
        ),
    ] {
        assert_eq!(column(&table, name), expected, "{name}");
    }
    // 2014-01-05T08:00:00Z and a day later.
    assert_eq!(
        report.time_range,
        Some((1_388_908_800_000, 1_388_995_200_000))
    );
}

#[test]
fn equal_files_of_two_days_are_two_days() {
    let text = format!("{HEADER}\n\"box\",\"24\"\n");
    let next = NAME.replace("01_05", "01_06");
    let (sink, _) = read_files(&[(NAME, &text), (&next, &text)]);
    assert_eq!(codes(&sink.notices), Vec::<&str>::new());
    let starts = column(&sink.table(Table::Metering).unwrap(), "start_at");
    assert_eq!(starts, ["2014-01-05T08:00:00Z", "2014-01-06T08:00:00Z"]);
    let copy = format!("copy/{NAME}");
    let (sink, report) = read_files(&[(NAME, &text), (&copy, &text)]);
    assert_eq!(codes(&sink.notices), ["duplicate-file"]);
    assert_eq!(report.rows, [(Table::Metering, 1)].into());
}

#[test]
fn what_cannot_be_used_is_said() {
    let text = format!("{HEADER}\n\"box\",\"24\"\n\"box\",\"48\"\n");
    let (sink, report) = read_files(&[("renamed.csv", &text)]);
    assert_eq!(report.rows.len(), 0);
    let lost = only(&sink.notices, "no-day-in-name");
    assert_eq!((lost.effect, lost.rows_affected), (Effect::Lost, 2));

    let bad = format!(
        "{HEADER},\"owner\"\n\"box\",\"many\",\"canary\"\n\"\",\"24\",\"canary\"\n\"box\"\n\"box\",\"-1\",\"canary\"\n\"box\",\"2.4E3\",\"canary\"\n"
    );
    let (sink, report) = read_files(&[(NAME, &bad)]);
    assert_eq!(report.rows, [(Table::Metering, 1)].into());
    assert_eq!(
        column(&sink.table(Table::Metering).unwrap(), "value"),
        ["100.000000000000"]
    );
    let rows: Vec<_> = sink
        .notices
        .iter()
        .filter(|n| n.code == "bad-row")
        .map(|n| n.row)
        .collect();
    assert_eq!(rows, [Some(1), Some(2), Some(3), Some(4)]);
    assert_eq!(only(&sink.notices, "rounded-value").rows_affected, 1);
    assert_eq!(only(&sink.notices, "unknown-column").found, "owner");
    let all = format!("{:?} {:?}", sink.table(Table::Metering), sink.notices);
    assert!(!all.contains("canary"), "{all}");

    assert_eq!(codes(&read_files(&[(NAME, "")]).0.notices), ["empty-file"]);
    assert_eq!(
        only(
            &read_files(&[(NAME, "\"bucket\"\n\"x\"\n")]).0.notices,
            "missing-columns"
        )
        .effect,
        Effect::Lost
    );
}

#[test]
fn files_are_known_by_their_header() {
    let folder = Folder::new();
    let path = folder.write("anything", format!("{HEADER}\n\"box\",\"24\"\n"));
    assert_eq!(
        detect(&path).map(|found| found.format),
        Some(Format::GcsStorageLog)
    );
}
