//! JSON values as they stand in a record, looked into one level at a time and never copied.
//!
//! For readers that want a value only sometimes, or more than once; [`Scan`](super::scan::Scan) is for the rest, and says
//! what counts as JSON. Duplicate names are given in their order.

use std::borrow::Cow;

pub(in crate::formats) use super::scan::NotJson;
use super::scan::Scan;

/// One value, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::formats) struct Raw<'a>(&'a str);

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

    /// A value that was gone over: `text` from its first byte to its last.
    pub(super) fn whole(text: &'a str) -> Self {
        Self(text)
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

    /// At the beginning of the value.
    pub(in crate::formats) fn scan(self) -> Scan<'a> {
        Scan::new(self.0)
    }

    /// A text, a number or a truth value as text; nothing for null, objects and arrays.
    #[inline]
    pub(in crate::formats) fn text(self) -> Option<Cow<'a, str>> {
        match self.0.as_bytes().first()? {
            b'"' => {
                let inside = self.0.get(1..self.0.len() - 1)?;
                if memchr::memchr(b'\\', inside.as_bytes()).is_none() {
                    Some(Cow::Borrowed(inside))
                } else {
                    serde_json::from_str(self.0).ok().map(Cow::Owned)
                }
            }
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
    pub(in crate::formats) fn fields(
        self,
        mut each: impl FnMut(&str, Raw<'a>),
    ) -> Result<(), NotJson> {
        let mut scan = self.scan();
        scan.fields(|scan, name| {
            each(name, scan.raw()?);
            Ok(())
        })?;
        scan.end()
    }

    /// Gives each element, in order.
    pub(in crate::formats) fn elements(self, mut each: impl FnMut(Raw<'a>)) -> Result<(), NotJson> {
        let mut scan = self.scan();
        scan.elements(|scan| {
            each(scan.raw()?);
            Ok(())
        })?;
        scan.end()
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
