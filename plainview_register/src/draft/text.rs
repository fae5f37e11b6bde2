//! Text of a draft: quoted values, wrapped comments and the lines of a column map.
//!
//! It refuses to let a file name break out of its quotes: control characters are escaped.

use crate::source::{ColumnMap, TableMap};
use std::fmt::Write as _;

/// Width at which comments are wrapped.
const COMMENT_CHARS_MAX: usize = 100;

/// A TOML basic string.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A TOML list of texts, without repeats.
pub(super) fn list(texts: &[String]) -> String {
    let mut seen = std::collections::BTreeSet::new();
    let entries: Vec<String> = texts
        .iter()
        .filter(|text| seen.insert(*text))
        .map(|text| quoted(text))
        .collect();
    format!("[{}]", entries.join(", "))
}

/// A number with a comma before every third digit.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A comment, wrapped at words.
pub(super) fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > COMMENT_CHARS_MAX {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// `[source.map]` with its columns.
pub(super) fn map_lines(map: &TableMap) -> String {
    let mut lines = vec![
        "[source.map]".to_owned(),
        format!("table = {}", quoted(map.table.as_str())),
        format!("locale = {}", quoted(&map.locale)),
    ];
    lines.extend(
        map.sheet
            .as_ref()
            .map(|sheet| format!("sheet = {}", quoted(sheet))),
    );
    lines.extend(
        map.second
            .as_ref()
            .map(|second| format!("second = {}", quoted(second))),
    );
    lines.push(format!("header_row = {}", map.header_row));
    lines.push(format!("timezone = {}", quoted(&map.timezone)));
    lines.extend(
        map.date_format
            .as_ref()
            .map(|format| format!("date_format = {}", quoted(format))),
    );
    lines.push("[source.map.columns]".to_owned());
    for (name, column) in &map.columns {
        let value = match column {
            ColumnMap::Column { name, unit: None } => quoted(name),
            ColumnMap::Column {
                name,
                unit: Some(unit),
            } => {
                format!(
                    "{{ column = {}, unit = {} }}",
                    quoted(name),
                    quoted(unit.as_str())
                )
            }
            ColumnMap::Value { value } => format!("{{ value = {} }}", quoted(value)),
        };
        lines.push(format!("{name} = {value}"));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::{list, quoted, thousands, wrapped};

    #[test]
    fn a_hostile_name_stays_inside_its_quotes() {
        assert_eq!(
            quoted("a\"]\nid = \"x\\"),
            "\"a\\\"]\\u000Aid = \\\"x\\\\\""
        );
        assert_eq!(list(&["a".to_owned(), "a".to_owned()]), "[\"a\"]");
    }

    #[test]
    fn numbers_and_comments_are_easy_to_read() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(100), "100");
        assert!(
            wrapped(&"word ".repeat(100))
                .iter()
                .all(|line| line.len() <= 100)
        );
    }
}
