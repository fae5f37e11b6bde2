//! What an operation does and who asked for it, in the words of the `requests` table.

use crate::tables::requests::{principal, verb};

/// The verb of an operation; the table is in the manual page of the format.
pub(super) fn verb_of(operation: &str) -> &'static str {
    match operation {
        "BATCH.DELETE.OBJECT"
        | "REST.DELETE.OBJECT"
        | "REST.POST.MULTI_OBJECT_DELETE"
        | "S3.EXPIRE.OBJECT"
        | "S3.CREATE.DELETEMARKER" => return verb::DELETE,
        _ => {}
    }
    let mut parts = operation.splitn(3, '.');
    let (family, method, what) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    if family != "REST" && family != "WEBSITE" {
        return verb::OTHER;
    }
    match (method, what) {
        ("COPY", _) => verb::COPY,
        ("GET" | "HEAD", "OBJECT" | "OBJECT_ATTRIBUTES" | "TORRENT" | "OBJECT_TORRENT")
        | ("SELECT", _) => verb::READ,
        ("GET", "BUCKET" | "BUCKETVERSIONS" | "SERVICE" | "UPLOADS" | "UPLOAD") => verb::LIST,
        ("PUT" | "POST", "OBJECT" | "PART" | "UPLOADS" | "UPLOAD") => verb::WRITE,
        ("DELETE", "UPLOAD") | ("POST" | "OPTIONS", _) => verb::OTHER,
        ("GET" | "HEAD" | "PUT" | "DELETE", _) => verb::CONFIGURE,
        _ => verb::OTHER,
    }
}

/// Whether the service's lifecycle rules act, by the operation alone.
pub(super) fn is_lifecycle(operation: &str) -> bool {
    matches!(
        operation,
        "S3.EXPIRE.OBJECT" | "S3.CREATE.DELETEMARKER" | "S3.DELETE.UPLOAD"
    ) || operation.starts_with("S3.TRANSITION")
}

/// The record's number within its act: the read side of a copy, and each object of a batch, count with another record.
pub(super) fn part_of(operation: &str) -> u32 {
    let is_read_side = operation.starts_with("REST.COPY.") && operation.ends_with("_GET");
    u32::from(is_read_side || operation == "BATCH.DELETE.OBJECT")
}

/// The account from which AWS delivers logs, as a canonical id; the vendor's documentation gives it for bucket grants.
const LOG_DELIVERY_ID: &str = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0";

/// Who asked, as far as the requester, the bucket's owner and the operation tell.
pub(super) fn kind_of(requester: &str, owner: &str, operation: &str) -> &'static str {
    if is_lifecycle(operation) {
        return principal::LIFECYCLE;
    }
    if requester == "AmazonS3" {
        // S3 writes itself where it carries out one object of somebody's batch.
        return if operation == "BATCH.DELETE.OBJECT" {
            principal::UNKNOWN
        } else {
            principal::SERVICE
        };
    }
    if let Some(service) = requester.strip_prefix("svc:") {
        return if service.contains("log") || service.contains("cloudtrail") {
            principal::LOG_DELIVERY
        } else {
            principal::SERVICE
        };
    }
    if requester.starts_with("arn:") {
        return arn_kind(requester);
    }
    let is_id = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match requester {
        "-" => principal::ANONYMOUS,
        LOG_DELIVERY_ID => principal::LOG_DELIVERY,
        _ if !is_id(requester) => principal::UNKNOWN,
        _ if requester == owner => principal::ROOT,
        _ if requester.len() == LOG_DELIVERY_ID.len() => principal::OTHER_ACCOUNT,
        _ => principal::UNKNOWN,
    }
}

