//! The five claim templates that need no SQL (DESIGN section 4), each with the records that speak for
//! and against it.

use std::collections::{BTreeMap, BTreeSet};

use plainview_register::{Claim, StorageKind, Template};

use super::Found;
use super::absence::{self, Absent, Choices, overall};
use super::builder::{Builder, NewArgument, NewItem};
use super::input::FoundNone;
use super::scope::{ClaimScope, Showing};
use crate::case::{Integrity, Side};
use crate::coverage::UnitId;
use crate::facts::{KindFact, Provides, RegionFact, RowRef, Scheme, ServiceFact};
use crate::quantity::Month;
use crate::reconcile::AmountKind;

mod full_list;
mod services;

/// Adds what the template's records argue.
pub(crate) fn add(
    builder: &mut Builder<'_>,
    scope: &ClaimScope,
    claim: &Claim,
    template: &Template,
    choices: &Choices<'_>,
) -> Found {
    match template {
        Template::FullListOfStores { list } => full_list::add(builder, scope, claim, list, choices),
        Template::NoEvidenceOf { storage_kind } => {
            no_evidence(builder, scope, claim, *storage_kind, choices)
        }
        Template::NotInRegion { region } => not_in_region(builder, scope, claim, region, choices),
        Template::NotACustomerOf { service } => {
            services::add(builder, scope, claim, service, choices)
        }
        Template::UnawareUntil { .. } => Found {
            not_run: Some(crate::sentences::KNOWLEDGE_NOT_TESTED.to_owned()),
            exhibits_count: false,
            ..Found::default()
        },
    }
}

/// Seconds at the end of a month, when what happened in it is on record.
pub(super) fn end_of(month: Month) -> i64 {
    month.end_ms().div_euclid(1_000)
}

/// A few places, then how many more.
pub(super) fn some(places: &BTreeSet<String>) -> String {
    const SHOWN: usize = 6;
    let text = places
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match places.len().saturating_sub(SHOWN) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}

/// One source's rows that show something.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) places: BTreeSet<String>,
    pub(super) count: u64,
    pub(super) first: RowRef,
    /// Seconds at which the earliest of them was on record.
    pub(super) recorded: Option<i64>,
}

impl Rows {
    pub(super) fn add(&mut self, place: String, rows: u64, first: RowRef, recorded: Option<i64>) {
        if self.places.is_empty() || first < self.first {
            self.first = first;
        }
        self.places.insert(place);
        self.count = self.count.saturating_add(rows);
        self.recorded = match (self.recorded, recorded) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, other) => one.or(other),
        };
    }
}

/// Adds a `record-shows` (or `indicator`) argument of one source.
pub(super) fn shows(
    builder: &mut Builder<'_>,
    id: String,
    usage: &str,
    (side, scheme): (Side, Scheme),
    source: &str,
    (rows, says): (&Rows, String),
) {
    let item = NewItem::record(source, usage, side, says.clone())
        .at(rows.recorded)
        .row(rows.first);
    let premises: Vec<String> = builder.item(item).into_iter().collect();
    builder.argument(NewArgument {
        id,
        side,
        scheme,
        premises,
        frame: Vec::new(),
        says,
        gates: Vec::new(),
    });
}

