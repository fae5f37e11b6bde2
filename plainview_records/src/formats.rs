//! The record formats, and which reader serves each.
//!
//! Each reader declares the columns it may read in its `ALLOWED` list; everything else is named in a notice and not decoded.

pub mod aws_cur;
mod azure;
pub mod azure_activity;
pub mod azure_blob_inventory;
pub mod azure_cost;
pub mod azure_monitor_metrics;
pub mod azure_resource_graph;
pub mod cloudtrail;
pub mod cloudwatch_metrics;
mod cost;
pub mod document;
pub mod focus;
pub mod gcp_audit;
pub mod gcp_billing;
pub mod gcs_inventory;
pub mod gcs_storage_log;
pub mod gcs_usage_log;
mod inventory;
pub mod m365_audit;
pub mod mail;
mod network;
pub mod s3_access_log;
pub mod s3_inventory;
pub mod s3_storage_lens;
pub mod sheet;
pub mod storage_blob_logs;
mod stream;
mod text_log;

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::auto;
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
    /// AWS S3 Storage Lens daily metrics export: CSV or Parquet with a manifest.
    S3StorageLens,
    /// AWS S3 server access log.
    S3AccessLog,
    /// AWS CloudTrail: event files in every shipped form, and digest files.
    Cloudtrail,
    /// AWS Cost and Usage Report: CUR and CUR 2.0.
    AwsCur,
    /// Azure Storage resource logs: storage account, Event Hub and Log Analytics forms.
    StorageBlobLogs,
    /// Azure Activity log: portal, diagnostic and Log Analytics forms.
    AzureActivity,
    /// Azure Cost Management export.
    AzureCost,
    /// Azure Resource Graph query results.
    AzureResourceGraph,
    /// Microsoft 365 unified audit log.
    M365Audit,
    /// GCS Storage Insights inventory report.
    GcsInventory,
    /// GCS usage log.
    GcsUsageLog,
    /// GCS storage log: byte-hours per bucket and day.
    GcsStorageLog,
    /// GCP Cloud Audit Logs.
    GcpAudit,
    /// GCP billing export.
    GcpBilling,
    /// Documents: PDF, DOCX, XLSX, HTML, text.
    Document,
    /// Any CSV or XLSX sheet with a column map.
    Table,
    /// Whatever each file is recognised as by its content.
    Auto,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 23] = [
        Self::S3Inventory,
        Self::AzureBlobInventory,
        Self::Focus,
        Self::Mail,
        Self::CloudwatchMetrics,
        Self::AzureMonitorMetrics,
        Self::S3StorageLens,
        Self::S3AccessLog,
        Self::Cloudtrail,
        Self::AwsCur,
        Self::StorageBlobLogs,
        Self::AzureActivity,
        Self::AzureCost,
        Self::AzureResourceGraph,
        Self::M365Audit,
        Self::GcsInventory,
        Self::GcsUsageLog,
        Self::GcsStorageLog,
        Self::GcpAudit,
        Self::GcpBilling,
        Self::Document,
        Self::Table,
        Self::Auto,
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
            Self::S3StorageLens => "s3-storage-lens",
            Self::S3AccessLog => "s3-access-log",
            Self::Cloudtrail => "cloudtrail",
            Self::AwsCur => "aws-cur",
            Self::StorageBlobLogs => "storage-blob-logs",
            Self::AzureActivity => "azure-activity",
            Self::AzureCost => "azure-cost",
            Self::AzureResourceGraph => "azure-resource-graph",
            Self::M365Audit => "m365-audit",
            Self::GcsInventory => "gcs-inventory",
            Self::GcsUsageLog => "gcs-usage-log",
            Self::GcsStorageLog => "gcs-storage-log",
            Self::GcpAudit => "gcp-audit",
            Self::GcpBilling => "gcp-billing",
            Self::Document => "document",
            Self::Table => "table",
            Self::Auto => "auto",
        }
    }

    /// The columns (or fields) this format's reader may read; none for `auto`, which has no reader of its own.
    pub fn allowed(self) -> &'static [&'static str] {
        match self {
            Self::S3Inventory => s3_inventory::ALLOWED,
            Self::AzureBlobInventory => azure_blob_inventory::ALLOWED,
            Self::Focus => focus::ALLOWED,
            Self::Mail => mail::ALLOWED,
            Self::CloudwatchMetrics => cloudwatch_metrics::ALLOWED,
            Self::AzureMonitorMetrics => azure_monitor_metrics::ALLOWED,
            Self::S3StorageLens => s3_storage_lens::ALLOWED,
            Self::S3AccessLog => s3_access_log::ALLOWED,
            Self::Cloudtrail => cloudtrail::ALLOWED,
            Self::AwsCur => aws_cur::ALLOWED,
            Self::StorageBlobLogs => storage_blob_logs::ALLOWED,
            Self::AzureActivity => azure_activity::ALLOWED,
            Self::AzureCost => azure_cost::ALLOWED,
            Self::AzureResourceGraph => azure_resource_graph::ALLOWED,
            Self::M365Audit => m365_audit::ALLOWED,
            Self::GcsInventory => gcs_inventory::ALLOWED,
            Self::GcsUsageLog => gcs_usage_log::ALLOWED,
            Self::GcsStorageLog => gcs_storage_log::ALLOWED,
            Self::GcpAudit => gcp_audit::ALLOWED,
            Self::GcpBilling => gcp_billing::ALLOWED,
            Self::Document => document::ALLOWED,
            Self::Table => sheet::ALLOWED,
            Self::Auto => &[],
        }
    }

    /// The names that `details` of the `activity` table may hold in rows of this format.
    pub fn details(self) -> &'static [&'static str] {
        match self {
            Self::Cloudtrail => cloudtrail::DETAILS,
            Self::AzureActivity => azure_activity::DETAILS,
            Self::GcpAudit => gcp_audit::DETAILS,
            Self::M365Audit => m365_audit::DETAILS,
            _ => &[],
        }
    }
}

