//! `quantity` claims: a recorded interval lies on one side of the value, on the other, or straddles it
//! and argues nothing (METHOD 7.4). All comparisons are exact.

use std::collections::BTreeSet;

use plainview_register::{Claim, Comparison, QuantityMeasure, Unit};

use crate::assemble::builder::{Builder, NewArgument, NewItem};
use crate::assemble::scope::ClaimScope;
use crate::assemble::{Found, decimal};
use crate::case::Side;
use crate::facts::Scheme;
use crate::quantity::{Decimal, HOUR_MS, Interval, Month};
use crate::reconcile::{Amount, AmountKind};

/// A common multiple of the hours of months of 28 to 31 days: 672, 696, 720 and 744. Amounts in
/// GiB-months of different months add up exactly on this scale.
const HOURS_MULTIPLE: u32 = 9_061_920;

type Stated<'a> = (
    QuantityMeasure,
    Comparison,
    &'a plainview_register::Decimal,
    Unit,
);

pub(super) fn add(
    builder: &mut Builder<'_>,
    scope: &ClaimScope,
    claim: &Claim,
    stated: Stated<'_>,
) -> Found {
    let (measure, op, value, unit) = stated;
    let measured = measured(scope, measure, unit);
    let mut any = false;
    for (kind, source, interval) in &measured {
        any = true;
        let Some(limit) = limit(decimal(value), measure, unit) else {
            continue;
        };
        let Some(side) = side(*interval, op, limit) else {
            continue;
        };
        let says = format!(
            "the amount {} by {source} lies wholly on one side of {value} {unit}",
            kind.participle()
        );
        let end = Some(scope.window.to_ms.div_euclid(1_000));
        let usage = format!("quantity-{}", kind.participle());
        let item = NewItem::record(source, &usage, side, says.clone()).at(end);
        let premises: Vec<String> = builder.item(item).into_iter().collect();
        builder.argument(NewArgument {
            id: format!("{}/quantity/{source}", claim.id),
            side,
            scheme: Scheme::QuantityInterval,
            premises,
            frame: Vec::new(),
            says,
            gates: Vec::new(),
        });
    }
    Found {
        not_run: (!any).then(|| "no record of the scope measures it".to_owned()),
        exhibits_count: true,
        ..Found::default()
    }
}

/// The limit as `(floor, ceil)` on the scale of the measured amounts.
fn limit(value: Decimal, measure: QuantityMeasure, unit: Unit) -> Option<(u128, u128)> {
    if value.is_negative() {
        return None;
    }
    let factor = u128::from(unit.factor());
    match (measure, unit) {
        (QuantityMeasure::ByteHours, Unit::ByteHours) => value.times(u128::from(HOUR_MS)),
        (QuantityMeasure::ByteHours, _) => {
            let scale = u128::from(HOUR_MS) * u128::from(HOURS_MULTIPLE);
            value.times(factor.checked_mul(scale)?)
        }
        _ => value.times(factor),
    }
}

/// For, against, or none when the interval straddles the value. The limit lies in `[floor, ceil]` with
/// whole amounts on either side, so comparing with its ends is exact.
fn side(amount: Interval, op: Comparison, (floor, ceil): (u128, u128)) -> Option<Side> {
    let below_or_equal = amount.hi.is_some_and(|hi| hi <= floor);
    let below = amount.hi.is_some_and(|hi| hi < ceil);
    let above = amount.lo > floor;
    let above_or_equal = amount.lo >= ceil;
    let (is, is_not) = match op {
        Comparison::AtMost => (below_or_equal, above),
        Comparison::Less => (below, above_or_equal),
        Comparison::AtLeast => (above_or_equal, below),
        Comparison::More => (above, below_or_equal),
    };
    match (is, is_not) {
        (true, _) => Some(Side::For),
        (_, true) => Some(Side::Against),
        _ => None,
    }
}

/// Every source that measures it, with its amount over the scope.
fn measured(
    scope: &ClaimScope,
    measure: QuantityMeasure,
    unit: Unit,
) -> Vec<(AmountKind, String, Interval)> {
    match measure {
        QuantityMeasure::ByteHours => byte_time(scope, unit),
        QuantityMeasure::Bytes => listed_at_once(scope, |shot| shot.bytes),
        QuantityMeasure::Count => listed_at_once(scope, |shot| u128::from(shot.objects)),
    }
}

fn byte_time(scope: &ClaimScope, unit: Unit) -> Vec<(AmountKind, String, Interval)> {
    let sources: BTreeSet<(AmountKind, &str)> = scope
        .amounts
        .iter()
        .map(|a| (a.kind, a.source.as_str()))
        .collect();
    sources
        .into_iter()
        .map(|(kind, source)| {
            let amounts = scope.of_source(kind, source);
            let mut total = Interval::exact(0);
            for amount in &amounts {
                total = total.plus(scaled(amount, unit));
            }
            if amounts.len() < scope.accounts.len() * scope.months.len() {
                total.hi = None;
            }
            (kind, source.to_owned(), total)
        })
        .collect()
}

