//! The evidence for one claim, as the evaluator sees it: sources, items, arguments, defeaters and
//! interests (METHOD 1, 6, 7). It holds no records and no gates: an argument from absence is only put
//! here once its gates have passed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::instant::Instant;

/// Most sources a case may have. Lineages are walked for each, so this bounds the work.
pub const SOURCES_MAX: usize = 2_048;
/// Most items a case may have.
pub const ITEMS_MAX: usize = 100_000;
/// Most arguments, and most defeaters, a case may have.
pub const ARGUMENTS_MAX: usize = 4_096;
/// Most premises of one argument or defeater.
pub const PREMISES_MAX: usize = 1_000;
/// Longest id, in bytes.
pub const ID_BYTES_MAX: usize = 256;

/// Everything that one verdict is computed from. Ids are unique within sources and within items;
/// arguments and defeaters share one namespace. Order carries meaning only for defeaters, whose targets
/// come before them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Every party that the claimant is or controls, as it appears in [`Source::controller`].
    pub claimants: BTreeSet<String>,
    /// What each party gains from the claim; a party that is not here has interest [`Interest::None`].
    pub interests: BTreeMap<String, Interest>,
    /// Where items come from.
    pub sources: Vec<Source>,
    /// The pieces of evidence.
    pub items: Vec<Item>,
    /// What is argued from them, on either side.
    pub arguments: Vec<Argument>,
    /// What is held against an argument or an earlier defeater.
    pub defeaters: Vec<Defeater>,
    /// Whether reach is 1, by count and by measure. Only the exhaustive standard asks.
    pub coverage_complete: bool,
}

/// A keeper of records and where they came from (METHOD 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Unique id.
    pub id: String,
    /// The party that could have altered it in ordinary operation.
    pub custodian: String,
    /// The legal or controlling entity.
    pub controller: String,
    /// The sources it was made from; acyclic.
    #[serde(default)]
    pub derived_from: Vec<String>,
}

/// One piece of evidence (METHOD 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Unique id.
    pub id: String,
    /// Its source.
    pub source: String,
    /// What was checked about it.
    pub integrity: Integrity,
    /// When its source system recorded it. An item without one is taken as known at every cutoff, and
    /// as held at none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<Instant>,
    /// Why its keeper's interest does not matter, where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cure: Option<Cure>,
}

/// What was checked about an item (METHOD 1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Integrity {
    /// Hash, custody and authenticity of the original were checked.
    #[default]
    Verified,
    /// Not checked: counts, but cannot qualify.
    Unverified,
    /// Checked and found broken: never a premise.
    Failed,
}

/// Why an item counts although its keeper gains from it (METHOD 6.3). Whoever builds the case has
/// checked the proof; a failed proof is [`Integrity::Unverified`] instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cure {
    /// Which cure.
    pub kind: CureKind,
    /// The party the cure leans on: the holder, the signer or the extractor. When given, the cure holds
    /// only while that party's interest allows it: a signer must not gain on the item's side; a holder
    /// or an extractor must have no interest at all. When absent, that was settled before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
}

/// The four cures of METHOD 6.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CureKind {
    /// Committed to a witnessed log before the dispute.
    Precommitted,
    /// Held by a third party since creation.
    ThirdPartyCustody,
    /// Signed, and the signature verifies.
    SelfAuthenticating,
    /// Extracted from the system of record by an independent party.
    IndependentExtraction,
}

/// Which way an argument points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The claim is true.
    For,
    /// The claim is false.
    Against,
}

impl Side {
    /// The other side.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::For => Self::Against,
            Self::Against => Self::For,
        }
    }
}

/// Items that together speak for one side. Premises are conjunctive; alternatives are separate
/// arguments (METHOD 7.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Argument {
    /// Unique among arguments and defeaters.
    pub id: String,
    /// Which way it points.
    pub side: Side,
    /// The items it needs, at least one.
    pub premises: Vec<String>,
    /// Those premises that only say what exists. They must qualify like any premise, but sharing them
    /// does not make two arguments one lineage (METHOD 7.3). If every premise is frame, all count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frame: Vec<String>,
}

/// Items that defeat an argument or an earlier defeater (METHOD 7.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defeater {
    /// Unique among arguments and defeaters.
    pub id: String,
    /// The argument or defeater it speaks against, declared earlier.
    pub target: String,
    /// The items it needs, at least one.
    pub premises: Vec<String>,
}

/// What a party gains from the claim (METHOD 6.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interest {
    /// It gains if the claim is true.
    BenefitsIfTrue,
    /// It gains if the claim is false.
    BenefitsIfFalse,
    /// No declared tie.
    #[default]
    None,
    /// Undisclosed or anonymous.
    Unknown,
}
