//! Inventories: one data file each, the hardest case for memory, with the manifest that vouches for it.

use std::fs::{self, File};
use std::path::Path;

use anyhow::Context as _;
use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampMillisecondType;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use orc_rust::arrow_writer::ArrowWriterBuilder;
use orc_rust::compression::CompressionType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use plainview_synth::calendar::midnight;
use plainview_synth::digest::md5_hex;
use plainview_synth::listings::{
    BlobEncoding, BlobInventory, ListingRow, azure_blob_inventory, s3_inventory_parquet_stream,
    s3_inventory_stream,
};
use serde_json::json;

use super::{Size, create};
use crate::BenchFormat;
use crate::engine::Answer;
use crate::world::Objects;

const BUCKET: &str = "bench-archive";
const CSV_SCHEMA: &str = "Bucket, Key, Size, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded, \
    ReplicationStatus, EncryptionStatus";
const PARQUET_SCHEMA: &str = "message s3.inventory { required binary bucket (STRING); required binary key (STRING); \
    optional int64 size; optional int64 last_modified_date (TIMESTAMP(MILLIS,true)); optional binary e_tag (STRING); \
    optional binary storage_class (STRING); optional boolean is_multipart_uploaded; \
    optional binary replication_status (STRING); optional binary encryption_status (STRING);}";
const ORC_SCHEMA: &str = "struct<bucket:string,key:string,size:bigint,last_modified_date:timestamp,e_tag:string,\
    storage_class:string,is_multipart_uploaded:boolean,replication_status:string,encryption_status:string>";
/// Large members, as S3 writes them.
const ROWS_PER_MEMBER: usize = 100_000;
const ORC_BLOCK_BYTES: usize = 256 << 10;

/// The rows, added up as they pass.
fn counted(size: Size, answer: &mut Answer) -> impl Iterator<Item = ListingRow> {
    let rows = usize::try_from(size.rows).unwrap_or(usize::MAX);
    Objects::new(size.seed).take(rows).inspect(|row| {
        answer.rows += 1;
        answer.sum += i128::from(row.size.unwrap_or(0));
        answer.chars += row.key.chars().count() as u64;
    })
}

pub(super) fn s3_csv(folder: &Path, size: Size) -> anyhow::Result<Answer> {
    let mut answer = Answer::default();
    // A small set still has several members.
    let per_member = ROWS_PER_MEMBER.min(usize::try_from(size.rows / 3).unwrap_or(usize::MAX));
    let written = s3_inventory_stream(
        BUCKET,
        counted(size, &mut answer),
        create(&folder.join("data.csv.gz"))?,
        per_member,
    )?;
    manifest(
        folder,
        "CSV",
        CSV_SCHEMA,
        ("data.csv.gz", written.bytes, &written.md5),
    )?;
    Ok(answer)
}

pub(super) fn s3_parquet(folder: &Path, size: Size) -> anyhow::Result<Answer> {
    let mut answer = Answer::default();
    let out = create(&folder.join("data.parquet"))?;
    let written = s3_inventory_parquet_stream(BUCKET, counted(size, &mut answer), out)?;
    manifest(
        folder,
        "Parquet",
        PARQUET_SCHEMA,
        ("data.parquet", written.bytes, &written.md5),
    )?;
    Ok(answer)
}

/// The rows of the Parquet listing again, as ORC with zlib, which is what S3 delivers. Our fixtures have no ORC writer, so
/// this one goes through Arrow.
pub(super) fn s3_orc(folder: &Path, size: Size) -> anyhow::Result<Answer> {
    let mut answer = Answer::default();
    let interim = folder.join("interim.parquet");
    s3_inventory_parquet_stream(BUCKET, counted(size, &mut answer), create(&interim)?)?;
    let path = folder.join("data.orc");
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&interim)?)?.build()?;
    let mut writer = None;
    for batch in reader {
        let batch = without_zone(&batch?)?;
        if writer.is_none() {
            let built = ArrowWriterBuilder::new(create(&path)?, batch.schema())
                .with_compression(CompressionType::Zlib)
                .with_compression_block_size(ORC_BLOCK_BYTES)
                .try_build()?;
            writer = Some(built);
        }
        if let Some(writer) = &mut writer {
            writer.write(&batch)?;
        }
    }
    writer.context("a listing without rows")?.close()?;
    fs::remove_file(&interim)?;
    let bytes = fs::read(&path)?;
    manifest(
        folder,
        "ORC",
        ORC_SCHEMA,
        ("data.orc", bytes.len() as u64, &md5_hex(&bytes)),
    )?;
    Ok(answer)
}

/// The batch with its times as the plain `timestamp` of S3's ORC files, which knows no zone.
fn without_zone(batch: &RecordBatch) -> anyhow::Result<RecordBatch> {
    let mut fields: Vec<Field> = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let (kind, column) = match field.data_type() {
            DataType::Timestamp(unit, Some(_)) => {
                let times = column.as_primitive::<TimestampMillisecondType>().clone();
                let column: ArrayRef = std::sync::Arc::new(times.with_timezone_opt(None::<&str>));
                (DataType::Timestamp(*unit, None), column)
            }
            other => (other.clone(), column.clone()),
        };
        fields.push(field.as_ref().clone().with_data_type(kind));
        columns.push(column);
    }
    Ok(RecordBatch::try_new(Schema::new(fields).into(), columns)?)
}

pub(super) fn azure(folder: &Path, size: Size, format: BenchFormat) -> anyhow::Result<Answer> {
    let mut answer = Answer::default();
    let report = BlobInventory {
        account: "benchstore",
        destination: "reports",
        rule: "bench",
        started_ms: midnight(2025, 5, 5) * 1_000,
        encoding: if format == BenchFormat::AzureCsv {
            BlobEncoding::Csv
        } else {
            BlobEncoding::Parquet
        },
        rows_per_file: usize::MAX,
        versioned: false,
    };
    let rows = counted(size, &mut answer).map(|row| ("archive".to_owned(), row));
    for file in azure_blob_inventory(&report, rows)? {
        fs::write(folder.join(&file.name), file.bytes)?;
    }
    Ok(answer)
}

/// `manifest.json` and its checksum for one data file.
fn manifest(
    folder: &Path,
    format: &str,
    schema: &str,
    (name, bytes, md5): (&str, u64, &str),
) -> anyhow::Result<()> {
    let text = serde_json::to_vec_pretty(&json!({
        "sourceBucket": BUCKET,
        "destinationBucket": "arn:aws:s3:::bench-reports",
        "version": "2016-11-30",
        "creationTimestamp": (midnight(2025, 5, 5) * 1_000).to_string(),
        "fileFormat": format,
        "fileSchema": schema,
        "files": [{"key": format!("{BUCKET}/bench/data/{name}"), "size": bytes, "MD5checksum": md5}],
    }))?;
    fs::write(
        folder.join("manifest.checksum"),
        format!("{}\n", md5_hex(&text)),
    )?;
    fs::write(folder.join("manifest.json"), text)?;
    Ok(())
}
