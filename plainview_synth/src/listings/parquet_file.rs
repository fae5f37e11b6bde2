//! Parquet as an inventory service would write it: one row group after another, Snappy, no Arrow
//! schema hidden in the metadata, a fixed writer name so that bytes do not follow our version.

use std::io::Write;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::Error;

/// Rows put into one batch; row groups hold many.
pub(super) const BATCH_ROWS: usize = 8_192;

/// A column of a Parquet listing while its batch is filled.
pub(super) enum Column {
    Text(Vec<Option<String>>),
    Integer(Vec<Option<i64>>),
    Time(Vec<Option<i64>>),
    Flag(Vec<Option<bool>>),
}

impl Column {
    fn data_type(&self) -> DataType {
        match self {
            Self::Text(_) => DataType::Utf8,
            Self::Integer(_) => DataType::Int64,
            Self::Time(_) => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            Self::Flag(_) => DataType::Boolean,
        }
    }

    fn into_array(self) -> ArrayRef {
        match self {
            Self::Text(values) => Arc::new(StringArray::from(values)),
            Self::Integer(values) => Arc::new(Int64Array::from(values)),
            Self::Time(values) => {
                Arc::new(TimestampMillisecondArray::from(values).with_timezone("UTC"))
            }
            Self::Flag(values) => Arc::new(BooleanArray::from(values)),
        }
    }
}

/// A column with its name and whether it may be null.
pub(super) struct Named {
    pub(super) name: &'static str,
    pub(super) nullable: bool,
    pub(super) column: Column,
}

/// Writes rows as Parquet. `columns` turns one batch of rows into the columns of the file, the
/// same names and types each time. Returns the number of rows.
pub(super) fn write<R>(
    rows: impl Iterator<Item = R>,
    out: impl Write + Send,
    columns: impl Fn(&[R]) -> Vec<Named>,
) -> Result<u64, Error> {
    let schema = schema(&columns(&[]));
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("fictional inventory writer".to_owned())
        .build();
    let options = ArrowWriterOptions::new()
        .with_properties(properties)
        .with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(out, Arc::clone(&schema), options)?;
    let mut count = 0;
    let mut batch = Vec::with_capacity(BATCH_ROWS);
    let mut flush = |batch: &mut Vec<R>| -> Result<(), Error> {
        let arrays = columns(batch)
            .into_iter()
            .map(|c| c.column.into_array())
            .collect();
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), arrays)?)?;
        batch.clear();
        Ok(())
    };
    for row in rows {
        batch.push(row);
        count += 1;
        if batch.len() == BATCH_ROWS {
            flush(&mut batch)?;
        }
    }
    if !batch.is_empty() {
        flush(&mut batch)?;
    }
    writer.close()?;
    Ok(count)
}

fn schema(columns: &[Named]) -> SchemaRef {
    let fields: Vec<Field> = columns
        .iter()
        .map(|c| Field::new(c.name, c.column.data_type(), c.nullable))
        .collect();
    Arc::new(Schema::new(fields))
}
