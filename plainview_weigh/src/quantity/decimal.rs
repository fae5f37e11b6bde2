//! Decimal text as an exact scaled integer. It refuses exponents, signs other than one leading
//! minus, thousands marks and anything beyond 38 digits: readers normalise locale before this.

use std::fmt;
use std::str::FromStr;

/// `(-1)^negative * digits / 10^scale`, with trailing zeros removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    digits: u128,
    scale: u32,
}

/// Why a text is not a decimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a plain decimal number of at most 38 digits")]
pub struct NotDecimal(String);

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self {
        negative: false,
        digits: 0,
        scale: 0,
    };

    /// One.
    pub const ONE: Self = Self {
        negative: false,
        digits: 1,
        scale: 0,
    };

    /// `digits / 10^scale`; a scale above 38 becomes zero.
    #[must_use]
    pub fn from_parts(digits: u128, scale: u32) -> Self {
        if scale > 38 {
            return Self::ZERO;
        }
        Self::new(false, digits, scale)
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.negative
    }

    /// Numerator without sign, and the power of ten under it.
    #[must_use]
    pub fn parts(self) -> (u128, u32) {
        (self.digits, self.scale)
    }

    /// `|self| * factor`, as `(floor, ceil)`; none beyond 2^128.
    #[must_use]
    pub fn times(self, factor: u128) -> Option<(u128, u128)> {
        let (mut digits, mut factor) = (self.digits, factor);
        let mut below = 10_u128.pow(self.scale);
        // Cancel before multiplying: real bills carry 12 decimals and petabytes at once.
        let shared = gcd(digits, below);
        (digits, below) = (digits / shared, below / shared);
        let shared = gcd(factor, below);
        (factor, below) = (factor / shared, below / shared);
        let product = digits.checked_mul(factor)?;
        Some((product / below, product.div_ceil(below)))
    }

    /// `self - other`, where both fit a common scale; none on overflow.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let raise = |d: Self| -> Option<i128> {
            let size = d
                .digits
                .checked_mul(10_u128.checked_pow(scale - d.scale)?)?;
            let size = i128::try_from(size).ok()?;
            Some(if d.negative { -size } else { size })
        };
        let difference = raise(self)?.checked_sub(raise(other)?)?;
        Some(Self::new(difference < 0, difference.unsigned_abs(), scale))
    }

    /// `self + other`; none on overflow.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.minus(Self {
            negative: !other.negative,
            ..other
        })
    }

    fn new(negative: bool, mut digits: u128, mut scale: u32) -> Self {
        while scale > 0 && digits.is_multiple_of(10) {
            digits /= 10;
            scale -= 1;
        }
        Self {
            negative: negative && digits > 0,
            digits,
            scale,
        }
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

impl FromStr for Decimal {
    type Err = NotDecimal;

    fn from_str(text: &str) -> Result<Self, NotDecimal> {
        let refuse = || NotDecimal(text.to_owned());
        let (negative, body) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, part) = body.split_once('.').unwrap_or((body, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(part) {
            return Err(refuse());
        }
        if body.ends_with('.') {
            return Err(refuse());
        }
        let part = part.trim_end_matches('0');
        let digits = format!("{whole}{part}");
        let significant = digits.trim_start_matches('0');
        if significant.len() > 38 || part.len() > 38 {
            return Err(refuse());
        }
        let digits = if significant.is_empty() {
            0
        } else {
            significant.parse().map_err(|_| refuse())?
        };
        let scale = u32::try_from(part.len()).map_err(|_| refuse())?;
        Ok(Self::new(negative, digits, scale))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        if self.scale == 0 {
            return write!(f, "{sign}{}", self.digits);
        }
        let below = 10_u128.pow(self.scale);
        write!(
            f,
            "{sign}{}.{:0width$}",
            self.digits / below,
            self.digits % below,
            width = self.scale as usize
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn exact_text_in_and_out() {
        for (text, out) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("52900.500000000000", "52900.5"),
            ("-3.25", "-3.25"),
            ("0.000000000001", "0.000000000001"),
        ] {
            assert_eq!(d(text).to_string(), out);
        }
    }

    #[test]
    fn refuses_what_a_reader_should_have_normalised() {
        for text in [
            "", ".", "1.", ".5", "1e3", "1,000", "+1", "--1", "NaN", " 1",
        ] {
            assert!(text.parse::<Decimal>().is_err(), "{text:?} was read");
        }
    }

    #[test]
    fn products_are_bracketed() {
        assert_eq!(d("0.1").times(3), Some((0, 1)));
        assert_eq!(d("0.5").times(4), Some((2, 2)));
        // An exabyte-month with twelve decimals still fits after cancelling.
        let month = (1_u128 << 30) * 744 * 3_600_000;
        assert!(d("1073741824.123456789012").times(month).is_some());
    }

    #[test]
    fn sums_and_differences() {
        assert_eq!(d("1.5").plus(d("-0.25")).unwrap().to_string(), "1.25");
        assert_eq!(d("1").minus(d("2.5")).unwrap().to_string(), "-1.5");
    }
}
