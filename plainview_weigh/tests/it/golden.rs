//! The 17 golden bundles of METHOD 9.4, read from the reference evaluator's own output, and what the
//! frozen form refuses.

use plainview_weigh::evaluate::{Evaluator, Level, Outcome, Question, Reason, Run, Standard};
use plainview_weigh::{Bundle, Error, expect};
use serde_json::Value;

const GOLDEN: &str = include_str!("../data/golden_verdicts.json");

fn golden() -> serde_json::Map<String, Value> {
    serde_json::from_str(GOLDEN).unwrap()
}

fn bundle(name: &str) -> Bundle {
    let fixture = &golden()[name]["bundle"];
    Bundle::parse(fixture.to_string().as_bytes()).unwrap()
}

/// Whole equality: every key of every `expect`, and no key more.
#[test]
fn all_seventeen_expectations_are_met_in_full() {
    let golden = golden();
    assert_eq!(golden.len(), 17);
    for (name, fixture) in &golden {
        let ours = expect(&bundle(name)).unwrap();
        let theirs = &fixture["expect"];
        for key in theirs.as_object().unwrap().keys() {
            assert_eq!(ours[key], theirs[key], "{name}: {key}");
        }
        assert_eq!(&ours, theirs, "{name}");
    }
}

/// The notes of METHOD 9.4 that no `expect` part holds.
#[test]
fn notes_of_the_fixture_table() {
    let outcome = |name: &str, standard, level, run| {
        let bundle = bundle(name);
        let evaluator = Evaluator::new(bundle.case()).unwrap();
        evaluator.outcome(&Question::base(standard, level).run(run))
    };
    let f1 = "F1_provider_records_against_provider";
    let l2 = |run| outcome(f1, Standard::Corroborated, Level::Controller, run);
    assert_eq!(l2(Run::Base), Outcome::Contradicted);
    assert_eq!(l2(Run::Strict), Outcome::NotShown);
    let f3 = |run| {
        outcome(
            "F3_two_outlets_one_leak",
            Standard::Balance,
            Level::Custodian,
            run,
        )
    };
    assert_eq!(f3(Run::Base), Outcome::Contradicted);
    assert_eq!(f3(Run::Strict), Outcome::NotShown);
}

#[test]
fn reasons_of_the_fixture_table() {
    for (name, reason) in [
        ("F2_assurances_only", Reason::InterestedOnly),
        ("F3_two_outlets_one_leak", Reason::SingleLineage),
        ("F8_competitor_only", Reason::InterestedOnly),
        ("F9_unverified_leak", Reason::UnverifiedOnly),
        (
            "F13_absence_two_inventories_one_bill_provider_kept",
            Reason::InterestedOnly,
        ),
    ] {
        let bundle = bundle(name);
        let evaluator = Evaluator::new(bundle.case()).unwrap();
        let question = Question::base(Standard::Corroborated, Level::Custodian);
        let reasons = evaluator.evaluate(&question).reasons(question.standard);
        assert_eq!(reasons.into_iter().collect::<Vec<_>>(), [reason], "{name}");
    }
}

/// METHOD 12: witnesses of F1, each side's smallest premise sets.
#[test]
fn witnesses_are_the_smallest_premise_sets() {
    let bundle = bundle("F1_provider_records_against_provider");
    let evaluator = Evaluator::new(bundle.case()).unwrap();
    let found = evaluator.evaluate(&Question::base(Standard::Corroborated, Level::Custodian));
    let against = evaluator.witnesses(&found.against.undefeated);
    assert_eq!(against, [vec!["i1", "i3"], vec!["i2"], vec!["i4"]]);
    let for_ = evaluator.witnesses(&found.for_.undefeated);
    assert_eq!(for_, [["i5"], ["i6"]]);
}

