//! One row of a cost export: its fields by column, with what is odd about them counted.

use super::{Header, Member};
use crate::Effect;
use crate::formats::sheet::tally::Repeated;
use crate::formats::stream::Part;
use crate::numbers::parse_decimal;
use crate::run::Note;

const ROUNDED: Repeated = Repeated {
    code: "decimal-rounded",
    effect: Effect::Doubt,
    expected: "at most twelve decimal places",
    message: "numbers with more than twelve decimal places were rounded half to even",
};

const ABSENT: Repeated = Repeated {
    code: "cost-null",
    effect: Effect::Doubt,
    expected: "a value",
    message: "a column that says whose or what a charge is holds nothing in some rows; they were kept",
};

/// Stands for a text that a charge must have and the export does not give.
const UNKNOWN: &str = "unknown";

/// Why a row cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::formats) struct Bad {
    /// The column at fault.
    pub(in crate::formats) column: &'static str,
    /// What it held.
    pub(in crate::formats) found: String,
    /// What it should hold.
    pub(in crate::formats) expected: &'static str,
}

impl Bad {
    /// What is said of the row.
    pub(in crate::formats) fn note(self, row_no: u64) -> Note {
        Note::lost("bad-row", "a row whose value cannot be read was not used")
            .row(row_no)
            .found(format!("{}: {}", self.column, self.found))
            .expected(self.expected)
    }
}

/// A row being read.
pub(in crate::formats) struct Row<'r> {
    /// Its number, 1-based.
    pub(in crate::formats) no: u64,
    header: &'r Header,
    get: &'r dyn Fn(usize) -> Option<&'r str>,
}

impl<'r> Row<'r> {
    /// A row whose fields `get` gives by their place.
    pub(in crate::formats) fn new(
        no: u64,
        header: &'r Header,
        get: &'r dyn Fn(usize) -> Option<&'r str>,
    ) -> Self {
        Row { no, header, get }
    }

    /// A field that may be empty.
    pub(in crate::formats) fn text(&self, column: usize) -> Option<&'r str> {
        let place = self.header.places[column]?;
        (self.get)(place)
            .map(str::trim)
            .filter(|text| !text.is_empty() && *text != "NULL")
    }

    /// The first of some fields that holds anything.
    pub(in crate::formats) fn first(&self, columns: &[usize]) -> Option<&'r str> {
        columns.iter().find_map(|&column| self.text(column))
    }

    /// The first of some fields that holds anything; that none does is counted.
    pub(in crate::formats) fn first_or_unknown(
        &self,
        columns: &[usize],
        part: &mut Part,
    ) -> &'r str {
        self.first(columns).unwrap_or_else(|| {
            let about = columns.first().map_or("", |&column| self.name(column));
            part.count(&ABSENT, about, self.no, "");
            UNKNOWN
        })
    }

    /// The first spelling of a column.
    pub(in crate::formats) fn name(&self, column: usize) -> &'static str {
        self.header.sheet.columns[column]
            .first()
            .copied()
            .unwrap_or_default()
    }

    /// A number that may be absent.
    pub(in crate::formats) fn number(
        &self,
        column: usize,
        part: &mut Part,
    ) -> Result<Option<i128>, Bad> {
        let Some(text) = self.text(column) else {
            return Ok(None);
        };
        let number = parse_decimal(text).ok_or_else(|| Bad {
            column: self.name(column),
            found: text.to_owned(),
            expected: "a decimal number",
        })?;
        if !number.exact {
            part.count(&ROUNDED, self.name(column), self.no, text);
        }
        Ok(Some(number.scaled))
    }

    /// The columns of the family that hold anything, with their names.
    pub(in crate::formats) fn family(&self) -> impl Iterator<Item = (&'r str, &'r str)> + '_ {
        self.header
            .family
            .iter()
            .filter_map(|Member { name, place }| {
                let text = (self.get)(*place)?.trim();
                (!text.is_empty()).then_some((name.as_str(), text))
            })
    }
}
