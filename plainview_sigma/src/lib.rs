//! Sigma rules over the evidence tables: which recorded events match the rules of a user's folder, and which rules the
//! tables cannot decide.
//!
//! Takes the text of rule files and rows as plain fields; gives, for every rule, the rows it matches (source, file, row),
//! the rows on which it cannot be decided, or why it was set aside. Rules are parsed and matched by `rsigma`. Refuses
//! everything else: it opens no file, knows no record format and no engine, runs no correlation rule, and gives no
//! ranking: a hit is a row, never a person.
//!
//! **What the tables do not keep.** The readers keep the fields of their allow-lists only: no user agents, no addresses, no
//! request bodies. A condition on such a field is neither true nor false here. Each rule is therefore matched twice, once as
//! if every such condition held and once as if none did ([`bounds`]): a row matched both times is a hit whatever the field
//! held, a row matched by neither is none, and a row matched by one of them is undecided and cites the field. A rule that
//! needs an unkept field is never reported as clean for that row.
//!
//! The same is done where a column says less than the field but not nothing: a request's `principal_kind` `user` is one of six
//! values of `userIdentity.type`, none of them `Root`, and a rule is decided when all six give the same answer (`derived.rs`).
//!
//! **Names.** A rule uses the provider's names (`eventName`, `operationName`, `gcp.audit.method_name`); [`Log`] says which
//! column each of them is in, and what a reader puts into `details` keeps its own name. Rules for `product: plainview` use
//! the columns' names and run over the rows of every log.

pub mod bounds;
mod check;
mod derived;
mod event;
mod logs;
mod rules;

pub use check::{CITED_MAX, Check, Cited, Finding, Note, Report, RowRef};
pub use event::Fields;
pub use logs::{Log, Place, Stream};
pub use rules::{DOCUMENT_BYTES_MAX, Rule, RuleNotice, RuleSet, Standing};
