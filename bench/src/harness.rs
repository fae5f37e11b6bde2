//! Runs every engine on every format: first for its answer, then for its figures.
//!
//! All answers of all formats are compared with the generated truth before the first figure is taken, and again at every
//! repetition; a difference stops the run and nothing is published. Engines alternate within a repetition, so that a slow
//! minute of the machine is shared out.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::BenchFormat;
use crate::engine::{Answer, Measured};
use crate::make::Truth;
use crate::publish::{self, Machine, Run};

/// What to run and where to put the figures.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The data set, as [`crate::make::make`] wrote it.
    pub dir: PathBuf,
    /// A larger data set that each engine streams through once, for its memory.
    pub memory_dir: Option<PathBuf>,
    /// Repetitions of each engine on each format.
    pub repetitions: u32,
    /// The Python with the peers installed; without one only our readers are measured.
    pub peer: Option<PathBuf>,
    /// The folder of the peers' readers.
    pub peer_scripts: PathBuf,
    /// The folder for the figures; it is made.
    pub out: PathBuf,
}

/// One engine of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Engine {
    /// Our readers.
    Ours,
    /// `DuckDB` with this many threads.
    DuckDb(u32),
    /// `ClickHouse` within Python, with this many threads.
    ClickHouse(u32),
}

impl Engine {
    /// Every engine; each peer with one thread and with two.
    pub(crate) const ALL: [Self; 5] = [
        Self::Ours,
        Self::DuckDb(1),
        Self::DuckDb(2),
        Self::ClickHouse(1),
        Self::ClickHouse(2),
    ];

    /// Whether it reads `format`.
    pub(crate) fn takes(self, format: BenchFormat) -> bool {
        match self {
            Self::Ours => true,
            Self::DuckDb(_) => format.has_peer(),
            Self::ClickHouse(_) => format.has_clickhouse(),
        }
    }

    /// The script that runs it, and its threads.
    pub(crate) fn script(self) -> Option<(&'static str, u32)> {
        match self {
            Self::Ours => None,
            Self::DuckDb(threads) => Some(("duckdb_reader.py", threads)),
            Self::ClickHouse(threads) => Some(("chdb_reader.py", threads)),
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours => f.write_str("ours"),
            Self::DuckDb(threads) => write!(f, "duckdb-{threads}"),
            Self::ClickHouse(threads) => write!(f, "clickhouse-{threads}"),
        }
    }
}

/// What an engine does with the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    /// Holds all of them as one Arrow table.
    Table,
    /// Looks at each batch and drops it.
    Stream,
}

/// Which part of a run a figure belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// The comparison of answers; its times are recorded and not used.
    Check,
    /// The timed repetitions.
    Time,
    /// The large data set.
    Memory,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Check => "check",
            Self::Time => "time",
            Self::Memory => "memory",
        })
    }
}

/// One figure with what it is about.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) part: Part,
    pub(crate) format: BenchFormat,
    pub(crate) engine: Engine,
    pub(crate) repetition: u32,
    pub(crate) measured: Measured,
}

/// Checks all answers, takes the figures and writes them to `plan.out`.
pub fn readers(plan: &Plan) -> anyhow::Result<()> {
    ensure!(plan.repetitions > 0, "a run needs at least one repetition");
    let truth = Truth::load(&plan.dir)?;
    let mut machine = Machine::look(plan.peer.as_deref())?;
    let mut samples = Vec::new();
    for (&format, &answer) in &truth.answers {
        for engine in engines(plan, format) {
            samples.push(sample(plan, Part::Check, format, engine, 0, answer)?);
        }
    }
    for (&format, &answer) in &truth.answers {
        for repetition in 1..=plan.repetitions {
            for engine in engines(plan, format) {
                samples.push(sample(
                    plan,
                    Part::Time,
                    format,
                    engine,
                    repetition,
                    answer,
                )?);
            }
        }
    }
    let mut memory_truth = Truth::default();
    if let Some(dir) = &plan.memory_dir {
        memory_truth = Truth::load(dir)?;
        for (&format, &answer) in &memory_truth.answers {
            // One thread less says nothing about memory, and ClickHouse gives no batches to drop.
            let streaming = |engine: &Engine| matches!(engine, Engine::Ours | Engine::DuckDb(2));
            for engine in engines(plan, format).filter(streaming) {
                samples.push(sample(plan, Part::Memory, format, engine, 1, answer)?);
            }
        }
    }
    machine.look_again()?;
    publish::write(&Run {
        plan,
        truth: &truth,
        memory_truth: &memory_truth,
        machine: &machine,
        samples: &samples,
    })
}

fn engines(plan: &Plan, format: BenchFormat) -> impl Iterator<Item = Engine> + use<> {
    let with_peers = plan.peer.is_some();
    Engine::ALL
        .into_iter()
        .filter(move |engine| engine.takes(format) && (with_peers || *engine == Engine::Ours))
}

fn sample(
    plan: &Plan,
    part: Part,
    format: BenchFormat,
    engine: Engine,
    repetition: u32,
    expected: Answer,
) -> anyhow::Result<Sample> {
    let (dir, hold) = match (part, &plan.memory_dir) {
        (Part::Memory, Some(dir)) => (dir, Hold::Stream),
        _ => (&plan.dir, Hold::Table),
    };
    let measured = run(plan, engine, format, &dir.join(format.as_str()), hold)?;
    let answer = measured.answer()?;
    ensure!(
        answer == expected,
        "{engine} on {format}: found {answer:?}, expected {expected:?}; nothing was published"
    );
    Ok(Sample {
        part,
        format,
        engine,
        repetition,
        measured,
    })
}

/// One engine in a process of its own.
fn run(
    plan: &Plan,
    engine: Engine,
    format: BenchFormat,
    path: &Path,
    hold: Hold,
) -> anyhow::Result<Measured> {
    let mut command = match engine.script() {
        None => {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["ours", format.as_str()]).arg(path);
            if hold == Hold::Table {
                command.arg("--keep");
            }
            command
        }
        Some((script, threads)) => {
            let python = plan.peer.as_deref().context("no peer")?;
            let mut command = Command::new(python);
            command
                .arg(plan.peer_scripts.join(script))
                .arg(format.as_str())
                .arg(path);
            command.args(["--threads", &threads.to_string()]);
            if hold == Hold::Stream {
                command.arg("--stream");
            }
            command
        }
    };
    let output = command
        .output()
        .with_context(|| format!("{engine} on {format} could not be started"))?;
    ensure!(
        output.status.success(),
        "{engine} on {format} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{engine} on {format} printed no figures"))
}
