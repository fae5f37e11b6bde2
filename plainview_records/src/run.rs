//! One reading of one source: numbers its files, hashes them, passes rows and notices on, and keeps the report.
//!
//! Every reader works through this, so that no reader can forget a file, a digest or the bound on notices.

use std::collections::BTreeMap;
use std::path::PathBuf;

use arrow_array::RecordBatch;
use serde::Serialize;

use crate::detect::Detected;
use crate::digest::{self, Hashes};
use crate::{Effect, Error, Format, Notice, Sink, SourceInput, Table};

/// What a file is to its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileRole {
    /// Lists the data files.
    Manifest,
    /// Holds rows.
    Data,
    /// Holds the digest of a manifest.
    Checksum,
    /// Holds other files of the source.
    Archive,
    /// Was named or found, but belongs to no record of this format.
    Other,
}

/// One file of a source, as read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// Name within the source, `/` between segments.
    pub name: String,
    /// Size on disk in bytes.
    pub bytes: u64,
    /// SHA-256 in lower-case hex; empty when the file could not be read.
    pub sha256: String,
    /// Rows taken from it.
    pub rows: u64,
    /// What it is.
    pub role: FileRole,
    /// What it was recognised as and why, when the source's format is `auto`; `None` when its format was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_by: Option<Detected>,
}

/// Bytes that an inventory lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct BytesListed {
    /// Bytes of rows in state `current`.
    pub current: u128,
    /// Bytes of rows in every state.
    pub all: u128,
}

/// What was read from a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceReport {
    /// Every file, in the order of `file_no`.
    pub files: Vec<FileReport>,
    /// Rows per table.
    pub rows: BTreeMap<Table, u64>,
    /// Earliest and latest time in the rows, milliseconds since 1970 UTC: creation and modification of objects, starts and ends
    /// of readings and charges, dates of documents. `None` when no row has a time.
    pub time_range: Option<(i64, i64)>,
    /// Sum of the sizes of listed objects; zero for other tables.
    pub bytes_listed: BytesListed,
    /// `sha256:` and the source digest: SHA-256 over the sorted lines `<sha256 of file>  <file name>\n` of all files.
    pub digest: String,
}

/// A file of the source being read.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    /// Index into [`SourceReport::files`].
    pub(crate) no: u32,
    /// Name within the source.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Where it belongs: its own path, or for an entry of an archive one below the archive. For what is told by folders.
    pub(crate) belongs: PathBuf,
}

/// A row builder that [`Run`] can empty.
pub(crate) trait Builder {
    /// Whether the next row would exceed the batch size.
    fn is_full(&self) -> bool;
    /// Whether there is nothing to emit.
    fn is_empty(&self) -> bool;
    /// Takes the rows.
    fn finish(&mut self) -> Result<RecordBatch, Error>;
}

/// A notice in the making; [`Run::note`] adds the source and the file.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    code: &'static str,
    effect: Effect,
    row: Option<u64>,
    rows_affected: u64,
    found: String,
    is_ours: bool,
    expected: String,
    message: String,
}

impl Note {
    pub(crate) fn new(code: &'static str, effect: Effect, message: impl Into<String>) -> Self {
        Self {
            code,
            effect,
            row: None,
            rows_affected: 0,
            found: String::new(),
            is_ours: false,
            expected: String::new(),
            message: message.into(),
        }
    }

    /// Rows or a file that were not used.
    pub(crate) fn lost(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Effect::Lost, message)
    }

    /// Something outside the allow-list.
    pub(crate) fn unread(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Effect::Unread, message)
    }

    /// Something kept, but odd.
    pub(crate) fn doubt(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Effect::Doubt, message)
    }

    /// The 1-based data row it speaks of; one row is affected.
    pub(crate) fn row(mut self, row: u64) -> Self {
        self.row = Some(row);
        self.rows_affected = 1;
        self
    }

    /// Speaks of a row that comes `rows` later than it was thought to.
    pub(crate) fn after(mut self, rows: u64) -> Self {
        self.row = self.row.map(|row| row + rows);
        self
    }

    /// How many rows are affected.
    pub(crate) fn rows(mut self, rows: u64) -> Self {
        self.rows_affected = rows;
        self
    }

    /// What was found; masked and cut to a readable length when the notice is given.
    pub(crate) fn found(mut self, found: impl Into<String>) -> Self {
        self.found = found.into();
        self
    }

    /// What was found, as this crate computed it: a count, a length, a digest. Not masked, and never text of a record.
    pub(crate) fn measured(mut self, found: impl Into<String>) -> Self {
        self.found = found.into();
        self.is_ours = true;
        self
    }

    /// What was expected.
    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }
}

