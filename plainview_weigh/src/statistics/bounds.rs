//! One-sided bounds by bisection (METHOD 4.2, 4.3) and the sample size that gives a power.

use super::Stratum;
use super::distribution::{binomial_cdf, detect_cdf, hyper_cdf, power, q_nodetect};

/// Clopper-Pearson upper bound on the share: `sup{ p : P(Bin(n,p) <= x) > alpha }`. For an unknown N, or
/// one above ten million. 1 when nothing was examined or everything hit.
pub fn cp_upper(x: u64, n: u64, alpha: f64) -> f64 {
    if n == 0 || x >= n {
        return 1.0;
    }
    let (mut low, mut high) = (x as f64 / n as f64, 1.0);
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return high;
        }
        if binomial_cdf(x, n, middle) > alpha {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// Clopper-Pearson lower bound on the share. For seeded positives, `cp_lower(found, seeded, alpha)` is
/// the sensitivity that may be used (METHOD 4.3): never found over seeded.
pub fn cp_lower(x: u64, n: u64, alpha: f64) -> f64 {
    if n == 0 || x == 0 {
        return 0.0;
    }
    1.0 - cp_upper(n.saturating_sub(x), n, alpha)
}

/// `D_U = max{ D : P(X <= x | N, D, n) > alpha }`: at most this many of the N units are positive. Selected
/// units that could not be examined count as hits here (METHOD 4.5).
pub fn hyper_upper(x: u64, stratum: Stratum, alpha: f64) -> u64 {
    let (all, n) = stratum.counts();
    let x = x.min(n);
    largest(x, all - (n - x), |d| hyper_cdf(x, stratum, d) > alpha)
}

/// `D_L = min{ D : P(X >= x | N, D, n) > alpha }`: at least this many of the N units are positive.
pub fn hyper_lower(x: u64, stratum: Stratum, alpha: f64) -> u64 {
    let (all, n) = stratum.counts();
    let x = x.min(n);
    if x == 0 {
        return 0;
    }
    smallest(x, all - (n - x), |d| {
        1.0 - hyper_cdf(x - 1, stratum, d) > alpha
    })
}

/// The largest D with P(no detection) > alpha, for a test of sensitivity `se` that found nothing.
pub fn ub_zero(stratum: Stratum, se: f64, alpha: f64) -> u64 {
    largest(0, stratum.units, |d| q_nodetect(stratum, d, se) > alpha)
}

/// The largest D with P(at most x detections) > alpha, for a test of sensitivity `se` that found x.
pub fn ub_general(x: u64, stratum: Stratum, se: f64, alpha: f64) -> u64 {
    let x = x.min(stratum.counts().1);
    largest(x, stratum.units, |d| detect_cdf(x, stratum, d, se) > alpha)
}

/// The smallest n of `units` with at least this chance of finding one of `positives`, or `None` when even
/// a census does not give it.
pub fn min_n(units: u64, positives: u64, se: f64, wanted: f64) -> Option<u64> {
    let enough = |n| power(Stratum::new(units, n), positives, se) >= wanted;
    let n = smallest(0, units, enough);
    enough(n).then_some(n)
}

/// The error each of several zero-hit claims may take when one sentence sums them up (METHOD 4.8), and
/// each of several strata when they have hits (METHOD 4.4). `alpha` itself for none or one.
pub fn alpha_each(alpha: f64, claims: usize) -> f64 {
    alpha / claims.max(1) as f64
}

/// The largest value in `low..=high` that `holds`, which holds for `low` and changes once.
fn largest(mut low: u64, mut high: u64, holds: impl Fn(u64) -> bool) -> u64 {
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if holds(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

/// The smallest value in `low..=high` that `holds`, or `high`; `holds` changes once.
fn smallest(mut low: u64, mut high: u64, holds: impl Fn(u64) -> bool) -> u64 {
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}
