//! The five templates end to end: from facts to verdicts (METHOD 7, 8, 12).

use plainview_register::Register;
use plainview_weigh::assemble::assemble;
use plainview_weigh::evaluate::{Outcome, Strength};
use plainview_weigh::facts::{Facts, Integrity, Scheme, Side, SourceFact};
use plainview_weigh::reconcile::State;
use plainview_weigh::sentences::{NOT_BOUNDED, UNDECIDED};
use plainview_weigh::verdict::{ArgumentState, Verdict, evaluate};

use crate::method_support::*;

/// The provider says its list is full; a store of 500 GiB is billed and metered and not on it.
fn full_list_case(billed_gib: &str, hidden_gib: u128) -> (Register, Facts) {
    let sources = [
        declared("inventory", "s3-inventory", "provider-storage", "provider"),
        declared("billing", "focus", "provider-finance", "provider"),
        declared(
            "meter",
            "cloudwatch-metrics",
            "provider-metering",
            "provider",
        ),
    ];
    let rest = format!(
        "{TEAMS}{}",
        claim(
            "C1",
            "provider",
            "template = \"full-list-of-stores\"\nlist = [\"inventory\"]"
        )
    );
    let register = register(&sources, &rest);
    let mut facts = Facts {
        sources: sources.iter().map(source).collect(),
        ..Facts::default()
    };
    listed(&mut facts, "inventory", "archive", 100);
    billed(&mut facts, "billing", billed_gib);
    metered(&mut facts, "meter", "archive", 100);
    if hidden_gib > 0 {
        metered(&mut facts, "meter", "voice", hidden_gib);
    }
    (register, facts)
}

#[test]
fn a_full_list_is_contradicted_by_bill_and_meter() {
    let (register, facts) = full_list_case("600", 500);
    let verdict = weigh(&register, &facts, "C1");
    assert_eq!(verdict.outcome, Outcome::Contradicted);
    assert_eq!(verdict.strength.against, Strength::Corroborated);
    // Two custodians, one organisation: the list is frame and does not join them.
    assert_eq!(verdict.k.against, [2, 2, 1]);
    let bill = verdict
        .arguments
        .iter()
        .find(|a| a.id == "C1/gap/billing")
        .unwrap();
    assert_eq!(bill.state, ArgumentState::Qualifying);
    assert_eq!(bill.frame, ["inventory/listed-gap"]);
    assert!(
        bill.says
            .contains("aws/111122223333 in 2025-02: at least 500.000 GiB-months"),
        "{}",
        bill.says
    );
    let named = verdict
        .arguments
        .iter()
        .find(|a| a.id == "C1/names/meter")
        .unwrap();
    assert!(
        named.says.contains("aws/111122223333/voice"),
        "{}",
        named.says
    );
    let gaps = verdict
        .reconciliation
        .iter()
        .filter(|r| r.state == State::Gap)
        .count();
    assert_eq!(gaps, 6, "three months, a bill and a meter");
    assert_eq!(
        sentence(&verdict, "outcome"),
        "The records contradict this: 2 separate lines of evidence (1 organisation), of which 2 are the claimant's own records."
    );
    assert_eq!(verdict.lint, ["PV603"]);
    // All of it comes from the claimant, so without its records nothing is shown.
    assert_eq!(verdict.runs.no_claimant, Outcome::NotShown);
    assert_eq!(verdict.rests_on["controller"].sets, [["provider"]]);
    assert!(sentence(&verdict, "rests_on").contains("Halden Cloud (fictional)"));
}

