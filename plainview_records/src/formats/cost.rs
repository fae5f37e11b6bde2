//! What the providers' own cost exports have in common: a header to find columns in, rows to read, charges to write.
//!
//! A format says in a [`Sheet`] how its columns are spelled and which it cannot do without; it is then given [`Row`]s, whether
//! they came from CSV, gzip-compressed CSV or Parquet. Columns that it does not name are not decoded and are named in one
//! `cost-unread-columns` notice per file. Rows that all lack the same last columns (an export that was cut by a tool) are
//! read with a `cost-short-rows` doubt; rows of any other width are bad rows, because their values may have moved.

mod columnar;
pub(in crate::formats) mod json;
mod row;

use std::collections::{BTreeMap, BTreeSet};

use crate::formats::refused_header;
use crate::formats::sheet::tally::{Repeated, Tally};
use crate::formats::sheet::text::{Delimiter, Next, TextRows, stopped};
use crate::formats::stream::Part;
use crate::open::{Content, sniff};
use crate::run::{Note, Run, SourceFile};
use crate::tables::BATCH_ROWS_MAX;
use crate::{Effect, Error};

pub(in crate::formats) use row::{Bad, Row};

/// Declares the columns an export is read by: an enum that numbers them, their spellings, and the allow-list of all of it.
macro_rules! columns {
    (also $extra:expr; $($name:ident: $($spelling:literal)|+;)*) => {
        /// The columns this reader reads.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Column { $($name),* }

        /// The spellings of each column.
        const SPELLINGS: &[&[&str]] = &[$(&[$($spelling),+]),*];

        /// The fields this reader may read, in every spelling.
        pub const ALLOWED: &[&str] = {
            const COLUMNS: &[&str] = &[$($($spelling),+),*];
            const EXTRA: &[&str] = $extra;
            const ALL: [&str; COLUMNS.len() + EXTRA.len()] = {
                let mut all = [""; COLUMNS.len() + EXTRA.len()];
                let mut n = 0;
                while n < all.len() {
                    all[n] = if n < COLUMNS.len() { COLUMNS[n] } else { EXTRA[n - COLUMNS.len()] };
                    n += 1;
                }
                all
            };
            &ALL
        };
    };
}
pub(in crate::formats) use columns;

/// How one export is known and read.
#[derive(Debug)]
pub(in crate::formats) struct Sheet {
    /// What it is called in notices.
    pub(in crate::formats) name: &'static str,
    /// The spellings of each column, as its manual has them.
    pub(in crate::formats) columns: &'static [&'static [&'static str]],
    /// The columns it cannot be read without: one of each list.
    pub(in crate::formats) needed: &'static [&'static [usize]],
    /// Columns whose absence is said, because something that a review uses is then not known.
    pub(in crate::formats) wanted: &'static [&'static [usize]],
    /// A name as spellings are compared.
    pub(in crate::formats) plain: fn(&str) -> String,
    /// What a column outside the list is kept under, when it is one of a family that is read (`resourceTags/...`).
    pub(in crate::formats) family: fn(&str) -> Option<&str>,
    /// How fields are set apart in its text form.
    pub(in crate::formats) delimiter: Delimiter,
}

/// A column of a family, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::formats) struct Member {
    /// What it is kept under.
    pub(in crate::formats) name: String,
    /// Its place in a row.
    pub(in crate::formats) place: usize,
}

/// Where a file keeps what is read of it.
#[derive(Debug)]
pub(in crate::formats) struct Header {
    sheet: &'static Sheet,
    places: Vec<Option<usize>>,
    family: Vec<Member>,
    width: usize,
}

/// What is said of a header.
struct Judged {
    header: Header,
    notes: Vec<Note>,
    is_refused: bool,
}

const SHORT: Repeated = Repeated {
    code: "cost-short-rows",
    effect: Effect::Doubt,
    expected: "as many fields as headers",
    message: "all rows lack the same last columns; they were read as if empty there",
};

impl Header {
    /// The header of a file whose columns are those of `sheet`, in their order.
    pub(in crate::formats) fn of(sheet: &'static Sheet) -> Self {
        let width = sheet.columns.len();
        Header {
            sheet,
            places: (0..width).map(Some).collect(),
            family: Vec::new(),
            width,
        }
    }

    /// Whether the column in this place is read.
    fn reads(&self, place: usize) -> bool {
        self.places.contains(&Some(place)) || self.family.iter().any(|m| m.place == place)
    }

