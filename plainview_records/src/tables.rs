//! The evidence tables: one schema and one row builder per table.
//!
//! Every row first says where it comes from: `source_id` (the source's id in case.toml), `file_no` (0-based index into
//! [`crate::SourceReport::files`]) and `row_no` (1-based data row in that file; a header row is not counted).
//! Times are milliseconds since 1970 in UTC; decimals have 38 digits of which 12 after the point.

pub mod activity;
pub mod charges;
pub mod deliveries;
pub mod documents;
pub mod metering;
pub mod notices;
pub mod objects;
pub mod requests;
pub mod resources;

use std::sync::Arc;

use arrow_schema::{DataType, SchemaRef, TimeUnit};
use serde::{Deserialize, Serialize};

/// No batch given to a [`crate::Sink`] has more rows.
pub const BATCH_ROWS_MAX: usize = 8192;

/// A batch with this much text is full, however few its rows: long texts must not add up to gigabytes.
pub const BATCH_TEXT_BYTES_MAX: usize = 32 << 20;

/// Digits after the point of every decimal column.
pub const DECIMAL_SCALE: i8 = 12;

/// Digits in all of every decimal column.
pub const DECIMAL_PRECISION: u8 = 38;

/// An evidence table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Table {
    /// One row per object version in one inventory snapshot.
    Objects,
    /// One row per data-plane request.
    Requests,
    /// One row per control-plane event.
    Activity,
    /// One row per provider-kept meter reading.
    Metering,
    /// One row per charge line.
    Charges,
    /// One row per resource as configured.
    Resources,
    /// One row per document.
    Documents,
    /// One row per statement that log files were delivered.
    Deliveries,
    /// One row per thing not usable.
    Notices,
}

impl Table {
    /// Every table, in the order of DESIGN section 5.
    pub const ALL: [Self; 9] = [
        Self::Objects,
        Self::Requests,
        Self::Activity,
        Self::Metering,
        Self::Charges,
        Self::Resources,
        Self::Documents,
        Self::Deliveries,
        Self::Notices,
    ];

    /// The table's name in SQL and on disk.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Metering => "metering",
            Self::Charges => "charges",
            Self::Documents => "documents",
            Self::Requests => "requests",
            Self::Activity => "activity",
            Self::Resources => "resources",
            Self::Deliveries => "deliveries",
            Self::Notices => "notices",
        }
    }

    /// The table's schema.
    pub fn schema(self) -> SchemaRef {
        match self {
            Self::Objects => objects::schema(),
            Self::Metering => metering::schema(),
            Self::Charges => charges::schema(),
            Self::Documents => documents::schema(),
            Self::Requests => requests::schema(),
            Self::Activity => activity::schema(),
            Self::Resources => resources::schema(),
            Self::Deliveries => deliveries::schema(),
            Self::Notices => notices::schema(),
        }
    }

    /// The table called `name`, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.as_str() == name)
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Milliseconds since 1970, UTC.
pub(crate) fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Millisecond, Some(Arc::from("UTC")))
}

pub(crate) fn decimal_type() -> DataType {
    DataType::Decimal128(DECIMAL_PRECISION, DECIMAL_SCALE)
}

/// The Rust type a row holds for a column kind.
macro_rules! cell_type {
    (text, $lt:lifetime) => { &$lt str };
    (text_opt, $lt:lifetime) => { Option<&$lt str> };
    (time, $lt:lifetime) => { i64 };
    (time_opt, $lt:lifetime) => { Option<i64> };
    (int_opt, $lt:lifetime) => { Option<i64> };
    (flag_opt, $lt:lifetime) => { Option<bool> };
    (dec, $lt:lifetime) => { i128 };
    (dec_opt, $lt:lifetime) => { Option<i128> };
    (count32, $lt:lifetime) => { u32 };
    (count64, $lt:lifetime) => { u64 };
    (count64_opt, $lt:lifetime) => { Option<u64> };
}

