//! Reads one section of a file key by key, reporting what is missing, unknown or of the wrong type.
//!
//! Every reading method reports and returns `None`, so that a caller can read all keys of a section
//! before giving up on it. It refuses to coerce: a number is not text, a text is not a list.

use crate::decimal::Decimal;
use crate::diagnostic::Code;
use crate::nearest::nearest;
use crate::register::{Account, is_id};
use crate::span::{Sheet, Span, Spanned, Words};
use crate::words::Word;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use toml_edit::{Item, TableLike, Value};

/// One section with the place of its header.
#[derive(Clone)]
pub(crate) struct Section<'t> {
    pub(crate) sheet: &'t Sheet<'t>,
    table: &'t dyn TableLike,
    /// The header, or the key of an inline table.
    pub(crate) span: Span,
    /// How messages call it, for example `[[source]]`.
    pub(crate) name: String,
}

impl<'t> Section<'t> {
    /// The whole file as one section.
    pub(crate) fn root(sheet: &'t Sheet<'t>, table: &'t dyn TableLike) -> Self {
        Self {
            sheet,
            table,
            span: 0..0,
            name: "the file".to_owned(),
        }
    }

    /// Reports every key that is not in `known`.
    pub(crate) fn allow_only(&self, known: &[&str]) {
        for (key, _) in self.table.iter() {
            if known.contains(&key) {
                continue;
            }
            let (code, what) = if self.span == (0..0) {
                (Code::UnknownSection, "section")
            } else {
                (Code::UnknownKey, "key")
            };
            let words = Words {
                message: format!("{} has no {what} `{key}`", self.name),
                found: format!("`{key}`"),
                expected: format!("one of {}", known.join(", ")),
                nearest: nearest(key, known.iter().copied()).map(str::to_owned),
            };
            self.sheet.report(code, &self.key_span(key), words);
        }
    }

