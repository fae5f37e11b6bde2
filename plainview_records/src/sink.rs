//! Where rows and notices go while a source is read.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;

use crate::{Error, Notice, Table};

/// Receives rows, notices and progress in the order the reader meets them.
///
/// Batches of one table arrive in file and row order and hold at most [`crate::tables::BATCH_ROWS_MAX`] rows. The reader never
/// retries: a failed `batch` ends the read with the error, and rows given before stay given.
pub trait Sink {
    /// Takes rows of `table`, in that table's schema.
    fn batch(&mut self, table: Table, batch: RecordBatch) -> Result<(), Error>;

    /// Takes one notice.
    fn notice(&mut self, notice: Notice);

    /// Hears how many of the source's bytes have been read; both count bytes on disk.
    fn progress(&mut self, bytes_done: u64, bytes_total: u64) {
        let _ = (bytes_done, bytes_total);
    }
}

/// A [`Sink`] that keeps everything in memory, for small files and tests.
#[derive(Debug, Default)]
pub struct Collected {
    /// The batches of each table, in order.
    pub batches: BTreeMap<Table, Vec<RecordBatch>>,
    /// The notices, in order.
    pub notices: Vec<Notice>,
}

impl Collected {
    /// All rows of `table` as one batch; an empty batch when there are none.
    pub fn table(&self, table: Table) -> Result<RecordBatch, Error> {
        let batches = self.batches.get(&table).map_or(&[][..], Vec::as_slice);
        Ok(arrow_select::concat::concat_batches(
            &table.schema(),
            batches,
        )?)
    }
}

impl Sink for Collected {
    fn batch(&mut self, table: Table, batch: RecordBatch) -> Result<(), Error> {
        self.batches.entry(table).or_default().push(batch);
        Ok(())
    }

    fn notice(&mut self, notice: Notice) {
        self.notices.push(notice);
    }
}
