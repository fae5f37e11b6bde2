//! The weight table: what each signal weighs for each kind, in hundredths of a nat. It refuses training: every number is
//! set by hand, small and round, from PROFILE sections 6 and 7, so that a reader can argue with it. None is fitted, and
//! none is calibrated: scores order candidates, they are no probabilities.
//!
//! A weight is the log-likelihood ratio that the signal is given for the kind against all others. Signals of one family
//! are correlated; their sum is capped at [`FAMILY_CAP`]. Changing a number changes [`version`] and published results.

use std::fmt::Write as _;

use xxhash_rust::xxh3::xxh3_64;

use super::Kind;
use super::Kind::{
    BackupsDiskImages as Backups, ContainerImages as Containers, DataLake as Lake,
    DatabaseFilesDumps as Database, Documents, Images, LogsTelemetry as Logs, Mail,
    MlDatasets as Training, MlModels as Models, OtherAudio as Audio, RecordedCalls as Calls,
    Scientific as Science, SourcePackages as Source, VideoFixedCamera as Camera,
    VideoOther as Video, WebAssets as Web,
};
use crate::profile::Family::{
    self, Arrival, Duration, Names, Residue, Retention, SizeShape, Tiers,
};

/// Most that one family may add or take, in hundredths of a nat (PROFILE section 8: each family capped at +-3 nats).
pub const FAMILY_CAP: i32 = 300;

/// Least score that names a kind, in hundredths of a nat (a likelihood ratio of 7.4).
pub const SCORE_MIN: i32 = 200;

/// Least distance to the next candidate, in hundredths of a nat.
pub const MARGIN_MIN: i32 = 100;

/// A family that weighs this much speaks for a candidate.
pub const FAMILY_FOR: i32 = 50;

/// A family that weighs this much or less conflicts with a candidate.
pub const FAMILY_CONFLICT: i32 = -150;

/// What a weight is for: a kind, or the outcome `opaque`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// A kind.
    Kind(Kind),
    /// Random names or encrypted-looking sizes.
    Opaque,
}

impl Of {
    /// Every candidate, kinds first.
    pub fn all() -> impl Iterator<Item = Self> {
        Kind::ALL.into_iter().map(Self::Kind).chain([Self::Opaque])
    }

    /// The kind id, or `opaque`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.id(),
            Self::Opaque => "opaque",
        }
    }
}

/// Weights of one signal.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Permanent name of the signal.
    pub signal: &'static str,
    /// Its family.
    pub family: Family,
    /// Kinds it speaks for or against, hundredths of a nat.
    pub kinds: &'static [(Kind, i32)],
    /// What it weighs for `opaque`.
    pub opaque: i32,
}

const fn row(signal: &'static str, family: Family, kinds: &'static [(Kind, i32)]) -> Row {
    Row {
        signal,
        family,
        kinds,
        opaque: 0,
    }
}

