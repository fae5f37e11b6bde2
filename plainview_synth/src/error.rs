//! The one error type of this crate: a file could not be written. Nothing else can fail,
//! because every input is made here.

use std::path::PathBuf;

/// Why records could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be created or written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A stream handed in by the caller refused bytes.
    #[error("cannot write to the output stream")]
    Stream(#[source] std::io::Error),
    /// A Parquet file could not be encoded.
    #[error("cannot encode Parquet")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// A Parquet batch could not be assembled.
    #[error("cannot assemble a Parquet batch")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// A JSON text could not be encoded.
    #[error("cannot encode JSON")]
    Json(#[from] serde_json::Error),
    /// The folder already holds something; a demo never overwrites a case.
    #[error("{} is not empty; choose a new folder", path.display())]
    NotEmpty {
        /// The folder that was named.
        path: PathBuf,
    },
}
