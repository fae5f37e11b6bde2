//! The query language of `plainview find`, which people type.
//!
//! Everything typed must hold, unless joined by `OR` or begun with `-`. It refuses what it does not understand, with what it
//! found and what it expects; it never guesses a query that finds less or more.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::Error;

/// The language on one screen.
pub const HELP: &str = "\
word word              both words, anywhere in subject, text or quoted text
\"some words\"           these words, one after the other
a OR b                 either
-word                  not this
field:value            in one field; value may be a \"phrase\"
                       fields: subject text quoted from to cc source file kind doc thread
from:2025-01           sent in or after January 2025 (a day, a month or a year)
to:2025-03-31          sent on or before
date:2025-02           sent in February 2025
date:[2025-01 TO 2025-03]   sent from the first to the last, both included; * leaves a side open
Case and accents do not matter. Names are party ids or pseudonyms, as the tables have them.";

/// One thing that must hold, or must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clause {
    /// Whether it must not hold.
    pub(crate) not: bool,
    /// Of which any suffices.
    pub(crate) any: Vec<Atom>,
}

/// One thing looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Atom {
    /// Words in this order, in a field or in any of the fields of words.
    Words {
        /// The field's name.
        field: Option<String>,
        /// The text the words are made of.
        text: String,
    },
    /// Sent in this half-open span of milliseconds.
    Sent {
        /// First, included.
        from: Option<i64>,
        /// Last, excluded.
        to: Option<i64>,
    },
}

/// Names of fields that hold words.
const FIELDS: &[&str] = &[
    "subject", "text", "quoted", "from", "to", "cc", "source", "file", "kind", "doc", "thread",
];

/// The longest query, in bytes.
const QUERY_BYTES_MAX: usize = 4096;

/// Reads a query.
pub(crate) fn parse(query: &str) -> Result<Vec<Clause>, Error> {
    if query.len() > QUERY_BYTES_MAX {
        return Err(bad(format!(
            "found a query of {} bytes, expected at most {QUERY_BYTES_MAX}",
            query.len()
        )));
    }
    let mut clauses: Vec<Clause> = Vec::new();
    let mut joined = false;
    for piece in pieces(query)? {
        if piece == "OR" {
            if clauses.is_empty() || joined {
                return Err(bad("found OR without a word before it".to_owned()));
            }
            joined = true;
            continue;
        }
        let (not, piece) = match piece.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            Some(rest) => (true, rest),
            None => (false, piece.as_str()),
        };
        let atom = atom(piece)?;
        match clauses.last_mut().filter(|_| joined) {
            Some(last) if last.not || not => {
                return Err(bad(
                    "found `-` beside OR, expected words to choose from".to_owned()
                ));
            }
            Some(last) => last.any.push(atom),
            None => clauses.push(Clause {
                not,
                any: vec![atom],
            }),
        }
        joined = false;
    }
    if joined {
        return Err(bad("found OR without a word behind it".to_owned()));
    }
    if clauses.iter().all(|clause| clause.not) {
        return Err(bad("found nothing to look for, expected a word".to_owned()));
    }
    Ok(clauses)
}

fn bad(problem: String) -> Error {
    Error::Query(problem)
}

/// Splits at white space, but not inside quotes and brackets.
fn pieces(query: &str) -> Result<Vec<String>, Error> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut until = None;
    for c in query.chars() {
        if until.is_none() && c.is_whitespace() {
            if !piece.is_empty() {
                pieces.push(std::mem::take(&mut piece));
            }
            continue;
        }
        piece.push(c);
        if until == Some(c) {
            until = None;
        } else if until.is_none() {
            until = match c {
                '"' => Some('"'),
                '[' => Some(']'),
                _ => None,
            };
        }
    }
    if let Some(end) = until {
        return Err(bad(format!("found no `{end}` to end `{piece}`")));
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    Ok(pieces)
}

fn atom(piece: &str) -> Result<Atom, Error> {
    let field = piece
        .split_once(':')
        .filter(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase()));
    let Some((name, value)) = field else {
        return words(None, piece);
    };
    match name {
        "date" => date(value),
        "from" if is_date(value) => Ok(Atom::Sent {
            from: Some(span(value)?.0),
            to: None,
        }),
        "to" if is_date(value) => Ok(Atom::Sent {
            from: None,
            to: Some(span(value)?.1),
        }),
        name if FIELDS.contains(&name) => words(Some(name), value),
        // A word with a colon in it, such as a time or an address, is no field.
        _ if value.is_empty() || value.starts_with("//") => words(None, piece),
        _ => Err(bad(format!(
            "found field `{name}`, expected one of {}, date; a word with a colon goes in quotes",
            FIELDS.join(", ")
        ))),
    }
}

fn words(field: Option<&str>, text: &str) -> Result<Atom, Error> {
    let text = text.trim_matches('"');
    if !text.chars().any(char::is_alphanumeric) {
        return Err(bad(format!(
            "found `{text}`, expected a word with letters or digits"
        )));
    }
    Ok(Atom::Words {
        field: field.map(str::to_owned),
        text: text.to_owned(),
    })
}

