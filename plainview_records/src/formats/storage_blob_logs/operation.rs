//! What the operations of Blob Storage and of its Data Lake interface do.

use crate::tables::requests::verb;

/// Operations that do something to a container or to the account. Containers are created and deleted by requests too.
const CONFIGURE: &[&str] = &[
    "createcontainer",
    "deletecontainer",
    "restorecontainer",
    "getcontaineracl",
    "setcontaineracl",
    "getcontainermetadata",
    "setcontainermetadata",
    "getcontainerproperties",
    "getcontainerserviceproperties",
    "acquirecontainerlease",
    "renewcontainerlease",
    "releasecontainerlease",
    "breakcontainerlease",
    "changecontainerlease",
    "leasecontainer",
    "createfilesystem",
    "deletefilesystem",
    "getfilesystemproperties",
    "setfilesystemproperties",
    "getblobserviceproperties",
    "setblobserviceproperties",
    "getblobservicestats",
    "getaccountinformation",
    "getaccountinfo",
];

/// Operations that name no object and no store.
const OTHER: &[&str] = &[
    "blobpreflightrequest",
    "getuserdelegationkey",
    "abortcopyblob",
    "submitbatch",
    "blobbatch",
];

/// What a recorded operation does, one of [`verb`]. Operations that are in no list are what their category says.
pub(super) fn verb(operation: &str, category: Option<&str>) -> &'static str {
    let is_in = |list: &[&str]| list.iter().any(|name| name.eq_ignore_ascii_case(operation));
    let starts = |with: &str| {
        operation
            .get(..with.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    if is_in(CONFIGURE) {
        verb::CONFIGURE
    } else if is_in(OTHER) {
        verb::OTHER
    } else if starts("copyblob") || starts("incrementalcopy") {
        verb::COPY
    } else if starts("list") || starts("findblobs") {
        verb::LIST
    } else if starts("delete") {
        verb::DELETE
    } else if starts("get") || starts("read") || starts("query") {
        verb::READ
    } else if [
        "put",
        "set",
        "append",
        "create",
        "flush",
        "snapshot",
        "undelete",
        "rename",
        "acquire",
        "renew",
        "release",
        "break",
        "change",
        "lease",
        "expire",
        "write",
        "updatelock",
    ]
    .iter()
    .any(|with| starts(with))
    {
        verb::WRITE
    } else {
        let is = |known: &str| category.is_some_and(|c| c.eq_ignore_ascii_case(known));
        if is("StorageRead") {
            verb::READ
        } else if is("StorageWrite") {
            verb::WRITE
        } else if is("StorageDelete") {
            verb::DELETE
        } else {
            verb::OTHER
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_told_apart() {
        let cases = [
            ("GetBlob", verb::READ),
            ("getblob", verb::READ),
            ("GetBlobTags", verb::READ),
            ("ReadFile", verb::READ),
            ("PutBlob", verb::WRITE),
            ("PutBlockFromURL", verb::WRITE),
            ("AppendFile", verb::WRITE),
            ("SetBlobTier", verb::WRITE),
            ("RenewBlobLease", verb::WRITE),
            ("RenewContainerLease", verb::CONFIGURE),
            ("CopyBlob", verb::COPY),
            ("CopyBlobSource", verb::COPY),
            ("CopyBlobDestination", verb::COPY),
            ("AbortCopyBlob", verb::OTHER),
            ("ListBlobs", verb::LIST),
            ("ListContainers", verb::LIST),
            ("ListFilesystemDir", verb::LIST),
            ("FindBlobsByTags", verb::LIST),
            ("DeleteBlob", verb::DELETE),
            ("DeleteFile", verb::DELETE),
            ("DeleteContainer", verb::CONFIGURE),
            ("CreateContainer", verb::CONFIGURE),
            ("CreatePathFile", verb::WRITE),
            ("GetBlobServiceProperties", verb::CONFIGURE),
            ("BlobPreflightRequest", verb::OTHER),
            ("Unheard", verb::OTHER),
        ];
        for (operation, expected) in cases {
            assert_eq!(verb(operation, None), expected, "{operation}");
        }
        assert_eq!(verb("Unheard", Some("STORAGEWRITE")), verb::WRITE);
        assert_eq!(verb("Unheard", Some("Audit")), verb::OTHER);
    }
}
