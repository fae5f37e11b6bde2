//! Which files of an export are read: one run of each period, whatever else the source holds.
//!
//! A scheduled export writes the whole period again in each run: `EXPORT/20250101-20250131/<run id>/part_0_0001.csv`, with a
//! `manifest.json` beside it whose `runInfo` says when the run was submitted. Of several runs of one period the one submitted
//! last is read and the others are named; where a run has no manifest nothing says which is last, and none is read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::formats::cost::json::object_text;
use crate::run::{FileRole, Note, Run, SourceFile};

/// What is read of a manifest.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    run_info: RunInfo,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunInfo {
    submitted_time: String,
}

/// Whether a JSON text begins as the manifest of an export.
pub(super) fn is_manifest(text: &str) -> bool {
    ["\"runInfo\"", "\"exportConfig\"", "\"submittedTime\""]
        .iter()
        .all(|name| text.contains(name))
}

/// Numbers the files of the source and gives those to read.
pub(super) fn plan(run: &mut Run<'_>) -> Vec<SourceFile> {
    let mut roles = Vec::new();
    // The folder of a run, and when it was submitted.
    let mut submitted: BTreeMap<PathBuf, String> = BTreeMap::new();
    for path in &run.input.files {
        let role = match object_text(path) {
            None => FileRole::Data,
            Some(text) => match serde_json::from_str::<Manifest>(&text) {
                Ok(manifest) => {
                    if let Some(folder) = run.input.belongs(path).parent() {
                        submitted.insert(folder.to_owned(), manifest.run_info.submitted_time);
                    }
                    FileRole::Manifest
                }
                Err(_) => FileRole::Other,
            },
        };
        roles.push((path.clone(), role));
    }
    let kinds: Vec<FileRole> = roles.iter().map(|(_, role)| *role).collect();
    let mut data = Vec::new();
    for (file, kind) in run.plan(roles).into_iter().zip(kinds) {
        match kind {
            FileRole::Data => data.push(file),
            kind => beside(run, &file, kind),
        }
    }
    let left = earlier_runs(run, &data, &submitted);
    data.retain(|file| !left.contains(&file.no));
    data
}

/// Hashes a file that holds no rows, and names it when it is no manifest.
fn beside(run: &mut Run<'_>, file: &SourceFile, kind: FileRole) {
    let Some(hashes) = run.hash(file) else { return };
    if kind == FileRole::Other {
        let note = Note::unread(
            "azure-cost-no-manifest",
            "a JSON file that is no manifest of an export was not read",
        )
        .expected("runInfo with submittedTime");
        run.note(Some(file), note);
    }
    run.advance(hashes.bytes);
}

/// The numbers of the files of runs that are not read; says so.
fn earlier_runs(
    run: &mut Run<'_>,
    data: &[SourceFile],
    submitted: &BTreeMap<PathBuf, String>,
) -> BTreeSet<u32> {
    let mut runs: BTreeMap<&Path, BTreeMap<&Path, Vec<&SourceFile>>> = BTreeMap::new();
    for file in data {
        let Some(folder) = file.belongs.parent() else {
            continue;
        };
        if let Some(period) = folder.parent()
            && folder
                .file_name()
                .and_then(|n| n.to_str())
                .is_some_and(is_run)
        {
            let of_period = runs.entry(period).or_default();
            of_period.entry(folder).or_default().push(file);
        }
    }
    let mut left = BTreeSet::new();
    for of_period in runs.values().filter(|of_period| of_period.len() > 1) {
        let last = last_submitted(of_period.keys().copied(), submitted);
        for (folder, files) in of_period {
            if Some(*folder) == last {
                continue;
            }
            for file in files {
                left.insert(file.no);
                if let Some(hashes) = run.hash(file) {
                    run.advance(hashes.bytes);
                }
                run.note(Some(file), not_read(last.is_some(), of_period.len()));
            }
        }
    }
    left
}

/// The folder of the run that was submitted last, when every run says when it was and one is last.
fn last_submitted<'f>(
    folders: impl Iterator<Item = &'f Path>,
    submitted: &BTreeMap<PathBuf, String>,
) -> Option<&'f Path> {
    let times: Option<BTreeMap<&String, &Path>> = folders
        .map(|folder| Some((submitted.get(folder)?, folder)))
        .collect();
    Some(*times?.last_key_value()?.1)
}

fn not_read(is_earlier: bool, runs: usize) -> Note {
    let note = if is_earlier {
        Note::unread(
            "azure-cost-earlier-run",
            "an earlier run of a period that a later one holds was not read",
        )
    } else {
        Note::lost(
            "azure-cost-runs",
            "several runs of one period were found and nothing says which is the last; none was read, so that no charge counts twice",
        )
        .expected("the manifest.json of each run, or the files of one run per period")
    };
    note.measured(format!("{runs} runs"))
}

/// Whether a folder is named like a run: a UUID.
fn is_run(name: &str) -> bool {
    name.len() == 36
        && name.bytes().enumerate().all(|(n, b)| match n {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}
