//! `plainview.verdict/1` (METHOD 12): the record of what was found about one claim, and
//! [`evaluate`], which makes it from an [`Input`](crate::assemble::Input) alone. Re-running it on the
//! same input gives the same bytes. No probability of truth, no score, no free text: every sentence
//! comes from [`crate::sentences`].

mod lines;
mod weigh;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use weigh::evaluate;

pub use crate::evaluate::{Outcome, Standard, Strength};
use crate::facts::{Integrity, RowRef, Scheme, Side};
use crate::gates::GateResult;
use crate::reconcile::Reconciliation;

/// A value for each side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sides<T> {
    /// For the claim.
    #[serde(rename = "for")]
    pub pro: T,
    /// Against it.
    pub against: T,
}

/// Outcome under each of the five runs (METHOD 9.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runs {
    /// Everyone taken at their word.
    pub face: Outcome,
    /// The verdict of record.
    pub base: Outcome,
    /// Undisclosed interests treated as self-serving.
    pub strict: Outcome,
    /// Without the claimant's own records.
    pub no_claimant: Outcome,
    /// Only sources all of whose parties have interest None.
    pub disinterested_only: Outcome,
}

/// What a verdict rests on, for one grouping (METHOD 9.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestsOn {
    /// Size of the smallest set whose removal changes the outcome; none within the depth searched.
    pub f: Option<u32>,
    /// All minimal sets, each sorted, in order.
    pub sets: Vec<Vec<String>>,
    /// What the outcome becomes without the set at the same position.
    pub becomes: Vec<Outcome>,
}

/// `lo` and `hi` as fixed-point text, rounded outward.
pub type Bounds = [String; 2];

/// A share by count of units and by measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    /// By number of units.
    pub count: Bounds,
    /// By byte-hours.
    pub measure: Bounds,
}

/// Detection power (METHOD 4.4); `unknown` where sensitivity is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Power {
    /// Registered design count D*.
    pub design_count: u64,
    /// Units in the stated scope.
    pub units: u64,
    /// Worst-case power over the units that could be looked at.
    pub adversarial_reachable: String,
    /// Worst-case power over the stated scope.
    pub adversarial_stated: String,
    /// Lower bound of sensitivity; none without sealed seeds by a disinterested party.
    pub sensitivity_lower: Option<String>,
    /// Whether the figures assume a perfect test.
    pub assumes_perfect_test: bool,
}

/// The upper bound (METHOD 4.2, gate G6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtMost {
    /// Upper bound in units; none when unlisted storage makes it unbounded.
    pub units: Option<u64>,
    /// Units in the stated scope.
    pub of: u64,
    /// Confidence, e.g. `0.95`.
    pub confidence: String,
    /// Units nobody looked at, counted as positive.
    pub unreached: u64,
    /// `not bounded (unlisted storage)` or empty.
    pub note: String,
}

/// The three parts of "we found no evidence" (METHOD 2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// `true`, `false` or `no_results`.
    pub literal: String,
    /// Unverified hits, which never make the literal part false but are never hidden.
    pub unverified_hits: u64,
    /// `adequate`, `inadequate` or `unknown`.
    pub capability: String,
    /// Why, one sentence.
    pub capability_because: String,
    /// Outcome of the implied statement.
    pub implied: Outcome,
}

/// Valid time, known time and the then-and-now pair (METHOD 10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsOf {
    /// Period the claim is about, half-open, dates.
    pub valid: Bounds,
    /// Newest recording time among the items; empty without items.
    pub known: String,
    /// Outcome over items in claimant-controlled systems recorded before the statement.
    pub then_held: Outcome,
    /// The fixed sentence of 10.4, where one applies.
    pub then_and_now: Option<String>,
}

/// One change point of the outcome over known time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimelinePoint {
    /// Known by this instant, RFC 3339 UTC.
    pub known: String,
    /// Outcome then.
    pub outcome: Outcome,
}

