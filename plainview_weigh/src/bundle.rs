//! The file form `plainview.weigh/0`: a verdict's arguments and sources given by hand, and everything that
//! is expected of it, as `golden_verdicts.json` has them.
//!
//! The form is frozen with that file: interests are given, there are no gates. It refuses unknown keys,
//! undeclared ids, defeaters before their target, cycles, and times that are not UTC. The product's own
//! input is a later version of the form.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value, json};

use crate::case::{
    Argument, Case, Cure, CureKind, Defeater, Integrity, Interest, Item, Side, Source,
};
use crate::error::Error;
use crate::evaluate::{Evaluator, Level, Lineages, Outcome, Question, Run, Standard};
use crate::fragility::{Fragility, GroupBy, REMOVAL_DEPTH, fragility};
use crate::instant::{Instant, format_utc, parse_utc};
use crate::timeline::{cutoffs, timeline};

/// Largest bundle that is read.
pub const BUNDLE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// 2024-01-01 and 2025-08-06: the two cutoffs that the timeline of this form has besides the recorded
/// times of the bundle. METHOD 10.4 picked them by hand and nothing in a bundle leads to them, so they are
/// constants of the frozen form, asked of every bundle alike.
pub const REFERENCE_CUTOFFS: [i64; 2] = [1_704_067_200, 1_754_438_400];

/// A checked bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    claim: String,
    case: Case,
}

impl Bundle {
    /// Reads and checks a bundle. The first mistake is the error.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > BUNDLE_BYTES_MAX {
            return Err(Error::Limit {
                what: "bytes",
                found: bytes.len(),
                limit: BUNDLE_BYTES_MAX,
            });
        }
        let file: File =
            serde_json::from_slice(bytes).map_err(|error| Error::Form(error.to_string()))?;
        let items = file.items.into_iter().map(FileItem::checked);
        let case = Case {
            claimants: file.claim.claimant,
            interests: file.interests.0,
            sources: file.sources,
            items: items.collect::<Result<_, _>>()?,
            arguments: file.arguments,
            defeaters: file.defeaters,
            coverage_complete: file.coverage_complete,
        };
        Evaluator::new(&case)?;
        Ok(Self {
            claim: file.claim.id,
            case,
        })
    }

    /// The id of the claim.
    pub fn claim(&self) -> &str {
        &self.claim
    }

    /// The evidence.
    pub fn case(&self) -> &Case {
        &self.case
    }
}

/// Everything that this form expects of a bundle, keyed as in `golden_verdicts.json`:
///
/// - `any`, `balance`, `corroborated`, `exhaustive`: the five runs, at L1;
/// - `detail_corroborated_L1`: both sides of the base run; a lineage count beyond the exact search is a
///   text such as `">= 25"`;
/// - `corroborated_L2`: the base run with controllers kept apart;
/// - `fragility_balance_or_corr`: what the corroborated base outcome rests on, by each grouping;
/// - `fragility_balance_source`: the same at balance by source, when it says something else: the two
///   standards differ, and the bundle is disputed (a defeater, or arguments on both sides), so that the
///   sets cannot be read off the arguments;
/// - `timeline`: when an item has a recorded time, the base run at balance and corroborated for every
///   distinct recorded time and the [`REFERENCE_CUTOFFS`].
pub fn expect(bundle: &Bundle) -> Result<Value, Error> {
    let evaluator = Evaluator::new(&bundle.case)?;
    let level = Level::Custodian;
    let base = |standard| evaluator.outcome(&Question::base(standard, level));
    let mut expect = Map::new();
    for standard in Standard::ALL {
        let runs = Run::ALL.map(|run| {
            let outcome = evaluator.outcome(&Question::base(standard, level).run(run));
            (run.code().to_owned(), code(outcome))
        });
        expect.insert(
            standard.code().to_owned(),
            Value::Object(runs.into_iter().collect()),
        );
    }
    let corroborated = Question::base(Standard::Corroborated, level);
    expect.insert(
        "detail_corroborated_L1".into(),
        detail(&evaluator, &corroborated),
    );
    let by_controller = Question::base(Standard::Corroborated, Level::Controller);
    expect.insert(
        "corroborated_L2".into(),
        code(evaluator.outcome(&by_controller)),
    );
    let rests_on = GroupBy::ALL.map(|by| {
        let found = fragility(&evaluator, &corroborated, by, REMOVAL_DEPTH);
        (by.code().to_owned(), fragility_value(&found))
    });
    expect.insert(
        "fragility_balance_or_corr".into(),
        Value::Object(rests_on.into_iter().collect()),
    );
    if base(Standard::Balance) != base(Standard::Corroborated) && is_disputed(&bundle.case) {
        let balance = Question::base(Standard::Balance, level);
        let found = fragility(&evaluator, &balance, GroupBy::Source, REMOVAL_DEPTH);
        expect.insert("fragility_balance_source".into(), fragility_value(&found));
    }
    let mut times = cutoffs(&bundle.case);
    if !times.is_empty() {
        times.extend(REFERENCE_CUTOFFS);
        expect.insert("timeline".into(), timeline_value(&evaluator, level, &times));
    }
    Ok(Value::Object(expect))
}

