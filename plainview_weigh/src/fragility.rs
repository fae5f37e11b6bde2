//! What a verdict rests on (METHOD 9.2, 9.3): the smallest sets of sources, custodians or controllers
//! whose removal changes the outcome, and how much hangs on each.
//!
//! Found by evaluating again, because defeaters and two sides make outcomes non-monotone. The search is
//! bounded and says how far it went; it does not claim that nothing larger would change the outcome.

use std::collections::{BTreeMap, BTreeSet};

use crate::evaluate::{Evaluator, Outcome, Question};

/// From more groups than this only pairs are tried (METHOD 9.2).
pub const GROUPS_DEEP_MAX: usize = 60;
/// From more groups than this only single groups are tried: pairs would be more evaluations than the
/// deepest search below [`GROUPS_DEEP_MAX`].
pub const GROUPS_PAIRS_MAX: usize = 250;
/// K of METHOD 2.3: the removal depth when nothing else is registered.
pub const REMOVAL_DEPTH: usize = 3;

/// What is taken out together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupBy {
    /// One source.
    Source,
    /// All sources of one custodian.
    Custodian,
    /// All sources of one controller.
    Controller,
}

impl GroupBy {
    /// The three groupings, in the order they are printed.
    pub const ALL: [Self; 3] = [Self::Source, Self::Custodian, Self::Controller];

    /// The word that outputs use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Custodian => "custodian",
            Self::Controller => "controller",
        }
    }
}

/// A minimal set of groups whose removal, with everything derived from them, changes the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flip {
    /// Names, sorted.
    pub groups: Vec<String>,
    /// The outcome without them.
    pub outcome: Outcome,
}

/// What an outcome rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragility {
    /// Every minimal set, by size, then by name.
    pub flips: Vec<Flip>,
    /// For each group that matters, the n of its responsibility 1/n: one more than the fewest other groups
    /// that must go first before it alone decides. For ordering a display only.
    pub responsibility: BTreeMap<String, usize>,
    /// The largest sets that were tried.
    pub searched_to: usize,
    /// How many groups were tried: those that some argument or defeater rests on.
    pub groups: usize,
}

impl Fragility {
    /// f: the size of the smallest set, or `None` when none was found.
    pub fn smallest(&self) -> Option<usize> {
        self.flips.first().map(|flip| flip.groups.len())
    }
}

/// Searches sets of up to `depth` groups. Groups that no premise rests on are left out: without them
/// every item that matters is as live as before, so they are in no minimal set.
pub fn fragility(
    evaluator: &Evaluator<'_>,
    question: &Question,
    by: GroupBy,
    depth: usize,
) -> Fragility {
    let groups = groups(evaluator, by);
    let searched_to = if groups.len() > GROUPS_PAIRS_MAX {
        depth.min(1)
    } else if groups.len() > GROUPS_DEEP_MAX {
        depth.min(2)
    } else {
        depth
    };
    let mut removals = Removals {
        evaluator,
        question,
        start: evaluator.removed(question),
        members: groups.iter().map(|(_, members)| members.clone()).collect(),
        known: BTreeMap::new(),
    };
    let base = removals.outcome(&[]);
    let mut flips: Vec<(Vec<usize>, Outcome)> = Vec::new();
    for size in 1..=searched_to {
        for chosen in Combinations::new(groups.len(), size) {
            let minimal = |(flip, _): &(Vec<usize>, Outcome)| !is_subset(flip, &chosen);
            if !flips.iter().all(minimal) {
                continue;
            }
            let outcome = removals.outcome(&chosen);
            if outcome != base {
                flips.push((chosen, outcome));
            }
        }
    }
    let responsibility = (0..groups.len())
        .filter_map(|group| {
            let first = (0..searched_to).find(|&size| removals.decides(group, size, base))?;
            Some((groups[group].0.to_owned(), first + 1))
        })
        .collect();
    let name = |&group: &usize| groups[group].0.to_owned();
    Fragility {
        flips: flips
            .into_iter()
            .map(|(chosen, outcome)| Flip {
                groups: chosen.iter().map(name).collect(),
                outcome,
            })
            .collect(),
        responsibility,
        searched_to,
        groups: groups.len(),
    }
}

