//! From facts to intervals: what a bill, a meter series and a listing each say about the bytes of one
//! account over one month.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::facts::{BillLine, Facts, MeterPoint, Statistic, StoreSnapshot};
use crate::quantity::{Bytes, Decimal, Interval, Meaning, Month, lookup};

/// Which kind of record an amount comes from; ordered by how directly it says what exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountKind {
    /// Storage lines of a bill.
    Billed,
    /// Readings of stored bytes.
    Metered,
    /// Objects listed.
    Listed,
}

/// A half-open period in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// First millisecond.
    pub from_ms: i64,
    /// First millisecond after it.
    pub to_ms: i64,
}

impl AmountKind {
    /// `billed`, `metered`, `listed`.
    #[must_use]
    pub fn participle(self) -> &'static str {
        match self {
            Self::Billed => "billed",
            Self::Metered => "metered",
            Self::Listed => "listed",
        }
    }
}

impl Window {
    /// What the window shares with a month; none when nothing.
    #[must_use]
    pub fn within(self, month: Month) -> Option<Self> {
        let clipped = Self {
            from_ms: self.from_ms.max(month.start_ms()),
            to_ms: self.to_ms.min(month.end_ms()),
        };
        (clipped.from_ms < clipped.to_ms).then_some(clipped)
    }

    fn overlap(self, from_ms: i64, to_ms: i64) -> u64 {
        let length = self.to_ms.min(to_ms) - self.from_ms.max(from_ms);
        u64::try_from(length).unwrap_or(0)
    }
}

/// What one source (or several that list together) says about one account-month.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount {
    /// `aws`, `azure`, `gcp`.
    pub provider: String,
    /// Account.
    pub account: String,
    /// Month.
    pub month: Month,
    /// Kind of record.
    pub kind: AmountKind,
    /// Source ids joined by `+`.
    pub source: String,
    /// Byte-milliseconds over the month clipped to the window.
    pub interval: Interval,
    /// What widened it.
    pub notes: Vec<String>,
}

/// A listing of one store at one instant, reduced to what arithmetic needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Snapshot {
    /// Instant.
    pub at_ms: i64,
    /// Bytes listed.
    pub bytes: u128,
    /// Lower bound of byte-milliseconds in the month before `at_ms`, from creation times.
    pub created_byte_ms: u128,
}

/// Byte time of one listed store over `window`, within one month (METHOD 5.2).
///
/// Between snapshots: `[min, max]` of the two ends. Before the first: at least what its objects'
/// creation times prove. Before the first or after the last snapshot nothing bounds it above.
#[must_use]
pub fn listed(snapshots: &[Snapshot], window: Window) -> Interval {
    let mut sorted = snapshots.to_vec();
    sorted.sort();
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        return Interval::unknown();
    };
    let mut between = Interval::exact(0);
    for ends in sorted.windows(2) {
        let ms = window.overlap(ends[0].at_ms, ends[1].at_ms);
        let (low, high) = (
            ends[0].bytes.min(ends[1].bytes),
            ends[0].bytes.max(ends[1].bytes),
        );
        between = between.plus(Interval {
            lo: Bytes(low).held_for(ms).0,
            hi: Some(Bytes(high).held_for(ms).0),
        });
    }
    // The first snapshot's bound covers only time before it, so the two lower bounds add up; a later
    // snapshot's covers all of the month before itself and can only be an alternative.
    let alternative = sorted.iter().map(|s| s.created_byte_ms).max().unwrap_or(0);
    let enclosed = first.at_ms <= window.from_ms && last.at_ms >= window.to_ms;
    let lo = between
        .lo
        .saturating_add(first.created_byte_ms)
        .max(alternative);
    Interval {
        lo,
        hi: between.hi.filter(|_| enclosed).map(|hi| hi.max(lo)),
    }
}

