//! What the parts of a merged pattern mean: dates and times by range and agreement with arrival, everything else by
//! class and length. It refuses values: an identifier-like run is `{number:N}`, a word is printed only from the
//! lexicon or when many keys share it, and nothing the reader keys with the case's salt is ever printed.

use super::join::NUMBER_DIGITS_MIN;
use super::{Part, Pattern, What, date, epoch_ms, near, number, spans};
use crate::calendar::{DAY_MS, date_of, day_number, day_of};
use crate::lexicon::lexicon;
use crate::profile::{SlotMeaning, SlotProfile};
use crate::sample::SampleRow;
use crate::signature::{DIGIT, END, NON_ASCII, Token, class_of};

/// A merged pattern, read against its sample.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) template: String,
    pub(crate) slots: Vec<SlotProfile>,
    /// Time in the key of each row, milliseconds, where the key holds one to the second.
    pub(crate) key_times: Vec<Option<i64>>,
}

/// Which part of a date or time was read last, so that the next short digits can be the next smaller one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Nothing,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// A time as its parts are found in one key.
#[derive(Debug, Clone, Copy, Default)]
struct Clock {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    /// Day number of a whole date.
    date: Option<i64>,
    hour: Option<i64>,
    minute: Option<i64>,
    second: Option<i64>,
    /// A whole time, milliseconds.
    whole: Option<i64>,
}

impl Clock {
    fn ms(&self) -> Option<i64> {
        if self.whole.is_some() {
            return self.whole;
        }
        let day = self
            .date
            .or_else(|| day_number(self.year?, self.month?, self.day?))?;
        let seconds = self.hour? * 3_600 + self.minute? * 60 + self.second?;
        Some(day * DAY_MS + seconds * 1_000)
    }
}

/// One part with its sampled spans.
struct Column<'a> {
    part: Part,
    rows: &'a [SampleRow],
    spans: Vec<Token>,
}

impl Column<'_> {
    fn text(&self, row: usize) -> &str {
        let span = &self.spans[row];
        &self.rows[row].key[span.start..span.end]
    }

    fn number(&self, row: usize) -> Option<i64> {
        number(&self.rows[row].key, &self.spans[row])
    }

    fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether at least 19 of 20 rows pass.
    fn mostly(&self, test: impl Fn(usize) -> bool) -> bool {
        self.len() > 0 && self.count(test) * 20 >= self.len() * 19
    }

    fn count(&self, test: impl Fn(usize) -> bool) -> usize {
        (0..self.len()).filter(|row| test(*row)).count()
    }

    fn in_range(&self, low: i64, high: i64) -> bool {
        self.mostly(|row| {
            self.number(row)
                .is_some_and(|value| (low..=high).contains(&value))
        })
    }

    /// The text that all rows share.
    fn constant(&self) -> Option<&str> {
        let first = (self.len() > 0).then(|| self.text(0))?;
        (1..self.len())
            .all(|row| self.text(row) == first)
            .then_some(first)
    }

    fn arrival_day(&self, row: usize) -> Option<i64> {
        self.rows[row].arrival_ms().map(day_of)
    }

    fn lengths(&self) -> (u32, u32) {
        let lengths = self
            .spans
            .iter()
            .map(|span| u32::try_from(span.len()).unwrap_or(u32::MAX));
        (
            lengths.clone().min().unwrap_or(0),
            lengths.max().unwrap_or(0),
        )
    }
}

/// Reads a pattern. `rows` are its sampled objects, `objects` all of them.
pub(crate) fn read(
    pattern: &Pattern,
    rows: &[SampleRow],
    objects: u64,
    literal_min: u64,
) -> Reading {
    let columns = columns(pattern, rows);
    let mut clocks = vec![Clock::default(); rows.len()];
    let mut reading = Reading {
        template: String::new(),
        slots: Vec::new(),
        key_times: Vec::new(),
    };
    let mut expect = Expect::Nothing;
    let extension = lexicon().by_number(pattern.extension);
    let mut extension_words = extension
        .map(|extension| extension.text.split('.'))
        .into_iter()
        .flatten();
    for (at, column) in columns.iter().enumerate() {
        match column.part.what {
            What::Empty => {}
            What::Elided => reading.template.push_str("{...}"),
            What::Extension => reading
                .template
                .push_str(extension_words.next().unwrap_or_default()),
            _ => {
                let literal = literal(&columns, at, objects, literal_min);
                if let Some(word) = literal {
                    reading.template.push_str(word);
                } else {
                    let slot = slot(&columns, at, &mut expect, &mut clocks);
                    reading.template.push_str(&slot.name);
                    reading.slots.push(slot);
                }
            }
        }
        if column.part.delimiter != END {
            push_delimiter(&mut reading.template, column.part.delimiter);
        }
    }
    reading.key_times = clocks.iter().map(Clock::ms).collect();
    reading
}

