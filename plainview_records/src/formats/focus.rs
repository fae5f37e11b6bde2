//! `focus`: charge lines in the `FinOps` Open Cost and Usage Specification, versions 1.0 to 1.2.
//!
//! **Files.** CSV with a header, gzip-compressed CSV, or Parquet, told by their first bytes. The version is told from the
//! columns: a column that came with 1.2 makes it 1.2, else one that came with 1.1 makes it 1.1, else it is 1.0.
//!
//! **Columns.** Header names are compared exactly. All mandatory columns ([`MANDATORY`]) must be there, or the file is
//! refused with `focus-missing-columns`, which names every one that is missing: exports from before 1.0 and native exports
//! of AWS, Azure or OCI are no FOCUS files, and reading half of one would give half a bill. Of the columns only [`ALLOWED`]
//! are read; all others, vendor columns (`x_...`) among them, are named in one `focus-unread-columns` notice per file.
//!
//! **What becomes of them.** Each row is one row of `charges`. `account` is `SubAccountId` (else `BillingAccountId`) at AWS;
//! at Azure the storage account named in `ResourceId` when there is one, else `SubAccountId`. `container` is the bucket when
//! `ResourceId` is the ARN or the name of an S3 bucket. Numbers are exact decimals of twelve places, rounded half to even
//! beyond. `ResourceId`, `ChargeDescription` and `Tags` are masked.
//!
//! **Traps.**
//! - Null is the bare word `NULL` or nothing. A null in a column that may not be null (`ContractedCost` of real exports) is
//!   a `focus-null` doubt; the row is kept, unless its time, its account or its place in a bill is gone with it.
//! - Date-times without a zone are taken as UTC, a `focus-time-without-zone` doubt per column with its count of rows.
//! - Hours, days and months occur as charge periods in one file; nothing is assumed about their length.
//! - Broken ARNs (`arn:ats:...`, from anonymisers) are kept with a `focus-broken-arn` doubt.
//! - AWS account ids that lost their leading zeros in a spreadsheet are kept as they are, a `focus-short-account` doubt.
//! - A row that cannot be read is a `bad-row` notice, and the rest of the file is used.
//! - Parquet stores costs as doubles in some exports; they are taken by their shortest decimal text.

pub(in crate::formats) mod columnar;
mod header;
pub(in crate::formats) mod row;

use crate::formats::sheet::tally::Tally;
use crate::formats::sheet::text::{Delimiter, Next, TextRows, stopped};
use crate::open::{Content, sniff};
use crate::run::{Note, Run, SourceFile};
use crate::tables::charges::ChargesBuilder;
use crate::{Error, Table};

use header::Header;
pub use header::{ALLOWED, MANDATORY, Version, version};

/// Reads every file of the source as FOCUS.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    for file in run.plan_data() {
        let Some(hashes) = run.hash_once(&file) else {
            continue;
        };
        match sniff(&file.path) {
            Ok(Content::Parquet) => columnar::read(run, &file)?,
            Ok(Content::Orc | Content::Zip) => {
                let note = Note::lost(
                    "focus-not-readable",
                    "the file is neither CSV nor Parquet and was not read",
                )
                .expected("CSV, gzip-compressed CSV or Parquet");
                run.note(Some(&file), note);
            }
            Ok(Content::Empty | Content::Compressed | Content::Text) => read_csv(run, &file)?,
            Err(error) => run.note(Some(&file), stopped(&error)),
        }
        run.advance(hashes.bytes);
    }
    Ok(())
}

fn read_csv(run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
    let mut rows = match TextRows::open(&file.path, run.input.limits, Delimiter::Comma) {
        Ok(rows) => rows,
        Err(note) => {
            run.note(Some(file), note);
            return Ok(());
        }
    };
    let names: Vec<String> = match rows.advance() {
        Next::Row => rows.fields().iter().map(str::to_owned).collect(),
        Next::End => {
            let note = Note::lost("empty-file", "the file holds no header and no rows")
                .expected("a FOCUS header");
            run.note(Some(file), note);
            return Ok(());
        }
        Next::Stopped(note) => {
            run.note(Some(file), note);
            return Ok(());
        }
    };
    let Some(header) = Header::accept(run, file, &names) else {
        return Ok(());
    };
    let mut charges = Charges::new(run);
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
        row_no += 1;
        let fields = rows.fields();
        if fields.len() == names.len() {
            charges.take(run, file, row_no, |column| {
                header.place(column).and_then(|n| fields.get(n))
            })?;
        } else {
            let note = Note::lost(
                "bad-row",
                "a row with the wrong number of fields was not used",
            )
            .row(row_no)
            .found(format!("{} fields", fields.len()))
            .expected(format!("{} fields", names.len()));
            run.note(Some(file), note);
        }
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
    charges.end(run, file)
}

/// The rows of one file on their way into the `charges` table.
struct Charges {
    builder: ChargesBuilder,
    tally: Tally,
}

impl Charges {
    fn new(run: &Run<'_>) -> Self {
        Charges {
            builder: ChargesBuilder::new(&run.input.source_id),
            tally: Tally::default(),
        }
    }

    /// Takes one row, whose fields `get` gives by column name.
    fn take<'r>(
        &mut self,
        run: &mut Run<'_>,
        file: &SourceFile,
        row_no: u64,
        get: impl Fn(row::Column) -> Option<&'r str>,
    ) -> Result<(), Error> {
        match row::read(get, row_no, &run.input.tokens, &mut self.tally) {
            Ok(charge) => {
                run.observe_time(charge.charge_start);
                run.observe_time(charge.charge_end);
                charge.push(&mut self.builder, file.no, row_no);
                run.flush_if_full(Table::Charges, file, &mut self.builder)
            }
            Err(bad) => {
                let note = Note::lost("bad-row", "a row whose value cannot be read was not used")
                    .row(row_no)
                    .found(format!("{}: {}", bad.column, bad.found))
                    .expected(bad.expected);
                run.note(Some(file), note);
                Ok(())
            }
        }
    }

    fn end(mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
        self.tally.give(run, file);
        run.flush(Table::Charges, file, &mut self.builder)
    }
}
