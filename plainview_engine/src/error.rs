//! What can go wrong in the engine room.

use std::path::PathBuf;

/// An engine failure. Bad record data never ends here: readers turned it into notices before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The SQL could not be planned or run, or asked for something that is refused.
    #[error("{0}")]
    Sql(String),
    /// A table file could not be written or moved into place.
    #[error("table file {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A table file could not be encoded or decoded.
    #[error("table file {path}: {source}")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: parquet::errors::ParquetError,
    },
    /// Results could not be rendered.
    #[error("result: {0}")]
    Render(#[from] arrow_schema::ArrowError),
}

impl From<datafusion::error::DataFusionError> for Error {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        // The root cause reads better than the chain of contexts that wraps it.
        Self::Sql(error.find_root().strip_backtrace())
    }
}
