//! Records of one text, found and taken by several threads, a block at a time, and given in their order.
//!
//! Where a record begins can only be known from what came before it. To let threads begin in the middle, this thread cuts the
//! text where a record probably begins, and each block is read as if one did. When the results are put together, in order,
//! the guess is compared with where the text before really ended; a block whose guess was wrong is read again, here, from
//! there. So the result is that of reading from beginning to end, whatever the text, and a text that makes guesses fail costs
//! time and changes nothing.
//!
//! Memory: blocks of [`Pace::block_bytes`], at most two for each thread, and one record.

use std::collections::VecDeque;
use std::io::{self, Read as _};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::formats::sheet::tally::{Repeated, Tally};
use crate::limits::JSON_DEPTH_MAX;
use crate::open::{Bound, TextReader};
use crate::run::{Run, SourceFile};
use crate::{Effect, Error};

use super::{Part, Take};

/// How a text is divided; changes nothing that is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Bytes read before any thread is started; most files are smaller.
    pub(super) first_bytes: usize,
    /// Bytes that a thread is given at once.
    pub(super) block_bytes: usize,
    /// Threads beside this one; with one, this one reads alone.
    pub(super) threads: usize,
}

/// The most threads beside this one.
const THREADS_MAX: usize = 8;

impl Default for Pace {
    fn default() -> Self {
        Self {
            first_bytes: 256 << 10,
            block_bytes: 2 << 20,
            threads: thread::available_parallelism()
                .map_or(1, NonZero::get)
                .min(THREADS_MAX),
        }
    }
}

/// Wrong guesses after which a text is read by this thread alone.
const MISSES_MAX: u32 = 8;

/// How a text ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// With its last record.
    Whole,
    /// Within or between records.
    Broken {
        /// The record it broke at.
        row: u64,
        /// What was found there.
        found: String,
    },
    /// At a record that is longer than this many bytes.
    TooLong(u64),
}