#[test]
fn records_then_held_are_told_apart_from_records_now_known() {
    let (register, mut facts) = full_list_case("600", 500);
    let verdict = weigh(&register, &facts, "C1");
    assert_eq!(verdict.as_of.then_held, Outcome::Contradicted);
    assert_eq!(
        sentence(&verdict, "then_held"),
        "Records in the claimant's own systems contradicted this when it was said, and still do."
    );
    // The first month's gap is on record at its end, once the next snapshot is taken.
    assert_eq!(
        verdict.timeline.last().unwrap().known,
        "2025-02-01T00:00:00Z"
    );
    // With the meter held by someone else, the claimant held one line only.
    for source in &mut facts.sources {
        if source.id == "meter" {
            source.custodian = "auditor".to_owned();
            source.controller = "auditor".to_owned();
        }
    }
    let verdict = weigh(&register, &facts, "C1");
    assert_eq!(verdict.outcome, Outcome::Contradicted);
    assert_eq!(verdict.as_of.then_held, Outcome::NotShown);
    assert!(sentence(&verdict, "then_held").starts_with("Contradicted by records now known"));
}

#[test]
fn a_list_that_reconciles_is_self_serving_support_only() {
    let (register, facts) = full_list_case("100", 0);
    let verdict = weigh(&register, &facts, "C1");
    assert_eq!(verdict.strength.against, Strength::None);
    assert_eq!(verdict.strength.pro, Strength::Scintilla);
    assert_eq!(verdict.outcome, Outcome::NotShown);
    assert!(verdict.reasons.contains(&"interested_only".to_owned()));
    // The meter does not say that it is complete: G3 keeps its argument from being one.
    let meter = verdict
        .arguments
        .iter()
        .find(|a| a.id == "C1/absence/meter/inventory")
        .unwrap();
    assert_eq!(meter.state, ArgumentState::NotEarned);
    assert_eq!(
        meter
            .gates
            .iter()
            .filter(|g| !g.pass)
            .map(|g| &*g.gate)
            .collect::<Vec<_>>(),
        ["G3"]
    );
}

#[test]
fn an_account_the_list_leaves_out_is_a_gap_only_when_the_list_was_read() {
    let (register, mut facts) = full_list_case("600", 500);
    facts.snapshots.clear();
    // Nothing of the list could be read: that is no list of nothing.
    let unread = weigh(&register, &facts, "C1");
    assert_eq!(unread.outcome, Outcome::NotShown);
    assert!(unread.arguments.iter().all(|a| !a.id.contains("/gap/")));
    // The list was read and speaks of another account only.
    listed(&mut facts, "inventory", "elsewhere", 1);
    for shot in &mut facts.snapshots {
        shot.account = "444455556666".to_owned();
    }
    let verdict = weigh(&register, &facts, "C1");
    assert!(verdict.arguments.iter().any(|a| a.id == "C1/gap/billing"));
}

#[test]
fn assurances_alone_are_heard_and_decide_nothing() {
    let sources = [
        declared("sales-letter", "mail", "provider-sales", "provider"),
        declared("tenant-letter", "mail", "tenant", "tenant"),
    ];
    let rest = format!(
        "{TEAMS}{}",
        claim(
            "C1",
            "provider",
            "template = \"no-evidence-of recorded_calls\"\nresidue = [\"to target people\"]"
        )
    );
    let register = register(&sources, &rest);
    let mut facts = Facts {
        sources: sources.iter().map(source).collect(),
        ..Facts::default()
    };
    exhibit(&mut facts, "E1", "C1", "sales-letter", Side::For);
    exhibit(&mut facts, "E2", "C1", "tenant-letter", Side::For);
    let verdict = weigh(&register, &facts, "C1");
    assert_eq!(verdict.runs.face, Outcome::Supported);
    assert_eq!(verdict.outcome, Outcome::NotShown);
    assert_eq!(verdict.reasons, ["interested_only"]);
    assert!(verdict.items.iter().all(|item| item.self_serving));
    assert!(sentence(&verdict, "outcome").starts_with(UNDECIDED));
    assert_eq!(
        sentence(&verdict, "face"),
        "Taken at face value the statements would make this supported. Setting aside self-serving statements it is not_shown."
    );
    assert_eq!(verdict.parts.as_ref().unwrap().literal, "no_results");
    assert!(sentence(&verdict, "residue").contains("\"to target people\""));
    // The text says "found" while only a scintilla speaks for it, and no record is among the premises.
    assert_eq!(verdict.lint, ["PV601", "PV602"]);
}

