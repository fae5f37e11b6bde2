//! Templates of the shapes named in PROFILE: a table of makers and what must come out.

use super::made::{DAY, Dice, HOUR, MONDAY_MS, Made, civil, only, profile};

const OBJECTS: u64 = 600;

/// The template of keys made from a moment and dice.
fn template(
    make: impl Fn(&mut Dice, (i64, i64, i64, i64, i64, i64), i64, u64) -> String,
) -> String {
    let mut dice = Dice(7);
    let objects: Vec<Made> = (0..OBJECTS)
        .map(|number| {
            let moment = MONDAY_MS + (dice.below(60 * 86_400) * 1_000) as i64;
            let key = make(&mut dice, civil(moment), moment / 1_000, number);
            Made::new(key, 10_000 + dice.below(9_000) as i64, moment + 3_000)
        })
        .collect();
    only(&objects).template
}

#[test]
fn dates_and_hashes() {
    let found =
        template(|dice, (y, m, d, ..), _, _| format!("{y:04}/{m:02}/{d:02}/{}.opus", dice.hex(32)));
    assert_eq!(found, "{yyyy}/{mm}/{dd}/{hex:32}.opus");
    let found = template(|dice, (y, m, d, h, ..), _, _| {
        format!(
            "year={y}/month={m:02}/day={d:02}/hour={h:02}/{}.json",
            dice.uuid()
        )
    });
    assert_eq!(
        found,
        "year={yyyy}/month={mm}/day={dd}/hour={hh}/{uuid}.json"
    );
    let found = template(|dice, (y, m, d, ..), _, _| format!("{y}/{m}/{d}/{}.txt", dice.hex(40)));
    assert_eq!(found, "{yyyy}/{mm}/{dd}/{hex:40}.txt");
}

#[test]
fn a_small_number_after_a_word_is_no_hour() {
    let found = template(|dice, (y, m, d, ..), _, _| {
        format!("nightly/{y:04}-{m:02}-{d:02}/disk-{:02}.vhd", dice.below(7))
    });
    assert_eq!(found, "nightly/{yyyy}-{mm}-{dd}/disk-{digits:2}.vhd");
    let found =
        template(|_, (y, m, d, h, ..), _, _| format!("{y:04}/{m:02}/{d:02}/hour-{h:02}/part.json"));
    assert_eq!(found, "{yyyy}/{mm}/{dd}/hour-{hh}/part.json");
}

#[test]
fn uuids_collapse_to_one_slot() {
    assert_eq!(
        template(|dice, _, _, _| format!("{}.bin", dice.uuid())),
        "{uuid}.bin"
    );
    assert_eq!(
        template(|dice, _, _, _| format!("u/{}", dice.uuid().to_uppercase())),
        "{word}/{uuid}".replace("{word}", "u")
    );
}

#[test]
fn epochs_are_told_from_numbers_by_agreement_with_arrival() {
    assert_eq!(
        template(|_, _, epoch, number| format!("e/{epoch}.{number:05}.log")),
        "e/{epoch}.{seq:5}.log"
    );
    assert_eq!(
        template(|_, _, epoch, _| format!("e/{epoch}123.log")),
        "e/{epoch_ms}.log"
    );
    assert_eq!(
        template(|dice, _, _, _| format!("e/4{}.log", dice.digits(9))),
        "e/{number:10}.log"
    );
}

#[test]
fn call_recorders_names_show_numbers_only_as_class_and_length() {
    let found = template(|dice, (y, m, d, h, mi, s), epoch, _| {
        format!(
            "out-49{}-1001-{y:04}{m:02}{d:02}-{h:02}{mi:02}{s:02}-{epoch}.{}.wav",
            dice.digits(10),
            dice.digits(4)
        )
    });
    // 1001 is one value throughout, but digits beside digits are never printed.
    assert_eq!(
        found,
        "out-{number:12}-{digits:4}-{yyyymmdd}-{hhmmss}-{epoch}.{seq:4}.wav"
    );
    let found = template(|dice, (y, m, d, h, mi, s), _, _| {
        format!(
            "{}_{:02}{m:02}{d:02}_{h:02}{mi:02}{s:02}_{}I_x.mp3",
            dice.hex(8),
            y % 100,
            dice.digits(11)
        )
    });
    assert_eq!(found, "{hex:8}_{yymmdd}_{hhmmss}_{alnum:12}_x.mp3");
}

