//! Whatever the text, its pieces and the number of threads: the records are those that a plain reading from beginning to end
//! finds.
#![allow(clippy::unwrap_used)]

use std::io::Write as _;

use proptest::prelude::*;

use super::blocks::{Ended, Find, Found, Pace, take_all};
use super::finder::Finder;
use super::lines::Lines;
use super::scan::Scan;
use super::{Part, Take};
use crate::formats::sheet::tally::{Repeated, Tally};
use crate::open::open_text;
use crate::run::{Note, Run, SourceFile};
use crate::tables::activity::ActivityRow;
use crate::{Collected, Effect, Format, Limits, SourceInput, Table};

const ENVELOPES: &[&str] = &["Records", "value"];

/// Number and text of each record; a record that is too deep has no text.
type Records = Vec<(u64, Option<String>)>;

/// The plain reading: one look at each byte, from beginning to end, with everything in memory.
#[derive(Default)]
struct Oracle<'t> {
    text: &'t [u8],
    at: usize,
    frames: Vec<u8>,
    rows: u64,
    met_any: bool,
    records: Records,
}

impl Oracle<'_> {
    fn read(text: &[u8]) -> (Records, bool) {
        let mut oracle = Oracle {
            text,
            ..Oracle::default()
        };
        let whole = oracle.between();
        (oracle.records, whole)
    }

    fn emit(&mut self, from: usize, to: usize, is_too_deep: bool) {
        self.rows += 1;
        let text = String::from_utf8_lossy(&self.text[from..to]).into_owned();
        self.records
            .push((self.rows, (!is_too_deep).then_some(text)));
        self.at = to;
    }

    fn between(&mut self) -> bool {
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => self.at += 1,
                0xef | 0xbb | 0xbf if !self.met_any => self.at += 1,
                b'{' => {
                    self.met_any = true;
                    if !self.record() {
                        return false;
                    }
                }
                b'[' if self.frames.len() < 16 => {
                    self.met_any = true;
                    self.frames.push(b'[');
                    self.at += 1;
                }
                b']' => {
                    self.at += 1;
                    if self.frames.pop() != Some(b'[')
                        || self.frames.last() == Some(&b'{') && !self.rest()
                    {
                        return false;
                    }
                }
                _ if self.frames.is_empty() => {
                    self.met_any = true;
                    let rest = &self.text[self.at..];
                    let length = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
                    self.emit(self.at, self.at + length, false);
                }
                _ => return false,
            }
        }
        self.frames.is_empty()
    }

    /// The place of the quote or line break that ends a string which begins at `from`.
    fn string_end(&self, from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            match self.text.get(at)? {
                b'\\' => at += 2,
                b'"' | b'\n' => return Some(at),
                _ => at += 1,
            }
        }
    }

    fn record(&mut self) -> bool {
        let from = self.at;
        let mut at = from;
        let (mut open, mut last, mut name) = (Vec::new(), b':', (0, 0));
        let mut is_too_deep = false;
        while let Some(&byte) = self.text.get(at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {}
                b'"' => {
                    let Some(end) = self.string_end(at + 1) else {
                        return false;
                    };
                    if self.text[end] == b'\n' {
                        self.emit(from, end, is_too_deep);
                        return true;
                    }
                    if open.len() == 1 {
                        name = (at + 1, end);
                    }
                    at = end;
                    last = b'"';
                }
                b'{' | b'[' => {
                    let fits = match open.last() {
                        None => true,
                        Some(b'{') => last == b':',
                        Some(_) => last == b'[' || last == b',',
                    };
                    if byte == b'{' && !fits && !is_too_deep {
                        self.emit(from, at, is_too_deep);
                        return true;
                    }
                    let is_named = ENVELOPES
                        .iter()
                        .any(|known| known.as_bytes() == &self.text[name.0..name.1]);
                    let has_room = self.frames.len() <= 14;
                    if byte == b'[' && open.len() == 1 && last == b':' && is_named && has_room {
                        self.frames.extend(b"{[");
                        self.at = at + 1;
                        return true;
                    }
                    open.push(byte);
                    is_too_deep |= open.len() > 64;
                    last = byte;
                }
                b'}' | b']' => {
                    open.pop();
                    last = byte;
                    if open.is_empty() {
                        self.emit(from, at + 1, is_too_deep);
                        return true;
                    }
                }
                _ => last = byte,
            }
            at += 1;
        }
        false
    }

    /// The fields of an envelope behind its array.
    fn rest(&mut self) -> bool {
        let (mut depth, mut in_string) = (1, false);
        while let Some(&byte) = self.text.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' if in_string => self.at += 1,
                b'"' => in_string = !in_string,
                _ if in_string => {}
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        self.frames.pop();
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }
}

