//! `details`: how things were set up and by whom, out of the fields that may be read.
//!
//! A path is kept when [`DETAILS`] lists it; everything else under the same root is passed over without being decoded.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::Tokens;
use crate::formats::stream::raw::Raw;

use super::event::Event;
use super::rows::{masked_arn, masked_principal};

/// The names this reader may put into `details` of the `activity` table, sorted.
pub const DETAILS: &[&str] = &[
    "additionalEventData.AuthenticationMethod",
    "additionalEventData.MFAUsed",
    "errorMessage",
    "eventType",
    "requestParameters.AccessControlPolicy.AccessControlList.Grant.Grantee.URI",
    "requestParameters.AccessControlPolicy.AccessControlList.Grant.Permission",
    "requestParameters.BucketLoggingStatus.LoggingEnabled.TargetBucket",
    "requestParameters.BucketLoggingStatus.LoggingEnabled.TargetPrefix",
    "requestParameters.CreateBucketConfiguration.LocationConstraint",
    "requestParameters.LifecycleConfiguration.Rule.Expiration.Date",
    "requestParameters.LifecycleConfiguration.Rule.Expiration.Days",
    "requestParameters.LifecycleConfiguration.Rule.Filter.Prefix",
    "requestParameters.LifecycleConfiguration.Rule.NoncurrentVersionExpiration.NoncurrentDays",
    "requestParameters.LifecycleConfiguration.Rule.Prefix",
    "requestParameters.LifecycleConfiguration.Rule.Status",
    "requestParameters.LifecycleConfiguration.Rule.Transition.Days",
    "requestParameters.LifecycleConfiguration.Rule.Transition.StorageClass",
    "requestParameters.ObjectLockConfiguration.ObjectLockEnabled",
    "requestParameters.ObjectLockConfiguration.Rule.DefaultRetention.Days",
    "requestParameters.ObjectLockConfiguration.Rule.DefaultRetention.Mode",
    "requestParameters.ObjectLockConfiguration.Rule.DefaultRetention.Years",
    "requestParameters.OwnershipControls.Rule.ObjectOwnership",
    "requestParameters.PublicAccessBlockConfiguration.BlockPublicAcls",
    "requestParameters.PublicAccessBlockConfiguration.BlockPublicPolicy",
    "requestParameters.PublicAccessBlockConfiguration.IgnorePublicAcls",
    "requestParameters.PublicAccessBlockConfiguration.RestrictPublicBuckets",
    "requestParameters.ReplicationConfiguration.Role",
    "requestParameters.ReplicationConfiguration.Rule.Destination.Account",
    "requestParameters.ReplicationConfiguration.Rule.Destination.Bucket",
    "requestParameters.ReplicationConfiguration.Rule.Destination.StorageClass",
    "requestParameters.ReplicationConfiguration.Rule.Status",
    "requestParameters.ServerSideEncryptionConfiguration.Rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID",
    "requestParameters.ServerSideEncryptionConfiguration.Rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm",
    "requestParameters.VersioningConfiguration.MfaDelete",
    "requestParameters.VersioningConfiguration.Status",
    "requestParameters.advancedEventSelectors.fieldSelectors.equals",
    "requestParameters.advancedEventSelectors.fieldSelectors.field",
    "requestParameters.advancedEventSelectors.fieldSelectors.notEquals",
    "requestParameters.advancedEventSelectors.fieldSelectors.startsWith",
    "requestParameters.assumeRolePolicyDocument",
    "requestParameters.attribute",
    "requestParameters.attributeName",
    "requestParameters.attributeType",
    "requestParameters.authType",
    "requestParameters.bucketName",
    "requestParameters.bucketPolicy.Statement.Action",
    "requestParameters.bucketPolicy.Statement.Condition.StringEquals.aws:PrincipalOrgID",
    "requestParameters.bucketPolicy.Statement.Effect",
    "requestParameters.bucketPolicy.Statement.NotAction",
    "requestParameters.bucketPolicy.Statement.NotPrincipal.AWS",
    "requestParameters.bucketPolicy.Statement.NotResource",
    "requestParameters.bucketPolicy.Statement.Principal",
    "requestParameters.bucketPolicy.Statement.Principal.AWS",
    "requestParameters.bucketPolicy.Statement.Principal.Federated",
    "requestParameters.bucketPolicy.Statement.Principal.Service",
    "requestParameters.bucketPolicy.Statement.Resource",
    "requestParameters.configurationRecorderName",
    "requestParameters.createVolumePermission.add.items.group",
    "requestParameters.createVolumePermission.add.items.userId",
    "requestParameters.dBClusterIdentifier",
    "requestParameters.dBInstanceIdentifier",
    "requestParameters.dBSnapshotIdentifier",
    "requestParameters.destinationLocationArn",
    "requestParameters.detectorId",
    "requestParameters.durationSeconds",
    "requestParameters.enable",
    "requestParameters.enableLogFileValidation",
    "requestParameters.eventSelectors.dataResources.type",
    "requestParameters.eventSelectors.dataResources.values",
    "requestParameters.eventSelectors.includeManagementEvents",
    "requestParameters.eventSelectors.readWriteType",
    "requestParameters.functionName",
    "requestParameters.groupName",
    "requestParameters.includeGlobalServiceEvents",
    "requestParameters.instanceId",
    "requestParameters.isMultiRegionTrail",
    "requestParameters.isOrganizationTrail",
    "requestParameters.keyId",
    "requestParameters.kmsKeyId",
    "requestParameters.launchPermission.add.items.group",
    "requestParameters.launchPermission.add.items.userId",
    "requestParameters.layers",
    "requestParameters.name",
    "requestParameters.pendingWindowInDays",
    "requestParameters.policyArn",
    "requestParameters.policyDocument",
    "requestParameters.policyName",
    "requestParameters.publiclyAccessible",
    "requestParameters.roleArn",
    "requestParameters.roleName",
    "requestParameters.s3BucketName",
    "requestParameters.s3KeyPrefix",
    "requestParameters.serviceName",
    "requestParameters.snapshotId",
    "requestParameters.sourceLocationArn",
    "requestParameters.trailName",
    "requestParameters.userName",
    "requestParameters.valuesToAdd",
    "requestParameters.x-amz-acl",
    "requestParameters.x-amz-bucket-object-lock-enabled",
    "requestParameters.x-amz-grant-full-control",
    "requestParameters.x-amz-grant-read",
    "requestParameters.x-amz-object-ownership",
    "responseElements.ConsoleLogin",
    "responseElements.assumedRoleUser.arn",
    "responseElements.publiclyAccessible",
    "sessionCredentialFromConsole",
    "userIdentity.accountId",
    "userIdentity.invokedBy",
    "userIdentity.sessionContext.attributes.mfaAuthenticated",
    "userIdentity.sessionContext.sessionIssuer.arn",
    "userIdentity.sessionContext.sessionIssuer.type",
    "userIdentity.type",
];

