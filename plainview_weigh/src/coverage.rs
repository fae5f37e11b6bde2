//! Scope, reach, examined (METHOD 3) and what follows from them for power and bounds (METHOD 4.4, G6).
//! Withheld and unlisted parts stay in every denominator: nothing is assumed about what was not looked
//! at. All shares are integer ratios, printed with six decimals rounded outward.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::quantity::{Decimal, Interval, Month, Round, share_text};

/// A unit: a store and a calendar month; printed `provider/account/container/YYYY-MM`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitId {
    /// `aws`, `azure`, `gcp`.
    pub provider: String,
    /// Account.
    pub account: String,
    /// Container; empty where the unit is an account-month.
    pub container: String,
    /// Month.
    pub month: Month,
}

impl std::fmt::Display for UnitId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            provider,
            account,
            container,
            month,
        } = self;
        if container.is_empty() {
            write!(f, "{provider}/{account}/{month}")
        } else {
            write!(f, "{provider}/{account}/{container}/{month}")
        }
    }
}

/// A share as an exact pair of ratios.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Numerator.
    pub part: Interval,
    /// Denominator.
    pub whole: Interval,
}

impl Share {
    /// Of exact counts.
    #[must_use]
    pub fn of_counts(part: u64, whole: u64) -> Self {
        Self {
            part: Interval::exact(part.into()),
            whole: Interval::exact(whole.into()),
        }
    }

    /// `[num_lo/den_hi, min(1, num_hi/den_lo)]`, six decimals, rounded outward (METHOD 3). An unknown or
    /// empty denominator gives `[0, 1]`: nothing is shown.
    #[must_use]
    pub fn bounds(self) -> [String; 2] {
        let lo = match self.whole.hi {
            Some(hi) if hi > 0 => share_text(self.part.lo, hi, Round::Down),
            _ => "0.000000".to_owned(),
        };
        let hi = match self.part.hi {
            Some(part) if self.whole.lo > 0 => share_text(part, self.whole.lo, Round::Up),
            _ => "1.000000".to_owned(),
        };
        [lo, hi]
    }

    /// Whether the lower bound reaches `limit`; compared exactly, not as printed.
    #[must_use]
    pub fn at_least(self, limit: Decimal) -> bool {
        let Some(whole) = self.whole.hi.filter(|hi| *hi > 0) else {
            return false;
        };
        limit
            .times(whole)
            .is_some_and(|(_, needed)| !limit.is_negative() && self.part.lo >= needed)
    }

    /// Whether it is certainly one.
    #[must_use]
    pub fn complete(self) -> bool {
        self.whole.hi.is_some_and(|hi| hi > 0 && self.part.lo >= hi)
    }
}

/// Fréchet lower and upper bound of the joint share of two margins, in millionths (METHOD 3).
#[must_use]
pub fn frechet(a_millionths: u32, b_millionths: u32) -> (u32, u32) {
    (
        (a_millionths + b_millionths).saturating_sub(1_000_000),
        a_millionths.min(b_millionths),
    )
}

/// Manski bounds: what the whole may hold when the examined part holds `[lo, hi]` of it and nothing is
/// assumed about the rest (METHOD 3). All in one unit.
#[must_use]
pub fn manski(found: Interval, reviewed: u128, whole: u128) -> Interval {
    let rest = whole.saturating_sub(reviewed);
    Interval {
        lo: found.lo,
        hi: found.hi.map(|hi| hi.saturating_add(rest)),
    }
}

/// What of the stated scope was looked at, as weighed and printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Units known to exist in the stated scope, N.
    pub units: u64,
    /// Of them, examined.
    pub examined: u64,
    /// Ids of units known but not examined, sorted.
    pub unreached: Vec<String>,
    /// Share by count.
    pub count: Share,
    /// Share by byte time; the denominator is the larger of billed and inventoried.
    pub measure: Share,
    /// Registered design count D*.
    pub design_count: u64,
}

/// The frame: units with the sources that know them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Unit -> sources that name it.
    pub units: BTreeMap<UnitId, BTreeSet<String>>,
}

impl Frame {
    /// Adds a unit.
    pub fn know(&mut self, unit: UnitId, source: &str) {
        self.units
            .entry(unit)
            .or_default()
            .insert(source.to_owned());
    }
}

