//! Rows of a sheet into rows of an evidence table.

mod logs;
pub(super) mod push;

use std::borrow::Cow;

use super::Cell;
use super::convert::{Odd, Read, flag};
use super::keyings::{Keyed, Keying};
use super::plan::{Filled, From, Kind, Plan, needed};
use super::tally::{Repeated, Tally};
use crate::limits::KEYED_ROWS_MAX;
use crate::run::{Note, Run, SourceFile};
use crate::tables::activity::ActivityBuilder;
use crate::tables::charges::ChargesBuilder;
use crate::tables::documents::DocumentsBuilder;
use crate::tables::metering::MeteringBuilder;
use crate::tables::objects::ObjectsBuilder;
use crate::tables::requests::RequestsBuilder;
use crate::tables::resources::ResourcesBuilder;
use crate::{Effect, Error, Table, Tokens};

use push::{Bad, Place, Row, Seen, Value};

const SHORT: Repeated = Repeated {
    code: "sheet-short-rows",
    effect: Effect::Doubt,
    expected: "as many fields as headers",
    message: "rows shorter than the header were read as if empty at their end",
};
const ROUNDED: Repeated = Repeated {
    code: "sheet-rounded",
    effect: Effect::Doubt,
    expected: "whole bytes, or at most twelve decimal places",
    message: "numbers were rounded half to even",
};
const SERIAL: Repeated = Repeated {
    code: "sheet-serial-date",
    effect: Effect::Doubt,
    expected: "a date",
    message: "numbers in place of dates were read as a spreadsheet's serial dates",
};
const QUERY: Repeated = Repeated {
    code: "sheet-query-cut",
    effect: Effect::Doubt,
    expected: "a key",
    message: "keys of requests lost what stood behind a question mark, which can be a signature",
};
const AMBIGUOUS: Repeated = Repeated {
    code: "sheet-ambiguous-time",
    effect: Effect::Doubt,
    expected: "times with their offset",
    message: "times in the hour of a clock change were read as the earlier of two, or moved past the gap",
};

/// Declares the builders of the tables that a sheet fills.
macro_rules! builders {
    ($($table:ident: $builder:ident),* $(,)?) => {
        enum Builder {
            $($table(Box<$builder>)),*
        }

        impl Builder {
            /// The builder of `table`; one that no sheet fills is not asked for.
            fn of(table: Table, source: &str) -> Option<Self> {
                match table {
                    $(Table::$table => Some(Builder::$table(Box::new($builder::new(source)))),)*
                    _ => None,
                }
            }

            fn flush_if_full(&mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
                match self {
                    $(Builder::$table(builder) => run.flush_if_full(Table::$table, file, builder.as_mut()),)*
                }
            }

            fn flush(&mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
                match self {
                    $(Builder::$table(builder) => run.flush(Table::$table, file, builder.as_mut()),)*
                }
            }
        }
    };
}

builders! {
    Objects: ObjectsBuilder,
    Requests: RequestsBuilder,
    Activity: ActivityBuilder,
    Metering: MeteringBuilder,
    Charges: ChargesBuilder,
    Resources: ResourcesBuilder,
    Documents: DocumentsBuilder,
}

/// What becomes of the rows of a file.
pub(super) enum Use {
    /// They go to the table.
    Table,
    /// They are a second keying, kept to be compared.
    Keep(Vec<Keyed>),
    /// They go to the table as far as the second keying bears them out.
    Compare(Keying),
}

/// The rows of one file on their way into the table.
pub(super) struct Filler<'p> {
    plan: &'p Plan,
    builder: Option<Builder>,
    usage: Use,
    /// What happens again and again in the file.
    pub(super) tally: Tally,
    provider: String,
    account: String,
    /// Whether this workbook counts days from 1904.
    pub(super) is_1904: bool,
}

impl<'p> Filler<'p> {
    pub(super) fn new(run: &Run<'_>, plan: &'p Plan, usage: Use) -> Self {
        let builder = match usage {
            Use::Keep(_) => None,
            _ => Builder::of(plan.table, &run.input.source_id),
        };
        let (provider, account) = run.input.provider_account("unknown");
        Filler {
            plan,
            builder,
            usage,
            tally: Tally::default(),
            provider,
            account,
            is_1904: false,
        }
    }

