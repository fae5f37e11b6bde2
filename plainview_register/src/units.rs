//! Units: what coverage counts (METHOD section 3), store x calendar month in UTC, clipped to a period.
//!
//! It refuses local time: a month has its actual days and every day 24 hours (METHOD 18, point 10).

// `from_ms` and `to_ms` are the ends of a period, named after `from` and `to` in the file.
#![allow(clippy::wrong_self_convention)]

use crate::claim::ClaimScope;
use crate::register::{Scope, StoreRef};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::fmt;

/// Milliseconds in an hour.
const HOUR_MS: i64 = 3_600_000;

/// A calendar month in UTC, clipped to a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// First day inside the period.
    pub from: Date,
    /// First day after the month or the period, whichever comes first.
    pub to: Date,
}

impl Month {
    /// Milliseconds since the epoch at which it starts, inclusive.
    pub fn from_ms(self) -> i64 {
        midnight_ms(self.from)
    }

    /// Milliseconds since the epoch at which it ends, exclusive.
    pub fn to_ms(self) -> i64 {
        midnight_ms(self.to)
    }

    /// Hours of it that lie in the period.
    pub fn hours(self) -> u32 {
        hours(self.from, self.to)
    }

    /// Hours of the whole calendar month: 24 times its days.
    pub fn calendar_hours(self) -> u32 {
        hours(self.from.first_of_month(), next_month(self.from))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.from.year(), self.from.month())
    }
}

impl Scope {
    /// The months of the scope in order, clipped to it; their `Display` is `YYYY-MM`.
    pub fn months(&self) -> Vec<Month> {
        months(self.from, self.to)
    }

    /// Milliseconds since the epoch at which the scope starts, inclusive.
    pub fn from_ms(&self) -> i64 {
        midnight_ms(self.from)
    }

    /// Milliseconds since the epoch at which the scope ends, exclusive.
    pub fn to_ms(&self) -> i64 {
        midnight_ms(self.to)
    }

    /// Hours of the scope.
    pub fn hours(&self) -> u32 {
        hours(self.from, self.to)
    }

    /// Whether a store counts: its account is under review, and it is listed where stores are listed.
    pub fn covers(&self, store: &StoreRef) -> bool {
        self.accounts.contains(&store.account)
            && (self.stores.is_empty() || self.stores.contains(store))
    }
}

impl ClaimScope {
    /// The months of the claim's scope in order, clipped to it.
    pub fn months(&self) -> Vec<Month> {
        months(self.from, self.to)
    }

    /// Milliseconds since the epoch at which the claim's scope starts, inclusive.
    pub fn from_ms(&self) -> i64 {
        midnight_ms(self.from)
    }

    /// Milliseconds since the epoch at which the claim's scope ends, exclusive.
    pub fn to_ms(&self) -> i64 {
        midnight_ms(self.to)
    }
}

/// The months between two days, clipped to them; empty when `to` is not after `from`.
pub fn months(from: Date, to: Date) -> Vec<Month> {
    let mut out = Vec::new();
    let mut start = from;
    while start < to {
        let end = next_month(start).min(to);
        out.push(Month {
            from: start,
            to: end,
        });
        if end <= start {
            // Only at the last month a date can express; there is nothing after it.
            break;
        }
        start = end;
    }
    out
}

/// The id of a unit: `provider/account/container/YYYY-MM`.
pub fn unit_id(store: &StoreRef, month: Month) -> String {
    format!("{store}/{month}")
}

/// Milliseconds since the epoch at 00:00 UTC of a day.
pub fn midnight_ms(day: Date) -> i64 {
    // UTC has no gaps, and the few days no timestamp can express saturate in order.
    day.to_zoned(TimeZone::UTC).map_or_else(
        |_| {
            if day.year() < 1970 {
                i64::MIN
            } else {
                i64::MAX
            }
        },
        |zoned| zoned.timestamp().as_millisecond(),
    )
}

fn next_month(day: Date) -> Date {
    day.last_of_month().tomorrow().unwrap_or(Date::MAX)
}

fn hours(from: Date, to: Date) -> u32 {
    let span = midnight_ms(to).saturating_sub(midnight_ms(from)) / HOUR_MS;
    u32::try_from(span).unwrap_or(if span < 0 { 0 } else { u32::MAX })
}

#[cfg(test)]
mod tests {
    use super::{Month, midnight_ms, months, unit_id};
    use crate::register::StoreRef;
    use jiff::civil::{Date, date};

    fn shown(from: Date, to: Date) -> Vec<(String, u32)> {
        months(from, to)
            .iter()
            .map(|month| (month.to_string(), month.hours()))
            .collect()
    }

    #[test]
    fn months_are_clipped_to_the_period() {
        let got = shown(date(2024, 1, 31), date(2024, 3, 2));
        let expected = [("2024-01", 24), ("2024-02", 29 * 24), ("2024-03", 24)];
        assert_eq!(got, expected.map(|(id, hours)| (id.to_owned(), hours)));
    }

    #[test]
    fn a_month_has_its_actual_days_and_no_summer_time() {
        // METHOD G-K1 counts on 31 days; March 2025 has a clock change in most of Europe.
        assert_eq!(
            shown(date(2025, 3, 1), date(2025, 4, 1)),
            [("2025-03".to_owned(), 744)]
        );
        let clipped = Month {
            from: date(2025, 3, 10),
            to: date(2025, 3, 12),
        };
        assert_eq!((clipped.hours(), clipped.calendar_hours()), (48, 744));
    }

    #[test]
    fn an_empty_or_backward_period_has_no_month() {
        assert!(months(date(2025, 1, 1), date(2025, 1, 1)).is_empty());
        assert!(months(date(2025, 1, 2), date(2025, 1, 1)).is_empty());
    }

    #[test]
    fn the_edges_of_the_calendar_do_not_loop() {
        assert_eq!(months(date(9999, 12, 1), Date::MAX).len(), 1);
        assert!(midnight_ms(Date::MIN) < midnight_ms(Date::MAX));
    }

    #[test]
    fn a_unit_is_named_by_store_and_month() {
        let store = StoreRef::parse("aws/111122223333/calls-eu").map(|store| {
            let month = Month {
                from: date(2025, 3, 5),
                to: date(2025, 4, 1),
            };
            unit_id(&store, month)
        });
        assert_eq!(store.as_deref(), Some("aws/111122223333/calls-eu/2025-03"));
    }

    #[test]
    fn midnight_is_in_milliseconds_utc() {
        assert_eq!(midnight_ms(date(1970, 1, 2)), 86_400_000);
        assert_eq!(midnight_ms(date(2025, 1, 1)), 1_735_689_600_000);
    }
}
