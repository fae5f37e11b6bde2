//! Joining patterns that differ in one part: digits <= hex <= alphanumeric <= any. It refuses joins across different
//! delimiters, and joins of digits with hex in any but the proportions of random hex.

use std::collections::{BTreeMap, BTreeSet};

use super::{Members, Pattern, What};

/// Description cost of one more template with its counters, in 1/256 bits (256 bytes).
const TEMPLATE_COST: u64 = 2_048 * 256;

/// Code length per character, in 1/256 bits: log2 of 10, 16, 62 and 92 symbols; 4.7 bits for a letter of a word.
const DIGIT_COST: u64 = 850;
const HEX_COST: u64 = 1_024;
const ALNUM_COST: u64 = 1_524;
const TEXT_COST: u64 = 1_670;
const LETTER_COST: u64 = 1_203;
/// Code length of a length, in 1/256 bits.
const LENGTH_COST: u64 = 4 * 256;
/// A word's length is not in the signature; this many letters are assumed.
const WORD_LETTERS: u64 = 7;

/// Digit runs from here on are identifier-like and never join shorter ones.
pub(crate) const NUMBER_DIGITS_MIN: u16 = 7;

/// Joins until nothing changes. Each round looks at one part after another, at the patterns that are equal elsewhere.
pub(super) fn settle(mut patterns: BTreeMap<Pattern, Members>) -> BTreeMap<Pattern, Members> {
    loop {
        let before = patterns.len();
        let parts_max = patterns
            .keys()
            .map(|pattern| pattern.parts.len())
            .max()
            .unwrap_or(0);
        for at in 0..parts_max {
            patterns = join_at(patterns, at);
        }
        if patterns.len() == before {
            break;
        }
    }
    // Letters a-f that nothing showed to be hex are words.
    let mut settled: BTreeMap<Pattern, Members> = BTreeMap::new();
    for (mut pattern, members) in patterns {
        for part in &mut pattern.parts {
            if let What::HexLetters(length) = part.what {
                part.what = if length >= 8 {
                    What::Hex(length)
                } else {
                    What::Word
                };
            }
        }
        absorb(&mut settled, pattern, members);
    }
    settled
}

fn absorb(patterns: &mut BTreeMap<Pattern, Members>, pattern: Pattern, members: Members) {
    let into = patterns.entry(pattern).or_default();
    into.objects += members.objects;
    into.keys.extend(members.keys);
    into.keys.sort_unstable();
}

fn join_at(patterns: BTreeMap<Pattern, Members>, at: usize) -> BTreeMap<Pattern, Members> {
    let mut alike: BTreeMap<Pattern, BTreeMap<What, Members>> = BTreeMap::new();
    let mut joined: BTreeMap<Pattern, Members> = BTreeMap::new();
    for (mut pattern, members) in patterns {
        match pattern.parts.get_mut(at) {
            Some(part) => {
                let what = std::mem::replace(&mut part.what, What::Text);
                alike.entry(pattern).or_default().insert(what, members);
            }
            None => absorb(&mut joined, pattern, members),
        }
    }
    for (pattern, kinds) in alike {
        let counts = kinds
            .iter()
            .map(|(what, members)| (*what, members.objects))
            .collect();
        let targets = targets(&counts);
        for (what, members) in kinds {
            let mut pattern = pattern.clone();
            pattern.parts[at].what = targets.get(&what).copied().unwrap_or(what);
            absorb(&mut joined, pattern, members);
        }
    }
    joined
}

/// What each alternative of one part becomes.
pub(super) fn targets(counts: &BTreeMap<What, u64>) -> BTreeMap<What, What> {
    let mut targets: BTreeMap<What, What> = counts.keys().map(|what| (*what, *what)).collect();
    if counts.len() < 2 {
        return targets;
    }
    join_hex(counts, &mut targets);
    join_letters(&mut targets);
    join_lengths(&mut targets);
    join_any(counts, &mut targets);
    targets
}

