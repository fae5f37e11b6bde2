//! The token-class signature of a key (PROFILE section 2): order-free and exact. It refuses values: a signature holds
//! character classes, lengths and delimiters, never a character of a token.

use std::borrow::Borrow;
use std::fmt;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Class bit: a decimal digit.
pub const DIGIT: u8 = 1;
/// Class bit: `a` to `f`.
pub const LOWER_HEX: u8 = 2;
/// Class bit: `g` to `z`.
pub const LOWER: u8 = 4;
/// Class bit: `A` to `F`.
pub const UPPER_HEX: u8 = 8;
/// Class bit: `G` to `Z`.
pub const UPPER: u8 = 16;
/// Class bit: a byte above 127.
pub const NON_ASCII: u8 = 32;
/// In place of class bits: tokens left out of the middle of a very long key.
pub const ELIDED: u8 = 64;

/// The delimiter that ends a key in a signature. It is no delimiter byte, because bytes above 127 are token bytes.
pub const END: u8 = 0xFF;

/// Tokens of a key that its signature describes; of a longer key, the first [`HEAD_TOKENS`] and the last few.
const TOKENS_MAX: usize = 48;
const HEAD_TOKENS: usize = 40;

const CLASS: [u8; 256] = class_table();

const fn class_table() -> [u8; 256] {
    let mut table = [0_u8; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte {
            0x30..=0x39 => DIGIT,
            0x61..=0x66 => LOWER_HEX,
            0x67..=0x7A => LOWER,
            0x41..=0x46 => UPPER_HEX,
            0x47..=0x5A => UPPER,
            0x80..=0xFF => NON_ASCII,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// The class bit of a byte; zero for a delimiter.
pub fn class_of(byte: u8) -> u8 {
    CLASS[usize::from(byte)]
}

/// One token of a key: its place, its classes and what ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// First byte in the key.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Class bits of its bytes; zero when empty, [`ELIDED`] for tokens left out.
    pub class: u8,
    /// The delimiter byte after it, or [`END`].
    pub delimiter: u8,
    /// Whether it stands in a path segment with a mail address, where the reader replaces letters by keyed ones.
    pub keyed: bool,
}

impl Token {
    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether it has no byte, as between two delimiters.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// A word: a letter outside a-f (or a non-ASCII byte) and no digit. Its length is not part of the signature.
    pub fn is_word(&self) -> bool {
        is_word(self.class)
    }
}

/// Whether class bits make a word.
pub fn is_word(class: u8) -> bool {
    class & (LOWER | UPPER | NON_ASCII) != 0 && class & DIGIT == 0
}

/// Splits a key on every byte that is neither alphanumeric nor above 127.
///
/// In a path segment with a mail address (`@` or `%40`) every letter counts as `g`-`z`: the reader has replaced those
/// letters by keyed ones, and a signature that told `a`-`f` from `g`-`z` there would depend on the case's salt.
pub fn tokens(key: &str, into: &mut Vec<Token>) {
    into.clear();
    let bytes = key.as_bytes();
    let mut start = 0;
    let mut class = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let bit = class_of(byte);
        if bit == 0 {
            into.push(Token {
                start,
                end: at,
                class,
                delimiter: byte,
                keyed: false,
            });
            start = at + 1;
            class = 0;
        } else {
            class |= bit;
        }
    }
    into.push(Token {
        start,
        end: bytes.len(),
        class,
        delimiter: END,
        keyed: false,
    });
    if has_address(bytes) {
        mark_addresses(bytes, into);
    }
    elide(into);
}

fn has_address(segment: &[u8]) -> bool {
    segment.contains(&b'@') || segment.windows(3).any(|three| three == b"%40")
}

/// Marks the tokens of every path segment that holds a mail address.
fn mark_addresses(bytes: &[u8], tokens: &mut [Token]) {
    let mut first = 0;
    while first < tokens.len() {
        let last = tokens[first..]
            .iter()
            .position(|token| token.delimiter == b'/')
            .map_or(tokens.len() - 1, |at| first + at);
        if has_address(&bytes[tokens[first].start..tokens[last].end]) {
            for token in &mut tokens[first..=last] {
                token.keyed = true;
                if token.class & !DIGIT != 0 {
                    token.class = (token.class & DIGIT) | LOWER;
                }
            }
        }
        first = last + 1;
    }
}

/// Replaces the middle of a key of very many tokens by one elided token, so that signatures stay bounded.
fn elide(tokens: &mut Vec<Token>) {
    if tokens.len() <= TOKENS_MAX {
        return;
    }
    let tail = tokens.len() - (TOKENS_MAX - HEAD_TOKENS - 1);
    let gap = Token {
        start: tokens[HEAD_TOKENS].start,
        end: tokens[tail - 1].end,
        class: ELIDED,
        delimiter: tokens[tail - 1].delimiter,
        keyed: false,
    };
    tokens.splice(HEAD_TOKENS..tail, [gap]);
}

/// Appends the canonical bytes of tokens: per token its class, its length (two bytes, little-endian, zero for words
/// and elided tokens, at most 65,535) and its delimiter.
pub fn write_signature(tokens: &[Token], into: &mut Vec<u8>) {
    for token in tokens {
        let length = if token.is_word() || token.class == ELIDED {
            0
        } else {
            token.len()
        };
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        into.push(token.class);
        into.extend_from_slice(&length.to_le_bytes());
        into.push(token.delimiter);
    }
}

/// What objects are grouped by before templates are merged: claimed extension, first directory where it is a word of
/// the lexicon, and signature, as canonical bytes. It holds no characters of the key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey(Vec<u8>);

/// Bytes before the signature: two for the extension, two for the first directory.
const HEADER: usize = 4;

impl GroupKey {
    /// Wraps canonical bytes as [`GroupKey::write`] makes them.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// Writes the canonical bytes of a group.
    pub fn write(extension: u16, directory: u16, tokens: &[Token], into: &mut Vec<u8>) {
        into.clear();
        into.extend_from_slice(&extension.to_be_bytes());
        into.extend_from_slice(&directory.to_be_bytes());
        write_signature(tokens, into);
    }

    /// The claimed extension's number in the lexicon; zero is none.
    pub fn extension(&self) -> u16 {
        u16::from_be_bytes([self.byte(0), self.byte(1)])
    }

    /// The first directory's number in the lexicon; zero is none.
    pub fn directory(&self) -> u16 {
        u16::from_be_bytes([self.byte(2), self.byte(3)])
    }

    /// Class, length and delimiter of each token.
    pub fn shapes(&self) -> impl Iterator<Item = (u8, u16, u8)> + '_ {
        self.0
            .get(HEADER..)
            .unwrap_or_default()
            .chunks_exact(4)
            .map(|four| (four[0], u16::from_le_bytes([four[1], four[2]]), four[3]))
    }

    fn byte(&self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(0)
    }
}

