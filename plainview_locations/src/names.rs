//! Where a key may lie on this machine's disk. Keys are text of strangers; a path made of one must lead nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

/// Longest segment and longest name that is used as it is; file systems allow a little more.
const SEGMENT_BYTES_MAX: usize = 200;
const NAME_BYTES_MAX: usize = 800;

/// Names that some systems keep for devices, whatever follows a dot.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Where each name lies below the folder for fetched files: as it is in `tree/`, or under its hash in `keys/`.
///
/// The first of two names that differ in case only keeps its path; so does a folder against a file of its name.
pub(crate) fn places<'n>(
    names: impl Iterator<Item = &'n str> + Clone,
) -> BTreeMap<&'n str, String> {
    let mut folders = BTreeSet::new();
    for name in names.clone() {
        for (end, _) in name.match_indices('/') {
            folders.insert(name[..end].to_lowercase());
        }
    }
    let mut used = BTreeSet::new();
    let mut cased: BTreeMap<String, &str> = BTreeMap::new();
    let mut out = BTreeMap::new();
    for name in names {
        let folded = name.to_lowercase();
        // A folder written in two ways is two folders on one disk and one on another.
        let is_one_way = name.match_indices('/').all(|(end, _)| {
            let kept = cased
                .entry(name[..end].to_lowercase())
                .or_insert(&name[..end]);
            *kept == &name[..end]
        });
        let is_free = is_one_way && !folders.contains(&folded) && used.insert(folded);
        let place = if is_free && is_harmless(name) {
            format!("tree/{name}")
        } else {
            format!("keys/{}", hash(name))
        };
        out.insert(name, place);
    }
    out
}

/// Whether a name is a path below its folder on any system.
fn is_harmless(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX && name.split('/').all(is_harmless_segment)
}

fn is_harmless_segment(segment: &str) -> bool {
    let stem = segment.split('.').next().unwrap_or_default().to_lowercase();
    let is_port = stem.len() == 4
        && (stem.starts_with("com") || stem.starts_with("lpt"))
        && stem.as_bytes()[3].is_ascii_digit();
    let is_refused =
        |c: char| c.is_control() || matches!(c, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    !segment.is_empty()
        && segment.len() <= SEGMENT_BYTES_MAX
        && !segment.chars().all(|c| c == '.')
        && !segment.ends_with(['.', ' '])
        && !segment.contains(is_refused)
        && !is_port
        && !DEVICES.contains(&stem.as_str())
}

fn hash(name: &str) -> String {
    let digest = Sha256::digest(name.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_harmless_key_is_its_own_path_and_any_other_is_a_hash() {
        let long = "x".repeat(201);
        let deep = "d/".repeat(500) + "f";
        let harmless = [
            "a/b.json",
            "ä ö/ü.csv",
            "a/.hidden",
            "y=2026/m=07/PT1H.json",
        ];
        let hostile = [
            "../a",
            "a/../b",
            "..",
            "a/..",
            "/abs",
            "a//b",
            "a\\b",
            "a\0b",
            "a\nb",
            "C:/x",
            "nul",
            "a/CON.txt",
            "com1",
            "lpt9.log",
            "dot.",
            "space ",
            "a?b",
            "...",
            "",
            long.as_str(),
            deep.as_str(),
        ];
        let found = places(harmless.iter().chain(&hostile).copied());
        for name in harmless {
            assert_eq!(found[name], format!("tree/{name}"));
        }
        for name in hostile {
            let place = &found[name];
            assert!(
                place.starts_with("keys/") && place.len() == 5 + 64,
                "{name:?} {place}"
            );
        }
    }

    #[test]
    fn no_two_keys_lie_in_one_place_on_any_disk() {
        let names = ["a/b", "A/b", "a/B", "a", "x", "X", "x/y", "Q/1", "q/2"];
        let found = places(names.into_iter());
        let mut folded: Vec<String> = found.values().map(|place| place.to_lowercase()).collect();
        folded.sort();
        folded.dedup();
        assert_eq!(folded.len(), names.len(), "{found:?}");
        assert_eq!(found["a/b"], "tree/a/b");
        assert_eq!(found["x/y"], "tree/x/y");
        assert!(found["x"].starts_with("keys/"), "a folder has this name");
        assert!(found["q/2"].starts_with("keys/"), "the folder is written Q");
    }
}
