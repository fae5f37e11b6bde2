//! `cloudtrail`: AWS CloudTrail: event files in every shipped form, and digest files.
//!
//! **Forms of events**, told by their content; any may be gzip-compressed.
//! 1. Files as delivered: `{"Records": [...]}`, one per account, region and few minutes. An empty `Records` is a whole file.
//! 2. A bare array of events, or events one after another or one per line.
//! 3. Events inside something else: `EventBridge` (`{"detail-type": ..., "detail": {...}}`), subscriptions and queries of
//!    `CloudWatch` Logs (`{"logEvents": [{"message": "{...}"}]}`, `{"events": [...]}`), `cloudtrail lookup-events`
//!    (`{"Events": [{"CloudTrailEvent": "{...}"}]}`), SNS and SQS messages, and test events (`{"log": {...}}`).
//! 4. Names all in lower case, as exports through Athena and Glue write them.
//!
//! **What is read.** Only [`ALLOWED`]. `userAgent`, `tlsDetails`, `requestID`, `responseElements` (except the few in
//! [`DETAILS`]), `serviceEventDetails`, `addendum`, `edgeDeviceDetails`, `eventContext` and access keys are never decoded; a field
//! that the provider does not document is named in a `cloudtrail-unread-field` notice.
//!
//! **What becomes of an event.** Requests to objects of a store (data events, and object operations where the record names
//! no category, as before version 1.07) are rows of `requests`; every other event is a row of `activity`, data events of other
//! services among them, with `category` `Data`. One event is one row. Of the parameters of a control-plane event only the
//! configuration named in [`DETAILS`] goes into `details`, masked. Byte counts are written as decimals (`1024.0`); their whole
//! part is kept. The bucket is `requestParameters.bucketName`, else it is told from the ARN of a resource (always when the
//! request names an access point). The source of a copy is not kept: the row speaks of what was written.
//!
//! **Principals.** `AWSService` is `log-delivery` where the service delivers logs (`delivery.logs.amazonaws.com`,
//! `cloudtrail.amazonaws.com`), else `service`; so are service-linked roles. A presigned URL (`AuthenticationMethod` is
//! `QueryString`) is `signed-url`, with the signer as `principal`: whoever holds the URL can have used it. An identity
//! without a type is `unknown`. ARNs keep their account id and are masked otherwise.
//!
//! **One act in two accounts.** An event that concerns two accounts is recorded in both trails under one `sharedEventID`,
//! which becomes `act_id` (else `eventID` does). Each record is judged alone, since the other may not be there: `act_part` is 1
//! when the record has a shared id and was delivered to another account than the one that owns the bucket (else the first
//! resource with an account, else the caller). So the owner's record counts; who holds the caller's trail alone finds
//! nothing but part 1, and must count acts by their smallest part. The same `eventID` in two files is a re-delivery, which a
//! view drops by `event_id`.
//!
//! **Digest files** (`CloudTrail-Digest`) and what they prove are described in `cloudtrail/digests.rs`; they become rows of
//! `deliveries`. A file of public keys (`aws cloudtrail list-public-keys`) lets their signatures be checked.
//!
//! **Traps.**
//! - Data events are off by default: a trail without them cannot show that an object was read.
//! - A bucket that receives its own logs records its own log delivery; most of such a trail is `log-delivery`.
//! - `requestParameters` can be null, a text, or absent; `eventTime` can be absent with `@timestamp` in its place.
//! - S3 event notifications also come as `{"Records": [...]}` with `eventSource` and `eventName`; they are not CloudTrail.

mod details;
mod digest_file;
mod digests;
mod event;
mod identity;
mod keys;
mod log_files;
mod rows;
mod verbs;

use crate::Error;
use crate::detect::Head;
use crate::formats::stream;
use crate::open::{Content, open_text, sniff};
use crate::run::{Note, Run, SourceFile};

pub use details::DETAILS;
pub(in crate::formats) use rows::masked_arn;

