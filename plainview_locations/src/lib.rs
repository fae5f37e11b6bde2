//! Record files behind `s3://`, `az://` and `gs://` addresses, fetched into a folder of the case.
//!
//! **What is requested.** The list of keys below the literal beginning of each pattern, and the keys that match; nothing
//! else, and nothing is ever written: the crate calls no operation that changes a store. Names below a folder that begin
//! with a dot are not fetched, as on a disk.
//!
//! **Who may read.** Credentials come from the environment and from nowhere else ([`settings`] has the names); no metadata
//! service is asked for any. Plain HTTP is refused except to the machine itself.
//!
//! **What is kept.** Files lie below the given folder, under their keys where a key is a harmless path and under its hash
//! where it is not. What was fetched before and has the same entity tag and length is not fetched again.
//!
//! **What can go wrong.** A store that cannot be listed or read is an [`Error`]: nothing about the records follows from it,
//! so the run must not go on. One key that is gone, denied, changed while it was read, or that has no plain path is an
//! [`Oddity`], which the caller makes a notice.

mod fetch;
mod list;
mod names;
mod pattern;
pub mod settings;
mod store;

use std::path::{Path, PathBuf};

pub use fetch::{Fetched, fetch};
use plainview_register::Location;

use crate::pattern::Patterns;
use crate::settings::Settings;

/// Why a store gave nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The environment lacks something, or says something that is refused.
    #[error("{place} cannot be read: {problem}")]
    Settings {
        /// The address.
        place: String,
        /// What is missing or refused, and what is expected.
        problem: String,
    },
    /// The store does not answer, or refuses.
    #[error("{place} cannot be read: {problem}; expected {expected}")]
    Store {
        /// The address of the prefix that was listed, or of the key that was read.
        place: String,
        /// What the store said, without queries.
        problem: String,
        /// What is expected.
        expected: &'static str,
    },
    /// The folder for fetched files cannot be written.
    #[error("cannot write {}", path.display())]
    Disk {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Something about one key that the reviewer must hear of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Oddity {
    /// The key relative to the location; text of a stranger.
    pub name: String,
    /// A permanent code.
    pub code: &'static str,
    /// What it means.
    pub effect: Effect,
    /// One sentence.
    pub message: &'static str,
}

/// What an [`Oddity`] means for the key's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// None of them was used.
    Lost,
    /// They are not read by design.
    Unread,
    /// They were used, and something is odd.
    Doubt,
}

/// How many keys match, and which patterns match none. Lists only: no key is read.
pub fn count(
    place: &Location,
    patterns: &[String],
    settings: Settings<'_>,
) -> Result<Counted, Error> {
    let store = store::open(place, settings)?;
    let patterns = Patterns::new(place, patterns);
    store::block_on(place, async {
        let listed = list::list(&store, place, &patterns).await?;
        Ok(Counted {
            keys: listed.keys.len(),
            unmatched: patterns.unmatched(listed.keys.iter().map(|key| key.name.as_str())),
        })
    })
}

/// What [`count`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Keys that would be fetched.
    pub keys: usize,
    /// Patterns that match no key.
    pub unmatched: Vec<String>,
}

fn disk(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    |source| Error::Disk {
        path: path.to_owned(),
        source,
    }
}
