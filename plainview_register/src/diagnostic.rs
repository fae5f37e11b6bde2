//! Diagnostics: every mistake in a file with its place, what was found and what was expected.
//!
//! Rendered the way rustc does, once, at the edge. Text from the file is shown with control and
//! direction-changing characters replaced, and a span that does not fit the text is clamped, so that
//! a hostile file can neither panic the renderer nor rearrange the terminal.

use serde::{Serialize, Serializer};
use std::fmt;
use unicode_width::UnicodeWidthChar;

/// Columns a tab takes when a line is shown; rustc's choice.
const TAB: &str = "    ";

/// What parsing a file gave: a value unless there were errors, and every diagnostic, in file order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<T> {
    /// The value; `None` exactly when one of the diagnostics is an error.
    pub value: Option<T>,
    /// Errors and warnings, sorted by line and column.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Parsed<T> {
    /// Whether anything was an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The register is refused.
    Error,
    /// The register is accepted; the reader should know.
    Warning,
}

/// Declares the permanent codes in one table: variant, code, severity and meaning.
macro_rules! codes {
    ($( $Variant:ident = $code:literal, $severity:ident, $meaning:literal; )+) => {
        /// The permanent code of a diagnostic. A code keeps its meaning for ever; new ones are appended.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code { $( #[doc = $meaning] $Variant ),+ }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[ $( Code::$Variant ),+ ];

            /// The code as printed, for example `PVR012`.
            pub const fn as_str(self) -> &'static str {
                match self { $( Code::$Variant => $code ),+ }
            }

            /// What the code means, in one line.
            pub const fn meaning(self) -> &'static str {
                match self { $( Code::$Variant => $meaning ),+ }
            }

            /// Whether it refuses the register or only warns.
            pub const fn severity(self) -> Severity {
                match self { $( Code::$Variant => Severity::$severity ),+ }
            }
        }
    };
}

