//! Billed, metered and listed bytes against each other (METHOD 5.2, 5.3): per account and calendar
//! month, every side an interval of byte time in one unit. What is not known widens an interval and is
//! never filled in. A gap says how much is missing, never what it is.
//!
//! Assumption A1, printed with every result: between two snapshots or readings of a store its bytes
//! change monotonically. Before the first and after the last snapshot nothing bounds them above.

mod amounts;

use serde::{Deserialize, Serialize};

pub(crate) use amounts::store_listed;
pub use amounts::{
    Amount, AmountKind, Reading, Snapshot, Window, amounts, billed, listed, listed_together,
    metered, overhead, tiers_summed,
};

use crate::facts::Facts;
use crate::quantity::{
    Decimal, Interval, Month, Round, TimeUnit, gib_months, text_i128_option, text_option, text_u128,
};

/// The assumption every listed or metered amount rests on.
pub const ASSUMPTION_A1: &str =
    "A1: between two snapshots or readings of a store, its bytes change in one direction only.";

/// What a gap must exceed to be one: `max(floor, share of B_lo)` (METHOD 2.3, 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    /// Floor, in GiB-months.
    pub floor_gib_month: Decimal,
    /// Share of the lower end of the larger side's record.
    pub share: Decimal,
}

impl Default for Tolerance {
    /// One GiB-month, or 0.5 per cent.
    fn default() -> Self {
        Self {
            floor_gib_month: Decimal::ONE,
            share: Decimal::from_parts(5, 3),
        }
    }
}

impl Tolerance {
    /// Tau in byte-milliseconds for one month, rounded down; saturates.
    #[must_use]
    pub fn tau(&self, frame_lo: u128, month: Month) -> u128 {
        let floor = byte_ms(self.floor_gib_month, month);
        let share = self.share.times(frame_lo).map_or(u128::MAX, |(lo, _)| lo);
        floor.max(share)
    }
}

/// GiB-months as byte-milliseconds of the month, rounded down; saturates.
#[must_use]
pub fn byte_ms(gib_month: Decimal, month: Month) -> u128 {
    gib_month
        .times(TimeUnit::GibMonth.byte_ms(month.hours()))
        .map_or(u128::MAX, |(lo, _)| lo)
}

/// How two sides of one account-month compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// More is billed or metered than the other side can hold.
    Gap,
    /// Less is billed or metered than the other side holds at least.
    Excess,
    /// Equal to within the resolution.
    Reconciled,
    /// A side is open above, so nothing can be said either way.
    Open,
}

/// The comparison of two intervals: `left` says what exists (a bill or meter), `right` what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// `left.lo - right.hi`; none is minus infinity.
    pub lo: Option<i128>,
    /// `left.hi - right.lo`; none is plus infinity.
    pub hi: Option<i128>,
    /// Resolution rho; none is infinite.
    pub resolution: Option<u128>,
    /// Tolerance used.
    pub tau: u128,
    /// What follows.
    pub state: State,
}

fn minus(a: u128, b: u128) -> i128 {
    // Amounts stay far below 2^127 (an exabyte for a century is 3e30 byte-milliseconds).
    let cap = |x: u128| i128::try_from(x).unwrap_or(i128::MAX);
    cap(a).saturating_sub(cap(b))
}

/// Compares two amounts of one account-month (METHOD 5.2).
#[must_use]
pub fn compare(left: Interval, right: Interval, tau: u128) -> Gap {
    let lo = right.hi.map(|hi| minus(left.lo, hi));
    let hi = left.hi.map(|hi| minus(hi, right.lo));
    let resolution = left
        .width()
        .zip(right.width())
        .map(|(a, b)| a.saturating_add(b));
    let limit = i128::try_from(tau).unwrap_or(i128::MAX);
    let state = if lo.is_some_and(|lo| lo > limit) {
        State::Gap
    } else if hi.is_some_and(|hi| hi < -limit) {
        State::Excess
    } else if resolution.is_some() {
        State::Reconciled
    } else {
        State::Open
    };
    Gap {
        lo,
        hi,
        resolution,
        tau,
        state,
    }
}

impl Gap {
    /// H of METHOD 5.3: `[max(0, G_lo - tau), max(0, G_hi)]`.
    #[must_use]
    pub fn hidden(&self) -> Interval {
        let lo = self.lo.map_or(0, |lo| {
            u128::try_from(lo).unwrap_or(0).saturating_sub(self.tau)
        });
        Interval {
            lo,
            hi: self.hi.map(|hi| u128::try_from(hi).unwrap_or(0).max(lo)),
        }
    }
}

