//! What a reader is asked to read: files, limits, and the case's masking; and how file patterns become files.
//!
//! Walks folders without following links inside them, so that a record folder cannot point outside itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::archive::Unpacked;
use crate::formats::document::{Extractor, InProcess};
use crate::limits::WALK_DEPTH_MAX;
use crate::{Effect, Format, Limits, Notice, Table, Tokens};

/// One source to read.
#[derive(Debug, Clone)]
pub struct SourceInput {
    /// The source's id in case.toml; becomes `source_id` of every row.
    pub source_id: String,
    /// How the files are to be read.
    pub format: Format,
    /// The folder that file names are relative to.
    pub root: PathBuf,
    /// The files, as [`expand`] gives them. A manifest stands for the files it lists.
    pub files: Vec<PathBuf>,
    /// `provider/account`, for formats that carry no account themselves.
    pub account: Option<String>,
    /// Region, for formats that carry none.
    pub region: Option<String>,
    /// When the records were acquired, milliseconds since 1970 UTC.
    pub acquired_at: Option<i64>,
    /// The `fileSchema` of a headerless S3 Inventory CSV that has no manifest.
    pub schema: Option<String>,
    /// Which columns mean what, for `format = "table"`.
    pub map: Option<TableMap>,
    /// Masks identifier-like runs.
    pub tokens: Tokens,
    /// Where parsers of binary documents run.
    pub extractor: Arc<dyn Extractor>,
    /// Bounds on what a hostile file may cost.
    pub limits: Limits,
    /// Files that lie elsewhere than they belong: where each lies, and the path below `root` that it is called by. Entries of
    /// archives and files fetched under another name are such.
    pub placed: BTreeMap<PathBuf, PathBuf>,
    /// Where archives are taken apart; the system's folder for temporary files by default.
    pub scratch_folder: Option<PathBuf>,
    /// The archives that [`Self::unpack`] took apart.
    pub unpacked: Unpacked,
}

impl SourceInput {
    /// An input with the public salt, default limits and nothing else known.
    pub fn new(source_id: &str, format: Format, root: PathBuf, files: Vec<PathBuf>) -> Self {
        Self {
            source_id: source_id.to_owned(),
            format,
            root,
            files,
            account: None,
            region: None,
            acquired_at: None,
            schema: None,
            map: None,
            tokens: Tokens::public(),
            extractor: Arc::new(InProcess),
            limits: Limits::default(),
            placed: BTreeMap::new(),
            scratch_folder: None,
            unpacked: Unpacked::default(),
        }
    }

    /// Where the file at `path` belongs: its own path, or the one it is called by.
    pub fn belongs<'p>(&'p self, path: &'p Path) -> &'p Path {
        self.placed.get(path).map_or(path, PathBuf::as_path)
    }

    /// The name of the file at `path` within the source, `/` between segments.
    pub fn name_of(&self, path: &Path) -> String {
        file_name(&self.root, self.belongs(path))
    }

    /// `account` split at its first `/`: provider (else `default_provider`) and account (else `unknown`).
    pub(crate) fn provider_account(&self, default_provider: &str) -> (String, String) {
        match self.account.as_deref() {
            None => (default_provider.to_owned(), "unknown".to_owned()),
            Some(text) => match text.split_once('/') {
                Some((provider, account)) => (provider.to_owned(), account.to_owned()),
                None => (default_provider.to_owned(), text.to_owned()),
            },
        }
    }
}

/// The column map of a `format = "table"` source, as in case.toml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableMap {
    /// The evidence table to fill; never `notices`.
    pub table: Table,
    /// Language of the sheet (`en`, `de`, ...): decides decimal and thousands marks.
    pub locale: Option<String>,
    /// Sheet of an XLSX workbook; the first one by default.
    pub sheet: Option<String>,
    /// The file, or the sheet of the same workbook, in which a second person keyed the same lines.
    pub second: Option<String>,
    /// 1-based row of the header; 0 when there is none, and columns are then called `1`, `2`, ...
    pub header_row: u32,
    /// IANA zone of times without an offset; UTC by default.
    pub timezone: Option<String>,
    /// strptime format of times; RFC 3339 and ISO forms by default.
    pub date_format: Option<String>,
    /// Table column -> where its value comes from.
    pub columns: BTreeMap<String, MappedColumn>,
}

