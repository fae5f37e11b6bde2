//! Azure Blob Inventory: `RULE-manifest.json`, `RULE-manifest.checksum` and data files as CSV
//! with a header or as Parquet (FORMATS section 6). One report covers one storage account's rule;
//! blob names begin with their container. Only flat block blobs are written; the field names and
//! shapes follow the vendor's documentation, since no real file was at hand.

use serde::Serialize;

use super::parquet_file::{self, Column, Named};
use super::{ListingRow, NamedFile, VersionState};
use crate::calendar;
use crate::digest::md5_hex;
use crate::error::Error;

const FIELDS: [&str; 8] = [
    "Name",
    "Creation-Time",
    "Last-Modified",
    "ETag",
    "Content-Length",
    "Content-Type",
    "BlobType",
    "AccessTier",
];
const FIELDS_VERSIONED: [&str; 2] = ["VersionId", "IsCurrentVersion"];

/// How the data files are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlobEncoding {
    /// CSV with a header row, uncompressed.
    Csv,
    /// Parquet.
    Parquet,
}

/// One run of one inventory rule.
#[derive(Debug, Clone)]
pub struct BlobInventory<'a> {
    /// The storage account that is listed.
    pub account: &'a str,
    /// The container the report is delivered to.
    pub destination: &'a str,
    /// Name of the rule.
    pub rule: &'a str,
    /// When the listing began, milliseconds since 1970 UTC.
    pub started_ms: i64,
    /// Encoding of the data files.
    pub encoding: BlobEncoding,
    /// Rows in one data file (at least 1).
    pub rows_per_file: usize,
    /// Whether versions are listed; if so the version columns are written.
    pub versioned: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    destination_container: &'a str,
    endpoint: String,
    files: Vec<ManifestFile>,
    inventory_completion_time: String,
    inventory_start_time: String,
    rule_definition: Rule,
    rule_name: &'a str,
    status: &'a str,
    summary: Summary,
    version: &'a str,
}

#[derive(Serialize)]
struct ManifestFile {
    blob: String,
    size: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    filters: Filters,
    format: &'static str,
    object_type: &'static str,
    schedule: &'static str,
    schema_fields: Vec<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Filters {
    blob_types: [&'static str; 1],
    include_blob_versions: bool,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    object_count: u64,
    total_object_size: u64,
}

/// The files of one report, in the order data files, manifest, checksum. They lie beside each
/// other, as after a download. Each row comes with its container.
pub fn azure_blob_inventory(
    report: &BlobInventory<'_>,
    rows: impl IntoIterator<Item = (String, ListingRow)>,
) -> Result<Vec<NamedFile>, Error> {
    let mut rows = rows.into_iter().peekable();
    let mut files: Vec<NamedFile> = Vec::new();
    let mut summary = Summary::default();
    while rows.peek().is_some() {
        let part: Vec<(String, ListingRow)> =
            rows.by_ref().take(report.rows_per_file.max(1)).collect();
        summary.object_count += part.len() as u64;
        summary.total_object_size += part.iter().filter_map(|(_, row)| row.size).sum::<u64>();
        let (bytes, suffix) = match report.encoding {
            BlobEncoding::Csv => (csv_bytes(report, &part)?, "csv"),
            BlobEncoding::Parquet => {
                let mut bytes = Vec::new();
                parquet_file::write(part.into_iter(), &mut bytes, |rows: &[_]| {
                    parquet_columns(report, rows)
                })?;
                (bytes, "parquet")
            }
        };
        // A report that fits one file is named after its rule alone.
        let number = files.len();
        let more = number > 0 || rows.peek().is_some();
        let name = if more {
            format!("{}_{number}.{suffix}", report.rule)
        } else {
            format!("{}.{suffix}", report.rule)
        };
        files.push(NamedFile { name, bytes });
    }
    let manifest = serde_json::to_vec_pretty(&manifest(report, &files, summary))?;
    let checksum = md5_hex(&manifest).into_bytes();
    files.push(NamedFile {
        name: format!("{}-manifest.json", report.rule),
        bytes: manifest,
    });
    files.push(NamedFile {
        name: format!("{}-manifest.checksum", report.rule),
        bytes: checksum,
    });
    Ok(files)
}

fn manifest<'a>(report: &BlobInventory<'a>, files: &[NamedFile], summary: Summary) -> Manifest<'a> {
    let started = report.started_ms.div_euclid(1_000);
    let at = calendar::civil(started);
    let folder = format!(
        "{:04}/{:02}/{:02}/{:02}-{:02}-{:02}/{}",
        at.year, at.month, at.day, at.hour, at.minute, at.second, report.rule
    );
    Manifest {
        destination_container: report.destination,
        endpoint: format!("https://{}.blob.core.windows.net", report.account),
        files: files
            .iter()
            .map(|file| ManifestFile {
                blob: format!("{folder}/{}", file.name),
                size: file.bytes.len() as u64,
            })
            .collect(),
        inventory_completion_time: format!("{}Z", calendar::civil(started + 1_800)),
        inventory_start_time: format!("{at}Z"),
        rule_definition: Rule {
            filters: Filters {
                blob_types: ["blockBlob"],
                include_blob_versions: report.versioned,
            },
            format: match report.encoding {
                BlobEncoding::Csv => "csv",
                BlobEncoding::Parquet => "parquet",
            },
            object_type: "blob",
            schedule: "weekly",
            schema_fields: fields(report).collect(),
        },
        rule_name: report.rule,
        status: "Succeeded",
        summary,
        version: "1.0",
    }
}

