//! The columns of a resource, and which of its properties are read.

use crate::formats::azure::fields::{Field, cells};

cells! {
    ID: "id",
    NAME: "name",
    TYPE: "type",
    KIND: "kind",
    LOCATION: "location",
    GROUP: "resourceGroup",
    SUBSCRIPTION: "subscriptionId",
    SKU: "sku",
    PROPERTIES: "properties",
    TAGS: "tags",
}

/// The fields this reader may read; those of `properties` for storage accounts, their containers and key vaults only.
pub const ALLOWED: &[&str] = &[
    "id",
    "name",
    "type",
    "kind",
    "location",
    "resourceGroup",
    "subscriptionId",
    "sku",
    "properties",
    "creationTime",
    "isHnsEnabled",
    "allowSharedKeyAccess",
    "allowBlobPublicAccess",
    "publicAccess",
    "networkAcls",
    "defaultAction",
    "privateEndpointConnections",
    "encryption",
    "keySource",
    "tags",
    "count",
    "data",
    "skip_token",
    "$skipToken",
    "total_records",
    "totalRecords",
    "resultTruncated",
    "columns",
    "rows",
];

/// What a column means, whatever its case.
pub(super) fn field(_path: u8, name: &str) -> Field {
    const CELL: &[(&str, usize)] = &[
        ("id", ID),
        ("name", NAME),
        ("type", TYPE),
        ("kind", KIND),
        ("location", LOCATION),
        ("resourceGroup", GROUP),
        ("subscriptionId", SUBSCRIPTION),
        ("sku", SKU),
        ("properties", PROPERTIES),
        ("tags", TAGS),
    ];
    const PASSED: &[&str] = &[
        "tenantId",
        "managedBy",
        "plan",
        "identity",
        "zones",
        "extendedLocation",
        "apiVersion",
        "etag",
        "systemData",
        "ResourceId",
    ];
    if let Some((_, cell)) = CELL
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
    {
        Field::Cell(*cell)
    } else if PASSED.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        Field::Passed
    } else {
        Field::Unknown
    }
}