/// Whether a value of `from:` or `to:` is a date and not a party: a year of four digits, alone or with more behind.
fn is_date(value: &str) -> bool {
    let mut parts = value.split('-');
    parts
        .next()
        .is_some_and(|year| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()))
        && parts.all(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
}

fn date(value: &str) -> Result<Atom, Error> {
    let inside = value
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let Some(inside) = inside else {
        let (from, to) = span(value)?;
        return Ok(Atom::Sent {
            from: Some(from),
            to: Some(to),
        });
    };
    let (first, last) = inside.split_once(" TO ").ok_or_else(|| {
        bad(format!(
            "found date:[{inside}], expected date:[FIRST TO LAST]"
        ))
    })?;
    let open = |text: &str| text.trim() == "*";
    let from = (!open(first)).then(|| span(first.trim())).transpose()?;
    let to = (!open(last)).then(|| span(last.trim())).transpose()?;
    if let (Some(from), Some(to)) = (from, to)
        && from.0 >= to.1
    {
        return Err(bad(format!(
            "found date:[{inside}], expected the earlier date first"
        )));
    }
    Ok(Atom::Sent {
        from: from.map(|span| span.0),
        to: to.map(|span| span.1),
    })
}

/// The milliseconds of a year, a month or a day (UTC): first included, last excluded.
fn span(text: &str) -> Result<(i64, i64), Error> {
    let wrong = || {
        bad(format!(
            "found date `{text}`, expected YYYY, YYYY-MM or YYYY-MM-DD"
        ))
    };
    if !is_date(text) {
        return Err(wrong());
    }
    let numbers: Vec<i16> = text
        .split('-')
        .filter_map(|part| part.parse().ok())
        .collect();
    let part = |n: usize| {
        numbers
            .get(n)
            .map_or(Ok(1), |number| i8::try_from(*number).map_err(|_| wrong()))
    };
    let year = numbers.first().copied().ok_or_else(wrong)?;
    let first = Date::new(year, part(1)?, part(2)?).map_err(|_| wrong())?;
    let after = match numbers.len() {
        1 => first.checked_add(1.year()),
        2 => first.checked_add(1.month()),
        3 => first.checked_add(1.day()),
        _ => return Err(wrong()),
    };
    let ms = |date: Date| {
        date.to_zoned(TimeZone::UTC)
            .map(|zoned| zoned.timestamp().as_millisecond())
            .map_err(|_| wrong())
    };
    Ok((ms(first)?, ms(after.map_err(|_| wrong())?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(field: Option<&str>, text: &str) -> Atom {
        words(field, text).expect("words")
    }

    fn one(atom: Atom) -> Clause {
        Clause {
            not: false,
            any: vec![atom],
        }
    }

    #[test]
    fn words_phrases_fields_and_choices_are_read() {
        let clauses = parse("call \"kept for ever\" subject:list -draft a OR from:\"provider x\"")
            .expect("read");
        let expected = [
            one(words_of(None, "call")),
            one(words_of(None, "kept for ever")),
            one(words_of(Some("subject"), "list")),
            Clause {
                not: true,
                any: vec![words_of(None, "draft")],
            },
            Clause {
                not: false,
                any: vec![words_of(None, "a"), words_of(Some("from"), "provider x")],
            },
        ];
        assert_eq!(clauses, expected);
    }

    /// 2025-01-01 is day 20089 of the epoch; 2025-02-01 day 20120, 2025-03-01 day 20148, 2025-04-01 day 20179.
    #[test]
    fn dates_are_whole_years_months_and_days() {
        const DAY: i64 = 86_400_000;
        let sent = |from: Option<i64>, to: Option<i64>| {
            vec![one(Atom::Sent {
                from: from.map(|d| d * DAY),
                to: to.map(|d| d * DAY),
            })]
        };
        for (query, from, to) in [
            ("from:2025-01", Some(20_089), None),
            ("to:2025-01", None, Some(20_120)),
            ("to:2025-01-01", None, Some(20_090)),
            ("date:2025-02", Some(20_120), Some(20_148)),
            ("date:[2025-01 TO 2025-03]", Some(20_089), Some(20_179)),
            ("date:[* TO 2025-03]", None, Some(20_179)),
            ("date:[2025-01-01 TO *]", Some(20_089), None),
        ] {
            assert_eq!(parse(query).expect(query), sent(from, to), "{query}");
        }
        assert_eq!(
            parse("from:provider-2025").expect("a party"),
            [one(words_of(Some("from"), "provider-2025"))]
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for query in [
            "",
            "   ",
            "-x",
            "OR x",
            "x OR",
            "x OR OR y",
            "x OR -y",
            "\"open",
            "date:[2025 TO",
            "date:[2025]",
            "date:2025-13",
            "from:2025-02-30",
            "date:[2025-02 TO 2025-01]",
            "opened:jane",
            "accessed:x",
            "\"--\"",
        ] {
            assert!(parse(query).is_err(), "{query}");
        }
        assert!(parse("https://store.example/x").is_ok());
    }
}
