//! Manifests and other JSON beside cost exports: told by their first character, held whole only when they are small.

use std::io::Read as _;
use std::path::Path;

use crate::Limits;
use crate::limits::COST_MANIFEST_BYTES_MAX;
use crate::open::{Content, open_text, read_whole, sniff};

/// The first character of a text file, white space and a byte-order mark passed over.
pub(in crate::formats) fn first_character(path: &Path) -> Option<u8> {
    if !matches!(sniff(path), Ok(Content::Text | Content::Compressed)) {
        return None;
    }
    let mut head = Vec::new();
    open_text(path, Limits::default())
        .ok()?
        .take(256)
        .read_to_end(&mut head)
        .ok()?;
    head.into_iter()
        .find(|b| !b.is_ascii_whitespace() && !matches!(b, 0xef | 0xbb | 0xbf))
}

/// The text of a file that begins as a JSON object; `None` when it does not.
pub(in crate::formats) fn object_text(path: &Path) -> Option<String> {
    if first_character(path) != Some(b'{') {
        return None;
    }
    match read_whole(path, COST_MANIFEST_BYTES_MAX) {
        Ok(Some(bytes)) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        // JSON all the same: it is not read as rows.
        _ => Some(String::new()),
    }
}
