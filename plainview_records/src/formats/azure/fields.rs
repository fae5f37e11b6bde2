//! The fields of one record as cells, whatever shape the record comes in.
//!
//! A reader gives a layout: for a name within an object, which cell it fills, which object it opens, or that it is passed over.
//! JSON is read once and without copying; a cell keeps the text of its value and is decoded only when the reader asks for it.
//! Nothing behind a name that the layout passes over or does not know is decoded or kept.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{MISSHAPEN, TWICE, UNREAD_FIELD, short};
use crate::formats::stream::Part;
use crate::numbers::{parse_count, parse_decimal};
use crate::run::Note;
use crate::tables::DECIMAL_SCALE;

/// What a name means within an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::formats) enum Field {
    /// Fills this cell.
    Cell(usize),
    /// Opens this object, whose fields are asked for in turn.
    Object(u8),
    /// Listed by the format, and not read.
    Passed,
    /// In no list of the format.
    Unknown,
}

/// Numbers the cells of a format and names them as its notices do.
macro_rules! cells {
    ($($cell:ident: $name:literal,)*) => {
        #[allow(
            non_camel_case_types,
            clippy::upper_case_acronyms,
            reason = "counts the constants below, whose names these are"
        )]
        enum Place { $($cell,)* }
        $(
            #[doc = concat!("`", $name, "`")]
            pub(super) const $cell: usize = Place::$cell as usize;
        )*
        /// The names of the cells, by their numbers.
        pub(super) const NAMES: &[&str] = &[$($name,)*];
        /// How many cells a record has.
        pub(super) const CELLS: usize = NAMES.len();
    };
}
pub(in crate::formats) use cells;

/// The number of the outermost object.
pub(in crate::formats) const ROOT: u8 = 0;

/// The value of one field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::formats) enum Cell<'a> {
    /// Not there.
    #[default]
    Absent,
    /// The JSON text of a value.
    Json(&'a str),
    /// Text as it is.
    Plain(&'a str),
}

impl<'a> Cell<'a> {
    /// The text of a string, a number or a flag. Null and the empty text are nothing, as Azure writes one for the other.
    pub(in crate::formats) fn text(self) -> Option<Cow<'a, str>> {
        let text = match self {
            Self::Absent => return None,
            Self::Plain(text) => Cow::Borrowed(text),
            Self::Json(json) => match json.as_bytes().first() {
                Some(b'"') => quoted(json)?,
                Some(b'{' | b'[') | None => return None,
                Some(_) if json == "null" => return None,
                Some(_) => Cow::Borrowed(json),
            },
        };
        (!text.is_empty()).then_some(text)
    }

    /// As [`Self::text`], or the field `value` of an object such as `{"value": "Succeeded", "localizedValue": "Erfolgreich"}`.
    pub(in crate::formats) fn value_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Json(json) if json.starts_with('{') => {
                #[derive(serde::Deserialize)]
                struct Localized<'a> {
                    #[serde(borrow)]
                    value: Option<&'a RawValue>,
                }
                let localized: Localized<'a> = serde_json::from_str(json).ok()?;
                Self::Json(localized.value?.get()).text()
            }
            _ => self.text(),
        }
    }

    /// Whether there is a value, without looking at what it is.
    pub(in crate::formats) fn is_present(self) -> bool {
        !matches!(
            self,
            Self::Absent | Self::Plain("") | Self::Json("null" | "\"\"")
        )
    }

    /// The JSON text of an object or array, given as itself or as text.
    pub(in crate::formats) fn json(self) -> Option<Cow<'a, str>> {
        let text = match self {
            Self::Json(json) if json.starts_with(['{', '[']) => Cow::Borrowed(json),
            _ => self.text()?,
        };
        text.trim_start().starts_with(['{', '[']).then_some(text)
    }

    /// A whole number of zero or more, given as a number or as text; digits behind a point are cut off.
    pub(in crate::formats) fn count(self) -> Option<i64> {
        let text = match self {
            Self::Json(json) if !json.starts_with('"') => Cow::Borrowed(json),
            _ => self.text()?,
        };
        if let Some(count) = parse_count(text.as_bytes()) {
            return Some(count);
        }
        let scaled = parse_decimal(&text)?.scaled;
        let scale = 10_i128.pow(DECIMAL_SCALE.unsigned_abs().into());
        i64::try_from(scaled.div_euclid(scale))
            .ok()
            .filter(|count| *count >= 0)
    }

    /// A flag, given as one or as text.
    pub(in crate::formats) fn flag(self) -> Option<bool> {
        let text = self.text()?;
        if text.eq_ignore_ascii_case("true") {
            Some(true)
        } else if text.eq_ignore_ascii_case("false") {
            Some(false)
        } else {
            None
        }
    }
}

/// The text of a JSON string; nothing when its escapes make no text.
fn quoted(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str(json).ok().map(Cow::Owned)
}

/// One record: a cell for every field that is read, and what was odd about the others.
#[derive(Debug)]
pub(in crate::formats) struct Record<'a, const N: usize> {
    /// The cells, by their numbers in the layout.
    pub(in crate::formats) cells: [Cell<'a>; N],
    /// Names that the layout does not know, cut to a bounded length.
    unknown: Vec<String>,
    /// Cells that were filled twice, with different values.
    twice: Vec<usize>,
    /// Whether an object that the layout names was something else.
    misshapen: bool,
}

/// The most odd names that are remembered of one record; the rest are counted as `others`.
const ODD_NAMES_MAX: usize = 64;

