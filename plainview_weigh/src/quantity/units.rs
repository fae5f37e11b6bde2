//! The closed unit list and the table (provider, unit text) -> unit. Units of a bill decide a
//! verdict: a GB read as a GiB is a gap of 7.37% that is not there (METHOD G-K4), so a text the table
//! does not know is an interval and a note.

use std::fmt;
use std::str::FromStr;

use super::{Decimal, HOUR_MS, Interval, Month};

/// The closed list of METHOD 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Bytes, decimal and binary multiples.
    Size(Factor),
    /// Byte time.
    Time(TimeUnit),
}

/// Multiples of a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Factor {
    /// 1.
    B,
    /// 10^3.
    KB,
    /// 10^6.
    MB,
    /// 10^9.
    GB,
    /// 10^12.
    TB,
    /// 10^15.
    PB,
    /// 2^10.
    KiB,
    /// 2^20.
    MiB,
    /// 2^30.
    GiB,
    /// 2^40.
    TiB,
    /// 2^50.
    PiB,
}

/// Units of byte time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeUnit {
    /// One byte for one hour.
    ByteHours,
    /// 2^30 bytes for a month.
    GibMonth,
    /// 10^9 bytes for a month.
    GbMonth,
}

/// A unit text that is on the closed list of no one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not one of B, kB, MB, GB, TB, PB, KiB, MiB, GiB, TiB, PiB, byte_hours, GiB_month, GB_month"
)]
pub struct NotUnit(String);

impl Factor {
    /// Bytes in one.
    #[must_use]
    pub fn bytes(self) -> u128 {
        match self {
            Self::B => 1,
            Self::KB => 1_000,
            Self::MB => 1_000_000,
            Self::GB => 1_000_000_000,
            Self::TB => 1_000_000_000_000,
            Self::PB => 1_000_000_000_000_000,
            Self::KiB => 1 << 10,
            Self::MiB => 1 << 20,
            Self::GiB => 1 << 30,
            Self::TiB => 1 << 40,
            Self::PiB => 1 << 50,
        }
    }
}

impl TimeUnit {
    /// Byte-milliseconds in one, for a month of `hours` hours.
    #[must_use]
    pub fn byte_ms(self, hours: u32) -> u128 {
        let hour = u128::from(HOUR_MS);
        match self {
            Self::ByteHours => hour,
            Self::GibMonth => (1_u128 << 30) * u128::from(hours) * hour,
            Self::GbMonth => 1_000_000_000 * u128::from(hours) * hour,
        }
    }
}

const NAMES: [(&str, Unit); 14] = [
    ("B", Unit::Size(Factor::B)),
    ("kB", Unit::Size(Factor::KB)),
    ("MB", Unit::Size(Factor::MB)),
    ("GB", Unit::Size(Factor::GB)),
    ("TB", Unit::Size(Factor::TB)),
    ("PB", Unit::Size(Factor::PB)),
    ("KiB", Unit::Size(Factor::KiB)),
    ("MiB", Unit::Size(Factor::MiB)),
    ("GiB", Unit::Size(Factor::GiB)),
    ("TiB", Unit::Size(Factor::TiB)),
    ("PiB", Unit::Size(Factor::PiB)),
    ("byte_hours", Unit::Time(TimeUnit::ByteHours)),
    ("GiB_month", Unit::Time(TimeUnit::GibMonth)),
    ("GB_month", Unit::Time(TimeUnit::GbMonth)),
];

impl FromStr for Unit {
    type Err = NotUnit;

    fn from_str(text: &str) -> Result<Self, NotUnit> {
        NAMES
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, unit)| *unit)
            .ok_or_else(|| NotUnit(text.to_owned()))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(_, unit)| unit == self);
        f.write_str(name.map_or("B", |(name, _)| name))
    }
}

/// What a bill's unit text means for byte time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// `scale` times the unit, with a month of `hours` hours (none: the actual hours).
    Time {
        /// The unit.
        unit: TimeUnit,
        /// Fixed hours of a month; none means the actual ones.
        hours: Option<u32>,
        /// The quantity counts this many units divided by `per` (TB, seconds, `100 GB`).
        scale: u64,
        /// See `scale`.
        per: u64,
    },
    /// A unit that never measures stored byte time: requests, transfers, operations.
    Other,
    /// A size without a month or hour from a provider that bills what is kept, retrieved and sent in it
    /// alike: between nothing kept and `scale` GiB-months, and a note.
    Unstated {
        /// GiB in one.
        scale: u64,
    },
    /// Not in the table: `[GB_month, GiB_month]` and a note.
    Unknown,
}

