//! Readings on their way into the `metering` table, whichever provider's export they come from.

use serde_json::Value;

use crate::formats::sheet::tally::{Repeated, Tally};
use crate::numbers::parse_decimal;
use crate::run::{Note, Run, SourceFile};
use crate::tables::metering::{MeteringBuilder, MeteringRow, meter};
use crate::times::parse_iso_ms;
use crate::{Effect, Error, Table};

/// What a metric meters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::formats) struct Meter {
    /// The value of `meter`.
    pub(in crate::formats) id: &'static str,
    /// The value of `unit`.
    pub(in crate::formats) unit: &'static str,
    /// A level (bytes at rest) rather than a flow (bytes out): levels are averaged, flows are summed.
    pub(in crate::formats) is_level: bool,
}

/// Bytes at rest.
pub(in crate::formats) const STORED: Meter = Meter {
    id: meter::STORED_BYTES,
    unit: "B",
    is_level: true,
};
/// Objects at rest.
pub(in crate::formats) const OBJECTS: Meter = Meter {
    id: meter::OBJECT_COUNT,
    unit: "count",
    is_level: true,
};
/// Bytes out.
pub(in crate::formats) const EGRESS: Meter = Meter {
    id: meter::EGRESS_BYTES,
    unit: "B",
    is_level: false,
};
/// Bytes in.
pub(in crate::formats) const INGRESS: Meter = Meter {
    id: meter::INGRESS_BYTES,
    unit: "B",
    is_level: false,
};
/// Requests.
pub(in crate::formats) const REQUESTS: Meter = Meter {
    id: meter::TRANSACTIONS,
    unit: "count",
    is_level: false,
};

/// One reading before its checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::formats) struct Reading<'r> {
    /// Account, when the export says it.
    pub(in crate::formats) account: Option<&'r str>,
    /// Bucket or container, when the meter is kept per store.
    pub(in crate::formats) container: Option<&'r str>,
    /// Region, when the export says it.
    pub(in crate::formats) region: Option<&'r str>,
    /// What is metered.
    pub(in crate::formats) meter: Meter,
    /// Storage class or tier.
    pub(in crate::formats) tier: Option<&'r str>,
    /// Start of the interval, milliseconds since 1970 UTC.
    pub(in crate::formats) start_at: i64,
    /// Length of the interval in seconds.
    pub(in crate::formats) period_s: i64,
    /// `average`, `maximum`, `minimum`, `sum` or `last`.
    pub(in crate::formats) statistic: &'static str,
    /// The value as decimal text.
    pub(in crate::formats) value: &'r str,
    /// The unit as the export writes it, when it does.
    pub(in crate::formats) unit: Option<&'r str>,
}

pub(in crate::formats) const UNREAD_METRIC: Repeated = Repeated {
    code: "metric-unread",
    effect: Effect::Unread,
    expected: "",
    message: "readings of metrics outside the allow-list were not read",
};
pub(in crate::formats) const UNREAD_FIELD: Repeated = Repeated {
    code: "metric-unread-fields",
    effect: Effect::Unread,
    expected: "",
    message: "fields outside the allow-list were not read",
};
pub(in crate::formats) const NO_VALUE: Repeated = Repeated {
    code: "metric-no-value",
    effect: Effect::Doubt,
    expected: "a value for each interval",
    message: "intervals without a value: the provider kept no reading for them",
};
pub(in crate::formats) const FLOW_NOT_SUMMED: Repeated = Repeated {
    code: "metric-flow-not-summed",
    effect: Effect::Doubt,
    expected: "the statistic Sum",
    message: "readings of a flow that are not sums say nothing of its total",
};
const ROUNDED: Repeated = Repeated {
    code: "decimal-rounded",
    effect: Effect::Doubt,
    expected: "at most twelve decimal places",
    message: "numbers with more than twelve decimal places were rounded half to even",
};
const NO_ACCOUNT: Repeated = Repeated {
    code: "metric-no-account",
    effect: Effect::Doubt,
    expected: "an account in the export, or `account` of the source",
    message: "readings whose account is unknown; name it as `account` of the source",
};

/// The readings of one file.
pub(in crate::formats) struct Readings {
    builder: MeteringBuilder,
    /// What happens again and again in the file.
    pub(in crate::formats) tally: Tally,
    /// Points met so far; the row number of the last.
    pub(in crate::formats) row: u64,
    provider: String,
    account: String,
}

impl Readings {
    /// An empty set for the next file of a source of `provider`.
    pub(in crate::formats) fn new(run: &Run<'_>, provider: &str) -> Self {
        let (provider, account) = run.input.provider_account(provider);
        Readings {
            builder: MeteringBuilder::new(&run.input.source_id),
            tally: Tally::default(),
            row: 0,
            provider,
            account,
        }
    }

    /// Counts one point under `what`.
    pub(in crate::formats) fn count(&mut self, what: &Repeated, about: &str, found: &str) {
        self.tally.add(what, about, self.row, found);
    }

