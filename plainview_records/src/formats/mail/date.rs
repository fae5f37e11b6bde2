//! When a mail says it was sent, and whether to believe that.
//!
//! A date that a converter put there is worse than none: a mail would seem to prove that something was known decades early.

use jiff::fmt::rfc2822::DateTimeParser;
use mail_parser::DateTime;

use crate::times::{DAY_MS, days_from_civil};

/// The time of sending, and what is odd about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// Milliseconds since 1970 UTC, when there is a time to believe.
    pub(super) at: Option<i64>,
    /// The notice code of what is odd.
    pub(super) odd: Option<&'static str>,
}

/// No mail in the internet's form is older than its first standard, RFC 822 of August 1982.
const FIRST_MAIL_DAY: (i64, i64, i64) = (1982, 8, 1);

/// Reads the `Date` field.
pub(super) fn read(field: Option<&str>, acquired_at: Option<i64>) -> Sent {
    let Some(text) = field else {
        return Sent {
            at: None,
            odd: Some("mail-no-date"),
        };
    };
    let (ms, odd) = match DateTimeParser::new()
        .relaxed_weekday(true)
        .parse_timestamp(text)
    {
        Ok(time) => (time.as_millisecond(), None),
        Err(_) => match forgiving(text) {
            Some(ms) => (ms, Some("mail-odd-date")),
            None => {
                return Sent {
                    at: None,
                    odd: Some("mail-bad-date"),
                };
            }
        },
    };
    let (year, month, day) = FIRST_MAIL_DAY;
    if days_from_civil(year, month, day).is_some_and(|days| ms < days * DAY_MS) {
        return Sent {
            at: None,
            odd: Some("mail-bogus-date"),
        };
    }
    // A day of grace for clocks and zones.
    if acquired_at.is_some_and(|acquired| ms > acquired.saturating_add(DAY_MS)) {
        return Sent {
            at: Some(ms),
            odd: Some("mail-late-date"),
        };
    }
    Sent { at: Some(ms), odd }
}

/// A date in some other form that the mail library understands, checked against the calendar.
fn forgiving(text: &str) -> Option<i64> {
    let line = format!("{text}\n");
    let date = DateTime::parse_rfc822(&line).filter(DateTime::is_valid)?;
    // The library reads two-digit years as they stand; is_valid has refused those.
    let days = days_from_civil(
        i64::from(date.year),
        i64::from(date.month),
        i64::from(date.day),
    )?;
    let seconds =
        (i64::from(date.hour) * 60 + i64::from(date.minute)) * 60 + i64::from(date.second);
    let offset = (i64::from(date.tz_hour) * 60 + i64::from(date.tz_minute)) * 60;
    let offset = if date.tz_before_gmt { -offset } else { offset };
    Some(days * DAY_MS + (seconds - offset) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_believed_or_not() {
        let check =
            |text: &str, at, odd| assert_eq!(read(Some(text), None), Sent { at, odd }, "{text}");
        check(
            "Mon, 3 Feb 2025 10:00:00 +0100",
            Some(1_738_573_200_000),
            None,
        );
        check(
            "Tue, 3 Feb 2025 10:00:00 +0100",
            Some(1_738_573_200_000),
            None,
        );
        check("3 Feb 2025 09:00:00 GMT", Some(1_738_573_200_000), None);
        check(
            "Mon, 31 Dec 1979 16:00:00 -0800 (PST)",
            None,
            Some("mail-bogus-date"),
        );
        check(
            "Thu, 01 Jan 1970 00:00:00 +0000",
            None,
            Some("mail-bogus-date"),
        );
        check("yesterday", None, Some("mail-bad-date"));
        check(
            "Mon, 31 Feb 2025 10:00:00 +0000",
            None,
            Some("mail-bad-date"),
        );
        check(
            "Mon, 3 Feb 99999999999999 10:00:00 +0000",
            None,
            Some("mail-bad-date"),
        );
        assert_eq!(
            read(None, None),
            Sent {
                at: None,
                odd: Some("mail-no-date")
            }
        );
    }

    #[test]
    fn a_mail_from_the_future_is_doubted_and_kept() {
        let sent = read(
            Some("Mon, 3 Feb 2025 10:00:00 +0100"),
            Some(1_700_000_000_000),
        );
        assert_eq!(
            sent,
            Sent {
                at: Some(1_738_573_200_000),
                odd: Some("mail-late-date")
            }
        );
    }
}
