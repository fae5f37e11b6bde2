//! `table`: any CSV file or XLSX sheet, by a column map.
//!
//! Leaked and resaved exports never look like the manual. The map in case.toml says which evidence table the sheet fills and
//! where each of its columns comes from; `plainview records --suggest-map` drafts one ([`suggest_map`]).
//!
//! **Files.** Delimited text (comma, semicolon, tab or bar, told from the first lines; a byte-order mark is skipped; UTF-8,
//! or Windows-1252 with a `not-utf8` doubt), gzip-compressed or not, and XLSX workbooks, of which one sheet is read.
//!
//! **Map.** `table` is objects, requests, activity, metering, charges, resources or documents. `columns` gives each table column a sheet column by its
//! header (exactly, white space at the ends aside; by number when `header_row = 0`), a sheet column with the unit of its
//! numbers, or one constant value. A table cannot be filled without these columns, mapped or constant:
//!
//! | table | columns it needs | columns that have a default |
//! |---|---|---|
//! | objects | `container`, `key` | `state`: `current` |
//! | requests | `at`, `operation` | `verb`: `other`; `principal_kind`: `unknown`; `act_part`: 0 |
//! | activity | `at`, `event` | `service`: `unknown`; `verb`: `other`; `outcome`: `unknown`; `principal_kind`: `unknown`; `act_part`: 0 |
//! | metering | `meter`, `start_at`, `end_at`, `value` | `statistic`: `average` of levels, `sum` of flows |
//! | charges | `charge_start`, `charge_end`, `currency` | `billing_account`: the account; `billing_start` and `billing_end`: the charge's; other texts that may not be null: `unknown` |
//! | resources | `resource_id`, `resource_type` | none |
//! | documents | `text` or `subject` | `doc_id`: file number and row; `kind`: `document`; `attachments`: 0 |
//!
//! `provider` and `account` come from the map, else from the source's `account`. `meter` also takes the metric names of
//! CloudWatch and Azure Monitor; `verb` and `outcome` take the words of logs and of people in English and German (`fill/logs.rs`).
//! `network` may hold addresses: only their class is kept. All texts except ids of accounts, stores, versions and bills are masked.
//!
//! **Values.** Numbers follow `locale` strictly (the grouping marks must be where they belong); a unit behind the
//! number (`12 MB`) is understood and wins over the map's. KB, MB, GB are powers of 1000, KiB, MiB, GiB of 1024. Times are
//! ISO 8601 or `date_format`, in `timezone` when they name no offset. Excel's serial dates are read in XLSX date columns
//! always, and in text with a `sheet-serial-date` doubt.
//!
//! **Keyed twice.** `second` names the file or the sheet in which a second person keyed the same lines, as for invoices on paper
//! or in PDF; rows count as far as both agree (`sheet/keyings.rs`).
//!
//! **Traps.**
//! - A mapped column that the sheet lacks: the file is refused (`sheet-missing-columns`) when the table needs it, else a
//!   `sheet-column-absent` doubt. Columns that are not mapped are named in `sheet-unread-columns`.
//! - Rows shorter than the header are padded (`sheet-short-rows`); rows with more values than headers are bad rows, because
//!   a stray delimiter has moved their values.
//! - Merged cells hold their value in the first cell only: it is given to all of them, with a `sheet-merged-cells` doubt where
//!   they are rows. A header cell merged downwards from a row above names its column too.
//! - Keys of requests lose what stands behind a question mark (`sheet-query-cut`).
//! - A time that the zone's clock change makes ambiguous is read as the earlier (`sheet-ambiguous-time`).
//! - Sizes that are no whole bytes after their unit are rounded half to even (`sheet-rounded`).
//! - Values that cannot be read make the row a `bad-row`; footers such as "Total" end there too.
//! - Workbooks that unpack to more than the limits, and sheets that are not there, are refused by name.

