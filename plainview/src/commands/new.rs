//! `plainview new DIR [--from FILES]`: a commented case folder with at most ten plain questions.
//!
//! Record files are read for what they say of themselves (format, accounts, period); the case points
//! at them where they lie, and nothing of theirs is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use jiff::civil::Date;
use plainview_records::{Format, Group};
use plainview_register::draft::{Draft, DraftSource, case_toml};
use plainview_register::{Account, SourceFormat};

use crate::adhoc::{self, Adhoc, Options, Sorted};
use crate::case::write_salt;
use crate::cli::NewArgs;
use crate::exit::Ending;
use crate::{files, review, term};

pub(crate) fn run(args: &NewArgs) -> Result<Ending> {
    let path = args.dir.join("case.toml");
    if path.exists() {
        bail!("{} exists already; it is left as it is", path.display());
    }
    std::fs::create_dir_all(args.dir.join("sources"))
        .with_context(|| format!("cannot make {}", args.dir.display()))?;
    let sorted = if args.from.is_empty() {
        Sorted::default()
    } else {
        adhoc::sort(&args.from, &Options::default())?
    };
    let mut sources = Vec::new();
    let groups = deliveries(&sorted);
    for group in groups.iter().flat_map(keepers) {
        sources.push(source(&args.dir, &sorted, &group)?);
    }
    if sources
        .iter()
        .any(|s| s.format == SourceFormat::Focus && s.period.is_some())
    {
        // Meters may reach a day into a month that no bill covers; no question about it could be settled.
        for source in sources
            .iter_mut()
            .filter(|s| s.format != SourceFormat::Focus)
        {
            source.period = None;
        }
    }
    let draft = Draft {
        id: name(&args.dir),
        title: String::new(),
        opened: today(),
        files: sources,
    };
    let text = case_toml(&draft);
    let mut salt = [0_u8; 32];
    getrandom::fill(&mut salt).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
    write_salt(&args.dir, &salt)?;
    files::write(&path, text.as_bytes())?;
    for file in &sorted.unknown {
        term::note(&format!("not recognised, so in no source: {file}"));
    }
    term::result(&format!(
        "{}\nAnswer the questions in it (search for `# Q`), then run: plainview check {}\n",
        path.display(),
        args.dir.display()
    ));
    Ok(if sorted.unknown.is_empty() {
        Ending::DONE
    } else {
        Ending::INCOMPLETE
    })
}

