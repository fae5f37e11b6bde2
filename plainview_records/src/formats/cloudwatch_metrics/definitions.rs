//! Which bucket, metric and statistic a series of points is about.

use std::collections::BTreeMap;

use serde_json::Value;

use super::reading::{EGRESS, INGRESS, Meter, OBJECTS, REQUESTS, STORED, scalar};

/// The namespace in which Storage Lens publishes its daily metrics to CloudWatch.
pub(super) const STORAGE_LENS: &str = "AWS/S3/Storage-Lens";

/// A day in seconds: the period of the storage metrics.
pub(super) const DAY_S: i64 = 86_400;

/// The namespace of metrics that S3 keeps per bucket.
const PER_BUCKET: &str = "AWS/S3";

/// One metric as asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Metric {
    /// `AWS/S3` or [`STORAGE_LENS`], when said.
    pub(super) namespace: Option<String>,
    /// Such as `BucketSizeBytes`.
    pub(super) name: Option<String>,
    /// Dimension `BucketName`.
    pub(super) bucket: Option<String>,
    /// Dimension `StorageType`.
    pub(super) storage_type: Option<String>,
    /// Dimension `FilterId`.
    pub(super) filter: Option<String>,
    /// Dimension `record_type` of Storage Lens: `ACCOUNT`, `BUCKET`, `ORGANIZATION`, `PREFIX` ...
    pub(super) record_type: Option<String>,
    /// Account, when said.
    pub(super) account: Option<String>,
    /// Region, when said.
    pub(super) region: Option<String>,
    /// Period in seconds, when said.
    pub(super) period_s: Option<i64>,
    /// The statistic's word, when said.
    pub(super) stat: Option<String>,
}

impl Metric {
    /// Reads `Namespace`, `MetricName`, `Dimensions`, `Period`, `Stat`, `Region` and `AccountId` of one object.
    pub(super) fn of(object: &Value) -> Metric {
        let mut metric = Metric {
            namespace: scalar(object.get("Namespace")),
            name: scalar(object.get("MetricName")),
            account: scalar(object.get("AccountId")),
            region: scalar(object.get("Region")),
            period_s: scalar(object.get("Period")).and_then(|p| p.parse().ok()),
            stat: scalar(object.get("Stat")).or_else(|| scalar(object.get("Statistic"))),
            ..Metric::default()
        };
        for dimension in object
            .get("Dimensions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            if let (Some(name), Some(value)) = (
                scalar(dimension.get("Name")),
                scalar(dimension.get("Value")),
            ) {
                metric.set_dimension(&name, value);
            }
        }
        metric
    }

    /// Takes one dimension; those not known here are of no use.
    pub(super) fn set_dimension(&mut self, name: &str, value: String) {
        match name {
            "BucketName" | "bucket_name" => self.bucket = Some(value),
            "StorageType" | "storage_class" => self.storage_type = Some(value),
            "FilterId" => self.filter = Some(value),
            "record_type" => self.record_type = Some(value),
            // A stream may run in another account and region than the ones it measures.
            "aws_account_number" => self.account = Some(value),
            "aws_region" => self.region = Some(value),
            _ => {}
        }
    }

    /// What is missing here, from `other`.
    pub(super) fn or(mut self, other: &Metric) -> Metric {
        let fill = |mine: &mut Option<String>, theirs: &Option<String>| {
            if mine.is_none() {
                mine.clone_from(theirs);
            }
        };
        fill(&mut self.namespace, &other.namespace);
        fill(&mut self.name, &other.name);
        fill(&mut self.bucket, &other.bucket);
        fill(&mut self.storage_type, &other.storage_type);
        fill(&mut self.filter, &other.filter);
        fill(&mut self.record_type, &other.record_type);
        fill(&mut self.account, &other.account);
        fill(&mut self.region, &other.region);
        fill(&mut self.stat, &other.stat);
        self.period_s = self.period_s.or(other.period_s);
        self
    }

    /// What the metric meters; `None` when it is outside the allow-list.
    pub(super) fn meter(&self) -> Option<Meter> {
        let name = self.name.as_deref()?;
        match self.namespace.as_deref() {
            None | Some(PER_BUCKET) => meter_of(name),
            Some(STORAGE_LENS) => lens_meter_of(name),
            Some(_) => None,
        }
    }

    /// Whether the metric is one of Storage Lens.
    pub(super) fn is_lens(&self) -> bool {
        self.namespace.as_deref() == Some(STORAGE_LENS)
    }

    /// Whether it is kept for a whole account, and so names no bucket.
    pub(super) fn is_of_account(&self) -> bool {
        self.is_lens() && self.record_type.as_deref() == Some("ACCOUNT")
    }

    /// The part of a store, or the sum over several accounts, that the metric is kept for, if it is: Storage Lens counts
    /// the same bytes per organisation, account, bucket, prefix and storage class, and only whole accounts and buckets are
    /// read, so that nothing is counted twice within a level.
    pub(super) fn other_scope(&self) -> Option<String> {
        if !self.is_lens() {
            return self.filter.clone().filter(|f| f != "EntireBucket");
        }
        let level = self.record_type.as_deref().unwrap_or("no record_type");
        match &self.storage_type {
            Some(class) => Some(format!("{level} by storage class {class}")),
            None => (level != "ACCOUNT" && level != "BUCKET").then(|| level.to_owned()),
        }
    }

    /// The period that is known without being said: Storage Lens and the storage metrics are daily.
    pub(super) fn fixed_period_s(&self) -> Option<i64> {
        (self.is_lens() || self.meter().is_some_and(|m| m.is_level)).then_some(DAY_S)
    }

    /// The storage type as a tier; all types together are no tier.
    pub(super) fn tier(&self) -> Option<&str> {
        self.storage_type
            .as_deref()
            .filter(|t| *t != "AllStorageTypes")
    }

    /// A name for notices.
    pub(super) fn label(&self) -> String {
        match (&self.namespace, &self.name) {
            (Some(namespace), Some(name)) => format!("{namespace} {name}"),
            (None, Some(name)) => name.clone(),
            (_, None) => "a metric without a name".to_owned(),
        }
    }
}

