//! `document`: PDF, DOCX, XLSX, HTML and plain text, one row of `documents` each.
//!
//! **Files.** Told by their content: `%PDF`; a zip archive with `word/` or `xl/` in it; HTML by its first element; anything
//! else that is text without NUL. Recognition without being told takes text only from files called `.txt`, `.text` or `.md`,
//! and leaves workbooks to `format = "table"`; `format = "document"` reads them as documents. Text and HTML may be
//! gzip-compressed. A file is read whole, so it may be no larger than the limits allow (`document-too-large`).
//!
//! **Fields.** `subject` is the title that the document's own properties give (PDF `Title`, core title of DOCX and XLSX, HTML
//! `title`), `text` its text, both masked. `quoted_text` holds what a Word document keeps but does not say: deleted text and
//! comments. `sent_at` stays empty: the dates in documents' properties are those of templates, conversions and copies,
//! and whoever saves a file sets them. Names of authors are not read.
//!
//! **Pages.** A form feed (U+000C) ends each page of a PDF and each sheet of a workbook, and stands where a Word document
//! breaks the page by hand; so the page of a passage is one more than the form feeds before it. Passages are compared
//! with white space folded, so one that runs over a page is found.
//!
//! **Where parsers run.** PDF, DOCX and XLSX go through the [`Extractor`] of the source's input; `plainview` gives one that
//! parses each document in a process of its own that can open nothing. Libraries default to [`InProcess`].
//!
//! **Ids.** `doc_id` is a keyed hash over kind and words, so re-saved copies of one document share it; each copy is a row,
//! `copy_no` counts them within the source, and a file that repeats an earlier one has a `document-duplicate` doubt.
//!
//! **Traps.**
//! - A document of pictures of pages has no text: `document-without-text`, lost, never an empty row. An encrypted one:
//!   `document-encrypted`. Old binary Office files and encrypted new ones: `document-unsupported`.
//! - A parser that fails, takes too long or dies: `document-unreadable`, `document-timeout`, `document-crashed`; the file is
//!   lost and the next is read.
//! - Text that is no UTF-8 and names no charset is read as Windows-1252: `document-charset`.
//! - Text longer than 16 MiB is cut: `document-text-cut`.

mod docx;
mod extract;
pub(in crate::formats) mod html;
pub(in crate::formats) mod identity;
mod package;
mod pdf;
mod plain;
mod xlsx;

pub use extract::{DocumentKind, ExtractFailure, Extracted, Extractor, InProcess, extract};

use crate::detect::{HEAD_BYTES, Head};
use crate::formats::sheet::tally::{Repeated, Tally};
use crate::formats::sheet::text::stopped;
use crate::open::read_whole;
use crate::run::{Note, Run, SourceFile};
use crate::tables::documents::{DocumentRow, DocumentsBuilder};
use crate::{Effect, Error, Table};

use identity::{Copies, doc_id};

/// The fields this reader may read.
pub const ALLOWED: &[&str] = &[
    "PDF page text",
    "PDF Title",
    "DOCX body, footnotes, endnotes, comments",
    "XLSX sheet names and cells",
    "OOXML core title",
    "HTML text",
    "HTML title",
    "text",
];

const DUPLICATE: Repeated = Repeated {
    code: "document-duplicate",
    effect: Effect::Doubt,
    expected: "each document once",
    message: "copies of documents that were met before; each copy is a row and shares its doc_id",
};

/// What an extraction may find odd, by its code.
const ODD: &[(&str, Effect, &str)] = &[
    (
        "document-charset",
        Effect::Doubt,
        "the text names no character set and was read as Windows-1252; characters may be wrong",
    ),
    (
        "document-text-cut",
        Effect::Doubt,
        "the text is longer than 16 MiB and was cut",
    ),
    (
        "document-page-unreadable",
        Effect::Doubt,
        "pages could not be read and are left empty",
    ),
    (
        "document-sheet-unreadable",
        Effect::Doubt,
        "sheets could not be read to their end",
    ),
    (
        "document-hidden-sheet",
        Effect::Doubt,
        "hidden sheets were read like others",
    ),
    (
        "document-deleted-text",
        Effect::Doubt,
        "deleted passages are kept apart from the text",
    ),
    (
        "document-comments",
        Effect::Doubt,
        "comments are kept apart from the text",
    ),
    (
        "document-part-damaged",
        Effect::Doubt,
        "parts of the document could not be read to their end",
    ),
    (
        "document-part-unread",
        Effect::Unread,
        "headers and footers are not read",
    ),
    (
        "document-embedded",
        Effect::Unread,
        "embedded objects are not opened",
    ),
    (
        "document-macros",
        Effect::Unread,
        "macros are not read and not run",
    ),
];

