//! The JSON forms: answers of the two query calls, and records of a metric stream.

use serde_json::Value;

use super::definitions::{Definitions, Metric};
use super::reading::{
    NO_VALUE, Reading, Readings, UNREAD_FIELD, UNREAD_METRIC, instant, scalar, statistic,
};
use crate::formats::sheet::tally::Repeated;
use crate::numbers::parse_decimal;
use crate::run::{Note, Run, SourceFile};
use crate::{Effect, Error};

/// The period of a metric stream's own points, in seconds.
const STREAM_PERIOD_S: i64 = 60;

pub(super) const FILTERED: Repeated = Repeated {
    code: "cloudwatch-filtered",
    effect: Effect::Unread,
    expected: "FilterId EntireBucket, or record_type ACCOUNT or BUCKET without a class",
    message: "metrics of a part of a bucket or account, or of several accounts, were not read",
};
const ASSUMED: Repeated = Repeated {
    code: "cloudwatch-statistic-assumed",
    effect: Effect::Doubt,
    expected: "the query's Stat",
    message: "values whose statistic is not said were taken as the usual one",
};
pub(super) const NO_PERIOD: Repeated = Repeated {
    code: "metric-no-period",
    effect: Effect::Lost,
    expected: "a Period in seconds, or several points",
    message: "points whose period is unknown were not used",
};
const NO_STATISTIC: Repeated = Repeated {
    code: "cloudwatch-no-statistic",
    effect: Effect::Lost,
    expected: "Average, Sum, Maximum or Minimum",
    message: "points of a statistic that is not read were not used",
};

/// Whether a document only says what was asked for.
pub(super) fn is_definition(document: &Value) -> bool {
    let holds = |key: &str| document.get(key).is_some();
    (holds("MetricDataQueries") || holds("Metrics") || holds("MetricStat"))
        && !holds("MetricDataResults")
        && !holds("Datapoints")
}

/// Takes the readings of one document.
pub(super) fn take(
    run: &mut Run<'_>,
    file: &SourceFile,
    document: &Value,
    shared: &Definitions,
    readings: &mut Readings,
) -> Result<(), Error> {
    if document.get("metric_name").is_some() {
        return stream_record(run, file, document, readings);
    }
    if is_definition(document) {
        return Ok(());
    }
    let mut own = Definitions::default();
    own.add(document);
    unread_fields(document, KNOWN, readings);
    if let Some(results) = document.get("MetricDataResults").and_then(Value::as_array) {
        for result in results {
            metric_data(run, file, document, result, (&own, shared), readings)?;
        }
        return Ok(());
    }
    if let Some(points) = document.get("Datapoints").and_then(Value::as_array) {
        return statistics(run, file, document, points, &own, readings);
    }
    let note = Note::lost(
        "cloudwatch-unknown-form",
        "a document of no known form was not used",
    )
    .found(keys(document))
    .expected("Datapoints, MetricDataResults, or a metric stream's record");
    run.note(Some(file), note);
    Ok(())
}

const KNOWN: &[&str] = &[
    "Namespace",
    "MetricName",
    "Dimensions",
    "Region",
    "AccountId",
    "Period",
    "Stat",
    "Statistic",
    "Label",
    "Datapoints",
    "Metrics",
    "MetricDataQueries",
    "MetricDataResults",
];
const KNOWN_IN_STREAM: &[&str] = &[
    "metric_stream_name",
    "account_id",
    "region",
    "namespace",
    "metric_name",
    "dimensions",
    "timestamp",
    "value",
    "unit",
];

fn unread_fields(document: &Value, known: &[&str], readings: &mut Readings) {
    for key in document.as_object().into_iter().flat_map(|o| o.keys()) {
        if !known.contains(&key.as_str()) {
            readings.count(&UNREAD_FIELD, key, "");
        }
    }
}

fn keys(document: &Value) -> String {
    let keys = document
        .as_object()
        .into_iter()
        .flat_map(|o| o.keys())
        .take(20);
    keys.cloned().collect::<Vec<_>>().join(", ")
}

/// Whether the points of a metric are read; if not, they are counted as unread or lost.
fn readable(
    run: &mut Run<'_>,
    file: &SourceFile,
    metric: &Metric,
    points: usize,
    readings: &mut Readings,
) -> bool {
    if metric.name.is_some() && metric.meter().is_none() {
        for _ in 0..points {
            readings.row += 1;
            readings.count(&UNREAD_METRIC, &metric.label(), "");
        }
        return false;
    }
    if let Some(scope) = metric.other_scope() {
        for _ in 0..points {
            readings.row += 1;
            readings.count(&FILTERED, &scope, "");
        }
        return false;
    }
    if metric.meter().is_none() || (metric.bucket.is_none() && !metric.is_of_account()) {
        let rows = points as u64;
        readings.row += rows;
        let note = Note::lost(
            "cloudwatch-no-metric",
            "points that do not say which bucket and metric they are of were not used",
        )
        .rows(rows)
        .found(metric.label())
        .expected("MetricName and the dimension BucketName, in the file or in a file of queries");
        run.note(Some(file), note);
        return false;
    }
    true
}

