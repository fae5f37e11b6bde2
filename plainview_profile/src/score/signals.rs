//! Which signals a collection shows, each in words with the counts behind it. It refuses a signal whose figure rests on
//! fewer than the objects it needs.

use crate::features::{Features, permille, varied};
use crate::kinds::weights::{self, Row};
use crate::lexicon::Claim;
use crate::profile::{DurationProfile, DurationSource, SlotMeaning, TimeReading};

/// What must be visible for a signal to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Words, extensions and content types.
    Claims,
    /// Shapes and times in keys.
    Shapes,
    /// Sizes, times and settings.
    Nothing,
}

/// A signal that was seen.
#[derive(Debug, Clone)]
pub(super) struct Observed {
    pub(super) row: &'static Row,
    pub(super) needs: Needs,
    pub(super) text: String,
}

#[derive(Default)]
struct List(Vec<Observed>);

impl List {
    fn add(&mut self, needs: Needs, signal: &str, text: String) {
        // Every name used here stands in the table; a test walks all of them.
        if let Some(row) = weights::find(signal) {
            self.0.push(Observed { row, needs, text });
        }
    }
}

/// Every signal that the figures show.
pub(super) fn observe(features: &Features) -> Vec<Observed> {
    let mut list = List::default();
    claims(features, &mut list);
    words(features, &mut list);
    shapes(features, &mut list);
    machine_names(features, &mut list);
    sizes(features, &mut list);
    residues(features, &mut list);
    arrival(features, &mut list);
    duration(features, &mut list);
    settings(features, &mut list);
    list.0
}

fn claims(features: &Features, list: &mut List) {
    for (claim, objects) in &features.claims {
        let signal = match claim {
            Claim::Audio => "extension_claims_audio",
            Claim::Video => "extension_claims_video",
            Claim::Image => "extension_claims_image",
            Claim::Backup => "extension_claims_backup",
            Claim::Database => "extension_claims_database",
            Claim::Log => "extension_claims_log",
            Claim::Lake => "extension_claims_lake",
            Claim::Training => "extension_claims_training",
            Claim::Model => "extension_claims_model",
            Claim::Document => "extension_claims_document",
            Claim::Mail => "extension_claims_mail",
            Claim::Web => "extension_claims_web",
            Claim::Source => "extension_claims_source",
            Claim::Package => "extension_claims_package",
            Claim::Science => "extension_claims_science",
            Claim::Archive => "extension_claims_archive",
            Claim::Encrypted => "extension_claims_encryption",
            Claim::General => "extension_general",
        };
        if permille(*objects, features.objects) >= 800 {
            let text = format!(
                "{objects} of {} objects have an extension that claims {}",
                features.objects,
                claim.word()
            );
            list.add(Needs::Claims, signal, text);
        }
    }
    for (class, signal) in [
        ("audio", "content_type_audio"),
        ("video", "content_type_video"),
        ("image", "content_type_image"),
        ("mail", "content_type_mail"),
        ("document", "content_type_document"),
        ("web", "content_type_web"),
    ] {
        let objects = features.content_types.get(class).copied().unwrap_or(0);
        if permille(objects, features.objects) >= 800 {
            let text = format!(
                "{objects} of {} objects are declared as {class}",
                features.objects
            );
            list.add(Needs::Claims, signal, text);
        }
    }
}

fn words(features: &Features, list: &mut List) {
    for (group, signal) in [
        ("calls", "words_of_calls"),
        ("voice", "words_of_voice"),
        ("camera", "words_of_cameras"),
        ("video", "words_of_video"),
        ("image", "words_of_images"),
        ("backup", "words_of_backups"),
        ("database", "words_of_databases"),
        ("log", "words_of_logs"),
        ("lake", "words_of_lakes"),
        ("training", "words_of_training"),
        ("model", "words_of_models"),
        ("document", "words_of_documents"),
        ("mail", "words_of_mail"),
        ("web", "words_of_web"),
        ("source", "words_of_source"),
        ("container", "words_of_containers"),
        ("science", "words_of_science"),
        ("chunks", "words_of_chunk_stores"),
    ] {
        let keys = features.names.groups.get(group).copied().unwrap_or(0);
        if permille(keys, features.sampled) >= 500 {
            let text = format!(
                "{keys} of {} sampled keys hold a word of the group `{group}`",
                features.sampled
            );
            list.add(Needs::Claims, signal, text);
        }
    }
}

