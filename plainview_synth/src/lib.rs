//! Makes records of fictional tenants in real formats, with their ground truth.
//!
//! The crate writes what a provider's own systems would have written about a tenant that does
//! not exist: inventories, invoices, meter readings and mail. It refuses to know verdicts: no
//! word of METHOD's weighing is computed here, and it shares no code with the readers or the
//! reconciler, so that an error in one of them cannot be hidden by the same error here.
//!
//! Everything is a function of a seed: integers only, no clock, no environment. The same seed
//! gives the same bytes on every machine.

pub mod calendar;
pub mod demo;
pub mod digest;
mod error;
pub mod focus;
pub mod listings;
pub mod mail;
pub mod metrics;
pub mod random;

pub use error::Error;
