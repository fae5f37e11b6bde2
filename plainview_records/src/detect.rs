//! Which format a file is in, told from its first bytes, and how that is known.
//!
//! Looks at the beginning of a file only, never at its name alone, and refuses to guess: a file that
//! matches no rule has no format.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use serde::Serialize;

use crate::{Format, Limits, SourceInput, formats, open};

/// Bytes looked at.
pub(crate) const HEAD_BYTES: u64 = 64 * 1024;

/// A recognised format and how it was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// How it is known of the first of them.
    pub because: &'static str,
    /// Its files, sorted.
    pub files: Vec<PathBuf>,
    /// How it is known of each.
    pub told: BTreeMap<PathBuf, &'static str>,
}

impl Group {
    /// Files whose format is known for one reason.
    pub fn of(format: Format, because: &'static str, files: Vec<PathBuf>) -> Self {
        Self {
            format,
            because,
            told: files.iter().map(|path| (path.clone(), because)).collect(),
            files,
        }
    }

    fn add(&mut self, path: PathBuf, because: &'static str) {
        self.told.insert(path.clone(), because);
        self.files.push(path);
    }
}

/// Sorts the files of `input` into groups by format, in the order of [`Format::ALL`]; the rest matched no rule.
///
/// A headerless data file of an inventory has nothing of its own to be told by: it goes with a manifest nearby that names
/// it. So do a manifest's checksum and the list of links that Hive reads.
pub fn group(input: &SourceInput) -> (Vec<Group>, Vec<PathBuf>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut rest = Vec::new();
    for path in &input.files {
        match detect_called(path, input.belongs(path)) {
            // A name is the weakest of reasons: a manifest nearby may know the file better.
            Some(found) if found.because != formats::document::BY_NAME => {
                join(&mut groups, path.clone(), &found);
            }
            other => rest.push((path.clone(), other)),
        }
    }
    let manifests: Vec<Option<ManifestText>> = groups
        .iter()
        .map(|group| ManifestText::of(input, group))
        .collect();
    let mut unknown = Vec::new();
    for (path, found) in rest {
        let belongs = input.belongs(&path);
        let owner = manifests
            .iter()
            .position(|texts| texts.as_ref().is_some_and(|texts| texts.claims(belongs)));
        match owner {
            Some(index) => groups[index].add(path, "a manifest nearby speaks for it"),
            None => match found {
                Some(found) => join(&mut groups, path, &found),
                None => unknown.push(path),
            },
        }
    }
    for group in &mut groups {
        group
            .files
            .sort_by_cached_key(|path| input.belongs(path).to_owned());
    }
    groups.sort_by_key(|group| Format::ALL.iter().position(|f| *f == group.format));
    (groups, unknown)
}

/// Puts a file into the group of its format.
fn join(groups: &mut Vec<Group>, path: PathBuf, found: &Detected) {
    match groups.iter_mut().find(|group| group.format == found.format) {
        Some(group) => group.add(path, found.because),
        None => groups.push(Group::of(found.format, found.because, vec![path])),
    }
}

/// The manifests of an inventory, to ask whether they speak for a file.
struct ManifestText {
    /// Where each belongs, and what it says.
    manifests: Vec<(PathBuf, String)>,
}

impl ManifestText {
    /// The manifests among the files of `group`; `None` when the format has none.
    fn of(input: &SourceInput, group: &Group) -> Option<Self> {
        if !matches!(
            group.format,
            Format::S3Inventory
                | Format::AzureBlobInventory
                | Format::GcsInventory
                | Format::S3StorageLens
        ) {
            return None;
        }
        let is_json = |path: &&PathBuf| {
            let name = input.name_of(path);
            Path::new(&name)
                .extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
        };
        let manifests = group
            .files
            .iter()
            .filter(is_json)
            .filter_map(|path| {
                let bytes = open::read_whole(path, input.limits.whole_file_bytes_max).ok()??;
                let text = String::from_utf8_lossy(&bytes).into_owned();
                Some((input.belongs(path).to_owned(), text))
            })
            .collect();
        Some(Self { manifests })
    }