/// The records that `finder` finds in `text` in pieces of these lengths, again and again, and whether it ended whole.
fn in_pieces(mut finder: impl Find, text: &[u8], lengths: &[usize]) -> (Records, bool) {
    let mut records = Vec::new();
    let mut each = |row: u64, found: Found<'_>| {
        match found {
            Found::Record(record) => {
                records.push((row, Some(String::from_utf8_lossy(record).into_owned())));
            }
            Found::TooDeep => records.push((row, None)),
            Found::First(text) => {
                if let Some(length) = first_object(text) {
                    records.push((row, Some(text[..length].to_owned())));
                    return length;
                }
            }
        }
        0
    };
    let mut rest = text;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, behind) = rest.split_at((*length).min(rest.len()));
        if finder.feed(piece, &mut each).is_some() {
            return (records, false);
        }
        rest = behind;
    }
    let is_whole = finder.end(&mut each) == Ended::Whole;
    (records, is_whole)
}

/// The length of the object that `text` begins with, if it is whole and has no array of records.
fn first_object(text: &str) -> Option<usize> {
    let mut scan = Scan::new(text);
    let mut is_envelope = false;
    scan.fields(|scan, name| {
        is_envelope |= ENVELOPES.contains(&name) && scan.peek() == Some(b'[');
        scan.pass()
    })
    .ok()?;
    (!is_envelope).then(|| scan.at())
}

/// Makes a row, a notice and a count of each record.
struct Echo<const FIRST: bool>;

const COUNTED: Repeated = Repeated {
    code: "counted",
    effect: Effect::Unread,
    expected: "",
    message: "counted",
};

impl<const FIRST: bool> Take for Echo<FIRST> {
    const TAKES_FIRST: bool = FIRST;

    fn take_first(&mut self, row: u64, text: &str, part: &mut Part) -> Option<usize> {
        let length = first_object(text)?;
        self.take(row, &text.as_bytes()[..length], part);
        Some(length)
    }

    fn take(&mut self, row: u64, record: &[u8], part: &mut Part) {
        let text = String::from_utf8_lossy(record);
        part.observe_time(i64::try_from(record.len()).unwrap());
        part.count(&COUNTED, &text.chars().take(3).collect::<String>(), row, "");
        if record.len().is_multiple_of(5) {
            part.note(Note::doubt("noted", "noted").row(row));
        }
        part.activity(&ActivityRow {
            row_no: row,
            event: &text,
            ..ActivityRow::default()
        });
    }
}

/// What reading a text gave, as text, whatever the batches are.
fn taken(text: &[u8], lines: bool, pace: Pace) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text).unwrap();
    let folder = file.path().parent().unwrap().to_owned();
    let path = file.path().to_owned();
    let input = SourceInput::new("s", Format::Cloudtrail, folder, vec![path.clone()]);
    let mut sink = Collected::default();
    let mut run = Run::new(&input, &mut sink);
    let file = run.plan_data().remove(0);
    let limits = Limits {
        record_bytes_max: u64::MAX / 2,
        ..Limits::default()
    };
    let text = open_text(&path, limits).unwrap();
    let mut tally = Tally::default();
    let with = (&mut tally, pace);
    let stop = if lines {
        let make = |_: &Run<'_>, _: &SourceFile| Echo::<false>;
        take_all(&mut run, &file, text, Lines::new(40), &make, with)
    } else if pace.threads == 1 {
        let make = |_: &Run<'_>, _: &SourceFile| Echo::<false>;
        let finder = Finder::new(ENVELOPES, 60, false);
        take_all(&mut run, &file, text, finder, &make, with)
    } else {
        let make = |_: &Run<'_>, _: &SourceFile| Echo::<true>;
        let finder = Finder::new(ENVELOPES, 60, true);
        take_all(&mut run, &file, text, finder, &make, with)
    };
    let stop = stop.unwrap().unwrap();
    tally.give(&mut run, &file);
    let mut report = run.finish();
    report.files.clear();
    report.digest.clear();
    let mut notices: Vec<_> = sink
        .notices
        .iter()
        .map(|n| (n.code, n.row, n.rows_affected, &n.found))
        .collect();
    notices.sort();
    let rows = sink.table(Table::Activity).unwrap();
    let cells: Vec<String> = ["row_no", "event"]
        .iter()
        .map(|name| format!("{:?}", rows.column_by_name(name)))
        .collect();
    format!("{stop:?} {report:?} {notices:?} {cells:?}")
}