fn is_disputed(case: &Case) -> bool {
    let argued = |side| case.arguments.iter().any(|argument| argument.side == side);
    !case.defeaters.is_empty() || (argued(Side::For) && argued(Side::Against))
}

fn code(outcome: Outcome) -> Value {
    Value::from(outcome.code())
}

fn detail(evaluator: &Evaluator<'_>, question: &Question) -> Value {
    let found = evaluator.evaluate(question);
    let counts = |profile: [Lineages; 3]| {
        profile.map(|lineages| {
            if lineages.exact {
                Value::from(lineages.count)
            } else {
                Value::from(lineages.to_string())
            }
        })
    };
    json!({
        "strength_for": found.for_.strength.code(),
        "strength_against": found.against.strength.code(),
        "k_for": counts(found.for_.lineages),
        "k_against": counts(found.against.lineages),
        "q_for": found.for_.qualifying,
        "q_against": found.against.qualifying,
        "open_challenges": found.open_challenges,
    })
}

fn fragility_value(found: &Fragility) -> Value {
    let flips = found.flips.iter();
    let flips: Vec<Value> = flips
        .map(|flip| json!([flip.groups, flip.outcome.code()]))
        .collect();
    let responsibility: BTreeMap<&String, String> = found
        .responsibility
        .iter()
        .map(|(group, n)| (group, format!("1/{n}")))
        .collect();
    json!({ "f": found.smallest(), "flips": flips, "responsibility": responsibility })
}

fn timeline_value(evaluator: &Evaluator<'_>, level: Level, times: &BTreeSet<i64>) -> Value {
    let standards = [Standard::Balance, Standard::Corroborated];
    timeline(evaluator, &standards, level, times)
        .into_iter()
        .map(|point| {
            let outcomes = standards.iter().zip(point.outcomes);
            let outcomes =
                outcomes.map(|(standard, outcome)| (standard.code().to_owned(), code(outcome)));
            (format_utc(point.at), Value::Object(outcomes.collect()))
        })
        .collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    claim: FileClaim,
    #[serde(default)]
    interests: FileInterests,
    sources: Vec<Source>,
    items: Vec<FileItem>,
    arguments: Vec<Argument>,
    #[serde(default)]
    defeaters: Vec<Defeater>,
    #[serde(default)]
    coverage_complete: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileClaim {
    id: String,
    #[serde(default)]
    claimant: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileItem {
    id: String,
    source: String,
    #[serde(default)]
    integrity: Integrity,
    recorded_at: Option<String>,
    cure: Option<CureKind>,
}

impl FileItem {
    fn checked(self) -> Result<Item, Error> {
        let recorded_at = match &self.recorded_at {
            None => None,
            Some(text) => Some(Instant::exact(parse_utc(text).ok_or_else(|| {
                Error::Time {
                    by: format!("item `{}`", self.id),
                    found: text.chars().take(64).collect(),
                }
            })?)),
        };
        Ok(Item {
            id: self.id,
            source: self.source,
            integrity: self.integrity,
            recorded_at,
            cure: self.cure.map(|kind| Cure { kind, party: None }),
        })
    }
}

/// Interests by party. A party named twice is refused: reading the last would let a bundle say one thing
/// to a reader and another to us.
#[derive(Default)]
struct FileInterests(BTreeMap<String, Interest>);

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FileInterest {
    True,
    False,
    None,
    Unknown,
}

impl<'de> Deserialize<'de> for FileInterests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parties;
        impl<'de> Visitor<'de> for Parties {
            type Value = FileInterests;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from party to \"true\", \"false\", \"none\" or \"unknown\"")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FileInterests, A::Error> {
                let mut interests = BTreeMap::new();
                while let Some((party, interest)) = map.next_entry::<String, FileInterest>()? {
                    let interest = match interest {
                        FileInterest::True => Interest::BenefitsIfTrue,
                        FileInterest::False => Interest::BenefitsIfFalse,
                        FileInterest::None => Interest::None,
                        FileInterest::Unknown => Interest::Unknown,
                    };
                    if interests.contains_key(&party) {
                        return Err(A::Error::custom(format!("party `{party}` is named twice")));
                    }
                    interests.insert(party, interest);
                }
                Ok(FileInterests(interests))
            }
        }
        deserializer.deserialize_map(Parties)
    }
}
