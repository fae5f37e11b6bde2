//! From what records hold to [`Gap`]s. One function per kind of input; each gives its gaps in order.

use serde::{Deserialize, Serialize};

use super::{Check, Counts, Gap, Span, Strength, length, sequence, uncovered, union};
use crate::facts::Delivery;
use crate::instant::format_utc;
use crate::sentences::coverage as say;
use crate::statistics::{self, Alpha};

/// Statements of delivery of one trail: one source, account and region.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSeries {
    /// Source id.
    pub source: String,
    /// `aws`, `azure`, `gcp`.
    pub provider: String,
    /// Account whose trail it is.
    pub account: String,
    /// Region of the trail's files.
    #[serde(default)]
    pub region: Option<String>,
    /// Time that sound digests cover, merged.
    pub covered: Vec<Span>,
    /// Digests whose link to the one before does not hold.
    #[serde(default)]
    pub restarts: Vec<Restart>,
    /// Named log files that are not here as stated.
    #[serde(default)]
    pub lost: Vec<LostFiles>,
}

/// A digest that does not hang on the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restart {
    /// Start of the digest's interval.
    pub at_ms: i64,
    /// In what way.
    pub kind: RestartKind,
}

impl Restart {
    /// Whether it breaks the chain inside `period`. What the digest at the period's first instant hangs on
    /// lies before the period.
    fn breaks(self, period: Span) -> bool {
        self.kind == RestartKind::Altered || self.at_ms > period.0
    }
}

/// In what way a link does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RestartKind {
    /// It names no digest before: logging was started.
    Start,
    /// It names a digest that is not here.
    Broken,
    /// The digest before, or this one, is not as signed.
    Altered,
}

/// Log files that a digest names and that are missing or altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LostFiles {
    /// Start of the interval of delivery.
    pub from_ms: i64,
    /// Its end, exclusive.
    pub until_ms: i64,
    /// Whether they are here with another hash, rather than not here.
    pub altered: bool,
    /// How many.
    pub files: u64,
}

/// Builds gaps about one account of one source.
struct Maker<'a> {
    source: &'a str,
    account: String,
    store: Option<&'a str>,
}

impl Maker<'_> {
    fn gap(
        &self,
        (check, strength): (Check, Strength),
        when: Option<Span>,
        (measure, counts): (u64, Counts),
        sentence: String,
    ) -> Gap {
        let utc = |ms: i64| format_utc(ms.div_euclid(1_000));
        Gap {
            source: self.source.to_owned(),
            account: self.account.clone(),
            store: self.store.map(str::to_owned),
            check,
            strength,
            from: when.map(|(from, _)| utc(from)),
            until: when.map(|(_, until)| utc(until)),
            measure,
            counts,
            sentence,
        }
    }
}

impl LogSeries {
    /// Time covered inside `period`, without the intervals of lost files: what was both stated and read.
    #[must_use]
    pub fn sound(&self, period: Span) -> Vec<Span> {
        let lost: Vec<Span> = self.lost.iter().map(|l| (l.from_ms, l.until_ms)).collect();
        let mut out = Vec::new();
        for (from, until) in union(&self.covered) {
            let clipped = (from.max(period.0), until.min(period.1));
            if clipped.0 < clipped.1 {
                out.extend(uncovered(clipped, &lost));
            }
        }
        out
    }

    /// Where a chain starts anew, is broken or altered inside `period`, if it does.
    #[must_use]
    pub fn restarted(&self, period: Span) -> Option<Restart> {
        self.restarts
            .iter()
            .copied()
            .filter(|restart| (period.0..period.1).contains(&restart.at_ms))
            .find(|restart| restart.breaks(period))
    }
}

/// Chain, heartbeat and referential gaps of one series within `period`. All of them are definitive: a
/// digest is written for every hour, also when nothing happened.
#[must_use]
pub fn series(log: &LogSeries, period: Span) -> Vec<Gap> {
    let make = Maker {
        source: &log.source,
        account: format!("{}/{}", log.provider, log.account),
        store: None,
    };
    let region = log.region.as_deref().unwrap_or("its region");
    let mut out = Vec::new();
    for restart in &log.restarts {
        if !(period.0..period.1).contains(&restart.at_ms) || !restart.breaks(period) {
            continue;
        }
        out.push(make.gap(
            (Check::Chain, Strength::Definitive),
            Some((restart.at_ms, restart.at_ms)),
            (1, Counts::Links),
            match restart.kind {
                RestartKind::Start => say::chain_started(region),
                RestartKind::Broken => say::chain_broken(region),
                RestartKind::Altered => say::chain_altered(region),
            },
        ));
    }
    for gap in uncovered(period, &log.covered) {
        out.push(make.gap(
            (Check::Heartbeat, Strength::Definitive),
            Some(gap),
            (length(gap) / 1_000, Counts::Seconds),
            say::heartbeat(region),
        ));
    }
    for lost in &log.lost {
        if lost.from_ms >= period.1 || lost.until_ms <= period.0 {
            continue;
        }
        out.push(make.gap(
            (Check::Referential, Strength::Definitive),
            Some((lost.from_ms, lost.until_ms)),
            (lost.files, Counts::Files),
            say::named_files(lost.files, lost.altered),
        ));
    }
    out.sort();
    out
}

