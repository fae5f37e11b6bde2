//! Opens record files by what they contain, not by their name, within bounds.
//!
//! Knows gzip, zstd and bzip2 of one or many members, Parquet, ORC and zip by their first bytes; everything else is text.
//! Compression is undone once: a compressed file within a compressed file is refused, and so is one that grows more than a
//! record file does ([`crate::limits`] has every bound). Zip archives are taken apart before a reader sees them
//! ([`crate::archive`]).

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;

use crate::Limits;
use crate::limits::RATIO_FREE_BYTES;
use crate::run::Note;

/// What a file holds, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Empty,
    /// Text behind gzip, zstd or bzip2; [`open_text`] gives it decompressed.
    Compressed,
    Parquet,
    Orc,
    Zip,
    Text,
}

/// The ways text is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compression {
    Gzip,
    Zstd,
    Bzip2,
}

/// First bytes that [`content_of`] needs.
const MAGIC_BYTES: usize = 10;

/// What begins with these bytes.
fn content_of(head: &[u8]) -> (Content, Option<Compression>) {
    let compressed = |how| (Content::Compressed, Some(how));
    match head {
        [] => (Content::Empty, None),
        [0x1f, 0x8b, ..] => compressed(Compression::Gzip),
        // A zstd frame, or the skippable frame that some writers put before the first.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
            compressed(Compression::Zstd)
        }
        // The digit is the block size; a block (pi) or the end (sqrt pi) follows, so that text which begins with BZh stays text.
        [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..]
            if rest.starts_with(&[0x31, 0x41, 0x59, 0x26, 0x53, 0x59])
                || rest.starts_with(&[0x17, 0x72, 0x45, 0x38, 0x50, 0x90]) =>
        {
            compressed(Compression::Bzip2)
        }
        [b'P', b'A', b'R', b'1', ..] => (Content::Parquet, None),
        [b'O', b'R', b'C', ..] => (Content::Orc, None),
        // A local file, or the end of an archive without any.
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => (Content::Zip, None),
        _ => (Content::Text, None),
    }
}

fn head_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(MAGIC_BYTES);
    File::open(path)?
        .take(MAGIC_BYTES as u64)
        .read_to_end(&mut head)?;
    Ok(head)
}

/// Looks at the first bytes of `path`.
pub(crate) fn sniff(path: &Path) -> io::Result<Content> {
    Ok(content_of(&head_of(path)?).0)
}

/// Why a bounded read stopped early; carried inside an [`io::Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Bound {
    #[error("a record is longer than {0} bytes")]
    Record(u64),
    #[error("the file holds more than {0} records")]
    Records(u64),
    #[error("the file decompresses to more than {0} bytes")]
    Decompressed(u64),
    #[error("the file grows more than {0}-fold when it is decompressed")]
    Ratio(u64),
    #[error("the compressed file holds another compressed file")]
    Nested,
}

impl Bound {
    /// The bound inside `error`, if that is why it happened.
    pub(crate) fn of(error: &io::Error) -> Option<Self> {
        error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Self>())
            .copied()
    }

    /// The notice of a file whose rest was not read because of this bound.
    pub(crate) fn note(self) -> Note {
        let note = match self {
            Self::Record(_) => Note::lost(
                "record-too-long",
                "the file was read up to a record that is too long; the rest is lost",
            )
            .expected("shorter records; an unclosed quote also does this"),
            Self::Records(_) => Note::lost(
                "too-many-records",
                "the file was read up to the limit of records; the rest is lost",
            ),
            Self::Decompressed(_) => Note::lost(
                "file-too-large",
                "the file was read up to the limit of its size; the rest is lost",
            ),
            Self::Ratio(_) => Note::lost(
                "compression-ratio",
                "the file grows more than record files do when it is decompressed; the rest is lost",
            )
            .expected("a file that a logging service wrote; decompress it by hand if it is one"),
            Self::Nested => Note::lost(
                "archive-nested",
                "the file is compressed twice and was not read",
            )
            .expected("one layer of compression"),
        };
        note.found(self.to_string())
    }
}

/// Counts the bytes handed out since the last finished record, so that one record cannot grow without end.
///
/// Also tells how much of the file on disk has been read, for progress.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecordMeter {
    since_record: Rc<Cell<u64>>,
    records: Rc<Cell<u64>>,
    disk: Rc<Cell<u64>>,
}

