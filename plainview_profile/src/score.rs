//! Scoring: signals, capped families, a decision or an abstention (PROFILE section 8), all in fixed point. It refuses a
//! residual guess: `opaque` needs its own evidence, `unknown` says why, and recorded calls need three families.

mod signals;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::features::Features;
use crate::kinds::Kind;
use crate::kinds::weights::{
    FAMILY_CAP, FAMILY_CONFLICT, FAMILY_FOR, MARGIN_MIN, Of, Row, SCORE_MIN,
};
use crate::profile::{
    Abstention, Candidate, Family, FamilyScore, KindResult, Outcome, Signal, ViewResult, Views,
};
use signals::{Needs, Observed};

/// What a view lets be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum View {
    SizesAndTimes,
    MaskedNames,
    Everything,
}

impl View {
    fn shows(self, needs: Needs) -> bool {
        match needs {
            Needs::Nothing => true,
            Needs::Shapes => self >= Self::MaskedNames,
            Needs::Claims => self == Self::Everything,
        }
    }
}

/// Scores under one view.
struct Scored<'a> {
    observed: Vec<&'a Observed>,
    /// Candidates, best first; kinds in the order of their definition on a tie.
    ranking: Vec<(Of, i32)>,
    outcome: Outcome,
    abstention: Option<Abstention>,
}

/// Fixed point in nats, for example `+1.20`.
fn nats(hundredths: i32) -> String {
    let sign = if hundredths < 0 { '-' } else { '+' };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// What each family adds for a candidate, capped.
fn families(observed: &[&Observed], of: Of) -> BTreeMap<Family, i32> {
    let mut sums: BTreeMap<Family, i32> = BTreeMap::new();
    for row in observed.iter().map(|observed| observed.row) {
        *sums.entry(row.family).or_insert(0) += row.weight(of);
    }
    for sum in sums.values_mut() {
        *sum = (*sum).clamp(-FAMILY_CAP, FAMILY_CAP);
    }
    sums
}

fn score(observed: &[Observed], view: View, objects: u64, objects_min: u64) -> Scored<'_> {
    let observed: Vec<&Observed> = observed
        .iter()
        .filter(|observed| view.shows(observed.needs))
        .collect();
    let mut ranking: Vec<(Of, i32)> = Of::all()
        .map(|of| (of, families(&observed, of).values().sum()))
        .collect();
    // The sort is stable: ties keep the order of the definition.
    ranking.sort_by_key(|(_, score)| Reverse(*score));
    let abstention = abstention(&observed, &ranking, objects, objects_min);
    let outcome = match (abstention, ranking[0].0) {
        (Some(_), _) => Outcome::Unknown,
        (None, Of::Opaque) => Outcome::Opaque,
        (None, Of::Kind(_)) => Outcome::Kind,
    };
    Scored {
        observed,
        ranking,
        outcome,
        abstention,
    }
}

/// Why the best candidate is not named, if it is not.
fn abstention(
    observed: &[&Observed],
    ranking: &[(Of, i32)],
    objects: u64,
    objects_min: u64,
) -> Option<Abstention> {
    let (best, score) = ranking[0];
    let families = families(observed, best);
    let speaking = families
        .values()
        .filter(|weight| **weight >= FAMILY_FOR)
        .count();
    if objects < objects_min {
        Some(Abstention::TooFewObjects)
    } else if score < SCORE_MIN {
        Some(Abstention::NoClearSignal)
    } else if families.values().any(|weight| *weight <= FAMILY_CONFLICT) {
        Some(Abstention::SignalsConflict)
    } else if best == Of::Kind(Kind::RecordedCalls) && speaking < 3 {
        Some(Abstention::TooFewFamilies)
    } else if score - ranking[1].1 < MARGIN_MIN {
        Some(Abstention::SmallMargin)
    } else {
        None
    }
}

impl Scored<'_> {
    fn leading(&self) -> Of {
        self.ranking[0].0
    }

    fn id(&self) -> String {
        match self.outcome {
            Outcome::Unknown => "unknown".to_owned(),
            _ => self.leading().id().to_owned(),
        }
    }

    fn view(&self) -> ViewResult {
        ViewResult {
            outcome: self.outcome,
            id: self.id(),
            abstention: self.abstention,
            leading: self.leading().id().to_owned(),
            score: nats(self.ranking[0].1),
            margin: nats(self.ranking[0].1 - self.ranking[1].1),
        }
    }

    fn explain(&self) -> KindResult {
        let leading = self.leading();
        let sums = families(&self.observed, leading);
        let mut weighed: Vec<(i32, &Row, &str)> = self
            .observed
            .iter()
            .map(|observed| {
                (
                    observed.row.weight(leading),
                    observed.row,
                    observed.text.as_str(),
                )
            })
            .filter(|(weight, _, _)| *weight != 0)
            .collect();
        weighed.sort_by_key(|(weight, _, _)| Reverse(weight.abs()));
        let signals = |wanted: fn(i32) -> bool| -> Vec<Signal> {
            let chosen = weighed.iter().filter(|(weight, _, _)| wanted(*weight));
            chosen
                .map(|(weight, row, text)| Signal {
                    name: row.signal.to_owned(),
                    family: row.family,
                    observed: (*text).to_owned(),
                    weight: nats(*weight),
                })
                .collect()
        };
        let candidates = self.ranking.iter().filter(|(_, score)| *score > 0).take(5);
        KindResult {
            outcome: self.outcome,
            id: self.id(),
            kind: match (self.outcome, leading) {
                (Outcome::Kind, Of::Kind(kind)) => Some(kind),
                _ => None,
            },
            abstention: self.abstention,
            leading: leading.id().to_owned(),
            score: nats(self.ranking[0].1),
            margin: nats(self.ranking[0].1 - self.ranking[1].1),
            candidates: candidates
                .map(|(of, score)| Candidate {
                    id: of.id().to_owned(),
                    score: nats(*score),
                })
                .collect(),
            families_for: sums
                .iter()
                .filter(|(_, weight)| **weight >= FAMILY_FOR)
                .map(|(family, _)| *family)
                .collect(),
            families: sums
                .iter()
                .map(|(family, weight)| FamilyScore {
                    family: *family,
                    weight: nats(*weight),
                })
                .collect(),
            signals_for: signals(|weight| weight > 0),
            signals_against: signals(|weight| weight < 0),
        }
    }
}

/// The decision with its reasons, and what would be said with less to go by.
pub(crate) fn explain(features: &Features, objects_min: u64) -> (KindResult, Views) {
    let observed = signals::observe(features);
    let scored = |view: View| score(&observed, view, features.objects, objects_min);
    let everything = scored(View::Everything);
    let views = Views {
        names_and_metadata: everything.view(),
        masked_names: scored(View::MaskedNames).view(),
        sizes_and_times_only: scored(View::SizesAndTimes).view(),
    };
    (everything.explain(), views)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nats_are_printed_in_fixed_point() {
        assert_eq!(
            [nats(120), nats(-5), nats(0), nats(-250)],
            ["+1.20", "-0.05", "+0.00", "-2.50"]
        );
    }
}
