//! Logs and exports as a stream of records: JSON objects or lines, read in blocks, taken by one reader, kept in order.
//!
//! **JSON.** Objects one after another (with or without line breaks), the elements of an array, or the elements of an array
//! inside an envelope (`{"Records": [...]}`), in any mix. What a record means is its reader's business; here only its bytes are
//! found. A record that is longer than [`RECORD_BYTES_MAX`] ends the file with a notice. One that is nested deeper than
//! [`JSON_DEPTH_MAX`](crate::limits::JSON_DEPTH_MAX) is left out with a notice and the next is read; so is one that was cut off.
//!
//! **Lines.** One record per line; empty lines are skipped and not counted.
//!
//! A reader implements [`Take`]; it must not let one record change what the next one gives, because records of one file are
//! taken by several threads, each with a reader of its own. What it gives goes into a [`Part`]: rows of any table, notices,
//! counts, times. Parts are given in the order of the file, so that the number of threads changes nothing but the time.

mod blocks;
mod finder;
mod lines;
pub(in crate::formats) mod raw;
pub(in crate::formats) mod scan;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow_array::types::UInt64Type;
use arrow_array::{ArrayRef, PrimitiveArray, RecordBatch};

use crate::formats::sheet::tally::{Repeated, Tally};
use crate::formats::sheet::text::stopped;
use crate::limits::RECORD_BYTES_MAX;
use crate::open::{Bound, open_text};
use crate::run::{Note, Run, SourceFile};
use crate::tables::activity::{ActivityBuilder, ActivityRow};
use crate::tables::charges::{ChargeRow, ChargesBuilder};
use crate::tables::deliveries::{DeliveriesBuilder, DeliveryRow};
use crate::tables::requests::{RequestRow, RequestsBuilder};
use crate::tables::resources::{ResourceRow, ResourcesBuilder};
use crate::{Error, Limits, Table};

use blocks::{Ended, Find, Pace, take_all};
use finder::Finder;
use lines::Lines;

/// What one reader makes of records. Each thread that takes records of a file has its own.
pub(in crate::formats) trait Take: Send {
    /// Takes record number `row` (1-based within the file): the bytes of one JSON value or of one line without its end.
    fn take(&mut self, row: u64, record: &[u8], part: &mut Part);

    /// Whether this reader has a [`Self::take_first`] of its own.
    const TAKES_FIRST: bool = false;

    /// Takes the JSON object that `text` begins with and gives its length, so that its end need not be looked for before; or
    /// does nothing and gives nothing, when the object is not whole, is no JSON, or has an array of records in it. Then it
    /// comes to [`Self::take`], if it is a record.
    fn take_first(&mut self, _row: u64, _text: &str, _part: &mut Part) -> Option<usize> {
        None
    }
}

macro_rules! part {
    ($($field:ident: $builder:ident, $add:ident, $row:ident, $table:ident;)*) => {
        /// What some records of one file gave, in their order.
        #[derive(Debug)]
        pub(in crate::formats) struct Part {
            source_id: String,
            full: Vec<(Table, RecordBatch)>,
            notes: Vec<Note>,
            tally: Tally,
            span: Option<(i64, i64)>,
            failed: Option<Error>,
            $($field: Option<$builder>,)*
        }

        impl Part {
            /// Nothing yet, for records of the source `source_id`.
            pub(in crate::formats) fn new(source_id: &str) -> Self {
                Self {
                    source_id: source_id.to_owned(),
                    full: Vec::new(),
                    notes: Vec::new(),
                    tally: Tally::default(),
                    span: None,
                    failed: None,
                    $($field: None,)*
                }
            }

            $(
                /// Adds a row of the table.
                pub(in crate::formats) fn $add(&mut self, row: &$row<'_>) {
                    let source_id = &self.source_id;
                    let builder = self.$field.get_or_insert_with(|| $builder::new(source_id));
                    builder.push(row);
                    if builder.is_full() {
                        match builder.finish() {
                            Ok(batch) => self.full.push((Table::$table, batch)),
                            Err(error) => self.failed = Some(error),
                        }
                    }
                }
            )*

            /// Ends every builder.
            fn close(&mut self) {
                $(
                    if let Some(mut builder) = self.$field.take() && !builder.is_empty() {
                        match builder.finish() {
                            Ok(batch) => self.full.push((Table::$table, batch)),
                            Err(error) => self.failed = Some(error),
                        }
                    }
                )*
            }
        }
    };
}