/// The table. Order is that of the explanation where weights are equal.
pub const TABLE: &[Row] = &[
    // Names: claimed extensions. A claim by the tenant, so never enough for recorded calls (PROFILE section 10).
    row(
        "extension_claims_audio",
        Names,
        &[(Audio, 220), (Calls, 100)],
    ),
    row(
        "extension_claims_video",
        Names,
        &[(Video, 210), (Camera, 130)],
    ),
    row(
        "extension_claims_image",
        Names,
        &[(Images, 250), (Web, 50), (Science, 40)],
    ),
    row("extension_claims_backup", Names, &[(Backups, 270)]),
    row(
        "extension_claims_database",
        Names,
        &[(Database, 270), (Backups, 50)],
    ),
    row(
        "extension_claims_log",
        Names,
        &[(Logs, 270), (Camera, -100)],
    ),
    row(
        "extension_claims_lake",
        Names,
        &[(Lake, 240), (Training, 60)],
    ),
    row(
        "extension_claims_training",
        Names,
        &[(Training, 240), (Science, 40)],
    ),
    row("extension_claims_model", Names, &[(Models, 270)]),
    row("extension_claims_document", Names, &[(Documents, 270)]),
    row("extension_claims_mail", Names, &[(Mail, 270)]),
    row("extension_claims_web", Names, &[(Web, 240), (Source, 60)]),
    row(
        "extension_claims_source",
        Names,
        &[(Source, 270), (Web, 30)],
    ),
    row("extension_claims_package", Names, &[(Source, 250)]),
    row("extension_claims_science", Names, &[(Science, 270)]),
    row(
        "extension_claims_archive",
        Names,
        &[
            (Backups, 60),
            (Source, 40),
            (Logs, 40),
            (Calls, -100),
            (Images, -100),
        ],
    ),
    Row {
        opaque: 200,
        ..row("extension_claims_encryption", Names, &[(Backups, 60)])
    },
    row(
        "extension_general",
        Names,
        &[
            (Documents, 40),
            (Logs, 40),
            (Lake, 40),
            (Science, 20),
            (Source, 20),
            (Calls, -50),
        ],
    ),
    // Names: declared content type, again a claim.
    row("content_type_audio", Names, &[(Audio, 110), (Calls, 60)]),
    row("content_type_video", Names, &[(Video, 110), (Camera, 80)]),
    row("content_type_image", Names, &[(Images, 120)]),
    row("content_type_mail", Names, &[(Mail, 120)]),
    row("content_type_document", Names, &[(Documents, 120)]),
    row("content_type_web", Names, &[(Web, 120)]),
    // Names: words of the lexicon in half of the keys.
    row("words_of_calls", Names, &[(Calls, 90)]),
    row("words_of_voice", Names, &[(Audio, 60), (Calls, 30)]),
    row("words_of_cameras", Names, &[(Camera, 120), (Video, 20)]),
    row("words_of_video", Names, &[(Video, 80)]),
    row("words_of_images", Names, &[(Images, 80)]),
    row("words_of_backups", Names, &[(Backups, 130), (Database, 30)]),
    row("words_of_databases", Names, &[(Database, 130)]),
    row("words_of_logs", Names, &[(Logs, 120)]),
    row("words_of_lakes", Names, &[(Lake, 60)]),
    row("words_of_training", Names, &[(Training, 100)]),
    row("words_of_models", Names, &[(Models, 100)]),
    row("words_of_documents", Names, &[(Documents, 70)]),
    row("words_of_mail", Names, &[(Mail, 100)]),
    row("words_of_web", Names, &[(Web, 80)]),
    row("words_of_source", Names, &[(Source, 80)]),
    row("words_of_containers", Names, &[(Containers, 200)]),
    row(
        "words_of_science",
        Names,
        &[(Science, 180), (Documents, -30)],
    ),
    Row {
        opaque: 60,
        ..row("words_of_chunk_stores", Names, &[])
    },
    // Names: shapes (PROFILE section 7).
    row(
        "long_number_in_key",
        Names,
        &[(Calls, 100), (Documents, -50), (Web, -100), (Source, -100)],
    ),
    row("two_long_numbers_in_key", Names, &[(Calls, 100)]),
    row(
        "start_time_in_key",
        Names,
        &[
            (Calls, 100),
            (Camera, 100),
            (Logs, 50),
            (Science, 60),
            (Backups, 30),
            (Documents, -100),
            (Web, -100),
            (Source, -150),
        ],
    ),
    row(
        "date_in_key_is_arrival",
        Names,
        &[
            (Logs, 80),
            (Lake, 60),
            (Backups, 50),
            (Calls, 30),
            (Camera, 30),
            (Source, -100),
        ],
    ),
    row(
        "partitioned_keys",
        Names,
        &[(Lake, 120), (Logs, 40), (Calls, -100)],
    ),
    row("part_and_uuid", Names, &[(Lake, 240)]),
    row(
        "shard_i_of_n",
        Names,
        &[(Training, 200), (Models, 60), (Calls, -150)],
    ),
    row("write_ahead_names", Names, &[(Database, 220)]),
    row("instrument_stamps", Names, &[(Science, 220)]),
    row(
        "word_rich_names",
        Names,
        &[
            (Documents, 120),
            (Source, 60),
            (Web, 40),
            (Calls, -150),
            (Camera, -150),
            (Logs, -80),
            (Backups, -50),
        ],
    ),
    row(
        "versions_in_keys",
        Names,
        &[(Source, 120), (Containers, 30)],
    ),
    Row {
        opaque: 200,
        ..row("sharded_hashes", Names, &[(Documents, -100), (Calls, -50)])
    },
    Row {
        opaque: 220,
        ..row(
            "only_random_names",
            Names,
            &[(Documents, -100), (Source, -100)],
        )
    },
    // Size shape (PROFILE section 6: sigma of ln 0.8-1.3 for call durations; Douceur and Bolosky for the rest).
    row(
        "sizes_spread_like_durations",
        SizeShape,
        &[
            (Calls, 100),
            (Audio, 40),
            (Images, 50),
            (Documents, 50),
            (Mail, 40),
            (Camera, -150),
            (Backups, -50),
            (Training, -60),
            (Models, -80),
        ],
    ),
    row(
        "one_exact_size",
        SizeShape,
        &[
            (Training, 60),
            (Database, 60),
            (Backups, 60),
            (Models, 40),
            (Calls, -250),
            (Audio, -150),
            (Documents, -150),
            (Images, -100),
            (Mail, -150),
            (Web, -100),
        ],
    ),
    row(
        "sizes_nearly_equal",
        SizeShape,
        &[
            (Camera, 130),
            (Training, 80),
            (Models, 40),
            (Science, 40),
            (Calls, -200),
            (Documents, -100),
            (Mail, -80),
        ],
    ),
    row(
        "sizes_tiny",
        SizeShape,
        &[
            (Source, 40),
            (Web, 40),
            (Calls, -150),
            (Audio, -100),
            (Camera, -250),
            (Video, -250),
            (Backups, -250),
            (Models, -250),
            (Images, -80),
            (Containers, -50),
        ],
    ),
    row(
        "sizes_below_video",
        SizeShape,
        &[(Camera, -150), (Video, -150), (Backups, -50)],
    ),
    row(
        "sizes_large",
        SizeShape,
        &[
            (Backups, 110),
            (Models, 120),
            (Video, 80),
            (Science, 30),
            (Calls, -250),
            (Web, -250),
            (Source, -200),
            (Documents, -200),
            (Mail, -250),
            (Images, -200),
            (Logs, -50),
        ],
    ),
    // Residue (PROFILE section 6, bit rates from real encoders).
    row("speech_frames", Residue, &[(Calls, 220), (Audio, 100)]),
    row("whole_packets", Residue, &[(Calls, 160), (Audio, 60)]),
    Row {
        opaque: 130,
        ..row("cipher_blocks", Residue, &[])
    },
    row("disk_sectors", Residue, &[(Backups, 80), (Database, 60)]),
    row("disk_image_footer", Residue, &[(Backups, 250)]),
    row("database_pages", Residue, &[(Database, 130), (Backups, 30)]),
    row("powers_of_two", Residue, &[(Backups, 60), (Database, 60)]),
    row("tar_records", Residue, &[(Training, 80), (Backups, 40)]),
    row("write_ahead_segments", Residue, &[(Database, 250)]),
    // Arrival (PROFILE section 6: R24 0.3-0.5 for calls, 0.98 for nightly batches).
    row(
        "daily_human_rhythm",
        Arrival,
        &[
            (Calls, 130),
            (Images, 60),
            (Documents, 60),
            (Mail, 80),
            (Audio, 20),
            (Camera, -150),
            (Backups, -150),
            (Science, -50),
            (Logs, -20),
        ],
    ),
    row(
        "quiet_weekends",
        Arrival,
        &[(Documents, 60), (Mail, 50), (Calls, 30)],
    ),
    row(
        "nightly_spike",
        Arrival,
        &[
            (Backups, 180),
            (Database, 150),
            (Lake, 60),
            (Calls, -200),
            (Images, -100),
            (Documents, -100),
            (Mail, -100),
            (Logs, -30),
        ],
    ),
    row(
        "round_the_clock",
        Arrival,
        &[
            (Camera, 150),
            (Logs, 120),
            (Science, 50),
            (Calls, -250),
            (Documents, -150),
            (Images, -80),
            (Mail, -80),
        ],
    ),
    row(
        "clock_grid",
        Arrival,
        &[
            (Camera, 130),
            (Logs, 130),
            (Science, 60),
            (Calls, -200),
            (Documents, -200),
            (Images, -100),
        ],
    ),
    // Duration (PROFILE section 6: 0.6-16 kB/s from key-time regression of real encoders).
    row("rate_of_speech", Duration, &[(Calls, 260), (Audio, 80)]),
    row("rate_of_music", Duration, &[(Audio, 200), (Calls, -50)]),
    row(
        "rate_of_video",
        Duration,
        &[(Video, 180), (Camera, 40), (Calls, -250)],
    ),
    row(
        "fixed_duration",
        Duration,
        &[(Camera, 220), (Logs, 30), (Calls, -250)],
    ),
    row("duration_without_rate", Duration, &[(Calls, -100)]),
    // Retention.
    row(
        "locked",
        Retention,
        &[
            (Calls, 70),
            (Mail, 70),
            (Backups, 70),
            (Documents, 20),
            (Web, -150),
            (Source, -100),
        ],
    ),
    row("locked_for_a_year", Retention, &[(Calls, 40), (Mail, 40)]),
    row(
        "ring_of_days",
        Retention,
        &[(Camera, 150), (Logs, 80), (Backups, 50)],
    ),
    row(
        "edited_later",
        Retention,
        &[
            (Documents, 120),
            (Database, 60),
            (Calls, -150),
            (Camera, -50),
        ],
    ),
    row(
        "written_once",
        Retention,
        &[
            (Calls, 50),
            (Camera, 40),
            (Mail, 30),
            (Images, 20),
            (Backups, 20),
            (Documents, -30),
        ],
    ),
    // Tiers.
    row(
        "cold_tiers",
        Tiers,
        &[
            (Backups, 100),
            (Calls, 50),
            (Science, 30),
            (Video, 20),
            (Web, -150),
            (Images, -30),
        ],
    ),
];

