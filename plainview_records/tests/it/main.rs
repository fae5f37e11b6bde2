//! Integration tests of the record readers: files in, tables and notices out.
#![allow(clippy::unwrap_used)]

mod azure_blob_inventory;
mod expand;
mod focus;
mod mail;
mod metrics;
mod s3_inventory;
mod sheet;
mod support;