/// One side of a comparison as printed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amounts {
    /// What kind of record it is.
    pub kind: AmountKind,
    /// Source ids joined by `+`.
    pub source: String,
    /// Byte-milliseconds, exact.
    pub byte_ms: Interval,
    /// GiB-months, rounded outward; the upper one is `open` where nothing bounds it.
    pub gib_month: [String; 2],
}

/// One account, one month, two sides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconciliation {
    /// `aws`, `azure`, `gcp`.
    pub provider: String,
    /// Account.
    pub account: String,
    /// Month.
    pub month: Month,
    /// What exists according to a bill or a meter.
    pub left: Amounts,
    /// What another record shows.
    pub right: Amounts,
    /// Always `GiB_month`.
    pub unit: String,
    /// Gap, rounded outward; `open` where unbounded.
    pub gap: [String; 2],
    /// Lower end of the gap in byte-milliseconds; none when unbounded.
    #[serde(with = "text_i128_option")]
    pub gap_lo_byte_ms: Option<i128>,
    /// Resolution in GiB-months, rounded up; `open` where unbounded.
    pub resolution: String,
    /// Resolution in byte-milliseconds.
    #[serde(with = "text_option")]
    pub resolution_byte_ms: Option<u128>,
    /// Tolerance in GiB-months, rounded up.
    pub tau: String,
    /// Tolerance in byte-milliseconds.
    #[serde(with = "text_u128")]
    pub tau_byte_ms: u128,
    /// Hidden measure H in byte-milliseconds.
    pub hidden_byte_ms: Interval,
    /// What follows.
    pub state: State,
    /// The smallest share of the left side that is unexplained, six decimals; empty without a gap.
    pub unexplained_share: String,
    /// What widened an interval, sorted.
    pub notes: Vec<String>,
}

/// `open`, the printed form of a missing bound.
pub const OPEN: &str = "open";

fn bounds(interval: Interval, month: Month) -> [String; 2] {
    let text = |x: u128, round| gib_months(i128::try_from(x).unwrap_or(i128::MAX), month, round);
    [
        text(interval.lo, Round::Down),
        interval
            .hi
            .map_or_else(|| OPEN.to_owned(), |hi| text(hi, Round::Up)),
    ]
}

/// Compares two amounts of the same account and month.
#[must_use]
pub fn pair(left: &Amount, right: &Amount, tolerance: &Tolerance) -> Reconciliation {
    let month = left.month;
    let tau = tolerance.tau(left.interval.lo, month);
    let gap = compare(left.interval, right.interval, tau);
    let signed =
        |x: Option<i128>, round| x.map_or_else(|| OPEN.to_owned(), |x| gib_months(x, month, round));
    let unsigned = |x: u128| gib_months(i128::try_from(x).unwrap_or(i128::MAX), month, Round::Up);
    let mut notes: Vec<String> = left.notes.iter().chain(&right.notes).cloned().collect();
    notes.sort();
    notes.dedup();
    Reconciliation {
        provider: left.provider.clone(),
        account: left.account.clone(),
        month,
        left: left.printed(),
        right: right.printed(),
        unit: "GiB_month".to_owned(),
        gap: [signed(gap.lo, Round::Down), signed(gap.hi, Round::Up)],
        gap_lo_byte_ms: gap.lo,
        resolution: gap.resolution.map_or_else(|| OPEN.to_owned(), unsigned),
        resolution_byte_ms: gap.resolution,
        tau: unsigned(tau),
        tau_byte_ms: tau,
        hidden_byte_ms: gap.hidden(),
        state: gap.state,
        unexplained_share: unexplained_share(&gap, left.interval),
        notes,
    }
}

/// `G_lo / B_hi` rounded down, in a gap only.
fn unexplained_share(gap: &Gap, left: Interval) -> String {
    match (gap.state, gap.lo, left.hi) {
        (State::Gap, Some(lo), Some(hi)) if hi > 0 => {
            crate::quantity::ratio_text(lo, hi, 8, Round::Down)
        }
        _ => String::new(),
    }
}