/// The Arrow type of a column kind, and whether it may be null.
macro_rules! cell_field {
    (text) => {
        (arrow_schema::DataType::Utf8, false)
    };
    (text_opt) => {
        (arrow_schema::DataType::Utf8, true)
    };
    (time) => {
        ($crate::tables::time_type(), false)
    };
    (time_opt) => {
        ($crate::tables::time_type(), true)
    };
    (int_opt) => {
        (arrow_schema::DataType::Int64, true)
    };
    (flag_opt) => {
        (arrow_schema::DataType::Boolean, true)
    };
    (dec) => {
        ($crate::tables::decimal_type(), false)
    };
    (dec_opt) => {
        ($crate::tables::decimal_type(), true)
    };
    (count32) => {
        (arrow_schema::DataType::UInt32, false)
    };
    (count64) => {
        (arrow_schema::DataType::UInt64, false)
    };
    (count64_opt) => {
        (arrow_schema::DataType::UInt64, true)
    };
}

/// The Arrow builder of a column kind.
macro_rules! cell_builder {
    (text) => {
        arrow_array::builder::StringBuilder
    };
    (text_opt) => {
        arrow_array::builder::StringBuilder
    };
    (time) => {
        arrow_array::builder::TimestampMillisecondBuilder
    };
    (time_opt) => {
        arrow_array::builder::TimestampMillisecondBuilder
    };
    (int_opt) => {
        arrow_array::builder::Int64Builder
    };
    (flag_opt) => {
        arrow_array::builder::BooleanBuilder
    };
    (dec) => {
        arrow_array::builder::Decimal128Builder
    };
    (dec_opt) => {
        arrow_array::builder::Decimal128Builder
    };
    (count32) => {
        arrow_array::builder::UInt32Builder
    };
    (count64) => {
        arrow_array::builder::UInt64Builder
    };
    (count64_opt) => {
        arrow_array::builder::UInt64Builder
    };
}

/// An empty builder of a column kind.
macro_rules! cell_new {
    (text) => {
        arrow_array::builder::StringBuilder::new()
    };
    (text_opt) => {
        arrow_array::builder::StringBuilder::new()
    };
    (time) => {
        arrow_array::builder::TimestampMillisecondBuilder::new().with_timezone("UTC")
    };
    (time_opt) => {
        cell_new!(time)
    };
    (int_opt) => {
        arrow_array::builder::Int64Builder::new()
    };
    (flag_opt) => {
        arrow_array::builder::BooleanBuilder::new()
    };
    (dec) => {
        arrow_array::builder::Decimal128Builder::new()
            .with_data_type($crate::tables::decimal_type())
    };
    (dec_opt) => {
        cell_new!(dec)
    };
    (count32) => {
        arrow_array::builder::UInt32Builder::new()
    };
    (count64) => {
        arrow_array::builder::UInt64Builder::new()
    };
    (count64_opt) => {
        arrow_array::builder::UInt64Builder::new()
    };
}

/// Appends one cell, counting the bytes of texts.
macro_rules! cell_append {
    (text, $b:expr, $v:expr, $bytes:expr) => {{
        $bytes += $v.len();
        $b.append_value($v)
    }};
    (text_opt, $b:expr, $v:expr, $bytes:expr) => {{
        $bytes += $v.map_or(0, str::len);
        $b.append_option($v)
    }};
    (time, $b:expr, $v:expr, $bytes:expr) => {
        $b.append_value($v)
    };
    (dec, $b:expr, $v:expr, $bytes:expr) => {
        $b.append_value($v)
    };
    (count32, $b:expr, $v:expr, $bytes:expr) => {
        $b.append_value($v)
    };
    (count64, $b:expr, $v:expr, $bytes:expr) => {
        $b.append_value($v)
    };
    ($kind:ident, $b:expr, $v:expr, $bytes:expr) => {
        $b.append_option($v)
    };
}

