//! What the makers of the demo know about it, for the demo's own check. No review reads it.
//!
//! The outcomes are the demo's design, written by hand: nothing here computes a verdict.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::model::{MONTHS, NORTH, OMITTED, TENANT, World};
use super::records::gib_months;
use super::{DemoOptions, Variant};

/// What is true of a demo case, and what a review of it must find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// Always true.
    pub fictional: bool,
    /// The seed it was made from.
    pub seed: u64,
    /// Which records the case has.
    pub variant: Variant,
    /// The store that the handed-over list leaves out, as `provider/account/container`.
    pub omitted_store: String,
    /// Its account, as `provider/account`.
    pub account: String,
    /// The months of the scope, as `2025-02`, in which that account's listed bytes must fall short
    /// of what is billed or metered; in every other month they must agree. Empty when the case
    /// has no listing.
    pub months: Vec<String>,
    /// What was stored, by account and month.
    pub stored: BTreeMap<String, AccountTruth>,
    /// What the review must say of each claim, by claim id.
    pub claims: BTreeMap<String, ClaimTruth>,
}

/// What one account stored, by month (`2025-02`).
pub type AccountTruth = BTreeMap<String, MonthTruth>;

/// What one account stored in one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthTruth {
    /// In all its stores: GiB-months, ten decimals.
    pub all_gib_months: String,
    /// In the stores that no handed-over listing lists: GiB-months, ten decimals.
    pub omitted_gib_months: String,
}

/// The outcome a review must reach for one claim, in the words of METHOD section 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimTruth {
    /// Taking everyone at their word.
    pub face: String,
    /// The verdict of record.
    pub base: String,
}

pub(super) fn truth(world: &World, options: &DemoOptions) -> Truth {
    let mut stored = BTreeMap::new();
    for account in world.accounts() {
        let months = MONTHS.into_iter().map(|month| {
            let amounts = MonthTruth {
                all_gib_months: gib_months(account.stores.iter(), month).to_string(),
                omitted_gib_months: gib_months(account.stores_in(NORTH.0), month).to_string(),
            };
            (month.to_string(), amounts)
        });
        stored.insert(format!("aws/{}", account.id), months.collect());
    }
    let months = if options.variant.lists() {
        MONTHS[1..].iter().map(ToString::to_string).collect()
    } else {
        Vec::new()
    };
    Truth {
        fictional: true,
        seed: options.seed,
        variant: options.variant,
        omitted_store: format!("aws/{TENANT}/{OMITTED}"),
        account: format!("aws/{TENANT}"),
        months,
        stored,
        claims: claims(options.variant),
    }
}

fn claims(variant: Variant) -> BTreeMap<String, ClaimTruth> {
    // Two keepers against the list, finance and telemetry, with bills; one without.
    let list = match variant {
        Variant::Full => Some(("contradicted", "contradicted")),
        Variant::NoInvoices => Some(("not_shown", "not_shown")),
        // There is no list whose completeness could be asked about.
        Variant::NoInventory => None,
    };
    // Two separate listings against the bill; without either side nothing can be concluded.
    let region = match variant {
        Variant::Full => ("supported", "supported"),
        Variant::NoInvoices | Variant::NoInventory => ("not_shown", "not_shown"),
    };
    // The list has a gap, and what recordings look like cannot be measured here; without any
    // listing there is nothing to look at.
    let recordings = match variant {
        Variant::Full | Variant::NoInvoices => "not_shown",
        Variant::NoInventory => "not_tested",
    };
    let outcomes = [
        ("C1", list),
        ("C2", Some((recordings, recordings))),
        // Two assurances by the claimant's own staff.
        ("C3", Some(("supported", "not_shown"))),
        ("C4", Some(region)),
        // Nothing in this case can test what somebody knew.
        ("C5", Some(("not_tested", "not_tested"))),
    ];
    outcomes
        .into_iter()
        .filter_map(|(id, outcome)| outcome.map(|(face, base)| (id, face, base)))
        .map(|(id, face, base)| {
            (
                id.to_owned(),
                ClaimTruth {
                    face: face.to_owned(),
                    base: base.to_owned(),
                },
            )
        })
        .collect()
}