fn fields(report: &BlobInventory<'_>) -> impl Iterator<Item = &'static str> {
    let versions: &[&str] = if report.versioned {
        &FIELDS_VERSIONED
    } else {
        &[]
    };
    FIELDS.into_iter().chain(versions.iter().copied())
}

fn csv_bytes(report: &BlobInventory<'_>, rows: &[(String, ListingRow)]) -> Result<Vec<u8>, Error> {
    let stream = |error: csv::Error| Error::Stream(error.into());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(fields(report)).map_err(stream)?;
    for (container, row) in rows {
        let mut record = vec![
            format!("{container}/{}", row.key),
            time_text(row.created_ms.unwrap_or(row.modified_ms)),
            time_text(row.modified_ms),
            e_tag(row),
            row.size.unwrap_or(0).to_string(),
            content_type(row),
            "BlockBlob".to_owned(),
            "Hot".to_owned(),
        ];
        if report.versioned {
            record.push(
                row.version
                    .as_ref()
                    .map_or_else(String::new, |v| v.id.clone()),
            );
            record.push(is_current(row).to_string());
        }
        writer.write_record(&record).map_err(stream)?;
    }
    writer
        .into_inner()
        .map_err(|error| Error::Stream(error.into_error()))
}

fn parquet_columns(report: &BlobInventory<'_>, rows: &[(String, ListingRow)]) -> Vec<Named> {
    let text = |of: &dyn Fn(&ListingRow) -> Option<String>| {
        Column::Text(rows.iter().map(|(_, row)| of(row)).collect())
    };
    let time = |of: &dyn Fn(&ListingRow) -> i64| {
        Column::Time(rows.iter().map(|(_, row)| Some(of(row))).collect())
    };
    let size = |row: &ListingRow| i64::try_from(row.size.unwrap_or(0)).ok();
    let names = rows
        .iter()
        .map(|(container, row)| Some(format!("{container}/{}", row.key)));
    let mut columns = vec![
        Column::Text(names.collect()),
        time(&|row| row.created_ms.unwrap_or(row.modified_ms)),
        time(&|row| row.modified_ms),
        text(&|row| Some(e_tag(row))),
        Column::Integer(rows.iter().map(|(_, row)| size(row)).collect()),
        text(&|row| Some(content_type(row))),
        text(&|_| Some("BlockBlob".to_owned())),
        text(&|_| Some("Hot".to_owned())),
    ];
    if report.versioned {
        columns.push(text(&|row| row.version.as_ref().map(|v| v.id.clone())));
        columns.push(Column::Flag(
            rows.iter().map(|(_, row)| Some(is_current(row))).collect(),
        ));
    }
    fields(report)
        .zip(columns)
        .map(|(name, column)| Named {
            name,
            nullable: name != "Name",
            column,
        })
        .collect()
}

fn is_current(row: &ListingRow) -> bool {
    row.version
        .as_ref()
        .is_none_or(|v| v.state == VersionState::Current)
}

fn content_type(row: &ListingRow) -> String {
    row.content_type
        .clone()
        .unwrap_or_else(|| "application/octet-stream".to_owned())
}

/// Azure's entity tags are short: `0x` and fifteen hexadecimal digits.
fn e_tag(row: &ListingRow) -> String {
    format!("0x{}", row.e_tag()[..15].to_uppercase())
}

/// `2025-01-05T01:00:00.0000000Z`.
fn time_text(ms: i64) -> String {
    format!(
        "{}.{:03}0000Z",
        calendar::civil(ms.div_euclid(1_000)),
        ms.rem_euclid(1_000)
    )
}
