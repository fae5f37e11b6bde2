//! What was reviewed, day by day: cells of account, store, kind of record and day, and the state of each.
//!
//! The denominator never comes from what was readable alone. A store counts for every day of the scope,
//! clipped only by events that certainly began or ended it; it is known from charges, meters, resource
//! lists and control-plane events, and from what was read. What is known by reading alone is said so. A cell
//! is finer than a unit (METHOD 3) and never counts as one.
//!
//! **When a day is reviewed.** *objects*: a snapshot of the store in the same calendar month (UTC). *requests*
//! and *activity*: digests cover the whole day and every log file they name is here as stated; requests
//! only where the log holds some of that store, because a trail need not record them. Without digests a day
//! with a record is *presence only*. *metering*: a reading of the store, or of its account, covers part of
//! the day. *charges*: a charge line of the account covers it, by its charge or its billing period.
//! *resources*: the resource list names something of the account; it has no days, so it stands for all.
//!
//! **Which state wins.** Read in full by one source, else unreadable, else denied, else withheld, else
//! missing by a digest, else presence only, else missing by a bill or meter, else unknown. Records of a
//! source that fails its control total count as not read; an account that such a register should name and
//! does not is unknown in whole.

mod build;
pub mod tie_out;
mod totals;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::gaps::LogSeries;

pub use build::ledger;
pub use totals::{By, Group, Strip, groups, strips};

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// A day (UTC), counted from 1970-01-01; printed `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i64);

impl Day {
    /// The day of an instant.
    #[must_use]
    pub fn of_ms(ms: i64) -> Self {
        Self(ms.div_euclid(DAY_MS))
    }

    /// The first day that does not begin before an instant: the exclusive end of a span that ends there.
    #[must_use]
    pub fn after_ms(ms: i64) -> Self {
        Self(ms.div_euclid(DAY_MS) + i64::from(ms.rem_euclid(DAY_MS) != 0))
    }

    /// Its first instant.
    #[must_use]
    pub fn start_ms(self) -> i64 {
        self.0.saturating_mul(DAY_MS)
    }

    /// `YYYY-MM`.
    #[must_use]
    pub fn month(self) -> String {
        self.to_string()[..7].to_owned()
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = crate::instant::format_utc(self.0.saturating_mul(DAY_MS / 1_000));
        f.write_str(text.split('T').next().unwrap_or(&text))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        crate::instant::parse_utc(&text)
            .map(|seconds| Self(seconds.div_euclid(DAY_MS / 1_000)))
            .ok_or_else(|| serde::de::Error::custom("a day is written YYYY-MM-DD"))
    }
}

/// Half-open run of days.
pub type Days = (Day, Day);

/// Kinds of record a cell can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Listings of objects, per store.
    Objects,
    /// Requests to data, per store.
    Requests,
    /// Meter readings, per store.
    Metering,
    /// Control-plane events, per account.
    Activity,
    /// Charges, per account.
    Charges,
    /// Resource lists, per account.
    Resources,
}

impl Kind {
    /// All, in the order printed.
    pub const ALL: [Self; 6] = [
        Self::Objects,
        Self::Requests,
        Self::Metering,
        Self::Activity,
        Self::Charges,
        Self::Resources,
    ];

    /// The name of its evidence table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Requests => "requests",
            Self::Metering => "metering",
            Self::Activity => "activity",
            Self::Charges => "charges",
            Self::Resources => "resources",
        }
    }

    /// The kind whose evidence table has this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether its cells are of stores rather than of the account as a whole.
    #[must_use]
    pub fn of_stores(self) -> bool {
        matches!(self, Self::Objects | Self::Requests | Self::Metering)
    }
}

/// The state of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Reviewed.
    Reviewed,
    /// Reviewed, but what was read proves presence only.
    #[serde(rename = "presence-only")]
    Presence,
    /// Handed over and not readable in full.
    Unreadable,
    /// Asked for and refused, as declared.
    Denied,
    /// Held back, as declared.
    Withheld,
    /// Another record shows that there must be some.
    Missing,
    /// Outside the case.
    OutOfScope,
    /// Nothing was read and nothing says whether there was anything.
    Unknown,
}

impl State {
    /// All, in the order printed.
    pub const ALL: [Self; 8] = [
        Self::Reviewed,
        Self::Presence,
        Self::Unreadable,
        Self::Denied,
        Self::Withheld,
        Self::Missing,
        Self::Unknown,
        Self::OutOfScope,
    ];

