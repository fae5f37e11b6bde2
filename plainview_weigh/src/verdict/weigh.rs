//! From an [`Input`] to a [`Verdict`].

use std::collections::{BTreeMap, BTreeSet};

use super::lines::{argument_lines, item_lines, lint};
use super::{
    AsOf, AtMost, Parts, Power, RestsOn, Runs, Sentence, Shares, Sides, TimelinePoint, Verdict,
};
use crate::assemble::{ArgumentInput, Input, ItemInput};
use crate::case::{self, Argument, Case, CureKind, Defeater, Integrity, Item, Side, Source};
use crate::error::Error;
use crate::evaluate::{
    Evaluation, Evaluator, Level, Outcome, Question, Reason, Run, Standard, Standing, Strength,
};
use crate::facts::Scheme;
use crate::fragility::{GroupBy, fragility};
use crate::instant::{Instant, format_utc};
use crate::sentences::{self, Lines};
use crate::timeline;

/// Weighs an input. The same input gives the same bytes anywhere.
///
/// # Errors
/// [`Error`] when the input is not one that this crate could have assembled; weak or missing evidence is
/// an outcome, never an error.
pub fn evaluate(input: &Input) -> Result<Verdict, Error> {
    let case = to_case(input);
    let evaluator = Evaluator::new(&case)?;
    let level = Level::from_number(input.standard.level)
        .ok_or_else(|| Error::Form(format!("independence level {}", input.standard.level)))?;
    let question = Question::base(input.standard.standard, level);
    let base = evaluator.evaluate(&question);
    let tested = input.not_tested.is_none();
    let outcome = if tested {
        base.outcome
    } else {
        Outcome::NotTested
    };
    let reasons = reasons(input, &base, outcome);
    let decide = decide(input, &base, &reasons);
    let mut verdict = Verdict {
        schema: "plainview.verdict/1".to_owned(),
        claim: input.claim.id.clone(),
        text: input.claim.text.clone(),
        claimant: input.claim.claimant.clone(),
        template: input.claim.template.clone(),
        predicate_kind: input.claim.predicate_kind.clone(),
        outcome,
        standard: input.standard.standard,
        level: input.standard.level,
        strength: both(&base, |side| side.strength),
        k: both(&base, counts),
        reasons: reasons.iter().map(|reason| reason.code()).collect(),
        runs: runs(&evaluator, &question, tested),
        runs_by_standard: Standard::ALL
            .iter()
            .map(|standard| {
                let asked = Question::base(*standard, level);
                (standard.code().to_owned(), runs(&evaluator, &asked, tested))
            })
            .collect(),
        rests_on: rests_on(input, &evaluator, &question, tested),
        reach: shares(input),
        examined: shares(input),
        power: power(input),
        at_most: at_most(input),
        reconciliation: input.reconciliation.clone(),
        as_of: as_of(input, &evaluator, &question, outcome),
        timeline: change_points(&evaluator, &question, tested),
        open_challenges: open_challenges(input, &case, &base),
        untested_terms: input.claim.residue.clone(),
        lint: lint(input, &base, outcome),
        witnesses: both(&base, |side| {
            evaluator.witnesses(if side.qualifying.is_empty() {
                &side.undefeated
            } else {
                &side.qualifying
            })
        }),
        parts: parts(input, outcome),
        arguments: argument_lines(input, &base),
        items: item_lines(input),
        sentences: Vec::new(),
        decide,
        protocol: input.protocol.clone(),
        bundle: input.bundle()?,
        tool: format!("plainview {}", env!("CARGO_PKG_VERSION")),
    };
    let without = evaluator.evaluate(&question.clone().run(Run::NoClaimant));
    verdict.sentences = write_sentences(input, &verdict, (&base, &without));
    Ok(verdict)
}

fn both<T>(base: &Evaluation, of: impl Fn(&Standing) -> T) -> Sides<T> {
    Sides {
        pro: of(&base.for_),
        against: of(&base.against),
    }
}

fn counts(side: &Standing) -> [u32; 3] {
    side.lineages
        .map(|lineages| u32::try_from(lineages.count).unwrap_or(u32::MAX))
}

