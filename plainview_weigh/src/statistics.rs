//! Detection power and "at most" bounds (METHOD 4): what a review that looked at some units, and found
//! little or nothing, can say about all of them.
//!
//! This is the only module of the crate with floating point. It uses `+ - * /` and comparisons on f64 and
//! nothing else (no `ln`, `exp`, `pow`, no fused multiply-add), in a fixed order, so that every platform
//! gives the same bits. It refuses normal approximations: at zero hits, the case that matters, they are
//! wrong. Nothing here is a probability that a claim is true.
//!
//! Letters are those of METHOD and of the papers behind it: N units, n of them examined, D positives
//! among the N, x verified hits, `se` the sensitivity of the test per unit, `alpha` one minus the
//! confidence. Counts may go up to 2^53. Impossible counts are clamped (more examined than there are,
//! more positives than units; METHOD 18).

// The one exception of the crate: see above. Counts stay below 2^53, where the casts are exact.
#![allow(
    clippy::float_arithmetic,
    clippy::float_cmp,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]

mod bounds;
mod distribution;
mod print;
mod strata;
mod volume;

pub use bounds::{
    alpha_each, cp_lower, cp_upper, hyper_lower, hyper_upper, min_n, ub_general, ub_zero,
};
pub use distribution::{
    Pmf, binomial_cdf, binomial_pmf, detect_cdf, hyper_cdf, hyper_pmf, power, q_nodetect,
};
pub use print::{parse_share, round_down6, round_up6};
pub use strata::{Allocation, adversarial, joint_upper, proportional, q_allocated, strata_upper};
pub use volume::{Alpha, ModifiedZ, Spread, expected_silences, silence_flagged, spread};

/// A group of units of which some were examined, drawn at random without replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stratum {
    /// N: how many units there are.
    pub units: u64,
    /// n: how many were examined. An unreviewed stratum has none.
    pub examined: u64,
}

impl Stratum {
    /// N units, n of them examined.
    pub fn new(units: u64, examined: u64) -> Self {
        Self { units, examined }
    }

    /// N and n, with n no larger than N.
    fn counts(self) -> (u64, u64) {
        (self.units, self.examined.min(self.units))
    }
}
