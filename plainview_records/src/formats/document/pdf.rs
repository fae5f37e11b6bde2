//! PDF: the text layer, page by page.
//!
//! **Read.** The characters that the pages' content streams draw, each page ended by a form feed; the `Title` of the
//! document's properties. **Not read.** Pictures, forms' fields, annotations, attachments, scripts; nothing is drawn.
//!
//! **Traps.** Page numbers count pages of the file, not the numbers printed on them. A PDF without a text layer (a scan) is
//! refused as such: it must not look like an empty document. One that opens without a password though it is encrypted is
//! read; any other encrypted one is refused. A page that the library fails on is left empty and counted
//! (`document-page-unreadable`). A font without a character map gives wrong or no characters, which nothing here can tell.
//! Columns and tables come in drawing order.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{Document, Object, PlainTextOutput, decode_text_string, output_doc_page};

use crate::limits::{DOCUMENT_PAGES_MAX, DOCUMENT_TEXT_BYTES_MAX};

use super::extract::{ExtractFailure, Extracted};

/// Reads a PDF.
pub(super) fn extract(bytes: &[u8]) -> Result<Extracted, ExtractFailure> {
    read(bytes).map_err(|failure| match failure {
        // The library opens what needs no password. What it fails on, and says of itself that it is encrypted, needs one.
        ExtractFailure::Unreadable(_) if memchr::memmem::find(bytes, b"/Encrypt").is_some() => {
            ExtractFailure::Encrypted
        }
        other => other,
    })
}

fn read(bytes: &[u8]) -> Result<Extracted, ExtractFailure> {
    let unreadable = |how: &str| ExtractFailure::Unreadable(how.to_owned());
    let mut document = Document::load_mem(bytes).map_err(|_| unreadable("a damaged PDF"))?;
    if document.is_encrypted() && document.decrypt("").is_err() {
        return Err(ExtractFailure::Encrypted);
    }
    let mut pages: Vec<u32> = document.get_pages().into_keys().collect();
    if pages.is_empty() {
        return Err(unreadable("a PDF without a page"));
    }
    let mut found = Extracted {
        title: title(&document),
        ..Extracted::default()
    };
    let many = pages.len() > DOCUMENT_PAGES_MAX;
    found.odd("document-text-cut", u64::from(many));
    pages.truncate(DOCUMENT_PAGES_MAX);
    let mut failed = 0;
    for (at, number) in pages.iter().enumerate() {
        if at > 0 {
            found.text.push('\u{c}');
        }
        match page(&document, *number) {
            Some(text) => found.text.push_str(&text.replace('\u{c}', " ")),
            None => failed += 1,
        }
        if found.text.len() > DOCUMENT_TEXT_BYTES_MAX {
            break;
        }
    }
    if found.text.trim().is_empty() {
        return Err(if failed > 0 {
            unreadable("a PDF of which no page could be read")
        } else {
            ExtractFailure::WithoutText
        });
    }
    found.odd("document-page-unreadable", failed);
    Ok(found)
}

/// The text of one page, or none when the library fails on it.
fn page(document: &Document, number: u32) -> Option<String> {
    let drawn = catch_unwind(AssertUnwindSafe(|| {
        let mut text = String::new();
        let mut output = PlainTextOutput::new(&mut text);
        output_doc_page(document, &mut output, number).map(|()| text)
    }));
    drawn.ok()?.ok()
}

/// The `Title` of the document's properties.
fn title(document: &Document) -> Option<String> {
    let info = document.trailer.get(b"Info").ok()?;
    let (_, info) = document.dereference(info).ok()?;
    let title: &Object = info.as_dict().ok()?.get(b"Title").ok()?;
    let (_, title) = document.dereference(title).ok()?;
    let title = decode_text_string(title).ok()?;
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then_some(title)
}
