//! What the records say, as plain rows: the only thing [`crate::assemble`] is told about evidence.
//! The engine's registered SQL fills these; nothing here knows Arrow, files or a clock.
//! Amounts are exact integers (bytes) or decimal text; serialized amounts that may exceed 2^53
//! are strings, so that canonical JSON never rounds them. No object key ever enters a fact.

use std::collections::{BTreeMap, BTreeSet};

use plainview_register::{MappedTable, Source};
use serde::{Deserialize, Serialize};

pub use crate::case::{CureKind, Integrity, Side};
use crate::gaps::{Counterpart, LogSeries};
use crate::quantity::Month;

/// Everything the records of one case say that a claim may need. Order never matters: assembly
/// sorts before it reads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// One per declared source, also for those of which nothing could be read.
    pub sources: Vec<SourceFact>,
    /// One per (source, store, snapshot): what a listing listed at that instant.
    pub snapshots: Vec<StoreSnapshot>,
    /// Stored-bytes readings kept by the provider.
    pub meters: Vec<MeterPoint>,
    /// Storage lines of bills, summed.
    pub bills: Vec<BillLine>,
    /// Stores that a bill's resource id names; meters and listings name theirs in their own rows.
    pub named_stores: Vec<NamedStore>,
    /// Where something is recorded as being.
    pub regions: Vec<RegionFact>,
    /// Services that were charged.
    pub services: Vec<ServiceFact>,
    /// What each collection's metadata are consistent with, per listing.
    pub kinds: Vec<KindFact>,
    /// Results of the registered SQL predicates.
    pub tests: Vec<TestResult>,
    /// Passages a named reviewer marked for or against a claim.
    pub exhibits: Vec<ExhibitFact>,
    /// Passages marked as defeaters of an exhibit or argument.
    pub challenges: Vec<ChallengeFact>,
    /// Rows and files that could not be used (notices with effect `lost`).
    pub unreadable: Vec<Unreadable>,
    /// What logs state of their own completeness: one per source, account and region that has a log, also
    /// where it states nothing.
    pub logs: Vec<LogSeries>,
    /// Requests that bills and meters count beside those that logs hold.
    pub counterparts: Vec<Counterpart>,
}

/// What a source can provide, decided by its format (and by the map of a `table` source).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provides {
    /// Object inventories: what is stored, object by object.
    Lists,
    /// Charge lines: what was paid for.
    Bills,
    /// Readings of stored bytes.
    Meters,
    /// Access logs and control-plane logs.
    Logs,
    /// Resources as configured.
    Configures,
    /// Mail and other documents.
    Documents,
}

impl Provides {
    /// What rows of an evidence table provide.
    #[must_use]
    pub fn of(table: MappedTable) -> Self {
        match table {
            MappedTable::Objects => Self::Lists,
            MappedTable::Charges => Self::Bills,
            MappedTable::Metering => Self::Meters,
            MappedTable::Requests | MappedTable::Activity => Self::Logs,
            MappedTable::Resources => Self::Configures,
            MappedTable::Documents => Self::Documents,
        }
    }

    /// What a source can provide, from its declaration alone.
    #[must_use]
    pub fn by(source: &Source) -> BTreeSet<Self> {
        source
            .fills()
            .iter()
            .map(|table| Self::of(*table))
            .collect()
    }
}

/// A cure of the alteration risk (METHOD 6.3). It never cures selection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cure {
    /// Which of the four.
    pub kind: CureKind,
    /// Party: the extractor, the third-party keeper, the signer; absent for a precommitment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// When, seconds since 1970-01-01T00:00:00Z.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// Whether its proof was checked by machine or declared by authentication; an unproven cure
    /// makes the item unverified (METHOD 18.18).
    pub proven: bool,
}

/// Kind of source (METHOD 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// Written by a machine in ordinary operation.
    SystemRecord,
    /// Kept by people in the course of business.
    BusinessRecord,
    /// Said for the purpose of being heard.
    Statement,
    /// Made from other sources.
    Derived,
}

/// Delivery guarantee of a source (METHOD 1, 5.1).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// Complete by design.
    Guaranteed,
    /// May prove presence, never absence.
    BestEffort,
    /// Not stated: treated as not guaranteed.
    #[default]
    Unknown,
}

/// One declared source as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFact {
    /// Source id.
    pub id: String,
    /// Party that could have altered it in ordinary operation.
    pub custodian: String,
    /// Legal or control entity.
    pub controller: String,
    /// What kind of source it is.
    pub kind: SourceKind,
    /// Sources it was made from.
    #[serde(default)]
    pub derived_from: Vec<String>,
    /// Delivery guarantee.
    #[serde(default)]
    pub delivery: Delivery,
    /// Result of the authenticity check.
    pub integrity: Integrity,
    /// Which check made it so, as a sentence; printed.
    pub integrity_because: String,
    /// Declared cure with whether its proof holds.
    #[serde(default)]
    pub cure: Option<Cure>,
    /// When the reviewer got it, seconds since the epoch.
    pub acquired_at: i64,
    /// When the newest fact in it was recorded, seconds; the acquisition time when unknown.
    #[serde(default)]
    pub recorded_at: Option<i64>,
    /// What it can provide.
    #[serde(default)]
    pub provides: BTreeSet<Provides>,
    /// Files as named within the source, with their data rows.
    #[serde(default)]
    pub files: Vec<FileFact>,
    /// Format id of CONTRACTS (`s3-inventory`, `focus`, ...).
    pub format: String,
    /// Whether any row or file of it was lost: a shortened register is not a whole one.
    #[serde(default)]
    pub incomplete: bool,
    /// Whether separately kept control totals cover all it holds, and it ties out to each.
    #[serde(default)]
    pub tied_out: bool,
}

