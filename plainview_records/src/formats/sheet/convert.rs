//! Cells to values: numbers by locale and unit, times by format and zone, Excel's serial dates.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use super::Cell;
use super::locale::{Locale, split_unit, unit_factor};
use crate::numbers::parse_decimal;
use crate::times::{DAY_MS, parse_iso_ms};

/// One, as a decimal of twelve places.
pub(super) const ONE: i128 = 1_000_000_000_000;

/// How the values of a sheet are read.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    /// Marks of numbers.
    pub(super) locale: Locale,
    /// Zone of times that name none.
    pub(super) zone: TimeZone,
    /// strptime format of times; ISO 8601 without.
    pub(super) date_format: Option<String>,
    /// Whether the workbook counts days from 1904.
    pub(super) is_1904: bool,
}

/// A value, and whether something about it is odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read<T> {
    /// The value.
    pub(super) value: T,
    /// What is odd, if anything.
    pub(super) odd: Option<Odd>,
}

/// What can be odd about a value that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    /// Digits were lost.
    Rounded,
    /// A serial date in a text file.
    SerialDate,
    /// The clock change of the zone leaves two readings, or none.
    AmbiguousTime,
}

impl Reading {
    /// A decimal times 10^12, after its unit.
    pub(super) fn decimal(&self, cell: &Cell, factor: i64) -> Option<Read<i128>> {
        let (plain, factor) = match cell {
            Cell::Number(text) => (text.clone(), factor),
            Cell::Text(text) => {
                let (number, unit) = split_unit(text);
                (
                    self.locale.plain(number)?,
                    unit.map_or(Some(factor), unit_factor)?,
                )
            }
            _ => return None,
        };
        let number = parse_decimal(&plain)?;
        let value = number.scaled.checked_mul(i128::from(factor))?;
        // 38 digits are what the table holds.
        (value.unsigned_abs() < 10_u128.pow(38)).then_some(Read {
            value,
            odd: (!number.exact).then_some(Odd::Rounded),
        })
    }

    /// A whole number that is not negative, after its unit.
    pub(super) fn whole(&self, cell: &Cell, factor: i64) -> Option<Read<i64>> {
        let read = self.decimal(cell, factor)?;
        if read.value < 0 {
            return None;
        }
        let (whole, rest) = (read.value / ONE, read.value % ONE);
        let up = 2 * rest > ONE || (2 * rest == ONE && whole % 2 == 1);
        let value = i64::try_from(whole + i128::from(up)).ok()?;
        Some(Read {
            value,
            odd: if rest == 0 {
                read.odd
            } else {
                Some(Odd::Rounded)
            },
        })
    }

    /// A time in milliseconds since 1970 UTC.
    pub(super) fn time(&self, cell: &Cell) -> Option<Read<i64>> {
        match cell {
            Cell::Serial(days) | Cell::Number(days) => self.local(serial_ms(days, self.is_1904)?),
            Cell::Text(text) => self.time_text(text.trim()),
            _ => None,
        }
    }

    fn time_text(&self, text: &str) -> Option<Read<i64>> {
        if let Some(format) = &self.date_format {
            let parsed = strtime::parse(format, text).ok()?;
            if let Ok(instant) = parsed.to_timestamp() {
                return Some(Read {
                    value: instant.as_millisecond(),
                    odd: None,
                });
            }
            let civil = parsed
                .to_datetime()
                .or_else(|_| parsed.to_date().map(|d| d.at(0, 0, 0, 0)))
                .ok()?;
            return self.civil(civil);
        }
        if let Some(ms) = parse_iso_ms(text.as_bytes()) {
            let zoned = text
                .get(10..)
                .is_some_and(|rest| rest.contains(['Z', 'z', '+', '-']));
            return if zoned {
                Some(Read {
                    value: ms,
                    odd: None,
                })
            } else {
                self.local(ms)
            };
        }
        // Someone saved a workbook as text after its date format was lost.
        let plain = self.locale.plain(text)?;
        let ms = serial_ms(&plain, self.is_1904)
            .filter(|_| plain.split('.').next().is_some_and(|d| d.len() == 5))?;
        self.local(ms).map(|read| Read {
            odd: Some(Odd::SerialDate),
            ..read
        })
    }

    /// A time read off a clock of the zone, given as if the zone were UTC.
    fn local(&self, ms: i64) -> Option<Read<i64>> {
        if self.zone == TimeZone::UTC {
            return Some(Read {
                value: ms,
                odd: None,
            });
        }
        self.civil(TimeZone::UTC.to_datetime(Timestamp::from_millisecond(ms).ok()?))
    }

    fn civil(&self, civil: DateTime) -> Option<Read<i64>> {
        let instant = self.zone.to_ambiguous_timestamp(civil);
        let odd = instant.is_ambiguous().then_some(Odd::AmbiguousTime);
        Some(Read {
            value: instant.compatible().ok()?.as_millisecond(),
            odd,
        })
    }
}