/// The fields this reader may read, beside those of [`DETAILS`]. Names of digest and key files stand behind the events'.
pub const ALLOWED: &[&str] = &[
    "@timestamp",
    "additionalEventData.AuthenticationMethod",
    "additionalEventData.bytesTransferredIn",
    "additionalEventData.bytesTransferredOut",
    "awsRegion",
    "errorCode",
    "eventCategory",
    "eventID",
    "eventName",
    "eventSource",
    "eventTime",
    "eventType",
    "insightDetails.eventSource",
    "managementEvent",
    "readOnly",
    "recipientAccountId",
    "requestParameters.bucketName",
    "requestParameters.key",
    "resources.ARN",
    "resources.accountId",
    "resources.type",
    "responseElements.ConsoleLogin",
    "sessionCredentialFromConsole",
    "sharedEventID",
    "sourceIPAddress",
    "userIdentity.accountId",
    "userIdentity.arn",
    "userIdentity.invokedBy",
    "userIdentity.principalId",
    "userIdentity.type",
    "vpcEndpointId",
    "awsAccountId",
    "digestEndTime",
    "digestPublicKeyFingerprint",
    "digestS3Bucket",
    "digestS3Object",
    "digestSignatureAlgorithm",
    "digestStartTime",
    "logFiles.hashAlgorithm",
    "logFiles.hashValue",
    "logFiles.newestEventTime",
    "logFiles.oldestEventTime",
    "logFiles.s3Object",
    "newestEventTime",
    "oldestEventTime",
    "previousDigestHashAlgorithm",
    "previousDigestHashValue",
    "previousDigestS3Bucket",
    "previousDigestS3Object",
    "previousDigestSignature",
    "PublicKeyList.Fingerprint",
    "PublicKeyList.Value",
];

/// Arrays whose elements are events or wrap them.
const ENVELOPES: &[&str] = &["Records", "logEvents", "events", "Events"];

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    if !head.is_json() {
        return None;
    }
    if head.has_field("digestS3Object") && head.has_field("logFiles") {
        return Some("a CloudTrail digest with digestS3Object and logFiles");
    }
    if head.has_field("PublicKeyList") && head.has_field("Fingerprint") {
        return Some("public keys of CloudTrail digests");
    }
    let bare: String = head.text.split_whitespace().collect();
    if bare == "{\"Records\":[]}" {
        return Some("an empty Records array");
    }
    // Notifications of a bucket's events use the same names, with `aws:s3` as the source.
    let is_event = head.text.contains(".amazonaws.com") && !head.has_field("s3SchemaVersion");
    let has = |name: &str| {
        head.has_field(name)
            || head.has_field(&name.to_ascii_lowercase())
            || head.text.contains(&format!("\\\"{name}\\\""))
    };
    let named = has("eventSource") && has("eventName") && has("awsRegion");
    (is_event && named).then_some("events with eventSource, eventName and awsRegion")
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Events,
    Digest,
    Keys,
    Nothing,
}

/// Reads every file of the source. Digests come last, because they speak of all other files.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    let mut held = digests::Held::default();
    for file in run.plan_data() {
        let mut holding = Holds::Nothing;
        let hashes = run.read_once(&file, |run| {
            holding = holds(run, &file);
            match holding {
                Holds::Events => stream::json_file(run, &file, ENVELOPES, &rows::Events::new)?,
                Holds::Nothing => run.note(
                    Some(&file),
                    Note::doubt("empty-file", "the file is empty").expected("events or a digest"),
                ),
                Holds::Digest | Holds::Keys => {}
            }
            Ok(())
        })?;
        let Some(hashes) = hashes else {
            held.duplicate(file);
            continue;
        };
        match holding {
            Holds::Events => held.events(file, hashes.sha256),
            Holds::Digest => held.digest(run, file, hashes.sha256),
            Holds::Keys => held.keys(run, &file),
            Holds::Nothing => {}
        }
    }
    held.give(run)
}

/// Bytes that tell a digest from events.
const HEAD_BYTES: usize = 4096;

fn holds(run: &Run<'_>, file: &SourceFile) -> Holds {
    if sniff(&file.path).is_ok_and(|content| content == Content::Empty) {
        return Holds::Nothing;
    }
    let mut head = Vec::with_capacity(HEAD_BYTES);
    let read = open_text(&file.path, run.input.limits).and_then(|text| {
        use std::io::Read as _;
        text.take(HEAD_BYTES as u64).read_to_end(&mut head)
    });
    let has = |name: &[u8]| memchr::memmem::find(&head, name).is_some();
    match read {
        Ok(0) => Holds::Nothing,
        // A file that breaks off is read as far as it goes, where its damage is told.
        _ if has(b"\"digestS3Object\"") => Holds::Digest,
        _ if has(b"\"PublicKeyList\"") => Holds::Keys,
        _ => Holds::Events,
    }
}
