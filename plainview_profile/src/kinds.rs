//! The kinds of use a collection may be consistent with. It refuses a kind for persons, and a guess for the rest:
//! `opaque` and `unknown` are outcomes of [`crate::Outcome`], with evidence of their own.

pub mod weights;

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the records of a collection may be consistent with (PROFILE "One definition" and section 7).
///
/// The ids are permanent. Each says what it looks like in a listing, what speaks for and against it, what it is
/// confused with, and what hides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Recorded telephone calls.
    ///
    /// Looks like: one audio-sized object per call, long numbers and a start time in the key.
    /// For: sizes that are log-normal and grow with (upload - start) at 0.5-17 kB/s, a codec's size comb, a daily human
    /// rhythm, immutability. Against: constant sizes, a flat or nightly arrival, edits.
    /// Confused with: voicemail, push-to-talk, voice notes, dictation, podcasts.
    /// Evades: random names (kills key evidence), packing into archives, fixed-size padding, delayed upload.
    RecordedCalls,
    /// Audio that is not shown to be calls: music, podcasts, speech sets.
    ///
    /// Looks like: audio extensions, words in names. For: 17-100 kB/s where a duration is known, no rhythm.
    /// Against: numbers and start times in keys. Confused with: recorded calls, voice notes.
    /// Evades: renaming and encryption leave only the size shape.
    OtherAudio,
    /// Video segments of fixed cameras.
    ///
    /// Looks like: one object per camera and minute, aligned to the clock. For: near-constant sizes and durations, flat
    /// arrival round the clock, a ring of 7-95 days. Against: a daily rhythm, broad sizes.
    /// Confused with: other regular segments (telemetry, streaming). Evades: motion-triggered recording, repacking.
    VideoFixedCamera,
    /// Video that is not shown to be a fixed camera's: films, meetings, body cameras, streaming sets.
    ///
    /// Looks like: video extensions, large broad sizes. For: over 60 kB/s where a duration is known.
    /// Against: small sizes. Confused with: camera segments, archives. Evades: renaming.
    VideoOther,
    /// Pictures and their derived sizes.
    ///
    /// Looks like: image extensions with random or user slots. For: 5 kB-20 MB sizes, human rhythm.
    /// Against: very large or constant sizes. Confused with: scanned documents, map tiles. Evades: renaming.
    Images,
    /// Backups and disk images.
    ///
    /// Looks like: few large objects, a date in the key, nightly. For: multiples of 512 bytes or a fixed VHD footer,
    /// a nightly spike, cold tiers. Against: small sizes, daytime rhythm.
    /// Confused with: database dumps, golden images. Evades: chunking stores (then opaque).
    BackupsDiskImages,
    /// Database files, write-ahead segments and dumps.
    ///
    /// Looks like: 24-hex segment names, `.sql`, `.dump`. For: sizes in pages or exactly 16 MiB, nightly spikes.
    /// Against: broad small sizes. Confused with: backups, logs. Evades: compression removes the page multiples.
    DatabaseFilesDumps,
    /// Logs and telemetry.
    ///
    /// Looks like: time partitions in the key that agree with arrival. For: a grid of minutes, flat arrival, short
    /// retention. Against: word-rich names, edits. Confused with: data-lake output. Evades: renaming.
    LogsTelemetry,
    /// Tables of a data lake.
    ///
    /// Looks like: `part-00000-{uuid}`, `dt=` partitions, sidecars. For: columnar extensions, bursts of jobs.
    /// Against: human rhythm. Confused with: sharded training data. Evades: renaming.
    DataLake,
    /// Data for machine learning.
    ///
    /// Looks like: `{i}-of-{n}` shards. For: near-constant shard sizes, tar multiples of 10,240.
    /// Against: time partitions. Confused with: scientific data, data lakes. Evades: renaming.
    MlDatasets,
    /// Trained models and checkpoints.
    ///
    /// Looks like: model extensions, step numbers. For: constant large sizes. Against: small sizes.
    /// Confused with: scientific arrays. Evades: renaming.
    MlModels,
    /// Office documents, PDFs and texts.
    ///
    /// Looks like: word-rich names and office extensions. For: edits after creation, office hours.
    /// Against: machine-made names, grids. Confused with: web assets, source trees. Evades: renaming.
    Documents,
    /// Mail messages and mailboxes.
    ///
    /// Looks like: `.eml`, `.mbox`, `.pst`. For: 2 kB-1 MB sizes, office hours, immutability.
    /// Against: fixed sizes. Confused with: documents. Evades: packing.
    Mail,
    /// Parts of web sites.
    ///
    /// Looks like: html, css, scripts, fonts with content hashes. For: small sizes, bursts of deployment.
    /// Against: cold tiers, locks. Confused with: source packages, images. Evades: packing.
    WebAssets,
    /// Source code and software packages.
    ///
    /// Looks like: source or package extensions, versions. For: small text sizes.
    /// Against: rhythm of single uploads, locks. Confused with: web assets, documents. Evades: packing.
    SourcePackages,
    /// Container image layers and manifests.
    ///
    /// Looks like: `blobs/sha256/{hex:64}`. For: broad sizes beside tiny manifests.
    /// Against: time in keys. Confused with: chunk stores (then opaque). Evades: renaming.
    ContainerImages,
    /// Instrument and research data.
    ///
    /// Looks like: instrument extensions, subject and run codes, start and end stamps. For: large files, a fixed cadence.
    /// Against: human rhythm. Confused with: telemetry, training data. Evades: renaming.
    Scientific,
}