/// How a file is known that only its name tells to be a document.
pub(crate) const BY_NAME: &str = "a text file by its name";

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    if head.bytes.starts_with(b"%PDF") {
        return Some("a PDF");
    }
    if is_zip(head.bytes) {
        return holds(head.bytes, b"word/").then_some("a Word document");
    }
    if is_html(head.text) {
        return Some("an HTML page");
    }
    let extension = head.path.extension().and_then(|e| e.to_str())?;
    let is_named = ["txt", "text", "md", "markdown"]
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known));
    let is_text = !head.text.is_empty()
        && !head.bytes.contains(&0)
        && std::str::from_utf8(head.bytes).map_or_else(
            // Where only the beginning is looked at, it may end inside a character.
            |error| error.error_len().is_none() && head.bytes.len() as u64 >= HEAD_BYTES,
            |_| true,
        );
    (is_named && is_text).then_some(BY_NAME)
}

fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(bytes, needle).is_some()
}

fn is_html(text: &str) -> bool {
    let mut text = text.trim_start_matches('\u{feff}').trim_start();
    while let Some(rest) = text.strip_prefix("<!--") {
        text = rest
            .split_once("-->")
            .map_or("", |(_, rest)| rest)
            .trim_start();
    }
    ["<!doctype html", "<html", "<head", "<body"]
        .iter()
        .any(|tag| {
            text.get(..tag.len())
                .is_some_and(|t| t.eq_ignore_ascii_case(tag))
        })
}

/// The kind of a document that was said to be one; none where nothing here reads it.
fn kind_of(bytes: &[u8]) -> Option<DocumentKind> {
    // Some writers put a few bytes before the mark, as the format allows.
    if holds(&bytes[..bytes.len().min(1024)], b"%PDF-") {
        return Some(DocumentKind::Pdf);
    }
    if is_zip(bytes) {
        return match (holds(bytes, b"word/"), holds(bytes, b"xl/")) {
            (true, _) => Some(DocumentKind::Docx),
            (false, true) => Some(DocumentKind::Xlsx),
            (false, false) => None,
        };
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return None;
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    if is_html(&head) {
        return Some(DocumentKind::Html);
    }
    let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    (wide || !bytes.contains(&0)).then_some(DocumentKind::Text)
}

/// Reads every file of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    let mut copies = Copies::default();
    let extractor = run.input.extractor.clone();
    if let Some(caveat) = extractor.caveat() {
        run.note(
            None,
            Note::doubt("document-unsandboxed", caveat).expected("parsers that are confined"),
        );
    }
    for file in run.plan_data() {
        let Some(hashes) = run.hash(&file) else {
            continue;
        };
        if let Some((kind, found)) = take(run, &file, extractor.as_ref()) {
            push(run, &file, kind, &found, &mut copies)?;
        }
        run.advance(hashes.bytes);
    }
    Ok(())
}

