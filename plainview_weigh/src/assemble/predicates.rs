//! Claims with a user's own predicate, and quantity claims (METHOD 7.4).

use std::collections::{BTreeMap, BTreeSet};

use plainview_register::{Claim, ClaimKind, PredicateKind, Register};

use super::Found;
use super::absence::{self, Absent, Choices, overall};
use super::builder::Builder;
use super::input::FoundNone;
use super::scope::ClaimScope;
use super::templates::{Rows, end_of, shows, some};
use crate::case::{Integrity, Side};
use crate::coverage::{Coverage, UnitId};
use crate::facts::{Hit, RowRef, Scheme, TestResult};

mod quantity;

/// Adds what the claim's predicate or quantity argues.
pub(crate) fn add(
    builder: &mut Builder<'_>,
    scope: &ClaimScope,
    register: &Register,
    claim: &Claim,
    kind: &ClaimKind,
    choices: &Choices<'_>,
) -> Found {
    match kind {
        ClaimKind::Exists { predicate } => predicate_claim(
            builder,
            scope,
            register,
            claim,
            (predicate, Side::For),
            choices,
        ),
        ClaimKind::None { predicate } | ClaimKind::FoundNone { predicate } => predicate_claim(
            builder,
            scope,
            register,
            claim,
            (predicate, Side::Against),
            choices,
        ),
        ClaimKind::Quantity {
            measure,
            op,
            value,
            unit,
        } => quantity::add(builder, scope, claim, (*measure, *op, value, *unit)),
        ClaimKind::Process { .. } => Found {
            not_run: Some("claims about the review itself are not part of this version".to_owned()),
            exhibits_count: true,
            ..Found::default()
        },
        ClaimKind::Template { .. } => Found::default(),
    }
}

/// Evidence tables and built-in views that hold what logs say. A test that reads one of them rests its
/// absence of hits on every log of the claim's accounts.
pub const LOG_TABLES: &[&str] = &[
    "requests",
    "activity",
    "deliveries",
    "record_days",
    "control_sums",
    "logged_months",
    "digest_intervals",
    "lost_log_files",
    "store_events",
    "act_hours",
    "acts",
    "act_days",
];

/// Whether a query names one of [`LOG_TABLES`]; a name inside a text counts too, which errs on the safe side.
fn reads_logs(sql: &str) -> bool {
    let lower = sql.to_lowercase();
    lower
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .any(|word| LOG_TABLES.contains(&word))
}

/// Hits in the claim's accounts and period.
fn in_scope<'a>(scope: &ClaimScope, test: &'a TestResult) -> Vec<&'a Hit> {
    test.hits
        .iter()
        .filter(|hit| scope.covers(hit.month))
        .filter(|hit| {
            hit.account.as_ref().is_none_or(|found| {
                scope.accounts.iter().any(|(provider, account)| {
                    found == account || *found == format!("{provider}/{account}")
                })
            })
        })
        .collect()
}

