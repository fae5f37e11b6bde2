//! The command line of the benchmark: make a data set, read one format, or run the comparison.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use plainview_bench::make::{Size, make};
use plainview_bench::{BenchFormat, Keep, Plan, read, readers};

/// Measures the record readers.
#[derive(Parser)]
#[command(name = "plainview-bench")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Write the record files of every format, and what every engine must answer
    Make {
        /// Folder to write to
        dir: PathBuf,
        /// Rows of each record file; a tenth as many mails
        #[arg(long, default_value_t = 1_000_000)]
        rows: u64,
        /// Seed of the rows
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Write logs until they have this many bytes, whatever the rows
        #[arg(long)]
        log_bytes: Option<u64>,
        /// Only these formats
        #[arg(long, value_delimiter = ',')]
        only: Vec<BenchFormat>,
    },
    /// Write small inputs for the fuzz target
    Seeds {
        /// The folder of seeds, `fuzz/corpus`
        corpus: PathBuf,
    },
    /// Read one format in this process and print one JSON line
    Ours {
        /// Format
        format: BenchFormat,
        /// Folder with its files
        path: PathBuf,
        /// Hold all batches until the last one is there
        #[arg(long)]
        keep: bool,
    },
    /// Check all answers, then time our readers and the peer in turn
    Readers {
        /// The data set
        dir: PathBuf,
        /// Repetitions
        #[arg(long, default_value_t = 5)]
        reps: u32,
        /// A Python with the packages of bench/peers/requirements.txt
        #[arg(long)]
        peer: Option<PathBuf>,
        /// The folder of the peers' readers
        #[arg(long, default_value = "bench/peers")]
        peer_scripts: PathBuf,
        /// A larger data set, streamed once for its memory
        #[arg(long)]
        memory: Option<PathBuf>,
        /// Folder for the figures
        #[arg(long)]
        out: PathBuf,
    },
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().verb {
        Verb::Make {
            dir,
            rows,
            seed,
            log_bytes,
            only,
        } => {
            let formats = if only.is_empty() {
                BenchFormat::ALL.to_vec()
            } else {
                only
            };
            let size = Size {
                rows,
                seed,
                log_bytes,
            };
            make(&dir, size, &formats)?;
            Ok(())
        }
        Verb::Seeds { corpus } => plainview_bench::seeds::seeds(&corpus),
        Verb::Ours { format, path, keep } => {
            let keep = if keep { Keep::All } else { Keep::None };
            let measured = read(format, &path, keep)?;
            let line = serde_json::to_string(&measured)?;
            writeln!(std::io::stdout(), "{line}").context("standard output")
        }
        Verb::Readers {
            dir,
            reps,
            peer,
            peer_scripts,
            memory,
            out,
        } => readers(&Plan {
            dir,
            memory_dir: memory,
            repetitions: reps,
            peer,
            peer_scripts,
            out,
        }),
    }
}
