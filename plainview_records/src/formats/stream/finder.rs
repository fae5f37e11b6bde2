//! Finds the bytes of JSON records in any pieces of a text.
//!
//! Only strings, brackets and the names of envelopes are looked at; whether a record is JSON is for its reader to say. What
//! breaks one record should not take the next one with it, so a record also ends, as a bad one,
//! - at a line break inside a string, which JSON does not allow: the line was cut off;
//! - where an object begins that no object or array can hold there (`{"a": 1 {"b": 2}`): the end of the record is missing.
//!
//! Refuses to hold more than one record, that only up to a bound, and to give one that is nested too deeply.

use std::sync::Arc;

use memchr::{memchr, memchr3, memmem};

use super::blocks::{Ended, Find, Found};
use crate::limits::JSON_DEPTH_MAX;

/// Where in the text the finder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Between records: white space, commas and the brackets around records.
    Between,
    /// In a record.
    Record,
    /// In the fields of an envelope behind its array.
    Rest,
    /// In something that is no object, up to the end of its line.
    Junk,
}

/// Where in a string the finder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Outside,
    Inside,
    /// Behind a backslash.
    Escaped,
}

/// What is open around the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// `[`.
    Array,
    /// `{"Records": `, for one of the envelopes' names.
    Envelope,
}

/// Brackets and envelopes around records that are followed.
const FRAMES_MAX: usize = 16;

/// What a byte outside strings does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    Quote,
    Brace,
    Bracket,
    Close,
    Other,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    classes[b' ' as usize] = Class::Space;
    classes[b'\t' as usize] = Class::Space;
    classes[b'\r' as usize] = Class::Space;
    classes[b'\n' as usize] = Class::Space;
    classes[b'"' as usize] = Class::Quote;
    classes[b'{' as usize] = Class::Brace;
    classes[b'[' as usize] = Class::Bracket;
    classes[b'}' as usize] = Class::Close;
    classes[b']' as usize] = Class::Close;
    classes
};

/// The beginning of `input` that is text.
fn valid_text(input: &[u8]) -> &str {
    let valid = match std::str::from_utf8(input) {
        Ok(text) => return text,
        Err(error) => error.valid_up_to(),
    };
    std::str::from_utf8(&input[..valid]).unwrap_or_default()
}

/// Finds records, fed with any pieces of the text.
#[derive(Debug, Clone)]
pub(super) struct Finder<'e> {
    envelopes: &'e [&'e str],
    record_bytes_max: u64,
    /// Whether records are offered before their end is looked for.
    offers: bool,
    place: Place,
    frames: Vec<Frame>,
    /// The beginning of a record whose end is in a later piece.
    held: Vec<u8>,
    depth: u32,
    /// A bit for each open bracket of the record, the innermost lowest: whether it is an object's. Lost in a record that is
    /// too deep.
    objects: u64,
    is_too_deep: bool,
    text: Text,
    /// The last byte outside strings that is no space.
    last: u8,
    /// Where the last string at depth 1 lies in the record, without its quotes.
    name: (usize, usize),
    /// Whether a byte-order mark can no longer come.
    started: bool,
    /// How records of this text begin, up to their first name: where the next begins is guessed by it.
    start: Arc<[u8]>,
    rows: u64,
}

/// The longest beginning of a record that is remembered.
const START_BYTES_MAX: usize = 64;

