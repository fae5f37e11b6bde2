//! Sums of the ledger, as exact counts of days: by account, store, kind or month, and day by day for
//! the picture.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Day, Kind, Ledger, Row, State};
use crate::coverage::Share;
use crate::quantity::Interval;

/// What a table of the ledger is broken down by, beside the kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By account.
    Account,
    /// By account and store.
    Store,
    /// By kind alone.
    Kind,
    /// By calendar month.
    Month,
}

/// Days of one group and kind by state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Account, `account/store`, month, or nothing.
    pub name: String,
    /// Kind of record.
    pub kind: Kind,
    /// Days by state; states without days are left out.
    pub days: BTreeMap<State, u64>,
    /// Reviewed days over the days in scope, `[least, most]`; presence alone is not counted. The least is
    /// zero where a failing register leaves open what exists.
    pub reviewed: [String; 2],
}

/// Sums by group and kind, sorted.
#[must_use]
pub fn groups(ledger: &Ledger, by: By) -> Vec<Group> {
    let mut sums: BTreeMap<(String, Kind), (BTreeMap<State, u64>, bool)> = BTreeMap::new();
    for row in &ledger.rows {
        let open = ledger.open.contains_key(&row.account);
        for (name, state, days) in parts(row, by) {
            let sum = sums.entry((name, row.kind)).or_default();
            *sum.0.entry(state).or_default() += days;
            sum.1 |= open;
        }
    }
    sums.into_iter()
        .map(|((name, kind), (days, open))| Group {
            reviewed: share(&days, open).bounds(),
            name,
            kind,
            days,
        })
        .collect()
}

fn parts(row: &Row, by: By) -> Vec<(String, State, u64)> {
    let mut out = Vec::new();
    for run in &row.runs {
        match by {
            By::Kind => out.push((String::new(), run.2, run.days())),
            By::Account => out.push((row.account.clone(), run.2, run.days())),
            By::Store => {
                let name = match &row.store {
                    Some(store) => format!("{}/{store}", row.account),
                    None => row.account.clone(),
                };
                out.push((name, run.2, run.days()));
            }
            By::Month => {
                for day in run.0.0..run.1.0 {
                    out.push((Day(day).month(), run.2, 1));
                }
            }
        }
    }
    out
}

fn share(days: &BTreeMap<State, u64>, open: bool) -> Share {
    let whole: u64 = days
        .iter()
        .filter(|(state, _)| **state != State::OutOfScope)
        .map(|(_, days)| days)
        .sum();
    let reviewed = days.get(&State::Reviewed).copied().unwrap_or(0);
    let mut share = Share::of_counts(reviewed, whole);
    if open {
        share.whole = Interval {
            lo: u128::from(whole),
            hi: None,
        };
    }
    share
}

/// One account and kind, day by day: how many cells are in each state, as runs of equal days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strip {
    /// `provider/account`.
    pub account: String,
    /// Kind of record.
    pub kind: Kind,
    /// Runs `(from, until, cells by state)`, in order.
    pub runs: Vec<(Day, Day, BTreeMap<State, u64>)>,
}

/// How many cells enter (or leave) a state at an edge.
type Edges = BTreeMap<Day, BTreeMap<State, i64>>;

/// Strips of every account and kind, sorted.
#[must_use]
pub fn strips(ledger: &Ledger) -> Vec<Strip> {
    let mut sums: BTreeMap<(&str, Kind), Edges> = BTreeMap::new();
    for row in &ledger.rows {
        let edges = sums.entry((&row.account, row.kind)).or_default();
        for run in &row.runs {
            *edges.entry(run.0).or_default().entry(run.2).or_default() += 1;
            *edges.entry(run.1).or_default().entry(run.2).or_default() -= 1;
        }
    }
    sums.into_iter()
        .map(|((account, kind), edges)| Strip {
            account: account.to_owned(),
            kind,
            runs: sweep(&edges),
        })
        .collect()
}

/// From changes at edges to counts between them.
fn sweep(edges: &Edges) -> Vec<(Day, Day, BTreeMap<State, u64>)> {
    let mut runs: Vec<(Day, Day, BTreeMap<State, u64>)> = Vec::new();
    let mut now: BTreeMap<State, i64> = BTreeMap::new();
    let mut since = None;
    for (day, changes) in edges {
        if let Some(from) = since {
            let counts: BTreeMap<State, u64> = now
                .iter()
                .filter_map(|(state, n)| u64::try_from(*n).ok().map(|n| (*state, n)))
                .filter(|(_, n)| *n > 0)
                .collect();
            match runs.last_mut() {
                Some(last) if last.1 == from && last.2 == counts => last.1 = *day,
                _ if counts.is_empty() => {}
                _ => runs.push((from, *day, counts)),
            }
        }
        for (state, change) in changes {
            *now.entry(*state).or_default() += change;
        }
        since = Some(*day);
    }
    runs
}
