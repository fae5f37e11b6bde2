//! A bill in FOCUS 1.0 as CSV (FORMATS section 5).
//!
//! Amounts are integers in steps of 10^-10, so that a quantity is what the model says and not what
//! a float made of it. Nulls are empty cells and date-times are ISO 8601 with `Z`, as the
//! specification asks.

use std::fmt;

use crate::calendar;
use crate::error::Error;

/// A decimal number with ten places, printed with all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Amount(i128);

impl Amount {
    /// Steps in one.
    pub const SCALE: i128 = 10_000_000_000;

    /// A number of steps of 10^-10.
    pub fn from_steps(steps: i128) -> Self {
        Self(steps)
    }

    /// A whole number.
    pub fn whole(number: u32) -> Self {
        Self(i128::from(number) * Self::SCALE)
    }

    /// The number of steps of 10^-10.
    pub fn steps(self) -> i128 {
        self.0
    }

    /// The product, rounded half up to a step.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self((self.0 * other.0 + Self::SCALE / 2).div_euclid(Self::SCALE))
    }

    /// The exact fraction `numerator / denominator`, rounded half up to a step; zero when the
    /// denominator is.
    pub fn fraction(numerator: u128, denominator: u128) -> Self {
        let scale = Self::SCALE.unsigned_abs();
        let Some(whole) = numerator.checked_div(denominator) else {
            return Self(0);
        };
        let rest = (numerator % denominator * scale + denominator / 2) / denominator;
        Self(i128::try_from(whole * scale + rest).unwrap_or(i128::MAX))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let steps = self.0.unsigned_abs();
        let scale = Self::SCALE.unsigned_abs();
        write!(f, "{sign}{}.{:010}", steps / scale, steps % scale)
    }
}

/// Who issues the bill, and in which money.
#[derive(Debug, Clone)]
pub struct Issuer<'a> {
    /// `ProviderName`: also says which provider's account numbers these are.
    pub provider: &'a str,
    /// `PublisherName`.
    pub publisher: &'a str,
    /// `InvoiceIssuerName`.
    pub invoicer: &'a str,
    /// `BillingCurrency`.
    pub currency: &'a str,
}

/// One charge line.
#[derive(Debug, Clone)]
pub struct Charge<'a> {
    /// `BillingAccountId`.
    pub billing_account: &'a str,
    /// `BillingAccountName`.
    pub billing_account_name: &'a str,
    /// `SubAccountId`.
    pub sub_account: &'a str,
    /// `SubAccountName`.
    pub sub_account_name: &'a str,
    /// Start of the billing period, seconds since 1970 UTC.
    pub billing_start: i64,
    /// End of the billing period.
    pub billing_end: i64,
    /// Start of the charge period.
    pub start: i64,
    /// End of the charge period.
    pub end: i64,
    /// `ServiceCategory`, of FOCUS's closed list.
    pub service_category: &'a str,
    /// `ServiceName`.
    pub service_name: &'a str,
    /// `ChargeDescription`.
    pub description: &'a str,
    /// `SkuId`.
    pub sku: &'a str,
    /// `RegionId` and `RegionName`.
    pub region: Option<(&'a str, &'a str)>,
    /// `ResourceId`.
    pub resource: Option<&'a str>,
    /// `ConsumedQuantity` and `PricingQuantity`.
    pub quantity: Amount,
    /// `ConsumedUnit` and `PricingUnit`.
    pub unit: &'a str,
    /// `ListUnitPrice` and `ContractedUnitPrice`; the costs follow from it and the quantity.
    pub unit_price: Amount,
}

const COLUMNS: [&str; 37] = [
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "SkuId",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "Tags",
];

/// The bill as CSV with a header.
pub fn focus_csv(issuer: &Issuer<'_>, charges: &[Charge<'_>]) -> Result<Vec<u8>, Error> {
    let stream = |error: csv::Error| Error::Stream(error.into());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(stream)?;
    for charge in charges {
        writer
            .write_record(record(issuer, charge))
            .map_err(stream)?;
    }
    writer
        .into_inner()
        .map_err(|error| Error::Stream(error.into_error()))
}

fn record(issuer: &Issuer<'_>, charge: &Charge<'_>) -> [String; 37] {
    let time = |seconds: i64| format!("{}Z", calendar::civil(seconds));
    let text = str::to_owned;
    let null = String::new;
    let cost = charge.quantity.times(charge.unit_price).to_string();
    let price = charge.unit_price.to_string();
    let quantity = charge.quantity.to_string();
    [
        cost.clone(),
        text(charge.billing_account),
        text(charge.billing_account_name),
        text(issuer.currency),
        time(charge.billing_end),
        time(charge.billing_start),
        text("Usage"),
        null(),
        text(charge.description),
        text("Usage-Based"),
        time(charge.end),
        time(charge.start),
        quantity.clone(),
        text(charge.unit),
        cost.clone(),
        price.clone(),
        cost.clone(),
        text(issuer.invoicer),
        cost,
        price,
        text("Standard"),
        quantity,
        text(charge.unit),
        text(issuer.provider),
        text(issuer.publisher),
        charge.region.map_or_else(null, |(id, _)| text(id)),
        charge.region.map_or_else(null, |(_, name)| text(name)),
        charge.resource.map_or_else(null, text),
        null(),
        null(),
        text(charge.service_category),
        text(charge.service_name),
        text(charge.sku),
        format!("{}.1", charge.sku),
        text(charge.sub_account),
        text(charge.sub_account_name),
        null(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_provider_documentation_example_is_exact() {
        // METHOD G-K1: 42,259,901,212,262,400 byte-hours in a month of 31 days are 52,900 GiB.
        let amount = Amount::fraction(42_259_901_212_262_400, (1 << 30) * 24 * 31);
        assert_eq!(amount.to_string(), "52900.0000000000");
    }

    #[test]
    fn fractions_round_half_up_and_products_keep_ten_places() {
        assert_eq!(Amount::fraction(1, 3).to_string(), "0.3333333333");
        assert_eq!(Amount::fraction(2, 3).to_string(), "0.6666666667");
        assert_eq!(Amount::fraction(1, 0).to_string(), "0.0000000000");
        let price = Amount::from_steps(245_000_000);
        assert_eq!(Amount::whole(10).times(price).to_string(), "0.2450000000");
    }
}
