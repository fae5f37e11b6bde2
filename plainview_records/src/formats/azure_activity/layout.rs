//! The fields of an activity log record in its three schemas, and which of them are read.

use crate::formats::azure::fields::{Field, ROOT, cells};

cells! {
    TIME: "time",
    OPERATION: "operationName",
    OPERATION_VALUE: "OperationNameValue",
    CATEGORY: "category",
    CATEGORY_VALUE: "CategoryValue",
    STATUS: "status",
    STATUS_VALUE: "ActivityStatusValue",
    SUBSTATUS: "subStatus",
    SUBSTATUS_VALUE: "ActivitySubstatusValue",
    CALLER: "caller",
    ADDRESS: "callerIpAddress",
    HTTP: "httpRequest",
    CLAIMS: "claims",
    AUTHORIZATION: "authorization",
    PROPERTIES: "properties",
    PROPERTIES_TEXT: "Properties_d",
    RESOURCE: "resourceId",
    RESOURCE_LOWER: "_ResourceId",
    RESOURCE_TYPE: "resourceType",
    PROVIDER: "resourceProviderName",
    PROVIDER_VALUE: "ResourceProviderValue",
    SUBSCRIPTION: "subscriptionId",
    LEVEL: "level",
    LOCATION: "location",
    CORRELATION: "correlationId",
    OPERATION_ID: "operationId",
    EVENT_ID: "eventDataId",
}

/// The fields this reader may read. Of `upn` and `name` only whether they are there; of `message` only an operation's path.
pub const ALLOWED: &[&str] = &[
    "time",
    "eventTimestamp",
    "TimeGenerated",
    "operationName",
    "OperationName",
    "OperationNameValue",
    "category",
    "Category",
    "CategoryValue",
    "eventCategory",
    "resultType",
    "status",
    "ActivityStatus",
    "ActivityStatusValue",
    "resultSignature",
    "subStatus",
    "ActivitySubstatus",
    "ActivitySubstatusValue",
    "statusCode",
    "message",
    "caller",
    "Caller",
    "callerIpAddress",
    "CallerIpAddress",
    "httpRequest",
    "HTTPRequest",
    "clientIpAddress",
    "identity",
    "claims",
    "Claims",
    "Claims_d",
    "appid",
    "appidacr",
    "idtyp",
    "http://schemas.microsoft.com/identity/claims/objectidentifier",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
    "upn",
    "authorization",
    "Authorization",
    "Authorization_d",
    "evidence",
    "principalId",
    "principalType",
    "properties",
    "Properties",
    "Properties_d",
    "resourceId",
    "ResourceId",
    "_ResourceId",
    "resourceType",
    "resourceProviderName",
    "ResourceProvider",
    "ResourceProviderValue",
    "subscriptionId",
    "SubscriptionId",
    "level",
    "Level",
    "location",
    "correlationId",
    "CorrelationId",
    "operationId",
    "OperationId",
    "eventDataId",
    "EventDataId",
    "value",
    "records",
    "log",
    "tables",
    "columns",
    "rows",
];

const IDENTITY: u8 = 1;

/// What a field means.
pub(super) fn field(path: u8, name: &str) -> Field {
    if path != ROOT {
        return match name {
            "claims" => Field::Cell(CLAIMS),
            "authorization" => Field::Cell(AUTHORIZATION),
            _ => Field::Unknown,
        };
    }
    Field::Cell(match name {
        "time" | "eventTimestamp" | "TimeGenerated" => TIME,
        "operationName" | "OperationName" => OPERATION,
        "OperationNameValue" => OPERATION_VALUE,
        "category" | "Category" => CATEGORY,
        "CategoryValue" => CATEGORY_VALUE,
        "resultType" | "ActivityStatus" => STATUS,
        // The management interface says `status`, and where a shipper adds it to `resultType` it is as good.
        "status" | "ActivityStatusValue" => STATUS_VALUE,
        "resultSignature" | "ActivitySubstatus" => SUBSTATUS,
        "subStatus" | "ActivitySubstatusValue" => SUBSTATUS_VALUE,
        "caller" | "Caller" => CALLER,
        "callerIpAddress" | "CallerIpAddress" => ADDRESS,
        "httpRequest" | "HTTPRequest" => HTTP,
        "claims" | "Claims" | "Claims_d" => CLAIMS,
        "authorization" | "Authorization" | "Authorization_d" => AUTHORIZATION,
        "properties" | "Properties" => PROPERTIES,
        "Properties_d" => PROPERTIES_TEXT,
        "resourceId" | "ResourceId" => RESOURCE,
        "_ResourceId" => RESOURCE_LOWER,
        "resourceType" => RESOURCE_TYPE,
        "resourceProviderName" | "ResourceProvider" => PROVIDER,
        "ResourceProviderValue" => PROVIDER_VALUE,
        "subscriptionId" | "SubscriptionId" => SUBSCRIPTION,
        "level" | "Level" => LEVEL,
        "location" => LOCATION,
        "correlationId" | "CorrelationId" => CORRELATION,
        "operationId" | "OperationId" => OPERATION_ID,
        "eventDataId" | "EventDataId" => EVENT_ID,
        "identity" => return Field::Object(IDENTITY),
        "log" => return Field::Object(ROOT),
        _ => return passed(name),
    })
}

/// The fields of the three schemas that are documented and not read.
fn passed(name: &str) -> Field {
    match name {
        "channels"
        | "eventName"
        | "eventSource"
        | "description"
        | "id"
        | "resourceGroupName"
        | "resourceGroup"
        | "submissionTimestamp"
        | "tenantId"
        | "relatedEvents"
        | "operationVersion"
        | "resultDescription"
        | "durationMs"
        | "RoleLocation"
        | "ReleaseVersion"
        | "jobId"
        | "jobType"
        | "schemaVersion"
        | "statusCode"
        | "statusText"
        | "uri"
        | "protocol"
        | "EventSubmissionTimestamp"
        | "Hierarchy"
        | "Resource"
        | "ResourceGroup"
        | "SourceSystem"
        | "TenantId"
        | "Type"
        | "_SubscriptionId"
        | "_BilledSize"
        | "_IsBillable"
        | "_ItemId"
        | "_TimeReceived"
        | "TableName"
        | "MG" => Field::Passed,
        _ => Field::Unknown,
    }
}
