//! Laws that must hold whatever the facts: order, property P5, and what bounds an interval.

use std::collections::{BTreeMap, BTreeSet};

use plainview_register::Register;
use plainview_weigh::assemble::assemble;
use plainview_weigh::evaluate::Outcome;
use plainview_weigh::facts::{Facts, StoreSnapshot};
use plainview_weigh::quantity::Interval;
use plainview_weigh::reconcile::{
    Snapshot, State, Tolerance, Window, listed as listed_interval, reconcile, span,
};
use proptest::prelude::*;

use crate::method_support::*;

const SOURCES: [&str; 5] = ["list-a", "list-b", "list-c", "billing", "meter"];

fn rich_register() -> Register {
    let sources = [
        declared("list-a", "s3-inventory", "provider-storage", "provider"),
        declared("list-b", "s3-inventory", "auditor", "auditor"),
        declared("list-c", "s3-inventory", "auditor", "auditor"),
        declared("billing", "focus", "provider-finance", "provider"),
        Declared {
            more: "delivery = \"guaranteed\"",
            ..declared(
                "meter",
                "cloudwatch-metrics",
                "provider-metering",
                "provider",
            )
        },
    ];
    let rest = format!(
        "{TEAMS}{}{}{}{}{}",
        claim(
            "C1",
            "institute",
            "template = \"not-in-region il-central-1\""
        ),
        claim(
            "C2",
            "institute",
            "template = \"not-in-region eu-central-1\""
        ),
        claim(
            "C3",
            "provider",
            "template = \"no-evidence-of recorded_calls\""
        ),
        claim(
            "C4",
            "provider",
            "template = \"full-list-of-stores\"\nlist = [\"list-a\"]"
        ),
        claim("C5", "institute", "template = \"not-a-customer-of speech\""),
    );
    register(&sources, &rest)
}

fn rich_sources() -> Vec<plainview_weigh::facts::SourceFact> {
    [
        declared("list-a", "s3-inventory", "provider-storage", "provider"),
        declared("list-b", "s3-inventory", "auditor", "auditor"),
        declared("list-c", "s3-inventory", "auditor", "auditor"),
        declared("billing", "focus", "provider-finance", "provider"),
        Declared {
            more: "delivery = \"guaranteed\"",
            ..declared(
                "meter",
                "cloudwatch-metrics",
                "provider-metering",
                "provider",
            )
        },
    ]
    .iter()
    .map(source)
    .collect()
}

/// Facts over three possible stores; each listing has its own subset of them.
fn rich_facts(stores: [[u128; 3]; 3], bill: u32, meter: [u128; 3], regions: [u8; 3]) -> Facts {
    let names = ["alpha", "beta", "gamma"];
    let mut facts = Facts {
        sources: rich_sources(),
        ..Facts::default()
    };
    for (list, sizes) in ["list-a", "list-b", "list-c"].iter().zip(stores) {
        for ((name, gib), region) in names.iter().zip(sizes).zip(regions) {
            if gib > 0 {
                listed(&mut facts, list, name, gib);
                let region = if region == 0 {
                    "eu-central-1"
                } else {
                    "il-central-1"
                };
                placed(&mut facts, list, name, region);
                kind(&mut facts, list, name, "logs_telemetry");
            }
        }
    }
    billed(&mut facts, "billing", &bill.to_string());
    charged(&mut facts, "billing", "Simple Object Storage");
    for (name, gib) in names.iter().zip(meter) {
        if gib > 0 {
            metered(&mut facts, "meter", name, gib);
        }
    }
    facts
}

fn passing(register: &Register, facts: &Facts) -> BTreeSet<(String, String)> {
    let inputs = assemble(register, facts);
    inputs
        .iter()
        .flat_map(|input| &input.arguments)
        .flat_map(|argument| {
            argument
                .gates
                .iter()
                // G4 asks about the predicate alone; no record feeds it.
                .filter(|gate| gate.pass && gate.gate != "G4")
                .map(|gate| (argument.id.clone(), gate.gate.clone()))
        })
        .collect()
}

/// Everything one source recorded is gone, though it is still declared.
fn without(facts: &Facts, source: &str) -> Facts {
    let mut facts = facts.clone();
    facts.snapshots.retain(|f| f.source != source);
    facts.bills.retain(|f| f.source != source);
    facts.meters.retain(|f| f.source != source);
    facts.regions.retain(|f| f.source != source);
    facts.kinds.retain(|f| f.source != source);
    facts.services.retain(|f| f.source != source);
    facts
}

/// The same list in another order.
fn turned<T>(list: &mut [T], by: usize) {
    if !list.is_empty() {
        list.rotate_left(by % list.len());
        list.reverse();
    }
}

