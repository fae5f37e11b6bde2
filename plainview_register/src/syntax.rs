//! TOML syntax: every syntax error of a file, and a document to go on with where that is honest.
//!
//! The TOML parser stops at its first error. When the broken line stands alone it is blanked, byte for
//! byte, and the rest is read again, so that one missing quote does not hide the other mistakes. When
//! an error spills over lines, such as an unclosed list, reading stops: guessing would invent errors.

use crate::diagnostic::Code;
use crate::span::{Sheet, Span, Words};
use std::collections::BTreeSet;
use toml_edit::Document;

/// Most syntax errors reported for one file.
const ERRORS_MAX: usize = 20;

/// What could be read of a file.
pub(crate) struct Syntax {
    /// The document, without the lines that were blanked; `None` when the rest cannot be trusted.
    pub(crate) document: Option<Document<String>>,
    /// Whether any line was blanked.
    pub(crate) broken: bool,
}

/// Codes that a blanked line could cause by its absence; not reported beside a syntax error.
const CAUSED_BY_ABSENCE: &[Code] = &[
    Code::MissingKey,
    Code::EmptyText,
    Code::UnknownParty,
    Code::UnknownSource,
    Code::UnknownPredicate,
    Code::UnknownClaim,
    Code::OutsideScope,
    Code::ClaimTest,
    Code::MisplacedKey,
    Code::TemplateArgument,
    Code::BadTarget,
    Code::BeyondScope,
    Code::SourceOutsideScope,
    Code::NoClaims,
];

impl Syntax {
    /// Reads the text of a sheet and reports its syntax errors on it.
    pub(crate) fn read(sheet: &Sheet<'_>) -> Self {
        let mut text = sheet.text().to_owned();
        let mut blanked = BTreeSet::new();
        for _ in 0..ERRORS_MAX {
            let error = match Document::parse(text.clone()) {
                Ok(document) => {
                    return Self {
                        document: Some(document),
                        broken: !blanked.is_empty(),
                    };
                }
                Err(error) => error,
            };
            let at = error.span().unwrap_or(0..0);
            report(sheet, &at, error.message());
            let line = sheet.line_span(at.start);
            let content = text.get(line.clone()).unwrap_or_default().to_owned();
            if !stands_alone(&content, error.message()) || !blanked.insert(line.start) {
                break;
            }
            text.replace_range(line, &" ".repeat(content.len()));
        }
        Self {
            document: None,
            broken: true,
        }
    }

    /// Whether a diagnostic of the rest may be shown.
    pub(crate) fn may_show(&self, code: Code) -> bool {
        !self.broken || !CAUSED_BY_ABSENCE.contains(&code)
    }
}

fn report(sheet: &Sheet<'_>, at: &Span, message: &str) {
    let words = Words {
        message: format!("this is not TOML: {message}"),
        found: sheet.snippet(at),
        ..Words::default()
    };
    sheet.report(Code::Syntax, at, words);
}

/// Whether blanking this line alone leaves the meaning of the others as it was.
fn stands_alone(line: &str, message: &str) -> bool {
    let is_header = line.trim_start().starts_with('[');
    let spills_over = line.contains("\"\"\"") || line.contains("'''");
    let is_assignment = line.contains('=');
    let broken_by_itself =
        Document::parse(line.to_owned()).is_err() || message.contains("duplicate key");
    !is_header && !spills_over && is_assignment && broken_by_itself && !opens_a_list(line)
}

/// Whether the line opens a list or inline table that it does not close.
fn opens_a_list(line: &str) -> bool {
    let value = line
        .split_once('=')
        .map_or("", |(_, value)| value.trim_start());
    let closed =
        |open: char, close: char| line.matches(open).count() <= line.matches(close).count();
    (value.starts_with('[') && !closed('[', ']')) || (value.starts_with('{') && !closed('{', '}'))
}
