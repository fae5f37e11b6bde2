//! Gates G1..G7 of METHOD 7.3.
use serde::{Deserialize, Serialize};

/// One gate's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateResult {
    /// `G1`..`G7`.
    pub gate: String,
    /// Whether it passed.
    pub pass: bool,
    /// Why, one sentence.
    pub why: String,
}
