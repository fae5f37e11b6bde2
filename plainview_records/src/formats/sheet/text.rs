//! Rows of a delimited text file, bounded, whatever its delimiter and whether UTF-8 or Windows-1252.
//!
//! It refuses binary files and UTF-16, and stops with a notice where a record or the file grows past
//! its limit or the compression is broken; the rows before that stay used.

use std::io::{self, Read as _};
use std::path::Path;

use csv::{ByteRecord, StringRecord};
use mail_parser::decoders::charsets::map::charset_decoder;

use crate::Limits;
use crate::open::{Bound, RecordMeter, TextReader, open_text};
use crate::run::Note;

/// How many bytes are looked at to find the delimiter.
const SNIFF_BYTES: u64 = 64 << 10;

/// What comes next in a file.
#[derive(Debug)]
pub(in crate::formats) enum Next {
    /// A row, to be read with [`TextRows::fields`].
    Row,
    /// The end of the file.
    End,
    /// The file cannot be read further.
    Stopped(Note),
}

/// How the fields of a file are set apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::formats) enum Delimiter {
    /// Commas.
    Comma,
    /// Whichever of comma, semicolon, tab and bar divides the first lines most evenly.
    Sniffed,
}

/// A delimited text file being read.
pub(in crate::formats) struct TextRows {
    reader: csv::Reader<TextReader>,
    meter: RecordMeter,
    raw: ByteRecord,
    fields: StringRecord,
    /// Records read so far.
    read: u64,
    /// The lines on which the first records begin.
    lines: Vec<u64>,
    /// Rows that were not UTF-8 and were read as Windows-1252.
    pub(in crate::formats) recoded: u64,
}

impl TextRows {
    /// Opens `path`. A file that is no text at all is a note, ready to be given.
    pub(in crate::formats) fn open(
        path: &Path,
        limits: Limits,
        delimiter: Delimiter,
    ) -> Result<Self, Note> {
        let mut head = Vec::new();
        open_text(path, limits)
            .and_then(|text| text.take(SNIFF_BYTES).read_to_end(&mut head))
            .map_err(|error| stopped(&error))?;
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
            return Err(
                Note::lost("sheet-utf16", "the file is UTF-16 text and was not read")
                    .expected("UTF-8 or Windows-1252; save it again as CSV UTF-8"),
            );
        }
        if head.contains(&0) {
            return Err(Note::lost(
                "sheet-not-text",
                "the file holds binary data and was not read",
            )
            .expected("delimited text"));
        }
        let delimiter = match delimiter {
            Delimiter::Comma => b',',
            Delimiter::Sniffed => sniff_delimiter(&head),
        };
        let text = open_text(path, limits).map_err(|error| stopped(&error))?;
        let meter = text.meter();
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .buffer_capacity(1 << 16)
            .from_reader(text);
        Ok(TextRows {
            reader,
            meter,
            raw: ByteRecord::new(),
            fields: StringRecord::new(),
            read: 0,
            lines: record_lines(&head),
            recoded: 0,
        })
    }

    /// Reads the next record; empty lines are passed over.
    pub(in crate::formats) fn advance(&mut self) -> Next {
        match self.reader.read_byte_record(&mut self.raw) {
            Ok(false) => return Next::End,
            Ok(true) => {}
            Err(error) => {
                let note = match error.into_kind() {
                    csv::ErrorKind::Io(error) => stopped(&error),
                    _ => Note::lost("file-damaged", "the file could not be read to its end"),
                };
                return Next::Stopped(note);
            }
        }
        self.meter.reset();
        let raw = std::mem::take(&mut self.raw);
        match StringRecord::from_byte_record(raw) {
            Ok(fields) => self.raw = std::mem::replace(&mut self.fields, fields).into_byte_record(),
            Err(error) => {
                self.recoded += 1;
                self.fields = windows_1252(&error.into_byte_record());
            }
        }
        if self.read == 0
            && let Some(first) = self.fields.get(0).and_then(|f| f.strip_prefix('\u{feff}'))
        {
            let fixed: Vec<String> = std::iter::once(first.trim_matches('"').to_owned())
                .chain(self.fields.iter().skip(1).map(str::to_owned))
                .collect();
            self.fields = StringRecord::from(fixed);
        }
        self.read += 1;
        Next::Row
    }

    /// The line, counted from 1, on which the record begins that [`Self::advance`] read last. Known for the first records
    /// only, which is where a header is; past them it is the last known.
    pub(in crate::formats) fn line(&self) -> u64 {
        let last = self.lines.len().saturating_sub(1);
        let at = usize::try_from(self.read.saturating_sub(1)).unwrap_or(last);
        self.lines.get(at.min(last)).copied().unwrap_or(1)
    }

    /// The record that [`Self::advance`] read last.
    pub(in crate::formats) fn fields(&self) -> &StringRecord {
        &self.fields
    }
}

