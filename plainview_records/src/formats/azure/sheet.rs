//! Rows of a CSV export, whose header gives each column its meaning.

use super::UNREAD_FIELD;
use super::fields::{Cell, Field, ROOT, Record};
use super::short;
use crate::Error;
use crate::formats::refused_header;
use crate::formats::sheet::tally::Tally;
use crate::formats::sheet::text::{Delimiter, Next, TextRows};
use crate::formats::stream::Part;
use crate::run::{Note, Run, SourceFile};

/// Rows that are taken before they are handed on.
const PART_ROWS: u64 = 8192;

/// The most columns that are looked at.
const COLUMNS_MAX: usize = 1000;

/// Reads `file` as CSV. `required` are cells of which the header must name each, by the names shown when it does not.
pub(in crate::formats) fn read<const N: usize>(
    run: &mut Run<'_>,
    file: &SourceFile,
    layout: impl Fn(u8, &str) -> Field,
    names: &[&str],
    required: &[usize],
    take: &mut dyn FnMut(u64, &Record<'_, N>, &mut Part),
) -> Result<(), Error> {
    let mut rows = match TextRows::open(&file.path, run.input.limits, Delimiter::Sniffed) {
        Ok(rows) => rows,
        Err(note) => {
            run.note(Some(file), note);
            return Ok(());
        }
    };
    let header: Vec<String> = match rows.advance() {
        Next::Row => rows.fields().iter().map(str::to_owned).collect(),
        Next::End => {
            run.note(Some(file), empty());
            return Ok(());
        }
        Next::Stopped(note) => {
            run.note(Some(file), note);
            return Ok(());
        }
    };
    let columns = Columns::of(&header, &layout);
    let missing: Vec<&str> = required
        .iter()
        .filter(|cell| !columns.places.contains(&Some(**cell)))
        .filter_map(|cell| names.get(*cell).copied())
        .collect();
    if !missing.is_empty() {
        let note = Note::lost(
            "azure-missing-columns",
            "the header lacks columns without which no row can be used; the file was not read",
        )
        .found(refused_header(&header, |place| {
            !matches!(layout(ROOT, header[place].trim()), Field::Unknown)
        }))
        .expected(missing.join(", "));
        run.note(Some(file), note);
        return Ok(());
    }
    each(run, file, &mut rows, &columns, header.len(), names, take)
}

/// The notice of a file that holds nothing.
pub(in crate::formats) fn empty() -> Note {
    Note::lost("empty-file", "the file holds no records").expected("records")
}

/// The row loop.
fn each<const N: usize>(
    run: &mut Run<'_>,
    file: &SourceFile,
    rows: &mut TextRows,
    columns: &Columns,
    width: usize,
    names: &[&str],
    take: &mut dyn FnMut(u64, &Record<'_, N>, &mut Part),
) -> Result<(), Error> {
    let mut tally = Tally::default();
    let mut part = Part::new(&run.input.source_id);
    let mut row = 0;
    let ended = loop {
        match rows.advance() {
            Next::End => break None,
            Next::Stopped(note) => break Some(note),
            Next::Row => {}
        }
        row += 1;
        let fields = rows.fields();
        if fields.len() == width {
            let mut record = Record::new();
            for (field, place) in fields.iter().zip(&columns.places) {
                if let Some(cell) = place {
                    record.fill(*cell, Cell::Plain(field));
                }
            }
            record.count_odd(names, row, &mut part);
            take(row, &record, &mut part);
        } else {
            part.note(wrong_width(row, fields.len(), width));
        }
        if row % PART_ROWS == 0 {
            std::mem::replace(&mut part, Part::new(&run.input.source_id))
                .give(run, file, &mut tally)?;
        }
    };
    part.give(run, file, &mut tally)?;
    tally.give(run, file);
    if let Some(note) = ended {
        run.note(Some(file), note);
    }
    columns.tell_unread(run, file, row);
    if rows.recoded > 0 {
        let note = Note::doubt(
            "not-utf8",
            "rows that are not UTF-8 were read as Windows-1252",
        )
        .rows(rows.recoded)
        .expected("UTF-8");
        run.note(Some(file), note);
    }
    Ok(())
}

/// A row that has more or fewer fields than there are columns.
pub(in crate::formats) fn wrong_width(row: u64, found: usize, expected: usize) -> Note {
    Note::lost(
        "bad-row",
        "a row with the wrong number of fields was not used",
    )
    .row(row)
    .measured(format!("{found} fields"))
    .expected(format!("{expected} fields"))
}

/// What the columns of a table mean.
#[derive(Debug, Default)]
pub(in crate::formats) struct Columns {
    /// The cell that each column fills.
    pub(in crate::formats) places: Vec<Option<usize>>,
    unread: Vec<String>,
}

impl Columns {
    /// Looks every name up. The portal writes the zone behind the names of times; UTC is what every other form means too.
    pub(in crate::formats) fn of(
        names: &[impl AsRef<str>],
        layout: impl Fn(u8, &str) -> Field,
    ) -> Self {
        let mut columns = Self::default();
        for name in names {
            let name = name.as_ref().trim();
            let name = name.strip_suffix(" [UTC]").unwrap_or(name);
            let place = match layout(ROOT, name) {
                Field::Cell(cell) => Some(cell),
                Field::Passed | Field::Object(_) => None,
                Field::Unknown => {
                    if columns.unread.len() < COLUMNS_MAX {
                        columns.unread.push(short(name).to_owned());
                    }
                    None
                }
            };
            columns.places.push(place);
        }
        columns
    }

    /// Names the columns that the format does not list, for `rows` rows.
    pub(in crate::formats) fn tell_unread(&self, run: &mut Run<'_>, file: &SourceFile, rows: u64) {
        for name in &self.unread {
            let note = Note::unread(UNREAD_FIELD.code, UNREAD_FIELD.message)
                .found(name.as_str())
                .rows(rows);
            run.note(Some(file), note);
        }
    }
}
