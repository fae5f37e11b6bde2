//! Bounds: floods cannot hide a large collection, and nothing folds away silently.

use plainview_profile::{Config, ObjectFacts, Profiler};

use super::made::{Dice, MONDAY_MS, Made, observe};

/// One-off shapes: a fresh mixture of token lengths and delimiters for each key.
fn flood(count: u64, dice: &mut Dice) -> Vec<Made> {
    (0..count)
        .map(|_| {
            let tokens: Vec<String> = (0..6)
                .map(|_| {
                    let n = 1 + dice.below(9) as usize;
                    dice.digits(n)
                })
                .collect();
            let glue = ["/", "-", "_", "."][dice.below(4) as usize];
            Made::new(tokens.join(glue), 100, MONDAY_MS)
        })
        .collect()
}

#[test]
fn a_flood_of_one_off_templates_does_not_hide_a_large_collection() {
    let mut dice = Dice(21);
    let mut objects = flood(40_000, &mut dice);
    objects
        .extend((0..2_000).map(|_| Made::new(format!("{}.opus", dice.hex(32)), 70_000, MONDAY_MS)));
    // Few objects, but nearly all of the bytes.
    objects.extend((0..200).map(|_| Made::new(format!("{}.vhd", dice.uuid()), 1 << 40, MONDAY_MS)));
    let mut first = Profiler::new(Config::default());
    observe(&mut first, &objects);
    assert!(first.needs_second_pass());

    let mut second = first.second_pass();
    observe(&mut second, &objects);
    let exact = second.finish();
    let found = |template: &str| {
        exact
            .collections
            .iter()
            .find(|collection| collection.template == template)
    };
    assert_eq!(
        found("{hex:32}.opus").map(|collection| (collection.objects, collection.folded.objects)),
        Some((2_000, 0))
    );
    assert_eq!(
        found("{uuid}.vhd").map(|collection| collection.objects),
        Some(200)
    );
    let store = &exact.stores[0];
    assert!(
        store.signatures_overflowed && store.unprofiled.objects > 20_000,
        "{store:?}"
    );
    assert!(store.unprofiled.objects <= 40_000 && store.unprofiled.bytes <= 4_000_000);

    // With a single pass nothing is lost either, but everything is only a class, and says so.
    let single = first.finish();
    let opus = single
        .collections
        .iter()
        .find(|collection| collection.template == "{path}/{name}.opus");
    assert_eq!(
        opus.map(|collection| (collection.objects, collection.folded.objects)),
        Some((2_000, 2_000))
    );
    assert_eq!(single.stores[0].unprofiled.objects, 42_200);
}

#[test]
fn stores_beyond_the_bound_are_counted_as_unprofiled() {
    let config = Config {
        stores_max: 10,
        ..Config::default()
    };
    let names: Vec<String> = (0..95)
        .map(|store| format!("aws/111122223333/bucket-{store}"))
        .collect();
    let facts = ObjectFacts {
        key: "a",
        size: Some(3),
        ..ObjectFacts::default()
    };
    let mut forward = Profiler::new(config);
    let mut backward = Profiler::new(config);
    for name in &names {
        forward.observe(name, &facts);
        forward.observe(name, &facts);
    }
    for name in names.iter().rev().chain(names.iter()) {
        backward.observe(name, &facts);
    }
    let profile = forward.finish();
    assert_eq!(profile.stores.len(), 10);
    assert_eq!(
        (profile.unprofiled.objects, profile.unprofiled.bytes),
        (170, 510)
    );
    assert_eq!(
        profile
            .stores
            .iter()
            .map(|store| store.objects)
            .collect::<Vec<_>>(),
        vec![2; 10]
    );
    assert_eq!(profile, backward.finish());
}

#[test]
fn the_sample_stays_bounded() {
    let mut dice = Dice(2);
    let mut profiler = Profiler::new(Config::default());
    for _ in 0..20_000 {
        observe(
            &mut profiler,
            &[Made::new(format!("{}.bin", dice.hex(32)), 5, MONDAY_MS)],
        );
    }
    let text = serde_json::to_string(&profiler).unwrap();
    assert!(
        text.matches("\"hash\"").count() <= 512,
        "one signature keeps at most 512 objects"
    );
}
