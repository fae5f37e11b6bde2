//! Digit runs and digits in groups (rules 2 and 3).

use super::keyed::{Keyed, digit, in_script};
use crate::times::{DAY_MS, days_from_civil, is_leap};

/// Digits of the shortest unbroken run that rule 2 looks at.
pub(super) const RUN_DIGITS_MIN: u32 = 7;

/// Fewest digits of a joined run that rule 3 looks at.
pub(super) const JOINED_DIGITS_MIN: u32 = 9;

/// Most digits of a joined run that rule 3 looks at: E.164 allows 15.
const JOINED_DIGITS_MAX: usize = 15;

/// Most separators between two groups; more than one only when one is a parenthesis, as in `(050) 123`.
pub(super) const SEPARATORS_MAX: u32 = 2;

/// Epoch times are kept when they are this near to the row's own time.
const NEAR_MS: i64 = 2 * DAY_MS;

/// Reused between texts, so that a key costs no allocation beyond its own result.
#[derive(Debug, Clone, Default)]
pub(super) struct Buffers {
    /// Digit values of the joined run being looked at.
    values: Vec<u8>,
    /// Its groups.
    groups: Vec<Group>,
    /// Its digits' places in the text and scripts, one for each value.
    places: Vec<(usize, char)>,
}

/// One unbroken run of digits.
#[derive(Debug, Clone, Copy)]
struct Group {
    /// First value in [`Buffers::values`].
    first: usize,
    /// One past the last value.
    end: usize,
    /// Whether the separator before it is a single dot.
    after_dot: bool,
    /// Taken out of rule 3: a date, a time, or inside a UUID.
    apart: bool,
}

impl Group {
    fn len(self) -> usize {
        self.end - self.first
    }
}

fn is_separator(character: char) -> bool {
    // Typographic hyphens, dashes and fixed spaces are what mail programs make of `-` and a space.
    matches!(
        character,
        '-' | '.' | ' ' | '(' | ')' | '\u{a0}' | '\u{2010}'
            ..='\u{2015}' | '\u{2007}' | '\u{2009}' | '\u{202f}'
    )
}

/// Whether `between` joins two groups of digits.
fn joins(between: &str) -> bool {
    let mut characters = between.chars();
    let (first, second, third) = (characters.next(), characters.next(), characters.next());
    match (first, second, third) {
        (Some(only), None, None) => is_separator(only),
        (Some(first), Some(second), None) => {
            is_separator(first)
                && is_separator(second)
                && (matches!(first, '(' | ')') || matches!(second, '(' | ')'))
        }
        _ => false,
    }
}

/// The next digit at or after byte `from`: where it is, its value, and its script's zero.
#[inline]
fn next_digit(text: &str, from: usize) -> Option<(usize, u8, char)> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            byte @ b'0'..=b'9' => return Some((at, byte - b'0', '0')),
            0x80.. => {
                let character = text[at..].chars().next()?;
                if let Some((value, zero)) = digit(character) {
                    return Some((at, value, zero));
                }
                at += character.len_utf8();
            }
            _ => at += 1,
        }
    }
    None
}

/// Appends `text` with its digit runs masked; whether anything was.
pub(super) fn push(
    text: &str,
    row_time_ms: Option<i64>,
    buffers: &mut Buffers,
    keyed: &mut Keyed,
    out: &mut String,
) -> bool {
    let mut changed = false;
    let mut copied = 0;
    buffers.clear();
    let mut last_end = 0;
    while let Some((at, value, zero)) = next_digit(text, last_end) {
        if !buffers.groups.is_empty() && last_end != at && !joins(&text[last_end..at]) {
            changed |= buffers.settle(text, row_time_ms, keyed, out, &mut copied);
        }
        if buffers.groups.is_empty() || last_end != at {
            let after_dot = !buffers.groups.is_empty() && &text[last_end..at] == ".";
            let first = buffers.values.len();
            buffers.groups.push(Group {
                first,
                end: first,
                after_dot,
                apart: false,
            });
        }
        buffers.values.push(value);
        buffers.places.push((at, zero));
        if let Some(group) = buffers.groups.last_mut() {
            group.end += 1;
        }
        last_end = at + zero.len_utf8();
    }
    changed |= buffers.settle(text, row_time_ms, keyed, out, &mut copied);
    out.push_str(&text[copied..]);
    changed
}

impl Buffers {
    fn clear(&mut self) {
        self.values.clear();
        self.groups.clear();
        self.places.clear();
    }

    fn digits_of(&self, group: Group) -> &[u8] {
        &self.values[group.first..group.end]
    }

