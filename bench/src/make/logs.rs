//! Requests as the logs that record them: CloudTrail in two wrappings, Azure Storage resource logs, S3 server access logs.
//!
//! The fields and their order are those of real records; names, addresses and ids are reserved or made here. All are data-plane
//! requests: management events have other costs and are not in these files.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::{Size, create};
use crate::engine::Answer;
use crate::world::{ACCOUNT, RequestFacts, Requests};

/// CloudTrail delivers a file every five minutes or so, of a few megabytes when a trail is busy.
const TRAIL_FILE_BYTES: u64 = 4 << 20;

/// A file that knows its length.
struct Counted {
    out: BufWriter<File>,
    bytes: u64,
}

impl Counted {
    fn create(path: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            out: create(path)?,
            bytes: 0,
        })
    }

    fn put(&mut self, text: &str) -> anyhow::Result<()> {
        self.bytes += text.len() as u64;
        Ok(self.out.write_all(text.as_bytes())?)
    }
}

/// Whether a log of `rows` rows and `bytes` bytes is as long as asked for.
fn is_done(size: Size, rows: u64, bytes: u64) -> bool {
    size.log_bytes
        .map_or(rows >= size.rows, |least| bytes >= least)
}

fn add(answer: &mut Answer, facts: &RequestFacts) {
    answer.rows += 1;
    answer.sum += i128::from(facts.bytes_out);
    answer.chars += facts.key.chars().count() as u64;
}

/// Many files, each one object with an array of events.
pub(super) fn cloudtrail(folder: &Path, size: Size) -> anyhow::Result<Answer> {
    let mut answer = Answer::default();
    let mut requests = Requests::new(size.seed);
    let (mut files, mut before) = (0, 0);
    while !is_done(size, answer.rows, before) {
        let name = format!("{ACCOUNT}_CloudTrail_eu-central-1_20250203T0000Z_{files:08}.json");
        let mut out = Counted::create(&folder.join(name))?;
        files += 1;
        out.put("{\"Records\":[")?;
        let mut text = String::new();
        let mut is_first = true;
        while out.bytes < TRAIL_FILE_BYTES && !is_done(size, answer.rows, before + out.bytes) {
            let facts = requests.take_one(false);
            add(&mut answer, &facts);
            text.clear();
            if !std::mem::take(&mut is_first) {
                text.push(',');
            }
            trail_event(&facts, &mut text);
            out.put(&text)?;
        }
        out.put("]}")?;
        out.out.flush()?;
        before += out.bytes;
    }
    Ok(answer)
}

/// One file, one event a line.
pub(super) fn cloudtrail_lines(folder: &Path, size: Size) -> anyhow::Result<Answer> {
    lines(folder, "events.jsonl", size, false, trail_event)
}

/// One file, one record a line.
pub(super) fn blob_logs(folder: &Path, size: Size) -> anyhow::Result<Answer> {
    lines(folder, "PT1H.json", size, true, blob_record)
}

/// One file, one line a request.
pub(super) fn s3_access(folder: &Path, size: Size) -> anyhow::Result<Answer> {
    lines(
        folder,
        "2025-02-03-00-00-00-0123456789ABCDEF",
        size,
        true,
        access_line,
    )
}

fn lines(
    folder: &Path,
    name: &str,
    size: Size,
    plain_keys: bool,
    write: impl Fn(&RequestFacts, &mut String),
) -> anyhow::Result<Answer> {
    let mut out = Counted::create(&folder.join(name))?;
    let mut requests = Requests::new(size.seed);
    let mut answer = Answer::default();
    let mut text = String::new();
    while !is_done(size, answer.rows, out.bytes) {
        let facts = requests.take_one(plain_keys);
        add(&mut answer, &facts);
        text.clear();
        write(&facts, &mut text);
        text.push('\n');
        out.put(&text)?;
    }
    out.out.flush()?;
    Ok(answer)
}

