//! The engine room: evidence tables as Parquet files, the review's SQL over them, and sessions.
//!
//! This is the only crate that names DataFusion. It knows tables and views; it knows neither record
//! formats nor verdicts. SQL that reaches it from outside ([`Engine::ask`]) can read the registered
//! tables and nothing else: no other files, no writes, no settings.

mod catalog;
mod error;
mod output;
mod store;
mod views;

pub use catalog::{Engine, EngineConfig, Month};
pub use error::Error;
pub use output::{OutputFormat, render};
pub use store::TableWriter;
pub use views::{VIEWS, View};