    /// The word printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reviewed => "reviewed",
            Self::Presence => "presence-only",
            Self::Unreadable => "unreadable",
            Self::Denied => "denied",
            Self::Withheld => "withheld",
            Self::Missing => "missing",
            Self::OutOfScope => "out-of-scope",
            Self::Unknown => "unknown",
        }
    }
}

/// How a store came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KnownBy {
    /// A charge line names it.
    Charge,
    /// A meter is kept for it.
    Meter,
    /// A control-plane event is about it.
    Event,
    /// A resource list names it.
    Resource,
    /// A listing lists it, or a log has requests to it.
    Reading,
    /// The register restricts the scope to it.
    Register,
}

/// A record names a store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// `provider/account`.
    pub account: String,
    /// Container.
    pub store: String,
    /// What kind of record.
    pub by: KnownBy,
    /// Days for which it says so; none where the record has no days.
    pub days: Option<Days>,
}

/// An event that certainly began or ended a store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreEvent {
    /// `provider/account`.
    pub account: String,
    /// Container.
    pub store: String,
    /// Its day.
    pub day: Day,
    /// Whether it began the store rather than ended it.
    pub created: bool,
}

/// Records that were read: of one source, about an account or one of its stores, for some days.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// Kind of record.
    pub kind: Kind,
    /// `provider/account`.
    pub account: String,
    /// Container; none where the record is about the account as a whole.
    pub store: Option<String>,
    /// Source.
    pub source: String,
    /// The days; none where the record stands for every day.
    pub days: Option<Days>,
}

/// A bill or meter counts requests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// `provider/account`.
    pub account: String,
    /// Container; none where it counts the account as a whole.
    pub store: Option<String>,
    /// The period it counts.
    pub days: Days,
}

/// Rows or files of a source that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// Source.
    pub source: String,
    /// Kind of record it can hold.
    pub kind: Kind,
    /// `provider/account`, where the file speaks of certain ones; else every account of the source.
    pub account: Option<String>,
    /// Container, where the file speaks of certain ones.
    pub store: Option<String>,
    /// Days of which the file's other rows or its name speak; else every day.
    pub days: Option<Days>,
}

/// What the register declares as withheld or denied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// `provider/account`.
    pub account: String,
    /// Container; every store of the account when none.
    pub store: Option<String>,
    /// Kinds of record.
    pub kinds: BTreeSet<Kind>,
    /// The days.
    pub days: Days,
    /// Whether it was asked for and refused, rather than held back.
    pub denied: bool,
}

/// Everything a ledger is made from. Order never matters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Evidence {
    /// The scope's days.
    pub days: Days,
    /// Accounts under review, `provider/account`.
    pub accounts: BTreeSet<String>,
    /// Stores `(provider/account, container)` that the scope is restricted to; all when empty.
    pub stores: BTreeSet<(String, String)>,
    /// Stores that records name.
    pub named: Vec<Named>,
    /// Events that began or ended stores.
    pub events: Vec<StoreEvent>,
    /// What was read.
    pub read: Vec<Read>,
    /// Requests that bills and meters count.
    pub counted: Vec<Counted>,
    /// What could not be used.
    pub lost: Vec<Lost>,
    /// Statements of delivery.
    pub logs: Vec<LogSeries>,
    /// What the register declares as withheld or denied.
    pub held: Vec<Held>,
    /// Sources that fail a control total.
    pub failed: BTreeSet<String>,
}

/// A run of days in one state, as `[from, until, state]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run(pub Day, pub Day, pub State);

impl Run {
    /// How many days.
    #[must_use]
    pub fn days(self) -> u64 {
        u64::try_from(self.1.0 - self.0.0).unwrap_or(0)
    }
}

/// All cells of one account or store and one kind of record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// `provider/account`.
    pub account: String,
    /// Container; none where the cell is of the account as a whole.
    pub store: Option<String>,
    /// Kind of record.
    pub kind: Kind,
    /// How the store came to be known.
    pub known_by: BTreeSet<KnownBy>,
    /// Sources that give a state of it, by what was read or could not be.
    pub sources: BTreeSet<String>,
    /// Its days, in order, without gaps inside the store's lifetime.
    pub runs: Vec<Run>,
}

/// The coverage ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// First day of the scope.
    pub from: Day,
    /// The day after its last.
    pub until: Day,
    /// By account, kind and store.
    pub rows: Vec<Row>,
    /// Accounts that a register should name and does not, while it fails its control total; with it.
    pub open: BTreeMap<String, String>,
    /// What a reader must know of it, fixed sentences.
    pub notes: Vec<String>,
}
