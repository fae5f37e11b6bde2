//! Billed against listed: one figure and one table per account.
//!
//! Every reconciled month prints its resolution, because "nothing is missing" means "nothing
//! larger than this". A gap says how much, never what.

use std::collections::{BTreeMap, BTreeSet};

use plainview_weigh::reconcile::{AmountKind, Amounts, OPEN, Reconciliation, State};

use crate::charts::accounts::{AccountChart, Bar, MONTHS_MAX, Missing, MonthBars, draw};
use crate::charts::canvas::Caption;
use crate::figures::{self, Outward};
use crate::{Error, Review};

pub(super) struct AccountView {
    pub(super) name: String,
    pub(super) finding: String,
    pub(super) broad: String,
    pub(super) narrow: String,
    pub(super) legend: Vec<Legend>,
    pub(super) has_missing: bool,
    pub(super) months_left_out: String,
    pub(super) notes: Vec<String>,
    pub(super) rows: Vec<Row>,
}

pub(super) struct Legend {
    pub(super) class: &'static str,
    pub(super) label: String,
}

pub(super) struct Row {
    pub(super) month: String,
    pub(super) left: String,
    pub(super) right: String,
    pub(super) gap: String,
    pub(super) resolution: String,
    pub(super) tau: String,
    pub(super) state: String,
}

/// One view per account, in account order.
pub(super) fn views(review: &Review) -> Result<Vec<AccountView>, Error> {
    let mut accounts: BTreeMap<(&str, &str), Vec<&Reconciliation>> = BTreeMap::new();
    for row in &review.reconciliation {
        accounts
            .entry((&row.provider, &row.account))
            .or_default()
            .push(row);
    }
    accounts
        .into_iter()
        .enumerate()
        .map(|(number, ((provider, account), mut rows))| {
            rows.sort();
            rows.sort_by_key(|row| row.month);
            view(number, &format!("{provider}/{account}"), &rows)
        })
        .collect()
}

fn view(number: usize, name: &str, rows: &[&Reconciliation]) -> Result<AccountView, Error> {
    let series: Vec<(AmountKind, &str)> = rows
        .iter()
        .flat_map(|row| [&row.left, &row.right])
        .map(|side| (side.kind, side.source.as_str()))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let chart = chart(&series, rows);
    let title = format!("Bytes of {name} by month, according to each record");
    let finding = finding(rows);
    let draw_at = |width, class, suffix| {
        let id = format!("account-{number}-{suffix}");
        let caption = Caption {
            id: &id,
            title: &title,
            description: &finding,
        };
        draw(&chart, width, class, &caption)
    };
    let months: BTreeSet<_> = rows.iter().map(|row| row.month).collect();
    let left_out = months.len().saturating_sub(MONTHS_MAX);
    let notes: BTreeSet<&String> = rows.iter().flat_map(|row| &row.notes).collect();
    Ok(AccountView {
        name: name.to_owned(),
        broad: draw_at(696, "chart broad", "b")?,
        narrow: draw_at(350, "chart narrow", "n")?,
        legend: series
            .iter()
            .map(|(kind, source)| Legend {
                class: class(*kind),
                label: format!("{} ({source})", word(*kind)),
            })
            .collect(),
        has_missing: chart.months.iter().any(|month| month.missing.is_some()),
        months_left_out: match left_out {
            0 => String::new(),
            left => format!(
                "The figure leaves out the first {}; the table has them.",
                figures::counted(left as u128, "month", "months")
            ),
        },
        notes: notes.into_iter().map(|note| sentence(note)).collect(),
        rows: rows.iter().map(|row| table_row(row)).collect(),
        finding,
    })
}

/// What the account's months add up to, in one or two sentences.
fn finding(rows: &[&Reconciliation]) -> String {
    let count = |state: State| rows.iter().filter(|row| row.state == state).count();
    let largest = rows
        .iter()
        .filter(|row| row.state == State::Gap)
        .max_by(|a, b| {
            a.gap_lo_byte_ms
                .cmp(&b.gap_lo_byte_ms)
                .then(b.month.cmp(&a.month))
        });
    let comparisons = figures::counted(rows.len() as u128, "comparison", "comparisons");
    match largest {
        Some(row) => format!(
            "In {} of {comparisons} more is billed or metered than the other record can hold. \
             Most in {}: {} exceeds {} by at least {} GiB-months.",
            count(State::Gap),
            figures::month(&row.month.to_string()),
            word(row.left.kind),
            word(row.right.kind),
            figures::decimal(&row.gap[0], 1, Outward::Down)
        ),
        None if count(State::Excess) > 0 => format!(
            "In {} of {comparisons} more is listed than is billed or metered: another payer, a \
             free tier or another period.",
            count(State::Excess)
        ),
        None if count(State::Open) == rows.len() => {
            "Nothing can be concluded: one side is open above in every month.".to_owned()
        }
        None => format!(
            "In {} of {comparisons} the records agree to within their resolution; a hidden store \
             smaller than resolution and tolerance together cannot be excluded.",
            count(State::Reconciled)
        ),
    }
}

