//! `objects`: one row per object version in one inventory snapshot.
//!
//! Filled by the inventory readers and by `format = "table"`. Holds what a listing says about an object, never its content.

use super::{cell_append, cell_builder, cell_field, cell_new, cell_type, table};

/// States an object version can be in; the values of `state`.
pub mod state {
    /// The live version of its key; the only state that counts as live bytes.
    pub const CURRENT: &str = "current";
    /// A kept older version.
    pub const NONCURRENT: &str = "noncurrent";
    /// A marker that hides older versions; has no bytes (S3 versioning).
    pub const DELETE_MARKER: &str = "delete_marker";
    /// A read-only copy taken at a time (Azure).
    pub const SNAPSHOT: &str = "snapshot";
    /// Deleted, but kept for a retention period (Azure soft delete).
    pub const DELETED: &str = "deleted";
    /// A folder: an empty S3 key ending in `/`, or a directory of an Azure hierarchical namespace.
    pub const FOLDER: &str = "folder";
}

table! {
    /// One object version as an inventory lists it.
    row ObjectRow;
    /// Builds batches of the `objects` table.
    builder ObjectsBuilder;
    /// Provider, such as `aws` or `azure`; from the source's `account` or the format.
    provider: text,
    /// Account within the provider: AWS account id, Azure storage account name; `unknown` when neither the format nor the source says.
    account: text,
    /// Bucket (S3 `Bucket`) or container (first segment of the Azure `Name`).
    container: text,
    /// Region; from the source's `region`, since inventories carry none.
    region: text_opt,
    /// When the listing was made: S3 `creationTimestamp` of the manifest, Azure `inventoryStartTime`; null without a manifest.
    snapshot_at: time_opt,
    /// Object key, URL-decoded and masked by [`crate::Tokens`]; for Azure without the container.
    key: text,
    /// S3 `VersionId` (`null` for the null version of a versioned bucket), Azure `VersionId`, or the Azure `Snapshot` time.
    version_id: text_opt,
    /// One of [`state`].
    state: text,
    /// Bytes: S3 `Size`, Azure `Content-Length`; null for delete markers and folders that have none.
    size: int_opt,
    /// Azure `Creation-Time`; S3 lists none.
    created_at: time_opt,
    /// S3 `LastModifiedDate`, Azure `Last-Modified`.
    modified_at: time_opt,
    /// S3 `ETag`, Azure `ETag`, as written.
    etag: text_opt,
    /// Azure `Content-Type`, masked; S3 lists none.
    content_type: text_opt,
    /// S3 `StorageClass`, Azure `AccessTier`.
    tier: text_opt,
    /// Azure `BlobType` (`BlockBlob`, `AppendBlob`, `PageBlob`).
    blob_type: text_opt,
    /// S3 `IsMultipartUploaded`.
    is_multipart: flag_opt,
    /// S3 `EncryptionStatus`; Azure `EncryptionScope`, else `ServerEncrypted` as `true` or `false`.
    encryption: text_opt,
    /// S3 `ObjectLockRetainUntilDate`, Azure `ImmutabilityPolicyUntilDate`.
    retain_until: time_opt,
    /// S3 `ObjectLockLegalHoldStatus` (`ON`), Azure `LegalHold`.
    legal_hold: flag_opt,
    /// S3 `ReplicationStatus`.
    replication: text_opt,
}
