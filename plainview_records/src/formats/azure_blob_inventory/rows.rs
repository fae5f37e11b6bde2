//! One listed blob to one `objects` row.

use super::ALLOWED;
use super::manifest::AzureManifest;
use crate::formats::inventory::plan::Manifest as _;
use crate::formats::inventory::{At as _, BadCell, BadSlot, Fields, Layout, Taker, bad_row};
use crate::run::{Note, Run, SourceFile};
use crate::tables::objects::{ObjectRow, ObjectsBuilder, state};
use crate::{Error, Table};

// Slots: the order of `ALLOWED`.
const NAME: usize = 0;
const CREATED: usize = 1;
const MODIFIED: usize = 2;
const E_TAG: usize = 3;
const LENGTH: usize = 4;
const CONTENT_TYPE: usize = 5;
const BLOB_TYPE: usize = 6;
const TIER: usize = 7;
const SNAPSHOT: usize = 8;
const VERSION_ID: usize = 9;
const IS_CURRENT: usize = 10;
const DELETED: usize = 11;
const IS_FOLDER: usize = 12;
const SERVER_ENCRYPTED: usize = 13;
const ENCRYPTION_SCOPE: usize = 14;
const RETAIN_UNTIL: usize = 15;
const LEGAL_HOLD: usize = 16;

/// Fills the `objects` table from the rows of one file.
pub(super) struct Blobs {
    /// Rows met, used or not.
    pub(super) rows: u64,
    builder: ObjectsBuilder,
    provider: String,
    account: String,
    snapshot_at: Option<i64>,
    says_current: bool,
    unclear: u64,
    masked_key: String,
    masked_type: String,
    moment: String,
    bytes_current: u128,
    bytes_all: u128,
}

impl Blobs {
    pub(super) fn new(run: &Run<'_>, manifest: Option<&AzureManifest>, layout: &Layout) -> Self {
        let (provider, given) = run.input.provider_account("azure");
        Self {
            rows: 0,
            builder: ObjectsBuilder::new(&run.input.source_id),
            provider,
            account: manifest.and_then(AzureManifest::account).unwrap_or(given),
            snapshot_at: manifest.and_then(AzureManifest::snapshot_at),
            says_current: layout.places[IS_CURRENT].is_some(),
            unclear: 0,
            masked_key: String::new(),
            masked_type: String::new(),
            moment: String::new(),
            bytes_current: 0,
            bytes_all: 0,
        }
    }

