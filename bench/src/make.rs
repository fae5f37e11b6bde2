//! Writes the data set: for each format a folder of record files as a provider delivers them, and `truth.json`.
//!
//! The truth is added up from the rows as they are made, before any file format sees them, so that an error of a writer or
//! a reader cannot be in it.

mod bill;
mod listing;
mod logs;
mod statements;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::BenchFormat;
use crate::engine::Answer;

/// Rows held at a time while a file is written.
const CHUNK_ROWS: u64 = 8_192;

/// Fewer mails than rows: a mail is a text, not a row.
const ROWS_PER_MAIL: u64 = 10;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Rows of each record file; a tenth as many mails.
    pub rows: u64,
    /// Seed of everything.
    pub seed: u64,
    /// Logs are written until they have this many bytes, whatever `rows` says.
    pub log_bytes: Option<u64>,
}

/// The answers that every engine must give, and how they came about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Truth {
    /// Seed of the data set.
    pub seed: u64,
    /// Bytes that logs were written up to, where that was asked for.
    pub log_bytes: Option<u64>,
    /// The answer of each format.
    pub answers: BTreeMap<BenchFormat, Answer>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    rows: u64,
    sum: String,
    chars: u64,
}

#[derive(Serialize, Deserialize)]
struct Document {
    seed: u64,
    log_bytes: Option<u64>,
    answers: BTreeMap<String, Line>,
}

impl Truth {
    /// The truth beside the files of `dir`.
    pub fn load(dir: &Path) -> anyhow::Result<Self> {
        let path = dir.join("truth.json");
        let text = fs::read_to_string(&path)
            .with_context(|| format!("{}; `plainview-bench make` writes it", path.display()))?;
        let document: Document =
            serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        let mut answers = BTreeMap::new();
        for (name, line) in document.answers {
            let format = name.parse::<BenchFormat>().map_err(anyhow::Error::msg)?;
            let answer = Answer {
                rows: line.rows,
                sum: line.sum.parse()?,
                chars: line.chars,
            };
            answers.insert(format, answer);
        }
        Ok(Self {
            seed: document.seed,
            log_bytes: document.log_bytes,
            answers,
        })
    }

    fn save(&self, dir: &Path) -> anyhow::Result<()> {
        let line = |(format, answer): (&BenchFormat, &Answer)| {
            let line = Line {
                rows: answer.rows,
                sum: answer.sum.to_string(),
                chars: answer.chars,
            };
            (format.to_string(), line)
        };
        let document = Document {
            seed: self.seed,
            log_bytes: self.log_bytes,
            answers: self.answers.iter().map(line).collect(),
        };
        fs::write(
            dir.join("truth.json"),
            serde_json::to_vec_pretty(&document)?,
        )?;
        Ok(())
    }
}

/// Writes the files of `formats` under `dir`, each format into a folder of its name.
pub fn make(dir: &Path, size: Size, formats: &[BenchFormat]) -> anyhow::Result<Truth> {
    let mut truth = Truth {
        seed: size.seed,
        log_bytes: size.log_bytes,
        ..Truth::default()
    };
    for &format in formats {
        let folder = dir.join(format.as_str());
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let answer = match format {
            BenchFormat::S3Csv => listing::s3_csv(&folder, size)?,
            BenchFormat::S3Parquet => listing::s3_parquet(&folder, size)?,
            BenchFormat::S3Orc => listing::s3_orc(&folder, size)?,
            BenchFormat::AzureCsv | BenchFormat::AzureParquet => {
                listing::azure(&folder, size, format)?
            }
            BenchFormat::FocusCsv => bill::csv(&folder, size)?,
            BenchFormat::FocusParquet => bill::parquet(&folder, size)?,
            BenchFormat::Metrics => statements::metrics(&folder, size)?,
            BenchFormat::Mail => {
                let size = Size {
                    rows: size.rows.div_ceil(ROWS_PER_MAIL),
                    ..size
                };
                statements::mail(&folder, size)?
            }
            BenchFormat::Cloudtrail => logs::cloudtrail(&folder, size)?,
            BenchFormat::CloudtrailLines => logs::cloudtrail_lines(&folder, size)?,
            BenchFormat::BlobLogs => logs::blob_logs(&folder, size)?,
            BenchFormat::S3Access => logs::s3_access(&folder, size)?,
        };
        truth.answers.insert(format, answer);
    }
    truth.save(dir)?;
    Ok(truth)
}

fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    let file = File::create(path).with_context(|| path.display().to_string())?;
    Ok(BufWriter::new(file))
}
