//! Size against duration: the bit rate that keys or lags reveal (PROFILE section 0, signal a), in integers. It works on
//! the sample of a collection and refuses statements about single objects.

use super::Row;
use crate::profile::{DurationProfile, DurationSource};

/// Pairs a rate is read from, at least and at most (pairwise slopes are quadratic).
const PAIRS_MIN: usize = 50;
const PAIRS_MAX: usize = 256;

/// Clock offsets between key and arrival are whole quarter hours.
const QUARTER_MS: i64 = 900_000;
const HOUR_MS: i64 = 3_600_000;

/// The rate by the time in the key, else by the lag between creation and modification.
pub(crate) fn of(rows: &[Row]) -> Option<DurationProfile> {
    let by_key: Vec<(i64, i64)> = rows
        .iter()
        .filter_map(|row| pair(row.modified_ms?.checked_sub(row.key_time_ms?)?, row.size?))
        .collect();
    if by_key.len() * 2 >= rows.len()
        && let Some(profile) = rate(without_offset(by_key), DurationSource::KeyTime)
    {
        return Some(profile);
    }
    let by_lag: Vec<(i64, i64)> = rows
        .iter()
        .filter_map(|row| pair(row.modified_ms?.checked_sub(row.created_ms?)?, row.size?))
        .filter(|(lag, _)| *lag > 2_000)
        .collect();
    if by_lag.len() * 5 >= rows.len() * 4 {
        rate(by_lag, DurationSource::Lag)
    } else {
        None
    }
}

fn pair(duration_ms: i64, size: u64) -> Option<(i64, i64)> {
    i64::try_from(size)
        .ok()
        .filter(|size| *size > 0)
        .map(|size| (duration_ms, size))
}

/// Removes the offset of the key's clock (time zone), and an hour where part of the rows is off by daylight saving.
fn without_offset(mut pairs: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    let mut durations: Vec<i64> = pairs.iter().map(|pair| pair.0).collect();
    durations.sort_unstable();
    let Some(low) = durations.get(durations.len() / 10).copied() else {
        return pairs;
    };
    // A minute of clock error does not make a quarter of an hour.
    let base = (low.saturating_add(60_000))
        .div_euclid(QUARTER_MS)
        .saturating_mul(QUARTER_MS);
    for pair in &mut pairs {
        pair.0 = pair.0.saturating_sub(base);
    }
    let late = pairs.iter().filter(|pair| pair.0 >= HOUR_MS).count();
    if late * 5 >= pairs.len() {
        for pair in pairs.iter_mut().filter(|pair| pair.0 >= HOUR_MS) {
            pair.0 -= HOUR_MS;
        }
    }
    pairs.retain(|pair| (-120_000..=6 * HOUR_MS).contains(&pair.0));
    pairs
}

fn rate(mut pairs: Vec<(i64, i64)>, source: DurationSource) -> Option<DurationProfile> {
    pairs.truncate(PAIRS_MAX);
    if pairs.len() < PAIRS_MIN {
        return None;
    }
    let (mut concordant, mut discordant, mut all) = (0_i64, 0_i64, 0_i64);
    let mut slopes: Vec<i64> = Vec::new();
    for (at, left) in pairs.iter().enumerate() {
        for right in &pairs[at + 1..] {
            let (span, growth) = (right.0 - left.0, right.1 - left.1);
            all += 1;
            match i128::from(span) * i128::from(growth) {
                1.. => concordant += 1,
                ..=-1 => discordant += 1,
                0 => {}
            }
            if span.abs() >= 5_000 {
                let slope = i128::from(growth) * 1_000 / i128::from(span);
                slopes.push(i64::try_from(slope).unwrap_or(0));
            }
        }
    }
    slopes.sort_unstable();
    let enough = i64::try_from(slopes.len()).unwrap_or(i64::MAX) * 5 >= all;
    let mut durations: Vec<i64> = pairs.iter().map(|pair| pair.0 / 1_000).collect();
    durations.sort_unstable();
    let at = |tenths: usize| durations[durations.len() * tenths / 10];
    Some(DurationProfile {
        source,
        sampled: u64::try_from(pairs.len()).unwrap_or(u64::MAX),
        rank_correlation_milli: (concordant - discordant) * 1_000 / all.max(1),
        bytes_per_second: if enough { slopes[slopes.len() / 2] } else { 0 },
        seconds_p10: at(1),
        seconds_p50: at(5),
        seconds_p90: at(9),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(offset_ms: impl Fn(i64) -> i64) -> Vec<(i64, i64)> {
        (0..200)
            .map(|call| {
                (
                    call * 3_000 + 4_000 + offset_ms(call),
                    1_000 + call * 3 * 1_650,
                )
            })
            .collect()
    }

    #[test]
    fn the_rate_survives_time_zones_and_daylight_saving() {
        for offset in [0, 2 * HOUR_MS, -5 * HOUR_MS, 19_800_000] {
            let pairs = without_offset(calls(|call| {
                offset + if call % 2 == 0 { HOUR_MS } else { 0 }
            }));
            let profile = rate(pairs, DurationSource::KeyTime);
            assert_eq!(
                profile.map(|profile| profile.bytes_per_second),
                Some(1_650),
                "offset {offset}"
            );
        }
    }

    #[test]
    fn constant_segments_have_no_rate() {
        let pairs = (0..200)
            .map(|segment| {
                (
                    60_000 + segment % 3 * 100,
                    4_000_000 + segment * 977 % 90_000,
                )
            })
            .collect();
        let profile = rate(pairs, DurationSource::KeyTime);
        assert_eq!(
            profile.map(|profile| (profile.bytes_per_second, profile.seconds_p90)),
            Some((0, 60))
        );
    }

    #[test]
    fn few_pairs_give_none() {
        assert!(
            rate(
                calls(|_| 0).into_iter().take(49).collect(),
                DurationSource::Lag
            )
            .is_none()
        );
    }
}
