//! One claim on the page: the quotation, the verdict's fixed sentences, and what they rest on.
//!
//! The words of a verdict come from the weighing. This module chooses their order and never the
//! wording; it does make sure that an undecided verdict opens with its two fixed sentences.

use std::collections::BTreeMap;

use plainview_weigh::sentences::{UNDECIDED, face};
use plainview_weigh::verdict::{
    ArgumentLine, ArgumentState, ItemLine, Outcome, Runs, Shares, Verdict,
};

use crate::figures::{self, Outward};
use crate::page::{capitalised, party_name, shortened};
use crate::{ClaimReview, Review};

pub(super) struct ClaimView {
    pub(super) id: String,
    pub(super) kicker: String,
    pub(super) quote: String,
    pub(super) outcome: &'static str,
    pub(super) mark: &'static str,
    pub(super) word: &'static str,
    pub(super) sentence: String,
    /// The sentence for the summary at the top.
    pub(super) in_short: String,
    pub(super) beside: Vec<String>,
    pub(super) lints: Vec<String>,
    pub(super) parts: Vec<Part>,
    pub(super) rests_on: Vec<String>,
    pub(super) rests_sets: Vec<RestSet>,
    pub(super) reach: Vec<String>,
    pub(super) reasons: Vec<String>,
    pub(super) decide: Vec<String>,
    pub(super) untested: Vec<String>,
    pub(super) challenges: Vec<String>,
    pub(super) standard: String,
    pub(super) runs: Vec<Run>,
    pub(super) gates: Vec<Gates>,
    pub(super) arguments: Vec<Argument>,
    /// A settled claim shows at once what settled it.
    pub(super) evidence_open: bool,
    pub(super) timeline: Vec<(String, &'static str)>,
    pub(super) bundle: String,
}

pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) word: String,
    pub(super) text: String,
}

pub(super) struct RestSet {
    pub(super) grouping: &'static str,
    pub(super) members: String,
    pub(super) becomes: &'static str,
}

pub(super) struct Run {
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
    pub(super) word: &'static str,
}

pub(super) struct Gates {
    pub(super) argument: String,
    pub(super) gates: Vec<Gate>,
}

pub(super) struct Gate {
    pub(super) id: String,
    pub(super) name: &'static str,
    pub(super) result: &'static str,
    pub(super) why: String,
}

pub(super) struct Argument {
    pub(super) side: &'static str,
    pub(super) says: String,
    pub(super) state: &'static str,
    pub(super) evidence: Vec<String>,
}

pub(super) fn view(review: &Review, claim: &ClaimReview) -> ClaimView {
    let verdict = &claim.verdict;
    let speakers: Vec<String> = verdict
        .claimant
        .iter()
        .map(|id| party_name(&review.case, id))
        .collect();
    let sentence = outcome_sentence(verdict);
    ClaimView {
        id: verdict.claim.clone(),
        kicker: format!(
            "Claim {}, said by {} on {}",
            verdict.claim,
            figures::listed(&speakers),
            figures::date(&claim.claim.stated_at.to_string())
        ),
        quote: claim.claim.text.clone(),
        outcome: verdict.outcome.code(),
        mark: mark(verdict.outcome),
        word: word(verdict.outcome),
        in_short: match verdict.outcome {
            Outcome::NotShown => UNDECIDED.to_owned(),
            _ => sentence.clone(),
        },
        beside: beside(verdict),
        lints: lints(&verdict.lint),
        parts: parts(verdict),
        rests_on: sentences(verdict, "rests_on"),
        rests_sets: rest_sets(verdict),
        reach: reach(verdict),
        reasons: verdict.reasons.iter().map(|code| reason(code)).collect(),
        decide: verdict
            .decide
            .iter()
            .map(|line| format!("{}.", capitalised(line)))
            .collect(),
        untested: verdict.untested_terms.clone(),
        challenges: verdict.open_challenges.clone(),
        standard: format!(
            "{}, independence counted by {}",
            verdict.standard.code(),
            match verdict.level {
                0 => "source",
                1 => "custodian",
                _ => "organisation",
            }
        ),
        runs: match verdict.outcome {
            Outcome::NotTested => Vec::new(),
            _ => runs(&verdict.runs),
        },
        gates: gates(verdict),
        arguments: arguments(verdict),
        evidence_open: matches!(
            verdict.outcome,
            Outcome::Supported | Outcome::Contradicted | Outcome::Contested
        ),
        timeline: (verdict.timeline.iter())
            .map(|point| (figures::date(&point.known), word(point.outcome)))
            .collect(),
        bundle: verdict.bundle.clone(),
        sentence: boxed(verdict, sentence),
    }
}

