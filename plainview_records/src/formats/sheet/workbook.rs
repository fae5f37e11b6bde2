//! XLSX workbooks: one sheet, row by row.
//!
//! A workbook is a zip archive. Before the library opens it, every entry's real unpacked size is measured within limits,
//! because the library keeps shared texts and styles whole in memory: [`SHEET_PARTS_BYTES_MAX`] for those, and
//! [`SHEET_BYTES_MAX`] for each sheet, which is read as a stream. Formulas are not run; their stored values are read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use calamine::{DataRef, Dimensions, Reader as _, Xlsx};
use zip::ZipArchive;

use super::Cell;
use super::fill::Filler;
use super::plan::{Places, Plan};
use super::tally::Repeated;
use crate::limits::{SHEET_BYTES_MAX, SHEET_ENTRIES_MAX, SHEET_PARTS_BYTES_MAX};
use crate::run::{Note, Run, SourceFile};
use crate::{Effect, Error, Limits};

/// As many columns as a sheet can have.
const COLUMNS_MAX: u32 = 16_384;
/// The most merged regions that are filled.
const MERGED_MAX: usize = 1000;
/// The most cells that merged regions give a value to, in one sheet: a hostile sheet could merge everything.
const MERGED_CELLS_MAX: u64 = 10_000_000;

const MERGED: Repeated = Repeated {
    code: "sheet-merged-cells",
    effect: Effect::Doubt,
    expected: "a value in each cell",
    message: "values of merged cells were given to every cell they cover",
};

/// Why a workbook or its sheet cannot be read.
enum Refused {
    /// It is not there, or too large: the file is as it is.
    Said(Note),
    /// The library failed on it.
    Damaged(String),
}

impl Refused {
    fn note(self) -> Note {
        match self {
            Refused::Said(note) => note,
            Refused::Damaged(found) => Note::lost(
                "file-damaged",
                "the workbook could not be read to its end; the rows before are used",
            )
            .found(found)
            .expected("a whole XLSX workbook"),
        }
    }
}

type Workbook = Xlsx<BufReader<File>>;

pub(super) fn read<'p>(
    run: &mut Run<'_>,
    file: &SourceFile,
    plan: &'p Plan,
    mut filler: Filler<'p>,
) -> Result<Filler<'p>, Error> {
    let opened = guarded(|| {
        let mut workbook = open(&file.path, run.input.limits)?;
        let sheet = choose(&workbook, plan.sheet.as_deref())?;
        let merged = merged(&mut workbook, &sheet)?;
        Ok((workbook, sheet, merged))
    });
    let (mut workbook, sheet, merged) = match opened {
        Ok(opened) => opened,
        Err(refused) => {
            run.note(Some(file), refused.note());
            return Ok(filler);
        }
    };
    filler.is_1904 = workbook.has_1904_epoch();
    let mut sheet_run = SheetRun {
        plan,
        filler,
        places: None,
        refused: false,
        merged: Merged::new(merged),
    };
    let mut outcome = Ok(());
    let walked = guarded(|| {
        rows(&mut workbook, &sheet, &mut |row_no, cells| {
            outcome = sheet_run.row(run, file, row_no, cells);
            outcome.is_ok() && !sheet_run.refused
        })
    });
    outcome?;
    if let Err(refused) = walked {
        run.note(Some(file), refused.note());
    }
    if sheet_run.places.is_none() && !sheet_run.refused {
        let note = Note::lost("sheet-no-header", "the sheet ends before its header row")
            .found(sheet)
            .expected(format!("a header in row {}", plan.header_row));
        run.note(Some(file), note);
    }
    Ok(sheet_run.filler)
}

/// The first rows of the first sheet, as text, and the sheet's name.
pub(super) fn first_rows(
    path: &Path,
    limits: Limits,
    count: usize,
) -> Result<(Vec<Vec<String>>, String), String> {
    let read = guarded(|| {
        let mut workbook = open(path, limits)?;
        let sheet = choose(&workbook, None)?;
        let mut merged = Merged::new(merged(&mut workbook, &sheet)?);
        let mut first: Vec<Vec<String>> = Vec::new();
        rows(&mut workbook, &sheet, &mut |row_no, mut cells| {
            let at = usize::try_from(row_no).unwrap_or(usize::MAX);
            if at > count {
                return false;
            }
            // As the reader sees them: a header may be merged.
            merged.fill(row_no - 1, &mut cells);
            first.resize(first.len().max(at), Vec::new());
            let width = width(&cells);
            let mut row = vec![String::new(); width];
            for (n, cell) in cells {
                row[n as usize] = cell.shown();
            }
            first[at - 1] = row;
            true
        })?;
        Ok((first, sheet))
    });
    read.map_err(|refused| match refused {
        Refused::Said(_) => "the workbook has no sheet, or is too large".to_owned(),
        Refused::Damaged(found) => found,
    })
}

