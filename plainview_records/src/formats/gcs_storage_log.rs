//! `gcs-storage-log`: daily storage logs of Google Cloud Storage buckets.
//!
//! **Form.** CSV with a header and one row per bucket: `bucket`, `storage_byte_hours`. The day is in the file's name alone,
//! `PREFIX_storage_YYYY_MM_DD_HH_MM_SS_ID_v0`; a file without it is lost (`no-day-in-name`), because its rows belong to no
//! time.
//!
//! **What is read.** Each row is a row of `metering`: byte-hours of 24 hours divided by 24 are the average bytes stored, to
//! twelve places and rounded half to even beyond, as meter `stored_bytes`, statistic `average`, unit `B`.
//!
//! **Traps.**
//! - The time in the name is a UTC time, in practice midnight in California (07:00 or 08:00). The reading is given for the
//!   24 hours that begin there; the vendor's pages do not say whether they begin or end there, so a reading can be a day late.
//! - Delivery is not guaranteed, in time or in full: a missing day shows nothing.
//! - A copy that a spreadsheet saved has lost the quotes, which does no harm, or digits of large numbers: a value with an
//!   exponent is kept and counted in `rounded-value`.
//! - The log names no project: the account is the source's.

use std::collections::BTreeSet;

use super::cloudwatch_metrics::documents::Written;
use super::inventory::text::TextFile;
use super::inventory::{At as _, BadCell, BadSlot, Columns, Fields, Taker, bad_row};
use super::text_log::{form_of, say_account};
use crate::detect::Head;
use crate::numbers::parse_decimal;
use crate::run::{Note, Run, SourceFile};
use crate::tables::metering::{MeteringBuilder, MeteringRow, meter};
use crate::times::{DAY_MS, days_from_civil};
use crate::{Error, Table};

/// The fields this reader may read.
pub const ALLOWED: &[&str] = &["bucket", "storage_byte_hours"];

// Slots: the order of `ALLOWED`.
const BUCKET: usize = 0;
const BYTE_HOURS: usize = 1;

const COLUMNS: Columns = Columns {
    allowed: ALLOWED,
    left: &[],
};

const EXPECTED: &str = "CSV with the columns bucket and storage_byte_hours";

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    (head.has_column("bucket") && head.has_column("storagebytehours"))
        .then_some("columns bucket and storage_byte_hours")
}

/// Reads every file of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    say_account(run, "gcp/a-project");
    let mut named = BTreeSet::new();
    let mut met = BTreeSet::new();
    for file in run.plan_data() {
        let Some(hashes) = run.hash(&file) else {
            continue;
        };
        // Two days of an unchanged bucket have the same bytes: only equal files of one day are one.
        if !met.insert((start_in(&file.name), hashes.sha256)) {
            let note = Note::doubt(
                "duplicate-file",
                "the file holds the same bytes as another of this source and day; it was read once",
            );
            run.note(Some(&file), note);
            continue;
        }
        match form_of(run, &file, EXPECTED) {
            None => {}
            Some(Written::Json) => {
                let note = Note::lost("not-a-log", "the file is JSON and was not read");
                run.note(Some(&file), note.expected(EXPECTED));
            }
            Some(Written::Other | Written::Nothing) => read_csv(run, &file, &mut named)?,
        }
    }
    Ok(())
}

fn read_csv(
    run: &mut Run<'_>,
    file: &SourceFile,
    named: &mut BTreeSet<String>,
) -> Result<(), Error> {
    let mut text = TextFile::open(run, file);
    let names = match text.header() {
        Ok(names) => names.unwrap_or_default(),
        Err(note) => {
            run.note(Some(file), note);
            return Ok(());
        }
    };
    let layout = COLUMNS.layout(run, file, &names, named);
    if layout.places.contains(&None) {
        let note = Note::lost(
            "missing-columns",
            "the file lacks columns without which it cannot be used",
        )
        .measured(format!("{} columns", names.len()))
        .expected(ALLOWED.join(", "));
        run.note(Some(file), note);
        return Ok(());
    }
    let mut stored = Stored {
        builder: MeteringBuilder::new(&run.input.source_id),
        account: run.input.provider_account("gcp"),
        start_at: start_in(&file.name),
        rows: 0,
        rounded: 0,
    };
    text.rows(run, file, &layout, &mut stored)
}

/// The time in `.../PREFIX_storage_YYYY_MM_DD_HH_MM_SS_ID_v0`; the last one where the prefix holds another.
fn start_in(name: &str) -> Option<i64> {
    let name = name.rsplit('/').next()?;
    let (_, stamp) = name.rsplit_once("_storage_")?;
    let mut parts = [0_i64; 6];
    let mut texts = stamp.split('_');
    for (part, length) in parts.iter_mut().zip([4, 2, 2, 2, 2, 2]) {
        let text = texts.next()?;
        if text.len() != length {
            return None;
        }
        *part = crate::numbers::parse_count(text.as_bytes())?;
    }
    let [year, month, day, hour, minute, second] = parts;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_from_civil(year, month, day)?;
    Some(days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000)
}

