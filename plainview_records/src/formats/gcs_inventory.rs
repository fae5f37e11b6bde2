//! `gcs-inventory`: inventory reports of Google Cloud Storage Insights as CSV or Parquet, with their manifests.
//!
//! **No real report was to be had.** Names and meanings of the fields are those of the vendor's reference; the manifest's form is
//! what other programs read. Tests put real names, sizes and times into an envelope made here.
//!
//! **Forms.** Shards of about a million objects as CSV (with any character between cells, with or without a header) or
//! Parquet, and a `..._manifest.json` that names them. A manifest stands for the files it lists, as in
//! [`super::s3_inventory`]; it gives neither their lengths nor digests. Names are compared without regard to case, `-` and `_`.
//!
//! **What is read** is [`ALLOWED`]; each row is a row of `objects`. Checksums, encodings and metadata are not read.
//!
//! **Traps.**
//! - A CSV without a header has its columns in the manifest's `report_config` alone; without a manifest it is lost
//!   (`no-schema`).
//! - A shard that is missing, fewer or more shards than `shard_count` and another number of rows than `records_processed` are
//!   `lost` notices: a report that is not whole shows less than there is.
//! - A row with `timeDeleted` is no live object: it is an older version, or deleted and kept, in state `noncurrent`.
//! - Names are raw; they are not decoded. An empty current object whose name ends in `/` is a folder marker.
//! - The project is in every row, by name or by number; a row without it belongs to the source's account.
//! - `location` is the bucket's (`US`, `EUROPE-WEST1`) and is given in lower case, as elsewhere.

mod manifest;
mod rows;

use std::collections::BTreeSet;
use std::io::Read as _;

use self::manifest::GcsManifest;
use self::rows::Objects;
use super::inventory::columnar::ColumnarFile;
use super::inventory::plan::{self, Manifest as _, Planned};
use super::inventory::text::TextFile;
use super::inventory::{Columns, plain};
use crate::Error;
use crate::detect::Head;
use crate::open::{Content, open_text, sniff};
use crate::run::{Note, Run, SourceFile};

/// The columns this reader may read.
pub const ALLOWED: &[&str] = &[
    "project",
    "bucket",
    "name",
    "location",
    "size",
    "timeCreated",
    "timeDeleted",
    "updated",
    "storageClass",
    "etag",
    "retentionExpirationTime",
    "generation",
    "contentType",
];

const COLUMNS: Columns = Columns {
    allowed: ALLOWED,
    left: &[
        "crc32c",
        "md5Hash",
        "metageneration",
        "contentEncoding",
        "timeStorageClassUpdated",
    ],
};

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    if head.is_json() {
        return head
            .has_field("report_shards_file_names")
            .then_some("a manifest with report_shards_file_names");
    }
    let has = |name| head.has_column(name);
    (has("name") && has("bucket") && (has("timecreated") || has("storageclass")) && !has("key"))
        .then_some("columns bucket, name and timeCreated or storageClass")
}

/// Reads every manifest and data file of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    let Planned { data, manifests } = plan::plan::<GcsManifest>(run);
    let mut named = BTreeSet::new();
    let mut counted = vec![0_u64; manifests.len()];
    let mut is_whole = vec![true; manifests.len()];
    for data_file in &data {
        let owner = data_file.owner;
        if plan::is_usable(run, data_file, &manifests) {
            let manifest = owner.map(|owner| &manifests[owner].manifest);
            let rows = read_data(run, &data_file.file, manifest, &mut named)?;
            match (owner, rows) {
                (Some(owner), Some(rows)) => counted[owner] += rows,
                (Some(owner), None) => is_whole[owner] = false,
                (None, _) => {}
            }
        } else if let Some(owner) = owner {
            is_whole[owner] = false;
        }
    }
    for (index, vouching) in manifests.iter().enumerate() {
        let found = data.iter().filter(|data| data.owner == Some(index)).count();
        // Files that are missing or could not be read have their own notices; a sum over the rest would say nothing.
        let is_whole = is_whole[index] && found == vouching.manifest.listed().len();
        for note in vouching.manifest.doubts(is_whole.then_some(counted[index])) {
            run.note(Some(&vouching.file), note);
        }
    }
    Ok(())
}

/// Reads one data file; how many rows it has, used or not, unless it could not be read at all.
fn read_data(
    run: &mut Run<'_>,
    file: &SourceFile,
    manifest: Option<&GcsManifest>,
    named: &mut BTreeSet<String>,
) -> Result<Option<u64>, Error> {
    let note = match sniff(&file.path) {
        Err(error) => Note::lost(
            "file-unreadable",
            "the file could not be read and none of its rows was used",
        )
        .found(error.kind().to_string()),
        Ok(Content::Empty) => Note::doubt("empty-file", "the file is empty"),
        Ok(Content::Orc | Content::Zip) => Note::lost(
            "not-an-inventory-file",
            "the file is neither CSV nor Parquet",
        )
        .expected("CSV or Parquet"),
        Ok(Content::Parquet) => return read_parquet(run, file, manifest, named),
        Ok(_) => return read_text(run, file, manifest, named),
    };
    run.note(Some(file), note);
    Ok(None)
}

