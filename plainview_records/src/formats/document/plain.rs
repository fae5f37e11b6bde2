//! Plain text and Markdown: the characters as they stand, lines ended by `\n`.
//!
//! It refuses bytes with NUL in them, which no text has.

use super::extract::{ExtractFailure, Extracted};
use super::html::decode;

/// Reads text. Form feeds stay: they end pages in text as they do in every document here.
pub(super) fn extract(bytes: &[u8]) -> Result<Extracted, ExtractFailure> {
    let (text, guessed) = decode(bytes);
    if text.contains('\0') {
        return Err(ExtractFailure::Unreadable("not text".to_owned()));
    }
    let mut found = Extracted {
        text: text.replace("\r\n", "\n").replace('\r', "\n"),
        ..Extracted::default()
    };
    if guessed {
        found.odd("document-charset", 1);
    }
    Ok(found)
}
