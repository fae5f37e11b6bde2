//! Which records are about what people do with documents, mails and chats, so that nobody is named in them.

/// Workloads of the control plane: the directory and the compliance centre.
const CONTROL: &[&str] = &[
    "AzureActiveDirectory",
    "SecurityComplianceCenter",
    "AzureSecurityCenter",
];

/// Types of records that administrators cause, by number and by name.
const ADMINISTRATION: &[&str] = &[
    "1",
    "ExchangeAdmin",
    "8",
    "AzureActiveDirectory",
    "9",
    "AzureActiveDirectoryAccountLogon",
    "10",
    "DataCenterSecurityCmdlet",
    "15",
    "AzureActiveDirectoryStsLogon",
    "18",
    "SecurityComplianceCenterEOPCmdlet",
];

/// What administrators do to sites, among records that are otherwise about files.
const SITES: &[&str] = &[
    "SiteCollectionCreated",
    "SiteDeleted",
    "SiteCollectionQuotaModified",
    "SiteCollectionAdminAdded",
    "SiteCollectionAdminRemoved",
    "SitePermissionsModified",
    "SharingPolicyChanged",
    "DeviceAccessPolicyChanged",
    "NetworkAccessPolicyChanged",
    "ExemptUserAgentSet",
    "GeoAdminAdded",
    "MaximumFileSizeChanged",
];

/// Words of operations that reach content, whoever does them and wherever.
const REACHES: &[&str] = &[
    "access", "view", "preview", "download", "read", "open", "sync", "export", "listen", "search",
    "print", "copied",
];

/// Whether a record may say who did what to a document, a mail or a chat. Whatever is not known to be administration is.
pub(super) fn is_content(
    workload: Option<&str>,
    record_type: Option<&str>,
    operation: &str,
) -> bool {
    let is_in = |list: &[&str], text: Option<&str>| {
        text.is_some_and(|text| list.iter().any(|known| known.eq_ignore_ascii_case(text)))
    };
    if is_in(SITES, Some(operation)) {
        return false;
    }
    if reaches(operation) {
        return true;
    }
    !is_in(CONTROL, workload) && !is_in(ADMINISTRATION, record_type)
}

/// Whether an operation gets at content, by its words. Administrators' commands (`Set-MailboxPermission`) and the directory's
/// sentences (`Add conditional access policy.`) name what they set up and get at nothing.
pub(super) fn reaches(operation: &str) -> bool {
    if is_command(operation) || operation.contains(' ') {
        return false;
    }
    let lower = operation.to_ascii_lowercase();
    REACHES.iter().any(|word| lower.contains(word))
}

/// Whether an operation is a command of the administrators' shell: a verb, a hyphen, a noun.
pub(super) fn is_command(operation: &str) -> bool {
    operation.split_once('-').is_some_and(|(verb, noun)| {
        !verb.is_empty()
            && !noun.is_empty()
            && [verb, noun]
                .iter()
                .all(|part| part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn administration_is_told_from_access() {
        let content = [
            (Some("SharePoint"), Some("6"), "FileAccessed"),
            (Some("OneDrive"), Some("6"), "FileDownloaded"),
            (Some("Exchange"), Some("50"), "MailItemsAccessed"),
            (Some("Exchange"), Some("2"), "Send"),
            (Some("Exchange"), Some("2"), "HardDelete"),
            (Some("MicrosoftTeams"), Some("25"), "MessageSent"),
            (Some("SharePoint"), Some("14"), "SharingSet"),
            (
                Some("SecurityComplianceCenter"),
                Some("24"),
                "PreviewItemDownloaded",
            ),
            (
                Some("SecurityComplianceCenter"),
                Some("24"),
                "SearchExported",
            ),
            (Some("Unheard"), None, "Anything"),
            (None, None, "Anything"),
            (None, Some("1"), "FileAccessed"),
        ];
        for (workload, kind, operation) in content {
            assert!(is_content(workload, kind, operation), "{operation}");
        }
        let administration = [
            (
                Some("AzureActiveDirectory"),
                Some("8"),
                "Add member to role.",
            ),
            (
                Some("AzureActiveDirectory"),
                Some("8"),
                "Add conditional access policy.",
            ),
            (Some("AzureActiveDirectory"), Some("15"), "UserLoggedIn"),
            (
                Some("azureactivedirectory"),
                None,
                "Disable Strong Authentication.",
            ),
            (Some("Exchange"), Some("1"), "Set-Mailbox"),
            (
                Some("Exchange"),
                Some("ExchangeAdmin"),
                "New-MailboxExportRequest",
            ),
            (
                Some("SecurityComplianceCenter"),
                Some("18"),
                "New-ComplianceSearchAction",
            ),
            (Some("SharePoint"), Some("4"), "SiteCollectionAdminAdded"),
        ];
        for (workload, kind, operation) in administration {
            assert!(!is_content(workload, kind, operation), "{operation}");
        }
    }
}
