//! The fields of a storage resource log in both spellings, and which of them are read.

use crate::formats::azure::fields::{Field, ROOT, cells};

cells! {
    TIME: "time",
    RESOURCE: "resourceId",
    CATEGORY: "category",
    OPERATION: "operationName",
    STATUS: "statusCode",
    STATUS_TEXT: "statusText",
    DURATION: "durationMs",
    CALLER: "callerIpAddress",
    CORRELATION: "correlationId",
    LOCATION: "location",
    AUTH: "identity.type",
    APP: "identity.requester.appId",
    OBJECT: "identity.requester.objectId",
    UPN: "identity.requester.upn",
    ACCOUNT: "properties.accountName",
    SERVICE: "properties.serviceType",
    KEY: "properties.objectKey",
    PART: "properties.operationCount",
    BYTES_IN: "properties.requestBodySize",
    BYTES_OUT: "properties.responseBodySize",
    TABLE: "Type",
}

/// The fields this reader may read: of `upn` only whether it is there.
pub const ALLOWED: &[&str] = &[
    "time",
    "TimeGenerated",
    "resourceId",
    "_ResourceId",
    "category",
    "Category",
    "operationName",
    "OperationName",
    "statusCode",
    "StatusCode",
    "statusText",
    "StatusText",
    "durationMs",
    "DurationMs",
    "callerIpAddress",
    "CallerIpAddress",
    "correlationId",
    "CorrelationId",
    "location",
    "Location",
    "identity",
    "type",
    "AuthenticationType",
    "requester",
    "appId",
    "RequesterAppId",
    "objectId",
    "RequesterObjectId",
    "upn",
    "RequesterUpn",
    "properties",
    "accountName",
    "AccountName",
    "serviceType",
    "ServiceType",
    "objectKey",
    "ObjectKey",
    "operationCount",
    "OperationCount",
    "requestBodySize",
    "RequestBodySize",
    "responseBodySize",
    "ResponseBodySize",
    "Type",
    "records",
    "log",
    "tables",
    "columns",
    "rows",
];

const IDENTITY: u8 = 1;
const REQUESTER: u8 = 2;
const PROPERTIES: u8 = 3;

/// What a field means.
pub(super) fn field(path: u8, name: &str) -> Field {
    match path {
        ROOT => root(name),
        IDENTITY => match name {
            "type" => Field::Cell(AUTH),
            "requester" => Field::Object(REQUESTER),
            "tokenHash" | "authorization" | "delegatedResource" => Field::Passed,
            _ => Field::Unknown,
        },
        REQUESTER => match name {
            "appId" => Field::Cell(APP),
            "objectId" => Field::Cell(OBJECT),
            "upn" => Field::Cell(UPN),
            "audience" | "tenantId" | "tokenIssuer" | "uniqueName" | "userName" => Field::Passed,
            _ => Field::Unknown,
        },
        _ => property(name),
    }
}

fn root(name: &str) -> Field {
    Field::Cell(match name {
        "time" | "TimeGenerated" => TIME,
        "resourceId" | "_ResourceId" => RESOURCE,
        "category" | "Category" => CATEGORY,
        "operationName" | "OperationName" => OPERATION,
        "statusCode" | "StatusCode" => STATUS,
        "statusText" | "StatusText" => STATUS_TEXT,
        "durationMs" | "DurationMs" => DURATION,
        "callerIpAddress" | "CallerIpAddress" => CALLER,
        "correlationId" | "CorrelationId" => CORRELATION,
        "location" | "Location" => LOCATION,
        "AuthenticationType" => AUTH,
        "RequesterAppId" => APP,
        "RequesterObjectId" => OBJECT,
        "RequesterUpn" => UPN,
        "AccountName" => ACCOUNT,
        "ServiceType" => SERVICE,
        "ObjectKey" => KEY,
        "OperationCount" => PART,
        "RequestBodySize" => BYTES_IN,
        "ResponseBodySize" => BYTES_OUT,
        "Type" => TABLE,
        "identity" => return Field::Object(IDENTITY),
        "properties" => return Field::Object(PROPERTIES),
        // A record that a shipper has put into an object of its own.
        "log" => return Field::Object(ROOT),
        _ => return passed_at_root(name),
    })
}

/// The fields of both spellings that are documented and not read.
fn passed_at_root(name: &str) -> Field {
    match name {
        "operationVersion"
        | "schemaVersion"
        | "uri"
        | "protocol"
        | "resourceType"
        | "level"
        | "tenantId"
        | "metricResponseType"
        | "TableName"
        | "AccessTier"
        | "AuthenticationHash"
        | "AuthorizationDetails"
        | "ClientRequestId"
        | "ConditionsUsed"
        | "ContentLengthHeader"
        | "DestinationUri"
        | "Etag"
        | "LastModifiedTime"
        | "MetricResponseType"
        | "OperationVersion"
        | "Protocol"
        | "ReferrerHeader"
        | "RehydratePriority"
        | "RequesterAudience"
        | "RequesterTenantId"
        | "RequesterTokenIssuer"
        | "RequestHeaderSize"
        | "RequestMd5"
        | "ResponseHeaderSize"
        | "ResponseMd5"
        | "SasExpiryStatus"
        | "SchemaVersion"
        | "ServerLatencyMs"
        | "SourceAccessTier"
        | "SourceUri"
        | "TlsVersion"
        | "Uri"
        | "UserAgentHeader"
        | "TenantId"
        | "_SubscriptionId"
        | "_BilledSize"
        | "_IsBillable"
        | "SourceSystem"
        | "RequesterUserName"
        | "_ItemId"
        | "_TimeReceived"
        | "MG" => Field::Passed,
        _ => Field::Unknown,
    }
}

fn property(name: &str) -> Field {
    Field::Cell(match name {
        "accountName" => ACCOUNT,
        "serviceType" => SERVICE,
        "objectKey" => KEY,
        "operationCount" => PART,
        "requestBodySize" => BYTES_IN,
        "responseBodySize" => BYTES_OUT,
        "userAgentHeader"
        | "referrerHeader"
        | "clientRequestId"
        | "etag"
        | "lastModifiedTime"
        | "metricResponseType"
        | "serverLatencyMs"
        | "requestHeaderSize"
        | "responseHeaderSize"
        | "contentLengthHeader"
        | "requestMd5"
        | "serverMd5"
        | "responseMd5"
        | "conditionsUsed"
        | "tlsVersion"
        | "accessTier"
        | "sourceAccessTier"
        | "rehydratePriority"
        | "sourceUri"
        | "destinationUri"
        | "sasExpiryStatus"
        | "smbTreeConnectID"
        | "smbPersistentHandleID"
        | "smbVolatileHandleID"
        | "smbMessageID"
        | "smbCreditsConsumed"
        | "smbCommandDetail"
        | "smbFileId"
        | "smbSessionID"
        | "smbCommandMajor"
        | "smbCommandMinor"
        | "smbStatusCode"
        | "smbPrimarySID" => return Field::Passed,
        _ => return Field::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_is_read_is_on_the_list() {
        for name in NAMES {
            let last = name.rsplit('.').next().unwrap_or(name);
            assert!(ALLOWED.contains(&last), "{last}");
        }
        // Names that are read in one spelling only, and the wrappers, fill no cell at the root.
        for name in ALLOWED {
            let is_known = (ROOT..=PROPERTIES).any(|path| field(path, name) != Field::Unknown);
            assert!(
                is_known || ["records", "tables", "columns", "rows"].contains(name),
                "{name}"
            );
        }
    }
}
