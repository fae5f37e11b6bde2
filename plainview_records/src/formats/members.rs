//! The members of JSON objects, one after another, without building the objects.
//!
//! Names and values are borrowed from the record. A value is decoded only when its reader asks for it, so that what is outside
//! an allow-list is skipped as bytes.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A name or a text, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Gives each member of the object `json` to `each`. An error where `json` is no object or is not well formed.
pub(in crate::formats) fn members<'a>(
    json: &'a [u8],
    each: &mut dyn FnMut(&str, &'a RawValue),
) -> Result<(), serde_json::Error> {
    struct Members<'e, 'a>(&'e mut dyn FnMut(&str, &'a RawValue));

    impl<'a> Visitor<'a> for Members<'_, 'a> {
        type Value = ();

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
            while let Some(name) = map.next_key::<Text<'a>>()? {
                (self.0)(&name.0, map.next_value()?);
            }
            Ok(())
        }
    }

    let mut deserializer = serde_json::Deserializer::from_slice(json);
    deserializer.deserialize_map(Members(each))?;
    deserializer.end()
}

/// A text, a number or a flag as text; `None` for null, an object or an array.
pub(in crate::formats) fn scalar(value: &RawValue) -> Option<Cow<'_, str>> {
    let json = value.get();
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str::<Text<'_>>(json)
            .ok()
            .map(|text| text.0),
        b'{' | b'[' | b'n' => None,
        _ => Some(Cow::Borrowed(json)),
    }
}

/// Whether the value is an object.
pub(in crate::formats) fn is_object(value: &RawValue) -> bool {
    value.get().starts_with('{')
}

/// What is wrong with a record, without a word of it.
pub(in crate::formats) fn trouble(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Eof => "an early end",
        serde_json::error::Category::Data => "no JSON object",
        _ => "no JSON",
    };
    format!("{kind} at column {}", error.column())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn members_are_given_in_order_and_only_of_objects() {
        let json = br#" {"a":"x\u0041","b":{"c":[1]},"d":null,"e":1.50,"a\"":true} "#;
        let mut found = Vec::new();
        members(json, &mut |name, value| {
            found.push(format!("{name}={:?}", scalar(value)));
        })
        .unwrap();
        assert_eq!(
            found,
            [
                r#"a=Some("xA")"#,
                "b=None",
                "d=None",
                r#"e=Some("1.50")"#,
                r#"a"=Some("true")"#
            ]
        );
        for bad in ["", "[]", "7", "{\"a\":1", "{\"a\":1}x", "\"secret\""] {
            let error = members(bad.as_bytes(), &mut |_, _| {}).unwrap_err();
            assert!(!trouble(&error).contains("secret"), "{bad}");
        }
    }
}
