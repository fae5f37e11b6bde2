//! From arguments to an outcome (METHOD 6.1, 7.2, 8, 9.1): who is alive, who is defeated, who qualifies,
//! how many separate lineages remain, and what that amounts to.
//!
//! This is the plain evaluator: it follows METHOD line by line. It knows nothing of gates (an argument
//! whose gates failed is not in the case), computes no probability, and never says `not_tested`.

mod packing;
mod prepare;
mod standard;

use std::collections::BTreeSet;

pub use packing::EXACT_SETS_MAX;
pub use standard::{Closing, Outcome, Standard, Strength};

use crate::case::{Case, CureKind, Integrity, Interest, Side};
use crate::error::Error;
use crate::instant::{Instant, Tri};
use prepare::{Gains, Index, Node, Points};

/// What must differ for two lineages to count as separate (METHOD 6.1). Cumulative: each level also
/// asks what the one before asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// L0: no shared source.
    Source,
    /// L1: nor a shared custodian.
    Custodian,
    /// L2: nor a shared controller.
    Controller,
}

impl Level {
    /// The three levels, weakest first.
    pub const ALL: [Self; 3] = [Self::Source, Self::Custodian, Self::Controller];

    /// 0, 1 or 2, as METHOD numbers them.
    pub fn number(self) -> u8 {
        match self {
            Self::Source => 0,
            Self::Custodian => 1,
            Self::Controller => 2,
        }
    }

    /// The level METHOD numbers `number`.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.number() == number)
    }
}

/// The five runs that every verdict prints (METHOD 9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Run {
    /// Everyone at their word: no interest rule.
    Face,
    /// The verdict of record.
    Base,
    /// Undisclosed interests count as self-serving.
    Strict,
    /// Without every source whose closure touches a claimant-controlled party.
    NoClaimant,
    /// Only sources all of whose parties have no interest.
    DisinterestedOnly,
}

impl Run {
    /// The five runs, in the order they are printed.
    pub const ALL: [Self; 5] = [
        Self::Face,
        Self::Base,
        Self::Strict,
        Self::NoClaimant,
        Self::DisinterestedOnly,
    ];

    /// The word that outputs use for this run.
    pub fn code(self) -> &'static str {
        match self {
            Self::Face => "face",
            Self::Base => "base",
            Self::Strict => "strict",
            Self::NoClaimant => "no_claimant",
            Self::DisinterestedOnly => "disinterested_only",
        }
    }
}

/// Which items are there, by time (METHOD 10).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Known {
    /// All of them.
    #[default]
    Now,
    /// Those certainly recorded at or before this second, and those without a time.
    By(i64),
    /// Those that a claimant-controlled source recorded certainly before this instant: what the claimant
    /// held when it spoke. An item without a time is not among them.
    HeldBefore(Instant),
}

/// What is asked of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// How much must be shown.
    pub standard: Standard,
    /// What makes lineages separate.
    pub level: Level,
    /// Which of the five runs.
    pub run: Run,
    /// Which items are there.
    pub known: Known,
    /// Sources taken out, with everything derived from them. Ids that the case lacks are ignored.
    pub without: BTreeSet<String>,
}

impl Question {
    /// The verdict of record at one standard and level.
    pub fn base(standard: Standard, level: Level) -> Self {
        Self {
            standard,
            level,
            run: Run::Base,
            known: Known::Now,
            without: BTreeSet::new(),
        }
    }

    /// The same question in another run.
    #[must_use]
    pub fn run(mut self, run: Run) -> Self {
        self.run = run;
        self
    }

    /// The same question at another time.
    #[must_use]
    pub fn known(mut self, known: Known) -> Self {
        self.known = known;
        self
    }
}

/// A number of separate lineages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lineages {
    /// How many.
    pub count: usize,
    /// Whether that is the exact number or, beyond [`EXACT_SETS_MAX`] minimal key sets, a lower bound.
    pub exact: bool,
}

