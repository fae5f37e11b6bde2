//! What the words of an activity log mean: statuses, and the verbs in the paths of operations.

use crate::tables::activity::{outcome, verb};

/// How an event ended, by its status word.
pub(super) fn outcome(status: Option<&str>) -> &'static str {
    let Some(status) = status else {
        return outcome::UNKNOWN;
    };
    let is_in = |words: &[&str]| {
        words
            .iter()
            .any(|word| word.eq_ignore_ascii_case(status.trim()))
    };
    if is_in(&["Success", "Succeeded", "Succeed", "OK", "Completed"]) {
        outcome::SUCCESS
    } else if is_in(&[
        "Failed",
        "Failure",
        "Fail",
        "Canceled",
        "Cancelled",
        "Error",
    ]) {
        outcome::FAILURE
    } else if is_in(&[
        "Start",
        "Started",
        "Accept",
        "Accepted",
        "Begin",
        "In Progress",
        "InProgress",
        "Running",
    ]) {
        outcome::STARTED
    } else {
        outcome::UNKNOWN
    }
}

/// Whether a record says that its resource was made by it and not changed: `Created` or 201, alone or at an end
/// (`Succeeded.Created`, `Created (HTTP Status Code: 201)`).
pub(super) fn says_created(word: &str) -> bool {
    let word = word.trim();
    let behind = word.rsplit('.').next().unwrap_or(word);
    let first = behind.split([' ', '(']).next().unwrap_or(behind);
    first.eq_ignore_ascii_case("Created") || first == "201"
}

/// What an operation does, by the end of its path; `is_new` when the record says that a resource was made.
pub(super) fn verb(operation: &str, is_new: bool) -> &'static str {
    let mut parts = operation.rsplit('/');
    let last = parts.next().unwrap_or_default();
    let before = parts.next().unwrap_or_default();
    let is = |part: &str, word: &str| part.eq_ignore_ascii_case(word);
    let starts = |part: &str, word: &str| {
        part.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    if is(last, "delete") {
        verb::DELETE
    } else if is(last, "write") {
        if is_new {
            verb::CREATE
        } else {
            verb::CONFIGURE
        }
    } else if is(last, "read") {
        verb::READ
    } else if !is(last, "action") {
        verb::OTHER
    } else if is(before, "delete") || is(before, "purge") {
        verb::DELETE
    } else if ["list", "get", "read", "query"]
        .iter()
        .any(|word| starts(before, word))
    {
        verb::READ
    } else if [
        "regenerate",
        "elevate",
        "update",
        "set",
        "rotate",
        "enable",
        "disable",
    ]
    .iter()
    .any(|word| starts(before, word))
    {
        verb::CONFIGURE
    } else {
        verb::OTHER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_told_apart() {
        for (status, expected) in [
            (Some("Success"), outcome::SUCCESS),
            (Some("succeeded"), outcome::SUCCESS),
            (Some("Failed"), outcome::FAILURE),
            (Some("Failure"), outcome::FAILURE),
            (Some("Start"), outcome::STARTED),
            (Some("Started"), outcome::STARTED),
            (Some("Accepted"), outcome::STARTED),
            (Some("Active"), outcome::UNKNOWN),
            (Some(""), outcome::UNKNOWN),
            (None, outcome::UNKNOWN),
        ] {
            assert_eq!(super::outcome(status), expected, "{status:?}");
        }
    }

    #[test]
    fn made_is_told_from_changed() {
        for word in [
            "Created",
            "created",
            "201",
            "Succeeded.Created",
            "Created (HTTP Status Code: 201)",
        ] {
            assert!(says_created(word), "{word}");
        }
        for word in [
            "",
            "OK",
            "200",
            "Succeeded.",
            "Accepted",
            "CreatedBy",
            "2010",
            "Conflict (201)",
        ] {
            assert!(!says_created(word), "{word}");
        }
    }

    #[test]
    fn verbs_follow_the_end_of_the_path() {
        for (operation, is_new, expected) in [
            (
                "Microsoft.Storage/storageAccounts/write",
                true,
                verb::CREATE,
            ),
            (
                "MICROSOFT.STORAGE/STORAGEACCOUNTS/WRITE",
                false,
                verb::CONFIGURE,
            ),
            (
                "Microsoft.Storage/storageAccounts/delete",
                true,
                verb::DELETE,
            ),
            ("Microsoft.Storage/storageAccounts/read", false, verb::READ),
            (
                "Microsoft.Storage/storageAccounts/listKeys/action",
                false,
                verb::READ,
            ),
            (
                "Microsoft.Storage/storageAccounts/regenerateKey/action",
                false,
                verb::CONFIGURE,
            ),
            (
                "Microsoft.KeyVault/vaults/secrets/purge/action",
                false,
                verb::DELETE,
            ),
            (
                "Microsoft.Compute/virtualMachines/start/action",
                false,
                verb::OTHER,
            ),
            ("Update device", false, verb::OTHER),
            ("", false, verb::OTHER),
        ] {
            assert_eq!(super::verb(operation, is_new), expected, "{operation}");
        }
    }
}
