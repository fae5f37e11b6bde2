//! Review -> `review.json` and one self-contained `report.html`.
//!
//! [`review_json`] is canonical JSON (RFC 8785); [`report_html`] is a page that holds no script,
//! loads nothing and can be printed. Both are functions of the [`Review`] alone: no I/O, no clock,
//! no locale, the same bytes every time (DESIGN 10).
//!
//! This crate refuses to compute a verdict, to soften one, and to print a sentence that says what
//! a store contains or what anybody knew: it prints the weighing's fixed sentences.

mod charts;
mod figures;
mod json;
mod page;
mod review;
mod withhold;

pub use json::review_json;
pub use page::report_html;
pub use review::{
    ActsReview, AuthorityReview, CaseReview, ClaimReview, Coverage, Effect, FileReview,
    IndicatorsPublic, NoticeCounts, NoticeExample, NoticeGroup, PartyReview, Review, SCHEMA,
    ScopeReview, SourceReview, StoreReview, cannot_say,
};
pub use withhold::published;

/// Why a review could not be rendered. Never the records' fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The review could not be written as JSON.
    #[error("the review could not be written as canonical JSON")]
    Json(#[from] serde_json::Error),
    /// The page's template could not be filled in.
    #[error("the report page could not be filled in")]
    Template(#[from] askama::Error),
    /// A broken invariant: please report it as a bug.
    #[error("internal error, please report it: {0}")]
    Internal(String),
}
