//! The review: everything that is published about a case, in one value.
//!
//! A `Review` is a function of case.toml, the exhibits and the records' bytes alone (DESIGN 10).
//! It has no place for a clock, a salt, a key, a log index or a raw file digest, and none may be
//! put into its free text. All quantities are integers or decimal text.

use std::collections::BTreeMap;

use plainview_profile::{CollectionProfile, Measure};
use plainview_register::{Claim, Register};
use plainview_weigh::gaps::Gap;
use plainview_weigh::ledger::Ledger;
use plainview_weigh::ledger::tie_out::TieOut;
use plainview_weigh::reconcile::Reconciliation;
use plainview_weigh::verdict::Verdict;
use serde::Serialize;

/// The schema id every review carries.
pub const SCHEMA: &str = "plainview.review/1";

/// The whole review of one case.
#[derive(Debug, Clone, Serialize)]
pub struct Review {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// `sha256:...` of the register's canonical JSON.
    pub register: String,
    /// Version of the method the verdicts were computed by.
    pub method: String,
    /// What is reviewed, for whom, on whose authority.
    pub case: CaseReview,
    /// One entry per claim, in the register's order.
    pub claims: Vec<ClaimReview>,
    /// One entry per store, sorted by provider, account, container.
    pub stores: Vec<StoreReview>,
    /// Billed, metered and listed bytes against each other (METHOD 5.2), sorted by account,
    /// month and pair.
    pub reconciliation: Vec<Reconciliation>,
    /// Where the records come from, in the register's order.
    pub sources: Vec<SourceReview>,
    /// What could not be read, what was not read by design, what is odd.
    pub coverage: Coverage,
    /// What the report cannot say (METHOD 19); see [`cannot_say`].
    pub cannot_say: Vec<String>,
}

/// The case as the register states it.
#[derive(Debug, Clone, Serialize)]
pub struct CaseReview {
    /// The case's id, which is also its folder's usual name.
    pub id: String,
    /// The case's title.
    pub title: String,
    /// True when every party, account and record is invented; said throughout the page.
    pub fictional: bool,
    /// Who may read the records, on what basis.
    pub authority: AuthorityReview,
    /// What the review covers.
    pub scope: ScopeReview,
    /// `private`, `parties` or `public`.
    pub disclosure: String,
    /// The earliest date on which the matter was in dispute, `yyyy-mm-dd`.
    pub dispute_date: Option<String>,
    /// The parties with their roles, in the register's order.
    pub parties: Vec<PartyReview>,
}

impl CaseReview {
    /// The published part of a register: no addresses, no domains, no source paths.
    pub fn of(register: &Register) -> Self {
        let (case, scope) = (&register.case, &register.scope);
        Self {
            id: case.id.clone(),
            title: case.title.clone(),
            fictional: case.fictional,
            authority: AuthorityReview {
                who: case.authority.who.clone(),
                basis: case.authority.basis.clone(),
                approved_by: case.authority.approved_by.clone(),
                until: case.authority.until.to_string(),
            },
            scope: ScopeReview {
                from: scope.from.to_string(),
                to: scope.to.to_string(),
                accounts: scope.accounts.iter().map(ToString::to_string).collect(),
                stores: scope.stores.iter().map(ToString::to_string).collect(),
                measure: scope.measure.to_string(),
            },
            disclosure: case.disclosure.to_string(),
            dispute_date: case.dispute_date.map(|day| day.to_string()),
            parties: register.parties.iter().map(PartyReview::of).collect(),
        }
    }
}

impl PartyReview {
    fn of(party: &plainview_register::Party) -> Self {
        Self {
            id: party.id.clone(),
            name: party.name.clone(),
            kind: party.kind.to_string(),
            role: party.role.clone(),
        }
    }
}