    /// The keys present, in file order.
    pub(crate) fn keys(&self) -> Vec<&'t str> {
        self.table.iter().map(|(key, _)| key).collect()
    }

    /// Where a key is written; the header when it is not.
    pub(crate) fn key_span(&self, key: &str) -> Span {
        let written = self
            .table
            .get_key_value(key)
            .and_then(|(key, item)| key.span().or_else(|| item.span()));
        written.unwrap_or_else(|| self.span.clone())
    }

    /// Whether the key is written at all.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.item(key).is_some()
    }

    /// Reports a required key as missing when it is not written.
    pub(crate) fn need(&self, key: &str, example: &str) {
        if !self.has(key) {
            let words = Words {
                message: format!("{} has no `{key}`", self.name),
                expected: format!("a line such as `{key} = {example}`"),
                ..Words::default()
            };
            self.sheet.report(Code::MissingKey, &self.span, words);
        }
    }

    /// A text that is not empty.
    pub(crate) fn text(&self, key: &str) -> Option<Spanned<String>> {
        let text = self.any_text(key)?;
        if text.value.trim().is_empty() {
            let words = Words {
                message: format!("`{key}` is empty"),
                expected: "text between the quotes".into(),
                ..Words::default()
            };
            self.sheet.report(Code::EmptyText, &text.span, words);
            return None;
        }
        Some(text)
    }

    /// A text that may be empty.
    fn any_text(&self, key: &str) -> Option<Spanned<String>> {
        let (value, span) = self.value(key, "text in quotes")?;
        match value {
            Value::String(text) => Some(Spanned {
                value: text.value().clone(),
                span,
            }),
            _ => self.wrong_type(key, value.type_name(), &span, "text in quotes"),
        }
    }

    /// A required text.
    pub(crate) fn need_text(&self, key: &str, example: &str) -> Option<Spanned<String>> {
        self.need(key, example);
        self.text(key)
    }

    /// A list of texts; empty when it is not written.
    pub(crate) fn texts(&self, key: &str) -> Vec<Spanned<String>> {
        const EXPECTED: &str = "a list of texts, such as [\"...\", \"...\"]";
        let Some((value, span)) = self.value(key, EXPECTED) else {
            return Vec::new();
        };
        let Value::Array(list) = value else {
            let _: Option<()> = self.wrong_type(key, value.type_name(), &span, EXPECTED);
            return Vec::new();
        };
        let mut out = Vec::new();
        for entry in list {
            let span = entry.span().unwrap_or_else(|| span.clone());
            match entry {
                Value::String(text) if text.value().trim().is_empty() => {
                    let message = format!("an entry of `{key}` is empty");
                    self.sheet.report(
                        Code::EmptyText,
                        &span,
                        Words {
                            message,
                            ..Words::default()
                        },
                    );
                }
                Value::String(text) => out.push(Spanned {
                    value: text.value().clone(),
                    span,
                }),
                other => {
                    let _: Option<()> = self.wrong_type(key, other.type_name(), &span, EXPECTED);
                }
            }
        }
        self.report_repeats(key, &out);
        out
    }

    /// A required list of texts with at least one entry.
    pub(crate) fn need_texts(&self, key: &str, example: &str) -> Vec<Spanned<String>> {
        self.need(key, example);
        let empty = self
            .item(key)
            .and_then(Item::as_array)
            .is_some_and(toml_edit::Array::is_empty);
        if empty {
            let words = Words {
                message: format!("`{key}` is an empty list"),
                expected: format!("at least one entry, such as {example}"),
                ..Words::default()
            };
            self.sheet
                .report(Code::EmptyText, &self.value_span(key), words);
        }
        self.texts(key)
    }

    fn report_repeats(&self, key: &str, list: &[Spanned<String>]) {
        let mut seen = BTreeSet::new();
        for entry in list {
            if !seen.insert(&entry.value) {
                let words = Words {
                    message: format!("`{}` is listed twice in `{key}`", entry.value),
                    found: format!("`{}`", entry.value),
                    ..Words::default()
                };
                self.sheet.report(Code::Repeated, &entry.span, words);
            }
        }
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        let (value, span) = self.value(key, "true or false")?;
        match value {
            Value::Boolean(flag) => Some(*flag.value()),
            _ => self.wrong_type(key, value.type_name(), &span, "true or false"),
        }
    }

    /// A whole number in a range.
    pub(crate) fn integer(&self, key: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let (value, span) = self.value(key, "a whole number")?;
        let Value::Integer(number) = value else {
            return self.wrong_type(key, value.type_name(), &span, "a whole number");
        };
        let number = *number.value();
        if range.contains(&number) {
            return Some(number);
        }
        self.bad_number(
            key,
            &span,
            &format!("a whole number from {} to {}", range.start(), range.end()),
        )
    }

    /// A decimal, written as text or as a plain number; never read through a float.
    pub(crate) fn decimal(&self, key: &str) -> Option<Spanned<Decimal>> {
        const EXPECTED: &str = "a plain decimal in quotes, such as \"0.05\"";
        let (value, span) = self.value(key, EXPECTED)?;
        let text = match value {
            Value::String(text) => text.value().clone(),
            Value::Integer(_) | Value::Float(_) => self
                .sheet
                .text()
                .get(span.clone())
                .unwrap_or_default()
                .to_owned(),
            _ => return self.wrong_type(key, value.type_name(), &span, EXPECTED),
        };
        match Decimal::parse(text.trim()) {
            Some(value) => Some(Spanned { value, span }),
            None => self.bad_number(key, &span, EXPECTED),
        }
    }

    /// Reports a number outside what is expected.
    pub(crate) fn bad_number<T>(&self, key: &str, span: &Span, expected: &str) -> Option<T> {
        let words = Words {
            message: format!("`{key}` is not a number that can stand here"),
            found: self.sheet.snippet(span),
            expected: expected.to_owned(),
            nearest: None,
        };
        self.sheet.report(Code::BadNumber, span, words);
        None
    }

    /// A day, written as a TOML date or as text.
    pub(crate) fn date(&self, key: &str) -> Option<Spanned<Date>> {
        const EXPECTED: &str = "a day such as 2025-01-31";
        let text = self.date_text(key, EXPECTED)?;
        match parse_date(&text.value) {
            Some(value) => Some(Spanned {
                value,
                span: text.span,
            }),
            None => self.bad_date(key, &text.span, EXPECTED),
        }
    }

    /// A required day.
    pub(crate) fn need_date(&self, key: &str) -> Option<Spanned<Date>> {
        self.need(key, "2025-01-31");
        self.date(key)
    }

    /// An instant: a time with its offset, or a day, which means 00:00 UTC.
    pub(crate) fn instant(&self, key: &str) -> Option<Timestamp> {
        const EXPECTED: &str = "a time with its offset such as 2025-01-31T09:00:00Z, or a day";
        let text = self.date_text(key, EXPECTED)?;
        let day =
            parse_date(&text.value).and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC).ok());
        let parsed = day
            .map(|day| day.timestamp())
            .or_else(|| text.value.parse::<Timestamp>().ok());
        parsed.or_else(|| self.bad_date(key, &text.span, EXPECTED))
    }

    fn date_text(&self, key: &str, expected: &str) -> Option<Spanned<String>> {
        let (value, span) = self.value(key, expected)?;
        match value {
            Value::Datetime(date) => Some(Spanned {
                value: date.value().to_string(),
                span,
            }),
            // An empty text is an unanswered question rather than a bad date.
            Value::String(_) => self.text(key),
            _ => self.wrong_type(key, value.type_name(), &span, expected),
        }
    }

    fn bad_date<T>(&self, key: &str, span: &Span, expected: &str) -> Option<T> {
        let words = Words {
            message: format!("`{key}` is not a date that can be read"),
            found: self.sheet.snippet(span),
            expected: expected.to_owned(),
            nearest: None,
        };
        self.sheet.report(Code::BadDate, span, words);
        None
    }

    /// One word of a closed list.
    pub(crate) fn word<T: Word>(&self, key: &str) -> Option<T> {
        let text = self.text(key)?;
        let found = T::WORDS
            .iter()
            .find(|(word, _)| *word == text.value)
            .map(|(_, value)| *value);
        if found.is_none() {
            let known = T::WORDS.iter().map(|(word, _)| *word);
            self.unknown_word(Code::UnknownWord, key, &text, known);
        }
        found
    }

    /// One required word of a closed list.
    pub(crate) fn need_word<T: Word>(&self, key: &str) -> Option<T> {
        let example = T::WORDS.first().map_or("...", |(word, _)| word);
        self.need(key, &format!("\"{example}\""));
        self.word(key)
    }

    /// Reports a word that is on no list.
    pub(crate) fn unknown_word<'k>(
        &self,
        code: Code,
        key: &str,
        text: &Spanned<String>,
        known: impl Iterator<Item = &'k str> + Clone,
    ) {
        let words = Words {
            message: format!("`{}` is not a known `{key}`", text.value),
            found: format!("`{}`", text.value),
            expected: format!("one of {}", known.clone().collect::<Vec<_>>().join(", ")),
            nearest: nearest(&text.value, known).map(str::to_owned),
        };
        self.sheet.report(code, &text.span, words);
    }

    /// A required id, checked for its form; the id is returned even when its form is wrong.
    pub(crate) fn need_id(&self, form: IdForm) -> Option<Spanned<String>> {
        self.need("id", form.example());
        let id = self.text("id")?;
        if !form.fits(&id.value) {
            let words = Words {
                message: format!("`{}` is not a short name", id.value),
                found: format!("`{}`", id.value),
                expected: format!("{}, at most 64 long", form.described()),
                nearest: None,
            };
            self.sheet.report(Code::BadId, &id.span, words);
        }
        Some(id)
    }

    /// A list of accounts; entries of a wrong form are reported and left out.
    pub(crate) fn accounts(&self, list: Vec<Spanned<String>>) -> Vec<Spanned<Account>> {
        list.into_iter()
            .filter_map(|text| self.as_account(text))
            .collect()
    }

    /// An optional account.
    pub(crate) fn account(&self, key: &str) -> Option<Spanned<Account>> {
        self.text(key).and_then(|text| self.as_account(text))
    }

    fn as_account(&self, text: Spanned<String>) -> Option<Spanned<Account>> {
        if let Some(value) = Account::parse(&text.value) {
            return Some(Spanned {
                value,
                span: text.span,
            });
        }
        let words = Words {
            message: format!("`{}` is not an account", text.value),
            found: format!("`{}`", text.value),
            expected: "provider/account, such as aws/111122223333 or azure/examplestore".into(),
            nearest: None,
        };
        self.sheet.report(Code::BadAccount, &text.span, words);
        None
    }

    /// A section inside this one, such as `[case.authority]`.
    pub(crate) fn section(&self, key: &str, name: &str) -> Option<Section<'t>> {
        let item = self.item(key)?;
        if let Some(table) = item.as_table_like() {
            let span = item
                .span()
                .filter(|span| !span.is_empty())
                .unwrap_or_else(|| self.key_span(key));
            return Some(Section {
                sheet: self.sheet,
                table,
                span,
                name: name.to_owned(),
            });
        }
        self.wrong_type(
            key,
            item.type_name(),
            &self.value_span(key),
            &format!("a section {name}"),
        )
    }

    /// A required section.
    pub(crate) fn need_section(&self, key: &str, name: &str) -> Option<Section<'t>> {
        if !self.has(key) {
            let words = Words {
                message: format!("{} has no section `{name}`", self.name),
                expected: format!("a section that starts with the line {name}"),
                ..Words::default()
            };
            self.sheet.report(Code::MissingKey, &self.span, words);
        }
        self.section(key, name)
    }

    /// The sections of a list, such as `[[party]]`; also accepts a list of inline tables.
    pub(crate) fn sections(&self, key: &str) -> Vec<Section<'t>> {
        let name = format!("[[{key}]]");
        let Some(item) = self.item(key) else {
            return Vec::new();
        };
        let mut tables: Vec<(&'t dyn TableLike, Option<Span>)> = Vec::new();
        if let Item::ArrayOfTables(list) = item {
            tables.extend(
                list.iter()
                    .map(|table| (table as &dyn TableLike, table.span())),
            );
        } else if let Some(list) = item.as_array() {
            for entry in list {
                match entry {
                    Value::InlineTable(table) => tables.push((table, table.span())),
                    other => {
                        let span = other.span().unwrap_or_else(|| self.key_span(key));
                        let _: Option<()> = self.wrong_type(key, other.type_name(), &span, &name);
                    }
                }
            }
        } else {
            let expected = format!("sections that each start with the line {name}");
            let _: Option<()> =
                self.wrong_type(key, item.type_name(), &self.value_span(key), &expected);
            // Single brackets are one slip, not a slip for everything that refers to the section.
            tables.extend(item.as_table_like().map(|table| (table, item.span())));
        }
        let place = |span: Option<Span>| {
            span.filter(|span| !span.is_empty())
                .unwrap_or_else(|| self.key_span(key))
        };
        tables
            .into_iter()
            .map(|(table, span)| Section {
                sheet: self.sheet,
                table,
                span: place(span),
                name: name.clone(),
            })
            .collect()
    }

    /// Where a value is written; its key or the header when it has no place of its own.
    pub(crate) fn value_span(&self, key: &str) -> Span {
        let written = self
            .item(key)
            .and_then(Item::span)
            .filter(|span| !span.is_empty());
        written.unwrap_or_else(|| self.key_span(key))
    }

    fn item(&self, key: &str) -> Option<&'t Item> {
        self.table.get(key).filter(|item| !item.is_none())
    }

    /// The plain value under a key without any report, for a first look at a section.
    pub(crate) fn peek(&self, key: &str) -> Option<&'t Value> {
        self.item(key).and_then(Item::as_value)
    }

    /// The plain value under a key; a section in its place is of the wrong type.
    fn value(&self, key: &str, expected: &str) -> Option<(&'t Value, Span)> {
        let item = self.item(key)?;
        let span = self.value_span(key);
        match item.as_value() {
            Some(value) => Some((value, span)),
            None => self.wrong_type(key, item.type_name(), &span, expected),
        }
    }

    /// Reports a value of the wrong type.
    pub(crate) fn wrong_type<T>(
        &self,
        key: &str,
        type_name: &str,
        span: &Span,
        expected: &str,
    ) -> Option<T> {
        let words = Words {
            message: format!("`{key}` has the wrong type"),
            found: format!("{}, {}", plain_type(type_name), self.sheet.snippet(span)),
            expected: expected.to_owned(),
            nearest: None,
        };
        self.sheet.report(Code::WrongType, span, words);
        None
    }
}