impl Format {
    /// The ids of every format, for messages.
    fn list() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a notice may show of a first row that was refused as a header: its cells when at least two of them are names that the
/// format knows, else how many there are. A file whose header was cut off begins with data, which is not to be shown as names.
pub(in crate::formats) fn refused_header(
    names: &[String],
    is_known: impl Fn(usize) -> bool,
) -> String {
    const SHOWN_MAX: usize = 200;
    let known = (0..names.len()).filter(|place| is_known(*place)).count();
    if known < 2.min(names.len()) {
        return format!("{} columns, {known} of them known", names.len());
    }
    let mut shown = names
        .iter()
        .take(SHOWN_MAX)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > SHOWN_MAX {
        shown.push_str(", ...");
    }
    shown
}

/// No format has this id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown format `{0}`, expected one of {list}", list = Format::list())]
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
    let mut input = input.clone();
    input
        .unpack()
        .map_err(|error| Error::Scratch(input.source_id.clone(), error))?;
    let parts = (input.format == Format::Auto).then(|| auto::parts(&input));
    let mut run = Run::new(&input, sink);
    run.archives();
    match &parts {
        Some(parts) => auto::read(&mut run, parts, read_as)?,
        None => read_as(&mut run, input.format)?,
    }
    Ok(run.finish())
}

fn read_as(run: &mut Run<'_>, format: Format) -> Result<(), Error> {
    match format {
        Format::S3Inventory => s3_inventory::read(run),
        Format::AzureBlobInventory => azure_blob_inventory::read(run),
        Format::Focus => focus::read(run),
        Format::Mail => mail::read(run),
        Format::CloudwatchMetrics => cloudwatch_metrics::read(run),
        Format::AzureMonitorMetrics => azure_monitor_metrics::read(run),
        Format::S3StorageLens => s3_storage_lens::read(run),
        Format::S3AccessLog => s3_access_log::read(run),
        Format::Cloudtrail => cloudtrail::read(run),
        Format::AwsCur => aws_cur::read(run),
        Format::StorageBlobLogs => storage_blob_logs::read(run),
        Format::AzureActivity => azure_activity::read(run),
        Format::AzureCost => azure_cost::read(run),
        Format::AzureResourceGraph => azure_resource_graph::read(run),
        Format::M365Audit => m365_audit::read(run),
        Format::GcsInventory => gcs_inventory::read(run),
        Format::GcsUsageLog => gcs_usage_log::read(run),
        Format::GcsStorageLog => gcs_storage_log::read(run),
        Format::GcpAudit => gcp_audit::read(run),
        Format::GcpBilling => gcp_billing::read(run),
        Format::Document => document::read(run),
        Format::Table => sheet::read(run),
        Format::Auto => Err(Error::Internal("auto has no reader of its own".to_owned())),
    }
}
