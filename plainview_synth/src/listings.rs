//! Object listings in the envelopes of providers' inventories.
//!
//! A [`ListingRow`] is what a listing says about one object. The writers put such rows, made here or
//! taken from a real listing, into the files that S3 Inventory and Azure Blob Inventory deliver:
//! data files, manifest and checksum. The envelope is made; names, sizes and times are whatever
//! the rows say. A manifest's MD5 guards against accidents and proves nothing about origin.

mod azure;
mod parquet_file;
mod s3;

use std::io::{self, Write};

use md5::{Digest, Md5};

pub use azure::{BlobEncoding, BlobInventory, azure_blob_inventory};
pub use s3::{
    S3Encoding, S3Inventory, Written, s3_inventory, s3_inventory_parquet_stream,
    s3_inventory_stream,
};

/// What a listing says about one object version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingRow {
    /// Object key, raw, without the bucket or container.
    pub key: String,
    /// Bytes; `None` for a delete marker.
    pub size: Option<u64>,
    /// Last modification, milliseconds since 1970 UTC.
    pub modified_ms: i64,
    /// Creation, milliseconds since 1970 UTC; Azure lists it, S3 does not. `None` repeats
    /// `modified_ms`.
    pub created_ms: Option<i64>,
    /// Content type as claimed by the uploader; Azure lists it, S3 does not.
    pub content_type: Option<String>,
    /// Version of the key, where the listing is of all versions.
    pub version: Option<ListingVersion>,
}

impl ListingRow {
    /// A current object of an unversioned store.
    pub fn new(key: impl Into<String>, size: u64, modified_ms: i64) -> Self {
        Self {
            key: key.into(),
            size: Some(size),
            modified_ms,
            created_ms: None,
            content_type: None,
            version: None,
        }
    }

    /// An entity tag of the right shape that depends on the row alone.
    fn e_tag(&self) -> String {
        let text = format!("{}\n{:?}\n{}", self.key, self.size, self.modified_ms);
        crate::digest::md5_hex(text.as_bytes())
    }
}

/// Which version of its key a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingVersion {
    /// Version id; empty for the null version.
    pub id: String,
    /// What the row is.
    pub state: VersionState,
}

/// What one version of a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionState {
    /// The latest version, live.
    Current,
    /// An older version, kept.
    Noncurrent,
    /// The latest version, a marker that hides the others.
    DeleteMarker,
}

/// A file made in memory, with its name relative to the folder it belongs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// Path relative to the folder, with `/` between segments.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Counts and hashes what passes through to a stream.
struct Tally<W> {
    inner: W,
    bytes: u64,
    md5: Md5,
}

impl<W: Write> Tally<W> {
    fn new(inner: W) -> Self {
        Self {
            inner,
            bytes: 0,
            md5: Md5::new(),
        }
    }
}

impl<W: Write> Write for Tally<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(buffer)?;
        self.bytes += taken as u64;
        self.md5.update(&buffer[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