impl std::fmt::Display for Lineages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mark = if self.exact { "" } else { ">= " };
        write!(f, "{mark}{}", self.count)
    }
}

/// One side of an evaluation. Ids are in the order the case declares them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// How strongly it stands at the level asked.
    pub strength: Strength,
    /// Separate qualifying lineages at L0, L1 and L2: the profile (k0, k1, k2).
    pub lineages: [Lineages; 3],
    /// Arguments whose premises are live and that no effective defeater meets.
    pub undefeated: Vec<String>,
    /// Those of them whose every premise is verified and not aligned with the side.
    pub qualifying: Vec<String>,
    /// Those of them that do not qualify because a premise serves its keeper's interest.
    pub interested: Vec<String>,
    /// Those of them that do not qualify because a premise is unverified.
    pub unverified: Vec<String>,
}

/// The answer to a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// What the two sides amount to at the standard asked.
    pub outcome: Outcome,
    /// The side that says the claim is true.
    pub for_: Standing,
    /// The side that says it is false.
    pub against: Standing,
    /// Defeaters that were raised and are not effective because their premises do not qualify. They are
    /// printed whatever sources a run leaves out, and block only the exhaustive standard.
    pub open_challenges: Vec<String>,
}

impl Evaluation {
    /// One side.
    pub fn side(&self, side: Side) -> &Standing {
        match side {
            Side::For => &self.for_,
            Side::Against => &self.against,
        }
    }

    /// Why the arguments alone leave the claim not shown (METHOD 8), in the fixed order; empty for any
    /// other outcome. Gates, logs and residue are added by whoever evaluated those.
    pub fn reasons(&self, standard: Standard) -> BTreeSet<Reason> {
        let mut reasons = BTreeSet::new();
        if self.outcome != Outcome::NotShown {
            return reasons;
        }
        let sides = [&self.for_, &self.against];
        if sides.iter().all(|side| side.strength == Strength::None) {
            reasons.insert(Reason::NoArgument);
        }
        for side in sides {
            if side.strength == Strength::Scintilla {
                if !side.interested.is_empty() {
                    reasons.insert(Reason::InterestedOnly);
                }
                if !side.unverified.is_empty() {
                    reasons.insert(Reason::UnverifiedOnly);
                }
            }
            if side.strength == Strength::Single && standard >= Standard::Corroborated {
                reasons.insert(Reason::SingleLineage);
            }
        }
        reasons
    }
}

/// Why a claim is not shown. The order of the variants is the fixed order of METHOD 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No undefeated argument on either side.
    NoArgument,
    /// A side has undefeated arguments, none qualifies, and interest is why for at least one.
    InterestedOnly,
    /// The same, with an unverified premise as the reason.
    UnverifiedOnly,
    /// A side qualifies with one lineage where the standard asks for two.
    SingleLineage,
    /// Gate G1..G7 failed (METHOD 7.3).
    Gate(u8),
    /// A latent predicate without measured sensitivity.
    LatentWithoutSensitivity,
    /// A log without guaranteed delivery cannot prove absence.
    BestEffortLog,
    /// Nothing in the claim is testable from records.
    ResidueOnly,
}

impl Reason {
    /// The code that outputs use.
    pub fn code(self) -> String {
        match self {
            Self::NoArgument => "no_argument".into(),
            Self::InterestedOnly => "interested_only".into(),
            Self::UnverifiedOnly => "unverified_only".into(),
            Self::SingleLineage => "single_lineage".into(),
            Self::Gate(number) => format!("gate_G{number}"),
            Self::LatentWithoutSensitivity => "latent_without_sensitivity".into(),
            Self::BestEffortLog => "best_effort_log".into(),
            Self::ResidueOnly => "residue_only".into(),
        }
    }
}