impl<'a, const N: usize> Record<'a, N> {
    /// A record without fields.
    pub(in crate::formats) fn new() -> Self {
        Self {
            cells: [Cell::Absent; N],
            unknown: Vec::new(),
            twice: Vec::new(),
            misshapen: false,
        }
    }

    /// Reads a JSON object. An error means that the text is no JSON; its own words may quote the text and are not to be shown.
    pub(in crate::formats) fn parse(
        json: &'a [u8],
        layout: impl Fn(u8, &str) -> Field + Copy,
    ) -> Result<Self, serde_json::Error> {
        let mut record = Self::new();
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let object = Object {
            path: ROOT,
            layout,
            record: &mut record,
        };
        object.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(record)
    }

    /// As [`Self::parse`], with what is odd counted and what is no JSON noted; `names` are those of the cells.
    pub(in crate::formats) fn read(
        json: &'a [u8],
        layout: impl Fn(u8, &str) -> Field + Copy,
        names: &[&str],
        row: u64,
        part: &mut Part,
    ) -> Option<Self> {
        match Self::parse(json, layout) {
            Ok(record) => {
                record.count_odd(names, row, part);
                Some(record)
            }
            Err(error) => {
                part.note(not_json(&error, row));
                None
            }
        }
    }

    /// The cell with this number.
    #[inline]
    pub(in crate::formats) fn get(&self, cell: usize) -> Cell<'a> {
        self.cells.get(cell).copied().unwrap_or_default()
    }

    /// Fills a cell. A later null leaves what an earlier field of the same meaning gave.
    pub(in crate::formats) fn fill(&mut self, cell: usize, value: Cell<'a>) {
        let Some(place) = self.cells.get_mut(cell) else {
            return;
        };
        if place.is_present() {
            if !value.is_present() {
                return;
            }
            if *place != value && self.twice.len() < N {
                self.twice.push(cell);
            }
        }
        *place = value;
    }

    /// Counts what was odd; `names` are those of the cells.
    pub(in crate::formats) fn count_odd(&self, names: &[&str], row: u64, part: &mut Part) {
        for name in &self.unknown {
            part.count(&UNREAD_FIELD, name, row, "");
        }
        for cell in &self.twice {
            part.count(&TWICE, names.get(*cell).unwrap_or(&""), row, "");
        }
        if self.misshapen {
            part.count(&MISSHAPEN, "an object", row, "");
        }
    }

    fn remember(names: &mut Vec<String>, name: &str) {
        match names.len() {
            0..ODD_NAMES_MAX => names.push(short(name).to_owned()),
            ODD_NAMES_MAX => names.push("others".to_owned()),
            _ => {}
        }
    }
}

/// The note of a record that is no JSON: where it breaks, never what it says.
pub(in crate::formats) fn not_json(error: &serde_json::Error, row: u64) -> Note {
    let why = match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Syntax => "its syntax is broken",
        serde_json::error::Category::Data => "its nesting is not that of a record",
        serde_json::error::Category::Io => "it could not be read",
    };
    Note::lost("bad-row", "a record that cannot be read was not used")
        .row(row)
        .measured(format!(
            "at line {}, column {} of the record {why}",
            error.line(),
            error.column()
        ))
        .expected("a JSON object")
}

/// Reads one object of a record.
struct Object<'r, 'a, F, const N: usize> {
    path: u8,
    layout: F,
    record: &'r mut Record<'a, N>,
}

impl<'a, F: Fn(u8, &str) -> Field + Copy, const N: usize> DeserializeSeed<'a>
    for Object<'_, 'a, F, N>
{
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a, F: Fn(u8, &str) -> Field + Copy, const N: usize> Visitor<'a> for Object<'_, 'a, F, N> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let Self {
            path,
            layout,
            record,
        } = self;
        while let Some(met) = map.next_key_seed(Name { path, layout })? {
            match met {
                Met::Field(Field::Cell(cell)) => {
                    let raw: &'a RawValue = map.next_value()?;
                    record.fill(cell, Cell::Json(raw.get()));
                }
                Met::Field(Field::Object(path)) => map.next_value_seed(Object {
                    path,
                    layout,
                    record: &mut *record,
                })?,
                Met::Field(Field::Passed | Field::Unknown) => {
                    map.next_value::<IgnoredAny>()?;
                }
                Met::Unknown(name) => {
                    map.next_value::<IgnoredAny>()?;
                    // How serde_json shows a number to whoever asks for anything.
                    if name.starts_with("$serde_json::private::") {
                        record.misshapen = true;
                    } else {
                        Record::<N>::remember(&mut record.unknown, &name);
                    }
                }
            }
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.record.misshapen = true;
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.record.misshapen = true;
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.record.misshapen = true;
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.record.misshapen |= !text.is_empty();
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        self.record.misshapen = true;
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// What a name in JSON was.
enum Met {
    Field(Field),
    Unknown(String),
}

/// Looks a name up without copying it.
struct Name<F> {
    path: u8,
    layout: F,
}

impl<'a, F: Fn(u8, &str) -> Field> DeserializeSeed<'a> for Name<F> {
    type Value = Met;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Met, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<F: Fn(u8, &str) -> Field> Visitor<'_> for Name<F> {
    type Value = Met;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Met, E> {
        Ok(match (self.layout)(self.path, name) {
            Field::Unknown => Met::Unknown(short(name).to_owned()),
            known => Met::Field(known),
        })
    }
}
