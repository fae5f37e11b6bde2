//! One FOCUS row to one charge: nulls, times, numbers, and who and what was charged.

use std::borrow::Cow;

use crate::numbers::parse_decimal;
use crate::tables::charges::{ChargeRow, ChargesBuilder};
use crate::times::parse_iso_ms;
use crate::{Effect, Tokens};

use crate::formats::sheet::tally::{Repeated, Tally};

macro_rules! columns {
    ($($name:ident),* $(,)?) => {
        /// The columns this reader reads.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Column { $($name),* }

        impl Column {
            /// Every column, in the order of its number.
            pub(super) const ALL: [Column; Column::COUNT] = [$(Column::$name),*];
            /// How many there are.
            pub(super) const COUNT: usize = [$(stringify!($name)),*].len();

            /// The name in the header.
            pub(super) fn name(self) -> &'static str {
                match self { $(Column::$name => stringify!($name)),* }
            }
        }
    };
}

columns!(
    BilledCost,
    BillingAccountId,
    BillingCurrency,
    BillingPeriodEnd,
    BillingPeriodStart,
    ChargeCategory,
    ChargeClass,
    ChargeDescription,
    ChargePeriodEnd,
    ChargePeriodStart,
    ConsumedQuantity,
    ConsumedUnit,
    ContractedCost,
    EffectiveCost,
    InvoiceId,
    InvoiceIssuerName,
    ListCost,
    PricingQuantity,
    PricingUnit,
    ProviderName,
    RegionId,
    ResourceId,
    ServiceCategory,
    ServiceName,
    SkuId,
    SkuMeter,
    SubAccountId,
    Tags,
);

/// Why a row cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadRow {
    /// The column at fault.
    pub(super) column: &'static str,
    /// What it held.
    pub(super) found: String,
    /// What it should hold.
    pub(super) expected: &'static str,
}

/// A charge line, read and masked.
#[derive(Debug)]
pub(super) struct Line<'r> {
    provider: Cow<'r, str>,
    billing_account: &'r str,
    account: Cow<'r, str>,
    container: Option<&'r str>,
    region: Option<&'r str>,
    resource_id: Option<Cow<'r, str>>,
    service_category: &'r str,
    service_name: &'r str,
    charge_category: &'r str,
    charge_class: Option<&'r str>,
    description: Option<Cow<'r, str>>,
    sku_id: Option<&'r str>,
    sku_meter: Option<&'r str>,
    invoice_id: Option<&'r str>,
    invoice_issuer: &'r str,
    billing_start: i64,
    billing_end: i64,
    pub(super) charge_start: i64,
    pub(super) charge_end: i64,
    consumed_quantity: Option<i128>,
    consumed_unit: Option<&'r str>,
    pricing_quantity: Option<i128>,
    pricing_unit: Option<&'r str>,
    billed_cost: Option<i128>,
    effective_cost: Option<i128>,
    list_cost: Option<i128>,
    contracted_cost: Option<i128>,
    currency: &'r str,
    tags: Option<Cow<'r, str>>,
}

const NULL: Repeated = Repeated {
    code: "focus-null",
    effect: Effect::Doubt,
    expected: "a value: FOCUS allows no null here",
    message: "a column that may not be null is null in some rows; they were kept",
};
const NO_ZONE: Repeated = Repeated {
    code: "focus-time-without-zone",
    effect: Effect::Doubt,
    expected: "ISO 8601 with Z",
    message: "date-times without a zone were taken as UTC",
};
const ROUNDED: Repeated = Repeated {
    code: "decimal-rounded",
    effect: Effect::Doubt,
    expected: "at most twelve decimal places",
    message: "numbers with more than twelve decimal places were rounded half to even",
};
const BROKEN_ARN: Repeated = Repeated {
    code: "focus-broken-arn",
    effect: Effect::Doubt,
    expected: "arn:aws:service:region:account:resource",
    message: "resource ids that begin as an ARN but are none were kept as they are",
};
const SHORT_ACCOUNT: Repeated = Repeated {
    code: "focus-short-account",
    effect: Effect::Doubt,
    expected: "twelve digits",
    message: "AWS account ids with fewer than twelve digits were kept as they are; leading zeros may be lost",
};
const BACKWARD: Repeated = Repeated {
    code: "focus-period",
    effect: Effect::Doubt,
    expected: "an end after the start",
    message: "charge periods that end before they start were kept as they are",
};

