//! Civil time in UTC as integers: the few conversions that writing records needs.
//!
//! Our own rather than a time library's because it cannot fail: every `i64` second within the
//! years used here has a date, so ten million rows are written without a `Result` each. The
//! tests compare it with `jiff` day by day. It knows no time zone but UTC and no leap second.

use std::fmt;

/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// A date and time of day in UTC, printed as `2025-02-03T04:05:06`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// Year of the Gregorian calendar.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: i64,
    /// Day of the month, 1 to 31.
    pub day: i64,
    /// Hour, 0 to 23.
    pub hour: i64,
    /// Minute, 0 to 59.
    pub minute: i64,
    /// Second, 0 to 59.
    pub second: i64,
}

impl fmt::Display for Civil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            self.year, self.month, self.day, self.hour, self.minute, self.second
        )
    }
}

/// Seconds since 1970 of midnight UTC on a date of the Gregorian calendar.
pub fn midnight(year: i64, month: i64, day: i64) -> i64 {
    // Days are counted in 400-year eras that begin on 1 March, so that the leap day is last.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468) * DAY
}

/// The date and time of a number of seconds since 1970.
pub fn civil(seconds: i64) -> Civil {
    let days = seconds.div_euclid(DAY) + 719_468;
    let time = seconds.rem_euclid(DAY);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = (month_from_march + 2) % 12 + 1;
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
        hour: time / 3_600,
        minute: time / 60 % 60,
        second: time % 60,
    }
}

/// Day of the week of a number of seconds since 1970: 0 is Monday, 6 is Sunday.
pub fn weekday(seconds: i64) -> usize {
    // 1 January 1970 was a Thursday.
    usize::try_from((seconds.div_euclid(DAY) + 3).rem_euclid(7)).unwrap_or(0)
}

/// A calendar month in UTC, printed as `2025-02`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// Year of the Gregorian calendar.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: i64,
}

impl Month {
    /// First second of the month.
    pub fn start(self) -> i64 {
        midnight(self.year, self.month, 1)
    }

    /// First second after the month.
    pub fn end(self) -> i64 {
        if self.month == 12 {
            midnight(self.year + 1, 1, 1)
        } else {
            midnight(self.year, self.month + 1, 1)
        }
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

    #[test]
    fn every_day_of_three_centuries_agrees_with_jiff() {
        let mut date = jiff::civil::date(1900, 1, 1);
        while date.year() < 2200 {
            let zoned = date.to_zoned(jiff::tz::TimeZone::UTC).unwrap();
            let seconds = zoned.timestamp().as_second();
            let (y, m, d) = (date.year().into(), date.month().into(), date.day().into());
            assert_eq!(midnight(y, m, d), seconds, "{date}");
            let back = civil(seconds + 45_296);
            assert_eq!(back.to_string(), format!("{date}T12:34:56"));
            let monday_first = i64::from(date.weekday().to_monday_zero_offset());
            assert_eq!(weekday(seconds), usize::try_from(monday_first).unwrap());
            date = date.tomorrow().unwrap();
        }
    }

    #[test]
    fn months_abut() {
        let december = Month {
            year: 2024,
            month: 12,
        };
        let january = Month {
            year: 2025,
            month: 1,
        };
        assert_eq!(december.end(), january.start());
        assert_eq!(january.end() - january.start(), 31 * DAY);
        assert_eq!(january.to_string(), "2025-01");
    }
}
