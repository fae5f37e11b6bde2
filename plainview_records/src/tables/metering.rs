//! `metering`: one row per meter reading kept by the provider.
//!
//! What a provider holds even when no inventory was ever configured. A reading covers a half-open interval.

use super::{cell_append, cell_builder, cell_field, cell_new, cell_type, table};

/// What is metered; the values of `meter`.
pub mod meter {
    /// Bytes at rest; unit `B`.
    pub const STORED_BYTES: &str = "stored_bytes";
    /// Objects at rest; unit `count`.
    pub const OBJECT_COUNT: &str = "object_count";
    /// Bytes leaving the store; unit `B`.
    pub const EGRESS_BYTES: &str = "egress_bytes";
    /// Bytes entering the store; unit `B`.
    pub const INGRESS_BYTES: &str = "ingress_bytes";
    /// Requests; unit `count`.
    pub const TRANSACTIONS: &str = "transactions";
}

table! {
    /// One reading of one meter over one interval.
    row MeteringRow;
    /// Builds batches of the `metering` table.
    builder MeteringBuilder;
    /// Provider, such as `aws` or `azure`.
    provider: text,
    /// Account within the provider: AWS account id, Azure storage account name.
    account: text,
    /// Bucket or container; null when the meter is kept per account.
    container: text_opt,
    /// Region of the meter.
    region: text_opt,
    /// One of [`meter`].
    meter: text,
    /// Storage class or tier the meter is split by (CloudWatch `StorageType`, Azure `Tier`).
    tier: text_opt,
    /// Start of the interval.
    start_at: time,
    /// End of the interval, exclusive.
    end_at: time,
    /// How samples in the interval were combined: `average`, `maximum`, `minimum`, `sum` or `last`.
    statistic: text,
    /// The reading, in `unit`.
    value: dec,
    /// `B` (bytes) or `count`.
    unit: text,
}
