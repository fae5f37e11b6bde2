//! Absence arguments (METHOD 7.3): one for every frame and every showing, with all seven gates. Those
//! whose gates fail stay in the input so that the failure is printed, and are no argument.

use std::collections::BTreeSet;

use plainview_register::Standard;

use super::builder::{Builder, NewArgument, NewItem};
use super::decimal;
use super::scope::{ClaimScope, Showing, join};
use crate::case::Side;
use crate::coverage::{Coverage, Frame, Share, UnitId};
use crate::facts::{Delivery, Scheme};
use crate::gates::{self, GateInputs, LogUse};
use crate::reconcile::{AmountKind, Reconciliation, Tolerance, pair};

/// What an absence is about.
#[derive(Clone, Copy)]
pub(crate) struct Absent<'a> {
    pub(crate) claim: &'a str,
    pub(crate) side: Side,
    /// What was not found, in words.
    pub(crate) what: &'a str,
    pub(crate) observable: bool,
    /// Units that count as examined only where this holds of their container.
    pub(crate) testable: &'a dyn Fn(&UnitId) -> bool,
    /// Hits among what these sources show.
    pub(crate) hits: &'a dyn Fn(&BTreeSet<String>) -> u64,
    /// Why these sources do not show what the claim is about although they name the stores; none when
    /// they do.
    pub(crate) denied: &'a dyn Fn(&BTreeSet<String>) -> Option<String>,
    /// Whether what is asserted is the listing itself, so that the listing is the frame.
    pub(crate) list_is_frame: bool,
    /// Logs that the absence rests on beside what is shown.
    pub(crate) logs: &'a [LogUse],
}

/// Registered choices the gates need.
#[derive(Debug, Clone)]
pub(crate) struct Choices<'a> {
    pub(crate) standard: &'a Standard,
    pub(crate) tolerance: Tolerance,
    pub(crate) missing: &'a [String],
    /// Of the missing, those that fail a control total.
    pub(crate) failed: &'a [String],
}

impl Choices<'_> {
    /// Reach and examined with what a failing register leaves open.
    pub(crate) fn reached(&self, coverage: Coverage) -> Coverage {
        if self.failed.is_empty() {
            coverage
        } else {
            coverage.opened()
        }
    }
}

/// Comparison of one frame with one showing, per account-month where both say something.
pub(crate) fn pairs(
    scope: &ClaimScope,
    frame: &(AmountKind, String),
    showing: &Showing,
    tolerance: &Tolerance,
) -> Vec<Reconciliation> {
    scope
        .of_source(frame.0, &frame.1)
        .into_iter()
        .filter_map(|amount| {
            let shown = scope.shown(showing, &amount.provider, &amount.account, amount.month)?;
            Some(pair(amount, &shown, tolerance))
        })
        .collect()
}

/// Adds an absence argument for every frame and every showing of another kind. A listing without any bill
/// or meter is an attempt too: its frame gate fails, and that must be seen.
pub(crate) fn add(
    builder: &mut Builder<'_>,
    scope: &ClaimScope,
    showings: &[Showing],
    absent: Absent<'_>,
    choices: &Choices<'_>,
) {
    let mut frames: Vec<Option<(AmountKind, String)>> =
        scope.frames().into_iter().map(Some).collect();
    if frames.is_empty() {
        frames.push(None);
    }
    for frame in &frames {
        let beyond = |showing: &&Showing| match frame {
            Some(frame) => showing.kind > frame.0,
            None => showing.kind == AmountKind::Listed,
        };
        for showing in showings.iter().filter(beyond) {
            attempt(builder, scope, frame.as_ref(), showing, absent, choices);
        }
    }
}

fn attempt(
    builder: &mut Builder<'_>,
    scope: &ClaimScope,
    frame: Option<&(AmountKind, String)>,
    showing: &Showing,
    absent: Absent<'_>,
    choices: &Choices<'_>,
) {
    let pairs = frame.map_or_else(Vec::new, |frame| {
        pairs(scope, frame, showing, &choices.tolerance)
    });
    let coverage = coverage(scope, &scope.frame(), showing, absent, choices);
    let best_effort = best_effort(builder, frame, showing);
    let mut gates = gates::evaluate(&GateInputs {
        cells: &scope.cells(),
        pairs: &pairs,
        m_tol_gib_month: choices.standard.m_tol_gib_month.as_ref().map(decimal),
        coverage: &coverage,
        reach: decimal(&choices.standard.reach),
        best_effort: &best_effort,
        observable: absent.observable,
        d_tol: choices.standard.d_tol,
        hits: (absent.hits)(&showing.sources),
        missing: choices.missing,
        failed: choices.failed,
        logs: absent.logs,
        continuity: decimal(&choices.standard.continuity),
    });
    // A record that is wrong about the very property misses it: that is G4's question.
    if let Some(why) = (absent.denied)(&showing.sources)
        && let Some(gate) = gates.iter_mut().find(|gate| gate.gate == "G4")
    {
        gate.pass = false;
        gate.why = why;
    }
    argue(builder, frame, showing, absent, gates, scope);
}

