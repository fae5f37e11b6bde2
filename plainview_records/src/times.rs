//! ISO 8601 times as the inventories and exports write them, to milliseconds since 1970 UTC.
//!
//! Hand-made because it runs once or twice for every listed object; the calendar arithmetic is the usual days-from-civil form.

/// Milliseconds in a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// Days since 1970 of a date; `None` when there is no such date. Years 0 to 9999.
#[inline]
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(0..=9999).contains(&year)
        || !(1..=12).contains(&month)
        || day < 1
        || day > days_in_month(year, month)
    {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Whether `year` has 366 days.
pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[inline]
fn digits(text: &[u8]) -> Option<i64> {
    let mut value = 0_i64;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(value)
}

/// Reads `YYYY-MM-DD[(T| )HH:MM[:SS[.fraction]]][Z|(+|-)HH:MM|(+|-)HHMM]`. A date alone is its first moment; a time without a zone is UTC.
/// Fractions below a millisecond are cut off. A leap second counts as the second before it.
#[inline]
pub(crate) fn parse_iso_ms(text: &[u8]) -> Option<i64> {
    if text.len() < 10 || text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let days = days_from_civil(
        digits(&text[..4])?,
        digits(&text[5..7])?,
        digits(&text[8..10])?,
    )?;
    let day_ms = days * DAY_MS;
    let Some((&mark, rest)) = text[10..].split_first() else {
        return Some(day_ms);
    };
    if !matches!(mark, b'T' | b't' | b' ') || rest.len() < 5 || rest[2] != b':' {
        return None;
    }
    let (hour, minute) = (digits(&rest[..2])?, digits(&rest[3..5])?);
    let (second, milli, zone) = seconds(&rest[5..])?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let clock_ms = ((hour * 60 + minute) * 60 + second.min(59)) * 1000 + milli;
    Some(day_ms + clock_ms - zone_ms(zone)?)
}

/// Seconds, milliseconds and what follows them, of `[:SS[.fraction]]rest`.
#[inline]
fn seconds(text: &[u8]) -> Option<(i64, i64, &[u8])> {
    if text.first() != Some(&b':') {
        return Some((0, 0, text));
    }
    let second = digits(text.get(1..3)?)?;
    let rest = &text[3..];
    if !matches!(rest.first(), Some(b'.' | b',')) {
        return Some((second, 0, rest));
    }
    let fraction = &rest[1..];
    let length = fraction
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if length == 0 {
        return None;
    }
    let kept = length.min(3);
    let scale = [100, 10, 1][kept - 1];
    Some((
        second,
        digits(&fraction[..kept])? * scale,
        &fraction[length..],
    ))
}

/// The offset of `Z`, nothing, `+HH:MM` or `+HHMM`, in milliseconds.
#[inline]
fn zone_ms(text: &[u8]) -> Option<i64> {
    let (sign, hour, minute) = match *text {
        [] | [b'Z' | b'z'] => return Some(0),
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => (sign, [h1, h2], [m1, m2]),
        _ => return None,
    };
    let sign = match sign {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hour, minute) = (digits(&hour)?, digits(&minute)?);
    (hour <= 23 && minute <= 59).then_some(sign * (hour * 60 + minute) * 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_times_are_read_to_the_millisecond() {
        let cases = [
            ("1970-01-01", 0),
            ("1970-01-01T00:00:00Z", 0),
            ("2024-05-06T22:37:48.000Z", 1_715_035_068_000),
            ("2024-05-06T22:37:48.5Z", 1_715_035_068_500),
            ("2024-05-06T22:37:48.123456789Z", 1_715_035_068_123),
            ("2024-05-06 22:37:48", 1_715_035_068_000),
            ("2024-05-07T00:37:48+02:00", 1_715_035_068_000),
            ("2024-05-06T20:07:48-0230", 1_715_035_068_000),
            ("2024-05-06T22:37Z", 1_715_035_020_000),
            ("2000-02-29", 951_782_400_000),
            ("1969-12-31T23:59:59.999Z", -1),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_iso_ms(text.as_bytes()), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2024",
            "2024-13-01",
            "2023-02-29",
            "2024-05-06T",
            "2024-05-06T25:00:00Z",
            "2024-05-06T10:61:00Z",
            "2024-05-06T10:00:00.Z",
            "2024-05-06T10:00:00X",
            "06/05/2024",
            "2024-05-06T10:00:00+99:00",
            "２０２４-05-06",
        ] {
            assert_eq!(parse_iso_ms(text.as_bytes()), None, "{text}");
        }
    }
}