/// Texts that look like records and often are none.
fn texts() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        8 => Just("{\"id\":1,\"b\":{\"c\":[{},{\"d\":\"}\"}]}}\n".to_owned()),
        6 => Just("{\"id\":22},".to_owned()),
        4 => Just("{\"n\":2,\"Records\":[".to_owned()),
        3 => Just("{\"value\" : [\n".to_owned()),
        4 => Just("],\"x\":{\"y\":[\"]}\"]}}\n".to_owned()),
        3 => Just("]}".to_owned()),
        2 => Just("{\"id\":\"cut\n".to_owned()),
        2 => Just("{\"id\":{\"cut\":1\n".to_owned()),
        2 => Just("not json\n".to_owned()),
        1 => Just("\u{feff}".to_owned()),
        1 => Just(format!("{{\"id\":{}1{}}}\n", "[".repeat(70), "]".repeat(70))),
        6 => "[\\[\\]{}\",:\\\\ \n\ra1]{1,4}",
    ];
    proptest::collection::vec(part, 0..24).prop_map(|parts| parts.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_change_nothing(text in texts(), lengths in proptest::collection::vec(1_usize..40, 1..6)) {
        for offers in [false, true] {
            let finder = Finder::new(ENVELOPES, 1 << 20, offers);
            prop_assert_eq!(in_pieces(finder, &text, &lengths), Oracle::read(&text));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn threads_change_nothing(text in texts(), first_bytes in 1_usize..60, block_bytes in 1_usize..120, threads in 2_usize..5, lines: bool) {
        let alone = Pace { first_bytes: 1 << 20, block_bytes: 1, threads: 1 };
        let together = Pace { first_bytes, block_bytes, threads };
        // A bound on records is looked at where a piece ends, so a text of one piece may hold longer ones.
        let is_bounded = |said: &str| said.contains("TooLong");
        let (alone, together) = (taken(&text, lines, alone), taken(&text, lines, together));
        if !is_bounded(&together) {
            prop_assert_eq!(alone, together);
        }
    }

    #[test]
    fn lines_are_those_between_line_breaks(text in "[ab\\{\" \r\n]{0,60}", lengths in proptest::collection::vec(1_usize..9, 1..4)) {
        let expected: Records = text
            .split('\n')
            .map(str::trim_ascii_end)
            .filter(|line| !line.is_empty())
            .zip(1..)
            .map(|(line, row)| (row, Some(line.to_owned())))
            .collect();
        prop_assert_eq!(in_pieces(Lines::new(1000), text.as_bytes(), &lengths), (expected, true));
    }
}

#[test]
fn records_are_found_in_every_wrapping() {
    let cases: &[(&str, &[&str], bool)] = &[
        ("", &[], true),
        ("{\"a\":1}\n{\"a\":2}\n", &["{\"a\":1}", "{\"a\":2}"], true),
        ("{\"a\":1}{\"a\":2}", &["{\"a\":1}", "{\"a\":2}"], true),
        (
            "[{\"a\":\"]}\"},\n {\"b\":[1,{}]}]",
            &["{\"a\":\"]}\"}", "{\"b\":[1,{}]}"],
            true,
        ),
        (
            "\u{feff}{\"Records\": [{\"a\":1}], \"n\":{\"x\":[]}}\n{\"b\":2}",
            &["{\"a\":1}", "{\"b\":2}"],
            true,
        ),
        ("{\"Records\":[]}", &[], true),
        (
            "{\"n\":3,\"value\":[{\"value\":[{\"q\":1}]}]}",
            &["{\"q\":1}"],
            true,
        ),
        (
            "{\"a\":{\"Records\":[1]}}",
            &["{\"a\":{\"Records\":[1]}}"],
            true,
        ),
        (
            "{\"a\":\"Records\",\"b\":[1]}",
            &["{\"a\":\"Records\",\"b\":[1]}"],
            true,
        ),
        ("{\"a\":\"\\\\\\\"}\"}", &["{\"a\":\"\\\\\\\"}\"}"], true),
        ("oops\n{\"a\":1}\n", &["oops", "{\"a\":1}"], true),
        ("{\"Records\":[{\"a\":1},{\"b\"", &["{\"a\":1}"], false),
        ("[{\"a\":1}, 7]", &["{\"a\":1}"], false),
        ("]", &[], false),
        // A line that was cut off, in a text and behind a value, is one bad record.
        (
            "{\"a\":\"cu\n{\"a\":2}\n{\"a\":{\"b\":1\n{\"a\":3}\n",
            &["{\"a\":\"cu", "{\"a\":2}", "{\"a\":{\"b\":1\n", "{\"a\":3}"],
            true,
        ),
        // Behind a comma of an array it takes the next one with it.
        (
            "{\"a\":[1,\n{\"a\":2}\n{\"a\":3}\n",
            &["{\"a\":[1,\n{\"a\":2}\n", "{\"a\":3}"],
            true,
        ),
    ];
    for (text, expected, whole) in cases {
        let expected: Records = expected
            .iter()
            .zip(1..)
            .map(|(record, row)| (row, Some((*record).to_owned())))
            .collect();
        for piece in [1, 2, 3, 7, 1000] {
            for offers in [false, true] {
                let finder = Finder::new(ENVELOPES, 1 << 20, offers);
                let found = in_pieces(finder, text.as_bytes(), &[piece]);
                assert_eq!(found, (expected.clone(), *whole), "{text}");
            }
        }
        assert_eq!(
            Oracle::read(text.as_bytes()),
            (expected, *whole),
            "the oracle on {text}"
        );
    }
}

#[test]
fn a_record_that_is_too_deep_is_left_out_and_the_next_is_read() {
    let nested = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    let deepest = nested(64);
    let text = format!("{}\n{deepest}\n{}", nested(65), nested(100_000));
    let finder = Finder::new(&[], 16 << 20, true);
    let (records, is_whole) = in_pieces(finder, text.as_bytes(), &[1000]);
    assert_eq!(records, [(1, None), (2, Some(deepest)), (3, None)]);
    assert!(is_whole);
}

#[test]
fn a_record_that_is_too_long_ends_the_text() {
    let text = format!("{{\"a\":1}}\n{{\"a\":\"{}\"}}", "x".repeat(100));
    let mut finder = Finder::new(&[], 50, false);
    let mut rows = 0;
    let mut count = |_: u64, _: Found<'_>| {
        rows += 1;
        0
    };
    let mut ended = None;
    for piece in text.as_bytes().chunks(10) {
        if ended.is_none() {
            ended = finder.feed(piece, &mut count);
        }
    }
    assert_eq!(ended, Some(Ended::TooLong(50)));
    let mut lines = Lines::new(50);
    let ended = lines.feed(text.as_bytes(), &mut count);
    assert_eq!(ended, Some(Ended::TooLong(50)));
    assert_eq!(rows, 2, "one each, before the long one");
}

/// Reads `text` alone and by several threads; both give the same, and rows.
fn same(text: &str, lines: bool, rows: usize) {
    let alone = Pace {
        first_bytes: 1 << 20,
        block_bytes: 1,
        threads: 1,
    };
    let together = Pace {
        first_bytes: 100,
        block_bytes: 300,
        threads: 3,
    };
    let alone = taken(text.as_bytes(), lines, alone);
    assert_eq!(alone, taken(text.as_bytes(), lines, together));
    assert!(alone.contains(&format!("Activity: {rows}")), "{alone}");
}

#[test]
fn long_texts_of_every_form_are_read_by_threads() {
    let record = "{\"id\":\"0123456789\",\"x\":[{\"id\":1}]}";
    same(&format!("{record}\n").repeat(500), false, 500);
    same(&format!("{record}\n").repeat(500), true, 500);
    // One array on one line, whose inner objects begin as records do, so that many guesses are wrong.
    let array = vec![record; 500].join(",");
    same(&format!("[{array}]"), false, 500);
    same(
        &format!("{{\"n\":1,\"Records\":[{array}],\"m\":[1]}}\n{{\"Records\":[{array}]}}"),
        false,
        1000,
    );
    // Envelopes that open and close between guesses.
    same(
        &format!("{{\"Records\":[{record},{record}]}}\n").repeat(200),
        false,
        400,
    );
    // Records that begin in many ways.
    let mixed: String = (0..500)
        .map(|n| format!("{{\"k{n}\":\"{}\"}}  ", "y".repeat(n % 40)))
        .collect();
    same(&mixed, false, 500);
}