fn shapes(features: &Features, list: &mut List) {
    let names = &features.names;
    let sampled = features.sampled;
    for (keys, least, signal, what) in [
        (
            names.with_long_number,
            800,
            "long_number_in_key",
            "hold a number of 7 to 15 digits that is no time",
        ),
        (
            names.with_two_long_numbers,
            500,
            "two_long_numbers_in_key",
            "hold two such numbers",
        ),
        (
            features.key_times,
            900,
            "start_time_in_key",
            "hold a time to the second",
        ),
        (
            names.partitioned,
            800,
            "partitioned_keys",
            "have directories of the form name=value",
        ),
        (
            names.word_rich,
            500,
            "word_rich_names",
            "hold three or more words outside the lexicon",
        ),
        (
            names.versioned,
            500,
            "versions_in_keys",
            "hold a dotted version",
        ),
    ] {
        if permille(keys, sampled) >= least {
            list.add(
                Needs::Shapes,
                signal,
                format!("{keys} of {sampled} sampled keys {what}"),
            );
        }
    }
    if features.dates_agree {
        let text = format!(
            "the date in the key is the day of arrival in at least four fifths of {sampled} sampled objects"
        );
        list.add(Needs::Shapes, "date_in_key_is_arrival", text);
    }
    if permille(names.only_random, sampled) >= 900 {
        let text = format!(
            "{} of {sampled} sampled keys hold nothing but random-looking tokens",
            names.only_random
        );
        list.add(Needs::Shapes, "only_random_names", text);
    }
}

/// Names that one kind of software writes.
fn machine_names(features: &Features, list: &mut List) {
    let template = features.template.as_str();
    let of = |signal: &str, needs: Needs, yes: bool, list: &mut List| {
        if yes {
            list.add(needs, signal, format!("the template is {template}"));
        }
    };
    let uuid = features.slots.contains(&SlotMeaning::Uuid);
    of(
        "part_and_uuid",
        Needs::Claims,
        template.contains("part-{") && uuid,
        list,
    );
    of(
        "shard_i_of_n",
        Needs::Claims,
        template.contains("}-of-{") || template.contains("}_of_{"),
        list,
    );
    of(
        "write_ahead_names",
        Needs::Shapes,
        template.contains("{hex:24}") && features.slots.len() <= 2,
        list,
    );
    of(
        "instrument_stamps",
        Needs::Shapes,
        template.matches("{stamp}").count() >= 2,
        list,
    );
    let sharded = template.contains("{hex:2}/")
        && ["{hex:38}", "{hex:40}", "{hex:62}", "{hex:64}"]
            .iter()
            .any(|hash| template.contains(hash));
    of("sharded_hashes", Needs::Shapes, sharded, list);
}

fn sizes(features: &Features, list: &mut List) {
    let (sizes, known) = (features.sizes, features.sizes.positive);
    if known * 2 < features.objects || known < 50 {
        return;
    }
    let Some(sigma) = features.ln_sigma_milli else {
        return;
    };
    let spread = format!("{}.{:02}", sigma / 1_000, sigma % 1_000 / 10);
    let few = sizes.top_permille < 50;
    let located = (4_096..=20 << 20).contains(&sizes.median);
    if (600..=1_700).contains(&sigma)
        && sizes.skew_milli.abs() <= 300
        && few
        && located
        && sizes.bins >= 24
    {
        let text = format!(
            "sizes of {known} objects spread evenly about {} bytes, sigma of ln {spread}",
            sizes.median
        );
        list.add(Needs::Nothing, "sizes_spread_like_durations", text);
    }
    if sizes.top_permille >= 500 {
        let text = format!(
            "{} of 1000 sampled objects have one exact size",
            sizes.top_permille
        );
        list.add(Needs::Nothing, "one_exact_size", text);
    } else if sigma < 300 {
        let text = format!("sizes of {known} objects are nearly equal, sigma of ln {spread}");
        list.add(Needs::Nothing, "sizes_nearly_equal", text);
    }
    if sizes.median < 2_048 {
        list.add(
            Needs::Nothing,
            "sizes_tiny",
            format!(
                "half of {known} objects are {} bytes or smaller",
                sizes.median
            ),
        );
    }
    if sizes.median < 100_000 {
        let text = format!(
            "half of {known} objects are {} bytes or smaller, too little for video",
            sizes.median
        );
        list.add(Needs::Nothing, "sizes_below_video", text);
    }
    if sizes.median >= 100_000_000 {
        list.add(
            Needs::Nothing,
            "sizes_large",
            format!(
                "half of {known} objects are {} bytes or larger",
                sizes.median
            ),
        );
    }
}

