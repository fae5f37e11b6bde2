//! `plainview coverage CASE`: what was reviewed, unreadable, missing or withheld, by account, store, kind of
//! record and day.
//!
//! It shows what `review` made, running only those of its steps whose inputs changed, and shows no more of a
//! protected source than the report does.

use std::collections::BTreeMap;

use anyhow::Result;
use plainview_report::{Review, published};
use plainview_weigh::gaps::{Counts, Gap};
use plainview_weigh::ledger::{By, Group, State, groups};
use plainview_weigh::sentences::percent;
use serde_json::json;

use crate::case::CaseFolder;
use crate::cli::{Breakdown, CoverageArgs};
use crate::exit::Ending;
use crate::{review, term};

/// Lines of groups and of gaps that a terminal is given; `--json` has all.
const LINES_MAX: usize = 40;

pub(crate) fn run(args: &CoverageArgs) -> Result<Ending> {
    let case = CaseFolder::open(&args.case)?;
    let reviewed = review::review(&case, args.threads)?;
    let shown = published(&reviewed.review);
    let by = match args.by {
        Breakdown::Account => By::Account,
        Breakdown::Store => By::Store,
        Breakdown::Kind => By::Kind,
        Breakdown::Month => By::Month,
    };
    let groups = groups(&shown.coverage.ledger, by);
    if args.json {
        let value = json!({
            "ledger": shown.coverage.ledger,
            "groups": groups,
            "gaps": shown.coverage.gaps,
            "gaps_total": shown.coverage.gaps_total,
            "acts": shown.coverage.acts,
            "control_totals": shown.coverage.control_totals,
        });
        term::result(&format!("{}\n", serde_json::to_string_pretty(&value)?));
    } else {
        term::result(&term::harmless(&text(&shown, &groups)));
    }
    Ok(Ending {
        contradicted: false,
        incomplete: reviewed.ending.incomplete,
    })
}

fn text(review: &Review, groups: &[Group]) -> String {
    let coverage = &review.coverage;
    let mut out = format!(
        "Days from {} up to, not including, {} (UTC), by state\n\n",
        coverage.ledger.from, coverage.ledger.until
    );
    out.push_str(&table(groups));
    for note in &coverage.ledger.notes {
        out.push_str(&format!("\n{note}\n"));
    }
    if !coverage.control_totals.is_empty() {
        out.push_str("\nControl totals\n");
        for tie in &coverage.control_totals {
            out.push_str(&format!("  {}\n", tie.sentence));
        }
    }
    out.push_str(&gaps(&coverage.gaps, coverage.gaps_total));
    out
}

/// One line per group and kind; only states that occur have a column.
fn table(groups: &[Group]) -> String {
    if groups.is_empty() {
        return "Nothing says what exists, so there is nothing to count.\n".to_owned();
    }
    let mut all: BTreeMap<State, u64> = BTreeMap::new();
    for group in groups {
        for (state, days) in &group.days {
            *all.entry(*state).or_default() += days;
        }
    }
    let states: Vec<State> = State::ALL
        .into_iter()
        .filter(|state| all.contains_key(state))
        .collect();
    let names = groups
        .iter()
        .take(LINES_MAX)
        .map(|group| group.name.chars().count());
    let width = names.max().unwrap_or(0).min(40);
    let mut out = format!("{:width$}  {:9}", "", "kind");
    for state in &states {
        out.push_str(&format!("  {:>w$}", state.as_str(), w = column(*state)));
    }
    out.push_str("  reviewed share\n");
    for group in groups.iter().take(LINES_MAX) {
        let name = shortened(&group.name, width);
        out.push_str(&format!("{name:width$}  {:9}", group.kind.as_str()));
        for state in &states {
            let days = group
                .days
                .get(state)
                .map_or_else(|| "-".to_owned(), ToString::to_string);
            out.push_str(&format!("  {days:>w$}", w = column(*state)));
        }
        let share = share(group);
        out.push_str(&format!("  {share}\n"));
    }
    if groups.len() > LINES_MAX {
        out.push_str(&format!(
            "and {} more lines; --json has them\n",
            groups.len() - LINES_MAX
        ));
    }
    out
}

/// The least share, to one decimal rounded down.
fn share(group: &Group) -> String {
    if group.reviewed == ["0.000000", "1.000000"] {
        return "not known".to_owned();
    }
    let least = percent(&group.reviewed[0]);
    let (whole, rest) = least
        .split_once('.')
        .unwrap_or((least.trim_end_matches('%'), ""));
    match rest.chars().next().filter(char::is_ascii_digit) {
        Some(tenth) => format!("{whole}.{tenth}%"),
        None => format!("{whole}%"),
    }
}

fn column(state: State) -> usize {
    state.as_str().len().max(7)
}

/// The end of a long name says more than its start: the start is the account.
fn shortened(name: &str, width: usize) -> String {
    let length = name.chars().count();
    if length <= width {
        return name.to_owned();
    }
    let tail: String = name.chars().skip(length - width + 2).collect();
    format!("..{tail}")
}

fn gaps(gaps: &[Gap], total: u64) -> String {
    if gaps.is_empty() {
        return "\nNo gap was found. Only records that are built to show gaps can show them.\n"
            .to_owned();
    }
    let mut out = format!("\nGaps ({total})\n");
    for gap in gaps.iter().take(LINES_MAX) {
        let unit = match gap.counts {
            Counts::Seconds => "seconds",
            Counts::Links => "links",
            Counts::Files => "files",
            Counts::Requests => "requests",
        };
        let place: Vec<&str> = [
            Some(gap.source.as_str()),
            Some(gap.account.as_str()).filter(|account| !account.is_empty()),
            gap.store.as_deref(),
        ]
        .into_iter()
        .flatten()
        .collect();
        let when = match (&gap.from, &gap.until) {
            (Some(from), Some(until)) if from == until => format!(" at {from}"),
            (Some(from), Some(until)) => format!(" {from} to {until}"),
            _ => String::new(),
        };
        out.push_str(&format!(
            "  {} ({}), {}{when}: {} {unit}\n    {}\n",
            gap.check.as_str(),
            gap.strength.as_str(),
            place.join(", "),
            gap.measure,
            gap.sentence
        ));
    }
    let left = total.saturating_sub(LINES_MAX.min(gaps.len()) as u64);
    if left > 0 {
        out.push_str(&format!("  and {left} more; --json has them\n"));
    }
    out
}
