//! Records of delimited text, split on a thread of their own.
//!
//! Decompression and splitting cost about as much as everything after them, so they run beside it. Blocks arrive in file
//! order and hold whole records; what they hold depends on the file alone, never on timing.

use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::Limits;
use crate::open::{Bound, TextReader, open_text};

/// Bytes of cells a block holds before it is passed on.
const BLOCK_BYTES: usize = 1 << 18;

/// Bytes read at a time.
const INPUT_BYTES: usize = 1 << 16;

/// Blocks that may wait.
const BLOCKS_WAITING: usize = 4;

/// Whole records: their cells one behind the other, without quotes and delimiters.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// The cells' bytes; only the first `filled` are records.
    bytes: Vec<u8>,
    filled: usize,
    /// Ends of cells, counted from the start of their record.
    ends: Vec<usize>,
    /// For each record: where its bytes begin, and where its ends begin.
    records: Vec<(usize, usize)>,
    /// Bytes of the file read when the block was passed on.
    pub(super) disk_bytes: u64,
}

impl Block {
    fn clear(&mut self) {
        self.filled = 0;
        self.ends.clear();
        self.records.clear();
        if self.bytes.len() < BLOCK_BYTES {
            self.bytes.resize(BLOCK_BYTES, 0);
        }
    }

    /// How many records it holds.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// The cells' bytes of record `index`, and the ends of its cells in them.
    pub(super) fn record(&self, index: usize) -> (&[u8], &[usize]) {
        let (start, first) = self.records[index];
        let (end, last) = self
            .records
            .get(index + 1)
            .copied()
            .unwrap_or((self.filled, self.ends.len()));
        (&self.bytes[start..end], &self.ends[first..last])
    }
}

/// What the splitting thread says.
pub(super) enum Split {
    /// More records.
    Block(Block),
    /// The file could not be read further.
    Stopped(io::Error),
    /// All records were given.
    End,
}

/// The receiving side of a file being split.
pub(super) struct Splitting {
    blocks: Receiver<Split>,
    used: Sender<Block>,
}

impl Splitting {
    /// Starts splitting the file at `path`, with `delimiter` between cells. That it cannot be opened is the first thing
    /// received.
    pub(super) fn start(path: PathBuf, limits: Limits, delimiter: u8) -> Self {
        let (blocks_in, blocks) = sync_channel(BLOCKS_WAITING);
        let (used, used_out) = channel();
        std::thread::spawn(move || {
            let last = match open_text(&path, limits) {
                Ok(reader) => Splitter::new(reader, limits, delimiter, &blocks_in, &used_out).run(),
                Err(error) => Some(Split::Stopped(error)),
            };
            if let Some(last) = last {
                // Nobody listens any more when this fails, which is no fault.
                let _ = blocks_in.send(last);
            }
        });
        Self { blocks, used }
    }

    /// The next block; at last an `End` or a `Stopped`.
    pub(super) fn next(&self) -> Split {
        self.blocks
            .recv()
            .unwrap_or_else(|_| Split::Stopped(io::Error::other("the decoder gave up")))
    }

    /// Gives a block back for reuse.
    pub(super) fn give_back(&self, block: Block) {
        let _ = self.used.send(block);
    }
}

struct Splitter<'a> {
    reader: TextReader,
    limits: Limits,
    csv: Reader,
    blocks: &'a SyncSender<Split>,
    used: &'a Receiver<Block>,
    block: Block,
    /// Ends of the unfinished record; they join the block's when it is whole.
    ends: Vec<usize>,
    ends_filled: usize,
    /// Where the unfinished record begins.
    record_start: usize,
    /// Whole records so far.
    records: u64,
}

/// The receiver is gone.
struct Unheard;

