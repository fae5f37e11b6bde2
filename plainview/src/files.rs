//! Writes that a crash cannot halve, and digests of files.
//!
//! Every write is a temporary file, a sync and a rename: a crash before the rename leaves the old
//! file and a `.tmp` beside it that the next write replaces; a crash after it leaves the new file.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

/// Replaces `path` with `bytes`; its folder is made when absent.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let say = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(say)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    let mut file = File::create(&temporary).with_context(say)?;
    file.write_all(bytes).with_context(say)?;
    file.sync_all().with_context(say)?;
    fs::rename(&temporary, path).with_context(say)
}

/// Reads a text file, with its path in the error.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// SHA-256 of `bytes` in lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 of a file in lower-case hexadecimal, read in pieces.
pub(crate) fn file_sha256_hex(path: &Path) -> Result<String> {
    let say = || format!("cannot read {}", path.display());
    let mut file = File::open(path).with_context(say)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 16];
    loop {
        let read = file.read(&mut buffer).with_context(say)?;
        if read == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..read]);
    }
}

/// Every file below `folder`, sorted by path.
pub(crate) fn walk(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_of_a_known_text() {
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex(b"abc"), abc);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("deep/abc");
        write(&path, b"xyz").expect("written");
        write(&path, b"abc").expect("replaced");
        assert_eq!(file_sha256_hex(&path).expect("read"), abc);
        assert_eq!(
            walk(folder.path()).expect("listed"),
            [path],
            "no temporary file stays behind"
        );
    }
}
