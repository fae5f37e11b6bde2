//! Numbers as text: shares read exactly, bounds printed at six decimals and rounded outward (METHOD 4.1).

/// Bits of a f64 below its implicit leading one.
const FRACTION_BITS: u32 = 52;

/// Reads a share such as `0.05`: decimal digits with at most one point, between 0 and 1.
pub fn parse_share(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if text.len() > 40 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let share: f64 = text.parse().ok()?;
    (share <= 1.0).then_some(share)
}

/// The smallest number with six decimals that is not below `value`: how upper bounds are printed.
/// `undefined` for what is not a finite number.
pub fn round_up6(value: f64) -> String {
    print(value, value > 0.0)
}

/// The largest number with six decimals that is not above `value`: how lower bounds are printed.
/// `undefined` for what is not a finite number.
pub fn round_down6(value: f64) -> String {
    print(value, value < 0.0)
}

/// Prints the millionths of `value`, rounded towards or away from zero. Works on the bits of the number:
/// multiplying by a million in f64 could round the wrong way.
fn print(value: f64, away_from_zero: bool) -> String {
    if !value.is_finite() {
        return "undefined".to_owned();
    }
    let bits = value.abs().to_bits();
    let exponent = (bits >> FRACTION_BITS) as u32;
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let (mantissa, exponent) = match exponent {
        0 => (fraction, 1),
        exponent => (fraction | 1 << FRACTION_BITS, exponent),
    };
    // The value is mantissa times two to the power of exponent - 1075. From 2^53 on it is whole.
    let Some(shift) = (1023 + FRACTION_BITS).checked_sub(exponent) else {
        return format!("{value:.6}");
    };
    let scaled = u128::from(mantissa) * 1_000_000;
    let millionths = scaled.checked_shr(shift).unwrap_or(0);
    let exact = millionths.checked_shl(shift).unwrap_or(0) == scaled;
    let millionths = millionths + u128::from(away_from_zero && !exact);
    let sign = if value < 0.0 && millionths > 0 {
        "-"
    } else {
        ""
    };
    format!(
        "{sign}{}.{:06}",
        millionths / 1_000_000,
        millionths % 1_000_000
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_round_outward() {
        for (value, down, up) in [
            (0.0, "0.000000", "0.000000"),
            (0.5, "0.500000", "0.500000"),
            (1.0, "1.000000", "1.000000"),
            (0.888_462_480_186_685_6, "0.888462", "0.888463"),
            (0.830_803_136_040_582_3, "0.830803", "0.830804"),
            (1e-300, "0.000000", "0.000001"),
            (f64::from_bits(1), "0.000000", "0.000001"),
            (1.0 - f64::EPSILON / 2.0, "0.999999", "1.000000"),
            (1.0 + f64::EPSILON, "1.000000", "1.000001"),
            (-0.25, "-0.250000", "-0.250000"),
            (-1e-9, "-0.000001", "0.000000"),
            (
                9_007_199_254_740_993.0,
                "9007199254740992.000000",
                "9007199254740992.000000",
            ),
        ] {
            assert_eq!(round_down6(value), down, "{value:e} down");
            assert_eq!(round_up6(value), up, "{value:e} up");
        }
        assert_eq!(round_up6(f64::NAN), "undefined");
        assert_eq!(round_down6(f64::INFINITY), "undefined");
    }

    #[test]
    fn shares() {
        assert_eq!(parse_share("0.05"), Some(0.05));
        assert_eq!(parse_share("1"), Some(1.0));
        assert_eq!(parse_share("0.025"), Some(0.025));
        for text in [
            "", ".5", "5.", "1.01", "-0.1", "+0.1", "5e-2", "nan", "0,05", "0.0.5", "٠.٥",
        ] {
            assert_eq!(parse_share(text), None, "{text}");
        }
    }
}
