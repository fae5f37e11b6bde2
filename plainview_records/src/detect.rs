//! Which format a file is in, told from its first bytes, and how that is known.
//!
//! Looks at the beginning of a file only, never at its name alone, and refuses to guess: a file that
//! matches no rule has no format.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use parquet::file::reader::{FileReader as _, SerializedFileReader};

use crate::{Format, Limits, open};

/// Bytes looked at.
const HEAD_BYTES: u64 = 64 * 1024;

/// A recognised format and how it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// The format.
    pub format: Format,
    /// How it is known, as a short phrase.
    pub because: &'static str,
}

/// A set of files that belong to one format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The format.
    pub format: Format,
    /// How it is known.
    pub because: &'static str,
    /// Its files, sorted.
    pub files: Vec<PathBuf>,
}

/// Sorts `files` into groups by format, in the order of [`Format::ALL`]; the rest matched no rule.
///
/// A headerless data file beside an S3 inventory manifest has nothing of its own to be told by: it
/// goes with the manifests, and the reader says so when none of them names it.
pub fn group(files: &[PathBuf]) -> (Vec<Group>, Vec<PathBuf>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut rest = Vec::new();
    for path in files {
        match detect(path) {
            Some(found) => match groups.iter_mut().find(|g| g.format == found.format) {
                Some(group) => group.files.push(path.clone()),
                None => groups.push(Group {
                    format: found.format,
                    because: found.because,
                    files: vec![path.clone()],
                }),
            },
            None => rest.push(path.clone()),
        }
    }
    let mut unknown = Vec::new();
    for path in rest {
        let inventory = groups.iter_mut().find(|group| {
            matches!(
                group.format,
                Format::S3Inventory | Format::AzureBlobInventory
            ) && group.files.iter().any(|other| beside(other, &path))
        });
        match inventory {
            Some(group) => group.files.push(path),
            None => unknown.push(path),
        }
    }
    for group in &mut groups {
        group.files.sort();
    }
    groups.sort_by_key(|group| Format::ALL.iter().position(|f| *f == group.format));
    (groups, unknown)
}

/// Whether `path` lies in the folder of `manifest`, below it, or in a folder next to it.
fn beside(manifest: &Path, path: &Path) -> bool {
    manifest.parent().is_some_and(|folder| {
        path.starts_with(folder) || folder.parent().is_some_and(|above| path.starts_with(above))
    })
}

/// The format of one file, or none.
pub fn detect(path: &Path) -> Option<Detected> {
    let mut head = Vec::new();
    File::open(path)
        .ok()?
        .take(HEAD_BYTES)
        .read_to_end(&mut head)
        .ok()?;
    let found = |format, because| Some(Detected { format, because });
    if head.starts_with(b"PAR1") {
        return parquet_format(path);
    }
    if head.starts_with(b"ORC") {
        return found(Format::S3Inventory, "ORC, which only S3 inventories use");
    }
    if head.starts_with(b"PK\x03\x04") {
        return memchr_find(&head, b"xl/").then_some(Detected {
            format: Format::Table,
            because: "an XLSX workbook",
        });
    }
    let mut text = Vec::new();
    // A truncated gzip gives what it can; its beginning is enough to tell the format.
    let _ = open::open_text(path, Limits::default())
        .ok()?
        .take(HEAD_BYTES)
        .read_to_end(&mut text);
    if text.contains(&0) {
        return None;
    }
    let text = String::from_utf8_lossy(&text);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with(['{', '[']) {
        return json_format(start);
    }
    if start.starts_with("From ") || is_mail_header(start) {
        return found(Format::Mail, "mail headers");
    }
    header_format(start.lines().next().unwrap_or_default())
}

fn memchr_find(head: &[u8], needle: &[u8]) -> bool {
    head.windows(needle.len()).any(|window| window == needle)
}

fn parquet_format(path: &Path) -> Option<Detected> {
    let reader = SerializedFileReader::new(File::open(path).ok()?).ok()?;
    let schema = reader.metadata().file_metadata().schema_descr();
    let names: Vec<String> = schema.columns().iter().map(|c| c.path().string()).collect();
    columns_format(&names)
}

