//! JSON values as they stand in a record, looked into one level at a time and never copied.
//!
//! A reader asks for the fields it may read; what it does not ask for is passed over and never decoded. Duplicate names are
//! given in their order. Refuses what is no JSON; what it says about that names a place and never a value. Inside a text that is
//! passed over, only its end is looked for: a bad escape there goes unseen.
//!
//! A scanner of its own, because logs are mostly fields that no reader asks for: passing over them costs about a third of
//! what the general parsers take, which check, count or index what is never used.

use std::borrow::Cow;

use memchr::memchr2;

use crate::limits::JSON_DEPTH_MAX;

/// One value, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::formats) struct Raw<'a>(&'a str);

/// Why a text is no JSON value of the shape that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what}, at byte {at}")]
pub(in crate::formats) struct NotJson {
    what: &'static str,
    /// Counted from 1; 0 for the whole value.
    at: usize,
}

const OTHER_SHAPE: NotJson = NotJson {
    what: "JSON of another shape",
    at: 0,
};

/// A whole record: the bytes of one JSON object.
pub(in crate::formats) fn record(bytes: &[u8]) -> Result<Raw<'_>, NotJson> {
    std::str::from_utf8(bytes)
        .map(Raw)
        .map_err(|error| NotJson {
            what: "text that is not UTF-8",
            at: error.valid_up_to() + 1,
        })
}

impl<'a> Raw<'a> {
    /// The value of `text`, which holds one JSON value.
    pub(in crate::formats) fn of(text: &'a str) -> Self {
        Self(text.trim_ascii())
    }

    /// Whether it is an object.
    #[inline]
    pub(in crate::formats) fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    /// Whether it is an array.
    #[inline]
    pub(in crate::formats) fn is_array(self) -> bool {
        self.0.starts_with('[')
    }

    /// A text, a number or a truth value as text; nothing for null, objects and arrays.
    #[inline]
    pub(in crate::formats) fn text(self) -> Option<Cow<'a, str>> {
        match self.0.as_bytes().first()? {
            b'"' => unquoted(self.0),
            b'{' | b'[' | b'n' => None,
            _ => Some(Cow::Borrowed(self.0)),
        }
    }

    /// A truth value, also when it is written as a text.
    pub(in crate::formats) fn flag(self) -> Option<bool> {
        match self.0 {
            "true" | "\"true\"" | "\"True\"" => Some(true),
            "false" | "\"false\"" | "\"False\"" => Some(false),
            _ => None,
        }
    }

    /// Gives name and value of each field, in order.
    #[inline]
    pub(in crate::formats) fn fields(
        self,
        mut each: impl FnMut(&str, Raw<'a>),
    ) -> Result<(), NotJson> {
        let mut scan = Scan::new(self.0);
        if scan.next() != Some(b'{') {
            return scan.other_shape();
        }
        scan.at += 1;
        let mut is_first = true;
        while let Some(name) = scan.name(is_first)? {
            is_first = false;
            let value = scan.value()?;
            match unquoted(name) {
                Some(name) => each(&name, Raw(value)),
                None => return Err(scan.not_json(scan.at)),
            }
        }
        scan.end()
    }

    /// Gives each element, in order.
    pub(in crate::formats) fn elements(self, mut each: impl FnMut(Raw<'a>)) -> Result<(), NotJson> {
        let mut scan = Scan::new(self.0);
        if scan.next() != Some(b'[') {
            return scan.other_shape();
        }
        scan.at += 1;
        let mut is_first = true;
        while scan.has_element(is_first)? {
            is_first = false;
            each(Raw(scan.value()?));
        }
        scan.end()
    }
}

/// What stands between the quotes of `quoted`; nothing when an escape in it is bad.
#[inline]
fn unquoted(quoted: &str) -> Option<Cow<'_, str>> {
    let inside = quoted.get(1..quoted.len() - 1)?;
    if memchr::memchr(b'\\', inside.as_bytes()).is_none() {
        Some(Cow::Borrowed(inside))
    } else {
        serde_json::from_str(quoted).ok().map(Cow::Owned)
    }
}