/// The meter of a metric of `AWS/S3`.
pub(in crate::formats) fn meter_of(name: &str) -> Option<Meter> {
    match name {
        "BucketSizeBytes" => Some(STORED),
        "NumberOfObjects" => Some(OBJECTS),
        "BytesDownloaded" => Some(EGRESS),
        "BytesUploaded" => Some(INGRESS),
        "AllRequests" => Some(REQUESTS),
        _ => None,
    }
}

/// The meter of a metric of `AWS/S3/Storage-Lens`.
pub(in crate::formats) fn lens_meter_of(name: &str) -> Option<Meter> {
    match name {
        "StorageBytes" => Some(STORED),
        "ObjectCount" => Some(OBJECTS),
        "BytesDownloaded" => Some(EGRESS),
        "BytesUploaded" => Some(INGRESS),
        "AllRequests" => Some(REQUESTS),
        _ => None,
    }
}

/// What was asked for: queries by their id, and metrics listed without one.
#[derive(Debug, Clone, Default)]
pub(super) struct Definitions {
    by_id: BTreeMap<String, Metric>,
    listed: Vec<Metric>,
}

/// The most definitions one source may bring.
const DEFINITIONS_MAX: usize = 100_000;

impl Definitions {
    /// Takes the definitions that a document holds: `MetricDataQueries`, `Metrics`, or one bare query.
    pub(super) fn add(&mut self, document: &Value) {
        let queries = document
            .get("MetricDataQueries")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let bare = document.get("MetricStat").is_some().then_some(document);
        for query in queries.chain(bare) {
            self.add_query(query);
        }
        for metric in document
            .get("Metrics")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            match scalar(metric.get("Id")) {
                Some(id) => self.insert(id, Metric::of(metric)),
                None if self.listed.len() < DEFINITIONS_MAX => self.listed.push(Metric::of(metric)),
                None => {}
            }
        }
    }

    fn add_query(&mut self, query: &Value) {
        let (Some(id), Some(stat)) = (scalar(query.get("Id")), query.get("MetricStat")) else {
            return;
        };
        let metric = stat.get("Metric").map(Metric::of).unwrap_or_default();
        let outer = Metric::of(query).or(&Metric::of(stat));
        self.insert(id, metric.or(&outer));
    }

    fn insert(&mut self, id: String, metric: Metric) {
        if self.by_id.len() < DEFINITIONS_MAX {
            self.by_id.insert(id, metric);
        }
    }

    /// The metric asked for under `id`.
    pub(super) fn by_id(&self, id: &str) -> Option<&Metric> {
        self.by_id.get(id)
    }

    /// The one metric there is, when there is only one.
    pub(super) fn only(&self) -> Option<&Metric> {
        match (self.by_id.len(), self.listed.as_slice()) {
            (0, [one]) => Some(one),
            (1, []) => self.by_id.values().next(),
            _ => None,
        }
    }
}