/// Evaluates a case once. To ask more than once, keep an [`Evaluator`].
pub fn evaluate(
    case: &Case,
    standard: Standard,
    level: Level,
    run: Run,
) -> Result<Evaluation, Error> {
    Ok(Evaluator::new(case)?.evaluate(&Question::base(standard, level).run(run)))
}

/// How interest is read in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Face,
    Base,
    Strict,
}

impl Run {
    /// The two runs that take sources out read interest as the verdict of record does.
    fn mode(self) -> Mode {
        match self {
            Self::Face => Mode::Face,
            Self::Strict => Mode::Strict,
            Self::Base | Self::NoClaimant | Self::DisinterestedOnly => Mode::Base,
        }
    }
}

/// A checked case, ready for any number of questions.
#[derive(Debug)]
pub struct Evaluator<'c> {
    pub(crate) case: &'c Case,
    pub(crate) index: Index,
}

impl<'c> Evaluator<'c> {
    /// Checks a case: every reference resolves, sources derive from each other without a cycle, defeaters
    /// target what stands before them, and nothing exceeds the limits of [`crate::case`].
    pub fn new(case: &'c Case) -> Result<Self, Error> {
        Ok(Self {
            case,
            index: Index::new(case)?,
        })
    }

    /// Answers one question.
    pub fn evaluate(&self, question: &Question) -> Evaluation {
        let mode = question.run.mode();
        let weighed = self.weigh(question, &self.removed(question));
        Evaluation {
            outcome: weighed.outcome,
            for_: self.standing(&weighed.for_, Side::For, mode),
            against: self.standing(&weighed.against, Side::Against, mode),
            open_challenges: self.open_challenges(question.known, mode),
        }
    }

    /// Only the outcome of [`Self::evaluate`].
    pub fn outcome(&self, question: &Question) -> Outcome {
        self.outcome_without(question, &self.removed(question))
    }

    /// The smallest premise sets of the named arguments: sorted ids, sets that contain another absorbed
    /// (METHOD 7.1). Ids that are no arguments are ignored.
    pub fn witnesses(&self, arguments: &[String]) -> Vec<Vec<String>> {
        let mut sets: Vec<BTreeSet<&String>> = self
            .case
            .arguments
            .iter()
            .filter(|argument| arguments.contains(&argument.id))
            .map(|argument| argument.premises.iter().collect())
            .collect();
        sets.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        let mut minimal: Vec<BTreeSet<&String>> = Vec::new();
        for set in sets {
            if !minimal.iter().any(|smaller| smaller.is_subset(&set)) {
                minimal.push(set);
            }
        }
        minimal.sort();
        minimal
            .into_iter()
            .map(|set| set.into_iter().cloned().collect())
            .collect()
    }

    /// The outcome with exactly the sources in `removed` (by position) taken out.
    pub(crate) fn outcome_without(&self, question: &Question, removed: &[bool]) -> Outcome {
        self.weigh(question, removed).outcome
    }

    fn weigh(&self, question: &Question, removed: &[bool]) -> Weighed {
        let mode = question.run.mode();
        let live = self.live(removed, question.known);
        let defeated = self.defeated(&live, mode);
        let [for_, against] = [Side::For, Side::Against].map(|side| {
            let undefeated: Vec<usize> = (0..self.case.arguments.len())
                .filter(|&at| {
                    let node = &self.index.nodes[at];
                    node.side == side && is_live(node, &live) && !defeated[at]
                })
                .collect();
            self.stand(undefeated, question.level, mode)
        });
        // Only the exhaustive standard asks for more than strength.
        let exhaustive = question.standard == Standard::Exhaustive;
        let nothing_open = exhaustive
            && self.case.coverage_complete
            && self.open_challenges(question.known, mode).is_empty();
        let closing = |side: &Stand| Closing {
            two_controllers: exhaustive && self.two_separate(&side.qualifying, Level::Controller),
            nothing_open,
        };
        let outcome = question.standard.outcome(
            (for_.strength, closing(&for_)),
            (against.strength, closing(&against)),
        );
        Weighed {
            outcome,
            for_,
            against,
        }
    }

