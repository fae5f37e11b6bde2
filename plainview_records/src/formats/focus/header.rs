//! The FOCUS header: which columns there are, which must be there, and which version they make.

use std::collections::BTreeSet;

use super::row::Column;
use crate::formats::refused_header;
use crate::run::{Note, Run, SourceFile};

/// The columns that FOCUS 1.0 to 1.2 all make mandatory. A file that lacks one is refused.
pub const MANDATORY: &[&str] = &[
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
];

/// The columns this reader may read.
pub const ALLOWED: &[&str] = &[
    "BilledCost",
    "BillingAccountId",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceId",
    "InvoiceIssuerName",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "RegionId",
    "ResourceId",
    "ServiceCategory",
    "ServiceName",
    "SkuId",
    "SkuMeter",
    "SubAccountId",
    "Tags",
];

/// Columns that came with FOCUS 1.1.
const SINCE_1_1: &[&str] = &[
    "CapacityReservationId",
    "CapacityReservationStatus",
    "CommitmentDiscountQuantity",
    "CommitmentDiscountUnit",
    "ServiceSubcategory",
    "SkuMeter",
    "SkuPriceDetails",
];

/// Columns that came with FOCUS 1.2.
const SINCE_1_2: &[&str] = &[
    "BillingAccountType",
    "InvoiceId",
    "PricingCurrency",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "SubAccountType",
];

/// A version of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// FOCUS 1.0 (2024-06).
    V1_0,
    /// FOCUS 1.1 (2024-11).
    V1_1,
    /// FOCUS 1.2 (2025-05).
    V1_2,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Version::V1_0 => "1.0",
            Version::V1_1 => "1.1",
            Version::V1_2 => "1.2",
        })
    }
}

/// The version that a header's columns tell: the newest that any of them came with.
pub fn version<'a>(names: impl IntoIterator<Item = &'a str>) -> Version {
    let mut version = Version::V1_0;
    for name in names {
        if SINCE_1_2.contains(&name) {
            return Version::V1_2;
        }
        if SINCE_1_1.contains(&name) {
            version = Version::V1_1;
        }
    }
    version
}

/// A header that was accepted: where each allowed column is.
pub(super) struct Header {
    places: [Option<usize>; Column::COUNT],
}

impl Header {
    /// Checks the header and gives its notices; `None` when the file is refused.
    pub(super) fn accept(run: &mut Run<'_>, file: &SourceFile, names: &[String]) -> Option<Header> {
        let present: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let missing: Vec<&str> = MANDATORY
            .iter()
            .copied()
            .filter(|name| !present.contains(name))
            .collect();
        if !missing.is_empty() {
            let note = Note::lost(
                "focus-missing-columns",
                format!(
                    "the file is refused: {} of {} mandatory FOCUS columns are missing: {}",
                    missing.len(),
                    MANDATORY.len(),
                    missing.join(", ")
                ),
            )
            .found(refused_header(names, |place| {
                MANDATORY.contains(&names[place].as_str())
            }))
            .expected(missing.join(", "));
            run.note(Some(file), note);
            return None;
        }
        let twice: BTreeSet<&str> = present
            .iter()
            .copied()
            .filter(|name| names.iter().filter(|n| n == name).count() > 1)
            .collect();
        if !twice.is_empty() {
            let note = Note::doubt(
                "focus-duplicate-columns",
                "columns occur twice; the first of each is read",
            )
            .found(join(&twice))
            .expected("each column once");
            run.note(Some(file), note);
        }
        let unread: BTreeSet<&str> = present
            .iter()
            .copied()
            .filter(|name| !ALLOWED.contains(name))
            .collect();
        if !unread.is_empty() {
            let version = version(present.iter().copied());
            let note = Note::unread(
                "focus-unread-columns",
                format!(
                    "read as FOCUS {version}; {} columns are outside the allow-list: {}",
                    unread.len(),
                    join(&unread)
                ),
            )
            .found(join(&unread));
            run.note(Some(file), note);
        }
        let places = Column::ALL.map(|column| names.iter().position(|name| name == column.name()));
        Some(Header { places })
    }

    /// Where in a row a column is.
    pub(super) fn place(&self, column: Column) -> Option<usize> {
        self.places[column as usize]
    }
}

fn join(names: &BTreeSet<&str>) -> String {
    // A hostile header could have a million columns.
    const SHOWN_MAX: usize = 200;
    let shown: Vec<&str> = names.iter().copied().take(SHOWN_MAX).collect();
    let mut text = shown.join(", ");
    if names.len() > SHOWN_MAX {
        text.push_str(", ...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_column_tells_the_version() {
        assert_eq!(version(["BilledCost", "Tags"]), Version::V1_0);
        assert_eq!(version(["BilledCost", "SkuMeter"]), Version::V1_1);
        assert_eq!(
            version(["SkuMeter", "InvoiceId", "BilledCost"]),
            Version::V1_2
        );
    }

    #[test]
    fn every_allowed_column_has_a_use_and_the_other_way_round() {
        let used: BTreeSet<&str> = Column::ALL.iter().map(|c| c.name()).collect();
        let allowed: BTreeSet<&str> = ALLOWED.iter().copied().collect();
        assert_eq!(used, allowed);
    }
}
