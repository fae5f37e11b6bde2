//! Answers of query services, read row by row: Log Analytics (`{"tables": [{"columns": [...], "rows": [[...]]}]}`, in an older
//! spelling `Tables`, `Columns`, `ColumnName`, `Rows`) and Resource Graph (`{"data": [...]}` or
//! `{"data": {"columns": [...], "rows": [[...]]}}`), and objects or arrays of objects without any of that.
//!
//! One row is held at a time, so an answer may be of any size. Several answers may stand one after another.

use std::fmt;
use std::io::{self, BufRead, BufReader};

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use crate::Limits;
use crate::formats::sheet::text::stopped;
use crate::limits::RECORD_BYTES_MAX;
use crate::open::{RecordMeter, open_text};
use crate::run::{Note, SourceFile};

/// Takes what an answer holds, in its order.
pub(in crate::formats) trait TakeAnswer {
    /// The columns of the rows that follow.
    fn columns(&mut self, names: &[String]);

    /// A row of a table: the JSON of its values. `false` ends the reading.
    fn row(&mut self, values: &[&RawValue]) -> bool;

    /// A record that is an object, as JSON. `false` ends the reading.
    fn object(&mut self, json: &str) -> bool;

    /// A field beside the records of an answer.
    fn beside(&mut self, name: &str, value: &RawValue);

    /// Rows came before their columns, or their shape is no row's, and were not used.
    fn unusable(&mut self, what: &'static str);

    /// An answer ended; `false` ends the reading.
    fn end(&mut self) -> bool;
}

/// Reads every answer in `file`. What comes back is why it ended early, and whether there was anything at all.
pub(in crate::formats) fn read(
    file: &SourceFile,
    limits: Limits,
    taker: &mut dyn TakeAnswer,
) -> (bool, Option<Note>) {
    let limits = Limits {
        record_bytes_max: RECORD_BYTES_MAX,
        ..limits
    };
    let text = match open_text(&file.path, limits) {
        Ok(text) => text,
        Err(error) => return (true, Some(stopped(&error))),
    };
    let meter = text.meter();
    let mut reader = BufReader::with_capacity(1 << 16, text);
    let mut any = false;
    loop {
        match next_document(&mut reader) {
            Ok(Between::End) => return (any, None),
            Ok(Between::Document) => {}
            Ok(Between::Stray(byte)) => {
                let note = damaged().measured(format!("the byte {byte:#04x} between records"));
                return (true, Some(note));
            }
            Err(error) => return (true, Some(stopped(&error))),
        }
        any = true;
        let mut state = State {
            taker,
            meter: &meter,
            is_ended: false,
        };
        let mut deserializer = serde_json::Deserializer::from_reader(&mut reader);
        let ended = Document(&mut state).deserialize(&mut deserializer);
        let stop = state.is_ended || !taker.end();
        if let Err(error) = ended {
            return (true, (!stop).then(|| broken(error)));
        }
        if stop {
            return (true, None);
        }
    }
}

fn damaged() -> Note {
    Note::lost(
        "file-damaged",
        "the JSON cannot be read to its end; records before are used",
    )
    .expected("whole JSON objects")
}

fn broken(error: serde_json::Error) -> Note {
    if error.is_io() {
        return stopped(&io::Error::from(error));
    }
    damaged().measured(format!(
        "at line {}, column {} of a document",
        error.line(),
        error.column()
    ))
}

/// What stands between two documents.
enum Between {
    Document,
    End,
    Stray(u8),
}

/// Passes white space, commas, a byte-order mark and the word `Content` over.
fn next_document(reader: &mut impl BufRead) -> io::Result<Between> {
    loop {
        let Some(&byte) = reader.fill_buf()?.first() else {
            return Ok(Between::End);
        };
        match byte {
            b'{' | b'[' => return Ok(Between::Document),
            b' ' | b'\t' | b'\r' | b'\n' | b',' | 0xef | 0xbb | 0xbf => reader.consume(1),
            b'C' => {
                let mut word = String::new();
                while let Some(&byte) = reader.fill_buf()?.first() {
                    if !byte.is_ascii_alphabetic() || word.len() >= "Content".len() {
                        break;
                    }
                    word.push(char::from(byte));
                    reader.consume(1);
                }
                if word != "Content" {
                    return Ok(Between::Stray(byte));
                }
            }
            other => return Ok(Between::Stray(other)),
        }
    }
}

struct State<'s> {
    taker: &'s mut dyn TakeAnswer,
    meter: &'s RecordMeter,
    is_ended: bool,
}