/// The row of a signal.
pub fn find(signal: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.signal == signal)
}

impl Row {
    /// What the signal weighs for a candidate.
    pub fn weight(&self, of: Of) -> i32 {
        match of {
            Of::Kind(kind) => self
                .kinds
                .iter()
                .find(|(known, _)| *known == kind)
                .map_or(0, |(_, weight)| *weight),
            Of::Opaque => self.opaque,
        }
    }
}

/// Hash of the table and its thresholds, 16 hex digits: results with different versions are not comparable.
pub fn version() -> String {
    let mut text =
        format!("{FAMILY_CAP} {SCORE_MIN} {MARGIN_MIN} {FAMILY_FOR} {FAMILY_CONFLICT}\n");
    for row in TABLE {
        let _ = write!(text, "{} {:?} {}", row.signal, row.family, row.opaque);
        for (kind, weight) in row.kinds {
            let _ = write!(text, " {kind}={weight}");
        }
        text.push('\n');
    }
    format!("{:016x}", xxh3_64(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_signal_stands_once_and_within_the_cap() {
        let names: BTreeSet<&str> = TABLE.iter().map(|row| row.signal).collect();
        assert_eq!(names.len(), TABLE.len());
        for row in TABLE {
            let kinds: BTreeSet<Kind> = row.kinds.iter().map(|(kind, _)| *kind).collect();
            assert_eq!(kinds.len(), row.kinds.len(), "{}", row.signal);
            assert!(
                row.kinds
                    .iter()
                    .all(|(_, weight)| weight.abs() <= FAMILY_CAP && *weight != 0),
                "{}",
                row.signal
            );
        }
    }

    #[test]
    fn no_single_signal_weighs_more_for_calls_than_a_rate_of_speech() {
        assert!(TABLE.iter().all(|row| row.weight(Of::Kind(Calls)) <= 260));
    }
}
