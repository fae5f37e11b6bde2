//! Shared by the tests: a folder of files made by the test, one call that reads them, and cells as text.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use md5::{Digest as _, Md5};
use plainview_records::{
    Collected, Effect, Format, Notice, SourceInput, SourceReport, Table, expand, read_source,
};

/// The folder of real records, if it is present; else says so.
#[allow(clippy::print_stderr, reason = "a skipped test says why")]
pub(crate) fn shared_data() -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data"));
    if path.is_dir() {
        return Some(path.to_owned());
    }
    eprintln!("skipped: ../shared/data is not present");
    None
}

/// Reads `input` into memory.
pub(crate) fn read(input: &SourceInput) -> (Collected, SourceReport) {
    let mut sink = Collected::default();
    let report = read_source(input, &mut sink).unwrap();
    (sink, report)
}

/// The codes of the notices, in order.
pub(crate) fn codes(notices: &[Notice]) -> Vec<&str> {
    notices.iter().map(|notice| notice.code).collect()
}

/// The notice with this code; there must be exactly one.
pub(crate) fn only<'n>(notices: &'n [Notice], code: &str) -> &'n Notice {
    let mut all = notices.iter().filter(|notice| notice.code == code);
    let first = all
        .next()
        .unwrap_or_else(|| panic!("no {code} in {notices:#?}"));
    assert!(all.next().is_none(), "several {code} in {notices:#?}");
    first
}

/// The codes of notices with this effect.
pub(crate) fn with_effect(notices: &[Notice], effect: Effect) -> Vec<&str> {
    notices
        .iter()
        .filter(|notice| notice.effect == effect)
        .map(|notice| notice.code)
        .collect()
}

/// A column's cells as text; a null is `-`.
pub(crate) fn column(batch: &RecordBatch, name: &str) -> Vec<String> {
    let array = batch
        .column_by_name(name)
        .unwrap_or_else(|| panic!("no column {name}"));
    (0..array.len())
        .map(|row| {
            if array.is_null(row) {
                return "-".to_owned();
            }
            arrow_cast::display::array_value_to_string(array, row).unwrap()
        })
        .collect()
}

/// The `objects` rows of what was read.
pub(crate) fn objects(sink: &Collected) -> RecordBatch {
    sink.table(Table::Objects).unwrap()
}

/// A folder of record files, removed when the test ends.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, with its folders.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// An input over these patterns, with an account of the reserved kind.
    pub(crate) fn input(&self, format: Format, patterns: &[&str]) -> SourceInput {
        let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        let (files, notices) = expand(self.path(), &patterns);
        assert_eq!(notices, [], "the test's own patterns match");
        let mut input = SourceInput::new("inventory", format, self.path().to_owned(), files);
        input.account = Some("aws/111122223333".to_owned());
        input
    }
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// MD5 in hex.
pub(crate) fn md5_hex(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

/// One gzip member.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
