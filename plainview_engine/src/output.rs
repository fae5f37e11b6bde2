//! Query results as text, CSV or JSON.
//!
//! CSV is safe to open in a spreadsheet: a cell that a spreadsheet would run as a formula is quoted
//! with a leading apostrophe, as text from hostile records may begin with `=`, `+`, `-` or `@`.

use std::fmt::Write as _;
use std::str::FromStr;

use arrow_array::{Array as _, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, SchemaRef};

use crate::Error;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
    /// A table for people.
    Text,
    /// RFC 4180 with a header row.
    Csv,
    /// One JSON array of objects; decimals and 64-bit integers as strings where JSON would round.
    Json,
    /// A Parquet file (needs a path).
    Parquet,
}

impl FromStr for OutputFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "csv" => Ok(Self::Csv),
            "json" => Ok(Self::Json),
            "parquet" => Ok(Self::Parquet),
            other => Err(format!(
                "found `{other}`, expected text, csv, json or parquet"
            )),
        }
    }
}

/// Renders `batches` of `schema`; Parquet has no text form and renders as an empty string.
pub fn render(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    format: OutputFormat,
) -> Result<String, Error> {
    match format {
        OutputFormat::Text => {
            let table = arrow_cast::pretty::pretty_format_batches_with_schema(
                std::sync::Arc::clone(schema),
                batches,
            )?;
            Ok(format!("{}\n", harmless(&table.to_string())))
        }
        OutputFormat::Csv => csv(schema, batches),
        OutputFormat::Json => json(schema, batches),
        OutputFormat::Parquet => Ok(String::new()),
    }
}

/// Text for a terminal: control and bidirectional characters from records are shown as a replacement
/// character, so that they cannot drive it.
fn harmless(text: &str) -> String {
    let bidirectional = |c: char| matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown = |c: char| {
        if (c.is_control() && c != '\n') || bidirectional(c) {
            '\u{fffd}'
        } else {
            c
        }
    };
    text.chars().map(shown).collect()
}

fn csv(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<String, Error> {
    let mut out = String::new();
    let names: Vec<String> = schema
        .fields()
        .iter()
        .map(|f| csv_cell(f.name(), true))
        .collect();
    out.push_str(&names.join(","));
    out.push_str("\r\n");
    let options = FormatOptions::new().with_null("");
    for batch in batches {
        let columns = batch
            .columns()
            .iter()
            .map(|c| {
                Ok((
                    ArrayFormatter::try_new(c.as_ref(), &options)?,
                    is_text(c.data_type()),
                ))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        for row in 0..batch.num_rows() {
            for (index, (column, text)) in columns.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&csv_cell(&column.value(row).to_string(), *text));
            }
            out.push_str("\r\n");
        }
    }
    Ok(out)
}

/// Only text can be a formula: a negative number keeps its sign.
fn is_text(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
    )
}

fn csv_cell(value: &str, text: bool) -> String {
    let formula = text && value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let value = if formula {
        format!("'{value}")
    } else {
        value.to_owned()
    };
    if value.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value
    }
}

fn json(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<String, Error> {
    let options = FormatOptions::new().with_null("");
    let mut out = String::from("[");
    let mut first = true;
    for batch in batches {
        let columns = batch
            .columns()
            .iter()
            .map(|c| Ok(ArrayFormatter::try_new(c.as_ref(), &options)?))
            .collect::<Result<Vec<_>, Error>>()?;
        for row in 0..batch.num_rows() {
            out.push_str(if first { "\n{" } else { ",\n{" });
            first = false;
            for (index, column) in columns.iter().enumerate() {
                let array = batch.column(index);
                let value = if array.is_null(row) {
                    "null".to_owned()
                } else {
                    json_value(array.data_type(), &column.value(row).to_string())
                };
                let name = json_text(schema.field(index).name());
                let comma = if index > 0 { "," } else { "" };
                let _ = write!(out, "{comma}{name}:{value}");
            }
            out.push('}');
        }
    }
    out.push_str("\n]\n");
    Ok(out)
}

/// Small integers and booleans are JSON's own; everything else is text, so that no digit is lost.
fn json_value(data_type: &DataType, text: &str) -> String {
    match data_type {
        DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32 => text.to_owned(),
        DataType::Int64 | DataType::UInt64
            if text.trim_start_matches('-').len() <= MAX_EXACT_DIGITS =>
        {
            text.to_owned()
        }
        _ => json_text(text),
    }
}

/// Integers of up to 15 digits survive a reader that keeps numbers as doubles (2^53 has 16).
const MAX_EXACT_DIGITS: usize = 15;

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_drive_a_terminal_and_cells_are_no_formulas() {
        assert_eq!(
            harmless("a\u{1b}[31m\u{202e}b\n"),
            "a\u{fffd}[31m\u{fffd}b\n"
        );
        assert_eq!(csv_cell("=1+1", true), "'=1+1");
        assert_eq!(csv_cell("-5", false), "-5");
        assert_eq!(csv_cell("a\"b", true), "\"a\"\"b\"");
        assert_eq!(
            json_value(&DataType::Int64, "1234567890123456"),
            "\"1234567890123456\""
        );
        assert_eq!(json_value(&DataType::Int64, "-12"), "-12");
    }
}
