//! One look at a JSON text, from beginning to end, by a reader that knows what it looks for.
//!
//! A reader asks for the fields it may read; what it does not ask for is passed over and never decoded. Refuses what is no
//! JSON, control characters in texts among it; what it says about that names a place and never a value. Inside a text that is
//! passed over only its end is looked for, so a bad escape there goes unseen.
//!
//! A scanner of its own, because most of a log are fields that no reader may read, and the general parsers check, count,
//! index or copy what is never used.

use std::borrow::Cow;

use memchr::memchr3;

use super::raw::Raw;
use crate::limits::JSON_DEPTH_MAX;

/// Why a text is no JSON value of the shape that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what}, at byte {at}")]
pub(in crate::formats) struct NotJson {
    pub(super) what: &'static str,
    /// Counted from 1; 0 for the whole value.
    pub(super) at: usize,
}

/// A place in a text that is read once, from beginning to end.
#[derive(Debug)]
pub(in crate::formats) struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// Objects and arrays that are open.
    depth: u32,
}

/// A string that was gone over.
struct Quoted<'a> {
    /// With its quotes.
    written: &'a str,
    has_escape: bool,
}

impl<'a> Quoted<'a> {
    /// What it says; nothing when an escape in it is bad.
    #[inline]
    fn text(&self) -> Option<Cow<'a, str>> {
        if self.has_escape {
            return serde_json::from_str(self.written).ok().map(Cow::Owned);
        }
        let inside = self.written.get(1..self.written.len() - 1)?;
        Some(Cow::Borrowed(inside))
    }
}