/// Control characters of hostile keys are shown as a replacement; braces are doubled, since templates use them.
fn push_delimiter(template: &mut String, delimiter: u8) {
    match delimiter {
        b'{' => template.push_str("{{"),
        b'}' => template.push_str("}}"),
        0x20..=0x7E => template.push(char::from(delimiter)),
        _ => template.push('\u{FFFD}'),
    }
}

fn columns<'a>(pattern: &Pattern, rows: &'a [SampleRow]) -> Vec<Column<'a>> {
    let mut columns: Vec<Column<'a>> = pattern
        .parts
        .iter()
        .map(|part| Column {
            part: *part,
            rows,
            spans: Vec::with_capacity(rows.len()),
        })
        .collect();
    let mut list = Vec::new();
    for row in rows {
        let found = spans(&pattern.parts, row, &mut list).unwrap_or_default();
        for (at, column) in columns.iter_mut().enumerate() {
            // A key that does not fit its own pattern cannot occur; an empty span keeps rows aligned all the same.
            let nothing = Token {
                start: 0,
                end: 0,
                class: 0,
                delimiter: END,
                keyed: false,
            };
            column.spans.push(found.get(at).copied().unwrap_or(nothing));
        }
    }
    columns
}

/// The text to print in place of a slot, if every sampled key shares it and it may be printed.
fn literal<'a>(
    columns: &'a [Column<'_>],
    at: usize,
    objects: u64,
    literal_min: u64,
) -> Option<&'a str> {
    let column = &columns[at];
    let text = column.constant()?;
    if column
        .spans
        .iter()
        .any(|span| span.keyed || span.class & NON_ASCII != 0)
    {
        return None;
    }
    let many = objects >= literal_min && column.len() >= 20;
    let stem = text.trim_end_matches(|last: char| last.is_ascii_digit());
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    match column.part.what {
        What::Word => (many || lexicon().is_word(text)).then_some(text),
        What::Alnum { .. } | What::Hex(_) if lexicon().is_word(text) => Some(text),
        // A longer mixture that many keys share is as likely a person's code as a program's mark.
        What::Alnum { .. } | What::Hex(_) => {
            let plain = text.len() <= 4 || lexicon().is_word(stem);
            (many && plain && digits <= 3 && !beside_digits(columns, at)).then_some(text)
        }
        _ => None,
    }
}

/// Whether a digit group of this part is joined to one beside it, as in a telephone number with separators, which the
/// reader keys.
fn beside_digits(columns: &[Column<'_>], at: usize) -> bool {
    let joins = |column: &Column<'_>| {
        matches!(
            column.part.delimiter,
            b'-' | b'.' | b' ' | b'(' | b')' | b'+'
        )
    };
    let starts = |column: &Column<'_>| {
        (0..column.len()).any(|row| {
            column
                .text(row)
                .starts_with(|first: char| first.is_ascii_digit())
        })
    };
    let ends = |column: &Column<'_>| {
        (0..column.len()).any(|row| {
            column
                .text(row)
                .ends_with(|last: char| last.is_ascii_digit())
        })
    };
    let column = &columns[at];
    let before = at.checked_sub(1).map(|before| &columns[before]);
    before.is_some_and(|before| joins(before) && ends(before) && starts(column))
        || columns
            .get(at + 1)
            .is_some_and(|after| joins(column) && ends(column) && starts(after))
}

/// Whether the part before is a word that does not announce an hour: the `01` of `2025/03/14/disk-01` counts disks.
fn after_other_word(columns: &[Column<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| &columns[before]);
    before.is_some_and(|before| {
        let hour = before.constant().is_some_and(|word| {
            ["hour", "hr", "hh", "h", "t"]
                .iter()
                .any(|known| word.eq_ignore_ascii_case(known))
        });
        matches!(before.part.what, What::Word) && !hour
    })
}

