//! The row loop over delimited text: comma-separated, plain or gzip of any number of members.
//!
//! No allocation per row. A record of the wrong width or not in UTF-8 is a notice; the rows around it are kept.

use super::records::{Block, Split, Splitting};
use super::{BadCell, Fields, Layout, Taker, text_count, text_flag, text_time};
use crate::Error;
use crate::open::Bound;
use crate::run::{Note, Run, SourceFile};

/// An open delimited file.
pub(in crate::formats) struct TextFile {
    splitting: Splitting,
    block: Block,
    /// The next record of the block.
    next: usize,
    /// Records of the file's body given so far.
    rows: u64,
    /// Bytes of the file that progress knows of.
    advanced: u64,
}

/// What asking for a record gave.
enum Step {
    /// Record number so-and-so of the block.
    Record(usize),
    End,
    Stopped(Note),
}

impl TextFile {
    /// Opens `file`. That it cannot be read is told when its first record is asked for.
    pub(in crate::formats) fn open(run: &Run<'_>, file: &SourceFile) -> Self {
        Self::divided(run, file, b',')
    }

    /// As [`Self::open`], with another character between cells.
    pub(in crate::formats) fn divided(run: &Run<'_>, file: &SourceFile, delimiter: u8) -> Self {
        let splitting = Splitting::start(file.path.clone(), run.input.limits, delimiter);
        Self {
            splitting,
            block: Block::default(),
            next: 0,
            rows: 0,
            advanced: 0,
        }
    }

    /// The first record as a header; `None` when the file is empty or the record is not UTF-8.
    pub(in crate::formats) fn header(&mut self) -> Result<Option<Vec<String>>, Note> {
        let index = match self.step() {
            Step::Stopped(note) => return Err(note),
            Step::End => return Ok(None),
            Step::Record(index) => index,
        };
        let names =
            cells(&self.block, index).map(|name| std::str::from_utf8(name).map(str::to_owned));
        Ok(names.collect::<Result<_, _>>().ok())
    }

    /// Skips a first record that repeats the column names; whether there was one.
    pub(in crate::formats) fn skip_header(&mut self, names: &[&str]) -> Result<bool, Note> {
        match self.step() {
            Step::Stopped(note) => Err(note),
            Step::End => Ok(false),
            Step::Record(index) => {
                let is_header =
                    cells(&self.block, index).eq(names.iter().map(|name| name.as_bytes()));
                if !is_header {
                    self.next = index;
                }
                Ok(is_header)
            }
        }
    }

    fn step(&mut self) -> Step {
        while self.next == self.block.len() {
            match self.splitting.next() {
                Split::Block(block) => {
                    let used = std::mem::replace(&mut self.block, block);
                    self.splitting.give_back(used);
                    self.next = 0;
                }
                Split::End => return Step::End,
                Split::Stopped(error) => return Step::Stopped(stopped(&error, self.rows)),
            }
        }
        self.next += 1;
        Step::Record(self.next - 1)
    }

    /// Gives every record to `taker`, up to the end of the file or to where it breaks.
    pub(in crate::formats) fn rows(
        mut self,
        run: &mut Run<'_>,
        file: &SourceFile,
        layout: &Layout,
        taker: &mut impl Taker,
    ) -> Result<(), Error> {
        loop {
            let index = match self.step() {
                Step::Record(index) => index,
                Step::End => break,
                Step::Stopped(note) => {
                    run.note(Some(file), note);
                    break;
                }
            };
            if self.block.disk_bytes > self.advanced {
                run.advance(self.block.disk_bytes - self.advanced);
                self.advanced = self.block.disk_bytes;
            }
            self.rows += 1;
            let (bytes, ends) = self.block.record(index);
            if ends.len() != layout.width {
                run.note(Some(file), wrong_width(self.rows, ends.len(), layout.width));
                continue;
            }
            match std::str::from_utf8(bytes) {
                Ok(text) => taker.take(run, file, self.rows, &TextRow { text, ends, layout })?,
                Err(_) => run.note(Some(file), not_utf8(self.rows)),
            }
        }
        taker.end(run, file)
    }
}

/// The cells of a record, as bytes.
fn cells(block: &Block, index: usize) -> impl Iterator<Item = &[u8]> {
    let (bytes, ends) = block.record(index);
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts
        .zip(ends)
        .map(move |(start, &end)| &bytes[start..end])
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
        Some(bound) => bound.note().measured(format!("{bound}; {so_far}")),
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
    /// Where each ends.
    ends: &'r [usize],
    layout: &'r Layout,
}

impl TextRow<'_> {
    #[inline]
    fn cell(&self, slot: usize) -> Result<Option<&str>, BadCell> {
        let Some(column) = self.layout.places[slot] else {
            return Ok(None);
        };
        let start = if column == 0 {
            0
        } else {
            self.ends[column - 1]
        };
        let end = self.ends[column];
        if start == end {
            return Ok(None);
        }
        // Bytes that are UTF-8 only across the border of two cells are caught here.
        match self.text.get(start..end) {
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