/// Every account-month and every pair of a bill or meter with another kind of record, over
/// `[from_ms, to_ms)`; sorted. Bills are compared with meters and lists, meters with lists. This is the
/// whole of `plainview reconcile FILES`: it needs no case.
#[must_use]
pub fn reconcile(facts: &Facts, window: Window, tolerance: &Tolerance) -> Vec<Reconciliation> {
    let amounts = amounts(facts, window);
    let mut rows = Vec::new();
    for left in &amounts {
        for right in &amounts {
            let same = (&left.provider, &left.account, left.month)
                == (&right.provider, &right.account, right.month);
            if same && left.kind < right.kind {
                rows.push(pair(left, right, tolerance));
            }
        }
    }
    rows.sort();
    rows
}

impl Amount {
    fn printed(&self) -> Amounts {
        Amounts {
            kind: self.kind,
            source: self.source.clone(),
            byte_ms: self.interval,
            gib_month: bounds(self.interval, self.month),
        }
    }
}

/// The window that spans every dated fact: what `plainview reconcile` uses when none is given. None
/// when no fact has a date.
#[must_use]
pub fn span(facts: &Facts) -> Option<Window> {
    let months = facts
        .bills
        .iter()
        .map(|bill| bill.month)
        .chain(facts.meters.iter().map(|m| Month::of(m.start_ms)))
        .chain(facts.snapshots.iter().map(|s| Month::of(s.at_ms)));
    let (first, last) = (months.clone().min()?, months.max()?);
    Some(Window {
        from_ms: first.start_ms(),
        to_ms: last.end_ms(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn month() -> Month {
        "2025-03".parse().unwrap()
    }

    fn gib(text: &str) -> u128 {
        byte_ms(text.parse().unwrap(), month())
    }

    fn amount(kind: AmountKind, lo: &str, hi: &str) -> Amount {
        Amount {
            provider: "aws".to_owned(),
            account: "111122223333".to_owned(),
            month: month(),
            kind,
            source: format!("{kind:?}"),
            interval: Interval {
                lo: gib(lo),
                hi: Some(gib(hi)),
            },
            notes: Vec::new(),
        }
    }

    /// G-K2: the gap, its share and the resolution of METHOD's example.
    #[test]
    fn golden_k2() {
        let billed = amount(AmountKind::Billed, "52899.5", "52900.5");
        let listed = amount(AmountKind::Listed, "47000", "49490");
        let row = pair(&billed, &listed, &Tolerance::default());
        assert_eq!(row.gap, ["3409.500", "5900.500"]);
        assert_eq!(row.resolution, "2491.000");
        assert_eq!(row.state, State::Gap);
        assert_eq!(&row.unexplained_share[..8], "0.064451");
        // tau is 0.5% of 52,899.5, and H starts where the gap exceeds it.
        assert_eq!(row.tau_byte_ms, gib("264.4975"));
        assert_eq!(row.hidden_byte_ms.lo, gib("3145.0025"));
        assert_eq!(row.hidden_byte_ms.hi, Some(gib("5900.5")));
    }

    /// G-K4: with the bill read in the wrong unit the gap of G-K2 would vanish.
    #[test]
    fn golden_k4_a_wrong_unit_hides_the_gap() {
        let bill = crate::quantity::lookup("other", "GB-ish")
            .byte_time("52900".parse().unwrap(), month())
            .unwrap();
        let listed = amount(AmountKind::Listed, "47000", "49490").interval;
        let tau = Tolerance::default().tau(bill.lo, month());
        assert_ne!(compare(bill, listed, tau).state, State::Gap);
    }

    #[test]
    fn the_four_states() {
        let interval = |lo: u128, hi: Option<u128>| Interval { lo, hi };
        let state = |l, r| compare(l, r, 10).state;
        assert_eq!(
            state(interval(100, Some(110)), interval(0, Some(89))),
            State::Gap
        );
        assert_eq!(
            state(interval(100, None), interval(0, Some(89))),
            State::Gap
        );
        assert_eq!(
            state(interval(0, Some(5)), interval(16, None)),
            State::Excess
        );
        assert_eq!(
            state(interval(100, Some(110)), interval(0, Some(90))),
            State::Reconciled
        );
        assert_eq!(
            state(interval(100, Some(110)), interval(0, None)),
            State::Open
        );
        assert_eq!(
            state(interval(0, Some(6)), interval(16, Some(20))),
            State::Reconciled
        );
    }
}