/// One file of a source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileFact {
    /// Name within the source.
    pub name: String,
    /// Data rows read from it.
    pub rows: u64,
}

/// Where a fact is written: file number and 1-based data row within its source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowRef {
    /// File number within the source.
    pub file_no: u32,
    /// 1-based data row.
    pub row_no: u64,
}

/// What one listing listed of one store at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreSnapshot {
    /// Source id.
    pub source: String,
    /// `aws`, `azure`, `gcp`.
    pub provider: String,
    /// Account.
    pub account: String,
    /// Container (bucket).
    pub container: String,
    /// Instant of the listing, milliseconds since the epoch.
    pub at_ms: i64,
    /// Bytes of everything billable: current, noncurrent, snapshots, soft-deleted.
    #[serde(with = "crate::quantity::text_u128")]
    pub bytes: u128,
    /// Rows counted into `bytes`.
    pub objects: u64,
    /// Lower bound of byte-milliseconds in each month before `at_ms`: over the listed objects, the
    /// sum of size x overlap of `[created, at)` with the month.
    #[serde(default, with = "crate::quantity::text_map")]
    pub created_byte_ms: BTreeMap<Month, u128>,
    /// First row of it.
    #[serde(default)]
    pub first_row: RowRef,
}

/// How a meter reading summarises its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// Mean over the period.
    Average,
    /// Largest.
    Maximum,
    /// Smallest.
    Minimum,
    /// Sum of readings: not a stored amount, never used for byte time.
    Sum,
    /// Last reading.
    Last,
}

/// One reading of stored bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeterPoint {
    /// Source id.
    pub source: String,
    /// `aws`, `azure`, `gcp`.
    pub provider: String,
    /// Account.
    pub account: String,
    /// Container when the meter has one; an account-wide reading has none.
    #[serde(default)]
    pub container: Option<String>,
    /// Period start, milliseconds.
    pub start_ms: i64,
    /// Period end, milliseconds, exclusive.
    pub end_ms: i64,
    /// Stored bytes, summed over tiers.
    #[serde(with = "crate::quantity::text_u128")]
    pub bytes: u128,
    /// What the reading summarises.
    pub statistic: Statistic,
    /// Where it is written.
    #[serde(default)]
    pub first_row: RowRef,
}

/// Storage lines of a bill, summed per source, account, month and unit text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillLine {
    /// Source id.
    pub source: String,
    /// `aws`, `azure`, `gcp`.
    pub provider: String,
    /// Account.
    pub account: String,
    /// Month of the charge.
    pub month: Month,
    /// Unit as the record writes it.
    pub unit: String,
    /// Sum, as exact decimal text.
    pub quantity: String,
    /// How far the sum may be from what was metered because printed lines are rounded, in the
    /// same unit (half a last printed digit, times lines); `"0"` where lines are exact.
    #[serde(default = "zero_text")]
    pub rounding: String,
    /// Lines summed.
    pub lines: u64,
    /// First of them.
    #[serde(default)]
    pub first_row: RowRef,
}

fn zero_text() -> String {
    "0".to_owned()
}

/// A store named by a record other than a listing or a meter: a charge line's resource id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedStore {
    /// Source id.
    pub source: String,
    /// `aws`, `azure`, `gcp`.
    pub provider: String,
    /// Account.
    pub account: String,
    /// Container.
    pub container: String,
    /// Month in which it is named.
    pub month: Month,
    /// Rows naming it.
    pub rows: u64,
    /// First of them.
    #[serde(default)]
    pub first_row: RowRef,
}

/// A region in which a record places something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionFact {
    /// Source id.
    pub source: String,
    /// `aws`, `azure`, `gcp`.
    pub provider: String,
    /// Account.
    pub account: String,
    /// Container, where the record names one.
    #[serde(default)]
    pub container: Option<String>,
    /// Region as recorded, e.g. `eu-central-1`.
    pub region: String,
    /// Month, where the record has a time; a fact without one holds for the source's whole period.
    #[serde(default)]
    pub month: Option<Month>,
    /// Rows.
    pub rows: u64,
    /// First of them.
    #[serde(default)]
    pub first_row: RowRef,
}

/// A service that was charged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceFact {
    /// Source id.
    pub source: String,
    /// `aws`, `azure`, `gcp`.
    pub provider: String,
    /// Account.
    pub account: String,
    /// `ServiceCategory` of FOCUS, or its like.
    pub service_category: String,
    /// `ServiceName` of FOCUS, or its like.
    pub service_name: String,
    /// Month of the charge.
    pub month: Month,
    /// Charge lines.
    pub rows: u64,
    /// First of them.
    #[serde(default)]
    pub first_row: RowRef,
}