#[test]
fn a_closed_frame_and_two_listings_support_an_absence() {
    let (register, facts) = absence_case();
    let verdict = weigh(&register, &facts, "C1");
    assert_eq!(
        verdict.outcome,
        Outcome::Supported,
        "{:#?}",
        verdict.arguments
    );
    assert_eq!(verdict.k.pro, [2, 2, 2]);
    assert!(
        verdict
            .arguments
            .iter()
            .all(|a| a.frame == ["billing/absence"])
    );
    assert_eq!(
        verdict.reach.as_ref().unwrap().measure,
        ["1.000000", "1.000000"]
    );
    assert_eq!(
        sentence(&verdict, "outcome"),
        "The records support this for at least 100% of what the statement covers, under the corroborated standard: 2 separate lines of evidence kept by Halden Cloud storage operations and Ness Auditors (fictional)."
    );
    assert_eq!(
        sentence(&verdict, "at_most"),
        "Every one of the 3 store-months was looked at, and none has it."
    );
    assert!(
        verdict.rests_on["source"]
            .sets
            .contains(&vec!["billing".to_owned()])
    );
    assert_eq!(
        weigh(&register, &facts, "C2").outcome,
        Outcome::Contradicted
    );
}

#[test]
fn without_the_bill_no_absence_is_earned() {
    let (register, facts) = absence_case();
    let mut unread = facts.clone();
    unread.bills.clear();
    // Declared and not read.
    let verdict = weigh(&register, &unread, "C1");
    assert_eq!(verdict.outcome, Outcome::NotShown);
    assert!(
        verdict
            .arguments
            .iter()
            .all(|a| a.state == ArgumentState::NotEarned)
    );
    assert_eq!(verdict.strength.pro, Strength::None);
    // Not even declared.
    let sources = [
        declared("list-a", "s3-inventory", "provider-storage", "provider"),
        declared("list-b", "s3-inventory", "auditor", "auditor"),
    ];
    let rest = claim(
        "C1",
        "institute",
        "template = \"not-in-region il-central-1\"",
    );
    let register = crate::method_support::register(&sources, &rest);
    unread.sources.retain(|s| s.id != "billing");
    let verdict = weigh(&register, &unread, "C1");
    assert_eq!(verdict.outcome, Outcome::NotShown);
    assert!(!verdict.arguments.is_empty(), "the attempt is shown");
    for argument in &verdict.arguments {
        assert_eq!(argument.state, ArgumentState::NotEarned);
        assert!(
            argument
                .gates
                .iter()
                .any(|gate| gate.gate == "G1" && !gate.pass)
        );
    }
    // What bounds nothing is not printed as full reach.
    assert_eq!(verdict.reach.as_ref().unwrap().measure[0], "0.000000");
}

#[test]
fn a_store_no_listing_reaches_shuts_the_gates() {
    let (register, mut facts) = absence_case();
    // Small enough to hide inside the tolerance, but named by the bill.
    facts.named_stores.push(plainview_weigh::facts::NamedStore {
        source: "billing".to_owned(),
        provider: "aws".to_owned(),
        account: ACCOUNT.to_owned(),
        container: "tiny".to_owned(),
        month: month("2025-02"),
        rows: 1,
        first_row: plainview_weigh::facts::RowRef::default(),
    });
    let verdict = weigh(&register, &facts, "C1");
    assert_eq!(verdict.outcome, Outcome::NotShown);
    assert_eq!(
        verdict.reasons,
        ["no_argument", "gate_G2", "gate_G5", "gate_G6"]
    );
    let bound = verdict.at_most.as_ref().unwrap();
    assert_eq!((bound.units, bound.of, bound.unreached), (Some(1), 4, 1));
    assert_eq!(
        sentence(&verdict, "at_most"),
        "With 95% confidence no more than 1 of 4 store-months have it, counting every store-month that was not looked at."
    );
    assert_eq!(
        verdict.power.as_ref().unwrap().adversarial_stated,
        "0.000000"
    );
}

