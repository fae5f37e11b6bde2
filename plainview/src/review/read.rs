//! Records to evidence tables, source by source; a source whose bytes and settings have not changed
//! is not read again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use plainview_engine::TableWriter;
use plainview_records::tables::notices::NoticesBuilder;
use plainview_records::{
    Effect, Format, MappedColumn, Notice, Sink, SourceInput, SourceReport, Table, TableMap, Tokens,
    read_source,
};
use plainview_register::{ColumnMap, Location, Source};
use serde::{Deserialize, Serialize};

use crate::case::CaseFolder;
use crate::steps::{StepRecord, Steps};
use crate::term::Step;
use crate::{files, places};

/// What one source gave: its files, rows per table, and everything that could not be used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SourceRun {
    /// The source's id.
    pub(crate) id: String,
    /// Its files in order; the position is the file number in every row.
    pub(crate) files: Vec<FileRun>,
    /// Rows per evidence table.
    pub(crate) rows: BTreeMap<String, u64>,
    /// Earliest and latest time in its rows, epoch milliseconds.
    pub(crate) time_range: Option<(i64, i64)>,
    /// The source digest that an authentication binds to.
    pub(crate) digest: String,
    /// Notices in reading order.
    pub(crate) notices: Vec<NoticeRun>,
}

/// One file of a source.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FileRun {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) rows: u64,
    pub(crate) data: bool,
    /// What it was recognised as and why, in a source of format `auto`.
    pub(crate) recognised: Option<String>,
}

/// One notice, as kept between runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NoticeRun {
    pub(crate) file: String,
    pub(crate) row: Option<u64>,
    pub(crate) code: String,
    pub(crate) effect: Effect,
    pub(crate) rows_affected: u64,
    pub(crate) found: String,
    pub(crate) expected: String,
    pub(crate) message: String,
}

impl From<&Notice> for NoticeRun {
    fn from(notice: &Notice) -> Self {
        Self {
            file: notice.file.clone(),
            row: notice.row,
            code: notice.code.to_owned(),
            effect: notice.effect,
            rows_affected: notice.rows_affected,
            found: notice.found.clone(),
            expected: notice.expected.clone(),
            message: notice.message.clone(),
        }
    }
}

impl SourceRun {
    fn new(id: &str, report: &SourceReport, notices: &[Notice], tokens: &Tokens) -> Self {
        let files = report
            .files
            .iter()
            .map(|file| FileRun {
                name: tokens.mask(&file.name).into_owned(),
                bytes: file.bytes,
                rows: file.rows,
                data: file.role == plainview_records::FileRole::Data,
                recognised: file
                    .told_by
                    .as_ref()
                    .map(|told| format!("{}: {}", told.format, told.because)),
            })
            .collect();
        let rows = report
            .rows
            .iter()
            .map(|(t, n)| (t.to_string(), *n))
            .collect();
        Self {
            id: id.to_owned(),
            files,
            rows,
            time_range: report.time_range,
            digest: report.digest.clone(),
            notices: notices.iter().map(NoticeRun::from).collect(),
        }
    }
}

/// Where the kept run of a source is.
fn kept_path(case: &CaseFolder, source: &str) -> PathBuf {
    case.own().join("sources").join(format!("{source}.json"))
}

/// What the last review kept of a source; none when it has not been read.
pub(crate) fn kept_source(case: &CaseFolder, source: &str) -> Result<Option<SourceRun>> {
    let path = kept_path(case, source);
    if !path.is_file() {
        return Ok(None);
    }
    let run = serde_json::from_str(&files::read_text(&path)?)
        .with_context(|| format!("{} is damaged", path.display()))?;
    Ok(Some(run))
}

/// Reads every source of the case; gives what each held and a digest of all evidence tables.
pub(crate) fn read_all(case: &CaseFolder, steps: &Steps) -> Result<(Vec<SourceRun>, String)> {
    let tokens = case.tokens()?;
    let secret = files::sha256_hex(&case.salt()?);
    let parties = serde_json::to_string(&case.register.parties)?;
    remove_stale(case)?;
    // Entries of archives that a crash left behind.
    if case.scratch().exists() {
        std::fs::remove_dir_all(case.scratch())
            .with_context(|| format!("cannot remove {}", case.scratch().display()))?;
    }
    let mut runs = Vec::new();
    let mut digests = String::new();
    for source in &case.register.sources {
        let (run, record) = read_one(case, steps, source, &tokens, &[&secret, &parties])?;
        digests.push_str(&record.digest());
        runs.push(run);
    }
    Ok((runs, files::sha256_hex(digests.as_bytes())))
}

