//! Gates G1 to G7 of METHOD 7.3: what must hold before finding nothing means anything. Each fails
//! closed: a missing input is a failure with the sentence why, and a declared register that could not be
//! read keeps every gate shut that it feeds.

use serde::{Deserialize, Serialize};

use crate::coverage::{Coverage, Share};
use crate::quantity::{Decimal, Month};
use crate::reconcile::{Reconciliation, State};

/// The seven gates, in order.
pub const ALL: [&str; 7] = ["G1", "G2", "G3", "G4", "G5", "G6", "G7"];

/// One gate's result.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateResult {
    /// `G1`..`G7`.
    pub gate: String,
    /// Whether it passed.
    pub pass: bool,
    /// Why, one sentence.
    pub why: String,
}

/// What the gates of one absence argument are decided from.
#[derive(Debug, Clone)]
pub struct GateInputs<'a> {
    /// Account-months of the stated scope, `(provider/account, month)`.
    pub cells: &'a [(String, Month)],
    /// Comparisons of the argument's own frame with its own listing, one per account-month.
    pub pairs: &'a [Reconciliation],
    /// Resolution a closed frame tolerates, in byte-milliseconds; tau of the pair when none.
    pub m_tol_gib_month: Option<Decimal>,
    /// Reach and examined of this argument's listing.
    pub coverage: &'a Coverage,
    /// Reach needed, c*.
    pub reach: Decimal,
    /// Sources of the argument that can prove presence but not absence.
    pub best_effort: &'a [String],
    /// Whether the predicate is observable, so that one record's sensitivity is 1.
    pub observable: bool,
    /// Tolerated units, `d_tol`.
    pub d_tol: u64,
    /// Hits of the test among the units this listing examined.
    pub hits: u64,
    /// Declared registers (bills, meters, lists) that could not be read in full or fail a control total.
    pub missing: &'a [String],
    /// Of those, the ones that fail a control total.
    pub failed: &'a [String],
    /// Logs that the argument rests on, per source and account.
    pub logs: &'a [LogUse],
    /// Continuity a log needs, g*.
    pub continuity: Decimal,
}

/// A log that an absence rests on, in one account and the claim's period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogUse {
    /// Source; empty where no log of the account is among the records.
    pub source: String,
    /// `provider/account`.
    pub account: String,
    /// Whether its delivery is guaranteed.
    pub guaranteed: bool,
    /// Covered time over the period.
    pub continuity: Share,
    /// Whether its chain is broken, altered or begun inside the period.
    pub restarted: bool,
    /// Requests that another record counts and this log lacks.
    pub unmatched: u64,
}

/// Evaluates all seven, in order.
#[must_use]
pub fn evaluate(inputs: &GateInputs<'_>) -> Vec<GateResult> {
    let gate1 = frame_closed(inputs);
    let closed = gate1.pass;
    vec![
        gate1,
        reach(inputs),
        continuity(inputs),
        sensitivity(inputs),
        selection(inputs),
        bound(inputs, closed),
        no_hit(inputs),
    ]
}

fn result(gate: &str, pass: bool, why: String) -> GateResult {
    GateResult {
        gate: gate.to_owned(),
        pass,
        why,
    }
}

