//! One listed row to one `objects` row.

use super::keys::{self, Decoded, Encoding};
use super::manifest::S3Manifest;
use super::{ALLOWED, COLUMNS};
use crate::formats::inventory::plan::Manifest as _;
use crate::formats::inventory::{At as _, BadCell, BadSlot, Fields, Layout, Taker, bad_row};
use crate::run::{Note, Run, SourceFile};
use crate::tables::objects::{ObjectRow, ObjectsBuilder, state};
use crate::{Error, Table};

// Slots: the order of `ALLOWED`.
const BUCKET: usize = 0;
const KEY: usize = 1;
const VERSION_ID: usize = 2;
const IS_LATEST: usize = 3;
const IS_DELETE_MARKER: usize = 4;
const SIZE: usize = 5;
const LAST_MODIFIED: usize = 6;
const E_TAG: usize = 7;
const STORAGE_CLASS: usize = 8;
const IS_MULTIPART: usize = 9;
const REPLICATION: usize = 10;
const ENCRYPTION: usize = 11;
const RETAIN_UNTIL: usize = 12;
const LEGAL_HOLD: usize = 13;

/// Fills the `objects` table from the rows of one file.
pub(super) struct Objects {
    builder: ObjectsBuilder,
    provider: String,
    account: String,
    snapshot_at: Option<i64>,
    bucket: Option<String>,
    has_versions: bool,
    encoding: Encoding,
    decoded: Vec<u8>,
    masked: String,
    foreign: u64,
    bytes_current: u128,
    bytes_all: u128,
}

impl Objects {
    /// Rows of a file with this layout; a notice when the layout cannot be one of an inventory.
    pub(super) fn new(
        run: &Run<'_>,
        manifest: Option<&S3Manifest>,
        layout: &Layout,
        encoding: Encoding,
    ) -> Result<Self, Note> {
        let missing: Vec<&str> = [KEY, BUCKET]
            .into_iter()
            .filter(|&slot| layout.places[slot].is_none())
            .map(|slot| ALLOWED[slot])
            .collect();
        if layout.places[KEY].is_none() || (layout.places[BUCKET].is_none() && manifest.is_none()) {
            return Err(Note::lost(
                "missing-columns",
                "the file lacks columns without which it cannot be used",
            )
            .found(format!("no {}", missing.join(", no ")))
            .expected(COLUMNS.allowed[..2].join(", ")));
        }
        let (provider, account) = run.input.provider_account("aws");
        Ok(Self {
            builder: ObjectsBuilder::new(&run.input.source_id),
            provider,
            account,
            snapshot_at: manifest.and_then(S3Manifest::snapshot_at),
            bucket: manifest.map(|manifest| manifest.source_bucket.clone()),
            has_versions: layout.places[VERSION_ID].is_some(),
            encoding,
            decoded: Vec::new(),
            masked: String::new(),
            foreign: 0,
            bytes_current: 0,
            bytes_all: 0,
        })
    }
}

impl Taker for Objects {
    #[inline]
    fn take(
        &mut self,
        run: &mut Run<'_>,
        file: &SourceFile,
        row_no: u64,
        row: &impl Fields,
    ) -> Result<(), Error> {
        if self.builder.is_full() {
            run.flush(Table::Objects, file, &mut self.builder)?;
        }
        if let Err((slot, cell)) = self.push(run, file.no, row_no, row) {
            run.note(Some(file), bad_row(row_no, ALLOWED[slot], cell));
        }
        Ok(())
    }

    fn end(&mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
        run.flush(Table::Objects, file, &mut self.builder)?;
        run.observe_bytes(self.bytes_current, self.bytes_all);
        if self.foreign > 0 {
            let note = Note::doubt(
                "bucket-mismatch",
                "rows name another bucket than the manifest does",
            )
            .rows(self.foreign)
            .expected(self.bucket.clone().unwrap_or_default());
            run.note(Some(file), note);
        }
        Ok(())
    }
}

