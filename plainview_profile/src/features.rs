//! What scoring sees: integer figures derived from counters, sample and slots. It refuses keys: rows are reduced to
//! figures as soon as they are read.

pub(crate) mod arrival;
pub(crate) mod duration;
pub(crate) mod names;

use std::collections::BTreeMap;

use crate::counters::{BINS_PER_OCTAVE, Bins, Counters, MODULI, bin_floor, quantile};
use crate::lexicon::{Claim, lexicon};
use crate::profile::{DurationProfile, ResidueProfile, SlotMeaning, SlotProfile, TimeReading};
use crate::sample::SampleRow;
use arrival::Arrival;
use names::{NameFacts, Names};

/// One sampled object without its key.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) hash: u64,
    pub(crate) size: Option<u64>,
    pub(crate) created_ms: Option<i64>,
    pub(crate) modified_ms: Option<i64>,
    pub(crate) key_time_ms: Option<i64>,
    pub(crate) name: NameFacts,
}

impl Row {
    pub(crate) fn new(row: &SampleRow, key_time_ms: Option<i64>) -> Self {
        Self {
            hash: row.hash,
            size: row.size,
            created_ms: row.created_ms,
            modified_ms: row.modified_ms,
            key_time_ms,
            name: NameFacts::of(&row.key, row.arrival_ms()),
        }
    }

    pub(crate) fn arrival_ms(&self) -> Option<i64> {
        self.created_ms.or(self.modified_ms)
    }
}

/// Thousandths of `part` in `whole`; zero of nothing.
pub(crate) fn permille(part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(part) * 1_000 / u128::from(whole.max(1))).unwrap_or(u64::MAX)
}

pub(crate) fn count(rows: &[Row], test: impl Fn(&Row) -> bool) -> u64 {
    u64::try_from(rows.iter().filter(|row| test(row)).count()).unwrap_or(u64::MAX)
}

/// The figures of one collection.
#[derive(Debug, Clone)]
pub(crate) struct Features {
    pub(crate) objects: u64,
    pub(crate) sampled: u64,
    pub(crate) names: Names,
    pub(crate) slots: Vec<SlotMeaning>,
    pub(crate) template: String,
    /// Objects by what their extensions claim.
    pub(crate) claims: BTreeMap<Claim, u64>,
    pub(crate) content_types: BTreeMap<String, u64>,
    /// Sampled objects with a time to the second in the key.
    pub(crate) key_times: u64,
    /// Whether the date slots of the template agree with arrival for four fifths of the sample.
    pub(crate) dates_agree: bool,
    pub(crate) sizes: Sizes,
    pub(crate) ln_sigma_milli: Option<u64>,
    pub(crate) top_sizes: Vec<(u64, u64)>,
    pub(crate) sampled_sizes: u64,
    pub(crate) residues: Vec<ResidueProfile>,
    pub(crate) marks: Marks,
    pub(crate) time_reading: TimeReading,
    pub(crate) daily_rhythm_milli: u64,
    pub(crate) arrival: Arrival,
    pub(crate) duration: Option<DurationProfile>,
    pub(crate) locked: u64,
    pub(crate) locked_year: u64,
    pub(crate) both_times: u64,
    pub(crate) modified_later: u64,
    pub(crate) cold_tiers: u64,
}

/// Figures of the size distribution, in bytes and thousandths.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sizes {
    /// Objects that are not empty.
    pub(crate) positive: u64,
    pub(crate) median: u64,
    pub(crate) bins: u64,
    /// (q90 + q10 - 2 q50) / (q90 - q10) of the logarithm: 0 when symmetric.
    pub(crate) skew_milli: i64,
    /// Share of the commonest exact size in the sample.
    pub(crate) top_permille: u64,
}

/// Objects whose size carries a mark.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Marks {
    pub(crate) pages: u64,
    pub(crate) tar_records: u64,
    pub(crate) vhd_footers: u64,
    pub(crate) wal_segments: u64,
    pub(crate) cipher_blocks: u64,
    pub(crate) sectors: u64,
    pub(crate) powers_of_two: u64,
}

impl Features {
    /// Derives the figures. `rows` are in order of their hash.
    pub(crate) fn of(
        counters: &Counters,
        rows: &[Row],
        slots: &[SlotProfile],
        template: &str,
        extensions: &BTreeMap<String, u64>,
    ) -> Self {
        let (top_sizes, sampled_sizes) = top_sizes(rows);
        let arrival = Arrival::of(counters, rows);
        let mut claims: BTreeMap<Claim, u64> = BTreeMap::new();
        for (text, objects) in extensions {
            if let Some(extension) = lexicon().extension(&format!("x.{text}")) {
                *claims.entry(extension.claim).or_insert(0) += objects;
            }
        }
        let top_permille = permille(top_sizes.first().map_or(0, |top| top.1), sampled_sizes);
        let sizes = Sizes {
            top_permille,
            ..sizes(counters)
        };
        let dates = slots
            .iter()
            .filter(|slot| matches!(slot.meaning, SlotMeaning::Year | SlotMeaning::Date));
        let cold = ["cool", "cold", "archive"]
            .iter()
            .filter_map(|tier| counters.tiers.get(*tier))
            .sum();
        Self {
            objects: counters.objects,
            sampled: count(rows, |_| true),
            names: Names::of(rows),
            slots: slots.iter().map(|slot| slot.meaning).collect(),
            template: template.to_owned(),
            claims,
            content_types: counters.content_types.clone(),
            key_times: count(rows, |row| row.key_time_ms.is_some()),
            dates_agree: dates.clone().count() > 0
                && dates.clone().all(|slot| {
                    slot.agrees_with_arrival
                        .is_some_and(|agrees| agrees * 5 >= slot.sampled * 4)
                }),
            ln_sigma_milli: ln_sigma_milli(&counters.size_bins),
            residues: residues(counters, sizes),
            marks: marks(counters),
            sizes,
            top_sizes,
            sampled_sizes,
            time_reading: arrival.reading,
            daily_rhythm_milli: arrival.rhythm_milli,
            arrival,
            duration: duration::of(rows),
            locked: counters.retained.max(counters.held),
            locked_year: counters.retained_year,
            both_times: counters.both_times,
            modified_later: counters.modified_later,
            cold_tiers: cold,
        }
    }
}

