//! A sink that believes nothing.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::cast::AsArray as _;
use arrow_array::types::{UInt32Type, UInt64Type};
use arrow_array::{Array as _, RecordBatch};
use plainview_records::tables::BATCH_ROWS_MAX;
use plainview_records::{Effect, Error, Notice, Sink, SourceInput, SourceReport, Table};

/// What was given.
#[derive(Default)]
pub(crate) struct Watch {
    /// Rows of each table.
    rows: BTreeMap<Table, u64>,
    /// Rows of each file.
    by_file: BTreeMap<u32, u64>,
    /// Row numbers given of each file, in any table.
    numbers: BTreeMap<u32, BTreeSet<u64>>,
    /// Digest of everything given, in order.
    text: String,
    notices: Vec<Notice>,
}

impl Sink for Watch {
    fn batch(&mut self, table: Table, batch: RecordBatch) -> Result<(), Error> {
        assert_eq!(batch.schema(), table.schema(), "schema of {table}");
        assert!(batch.num_rows() <= BATCH_ROWS_MAX, "rows of a batch of {table}");
        assert!(batch.num_rows() > 0, "an empty batch of {table}");
        assert!(table != Table::Notices, "a reader gives notices, not their table");
        *self.rows.entry(table).or_default() += batch.num_rows() as u64;
        let files = batch.column(1).as_primitive::<UInt32Type>();
        let rows = batch.column(2).as_primitive::<UInt64Type>();
        for at in 0..batch.num_rows() {
            let (file, row) = (files.value(at), rows.value(at));
            assert!(row >= 1, "rows of {table} are numbered from 1");
            *self.by_file.entry(file).or_default() += 1;
            self.numbers.entry(file).or_default().insert(row);
        }
        for column in batch.columns() {
            self.text.push_str(&format!("{:?}", column.to_data()));
        }
        Ok(())
    }

    fn notice(&mut self, notice: Notice) {
        // 200 characters of what was found and an ellipsis.
        assert!(notice.found.chars().count() <= 203, "a notice shows too much");
        assert!(!notice.code.is_empty() && !notice.message.is_empty());
        self.text.push_str(&format!("{notice:?}"));
        self.notices.push(notice);
    }
}

impl Watch {
    /// Holds what was given against the report; gives all of it as text.
    pub(crate) fn check(mut self, input: &SourceInput, report: &SourceReport) -> String {
        let files = report.files.len();
        for file in self.by_file.keys() {
            assert!((*file as usize) < files, "a row of file {file} of {files}");
        }
        for notice in &self.notices {
            assert_eq!(notice.source_id, input.source_id);
            if let Some(file) = notice.file_no {
                assert!((file as usize) < files, "a notice about file {file} of {files}");
            }
        }
        self.rows.retain(|_, rows| *rows > 0);
        let told: BTreeMap<Table, u64> = report
            .rows
            .iter()
            .filter(|(_, rows)| **rows > 0)
            .map(|(table, rows)| (*table, *rows))
            .collect();
        assert_eq!(told, self.rows, "rows by table");
        for (number, file) in report.files.iter().enumerate() {
            let number = number as u32;
            let given = self.by_file.get(&number).copied().unwrap_or_default();
            assert_eq!(file.rows, given, "rows of file {number}");
            self.account_for(number);
        }
        self.text.push_str(&format!("{report:?}"));
        self.text
    }

    /// Every row number up to the last one met was given, or is covered by notices.
    fn account_for(&self, file: u32) {
        let empty = BTreeSet::new();
        let given = self.numbers.get(&file).unwrap_or(&empty);
        let of_file = || self.notices.iter().filter(|n| n.file_no == Some(file));
        let last = given
            .last()
            .copied()
            .max(of_file().filter_map(|notice| notice.row).max())
            .unwrap_or_default();
        let missing = last - (given.len() as u64).min(last);
        let covered: u64 = of_file()
            .map(|notice| match (notice.effect, notice.rows_affected) {
                // A file that broke off counts its rows as unknown.
                (Effect::Lost, 0) => u64::MAX / 1024,
                (_, rows) => rows,
            })
            .fold(0, u64::saturating_add);
        assert!(
            missing <= covered,
            "file {file}: {missing} rows of {last} were not given, notices cover {covered}"
        );
    }
}
