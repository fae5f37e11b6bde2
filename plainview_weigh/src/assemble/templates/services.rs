//! `not-a-customer-of SERVICE`: a bill is the register of what was charged. A matching line contradicts
//! the claim; for it speaks only a bill of every account and month that another record ties out.

use std::collections::{BTreeMap, BTreeSet};

use plainview_register::Claim;

use super::{Rows, end_of, is_bill, services_in, shows};
use crate::assemble::Found;
use crate::assemble::absence::Choices;
use crate::assemble::builder::{Builder, NewArgument, NewItem};
use crate::assemble::decimal;
use crate::assemble::scope::ClaimScope;
use crate::case::Side;
use crate::coverage::{Coverage, Frame, Share, UnitId};
use crate::facts::{Delivery, Scheme, ServiceFact};
use crate::gates::{self, GateInputs, GateResult};
use crate::quantity::Month;
use crate::reconcile::{AmountKind, Reconciliation, pair};

/// Whether every word of the service stands in the charge's category or name, case aside.
fn matches(fact: &ServiceFact, service: &str) -> bool {
    let text = format!("{} {}", fact.service_category, fact.service_name).to_lowercase();
    let words: BTreeSet<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect();
    let wanted = service.to_lowercase();
    let mut wanted = wanted
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .peekable();
    wanted.peek().is_some() && wanted.all(|word| words.contains(word))
}

pub(super) fn add(
    builder: &mut Builder<'_>,
    scope: &ClaimScope,
    claim: &Claim,
    service: &str,
    choices: &Choices<'_>,
) -> Found {
    let facts = services_in(scope);
    let mut by_source: BTreeMap<&str, Rows> = BTreeMap::new();
    for fact in facts
        .iter()
        .filter(|f| is_bill(builder, &f.source) && matches(f, service))
    {
        let place = format!(
            "{}/{} in {}: {}",
            fact.provider, fact.account, fact.month, fact.service_name
        );
        let rows = by_source.entry(&fact.source).or_default();
        rows.add(place, fact.rows, fact.first_row, Some(end_of(fact.month)));
    }
    for (source, rows) in &by_source {
        let says = format!(
            "{source} charges for {service} in {} lines: {}",
            rows.count,
            super::some(&rows.places)
        );
        shows(
            builder,
            format!("{}/service/{source}", claim.id),
            "service",
            (Side::Against, Scheme::RecordShows),
            source,
            (rows, says),
        );
    }
    let bills: BTreeSet<&str> = facts
        .iter()
        .map(|f| f.source.as_str())
        .filter(|source| is_bill(builder, source))
        .collect();
    let nothing = nothing_charged(builder, scope, service);
    let mut best: Option<Coverage> = None;
    for bill in &bills {
        let hits = by_source
            .get(bill)
            .map_or(0, |rows| rows.places.len() as u64);
        let coverage = billed_months(scope, bill, choices);
        absences(
            builder,
            scope,
            claim,
            bill,
            (&coverage, hits, &nothing),
            choices,
        );
        if best.as_ref().is_none_or(|b| b.examined < coverage.examined) {
            best = Some(coverage);
        }
    }
    Found {
        coverage: best,
        not_run: bills
            .is_empty()
            .then(|| "no bill of the scope could be read".to_owned()),
        exhibits_count: true,
        ..Found::default()
    }
}

/// Units are the account-months of the scope; a bill examined those it has any line for.
fn billed_months(scope: &ClaimScope, bill: &str, choices: &Choices<'_>) -> Coverage {
    let mut frame = Frame::default();
    let mut examined = BTreeSet::new();
    for (provider, account) in &scope.accounts {
        for month in &scope.months {
            let unit = UnitId {
                provider: provider.clone(),
                account: account.clone(),
                container: String::new(),
                month: *month,
            };
            let here = |p: &str, a: &str, m: Month, s: &str| {
                (p, a, m, s) == (provider.as_str(), account.as_str(), *month, bill)
            };
            let charged = scope
                .facts
                .services
                .iter()
                .any(|f| here(&f.provider, &f.account, f.month, &f.source));
            let stored = scope
                .facts
                .bills
                .iter()
                .any(|f| here(&f.provider, &f.account, f.month, &f.source));
            if charged || stored {
                examined.insert(unit.clone());
            }
            frame.know(unit, bill);
        }
    }
    let share = Share::of_counts(examined.len() as u64, frame.units.len() as u64);
    let design = decimal(&choices.standard.design_share);
    choices.reached(Coverage::new(&frame, &examined, share, design))
}

