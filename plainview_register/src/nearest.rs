//! The nearest known name to a misspelt one, by edit distance.
//!
//! It refuses to guess: a name that is not near is no suggestion.

use std::cmp::Reverse;

/// Longest name compared, so that a hostile file cannot buy quadratic time.
const NAME_CHARS_MAX: usize = 64;

/// The known name with the smallest edit distance to `name`, when it is near.
///
/// Among equals the one that starts alike longest is chosen, then the first.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded: Vec<char> = fold(name);
    if folded.is_empty() || folded.len() > NAME_CHARS_MAX {
        return None;
    }
    let mut best: Option<((usize, Reverse<usize>), &str)> = None;
    for candidate in known {
        let other = fold(candidate);
        if other.len() > NAME_CHARS_MAX {
            continue;
        }
        let distance = distance(&folded, &other);
        let near = distance <= folded.len().max(other.len()).div_ceil(3) && distance < folded.len();
        let alike = folded
            .iter()
            .zip(&other)
            .take_while(|(a, b)| a == b)
            .count();
        let rank = (distance, Reverse(alike));
        if near && best.is_none_or(|(smallest, _)| rank < smallest) {
            best = Some((rank, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Case and the choice between `-`, `_` and space are slips that cost nothing.
fn fold(name: &str) -> Vec<char> {
    name.chars()
        .flat_map(char::to_lowercase)
        .map(|c| if matches!(c, '_' | ' ') { '-' } else { c })
        .collect()
}

/// Optimal string alignment distance: insert, delete, replace, or swap two neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut current = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = previous[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            current[j] = replaced.min(previous[j] + 1).min(current[j - 1] + 1);
            let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if swapped {
                current[j] = current[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut previous, current);
    }
    previous[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_find_their_name() {
        let known = ["custodian", "controller", "acquired_at", "format", "files"];
        assert_eq!(nearest("custodain", known), Some("custodian"));
        assert_eq!(nearest("aquired_at", known), Some("acquired_at"));
        assert_eq!(nearest("Acquired-At", known), Some("acquired_at"));
        assert_eq!(nearest("file", known), Some("files"));
        // Both are two slips away; the one that starts alike wins.
        assert_eq!(nearest("clame", ["case", "claim"]), Some("claim"));
    }

    #[test]
    fn what_is_far_is_not_suggested() {
        assert_eq!(nearest("nationality", ["kind", "name", "role"]), None);
        assert_eq!(nearest("x", ["id", "to"]), None);
        assert_eq!(nearest("", ["id"]), None);
        assert_eq!(nearest(&"a".repeat(1_000), ["id"]), None);
    }
}
