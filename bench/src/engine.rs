//! What an engine says about a file it has read: the answer that is compared and the figures that are not.

use serde::{Deserialize, Serialize};

/// The part of an engine's line that must be the same for every engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Answer {
    /// Rows read.
    pub rows: u64,
    /// Objects: bytes. Requests: bytes sent. Charges: consumed quantity in steps of 10^-12. Metering: values in steps of 10^-12. Documents: seconds
    /// since 1970 of the sending.
    pub sum: i128,
    /// Characters of the longest text column: object key, charge description, container; of a document's text those that are
    /// not white space. Masking keeps lengths, so that the count survives it.
    pub chars: u64,
}

/// One reading of one file by one engine; the line that every engine prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Rows read.
    pub rows: u64,
    /// [`Answer::sum`] as text, since JSON numbers may not hold it.
    pub sum: String,
    /// [`Answer::chars`].
    pub chars: u64,
    /// Wall seconds from opening the first file to holding the last batch.
    pub seconds: f64,
    /// Processor seconds, user and system, over the same stretch and all threads; in steps of 10 ms.
    pub cpu_seconds: f64,
    /// Highest resident memory of the whole process, KiB.
    pub peak_kib: u64,
}

impl Measured {
    /// The part that is compared.
    pub fn answer(&self) -> anyhow::Result<Answer> {
        Ok(Answer {
            rows: self.rows,
            sum: self.sum.parse()?,
            chars: self.chars,
        })
    }
}
