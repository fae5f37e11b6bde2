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
}

impl BenchFormat {
    /// Every format, in the order of the figures.
    pub const ALL: [Self; 9] = [
        Self::S3Csv,
        Self::S3Parquet,
        Self::S3Orc,
        Self::AzureCsv,
        Self::AzureParquet,
        Self::FocusCsv,
        Self::FocusParquet,
        Self::Metrics,
        Self::Mail,
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
        }
    }

    /// The evidence table its rows go to.
    pub fn table(self) -> Table {
        match self.reader() {
            Format::Focus => Table::Charges,
            Format::CloudwatchMetrics | Format::AzureMonitorMetrics => Table::Metering,
            Format::Mail => Table::Documents,
            _ => Table::Objects,
        }
    }

    /// Whether the peer reads it at all. `DuckDB` reads neither ORC nor mail.
    pub fn has_peer(self) -> bool {
        !matches!(self, Self::S3Orc | Self::Mail)
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
