//! `deliveries`: one row per statement by a provider that it delivered log files for an interval.
//!
//! CloudTrail writes a digest for every hour, also when nothing happened. It names the log files of the interval with their
//! hashes and carries hash and signature of the digest before it, so that removing one is seen. A digest is one row with
//! `kind = 'digest'`; each log file that it names is one row with `kind = 'log-file'`.

use super::{cell_append, cell_builder, cell_field, cell_new, cell_type, table};

/// How a digest hangs on the one before; the values of `link`.
pub mod link {
    /// The digest before is here and has the stated hash.
    pub const LINKED: &str = "linked";
    /// It names no digest before: logging was started.
    pub const START: &str = "start";
    /// It names a digest before that is not here, and no earlier one of its chain is: the source begins with it.
    pub const FIRST: &str = "first";
    /// It names a digest before that is not here, though earlier ones of its chain are. What is not covered lies between the
    /// latest earlier `end_at` of the chain (one account, region and trail) and this row's `start_at`, however many digests
    /// are gone.
    pub const BROKEN: &str = "broken";
    /// The digest before is here with another hash.
    pub const ALTERED: &str = "altered";
}

/// Whether what was delivered is here; the values of `state`.
pub mod state {
    /// It is here with the stated hash.
    pub const PRESENT: &str = "present";
    /// It is not among the files of the source.
    pub const MISSING: &str = "missing";
    /// It is here with another hash.
    pub const ALTERED: &str = "altered";
}

table! {
    /// One statement of delivery.
    row DeliveryRow;
    /// Builds batches of the `deliveries` table.
    builder DeliveriesBuilder;
    /// `aws`.
    provider: text,
    /// Account whose trail it is.
    account: text,
    /// Region of the trail's files.
    region: text_opt,
    /// `digest` or `log-file`.
    kind: text,
    /// Object key of the digest or log file, masked.
    name: text,
    /// Start of the interval of delivery.
    start_at: time,
    /// End of the interval of delivery, exclusive.
    end_at: time,
    /// Earliest event in the files named, where stated.
    first_event_at: time_opt,
    /// Latest event in the files named, where stated.
    last_event_at: time_opt,
    /// Stated SHA-256 in hex of a log file; of a digest, its own.
    sha256: text_opt,
    /// One of [`state`].
    state: text,
    /// One of [`link`]; null for log files.
    link: text_opt,
    /// `valid`, `invalid` or `unchecked`: the signature that the next digest states, against the public keys of the source.
    signature: text_opt,
}