/// What a collection's metadata are consistent with, according to one listing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindFact {
    /// Source id of the listing.
    pub source: String,
    /// `aws`, `azure`, `gcp`.
    pub provider: String,
    /// Account.
    pub account: String,
    /// Container.
    pub container: String,
    /// Merged key template, readable.
    pub template: String,
    /// Kind id of PROFILE section 7, or `opaque`, or `unknown`.
    pub kind: String,
    /// Objects in the collection.
    pub objects: u64,
    /// Their bytes.
    #[serde(with = "crate::quantity::text_u128")]
    pub bytes: u128,
    /// Months in which the collection was listed.
    #[serde(default)]
    pub months: Vec<Month>,
    /// How many families of signals speak for the kind.
    #[serde(default)]
    pub families_for: u8,
}

/// Result of one registered SQL predicate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestResult {
    /// Predicate id.
    pub predicate: String,
    /// Whether it ran.
    pub ran: bool,
    /// Why not, when it did not.
    #[serde(default)]
    pub reason: String,
    /// Its hits.
    #[serde(default)]
    pub hits: Vec<Hit>,
}

/// A hit of a registered predicate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hit {
    /// Source, where the query's rows carry `source_id`.
    #[serde(default)]
    pub source: Option<String>,
    /// `provider/account` or account, where the rows carry one.
    #[serde(default)]
    pub account: Option<String>,
    /// Container, where the rows carry one.
    #[serde(default)]
    pub container: Option<String>,
    /// Month, where the rows carry one.
    #[serde(default)]
    pub month: Option<Month>,
    /// Rows.
    pub rows: u64,
}

/// Argument scheme (METHOD 7.1), the closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// A record shows an observable predicate directly.
    RecordShows,
    /// Metadata are consistent with a latent predicate.
    Indicator,
    /// A recorded amount lies wholly on one side of a limit.
    QuantityInterval,
    /// Nothing was found and every gate passes.
    Absence,
    /// Someone says so.
    Testimony,
    /// A fact about how the review or a process was run.
    ProcessFact,
}

/// A passage marked for or against a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExhibitFact {
    /// Exhibit id.
    pub id: String,
    /// Claim id.
    pub claim: String,
    /// Side it serves.
    pub side: Side,
    /// Source it is in.
    pub source: String,
    /// File within the source.
    pub file: String,
    /// Row or document number within the file.
    #[serde(default)]
    pub row: Option<u64>,
    /// The marked passage, as the reviewer typed it.
    pub quote: String,
    /// `testimony`, `record-shows` or `process-fact`.
    pub scheme: Scheme,
    /// Party that marked it.
    pub marked_by: String,
    /// Local date of the mark, `YYYY-MM-DD`.
    pub date: String,
    /// When the passage was recorded (a mail's sending time), seconds.
    #[serde(default)]
    pub recorded_at: Option<i64>,
    /// Whether the quote was found at that place; false makes the item unverified.
    #[serde(default = "yes")]
    pub found: bool,
}

fn yes() -> bool {
    true
}

/// A passage marked as a defeater.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengeFact {
    /// Challenge id.
    pub id: String,
    /// Exhibit, argument or earlier challenge it attacks.
    pub target: String,
    /// Source it is in.
    pub source: String,
    /// File within the source.
    pub file: String,
    /// Row or document number.
    #[serde(default)]
    pub row: Option<u64>,
    /// The passage.
    pub quote: String,
    /// Party that marked it.
    pub marked_by: String,
    /// Local date of the mark.
    pub date: String,
    /// When the passage was recorded, seconds.
    #[serde(default)]
    pub recorded_at: Option<i64>,
    /// Whether the quote was found at that place.
    #[serde(default = "yes")]
    pub found: bool,
}

/// Something that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unreadable {
    /// Source id.
    pub source: String,
    /// File or file and row, and the notice code.
    pub what: String,
    /// Rows affected.
    pub rows: u64,
}

impl Facts {
    /// The same facts in their one order. Challenges keep theirs: a target precedes its challenge.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.sources.sort_by(|a, b| a.id.cmp(&b.id));
        self.snapshots.sort_by(|a, b| {
            let key = |s: &StoreSnapshot| {
                (
                    s.source.clone(),
                    s.provider.clone(),
                    s.account.clone(),
                    s.container.clone(),
                    s.at_ms,
                    s.bytes,
                    s.first_row,
                )
            };
            key(a).cmp(&key(b))
        });
        self.meters.sort();
        self.bills.sort();
        self.named_stores.sort();
        self.regions.sort();
        self.services.sort();
        self.kinds.sort();
        for test in &mut self.tests {
            test.hits.sort();
        }
        self.tests.sort_by(|a, b| a.predicate.cmp(&b.predicate));
        self.exhibits.sort_by(|a, b| a.id.cmp(&b.id));
        self.unreadable.sort();
        self.logs.sort();
        self.counterparts.sort();
        self
    }
}