fn windows_1252(raw: &ByteRecord) -> StringRecord {
    let decode = charset_decoder(b"windows-1252");
    raw.iter()
        .map(|field| {
            decode.map_or_else(|| String::from_utf8_lossy(field).into_owned(), |d| d(field))
        })
        .collect()
}

/// Why reading ended early, as a note.
pub(in crate::formats) fn stopped(error: &io::Error) -> Note {
    match Bound::of(error) {
        Some(bound) => bound.note(),
        None => Note::lost(
            "file-damaged",
            "the file could not be read to its end; the rows before are used",
        )
        .found(error.kind().to_string())
        .expected("a whole file"),
    }
}

/// The lines on which records begin: empty lines are none, and a line inside quotes begins none.
fn record_lines(head: &[u8]) -> Vec<u64> {
    let mut lines = Vec::new();
    let mut quoted = false;
    for (line, no) in head.split(|&b| b == b'\n').zip(1..) {
        let is_empty = line.is_empty() || line == b"\r";
        if !quoted && !is_empty {
            lines.push(no);
        }
        for _ in line.iter().filter(|&&b| b == b'"') {
            quoted = !quoted;
        }
    }
    lines
}

/// The delimiter that divides most of the first lines; of two, the one that divides more of them alike, then finer. A
/// decimal comma divides rows too, but not their header.
fn sniff_delimiter(head: &[u8]) -> u8 {
    let mut best = (b',', (0_usize, 0_usize, 0_usize));
    for delimiter in [b',', b';', b'\t', b'|'] {
        let counts = delimiters_by_line(head, delimiter);
        let divided = counts.iter().filter(|&&count| count > 0).count();
        for &count in counts.iter().filter(|&&count| count > 0) {
            let alike = counts.iter().filter(|&&c| c == count).count();
            if (divided, alike, count) > best.1 {
                best = (delimiter, (divided, alike, count));
            }
        }
    }
    best.0
}

/// How often `delimiter` occurs outside quotes in each of the first lines.
fn delimiters_by_line(head: &[u8], delimiter: u8) -> Vec<usize> {
    const LINES_MAX: usize = 25;
    let mut counts = Vec::new();
    let (mut quoted, mut count) = (false, 0);
    for &byte in head {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => {
                counts.push(count);
                count = 0;
                if counts.len() == LINES_MAX {
                    return counts;
                }
            }
            b if b == delimiter && !quoted => count += 1,
            _ => {}
        }
    }
    counts.push(count);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_divides_evenly() {
        assert_eq!(sniff_delimiter(b"a;b;c\n1,5;2;3\n4,5;6;7\n"), b';');
        assert_eq!(sniff_delimiter(b"a\tb\n1\t2,3\n"), b'\t');
        assert_eq!(sniff_delimiter(b"a|b\n1|2\n"), b'|');
        assert_eq!(sniff_delimiter(b"\"x;y;z\",b\n\"1;2;3\",2\n"), b',');
        assert_eq!(sniff_delimiter(b"a;b;c\n1,5;2;3\n4,5;6\n7,5;8;9;9\n"), b';');
        assert_eq!(sniff_delimiter(b""), b',');
        assert_eq!(sniff_delimiter(b"one column only\n"), b',');
    }

    #[test]
    fn records_begin_on_lines_that_hold_something() {
        assert_eq!(
            record_lines(b"title\n\r\n\nb,c\n\"x\ny\",z\nlast"),
            [1, 4, 5, 7]
        );
        assert!(record_lines(b"").is_empty());
    }
}
