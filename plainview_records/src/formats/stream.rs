//! Logs and exports as a stream of records: JSON objects or lines, read in blocks, taken by one reader, kept in order.
//!
//! **JSON.** Objects one after another (with or without line breaks), the elements of an array, or the elements of an array
//! inside an envelope (`{"Records": [...]}`), in any mix. What a record means is its reader's business; here only its bytes are
//! found. One record at a time is held, and one that is longer than [`RECORD_BYTES_MAX`] ends the file with a notice. One that is
//! nested deeper than [`JSON_DEPTH_MAX`] is left out with a notice and the next is read.
//!
//! **Lines.** One record per line; empty lines are skipped and not counted.
//!
//! A reader implements [`Take`]; it must not let one record change what the next one gives, because records of one file may be
//! taken by several threads. What it gives goes into a [`Part`]: rows of any table, notices, counts, times.

pub(in crate::formats) mod raw;

use std::io::{self, BufRead as _, BufReader};

use arrow_array::RecordBatch;

use crate::formats::sheet::tally::{Repeated, Tally};
use crate::formats::sheet::text::stopped;
use crate::limits::{JSON_DEPTH_MAX, RECORD_BYTES_MAX};
use crate::open::{TextReader, open_text};
use crate::run::{Note, Run, SourceFile};
use crate::tables::activity::{ActivityBuilder, ActivityRow};
use crate::tables::charges::{ChargeRow, ChargesBuilder};
use crate::tables::deliveries::{DeliveriesBuilder, DeliveryRow};
use crate::tables::metering::{MeteringBuilder, MeteringRow};
use crate::tables::objects::{ObjectRow, ObjectsBuilder};
use crate::tables::requests::{RequestRow, RequestsBuilder};
use crate::tables::resources::{ResourceRow, ResourcesBuilder};
use crate::{Error, Limits, Table};

/// What one reader makes of records. Each thread that takes records of a file has its own.
pub(in crate::formats) trait Take: Send {
    /// Takes record number `row` (1-based within the file): the bytes of one JSON value or of one line without its end.
    fn take(&mut self, row: u64, record: &[u8], part: &mut Part);
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
    objects: ObjectsBuilder, object, ObjectRow, Objects;
    requests: RequestsBuilder, request, RequestRow, Requests;
    activity: ActivityBuilder, activity, ActivityRow, Activity;
    metering: MeteringBuilder, reading, MeteringRow, Metering;
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
        mut self,
        run: &mut Run<'_>,
        file: &SourceFile,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        self.close();
        if let Some(error) = self.failed {
            return Err(error);
        }
        for (table, batch) in self.full {
            run.batch(table, file, batch)?;
        }
        for note in self.notes {
            run.note(Some(file), note);
        }
        tally.merge(self.tally);
        if let Some((first, last)) = self.span {
            run.observe_time(first);
            run.observe_time(last);
        }
        Ok(())
    }
}

