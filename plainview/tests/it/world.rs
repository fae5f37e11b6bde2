//! The vocabulary of the tests: run the program, make a demo, make a small case.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use plainview_synth::digest::md5_hex;
use plainview_synth::listings::{ListingRow, NamedFile, S3Encoding, S3Inventory, s3_inventory};
use serde_json::Value;
use tempfile::TempDir;

/// 2025-01-01T00:00:00Z in milliseconds.
pub(crate) const JANUARY_MS: i64 = 1_735_689_600_000;

/// A day in milliseconds.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// What a run printed and returned.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Panics with everything printed unless the code is the expected one.
    #[track_caller]
    pub(crate) fn code(self, expected: i32) -> Self {
        assert_eq!(
            self.code, expected,
            "stdout:\n{}\nstderr:\n{}",
            self.out, self.err
        );
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }
}

/// Runs `plainview` with `args`.
pub(crate) fn run(args: &[&str]) -> Ran {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_plainview"))
        .args(args)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A path as an argument.
pub(crate) fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The demo, made and reviewed once per test run; tests that alter it work on a [`copy`].
pub(crate) fn demo() -> &'static (TempDir, String) {
    static DEMO: OnceLock<(TempDir, String)> = OnceLock::new();
    DEMO.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let ran = run(&["demo", arg(&folder.path().join("case"))]).code(0);
        (folder, ran.out)
    })
}

/// The demo's case folder.
pub(crate) fn demo_case() -> PathBuf {
    demo().0.path().join("case")
}

/// A copy of the demo; `fresh` leaves Plainview's own folder behind.
pub(crate) fn copy(fresh: bool) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&demo_case(), folder.path(), fresh);
    folder
}

fn copy_folder(from: &Path, to: &Path, fresh: bool) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            if !(fresh && entry.file_name() == ".plainview") {
                copy_folder(&entry.path(), &target, fresh);
            }
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The published JSON of a reviewed case.
pub(crate) fn review_json(case: &Path) -> Value {
    let text = fs::read_to_string(case.join(".plainview/out/review.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The published page of a reviewed case.
pub(crate) fn page(case: &Path) -> String {
    fs::read_to_string(case.join(".plainview/out/report.html")).unwrap()
}

/// The verdict of one claim in a review.
pub(crate) fn verdict<'a>(review: &'a Value, claim: &str) -> &'a Value {
    review["claims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["verdict"])
        .find(|verdict| verdict["claim"] == claim)
        .unwrap_or_else(|| panic!("no verdict for {claim}"))
}

/// Replaces text in `case.toml`; the text must be there.
#[track_caller]
pub(crate) fn edit(case: &Path, from: &str, to: &str) {
    let path = case.join("case.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "case.toml does not hold: {from}");
    fs::write(path, text.replace(from, to)).unwrap();
}

/// Removes every `[[table]]` of `case.toml` that holds `line`.
pub(crate) fn remove_tables(case: &Path, line: &str) {
    let path = case.join("case.toml");
    let text = fs::read_to_string(&path).unwrap();
    let mut out = String::new();
    let mut removed = 0;
    let mut parts: Vec<String> = Vec::new();
    for row in text.lines() {
        if row.starts_with("[[") || parts.is_empty() {
            parts.push(String::new());
        }
        let last = parts.last_mut().unwrap();
        last.push_str(row);
        last.push('\n');
    }
    for part in parts {
        if part.lines().any(|row| row.trim() == line) {
            removed += 1;
        } else {
            out.push_str(&part);
        }
    }
    assert!(removed > 0, "no table holds {line}");
    fs::write(path, out).unwrap();
}

/// Writes files below `folder`.
pub(crate) fn put(folder: &Path, files: &[NamedFile]) {
    for file in files {
        let path = folder.join(&file.name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &file.bytes).unwrap();
    }
}

/// One S3 inventory of `bucket`, made on `at_ms`.
pub(crate) fn inventory(
    bucket: &str,
    at_ms: i64,
    encoding: S3Encoding,
    rows: Vec<ListingRow>,
) -> Vec<NamedFile> {
    let report = S3Inventory {
        bucket,
        destination: "fictional-reports",
        configuration: "weekly",
        created_ms: at_ms,
        encoding,
        rows_per_file: 100_000,
        versioned: false,
    };
    s3_inventory(&report, rows).unwrap()
}

/// A case of one S3 inventory source in `sources/inventory` and whatever `more` adds.
pub(crate) fn small_case(folder: &Path, more: &str) {
    let mut text = String::from(
        r#"
[case]
id = "small"
title = "A small fictional case"
opened = 2025-08-01
fictional = true
[case.authority]
who = "the tests"
basis = "they made the records"
approved_by = "the tests"
until = 2030-01-01
[scope]
from = 2025-01-01
to = 2025-02-01
accounts = ["aws/111122223333", "azure/fictionalaccount"]
[[party]]
id = "provider"
name = "A provider (fictional)"
kind = "organisation"
role = "provider"
[[source]]
id = "inventory"
format = "s3-inventory"
files = ["sources/inventory"]
kind = "system-record"
custodian = "provider"
controller = "provider"
acquired_at = 2025-07-01T00:00:00Z
account = "aws/111122223333"
[[claim]]
id = "C1"
text = "We found no evidence of recorded calls."
claimant = ["provider"]
stated_at = 2025-06-01
template = "no-evidence-of recorded_calls"
"#,
    );
    writeln!(text, "{more}").unwrap();
    fs::write(folder.join("case.toml"), text).unwrap();
}

/// Fixes the size and MD5 of every data file in the manifest at `path`, and the manifest's checksum.
pub(crate) fn mend_manifest(path: &Path) {
    let mut manifest: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    for entry in manifest["files"].as_array_mut().unwrap() {
        let name = entry["key"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        let bytes = fs::read(path.with_file_name(name)).unwrap();
        entry["size"] = bytes.len().into();
        entry["MD5checksum"] = md5_hex(&bytes).into();
    }
    let text = serde_json::to_vec_pretty(&manifest).unwrap();
    fs::write(path, &text).unwrap();
    fs::write(
        path.with_file_name("manifest.checksum"),
        format!("{}\n", md5_hex(&text)),
    )
    .unwrap();
}

/// Every file below `folder`.
pub(crate) fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(walk(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The codes of the notices with `effect` in a review.
pub(crate) fn notices(review: &Value, effect: &str) -> Vec<String> {
    review["coverage"]["groups"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|group| group["effect"] == effect)
        .map(|group| group["code"].as_str().unwrap().to_owned())
        .collect()
}

/// A folder of real samples that may be absent.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data")
        .join(name);
    if !path.exists() {
        eprintln!("skipped: ../shared/data/{name} is not present");
        return None;
    }
    Some(path)
}
