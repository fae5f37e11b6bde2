//! What lies in each store: web assets put out in deployments, disk images backed up every night,
//! and session recordings that arrive as people call.

use super::model::{Account, BAKERY, HOME, NORTH, OMITTED, Object, Store, TENANT, World};
use crate::calendar::{Civil, DAY, civil, midnight, weekday};
use crate::random::Rng;

/// Nights for which a backup is kept. All disks are of fixed size and the oldest image goes when
/// the new one has arrived, so a backup store neither grows nor shrinks once it is full.
const NIGHTS_KEPT: i64 = 35;

/// Whole session files hold consecutive calls of one line, both legs, at this many bytes a second.
const SESSION_BYTES_PER_SECOND: u64 = 8_000;

/// Weight of each hour of the day (UTC) for a call to begin.
const HOURS: [u64; 24] = [
    1, 1, 1, 1, 1, 2, 6, 14, 22, 26, 25, 22, 20, 22, 24, 23, 20, 16, 11, 7, 5, 3, 2, 1,
];

/// Both accounts with all their objects, as the seed decides.
pub(super) fn world(seed: u64) -> World {
    const BUREAU_WORDS: [&str; 12] = [
        "notice", "permit", "spectrum", "licence", "tariff", "contact", "office", "public", "form",
        "register", "antenna", "coverage",
    ];
    const BAKERY_WORDS: [&str; 12] = [
        "rye", "crumb", "oven", "order", "counter", "season", "pastry", "shelf", "morning",
        "basket", "flour", "festive",
    ];
    World {
        tenant: Account {
            id: TENANT,
            name: "Bureau of Signals (fictional)",
            stores: vec![
                Store {
                    name: "bos-web-assets",
                    region: HOME,
                    objects: web_assets(&mut Rng::new(seed, "bos-web"), &BUREAU_WORDS, 80),
                },
                Store {
                    name: "bos-backup-nightly",
                    region: HOME,
                    objects: backups(&mut Rng::new(seed, "bos-backup"), &[2, 1, 1, 1, 2, 3, 1, 1]),
                },
                Store {
                    name: OMITTED,
                    region: NORTH,
                    objects: sessions(&mut Rng::new(seed, "bos-archive")),
                },
            ],
        },
        bakery: Account {
            id: BAKERY,
            name: "Tern Bakery (fictional)",
            stores: vec![
                Store {
                    name: "tern-web-assets",
                    region: HOME,
                    objects: web_assets(&mut Rng::new(seed, "tern-web"), &BAKERY_WORDS, 55),
                },
                Store {
                    name: "tern-backup-nightly",
                    region: HOME,
                    objects: backups(&mut Rng::new(seed, "tern-backup"), &[1, 1, 1, 1, 1, 2]),
                },
            ],
        },
    }
}

/// One kind of file of a web site: folder, extension, median size, weight.
const WEB_FILES: [(&str, &str, u64, u64); 7] = [
    ("assets/js", "js", 64_000, 24),
    ("assets/css", "css", 22_000, 14),
    ("assets/fonts", "woff2", 31_000, 8),
    ("images", "svg", 5_000, 14),
    ("images", "webp", 110_000, 18),
    ("images", "jpg", 190_000, 14),
    ("pages", "html", 16_000, 8),
];

/// A web site: 24 deployments of `files` files each in the year before the scope, then a small one
/// every Tuesday. Old files stay, since pages in caches still ask for them.
fn web_assets(rng: &mut Rng, words: &[&str], files: u64) -> Vec<Object> {
    let weights: Vec<u64> = WEB_FILES.iter().map(|file| file.3).collect();
    let first = midnight(2024, 1, 9);
    let before = (0..24).map(|n| (first + n * 14 * DAY, files));
    let weekly = (0..14).map(|n| (midnight(2025, 1, 7) + n * 7 * DAY, files / 3));
    let mut objects = Vec::new();
    for (day, count) in before.chain(weekly) {
        let start = day + 10 * 3_600 + small(rng, 1_800);
        for _ in 0..count {
            let (folder, extension, median, _) = WEB_FILES[rng.weighted(&weights)];
            let (one, two) = (rng.pick(words), rng.pick(words));
            objects.push(Object {
                key: format!("{folder}/{one}-{two}.{}.{extension}", rng.hex(8)),
                bytes: rng.lognormal(median, 700) + 120,
                created: start + small(rng, 90),
                deleted: None,
            });
        }
    }
    sorted(objects)
}

/// Nightly images of fixed-size disks, `quarters` times 256 MiB each and the 512-byte footer that
/// a fixed VHD ends with.
fn backups(rng: &mut Rng, quarters: &[u64]) -> Vec<Object> {
    let first = midnight(2024, 11, 18);
    let last = midnight(2025, 4, 8);
    let mut objects = Vec::new();
    let mut night = first;
    while night < last {
        let at = civil(night);
        for (disk, quarters) in (0_i64..).zip(quarters) {
            let created = night + 2 * 3_600 + disk * 420 + small(rng, 60);
            objects.push(Object {
                key: format!("nightly/{}/disk-{:02}.vhd", date(at), disk + 1),
                bytes: quarters * (256 << 20) + 512,
                created,
                // Right after the same disk's image of the night in which this one is too old.
                deleted: Some(night + NIGHTS_KEPT * DAY + 2 * 3_600 + disk * 420 + 90),
            });
        }
        night += DAY;
    }
    sorted(objects)
}

