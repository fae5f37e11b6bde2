//! Rules of the evaluator that no golden bundle has: whose cure holds, what was held when, lineages that
//! die with their ancestor, and how deep removals are searched.

use std::collections::{BTreeMap, BTreeSet};

use plainview_weigh::Case;
use plainview_weigh::case::{
    Argument, Cure, CureKind, Defeater, Integrity, Interest, Item, Side, Source,
};
use plainview_weigh::evaluate::{
    Evaluator, Known, Level, Outcome, Question, Reason, Run, Standard, Strength,
};
use plainview_weigh::fragility::{GroupBy, fragility};
use plainview_weigh::instant::{Instant, parse_utc};
use plainview_weigh::timeline::{Change, changes, then_held};

/// P makes the claim and gains if it is true; Q gains if it is false; X is undisclosed; N is neutral.
fn case() -> Case {
    let interests = [
        ("P", Interest::BenefitsIfTrue),
        ("Q", Interest::BenefitsIfFalse),
        ("X", Interest::Unknown),
    ];
    Case {
        claimants: BTreeSet::from(["P".to_owned()]),
        interests: interests
            .map(|(party, interest)| (party.to_owned(), interest))
            .into(),
        ..Case::default()
    }
}

/// Adds a source of its own for `item`, kept and controlled by `party`, and an argument from it alone.
fn argue(case: &mut Case, item: &str, party: &str, side: Side) {
    case.sources.push(Source {
        id: format!("{item}-source"),
        custodian: format!("{party}-team-{item}"),
        controller: party.to_owned(),
        derived_from: vec![],
    });
    case.items.push(Item {
        id: item.to_owned(),
        source: format!("{item}-source"),
        integrity: Integrity::Verified,
        recorded_at: None,
        cure: None,
    });
    case.arguments.push(Argument {
        id: format!("{item}-argument"),
        side,
        premises: vec![item.to_owned()],
        frame: vec![],
    });
}

fn base(standard: Standard) -> Question {
    Question::base(standard, Level::Custodian)
}

fn strength(case: &Case, side: Side, run: Run) -> Strength {
    let evaluator = Evaluator::new(case).unwrap();
    evaluator
        .evaluate(&base(Standard::Balance).run(run))
        .side(side)
        .strength
}

/// METHOD 6.3: a signer must not gain on the item's side; a holder or extractor must have no interest.
#[test]
fn a_cure_holds_only_while_its_party_allows_it() {
    use CureKind::{IndependentExtraction, Precommitted, SelfAuthenticating, ThirdPartyCustody};
    let holds = [
        (SelfAuthenticating, "N", true, true),
        (SelfAuthenticating, "P", false, false),
        (SelfAuthenticating, "Q", true, true),
        (SelfAuthenticating, "X", true, false),
        (ThirdPartyCustody, "N", true, true),
        (ThirdPartyCustody, "Q", false, false),
        (IndependentExtraction, "X", false, false),
        (IndependentExtraction, "N", true, true),
        (Precommitted, "P", true, true),
    ];
    for (kind, party, at_base, at_strict) in holds {
        let mut case = case();
        argue(&mut case, "log", "P", Side::For);
        case.items[0].cure = Some(Cure {
            kind,
            party: Some(party.to_owned()),
        });
        for (run, holds) in [(Run::Base, at_base), (Run::Strict, at_strict)] {
            let expected = if holds {
                Strength::Single
            } else {
                Strength::Scintilla
            };
            assert_eq!(
                strength(&case, Side::For, run),
                expected,
                "{kind:?} {party} {run:?}"
            );
        }
    }
}

