//! Instants with an uncertainty, compared in three values (METHOD 1, 10.1). UTC only, whole seconds; it
//! knows no time zone, no leap second and no clock.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A time and how far it may be off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instant {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub t: i64,
    /// Plus or minus this many seconds.
    #[serde(default)]
    pub unc: u32,
}

/// How two uncertain times compare. `Indeterminate` is no premise (METHOD 10.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tri {
    /// Certainly earlier.
    Before,
    /// Certainly later.
    After,
    /// The uncertainties overlap.
    Indeterminate,
}

impl Instant {
    /// An exact time.
    pub fn exact(t: i64) -> Self {
        Self { t, unc: 0 }
    }

    /// The earliest second it may be.
    pub fn earliest(self) -> i64 {
        self.t.saturating_sub(i64::from(self.unc))
    }

    /// The latest second it may be.
    pub fn latest(self) -> i64 {
        self.t.saturating_add(i64::from(self.unc))
    }

    /// Compares with `other`: certain only when the two ranges do not touch.
    pub fn compare(self, other: Self) -> Tri {
        if self.latest() < other.earliest() {
            Tri::Before
        } else if self.earliest() > other.latest() {
            Tri::After
        } else {
            Tri::Indeterminate
        }
    }
}

/// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ssZ` as its first second, or `None` when
/// the text is anything else or no such time exists.
pub fn parse_utc(text: &str) -> Option<i64> {
    const FORM: &[u8] = b"0000-00-00T00:00:00Z";
    const REST: &str = "0000-01-01T00:00:00Z";
    let fits = |(byte, form): (u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        mark => byte == *mark,
    };
    if !matches!(text.len(), 4 | 7 | 10 | 20) || !text.bytes().zip(FORM).all(fits) {
        return None;
    }
    // The library also takes a 60th second, as the one before it.
    if text.ends_with("60Z") {
        return None;
    }
    let full = format!("{text}{}", &REST[text.len()..]);
    full.parse().ok().map(Timestamp::as_second)
}

/// Writes seconds since the epoch as `YYYY-MM-DDThh:mm:ssZ`; what lies outside the years -9999 to 9999 as
/// the nearest time within.
pub fn format_utc(t: i64) -> String {
    let nearest = t.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(nearest)
        .unwrap_or_default()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// METHOD 10.1 and its fourth case in the golden numbers.
    #[test]
    fn overlapping_uncertainties_are_indeterminate() {
        let at = |t, unc| Instant { t, unc };
        assert_eq!(at(100, 5).compare(at(120, 5)), Tri::Before);
        assert_eq!(at(100, 10).compare(at(120, 10)), Tri::Indeterminate);
        assert_eq!(at(100, 5).compare(at(105, 5)), Tri::Indeterminate);
        assert_eq!(at(130, 5).compare(at(120, 4)), Tri::After);
    }

    #[test]
    fn known_times() {
        for (text, t) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2001-09-09T01:46:40Z", 1_000_000_000),
            ("2024-02-29T23:59:59Z", 1_709_251_199),
            ("1969-12-31T23:59:59Z", -1),
            ("2038-01-19T03:14:08Z", 2_147_483_648),
            ("0000-01-01T00:00:00Z", -62_167_219_200),
        ] {
            assert_eq!(parse_utc(text), Some(t), "{text}");
            assert_eq!(format_utc(t), text);
        }
        assert_eq!(parse_utc("2024"), parse_utc("2024-01-01T00:00:00Z"));
        assert_eq!(parse_utc("2024-03"), parse_utc("2024-03-01"));
    }

    #[test]
    fn what_is_not_utc_is_refused() {
        for text in [
            "",
            "now",
            "20240101",
            "2024-13",
            "2023-02-29",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:60Z",
            "2024-01-01T00:00:00+01:00",
            "2024-01-01T00:00:00.5Z",
            "2024-01-01 00:00:00Z",
            "٢٠٢٤",
        ] {
            assert_eq!(parse_utc(text), None, "{text}");
        }
    }
}
