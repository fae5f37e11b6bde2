//! From facts and the register to one [`Input`] per claim (METHOD 7): which items there are, what is
//! argued from them on either side, whose interest they serve, and which gates an absence passes.
//!
//! The same facts in any order give the same bytes. Nothing is guessed: an argument exists because a
//! registered rule found rows for it, or because a named reviewer marked a passage.
//!
//! One addition to METHOD 7.3: for `full-list-of-stores` the list is what the claim itself asserts. It is
//! therefore the *frame* of arguments about it, on both sides: it must qualify like any premise, but two
//! records that each disagree (or agree) with the one list are separate lines of evidence.

mod absence;
mod builder;
mod exhibits;
mod input;
mod predicates;
pub(crate) mod scope;
mod templates;

use std::collections::BTreeSet;

use plainview_register::{Claim, ClaimKind, PredicateKind, Register, Template};

pub use input::{
    ArgumentInput, ChallengeInput, ClaimInput, FoundNone, Input, ItemInput, PartyInterest, SCHEMA,
    SourceInput, StandardInput,
};
pub use predicates::LOG_TABLES;

use crate::coverage::Coverage;
use crate::evaluate::Standard;
use crate::facts::Facts;
use crate::interest::{Stakes, controlled};
use crate::quantity::Decimal;
use crate::reconcile::{Reconciliation, Tolerance, Window, reconcile};
use absence::Choices;
use builder::{Builder, second_of};
use scope::{ClaimScope, failed_registers, missing_registers};

/// A registered decimal; a register holds only plain ones of at most 30 digits.
pub(crate) fn decimal(value: &plainview_register::Decimal) -> Decimal {
    value.as_str().parse().unwrap_or(Decimal::ZERO)
}

/// What a template or predicate adds to an input beside its arguments.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) coverage: Option<Coverage>,
    pub(crate) parts: Option<FoundNone>,
    /// Why no registered test was run; none when one was.
    pub(crate) not_run: Option<String>,
    /// Whether exhibits may stand in for a test that was not run.
    pub(crate) exhibits_count: bool,
    /// Comparisons to print instead of the generic ones.
    pub(crate) reconciliation: Option<Vec<Reconciliation>>,
}

/// One input per claim of the register, in its order (by id).
#[must_use]
pub fn assemble(register: &Register, facts: &Facts) -> Vec<Input> {
    let facts = facts.clone().sorted();
    let failed = failed_registers(&facts);
    let mut missing = missing_registers(register, &facts);
    missing.extend(failed.iter().cloned());
    missing.sort();
    missing.dedup();
    register
        .claims
        .iter()
        .map(|claim| one(register, claim, &facts, (&missing, &failed)))
        .collect()
}

/// Whether a claim clears those it names: the five templates and "none"-type statements do.
pub(crate) fn exculpatory(kind: &ClaimKind) -> bool {
    matches!(
        kind,
        ClaimKind::Template { .. } | ClaimKind::None { .. } | ClaimKind::FoundNone { .. }
    )
}

pub(crate) fn stakes(claim: &Claim) -> Stakes<'_> {
    Stakes {
        claimant: &claim.claimant,
        about: &claim.about,
        exculpatory: exculpatory(&claim.kind),
    }
}

pub(crate) fn tolerance(register: &Register) -> Tolerance {
    Tolerance {
        floor_gib_month: decimal(&register.standard.tau_floor_gib_month),
        share: decimal(&register.standard.tau_share),
    }
}

fn one(
    register: &Register,
    claim: &Claim,
    facts: &Facts,
    (missing, failed): (&[String], &[String]),
) -> Input {
    let scope = claim_scope(register, claim, facts);
    let mut builder = Builder::new(register, facts, stakes(claim));
    let choices = Choices {
        standard: &register.standard,
        tolerance: tolerance(register),
        missing,
        failed,
    };
    let found = match &claim.kind {
        ClaimKind::Template { template } => {
            templates::add(&mut builder, &scope, claim, template, &choices)
        }
        kind => predicates::add(&mut builder, &scope, register, claim, kind, &choices),
    };
    exhibits::add(&mut builder, facts, &claim.id, exculpatory(&claim.kind));
    let not_tested = found
        .not_run
        .filter(|_| !(found.exhibits_count && builder.has_arguments()));
    let reconciliation = found
        .reconciliation
        .unwrap_or_else(|| reconcile(&scope.facts, scope.window, &choices.tolerance));
    let built = builder.finish();
    Input {
        schema: SCHEMA.to_owned(),
        protocol: register.sha256(),
        claim: claim_input(register, claim),
        standard: standard_input(register),
        names: built.names,
        claimants: controlled(&claim.claimant, &register.relations, claim.stated_at),
        interests: built.interests,
        sources: built.sources,
        items: built.items,
        arguments: built.arguments,
        challenges: built.challenges,
        coverage: found.coverage,
        reconciliation,
        found_none: found.parts,
        not_tested,
        missing_registers: missing.to_vec(),
    }
}