pub(super) fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Supported => "Supported",
        Outcome::Contradicted => "Contradicted",
        Outcome::Contested => "Contested",
        Outcome::NotShown => "Undecided",
        Outcome::NotTested => "Not tested",
    }
}

/// A shape per outcome, so that none is told by colour.
fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Supported => "\u{25cf}",
        Outcome::Contradicted => "\u{25a0}",
        Outcome::Contested => "\u{25c6}",
        Outcome::NotShown => "\u{25cb}",
        Outcome::NotTested => "\u{2013}",
    }
}

fn sentences(verdict: &Verdict, id: &str) -> Vec<String> {
    let of_id = verdict
        .sentences
        .iter()
        .filter(|sentence| sentence.id == id);
    of_id.map(|sentence| in_words(&sentence.text)).collect()
}

/// A fixed sentence with its outcome codes as the words the page prints.
fn in_words(sentence: &str) -> String {
    sentence
        .replace("not_shown", "undecided")
        .replace("not_tested", "not tested")
}

fn outcome_sentence(verdict: &Verdict) -> String {
    let said = sentences(verdict, "outcome").join(" ");
    match verdict.outcome {
        Outcome::NotShown if !said.starts_with(UNDECIDED) => {
            format!("{UNDECIDED} {said}").trim_end().to_owned()
        }
        _ => said,
    }
}

/// The sentence in the verdict box. Where the lists below give the reasons and what would decide
/// it, it points there instead of saying both twice; review.json keeps the whole sentence.
fn boxed(verdict: &Verdict, sentence: String) -> String {
    const EITHER_WAY: &str = "The records do not show this either way";
    let listed_below = !verdict.reasons.is_empty() && !verdict.decide.is_empty();
    match sentence.find(EITHER_WAY) {
        Some(at) if verdict.outcome == Outcome::NotShown && listed_below => {
            let opening = &sentence[..at + EITHER_WAY.len()];
            format!("{opening}: see why, and what would decide it, below.")
        }
        _ => sentence,
    }
}

/// The sentences that stand beside the headline: the three parts of "no evidence", face value
/// against base, then against now.
fn beside(verdict: &Verdict) -> Vec<String> {
    let mut lines = sentences(verdict, "found_none");
    let at_face = sentences(verdict, "face");
    let given = !at_face.is_empty();
    lines.extend(at_face);
    if !given && verdict.runs.face != verdict.runs.base {
        lines.push(in_words(&face(verdict.runs.face, verdict.runs.base)));
    }
    lines.extend(sentences(verdict, "then_held"));
    lines
}

fn parts(verdict: &Verdict) -> Vec<Part> {
    let Some(parts) = &verdict.parts else {
        return Vec::new();
    };
    let mut literal = match parts.literal.as_str() {
        "true" => "The review listed no hit. On its own this proves nothing: an empty review \
                   satisfies it."
            .to_owned(),
        "false" => "The review's own tests list at least one verified hit.".to_owned(),
        _ => "The registered tests have no results.".to_owned(),
    };
    if parts.unverified_hits > 0 {
        let hits = figures::counted(
            u128::from(parts.unverified_hits),
            "hit was found",
            "hits were found",
        );
        literal = format!("{literal} {hits} in records that are not verified.");
    }
    vec![
        Part {
            name: "Literal",
            word: match parts.literal.as_str() {
                "true" => "True",
                "false" => "False",
                _ => "No results",
            }
            .to_owned(),
            text: literal,
        },
        Part {
            name: "Capability",
            word: capitalised(&parts.capability),
            text: parts.capability_because.clone(),
        },
        Part {
            name: "Implied",
            word: word(parts.implied).to_owned(),
            text: match parts.implied {
                Outcome::NotShown => UNDECIDED.to_owned(),
                _ => "This is what the outcome above is taken from.".to_owned(),
            },
        },
    ]
}