/// Stands for a text that may not be null and is.
const UNKNOWN: &str = "unknown";

/// Reads one row. `get` gives a field by column; `None` when the file has no such column.
pub(super) fn read<'r>(
    get: impl Fn(Column) -> Option<&'r str>,
    row: u64,
    tokens: &Tokens,
    tally: &mut Tally,
) -> Result<Line<'r>, BadRow> {
    let mut cells = Cells { get, row, tally };
    let provider = provider(cells.needed(Column::ProviderName));
    let sub_account = cells.text(Column::SubAccountId);
    let billing_account = cells.text(Column::BillingAccountId);
    let resource = cells.text(Column::ResourceId);
    let service_name = cells.needed(Column::ServiceName);
    let charge_start = cells.time(Column::ChargePeriodStart)?;
    let charge_end = cells.time(Column::ChargePeriodEnd)?;
    if billing_account.is_none() {
        cells.count(&NULL, Column::BillingAccountId.name(), "");
    }
    let account = account(&provider, resource, sub_account, billing_account)?;
    if provider == "aws" && account.len() < 12 && account.bytes().all(|b| b.is_ascii_digit()) {
        cells.count(&SHORT_ACCOUNT, "", "");
    }
    if resource.is_some_and(is_broken_arn) {
        cells.count(&BROKEN_ARN, "", resource.unwrap_or_default());
    }
    if charge_end <= charge_start {
        cells.count(&BACKWARD, "", "");
    }
    Ok(Line {
        billing_account: billing_account.unwrap_or(UNKNOWN),
        account,
        container: resource
            .filter(|_| provider == "aws")
            .and_then(|r| bucket(r, service_name)),
        provider,
        region: cells.text(Column::RegionId),
        resource_id: resource.map(|text| tokens.text(text, Some(charge_start))),
        service_category: cells.needed(Column::ServiceCategory),
        service_name,
        charge_category: cells.needed(Column::ChargeCategory),
        charge_class: cells.text(Column::ChargeClass),
        description: cells
            .text(Column::ChargeDescription)
            .map(|t| tokens.text(t, Some(charge_start))),
        sku_id: cells.text(Column::SkuId),
        sku_meter: cells.text(Column::SkuMeter),
        invoice_id: cells.text(Column::InvoiceId),
        invoice_issuer: cells.needed(Column::InvoiceIssuerName),
        billing_start: cells.time(Column::BillingPeriodStart)?,
        billing_end: cells.time(Column::BillingPeriodEnd)?,
        charge_start,
        charge_end,
        consumed_quantity: cells.number(Column::ConsumedQuantity)?,
        consumed_unit: cells.text(Column::ConsumedUnit),
        pricing_quantity: cells.number(Column::PricingQuantity)?,
        pricing_unit: cells.text(Column::PricingUnit),
        billed_cost: cells.needed_number(Column::BilledCost)?,
        effective_cost: cells.needed_number(Column::EffectiveCost)?,
        list_cost: cells.needed_number(Column::ListCost)?,
        contracted_cost: cells.needed_number(Column::ContractedCost)?,
        currency: cells.needed(Column::BillingCurrency),
        tags: cells
            .text(Column::Tags)
            .map(|text| tokens.text(text, Some(charge_start))),
    })
}

