//! `activity`: one row per control-plane event.
//!
//! The same event can be in several accounts' trails, and its start and its end can be two records: rows of one act share
//! `act_id`, and `act_part` is 0 for the row that counts.

use super::{cell_append, cell_builder, cell_field, cell_new, cell_type, table};

/// What an event does; the values of `verb` beside those of [`super::requests::verb`].
pub mod verb {
    /// Creates a resource.
    pub const CREATE: &str = "create";
    /// Deletes a resource.
    pub const DELETE: &str = "delete";
    /// Changes how a resource is set up, or who may use it.
    pub const CONFIGURE: &str = "configure";
    /// Reads or lists.
    pub const READ: &str = "read";
    /// Signs in or takes on a role.
    pub const SIGN_IN: &str = "sign-in";
    /// Anything else.
    pub const OTHER: &str = "other";
}

/// How an event ended; the values of `outcome`.
pub mod outcome {
    /// It was done.
    pub const SUCCESS: &str = "success";
    /// It was refused or failed.
    pub const FAILURE: &str = "failure";
    /// It was begun; its end is another record.
    pub const STARTED: &str = "started";
    /// The record does not say.
    pub const UNKNOWN: &str = "unknown";
}

table! {
    /// One recorded event.
    row ActivityRow;
    /// Builds batches of the `activity` table.
    builder ActivityBuilder;
    /// `aws`, `azure`, `gcp` or `m365`.
    provider: text,
    /// Account the event was recorded in: AWS account id, Azure subscription id (the storage account's name where the event is about one), GCP project, tenant id; `unknown` where the log does not say.
    account: text,
    /// Bucket or container the event is about.
    container: text_opt,
    /// Region.
    region: text_opt,
    /// When it was recorded as happening.
    at: time,
    /// Service, as the provider names it (`s3.amazonaws.com`, `Microsoft.Storage`).
    service: text,
    /// Event or operation, as the provider names it.
    event: text,
    /// One of [`verb`].
    verb: text,
    /// The provider's category of the event (`Management`, `Administrative`, `activity`).
    category: text_opt,
    /// One of [`outcome`].
    outcome: text,
    /// The provider's error code.
    error: text_opt,
    /// Id of the caller as the provider writes it, masked.
    principal: text_opt,
    /// One of [`super::requests::principal`].
    principal_kind: text,
    /// One of [`super::requests::network`].
    network: text_opt,
    /// Type of the resource, as the provider names it.
    resource_type: text_opt,
    /// Id of the resource, masked.
    resource_id: text_opt,
    /// Whether the provider says that it changes nothing.
    read_only: flag_opt,
    /// Id of this record as the provider gives it.
    event_id: text_opt,
    /// Id that records of one act share.
    act_id: text_opt,
    /// 0 for the record of an act that counts, else its number within the act.
    act_part: count32,
    /// Further fields of the format's allow-list under the provider's own dotted names, masked: a JSON object of texts, sorted by name.
    ///
    /// A name is the path from the root of the record, as the log writes it (`userIdentity.type`,
    /// `protoPayload.authorizationInfo.permission`), whatever the form the file came in. Texts of an array are joined by line
    /// feeds; a field that is absent or null is left out. A format's `DETAILS` lists every name it may put here
    /// ([`crate::Format::details`]): a rule that needs a field of neither a column nor that list cannot be decided.
    details: text_opt,
}