    /// Takes one row, its cells in the order of the plan.
    pub(super) fn take(
        &mut self,
        run: &mut Run<'_>,
        file: &SourceFile,
        row_no: u64,
        cells: &[Cell],
        is_short: bool,
    ) -> Result<(), Error> {
        let mapped = self.plan.filled.iter().zip(cells);
        if mapped
            .clone()
            .all(|(filled, cell)| matches!(filled.from, From::Value(_)) || cell.is_empty())
        {
            // A row without any mapped value is white space between blocks, not a record.
            return Ok(());
        }
        if is_short {
            self.tally.add(&SHORT, "", row_no, "");
        }
        let read = self.row(cells, row_no, &run.input.tokens);
        let row = match &mut self.usage {
            Use::Table => read,
            Use::Keep(kept) => {
                // One more than may be compared shows that there are too many.
                if kept.len() <= KEYED_ROWS_MAX {
                    kept.push(Keyed {
                        row_no,
                        row: read.ok(),
                    });
                }
                return Ok(());
            }
            Use::Compare(keying) => {
                let is_borne_out = keying.compare(run, file, row_no, read.as_ref().ok());
                if read.is_ok() && !is_borne_out {
                    return Ok(());
                }
                read
            }
        };
        match row.and_then(|row| self.push(&row, file, row_no)) {
            Ok(seen) => {
                for ms in seen.times.into_iter().flatten() {
                    run.observe_time(ms);
                }
                run.observe_bytes(seen.bytes_current, seen.bytes_all);
                match &mut self.builder {
                    Some(builder) => builder.flush_if_full(run, file),
                    None => Ok(()),
                }
            }
            Err(bad) => {
                let note = Note::lost("bad-row", "a row whose values cannot be read was not used")
                    .row(row_no)
                    .found(format!("{}: {}", bad.column, bad.found))
                    .expected(bad.expected);
                run.note(Some(file), note);
                Ok(())
            }
        }
    }

    /// Reads the cells of one row.
    fn row(&mut self, cells: &[Cell], row_no: u64, tokens: &Tokens) -> Result<Row, Bad> {
        let mut row = Row::default();
        let plan = self.plan;
        let needed = needed(plan.table);
        // Times first: masking keeps epoch times that are near the row's own.
        let times_first = [true, false].into_iter().flat_map(|times| {
            plan.filled
                .iter()
                .zip(cells)
                .filter(move |(f, _)| (f.kind == Kind::Time) == times)
        });
        for (filled, cell) in times_first {
            let constant;
            let cell = match &filled.from {
                From::Column(_) => cell,
                From::Value(value) => {
                    constant = Cell::Text(value.clone());
                    &constant
                }
            };
            if cell.is_empty() {
                if needed.contains(&filled.column) {
                    return Err(Bad {
                        column: filled.column,
                        found: "nothing".to_owned(),
                        expected: "a value",
                    });
                }
                continue;
            }
            let near = row
                .time("modified_at")
                .or_else(|| row.time("start_at"))
                .or_else(|| row.time("charge_start"))
                .or_else(|| row.time("at"))
                .or_else(|| row.time("sent_at"));
            let value = self.value(filled, cell, row_no, near, tokens)?;
            row.set(filled.column, value);
        }
        Ok(row)
    }