/// Who may read the records of this case.
#[derive(Debug, Clone, Serialize)]
pub struct AuthorityReview {
    /// Who reads.
    pub who: String,
    /// The basis on which they read.
    pub basis: String,
    /// Who approved it.
    pub approved_by: String,
    /// Until when, `yyyy-mm-dd`.
    pub until: String,
}

/// What the review covers: half-open in time, UTC.
#[derive(Debug, Clone, Serialize)]
pub struct ScopeReview {
    /// First day, `yyyy-mm-dd`.
    pub from: String,
    /// The day after the last, `yyyy-mm-dd`.
    pub to: String,
    /// `provider/account`, sorted.
    pub accounts: Vec<String>,
    /// `provider/account/container` where the scope is narrowed to stores, sorted.
    pub stores: Vec<String>,
    /// `count` or `byte_hours`: what coverage weighs units by.
    pub measure: String,
}

/// One party of the case.
#[derive(Debug, Clone, Serialize)]
pub struct PartyReview {
    /// The id used in tables and claims.
    pub id: String,
    /// The name printed.
    pub name: String,
    /// `organisation` or `person`.
    pub kind: String,
    /// The role in the case.
    pub role: String,
}

/// A claim with its verdict.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimReview {
    /// The claim as registered.
    pub claim: Claim,
    /// What the records say about it.
    pub verdict: Verdict,
}

/// One store and what its records are consistent with.
#[derive(Debug, Clone, Serialize)]
pub struct StoreReview {
    /// `aws`, `azure`, ...
    pub provider: String,
    /// Account as the tables name it.
    pub account: String,
    /// Bucket or container.
    pub container: String,
    /// Region as recorded, where any record gives it.
    pub region: Option<String>,
    /// Source ids that list the store, sorted.
    pub sources: Vec<String>,
    /// Months (`yyyy-mm`) for which a record speaks about the store, sorted.
    pub months: Vec<String>,
    /// Current objects in the listing that is profiled.
    pub objects: u64,
    /// Bytes of those objects.
    pub bytes: u64,
    /// What no collection below covers exactly; it counts as unreached.
    pub unprofiled: Measure,
    /// The collections, in the profile's order.
    pub collections: Vec<CollectionProfile>,
}

/// Where records come from and how they were verified.
#[derive(Debug, Clone, Serialize)]
pub struct SourceReview {
    /// The register's id.
    pub id: String,
    /// Record format, e.g. `s3-inventory`.
    pub format: String,
    /// Party id of who could have altered it in ordinary operation.
    pub custodian: Option<String>,
    /// Party id of the legal or controlling entity.
    pub controller: Option<String>,
    /// `system-record`, `business-record`, `statement` or `derived`.
    pub kind: String,
    /// `guaranteed`, `best-effort` or `unknown`.
    pub delivery: String,
    /// A protected source: custodian, paths, dates, file and row numbers and exact totals are
    /// kept out of every output (DESIGN 4). [`crate::review_json`] and [`crate::report_html`]
    /// withhold them whether or not the caller already has.
    pub protected: bool,
    /// When the reviewer got it, RFC 3339.
    pub acquired_at: Option<String>,
    /// Source ids it derives from, sorted.
    pub derived_from: Vec<String>,
    /// `verified`, `unverified` or `failed` (METHOD 1).
    pub integrity: String,
    /// Why, as a full sentence.
    pub integrity_because: String,
    /// The files, by name within the source. Never their digests.
    pub files: Vec<FileReview>,
    /// Files in all.
    pub files_total: u64,
    /// Bytes of the files in all.
    pub bytes_total: u64,
    /// Rows read into each evidence table.
    pub tables: BTreeMap<String, u64>,
    /// Notices by effect.
    pub notices: NoticeCounts,
}

/// One file of a source.
#[derive(Debug, Clone, Serialize)]
pub struct FileReview {
    /// Name within the source, `/`-separated.
    pub name: String,
    /// Rows read.
    pub rows: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// The format it was recognised as and why, in a source of format `auto`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recognised: Option<String>,
}