/// The evaluator's case: arguments that were earned, items with their settled cures.
pub(super) fn to_case(input: &Input) -> Case {
    let earned: Vec<&ArgumentInput> = input.arguments.iter().filter(|a| a.earned()).collect();
    let mut targets: BTreeSet<&str> = earned.iter().map(|a| a.id.as_str()).collect();
    let mut defeaters = Vec::new();
    for challenge in &input.challenges {
        if targets.contains(challenge.target.as_str()) {
            targets.insert(&challenge.id);
            defeaters.push(Defeater {
                id: challenge.id.clone(),
                target: challenge.target.clone(),
                premises: challenge.premises.clone(),
            });
        }
    }
    Case {
        claimants: input.claimants.clone(),
        interests: input
            .interests
            .iter()
            .map(|(party, interest)| (party.clone(), interest.value))
            .collect(),
        sources: input
            .sources
            .iter()
            .map(|source| Source {
                id: source.id.clone(),
                custodian: source.custodian.clone(),
                controller: source.controller.clone(),
                derived_from: source.derived_from.clone(),
            })
            .collect(),
        items: input.items.iter().map(to_item).collect(),
        arguments: earned
            .into_iter()
            .map(|argument| Argument {
                id: argument.id.clone(),
                side: argument.side,
                premises: argument.premises.clone(),
                frame: argument.frame.clone(),
            })
            .collect(),
        defeaters,
        coverage_complete: input
            .coverage
            .as_ref()
            .is_some_and(|c| c.count.complete() && c.measure.complete()),
    }
}

/// An interest that had lapsed on the item's day does not touch it, which the evaluator knows as a cure
/// settled before. A keeper with declared ties both ways serves either side, which it knows as unverified.
fn to_item(item: &ItemInput) -> Item {
    let cure = match &item.cure {
        Some(cure) => Some(case::Cure {
            kind: cure.kind,
            party: cure.party.clone(),
        }),
        None if item.interest_lapsed => Some(case::Cure {
            kind: CureKind::Precommitted,
            party: None,
        }),
        None => None,
    };
    let conflicted = item.conflicted && cure.is_none() && item.integrity == Integrity::Verified;
    Item {
        id: item.id.clone(),
        source: item.source.clone(),
        integrity: if conflicted {
            Integrity::Unverified
        } else {
            item.integrity
        },
        recorded_at: Some(Instant::exact(item.recorded_at)),
        cure,
    }
}

fn runs(evaluator: &Evaluator<'_>, question: &Question, tested: bool) -> Runs {
    let of = |run| {
        if tested {
            evaluator.outcome(&question.clone().run(run))
        } else {
            Outcome::NotTested
        }
    };
    Runs {
        face: of(Run::Face),
        base: of(Run::Base),
        strict: of(Run::Strict),
        no_claimant: of(Run::NoClaimant),
        disinterested_only: of(Run::DisinterestedOnly),
    }
}

fn rests_on(
    input: &Input,
    evaluator: &Evaluator<'_>,
    question: &Question,
    tested: bool,
) -> BTreeMap<String, RestsOn> {
    if !tested {
        return BTreeMap::new();
    }
    let depth = usize::from(input.standard.removal_depth);
    GroupBy::ALL
        .into_iter()
        .map(|by| {
            let found = fragility(evaluator, question, by, depth);
            let rests = RestsOn {
                f: found.smallest().and_then(|f| u32::try_from(f).ok()),
                becomes: found.flips.iter().map(|flip| flip.outcome).collect(),
                sets: found.flips.into_iter().map(|flip| flip.groups).collect(),
            };
            (by.code().to_owned(), rests)
        })
        .collect()
}

/// Nothing was sampled, so what could be looked at and what was are the same units.
fn shares(input: &Input) -> Option<Shares> {
    let coverage = input.coverage.as_ref().filter(|c| c.units > 0)?;
    Some(Shares {
        count: coverage.count.bounds(),
        measure: coverage.measure.bounds(),
    })
}

/// Printed only where finding nothing is at issue.
fn power(input: &Input) -> Option<Power> {
    let coverage = input.coverage.as_ref().filter(|c| c.units > 0)?;
    let (reachable, stated) = coverage.adversarial_power();
    let text = |certain: u8| format!("{certain}.000000");
    Some(Power {
        design_count: coverage.design_count,
        units: coverage.units,
        adversarial_reachable: text(reachable),
        adversarial_stated: text(stated),
        sensitivity_lower: (input.claim.predicate_kind == "observable")
            .then(|| "1.000000".to_owned()),
        assumes_perfect_test: input.claim.predicate_kind != "observable",
    })
}

