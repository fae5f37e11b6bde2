//! Zip archives of record files: each entry becomes a file of the source, before any reader sees it.
//!
//! **Forms.** A zip file, told by its first bytes, that is no document itself: workbooks, DOCX and `OpenDocument` files are
//! zip files too and stay whole. Entries may be stored or deflated.
//!
//! **What becomes of them.** An entry is called `archive.zip/entry` and has a file number, a digest and notices of its own;
//! the archive is hashed as a file beside its entries. Nothing is ever written to a name that an archive gives: entries are
//! numbered files in a private folder, which is gone when the source has been read.
//!
//! **Traps.** Each is refused with a notice of its own. The whole archive: damage (`archive-damaged`), two entries of one
//! name, entries that share bytes, or headers that say different things to different programs (`archive-ambiguous`), too many
//! entries (`archive-too-many-entries`). One entry: a name that leads elsewhere (`archive-entry-name`), encryption
//! (`archive-encrypted`), an unknown way of compression (`archive-method`), wrong bytes (`archive-entry-damaged`), a link
//! (`link-not-followed`), more bytes than [`Limits`](crate::Limits) allows (`archive-entry-too-large`, `archive-too-large`,
//! `compression-ratio`), and another archive in it (`archive-nested`). What a system hides beside files (`__MACOSX`, names
//! with a leading dot) is an unread `hidden-file`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use crate::limits::{ARCHIVE_ENTRIES_MAX, RATIO_FREE_BYTES};
use crate::open::{Bound, Content, sniff};
use crate::run::{Note, Run};
use crate::{Collected, Format, Limits, Notice, SourceInput};

/// An archive among a source's files, and what was refused of it.
#[derive(Debug, Clone)]
pub(crate) struct Archive {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What was refused, with the name of the entry it is about; without one when it is about the archive.
    pub(crate) notes: Vec<Refused>,
}

/// A refusal, and the entry it is about.
pub(crate) type Refused = (Option<String>, Note);

/// The archives of a source that were taken apart, and the folders their entries lie in, which are gone with their last user.
#[derive(Debug, Clone, Default)]
pub struct Unpacked {
    pub(crate) archives: Vec<Archive>,
    scratch: Vec<Arc<TempDir>>,
}

/// Entries by name, and the notes of what was refused.
type Taken = (Vec<(String, PathBuf)>, Vec<Refused>);

impl SourceInput {
    /// Takes the archives among the files apart: their entries take their place. A source without archives stays as it is.
    ///
    /// An `Err` means that the folder for entries cannot be written; what is wrong with an archive is a notice.
    pub fn unpack(&mut self) -> io::Result<()> {
        // A damaged workbook is its own reader's to name.
        let may_be_damaged = matches!(self.format, Format::Table | Format::Document);
        let is_archive = |path: &PathBuf| {
            sniff(path).is_ok_and(|content| content == Content::Zip)
                && !is_document(path).unwrap_or(may_be_damaged)
        };
        // An entry that is an archive again was refused already.
        let (archives, mut files): (Vec<PathBuf>, Vec<PathBuf>) = std::mem::take(&mut self.files)
            .into_iter()
            .partition(|path| !self.placed.contains_key(path) && is_archive(path));
        if archives.is_empty() {
            self.files = files;
            return Ok(());
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix("plainview-");
        let folder = match &self.scratch_folder {
            Some(folder) => {
                std::fs::create_dir_all(folder)?;
                builder.tempdir_in(folder)?
            }
            None => builder.tempdir()?,
        };
        let mut budget = self.limits.archive_bytes_max;
        for (number, path) in archives.into_iter().enumerate() {
            let place = folder.path().join(format!("{number:06}"));
            std::fs::create_dir(&place)?;
            let (entries, notes) = take_apart(&path, &place, &self.limits, &mut budget)?;
            for (name, lies) in entries {
                let belongs = self.belongs(&path).join(name);
                self.placed.insert(lies.clone(), belongs);
                files.push(lies);
            }
            self.unpacked.archives.push(Archive { path, notes });
        }
        files.sort_by_cached_key(|path| self.belongs(path).to_owned());
        self.files = files;
        self.unpacked.scratch.push(Arc::new(folder));
        Ok(())
    }
}

impl SourceInput {
    /// The archive that the file at `path` is an entry of.
    pub fn archive_of(&self, path: &Path) -> Option<&Path> {
        let belongs = self.placed.get(path)?;
        self.unpacked
            .archives
            .iter()
            .map(|archive| archive.path.as_path())
            .find(|archive| belongs.starts_with(self.belongs(archive)))
    }