codes! {
    Syntax = "PVR001", Error, "The text is not TOML.";
    UnknownSection = "PVR002", Error, "A section that the file does not have.";
    UnknownKey = "PVR003", Error, "A key that this section does not have.";
    WrongType = "PVR004", Error, "A value of the wrong type.";
    MissingKey = "PVR005", Error, "A required key or section is missing.";
    EmptyText = "PVR006", Error, "A text or list that must not be empty is empty.";
    UnknownWord = "PVR007", Error, "A word that is not on the closed list of this key.";
    BadId = "PVR008", Error, "An id that is not a short name.";
    DuplicateId = "PVR009", Error, "An id that is used twice, within a kind or across parties, sources and claims.";
    BadDate = "PVR010", Error, "A date or time that cannot be read.";
    BadNumber = "PVR011", Error, "A number that cannot be read or lies outside its range.";
    UnknownParty = "PVR012", Error, "A party that is not declared.";
    UnknownSource = "PVR013", Error, "A source that is not declared.";
    UnknownPredicate = "PVR014", Error, "A predicate that is not declared.";
    UnknownClaim = "PVR015", Error, "A claim that is not registered.";
    EmptyPeriod = "PVR016", Error, "A period that is empty or runs backwards.";
    OutsideScope = "PVR017", Error, "A claim, control total or withheld part about something that is not in the scope of the case.";
    DerivationCycle = "PVR018", Error, "Sources that are derived from each other in a circle.";
    UnitMismatch = "PVR019", Error, "A unit that does not fit the measure.";
    MixedUnits = "PVR020", Error, "Decimal and binary units mixed in one case.";
    UnknownTemplate = "PVR021", Error, "A claim template that does not exist.";
    TemplateArgument = "PVR022", Error, "A claim template whose argument is missing, unknown or not wanted.";
    UnknownStorageKind = "PVR023", Error, "A kind of use that does not exist.";
    SelfRelation = "PVR024", Error, "A relation of a party to itself.";
    RefusedRelation = "PVR025", Error, "A relation that would infer interest from nationality, ethnicity, religion or family.";
    BadDigest = "PVR026", Error, "A digest that is not sha256: and 64 hex digits.";
    BadAccount = "PVR027", Error, "An account or store that is not of the form provider/account or provider/account/container.";
    OverlappingAuthentication = "PVR028", Error, "Two authentications that say the same or contradict each other.";
    ClaimTest = "PVR029", Error, "A claim that names no test, or more than one.";
    MisplacedKey = "PVR030", Error, "A key that does not belong to this template, kind or format.";
    BadTarget = "PVR031", Error, "A challenge whose target is not an earlier exhibit, challenge or argument.";
    Repeated = "PVR032", Error, "A value that is listed twice.";
    SharedAddress = "PVR033", Error, "A mail address or domain that belongs to two parties, or is not one.";
    NotAPerson = "PVR034", Error, "A party that must be a person and is not.";
    UnknownColumn = "PVR035", Error, "A column that the evidence table does not have.";
    BeyondScope = "PVR036", Warning, "A claim whose period reaches beyond the period under review.";
    SourceOutsideScope = "PVR037", Warning, "A source of an account that is not under review.";
    UnitInQuote = "PVR038", Warning, "A quoted text that names a unit of the other family.";
    NoClaims = "PVR039", Warning, "A case without a claim: there is nothing to decide.";
    TotalDoesNotFit = "PVR040", Error, "A control total of something that its source does not hold.";
    BadLocation = "PVR041", Error, "An address that names no place of record files, or a pattern that leaves it.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One mistake, with everything needed to show it without the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// The file's name as given to the parser.
    pub file: String,
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in characters.
    pub column: u32,
    /// Length in characters on that line; at least one, so there is always a caret.
    pub span_chars: u32,
    /// Error or warning; always that of the code.
    pub severity: Severity,
    /// The permanent code.
    pub code: Code,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What stands there; empty when nothing does.
    pub found: String,
    /// What could stand there; empty when the message says it all.
    pub expected: String,
    /// The nearest known name, when one is near.
    pub nearest: Option<String>,
    /// The line as written.
    pub source_line: String,
}

impl Diagnostic {
    /// What the help line says, when there is one.
    fn help(&self) -> Option<String> {
        self.nearest
            .as_ref()
            .map(|nearest| format!("did you mean `{}`?", shown(nearest)))
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let column = self.column.saturating_sub(1) as usize;
        let (line, caret_at, caret_len) =
            laid_out(&self.source_line, column, self.span_chars as usize);
        writeln!(f, "{severity}[{}]: {}", self.code, shown(&self.message))?;
        writeln!(
            f,
            "{gutter}--> {}:{}:{}",
            shown(&self.file),
            self.line,
            self.column
        )?;
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{}", format!("{number} | {line}").trim_end())?;
        write!(
            f,
            "{gutter} | {}{}",
            " ".repeat(caret_at),
            "^".repeat(caret_len)
        )?;
        if !self.found.is_empty() {
            write!(f, "\n{gutter} = found: {}", shown(&self.found))?;
        }
        if !self.expected.is_empty() {
            write!(f, "\n{gutter} = expected: {}", shown(&self.expected))?;
        }
        if let Some(help) = self.help() {
            write!(f, "\n{gutter} = help: {help}")?;
        }
        Ok(())
    }
}

/// The line as shown, and where the carets stand under it, in terminal columns.
///
/// A tab is shown as four spaces, a wide character takes two columns and a combining mark none.
fn laid_out(line: &str, column: usize, span: usize) -> (String, usize, usize) {
    let mut text = String::new();
    let (mut at, mut length) = (0, 0);
    for (index, character) in line.chars().enumerate() {
        let piece = shown_char(character);
        let width = match piece {
            Shown::Tab => TAB.len(),
            Shown::Char(c) => c.width().unwrap_or(1),
        };
        if index < column {
            at += width;
        } else if index < column.saturating_add(span) {
            length += width;
        }
        match piece {
            Shown::Tab => text.push_str(TAB),
            Shown::Char(c) => text.push(c),
        }
    }
    (text, at, length.max(1))
}

