//! Splits a stream into the mails of an mbox file, bounded in memory.
//!
//! A mail begins at a `From ` line that is the first of the file or follows an empty line, and
//! that carries a time of day and a year: a sentence of a body that begins with "From " does not.
//! `>From ` quoting is undone as mboxrd defines it (one `>` taken off any run of them).
//!
//! It refuses to hold more than [`MAIL_BYTES_MAX`] of one mail: the rest is dropped and said so.

use std::io::{self, BufRead, Read as _};

/// The most bytes kept of one mail. Attachments come after the text, and are not read anyway.
pub(super) use crate::limits::MAIL_BYTES_MAX;
/// The longest line looked at in one piece; longer lines are handled in pieces of this size.
const LINE_BYTES_MAX: usize = 64 << 10;

/// One mail as split off.
#[derive(Debug, Default)]
pub(super) struct Raw {
    /// Its bytes, without the `From ` line and with quoting undone.
    pub(super) bytes: Vec<u8>,
    /// How many bytes of it were dropped.
    pub(super) dropped: u64,
    /// Lines of the body that begin with an unquoted `From ` and were taken as text.
    pub(super) unquoted_from: u64,
}

impl Raw {
    fn push(&mut self, line: &[u8]) {
        let room = MAIL_BYTES_MAX.saturating_sub(self.bytes.len());
        let kept = &line[..line.len().min(room)];
        self.bytes.extend_from_slice(kept);
        self.dropped += (line.len() - kept.len()) as u64;
    }
}

/// Whether these first bytes of a file are an mbox rather than one bare mail.
pub(super) fn is_mbox(first: &[u8]) -> bool {
    let line = first.split(|&b| b == b'\n').next().unwrap_or_default();
    line.starts_with(b"From ")
}

/// Reads mails one at a time.
pub(super) struct Mails<R> {
    reader: R,
    is_mbox: bool,
    stage: Stage,
    mid_line: bool,
}

/// How far the reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Start,
    Inside,
    End,
}

impl<R: BufRead> Mails<R> {
    /// A splitter over `reader`: an mbox when its first line says so, else one mail.
    pub(super) fn new(mut reader: R) -> io::Result<Self> {
        let mbox = is_mbox(reader.fill_buf()?);
        Ok(Mails {
            reader,
            is_mbox: mbox,
            stage: Stage::Start,
            mid_line: false,
        })
    }

    /// The next mail, or `None` at the end.
    pub(super) fn next_mail(&mut self) -> io::Result<Option<Raw>> {
        if self.stage == Stage::End {
            return Ok(None);
        }
        let mut mail = Raw::default();
        let mut line = Vec::new();
        let mut after_empty = false;
        let mut in_header = true;
        loop {
            let Some(begins) = self.read_piece(&mut line)? else {
                self.stage = Stage::End;
                break;
            };
            let first = self.stage == Stage::Start;
            self.stage = Stage::Inside;
            let marked = self.is_mbox && begins;
            if marked && line.starts_with(b"From ") {
                if first {
                    continue;
                }
                if after_empty && is_envelope(&line) {
                    break;
                }
                mail.unquoted_from += u64::from(!in_header);
            }
            mail.push(if marked { unquote(&line) } else { &line });
            after_empty = begins && line.trim_ascii().is_empty();
            in_header &= !after_empty;
        }
        if self.stage == Stage::End && self.is_mbox && mail.bytes.trim_ascii().is_empty() {
            return Ok(None);
        }
        Ok(Some(mail))
    }

    /// Reads the next line, or a piece of a long one; `Some(true)` when it begins a line, `None`
    /// at the end of the stream.
    fn read_piece(&mut self, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
        line.clear();
        let begins = !self.mid_line;
        let read = (&mut self.reader)
            .take(LINE_BYTES_MAX as u64)
            .read_until(b'\n', line)?;
        if read == 0 {
            return Ok(None);
        }
        self.mid_line = line.last() != Some(&b'\n');
        Ok(Some(begins))
    }
}

/// Whether a `From ` line has the look of an envelope: a time of day and a year.
fn is_envelope(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_time = |w: &str| {
        let digits = |p: &str| (1..=2).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit());
        w.contains(':') && w.split(':').all(digits) && w.split(':').count() >= 2
    };
    let is_year = |w: &str| {
        w.len() == 4
            && (w.starts_with("19") || w.starts_with("20"))
            && w.bytes().all(|b| b.is_ascii_digit())
    };
    words.len() >= 4 && words.iter().any(|w| is_time(w)) && words.iter().any(|w| is_year(w))
}

/// Takes one `>` off a quoted `From ` line.
fn unquote(line: &[u8]) -> &[u8] {
    let marks = line.iter().take_while(|&&b| b == b'>').count();
    if marks > 0 && line[marks..].starts_with(b"From ") {
        &line[1..]
    } else {
        line
    }
}