/// Characters of one value that are kept.
const VALUE_CHARS_MAX: usize = 2048;

/// Levels below a root that are looked into.
const DEPTH_MAX: u32 = 12;

/// Ends of names whose values can be bare account ids, which name nobody.
const ACCOUNTS: &[&str] = &[".accountId", ".userId", ".Account", ".Principal.AWS"];

/// Replaces identifier-like runs in the values of one event.
#[derive(Clone, Copy)]
struct Mask<'t> {
    tokens: &'t Tokens,
    at: i64,
}

impl Mask<'_> {
    fn value<'v>(self, name: &str, text: &'v str) -> Cow<'v, str> {
        if ACCOUNTS.iter().any(|end| name.ends_with(end)) {
            masked_principal(self.tokens, text, self.at)
        } else {
            masked_arn(self.tokens, text, self.at)
        }
    }
}

/// The details of one event at a time; kept between events for its buffers.
#[derive(Debug, Default)]
pub(super) struct Details {
    /// Place in [`DETAILS`] and masked value, in the order met.
    met: Vec<(usize, String)>,
    path: String,
    json: String,
}

impl Details {
    /// The details of `event` as a JSON object; nothing when it has none.
    pub(super) fn of(&mut self, event: &Event<'_>, tokens: &Tokens, at: i64) -> Option<&str> {
        let mask = Mask { tokens, at };
        self.met.clear();
        for (root, value) in [
            ("additionalEventData", event.additional.whole),
            ("requestParameters", event.parameters.whole),
            ("responseElements", event.response),
            ("userIdentity.sessionContext", event.user.session),
        ] {
            if let Some(value) = value {
                self.path.clear();
                self.path.push_str(root);
                self.walk(value, 0, mask);
            }
        }
        let user = &event.user;
        for (name, text) in [
            ("eventType", event.kind.as_deref()),
            (
                "sessionCredentialFromConsole",
                event.from_console.as_deref(),
            ),
            ("userIdentity.accountId", user.account.as_deref()),
            ("userIdentity.invokedBy", user.invoked_by.as_deref()),
            ("userIdentity.type", user.kind.as_deref()),
        ] {
            if let (Ok(place), Some(text)) = (DETAILS.binary_search(&name), text) {
                self.keep(place, text, mask);
            }
        }
        self.keep_message(event, mask);
        self.write()
    }

