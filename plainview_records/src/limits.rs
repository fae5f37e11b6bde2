//! Every bound on what records may cost, in one place, each with the notice that crossing it gives.
//!
//! Nothing here is a clock. How long a file takes depends on the machine, and a result that depends on the machine is no
//! result; so the measure of work is what the file holds: bytes after decompression and records. A file costs at most
//! [`Limits::decompressed_bytes_max`] bytes and [`Limits::records_max`] records, and each of them at most
//! [`Limits::record_bytes_max`] bytes. The only clocks are in the worker that takes text out of documents, where a
//! document that takes too long is named as such.
//!
//! [`CAPS`] is the list for people; `docs/src/limits.md` repeats it and a test compares the two.

/// Bounds on what one file may cost. Crossing one is a notice, and the rest of that file is lost.
#[allow(
    clippy::struct_field_names,
    reason = "a bound's name ends in what kind of bound it is"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest single record (line) of a text file, in bytes.
    pub record_bytes_max: u64,
    /// Most records (or lines) of one file.
    pub records_max: u64,
    /// Most bytes one compressed file may decompress to.
    pub decompressed_bytes_max: u64,
    /// Most bytes that one compressed byte may become, once a file has given `RATIO_FREE_BYTES`.
    pub ratio_max: u64,
    /// Largest file that a reader may hold in memory whole (manifests, JSON, mails, workbooks).
    pub whole_file_bytes_max: u64,
    /// Notices of one code shown one by one for a file; the rest are counted in one more.
    pub notices_per_code_max: u64,
    /// Most entries of one archive.
    pub archive_entries_max: u64,
    /// Most bytes one entry of an archive may decompress to.
    pub archive_entry_bytes_max: u64,
    /// Most bytes all archives of a source may decompress to.
    pub archive_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record_bytes_max: LINE_BYTES_MAX,
            records_max: RECORDS_MAX,
            decompressed_bytes_max: DECOMPRESSED_BYTES_MAX,
            ratio_max: RATIO_MAX,
            whole_file_bytes_max: WHOLE_FILE_BYTES_MAX,
            notices_per_code_max: NOTICES_PER_CODE_MAX,
            archive_entries_max: ARCHIVE_ENTRIES_MAX,
            archive_entry_bytes_max: ARCHIVE_ENTRY_BYTES_MAX,
            archive_bytes_max: ARCHIVE_BYTES_MAX,
        }
    }
}

/// One bound, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    /// What is bounded.
    pub what: &'static str,
    /// The bound.
    pub most: u64,
    /// What it counts.
    pub unit: &'static str,
    /// The notice that crossing it gives.
    pub notice: &'static str,
}

macro_rules! caps {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $most:expr, $unit:literal, $what:literal, $notice:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: $kind = $most;)*

        /// Every bound, in the order of a file's way through a reader.
        #[allow(
            clippy::cast_possible_truncation,
            trivial_numeric_casts,
            reason = "bounds of every integer type fit into 64 bits"
        )]
        pub const CAPS: &[Cap] = &[$(Cap {
            what: $what,
            most: $name as u64,
            unit: $unit,
            notice: $notice,
        },)*];
    };
}