impl<'a> Splitter<'a> {
    fn new(
        reader: TextReader,
        limits: Limits,
        delimiter: u8,
        blocks: &'a SyncSender<Split>,
        used: &'a Receiver<Block>,
    ) -> Self {
        let mut block = Block::default();
        block.clear();
        Self {
            reader,
            limits,
            csv: ReaderBuilder::new().delimiter(delimiter).build(),
            blocks,
            used,
            block,
            ends: vec![0; 64],
            ends_filled: 0,
            record_start: 0,
            records: 0,
        }
    }

    /// Splits to the end; the last thing to say, unless nobody listens.
    fn run(mut self) -> Option<Split> {
        let mut input = vec![0; INPUT_BYTES];
        loop {
            let read = match self.reader.read(&mut input) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return self.stop(error),
            };
            // The length and the number of records are bounded here, by what they fill.
            self.reader.meter().pass();
            match self.split(&input[..read]) {
                Ok(Ok(())) if read == 0 => return self.pass_on().ok().map(|()| Split::End),
                Ok(Ok(())) => {}
                Ok(Err(error)) => return self.stop(error),
                Err(Unheard) => return None,
            }
        }
    }

    fn stop(mut self, error: io::Error) -> Option<Split> {
        self.pass_on().ok().map(|()| Split::Stopped(error))
    }

    /// Splits `input`; nothing means the end of the file.
    fn split(&mut self, mut input: &[u8]) -> Result<io::Result<()>, Unheard> {
        let is_end = input.is_empty();
        loop {
            let output = &mut self.block.bytes[self.block.filled..];
            let (result, read, written, ended) =
                self.csv
                    .read_record(input, output, &mut self.ends[self.ends_filled..]);
            input = &input[read..];
            self.block.filled += written;
            self.ends_filled += ended;
            match result {
                ReadRecordResult::InputEmpty if is_end => {}
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return Ok(Ok(())),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::OutputFull => {
                    if let Err(error) = self.make_room()? {
                        return Ok(Err(error));
                    }
                }
                ReadRecordResult::Record => {
                    self.records += 1;
                    if self.records > self.limits.records_max {
                        let most = self.limits.records_max;
                        return Ok(Err(io::Error::other(Bound::Records(most))));
                    }
                    self.block
                        .records
                        .push((self.record_start, self.block.ends.len()));
                    self.block
                        .ends
                        .extend_from_slice(&self.ends[..self.ends_filled]);
                    self.ends_filled = 0;
                    self.record_start = self.block.filled;
                }
            }
            // `read_record` sees an empty input as the end of the file, so it must not be asked again before there is more.
            if input.is_empty() && !is_end {
                return Ok(Ok(()));
            }
        }
    }

    /// Passes the whole records on and moves the unfinished one to the front; a record that fills a block alone gets more room, up to the limit.
    fn make_room(&mut self) -> Result<io::Result<()>, Unheard> {
        if self.record_start > 0 {
            self.pass_on()?;
            return Ok(Ok(()));
        }
        let room = self.block.bytes.len();
        if room as u64 > self.limits.record_bytes_max {
            return Ok(Err(io::Error::other(Bound::Record(
                self.limits.record_bytes_max,
            ))));
        }
        self.block.bytes.resize(room * 2, 0);
        Ok(Ok(()))
    }

    fn pass_on(&mut self) -> Result<(), Unheard> {
        let mut next = self.used.try_recv().unwrap_or_default();
        next.clear();
        let unfinished = &self.block.bytes[self.record_start..self.block.filled];
        if next.bytes.len() < unfinished.len() {
            next.bytes.resize(unfinished.len(), 0);
        }
        next.bytes[..unfinished.len()].copy_from_slice(unfinished);
        next.filled = unfinished.len();
        let mut block = std::mem::replace(&mut self.block, next);
        block.filled = self.record_start;
        block.disk_bytes = self.reader.meter().disk_bytes();
        self.record_start = 0;
        if block.records.is_empty() {
            return Ok(());
        }
        self.blocks.send(Split::Block(block)).map_err(|_| Unheard)
    }
}