/// `ceil(share * units)`, at least one while there are units (D* of METHOD 2.3).
#[must_use]
pub fn design_count(share: Decimal, units: u64) -> u64 {
    if units == 0 {
        return 0;
    }
    share
        .times(units.into())
        .and_then(|(_, up)| u64::try_from(up).ok())
        .map_or(units, |d| d.clamp(1, units))
}

impl Coverage {
    /// Builds it from the frame, the examined units and the measures.
    #[must_use]
    pub fn new(
        frame: &Frame,
        examined: &BTreeSet<UnitId>,
        measure: Share,
        design_share: Decimal,
    ) -> Self {
        let units = frame.units.len() as u64;
        let unreached: Vec<String> = frame
            .units
            .keys()
            .filter(|unit| !examined.contains(unit))
            .map(ToString::to_string)
            .collect();
        let seen = units - unreached.len() as u64;
        Self {
            units,
            examined: seen,
            count: Share::of_counts(seen, units),
            measure,
            design_count: design_count(design_share, units),
            unreached,
        }
    }

    /// The same where a register that should say what exists fails its control total: there may be any
    /// number of further units, so no share has a lower bound above zero.
    #[must_use]
    pub fn opened(mut self) -> Self {
        self.count.whole.hi = None;
        self.measure.whole.hi = None;
        self
    }

    /// Worst-case power for a perfect test over a census of the examined units: `(over those that could
    /// be looked at, over the stated scope)`. With units unreached >= D* the second is exactly zero
    /// (METHOD 4.4): all D* may sit there.
    #[must_use]
    pub fn adversarial_power(&self) -> (u8, u8) {
        let unreached = self.unreached.len() as u64;
        let reachable = u8::from(self.examined > 0 && self.design_count > 0);
        let stated = u8::from(reachable == 1 && unreached < self.design_count);
        (reachable, stated)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn interval(lo: u128, hi: u128) -> Interval {
        Interval { lo, hi: Some(hi) }
    }

    /// G-K3: 32,000 to 34,000 reviewed of 52,899.5 to 52,900.5 billed.
    #[test]
    fn golden_k3() {
        let share = Share {
            part: interval(320_000, 340_000),
            whole: interval(528_995, 529_005),
        };
        assert_eq!(share.bounds(), ["0.604909", "0.642729"]);
    }

    #[test]
    fn frechet_golden() {
        assert_eq!(frechet(900_000, 900_000), (800_000, 900_000));
        assert_eq!(frechet(300_000, 400_000), (0, 300_000));
    }

    /// B=100, C=0.6, p in [0, 0.005] gives [0, 40.3]; here in thousandths.
    #[test]
    fn manski_golden() {
        assert_eq!(
            manski(interval(0, 300), 60_000, 100_000),
            interval(0, 40_300)
        );
    }

    #[test]
    fn nothing_known_is_never_full_reach() {
        let open = Share {
            part: interval(5, 5),
            whole: Interval::unknown(),
        };
        assert_eq!(open.bounds(), ["0.000000", "1.000000"]);
        assert!(!open.at_least("0.95".parse().unwrap()));
        let empty = Share::of_counts(0, 0);
        assert!(!empty.at_least("0".parse().unwrap()) && !empty.complete());
    }

    #[test]
    fn withheld_units_lower_reach_and_power() {
        let unit = |n: u32| UnitId {
            provider: "aws".into(),
            account: "111122223333".into(),
            container: format!("store-{n:04}"),
            month: "2025-01".parse().unwrap(),
        };
        let mut frame = Frame::default();
        for n in 0..200 {
            frame.know(unit(n), "bill");
        }
        let examined: BTreeSet<UnitId> = (0..198).map(unit).collect();
        let share: Decimal = "0.01".parse().unwrap();
        let coverage = Coverage::new(&frame, &examined, Share::of_counts(1, 1), share);
        assert_eq!((coverage.design_count, coverage.unreached.len()), (2, 2));
        assert_eq!(coverage.adversarial_power(), (1, 0));
        assert_eq!(coverage.count.bounds()[0], "0.990000");
        assert_eq!(coverage.unreached[0], "aws/111122223333/store-0198/2025-01");
    }
}