/// Groups some premise rests on, by name, each with its sources.
fn groups<'e>(evaluator: &'e Evaluator<'_>, by: GroupBy) -> Vec<(&'e str, Vec<usize>)> {
    let index = &evaluator.index;
    let premises = index.nodes.iter().flat_map(|node| &node.premises);
    let used: BTreeSet<usize> = premises
        .flat_map(|&item| &index.sources[index.items[item]].closure)
        .copied()
        .collect();
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for at in used {
        let source = &evaluator.case.sources[at];
        let name = match by {
            GroupBy::Source => &source.id,
            GroupBy::Custodian => &source.custodian,
            GroupBy::Controller => &source.controller,
        };
        groups.entry(name).or_default().push(at);
    }
    groups.into_iter().collect()
}

/// Outcomes by removed groups, each computed once.
struct Removals<'e> {
    evaluator: &'e Evaluator<'e>,
    question: &'e Question,
    start: Vec<bool>,
    members: Vec<Vec<usize>>,
    known: BTreeMap<Vec<usize>, Outcome>,
}

impl Removals<'_> {
    /// The outcome without the groups in `chosen`, which is sorted.
    fn outcome(&mut self, chosen: &[usize]) -> Outcome {
        if let Some(&outcome) = self.known.get(chosen) {
            return outcome;
        }
        let mut removed = self.start.clone();
        for &source in chosen.iter().flat_map(|&group| &self.members[group]) {
            removed[source] = true;
        }
        let outcome = self.evaluator.outcome_without(self.question, &removed);
        self.known.insert(chosen.to_vec(), outcome);
        outcome
    }

    /// Whether some `size` other groups can go without changing the outcome while `group` then changes
    /// it (METHOD 9.3, after Meliou et al. 2010).
    fn decides(&mut self, group: usize, size: usize, base: Outcome) -> bool {
        let others: Vec<usize> = (0..self.members.len()).filter(|&at| at != group).collect();
        Combinations::new(others.len(), size).any(|picked| {
            let first: Vec<usize> = picked.iter().map(|&at| others[at]).collect();
            let mut then = first.clone();
            then.insert(first.partition_point(|&at| at < group), group);
            self.outcome(&first) == base && self.outcome(&then) != base
        })
    }
}

fn is_subset(small: &[usize], large: &[usize]) -> bool {
    small.iter().all(|at| large.contains(at))
}

/// All ways to choose `size` of the numbers below `of`, in lexicographic order, each sorted.
struct Combinations {
    of: usize,
    next: Option<Vec<usize>>,
}

impl Combinations {
    fn new(of: usize, size: usize) -> Self {
        let next = (size <= of).then(|| (0..size).collect());
        Self { of, next }
    }
}

impl Iterator for Combinations {
    type Item = Vec<usize>;

    fn next(&mut self) -> Option<Vec<usize>> {
        let current = self.next.take()?;
        let size = current.len();
        let grows = (0..size)
            .rev()
            .find(|&at| current[at] < self.of - size + at);
        self.next = grows.map(|at| {
            let mut next = current.clone();
            for (step, place) in next[at..].iter_mut().enumerate() {
                *place = current[at] + 1 + step;
            }
            next
        });
        Some(current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_are_complete_and_in_order() {
        let all: Vec<Vec<usize>> = Combinations::new(4, 2).collect();
        assert_eq!(all, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
        assert_eq!(Combinations::new(60, 3).count(), 34_220);
        assert_eq!(
            Combinations::new(3, 0).collect::<Vec<_>>(),
            [Vec::<usize>::new()]
        );
        assert_eq!(Combinations::new(1, 2).count(), 0);
    }
}