/// A register that was declared and cannot be read could hold what a gate asks about.
fn shut(inputs: &GateInputs<'_>, gate: &str) -> Option<GateResult> {
    let first = inputs.missing.first()?;
    let more = match inputs.missing.len() {
        1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    let why = if inputs.failed.contains(first) {
        "fails its control total"
    } else {
        "could not be read in full"
    };
    Some(result(
        gate,
        false,
        format!("the declared register {first}{more} {why}"),
    ))
}

/// G1 for every account-month of the scope.
fn frame_closed(inputs: &GateInputs<'_>) -> GateResult {
    if let Some(failed) = shut(inputs, "G1") {
        return failed;
    }
    if inputs.cells.is_empty() {
        return result("G1", false, "the scope has no account and month".to_owned());
    }
    for (account, month) in inputs.cells {
        let pair = inputs
            .pairs
            .iter()
            .find(|p| p.month == *month && format!("{}/{}", p.provider, p.account) == *account);
        let Some(pair) = pair else {
            return result(
                "G1",
                false,
                format!("no bill or meter and listing to compare for {account} in {month}"),
            );
        };
        if let Some(why) = frame_open(pair, inputs.m_tol_gib_month) {
            return result("G1", false, format!("{account} in {month}: {why}"));
        }
    }
    result(
        "G1",
        true,
        format!(
            "every one of {} account-months reconciles to within the tolerance",
            inputs.cells.len()
        ),
    )
}

/// Why one account-month leaves the frame open; none when it is closed.
fn frame_open(pair: &Reconciliation, m_tol: Option<Decimal>) -> Option<String> {
    let Some(resolution) = pair.resolution_byte_ms else {
        return Some("one side is open above, so nothing bounds what is unlisted".to_owned());
    };
    if pair.state == State::Gap {
        return Some(format!(
            "at least {} {} are {} and on no list",
            pair.gap[0],
            pair.unit,
            pair.left.kind.participle()
        ));
    }
    let limit = m_tol.map_or(pair.tau_byte_ms, |tolerance| {
        crate::reconcile::byte_ms(tolerance, pair.month)
    });
    (resolution > limit).then(|| {
        format!(
            "the resolution of {} {} is coarser than the tolerance",
            pair.resolution, pair.unit
        )
    })
}

fn reach(inputs: &GateInputs<'_>) -> GateResult {
    if let Some(failed) = shut(inputs, "G2") {
        return failed;
    }
    let coverage = inputs.coverage;
    let (count, measure) = (coverage.count.bounds(), coverage.measure.bounds());
    let pass = coverage.units > 0
        && coverage.count.at_least(inputs.reach)
        && coverage.measure.at_least(inputs.reach);
    result(
        "G2",
        pass,
        format!(
            "at least {} by count and {} by measure could be looked at; {} is needed",
            count[0], measure[0], inputs.reach
        ),
    )
}

fn continuity(inputs: &GateInputs<'_>) -> GateResult {
    if let Some(failed) = shut(inputs, "G3") {
        return failed;
    }
    if let Some(source) = inputs.best_effort.first() {
        return result("G3", false, no_absence(source));
    }
    if let Some(why) = inputs
        .logs
        .iter()
        .find_map(|log| log_open(log, inputs.continuity))
    {
        return result("G3", false, why);
    }
    let why = if inputs.logs.is_empty() {
        "no log without guaranteed delivery is used".to_owned()
    } else {
        format!(
            "every log used is delivered with a guarantee, covers at least {} of the period and is nowhere broken",
            inputs.continuity
        )
    };
    result("G3", true, why)
}

fn no_absence(source: &str) -> String {
    format!("{source} is not delivered with a guarantee: it can prove presence, never absence")
}

/// Why one log does not show that nothing is missing; none when it does.
fn log_open(log: &LogUse, needed: Decimal) -> Option<String> {
    let LogUse {
        source, account, ..
    } = log;
    if source.is_empty() {
        return Some(format!("no log of {account} is among the records"));
    }
    if !log.guaranteed {
        return Some(no_absence(source));
    }
    if log.restarted {
        return Some(format!(
            "the chain of {source} in {account} is broken, altered or begun inside the period"
        ));
    }
    if !log.continuity.at_least(needed) {
        return Some(format!(
            "{source} covers {} of the period in {account}; {needed} is needed",
            log.continuity.bounds()[0]
        ));
    }
    (log.unmatched > 0).then(|| {
        format!(
            "{source} lacks at least {} requests that another record counts in {account}",
            log.unmatched
        )
    })
}

fn sensitivity(inputs: &GateInputs<'_>) -> GateResult {
    if inputs.observable {
        result(
            "G4",
            true,
            "the predicate is observable: a correct record shows it directly".to_owned(),
        )
    } else {
        result(
            "G4",
            false,
            "the predicate is latent and no sealed known positives measure how often it is missed"
                .to_owned(),
        )
    }
}

fn selection(inputs: &GateInputs<'_>) -> GateResult {
    if let Some(failed) = shut(inputs, "G5") {
        return failed;
    }
    let unreached = inputs.coverage.unreached.len();
    let pass = inputs.coverage.units > 0 && unreached == 0;
    let why = if pass {
        format!(
            "a census: all {} units were examined",
            inputs.coverage.units
        )
    } else {
        format!(
            "{unreached} of {} units were not examined and no verifiable sample was drawn",
            inputs.coverage.units
        )
    };
    result("G5", pass, why)
}

fn bound(inputs: &GateInputs<'_>, closed: bool) -> GateResult {
    if let Some(failed) = shut(inputs, "G6") {
        return failed;
    }
    if !closed {
        return result("G6", false, crate::sentences::NOT_BOUNDED.to_owned());
    }
    let worst = (inputs.coverage.unreached.len() as u64).saturating_add(inputs.hits);
    let pass = inputs.coverage.units > 0 && worst <= inputs.d_tol;
    result(
        "G6",
        pass,
        format!(
            "counting every unit not looked at, up to {worst} of {} units may have it; {} tolerated",
            inputs.coverage.units, inputs.d_tol
        ),
    )
}

fn no_hit(inputs: &GateInputs<'_>) -> GateResult {
    if let Some(failed) = shut(inputs, "G7") {
        return failed;
    }
    if inputs.coverage.examined == 0 {
        return result("G7", false, "no unit was examined".to_owned());
    }
    result(
        "G7",
        inputs.hits == 0,
        format!("{} hits among the units examined", inputs.hits),
    )
}