    /// Finds the columns of `sheet` among `names`.
    fn judge(sheet: &'static Sheet, names: &[String]) -> Judged {
        let plain: Vec<String> = names.iter().map(|name| (sheet.plain)(name)).collect();
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        let mut twice = BTreeSet::new();
        for (place, name) in plain.iter().enumerate() {
            if first.contains_key(name.as_str()) {
                twice.insert(names[place].as_str());
            } else {
                first.insert(name, place);
            }
        }
        let places: Vec<Option<usize>> = sheet
            .columns
            .iter()
            .map(|spellings| {
                spellings
                    .iter()
                    .find_map(|spelling| first.get((sheet.plain)(spelling).as_str()).copied())
            })
            .collect();
        let family = names
            .iter()
            .enumerate()
            .filter_map(|(place, name)| {
                let name = (sheet.family)(name.trim())?.to_owned();
                Some(Member { name, place })
            })
            .collect();
        let header = Header {
            sheet,
            places,
            family,
            width: names.len(),
        };
        let missing = header.lacking(sheet.needed);
        let is_refused = !missing.is_empty();
        let mut notes = Vec::new();
        if is_refused {
            notes.push(refusal(&header, names, &missing));
        } else {
            twice.retain(|name| {
                let place = names.iter().position(|n| n == name);
                place.is_some_and(|place| !header.family.iter().any(|m| m.place == place))
            });
            notes.extend(header.remarks(names, &twice));
        }
        Judged {
            header,
            notes,
            is_refused,
        }
    }

    /// The lists of which no column is there, each by the first spelling of its first column.
    fn lacking(&self, lists: &[&[usize]]) -> Vec<&'static str> {
        lists
            .iter()
            .filter(|list| list.iter().all(|&column| self.places[column].is_none()))
            .filter_map(|list| self.sheet.columns[*list.first()?].first().copied())
            .collect()
    }

    fn remarks(&self, names: &[String], twice: &BTreeSet<&str>) -> Vec<Note> {
        let mut notes = Vec::new();
        let absent = self.lacking(self.sheet.wanted);
        if !absent.is_empty() {
            let note = Note::doubt(
                "cost-absent-columns",
                format!(
                    "{} lacks columns; what they say stays empty",
                    self.sheet.name
                ),
            )
            .expected(absent.join(", "));
            notes.push(note);
        }
        if !twice.is_empty() {
            let note = Note::doubt(
                "cost-duplicate-columns",
                "columns occur twice; the first of each is read",
            )
            .found(listed(twice))
            .expected("each column once");
            notes.push(note);
        }
        let unread: BTreeSet<&str> = names
            .iter()
            .enumerate()
            .filter(|(place, name)| !self.reads(*place) && !twice.contains(name.as_str()))
            .map(|(_, name)| name.as_str())
            .filter(|name| !name.is_empty())
            .collect();
        if !unread.is_empty() {
            let note = Note::unread(
                "cost-unread-columns",
                format!("{} columns are outside the allow-list", unread.len()),
            )
            .found(listed(&unread));
            notes.push(note);
        }
        notes
    }
}

fn refusal(header: &Header, names: &[String], missing: &[&str]) -> Note {
    Note::lost(
        "cost-missing-columns",
        format!(
            "the file is refused: {} cannot be read without {}",
            header.sheet.name,
            missing.join(", ")
        ),
    )
    .found(refused_header(names, |place| header.reads(place)))
    .expected(missing.join(", "))
}

fn listed(names: &BTreeSet<&str>) -> String {
    // A hostile header could have a million columns.
    const SHOWN_MAX: usize = 200;
    let shown: Vec<&str> = names.iter().copied().take(SHOWN_MAX).collect();
    let mut text = shown.join(", ");
    if names.len() > SHOWN_MAX {
        text.push_str(", ...");
    }
    text
}

/// Takes the rows of a file into charges.
pub(in crate::formats) type Taker<'t> = dyn FnMut(&Row<'_>, &mut Part) -> Result<(), Bad> + 't;

/// Reads one file, whatever it is packed in.
pub(in crate::formats) fn read_file(
    run: &mut Run<'_>,
    file: &SourceFile,
    sheet: &'static Sheet,
    take: &mut Taker<'_>,
) -> Result<(), Error> {
    match sniff(&file.path) {
        Ok(Content::Parquet) => columnar::read(run, file, sheet, take),
        Ok(Content::Orc | Content::Zip) => {
            let note = Note::lost(
                "cost-not-readable",
                format!(
                    "{} is read as CSV or Parquet; the file is neither",
                    sheet.name
                ),
            )
            .expected("CSV, gzip-compressed CSV or Parquet");
            run.note(Some(file), note);
            Ok(())
        }
        Ok(Content::Empty) => {
            run.note(
                Some(file),
                Note::lost("empty-file", "the file holds no header and no rows")
                    .expected("a header"),
            );
            Ok(())
        }
        Ok(_) => read_text(run, file, sheet, take),
        Err(error) => {
            run.note(Some(file), stopped(&error));
            Ok(())
        }
    }
}

