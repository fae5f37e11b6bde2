//! S3 Inventory: `manifest.json`, `manifest.checksum` and data files as CSV.gz of several gzip
//! members or as Parquet (FORMATS section 1). CSV has no header and percent-encodes keys with
//! space as `+`; Parquet keeps keys raw. ORC is not written.

use std::io::Write;

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use md5::Digest;
use serde::Serialize;

use super::parquet_file::{self, Column, Named};
use super::{ListingRow, NamedFile, Tally, VersionState};
use crate::calendar;
use crate::digest::{hex, md5_hex};
use crate::error::Error;
use crate::random::splitmix64;

const COLUMNS: &str = "Bucket, Key, Size, LastModifiedDate, ETag, StorageClass, \
    IsMultipartUploaded, ReplicationStatus, EncryptionStatus";
const COLUMNS_VERSIONED: &str = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, \
    LastModifiedDate, ETag, StorageClass, IsMultipartUploaded, ReplicationStatus, \
    EncryptionStatus";
const MESSAGE_HEAD: &str =
    "message s3.inventory {  required binary bucket (STRING);  required binary key (STRING);";
const MESSAGE_VERSIONS: &str = "  optional binary version_id (STRING);  \
    optional boolean is_latest;  optional boolean is_delete_marker;";
const MESSAGE_TAIL: &str = "  optional int64 size;  \
    optional int64 last_modified_date (TIMESTAMP(MILLIS,true));  \
    optional binary e_tag (STRING);  optional binary storage_class (STRING);  \
    optional boolean is_multipart_uploaded;  optional binary replication_status (STRING);  \
    optional binary encryption_status (STRING);}";

/// Objects from this size on are listed as uploaded in parts.
const MULTIPART_BYTES: u64 = 16 << 20;

/// How the data files are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum S3Encoding {
    /// CSV compressed as gzip members of this many rows each (at least 1), one after another.
    CsvGz {
        /// Rows in one gzip member.
        rows_per_member: usize,
    },
    /// Parquet.
    Parquet,
}

/// One inventory report: one bucket at one instant.
#[derive(Debug, Clone)]
pub struct S3Inventory<'a> {
    /// The bucket that is listed.
    pub bucket: &'a str,
    /// The bucket the report is delivered to.
    pub destination: &'a str,
    /// Name of the inventory configuration.
    pub configuration: &'a str,
    /// When the listing was made, milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// Encoding of the data files.
    pub encoding: S3Encoding,
    /// Rows in one data file (at least 1).
    pub rows_per_file: usize,
    /// Whether all versions are listed; if so the version columns are written.
    pub versioned: bool,
}

/// What a stream of rows became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Rows written.
    pub rows: u64,
    /// Bytes written, compressed.
    pub bytes: u64,
    /// MD5 of those bytes, as a manifest carries it.
    pub md5: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    source_bucket: &'a str,
    destination_bucket: String,
    version: &'a str,
    creation_timestamp: String,
    file_format: &'a str,
    file_schema: String,
    files: Vec<ManifestFile>,
}

#[derive(Serialize)]
struct ManifestFile {
    key: String,
    size: u64,
    #[serde(rename = "MD5checksum")]
    md5: String,
}

/// The files of one report, in the order data files, `manifest.json`, `manifest.checksum`. They
/// lie beside each other, as after a download; the manifest's keys name their delivered place,
/// whose last segment is the file's name.
pub fn s3_inventory(
    report: &S3Inventory<'_>,
    rows: impl IntoIterator<Item = ListingRow>,
) -> Result<Vec<NamedFile>, Error> {
    let mut rows = rows.into_iter().peekable();
    let mut files = Vec::new();
    let mut entries = Vec::new();
    while rows.peek().is_some() {
        let part = rows.by_ref().take(report.rows_per_file.max(1));
        let mut bytes = Vec::new();
        let (written, suffix) = match report.encoding {
            S3Encoding::CsvGz { rows_per_member } => {
                let schema = Columns {
                    bucket: report.bucket,
                    versioned: report.versioned,
                };
                (
                    csv_stream(schema, part, &mut bytes, rows_per_member)?,
                    "csv.gz",
                )
            }
            S3Encoding::Parquet => {
                let schema = Columns {
                    bucket: report.bucket,
                    versioned: report.versioned,
                };
                (parquet_stream(schema, part, &mut bytes)?, "parquet")
            }
        };
        let name = format!("{}.{suffix}", file_id(report, entries.len()));
        entries.push(ManifestFile {
            key: format!("{}/{}/data/{name}", report.bucket, report.configuration),
            size: written.bytes,
            md5: written.md5,
        });
        files.push(NamedFile { name, bytes });
    }
    let manifest = serde_json::to_vec_pretty(&Manifest {
        source_bucket: report.bucket,
        destination_bucket: format!("arn:aws:s3:::{}", report.destination),
        version: "2016-11-30",
        creation_timestamp: report.created_ms.to_string(),
        file_format: match report.encoding {
            S3Encoding::CsvGz { .. } => "CSV",
            S3Encoding::Parquet => "Parquet",
        },
        file_schema: file_schema(report),
        files: entries,
    })?;
    let checksum = format!("{}\n", md5_hex(&manifest)).into_bytes();
    files.push(NamedFile {
        name: "manifest.json".to_owned(),
        bytes: manifest,
    });
    files.push(NamedFile {
        name: "manifest.checksum".to_owned(),
        bytes: checksum,
    });
    Ok(files)
}

