//! What the two inventory readers share: cells by slot, the CSV and the columnar row loop, and notices about columns.
//!
//! Decodes the columns a format gave a slot and no others.

pub(super) mod columnar;
pub(super) mod plan;
mod records;
pub(super) mod text;

use std::collections::BTreeSet;

use crate::Error;
use crate::numbers::parse_count;
use crate::run::{Note, Run, SourceFile};
use crate::times::parse_iso_ms;

/// A cell that cannot be what its column says.
#[derive(Debug)]
pub(super) struct BadCell {
    /// The cell's text.
    pub(super) found: String,
    /// What it should have been.
    pub(super) expected: &'static str,
}

/// The slot and the cell that made a row unusable.
pub(super) type BadSlot = (usize, BadCell);

/// Adds its slot to a bad cell.
pub(super) trait At<T> {
    /// The same result, with the slot.
    fn at(self, slot: usize) -> Result<T, BadSlot>;
}

impl<T> At<T> for Result<T, BadCell> {
    #[inline]
    fn at(self, slot: usize) -> Result<T, BadSlot> {
        self.map_err(|cell| (slot, cell))
    }
}

/// The cells of one row, by slot. A column that the file lacks, a null and an empty text are all `None`.
pub(super) trait Fields {
    /// The cell as text.
    fn text(&self, slot: usize) -> Result<Option<&str>, BadCell>;
    /// The cell as a whole number of zero or more.
    fn count(&self, slot: usize) -> Result<Option<i64>, BadCell>;
    /// The cell as milliseconds since 1970 UTC.
    fn time(&self, slot: usize) -> Result<Option<i64>, BadCell>;
    /// The cell as true or false.
    fn flag(&self, slot: usize) -> Result<Option<bool>, BadCell>;
}

/// Takes the rows of one file, one by one.
pub(super) trait Taker {
    /// Takes row `row_no` (1-based). A row that cannot be used is a notice.
    fn take(
        &mut self,
        run: &mut Run<'_>,
        file: &SourceFile,
        row_no: u64,
        row: &impl Fields,
    ) -> Result<(), Error>;
    /// Emits what is left, and what was counted.
    fn end(&mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error>;
}

/// Which column of a file fills which slot.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// Slot -> column, for the slots the file has.
    pub(super) places: Vec<Option<usize>>,
    /// How many columns the file has.
    pub(super) width: usize,
}

/// The columns of a format.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    /// The columns that may be read; a column's slot is its index here.
    pub(super) allowed: &'static [&'static str],
    /// Columns that the format defines and this reader leaves alone.
    pub(super) left: &'static [&'static str],
}

/// A column name without case, `-`, `_` and spaces: the writers of one format differ in these.
pub(super) fn plain(name: &str) -> String {
    name.chars()
        .filter(|character| !matches!(character, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

impl Columns {
    /// The slot of a column name, if it may be read.
    fn slot(&self, name: &str) -> Option<usize> {
        let name = plain(name);
        self.allowed
            .iter()
            .position(|allowed| plain(allowed) == name)
    }

    /// Whether the format defines a column of this name.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.slot(name).is_some() || self.left.iter().any(|known| plain(known) == plain(name))
    }

    /// The layout of a file with these columns. Columns that are not read are named in notices, each once per source.
    pub(super) fn layout<S: AsRef<str>>(
        &self,
        run: &mut Run<'_>,
        file: &SourceFile,
        names: &[S],
        named: &mut BTreeSet<String>,
    ) -> Layout {
        let mut places = vec![None; self.allowed.len()];
        if !names.iter().any(|name| self.slot(name.as_ref()).is_some()) {
            // These may be the cells of a first row whose header was cut off: they are not shown as names.
            let note = Note::lost(
                "no-header",
                "none of the columns is known, so the first row is no header",
            )
            .measured(format!("{} columns", names.len()))
            .expected(self.allowed.join(", "));
            run.note(Some(file), note);
            return Layout {
                places,
                width: names.len(),
            };
        }
        let mut left = Vec::new();
        for (column, name) in names.iter().enumerate() {
            let name = name.as_ref();
            if let Some(slot) = self.slot(name) {
                if places[slot].is_none() {
                    places[slot] = Some(column);
                } else {
                    let note = Note::doubt(
                        "duplicate-column",
                        "a column occurs twice; the first one was read",
                    )
                    .found(name);
                    run.note(Some(file), note);
                }
            } else if named.insert(plain(name)) {
                if self.left.iter().any(|known| plain(known) == plain(name)) {
                    left.push(name);
                } else {
                    let note = Note::unread(
                        "unknown-column",
                        "a column that this format does not define was not read",
                    )
                    .found(name)
                    .expected(self.allowed.join(", "));
                    run.note(Some(file), note);
                }
            }
        }
        if !left.is_empty() {
            let note = Note::unread(
                "column-not-read",
                "columns outside the allow-list were not read",
            )
            .found(left.join(", "));
            run.note(Some(file), note);
        }
        Layout {
            places,
            width: names.len(),
        }
    }
}

/// The notice of a row that was not used because of one cell.
pub(super) fn bad_row(row_no: u64, column: &str, cell: BadCell) -> Note {
    Note::lost(
        "bad-row",
        format!("a row was not used: its {column} is not what it should be"),
    )
    .row(row_no)
    .found(cell.found)
    .expected(cell.expected)
}

/// Text as a whole number of zero or more.
#[inline]
fn text_count(text: &str) -> Result<i64, BadCell> {
    parse_count(text.as_bytes()).ok_or_else(|| BadCell {
        found: text.to_owned(),
        expected: "a whole number from 0 to 2^63-1",
    })
}

/// Text as milliseconds since 1970 UTC: ISO 8601, else the form of HTTP headers, which some tools pass on.
#[inline]
fn text_time(text: &str) -> Result<i64, BadCell> {
    parse_iso_ms(text.as_bytes())
        .or_else(|| http_time(text))
        .ok_or_else(|| BadCell {
            found: text.to_owned(),
            expected: "a time such as 2024-05-06T22:37:48.000Z",
        })
}

/// `Mon, 06 May 2024 22:37:48 GMT`.
#[cold]
fn http_time(text: &str) -> Option<i64> {
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

/// Text as true or false, in any case.
#[inline]
fn text_flag(text: &str) -> Result<bool, BadCell> {
    if text.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if text.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(BadCell {
            found: text.to_owned(),
            expected: "true or false",
        })
    }
}
