//! The one error of this crate: reasons why a run cannot be trusted or finished.
//!
//! Bad input data is never among them; it is a [`crate::Notice`].

/// Why reading a source had to stop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The receiver of the rows failed (a full disk, a closed file); rows were not stored.
    #[error("the table writer failed")]
    Sink(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The request itself makes no sense, for example a `table` source without a column map.
    #[error("source {source_id}: {problem}")]
    Input {
        /// The source's id in case.toml.
        source_id: String,
        /// What was found and what was expected.
        problem: String,
    },
    /// Archives could not be taken apart because their files could not be written anywhere (a full disk).
    #[error("source {0}: the files of its archives cannot be unpacked")]
    Scratch(String, #[source] std::io::Error),
    /// An invariant of this crate is broken: a bug here, never a property of the records.
    #[error("internal error in plainview_records, please report it: {0}")]
    Internal(String),
}

impl Error {
    /// Wraps the failure of a [`crate::Sink`].
    pub fn sink(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Sink(error.into())
    }
}

impl From<arrow_schema::ArrowError> for Error {
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self::Internal(error.to_string())
    }
}
