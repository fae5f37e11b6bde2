//! Record files without a case: read into tables that live as long as the command.
//!
//! Identifier-like runs are masked with a fixed public salt, so nothing printed from here is secret
//! and nothing here counts distinct identifiers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context as _, Result, bail};
use plainview_engine::{Engine, EngineConfig, Month};
use plainview_records::{
    Effect, Format, Group, Notice, Sink, SourceInput, SourceReport, Table, TableMap, group,
    read_source,
};
use plainview_register::Location;
use tempfile::TempDir;

use crate::places;
use crate::review::{ENGINE_MEMORY_BYTES, TableFiles, threads};

/// How files are read when no case says so.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) format: Option<Format>,
    pub(crate) schema: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) map: Option<TableMap>,
    /// Whether parsers of documents may run where they cannot be confined.
    pub(crate) unsandboxed: bool,
}

/// Files sorted by format; what was recognised as nothing is kept apart.
#[derive(Default)]
pub(crate) struct Sorted {
    pub(crate) groups: Vec<Group>,
    /// Names of files that no rule recognises.
    pub(crate) unknown: Vec<String>,
    pub(crate) notices: Vec<Notice>,
    /// Every file, with the entries of archives in the place of the archives.
    all: Option<SourceInput>,
    /// Holds what was fetched; removed with the last value.
    fetched: Option<Rc<TempDir>>,
}

impl Sorted {
    /// The path that the file at `path` is called by: for an entry of an archive, one below the archive.
    pub(crate) fn belongs<'p>(&'p self, path: &'p Path) -> &'p Path {
        self.all.as_ref().map_or(path, |all| all.belongs(path))
    }

    /// What lies on disk: for an entry of an archive the archive, else the file itself.
    pub(crate) fn on_disk<'p>(&'p self, path: &'p Path) -> &'p Path {
        let all = self.all.as_ref();
        all.and_then(|all| all.archive_of(path)).unwrap_or(path)
    }

    /// A group of what lies on disk, with the entries of its archives in the place of the archives.
    pub(crate) fn whole(&self, group: &Group) -> Group {
        let Some(all) = &self.all else {
            return group.clone();
        };
        let whole: BTreeSet<&Path> = group.files.iter().map(PathBuf::as_path).collect();
        let wanted = |path: &&PathBuf| whole.contains(self.on_disk(path));
        let files = all.files.iter().filter(wanted).cloned().collect();
        Group::of(group.format, group.because, files)
    }

    /// The same files and notices with other groups.
    pub(crate) fn only(&self, groups: Vec<Group>) -> Self {
        Self {
            groups,
            unknown: Vec::new(),
            notices: Vec::new(),
            all: self.all.clone(),
            fetched: self.fetched.clone(),
        }
    }

    /// A group to be read.
    pub(crate) fn input(&self, group: &Group, options: &Options) -> SourceInput {
        let mut input = match &self.all {
            Some(all) => all.clone(),
            None => SourceInput::new("", group.format, PathBuf::new(), Vec::new()),
        };
        let belong: Vec<PathBuf> = group
            .files
            .iter()
            .map(|path| input.belongs(path).to_owned())
            .collect();
        input.root = common_root(&belong);
        group.format.as_str().clone_into(&mut input.source_id);
        input.format = group.format;
        input.files.clone_from(&group.files);
        input.keep_archives_of_files();
        input.account.clone_from(&options.account);
        input.schema.clone_from(&options.schema);
        input.map.clone_from(&options.map);
        input.extractor = crate::worker::extractor(options.unsandboxed);
        input
    }
}

/// Finds the files and their formats.
pub(crate) fn sort(files: &[PathBuf], options: &Options) -> Result<Sorted> {
    let here = std::env::current_dir().context("no current folder")?;
    let patterns: Vec<String> = files.iter().map(|p| p.display().to_string()).collect();
    for pattern in &patterns {
        let path = here.join(pattern);
        let is_looked_for = Location::is_address(pattern) || pattern.contains(['*', '?', '[']);
        if !path.exists() && !is_looked_for {
            bail!("{pattern} does not exist");
        }
    }
    let fetched = tempfile::Builder::new().prefix("plainview-").tempdir()?;
    let found = places::find(&here, None, &patterns, fetched.path(), "the addresses")?;
    let mut notices = found.notices;
    if found.files.is_empty() {
        bail!("no record file found in {}", patterns.join(", "));
    }
    let mut all = SourceInput::new("", Format::Auto, here, found.files);
    all.placed = found.placed;
    all.unpack().context("an archive cannot be unpacked")?;
    notices.extend(all.take_refusals());
    let told = match options.format {
        Some(Format::Auto) => None,
        Some(format) => Some((format, "as told")),
        None if options.schema.is_some() => Some((
            Format::S3Inventory,
            "a schema for headerless rows was given",
        )),
        None => None,
    };
    let (groups, unknown) = match told {
        Some((format, because)) => (
            vec![Group::of(format, because, all.files.clone())],
            Vec::new(),
        ),
        None => group(&all),
    };
    Ok(Sorted {
        groups,
        unknown: unknown
            .iter()
            .map(|path| all.belongs(path).display().to_string())
            .collect(),
        notices,
        all: Some(all),
        fetched: Some(Rc::new(fetched)),
    })
}

