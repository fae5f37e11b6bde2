//! Sources: where records come from, who kept them, and how they earn `Verified`.
//!
//! It refuses to look at any file: paths are text here, and digests are compared elsewhere.

use crate::claim::Unit;
use crate::location::Location;
use crate::register::{Account, as_optional_text, as_text};
use crate::words::words;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;

/// `[[source]]`: where records come from (METHOD section 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Short name, `[a-z0-9-]`; different from every party and claim id.
    pub id: String,
    /// How its files are read.
    pub format: SourceFormat,
    /// Files, folders (walked) or globs, relative to the location, or full addresses; in the order of the file.
    pub files: Vec<String>,
    /// Where the files lie; the case folder when absent.
    ///
    /// Left out of the canonical form and so of the register's hash: where a copy lies is no part of what is asked, and
    /// digests bind to the records' bytes. The same case on a disk and in a bucket has one hash and one result.
    #[serde(skip)]
    pub location: Option<Location>,
    /// What kind of record it is.
    pub kind: SourceKind,
    /// The party that could have altered it in ordinary operation.
    pub custodian: String,
    /// The legal or control entity behind the custodian.
    pub controller: String,
    /// Whether everything that happened is in it; matters to logs only.
    pub delivery: Delivery,
    /// When the reviewer got it.
    #[serde(serialize_with = "as_text")]
    pub acquired_at: Timestamp,
    /// The account, where the format itself carries none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// The region, where the format itself carries none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The sources it was made from; acyclic, sorted.
    pub derived_from: Vec<String>,
    /// Whether path, dates, file and row numbers and exact totals stay out of every output.
    pub protected: bool,
    /// Admiralty code, `A`-`F` and `1`-`6`; displayed, never computed with (METHOD 6.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admiralty: Option<String>,
    /// Notice codes that do not raise the exit code; sorted.
    pub expected_notices: Vec<String>,
    /// What frees it of its keeper's interest, if anything (METHOD 6.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure: Option<Cure>,
    /// `[source.map]`; present exactly when the format is `table`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map: Option<TableMap>,
}

words! {
    /// The record formats a source can have.
    pub enum SourceFormat {
        /// S3 Inventory: CSV, ORC or Parquet with its manifest.
        S3Inventory = "s3-inventory",
        /// Azure Blob Inventory: CSV or Parquet with its manifest.
        AzureBlobInventory = "azure-blob-inventory",
        /// FOCUS 1.0 to 1.2 billing data.
        Focus = "focus",
        /// EML and mbox.
        Mail = "mail",
        /// CloudWatch metric exports.
        CloudwatchMetrics = "cloudwatch-metrics",
        /// Azure Monitor metric exports.
        AzureMonitorMetrics = "azure-monitor-metrics",
        /// AWS S3 Storage Lens daily metrics export.
        S3StorageLens = "s3-storage-lens",
        /// AWS S3 server access log.
        S3AccessLog = "s3-access-log",
        /// AWS CloudTrail events and digests.
        Cloudtrail = "cloudtrail",
        /// AWS Cost and Usage Report, CUR and CUR 2.0.
        AwsCur = "aws-cur",
        /// Azure Storage resource logs.
        StorageBlobLogs = "storage-blob-logs",
        /// Azure Activity log.
        AzureActivity = "azure-activity",
        /// Azure Cost Management export.
        AzureCost = "azure-cost",
        /// Azure Resource Graph query results.
        AzureResourceGraph = "azure-resource-graph",
        /// Microsoft 365 unified audit log.
        M365Audit = "m365-audit",
        /// GCS Storage Insights inventory report.
        GcsInventory = "gcs-inventory",
        /// GCS usage log.
        GcsUsageLog = "gcs-usage-log",
        /// GCS storage log.
        GcsStorageLog = "gcs-storage-log",
        /// GCP Cloud Audit Logs.
        GcpAudit = "gcp-audit",
        /// GCP billing export.
        GcpBilling = "gcp-billing",
        /// PDF, DOCX, XLSX, HTML and text documents.
        Document = "document",
        /// Any CSV or XLSX sheet, with a column map.
        Table = "table",
        /// Whatever each file is recognised as by its content.
        Auto = "auto",
    }
}

words! {
    /// What kind of record a source is (METHOD section 1).
    pub enum SourceKind {
        /// Written by a system in ordinary operation.
        SystemRecord = "system-record",
        /// Kept by a business for its own purposes, such as an invoice.
        BusinessRecord = "business-record",
        /// Somebody's words.
        Statement = "statement",
        /// Made from other sources.
        Derived = "derived",
    }
}