impl RecordMeter {
    /// A record ended.
    pub(crate) fn reset(&self) {
        self.since_record.set(0);
        self.records.set(self.records.get() + 1);
    }

    /// What was read is bounded by the caller: it is neither part of a record nor the end of one.
    pub(crate) fn pass(&self) {
        self.since_record.set(0);
    }

    /// Bytes read from disk so far.
    pub(crate) fn disk_bytes(&self) -> u64 {
        self.disk.get()
    }
}

/// Decompressed bytes of a text file, bounded in total, in growth and per record.
pub(crate) struct TextReader {
    inner: Box<dyn Read>,
    meter: RecordMeter,
    total: u64,
    limits: Limits,
    is_compressed: bool,
    /// The first decompressed bytes, until there are enough to tell what they begin.
    head: Vec<u8>,
}

impl TextReader {
    /// The meter to reset after each record.
    pub(crate) fn meter(&self) -> RecordMeter {
        self.meter.clone()
    }

    /// The bound that has been crossed, if any; `buffer` bytes may be read ahead of the record they belong to.
    fn crossed(&self, buffer: u64) -> Option<Bound> {
        let limits = &self.limits;
        if self.meter.since_record.get() > limits.record_bytes_max.saturating_add(buffer) {
            return Some(Bound::Record(limits.record_bytes_max));
        }
        if self.meter.records.get() > limits.records_max {
            return Some(Bound::Records(limits.records_max));
        }
        if self.total > limits.decompressed_bytes_max {
            return Some(Bound::Decompressed(limits.decompressed_bytes_max));
        }
        let grown = self.meter.disk.get().saturating_mul(limits.ratio_max);
        (self.is_compressed && self.total > RATIO_FREE_BYTES.max(grown))
            .then_some(Bound::Ratio(limits.ratio_max))
    }

    /// Whether what was decompressed begins a further layer.
    fn is_nested(&mut self, read: &[u8]) -> bool {
        if !self.is_compressed || self.head.len() >= MAGIC_BYTES {
            return false;
        }
        let missing = MAGIC_BYTES - self.head.len();
        self.head
            .extend_from_slice(&read[..missing.min(read.len())]);
        matches!(content_of(&self.head).0, Content::Compressed | Content::Zip)
    }
}

impl Read for TextReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // One buffer of slack: the consumer reads ahead before it finishes the record it is in.
        if let Some(bound) = self.crossed(buffer.len() as u64) {
            return Err(io::Error::other(bound));
        }
        let read = self.inner.read(buffer)?;
        if self.is_nested(&buffer[..read]) {
            return Err(io::Error::other(Bound::Nested));
        }
        let since = self.meter.since_record.get();
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

/// The largest window a zstd frame may ask memory for: 128 MiB, what the zstd command itself accepts.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

fn decoder(how: Compression, file: Counted) -> io::Result<Box<dyn Read>> {
    let file = BufReader::with_capacity(1 << 16, file);
    Ok(match how {
        Compression::Gzip => Box::new(MultiGzDecoder::new(file)),
        Compression::Bzip2 => Box::new(MultiBzDecoder::new(file)),
        Compression::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(file)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
            Box::new(decoder)
        }
    })
}

/// Opens `path` as text, decompressing gzip, zstd and bzip2.
pub(crate) fn open_text(path: &Path, limits: Limits) -> io::Result<TextReader> {
    let (_, how) = content_of(&head_of(path)?);
    let meter = RecordMeter::default();
    let file = Counted {
        file: File::open(path)?,
        disk: Rc::clone(&meter.disk),
    };
    let inner: Box<dyn Read> = match how {
        Some(how) => decoder(how, file)?,
        None => Box::new(file),
    };
    Ok(TextReader {
        inner,
        meter,
        total: 0,
        limits,
        is_compressed: how.is_some(),
        head: Vec::new(),
    })
}

/// Reads `path` whole, decompressing as [`open_text`] does. `Ok(None)` when it is larger than `bytes_max`.
pub(crate) fn read_whole(path: &Path, bytes_max: u64) -> io::Result<Option<Vec<u8>>> {
    let limits = Limits {
        record_bytes_max: u64::MAX / 2,
        decompressed_bytes_max: u64::MAX / 2,
        ..Limits::default()
    };
    let mut bytes = Vec::new();
    open_text(path, limits)?
        .take(bytes_max.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= bytes_max).then_some(bytes))
}
