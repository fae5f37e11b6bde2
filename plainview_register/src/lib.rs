//! `case.toml` -> [`Register`]: what is asked, of whom, over what scope, by what standard.
//!
//! Text goes in and values come out. [`parse_case`] and [`parse_exhibits`] report every mistake of a
//! file in one go, each as a [`Diagnostic`] with file, line, column, what was found, what was expected
//! and the nearest known name. A register has one canonical JSON form and one SHA-256, which is what a
//! case commits to before its evidence is opened (METHOD section 0, point 8).
//!
//! This crate refuses to open files, to read a clock, to compute with floats, and to take relations
//! that would infer anything from a person's nationality, ethnicity, religion or family.

mod words;

mod decimal;

mod register;

mod source;

mod location;

mod claim;

mod coverage;

mod exhibit;

mod units;

mod canonical;

mod nearest;

mod span;

mod section;

mod syntax;

mod parse;

pub mod draft;

mod diagnostic;

pub use canonical::{EXHIBITS_SCHEMA, REGISTER_SCHEMA};
pub use claim::{
    Claim, ClaimKind, ClaimScope, Comparison, ProcessProperty, QuantityMeasure, StorageKind,
    Template, Unit, UnitFamily,
};
pub use coverage::{ControlTotal, Totalled, Withheld, WithheldState};
pub use decimal::Decimal;
pub use diagnostic::{Code, Diagnostic, Parsed, Severity};
pub use exhibit::{Challenge, ChallengeTarget, Exhibit, Exhibits, Scheme, Side};
pub use location::{BadLocation, Cloud, Location};
pub use parse::{parse_case, parse_exhibits};
pub use register::{
    Account, Authority, Case, Disclosure, Measure, Party, PartyKind, Predicate, PredicateKind,
    Register, Relation, RelationKind, Scope, Standard, StandardName, StoreRef,
};
pub use source::{
    Authentication, AuthenticationMethod, ColumnMap, Cure, CureKind, Delivery, MappedTable, Source,
    SourceFormat, SourceKind, TableMap,
};
pub use units::{Month, midnight_ms, months, unit_id};
pub use words::UnknownWord;
