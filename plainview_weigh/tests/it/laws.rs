//! The invariants of METHOD 8 on random cases: P1-P4, P6 and P7, and laws of fragility and timeline. (P5
//! is about gates.)

use std::collections::BTreeSet;

use plainview_weigh::case::{
    Argument, Case, Cure, CureKind, Defeater, Integrity, Interest, Item, Side, Source,
};
use plainview_weigh::evaluate::{Evaluator, Known, Level, Outcome, Question, Run, Standard};
use plainview_weigh::fragility::{GroupBy, fragility};
use plainview_weigh::instant::Instant;
use plainview_weigh::timeline::changes;
use proptest::prelude::*;
use proptest::sample::{Index, select};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

prop_compose! {
    fn source()(
        custodian in 0..4_u8,
        controller in 0..3_u8,
        origins in prop::collection::vec(prop::bool::weighted(0.2), 5),
    ) -> (String, String, Vec<bool>) {
        (format!("c{custodian}"), format!("k{controller}"), origins)
    }
}

prop_compose! {
    fn item()(
        source in any::<Index>(),
        integrity in select(vec![
            Integrity::Verified, Integrity::Verified, Integrity::Verified, Integrity::Verified,
            Integrity::Unverified, Integrity::Failed,
        ]),
        year in prop::option::weighted(0.9, 2024..2027_i64),
        cured in prop::bool::weighted(0.2),
    ) -> (Index, Integrity, Option<i64>, bool) {
        (source, integrity, year, cured)
    }
}

prop_compose! {
    /// As the reference makes them: up to five sources, five items, four arguments of one or two
    /// premises, three defeaters; here some premises are frame.
    fn case()(
        sources in prop::collection::vec(source(), 1..=5),
        items in prop::collection::vec(item(), 1..=5),
        arguments in prop::collection::vec(
            (any::<bool>(), any::<Index>(), prop::option::of(any::<Index>()), prop::bool::weighted(0.3)),
            1..=4,
        ),
        defeaters in prop::collection::vec((any::<Index>(), any::<Index>()), 0..=3),
        interests in prop::collection::vec(select(vec![
            Interest::BenefitsIfTrue, Interest::BenefitsIfFalse, Interest::None, Interest::Unknown,
        ]), 3),
        coverage_complete in any::<bool>(),
    ) -> Case {
        let mut case = Case {
            claimants: BTreeSet::from(["k0".to_owned()]),
            interests: (0..).zip(interests).map(|(at, interest)| (format!("k{at}"), interest)).collect(),
            coverage_complete,
            ..Case::default()
        };
        for (at, (custodian, controller, origins)) in sources.into_iter().enumerate() {
            let derived_from = (0..at).filter(|&from| origins[from]).map(|from| format!("s{from}"));
            let derived_from = derived_from.collect();
            case.sources.push(Source { id: format!("s{at}"), custodian, controller, derived_from });
        }
        for (at, (source, integrity, year, cured)) in items.into_iter().enumerate() {
            case.items.push(Item {
                id: format!("i{at}"),
                source: source.get(&case.sources).id.clone(),
                integrity,
                recorded_at: year.map(Instant::exact),
                cure: cured.then_some(Cure { kind: CureKind::Precommitted, party: None }),
            });
        }
        for (at, (for_, first, second, framed)) in arguments.into_iter().enumerate() {
            let pick = |index: Index| index.get(&case.items).id.clone();
            let mut premises = vec![pick(first)];
            premises.extend(second.map(pick).filter(|other| *other != premises[0]));
            let frame = if framed { vec![premises[0].clone()] } else { vec![] };
            let side = if for_ { Side::For } else { Side::Against };
            case.arguments.push(Argument { id: format!("a{at}"), side, premises, frame });
        }
        for (at, (target, premise)) in defeaters.into_iter().enumerate() {
            let nodes: Vec<&String> = case.arguments.iter().map(|argument| &argument.id)
                .chain(case.defeaters.iter().map(|defeater| &defeater.id)).collect();
            let target = (*target.get(&nodes)).clone();
            let premises = vec![premise.get(&case.items).id.clone()];
            case.defeaters.push(Defeater { id: format!("d{at}"), target, premises });
        }
        case
    }
}

fn questions() -> impl Iterator<Item = Question> {
    Standard::ALL
        .into_iter()
        .flat_map(|standard| Level::ALL.map(|level| Question::base(standard, level)))
}

fn outcome(case: &Case, question: &Question) -> Outcome {
    Evaluator::new(case).unwrap().outcome(question)
}

/// Which side a node of the case helps.
fn side_of(case: &Case, id: &str) -> Side {
    if let Some(argument) = case.arguments.iter().find(|argument| argument.id == id) {
        return argument.side;
    }
    let defeater = case
        .defeaters
        .iter()
        .find(|defeater| defeater.id == id)
        .unwrap();
    side_of(case, &defeater.target).opposite()
}

