//! CloudWatch metric streams in their JSON form: one object per line.
//!
//! Only daily gauges with one sample are written, which is how storage metrics arrive: those of one
//! bucket in the namespace `AWS/S3`, those of a whole account in `AWS/S3/Storage-Lens`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::Error;

/// One value of one metric.
#[derive(Debug, Clone)]
pub struct Reading<'a> {
    /// Namespace, such as `AWS/S3/Storage-Lens`.
    pub namespace: &'a str,
    /// The account that is measured.
    pub account: &'a str,
    /// The region the stream runs in.
    pub region: &'a str,
    /// Metric name, such as `StorageBytes`.
    pub metric: &'a str,
    /// Dimensions by name.
    pub dimensions: BTreeMap<&'a str, &'a str>,
    /// Start of the day the value is for, seconds since 1970 UTC.
    pub day: i64,
    /// The value.
    pub value: u64,
    /// Unit, such as `Bytes` or `Count`.
    pub unit: &'a str,
}

#[derive(Serialize)]
struct Line<'a> {
    metric_stream_name: &'a str,
    account_id: &'a str,
    region: &'a str,
    namespace: &'a str,
    metric_name: &'a str,
    dimensions: &'a BTreeMap<&'a str, &'a str>,
    timestamp: i64,
    value: Value,
    unit: &'a str,
}

#[derive(Serialize)]
struct Value {
    max: u64,
    min: u64,
    sum: u64,
    count: u64,
}

/// The readings of a metric stream, one JSON object per line.
pub fn metric_stream(name: &str, readings: &[Reading<'_>]) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    for reading in readings {
        let line = Line {
            metric_stream_name: name,
            account_id: reading.account,
            region: reading.region,
            namespace: reading.namespace,
            metric_name: reading.metric,
            dimensions: &reading.dimensions,
            timestamp: reading.day * 1_000,
            value: Value {
                max: reading.value,
                min: reading.value,
                sum: reading.value,
                count: 1,
            },
            unit: reading.unit,
        };
        serde_json::to_writer(&mut bytes, &line)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}
