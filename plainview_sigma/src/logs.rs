//! Which rows a rule speaks of, and which column holds the field that it names.
//!
//! | logsource | rows |
//! |---|---|
//! | product aws, service cloudtrail | CloudTrail events, in `activity` and `requests` |
//! | product azure, service activitylogs | Azure Activity events |
//! | product gcp, service gcp.audit | GCP audit entries, in `activity` and `requests` |
//! | product m365, service audit | Microsoft 365 unified audit records |
//! | product plainview, service activity or requests | every row of that table, by column name |
//!
//! A logsource without a service means every log of the product. A category, or any other service, is not among the logs that
//! are read (Entra ID sign-ins and audits, Google Workspace, Okta, Defender alerts): such rules are set aside.
//!
//! Names are compared without case, because the same Azure event has `operationName`, `OperationName` and
//! `OperationNameValue` in its three forms and no log has two fields that differ by case alone.

use rsigma_parser::LogSource;
use serde::Serialize;

use crate::derived;

/// A log whose rows rules are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Log {
    /// AWS CloudTrail.
    Cloudtrail,
    /// Azure Activity log.
    AzureActivity,
    /// GCP Cloud Audit Logs.
    GcpAudit,
    /// Microsoft 365 unified audit log.
    M365Audit,
    /// Any other log; reached by rules for `product: plainview` alone.
    Other,
}

/// The table that holds the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// `activity`: control-plane events.
    Activity,
    /// `requests`: data-plane requests.
    Requests,
}

impl Place {
    /// The table's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Activity => "activity",
            Self::Requests => "requests",
        }
    }
}

/// Rows of one log in one table, and what their `details` may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// The log.
    pub log: Log,
    /// The table.
    pub place: Place,
    /// Names that the log's reader may put into `details`; none for `requests`.
    pub details: Vec<String>,
}

/// What a rule's logsource asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Rows of these logs under the provider's names.
    Logs(Vec<Log>),
    /// Every row of one table under the columns' names.
    Columns(Place),
}

/// The log of each product and service that is read.
const SERVICES: &[(&str, &str, Log)] = &[
    ("aws", "cloudtrail", Log::Cloudtrail),
    ("azure", "activitylogs", Log::AzureActivity),
    ("gcp", "gcp.audit", Log::GcpAudit),
    ("m365", "audit", Log::M365Audit),
];

impl Wanted {
    /// What `source` asks for, or why its rows are not among those read.
    pub(crate) fn of(source: &LogSource) -> Result<Self, String> {
        let lower = |part: &Option<String>| part.as_deref().map(str::to_lowercase);
        let (product, service) = (lower(&source.product), lower(&source.service));
        let aside = || Err(format!("its log is not read here: {}", describe(source)));
        if source.category.is_some() || !source.custom.is_empty() {
            return aside();
        }
        let Some(product) = product else {
            return aside();
        };
        if product == "plainview" {
            return match service.as_deref() {
                Some("activity") => Ok(Self::Columns(Place::Activity)),
                Some("requests") => Ok(Self::Columns(Place::Requests)),
                _ => aside(),
            };
        }
        let logs: Vec<Log> = SERVICES
            .iter()
            .filter(|(p, s, _)| *p == product && service.as_deref().is_none_or(|told| told == *s))
            .map(|(_, _, log)| *log)
            .collect();
        if logs.is_empty() {
            aside()
        } else {
            Ok(Self::Logs(logs))
        }
    }

    /// Whether rows of `stream` are asked for.
    pub(crate) fn takes(&self, stream: &Stream) -> bool {
        match self {
            // Requests that came with an activity log are a storage log's, which no rule is written for.
            Self::Logs(logs) => {
                logs.contains(&stream.log)
                    && (stream.place == Place::Activity
                        || matches!(stream.log, Log::Cloudtrail | Log::GcpAudit))
            }
            Self::Columns(place) => *place == stream.place,
        }
    }
}

