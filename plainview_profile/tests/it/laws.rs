//! Laws: order, partition and the order of merging change no byte; state survives serialisation; the reader's salt
//! changes nothing that is published.

use plainview_profile::{Config, Error, Profiler};
use proptest::prelude::*;

use super::made::{DAY, Dice, MONDAY_MS, Made, civil, observe};

/// A mixed store: dated hashes, numbers, words, unknown sizes and times.
fn mixed(seed: u64, count: u64) -> Vec<Made> {
    let mut dice = Dice(seed);
    (0..count)
        .map(|number| {
            let moment = MONDAY_MS + dice.below(40) as i64 * DAY + dice.below(86_400_000) as i64;
            let (y, m, d, h, mi, s) = civil(moment);
            let key = match dice.below(6) {
                0 => format!("{y:04}/{m:02}/{d:02}/{}.opus", dice.hex(32)),
                1 => format!(
                    "calls/49{}-{y:04}{m:02}{d:02}-{h:02}{mi:02}{s:02}.wav",
                    dice.digits(10)
                ),
                2 => format!("{}/{}", dice.uuid(), dice.hex(4)),
                3 => format!(
                    "docs/{} {}/{}.pdf",
                    dice.hex(3),
                    "x y".repeat(dice.below(4) as usize),
                    number
                ),
                4 => format!("{}.x{}", dice.hex(5), dice.digits(2)),
                _ => format!("same/{}", dice.below(3)),
            };
            let mut object = Made::new(key, dice.lognormal(50_000.0, 1.5) as i64, moment);
            if dice.below(10) == 0 {
                object.size = None;
            }
            if dice.below(10) == 0 {
                object.modified_ms = None;
            }
            if dice.below(3) == 0 {
                object.created_ms = object.modified_ms.map(|modified| modified - 5_000);
                object.tier = Some("Cool");
            }
            object
        })
        .collect()
}

/// Bounds so small that every one of them is reached.
fn tight() -> Config {
    Config {
        signatures_max: 20,
        signatures_by_bytes_max: 5,
        sample_budget: 200,
        collections_max: 6,
        objects_min: 40,
        ..Config::default()
    }
}

fn json(objects: &[Made], config: Config) -> String {
    let mut profiler = Profiler::new(config);
    observe(&mut profiler, objects);
    serde_json::to_string(&profiler.finish()).unwrap()
}

/// Splits at random, observes each part, merges in random order.
fn in_parts(objects: &[Made], parts: usize, dice: &mut Dice, empty: &Profiler) -> Profiler {
    let mut profilers: Vec<Profiler> = (0..parts).map(|_| empty.clone()).collect();
    for object in objects {
        let part = dice.below(parts as u64) as usize;
        observe(&mut profilers[part], std::slice::from_ref(object));
    }
    while profilers.len() > 1 {
        let at = dice.below(profilers.len() as u64) as usize;
        let one = profilers.swap_remove(at);
        let at = dice.below(profilers.len() as u64) as usize;
        let other = profilers.swap_remove(at);
        profilers.push(one.merge(other).unwrap());
    }
    profilers.pop().unwrap()
}

