//! Finds lines in any pieces of a text; empty ones are passed over.

use memchr::{memchr, memrchr};

use super::blocks::{Ended, Find, Found};

/// Finds lines, fed with any pieces of the text.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    bytes_max: u64,
    /// The beginning of a line whose end is in a later piece.
    held: Vec<u8>,
    rows: u64,
}

impl Lines {
    /// At the beginning of a text; a line of more than `bytes_max` ends it.
    pub(super) fn new(bytes_max: u64) -> Self {
        Self {
            bytes_max,
            held: Vec::new(),
            rows: 0,
        }
    }

    /// Gives a line; whether it is short enough.
    fn emit(&mut self, line: &[u8], each: &mut impl FnMut(u64, Found<'_>) -> usize) -> bool {
        if line.len() as u64 > self.bytes_max {
            return false;
        }
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let line = line.trim_ascii_end();
        if !line.is_empty() {
            self.rows += 1;
            each(self.rows, Found::Record(line));
        }
        true
    }

    fn emit_held(&mut self, each: &mut impl FnMut(u64, Found<'_>) -> usize) -> bool {
        let held = std::mem::take(&mut self.held);
        self.emit(&held, each)
    }
}

impl Find for Lines {
    fn feed(
        &mut self,
        input: &[u8],
        each: &mut impl FnMut(u64, Found<'_>) -> usize,
    ) -> Option<Ended> {
        let mut rest = input;
        while let Some(end) = memchr(b'\n', rest) {
            let is_short = if self.held.is_empty() {
                self.emit(&rest[..end], each)
            } else {
                self.held.extend_from_slice(&rest[..end]);
                self.emit_held(each)
            };
            if !is_short {
                return Some(Ended::TooLong(self.bytes_max));
            }
            rest = &rest[end + 1..];
        }
        self.held.extend_from_slice(rest);
        (self.held.len() as u64 > self.bytes_max).then_some(Ended::TooLong(self.bytes_max))
    }

    fn end(&mut self, each: &mut impl FnMut(u64, Found<'_>) -> usize) -> Ended {
        if self.emit_held(each) {
            Ended::Whole
        } else {
            Ended::TooLong(self.bytes_max)
        }
    }

    fn rows(&self) -> u64 {
        self.rows
    }

    fn add_rows(&mut self, rows: u64) {
        self.rows += rows;
    }

    fn guess(&self) -> Self {
        Self::new(self.bytes_max)
    }

    fn is_at(&self, _guess: &Self) -> bool {
        self.held.is_empty()
    }

    fn first_start(&self, block: &[u8]) -> Option<usize> {
        memchr(b'\n', block).map(|at| at + 1)
    }

    fn last_start(&self, block: &[u8]) -> Option<usize> {
        memrchr(b'\n', block).map(|at| at + 1)
    }
}