/// Fills the `metering` table from the rows of one file.
struct Stored {
    builder: MeteringBuilder,
    account: (String, String),
    start_at: Option<i64>,
    rows: u64,
    rounded: u64,
}

/// Hours that a log is about.
const HOURS: i128 = 24;

/// `scaled / 24`, rounded half to even.
fn per_hour(scaled: i128) -> i128 {
    let (whole, rest) = (scaled.div_euclid(HOURS), scaled.rem_euclid(HOURS));
    match (rest * 2).cmp(&HOURS) {
        std::cmp::Ordering::Less => whole,
        std::cmp::Ordering::Greater => whole + 1,
        std::cmp::Ordering::Equal => whole + whole % 2,
    }
}

impl Stored {
    fn push(
        &mut self,
        run: &mut Run<'_>,
        start_at: i64,
        file_no: u32,
        row_no: u64,
        row: &impl Fields,
    ) -> Result<(), BadSlot> {
        let bad = |slot, expected| {
            let found = "something else".to_owned();
            (slot, BadCell { found, expected })
        };
        let bucket = row
            .text(BUCKET)
            .at(BUCKET)?
            .ok_or_else(|| bad(BUCKET, "a bucket"))?;
        let text = row.text(BYTE_HOURS).at(BYTE_HOURS)?.unwrap_or("");
        let value = parse_decimal(text)
            .filter(|value| value.scaled >= 0)
            .ok_or_else(|| bad(BYTE_HOURS, "a number of byte-hours"))?;
        self.rounded += u64::from(text.contains(['e', 'E']));
        self.builder.push(&MeteringRow {
            file_no,
            row_no,
            provider: &self.account.0,
            account: &self.account.1,
            container: Some(bucket),
            region: run.input.region.as_deref(),
            meter: meter::STORED_BYTES,
            tier: None,
            start_at,
            end_at: start_at + DAY_MS,
            statistic: "average",
            value: per_hour(value.scaled),
            unit: "B",
        });
        run.observe_time(start_at);
        run.observe_time(start_at + DAY_MS);
        Ok(())
    }
}

impl Taker for Stored {
    fn take(
        &mut self,
        run: &mut Run<'_>,
        file: &SourceFile,
        row_no: u64,
        row: &impl Fields,
    ) -> Result<(), Error> {
        if self.builder.is_full() {
            run.flush(Table::Metering, file, &mut self.builder)?;
        }
        self.rows = row_no;
        if let Some(start_at) = self.start_at
            && let Err((slot, cell)) = self.push(run, start_at, file.no, row_no, row)
        {
            run.note(Some(file), bad_row(row_no, ALLOWED[slot], cell));
        }
        Ok(())
    }

    fn end(&mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
        if self.start_at.is_none() {
            let note = Note::lost(
                "no-day-in-name",
                "the file's name does not say which day it is about, and nothing in it does; none of its rows was used",
            )
            .rows(self.rows)
            .expected("PREFIX_storage_YYYY_MM_DD_HH_MM_SS_ID_v0");
            run.note(Some(file), note);
        }
        if self.rounded > 0 {
            let note = Note::doubt(
                "rounded-value",
                "values have an exponent, as a spreadsheet writes large numbers; digits may be missing",
            )
            .rows(self.rounded)
            .expected("whole byte-hours");
            run.note(Some(file), note);
        }
        run.flush(Table::Metering, file, &mut self.builder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_read_from_the_name() {
        // 2014-01-05T08:00:00Z
        let stamp = Some(1_388_908_800_000);
        let cases = [
            ("logs/box_storage_2014_01_05_08_00_00_021fd_v0", stamp),
            ("box_storage_2014_01_05_08_00_00_021fd_v0.csv.gz", stamp),
            ("a_storage_b_storage_2014_01_05_08_00_00_x_v0", stamp),
            ("box_usage_2014_01_05_08_00_00_021fd_v0", None),
            ("box_storage_2014_13_05_08_00_00_021fd_v0", None),
            ("box_storage_2014_01_05", None),
            ("box_storage_2014_01_05_24_00_00_021fd_v0", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(start_in(name), expected, "{name}");
        }
    }

    #[test]
    fn division_rounds_half_to_even() {
        for (scaled, expected) in [(24, 1), (35, 1), (36, 2), (37, 2), (12, 0), (60, 2), (0, 0)] {
            assert_eq!(per_hour(scaled), expected, "{scaled}");
        }
    }
}
