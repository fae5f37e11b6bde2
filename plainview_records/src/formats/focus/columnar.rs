//! FOCUS in Parquet: allowed columns only, each turned into text and read as the CSV reader reads it.
//!
//! Going through text keeps one meaning for both encodings. A double becomes its shortest decimal text, so no
//! floating-point arithmetic is done; a map (`Tags`) becomes JSON with sorted keys.

use std::collections::BTreeMap;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::cast::AsArray as _;
use arrow_array::{Array, ArrayRef, MapArray, RecordBatch, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::header::Header;
use super::row::Column;
use super::{ALLOWED, Charges};
use crate::Error;
use crate::run::{Note, Run, SourceFile};
use crate::tables::BATCH_ROWS_MAX;

/// A decoding step that failed, or panicked inside the library.
pub(in crate::formats) struct Damaged(pub(in crate::formats) String);

pub(super) fn read(run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
    let (names, mut reader) = match guarded(|| open(file)) {
        Ok(opened) => opened,
        Err(damaged) => {
            run.note(Some(file), damaged.note());
            return Ok(());
        }
    };
    if Header::accept(run, file, &names).is_none() {
        return Ok(());
    }
    let mut charges = Charges::new(run);
    let mut row_no = 0;
    loop {
        let batch = match guarded(|| {
            reader
                .next()
                .transpose()
                .map_err(|e| Damaged(e.to_string()))
        }) {
            Ok(None) => break,
            Ok(Some(batch)) => batch,
            Err(damaged) => {
                run.note(Some(file), damaged.note());
                break;
            }
        };
        let columns = match guarded(|| texts(&batch)) {
            Ok(columns) => columns,
            Err(damaged) => {
                let note = damaged.note().rows(batch.num_rows() as u64);
                row_no += batch.num_rows() as u64;
                run.note(Some(file), note);
                continue;
            }
        };
        for n in 0..batch.num_rows() {
            row_no += 1;
            let get = |column: Column| {
                columns[column as usize]
                    .as_ref()
                    .filter(|texts| texts.is_valid(n))
                    .map(|texts| texts.value(n))
            };
            charges.take(run, file, row_no, get)?;
        }
    }
    charges.end(run, file)
}

/// Opens the file and projects it onto the allow-list; also gives the names of all its columns.
fn open(file: &SourceFile) -> Result<(Vec<String>, ParquetRecordBatchReader), Damaged> {
    let input = File::open(&file.path).map_err(|e| Damaged(e.kind().to_string()))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(input).map_err(|e| Damaged(e.to_string()))?;
    let names: Vec<String> = builder
        .schema()
        .fields()
        .iter()
        .map(|f| f.name().clone())
        .collect();
    let roots = names
        .iter()
        .enumerate()
        .filter(|(_, name)| ALLOWED.contains(&name.as_str()))
        .map(|(n, _)| n);
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
    let reader = builder
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS_MAX)
        .build()
        .map_err(|e| Damaged(e.to_string()))?;
    Ok((names, reader))
}

/// Every read column of a batch as text, in the order of [`Column`].
fn texts(batch: &RecordBatch) -> Result<[Option<StringArray>; Column::COUNT], Damaged> {
    let mut columns = [const { None }; Column::COUNT];
    for column in Column::ALL {
        if let Some(array) = batch.column_by_name(column.name()) {
            columns[column as usize] =
                Some(text(array).map_err(|e| Damaged(format!("{}: {}", column.name(), e.0)))?);
        }
    }
    Ok(columns)
}

/// An array of any type as text.
pub(in crate::formats) fn text(array: &ArrayRef) -> Result<StringArray, Damaged> {
    if let DataType::Map(_, _) = array.data_type() {
        return maps(array.as_map());
    }
    let cast = cast(array, &DataType::Utf8).map_err(|e| Damaged(e.to_string()))?;
    Ok(cast.as_string::<i32>().clone())
}

/// Maps of text to text, as JSON objects.
fn maps(array: &MapArray) -> Result<StringArray, Damaged> {
    let mut out = Vec::with_capacity(array.len());
    for n in 0..array.len() {
        if array.is_null(n) {
            out.push(None);
            continue;
        }
        let entries = array.value(n);
        let keys = text(entries.column(0))?;
        let values = text(entries.column(1))?;
        let map: BTreeMap<&str, Option<&str>> = (0..keys.len())
            .map(|k| (keys.value(k), values.is_valid(k).then(|| values.value(k))))
            .collect();
        out.push(serde_json::to_string(&map).ok());
    }
    Ok(StringArray::from(out))
}

/// Runs one step of the Parquet library, which may panic on damaged input.
pub(in crate::formats) fn guarded<T>(
    step: impl FnOnce() -> Result<T, Damaged>,
) -> Result<T, Damaged> {
    catch_unwind(AssertUnwindSafe(step))
        .unwrap_or_else(|_| Err(Damaged("the Parquet decoder gave up".to_owned())))
}

impl Damaged {
    /// What is said of it.
    pub(in crate::formats) fn note(self) -> Note {
        Note::lost(
            "file-damaged",
            "the Parquet file could not be read to its end; the rows before are used",
        )
        .found(self.0)
        .expected("a whole Parquet file")
    }
}
