//! `charges`: one row per charge line of a bill or a cost export.
//!
//! Column names follow FOCUS 1.0 to 1.2; what the providers' own exports put into them is a table in the header of each format.
//! Money is exact decimal, never a float.

use super::{cell_append, cell_builder, cell_field, cell_new, cell_type, table};

table! {
    /// One charge line.
    row ChargeRow;
    /// Builds batches of the `charges` table.
    builder ChargesBuilder;
    /// Provider: FOCUS `ProviderName`, reduced to `aws`, `azure`, `gcp` or the name in lower case.
    provider: text,
    /// FOCUS `BillingAccountId`.
    billing_account: text,
    /// AWS: `SubAccountId`, else `BillingAccountId`. Azure: storage account name out of `ResourceId` when there is one, else `SubAccountId`.
    account: text,
    /// Bucket name where `ResourceId` is an S3 bucket ARN or name, or names a Cloud Storage bucket; else null.
    container: text_opt,
    /// FOCUS `RegionId`.
    region: text_opt,
    /// FOCUS `ResourceId`, masked.
    resource_id: text_opt,
    /// FOCUS `ServiceCategory`.
    service_category: text,
    /// FOCUS `ServiceName`.
    service_name: text,
    /// FOCUS `ChargeCategory` (Usage, Purchase, Tax, Credit, Adjustment).
    charge_category: text,
    /// FOCUS `ChargeClass` (`Correction` or null).
    charge_class: text_opt,
    /// FOCUS `ChargeDescription`, masked.
    description: text_opt,
    /// FOCUS `SkuId`.
    sku_id: text_opt,
    /// FOCUS 1.1 `SkuMeter`.
    sku_meter: text_opt,
    /// FOCUS 1.2 `InvoiceId`.
    invoice_id: text_opt,
    /// FOCUS `InvoiceIssuerName`.
    invoice_issuer: text,
    /// FOCUS `BillingPeriodStart`.
    billing_start: time,
    /// FOCUS `BillingPeriodEnd`, exclusive.
    billing_end: time,
    /// FOCUS `ChargePeriodStart`.
    charge_start: time,
    /// FOCUS `ChargePeriodEnd`, exclusive.
    charge_end: time,
    /// FOCUS `ConsumedQuantity`, in `consumed_unit`.
    consumed_quantity: dec_opt,
    /// FOCUS `ConsumedUnit`, as written.
    consumed_unit: text_opt,
    /// FOCUS `PricingQuantity`, in `pricing_unit`.
    pricing_quantity: dec_opt,
    /// FOCUS `PricingUnit`, as written.
    pricing_unit: text_opt,
    /// FOCUS `BilledCost`, in `currency`.
    billed_cost: dec_opt,
    /// FOCUS `EffectiveCost`, in `currency`.
    effective_cost: dec_opt,
    /// FOCUS `ListCost`, in `currency`.
    list_cost: dec_opt,
    /// FOCUS `ContractedCost`, in `currency`.
    contracted_cost: dec_opt,
    /// FOCUS `BillingCurrency`, ISO 4217.
    currency: text,
    /// FOCUS `Tags` as JSON text, masked.
    tags: text_opt,
}
