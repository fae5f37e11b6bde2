//! Kinds on made collections. Every statement about recorded calls is about made data: no public listing of them exists
//! (PROFILE section 0).

use plainview_profile::{Abstention, CollectionProfile, Family, Kind, Outcome};

use super::made::{DAY, Dice, HOUR, MONDAY_MS, Made, SECOND, civil, only, profile};

const GSM_BYTES_PER_SECOND: f64 = 1_650.0;

/// Calls of log-normal duration by a codec's rate, uploaded some seconds after they end.
fn calls(
    count: u64,
    days: u64,
    name: impl Fn(&mut Dice, i64) -> String,
    size: impl Fn(&mut Dice, f64) -> i64,
) -> Vec<Made> {
    let mut dice = Dice(99);
    (0..count)
        .map(|_| {
            let start = dice.human_moment(days);
            let seconds = dice.lognormal(150.0, 1.0).clamp(2.0, 7_200.0);
            let upload = (dice.lognormal(4.0, 0.8) * 1_000.0) as i64;
            let key = name(&mut dice, start);
            let bytes = size(&mut dice, seconds);
            Made::new(key, bytes, start + (seconds * 1_000.0) as i64 + upload)
        })
        .collect()
}

fn opus(dice: &mut Dice, seconds: f64) -> i64 {
    (seconds * 2_800.0 * (0.04 * dice.normal()).exp()) as i64 + 300
}

fn plain_name(dice: &mut Dice, start: i64) -> String {
    let (y, m, d, h, mi, s) = civil(start);
    format!(
        "{y:04}/{m:02}/{d:02}/{y:04}{m:02}{d:02}-{h:02}{mi:02}{s:02}_49{}_{}.opus",
        dice.digits(10),
        dice.digits(11)
    )
}

fn described(collection: &CollectionProfile) -> String {
    format!(
        "{} {}: {:#?}",
        collection.template, collection.objects, collection.kind
    )
}

#[track_caller]
fn is(collection: &CollectionProfile, kind: Kind) {
    assert_eq!(
        collection.kind.kind,
        Some(kind),
        "{}",
        described(collection)
    );
}

#[test]
fn plainly_named_calls_need_and_have_three_families() {
    let found = only(&calls(3_000, 90, plain_name, opus));
    is(&found, Kind::RecordedCalls);
    for family in [
        Family::Names,
        Family::SizeShape,
        Family::Arrival,
        Family::Duration,
    ] {
        assert!(
            found.kind.families_for.contains(&family),
            "{}",
            described(&found)
        );
    }
    let rate = found.duration.unwrap();
    assert!(
        (2_500..=3_000).contains(&rate.bytes_per_second),
        "made at 2,800 bytes per second: {rate:?}"
    );
    assert!(rate.rank_correlation_milli > 600, "{rate:?}");
    assert_eq!(
        found.views.masked_names.id, "recorded_calls",
        "{:?}",
        found.views
    );
    // Without any name, size shape and arrival are two families: not enough for a claim of this weight.
    assert_eq!(
        found.views.sizes_and_times_only.outcome,
        Outcome::Unknown,
        "{:?}",
        found.views
    );
}

#[test]
fn a_codec_comb_survives_random_names() {
    let gsm = |_: &mut Dice, seconds: f64| (seconds * GSM_BYTES_PER_SECOND / 33.0) as i64 * 33;
    let found = only(&calls(3_000, 90, |dice, _| dice.uuid(), gsm));
    is(&found, Kind::RecordedCalls);
    assert_eq!(
        found.views.sizes_and_times_only.id, "recorded_calls",
        "{:?}",
        found.views
    );
    assert!(
        found
            .residues
            .iter()
            .any(|residue| residue.modulus == 33 && residue.residue == 0),
        "{:?}",
        found.residues
    );
}

#[test]
fn local_times_and_daylight_saving_do_not_hide_the_rate() {
    let local = |dice: &mut Dice, start: i64| {
        let offset = if start < MONDAY_MS + 45 * DAY {
            HOUR
        } else {
            2 * HOUR
        };
        plain_name(dice, start + offset)
    };
    let found = only(&calls(3_000, 90, local, opus));
    is(&found, Kind::RecordedCalls);
    let rate = found.duration.unwrap();
    assert!((2_400..=3_100).contains(&rate.bytes_per_second), "{rate:?}");
}

