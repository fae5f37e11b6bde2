//! Exhibits and challenges: passages a named reviewer marks for or against a claim (`exhibits.toml`).
//!
//! It refuses passages without a reviewer, a place in a source, or a quote.

use crate::register::as_text;
use crate::words::words;
use jiff::civil::Date;
use serde::Serialize;

/// The validated content of `exhibits.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Exhibits {
    /// `[[exhibit]]`, sorted by id.
    pub exhibits: Vec<Exhibit>,
    /// `[[challenge]]`, in the order of the file: a target is declared before its challenge (METHOD 7.2).
    pub challenges: Vec<Challenge>,
}

/// `[[exhibit]]`: a passage for or against a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exhibit {
    /// Short name; different from every other exhibit and challenge.
    pub id: String,
    /// The claim it speaks to.
    pub claim: String,
    /// On which side.
    pub side: Side,
    /// The source it stands in.
    pub source: String,
    /// The file within the source.
    pub file: String,
    /// 1-based row in that file, where the file has rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The passage.
    pub quote: String,
    /// How it is used as an argument.
    pub scheme: Scheme,
    /// The party who marked it.
    pub marked_by: String,
    /// When.
    #[serde(serialize_with = "as_text")]
    pub date: Date,
}

words! {
    /// The two sides of a claim.
    pub enum Side {
        /// Speaks for the claim.
        For = "for",
        /// Speaks against it.
        Against = "against",
    }
}

words! {
    /// The argument schemes a passage can be used in (METHOD 7.1).
    pub enum Scheme {
        /// Somebody says so.
        Testimony = "testimony",
        /// The record shows the thing itself.
        RecordShows = "record-shows",
        /// A fact about the review or its keeping.
        ProcessFact = "process-fact",
    }
}

/// `[[challenge]]`: a passage that attacks an argument rather than a claim (a defeater, METHOD 7.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Challenge {
    /// Short name; different from every other exhibit and challenge.
    pub id: String,
    /// What it attacks.
    pub target: ChallengeTarget,
    /// The source it stands in.
    pub source: String,
    /// The file within the source.
    pub file: String,
    /// 1-based row in that file, where the file has rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The passage.
    pub quote: String,
    /// The party who marked it.
    pub marked_by: String,
    /// When.
    #[serde(serialize_with = "as_text")]
    pub date: Date,
}

/// What a challenge attacks: exactly one thing declared before it, so that defeaters form a forest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "form", content = "id", rename_all = "snake_case")]
pub enum ChallengeTarget {
    /// An exhibit of this file.
    Exhibit(String),
    /// An earlier challenge of this file.
    Challenge(String),
    /// A computed argument, `CLAIM/...`, whose first segment is a claim id.
    Argument(String),
}

impl ChallengeTarget {
    /// The id as written.
    pub fn id(&self) -> &str {
        match self {
            Self::Exhibit(id) | Self::Challenge(id) | Self::Argument(id) => id,
        }
    }
}