/// The text of one file, or a notice and none.
fn take(
    run: &mut Run<'_>,
    file: &SourceFile,
    extractor: &dyn Extractor,
) -> Option<(DocumentKind, Extracted)> {
    let limit = run.input.limits.whole_file_bytes_max;
    let bytes = match read_whole(&file.path, limit) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            let note = Note::lost(
                "document-too-large",
                "the document is larger than the limit and was not read",
            )
            .expected(format!("at most {limit} bytes"));
            run.note(Some(file), note);
            return None;
        }
        Err(error) => {
            run.note(Some(file), stopped(&error));
            return None;
        }
    };
    if bytes.is_empty() {
        run.note(
            Some(file),
            Note::lost("empty-file", "the file is empty").expected("a document"),
        );
        return None;
    }
    let Some(kind) = kind_of(&bytes) else {
        let note = Note::lost(
            "document-unsupported",
            "the file is no document that is read here; nothing of it was used",
        )
        .expected(
            "PDF, DOCX, XLSX, HTML or text; save older Office files anew, without a password",
        );
        run.note(Some(file), note);
        return None;
    };
    let answer = if kind.is_binary() {
        extractor.extract(kind, &bytes)
    } else {
        extract(kind, &bytes)
    };
    match answer {
        Ok(found) => Some((kind, found)),
        Err(failure) => {
            run.note(Some(file), failed(&failure));
            None
        }
    }
}

/// The notice of a document that gave no text.
fn failed(failure: &ExtractFailure) -> Note {
    let (code, message, expected) = match failure {
        ExtractFailure::Encrypted => (
            "document-encrypted",
            "the document is encrypted and was not read",
            "a document that opens without a password",
        ),
        ExtractFailure::WithoutText => (
            "document-without-text",
            "the document holds no text, as pictures of pages do not; nothing of it was used",
            "a text layer; a transcript can be given as a source of its own",
        ),
        ExtractFailure::Unreadable(_) => (
            "document-unreadable",
            "the document could not be read; nothing of it was used",
            "a whole document",
        ),
        ExtractFailure::TooLarge(_) => (
            "document-too-large",
            "the document is larger than the limits and was not read",
            "a smaller document",
        ),
        ExtractFailure::Refused(_) => (
            "document-refused",
            "the document was not read, because its parser could not be confined on this machine",
            "a kernel with Landlock, or --unsandboxed",
        ),
        ExtractFailure::TimedOut => (
            "document-timeout",
            "the parser of the document did not end in time; nothing of it was used",
            "a document that is read within the time limit",
        ),
        ExtractFailure::Died(_) => (
            "document-crashed",
            "the parser of the document died; nothing of it was used",
            "a document that its parser survives",
        ),
    };
    let mut note = Note::lost(code, message).expected(expected);
    if let ExtractFailure::Unreadable(found)
    | ExtractFailure::TooLarge(found)
    | ExtractFailure::Refused(found)
    | ExtractFailure::Died(found) = failure
    {
        note = note.measured(found.clone());
    }
    note
}

/// The row of a document, and notices of what was odd about it.
fn push(
    run: &mut Run<'_>,
    file: &SourceFile,
    kind: DocumentKind,
    found: &Extracted,
    copies: &mut Copies,
) -> Result<(), Error> {
    for (code, effect, message) in ODD {
        if let Some((_, times)) = found.odd.iter().find(|(odd, _)| odd == code) {
            run.note(
                Some(file),
                Note::new(code, *effect, *message).measured(times.to_string()),
            );
        }
    }
    let hash = identity::of(&[kind.as_str()], [found.text.as_str(), &found.aside]);
    let met = copies.meet(hash, (file.no, 1));
    if let Some(first) = &met.first {
        let mut tally = Tally::default();
        tally.add(&DUPLICATE, "", 1, first);
        tally.give(run, file);
    }
    let tokens = &run.input.tokens;
    let title = found.title.as_deref().map(|title| tokens.text(title, None));
    let text = tokens.text(&found.text, None);
    let aside = tokens.text(&found.aside, None);
    let mut builder = DocumentsBuilder::new(&run.input.source_id);
    builder.push(&DocumentRow {
        file_no: file.no,
        row_no: 1,
        doc_id: &doc_id("document", &hash, tokens),
        copy_no: met.copy_no,
        kind: kind.as_str(),
        subject: title.as_deref(),
        text: Some(&*text).filter(|text| !text.is_empty()),
        quoted_text: Some(&*aside).filter(|text| !text.is_empty()),
        ..DocumentRow::default()
    });
    run.flush(Table::Documents, file, &mut builder)
}
