//! Methods, callers and status codes in the words of the tables.

use crate::tables::activity::verb;
use crate::tables::requests::principal;

/// Beginnings of a method's last part, in lower case, and what it does; the first that fits.
const BEGINNINGS: &[(&str, &str)] = &[
    ("getiam", verb::READ),
    ("get", verb::READ),
    ("list", verb::READ),
    ("aggregatedlist", verb::READ),
    ("search", verb::READ),
    ("query", verb::READ),
    ("read", verb::READ),
    ("lookup", verb::READ),
    ("watch", verb::READ),
    ("testiam", verb::READ),
    ("check", verb::READ),
    ("export", verb::READ),
    ("create", verb::CREATE),
    ("insert", verb::CREATE),
    ("undelete", verb::CONFIGURE),
    ("delete", verb::DELETE),
    ("destroy", verb::DELETE),
    ("remove", verb::CONFIGURE),
    ("add", verb::CONFIGURE),
    ("set", verb::CONFIGURE),
    ("update", verb::CONFIGURE),
    ("patch", verb::CONFIGURE),
    ("replace", verb::CONFIGURE),
    ("enable", verb::CONFIGURE),
    ("disable", verb::CONFIGURE),
    ("attach", verb::CONFIGURE),
    ("detach", verb::CONFIGURE),
    ("move", verb::CONFIGURE),
    ("restore", verb::CONFIGURE),
    ("signjwt", verb::SIGN_IN),
    ("signblob", verb::SIGN_IN),
    ("generateaccesstoken", verb::SIGN_IN),
    ("generateidtoken", verb::SIGN_IN),
    ("authorizeuser", verb::SIGN_IN),
    ("login", verb::SIGN_IN),
];

/// Endings, for methods that name what happened (`inboundSsoProfileCreated`).
const ENDINGS: &[(&str, &str)] = &[
    ("created", verb::CREATE),
    ("deleted", verb::DELETE),
    ("updated", verb::CONFIGURE),
    ("changed", verb::CONFIGURE),
];

/// What a method does.
pub(super) fn verb_of(method: &str) -> &'static str {
    let last = method.rsplit(['.', '/']).next().unwrap_or(method);
    let last = last.to_ascii_lowercase();
    let begins = BEGINNINGS.iter().find(|(start, _)| last.starts_with(start));
    begins
        .or_else(|| ENDINGS.iter().find(|(end, _)| last.ends_with(end)))
        .map_or(verb::OTHER, |(_, verb)| verb)
}

/// The object method of Cloud Storage, without the prefix that refused requests have.
pub(super) fn object_method(service: &str, method: &str) -> Option<String> {
    let method = method.strip_prefix("google.").unwrap_or(method);
    (service == "storage.googleapis.com" && method.starts_with("storage.objects."))
        .then(|| method.to_owned())
}

/// The kind of an address that is not a person's, else `user`.
pub(super) fn kind_of_email(email: &str) -> &'static str {
    let email = email.to_ascii_lowercase();
    let (name, domain) = email.split_once('@').unwrap_or((&email, ""));
    let is_google = domain == "google.com" || domain == "system.gserviceaccount.com";
    if domain == "gcp-sa-logging.iam.gserviceaccount.com"
        || (is_google && (name == "cloud-logs" || name == "cloud-storage-analytics"))
    {
        principal::LOG_DELIVERY
    } else if domain == "system.gserviceaccount.com"
        || domain == "cloudservices.gserviceaccount.com"
        || domain.starts_with("gcp-sa-")
        || (domain == "google.com" && name == "system")
        || (name.starts_with("service-") && domain.ends_with("gserviceaccount.com"))
    {
        principal::SERVICE
    } else if domain == "gserviceaccount.com" || domain.ends_with(".gserviceaccount.com") {
        principal::APPLICATION
    } else if domain.is_empty() {
        kind_of_name(name)
    } else {
        principal::USER
    }
}

/// The kind of a name without a domain: identities of a cluster, or a subject.
fn kind_of_name(name: &str) -> &'static str {
    if name.contains("workforcepools") {
        principal::USER
    } else if name.contains("workloadidentitypools") || name.starts_with("system:serviceaccount:") {
        principal::APPLICATION
    } else if name == "system:anonymous" || name == "allusers" {
        principal::ANONYMOUS
    } else if name.starts_with("system:") {
        principal::SERVICE
    } else {
        principal::UNKNOWN
    }
}

