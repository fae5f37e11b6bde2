//! One listed object to one `objects` row.

use super::ALLOWED;
use super::manifest::GcsManifest;
use crate::formats::inventory::plan::Manifest as _;
use crate::formats::inventory::{At as _, BadCell, BadSlot, Fields, Layout, Taker, bad_row};
use crate::run::{Note, Run, SourceFile};
use crate::tables::objects::{ObjectRow, ObjectsBuilder, state};
use crate::{Error, Table};

// Slots: the order of `ALLOWED`.
const PROJECT: usize = 0;
const BUCKET: usize = 1;
const NAME: usize = 2;
const LOCATION: usize = 3;
const SIZE: usize = 4;
const CREATED: usize = 5;
const DELETED: usize = 6;
const UPDATED: usize = 7;
const STORAGE_CLASS: usize = 8;
const E_TAG: usize = 9;
const RETAIN_UNTIL: usize = 10;
const GENERATION: usize = 11;
const CONTENT_TYPE: usize = 12;

/// Fills the `objects` table from the rows of one file.
pub(super) struct Objects {
    /// Rows met, used or not.
    pub(super) rows: u64,
    builder: ObjectsBuilder,
    provider: String,
    account: String,
    snapshot_at: Option<i64>,
    bucket: Option<String>,
    without_project: u64,
    masked_name: String,
    masked_type: String,
    location: String,
    bytes_current: u128,
    bytes_all: u128,
}

impl Objects {
    /// Rows of a file with this layout; a notice when the layout cannot be one of an inventory.
    pub(super) fn new(
        run: &Run<'_>,
        manifest: Option<&GcsManifest>,
        layout: &Layout,
    ) -> Result<Self, Note> {
        let bucket = manifest.and_then(GcsManifest::bucket);
        if layout.places[NAME].is_none() || (layout.places[BUCKET].is_none() && bucket.is_none()) {
            return Err(Note::lost(
                "missing-columns",
                "the file lacks columns without which it cannot be used",
            )
            .measured(format!("{} columns", layout.width))
            .expected("bucket, name"));
        }
        let (provider, account) = run.input.provider_account("gcp");
        Ok(Self {
            rows: 0,
            builder: ObjectsBuilder::new(&run.input.source_id),
            provider,
            account,
            snapshot_at: manifest.and_then(GcsManifest::snapshot_at),
            bucket: bucket.map(str::to_owned),
            without_project: 0,
            masked_name: String::new(),
            masked_type: String::new(),
            location: String::new(),
            bytes_current: 0,
            bytes_all: 0,
        })
    }

    #[inline]
    fn push(
        &mut self,
        run: &mut Run<'_>,
        file_no: u32,
        row_no: u64,
        row: &impl Fields,
    ) -> Result<(), BadSlot> {
        let name = row.text(NAME).at(NAME)?.ok_or_else(|| nothing(NAME))?;
        let container = row
            .text(BUCKET)
            .at(BUCKET)?
            .or(self.bucket.as_deref())
            .ok_or_else(|| nothing(BUCKET))?;
        let (mut project_digits, mut generation_digits) = (String::new(), String::new());
        let project = text_or_count(row, PROJECT, &mut project_digits)?;
        let version_id = text_or_count(row, GENERATION, &mut generation_digits)?;
        let size = row.count(SIZE).at(SIZE)?;
        let created_at = row.time(CREATED).at(CREATED)?;
        let modified_at = row.time(UPDATED).at(UPDATED)?;
        let state = state_of(row, name, size)?;
        let content_type = row.text(CONTENT_TYPE).at(CONTENT_TYPE)?;
        let location = row.text(LOCATION).at(LOCATION)?;
        if let Some(location) = location {
            self.location.clear();
            self.location
                .extend(location.chars().map(|letter| letter.to_ascii_lowercase()));
        }
        let tokens = &run.input.tokens;
        let is_name_masked =
            tokens.text_into(name, modified_at.or(created_at), &mut self.masked_name);
        let is_type_masked =
            content_type.is_some_and(|text| tokens.text_into(text, None, &mut self.masked_type));
        let object = ObjectRow {
            file_no,
            row_no,
            provider: &self.provider,
            account: project.map_or(&*self.account, project_id),
            container,
            region: location
                .map(|_| &*self.location)
                .or(run.input.region.as_deref()),
            snapshot_at: self.snapshot_at,
            key: if is_name_masked {
                &self.masked_name
            } else {
                name
            },
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
            tier: row.text(STORAGE_CLASS).at(STORAGE_CLASS)?,
            blob_type: None,
            is_multipart: None,
            encryption: None,
            retain_until: row.time(RETAIN_UNTIL).at(RETAIN_UNTIL)?,
            legal_hold: None,
            replication: None,
        };
        self.builder.push(&object);
        self.without_project += u64::from(project.is_none());
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

#[inline]
fn state_of(row: &impl Fields, name: &str, size: Option<i64>) -> Result<&'static str, BadSlot> {
    Ok(if row.time(DELETED).at(DELETED)?.is_some() {
        state::NONCURRENT
    } else if size == Some(0) && name.ends_with('/') {
        state::FOLDER
    } else {
        state::CURRENT
    })
}

/// A cell without which a row says nothing is empty.
#[cold]
fn nothing(slot: usize) -> BadSlot {
    let found = "nothing".to_owned();
    let expected = "a text";
    (slot, BadCell { found, expected })
}

/// The project of `projects/P`, or of `P`.
fn project_id(project: &str) -> &str {
    project.strip_prefix("projects/").unwrap_or(project)
}

/// A cell as text; a whole number, which Parquet may hold, is written into `buffer`.
#[inline]
fn text_or_count<'r>(
    row: &'r impl Fields,
    slot: usize,
    buffer: &'r mut String,
) -> Result<Option<&'r str>, BadSlot> {
    if let Ok(text) = row.text(slot) {
        return Ok(text);
    }
    let Some(count) = row.count(slot).at(slot)? else {
        return Ok(None);
    };
    *buffer = count.to_string();
    Ok(Some(buffer))
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
        self.rows = row_no;
        if let Err((slot, cell)) = self.push(run, file.no, row_no, row) {
            run.note(Some(file), bad_row(row_no, ALLOWED[slot], cell));
        }
        Ok(())
    }

    fn end(&mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
        run.flush(Table::Objects, file, &mut self.builder)?;
        run.observe_bytes(self.bytes_current, self.bytes_all);
        if self.without_project > 0 && run.input.account.is_none() {
            let note = Note::doubt(
                "account-unknown",
                "rows name no project, and the source gives no account",
            )
            .rows(self.without_project)
            .expected("account = \"gcp/a-project\"");
            run.note(Some(file), note);
        }
        Ok(())
    }
}
