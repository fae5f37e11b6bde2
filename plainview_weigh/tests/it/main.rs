//! One binary for every test that uses the crate from outside.

#![allow(clippy::unwrap_used)]

mod evaluate;
mod golden;
mod laws;
mod method_attain;
mod method_claims;
mod method_interest;
mod method_laws;
mod method_support;
mod statistics;