#[test]
fn machine_written_names() {
    let found = template(|dice, _, _, number| {
        format!("t/part-{number:05}-{}-c000.snappy.parquet", dice.uuid())
    });
    assert_eq!(found, "t/part-{seq:5}-{uuid}-c000.snappy.parquet");
    let found = template(|dice, _, _, _| {
        format!(
            "wal/{:08X}{:08X}{:08X}",
            1 + dice.below(1),
            0xAB + dice.below(9),
            0xA0_u64 + dice.below(96)
        )
    });
    assert_eq!(found, "wal/{hex:24}");
    let found = template(|_, _, _, number| format!("train-{number:05}-of-01024.tfrecord"));
    assert_eq!(found, "train-{seq:5}-of-{digits:5}.tfrecord");
    let found = template(|_, (y, m, _, h, mi, s), _, number| {
        let day_of_year = (m - 1) * 28 + 1;
        let stamp = format!("{y:04}{day_of_year:03}{h:02}{mi:02}{s:02}{}", number % 10);
        format!("ABI-L1b/OR_ABI-M6C01_G16_s{stamp}_e{stamp}_c{stamp}.nc")
    });
    assert!(found.ends_with("_{stamp}_{stamp}_{stamp}.nc"), "{found}");
}

#[test]
fn hex_shards_merge_in_random_proportions() {
    let found = template(|dice, _, _, _| {
        let hash = dice.hex(64);
        format!("{}/{}/{hash}", &hash[..2], &hash[2..4])
    });
    assert_eq!(found, "{hex:2}/{hex:2}/{hex:64}");
}

#[test]
fn digits_and_hex_in_other_proportions_stay_apart() {
    let mut dice = Dice(3);
    let objects: Vec<Made> = (0..2_000)
        .map(|number| {
            let token = if number % 2 == 0 {
                dice.digits(4)
            } else {
                format!("{}f", dice.digits(3))
            };
            Made::new(format!("q/{token}/{}.bin", dice.hex(32)), 5_000, MONDAY_MS)
        })
        .collect();
    let templates: Vec<String> = profile(&objects)
        .collections
        .into_iter()
        .map(|collection| collection.template)
        .collect();
    assert_eq!(
        templates,
        ["q/{hex:4}/{hex:32}.bin", "q/{seq:4}/{hex:32}.bin"]
            .map(str::to_owned)
            .to_vec(),
        "one is digits, one hex"
    );
}

#[test]
fn words_are_printed_from_the_lexicon_or_when_shared() {
    let shared =
        template(|dice, _, _, number| format!("backups/zyxwv/{}-{number}.bak", dice.hex(16)));
    assert!(shared.starts_with("backups/zyxwv/"), "{shared}");
    let mut dice = Dice(5);
    let names = ["qwertz", "gruffly", "wuthering", "sphynx", "trolls"];
    let various: Vec<Made> = (0..400)
        .map(|_| {
            Made::new(
                format!(
                    "backups/{}/{}.bak",
                    names[dice.below(5) as usize],
                    dice.hex(16)
                ),
                1,
                MONDAY_MS,
            )
        })
        .collect();
    let found = only(&various);
    assert_eq!(found.template, "backups/{word}/{hex:16}.bak");
    let text = serde_json::to_string(&found).unwrap();
    assert!(names.iter().all(|name| !text.contains(name)), "{text}");
}

#[test]
fn a_shared_mail_address_is_never_printed() {
    let mut dice = Dice(5);
    for address in ["zorbly.quix@example.com", "zorbly.quix%40example.com"] {
        let objects: Vec<Made> = (0..400)
            .map(|_| Made::new(format!("in/{address}/{}.eml", dice.hex(16)), 1, MONDAY_MS))
            .collect();
        let text = serde_json::to_string(&profile(&objects)).unwrap();
        assert!(!text.contains("zorbly") && !text.contains("quix"), "{text}");
    }
}

#[test]
fn no_output_holds_a_number_of_a_key() {
    let mut dice = Dice(9);
    let number = "4930123456789";
    let objects: Vec<Made> = (0..500_i64)
        .map(|call| {
            Made::new(
                format!("calls/{number}/{number}-{}.wav", dice.hex(8)),
                9_000 + call,
                MONDAY_MS + call * HOUR,
            )
        })
        .collect();
    let text = serde_json::to_string(&profile(&objects)).unwrap();
    assert!(
        !text.contains("4930123") && text.contains("{number:13}"),
        "{text}"
    );
}

#[test]
fn word_rich_names_of_many_shapes_join_the_class_of_their_extension() {
    let mut dice = Dice(11);
    let words = [
        "plan", "Budget", "offer", "yearly", "summary", "kitchen", "Outline", "survey",
    ];
    let objects: Vec<Made> = (0..800)
        .map(|_| {
            let count = 2 + dice.below(6);
            let name: Vec<&str> = (0..count).map(|_| words[dice.below(8) as usize]).collect();
            let glue = [" ", "-", "_", " - ", "/"][dice.below(5) as usize];
            Made::new(
                format!("{} {}.docx", name.join(glue), dice.below(200)),
                30_000,
                MONDAY_MS + DAY,
            )
        })
        .collect();
    let profile = profile(&objects);
    let class = profile
        .collections
        .iter()
        .find(|collection| collection.template == "{path}/{name}.docx");
    assert!(
        class.is_some_and(|class| class.signatures > 5),
        "{:?}",
        profile.collections.len()
    );
    assert_eq!(
        profile
            .collections
            .iter()
            .map(|collection| collection.objects)
            .sum::<u64>(),
        800
    );
}