/// Hours Azure divides by, unless the record says otherwise (METHOD 5.2).
const AZURE_HOURS: u32 = 730;

/// The table. Matching ignores case, spaces, hyphens, underscores and slashes, and a leading count.
#[must_use]
pub fn lookup(provider: &str, text: &str) -> Meaning {
    let lower = text.trim().to_lowercase();
    let (count, rest) = leading_count(&lower);
    let bare: String = rest
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '_' | '/' | '.'))
        .collect();
    let bare = bare.strip_prefix("per").unwrap_or(&bare);
    let time = |unit, hours, scale: u64, per| Meaning::Time {
        unit,
        hours,
        scale: scale.saturating_mul(count),
        per,
    };
    let month_hours = (provider == "azure").then_some(AZURE_HOURS);
    match (provider, bare) {
        ("azure", "gb" | "gib") => Meaning::Unstated { scale: count },
        ("azure", "tb" | "tib") => Meaning::Unstated {
            scale: count.saturating_mul(1024),
        },
        ("azure", "tbmonth" | "tibmonth") => time(TimeUnit::GibMonth, month_hours, 1024, 1),
        ("aws" | "azure", "gbmo" | "gbmonth" | "gbmonths")
        | (_, "gibmo" | "gibmonth" | "gibmonths" | "gibibytemonth" | "gibibytemonths") => {
            time(TimeUnit::GibMonth, month_hours, 1, 1)
        }
        ("aws", "tbmo" | "tbmonth" | "tbmonths") => time(TimeUnit::GibMonth, None, 1024, 1),
        ("aws" | "azure", "gbhour" | "gbhours" | "gbhrs")
        | (_, "gibhour" | "gibhours" | "gibibytehour" | "gibibytehours") => {
            time(TimeUnit::ByteHours, None, 1 << 30, 1)
        }
        (_, "bytehour" | "bytehours" | "bytehrs") => time(TimeUnit::ByteHours, None, 1, 1),
        (_, "bytesecond" | "byteseconds") => time(TimeUnit::ByteHours, None, 1, 3_600),
        (_, other) if not_byte_time(provider, other) => Meaning::Other,
        _ => Meaning::Unknown,
    }
}

/// `"100 gb/month"` -> `(100, "gb/month")`; `"10k"` counts of operations -> `(10000, "")`.
fn leading_count(text: &str) -> (u64, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    match text[..end].parse::<u64>() {
        Ok(count) if count > 0 => (count, text[end..].trim_start()),
        _ => (1, text),
    }
}

/// Texts known to count something else: these lines are left out of a storage total, not widened.
fn not_byte_time(provider: &str, bare: &str) -> bool {
    const WORDS: [&str; 15] = [
        "request",
        "operation",
        "transaction",
        "iops",
        "ios",
        "obj",
        "tag",
        "hour",
        "hrs",
        "api",
        "count",
        "unit",
        "each",
        "quantity",
        "key",
    ];
    // Outside Azure a bare size is a transfer or a retrieval.
    let transfer = [
        "gb", "gib", "gibibyte", "gigabyte", "tb", "tib", "mb", "mib", "byte", "bytes",
    ];
    bare.is_empty()
        || bare == "k"
        || bare == "m"
        || (provider != "azure" && transfer.contains(&bare))
        || (!bare.contains("byte")
            && !bare.contains("gb")
            && !bare.contains("gib")
            && WORDS.iter().any(|word| bare.contains(word)))
}