impl<'a> Scan<'a> {
    /// At the beginning of `text`.
    pub(in crate::formats) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
        }
    }

    /// Bytes gone over so far.
    pub(in crate::formats) fn at(&self) -> usize {
        self.at
    }

    /// The first byte of the next value.
    #[inline]
    pub(in crate::formats) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            let byte = *bytes.get(self.at)?;
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Goes over the object that comes next. `each` is given the name of each field and goes over its value.
    #[inline]
    pub(in crate::formats) fn fields(
        &mut self,
        mut each: impl FnMut(&mut Self, &str) -> Result<(), NotJson>,
    ) -> Result<(), NotJson> {
        self.open(b'{')?;
        let mut is_first = true;
        while self.has_name(is_first)? {
            is_first = false;
            let Some(name) = self.name()?.text() else {
                return Err(self.not_json());
            };
            each(self, &name)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// As [`Self::fields`], for an object whose names are known, each written as `"name":`, in the order in which they are
    /// usually met. `each` is given what is known of the name, or nothing, and the name.
    ///
    /// A name that is met where it is expected need not be looked for.
    #[inline]
    pub(in crate::formats) fn known_fields<F: Copy>(
        &mut self,
        known: &[(&str, F)],
        mut each: impl FnMut(&mut Self, Option<F>, &str) -> Result<(), NotJson>,
    ) -> Result<(), NotJson> {
        self.open(b'{')?;
        let mut next = 0;
        let mut is_first = true;
        while self.has_name(is_first)? {
            is_first = false;
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let expected = known.get(next..).unwrap_or_default();
            let met = expected
                .iter()
                .take(EXPECTED_MAX)
                .position(|(written, _)| rest.starts_with(written.as_bytes()));
            if let Some(place) = met {
                next += place + 1;
                let (written, what) = expected[place];
                self.at += written.len();
                each(self, Some(what), bare(written))?;
                continue;
            }
            let Some(name) = self.name()?.text() else {
                return Err(self.not_json());
            };
            let place = known.iter().position(|(written, _)| bare(written) == name);
            if let Some(place) = place {
                next = place + 1;
            }
            each(self, place.map(|place| known[place].1), &name)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Goes over the array that comes next. `each` goes over each element.
    #[inline]
    pub(in crate::formats) fn elements(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Result<(), NotJson>,
    ) -> Result<(), NotJson> {
        self.open(b'[')?;
        let mut is_first = true;
        while self.has_element(is_first)? {
            is_first = false;
            each(self)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// A text, a number or a truth value as text; nothing for null, objects and arrays. Goes over it.
    #[inline]
    pub(in crate::formats) fn text(&mut self) -> Result<Option<Cow<'a, str>>, NotJson> {
        if self.peek() == Some(b'"') {
            return Ok(self.string()?.text());
        }
        Ok(self.raw()?.text())
    }

    /// A truth value, also when it is written as a text. Goes over it.
    #[inline]
    pub(in crate::formats) fn flag(&mut self) -> Result<Option<bool>, NotJson> {
        Ok(self.raw()?.flag())
    }

    /// The next value as it is written. Goes over it.
    #[inline]
    pub(in crate::formats) fn raw(&mut self) -> Result<Raw<'a>, NotJson> {
        self.peek();
        let start = self.at;
        self.pass()?;
        Ok(self.since(start))
    }

    /// The value that was gone over since `start`.
    #[inline]
    pub(in crate::formats) fn since(&self, start: usize) -> Raw<'a> {
        Raw::whole(&self.text[start..self.at])
    }

    /// That what comes next is not what the reader expects.
    #[cold]
    pub(in crate::formats) fn refused(&self, what: &'static str) -> NotJson {
        NotJson {
            what,
            at: self.at + 1,
        }
    }

    /// Nothing may follow.
    pub(in crate::formats) fn end(&mut self) -> Result<(), NotJson> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.not_json()),
        }
    }

    /// Goes over the next value.
    pub(in crate::formats) fn pass(&mut self) -> Result<(), NotJson> {
        match self.peek() {
            Some(b'"') => self.string().map(|_| ()),
            Some(b'{') => {
                self.open(b'{')?;
                let mut is_first = true;
                while self.has_name(is_first)? {
                    is_first = false;
                    self.name()?;
                    self.pass()?;
                }
                self.depth -= 1;
                Ok(())
            }
            Some(b'[') => self.elements(Self::pass),
            Some(b'n') => self.word("null"),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'-' | b'0'..=b'9') => {
                let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
                let length = rest
                    .iter()
                    .take_while(|byte| {
                        matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')
                    })
                    .count();
                self.at += length;
                Ok(())
            }
            _ => Err(self.not_json()),
        }
    }

    /// That the next byte cannot stand there, or that the text ends there.
    #[cold]
    fn not_json(&self) -> NotJson {
        if self.at >= self.text.len() {
            NotJson {
                what: "JSON that ends early",
                at: self.text.len(),
            }
        } else {
            NotJson {
                what: "text that is not JSON",
                at: self.at + 1,
            }
        }
    }

    /// Goes into an object or an array.
    #[inline]
    fn open(&mut self, bracket: u8) -> Result<(), NotJson> {
        if self.peek() != Some(bracket) {
            self.pass()?;
            return Err(NotJson {
                what: "JSON of another shape",
                at: 0,
            });
        }
        if self.depth >= JSON_DEPTH_MAX {
            return Err(self.not_json());
        }
        self.at += 1;
        self.depth += 1;
        Ok(())
    }

    /// Whether another name of an object comes next.
    #[inline]
    fn has_name(&mut self, is_first: bool) -> Result<bool, NotJson> {
        match self.peek() {
            Some(b'}') => {
                self.at += 1;
                return Ok(false);
            }
            Some(b',') if !is_first => self.at += 1,
            Some(b'"') if is_first => return Ok(true),
            _ => return Err(self.not_json()),
        }
        if self.peek() == Some(b'"') {
            Ok(true)
        } else {
            Err(self.not_json())
        }
    }

    /// Goes over the name that begins here, and its colon.
    #[inline]
    fn name(&mut self) -> Result<Quoted<'a>, NotJson> {
        let name = self.string()?;
        if self.peek() != Some(b':') {
            return Err(self.not_json());
        }
        self.at += 1;
        Ok(name)
    }

    /// Whether another element of an array comes next.
    #[inline]
    fn has_element(&mut self, is_first: bool) -> Result<bool, NotJson> {
        match self.peek() {
            Some(b']') => {
                self.at += 1;
                Ok(false)
            }
            Some(b',') if !is_first => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if is_first => Ok(true),
            _ => Err(self.not_json()),
        }
    }

    /// Goes over the string that begins here.
    #[inline]
    fn string(&mut self) -> Result<Quoted<'a>, NotJson> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut has_escape = false;
        self.at += 1;
        loop {
            let rest = bytes.get(self.at..).unwrap_or_default();
            let length = stop_in(rest).unwrap_or(rest.len());
            self.at += length;
            match rest.get(length) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Quoted {
                        written: &self.text[start..self.at],
                        has_escape,
                    });
                }
                Some(b'\\') => {
                    has_escape = true;
                    self.at = (self.at + 2).min(bytes.len());
                    // The escape is of one byte, but what is escaped may be a character of several.
                    while !self.text.is_char_boundary(self.at) {
                        self.at += 1;
                    }
                }
                _ => return Err(self.not_json()),
            }
        }
    }

    fn word(&mut self, word: &str) -> Result<(), NotJson> {
        let rest = &self.text.as_bytes()[self.at..];
        let same = rest
            .iter()
            .zip(word.as_bytes())
            .take_while(|(a, b)| a == b)
            .count();
        self.at += same;
        if same == word.len() {
            Ok(())
        } else {
            Err(self.not_json())
        }
    }
}

/// Known names that are tried before a name is looked for: a few can be left out of any record.
const EXPECTED_MAX: usize = 4;

/// The name in `"name":`.
fn bare(written: &str) -> &str {
    written
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix("\":"))
        .unwrap_or(written)
}

