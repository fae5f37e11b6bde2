//! `full-list-of-stores`: the list is everything there is. Bills and meters that hold more than the list
//! accounts for contradict it; so does a store that another record names and the list does not.

use std::collections::{BTreeMap, BTreeSet};

use plainview_register::Claim;

use super::{Rows, end_of, some};
use crate::assemble::Found;
use crate::assemble::absence::{self, Absent, Choices, overall, pairs};
use crate::assemble::builder::{Builder, NewArgument, NewItem};
use crate::assemble::scope::{ClaimScope, Showing, join};
use crate::case::Side;
use crate::coverage::UnitId;
use crate::facts::{RowRef, Scheme};
use crate::quantity::Interval;
use crate::reconcile::{Amount, AmountKind, Reconciliation, State, pair, reconcile};

pub(super) fn add(
    builder: &mut Builder<'_>,
    scope: &ClaimScope,
    claim: &Claim,
    list: &[String],
    choices: &Choices<'_>,
) -> Found {
    let listed = Showing {
        kind: AmountKind::Listed,
        sources: list.iter().cloned().collect(),
    };
    let mut printed = Vec::new();
    for frame in scope.frames() {
        let rows = against_list(scope, &frame, &listed, choices);
        gap(builder, scope, &claim.id, &frame, &listed, &rows);
        printed.extend(rows);
    }
    // Bills against meters say something about the frame itself.
    printed.extend(
        reconcile(&scope.facts, scope.window, &choices.tolerance)
            .into_iter()
            .filter(|row| row.right.kind != AmountKind::Listed),
    );
    printed.sort();
    let unlisted = unlisted(scope, &listed);
    for (source, rows) in &unlisted {
        names(builder, &claim.id, source, rows, &listed);
    }
    let hits = |_: &BTreeSet<String>| -> u64 {
        unlisted.values().map(|rows| rows.places.len() as u64).sum()
    };
    let all = |_: &UnitId| true;
    let absent = Absent {
        claim: &claim.id,
        side: Side::For,
        what: "unlisted store",
        observable: true,
        testable: &all,
        hits: &hits,
        denied: &|_| None,
        list_is_frame: true,
        logs: &[],
    };
    let showings = [listed];
    absence::add(builder, scope, &showings, absent, choices);
    let tested = !printed.is_empty() || !unlisted.is_empty();
    Found {
        coverage: Some(overall(scope, &showings, &all, choices)),
        not_run: (!tested).then(|| {
            "no bill, meter or other record of the scope could be compared with the list".to_owned()
        }),
        exhibits_count: true,
        reconciliation: Some(printed),
        ..Found::default()
    }
}

/// The frame against the list. An account the list says nothing about is listed as holding nothing: that
/// is what a full list of stores means. It is open above when the list could not be read in full.
fn against_list(
    scope: &ClaimScope,
    frame: &(AmountKind, String),
    listed: &Showing,
    choices: &Choices<'_>,
) -> Vec<Reconciliation> {
    let mut rows = pairs(scope, frame, listed, &choices.tolerance);
    let readable = listed
        .sources
        .iter()
        .all(|source| !choices.missing.contains(source));
    for amount in scope.of_source(frame.0, &frame.1) {
        let compared = rows.iter().any(|row| {
            (&row.provider, &row.account, row.month)
                == (&amount.provider, &amount.account, amount.month)
        });
        if !compared && readable {
            let nothing = Amount {
                kind: AmountKind::Listed,
                source: listed.id(),
                interval: Interval::exact(0),
                notes: vec!["the list names no store of this account".to_owned()],
                ..amount.clone()
            };
            rows.push(pair(amount, &nothing, &choices.tolerance));
        }
    }
    rows.sort();
    rows
}

/// Items of the list, one per source, on one side.
fn list_items(
    builder: &mut Builder<'_>,
    listed: &Showing,
    recorded: Option<i64>,
    usage: &str,
) -> Vec<String> {
    let mut items = Vec::new();
    for source in &listed.sources {
        let says = format!("{source} is the list that the statement calls complete");
        items
            .extend(builder.item(NewItem::record(source, usage, Side::Against, says).at(recorded)));
    }
    items
}