/// The rule is symmetric, and an undisclosed party counts only in the strict run.
#[test]
fn interest_weighs_on_its_own_side_only() {
    for (party, side, at_base, at_strict) in [
        ("P", Side::For, Strength::Scintilla, Strength::Scintilla),
        ("P", Side::Against, Strength::Single, Strength::Single),
        ("Q", Side::For, Strength::Single, Strength::Single),
        ("Q", Side::Against, Strength::Scintilla, Strength::Scintilla),
        ("X", Side::For, Strength::Single, Strength::Scintilla),
        ("X", Side::Against, Strength::Single, Strength::Scintilla),
        ("N", Side::For, Strength::Single, Strength::Single),
    ] {
        let mut case = case();
        argue(&mut case, "item", party, side);
        assert_eq!(
            strength(&case, side, Run::Base),
            at_base,
            "{party} {side:?}"
        );
        assert_eq!(
            strength(&case, side, Run::Strict),
            at_strict,
            "{party} {side:?}"
        );
        assert_eq!(
            strength(&case, side, Run::Face),
            Strength::Single,
            "{party} {side:?}"
        );
    }
}

#[test]
fn what_derives_from_a_removed_source_goes_with_it() {
    let mut case = case();
    argue(&mut case, "leak", "N", Side::Against);
    argue(&mut case, "story", "M", Side::Against);
    case.sources[1].derived_from = vec!["leak-source".into()];
    let evaluator = Evaluator::new(&case).unwrap();
    let without = |id: &str| {
        let mut question = base(Standard::Balance);
        question.without.insert(id.to_owned());
        evaluator.evaluate(&question).against.undefeated
    };
    assert_eq!(without("leak-source"), Vec::<String>::new());
    assert_eq!(without("story-source"), ["leak-argument"]);
    assert_eq!(
        without("no-such-source"),
        ["leak-argument", "story-argument"]
    );
}

/// METHOD 7.3: a frame must qualify, but does not break separateness; where all is frame, all counts.
#[test]
fn frames_qualify_but_do_not_link() {
    let mut case = case();
    for item in ["bill", "inventory", "log"] {
        argue(&mut case, item, "N", Side::For);
    }
    case.arguments.remove(0);
    for argument in &mut case.arguments {
        argument.premises.push("bill".into());
        argument.frame = vec!["bill".into()];
    }
    let profile = |case: &Case| {
        let evaluator = Evaluator::new(case).unwrap();
        let found = evaluator.evaluate(&base(Standard::Corroborated));
        found.for_.lineages.map(|lineages| lineages.count)
    };
    assert_eq!(profile(&case), [2, 2, 1]);
    let mut unverified_frame = case.clone();
    unverified_frame.items[0].integrity = Integrity::Unverified;
    assert_eq!(profile(&unverified_frame), [0, 0, 0]);
    let mut all_frame = case.clone();
    for argument in &mut all_frame.arguments {
        argument.frame.clone_from(&argument.premises);
    }
    assert_eq!(profile(&all_frame), [1, 1, 1]);
}

/// METHOD 6.1: keeping one source and controlling another links them at no level.
#[test]
fn a_keeper_here_and_an_owner_there_are_not_one_lineage() {
    let mut case = case();
    argue(&mut case, "one", "N", Side::Against);
    argue(&mut case, "two", "M", Side::Against);
    let profile = |case: &Case| {
        let evaluator = Evaluator::new(case).unwrap();
        let found = evaluator.evaluate(&base(Standard::Corroborated));
        found.against.lineages.map(|lineages| lineages.count)
    };
    case.sources[0].custodian = "M".into();
    assert_eq!(profile(&case), [2, 2, 2]);
    case.sources[1].custodian = "M".into();
    assert_eq!(profile(&case), [2, 1, 1]);
    case.sources[1].custodian = "two-source".into();
    case.sources[0].controller = "M".into();
    assert_eq!(profile(&case), [2, 2, 1]);
}

