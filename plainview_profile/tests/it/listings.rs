//! The real listings: names and sizes are real, `last_modified` is mostly a commit time and must not be over-read.

use std::fs;
use std::path::{Path, PathBuf};

use plainview_profile::{
    Config, Family, Kind, ObjectFacts, Outcome, Profile, Profiler, TimeReading,
};

const LISTINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/listings");

/// What a listing's name says that it holds; kinds that are a fair reading of it.
const FAIR: &[(&str, &[Kind])] = &[
    ("brain_templates", &[Kind::Scientific]),
    ("eeg", &[Kind::Scientific]),
    ("fmri", &[Kind::Scientific]),
    ("meg", &[Kind::Scientific]),
    ("medical", &[Kind::Scientific, Kind::Images]),
    ("microscopy", &[Kind::Scientific]),
    ("neuro", &[Kind::Scientific]),
    ("pdf", &[Kind::Documents]),
    ("source_code", &[Kind::SourcePackages]),
    ("speech", &[Kind::OtherAudio, Kind::MlDatasets]),
    (
        "website",
        &[
            Kind::WebAssets,
            Kind::SourcePackages,
            Kind::Documents,
            Kind::Images,
        ],
    ),
];

/// Seconds since 1970 of `yyyy-mm-ddThh:mm:ssZ`.
fn epoch_ms(text: &str) -> Option<i64> {
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (y, m, d) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let (h, mi, s) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
    let shifted = if m <= 2 { y - 1 } else { y };
    let era_day = 365 * shifted + shifted / 4 - shifted / 100
        + shifted / 400
        + (153 * ((m + 9) % 12) + 2) / 5
        + d
        - 1;
    Some(((era_day - 719_468) * 86_400 + h * 3_600 + mi * 60 + s) * 1_000)
}

/// Splits a CSV line from the right: four plain columns follow the path, which may be quoted.
fn row(line: &str) -> Option<(String, Option<i64>, Option<i64>)> {
    let mut columns = line.rsplitn(5, ',');
    let (_source, _hash, modified, size) = (
        columns.next()?,
        columns.next()?,
        columns.next()?,
        columns.next()?,
    );
    let path = columns.next()?;
    let path = path
        .strip_prefix('"')
        .and_then(|path| path.strip_suffix('"'))
        .map_or(path.to_owned(), |path| path.replace("\"\"", "\""));
    Some((path, size.parse().ok(), epoch_ms(modified)))
}

fn profile_of(path: &Path, names: bool, times: bool) -> Profile {
    let text = fs::read_to_string(path).unwrap();
    let mut profiler = Profiler::new(Config::default());
    for (number, line) in text.lines().skip(1).enumerate() {
        let (key, size, modified_ms) = row(line).unwrap();
        let key = if names { key } else { format!("{number:08x}") };
        profiler.observe(
            "listing",
            &ObjectFacts {
                key: &key,
                size,
                modified_ms: modified_ms.filter(|_| times),
                ..ObjectFacts::default()
            },
        );
    }
    profiler.finish()
}

/// The listings by name, or nothing where they are absent.
fn listings() -> Vec<(String, PathBuf)> {
    let Ok(folder) = fs::read_dir(LISTINGS) else {
        eprintln!("skipped: ../shared/data is not present");
        return Vec::new();
    };
    let mut files: Vec<(String, PathBuf)> = folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "csv"))
        .map(|path| {
            (
                path.file_stem().unwrap().to_string_lossy().into_owned(),
                path,
            )
        })
        .collect();
    files.sort();
    assert_eq!(files.len(), 19);
    files
}

#[test]
fn real_listings_never_look_like_recorded_calls() {
    for (name, path) in listings() {
        for (names, times) in [(true, true), (true, false), (false, true)] {
            for collection in &profile_of(&path, names, times).collections {
                let at = format!("{name} {}", collection.template);
                assert_ne!(collection.kind.kind, Some(Kind::RecordedCalls), "{at}");
                assert_ne!(collection.views.masked_names.id, "recorded_calls", "{at}");
                assert_ne!(
                    collection.views.sizes_and_times_only.id, "recorded_calls",
                    "{at}"
                );
            }
        }
    }
}

#[test]
fn commit_times_are_read_as_set_in_bulk() {
    for (name, path) in listings() {
        for collection in &profile_of(&path, true, true).collections {
            let reading = collection.times.reading;
            assert!(
                matches!(reading, TimeReading::Bulk | TimeReading::TooFew),
                "{name} {} {reading:?}",
                collection.template
            );
            assert!(
                collection
                    .kind
                    .families
                    .iter()
                    .all(|family| family.family != Family::Arrival),
                "{name}"
            );
        }
    }
}

#[test]
fn real_listings_are_fairly_named_or_not_at_all() {
    let listings = listings();
    let (mut fair, mut unfair) = (Vec::new(), Vec::new());
    for (name, path) in &listings {
        let kinds = FAIR
            .iter()
            .find(|(start, _)| name.starts_with(start))
            .unwrap()
            .1;
        for collection in &profile_of(path, true, true).collections {
            let kind = &collection.kind;
            eprintln!(
                "{name:38} {:6} {:16} {:14} {} {} {}",
                collection.objects,
                kind.id,
                kind.abstention
                    .map_or(String::new(), |reason| format!("{reason:?}")),
                kind.score,
                kind.margin,
                collection.template
            );
            match kind.kind {
                Some(kind) if kinds.contains(&kind) => fair.push(name),
                Some(kind) => unfair.push(format!("{name}: {kind} {}", collection.template)),
                None => assert_eq!(
                    kind.outcome,
                    Outcome::Unknown,
                    "{name}: plain names are not opaque"
                ),
            }
        }
    }
    assert!(unfair.is_empty(), "{unfair:#?}");
    fair.dedup();
    eprintln!(
        "fairly named in {} of {} listings",
        fair.len(),
        listings.len()
    );
    // Eight listings hold no collection of 200 objects; a listing of several kinds may abstain.
    assert!(listings.is_empty() || fair.len() >= 9, "{fair:#?}");
}
