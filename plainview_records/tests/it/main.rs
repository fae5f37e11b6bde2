//! Integration tests of the record readers: files in, tables and notices out.
#![allow(clippy::unwrap_used)]

mod archive;
mod auto;
mod aws_cur;
mod azure;
mod azure_activity;
mod azure_blob_inventory;
mod azure_cost;
mod azure_resource_graph;
mod cloudtrail;
mod cloudtrail_digests;
mod document;
mod expand;
mod focus;
mod gcp_audit;
mod gcp_billing;
mod gcs_inventory;
mod gcs_storage_log;
mod gcs_usage_log;
mod hostile_logs;
mod keyings;
mod limits;
mod m365_audit;
mod mail;
mod metrics;
mod s3_access_log;
mod s3_inventory;
mod s3_storage_lens;
mod samples;
mod sheet;
mod sheet_logs;
mod storage_blob_logs;
mod support;