/// One point of a series, before it is a reading.
struct Point {
    at: Option<i64>,
    value: String,
    statistic: &'static str,
    unit: Option<String>,
}

/// `get-metric-statistics`.
fn statistics(
    run: &mut Run<'_>,
    file: &SourceFile,
    document: &Value,
    points: &[Value],
    own: &Definitions,
    readings: &mut Readings,
) -> Result<(), Error> {
    let mut metric = Metric::of(document);
    if let Some(listed) = own.only() {
        metric = metric.or(listed);
    }
    metric.name = metric.name.or_else(|| scalar(document.get("Label")));
    if !readable(run, file, &metric, points.len(), readings) {
        return Ok(());
    }
    let is_level = metric.meter().is_some_and(|m| m.is_level);
    let order: &[&str] = if is_level {
        &["Average", "Maximum", "Minimum", "Sum"]
    } else {
        &["Sum", "Average", "Maximum", "Minimum"]
    };
    let series: Vec<Point> = points
        .iter()
        .map(|point| {
            let best = order
                .iter()
                .find_map(|key| Some((scalar(point.get(*key))?, statistic(key)?)));
            let (value, statistic) = best.unwrap_or((String::new(), "average"));
            Point {
                at: point.get("Timestamp").and_then(instant),
                value,
                statistic,
                unit: scalar(point.get("Unit")),
            }
        })
        .collect();
    emit(run, file, &metric, &series, readings)
}

/// One series of `get-metric-data`.
fn metric_data(
    run: &mut Run<'_>,
    file: &SourceFile,
    document: &Value,
    result: &Value,
    (own, shared): (&Definitions, &Definitions),
    readings: &mut Readings,
) -> Result<(), Error> {
    let id = scalar(result.get("Id")).unwrap_or_default();
    let asked = own
        .by_id(&id)
        .or_else(|| own.only())
        .or_else(|| shared.by_id(&id))
        .or_else(|| shared.only());
    let metric = asked.cloned().unwrap_or_default().or(&Metric::of(document));
    let list = |key: &str| {
        result
            .get(key)
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice)
    };
    let (times, values) = (list("Timestamps"), list("Values"));
    tell_partial(run, file, &id, result, times.len(), values.len());
    let count = times.len().min(values.len());
    if !readable(run, file, &metric, count, readings) {
        return Ok(());
    }
    let is_level = metric.meter().is_some_and(|m| m.is_level);
    let said = metric.stat.as_deref().map(statistic);
    if said == Some(None) {
        for _ in 0..count {
            readings.row += 1;
            readings.count(
                &NO_STATISTIC,
                metric.stat.as_deref().unwrap_or_default(),
                "",
            );
        }
        return Ok(());
    }
    let usual = if is_level { "average" } else { "sum" };
    if said.is_none() && count > 0 {
        readings.count(&ASSUMED, &metric.label(), usual);
    }
    let series: Vec<Point> = times
        .iter()
        .zip(values)
        .map(|(time, value)| Point {
            at: instant(time),
            value: scalar(Some(value)).unwrap_or_default(),
            statistic: said.flatten().unwrap_or(usual),
            unit: None,
        })
        .collect();
    emit(run, file, &metric, &series, readings)
}

/// Tells of an answer that is not whole.
fn tell_partial(
    run: &mut Run<'_>,
    file: &SourceFile,
    id: &str,
    result: &Value,
    times: usize,
    values: usize,
) {
    let status = scalar(result.get("StatusCode")).unwrap_or_else(|| "Complete".to_owned());
    if status != "Complete" {
        let note = Note::lost(
            "cloudwatch-partial",
            "an answer of CloudWatch is not whole; what it holds was used",
        )
        .found(format!("{id}: StatusCode {status}"))
        .expected("StatusCode Complete");
        run.note(Some(file), note);
    }
    if times != values {
        let short = times.abs_diff(values) as u64;
        let note = Note::lost(
            "bad-row",
            "values and timestamps of a series differ in number; the surplus was not used",
        )
        .rows(short)
        .found(format!("{times} timestamps, {values} values"))
        .expected("one value for each timestamp");
        run.note(Some(file), note);
    }
}