impl Kind {
    /// Every kind, in the order of PROFILE's definition.
    pub const ALL: [Self; 17] = [
        Self::RecordedCalls,
        Self::OtherAudio,
        Self::VideoFixedCamera,
        Self::VideoOther,
        Self::Images,
        Self::BackupsDiskImages,
        Self::DatabaseFilesDumps,
        Self::LogsTelemetry,
        Self::DataLake,
        Self::MlDatasets,
        Self::MlModels,
        Self::Documents,
        Self::Mail,
        Self::WebAssets,
        Self::SourcePackages,
        Self::ContainerImages,
        Self::Scientific,
    ];

    /// The permanent id, for example `recorded_calls`.
    pub fn id(self) -> &'static str {
        match self {
            Self::RecordedCalls => "recorded_calls",
            Self::OtherAudio => "other_audio",
            Self::VideoFixedCamera => "video_fixed_camera",
            Self::VideoOther => "video_other",
            Self::Images => "images",
            Self::BackupsDiskImages => "backups_disk_images",
            Self::DatabaseFilesDumps => "database_files_dumps",
            Self::LogsTelemetry => "logs_telemetry",
            Self::DataLake => "data_lake",
            Self::MlDatasets => "ml_datasets",
            Self::MlModels => "ml_models",
            Self::Documents => "documents",
            Self::Mail => "mail",
            Self::WebAssets => "web_assets",
            Self::SourcePackages => "source_packages",
            Self::ContainerImages => "container_images",
            Self::Scientific => "scientific",
        }
    }

    /// The kind as a reader's phrase, to follow "consistent with".
    pub fn phrase(self) -> &'static str {
        match self {
            Self::RecordedCalls => "recorded calls",
            Self::OtherAudio => "audio other than calls",
            Self::VideoFixedCamera => "video of fixed cameras",
            Self::VideoOther => "video other than fixed cameras",
            Self::Images => "images",
            Self::BackupsDiskImages => "backups or disk images",
            Self::DatabaseFilesDumps => "database files or dumps",
            Self::LogsTelemetry => "logs or telemetry",
            Self::DataLake => "tables of a data lake",
            Self::MlDatasets => "machine-learning data",
            Self::MlModels => "trained models",
            Self::Documents => "documents",
            Self::Mail => "mail",
            Self::WebAssets => "parts of web sites",
            Self::SourcePackages => "source code or packages",
            Self::ContainerImages => "container images",
            Self::Scientific => "research or instrument data",
        }
    }

    /// The kind with this id, if there is one.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
