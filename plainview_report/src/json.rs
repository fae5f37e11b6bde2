//! `review.json`: the review as canonical JSON (RFC 8785).
//!
//! RFC 8785 writes every number as a double. An integer that a double cannot hold exactly would
//! silently change, so it is written as decimal text instead; fractions are text already.

use serde_json::Value;

use crate::withhold::withhold;
use crate::{Error, Review};

/// Largest integer that every JSON reader takes for itself (2^53 - 1).
const SAFE_MAX: u64 = (1 << 53) - 1;

/// The canonical JSON of a review, without what protected sources keep out of every output.
///
/// Integers beyond 2^53 - 1 in either direction become decimal strings.
pub fn review_json(review: &Review) -> Result<String, Error> {
    let mut value = serde_json::to_value(withhold(review))?;
    keep_exact(&mut value);
    Ok(serde_json_canonicalizer::to_string(&value)?)
}

fn keep_exact(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let exact = number
                .as_i64()
                .map(i64::unsigned_abs)
                .or_else(|| number.as_u64());
            if exact.is_none_or(|magnitude| magnitude > SAFE_MAX) {
                *value = Value::String(number.to_string());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(keep_exact),
        Value::Object(fields) => fields.values_mut().for_each(keep_exact),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_beyond_a_double_become_text() {
        let mut value = serde_json::json!({
            "small": 9_007_199_254_740_991_u64,
            "large": 9_007_199_254_740_993_u64,
            "minus": -9_007_199_254_740_993_i64,
            "list": [u64::MAX, 1],
        });
        keep_exact(&mut value);
        let expected = serde_json::json!({
            "small": 9_007_199_254_740_991_u64,
            "large": "9007199254740993",
            "minus": "-9007199254740993",
            "list": ["18446744073709551615", 1],
        });
        assert_eq!(value, expected);
    }
}