/// `hit_side` is the side a hit speaks for; the other side is argued from absence.
fn predicate_claim(
    builder: &mut Builder<'_>,
    scope: &ClaimScope,
    register: &Register,
    claim: &Claim,
    (predicate, hit_side): (&str, Side),
    choices: &Choices<'_>,
) -> Found {
    let observable = register
        .predicate(predicate)
        .is_some_and(|p| p.kind == PredicateKind::Observable);
    let test = scope.facts.tests.iter().find(|t| t.predicate == predicate);
    let ran = test.filter(|test| test.ran);
    let hits = ran.map(|test| in_scope(scope, test)).unwrap_or_default();
    hit_arguments(builder, &claim.id, predicate, hit_side, observable, &hits);
    let listings = scope.listings();
    let counted = |sources: &BTreeSet<String>| {
        // A hit that names no source may be of any of them.
        hits.iter()
            .filter(|h| h.source.as_ref().is_none_or(|s| sources.contains(s)))
            .count() as u64
    };
    let all = |_: &UnitId| true;
    let logs = match register.predicate(predicate) {
        Some(test) if reads_logs(&test.sql) => scope.logs(),
        _ => Vec::new(),
    };
    if ran.is_some() {
        let absent = Absent {
            claim: &claim.id,
            side: hit_side.opposite(),
            what: "hit of the test",
            observable,
            testable: &all,
            hits: &counted,
            denied: &|_| None,
            list_is_frame: false,
            logs: &logs,
        };
        absence::add(builder, scope, &listings, absent, choices);
    }
    let coverage = overall(scope, &listings, &all, choices);
    let parts = matches!(claim.kind, ClaimKind::FoundNone { .. }).then(|| {
        three_parts(
            builder,
            ran.is_some(),
            &hits,
            observable,
            &coverage,
            choices,
        )
    });
    Found {
        coverage: Some(coverage),
        parts,
        not_run: ran.is_none().then(|| match test {
            Some(test) => format!("the test `{predicate}` did not run: {}", test.reason),
            None => format!("the test `{predicate}` has no result"),
        }),
        exhibits_count: true,
        reconciliation: None,
    }
}

fn hit_arguments(
    builder: &mut Builder<'_>,
    claim: &str,
    predicate: &str,
    side: Side,
    observable: bool,
    hits: &[&Hit],
) {
    let mut by_source: BTreeMap<&str, Rows> = BTreeMap::new();
    for hit in hits {
        // A hit that names no source cites nothing, so it is counted and argues nothing.
        let Some(source) = &hit.source else { continue };
        let place = [&hit.account, &hit.container]
            .into_iter()
            .flatten()
            .cloned()
            .chain(hit.month.map(|m| m.to_string()))
            .collect::<Vec<_>>()
            .join("/");
        let rows = by_source.entry(source).or_default();
        rows.add(place, hit.rows, RowRef::default(), hit.month.map(end_of));
    }
    let scheme = if observable {
        Scheme::RecordShows
    } else {
        Scheme::Indicator
    };
    for (source, rows) in &by_source {
        let says = format!(
            "{source} has {} hits of the test `{predicate}`: {}",
            rows.count,
            some(&rows.places)
        );
        shows(
            builder,
            format!("{claim}/hit/{source}"),
            "hit",
            (side, scheme),
            source,
            (rows, says),
        );
    }
}

/// METHOD 2.2 for a user's predicate. Sensitivity is 1 for observable predicates and unknown for latent
/// ones, because nothing here was seeded.
fn three_parts(
    builder: &Builder<'_>,
    ran: bool,
    hits: &[&Hit],
    observable: bool,
    coverage: &Coverage,
    choices: &Choices<'_>,
) -> FoundNone {
    let verified = |hit: &&&Hit| {
        hit.source
            .as_ref()
            .and_then(|id| builder.source(id))
            .is_some_and(|s| s.integrity == Integrity::Verified)
    };
    let verified_hits = hits.iter().filter(verified).count() as u64;
    let literal = match (ran, verified_hits) {
        (false, _) => "no_results",
        (true, 0) => "true",
        (true, _) => "false",
    };
    let reach = super::decimal(&choices.standard.reach);
    let looked = coverage.count.at_least(reach) && coverage.measure.at_least(reach);
    let census = coverage.units > 0 && coverage.unreached.is_empty();
    let (capability, because) = if !observable {
        (
            "unknown",
            "the predicate is latent and no sealed known positives were examined",
        )
    } else if !choices.missing.is_empty() {
        (
            "inadequate",
            "a declared register could not be read in full or fails its control total",
        )
    } else if looked && census && coverage.adversarial_power().0 == 1 {
        (
            "adequate",
            "every known unit was examined for something records show directly",
        )
    } else {
        ("inadequate", "too little of the stated scope was examined")
    };
    FoundNone {
        literal: literal.to_owned(),
        unverified_hits: hits.len() as u64 - verified_hits,
        verified_hits,
        capability: capability.to_owned(),
        capability_because: because.to_owned(),
    }
}
