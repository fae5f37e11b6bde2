//! The fields of a unified audit record, and which of them are read.

use crate::formats::azure::fields::{Field, cells};

cells! {
    TIME: "CreationTime",
    ID: "Id",
    OPERATION: "Operation",
    ORGANISATION: "OrganizationId",
    RECORD_TYPE: "RecordType",
    RESULT: "ResultStatus",
    USER_TYPE: "UserType",
    USER: "UserId",
    WORKLOAD: "Workload",
    OBJECT: "ObjectId",
    ADDRESS: "ClientIP",
    AUDIT_DATA: "AuditData",
}

/// The fields this reader may read; of access to content fewer (see the page above).
pub const ALLOWED: &[&str] = &[
    "CreationTime",
    "CreationDate",
    "Id",
    "RecordId",
    "Identity",
    "Operation",
    "Operations",
    "OrganizationId",
    "RecordType",
    "ResultStatus",
    "UserType",
    "UserId",
    "UserIds",
    "Workload",
    "ObjectId",
    "ClientIP",
    "ClientIPAddress",
    "ActorIpAddress",
    "AuditData",
    "value",
    "records",
];

/// What a field means; the same names stand in a record and in its `AuditData`.
pub(super) fn field(_path: u8, name: &str) -> Field {
    Field::Cell(match name {
        "CreationTime" | "CreationDate" => TIME,
        "Id" | "RecordId" | "Identity" => ID,
        "Operation" | "Operations" => OPERATION,
        "OrganizationId" => ORGANISATION,
        "RecordType" => RECORD_TYPE,
        "ResultStatus" => RESULT,
        "UserType" => USER_TYPE,
        "UserId" | "UserIds" => USER,
        "Workload" => WORKLOAD,
        "ObjectId" => OBJECT,
        "ClientIP" | "ClientIPAddress" | "ActorIpAddress" => ADDRESS,
        "AuditData" => AUDIT_DATA,
        _ => return passed(name),
    })
}

/// Fields of the common schema and of the usual workloads that are documented and not read.
fn passed(name: &str) -> Field {
    match name {
        // Every record.
        "UserKey" | "Version" | "Scope" | "AppAccessContext" | "ResultIndex" | "ResultCount" | "IsValid"
        | "ObjectState" | "AssociatedAdminUnits" | "AssociatedAdminUnitsNames" | "RunspaceId" | "PSComputerName"
        | "PSShowComputerName" | "PSSourceJobInstanceId" | "CorrelationId" | "DeviceProperties"
        // SharePoint and OneDrive.
        | "ApplicationDisplayName" | "ApplicationId" | "AuthenticationType" | "BrowserName" | "BrowserVersion"
        | "DeviceDisplayName" | "EventSource" | "FileSizeBytes" | "FileSyncBytesCommitted"
        | "HighPriorityMediaProcessing" | "IsManagedDevice" | "ItemType" | "ListBaseType" | "ListId"
        | "ListItemUniqueId" | "ListServerTemplate" | "Platform" | "SensitivityLabelId" | "Site"
        | "SiteSensitivityLabelId" | "SiteUrl" | "SourceFileExtension" | "SourceFileName" | "SourceRelativeUrl"
        | "DestinationFileExtension" | "DestinationFileName" | "DestinationRelativeUrl" | "UserAgent" | "WebId"
        | "SharingType" | "TargetUserOrGroupName" | "TargetUserOrGroupType" | "EventData" | "UniqueSharingId"
        | "MachineId" | "MachineDomainInfo" | "CustomUniqueId" | "DoNotDistributeEvent" | "FromApp"
        // Exchange.
        | "ClientInfoString" | "ClientProcessName" | "ClientRequestId" | "ClientVersion" | "ClientAppId"
        | "ExternalAccess" | "InternalLogonType" | "LogonType" | "LogonUserSid" | "MailboxGuid" | "MailboxOwnerSid"
        | "MailboxOwnerUPN" | "OrganizationName" | "OriginatingServer" | "SessionId" | "Folders" | "Folder"
        | "DestFolder" | "Item" | "AffectedItems" | "OperationCount" | "OperationProperties" | "Parameters"
        | "ModifiedProperties" | "ModifiedObjectResolvedName" | "AppId" | "AppPoolName" | "CrossMailboxOperation"
        | "SendAsUserSmtp" | "SendAsUserMailboxGuid" | "SendOnBehalfOfUserSmtp" | "TokenObjectId" | "TokenTenantId"
        | "AADSessionId" | "RequestId"
        // The directory.
        | "AzureActiveDirectoryEventType" | "ExtendedProperties" | "Actor" | "ActorContextId" | "InterSystemsId"
        | "IntraSystemId" | "SupportTicketId" | "Target" | "TargetContextId" | "ErrorNumber" | "LogonError"
        // Teams.
        | "TeamName" | "TeamGuid" | "ChannelName" | "ChannelGuid" | "ChannelType" | "Members" | "ChatThreadId"
        | "ChatName" | "MessageId" | "MessageVersion" | "CommunicationType" | "ItemName" | "AADGroupId"
        | "ExtraProperties" | "TabType" | "AddOnName" | "AddOnType" => Field::Passed,
        _ => Field::Unknown,
    }
}
