//! `gcp-audit`: Google Cloud audit logs, as log entries in every shipped form.
//!
//! **Forms**, told by their content; any may be compressed.
//! 1. Log entries one after another or one per line (log sinks), in an array (`gcloud logging read`), or in
//!    `{"entries": [...]}` (the API's answer).
//! 2. Rows of the `BigQuery` export as JSON, where `protoPayload` is `protopayload_auditlog`; names in lower case.
//! 3. Entries inside something else: `CloudEvents` (`{"specversion": ..., "data": {...}}`), Pub/Sub messages
//!    (`{"message": {"data": "<base64>"}}`, `{"receivedMessages": [...]}`), test events (`{"log": {...}}`).
//!
//! **What is read.** Only [`ALLOWED`]; names are compared without regard to case. `request`, `response`, `status.message`, user
//! agents, caller networks, OAuth clients and labels are never decoded. A field that the provider does not document is named in
//! an `unknown-field` notice. Entries of other logs (`textPayload`, `jsonPayload`) are counted in `other-log-entry`.
//!
//! **What becomes of an entry.** Requests to objects of a bucket (`storage.objects.*`, whichever log has them) are rows of
//! `requests`; everything else is a row of `activity`, with the log's name (`activity`, `data_access`, `system_event`, `policy`)
//! as category. `projects/_/buckets/B/objects/K` gives container and key, masked. Fields of [`DETAILS`] go into `details`.
//!
//! **How it ended.** A status code other than 0 is a failure, by its name (`PERMISSION_DENIED`); an empty `status` and none are
//! success. `granted` that is absent means not granted: where there is no `status` and something was not granted, it failed.
//! A long-running operation has an entry for its begin (`operation.first`, outcome `started`, `act_part` 1) and one for its
//! end (`act_part` 0) under one `act_id`: who has begins alone counts acts by their smallest part.
//!
//! **Principals.** `service-NNN@` and other accounts of Google's own services are `service`, sinks that write logs
//! `log-delivery`, every other account of `gserviceaccount.com` is `application`; any other address is `user` and given as a
//! token. Without an address: `anonymous` where authentication is empty and access was granted, `service` in `system_event`,
//! else `unknown`, because Google takes the caller's name out of some refused requests.
//!
//! **Traps.**
//! - Data access logging is off by default: a project without it cannot show that an object was read.
//! - A signed URL shows its signer, a service account, and no entry says so outright. Where a request to an object carries
//!   custom audit headers (`metadata.audit_context`), as signed URLs are given them, it is `signed-url`; without them it looks
//!   like the service account itself.
//! - `callerIp` can be `private` or `gce-internal-ip`, and is absent in some entries.
//! - Late entries lie in further files of the same hour; the same entry in two files has the same `insertId`.
//! - An entry without `timestamp` is placed at the time of its request, else of its receipt (`time-elsewhere`).

mod details;
mod entry;
mod rows;
mod words;

use crate::Error;
use crate::detect::Head;
use crate::formats::stream::json_file;
use crate::formats::text_log::form_of;
use crate::run::Run;

pub use details::DETAILS;

/// The fields this reader may read; [`DETAILS`] are among them.
pub const ALLOWED: &[&str] = &[
    "insertId",
    "logName",
    "operation.first",
    "operation.id",
    "operation.last",
    "protoPayload.authenticationInfo",
    "protoPayload.authenticationInfo.principalEmail",
    "protoPayload.authenticationInfo.principalSubject",
    "protoPayload.authenticationInfo.serviceAccountDelegationInfo.firstPartyPrincipal.principalEmail",
    "protoPayload.authenticationInfo.serviceAccountKeyName",
    "protoPayload.authorizationInfo.granted",
    "protoPayload.authorizationInfo.permission",
    "protoPayload.authorizationInfo.permissionType",
    "protoPayload.metadata.audit_context",
    "protoPayload.metadata.destination",
    "protoPayload.metadata.event.eventName",
    "protoPayload.methodName",
    "protoPayload.numResponseItems",
    "protoPayload.requestMetadata.callerIp",
    "protoPayload.requestMetadata.requestAttributes.time",
    "protoPayload.resourceLocation.currentLocations",
    "protoPayload.resourceName",
    "protoPayload.serviceData.policyDelta.bindingDeltas.action",
    "protoPayload.serviceData.policyDelta.bindingDeltas.member",
    "protoPayload.serviceData.policyDelta.bindingDeltas.role",
    "protoPayload.serviceName",
    "protoPayload.status",
    "protoPayload.status.code",
    "receiveTimestamp",
    "resource.labels.bucket_name",
    "resource.labels.location",
    "resource.labels.project_id",
    "resource.labels.zone",
    "resource.type",
    "severity",
    "timestamp",
];

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    if !head.is_json() {
        return None;
    }
    ["protoPayload", "protopayload_auditlog", "protopayload"]
        .iter()
        .any(|name| head.has_field(name))
        .then_some("a JSON field protoPayload")
}

/// Reads every file of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    for file in run.plan_data() {
        run.read_once(&file, |run| {
            if form_of(run, &file, "JSON log entries").is_none() {
                return Ok(());
            }
            json_file(
                run,
                &file,
                &["entries", "receivedMessages"],
                &|run, file| rows::Entries::new(run, file),
            )
        })?;
    }
    Ok(())
}
