//! Any bytes as a source of any format: no panic, no row out of place, no loss without a notice.
//!
//! One program serves every format, because most of its build is what the readers share; the environment variable
//! `PLAINVIEW_FUZZ_FORMAT` says which one is read. Each format has its own folder of seeds below `corpus/`. An input is one file,
//! or several: a line `<RS>FILE name` (RS is the byte 0x1e) begins the next one, so that manifests can come with what they list.
//!
//! What is checked beside panics: every batch has its table's schema and is no larger than promised; rows are from files of the
//! source, numbered from 1 and not given twice; the report counts what was given; a row that was counted and not given is
//! covered by a notice; notices show no more text than they may; and reading again gives the same.

#![no_main]

mod packed;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use plainview_records::{Format, Limits, SourceInput, TableMap, detect, read_source};

use crate::watch::Watch;

/// Where inputs become files: memory where there is some to mount.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let shared = Path::new("/dev/shm");
        let root = if shared.is_dir() {
            shared.to_path_buf()
        } else {
            std::env::temp_dir()
        };
        root.join(format!("plainview-fuzz-{}", std::process::id()))
    })
}

fn format() -> Format {
    static FORMAT: OnceLock<Format> = OnceLock::new();
    *FORMAT.get_or_init(|| {
        let name = std::env::var("PLAINVIEW_FUZZ_FORMAT").expect("PLAINVIEW_FUZZ_FORMAT is not set");
        name.parse().expect("PLAINVIEW_FUZZ_FORMAT is no format")
    })
}

/// Bounds small enough that an input can reach them.
fn limits() -> Limits {
    Limits {
        record_bytes_max: 16 << 10,
        decompressed_bytes_max: 1 << 20,
        whole_file_bytes_max: 256 << 10,
        notices_per_code_max: 8,
        ..Limits::default()
    }
}

fn input(files: Vec<PathBuf>) -> SourceInput {
    let mut input = SourceInput::new("fuzz", format(), folder().to_path_buf(), files);
    input.account = Some("aws/111122223333".to_owned());
    input.limits = limits();
    if format() == Format::Table {
        input.map = Some(map());
    }
    input
}

/// A map of a sheet `container,key,size,modified` without a header, so that any bytes are rows.
fn map() -> TableMap {
    use plainview_records::{MappedColumn, Table};
    let column = |name: &str| MappedColumn::Column {
        name: name.to_owned(),
        unit: None,
    };
    TableMap {
        table: Table::Objects,
        locale: None,
        sheet: None,
        header_row: 0,
        timezone: None,
        date_format: None,
        columns: [
            ("provider", MappedColumn::Value("aws".to_owned())),
            ("account", MappedColumn::Value("111122223333".to_owned())),
            ("container", column("1")),
            ("key", column("2")),
            ("size", column("3")),
            ("modified_at", column("4")),
        ]
        .into_iter()
        .map(|(name, column)| (name.to_owned(), column))
        .collect(),
    }
}

fuzz_target!(|data: &[u8]| {
    let files = packed::write(folder(), data);
    for file in &files {
        // Asked of every file in a folder before anybody knows what it is.
        let _ = detect(file);
    }
    let first = read(&files);
    // Results are functions of the bytes; a second reading costs as much as the first, so only some inputs pay for it.
    if data.len() % 8 == 0 {
        assert!(first == read(&files), "the second reading differs");
    }
    packed::remove(folder());
});

fn read(files: &[PathBuf]) -> String {
    let input = input(files.to_vec());
    let mut watch = Watch::default();
    match read_source(&input, &mut watch) {
        Ok(report) => watch.check(&input, &report),
        Err(error) => panic!("a source cannot make a run untrustworthy: {error}"),
    }
}