fn columns_format(names: &[String]) -> Option<Detected> {
    let plain: Vec<String> = names
        .iter()
        .map(|name| name.to_ascii_lowercase().replace(['-', '_'], ""))
        .collect();
    let has = |name: &str| plain.iter().any(|column| column == name);
    let found = |format, because| Some(Detected { format, because });
    if has("billedcost") && has("servicecategory") {
        return found(Format::Focus, "columns BilledCost and ServiceCategory");
    }
    if has("bucket") && has("key") {
        return found(Format::S3Inventory, "columns bucket and key");
    }
    if has("name") && (has("contentlength") || has("blobtype") || has("lastmodified")) {
        return found(
            Format::AzureBlobInventory,
            "columns Name and Content-Length",
        );
    }
    None
}

fn json_format(text: &str) -> Option<Detected> {
    let has = |name: &str| text.contains(&format!("\"{name}\""));
    let found = |format, because| Some(Detected { format, because });
    if has("fileSchema") && has("sourceBucket") {
        return found(
            Format::S3Inventory,
            "a manifest with fileSchema and sourceBucket",
        );
    }
    if has("ruleName") && (has("ruleDefinition") || has("inventoryStartTime")) {
        return found(Format::AzureBlobInventory, "a manifest with ruleName");
    }
    if has("metric_stream_name")
        || has("MetricDataResults")
        || (has("Datapoints") && (has("Label") || has("MetricName")))
    {
        return found(Format::CloudwatchMetrics, "CloudWatch metric fields");
    }
    if has("timeseries") || (has("metricName") && has("resourceId")) {
        return found(Format::AzureMonitorMetrics, "Azure Monitor metric fields");
    }
    None
}

/// Header names of which a message's first lines must carry at least two.
const MAIL_HEADERS: &[&str] = &[
    "from",
    "to",
    "date",
    "subject",
    "message-id",
    "received",
    "mime-version",
    "return-path",
    "content-type",
    "delivered-to",
    "x-mailer",
    "reply-to",
    "sender",
    "cc",
];

fn is_mail_header(text: &str) -> bool {
    let names = text
        .lines()
        .take(60)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name.to_ascii_lowercase());
    names
        .filter(|name| MAIL_HEADERS.contains(&name.as_str()))
        .take(2)
        .count()
        == 2
}

fn header_format(line: &str) -> Option<Detected> {
    let delimiter = [',', ';', '\t', '|']
        .into_iter()
        .max_by_key(|d| line.matches(*d).count())?;
    let names: Vec<String> = line
        .split(delimiter)
        .map(|name| name.trim().trim_matches('"').to_owned())
        .collect();
    if names.len() < 2 {
        return None;
    }
    if let Some(found) = columns_format(&names) {
        return Some(found);
    }
    let plain: Vec<String> = names.iter().map(|n| n.to_ascii_lowercase()).collect();
    let has = |part: &str| plain.iter().any(|name| name.contains(part));
    if has("metric") && has("statistic") && has("value") {
        let format = if has("bucket") {
            Format::CloudwatchMetrics
        } else {
            Format::AzureMonitorMetrics
        };
        return Some(Detected {
            format,
            because: "columns metric, statistic and value",
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Format> {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), text).expect("written");
        detect(file.path()).map(|found| found.format)
    }

    #[test]
    fn formats_are_told_by_content() {
        assert_eq!(
            of("{\"sourceBucket\":\"b\",\"fileSchema\":\"Bucket, Key\"}"),
            Some(Format::S3Inventory)
        );
        assert_eq!(
            of("{\"ruleName\":\"r\",\"ruleDefinition\":{}}"),
            Some(Format::AzureBlobInventory)
        );
        assert_eq!(
            of("\u{feff}BilledCost,ServiceCategory\n1,Storage\n"),
            Some(Format::Focus)
        );
        assert_eq!(
            of("Name,Content-Length\nc/x,1\n"),
            Some(Format::AzureBlobInventory)
        );
        assert_eq!(
            of("From: a@example.org\nDate: Mon, 6 Jan 2025 10:00:00 +0000\n\nx"),
            Some(Format::Mail)
        );
        assert_eq!(
            of("{\"metric_stream_name\":\"m\"}\n"),
            Some(Format::CloudwatchMetrics)
        );
        assert_eq!(
            of("\"b\",\"k\",\"1\"\n"),
            None,
            "a headerless CSV tells nothing"
        );
        assert_eq!(of(""), None);
    }
}