#[test]
fn found_none_prints_its_three_parts() {
    let (register, mut facts) = absence_case();
    let verdict = weigh(&register, &facts, "C3");
    let parts = verdict.parts.as_ref().unwrap();
    assert_eq!((&*parts.literal, &*parts.capability), ("true", "unknown"));
    assert_eq!(parts.implied, Outcome::NotShown);
    // Everything but sensitivity holds; without seeds a latent absence is not earned.
    assert_eq!(
        verdict.reasons,
        ["no_argument", "gate_G4", "latent_without_sensitivity"]
    );
    assert_eq!(
        sentence(&verdict, "found_none"),
        "Literally true: the review listed no hit. Capability unknown: whether the review would have found it in 1 of 3 store-months was never measured with known positives. Implied statement: not_shown."
    );
    assert!(verdict.lint.contains(&"PV302".to_owned()));
    // One listing shows it, verified: literally false, one line only.
    kind(&mut facts, "list-a", "archive", "recorded_calls");
    let verdict = weigh(&register, &facts, "C3");
    assert_eq!(verdict.parts.as_ref().unwrap().literal, "false");
    assert_eq!(verdict.strength.against, Strength::Single);
    assert_eq!(verdict.outcome, Outcome::NotShown);
    assert!(verdict.reasons.contains(&"single_lineage".to_owned()));
    // The second keeper's listing shows it too.
    kind(&mut facts, "list-b", "archive", "recorded_calls");
    assert_eq!(
        weigh(&register, &facts, "C3").outcome,
        Outcome::Contradicted
    );
}

fn with_integrity(facts: &Facts, integrity: Integrity) -> Facts {
    let mut facts = facts.clone();
    for source in &mut facts.sources {
        source.integrity = integrity;
    }
    facts
}

#[test]
fn unverified_records_never_qualify_and_failed_ones_are_dead() {
    let (register, facts) = full_list_case("600", 500);
    let verdict = weigh(
        &register,
        &with_integrity(&facts, Integrity::Unverified),
        "C1",
    );
    assert_eq!(verdict.outcome, Outcome::NotShown);
    assert_eq!(verdict.strength.against, Strength::Scintilla);
    assert!(verdict.reasons.contains(&"unverified_only".to_owned()));
    let verdict = weigh(&register, &with_integrity(&facts, Integrity::Failed), "C1");
    assert_eq!(verdict.strength.against, Strength::None);
    // The list alone unverified is enough to keep the gap from qualifying.
    let mut list_only = facts.clone();
    list_only.sources[0].integrity = Integrity::Unverified;
    assert_eq!(
        weigh(&register, &list_only, "C1").outcome,
        Outcome::NotShown
    );
    let (register, facts) = absence_case();
    for claim in ["C1", "C2", "C3"] {
        let verdict = weigh(
            &register,
            &with_integrity(&facts, Integrity::Unverified),
            claim,
        );
        assert_eq!(verdict.outcome, Outcome::NotShown, "{claim}");
    }
    let mut facts = with_integrity(&facts, Integrity::Unverified);
    kind(&mut facts, "list-a", "archive", "recorded_calls");
    let parts = weigh(&register, &facts, "C3").parts.unwrap();
    assert_eq!((&*parts.literal, parts.unverified_hits), ("true", 1));
}

