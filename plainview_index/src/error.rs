//! Why an index cannot be made or asked.

/// Why an index cannot be made or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The query is not understood: what was found, and what is expected.
    #[error("{0}")]
    Query(String),
    /// The index cannot be written or read.
    #[error("the index cannot be used")]
    Index(#[from] tantivy::TantivyError),
    /// The folder of the index cannot be opened.
    #[error("the index cannot be opened")]
    Folder(#[from] tantivy::directory::error::OpenDirectoryError),
}