/// Writes rows as one unversioned CSV.gz data file of several gzip members, without holding them:
/// ten million rows need the memory of one. The caller writes a manifest where one is wanted.
pub fn s3_inventory_stream(
    bucket: &str,
    rows: impl Iterator<Item = ListingRow>,
    out: impl Write,
    rows_per_member: usize,
) -> Result<Written, Error> {
    csv_stream(
        Columns {
            bucket,
            versioned: false,
        },
        rows,
        out,
        rows_per_member,
    )
}

/// Writes rows as one unversioned Parquet data file, holding one row group at a time.
pub fn s3_inventory_parquet_stream(
    bucket: &str,
    rows: impl Iterator<Item = ListingRow>,
    out: impl Write + Send,
) -> Result<Written, Error> {
    parquet_stream(
        Columns {
            bucket,
            versioned: false,
        },
        rows,
        out,
    )
}

/// Which columns a data file has, and the constant in the first.
#[derive(Clone, Copy)]
struct Columns<'a> {
    bucket: &'a str,
    versioned: bool,
}

fn csv_stream(
    columns: Columns<'_>,
    mut rows: impl Iterator<Item = ListingRow>,
    out: impl Write,
    rows_per_member: usize,
) -> Result<Written, Error> {
    let mut tally = Tally::new(out);
    let mut count = 0;
    let mut line = String::new();
    let mut next = rows.next();
    while next.is_some() {
        // The header's time is zero and its system byte is fixed: gzip would otherwise record
        // where and when it ran.
        let mut member: GzEncoder<_> = GzBuilder::new()
            .mtime(0)
            .operating_system(255)
            .write(&mut tally, Compression::new(4));
        for _ in 0..rows_per_member.max(1) {
            let Some(row) = next.take() else { break };
            line.clear();
            csv_line(columns, &row, &mut line);
            member.write_all(line.as_bytes()).map_err(Error::Stream)?;
            count += 1;
            next = rows.next();
        }
        member.finish().map_err(Error::Stream)?;
    }
    tally.flush().map_err(Error::Stream)?;
    Ok(Written {
        rows: count,
        bytes: tally.bytes,
        md5: hex(&tally.md5.finalize()),
    })
}

fn csv_line(columns: Columns<'_>, row: &ListingRow, line: &mut String) {
    let mut cell = |text: &str| {
        if !line.is_empty() {
            line.push(',');
        }
        line.push('"');
        line.push_str(text);
        line.push('"');
    };
    cell(columns.bucket);
    cell(&encoded(&row.key));
    if columns.versioned {
        cell(row.version.as_ref().map_or("", |v| v.id.as_str()));
        cell(if is_latest(row) { "true" } else { "false" });
        cell(if is_marker(row) { "true" } else { "false" });
    }
    cell(&row.size.map_or_else(String::new, |size| size.to_string()));
    cell(&time_text(row.modified_ms));
    if is_marker(row) {
        for _ in 0..5 {
            cell("");
        }
    } else {
        cell(&row.e_tag());
        cell("STANDARD");
        cell(if is_multipart(row) { "true" } else { "false" });
        cell("");
        cell("SSE-S3");
    }
    line.push('\n');
}

fn parquet_stream(
    columns: Columns<'_>,
    rows: impl Iterator<Item = ListingRow>,
    out: impl Write + Send,
) -> Result<Written, Error> {
    let mut tally = Tally::new(out);
    let count = parquet_file::write(rows, &mut tally, |rows: &[ListingRow]| {
        parquet_columns(columns, rows)
    })?;
    tally.flush().map_err(Error::Stream)?;
    Ok(Written {
        rows: count,
        bytes: tally.bytes,
        md5: hex(&tally.md5.finalize()),
    })
}

