//! A log of Azure Monitor in whatever form it was shipped: JSON records, the answer of a query, or CSV.

use serde_json::value::RawValue;

use super::answer::{self, TakeAnswer};
use super::fields::{Cell, Field, Record};
use super::sheet::{self, Columns, empty, wrong_width};
use super::{STRAY, UNREAD_FIELD};
use crate::Error;
use crate::detect::Head;
use crate::formats::sheet::tally::Tally;
use crate::formats::sheet::text::stopped;
use crate::formats::stream::{Part, Take, json_file};
use crate::open::{Content, open_text, sniff};
use crate::run::{Note, Run, SourceFile};

/// What one log makes of its records, which have `N` cells.
pub(in crate::formats) trait Log<const N: usize>: Send {
    /// The names of the cells.
    const NAMES: &'static [&'static str];
    /// The cells that a table must have a column for.
    const REQUIRED: &'static [usize];
    /// Whether its JSON comes as answers, which say things beside their records, even where it does not look like it.
    const IS_ANSWER: bool = false;

    /// What a field means.
    fn field(path: u8, name: &str) -> Field;

    /// Takes a record that was parsed.
    fn record(&mut self, row: u64, record: &Record<'_, N>, part: &mut Part);

    /// Takes a record as JSON.
    fn json(&mut self, row: u64, json: &[u8], part: &mut Part);

    /// Takes a field beside the records of an answer; whether it is known.
    fn beside(&mut self, _name: &str, _value: &RawValue) -> bool {
        false
    }

    /// An answer, or a record that stands alone, ended after `rows` rows.
    fn ended(&mut self, _rows: u64, _file: &SourceFile) {}
}

/// Hashes and reads every file of the source.
pub(in crate::formats) fn read<const N: usize, L: Log<N>>(
    run: &mut Run<'_>,
    make: impl Fn(&Run<'_>, &SourceFile) -> L,
) -> Result<(), Error> {
    for file in run.plan_data() {
        run.read_once(&file, |run| read_file(run, &file, &make))?;
    }
    Ok(())
}

fn read_file<const N: usize, L: Log<N>>(
    run: &mut Run<'_>,
    file: &SourceFile,
    make: &impl Fn(&Run<'_>, &SourceFile) -> L,
) -> Result<(), Error> {
    match form(run, file) {
        Err(note) => {
            run.note(Some(file), note);
            Ok(())
        }
        Ok(Form::Json) if !L::IS_ANSWER => {
            json_file(run, file, ENVELOPES, &|run: &Run<'_>, file: &SourceFile| {
                Records::<N, L>(make(run, file))
            })
        }
        Ok(Form::Answer | Form::Json) => {
            let log = make(run, file);
            read_answer(run, file, log)
        }
        Ok(Form::Text) => {
            let mut log = make(run, file);
            sheet::read(
                run,
                file,
                L::field,
                L::NAMES,
                L::REQUIRED,
                &mut |row, record, part| log.record(row, record, part),
            )
        }
    }
}

/// The forms of a file.
enum Form {
    Json,
    Answer,
    Text,
}

/// The arrays around records: those of Event Hub and old files, and of the management interface.
const ENVELOPES: &[&str] = &["records", "Records", "value"];

/// How much of a file tells its form.
const HEAD_BYTES: u64 = 1 << 16;

fn form(run: &Run<'_>, file: &SourceFile) -> Result<Form, Note> {
    use std::io::Read as _;
    let stopped = |error: std::io::Error| stopped(&error);
    match sniff(&file.path).map_err(stopped)? {
        Content::Parquet | Content::Orc => {
            let note = Note::lost(
                "azure-log-not-text",
                "the file is neither JSON nor CSV and was not read",
            );
            return Err(note.expected("JSON or CSV"));
        }
        _ => {}
    }
    let mut head = Vec::new();
    open_text(&file.path, run.input.limits)
        .and_then(|text| text.take(HEAD_BYTES).read_to_end(&mut head))
        .map_err(stopped)?;
    let head = String::from_utf8_lossy(&head);
    let text = head.trim_start_matches('\u{feff}').trim_start();
    if text.is_empty() {
        return Err(empty());
    }
    if is_answer(text) {
        return Ok(Form::Answer);
    }
    Ok(if is_json(text) {
        Form::Json
    } else {
        Form::Text
    })
}

/// Whether `text` begins as JSON records do, with or without the word `Content` before them.
pub(in crate::formats) fn is_json(text: &str) -> bool {
    let text = text.strip_prefix("Content").unwrap_or(text).trim_start();
    text.starts_with(['{', '['])
}

/// Whether `text` begins as the answer of a Log Analytics query does.
pub(in crate::formats) fn is_answer(text: &str) -> bool {
    text.starts_with('{')
        && ["\"tables\"", "\"Tables\""].iter().any(|name| {
            text.split_once(name).is_some_and(|(_, behind)| {
                let behind = behind.trim_start();
                behind
                    .strip_prefix(':')
                    .is_some_and(|value| value.trim_start().starts_with('['))
            })
        })
        && (text.contains("\"columns\"") || text.contains("\"Columns\""))
}

/// The first text that stands behind `"name":` in JSON, as it is written; also in an object, `{"value": "..."}`.
pub(in crate::formats) fn first_value<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, behind) = text.split_once(&format!("\"{name}\""))?;
    let mut value = behind.trim_start().strip_prefix(':')?.trim_start();
    if let Some(inner) = value.strip_prefix('{') {
        let (_, behind) = inner.split_once("\"value\"")?;
        value = behind.trim_start().strip_prefix(':')?.trim_start();
    }
    value.strip_prefix('"')?.split('"').next()
}