    fn value(
        &mut self,
        filled: &Filled,
        cell: &Cell,
        row_no: u64,
        near: Option<i64>,
        tokens: &Tokens,
    ) -> Result<Value, Bad> {
        let bad = |expected| Bad {
            column: filled.column,
            found: cell.shown(),
            expected,
        };
        if let Cell::Error(_) = cell {
            return Err(bad("a value, not an error of the sheet"));
        }
        let mut reading = Cow::Borrowed(&self.plan.reading);
        if self.is_1904 {
            reading.to_mut().is_1904 = true;
        }
        let (value, odd) = match filled.kind {
            Kind::Text { masked } => {
                let text = cell.shown();
                let text = if masked {
                    tokens.text(&text, near).into_owned()
                } else {
                    text
                };
                (Value::Text(text), None)
            }
            Kind::Addresses => (Value::Text(parties(&cell.shown(), tokens)), None),
            Kind::Time => {
                let Read { value, odd } = reading
                    .time(cell)
                    .ok_or_else(|| bad("a time in the map's date_format, or ISO 8601"))?;
                (Value::Time(value), odd)
            }
            Kind::Whole => {
                let Read { value, odd } = reading
                    .whole(cell, filled.factor)
                    .ok_or_else(|| bad("a whole number in the map's locale"))?;
                (Value::Whole(value), odd)
            }
            Kind::Decimal => {
                let Read { value, odd } = reading
                    .decimal(cell, filled.factor)
                    .ok_or_else(|| bad("a number in the map's locale"))?;
                (Value::Decimal(value), odd)
            }
            Kind::Flag => (
                Value::Flag(flag(cell).ok_or_else(|| bad("true or false"))?),
                None,
            ),
        };
        if let Some(odd) = odd {
            let what = match odd {
                Odd::Rounded => &ROUNDED,
                Odd::SerialDate => &SERIAL,
                Odd::AmbiguousTime => &AMBIGUOUS,
            };
            self.tally.add(what, filled.column, row_no, &cell.shown());
        }
        Ok(value)
    }

    /// Appends the row.
    fn push(&mut self, row: &Row, file: &SourceFile, row_no: u64) -> Result<Seen, Bad> {
        let provider = row
            .text("provider")
            .map_or_else(|| self.provider.clone(), str::to_lowercase);
        let account = row.text("account").unwrap_or(&self.account);
        let at = Place {
            file_no: file.no,
            row_no,
            provider: &provider,
            account,
        };
        match &mut self.builder {
            Some(Builder::Objects(builder)) => Ok(push::object(builder, row, &at)),
            Some(Builder::Requests(builder)) => {
                let cut = logs::request(builder, row, &at)?;
                if cut {
                    self.tally.add(&QUERY, "", row_no, "");
                }
                Ok(Seen::at(row))
            }
            Some(Builder::Activity(builder)) => {
                logs::activity(builder, row, &at)?;
                Ok(Seen::at(row))
            }
            Some(Builder::Metering(builder)) => push::metering(builder, row, &at),
            Some(Builder::Charges(builder)) => push::charge(builder, row, &at),
            Some(Builder::Resources(builder)) => {
                logs::resource(builder, row, &at);
                Ok(Seen::default())
            }
            Some(Builder::Documents(builder)) => Ok(push::document(builder, row, &at)),
            None => Ok(Seen::default()),
        }
    }

    /// Gives the counts and the last rows, and what there is to say once all rows are compared.
    pub(super) fn end(mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
        self.tally.give(run, file);
        if let Use::Compare(keying) = &mut self.usage {
            keying.end(run, file);
        }
        match &mut self.builder {
            Some(builder) => builder.flush(run, file),
            None => Ok(()),
        }
    }

    /// Gives the counts, and the rows that were kept.
    pub(super) fn kept(mut self, run: &mut Run<'_>, file: &SourceFile) -> Vec<Keyed> {
        self.tally.give(run, file);
        match self.usage {
            Use::Keep(kept) => kept,
            _ => Vec::new(),
        }
    }
}

/// Addresses set apart by commas or semicolons, each as its party; names around `<...>` are dropped.
fn parties(text: &str, tokens: &Tokens) -> String {
    let address = |piece: &str| {
        let piece = piece.trim();
        let inner = piece
            .rsplit_once('<')
            .map_or(piece, |(_, rest)| rest.trim_end_matches('>'));
        tokens.address(inner.trim()).replace([',', ' '], "_")
    };
    text.split([',', ';'])
        .filter(|p| !p.trim().is_empty())
        .map(address)
        .collect::<Vec<_>>()
        .join(", ")
}