fn residues(features: &Features, list: &mut List) {
    let (marks, known) = (features.marks, features.sizes.positive);
    if known < 50 {
        return;
    }
    let share = |objects: u64| permille(objects, known);
    if varied(features.sizes) && share(marks.sectors) < 950 {
        combs(features, list);
    }
    for (objects, least, signal, what) in [
        (
            marks.vhd_footers,
            900,
            "disk_image_footer",
            "are 512 modulo 1 MiB, as fixed disk images are",
        ),
        (
            marks.wal_segments,
            500,
            "write_ahead_segments",
            "are exactly 16 MiB",
        ),
        (marks.pages, 950, "database_pages", "are multiples of 8192"),
        (
            marks.powers_of_two,
            500,
            "powers_of_two",
            "are powers of two",
        ),
        (
            marks.tar_records,
            950,
            "tar_records",
            "are multiples of 10240",
        ),
        (marks.sectors, 950, "disk_sectors", "are multiples of 512"),
    ] {
        if share(objects) >= least {
            list.add(
                Needs::Nothing,
                signal,
                format!("{objects} of {known} sizes {what}"),
            );
        }
    }
}

/// Frames of speech codecs, whole packets, cipher blocks: combs in sizes that vary and are no multiples of sectors.
fn combs(features: &Features, list: &mut List) {
    let known = features.sizes.positive;
    let share = |objects: u64| permille(objects, known);
    for residue in &features.residues {
        // AMR frames of the lowest mode are 13 bytes, but silence frames differ.
        let (signal, least) = match residue.modulus {
            13 => ("speech_frames", 600),
            24 | 33 | 65 | 72 => ("speech_frames", 900),
            160 => ("whole_packets", 900),
            _ => continue,
        };
        if share(residue.objects) >= least {
            let text = format!(
                "{} of {known} sizes are {} modulo {}",
                residue.objects, residue.residue, residue.modulus
            );
            list.add(Needs::Nothing, signal, text);
            break;
        }
    }
    let blocks = features.marks.cipher_blocks;
    let packets = features
        .residues
        .iter()
        .any(|residue| residue.modulus == 160);
    if share(blocks) >= 990 && !packets {
        let text = format!(
            "{blocks} of {known} sizes are multiples of 16 and few of 512, as block ciphers leave them"
        );
        list.add(Needs::Nothing, "cipher_blocks", text);
    }
}

fn arrival(features: &Features, list: &mut List) {
    let arrival = &features.arrival;
    let known = arrival.known;
    if arrival.reading == TimeReading::Grid {
        let text = format!(
            "{} of 1000 arrivals fall in five seconds of the minute",
            arrival.five_seconds_permille
        );
        list.add(Needs::Nothing, "clock_grid", text);
    }
    let readable = matches!(arrival.reading, TimeReading::Individual | TimeReading::Grid)
        && arrival.active_days >= 7;
    if !readable {
        return;
    }
    let rhythm = format!("0.{:03}", arrival.rhythm_milli.min(999));
    if arrival.three_hours_permille >= 800 {
        let text = format!(
            "{} of 1000 arrivals fall in the same three hours of the day",
            arrival.three_hours_permille
        );
        list.add(Needs::Nothing, "nightly_spike", text);
    } else if arrival.rhythm_clear
        && (200..=800).contains(&arrival.rhythm_milli)
        && arrival.reading == TimeReading::Individual
    {
        let text = format!("{known} arrivals follow the day with strength {rhythm}");
        list.add(Needs::Nothing, "daily_human_rhythm", text);
        if arrival.weekend_permille < 600 && arrival.span_days >= 14 {
            let text = format!(
                "a weekend day has {} thousandths of the arrivals of a working day",
                arrival.weekend_permille
            );
            list.add(Needs::Nothing, "quiet_weekends", text);
        }
    } else if known >= 1_000 && arrival.rhythm_milli < 80 {
        let text = format!("{known} arrivals follow no time of day, strength {rhythm}");
        list.add(Needs::Nothing, "round_the_clock", text);
    }
}