    /// Forgets the archives of which no entry is among the files any more.
    pub fn keep_archives_of_files(&mut self) {
        let mut archives = std::mem::take(&mut self.unpacked.archives);
        let used: BTreeSet<&Path> = self
            .files
            .iter()
            .filter_map(|p| self.placed.get(p))
            .map(PathBuf::as_path)
            .collect();
        archives.retain(|archive| {
            let belongs = self.belongs(&archive.path);
            used.range(belongs..)
                .next()
                .is_some_and(|entry| entry.starts_with(belongs))
        });
        self.unpacked.archives = archives;
    }

    /// Takes what was refused of archives as notices, so that files may be read in groups and nothing is said twice. Their
    /// `source_id` is empty, for the caller to fill.
    pub fn take_refusals(&mut self) -> Vec<Notice> {
        let mut sink = Collected::default();
        let mut quiet = self.clone();
        quiet.source_id = String::new();
        let mut run = Run::new(&quiet, &mut sink);
        for archive in &mut self.unpacked.archives {
            let name = quiet.name_of(&archive.path);
            for (entry, note) in std::mem::take(&mut archive.notes) {
                match entry {
                    Some(entry) => run.note_absent(&format!("{name}/{entry}"), note),
                    None => run.note_absent(&name, note),
                }
            }
        }
        run.finish();
        sink.notices
    }
}

/// Entries that documents have and archives of records do not: of Office files, and of `OpenDocument` and EPUB files.
const OF_DOCUMENTS: &[&str] = &[
    "[Content_Types].xml",
    "xl/workbook.xml",
    "xl/sharedStrings.xml",
    "word/document.xml",
    "ppt/presentation.xml",
    "mimetype",
];

/// Whether a zip file is a document and no archive; `None` when it cannot be opened.
fn is_document(path: &Path) -> Option<bool> {
    let opened = File::open(path).and_then(|mut file| {
        let is_small = declared_entries(&mut file)? <= ARCHIVE_ENTRIES_MAX;
        Ok(is_small.then(|| ZipArchive::new(BufReader::new(file))))
    });
    let Ok(Some(Ok(archive))) = opened else {
        return None;
    };
    let has = |name: &&str| archive.index_for_name(name).is_some();
    Some(OF_DOCUMENTS.iter().any(has))
}

/// Takes one archive apart into numbered files in `place`.
fn take_apart(path: &Path, place: &Path, limits: &Limits, budget: &mut u64) -> io::Result<Taken> {
    let mut archive = match open(path, limits) {
        Ok(archive) => archive,
        Err(note) => return Ok((Vec::new(), vec![(None, note)])),
    };
    let mut names: Vec<(String, usize)> = Vec::with_capacity(archive.len());
    let mut notes = Vec::new();
    for index in 0..archive.len() {
        match entry_name(&archive, index) {
            Ok(Some(name)) => names.push((name, index)),
            Ok(None) => {}
            Err(refused) => notes.push(*refused),
        }
    }
    // The order in an archive is its maker's; by name, the same files packed twice are the same source.
    names.sort();
    let mut entries = Vec::with_capacity(names.len());
    for (name, index) in names {
        let lies = place.join(format!("{index:06}"));
        match unpack_entry(&mut archive, index, &lies, limits, budget)? {
            None => entries.push((name, lies)),
            Some(note) => {
                std::fs::remove_file(&lies).or_else(|error| match error.kind() {
                    io::ErrorKind::NotFound => Ok(()),
                    _ => Err(error),
                })?;
                notes.push((Some(name), note));
            }
        }
    }
    Ok((entries, notes))
}

/// Opens an archive that says one thing only.
fn open(path: &Path, limits: &Limits) -> Result<ZipArchive<BufReader<File>>, Note> {
    let damaged = |found: String| {
        Note::lost(
            "archive-damaged",
            "the archive could not be opened and none of its files was read",
        )
        .found(found)
        .expected("a whole zip archive")
    };
    let too_many = |count: u64| {
        Note::lost(
            "archive-too-many-entries",
            "the archive holds more files than an archive may and none was read",
        )
        .measured(format!("{count} entries"))
        .expected(format!("at most {}", limits.archive_entries_max))
    };
    let mut file = File::open(path).map_err(|error| damaged(error.kind().to_string()))?;
    // Asked before the list is read: the list of a hostile archive could fill the memory.
    let declared =
        declared_entries(&mut file).map_err(|error| damaged(error.kind().to_string()))?;
    if declared > limits.archive_entries_max {
        return Err(too_many(declared));
    }
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|e| damaged(reason(&e)))?;
    if archive.len() as u64 > limits.archive_entries_max {
        return Err(too_many(archive.len() as u64));
    }
    archive.validate_header_consistency().map_err(|error| {
        Note::lost(
            "archive-ambiguous",
            "the archive holds two files of one name, files that share bytes, or files that its list does not name; \
             none was read, because programs differ in what they find in it",
        )
        .found(reason(&error))
        .expected("one list that agrees with every file")
    })?;
    Ok(archive)
}