/// Recordings of call sessions from 3 February 2025 on: written once, soon after the session ends,
/// never changed. Numbers begin with 999, a country code that is assigned to nobody.
fn sessions(rng: &mut Rng) -> Vec<Object> {
    let extensions: Vec<u64> = (0..36).map(|_| 1_000 + rng.below(9_000)).collect();
    let numbers: Vec<u64> = (0..2_400).map(|_| rng.below(1_000_000_000)).collect();
    let mut objects = Vec::new();
    let mut day = midnight(2025, 2, 3);
    while day < midnight(2025, 4, 8) {
        let usual = match weekday(day) {
            5 => 36,
            6 => 16,
            _ => 156,
        };
        for _ in 0..usual * (85 + rng.below(31)) / 100 {
            let hour = small(rng, 3_600) + 3_600 * i64::try_from(rng.weighted(&HOURS)).unwrap_or(0);
            objects.push(session(rng, day + hour, &numbers, &extensions));
        }
        day += DAY;
    }
    sorted(objects)
}

fn session(rng: &mut Rng, start: i64, numbers: &[u64], extensions: &[u64]) -> Object {
    let seconds = rng.lognormal(960, 950).clamp(25, 6 * 3_600);
    // The encoder's rate follows the speech a little; the rest is the container's overhead.
    let rate = rng.lognormal(SESSION_BYTES_PER_SECOND, 30);
    let upload = 1 + rng.lognormal(4, 600);
    let at = civil(start);
    Object {
        key: format!(
            "{:04}/{:02}/{:02}/999{:09}-{}_{:04}{:02}{:02}{:02}{:02}{:02}.opus",
            at.year,
            at.month,
            at.day,
            rng.pick(numbers),
            rng.pick(extensions),
            at.year,
            at.month,
            at.day,
            at.hour,
            at.minute,
            at.second
        ),
        bytes: 3_100 + seconds * rate,
        created: start + i64::try_from(seconds + upload).unwrap_or(0),
        deleted: None,
    }
}

/// Objects in the order of their keys, one for each key.
fn sorted(mut objects: Vec<Object>) -> Vec<Object> {
    objects.sort_by(|a, b| (&a.key, a.created).cmp(&(&b.key, b.created)));
    objects.dedup_by(|later, first| later.key == first.key);
    objects
}

fn date(at: Civil) -> String {
    format!("{:04}-{:02}-{:02}", at.year, at.month, at.day)
}

/// A number of seconds below `bound`.
fn small(rng: &mut Rng, bound: u64) -> i64 {
    i64::try_from(rng.below(bound)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::model::{MONTHS, snapshots};

    #[test]
    fn listed_stores_hardly_move_between_snapshots() {
        // The reconciliation assumes monotone change between snapshots and cannot see closer than
        // the change between two of them; a demo whose ordinary stores move more would end in
        // "cannot be decided".
        let world = world(1);
        for account in world.accounts() {
            for store in account.stores_in(HOME.0) {
                let bytes = |at: i64| store.listed_at(at).filter_map(|row| row.size).sum::<u64>();
                let all: Vec<u64> = snapshots().map(bytes).collect();
                for pair in all.windows(2) {
                    assert!(
                        pair[0].abs_diff(pair[1]) < 64 << 20,
                        "{} {pair:?}",
                        store.name
                    );
                }
                let month = MONTHS[1];
                let (lo, hi) = (all.iter().min(), all.iter().max());
                let seconds = u128::from(28 * 86_400_u64);
                let average = store.byte_seconds(month.start(), month.end()) / seconds;
                let slack = 64 << 20;
                assert!(
                    lo.is_some_and(|lo| u128::from(*lo) < average + slack),
                    "{}",
                    store.name
                );
                assert!(
                    hi.is_some_and(|hi| average < u128::from(*hi) + slack),
                    "{}",
                    store.name
                );
            }
        }
    }

    #[test]
    fn the_omitted_store_begins_in_february_and_is_large() {
        let world = world(1);
        let store = world.tenant.stores_in(NORTH.0).next().expect("the store");
        assert_eq!(store.byte_seconds(MONTHS[0].start(), MONTHS[0].end()), 0);
        assert!(store.objects.len() <= 8_000, "{}", store.objects.len());
        let end = store
            .listed_at(MONTHS[2].end())
            .filter_map(|row| row.size)
            .sum::<u64>();
        assert!((40 << 30..400 << 30).contains(&end), "{end}");
    }

    #[test]
    fn sessions_are_uploaded_after_they_end_at_the_encoder_s_rate() {
        let world = world(3);
        let store = world.tenant.stores_in(NORTH.0).next().expect("the store");
        for object in &store.objects {
            let digits = &object.key[object.key.len() - 19..object.key.len() - 5];
            let number =
                |range: std::ops::Range<usize>| digits[range].parse::<i64>().expect("digits");
            let start = midnight(number(0..4), number(4..6), number(6..8))
                + number(8..10) * 3_600
                + number(10..12) * 60
                + number(12..14);
            let held = u64::try_from(object.created - start).expect("after the start");
            assert!(object.bytes < held * 10_000, "{object:?}");
            assert!(object.bytes + 200 * 8_000 > held * 6_500, "{object:?}");
        }
    }
}