impl Borrow<[u8]> for GroupKey {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for GroupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for GroupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for GroupKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for GroupKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Hex;
        impl Visitor<'_> for Hex {
            type Value = GroupKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an even number of hex digits")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<GroupKey, E> {
                let digits = text.as_bytes();
                if !digits.len().is_multiple_of(2) || !text.is_ascii() {
                    return Err(E::custom("an odd number of hex digits"));
                }
                (0..digits.len())
                    .step_by(2)
                    .map(|at| u8::from_str_radix(&text[at..at + 2], 16).map_err(E::custom))
                    .collect::<Result<Vec<u8>, E>>()
                    .map(GroupKey)
            }
        }
        deserializer.deserialize_str(Hex).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(key: &str) -> String {
        let mut list = Vec::new();
        tokens(key, &mut list);
        let mut bytes = Vec::new();
        GroupKey::write(0, 0, &list, &mut bytes);
        let mut text = String::new();
        for (class, length, delimiter) in GroupKey::from_bytes(&bytes).shapes() {
            for (bit, letter) in [
                (DIGIT, 'd'),
                (LOWER_HEX, 'h'),
                (LOWER, 'l'),
                (UPPER_HEX, 'H'),
                (UPPER, 'L'),
                (NON_ASCII, 'u'),
                (ELIDED, '~'),
            ] {
                if class & bit != 0 {
                    text.push(letter);
                }
            }
            if length > 0 {
                text.push_str(&length.to_string());
            }
            if delimiter != END {
                text.push(char::from(delimiter));
            }
        }
        text
    }

    #[test]
    fn signatures_hold_classes_lengths_and_delimiters() {
        for (key, expected) in [
            ("2024/01/02/call.wav", "d4/d2/d2/hl.hl"),
            ("a.b", "h1.h1"),
            ("cafe-BABE_12ab", "h4-H4_dh4"),
            ("Straße/x", "hlLu/l"),
            ("t03", "dl3"),
            ("logs//x", "l//l"),
            ("", ""),
            ("a/", "h1/"),
        ] {
            assert_eq!(shape(key), expected, "{key}");
        }
    }

    #[test]
    fn letters_of_a_mail_address_do_not_shape_the_signature() {
        assert_eq!(shape("in/abc.d@example.com/1.eml"), "l/l.l@l.l/d1.hl");
        assert_eq!(
            shape("in/abc.d@example.com/1.eml"),
            shape("in/xyz.q@wqqpqtw.qqw/7.eml")
        );
        assert_eq!(shape("abc%40example.org"), shape("xyz%40wqqpqtw.wqw"));
    }

    #[test]
    fn keys_of_many_tokens_are_bounded() {
        let long = "a/".repeat(500) + "x.wav";
        let mut list = Vec::new();
        tokens(&long, &mut list);
        assert_eq!(list.len(), TOKENS_MAX);
        assert!(shape(&long).ends_with("l.hl"));
    }
}