fn shuffle(objects: &mut [Made], dice: &mut Dice) {
    for at in (1..objects.len()).rev() {
        objects.swap(at, dice.below(at as u64 + 1) as usize);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_and_partition_change_no_byte(seed in any::<u64>(), parts in 1_usize..=7, count in 1_u64..1_200, bounded in any::<bool>()) {
        let config = if bounded { tight() } else { Config::default() };
        let mut objects = mixed(seed, count);
        let expected = json(&objects, config);
        let mut dice = Dice(seed ^ 1);
        shuffle(&mut objects, &mut dice);
        let merged = in_parts(&objects, parts, &mut dice, &Profiler::new(config));
        prop_assert_eq!(serde_json::to_string(&merged.clone().finish()).unwrap(), expected);

        // The second pass obeys the same law.
        let mut once = merged.second_pass();
        observe(&mut once, &objects);
        shuffle(&mut objects, &mut dice);
        let again = in_parts(&objects, parts, &mut dice, &merged.second_pass());
        prop_assert_eq!(
            serde_json::to_string(&once.finish()).unwrap(),
            serde_json::to_string(&again.finish()).unwrap()
        );
    }

    #[test]
    fn every_object_and_byte_is_accounted_for(seed in any::<u64>(), count in 1_u64..1_200, second in any::<bool>()) {
        let objects = mixed(seed, count);
        let mut profiler = Profiler::new(tight());
        observe(&mut profiler, &objects);
        if second {
            profiler = profiler.second_pass();
            observe(&mut profiler, &objects);
        }
        let profile = profiler.finish();
        let store = &profile.stores[0];
        let bytes: i64 = objects.iter().filter_map(|object| object.size).sum();
        prop_assert_eq!(store.objects, count);
        prop_assert_eq!(store.bytes, bytes as u64);
        let inside: u64 = profile.collections.iter().map(|collection| collection.objects).sum();
        let inside_bytes: u64 = profile.collections.iter().map(|collection| collection.bytes).sum();
        let folded: u64 = profile.collections.iter().map(|collection| collection.folded.objects).sum();
        prop_assert_eq!(inside + store.beyond_collections.objects, count);
        prop_assert_eq!(inside_bytes + store.beyond_collections.bytes, store.bytes);
        prop_assert_eq!(store.unprofiled.objects, store.beyond_collections.objects + folded);
        let templates: std::collections::BTreeSet<&str> = profile.collections.iter().map(|collection| collection.template.as_str()).collect();
        prop_assert_eq!(templates.len(), profile.collections.len());
    }

    #[test]
    fn any_key_is_taken(keys in proptest::collection::vec(any::<String>(), 1..50), size in any::<i64>(), time in any::<i64>()) {
        let mut profiler = Profiler::new(Config { objects_min: 1, ..Config::default() });
        for key in &keys {
            let object = Made { key: key.clone(), size: Some(size), created_ms: Some(time), modified_ms: Some(time.wrapping_add(7)), ..Made::default() };
            observe(&mut profiler, &[object]);
        }
        prop_assert_eq!(profiler.finish().stores[0].objects, keys.len() as u64);
    }
}

#[test]
fn state_survives_serialisation() {
    let objects = mixed(4, 700);
    let (left, right) = objects.split_at(300);
    let mut first = Profiler::new(tight());
    observe(&mut first, left);
    let text = serde_json::to_string(&first).unwrap();
    let mut again: Profiler = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
    observe(&mut again, right);
    assert_eq!(
        serde_json::to_string(&again.finish()).unwrap(),
        json(&objects, tight())
    );
}

/// The reader replaces long digit runs and mail letters by keyed ones; another salt gives others of the same class.
#[test]
fn another_salt_gives_the_same_profile() {
    let salted = |salt: u64| -> Vec<Made> {
        let mut dice = Dice(8);
        let mut keyed = Dice(salt);
        (0..900)
            .map(|_| {
                let moment = MONDAY_MS + dice.below(30 * 86_400) as i64 * 1_000;
                let letters: String = (0..6)
                    .map(|_| char::from(b'a' + keyed.below(26) as u8))
                    .collect();
                let key = match dice.below(3) {
                    0 => format!("calls/49{}/{}.wav", keyed.digits(9), dice.hex(3)),
                    1 => format!("in/{letters}@{letters}.abc/{}.eml", dice.hex(6)),
                    _ => format!(
                        "p/{}-{}-{}.mp3",
                        keyed.digits(3),
                        keyed.digits(3),
                        keyed.digits(4)
                    ),
                };
                Made::new(key, dice.lognormal(80_000.0, 1.0) as i64, moment)
            })
            .collect()
    };
    assert_eq!(
        json(&salted(1), Config::default()),
        json(&salted(2), Config::default())
    );
}

#[test]
fn profilers_of_different_bounds_or_passes_do_not_merge() {
    let objects = mixed(1, 400);
    let mut profiler = Profiler::new(tight());
    observe(&mut profiler, &objects);
    assert_eq!(
        profiler
            .clone()
            .merge(Profiler::new(Config::default()))
            .unwrap_err(),
        Error::Bounds
    );
    assert!(profiler.needs_second_pass());
    let mut second = profiler.second_pass();
    observe(&mut second, &objects);
    assert!(matches!(profiler.merge(second), Err(Error::Pass { .. })));
}