fn trail_event(facts: &RequestFacts, out: &mut String) {
    let RequestFacts {
        key,
        bucket,
        role,
        session,
        address,
        id,
        ..
    } = facts;
    let name = facts.verb.trail;
    let hex = |from: usize, to: usize| &id[from..to];
    out.push_str(&format!(
        "{{\"eventVersion\":\"1.11\",\"userIdentity\":{{\"type\":\"AssumedRole\",\"principalId\":\"AROAEXAMPLE{0}:{session}\",\
         \"arn\":\"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}\",\"accountId\":\"{ACCOUNT}\",\
         \"accessKeyId\":\"ASIAEXAMPLE{1}\",\"sessionContext\":{{\"sessionIssuer\":{{\"type\":\"Role\",\
         \"principalId\":\"AROAEXAMPLE{0}\",\"arn\":\"arn:aws:iam::{ACCOUNT}:role/{role}\",\"accountId\":\"{ACCOUNT}\",\
         \"userName\":\"{role}\"}},\"attributes\":{{\"creationDate\":\"2025-02-02T22:11:09Z\",\"mfaAuthenticated\":\"false\"}}}}}},",
        role.len(),
        hex(0, 9).to_uppercase(),
    ));
    out.push_str(&format!(
        "\"eventTime\":\"{}Z\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"{name}\",\"awsRegion\":\"eu-central-1\",\
         \"sourceIPAddress\":\"{address}\",\"userAgent\":\"[aws-sdk-java/2.29.6 Linux/6.1 OpenJDK_64-Bit_Server_VM/21.0.5 io/sync]\",",
        facts.iso
    ));
    if let Some(error) = facts.error {
        out.push_str(&format!(
            "\"errorCode\":\"{error}\",\"errorMessage\":\"Access Denied\","
        ));
    }
    out.push_str(&format!(
        "\"requestParameters\":{{\"bucketName\":\"{bucket}\",\"Host\":\"{bucket}.s3.eu-central-1.amazonaws.com\",\"key\":\"{key}\"}},\
         \"responseElements\":null,\"additionalEventData\":{{\"SignatureVersion\":\"SigV4\",\"CipherSuite\":\"TLS_AES_128_GCM_SHA256\",\
         \"bytesTransferredIn\":{}.0,\"AuthenticationMethod\":\"AuthHeader\",\"x-amz-id-2\":\"{id}{id}{}=\",\"bytesTransferredOut\":{}.0}},",
        facts.bytes_in,
        hex(0, 11),
        facts.bytes_out,
    ));
    out.push_str(&format!(
        "\"requestID\":\"{}\",\"eventID\":\"{}\",\"readOnly\":{},\"resources\":[{{\"type\":\"AWS::S3::Object\",\
         \"ARN\":\"arn:aws:s3:::{bucket}/{key}\"}},{{\"accountId\":\"{ACCOUNT}\",\"type\":\"AWS::S3::Bucket\",\
         \"ARN\":\"arn:aws:s3:::{bucket}\"}}],\"eventType\":\"AwsApiCall\",\"managementEvent\":false,\
         \"recipientAccountId\":\"{ACCOUNT}\",\"eventCategory\":\"Data\",\"tlsDetails\":{{\"tlsVersion\":\"TLSv1.3\",\
         \"cipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"clientProvidedHostHeader\":\"{bucket}.s3.eu-central-1.amazonaws.com\"}}}}",
        hex(0, 16).to_uppercase(),
        facts.uuid(),
        facts.verb.is_read,
    ));
}

