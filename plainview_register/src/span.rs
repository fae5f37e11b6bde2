//! Places in a text: byte spans become lines and columns, and diagnostics gather beside them.
//!
//! Every span is clamped to the text and to character boundaries, so an odd span never panics.

use crate::diagnostic::{Code, Diagnostic};
use std::cell::RefCell;
use std::ops::Range;

/// Bytes of a text, half-open.
pub(crate) type Span = Range<usize>;

/// Most characters of the text that `found` repeats.
const FOUND_CHARS_MAX: usize = 60;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

/// What a diagnostic says beside its code and place.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// What is wrong, in a sentence.
    pub(crate) message: String,
    /// What stands there.
    pub(crate) found: String,
    /// What could stand there.
    pub(crate) expected: String,
    /// The nearest known name.
    pub(crate) nearest: Option<String>,
}

/// One file's text with the diagnostics found in it so far.
#[derive(Debug)]
pub(crate) struct Sheet<'t> {
    file: &'t str,
    text: &'t str,
    /// Byte offset of the start of each line.
    starts: Vec<usize>,
    diagnostics: RefCell<Vec<Diagnostic>>,
}

impl<'t> Sheet<'t> {
    pub(crate) fn new(file: &'t str, text: &'t str) -> Self {
        let breaks = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(breaks).collect();
        Self {
            file,
            text,
            starts,
            diagnostics: RefCell::new(Vec::new()),
        }
    }

    /// Adds a diagnostic at `span`.
    pub(crate) fn report(&self, code: Code, span: &Span, words: Words) {
        let start = self.text.floor_char_boundary(span.start);
        let end = self.text.floor_char_boundary(span.end).max(start);
        let line = self.line_index(start);
        let line_start = self.starts[line];
        let source_line = self.line_text(line);
        let line_end = line_start + source_line.len();
        let column = self.text[line_start..start].chars().count() + 1;
        let length = self.text[start.min(line_end)..end.min(line_end).max(start.min(line_end))]
            .chars()
            .count()
            .max(1);
        self.diagnostics.borrow_mut().push(Diagnostic {
            file: self.file.to_owned(),
            line: count(line + 1),
            column: count(column),
            span_chars: count(length),
            severity: code.severity(),
            code,
            message: words.message,
            found: words.found,
            expected: words.expected,
            nearest: words.nearest,
            source_line: source_line.to_owned(),
        });
    }

    /// The 1-based line a byte stands on.
    pub(crate) fn line_of(&self, at: usize) -> usize {
        self.line_index(at) + 1
    }

    /// The bytes of the line on which `at` stands, without its end.
    pub(crate) fn line_span(&self, at: usize) -> Span {
        let line = self.line_index(at);
        self.starts[line]..self.starts[line] + self.line_text(line).len()
    }

    /// The text at a span, shortened for a message.
    pub(crate) fn snippet(&self, span: &Span) -> String {
        let start = self.text.floor_char_boundary(span.start);
        let end = self.text.floor_char_boundary(span.end).max(start);
        let first_line = self.text[start..end].lines().next().unwrap_or_default();
        let mut out: String = first_line.chars().take(FOUND_CHARS_MAX).collect();
        if out.len() < end - start {
            out.push_str("...");
        }
        out
    }

    /// The diagnostics so far, in file order.
    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        let mut all = self.diagnostics.into_inner();
        all.sort_by(|a, b| {
            (a.line, a.column, a.code, &a.message).cmp(&(b.line, b.column, b.code, &b.message))
        });
        all.dedup();
        all
    }

    /// The text itself.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    fn line_index(&self, at: usize) -> usize {
        self.starts
            .partition_point(|start| *start <= at)
            .saturating_sub(1)
    }

    fn line_text(&self, line: usize) -> &'t str {
        let end = self
            .starts
            .get(line + 1)
            .map_or(self.text.len(), |next| next - 1);
        let text = &self.text[self.starts[line]..end];
        text.strip_suffix('\r').unwrap_or(text)
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Sheet, Words};
    use crate::diagnostic::Code;

    fn place(text: &str, span: std::ops::Range<usize>) -> (u32, u32, u32) {
        let sheet = Sheet::new("case.toml", text);
        sheet.report(Code::Syntax, &span, Words::default());
        sheet.finish().first().map_or((0, 0, 0), |found| {
            (found.line, found.column, found.span_chars)
        })
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(place("a\nключ = 1", 13..14), (2, 8, 1));
        assert_eq!(place("a\r\nbc", 4..5), (2, 2, 1));
    }

    #[test]
    fn odd_spans_are_clamped() {
        assert_eq!(place("", 0..0), (1, 1, 1));
        assert_eq!(place("ab", 90..95), (1, 3, 1));
        assert_eq!(place("ab\ncd", 1..5), (1, 2, 1));
        // Inside a character of two bytes, and running backwards.
        assert_eq!(place("éa", 1..2), (1, 1, 1));
        #[allow(clippy::reversed_empty_ranges)]
        let backwards = 2..0;
        assert_eq!(place("abc", backwards), (1, 3, 1));
        assert_eq!(place("a\r\nb", 2..3), (1, 3, 1));
    }
}