fn claim_scope(register: &Register, claim: &Claim, facts: &Facts) -> ClaimScope {
    let window = Window {
        from_ms: second_of(claim.scope.from).saturating_mul(1_000),
        to_ms: second_of(claim.scope.to).saturating_mul(1_000),
    };
    let accounts: BTreeSet<(String, String)> = claim
        .scope
        .accounts
        .iter()
        .map(|a| (a.provider.clone(), a.account.clone()))
        .collect();
    let stores = register
        .scope
        .stores
        .iter()
        .map(|store| {
            (
                store.account.provider.clone(),
                store.account.account.clone(),
                store.container.clone(),
            )
        })
        .collect();
    ClaimScope::new(window, accounts, stores, facts)
}

/// Template or kind in words, and whether its predicate is observable.
pub(crate) fn describe(register: &Register, claim: &Claim) -> (String, PredicateKind) {
    let of = |id: &str| {
        register
            .predicate(id)
            .map_or(PredicateKind::Latent, |p| p.kind)
    };
    match &claim.kind {
        ClaimKind::Template { template } => match template {
            Template::FullListOfStores { list } => (
                format!("full-list-of-stores {}", list.join(" ")),
                PredicateKind::Observable,
            ),
            Template::NoEvidenceOf { storage_kind } => (
                format!("no-evidence-of {storage_kind}"),
                PredicateKind::Latent,
            ),
            Template::NotInRegion { region } => {
                (format!("not-in-region {region}"), PredicateKind::Observable)
            }
            Template::NotACustomerOf { service } => (
                format!("not-a-customer-of {service}"),
                PredicateKind::Observable,
            ),
            Template::UnawareUntil { until, .. } => {
                (format!("unaware-until {until}"), PredicateKind::Observable)
            }
        },
        ClaimKind::Exists { predicate } => (format!("exists {predicate}"), of(predicate)),
        ClaimKind::None { predicate } => (format!("none {predicate}"), of(predicate)),
        ClaimKind::FoundNone { predicate } => (format!("found-none {predicate}"), of(predicate)),
        ClaimKind::Quantity {
            measure,
            op,
            value,
            unit,
        } => (
            format!("quantity {measure} {op} {value} {unit}"),
            PredicateKind::Observable,
        ),
        ClaimKind::Process { property } => {
            (format!("process {property}"), PredicateKind::Observable)
        }
    }
}

fn claim_input(register: &Register, claim: &Claim) -> ClaimInput {
    let (template, kind) = describe(register, claim);
    ClaimInput {
        id: claim.id.clone(),
        text: claim.text.clone(),
        claimant: claim.claimant.clone(),
        stated_at: second_of(claim.stated_at),
        template,
        predicate_kind: kind.as_str().to_owned(),
        accounts: claim
            .scope
            .accounts
            .iter()
            .map(ToString::to_string)
            .collect(),
        from: claim.scope.from.to_string(),
        to: claim.scope.to.to_string(),
        about: claim.about.clone(),
        residue: claim.residue.clone(),
    }
}

pub(crate) fn standard_of(register: &Register) -> Standard {
    use plainview_register::StandardName;
    match register.standard.standard {
        StandardName::Any => Standard::Any,
        StandardName::Balance => Standard::Balance,
        StandardName::Corroborated => Standard::Corroborated,
        StandardName::Exhaustive => Standard::Exhaustive,
    }
}

fn standard_input(register: &Register) -> StandardInput {
    let standard = &register.standard;
    StandardInput {
        standard: standard_of(register),
        level: standard.level,
        alpha: standard.alpha.to_string(),
        power: standard.power.to_string(),
        reach: standard.reach.to_string(),
        d_tol: standard.d_tol,
        removal_depth: standard.removal_depth,
    }
}