impl Objects {
    #[inline]
    fn push(
        &mut self,
        run: &mut Run<'_>,
        file_no: u32,
        row_no: u64,
        row: &impl Fields,
    ) -> Result<(), BadSlot> {
        let key = key_of(row, self.encoding, &mut self.decoded)?;
        let size = row.count(SIZE).at(SIZE)?;
        let modified_at = row.time(LAST_MODIFIED).at(LAST_MODIFIED)?;
        let state = state_of(row, key, size)?;
        let listed_bucket = row.text(BUCKET).at(BUCKET)?;
        let is_foreign = matches!((listed_bucket, &self.bucket), (Some(listed), Some(bucket)) if listed != bucket);
        let container = listed_bucket.or(self.bucket.as_deref()).unwrap_or("");
        let version_id = row.text(VERSION_ID).at(VERSION_ID)?;
        let is_masked = run
            .input
            .tokens
            .text_into(key, modified_at, &mut self.masked);
        let object = ObjectRow {
            file_no,
            row_no,
            provider: &self.provider,
            account: &self.account,
            container,
            region: run.input.region.as_deref(),
            snapshot_at: self.snapshot_at,
            key: if is_masked { &self.masked } else { key },
            version_id: if self.has_versions {
                version_id.or(Some("null"))
            } else {
                None
            },
            state,
            size,
            created_at: None,
            modified_at,
            etag: row.text(E_TAG).at(E_TAG)?,
            content_type: None,
            tier: row.text(STORAGE_CLASS).at(STORAGE_CLASS)?,
            blob_type: None,
            is_multipart: row.flag(IS_MULTIPART).at(IS_MULTIPART)?,
            encryption: row.text(ENCRYPTION).at(ENCRYPTION)?,
            retain_until: row.time(RETAIN_UNTIL).at(RETAIN_UNTIL)?,
            legal_hold: row
                .text(LEGAL_HOLD)
                .at(LEGAL_HOLD)?
                .map(|status| status.eq_ignore_ascii_case("on")),
            replication: row.text(REPLICATION).at(REPLICATION)?,
        };
        self.builder.push(&object);
        self.foreign += u64::from(is_foreign);
        self.count(state, size);
        if let Some(moment) = modified_at {
            run.observe_time(moment);
        }
        Ok(())
    }

    fn count(&mut self, state: &str, size: Option<i64>) {
        let bytes = u128::from(size.unwrap_or(0).unsigned_abs());
        self.bytes_all += bytes;
        if state == state::CURRENT {
            self.bytes_current += bytes;
        }
    }
}

/// The object's key as it is in the bucket.
#[inline]
fn key_of<'r>(
    row: &'r impl Fields,
    encoding: Encoding,
    buffer: &'r mut Vec<u8>,
) -> Result<&'r str, BadSlot> {
    let raw = row.text(KEY).at(KEY)?.unwrap_or("");
    let key = match encoding {
        Encoding::Raw => raw,
        Encoding::Url => match keys::decode(raw, buffer) {
            Decoded::Same(key) | Decoded::Buffer(key) => key,
            Decoded::NotUtf8 => {
                return Err((
                    KEY,
                    BadCell {
                        found: raw.to_owned(),
                        expected: "a URL-encoded key in UTF-8",
                    },
                ));
            }
        },
    };
    if key.is_empty() {
        return Err((
            KEY,
            BadCell {
                found: "nothing".to_owned(),
                expected: "an object key",
            },
        ));
    }
    Ok(key)
}

#[inline]
fn state_of(row: &impl Fields, key: &str, size: Option<i64>) -> Result<&'static str, BadSlot> {
    Ok(
        if row.flag(IS_DELETE_MARKER).at(IS_DELETE_MARKER)? == Some(true) {
            state::DELETE_MARKER
        } else if row.flag(IS_LATEST).at(IS_LATEST)? == Some(false) {
            state::NONCURRENT
        } else if size == Some(0) && key.ends_with('/') {
            state::FOLDER
        } else {
            state::CURRENT
        },
    )
}
