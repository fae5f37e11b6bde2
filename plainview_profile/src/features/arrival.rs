//! Rhythm of arrival in integers. It refuses to read times that were set in bulk, and says nothing about a population:
//! the rhythm is a signal for a kind only.

use std::collections::BTreeSet;

use super::{Row, permille};
use crate::counters::Counters;
use crate::profile::TimeReading;

/// Figures of arrival, shares in thousandths.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) reading: TimeReading,
    pub(crate) known: u64,
    /// Length of the mean vector of the hours of the day.
    pub(crate) rhythm_milli: u64,
    /// Whether chance cannot give that length, with room for arrivals that come in bursts.
    pub(crate) rhythm_clear: bool,
    /// Objects in the three busiest consecutive hours of the day.
    pub(crate) three_hours_permille: u64,
    /// Objects per weekend day against objects per working day.
    pub(crate) weekend_permille: u64,
    /// Objects in the five commonest seconds of the minute.
    pub(crate) five_seconds_permille: u64,
    pub(crate) active_days: u64,
    /// Days from first to last.
    pub(crate) span_days: u64,
    /// The tenth percentile of objects per inner day against the ninetieth.
    pub(crate) evenness_permille: u64,
}

/// cos(2 pi h / 24) in millionths.
const COSINE: [i128; 24] = [
    1_000_000, 965_926, 866_025, 707_107, 500_000, 258_819, 0, -258_819, -500_000, -707_107,
    -866_025, -965_926, -1_000_000, -965_926, -866_025, -707_107, -500_000, -258_819, 0, 258_819,
    500_000, 707_107, 866_025, 965_926,
];

/// Below this many arrivals, or under half of the objects, nothing is read.
const ARRIVALS_MIN: u64 = 50;

impl Arrival {
    pub(crate) fn of(counters: &Counters, rows: &[Row]) -> Self {
        let known = counters.arrivals;
        let mut hours = [0_u64; 24];
        let (mut weekend, mut working) = (0_u64, 0_u64);
        for (hour, count) in &counters.hour_of_week {
            hours[usize::from(hour % 24)] += count;
            if *hour < 120 {
                working += count;
            } else {
                weekend += count;
            }
        }
        let rhythm_milli = rhythm(&hours, known);
        let three_hours = (0..24)
            .map(|first| (0..3).map(|next| hours[(first + next) % 24]).sum::<u64>())
            .max()
            .unwrap_or(0);
        let mut seconds: Vec<u64> = counters.second_of_minute.values().copied().collect();
        seconds.sort_unstable_by(|left, right| right.cmp(left));
        let first = counters.days.keys().next().copied().unwrap_or(0);
        let last = counters.days.keys().next_back().copied().unwrap_or(0);
        let mut arrival = Self {
            reading: TimeReading::TooFew,
            known,
            rhythm_milli,
            // exp(-n R^2) is the chance of a rhythm this long in independent arrivals: 1e-6 at 14; three times that for bursts.
            rhythm_clear: u128::from(known) * u128::from(rhythm_milli).pow(2) >= 42_000_000,
            three_hours_permille: permille(three_hours, known),
            weekend_permille: permille(weekend * 5, (working * 2).max(1)),
            five_seconds_permille: permille(seconds.iter().take(5).sum(), known),
            active_days: u64::try_from(counters.days.len()).unwrap_or(u64::MAX),
            span_days: u64::from(last - first) + 1,
            evenness_permille: evenness(counters, first, last),
        };
        arrival.reading = arrival.reading_of(counters, rows);
        arrival
    }

    /// Times that many objects share exactly, or that fall on one day, were set by a copy or a commit.
    fn reading_of(&self, counters: &Counters, rows: &[Row]) -> TimeReading {
        if self.known < ARRIVALS_MIN || self.known * 2 < counters.objects {
            return TimeReading::TooFew;
        }
        let busiest = counters.days.values().max().copied().unwrap_or(0);
        if self.active_days < 3 || permille(busiest, self.known) >= 500 {
            return TimeReading::Bulk;
        }
        let times: Vec<i64> = rows
            .iter()
            .filter_map(|row| row.arrival_ms().map(|ms| ms.div_euclid(1_000)))
            .collect();
        let distinct: BTreeSet<i64> = times.iter().copied().collect();
        if on_grid(&distinct) {
            return TimeReading::Grid;
        }
        if distinct.len() * 10 < times.len() * 9 {
            TimeReading::Bulk
        } else {
            TimeReading::Individual
        }
    }
}

/// Whether at least 30 different moments, not the objects that share them, fall in five seconds of the minute by four
/// fifths: one large commit or copy makes no grid.
fn on_grid(moments: &BTreeSet<i64>) -> bool {
    let mut seconds = [0_usize; 60];
    for moment in moments {
        seconds[usize::try_from(moment.rem_euclid(60)).unwrap_or(0)] += 1;
    }
    seconds.sort_unstable();
    let five: usize = seconds[55..].iter().sum();
    moments.len() >= 30 && five * 5 >= moments.len() * 4
}

fn rhythm(hours: &[u64; 24], known: u64) -> u64 {
    let along = |shift: usize| -> i128 {
        hours
            .iter()
            .enumerate()
            .map(|(hour, count)| i128::from(*count) * COSINE[(hour + shift) % 24])
            .sum()
    };
    // A shift of 18 hours turns the cosine into the sine.
    let length = (along(0).pow(2) + along(18).pow(2)).isqrt();
    u64::try_from(length / 1_000 / i128::from(known.max(1))).unwrap_or(0)
}

fn evenness(counters: &Counters, first: u16, last: u16) -> u64 {
    let mut inner: Vec<u64> = counters
        .days
        .iter()
        .filter(|(day, _)| **day > first && **day < last)
        .map(|(_, count)| *count)
        .collect();
    inner.sort_unstable();
    let at = |tenths: usize| inner.get(inner.len() * tenths / 10).copied().unwrap_or(0);
    permille(at(1), at(9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_large_commit_makes_no_grid() {
        let spread: BTreeSet<i64> = (0..200).map(|moment| moment * 3_607).collect();
        assert!(!on_grid(&spread));
        assert!(on_grid(
            &(0..200).map(|slot| slot * 300 + slot % 4).collect()
        ));
        assert!(
            !on_grid(&(0..20).map(|slot| slot * 300).collect()),
            "too few moments"
        );
    }

    #[test]
    fn a_single_hour_is_full_rhythm_and_a_flat_day_none() {
        let mut hours = [0_u64; 24];
        hours[7] = 500;
        assert!(rhythm(&hours, 500) >= 999);
        assert_eq!(rhythm(&[20; 24], 480), 0);
    }
}