/// Digits and letters a-f of one length are hex when they come in the proportions of random hex digits.
fn join_hex(counts: &BTreeMap<What, u64>, targets: &mut BTreeMap<What, What>) {
    let count = |what: What| counts.get(&what).copied().unwrap_or(0);
    let lengths: Vec<u16> = counts
        .keys()
        .filter_map(|what| {
            if let What::Hex(length) = what {
                Some(*length)
            } else {
                None
            }
        })
        .collect();
    for length in lengths {
        let digits = What::Digits {
            min: length,
            max: length,
        };
        let letters = What::HexLetters(length);
        let total = count(What::Hex(length)) + count(digits) + count(letters);
        let alnum: u64 = counts
            .iter()
            .filter(|(what, _)| matches!(what, What::Alnum { .. }))
            .map(|(_, count)| count)
            .sum();
        if alnum > total {
            continue;
        }
        if count(digits) > 0 && random_share(count(digits), total, 10, length) {
            targets.insert(digits, What::Hex(length));
        }
        if count(letters) > 0 && random_share(count(letters), total, 6, length) {
            targets.insert(letters, What::Hex(length));
        }
    }
}

/// Whether `part` of `total` tokens of random hex fall wholly in `symbols` of the 16: within four standard deviations
/// plus one, or within an eighth of the expectation, which allows for fixed nibbles and small mixtures.
fn random_share(part: u64, total: u64, symbols: u128, length: u16) -> bool {
    // Probability in units of 2^-32.
    let mut share: u128 = 1 << 32;
    for _ in 0..length.min(64) {
        share = share * symbols / 16;
    }
    let total = u128::from(total.min(1 << 40));
    let part = u128::from(part.min(1 << 40));
    let expected = total * share;
    let deviation = (part << 32).abs_diff(expected);
    let variance = (expected * ((1 << 32) - share)) >> 32;
    // The variance is in units of 2^-32, deviations likewise: sqrt(variance * 2^32) has their unit.
    let spread = (variance << 32).isqrt();
    deviation <= 4 * spread + (1 << 32) || deviation * 8 <= expected
}

/// Short letters a-f beside words are words.
fn join_letters(targets: &mut BTreeMap<What, What>) {
    if !targets.values().any(|what| *what == What::Word) {
        return;
    }
    for target in targets.values_mut() {
        if matches!(*target, What::HexLetters(length) if length < 8) {
            *target = What::Word;
        }
    }
}

/// Lengths: counters and short digits join, identifier-like runs join, alphanumerics join and take short hex in. Hex of
/// fixed length stays: a hash's length means something.
fn join_lengths(targets: &mut BTreeMap<What, What>) {
    let now: BTreeSet<What> = targets.values().copied().collect();
    let hexes = now.iter().filter(|what| short_hex(**what)).count();
    let alnum = now.iter().any(|what| matches!(what, What::Alnum { .. }));
    let class = |what: What| match what {
        What::Digits { max, .. } if max < NUMBER_DIGITS_MIN => Some(0),
        What::Digits { min, .. } if min >= NUMBER_DIGITS_MIN => Some(1),
        What::Alnum { .. } => Some(2),
        _ if short_hex(what) && (alnum || hexes > 1) => Some(2),
        _ => None,
    };
    for wanted in 0..3 {
        let lengths = now
            .iter()
            .filter(|what| class(**what) == Some(wanted))
            .filter_map(|what| match what {
                What::Digits { min, max } | What::Alnum { min, max } => Some((*min, *max)),
                What::Hex(length) => Some((*length, *length)),
                _ => None,
            });
        let Some((min, max)) =
            lengths.reduce(|left, right| (left.0.min(right.0), left.1.max(right.1)))
        else {
            continue;
        };
        let joined = if wanted == 2 {
            What::Alnum { min, max }
        } else {
            What::Digits { min, max }
        };
        for target in targets
            .values_mut()
            .filter(|target| class(**target) == Some(wanted))
        {
            *target = joined;
        }
    }
}

fn short_hex(what: What) -> bool {
    matches!(what, What::Hex(length) if length < 8)
}

