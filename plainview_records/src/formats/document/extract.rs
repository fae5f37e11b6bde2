//! Bytes of a document to its text: what is asked, what is answered, and why there may be no answer.
//!
//! The functions below are pure: bytes in, text out, no file, no clock, nothing remembered. Binary kinds are parsed by
//! libraries that hostile bytes can make fail, loop or grow, so the caller chooses where that happens: [`InProcess`] is for
//! libraries and tests, the `plainview` program gives an [`Extractor`] that runs them in a process of its own.

use serde::{Deserialize, Serialize};
use std::panic::catch_unwind;

use crate::limits::DOCUMENT_TEXT_BYTES_MAX;

use super::{docx, html, pdf, plain, xlsx};

/// What kind of document bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentKind {
    /// Portable Document Format.
    Pdf,
    /// Word (Office Open XML).
    Docx,
    /// Excel (Office Open XML), read as a document.
    Xlsx,
    /// HTML.
    Html,
    /// Plain text and Markdown.
    Text,
}

impl DocumentKind {
    /// The word in column `kind`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Html => "html",
            Self::Text => "text",
        }
    }

    /// Whether a library with a parser of its own reads it: such kinds go through an [`Extractor`].
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Pdf | Self::Docx | Self::Xlsx)
    }
}

/// What was taken from a document; nothing of it is masked yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    /// The title that the document's own properties give it.
    pub title: Option<String>,
    /// Its text. A form feed (U+000C) ends a page of a PDF, a sheet of a workbook, and stands where a Word document
    /// breaks the page by hand; lines end in `\n`.
    pub text: String,
    /// What it holds but does not itself say: comments and tracked deletions, a paragraph a line.
    pub aside: String,
    /// What was odd or passed over, by notice code, with how often.
    pub odd: Vec<(String, u64)>,
}

impl Extracted {
    /// Says that something was odd `times` times.
    pub(super) fn odd(&mut self, code: &str, times: u64) {
        if times > 0 {
            self.odd.push((code.to_owned(), times));
        }
    }
}

/// Why a document has no text here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum ExtractFailure {
    /// It needs a password.
    #[error("it is encrypted")]
    Encrypted,
    /// Its pages hold no text: pictures of pages, usually.
    #[error("it has no text layer")]
    WithoutText,
    /// It is damaged, or not what it looks like; says how, in words of ours.
    #[error("{0}")]
    Unreadable(String),
    /// A limit was crossed; says which.
    #[error("{0}")]
    TooLarge(String),
    /// It was not read because nothing would have confined its parser.
    #[error("its parser could not be confined: {0}")]
    Refused(String),
    /// Its parser did not end in time.
    #[error("its parser was stopped after its time")]
    TimedOut,
    /// Its parser died, of a fault or for want of memory.
    #[error("its parser died: {0}")]
    Died(String),
}

/// Reads documents somewhere.
pub trait Extractor: std::fmt::Debug + Send + Sync {
    /// The text of `bytes`, which are of `kind`.
    fn extract(&self, kind: DocumentKind, bytes: &[u8]) -> Result<Extracted, ExtractFailure>;

    /// What a reader of the result must know of how documents were read; given as a notice of the source.
    fn caveat(&self) -> Option<String> {
        None
    }
}

/// Reads documents in the calling process: for trusted files, libraries and tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct InProcess;

impl Extractor for InProcess {
    fn extract(&self, kind: DocumentKind, bytes: &[u8]) -> Result<Extracted, ExtractFailure> {
        extract(kind, bytes)
    }
}

/// The text of `bytes`, which are of `kind`.
pub fn extract(kind: DocumentKind, bytes: &[u8]) -> Result<Extracted, ExtractFailure> {
    let found = catch_unwind(|| match kind {
        DocumentKind::Pdf => pdf::extract(bytes),
        DocumentKind::Docx => docx::extract(bytes),
        DocumentKind::Xlsx => xlsx::extract(bytes),
        DocumentKind::Html => Ok(html_document(bytes)),
        DocumentKind::Text => plain::extract(bytes),
    });
    // The libraries promise not to panic; the bytes come from people who may want them to.
    let mut found =
        found.unwrap_or_else(|_| Err(ExtractFailure::Died("the parser gave up".to_owned())))?;
    let cut = shorten(&mut found.text) | shorten(&mut found.aside);
    found.odd("document-text-cut", u64::from(cut));
    found.text = tidy(&found.text);
    found.aside = tidy(&found.aside);
    if found.text.is_empty() && found.aside.is_empty() {
        return Err(ExtractFailure::WithoutText);
    }
    Ok(found)
}

fn html_document(bytes: &[u8]) -> Extracted {
    let (source, guessed) = html::decode(bytes);
    let mut found = Extracted {
        title: html::title_of(&source),
        text: html::text_of(&source),
        ..Extracted::default()
    };
    found.odd("document-charset", u64::from(guessed));
    found
}

/// Cuts text at the limit; true when it was cut.
fn shorten(text: &mut String) -> bool {
    if text.len() <= DOCUMENT_TEXT_BYTES_MAX {
        return false;
    }
    let mut end = DOCUMENT_TEXT_BYTES_MAX;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    true
}

/// Lines without trailing white space, at most one empty line between two, no control characters but tab and form feed.
/// Form feeds all stay, so that pages can be counted; none is left at the end.
fn tidy(text: &str) -> String {
    let pages = text.split('\u{c}').map(|page| {
        let mut out = String::with_capacity(page.len());
        let mut empty = false;
        for line in page.lines().map(str::trim_end) {
            if line.is_empty() {
                empty = !out.is_empty();
                continue;
            }
            if !out.is_empty() {
                out.push_str(if empty { "\n\n" } else { "\n" });
            }
            empty = false;
            out.extend(
                line.chars()
                    .map(|c| if c.is_control() && c != '\t' { ' ' } else { c }),
            );
        }
        out
    });
    let joined = pages.collect::<Vec<_>>().join("\u{c}");
    joined.trim_end_matches('\u{c}').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_kept_and_controls_are_not() {
        assert_eq!(
            tidy("a \r\n\n\n\nb\u{1b}[2J\u{c}\u{c}c\n\u{c}"),
            "a\n\nb [2J\u{c}\u{c}c"
        );
    }

    #[test]
    fn text_is_cut_between_characters() {
        let mut text = "\u{e4}".repeat(DOCUMENT_TEXT_BYTES_MAX / 2 + 1);
        text.insert(0, 'x');
        assert!(shorten(&mut text));
        assert_eq!(text.len(), DOCUMENT_TEXT_BYTES_MAX - 1);
    }
}