/// A bundle that is right but for one change.
fn refusal(find: &str, replace: &str) -> Error {
    const RIGHT: &str = r#"{
        "claim": {"id": "C", "claimant": ["P"]},
        "interests": {"P": "true"},
        "sources": [
            {"id": "s", "custodian": "c", "controller": "P"},
            {"id": "t", "custodian": "c", "controller": "P", "derived_from": ["s"]}
        ],
        "items": [{"id": "i", "source": "s", "recorded_at": "2024-03-05T00:00:00Z"}, {"id": "j", "source": "t"}],
        "arguments": [{"id": "a", "side": "for", "premises": ["i", "j"], "frame": ["j"]}],
        "defeaters": [{"id": "d", "target": "a", "premises": ["i"]}, {"id": "e", "target": "d", "premises": ["j"]}]
    }"#;
    Bundle::parse(RIGHT.as_bytes()).unwrap();
    assert_eq!(RIGHT.matches(find).count(), 1, "{find}");
    Bundle::parse(RIGHT.replace(find, replace).as_bytes()).unwrap_err()
}

/// What to change, into what, and how it is refused.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        r#""source": "t""#,
        r#""source": "u""#,
        "item `j` names source `u`, which is not declared",
    ),
    (
        r#"["s"]"#,
        r#"["u"]"#,
        "source `t` names source `u`, which is not declared",
    ),
    (
        r#"["s"]"#,
        r#"["t"]"#,
        "source `t` is derived from itself through itself",
    ),
    (
        r#"{"id": "s", "custodian": "c""#,
        r#"{"id": "s", "derived_from": ["t"], "custodian": "c""#,
        "source `s` is derived from itself through `t`",
    ),
    (
        r#"["i", "j"]"#,
        r#"["i", "j", "k"]"#,
        "argument `a` names item `k`, which is not declared",
    ),
    (
        r#"["i", "j"]"#,
        "[]",
        "argument `a` lists `j` as frame, but not as a premise",
    ),
    (
        r#""frame": ["j"]"#,
        r#""frame": ["k"]"#,
        "argument `a` lists `k` as frame, but not as a premise",
    ),
    (
        r#""premises": ["i"]"#,
        r#""premises": []"#,
        "defeater `d` has no premises",
    ),
    (
        r#""target": "a""#,
        r#""target": "e""#,
        "defeater `d` targets `e`, which is no argument and no defeater declared before it",
    ),
    (
        r#""target": "a""#,
        r#""target": "d""#,
        "defeater `d` targets `d`, which is no argument and no defeater declared before it",
    ),
    (
        r#""id": "t""#,
        r#""id": "s""#,
        "source id `s` is declared twice",
    ),
    (
        r#"{"id": "j""#,
        r#"{"id": "i""#,
        "item id `i` is declared twice",
    ),
    (
        r#""id": "d""#,
        r#""id": "a""#,
        "argument or defeater id `a` is declared twice",
    ),
    (
        r#""id": "d""#,
        r#""id": """#,
        "argument or defeater id `` is empty or longer than 256 bytes",
    ),
    (
        "2024-03-05T00:00:00Z",
        "5 March 2024",
        "item `i`: time `5 March 2024` is not UTC like 2025-08-10T00:00:00Z",
    ),
];

#[test]
fn mistakes_are_named() {
    for (find, replace, message) in MISTAKES {
        assert_eq!(&refusal(find, replace).to_string(), message);
    }
}

#[test]
fn the_form_is_frozen() {
    for (find, replace, part) in [
        (
            r#"{"id": "i", "#,
            r#"{"id": "i", "colour": "red", "#,
            "unknown field `colour`",
        ),
        (
            r#""P": "true""#,
            r#""P": "maybe""#,
            "unknown variant `maybe`",
        ),
        (
            r#""P": "true""#,
            r#""P": "true", "P": "none""#,
            "party `P` is named twice",
        ),
        (
            r#""side": "for""#,
            r#""side": "both""#,
            "unknown variant `both`",
        ),
        (
            r#""claim": {"id": "C", "#,
            r#""claim": {"#,
            "missing field `id`",
        ),
    ] {
        let error = refusal(find, replace);
        assert!(matches!(error, Error::Form(_)), "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
}