#[test]
#[allow(
    clippy::too_many_lines,
    reason = "one story of one bill, told in order"
)]
fn customers_are_told_by_their_bills() {
    let sources = [
        declared("billing", "focus", "provider-finance", "provider"),
        Declared {
            more: "delivery = \"guaranteed\"",
            ..declared("meter", "cloudwatch-metrics", "auditor", "auditor")
        },
    ];
    let rest = format!(
        "{TEAMS}{}{}{}",
        claim(
            "C1",
            "institute",
            "template = \"not-a-customer-of speech recognition\""
        ),
        claim(
            "C2",
            "institute",
            "template = \"not-a-customer-of object storage\""
        ),
        "[standard]\nstandard = \"balance\"\n"
    );
    let register = register(&sources, &rest);
    let mut facts = Facts {
        sources: sources.iter().map(source).collect(),
        ..Facts::default()
    };
    billed(&mut facts, "billing", "100");
    metered(&mut facts, "meter", "archive", 100);
    charged(&mut facts, "billing", "Simple Object Storage");
    let absent = weigh(&register, &facts, "C1");
    // Its storage lines tie out with the meter; nothing controls the total of its other lines.
    assert_eq!(absent.outcome, Outcome::NotShown);
    let failed = |verdict: &Verdict| -> Vec<String> {
        let gates = verdict.arguments.iter().flat_map(|a| &a.gates);
        gates.filter(|g| !g.pass).map(|g| g.gate.clone()).collect()
    };
    assert_eq!(failed(&absent), ["G1"]);
    let attempt = &absent.arguments[0];
    let frame = attempt.gates.iter().find(|g| g.gate == "G1").unwrap();
    assert!(
        frame
            .why
            .starts_with("no control total covers the bill's other lines"),
        "{}",
        frame.why
    );
    // Words are matched whole, and no bill has these.
    let unnamed = "no declared bill ever names a service matching these words";
    assert!(attempt.says.contains(unnamed), "{}", attempt.says);
    // A meter that does not say that it is complete is no tie-out at all.
    let mut silent = facts.clone();
    for source in &mut silent.sources {
        source.delivery = plainview_weigh::facts::Delivery::Unknown;
    }
    assert_eq!(failed(&weigh(&register, &silent, "C1")), ["G1", "G3"]);
    // Named in another year: the name is one that bills use.
    let mut named = facts.clone();
    charged(&mut named, "billing", "Speech Recognition");
    for service in &mut named.services {
        if service.service_name.starts_with("Speech") {
            service.month = month("2024-01");
        }
    }
    let earlier = weigh(&register, &named, "C1");
    assert_eq!(earlier.outcome, Outcome::NotShown);
    assert!(!earlier.arguments[0].says.contains(unnamed));
    assert_eq!(
        weigh(&register, &facts, "C2").outcome,
        Outcome::Contradicted
    );
    // A month without a bill line is a month nobody looked at.
    facts.bills.retain(|b| b.month != month("2025-02"));
    facts.services.retain(|s| s.month != month("2025-02"));
    let verdict = weigh(&register, &facts, "C1");
    assert_eq!(verdict.outcome, Outcome::NotShown);
    assert!(
        failed(&verdict).contains(&"G2".to_owned()),
        "{:?}",
        failed(&verdict)
    );
}

#[test]
fn a_passage_cannot_show_that_something_is_absent() {
    let (register, mut facts) = absence_case();
    facts.bills.clear();
    exhibit(&mut facts, "E1", "C1", "list-a", Side::For);
    exhibit(&mut facts, "E2", "C1", "list-b", Side::For);
    for exhibit in &mut facts.exhibits {
        exhibit.scheme = Scheme::RecordShows;
    }
    // Against, the same passages would do, were they where they were marked.
    let mut against = facts.clone();
    for exhibit in &mut against.exhibits {
        exhibit.side = Side::Against;
    }
    assert_eq!(
        weigh(&register, &against, "C1").outcome,
        Outcome::Contradicted
    );
    for exhibit in &mut against.exhibits {
        exhibit.found = false;
    }
    let lost = weigh(&register, &against, "C1");
    assert_eq!(lost.outcome, Outcome::NotShown);
    assert!(lost.reasons.contains(&"unverified_only".to_owned()));
    let verdict = weigh(&register, &facts, "C1");
    assert_eq!(verdict.outcome, Outcome::NotShown);
    assert_eq!(verdict.runs.face, Outcome::NotShown);
    let passages = verdict
        .arguments
        .iter()
        .filter(|a| a.scheme == Scheme::RecordShows);
    assert!(
        passages.clone().count() == 2
            && passages
                .clone()
                .all(|a| a.state == ArgumentState::NotEarned)
    );
}

