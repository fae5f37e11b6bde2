//! What makes two documents copies of one: the words, not the file.
//!
//! Line lengths, spaces, dates of saving and Message-IDs change when a document is saved again; words do not.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::Tokens;
use crate::limits::MAILS_REMEMBERED_MAX;

/// A hash over `parts` and over the words of `texts`.
pub(in crate::formats) fn of<'t>(
    parts: &[&str],
    texts: impl IntoIterator<Item = &'t str>,
) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    for text in texts {
        for word in text.split_whitespace() {
            hash.update(word.as_bytes());
            hash.update([0]);
        }
    }
    let digest = hash.finalize();
    std::array::from_fn(|n| digest[n])
}

/// A hash as an id: a run of digits, which the case's salt masks like any other.
pub(in crate::formats) fn doc_id(prefix: &str, hash: &[u8; 16], tokens: &Tokens) -> String {
    const TEN_TO_24: u128 = 1_000_000_000_000_000_000_000_000;
    // The leading 7 keeps the run from looking like a date, an epoch time or a counter.
    let digits = format!("7{:024}", u128::from_le_bytes(*hash) % TEN_TO_24);
    format!("{prefix}-{}", tokens.text(&digits, None))
}

/// The documents met so far in a source.
#[derive(Debug, Default)]
pub(in crate::formats) struct Copies {
    /// By hash: the file and row of the first, and how many there are.
    seen: BTreeMap<[u8; 16], (u32, u64, u32)>,
}

/// How often a document was met.
pub(in crate::formats) struct Met {
    /// 1 for the first.
    pub(in crate::formats) copy_no: u32,
    /// Where the first is, when this is not the first.
    pub(in crate::formats) first: Option<String>,
}

impl Copies {
    /// Counts the document with this hash, which is at `place`.
    pub(in crate::formats) fn meet(&mut self, hash: [u8; 16], place: (u32, u64)) -> Met {
        if let Some((file, row, count)) = self.seen.get_mut(&hash) {
            *count = count.saturating_add(1);
            return Met {
                copy_no: *count,
                first: Some(format!(
                    "the first is in file {file} of the source, row {row}"
                )),
            };
        }
        if self.seen.len() < MAILS_REMEMBERED_MAX {
            self.seen.insert(hash, (place.0, place.1, 1));
        }
        Met {
            copy_no: 1,
            first: None,
        }
    }
}