/// A meter reading reduced to what arithmetic needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reading {
    /// Period start.
    pub start_ms: i64,
    /// Period end, exclusive.
    pub end_ms: i64,
    /// Stored bytes.
    pub bytes: u128,
    /// What it summarises.
    pub statistic: Statistic,
}

/// Byte time of one metered series over `window`.
///
/// Providers refresh stored-bytes meters about once a day and may stamp a value a day late (METHOD
/// 5.1), so a period lies between the smallest and the largest of its own reading and its neighbours'.
/// Time without a reading is open above.
#[must_use]
pub fn metered(readings: &[Reading], window: Window) -> Interval {
    let mut sorted: Vec<Reading> = readings
        .iter()
        .copied()
        .filter(|r| r.statistic != Statistic::Sum && r.start_ms < r.end_ms)
        .collect();
    sorted.sort();
    let mut total = Interval::exact(0);
    let mut covered_to = window.from_ms;
    let mut open = false;
    for (at, reading) in sorted.iter().enumerate() {
        // Overlapping readings of one series count once: the earlier one keeps the shared time.
        let from = reading.start_ms.max(covered_to);
        let ms = window.overlap(from, reading.end_ms);
        if ms == 0 {
            continue;
        }
        open |= from > covered_to;
        covered_to = covered_to.max(reading.end_ms);
        let near = &sorted[at.saturating_sub(1)..(at + 2).min(sorted.len())];
        let low = near.iter().map(|r| r.bytes).min().unwrap_or(0);
        let high = near.iter().map(|r| r.bytes).max().unwrap_or(0);
        total = total.plus(Interval {
            lo: match reading.statistic {
                Statistic::Maximum => 0,
                _ => Bytes(low).held_for(ms).0,
            },
            hi: (reading.statistic != Statistic::Minimum).then(|| Bytes(high).held_for(ms).0),
        });
    }
    if open || covered_to < window.to_ms {
        total.hi = None;
    }
    total
}

/// Byte time of the storage lines of one bill for one account-month, and what widened it. `whole` says
/// whether the window covers the month: a bill cannot be cut, so for a part of a month it is only an
/// upper bound.
#[must_use]
pub fn billed(lines: &[&BillLine], month: Month, whole: bool) -> (Interval, Vec<String>) {
    let mut total = Interval::exact(0);
    let mut notes = Vec::new();
    for line in lines {
        let meaning = lookup(&line.provider, &line.unit);
        if meaning == Meaning::Other {
            continue;
        }
        if meaning == Meaning::Unknown {
            notes.push(format!(
                "unit `{}` of {} is not in the table: read as between GB_month and GiB_month",
                line.unit, line.provider
            ));
        }
        if let Meaning::Unstated { .. } = meaning {
            notes.push(format!(
                "unit `{}` of {} does not say what it measures (kept, retrieved or sent): read as between nothing kept and GiB_month",
                line.unit, line.provider
            ));
        }
        if let Some(interval) = line_interval(line, meaning, month) {
            total = total.plus(interval);
        } else {
            total.hi = None;
            notes.push(format!(
                "the quantity `{}` could not be read as an amount of {}",
                line.quantity, line.unit
            ));
        }
    }
    if !whole {
        total.lo = 0;
        notes.push(format!(
            "the period covers only a part of {month}: its bill is an upper bound"
        ));
    }
    notes.sort();
    notes.dedup();
    (total, notes)
}

/// `[quantity - rounding, quantity + rounding]` as byte time; negative parts count as zero.
fn line_interval(line: &BillLine, meaning: Meaning, month: Month) -> Option<Interval> {
    let quantity: Decimal = line.quantity.parse().ok()?;
    let rounding: Decimal = line.rounding.parse().ok()?;
    let at_least_zero = |d: Decimal| if d.is_negative() { Decimal::ZERO } else { d };
    let low = meaning.byte_time(at_least_zero(quantity.minus(rounding)?), month)?;
    let high = meaning.byte_time(at_least_zero(quantity.plus(rounding)?), month)?;
    Some(Interval {
        lo: low.lo,
        hi: high.hi,
    })
}