/// A logsource in words.
pub(crate) fn describe(source: &LogSource) -> String {
    let parts = [
        ("product", source.product.as_deref()),
        ("service", source.service.as_deref()),
        ("category", source.category.as_deref()),
    ];
    let mut out: Vec<String> = parts
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name} {value}")))
        .collect();
    let mut custom: Vec<&String> = source.custom.keys().collect();
    custom.sort();
    out.extend(custom.into_iter().cloned());
    if out.is_empty() {
        "no logsource".to_owned()
    } else {
        out.join(", ")
    }
}

/// Columns of `activity` that hold what a provider's field holds, unchanged but for masking.
///
/// Columns that say less than the field (`verb`, `outcome`, `principal_kind`, `network`) stand for no provider's field.
const ACTIVITY: &[(Log, &str, &[&str])] = &[
    (Log::Cloudtrail, "service", &["eventSource"]),
    (Log::Cloudtrail, "event", &["eventName"]),
    (Log::Cloudtrail, "error", &["errorCode"]),
    (Log::Cloudtrail, "region", &["awsRegion"]),
    (Log::Cloudtrail, "at", &["eventTime"]),
    (Log::Cloudtrail, "category", &["eventCategory"]),
    (Log::Cloudtrail, "read_only", &["readOnly"]),
    (Log::Cloudtrail, "event_id", &["eventID"]),
    (Log::Cloudtrail, derived::ARN, &["userIdentity.arn"]),
    (
        Log::AzureActivity,
        "event",
        &["operationName", "operationNameValue"],
    ),
    (
        Log::AzureActivity,
        "service",
        &[
            "resourceProviderValue",
            "resourceProvider",
            "resourceProviderName",
        ],
    ),
    (
        Log::AzureActivity,
        "category",
        &["category", "categoryValue"],
    ),
    (
        Log::AzureActivity,
        "resource_id",
        &["resourceId", "_resourceId"],
    ),
    (Log::AzureActivity, "resource_type", &["resourceType"]),
    (
        Log::AzureActivity,
        "at",
        &["time", "eventTimestamp", "timeGenerated"],
    ),
    (
        Log::GcpAudit,
        "event",
        &[
            "protoPayload.methodName",
            "gcp.audit.method_name",
            "methodName",
        ],
    ),
    (
        Log::GcpAudit,
        "service",
        &[
            "protoPayload.serviceName",
            "gcp.audit.service_name",
            "serviceName",
        ],
    ),
    (
        Log::GcpAudit,
        "resource_id",
        &["protoPayload.resourceName", "gcp.audit.resource_name"],
    ),
    (Log::GcpAudit, "at", &["timestamp"]),
    (Log::M365Audit, "event", &["Operation"]),
    (Log::M365Audit, "service", &["Workload"]),
    (Log::M365Audit, "at", &["CreationTime"]),
];

/// As [`ACTIVITY`], for `requests`.
const REQUESTS: &[(Log, &str, &[&str])] = &[
    (Log::Cloudtrail, "operation", &["eventName"]),
    (Log::Cloudtrail, "error", &["errorCode"]),
    (Log::Cloudtrail, "region", &["awsRegion"]),
    (Log::Cloudtrail, "at", &["eventTime"]),
    (
        Log::Cloudtrail,
        "container",
        &["requestParameters.bucketName"],
    ),
    (Log::Cloudtrail, "key", &["requestParameters.key"]),
    (Log::Cloudtrail, "event_id", &["eventID"]),
    (Log::Cloudtrail, derived::ARN, &["userIdentity.arn"]),
    (Log::Cloudtrail, derived::SOURCE, &["eventSource"]),
    (Log::Cloudtrail, derived::TYPE, &["userIdentity.type"]),
    (
        Log::GcpAudit,
        "operation",
        &[
            "protoPayload.methodName",
            "gcp.audit.method_name",
            "methodName",
        ],
    ),
    (
        Log::GcpAudit,
        derived::SERVICE,
        &[
            "protoPayload.serviceName",
            "gcp.audit.service_name",
            "serviceName",
        ],
    ),
    (Log::GcpAudit, "at", &["timestamp"]),
];

/// Every column of `activity` that rules may name.
const ACTIVITY_COLUMNS: &[&str] = &[
    "provider",
    "account",
    "container",
    "region",
    "at",
    "service",
    "event",
    "verb",
    "category",
    "outcome",
    "error",
    "principal",
    "principal_kind",
    "network",
    "resource_type",
    "resource_id",
    "read_only",
    "event_id",
];