/// The folder's name as a case id.
fn name(dir: &Path) -> String {
    let name = dir
        .file_name()
        .map(|n| n.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let id: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let id = id.trim_matches('-').to_owned();
    if id.is_empty() { "case".to_owned() } else { id }
}

/// The day on which the case is opened. It is written into the draft, where people can change it;
/// no result ever reads the clock.
fn today() -> Date {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}

/// The groups with archives in the place of their entries: a case names what lies on disk. An archive that holds several
/// formats is a group of its own, read as what each of its files is.
fn deliveries(sorted: &Sorted) -> Vec<Group> {
    let mut formats: BTreeMap<PathBuf, BTreeSet<Format>> = BTreeMap::new();
    for group in &sorted.groups {
        for path in &group.files {
            let lies = sorted.on_disk(path).to_owned();
            formats.entry(lies).or_default().insert(group.format);
        }
    }
    let mixed: Vec<PathBuf> = formats
        .iter()
        .filter(|(_, formats)| formats.len() > 1)
        .map(|(path, _)| path.clone())
        .collect();
    let mut groups: Vec<Group> = Vec::new();
    for group in &sorted.groups {
        let files: BTreeSet<PathBuf> = group
            .files
            .iter()
            .map(|path| sorted.on_disk(path).to_owned())
            .filter(|path| !mixed.contains(path))
            .collect();
        if !files.is_empty() {
            groups.push(Group::of(
                group.format,
                group.because,
                files.into_iter().collect(),
            ));
        }
    }
    if !mixed.is_empty() {
        let because = "an archive of several formats";
        groups.push(Group::of(Format::Auto, because, mixed));
    }
    groups
}

/// One group for each folder directly below the folder that holds all of a group's files: records that
/// lie apart usually come from different keepers or accounts, and one source has one of each.
fn keepers(group: &Group) -> Vec<Group> {
    let root = adhoc::common_root(&group.files);
    let below = |file: &Path| -> Option<PathBuf> {
        let rest = file.strip_prefix(&root).ok()?;
        let mut parts = rest.components();
        let first = parts.next()?;
        // A file that lies in the common folder itself belongs to no folder below it.
        parts.next().map(|_| root.join(first))
    };
    let mut groups: BTreeMap<PathBuf, Group> = BTreeMap::new();
    for file in &group.files {
        let key = below(file).unwrap_or_else(|| root.clone());
        groups
            .entry(key)
            .or_insert_with(|| Group::of(group.format, group.because, Vec::new()))
            .files
            .push(file.clone());
    }
    // A manifest in the common folder speaks for files below it: they are one delivery.
    let manifest =
        |file: &PathBuf| below(file).is_none() && file.extension().is_some_and(|e| e == "json");
    let one = groups.len() > SOURCES_MAX || group.files.iter().any(manifest);
    if one {
        vec![group.clone()]
    } else {
        groups.into_values().collect()
    }
}

/// More folders than this are parts of one delivery, not keepers.
const SOURCES_MAX: usize = 12;

/// What one group of files says of itself.
fn source(dir: &Path, sorted: &Sorted, group: &Group) -> Result<DraftSource> {
    let mut accounts = BTreeSet::new();
    let mut period = None;
    let mut rows = 0;
    if group.format != Format::Table {
        let loaded = Adhoc::load(&sorted.only(vec![sorted.whole(group)]), &Options::default())?;
        let facts = review::from_tables(&loaded.engine)?;
        accounts.extend(
            facts
                .bills
                .iter()
                .map(|b| format!("{}/{}", b.provider, b.account)),
        );
        accounts.extend(
            facts
                .meters
                .iter()
                .map(|m| format!("{}/{}", m.provider, m.account)),
        );
        accounts.extend(
            facts
                .snapshots
                .iter()
                .map(|s| format!("{}/{}", s.provider, s.account)),
        );
        period = loaded.span.and_then(|span| days(span, group.format));
        rows = loaded.rows;
    }
    Ok(DraftSource {
        id: source_name(group),
        format: group.format.as_str().parse::<SourceFormat>()?,
        paths: paths(dir, group),
        accounts: accounts
            .iter()
            .filter_map(|text| known_account(text))
            .collect(),
        period,
        rows,
        map: None,
    })
}

/// The folder's name where the files have one of their own, else the format.
fn source_name(group: &Group) -> String {
    let root = adhoc::common_root(&group.files);
    let name = root.file_name().map(|n| n.to_string_lossy().into_owned());
    match name {
        Some(name) if group.files.len() > 1 || root.ends_with(&name) => name,
        _ => group.format.as_str().to_owned(),
    }
}

/// An inventory that names no account reads as `aws/unknown`, which is nobody's.
fn known_account(text: &str) -> Option<Account> {
    Account::parse(text).filter(|account| account.account != "unknown")
}

/// Whole days from the first instant to the last: to the day after it, unless it ends a bill's period,
/// which is half-open.
fn days((first, last): (i64, i64), format: Format) -> Option<(Date, Date)> {
    let day = |ms: i64| {
        let time = jiff::Timestamp::from_millisecond(ms).ok()?;
        Some(time.to_zoned(jiff::tz::TimeZone::UTC).date())
    };
    let last = if format == Format::Focus {
        last.saturating_sub(1)
    } else {
        last
    };
    Some((day(first)?, day(last)?.tomorrow().ok()?))
}

/// The folder that holds all of the files and nothing else, else the files themselves; relative to the
/// case folder.
fn paths(dir: &Path, group: &Group) -> Vec<String> {
    let absolute = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let root = absolute(dir);
    let shown = |path: &Path| relative(&root, &absolute(path)).display().to_string();
    let folder = adhoc::common_root(&group.files);
    let whole =
        files::walk(&folder).is_ok_and(|all| all.iter().all(|file| group.files.contains(file)));
    if whole {
        vec![shown(&folder)]
    } else {
        group.files.iter().map(|f| shown(f)).collect()
    }
}

/// `path` as seen from `root`; both are absolute.
fn relative(root: &Path, path: &Path) -> PathBuf {
    let shared = root
        .components()
        .zip(path.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = root.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(path.components().skip(shared)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_case() {
        let of = |path: &str| relative(Path::new("/a/case"), Path::new(path));
        assert_eq!(of("/a/case/sources/x"), Path::new("sources/x"));
        assert_eq!(of("/a/records"), Path::new("../records"));
        assert_eq!(of("/b/c"), Path::new("../../b/c"));
    }

    #[test]
    fn a_folder_name_becomes_a_case_id() {
        assert_eq!(name(Path::new("/x/My Case")), "my-case");
        assert_eq!(name(Path::new("/")), "case");
    }
}
