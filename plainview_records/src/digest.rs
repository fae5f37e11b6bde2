//! Digests of files and of sources.
//!
//! SHA-256 identifies bytes; MD5 is computed only because inventory manifests state it, and proves nothing against intent.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use md5::Md5;
use sha2::{Digest, Sha256};

use crate::run::FileReport;

/// Digest and size of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hashes {
    /// SHA-256 in hex.
    pub(crate) sha256: String,
    /// Length in bytes.
    pub(crate) bytes: u64,
}

/// Reads `path` once and hashes it.
pub(crate) fn hash_file(path: &Path) -> io::Result<Hashes> {
    let (sha256, bytes) = digest_file::<Sha256>(path)?;
    Ok(Hashes { sha256, bytes })
}

/// As [`hash_file`], with the MD5 in hex, which is computed beside it on a thread of its own.
pub(crate) fn hash_file_with_md5(path: &Path) -> io::Result<(Hashes, String)> {
    std::thread::scope(|scope| {
        let md5 = scope.spawn(|| digest_file::<Md5>(path));
        let hashes = hash_file(path)?;
        let (md5, _) = md5
            .join()
            .map_err(|_| io::Error::other("hashing gave up"))??;
        Ok((hashes, md5))
    })
}

fn digest_file<D: Digest>(path: &Path) -> io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    let mut digest = D::new();
    let mut bytes = 0_u64;
    let mut buffer = vec![0_u8; 1 << 18];
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        digest.update(&buffer[..read]);
        bytes += read as u64;
    }
    Ok((hex(&digest.finalize()), bytes))
}

/// Lower-case hex of `bytes`.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// `sha256:` and SHA-256 over the sorted lines `<sha256 of file>  <file name>\n`, where the name is the last segment of
/// the file's path: moving a source's folder does not change what was authenticated. A file that could not be read has the
/// word `unreadable` in place of its hash, so that it cannot vanish from the digest.
pub(crate) fn source_digest(files: &[FileReport]) -> String {
    let mut lines: Vec<String> = files
        .iter()
        .map(|file| {
            let hash = if file.sha256.is_empty() {
                "unreadable"
            } else {
                &file.sha256
            };
            let name = file.name.rsplit('/').next().unwrap_or_default();
            format!("{hash}  {name}\n")
        })
        .collect();
    lines.sort();
    let mut sha256 = Sha256::new();
    for line in &lines {
        sha256.update(line.as_bytes());
    }
    format!("sha256:{}", hex(&sha256.finalize()))
}