    /// Which sources a question takes out: those it names, and those its run leaves out.
    pub(crate) fn removed(&self, question: &Question) -> Vec<bool> {
        self.case
            .sources
            .iter()
            .zip(&self.index.sources)
            .map(|(source, facts)| {
                question.without.contains(&source.id)
                    || match question.run {
                        Run::Face | Run::Base | Run::Strict => false,
                        Run::NoClaimant => facts.touches_claimant,
                        Run::DisinterestedOnly => !facts.gains.is_none(),
                    }
            })
            .collect()
    }

    /// An item is live when it has not failed, no ancestor of its source is taken out, and it was there
    /// at the time asked about.
    fn live(&self, removed: &[bool], known: Known) -> Vec<bool> {
        self.case
            .items
            .iter()
            .zip(&self.index.items)
            .map(|(item, &source)| {
                item.integrity != Integrity::Failed
                    && !self.index.sources[source]
                        .closure
                        .iter()
                        .any(|&at| removed[at])
                    && self.was_there(item.recorded_at, source, known)
            })
            .collect()
    }

    fn was_there(&self, recorded_at: Option<Instant>, source: usize, known: Known) -> bool {
        match (known, recorded_at) {
            (Known::Now, _) | (Known::By(_), None) => true,
            (Known::By(cutoff), Some(at)) => at.latest() <= cutoff,
            (Known::HeldBefore(stated), Some(at)) => {
                at.compare(stated) == Tri::Before
                    && self
                        .case
                        .claimants
                        .contains(&self.case.sources[source].controller)
            }
            (Known::HeldBefore(_), None) => false,
        }
    }

    /// For every argument, then every defeater, whether an effective defeater meets it. Targets stand
    /// before their defeaters, so one pass from the last defeater to the first is METHOD's recursion.
    fn defeated(&self, live: &[bool], mode: Mode) -> Vec<bool> {
        let mut defeated = vec![false; self.index.nodes.len()];
        for at in (self.case.arguments.len()..self.index.nodes.len()).rev() {
            let node = &self.index.nodes[at];
            let effective = is_live(node, live) && self.ok(node, mode) && !defeated[at];
            if let (true, Some(target)) = (effective, node.target) {
                defeated[target] = true;
            }
        }
        defeated
    }

    /// Defeaters whose premises were there but do not qualify. Sources that a run takes out stay visible
    /// here: a challenge is not answered by leaving out who raised it.
    fn open_challenges(&self, known: Known, mode: Mode) -> Vec<String> {
        let live = self.live(&vec![false; self.case.sources.len()], known);
        self.index.nodes[self.case.arguments.len()..]
            .iter()
            .zip(&self.case.defeaters)
            .filter(|(node, _)| is_live(node, &live) && !self.ok(node, mode))
            .map(|(_, defeater)| defeater.id.clone())
            .collect()
    }

    fn stand(&self, undefeated: Vec<usize>, level: Level, mode: Mode) -> Stand {
        let holds = |&at: &usize| self.ok(&self.index.nodes[at], mode);
        let qualifying: Vec<usize> = undefeated.iter().copied().filter(holds).collect();
        let strength = if undefeated.is_empty() {
            Strength::None
        } else if qualifying.is_empty() {
            Strength::Scintilla
        } else if self.two_separate(&qualifying, level) {
            Strength::Corroborated
        } else {
            Strength::Single
        };
        Stand {
            strength,
            undefeated,
            qualifying,
        }
    }

