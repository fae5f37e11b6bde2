//! Rows of requests, events and resources from a sheet: words of logs and of people into the tables' own.
//!
//! A word that is on no list becomes `other` or `unknown`, never a guess. An address becomes the class of its network, and a
//! key loses what stands behind its first question mark.

use super::push::{Bad, Place, Row, UNKNOWN};
use crate::formats::network::class_of;
use crate::tables::activity::{ActivityBuilder, ActivityRow, outcome, verb as deed};
use crate::tables::requests::{RequestRow, RequestsBuilder, network, principal, verb};
use crate::tables::resources::{ResourceRow, ResourcesBuilder};

/// Verbs of requests, and the words they are known by, in lower case.
const VERBS: &[(&str, &[&str])] = &[
    (
        verb::READ,
        &[
            "read", "get", "head", "download", "view", "lesen", "abruf", "abrufen",
        ],
    ),
    (
        verb::WRITE,
        &[
            "write",
            "put",
            "post",
            "upload",
            "create",
            "schreiben",
            "hochladen",
        ],
    ),
    (verb::DELETE, &["delete", "remove", "löschen", "loeschen"]),
    (verb::COPY, &["copy", "kopieren", "kopie"]),
    (verb::LIST, &["list", "auflisten", "liste"]),
    (
        verb::CONFIGURE,
        &["configure", "konfigurieren", "ändern", "aendern"],
    ),
];

/// Verbs of events, likewise.
const DEEDS: &[(&str, &[&str])] = &[
    (deed::CREATE, &["create", "add", "anlegen", "erstellen"]),
    (deed::DELETE, &["delete", "remove", "löschen", "loeschen"]),
    (
        deed::CONFIGURE,
        &[
            "configure",
            "update",
            "write",
            "modify",
            "ändern",
            "aendern",
            "konfigurieren",
        ],
    ),
    (deed::READ, &["read", "get", "list", "lesen"]),
    (
        deed::SIGN_IN,
        &[
            "sign-in",
            "signin",
            "login",
            "logon",
            "anmelden",
            "anmeldung",
        ],
    ),
];

const OUTCOMES: &[(&str, &[&str])] = &[
    (
        outcome::SUCCESS,
        &[
            "success",
            "succeeded",
            "successful",
            "ok",
            "accepted",
            "erfolg",
            "erfolgreich",
        ],
    ),
    (
        outcome::FAILURE,
        &[
            "failure",
            "failed",
            "error",
            "denied",
            "refused",
            "fehler",
            "fehlgeschlagen",
            "verweigert",
        ],
    ),
    (
        outcome::STARTED,
        &["started", "start", "begun", "gestartet", "begonnen"],
    ),
];

/// The kinds of principals; people write them as the table does, or leave them out.
const KINDS: &[&str] = &[
    principal::USER,
    principal::ROLE,
    principal::ROOT,
    principal::APPLICATION,
    principal::SERVICE,
    principal::LOG_DELIVERY,
    principal::LIFECYCLE,
    principal::ACCOUNT_KEY,
    principal::SIGNED_URL,
    principal::OTHER_ACCOUNT,
    principal::ANONYMOUS,
];

/// The table's own word for a word of the sheet.
fn word(
    lists: &[(&'static str, &[&str])],
    text: Option<&str>,
    otherwise: &'static str,
) -> &'static str {
    let lower = text.map(str::to_lowercase);
    lists
        .iter()
        .find(|(own, known)| {
            lower
                .as_deref()
                .is_some_and(|word| word == *own || known.contains(&word))
        })
        .map_or(otherwise, |(own, _)| own)
}

fn kind_of(row: &Row) -> &'static str {
    let text = row.text("principal_kind").map(str::to_lowercase);
    KINDS
        .iter()
        .copied()
        .find(|kind| Some(*kind) == text.as_deref())
        .unwrap_or(principal::UNKNOWN)
}

/// The class of a network, out of its word or of an address.
fn network_of(row: &Row) -> Option<&'static str> {
    let text = row.text("network")?;
    [network::PUBLIC, network::PRIVATE, network::PROVIDER]
        .into_iter()
        .find(|class| class.eq_ignore_ascii_case(text))
        .or_else(|| class_of(text))
}

