//! The canonical JSON of a register and its SHA-256: what pre-registration commits to.
//!
//! RFC 8785, decimals and dates as strings, lists of things with ids sorted by id. It holds nothing of
//! the file's spelling: whitespace, comments, key order and table order never change the hash.

use crate::exhibit::Exhibits;
use crate::register::Register;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Schema name written into the canonical form of a register.
pub const REGISTER_SCHEMA: &str = "plainview.register/1";

/// Schema name written into the canonical form of the exhibits.
pub const EXHIBITS_SCHEMA: &str = "plainview.exhibits/1";

/// A value together with the name of its schema.
#[derive(Serialize)]
struct Named<'a, T> {
    schema: &'static str,
    #[serde(flatten)]
    value: &'a T,
}

impl Register {
    /// The register as canonical JSON (RFC 8785), schema [`REGISTER_SCHEMA`].
    pub fn canonical_json(&self) -> String {
        canonical(REGISTER_SCHEMA, self)
    }

    /// `sha256:` and the hex SHA-256 of [`Register::canonical_json`].
    pub fn sha256(&self) -> String {
        digest(&self.canonical_json())
    }
}

impl Exhibits {
    /// The exhibits as canonical JSON (RFC 8785), schema [`EXHIBITS_SCHEMA`].
    pub fn canonical_json(&self) -> String {
        canonical(EXHIBITS_SCHEMA, self)
    }

    /// `sha256:` and the hex SHA-256 of [`Exhibits::canonical_json`].
    pub fn sha256(&self) -> String {
        digest(&self.canonical_json())
    }
}

fn canonical<T: Serialize>(schema: &'static str, value: &T) -> String {
    serde_json_canonicalizer::to_string(&Named { schema, value })
        .expect("a register has text keys only and serializes without fail")
}

fn digest(text: &str) -> String {
    let mut out = String::from("sha256:");
    for byte in Sha256::digest(text.as_bytes()) {
        write!(out, "{byte:02x}").expect("writing to a String cannot fail");
    }
    out
}
