//! The real listings: names and sizes are real, `last_modified` is mostly a commit time and must not be over-read.

use std::fs;
use std::path::Path;

use plainview_profile::{Config, Kind, ObjectFacts, Profile, Profiler, TimeReading};

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

#[test]
fn real_listings_never_look_like_recorded_calls() {
    let Ok(folder) = fs::read_dir(LISTINGS) else {
        eprintln!("skipped: ../shared/data is not present");
        return;
    };
    let mut files: Vec<_> = folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "csv"))
        .collect();
    files.sort();
    assert_eq!(files.len(), 19);
    let (mut fair, mut wrong) = (0, Vec::new());
    for path in &files {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let kinds = FAIR
            .iter()
            .find(|(start, _)| name.starts_with(start))
            .unwrap()
            .1;
        for (names, times) in [(true, true), (true, false), (false, true)] {
            let profile = profile_of(path, names, times);
            for collection in &profile.collections {
                assert_ne!(
                    collection.kind.kind,
                    Some(Kind::RecordedCalls),
                    "{name} {}",
                    collection.template
                );
                for view in [
                    &collection.views.masked_names,
                    &collection.views.sizes_and_times_only,
                ] {
                    assert_ne!(view.id, "recorded_calls", "{name} {}", collection.template);
                }
            }
        }
        let profile = profile_of(path, true, true);
        let mut named = 0;
        for collection in &profile.collections {
            eprintln!(
                "{name:38} {:7} {:22} {:15} {:>6} {:>6} {:?} {}",
                collection.objects,
                collection.kind.id,
                collection
                    .kind
                    .abstention
                    .map_or(String::new(), |reason| format!("{reason:?}")),
                collection.kind.score,
                collection.kind.margin,
                collection.times.reading,
                collection.template
            );
            if let Some(kind) = collection.kind.kind {
                if kinds.contains(&kind) {
                    named += collection.objects;
                } else {
                    wrong.push(format!("{name}: {kind} {}", collection.template));
                }
            }
            assert_ne!(
                collection.times.reading,
                TimeReading::Grid,
                "{name}: commit times are no grid"
            );
        }
        fair += u32::from(named > 0);
    }
    eprintln!("fairly named in {fair} of 19 listings; otherwise named: {wrong:#?}");
    assert!(
        fair >= 8,
        "at least one collection is fairly named in {fair} listings"
    );
    assert!(wrong.len() <= 8, "{wrong:#?}");
}
