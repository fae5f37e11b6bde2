//! `azure-monitor-metrics`: what Azure Monitor keeps about storage accounts, in the forms it is exported in.
//!
//! **Forms**, told by their content; any of them may be gzip-compressed.
//! 1. The answer of the metrics REST call and of `az monitor metrics list`: `{"interval", "timespan", "resourceregion",
//!    "value": [{"id", "name": {"value"}, "unit", "timeseries": [{"metadatavalues": [...], "data": [{"timeStamp", "average",
//!    "total", ...}]}]}]}`.
//! 2. Metrics that diagnostic settings deliver, one JSON object per line (or in `{"records": [...]}`): `{"time",
//!    "resourceId", "metricName", "timeGrain", "average", "total", "maximum", "minimum", "count"}`.
//! 3. CSV with a header of these names in any order: `account` or `resource_id`, `metric`, `timestamp`, `value`, `interval`
//!    (such as `PT1H`), `statistic`, `unit`, `tier`, `region`; an account, `metric`, `timestamp` and `value` must be there.
//!
//! **What is read.** `UsedCapacity`, `BlobCapacity`, `BlobCount`, `Egress`, `Ingress`, `Transactions`. Other metrics are named
//! in a `metric-unread` notice. The account is the storage account of the resource id, in lower case; `tier` is the
//! dimension `Tier`. Readings are kept per account, so `container` is null. Each point is one row of `metering`: the average
//! of a level, the total of a flow. Row numbers count points. A series split by blob type gives one row per blob type.
//!
//! **Traps.**
//! - `UsedCapacity` counts files, queues and tables besides blobs. For an account and day that `BlobCapacity` speaks of, it is
//!   not kept (`azure-used-capacity-not-kept`), because the sum would count blobs twice.
//! - A point without a value is a gap in the provider's own records: `metric-no-value`.
//! - Resource ids come in upper case in one form and in mixed case in the other.
//! - A missing interval is an hour for the capacity metrics; for flows the point is lost (`metric-no-period`).

pub(in crate::formats) mod points;

use std::collections::BTreeSet;

use crate::Error;
use crate::formats::cloudwatch_metrics::documents::{Met, Written, each_document, written};
use crate::formats::cloudwatch_metrics::form_of;
use crate::formats::cloudwatch_metrics::reading::{
    NO_VALUE, Reading, Readings, UNREAD_FIELD, UNREAD_METRIC,
};
use crate::formats::sheet::tally::Repeated;
use crate::run::{Note, Run, SourceFile};
use crate::times::DAY_MS;
use crate::{Effect, Limits};

use points::{Outcome, Point};

/// The fields this reader may read.
pub const ALLOWED: &[&str] = &[
    "interval",
    "timespan",
    "resourceregion",
    "value",
    "id",
    "name",
    "unit",
    "timeseries",
    "metadatavalues",
    "data",
    "timeStamp",
    "average",
    "total",
    "maximum",
    "minimum",
    "count",
    "records",
    "time",
    "resourceId",
    "metricName",
    "timeGrain",
    "account",
    "resource_id",
    "metric",
    "timestamp",
    "statistic",
    "tier",
    "region",
];

const USED_CAPACITY: Repeated = Repeated {
    code: "azure-used-capacity-not-kept",
    effect: Effect::Unread,
    expected: "",
    message: "UsedCapacity counts blobs again where BlobCapacity is given too; it was not kept there",
};

/// The most account-days that are remembered to have a `BlobCapacity`.
const DAYS_MAX: usize = 2_000_000;

/// Accounts and days since 1970 that `BlobCapacity` speaks of.
type BlobDays = BTreeSet<(String, i64)>;

/// Reads every file of the source as Azure Monitor metrics.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    let files = run.plan_data();
    let mut blob_days = BlobDays::new();
    for file in &files {
        note_blob_days(file, run.input.limits, &mut blob_days);
    }
    for file in files {
        let Some(hashes) = run.hash_once(&file) else {
            continue;
        };
        if let Some(form) = form_of(run, &file, "azure-metrics-unknown-form") {
            let mut readings = Readings::new(run, "azure");
            match form {
                Written::Json => read_json(run, &file, &blob_days, &mut readings)?,
                Written::Other | Written::Nothing => {
                    read_csv(run, &file, &blob_days, &mut readings)?;
                }
            }
            readings.end(run, &file)?;
        }
        run.advance(hashes.bytes);
    }
    Ok(())
}

