//! The published profile: what a collection's metadata are consistent with. It refuses keys, values of slots and any
//! statement about persons: examples are masked, counts are of objects, every number is an integer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kinds::Kind;

/// What [`crate::Profiler::finish`] gives: every collection, and what no collection covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Hash of the weight table the kinds were scored by (16 hex digits).
    pub weights: String,
    /// Stores, by name.
    pub stores: Vec<StoreProfile>,
    /// Collections, by store, then most objects first, then template.
    pub collections: Vec<CollectionProfile>,
    /// Objects of stores beyond [`crate::Config::stores_max`], which no store below counts.
    pub unprofiled: Measure,
}

/// Objects and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Objects.
    pub objects: u64,
    /// Bytes, saturating at `u64::MAX`.
    pub bytes: u64,
}

/// One store's totals. `objects` = those of its collections + `beyond_collections`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreProfile {
    /// The store as given to `observe`.
    pub store: String,
    /// Objects observed.
    pub objects: u64,
    /// Their bytes, saturating at `u64::MAX`.
    pub bytes: u64,
    /// What a bound folded together; coverage counts it as unreached. It includes `beyond_collections` and the part of
    /// each class collection that the bound on signatures put there.
    pub unprofiled: Measure,
    /// The part of `unprofiled` that appears in no collection at all (bound on published collections).
    pub beyond_collections: Measure,
    /// Whether the store had more signatures than the bound. A second pass ([`crate::Profiler::second_pass`]) then
    /// recovers its large collections.
    pub signatures_overflowed: bool,
}

/// One collection: (store, merged key template).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionProfile {
    /// The store as given to `observe`.
    pub store: String,
    /// The shape of the keys, for example `{yyyy}/{mm}/{dd}/{hex:32}.opus`; `{path}/{name}.pdf` for a class that joins
    /// many small shapes.
    pub template: String,
    /// Objects.
    pub objects: u64,
    /// Bytes, saturating at `u64::MAX`.
    pub bytes: u64,
    /// Key signatures joined into the template.
    pub signatures: u64,
    /// What the bound on signatures folded in here (counts as unprofiled); zero for a collection found exactly.
    pub folded: Measure,
    /// The varying parts of the template, left to right; empty for a class.
    pub slots: Vec<SlotProfile>,
    /// Masked keys (digits `d`, hex `h`, other letters `a`), at most three, in text order.
    pub masked_examples: Vec<String>,
    /// Claimed extensions and their objects; the empty string is none or unlisted.
    pub extensions: BTreeMap<String, u64>,
    /// Sizes.
    pub sizes: SizeProfile,
    /// Arrival times.
    pub times: TimeProfile,
    /// Size residues that stand out, by modulus.
    pub residues: Vec<ResidueProfile>,
    /// Bytes per second, where keys or lags give a duration.
    pub duration: Option<DurationProfile>,
    /// Objects by tier class.
    pub tiers: BTreeMap<String, u64>,
    /// Objects by encryption class.
    pub encryption: BTreeMap<String, u64>,
    /// Objects by class of declared content type.
    pub content_types: BTreeMap<String, u64>,
    /// Immutability and edits.
    pub retention: RetentionProfile,
    /// What all of it is consistent with.
    pub kind: KindResult,
    /// The same question with less to go by.
    pub views: Views,
}

/// One varying part of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotProfile {
    /// As it stands in the template, for example `{number:11}`.
    pub name: String,
    /// What it is taken for.
    pub meaning: SlotMeaning,
    /// Shortest length in bytes in the sample.
    pub length_min: u32,
    /// Longest length in bytes in the sample.
    pub length_max: u32,
    /// Sampled objects.
    pub sampled: u64,
    /// For parts of a date or time: sampled objects whose arrival agrees.
    pub agrees_with_arrival: Option<u64>,
}

