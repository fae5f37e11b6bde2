//! Binomial and hypergeometric probabilities by ratio recurrence outward from the mode (METHOD 4.1), and
//! the chance of finding nothing (METHOD 4.4).

use super::Stratum;

/// Probabilities of consecutive outcomes. Outcomes outside have probability 0, or one too small for f64.
#[derive(Debug, Clone, PartialEq)]
pub struct Pmf {
    /// The smallest possible outcome.
    pub least: u64,
    /// The outcome of the first of [`Self::terms`].
    pub first: u64,
    /// Normalised probabilities of `first`, `first + 1`, ...
    pub terms: Vec<f64>,
}

impl Pmf {
    /// From the terms below the mode (nearest first) and above it, the mode having weight 1.
    fn normalised(least: u64, mode: u64, mut below: Vec<f64>, above: Vec<f64>) -> Self {
        let first = mode - below.len() as u64;
        below.reverse();
        let mut terms = below;
        terms.push(1.0);
        terms.extend(above);
        let sum = sum_in_order(&terms);
        for term in &mut terms {
            *term /= sum;
        }
        Self {
            least,
            first,
            terms,
        }
    }

    /// P(X <= x), summed upwards.
    fn up_to(&self, x: u64) -> f64 {
        let wanted = (x + 1).saturating_sub(self.first);
        let wanted = usize::try_from(wanted)
            .unwrap_or(usize::MAX)
            .min(self.terms.len());
        sum_in_order(&self.terms[..wanted])
    }
}

/// Index-ascending, starting from 0.0: the order is part of the definition.
fn sum_in_order(terms: &[f64]) -> f64 {
    let mut sum = 0.0;
    for term in terms {
        sum += term;
    }
    sum
}

/// The terms on one side of the mode: each step takes the last term to the next, until the steps end or
/// a term is too small to represent.
fn outward(steps: impl Iterator<Item = u64>, next: impl Fn(f64, u64) -> f64) -> Vec<f64> {
    let mut term = 1.0;
    let mut terms = Vec::new();
    for k in steps {
        term = next(term, k);
        if term == 0.0 {
            break;
        }
        terms.push(term);
    }
    terms
}

/// P(X = k) for n trials with success probability `p`.
pub fn binomial_pmf(n: u64, p: f64) -> Pmf {
    let certain = |outcome| Pmf {
        least: 0,
        first: outcome,
        terms: vec![1.0],
    };
    if p <= 0.0 {
        return certain(0);
    }
    if p >= 1.0 {
        return certain(n);
    }
    let mode = (((n + 1) as f64 * p) as u64).min(n);
    let odds = p / (1.0 - p);
    let above = outward(mode..n, |t, k| t * ((n - k) as f64 / (k + 1) as f64) * odds);
    let below = outward((1..=mode).rev(), |t, k| {
        t * (k as f64 / (n - k + 1) as f64) / odds
    });
    Pmf::normalised(0, mode, below, above)
}

/// P(X <= x) for n trials with success probability `p`.
pub fn binomial_cdf(x: u64, n: u64, p: f64) -> f64 {
    if x >= n {
        return 1.0;
    }
    binomial_pmf(n, p).up_to(x)
}

/// P(X = k) positives among the units examined, when the stratum holds `positives` of them.
pub fn hyper_pmf(stratum: Stratum, positives: u64) -> Pmf {
    let (all, n) = stratum.counts();
    let d = positives.min(all);
    let least = (n + d).saturating_sub(all);
    let most = n.min(d);
    let mode = (u128::from(n) + 1) * (u128::from(d) + 1) / (u128::from(all) + 2);
    let mode = (mode as u64).clamp(least, most);
    // N - D - n + k never goes below zero for k >= least.
    let rest = |k: u64| all - d + k - n;
    let above = outward(mode..most, |t, k| {
        t * ((d - k) as f64 / (k + 1) as f64) * ((n - k) as f64 / (rest(k) + 1) as f64)
    });
    let below = outward((least + 1..=mode).rev(), |t, k| {
        t * (k as f64 / (d - k + 1) as f64) * (rest(k) as f64 / (n - k + 1) as f64)
    });
    Pmf::normalised(least, mode, below, above)
}

/// P(X <= x) positives among the units examined.
pub fn hyper_cdf(x: u64, stratum: Stratum, positives: u64) -> f64 {
    hyper_pmf(stratum, positives).up_to(x)
}

/// P(no detection): `positives` among the N units, n examined, each positive seen with probability `se`,
/// no false hits because every hit is verified (METHOD 4.4; Cameron and Baldock 1998).
pub fn q_nodetect(stratum: Stratum, positives: u64, se: f64) -> f64 {
    let pmf = hyper_pmf(stratum, positives);
    let miss = 1.0 - se;
    let mut all_missed = 1.0;
    for _ in 0..pmf.first {
        all_missed *= miss;
        if all_missed == 0.0 {
            break;
        }
    }
    let mut sum = 0.0;
    for term in &pmf.terms {
        sum += term * all_missed;
        all_missed *= miss;
    }
    sum
}

/// The chance of at least one detection: 1 - q. Zero when nothing was examined.
pub fn power(stratum: Stratum, positives: u64, se: f64) -> f64 {
    1.0 - q_nodetect(stratum, positives, se)
}

/// P(at most x detections): of y positives drawn, each is seen with probability `se`.
pub fn detect_cdf(x: u64, stratum: Stratum, positives: u64, se: f64) -> f64 {
    let pmf = hyper_pmf(stratum, positives);
    let mut sum = 0.0;
    for (drawn, term) in (pmf.first..).zip(&pmf.terms) {
        sum += term * binomial_cdf(x, drawn, se);
    }
    sum
}