    /// Whether the file that belongs to `path` is a checksum or a list of links beside a manifest, or data that one names.
    fn claims(&self, path: &Path) -> bool {
        let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else {
            return false;
        };
        self.manifests.iter().any(|(manifest, text)| {
            if path == manifest.with_extension("checksum") {
                return true;
            }
            let is_near = beside(manifest, path);
            is_near && (name == "symlink.txt" || text.contains(&format!("{name}\"")))
        })
    }
}

/// Whether `path` lies in the folder of `manifest`, below it, or in a folder next to it.
fn beside(manifest: &Path, path: &Path) -> bool {
    manifest.parent().is_some_and(|folder| {
        path.starts_with(folder) || folder.parent().is_some_and(|above| path.starts_with(above))
    })
}

/// The beginning of a file, as far as formats are told by it.
pub(crate) struct Head<'a> {
    /// What the file is called by; its name alone never decides.
    pub(crate) path: &'a Path,
    /// The first 64 KiB, decompressed, without a byte-order mark or leading white space; empty for Parquet, ORC and zip.
    pub(crate) text: &'a str,
    /// The first bytes as they are on disk.
    pub(crate) bytes: &'a [u8],
    /// Column names of a Parquet schema or of a delimited first line, in lower case without `-`, `_`, spaces and quotes.
    pub(crate) columns: Vec<String>,
}

impl Head<'_> {
    /// Whether the text is JSON by its first character.
    pub(crate) fn is_json(&self) -> bool {
        self.text.starts_with(['{', '['])
    }

    /// Whether `"name"` stands in the text, as the name of a JSON field would.
    pub(crate) fn has_field(&self, name: &str) -> bool {
        self.text.contains(&format!("\"{name}\""))
    }

    /// Whether there is a column of this name, given in lower case without `-` and `_`.
    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column == name)
    }
}

