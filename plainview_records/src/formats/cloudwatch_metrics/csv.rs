//! The CSV form: one point per row, columns named in the header, in any order.

use super::answers::{FILTERED, NO_PERIOD};
use super::definitions::{DAY_S, Metric};
use super::reading::{
    NO_VALUE, Reading, Readings, UNREAD_FIELD, UNREAD_METRIC, instant_text, statistic,
};
use crate::Error;
use crate::formats::refused_header;
use crate::formats::sheet::text::{Delimiter, Next, TextRows};
use crate::run::{Note, Run, SourceFile};

const COLUMNS: &[&str] = &[
    "account",
    "region",
    "bucket",
    "storage_type",
    "metric",
    "timestamp",
    "statistic",
    "value",
    "unit",
    "period",
    "filter",
];
const NEEDED: &[&str] = &["bucket", "metric", "timestamp", "value"];

pub(super) fn read(
    run: &mut Run<'_>,
    file: &SourceFile,
    readings: &mut Readings,
) -> Result<(), Error> {
    let Some((mut rows, columns)) = open(run, file, COLUMNS, NEEDED, readings) else {
        return Ok(());
    };
    loop {
        match rows.advance() {
            Next::End => return Ok(()),
            Next::Stopped(note) => {
                run.note(Some(file), note);
                return Ok(());
            }
            Next::Row => {}
        }
        readings.row += 1;
        let fields = rows.fields();
        if fields.len() == columns.width {
            take(run, file, fields, &columns, readings)?;
        } else {
            let note = wrong_width(readings.row, fields.len(), columns.width);
            run.note(Some(file), note);
        }
    }
}

/// Takes one row.
fn take(
    run: &mut Run<'_>,
    file: &SourceFile,
    fields: &::csv::StringRecord,
    columns: &Columns,
    readings: &mut Readings,
) -> Result<(), Error> {
    let get = |name: &str| columns.get(fields, name);
    let metric = Metric {
        name: get("metric").map(str::to_owned),
        storage_type: get("storage_type").map(str::to_owned),
        ..Metric::default()
    };
    let label = metric.label();
    let Some(meter) = metric.meter() else {
        readings.count(&UNREAD_METRIC, &label, "");
        return Ok(());
    };
    if let Some(filter) = get("filter").filter(|f| *f != "EntireBucket") {
        readings.count(&FILTERED, filter, "");
        return Ok(());
    }
    let Some(value) = get("value") else {
        readings.count(&NO_VALUE, &label, "");
        return Ok(());
    };
    let usual = if meter.is_level { "average" } else { "sum" };
    let statistic = get("statistic").map_or(Some(usual), statistic);
    let start_at = get("timestamp").and_then(instant_text);
    let (Some(statistic), Some(start_at), Some(bucket)) = (statistic, start_at, get("bucket"))
    else {
        let note = Note::lost(
            "bad-row",
            "a row without a readable bucket, timestamp or statistic was not used",
        )
        .row(readings.row)
        .found(fields.iter().take(20).collect::<Vec<_>>().join(","))
        .expected("a bucket, an ISO 8601 timestamp, and Average, Sum, Maximum or Minimum");
        run.note(Some(file), note);
        return Ok(());
    };
    let said = get("period").and_then(|p| p.parse().ok());
    let Some(period_s) = (if meter.is_level { Some(DAY_S) } else { said }) else {
        readings.count(&NO_PERIOD, &label, "");
        return Ok(());
    };
    let reading = Reading {
        account: get("account"),
        container: Some(bucket),
        region: get("region"),
        meter,
        tier: metric.tier(),
        start_at,
        period_s,
        statistic,
        value,
        unit: get("unit"),
    };
    readings.take(run, file, &reading)
}

/// Where the columns of an accepted header are.
pub(in crate::formats) struct Columns {
    names: Vec<String>,
    /// How many fields each row has.
    pub(in crate::formats) width: usize,
}

impl Columns {
    /// The columns of a header; names are compared without regard to case.
    pub(in crate::formats) fn of(header: &::csv::StringRecord) -> Self {
        let names: Vec<String> = header
            .iter()
            .map(|n| n.trim().to_ascii_lowercase())
            .collect();
        Columns {
            width: names.len(),
            names,
        }
    }

    /// A field of a row by its column, if there is anything in it.
    pub(in crate::formats) fn get<'r>(
        &self,
        fields: &'r ::csv::StringRecord,
        name: &str,
    ) -> Option<&'r str> {
        let place = self.names.iter().position(|n| n == name)?;
        fields
            .get(place)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }
}

/// Opens a metric CSV: its rows after the header, or `None` when it was refused with a notice.
pub(in crate::formats) fn open(
    run: &mut Run<'_>,
    file: &SourceFile,
    known: &[&str],
    needed: &[&str],
    readings: &mut Readings,
) -> Option<(TextRows, Columns)> {
    let opened =
        TextRows::open(&file.path, run.input.limits, Delimiter::Sniffed).and_then(|mut rows| {
            match rows.advance() {
                Next::Row => Ok(rows),
                Next::End => {
                    Err(Note::lost("empty-file", "the file is empty").expected("a header"))
                }
                Next::Stopped(note) => Err(note),
            }
        });
    let rows = match opened {
        Ok(rows) => rows,
        Err(note) => {
            run.note(Some(file), note);
            return None;
        }
    };
    let columns = Columns::of(rows.fields());
    let names = &columns.names;
    let missing: Vec<&str> = needed
        .iter()
        .copied()
        .filter(|n| !names.iter().any(|have| have == n))
        .collect();
    if !missing.is_empty() {
        let note = Note::lost(
            "metric-missing-columns",
            format!(
                "the file is refused: columns are missing: {}",
                missing.join(", ")
            ),
        )
        .found(refused_header(names, |place| {
            known.contains(&names[place].as_str())
        }))
        .expected(known.join(", "));
        run.note(Some(file), note);
        return None;
    }
    for name in names.iter().filter(|n| !known.contains(&n.as_str())) {
        readings.count(&UNREAD_FIELD, name, "");
    }
    Some((rows, columns))
}

/// The notice of a row with too few or too many fields.
pub(in crate::formats) fn wrong_width(row: u64, found: usize, expected: usize) -> Note {
    Note::lost(
        "bad-row",
        "a row with the wrong number of fields was not used",
    )
    .row(row)
    .found(format!("{found} fields"))
    .expected(format!("{expected} fields"))
}