fn duration(features: &Features, list: &mut List) {
    let Some(duration) = features.duration else {
        return;
    };
    let needs = if duration.source == DurationSource::KeyTime {
        Needs::Shapes
    } else {
        Needs::Nothing
    };
    let DurationProfile {
        sampled,
        bytes_per_second: rate,
        rank_correlation_milli: correlation,
        ..
    } = duration;
    let source = match duration.source {
        DurationSource::KeyTime => "the time from the key to the last modification",
        DurationSource::Lag => "the time from creation to the last modification",
    };
    if duration.seconds_p90 - duration.seconds_p10 <= 10 {
        if duration.seconds_p50 >= 10 {
            let text = format!(
                "{source} is {} seconds throughout {sampled} sampled objects",
                duration.seconds_p50
            );
            list.add(needs, "fixed_duration", text);
        }
    } else if correlation >= 450 {
        let text = format!(
            "size grows with {source} by {rate} bytes per second (rank correlation {correlation} of 1000, {sampled} objects)"
        );
        match rate {
            500..=17_000 => list.add(needs, "rate_of_speech", text),
            17_001..=60_000 => list.add(needs, "rate_of_music", text),
            60_001.. => list.add(needs, "rate_of_video", text),
            _ => {}
        }
    } else if correlation < 150 {
        list.add(
            needs,
            "duration_without_rate",
            format!("size does not grow with {source} in {sampled} sampled objects"),
        );
    }
}

/// Retention and tiers.
fn settings(features: &Features, list: &mut List) {
    let objects = features.objects;
    if permille(features.locked, objects) >= 900 {
        list.add(
            Needs::Nothing,
            "locked",
            format!(
                "{} of {objects} objects are immutable or held",
                features.locked
            ),
        );
    }
    if permille(features.locked_year, objects) >= 900 {
        let text = format!(
            "{} of {objects} objects are kept for a year or longer",
            features.locked_year
        );
        list.add(Needs::Nothing, "locked_for_a_year", text);
    }
    let appended = features.duration.is_some_and(|duration| {
        duration.source == DurationSource::Lag && duration.rank_correlation_milli >= 450
    });
    if permille(features.both_times, objects) >= 800 && !appended {
        let later = permille(features.modified_later, features.both_times);
        let text = format!(
            "{} of {} objects were modified after creation",
            features.modified_later, features.both_times
        );
        if later >= 200 {
            list.add(Needs::Nothing, "edited_later", text);
        } else if later < 10 {
            list.add(Needs::Nothing, "written_once", text);
        }
    }
    let arrival = &features.arrival;
    let readable = matches!(arrival.reading, TimeReading::Individual | TimeReading::Grid);
    let ring = (7..=95).contains(&arrival.span_days) && arrival.active_days == arrival.span_days;
    if readable && ring && arrival.evenness_permille >= 900 && arrival.known >= 1_000 {
        let text = format!(
            "{} days in a row with nearly equal arrivals, and none before",
            arrival.span_days
        );
        list.add(Needs::Nothing, "ring_of_days", text);
    }
    if permille(features.cold_tiers, objects) >= 800 {
        list.add(
            Needs::Nothing,
            "cold_tiers",
            format!(
                "{} of {objects} objects lie in cool, cold or archive tiers",
                features.cold_tiers
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signal_named_here_stands_in_the_table_and_the_other_way_round() {
        let source = include_str!("signals.rs");
        let body = source.split("mod tests").next().unwrap_or_default();
        for row in weights::TABLE {
            assert!(
                body.contains(&format!("\"{}\"", row.signal)),
                "{} is never observed",
                row.signal
            );
        }
        let named = body.split('"').skip(1).step_by(2).filter(|text| {
            text.contains('_')
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        });
        for name in named {
            assert!(weights::find(name).is_some(), "{name} is not in the table");
        }
    }
}