/// Registered overhead of a listing against a bill, in parts per million of the listed upper end. S3
/// lists what it bills; Azure inventory sums are documented not to match billing, so up to one per cent
/// is allowed for (METHOD 5.2: an interval, never a point).
#[must_use]
pub fn overhead(provider: &str) -> u128 {
    if provider == "azure" { 10_000 } else { 0 }
}

fn with_overhead(interval: Interval, provider: &str) -> Interval {
    Interval {
        lo: interval.lo,
        hi: interval
            .hi
            .map(|hi| hi.saturating_add((hi / 1_000_000 + 1).saturating_mul(overhead(provider)))),
    }
}

type Key<'a> = (&'a str, &'a str, &'a str);

/// Every amount that the facts hold for months in the window, per source; sorted.
#[must_use]
pub fn amounts(facts: &Facts, window: Window) -> Vec<Amount> {
    let months = Month::covering(window.from_ms, window.to_ms);
    let lossy: BTreeSet<&str> = facts
        .sources
        .iter()
        .filter(|source| source.incomplete)
        .map(|source| source.id.as_str())
        .collect();
    let mut all = Vec::new();
    for month in months {
        let Some(part) = window.within(month) else {
            continue;
        };
        all.extend(billed_amounts(facts, month, part));
        all.extend(metered_amounts(facts, month, part));
        all.extend(listed_amounts(facts, month, part));
    }
    for amount in &mut all {
        if lossy.contains(amount.source.as_str()) {
            amount.interval.hi = None;
            amount.notes.push(format!(
                "rows of {} could not be read: nothing bounds it above",
                amount.source
            ));
        }
    }
    all.sort();
    all
}

fn billed_amounts(facts: &Facts, month: Month, part: Window) -> Vec<Amount> {
    let mut groups: BTreeMap<Key<'_>, Vec<&BillLine>> = BTreeMap::new();
    for line in facts.bills.iter().filter(|line| line.month == month) {
        let key = (&*line.provider, &*line.account, &*line.source);
        groups.entry(key).or_default().push(line);
    }
    let whole = part.from_ms == month.start_ms() && part.to_ms == month.end_ms();
    groups
        .into_iter()
        .map(|(key, mut lines)| {
            lines.sort();
            let (interval, notes) = billed(&lines, month, whole);
            amount(key, month, AmountKind::Billed, interval, notes)
        })
        .collect()
}

fn metered_amounts(facts: &Facts, month: Month, part: Window) -> Vec<Amount> {
    let mut groups: BTreeMap<Key<'_>, BTreeMap<Option<&str>, Vec<&MeterPoint>>> = BTreeMap::new();
    for point in &facts.meters {
        let key = (&*point.provider, &*point.account, &*point.source);
        let series = groups.entry(key).or_default();
        series
            .entry(point.container.as_deref())
            .or_default()
            .push(point);
    }
    let mut out = Vec::new();
    for (key, mut series) in groups {
        // An account-wide series already contains every container's.
        if let Some(whole) = series.remove(&None) {
            series = BTreeMap::from([(None, whole)]);
        }
        let mut total = Interval::exact(0);
        let mut seen = false;
        for points in series.values() {
            let readings = tiers_summed(points);
            let end = readings.iter().map(|r| r.end_ms).max();
            let start = readings.iter().map(|r| r.start_ms).min();
            if start.is_some_and(|s| s < part.to_ms) && end.is_some_and(|e| e > part.from_ms) {
                seen = true;
            }
            total = total.plus(metered(&readings, part));
        }
        if seen {
            out.push(amount(key, month, AmountKind::Metered, total, Vec::new()));
        }
    }
    out
}

