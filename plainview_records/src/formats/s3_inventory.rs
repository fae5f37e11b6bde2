//! `s3-inventory`: AWS S3 Inventory as CSV, CSV.gz, Parquet or ORC, with its manifests.
//!
//! Reads the columns of [`ALLOWED`]. A manifest stands for the data files it lists, which are looked for by the last
//! segment of their key beside it and in `data/` nearby. A file whose bytes are not those its manifest vouches for is not
//! used at all. Refuses headerless CSV without a manifest or a given schema, since its columns could only be guessed.
//!
//! What the format makes easy to get wrong, and what is done:
//! - CSV has no header; its columns are the manifest's `fileSchema`. Parquet and ORC say theirs themselves, and the manifest's
//!   `fileSchema`, whose spelling differs by age, is not compared.
//! - CSV keys are URL-encoded with `+` for a space; Parquet and ORC keys are raw.
//! - An empty `VersionId` in a versioned listing is the version called `null`; without version columns every row is current.
//! - Delete markers have no size. A current, empty key that ends in `/` is a folder marker.
//! - Blank lines at the end, gzip of many members, times in milliseconds, microseconds or nanoseconds.

pub(in crate::formats) mod keys;
mod manifest;
mod rows;

use std::collections::BTreeSet;

use self::manifest::S3Manifest;
use self::rows::Objects;
use super::inventory::Columns;
use super::inventory::columnar::ColumnarFile;
use super::inventory::plan::{self, Planned};
use super::inventory::text::TextFile;
use crate::Error;
use crate::open::{Content, sniff};
use crate::run::{Note, Run, SourceFile};

/// The columns this reader may read, by their CSV names.
pub const ALLOWED: &[&str] = &[
    "Bucket",
    "Key",
    "VersionId",
    "IsLatest",
    "IsDeleteMarker",
    "Size",
    "LastModifiedDate",
    "ETag",
    "StorageClass",
    "IsMultipartUploaded",
    "ReplicationStatus",
    "EncryptionStatus",
    "ObjectLockRetainUntilDate",
    "ObjectLockLegalHoldStatus",
];

/// Columns that S3 Inventory defines and this reader leaves alone.
const LEFT: &[&str] = &[
    "ObjectLockMode",
    "IntelligentTieringAccessTier",
    "BucketKeyStatus",
    "ChecksumAlgorithm",
    "ObjectAccessControlList",
    "ObjectOwner",
];

const COLUMNS: Columns = Columns {
    allowed: ALLOWED,
    left: LEFT,
};

/// Reads every manifest and data file of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    if run.input.account.is_none() {
        let note = Note::doubt(
            "account-unknown",
            "S3 inventories name no account, and the source gives none",
        )
        .expected("account = \"aws/111122223333\"");
        run.note(None, note);
    }
    let Planned { data, manifests } = plan::plan::<S3Manifest>(run);
    let mut named = BTreeSet::new();
    for data_file in &data {
        let file = &data_file.file;
        if plan::is_usable(run, data_file, &manifests) {
            let manifest = data_file.owner.map(|owner| &manifests[owner].manifest);
            read_data(run, file, manifest, &mut named)?;
        }
    }
    Ok(())
}

fn read_data(
    run: &mut Run<'_>,
    file: &SourceFile,
    manifest: Option<&S3Manifest>,
    named: &mut BTreeSet<String>,
) -> Result<(), Error> {
    let content = match sniff(&file.path) {
        Ok(content) => content,
        Err(error) => {
            let note = Note::lost(
                "file-unreadable",
                "the file could not be read and none of its rows was used",
            )
            .found(error.kind().to_string());
            run.note(Some(file), note);
            return Ok(());
        }
    };
    if manifest.is_none() && !matches!(content, Content::Empty | Content::Zip) {
        let is_text = matches!(content, Content::Text | Content::Compressed);
        if is_text && run.input.schema.is_none() {
            run.note(Some(file), without_schema(&file.name, content));
            return Ok(());
        }
        run.note(
            Some(file),
            Note::doubt("no-manifest", "no manifest vouches for the file")
                .expected("manifest.json"),
        );
    }
    match content {
        Content::Empty => {
            run.note(Some(file), Note::doubt("empty-file", "the file is empty"));
            Ok(())
        }
        Content::Zip => {
            let note = Note::lost(
                "not-an-inventory-file",
                "a zip archive is no inventory file",
            )
            .expected("CSV, CSV.gz, Parquet or ORC");
            run.note(Some(file), note);
            Ok(())
        }
        Content::Text | Content::Compressed => read_text(run, file, manifest, named),
        Content::Parquet | Content::Orc => {
            let opened = match ColumnarFile::open(&file.path, content) {
                Ok(opened) => opened,
                Err(note) => {
                    run.note(Some(file), note);
                    return Ok(());
                }
            };
            let layout = COLUMNS.layout(run, file, &opened.names(), named);
            match Objects::new(run, manifest, &layout, keys::Encoding::Raw) {
                Ok(mut objects) => opened.rows(run, file, &layout, &mut objects),
                Err(note) => {
                    run.note(Some(file), note);
                    Ok(())
                }
            }
        }
    }
}

/// A text file that no manifest names: lost when it looks like inventory data, else no part of the inventory.
fn without_schema(name: &str, content: Content) -> Note {
    let path = std::path::Path::new(name);
    let is_csv = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    if is_csv || content == Content::Compressed {
        Note::lost(
            "no-schema",
            "a headerless CSV was not read: no manifest names it and no schema is given",
        )
        .expected("a manifest.json beside it, or --schema")
    } else {
        Note::unread(
            "not-an-inventory-file",
            "the file is no part of an inventory and was not read",
        )
    }
}

fn read_text(
    run: &mut Run<'_>,
    file: &SourceFile,
    manifest: Option<&S3Manifest>,
    named: &mut BTreeSet<String>,
) -> Result<(), Error> {
    let schema = manifest
        .and_then(|manifest| manifest.csv_schema())
        .or(run.input.schema.as_deref());
    let Some(schema) = schema else {
        let note = Note::lost(
            "no-schema",
            "a text file is listed by a manifest whose files are not CSV; it was not read",
        )
        .found(manifest.map_or("", |manifest| &manifest.file_format))
        .expected("CSV");
        run.note(Some(file), note);
        return Ok(());
    };
    let names: Vec<&str> = schema.split(',').map(str::trim).collect();
    let layout = COLUMNS.layout(run, file, &names, named);
    let objects = Objects::new(run, manifest, &layout, keys::Encoding::Url);
    let mut text = TextFile::open(run, file);
    let opened = text
        .skip_header(&names)
        .map(|has_header| (text, has_header));
    match (objects, opened) {
        (Ok(mut objects), Ok((opened, has_header))) => {
            if has_header {
                let note = Note::doubt(
                    "header-row",
                    "the file begins with a header, which S3 never writes: it was saved again",
                );
                run.note(Some(file), note);
            }
            opened.rows(run, file, &layout, &mut objects)
        }
        (Err(note), _) | (_, Err(note)) => {
            run.note(Some(file), note);
            Ok(())
        }
    }
}