fn no_evidence(
    builder: &mut Builder<'_>,
    scope: &ClaimScope,
    claim: &Claim,
    kind: StorageKind,
    choices: &Choices<'_>,
) -> Found {
    let kind = kind.as_str();
    let inside = |fact: &&KindFact| {
        !scope.excludes(&fact.provider, &fact.account, &fact.container)
            && (fact.months.is_empty() || fact.months.iter().any(|m| scope.covers(Some(*m))))
    };
    let profiled: Vec<&KindFact> = scope.facts.kinds.iter().filter(inside).collect();
    let hits: Vec<&KindFact> = profiled
        .iter()
        .filter(|fact| fact.kind == kind)
        .copied()
        .collect();
    let mut by_source: BTreeMap<&str, Vec<&KindFact>> = BTreeMap::new();
    for hit in &hits {
        by_source.entry(&hit.source).or_default().push(hit);
    }
    for (source, hits) in &by_source {
        indicator(builder, scope, &claim.id, source, kind, hits);
    }
    let counted = |sources: &BTreeSet<String>| {
        hits.iter().filter(|h| sources.contains(&h.source)).count() as u64
    };
    let stores: BTreeSet<(&str, &str, &str)> = profiled
        .iter()
        .map(|f| (&*f.provider, &*f.account, &*f.container))
        .collect();
    let testable =
        |unit: &UnitId| stores.contains(&(&*unit.provider, &*unit.account, &*unit.container));
    let listings = scope.listings();
    let absent = Absent {
        claim: &claim.id,
        side: Side::For,
        what: "collection consistent with it",
        observable: false,
        testable: &testable,
        hits: &counted,
        denied: &|_| None,
        list_is_frame: false,
        logs: &[],
    };
    absence::add(builder, scope, &listings, absent, choices);
    Found {
        coverage: Some(overall(scope, &listings, &testable, choices)),
        parts: Some(literal(builder, profiled.is_empty(), &hits)),
        not_run: profiled
            .is_empty()
            .then(|| "no listing of the scope could be profiled".to_owned()),
        exhibits_count: true,
        reconciliation: None,
    }
}

fn indicator(
    builder: &mut Builder<'_>,
    scope: &ClaimScope,
    claim: &str,
    source: &str,
    kind: &str,
    hits: &[&KindFact],
) {
    let mut rows = Rows::default();
    let (mut objects, mut bytes) = (0_u64, 0_u128);
    for hit in hits {
        let place = format!(
            "{}/{}/{} {}",
            hit.provider, hit.account, hit.container, hit.template
        );
        // A listing showed it when its first snapshot of the store was taken.
        let recorded = scope
            .facts
            .snapshots
            .iter()
            .filter(|s| {
                s.source == source && s.container == hit.container && s.account == hit.account
            })
            .map(|s| s.at_ms.div_euclid(1_000))
            .min();
        rows.add(place, hit.objects, RowRef::default(), recorded);
        objects = objects.saturating_add(hit.objects);
        bytes = bytes.saturating_add(hit.bytes);
    }
    let says = format!(
        "{source} lists {objects} objects of {bytes} bytes whose metadata are consistent with {kind}: {}",
        some(&rows.places)
    );
    shows(
        builder,
        format!("{claim}/indicator/{source}"),
        "indicator",
        (Side::Against, Scheme::Indicator),
        source,
        (&rows, says),
    );
}

/// The literal and capability parts (METHOD 2.2). Every kind of use is latent and nothing measures here
/// how often it is missed, so capability is unknown.
fn literal(builder: &Builder<'_>, no_results: bool, hits: &[&KindFact]) -> FoundNone {
    let verified = |source: &str| {
        builder
            .source(source)
            .is_some_and(|s| s.integrity == Integrity::Verified)
    };
    let verified_hits = hits.iter().filter(|h| verified(&h.source)).count() as u64;
    let literal = match (no_results, verified_hits) {
        (true, _) => "no_results",
        (false, 0) => "true",
        (false, _) => "false",
    };
    FoundNone {
        literal: literal.to_owned(),
        unverified_hits: hits.len() as u64 - verified_hits,
        verified_hits,
        capability: "unknown".to_owned(),
        capability_because: "the kind of use is latent and no sealed known positives were examined"
            .to_owned(),
    }
}

fn hits_in_region(builder: &mut Builder<'_>, claim: &str, region: &str, hits: &[&RegionFact]) {
    let mut by_source: BTreeMap<&str, Rows> = BTreeMap::new();
    for hit in hits {
        let place = match &hit.container {
            Some(container) => format!("{}/{}/{container}", hit.provider, hit.account),
            None => format!("{}/{}", hit.provider, hit.account),
        };
        let rows = by_source.entry(&hit.source).or_default();
        rows.add(place, hit.rows, hit.first_row, hit.month.map(end_of));
    }
    for (source, rows) in &by_source {
        let says = format!(
            "{source} places something in {region} in {} rows: {}",
            rows.count,
            some(&rows.places)
        );
        shows(
            builder,
            format!("{claim}/region/{source}"),
            "region",
            (Side::Against, Scheme::RecordShows),
            source,
            (rows, says),
        );
    }
}

