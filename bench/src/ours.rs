//! One of our readers, in this process, from a folder of record files to Arrow batches.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array as _, RecordBatch};
use plainview_records::{
    Effect, Error, Notice, Sink, SourceInput, Table, Tokens, expand, read_source,
};

use crate::BenchFormat;
use crate::engine::{Answer, Measured};

/// Clock ticks of a second in `/proc/self/stat`; Linux reports 100 whatever the kernel was built for.
const TICKS_PER_SECOND: f64 = 100.0;

/// What becomes of the batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// All are held until the last one is there, as a peer holds its table.
    All,
    /// Each is counted and dropped, as a review writes and forgets it.
    None,
}

/// Reads the folder `path` as `format`. A row that the reader could not use is an error: the files are our own.
pub fn read(format: BenchFormat, path: &Path, keep: Keep) -> anyhow::Result<Measured> {
    let (files, notices) = expand(path, &[".".to_owned()]);
    ensure!(notices.is_empty(), "{}: {notices:?}", path.display());
    ensure!(!files.is_empty(), "{}: no files", path.display());
    let mut input = SourceInput::new("bench", format.reader(), path.to_owned(), files);
    input.tokens = Tokens::public();
    if matches!(
        format,
        BenchFormat::S3Csv | BenchFormat::S3Parquet | BenchFormat::S3Orc
    ) {
        input.account = Some("aws/111122223333".to_owned());
    }
    let mut sink = Counting {
        keep,
        ..Counting::default()
    };
    let cpu = cpu_seconds()?;
    let begun = Instant::now();
    read_source(&input, &mut sink)?;
    let seconds = begun.elapsed().as_secs_f64();
    let cpu_seconds = cpu_seconds()? - cpu;
    let peak_kib = peak_kib()?;
    for (table, batch) in std::mem::take(&mut sink.held) {
        sink.count(table, &batch)?;
    }
    if let Some(lost) = sink.lost {
        bail!("{}: a reader lost rows: {lost:?}", path.display());
    }
    Ok(Measured {
        rows: sink.answer.rows,
        sum: sink.answer.sum.to_string(),
        chars: sink.answer.chars,
        seconds,
        cpu_seconds,
        peak_kib,
    })
}

struct Counting {
    keep: Keep,
    held: Vec<(Table, RecordBatch)>,
    answer: Answer,
    lost: Option<Notice>,
}

impl Default for Counting {
    fn default() -> Self {
        Self {
            keep: Keep::None,
            held: Vec::new(),
            answer: Answer::default(),
            lost: None,
        }
    }
}

impl Sink for Counting {
    fn batch(&mut self, table: Table, batch: RecordBatch) -> Result<(), Error> {
        match self.keep {
            Keep::All => self.held.push((table, batch)),
            Keep::None => self.count(table, &batch).map_err(Error::sink)?,
        }
        Ok(())
    }

    fn notice(&mut self, notice: Notice) {
        if notice.effect == Effect::Lost && self.lost.is_none() {
            self.lost = Some(notice);
        }
    }
}

impl Counting {
    fn count(&mut self, table: Table, batch: &RecordBatch) -> anyhow::Result<()> {
        self.answer.rows += batch.num_rows() as u64;
        let column = |name: &str| {
            batch
                .column_by_name(name)
                .with_context(|| format!("no column {name}"))
        };
        let text = match table {
            Table::Objects => {
                self.answer.sum += column("size")?
                    .as_primitive::<Int64Type>()
                    .iter()
                    .flatten()
                    .map(i128::from)
                    .sum::<i128>();
                "key"
            }
            Table::Charges | Table::Metering => {
                let (number, text) = if table == Table::Charges {
                    ("consumed_quantity", "description")
                } else {
                    ("value", "container")
                };
                self.answer.sum += column(number)?
                    .as_primitive::<Decimal128Type>()
                    .iter()
                    .flatten()
                    .sum::<i128>();
                text
            }
            Table::Requests => {
                self.answer.sum += column("bytes_out")?
                    .as_primitive::<Int64Type>()
                    .iter()
                    .flatten()
                    .map(i128::from)
                    .sum::<i128>();
                "key"
            }
            Table::Documents => {
                self.answer.sum += column("sent_at")?
                    .as_primitive::<TimestampMillisecondType>()
                    .iter()
                    .flatten()
                    .map(|ms| i128::from(ms / 1_000))
                    .sum::<i128>();
                "text"
            }
            other => bail!("no benchmark counts {other}"),
        };
        let texts = column(text)?.as_string::<i32>();
        let chars: usize = (0..texts.len())
            .filter(|&row| texts.is_valid(row))
            .map(|row| match table {
                Table::Documents => solid_chars(texts.value(row)),
                _ => texts.value(row).chars().count(),
            })
            .sum();
        self.answer.chars += chars as u64;
        Ok(())
    }
}

/// Characters that are not white space.
pub(crate) fn solid_chars(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// Processor seconds of this process so far, user and system.
fn cpu_seconds() -> anyhow::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat").context("/proc/self/stat")?;
    // The second field is the program's name in brackets and may hold spaces; utime and stime are the 12th and 13th after it.
    let after = stat.rsplit_once(')').context("/proc/self/stat")?.1;
    let ticks = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<u32>)
        .sum::<Result<u32, _>>()
        .context("/proc/self/stat")?;
    Ok(f64::from(ticks) / TICKS_PER_SECOND)
}

/// The highest resident memory of this process so far, KiB.
fn peak_kib() -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("/proc/self/status")?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next())
        .context("no VmHWM in /proc/self/status")?
        .parse()
        .context("VmHWM")
}
