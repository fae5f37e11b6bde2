//! A FOCUS bill as CSV and as Parquet. The Parquet file holds the rows of the CSV with costs and quantities as doubles and
//! times as timestamps, as cost exports have them.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use plainview_synth::calendar::midnight;
use plainview_synth::focus::{Amount, Issuer, focus_csv};

use super::{CHUNK_ROWS, Size, create};
use crate::engine::Answer;
use crate::world::{ChargeFacts, Charges};

const ISSUER: Issuer<'_> = Issuer {
    provider: "AWS",
    publisher: "Halden Cloud (fictional)",
    invoicer: "Halden Cloud (fictional)",
    currency: "EUR",
};
/// Steps of 10^-12, in which the reader counts, in one step of an [`Amount`].
const STEPS: i128 = 1_000_000_000_000 / Amount::SCALE;

/// Gives the bill as CSV texts, each with its header, and adds it up.
fn chunks(
    size: Size,
    mut each: impl FnMut(Vec<u8>) -> anyhow::Result<()>,
) -> anyhow::Result<Answer> {
    let mut answer = Answer::default();
    let mut facts = Charges::new(size.seed);
    while answer.rows < size.rows {
        let take = usize::try_from((size.rows - answer.rows).min(CHUNK_ROWS))?;
        let chunk: Vec<ChargeFacts> = facts.by_ref().take(take).collect();
        answer.rows += chunk.len() as u64;
        for facts in &chunk {
            answer.sum += facts.quantity.steps() * STEPS;
            answer.chars += facts.description.chars().count() as u64;
        }
        let charges: Vec<_> = chunk.iter().map(ChargeFacts::charge).collect();
        each(focus_csv(&ISSUER, &charges)?)?;
    }
    Ok(answer)
}

pub(super) fn csv(folder: &Path, size: Size) -> anyhow::Result<Answer> {
    let mut out = create(&folder.join("focus.csv"))?;
    let mut is_first = true;
    let answer = chunks(size, |text| {
        let header = text
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(0, |end| end + 1);
        out.write_all(if is_first { &text } else { &text[header..] })?;
        is_first = false;
        Ok(())
    })?;
    out.flush()?;
    Ok(answer)
}

pub(super) fn parquet(folder: &Path, size: Size) -> anyhow::Result<Answer> {
    let path = folder.join("focus.parquet");
    let mut writer: Option<ArrowWriter<BufWriter<File>>> = None;
    let answer = chunks(size, |text| {
        let batch = typed(&text)?;
        if writer.is_none() {
            let properties = WriterProperties::builder()
                .set_compression(Compression::SNAPPY)
                .build();
            writer = Some(ArrowWriter::try_new(
                create(&path)?,
                batch.schema(),
                Some(properties),
            )?);
        }
        if let Some(writer) = &mut writer {
            writer.write(&batch)?;
        }
        Ok(())
    })?;
    writer.context("a bill without charges")?.close()?;
    Ok(answer)
}

/// A CSV text as a batch with typed columns.
fn typed(text: &[u8]) -> anyhow::Result<RecordBatch> {
    let mut reader = csv::Reader::from_reader(text);
    let names = reader.headers()?.clone();
    let mut cells: Vec<Vec<Option<String>>> = vec![Vec::new(); names.len()];
    for record in reader.records() {
        for (cell, column) in record?.iter().zip(&mut cells) {
            column.push((!cell.is_empty()).then(|| cell.to_owned()));
        }
    }
    let columns = names
        .iter()
        .zip(cells)
        .map(|(name, cells)| Ok((name, array(name, cells)?, true)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
}

fn array(name: &str, cells: Vec<Option<String>>) -> anyhow::Result<ArrayRef> {
    let is_number = ["Cost", "Price", "Quantity"]
        .iter()
        .any(|end| name.ends_with(end));
    let is_time = ["PeriodStart", "PeriodEnd"]
        .iter()
        .any(|end| name.ends_with(end));
    if is_number {
        let numbers = cells
            .iter()
            .map(|cell| cell.as_deref().map(str::parse).transpose());
        return Ok(Arc::new(numbers.collect::<Result<Float64Array, _>>()?));
    }
    if is_time {
        let times = cells
            .iter()
            .map(|cell| cell.as_deref().map(milliseconds).transpose());
        let times: TimestampMillisecondArray = times.collect::<anyhow::Result<_>>()?;
        return Ok(Arc::new(times.with_timezone("UTC")));
    }
    Ok(Arc::new(StringArray::from(cells)))
}

/// `2025-01-05T00:00:00Z`; the bill's times are all midnights.
fn milliseconds(text: &str) -> anyhow::Result<i64> {
    let (date, time) = text.split_once('T').with_context(|| text.to_owned())?;
    anyhow::ensure!(time == "00:00:00Z", "{text} is no midnight");
    let mut parts = date.splitn(3, '-').map(str::parse::<i64>);
    let mut part = || {
        parts
            .next()
            .with_context(|| text.to_owned())?
            .with_context(|| text.to_owned())
    };
    Ok(midnight(part()?, part()?, part()?) * 1_000)
}
