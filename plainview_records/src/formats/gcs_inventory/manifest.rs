//! `..._manifest.json` of a Storage Insights inventory report.
//!
//! Names are accepted in the spelling of the API and of the gcloud command, counts as numbers and as texts.

use serde::{Deserialize, Deserializer};

use crate::formats::inventory::plan::{Listed, Manifest};
use crate::run::Note;
use crate::times::{DAY_MS, parse_iso_ms};

/// A manifest, as far as it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GcsManifest {
    shards: Vec<Listed>,
    file: Written,
}

/// The manifest as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Written {
    #[serde(default, alias = "reportConfig")]
    report_config: Config,
    #[serde(default, alias = "recordsProcessed", deserialize_with = "count")]
    records_processed: Option<u64>,
    #[serde(default, alias = "snapshotTime")]
    snapshot_time: Option<String>,
    #[serde(default, alias = "shardCount", deserialize_with = "count")]
    shard_count: Option<u64>,
    #[serde(alias = "reportShardsFileNames")]
    report_shards_file_names: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
struct Config {
    #[serde(default, alias = "csvOptions")]
    csv_options: CsvOptions,
    #[serde(default, alias = "objectMetadataReportOptions")]
    object_metadata_report_options: ReportOptions,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
struct CsvOptions {
    #[serde(default)]
    delimiter: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
struct ReportOptions {
    #[serde(default, alias = "metadataFields")]
    metadata_fields: Vec<String>,
    #[serde(default, alias = "storageFilters")]
    storage_filters: Filters,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
struct Filters {
    #[serde(default)]
    bucket: Option<String>,
}

/// A count as a number or as a text of digits; anything else is none.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok())))
}

impl Manifest for GcsManifest {
    const WHAT: &'static str = "the manifest of a Storage Insights inventory report";
    const MD5_FIELD: Option<&'static str> = None;
    const HAS_CHECKSUM: bool = false;

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let file: Written = serde_json::from_slice(bytes)
            .map_err(|error| format!("no manifest, by line {}", error.line()))?;
        let shards = file
            .report_shards_file_names
            .iter()
            .map(|name| Listed {
                key: name.clone(),
                size: None,
                md5: None,
            })
            .collect();
        Ok(Self { shards, file })
    }

    fn listed(&self) -> &[Listed] {
        &self.shards
    }

    fn snapshot_at(&self) -> Option<i64> {
        parse_iso_ms(self.file.snapshot_time.as_deref()?.trim().as_bytes())
    }

    /// Reports come once a day at most, so that two of one bucket and day list the same objects.
    fn listing(&self) -> String {
        let day = self
            .snapshot_at()
            .map_or(0, |moment| moment.div_euclid(DAY_MS));
        let options = &self.file.report_config.object_metadata_report_options;
        match options.storage_filters.bucket.as_deref() {
            Some(bucket) => format!("bucket {bucket} on day {day} since 1970"),
            // Nothing says that two of these are about one bucket.
            None => self.file.report_shards_file_names.join(" "),
        }
    }
}

impl GcsManifest {
    /// The character between cells, when it is a single byte.
    pub(super) fn delimiter(&self) -> Option<u8> {
        let delimiter = self.file.report_config.csv_options.delimiter.as_deref()?;
        match delimiter.as_bytes() {
            [byte] if byte.is_ascii() => Some(*byte),
            b"\\t" => Some(b'\t'),
            _ => None,
        }
    }

    /// The columns of files without a header.
    pub(super) fn fields(&self) -> Option<Vec<String>> {
        let options = &self.file.report_config.object_metadata_report_options;
        (!options.metadata_fields.is_empty()).then(|| options.metadata_fields.clone())
    }

    /// The bucket that is listed.
    pub(super) fn bucket(&self) -> Option<&str> {
        let options = &self.file.report_config.object_metadata_report_options;
        options.storage_filters.bucket.as_deref()
    }

    /// What its counts say against what was found; `rows` when every shard was read.
    pub(super) fn doubts(&self, rows: Option<u64>) -> Vec<Note> {
        let mut notes = Vec::new();
        let listed = self.shards.len() as u64;
        if let Some(shards) = self.file.shard_count.filter(|count| *count != listed) {
            let note = Note::lost(
                "shard-count-mismatch",
                "the manifest names another number of shards than it counts; rows may be missing",
            )
            .measured(format!("{listed} shards"))
            .expected(format!("{shards} shards"));
            notes.push(note);
        }
        let processed = self.file.records_processed;
        if let (Some(rows), Some(processed)) = (rows, processed)
            && rows != processed
        {
            let note = Note::lost(
                "record-count-mismatch",
                "the shards have another number of rows than the manifest says",
            )
            .rows(processed.abs_diff(rows))
            .measured(format!("{rows} rows"))
            .expected(format!("{processed} rows"));
            notes.push(note);
        }
        notes
    }
}