/// Readings of one series; those with the same period and statistic are tiers and add up.
#[must_use]
pub fn tiers_summed(points: &[&MeterPoint]) -> Vec<Reading> {
    let mut sums: BTreeMap<(i64, i64, Statistic), u128> = BTreeMap::new();
    for point in points {
        let sum = sums
            .entry((point.start_ms, point.end_ms, point.statistic))
            .or_default();
        *sum = sum.saturating_add(point.bytes);
    }
    sums.into_iter()
        .map(|((start_ms, end_ms, statistic), bytes)| Reading {
            start_ms,
            end_ms,
            bytes,
            statistic,
        })
        .collect()
}

fn listed_amounts(facts: &Facts, month: Month, part: Window) -> Vec<Amount> {
    let mut groups: BTreeMap<Key<'_>, BTreeMap<&str, Vec<&StoreSnapshot>>> = BTreeMap::new();
    for shot in &facts.snapshots {
        let key = (&*shot.provider, &*shot.account, &*shot.source);
        let stores = groups.entry(key).or_default();
        stores.entry(&*shot.container).or_default().push(shot);
    }
    groups
        .into_iter()
        .map(|(key, stores)| {
            let total = stores.values().fold(Interval::exact(0), |sum, shots| {
                sum.plus(store_listed(shots, month, part))
            });
            amount(
                key,
                month,
                AmountKind::Listed,
                with_overhead(total, key.0),
                Vec::new(),
            )
        })
        .collect()
}

/// Byte time of one listed store over a part of a month.
pub(crate) fn store_listed(shots: &[&StoreSnapshot], month: Month, part: Window) -> Interval {
    let whole = part.from_ms == month.start_ms() && part.to_ms == month.end_ms();
    let snapshots: Vec<Snapshot> = shots
        .iter()
        .map(|shot| Snapshot {
            at_ms: shot.at_ms,
            bytes: shot.bytes,
            // The bound is of the whole month; for a part of it, it proves nothing.
            created_byte_ms: if whole {
                shot.created_byte_ms.get(&month).copied().unwrap_or(0)
            } else {
                0
            },
        })
        .collect();
    listed(&snapshots, part)
}

/// What several lists together say about one account-month: per store the larger lower bound and a
/// finite upper bound when any list has one. None when they list nothing of the account; a list with
/// unread rows bounds nothing above.
#[must_use]
pub fn listed_together(
    facts: &Facts,
    sources: &BTreeSet<String>,
    (provider, account): (&str, &str),
    month: Month,
    window: Window,
) -> Option<Amount> {
    let part = window.within(month)?;
    let mut stores: BTreeMap<&str, BTreeMap<&str, Vec<&StoreSnapshot>>> = BTreeMap::new();
    for shot in &facts.snapshots {
        if sources.contains(&shot.source) && shot.provider == provider && shot.account == account {
            let by_source = stores.entry(&shot.container).or_default();
            by_source.entry(&shot.source).or_default().push(shot);
        }
    }
    if stores.is_empty() {
        return None;
    }
    let mut total = Interval::exact(0);
    for by_source in stores.values() {
        let store = by_source
            .values()
            .map(|shots| store_listed(shots, month, part))
            .fold(Interval::unknown(), Interval::tighter);
        total = total.plus(store);
    }
    let mut whole = with_overhead(total, provider);
    let mut notes = Vec::new();
    for lossy in facts.sources.iter().filter(|s| s.incomplete) {
        if sources.contains(&lossy.id) {
            whole.hi = None;
            notes.push(format!(
                "rows of {} could not be read: nothing bounds it above",
                lossy.id
            ));
        }
    }
    let id = sources.iter().cloned().collect::<Vec<_>>().join("+");
    let key = (provider, account, id.as_str());
    Some(amount(key, month, AmountKind::Listed, whole, notes))
}

fn amount(
    key: Key<'_>,
    month: Month,
    kind: AmountKind,
    interval: Interval,
    notes: Vec<String>,
) -> Amount {
    Amount {
        provider: key.0.to_owned(),
        account: key.1.to_owned(),
        month,
        kind,
        source: key.2.to_owned(),
        interval,
        notes,
    }
}
