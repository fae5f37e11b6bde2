//! Shared by the tests of the Azure logs and exports.

use std::fmt::Write as _;

use arrow_array::RecordBatch;
use plainview_records::{
    Collected, Effect, Format, Notice, SourceInput, SourceReport, Table, detect,
};

use crate::support::{Folder, column, read};

/// Reads files given as (name, bytes) in this order, with no account from the source.
pub(crate) fn read_files(format: Format, files: &[(&str, &[u8])]) -> (Collected, SourceReport) {
    let folder = Folder::new();
    let paths = files
        .iter()
        .map(|(name, bytes)| folder.write(name, bytes))
        .collect();
    read(&SourceInput::new(
        "azure",
        format,
        folder.path().to_owned(),
        paths,
    ))
}

/// Reads one text.
pub(crate) fn read_text(format: Format, text: &str) -> Collected {
    read_files(format, &[("log", text.as_bytes())]).0
}

/// The format that a text is recognised as.
pub(crate) fn recognised(text: &str) -> Option<Format> {
    let folder = Folder::new();
    detect(&folder.write("log", text)).map(|found| found.format)
}

/// The rows of `table` as texts of these columns, joined by a bar.
pub(crate) fn rows(sink: &Collected, table: Table, columns: &[&str]) -> Vec<String> {
    let batch = sink.table(table).unwrap();
    let cells: Vec<Vec<String>> = columns.iter().map(|name| column(&batch, name)).collect();
    (0..batch.num_rows())
        .map(|row| {
            let texts: Vec<&str> = cells.iter().map(|column| column[row].as_str()).collect();
            texts.join("|")
        })
        .collect()
}

/// Code, effect and rows of each notice.
pub(crate) fn told(notices: &[Notice]) -> Vec<(&str, Effect, u64)> {
    notices
        .iter()
        .map(|notice| (notice.code, notice.effect, notice.rows_affected))
        .collect()
}

/// What notices of this code show as found, in order.
pub(crate) fn found<'n>(notices: &'n [Notice], code: &str) -> Vec<&'n str> {
    notices
        .iter()
        .filter(|notice| notice.code == code)
        .map(|notice| notice.found.as_str())
        .collect()
}

/// Every cell of every table, every notice and the report, as one text.
pub(crate) fn everything(sink: &Collected, report: &SourceReport) -> String {
    let mut text = format!("{:?}\n{report:?}\n", sink.notices);
    for table in Table::ALL {
        let batch: RecordBatch = sink.table(table).unwrap();
        for field in batch.schema().fields() {
            writeln!(text, "{:?}", column(&batch, field.name())).unwrap();
        }
    }
    text
}

/// Reads the text and finds the planted string nowhere.
pub(crate) fn assert_blind(format: Format, text: &str, canary: &str) -> Collected {
    assert!(text.contains(canary), "the test plants nothing");
    let (sink, report) = read_files(format, &[("log", text.as_bytes())]);
    let all = everything(&sink, &report);
    assert!(
        !all.to_lowercase().contains(&canary.to_lowercase()),
        "{all}"
    );
    sink
}
