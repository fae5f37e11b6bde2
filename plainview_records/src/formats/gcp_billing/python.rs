//! The text of Python lists and dictionaries, which tools write into CSV cells, as JSON.
//!
//! Only what such cells hold is understood: strings in either quotes, numbers, `None`, `True`, `False`, lists and
//! dictionaries. Everything else is left as it is, for the JSON reader to refuse.

/// The text as JSON.
pub(super) fn as_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => string(c, &mut chars, &mut out),
            c if c.is_ascii_alphabetic() => {
                let mut word = String::from(c);
                while let Some(next) = chars.next_if(char::is_ascii_alphanumeric) {
                    word.push(next);
                }
                out.push_str(match word.as_str() {
                    "None" => "null",
                    "True" => "true",
                    "False" => "false",
                    other => other,
                });
            }
            other => number_or_mark(other, &mut chars, &mut out),
        }
    }
    out
}

/// Copies a mark, or a whole number with its exponent, whose `e` is no word.
fn number_or_mark(
    first: char,
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    out: &mut String,
) {
    out.push(first);
    if first.is_ascii_digit() {
        let in_number = |c: &char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
        while let Some(next) = chars.next_if(in_number) {
            out.push(next);
        }
    }
}

/// Copies a string up to its closing quote, quoted as JSON quotes.
fn string(quote: char, chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    let mut text = String::new();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(other) => text.push(other),
                None => break,
            },
            c if c == quote => break,
            c => text.push(c),
        }
    }
    out.push_str(&serde_json::Value::String(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_python_are_read_as_json() {
        let cases = [
            ("[]", "[]"),
            (
                "[{'name': 'a', 'amount': -5e-06, 'full_name': None}]",
                "[{\"name\": \"a\", \"amount\": -5e-06, \"full_name\": null}]",
            ),
            ("{\"it's\": True}", "{\"it's\": true}"),
            (
                "['say \"x\"', 'it\\'s', False]",
                "[\"say \\\"x\\\"\", \"it's\", false]",
            ),
            ("'open", "\"open\""),
        ];
        for (python, json) in cases {
            assert_eq!(as_json(python), json);
        }
    }
}