/// Worst case over the stated scope: every unit not looked at counts as positive (G6).
fn at_most(input: &Input) -> Option<AtMost> {
    let coverage = input.coverage.as_ref().filter(|c| c.units > 0)?;
    let attempts: Vec<&ArgumentInput> = absences(input).collect();
    if attempts.is_empty() {
        return None;
    }
    let passed = |argument: &ArgumentInput, gate: &str| {
        argument.gates.iter().any(|g| g.gate == gate && g.pass)
    };
    let closed = attempts.iter().any(|a| passed(a, "G1"));
    // A hit among the examined units makes "at most the unreached" false.
    let no_hit = attempts.iter().all(|a| passed(a, "G7"));
    let observable = input.claim.predicate_kind == "observable";
    let unreached = coverage.unreached.len() as u64;
    let bounded = closed && observable;
    Some(AtMost {
        units: (bounded && no_hit).then_some(unreached),
        of: coverage.units,
        confidence: confidence(&input.standard.alpha),
        unreached,
        note: if !closed {
            sentences::NOT_BOUNDED.to_owned()
        } else if !observable {
            "not bounded (how often the test misses was not measured)".to_owned()
        } else if !no_hit {
            "not bounded by a zero-hit result (the test found something)".to_owned()
        } else {
            String::new()
        },
    })
}

/// `1 - alpha` as decimal text.
fn confidence(alpha: &str) -> String {
    use crate::quantity::Decimal;
    alpha
        .parse::<Decimal>()
        .ok()
        .and_then(|alpha| Decimal::ONE.minus(alpha))
        .map_or_else(|| "0".to_owned(), |confidence| confidence.to_string())
}

pub(super) fn absences(input: &Input) -> impl Iterator<Item = &ArgumentInput> {
    input
        .arguments
        .iter()
        .filter(|a| a.scheme == Scheme::Absence)
}

fn as_of(input: &Input, evaluator: &Evaluator<'_>, question: &Question, outcome: Outcome) -> AsOf {
    let stated = Instant::exact(input.claim.stated_at);
    let then_held =
        timeline::then_held(evaluator, question.standard, question.level, stated).outcome;
    let tested = outcome != Outcome::NotTested;
    AsOf {
        valid: [input.claim.from.clone(), input.claim.to.clone()],
        known: input
            .items
            .iter()
            .map(|item| item.recorded_at)
            .max()
            .map(format_utc)
            .unwrap_or_default(),
        then_held: if tested {
            then_held
        } else {
            Outcome::NotTested
        },
        then_and_now: tested
            .then(|| sentences::then_and_now(then_held, outcome))
            .flatten(),
    }
}

fn change_points(
    evaluator: &Evaluator<'_>,
    question: &Question,
    tested: bool,
) -> Vec<TimelinePoint> {
    if !tested {
        return Vec::new();
    }
    timeline::changes(evaluator, question)
        .into_iter()
        .filter_map(|change| {
            Some(TimelinePoint {
                known: format_utc(change.from?),
                outcome: change.outcome,
            })
        })
        .collect()
}

/// Challenges whose premises do not qualify, and those against an argument that was never earned.
fn open_challenges(input: &Input, case: &Case, base: &Evaluation) -> Vec<String> {
    let placed: BTreeSet<&str> = case.defeaters.iter().map(|d| d.id.as_str()).collect();
    let mut open: BTreeSet<String> = base.open_challenges.iter().cloned().collect();
    open.extend(
        input
            .challenges
            .iter()
            .filter(|c| !placed.contains(c.id.as_str()))
            .map(|c| c.id.clone()),
    );
    open.into_iter().collect()
}

fn parts(input: &Input, outcome: Outcome) -> Option<Parts> {
    let found = input.found_none.as_ref()?;
    Some(Parts {
        literal: found.literal.clone(),
        unverified_hits: found.unverified_hits,
        capability: found.capability.clone(),
        capability_because: found.capability_because.clone(),
        implied: outcome,
    })
}

/// Reason codes in the fixed order of METHOD 8: the evaluator's, and those of absences not earned.
fn reasons(input: &Input, base: &Evaluation, outcome: Outcome) -> BTreeSet<Reason> {
    if outcome != Outcome::NotShown {
        return BTreeSet::new();
    }
    let mut reasons = base.reasons(input.standard.standard);
    for argument in absences(input).filter(|a| !a.earned()) {
        for gate in argument.gates.iter().filter(|g| !g.pass) {
            let number = gate.gate.trim_start_matches('G').parse();
            reasons.extend(number.ok().map(Reason::Gate));
            if gate.gate == "G4" {
                reasons.insert(Reason::LatentWithoutSensitivity);
            }
            if gate.gate == "G3" && input.missing_registers.is_empty() {
                reasons.insert(Reason::BestEffortLog);
            }
        }
    }
    if input.arguments.is_empty() && !input.claim.residue.is_empty() {
        reasons.insert(Reason::ResidueOnly);
    }
    reasons
}