/// The two forms of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdForm {
    /// `[a-z0-9-]`: cases, parties, sources, predicates.
    Lower,
    /// `[A-Za-z0-9-]`: claims, exhibits, challenges.
    Mixed,
}

impl IdForm {
    fn fits(self, id: &str) -> bool {
        match self {
            Self::Lower => is_id(id),
            Self::Mixed => is_id(&id.to_ascii_lowercase()),
        }
    }

    const fn described(self) -> &'static str {
        match self {
            Self::Lower => "lower-case letters a-z, digits and hyphens",
            Self::Mixed => "letters a-z and A-Z, digits and hyphens",
        }
    }

    const fn example(self) -> &'static str {
        match self {
            Self::Lower => "\"a-short-name\"",
            Self::Mixed => "\"C1\"",
        }
    }
}

/// A day of exactly the form `YYYY-MM-DD`.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    let form = |(at, byte): (usize, u8)| {
        if matches!(at, 4 | 7) {
            byte == b'-'
        } else {
            byte.is_ascii_digit()
        }
    };
    let fits = text.len() == 10 && text.bytes().enumerate().all(form);
    if fits { text.parse().ok() } else { None }
}

/// TOML's type names in plain words.
fn plain_type(name: &str) -> &'static str {
    match name {
        "string" => "a text",
        "integer" => "a whole number",
        "float" => "a number with decimals",
        "boolean" => "true or false",
        "datetime" => "a date",
        "array" => "a list",
        "array of tables" => "a list of sections",
        _ => "a section",
    }
}
