//! Evidence tables, and one reader per record format that fills them.
//!
//! Reads the listed record formats and, inside them, the listed fields. Refuses everything else: it opens no customer
//! object, decodes no column outside a format's allow-list, lets no identifier-like run through unmasked, and gives no
//! verdict. What a reader cannot use becomes a [`Notice`] with file and row; an [`Error`] means that the run itself
//! cannot be trusted.
//!
//! **Memory.** What a read holds does not grow with the number of rows: a few blocks of text, or one batch of each decoded
//! column (for ORC one stripe), one batch under construction, and the notices' bounded counts. Inventories of two million rows
//! are read within 16 MB as CSV, plain or gzip, and 25 MB as Parquet.

pub mod tables;

mod archive;
mod auto;
mod detect;
mod digest;
mod error;
pub mod formats;
mod input;
mod limits;
mod notice;
mod numbers;
mod open;
mod run;
mod sink;
mod times;
mod tokens;

pub use archive::Unpacked;
pub use detect::{Detected, Group, detect, group};
pub use error::Error;
pub use formats::{Format, UnknownFormat, read_source};
pub use input::{MappedColumn, SourceInput, TableMap, expand, no_such_file};
pub use limits::{CAPS, Cap, Limits};
pub use notice::{Effect, Notice};
pub use run::{BytesListed, FileReport, FileRole, SourceReport};
pub use sink::{Collected, Sink};
pub use tables::Table;
pub use tokens::{PartyAddresses, Tokens};
