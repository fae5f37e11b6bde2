//! Full-text index of the documents table: what `plainview find` searches.
//!
//! Takes rows as they stand in the table, which are masked, and keeps nothing else: a word that the table does not hold is not
//! in the index. Knows no record formats and no verdicts. Finds documents by their words and by what they say of themselves;
//! there is no query for who opened or received a document beyond its own header, and none that ranks people.
//!
//! **Order.** Hits come by relevance (BM25), and where that is equal in the order of the table, so that one index always answers
//! a query in the same way. The measure of relevance is not given out: it compares documents of one query and says nothing else.

mod build;
mod error;
mod query;
mod schema;
mod search;

pub use build::IndexBuilder;
pub use error::Error;
pub use query::HELP;
pub use search::{Found, Hit, Index, Part, Snippet};

/// One row of the documents table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Document<'a> {
    /// The source's id.
    pub source: &'a str,
    /// Name of the file within the source, masked.
    pub file: &'a str,
    /// 1-based row in the file.
    pub row: u64,
    /// The document's id.
    pub doc_id: &'a str,
    /// Which copy of the document this is.
    pub copy_no: u64,
    /// The thread it belongs to.
    pub thread_id: Option<&'a str>,
    /// What kind of document.
    pub kind: &'a str,
    /// When it was sent, milliseconds since 1970 UTC.
    pub sent_at: Option<i64>,
    /// Who it is from, as party id or pseudonym.
    pub from: Option<&'a str>,
    /// Who it is to.
    pub to: Option<&'a str>,
    /// Who has a copy.
    pub cc: Option<&'a str>,
    /// Its subject or title.
    pub subject: Option<&'a str>,
    /// What it says itself.
    pub text: Option<&'a str>,
    /// What it quotes.
    pub quoted: Option<&'a str>,
}