#[test]
fn random_names_and_ciphertext_of_calls_are_not_called_calls() {
    let encrypted = |dice: &mut Dice, seconds: f64| (opus(dice, seconds) / 16 + 1) * 16;
    let found = only(&calls(
        3_000,
        90,
        |dice, _| format!("{}.enc", dice.hex(32)),
        encrypted,
    ));
    // Nothing but shape and rhythm speaks for calls here, and that is not enough.
    assert_ne!(
        found.kind.kind,
        Some(Kind::RecordedCalls),
        "{}",
        described(&found)
    );
    assert_eq!(found.kind.outcome, Outcome::Opaque, "{}", described(&found));
}

#[test]
fn names_alone_never_make_recorded_calls() {
    // Names as loud as can be; sizes and times that say nothing.
    let mut dice = Dice(1);
    let objects: Vec<Made> = (0..2_000)
        .map(|_| {
            let start = MONDAY_MS + dice.below(86_400) as i64 * SECOND;
            let (y, m, d, h, mi, s) = civil(start);
            let key = format!(
                "calls/inbound/{y}{m:02}{d:02}-{h:02}{mi:02}{s:02}-49{}-49{}.wav",
                dice.digits(10),
                dice.digits(10)
            );
            Made {
                key,
                ..Made::default()
            }
        })
        .collect();
    let found = only(&objects);
    assert_eq!(
        found.kind.leading,
        "recorded_calls",
        "{}",
        described(&found)
    );
    assert_eq!(found.kind.outcome, Outcome::Unknown);
    assert_eq!(found.kind.abstention, Some(Abstention::TooFewFamilies));
}

#[test]
fn the_same_calls_copied_in_bulk_say_nothing_by_their_arrival() {
    let mut objects = calls(3_000, 90, plain_name, opus);
    for (at, object) in objects.iter_mut().enumerate() {
        object.modified_ms = Some(MONDAY_MS + 200 * DAY + (at as i64 / 40) * SECOND);
    }
    let found = only(&objects);
    assert!(
        !found
            .kind
            .families
            .iter()
            .any(|family| family.family == Family::Arrival),
        "{}",
        described(&found)
    );
    assert_ne!(
        found.kind.kind,
        Some(Kind::RecordedCalls),
        "names and size shape are two families"
    );
}

#[test]
fn too_few_objects_are_unknown() {
    let profile = profile(&calls(199, 90, plain_name, opus));
    for collection in &profile.collections {
        assert_eq!(collection.kind.outcome, Outcome::Unknown);
        assert_eq!(collection.kind.abstention, Some(Abstention::TooFewObjects));
    }
}

#[test]
fn fixed_cameras() {
    let mut dice = Dice(4);
    let mut objects = Vec::new();
    for minute in 0..30 * 24 * 60 / 5 {
        for camera in 1..=3 {
            let start = MONDAY_MS + minute * 300 * SECOND;
            let (y, m, d, h, mi, s) = civil(start);
            let size = (30_000_000.0 * (0.12 * dice.normal()).exp()) as i64;
            let key = format!("cam{camera:02}/{y:04}{m:02}{d:02}/{h:02}{mi:02}{s:02}.mp4");
            objects.push(Made::new(
                key,
                size,
                start + 300 * SECOND + 700 + dice.below(900) as i64,
            ));
        }
    }
    let found = only(&objects);
    is(&found, Kind::VideoFixedCamera);
    assert!(
        found.kind.families_for.contains(&Family::Duration),
        "{}",
        described(&found)
    );
    assert_eq!(
        found.views.masked_names.id, "video_fixed_camera",
        "{:?}",
        found.views
    );
}

#[test]
fn nightly_backups() {
    let mut dice = Dice(6);
    let mut objects = Vec::new();
    for day in 0..120 {
        for host in 0..6 {
            let at = MONDAY_MS
                + day * DAY
                + 2 * HOUR
                + dice.below(5_000) as i64 * SECOND
                + dice.below(1_000) as i64;
            let (y, m, d, ..) = civil(at);
            let size = (8_000_000_000.0 * (1.0 + 0.002 * day as f64)) as i64 / 512 * 512
                + 512 * dice.below(9_000) as i64;
            let mut object = Made::new(
                format!("backups/host{host:02}/{y:04}-{m:02}-{d:02}-full.vhdx"),
                size,
                at,
            );
            object.tier = Some("Archive");
            objects.push(object);
        }
    }
    let found = only(&objects);
    is(&found, Kind::BackupsDiskImages);
    assert_eq!(
        found.views.sizes_and_times_only.id, "backups_disk_images",
        "{:?}",
        found.views
    );
}