fn parquet_columns(columns: Columns<'_>, rows: &[ListingRow]) -> Vec<Named> {
    let text =
        |of: &dyn Fn(&ListingRow) -> Option<String>| Column::Text(rows.iter().map(of).collect());
    let flag =
        |of: &dyn Fn(&ListingRow) -> Option<bool>| Column::Flag(rows.iter().map(of).collect());
    let live = |row: &ListingRow, value: &str| (!is_marker(row)).then(|| value.to_owned());
    let size = |row: &ListingRow| row.size.and_then(|size| i64::try_from(size).ok());
    let mut named = vec![
        Named {
            name: "bucket",
            nullable: false,
            column: text(&|_| Some(columns.bucket.to_owned())),
        },
        Named {
            name: "key",
            nullable: false,
            column: text(&|row| Some(row.key.clone())),
        },
    ];
    let mut push = |name, column| {
        named.push(Named {
            name,
            nullable: true,
            column,
        });
    };
    if columns.versioned {
        push(
            "version_id",
            text(&|row| {
                row.version
                    .as_ref()
                    .map(|v| v.id.clone())
                    .filter(|id| !id.is_empty())
            }),
        );
        push("is_latest", flag(&|row| Some(is_latest(row))));
        push("is_delete_marker", flag(&|row| Some(is_marker(row))));
    }
    push("size", Column::Integer(rows.iter().map(size).collect()));
    push(
        "last_modified_date",
        Column::Time(rows.iter().map(|row| Some(row.modified_ms)).collect()),
    );
    push("e_tag", text(&|row| live(row, &row.e_tag())));
    push("storage_class", text(&|row| live(row, "STANDARD")));
    push(
        "is_multipart_uploaded",
        flag(&|row| (!is_marker(row)).then(|| is_multipart(row))),
    );
    push("replication_status", text(&|_| None));
    push("encryption_status", text(&|row| live(row, "SSE-S3")));
    named
}

fn file_schema(report: &S3Inventory<'_>) -> String {
    match (report.encoding, report.versioned) {
        (S3Encoding::CsvGz { .. }, false) => COLUMNS.to_owned(),
        (S3Encoding::CsvGz { .. }, true) => COLUMNS_VERSIONED.to_owned(),
        (S3Encoding::Parquet, false) => format!("{MESSAGE_HEAD}{MESSAGE_TAIL}"),
        (S3Encoding::Parquet, true) => format!("{MESSAGE_HEAD}{MESSAGE_VERSIONS}{MESSAGE_TAIL}"),
    }
}

fn is_marker(row: &ListingRow) -> bool {
    row.version
        .as_ref()
        .is_some_and(|v| v.state == VersionState::DeleteMarker)
}

fn is_latest(row: &ListingRow) -> bool {
    row.version
        .as_ref()
        .is_none_or(|v| v.state != VersionState::Noncurrent)
}

fn is_multipart(row: &ListingRow) -> bool {
    row.size.is_some_and(|size| size >= MULTIPART_BYTES)
}

/// `2025-01-05T01:00:00.000Z`.
fn time_text(ms: i64) -> String {
    format!(
        "{}.{:03}Z",
        calendar::civil(ms.div_euclid(1_000)),
        ms.rem_euclid(1_000)
    )
}

/// A key as CSV inventories write it: percent-encoded UTF-8, space as `+`, slashes kept.
fn encoded(key: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut text = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'*' => {
                text.push(char::from(byte));
            }
            b' ' => text.push('+'),
            _ => {
                text.push('%');
                text.push(char::from(DIGITS[usize::from(byte >> 4)]));
                text.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
    text
}

/// A name of the shape of a UUID that depends on the report and the file's number in it.
fn file_id(report: &S3Inventory<'_>, number: usize) -> String {
    let text = format!(
        "{}\n{}\n{}\n{number}",
        report.bucket, report.configuration, report.created_ms
    );
    let mut counter = text.bytes().fold(0_u64, |hash, byte| {
        (hash ^ u64::from(byte))
            .wrapping_mul(0x0000_0100_0000_01b3)
            .rotate_left(5)
    });
    let digits = format!(
        "{:016x}{:016x}",
        splitmix64(&mut counter),
        splitmix64(&mut counter)
    );
    format!(
        "{}-{}-4{}-a{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[13..16],
        &digits[17..20],
        &digits[20..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_encoded_as_inventories_do() {
        assert_eq!(encoded("a b/c+d.opus"), "a+b/c%2Bd.opus");
        assert_eq!(encoded("\u{e9}\",\n"), "%C3%A9%22%2C%0A");
    }

    #[test]
    fn times_have_milliseconds_and_a_zone() {
        assert_eq!(time_text(1_715_035_068_000), "2024-05-06T22:37:48.000Z");
        assert_eq!(time_text(1_715_035_068_007), "2024-05-06T22:37:48.007Z");
    }

    #[test]
    fn file_names_have_the_shape_of_a_uuid() {
        let report = S3Inventory {
            bucket: "b",
            destination: "d",
            configuration: "c",
            created_ms: 0,
            encoding: S3Encoding::Parquet,
            rows_per_file: 1,
            versioned: false,
        };
        let (one, two) = (file_id(&report, 0), file_id(&report, 1));
        assert_ne!(one, two);
        let lengths: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
    }
}
