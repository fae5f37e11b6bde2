//! From signatures to templates: the merge stage of PROFILE section 2. It refuses arrival order and floats: patterns are
//! ordered, joins are decided by integer likelihoods and code lengths over the final counts.

pub(crate) mod join;
pub(crate) mod slots;

use std::collections::BTreeMap;

use crate::calendar::{DAY_MS, day_number};
use crate::lexicon::lexicon;
use crate::profiler::Group;
use crate::sample::SampleRow;
use crate::signature::{
    DIGIT, ELIDED, GroupKey, LOWER, LOWER_HEX, NON_ASCII, Token, UPPER, UPPER_HEX, is_word, tokens,
};

/// What a part of a pattern matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Empty,
    Elided,
    /// One token of the claimed extension.
    Extension,
    /// Five tokens of 8-4-4-4-12 hex digits.
    Uuid,
    /// Four digits, nearly always 1990-2049.
    Year,
    /// Eight digits, nearly always a date.
    Date,
    /// Ten or thirteen digits, nearly always within days of arrival.
    Epoch,
    Digits {
        min: u16,
        max: u16,
    },
    /// Digits and a-f.
    Hex(u16),
    /// Only a-f: a word or a piece of hex.
    HexLetters(u16),
    Alnum {
        min: u16,
        max: u16,
    },
    Word,
    Text,
}

/// One part of a pattern and the delimiter after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    pub(crate) what: What,
    pub(crate) delimiter: u8,
}

impl Part {
    /// Tokens of the key that it covers.
    pub(crate) fn tokens(self) -> usize {
        if self.what == What::Uuid { 5 } else { 1 }
    }
}

/// A pattern within one claimed extension and one first directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pattern {
    pub(crate) extension: u16,
    pub(crate) directory: u16,
    pub(crate) parts: Vec<Part>,
}

/// Signatures joined under one pattern.
#[derive(Debug, Clone, Default)]
pub(crate) struct Members {
    pub(crate) objects: u64,
    pub(crate) keys: Vec<GroupKey>,
}

/// Merges the groups of a store into patterns.
pub(crate) fn merge(groups: &BTreeMap<GroupKey, Group>) -> BTreeMap<Pattern, Members> {
    let mut patterns: BTreeMap<Pattern, Members> = BTreeMap::new();
    for (key, group) in groups {
        let members = patterns.entry(pattern_of(key, group)).or_default();
        members.objects += group.counters.objects;
        members.keys.push(key.clone());
    }
    join::settle(patterns)
}

/// The pattern of one signature: UUIDs and the extension become single parts, and digits that are dates, years or
/// epochs throughout the sample are told apart from other digits, so that no join mixes them.
fn pattern_of(key: &GroupKey, group: &Group) -> Pattern {
    let shapes: Vec<(u8, u16, u8)> = key.shapes().collect();
    let extension_tokens = lexicon()
        .by_number(key.extension())
        .map_or(0, |extension| extension.tokens);
    let mut parts = Vec::with_capacity(shapes.len());
    let mut at = 0;
    while at < shapes.len() {
        let (class, length, delimiter) = shapes[at];
        if at + extension_tokens >= shapes.len() {
            parts.push(Part {
                what: What::Extension,
                delimiter,
            });
        } else if is_uuid(&shapes[at..]) {
            parts.push(Part {
                what: What::Uuid,
                delimiter: shapes[at + 4].2,
            });
            at += 5;
            continue;
        } else {
            let what = match what_of(class, length) {
                What::Digits { .. } => digits_of(length, at, group),
                other => other,
            };
            parts.push(Part { what, delimiter });
        }
        at += 1;
    }
    Pattern {
        extension: key.extension(),
        directory: key.directory(),
        parts,
    }
}

/// Five groups of 8-4-4-4-12 hex digits; digits alone in all five would be a number with dashes.
fn is_uuid(shapes: &[(u8, u16, u8)]) -> bool {
    let Some(five) = shapes.get(..5) else {
        return false;
    };
    let lengths = five.iter().map(|shape| shape.1).eq([8, 4, 4, 4, 12]);
    let dashes = five[..4].iter().all(|shape| shape.2 == b'-');
    let hex = five
        .iter()
        .all(|shape| shape.0 & !(DIGIT | LOWER_HEX | UPPER_HEX) == 0);
    lengths
        && dashes
        && hex
        && five
            .iter()
            .any(|shape| shape.0 & (LOWER_HEX | UPPER_HEX) != 0)
}

fn what_of(class: u8, length: u16) -> What {
    if class == ELIDED {
        What::Elided
    } else if class == 0 {
        What::Empty
    } else if class == DIGIT {
        What::Digits {
            min: length,
            max: length,
        }
    } else if is_word(class) {
        What::Word
    } else if class & (LOWER | UPPER | NON_ASCII) != 0 {
        What::Alnum {
            min: length,
            max: length,
        }
    } else if class & DIGIT != 0 {
        What::Hex(length)
    } else {
        What::HexLetters(length)
    }
}

/// Tells years, dates and epochs from other digits by nine tenths of the sample.
fn digits_of(length: u16, token: usize, group: &Group) -> What {
    let plain = What::Digits {
        min: length,
        max: length,
    };
    let what = match length {
        4 => What::Year,
        8 => What::Date,
        10 | 13 => What::Epoch,
        _ => return plain,
    };
    let mut list = Vec::new();
    let (mut fits, mut seen) = (0_usize, 0_usize);
    for row in group.sample.rows() {
        tokens(&row.key, &mut list);
        let Some(value) = list.get(token).and_then(|token| number(&row.key, token)) else {
            continue;
        };
        seen += 1;
        fits += usize::from(match what {
            What::Year => (1990..=2049).contains(&value),
            What::Date => date(value).is_some(),
            _ => row
                .arrival_ms()
                .is_some_and(|arrival| near(epoch_ms(value, length), arrival)),
        });
    }
    if seen > 0 && fits * 10 >= seen * 9 {
        what
    } else {
        plain
    }
}

/// A token's digits as a number; `None` when it holds anything else.
pub(crate) fn number(key: &str, token: &Token) -> Option<i64> {
    let text = &key[token.start..token.end];
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// The day number of `yyyymmdd` in 1990-2049.
pub(crate) fn date(value: i64) -> Option<i64> {
    let year = value / 10_000;
    (1990..=2049)
        .contains(&year)
        .then(|| day_number(year, value / 100 % 100, value % 100))
        .flatten()
}

/// Milliseconds of an epoch token by its length.
pub(crate) fn epoch_ms(value: i64, length: u16) -> i64 {
    if length == 10 {
        value.saturating_mul(1_000)
    } else {
        value
    }
}

/// Within two days: the rule by which the reader leaves an epoch unmasked.
pub(crate) fn near(left_ms: i64, right_ms: i64) -> bool {
    left_ms.abs_diff(right_ms) <= 2 * DAY_MS.unsigned_abs()
}

/// The spans of a key that the parts of its pattern cover; `None` when the key does not have that many tokens.
pub(crate) fn spans(parts: &[Part], row: &SampleRow, list: &mut Vec<Token>) -> Option<Vec<Token>> {
    tokens(&row.key, list);
    let mut at = 0;
    let mut spans = Vec::with_capacity(parts.len());
    for part in parts {
        let first = list.get(at)?;
        let last = list.get(at + part.tokens() - 1)?;
        spans.push(Token {
            end: last.end,
            delimiter: last.delimiter,
            ..*first
        });
        at += part.tokens();
    }
    Some(spans)
}
