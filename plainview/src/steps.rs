//! Which steps of a review need not run again.
//!
//! A step is a function of named inputs; its record holds the digest of those inputs and of every
//! file it wrote. It is fresh only while both still match, so an output that was touched or lost is
//! made again and an interrupted run resumes where it stopped. The record is written after the
//! outputs: a crash between the two repeats the step, nothing worse.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::files;

/// What one step was given and what it left.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StepRecord {
    inputs: String,
    outputs: BTreeMap<String, String>,
}

impl StepRecord {
    /// Digest of the step's outputs: an input of the steps after it.
    pub(crate) fn digest(&self) -> String {
        let text: String = self
            .outputs
            .iter()
            .map(|(path, digest)| format!("{digest}  {path}\n"))
            .collect();
        files::sha256_hex(text.as_bytes())
    }
}

/// The step records of one case.
#[derive(Debug, Clone)]
pub(crate) struct Steps {
    root: PathBuf,
    tool: String,
}

impl Steps {
    /// Records below `root` (a case's `.plainview`); `tool` identifies the running program, so that
    /// another version repeats every step.
    pub(crate) fn open(root: &Path, tool: &str) -> Self {
        Self {
            root: root.to_path_buf(),
            tool: tool.to_owned(),
        }
    }

    fn record_path(&self, step: &str) -> PathBuf {
        self.root.join("steps").join(format!("{step}.json"))
    }

    /// Digest of a step's inputs, in the order given.
    pub(crate) fn inputs(&self, step: &str, parts: &[&str]) -> String {
        let mut text = format!("{}\n{step}\n", self.tool);
        for part in parts {
            text.push_str(&format!("{}:{part}\n", part.len()));
        }
        files::sha256_hex(text.as_bytes())
    }

    /// The record of `step` when it ran on exactly these inputs and its outputs are still there.
    pub(crate) fn fresh(&self, step: &str, inputs: &str) -> Option<StepRecord> {
        let text = files::read_text(&self.record_path(step)).ok()?;
        let record: StepRecord = serde_json::from_str(&text).ok()?;
        let unchanged = record.inputs == inputs
            && record.outputs.iter().all(|(path, digest)| {
                files::file_sha256_hex(&self.root.join(path)).is_ok_and(|found| found == *digest)
            });
        unchanged.then_some(record)
    }

    /// What `step` left when it last ran, whether or not that is still so.
    pub(crate) fn digest(&self, step: &str) -> Option<String> {
        let text = files::read_text(&self.record_path(step)).ok()?;
        let record: StepRecord = serde_json::from_str(&text).ok()?;
        Some(record.digest())
    }

    /// Records that `step` ran on `inputs` and wrote `outputs`.
    pub(crate) fn record(
        &self,
        step: &str,
        inputs: &str,
        outputs: &[PathBuf],
    ) -> Result<StepRecord> {
        let mut digests = BTreeMap::new();
        for path in outputs {
            let name = path
                .strip_prefix(&self.root)
                .unwrap_or(path)
                .display()
                .to_string();
            digests.insert(name, files::file_sha256_hex(path)?);
        }
        let record = StepRecord {
            inputs: inputs.to_owned(),
            outputs: digests,
        };
        files::write(
            &self.record_path(step),
            serde_json::to_string_pretty(&record)?.as_bytes(),
        )?;
        Ok(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_fresh_until_an_input_or_an_output_changes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let steps = Steps::open(folder.path(), "tool-1");
        let output = folder.path().join("out/a.json");
        files::write(&output, b"1").expect("written");
        let inputs = steps.inputs("read", &["a", "b"]);
        assert_ne!(
            inputs,
            steps.inputs("read", &["ab", ""]),
            "parts do not run together"
        );
        steps
            .record("read", &inputs, std::slice::from_ref(&output))
            .expect("recorded");
        assert!(steps.fresh("read", &inputs).is_some());
        assert!(
            steps
                .fresh("read", &steps.inputs("read", &["a", "c"]))
                .is_none()
        );
        let other = Steps::open(folder.path(), "tool-2");
        assert!(
            other
                .fresh("read", &other.inputs("read", &["a", "b"]))
                .is_none()
        );
        files::write(&output, b"2").expect("altered");
        assert!(steps.fresh("read", &inputs).is_none());
    }
}