caps! {
    /// Deepest folder a walk enters.
    WALK_DEPTH_MAX: usize = 32, "folders", "depth of a folder below the one named", "folder-too-deep";
    /// Entries of one archive.
    ARCHIVE_ENTRIES_MAX: u64 = 100_000, "entries", "entries of a zip archive", "archive-too-many-entries";
    /// Bytes of one entry.
    ARCHIVE_ENTRY_BYTES_MAX: u64 = 8 << 30, "bytes", "one entry of a zip archive, decompressed", "archive-entry-too-large";
    /// Bytes of all entries.
    ARCHIVE_BYTES_MAX: u64 = 64 << 30, "bytes", "all zip archives of a source, decompressed", "archive-too-large";
    /// Archives in archives.
    ARCHIVE_DEPTH_MAX: u64 = 1, "archives", "nesting of archives, and of compression", "archive-nested";
    /// Decompressed bytes.
    DECOMPRESSED_BYTES_MAX: u64 = 64 << 30, "bytes", "one file, decompressed", "file-too-large";
    /// Decompressed bytes for each compressed one.
    RATIO_MAX: u64 = 200, "to 1", "growth of a compressed file after its first MiB", "compression-ratio";
    /// Records or lines of one file.
    RECORDS_MAX: u64 = 1 << 32, "records", "records or lines of one file", "too-many-records";
    /// A line, a CSV record.
    LINE_BYTES_MAX: u64 = 1 << 20, "bytes", "one line or CSV record", "record-too-long";
    /// A JSON record.
    RECORD_BYTES_MAX: u64 = 16 << 20, "bytes", "one JSON record", "record-too-long";
    /// Objects and arrays within one another in a JSON record.
    JSON_DEPTH_MAX: u32 = 64, "levels", "nesting of one JSON record", "json-too-deep";
    /// A file held whole.
    WHOLE_FILE_BYTES_MAX: u64 = 256 << 20, "bytes", "a manifest or another file that is read whole", "manifest-too-large";
    /// All parts of a workbook but its sheets.
    SHEET_PARTS_BYTES_MAX: u64 = 64 << 20, "bytes", "all parts of a workbook but its sheets, unpacked", "file-too-large";
    /// One sheet of a workbook.
    SHEET_BYTES_MAX: u64 = 256 << 20, "bytes", "one sheet of a workbook, unpacked", "file-too-large";
    /// Entries of a workbook.
    SHEET_ENTRIES_MAX: usize = 10_000, "entries", "entries of a workbook", "file-too-large";
    /// Rows of a second keying.
    KEYED_ROWS_MAX: usize = 100_000, "rows", "rows of a sheet that a second person keyed", "keying-too-long";
    /// The manifest of a cost export.
    COST_MANIFEST_BYTES_MAX: u64 = 4 << 20, "bytes", "the manifest of a cost export", "cur-no-manifest";
    /// What is kept of one mail.
    MAIL_BYTES_MAX: usize = 8 << 20, "bytes", "one mail", "mail-too-long";
    /// The head of a mail or of one of its parts.
    MAIL_HEAD_BYTES_MAX: usize = 1 << 20, "bytes", "the header of a mail", "mail-header-cut";
    /// Parts within parts of a mail.
    MAIL_DEPTH_MAX: usize = 16, "levels", "nesting of the parts of a mail", "mail-too-deep";
    /// Parts of a mail.
    MAIL_PARTS_MAX: u32 = 1000, "parts", "parts of a mail", "mail-too-many-parts";
    /// The text that is kept of one mail.
    MAIL_TEXT_BYTES_MAX: usize = 1 << 20, "bytes", "the text of one mail", "mail-text-cut";
    /// Different mails of a source, and Message-IDs, that are remembered.
    MAILS_REMEMBERED_MAX: usize = 4_000_000, "mails", "mails that copies and threads are looked for among", "mail-threads-partial";
    /// The text that is kept of one document.
    DOCUMENT_TEXT_BYTES_MAX: usize = 16 << 20, "bytes", "the text of one document", "document-text-cut";
    /// Pages of one PDF.
    DOCUMENT_PAGES_MAX: usize = 20_000, "pages", "pages of one PDF", "document-text-cut";
    /// Entries of an Office document.
    DOCUMENT_ENTRIES_MAX: usize = 10_000, "entries", "entries of a Word or Excel document", "document-too-large";
    /// Parts of an Office document together.
    DOCUMENT_UNPACKED_BYTES_MAX: u64 = 512 << 20, "bytes", "all parts of a Word or Excel document, unpacked", "document-too-large";
    /// One part of an Office document.
    DOCUMENT_PART_BYTES_MAX: u64 = 128 << 20, "bytes", "one part of a Word document, unpacked", "document-too-large";
    /// Notices of one code and one file that are shown one by one.
    NOTICES_PER_CODE_MAX: u64 = 100, "notices", "notices of one code and file shown one by one; the rest are counted", "the same code";
}

/// Bytes a compressed file may give before its growth is measured: short files of one repeated line are not bombs.
pub(crate) const RATIO_FREE_BYTES: u64 = 1 << 20;
