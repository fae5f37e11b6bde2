//! Small query results as text cells: what the review itself asks of the engine.
//!
//! Cells are the engine's exact text of integers and decimals; nothing is rounded on the way.

use anyhow::{Context as _, Result, anyhow};
use arrow_array::Array as _;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use plainview_engine::Engine;
use plainview_weigh::facts::RowRef;

/// Bits of a row reference below the file number; the views pack `file_no * 2^40 + row_no`.
const ROW_BITS: u32 = 40;

/// One row of a result, by column name.
pub(crate) struct Row<'a> {
    names: &'a [String],
    cells: Vec<Option<String>>,
}

impl Row<'_> {
    /// The cell of `column`, or none when it is null or the query has no such column.
    pub(crate) fn maybe(&self, column: &str) -> Option<&str> {
        let at = self.names.iter().position(|name| name == column)?;
        self.cells.get(at)?.as_deref()
    }

    /// Every cell that is not null.
    pub(crate) fn cells(&self) -> Vec<&str> {
        self.cells.iter().flatten().map(String::as_str).collect()
    }

    /// The cell of `column`; null is an error.
    pub(crate) fn text(&self, column: &str) -> Result<String> {
        let cell = self
            .maybe(column)
            .ok_or_else(|| anyhow!("column {column} is null"))?;
        Ok(cell.to_owned())
    }

    /// The cell of `column` as a whole number; a decimal's zero fraction is dropped.
    pub(crate) fn number<T: std::str::FromStr>(&self, column: &str) -> Result<T> {
        let cell = self.text(column)?;
        let whole = cell
            .split_once('.')
            .map_or(cell.as_str(), |(whole, _)| whole);
        whole
            .parse()
            .map_err(|_| anyhow!("column {column}: found {cell}, expected a whole number"))
    }

    /// Where the row's first record is written.
    pub(crate) fn first_row(&self) -> Result<RowRef> {
        let packed: u64 = self.number("first_row")?;
        let file_no = u32::try_from(packed >> ROW_BITS).context("file number")?;
        Ok(RowRef {
            file_no,
            row_no: packed & ((1 << ROW_BITS) - 1),
        })
    }
}

/// Runs `sql` and gives each row to `make`, in the query's order.
pub(crate) fn collect<T>(
    engine: &Engine,
    sql: &str,
    mut make: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let (schema, batches) = engine.ask(sql)?;
    let names: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
    let options = FormatOptions::new();
    let mut out = Vec::new();
    for batch in &batches {
        let columns = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
            .collect::<Result<Vec<_>, _>>()?;
        for at in 0..batch.num_rows() {
            let cells = columns
                .iter()
                .enumerate()
                .map(|(c, column)| {
                    batch
                        .column(c)
                        .is_valid(at)
                        .then(|| column.value(at).to_string())
                })
                .collect();
            out.push(make(&Row {
                names: &names,
                cells,
            })?);
        }
    }
    Ok(out)
}