fn rest_sets(verdict: &Verdict) -> Vec<RestSet> {
    let mut rows = Vec::new();
    for (key, grouping) in [
        ("source", "source"),
        ("custodian", "custodian"),
        ("controller", "organisation"),
    ] {
        let Some(rests) = verdict.rests_on.get(key) else {
            continue;
        };
        for (set, becomes) in rests.sets.iter().zip(&rests.becomes) {
            rows.push(RestSet {
                grouping,
                members: figures::listed(set),
                becomes: word(*becomes),
            });
        }
    }
    rows
}

fn reach(verdict: &Verdict) -> Vec<String> {
    let mut lines = Vec::new();
    let mut share = |shares: &Option<Shares>, what: &str| {
        if let Some(shares) = shares {
            lines.push(format!(
                "{what}: {} of the stores and months the statement covers, {} when weighed by \
                 bytes and hours.",
                between(&shares.count),
                between(&shares.measure)
            ));
        }
    };
    share(&verdict.reach, "Could be looked at");
    share(&verdict.examined, "Was looked at");
    lines.extend(sentences(verdict, "capability"));
    if let Some(power) = &verdict.power
        && power.assumes_perfect_test
        && power.adversarial_reachable != "unknown"
    {
        lines.push("These figures assume a perfect test.".to_owned());
    }
    lines.extend(sentences(verdict, "at_most"));
    lines
}

fn between(bounds: &[String; 2]) -> String {
    let (lo, hi) = (
        figures::percent(&bounds[0], Outward::Down),
        figures::percent(&bounds[1], Outward::Up),
    );
    if lo == hi {
        lo
    } else {
        format!("between {lo} and {hi}")
    }
}

/// METHOD 8's reason codes as sentences; a code this version does not know is printed as it is.
fn reason(code: &str) -> String {
    let sentence = match code {
        "no_argument" => "No argument about it could be made from these records.",
        "interested_only" => {
            "What there is rests on records or statements of parties who benefit from it."
        }
        "unverified_only" => "What there is rests on records whose authenticity was not verified.",
        "single_lineage" => "All that qualifies goes back to one line of evidence.",
        "latent_without_sensitivity" => {
            "It is about what content is. Records can only hint at that, and how often these \
             tests miss it was not measured."
        }
        "best_effort_log" => {
            "A log is delivered on a best-effort basis, so it can prove presence, never absence."
        }
        "residue_only" => "No part of the statement can be tested from records.",
        other => match other.strip_prefix("gate_") {
            Some(gate) => {
                return format!("Completeness check {gate} ({}) failed.", gate_name(gate));
            }
            None => return figures::words(other),
        },
    };
    sentence.to_owned()
}

fn gate_name(gate: &str) -> &'static str {
    match gate {
        "G1" => "is the list of stores closed",
        "G2" => "was enough reached",
        "G3" => "are the logs without holes",
        "G4" => "is the test's sensitivity known",
        "G5" => "was the choice of what to look at verifiable",
        "G6" => "is the upper bound low enough",
        "G7" => "was nothing found",
        _ => "other",
    }
}

fn runs(runs: &Runs) -> Vec<Run> {
    [
        ("Face value", "everyone is taken at their word", runs.face),
        (
            "Of record",
            "self-serving statements are heard but cannot carry it",
            runs.base,
        ),
        (
            "Strict",
            "undisclosed interests are treated as self-serving",
            runs.strict,
        ),
        (
            "Without the claimant",
            "the claimant's own records are removed",
            runs.no_claimant,
        ),
        (
            "Disinterested only",
            "only sources none of whose keepers has an interest",
            runs.disinterested_only,
        ),
    ]
    .map(|(name, meaning, outcome)| Run {
        name,
        meaning,
        word: word(outcome),
    })
    .into()
}

fn gates(verdict: &Verdict) -> Vec<Gates> {
    let with_gates = verdict
        .arguments
        .iter()
        .filter(|argument| !argument.gates.is_empty());
    with_gates
        .map(|argument| Gates {
            argument: argument.says.clone(),
            gates: (argument.gates.iter())
                .map(|gate| Gate {
                    id: gate.gate.clone(),
                    name: gate_name(&gate.gate),
                    result: if gate.pass { "Passed" } else { "Failed" },
                    why: gate.why.clone(),
                })
                .collect(),
        })
        .collect()
}

