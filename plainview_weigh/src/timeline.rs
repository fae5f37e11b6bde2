//! Since when an outcome holds, and what the claimant's own systems said when it spoke (METHOD 10.4).
//!
//! Times are those at which source systems recorded items. Nothing here says that anybody read, knew or
//! understood a record.

use std::collections::BTreeSet;

use crate::case::Case;
use crate::evaluate::{Evaluation, Evaluator, Known, Level, Outcome, Question, Standard};
use crate::instant::Instant;

/// Outcomes with only the items known by one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The cutoff, in seconds since the epoch.
    pub at: i64,
    /// The outcome of the base run at each standard asked, in that order.
    pub outcomes: Vec<Outcome>,
}

/// A change of outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// From this second on; `None` for what holds before the first dated item.
    pub from: Option<i64>,
    /// The outcome from then on.
    pub outcome: Outcome,
}

/// Every time at which one more item is certainly known. Outcomes can change at these and nowhere else.
pub fn cutoffs(case: &Case) -> BTreeSet<i64> {
    let dated = case.items.iter().filter_map(|item| item.recorded_at);
    dated.map(Instant::latest).collect()
}

/// Evaluates the base run at each cutoff, earliest first.
pub fn timeline(
    evaluator: &Evaluator<'_>,
    standards: &[Standard],
    level: Level,
    cutoffs: &BTreeSet<i64>,
) -> Vec<Point> {
    let outcome = |at: i64, standard: Standard| {
        evaluator.outcome(&Question::base(standard, level).known(Known::By(at)))
    };
    cutoffs
        .iter()
        .map(|&at| Point {
            at,
            outcomes: standards
                .iter()
                .map(|&standard| outcome(at, standard))
                .collect(),
        })
        .collect()
}

/// When the outcome of `question` changed, beginning with what held before the first dated item.
pub fn changes(evaluator: &Evaluator<'_>, question: &Question) -> Vec<Change> {
    let outcome = |cutoff| evaluator.outcome(&question.clone().known(Known::By(cutoff)));
    // No item is recorded before this, so only undated ones are left.
    let mut changes = vec![Change {
        from: None,
        outcome: outcome(i64::MIN),
    }];
    for at in cutoffs(evaluator.case) {
        let now = outcome(at);
        if changes.last().is_some_and(|last| last.outcome != now) {
            changes.push(Change {
                from: Some(at),
                outcome: now,
            });
        }
    }
    changes
}

/// What a statement made at `stated_at` meets in the claimant's own systems alone: only items that a
/// claimant-controlled source recorded certainly before it.
pub fn then_held(
    evaluator: &Evaluator<'_>,
    standard: Standard,
    level: Level,
    stated_at: Instant,
) -> Evaluation {
    evaluator.evaluate(&Question::base(standard, level).known(Known::HeldBefore(stated_at)))
}
