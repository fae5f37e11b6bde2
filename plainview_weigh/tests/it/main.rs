//! One binary for every test that uses the crate from outside.

#![allow(clippy::unwrap_used)]

mod golden;
mod laws;
mod statistics;