fn part_of(row: &Row) -> Result<u32, Bad> {
    let part = row.whole("act_part").unwrap_or(0);
    u32::try_from(part).map_err(|_| Bad {
        column: "act_part",
        found: part.to_string(),
        expected: "a number below 2^32",
    })
}

/// Appends a request; true when its key lost a query.
pub(super) fn request(
    builder: &mut RequestsBuilder,
    row: &Row,
    place: &Place<'_>,
) -> Result<bool, Bad> {
    let key = row.text("key");
    let path = key.map(|key| key.split_once('?').map_or(key, |(path, _)| path));
    builder.push(&RequestRow {
        file_no: place.file_no,
        row_no: place.row_no,
        provider: place.provider,
        account: place.account,
        container: row.text("container"),
        region: row.text("region"),
        key: path,
        at: row.needed_time("at")?,
        operation: row.text("operation").unwrap_or(UNKNOWN),
        verb: word(VERBS, row.text("verb"), verb::OTHER),
        status: row.text("status"),
        error: row.text("error"),
        bytes_out: row.whole("bytes_out"),
        bytes_in: row.whole("bytes_in"),
        object_bytes: row.whole("object_bytes"),
        duration_ms: row.whole("duration_ms"),
        principal: row.text("principal"),
        principal_kind: kind_of(row),
        auth: row.text("auth"),
        network: network_of(row),
        event_id: row.text("event_id"),
        act_id: row.text("act_id"),
        act_part: part_of(row)?,
    });
    Ok(path != key)
}

/// Appends an event.
pub(super) fn activity(
    builder: &mut ActivityBuilder,
    row: &Row,
    place: &Place<'_>,
) -> Result<(), Bad> {
    builder.push(&ActivityRow {
        file_no: place.file_no,
        row_no: place.row_no,
        provider: place.provider,
        account: place.account,
        container: row.text("container"),
        region: row.text("region"),
        at: row.needed_time("at")?,
        service: row.text("service").unwrap_or(UNKNOWN),
        event: row.text("event").unwrap_or(UNKNOWN),
        verb: word(DEEDS, row.text("verb"), deed::OTHER),
        category: row.text("category"),
        outcome: word(OUTCOMES, row.text("outcome"), outcome::UNKNOWN),
        error: row.text("error"),
        principal: row.text("principal"),
        principal_kind: kind_of(row),
        network: network_of(row),
        resource_type: row.text("resource_type"),
        resource_id: row.text("resource_id"),
        read_only: row.flag("read_only"),
        event_id: row.text("event_id"),
        act_id: row.text("act_id"),
        act_part: part_of(row)?,
        details: row.text("details"),
    });
    Ok(())
}

/// Appends a resource. Ids of Azure are in lower case, as everywhere.
pub(super) fn resource(builder: &mut ResourcesBuilder, row: &Row, place: &Place<'_>) {
    let id = row.text("resource_id").unwrap_or(UNKNOWN);
    let lower = id.to_lowercase();
    let kind = row.text("resource_type").unwrap_or(UNKNOWN).to_lowercase();
    builder.push(&ResourceRow {
        file_no: place.file_no,
        row_no: place.row_no,
        provider: place.provider,
        account: place.account,
        container: row.text("container"),
        region: row.text("region"),
        resource_id: if place.provider == "azure" {
            &lower
        } else {
            id
        },
        resource_type: &kind,
        name: row.text("name"),
        subscription: row.text("subscription"),
        resource_group: row.text("resource_group"),
        kind: row.text("kind"),
        sku: row.text("sku"),
        created_at: row.time("created_at"),
        is_hierarchical: row.flag("is_hierarchical"),
        allows_shared_keys: row.flag("allows_shared_keys"),
        allows_public_access: row.flag("allows_public_access"),
        network_default: row.text("network_default"),
        private_endpoints: row.whole("private_endpoints"),
        key_source: row.text("key_source"),
        tags: row.text("tags"),
    });
}