/// An item as printed: what it says and where it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemLine {
    /// Item id.
    pub id: String,
    /// Source id.
    pub source: String,
    /// Custodian party id.
    pub custodian: String,
    /// Integrity.
    pub integrity: Integrity,
    /// Which check made it so.
    pub integrity_because: String,
    /// Whether it favours an interest of its keeper on the side it is used for (at base).
    pub self_serving: bool,
    /// What it says, in fixed words around record values.
    pub says: String,
    /// File name within the source, where one row or file is meant.
    pub file: Option<String>,
    /// Row it can be found at.
    pub row: Option<RowRef>,
}

/// How an argument fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArgumentState {
    /// Counts.
    Qualifying,
    /// Heard, cannot carry a verdict: rests on a self-serving item.
    SelfServing,
    /// Heard, cannot carry a verdict: rests on an unverified item.
    Unverified,
    /// A challenge took it out.
    Defeated,
    /// A gate failed, so there is no argument.
    NotEarned,
    /// A premise is dead.
    Dead,
}

/// An argument as printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArgumentLine {
    /// Argument id.
    pub id: String,
    /// Side.
    pub side: Side,
    /// Scheme.
    pub scheme: Scheme,
    /// Item ids it rests on.
    pub premises: Vec<String>,
    /// Those of them that only say what exists.
    pub frame: Vec<String>,
    /// How it fared.
    pub state: ArgumentState,
    /// What it says.
    pub says: String,
    /// Gates, for absence arguments, all seven in order.
    pub gates: Vec<GateResult>,
}

/// One of METHOD 12's sentences with its values filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    /// Which: `outcome`, `face`, `found_none`, `capability`, `at_most`, `then_held`, `rests_on`,
    /// `reconciliation`, `residue`, `decide`.
    pub id: String,
    /// The text.
    pub text: String,
}

/// The verdict of one claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// `plainview.verdict/1`.
    pub schema: String,
    /// Claim id.
    pub claim: String,
    /// The statement as quoted in the register.
    pub text: String,
    /// Claimant party ids.
    pub claimant: Vec<String>,
    /// Template or kind as registered, e.g. `not-in-region eu-central-1`.
    pub template: String,
    /// `observable` or `latent`.
    pub predicate_kind: String,
    /// Outcome of record.
    pub outcome: Outcome,
    /// Registered standard.
    pub standard: Standard,
    /// Registered independence level.
    pub level: u8,
    /// Strength of each side.
    pub strength: Sides<Strength>,
    /// Separate lines at levels 0, 1 and 2.
    pub k: Sides<[u32; 3]>,
    /// Reason codes in the fixed order of METHOD 8.
    pub reasons: Vec<String>,
    /// Five runs at the registered standard.
    pub runs: Runs,
    /// Five runs at every standard, keyed by standard id.
    pub runs_by_standard: BTreeMap<String, Runs>,
    /// Keys `source`, `custodian`, `controller`.
    pub rests_on: BTreeMap<String, RestsOn>,
    /// Share of the stated scope that could be looked at.
    pub reach: Option<Shares>,
    /// Share that was.
    pub examined: Option<Shares>,
    /// Detection power.
    pub power: Option<Power>,
    /// Upper bound.
    pub at_most: Option<AtMost>,
    /// Every account-month and pair.
    pub reconciliation: Vec<Reconciliation>,
    /// Times.
    pub as_of: AsOf,
    /// Change points of the outcome over known time, oldest first.
    pub timeline: Vec<TimelinePoint>,
    /// Challenges raised whose premises do not qualify.
    pub open_challenges: Vec<String>,
    /// Terms not testable from records.
    pub untested_terms: Vec<String>,
    /// Lint codes that apply to this verdict (METHOD 11).
    pub lint: Vec<String>,
    /// Premise sets of the qualifying and unqualifying arguments per side.
    pub witnesses: Sides<Vec<Vec<String>>>,
    /// The three parts of a "no evidence" statement.
    pub parts: Option<Parts>,
    /// Arguments, sorted by id.
    pub arguments: Vec<ArgumentLine>,
    /// Items, sorted by id.
    pub items: Vec<ItemLine>,
    /// Fixed sentences, headline first.
    pub sentences: Vec<Sentence>,
    /// What would decide it: records or cures to request.
    pub decide: Vec<String>,
    /// Register hash.
    pub protocol: String,
    /// SHA-256 of the canonical input.
    pub bundle: String,
    /// `plainview` and its version.
    pub tool: String,
}