fn absences(
    builder: &mut Builder<'_>,
    scope: &ClaimScope,
    claim: &Claim,
    bill: &str,
    (coverage, hits, nothing): (&Coverage, u64, &str),
    choices: &Choices<'_>,
) {
    let others: Vec<Option<(AmountKind, String)>> = scope
        .frames()
        .into_iter()
        .filter(|(_, source)| source != bill)
        .map(Some)
        .collect();
    // Without a second record nothing ties the bill out; the attempt is still shown, with G1 failed.
    let others = if others.is_empty() {
        vec![None]
    } else {
        others
    };
    for other in others {
        let pairs = tie_out(scope, bill, other.as_ref(), choices);
        let best_effort: Vec<String> = [Some(bill.to_owned()), other.clone().map(|(_, s)| s)]
            .into_iter()
            .flatten()
            .filter(|id| {
                let metered = other
                    .as_ref()
                    .is_some_and(|(kind, source)| source == id && *kind == AmountKind::Metered);
                let delivery = builder.source(id).map_or(Delivery::Unknown, |s| s.delivery);
                delivery == Delivery::BestEffort || (metered && delivery != Delivery::Guaranteed)
            })
            .collect();
        let mut gates = gates::evaluate(&GateInputs {
            cells: &scope.cells(),
            pairs: &pairs,
            m_tol_gib_month: choices.standard.m_tol_gib_month.as_ref().map(decimal),
            coverage,
            reach: decimal(&choices.standard.reach),
            best_effort: &best_effort,
            observable: true,
            d_tol: choices.standard.d_tol,
            hits,
            missing: choices.missing,
            failed: choices.failed,
            logs: &[],
            continuity: decimal(&choices.standard.continuity),
        });
        if !builder.source(bill).is_some_and(|source| source.tied_out) {
            close_frame(&mut gates);
        }
        let end = Some(scope.window.to_ms.div_euclid(1_000));
        let says = format!("{bill} holds {nothing}");
        let item = NewItem::record(bill, "absence", Side::For, says.clone()).at(end);
        let mut premises: Vec<String> = builder.item(item).into_iter().collect();
        let mut frame = Vec::new();
        let mut id = format!("{}/absence/{bill}", claim.id);
        if let Some((kind, source)) = &other {
            let text = format!("what exists in the scope, as {}", kind.participle());
            let item = NewItem::record(source, "tie-out", Side::For, text).at(end);
            frame.extend(builder.item(item));
            id = format!("{id}/{source}");
        }
        premises.extend(frame.iter().cloned());
        builder.argument(NewArgument {
            id,
            side: Side::For,
            scheme: Scheme::Absence,
            premises,
            frame,
            says,
            gates,
        });
    }
}

/// What finding no line says. Services are matched by whole words, so where no bill ever names one like it,
/// nothing shows that the statement's name is the one that bills use.
fn nothing_charged(builder: &Builder<'_>, scope: &ClaimScope, service: &str) -> String {
    let named = scope
        .facts
        .services
        .iter()
        .any(|f| is_bill(builder, &f.source) && matches(f, service));
    if named {
        format!("no charge for {service}")
    } else {
        format!(
            "no charge for {service}: no declared bill ever names a service matching these words, so a charge under another name would not be found"
        )
    }
}

/// What ties a bill out are amounts of storage. A bill whose lines for another service were cut out ties out
/// as well, so the frame of this absence stays open until a register controls the total of all lines.
fn close_frame(gates: &mut [GateResult]) {
    for gate in gates
        .iter_mut()
        .filter(|gate| gate.gate == "G1" && gate.pass)
    {
        gate.pass = false;
        "no control total covers the bill's other lines: what ties out are amounts of storage"
            .clone_into(&mut gate.why);
    }
}

/// The bill against another bill or a meter, per account-month.
fn tie_out(
    scope: &ClaimScope,
    bill: &str,
    other: Option<&(AmountKind, String)>,
    choices: &Choices<'_>,
) -> Vec<Reconciliation> {
    let Some((kind, source)) = other else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    for left in scope.of_source(AmountKind::Billed, bill) {
        for right in scope.of_source(*kind, source) {
            let same = (&left.provider, &left.account, left.month)
                == (&right.provider, &right.account, right.month);
            if same {
                rows.push(pair(left, right, &choices.tolerance));
            }
        }
    }
    rows
}