impl State<'_> {
    /// Notes that a record ended; an error ends the parsing.
    fn went_on<E: serde::de::Error>(&mut self, on: bool) -> Result<(), E> {
        self.meter.reset();
        if on {
            return Ok(());
        }
        self.is_ended = true;
        Err(E::custom("the reader ended"))
    }
}

/// One document: an answer, an array of objects, or one object that is a record itself.
struct Document<'r, 's>(&'r mut State<'s>);

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        objects(self.0, seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let state = self.0;
        let mut beside: Vec<(String, Box<RawValue>)> = Vec::new();
        let mut is_answer = false;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "tables" | "Tables" | "data" | "Data" => {
                    is_answer = true;
                    map.next_value_seed(Records(state))?;
                }
                _ => beside.push((name, map.next_value()?)),
            }
        }
        if is_answer {
            for (name, value) in &beside {
                state.taker.beside(name, value);
            }
            return Ok(());
        }
        let on = state
            .taker
            .object(&joined(&beside).map_err(A::Error::custom)?);
        state.went_on(on)
    }
}

/// The JSON object of these fields.
fn joined(fields: &[(String, Box<RawValue>)]) -> Result<String, serde_json::Error> {
    let mut json = String::from("{");
    for (name, value) in fields {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&serde_json::to_string(name)?);
        json.push(':');
        json.push_str(value.get());
    }
    json.push('}');
    Ok(json)
}

/// The elements of an array: records, or tables.
fn objects<'de, A: SeqAccess<'de>>(state: &mut State<'_>, mut seq: A) -> Result<(), A::Error> {
    while let Some(record) = seq.next_element::<Box<RawValue>>()? {
        let on = if record.get().starts_with('{') {
            state.taker.object(record.get())
        } else {
            state.taker.unusable("a record that is no object");
            true
        };
        state.went_on(on)?;
    }
    Ok(())
}

/// What stands behind `tables` or `data`: an array of tables, an array of records, or one table.
struct Records<'r, 's>(&'r mut State<'s>);

impl<'de> DeserializeSeed<'de> for Records<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Records<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("records or tables")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Element(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        Element(self.0).visit_map(map)
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A table, or a record.
struct Element<'r, 's>(&'r mut State<'s>);

impl<'de> DeserializeSeed<'de> for Element<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Element<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table or a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let state = self.0;
        let mut width = None;
        let mut fields: Vec<(String, Box<RawValue>)> = Vec::new();
        let mut is_table = false;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "columns" | "Columns" => {
                    is_table = true;
                    let columns: Vec<Column> = map.next_value()?;
                    let names: Vec<String> = columns.into_iter().map(|c| c.name).collect();
                    state.taker.columns(&names);
                    width = Some(names.len());
                }
                "rows" | "Rows" => {
                    is_table = true;
                    map.next_value_seed(Rows(state, width))?;
                }
                _ => fields.push((name, map.next_value()?)),
            }
        }
        if is_table {
            return Ok(());
        }
        let on = state
            .taker
            .object(&joined(&fields).map_err(A::Error::custom)?);
        state.went_on(on)
    }
}

/// A column of a table, in either spelling.
#[derive(serde::Deserialize)]
struct Column {
    #[serde(alias = "ColumnName", default)]
    name: String,
}

/// The rows of a table; the number is how many columns it has, once they were met.
struct Rows<'r, 's>(&'r mut State<'s>, Option<usize>);

impl<'de> DeserializeSeed<'de> for Rows<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self(state, width) = self;
        if width.is_none() {
            while seq.next_element::<IgnoredAny>()?.is_some() {
                state.taker.unusable("a row before its columns");
                state.meter.reset();
            }
            return Ok(());
        }
        while let Some(row) = seq.next_element::<Box<RawValue>>()? {
            let on = if let Ok(values) = serde_json::from_str::<Vec<&RawValue>>(row.get()) {
                state.taker.row(&values)
            } else {
                state.taker.unusable("a row that is no array");
                true
            };
            state.went_on(on)?;
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