impl Find for Finder<'_> {
    fn feed(
        &mut self,
        input: &[u8],
        each: &mut impl FnMut(u64, Found<'_>) -> usize,
    ) -> Option<Ended> {
        let mut at = 0;
        let offered = if self.offers { valid_text(input) } else { "" };
        while at < input.len() {
            at = match self.place {
                Place::Record if self.depth == 0 && at < offered.len() => {
                    match each(self.rows + 1, Found::First(&offered[at..])) {
                        0 => self.in_record(input, at, each),
                        length => {
                            self.rows += 1;
                            self.place = Place::Between;
                            self.remember_start(&input[at..at + length]);
                            at + length
                        }
                    }
                }
                Place::Between => match self.in_between(input, at) {
                    Ok(at) => at,
                    Err(byte) => return Some(self.broken(&format!("the byte {byte:#04x}"))),
                },
                Place::Record => self.in_record(input, at, each),
                Place::Rest => self.in_rest(input, at),
                Place::Junk => self.in_junk(input, at, each),
            };
            if self.held.len() as u64 > self.record_bytes_max {
                return Some(Ended::TooLong(self.record_bytes_max));
            }
        }
        None
    }

    fn end(&mut self, each: &mut impl FnMut(u64, Found<'_>) -> usize) -> Ended {
        if self.place == Place::Junk {
            self.emit(&[], each);
        }
        if self.place == Place::Between && self.frames.is_empty() {
            Ended::Whole
        } else {
            self.broken("the end of the file within a record or an array")
        }
    }

    fn rows(&self) -> u64 {
        self.rows
    }

    fn add_rows(&mut self, rows: u64) {
        self.rows += rows;
    }

    fn guess(&self) -> Self {
        Self {
            frames: self.frames.clone(),
            started: true,
            start: Arc::clone(&self.start),
            ..Self::new(self.envelopes, self.record_bytes_max, self.offers)
        }
    }

    fn is_at(&self, guess: &Self) -> bool {
        self.place == Place::Between && self.started && self.frames == guess.frames
    }

    fn first_start(&self, block: &[u8]) -> Option<usize> {
        let known = Some(&*self.start)
            .filter(|start| !start.is_empty())
            .and_then(|start| memmem::find(block, start));
        known.or_else(|| memmem::find(block, b"\n{").map(|at| at + 1))
    }

    fn last_start(&self, block: &[u8]) -> Option<usize> {
        let known = Some(&*self.start)
            .filter(|start| !start.is_empty())
            .and_then(|start| memmem::rfind(block, start));
        known.or_else(|| memmem::rfind(block, b"\n{").map(|at| at + 1))
    }
}

impl<'e> Finder<'e> {
    /// At the beginning of a text; arrays called one of `envelopes` hold records, and each record is offered as
    /// [`Found::First`] before its end is looked for, if `offers`.
    pub(super) fn new(envelopes: &'e [&'e str], record_bytes_max: u64, offers: bool) -> Self {
        Self {
            envelopes,
            record_bytes_max,
            offers,
            place: Place::Between,
            frames: Vec::new(),
            held: Vec::new(),
            depth: 0,
            objects: 0,
            is_too_deep: false,
            text: Text::Outside,
            last: 0,
            name: (0, 0),
            started: false,
            start: Arc::from([]),
            rows: 0,
        }
    }

    fn broken(&self, found: &str) -> Ended {
        Ended::Broken {
            row: self.rows + 1,
            found: found.to_owned(),
        }
    }

    /// Gives the record that ends with `rest`.
    fn emit(&mut self, rest: &[u8], each: &mut impl FnMut(u64, Found<'_>) -> usize) {
        self.rows += 1;
        self.place = Place::Between;
        if std::mem::take(&mut self.is_too_deep) {
            self.held.clear();
            each(self.rows, Found::TooDeep);
        } else if self.held.is_empty() {
            each(self.rows, Found::Record(rest));
            self.remember_start(rest);
        } else {
            self.held.extend_from_slice(rest);
            each(self.rows, Found::Record(&self.held));
            self.held.clear();
        }
    }

    fn remember_start(&mut self, record: &[u8]) {
        if self.start.is_empty()
            && record.first() == Some(&b'{')
            && let Some(colon) = memchr(b':', &record[..record.len().min(START_BYTES_MAX)])
        {
            self.start = Arc::from(&record[..=colon]);
        }
    }

    /// Goes to the next record or over what stands between records; gives the byte that can stand nowhere there.
    fn in_between(&mut self, input: &[u8], mut at: usize) -> Result<usize, u8> {
        while let Some(&byte) = input.get(at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => {}
                b'{' => {
                    self.begin();
                    return Ok(at);
                }
                b'[' if self.frames.len() < FRAMES_MAX => {
                    self.started = true;
                    self.frames.push(Frame::Array);
                }
                b']' => {
                    if self.frames.pop() != Some(Frame::Array) {
                        return Err(byte);
                    }
                    if self.frames.last() == Some(&Frame::Envelope) {
                        self.place = Place::Rest;
                        self.depth = 1;
                        return Ok(at + 1);
                    }
                }
                // A byte-order mark.
                0xef | 0xbb | 0xbf if !self.started => {}
                _ if self.frames.is_empty() => {
                    self.started = true;
                    self.place = Place::Junk;
                    return Ok(at);
                }
                _ => return Err(byte),
            }
            at += 1;
        }
        Ok(at)
    }

    /// A record begins; its first byte comes next.
    fn begin(&mut self) {
        self.started = true;
        self.place = Place::Record;
        self.depth = 0;
        self.objects = 0;
        self.is_too_deep = false;
        self.last = b':';
        self.name = (0, 0);
    }

    /// Goes on in a record that begins at `input[at]`, or before it in `held`.
    fn in_record(
        &mut self,
        input: &[u8],
        from: usize,
        each: &mut impl FnMut(u64, Found<'_>) -> usize,
    ) -> usize {
        let mut at = from;
        loop {
            if self.text != Text::Outside {
                let Some(next) = self.in_string(input, from, at) else {
                    break;
                };
                at = next;
                if self.text == Text::Inside {
                    // A line break: the record was cut off here.
                    self.text = Text::Outside;
                    self.emit(&input[from..at], each);
                    return at;
                }
            }
            let Some(&byte) = input.get(at) else { break };
            match CLASSES[usize::from(byte)] {
                Class::Space => {}
                Class::Quote => {
                    self.text = Text::Inside;
                    if self.depth == 1 {
                        self.name.0 = self.held.len() + at + 1 - from;
                    }
                }
                Class::Brace if self.cannot_hold_object() => {
                    self.emit(&input[from..at], each);
                    self.begin();
                    return at;
                }
                Class::Bracket if self.is_envelope(&input[from..at]) => {
                    self.held.clear();
                    self.frames.push(Frame::Envelope);
                    self.frames.push(Frame::Array);
                    self.place = Place::Between;
                    return at + 1;
                }
                Class::Brace | Class::Bracket => {
                    self.depth += 1;
                    self.is_too_deep |= self.depth > JSON_DEPTH_MAX;
                    self.objects = (self.objects << 1) | u64::from(byte == b'{');
                    self.last = byte;
                }
                Class::Close => {
                    self.depth -= 1;
                    self.objects >>= 1;
                    self.last = byte;
                    if self.depth == 0 {
                        self.emit(&input[from..=at], each);
                        return at + 1;
                    }
                }
                Class::Other => self.last = byte,
            }
            at += 1;
        }
        self.held.extend_from_slice(&input[from..]);
        input.len()
    }

    /// Goes to the end of a string: behind its quote, or to a line break, still [`Text::Inside`]. `None` when the
    /// piece ends before.
    fn in_string(&mut self, input: &[u8], from: usize, mut at: usize) -> Option<usize> {
        if self.text == Text::Escaped && at < input.len() {
            self.text = Text::Inside;
            at += 1;
        }
        loop {
            at += memchr3(b'"', b'\\', b'\n', input.get(at..)?)?;
            match input[at] {
                b'"' => {
                    if self.depth == 1 {
                        self.name.1 = self.held.len() + at - from;
                    }
                    self.text = Text::Outside;
                    self.last = b'"';
                    return Some(at + 1);
                }
                b'\n' => return Some(at),
                _ if at + 1 < input.len() => at += 2,
                _ => {
                    self.text = Text::Escaped;
                    return None;
                }
            }
        }
    }

    /// Whether no object can begin here, inside what is open.
    fn cannot_hold_object(&self) -> bool {
        let fits = if self.objects & 1 == 1 {
            self.last == b':'
        } else {
            matches!(self.last, b'[' | b',')
        };
        self.depth > 0 && !self.is_too_deep && !fits
    }

    /// Whether an array that begins here, behind `rest` of the record, is one of records.
    fn is_envelope(&self, rest: &[u8]) -> bool {
        if self.depth != 1 || self.last != b':' || self.frames.len() + 2 > FRAMES_MAX {
            return false;
        }
        let (start, end) = self.name;
        let held = self.held.len();
        let is = |name: &[u8]| self.envelopes.iter().any(|known| known.as_bytes() == name);
        if start >= held {
            is(rest.get(start - held..end - held).unwrap_or_default())
        } else if end <= held {
            is(self.held.get(start..end).unwrap_or_default())
        } else {
            let mut name = self.held[start..].to_vec();
            name.extend_from_slice(rest.get(..end - held).unwrap_or_default());
            is(&name)
        }
    }

    /// Goes to the end of an envelope's object.
    fn in_rest(&mut self, input: &[u8], mut at: usize) -> usize {
        while let Some(&byte) = input.get(at) {
            at += 1;
            match (self.text, byte) {
                (Text::Inside, b'\\') => self.text = Text::Escaped,
                (Text::Inside, b'"') => self.text = Text::Outside,
                (Text::Inside | Text::Escaped, _) | (Text::Outside, b'"') => {
                    self.text = Text::Inside;
                }
                (Text::Outside, b'{' | b'[') => self.depth += 1,
                (Text::Outside, b'}' | b']') => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        self.frames.pop();
                        self.place = Place::Between;
                        return at;
                    }
                }
                (Text::Outside, _) => {}
            }
        }
        at
    }

    fn in_junk(
        &mut self,
        input: &[u8],
        at: usize,
        each: &mut impl FnMut(u64, Found<'_>) -> usize,
    ) -> usize {
        if let Some(length) = memchr(b'\n', &input[at..]) {
            self.emit(&input[at..at + length], each);
            return at + length;
        }
        self.held.extend_from_slice(&input[at..]);
        input.len()
    }
}