/// How one character is shown.
enum Shown {
    /// As four spaces.
    Tab,
    /// As itself or its replacement.
    Char(char),
}

/// Replaces what would move the cursor or the reading direction.
fn shown_char(character: char) -> Shown {
    match character {
        '\t' => Shown::Tab,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' => {
            Shown::Char(char::REPLACEMENT_CHARACTER)
        }
        c if c.is_control() => Shown::Char(char::REPLACEMENT_CHARACTER),
        c => Shown::Char(c),
    }
}

/// A text of one line as shown.
fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match shown_char(character) {
            Shown::Tab => out.push_str(TAB),
            Shown::Char(c) => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Code, Diagnostic};
    use std::collections::BTreeSet;

    fn diagnostic(source_line: &str, column: u32, span_chars: u32) -> Diagnostic {
        Diagnostic {
            file: "case.toml".into(),
            line: 12,
            column,
            span_chars,
            severity: Code::UnknownParty.severity(),
            code: Code::UnknownParty,
            message: "no party has the id `provder`".into(),
            found: "`provder`".into(),
            expected: "the id of a [[party]]".into(),
            nearest: Some("provider".into()),
            source_line: source_line.into(),
        }
    }

    fn caret_row(source_line: &str, column: u32, span_chars: u32) -> String {
        let text = diagnostic(source_line, column, span_chars).to_string();
        text.lines()
            .nth(4)
            .unwrap()
            .trim_start_matches("   | ")
            .to_owned()
    }

    #[test]
    fn it_reads_as_rustc_writes() {
        let text = diagnostic("custodian = \"provder\"", 13, 9).to_string();
        let expected = "error[PVR012]: no party has the id `provder`\n  \
            --> case.toml:12:13\n   \
            |\n\
            12 | custodian = \"provder\"\n   \
            |             ^^^^^^^^^\n   \
            = found: `provder`\n   \
            = expected: the id of a [[party]]\n   \
            = help: did you mean `provider`?";
        assert_eq!(text, expected);
    }

    #[test]
    fn tabs_wide_and_combining_characters_keep_the_caret_right() {
        assert_eq!(caret_row("\ta = 1", 2, 1), "    ^");
        assert_eq!(caret_row("ключ = 1", 8, 1), "       ^");
        // Two characters of two columns each.
        assert_eq!(caret_row("会社 = 1", 6, 1), "       ^");
        assert_eq!(caret_row("会社 = 1", 1, 2), "^^^^");
        // `e` and a combining acute take one column together.
        assert_eq!(caret_row("e\u{301} = 1", 6, 1), "    ^");
    }

    #[test]
    fn a_span_outside_the_line_still_has_one_caret() {
        assert_eq!(caret_row("a", 400, 3), " ^");
        assert_eq!(caret_row("", 1, 0), "^");
        assert_eq!(caret_row("abc", 2, u32::MAX), " ^^");
        assert_eq!(caret_row("abc", 0, 1), "^");
    }

    #[test]
    fn text_from_the_file_cannot_drive_the_terminal() {
        let text = diagnostic("a = \"\u{1b}[2J\u{202e}x\"", 5, 3).to_string();
        assert!(
            !text.contains('\u{1b}') && !text.contains('\u{202e}'),
            "{text:?}"
        );
    }

    #[test]
    fn codes_are_unique_in_order_and_explained() {
        let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        let sorted: BTreeSet<_> = codes.iter().copied().collect();
        assert_eq!(codes, sorted.into_iter().collect::<Vec<_>>());
        for (index, code) in Code::ALL.iter().enumerate() {
            assert_eq!(code.as_str(), format!("PVR{:03}", index + 1));
            assert!(code.meaning().ends_with('.'));
        }
    }
}