/// A file of this length is worth a thread that hashes it.
const HASH_BESIDE_BYTES: u64 = 1 << 20;

/// Most characters of record text that a notice shows.
const FOUND_CHARS_MAX: usize = 200;

/// One reading of one source.
pub(crate) struct Run<'a> {
    /// What is read.
    pub(crate) input: &'a SourceInput,
    sink: &'a mut dyn Sink,
    files: Vec<FileReport>,
    /// The first file with these bytes.
    by_hash: BTreeMap<String, u32>,
    rows: BTreeMap<Table, u64>,
    time_range: Option<(i64, i64)>,
    bytes_listed: BytesListed,
    bytes_hashed: u64,
    bytes_read: u64,
    bytes_total: u64,
    shown: BTreeMap<(Option<u32>, &'static str), Shown>,
    told: Option<Told<'a>>,
}

/// The format that the files being planned were recognised as.
pub(crate) struct Told<'a> {
    /// The format.
    pub(crate) format: Format,
    /// Why, for each file that was looked at.
    pub(crate) because: &'a BTreeMap<PathBuf, &'static str>,
}

/// How many notices of one code a file has had.
struct Shown {
    notices: u64,
    hidden: u64,
    hidden_rows: u64,
    effect: Effect,
}

impl<'a> Run<'a> {
    pub(crate) fn new(input: &'a SourceInput, sink: &'a mut dyn Sink) -> Self {
        Self {
            input,
            sink,
            files: Vec::new(),
            by_hash: BTreeMap::new(),
            rows: BTreeMap::new(),
            time_range: None,
            bytes_listed: BytesListed::default(),
            bytes_hashed: 0,
            bytes_read: 0,
            bytes_total: 0,
            shown: BTreeMap::new(),
            told: None,
        }
    }

    /// Goes on with other files of the same source, which were recognised as one format. File numbers go on too.
    pub(crate) fn turn_to(&mut self, input: &'a SourceInput, told: Option<Told<'a>>) {
        self.input = input;
        self.told = told;
    }

    /// Hashes the archives that were taken apart, and says what was refused of them.
    pub(crate) fn archives(&mut self) {
        let archives = &self.input.unpacked.archives;
        let roles = archives
            .iter()
            .map(|archive| (archive.path.clone(), FileRole::Archive))
            .collect();
        let files = self.plan(roles);
        for (file, archive) in files.iter().zip(archives) {
            if let Some(hashes) = self.hash(file) {
                self.advance(hashes.bytes);
            }
            for (entry, note) in &archive.notes {
                match entry {
                    Some(entry) => {
                        self.note_absent(&format!("{}/{entry}", file.name), note.clone());
                    }
                    None => self.note(Some(file), note.clone()),
                }
            }
        }
    }

    /// Numbers `files` in the order given, and remembers them for the report. Numbers go on from one call to the next.
    pub(crate) fn plan(&mut self, files: Vec<(PathBuf, FileRole)>) -> Vec<SourceFile> {
        let mut planned = Vec::with_capacity(files.len());
        for (path, role) in files {
            let name = self.input.name_of(&path);
            let bytes = std::fs::metadata(&path).map_or(0, |meta| meta.len());
            self.bytes_total += bytes;
            let no = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
            self.files.push(FileReport {
                name: name.clone(),
                bytes,
                sha256: String::new(),
                rows: 0,
                role,
                told_by: self.told.as_ref().map(|told| Detected {
                    format: told.format,
                    because: told
                        .because
                        .get(&path)
                        .copied()
                        .unwrap_or("listed by a manifest of the source"),
                }),
            });
            let belongs = self.input.belongs(&path).to_owned();
            planned.push(SourceFile {
                no,
                name,
                path,
                belongs,
            });
        }
        planned
    }

    /// Plans every file of the input as data.
    pub(crate) fn plan_data(&mut self) -> Vec<SourceFile> {
        let files = self
            .input
            .files
            .iter()
            .map(|path| (path.clone(), FileRole::Data))
            .collect();
        self.plan(files)
    }