/// Gives the first row of a file that has one and a header that is accepted, without any notice.
pub(in crate::formats) fn first_row<T>(
    run: &Run<'_>,
    file: &SourceFile,
    sheet: &'static Sheet,
    of: impl Fn(&Row<'_>) -> Option<T>,
) -> Option<T> {
    if matches!(sniff(&file.path), Ok(Content::Parquet)) {
        return columnar::first_row(file, sheet, of);
    }
    let mut rows = TextRows::open(&file.path, run.input.limits, sheet.delimiter).ok()?;
    let names = match rows.advance() {
        Next::Row => owned(rows.fields()),
        _ => return None,
    };
    let judged = Header::judge(sheet, &names);
    if judged.is_refused {
        return None;
    }
    let Next::Row = rows.advance() else {
        return None;
    };
    let fields = rows.fields();
    of(&Row::new(1, &judged.header, &|place| fields.get(place)))
}

fn owned(fields: &csv::StringRecord) -> Vec<String> {
    fields.iter().map(|name| name.trim().to_owned()).collect()
}

fn read_text(
    run: &mut Run<'_>,
    file: &SourceFile,
    sheet: &'static Sheet,
    take: &mut Taker<'_>,
) -> Result<(), Error> {
    let mut rows = match TextRows::open(&file.path, run.input.limits, sheet.delimiter) {
        Ok(rows) => rows,
        Err(note) => {
            run.note(Some(file), note);
            return Ok(());
        }
    };
    let names = match rows.advance() {
        Next::Row => owned(rows.fields()),
        Next::End => {
            run.note(
                Some(file),
                Note::lost("empty-file", "the file holds no header and no rows")
                    .expected("a header"),
            );
            return Ok(());
        }
        Next::Stopped(note) => {
            run.note(Some(file), note);
            return Ok(());
        }
    };
    let Some(header) = accept(run, file, sheet, &names) else {
        return Ok(());
    };
    let mut intake = Intake::new(run, take);
    let mut row_no = 0;
    let mut usual = header.width;
    loop {
        match rows.advance() {
            Next::End => break,
            Next::Stopped(note) => {
                run.note(Some(file), note);
                break;
            }
            Next::Row => {}
        }
        row_no += 1;
        let fields = rows.fields();
        // The first row says how many columns the rows of this file have.
        if row_no == 1 && fields.len() < header.width {
            usual = fields.len();
        }
        if fields.len() == usual || fields.len() == header.width {
            let get = |place| fields.get(place);
            let row = Row::new(row_no, &header, &get);
            if fields.len() < header.width {
                intake.part.count(&SHORT, "", row_no, "");
            }
            intake.take(&row);
        } else {
            intake.part.note(wrong_width(row_no, fields.len(), usual));
        }
        intake.give_if_full(run, file)?;
    }
    if rows.recoded > 0 {
        let note = Note::doubt(
            "not-utf8",
            "rows that are not UTF-8 were read as Windows-1252",
        )
        .rows(rows.recoded)
        .expected("UTF-8");
        run.note(Some(file), note);
    }
    intake.end(run, file)
}

fn wrong_width(row_no: u64, found: usize, usual: usize) -> Note {
    Note::lost(
        "bad-row",
        "a row with the wrong number of fields was not used",
    )
    .row(row_no)
    .measured(format!("{found} fields"))
    .expected(format!("{usual} fields"))
}

/// Judges the header and gives its notices; `None` when the file is refused.
fn accept(
    run: &mut Run<'_>,
    file: &SourceFile,
    sheet: &'static Sheet,
    names: &[String],
) -> Option<Header> {
    let judged = Header::judge(sheet, names);
    for note in judged.notes {
        run.note(Some(file), note);
    }
    (!judged.is_refused).then_some(judged.header)
}

/// The rows of one file on their way into the table.
struct Intake<'t, 'c> {
    take: &'t mut Taker<'c>,
    part: Part,
    tally: Tally,
    held: usize,
    source_id: String,
}

impl<'t, 'c> Intake<'t, 'c> {
    fn new(run: &Run<'_>, take: &'t mut Taker<'c>) -> Self {
        Intake {
            take,
            part: Part::new(&run.input.source_id),
            tally: Tally::default(),
            held: 0,
            source_id: run.input.source_id.clone(),
        }
    }

    fn take(&mut self, row: &Row<'_>) {
        self.held += 1;
        if let Err(bad) = (self.take)(row, &mut self.part) {
            self.part.note(bad.note(row.no));
        }
    }

    /// Hands on what is held, so that memory does not grow with the file.
    fn give_if_full(&mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
        if self.held < BATCH_ROWS_MAX {
            return Ok(());
        }
        self.held = 0;
        let part = std::mem::replace(&mut self.part, Part::new(&self.source_id));
        part.give(run, file, &mut self.tally)
    }

    fn end(mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
        self.part.give(run, file, &mut self.tally)?;
        self.tally.give(run, file);
        Ok(())
    }
}
