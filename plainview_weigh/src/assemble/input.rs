//! `plainview.weigh/1`: everything one verdict is computed from, as canonical JSON. Its SHA-256 is the
//! verdict's `bundle`. It holds results of record, never a record's text beyond marked passages, and no
//! salt-dependent value.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::case::{Interest, Side};
use crate::coverage::Coverage;
use crate::error::Error;
use crate::evaluate::Standard;
use crate::facts::{Cure, Delivery, Integrity, RowRef, Scheme, SourceKind};
use crate::gates::GateResult;
use crate::reconcile::Reconciliation;

/// The schema id.
pub const SCHEMA: &str = "plainview.weigh/1";

/// Everything that one verdict is computed from. Lists are sorted by id, so the same facts in any order
/// give the same bytes; challenges keep the order of the file, because a target precedes its challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// [`SCHEMA`].
    pub schema: String,
    /// SHA-256 of the register.
    pub protocol: String,
    /// What is tested.
    pub claim: ClaimInput,
    /// By what measure of proof.
    pub standard: StandardInput,
    /// Printed name of every party that appears.
    pub names: BTreeMap<String, String>,
    /// Every party that the claimant is or controls.
    pub claimants: BTreeSet<String>,
    /// What each party gains, and by which relation; parties without interest are left out.
    pub interests: BTreeMap<String, PartyInterest>,
    /// Sources that carry an item, and their ancestors.
    pub sources: Vec<SourceInput>,
    /// Pieces of evidence, one per source and use.
    pub items: Vec<ItemInput>,
    /// Arguments, also those whose gates failed and which therefore are none.
    pub arguments: Vec<ArgumentInput>,
    /// Defeaters.
    pub challenges: Vec<ChallengeInput>,
    /// What of the stated scope was looked at; none where the claim is not about stores.
    pub coverage: Option<Coverage>,
    /// Billed, metered and listed amounts of the claim's accounts and period.
    pub reconciliation: Vec<Reconciliation>,
    /// For "no evidence" statements: the literal and the capability part.
    pub found_none: Option<FoundNone>,
    /// Why no registered test was run, where none was.
    pub not_tested: Option<String>,
    /// Frame sources that are declared but could not be read in full, or fail a control total; they keep gates shut.
    pub missing_registers: Vec<String>,
}

/// The claim as weighed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimInput {
    /// Claim id.
    pub id: String,
    /// The statement, quoted.
    pub text: String,
    /// Who made it.
    pub claimant: Vec<String>,
    /// When, first second of the day it was said.
    pub stated_at: i64,
    /// Template or kind in words, e.g. `not-in-region eu-central-1`.
    pub template: String,
    /// `observable` or `latent`.
    pub predicate_kind: String,
    /// Accounts the claim covers, `provider/account`.
    pub accounts: Vec<String>,
    /// First day covered, `YYYY-MM-DD`.
    pub from: String,
    /// First day no longer covered.
    pub to: String,
    /// Parties named in it.
    pub about: Vec<String>,
    /// Terms not testable from records.
    pub residue: Vec<String>,
}

/// Registered choices of METHOD 2.3; decimals as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardInput {
    /// Standard of the headline.
    pub standard: Standard,
    /// Independence level, 0 to 2.
    pub level: u8,
    /// Error probability.
    pub alpha: String,
    /// Power a capability needs.
    pub power: String,
    /// Reach an absence needs.
    pub reach: String,
    /// Tolerated units.
    pub d_tol: u64,
    /// Largest set of sources removed.
    pub removal_depth: u8,
}

/// An interest with the relation it follows from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyInterest {
    /// What it gains.
    pub value: Interest,
    /// By which declared relation, a sentence.
    pub because: String,
}

/// A source as weighed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceInput {
    /// Source id.
    pub id: String,
    /// Who could have altered it.
    pub custodian: String,
    /// Who controls the custodian.
    pub controller: String,
    /// What kind of record.
    pub kind: SourceKind,
    /// What it was made from.
    pub derived_from: Vec<String>,
    /// Delivery guarantee.
    pub delivery: Delivery,
    /// Whether its place and keeper stay out of every output.
    pub protected: bool,
}

/// A piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemInput {
    /// `source/use`.
    pub id: String,
    /// Source id.
    pub source: String,
    /// What was checked.
    pub integrity: Integrity,
    /// Which check, a sentence.
    pub integrity_because: String,
    /// When its source system recorded it, seconds.
    pub recorded_at: i64,
    /// A declared cure whose proof holds.
    pub cure: Option<Cure>,
    /// Whether at the time that counts none of its keepers had the interest they have at other times.
    pub interest_lapsed: bool,
    /// Whether its keepers' declared ties pull both ways, so that it serves either side.
    pub conflicted: bool,
    /// What it says, fixed words around record values.
    pub says: String,
    /// File within the source, for marked passages.
    pub file: Option<String>,
    /// Row it can be found at.
    pub row: Option<RowRef>,
}

/// An argument, earned or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArgumentInput {
    /// `CLAIM/use/source...`, or an exhibit's id.
    pub id: String,
    /// Side.
    pub side: Side,
    /// Scheme.
    pub scheme: Scheme,
    /// Items it needs.
    pub premises: Vec<String>,
    /// Those that only say what exists.
    pub frame: Vec<String>,
    /// What it says.
    pub says: String,
    /// Gates; it is an argument only when every one passes. Empty where the scheme has none, but an
    /// absence without all seven is never an argument.
    pub gates: Vec<GateResult>,
}

impl ArgumentInput {
    /// Whether it is an argument at all: an absence needs all seven gates, each passed.
    #[must_use]
    pub fn earned(&self) -> bool {
        let all = self.gates.iter().all(|gate| gate.pass);
        if self.scheme == Scheme::Absence {
            let listed: BTreeSet<&str> = self.gates.iter().map(|g| g.gate.as_str()).collect();
            return all && crate::gates::ALL.iter().all(|gate| listed.contains(gate));
        }
        all
    }
}

/// A defeater.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengeInput {
    /// Challenge id.
    pub id: String,
    /// Argument or earlier challenge.
    pub target: String,
    /// Items it needs.
    pub premises: Vec<String>,
    /// What it says.
    pub says: String,
}

/// The literal and capability parts of METHOD 2.2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundNone {
    /// `true`, `false` or `no_results`.
    pub literal: String,
    /// Hits in unverified sources.
    pub unverified_hits: u64,
    /// Hits in verified sources.
    pub verified_hits: u64,
    /// `adequate`, `inadequate` or `unknown`.
    pub capability: String,
    /// Why, one sentence.
    pub capability_because: String,
}

impl Input {
    /// Canonical JSON (RFC 8785).
    pub fn canonical(&self) -> Result<Vec<u8>, Error> {
        serde_json_canonicalizer::to_vec(self).map_err(|e| Error::Internal(e.to_string()))
    }

    /// `sha256:` and the hash of [`Input::canonical`].
    pub fn bundle(&self) -> Result<String, Error> {
        let mut text = String::from("sha256:");
        for byte in Sha256::digest(self.canonical()?) {
            use std::fmt::Write as _;
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Ok(text)
    }

    /// Reads an input back; a key it does not know is an error.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let input: Self = serde_json::from_str(text).map_err(|e| Error::Form(e.to_string()))?;
        if input.schema == SCHEMA {
            Ok(input)
        } else {
            Err(Error::Form(format!(
                "schema `{}`, expected `{SCHEMA}`",
                input.schema
            )))
        }
    }
}