/// Removes tables and fetched files of sources that the register no longer names.
fn remove_stale(case: &CaseFolder) -> Result<()> {
    if case.fetched().is_dir() {
        for entry in std::fs::read_dir(case.fetched())? {
            let path = entry?.path();
            let id = path.file_name().and_then(|name| name.to_str());
            let source = id.and_then(|id| case.register.source(id));
            if source.is_none_or(|source| !is_remote(source)) {
                std::fs::remove_dir_all(&path)
                    .with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
    }
    if !case.tables().is_dir() {
        return Ok(());
    }
    for path in files::walk(&case.tables())? {
        let id = path
            .file_stem()
            .and_then(|s| s.to_str())
            .unwrap_or_default();
        if case.register.source(id).is_none() {
            std::fs::remove_file(&path)
                .with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

/// Whether any file of the source is fetched.
fn is_remote(source: &Source) -> bool {
    source.location.is_some() || source.files.iter().any(|file| Location::is_address(file))
}

fn read_one(
    case: &CaseFolder,
    steps: &Steps,
    source: &Source,
    tokens: &Tokens,
    shared: &[&str],
) -> Result<(SourceRun, StepRecord)> {
    let found = places::find(
        &case.root,
        source.location.as_ref(),
        &source.files,
        &case.fetched().join(&source.id),
        &source.id,
    )?;
    let input = input(case, source, found.files, found.placed, tokens.clone())?;
    let step = format!("read-{}", source.id);
    let mut parts = vec![serde_json::to_string(source)?];
    parts.extend(shared.iter().map(|s| (*s).to_owned()));
    if case.unsandboxed {
        parts.push("unsandboxed".to_owned());
    }
    for path in &input.files {
        // A file that cannot be read has no digest; the reader says so in a notice.
        let name = input.name_of(path);
        let digest = files::file_sha256_hex(path).unwrap_or_default();
        parts.push(format!("{name} {digest}"));
    }
    // What is odd about the files is part of the result, and may change while their bytes do not.
    for notice in &found.notices {
        parts.push(format!("{} {}", notice.code, notice.file));
    }
    let borrowed: Vec<&str> = parts.iter().map(String::as_str).collect();
    let inputs = steps.inputs(&step, &borrowed);
    let kept = kept_path(case, &source.id);
    if let Some(record) = steps.fresh(&step, &inputs) {
        let run = serde_json::from_str(&files::read_text(&kept)?)?;
        crate::term::note(&format!("{}: unchanged, not read again", source.id));
        return Ok((run, record));
    }
    let mut sink = TableFiles::new(&case.tables(), &source.id);
    for notice in found.notices {
        sink.notice(Notice {
            source_id: source.id.clone(),
            file: tokens.mask(&notice.file).into_owned(),
            ..notice
        });
    }
    if input.files.is_empty() && sink.notices.is_empty() {
        sink.notice(no_file(&source.id));
    }
    let report = read_source(&input, &mut sink)
        .with_context(|| format!("source {} cannot be read", source.id))?;
    let (outputs, notices) = sink.finish()?;
    let run = SourceRun::new(&source.id, &report, &notices, tokens);
    files::write(&kept, serde_json::to_string(&run)?.as_bytes())?;
    let mut all = outputs;
    all.push(kept);
    let record = steps.record(&step, &inputs, &all)?;
    Ok((run, record))
}

/// An empty folder is a source of which nothing was read, and must not look like a clean one.
fn no_file(source: &str) -> Notice {
    Notice {
        source_id: source.to_owned(),
        file_no: None,
        file: String::new(),
        row: None,
        code: "no-such-file",
        effect: Effect::Lost,
        rows_affected: 0,
        found: "no file".to_owned(),
        expected: "record files where the register says they are".to_owned(),
        message: "the source holds no file".to_owned(),
    }
}

fn input(
    case: &CaseFolder,
    source: &Source,
    paths: Vec<PathBuf>,
    placed: BTreeMap<PathBuf, PathBuf>,
    tokens: Tokens,
) -> Result<SourceInput> {
    let format: Format = source.format.as_str().parse()?;
    let mut input = SourceInput::new(&source.id, format, case.root.clone(), paths);
    input.account = source.account.as_ref().map(ToString::to_string);
    input.region.clone_from(&source.region);
    input.acquired_at = Some(source.acquired_at.as_millisecond());
    input.map = source.map.as_ref().map(table_map).transpose()?;
    input.tokens = tokens;
    input.placed = placed;
    input.scratch_folder = Some(case.scratch());
    input.extractor = crate::worker::extractor(case.unsandboxed);
    Ok(input)
}

fn table_map(map: &plainview_register::TableMap) -> Result<TableMap> {
    let columns = map
        .columns
        .iter()
        .map(|(name, column)| {
            let mapped = match column {
                ColumnMap::Column { name, unit } => MappedColumn::Column {
                    name: name.clone(),
                    unit: unit.as_ref().map(|unit| unit.as_str().to_owned()),
                },
                ColumnMap::Value { value } => MappedColumn::Value(value.clone()),
            };
            (name.clone(), mapped)
        })
        .collect();
    Ok(TableMap {
        table: Table::named(map.table.as_str())
            .with_context(|| format!("no table is called {}", map.table.as_str()))?,
        locale: Some(map.locale.clone()),
        sheet: map.sheet.clone(),
        second: map.second.clone(),
        header_row: map.header_row,
        timezone: Some(map.timezone.clone()),
        date_format: map.date_format.clone(),
        columns,
    })
}

/// Streams batches into one Parquet file per table and keeps the notices.
pub(crate) struct TableFiles {
    folder: PathBuf,
    source: String,
    writers: BTreeMap<Table, (TableWriter, PathBuf)>,
    notices: Vec<Notice>,
    step: Step,
}

impl TableFiles {
    pub(crate) fn new(folder: &Path, source: &str) -> Self {
        let step = Step::start(&format!("reading {source}"), 1);
        Self {
            folder: folder.to_path_buf(),
            source: source.to_owned(),
            writers: BTreeMap::new(),
            notices: Vec::new(),
            step,
        }
    }

    fn path(&self, table: Table) -> PathBuf {
        self.folder
            .join(table.to_string())
            .join(format!("{}.parquet", self.source))
    }

    /// Ends every table file, writes the notices table, and removes tables this source no longer has.
    pub(crate) fn finish(mut self) -> Result<(Vec<PathBuf>, Vec<Notice>)> {
        let mut builder = NoticesBuilder::new(&self.source);
        for (number, notice) in self.notices.iter().enumerate() {
            builder.push_notice(number as u64 + 1, notice);
        }
        if !self.notices.is_empty() {
            let batch = builder.finish()?;
            self.batch(Table::Notices, batch)?;
        }
        let mut outputs = Vec::new();
        let mut rows = 0;
        for (table, (writer, path)) in std::mem::take(&mut self.writers) {
            let written = writer.finish()?;
            if table != Table::Notices {
                rows += written;
            }
            outputs.push(path);
        }
        for table in Table::ALL {
            let path = self.path(table);
            if !outputs.contains(&path) && path.exists() {
                std::fs::remove_file(&path)
                    .with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
        let notices = self.notices;
        self.step.done(&format!(
            "{}: {rows} rows, {} notices",
            self.source,
            notices.len()
        ));
        Ok((outputs, notices))
    }
}

impl Sink for TableFiles {
    fn batch(
        &mut self,
        table: Table,
        batch: arrow_array::RecordBatch,
    ) -> Result<(), plainview_records::Error> {
        if !self.writers.contains_key(&table) {
            let path = self.path(table);
            let writer = TableWriter::create(&path, table.schema())
                .map_err(plainview_records::Error::sink)?;
            self.writers.insert(table, (writer, path));
        }
        let Some((writer, _)) = self.writers.get_mut(&table) else {
            return Ok(());
        };
        writer.write(&batch).map_err(plainview_records::Error::sink)
    }

    fn notice(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    fn progress(&mut self, bytes_done: u64, bytes_total: u64) {
        self.step.at(bytes_done, bytes_total);
    }
}
