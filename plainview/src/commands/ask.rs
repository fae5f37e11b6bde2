//! `plainview ask CASE "SQL"`: the same engine and tables that the review uses.

use anyhow::{Result, bail};
use plainview_engine::{OutputFormat, render};

use crate::case::CaseFolder;
use crate::cli::AskArgs;
use crate::exit::Ending;
use crate::{files, review, term};

/// What is shown when no query is given.
const CATALOG: &str = "select table_name, column_name, data_type, is_nullable
from information_schema.columns where table_schema = 'public' order by table_name, ordinal_position";

pub(crate) fn run(args: &AskArgs) -> Result<Ending> {
    let case = CaseFolder::open(&args.case)?;
    if !case.tables().is_dir() {
        bail!("the case has not been reviewed yet: run `plainview review` first");
    }
    let engine = review::open_engine(&case, None)?;
    let sql = args.sql.as_deref().unwrap_or(CATALOG);
    if args.format == OutputFormat::Parquet {
        let Some(path) = &args.output else {
            bail!("--format parquet needs --output FILE")
        };
        let rows = engine.export(sql, path)?;
        term::note(&format!("{rows} rows written to {}", path.display()));
        return Ok(Ending::DONE);
    }
    let (schema, batches) = engine.ask(sql)?;
    let text = render(&schema, &batches, args.format)?;
    match &args.output {
        Some(path) => files::write(path, text.as_bytes())?,
        None => term::result(&text),
    }
    Ok(Ending::DONE)
}