/// Writes a table's schema, row type and builder from its list of columns.
///
/// The three columns that lead every table are added here, so that no table can forget them.
macro_rules! table {
    (
        $(#[$row_doc:meta])* row $row:ident;
        $(#[$builder_doc:meta])* builder $builder:ident;
        $( $(#[$doc:meta])* $name:ident: $kind:ident, )*
    ) => {
        /// The table's schema: the three columns of every table, then the fields of the row type in order.
        pub fn schema() -> arrow_schema::SchemaRef {
            static SCHEMA: std::sync::OnceLock<arrow_schema::SchemaRef> = std::sync::OnceLock::new();
            SCHEMA
                .get_or_init(|| {
                    let columns = [
                        ("source_id", cell_field!(text)),
                        ("file_no", cell_field!(count32)),
                        ("row_no", cell_field!(count64)),
                        $( (stringify!($name), cell_field!($kind)), )*
                    ];
                    let fields: Vec<arrow_schema::Field> = columns
                        .into_iter()
                        .map(|(name, (data_type, nullable))| {
                            arrow_schema::Field::new(name, data_type, nullable)
                        })
                        .collect();
                    std::sync::Arc::new(arrow_schema::Schema::new(fields))
                })
                .clone()
        }

        $(#[$row_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Default)]
        pub struct $row<'a> {
            /// 0-based index of the file in [`crate::SourceReport::files`].
            pub file_no: u32,
            /// 1-based data row in that file.
            pub row_no: u64,
            $( $(#[$doc])* pub $name: cell_type!($kind, 'a), )*
        }

        $(#[$builder_doc])*
        #[derive(Debug)]
        pub struct $builder {
            source: String,
            text_bytes: usize,
            source_id: arrow_array::builder::StringBuilder,
            file_no: arrow_array::builder::UInt32Builder,
            row_no: arrow_array::builder::UInt64Builder,
            $( $name: cell_builder!($kind), )*
        }

        impl $builder {
            /// A builder for rows of the source `source_id`.
            pub fn new(source_id: &str) -> Self {
                Self {
                    source: source_id.to_owned(),
                    text_bytes: 0,
                    source_id: cell_new!(text),
                    file_no: cell_new!(count32),
                    row_no: cell_new!(count64),
                    $( $name: cell_new!($kind), )*
                }
            }

            /// Appends one row.
            #[allow(clippy::inline_always, reason = "called once per row from one or two places")]
            #[inline(always)]
            pub fn push(&mut self, row: &$row<'_>) {
                self.source_id.append_value(&self.source);
                self.file_no.append_value(row.file_no);
                self.row_no.append_value(row.row_no);
                $( cell_append!($kind, self.$name, row.$name, self.text_bytes); )*
            }

            /// Rows appended since the last [`Self::finish`].
            pub fn len(&self) -> usize {
                use arrow_array::builder::ArrayBuilder as _;
                self.row_no.len()
            }

            /// Whether no row was appended since the last [`Self::finish`].
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Whether the rows must be taken before the next one: as many as a batch holds, or as much text.
            pub fn is_full(&self) -> bool {
                self.len() >= $crate::tables::BATCH_ROWS_MAX || self.text_bytes >= $crate::tables::BATCH_TEXT_BYTES_MAX
            }

            /// Takes the appended rows as a batch and leaves the builder empty.
            pub fn finish(&mut self) -> Result<arrow_array::RecordBatch, $crate::Error> {
                self.text_bytes = 0;
                let columns: Vec<arrow_array::ArrayRef> = vec![
                    std::sync::Arc::new(self.source_id.finish()),
                    std::sync::Arc::new(self.file_no.finish()),
                    std::sync::Arc::new(self.row_no.finish()),
                    $( std::sync::Arc::new(self.$name.finish()), )*
                ];
                Ok(arrow_array::RecordBatch::try_new(schema(), columns)?)
            }
        }

        impl $crate::run::Builder for $builder {
            fn is_full(&self) -> bool {
                self.is_full()
            }

            fn is_empty(&self) -> bool {
                self.is_empty()
            }

            fn finish(&mut self) -> Result<arrow_array::RecordBatch, $crate::Error> {
                self.finish()
            }
        }
    };
}
pub(crate) use {cell_append, cell_builder, cell_field, cell_new, cell_type, table};
