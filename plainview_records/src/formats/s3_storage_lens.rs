//! `s3-storage-lens`: the daily metrics export of S3 Storage Lens, CSV or Parquet, with its manifests.
//!
//! **Files.** `.../StorageLens/ACCOUNT/CONFIG/V_1/manifests/dt=DAY/manifest.json` lists `.../V_1/reports/dt=DAY/UUID.csv` or
//! `.par`. A manifest stands for the files it lists; a file whose MD5 is not the stated one is not used. Files without a
//! manifest are read when they say their columns themselves: Parquet always, CSV when its first line is the header.
//!
//! **Read.** One row is one metric of one account, region, storage class and, for `BUCKET` records, bucket, on one day:
//! `StorageBytes`, `ObjectCount`, `BytesDownloaded`, `BytesUploaded`, `AllRequests` become rows of `metering`, a day long, the
//! levels as `average`, the flows as `sum`. `storage_class` is the tier. Metrics other than these are counted in a
//! `metric-unread` notice.
//!
//! **Traps.**
//! - The same bytes are counted per organisation, account, bucket, prefix and Storage Lens group. Only `ACCOUNT` (without a
//!   container) and `BUCKET` records are read; the others are counted in `lens-other-record`. Their names can be prefixes of
//!   object keys, which is a second reason not to read them.
//! - `report_date` is the day that was measured, not the day of delivery.
//! - CSV files are split without regard to accounts, so that a missing one takes rows of any bucket with it: `file-missing`.
//! - No real export could be found to test against: the columns are those of the vendor's page, and the fixtures are ours.

mod rows;

use std::collections::BTreeSet;

use serde::Deserialize;

use self::rows::Lens;
use super::inventory::columnar::ColumnarFile;
use super::inventory::plan::{self, Listed, Manifest, Planned};
use super::inventory::text::TextFile;
use super::inventory::{Columns, plain};
use crate::Error;
use crate::detect::Head;
use crate::open::{Content, sniff};
use crate::run::{Note, Run, SourceFile};
use crate::times::parse_iso_ms;

/// The columns this reader may read.
pub const ALLOWED: &[&str] = &[
    "report_date",
    "aws_account_number",
    "aws_region",
    "storage_class",
    "record_type",
    "bucket_name",
    "metric_name",
    "metric_value",
];

const COLUMNS: Columns = Columns {
    allowed: ALLOWED,
    left: &["version_number", "configuration_id", "record_value"],
};

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    if head.is_json() && head.has_field("reportSchema") && head.has_field("reportFiles") {
        return Some("a manifest with reportSchema and reportFiles");
    }
    (head.has_column("metricname")
        && head.has_column("recordtype")
        && head.has_column("reportdate"))
    .then_some("columns report_date, record_type and metric_name")
}

/// A manifest, as far as it is used.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LensManifest {
    #[serde(default)]
    source_account_id: String,
    #[serde(default)]
    config_id: String,
    #[serde(default)]
    report_date: String,
    #[serde(default)]
    report_format: String,
    #[serde(default)]
    report_schema: String,
    report_files: Vec<Listed>,
}

impl Manifest for LensManifest {
    const WHAT: &'static str = "the manifest of a Storage Lens export";
    const MD5_FIELD: Option<&'static str> = Some("md5Checksum");

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }

    fn listed(&self) -> &[Listed] {
        &self.report_files
    }

    fn snapshot_at(&self) -> Option<i64> {
        parse_iso_ms(self.report_date.as_bytes())
    }

    fn listing(&self) -> String {
        let Self {
            source_account_id,
            config_id,
            report_date,
            ..
        } = self;
        format!("{source_account_id} {config_id} on {report_date}")
    }
}

impl LensManifest {
    /// The columns of its CSV files.
    fn csv_schema(&self) -> Option<&str> {
        self.report_format
            .eq_ignore_ascii_case("csv")
            .then_some(self.report_schema.as_str())
    }
}

/// Reads every manifest and report of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    let Planned { data, manifests } = plan::plan::<LensManifest>(run);
    let mut named = BTreeSet::new();
    for data_file in &data {
        if plan::is_usable(run, data_file, &manifests) {
            let manifest = data_file.owner.map(|owner| &manifests[owner].manifest);
            read_report(run, &data_file.file, manifest, &mut named)?;
        }
    }
    Ok(())
}

fn read_report(
    run: &mut Run<'_>,
    file: &SourceFile,
    manifest: Option<&LensManifest>,
    named: &mut BTreeSet<String>,
) -> Result<(), Error> {
    if manifest.is_none() {
        let note = Note::doubt("no-manifest", "no manifest vouches for the file")
            .expected("manifest.json");
        run.note(Some(file), note);
    }
    let read = match sniff(&file.path) {
        Ok(Content::Empty) => Err(Note::doubt("empty-file", "the file is empty")),
        Ok(content @ Content::Parquet) => ColumnarFile::open(&file.path, content).map(|opened| {
            let layout = COLUMNS.layout(run, file, &opened.names(), named);
            let mut lens = Lens::new(run, &layout)?;
            Ok::<_, Note>(opened.rows(run, file, &layout, &mut lens))
        }),
        Ok(Content::Orc | Content::Zip) => Err(Note::lost(
            "lens-unknown-form",
            "the file is no Storage Lens report and was not read",
        )
        .expected("CSV or Parquet")),
        Ok(_) => Ok(read_text(run, file, manifest, named)),
        Err(error) => Err(Note::lost(
            "file-unreadable",
            "the file could not be read and none of its rows was used",
        )
        .found(error.kind().to_string())),
    };
    match read.and_then(|inner| inner) {
        Ok(done) => done,
        Err(note) => {
            run.note(Some(file), note);
            Ok(())
        }
    }
}

fn read_text(
    run: &mut Run<'_>,
    file: &SourceFile,
    manifest: Option<&LensManifest>,
    named: &mut BTreeSet<String>,
) -> Result<Result<(), Error>, Note> {
    let mut text = TextFile::open(run, file);
    let schema = manifest.and_then(LensManifest::csv_schema);
    let names: Vec<String> = match schema {
        Some(schema) => {
            let names: Vec<&str> = schema.split(',').map(str::trim).collect();
            text.skip_header(&names)?;
            names.into_iter().map(str::to_owned).collect()
        }
        None => text.header()?.unwrap_or_default(),
    };
    if !names.iter().any(|name| plain(name) == "metricname") {
        // Without a header the first line is data, and its cells must not be shown as names of columns.
        return Err(Note::lost(
            "no-schema",
            "a headerless CSV was not read: no manifest says what its columns are",
        )
        .expected("a manifest.json with reportSchema, or a header"));
    }
    let layout = COLUMNS.layout(run, file, &names, named);
    let mut lens = Lens::new(run, &layout)?;
    Ok(text.rows(run, file, &layout, &mut lens))
}
