//! How many separate lineages a side has (METHOD 6.1): the largest number of pairwise disjoint key sets.
//! Exact up to [`EXACT_SETS_MAX`] minimal sets; beyond that a lower bound that says so.

/// Most minimal key sets for which the count is exact.
pub const EXACT_SETS_MAX: usize = 24;

/// A key set: sorted, without repeats.
pub(super) type Keys = Vec<u32>;

/// The size of the largest packing of `sets`, and whether that is exact or only a lower bound. A lower
/// bound still tells 0, 1 and "2 or more" apart exactly, so no strength ever depends on the search.
pub(super) fn largest_packing(sets: &[&Keys]) -> (usize, bool) {
    let minimal = minimal_sets(sets);
    if minimal.len() <= EXACT_SETS_MAX {
        let overlaps: Vec<u32> = minimal
            .iter()
            .map(|set| {
                minimal.iter().enumerate().fold(0, |mask, (at, other)| {
                    mask | (u32::from(!disjoint(set, other)) << at)
                })
            })
            .collect();
        let all = (0..minimal.len()).fold(0, |mask, at| mask | (1 << at));
        return (largest_independent(all, &overlaps), true);
    }
    let mut taken: Vec<&Keys> = Vec::new();
    for set in &minimal {
        if taken.iter().all(|other| disjoint(set, other)) {
            taken.push(set);
        }
    }
    let at_least_two = taken.len() >= 2 || has_disjoint_pair(&minimal);
    (
        if at_least_two {
            taken.len().max(2)
        } else {
            taken.len()
        },
        false,
    )
}

/// Whether a packing of two exists.
pub(super) fn has_disjoint_pair(sets: &[&Keys]) -> bool {
    let mut after = sets.iter();
    while let Some(set) = after.next() {
        if after.clone().any(|other| disjoint(set, other)) {
            return true;
        }
    }
    false
}

/// The sets that contain no other, shortest first, then by content. A set that contains another can
/// always be replaced by it in a packing.
fn minimal_sets<'a>(sets: &[&'a Keys]) -> Vec<&'a Keys> {
    let mut sorted = sets.to_vec();
    sorted.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    sorted.dedup();
    let mut minimal: Vec<&Keys> = Vec::new();
    for set in sorted {
        if !minimal.iter().any(|smaller| contains(set, smaller)) {
            minimal.push(set);
        }
    }
    minimal
}

/// The largest subset of `left` in which no two overlap; `overlaps[v]` includes `v` itself. Branches on
/// the member with most overlaps, so that either branch shrinks fast.
fn largest_independent(left: u32, overlaps: &[u32]) -> usize {
    let members = || (0..overlaps.len()).filter(|&at| left & (1 << at) != 0);
    let Some(worst) = members().max_by_key(|&at| (overlaps[at] & left).count_ones()) else {
        return 0;
    };
    if (overlaps[worst] & left).is_power_of_two() {
        return members().count();
    }
    let with = 1 + largest_independent(left & !overlaps[worst], overlaps);
    let without = largest_independent(left & !(1 << worst), overlaps);
    with.max(without)
}

fn disjoint(a: &[u32], b: &[u32]) -> bool {
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => return false,
        }
    }
    true
}

fn contains(set: &[u32], smaller: &[u32]) -> bool {
    smaller.iter().all(|key| set.binary_search(key).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(sets: &[Keys]) -> (usize, bool) {
        largest_packing(&sets.iter().collect::<Vec<_>>())
    }

    /// The greedy choice takes the short set in the middle and ends with one; the search finds two.
    #[test]
    fn exact_beats_greedy() {
        assert_eq!(
            count(&[vec![2, 3], vec![0, 1, 2], vec![3, 4, 5]]),
            (2, true)
        );
    }

    #[test]
    fn a_set_that_contains_another_adds_nothing() {
        assert_eq!(count(&[vec![1], vec![1, 2], vec![1, 3]]), (1, true));
        assert_eq!(count(&[]), (0, true));
    }

    #[test]
    fn twenty_four_disjoint_sets_are_exact_and_twenty_five_say_at_least() {
        let sets: Vec<Keys> = (0..25).map(|key| vec![key]).collect();
        assert_eq!(count(&sets[..24]), (24, true));
        assert_eq!(count(&sets), (25, false));
    }

    /// The shortest set meets all others, so greed stops at one; the others form two families, and any
    /// member of one is disjoint from any of the other.
    #[test]
    fn a_lower_bound_still_finds_a_pair() {
        let mut sets: Vec<Keys> = vec![vec![0, 1]];
        sets.extend((0..13).map(|at| vec![0, 10 + at, 50]));
        sets.extend((0..13).map(|at| vec![1, 30 + at, 60]));
        assert_eq!(count(&sets), (2, false));
    }

    /// Brute force over all subsets of small random-looking families.
    #[test]
    fn search_equals_brute_force() {
        for seed in 1_u32..200 {
            let sets: Vec<Keys> = (0..8)
                .map(|at| {
                    let bits = seed.wrapping_mul(2_654_435_761).rotate_left(at * 4) & 0x1ff
                        | 1 << (at % 9);
                    (0..9)
                        .filter(|key| bits & (1 << key) != 0)
                        .take(3)
                        .collect()
                })
                .collect();
            let best = (0_u32..256)
                .filter(|chosen| {
                    (0..8).all(|a| {
                        (0..a).all(|b| {
                            chosen & (1 << a) == 0
                                || chosen & (1 << b) == 0
                                || disjoint(&sets[a], &sets[b])
                        })
                    })
                })
                .map(u32::count_ones)
                .max();
            assert_eq!(
                Some(u32::try_from(count(&sets).0).unwrap_or(0)),
                best,
                "seed {seed}"
            );
        }
    }
}
