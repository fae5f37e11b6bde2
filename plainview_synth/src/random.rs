//! A small seeded generator and the few distributions the records need, in integers only.
//!
//! xoshiro256** seeded by splitmix64 (Blackman and Vigna). It is not for secrets. Floating
//! point is refused: a lognormal size must be the same number on every processor, so the
//! exponential is a fixed-point series.

use std::fmt::Write as _;

/// One, in the fixed-point form used here: 32 fractional bits.
const ONE: i128 = 1 << 32;
/// The natural logarithm of two with 32 fractional bits.
const LN_2: i128 = 2_977_044_472;

/// The generator. Each part of a fictional case draws from its own stream, so that changing
/// one part leaves the bytes of the others alone.
#[derive(Debug, Clone)]
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// The stream called `label` of a seed.
    pub fn new(seed: u64, label: &str) -> Self {
        // FNV-1a over the label moves each stream to its own place in splitmix64's sequence.
        let hash = label.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut counter = seed ^ hash;
        let mut next = || splitmix64(&mut counter);
        Self {
            state: [next(), next(), next(), next()],
        }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number below `bound`, every one equally likely; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        // Values in the last, incomplete run of `bound` are drawn again.
        let limit = u64::MAX - u64::MAX % bound;
        loop {
            let value = self.next_u64();
            if value < limit {
                return value % bound;
            }
        }
    }

    /// One of the items; they must not be empty.
    ///
    /// # Panics
    /// When `items` is empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }

    /// An index below `len`.
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// An index drawn with the given integer weights.
    pub fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        0
    }

    /// A lognormal number: `median` times the exponential of a normal deviate with standard
    /// deviation `sigma_milli` / 1000.
    pub fn lognormal(&mut self, median: u64, sigma_milli: u64) -> u64 {
        let exponent = self.normal() * i128::from(sigma_milli) / 1_000;
        u64::try_from(i128::from(median) * exp(exponent) / ONE).unwrap_or(u64::MAX)
    }

    /// `digits` lower-case hexadecimal characters.
    pub fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits + 16);
        while text.len() < digits {
            // Writing to a String cannot fail.
            let _ = write!(text, "{:016x}", self.next_u64());
        }
        text.truncate(digits);
        text
    }

    /// A standard normal deviate with 32 fractional bits: the sum of twelve uniforms less six,
    /// which has variance one and never leaves six deviations.
    fn normal(&mut self) -> i128 {
        let sum: i128 = (0..12).map(|_| i128::from(self.next_u64() >> 32)).sum();
        sum - 6 * ONE
    }
}

/// The next value of splitmix64, also used as a mixing function.
pub fn splitmix64(counter: &mut u64) -> u64 {
    *counter = counter.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *counter;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The exponential of a fixed-point number, for exponents within about ±20.
fn exp(x: i128) -> i128 {
    let halvings = x.div_euclid(LN_2);
    let rest = x.rem_euclid(LN_2);
    let mut term = ONE;
    let mut sum = ONE;
    for n in 1..=14 {
        term = term * rest / ONE / n;
        sum += term;
    }
    if halvings >= 0 {
        sum << halvings.min(60)
    } else {
        sum >> (-halvings).min(60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix64_gives_the_published_sequence() {
        // First outputs for seed 1234567, as in the reference C code's published test.
        let mut counter = 1_234_567;
        assert_eq!(splitmix64(&mut counter), 6_457_827_717_110_365_317);
        assert_eq!(splitmix64(&mut counter), 3_203_168_211_198_807_973);
    }

    #[test]
    fn streams_differ_and_repeat() {
        let first = Rng::new(1, "a").next_u64();
        assert_eq!(first, Rng::new(1, "a").next_u64());
        assert_ne!(first, Rng::new(1, "b").next_u64());
        assert_ne!(first, Rng::new(2, "a").next_u64());
    }

    #[test]
    fn the_exponential_is_right_to_seven_digits() {
        // e = 2.718281828..., 1/e = 0.367879441..., e^3 = 20.085536923...
        let scaled = |x: i128| exp(x) * 10_000_000 / ONE;
        assert_eq!(scaled(ONE), 27_182_818);
        assert_eq!(scaled(-ONE), 3_678_794);
        assert_eq!(scaled(3 * ONE), 200_855_369);
    }

    #[test]
    fn lognormal_has_its_median_and_its_spread() {
        let mut rng = Rng::new(7, "sizes");
        let mut draws: Vec<u64> = (0..20_001)
            .map(|_| rng.lognormal(1_000_000, 1_000))
            .collect();
        draws.sort_unstable();
        let (median, upper) = (draws[10_000], draws[16_828]);
        assert!((970_000..1_030_000).contains(&median), "{median}");
        // One deviation above the median lies e = 2.718 times higher.
        assert!((2_600_000..2_850_000).contains(&upper), "{upper}");
    }

    #[test]
    fn weights_are_respected() {
        let mut rng = Rng::new(3, "weights");
        let mut seen = [0_u32; 3];
        for _ in 0..4_000 {
            seen[rng.weighted(&[1, 0, 3])] += 1;
        }
        assert_eq!(seen[1], 0);
        assert!((850..1_150).contains(&seen[0]), "{seen:?}");
    }
}
