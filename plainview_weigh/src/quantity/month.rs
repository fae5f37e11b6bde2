//! Calendar months in UTC, in integer milliseconds. Actual days, UTC hours, no leap seconds
//! (METHOD 18.10).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Milliseconds of an hour.
pub const HOUR_MS: u32 = 3_600_000;

const DAY_MS: i64 = 86_400_000;

/// A calendar month, printed `YYYY-MM`. Years 1600 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: i32,
    month: u8,
}

/// Why a text is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a month of the form YYYY-MM")]
pub struct NotMonth(String);

/// Days from 1970-01-01 to the first of the month (proleptic Gregorian; month 1..=12).
fn days_to(year: i32, month: u8) -> i64 {
    // Years start in March, so that the leap day ends a year and months have a linear formula.
    let early = i64::from(month <= 2);
    let y = i64::from(year) - early;
    let m = i64::from(month) + 12 * early - 3;
    let (era, of_era) = (y.div_euclid(400), y.rem_euclid(400));
    let of_year = (153 * m + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

impl Month {
    /// The month, when the year is 1600..=9999 and the month 1..=12.
    #[must_use]
    pub fn new(year: i32, month: u8) -> Option<Self> {
        ((1600..=9999).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// First millisecond.
    #[must_use]
    pub fn start_ms(self) -> i64 {
        days_to(self.year, self.month) * DAY_MS
    }

    /// First millisecond after it.
    #[must_use]
    pub fn end_ms(self) -> i64 {
        self.next().start_ms()
    }

    /// Hours in it: 24 times its days.
    #[must_use]
    pub fn hours(self) -> u32 {
        let hours = (self.end_ms() - self.start_ms()) / i64::from(HOUR_MS);
        u32::try_from(hours).unwrap_or(u32::MAX)
    }

    /// The month after it.
    #[must_use]
    pub fn next(self) -> Self {
        if self.month == 12 {
            Self {
                year: self.year + 1,
                month: 1,
            }
        } else {
            Self {
                month: self.month + 1,
                ..self
            }
        }
    }

    /// Months that share any instant with `[from_ms, to_ms)`, oldest first; at most 1,200.
    #[must_use]
    pub fn covering(from_ms: i64, to_ms: i64) -> Vec<Self> {
        let mut months = Vec::new();
        if from_ms >= to_ms {
            return months;
        }
        let mut month = Self::of(from_ms);
        while month.start_ms() < to_ms && months.len() < 1_200 {
            months.push(month);
            month = month.next();
        }
        months
    }

    /// Month of an instant (clamped to the years this type knows).
    #[must_use]
    pub fn of(ms: i64) -> Self {
        let days = ms.div_euclid(DAY_MS);
        // A year is between 365 and 366 days, so this guess is at most two years early.
        let guess = 1970 + days.div_euclid(366).min(days.div_euclid(365));
        let year = i32::try_from(guess.clamp(1600, 9999)).unwrap_or(9999);
        let mut month = Self { year, month: 1 };
        while month.year < 9999 && month.end_ms() <= ms {
            month = month.next();
        }
        month
    }
}

impl FromStr for Month {
    type Err = NotMonth;

    fn from_str(text: &str) -> Result<Self, NotMonth> {
        let refuse = || NotMonth(text.to_owned());
        let (year, month) = text.split_once('-').ok_or_else(refuse)?;
        let digits = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(refuse());
        }
        let (year, month) = (
            year.parse().map_err(|_| refuse())?,
            month.parse().map_err(|_| refuse())?,
        );
        Self::new(year, month).ok_or_else(refuse)
    }
}

impl TryFrom<String> for Month {
    type Error = NotMonth;

    fn try_from(text: String) -> Result<Self, NotMonth> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn m(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn known_instants() {
        assert_eq!(m("1970-01").start_ms(), 0);
        assert_eq!(m("2000-03").start_ms(), 951_868_800_000);
        assert_eq!(m("2025-01").start_ms(), 1_735_689_600_000);
    }

    #[test]
    fn hours_of_months() {
        assert_eq!(m("2024-02").hours(), 696);
        assert_eq!(m("2025-02").hours(), 672);
        assert_eq!(m("1900-02").hours(), 672);
        assert_eq!(m("2000-02").hours(), 696);
        assert_eq!(m("2025-12").hours(), 744);
    }

    #[test]
    fn month_of_an_instant_is_exact_at_both_ends() {
        for text in [
            "1969-12", "1970-01", "1999-12", "2024-02", "2025-03", "2400-02",
        ] {
            let month = m(text);
            assert_eq!(Month::of(month.start_ms()), month);
            assert_eq!(Month::of(month.end_ms() - 1), month);
            assert_eq!(Month::of(month.end_ms()), month.next());
        }
    }

    #[test]
    fn periods_are_half_open() {
        let quarter = Month::covering(m("2025-01").start_ms(), m("2025-04").start_ms());
        assert_eq!(quarter, [m("2025-01"), m("2025-02"), m("2025-03")]);
        assert!(Month::covering(5, 5).is_empty());
    }

    #[test]
    fn refuses_other_forms() {
        for text in [
            "2025-13",
            "2025-00",
            "25-01",
            "2025-1",
            "2025/01",
            "",
            "2025-01-01",
        ] {
            assert!(text.parse::<Month>().is_err());
        }
    }
}