/// The library's words, which name what is wrong and show nothing of a file.
fn reason(error: &ZipError) -> String {
    match error {
        ZipError::Io(error) => error.kind().to_string(),
        other => other.to_string(),
    }
}

/// The largest number of entries that any end record near the end of the file declares.
fn declared_entries(file: &mut File) -> io::Result<u64> {
    const COMMENT_BYTES_MAX: u64 = (1 << 16) + 22 + 20 + 56;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(COMMENT_BYTES_MAX)))?;
    let mut tail = Vec::new();
    file.take(COMMENT_BYTES_MAX).read_to_end(&mut tail)?;
    file.seek(SeekFrom::Start(0))?;
    let number = |at: usize, bytes: usize| -> u64 {
        tail.get(at..at + bytes).map_or(0, |slice| {
            slice
                .iter()
                .rev()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        })
    };
    let mut most = 0;
    for at in memchr::memmem::find_iter(&tail, b"PK\x05\x06") {
        let count = number(at + 10, 2);
        // 0xffff says that the 64-bit record has the count.
        most = most.max(if count == 0xffff { 0 } else { count });
    }
    for at in memchr::memmem::find_iter(&tail, b"PK\x06\x06") {
        most = most.max(number(at + 32, 8));
    }
    Ok(most)
}

/// The name of an entry that may be read; `None` for folders. A refusal names the entry.
fn entry_name(
    archive: &ZipArchive<BufReader<File>>,
    index: usize,
) -> Result<Option<String>, Box<Refused>> {
    let entry = archive
        .by_index_data(index)
        .map_err(|error| Box::new((None, damaged_entry(&reason(&error)))))?;
    let raw = String::from_utf8_lossy(entry.name_raw()).into_owned();
    let name = match entry.name() {
        Ok(name) if is_plain(&name) => name.into_owned(),
        _ => {
            let note = Note::lost(
                "archive-entry-name",
                "a file of the archive has a name that leads elsewhere, and was not read",
            )
            .found(raw.escape_debug().to_string())
            .expected("a relative name without `..`, `\\`, drive letters and control characters");
            return Err(Box::new((None, note)));
        }
    };
    if entry.is_dir() {
        return Ok(None);
    }
    let hidden = |segment: &str| segment.starts_with('.') || segment == "__MACOSX";
    if name.split('/').any(hidden) {
        let note = Note::unread("hidden-file", "a hidden file was not read");
        return Err(Box::new((Some(name), note)));
    }
    let refused = |code, message: &str, expected: &str| {
        let note = Note::lost(code, message).expected(expected);
        Err(Box::new((Some(name.clone()), note)))
    };
    if entry.is_symlink() {
        return refused(
            "link-not-followed",
            "a link inside an archive was not followed",
            "a file",
        );
    }
    if entry.encrypted() {
        return refused(
            "archive-encrypted",
            "a file of the archive is encrypted and was not read",
            "a file that is not encrypted",
        );
    }
    Ok(Some(name))
}