/// What a varying part is taken for, from its shape, its range and its agreement with arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotMeaning {
    /// Year of four digits.
    Year,
    /// Month.
    Month,
    /// Day of month.
    Day,
    /// Hour.
    Hour,
    /// Minute.
    Minute,
    /// Second.
    Second,
    /// `yyyymmdd` or `yymmdd`.
    Date,
    /// `hhmmss` or `hhmm`.
    TimeOfDay,
    /// Date and time in one token.
    DateTime,
    /// Seconds or milliseconds since 1970.
    Epoch,
    /// A UUID of five groups.
    Uuid,
    /// Hexadecimal of fixed length.
    Hex,
    /// A digit run of seven or more that is no date or time: identifier-like, class and length only.
    Number,
    /// Short digits that look like a counter.
    Sequence,
    /// Short digits.
    Digits,
    /// Letters.
    Word,
    /// Letters and digits.
    Alnum,
    /// Anything.
    Text,
}

/// Sizes in bytes. Quantiles are lower bounds of log-histogram bins, 8 per octave (error at most 12.5 %).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizeProfile {
    /// Objects with a usable size.
    pub known: u64,
    /// Of them, empty ones.
    pub empty: u64,
    /// Smallest.
    pub min: Option<u64>,
    /// Tenth percentile.
    pub p10: Option<u64>,
    /// Lower quartile.
    pub p25: Option<u64>,
    /// Median.
    pub p50: Option<u64>,
    /// Upper quartile.
    pub p75: Option<u64>,
    /// Ninetieth percentile.
    pub p90: Option<u64>,
    /// Ninety-ninth percentile.
    pub p99: Option<u64>,
    /// Largest.
    pub max: Option<u64>,
    /// Standard deviation of ln(size), in thousandths.
    pub ln_sigma_milli: Option<u64>,
    /// The log histogram: lower bound of a bin in bytes, objects in it. Empty objects are not in it.
    pub histogram: Vec<(u64, u64)>,
    /// The most frequent exact sizes in the sample: bytes, objects of `sampled`.
    pub top: Vec<(u64, u64)>,
    /// Sampled objects with a size.
    pub sampled: u64,
}

/// How far arrival times can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeReading {
    /// Objects arrived one by one.
    Individual,
    /// Objects arrive on a grid of seconds.
    Grid,
    /// Times were set in bulk (a copy, a migration, a commit): nothing about arrival is read from them.
    Bulk,
    /// Too few times are known.
    TooFew,
}

/// Arrival: creation where listed, else last modification. UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeProfile {
    /// Objects with a usable arrival.
    pub known: u64,
    /// Objects with a listed creation time.
    pub created_known: u64,
    /// Objects with a listed modification time.
    pub modified_known: u64,
    /// How far these times can be read.
    pub reading: TimeReading,
    /// First day with an arrival, `yyyy-mm-dd`.
    pub first_day: Option<String>,
    /// Last day with an arrival, `yyyy-mm-dd`.
    pub last_day: Option<String>,
    /// Days with an arrival.
    pub active_days: u64,
    /// Objects on the busiest day.
    pub busiest_day_objects: u64,
    /// Objects by hour of week, Monday 00 UTC first (168 entries).
    pub hour_of_week: Vec<u64>,
    /// Strength of the daily rhythm, 0 (flat) to 1000 (one moment of the day).
    pub daily_rhythm_milli: u64,
    /// Arrivals by calendar month `yyyy-mm`.
    pub months: BTreeMap<String, u64>,
}

/// One modulus in which sizes stand out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResidueProfile {
    /// Sizes are taken modulo this.
    pub modulus: u64,
    /// The commonest residue.
    pub residue: u64,
    /// Objects with it.
    pub objects: u64,
    /// Objects with a size.
    pub of: u64,
}

/// Where a duration comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DurationSource {
    /// Last modification minus the time in the key.
    KeyTime,
    /// Last modification minus creation (objects that were appended to).
    Lag,
}

/// Size against duration in the sample: a bit rate, if there is one (PROFILE section 0, signal a).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DurationProfile {
    /// Where the duration comes from.
    pub source: DurationSource,
    /// Sampled objects used.
    pub sampled: u64,
    /// Kendall rank correlation of size and duration, in thousandths.
    pub rank_correlation_milli: i64,
    /// Median of pairwise slopes (Theil-Sen), bytes per second.
    pub bytes_per_second: i64,
    /// Tenth percentile of the duration, seconds; a clock offset in whole quarter hours is removed.
    pub seconds_p10: i64,
    /// Median duration, seconds.
    pub seconds_p50: i64,
    /// Ninetieth percentile, seconds.
    pub seconds_p90: i64,
}

