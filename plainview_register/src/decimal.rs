//! A decimal number kept as text, so that no float ever touches a registered value.
//!
//! It refuses exponents, thousands marks, more than 30 digits and anything that is not a plain number.

use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;

/// Most digits a registered number may have; leaves room to compare two of them in an `i128`.
const DIGITS_MAX: usize = 30;

/// A decimal in its one canonical spelling: no plus sign, no needless zeros, no exponent.
///
/// `0.050`, `+0.05` and `0.05` are the same value and the same text, so they give the same register hash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal(String);

impl Decimal {
    /// Reads a plain decimal such as `12`, `-3.50` or `0.05`; `None` when it is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(whole) || !plain(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        if whole.len() + fraction.len() > DIGITS_MAX {
            return None;
        }
        let whole = if whole.is_empty() { "0" } else { whole };
        let zero = whole == "0" && fraction.is_empty();
        let sign = if negative && !zero { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        Some(Self(format!("{sign}{whole}{point}{fraction}")))
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value as `(unscaled, scale)`: the number is `unscaled / 10^scale`.
    pub fn scaled(&self) -> (i128, u32) {
        let scale = self
            .0
            .split_once('.')
            .map_or(0, |(_, fraction)| fraction.len());
        let digits: String = self.0.chars().filter(|c| *c != '.').collect();
        // At most 30 digits and 30 decimals by construction, so neither conversion can fail.
        (
            digits.parse().unwrap_or(0),
            u32::try_from(scale).unwrap_or(0),
        )
    }

    /// Whether the value is below zero.
    pub fn is_negative(&self) -> bool {
        self.0.starts_with('-')
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp_to(&other.parts())
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Sign, whole part and fraction as text; comparing text avoids any overflow between distant scales.
struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl Parts<'_> {
    fn cmp_to(&self, other: &Parts<'_>) -> Ordering {
        let magnitude = || {
            (self.whole.len(), self.whole, self.fraction).cmp(&(
                other.whole.len(),
                other.whole,
                other.fraction,
            ))
        };
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => magnitude(),
            (true, true) => magnitude().reverse(),
        }
    }
}

impl Decimal {
    fn parts(&self) -> Parts<'_> {
        let negative = self.is_negative();
        let digits = if negative { &self.0[1..] } else { &self.0 };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        Parts {
            negative,
            whole,
            fraction,
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Decimal;

    fn text(input: &str) -> Option<String> {
        Decimal::parse(input).map(|decimal| decimal.as_str().to_owned())
    }

    #[test]
    fn one_value_has_one_spelling() {
        for same in ["0.05", "0.050", "+0.05", "00.0500"] {
            assert_eq!(text(same).as_deref(), Some("0.05"), "{same}");
        }
        assert_eq!(text("-0.0").as_deref(), Some("0"));
        assert_eq!(text("007").as_deref(), Some("7"));
    }

    #[test]
    fn what_is_not_a_plain_number_is_refused() {
        for bad in [
            "", "-", ".", ".5", "5.", "1e3", "1,000", "0x10", "nan", "1 2", "١٢", "1.2.3",
        ] {
            assert_eq!(text(bad), None, "{bad}");
        }
        assert_eq!(text(&"9".repeat(31)), None);
    }

    #[test]
    fn order_is_that_of_the_numbers() {
        let sorted = [
            "-10", "-9.5", "-0.1", "0", "0.05", "0.5", "1", "2", "10", "10.01",
        ];
        for pair in sorted.windows(2) {
            assert!(
                Decimal::parse(pair[0]).unwrap() < Decimal::parse(pair[1]).unwrap(),
                "{pair:?}"
            );
        }
    }

    #[test]
    fn scaled_gives_the_digits_and_the_decimals() {
        assert_eq!(Decimal::parse("-3.50").unwrap().scaled(), (-35, 1));
        assert_eq!(Decimal::parse("52900").unwrap().scaled(), (52900, 0));
    }
}