/// Where a mapped column's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappedColumn {
    /// A column of the sheet, with the unit its numbers are in (such as `MB`).
    Column {
        /// The header text, or the column number of a headerless sheet.
        name: String,
        /// Unit of the numbers; the table's own unit by default.
        unit: Option<String>,
    },
    /// The same text in every row.
    Value(String),
}

/// Turns files, folders and globs, relative to `root`, into a sorted list of files without duplicates.
///
/// Folders are walked; links inside them are not followed and hidden files are not read, each with a notice. A pattern
/// that matches nothing is a `no-such-file` notice. The notices' `source_id` is empty, for the caller to fill.
pub fn expand(root: &Path, patterns: &[String]) -> (Vec<PathBuf>, Vec<Notice>) {
    let mut found = Walk {
        root,
        files: BTreeSet::new(),
        notices: Vec::new(),
    };
    for pattern in patterns {
        let path = root.join(pattern);
        if path.is_dir() {
            found.folder(&path, 0);
        } else if path.exists() {
            found.files.insert(path);
        } else {
            found.glob(pattern, &path);
        }
    }
    (found.files.into_iter().collect(), found.notices)
}

struct Walk<'a> {
    root: &'a Path,
    files: BTreeSet<PathBuf>,
    notices: Vec<Notice>,
}

impl Walk<'_> {
    fn glob(&mut self, pattern: &str, path: &Path) {
        let escaped = glob::Pattern::escape(&self.root.to_string_lossy());
        let full = Path::new(&escaped).join(pattern);
        let before = self.files.len();
        let matched: Vec<PathBuf> = glob::glob(&full.to_string_lossy())
            .map(|paths| paths.filter_map(Result::ok).collect())
            .unwrap_or_default();
        let any = !matched.is_empty();
        for path in matched {
            if path.is_dir() {
                self.folder(&path, 0);
            } else {
                self.files.insert(path);
            }
        }
        if !any && self.files.len() == before {
            self.notices.push(no_such_file(&file_name(self.root, path)));
            self.notices.sort();
        }
    }

    fn folder(&mut self, folder: &Path, depth: usize) {
        if depth > WALK_DEPTH_MAX {
            self.note(
                folder,
                "folder-too-deep",
                Effect::Lost,
                "the folder is nested too deeply and was not entered",
            );
            return;
        }
        let Ok(entries) = std::fs::read_dir(folder) else {
            self.note(
                folder,
                "file-unreadable",
                Effect::Lost,
                "the folder could not be read",
            );
            return;
        };
        for entry in entries {
            let Ok(entry) = entry else {
                self.note(
                    folder,
                    "file-unreadable",
                    Effect::Lost,
                    "an entry of the folder could not be read",
                );
                continue;
            };
            let path = entry.path();
            if entry.file_name().to_string_lossy().starts_with('.') {
                self.note(
                    &path,
                    "hidden-file",
                    Effect::Unread,
                    "a hidden file was not read",
                );
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.folder(&path, depth + 1),
                Ok(kind) if kind.is_file() => {
                    self.files.insert(path);
                }
                Ok(_) => self.note(
                    &path,
                    "link-not-followed",
                    Effect::Lost,
                    "a link inside a folder was not followed",
                ),
                Err(_) => self.note(
                    &path,
                    "file-unreadable",
                    Effect::Lost,
                    "the entry could not be read",
                ),
            }
        }
    }

    fn note(&mut self, path: &Path, code: &'static str, effect: Effect, message: &str) {
        let name = file_name(self.root, path);
        self.notices.push(about(name, code, effect, message));
        self.notices.sort();
    }
}

fn about(file: String, code: &'static str, effect: Effect, message: &str) -> Notice {
    Notice {
        source_id: String::new(),
        file_no: None,
        file,
        row: None,
        code,
        effect,
        rows_affected: 0,
        found: String::new(),
        expected: String::new(),
        message: message.to_owned(),
    }
}

/// The notice of a pattern that matches nothing. Its `source_id` is empty, for the caller to fill.
pub fn no_such_file(pattern: &str) -> Notice {
    about(
        pattern.to_owned(),
        "no-such-file",
        Effect::Lost,
        "no file matches this pattern",
    )
}

/// The name of `path` within a source rooted at `root`: relative, with `/` between segments; the last segment when it lies elsewhere.
pub(crate) fn file_name(root: &Path, path: &Path) -> String {
    match path.strip_prefix(root) {
        Ok(relative) => relative
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/"),
        Err(_) => path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
    }
}