/// A record that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'r> {
    /// Its bytes.
    Record(&'r [u8]),
    /// It is nested more deeply than any record may be.
    TooDeep,
    /// A text that may begin with it.
    First(&'r str),
}

/// Finds records in any pieces of a text, numbering them from 1. What they are given to says how many bytes of a
/// [`Found::First`] it took; of others that means nothing.
pub(super) trait Find: Clone + Send {
    /// Takes a piece of the text. `Some` when nothing more can be found behind it.
    fn feed(
        &mut self,
        input: &[u8],
        each: &mut impl FnMut(u64, Found<'_>) -> usize,
    ) -> Option<Ended>;

    /// The end of the text.
    fn end(&mut self, each: &mut impl FnMut(u64, Found<'_>) -> usize) -> Ended;

    /// Records so far.
    fn rows(&self) -> u64;

    /// Counts records that came before.
    fn add_rows(&mut self, rows: u64);

    /// A finder that is where this one would be at the beginning of a record.
    fn guess(&self) -> Self;

    /// Whether this one is where `guess` is.
    fn is_at(&self, guess: &Self) -> bool;

    /// Where in `block` a record probably begins, the first such place.
    fn first_start(&self, block: &[u8]) -> Option<usize>;

    /// As [`Self::first_start`], the last such place.
    fn last_start(&self, block: &[u8]) -> Option<usize>;
}

const TOO_DEEP: Repeated = Repeated {
    code: "json-too-deep",
    effect: Effect::Lost,
    expected: "",
    message: "records are nested deeper than records of any format are, and were not used",
};

/// How reading a text stopped.
pub(super) type Stop = Result<Ended, io::Error>;

/// Reads `text` to its end or to where it cannot be read further.
pub(super) fn take_all<F: Find, T: Take>(
    run: &mut Run<'_>,
    file: &SourceFile,
    text: TextReader,
    finder: F,
    make: &impl Fn(&Run<'_>, &SourceFile) -> T,
    (tally, pace): (&mut Tally, Pace),
) -> Result<Stop, Error> {
    let taker = make(run, file);
    let mut taking = Taking {
        run,
        file,
        finder,
        taker,
        tally,
        misses: 0,
    };
    let mut blocks = Blocks::new(text, pace.block_bytes);
    let mut block = Vec::new();
    blocks.fill(&mut block, pace.first_bytes);
    if let Some(ended) = taking.here(&block)? {
        return Ok(ended);
    }
    if !blocks.is_over && pace.threads > 1 {
        let takers = (0..pace.threads).map(|_| make(taking.run, file)).collect();
        if let Some(ended) = taking.with_threads(&mut blocks, takers)? {
            return Ok(ended);
        }
    }
    while !blocks.is_over {
        block.clear();
        blocks.fill(&mut block, pace.block_bytes);
        if let Some(ended) = taking.here(&block)? {
            return Ok(ended);
        }
    }
    if let Some(error) = blocks.failed {
        return Ok(Err(error));
    }
    taking.end().map(Ok)
}

/// A text read in blocks.
struct Blocks {
    text: TextReader,
    block_bytes: usize,
    /// Read, but left for the next block.
    left: Vec<u8>,
    is_over: bool,
    failed: Option<io::Error>,
}

impl Blocks {
    fn new(text: TextReader, block_bytes: usize) -> Self {
        Self {
            text,
            block_bytes,
            left: Vec::new(),
            is_over: false,
            failed: None,
        }
    }

    /// Appends what was left and up to `bytes` of the text to `block`.
    fn fill(&mut self, block: &mut Vec<u8>, bytes: usize) {
        block.append(&mut self.left);
        // Records are bounded where they are found.
        self.text.meter().pass();
        match self.text.by_ref().take(bytes as u64).read_to_end(block) {
            Ok(read) => self.is_over = read < bytes,
            Err(error) => {
                self.is_over = true;
                self.failed = Some(error);
            }
        }
    }
}

/// A block for a thread to read, as if the text began as the finder says.
struct Job<F> {
    block: Vec<u8>,
    guess: F,
}

/// A block that a thread has read.
struct Done<F> {
    block: Vec<u8>,
    guess: F,
    finder: F,
    part: Part,
    ended: Option<Ended>,
}

/// Where the blocks are that were given away: at the thread with this number.
struct Threads<F> {
    jobs: Vec<Sender<Job<F>>>,
    done: Vec<Receiver<Done<F>>>,
    given: VecDeque<usize>,
    next: usize,
    /// Blocks to be used again.
    spare: Vec<Vec<u8>>,
}

impl<F> Threads<F> {
    fn give(&mut self, job: Job<F>) -> Result<(), Error> {
        let thread = self.next;
        self.next = (thread + 1) % self.jobs.len();
        self.given.push_back(thread);
        self.jobs[thread].send(job).map_err(|_| ended_early())
    }

    /// The oldest block that was given away, once it is read.
    fn oldest(&mut self) -> Option<Result<Done<F>, Error>> {
        let thread = self.given.pop_front()?;
        Some(self.done[thread].recv().map_err(|_| ended_early()))
    }

    fn is_full(&self) -> bool {
        self.given.len() >= 2 * self.jobs.len()
    }
}

fn ended_early() -> Error {
    Error::Internal("a thread that takes records ended early".to_owned())
}

/// What one thread does: takes the records of each block with its own taker.
fn work<F: Find, T: Take>(
    source_id: &str,
    mut taker: T,
    jobs: &Receiver<Job<F>>,
    done: &Sender<Done<F>>,
) {
    while let Ok(Job { block, guess }) = jobs.recv() {
        let mut finder = guess.clone();
        let mut part = Part::new(source_id);
        let ended = finder.feed(&block, &mut |row, found| {
            take_one(&mut taker, row, found, &mut part)
        });
        part.close();
        let read = Done {
            block,
            guess,
            finder,
            part,
            ended,
        };
        if done.send(read).is_err() {
            return;
        }
    }
}

fn take_one(taker: &mut impl Take, row: u64, found: Found<'_>, part: &mut Part) -> usize {
    match found {
        Found::Record(record) => taker.take(row, record, part),
        Found::TooDeep => {
            let most = format!("more than {JSON_DEPTH_MAX} levels");
            part.count(&TOO_DEEP, "", row, &most);
        }
        Found::First(text) => return taker.take_first(row, text, part).unwrap_or(0),
    }
    0
}

/// A text being taken.
struct Taking<'r, 'a, F, T> {
    run: &'r mut Run<'a>,
    file: &'r SourceFile,
    /// Where in the text the records end that were given.
    finder: F,
    taker: T,
    tally: &'r mut Tally,
    misses: u32,
}

impl<F: Find, T: Take> Taking<'_, '_, F, T> {
    /// Takes the records of `block` on this thread.
    fn here(&mut self, block: &[u8]) -> Result<Option<Stop>, Error> {
        let mut part = Part::new(&self.run.input.source_id);
        let taker = &mut self.taker;
        let ended = self.finder.feed(block, &mut |row, found| {
            take_one(taker, row, found, &mut part)
        });
        self.give(part, 0, ended)
    }

    fn end(&mut self) -> Result<Ended, Error> {
        let mut part = Part::new(&self.run.input.source_id);
        let taker = &mut self.taker;
        let ended = self
            .finder
            .end(&mut |row, found| take_one(taker, row, found, &mut part));
        part.give(self.run, self.file, self.tally)?;
        Ok(ended)
    }

    fn give(
        &mut self,
        part: Part,
        rows_before: u64,
        ended: Option<Ended>,
    ) -> Result<Option<Stop>, Error> {
        part.give_after(rows_before, self.run, self.file, self.tally)?;
        let rows_max = self.run.input.limits.records_max;
        Ok(if self.finder.rows() > rows_max {
            Some(Err(io::Error::other(Bound::Records(rows_max))))
        } else {
            ended.map(Ok)
        })
    }

    /// Gives what a thread took, if it began where the text before ended; else takes the block again.
    fn settle(&mut self, done: Done<F>) -> Result<(Option<Stop>, Vec<u8>), Error> {
        let Done {
            block,
            guess,
            mut finder,
            part,
            ended,
        } = done;
        if !self.finder.is_at(&guess) {
            self.misses += 1;
            return Ok((self.here(&block)?, block));
        }
        let before = self.finder.rows();
        finder.add_rows(before);
        self.finder = finder;
        let ended = ended.map(|ended| match ended {
            Ended::Broken { row, found } => Ended::Broken {
                row: row + before,
                found,
            },
            other => other,
        });
        Ok((self.give(part, before, ended)?, block))
    }

    /// Reads blocks with one thread for each of `takers`, up to the end of the text or until too many guesses were wrong.
    fn with_threads(&mut self, blocks: &mut Blocks, takers: Vec<T>) -> Result<Option<Stop>, Error> {
        let source_id = self.run.input.source_id.as_str();
        thread::scope(|scope| {
            let mut threads = Threads {
                jobs: Vec::new(),
                done: Vec::new(),
                given: VecDeque::new(),
                next: 0,
                spare: Vec::new(),
            };
            for taker in takers {
                let (to_thread, jobs) = channel();
                let (done, from_thread) = channel();
                scope.spawn(move || work(source_id, taker, &jobs, &done));
                threads.jobs.push(to_thread);
                threads.done.push(from_thread);
            }
            let mut is_start = false;
            while !blocks.is_over && self.misses < MISSES_MAX {
                let mut block = threads.spare.pop().unwrap_or_default();
                block.clear();
                blocks.fill(&mut block, blocks.block_bytes);
                if !is_start {
                    // Nothing is known of where this begins, so it is read here up to where a record does.
                    if let Some(stop) = self.settle_all(&mut threads)? {
                        return Ok(Some(stop));
                    }
                    let start = self.finder.first_start(&block).unwrap_or(block.len());
                    if let Some(stop) = self.here(&block[..start])? {
                        return Ok(Some(stop));
                    }
                    block.drain(..start);
                }
                is_start = self.cut(&mut block, blocks);
                if block.is_empty() {
                    continue;
                }
                if threads.is_full()
                    && let Some(stop) = self.settle_oldest(&mut threads)?
                {
                    return Ok(Some(stop));
                }
                let guess = self.finder.guess();
                threads.give(Job { block, guess })?;
            }
            self.settle_all(&mut threads)
        })
    }

    /// Leaves what is behind the last beginning of a record for the next block; whether one was found.
    fn cut(&self, block: &mut Vec<u8>, blocks: &mut Blocks) -> bool {
        if blocks.is_over {
            return false;
        }
        match self.finder.last_start(block) {
            Some(start) if start > 0 => {
                blocks.left.extend_from_slice(&block[start..]);
                block.truncate(start);
                true
            }
            _ => false,
        }
    }

    fn settle_oldest(&mut self, threads: &mut Threads<F>) -> Result<Option<Stop>, Error> {
        let Some(done) = threads.oldest() else {
            return Ok(None);
        };
        let (stop, block) = self.settle(done?)?;
        threads.spare.push(block);
        Ok(stop)
    }

    fn settle_all(&mut self, threads: &mut Threads<F>) -> Result<Option<Stop>, Error> {
        while !threads.given.is_empty() {
            if let Some(stop) = self.settle_oldest(threads)? {
                return Ok(Some(stop));
            }
        }
        Ok(None)
    }
}