/// One sheet on its way into the table.
struct SheetRun<'p> {
    plan: &'p Plan,
    filler: Filler<'p>,
    places: Option<Places>,
    refused: bool,
    merged: Merged,
}

impl SheetRun<'_> {
    /// Takes one row: its number in the sheet, counted from 1, and its cells by column.
    fn row(
        &mut self,
        run: &mut Run<'_>,
        file: &SourceFile,
        row: u32,
        mut cells: Cells,
    ) -> Result<(), Error> {
        let header_row = self.plan.header_row;
        // Also above the header: a cell there can be merged down into it.
        let filled = self.merged.fill(row - 1, &mut cells);
        if row < header_row {
            return Ok(());
        }
        if self.places.is_none() {
            let width = width(&cells);
            let mut names = vec![String::new(); width];
            for (n, cell) in &cells {
                names[*n as usize] = cell.shown();
            }
            self.places = self.plan.places(run, file, &names);
            self.refused = self.places.is_none();
            if header_row > 0 || self.refused {
                return Ok(());
            }
        }
        let Some(places) = &self.places else {
            return Ok(());
        };
        let row_no = u64::from(row - header_row);
        if filled {
            self.filler.tally.add(&MERGED, "", row_no, "");
        }
        let ordered: Vec<Cell> = places
            .columns()
            .map(|at| {
                u32::try_from(at)
                    .ok()
                    .and_then(|at| cells.get(&at))
                    .cloned()
                    .unwrap_or_default()
            })
            .collect();
        self.filler.take(run, file, row_no, &ordered, false)
    }
}

/// How many columns a row reaches over.
fn width(cells: &Cells) -> usize {
    cells
        .last_key_value()
        .map_or(0, |(last, _)| *last as usize + 1)
}

/// The cells of one row that hold something, by column.
type Cells = BTreeMap<u32, Cell>;

/// Regions of merged cells, and the values of those that the reading is in.
struct Merged {
    regions: Vec<(Dimensions, Option<Cell>)>,
    budget: u64,
}

impl Merged {
    fn new(regions: Vec<Dimensions>) -> Self {
        Merged {
            regions: regions.into_iter().map(|region| (region, None)).collect(),
            budget: MERGED_CELLS_MAX,
        }
    }

    /// Gives the cells that merged regions cover the region's value; true when any was given one.
    fn fill(&mut self, row: u32, cells: &mut Cells) -> bool {
        let mut filled = false;
        for (region, value) in &mut self.regions {
            if row < region.start.0 || row > region.end.0 {
                continue;
            }
            if row == region.start.0 {
                *value = cells.get(&region.start.1).cloned();
            }
            let Some(value) = value else { continue };
            for column in region.start.1..=region.end.1.min(COLUMNS_MAX) {
                if self.budget == 0 {
                    return filled;
                }
                self.budget -= 1;
                if cells.get(&column).is_none_or(Cell::is_empty) {
                    cells.insert(column, value.clone());
                    filled = true;
                }
            }
        }
        filled
    }
}

