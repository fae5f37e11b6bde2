//! Opens record files by what they contain, not by their name, within bounds.
//!
//! Knows gzip of one or many members, Parquet, ORC and zip by their first bytes; everything else is text.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

use flate2::read::MultiGzDecoder;

use crate::Limits;

/// What a file holds, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Empty,
    Gzip,
    Parquet,
    Orc,
    Zip,
    Text,
}

/// Looks at the first bytes of `path`.
pub(crate) fn sniff(path: &Path) -> io::Result<Content> {
    let mut head = Vec::with_capacity(4);
    File::open(path)?.take(4).read_to_end(&mut head)?;
    Ok(match head.as_slice() {
        [] => Content::Empty,
        [0x1f, 0x8b, ..] => Content::Gzip,
        b"PAR1" => Content::Parquet,
        [b'O', b'R', b'C', ..] => Content::Orc,
        b"PK\x03\x04" => Content::Zip,
        _ => Content::Text,
    })
}

/// Why a bounded read stopped early; carried inside an [`io::Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Bound {
    #[error("a record is longer than {0} bytes")]
    Record(u64),
    #[error("the file decompresses to more than {0} bytes")]
    Decompressed(u64),
}

impl Bound {
    /// The bound inside `error`, if that is why it happened.
    pub(crate) fn of(error: &io::Error) -> Option<Self> {
        error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Self>())
            .copied()
    }
}

/// Counts the bytes handed out since the last finished record, so that one record cannot grow without end.
///
/// Also tells how much of the file on disk has been read, for progress.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecordMeter {
    since_record: Rc<Cell<u64>>,
    disk: Rc<Cell<u64>>,
}

impl RecordMeter {
    /// A record ended.
    pub(crate) fn reset(&self) {
        self.since_record.set(0);
    }

    /// Bytes read from disk so far.
    pub(crate) fn disk_bytes(&self) -> u64 {
        self.disk.get()
    }
}

/// Decompressed bytes of a text file, bounded in total and per record.
pub(crate) struct TextReader {
    inner: Box<dyn Read>,
    meter: RecordMeter,
    total: u64,
    limits: Limits,
}

impl TextReader {
    /// The meter to reset after each record.
    pub(crate) fn meter(&self) -> RecordMeter {
        self.meter.clone()
    }
}

impl Read for TextReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let since = self.meter.since_record.get();
        // One buffer of slack: the consumer reads ahead before it finishes the record it is in.
        if since
            > self
                .limits
                .record_bytes_max
                .saturating_add(buffer.len() as u64)
        {
            return Err(io::Error::other(Bound::Record(
                self.limits.record_bytes_max,
            )));
        }
        if self.total > self.limits.decompressed_bytes_max {
            return Err(io::Error::other(Bound::Decompressed(
                self.limits.decompressed_bytes_max,
            )));
        }
        let read = self.inner.read(buffer)?;
        self.meter.since_record.set(since + read as u64);
        self.total += read as u64;
        Ok(read)
    }
}

/// A file that counts what is read from it.
struct Counted {
    file: File,
    disk: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.disk.set(self.disk.get() + read as u64);
        Ok(read)
    }
}

/// Opens `path` as text, decompressing gzip.
pub(crate) fn open_text(path: &Path, limits: Limits) -> io::Result<TextReader> {
    let content = sniff(path)?;
    let meter = RecordMeter::default();
    let file = Counted {
        file: File::open(path)?,
        disk: Rc::clone(&meter.disk),
    };
    let inner: Box<dyn Read> = match content {
        Content::Gzip => Box::new(MultiGzDecoder::new(io::BufReader::with_capacity(
            1 << 16,
            file,
        ))),
        _ => Box::new(file),
    };
    Ok(TextReader {
        inner,
        meter,
        total: 0,
        limits,
    })
}

/// Reads `path` whole, decompressing gzip. `Ok(None)` when it is larger than `bytes_max`.
pub(crate) fn read_whole(path: &Path, bytes_max: u64) -> io::Result<Option<Vec<u8>>> {
    let content = sniff(path)?;
    let file = File::open(path)?;
    let mut bytes = Vec::new();
    let limit = bytes_max.saturating_add(1);
    match content {
        Content::Gzip => MultiGzDecoder::new(io::BufReader::new(file))
            .take(limit)
            .read_to_end(&mut bytes)?,
        _ => file.take(limit).read_to_end(&mut bytes)?,
    };
    Ok((bytes.len() as u64 <= bytes_max).then_some(bytes))
}