#[test]
fn a_declared_region_that_the_bill_denies_shows_nothing() {
    let (register, mut facts) = absence_case();
    assert_eq!(weigh(&register, &facts, "C1").outcome, Outcome::Supported);
    // The bill records where it charges; the listings' regions are declarations.
    let mut billed = facts.regions[0].clone();
    billed.source = "billing".to_owned();
    billed.container = None;
    facts.regions.push(billed.clone());
    assert_eq!(
        weigh(&register, &facts, "C1").outcome,
        Outcome::Supported,
        "they agree"
    );
    for fact in facts.regions.iter_mut().filter(|f| f.source != "billing") {
        fact.region = "mars-1".to_owned();
    }
    let denied = weigh(&register, &facts, "C1");
    assert_eq!(denied.outcome, Outcome::NotShown);
    assert_eq!(denied.arguments.len(), 2, "the attempts are shown");
    for argument in &denied.arguments {
        assert_eq!(argument.state, ArgumentState::NotEarned);
        let failed: Vec<_> = argument.gates.iter().filter(|g| !g.pass).collect();
        assert_eq!(failed.len(), 1, "{failed:?}");
        assert_eq!(failed[0].gate, "G4");
        assert!(
            failed[0].why.contains("is not among those billed"),
            "{failed:?}"
        );
    }
    // Nothing that is at odds with the bill counts as a look.
    assert_eq!(
        denied.reach.as_ref().unwrap().count,
        ["0.000000", "0.000000"]
    );
    assert!(!sentence(&denied, "at_most").starts_with("Every one"));
    // One keeper's listing at odds does not taint the other's.
    for fact in facts.regions.iter_mut().filter(|f| f.source == "list-b") {
        fact.region = "EU-Central-1".to_owned();
    }
    let one = weigh(&register, &facts, "C1");
    let state = |id: &str| {
        let found = one.arguments.iter().find(|a| a.id.ends_with(id));
        found.map(|a| a.state)
    };
    assert_eq!(state("/list-a"), Some(ArgumentState::NotEarned));
    assert_eq!(state("/list-b"), Some(ArgumentState::Qualifying));
}

#[test]
fn quantities_lie_on_a_side_or_straddle() {
    let quantity = |value: &str| {
        format!(
            "kind = \"quantity\"\nmeasure = \"byte_hours\"\nop = \"<=\"\nvalue = \"{value}\"\nunit = \"GiB_month\""
        )
    };
    let sources = [
        declared("inventory", "s3-inventory", "auditor", "auditor"),
        declared("billing", "focus", "institute", "institute"),
    ];
    let rest = format!(
        "{}{}",
        claim("C1", "provider", &quantity("299.9")),
        claim("C2", "provider", &quantity("300"))
    );
    let register = register(&sources, &rest);
    let mut facts = Facts {
        sources: sources.iter().map(source).collect(),
        ..Facts::default()
    };
    listed(&mut facts, "inventory", "archive", 100);
    billed(&mut facts, "billing", "100");
    assert_eq!(
        weigh(&register, &facts, "C1").outcome,
        Outcome::Contradicted
    );
    assert_eq!(weigh(&register, &facts, "C2").outcome, Outcome::Supported);
    // With the last snapshot gone nothing bounds March above: the listing no longer speaks for C2.
    facts
        .snapshots
        .retain(|s| s.at_ms < month("2025-04").start_ms());
    let verdict = weigh(&register, &facts, "C2");
    assert_eq!(verdict.k.pro, [1, 1, 1]);
}

