//! Where the files of a source lie: on this disk, or behind addresses, from which they are fetched.
//!
//! A fetched file is called by its key relative to the location, so that rows, notices and results are those of the same
//! files on a disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use plainview_locations::{self as locations, settings::environment};
use plainview_records::{Effect, Notice, expand, no_such_file};
use plainview_register::Location;

use crate::files;
use crate::term::Step;

/// Files that were found.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Where they lie, in the order of what they are called by.
    pub(crate) files: Vec<PathBuf>,
    /// What fetched files are called by.
    pub(crate) placed: BTreeMap<PathBuf, PathBuf>,
    /// What was odd or is not there; without a source.
    pub(crate) notices: Vec<Notice>,
}

/// Patterns below one place.
struct Remote {
    place: Location,
    patterns: Vec<String>,
    /// Put before the names of its keys.
    under: String,
}

/// Patterns sorted by where they lead.
struct Sorted {
    local: Vec<String>,
    remote: Vec<Remote>,
}

fn sort(location: Option<&Location>, patterns: &[String]) -> Result<Sorted> {
    let mut local = Vec::new();
    let mut remote: Vec<Remote> = location
        .map(|place| Remote {
            place: place.clone(),
            patterns: Vec::new(),
            under: String::new(),
        })
        .into_iter()
        .collect();
    for pattern in patterns {
        if Location::is_address(pattern) {
            let (place, pattern) =
                Location::parse_pattern(pattern).with_context(|| format!("`{pattern}`"))?;
            // A bucket by its own address has nothing below it but all of it.
            let pattern = if pattern.is_empty() {
                ".".to_owned()
            } else {
                pattern
            };
            let under = format!("{}/", place.bucket);
            match remote
                .iter_mut()
                .find(|known| known.place == place && known.under == under)
            {
                Some(known) => known.patterns.push(pattern),
                None => remote.push(Remote {
                    place,
                    patterns: vec![pattern],
                    under,
                }),
            }
        } else if location.is_some() {
            remote[0].patterns.push(pattern.clone());
        } else {
            local.push(pattern.clone());
        }
    }
    remote.retain(|remote| !remote.patterns.is_empty());
    Ok(Sorted { local, remote })
}

/// Finds the files of `patterns` below `root`, or below `location` when there is one; what lies elsewhere is fetched into
/// `folder`.
pub(crate) fn find(
    root: &Path,
    location: Option<&Location>,
    patterns: &[String],
    folder: &Path,
    what: &str,
) -> Result<Places> {
    let sorted = sort(location, patterns)?;
    let (files, notices) = expand(root, &sorted.local);
    let mut found = Places {
        files,
        placed: BTreeMap::new(),
        notices,
    };
    for remote in &sorted.remote {
        let step = Step::start(&format!("fetching {what}"), 1);
        let own = &files::sha256_hex(remote.place.to_string().as_bytes())[..16];
        let fetched = locations::fetch(
            &remote.place,
            &remote.patterns,
            &folder.join(own),
            &environment,
            &mut |done, total| step.at(done, total),
        )?;
        step.done(&format!(
            "{what}: {} files at {}, {} fetched",
            fetched.files.len(),
            remote.place,
            fetched.new
        ));
        for (path, name) in fetched.files {
            let belongs = root.join(format!("{}{name}", remote.under));
            found.placed.insert(path.clone(), belongs);
            found.files.push(path);
        }
        let oddities = fetched.oddities.iter();
        found
            .notices
            .extend(oddities.map(|odd| notice(odd, &remote.under)));
        let unmatched = fetched.unmatched.iter();
        found
            .notices
            .extend(unmatched.map(|name| no_such_file(&format!("{}{name}", remote.under))));
    }
    if !sorted.remote.is_empty() {
        let Places { files, placed, .. } = &mut found;
        files.sort_by_cached_key(|path| placed.get(path).unwrap_or(path).clone());
        found.notices.sort();
    }
    Ok(found)
}

/// How many files there are, and whether every pattern finds one. Reads no record: keys are listed only.
pub(crate) fn count(
    root: &Path,
    location: Option<&Location>,
    patterns: &[String],
) -> Result<(usize, bool)> {
    let sorted = sort(location, patterns)?;
    let (files, notices) = expand(root, &sorted.local);
    let mut total = files.len();
    let mut whole = notices.is_empty();
    for remote in &sorted.remote {
        let counted = locations::count(&remote.place, &remote.patterns, &environment)?;
        total += counted.keys;
        whole &= counted.unmatched.is_empty();
    }
    Ok((total, whole))
}

fn notice(odd: &locations::Oddity, under: &str) -> Notice {
    Notice {
        source_id: String::new(),
        file_no: None,
        file: format!("{under}{}", odd.name),
        row: None,
        code: odd.code,
        effect: match odd.effect {
            locations::Effect::Lost => Effect::Lost,
            locations::Effect::Unread => Effect::Unread,
            locations::Effect::Doubt => Effect::Doubt,
        },
        rows_affected: 0,
        found: String::new(),
        expected: String::new(),
        message: odd.message.to_owned(),
    }
}
