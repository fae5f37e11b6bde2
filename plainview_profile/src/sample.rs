//! The bounded sample: objects with the smallest hash. It refuses row numbers and randomness, so the sample is the same
//! however rows are ordered or split, and it is the only state that holds keys (as tokenised by the reader).

use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

/// One sampled object. The derived order starts with the hash; the rest only breaks ties.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SampleRow {
    /// XXH3-64, seed 0, of the key with everything the reader keys masked, then size and times.
    pub hash: u64,
    /// Size in bytes.
    pub size: Option<u64>,
    /// Creation, milliseconds UTC.
    pub created_ms: Option<i64>,
    /// Last modification, milliseconds UTC.
    pub modified_ms: Option<i64>,
    /// The tokenised key.
    pub key: Box<str>,
}

impl SampleRow {
    /// Creation where listed, else last modification.
    pub fn arrival_ms(&self) -> Option<i64> {
        self.created_ms.or(self.modified_ms)
    }
}

/// The objects with the smallest hashes, at most as many as each call allows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<SampleRow>", into = "Vec<SampleRow>")]
pub struct Sample {
    heap: BinaryHeap<SampleRow>,
}

impl From<Vec<SampleRow>> for Sample {
    fn from(rows: Vec<SampleRow>) -> Self {
        Self { heap: rows.into() }
    }
}

impl From<Sample> for Vec<SampleRow> {
    fn from(sample: Sample) -> Self {
        sample.heap.into_sorted_vec()
    }
}

impl Sample {
    /// Whether an object with this hash would be kept; ties count as kept, so that order cannot decide.
    pub fn admits(&self, hash: u64, rows_max: usize) -> bool {
        self.heap.len() < rows_max || self.heap.peek().is_some_and(|largest| hash <= largest.hash)
    }

    /// Offers an object.
    pub fn offer(&mut self, row: SampleRow, rows_max: usize) {
        self.heap.push(row);
        self.trim(rows_max);
    }

    /// Drops the largest hashes beyond the bound.
    pub fn trim(&mut self, rows_max: usize) {
        while self.heap.len() > rows_max {
            self.heap.pop();
        }
    }

    /// Takes in another sample.
    pub fn merge(&mut self, other: Self, rows_max: usize) {
        self.heap.extend(other.heap);
        self.trim(rows_max);
    }

    /// Objects held.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// The largest hash held.
    pub fn largest_hash(&self) -> Option<u64> {
        self.heap.peek().map(|row| row.hash)
    }

    /// The objects held, in no particular order: for figures that do not depend on it.
    pub fn rows(&self) -> impl Iterator<Item = &SampleRow> {
        self.heap.iter()
    }
}

/// One uniform sample out of several: rows up to the smallest of the full samples' largest hashes, at most
/// `rows_max`. Rows above it are left out, because a fuller sample would have kept as many more of its own there.
pub fn unite<'a>(
    samples: impl Iterator<Item = &'a Sample> + Clone,
    part_max: usize,
    rows_max: usize,
) -> Vec<SampleRow> {
    let limit = samples
        .clone()
        .filter(|sample| sample.len() >= part_max)
        .filter_map(Sample::largest_hash)
        .min();
    let mut rows: Vec<SampleRow> = samples
        .flat_map(Sample::rows)
        .filter(|row| limit.is_none_or(|limit| row.hash <= limit))
        .cloned()
        .collect();
    rows.sort_unstable();
    rows.truncate(rows_max);
    rows
}
