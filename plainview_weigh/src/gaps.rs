//! Whether records are complete (METHOD 5.1): what a chain, a sequence, a heartbeat or a counterpart shows
//! to be missing, and where a volume or a silence is odd.
//!
//! A gap is *definitive* where the record itself is built so that nothing can be missing without being
//! seen (a digest for every hour, a hash of the one before); else it is a *lead*. Only definitive ones
//! reach a gate. A log that is delivered on a best-effort basis has no gaps: it proves presence alone.
//! Everything here is integers; the arithmetic of volume and silence is in [`crate::statistics`].

mod find;

use serde::{Deserialize, Serialize};

use crate::coverage::Share;

pub use find::{
    Counterpart, FileNames, Hours, LogSeries, LostFiles, Restart, RestartKind, counterparts, hours,
    numbered_files, series,
};

/// Half-open interval in milliseconds since the epoch.
pub type Span = (i64, i64);

/// Which check found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Check {
    /// A link to the record before is broken, altered, or starts anew.
    Chain,
    /// Numbers are skipped.
    Sequence,
    /// An interval has no periodic statement.
    Heartbeat,
    /// An event has no partner in the record that must have one.
    Referential,
    /// A count is far from what is usual at that hour of the week.
    Volume,
    /// Nothing for longer than chance explains.
    Silence,
}

impl Check {
    /// The word printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Sequence => "sequence",
            Self::Heartbeat => "heartbeat",
            Self::Referential => "referential",
            Self::Volume => "volume",
            Self::Silence => "silence",
        }
    }
}

/// What a gap may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Something is missing; enters gates.
    Definitive,
    /// A place to look; enters nothing.
    Lead,
}

impl Strength {
    /// The word printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Definitive => "definitive",
            Self::Lead => "lead",
        }
    }
}

/// What a gap's measure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Counts {
    /// Seconds of time.
    Seconds,
    /// Links of a chain.
    Links,
    /// Files.
    Files,
    /// Requests.
    Requests,
}

/// One thing that records themselves show to be missing or odd.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// Source it was found in.
    pub source: String,
    /// `provider/account`; empty where the records name none.
    pub account: String,
    /// Container, where it is about one.
    pub store: Option<String>,
    /// Which check.
    pub check: Check,
    /// Whether it may enter a gate.
    pub strength: Strength,
    /// First instant, UTC; none where it has no time.
    pub from: Option<String>,
    /// First instant after it, UTC.
    pub until: Option<String>,
    /// How much.
    pub measure: u64,
    /// Of what.
    pub counts: Counts,
    /// A fixed sentence.
    pub sentence: String,
}

/// Merges intervals: sorted, disjoint, none empty (sort and sweep, O(n log n)).
#[must_use]
pub fn union(intervals: &[Span]) -> Vec<Span> {
    let mut sorted: Vec<Span> = intervals
        .iter()
        .copied()
        .filter(|(from, until)| from < until)
        .collect();
    sorted.sort_unstable();
    let mut out: Vec<Span> = Vec::new();
    for (from, until) in sorted {
        match out.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => out.push((from, until)),
        }
    }
    out
}

/// What of `period` no interval covers.
#[must_use]
pub fn uncovered(period: Span, intervals: &[Span]) -> Vec<Span> {
    let mut out = Vec::new();
    let mut at = period.0;
    for (from, until) in union(intervals) {
        if until <= at {
            continue;
        }
        if from >= period.1 {
            break;
        }
        if from > at {
            out.push((at, from));
        }
        at = until;
    }
    if at < period.1 {
        out.push((at, period.1));
    }
    out
}

/// Covered time over the period's whole (METHOD 5.1), exact.
#[must_use]
pub fn continuity(period: Span, intervals: &[Span]) -> Share {
    let whole = length(period);
    let gaps: u64 = uncovered(period, intervals).into_iter().map(length).sum();
    Share::of_counts(whole - gaps.min(whole), whole)
}

fn length((from, until): Span) -> u64 {
    u64::try_from(until.saturating_sub(from)).unwrap_or(0)
}

/// What a sequence of integer ids shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Runs of missing ids, both ends included.
    pub missing: Vec<(u64, u64)>,
    /// Ids seen more than once, sorted.
    pub repeated: Vec<u64>,
    /// Distinct ids seen.
    pub distinct: u64,
    /// Ids between the first and the last, both included.
    pub expected: u64,
}

/// Looks for skipped and repeated ids between the smallest and the largest.
#[must_use]
pub fn sequence(ids: &[u64]) -> Sequence {
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    let mut out = Sequence {
        missing: Vec::new(),
        repeated: Vec::new(),
        distinct: u64::from(!sorted.is_empty()),
        expected: match (sorted.first(), sorted.last()) {
            (Some(first), Some(last)) => (last - first).saturating_add(1),
            _ => 0,
        },
    };
    for pair in sorted.windows(2) {
        match pair[1] - pair[0] {
            0 if out.repeated.last() != Some(&pair[0]) => out.repeated.push(pair[0]),
            0 => {}
            step => {
                out.distinct += 1;
                if step > 1 {
                    out.missing.push((pair[0] + 1, pair[1] - 1));
                }
            }
        }
    }
    out
}

impl Sequence {
    /// How many ids are missing.
    #[must_use]
    pub fn missing_count(&self) -> u64 {
        self.expected - self.distinct
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    /// G-C1: 744 hourly digests minus hours 200 to 202 and 500.
    #[test]
    fn golden_c1() {
        let digests: Vec<Span> = (0..744)
            .filter(|hour| !(200..=202).contains(hour) && *hour != 500)
            .map(|hour| (hour * HOUR, (hour + 1) * HOUR))
            .rev()
            .collect();
        let period = (0, 744 * HOUR);
        assert_eq!(
            uncovered(period, &digests),
            [(200 * HOUR, 203 * HOUR), (500 * HOUR, 501 * HOUR)]
        );
        let share = continuity(period, &digests);
        // 740/744 = 0.994623655913..., rounded outward.
        assert_eq!(share.bounds(), ["0.994623", "0.994624"]);
        let (part, whole) = (share.part.lo, share.whole.lo);
        assert_eq!(part * 744, whole * 740);
    }

    /// G-C2: 1,2,3,5,6,6,9,10.
    #[test]
    fn golden_c2() {
        let found = sequence(&[1, 2, 3, 5, 6, 6, 9, 10]);
        assert_eq!(found.missing, [(4, 4), (7, 8)]);
        assert_eq!(found.repeated, [6]);
        assert_eq!((found.distinct, found.expected), (7, 10));
        assert_eq!(found.missing_count(), 3);
        assert_eq!(
            Share::of_counts(found.distinct, found.expected).bounds(),
            ["0.700000", "0.700000"]
        );
    }

    #[test]
    fn overlaps_ends_and_nothing() {
        let period = (0, 100);
        assert_eq!(uncovered(period, &[]), [period]);
        assert_eq!(
            uncovered(period, &[(-50, 10), (5, 20), (20, 30), (90, 200)]),
            [(30, 90)]
        );
        assert!(uncovered(period, &[(0, 100)]).is_empty());
        assert_eq!(uncovered(period, &[(100, 200), (-9, 0)]), [period]);
        assert_eq!(sequence(&[]).expected, 0);
        assert_eq!(sequence(&[3, 3, 3]).repeated, [3]);
        // An empty period shows nothing.
        assert!(!continuity((5, 5), &[]).complete());
    }
}
