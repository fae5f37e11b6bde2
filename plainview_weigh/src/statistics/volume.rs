//! How unusual a count or a silence is (METHOD 5.1). Both are leads: they say where to look, and no gate
//! ever reads them.
//!
//! The modified z-score is a ratio of integers here, so whether it is flagged is decided exactly. The
//! chance of a silence is a float made with `+ - * /` alone.

/// Median and median absolute deviation of counts, exact: the median in halves, the deviation in quarters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// Twice the median.
    pub median_halves: i128,
    /// Four times the median absolute deviation.
    pub mad_quarters: i128,
}

/// Modified z-score `0.6745 (x - median) / MAD` as an exact ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModifiedZ {
    /// Numerator.
    pub num: i128,
    /// Denominator, above zero.
    pub den: i128,
}

/// Sum of the two middle values: twice the median.
fn middle_twice(sorted: &[i128]) -> i128 {
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => 0,
        len if len % 2 == 1 => 2 * sorted[half],
        _ => sorted[half - 1] + sorted[half],
    }
}

/// Median and spread of `counts`; none when there are none.
#[must_use]
pub fn spread(counts: &[u64]) -> Option<Spread> {
    if counts.is_empty() {
        return None;
    }
    let mut sorted: Vec<i128> = counts.iter().map(|count| i128::from(*count)).collect();
    sorted.sort_unstable();
    let median_halves = middle_twice(&sorted);
    let mut away: Vec<i128> = sorted
        .iter()
        .map(|x| (2 * x - median_halves).abs())
        .collect();
    away.sort_unstable();
    Some(Spread {
        median_halves,
        mad_quarters: middle_twice(&away),
    })
}

impl Spread {
    /// The score of `count`; none when half of the counts or more are equal, because then the spread is
    /// zero and every other count would be infinitely odd.
    #[must_use]
    pub fn modified_z(self, count: u64) -> Option<ModifiedZ> {
        (self.mad_quarters > 0).then(|| ModifiedZ {
            // 0.6745 * ((2x - 2med) / 2) / (4 MAD / 4)
            num: 6745 * 2 * (2 * i128::from(count) - self.median_halves),
            den: 10_000 * self.mad_quarters,
        })
    }
}

impl ModifiedZ {
    /// Whether it lies beyond 3.5 on either side.
    #[must_use]
    pub fn flagged(self) -> bool {
        2 * self.num.abs() > 7 * self.den
    }

    /// In ten-thousandths, towards zero.
    #[must_use]
    pub fn ten_thousandths(self) -> i128 {
        10_000 * self.num / self.den
    }
}

/// `exp(-x)` for `x >= 0`, by halving `x` into the reach of its series and squaring back.
fn exp_minus(x: f64) -> f64 {
    let mut small = x;
    let mut halvings = 0_u32;
    while small > 0.5 {
        small /= 2.0;
        halvings += 1;
    }
    let (mut term, mut sum) = (1.0_f64, 1.0_f64);
    let mut n = 1.0_f64;
    while n < 24.0 {
        term *= -small / n;
        sum += term;
        n += 1.0;
    }
    for _ in 0..halvings {
        sum *= sum;
    }
    sum
}

/// How many silences of `silence` time units are to be expected by chance among `windows` when `events`
/// fall evenly on `span` units: `windows * exp(-events / span * silence)`.
#[must_use]
pub fn expected_silences(events: u64, span: u64, silence: u64, windows: u64) -> f64 {
    if span == 0 {
        return windows as f64;
    }
    windows as f64 * exp_minus(events as f64 * silence as f64 / span as f64)
}

/// An error probability, so that no float leaves this module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alpha(f64);

impl Alpha {
    /// Reads a registered share; what is none flags nothing.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(super::parse_share(text).unwrap_or(0.0))
    }
}

/// Whether a silence is too long for chance: fewer than `alpha` of them are to be expected.
#[must_use]
pub fn silence_flagged(events: u64, span: u64, silence: u64, windows: u64, alpha: Alpha) -> bool {
    expected_silences(events, span, silence, windows) < alpha.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// G-C3: median 100.5, MAD 2.5, z(12) = -23.8773 flagged, z(105) = 1.2141 not.
    #[test]
    fn golden_c3() {
        let counts = [102, 98, 105, 97, 101, 99, 103, 100, 12, 104];
        let spread = spread(&counts).unwrap();
        assert_eq!((spread.median_halves, spread.mad_quarters), (201, 10));
        let low = spread.modified_z(12).unwrap();
        assert!(low.flagged());
        assert_eq!(low.ten_thousandths(), -238_773);
        let high = spread.modified_z(105).unwrap();
        assert!(!high.flagged());
        assert_eq!(high.ten_thousandths(), 12_141);
    }

    /// G-C4: 20 an hour, half an hour of silence: 4.54e-5; times 744 windows 0.0338.
    #[test]
    fn golden_c4() {
        // In half hours: 10 events per unit, a silence of one unit.
        let one = expected_silences(10, 1, 1, 1);
        assert!((one - 4.539_992_976_248_485e-5).abs() < 1e-18, "{one}");
        let all = expected_silences(10, 1, 1, 744);
        assert!((all - 0.033_777_547_743).abs() < 1e-9, "{all}");
        assert!(silence_flagged(10, 1, 1, 744, Alpha::parse("0.05")));
        assert!(!silence_flagged(10, 1, 1, 744, Alpha::parse("0.01")));
    }

    #[test]
    fn the_series_holds_at_its_ends() {
        assert!((exp_minus(0.0) - 1.0).abs() < f64::EPSILON);
        assert!((exp_minus(1.0) - 0.367_879_441_171_442_3).abs() < 1e-15);
        assert!(exp_minus(10_000.0).abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn no_spread_flags_nothing() {
        let spread = spread(&[5, 5, 5, 5, 900]).unwrap();
        assert_eq!(spread.modified_z(900), None);
        assert_eq!(super::spread(&[]), None);
    }
}