/// Whether a file's beginning names all of `fields`, as JSON fields or as columns.
pub(in crate::formats) fn names_all(head: &Head<'_>, fields: &[&str]) -> bool {
    if is_json(head.text) {
        fields.iter().all(|name| head.has_field(name))
    } else {
        fields.iter().all(|name| {
            let plain = name.to_ascii_lowercase();
            let zoned = format!("{plain}[utc]");
            head.has_column(&plain) || head.has_column(&zoned)
        })
    }
}

/// JSON records on their way to a log.
struct Records<const N: usize, L>(L);

impl<const N: usize, L: Log<N>> Take for Records<N, L> {
    fn take(&mut self, row: u64, record: &[u8], part: &mut Part) {
        let record = record.trim_ascii();
        let behind = record
            .strip_prefix(b"Content")
            .map(<[u8]>::trim_ascii_start);
        match behind {
            Some([]) => part.count(&STRAY, "", row, ""),
            Some(json) => {
                part.count(&STRAY, "", row, "");
                self.0.json(row, json, part);
            }
            None => self.0.json(row, record, part),
        }
    }
}

/// The answer of a query on its way to a log.
struct Answer<'r, 'a, 'f, const N: usize, L> {
    run: &'r mut Run<'a>,
    file: &'f SourceFile,
    log: L,
    columns: Columns,
    rows: u64,
    /// Rows before those of the columns that are current.
    rows_told: u64,
    /// Rows before the answer that is read.
    rows_before: u64,
    part: Part,
    tally: Tally,
    failed: Option<Error>,
}

/// Rows that are taken before they are handed on.
const PART_ROWS: u64 = 8192;

fn read_answer<const N: usize, L: Log<N>>(
    run: &mut Run<'_>,
    file: &SourceFile,
    log: L,
) -> Result<(), Error> {
    let limits = run.input.limits;
    let part = Part::new(&run.input.source_id);
    let mut taker = Answer::<N, L> {
        run,
        file,
        log,
        columns: Columns::default(),
        rows: 0,
        rows_told: 0,
        rows_before: 0,
        part,
        tally: Tally::default(),
        failed: None,
    };
    let (_, ended) = answer::read(file, limits, &mut taker);
    taker.finish(ended)
}

impl<const N: usize, L: Log<N>> Answer<'_, '_, '_, N, L> {
    fn hand_on(&mut self) -> bool {
        let part = std::mem::replace(&mut self.part, Part::new(&self.run.input.source_id));
        if let Err(error) = part.give(self.run, self.file, &mut self.tally) {
            self.failed = Some(error);
        }
        self.failed.is_none()
    }

    fn tell_unread(&mut self) {
        let rows = self.rows - self.rows_told;
        self.columns.tell_unread(self.run, self.file, rows);
        self.columns = Columns::default();
        self.rows_told = self.rows;
    }

    fn went_on(&mut self) -> bool {
        !self.rows.is_multiple_of(PART_ROWS) || self.hand_on()
    }

    fn finish(mut self, ended: Option<Note>) -> Result<(), Error> {
        self.hand_on();
        self.tell_unread();
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.tally.give(self.run, self.file);
        if let Some(note) = ended {
            self.run.note(Some(self.file), note);
        }
        Ok(())
    }
}

impl<const N: usize, L: Log<N>> TakeAnswer for Answer<'_, '_, '_, N, L> {
    fn columns(&mut self, names: &[String]) {
        self.tell_unread();
        self.columns = Columns::of(names, L::field);
    }

    fn row(&mut self, values: &[&RawValue]) -> bool {
        self.rows += 1;
        if values.len() == self.columns.places.len() {
            let mut record = Record::<N>::new();
            for (value, place) in values.iter().zip(&self.columns.places) {
                if let Some(cell) = place {
                    record.fill(*cell, Cell::Json(value.get()));
                }
            }
            record.count_odd(L::NAMES, self.rows, &mut self.part);
            self.log.record(self.rows, &record, &mut self.part);
        } else {
            let width = self.columns.places.len();
            self.part.note(wrong_width(self.rows, values.len(), width));
        }
        self.went_on()
    }

    fn object(&mut self, json: &str) -> bool {
        self.rows += 1;
        self.log.json(self.rows, json.as_bytes(), &mut self.part);
        self.went_on()
    }

    fn beside(&mut self, name: &str, value: &RawValue) {
        if self.log.beside(name, value) {
            return;
        }
        match name {
            "error" => self.part.note(Note::lost(
                "azure-answer-partial",
                "the service says that the answer is not whole; what it left out is lost",
            )),
            "statistics" | "render" | "name" | "Name" => {}
            other => self
                .part
                .count(&UNREAD_FIELD, super::short(other), self.rows, ""),
        }
    }

    fn unusable(&mut self, what: &'static str) {
        self.rows += 1;
        let note = Note::lost("bad-row", "a row that cannot be read was not used")
            .row(self.rows)
            .measured(what)
            .expected("columns, then rows that are arrays");
        self.part.note(note);
    }

    fn end(&mut self) -> bool {
        self.log.ended(self.rows - self.rows_before, self.file);
        self.rows_before = self.rows;
        self.hand_on()
    }
}
