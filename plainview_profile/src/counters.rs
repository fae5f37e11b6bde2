//! Everything about a group of objects that is a counter (PROFILE section 6). It refuses floats and samples: merging is
//! addition, so the result is the same however objects are ordered or split.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calendar::{DAY_MS, day_of};
use crate::facts::ObjectFacts;
use crate::lexicon::{content_class, encryption_class, tier_class};

/// Log-histogram bins per octave.
pub const BINS_PER_OCTAVE: u16 = 8;

/// Moduli whose residues are counted in full: codec frames (13 AMR, 24 G.723.1, 33 GSM, 65 WAV49, 72 MP3 at 8 kHz, 160
/// and its 20 ms frames), cipher blocks (16) and disk sectors (512). PROFILE section 0, signal b.
pub const MODULI: [u64; 8] = [13, 16, 24, 33, 65, 72, 160, 512];

/// First day that counts as a time at all: 1990-01-01.
const DAY_MIN: i64 = 7_305;
/// Last one: 2099-12-31. Hostile times cannot grow the state beyond these 40,177 days.
const DAY_MAX: i64 = 47_481;

/// The bin of a size: 8 per octave, linear within an octave. Size zero has none.
pub fn size_bin(size: u64) -> Option<u16> {
    let octave = size.checked_ilog2()?;
    let within = if octave >= 3 {
        (size >> (octave - 3)) & 7
    } else {
        (size << (3 - octave)) & 7
    };
    let within = u16::try_from(within).unwrap_or(0);
    Some(u16::try_from(octave).unwrap_or(63) * BINS_PER_OCTAVE + within)
}

/// Smallest size of a bin, bytes (for the first three octaves, where bins are finer than bytes, rounded up).
pub fn bin_floor(bin: u16) -> u64 {
    let octave = u32::from(bin / BINS_PER_OCTAVE);
    let eighths = 8 + u64::from(bin % BINS_PER_OCTAVE);
    if octave >= 3 {
        eighths << (octave - 3)
    } else {
        eighths.div_ceil(1 << (3 - octave))
    }
}

/// Sparse counts by a small index.
pub type Bins = BTreeMap<u16, u64>;

/// Adds one to a bin.
fn bump(bins: &mut Bins, at: u16) {
    *bins.entry(at).or_insert(0) += 1;
}

fn add(into: &mut Bins, from: &Bins) {
    for (at, count) in from {
        *into.entry(*at).or_insert(0) += count;
    }
}

/// Residues modulo each of [`MODULI`], and the rarer marks of sizes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Residues {
    /// One sparse histogram for each modulus.
    pub by_modulus: [Bins; MODULI.len()],
    /// Multiples of 8,192 (database pages).
    pub pages: u64,
    /// Multiples of 10,240 (tar records).
    pub tar_records: u64,
    /// 512 modulo 1 MiB (footer of a fixed VHD).
    pub vhd_footers: u64,
    /// Exact powers of two from 1 KiB.
    pub powers_of_two: u64,
    /// Exactly 16 MiB (write-ahead segments).
    pub wal_segments: u64,
}

impl Residues {
    fn observe(&mut self, size: u64) {
        for (modulus, bins) in MODULI.iter().zip(&mut self.by_modulus) {
            bump(bins, u16::try_from(size % modulus).unwrap_or(0));
        }
        self.pages += u64::from(size.is_multiple_of(8_192));
        self.tar_records += u64::from(size.is_multiple_of(10_240));
        self.vhd_footers += u64::from(size % (1 << 20) == 512 && size > 1 << 20);
        self.powers_of_two += u64::from(size.is_power_of_two() && size >= 1_024);
        self.wal_segments += u64::from(size == 16 << 20);
    }

    fn merge(&mut self, other: &Self) {
        for (into, from) in self.by_modulus.iter_mut().zip(&other.by_modulus) {
            add(into, from);
        }
        self.pages += other.pages;
        self.tar_records += other.tar_records;
        self.vhd_footers += other.vhd_footers;
        self.powers_of_two += other.powers_of_two;
        self.wal_segments += other.wal_segments;
    }