/// Whether a name stays below the archive on any system.
fn is_plain(name: &str) -> bool {
    const NAME_BYTES_MAX: usize = 1024;
    let name = name.strip_suffix('/').unwrap_or(name);
    let has_drive = name.as_bytes().get(1) == Some(&b':');
    !name.is_empty()
        && name.len() <= NAME_BYTES_MAX
        && !has_drive
        && !name.contains('\\')
        && !name.chars().any(char::is_control)
        && name
            .split('/')
            .all(|segment| !matches!(segment, "" | "." | ".."))
}

/// Writes one entry to `lies`; a note when it is refused.
fn unpack_entry(
    archive: &mut ZipArchive<BufReader<File>>,
    index: usize,
    lies: &Path,
    limits: &Limits,
    budget: &mut u64,
) -> io::Result<Option<Note>> {
    let method = archive
        .by_index_data(index)
        .map(|entry| entry.compression())
        .ok();
    if !matches!(
        method,
        Some(CompressionMethod::Stored | CompressionMethod::Deflated)
    ) {
        let note = Note::lost(
            "archive-method",
            "a file of the archive is compressed in a way that is not read",
        )
        .expected("stored or deflated");
        return Ok(Some(note));
    }
    let mut entry = match archive.by_index(index) {
        Ok(entry) => entry,
        Err(error) => return Ok(Some(damaged_entry(&reason(&error)))),
    };
    let packed = entry.compressed_size();
    let mut file = File::create_new(lies)?;
    let mut buffer = vec![0_u8; 1 << 16];
    let mut written = 0_u64;
    loop {
        let read = match entry.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) => return Ok(Some(damaged_entry(&error.kind().to_string()))),
        };
        written += read as u64;
        if let Some(note) = over(written, packed, limits, *budget) {
            return Ok(Some(note));
        }
        file.write_all(&buffer[..read])?;
    }
    *budget -= written;
    file.flush()?;
    drop(file);
    let is_archive = sniff(lies)? == Content::Zip && is_document(lies) != Some(true);
    Ok(is_archive.then(|| {
        Note::lost(
            "archive-nested",
            "an archive within the archive was not opened",
        )
        .expected("archives side by side; unpack the outer one by hand")
    }))
}

/// The bound that an entry of `written` bytes from `packed` ones crosses.
fn over(written: u64, packed: u64, limits: &Limits, budget: u64) -> Option<Note> {
    if written > limits.archive_entry_bytes_max {
        let most = limits.archive_entry_bytes_max;
        return Some(
            Note::lost(
                "archive-entry-too-large",
                "a file of the archive is too large and was not read",
            )
            .measured(format!("more than {most} bytes")),
        );
    }
    if written > budget {
        return Some(
            Note::lost(
                "archive-too-large",
                "the archives of the source hold too much; this file was not read",
            )
            .expected(format!("at most {} bytes in all", limits.archive_bytes_max)),
        );
    }
    let grown = packed.saturating_mul(limits.ratio_max);
    (written > RATIO_FREE_BYTES.max(grown)).then(|| Bound::Ratio(limits.ratio_max).note())
}

fn damaged_entry(found: &str) -> Note {
    Note::lost(
        "archive-entry-damaged",
        "a file of the archive could not be unpacked whole and was not read",
    )
    .found(found)
    .expected("a whole file")
}
