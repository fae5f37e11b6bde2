//! Whose interest an item serves, what cures it, and what challenges do (METHOD 6.2, 6.3, 7.2).

use plainview_weigh::evaluate::Outcome;
use plainview_weigh::facts::{ChallengeFact, Cure, CureKind, Facts, Scheme, Side};
use plainview_weigh::verdict::ArgumentState;

use crate::method_support::*;

fn cured(facts: &Facts, cure: &Cure) -> Facts {
    let mut facts = facts.clone();
    for source in &mut facts.sources {
        source.cure = Some(cure.clone());
    }
    facts
}

/// F13 and F14 through the product's own road: the claimant's records count once an independent party
/// took them out, and not when the proof of it fails.
#[test]
fn cures_need_their_proof_and_their_party() {
    let sources = [
        declared("list-a", "s3-inventory", "provider-storage", "provider"),
        declared("list-b", "s3-inventory", "provider-metering", "provider"),
        declared("billing", "focus", "provider-finance", "provider"),
    ];
    let rest = format!(
        "{TEAMS}{}",
        claim(
            "C1",
            "provider",
            "template = \"not-in-region il-central-1\""
        )
    );
    let register = register(&sources, &rest);
    let (_, mut facts) = absence_case();
    facts.sources = sources.iter().map(source).collect();
    let own = weigh(&register, &facts, "C1");
    assert_eq!(
        (own.outcome, own.runs.face),
        (Outcome::NotShown, Outcome::Supported)
    );
    assert_eq!(own.reasons, ["interested_only"]);
    let cure = |kind, party: Option<&str>, proven| Cure {
        kind,
        party: party.map(str::to_owned),
        at: Some(1_752_000_000),
        proven,
    };
    let outcome = |cure: Cure| weigh(&register, &cured(&facts, &cure), "C1").outcome;
    let extraction = CureKind::IndependentExtraction;
    assert_eq!(
        outcome(cure(extraction, Some("auditor"), true)),
        Outcome::Supported
    );
    assert_eq!(
        outcome(cure(extraction, Some("auditor"), false)),
        Outcome::NotShown
    );
    assert_eq!(
        outcome(cure(extraction, Some("provider-sales"), true)),
        Outcome::NotShown
    );
    assert_eq!(outcome(cure(extraction, None, true)), Outcome::NotShown);
    // Committed in July, after the dispute of June.
    assert_eq!(
        outcome(cure(CureKind::Precommitted, None, true)),
        Outcome::NotShown
    );
    let early = Cure {
        at: Some(1_745_000_000),
        ..cure(CureKind::Precommitted, None, true)
    };
    assert_eq!(outcome(early), Outcome::Supported);
}

#[test]
fn challenges_defeat_restore_or_stay_open() {
    let (register, mut facts) = absence_case();
    let challenge = |id: &str, target: &str, source: &str| ChallengeFact {
        id: id.to_owned(),
        target: target.to_owned(),
        source: source.to_owned(),
        file: "note".to_owned(),
        row: None,
        quote: "the list was filtered".to_owned(),
        marked_by: "institute".to_owned(),
        date: "2025-08-02".to_owned(),
        recorded_at: None,
        found: true,
    };
    facts
        .challenges
        .push(challenge("d1", "C1/absence/billing/list-b", "list-a"));
    let defeated = weigh(&register, &facts, "C1");
    assert_eq!(defeated.outcome, Outcome::NotShown);
    let line = defeated
        .arguments
        .iter()
        .find(|a| a.id == "C1/absence/billing/list-b")
        .unwrap();
    assert_eq!(line.state, ArgumentState::Defeated);
    facts.challenges.push(challenge("d2", "d1", "list-b"));
    assert_eq!(weigh(&register, &facts, "C1").outcome, Outcome::Supported);
    // A passage that is not where it was marked does not qualify; it is printed as open.
    facts.challenges[1].found = false;
    let open = weigh(&register, &facts, "C1");
    assert_eq!(open.outcome, Outcome::NotShown);
    assert_eq!(open.open_challenges, ["d2"]);
}

