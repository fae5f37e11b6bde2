//! Integration tests of the register: broken texts, hash laws, drafts, exhibits.

mod broken;
mod draft;
mod exhibits;
mod hash;
mod robust;

/// A complete and valid case.
const BASE: &str = include_str!("base.toml");