/// Readers that tell their own files; asked in this order, so what is told by less comes later.
type Recognise = fn(&Head<'_>) -> Option<&'static str>;
const READERS: &[(Format, Recognise)] = &[
    (Format::Cloudtrail, formats::cloudtrail::recognise),
    (
        Format::StorageBlobLogs,
        formats::storage_blob_logs::recognise,
    ),
    (Format::AzureActivity, formats::azure_activity::recognise),
    (Format::M365Audit, formats::m365_audit::recognise),
    (Format::GcpAudit, formats::gcp_audit::recognise),
    (
        Format::AzureResourceGraph,
        formats::azure_resource_graph::recognise,
    ),
    (Format::AwsCur, formats::aws_cur::recognise),
    (Format::AzureCost, formats::azure_cost::recognise),
    (Format::GcpBilling, formats::gcp_billing::recognise),
    (Format::GcsInventory, formats::gcs_inventory::recognise),
    (Format::GcsUsageLog, formats::gcs_usage_log::recognise),
    (Format::GcsStorageLog, formats::gcs_storage_log::recognise),
    (Format::S3StorageLens, formats::s3_storage_lens::recognise),
    (Format::S3AccessLog, formats::s3_access_log::recognise),
];

fn told_by_reader(head: &Head<'_>) -> Option<Detected> {
    READERS.iter().find_map(|(format, recognise)| {
        recognise(head).map(|because| Detected {
            format: *format,
            because,
        })
    })
}

/// Names as [`Head::columns`] keeps them.
fn plain_names(names: &[String]) -> Vec<String> {
    names
        .iter()
        .map(|name| {
            name.trim()
                .trim_matches('"')
                .to_lowercase()
                .replace(['-', '_', ' '], "")
        })
        .collect()
}

/// The names in a delimited first line.
fn first_line_names(text: &str) -> Vec<String> {
    let line = text.lines().next().unwrap_or_default();
    let Some(delimiter) = [',', ';', '\t', '|']
        .into_iter()
        .max_by_key(|d| line.matches(*d).count())
    else {
        return Vec::new();
    };
    line.split(delimiter)
        .map(|name| name.trim().trim_matches('"').to_owned())
        .collect()
}

/// The format of one file, or none.
pub fn detect(path: &Path) -> Option<Detected> {
    detect_called(path, path)
}

/// The format of the file at `path`, which is called by the path `belongs`.
fn detect_called(path: &Path, belongs: &Path) -> Option<Detected> {
    let mut bytes = Vec::new();
    File::open(path)
        .ok()?
        .take(HEAD_BYTES)
        .read_to_end(&mut bytes)
        .ok()?;
    let text = head_text(path, &bytes)?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let names = if bytes.starts_with(b"PAR1") {
        parquet_names(path)?
    } else {
        first_line_names(text)
    };
    let head = Head {
        path: belongs,
        text,
        bytes: &bytes,
        columns: plain_names(&names),
    };
    // A document can be any text at all, so everything else is asked first.
    told_by_reader(&head)
        .or_else(|| told_here(&head, &names))
        .or_else(|| {
            formats::document::recognise(&head).map(|because| Detected {
                format: Format::Document,
                because,
            })
        })
}

/// The beginning of the file as text; nothing of files that are not text.
fn head_text(path: &Path, bytes: &[u8]) -> Option<String> {
    if [&b"PAR1"[..], b"ORC", b"PK\x03\x04", b"%PDF"]
        .iter()
        .any(|magic| bytes.starts_with(magic))
    {
        return Some(String::new());
    }
    let mut text = Vec::new();
    // A truncated gzip gives what it can; its beginning is enough to tell the format.
    let _ = open::open_text(path, Limits::default())
        .ok()?
        .take(HEAD_BYTES)
        .read_to_end(&mut text);
    if text.contains(&0) {
        text.clear();
    }
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// The formats that are told by the rules of this file.
fn told_here(head: &Head<'_>, names: &[String]) -> Option<Detected> {
    let found = |format, because| Some(Detected { format, because });
    if head.bytes.starts_with(b"PAR1") {
        return columns_format(names);
    }
    if head.bytes.starts_with(b"ORC") {
        return found(Format::S3Inventory, "ORC, which only S3 inventories use");
    }
    if head.bytes.starts_with(b"PK\x03\x04") {
        return memchr_find(head.bytes, b"xl/").then_some(Detected {
            format: Format::Table,
            because: "an XLSX workbook",
        });
    }
    if head.is_json() {
        return json_format(head.text);
    }
    if head.text.starts_with("From ") || is_mail_header(head.text) {
        return found(Format::Mail, "mail headers");
    }
    if is_short_mail(head) {
        return found(Format::Mail, "a mail header in a file named .eml");
    }
    header_format(head.text.lines().next().unwrap_or_default())
}

fn memchr_find(head: &[u8], needle: &[u8]) -> bool {
    head.windows(needle.len()).any(|window| window == needle)
}

fn parquet_names(path: &Path) -> Option<Vec<String>> {
    let reader = SerializedFileReader::new(File::open(path).ok()?).ok()?;
    let schema = reader.metadata().file_metadata().schema_descr();
    Some(schema.columns().iter().map(|c| c.path().string()).collect())
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

/// A mail of a single header, which any text could begin with: its name must say that it is one.
fn is_short_mail(head: &Head<'_>) -> bool {
    let is_named = head
        .path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("eml"));
    let first = head.text.lines().next().unwrap_or_default();
    let name = first
        .split_once(':')
        .map(|(name, _)| name.to_ascii_lowercase());
    is_named && name.is_some_and(|name| MAIL_HEADERS.contains(&name.as_str()))
}

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