words! {
    /// Whether a log holds everything that happened (METHOD 5.1).
    pub enum Delivery {
        /// The provider guarantees delivery; its absence of an entry can count.
        Guaranteed = "guaranteed",
        /// Can prove presence, never absence.
        BestEffort = "best-effort",
        /// Not stated; treated as best effort.
        Unknown = "unknown",
    }
}

/// What removes the alteration risk of an interested keeper (METHOD 6.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cure {
    /// Which of the four cures.
    pub kind: CureKind,
    /// Holder, signer or extractor; required by every kind but `precommitted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// Committed on, held since or extracted on; optional for `self-authenticating`.
    #[serde(
        serialize_with = "as_optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub date: Option<Date>,
}

words! {
    /// The four cures of METHOD 6.3.
    pub enum CureKind {
        /// Its hash was in a witnessed log before the dispute.
        Precommitted = "precommitted",
        /// Held since creation by a party without interest.
        ThirdPartyCustody = "third-party-custody",
        /// Signed by somebody whose interest is not aligned.
        SelfAuthenticating = "self-authenticating",
        /// A party without interest ran the query on the system of record itself.
        IndependentExtraction = "independent-extraction",
    }
}

/// `[source.map]`: how a sheet becomes rows of an evidence table (DESIGN section 5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableMap {
    /// The table its rows go to.
    pub table: MappedTable,
    /// Language tag that decides decimal and thousands marks; `en` when not given.
    pub locale: String,
    /// Sheet of an XLSX file; the first when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The file of this source, or the sheet of the same workbook, in which a second person keyed the same lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<String>,
    /// 1-based row with the column names; 0 means there is none and columns are `1`, `2`, ...
    pub header_row: u32,
    /// IANA time zone of times written without an offset; `UTC` when not given.
    pub timezone: String,
    /// Pattern of dates in strptime form; RFC 3339 and ISO forms when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_format: Option<String>,
    /// Table column -> where its value comes from; never empty.
    pub columns: BTreeMap<String, ColumnMap>,
}

/// Where one column of an evidence table takes its value from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnMap {
    /// A column of the sheet.
    Column {
        /// Its name in the header row, or its number as text.
        name: String,
        /// Unit the sheet writes the quantity in.
        #[serde(skip_serializing_if = "Option::is_none")]
        unit: Option<Unit>,
    },
    /// The same text for every row.
    Value {
        /// The text.
        value: String,
    },
}

words! {
    /// The evidence tables a mapped sheet can fill.
    pub enum MappedTable {
        /// One row per object version.
        Objects = "objects",
        /// One row per data-plane request.
        Requests = "requests",
        /// One row per control-plane event.
        Activity = "activity",
        /// One row per meter reading.
        Metering = "metering",
        /// One row per charge line.
        Charges = "charges",
        /// One row per resource as configured.
        Resources = "resources",
        /// One row per document.
        Documents = "documents",
    }
}

impl Source {
    /// The evidence tables that the source's format, or its map, can fill; for `auto` every one.
    pub fn fills(&self) -> &'static [MappedTable] {
        match self.format {
            SourceFormat::Table => match self.map.as_ref().map(|map| map.table) {
                Some(MappedTable::Objects) => &[MappedTable::Objects],
                Some(MappedTable::Requests) => &[MappedTable::Requests],
                Some(MappedTable::Activity) => &[MappedTable::Activity],
                Some(MappedTable::Metering) => &[MappedTable::Metering],
                Some(MappedTable::Charges) => &[MappedTable::Charges],
                Some(MappedTable::Resources) => &[MappedTable::Resources],
                Some(MappedTable::Documents) | None => &[MappedTable::Documents],
            },
            format => format.fills(),
        }
    }
}

impl SourceFormat {
    /// The evidence tables that files of this format can fill; for `table` and `auto` every one.
    pub const fn fills(self) -> &'static [MappedTable] {
        match self {
            Self::S3Inventory | Self::AzureBlobInventory | Self::GcsInventory => {
                &[MappedTable::Objects]
            }
            Self::Focus | Self::AwsCur | Self::AzureCost | Self::GcpBilling => {
                &[MappedTable::Charges]
            }
            Self::S3StorageLens
            | Self::CloudwatchMetrics
            | Self::AzureMonitorMetrics
            | Self::GcsStorageLog => &[MappedTable::Metering],
            Self::S3AccessLog | Self::StorageBlobLogs | Self::GcsUsageLog => {
                &[MappedTable::Requests]
            }
            Self::AzureActivity | Self::M365Audit => &[MappedTable::Activity],
            Self::Cloudtrail | Self::GcpAudit => &[MappedTable::Requests, MappedTable::Activity],
            Self::AzureResourceGraph => &[MappedTable::Resources],
            Self::Mail | Self::Document => &[MappedTable::Documents],
            Self::Table | Self::Auto => &[
                MappedTable::Objects,
                MappedTable::Requests,
                MappedTable::Activity,
                MappedTable::Metering,
                MappedTable::Charges,
                MappedTable::Resources,
                MappedTable::Documents,
            ],
        }
    }
}