impl Meaning {
    /// Byte time of `quantity` (not negative) in `month`, rounded outward; none when the unit
    /// never measures byte time or the amount exceeds 2^128.
    #[must_use]
    pub fn byte_time(self, quantity: Decimal, month: Month) -> Option<Interval> {
        match self {
            Self::Time {
                unit,
                hours,
                scale,
                per,
            } => {
                let one = unit
                    .byte_ms(hours.unwrap_or_else(|| month.hours()))
                    .checked_mul(u128::from(scale))?;
                let (lo, hi) = quantity.times(one)?;
                let per = u128::from(per);
                Some(Interval {
                    lo: lo / per,
                    hi: Some(hi.div_ceil(per)),
                })
            }
            Self::Unstated { scale } => {
                // The longer of the two months, so that the upper end holds either way.
                let hours = month.hours().max(AZURE_HOURS);
                let one = TimeUnit::GibMonth
                    .byte_ms(hours)
                    .checked_mul(u128::from(scale))?;
                let (_, hi) = quantity.times(one)?;
                Some(Interval {
                    lo: 0,
                    hi: Some(hi),
                })
            }
            Self::Unknown => {
                let (lo, _) = quantity.times(TimeUnit::GbMonth.byte_ms(month.hours()))?;
                let (_, hi) = quantity.times(TimeUnit::GibMonth.byte_ms(month.hours()))?;
                Some(Interval { lo, hi: Some(hi) })
            }
            Self::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn amount(provider: &str, unit: &str, quantity: &str, month: &str) -> Option<Interval> {
        lookup(provider, unit).byte_time(quantity.parse().unwrap(), month.parse().unwrap())
    }

    #[test]
    fn closed_list_round_trips_and_refuses() {
        for (name, unit) in NAMES {
            assert_eq!(name.parse::<Unit>().unwrap(), unit);
            assert_eq!(unit.to_string(), name);
        }
        for text in ["gb", "GBs", "kb", "Gb", "GiB-month", ""] {
            assert!(text.parse::<Unit>().is_err());
        }
    }

    #[test]
    fn aws_months_have_their_actual_hours() {
        let gib = 1_u128 << 30;
        for unit in ["GB-Mo", "GB-Month", "GB-Months", "GB Months"] {
            assert_eq!(
                amount("aws", unit, "1", "2025-02"),
                Some(Interval::exact(gib * 672 * 3_600_000)),
                "{unit}"
            );
        }
        assert_eq!(
            amount("aws", "GB-Hours", "744", "2025-03"),
            amount("aws", "GB-Mo", "1", "2025-03")
        );
        assert_eq!(
            amount("aws", "Byte-Hours", "5", "2025-03"),
            Some(Interval::exact(18_000_000))
        );
    }

    #[test]
    fn azure_months_have_730_hours() {
        let expect = Some(Interval::exact((1_u128 << 30) * 730 * 3_600_000));
        for unit in ["1 GB/Month", "GB-Month", "GB/Month", "GB/Mo"] {
            assert_eq!(amount("azure", unit, "1", "2025-02"), expect, "{unit}");
        }
        assert_eq!(
            amount("azure", "100 GB/Month", "1", "2025-02").unwrap().lo,
            100 * (1_u128 << 30) * 730 * 3_600_000
        );
    }

    /// Azure bills retrieval and transfer in GB as well: a bare GB may be nothing kept at all.
    #[test]
    fn a_bare_azure_size_may_be_nothing_kept() {
        let gib_hour = (1_u128 << 30) * 3_600_000;
        for (unit, month, hours) in [
            ("GB", "2025-02", 730),
            ("1 GB", "2025-03", 744),
            ("100 GB", "2025-02", 73_000),
            ("TB", "2025-02", 730 * 1024),
        ] {
            let expect = Interval {
                lo: 0,
                hi: Some(gib_hour * hours),
            };
            assert_eq!(amount("azure", unit, "1", month), Some(expect), "{unit}");
        }
    }

    #[test]
    fn gcp_units() {
        let gib = 1_u128 << 30;
        assert_eq!(
            amount("gcp", "gibibyte month", "1", "2025-04"),
            Some(Interval::exact(gib * 720 * 3_600_000))
        );
        assert_eq!(
            amount("gcp", "byte-seconds", "7200", "2025-04"),
            Some(Interval::exact(7_200_000))
        );
    }

    /// G-K4: an unknown unit spans exactly the GB/GiB factor 1.073741824.
    #[test]
    fn golden_k4_unknown_units_are_an_interval() {
        let found = amount("other", "GB-Month-ish", "1000", "2025-03").unwrap();
        let (lo, hi) = (found.lo, found.hi.unwrap());
        assert_eq!(lo * 1_073_741_824, hi * 1_000_000_000);
        assert_eq!(lookup("other", "GB-Mo"), Meaning::Unknown);
        assert_eq!(lookup("aws", "storage things"), Meaning::Unknown);
    }

    #[test]
    fn other_lines_are_left_out() {
        for (provider, unit) in [
            ("aws", "Requests"),
            ("aws", "IOPS-Months"),
            ("aws", "IOs"),
            ("aws", "Obj-Month"),
            ("aws", "Tag-Mo"),
            ("aws", "GB"),
            ("azure", "10K"),
            ("azure", "10,000 Transactions"),
            ("gcp", "gibibyte"),
        ] {
            assert_eq!(lookup(provider, unit), Meaning::Other, "{provider} {unit}");
        }
    }
}
