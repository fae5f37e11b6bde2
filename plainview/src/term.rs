//! What people see: results to standard output, everything else to standard error.
//!
//! Progress is drawn only on a terminal. A closed pipe ends the output quietly, as tools in a
//! pipeline should.

use std::io::{IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressStyle};

/// Writes a result to standard output.
pub(crate) fn result(text: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that has gone away needs no more output and is no failure of the review.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes one line for the person at the terminal to standard error.
pub(crate) fn note(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "{}", harmless(text));
}

/// `text` without what would drive a terminal or reorder a line: controls other than line feeds become
/// spaces. For names that come from records or from the command line.
pub(crate) fn harmless(text: &str) -> String {
    let plain = |c: char| (c != '\n' && c.is_control()) || is_bidirectional(c);
    text.chars()
        .map(|c| if plain(c) { ' ' } else { c })
        .collect()
}

/// Whether progress may be drawn.
fn interactive() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("CI").is_none()
}

/// One named step of a long run, with a bar where there is a terminal.
pub(crate) struct Step {
    bar: Option<ProgressBar>,
}

impl Step {
    /// Starts a step of `total` units (bytes, or 0 when unknown).
    pub(crate) fn start(name: &str, total: u64) -> Self {
        if !interactive() {
            note(name);
            return Self { bar: None };
        }
        let bar = ProgressBar::new(total);
        let template = if total > 0 {
            "{msg:32} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}"
        } else {
            "{msg:32} {spinner}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(name.to_owned());
        Self { bar: Some(bar) }
    }

    /// Says how far it is.
    pub(crate) fn at(&self, done: u64, total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(total);
            bar.set_position(done);
        }
    }

    /// Ends the step with a line of what it gave.
    pub(crate) fn done(self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        note(text);
    }
}

/// The word that people read for an outcome.
pub(crate) fn outcome_word(outcome: plainview_weigh::verdict::Outcome) -> &'static str {
    use plainview_weigh::verdict::Outcome;
    match outcome {
        Outcome::Supported => "Supported",
        Outcome::Contradicted => "Contradicted",
        Outcome::Contested => "Contested",
        Outcome::NotShown => "Undecided",
        Outcome::NotTested => "Not tested",
    }
}

/// Bold on a terminal that wants colour; plain where `NO_COLOR` is set or output is piped.
pub(crate) fn bold(text: &str) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    if plain || !std::io::stdout().is_terminal() {
        text.to_owned()
    } else {
        format!("\u{1b}[1m{text}\u{1b}[0m")
    }
}

fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Widest line of wrapped text.
const COLUMNS: usize = 96;

/// Folds `text` into lines indented by `indent` spaces. Control characters, which could drive a
/// terminal, are shown as spaces.
pub(crate) fn wrap(text: &str, indent: usize) -> String {
    let clean = harmless(text);
    let mut out = String::new();
    let mut line = String::new();
    for word in clean.split_whitespace() {
        let width = indent + line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && width > COLUMNS {
            out.push_str(&format!("{:indent$}{line}\n", ""));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        out.push_str(&format!("{:indent$}{line}\n", ""));
    }
    out
}

/// Bytes in binary units with one decimal, by integer arithmetic.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut shift = 0;
    while shift < UNITS.len() - 1 && count >> (10 * (shift + 1)) > 0 {
        shift += 1;
    }
    if shift == 0 {
        return format!("{count} B");
    }
    let tenths = (u128::from(count) * 10) >> (10 * shift);
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[shift])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_in_binary_units() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(u64::MAX), "15.9 EiB");
    }

    #[test]
    fn text_is_wrapped_and_cannot_drive_the_terminal() {
        assert_eq!(wrap("a \u{1b}[2J b", 2), "  a [2J b\n");
        assert!(
            wrap(&"word ".repeat(60), 4)
                .lines()
                .all(|l| l.chars().count() <= COLUMNS)
        );
    }
}
