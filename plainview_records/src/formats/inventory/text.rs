//! The row loop over delimited text: comma-separated, plain or gzip of any number of members.
//!
//! One record buffer, no allocation per row. A record of the wrong width or not in UTF-8 is a notice; the rows around it
//! are kept.

use csv::ByteRecord;

use super::{BadCell, Fields, Layout, Taker, text_count, text_flag, text_time};
use crate::Error;
use crate::open::{Bound, RecordMeter, TextReader, open_text};
use crate::run::{Note, Run, SourceFile};

/// Bytes the CSV parser reads ahead.
const BUFFER_BYTES: usize = 1 << 16;

/// Rows between two reports of progress.
const PROGRESS_ROWS: u64 = 1 << 15;

/// An open delimited file.
pub(in crate::formats) struct TextFile {
    csv: csv::Reader<TextReader>,
    meter: RecordMeter,
    record: ByteRecord,
    rows: u64,
    has_pending: bool,
}

/// What reading a record gave.
enum Step {
    Record,
    End,
    Stopped(Note),
}

impl TextFile {
    /// Opens `file`, or says why it cannot be.
    pub(in crate::formats) fn open(run: &Run<'_>, file: &SourceFile) -> Result<Self, Note> {
        let reader = open_text(&file.path, run.input.limits).map_err(|error| stopped(&error, 0))?;
        let meter = reader.meter();
        let csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(reader);
        Ok(Self {
            csv,
            meter,
            record: ByteRecord::new(),
            rows: 0,
            has_pending: false,
        })
    }

    /// The first record as a header; `None` when the file is empty or the record is not UTF-8.
    pub(in crate::formats) fn header(&mut self) -> Result<Option<Vec<String>>, Note> {
        match self.step() {
            Step::Stopped(note) => return Err(note),
            Step::End => return Ok(None),
            Step::Record => {}
        }
        // A byte order mark is no part of the first name.
        let names = self.record.iter().map(|name| {
            std::str::from_utf8(name).map(|name| name.trim_start_matches('\u{feff}').to_owned())
        });
        Ok(names.collect::<Result<_, _>>().ok())
    }

    /// Skips a first record that repeats the column names; whether there was one.
    pub(in crate::formats) fn skip_header(&mut self, names: &[&str]) -> Result<bool, Note> {
        match self.step() {
            Step::Stopped(note) => Err(note),
            Step::End => Ok(false),
            Step::Record => {
                let same = self.record.len() == names.len()
                    && self
                        .record
                        .iter()
                        .zip(names)
                        .all(|(cell, name)| cell == name.as_bytes());
                self.has_pending = !same;
                Ok(same)
            }
        }
    }

    fn step(&mut self) -> Step {
        if std::mem::take(&mut self.has_pending) {
            return Step::Record;
        }
        let step = self.csv.read_byte_record(&mut self.record);
        self.meter.reset();
        match step {
            Ok(true) => Step::Record,
            Ok(false) => Step::End,
            Err(error) => Step::Stopped(match error.kind() {
                csv::ErrorKind::Io(error) => stopped(error, self.rows),
                _ => Note::lost("file-damaged", "the file could not be read to its end")
                    .found(error.to_string()),
            }),
        }
    }

    /// Gives every record to `taker`, up to the end of the file or to where it breaks.
    pub(in crate::formats) fn rows(
        mut self,
        run: &mut Run<'_>,
        file: &SourceFile,
        layout: &Layout,
        taker: &mut impl Taker,
    ) -> Result<(), Error> {
        let mut advanced = 0;
        loop {
            match self.step() {
                Step::Record => {}
                Step::End => break,
                Step::Stopped(note) => {
                    run.note(Some(file), note);
                    break;
                }
            }
            self.rows += 1;
            if self.rows.is_multiple_of(PROGRESS_ROWS) {
                let disk = self.meter.disk_bytes();
                run.advance(disk - advanced);
                advanced = disk;
            }
            if self.record.len() != layout.width {
                run.note(
                    Some(file),
                    wrong_width(self.rows, self.record.len(), layout.width),
                );
                continue;
            }
            match std::str::from_utf8(self.record.as_slice()) {
                Ok(text) => taker.take(
                    run,
                    file,
                    self.rows,
                    &TextRow {
                        text,
                        record: &self.record,
                        layout,
                    },
                )?,
                Err(_) => run.note(Some(file), not_utf8(self.rows)),
            }
        }
        let disk = self.meter.disk_bytes();
        run.advance(disk - advanced);
        taker.end(run, file)
    }
}

fn wrong_width(row_no: u64, found: usize, expected: usize) -> Note {
    Note::lost(
        "bad-row",
        "a row was not used: it has the wrong number of fields",
    )
    .row(row_no)
    .found(format!("{found} fields"))
    .expected(format!("{expected} fields"))
}

fn not_utf8(row_no: u64) -> Note {
    Note::lost("bad-row", "a row was not used: it is not UTF-8")
        .row(row_no)
        .expected("UTF-8")
}

/// The notice of a file that broke off after `rows` records.
fn stopped(error: &std::io::Error, rows: u64) -> Note {
    let so_far = format!("{rows} rows before it were read");
    match Bound::of(error) {
        Some(bound @ Bound::Record(_)) => Note::lost(
            "record-too-long",
            format!("the rest of the file was not read; {so_far}"),
        )
        .found(bound.to_string()),
        Some(bound @ Bound::Decompressed(_)) => Note::lost(
            "decompressed-too-large",
            format!("the rest of the file was not read; {so_far}"),
        )
        .found(bound.to_string()),
        None if error.kind() == std::io::ErrorKind::UnexpectedEof => Note::lost(
            "file-truncated",
            format!("the compressed file breaks off; {so_far}"),
        )
        .found("an early end")
        .expected("a complete file"),
        None => Note::lost(
            "file-damaged",
            format!("the file could not be read to its end; {so_far}"),
        )
        .found(error.to_string()),
    }
}

/// One record as cells.
struct TextRow<'r> {
    /// All cells, one behind the other.
    text: &'r str,
    record: &'r ByteRecord,
    layout: &'r Layout,
}

impl TextRow<'_> {
    #[inline]
    fn cell(&self, slot: usize) -> Result<Option<&str>, BadCell> {
        let Some(range) = self.layout.places[slot].and_then(|column| self.record.range(column))
        else {
            return Ok(None);
        };
        if range.is_empty() {
            return Ok(None);
        }
        // Bytes that are UTF-8 only across the border of two cells are caught here.
        match self.text.get(range) {
            Some(cell) => Ok(Some(cell)),
            None => Err(BadCell {
                found: "bytes that are not UTF-8".to_owned(),
                expected: "UTF-8",
            }),
        }
    }
}

impl Fields for TextRow<'_> {
    #[inline]
    fn text(&self, slot: usize) -> Result<Option<&str>, BadCell> {
        self.cell(slot)
    }

    #[inline]
    fn count(&self, slot: usize) -> Result<Option<i64>, BadCell> {
        self.cell(slot)?.map(text_count).transpose()
    }

    #[inline]
    fn time(&self, slot: usize) -> Result<Option<i64>, BadCell> {
        self.cell(slot)?.map(text_time).transpose()
    }

    #[inline]
    fn flag(&self, slot: usize) -> Result<Option<bool>, BadCell> {
        self.cell(slot)?.map(text_flag).transpose()
    }
}