fn chart(series: &[(AmountKind, &str)], rows: &[&Reconciliation]) -> AccountChart {
    let mut months: BTreeMap<_, MonthBars> = BTreeMap::new();
    for row in rows {
        let month = months.entry(row.month).or_insert_with(|| MonthBars {
            month: row.month.to_string(),
            bars: vec![None; series.len()],
            missing: None,
        });
        for side in [&row.left, &row.right] {
            if let Some(position) = position(series, side) {
                month.bars[position] = bar(side);
            }
        }
        let found = missing(series, row);
        let wider = |old: Missing, new: Missing| new.to - new.from > old.to - old.from;
        match (month.missing, found) {
            (Some(old), Some(new)) if !wider(old, new) => {}
            (_, Some(new)) => month.missing = Some(new),
            (_, None) => {}
        }
    }
    let skipped = months.len().saturating_sub(MONTHS_MAX);
    AccountChart {
        series: series.iter().map(|(kind, _)| *kind).collect(),
        months: months.into_values().skip(skipped).collect(),
    }
}

fn position(series: &[(AmountKind, &str)], side: &Amounts) -> Option<usize> {
    series
        .iter()
        .position(|(kind, source)| *kind == side.kind && *source == side.source)
}

fn bar(side: &Amounts) -> Option<Bar> {
    let lo = side.gib_month[0].parse().ok()?;
    let hi = (side.gib_month[1] != OPEN)
        .then(|| side.gib_month[1].parse().ok())
        .flatten();
    Some(Bar { lo, hi })
}

/// What the left side holds at least beyond what the right side holds at most.
fn missing(series: &[(AmountKind, &str)], row: &Reconciliation) -> Option<Missing> {
    let (left, right) = (bar(&row.left)?, bar(&row.right)?);
    (row.state == State::Gap).then_some(Missing {
        series: position(series, &row.right)?,
        from: right.hi?,
        to: left.lo,
    })
}

fn table_row(row: &Reconciliation) -> Row {
    Row {
        month: figures::month(&row.month.to_string()),
        left: side(&row.left),
        right: side(&row.right),
        gap: interval(&row.gap),
        resolution: upper(&row.resolution),
        tau: upper(&row.tau),
        state: match row.state {
            State::Gap => "More than listed".to_owned(),
            State::Excess => "Less than listed".to_owned(),
            State::Reconciled => "Agree to within the resolution".to_owned(),
            State::Open => "Open".to_owned(),
        }
        .replace("listed", word(row.right.kind)),
    }
}

fn side(side: &Amounts) -> String {
    format!(
        "{} {} ({})",
        word(side.kind),
        interval(&side.gib_month),
        side.source
    )
}

fn interval(bounds: &[String; 2]) -> String {
    let lo = figures::decimal(&bounds[0], 1, Outward::Down);
    let hi = figures::decimal(&bounds[1], 1, Outward::Up);
    match (bounds[0].as_str(), bounds[1].as_str()) {
        (OPEN, OPEN) => "open".to_owned(),
        (OPEN, _) => format!("at most {hi}"),
        (_, OPEN) => format!("at least {lo}"),
        _ if lo == hi => lo,
        _ => format!("{lo} to {hi}"),
    }
}

fn upper(text: &str) -> String {
    figures::decimal(text, 1, Outward::Up)
}

fn word(kind: AmountKind) -> &'static str {
    match kind {
        AmountKind::Billed => "billed",
        AmountKind::Metered => "metered",
        AmountKind::Listed => "listed",
    }
}

fn class(kind: AmountKind) -> &'static str {
    match kind {
        AmountKind::Billed => "i-billed",
        AmountKind::Metered => "i-metered",
        AmountKind::Listed => "i-listed",
    }
}

/// A note as a sentence: it ends in a full stop.
fn sentence(note: &str) -> String {
    format!("{}.", note.trim_end_matches('.'))
}
