//! The benchmark's formats: one record format in one encoding, each a folder of the data set.

use std::fmt;
use std::str::FromStr;

use plainview_records::{Format, Table};

/// A record format in one encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BenchFormat {
    /// S3 Inventory as CSV.gz of several gzip members.
    S3Csv,
    /// S3 Inventory as Parquet.
    S3Parquet,
    /// S3 Inventory as ORC.
    S3Orc,
    /// Azure Blob Inventory as CSV.
    AzureCsv,
    /// Azure Blob Inventory as Parquet.
    AzureParquet,
    /// A FOCUS 1.0 bill as CSV.
    FocusCsv,
    /// A FOCUS 1.0 bill as Parquet.
    FocusParquet,
    /// A `CloudWatch` metric stream as JSON lines.
    Metrics,
    /// An mbox file.
    Mail,
    /// `CloudTrail` data events as the service delivers them: many files, each one object with an array of `Records`.
    Cloudtrail,
    /// The same events re-shipped: one file, one event a line.
    CloudtrailLines,
    /// Azure Storage resource logs: one file, one record a line.
    BlobLogs,
    /// S3 server access log of 26 fields, one file.
    S3Access,
}

impl BenchFormat {
    /// Every format, in the order of the figures.
    pub const ALL: [Self; 13] = [
        Self::S3Csv,
        Self::S3Parquet,
        Self::S3Orc,
        Self::AzureCsv,
        Self::AzureParquet,
        Self::FocusCsv,
        Self::FocusParquet,
        Self::Metrics,
        Self::Mail,
        Self::Cloudtrail,
        Self::CloudtrailLines,
        Self::BlobLogs,
        Self::S3Access,
    ];

    /// The logs, which are made by bytes rather than by rows where that is asked for.
    pub const LOGS: [Self; 4] = [
        Self::Cloudtrail,
        Self::CloudtrailLines,
        Self::BlobLogs,
        Self::S3Access,
    ];

    /// The name on the command line, of the folder and in the figures.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::S3Csv => "s3-csv",
            Self::S3Parquet => "s3-parquet",
            Self::S3Orc => "s3-orc",
            Self::AzureCsv => "azure-csv",
            Self::AzureParquet => "azure-parquet",
            Self::FocusCsv => "focus-csv",
            Self::FocusParquet => "focus-parquet",
            Self::Metrics => "metrics",
            Self::Mail => "mail",
            Self::Cloudtrail => "cloudtrail",
            Self::CloudtrailLines => "cloudtrail-lines",
            Self::BlobLogs => "blob-logs",
            Self::S3Access => "s3-access",
        }
    }

    /// The reader that serves it.
    pub fn reader(self) -> Format {
        match self {
            Self::S3Csv | Self::S3Parquet | Self::S3Orc => Format::S3Inventory,
            Self::AzureCsv | Self::AzureParquet => Format::AzureBlobInventory,
            Self::FocusCsv | Self::FocusParquet => Format::Focus,
            Self::Metrics => Format::CloudwatchMetrics,
            Self::Mail => Format::Mail,
            Self::Cloudtrail | Self::CloudtrailLines => Format::Cloudtrail,
            Self::BlobLogs => Format::StorageBlobLogs,
            Self::S3Access => Format::S3AccessLog,
        }
    }

    /// The evidence table its rows go to.
    pub fn table(self) -> Table {
        match self.reader() {
            Format::Focus => Table::Charges,
            Format::CloudwatchMetrics | Format::AzureMonitorMetrics => Table::Metering,
            Format::Mail => Table::Documents,
            Format::Cloudtrail | Format::StorageBlobLogs | Format::S3AccessLog => Table::Requests,
            _ => Table::Objects,
        }
    }

    /// Whether a peer reads it at all. `DuckDB` reads neither ORC nor mail.
    pub fn has_peer(self) -> bool {
        !matches!(self, Self::S3Orc | Self::Mail)
    }

    /// Whether `ClickHouse` is asked too: it is for the logs in JSON.
    pub fn has_clickhouse(self) -> bool {
        matches!(
            self,
            Self::Cloudtrail | Self::CloudtrailLines | Self::BlobLogs
        )
    }
}

impl fmt::Display for BenchFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for BenchFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or_else(|| {
                let known = Self::ALL.map(Self::as_str).join(", ");
                format!("unknown format `{text}`, expected one of {known}")
            })
    }
}