fn slot(
    columns: &[Column<'_>],
    at: usize,
    expect: &mut Expect,
    clocks: &mut [Clock],
) -> SlotProfile {
    let column = &columns[at];
    let (meaning, name, agrees) = match column.part.what {
        What::Year => year(columns, at, expect, clocks),
        What::Date => date_slot(column, expect, clocks),
        What::Epoch => epoch(column, clocks),
        What::Digits { .. } => {
            if *expect == Expect::Hour && column.lengths().1 <= 2 && after_other_word(columns, at) {
                *expect = Expect::Nothing;
            }
            digits(column, expect, clocks)
        }
        What::Uuid => (SlotMeaning::Uuid, "uuid".to_owned(), None),
        What::Hex(length) => timed(column, clocks)
            .unwrap_or_else(|| (SlotMeaning::Hex, format!("hex:{length}"), None)),
        What::HexLetters(_) | What::Word => (SlotMeaning::Word, "word".to_owned(), None),
        What::Alnum { .. } => {
            let (shortest, longest) = column.lengths();
            timed(column, clocks)
                .unwrap_or_else(|| (SlotMeaning::Alnum, ranged("alnum", shortest, longest), None))
        }
        What::Empty | What::Elided | What::Extension | What::Text => {
            (SlotMeaning::Text, "text".to_owned(), None)
        }
    };
    let (length_min, length_max) = column.lengths();
    SlotProfile {
        name: format!("{{{name}}}"),
        meaning,
        length_min,
        length_max,
        sampled: u64::try_from(column.len()).unwrap_or(u64::MAX),
        agrees_with_arrival: agrees.map(|count| u64::try_from(count).unwrap_or(u64::MAX)),
    }
}

type Found = (SlotMeaning, String, Option<usize>);

/// A year if arrival agrees for half of the sample, or a month follows, or the word before says so.
fn year(columns: &[Column<'_>], at: usize, expect: &mut Expect, clocks: &mut [Clock]) -> Found {
    let column = &columns[at];
    let agrees = column.count(|row| {
        column
            .arrival_day(row)
            .is_some_and(|day| Some(date_of(day).0) == column.number(row))
    });
    let month_follows = columns[at + 1..]
        .iter()
        .find(|next| !matches!(next.part.what, What::Word))
        .is_some_and(|next| {
            matches!(next.part.what, What::Digits { max: 1..=2, .. }) && next.in_range(1, 12)
        });
    let named = at > 0
        && columns[at - 1]
            .constant()
            .is_some_and(|word| word.eq_ignore_ascii_case("year"));
    if agrees * 2 < column.len() && !month_follows && !named {
        return (SlotMeaning::Digits, "digits:4".to_owned(), None);
    }
    *expect = Expect::Month;
    set(column, clocks, |clock, value| clock.year = Some(value));
    (SlotMeaning::Year, "yyyy".to_owned(), Some(agrees))
}

fn date_slot(column: &Column<'_>, expect: &mut Expect, clocks: &mut [Clock]) -> Found {
    let agrees = same_day(column, date);
    *expect = Expect::Hour;
    set(column, clocks, |clock, value| clock.date = date(value));
    (SlotMeaning::Date, "yyyymmdd".to_owned(), Some(agrees))
}

/// Rows whose value gives the day of arrival, or the one beside it: keys often hold local dates.
fn same_day(column: &Column<'_>, day_in: impl Fn(i64) -> Option<i64>) -> usize {
    column.count(|row| {
        let day = column.number(row).and_then(&day_in);
        day.zip(column.arrival_day(row))
            .is_some_and(|(left, right)| left.abs_diff(right) <= 1)
    })
}

fn set(column: &Column<'_>, clocks: &mut [Clock], put: impl Fn(&mut Clock, i64)) {
    for (row, clock) in clocks.iter_mut().enumerate() {
        if let Some(value) = column.number(row) {
            put(clock, value);
        }
    }
}

fn epoch(column: &Column<'_>, clocks: &mut [Clock]) -> Found {
    let length = u16::try_from(column.lengths().1).unwrap_or(0);
    let agrees = column.count(|row| {
        let value = column.number(row).map(|value| epoch_ms(value, length));
        value
            .zip(column.rows[row].arrival_ms())
            .is_some_and(|(left, right)| near(left, right))
    });
    for (row, clock) in clocks.iter_mut().enumerate() {
        let near_arrival = column.number(row).map(|value| epoch_ms(value, length));
        clock.whole = near_arrival
            .filter(|value| {
                column.rows[row]
                    .arrival_ms()
                    .is_some_and(|at| near(*value, at))
            })
            .or(clock.whole);
    }
    let name = if length == 10 { "epoch" } else { "epoch_ms" };
    (SlotMeaning::Epoch, name.to_owned(), Some(agrees))
}

/// Digits that are not plainly a year, date or epoch: the next part of a time, a compact time, an identifier-like
/// number, a counter, or just digits.
fn digits(column: &Column<'_>, expect: &mut Expect, clocks: &mut [Clock]) -> Found {
    let (shortest, longest) = column.lengths();
    if longest <= 2
        && let Some(found) = next_part(column, expect, clocks)
    {
        return found;
    }
    if let Some(found) = compact(column, (shortest, longest), expect, clocks) {
        return found;
    }
    if shortest >= u32::from(NUMBER_DIGITS_MIN) {
        return (
            SlotMeaning::Number,
            ranged("number", shortest, longest),
            None,
        );
    }
    let mut values: Vec<i64> = (0..column.len())
        .filter_map(|row| column.number(row))
        .collect();
    values.sort_unstable();
    values.dedup();
    if column.len() >= 8 && values.len() * 5 >= column.len() * 4 {
        return (
            SlotMeaning::Sequence,
            ranged("seq", shortest, longest),
            None,
        );
    }
    (
        SlotMeaning::Digits,
        ranged("digits", shortest, longest),
        None,
    )
}

fn ranged(name: &str, shortest: u32, longest: u32) -> String {
    if shortest == longest {
        format!("{name}:{shortest}")
    } else {
        format!("{name}:{shortest}-{longest}")
    }
}

/// Month after year, day after month and so on, by range; agreement is counted where the clock's offset cannot matter.
fn next_part(column: &Column<'_>, expect: &mut Expect, clocks: &mut [Clock]) -> Option<Found> {
    let agrees = |pick: fn((i64, i64, i64)) -> i64| {
        column.count(|row| {
            column
                .arrival_day(row)
                .is_some_and(|day| Some(pick(date_of(day))) == column.number(row))
        })
    };
    let (low, high, next) = match expect {
        Expect::Nothing => return None,
        Expect::Month => (1, 12, Expect::Day),
        Expect::Day => (1, 31, Expect::Hour),
        Expect::Hour => (0, 23, Expect::Minute),
        Expect::Minute => (0, 59, Expect::Second),
        Expect::Second => (0, 59, Expect::Nothing),
    };
    if !column.in_range(low, high) {
        *expect = Expect::Nothing;
        return None;
    }
    let found = match expect {
        Expect::Month => {
            set(column, clocks, |clock, value| clock.month = Some(value));
            (
                SlotMeaning::Month,
                "mm".to_owned(),
                Some(agrees(|date| date.1)),
            )
        }
        Expect::Day => {
            set(column, clocks, |clock, value| clock.day = Some(value));
            (
                SlotMeaning::Day,
                "dd".to_owned(),
                Some(agrees(|date| date.2)),
            )
        }
        Expect::Hour => {
            set(column, clocks, |clock, value| clock.hour = Some(value));
            (SlotMeaning::Hour, "hh".to_owned(), None)
        }
        Expect::Minute => {
            set(column, clocks, |clock, value| clock.minute = Some(value));
            (SlotMeaning::Minute, "mi".to_owned(), None)
        }
        _ => {
            set(column, clocks, |clock, value| clock.second = Some(value));
            (SlotMeaning::Second, "ss".to_owned(), None)
        }
    };
    *expect = next;
    Some(found)
}

/// `hhmmss`, `hhmm`, `yymmdd`, and whole times of 10, 12 or 14 digits and more.
fn compact(
    column: &Column<'_>,
    lengths: (u32, u32),
    expect: &mut Expect,
    clocks: &mut [Clock],
) -> Option<Found> {
    let time = |value: i64| value / 10_000 < 24 && value / 100 % 100 < 60 && value % 100 < 60;
    match lengths {
        (6, 6)
            if *expect == Expect::Hour
                && column.mostly(|row| column.number(row).is_some_and(time)) =>
        {
            *expect = Expect::Nothing;
            set(column, clocks, |clock, value| {
                clock.hour = Some(value / 10_000);
                clock.minute = Some(value / 100 % 100);
                clock.second = Some(value % 100);
            });
            Some((SlotMeaning::TimeOfDay, "hhmmss".to_owned(), None))
        }
        (4, 4)
            if *expect == Expect::Hour
                && column
                    .mostly(|row| column.number(row).is_some_and(|value| time(value * 100))) =>
        {
            *expect = Expect::Second;
            set(column, clocks, |clock, value| {
                clock.hour = Some(value / 100);
                clock.minute = Some(value % 100);
            });
            Some((SlotMeaning::TimeOfDay, "hhmm".to_owned(), None))
        }
        (6, 6) => {
            let short = |value: i64| date(20_000_000 + value);
            let agrees = same_day(column, short);
            if agrees * 5 < column.len() * 4 || column.len() == 0 {
                return None;
            }
            *expect = Expect::Hour;
            set(column, clocks, |clock, value| clock.date = short(value));
            Some((SlotMeaning::Date, "yymmdd".to_owned(), Some(agrees)))
        }
        (10 | 12 | 14 | 17, longest) if lengths.0 == longest => whole(column, longest, clocks),
        _ => None,
    }
}

fn whole(column: &Column<'_>, length: u32, clocks: &mut [Clock]) -> Option<Found> {
    if !column.mostly(|row| whole_ms(column.text(row)).is_some()) {
        return None;
    }
    let agrees = column.count(|row| {
        whole_ms(column.text(row))
            .zip(column.rows[row].arrival_ms())
            .is_some_and(|(left, right)| near(left, right))
    });
    // Ten or twelve digits pass for a time by chance too often to be believed without arrival.
    if length < 14 && agrees * 5 < column.len() * 4 {
        return None;
    }
    if length >= 14 {
        for (row, clock) in clocks.iter_mut().enumerate() {
            clock.whole = whole_ms(column.text(row)).or(clock.whole);
        }
    }
    let name = match length {
        10 => "yyyymmddhh",
        12 => "yyyymmddhhmm",
        14 => "yyyymmddhhmmss",
        _ => "yyyymmddhhmmssms",
    };
    Some((SlotMeaning::DateTime, name.to_owned(), Some(agrees)))
}

/// The time of `yyyymmdd`, then `hh`, `mm`, `ss` and milliseconds as far as given. Digits only.
fn whole_ms(text: &str) -> Option<i64> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| {
        text.get(from..to)
            .map_or(Some(0), |digits| digits.parse::<i64>().ok())
    };
    let day = date(text.get(..8)?.parse().ok()?)?;
    let (hour, minute, second, ms) = (part(8, 10)?, part(10, 12)?, part(12, 14)?, part(14, 17)?);
    (hour < 24 && minute < 60 && second < 60)
        .then_some(day * DAY_MS + (hour * 3_600 + minute * 60 + second) * 1_000 + ms)
}

/// Times among letters and digits: ISO basic times, satellite stamps (a letter, year, day of year, time; with the letter
/// `e` or `c` the stamp is also valid hex).
fn timed(column: &Column<'_>, clocks: &mut [Clock]) -> Option<Found> {
    for (read, name) in [
        (iso_ms as fn(&str) -> Option<i64>, "iso_time"),
        (stamp_ms, "stamp"),
    ] {
        if !column.mostly(|row| read(column.text(row)).is_some()) {
            continue;
        }
        let agrees = column.count(|row| {
            let arrival = column.rows[row].arrival_ms();
            read(column.text(row))
                .zip(arrival)
                .is_some_and(|(left, right)| near(left, right))
        });
        for (row, clock) in clocks.iter_mut().enumerate() {
            clock.whole = clock.whole.or_else(|| read(column.text(row)));
        }
        return Some((SlotMeaning::DateTime, name.to_owned(), Some(agrees)));
    }
    None
}

/// `20250102T030405` with or without `Z`.
fn iso_ms(text: &str) -> Option<i64> {
    let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let (day, time) = text.split_once(['T', 't'])?;
    (day.len() == 8 && time.len() == 6)
        .then(|| whole_ms(&format!("{day}{time}")))
        .flatten()
}

/// `s20250021203045` and the like: a letter, year, day of year, time, and perhaps a tenth of a second.
fn stamp_ms(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(|letter: char| letter.is_ascii_alphabetic())?;
    if !(13..=14).contains(&digits.len()) || digits.bytes().any(|byte| class_of(byte) != DIGIT) {
        return None;
    }
    let part = |from: usize, to: usize| {
        digits
            .get(from..to)
            .and_then(|text| text.parse::<i64>().ok())
    };
    let (year, day_of_year) = (part(0, 4)?, part(4, 7)?);
    let (hour, minute, second) = (part(7, 9)?, part(9, 11)?, part(11, 13)?);
    let valid = (1990..=2049).contains(&year)
        && (1..=366).contains(&day_of_year)
        && hour < 24
        && minute < 60
        && second < 60;
    let first = valid.then(|| day_number(year, 1, 1)).flatten()?;
    Some((first + day_of_year - 1) * DAY_MS + (hour * 3_600 + minute * 60 + second) * 1_000)
}