fn gap(
    builder: &mut Builder<'_>,
    scope: &ClaimScope,
    claim: &str,
    frame: &(AmountKind, String),
    listed: &Showing,
    rows: &[Reconciliation],
) {
    let gaps: Vec<&Reconciliation> = rows.iter().filter(|row| row.state == State::Gap).collect();
    let Some(first) = gaps.iter().map(|row| row.month).min() else {
        return;
    };
    let places: BTreeSet<String> = gaps
        .iter()
        .map(|row| {
            format!(
                "{}/{} in {}: at least {} GiB-months",
                row.provider, row.account, row.month, row.gap[0]
            )
        })
        .collect();
    let says = format!(
        "{} is {} above what the list accounts for: {}",
        frame.1,
        frame.0.participle(),
        some(&places)
    );
    let row = first_row(scope, frame, gaps[0]);
    let item = NewItem::record(&frame.1, "gap", Side::Against, says.clone())
        .at(Some(end_of(first)))
        .row(row);
    let Some(frame_item) = builder.item(item) else {
        return;
    };
    // The gap of a month can be seen once the list's first snapshot after it was taken.
    let seen = scope
        .facts
        .snapshots
        .iter()
        .filter(|s| listed.sources.contains(&s.source) && s.at_ms >= first.end_ms())
        .map(|s| s.at_ms.div_euclid(1_000))
        .min();
    let list = list_items(builder, listed, seen, "listed-gap");
    if list.len() != listed.sources.len() {
        return;
    }
    let mut premises = list.clone();
    premises.push(frame_item);
    builder.argument(NewArgument {
        id: format!("{claim}/gap/{}", frame.1),
        side: Side::Against,
        scheme: Scheme::QuantityInterval,
        premises,
        frame: list,
        says,
        gates: Vec::new(),
    });
}

fn first_row(scope: &ClaimScope, frame: &(AmountKind, String), gap: &Reconciliation) -> RowRef {
    let bills = scope
        .facts
        .bills
        .iter()
        .filter(|b| b.source == frame.1 && b.month == gap.month && b.account == gap.account)
        .map(|b| b.first_row);
    let meters = scope
        .facts
        .meters
        .iter()
        .filter(|m| {
            m.source == frame.1 && m.account == gap.account && m.start_ms >= gap.month.start_ms()
        })
        .map(|m| m.first_row);
    match frame.0 {
        AmountKind::Billed => bills.min(),
        _ => meters.min(),
    }
    .unwrap_or_default()
}

/// Stores that bills, meters and other listings name in the period and the list never does, per source.
fn unlisted(scope: &ClaimScope, listed: &Showing) -> BTreeMap<String, Rows> {
    let key = |p: &str, a: &str, c: &str| format!("{p}/{a}/{c}");
    let on_list: BTreeSet<String> = scope
        .facts
        .snapshots
        .iter()
        .filter(|s| listed.sources.contains(&s.source))
        .map(|s| key(&s.provider, &s.account, &s.container))
        .collect();
    let mut found: BTreeMap<String, Rows> = BTreeMap::new();
    let mut note = |source: &str, place: String, rows: u64, row: RowRef, at: i64| {
        if !on_list.contains(&place) && !listed.sources.contains(source) {
            let entry = found.entry(source.to_owned()).or_default();
            entry.add(place, rows, row, Some(at));
        }
    };
    for named in &scope.facts.named_stores {
        if scope.covers(Some(named.month))
            && !scope.excludes(&named.provider, &named.account, &named.container)
        {
            let place = key(&named.provider, &named.account, &named.container);
            note(
                &named.source,
                place,
                named.rows,
                named.first_row,
                end_of(named.month),
            );
        }
    }
    let (from, to) = (scope.window.from_ms, scope.window.to_ms);
    for point in &scope.facts.meters {
        let Some(container) = &point.container else {
            continue;
        };
        let inside = point.start_ms < to && point.end_ms > from;
        if inside && point.bytes > 0 && !scope.excludes(&point.provider, &point.account, container)
        {
            let place = key(&point.provider, &point.account, container);
            note(
                &point.source,
                place,
                1,
                point.first_row,
                point.end_ms.div_euclid(1_000),
            );
        }
    }
    for shot in &scope.facts.snapshots {
        let inside = (from..=to).contains(&shot.at_ms);
        if inside && !scope.excludes(&shot.provider, &shot.account, &shot.container) {
            let place = key(&shot.provider, &shot.account, &shot.container);
            note(
                &shot.source,
                place,
                shot.objects,
                shot.first_row,
                shot.at_ms.div_euclid(1_000),
            );
        }
    }
    found
}

fn names(builder: &mut Builder<'_>, claim: &str, source: &str, rows: &Rows, listed: &Showing) {
    let says = format!(
        "{source} names {} stores that are not on the list {}: {}",
        rows.places.len(),
        join(&listed.sources),
        some(&rows.places)
    );
    let item = NewItem::record(source, "names", Side::Against, says.clone())
        .at(rows.recorded)
        .row(rows.first);
    let Some(naming) = builder.item(item) else {
        return;
    };
    let list = list_items(builder, listed, rows.recorded, "listed-names");
    if list.len() != listed.sources.len() {
        return;
    }
    let mut premises = list.clone();
    premises.push(naming);
    builder.argument(NewArgument {
        id: format!("{claim}/names/{source}"),
        side: Side::Against,
        scheme: Scheme::RecordShows,
        premises,
        frame: list,
        says,
        gates: Vec::new(),
    });
}