    /// Names what [`Self::stand`] found, and says what keeps the other arguments from qualifying.
    fn standing(&self, stand: &Stand, side: Side, mode: Mode) -> Standing {
        let ids = |held: &mut dyn Iterator<Item = &usize>| -> Vec<String> {
            held.map(|&at| self.case.arguments[at].id.clone()).collect()
        };
        let any_premise = |at: usize, test: &dyn Fn(usize) -> bool| {
            self.index.nodes[at].premises.iter().any(|&item| test(item))
        };
        Standing {
            strength: stand.strength,
            lineages: self.lineages(&stand.qualifying),
            undefeated: ids(&mut stand.undefeated.iter()),
            qualifying: ids(&mut stand.qualifying.iter()),
            interested: ids(&mut stand
                .undefeated
                .iter()
                .filter(|&&at| any_premise(at, &|item| self.aligned(item, side, mode)))),
            unverified: ids(&mut stand
                .undefeated
                .iter()
                .filter(|&&at| any_premise(at, &|item| !self.verified(item)))),
        }
    }

    /// Whether k is at least 2: whether some two of these arguments are separate. No search is needed.
    fn two_separate(&self, arguments: &[usize], level: Level) -> bool {
        let level = usize::from(level.number());
        let keys = |at: &usize| &self.index.keys[*at][level];
        packing::has_disjoint_pair(&arguments.iter().map(keys).collect::<Vec<_>>())
    }

    /// (k0, k1, k2). A packing at one level is a packing at every level below, so a lower bound found
    /// higher up also holds below.
    fn lineages(&self, arguments: &[usize]) -> [Lineages; 3] {
        let mut profile = [Lineages {
            count: 0,
            exact: true,
        }; 3];
        for level in (0..3).rev() {
            let sets: Vec<_> = arguments
                .iter()
                .map(|&at| &self.index.keys[at][level])
                .collect();
            let (count, exact) = packing::largest_packing(&sets);
            let above = profile.get(level + 1).map_or(0, |lineages| lineages.count);
            profile[level] = Lineages {
                count: count.max(above),
                exact,
            };
        }
        profile
    }

    /// Whether premises qualify: all verified, and none serves its keeper on the node's own side.
    fn ok(&self, node: &Node, mode: Mode) -> bool {
        let mut premises = node.premises.iter();
        premises.all(|&item| self.verified(item) && !self.aligned(item, node.side, mode))
    }

    fn verified(&self, item: usize) -> bool {
        self.case.items[item].integrity == Integrity::Verified
    }

    /// METHOD 6.2: an uncured item one of whose parties gains on `side`.
    fn aligned(&self, item: usize, side: Side, mode: Mode) -> bool {
        if mode == Mode::Face || self.cured(item, side, mode) {
            return false;
        }
        serves(self.index.sources[self.index.items[item]].gains, side, mode)
    }

    /// METHOD 6.3, as far as it concerns interest: see [`crate::case::Cure::party`].
    fn cured(&self, item: usize, side: Side, mode: Mode) -> bool {
        let Some(cure) = &self.case.items[item].cure else {
            return false;
        };
        let Some(party) = &cure.party else {
            return true;
        };
        let interest = self.case.interests.get(party).copied().unwrap_or_default();
        match cure.kind {
            CureKind::Precommitted => true,
            CureKind::SelfAuthenticating => !serves(Gains::of(interest), side, mode),
            CureKind::ThirdPartyCustody | CureKind::IndependentExtraction => {
                interest == Interest::None
            }
        }
    }
}

/// An [`Evaluation`] by positions.
struct Weighed {
    outcome: Outcome,
    for_: Stand,
    against: Stand,
}

/// A [`Standing`] by positions.
struct Stand {
    strength: Strength,
    undefeated: Vec<usize>,
    qualifying: Vec<usize>,
}

/// Whether any of these interests gains on `side`, as the mode reads it.
fn serves(gains: Gains, side: Side, mode: Mode) -> bool {
    gains.on(side) || (mode == Mode::Strict && gains.has(Points::Unknown))
}

fn is_live(node: &Node, live: &[bool]) -> bool {
    node.premises.iter().all(|&item| live[item])
}