/// Requests that one record counts and another lists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counterpart {
    /// Source of the log.
    pub source: String,
    /// Delivery guarantee of the log.
    pub delivery: Delivery,
    /// Source that counts: a bill or a meter.
    pub counted_by: String,
    /// `provider/account`.
    pub account: String,
    /// Container, where both name one.
    pub store: Option<String>,
    /// First instant of the period, milliseconds.
    pub from_ms: i64,
    /// Its end, exclusive.
    pub until_ms: i64,
    /// Requests counted.
    pub counted: u64,
    /// Requests in the log.
    pub logged: u64,
}

/// Referential gaps: more requests are billed or metered than the log holds. Definitive where the log's
/// delivery is guaranteed, else a lead.
#[must_use]
pub fn counterparts(pairs: &[Counterpart]) -> Vec<Gap> {
    let mut out: Vec<Gap> = pairs
        .iter()
        .filter(|pair| pair.counted > pair.logged)
        .map(|pair| {
            let strength = match pair.delivery {
                Delivery::Guaranteed => Strength::Definitive,
                Delivery::BestEffort | Delivery::Unknown => Strength::Lead,
            };
            let make = Maker {
                source: &pair.source,
                account: pair.account.clone(),
                store: pair.store.as_deref(),
            };
            make.gap(
                (Check::Referential, strength),
                Some((pair.from_ms, pair.until_ms)),
                (pair.counted - pair.logged, Counts::Requests),
                say::unmatched(&pair.counted_by, pair.counted, pair.logged),
            )
        })
        .collect();
    out.sort();
    out
}

/// Acts of one source and account, by hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hours {
    /// Source id.
    pub source: String,
    /// `provider/account`.
    pub account: String,
    /// First hour, as hours since the epoch.
    pub first: i64,
    /// Acts per hour from the first to the last in which there was one; hours without are zero.
    pub counts: Vec<u64>,
}

/// Hours of one week.
const WEEK: usize = 168;

/// Weeks that a busy hour needs before its usual volume is spoken of.
const WEEKS_MIN: usize = 5;

/// Volume and silence leads of one series of hours; `alpha` is the registered error probability.
#[must_use]
pub fn hours(series: &Hours, alpha: Alpha) -> Vec<Gap> {
    let make = Maker {
        source: &series.source,
        account: series.account.clone(),
        store: None,
    };
    let at = |hour: usize| (series.first + i64::try_from(hour).unwrap_or(i64::MAX)) * 3_600_000;
    let mut out = Vec::new();
    for slot in 0..WEEK.min(series.counts.len()) {
        let counts: Vec<u64> = series
            .counts
            .iter()
            .skip(slot)
            .step_by(WEEK)
            .copied()
            .collect();
        if counts.len() < WEEKS_MIN {
            continue;
        }
        let Some(spread) = statistics::spread(&counts) else {
            continue;
        };
        for (week, count) in counts.iter().enumerate() {
            let hour = slot + week * WEEK;
            if spread
                .modified_z(*count)
                .is_some_and(statistics::ModifiedZ::flagged)
            {
                out.push(make.gap(
                    (Check::Volume, Strength::Lead),
                    Some((at(hour), at(hour + 1))),
                    (*count, Counts::Requests),
                    say::volume(spread.median_halves),
                ));
            }
        }
    }
    out.extend(silences(&make, series, alpha, at));
    out.sort();
    out
}

fn silences(make: &Maker<'_>, series: &Hours, alpha: Alpha, at: impl Fn(usize) -> i64) -> Vec<Gap> {
    let events: u64 = series.counts.iter().sum();
    let span = series.counts.len() as u64;
    let mut out = Vec::new();
    let mut from = None;
    for (hour, count) in series.counts.iter().chain([&1]).enumerate() {
        match (*count, from) {
            (0, None) => from = Some(hour),
            (0, Some(_)) | (_, None) => {}
            (_, Some(start)) => {
                from = None;
                let silent = (hour - start) as u64;
                if statistics::silence_flagged(events, span, silent, span, alpha) {
                    out.push(make.gap(
                        (Check::Silence, Strength::Lead),
                        Some((at(start), at(hour))),
                        (silent * 3_600, Counts::Seconds),
                        say::silence(),
                    ));
                }
            }
        }
    }
    out
}

/// Names of a source's files that differ in one number alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileNames {
    /// Source id.
    pub source: String,
    /// The numbers.
    pub numbers: Vec<u64>,
}