impl Line<'_> {
    /// Appends the charge to its table.
    pub(super) fn push(&self, builder: &mut ChargesBuilder, file_no: u32, row_no: u64) {
        builder.push(&ChargeRow {
            file_no,
            row_no,
            provider: &self.provider,
            billing_account: self.billing_account,
            account: &self.account,
            container: self.container,
            region: self.region,
            resource_id: self.resource_id.as_deref(),
            service_category: self.service_category,
            service_name: self.service_name,
            charge_category: self.charge_category,
            charge_class: self.charge_class,
            description: self.description.as_deref(),
            sku_id: self.sku_id,
            sku_meter: self.sku_meter,
            invoice_id: self.invoice_id,
            invoice_issuer: self.invoice_issuer,
            billing_start: self.billing_start,
            billing_end: self.billing_end,
            charge_start: self.charge_start,
            charge_end: self.charge_end,
            consumed_quantity: self.consumed_quantity,
            consumed_unit: self.consumed_unit,
            pricing_quantity: self.pricing_quantity,
            pricing_unit: self.pricing_unit,
            billed_cost: self.billed_cost,
            effective_cost: self.effective_cost,
            list_cost: self.list_cost,
            contracted_cost: self.contracted_cost,
            currency: self.currency,
            tags: self.tags.as_deref(),
        });
    }
}

/// The fields of one row, with the counting of what is odd about them.
struct Cells<'t, G> {
    get: G,
    row: u64,
    tally: &'t mut Tally,
}

impl<'r, G: Fn(Column) -> Option<&'r str>> Cells<'_, G> {
    fn count(&mut self, what: &Repeated, about: &str, found: &str) {
        self.tally.add(what, about, self.row, found);
    }

    /// A field that may be null.
    fn text(&self, column: Column) -> Option<&'r str> {
        (self.get)(column)
            .map(str::trim)
            .filter(|text| !text.is_empty() && *text != "NULL")
    }

    /// A text that may not be null.
    fn needed(&mut self, column: Column) -> &'r str {
        self.text(column).unwrap_or_else(|| {
            self.count(&NULL, column.name(), "");
            UNKNOWN
        })
    }

    fn time(&mut self, column: Column) -> Result<i64, BadRow> {
        let bad = |found: &str| BadRow {
            column: column.name(),
            found: found.to_owned(),
            expected: "a date-time such as 2025-01-31T00:00:00Z",
        };
        let text = self.text(column).ok_or_else(|| bad("null"))?;
        let ms = parse_iso_ms(text.as_bytes()).ok_or_else(|| bad(text))?;
        if !has_zone(text) {
            self.count(&NO_ZONE, column.name(), text);
        }
        Ok(ms)
    }

    fn number(&mut self, column: Column) -> Result<Option<i128>, BadRow> {
        let Some(text) = self.text(column) else {
            return Ok(None);
        };
        let number = parse_decimal(text).ok_or_else(|| BadRow {
            column: column.name(),
            found: text.to_owned(),
            expected: "a decimal number",
        })?;
        if !number.exact {
            self.count(&ROUNDED, column.name(), text);
        }
        Ok(Some(number.scaled))
    }

    /// A number that may not be null.
    fn needed_number(&mut self, column: Column) -> Result<Option<i128>, BadRow> {
        let number = self.number(column)?;
        if number.is_none() {
            self.count(&NULL, column.name(), "");
        }
        Ok(number)
    }
}

/// Whether a date-time that was read carries a zone: `Z`, or an offset after its time of day.
fn has_zone(text: &str) -> bool {
    text.get(10..)
        .is_some_and(|rest| rest.contains(['Z', 'z', '+', '-']))
}

/// Whom the charge belongs to.
fn account<'r>(
    provider: &str,
    resource: Option<&str>,
    sub_account: Option<&'r str>,
    billing_account: Option<&'r str>,
) -> Result<Cow<'r, str>, BadRow> {
    if let Some(name) = resource
        .filter(|_| provider == "azure")
        .and_then(storage_account)
    {
        return Ok(Cow::Owned(name));
    }
    sub_account
        .or(billing_account)
        .map(|id| Cow::Borrowed(last_segment(id)))
        .ok_or_else(|| BadRow {
            column: Column::BillingAccountId.name(),
            found: "null, and no SubAccountId".to_owned(),
            expected: "an account id",
        })
}

/// The provider by the id the rest of Plainview uses.
fn provider(name: &str) -> Cow<'_, str> {
    match name.to_ascii_lowercase().as_str() {
        "aws" | "amazon web services" | "amazon" => Cow::Borrowed("aws"),
        "microsoft" | "azure" | "microsoft azure" => Cow::Borrowed("azure"),
        "google cloud" | "gcp" | "google" | "google cloud platform" => Cow::Borrowed("gcp"),
        other => Cow::Owned(other.to_owned()),
    }
}