    /// The commonest residue of a modulus and its objects; the smallest residue on a tie.
    pub fn top(&self, modulus: u64) -> Option<(u16, u64)> {
        let at = MODULI.iter().position(|known| *known == modulus)?;
        let best = self.by_modulus[at]
            .iter()
            .max_by_key(|(residue, count)| (**count, std::cmp::Reverse(**residue)))?;
        Some((*best.0, *best.1))
    }

    /// Objects with this residue.
    pub fn count(&self, modulus: u64, residue: u16) -> u64 {
        let at = MODULI.iter().position(|known| *known == modulus);
        at.and_then(|at| self.by_modulus[at].get(&residue))
            .copied()
            .unwrap_or(0)
    }
}

/// All counters of a group of objects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Objects.
    pub objects: u64,
    /// Objects with a size of zero or more.
    pub sized: u64,
    /// Empty objects.
    pub empty: u64,
    /// Bytes, saturating.
    pub bytes: u64,
    /// Smallest size.
    pub size_min: Option<u64>,
    /// Largest size.
    pub size_max: Option<u64>,
    /// Log histogram of sizes above zero.
    pub size_bins: Bins,
    /// Residues of sizes above zero.
    pub residues: Residues,
    /// Objects with a creation time.
    pub created_known: u64,
    /// Objects with a modification time.
    pub modified_known: u64,
    /// Objects whose arrival lies within 1990-2099.
    pub arrivals: u64,
    /// By hour of week, Monday 00 UTC first.
    pub hour_of_week: Bins,
    /// By second of the minute.
    pub second_of_minute: Bins,
    /// By day since 1970.
    pub days: Bins,
    /// Objects with both times.
    pub both_times: u64,
    /// Of them, modified more than two seconds after creation.
    pub modified_later: u64,
    /// Of those, by log2 of the seconds between.
    pub lag_bins: Bins,
    /// Objects with a retention date.
    pub retained: u64,
    /// Of them, kept 365 days or longer after arrival.
    pub retained_year: u64,
    /// Objects under legal hold.
    pub held: u64,
    /// By tier class.
    pub tiers: BTreeMap<String, u64>,
    /// By encryption class.
    pub encryption: BTreeMap<String, u64>,
    /// By class of declared content type.
    pub content_types: BTreeMap<String, u64>,
}

impl Counters {
    /// Counts one object.
    pub fn observe(&mut self, facts: &ObjectFacts<'_>) {
        self.objects += 1;
        if let Some(size) = facts.size.and_then(|size| u64::try_from(size).ok()) {
            self.observe_size(size);
        }
        self.created_known += u64::from(facts.created_ms.is_some());
        self.modified_known += u64::from(facts.modified_ms.is_some());
        if let Some(arrival) = facts.arrival_ms() {
            self.observe_arrival(arrival);
        }
        if let (Some(created), Some(modified)) = (facts.created_ms, facts.modified_ms) {
            self.both_times += 1;
            let seconds = modified.saturating_sub(created) / 1_000;
            if seconds > 2 {
                self.modified_later += 1;
                bump(
                    &mut self.lag_bins,
                    u16::try_from(seconds.ilog2()).unwrap_or(0),
                );
            }
        }
        if let Some(until) = facts.retain_until_ms {
            self.retained += 1;
            let year = facts
                .arrival_ms()
                .is_some_and(|arrival| until.saturating_sub(arrival) >= 365 * DAY_MS);
            self.retained_year += u64::from(year);
        }
        self.held += u64::from(facts.legal_hold == Some(true));
        for (counts, class) in [
            (&mut self.tiers, tier_class(facts.tier)),
            (&mut self.encryption, encryption_class(facts.encryption)),
            (&mut self.content_types, content_class(facts.content_type)),
        ] {
            match counts.get_mut(class) {
                Some(count) => *count += 1,
                None => {
                    counts.insert(class.to_owned(), 1);
                }
            }
        }
    }

    fn observe_size(&mut self, size: u64) {
        self.sized += 1;
        self.bytes = self.bytes.saturating_add(size);
        self.size_min = Some(self.size_min.map_or(size, |least| least.min(size)));
        self.size_max = Some(self.size_max.map_or(size, |most| most.max(size)));
        match size_bin(size) {
            Some(bin) => {
                bump(&mut self.size_bins, bin);
                self.residues.observe(size);
            }
            None => self.empty += 1,
        }
    }