fn not_in_region(
    builder: &mut Builder<'_>,
    scope: &ClaimScope,
    claim: &Claim,
    region: &str,
    choices: &Choices<'_>,
) -> Found {
    let inside = |fact: &&RegionFact| {
        scope.covers(fact.month)
            && fact
                .container
                .as_ref()
                .is_none_or(|c| !scope.excludes(&fact.provider, &fact.account, c))
    };
    let known: Vec<&RegionFact> = scope.facts.regions.iter().filter(inside).collect();
    let hits: Vec<&RegionFact> = known
        .iter()
        .filter(|fact| fact.region.eq_ignore_ascii_case(region))
        .copied()
        .collect();
    hits_in_region(builder, &claim.id, region, &hits);
    let counted = |sources: &BTreeSet<String>| {
        hits.iter().filter(|h| sources.contains(&h.source)).count() as u64
    };
    // A unit is examined only where some record says in which region its store is.
    let placed: BTreeSet<(&str, &str, &str)> = known
        .iter()
        .filter_map(|f| Some((&*f.provider, &*f.account, f.container.as_deref()?)))
        .collect();
    let testable =
        |unit: &UnitId| placed.contains(&(&*unit.provider, &*unit.account, &*unit.container));
    let showings = showing_regions(scope, &known);
    let denied = |sources: &BTreeSet<String>| {
        let odd = sources.iter().find(|id| at_odds(scope, &known, id))?;
        Some(format!(
            "the region declared for {odd} is not among those billed or metered for its account"
        ))
    };
    let absent = Absent {
        claim: &claim.id,
        side: Side::For,
        what: "store in the region",
        observable: true,
        testable: &testable,
        hits: &counted,
        denied: &denied,
        list_is_frame: false,
        logs: &[],
    };
    absence::add(builder, scope, &showings, absent, choices);
    // What is at odds with the bills leaves its stores as if nobody had looked.
    let mut believed = showings.clone();
    believed.retain(|showing| denied(&showing.sources).is_none());
    Found {
        coverage: Some(overall(scope, &believed, &testable, choices)),
        not_run: known
            .is_empty()
            .then(|| "no record of the scope carries a region".to_owned()),
        exhibits_count: true,
        ..Found::default()
    }
}

/// Whether a source places stores in a region in which no bill or meter of the account places anything. An
/// inventory's region is declared in the register; a declaration that the bill denies shows nothing.
fn at_odds(scope: &ClaimScope, known: &[&RegionFact], source: &str) -> bool {
    let frames: BTreeSet<String> = scope.frames().into_iter().map(|(_, id)| id).collect();
    let recorded: BTreeSet<(&str, &str, String)> = known
        .iter()
        .filter(|f| frames.contains(&f.source) && f.source != source)
        .map(|f| (&*f.provider, &*f.account, f.region.to_lowercase()))
        .collect();
    known.iter().filter(|f| f.source == source).any(|f| {
        let place = (&*f.provider, &*f.account, f.region.to_lowercase());
        let billed = recorded
            .iter()
            .any(|(p, a, _)| (*p, *a) == (place.0, place.1));
        billed && !recorded.contains(&place)
    })
}

/// Listings and container meters that themselves carry a region.
fn showing_regions(scope: &ClaimScope, known: &[&RegionFact]) -> Vec<Showing> {
    let with_region: BTreeSet<&str> = known
        .iter()
        .filter(|f| f.container.is_some())
        .map(|f| f.source.as_str())
        .collect();
    let mut showings: Vec<Showing> = scope
        .listings()
        .into_iter()
        .filter(|s| s.sources.iter().all(|id| with_region.contains(id.as_str())))
        .collect();
    for (kind, source) in scope.frames() {
        if kind == AmountKind::Metered && with_region.contains(source.as_str()) {
            showings.push(Showing {
                kind,
                sources: BTreeSet::from([source]),
            });
        }
    }
    showings
}

/// Whether a source is declared or found to provide bills.
pub(super) fn is_bill(builder: &Builder<'_>, source: &str) -> bool {
    builder
        .source(source)
        .is_some_and(|s| s.provides.contains(&Provides::Bills))
}

/// Service facts in scope, sorted.
pub(super) fn services_in(scope: &ClaimScope) -> Vec<&ServiceFact> {
    scope
        .facts
        .services
        .iter()
        .filter(|f| scope.covers(Some(f.month)))
        .collect()
}