    #[inline]
    fn push(
        &mut self,
        run: &mut Run<'_>,
        file_no: u32,
        row_no: u64,
        row: &impl Fields,
    ) -> Result<(), BadSlot> {
        let name = row.text(NAME).at(NAME)?.unwrap_or("");
        let Some((container, key)) = name
            .split_once('/')
            .filter(|(container, key)| !container.is_empty() && !key.is_empty())
        else {
            return Err((
                NAME,
                BadCell {
                    found: name.to_owned(),
                    expected: "container/blob",
                },
            ));
        };
        let size = row.count(LENGTH).at(LENGTH)?;
        let created_at = row.time(CREATED).at(CREATED)?;
        let modified_at = row.time(MODIFIED).at(MODIFIED)?;
        let has_version = is_present(row, VERSION_ID)?;
        let is_snapshot = is_present(row, SNAPSHOT)?;
        let state = state_of(row, is_snapshot, has_version && self.says_current)?;
        let version_slot = if is_snapshot { SNAPSHOT } else { VERSION_ID };
        let version_id = text_or_time(row, version_slot, &mut self.moment)?;
        let scope = row.text(ENCRYPTION_SCOPE).at(ENCRYPTION_SCOPE)?;
        let is_encrypted = row.flag(SERVER_ENCRYPTED).at(SERVER_ENCRYPTED)?;
        let content_type = row.text(CONTENT_TYPE).at(CONTENT_TYPE)?;
        let tokens = &run.input.tokens;
        let is_key_masked = tokens.text_into(key, modified_at.or(created_at), &mut self.masked_key);
        let is_type_masked =
            content_type.is_some_and(|text| tokens.text_into(text, None, &mut self.masked_type));
        let blob = ObjectRow {
            file_no,
            row_no,
            provider: &self.provider,
            account: &self.account,
            container,
            region: run.input.region.as_deref(),
            snapshot_at: self.snapshot_at,
            key: if is_key_masked { &self.masked_key } else { key },
            version_id,
            state,
            size,
            created_at,
            modified_at,
            etag: row.text(E_TAG).at(E_TAG)?,
            content_type: if is_type_masked {
                Some(&self.masked_type)
            } else {
                content_type
            },
            tier: row.text(TIER).at(TIER)?,
            blob_type: row.text(BLOB_TYPE).at(BLOB_TYPE)?,
            is_multipart: None,
            encryption: scope
                .or(is_encrypted.map(|encrypted| if encrypted { "true" } else { "false" })),
            retain_until: row.time(RETAIN_UNTIL).at(RETAIN_UNTIL)?,
            legal_hold: row.flag(LEGAL_HOLD).at(LEGAL_HOLD)?,
            replication: None,
        };
        self.builder.push(&blob);
        self.unclear += u64::from(has_version && !self.says_current);
        self.count(state, size);
        for moment in [created_at, modified_at].into_iter().flatten() {
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

/// What the blob is; `is_version` when it has a version and the file marks current ones.
#[inline]
fn state_of(
    row: &impl Fields,
    is_snapshot: bool,
    is_version: bool,
) -> Result<&'static str, BadSlot> {
    Ok(if row.flag(IS_FOLDER).at(IS_FOLDER)? == Some(true) {
        state::FOLDER
    } else if row.flag(DELETED).at(DELETED)? == Some(true) {
        state::DELETED
    } else if is_snapshot {
        state::SNAPSHOT
    // The service marks the current version and leaves the cell of the others empty.
    } else if row.flag(IS_CURRENT).at(IS_CURRENT)? != Some(true) && is_version {
        state::NONCURRENT
    } else {
        state::CURRENT
    })
}

/// Whether a cell that holds text, or in some Parquet files a time, is there.
#[inline]
fn is_present(row: &impl Fields, slot: usize) -> Result<bool, BadSlot> {
    match row.text(slot) {
        Ok(text) => Ok(text.is_some()),
        Err(_) => row.time(slot).at(slot).map(|time| time.is_some()),
    }
}

/// A cell as text; a time is written to the millisecond into `buffer`.
#[inline]
fn text_or_time<'r>(
    row: &'r impl Fields,
    slot: usize,
    buffer: &'r mut String,
) -> Result<Option<&'r str>, BadSlot> {
    if let Ok(text) = row.text(slot) {
        return Ok(text);
    }
    let Some(moment) = row.time(slot).at(slot)? else {
        return Ok(None);
    };
    let Ok(moment) = jiff::Timestamp::from_millisecond(moment) else {
        return Ok(None);
    };
    *buffer = format!("{moment:.3}");
    Ok(Some(buffer))
}

impl Taker for Blobs {
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
        self.rows = row_no;
        if let Err((slot, cell)) = self.push(run, file.no, row_no, row) {
            run.note(Some(file), bad_row(row_no, ALLOWED[slot], cell));
        }
        Ok(())
    }

    fn end(&mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
        run.flush(Table::Objects, file, &mut self.builder)?;
        run.observe_bytes(self.bytes_current, self.bytes_all);
        if self.unclear > 0 {
            let note = Note::doubt("version-unclear", "rows have a version, but the file does not say which version is current; all count as current")
                .rows(self.unclear)
                .expected("IsCurrentVersion");
            run.note(Some(file), note);
        }
        Ok(())
    }
}

/// Counts the rows of a report on containers, which lists no blobs.
#[derive(Debug, Default)]
pub(super) struct Counting {
    /// Rows met.
    pub(super) rows: u64,
}

impl Taker for Counting {
    fn take(
        &mut self,
        _: &mut Run<'_>,
        _: &SourceFile,
        row_no: u64,
        _: &impl Fields,
    ) -> Result<(), Error> {
        self.rows = row_no;
        Ok(())
    }

    fn end(&mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
        let note = Note::unread(
            "container-report",
            "a report on containers lists no blobs; its rows were counted and not read",
        )
        .rows(self.rows)
        .expected("a report on blobs");
        run.note(Some(file), note);
        Ok(())
    }
}