/// A truth value.
pub(super) fn flag(cell: &Cell) -> Option<bool> {
    match cell {
        Cell::Flag(flag) => Some(*flag),
        Cell::Number(text) | Cell::Text(text) => match text.trim().to_lowercase().as_str() {
            "true" | "yes" | "y" | "1" | "on" | "x" | "wahr" | "ja" | "vrai" | "oui" => Some(true),
            "false" | "no" | "n" | "0" | "off" | "falsch" | "nein" | "faux" | "non" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Milliseconds since 1970 of a serial date: whole days count from 1899-12-30, or from 1904-01-01. Exact to the
/// millisecond, in integers. Days before March 1900 are refused: Excel's calendar is wrong there.
fn serial_ms(days: &str, is_1904: bool) -> Option<i64> {
    const EPOCH_1900_DAYS: i128 = 25_569;
    const EPOCH_1904_DAYS: i128 = 24_107;
    const MARCH_1900: i128 = 61;
    const YEAR_10000: i128 = 2_958_466;
    let scaled = parse_decimal(days)?.scaled;
    let earliest = if is_1904 { 0 } else { MARCH_1900 };
    if scaled < earliest * ONE || scaled >= YEAR_10000 * ONE {
        return None;
    }
    let epoch = if is_1904 {
        EPOCH_1904_DAYS
    } else {
        EPOCH_1900_DAYS
    };
    let ms = scaled * i128::from(DAY_MS);
    // The stored fraction of a day is binary and a little off; the nearest millisecond is what was meant.
    let rounded = (ms + ONE / 2).div_euclid(ONE);
    i64::try_from(rounded - epoch * i128::from(DAY_MS)).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::tz::TimeZoneDatabase;

    fn reading(locale: &str, zone: &str, format: Option<&str>) -> Reading {
        Reading {
            locale: Locale::named(locale).unwrap(),
            zone: TimeZoneDatabase::bundled().get(zone).unwrap(),
            date_format: format.map(str::to_owned),
            is_1904: false,
        }
    }

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn sizes_come_out_in_bytes() {
        let de = reading("de", "UTC", None);
        assert_eq!(
            de.whole(&text("1.234,5"), 1_000_000),
            Some(Read {
                value: 1_234_500_000,
                odd: None
            })
        );
        assert_eq!(
            de.whole(&text("1,5 KiB"), 1_000_000),
            Some(Read {
                value: 1536,
                odd: None
            })
        );
        assert_eq!(
            de.whole(&text("0,3 B"), 1),
            Some(Read {
                value: 0,
                odd: Some(Odd::Rounded)
            })
        );
        assert_eq!(
            de.whole(&text("0,5 B"), 1),
            Some(Read {
                value: 0,
                odd: Some(Odd::Rounded)
            })
        );
        assert_eq!(
            de.whole(&text("1,5 B"), 1),
            Some(Read {
                value: 2,
                odd: Some(Odd::Rounded)
            })
        );
        assert_eq!(de.whole(&text("-1"), 1), None);
        assert_eq!(de.whole(&text("99999999999999999999"), 1000), None);
        assert_eq!(
            de.decimal(&Cell::Number("2.5".to_owned()), 1000),
            Some(Read {
                value: 2500 * ONE,
                odd: None
            })
        );
    }

    #[test]
    fn times_follow_format_and_zone() {
        let berlin = reading("de", "Europe/Berlin", Some("%d.%m.%Y %H:%M"));
        // Summer time is two hours ahead of UTC, winter time one.
        assert_eq!(
            berlin.time(&text("01.07.2025 12:00")),
            Some(Read {
                value: 1_751_364_000_000,
                odd: None
            })
        );
        assert_eq!(
            berlin.time(&text("01.01.2025 12:00")),
            Some(Read {
                value: 1_735_729_200_000,
                odd: None
            })
        );
        let night = berlin.time(&text("26.10.2025 02:30")).unwrap();
        assert_eq!(
            night,
            Read {
                value: 1_761_438_600_000,
                odd: Some(Odd::AmbiguousTime)
            }
        );
        assert_eq!(berlin.time(&text("2025-01-01")), None);
        let dates = reading("en", "UTC", Some("%m/%d/%Y"));
        assert_eq!(
            dates.time(&text("01/02/2025")),
            Some(Read {
                value: 1_735_776_000_000,
                odd: None
            })
        );
        let iso = reading("en", "Europe/Berlin", None);
        assert_eq!(
            iso.time(&text("2025-01-01T12:00:00")),
            Some(Read {
                value: 1_735_729_200_000,
                odd: None
            })
        );
        assert_eq!(
            iso.time(&text("2025-01-01T12:00:00Z")),
            Some(Read {
                value: 1_735_732_800_000,
                odd: None
            })
        );
    }

    #[test]
    fn serial_dates_are_exact_to_the_millisecond() {
        assert_eq!(serial_ms("45658", false), Some(1_735_689_600_000));
        assert_eq!(serial_ms("45658.5", false), Some(1_735_732_800_000));
        // 10:20:30 as a workbook stores it.
        assert_eq!(
            serial_ms("45658.430902777778", false),
            Some(1_735_726_830_000)
        );
        assert_eq!(serial_ms("44196", true), Some(1_735_689_600_000));
        assert_eq!(serial_ms("60", false), None);
        assert_eq!(serial_ms("1e30", false), None);
        let en = reading("en", "UTC", None);
        assert_eq!(
            en.time(&text("45658")),
            Some(Read {
                value: 1_735_689_600_000,
                odd: Some(Odd::SerialDate)
            })
        );
        assert_eq!(en.time(&text("123")), None);
        assert_eq!(
            en.time(&Cell::Serial("45658".to_owned())),
            Some(Read {
                value: 1_735_689_600_000,
                odd: None
            })
        );
    }
}
