//! What the register says about the records' completeness: control totals that a register is tied out to,
//! and records that exist and were not handed over.
//!
//! It refuses to compute: a total here is a number somebody states, with who and when.

use crate::decimal::Decimal;
use crate::register::{Account, as_optional_text, as_text};
use crate::source::MappedTable;
use crate::words::words;
use jiff::civil::Date;
use serde::Serialize;

/// `[[control_total]]`: a separately kept total of a source (METHOD section 1).
///
/// A source that ties out to totals of all it holds, kept by a party other than its custodian, earns
/// `Verified`; one that misses any of them is `Failed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ControlTotal {
    /// The source that is tied out.
    pub source: String,
    /// What is summed.
    pub what: Totalled,
    /// Only rows of this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// Only rows of this calendar month (UTC), `YYYY-MM`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<String>,
    /// The total.
    pub value: Decimal,
    /// Its currency; present exactly when `what` is `cost`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// How far the sum may be from it; 0 when not given.
    pub tolerance: Decimal,
    /// The party that keeps the total.
    pub party: String,
    /// The day it was stated.
    #[serde(serialize_with = "as_text")]
    pub date: Date,
    /// Where it was read, as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

words! {
    /// What a control total sums.
    pub enum Totalled {
        /// Data rows.
        Rows = "rows",
        /// Billed cost of charge lines.
        Cost = "cost",
        /// Bytes of listed objects.
        Bytes = "bytes",
    }
}

/// `[[withheld]]`: records that exist, or may, and that the review was not given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Withheld {
    /// The account they are about.
    pub account: Account,
    /// The stores they are about, sorted; every store of the account when empty.
    pub stores: Vec<String>,
    /// Kinds of record, by evidence table, sorted; every kind when empty.
    pub kinds: Vec<MappedTable>,
    /// First day; the scope's when absent.
    #[serde(
        serialize_with = "as_optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub from: Option<Date>,
    /// First day no longer meant; the scope's end when absent.
    #[serde(
        serialize_with = "as_optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub to: Option<Date>,
    /// Held back, or asked for and refused; `withheld` when not given.
    pub state: WithheldState,
    /// The party that holds them back.
    pub by: String,
    /// Why, as that party says it.
    pub why: String,
}

words! {
    /// How records came not to be handed over.
    pub enum WithheldState {
        /// They exist and were held back.
        Withheld = "withheld",
        /// They were asked for and refused.
        Denied = "denied",
    }
}
