//! The row loop over Parquet and ORC: only the allowed columns are decoded, batch by batch.
//!
//! A damaged row group or stripe is a notice with the number of rows lost. The decoders are made for files that mean well;
//! a panic in one of them is caught here and is damage like any other.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Int64Array, RecordBatch, StringViewArray,
    TimestampMillisecondArray,
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use orc_rust::ArrowReaderBuilder;
use orc_rust::projection::ProjectionMask as OrcMask;
use orc_rust::schema::TimestampPrecision;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};

use super::{BadCell, Fields, Layout, Taker, text_count, text_flag, text_time};
use crate::Error;
use crate::open::Content;
use crate::run::{Note, Run, SourceFile};
use crate::tables::BATCH_ROWS_MAX;

/// An open columnar file.
pub(in crate::formats) enum ColumnarFile {
    Parquet(File, ArrowReaderMetadata),
    Orc(Box<ArrowReaderBuilder<Chunks>>, Vec<String>),
}

/// Damage found by a decoder, or a panic in it.
struct Damage(String);

/// Runs `step`, taking a panic in a decoder for damage.
fn guarded<T>(step: impl FnOnce() -> Result<T, String>) -> Result<T, Damage> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(result) => result.map_err(Damage),
        Err(_) => Err(Damage("the decoder gave up".to_owned())),
    }
}

impl ColumnarFile {
    /// Opens a file whose first bytes say `content`, or says why it cannot be.
    pub(in crate::formats) fn open(path: &Path, content: Content) -> Result<Self, Note> {
        let opened = guarded(|| {
            let file = File::open(path).map_err(|error| error.to_string())?;
            if content == Content::Orc {
                open_orc(file)
            } else {
                open_parquet(file)
            }
        });
        opened.map_err(|damage| {
            Note::lost(
                "file-damaged",
                "the file has no readable footer and none of its rows was used",
            )
            .found(damage.0)
            .expected("a complete Parquet or ORC file")
        })
    }

    /// Names of its columns, in order.
    pub(in crate::formats) fn names(&self) -> Vec<String> {
        match self {
            Self::Parquet(_, metadata) => metadata
                .schema()
                .fields()
                .iter()
                .map(|field| field.name().clone())
                .collect(),
            Self::Orc(_, names) => names.clone(),
        }
    }

    /// Gives every row to `taker`.
    pub(in crate::formats) fn rows(
        self,
        run: &mut Run<'_>,
        file: &SourceFile,
        layout: &Layout,
        taker: &mut impl Taker,
    ) -> Result<(), Error> {
        match self {
            Self::Parquet(handle, metadata) => {
                parquet_rows(&handle, &metadata, run, file, layout, taker)?;
            }
            Self::Orc(builder, _) => {
                orc_rows(*builder, run, file, layout, taker)?;
            }
        }
        taker.end(run, file)
    }
}

fn open_parquet(file: File) -> Result<ColumnarFile, String> {
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = ArrowReaderMetadata::load(&file, options).map_err(|error| error.to_string())?;
    // Text as views: a batch of dictionary pages costs 16 bytes a row, however long its texts are.
    let fields: Vec<Field> = metadata
        .schema()
        .fields()
        .iter()
        .map(|field| {
            let viewed = match field.data_type() {
                DataType::Utf8 | DataType::Binary => DataType::Utf8View,
                other => other.clone(),
            };
            field.as_ref().clone().with_data_type(viewed)
        })
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let options = ArrowReaderOptions::new().with_schema(schema);
    let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)
        .map_err(|error| error.to_string())?;
    Ok(ColumnarFile::Parquet(file, metadata))
}

fn open_orc(file: File) -> Result<ColumnarFile, String> {
    let length = file.metadata().map_err(|error| error.to_string())?.len();
    let builder = ArrowReaderBuilder::try_new(Chunks { file, length })
        .map_err(|error| error.to_string())?
        // Retention dates lie centuries ahead, beyond what nanoseconds can say.
        .with_timestamp_precision(TimestampPrecision::Microsecond)
        .with_batch_size(BATCH_ROWS_MAX);
    let names = builder
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    Ok(ColumnarFile::Orc(Box::new(builder), names))
}

/// Slot -> column among the projected columns, which keep the file's order.
fn projected(layout: &Layout) -> (Vec<usize>, Vec<Option<usize>>) {
    let mut columns: Vec<usize> = layout.places.iter().flatten().copied().collect();
    columns.sort_unstable();
    let places = layout
        .places
        .iter()
        .map(|place| place.and_then(|column| columns.binary_search(&column).ok()))
        .collect();
    (columns, places)
}

