//! The command line, as clap sees it. Parsing only validates and stores; nothing here touches the
//! world.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Reviews what cloud storage is used for, from records alone, and publishes what anyone can check.
#[derive(Debug, Parser)]
#[command(name = "plainview", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a fictional tenant's records, review them, print the verdicts and the report's path
    Demo(DemoArgs),
    /// Draft a commented case folder
    New(NewArgs),
    /// Validate the register and say what its sources could show; opens no evidence
    Check(CheckArgs),
    /// The main job: records to report
    Review(ReviewArgs),
    /// One claim's verdict as a tree
    Explain(ExplainArgs),
    /// Run SQL over the evidence tables and views
    Ask(AskArgs),
    /// What was reviewed, unreadable, missing or withheld, by account, store, kind and day
    Coverage(CoverageArgs),
    /// Find documents by words, phrases, fields and dates
    Find(FindArgs),
    /// Make an exhibit of a passage of a document
    Mark(MarkArgs),
    /// Read record files without a case: rows, time range, bytes, notices
    Records(RecordsArgs),
    /// Say what the collections in an inventory are consistent with, without a case
    Profile(ProfileArgs),
    /// Hold listed, billed and metered bytes against each other, without a case
    Reconcile(ReconcileArgs),
    /// Run the Sigma rules of a folder over recorded events and requests
    Sigma(SigmaArgs),
    /// Evaluate a bundle of sources and arguments (plainview.weigh/0)
    Weigh(WeighArgs),
}

/// `plainview demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Folder to write the fictional case into (made when absent; must be empty or a demo)
    #[arg(default_value = "plainview-demo")]
    pub(crate) dir: PathBuf,
    /// Leave a kind of record out and see what remains answerable
    #[arg(long, value_name = "RECORDS", value_parser = ["inventory", "invoices"])]
    pub(crate) without: Option<String>,
    /// Seed of the fictional records
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// `plainview new`.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// Folder of the new case
    pub(crate) dir: PathBuf,
    /// Record files or folders to draft sources, accounts and period from
    #[arg(long, num_args = 1.., value_name = "FILES")]
    pub(crate) from: Vec<PathBuf>,
}

/// `plainview check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The case folder
    pub(crate) case: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// How a long run behaves.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunArgs {
    /// Threads; results are the same for any number
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plainview review`.
#[derive(Debug, Args)]
pub(crate) struct ReviewArgs {
    /// The case folder
    pub(crate) case: PathBuf,
    /// Read PDF, Word and Excel documents even where their parsers cannot be confined; the result says so
    #[arg(long)]
    pub(crate) unsandboxed: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// `plainview explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The case folder (reviewed before)
    pub(crate) case: PathBuf,
    /// The claim's id
    pub(crate) claim: String,
    /// Weigh again without these sources
    #[arg(long, value_name = "SOURCE", num_args = 1)]
    pub(crate) without: Vec<String>,
    /// Weigh again with what was recorded by this date
    #[arg(long, value_name = "DATE")]
    pub(crate) known_by: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plainview coverage`.
#[derive(Debug, Args)]
pub(crate) struct CoverageArgs {
    /// The case folder
    pub(crate) case: PathBuf,
    /// What the table is broken down by, beside the kind of record
    #[arg(long, value_enum, default_value = "account", value_name = "WHAT")]
    pub(crate) by: Breakdown,
    /// Threads; results are the same for any number
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a table of days is broken down by.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Breakdown {
    /// By account
    Account,
    /// By store
    Store,
    /// By kind of record alone
    Kind,
    /// By calendar month
    Month,
}

/// `plainview ask`.
#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    /// The case folder (reviewed before)
    pub(crate) case: PathBuf,
    /// The query; without one, the tables and views are listed
    pub(crate) sql: Option<String>,
    /// text, csv, json or parquet
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: plainview_engine::OutputFormat,
    /// Write to this file instead of the terminal (needed for parquet)
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `plainview find`.
#[derive(Debug, Args)]
pub(crate) struct FindArgs {
    /// The case folder (reviewed before)
    pub(crate) case: PathBuf,
    /// Words, "phrases", field:value, from: and to: dates; without a query, the language is explained
    pub(crate) query: Option<String>,
    /// Show at most this many
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) limit: usize,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plainview mark`.
#[derive(Debug, Args)]
pub(crate) struct MarkArgs {
    /// The case folder (reviewed before)
    pub(crate) case: PathBuf,
    /// The document, as `plainview find` shows it
    #[arg(long, value_name = "SOURCE:FILE[:ROW]")]
    pub(crate) doc: String,
    /// Row of the document in its file, where the passage stands in several
    #[arg(long, value_name = "ROW")]
    pub(crate) row: Option<u64>,
    /// The passage, word for word
    #[arg(long, value_name = "PASSAGE")]
    pub(crate) quote: String,
    /// The claim it speaks to
    #[arg(long, value_name = "CLAIM")]
    pub(crate) claim: String,
    /// On which side of the claim
    #[arg(long, value_name = "SIDE", value_parser = ["for", "against"])]
    pub(crate) side: String,
    /// How it is used as an argument
    #[arg(long, value_name = "SCHEME", value_parser = ["testimony", "record-shows", "process-fact"])]
    pub(crate) scheme: String,
    /// The party who marks it
    #[arg(long, value_name = "PARTY")]
    pub(crate) by: String,
    /// The day it is marked
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) date: jiff::civil::Date,
    /// Id of the new exhibit
    #[arg(long, value_name = "ID")]
    pub(crate) id: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plainview records`.
#[derive(Debug, Args)]
pub(crate) struct RecordsArgs {
    /// Record files, folders (walked) or manifests
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Record format; recognised by content when absent
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Column order of a headerless S3 inventory CSV, as in a manifest's fileSchema
    #[arg(long, value_name = "COLUMNS")]
    pub(crate) schema: Option<String>,
    /// Account that the format itself does not name, as provider/account
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    /// Draft a column map for a CSV or XLSX sheet instead of reading it
    #[arg(long)]
    pub(crate) suggest_map: bool,
    /// A TOML file with the column map of a sheet (format table)
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
    /// Read PDF, Word and Excel documents even where their parsers cannot be confined; the result says so
    #[arg(long)]
    pub(crate) unsandboxed: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plainview profile`.
#[derive(Debug, Args)]
pub(crate) struct ProfileArgs {
    /// Inventory files, folders or manifests
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Record format; recognised by content when absent
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Column order of a headerless S3 inventory CSV
    #[arg(long, value_name = "COLUMNS")]
    pub(crate) schema: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plainview reconcile`.
#[derive(Debug, Args)]
pub(crate) struct ReconcileArgs {
    /// Inventories, bills and meter exports; the format of each is recognised by content
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Account of inventories that do not name one, as provider/account
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plainview sigma`.
#[derive(Debug, Args)]
pub(crate) struct SigmaArgs {
    /// Folder of Sigma rules (.yml), or one rule file
    pub(crate) rules: PathBuf,
    /// The case folder (reviewed before)
    pub(crate) case: Option<PathBuf>,
    /// Log files instead of a case; the format of each is recognised by content
    #[arg(long, num_args = 1.., value_name = "FILES", conflicts_with = "case")]
    pub(crate) files: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plainview weigh`.
#[derive(Debug, Args)]
pub(crate) struct WeighArgs {
    /// A plainview.weigh/0 bundle, or `-` for standard input
    pub(crate) bundle: PathBuf,
    /// Print the whole evaluation as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
