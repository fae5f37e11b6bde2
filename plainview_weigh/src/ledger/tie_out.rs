//! Control totals (METHOD 1): whether a register's sums are those that somebody else keeps of it.
//!
//! Registers are atomic. One total that does not hold makes the whole source `Failed`, because rows may have
//! been taken out of any part of it; it is verified only when totals kept apart from its custodian hold for
//! every account and month of it. A manifest or a checksum that comes with the records is no control total:
//! whoever shortens the records shortens it too.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::case::Integrity;
use crate::quantity::Decimal;
use crate::sentences::coverage as say;

/// What is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Summed {
    /// Data rows.
    Rows,
    /// Billed cost.
    Cost,
    /// Bytes of listed objects.
    Bytes,
}

impl Summed {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Cost => "cost",
            Self::Bytes => "bytes",
        }
    }
}

/// Sums of one part of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// `provider/account`.
    pub account: String,
    /// `YYYY-MM`; none where its rows have no time.
    pub month: Option<String>,
    /// Currency of its costs.
    pub currency: Option<String>,
    /// Rows.
    pub rows: u64,
    /// Billed cost, where its rows have one.
    pub cost: Option<String>,
    /// Bytes, where its rows have them.
    pub bytes: Option<String>,
}

/// A declared control total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Total {
    /// What it sums.
    pub what: Summed,
    /// Only this account.
    pub account: Option<String>,
    /// Only this month.
    pub month: Option<String>,
    /// The total, decimal text.
    pub value: String,
    /// Currency of a cost.
    pub currency: Option<String>,
    /// Tolerance, decimal text.
    pub tolerance: String,
    /// Name of the party that keeps it.
    pub kept_by: String,
    /// When it was stated, `YYYY-MM-DD`.
    pub date: String,
    /// Where it was read.
    pub from: Option<String>,
    /// Whether its keeper is another party than the source's custodian.
    pub kept_apart: bool,
}

/// How one total came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TieOut {
    /// Source id.
    pub source: String,
    /// The total.
    pub total: Total,
    /// What the source's rows sum to, decimal text.
    pub found: String,
    /// Whether it lies within the tolerance.
    pub holds: bool,
    /// A fixed sentence.
    pub sentence: String,
}

/// What the totals of one source make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tied {
    /// `Failed` when one does not hold, `Verified` when those kept apart cover all and hold, else
    /// `Unverified`.
    pub integrity: Integrity,
    /// Why, one sentence.
    pub because: String,
    /// Every total, in the order declared.
    pub totals: Vec<TieOut>,
}

/// Holds the parts of a source against its declared totals; none where none is declared.
#[must_use]
pub fn tie_out(source: &str, parts: &[Part], totals: &[Total]) -> Option<Tied> {
    if totals.is_empty() {
        return None;
    }
    let results: Vec<TieOut> = totals
        .iter()
        .map(|total| one(source, parts, total))
        .collect();
    let (integrity, because) = if let Some(failing) = results.iter().find(|r| !r.holds) {
        (Integrity::Failed, failing.sentence.clone())
    } else {
        let apart: Vec<&TieOut> = results.iter().filter(|r| r.total.kept_apart).collect();
        let open = parts
            .iter()
            .filter(|part| !apart.iter().any(|r| r.total.covers(part)))
            .count();
        match (apart.first(), open) {
            (None, _) => (Integrity::Unverified, say::totals_own().to_owned()),
            (Some(_), _) if parts.is_empty() => {
                (Integrity::Unverified, say::totals_of_nothing().to_owned())
            }
            (Some(_), open) if open > 0 => (Integrity::Unverified, say::totals_partial(open)),
            (Some(first), _) => {
                let keepers: BTreeSet<String> =
                    apart.iter().map(|r| r.total.kept_by.clone()).collect();
                let keepers: Vec<String> = keepers.into_iter().collect();
                (
                    Integrity::Verified,
                    say::totals_hold(apart.len(), &keepers, &first.total.tolerance),
                )
            }
        }
    };
    Some(Tied {
        integrity,
        because,
        totals: results,
    })
}

impl Total {
    /// Whether the part's amount enters it.
    fn covers(&self, part: &Part) -> bool {
        let same = |wanted: &Option<String>, found: Option<&String>| {
            wanted.as_ref().is_none_or(|wanted| Some(wanted) == found)
        };
        same(&self.account, Some(&part.account))
            && same(&self.month, part.month.as_ref())
            && match self.what {
                Summed::Rows => true,
                Summed::Cost => part.cost.is_some() && self.currency == part.currency,
                Summed::Bytes => part.bytes.is_some(),
            }
    }