/// The last segment of a path-like id (`/subscriptions/0000` is `0000`), which is how registers name accounts.
pub(in crate::formats) fn last_segment(id: &str) -> &str {
    id.trim_end_matches('/').rsplit('/').next().unwrap_or(id)
}

/// The storage account named in an Azure resource id, in lower case as Azure compares it.
pub(in crate::formats) fn storage_account(resource: &str) -> Option<String> {
    let lower = resource.to_ascii_lowercase();
    let rest = lower.split("/storageaccounts/").nth(1)?;
    rest.split('/')
        .next()
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
}

fn is_broken_arn(resource: &str) -> bool {
    const PARTITIONS: &[&str] = &[
        "aws",
        "aws-cn",
        "aws-us-gov",
        "aws-iso",
        "aws-iso-b",
        "aws-iso-e",
        "aws-iso-f",
        "aws-eusc",
    ];
    resource.strip_prefix("arn:").is_some_and(|rest| {
        let partition = rest.split(':').next().unwrap_or_default();
        !PARTITIONS.contains(&partition) || rest.split(':').count() < 5
    })
}

/// The bucket that an S3 charge is for: out of a bucket ARN whatever its partition, or a bare bucket name.
pub(in crate::formats) fn bucket<'r>(resource: &'r str, service: &str) -> Option<&'r str> {
    if resource.starts_with("arn:") {
        let mut parts = resource.splitn(6, ':').skip(2);
        let is_s3 = parts.next() == Some("s3");
        let is_global = parts.next() == Some("") && parts.next() == Some("");
        let path = parts.next().filter(|_| is_s3 && is_global)?;
        return path.split('/').next().filter(|name| is_bucket_name(name));
    }
    let s3 = service.contains("S3") || service.contains("Simple Storage Service");
    Some(resource).filter(|name| s3 && is_bucket_name(name))
}

pub(in crate::formats) fn is_bucket_name(name: &str) -> bool {
    (3..=63).contains(&name.len())
        && name.bytes().all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_come_from_arns_of_any_partition_and_from_bare_names() {
        let check =
            |resource, service, expect| assert_eq!(bucket(resource, service), expect, "{resource}");
        check(
            "arn:aws:s3:::demo-media",
            "Amazon Simple Storage Service",
            Some("demo-media"),
        );
        check(
            "arn:ats:s3:::demo-media",
            "Amazon Simple Storage Service",
            Some("demo-media"),
        );
        check("arn:aws:s3:::demo-media/logs", "x", Some("demo-media"));
        check("demo-media", "Amazon S3", Some("demo-media"));
        check("demo-media", "Amazon EC2", None);
        check(
            "arn:aws:s3:eu-central-1:111122223333:accesspoint/a",
            "Amazon S3",
            None,
        );
        check(
            "arn:aws:ec2:us-west-2:111122223333:volume/vol-1",
            "Amazon S3",
            None,
        );
        check("arn:", "Amazon S3", None);
    }

    #[test]
    fn azure_charges_belong_to_the_storage_account_they_name() {
        let id = "/subscriptions/0000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/Contoso1/blobServices/x";
        assert_eq!(storage_account(id).as_deref(), Some("contoso1"));
        assert_eq!(
            storage_account("/subscriptions/0000/resourceGroups/rg"),
            None
        );
        assert_eq!(last_segment("/subscriptions/0000-1111"), "0000-1111");
    }

    #[test]
    fn broken_arns_are_told_from_sound_ones() {
        assert!(is_broken_arn("arn:ats:sqs:us-test-2:1:q"));
        assert!(is_broken_arn("arn:aws:short"));
        assert!(!is_broken_arn("arn:aws:s3:::demo-media"));
        assert!(!is_broken_arn("arn:aws-cn:s3:::demo-media"));
        assert!(!is_broken_arn("i-0123"));
    }
}