fn parquet_rows(
    handle: &File,
    metadata: &ArrowReaderMetadata,
    run: &mut Run<'_>,
    file: &SourceFile,
    layout: &Layout,
    taker: &mut impl Taker,
) -> Result<(), Error> {
    let (columns, places) = projected(layout);
    let groups = metadata.metadata().num_row_groups();
    let mut before = 0_u64;
    for group in 0..groups {
        let group_metadata = metadata.metadata().row_group(group);
        let rows = u64::try_from(group_metadata.num_rows()).unwrap_or(0);
        let reader = guarded(|| {
            let mask = ProjectionMask::roots(metadata.parquet_schema(), columns.iter().copied());
            let handle = handle.try_clone().map_err(|error| error.to_string())?;
            ParquetRecordBatchReaderBuilder::new_with_metadata(handle, metadata.clone())
                .with_projection(mask)
                .with_row_groups(vec![group])
                .with_batch_size(BATCH_ROWS_MAX)
                .build()
                .map_err(|error| error.to_string())
        });
        let taken = match reader {
            Ok(reader) => batches(reader, before, &places, run, file, taker)?,
            Err(damage) => Err((0, damage)),
        };
        if let Err((read, damage)) = taken {
            run.note(
                Some(file),
                lost_part("row group", rows.saturating_sub(read), damage),
            );
        }
        before += rows;
        run.advance(u64::try_from(group_metadata.compressed_size()).unwrap_or(0));
    }
    Ok(())
}

fn orc_rows(
    builder: ArrowReaderBuilder<Chunks>,
    run: &mut Run<'_>,
    file: &SourceFile,
    layout: &Layout,
    taker: &mut impl Taker,
) -> Result<(), Error> {
    let (columns, places) = projected(layout);
    let bytes = builder
        .file_metadata()
        .stripe_metadatas()
        .iter()
        .map(orc_rust::stripe::StripeMetadata::data_length)
        .sum();
    let total = builder.file_metadata().number_of_rows();
    let reader = guarded(|| {
        let root = builder.file_metadata().root_data_type().clone();
        let indices: Vec<usize> = columns
            .iter()
            .filter_map(|&column| root.children().get(column))
            .map(|column| column.data_type().column_index())
            .collect();
        Ok(builder
            .with_projection(OrcMask::roots(&root, indices))
            .build())
    });
    let taken = match reader {
        Ok(reader) => batches(reader, 0, &places, run, file, taker)?,
        Err(damage) => Err((0, damage)),
    };
    if let Err((read, damage)) = taken {
        run.note(
            Some(file),
            lost_part("file", total.saturating_sub(read), damage),
        );
    }
    run.advance(bytes);
    Ok(())
}

fn lost_part(part: &str, rows: u64, damage: Damage) -> Note {
    Note::lost(
        "file-damaged",
        format!("the rest of a {part} could not be decoded; the rows before it were read"),
    )
    .rows(rows)
    .found(damage.0)
    .expected("a complete Parquet or ORC file")
}

/// How many rows were read before the damage, and the damage.
type Broken = (u64, Damage);

fn batches<E: std::fmt::Display>(
    mut reader: impl Iterator<Item = Result<RecordBatch, E>>,
    before: u64,
    places: &[Option<usize>],
    run: &mut Run<'_>,
    file: &SourceFile,
    taker: &mut impl Taker,
) -> Result<Result<(), Broken>, Error> {
    let mut read = 0_u64;
    loop {
        let step = guarded(|| match reader.next() {
            None => Ok(None),
            Some(Ok(batch)) => cells(&batch, places).map(|cells| Some((batch.num_rows(), cells))),
            Some(Err(error)) => Err(error.to_string()),
        });
        let (rows, cells) = match step {
            Ok(None) => return Ok(Ok(())),
            Ok(Some(batch)) => batch,
            Err(damage) => return Ok(Err((read, damage))),
        };
        for index in 0..rows {
            read += 1;
            taker.take(
                run,
                file,
                before + read,
                &ColumnRow {
                    cells: &cells,
                    index,
                },
            )?;
        }
    }
}

