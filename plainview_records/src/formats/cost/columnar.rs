//! Cost exports in Parquet: the columns that are read, each turned into text and read as the CSV reader reads it.

use std::fs::File;

use arrow_array::{Array as _, RecordBatch, StringArray};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::{Header, Intake, Row, Sheet, Taker, accept};
use crate::Error;
use crate::formats::focus::columnar::{Damaged, guarded, text};
use crate::run::{Run, SourceFile};
use crate::tables::BATCH_ROWS_MAX;

pub(super) fn read(
    run: &mut Run<'_>,
    file: &SourceFile,
    sheet: &'static Sheet,
    take: &mut Taker<'_>,
) -> Result<(), Error> {
    let opened = guarded(|| open(file));
    let (names, builder) = match opened {
        Ok(opened) => opened,
        Err(damaged) => {
            run.note(Some(file), damaged.note());
            return Ok(());
        }
    };
    let Some(header) = accept(run, file, sheet, &names) else {
        return Ok(());
    };
    let mut reader = match guarded(|| project(builder, &header, BATCH_ROWS_MAX)) {
        Ok(reader) => reader,
        Err(damaged) => {
            run.note(Some(file), damaged.note());
            return Ok(());
        }
    };
    let mut intake = Intake::new(run, take);
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
        let rows = batch.num_rows() as u64;
        match guarded(|| texts(&batch, &names)) {
            Ok(columns) => {
                for n in 0..batch.num_rows() {
                    row_no += 1;
                    intake.take(&Row::new(row_no, &header, &|place| {
                        cell(&columns, place, n)
                    }));
                }
            }
            Err(damaged) => {
                row_no += rows;
                run.note(Some(file), damaged.note().rows(rows));
            }
        }
        intake.give_if_full(run, file)?;
    }
    intake.end(run, file)
}

/// Gives the first row.
pub(super) fn first_row<T>(
    file: &SourceFile,
    sheet: &'static Sheet,
    of: impl Fn(&Row<'_>) -> Option<T>,
) -> Option<T> {
    let read = || {
        let (names, builder) = open(file)?;
        let judged = Header::judge(sheet, &names);
        if judged.is_refused {
            return Ok(None);
        }
        let batch = project(builder, &judged.header, 1)?
            .next()
            .transpose()
            .map_err(|e| Damaged(e.to_string()))?;
        let Some(batch) = batch.filter(|batch| batch.num_rows() > 0) else {
            return Ok(None);
        };
        let columns = texts(&batch, &names)?;
        Ok(of(&Row::new(1, &judged.header, &|place| {
            cell(&columns, place, 0)
        })))
    };
    guarded(read).ok().flatten()
}

fn cell(columns: &[Option<StringArray>], place: usize, row: usize) -> Option<&str> {
    columns
        .get(place)?
        .as_ref()
        .filter(|texts| texts.is_valid(row))
        .map(|texts| texts.value(row))
}

type Builder = ParquetRecordBatchReaderBuilder<File>;

/// Opens the file and gives the names of all its columns.
fn open(file: &SourceFile) -> Result<(Vec<String>, Builder), Damaged> {
    let input = File::open(&file.path).map_err(|e| Damaged(e.kind().to_string()))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(input).map_err(|e| Damaged(e.to_string()))?;
    let names = builder
        .schema()
        .fields()
        .iter()
        .map(|f| f.name().clone())
        .collect();
    Ok((names, builder))
}

/// Reads no column but those of the header.
fn project(
    builder: Builder,
    header: &Header,
    batch_rows: usize,
) -> Result<ParquetRecordBatchReader, Damaged> {
    let roots = (0..header.width).filter(|&place| header.reads(place));
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
    builder
        .with_projection(mask)
        .with_batch_size(batch_rows)
        .build()
        .map_err(|e| Damaged(e.to_string()))
}

/// The columns of a batch as text, by their place in the file.
fn texts(batch: &RecordBatch, names: &[String]) -> Result<Vec<Option<StringArray>>, Damaged> {
    names
        .iter()
        .map(|name| {
            batch
                .column_by_name(name)
                .map(|array| text(array).map_err(|e| Damaged(format!("{name}: {}", e.0))))
                .transpose()
        })
        .collect()
}