    /// Masks the joined run collected so far, appends the text up to its end, and starts afresh.
    fn settle(
        &mut self,
        text: &str,
        row_time_ms: Option<i64>,
        keyed: &mut Keyed,
        out: &mut String,
        copied: &mut usize,
    ) -> bool {
        // Most runs are short and alone: nothing to look at.
        if self.values.len() < RUN_DIGITS_MIN as usize {
            self.clear();
            return false;
        }
        let mut changed = false;
        if self.groups.len() > 1 && self.values.len() >= JOINED_DIGITS_MIN as usize {
            self.set_dates_apart(row_time_ms);
            self.set_uuids_apart(text);
        }
        let mut index = 0;
        while index < self.groups.len() {
            let end = self.segment_end(index);
            let (first, last) = (self.groups[index].first, self.groups[end - 1].end);
            let whole = end - index > 1 && self.is_phone_like(index, end);
            if whole {
                self.mask(text, first, last, keyed, out, copied);
                changed = true;
            } else {
                for at in index..end {
                    let group = self.groups[at];
                    if group.len() >= RUN_DIGITS_MIN as usize
                        && !is_kept(self.digits_of(group), row_time_ms)
                    {
                        self.mask(text, group.first, group.end, keyed, out, copied);
                        changed = true;
                    }
                }
            }
            index = end;
        }
        self.clear();
        changed
    }

    /// One past the last group of the segment that starts at group `index`: groups set apart stand alone.
    fn segment_end(&self, index: usize) -> usize {
        if self.groups[index].apart {
            return index + 1;
        }
        self.groups[index..]
            .iter()
            .position(|group| group.apart)
            .map_or(self.groups.len(), |length| index + length)
    }

    fn is_phone_like(&self, index: usize, end: usize) -> bool {
        let groups = &self.groups[index..end];
        let digits: usize = groups.iter().map(|group| group.len()).sum();
        (JOINED_DIGITS_MIN as usize..=JOINED_DIGITS_MAX).contains(&digits)
            && groups.iter().any(|group| group.len() >= 3)
    }

    /// Keys the values `first..end` as one run and writes them in place, each in its own script.
    fn mask(
        &mut self,
        text: &str,
        first: usize,
        end: usize,
        keyed: &mut Keyed,
        out: &mut String,
        copied: &mut usize,
    ) {
        keyed.digits(&mut self.values[first..end]);
        for index in first..end {
            let (at, zero) = self.places[index];
            out.push_str(&text[*copied..at]);
            out.push(in_script(self.values[index], zero));
            *copied = at + zero.len_utf8();
        }
    }

    /// Sets apart what reads as a date, a date with time, or, when nothing else is there, a time.
    fn set_dates_apart(&mut self, row_time_ms: Option<i64>) {
        let mut index = 0;
        while index < self.groups.len() {
            let date = self.date_at(index, row_time_ms);
            if date == 0 {
                index += 1;
                continue;
            }
            let clock = self.clock_at(index + date);
            for group in &mut self.groups[index..index + date + clock] {
                group.apart = true;
            }
            index += date + clock;
        }
        // `10-11-12.345` alone is a time of day; anything longer may be a number.
        if self.clock_at(0) == self.groups.len() && self.groups.len() >= 3 {
            for group in &mut self.groups {
                group.apart = true;
            }
        }
    }

    /// How many groups from `index` make a date; 0 when they do not.
    fn date_at(&self, index: usize, row_time_ms: Option<i64>) -> usize {
        let number = |at: usize, length: usize| {
            let group = self
                .groups
                .get(index + at)
                .filter(|group| group.len() == length)?;
            Some(value_of(self.digits_of(*group)))
        };
        if let (Some(year), Some(month), Some(day)) = (number(0, 4), number(1, 2), number(2, 2))
            && is_date(year, month, day)
        {
            return 3;
        }
        if let (Some(one), Some(two), Some(year)) = (number(0, 2), number(1, 2), number(2, 4))
            && (is_date(year, two, one) || is_date(year, one, two))
        {
            return 3;
        }
        let run = self.digits_of(self.groups[index]);
        usize::from(run.len() >= RUN_DIGITS_MIN as usize && is_time(run, row_time_ms))
    }

    /// How many groups from `index` make a time of day: `HH MM SS`, `HH MM`, `HHMMSS` or `HHMM`, with a fraction behind a dot.
    fn clock_at(&self, index: usize) -> usize {
        let Some(&first) = self.groups.get(index) else {
            return 0;
        };
        let run = self.digits_of(first);
        let mut count = match run.len() {
            6 if is_clock(run) => 1,
            4 if is_clock(&[run, &[0, 0]].concat()) => 1,
            2 => {
                let pairs: Vec<u8> = self.groups[index..]
                    .iter()
                    .take(3)
                    .take_while(|group| group.len() == 2)
                    .flat_map(|group| self.digits_of(*group).iter().copied())
                    .collect();
                match pairs.len() {
                    6 if is_clock(&pairs) => 3,
                    4 | 6 if is_clock(&[&pairs[..4], &[0, 0]].concat()) => 2,
                    _ => 0,
                }
            }
            _ => 0,
        };
        let is_fraction = |group: &Group| group.after_dot && group.len() <= 6;
        if count > 0 && self.groups.get(index + count).is_some_and(is_fraction) {
            count += 1;
        }
        count
    }