/// Joins what is left to `any` where describing the alternatives costs more bits than spelling them out as text.
fn join_any(counts: &BTreeMap<What, u64>, targets: &mut BTreeMap<What, What>) {
    let mut left: BTreeMap<What, u64> = BTreeMap::new();
    for (what, target) in targets.iter() {
        let loose = match target {
            What::Digits { max, .. } => *max < NUMBER_DIGITS_MIN,
            What::Hex(length) => *length < 16,
            What::HexLetters(_) | What::Alnum { .. } | What::Word | What::Text => true,
            _ => false,
        };
        if loose {
            *left.entry(*target).or_insert(0) += counts.get(what).copied().unwrap_or(0);
        }
    }
    if left.len() < 2 {
        return;
    }
    let total: u64 = left.values().sum();
    let apart: u64 = left
        .values()
        .map(|count| TEMPLATE_COST.saturating_add(count.saturating_mul(log2_ratio(total, *count))))
        .sum();
    let spelled: u64 = left
        .iter()
        .map(|(what, count)| count.saturating_mul(spelling_out(*what)))
        .sum();
    if spelled < apart.saturating_sub(TEMPLATE_COST) {
        for target in targets
            .values_mut()
            .filter(|target| left.contains_key(target))
        {
            *target = What::Text;
        }
    }
}

/// Extra bits per object, in 1/256, when this part is coded as any text.
fn spelling_out(what: What) -> u64 {
    let (length, cost, variable) = match what {
        What::Digits { min, max } => (u64::from(max), DIGIT_COST, min < max),
        What::Hex(length) | What::HexLetters(length) => (u64::from(length), HEX_COST, false),
        What::Alnum { min, max } => (u64::from(max), ALNUM_COST, min < max),
        What::Word => (WORD_LETTERS, LETTER_COST, true),
        _ => return 0,
    };
    length * (TEXT_COST - cost) + if variable { 0 } else { LENGTH_COST }
}

/// log2(total / part) in 1/256 bits, by repeated squaring; exact enough to decide, the same on every machine.
fn log2_ratio(total: u64, part: u64) -> u64 {
    log2(total).saturating_sub(log2(part))
}

fn log2(value: u64) -> u64 {
    let Some(whole) = value.checked_ilog2() else {
        return 0;
    };
    let mut mantissa = u128::from(value) << (63 - whole);
    let mut fraction = 0;
    for _ in 0..8 {
        mantissa = (mantissa * mantissa) >> 63;
        fraction <<= 1;
        if mantissa >= 1 << 64 {
            mantissa >>= 1;
            fraction |= 1;
        }
    }
    u64::from(whole) * 256 + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    const D4: What = What::Digits { min: 4, max: 4 };

    #[test]
    fn hex_and_digits_join_only_in_the_proportions_of_random_hex() {
        // A random token of four hex digits is all digits in 15.3 % of cases, all letters in 2.0 %.
        for (digits, hex, joins) in [
            (153, 827, true),
            (15_259, 82_764, true),
            (500, 500, false),
            (10, 990, false),
            (900, 100, false),
        ] {
            let counts = BTreeMap::from([(D4, digits), (What::Hex(4), hex)]);
            assert_eq!(
                targets(&counts)[&D4] == What::Hex(4),
                joins,
                "{digits} of {}",
                digits + hex
            );
        }
    }

    #[test]
    fn short_digits_join_lengths_and_long_numbers_stay_apart() {
        let digits = |length: u16| What::Digits {
            min: length,
            max: length,
        };
        let counts = BTreeMap::from([
            (digits(1), 9),
            (digits(2), 90),
            (digits(11), 5_000),
            (digits(12), 4_000),
        ]);
        let targets = targets(&counts);
        assert_eq!(targets[&digits(1)], What::Digits { min: 1, max: 2 });
        assert_eq!(targets[&digits(12)], What::Digits { min: 11, max: 12 });
    }

    #[test]
    fn few_objects_join_to_text_and_many_do_not() {
        let alnum = What::Alnum { min: 5, max: 5 };
        assert_eq!(
            targets(&BTreeMap::from([(What::Word, 20), (alnum, 20)]))[&alnum],
            What::Text
        );
        assert_eq!(
            targets(&BTreeMap::from([(What::Word, 90_000), (alnum, 90_000)]))[&alnum],
            alnum
        );
    }

    #[test]
    fn logarithms_are_right_to_a_256th() {
        for (value, expected) in [
            (1, 0),
            (2, 256),
            (3, 405),
            (10, 850),
            (1_000_000, 5_102),
            (u64::MAX, 16_383),
        ] {
            assert_eq!(log2(value), expected);
        }
    }
}