impl MappedTable {
    /// The columns of the evidence table that a map may fill, in table order.
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Objects => OBJECTS,
            Self::Requests => REQUESTS,
            Self::Activity => ACTIVITY,
            Self::Metering => METERING,
            Self::Charges => CHARGES,
            Self::Resources => RESOURCES,
            Self::Documents => DOCUMENTS,
        }
    }
}

/// Columns of `objects` that a map may fill, in table order.
const OBJECTS: &[&str] = &[
    "provider",
    "account",
    "container",
    "region",
    "snapshot_at",
    "key",
    "version_id",
    "state",
    "size",
    "created_at",
    "modified_at",
    "etag",
    "content_type",
    "tier",
    "blob_type",
    "is_multipart",
    "encryption",
    "retain_until",
    "legal_hold",
    "replication",
];

/// Columns of `requests` that a map may fill, in table order.
const REQUESTS: &[&str] = &[
    "provider",
    "account",
    "container",
    "region",
    "key",
    "at",
    "operation",
    "verb",
    "status",
    "error",
    "bytes_out",
    "bytes_in",
    "object_bytes",
    "duration_ms",
    "principal",
    "principal_kind",
    "auth",
    "network",
    "event_id",
    "act_id",
    "act_part",
];

/// Columns of `activity` that a map may fill, in table order.
const ACTIVITY: &[&str] = &[
    "provider",
    "account",
    "container",
    "region",
    "at",
    "service",
    "event",
    "verb",
    "category",
    "outcome",
    "error",
    "principal",
    "principal_kind",
    "network",
    "resource_type",
    "resource_id",
    "read_only",
    "event_id",
    "act_id",
    "act_part",
    "details",
];

/// Columns of `metering` that a map may fill, in table order.
const METERING: &[&str] = &[
    "provider",
    "account",
    "container",
    "region",
    "meter",
    "tier",
    "start_at",
    "end_at",
    "statistic",
    "value",
    "unit",
];

/// Columns of `charges` that a map may fill, in table order.
const CHARGES: &[&str] = &[
    "provider",
    "billing_account",
    "account",
    "container",
    "region",
    "resource_id",
    "service_category",
    "service_name",
    "charge_category",
    "charge_class",
    "description",
    "sku_id",
    "sku_meter",
    "invoice_id",
    "invoice_issuer",
    "billing_start",
    "billing_end",
    "charge_start",
    "charge_end",
    "consumed_quantity",
    "consumed_unit",
    "pricing_quantity",
    "pricing_unit",
    "billed_cost",
    "effective_cost",
    "list_cost",
    "contracted_cost",
    "currency",
    "tags",
];

/// Columns of `resources` that a map may fill, in table order.
const RESOURCES: &[&str] = &[
    "provider",
    "account",
    "container",
    "region",
    "resource_id",
    "resource_type",
    "name",
    "subscription",
    "resource_group",
    "kind",
    "sku",
    "created_at",
    "is_hierarchical",
    "allows_shared_keys",
    "allows_public_access",
    "network_default",
    "private_endpoints",
    "key_source",
    "tags",
];

/// Columns of `documents` that a map may fill, in table order.
const DOCUMENTS: &[&str] = &[
    "doc_id",
    "copy_no",
    "kind",
    "sent_at",
    "from_party",
    "to_parties",
    "cc_parties",
    "subject",
    "text",
    "quoted_text",
    "message_id",
    "in_reply_to",
    "thread_id",
    "attachments",
];

/// `[[authentication]]`: how items of a source earn `Verified`, bound to bytes (METHOD section 1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Authentication {
    /// The source it vouches for.
    pub source: String,
    /// The party that vouches.
    pub party: String,
    /// How.
    pub method: AuthenticationMethod,
    /// The day it was given.
    #[serde(serialize_with = "as_text")]
    pub date: Date,
    /// The source digest it is bound to: `sha256:` and 64 lower-case hex digits.
    pub digest: String,
}

words! {
    /// The ways a source is authenticated (METHOD section 1).
    pub enum AuthenticationMethod {
        /// The custodian declares these bytes to be its record.
        CustodianDeclaration = "custodian-declaration",
        /// The same bytes came by another road.
        SecondCopy = "second-copy",
        /// A signature by the record's own system.
        Signature = "signature",
    }
}
