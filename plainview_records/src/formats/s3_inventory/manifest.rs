//! `manifest.json` of an S3 inventory.

use serde::Deserialize;

/// A manifest, as far as it is used.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
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
    pub(super) files: Vec<Listed>,
}

/// One data file of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Listed {
    /// Its key in the destination bucket.
    pub(super) key: String,
    /// Its length in bytes.
    #[serde(default)]
    pub(super) size: Option<u64>,
    /// Its MD5 in hex.
    #[serde(default, rename = "MD5checksum")]
    pub(super) md5: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Moment {
    Text(String),
    Number(i64),
}

impl Manifest {
    /// Reads a manifest; the problem as text when it is none.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }

    /// When the listing was begun, milliseconds since 1970 UTC.
    pub(super) fn snapshot_at(&self) -> Option<i64> {
        match self.creation_timestamp.as_ref()? {
            Moment::Text(text) => text.trim().parse().ok(),
            Moment::Number(number) => Some(*number),
        }
    }

    /// The columns of its CSV files.
    pub(super) fn csv_schema(&self) -> Option<&str> {
        self.file_format
            .eq_ignore_ascii_case("csv")
            .then_some(self.file_schema.as_str())
    }
}

impl Listed {
    /// The last segment of the key; `None` when that is no plain file name.
    pub(super) fn file_name(&self) -> Option<&str> {
        let name = self.key.rsplit('/').next()?;
        let is_plain =
            !name.is_empty() && name != "." && name != ".." && !name.contains(['\\', '\0']);
        is_plain.then_some(name)
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
            Manifest::parse(json.as_bytes()).unwrap().snapshot_at()
        };
        assert_eq!(manifest("\"1715043600000\""), Some(1_715_043_600_000));
        assert_eq!(manifest("1715043600000"), Some(1_715_043_600_000));
        assert_eq!(manifest("\"soon\""), None);
        assert_eq!(manifest("null"), None);
        assert!(Manifest::parse(b"{}").is_err());
    }

    #[test]
    fn a_listed_key_cannot_leave_its_folder() {
        let name = |key: &str| {
            Listed {
                key: key.to_owned(),
                size: None,
                md5: None,
            }
            .file_name()
            .map(str::to_owned)
        };
        assert_eq!(name("a/b/data/x.csv.gz").as_deref(), Some("x.csv.gz"));
        for key in ["", "a/", "a/..", "..", "a/.", "..\\x"] {
            assert_eq!(name(key), None, "{key}");
        }
    }
}
