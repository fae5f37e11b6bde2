//! Arguments and items as printed, and the lints that apply to one verdict (METHOD 11).

use std::collections::BTreeSet;

use super::weigh::{absences, to_case};
use super::{ArgumentLine, ArgumentState, ItemLine};
use crate::assemble::{ArgumentInput, Input, ItemInput};
use crate::case::{CureKind, Integrity, Interest, Side};
use crate::evaluate::{Evaluation, Outcome, Strength};
use crate::facts::SourceKind;

/// Every argument, earned or not, with how it fared at base.
pub(super) fn argument_lines(input: &Input, base: &Evaluation) -> Vec<ArgumentLine> {
    input
        .arguments
        .iter()
        .map(|argument| ArgumentLine {
            id: argument.id.clone(),
            side: argument.side,
            scheme: argument.scheme,
            premises: argument.premises.clone(),
            frame: argument.frame.clone(),
            state: state(input, argument, base),
            says: if protected(input, argument) {
                "rests on a protected source".to_owned()
            } else {
                argument.says.clone()
            },
            gates: argument.gates.clone(),
        })
        .collect()
}

fn protected(input: &Input, argument: &ArgumentInput) -> bool {
    argument.premises.iter().any(|premise| {
        input
            .items
            .iter()
            .find(|item| item.id == *premise)
            .is_some_and(|item| is_protected(input, item))
    })
}

fn is_protected(input: &Input, item: &ItemInput) -> bool {
    input
        .sources
        .iter()
        .any(|source| source.id == item.source && source.protected)
}

fn state(input: &Input, argument: &ArgumentInput, base: &Evaluation) -> ArgumentState {
    if !argument.earned() {
        return ArgumentState::NotEarned;
    }
    let standing = base.side(argument.side);
    let failed = argument.premises.iter().any(|premise| {
        input
            .items
            .iter()
            .any(|item| item.id == *premise && item.integrity == Integrity::Failed)
    });
    if standing.qualifying.contains(&argument.id) {
        ArgumentState::Qualifying
    } else if failed {
        ArgumentState::Dead
    } else if standing.unverified.contains(&argument.id) {
        ArgumentState::Unverified
    } else if standing.interested.contains(&argument.id) {
        ArgumentState::SelfServing
    } else {
        ArgumentState::Defeated
    }
}

/// Every item. A protected source keeps its keeper, place and words out of the output.
pub(super) fn item_lines(input: &Input) -> Vec<ItemLine> {
    input
        .items
        .iter()
        .map(|item| {
            let hidden = is_protected(input, item);
            let custodian = input
                .sources
                .iter()
                .find(|source| source.id == item.source)
                .map_or("", |source| &source.custodian);
            ItemLine {
                id: item.id.clone(),
                source: item.source.clone(),
                custodian: if hidden { "protected" } else { custodian }.to_owned(),
                integrity: item.integrity,
                integrity_because: item.integrity_because.clone(),
                self_serving: self_serving(input, item),
                says: if hidden {
                    "protected source".to_owned()
                } else {
                    item.says.clone()
                },
                file: item.file.clone().filter(|_| !hidden),
                row: item.row.filter(|_| !hidden),
            }
        })
        .collect()
}

/// Side an item is used on: that of the first argument or challenge resting on it.
fn side_of(input: &Input, item: &ItemInput) -> Option<Side> {
    if let Some(argument) = input
        .arguments
        .iter()
        .find(|a| a.premises.contains(&item.id))
    {
        return Some(argument.side);
    }
    let challenge = input
        .challenges
        .iter()
        .find(|c| c.premises.contains(&item.id))?;
    let mut side = Side::Against;
    let mut target = challenge.target.as_str();
    // Each step up the forest turns the side once; a target is always declared before its challenge.
    for _ in 0..=input.challenges.len() {
        if let Some(argument) = input.arguments.iter().find(|a| a.id == target) {
            return Some(if side == Side::Against {
                argument.side.opposite()
            } else {
                argument.side
            });
        }
        let next = input.challenges.iter().find(|c| c.id == target)?;
        target = &next.target;
        side = side.opposite();
    }
    None
}

/// Whether an item serves its keeper's interest on the side it is used for, at base (METHOD 6.2).
fn self_serving(input: &Input, item: &ItemInput) -> bool {
    let Some(side) = side_of(input, item) else {
        return false;
    };
    if item.conflicted {
        return true;
    }
    if item.interest_lapsed || cured(input, item, side) {
        return false;
    }
    let aligned = aligned(side);
    parties(input, &item.source)
        .iter()
        .any(|party| value(input, party) == aligned)
}

fn aligned(side: Side) -> Interest {
    match side {
        Side::For => Interest::BenefitsIfTrue,
        Side::Against => Interest::BenefitsIfFalse,
    }
}

fn value(input: &Input, party: &str) -> Interest {
    input
        .interests
        .get(party)
        .map_or(Interest::None, |interest| interest.value)
}

/// A cure holds only while the interest of the party it leans on allows it (METHOD 6.3).
fn cured(input: &Input, item: &ItemInput, side: Side) -> bool {
    let Some(cure) = &item.cure else { return false };
    let Some(party) = &cure.party else {
        return true;
    };
    let interest = value(input, party);
    match cure.kind {
        CureKind::SelfAuthenticating => interest != aligned(side),
        CureKind::Precommitted => true,
        CureKind::ThirdPartyCustody | CureKind::IndependentExtraction => interest == Interest::None,
    }
}

fn parties<'a>(input: &'a Input, source: &str) -> BTreeSet<&'a str> {
    let mut todo = vec![source.to_owned()];
    let mut seen = BTreeSet::new();
    let mut found = BTreeSet::new();
    while let Some(id) = todo.pop() {
        let Some(source) = input.sources.iter().find(|s| s.id == id) else {
            continue;
        };
        if seen.insert(id) {
            found.extend([source.custodian.as_str(), source.controller.as_str()]);
            todo.extend(source.derived_from.iter().cloned());
        }
    }
    found
}

/// Lints of METHOD 11 that one input decides, sorted.
pub(super) fn lint(input: &Input, base: &Evaluation, outcome: Outcome) -> Vec<String> {
    let mut codes = BTreeSet::new();
    let any_absence = absences(input).next().is_some();
    if any_absence && input.claim.predicate_kind == "latent" {
        codes.insert("PV302");
    }
    if any_absence && input.reconciliation.is_empty() {
        codes.insert("PV306");
    }
    let text = input.claim.text.to_lowercase();
    let asserts = ["found", "confirmed"]
        .iter()
        .any(|word| text.contains(word));
    if base.for_.strength == Strength::Scintilla && asserts {
        codes.insert("PV601");
    }
    let case = to_case(input);
    let records = case
        .arguments
        .iter()
        .flat_map(|a| &a.premises)
        .any(|premise| {
            let item = input.items.iter().find(|item| item.id == *premise);
            item.and_then(|item| input.sources.iter().find(|s| s.id == item.source))
                .is_some_and(|s| {
                    matches!(
                        s.kind,
                        SourceKind::SystemRecord | SourceKind::BusinessRecord
                    )
                })
        });
    if !case.arguments.is_empty() && !records {
        codes.insert("PV602");
    }
    let winning = match outcome {
        Outcome::Supported => Some(&base.for_),
        Outcome::Contradicted => Some(&base.against),
        _ => None,
    };
    if winning.is_some_and(|side| side.lineages[2].count <= 1) {
        codes.insert("PV603");
    }
    codes.into_iter().map(str::to_owned).collect()
}
