//! Lines that two people keyed from one paper: the second keying, and what becomes of rows that differ.
//!
//! An invoice on paper or as PDF is no table. Two people who do not see each other's work key its lines into sheets of the same
//! columns, and the map names the second one:
//!
//! ```toml
//! files = ["sources/invoice-a.csv", "sources/invoice-b.csv"]
//! [source.map]
//! second = "invoice-b.csv"       # the file that the second person keyed; in a workbook, the name of their sheet
//! ```
//!
//! With `second` a file's name, the source has exactly that file and one other. With `second` a sheet's name, both sheets are in
//! one workbook. Rows are compared one by one in their order, empty rows passed over, after their values are read: `1.234,50`
//! and `1234,5` are one amount. The rows of the first keying go to the table:
//!
//! - when both agree in every mapped column: as they are;
//! - when they agree in every amount and differ elsewhere: with a `keying-differs` doubt that names row and column, the first
//!   keying's values kept. Amounts are the columns that hold numbers, and their currency and units;
//! - when they differ in an amount, or one of the two cannot be read: not at all (`keying-amount`, lost);
//! - rows that only one of them has are `keying-row-alone`, lost.
//!
//! A second keying that is not there loses every row of the first (`keying-absent`): one person's typing is no record.

use std::path::Path;

use super::fill::Filler;
use super::fill::Use;
use super::fill::push::{Row, Value};
use super::plan::Plan;
use super::read_file;
use crate::Error;
use crate::limits::KEYED_ROWS_MAX;
use crate::open::{Content, sniff};
use crate::run::{Note, Run, SourceFile};

/// A row of the second keying.
pub(super) struct Keyed {
    /// Its number in its own file.
    pub(super) row_no: u64,
    /// Its values; none when they cannot be read.
    pub(super) row: Option<Row>,
}

/// The second keying, while the first is read.
pub(super) struct Keying {
    rows: std::vec::IntoIter<Keyed>,
    columns: Vec<(&'static str, bool)>,
}

/// Columns that say what a number of another is a number of.
const MEASURES: &[&str] = &["currency", "consumed_unit", "pricing_unit", "unit"];

impl Keying {
    fn new(plan: &Plan, rows: Vec<Keyed>) -> Self {
        let columns = plan
            .filled
            .iter()
            .map(|filled| {
                let is_amount = filled.kind.is_number() || MEASURES.contains(&filled.column);
                (filled.column, is_amount)
            })
            .collect();
        Keying {
            rows: rows.into_iter(),
            columns,
        }
    }

    /// Compares the next row of the first keying, `None` when it cannot be read; whether it may be used.
    pub(super) fn compare(
        &mut self,
        run: &mut Run<'_>,
        file: &SourceFile,
        row_no: u64,
        first: Option<&Row>,
    ) -> bool {
        let Some(second) = self.rows.next() else {
            run.note(
                Some(file),
                alone(row_no, "the second keying has no such row"),
            );
            return false;
        };
        let (Some(first), Some(row)) = (first, &second.row) else {
            if first.is_some() {
                let note = lost(row_no, "the second keying of the row cannot be read")
                    .measured(format!("row {} of the second keying", second.row_no));
                run.note(Some(file), note);
            }
            return false;
        };
        let mut is_borne_out = true;
        for (column, is_amount) in &self.columns {
            if first.value(column) == row.value(column) {
                continue;
            }
            is_borne_out &= !is_amount;
            let message = format!("two keyings of one row differ in `{column}`");
            let note = if *is_amount {
                lost(
                    row_no,
                    &format!("{message}, an amount; the row was not used"),
                )
            } else {
                Note::doubt(
                    "keying-differs",
                    format!("{message}; the first keying was used"),
                )
                .row(row_no)
            };
            let found = format!(
                "{column}: {} and {}",
                shown(first.value(column)),
                shown(row.value(column))
            );
            run.note(
                Some(file),
                note.found(found).expected("the same in both keyings"),
            );
        }
        is_borne_out
    }