/// Measures the archive within limits, then lets the library open it.
fn open(path: &Path, limits: Limits) -> Result<Workbook, Refused> {
    let damaged = |e: &dyn std::fmt::Display| Refused::Damaged(e.to_string());
    let size = std::fs::metadata(path).map_err(|e| damaged(&e))?.len();
    if size > limits.whole_file_bytes_max {
        return Err(too_large(
            format!("{size} bytes"),
            limits.whole_file_bytes_max,
        ));
    }
    let mut archive = ZipArchive::new(BufReader::new(File::open(path).map_err(|e| damaged(&e))?))
        .map_err(|e| damaged(&e))?;
    if archive.len() > SHEET_ENTRIES_MAX {
        return Err(too_large(
            format!("{} entries", archive.len()),
            SHEET_ENTRIES_MAX as u64,
        ));
    }
    let mut parts = 0;
    for n in 0..archive.len() {
        let entry = archive.by_index(n).map_err(|e| damaged(&e))?;
        let is_sheet = entry
            .name()
            .is_ok_and(|name| name.starts_with("xl/worksheets/"));
        // Pictures and the like are never unpacked by the library.
        let is_media = entry.name().is_ok_and(|name| name.starts_with("xl/media/"));
        if is_media {
            continue;
        }
        let room = if is_sheet {
            SHEET_BYTES_MAX
        } else {
            SHEET_PARTS_BYTES_MAX - parts
        };
        let unpacked =
            io::copy(&mut entry.take(room + 1), &mut io::sink()).map_err(|e| damaged(&e))?;
        if unpacked > room {
            return Err(too_large(
                "an entry that unpacks to more than the limit".to_owned(),
                room,
            ));
        }
        if !is_sheet {
            parts += unpacked;
        }
    }
    let file = File::open(path).map_err(|e| damaged(&e))?;
    Workbook::new(BufReader::new(file)).map_err(|e| damaged(&e))
}

fn too_large(found: String, limit: u64) -> Refused {
    Refused::Said(
        Note::lost(
            "file-too-large",
            "the workbook is larger than the limit and was not read",
        )
        .found(found)
        .expected(format!("at most {limit}; save the sheet as CSV")),
    )
}

fn choose(workbook: &Workbook, wanted: Option<&str>) -> Result<String, Refused> {
    let names = workbook.sheet_names();
    let chosen = match wanted {
        Some(wanted) => names.iter().find(|name| *name == wanted),
        None => names.first(),
    };
    chosen.cloned().ok_or_else(|| {
        Refused::Said(
            Note::lost(
                "sheet-absent",
                "the workbook has no such sheet and was not read",
            )
            .found(names.join(", "))
            .expected(wanted.unwrap_or("a sheet")),
        )
    })
}

fn merged(workbook: &mut Workbook, sheet: &str) -> Result<Vec<Dimensions>, Refused> {
    let mut regions = workbook
        .merge_cells_by_sheet_name(sheet)
        .map_err(|e| Refused::Damaged(e.to_string()))?;
    regions.truncate(MERGED_MAX);
    Ok(regions)
}

/// Gives the rows of a sheet that hold anything, in order, until `each` returns `false`.
fn rows(
    workbook: &mut Workbook,
    sheet: &str,
    each: &mut impl FnMut(u32, Cells) -> bool,
) -> Result<(), Refused> {
    let damaged = |e: calamine::XlsxError| Refused::Damaged(e.to_string());
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(damaged)?;
    let mut row = 0;
    let mut cells = Cells::new();
    loop {
        let next = match reader.next_cell() {
            Ok(next) => next,
            Err(error) => {
                // The rows before the damage are sound.
                if !cells.is_empty() {
                    each(row + 1, std::mem::take(&mut cells));
                }
                return Err(damaged(error));
            }
        };
        let Some(next) = next else { break };
        let (at_row, column) = next.get_position();
        if at_row != row && !cells.is_empty() && !each(row + 1, std::mem::take(&mut cells)) {
            return Ok(());
        }
        row = at_row;
        let cell = cell(next.get_value());
        if cell != Cell::Empty && column < COLUMNS_MAX {
            cells.insert(column, cell);
        }
    }
    if !cells.is_empty() {
        each(row + 1, cells);
    }
    Ok(())
}

/// A cell of the library as one of ours. A double is taken by its shortest decimal text, which is what was typed.
fn cell(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(whole) => Cell::Number(whole.to_string()),
        DataRef::Float(double) => Cell::Number(double.to_string()),
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::Bool(flag) => Cell::Flag(*flag),
        DataRef::DateTime(date) if date.is_datetime() => Cell::Serial(date.as_f64().to_string()),
        DataRef::DateTime(duration) => Cell::Number(duration.as_f64().to_string()),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Cell::Text(text.clone())
        }
        DataRef::Error(error) => Cell::Error(error.to_string()),
    }
}

/// Runs one step of the workbook library, which may panic on damaged input.
fn guarded<T>(step: impl FnOnce() -> Result<T, Refused>) -> Result<T, Refused> {
    catch_unwind(AssertUnwindSafe(step))
        .unwrap_or_else(|_| Err(Refused::Damaged("the workbook decoder gave up".to_owned())))
}