#[test]
fn logs_on_a_grid() {
    let mut dice = Dice(8);
    let mut objects = Vec::new();
    for slot in 0..20 * 24 * 12 {
        let at = MONDAY_MS + slot * 300 * SECOND;
        let (y, m, d, h, mi, _) = civil(at);
        let key = format!(
            "AWSLogs/{y:04}/{m:02}/{d:02}/flow_{y:04}{m:02}{d:02}T{h:02}{mi:02}00Z_{}.log.gz",
            dice.hex(8)
        );
        objects.push(Made::new(
            key,
            dice.lognormal(40_000.0, 0.5) as i64,
            at + dice.below(4) as i64 * SECOND,
        ));
    }
    let found = only(&objects);
    is(&found, Kind::LogsTelemetry);
    assert!(found.template.contains("{iso_time}"), "{}", found.template);
}

#[test]
fn web_assets() {
    let mut dice = Dice(10);
    let mut objects = Vec::new();
    for release in 0..12 {
        for _ in 0..80 {
            let extension = ["js", "css", "woff2", "html"][dice.below(4) as usize];
            let key = format!(
                "static/{}/chunk.{}.{extension}",
                ["js", "css"][dice.below(2) as usize],
                dice.hex(8)
            );
            objects.push(Made::new(
                key,
                dice.lognormal(9_000.0, 1.4) as i64,
                MONDAY_MS + release * 9 * DAY,
            ));
        }
    }
    let profile = profile(&objects);
    assert!(
        profile
            .collections
            .iter()
            .all(|collection| collection.kind.kind == Some(Kind::WebAssets)),
        "{:#?}",
        profile
            .collections
            .iter()
            .map(described)
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_chunk_store_is_opaque() {
    let mut dice = Dice(12);
    let objects: Vec<Made> = (0..4_000)
        .map(|_| {
            let hash = dice.hex(64);
            let size =
                (1_048_576.0 * (0.4 * dice.normal()).exp()).clamp(524_288.0, 8_388_608.0) as i64;
            Made::new(
                format!("data/{}/{hash}", &hash[..2]),
                size,
                MONDAY_MS + dice.below(30 * 86_400) as i64 * SECOND,
            )
        })
        .collect();
    let found = only(&objects);
    assert_eq!(found.kind.outcome, Outcome::Opaque, "{}", described(&found));
}

#[test]
fn music_and_write_ahead_segments() {
    let mut dice = Dice(14);
    // Music: titles in names, stereo rate, set in bulk.
    let music: Vec<Made> = (0..900)
        .map(|track| {
            Made::new(
                format!("music/gruff/{track:03} wintry sunny rhythm.mp3"),
                (dice.lognormal(230.0, 0.3) * 40_000.0) as i64,
                MONDAY_MS,
            )
        })
        .collect();
    is(&only(&music), Kind::OtherAudio);
    // Database segments beside them: exactly 16 MiB.
    let segments: Vec<Made> = (0..900_u64)
        .map(|segment| {
            Made::new(
                format!(
                    "wal/{:024X}",
                    0xAB_0000_0000_00A0_u128 + u128::from(segment)
                ),
                16 << 20,
                MONDAY_MS + segment as i64 * HOUR,
            )
        })
        .collect();
    let found = profile(&segments);
    assert!(
        found
            .collections
            .iter()
            .any(|collection| collection.kind.kind == Some(Kind::DatabaseFilesDumps)),
        "{:#?}",
        found.collections.iter().map(described).collect::<Vec<_>>()
    );
}

#[test]
fn every_signal_states_its_figure_and_weight() {
    let found = only(&calls(3_000, 90, plain_name, opus));
    assert!(!found.kind.signals_for.is_empty());
    for signal in found
        .kind
        .signals_for
        .iter()
        .chain(&found.kind.signals_against)
    {
        assert!(
            signal.observed.bytes().any(|byte| byte.is_ascii_digit()),
            "{signal:?}"
        );
        assert!(
            signal.weight.starts_with(['+', '-']) && signal.weight.len() >= 5,
            "{signal:?}"
        );
    }
}

#[test]
fn unknown_sizes_and_times_are_counted_as_such() {
    let objects: Vec<Made> = (0..300)
        .map(|number| Made {
            key: format!("n/{number:04}.txt"),
            ..Made::default()
        })
        .collect();
    let found = only(&objects);
    assert_eq!(
        (
            found.objects,
            found.sizes.known,
            found.times.known,
            found.bytes
        ),
        (300, 0, 0, 0)
    );
    assert_eq!(found.sizes.p50, None);
}
