//! Weighing: statistics, coverage, reconciliation arithmetic, and arguments into verdicts.
//!
//! This crate decides what a verdict is (METHOD sections 1-10). It refuses everything that would make
//! a verdict depend on where it is computed: no I/O, no clock, no Arrow, no randomness, and no floating
//! point outside [`statistics`].
//!
//! Reading order: [`case`] (the evidence as arguments), [`mod@evaluate`] (the verdict), [`mod@fragility`] and
//! [`mod@timeline`] (what it rests on, and since when), [`bundle`] (the frozen file form of it all). On the
//! product's own road: [`facts`] (what records say) and the register become an input in [`assemble`],
//! with [`reconcile`], [`coverage`], [`gates`] and [`interest`]; [`verdict`] weighs it, [`sentences`]
//! words it, and [`attain`] says beforehand what could come of it. What was reviewed day by day is in
//! [`ledger`], what records themselves show to be missing in [`gaps`].

// Floats live in `statistics` only (DESIGN section 10).
#![warn(clippy::float_arithmetic)]

pub mod assemble;
pub mod attain;
pub mod bundle;
pub mod case;
pub mod coverage;
pub mod error;
pub mod evaluate;
pub mod facts;
pub mod fragility;
pub mod gaps;
pub mod gates;
pub mod instant;
pub mod interest;
pub mod ledger;
pub mod quantity;
pub mod reconcile;
pub mod sentences;
pub mod statistics;
pub mod timeline;
pub mod verdict;

pub use bundle::{Bundle, expect};
pub use case::Case;
pub use error::Error;
pub use evaluate::{Evaluation, Evaluator, evaluate};