#[test]
fn knowledge_is_never_guessed() {
    let sources = [declared("mail", "mail", "provider-sales", "provider")];
    let rest = format!(
        "[[party]]\nid = \"p1\"\nname = \"P One\"\nkind = \"person\"\nrole = \"manager\"\n{}",
        claim(
            "C1",
            "provider",
            "template = \"unaware-until 2025-03-01\"\npersons = [\"p1\"]\ntopic = \"call recordings\""
        )
    );
    let register = register(&sources, &rest);
    let mut facts = Facts {
        sources: sources.iter().map(source).collect(),
        ..Facts::default()
    };
    exhibit(&mut facts, "E1", "C1", "mail", Side::Against);
    let verdict = weigh(&register, &facts, "C1");
    assert_eq!(verdict.outcome, Outcome::NotTested);
    assert_eq!(verdict.runs.face, Outcome::NotTested);
    assert!(sentence(&verdict, "outcome").contains("not part of this version"));
}

#[test]
fn an_unbounded_scope_says_so() {
    let (register, mut facts) = absence_case();
    for bill in &mut facts.bills {
        bill.quantity = "600".to_owned();
    }
    let verdict = weigh(&register, &facts, "C1");
    assert_eq!(verdict.outcome, Outcome::NotShown);
    let bound = verdict.at_most.as_ref().unwrap();
    assert_eq!((bound.units, &*bound.note), (None, NOT_BOUNDED));
    assert_eq!(
        sentence(&verdict, "at_most"),
        "How many store-months have it is not bounded (unlisted storage)."
    );
    // 100 of 600 GiB-months were examined, rounded outward.
    assert_eq!(
        verdict.reach.as_ref().unwrap().measure,
        ["0.166666", "0.166667"]
    );
}

#[test]
fn every_input_is_canonical_and_reads_back() {
    let (register, facts) = absence_case();
    for input in assemble(&register, &facts) {
        let bytes = input.canonical().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let back = plainview_weigh::assemble::Input::from_json(&text).unwrap();
        assert_eq!(back, input);
        assert_eq!(evaluate(&back).unwrap(), evaluate(&input).unwrap());
        let altered = text.replacen("\"claim\":", "\"score\":1,\"claim\":", 1);
        assert!(plainview_weigh::assemble::Input::from_json(&altered).is_err());
    }
}

#[test]
fn a_best_effort_source_proves_presence_and_never_absence() {
    let (register, mut facts) = absence_case();
    let best = |s: &mut SourceFact| s.delivery = plainview_weigh::facts::Delivery::BestEffort;
    facts.sources.iter_mut().for_each(best);
    let absent = weigh(&register, &facts, "C1");
    assert_eq!(absent.outcome, Outcome::NotShown);
    assert_eq!(
        absent.reasons,
        ["no_argument", "gate_G3", "best_effort_log"]
    );
    assert_eq!(
        weigh(&register, &facts, "C2").outcome,
        Outcome::Contradicted
    );
}

/// Two meters of one store are two records of one amount: reach is 40 of 100, not 80.
#[test]
fn two_meters_never_add_up() {
    let sources = [
        declared("billing", "focus", "provider-finance", "provider"),
        declared(
            "meter-a",
            "cloudwatch-metrics",
            "provider-metering",
            "provider",
        ),
        declared("meter-b", "cloudwatch-metrics", "auditor", "auditor"),
    ];
    let rest = claim(
        "C1",
        "institute",
        "template = \"not-in-region il-central-1\"",
    );
    let register = register(&sources, &rest);
    let mut facts = Facts {
        sources: sources.iter().map(source).collect(),
        ..Facts::default()
    };
    billed(&mut facts, "billing", "100");
    for meter in ["meter-a", "meter-b"] {
        metered(&mut facts, meter, "archive", 40);
        placed(&mut facts, meter, "archive", "eu-central-1");
    }
    let reach = weigh(&register, &facts, "C1").reach.unwrap();
    assert_eq!(reach.measure, ["0.400000", "0.400000"]);
}
