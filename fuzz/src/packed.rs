//! Several files in one input.

use std::fs;
use std::path::{Path, PathBuf};

/// Begins the next file: the byte RS, this word, a name and a line feed.
const MARK: &[u8] = b"\x1eFILE ";

/// Files of one input; what follows is part of the last.
const FILES_MAX: usize = 8;

/// Writes the files of `data` below `folder`; gives their paths, sorted, as a source lists them.
pub(crate) fn write(folder: &Path, data: &[u8]) -> Vec<PathBuf> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).expect("a folder for the input");
    let mut paths = Vec::new();
    for (name, bytes) in split(data) {
        let path = folder.join(&name);
        if let Some(parent) = path.parent() {
            // Names of an input may collide; what cannot be written is left out.
            if fs::create_dir_all(parent).is_err() {
                continue;
            }
        }
        if fs::write(&path, bytes).is_ok() && !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths.sort();
    paths
}

/// Removes what [`write`] wrote.
pub(crate) fn remove(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
}

fn split(data: &[u8]) -> Vec<(String, &[u8])> {
    let mut found = Vec::new();
    let mut name = "data".to_owned();
    let mut rest = data;
    while found.len() + 1 < FILES_MAX {
        let Some(at) = rest.windows(MARK.len()).position(|window| window == MARK) else {
            break;
        };
        let (before, after) = rest.split_at(at);
        if at > 0 || !found.is_empty() || name != "data" {
            found.push((std::mem::take(&mut name), before));
        }
        let after = &after[MARK.len()..];
        let end = after.iter().position(|&byte| byte == b'\n').unwrap_or(after.len());
        name = safe(&after[..end]);
        rest = &after[(end + 1).min(after.len())..];
    }
    found.push((name, rest));
    found
}

/// A name that stays inside the folder.
fn safe(name: &[u8]) -> String {
    let name: String = name
        .iter()
        .take(64)
        .map(|&byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'/' => char::from(byte),
            _ => '_',
        })
        .collect();
    let parts: Vec<&str> = name
        .split('/')
        .filter(|part| !part.is_empty() && !part.starts_with('.'))
        .take(4)
        .collect();
    if parts.is_empty() {
        "data".to_owned()
    } else {
        parts.join("/")
    }
}