/// METHOD 6.2 and 7.2 written out again, for the base run: whether premises qualify for a side.
fn qualifies(case: &Case, premises: &[String], side: Side) -> bool {
    let gains = match side {
        Side::For => Interest::BenefitsIfTrue,
        Side::Against => Interest::BenefitsIfFalse,
    };
    premises.iter().all(|id| {
        let item = case.items.iter().find(|item| item.id == *id).unwrap();
        let mut lineage = vec![item.source.clone()];
        let mut aligned = false;
        while let Some(id) = lineage.pop() {
            let source = case.sources.iter().find(|source| source.id == id).unwrap();
            for party in [&source.custodian, &source.controller] {
                aligned |= case.interests.get(party) == Some(&gains);
            }
            lineage.extend(source.derived_from.clone());
        }
        item.integrity == Integrity::Verified && (item.cure.is_some() || !aligned)
    })
}

/// The case with every argument and defeater that does not qualify deleted.
fn only_qualifying(case: &Case) -> Case {
    let mut left = case.clone();
    left.arguments
        .retain(|argument| qualifies(case, &argument.premises, argument.side));
    let mut have: BTreeSet<String> = left
        .arguments
        .iter()
        .map(|argument| argument.id.clone())
        .collect();
    left.defeaters.retain(|defeater| {
        let side = side_of(case, &defeater.id);
        let keep = qualifies(case, &defeater.premises, side) && have.contains(&defeater.target);
        if keep {
            have.insert(defeater.id.clone());
        }
        keep
    });
    left
}

/// The case with sides and interests swapped.
fn mirrored(case: &Case) -> Case {
    let mut mirror = case.clone();
    for argument in &mut mirror.arguments {
        argument.side = argument.side.opposite();
    }
    for interest in mirror.interests.values_mut() {
        *interest = match *interest {
            Interest::BenefitsIfTrue => Interest::BenefitsIfFalse,
            Interest::BenefitsIfFalse => Interest::BenefitsIfTrue,
            other => other,
        };
    }
    mirror
}

/// The case with one argument made again from an item that a new outlet republished, and with every
/// challenge to it raised against the copy.
fn republished(case: &Case, argument: Index, premise: Index) -> Case {
    let mut copy = case.clone();
    let original = argument.get(&case.arguments);
    let id = premise.get(&original.premises);
    let item = case.items.iter().find(|item| item.id == *id).unwrap();
    copy.sources.push(Source {
        id: "copy".into(),
        custodian: "cX".into(),
        controller: "kX".into(),
        derived_from: vec![item.source.clone()],
    });
    copy.items.push(Item {
        id: "icopy".into(),
        source: "copy".into(),
        ..item.clone()
    });
    let swap = |ids: &[String]| {
        ids.iter()
            .map(|other| {
                if other == id {
                    "icopy".into()
                } else {
                    other.clone()
                }
            })
            .collect()
    };
    copy.arguments.push(Argument {
        id: format!("{}-copy", original.id),
        side: original.side,
        premises: swap(&original.premises),
        frame: swap(&original.frame),
    });
    let mut doubled = BTreeSet::from([original.id.clone()]);
    for defeater in &case.defeaters {
        if doubled.contains(&defeater.target) {
            doubled.insert(defeater.id.clone());
            copy.defeaters.push(Defeater {
                id: format!("{}-copy", defeater.id),
                target: format!("{}-copy", defeater.target),
                premises: defeater.premises.clone(),
            });
        }
    }
    copy
}

