//! `cloudwatch-metrics`: what CloudWatch keeps about S3 buckets, in the forms it is exported in.
//!
//! **Forms**, told by their content; any of them may be gzip-compressed.
//! 1. The answer of `get-metric-statistics`: `{"Label", "Datapoints": [{"Timestamp", "Average", "Unit"}]}`. The answer
//!    itself does not say which bucket it is about, so the file must: `{"Namespace", "MetricName", "Dimensions": [{"Name",
//!    "Value"}], "Region", "AccountId", "Period", "Datapoints": [...]}`, or a `Metrics` list of one metric beside it.
//! 2. The answer of `get-metric-data`: `{"MetricDataResults": [{"Id", "Label", "Timestamps", "Values", "StatusCode"}]}`,
//!    with what was asked (`MetricDataQueries`, matched by `Id`, or `Metrics`) in the same file or in another file of the
//!    source, such as the one given to `--metric-data-queries`.
//! 3. A metric stream as JSON lines: `{"metric_stream_name", "account_id", "region", "namespace", "metric_name",
//!    "dimensions": {"BucketName", "StorageType"}, "timestamp", "value": {"count", "sum", "max", "min"}, "unit"}`.
//! 4. CSV with a header of these names in any order: `account`, `region`, `bucket`, `storage_type`, `metric`, `timestamp`,
//!    `statistic`, `value`, `unit`, `period` (seconds); `bucket`, `metric`, `timestamp` and `value` must be there.
//!
//! **What is read.** Namespace `AWS/S3`: `BucketSizeBytes`, `NumberOfObjects`, `BytesDownloaded`, `BytesUploaded`,
//! `AllRequests`. Namespace `AWS/S3/Storage-Lens`, which is daily: `StorageBytes`, `ObjectCount` and the same three flows, of
//! the record types `ACCOUNT` (`container` is null: the whole account, whichever buckets it has) and `BUCKET`, without a
//! storage class, since the same bytes are counted again at every level. Other metrics are named in a `metric-unread` notice,
//! other fields in `metric-unread-fields`. Each point is one row of `metering`: the average of a level, the sum of a flow, or
//! the nearest to it that the export has. `container` is the bucket, `tier` the storage type, except `AllStorageTypes`, which
//! is none. Row numbers count points. An account's reading contains those of its buckets: rows with and without a container
//! must not be added up.
//!
//! **Traps.**
//! - A point starts at its timestamp and lasts its period. The storage metrics are daily whatever a period says; for
//!   others the period is the query's, else the smallest step between points, else the point is lost (`metric-no-period`).
//! - A request metric filtered to a part of a bucket (`FilterId` other than `EntireBucket`), and Storage Lens records of an
//!   organisation, a prefix or a storage class, are not read (`cloudwatch-filtered`): they would count twice.
//! - A statistic that is not said is taken as the usual one, with a `cloudwatch-statistic-assumed` doubt.
//! - `StatusCode` other than `Complete` means that the answer is not whole: `cloudwatch-partial`.
//! - Values are taken digit for digit from the JSON text. Negative values and unit multiples are bad rows.

pub(in crate::formats) mod documents;
pub(in crate::formats) mod reading;

mod answers;
pub(in crate::formats) mod csv;
pub(in crate::formats) mod definitions;

use crate::formats::sheet::text::stopped;
use crate::open::{Content, sniff};
use crate::run::{Note, Run, SourceFile};
use crate::{Error, Limits};

use definitions::Definitions;
use documents::{Met, Written, each_document, written};
use reading::Readings;

/// The fields this reader may read.
pub const ALLOWED: &[&str] = &[
    "Namespace",
    "MetricName",
    "Dimensions",
    "Region",
    "AccountId",
    "Period",
    "Stat",
    "Label",
    "Datapoints",
    "Metrics",
    "MetricDataQueries",
    "MetricDataResults",
    "metric_stream_name",
    "account_id",
    "region",
    "namespace",
    "metric_name",
    "dimensions",
    "timestamp",
    "value",
    "unit",
    "account",
    "bucket",
    "storage_type",
    "metric",
    "statistic",
    "period",
];

/// Reads every file of the source as CloudWatch metrics.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    let files = run.plan_data();
    let mut definitions = Definitions::default();
    for file in &files {
        collect_definitions(file, run.input.limits, &mut definitions);
    }
    for file in files {
        let Some(hashes) = run.hash_once(&file) else {
            continue;
        };
        if let Some(form) = form_of(run, &file, "cloudwatch-unknown-form") {
            let mut readings = Readings::new(run, "aws");
            match form {
                Written::Json => read_json(run, &file, &definitions, &mut readings)?,
                Written::Other | Written::Nothing => csv::read(run, &file, &mut readings)?,
            }
            readings.end(run, &file)?;
        }
        run.advance(hashes.bytes);
    }
    Ok(())
}

/// What a metric file is written in; otherwise the notice that it is nothing of the kind is given.
pub(in crate::formats) fn form_of(
    run: &mut Run<'_>,
    file: &SourceFile,
    code: &'static str,
) -> Option<Written> {
    let note = match sniff(&file.path) {
        Ok(Content::Parquet | Content::Orc | Content::Zip) => {
            Note::lost(code, "the file is neither JSON nor CSV and was not read")
                .expected("JSON or CSV")
        }
        Ok(_) => match written(&file.path, run.input.limits) {
            Ok(Written::Nothing) => {
                Note::lost("empty-file", "the file is empty").expected("JSON or CSV")
            }
            Ok(form) => return Some(form),
            Err(note) => note,
        },
        Err(error) => stopped(&error),
    };
    run.note(Some(file), note);
    None
}

/// Takes the definitions of metrics out of a file whose first document holds nothing else.
fn collect_definitions(file: &SourceFile, limits: Limits, definitions: &mut Definitions) {
    if !matches!(written(&file.path, limits), Ok(Written::Json)) {
        return;
    }
    each_document(&file.path, limits, |met| match met {
        Met::Document(document) if answers::is_definition(&document) => {
            definitions.add(&document);
            true
        }
        // The file holds data; it is read in its turn, and may bring its own definitions.
        _ => false,
    });
}

fn read_json(
    run: &mut Run<'_>,
    file: &SourceFile,
    shared: &Definitions,
    readings: &mut Readings,
) -> Result<(), Error> {
    let mut outcome = Ok(());
    each_document(&file.path, run.input.limits, |met| {
        outcome = match met {
            Met::Document(document) => answers::take(run, file, &document, shared, readings),
            Met::Trouble(note) => {
                run.note(Some(file), note);
                Ok(())
            }
        };
        outcome.is_ok()
    });
    outcome
}
