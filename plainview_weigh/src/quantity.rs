//! Quantities with a unit from a closed list (METHOD 1), exact: decimal text becomes a scaled
//! integer, conversions multiply integers and round outward once. Sizes and byte time are separate
//! types, so mixing them does not compile; a unit text that is not in the table becomes the interval
//! `[GB_month, GiB_month]` and a note, never a guess. No floats.

mod decimal;
mod month;
mod units;

use serde::{Deserialize, Serialize};

pub use decimal::Decimal;
pub use month::{HOUR_MS, Month};
pub use units::{Factor, Meaning, TimeUnit, Unit, lookup};

/// Bytes at an instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u128);

/// Byte time: bytes multiplied by milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteTime(pub u128);

impl Bytes {
    /// These bytes held for `ms` milliseconds; saturates, which only widens an upper bound.
    #[must_use]
    pub fn held_for(self, ms: u64) -> ByteTime {
        ByteTime(self.0.saturating_mul(u128::from(ms)))
    }
}

impl ByteTime {
    /// Byte-hours, rounded down.
    #[must_use]
    pub fn byte_hours_floor(self) -> u128 {
        self.0 / u128::from(HOUR_MS)
    }
}

/// A closed interval of byte time, in byte-milliseconds; `hi` is none where nothing bounds it above.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Lower end.
    #[serde(with = "text_u128")]
    pub lo: u128,
    /// Upper end; none = open above.
    #[serde(with = "text_option")]
    pub hi: Option<u128>,
}

impl Interval {
    /// An exactly known amount.
    #[must_use]
    pub fn exact(amount: u128) -> Self {
        Self {
            lo: amount,
            hi: Some(amount),
        }
    }

    /// Nothing is known but that it is not negative.
    #[must_use]
    pub fn unknown() -> Self {
        Self { lo: 0, hi: None }
    }

    /// Sum of two amounts; saturates.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            lo: self.lo.saturating_add(other.lo),
            hi: self.hi.zip(other.hi).map(|(a, b)| a.saturating_add(b)),
        }
    }

    /// Interval of the larger of two amounts.
    #[must_use]
    pub fn larger(self, other: Self) -> Self {
        Self {
            lo: self.lo.max(other.lo),
            hi: self.hi.zip(other.hi).map(|(a, b)| a.max(b)),
        }
    }

    /// Smallest interval that covers both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self {
            lo: self.lo.min(other.lo),
            hi: self.hi.zip(other.hi).map(|(a, b)| a.max(b)),
        }
    }

    /// Two records of one amount: the larger lower bound, and a finite upper bound when either has one.
    #[must_use]
    pub fn tighter(self, other: Self) -> Self {
        let lo = self.lo.max(other.lo);
        let hi = match (self.hi, other.hi) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (one, another) => one.or(another),
        };
        Self {
            lo,
            hi: hi.map(|hi| hi.max(lo)),
        }
    }

    /// Width; none when open.
    #[must_use]
    pub fn width(self) -> Option<u128> {
        self.hi.map(|hi| hi.saturating_sub(self.lo))
    }
}

/// Which way a printed bound is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// Towards minus infinity: lower bounds.
    Down,
    /// Towards plus infinity: upper bounds.
    Up,
}

/// Decimals of printed GiB-months.
pub const GIB_MONTH_DECIMALS: u32 = 3;

/// `numerator / denominator` with `decimals` decimals, rounded as asked. A zero denominator prints
/// `unbounded`, which no caller reaches with a real month.
#[must_use]
pub fn ratio_text(numerator: i128, denominator: u128, decimals: u32, round: Round) -> String {
    let scale = 10_u128.pow(decimals);
    let (negative, size) = (numerator < 0, numerator.unsigned_abs());
    let Some((whole, rest)) = div_rem(size, denominator) else {
        return "unbounded".to_owned();
    };
    // Long division digit by digit: no product here exceeds ten times the denominator.
    let (mut digits, mut rest) = (0_u128, rest);
    for _ in 0..decimals {
        let (digit, next) = ten_times_div(rest, denominator);
        digits = digits * 10 + digit;
        rest = next;
    }
    let away = rest > 0 && (negative == (round == Round::Down));
    let (whole, digits) = if away && digits + 1 == scale {
        (whole + 1, 0)
    } else {
        (whole, digits + u128::from(away))
    };
    let sign = if negative && (whole > 0 || digits > 0) {
        "-"
    } else {
        ""
    };
    if decimals == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{digits:0width$}", width = decimals as usize)
    }
}

