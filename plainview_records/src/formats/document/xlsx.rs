//! XLSX as a document: what its sheets show, for reading and quoting; for rows with units use format `table`.
//!
//! **Read.** Sheet by sheet in the workbook's order: the sheet's name on a line of its own, then a line for each row that
//! holds anything, cells set apart by tabs. A form feed ends a sheet. Values are the stored ones: formulas are not run, and a
//! formula that was never calculated shows nothing. Dates are shown as `YYYY-MM-DD hh:mm:ss`. Hidden sheets are read like
//! others and counted (`document-hidden-sheet`). **Not read.** Comments, charts, pictures, links, macros.
//!
//! It refuses workbooks whose parts unpack to more than [`DOCUMENT_UNPACKED_BYTES_MAX`].

use std::io::Cursor;

use calamine::{DataRef, Reader as _, SheetVisible, Xlsx};

use crate::limits::{DOCUMENT_TEXT_BYTES_MAX, DOCUMENT_UNPACKED_BYTES_MAX};

use super::extract::{ExtractFailure, Extracted};
use super::package;

/// Reads a workbook.
pub(super) fn extract(bytes: &[u8]) -> Result<Extracted, ExtractFailure> {
    package::measure(bytes, DOCUMENT_UNPACKED_BYTES_MAX)?;
    let damaged = || ExtractFailure::Unreadable("a damaged workbook".to_owned());
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let mut found = Extracted {
        title: package::title(bytes),
        ..Extracted::default()
    };
    let sheets = book.sheets_metadata().to_vec();
    let hidden = sheets
        .iter()
        .filter(|sheet| sheet.visible != SheetVisible::Visible);
    found.odd("document-hidden-sheet", hidden.count() as u64);
    let mut unreadable = 0;
    for (at, sheet) in sheets.iter().enumerate() {
        if at > 0 {
            found.text.push('\u{c}');
        }
        found.text.push_str(&plain(&sheet.name));
        found.text.push('\n');
        if rows(&mut book, &sheet.name, &mut found.text).is_none() {
            unreadable += 1;
        }
        if found.text.len() > DOCUMENT_TEXT_BYTES_MAX {
            break;
        }
    }
    found.odd("document-sheet-unreadable", unreadable);
    Ok(found)
}

/// Appends the rows of a sheet; none when it is damaged, with the rows before appended.
fn rows(book: &mut Xlsx<Cursor<&[u8]>>, name: &str, text: &mut String) -> Option<()> {
    let mut reader = book.worksheet_cells_reader(name).ok()?;
    let mut row = None;
    while let Some(cell) = reader.next_cell().ok()? {
        let shown = shown(cell.get_value());
        if shown.is_empty() {
            continue;
        }
        let at = cell.get_position().0;
        match row {
            Some(row) if row == at => text.push('\t'),
            Some(_) => text.push('\n'),
            None => {}
        }
        row = Some(at);
        text.push_str(&shown);
        if text.len() > DOCUMENT_TEXT_BYTES_MAX {
            break;
        }
    }
    Some(())
}

/// A cell as a person sees it, on one line.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(whole) => whole.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(date) if date.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        DataRef::DateTime(duration) => duration.as_f64().to_string(),
        DataRef::SharedString(text) => plain(text),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            plain(text)
        }
        DataRef::Error(error) => error.to_string(),
    }
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