fn sizes() -> impl Strategy<Value = [u128; 3]> {
    prop::array::uniform3(prop_oneof![Just(0_u128), Just(1), Just(40), Just(100)])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// P5: removing a bill, meter or list, or losing rows of one, never makes a gate pass.
    #[test]
    fn removing_a_register_never_makes_a_gate_pass(
        a in sizes(), b in sizes(), c in sizes(), meter in sizes(),
        bill in 0_u32..250, regions in prop::array::uniform3(0_u8..2),
    ) {
        let register = rich_register();
        let facts = rich_facts([a, b, c], bill, meter, regions);
        let before = passing(&register, &facts);
        for source in SOURCES {
            let gone = passing(&register, &without(&facts, source));
            prop_assert!(gone.is_subset(&before), "{source}: {:?}", gone.difference(&before));
            let mut lossy = facts.clone();
            for fact in &mut lossy.sources {
                fact.incomplete |= fact.id == source;
            }
            let lossy = passing(&register, &lossy);
            prop_assert!(lossy.is_subset(&before), "{source}: {:?}", lossy.difference(&before));
        }
    }

    /// The same facts in any order give the same bytes.
    #[test]
    fn order_never_matters(a in sizes(), b in sizes(), meter in sizes(), bill in 0_u32..250, turn in 0_usize..97) {
        let register = rich_register();
        let mut facts = rich_facts([a, b, a], bill, meter, [0, 1, 0]);
        let expect: Vec<String> = assemble(&register, &facts).iter().map(|i| i.bundle().unwrap()).collect();
        turned(&mut facts.sources, turn);
        turned(&mut facts.snapshots, turn);
        turned(&mut facts.meters, turn);
        turned(&mut facts.bills, turn);
        turned(&mut facts.regions, turn);
        turned(&mut facts.services, turn);
        turned(&mut facts.kinds, turn);
        let found: Vec<String> = assemble(&register, &facts).iter().map(|i| i.bundle().unwrap()).collect();
        prop_assert_eq!(found, expect);
    }

    /// A store whose size only grows or only shrinks between snapshots lies in its interval (A1).
    #[test]
    fn a_monotone_store_lies_in_its_interval(
        sizes in prop::collection::vec(0_u32..1000, 2..8), steps in 1_i64..5, at in 0_i64..40,
    ) {
        let last = i64::try_from(sizes.len()).unwrap() - 1;
        let snapshots: Vec<Snapshot> = sizes.iter().enumerate().map(|(i, size)| Snapshot {
            at_ms: i64::try_from(i).unwrap() * steps,
            bytes: (*size).into(),
            created_byte_ms: 0,
        }).collect();
        let window = Window { from_ms: at.min(last * steps - 1), to_ms: last * steps };
        let found = listed_interval(&snapshots, window);
        // The step function that jumps right after, or right before, every snapshot.
        let (mut late, mut early) = (0_u128, 0_u128);
        for ms in window.from_ms..window.to_ms {
            let here = usize::try_from(ms / steps).unwrap();
            late += u128::from(sizes[here]);
            early += u128::from(sizes[(here + 1).min(sizes.len() - 1)]);
        }
        for truth in [late, early] {
            prop_assert!(found.lo <= truth && truth <= found.hi.unwrap());
        }
    }
}

/// Some facts of the P5 law do pass every gate, so the law is about something.
#[test]
fn the_law_is_not_empty() {
    let register = rich_register();
    let facts = rich_facts([[100, 40, 0]; 3], 140, [100, 40, 0], [0, 0, 0]);
    let passed = passing(&register, &facts);
    assert!(passed.contains(&(
        "C1/absence/billing/list-b+list-c".to_owned(),
        "G6".to_owned()
    )));
    assert_eq!(weigh(&register, &facts, "C1").outcome, Outcome::Supported);
    let gone = passing(&register, &without(&facts, "billing"));
    assert!(gone.len() < passed.len());
}

fn shot(at_ms: i64, bytes: u128, created: u128) -> Snapshot {
    Snapshot {
        at_ms,
        bytes,
        created_byte_ms: created,
    }
}

