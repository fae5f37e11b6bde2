//! The properties of storage accounts, blob containers and key vaults that are read.

use crate::formats::azure::fields::{Field, ROOT, cells};

cells! {
    CREATED: "properties.creationTime",
    HIERARCHICAL: "properties.isHnsEnabled",
    SHARED_KEYS: "properties.allowSharedKeyAccess",
    PUBLIC_BLOBS: "properties.allowBlobPublicAccess",
    PUBLIC_ACCESS: "properties.publicAccess",
    NETWORK: "properties.networkAcls.defaultAction",
    ENDPOINTS: "properties.privateEndpointConnections",
    KEY_SOURCE: "properties.encryption.keySource",
}

const ACLS: u8 = 1;
const ENCRYPTION: u8 = 2;

/// Properties are an open list: every type of resource has its own, so nothing in them is news.
pub(super) fn field(path: u8, name: &str) -> Field {
    match (path, name) {
        (ROOT, "creationTime") => Field::Cell(CREATED),
        (ROOT, "isHnsEnabled") => Field::Cell(HIERARCHICAL),
        (ROOT, "allowSharedKeyAccess") => Field::Cell(SHARED_KEYS),
        (ROOT, "allowBlobPublicAccess") => Field::Cell(PUBLIC_BLOBS),
        (ROOT, "publicAccess") => Field::Cell(PUBLIC_ACCESS),
        (ROOT, "networkAcls") => Field::Object(ACLS),
        (ACLS, "defaultAction") => Field::Cell(NETWORK),
        (ROOT, "privateEndpointConnections") => Field::Cell(ENDPOINTS),
        (ROOT, "encryption") => Field::Object(ENCRYPTION),
        (ENCRYPTION, "keySource") => Field::Cell(KEY_SOURCE),
        _ => Field::Passed,
    }
}