    /// Hashes a planned file. An unreadable file is a `file-unreadable` notice and `None`.
    pub(crate) fn hash(&mut self, file: &SourceFile) -> Option<Hashes> {
        self.hashed(file, digest::hash_file(&file.path))
    }

    /// As [`Self::hash`], for files that hold rows of a register: a second copy of the same bytes would count every row
    /// twice, so it is named and not read.
    pub(crate) fn hash_once(&mut self, file: &SourceFile) -> Option<Hashes> {
        let hashes = self.hash(file)?;
        let twin = self
            .by_hash
            .get(&hashes.sha256)
            .filter(|earlier| **earlier < file.no && hashes.bytes > 0)
            .and_then(|earlier| self.files.get(*earlier as usize))
            .map(|earlier| earlier.name.clone());
        let Some(twin) = twin else {
            return Some(hashes);
        };
        let note = Note::doubt(
            "duplicate-file",
            "the file holds the same bytes as another of this source; it was read once",
        )
        .found(twin);
        self.note(Some(file), note);
        None
    }

    /// Hashes a planned file and reads it with `read`, unless it is a copy as [`Self::hash_once`] has it. A large file that
    /// cannot be a copy, because no earlier one has its length, is hashed and read at the same time.
    pub(crate) fn read_once(
        &mut self,
        file: &SourceFile,
        read: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<Option<Hashes>, Error> {
        let hashes = if self.can_be_hashed_beside(file) {
            std::thread::scope(|scope| {
                let hashing = scope.spawn(|| digest::hash_file(&file.path));
                read(self)?;
                let hashes = hashing
                    .join()
                    .unwrap_or_else(|_| Err(std::io::Error::other("hashing gave up")));
                Ok::<_, Error>(self.hashed(file, hashes))
            })?
        } else {
            let hashes = self.hash_once(file);
            if hashes.is_some() {
                read(self)?;
            }
            hashes
        };
        if let Some(hashes) = &hashes {
            self.advance(hashes.bytes);
        }
        Ok(hashes)
    }

    fn can_be_hashed_beside(&self, file: &SourceFile) -> bool {
        let bytes_of = |no: u32| self.files.get(no as usize).map_or(0, |report| report.bytes);
        let bytes = bytes_of(file.no);
        bytes >= HASH_BESIDE_BYTES
            && !(0..file.no).any(|earlier| bytes_of(earlier) == bytes)
            && std::fs::File::open(&file.path).is_ok()
    }

    /// As [`Self::hash`], with the file's MD5 in hex.
    pub(crate) fn hash_with_md5(&mut self, file: &SourceFile) -> Option<(Hashes, String)> {
        let (hashes, md5) = match digest::hash_file_with_md5(&file.path) {
            Ok((hashes, md5)) => (Ok(hashes), md5),
            Err(error) => (Err(error), String::new()),
        };
        self.hashed(file, hashes).map(|hashes| (hashes, md5))
    }

    fn hashed(&mut self, file: &SourceFile, hashes: std::io::Result<Hashes>) -> Option<Hashes> {
        match hashes {
            Ok(hashes) => {
                if let Some(report) = self.files.get_mut(file.no as usize) {
                    report.sha256.clone_from(&hashes.sha256);
                    self.by_hash
                        .entry(hashes.sha256.clone())
                        .and_modify(|no| *no = file.no.min(*no))
                        .or_insert(file.no);
                    self.bytes_total = self.bytes_total - report.bytes + hashes.bytes;
                    report.bytes = hashes.bytes;
                }
                self.bytes_hashed += hashes.bytes;
                self.tell_progress();
                Some(hashes)
            }
            Err(error) => {
                let note = Note::lost(
                    "file-unreadable",
                    "the file could not be read and none of its rows was used",
                )
                .found(error.kind().to_string())
                .expected("a readable file");
                self.note(Some(file), note);
                None
            }
        }
    }

    /// Adds `bytes` on disk to what has been read.
    pub(crate) fn advance(&mut self, bytes: u64) {
        self.bytes_read += bytes;
        self.tell_progress();
    }

    fn tell_progress(&mut self) {
        // Hashing and reading each pass over the bytes once, so the two are averaged.
        let done = u64::midpoint(self.bytes_hashed, self.bytes_read);
        self.sink
            .progress(done.min(self.bytes_total), self.bytes_total);
    }

    /// Gives a notice about `file`, or about the whole source.
    pub(crate) fn note(&mut self, file: Option<&SourceFile>, note: Note) {
        self.note_named(
            file.map(|file| file.no),
            file.map_or("", |file| &file.name),
            note,
        );
    }

    /// Gives a notice about a file that is not there, by name.
    pub(crate) fn note_absent(&mut self, name: &str, note: Note) {
        self.note_named(None, name, note);
    }

    fn note_named(&mut self, file_no: Option<u32>, file: &str, note: Note) {
        let shown = self.shown.entry((file_no, note.code)).or_insert(Shown {
            notices: 0,
            hidden: 0,
            hidden_rows: 0,
            effect: note.effect,
        });
        if shown.notices >= self.input.limits.notices_per_code_max {
            shown.hidden += 1;
            shown.hidden_rows += note.rows_affected;
            shown.effect = shown.effect.min(note.effect);
            return;
        }
        shown.notices += 1;
        let found = if note.is_ours {
            note.found
        } else {
            cut(&self.input.tokens.mask(&note.found))
        };
        let notice = Notice {
            source_id: self.input.source_id.clone(),
            file_no,
            file: self.input.tokens.mask(file).into_owned(),
            row: note.row,
            code: note.code,
            effect: note.effect,
            rows_affected: note.rows_affected,
            found,
            expected: note.expected,
            message: note.message,
        };
        self.sink.notice(notice);
    }

    /// Widens the report's time range.
    pub(crate) fn observe_time(&mut self, ms: i64) {
        self.time_range = Some(match self.time_range {
            None => (ms, ms),
            Some((first, last)) => (first.min(ms), last.max(ms)),
        });
    }

    /// Adds a listed size.
    pub(crate) fn observe_bytes(&mut self, current: u128, all: u128) {
        self.bytes_listed.current += current;
        self.bytes_listed.all += all;
    }

    /// Emits the builder's rows when it is full. Rows of one batch are all from `file`.
    pub(crate) fn flush_if_full(
        &mut self,
        table: Table,
        file: &SourceFile,
        builder: &mut impl Builder,
    ) -> Result<(), Error> {
        if builder.is_full() {
            self.flush(table, file, builder)
        } else {
            Ok(())
        }
    }

    /// Emits the builder's rows, if any. Called at the end of each file.
    pub(crate) fn flush(
        &mut self,
        table: Table,
        file: &SourceFile,
        builder: &mut impl Builder,
    ) -> Result<(), Error> {
        if builder.is_empty() {
            return Ok(());
        }
        let batch = builder.finish()?;
        self.batch(table, file, batch)
    }

    /// Emits rows of `file`.
    pub(crate) fn batch(
        &mut self,
        table: Table,
        file: &SourceFile,
        batch: RecordBatch,
    ) -> Result<(), Error> {
        let rows = batch.num_rows() as u64;
        self.sink.batch(table, batch)?;
        *self.rows.entry(table).or_default() += rows;
        if let Some(report) = self.files.get_mut(file.no as usize) {
            report.rows += rows;
        }
        Ok(())
    }

    /// Ends the run: counts the notices that were not shown one by one, and digests the files.
    pub(crate) fn finish(mut self) -> SourceReport {
        let shown = std::mem::take(&mut self.shown);
        for ((file_no, code), shown) in shown {
            if shown.hidden == 0 {
                continue;
            }
            let file = file_no
                .and_then(|no| self.files.get(no as usize))
                .map_or("", |file| &file.name);
            self.sink.notice(Notice {
                source_id: self.input.source_id.clone(),
                file_no,
                file: self.input.tokens.mask(file).into_owned(),
                row: None,
                code,
                effect: shown.effect,
                rows_affected: shown.hidden_rows,
                found: format!("{} more notices of this code", shown.hidden),
                expected: String::new(),
                message: "further notices of this code are counted here and not shown one by one"
                    .to_owned(),
            });
        }
        self.sink.progress(self.bytes_total, self.bytes_total);
        let digest = digest::source_digest(&self.files);
        SourceReport {
            files: self.files,
            rows: self.rows,
            time_range: self.time_range,
            bytes_listed: self.bytes_listed,
            digest,
        }
    }
}

/// At most [`FOUND_CHARS_MAX`] characters of `text`.
fn cut(text: &str) -> String {
    match text.char_indices().nth(FOUND_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", &text[..end]),
    }
}
