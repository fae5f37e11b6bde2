//! `manifest.json` of an S3 inventory.

use serde::Deserialize;

use crate::formats::inventory::plan::{Listed, Manifest};

/// A manifest, as far as it is used.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct S3Manifest {
    /// The listed bucket.
    pub(super) source_bucket: String,
    /// When the listing was begun: epoch milliseconds, as text in every manifest seen, as a number too here.
    #[serde(default)]
    creation_timestamp: Option<Moment>,
    /// `CSV`, `ORC` or `Parquet`.
    #[serde(default)]
    pub(super) file_format: String,
    /// The columns; a plain list for CSV, a type text for the others.
    #[serde(default)]
    file_schema: String,
    /// The data files.
    files: Vec<Listed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Moment {
    Text(String),
    Number(i64),
}

impl Manifest for S3Manifest {
    const WHAT: &'static str = "the manifest of an S3 inventory";
    const MD5_FIELD: Option<&'static str> = Some("MD5checksum");

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }

    fn listed(&self) -> &[Listed] {
        &self.files
    }

    fn snapshot_at(&self) -> Option<i64> {
        match self.creation_timestamp.as_ref()? {
            Moment::Text(text) => text.trim().parse().ok(),
            Moment::Number(number) => Some(*number),
        }
    }

    fn listing(&self) -> String {
        format!(
            "{} at {}",
            self.source_bucket,
            self.snapshot_at().unwrap_or(0)
        )
    }
}

impl S3Manifest {
    /// The columns of its CSV files.
    pub(super) fn csv_schema(&self) -> Option<&str> {
        self.file_format
            .eq_ignore_ascii_case("csv")
            .then_some(self.file_schema.as_str())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_time_is_read_from_text_and_from_a_number() {
        let manifest = |time: &str| {
            let json = format!(
                r#"{{"sourceBucket":"b","files":[],"creationTimestamp":{time},"extra":1}}"#
            );
            S3Manifest::parse(json.as_bytes()).unwrap().snapshot_at()
        };
        assert_eq!(manifest("\"1715043600000\""), Some(1_715_043_600_000));
        assert_eq!(manifest("1715043600000"), Some(1_715_043_600_000));
        assert_eq!(manifest("\"soon\""), None);
        assert_eq!(manifest("null"), None);
        assert!(S3Manifest::parse(b"{}").is_err());
    }
}
