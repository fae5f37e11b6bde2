//! Shared by the tests: a folder of files made by the test, and one call that reads them.

use std::path::{Path, PathBuf};

use plainview_records::{Collected, Notice, SourceInput, SourceReport, read_source};

/// The folder of real records, if it is present; else says so.
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