/// A first pass over a JSON file, for the days that need no `UsedCapacity`. Its troubles are told in the second.
fn note_blob_days(file: &SourceFile, limits: Limits, days: &mut BlobDays) {
    let mut remember = |point: &Point<'_>| {
        if point.metric == "BlobCapacity"
            && let (Some(account), Some(at)) = (&point.account, point.start_at)
            && point.value.is_some()
            && days.len() < DAYS_MAX
        {
            days.insert((account.clone(), at.div_euclid(DAY_MS)));
        }
    };
    if written(&file.path, limits).is_ok_and(|w| w == Written::Json) {
        each_document(&file.path, limits, |met| {
            if let Met::Document(document) = met {
                points::of_document(&document, &mut |outcome| {
                    if let Outcome::Point(point) = outcome {
                        remember(&point);
                    }
                });
            }
            true
        });
    } else {
        points::each_csv_point(file, limits, &mut remember);
    }
}

fn read_json(
    run: &mut Run<'_>,
    file: &SourceFile,
    blob_days: &BlobDays,
    readings: &mut Readings,
) -> Result<(), Error> {
    let mut outcome = Ok(());
    each_document(&file.path, run.input.limits, |met| {
        match met {
            Met::Document(document) => points::of_document(&document, &mut |found| {
                if outcome.is_ok() {
                    outcome = take(run, file, found, blob_days, readings);
                }
            }),
            Met::Trouble(note) => run.note(Some(file), note),
        }
        outcome.is_ok()
    });
    outcome
}

fn read_csv(
    run: &mut Run<'_>,
    file: &SourceFile,
    blob_days: &BlobDays,
    readings: &mut Readings,
) -> Result<(), Error> {
    points::of_csv(run, file, readings, |run, outcome, readings| {
        take(run, file, outcome, blob_days, readings)
    })
}

/// Takes one thing found in an export.
fn take(
    run: &mut Run<'_>,
    file: &SourceFile,
    outcome: Outcome<'_>,
    blob_days: &BlobDays,
    readings: &mut Readings,
) -> Result<(), Error> {
    match outcome {
        Outcome::Unread(field) => {
            readings.count(&UNREAD_FIELD, field, "");
            Ok(())
        }
        Outcome::Unknown(found) => {
            let note = Note::lost(
                "azure-metrics-unknown-form",
                "a document of no known form was not used",
            )
            .found(found)
            .expected("`value` with `timeseries`, or `metricName` with `time`");
            run.note(Some(file), note);
            Ok(())
        }
        Outcome::Point(point) => take_point(run, file, &point, blob_days, readings),
    }
}

/// Takes one point, if it is a reading.
fn take_point(
    run: &mut Run<'_>,
    file: &SourceFile,
    point: &Point<'_>,
    blob_days: &BlobDays,
    readings: &mut Readings,
) -> Result<(), Error> {
    readings.row += 1;
    let Some(meter) = points::meter(point.metric) else {
        readings.count(&UNREAD_METRIC, point.metric, "");
        return Ok(());
    };
    let bad = |found: &str, expected: &str| {
        Note::lost("bad-row", "a point that cannot be read was not used")
            .row(readings.row)
            .found(found)
            .expected(expected)
    };
    let Some(account) = point.account.as_deref() else {
        run.note(
            Some(file),
            bad(
                "no storage account",
                "a resource id of a storage account, or an account",
            ),
        );
        return Ok(());
    };
    let Some(start_at) = point.start_at else {
        run.note(Some(file), bad("no readable time", "ISO 8601"));
        return Ok(());
    };
    let Some((value, statistic)) = point.value.as_ref().map(|(v, s)| (v.as_str(), *s)) else {
        readings.count(&NO_VALUE, point.metric, "");
        return Ok(());
    };
    if point.metric == "UsedCapacity"
        && blob_days.contains(&(account.to_owned(), start_at.div_euclid(DAY_MS)))
    {
        readings.count(&USED_CAPACITY, account, "");
        return Ok(());
    }
    let Some(period_s) = point.period_s.or(meter.is_level.then_some(3600)) else {
        readings.count(&points::NO_PERIOD, point.metric, "");
        return Ok(());
    };
    let reading = Reading {
        account: Some(account),
        container: None,
        region: point.region.as_deref(),
        meter,
        tier: point.tier.as_deref(),
        start_at,
        period_s,
        statistic,
        value,
        unit: point.unit.as_deref(),
    };
    readings.take(run, file, &reading)
}
