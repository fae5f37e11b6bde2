//! Points out of each form of an Azure Monitor export.

use serde_json::Value;

use crate::formats::cloudwatch_metrics::csv::{self, Columns};
use crate::formats::cloudwatch_metrics::reading::{
    EGRESS, INGRESS, Meter, OBJECTS, REQUESTS, Readings, STORED, instant, instant_text, scalar,
    statistic,
};
use crate::formats::sheet::tally::Repeated;
use crate::formats::sheet::text::{Delimiter, Next, TextRows};
use crate::run::{Run, SourceFile};
use crate::{Effect, Error, Limits};

pub(super) const NO_PERIOD: Repeated = Repeated {
    code: "metric-no-period",
    effect: Effect::Lost,
    expected: "an interval such as PT1H",
    message: "points whose interval is unknown were not used",
};

/// One point, before it is a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point<'p> {
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
    pub(super) metric: &'p str,
    pub(super) tier: Option<String>,
    pub(super) start_at: Option<i64>,
    pub(super) period_s: Option<i64>,
    /// The value and its statistic, when the provider kept one.
    pub(super) value: Option<(String, &'static str)>,
    pub(super) unit: Option<String>,
}

/// One thing found in an export.
pub(super) enum Outcome<'p> {
    /// A point.
    Point(Point<'p>),
    /// A field outside the allow-list, by name.
    Unread(&'p str),
    /// A document of no known form, by its keys.
    Unknown(String),
}

/// What a metric of `Microsoft.Storage` meters.
pub(in crate::formats) fn meter(name: &str) -> Option<Meter> {
    match name {
        "UsedCapacity" | "BlobCapacity" => Some(STORED),
        "BlobCount" => Some(OBJECTS),
        "Egress" => Some(EGRESS),
        "Ingress" => Some(INGRESS),
        "Transactions" => Some(REQUESTS),
        _ => None,
    }
}

const ANSWER: &[&str] = &[
    "cost",
    "interval",
    "timespan",
    "namespace",
    "resourceregion",
    "value",
];
const RECORD: &[&str] = &[
    "time",
    "resourceId",
    "metricName",
    "timeGrain",
    "average",
    "total",
    "maximum",
    "minimum",
    "count",
];

/// Gives what a document holds.
pub(super) fn of_document(document: &Value, each: &mut impl FnMut(Outcome<'_>)) {
    if let Some(records) = document.get("records").and_then(Value::as_array) {
        for record in records {
            of_record(record, each);
        }
    } else if document.get("metricName").is_some() {
        of_record(document, each);
    } else if let Some(metrics) = document.get("value").and_then(Value::as_array) {
        unread(document, ANSWER, each);
        for metric in metrics {
            of_metric(document, metric, each);
        }
    } else {
        let keys = document
            .as_object()
            .into_iter()
            .flat_map(|o| o.keys())
            .take(20);
        each(Outcome::Unknown(
            keys.cloned().collect::<Vec<_>>().join(", "),
        ));
    }
}

fn unread(document: &Value, known: &[&str], each: &mut impl FnMut(Outcome<'_>)) {
    for key in document.as_object().into_iter().flat_map(|o| o.keys()) {
        if !known.contains(&key.as_str()) {
            each(Outcome::Unread(key));
        }
    }
}

/// One record of a diagnostic setting.
fn of_record(record: &Value, each: &mut impl FnMut(Outcome<'_>)) {
    unread(record, RECORD, each);
    let metric = scalar(record.get("metricName")).unwrap_or_default();
    each(Outcome::Point(Point {
        account: scalar(record.get("resourceId"))
            .as_deref()
            .and_then(storage_account),
        region: None,
        metric: &metric,
        tier: None,
        start_at: record.get("time").and_then(instant),
        period_s: scalar(record.get("timeGrain"))
            .as_deref()
            .and_then(duration_s),
        value: best(record, &metric),
        unit: None,
    }));
}

/// One metric of an answer: its series and their points.
fn of_metric(answer: &Value, metric: &Value, each: &mut impl FnMut(Outcome<'_>)) {
    let name = metric.get("name");
    let name = scalar(name.and_then(|n| n.get("value")))
        .or_else(|| scalar(name))
        .unwrap_or_default();
    let account = scalar(metric.get("id"))
        .as_deref()
        .and_then(storage_account);
    let region = scalar(answer.get("resourceregion"));
    let period_s = scalar(answer.get("interval"))
        .as_deref()
        .and_then(duration_s);
    let unit = scalar(metric.get("unit"));
    for series in metric
        .get("timeseries")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let tier = tier(series);
        for point in series
            .get("data")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            each(Outcome::Point(Point {
                account: account.clone(),
                region: region.clone(),
                metric: &name,
                tier: tier.clone(),
                start_at: point.get("timeStamp").and_then(instant),
                period_s,
                value: best(point, &name),
                unit: unit.clone(),
            }));
        }
    }
}

/// The dimension `Tier` of a series.
fn tier(series: &Value) -> Option<String> {
    let dimensions = series.get("metadatavalues").and_then(Value::as_array)?;
    dimensions.iter().find_map(|dimension| {
        let name = scalar(dimension.get("name").and_then(|n| n.get("value")))?;
        if name.eq_ignore_ascii_case("tier") {
            scalar(dimension.get("value"))
        } else {
            None
        }
    })
}

/// The statistic that says most: the average of a level, the total of a flow, else the nearest to it.
fn best(point: &Value, metric: &str) -> Option<(String, &'static str)> {
    let order: &[&str] = if meter(metric).is_some_and(|m| m.is_level) {
        &["average", "maximum", "minimum", "total"]
    } else {
        &["total", "average", "maximum", "minimum"]
    };
    order
        .iter()
        .find_map(|key| Some((scalar(point.get(*key))?, statistic(key)?)))
}

/// The storage account in a resource id, in lower case.
pub(super) fn storage_account(id: &str) -> Option<String> {
    let lower = id.to_ascii_lowercase();
    let rest = lower.split("/storageaccounts/").nth(1)?;
    rest.split('/')
        .next()
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
}

/// Seconds of an ISO 8601 duration of days, hours, minutes and seconds.
pub(super) fn duration_s(text: &str) -> Option<i64> {
    let rest = text.trim().strip_prefix('P')?;
    let (days, time) = rest.split_once('T').unwrap_or((rest, ""));
    let part = |text: &str, marks: &[(char, i64)]| -> Option<i64> {
        let mut total = 0_i64;
        let mut digits = String::new();
        for c in text.chars() {
            if c.is_ascii_digit() {
                digits.push(c);
            } else {
                let (_, factor) = marks.iter().find(|(mark, _)| *mark == c)?;
                total = total.checked_add(digits.parse::<i64>().ok()?.checked_mul(*factor)?)?;
                digits.clear();
            }
        }
        digits.is_empty().then_some(total)
    };
    let total = part(days, &[('D', 86_400), ('W', 604_800)])?
        .checked_add(part(time, &[('H', 3600), ('M', 60), ('S', 1)])?)?;
    (total > 0).then_some(total)
}

const CSV_COLUMNS: &[&str] = &[
    "account",
    "resource_id",
    "region",
    "metric",
    "timestamp",
    "interval",
    "statistic",
    "value",
    "unit",
    "tier",
];
const CSV_NEEDED: &[&str] = &["metric", "timestamp", "value"];

/// Gives every point of a CSV file, its notices included.
pub(super) fn of_csv<'i>(
    run: &mut Run<'i>,
    file: &SourceFile,
    readings: &mut Readings,
    mut each: impl FnMut(&mut Run<'i>, Outcome<'_>, &mut Readings) -> Result<(), Error>,
) -> Result<(), Error> {
    let Some((mut rows, columns)) = csv::open(run, file, CSV_COLUMNS, CSV_NEEDED, readings) else {
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
        let width = rows.fields().len();
        if width == columns.width {
            each(run, Outcome::Point(csv_point(&rows, &columns)), readings)?;
        } else {
            readings.row += 1;
            run.note(
                Some(file),
                csv::wrong_width(readings.row, width, columns.width),
            );
        }
    }
}

/// Gives every point of a CSV file, and passes over whatever is wrong with it.
pub(super) fn each_csv_point(file: &SourceFile, limits: Limits, each: &mut impl FnMut(&Point<'_>)) {
    let Ok(mut rows) = TextRows::open(&file.path, limits, Delimiter::Sniffed) else {
        return;
    };
    let Next::Row = rows.advance() else { return };
    let columns = Columns::of(rows.fields());
    while let Next::Row = rows.advance() {
        each(&csv_point(&rows, &columns));
    }
}

fn csv_point<'r>(rows: &'r TextRows, columns: &Columns) -> Point<'r> {
    let fields = rows.fields();
    let get = |name: &str| columns.get(fields, name);
    let metric = get("metric").unwrap_or_default();
    let usual = if meter(metric).is_some_and(|m| m.is_level) {
        "average"
    } else {
        "sum"
    };
    let statistic = get("statistic").map_or(Some(usual), statistic);
    Point {
        account: get("resource_id")
            .and_then(storage_account)
            .or_else(|| get("account").map(str::to_ascii_lowercase)),
        region: get("region").map(str::to_owned),
        metric,
        tier: get("tier").map(str::to_owned),
        start_at: get("timestamp").and_then(instant_text),
        period_s: get("interval").and_then(duration_s),
        value: get("value")
            .zip(statistic)
            .map(|(value, statistic)| (value.to_owned(), statistic)),
        unit: get("unit").map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_seconds() {
        assert_eq!(duration_s("PT1H"), Some(3600));
        assert_eq!(duration_s("P1D"), Some(86_400));
        assert_eq!(duration_s("PT1M"), Some(60));
        assert_eq!(duration_s("P1DT12H"), Some(129_600));
        for bad in [
            "",
            "P",
            "PT",
            "1H",
            "PT5",
            "P1M",
            "PT99999999999999999999H",
            "PTH",
        ] {
            assert_eq!(duration_s(bad), None, "{bad}");
        }
    }

    #[test]
    fn accounts_come_from_resource_ids_of_any_case() {
        let id = "/SUBSCRIPTIONS/0/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/CONTOSO/BLOBSERVICES/DEFAULT";
        assert_eq!(storage_account(id).as_deref(), Some("contoso"));
        assert_eq!(storage_account("/subscriptions/0"), None);
    }
}