fn div_rem(a: u128, b: u128) -> Option<(u128, u128)> {
    Some((a.checked_div(b)?, a.checked_rem(b)?))
}

/// `10 * rest / by` for `rest < by` without overflow: ten additions instead of a product.
fn ten_times_div(rest: u128, by: u128) -> (u128, u128) {
    let (mut digit, mut sum) = (0, 0_u128);
    for _ in 0..10 {
        let (next, carried) = sum.overflowing_add(rest);
        if carried || next >= by {
            digit += 1;
            sum = next.wrapping_sub(by);
        } else {
            sum = next;
        }
    }
    (digit, sum)
}

/// Byte time as GiB-months of the given month, three decimals, rounded as asked.
#[must_use]
pub fn gib_months(byte_ms: i128, month: Month, round: Round) -> String {
    let unit = (1_u128 << 30) * u128::from(month.hours()) * u128::from(HOUR_MS);
    ratio_text(byte_ms, unit, GIB_MONTH_DECIMALS, round)
}

/// A share `numerator / denominator` with six decimals, rounded as asked, at most one.
#[must_use]
pub fn share_text(numerator: u128, denominator: u128, round: Round) -> String {
    let capped = numerator.min(denominator);
    ratio_text(
        i128::try_from(capped).unwrap_or(i128::MAX),
        denominator,
        6,
        round,
    )
}

/// Serde of a `u128` as text: canonical JSON numbers stop being exact at 2^53.
pub mod text_u128 {
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes decimal text.
    pub fn serialize<S: Serializer>(value: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    /// Reads decimal text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Serde of a signed 128-bit amount as text.
pub mod text_i128_option {
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes decimal text or null.
    #[expect(clippy::ref_option, reason = "serde's `with` fixes this signature")]
    pub fn serialize<S: Serializer>(
        value: &Option<i128>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    /// Reads decimal text or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<i128>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| text.parse().map_err(serde::de::Error::custom))
            .transpose()
    }
}

/// Serde of an optional `u128` as text or null.
pub mod text_option {
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes decimal text or null.
    #[expect(clippy::ref_option, reason = "serde's `with` fixes this signature")]
    pub fn serialize<S: Serializer>(
        value: &Option<u128>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    /// Reads decimal text or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<u128>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| text.parse().map_err(serde::de::Error::custom))
            .transpose()
    }
}

/// Serde of a month-keyed map of amounts as text.
pub mod text_map {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Month;

    /// Writes `{"2025-01": "123"}`.
    pub fn serialize<S: Serializer>(
        value: &BTreeMap<Month, u128>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text: BTreeMap<Month, String> =
            value.iter().map(|(k, v)| (*k, v.to_string())).collect();
        text.serialize(serializer)
    }

    /// Reads the same.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Month, u128>, D::Error> {
        BTreeMap::<Month, String>::deserialize(deserializer)?
            .into_iter()
            .map(|(k, v)| Ok((k, v.parse().map_err(serde::de::Error::custom)?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn outward_rounding_of_ratios() {
        assert_eq!(ratio_text(1, 3, 6, Round::Down), "0.333333");
        assert_eq!(ratio_text(1, 3, 6, Round::Up), "0.333334");
        assert_eq!(ratio_text(-1, 3, 3, Round::Down), "-0.334");
        assert_eq!(ratio_text(-1, 3, 3, Round::Up), "-0.333");
        assert_eq!(ratio_text(1999, 1000, 2, Round::Up), "2.00");
        assert_eq!(ratio_text(-1, 3000, 3, Round::Up), "0.000");
        assert_eq!(ratio_text(6, 3, 0, Round::Up), "2");
    }

    #[test]
    fn long_division_survives_large_denominators() {
        let big = u128::MAX - 1;
        assert_eq!(ratio_text(i128::MAX, big, 3, Round::Down), "0.500");
    }

    /// G-K1: AWS's own example is exactly 52,900 GiB-months of a 31-day month.
    #[test]
    fn golden_k1() {
        let byte_hours = 107_374_182_400_u128 * 15 * 24 + 109_951_162_777_600_u128 * 16 * 24;
        assert_eq!(byte_hours, 42_259_901_212_262_400);
        let month: Month = "2025-03".parse().unwrap();
        let byte_ms = i128::try_from(byte_hours * u128::from(HOUR_MS)).unwrap();
        assert_eq!(gib_months(byte_ms, month, Round::Down), "52900.000");
        assert_eq!(gib_months(byte_ms, month, Round::Up), "52900.000");
    }
}
