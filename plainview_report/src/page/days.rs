//! What was reviewed, day by day, and what records show to be missing.
//!
//! A strip per account and kind of record with the table behind it, then control totals, gaps, and acts by
//! class of who caused them. Nothing here names or counts a person.

use std::collections::BTreeMap;

use plainview_weigh::gaps::{Counts, Gap};
use plainview_weigh::ledger::{By, Group, Kind, State, Strip, groups, strips};
use plainview_weigh::sentences::coverage as say;

use crate::charts::canvas::Caption;
use crate::charts::strip;
use crate::figures::{self, Outward};
use crate::{Error, Review};

/// Accounts beyond this are left to review.json.
const ACCOUNTS_MAX: usize = 24;

/// Gaps and rows of acts beyond this are left to review.json.
const LINES_MAX: usize = 60;

pub(super) struct DaysView {
    pub(super) empty: bool,
    pub(super) notes: Vec<String>,
    pub(super) legend: Vec<(&'static str, &'static str, &'static str)>,
    pub(super) accounts: Vec<AccountDays>,
    pub(super) left_out: String,
    pub(super) totals: Vec<(String, &'static str)>,
    pub(super) gaps: Vec<GapView>,
    pub(super) gaps_left_out: String,
    pub(super) acts: Vec<(String, String, String, String)>,
    pub(super) acts_notes: Vec<&'static str>,
}

pub(super) struct AccountDays {
    pub(super) name: String,
    pub(super) broad: String,
    pub(super) narrow: String,
    pub(super) rows: Vec<(String, String, String, String)>,
}

pub(super) struct GapView {
    pub(super) what: String,
    pub(super) place: String,
    pub(super) when: String,
    pub(super) measure: String,
    pub(super) sentence: String,
}

pub(super) fn view(review: &Review) -> Result<DaysView, Error> {
    let coverage = &review.coverage;
    let ledger = &coverage.ledger;
    let strips = strips(ledger);
    let mut accounts: BTreeMap<&str, Vec<&Strip>> = BTreeMap::new();
    for strip in &strips {
        accounts.entry(&strip.account).or_default().push(strip);
    }
    let sums = groups(ledger, By::Account);
    let left_out = accounts.len().saturating_sub(ACCOUNTS_MAX);
    let views = accounts
        .iter()
        .take(ACCOUNTS_MAX)
        .enumerate()
        .map(|(number, (name, strips))| account(review, number, name, strips, &sums))
        .collect::<Result<_, _>>()?;
    let used = |state: &State| sums.iter().any(|group| group.days.contains_key(state));
    Ok(DaysView {
        empty: ledger.rows.is_empty(),
        notes: ledger.notes.clone(),
        legend: State::ALL
            .into_iter()
            .filter(used)
            .map(|state| (strip::letter(state), state.as_str(), say::state(state)))
            .collect(),
        accounts: views,
        left_out: more(left_out, "account", "accounts"),
        totals: coverage
            .control_totals
            .iter()
            .map(|tie| {
                let word = if tie.holds { "Holds" } else { "Does not hold" };
                (tie.sentence.clone(), word)
            })
            .collect(),
        gaps: coverage.gaps.iter().take(LINES_MAX).map(gap).collect(),
        gaps_left_out: more(
            usize::try_from(coverage.gaps_total)
                .unwrap_or(usize::MAX)
                .saturating_sub(LINES_MAX.min(coverage.gaps.len())),
            "gap",
            "gaps",
        ),
        acts: acts(review),
        acts_notes: acts_notes(review),
    })
}

fn more(left: usize, one: &str, many: &str) -> String {
    match left {
        0 => String::new(),
        left => format!(
            "{} not printed here; review.json has them.",
            figures::counted(
                left as u128,
                &format!("more {one} is"),
                &format!("more {many} are")
            )
        ),
    }
}

fn account(
    review: &Review,
    number: usize,
    name: &str,
    strips: &[&Strip],
    sums: &[Group],
) -> Result<AccountDays, Error> {
    let groups: Vec<&Group> = sums.iter().filter(|group| group.name == name).collect();
    let title = format!("What was reviewed of {name}, day by day");
    let described: Vec<String> = groups
        .iter()
        .map(|group| format!("{}: {}", group.kind.as_str(), days(group)))
        .collect();
    let description = format!("{}.", described.join("; "));
    let draw = |width, class, suffix| {
        let id = format!("days-{number}-{suffix}");
        let caption = Caption {
            id: &id,
            title: &title,
            description: &description,
        };
        strip::draw(&review.coverage.ledger, strips, width, class, &caption)
    };
    Ok(AccountDays {
        name: name.to_owned(),
        broad: draw(696, "chart broad", "b")?,
        narrow: draw(350, "chart narrow", "n")?,
        rows: groups
            .iter()
            .map(|group| {
                (
                    group.kind.as_str().to_owned(),
                    unit(group.kind).to_owned(),
                    days(group),
                    share(group),
                )
            })
            .collect(),
    })
}

/// What a day of the kind is a day of.
fn unit(kind: Kind) -> &'static str {
    if kind.of_stores() {
        "each store"
    } else {
        "the account"
    }
}

fn days(group: &Group) -> String {
    let parts: Vec<String> = State::ALL
        .iter()
        .filter_map(|state| Some((state, group.days.get(state)?)))
        .map(|(state, days)| format!("{} {}", figures::grouped(u128::from(*days)), state.as_str()))
        .collect();
    figures::listed(&parts)
}

fn share(group: &Group) -> String {
    let low = figures::percent(&group.reviewed[0], Outward::Down);
    if group.reviewed[0] == group.reviewed[1] {
        low
    } else if group.reviewed[1] == "1.000000" && group.reviewed[0] == "0.000000" {
        "not known".to_owned()
    } else {
        format!("at least {low}")
    }
}

fn gap(gap: &Gap) -> GapView {
    let unit = match gap.counts {
        Counts::Seconds if gap.measure >= 3_600 && gap.measure.is_multiple_of(3_600) => {
            figures::counted(u128::from(gap.measure / 3_600), "hour", "hours")
        }
        Counts::Seconds => figures::counted(u128::from(gap.measure), "second", "seconds"),
        Counts::Links => figures::counted(u128::from(gap.measure), "link", "links"),
        Counts::Files => figures::counted(u128::from(gap.measure), "file", "files"),
        Counts::Requests => figures::counted(u128::from(gap.measure), "request", "requests"),
    };
    GapView {
        what: format!("{} ({})", gap.check.as_str(), gap.strength.as_str()),
        place: [
            Some(gap.source.clone()),
            Some(gap.account.clone()).filter(|account| !account.is_empty()),
            gap.store.clone(),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", "),
        when: match (&gap.from, &gap.until) {
            (Some(from), Some(until)) if from == until => from.clone(),
            (Some(from), Some(until)) => format!("{from} to {until}"),
            _ => String::new(),
        },
        measure: unit,
        sentence: gap.sentence.clone(),
    }
}

/// Acts of one account by record and class, summed over its stores.
fn acts(review: &Review) -> Vec<(String, String, String, String)> {
    let mut sums: BTreeMap<(&str, &str, &str), u128> = BTreeMap::new();
    for one in &review.coverage.acts {
        *sums
            .entry((&one.account, &one.record, &one.class))
            .or_default() += u128::from(one.acts);
    }
    sums.into_iter()
        .take(LINES_MAX)
        .map(|((account, record, class), acts)| {
            (
                account.to_owned(),
                record.to_owned(),
                match class {
                    "people" => "users, roles or the account\u{2019}s root",
                    "provider" => {
                        "the provider\u{2019}s services, log delivery and lifecycle rules"
                    }
                    "tenant-programme" => "programmes of the customer",
                    _ => "nobody the records name",
                }
                .to_owned(),
                figures::grouped(acts),
            )
        })
        .collect()
}

fn acts_notes(review: &Review) -> Vec<&'static str> {
    let acts = &review.coverage.acts;
    let mut notes = Vec::new();
    if !acts.is_empty() {
        notes.push(say::ACTS);
    }
    let keyed = |kind: &str| matches!(kind, "account-key" | "signed-url");
    if acts.iter().any(|one| keyed(&one.principal_kind)) {
        notes.push(say::NO_PERSON);
    }
    notes
}
