//! Masked views of a key. It refuses to show a character that could identify someone: examples keep delimiters, the
//! claimed extension and words of the lexicon; the sampling view hides whatever the reader replaces by keyed tokens.

use crate::lexicon::lexicon;
use crate::signature::{DIGIT, LOWER, NON_ASCII, Token, UPPER, class_of};

/// The key as a published example shows it: digits `d`, letters of hex tokens `h`, other letters `a`, other characters
/// `u`; words of the lexicon and the claimed extension stay, unless they stand beside a mail address.
pub(crate) fn example(key: &str, tokens: &[Token], extension_tokens: usize) -> String {
    let mut text = String::with_capacity(key.len());
    for (at, token) in tokens.iter().enumerate() {
        let part = &key[token.start..token.end];
        let last = at + extension_tokens >= tokens.len();
        if !token.keyed && (last || lexicon().is_word(part)) {
            text.push_str(part);
        } else {
            let hex = token.class & (LOWER | UPPER | NON_ASCII) == 0
                && (token.class & DIGIT != 0 || token.len() >= 8);
            text.extend(part.chars().map(|letter| match letter {
                '0'..='9' => 'd',
                'a'..='z' | 'A'..='Z' if hex => 'h',
                'a'..='z' | 'A'..='Z' => 'a',
                _ if letter.is_ascii() => letter,
                _ => 'u',
            }));
        }
        if token.delimiter != crate::signature::END {
            text.push(char::from(token.delimiter));
        }
    }
    text
}

/// Writes the key as the sampling hash sees it: everything the reader may have replaced by a keyed token (long digit
/// runs, digit groups of phone-number size, segments with a mail address) is masked, so that which objects are
/// sampled does not depend on the case's salt (DESIGN section 10).
pub(crate) fn for_sampling(key: &str, tokens: &[Token], into: &mut Vec<u8>) {
    into.clear();
    into.extend_from_slice(key.as_bytes());
    mask_long_runs(into);
    mask_groups(into);
    for token in tokens.iter().filter(|token| token.keyed) {
        for byte in &mut into[token.start..token.end] {
            *byte = match class_of(*byte) {
                DIGIT => b'#',
                _ => b'@',
            };
        }
    }
}

/// Masks every digit of runs of seven or more, and every byte above 127: digits of other scripts are replaced too.
fn mask_long_runs(bytes: &mut [u8]) {
    let mut start = 0;
    for at in 0..=bytes.len() {
        if at < bytes.len() && bytes[at].is_ascii_digit() {
            continue;
        }
        if at - start >= 7 {
            bytes[start..at].fill(b'#');
        }
        start = at + 1;
    }
    for byte in bytes.iter_mut().filter(|byte| **byte >= 0x80) {
        *byte = b'#';
    }
}

/// Masks digit groups joined by single separators that together hold nine digits or more.
fn mask_groups(bytes: &mut [u8]) {
    let joins = |byte: u8| matches!(byte, b'-' | b'.' | b' ' | b'(' | b')' | b'+');
    let digit = |byte: u8| byte.is_ascii_digit() || byte == b'#';
    let mut start = 0;
    while start < bytes.len() {
        if !digit(bytes[start]) {
            start += 1;
            continue;
        }
        let mut end = start;
        let mut digits = 0;
        while end < bytes.len() && (digit(bytes[end]) || joins(bytes[end])) {
            digits += usize::from(digit(bytes[end]));
            end += 1;
        }
        if digits >= 9 {
            for byte in bytes[start..end]
                .iter_mut()
                .filter(|byte| byte.is_ascii_digit())
            {
                *byte = b'#';
            }
        }
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::tokens;

    fn sampling(key: &str) -> String {
        let (mut list, mut bytes) = (Vec::new(), Vec::new());
        tokens(key, &mut list);
        for_sampling(key, &list, &mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[test]
    fn what_the_reader_keys_does_not_reach_the_sampling_hash() {
        for (left, right) in [
            ("a/4930123456.wav", "a/9876543210.wav"),
            ("in/x.y@example.org/1.eml", "in/q.r@wqqpqtw.wqw/1.eml"),
            ("call 030-123-4567.mp3", "call 999-888-7777.mp3"),
            ("h/00aa1234567ff", "h/00aa7654321ff"),
        ] {
            assert_eq!(sampling(left), sampling(right));
        }
        assert_ne!(sampling("2024/01/02/a.wav"), sampling("2024/01/03/a.wav"));
    }

    #[test]
    fn examples_keep_no_name_and_no_number() {
        let mut list = Vec::new();
        let key = "calls/2024/alice/49301234567-deadbeef01.wav";
        tokens(key, &mut list);
        assert_eq!(
            example(key, &list, 1),
            "calls/dddd/aaaaa/ddddddddddd-hhhhhhhhdd.wav"
        );
    }
}