/// The cells of one column in one batch.
enum Cells {
    Absent,
    Text(StringViewArray),
    Count(Int64Array),
    Time(TimestampMillisecondArray),
    Flag(BooleanArray),
}

fn cells(batch: &RecordBatch, places: &[Option<usize>]) -> Result<Vec<Cells>, String> {
    places
        .iter()
        .map(|place| {
            place
                .and_then(|column| batch.columns().get(column))
                .map_or(Ok(Cells::Absent), column_cells)
        })
        .collect()
}

fn column_cells(array: &ArrayRef) -> Result<Cells, String> {
    let cast = |to: &DataType| arrow_cast::cast(array, to).map_err(|error| error.to_string());
    Ok(match array.data_type() {
        DataType::Boolean => Cells::Flag(array.as_boolean().clone()),
        DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64 => {
            let to = DataType::Timestamp(TimeUnit::Millisecond, None);
            Cells::Time(
                cast(&to)?
                    .as_primitive::<TimestampMillisecondType>()
                    .clone(),
            )
        }
        kind if kind.is_integer() => {
            Cells::Count(cast(&DataType::Int64)?.as_primitive::<Int64Type>().clone())
        }
        DataType::Null => Cells::Absent,
        _ => Cells::Text(cast(&DataType::Utf8View)?.as_string_view().clone()),
    })
}

/// One row of a batch.
struct ColumnRow<'b> {
    cells: &'b [Cells],
    index: usize,
}

impl ColumnRow<'_> {
    /// The text at this row; a null and an empty text are both nothing.
    #[inline]
    fn string<'a>(&self, array: &'a StringViewArray) -> Option<&'a str> {
        let text = if array.is_valid(self.index) {
            array.value(self.index)
        } else {
            ""
        };
        (!text.is_empty()).then_some(text)
    }

    fn unlike(expected: &'static str) -> BadCell {
        BadCell {
            found: "a value of another type".to_owned(),
            expected,
        }
    }
}

impl Fields for ColumnRow<'_> {
    #[inline]
    fn text(&self, slot: usize) -> Result<Option<&str>, BadCell> {
        match &self.cells[slot] {
            Cells::Text(array) => Ok(self.string(array)),
            Cells::Absent => Ok(None),
            _ => Err(Self::unlike("text")),
        }
    }

    #[inline]
    fn count(&self, slot: usize) -> Result<Option<i64>, BadCell> {
        match &self.cells[slot] {
            Cells::Count(array) => {
                match array.is_valid(self.index).then(|| array.value(self.index)) {
                    Some(value) if value < 0 => Err(BadCell {
                        found: value.to_string(),
                        expected: "a whole number of zero or more",
                    }),
                    value => Ok(value),
                }
            }
            Cells::Text(array) => self.string(array).map(text_count).transpose(),
            Cells::Absent => Ok(None),
            _ => Err(Self::unlike("a whole number")),
        }
    }

    #[inline]
    fn time(&self, slot: usize) -> Result<Option<i64>, BadCell> {
        match &self.cells[slot] {
            Cells::Time(array) => Ok(array.is_valid(self.index).then(|| array.value(self.index))),
            Cells::Text(array) => self.string(array).map(text_time).transpose(),
            Cells::Absent => Ok(None),
            _ => Err(Self::unlike("a time")),
        }
    }

    #[inline]
    fn flag(&self, slot: usize) -> Result<Option<bool>, BadCell> {
        match &self.cells[slot] {
            Cells::Flag(array) => Ok(array.is_valid(self.index).then(|| array.value(self.index))),
            Cells::Text(array) => self.string(array).map(text_flag).transpose(),
            Cells::Absent => Ok(None),
            _ => Err(Self::unlike("true or false")),
        }
    }
}

/// A file for the ORC reader: never hands out more bytes than the file has, whatever its footer says.
pub(in crate::formats) struct Chunks {
    file: File,
    length: u64,
}

impl orc_rust::reader::ChunkReader for Chunks {
    type T = std::io::BufReader<File>;

    fn len(&self) -> u64 {
        self.length
    }

    fn get_read(&self, offset_from_start: u64) -> std::io::Result<Self::T> {
        self.file.get_read(offset_from_start)
    }

    fn get_bytes(&self, offset_from_start: u64, length: u64) -> std::io::Result<bytes::Bytes> {
        if offset_from_start
            .checked_add(length)
            .is_none_or(|end| end > self.length)
        {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        self.file.get_bytes(offset_from_start, length)
    }
}