/// 28 arguments, beyond the exact search. At L0 the short argument over three sources comes first and
/// meets all others; at L1 its three custodians put it last. What is found at L1 also holds at L0.
#[test]
fn lower_bounds_hold_at_every_level_below() {
    let mut case = case();
    let mut argue_from = |id: String, sources: &[(String, &str)]| {
        let mut premises = vec![];
        for (source, custodian) in sources {
            let item = format!("{source}-item");
            if !case.items.iter().any(|other| other.id == item) {
                case.sources.push(Source {
                    id: source.clone(),
                    custodian: (*custodian).to_owned(),
                    controller: (*custodian).to_owned(),
                    derived_from: vec![],
                });
                case.items.push(Item {
                    id: item.clone(),
                    source: source.clone(),
                    integrity: Integrity::Verified,
                    recorded_at: None,
                    cure: None,
                });
            }
            premises.push(item);
        }
        case.arguments.push(Argument {
            id,
            side: Side::For,
            premises,
            frame: vec![],
        });
    };
    let families = ["A", "B", "C"];
    argue_from(
        "short".into(),
        &families.map(|family| (format!("{family}-first"), family)),
    );
    for family in families {
        for at in 0..9 {
            let parts = [
                "first".to_owned(),
                "common".to_owned(),
                format!("left{at}"),
                format!("right{at}"),
            ];
            let sources = parts.map(|part| (format!("{family}-{part}"), family));
            argue_from(format!("{family}{at}"), &sources);
        }
    }
    let evaluator = Evaluator::new(&case).unwrap();
    let found = evaluator.evaluate(&base(Standard::Corroborated));
    assert_eq!(
        found.for_.lineages.map(|lineages| lineages.to_string()),
        [">= 3"; 3]
    );
}

/// A challenge that does not qualify blocks the exhaustive standard and nothing else, and stays printed
/// in runs that leave out whoever raised it.
#[test]
fn an_open_challenge_blocks_only_the_exhaustive_standard() {
    let mut case = case();
    argue(&mut case, "a", "M", Side::Against);
    argue(&mut case, "b", "N", Side::Against);
    argue(&mut case, "denial", "P", Side::For);
    case.arguments.pop();
    case.coverage_complete = true;
    let outcome = |case: &Case, standard| Evaluator::new(case).unwrap().outcome(&base(standard));
    assert_eq!(outcome(&case, Standard::Exhaustive), Outcome::Contradicted);
    case.defeaters.push(Defeater {
        id: "challenge".into(),
        target: "a-argument".into(),
        premises: vec!["denial".into()],
    });
    assert_eq!(
        outcome(&case, Standard::Corroborated),
        Outcome::Contradicted
    );
    assert_eq!(outcome(&case, Standard::Exhaustive), Outcome::NotShown);
    let evaluator = Evaluator::new(&case).unwrap();
    let found = evaluator.evaluate(&base(Standard::Exhaustive).run(Run::NoClaimant));
    assert_eq!(found.open_challenges, ["challenge"]);
    // Before the denial was made there was nothing to answer.
    case.items[2].recorded_at = Some(Instant::exact(1_000));
    let evaluator = Evaluator::new(&case).unwrap();
    let before = evaluator.outcome(&base(Standard::Exhaustive).known(Known::By(999)));
    assert_eq!(before, Outcome::Contradicted);
}

/// METHOD 10.1, 10.4: held means in the claimant's own systems and certainly before it spoke.
#[test]
fn then_held_reads_the_claimants_own_earlier_records() {
    let time = |text: &str| parse_utc(text).unwrap();
    let mut case = case();
    argue(&mut case, "mail", "P", Side::Against);
    argue(&mut case, "contract", "N", Side::Against);
    case.items[0].recorded_at = Some(Instant {
        t: time("2024-03-05"),
        unc: 3_600,
    });
    case.items[1].recorded_at = Some(Instant::exact(time("2024-01-01")));
    let held = |case: &Case, stated_at| {
        let evaluator = Evaluator::new(case).unwrap();
        then_held(
            &evaluator,
            Standard::Balance,
            Level::Custodian,
            Instant::exact(stated_at),
        )
    };
    let late = held(&case, time("2025-08-06"));
    assert_eq!(late.outcome, Outcome::Contradicted);
    assert_eq!(late.against.undefeated, ["mail-argument"]);
    let within_the_hour = held(&case, time("2024-03-05") + 3_600);
    assert_eq!(within_the_hour.outcome, Outcome::NotShown);
    assert_eq!(
        held(&case, time("2024-03-05") + 3_601).outcome,
        Outcome::Contradicted
    );
    case.items[0].recorded_at = None;
    assert_eq!(held(&case, time("2025-08-06")).outcome, Outcome::NotShown);

    case.items[0].recorded_at = Some(Instant {
        t: time("2024-03-05"),
        unc: 3_600,
    });
    let evaluator = Evaluator::new(&case).unwrap();
    let told = changes(&evaluator, &base(Standard::Corroborated));
    let change = |from, outcome| Change { from, outcome };
    assert_eq!(
        told,
        [
            change(None, Outcome::NotShown),
            change(Some(time("2024-03-05") + 3_600), Outcome::Contradicted),
        ]
    );
}