/// Which record or cure would decide it, one line per reason that a record can cure; each line once.
fn decide(input: &Input, base: &Evaluation, reasons: &BTreeSet<Reason>) -> Vec<String> {
    let mut lines = Vec::new();
    for reason in reasons {
        let line = match reason {
            Reason::NoArgument => "a record that shows it, or a bill or meter and two listings by different keepers that together leave no room for it".to_owned(),
            Reason::InterestedOnly => format!(
                "the records behind {} taken out by a party without interest, held by one since they were made, or committed before the dispute",
                sources_of(input, base, |side| &side.interested)
            ),
            Reason::UnverifiedOnly => format!(
                "a check of the originals of {}: the custodian's declaration, a second copy by another road, or a signature",
                sources_of(input, base, |side| &side.unverified)
            ),
            Reason::SingleLineage => "a second record that shows it, kept by another custodian".to_owned(),
            Reason::Gate(1) => "a bill or meter for every account and month of the scope and a listing that reconciles with it".to_owned(),
            Reason::Gate(2 | 5 | 6) => unreached_line(input),
            Reason::Gate(4) if input.claim.predicate_kind == "observable" => "listings that record the property themselves, in agreement with the bill".to_owned(),
            Reason::Gate(4) | Reason::LatentWithoutSensitivity => "sealed known positives, planted by a party without interest, that measure how often the test misses".to_owned(),
            Reason::Gate(3) | Reason::BestEffortLog => "a log or meter series with guaranteed delivery".to_owned(),
            Reason::Gate(_) => "an examination of what the test found".to_owned(),
            Reason::ResidueOnly => "a statement that records can test".to_owned(),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if !reasons.is_empty() && !input.missing_registers.is_empty() {
        lines.push(format!(
            "the whole of the declared registers {}",
            sentences::list(&input.missing_registers)
        ));
    }
    lines
}

fn unreached_line(input: &Input) -> String {
    let unreached = input.coverage.as_ref().map_or(0, |c| c.unreached.len());
    if unreached == 0 {
        "listings that hold every store a bill or meter implies".to_owned()
    } else {
        format!(
            "listings of the {unreached} {}s that were not looked at",
            counted_unit(input)
        )
    }
}

fn sources_of<'a>(
    input: &Input,
    base: &'a Evaluation,
    pick: impl Fn(&'a Standing) -> &'a Vec<String>,
) -> String {
    let ids: BTreeSet<&String> = [&base.for_, &base.against]
        .into_iter()
        .filter(|side| side.strength == Strength::Scintilla)
        .flat_map(pick)
        .collect();
    let sources: BTreeSet<String> = input
        .arguments
        .iter()
        .filter(|a| ids.contains(&a.id))
        .flat_map(|a| &a.premises)
        .filter_map(|premise| input.items.iter().find(|item| item.id == *premise))
        .map(|item| item.source.clone())
        .collect();
    sentences::list(&sources.into_iter().collect::<Vec<_>>())
}

/// The verdict of record, and the run without the claimant's own records.
type Evaluations<'a> = (&'a Evaluation, &'a Evaluation);

fn write_sentences(input: &Input, verdict: &Verdict, found: Evaluations<'_>) -> Vec<Sentence> {
    let mut out = Vec::new();
    let mut say = |id: &str, text: String| {
        out.push(Sentence {
            id: id.to_owned(),
            text,
        });
    };
    say("outcome", headline(input, verdict, found));
    if verdict.runs.face != verdict.runs.base {
        say(
            "face",
            sentences::face(verdict.runs.face, verdict.runs.base),
        );
    }
    if let Some(parts) = &verdict.parts {
        let capability = capability_sentence(input, parts);
        say(
            "found_none",
            sentences::found_none(&parts.literal, &capability, parts.implied),
        );
    }
    if let Some(bound) = verdict.at_most.as_ref().filter(|_| at_issue(verdict)) {
        let unit = counted_unit(input);
        let text = bound.units.map_or_else(
            || sentences::no_bound(unit, &bound.note),
            |upper| sentences::at_most(upper, bound.of, unit, &bound.confidence),
        );
        say("at_most", text);
    }
    if let Some(text) = &verdict.as_of.then_and_now {
        say("then_held", text.clone());
    }
    for (by, rests) in &verdict.rests_on {
        let named = |name: &String| input.names.get(name).unwrap_or(name).clone();
        let single = rests.sets.iter().filter(|set| set.len() == 1).flatten();
        let names: Vec<String> = single.map(named).collect();
        if !names.is_empty() {
            say("rests_on", sentences::rests_on(by, &names));
        }
    }
    if !verdict.untested_terms.is_empty() {
        say("residue", sentences::residue(&verdict.untested_terms));
    }
    out
}

/// What a claim's coverage counts: stores by month, but accounts by month where bills are read for a service.
fn counted_unit(input: &Input) -> &'static str {
    if input.claim.template.starts_with("not-a-customer-of ") {
        "account-month"
    } else {
        "store-month"
    }
}

/// Bounds are about finding nothing: they would mislead beside a finding that something is there.
fn at_issue(verdict: &Verdict) -> bool {
    matches!(verdict.outcome, Outcome::Supported | Outcome::NotShown)
}

fn capability_sentence(input: &Input, parts: &Parts) -> String {
    let Some(coverage) = input.coverage.as_ref().filter(|c| c.units > 0) else {
        return "Capability unknown: no unit of the scope is known.".to_owned();
    };
    if parts.capability == "unknown" {
        return sentences::capability_unknown(
            coverage.design_count,
            coverage.units,
            counted_unit(input),
        );
    }
    let (reachable, stated) = coverage.adversarial_power();
    sentences::capability(
        coverage.design_count,
        (coverage.units, counted_unit(input)),
        &format!("{reachable}.000000"),
        &format!("{stated}.000000"),
        coverage.unreached.len() as u64,
    )
}

fn headline(input: &Input, verdict: &Verdict, found: Evaluations<'_>) -> String {
    match verdict.outcome {
        Outcome::Supported => sentences::supported(
            verdict.reach.as_ref().map_or("", lower_reach),
            verdict.standard.code(),
            lines(found, Side::For, verdict, input).as_lines(),
        ),
        Outcome::Contradicted => {
            sentences::contradicted(lines(found, Side::Against, verdict, input).as_lines())
        }
        Outcome::Contested => sentences::contested(),
        Outcome::NotShown => sentences::not_shown(&verdict.reasons, &verdict.decide),
        Outcome::NotTested => sentences::not_tested(input.not_tested.as_deref().unwrap_or("")),
    }
}

/// The smaller of the two lower bounds; six decimals, so text order is number order.
fn lower_reach(shares: &Shares) -> &str {
    shares.count[0].as_str().min(shares.measure[0].as_str())
}

struct OwnedLines {
    k: usize,
    k2: usize,
    own: usize,
    custodians: Vec<String>,
}

impl OwnedLines {
    fn as_lines(&self) -> Lines<'_> {
        Lines {
            k: self.k,
            k2: self.k2,
            own: self.own,
            custodians: &self.custodians,
        }
    }
}

/// What the winning side rests on. `own` counts the separate lines that vanish with the claimant's own
/// records.
fn lines(found: Evaluations<'_>, side: Side, verdict: &Verdict, input: &Input) -> OwnedLines {
    let (base, without) = found;
    let standing = base.side(side);
    let level = usize::from(verdict.level).min(2);
    let k = standing.lineages[level].count;
    let mut custodians = BTreeSet::new();
    let winning = input
        .arguments
        .iter()
        .filter(|a| standing.qualifying.contains(&a.id));
    for argument in winning {
        let own = argument
            .premises
            .iter()
            .filter(|p| !argument.frame.contains(p));
        for premise in own {
            let source = input
                .items
                .iter()
                .find(|item| item.id == *premise)
                .and_then(|item| input.sources.iter().find(|s| s.id == item.source));
            let Some(source) = source else { continue };
            let name = input
                .names
                .get(&source.custodian)
                .unwrap_or(&source.custodian);
            custodians.insert(if source.protected {
                "a protected source".to_owned()
            } else {
                name.clone()
            });
        }
    }
    OwnedLines {
        k,
        k2: standing.lineages[2].count,
        own: k.saturating_sub(without.side(side).lineages[level].count),
        custodians: custodians.into_iter().collect(),
    }
}