fn coverage(
    scope: &ClaimScope,
    frame_units: &Frame,
    showing: &Showing,
    absent: Absent<'_>,
    choices: &Choices<'_>,
) -> Coverage {
    let mut examined = scope.examined(showing);
    examined.retain(|unit| (absent.testable)(unit));
    let measure = scope.measure(&[showing], &examined);
    let design = decimal(&choices.standard.design_share);
    choices.reached(Coverage::new(frame_units, &examined, measure, design))
}

/// Sources that can prove presence but not absence. A meter series is a log of readings: it must say that
/// it is complete. Bills and listings are whole registers; only a declared best effort rules them out.
fn best_effort(
    builder: &Builder<'_>,
    frame: Option<&(AmountKind, String)>,
    showing: &Showing,
) -> Vec<String> {
    let metered = |kind: AmountKind| kind == AmountKind::Metered;
    let mut used: Vec<(&String, bool)> = frame
        .map(|frame| (&frame.1, metered(frame.0)))
        .into_iter()
        .collect();
    used.extend(showing.sources.iter().map(|s| (s, metered(showing.kind))));
    used.into_iter()
        .filter(|(id, is_log)| {
            let delivery = builder.source(id).map_or(Delivery::Unknown, |s| s.delivery);
            delivery == Delivery::BestEffort || (*is_log && delivery != Delivery::Guaranteed)
        })
        .map(|(id, _)| id.clone())
        .collect()
}

fn argue(
    builder: &mut Builder<'_>,
    frame: Option<&(AmountKind, String)>,
    showing: &Showing,
    absent: Absent<'_>,
    gates: Vec<gates::GateResult>,
    scope: &ClaimScope,
) {
    let usage = match absent.side {
        Side::For => "absence",
        Side::Against => "absence-against",
    };
    let end = Some(scope.window.to_ms.div_euclid(1_000));
    let mut frame_items = Vec::new();
    if let Some(frame) = frame {
        let says = format!("what exists in the scope, as {}", frame.0.participle());
        let item = NewItem::record(&frame.1, usage, absent.side, says).at(end);
        let Some(item) = builder.item(item) else {
            return;
        };
        frame_items.push(item);
    }
    let mut shown = Vec::new();
    for source in &showing.sources {
        let says = format!(
            "no {} in what is {}",
            absent.what,
            showing.kind.participle()
        );
        let item = NewItem::record(source, usage, absent.side, says).at(end);
        shown.extend(builder.item(item));
    }
    let mut premises = shown.clone();
    premises.extend(frame_items.clone());
    let named = frame.map_or("no-frame", |frame| &frame.1);
    let beside = frame.map_or_else(
        || "and no bill or meter says what exists".to_owned(),
        |frame| format!("where {} says what exists", frame.1),
    );
    builder.argument(NewArgument {
        id: format!("{}/absence/{named}/{}", absent.claim, showing.id()),
        side: absent.side,
        scheme: Scheme::Absence,
        premises,
        frame: if absent.list_is_frame {
            shown
        } else {
            frame_items
        },
        says: format!(
            "{} shows no {} {beside}",
            join(&showing.sources),
            absent.what
        ),
        gates,
    });
}

/// Reach and examined over everything any showing examined: what the verdict prints.
pub(crate) fn overall(
    scope: &ClaimScope,
    showings: &[Showing],
    testable: &dyn Fn(&UnitId) -> bool,
    choices: &Choices<'_>,
) -> Coverage {
    let frame = scope.frame();
    let mut examined: BTreeSet<UnitId> = BTreeSet::new();
    for showing in showings {
        examined.extend(scope.examined(showing));
    }
    examined.retain(|unit| testable(unit));
    let all: Vec<&Showing> = showings.iter().collect();
    let measure = if all.is_empty() {
        Share::of_counts(0, 0)
    } else {
        scope.measure(&all, &examined)
    };
    let design = decimal(&choices.standard.design_share);
    choices.reached(Coverage::new(&frame, &examined, measure, design))
}