    /// Says which rows the second keying has beyond the first.
    pub(super) fn end(&mut self, run: &mut Run<'_>, file: &SourceFile) {
        let surplus: Vec<Keyed> = self.rows.by_ref().collect();
        if let Some(first) = surplus.first() {
            let note = alone(
                first.row_no,
                "the second keying has rows that the first lacks",
            )
            .rows(surplus.len() as u64)
            .measured(format!("from row {} of the second keying", first.row_no));
            run.note(Some(file), note);
        }
    }
}

fn lost(row_no: u64, message: &str) -> Note {
    Note::lost("keying-amount", message).row(row_no)
}

fn alone(row_no: u64, message: &str) -> Note {
    Note::lost("keying-row-alone", message)
        .row(row_no)
        .expected("as many rows in both keyings")
}

/// A value as a person would check it against the paper.
fn shown(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Time(ms)) => jiff::Timestamp::from_millisecond(*ms)
            .map_or_else(|_| ms.to_string(), |instant| instant.to_string()),
        Some(Value::Whole(number)) => number.to_string(),
        Some(Value::Decimal(scaled)) => plain(*scaled),
        Some(Value::Flag(flag)) => flag.to_string(),
    }
}

/// A decimal of twelve places without its trailing zeros.
fn plain(scaled: i128) -> String {
    const ONE: u128 = 1_000_000_000_000;
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, fraction) = (scaled.unsigned_abs() / ONE, scaled.unsigned_abs() % ONE);
    let digits = format!("{fraction:012}");
    match digits.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        digits => format!("{sign}{whole}.{digits}"),
    }
}

/// Reads a source whose map names a second keying.
pub(super) fn read(run: &mut Run<'_>, plan: &Plan, second: &str) -> Result<(), Error> {
    let files = run.plan_data();
    let mut read = Vec::new();
    for file in files {
        if let Some(hashes) = run.hash(&file) {
            read.push((file, hashes.bytes));
        }
    }
    let named = read
        .iter()
        .position(|(file, _)| file.name == second || base(&file.name) == base(second));
    let bytes: u64 = read.iter().map(|(_, bytes)| bytes).sum();
    match (named, read.len()) {
        (Some(at), 2) => {
            let (other, _) = &read[1 - at];
            let kept = keep(run, &read[at].0, plan)?;
            compare(run, other, plan, kept)?;
        }
        (None, 1) if is_workbook(&read[0].0.path) => {
            let (file, _) = &read[0];
            let of_second = Plan {
                sheet: Some(second.to_owned()),
                ..plan.clone()
            };
            let kept = keep(run, file, &of_second)?;
            compare(run, file, plan, kept)?;
        }
        _ => absent(run, &read, second),
    }
    run.advance(bytes);
    Ok(())
}

/// The last segment of a name.
fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn is_workbook(path: &Path) -> bool {
    matches!(sniff(path), Ok(Content::Zip))
}

fn absent(run: &mut Run<'_>, read: &[(SourceFile, u64)], second: &str) {
    let note = || {
        Note::lost(
            "keying-absent",
            "a keying without its second was not used: one person's typing is no record",
        )
        .measured(format!("{} files", read.len()))
        .expected(format!(
            "`{second}` and one other file, or a workbook with that sheet"
        ))
    };
    if read.is_empty() {
        run.note(None, note());
    }
    for (file, _) in read {
        run.note(Some(file), note());
    }
}

/// Reads the second keying; `None` when its file or sheet cannot be read at all.
fn keep(run: &mut Run<'_>, file: &SourceFile, plan: &Plan) -> Result<Vec<Keyed>, Error> {
    let filler = Filler::new(run, plan, Use::Keep(Vec::new()));
    let filler = read_file(run, file, plan, filler)?;
    let mut kept = filler.kept(run, file);
    if kept.len() > KEYED_ROWS_MAX {
        kept.truncate(KEYED_ROWS_MAX);
        let note = Note::lost(
            "keying-too-long",
            "the second keying holds more rows than people key; the rest was not compared",
        )
        .expected(format!("at most {KEYED_ROWS_MAX} rows"));
        run.note(Some(file), note);
    }
    Ok(kept)
}

/// Reads the first keying against the second.
fn compare(
    run: &mut Run<'_>,
    file: &SourceFile,
    plan: &Plan,
    kept: Vec<Keyed>,
) -> Result<(), Error> {
    let keying = Keying::new(plan, kept);
    let filler = Filler::new(run, plan, Use::Compare(keying));
    read_file(run, file, plan, filler)?.end(run, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_as_they_were_written() {
        assert_eq!(plain(1_234_500_000_000_000), "1234.5");
        assert_eq!(plain(-30_000_000_000), "-0.03");
        assert_eq!(plain(0), "0");
        assert_eq!(base("sources/b.csv"), "b.csv");
    }
}