/// A place in a text that is read once, from beginning to end.
struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
        }
    }

    /// The next byte that is no space.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// That the byte at `at` cannot stand there, or that the text ends there.
    #[cold]
    fn not_json(&self, at: usize) -> NotJson {
        if at >= self.bytes.len() {
            NotJson {
                what: "JSON that ends early",
                at: self.bytes.len(),
            }
        } else {
            NotJson {
                what: "text that is not JSON",
                at: at + 1,
            }
        }
    }

    #[cold]
    fn other_shape(&mut self) -> Result<(), NotJson> {
        self.value()?;
        Err(OTHER_SHAPE)
    }

    /// Nothing may follow.
    fn end(&mut self) -> Result<(), NotJson> {
        match self.next() {
            None => Ok(()),
            Some(_) => Err(self.not_json(self.at)),
        }
    }

    /// The next name of an object, in its quotes, and goes behind its colon; nothing at the end of the object.
    #[inline]
    fn name(&mut self, is_first: bool) -> Result<Option<&'a str>, NotJson> {
        match self.next() {
            Some(b'}') => {
                self.at += 1;
                return Ok(None);
            }
            Some(b',') if !is_first => self.at += 1,
            Some(b'"') if is_first => {}
            _ => return Err(self.not_json(self.at)),
        }
        if self.next() != Some(b'"') {
            return Err(self.not_json(self.at));
        }
        let start = self.at;
        self.string()?;
        let name = &self.text[start..self.at];
        if self.next() != Some(b':') {
            return Err(self.not_json(self.at));
        }
        self.at += 1;
        Ok(Some(name))
    }

    /// Whether another element of an array comes next.
    #[inline]
    fn has_element(&mut self, is_first: bool) -> Result<bool, NotJson> {
        match self.next() {
            Some(b']') => {
                self.at += 1;
                Ok(false)
            }
            Some(b',') if !is_first => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if is_first => Ok(true),
            _ => Err(self.not_json(self.at)),
        }
    }

    /// Goes over a value and gives it.
    #[inline]
    fn value(&mut self) -> Result<&'a str, NotJson> {
        self.next();
        let start = self.at;
        self.pass(0)?;
        Ok(&self.text[start..self.at])
    }

    /// Goes over the value that begins here.
    fn pass(&mut self, depth: u32) -> Result<(), NotJson> {
        match self.next() {
            Some(b'"') => self.string(),
            Some(b'{') if depth < JSON_DEPTH_MAX => {
                self.at += 1;
                let mut is_first = true;
                while self.name(is_first)?.is_some() {
                    is_first = false;
                    self.pass(depth + 1)?;
                }
                Ok(())
            }
            Some(b'[') if depth < JSON_DEPTH_MAX => {
                self.at += 1;
                let mut is_first = true;
                while self.has_element(is_first)? {
                    is_first = false;
                    self.pass(depth + 1)?;
                }
                Ok(())
            }
            Some(b'n') => self.word(b"null"),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'-' | b'0'..=b'9') => {
                self.at += 1;
                while let Some(b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') =
                    self.bytes.get(self.at)
                {
                    self.at += 1;
                }
                Ok(())
            }
            _ => Err(self.not_json(self.at)),
        }
    }

    /// Goes over the string that begins here.
    #[inline]
    fn string(&mut self) -> Result<(), NotJson> {
        let mut at = self.at + 1;
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let Some(length) = memchr2(b'"', b'\\', rest) else {
                return Err(self.not_json(self.bytes.len()));
            };
            at += length;
            if self.bytes[at] == b'"' {
                self.at = at + 1;
                return Ok(());
            }
            at += 2;
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), NotJson> {
        let rest = &self.bytes[self.at..];
        let same = rest.iter().zip(word).take_while(|(a, b)| a == b).count();
        self.at += same;
        if same == word.len() {
            Ok(())
        } else {
            Err(self.not_json(self.at))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn values_are_told_by_how_they_are_written() {
        let record = record(
            b"{\"a\": \"x\", \"b\": 1.50, \"c\": null, \"d\": [1, \"\\u00e4\"], \"e\\\"f\": {\"g\": true}}",
        )
        .unwrap();
        let mut met = Vec::new();
        record
            .fields(|name, value| met.push((name.to_owned(), value)))
            .unwrap();
        let texts: Vec<_> = met.iter().map(|(_, value)| value.text()).collect();
        assert_eq!(
            texts,
            [Some("x".into()), Some("1.50".into()), None, None, None]
        );
        assert_eq!(met[4].0, "e\"f");
        let mut inner = Vec::new();
        met[3]
            .1
            .elements(|value| inner.push(value.text().unwrap()))
            .unwrap();
        assert_eq!(inner, ["1", "ä"]);
        met[4]
            .1
            .fields(|name, value| assert_eq!((name, value.flag()), ("g", Some(true))))
            .unwrap();
    }

    #[test]
    fn what_is_no_json_is_refused_without_showing_it() {
        for (bytes, said) in [
            (
                &b"{\"secret\": tru}"[..],
                "text that is not JSON, at byte 15",
            ),
            (b"{\"secret\": 1", "JSON that ends early, at byte 12"),
            (b"[1]", "JSON of another shape, at byte 0"),
            (b"{} secret", "text that is not JSON, at byte 4"),
            (b"{\"\xff\": 1}", "text that is not UTF-8, at byte 3"),
        ] {
            let error = record(bytes).and_then(|raw| raw.fields(|_, _| {}));
            assert_eq!(error.unwrap_err().to_string(), said);
        }
        let deep = "[".repeat(100_000);
        assert!(
            Raw::of(&format!("{{\"a\":{deep}"))
                .fields(|_, _| {})
                .is_err()
        );
    }
}
