//! Office Open XML packages: a zip archive of parts, opened within limits.
//!
//! It refuses archives with more than [`DOCUMENT_ENTRIES_MAX`] entries or parts that unpack to more than they may, measured by
//! unpacking and not by what the archive says of itself. No document type definition is processed, so no entity expands.

use std::io::{self, Cursor, Read as _};

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};
use zip::ZipArchive;

use crate::limits::{DOCUMENT_ENTRIES_MAX, DOCUMENT_PART_BYTES_MAX};

use super::extract::ExtractFailure;

pub(super) type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// Opens a package.
pub(super) fn open(bytes: &[u8]) -> Result<Archive<'_>, ExtractFailure> {
    let archive = ZipArchive::new(Cursor::new(bytes))
        .map_err(|_| ExtractFailure::Unreadable("a damaged archive".to_owned()))?;
    if archive.len() > DOCUMENT_ENTRIES_MAX {
        return Err(ExtractFailure::TooLarge(format!(
            "an archive of {} entries; at most {DOCUMENT_ENTRIES_MAX} are read",
            archive.len()
        )));
    }
    Ok(archive)
}

/// Unpacks every part but pictures into nothing, to learn that they fit.
pub(super) fn measure(bytes: &[u8], limit: u64) -> Result<(), ExtractFailure> {
    let mut archive = open(bytes)?;
    let damaged = || ExtractFailure::Unreadable("a damaged archive".to_owned());
    let mut room = limit;
    for n in 0..archive.len() {
        let entry = archive.by_index(n).map_err(|_| damaged())?;
        if entry.name().is_ok_and(|name| name.contains("/media/")) {
            continue;
        }
        let unpacked =
            io::copy(&mut entry.take(room + 1), &mut io::sink()).map_err(|_| damaged())?;
        if unpacked > room {
            return Err(ExtractFailure::TooLarge(format!(
                "its parts unpack to more than {limit} bytes"
            )));
        }
        room -= unpacked;
    }
    Ok(())
}

/// One part as text, without a byte-order mark; none when there is no such part.
pub(super) fn part(
    archive: &mut Archive<'_>,
    name: &str,
) -> Result<Option<String>, ExtractFailure> {
    let Ok(entry) = archive.by_name(name) else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    entry
        .take(DOCUMENT_PART_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| ExtractFailure::Unreadable("a damaged part".to_owned()))?;
    if bytes.len() as u64 > DOCUMENT_PART_BYTES_MAX {
        return Err(ExtractFailure::TooLarge(format!(
            "a part unpacks to more than {DOCUMENT_PART_BYTES_MAX} bytes"
        )));
    }
    let text =
        String::from_utf8(bytes).unwrap_or_else(|error| super::html::decode(error.as_bytes()).0);
    Ok(Some(text.trim_start_matches('\u{feff}').to_owned()))
}

/// The characters an entity reference stands for: one of XML's five, or a number; nothing for any other.
pub(super) fn entity(reference: &BytesRef<'_>) -> Option<char> {
    match reference.as_ref() {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    }
}

/// The title of the core properties.
pub(super) fn title(bytes: &[u8]) -> Option<String> {
    let mut archive = open(bytes).ok()?;
    let xml = part(&mut archive, "docProps/core.xml").ok()??;
    let mut reader = Reader::from_str(&xml);
    let mut title = String::new();
    let mut inside = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => inside = start.local_name().as_ref() == "title",
            Event::End(_) if inside => break,
            Event::Text(text) if inside => title.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) if inside => title.extend(entity(&reference)),
            Event::Eof => break,
            _ => {}
        }
    }
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then_some(title)
}
