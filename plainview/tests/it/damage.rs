//! Damaged records: each becomes a notice in the report, the run completes, the exit code is 2.

use std::fs;
use std::path::{Path, PathBuf};

use plainview_synth::listings::{ListingRow, S3Encoding};
use tempfile::TempDir;

use crate::world::{
    DAY_MS, JANUARY_MS, arg, edit, inventory, mend_manifest, notices, page, put, review_json, run,
    small_case, walk,
};

fn rows(count: i64) -> Vec<ListingRow> {
    (0..count)
        .map(|n| ListingRow::new(format!("logs/{n:03}.gz"), 1000, JANUARY_MS + n * DAY_MS / 9))
        .collect()
}

/// A case with one CSV and one Parquet inventory.
fn case() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    small_case(folder.path(), "");
    let sources = folder.path().join("sources/inventory");
    let csv = S3Encoding::CsvGz {
        rows_per_member: 100,
    };
    put(
        &sources.join("a"),
        &inventory("fictional-a", JANUARY_MS, csv, rows(300)),
    );
    put(
        &sources.join("b"),
        &inventory("fictional-b", JANUARY_MS, S3Encoding::Parquet, rows(300)),
    );
    folder
}

fn data_file(case: &TempDir, extension: &str) -> PathBuf {
    let found = walk(case.path())
        .into_iter()
        .find(|p| p.extension().is_some_and(|e| e == extension));
    found.unwrap()
}

fn manifest_of(data: &Path) -> PathBuf {
    data.with_file_name("manifest.json")
}

/// Reviews the case and wants a lost notice of one of `codes`, in the JSON and on the page.
#[track_caller]
fn lost(case: &TempDir, codes: &[&str]) {
    let ran = run(&["review", arg(case.path())]).code(2);
    assert!(ran.err.contains("exit code 2"), "{}", ran.err);
    let review = review_json(case.path());
    let found = notices(&review, "lost");
    let code = found.iter().find(|code| codes.contains(&code.as_str()));
    let code = code.unwrap_or_else(|| panic!("lost {found:?}, wanted one of {codes:?}"));
    assert!(
        page(case.path()).contains(code.as_str()),
        "the page does not name {code}"
    );
    // A notice that the register expects does not raise the code.
    let expected: Vec<String> = found.iter().map(|code| format!("\"{code}\"")).collect();
    let line = format!(
        "expected_notices = [{}]\nformat = \"s3-inventory\"",
        expected.join(", ")
    );
    edit(case.path(), "format = \"s3-inventory\"", &line);
    run(&["review", arg(case.path())]).code(0);
}

#[test]
fn an_undamaged_case_is_read_in_full() {
    let case = case();
    run(&["review", arg(case.path())]).code(0);
    let review = review_json(case.path());
    assert!(notices(&review, "lost").is_empty());
    assert_eq!(review["sources"][0]["tables"]["objects"], 600);
}

#[test]
fn a_wrong_md5_loses_the_file() {
    let case = case();
    let path = data_file(&case, "gz");
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    lost(&case, &["md5-mismatch"]);
    assert_eq!(
        review_json(case.path())["sources"][0]["tables"]["objects"],
        300
    );
}

#[test]
fn a_file_cut_in_half_is_a_notice() {
    for extension in ["gz", "parquet"] {
        let case = case();
        let path = data_file(&case, extension);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        lost(&case, &["size-mismatch", "md5-mismatch"]);
        // Also when whoever cut it made the manifest match.
        let case = self::case();
        let path = data_file(&case, extension);
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        mend_manifest(&manifest_of(&path));
        let ran = run(&["review", arg(case.path())]).code(2);
        assert!(ran.out.contains("The report:"));
        assert!(!notices(&review_json(case.path()), "lost").is_empty());
    }
}

#[test]
fn a_bad_row_is_a_notice_with_its_row_and_the_rest_is_kept() {
    let case = case();
    let path = data_file(&case, "gz");
    let text = "\"fictional-a\",\"logs/1.gz\",\"10\",\"2025-01-01T00:00:00.000Z\",\"e\",\"STANDARD\",\"false\",\"\",\"SSE-S3\"\n\
                \"fictional-a\",\"logs/2.gz\",\"many\",\"2025-01-01T00:00:00.000Z\",\"e\",\"STANDARD\",\"false\",\"\",\"SSE-S3\"\n\
                \"fictional-a\",\"logs/3.gz\",\"10\"\n";
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut out, text.as_bytes()).unwrap();
    fs::write(&path, out.finish().unwrap()).unwrap();
    mend_manifest(&manifest_of(&path));
    lost(&case, &["bad-row"]);
    let review = review_json(case.path());
    let groups = review["coverage"]["groups"].as_array().unwrap();
    let bad = groups.iter().find(|g| g["code"] == "bad-row").unwrap();
    let found: Vec<u64> = bad["examples"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["row"].as_u64().unwrap())
        .collect();
    assert_eq!(found, [2, 3]);
    assert_eq!(review["sources"][0]["tables"]["objects"], 301);
}

#[test]
fn a_file_that_cannot_be_read_is_a_notice() {
    let case = case();
    let path = data_file(&case, "parquet");
    fs::remove_file(&path).unwrap();
    // A folder of that name can be listed but not read as a file.
    fs::create_dir(&path).unwrap();
    lost(&case, &["file-missing", "file-unreadable"]);
}

#[test]
fn a_source_without_files_is_a_notice() {
    let case = case();
    fs::remove_dir_all(case.path().join("sources")).unwrap();
    lost(&case, &["no-such-file"]);
}