proptest! {
    #![proptest_config(config())]

    /// P1: no verdict above `any` rests on self-serving or unverified evidence.
    #[test]
    fn deleting_what_does_not_qualify_changes_nothing(case in case()) {
        let left = only_qualifying(&case);
        for question in questions() {
            if matches!(question.standard, Standard::Balance | Standard::Corroborated) {
                let (all, left) = (outcome(&case, &question), outcome(&left, &question));
                prop_assert_eq!(all, left, "{:?}", question);
            }
        }
    }

    /// P2: k0 >= k1 >= k2.
    #[test]
    fn lineages_never_grow_with_the_level(case in case()) {
        let evaluator = Evaluator::new(&case).unwrap();
        for run in Run::ALL {
            let question = Question::base(Standard::Corroborated, Level::Custodian).run(run);
            let found = evaluator.evaluate(&question);
            for side in [Side::For, Side::Against] {
                let [k0, k1, k2] = found.side(side).lineages.map(|lineages| lineages.count);
                prop_assert!(k0 >= k1 && k1 >= k2, "{run:?} {k0} {k1} {k2}");
            }
        }
    }

    /// P3: swapping sides and interests swaps supported and contradicted.
    #[test]
    fn both_sides_are_judged_alike(case in case()) {
        let mirror = mirrored(&case);
        for question in questions() {
            for run in Run::ALL {
                let question = question.clone().run(run);
                let expected = match outcome(&case, &question) {
                    Outcome::Supported => Outcome::Contradicted,
                    Outcome::Contradicted => Outcome::Supported,
                    other => other,
                };
                prop_assert_eq!(outcome(&mirror, &question), expected, "{:?}", question);
            }
        }
    }

    /// P4: republishing an item through a new outlet changes nothing.
    #[test]
    fn a_copy_adds_nothing(case in case(), argument: Index, premise: Index) {
        let copy = republished(&case, argument, premise);
        for question in questions() {
            let (before, after) = (outcome(&case, &question), outcome(&copy, &question));
            prop_assert_eq!(before, after, "{:?}", question);
        }
    }

    /// P6: the outcome at a cutoff reads only what was recorded by then: whatever later items say, it is
    /// the same.
    #[test]
    fn later_items_do_not_reach_back(case in case(), cutoff in 2023..2027_i64, integrity in select(vec![
        Integrity::Verified, Integrity::Unverified, Integrity::Failed,
    ]), cured: bool) {
        let mut rewritten = case.clone();
        for item in &mut rewritten.items {
            if item.recorded_at.is_some_and(|at| at.t > cutoff) {
                item.integrity = integrity;
                item.cure = cured.then_some(Cure { kind: CureKind::ThirdPartyCustody, party: None });
                item.recorded_at = Some(Instant::exact(cutoff + 10));
            }
        }
        for question in questions() {
            let question = question.known(Known::By(cutoff));
            prop_assert_eq!(outcome(&case, &question), outcome(&rewritten, &question));
        }
    }

    /// P7: the order of sources, items and arguments does not matter.
    #[test]
    fn order_does_not_matter(case in case(), turn in 1..5_usize, flip: bool) {
        let mut shuffled = case.clone();
        let (sources, items, arguments) =
            (&mut shuffled.sources, &mut shuffled.items, &mut shuffled.arguments);
        let by = |length: usize| turn % length.max(1);
        sources.rotate_left(by(case.sources.len()));
        items.rotate_left(by(case.items.len()));
        arguments.rotate_left(by(case.arguments.len()));
        if flip {
            sources.reverse();
            items.reverse();
            arguments.reverse();
        }
        for question in questions() {
            prop_assert_eq!(outcome(&case, &question), outcome(&shuffled, &question));
        }
    }

    /// Every flip set changes the outcome and no smaller one inside it does; and no set of any sources at
    /// all, used or not, does so without containing a listed one.
    #[test]
    fn flip_sets_are_the_minimal_ones(case in case()) {
        let evaluator = Evaluator::new(&case).unwrap();
        let base = Question::base(Standard::Balance, Level::Custodian);
        let all = evaluator.outcome(&base);
        let found = fragility(&evaluator, &base, GroupBy::Source, 3);
        let flips: Vec<BTreeSet<String>> =
            found.flips.iter().map(|flip| flip.groups.iter().cloned().collect()).collect();
        for chosen in 0_u32..1 << case.sources.len() {
            let without: BTreeSet<String> = (0..).zip(&case.sources)
                .filter(|(at, _)| chosen & (1 << at) != 0)
                .map(|(_, source)| source.id.clone())
                .collect();
            if without.len() > 3 {
                continue;
            }
            let listed = found.flips.iter().zip(&flips).find(|(_, flip)| **flip == without);
            let question = Question { without: without.clone(), ..base.clone() };
            let outcome = evaluator.outcome(&question);
            if let Some((flip, _)) = listed {
                prop_assert_eq!(outcome, flip.outcome);
                prop_assert_ne!(outcome, all);
            }
            let covered = flips.iter().any(|flip| flip.is_subset(&without));
            prop_assert!(outcome == all || covered, "{without:?} is missing from {flips:?}");
            let proper = flips.iter().any(|flip| flip.is_subset(&without) && *flip != without);
            prop_assert!(listed.is_none() || !proper, "{without:?} is not minimal in {flips:?}");
        }
    }

    /// Between two changes of the timeline the outcome stands still.
    #[test]
    fn changes_tell_the_whole_timeline(case in case()) {
        let evaluator = Evaluator::new(&case).unwrap();
        let base = Question::base(Standard::Balance, Level::Custodian);
        let changes = changes(&evaluator, &base);
        for cutoff in 2022..2029 {
            let now = evaluator.outcome(&base.clone().known(Known::By(cutoff)));
            let told = changes.iter().rev().find(|change| change.from.is_none_or(|from| from <= cutoff));
            prop_assert_eq!(told.map(|change| change.outcome), Some(now));
        }
    }
}
