//! Instants with an uncertainty, compared in three values (METHOD 1, 10.1). UTC only, whole seconds; it
//! knows no time zone, no leap second and no clock.

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
/// the text is anything else or no such day exists.
pub fn parse_utc(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = bytes.get(from..to)?;
        digits.iter().all(u8::is_ascii_digit).then(|| {
            digits
                .iter()
                .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
        })
    };
    let mark = |at: usize, expected: u8| bytes.get(at) == Some(&expected);
    let (month, day, clock) = match bytes.len() {
        4 => (1, 1, 0),
        7 if mark(4, b'-') => (number(5, 7)?, 1, 0),
        10 if mark(4, b'-') && mark(7, b'-') => (number(5, 7)?, number(8, 10)?, 0),
        20 if mark(4, b'-')
            && mark(7, b'-')
            && mark(10, b'T')
            && mark(13, b':')
            && mark(16, b':')
            && mark(19, b'Z') =>
        {
            let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
            if hour > 23 || minute > 59 || second > 59 {
                return None;
            }
            (
                number(5, 7)?,
                number(8, 10)?,
                hour * 3_600 + minute * 60 + second,
            )
        }
        _ => return None,
    };
    let year = number(0, 4)?;
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    Some(days_since_epoch(year, month, day) * 86_400 + clock)
}

/// Writes seconds since the epoch as `YYYY-MM-DDThh:mm:ssZ`. Years outside 0000..=9999 are written as
/// they are, with more digits or a sign.
pub fn format_utc(t: i64) -> String {
    let (days, clock) = (t.div_euclid(86_400), t.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        clock / 3_600,
        clock / 60 % 60,
        clock % 60
    )
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar, by counting years from 1 March so that the
/// leap day comes last (Hinnant, "chrono-compatible low-level date algorithms").
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_since_epoch`].
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (
        year,
        month,
        day_of_year - (153 * month_from_march + 2) / 5 + 1,
    )
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
            "2024-01-01T00:00:00+01:00",
            "2024-01-01T00:00:00.5Z",
            "2024-01-01 00:00:00Z",
            "٢٠٢٤",
        ] {
            assert_eq!(parse_utc(text), None, "{text}");
        }
    }
}