/// The kind of a subject such as `user:a@example.org` or `principal://iam.googleapis.com/...`.
pub(super) fn kind_of_subject(subject: &str) -> &'static str {
    match subject.split_once(':') {
        Some(("user" | "serviceAccount", email)) => kind_of_email(email),
        _ => kind_of_name(&subject.to_ascii_lowercase()),
    }
}

/// The name of a status code (`google.rpc.Code`).
pub(super) fn code_name(code: &str) -> Option<&'static str> {
    Some(match code {
        "0" => "OK",
        "1" => "CANCELLED",
        "2" => "UNKNOWN",
        "3" => "INVALID_ARGUMENT",
        "4" => "DEADLINE_EXCEEDED",
        "5" => "NOT_FOUND",
        "6" => "ALREADY_EXISTS",
        "7" => "PERMISSION_DENIED",
        "8" => "RESOURCE_EXHAUSTED",
        "9" => "FAILED_PRECONDITION",
        "10" => "ABORTED",
        "11" => "OUT_OF_RANGE",
        "12" => "UNIMPLEMENTED",
        "13" => "INTERNAL",
        "14" => "UNAVAILABLE",
        "15" => "DATA_LOSS",
        "16" => "UNAUTHENTICATED",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_have_verbs() {
        let cases = [
            ("storage.buckets.create", verb::CREATE),
            ("v1.compute.firewalls.insert", verb::CREATE),
            ("google.logging.v2.ConfigServiceV2.DeleteSink", verb::DELETE),
            ("DestroyCryptoKeyVersion", verb::DELETE),
            ("SetIamPolicy", verb::CONFIGURE),
            ("GetIamPolicy", verb::READ),
            ("storage.setIamPermissions", verb::CONFIGURE),
            ("storage.buckets.list", verb::READ),
            ("beta.compute.instances.aggregatedList", verb::READ),
            (
                "google.admin.AdminService.inboundSsoProfileCreated",
                verb::CREATE,
            ),
            ("google.admin.AdminService.addGroupMember", verb::CONFIGURE),
            (
                "google.iam.admin.v1.UndeleteServiceAccount",
                verb::CONFIGURE,
            ),
            ("SignJwt", verb::SIGN_IN),
            ("Encrypt", verb::OTHER),
            ("", verb::OTHER),
        ];
        for (method, expected) in cases {
            assert_eq!(verb_of(method), expected, "{method}");
        }
    }

    #[test]
    fn callers_have_kinds() {
        let cases = [
            ("ana@example.org", principal::USER),
            ("robot@p.iam.gserviceaccount.com", principal::APPLICATION),
            (
                "123456789012-compute@developer.gserviceaccount.com",
                principal::APPLICATION,
            ),
            ("p@appspot.gserviceaccount.com", principal::APPLICATION),
            (
                "service-123456789012@gs-project-accounts.iam.gserviceaccount.com",
                principal::SERVICE,
            ),
            (
                "123456789012@cloudservices.gserviceaccount.com",
                principal::SERVICE,
            ),
            (
                "service-123456789012@gcp-sa-logging.iam.gserviceaccount.com",
                principal::LOG_DELIVERY,
            ),
            ("cloud-logs@google.com", principal::LOG_DELIVERY),
            ("system@google.com", principal::SERVICE),
            ("service-agent@example.org", principal::USER),
            ("x@notgserviceaccount.com", principal::USER),
            ("system:serviceaccount:ns:n", principal::APPLICATION),
            ("system:anonymous", principal::ANONYMOUS),
            ("system:kube-scheduler", principal::SERVICE),
            ("nobody", principal::UNKNOWN),
        ];
        for (email, expected) in cases {
            assert_eq!(kind_of_email(email), expected, "{email}");
        }
        let pool = "principal://iam.googleapis.com/locations/global/workforcePools/x/subject/y";
        assert_eq!(kind_of_subject(pool), principal::USER);
        assert_eq!(
            kind_of_subject("serviceAccount:r@p.iam.gserviceaccount.com"),
            principal::APPLICATION
        );
        assert_eq!(kind_of_subject("user:ana@example.org"), principal::USER);
    }
}