mod convert;
mod fill;
mod keyings;
mod locale;
mod plan;
mod suggest;
pub(in crate::formats) mod tally;
pub(in crate::formats) mod text;
mod workbook;

use std::path::Path;

use crate::open::{Content, sniff};
use crate::run::{Note, Run, SourceFile};
use crate::{Error, Limits};

use fill::{Filler, Use};
use plan::{Places, Plan};
use text::{Delimiter, Next, TextRows, stopped};

/// The fields this reader may read: those the map names, and no others.
pub const ALLOWED: &[&str] = &["the columns that [source.map.columns] names"];

/// One cell of a sheet, as far as its kind is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::formats::sheet) enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text; of a text file every cell is one.
    Text(String),
    /// A number of a workbook, as plain decimal text.
    Number(String),
    /// A date of a workbook: days since its epoch, as plain decimal text.
    Serial(String),
    /// A truth value of a workbook.
    Flag(bool),
    /// An error value of a workbook (`#DIV/0!`).
    Error(String),
}

impl Cell {
    /// Whether there is nothing in it.
    fn is_empty(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) => text.trim().is_empty() || text.trim() == "NULL",
            _ => false,
        }
    }

    /// The cell as a person sees it, for headers and notices.
    fn shown(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Number(text) | Cell::Serial(text) | Cell::Error(text) => {
                text.trim().to_owned()
            }
            Cell::Flag(flag) => flag.to_string(),
        }
    }
}

/// Reads every file of the source by the map.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    let Some(map) = run.input.map.as_ref() else {
        return Err(Error::Input {
            source_id: run.input.source_id.clone(),
            problem: "format `table` needs a [source.map]; found none".to_owned(),
        });
    };
    let plan = Plan::new(map).map_err(|problem| Error::Input {
        source_id: run.input.source_id.clone(),
        problem,
    })?;
    if let Some(second) = &plan.second {
        return keyings::read(run, &plan, second);
    }
    for file in run.plan_data() {
        let Some(hashes) = run.hash_once(&file) else {
            continue;
        };
        let filler = Filler::new(run, &plan, Use::Table);
        read_file(run, &file, &plan, filler)?.end(run, &file)?;
        run.advance(hashes.bytes);
    }
    Ok(())
}

/// Reads the rows of one file into `filler`, which the caller ends.
fn read_file<'p>(
    run: &mut Run<'_>,
    file: &SourceFile,
    plan: &'p Plan,
    filler: Filler<'p>,
) -> Result<Filler<'p>, Error> {
    match sniff(&file.path) {
        Ok(Content::Zip) => return workbook::read(run, file, plan, filler),
        Ok(Content::Compressed | Content::Text) => return read_text(run, file, plan, filler),
        Ok(Content::Empty) => {
            run.note(
                Some(file),
                Note::lost("empty-file", "the file is empty").expected("a header and rows"),
            );
        }
        Ok(Content::Parquet | Content::Orc) => {
            let note = Note::lost(
                "sheet-not-text",
                "the file is neither delimited text nor a workbook",
            )
            .expected("CSV or XLSX");
            run.note(Some(file), note);
        }
        Err(error) => run.note(Some(file), stopped(&error)),
    }
    Ok(filler)
}