fn blob_record(facts: &RequestFacts, out: &mut String) {
    let RequestFacts {
        key,
        bucket,
        address,
        id,
        ..
    } = facts;
    let name = facts.verb.blob;
    let category = if facts.verb.is_read {
        "StorageRead"
    } else {
        "StorageWrite"
    };
    let (status, text) = match facts.error {
        None => (200, "Success"),
        Some(_) => (403, "AuthorizationPermissionMismatch"),
    };
    out.push_str(&format!(
        "{{\"time\":\"{}.{:07}Z\",\"resourceId\":\"/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/bench/providers/\
         Microsoft.Storage/storageAccounts/benchstore/blobServices/default\",\"category\":\"{category}\",\"operationName\":\"{name}\",\
         \"operationVersion\":\"2024-11-04\",\"schemaVersion\":\"1.0\",\"statusCode\":{status},\"statusText\":\"{text}\",\
         \"durationMs\":{},\"callerIpAddress\":\"{address}:{}\",\"correlationId\":\"{}\",",
        facts.iso,
        facts.milliseconds * 10_000,
        facts.milliseconds,
        40_000 + facts.milliseconds,
        facts.uuid(),
    ));
    let query = if facts.is_signed {
        out.push_str(&format!(
            "\"identity\":{{\"type\":\"SAS\",\"tokenHash\":\"key1({id}{id})\"}},"
        ));
        "?sv=2024-11-04&sp=r&sig=XXXXX"
    } else {
        out.push_str(&format!(
            "\"identity\":{{\"authorization\":[{{\"action\":\"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read\",\
             \"reason\":\"Policy\",\"result\":\"Granted\"}}],\"requester\":{{\"appId\":\"00000000-0000-4000-8000-00000000000a\",\
             \"audience\":\"https://storage.azure.com\",\"objectId\":\"{}\",\"tenantId\":\"00000000-0000-4000-8000-00000000000b\",\
             \"tokenIssuer\":\"https://sts.windows.net/00000000-0000-4000-8000-00000000000b/\"}},\"type\":\"OAuth\"}},",
            facts.uuid()
        ));
        ""
    };
    out.push_str(&format!(
        "\"location\":\"westeurope\",\"properties\":{{\"accountName\":\"benchstore\",\"userAgentHeader\":\"azsdk-python-storage-blob/12.24.0\",\
         \"clientRequestId\":\"{}\",\"etag\":\"\\\"0x8D{}\\\"\",\"serviceType\":\"blob\",\"objectKey\":\"/benchstore/{bucket}/{key}\",\
         \"lastModifiedTime\":\"2/1/2025 10:21:33 AM\",\"metricResponseType\":\"{text}\",\"serverLatencyMs\":{},\"requestHeaderSize\":621,\
         \"requestBodySize\":{},\"responseHeaderSize\":413,\"responseBodySize\":{},\"tlsVersion\":\"TLS 1.3\",\"sourceAccessTier\":\"Hot\"}},\
         \"uri\":\"https://benchstore.blob.core.windows.net:443/{bucket}/{key}{query}\",\"protocol\":\"HTTPS\",\
         \"resourceType\":\"Microsoft.Storage/storageAccounts/blobServices\"}}",
        facts.uuid(),
        id[..13].to_uppercase(),
        facts.milliseconds,
        facts.bytes_in,
        facts.bytes_out,
    ));
}

fn access_line(facts: &RequestFacts, out: &mut String) {
    let RequestFacts {
        key,
        bucket,
        role,
        session,
        address,
        id,
        ..
    } = facts;
    let (status, error) = match facts.error {
        None => (200, "-"),
        Some(error) => (403, error),
    };
    out.push_str(&format!(
        "{0}{0} {bucket} [{1} +0000] {address} arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session} {2} {3} {key} \
         \"{4} /{key} HTTP/1.1\" {status} {error} {5} {6} {7} {7} \"-\" \"aws-sdk-java/2.29.6 Linux/6.1\" - {0}{8}= SigV4 \
         TLS_AES_128_GCM_SHA256 AuthHeader {bucket}.s3.eu-central-1.amazonaws.com TLSv1.3 - -",
        id,
        facts.log_time,
        id[..16].to_uppercase(),
        facts.verb.access,
        facts.verb.method,
        facts.bytes_out,
        facts.object_bytes,
        facts.milliseconds,
        &id[..20],
    ));
}
