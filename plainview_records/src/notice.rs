//! Notices: what a reader could not use, and why. They are coverage and are never swallowed.

use serde::{Deserialize, Serialize};

/// What a notice means for the rows it speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Rows or whole files were not used. Raises the exit code to 2 unless the register expected the code.
    Lost,
    /// Columns or files outside the allow-list were not read, by design.
    Unread,
    /// The rows were kept, but something about them is odd.
    Doubt,
}

impl Effect {
    /// The word used in the `notices` table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Unread => "unread",
            Self::Doubt => "doubt",
        }
    }
}

impl std::fmt::Display for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing a reader could not use, or used with doubt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Notice {
    /// The source's id in case.toml.
    pub source_id: String,
    /// Index of the file in [`crate::SourceReport::files`]; `None` when the file is absent or the whole source is meant.
    pub file_no: Option<u32>,
    /// File name within the source, `/` between segments; empty when the whole source is meant.
    pub file: String,
    /// 1-based data row in the file (a header is not counted).
    pub row: Option<u64>,
    /// A permanent code such as `bad-row`.
    pub code: &'static str,
    /// What it means for the rows.
    pub effect: Effect,
    /// How many rows are affected; 0 when unknown or when no row is.
    pub rows_affected: u64,
    /// What was found. Record text is masked by [`crate::Tokens`] before it comes here.
    pub found: String,
    /// What was expected instead.
    pub expected: String,
    /// One sentence for a reader of the report.
    pub message: String,
}
