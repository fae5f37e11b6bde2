//! Repository rules that a reader would otherwise have to remember, written as tests (`tests/tidy.rs`).
//!
//! Each rule is a function from the repository's files to a list of complaints, so that the rule itself
//! can be tested.

use std::fs;
use std::path::{Path, PathBuf};

/// Longest a source file may be, in lines.
pub const LINES_MAX: usize = 800;

/// The crates in the order of the design: each may depend only on those before it.
pub const ROOMS: &[&str] = &[
    "plainview_register",
    "plainview_weigh",
    "plainview_seal",
    "plainview_profile",
    "plainview_records",
    "plainview_synth",
    "plainview_engine",
    "plainview_report",
    "plainview_verify",
    "plainview",
];

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file below `folder` whose name ends in `.EXTENSION`, sorted; build folders left out.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Complaints about one Rust file: a missing header, or too many lines.
pub fn source_complaints(name: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    if !text.starts_with("//!") {
        complaints.push(format!("{name}: does not open with `//!`"));
    }
    let lines = text.lines().count();
    if lines > LINES_MAX {
        complaints.push(format!("{name}: {lines} lines, at most {LINES_MAX}"));
    }
    complaints
}

/// Complaints about one crate's dependencies: it may name only rooms that stand before its own.
pub fn order_complaints(room: &str, dependencies: &[String]) -> Vec<String> {
    let place = |name: &str| ROOMS.iter().position(|r| *r == name);
    let Some(own) = place(room) else {
        return Vec::new();
    };
    dependencies
        .iter()
        .filter(|dependency| place(dependency).is_some_and(|other| other >= own))
        .map(|dependency| format!("{room} depends on {dependency}, which stands below it"))
        .collect()
}

/// Paths that a Markdown text names in backticks and that look like files of this repository.
pub fn named_paths(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| !code.contains(char::is_whitespace) && code.contains('/'))
        .filter(|code| {
            ["plainview", "xtask/", "bench/", "docs/", ".ci/"]
                .iter()
                .any(|p| code.starts_with(p))
        })
        .filter(|code| !code.contains(['<', '{', '*', '(', ':']))
        .map(str::to_owned)
        .collect()
}