#[test]
fn nothing_bounds_a_store_outside_its_snapshots() {
    let window = Window {
        from_ms: 0,
        to_ms: 100,
    };
    // One snapshot: bounded by creation times below, open above.
    assert_eq!(
        listed_interval(&[shot(60, 7, 90)], window),
        Interval { lo: 90, hi: None }
    );
    // Two inside: the part between is known, the rest only from creation times.
    assert_eq!(
        listed_interval(&[shot(20, 5, 30), shot(80, 9, 0)], window),
        Interval {
            lo: 30 + 5 * 60,
            hi: None
        }
    );
    // A later snapshot's creation bound covers the whole month before it and replaces, never adds.
    assert_eq!(
        listed_interval(&[shot(20, 5, 30), shot(80, 9, 600)], window).lo,
        600
    );
    // Enclosed: bounded on both sides.
    assert_eq!(
        listed_interval(&[shot(-50, 4, 0), shot(150, 6, 0)], window),
        Interval {
            lo: 400,
            hi: Some(600)
        }
    );
    assert_eq!(listed_interval(&[], window), Interval::unknown());
}

#[test]
fn reconcile_needs_no_case() {
    let mut facts = rich_facts(
        [[100, 0, 0], [0, 0, 0], [0, 0, 0]],
        600,
        [100, 500, 0],
        [0; 3],
    );
    let window = span(&facts).unwrap();
    let rows = reconcile(&facts, window, &Tolerance::default());
    let february = |left: &str, right: &str| {
        rows.iter()
            .find(|r| {
                r.left.source == left && r.right.source == right && r.month == month("2025-02")
            })
            .unwrap()
            .clone()
    };
    let gap = february("billing", "list-a");
    assert_eq!((gap.state, &*gap.gap[0]), (State::Gap, "500.000"));
    assert_eq!((&*gap.tau, &*gap.resolution), ("3.000", "0.000"));
    assert_eq!(february("meter", "list-a").state, State::Gap);
    assert_eq!(february("billing", "meter").state, State::Reconciled);
    // Rows of the bill that could not be read leave it open above, and the gap stands: it can only grow.
    facts.sources.retain(|s| s.id == "billing");
    facts.sources[0].incomplete = true;
    let rows = reconcile(&facts, window, &Tolerance::default());
    let lossy = rows.iter().find(|r| r.right.source == "list-a").unwrap();
    assert_eq!((lossy.state, &*lossy.resolution), (State::Gap, "open"));
}

/// A snapshot after the period says nothing bounded about it; creation times give a floor, and a bill
/// below that floor is an excess.
#[test]
fn a_late_listing_leaves_the_month_open() {
    let january = month("2025-01");
    let mut facts = Facts::default();
    facts.snapshots.push(StoreSnapshot {
        source: "list-a".to_owned(),
        provider: "aws".to_owned(),
        account: ACCOUNT.to_owned(),
        container: "alpha".to_owned(),
        at_ms: month("2025-04").start_ms(),
        bytes: 100 * GIB,
        objects: 1,
        created_byte_ms: BTreeMap::from([(january, 50 * GIB * 744 * 3_600_000)]),
        first_row: plainview_weigh::facts::RowRef::default(),
    });
    billed(&mut facts, "billing", "60");
    let window = Window {
        from_ms: january.start_ms(),
        to_ms: january.end_ms(),
    };
    let state = |facts: &Facts| reconcile(facts, window, &Tolerance::default())[0].state;
    assert_eq!(state(&facts), State::Open);
    for bill in &mut facts.bills {
        bill.quantity = "40".to_owned();
    }
    assert_eq!(state(&facts), State::Excess);
}

/// Meters: a hole in the series is open above; a step of one day stays within its neighbours.
#[test]
fn a_hole_in_a_meter_series_is_open() {
    let mut facts = Facts::default();
    metered(&mut facts, "meter", "alpha", 10);
    billed(&mut facts, "billing", "10");
    let window = span(&facts).unwrap();
    let rows = |facts: &Facts| reconcile(facts, window, &Tolerance::default());
    assert!(rows(&facts).iter().all(|r| r.state == State::Reconciled));
    let hole = month("2025-02").start_ms() + 5 * DAY_MS;
    facts.meters.retain(|m| m.start_ms != hole);
    let states: Vec<State> = rows(&facts).iter().map(|r| r.state).collect();
    assert_eq!(states, [State::Reconciled, State::Open, State::Reconciled]);
}

/// A bill cannot be cut to a part of a month: there it bounds from above only.
#[test]
fn a_part_of_a_month_is_an_upper_bound() {
    let mut facts = Facts::default();
    listed(&mut facts, "list-a", "alpha", 1);
    billed(&mut facts, "billing", "600");
    let january = month("2025-01");
    let window = Window {
        from_ms: january.start_ms(),
        to_ms: january.start_ms() + 10 * DAY_MS,
    };
    let rows = reconcile(&facts, window, &Tolerance::default());
    assert_eq!(rows[0].state, State::Reconciled);
    assert_eq!(rows[0].left.gib_month[0], "0.000");
    assert!(rows[0].notes[0].contains("part of 2025-01"));
}
