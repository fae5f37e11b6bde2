//! JSON values as they stand in a record, looked into one level at a time and never copied.
//!
//! A reader asks for the fields it may read; what it does not ask for is passed over and never decoded. Duplicate names are
//! given in their order. Refuses what is no JSON; what it says about that names a place and never a value.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;
use serde_json::value::RawValue;

/// One value, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::formats) struct Raw<'a>(&'a str);

/// Why a text is no JSON object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(in crate::formats) struct NotJson(String);

impl NotJson {
    fn of(error: &serde_json::Error) -> Self {
        let what = match error.classify() {
            serde_json::error::Category::Eof => "JSON that ends early",
            serde_json::error::Category::Data => "JSON of another shape",
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
                "text that is not JSON"
            }
        };
        Self(format!("{what}, at byte {}", error.column()))
    }
}

/// A whole record: the bytes of one JSON object.
pub(in crate::formats) fn record(bytes: &[u8]) -> Result<Raw<'_>, NotJson> {
    std::str::from_utf8(bytes).map(Raw).map_err(|error| {
        NotJson(format!(
            "text that is not UTF-8, at byte {}",
            error.valid_up_to() + 1
        ))
    })
}

impl<'a> Raw<'a> {
    /// The value of `text`, which holds one JSON value.
    pub(in crate::formats) fn of(text: &'a str) -> Self {
        Self(text.trim_ascii())
    }

    /// Whether it is an object.
    pub(in crate::formats) fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    /// Whether it is an array.
    pub(in crate::formats) fn is_array(self) -> bool {
        self.0.starts_with('[')
    }

    /// A text, a number or a truth value as text; nothing for null, objects and arrays.
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
    pub(in crate::formats) fn fields(self, each: impl FnMut(&str, Raw<'a>)) -> Result<(), NotJson> {
        let mut json = Deserializer::from_str(self.0);
        json.deserialize_map(Fields(each))
            .and_then(|()| json.end())
            .map_err(|error| NotJson::of(&error))
    }

    /// Gives each element, in order.
    pub(in crate::formats) fn elements(self, each: impl FnMut(Raw<'a>)) -> Result<(), NotJson> {
        let mut json = Deserializer::from_str(self.0);
        json.deserialize_seq(Elements(each))
            .and_then(|()| json.end())
            .map_err(|error| NotJson::of(&error))
    }
}

/// A field's name: borrowed unless it is written with escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

struct Fields<F>(F);

impl<'de, F: FnMut(&str, Raw<'de>)> Visitor<'de> for Fields<F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            let value: &'de RawValue = map.next_value()?;
            (self.0)(&name, Raw(value.get()));
        }
        Ok(())
    }
}

struct Elements<F>(F);

impl<'de, F: FnMut(Raw<'de>)> Visitor<'de> for Elements<F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        while let Some(value) = elements.next_element::<&'de RawValue>()? {
            (self.0)(Raw(value.get()));
        }
        Ok(())
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
