//! Log files that are here, sought by name and by hash.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read as _};

use sha2::{Digest as _, Sha256};

use crate::Limits;
use crate::digest::hex;
use crate::open::{Content, open_text, sniff};
use crate::run::SourceFile;
use crate::tables::deliveries::state;

/// The log files of a source.
#[derive(Debug, Default)]
pub(super) struct LogFiles {
    files: Vec<Held>,
    /// By the last segment of the name, without `.gz`.
    by_name: BTreeMap<String, Vec<usize>>,
    /// Hashes of the bytes on disk.
    on_disk: BTreeSet<String>,
    /// Hashes of the uncompressed bytes of every file, once a file was sought that is not here by name.
    content: Option<BTreeSet<String>>,
}

#[derive(Debug)]
struct Held {
    file: SourceFile,
    /// Of the bytes on disk; unknown for a second copy of a file.
    on_disk: Option<String>,
    /// Of the uncompressed bytes, once it was asked for.
    content: OnceCell<Option<String>>,
}

/// The last segment of a key or of a file's name, without `.gz`.
pub(super) fn stem(name: &str) -> &str {
    let last = name.rsplit('/').next().unwrap_or_default();
    last.strip_suffix(".gz").unwrap_or(last)
}

impl LogFiles {
    pub(super) fn add(&mut self, file: SourceFile, on_disk: Option<String>) {
        let name = stem(&file.name).to_owned();
        self.by_name.entry(name).or_default().push(self.files.len());
        self.on_disk.extend(on_disk.clone());
        self.files.push(Held {
            file,
            on_disk,
            content: OnceCell::new(),
        });
    }

    /// Whether the file of this key is here with this hash, over its uncompressed bytes or over those on disk.
    pub(super) fn state(&mut self, object: &str, sha256: &str, limits: Limits) -> &'static str {
        let sha256 = sha256.to_ascii_lowercase();
        if self.on_disk.contains(&sha256) {
            return state::PRESENT;
        }
        let named = self.by_name.get(stem(object)).cloned().unwrap_or_default();
        let mut is_readable = false;
        for index in named {
            let content = self.files[index].content(limits);
            is_readable |= content.is_some();
            if content == Some(&sha256) {
                return state::PRESENT;
            }
        }
        let Self { files, content, .. } = self;
        let content = content.get_or_insert_with(|| {
            files
                .iter()
                .filter_map(|held| held.content(limits).cloned())
                .collect()
        });
        match (content.contains(&sha256), is_readable) {
            (true, _) => state::PRESENT,
            (false, true) => state::ALTERED,
            (false, false) => state::MISSING,
        }
    }
}

impl Held {
    /// The hash of the uncompressed bytes; nothing when the file cannot be read to its end, which was told when it was read.
    fn content(&self, limits: Limits) -> Option<&String> {
        self.content
            .get_or_init(|| match sniff(&self.file.path) {
                Ok(Content::Text) if self.on_disk.is_some() => self.on_disk.clone(),
                Ok(_) => hash_content(&self.file, limits).ok(),
                Err(_) => None,
            })
            .as_ref()
    }
}

fn hash_content(file: &SourceFile, limits: Limits) -> io::Result<String> {
    let mut text = open_text(&file.path, limits)?;
    let meter = text.meter();
    let mut sha256 = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        meter.reset();
        match text.read(&mut buffer) {
            Ok(0) => return Ok(hex(&sha256.finalize())),
            Ok(read) => sha256.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