/// Notices of one source, counted by effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct NoticeCounts {
    /// Rows or files that were not used.
    pub lost: u64,
    /// Columns outside the allow-list, not read by design.
    pub unread: u64,
    /// Kept, but odd.
    pub doubt: u64,
}

/// What the review could and could not read.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Coverage {
    /// Notices grouped by effect, source and code, sorted so.
    pub groups: Vec<NoticeGroup>,
    /// What was reviewed: cells of account, store, kind of record and day, as runs of days.
    pub ledger: Ledger,
    /// What records themselves show to be missing or odd, definitive ones first.
    pub gaps: Vec<Gap>,
    /// How many gaps there are; more than are listed when there are very many.
    pub gaps_total: u64,
    /// Acts by log, store and class of who caused them, sorted so. A class is never a person.
    pub acts: Vec<ActsReview>,
    /// Control totals and how they came out, in the register's order.
    pub control_totals: Vec<TieOut>,
}

/// Acts of one class on one store, as one log holds them.
#[derive(Debug, Clone, Serialize)]
pub struct ActsReview {
    /// Source id of the log; the first by id where several hold the act.
    pub source: String,
    /// `provider/account`.
    pub account: String,
    /// Container; none where the act was about none.
    pub store: Option<String>,
    /// `requests` or `activity`.
    pub record: String,
    /// `people`, `provider`, `tenant-programme` or `no-person`.
    pub class: String,
    /// The finer class of the evidence tables, such as `role` or `signed-url`.
    pub principal_kind: String,
    /// How many.
    pub acts: u64,
}

/// Notices of one code in one source.
#[derive(Debug, Clone, Serialize)]
pub struct NoticeGroup {
    /// What it means for the review.
    pub effect: Effect,
    /// The source's id.
    pub source: String,
    /// The notice's code.
    pub code: String,
    /// What happened, as a sentence.
    pub message: String,
    /// How many notices.
    pub notices: u64,
    /// How many rows they affect.
    pub rows_affected: u64,
    /// The register declared this code as expected for this source.
    pub expected: bool,
    /// A few of them, in file and row order.
    pub examples: Vec<NoticeExample>,
}

/// What a notice means for the review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Rows or files were not used.
    Lost,
    /// Kept, but odd.
    Doubt,
    /// Columns outside the allow-list, not read by design.
    Unread,
}

/// One notice.
#[derive(Debug, Clone, Serialize)]
pub struct NoticeExample {
    /// File name within the source.
    pub file: Option<String>,
    /// Data row, from 1.
    pub row: Option<u64>,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

/// Whether the indicators were public before the window under review (METHOD 19 asks for it).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndicatorsPublic {
    /// They were, so somebody could have arranged the records around them.
    BeforeWindow,
    /// They were not.
    AfterWindow,
    /// The register does not say.
    Unknown,
}

/// METHOD 19 in sentences, in its order.
pub fn cannot_say(indicators: IndicatorsPublic) -> Vec<String> {
    let public = match indicators {
        IndicatorsPublic::BeforeWindow => {
            "The indicators used here were public before the period under review."
        }
        IndicatorsPublic::AfterWindow => {
            "The indicators used here were not public before the period under review."
        }
        IndicatorsPublic::Unknown => {
            "Whether the indicators used here were public before the period under review is not \
             recorded."
        }
    };
    [
        "Content was not read.",
        "Off-record communication is outside every frame.",
        "Hidden stores smaller than the printed resolution are not excluded.",
        &format!("Indicators can be evaded by someone who knows them. {public}"),
        "Detection power assumes that hiding did not depend on the drawn sample.",
        "Cures rule out alteration, not selective retention.",
        "Billing and inventory from one provider are one controller: agreement between them is \
         not agreement between two organisations.",
        "An outcome is about records, not about law, intent or guilt.",
    ]
    .map(str::to_owned)
    .to_vec()
}