fn read_text<'p>(
    run: &mut Run<'_>,
    file: &SourceFile,
    plan: &'p Plan,
    mut filler: Filler<'p>,
) -> Result<Filler<'p>, Error> {
    let mut rows = match TextRows::open(&file.path, run.input.limits, Delimiter::Sniffed) {
        Ok(rows) => rows,
        Err(note) => {
            run.note(Some(file), note);
            return Ok(filler);
        }
    };
    let mut places: Option<Places> = None;
    let mut row_no = 0;
    loop {
        match rows.advance() {
            Next::End => break,
            Next::Stopped(note) => {
                run.note(Some(file), note);
                break;
            }
            Next::Row => {}
        }
        let fields = rows.fields();
        let Some(known) = &places else {
            if rows.line() < u64::from(plan.header_row) {
                continue;
            }
            let names: Vec<String> = fields.iter().map(|f| f.trim().to_owned()).collect();
            let Some(found) = plan.places(run, file, &names) else {
                return Ok(filler);
            };
            places = Some(found);
            if plan.header_row == 0 {
                row_no = take_fields(run, file, &mut filler, places.as_ref(), fields, row_no)?;
            }
            continue;
        };
        let known = Some(known);
        row_no = take_fields(run, file, &mut filler, known, fields, row_no)?;
    }
    if places.is_none() {
        let note = Note::lost("sheet-no-header", "the file ends before its header row")
            .expected(format!("a header in row {}", plan.header_row));
        run.note(Some(file), note);
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
    Ok(filler)
}

/// Takes one row of a text file; gives its number.
fn take_fields(
    run: &mut Run<'_>,
    file: &SourceFile,
    filler: &mut Filler<'_>,
    places: Option<&Places>,
    fields: &csv::StringRecord,
    row_no: u64,
) -> Result<u64, Error> {
    let row_no = row_no + 1;
    let Some(places) = places else {
        return Ok(row_no);
    };
    let surplus = fields
        .iter()
        .skip(places.width)
        .any(|f| !f.trim().is_empty());
    if surplus {
        let note = Note::lost(
            "bad-row",
            "a row with more values than there are headers was not used",
        )
        .row(row_no)
        .found(format!("{} fields", fields.len()))
        .expected(format!("{} fields", places.width));
        run.note(Some(file), note);
        return Ok(row_no);
    }
    let cells: Vec<Cell> = places
        .columns()
        .map(|at| {
            fields
                .get(at)
                .map_or(Cell::Empty, |text| Cell::Text(text.to_owned()))
        })
        .collect();
    filler.take(run, file, row_no, &cells, fields.len() < places.width)?;
    Ok(row_no)
}

/// How many rows are looked at to find the header of a sheet.
const HEADER_ROWS_MAX: usize = 20;

/// Drafts a `[source.map]` for the sheet in `path` from its header, as TOML with questions as comments.
///
/// The header is the row, of the first twenty, whose words fit the columns of some evidence table best. A file that
/// cannot be read gives a comment that says so.
pub fn suggest_map(path: &Path) -> String {
    let limits = Limits::default();
    let rows: Result<(Vec<Vec<String>>, Option<String>), String> = match sniff(path) {
        Ok(Content::Zip) => workbook::first_rows(path, limits, HEADER_ROWS_MAX)
            .map(|(rows, sheet)| (rows, Some(sheet))),
        Ok(Content::Compressed | Content::Text) => {
            first_text_rows(path, limits).map(|rows| (rows, None))
        }
        Ok(_) => Err("the file is neither delimited text nor a workbook".to_owned()),
        Err(error) => Err(error.kind().to_string()),
    };
    match rows {
        Ok((rows, sheet)) => suggest::draft_of_rows(&rows, sheet.as_deref()),
        Err(problem) => format!("# no map can be drafted: {problem}\n"),
    }
}

/// The first rows of a text file, each at its line: lines between them that hold nothing are empty rows.
fn first_text_rows(path: &Path, limits: Limits) -> Result<Vec<Vec<String>>, String> {
    let mut reader = TextRows::open(path, limits, Delimiter::Sniffed)
        .map_err(|_| "the file is no text".to_owned())?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    while rows.len() < HEADER_ROWS_MAX {
        let Next::Row = reader.advance() else { break };
        let line = usize::try_from(reader.line())
            .unwrap_or(usize::MAX)
            .min(HEADER_ROWS_MAX);
        rows.resize(rows.len().max(line.saturating_sub(1)), Vec::new());
        rows.push(
            reader
                .fields()
                .iter()
                .map(|f| f.trim().to_owned())
                .collect(),
        );
    }
    Ok(rows)
}
