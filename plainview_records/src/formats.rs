//! The record formats, and which reader serves each.
//!
//! Each reader declares the columns it may read in its `ALLOWED` list; everything else is named in a notice and not decoded.

pub mod azure_blob_inventory;
pub mod azure_monitor_metrics;
pub mod cloudwatch_metrics;
pub mod focus;
mod inventory;
pub mod mail;
pub mod s3_inventory;
pub mod sheet;

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::run::Run;
use crate::{Error, Sink, SourceInput, SourceReport};

/// A record format; its text form is the `format` of case.toml.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// AWS S3 Inventory: CSV, CSV.gz, Parquet or ORC with a manifest.
    S3Inventory,
    /// Azure Blob Inventory: CSV or Parquet with a manifest.
    AzureBlobInventory,
    /// FOCUS 1.0 to 1.2: CSV or Parquet.
    Focus,
    /// Mail: EML or mbox.
    Mail,
    /// CloudWatch metric exports.
    CloudwatchMetrics,
    /// Azure Monitor metric exports.
    AzureMonitorMetrics,
    /// Any CSV or XLSX sheet with a column map.
    Table,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 7] = [
        Self::S3Inventory,
        Self::AzureBlobInventory,
        Self::Focus,
        Self::Mail,
        Self::CloudwatchMetrics,
        Self::AzureMonitorMetrics,
        Self::Table,
    ];

    /// The id used in case.toml and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::S3Inventory => "s3-inventory",
            Self::AzureBlobInventory => "azure-blob-inventory",
            Self::Focus => "focus",
            Self::Mail => "mail",
            Self::CloudwatchMetrics => "cloudwatch-metrics",
            Self::AzureMonitorMetrics => "azure-monitor-metrics",
            Self::Table => "table",
        }
    }

    /// The columns (or fields) this format's reader may read.
    pub fn allowed(self) -> &'static [&'static str] {
        match self {
            Self::S3Inventory => s3_inventory::ALLOWED,
            Self::AzureBlobInventory => azure_blob_inventory::ALLOWED,
            Self::Focus => focus::ALLOWED,
            Self::Mail => mail::ALLOWED,
            Self::CloudwatchMetrics => cloudwatch_metrics::ALLOWED,
            Self::AzureMonitorMetrics => azure_monitor_metrics::ALLOWED,
            Self::Table => sheet::ALLOWED,
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No format has this id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown format `{0}`, expected one of s3-inventory, azure-blob-inventory, focus, mail, cloudwatch-metrics, azure-monitor-metrics, table"
)]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// Reads a source: rows and notices go to `sink`, in batches of at most [`crate::tables::BATCH_ROWS_MAX`] rows.
///
/// Bad records and bad files are notices and the read goes on; memory is bounded whatever the files' size. An error means
/// that the sink failed, that the request made no sense, or a bug.
pub fn read_source(input: &SourceInput, sink: &mut dyn Sink) -> Result<SourceReport, Error> {
    let mut run = Run::new(input, sink);
    match input.format {
        Format::S3Inventory => s3_inventory::read(&mut run)?,
        Format::AzureBlobInventory => azure_blob_inventory::read(&mut run)?,
        Format::Focus => focus::read(&mut run)?,
        Format::Mail => mail::read(&mut run)?,
        Format::CloudwatchMetrics => cloudwatch_metrics::read(&mut run)?,
        Format::AzureMonitorMetrics => azure_monitor_metrics::read(&mut run)?,
        Format::Table => sheet::read(&mut run)?,
    }
    Ok(run.finish())
}