/// Every column of `requests` that rules may name.
const REQUESTS_COLUMNS: &[&str] = &[
    "provider",
    "account",
    "container",
    "region",
    "key",
    "at",
    "operation",
    "verb",
    "status",
    "error",
    "bytes_out",
    "bytes_in",
    "object_bytes",
    "duration_ms",
    "principal",
    "principal_kind",
    "auth",
    "network",
    "event_id",
];

impl Place {
    /// The columns whose texts make up an event; the caller fills [`crate::Fields`] from these and from `details`.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Activity => ACTIVITY_COLUMNS,
            Self::Requests => REQUESTS_COLUMNS,
        }
    }
}

impl Stream {
    /// The name under which rows of this stream hold what a rule calls `name`; none when no row ever holds it.
    pub(crate) fn field(&self, wanted: &Wanted, name: &str) -> Option<&str> {
        let same = |known: &str| known.eq_ignore_ascii_case(name);
        if matches!(wanted, Wanted::Columns(_)) {
            return self.place.columns().iter().copied().find(|c| same(c));
        }
        let table = match self.place {
            Place::Activity => ACTIVITY,
            Place::Requests => REQUESTS,
        };
        // Elastic's and Google's own wrappings of a log entry: `data.protoPayload...` and `jsonPayload...` name the same entry.
        let bare = name.strip_prefix("data.").unwrap_or(name);
        let same = |known: &str| known.eq_ignore_ascii_case(bare);
        table
            .iter()
            .find(|(log, _, names)| *log == self.log && names.iter().any(|known| same(known)))
            .map(|(_, column, _)| *column)
            .or_else(|| {
                self.details
                    .iter()
                    .map(String::as_str)
                    .find(|known| same(known))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(product: &str, service: Option<&str>) -> LogSource {
        LogSource {
            product: Some(product.to_owned()),
            service: service.map(str::to_owned),
            ..LogSource::default()
        }
    }

    #[test]
    fn a_logsource_chooses_its_rows() {
        assert_eq!(
            Wanted::of(&source("AWS", Some("CloudTrail"))),
            Ok(Wanted::Logs(vec![Log::Cloudtrail]))
        );
        assert_eq!(
            Wanted::of(&source("aws", None)),
            Ok(Wanted::Logs(vec![Log::Cloudtrail]))
        );
        assert_eq!(
            Wanted::of(&source("plainview", Some("requests"))),
            Ok(Wanted::Columns(Place::Requests))
        );
        assert_eq!(
            Wanted::of(&source("azure", Some("signinlogs"))),
            Err("its log is not read here: product azure, service signinlogs".to_owned())
        );
        let category = LogSource {
            category: Some("process_creation".to_owned()),
            ..source("aws", Some("cloudtrail"))
        };
        assert!(Wanted::of(&category).is_err());
        assert_eq!(
            Wanted::of(&LogSource::default()),
            Err("its log is not read here: no logsource".to_owned())
        );
    }

    #[test]
    fn names_lead_to_columns_and_details() {
        let stream = Stream {
            log: Log::GcpAudit,
            place: Place::Activity,
            details: vec!["protoPayload.authorizationInfo.granted".to_owned()],
        };
        let logs = Wanted::Logs(vec![Log::GcpAudit]);
        let field = |name| stream.field(&logs, name);
        assert_eq!(field("gcp.audit.method_name"), Some("event"));
        assert_eq!(field("data.protoPayload.methodName"), Some("event"));
        assert_eq!(
            field("protopayload.authorizationinfo.granted"),
            Some("protoPayload.authorizationInfo.granted")
        );
        assert_eq!(field("protoPayload.request"), None);
        assert_eq!(
            field("eventName"),
            None,
            "another provider's name is no name here"
        );
        let columns = Wanted::Columns(Place::Activity);
        assert_eq!(stream.field(&columns, "verb"), Some("verb"));
        assert_eq!(stream.field(&columns, "gcp.audit.method_name"), None);
    }
}