/// Byte-milliseconds, or GiB/GB-months on the common scale.
fn scaled(amount: &Amount, unit: Unit) -> Interval {
    if unit == Unit::ByteHours {
        return amount.interval;
    }
    let by = u128::from(HOURS_MULTIPLE / hours(amount.month));
    Interval {
        lo: amount.interval.lo.saturating_mul(by),
        hi: amount.interval.hi.map(|hi| hi.saturating_mul(by)),
    }
}

fn hours(month: Month) -> u32 {
    month.hours().max(1)
}

/// The most that listings show at one instant. At least the largest simultaneous snapshot; at most each
/// store's largest, where snapshots enclose the period (assumption A1).
fn listed_at_once(
    scope: &ClaimScope,
    of: impl Fn(&crate::facts::StoreSnapshot) -> u128,
) -> Vec<(AmountKind, String, Interval)> {
    let (from, to) = (scope.window.from_ms, scope.window.to_ms);
    let mut out = Vec::new();
    let sources: BTreeSet<&str> = scope
        .facts
        .snapshots
        .iter()
        .map(|s| s.source.as_str())
        .collect();
    for source in sources {
        let shots: Vec<_> = scope
            .facts
            .snapshots
            .iter()
            .filter(|s| {
                s.source == source && !scope.excludes(&s.provider, &s.account, &s.container)
            })
            .collect();
        let instants: BTreeSet<i64> = shots
            .iter()
            .map(|s| s.at_ms)
            .filter(|at| (from..=to).contains(at))
            .collect();
        let lo = instants
            .iter()
            .map(|at| shots.iter().filter(|s| s.at_ms == *at).map(|s| of(s)).sum())
            .max()
            .unwrap_or(0);
        let stores: BTreeSet<(&str, &str, &str)> = shots
            .iter()
            .map(|s| (&*s.provider, &*s.account, &*s.container))
            .collect();
        let mut hi = (!stores.is_empty()).then_some(0_u128);
        for (provider, account, container) in stores {
            let own: Vec<_> = shots
                .iter()
                .filter(|s| {
                    (&*s.provider, &*s.account, &*s.container) == (provider, account, container)
                })
                .collect();
            let enclosed = own.iter().any(|s| s.at_ms <= from) && own.iter().any(|s| s.at_ms >= to);
            let most = own.iter().map(|s| of(s)).max().filter(|_| enclosed);
            hi = hi.zip(most).map(|(sum, most)| sum.saturating_add(most));
        }
        let complete = scope
            .facts
            .sources
            .iter()
            .any(|s| s.id == source && !s.incomplete);
        let interval = Interval {
            lo,
            hi: hi.filter(|_| complete),
        };
        out.push((AmountKind::Listed, source.to_owned(), interval));
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn interval(lo: u128, hi: u128) -> Interval {
        Interval { lo, hi: Some(hi) }
    }

    /// METHOD 7.4: Q = 50,000; the inventory lies below it, the bill above.
    #[test]
    fn golden_quantity() {
        let stated = limit(
            "50000".parse().unwrap(),
            QuantityMeasure::ByteHours,
            Unit::GiBMonth,
        )
        .unwrap();
        let gib = |text: &str| {
            let month: Month = "2025-03".parse().unwrap();
            let ms = crate::reconcile::byte_ms(text.parse().unwrap(), month);
            ms * u128::from(HOURS_MULTIPLE / month.hours())
        };
        let inventory = interval(gib("47000"), gib("49490"));
        let bill = interval(gib("52899.5"), gib("52900.5"));
        assert_eq!(side(inventory, Comparison::AtMost, stated), Some(Side::For));
        assert_eq!(side(bill, Comparison::AtMost, stated), Some(Side::Against));
        assert_eq!(
            side(
                interval(gib("49000"), gib("51000")),
                Comparison::AtMost,
                stated
            ),
            None
        );
    }

    #[test]
    fn ends_belong_to_the_right_side() {
        let at = interval(10, 10);
        assert_eq!(side(at, Comparison::AtMost, (10, 10)), Some(Side::For));
        assert_eq!(side(at, Comparison::Less, (10, 10)), Some(Side::Against));
        assert_eq!(side(at, Comparison::AtLeast, (10, 10)), Some(Side::For));
        assert_eq!(side(at, Comparison::More, (10, 10)), Some(Side::Against));
        // 10.5: ten is below it, eleven above.
        assert_eq!(side(at, Comparison::Less, (10, 11)), Some(Side::For));
        assert_eq!(
            side(interval(11, 11), Comparison::More, (10, 11)),
            Some(Side::For)
        );
        let open = Interval { lo: 3, hi: None };
        assert_eq!(side(open, Comparison::AtMost, (10, 10)), None);
        assert_eq!(side(open, Comparison::AtLeast, (3, 3)), Some(Side::For));
    }

    #[test]
    fn the_common_scale_divides_every_month() {
        for hours in [672, 696, 720, 744] {
            assert_eq!(HOURS_MULTIPLE % hours, 0, "{hours}");
        }
    }
}