    /// The sign-in service's messages are a fixed few; those of other services quote what was asked for.
    fn keep_message(&mut self, event: &Event<'_>, mask: Mask<'_>) {
        if event.source.as_deref() == Some("signin.amazonaws.com")
            && let (Ok(place), Some(text)) = (
                DETAILS.binary_search(&"errorMessage"),
                event.error_message.and_then(Raw::text),
            )
        {
            self.keep(place, &text, mask);
        }
    }

    /// Takes what is listed at or below [`Self::path`].
    fn walk(&mut self, value: Raw<'_>, depth: u32, mask: Mask<'_>) {
        if depth > DEPTH_MAX {
            return;
        }
        if value.is_array() {
            // A value of a record that was read to its end is whole, here and below.
            let _ = value.elements(|element| self.walk(element, depth + 1, mask));
        } else if value.is_object() {
            let length = self.path.len();
            let _ = value.fields(|name, value| {
                self.path.push('.');
                self.path.push_str(name);
                if leads_to_any(&self.path) {
                    self.walk(value, depth + 1, mask);
                }
                self.path.truncate(length);
            });
        } else if let Ok(place) = DETAILS.binary_search(&self.path.as_str())
            && let Some(text) = value.text()
        {
            self.keep(place, &text, mask);
        }
    }

    /// Keeps a value; another one of the same name goes below it.
    fn keep(&mut self, place: usize, text: &str, mask: Mask<'_>) {
        if text.is_empty() {
            return;
        }
        let end = text
            .char_indices()
            .nth(VALUE_CHARS_MAX)
            .map_or(text.len(), |(end, _)| end);
        let text = mask.value(DETAILS[place], &text[..end]);
        match self.met.iter_mut().find(|(met, _)| *met == place) {
            Some((_, kept)) if kept.len() < VALUE_CHARS_MAX => {
                kept.push('\n');
                kept.push_str(&text);
            }
            Some(_) => {}
            None => self.met.push((place, text.into_owned())),
        }
    }

    fn write(&mut self) -> Option<&str> {
        if self.met.is_empty() {
            return None;
        }
        self.met.sort_unstable_by_key(|(place, _)| *place);
        self.json.clear();
        self.json.push('{');
        for (index, (place, text)) in self.met.iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            push_json(DETAILS[*place], &mut self.json);
            self.json.push(':');
            push_json(text, &mut self.json);
        }
        self.json.push('}');
        Some(&self.json)
    }
}

/// Whether a listed name is `path` or begins with it and a dot.
fn leads_to_any(path: &str) -> bool {
    let from = DETAILS.partition_point(|name| *name < path);
    DETAILS[from..]
        .iter()
        .take_while(|name| name.starts_with(path))
        .any(|name| matches!(name.as_bytes().get(path.len()), None | Some(b'.')))
}

/// `text` as a JSON string.
fn push_json(text: &str, out: &mut String) {
    if text
        .bytes()
        .all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
    {
        out.push('"');
        out.push_str(text);
        out.push('"');
        return;
    }
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_every_part_of_a_name_leads_to_it() {
        assert!(DETAILS.is_sorted());
        for name in DETAILS {
            for (end, _) in name.match_indices('.') {
                assert!(leads_to_any(&name[..end]), "{name}");
            }
            assert!(leads_to_any(name));
        }
        assert!(!leads_to_any("requestParameters.bucket"));
        assert!(!leads_to_any("requestParameters.bucketName.x"));
    }

    #[test]
    fn texts_are_written_as_json() {
        let mut out = String::new();
        push_json("a\"b\\c\nd\u{1}", &mut out);
        assert_eq!(out, "\"a\\\"b\\\\c\\nd\\u0001\"");
    }
}
