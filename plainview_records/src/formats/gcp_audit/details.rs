//! `details`: what an entry says beside the columns of the `activity` table.

use super::entry::Entry;
use crate::Tokens;

/// The names this reader may put into `details` of the `activity` table, sorted.
pub const DETAILS: &[&str] = &[
    "logName",
    "operation.first",
    "operation.id",
    "operation.last",
    "protoPayload.authenticationInfo.principalSubject",
    "protoPayload.authenticationInfo.serviceAccountDelegationInfo.firstPartyPrincipal.principalEmail",
    "protoPayload.authenticationInfo.serviceAccountKeyName",
    "protoPayload.authorizationInfo.granted",
    "protoPayload.authorizationInfo.permission",
    "protoPayload.authorizationInfo.permissionType",
    "protoPayload.metadata.event.eventName",
    "protoPayload.numResponseItems",
    "protoPayload.serviceData.policyDelta.bindingDeltas.action",
    "protoPayload.serviceData.policyDelta.bindingDeltas.member",
    "protoPayload.serviceData.policyDelta.bindingDeltas.role",
    "protoPayload.status.code",
    "resource.labels.bucket_name",
    "resource.labels.location",
    "resource.labels.project_id",
    "resource.type",
    "severity",
];

/// Most characters of one value that are kept.
const VALUE_CHARS_MAX: usize = 4096;

/// The details of an entry as a JSON object of texts; nothing when it has none.
pub(super) fn of(entry: &Entry<'_>, tokens: &Tokens, at: i64) -> Option<String> {
    let mut out = String::new();
    for name in DETAILS {
        let values: Vec<&str> = entry.texts(name).filter(|text| !text.is_empty()).collect();
        if values.is_empty() {
            continue;
        }
        let joined = values.join("\n");
        let end = joined
            .char_indices()
            .nth(VALUE_CHARS_MAX)
            .map_or(joined.len(), |(end, _)| end);
        out.push(if out.is_empty() { '{' } else { ',' });
        out.push_str(&quoted(name));
        out.push(':');
        out.push_str(&quoted(&tokens.text(&joined[..end], Some(at))));
    }
    if out.is_empty() {
        return None;
    }
    out.push('}');
    Some(out)
}

/// A text as JSON; texts always can be.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::ALLOWED;
    use super::*;

    #[test]
    fn details_are_sorted_and_allowed() {
        assert!(DETAILS.is_sorted());
        for name in DETAILS {
            assert!(ALLOWED.contains(name), "{name}");
        }
    }
}
