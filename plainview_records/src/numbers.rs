//! Numbers as records write them: exact decimals and whole counts. No floats.

use crate::tables::DECIMAL_SCALE;

/// Largest magnitude of a 38-digit decimal.
const DECIMAL_MAX: i128 = 99_999_999_999_999_999_999_999_999_999_999_999_999;

/// A decimal read from text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    /// The value times 10^12.
    pub(crate) scaled: i128,
    /// Whether the text had no digits beyond the twelfth after the point; else it was rounded half to even.
    pub(crate) exact: bool,
}

/// Reads `[+-]digits[.digits][e[+-]digits]`. `None` when it is not that, or too large for 38 digits.
pub(crate) fn parse_decimal(text: &str) -> Option<Decimal> {
    let (negative, text) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        None => (text, 0),
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + fraction.len() == 0 || exponent.abs() > 100 {
        return None;
    }
    // Digit number `i` (from the left) has the weight 10^(point - 1 - i); keep those down to 10^-12.
    let point = i64::try_from(whole.len()).ok()? + i64::from(exponent);
    let keep = point + i64::from(DECIMAL_SCALE);
    let mut scaled = 0_i128;
    let mut dropped = Dropped::default();
    let mut position = 0_i64;
    for byte in whole.bytes().chain(fraction.bytes()) {
        if !byte.is_ascii_digit() {
            return None;
        }
        let digit = byte - b'0';
        if position < keep {
            scaled = scaled.checked_mul(10)?.checked_add(i128::from(digit))?;
        } else {
            dropped.add(digit, position == keep);
        }
        position += 1;
    }
    while position < keep && scaled != 0 {
        scaled = scaled.checked_mul(10)?;
        position += 1;
    }
    if dropped.rounds_up(scaled) {
        scaled += 1;
    }
    if scaled > DECIMAL_MAX {
        return None;
    }
    Some(Decimal {
        scaled: if negative { -scaled } else { scaled },
        exact: !dropped.any,
    })
}

/// The digits beyond the scale, as far as rounding needs them.
#[derive(Default)]
struct Dropped {
    first: u8,
    rest: bool,
    any: bool,
}

impl Dropped {
    fn add(&mut self, digit: u8, is_first: bool) {
        if is_first {
            self.first = digit;
        } else {
            self.rest |= digit != 0;
        }
        self.any |= digit != 0;
    }

    fn rounds_up(&self, kept: i128) -> bool {
        self.first > 5 || (self.first == 5 && (self.rest || kept % 2 != 0))
    }
}

/// Reads a non-negative whole number of ASCII digits.
#[inline]
pub(crate) fn parse_count(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 19 {
        return None;
    }
    let mut value = 0_i64;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(i64::from(digit))?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn decimals_are_exact_to_twelve_places_and_then_rounded_half_to_even() {
        let cases = [
            ("0", 0, true),
            ("-1.5", -1_500_000_000_000, true),
            ("+2", 2_000_000_000_000, true),
            (".25", 250_000_000_000, true),
            ("1.", 1_000_000_000_000, true),
            ("1e-3", 1_000_000_000, true),
            ("1.5E2", 150_000_000_000_000, true),
            ("0.0000000000005", 0, false),
            ("0.0000000000015", 2, false),
            ("0.00000000000051", 1, false),
            ("0.0000000000010", 1, true),
            (
                "12345678901234567890123456",
                12_345_678_901_234_567_890_123_456_000_000_000_000,
                true,
            ),
            ("0e90", 0, true),
        ];
        for (text, scaled, exact) in cases {
            assert_eq!(
                parse_decimal(text),
                Some(Decimal { scaled, exact }),
                "{text}"
            );
        }
        for bad in [
            "",
            "-",
            ".",
            "1,5",
            "0x10",
            "1e",
            "e5",
            "NaN",
            "1.2.3",
            " 1",
            "123456789012345678901234567",
            "1e999",
        ] {
            assert_eq!(parse_decimal(bad), None, "{bad}");
        }
    }

    #[test]
    fn counts_are_whole_and_bounded() {
        assert_eq!(parse_count(b"0"), Some(0));
        assert_eq!(parse_count(b"9223372036854775807"), Some(i64::MAX));
        for bad in [
            &b""[..],
            b"9223372036854775808",
            b"-1",
            b"1.0",
            b" 1",
            b"12345678901234567890",
        ] {
            assert_eq!(parse_count(bad), None);
        }
    }
}