#[test]
fn a_protected_source_keeps_its_place_out_of_the_verdict() {
    let sources = [Declared {
        more: "protected = true",
        ..declared("leak", "mail", "institute", "institute")
    }];
    let rest = claim(
        "C1",
        "provider",
        "template = \"not-in-region il-central-1\"",
    );
    let register = register(&sources, &rest);
    let mut facts = Facts {
        sources: sources.iter().map(source).collect(),
        ..Facts::default()
    };
    exhibit(&mut facts, "E1", "C1", "leak", Side::Against);
    facts.exhibits[0].scheme = Scheme::RecordShows;
    let text = serde_json::to_string(&weigh(&register, &facts, "C1")).unwrap();
    for secret in ["letter.eml", "we keep nothing of the kind", "Vik Institute"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn ties_both_ways_serve_either_side() {
    let sources = [
        declared("a", "mail", "institute", "institute"),
        declared("b", "mail", "auditor", "auditor"),
    ];
    let tie = |kind: &str| {
        format!("[[relation]]\nfrom = \"institute\"\nkind = \"{kind}\"\nto = \"provider\"\n")
    };
    let rest = format!(
        "{}{}{}[standard]\nstandard = \"balance\"\n",
        tie("employed_by"),
        tie("litigant_against"),
        claim(
            "C1",
            "provider",
            "template = \"not-in-region il-central-1\""
        )
    );
    let register = register(&sources, &rest);
    for side in [Side::For, Side::Against] {
        let mut facts = Facts {
            sources: sources.iter().map(source).collect(),
            ..Facts::default()
        };
        exhibit(&mut facts, "E1", "C1", "a", side);
        assert_eq!(
            weigh(&register, &facts, "C1").outcome,
            Outcome::NotShown,
            "{side:?}"
        );
        exhibit(&mut facts, "E2", "C1", "b", side);
        assert_ne!(
            weigh(&register, &facts, "C1").outcome,
            Outcome::NotShown,
            "{side:?}"
        );
    }
}

#[test]
fn an_interest_that_had_ended_does_not_touch_later_records() {
    let sources = [declared(
        "a",
        "cloudwatch-metrics",
        "institute",
        "institute",
    )];
    let rest = format!(
        "[[relation]]\nfrom = \"institute\"\nkind = \"litigant_against\"\nto = \"provider\"\nfrom_date = 2025-01-01\nto_date = 2025-02-15\n{}[standard]\nstandard = \"balance\"\n",
        claim(
            "C1",
            "provider",
            "template = \"not-in-region il-central-1\""
        )
    );
    let register = register(&sources, &rest);
    let facts = |recorded: i64| {
        let mut facts = Facts {
            sources: sources.iter().map(source).collect(),
            ..Facts::default()
        };
        exhibit(&mut facts, "E1", "C1", "a", Side::Against);
        facts.exhibits[0].recorded_at = Some(recorded);
        facts
    };
    let february = 1_738_500_000;
    let june = 1_748_800_000;
    assert_eq!(
        weigh(&register, &facts(february), "C1").outcome,
        Outcome::NotShown
    );
    assert_eq!(
        weigh(&register, &facts(june), "C1").outcome,
        Outcome::Contradicted
    );
    // Both at once: the earlier record stays touched, the later one counts.
    let mut both = facts(june);
    exhibit(&mut both, "E2", "C1", "a", Side::Against);
    both.exhibits[1].recorded_at = Some(february);
    let verdict = weigh(&register, &both, "C1");
    assert_eq!(verdict.outcome, Outcome::Contradicted);
    let serving: Vec<&str> = verdict
        .items
        .iter()
        .filter(|i| i.self_serving)
        .map(|i| &*i.id)
        .collect();
    assert_eq!(serving, ["a/exhibit-E2"]);
}