#[test]
fn reasons_name_what_keeps_each_side_down() {
    let mut case = case();
    let reasons = |case: &Case, standard| -> Vec<Reason> {
        let evaluator = Evaluator::new(case).unwrap();
        evaluator
            .evaluate(&base(standard))
            .reasons(standard)
            .into_iter()
            .collect()
    };
    assert_eq!(reasons(&case, Standard::Balance), [Reason::NoArgument]);
    argue(&mut case, "assurance", "P", Side::For);
    assert_eq!(reasons(&case, Standard::Balance), [Reason::InterestedOnly]);
    argue(&mut case, "tip", "N", Side::For);
    case.items[1].integrity = Integrity::Unverified;
    let both = [Reason::InterestedOnly, Reason::UnverifiedOnly];
    assert_eq!(reasons(&case, Standard::Balance), both);
    argue(&mut case, "bill", "P", Side::Against);
    assert_eq!(reasons(&case, Standard::Balance), []);
    let all = [
        Reason::InterestedOnly,
        Reason::UnverifiedOnly,
        Reason::SingleLineage,
    ];
    assert_eq!(reasons(&case, Standard::Corroborated), all);
    let codes: Vec<String> = all.map(Reason::code).into();
    assert_eq!(
        codes,
        ["interested_only", "unverified_only", "single_lineage"]
    );
    assert!(Reason::SingleLineage < Reason::Gate(1) && Reason::Gate(7) < Reason::ResidueOnly);
    assert_eq!(Reason::Gate(6).code(), "gate_G6");
}

/// METHOD 9.2: more than 60 groups are searched to pairs only, and far more to singles only.
#[test]
fn removals_are_searched_as_deep_as_the_number_of_groups_allows() {
    for (lineages, searched_to) in [(60, 3), (61, 2), (250, 2), (251, 1)] {
        let mut case = case();
        for at in 0..lineages {
            argue(&mut case, &format!("item{at:03}"), "N", Side::Against);
        }
        // Sources that nothing rests on are not groups.
        case.arguments.truncate(3);
        let evaluator = Evaluator::new(&case).unwrap();
        let few = fragility(
            &evaluator,
            &base(Standard::Corroborated),
            GroupBy::Source,
            3,
        );
        assert_eq!(
            (few.groups, few.searched_to, few.smallest()),
            (3, 3, Some(2))
        );
        let third = BTreeMap::from([0, 1, 2].map(|at| (format!("item{at:03}-source"), 2)));
        assert_eq!(few.responsibility, third);

        case.arguments.clear();
        for item in case.items.clone() {
            case.arguments.push(Argument {
                id: format!("{}-argument", item.id),
                side: Side::Against,
                premises: vec![item.id],
                frame: vec![],
            });
        }
        let evaluator = Evaluator::new(&case).unwrap();
        let question = base(Standard::Corroborated);
        let many = fragility(&evaluator, &question, GroupBy::Custodian, 3);
        assert_eq!(
            (many.groups, many.searched_to, many.smallest()),
            (lineages, searched_to, None)
        );
        let one = fragility(&evaluator, &question, GroupBy::Controller, 3);
        assert_eq!((one.groups, one.smallest()), (1, Some(1)));
    }
}
