//! The one error type of this crate. An error here means that a verdict could not be trusted; weak or
//! missing evidence is never an error, it is an outcome.

/// Why arguments and sources could not be weighed. Texts name ids only, never paths or contents, so they
/// may be shown to anyone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is not JSON in the frozen form, or holds a key that form does not know.
    #[error("not a plainview.weigh/0 bundle: {0}")]
    Form(String),
    /// More of something than the evaluator accepts.
    #[error("{found} {what}, but at most {limit} are accepted")]
    Limit {
        /// What was counted, in the plural.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many are accepted.
        limit: usize,
    },
    /// An id that is empty or longer than [`crate::case::ID_BYTES_MAX`].
    #[error("{kind} id `{id}` is empty or longer than 256 bytes")]
    Id {
        /// What the id names.
        kind: &'static str,
        /// The id, cut to 64 characters.
        id: String,
    },
    /// Two things of one kind share an id; arguments and defeaters share one namespace.
    #[error("{kind} id `{id}` is declared twice")]
    Duplicate {
        /// What the id names.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// A reference to something that is not there.
    #[error("{by} names {kind} `{id}`, which is not declared")]
    Unknown {
        /// Who refers to it, for example "item `i1`".
        by: String,
        /// What was expected.
        kind: &'static str,
        /// The id that was not found.
        id: String,
    },
    /// A defeater whose target is declared after it, or nowhere. Targets come first, so that defeaters
    /// form a forest (METHOD 7.2).
    #[error(
        "defeater `{id}` targets `{target}`, which is no argument and no defeater declared before it"
    )]
    Target {
        /// The defeater.
        id: String,
        /// Its target.
        target: String,
    },
    /// An argument or defeater without premises: it would hold whatever the evidence.
    #[error("{kind} `{id}` has no premises")]
    NoPremises {
        /// "argument" or "defeater".
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// A frame item that is not among the argument's own premises (METHOD 7.3).
    #[error("argument `{id}` lists `{item}` as frame, but not as a premise")]
    Frame {
        /// The argument.
        id: String,
        /// The item.
        item: String,
    },
    /// Sources that derive from each other.
    #[error("source `{id}` is derived from itself through {through}")]
    Cycle {
        /// A source on the cycle: the smallest id.
        id: String,
        /// The other sources on the cycle, in order, or "itself".
        through: String,
    },
    /// A time that is not UTC in the accepted form.
    #[error("{by}: time `{found}` is not UTC like 2025-08-10T00:00:00Z")]
    Time {
        /// Where it stands.
        by: String,
        /// What was found, cut to 64 characters.
        found: String,
    },
    /// A broken invariant of ours: please report it.
    #[error("internal error, please report it: {0}")]
    Internal(String),
}
