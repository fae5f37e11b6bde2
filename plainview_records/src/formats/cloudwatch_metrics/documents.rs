//! JSON documents of a metric export, one after another: JSON lines, one document over many lines, or several.
//!
//! It holds one document at a time and refuses documents past [`RECORD_BYTES_MAX`]; nesting is bounded by the
//! JSON library. A bad line of a JSON-lines file costs that line; a bad document elsewhere costs the rest of the file.

use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;

use serde_json::Value;
use serde_json::error::Category;

use crate::Limits;
use crate::formats::sheet::text::stopped;
use crate::limits::RECORD_BYTES_MAX;
use crate::open::{TextReader, open_text};
use crate::run::Note;

/// One thing met in a JSON file.
#[derive(Debug)]
pub(in crate::formats) enum Met {
    /// A document, or one element of a document that is an array.
    Document(Value),
    /// Something that could not be read; reading goes on where that is possible.
    Trouble(Note),
}

/// What a metric file is written in, by its first byte that is no white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::formats) enum Written {
    /// JSON.
    Json,
    /// Delimited text, or something else.
    Other,
    /// Nothing at all.
    Nothing,
}

/// Looks at the beginning of `path`.
pub(in crate::formats) fn written(path: &Path, limits: Limits) -> Result<Written, Note> {
    let mut head = Vec::new();
    open_text(path, limits)
        .and_then(|text| text.take(1024).read_to_end(&mut head))
        .map_err(|e| stopped(&e))?;
    let head = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&head)
        .trim_ascii_start();
    Ok(match head.first() {
        None => Written::Nothing,
        Some(b'{' | b'[') => Written::Json,
        Some(_) => Written::Other,
    })
}

/// Gives every document of `path` to `each`, in order, until it returns `false`.
pub(in crate::formats) fn each_document(
    path: &Path,
    limits: Limits,
    mut each: impl FnMut(Met) -> bool,
) {
    let bounds = Limits {
        record_bytes_max: RECORD_BYTES_MAX,
        ..limits
    };
    match open_text(path, bounds) {
        Ok(text) => {
            if let Err(error) = walk(text, &mut each) {
                each(Met::Trouble(stopped(&error)));
            }
        }
        Err(error) => {
            each(Met::Trouble(stopped(&error)));
        }
    }
}

fn walk(text: TextReader, each: &mut impl FnMut(Met) -> bool) -> io::Result<()> {
    let meter = text.meter();
    let mut reader = BufReader::with_capacity(1 << 16, text);
    let mut line = Vec::new();
    let mut line_no = 0_u64;
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        meter.reset();
        line_no += 1;
        let bytes = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        match in_line(bytes, each) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            // The first line breaks off: the document goes on over further lines.
            Err(error) if line_no == 1 && error.classify() == Category::Eof => {
                let start = bytes.to_vec();
                return in_stream(io::Cursor::new(start).chain(reader), &meter, each);
            }
            Err(error) => {
                let note = Note::lost("bad-row", "a line that is no JSON was not used")
                    .row(line_no)
                    .found(error.to_string())
                    .expected("one JSON document");
                if !each(Met::Trouble(note)) {
                    return Ok(());
                }
            }
        }
    }
}

/// The documents of one line: usually one, several when an exporter wrote no line breaks.
fn in_line(bytes: &[u8], each: &mut impl FnMut(Met) -> bool) -> serde_json::Result<bool> {
    for document in serde_json::Deserializer::from_slice(bytes).into_iter::<Value>() {
        if !give(document?, each) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn in_stream(
    reader: impl Read,
    meter: &crate::open::RecordMeter,
    each: &mut impl FnMut(Met) -> bool,
) -> io::Result<()> {
    for document in
        serde_json::Deserializer::from_reader(BufReader::new(reader)).into_iter::<Value>()
    {
        meter.reset();
        match document {
            Ok(document) => {
                if !give(document, each) {
                    return Ok(());
                }
            }
            Err(error) if error.is_io() => return Err(error.into()),
            Err(error) => {
                let note = Note::lost(
                    "file-damaged",
                    "the JSON cannot be read to its end; documents before are used",
                )
                .found(error.to_string())
                .expected("whole JSON documents");
                each(Met::Trouble(note));
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Gives a document, or the elements of one that is an array.
fn give(document: Value, each: &mut impl FnMut(Met) -> bool) -> bool {
    match document {
        Value::Array(elements) => elements
            .into_iter()
            .all(|element| each(Met::Document(element))),
        other => each(Met::Document(other)),
    }
}