/// Immutability and edits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionProfile {
    /// Objects with a retention date.
    pub retained: u64,
    /// Of them, those kept for a year or longer after arrival.
    pub retained_year: u64,
    /// Objects under legal hold.
    pub held: u64,
    /// Objects with both times listed.
    pub both_times: u64,
    /// Of them, those modified more than two seconds after creation.
    pub modified_later: u64,
    /// Of those, the median time between, seconds, rounded down to a power of two.
    pub modified_later_seconds_p50: Option<u64>,
}

/// The outcome of scoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Consistent with the kind named.
    Kind,
    /// Names are random or contents look encrypted, and nothing else speaks: a finding in itself.
    Opaque,
    /// Abstained; the reason says why.
    Unknown,
}

/// Why no kind is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Abstention {
    /// Fewer than [`crate::Config::objects_min`] objects.
    TooFewObjects,
    /// Nothing speaks clearly for any kind.
    NoClearSignal,
    /// Two kinds fit about as well.
    SmallMargin,
    /// A family speaks clearly against the kind that fits best.
    SignalsConflict,
    /// The kind needs at least three independent families, not names alone.
    TooFewFamilies,
}

/// A family of signals that are correlated among themselves; each is capped (PROFILE section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Template, slots, words of the lexicon, claimed extension and content type.
    Names,
    /// Shape and location of the size distribution.
    SizeShape,
    /// Sizes modulo frame and block lengths.
    Residue,
    /// Rhythm of arrival.
    Arrival,
    /// Size against a duration from key time or lag.
    Duration,
    /// Immutability, edits, rings.
    Retention,
    /// Storage tiers.
    Tiers,
}

/// One observed signal and what it weighs for the leading candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Permanent name, for example `sizes_spread_like_durations`.
    pub name: String,
    /// Its family.
    pub family: Family,
    /// What was observed, in words with the counts behind it.
    pub observed: String,
    /// Weight in nats before the family's cap, fixed point, for example `+1.20`.
    pub weight: String,
}

/// What a family adds up to for the leading candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyScore {
    /// The family.
    pub family: Family,
    /// Its sum in nats after the cap of +-3, fixed point.
    pub weight: String,
}

/// One candidate and its score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Kind id, or `opaque`.
    pub id: String,
    /// Score in nats, fixed point.
    pub score: String,
}

/// What a collection is consistent with, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindResult {
    /// The outcome.
    pub outcome: Outcome,
    /// The kind id, `opaque` or `unknown`.
    pub id: String,
    /// The kind, when one is named.
    pub kind: Option<Kind>,
    /// Why none is named.
    pub abstention: Option<Abstention>,
    /// Candidate the signals below are weighed for: the best one, also when abstaining.
    pub leading: String,
    /// Its score in nats, fixed point.
    pub score: String,
    /// Distance to the next candidate in nats, fixed point.
    pub margin: String,
    /// The best candidates, best first (at most five with a positive score).
    pub candidates: Vec<Candidate>,
    /// Families that speak for the leading candidate by half a nat or more.
    pub families_for: Vec<Family>,
    /// Every family with a signal.
    pub families: Vec<FamilyScore>,
    /// Signals for the leading candidate, strongest first.
    pub signals_for: Vec<Signal>,
    /// Signals against it, strongest first.
    pub signals_against: Vec<Signal>,
}

/// The same score with less to go by: what would be said if names were not listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Views {
    /// Everything listed.
    pub names_and_metadata: ViewResult,
    /// Names masked: shapes and times in keys remain, words, extensions and content types do not.
    pub masked_names: ViewResult,
    /// No names at all.
    pub sizes_and_times_only: ViewResult,
}

/// The outcome of one view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewResult {
    /// The outcome.
    pub outcome: Outcome,
    /// The kind id, `opaque` or `unknown`.
    pub id: String,
    /// Why none is named.
    pub abstention: Option<Abstention>,
    /// Candidate with the best score.
    pub leading: String,
    /// Its score in nats, fixed point.
    pub score: String,
    /// Distance to the next candidate in nats, fixed point.
    pub margin: String,
}