fn arguments(verdict: &Verdict) -> Vec<Argument> {
    let items: BTreeMap<&str, &ItemLine> = verdict
        .items
        .iter()
        .map(|item| (item.id.as_str(), item))
        .collect();
    let line = |argument: &ArgumentLine| Argument {
        side: match argument.side {
            plainview_weigh::facts::Side::For => "For",
            plainview_weigh::facts::Side::Against => "Against",
        },
        says: shortened(&argument.says),
        state: match argument.state {
            ArgumentState::Qualifying => "Counts",
            ArgumentState::SelfServing => "Heard; rests on a self-serving item",
            ArgumentState::Unverified => "Heard; rests on an unverified item",
            ArgumentState::Defeated => "Taken out by a challenge",
            ArgumentState::NotEarned => "Not earned: a completeness check failed",
            ArgumentState::Dead => "Not used: a record failed its check",
        },
        evidence: (argument.premises.iter())
            .filter_map(|id| items.get(id.as_str()))
            .map(|item| evidence(item))
            .collect(),
    };
    verdict.arguments.iter().map(line).collect()
}

/// Where an item is written: its source, file and row.
fn evidence(item: &ItemLine) -> String {
    let mut place = vec![item.source.clone()];
    place.extend(item.file.as_deref().map(shortened));
    place.extend(
        item.row
            .as_ref()
            .map(|row| format!("row {}", figures::grouped(u128::from(row.row_no)))),
    );
    let place = place.join(", ");
    if item.self_serving {
        format!("{place} (self-serving here)")
    } else {
        place
    }
}

/// METHOD 11 lints for the headline box: severity E as "does not meet", the others as notes.
fn lints(codes: &[String]) -> Vec<String> {
    const SEVERE: [&str; 14] = [
        "PV101", "PV105", "PV201", "PV202", "PV203", "PV204", "PV301", "PV304", "PV305", "PV402",
        "PV501", "PV502", "PV601", "PV702",
    ];
    let line = |severe: bool, opening: &str| {
        let of_kind = codes
            .iter()
            .filter(|code| SEVERE.contains(&code.as_str()) == severe);
        let named: Vec<String> = of_kind
            .map(|code| match lint_name(code) {
                "" => code.clone(),
                name => format!("{code} ({name})"),
            })
            .collect();
        (!named.is_empty()).then(|| format!("{opening}: {}.", named.join(", ")))
    };
    [line(true, "Does not meet"), line(false, "To note")]
        .into_iter()
        .flatten()
        .collect()
}

fn lint_name(code: &str) -> &'static str {
    match code {
        "PV101" => "scope narrowed after the fact",
        "PV102" => "no registration",
        "PV103" => "window does not cover the claim",
        "PV104" => "scope is narrower than a reader takes it",
        "PV105" => "definitional narrowing",
        "PV201" => "outcome switching",
        "PV202" => "selective reporting",
        "PV203" => "threshold or standard moved",
        "PV204" => "anomaly exclusion",
        "PV205" => "stopped early",
        "PV301" => "\u{201c}no evidence\u{201d} without power",
        "PV302" => "sensitivity assumed",
        "PV303" => "sample not verifiable",
        "PV304" => "unexaminable units dropped",
        "PV305" => "privilege hole",
        "PV306" => "reconciliation skipped",
        "PV401" => "reviewer paid, chosen or terminable by the subject",
        "PV402" => "self-review",
        "PV403" => "subject controls publication",
        "PV404" => "no back-check",
        "PV501" => "method not public",
        "PV502" => "not reproducible",
        "PV503" => "report unpublished",
        "PV601" => "rests on interested parties only",
        "PV602" => "interviews only",
        "PV603" => "one organisation",
        "PV604" => "no right of reply",
        "PV701" => "stale",
        "PV702" => "no change log",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_of_the_method_is_a_sentence() {
        for code in [
            "no_argument",
            "interested_only",
            "unverified_only",
            "single_lineage",
            "gate_G1",
            "gate_G7",
            "latent_without_sensitivity",
            "best_effort_log",
            "residue_only",
        ] {
            let sentence = reason(code);
            assert!(
                sentence.ends_with('.') && !sentence.contains('_'),
                "{code}: {sentence}"
            );
        }
    }

    #[test]
    fn shares_print_as_one_figure_when_they_agree() {
        assert_eq!(between(&["1".to_owned(), "1.000000".to_owned()]), "100%");
        let open = ["0.604909".to_owned(), "0.642729".to_owned()];
        assert_eq!(between(&open), "between 60.4% and 64.3%");
    }
}