/// Exact sizes of the sample, commonest first, and how many rows have one.
fn top_sizes(rows: &[Row]) -> (Vec<(u64, u64)>, u64) {
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    for size in rows.iter().filter_map(|row| row.size) {
        *counts.entry(size).or_insert(0) += 1;
    }
    let sampled = counts.values().sum();
    let mut top: Vec<(u64, u64)> = counts.into_iter().filter(|(_, count)| *count > 1).collect();
    top.sort_by_key(|(size, count)| (std::cmp::Reverse(*count), *size));
    top.truncate(5);
    (top, sampled)
}

/// log2 of the middle of each eighth of an octave, thousandths: log2(1 + (i + 0.5) / 8).
const EIGHTHS_MILLI: [i128; 8] = [87, 248, 392, 524, 644, 755, 858, 954];

fn log2_milli(bin: u16) -> i128 {
    i128::from(bin / BINS_PER_OCTAVE) * 1_000 + EIGHTHS_MILLI[usize::from(bin % BINS_PER_OCTAVE)]
}

/// Standard deviation of ln(size) from the histogram, thousandths.
fn ln_sigma_milli(bins: &Bins) -> Option<u64> {
    let total: i128 = bins.values().map(|count| i128::from(*count)).sum();
    if total < 2 {
        return None;
    }
    let weighted = |power: u32| -> i128 {
        bins.iter()
            .map(|(bin, count)| log2_milli(*bin).pow(power) * i128::from(*count))
            .sum()
    };
    let (first, second) = (weighted(1), weighted(2));
    let variance = (second * total - first.pow(2)) / total.pow(2);
    // ln 2 = 0.693147
    u64::try_from(variance.max(0).isqrt() * 693_147 / 1_000_000).ok()
}

fn sizes(counters: &Counters) -> Sizes {
    let at = |permille: u64| quantile(&counters.size_bins, permille);
    let (Some(low), Some(middle), Some(high)) = (at(100), at(500), at(900)) else {
        return Sizes::default();
    };
    let (low_log, middle_log, high_log) = (log2_milli(low), log2_milli(middle), log2_milli(high));
    let skew = (high_log + low_log - 2 * middle_log) * 1_000 / (high_log - low_log).max(1);
    Sizes {
        positive: counters.size_bins.values().sum(),
        median: bin_floor(middle),
        bins: u64::try_from(counters.size_bins.len()).unwrap_or(u64::MAX),
        skew_milli: i64::try_from(skew).unwrap_or(0),
        top_permille: 0,
    }
}

/// Whether sizes vary enough for a comb to mean anything: equal sizes share every residue.
pub(crate) fn varied(sizes: Sizes) -> bool {
    sizes.positive >= 50 && sizes.bins >= 8 && sizes.top_permille < 100
}

/// Moduli whose commonest residue holds at least half of the objects and three times its even share.
fn residues(counters: &Counters, sizes: Sizes) -> Vec<ResidueProfile> {
    if !varied(sizes) {
        return Vec::new();
    }
    let standing_out = |modulus: u64| {
        let (residue, objects) = counters.residues.top(modulus)?;
        let share = permille(objects, sizes.positive);
        (share >= 500 && share * modulus >= 3_000).then_some(ResidueProfile {
            modulus,
            residue: u64::from(residue),
            objects,
            of: sizes.positive,
        })
    };
    MODULI
        .iter()
        .filter_map(|modulus| standing_out(*modulus))
        .collect()
}

fn marks(counters: &Counters) -> Marks {
    let residues = &counters.residues;
    Marks {
        pages: residues.pages,
        tar_records: residues.tar_records,
        vhd_footers: residues.vhd_footers,
        wal_segments: residues.wal_segments,
        cipher_blocks: residues.count(16, 0),
        sectors: residues.count(512, 0),
        powers_of_two: residues.powers_of_two,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::size_bin;

    #[test]
    fn sigma_is_that_of_the_logarithm() {
        // Sizes 2^10 and 2^20 in equal parts: sigma of log2 is 5, of ln 3.466.
        let bins = Bins::from([(80, 1_000), (160, 1_000)]);
        assert_eq!(ln_sigma_milli(&bins), Some(3_465));
        assert_eq!(ln_sigma_milli(&Bins::from([(80, 1)])), None);
    }

    #[test]
    fn equal_sizes_show_no_comb() {
        let size_bins = Bins::from([(size_bin(33_000).unwrap_or(0), 1_000)]);
        let counters = Counters {
            size_bins,
            ..Counters::default()
        };
        assert!(residues(&counters, sizes(&counters)).is_empty());
    }
}
