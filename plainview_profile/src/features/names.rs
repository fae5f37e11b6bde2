//! What names alone suggest, per key and then counted. It refuses values and words: only classes and groups of the
//! lexicon are kept, and distinct numbers are not counted.

use std::collections::{BTreeMap, BTreeSet};

use super::{Row, count};
use crate::lexicon::lexicon;
use crate::signature::{DIGIT, LOWER, LOWER_HEX, NON_ASCII, Token, UPPER, UPPER_HEX, tokens};
use crate::template::{date, epoch_ms, near, number};

/// What one key shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NameFacts {
    /// Digit runs of 7-15 that are no date, time or epoch.
    pub(crate) long_numbers: u8,
    /// Words of three letters and more that are not in the lexicon.
    pub(crate) free_words: u8,
    /// UUIDs, hashes and other long mixtures.
    pub(crate) random_tokens: u8,
    /// Groups of the lexicon.
    pub(crate) groups: BTreeSet<&'static str>,
    /// `name=value` in a directory.
    pub(crate) partition: bool,
    /// Two or more dotted short numbers.
    pub(crate) version: bool,
}

impl NameFacts {
    pub(crate) fn of(key: &str, arrival_ms: Option<i64>) -> Self {
        let mut list = Vec::new();
        tokens(key, &mut list);
        let extension = lexicon()
            .extension(key)
            .map_or(0, |extension| extension.tokens);
        list.truncate(list.len().saturating_sub(extension));
        let mut facts = Self::default();
        let mut at = 0;
        while at < list.len() {
            if is_uuid(&list[at..]) {
                facts.random_tokens = facts.random_tokens.saturating_add(1);
                at += 5;
                continue;
            }
            facts.take(key, &list[at], arrival_ms);
            facts.partition |= list[at].delimiter == b'=';
            at += 1;
        }
        let short = |token: &Token| token.class == DIGIT && token.len() <= 3;
        facts.version = list.windows(3).any(|three| {
            three.iter().all(short) && three[0].delimiter == b'.' && three[1].delimiter == b'.'
        });
        facts
    }

    fn take(&mut self, key: &str, token: &Token, arrival_ms: Option<i64>) {
        let text = &key[token.start..token.end];
        if token.keyed || token.is_empty() {
            return;
        }
        if token.class == DIGIT {
            let long = (7..=15).contains(&token.len()) && !is_time(key, token, arrival_ms);
            self.long_numbers = self.long_numbers.saturating_add(u8::from(long));
            return;
        }
        let letters = text.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let group = lexicon().group(text).or_else(|| {
            (letters.len() >= 3)
                .then(|| lexicon().group(letters))
                .flatten()
        });
        if let Some(group) = group {
            self.groups.insert(group);
        } else if token.is_word() {
            self.free_words = self.free_words.saturating_add(u8::from(token.len() >= 3));
        } else if token.len() >= 16 && token.class & DIGIT != 0 && token.class & NON_ASCII == 0 {
            self.random_tokens = self.random_tokens.saturating_add(1);
        } else if token.class & (LOWER | UPPER) != 0 && letters.len() >= 4 {
            self.free_words = self.free_words.saturating_add(1);
        }
    }

    /// Nothing but random tokens, shards of them, and words that say nothing.
    pub(crate) fn only_random(&self) -> bool {
        let telling = self
            .groups
            .iter()
            .any(|group| *group != "plain" && *group != "chunks");
        self.random_tokens > 0 && self.free_words == 0 && self.long_numbers == 0 && !telling
    }
}

fn is_uuid(list: &[Token]) -> bool {
    let Some(five) = list.get(..5) else {
        return false;
    };
    five.iter().map(Token::len).eq([8, 4, 4, 4, 12])
        && five[..4].iter().all(|token| token.delimiter == b'-')
        && five
            .iter()
            .all(|token| token.class & !(DIGIT | LOWER_HEX | UPPER_HEX) == 0)
}

/// A date, a whole time, or an epoch near arrival.
fn is_time(key: &str, token: &Token, arrival_ms: Option<i64>) -> bool {
    let Some(value) = number(key, token) else {
        return false;
    };
    let length = u16::try_from(token.len()).unwrap_or(u16::MAX);
    match length {
        8 => date(value).is_some(),
        10 | 13 if arrival_ms.is_some_and(|arrival| near(epoch_ms(value, length), arrival)) => true,
        10 | 12 | 14 => date(value / 10_i64.pow(u32::from(length) - 8)).is_some(),
        _ => false,
    }
}

/// Counts over the sample.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    pub(crate) with_long_number: u64,
    pub(crate) with_two_long_numbers: u64,
    pub(crate) word_rich: u64,
    pub(crate) only_random: u64,
    pub(crate) partitioned: u64,
    pub(crate) versioned: u64,
    pub(crate) groups: BTreeMap<&'static str, u64>,
}

impl Names {
    pub(crate) fn of(rows: &[Row]) -> Self {
        let mut groups: BTreeMap<&'static str, u64> = BTreeMap::new();
        for group in rows.iter().flat_map(|row| &row.name.groups) {
            *groups.entry(group).or_insert(0) += 1;
        }
        Self {
            with_long_number: count(rows, |row| row.name.long_numbers > 0),
            with_two_long_numbers: count(rows, |row| row.name.long_numbers > 1),
            word_rich: count(rows, |row| row.name.free_words >= 3),
            only_random: count(rows, |row| {
                row.name.only_random() && row.key_time_ms.is_none()
            }),
            partitioned: count(rows, |row| row.name.partition),
            versioned: count(rows, |row| row.name.version),
            groups,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_long_digit_runs_that_are_no_times() {
        let numbers = |key: &str| NameFacts::of(key, Some(1_735_700_000_000)).long_numbers;
        assert_eq!(numbers("20250101/49301234567-1001-1735700001.wav"), 1);
        assert_eq!(numbers("20250101103000_4930123456789.mp3"), 1);
        assert_eq!(
            numbers("2025/01/01/0a1b2c3d-0000-4000-8000-123456789012.bin"),
            0
        );
    }

    #[test]
    fn random_names_are_told_from_words() {
        assert!(
            NameFacts::of("warehouse/ab/ab12cd34ef56ab12cd34ef56ab12cd34", None)
                .groups
                .contains("lake")
        );
        assert!(NameFacts::of("ab/cd/ab12cd34ef56ab12cd34ef56ab12cd34", None).only_random());
        assert!(
            !NameFacts::of("alice/letters/ab12cd34ef56ab12cd34ef56ab12cd34", None).only_random()
        );
    }
}
