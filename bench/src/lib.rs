//! Measures the record readers against a peer that reads the same files.
//!
//! Every engine runs in a process of its own, ours too. Answers are compared with what was generated before anything is
//! timed, and a difference stops the run. No result of a review depends on this crate, and it refuses to time inside tests:
//! figures belong to a named machine and a day, and are published whether we win or lose.

mod engine;
mod format;
mod harness;
pub mod make;
mod ours;
mod publish;
pub mod seeds;
mod summary;
mod world;

pub use engine::{Answer, Measured};
pub use format::BenchFormat;
pub use harness::{Plan, readers};
pub use ours::{Keep, read};
