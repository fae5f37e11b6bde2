//! Several strata at once: where positives would sit if they were spread evenly, and where they would
//! sit if someone hid them where the review looked least (METHOD 4.4).

use super::Stratum;
use super::bounds::{alpha_each, hyper_upper};
use super::distribution::q_nodetect;

/// A number of positives laid out over strata.
#[derive(Debug, Clone, PartialEq)]
pub struct Allocation {
    /// Positives in each stratum.
    pub positives: Vec<u64>,
    /// The chance that none is found.
    pub q: f64,
}

impl Allocation {
    /// The chance that at least one is found.
    pub fn power(&self) -> f64 {
        1.0 - self.q
    }

    /// Positives in all strata together.
    pub fn total(&self) -> u64 {
        self.positives.iter().sum()
    }
}

/// Lays out positives one by one where they are least likely to be found. The chance of finding nothing is
/// log-concave in each stratum, so the greedy choice is exact; ties go to the lower index.
struct Hiding<'s> {
    strata: &'s [Stratum],
    se: f64,
    positives: Vec<u64>,
    /// q of each stratum as laid out.
    q: Vec<f64>,
    /// q of each stratum with one more, or `None` when it is full.
    q_next: Vec<Option<f64>>,
}

impl<'s> Hiding<'s> {
    fn new(strata: &'s [Stratum], se: f64) -> Self {
        let mut hiding = Self {
            strata,
            se,
            positives: vec![0; strata.len()],
            q: vec![1.0; strata.len()],
            q_next: vec![None; strata.len()],
        };
        for at in 0..strata.len() {
            hiding.look_ahead(at);
        }
        hiding
    }

    fn look_ahead(&mut self, at: usize) {
        let (stratum, one_more) = (self.strata[at], self.positives[at] + 1);
        self.q_next[at] =
            (one_more <= stratum.units).then(|| q_nodetect(stratum, one_more, self.se));
    }

    /// The stratum that takes the next positive, and its q then; `None` when all are full.
    fn next(&self) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        let mut best_ratio = -1.0;
        for (at, q_next) in self.q_next.iter().enumerate() {
            let Some(q_next) = *q_next else { continue };
            let ratio = if self.q[at] == 0.0 {
                0.0
            } else {
                q_next / self.q[at]
            };
            if ratio > best_ratio {
                best_ratio = ratio;
                best = Some((at, q_next));
            }
        }
        best
    }

    fn place(&mut self, at: usize, q: f64) {
        self.positives[at] += 1;
        self.q[at] = q;
        self.look_ahead(at);
    }

    fn finish(self) -> Allocation {
        let mut q = 1.0;
        for stratum in &self.q {
            q *= stratum;
        }
        Allocation {
            positives: self.positives,
            q,
        }
    }
}

/// The worst case for a review: `positives` laid out so that finding none is likeliest. Positives beyond
/// the number of units are left out.
pub fn adversarial(strata: &[Stratum], positives: u64, se: f64) -> Allocation {
    let mut hiding = Hiding::new(strata, se);
    for _ in 0..positives {
        let Some((at, q)) = hiding.next() else { break };
        hiding.place(at, q);
    }
    hiding.finish()
}

/// `positives` spread in proportion to the strata by largest remainder, ties to the lower index. All
/// integers: a remainder never depends on rounding.
pub fn proportional(strata: &[Stratum], positives: u64) -> Vec<u64> {
    let all: u128 = strata.iter().map(|stratum| u128::from(stratum.units)).sum();
    if all == 0 {
        return vec![0; strata.len()];
    }
    let positives = u128::from(positives).min(all);
    let share = |stratum: &Stratum| positives * u128::from(stratum.units);
    let mut shares: Vec<u64> = strata.iter().map(|s| (share(s) / all) as u64).collect();
    let mut order: Vec<usize> = (0..strata.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(share(&strata[at]) % all));
    let left = positives - shares.iter().map(|&share| u128::from(share)).sum::<u128>();
    for &at in order.iter().take(left as usize) {
        shares[at] += 1;
    }
    shares
}

/// The chance of finding nothing for a given layout: the product over the strata, in order.
pub fn q_allocated(strata: &[Stratum], positives: &[u64], se: f64) -> f64 {
    let mut q = 1.0;
    for (stratum, &positives) in strata.iter().zip(positives) {
        q *= q_nodetect(*stratum, positives, se);
    }
    q
}

/// The joint bound of a review without hits: the largest number of positives that, hidden as well as can
/// be, still goes unseen with a chance above `alpha`. Unreviewed units all count.
pub fn joint_upper(strata: &[Stratum], se: f64, alpha: f64) -> Allocation {
    let mut hiding = Hiding::new(strata, se);
    while let Some((best, q)) = hiding.next() {
        let mut product = q;
        for (at, q) in hiding.q.iter().enumerate() {
            if at != best {
                product *= q;
            }
        }
        if product <= alpha {
            break;
        }
        hiding.place(best, q);
    }
    hiding.finish()
}

/// The bound of a review with hits: for each stratum with its verified hits the upper bound at alpha over
/// the number of strata (Bonferroni). The bound over all is their sum.
pub fn strata_upper(strata: &[(Stratum, u64)], alpha: f64) -> Vec<u64> {
    let each = alpha_each(alpha, strata.len());
    let bound = |&(stratum, hits): &(Stratum, u64)| hyper_upper(hits, stratum, each);
    strata.iter().map(bound).collect()
}
