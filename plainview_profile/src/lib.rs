//! The use profile, plain reference version: what the objects of a store are consistent with, from an inventory alone.
//!
//! It refuses content, floats and I/O: it is told keys (already tokenised), sizes, times and what else a listing says,
//! and answers with key templates, counters, and a kind with every signal for and against it, or abstains (PROFILE).
//!
//! The way through: [`Profiler::observe`] groups objects by [`signature`], keeps exact [`counters`] and a bounded
//! [`sample`]; [`Profiler::finish`] merges signatures into templates (`template`), derives `features` and scores the
//! [`kinds`] (`score`). The faster version to come must give the same bytes.
//!
//! **Invariant:** the result is a function of the multiset of observed objects: row order, partitions and the order of
//! merging change nothing. **Invariant:** nothing published holds a key, an identifier or a value that depends on the
//! case's salt.

mod calendar;
mod collection;
pub mod counters;
mod facts;
mod features;
pub mod kinds;
pub mod lexicon;
mod mask;
mod profile;
mod profiler;
pub mod sample;
mod score;
pub mod signature;
mod template;

pub use facts::{Config, ObjectFacts};
pub use kinds::Kind;
pub use profile::{
    Abstention, Candidate, CollectionProfile, DurationProfile, DurationSource, Family, FamilyScore,
    KindResult, Measure, Outcome, Profile, ResidueProfile, RetentionProfile, Signal, SizeProfile,
    SlotMeaning, SlotProfile, StoreProfile, TimeProfile, TimeReading, ViewResult, Views,
};
pub use profiler::{Error, Profiler};
