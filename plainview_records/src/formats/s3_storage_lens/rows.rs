//! One row of a report to one reading.

use super::ALLOWED;
use crate::formats::cloudwatch_metrics::definitions::lens_meter_of;
use crate::formats::cloudwatch_metrics::reading::UNREAD_METRIC;
use crate::formats::inventory::{At as _, BadCell, BadSlot, Fields, Layout, Taker, bad_row};
use crate::formats::sheet::tally::{Repeated, Tally};
use crate::numbers::parse_decimal;
use crate::run::{Note, Run, SourceFile};
use crate::tables::DECIMAL_SCALE;
use crate::tables::metering::{MeteringBuilder, MeteringRow};
use crate::times::DAY_MS;
use crate::{Effect, Error, Table};

// Slots: the order of `ALLOWED`.
const REPORT_DATE: usize = 0;
const ACCOUNT: usize = 1;
const REGION: usize = 2;
const STORAGE_CLASS: usize = 3;
const RECORD_TYPE: usize = 4;
const BUCKET: usize = 5;
const METRIC: usize = 6;
const VALUE: usize = 7;

/// Columns without which a row says nothing.
const NEEDED: [usize; 5] = [REPORT_DATE, ACCOUNT, RECORD_TYPE, METRIC, VALUE];

const OTHER_RECORD: Repeated = Repeated {
    code: "lens-other-record",
    effect: Effect::Unread,
    expected: "ACCOUNT or BUCKET",
    message: "records of other levels count the same bytes again and were not read",
};

/// Fills `metering` from the rows of one file.
pub(super) struct Lens {
    builder: MeteringBuilder,
    tally: Tally,
}

impl Lens {
    /// Rows of a file with this layout; a notice when columns are missing.
    pub(super) fn new(run: &Run<'_>, layout: &Layout) -> Result<Self, Note> {
        let missing: Vec<&str> = NEEDED
            .into_iter()
            .filter(|&slot| layout.places[slot].is_none())
            .map(|slot| ALLOWED[slot])
            .collect();
        if !missing.is_empty() {
            return Err(Note::lost(
                "missing-columns",
                "the file lacks columns without which it cannot be used",
            )
            .found(format!("no {}", missing.join(", no ")))
            .expected("a header, or a manifest with reportSchema"));
        }
        Ok(Self {
            builder: MeteringBuilder::new(&run.input.source_id),
            tally: Tally::default(),
        })
    }

    fn push(
        &mut self,
        run: &mut Run<'_>,
        file_no: u32,
        row_no: u64,
        row: &impl Fields,
    ) -> Result<(), BadSlot> {
        let needed = |slot: usize| {
            row.text(slot).at(slot)?.ok_or((
                slot,
                BadCell {
                    found: "nothing".to_owned(),
                    expected: "a value",
                },
            ))
        };
        let level = needed(RECORD_TYPE)?;
        let container = match level {
            "ACCOUNT" => None,
            "BUCKET" => Some(needed(BUCKET)?),
            other => {
                self.tally.add(&OTHER_RECORD, other, row_no, "");
                return Ok(());
            }
        };
        let metric = needed(METRIC)?;
        let Some(meter) = lens_meter_of(metric) else {
            self.tally.add(&UNREAD_METRIC, metric, row_no, "");
            return Ok(());
        };
        let start_at = row.time(REPORT_DATE).at(REPORT_DATE)?.ok_or((
            REPORT_DATE,
            BadCell {
                found: "nothing".to_owned(),
                expected: "a date",
            },
        ))?;
        let value = value_of(row)?;
        self.builder.push(&MeteringRow {
            file_no,
            row_no,
            provider: "aws",
            account: needed(ACCOUNT)?,
            container,
            region: row.text(REGION).at(REGION)?,
            meter: meter.id,
            tier: row
                .text(STORAGE_CLASS)
                .at(STORAGE_CLASS)?
                .filter(|class| *class != "-"),
            start_at,
            end_at: start_at + DAY_MS,
            statistic: if meter.is_level { "average" } else { "sum" },
            value,
            unit: meter.unit,
        });
        run.observe_time(start_at);
        run.observe_time(start_at + DAY_MS);
        Ok(())
    }
}

/// The metric's value times 10^12: text in CSV, a whole number in Parquet.
fn value_of(row: &impl Fields) -> Result<i128, BadSlot> {
    let bad = |found: &str| {
        let found = found.to_owned();
        let expected = "a number that is not negative";
        (VALUE, BadCell { found, expected })
    };
    if let Ok(text) = row.text(VALUE) {
        let text = text.ok_or_else(|| bad("nothing"))?;
        let number = parse_decimal(text).filter(|number| number.scaled >= 0);
        return number.map(|number| number.scaled).ok_or_else(|| bad(text));
    }
    let count = row.count(VALUE).at(VALUE)?.ok_or_else(|| bad("nothing"))?;
    Ok(i128::from(count) * 10_i128.pow(DECIMAL_SCALE.unsigned_abs().into()))
}

impl Taker for Lens {
    fn take(
        &mut self,
        run: &mut Run<'_>,
        file: &SourceFile,
        row_no: u64,
        row: &impl Fields,
    ) -> Result<(), Error> {
        if let Err((slot, cell)) = self.push(run, file.no, row_no, row) {
            run.note(Some(file), bad_row(row_no, ALLOWED[slot], cell));
        }
        run.flush_if_full(Table::Metering, file, &mut self.builder)
    }

    fn end(&mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
        self.tally.give(run, file);
        run.flush(Table::Metering, file, &mut self.builder)
    }
}
