//! The profile from outside: laws, templates, kinds on made collections, and real listings. It refuses expectations
//! copied from output: each is stated from how the objects were made.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    clippy::print_stderr
)]

mod bounds;
mod kinds;
mod laws;
mod listings;
mod made;
mod templates;
