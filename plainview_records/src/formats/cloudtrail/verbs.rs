//! What an event does, told from its name.

use crate::tables::{activity, requests};

/// Services whose data events are requests to stores.
const STORES: &[&str] = &[
    "s3.amazonaws.com",
    "s3express.amazonaws.com",
    "s3-outposts.amazonaws.com",
    "s3-object-lambda.amazonaws.com",
];

/// Whether `service` keeps objects.
pub(super) fn is_store(service: &str) -> bool {
    STORES.contains(&service)
}

/// Requests to objects and their listing, by the beginning of the name; the longer beginning stands first.
const REQUESTS: &[(&str, &str)] = &[
    ("GetObject", requests::verb::READ),
    ("HeadObject", requests::verb::READ),
    ("SelectObjectContent", requests::verb::READ),
    ("PutObjectAcl", requests::verb::CONFIGURE),
    ("PutObjectTagging", requests::verb::CONFIGURE),
    ("PutObjectRetention", requests::verb::CONFIGURE),
    ("PutObjectLegalHold", requests::verb::CONFIGURE),
    ("PutObjectLockConfiguration", ""),
    ("PutObject", requests::verb::WRITE),
    ("PostObject", requests::verb::WRITE),
    ("CopyObject", requests::verb::COPY),
    ("RenameObject", requests::verb::COPY),
    ("UploadPartCopy", requests::verb::COPY),
    ("UploadPart", requests::verb::WRITE),
    ("CreateMultipartUpload", requests::verb::WRITE),
    ("CompleteMultipartUpload", requests::verb::WRITE),
    ("AbortMultipartUpload", requests::verb::OTHER),
    ("RestoreObject", requests::verb::WRITE),
    ("DeleteObjectTagging", requests::verb::CONFIGURE),
    ("DeleteObject", requests::verb::DELETE),
    ("ListObject", requests::verb::LIST),
    ("ListParts", requests::verb::LIST),
    ("ListMultipartUploads", requests::verb::LIST),
    ("HeadBucket", requests::verb::LIST),
];

/// What a request to a store does, when the name is that of one.
pub(super) fn request(name: &str) -> Option<&'static str> {
    // `GetObjectLockConfiguration` speaks of a bucket.
    if name.starts_with("GetObjectLock") {
        return None;
    }
    REQUESTS
        .iter()
        .find(|(start, _)| name.starts_with(start))
        .map(|(_, verb)| *verb)
        .filter(|verb| !verb.is_empty())
}

/// Events that sign in or take on a role.
const SIGN_IN: &[&str] = &[
    "AssumeRole",
    "Authenticate",
    "CheckMfa",
    "ConsoleLogin",
    "CredentialChallenge",
    "CredentialVerification",
    "ExitRole",
    "Federate",
    "GetFederationToken",
    "GetSessionToken",
    "GetSigninToken",
    "SwitchRole",
    "UserAuthentication",
];

/// First words of names.
const WORDS: &[(&[&str], &str)] = &[
    (
        &[
            "Get", "List", "Describe", "Head", "Lookup", "Search", "Query", "Scan", "Select",
            "View", "Check", "Validate", "Preview", "Test", "Read",
        ],
        activity::verb::READ,
    ),
    (
        &[
            "Create", "Run", "Allocate", "Import", "Register", "Copy", "Restore", "Launch",
            "Request", "Generate", "Issue", "Upload",
        ],
        activity::verb::CREATE,
    ),
    (
        &[
            "Delete",
            "Terminate",
            "Deregister",
            "Purge",
            "Destroy",
            "Release",
        ],
        activity::verb::DELETE,
    ),
    (
        &[
            "Put",
            "Update",
            "Set",
            "Attach",
            "Detach",
            "Modify",
            "Enable",
            "Disable",
            "Add",
            "Remove",
            "Associate",
            "Disassociate",
            "Change",
            "Tag",
            "Untag",
            "Start",
            "Stop",
            "Replace",
            "Authorize",
            "Revoke",
            "Reset",
            "Share",
            "Grant",
            "Schedule",
            "Cancel",
            "Accept",
            "Apply",
            "Configure",
            "Deactivate",
            "Activate",
            "Rotate",
            "Leave",
            "Invite",
            "Transfer",
            "Reboot",
            "Upgrade",
        ],
        activity::verb::CONFIGURE,
    ),
];

/// What a control-plane event does. At a store, only the bucket itself is created and deleted: the rest is how it is set up.
pub(super) fn activity(service: &str, name: &str) -> &'static str {
    if SIGN_IN.iter().any(|start| name.starts_with(start)) {
        return activity::verb::SIGN_IN;
    }
    let one = name.strip_prefix("Batch").unwrap_or(name);
    let verb = WORDS
        .iter()
        .find(|(words, _)| words.iter().any(|word| begins(one, word)))
        .map_or(activity::verb::OTHER, |(_, verb)| *verb);
    let changes = verb == activity::verb::CREATE || verb == activity::verb::DELETE;
    if changes && is_store(service) && !matches!(name, "CreateBucket" | "DeleteBucket") {
        return activity::verb::CONFIGURE;
    }
    verb
}

/// Whether the first word of `name` is `word`: `Settle` does not begin with `Set`.
fn begins(name: &str, word: &str) -> bool {
    name.strip_prefix(word)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_follow_from_names() {
        let s3 = "s3.amazonaws.com";
        for (service, name, verb) in [
            (s3, "CreateBucket", "create"),
            (s3, "DeleteBucket", "delete"),
            (s3, "DeleteBucketPolicy", "configure"),
            (s3, "PutBucketLogging", "configure"),
            (s3, "GetBucketAcl", "read"),
            (s3, "ListBuckets", "read"),
            ("sts.amazonaws.com", "AssumeRoleWithSAML", "sign-in"),
            ("signin.amazonaws.com", "ConsoleLogin", "sign-in"),
            ("iam.amazonaws.com", "DeleteUserPolicy", "delete"),
            ("ec2.amazonaws.com", "RunInstances", "create"),
            ("ec2.amazonaws.com", "Settle", "other"),
            ("ecr.amazonaws.com", "BatchDeleteImage", "delete"),
            ("ecr.amazonaws.com", "BatchGetImage", "read"),
            ("kms.amazonaws.com", "Decrypt", "other"),
            ("lambda.amazonaws.com", "Invoke", "other"),
        ] {
            assert_eq!(activity(service, name), verb, "{name}");
        }
        for (name, verb) in [
            ("GetObject", Some("read")),
            ("GetObjectTagging", Some("read")),
            ("GetObjectLockConfiguration", None),
            ("PutObject", Some("write")),
            ("PutObjectAcl", Some("configure")),
            ("PutObjectLockConfiguration", None),
            ("DeleteObjects", Some("delete")),
            ("DeleteObjectTagging", Some("configure")),
            ("UploadPartCopy", Some("copy")),
            ("CopyObject", Some("copy")),
            ("ListObjectsV2", Some("list")),
            ("ListBuckets", None),
            ("GetBucketAcl", None),
        ] {
            assert_eq!(request(name), verb, "{name}");
        }
    }
}