/// Numbered parts of which one is not there. A lead: who made the files could have numbered them anyhow.
#[must_use]
pub fn numbered_files(names: &FileNames) -> Option<Gap> {
    let found = sequence(&names.numbers);
    let missing = found.missing_count();
    let make = Maker {
        source: &names.source,
        account: String::new(),
        store: None,
    };
    (missing > 0).then(|| {
        make.gap(
            (Check::Sequence, Strength::Lead),
            None,
            (missing, Counts::Files),
            say::numbered_files(&found.missing),
        )
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const HOUR: i64 = 3_600_000;

    fn trail(digests: &[i64]) -> LogSeries {
        LogSeries {
            source: "trail".to_owned(),
            provider: "aws".to_owned(),
            account: "111122223333".to_owned(),
            region: Some("eu-central-1".to_owned()),
            covered: union(
                &digests
                    .iter()
                    .map(|h| (h * HOUR, (h + 1) * HOUR))
                    .collect::<Vec<_>>(),
            ),
            ..LogSeries::default()
        }
    }

    /// Two digests in a row are gone: one broken link, one gap of two hours.
    #[test]
    fn two_consecutive_deletions_are_seen() {
        let mut log = trail(&[0, 1, 2, 5, 6]);
        log.restarts = vec![
            Restart {
                at_ms: 0,
                kind: RestartKind::Start,
            },
            Restart {
                at_ms: 5 * HOUR,
                kind: RestartKind::Broken,
            },
        ];
        let gaps = series(&log, (0, 7 * HOUR));
        let seen: Vec<_> = gaps
            .iter()
            .map(|g| (g.check, g.measure, g.from.as_deref().unwrap()))
            .collect();
        assert_eq!(
            seen,
            [
                (Check::Chain, 1, "1970-01-01T05:00:00Z"),
                (Check::Heartbeat, 7_200, "1970-01-01T03:00:00Z"),
            ]
        );
        assert!(gaps.iter().all(|g| g.strength == Strength::Definitive));
        assert_eq!(log.restarted((0, 7 * HOUR)).unwrap().at_ms, 5 * HOUR);
        assert_eq!(log.restarted((0, 5 * HOUR)), None);
        assert!(
            log.restarted((-HOUR, 5 * HOUR)).is_some(),
            "started inside the period"
        );
    }

    #[test]
    fn a_lost_file_takes_its_interval_out_of_what_is_sound() {
        let mut log = trail(&[0, 1, 2]);
        log.lost = vec![LostFiles {
            from_ms: HOUR,
            until_ms: 2 * HOUR,
            altered: false,
            files: 3,
        }];
        assert_eq!(log.sound((0, 3 * HOUR)), [(0, HOUR), (2 * HOUR, 3 * HOUR)]);
        let gaps = series(&log, (0, 3 * HOUR));
        assert_eq!(gaps.len(), 1);
        assert_eq!((gaps[0].check, gaps[0].measure), (Check::Referential, 3));
    }

    #[test]
    fn only_guaranteed_delivery_makes_a_counterpart_definitive() {
        let pair = |delivery, logged| Counterpart {
            source: "log".to_owned(),
            delivery,
            counted_by: "bill".to_owned(),
            account: "aws/111122223333".to_owned(),
            store: None,
            from_ms: 0,
            until_ms: HOUR,
            counted: 100,
            logged,
        };
        let gaps = counterparts(&[
            pair(Delivery::Guaranteed, 90),
            pair(Delivery::BestEffort, 99),
            pair(Delivery::Guaranteed, 100),
            pair(Delivery::Guaranteed, 101),
        ]);
        let seen: Vec<_> = gaps.iter().map(|g| (g.strength, g.measure)).collect();
        assert_eq!(seen, [(Strength::Definitive, 10), (Strength::Lead, 1)]);
    }

    /// Ten weeks of 20 an hour with one hour at 2 and one day of silence.
    #[test]
    fn odd_hours_are_leads() {
        let mut counts: Vec<u64> = (0..1_680_u64).map(|hour| 20 + (hour / 168) % 3).collect();
        counts[500] = 2;
        counts[1_000..1_024].fill(0);
        let found = hours(
            &Hours {
                source: "log".into(),
                account: "aws/1".into(),
                first: 0,
                counts,
            },
            Alpha::parse("0.05"),
        );
        assert!(found.iter().all(|g| g.strength == Strength::Lead));
        let silent: Vec<_> = found.iter().filter(|g| g.check == Check::Silence).collect();
        assert_eq!(silent.len(), 1);
        assert_eq!(silent[0].measure, 24 * 3_600);
        let volume: Vec<_> = found.iter().filter(|g| g.check == Check::Volume).collect();
        assert_eq!(volume.len(), 25, "the low hour and the 24 silent ones");
    }

    #[test]
    fn numbered_parts_are_missed() {
        let names = |numbers: &[u64]| FileNames {
            source: "cur".into(),
            numbers: numbers.to_vec(),
        };
        assert_eq!(numbered_files(&names(&[1, 2, 3])), None);
        let gap = numbered_files(&names(&[1, 4, 5])).unwrap();
        assert_eq!((gap.measure, gap.strength), (2, Strength::Lead));
    }
}