/// Turns a series into readings, one row number per point.
fn emit(
    run: &mut Run<'_>,
    file: &SourceFile,
    metric: &Metric,
    series: &[Point],
    readings: &mut Readings,
) -> Result<(), Error> {
    let Some(meter) = metric.meter() else {
        return Ok(());
    };
    // The storage metrics are taken once a day; another period asked for changes nothing in that.
    let period = metric
        .fixed_period_s()
        .or(metric.period_s)
        .or_else(|| smallest_step(series));
    for point in series {
        readings.row += 1;
        let Some(start_at) = point.at else {
            let note = Note::lost(
                "bad-row",
                "a point without a readable timestamp was not used",
            )
            .row(readings.row)
            .expected("ISO 8601, or seconds or milliseconds since 1970");
            run.note(Some(file), note);
            continue;
        };
        let Some(period_s) = period else {
            readings.count(&NO_PERIOD, &metric.label(), "");
            continue;
        };
        if point.value.is_empty() {
            readings.count(&NO_VALUE, &metric.label(), "");
            continue;
        }
        let reading = Reading {
            account: metric.account.as_deref(),
            container: metric.bucket.as_deref().filter(|_| !metric.is_of_account()),
            region: metric.region.as_deref(),
            meter,
            tier: metric.tier(),
            start_at,
            period_s,
            statistic: point.statistic,
            value: &point.value,
            unit: point.unit.as_deref(),
        };
        readings.take(run, file, &reading)?;
    }
    Ok(())
}

/// The smallest step between points, in seconds; `None` for fewer than two times.
fn smallest_step(series: &[Point]) -> Option<i64> {
    let mut times: Vec<i64> = series.iter().filter_map(|p| p.at).collect();
    times.sort_unstable();
    times.dedup();
    times
        .windows(2)
        .filter_map(|pair| pair[1].checked_sub(pair[0]))
        .min()
        .map(|ms| ms / 1000)
}

/// One record of a metric stream.
fn stream_record(
    run: &mut Run<'_>,
    file: &SourceFile,
    record: &Value,
    readings: &mut Readings,
) -> Result<(), Error> {
    unread_fields(record, KNOWN_IN_STREAM, readings);
    let mut metric = Metric {
        namespace: scalar(record.get("namespace")),
        name: scalar(record.get("metric_name")),
        account: scalar(record.get("account_id")),
        region: scalar(record.get("region")),
        period_s: Some(STREAM_PERIOD_S),
        ..Metric::default()
    };
    for (name, value) in record
        .get("dimensions")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        if let Some(value) = scalar(Some(value)) {
            metric.set_dimension(name, value);
        }
    }
    if !readable(run, file, &metric, 1, readings) {
        return Ok(());
    }
    let is_level = metric.meter().is_some_and(|m| m.is_level);
    let value = record.get("value");
    let part = |key: &str| scalar(value.and_then(|v| v.get(key)));
    let found = if is_level {
        average(part("sum"), part("count"))
    } else {
        part("sum")
    };
    let point = Point {
        at: record.get("timestamp").and_then(instant),
        value: found.unwrap_or_default(),
        statistic: if is_level { "average" } else { "sum" },
        unit: scalar(record.get("unit")),
    };
    emit(run, file, &metric, &[point], readings)
}

/// `sum / count` as decimal text of twelve places, rounded half to even.
fn average(sum: Option<String>, count: Option<String>) -> Option<String> {
    const ONE: i128 = 1_000_000_000_000;
    let sum = sum?;
    let count = parse_decimal(&count?)?.scaled;
    if count == ONE {
        return Some(sum);
    }
    if count <= 0 || count % ONE != 0 {
        return None;
    }
    let (sum, count) = (parse_decimal(&sum)?.scaled, count / ONE);
    if sum < 0 {
        return None;
    }
    let (whole, rest) = (sum / count, sum % count);
    let up = 2 * rest > count || (2 * rest == count && whole % 2 == 1);
    let scaled = whole + i128::from(up);
    Some(format!("{}.{:012}", scaled / ONE, scaled % ONE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_of_a_stream_are_exact() {
        let check = |sum: &str, count: &str, expect: Option<&str>| {
            assert_eq!(
                average(Some(sum.to_owned()), Some(count.to_owned())).as_deref(),
                expect,
                "{sum}/{count}"
            );
        };
        check("123456789012345678", "1.0", Some("123456789012345678"));
        check("10", "4", Some("2.500000000000"));
        check("1", "3", Some("0.333333333333"));
        check("2", "3", Some("0.666666666667"));
        check("1", "0", None);
        check("x", "2", None);
        check("1", "0.5", None);
    }
}
