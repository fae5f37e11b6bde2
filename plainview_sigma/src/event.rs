//! One row as the fields that rules see.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rsigma_eval::{Event, EventValue};
use serde_json::Value;

/// The texts of one row: column names and the names within `details`. A field that is not here is null in the row.
#[derive(Debug, Default, Clone)]
pub struct Fields<'a> {
    texts: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Fields<'a> {
    /// No field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field. A name is given once.
    pub fn set(&mut self, name: impl Into<Cow<'a, str>>, text: impl Into<Cow<'a, str>>) {
        self.texts.push((name.into(), text.into()));
    }

    /// Adds the fields of a `details` cell; false when it is no JSON object of texts, and nothing is added.
    pub fn set_details(&mut self, details: &str) -> bool {
        let Ok(found) = serde_json::from_str::<BTreeMap<String, String>>(details) else {
            return false;
        };
        for (name, text) in found {
            self.set(name, text);
        }
        true
    }

    /// The same fields and one more.
    pub(crate) fn with(&self, name: &'static str, text: &'static str) -> Self {
        let mut more = self.clone();
        more.set(name, text);
        more
    }

    /// The text of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.texts
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, text)| text.as_ref())
    }
}

impl Event for Fields<'_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        let text = self.get(path)?;
        // Texts of an array come joined by line feeds; a rule matches an array when it matches one of them.
        Some(if text.contains('\n') {
            EventValue::Array(
                text.split('\n')
                    .map(|part| EventValue::Str(Cow::Borrowed(part)))
                    .collect(),
            )
        } else {
            EventValue::Str(Cow::Borrowed(text))
        })
    }

    fn any_string_value(&self, pred: &dyn Fn(&str) -> bool) -> bool {
        self.texts.iter().any(|(_, text)| pred(text))
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        self.texts
            .iter()
            .map(|(_, text)| Cow::Borrowed(text.as_ref()))
            .collect()
    }

    fn to_json(&self) -> Value {
        self.texts
            .iter()
            .map(|(name, text)| (name.to_string(), Value::from(text.as_ref())))
            .collect::<serde_json::Map<String, Value>>()
            .into()
    }
}
