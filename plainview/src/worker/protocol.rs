//! What goes over the pipes between the program and a worker.
//!
//! Request: one byte for the kind, eight bytes for the length (little-endian), the document. Answer: eight bytes for the
//! length, then JSON. A length that is not kept, or larger than its limit, is no message.

use std::io::{Read, Write};

use plainview_records::formats::document::{DocumentKind, ExtractFailure, Extracted};
use serde::{Deserialize, Serialize};

use super::read_bounded;

/// The largest document a worker takes, in bytes.
const REQUEST_MAX: u64 = 1 << 30;
/// The largest answer a worker may give, in bytes.
const ANSWER_MAX: u64 = 128 << 20;

/// Kinds by their byte.
const KINDS: &[(u8, DocumentKind)] = &[
    (b'p', DocumentKind::Pdf),
    (b'd', DocumentKind::Docx),
    (b'x', DocumentKind::Xlsx),
    (b'h', DocumentKind::Html),
    (b't', DocumentKind::Text),
];

/// A worker's answer.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer(pub(super) Result<Extracted, ExtractFailure>);

/// Writes a request.
pub(super) fn write_request(
    out: &mut impl Write,
    kind: DocumentKind,
    bytes: &[u8],
) -> std::io::Result<()> {
    let tag = KINDS
        .iter()
        .find(|(_, known)| *known == kind)
        .map_or(0, |(tag, _)| *tag);
    out.write_all(&[tag])?;
    out.write_all(&(bytes.len() as u64).to_le_bytes())?;
    out.write_all(bytes)?;
    out.flush()
}

/// Reads a request.
pub(super) fn read_request(from: &mut impl Read) -> Option<(DocumentKind, Vec<u8>)> {
    let mut head = [0; 9];
    from.read_exact(&mut head).ok()?;
    let (_, kind) = KINDS.iter().find(|(tag, _)| *tag == head[0])?;
    let length = u64::from_le_bytes(head[1..].try_into().ok()?);
    if length > REQUEST_MAX {
        return None;
    }
    let mut bytes = vec![0; usize::try_from(length).ok()?];
    from.read_exact(&mut bytes).ok()?;
    Some((*kind, bytes))
}

/// Writes an answer.
pub(super) fn write_answer(out: &mut impl Write, answer: &Answer) -> Option<()> {
    let json = serde_json::to_vec(answer).ok()?;
    out.write_all(&(json.len() as u64).to_le_bytes()).ok()?;
    out.write_all(&json).ok()?;
    out.flush().ok()
}

/// Reads an answer; none when what came is none.
pub(super) fn read_answer(from: impl Read) -> Option<Answer> {
    let bytes = read_bounded(from, ANSWER_MAX)?;
    let (length, json) = bytes.split_at_checked(8)?;
    let length = u64::from_le_bytes(length.try_into().ok()?);
    if length != json.len() as u64 {
        return None;
    }
    serde_json::from_slice(json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_the_pipe_and_halves_are_none() {
        let mut pipe = Vec::new();
        write_request(&mut pipe, DocumentKind::Docx, b"bytes").expect("written");
        assert_eq!(
            read_request(&mut pipe.as_slice()),
            Some((DocumentKind::Docx, b"bytes".to_vec()))
        );
        assert_eq!(read_request(&mut &pipe[..pipe.len() - 1]), None);
        assert_eq!(
            read_request(&mut &b"p\xff\xff\xff\xff\xff\xff\xff\xff"[..]),
            None
        );

        let mut pipe = Vec::new();
        let answer = Answer(Err(ExtractFailure::Encrypted));
        write_answer(&mut pipe, &answer).expect("written");
        assert_eq!(read_answer(pipe.as_slice()), Some(answer));
        assert_eq!(read_answer(&pipe[..pipe.len() - 1]), None);
        assert_eq!(read_answer(&[][..]), None);
    }
}
