//! Evidence tables, and one reader per record format that fills them.
//!
//! Reads the listed record formats and, inside them, the listed fields. Refuses everything else: it opens no customer
//! object, decodes no column outside a format's allow-list, lets no identifier-like run through unmasked, and gives no
//! verdict. What a reader cannot use becomes a [`Notice`] with file and row; an [`Error`] means that the run itself
//! cannot be trusted.

pub mod tables;

mod digest;
mod error;
pub mod formats;
mod input;
mod notice;
mod numbers;
mod open;
mod run;
mod sink;
mod times;
mod tokens;

pub use error::Error;
pub use formats::{Format, UnknownFormat, read_source};
pub use input::{Limits, MappedColumn, SourceInput, TableMap, expand};
pub use notice::{Effect, Notice};
pub use run::{BytesListed, FileReport, FileRole, SourceReport};
pub use sink::{Collected, Sink};
pub use tables::Table;
pub use tokens::{PartyAddresses, Tokens};
