//! `requests`: one row per data-plane request, whichever log recorded it.
//!
//! A row says that a request was recorded, not that it was the only one: server access logs are delivered on a best-effort basis.
//! One act may be recorded several times (a copy, a re-delivered log file, the same event in two accounts' trails): rows of one
//! act share `act_id`, and `act_part` is 0 for the row that counts.

use super::{cell_append, cell_builder, cell_field, cell_new, cell_type, table};

/// What a request does to an object or a store; the values of `verb`.
pub mod verb {
    /// Reads an object's bytes or its metadata.
    pub const READ: &str = "read";
    /// Writes an object.
    pub const WRITE: &str = "write";
    /// Deletes an object or a version.
    pub const DELETE: &str = "delete";
    /// Copies an object within or between stores.
    pub const COPY: &str = "copy";
    /// Lists objects or stores.
    pub const LIST: &str = "list";
    /// Reads or changes how a store is set up.
    pub const CONFIGURE: &str = "configure";
    /// Anything else.
    pub const OTHER: &str = "other";
}

/// Who made a request or caused an event, as far as its record says; the values of `principal_kind`.
///
/// Only `user` and `role` can lead to a person, and only through the provider's own records. An account key or a signed URL
/// can be used by anybody who holds it: it names no person.
pub mod principal {
    /// A named user of the provider's directory.
    pub const USER: &str = "user";
    /// An assumed role; a person or a programme.
    pub const ROLE: &str = "role";
    /// The root of an account.
    pub const ROOT: &str = "root";
    /// A service principal, service account or managed identity of the tenant.
    pub const APPLICATION: &str = "application";
    /// A service of the provider acting for the tenant.
    pub const SERVICE: &str = "service";
    /// The provider's delivery of logs.
    pub const LOG_DELIVERY: &str = "log-delivery";
    /// The provider's lifecycle rules.
    pub const LIFECYCLE: &str = "lifecycle";
    /// The holder of an account key.
    pub const ACCOUNT_KEY: &str = "account-key";
    /// The holder of a signed URL or shared access signature.
    pub const SIGNED_URL: &str = "signed-url";
    /// Another account or tenant, not resolved further.
    pub const OTHER_ACCOUNT: &str = "other-account";
    /// Nobody was authenticated.
    pub const ANONYMOUS: &str = "anonymous";
    /// The record does not say.
    pub const UNKNOWN: &str = "unknown";
}

/// Where a request came from; the values of `network`. The address itself is never kept.
pub mod network {
    /// A public address.
    pub const PUBLIC: &str = "public";
    /// A private, loopback, link-local or carrier-internal address, or a private endpoint.
    pub const PRIVATE: &str = "private";
    /// Inside the provider: a service's name in place of an address.
    pub const PROVIDER: &str = "provider";
}

table! {
    /// One recorded request.
    row RequestRow;
    /// Builds batches of the `requests` table.
    builder RequestsBuilder;
    /// `aws`, `azure` or `gcp`.
    provider: text,
    /// Account that owns the store: AWS account id, Azure storage account name, GCP project; `unknown` where the log does not say.
    account: text,
    /// Bucket or container.
    container: text_opt,
    /// Region.
    region: text_opt,
    /// Key of the object, masked; never a query string.
    key: text_opt,
    /// When the request was recorded as made.
    at: time,
    /// The operation as the provider names it, such as `REST.GET.OBJECT` or `GetBlob`.
    operation: text,
    /// One of [`verb`].
    verb: text,
    /// HTTP status or the provider's status word.
    status: text_opt,
    /// The provider's error code.
    error: text_opt,
    /// Bytes sent to the requester.
    bytes_out: int_opt,
    /// Bytes received from the requester.
    bytes_in: int_opt,
    /// Size of the object, in bytes, where the log states it.
    object_bytes: int_opt,
    /// Total time in milliseconds.
    duration_ms: int_opt,
    /// Id of the requester as the provider writes it, masked: an ARN, an object id, a service account; never a key or a token.
    principal: text_opt,
    /// One of [`principal`].
    principal_kind: text,
    /// How the requester was authenticated, as the provider names it.
    auth: text_opt,
    /// One of [`network`].
    network: text_opt,
    /// Id of this record as the provider gives it.
    event_id: text_opt,
    /// Id that records of one act share.
    act_id: text_opt,
    /// 0 for the record of an act that counts, else its number within the act.
    act_part: count32,
}