/// Words of eight bytes that are looked at in place: most strings end within them.
const WORDS_IN_PLACE: usize = 4;

/// The place of the first quote, backslash or line break.
#[inline]
fn stop_in(bytes: &[u8]) -> Option<usize> {
    let (words, _) = bytes.as_chunks::<8>();
    for (place, word) in words.iter().take(WORDS_IN_PLACE).enumerate() {
        let stops = stops_in(u64::from_le_bytes(*word));
        if stops != 0 {
            return Some(place * 8 + (stops.trailing_zeros() / 8) as usize);
        }
    }
    let from = words.len().min(WORDS_IN_PLACE) * 8;
    memchr3(b'"', b'\\', b'\n', &bytes[from..]).map(|at| from + at)
}

/// A high bit for bytes that are a quote, a backslash or a line break. Bits above the lowest one can be wrong: the borrow of
/// a subtraction goes up, never down.
#[inline]
fn stops_in(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let is = |byte: u8| zeros(word ^ (ONES * u64::from(byte)));
    is(b'"') | is(b'\\') | is(b'\n')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn stops_are_found_where_they_are(bytes in proptest::collection::vec(prop_oneof![4 => any::<u8>(), 1 => Just(b'"'), 1 => Just(b'\\'), 1 => Just(b'\n')], 0..80)) {
            let first = bytes.iter().position(|b| matches!(b, b'"' | b'\\' | b'\n'));
            prop_assert_eq!(stop_in(&bytes), first);
        }

        #[test]
        fn what_the_general_parser_reads_is_gone_over_whole(text in "[\\[\\]{}\",:\\\\ a1ä.e-]{0,12}|(\\[|\\{\"[a\\\\\"n]{0,3}\": ?|[0-9.e-]{1,3}|null|true|\"|,|\\]|\\}){0,14}") {
            let mut scan = Scan::new(&text);
            let is_gone_over = scan.pass().and_then(|()| scan.end()).is_ok();
            let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            // It is laxer about numbers and escapes, never stricter.
            prop_assert!(is_gone_over || !is_json, "{text}");
            if is_gone_over && !is_json {
                let is_lax = text.contains('\\') || text.contains(|c: char| c.is_ascii_digit() || c == '-');
                prop_assert!(is_lax, "{text}");
            }
        }
    }

    #[test]
    fn a_record_is_read_once_from_beginning_to_end() {
        let text =
            "{\"a\": \"x\\\"y\", \"b\": {\"c\": [1, {}]}, \"d\": [true, null], \"e\": 7} behind";
        let mut scan = Scan::new(text);
        let mut met = Vec::new();
        scan.fields(|scan, name| {
            let value = match name {
                "a" | "e" => scan.text()?.unwrap().into_owned(),
                "d" => {
                    let mut flags = Vec::new();
                    scan.elements(|scan| {
                        flags.push(scan.flag()?);
                        Ok(())
                    })?;
                    format!("{flags:?}")
                }
                _ => {
                    scan.pass()?;
                    String::new()
                }
            };
            met.push((name.to_owned(), value));
            Ok(())
        })
        .unwrap();
        let met: Vec<_> = met.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(
            met,
            [
                ("a", "x\"y"),
                ("b", ""),
                ("d", "[Some(true), None]"),
                ("e", "7")
            ]
        );
        assert_eq!(&text[scan.at()..], " behind");
        assert!(scan.end().is_err());
    }

    #[test]
    fn known_names_are_met_in_any_order_and_form() {
        let known = [("\"a\":", 'A'), ("\"ab\":", 'B'), ("\"c\":", 'C')];
        let met = |text: &str| {
            let mut met = String::new();
            let mut scan = Scan::new(text);
            let read = scan.known_fields(&known, |scan, what, name| {
                met += &format!("{}{name}={} ", what.unwrap_or('?'), scan.text()?.unwrap());
                Ok(())
            });
            read.and_then(|()| scan.end()).map(|()| met)
        };
        for (text, expected) in [
            ("{}", ""),
            (r#"{"a":1,"ab":2,"c":3}"#, "Aa=1 Bab=2 Cc=3 "),
            (r#"{ "c" : 3 , "x":4,"a": 1,"a":2}"#, "Cc=3 ?x=4 Aa=1 Aa=2 "),
            (r#"{"\u0061b":"y","abc":5}"#, "Bab=y ?abc=5 "),
        ] {
            assert_eq!(met(text).unwrap(), expected);
        }
        for text in [
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a":1 "c":2}"#,
            r#"{,"a":1}"#,
        ] {
            assert!(met(text).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded_over_all_that_is_open() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(Scan::new(&nested(64)).pass().is_ok());
        assert!(Scan::new(&nested(65)).pass().is_err());
        let text = format!("{{\"a\":{}}}", nested(64));
        assert!(Scan::new(&text).fields(|scan, _| scan.pass()).is_err());
    }
}