/// `arn:aws:iam::111122223333:user/name` and its kind.
fn arn_kind(arn: &str) -> &'static str {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
    match kind {
        "user" if name == "awslogsdelivery" => principal::LOG_DELIVERY,
        "user" | "federated-user" => principal::USER,
        "root" => principal::ROOT,
        // Service-linked roles can be taken on by the service alone.
        "assumed-role" if name.starts_with("AWSServiceRoleFor") => principal::SERVICE,
        "assumed-role" | "role" => principal::ROLE,
        _ => principal::UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_have_verbs() {
        let cases = [
            ("REST.GET.OBJECT", verb::READ),
            ("REST.HEAD.OBJECT", verb::READ),
            ("WEBSITE.GET.OBJECT", verb::READ),
            ("REST.SELECT.OBJECT_CONTENT", verb::READ),
            ("REST.PUT.OBJECT", verb::WRITE),
            ("REST.POST.OBJECT", verb::WRITE),
            ("REST.PUT.PART", verb::WRITE),
            ("REST.POST.UPLOADS", verb::WRITE),
            ("REST.POST.UPLOAD", verb::WRITE),
            ("REST.DELETE.OBJECT", verb::DELETE),
            ("REST.POST.MULTI_OBJECT_DELETE", verb::DELETE),
            ("BATCH.DELETE.OBJECT", verb::DELETE),
            ("S3.EXPIRE.OBJECT", verb::DELETE),
            ("S3.CREATE.DELETEMARKER", verb::DELETE),
            ("REST.COPY.OBJECT", verb::COPY),
            ("REST.COPY.OBJECT_GET", verb::COPY),
            ("REST.COPY.PART", verb::COPY),
            ("REST.GET.BUCKET", verb::LIST),
            ("REST.GET.BUCKETVERSIONS", verb::LIST),
            ("REST.GET.UPLOADS", verb::LIST),
            ("REST.GET.BUCKETPOLICY", verb::CONFIGURE),
            ("REST.HEAD.BUCKET", verb::CONFIGURE),
            ("REST.PUT.BUCKET", verb::CONFIGURE),
            ("REST.DELETE.BUCKET", verb::CONFIGURE),
            ("REST.PUT.ACL", verb::CONFIGURE),
            ("REST.DELETE.UPLOAD", verb::OTHER),
            ("S3.TRANSITION_SIA.OBJECT", verb::OTHER),
            ("REST.OPTIONS.PREFLIGHT", verb::OTHER),
            ("REST.POST.RESTORE", verb::OTHER),
            ("SOAP.GetObject", verb::OTHER),
            ("X.Y", verb::OTHER),
        ];
        for (operation, expected) in cases {
            assert_eq!(verb_of(operation), expected, "{operation}");
        }
    }

    #[test]
    fn requesters_have_kinds() {
        let other = "f16a9e81a6589df1c902c86f7982fd14a88787dbf16a9e81a6589df1c902c86f";
        let get = "REST.GET.OBJECT";
        let cases = [
            ("-", get, principal::ANONYMOUS),
            ("79a5", get, principal::ROOT),
            (other, get, principal::OTHER_ACCOUNT),
            ("0abc", get, principal::UNKNOWN),
            ("somebody", get, principal::UNKNOWN),
            (LOG_DELIVERY_ID, "REST.PUT.OBJECT", principal::LOG_DELIVERY),
            (
                "arn:aws:iam::111122223333:user/path/n",
                get,
                principal::USER,
            ),
            (
                "arn:aws:iam::111122223333:user/awslogsdelivery",
                get,
                principal::LOG_DELIVERY,
            ),
            (
                "arn:aws:sts::111122223333:federated-user/n",
                get,
                principal::USER,
            ),
            ("arn:aws:iam::111122223333:root", get, principal::ROOT),
            (
                "arn:aws:sts::111122223333:assumed-role/r/s",
                get,
                principal::ROLE,
            ),
            (
                "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/s",
                get,
                principal::SERVICE,
            ),
            ("arn:aws:sts::111122223333:else", get, principal::UNKNOWN),
            ("svc:s3.amazonaws.com", get, principal::SERVICE),
            (
                "svc:logging.s3.amazonaws.com",
                "REST.PUT.OBJECT",
                principal::LOG_DELIVERY,
            ),
            (
                "svc:cloudtrail.amazonaws.com",
                "REST.PUT.OBJECT",
                principal::LOG_DELIVERY,
            ),
            ("AmazonS3", "S3.EXPIRE.OBJECT", principal::LIFECYCLE),
            ("AmazonS3", "S3.TRANSITION_GDA.OBJECT", principal::LIFECYCLE),
            ("AmazonS3", "S3.RESTORE.OBJECT", principal::SERVICE),
            ("AmazonS3", "BATCH.DELETE.OBJECT", principal::UNKNOWN),
        ];
        for (requester, operation, expected) in cases {
            assert_eq!(
                kind_of(requester, "79a5", operation),
                expected,
                "{requester} {operation}"
            );
        }
    }
}