/// Reads one group through `sink`.
pub(crate) fn read(
    sorted: &Sorted,
    group: &Group,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<SourceReport> {
    Ok(read_source(&sorted.input(group, options), sink)?)
}

/// The deepest folder that holds all files.
pub(crate) fn common_root(files: &[PathBuf]) -> PathBuf {
    let mut root = match files.first().and_then(|f| f.parent()) {
        Some(folder) => folder.to_path_buf(),
        None => return PathBuf::from("."),
    };
    while !files.iter().all(|file| file.starts_with(&root)) {
        if !root.pop() {
            break;
        }
    }
    root
}

/// Tables in a temporary folder with an engine over them.
pub(crate) struct Adhoc {
    pub(crate) engine: Engine,
    pub(crate) notices: Vec<Notice>,
    /// First and last instant in the rows, epoch milliseconds.
    pub(crate) span: Option<(i64, i64)>,
    /// Rows read.
    pub(crate) rows: u64,
    /// Names of the files read, by format and number.
    pub(crate) files: BTreeMap<Format, Vec<String>>,
    /// Holds the tables; removed with the value.
    _folder: TempDir,
}

impl Adhoc {
    /// Reads every group; the source id of a group is its format's id.
    pub(crate) fn load(sorted: &Sorted, options: &Options) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("plainview-").tempdir()?;
        let mut notices = sorted.notices.clone();
        let mut span: Option<(i64, i64)> = None;
        let mut rows = 0;
        let mut files = BTreeMap::new();
        for group in &sorted.groups {
            let mut sink = TableFiles::new(folder.path(), group.format.as_str());
            let report = read(sorted, group, options, &mut sink)?;
            let (_, more) = sink.finish()?;
            notices.extend(more);
            rows += report.rows.values().sum::<u64>();
            let names = report.files.into_iter().map(|file| file.name).collect();
            files.insert(group.format, names);
            if let Some((first, last)) = report.time_range {
                let (a, b) = span.unwrap_or((first, last));
                span = Some((a.min(first), b.max(last)));
            }
        }
        let months = span.map_or_else(Vec::new, |(first, last)| months(first, last));
        let config = EngineConfig {
            tables: folder.path().to_path_buf(),
            threads: threads(None),
            memory_bytes_max: ENGINE_MEMORY_BYTES,
        };
        let engine = Engine::open(&config, &crate::review::schemas(), &months)?;
        Ok(Self {
            engine,
            notices,
            span,
            rows,
            files,
            _folder: folder,
        })
    }
}

/// Whole months from the first to the last instant. A span of decades in hostile records would ask
/// for a month table without end, so only the latest ten years are kept.
fn months(first: i64, last: i64) -> Vec<Month> {
    const MONTHS_MAX: usize = 120;
    let all = plainview_weigh::quantity::Month::covering(first, last.saturating_add(1));
    let skip = all.len().saturating_sub(MONTHS_MAX);
    all.into_iter()
        .skip(skip)
        .map(|m| Month {
            name: m.to_string(),
            start_ms: m.start_ms(),
            end_ms: m.end_ms(),
        })
        .collect()
}

/// Counts what passes and keeps only notices: `plainview records` never stores a row.
#[derive(Default)]
pub(crate) struct Counting {
    /// Rows per table and value of the column that tells rows of that table apart.
    pub(crate) by: BTreeMap<Table, BTreeMap<String, u64>>,
    pub(crate) notices: Vec<Notice>,
}

/// The column that tells rows of a table apart for a person.
fn telling_column(table: Table) -> &'static str {
    match table {
        Table::Objects => "state",
        Table::Requests | Table::Activity => "verb",
        Table::Resources => "resource_type",
        Table::Deliveries | Table::Documents => "kind",
        Table::Metering => "meter",
        Table::Charges => "service_category",
        Table::Notices => "code",
    }
}

impl Sink for Counting {
    fn batch(
        &mut self,
        table: Table,
        batch: arrow_array::RecordBatch,
    ) -> Result<(), plainview_records::Error> {
        use arrow_array::cast::AsArray as _;
        let counts = self.by.entry(table).or_default();
        let column = batch.column_by_name(telling_column(table));
        if let Some(values) = column.and_then(|c| c.as_string_opt::<i32>()) {
            for value in values.iter().flatten() {
                if let Some(count) = counts.get_mut(value) {
                    *count += 1;
                } else {
                    counts.insert(value.to_owned(), 1);
                }
            }
        }
        Ok(())
    }

    fn notice(&mut self, notice: Notice) {
        self.notices.push(notice);
    }
}

/// Whether anything was lost.
pub(crate) fn lost(notices: &[Notice]) -> bool {
    notices.iter().any(|notice| notice.effect == Effect::Lost)
}
