//! What the profile is told about one object, and the bounds it keeps. It refuses content: there is no field for it.

use serde::{Deserialize, Serialize};

/// One current object of an inventory, as the reader lists it: a borrowed row, never kept whole.
///
/// Only `current` objects are observed: the caller leaves out noncurrent versions, delete markers and folders.
/// A `None` is counted as unknown and never guessed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ObjectFacts<'a> {
    /// The object key, already tokenised by the reader (DESIGN section 5).
    pub key: &'a str,
    /// Size in bytes; a negative size counts as unknown.
    pub size: Option<i64>,
    /// Creation time, milliseconds since 1970-01-01 UTC. S3 lists none.
    pub created_ms: Option<i64>,
    /// Last modification, milliseconds since 1970-01-01 UTC.
    pub modified_ms: Option<i64>,
    /// Storage tier or class as listed.
    pub tier: Option<&'a str>,
    /// Content type as the tenant declared it: a claim, not a fact.
    pub content_type: Option<&'a str>,
    /// Encryption as listed, for example `SSE-KMS`.
    pub encryption: Option<&'a str>,
    /// Immutability or object lock until this time, milliseconds UTC.
    pub retain_until_ms: Option<i64>,
    /// Legal hold as listed.
    pub legal_hold: Option<bool>,
}

impl ObjectFacts<'_> {
    /// The time taken as the object's arrival: creation where listed, else last modification.
    pub fn arrival_ms(&self) -> Option<i64> {
        self.created_ms.or(self.modified_ms)
    }
}

/// The bounds of a profile. Two profilers merge only when theirs are equal.
///
/// Every bound is a function of the final multiset of objects, never of the order they came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Stores profiled; beyond it, the stores with the largest name hash count as `unprofiled`.
    pub stores_max: usize,
    /// Signatures kept per store by a draw proportional to objects.
    pub signatures_max: usize,
    /// Signatures kept per store by a draw proportional to bytes, so that few huge objects are seen as well.
    pub signatures_by_bytes_max: usize,
    /// Sampled objects kept per store, shared among its signatures.
    pub sample_budget: usize,
    /// Published collections per store; what lies beyond counts as `unprofiled`.
    pub collections_max: usize,
    /// Templates with fewer objects join the class of their extension, and no kind is named below it (PROFILE section 8).
    pub objects_min: u64,
    /// A word outside the lexicon is printed only when at least this many objects carry it in the same place.
    pub literal_objects_min: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            stores_max: 16_384,
            signatures_max: 2_048,
            signatures_by_bytes_max: 512,
            sample_budget: 65_536,
            collections_max: 512,
            objects_min: 200,
            literal_objects_min: 100,
        }
    }
}