part! {
    requests: RequestsBuilder, request, RequestRow, Requests;
    activity: ActivityBuilder, activity, ActivityRow, Activity;
    charges: ChargesBuilder, charge, ChargeRow, Charges;
    resources: ResourcesBuilder, resource, ResourceRow, Resources;
    deliveries: DeliveriesBuilder, delivery, DeliveryRow, Deliveries;
}

impl Part {
    /// Adds a notice about one record.
    pub(in crate::formats) fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// Counts what happens again and again; see [`Tally::add`].
    pub(in crate::formats) fn count(
        &mut self,
        what: &Repeated,
        about: &str,
        row: u64,
        found: &str,
    ) {
        self.tally.add(what, about, row, found);
    }

    /// Widens the time range, milliseconds since 1970 UTC.
    pub(in crate::formats) fn observe_time(&mut self, ms: i64) {
        let (first, last) = self.span.unwrap_or((ms, ms));
        self.span = Some((first.min(ms), last.max(ms)));
    }

    /// Hands everything to the run; counts go to `tally`, which is given when the file ends.
    pub(in crate::formats) fn give(
        self,
        run: &mut Run<'_>,
        file: &SourceFile,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        self.give_after(0, run, file, tally)
    }

    /// As [`Self::give`], for records that were numbered as if none came before, though `rows` did.
    fn give_after(
        mut self,
        rows: u64,
        run: &mut Run<'_>,
        file: &SourceFile,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        self.close();
        if let Some(error) = self.failed {
            return Err(error);
        }
        for (table, batch) in self.full {
            run.batch(table, file, renumbered(batch, rows)?)?;
        }
        for note in self.notes {
            run.note(Some(file), note.after(rows));
        }
        tally.merge(self.tally, rows);
        if let Some((first, last)) = self.span {
            run.observe_time(first);
            run.observe_time(last);
        }
        Ok(())
    }
}

/// `batch` with `rows` added to every row number.
fn renumbered(batch: RecordBatch, rows: u64) -> Result<RecordBatch, Error> {
    let place = batch.schema().column_with_name("row_no").map(|(at, _)| at);
    let Some(place) = place.filter(|_| rows > 0) else {
        return Ok(batch);
    };
    let (schema, mut columns, _) = batch.into_parts();
    let numbers = columns[place]
        .as_any()
        .downcast_ref::<PrimitiveArray<UInt64Type>>();
    if let Some(numbers) = numbers {
        let later: PrimitiveArray<UInt64Type> = numbers.unary(|row| row + rows);
        columns[place] = Arc::new(later) as ArrayRef;
    }
    Ok(RecordBatch::try_new(schema, columns)?)
}

/// Reads one file as JSON records; `make` is called for each thread that takes some.
pub(in crate::formats) fn json_file<T: Take>(
    run: &mut Run<'_>,
    file: &SourceFile,
    envelopes: &[&str],
    make: &impl Fn(&Run<'_>, &SourceFile) -> T,
) -> Result<(), Error> {
    take_file(
        run,
        file,
        Finder::new(envelopes, RECORD_BYTES_MAX, T::TAKES_FIRST),
        make,
    )
}

/// Reads one file as lines; `make` is called for each thread that takes some.
pub(in crate::formats) fn lines_file<T: Take>(
    run: &mut Run<'_>,
    file: &SourceFile,
    make: &impl Fn(&Run<'_>, &SourceFile) -> T,
) -> Result<(), Error> {
    let lines = Lines::new(run.input.limits.record_bytes_max);
    take_file(run, file, lines, make)
}

fn take_file<T: Take>(
    run: &mut Run<'_>,
    file: &SourceFile,
    finder: impl Find,
    make: &impl Fn(&Run<'_>, &SourceFile) -> T,
) -> Result<(), Error> {
    let mut tally = Tally::default();
    // Records are bounded where they are found.
    let limits = Limits {
        record_bytes_max: u64::MAX / 2,
        ..run.input.limits
    };
    let stop = match open_text(&file.path, limits) {
        Ok(text) => take_all(run, file, text, finder, make, (&mut tally, Pace::default()))?,
        Err(error) => Err(error),
    };
    tally.give(run, file);
    match stop {
        Ok(Ended::Whole) => {}
        Ok(Ended::Broken { row, found }) => run.note(
            Some(file),
            Note::lost(
                "file-damaged",
                "the JSON cannot be read to its end; records before are used",
            )
            .row(row)
            .found(found)
            .expected("whole JSON objects"),
        ),
        Ok(Ended::TooLong(most)) => run.note(Some(file), Bound::Record(most).note()),
        Err(error) => run.note(Some(file), stopped(&error)),
    }
    Ok(())
}