    fn amount(&self, part: &Part) -> Option<Decimal> {
        match self.what {
            Summed::Rows => Some(Decimal::from_parts(part.rows.into(), 0)),
            Summed::Cost => part.cost.as_ref()?.parse().ok(),
            Summed::Bytes => part.bytes.as_ref()?.parse().ok(),
        }
    }
}

fn one(source: &str, parts: &[Part], total: &Total) -> TieOut {
    let sum = parts
        .iter()
        .filter(|part| total.covers(part))
        .try_fold(Decimal::ZERO, |sum, part| sum.plus(total.amount(part)?));
    let holds = sum.is_some_and(|sum| within(sum, total).unwrap_or(false));
    let found = sum.map_or_else(|| "not a number".to_owned(), |sum| sum.to_string());
    TieOut {
        source: source.to_owned(),
        sentence: say::total(source, total, &found, holds),
        total: total.clone(),
        found,
        holds,
    }
}

/// Whether the sum lies within the tolerance; none when a number cannot be read.
fn within(sum: Decimal, total: &Total) -> Option<bool> {
    let value: Decimal = total.value.parse().ok()?;
    let tolerance: Decimal = total.tolerance.parse().ok()?;
    let over = sum.minus(value)?;
    let under = value.minus(sum)?;
    let away = if over.is_negative() { under } else { over };
    Some(!tolerance.minus(away)?.is_negative())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn part(account: &str, month: &str, rows: u64, cost: &str) -> Part {
        Part {
            account: account.to_owned(),
            month: Some(month.to_owned()),
            currency: Some("USD".to_owned()),
            rows,
            cost: Some(cost.to_owned()),
            bytes: None,
        }
    }

    fn total(what: Summed, account: Option<&str>, value: &str, tolerance: &str) -> Total {
        Total {
            what,
            account: account.map(str::to_owned),
            month: None,
            value: value.to_owned(),
            currency: (what == Summed::Cost).then(|| "USD".to_owned()),
            tolerance: tolerance.to_owned(),
            kept_by: "The auditor".to_owned(),
            date: "2025-07-01".to_owned(),
            from: None,
            kept_apart: true,
        }
    }

    fn parts() -> Vec<Part> {
        vec![
            part("aws/1", "2025-01", 3, "10.25"),
            part("aws/1", "2025-02", 2, "0.50"),
            part("aws/2", "2025-01", 4, "-1.75"),
        ]
    }

    #[test]
    fn a_total_of_all_verifies_within_its_tolerance() {
        let tied = tie_out(
            "bill",
            &parts(),
            &[total(Summed::Cost, None, "9.01", "0.01")],
        )
        .unwrap();
        assert_eq!(tied.integrity, Integrity::Verified);
        assert_eq!(tied.totals[0].found, "9");
        let tied = tie_out(
            "bill",
            &parts(),
            &[total(Summed::Cost, None, "9.02", "0.01")],
        )
        .unwrap();
        assert_eq!(tied.integrity, Integrity::Failed);
    }

    #[test]
    fn taking_an_account_out_fails_the_whole_register() {
        let totals = [
            total(Summed::Rows, Some("aws/1"), "5", "0"),
            total(Summed::Rows, Some("aws/2"), "4", "0"),
        ];
        assert_eq!(
            tie_out("bill", &parts(), &totals).unwrap().integrity,
            Integrity::Verified
        );
        let shortened: Vec<Part> = parts()
            .into_iter()
            .filter(|p| p.account == "aws/1")
            .collect();
        let tied = tie_out("bill", &shortened, &totals).unwrap();
        assert_eq!(tied.integrity, Integrity::Failed);
        assert_eq!(
            tied.totals.iter().map(|t| t.holds).collect::<Vec<_>>(),
            [true, false]
        );
        assert!(tied.because.contains("aws/2"), "{}", tied.because);
    }

    #[test]
    fn a_total_of_a_part_or_of_ones_own_verifies_nothing() {
        let tied = tie_out(
            "bill",
            &parts(),
            &[total(Summed::Rows, Some("aws/1"), "5", "0")],
        )
        .unwrap();
        assert_eq!(tied.integrity, Integrity::Unverified);
        let mut own = total(Summed::Rows, None, "9", "0");
        own.kept_apart = false;
        let tied = tie_out("bill", &parts(), &[own.clone()]).unwrap();
        assert_eq!(tied.integrity, Integrity::Unverified);
        own.value = "10".to_owned();
        assert_eq!(
            tie_out("bill", &parts(), &[own]).unwrap().integrity,
            Integrity::Failed
        );
    }

    #[test]
    fn nothing_read_is_never_verified() {
        let zero = tie_out("bill", &[], &[total(Summed::Rows, None, "0", "0")]).unwrap();
        assert_eq!(zero.integrity, Integrity::Unverified);
        assert_eq!(tie_out("bill", &parts(), &[]), None);
    }
}