    fn observe_arrival(&mut self, arrival_ms: i64) {
        let day = day_of(arrival_ms);
        if !(DAY_MIN..=DAY_MAX).contains(&day) {
            return;
        }
        self.arrivals += 1;
        let index = |value: i64| u16::try_from(value).unwrap_or(0);
        let second = arrival_ms.rem_euclid(DAY_MS) / 1_000;
        // 1970-01-01 was a Thursday: three days after Monday.
        bump(
            &mut self.hour_of_week,
            index((day + 3).rem_euclid(7) * 24 + second / 3_600),
        );
        bump(&mut self.second_of_minute, index(second % 60));
        bump(&mut self.days, index(day));
    }

    /// Adds another group's counters.
    pub fn merge(&mut self, other: &Self) {
        self.objects += other.objects;
        self.sized += other.sized;
        self.empty += other.empty;
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.size_min = self.size_min.into_iter().chain(other.size_min).min();
        self.size_max = self.size_max.max(other.size_max);
        add(&mut self.size_bins, &other.size_bins);
        self.residues.merge(&other.residues);
        self.created_known += other.created_known;
        self.modified_known += other.modified_known;
        self.arrivals += other.arrivals;
        add(&mut self.hour_of_week, &other.hour_of_week);
        add(&mut self.second_of_minute, &other.second_of_minute);
        add(&mut self.days, &other.days);
        self.both_times += other.both_times;
        self.modified_later += other.modified_later;
        add(&mut self.lag_bins, &other.lag_bins);
        self.retained += other.retained;
        self.retained_year += other.retained_year;
        self.held += other.held;
        for (into, from) in [
            (&mut self.tiers, &other.tiers),
            (&mut self.encryption, &other.encryption),
            (&mut self.content_types, &other.content_types),
        ] {
            for (class, count) in from {
                *into.entry(class.clone()).or_insert(0) += count;
            }
        }
    }
}

/// The bin at or below which `permille` thousandths of the counts lie.
pub fn quantile(bins: &Bins, permille: u64) -> Option<u16> {
    let total: u64 = bins.values().sum();
    let rank = (u128::from(total) * u128::from(permille))
        .div_ceil(1_000)
        .max(1);
    let mut seen: u128 = 0;
    bins.iter()
        .find(|(_, count)| {
            seen += u128::from(**count);
            seen >= rank
        })
        .map(|(bin, _)| *bin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_hold_their_sizes() {
        for size in (1..5_000).chain([u64::MAX, 1 << 40, (1 << 40) - 1]) {
            let bin = size_bin(size).unwrap_or(0);
            assert!(
                bin_floor(bin) <= size,
                "{size} in bin {bin} from {}",
                bin_floor(bin)
            );
            if bin < 511 {
                assert!(bin_floor(bin + 1) > size || size < 8, "{size} in bin {bin}");
            }
        }
        assert_eq!(size_bin(0), None);
    }

    #[test]
    fn hour_of_week_starts_on_monday() {
        let mut counters = Counters::default();
        // 2024-01-01 was a Monday; 00:00:05 UTC.
        counters.observe(&ObjectFacts {
            key: "k",
            modified_ms: Some(1_704_067_205_000),
            ..ObjectFacts::default()
        });
        assert_eq!(counters.hour_of_week, Bins::from([(0, 1)]));
        assert_eq!(counters.second_of_minute, Bins::from([(5, 1)]));
    }

    #[test]
    fn unusable_sizes_and_times_are_not_counted_as_known() {
        let mut counters = Counters::default();
        counters.observe(&ObjectFacts {
            key: "k",
            size: Some(-1),
            modified_ms: Some(i64::MAX),
            ..ObjectFacts::default()
        });
        assert_eq!(
            (
                counters.objects,
                counters.sized,
                counters.arrivals,
                counters.modified_known
            ),
            (1, 0, 0, 1)
        );
    }

    #[test]
    fn quantiles_are_ranks() {
        let bins = Bins::from([(1, 5), (2, 4), (9, 1)]);
        assert_eq!(quantile(&bins, 500), Some(1));
        assert_eq!(quantile(&bins, 501), Some(2));
        assert_eq!(quantile(&bins, 1_000), Some(9));
        assert_eq!(quantile(&Bins::new(), 500), None);
    }
}