/// Hashes and reads every file of the source as JSON records; `envelopes` are the names of arrays whose elements are records.
pub(in crate::formats) fn read_json<T: Take>(
    run: &mut Run<'_>,
    envelopes: &[&str],
    make: impl Fn(&Run<'_>, &SourceFile) -> T,
) -> Result<(), Error> {
    for file in run.plan_data() {
        let Some(hashes) = run.hash_once(&file) else {
            continue;
        };
        json_file(run, &file, envelopes, &make)?;
        run.advance(hashes.bytes);
    }
    Ok(())
}

/// Hashes and reads every file of the source as lines.
pub(in crate::formats) fn read_lines<T: Take>(
    run: &mut Run<'_>,
    make: impl Fn(&Run<'_>, &SourceFile) -> T,
) -> Result<(), Error> {
    for file in run.plan_data() {
        let Some(hashes) = run.hash_once(&file) else {
            continue;
        };
        lines_file(run, &file, &make)?;
        run.advance(hashes.bytes);
    }
    Ok(())
}

/// Reads one file as JSON records; `make` is called for each thread that takes some.
pub(in crate::formats) fn json_file<T: Take>(
    run: &mut Run<'_>,
    file: &SourceFile,
    envelopes: &[&str],
    make: &impl Fn(&Run<'_>, &SourceFile) -> T,
) -> Result<(), Error> {
    let mut taker = make(run, file);
    let mut tally = Tally::default();
    let mut part = Part::new(&run.input.source_id);
    let limits = Limits {
        record_bytes_max: RECORD_BYTES_MAX,
        ..run.input.limits
    };
    let mut finder = Finder::new(envelopes);
    let ended = open_text(&file.path, limits).and_then(|text| {
        find_json(text, &mut finder, &mut |row, record| {
            taker.take(row, record, &mut part);
        })
    });
    if let Some((first, rows)) = finder.too_deep {
        part.note(
            Note::lost(
                "json-too-deep",
                "records are nested deeper than records of any format are, and were not used",
            )
            .row(first)
            .rows(rows)
            .measured(format!("the first is record {first}"))
            .expected(format!("at most {JSON_DEPTH_MAX} levels")),
        );
    }
    match ended {
        Ok(Ended::Whole) => {}
        Ok(Ended::Broken { row, found }) => part.note(
            Note::lost(
                "file-damaged",
                "the JSON cannot be read to its end; records before are used",
            )
            .row(row)
            .found(found)
            .expected("whole JSON objects"),
        ),
        Err(error) => part.note(stopped(&error)),
    }
    part.give(run, file, &mut tally)?;
    tally.give(run, file);
    Ok(())
}

/// Reads one file as lines; `make` is called for each thread that takes some.
pub(in crate::formats) fn lines_file<T: Take>(
    run: &mut Run<'_>,
    file: &SourceFile,
    make: &impl Fn(&Run<'_>, &SourceFile) -> T,
) -> Result<(), Error> {
    let mut taker = make(run, file);
    let mut tally = Tally::default();
    let mut part = Part::new(&run.input.source_id);
    let ended = open_text(&file.path, run.input.limits)
        .and_then(|text| find_lines(text, &mut |row, record| taker.take(row, record, &mut part)));
    if let Err(error) = ended {
        part.note(stopped(&error));
    }
    part.give(run, file, &mut tally)?;
    tally.give(run, file);
    Ok(())
}

fn find_lines(text: TextReader, each: &mut dyn FnMut(u64, &[u8])) -> io::Result<()> {
    let meter = text.meter();
    let mut reader = BufReader::with_capacity(1 << 16, text);
    let mut line = Vec::new();
    let mut row = 0;
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        meter.reset();
        let bytes = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        let bytes = bytes.trim_ascii_end();
        if !bytes.is_empty() {
            row += 1;
            each(row, bytes);
        }
    }
}

/// How a JSON file ended.
enum Ended {
    /// With its last record.
    Whole,
    /// Within or between records.
    Broken {
        /// The record it broke at.
        row: u64,
        /// What was found there.
        found: String,
    },
}

/// Gives each record of `text`.
fn find_json(
    text: TextReader,
    finder: &mut Finder<'_>,
    each: &mut dyn FnMut(u64, &[u8]),
) -> io::Result<Ended> {
    let meter = text.meter();
    let mut reader = BufReader::with_capacity(1 << 16, text);
    loop {
        let input = reader.fill_buf()?;
        if input.is_empty() {
            return Ok(finder.end(&mut |row, record| each(row, record)));
        }
        let length = input.len();
        if let Some(broken) = finder.feed(input, &mut |row, record| {
            meter.reset();
            each(row, record);
        }) {
            return Ok(broken);
        }
        reader.consume(length);
    }
}

/// Where in the text the finder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Between records: white space, commas and the brackets around records.
    Between,
    /// In a record.
    Record,
    /// In the fields of an envelope behind its array.
    Rest,
    /// In something that is no object, up to the end of its line.
    Junk,
}

/// What is open around the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    Array,
    Envelope,
}

/// Brackets and envelopes around records that are followed.
const FRAMES_MAX: usize = 16;

/// Finds the bytes of records, fed with any pieces of the text.
struct Finder<'e> {
    envelopes: &'e [&'e str],
    place: Place,
    frames: Vec<Frame>,
    /// The record so far.
    record: Vec<u8>,
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// Where the last string at depth 1 lies in `record`, without its quotes.
    name: (usize, usize),
    /// Whether that string was followed by a colon and nothing else so far.
    named: bool,
    rows: u64,
    /// Whether the record was deeper than any may be.
    is_too_deep: bool,
    /// The first record that was, and how many were.
    too_deep: Option<(u64, u64)>,
}