fn read_parquet(
    run: &mut Run<'_>,
    file: &SourceFile,
    manifest: Option<&GcsManifest>,
    named: &mut BTreeSet<String>,
) -> Result<Option<u64>, Error> {
    let opened = match ColumnarFile::open(&file.path, Content::Parquet) {
        Ok(opened) => opened,
        Err(note) => {
            run.note(Some(file), note);
            return Ok(None);
        }
    };
    let names = opened.names();
    let Some((layout, mut objects)) = begin(run, file, manifest, &names, named) else {
        return Ok(None);
    };
    opened.rows(run, file, &layout, &mut objects)?;
    Ok(Some(objects.rows))
}

fn read_text(
    run: &mut Run<'_>,
    file: &SourceFile,
    manifest: Option<&GcsManifest>,
    named: &mut BTreeSet<String>,
) -> Result<Option<u64>, Error> {
    let opened = open_with_names(run, file, manifest);
    let (text, names) = match opened {
        Ok(opened) => opened,
        Err(note) => {
            run.note(Some(file), note);
            return Ok(None);
        }
    };
    let Some((layout, mut objects)) = begin(run, file, manifest, &names, named) else {
        return Ok(None);
    };
    text.rows(run, file, &layout, &mut objects)?;
    Ok(Some(objects.rows))
}

/// A text file behind its header, and the names of its columns: its own, else the manifest's.
fn open_with_names(
    run: &Run<'_>,
    file: &SourceFile,
    manifest: Option<&GcsManifest>,
) -> Result<(TextFile, Vec<String>), Note> {
    let first = first_line(run, file)?;
    let delimiter = manifest
        .and_then(GcsManifest::delimiter)
        .unwrap_or_else(|| delimiter_of(&first));
    let own: Vec<String> = first
        .split(char::from(delimiter))
        .map(|name| plain(name.trim().trim_matches('"')))
        .collect();
    let is_header = own.iter().any(|name| name == "name")
        && own.iter().filter(|name| is_known(name)).count() * 2 > own.len();
    let mut text = TextFile::divided(run, file, delimiter);
    if is_header {
        let names = text.header()?.unwrap_or_default();
        return Ok((text, names));
    }
    match manifest.and_then(GcsManifest::fields) {
        Some(names) => Ok((text, names)),
        None if manifest.is_some() || is_csv(&file.name) => Err(Note::lost(
            "no-schema",
            "a CSV without a header was not read: no manifest says what its columns are",
        )
        .expected("a header, or report_config with the fields")),
        None => Err(Note::unread(
            "not-an-inventory-file",
            "the file is no part of an inventory and was not read",
        )),
    }
}

fn is_csv(name: &str) -> bool {
    std::path::Path::new(name)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
}

fn is_known(plain_name: &str) -> bool {
    COLUMNS
        .allowed
        .iter()
        .chain(COLUMNS.left)
        .any(|known| plain(known) == plain_name)
}

/// The first line of a text file, as far as a header can reach.
fn first_line(run: &Run<'_>, file: &SourceFile) -> Result<String, Note> {
    let mut head = Vec::new();
    open_text(&file.path, run.input.limits)
        .and_then(|text| text.take(1 << 14).read_to_end(&mut head))
        .map_err(|error| super::sheet::text::stopped(&error))?;
    let text = String::from_utf8_lossy(&head);
    let text = text.trim_start_matches('\u{feff}');
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// The character that divides a header, in which no name holds any of them.
fn delimiter_of(header: &str) -> u8 {
    let count = |delimiter: u8| header.bytes().filter(|byte| *byte == delimiter).count();
    [b',', b';', b'\t', b'|']
        .into_iter()
        .rev()
        .max_by_key(|delimiter| count(*delimiter))
        .unwrap_or(b',')
}

/// The layout of a file and the taker of its rows; when it cannot be an inventory, that is said.
fn begin(
    run: &mut Run<'_>,
    file: &SourceFile,
    manifest: Option<&GcsManifest>,
    names: &[String],
    named: &mut BTreeSet<String>,
) -> Option<(super::inventory::Layout, Objects)> {
    if manifest.is_none() {
        let note = Note::doubt("no-manifest", "no manifest vouches for the file");
        run.note(Some(file), note.expected("..._manifest.json"));
    }
    let layout = COLUMNS.layout(run, file, names, named);
    match Objects::new(run, manifest, &layout) {
        Ok(objects) => Some((layout, objects)),
        Err(note) => {
            run.note(Some(file), note);
            None
        }
    }
}