    /// Takes one reading: the row number is the last point's.
    pub(in crate::formats) fn take(
        &mut self,
        run: &mut Run<'_>,
        file: &SourceFile,
        reading: &Reading<'_>,
    ) -> Result<(), Error> {
        let bad = |found: &str, expected: &str| {
            Note::lost("bad-row", "a reading that cannot be read was not used")
                .row(self.row)
                .found(found)
                .expected(expected)
        };
        let number = parse_decimal(reading.value.trim()).filter(|n| n.scaled >= 0);
        let Some(number) = number else {
            let note = bad(reading.value, "a number that is not negative");
            run.note(Some(file), note);
            return Ok(());
        };
        let end_at = reading
            .period_s
            .checked_mul(1000)
            .and_then(|ms| reading.start_at.checked_add(ms));
        let Some(end_at) = end_at.filter(|end| *end > reading.start_at) else {
            let note = bad(
                &reading.period_s.to_string(),
                "an interval longer than nothing",
            );
            run.note(Some(file), note);
            return Ok(());
        };
        if !unit_fits(reading.unit, reading.meter) {
            let note = bad(reading.unit.unwrap_or_default(), reading.meter.unit);
            run.note(Some(file), note);
            return Ok(());
        }
        if !number.exact {
            self.count(&ROUNDED, "", reading.value);
        }
        if !reading.meter.is_level && reading.statistic != "sum" {
            self.count(&FLOW_NOT_SUMMED, reading.meter.id, reading.statistic);
        }
        let account = reading.account.map(str::trim).filter(|a| !a.is_empty());
        if account.is_none() && run.input.account.is_none() {
            self.count(&NO_ACCOUNT, "", "");
        }
        self.builder.push(&MeteringRow {
            file_no: file.no,
            row_no: self.row,
            provider: &self.provider,
            account: account.unwrap_or(&self.account),
            container: reading.container,
            region: reading.region.or(run.input.region.as_deref()),
            meter: reading.meter.id,
            tier: reading.tier,
            start_at: reading.start_at,
            end_at,
            statistic: reading.statistic,
            value: number.scaled,
            unit: reading.meter.unit,
        });
        run.observe_time(reading.start_at);
        run.observe_time(end_at);
        run.flush_if_full(Table::Metering, file, &mut self.builder)
    }

    /// Gives the counts and the last rows.
    pub(in crate::formats) fn end(
        mut self,
        run: &mut Run<'_>,
        file: &SourceFile,
    ) -> Result<(), Error> {
        self.tally.give(run, file);
        run.flush(Table::Metering, file, &mut self.builder)
    }
}

/// Whether a unit as written is the meter's own; multiples of it are refused, since no export uses them and
/// no document says whether a "Kilobyte" of theirs has 1000 or 1024.
fn unit_fits(unit: Option<&str>, meter: Meter) -> bool {
    match unit.map(str::trim) {
        None | Some("" | "None") => true,
        Some(unit) if meter.unit == "B" => ["Bytes", "Byte", "B"]
            .iter()
            .any(|u| u.eq_ignore_ascii_case(unit)),
        Some(unit) => unit.eq_ignore_ascii_case("Count"),
    }
}

/// The word used here for a statistic, by any of its spellings.
pub(in crate::formats) fn statistic(word: &str) -> Option<&'static str> {
    match word.trim().to_ascii_lowercase().as_str() {
        "average" | "avg" => Some("average"),
        "maximum" | "max" => Some("maximum"),
        "minimum" | "min" => Some("minimum"),
        "sum" | "total" => Some("sum"),
        "last" => Some("last"),
        _ => None,
    }
}

/// A time as exports write it: ISO 8601 text, or a count of seconds or milliseconds since 1970.
pub(in crate::formats) fn instant(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => instant_text(text),
        Value::Number(number) => epoch(&number.to_string()),
        _ => None,
    }
}

/// A time as text: ISO 8601, or digits since 1970.
pub(in crate::formats) fn instant_text(text: &str) -> Option<i64> {
    let text = text.trim();
    parse_iso_ms(text.as_bytes()).or_else(|| epoch(text))
}

fn epoch(text: &str) -> Option<i64> {
    const ONE: i128 = 1_000_000_000_000;
    // Seconds reach this in the year 5138; milliseconds passed it in 1973.
    const MILLISECONDS_FROM: i128 = 100_000_000_000;
    let scaled = parse_decimal(text)?.scaled;
    let ms = if scaled < MILLISECONDS_FROM * ONE {
        scaled / (ONE / 1000)
    } else {
        scaled / ONE
    };
    i64::try_from(ms).ok().filter(|ms| *ms > 0)
}

/// Text or a number of a JSON object, as text.
pub(in crate::formats) fn scalar(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|t| !t.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_as_text_seconds_or_milliseconds() {
        assert_eq!(
            instant_text("2025-01-01T00:00:00Z"),
            Some(1_735_689_600_000)
        );
        assert_eq!(
            instant_text("2025-01-01T01:00:00+01:00"),
            Some(1_735_689_600_000)
        );
        assert_eq!(instant_text("1735689600"), Some(1_735_689_600_000));
        assert_eq!(instant_text("1735689600.5"), Some(1_735_689_600_500));
        assert_eq!(instant_text("1735689600000"), Some(1_735_689_600_000));
        assert_eq!(instant_text("yesterday"), None);
        assert_eq!(instant_text(""), None);
    }

    #[test]
    fn multiples_of_a_unit_are_refused() {
        assert!(unit_fits(Some("Bytes"), STORED));
        assert!(unit_fits(None, STORED));
        assert!(!unit_fits(Some("Kilobytes"), STORED));
        assert!(unit_fits(Some("Count"), OBJECTS));
        assert!(!unit_fits(Some("Bytes"), OBJECTS));
    }
}