impl<'e> Finder<'e> {
    fn new(envelopes: &'e [&'e str]) -> Self {
        Self {
            envelopes,
            place: Place::Between,
            frames: Vec::new(),
            record: Vec::new(),
            depth: 0,
            in_string: false,
            escaped: false,
            name: (0, 0),
            named: false,
            rows: 0,
            is_too_deep: false,
            too_deep: None,
        }
    }

    /// Takes a piece of the text. `Some` when the text is broken here.
    fn feed(&mut self, input: &[u8], each: &mut dyn FnMut(u64, &[u8])) -> Option<Ended> {
        for &byte in input {
            match self.place {
                Place::Between => {
                    if !self.between(byte) {
                        return Some(self.broken(&format!("the byte {byte:#04x}")));
                    }
                }
                Place::Record => {
                    if self.in_record(byte) {
                        self.emit(each);
                    }
                }
                Place::Rest => self.in_rest(byte),
                Place::Junk if byte == b'\n' => self.emit(each),
                Place::Junk => self.record.push(byte),
            }
        }
        None
    }

    fn emit(&mut self, each: &mut dyn FnMut(u64, &[u8])) {
        self.rows += 1;
        if std::mem::take(&mut self.is_too_deep) {
            let (first, rows) = self.too_deep.unwrap_or((self.rows, 0));
            self.too_deep = Some((first, rows + 1));
        } else {
            each(self.rows, &self.record);
        }
        self.record.clear();
        self.place = Place::Between;
    }

    fn broken(&self, found: &str) -> Ended {
        Ended::Broken {
            row: self.rows + 1,
            found: found.to_owned(),
        }
    }

    /// The end of the text.
    fn end(&mut self, each: &mut dyn FnMut(u64, &[u8])) -> Ended {
        if self.place == Place::Junk {
            self.emit(each);
        }
        if self.place == Place::Between && self.frames.is_empty() {
            Ended::Whole
        } else {
            self.broken("the end of the file within a record or an array")
        }
    }

    fn between(&mut self, byte: u8) -> bool {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {}
            b'{' => {
                self.place = Place::Record;
                self.record.push(byte);
                self.depth = 1;
                self.named = false;
                self.name = (0, 0);
            }
            b'[' if self.frames.len() < FRAMES_MAX => self.frames.push(Frame::Array),
            b']' => {
                if self.frames.pop() != Some(Frame::Array) {
                    return false;
                }
                if self.frames.last() == Some(&Frame::Envelope) {
                    self.place = Place::Rest;
                    self.depth = 1;
                }
            }
            // A byte-order mark.
            0xef | 0xbb | 0xbf if self.rows == 0 && self.frames.is_empty() => {}
            _ if self.frames.is_empty() => {
                self.place = Place::Junk;
                self.record.push(byte);
            }
            _ => return false,
        }
        true
    }

    /// Takes a byte of a record; whether the record ends with it.
    fn in_record(&mut self, byte: u8) -> bool {
        self.record.push(byte);
        if self.in_string {
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == b'"' {
                self.in_string = false;
                self.name.1 = if self.depth == 1 {
                    self.record.len() - 1
                } else {
                    self.name.1
                };
            }
            return false;
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.named = false;
                if self.depth == 1 {
                    self.name.0 = self.record.len();
                }
            }
            b':' => self.named = self.depth == 1,
            b'[' if self.named && self.is_envelope() => {
                self.record.clear();
                self.frames.push(Frame::Envelope);
                self.frames.push(Frame::Array);
                self.place = Place::Between;
            }
            b'{' | b'[' => {
                self.depth += 1;
                self.is_too_deep |= self.depth > JSON_DEPTH_MAX;
                self.named = false;
            }
            b'}' | b']' => {
                self.depth -= 1;
                return self.depth == 0;
            }
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => self.named = false,
        }
        false
    }

    fn is_envelope(&self) -> bool {
        let name = self
            .record
            .get(self.name.0..self.name.1)
            .unwrap_or_default();
        self.frames.len() + 2 <= FRAMES_MAX
            && self.envelopes.iter().any(|known| known.as_bytes() == name)
    }

    fn in_rest(&mut self, byte: u8) {
        if self.in_string {
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == b'"' {
                self.in_string = false;
            }
            return;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth -= 1;
                if self.depth == 0 {
                    self.frames.pop();
                    self.place = Place::Between;
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str, piece: usize) -> (Vec<String>, bool) {
        let mut finder = Finder::new(&["Records", "value"]);
        let mut found = Vec::new();
        let mut each =
            |_: u64, record: &[u8]| found.push(String::from_utf8_lossy(record).into_owned());
        for piece in text.as_bytes().chunks(piece) {
            if finder.feed(piece, &mut each).is_some() {
                return (found, false);
            }
        }
        let whole = matches!(finder.end(&mut each), Ended::Whole);
        (found, whole)
    }

    #[test]
    fn a_record_that_is_too_deep_is_left_out_and_the_next_is_read() {
        let nested = |levels: usize| format!("{}{}", "{\"a\":".repeat(levels), "}".repeat(levels));
        let deepest = nested(64).replace(":}", ":1}");
        let text = format!("{}\n{deepest}\n{}", nested(65), nested(100_000));
        let mut finder = Finder::new(&[]);
        let mut found = Vec::new();
        let mut each = |row: u64, record: &[u8]| found.push((row, record.len()));
        assert!(finder.feed(text.as_bytes(), &mut each).is_none());
        assert!(matches!(finder.end(&mut each), Ended::Whole));
        assert_eq!(found, [(2, deepest.len())]);
        assert_eq!(finder.too_deep, Some((1, 2)));
    }

    #[test]
    fn records_are_found_in_every_wrapping_and_in_pieces_of_any_size() {
        let cases: &[(&str, &[&str], bool)] = &[
            ("", &[], true),
            ("{\"a\":1}\n{\"a\":2}\n", &["{\"a\":1}", "{\"a\":2}"], true),
            ("{\"a\":1}{\"a\":2}", &["{\"a\":1}", "{\"a\":2}"], true),
            (
                "[{\"a\":\"]}\"},\n {\"b\":[1,{}]}]",
                &["{\"a\":\"]}\"}", "{\"b\":[1,{}]}"],
                true,
            ),
            (
                "\u{feff}{\"Records\": [{\"a\":1}], \"n\":{\"x\":[]}}\n{\"b\":2}",
                &["{\"a\":1}", "{\"b\":2}"],
                true,
            ),
            ("{\"Records\":[]}", &[], true),
            (
                "{\"n\":3,\"value\":[{\"value\":[{\"q\":1}]}]}",
                &["{\"q\":1}"],
                true,
            ),
            (
                "{\"a\":{\"Records\":[1]}}",
                &["{\"a\":{\"Records\":[1]}}"],
                true,
            ),
            (
                "{\"a\":\"Records\",\"b\":[1]}",
                &["{\"a\":\"Records\",\"b\":[1]}"],
                true,
            ),
            ("{\"a\":\"\\\\\\\"}\"}", &["{\"a\":\"\\\\\\\"}\"}"], true),
            ("oops\n{\"a\":1}\n", &["oops", "{\"a\":1}"], true),
            ("{\"Records\":[{\"a\":1},{\"b\"", &["{\"a\":1}"], false),
            ("[{\"a\":1}, 7]", &["{\"a\":1}"], false),
            ("]", &[], false),
        ];
        for (text, expected, whole) in cases {
            for piece in [1, 2, 3, 7, 1000] {
                let (found, ended) = records(text, piece);
                assert_eq!(&found, expected, "{text}");
                assert_eq!(ended, *whole, "{text}");
            }
        }
    }
}
