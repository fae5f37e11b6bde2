//! `resources`: one row per resource as configured.
//!
//! What the provider's own register of resources says of a store or of what stands beside it.

use super::{cell_append, cell_builder, cell_field, cell_new, cell_type, table};

table! {
    /// One resource.
    row ResourceRow;
    /// Builds batches of the `resources` table.
    builder ResourcesBuilder;
    /// `aws`, `azure` or `gcp`.
    provider: text,
    /// Account: AWS account id, Azure storage account name (else subscription id), GCP project.
    account: text,
    /// Bucket or container, where the resource is one.
    container: text_opt,
    /// Region.
    region: text_opt,
    /// Id as the provider writes it, masked, in lower case for Azure.
    resource_id: text,
    /// Type as the provider names it, in lower case.
    resource_type: text,
    /// Name, masked.
    name: text_opt,
    /// Azure subscription, AWS account or GCP project that holds it.
    subscription: text_opt,
    /// Azure resource group.
    resource_group: text_opt,
    /// The provider's kind (`StorageV2`).
    kind: text_opt,
    /// The provider's plan or replication (`Standard_LRS`).
    sku: text_opt,
    /// When it was created.
    created_at: time_opt,
    /// Whether it has a hierarchical namespace.
    is_hierarchical: flag_opt,
    /// Whether account keys may be used.
    allows_shared_keys: flag_opt,
    /// Whether anonymous access may be granted.
    allows_public_access: flag_opt,
    /// What the network rules do by default (`Allow`, `Deny`).
    network_default: text_opt,
    /// How many private endpoints it has.
    private_endpoints: int_opt,
    /// Who keeps its encryption key (`Microsoft.Storage`, `Microsoft.Keyvault`).
    key_source: text_opt,
    /// Tags as JSON text, masked.
    tags: text_opt,
}