    /// Sets apart the groups that lie inside a UUID: rule 3 leaves them, rule 2 still looks at each.
    fn set_uuids_apart(&mut self, text: &str) {
        let mut from = 0;
        let last = self.places.last().map_or(0, |place| place.0);
        let mut at = self
            .places
            .first()
            .map_or(0, |place| place.0.saturating_sub(UUID_BYTES - 1));
        while at <= last {
            if !is_uuid(text.as_bytes(), at) {
                at += 1;
                continue;
            }
            for group in &mut self.groups[from..] {
                let (start, end) = (self.places[group.first].0, self.places[group.end - 1].0);
                if start >= at && end < at + UUID_BYTES {
                    group.apart = true;
                }
                if end < at {
                    from += 1;
                }
            }
            at += UUID_BYTES;
        }
    }
}

/// Length of a UUID as text.
const UUID_BYTES: usize = 36;

/// Whether a UUID, not part of a longer word, starts at byte `at`.
fn is_uuid(text: &[u8], at: usize) -> bool {
    let Some(bytes) = text.get(at..at + UUID_BYTES) else {
        return false;
    };
    let shape = bytes.iter().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    let bare = |byte: Option<&u8>| !byte.is_some_and(u8::is_ascii_alphanumeric);
    shape
        && bare(at.checked_sub(1).and_then(|before| text.get(before)))
        && bare(text.get(at + UUID_BYTES))
}

fn value_of(digits: &[u8]) -> i64 {
    digits.iter().fold(0_i64, |value, &digit| {
        value.wrapping_mul(10).wrapping_add(i64::from(digit))
    })
}

fn is_year(year: i64) -> bool {
    (1990..=2049).contains(&year)
}

fn is_date(year: i64, month: i64, day: i64) -> bool {
    is_year(year) && days_from_civil(year, month, day).is_some()
}

/// Whether 8 digits are a date `yyyymmdd`.
fn is_ymd(digits: &[u8]) -> bool {
    is_date(
        value_of(&digits[..4]),
        value_of(&digits[4..6]),
        value_of(&digits[6..8]),
    )
}

/// Whether 6 digits are a time of day `HHMMSS`.
fn is_clock(digits: &[u8]) -> bool {
    value_of(&digits[..2]) <= 23 && value_of(&digits[2..4]) <= 59 && value_of(&digits[4..6]) <= 60
}

/// Whether 13 digits are `yyyydddHHMMSS`, as in the names of weather satellite files.
fn is_year_day_clock(digits: &[u8]) -> bool {
    let (year, day) = (value_of(&digits[..4]), value_of(&digits[4..7]));
    let days = if is_leap(year) { 366 } else { 365 };
    is_year(year) && (1..=days).contains(&day) && is_clock(&digits[7..13])
}

/// Exceptions (a), (b) and (c) of rule 2: the run reads as a date or a time.
fn is_time(digits: &[u8], row_time_ms: Option<i64>) -> bool {
    match digits.len() {
        8 => is_ymd(digits),
        10 => {
            near(row_time_ms, Some(value_of(digits) * 1000)) || near(row_time_ms, civil_ms(digits))
        }
        12 => near(row_time_ms, civil_ms(digits)),
        13 => is_year_day_clock(digits) || near(row_time_ms, Some(value_of(digits))),
        14 => (is_ymd(digits) && is_clock(&digits[8..])) || is_year_day_clock(digits),
        17 => is_ymd(digits) && is_clock(&digits[8..14]),
        _ => false,
    }
}

/// The moment `yyyymmddHH` or `yyyymmddHHMM`, read as UTC.
fn civil_ms(digits: &[u8]) -> Option<i64> {
    if !is_ymd(digits) {
        return None;
    }
    let days = days_from_civil(
        value_of(&digits[..4]),
        value_of(&digits[4..6]),
        value_of(&digits[6..8]),
    )?;
    let hour = value_of(&digits[8..10]);
    let minute = value_of(&digits[10..]);
    (hour <= 23 && minute <= 59).then_some(days * DAY_MS + (hour * 60 + minute) * 60_000)
}

fn near(row_time_ms: Option<i64>, moment_ms: Option<i64>) -> bool {
    match (row_time_ms, moment_ms) {
        (Some(row), Some(moment)) => row.abs_diff(moment) <= NEAR_MS.unsigned_abs(),
        _ => false,
    }
}

/// Whether rule 2 keeps a run of 7 or more digits: a date, a time, or (exception (d)) a counter.
fn is_kept(digits: &[u8], row_time_ms: Option<i64>) -> bool {
    let zeros = digits.iter().take_while(|&&digit| digit == 0).count();
    let is_counter = zeros >= 4 && digits.len() - zeros <= 6;
    is_counter || is_time(digits, row_time_ms)
}
