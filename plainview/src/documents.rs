//! The full-text index of a case: made of its documents table, and made again when that has changed.
//!
//! The index is a step like those of a review, with the digests of what was read as its input. It is written beside the old
//! one and takes its place when it is whole.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{TimestampMillisecondType, UInt32Type, UInt64Type};
use arrow_array::{Array as _, RecordBatch};
use plainview_engine::Engine;
use plainview_index::{Document, Index, IndexBuilder};

use crate::case::CaseFolder;
use crate::review::{self, SourceRun};
use crate::steps::Steps;
use crate::term::Step;

/// The step's name.
const STEP: &str = "index";

/// What the last review read of each source, in the register's order.
pub(crate) fn kept(case: &CaseFolder) -> Result<Vec<SourceRun>> {
    let mut runs = Vec::new();
    for source in &case.register.sources {
        runs.extend(review::kept_source(case, &source.id)?);
    }
    if runs.is_empty() || !case.tables().is_dir() {
        bail!("the case has not been reviewed yet: run `plainview review` first");
    }
    Ok(runs)
}

/// The index of a case that has been reviewed.
pub(crate) fn index(case: &CaseFolder, runs: &[SourceRun]) -> Result<Index> {
    let folder = case.own().join(STEP);
    let steps = Steps::open(&case.own(), &review::tool_digest()?);
    let mut parts = Vec::new();
    for run in runs {
        let read = steps.digest(&format!("read-{}", run.id));
        parts.push(format!("{} {}", run.id, read.unwrap_or_default()));
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let inputs = steps.inputs(STEP, &parts);
    if steps.fresh(STEP, &inputs).is_some()
        && let Ok(index) = Index::open(&folder)
    {
        return Ok(index);
    }
    let _lock = case.lock()?;
    let step = Step::start("indexing documents", 0);
    let made = case.own().join("index.new");
    for stale in [&made, &folder] {
        if stale.exists() {
            std::fs::remove_dir_all(stale)
                .with_context(|| format!("cannot remove {}", stale.display()))?;
        }
    }
    std::fs::create_dir_all(&made).with_context(|| format!("cannot write {}", made.display()))?;
    let rows = fill(case, runs, &made)?;
    std::fs::rename(&made, &folder)
        .with_context(|| format!("cannot write {}", folder.display()))?;
    // The index checks its own segments; its list of them says whether it is the one that was made.
    steps.record(STEP, &inputs, &[folder.join("meta.json")])?;
    step.done(&format!("{rows} documents indexed"));
    Ok(Index::open(&folder)?)
}

/// Writes every row of the documents table, source by source, in the order of files and rows.
fn fill(case: &CaseFolder, runs: &[SourceRun], folder: &Path) -> Result<u64> {
    let engine = review::open_engine(case, None)?;
    let mut builder = IndexBuilder::create(folder)?;
    for run in runs {
        if run.rows.contains_key("documents") {
            add(&engine, run, &mut builder)?;
        }
    }
    Ok(builder.finish()?)
}

fn add(engine: &Engine, run: &SourceRun, builder: &mut IndexBuilder) -> Result<()> {
    let sql = format!(
        "select * from documents where source_id = '{}' order by file_no, row_no",
        run.id.replace('\'', "''")
    );
    engine.for_each(&sql, |batch| -> Result<()> {
        let columns = Columns(batch);
        for at in 0..batch.num_rows() {
            let file_no = usize::try_from(columns.whole("file_no", at)).unwrap_or(usize::MAX);
            let name = run.files.get(file_no).map_or("", |file| file.name.as_str());
            builder.add(&Document {
                source: &run.id,
                file: name,
                row: columns.whole("row_no", at),
                doc_id: columns.text("doc_id", at).unwrap_or_default(),
                copy_no: columns.whole("copy_no", at),
                thread_id: columns.text("thread_id", at),
                kind: columns.text("kind", at).unwrap_or_default(),
                sent_at: columns.time("sent_at", at),
                from: columns.text("from_party", at),
                to: columns.text("to_parties", at),
                cc: columns.text("cc_parties", at),
                subject: columns.text("subject", at),
                text: columns.text("text", at),
                quoted: columns.text("quoted_text", at),
            })?;
        }
        Ok(())
    })
}

/// Cells of a batch of the documents table, whichever of Arrow's forms the engine gives text in.
struct Columns<'b>(&'b RecordBatch);

impl<'b> Columns<'b> {
    fn text(&self, name: &str, at: usize) -> Option<&'b str> {
        let column = self.0.column_by_name(name)?;
        if column.is_null(at) {
            return None;
        }
        if let Some(texts) = column.as_string_opt::<i32>() {
            return Some(texts.value(at));
        }
        column.as_string_view_opt().map(|texts| texts.value(at))
    }

    fn whole(&self, name: &str, at: usize) -> u64 {
        let Some(column) = self.0.column_by_name(name) else {
            return 0;
        };
        if let Some(numbers) = column.as_primitive_opt::<UInt64Type>() {
            return numbers.value(at);
        }
        column
            .as_primitive_opt::<UInt32Type>()
            .map_or(0, |numbers| u64::from(numbers.value(at)))
    }

    fn time(&self, name: &str, at: usize) -> Option<i64> {
        let column = self.0.column_by_name(name)?;
        let times = column.as_primitive_opt::<TimestampMillisecondType>()?;
        times.is_valid(at).then(|| times.value(at))
    }
}
