//! What the ledger, the gaps and the totals would say of a protected source: on which days it has records,
//! how many, and to what they sum.

use std::collections::{BTreeMap, BTreeSet};

use plainview_weigh::ledger::{Row, Run, State};

use super::{Secrets, rounded};
use crate::review::Coverage;

/// Stands for a figure of a protected source.
const WITHHELD_FIGURE: &str = "withheld";

pub(super) fn withhold_coverage(
    coverage: &mut Coverage,
    protected: &BTreeSet<String>,
    secrets: &Secrets,
) {
    for row in &mut coverage.ledger.rows {
        if row.sources.iter().any(|source| protected.contains(source)) {
            coarsen(row);
        }
    }
    for note in &mut coverage.ledger.notes {
        *note = secrets.out_of(note);
    }
    for gap in &mut coverage.gaps {
        if protected.contains(&gap.source) {
            gap.from = None;
            gap.until = None;
            gap.measure = rounded(gap.measure);
            plainview_weigh::sentences::coverage::PROTECTED_GAP.clone_into(&mut gap.sentence);
        } else {
            gap.sentence = secrets.out_of(&gap.sentence);
        }
    }
    for acts in &mut coverage.acts {
        if protected.contains(&acts.source) {
            acts.acts = rounded(acts.acts);
        }
    }
    for tie in &mut coverage.control_totals {
        if !protected.contains(&tie.source) {
            continue;
        }
        WITHHELD_FIGURE.clone_into(&mut tie.found);
        let total = &mut tie.total;
        for figure in [&mut total.value, &mut total.tolerance, &mut total.date] {
            WITHHELD_FIGURE.clone_into(figure);
        }
        total.from = None;
        total.month = None;
        total.kept_by = secrets.out_of(&total.kept_by);
        tie.sentence = plainview_weigh::sentences::coverage::protected_total(tie.holds);
    }
}

/// One state per calendar month: the weakest of its days, so that a month says no more than that it was
/// reviewed whole.
fn coarsen(row: &mut Row) {
    let mut months: BTreeMap<String, Run> = BTreeMap::new();
    for run in &row.runs {
        let mut from = run.0;
        while from < run.1 {
            let month = from.month();
            let mut until = from;
            while until < run.1 && until.month() == month {
                until.0 += 1;
            }
            months
                .entry(month)
                .and_modify(|whole| {
                    whole.1 = until;
                    whole.2 = weaker(whole.2, run.2);
                })
                .or_insert(Run(from, until, run.2));
            from = until;
        }
    }
    row.runs.clear();
    for run in months.into_values() {
        match row.runs.last_mut() {
            Some(last) if last.2 == run.2 && last.1 == run.0 => last.1 = run.1,
            _ => row.runs.push(run),
        }
    }
}

fn weaker(one: State, other: State) -> State {
    let rank = |state: State| State::ALL.iter().position(|known| *known == state);
    if rank(one) >= rank(other) { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plainview_weigh::ledger::{Day, Kind};

    /// Two copies of one log, cut on different days, leave the same months.
    #[test]
    fn months_say_only_whether_they_are_whole() {
        let january = Day(20_089);
        let row = |cut: i64| Row {
            account: "aws/111122223333".to_owned(),
            store: None,
            kind: Kind::Activity,
            known_by: BTreeSet::new(),
            sources: BTreeSet::new(),
            runs: vec![
                Run(january, Day(20_120), State::Presence),
                Run(Day(20_120), Day(20_120 + cut), State::Presence),
                Run(Day(20_120 + cut), Day(20_148), State::Unknown),
            ],
        };
        let (mut one, mut other) = (row(3), row(20));
        coarsen(&mut one);
        coarsen(&mut other);
        assert_eq!(one.runs, other.runs);
        assert_eq!(
            one.runs,
            [
                Run(january, Day(20_120), State::Presence),
                Run(Day(20_120), Day(20_148), State::Unknown)
            ]
        );
    }
}
