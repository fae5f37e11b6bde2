//! One resource becomes one row of `resources`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::layout::{
    CELLS, GROUP, ID, KIND, LOCATION, NAME, PROPERTIES, SKU, SUBSCRIPTION, TAGS, TYPE,
};
use super::properties;
use crate::Tokens;
use crate::formats::azure::fields::{Cell, Field, ROOT, Record};
use crate::formats::azure::{MISSHAPEN, instant, segment, type_of};
use crate::formats::stream::Part;
use crate::run::Note;
use crate::tables::resources::ResourceRow;

/// The only cell of a `sku`: its name.
const SKU_NAME: usize = 0;

/// Types whose properties are read, in lower case.
const DESCRIBED: &[&str] = &[
    "microsoft.storage/storageaccounts",
    "microsoft.storage/storageaccounts/blobservices/containers",
    "microsoft.keyvault/vaults",
];

/// Takes one resource.
pub(super) fn take(
    file_no: u32,
    tokens: &Tokens,
    row: u64,
    record: &Record<'_, CELLS>,
    part: &mut Part,
) {
    let Some(raw_id) = record.get(ID).text() else {
        part.note(
            Note::lost("bad-row", "a row that is no resource was not used")
                .row(row)
                .found(if record.get(ID).is_present() {
                    "an `id` that is no text"
                } else {
                    "no `id`"
                })
                .expected("a resource with its `id`"),
        );
        return;
    };
    let id = raw_id.to_ascii_lowercase();
    let kind_of = record
        .get(TYPE)
        .text()
        .map(Cow::into_owned)
        .or_else(|| type_of(&id))
        .unwrap_or_else(|| "unknown".to_owned())
        .to_ascii_lowercase();
    let masked = |cell: usize| {
        record
            .get(cell)
            .text()
            .map(|text| tokens.text(&text, None).into_owned())
    };
    let subscription = record
        .get(SUBSCRIPTION)
        .text()
        .map(Cow::into_owned)
        .or_else(|| segment(&id, "subscriptions").map(str::to_owned))
        .map(|id| id.to_ascii_lowercase());
    let account = segment(&id, "storageaccounts")
        .or(subscription.as_deref())
        .unwrap_or("unknown");
    let container = segment(&id, "blobservices").and_then(|_| segment(&id, "containers"));
    let configured = Configured::of(&kind_of, record, tokens, row, part);
    if let Some(at) = configured.created_at {
        part.observe_time(at);
    }
    let sku = sku(record.get(SKU)).map(|sku| tokens.text(&sku, None).into_owned());
    let tags = tags(record.get(TAGS), tokens, row, part);
    let masked_id = tokens.text(&id, None).to_ascii_lowercase();
    part.resource(&ResourceRow {
        file_no,
        row_no: row,
        provider: "azure",
        account,
        container,
        region: masked(LOCATION).as_deref(),
        resource_id: &masked_id,
        resource_type: &tokens.text(&kind_of, None),
        name: masked(NAME).as_deref(),
        subscription: subscription.as_deref(),
        resource_group: masked(GROUP)
            .map(|name| name.to_ascii_lowercase())
            .as_deref(),
        kind: masked(KIND).as_deref(),
        sku: sku.as_deref(),
        created_at: configured.created_at,
        is_hierarchical: configured.is_hierarchical,
        allows_shared_keys: configured.allows_shared_keys,
        allows_public_access: configured.allows_public_access,
        network_default: configured.network_default.as_deref(),
        private_endpoints: configured.private_endpoints,
        key_source: configured.key_source.as_deref(),
        tags: tags.as_deref(),
    });
}

/// What the properties of a resource say.
struct Configured {
    created_at: Option<i64>,
    is_hierarchical: Option<bool>,
    allows_shared_keys: Option<bool>,
    allows_public_access: Option<bool>,
    network_default: Option<String>,
    private_endpoints: Option<i64>,
    key_source: Option<String>,
}

impl Configured {
    /// Reads the properties of a resource of this type, if it is one of those that are described.
    fn of(
        kind_of: &str,
        record: &Record<'_, CELLS>,
        tokens: &Tokens,
        row: u64,
        part: &mut Part,
    ) -> Self {
        let json = if DESCRIBED.contains(&kind_of) {
            record.get(PROPERTIES).json()
        } else {
            None
        };
        let json = json.unwrap_or_default();
        let said = properties_of(&json, row, part);
        let word = |cell: usize| {
            let text = said.get(cell).text()?;
            Some(tokens.text(&text, None).into_owned())
        };
        let public_blobs = said.get(properties::PUBLIC_BLOBS).flag();
        Self {
            created_at: said
                .get(properties::CREATED)
                .text()
                .as_deref()
                .and_then(instant),
            is_hierarchical: said.get(properties::HIERARCHICAL).flag(),
            allows_shared_keys: said.get(properties::SHARED_KEYS).flag(),
            allows_public_access: public_blobs.or_else(|| {
                let access = said.get(properties::PUBLIC_ACCESS).text()?;
                Some(!access.eq_ignore_ascii_case("none"))
            }),
            network_default: word(properties::NETWORK),
            private_endpoints: endpoints(said.get(properties::ENDPOINTS)),
            key_source: word(properties::KEY_SOURCE),
        }
    }
}

/// The properties, of which nothing is known when they cannot be parsed.
fn properties_of<'p>(
    json: &'p str,
    row: u64,
    part: &mut Part,
) -> Record<'p, { properties::CELLS }> {
    if json.is_empty() {
        return Record::new();
    }
    if let Ok(said) = Record::parse(json.as_bytes(), properties::field) {
        said.count_odd(properties::NAMES, row, part);
        said
    } else {
        part.count(&MISSHAPEN, "properties", row, "");
        Record::new()
    }
}

/// The name in a plan or a replication, given as an object, its JSON text, or the name alone.
fn sku(cell: Cell<'_>) -> Option<String> {
    let Some(json) = cell.json() else {
        return cell.text().map(Cow::into_owned);
    };
    let field = |path: u8, name: &str| {
        if path == ROOT && name == "name" {
            Field::Cell(SKU_NAME)
        } else {
            Field::Passed
        }
    };
    let sku = Record::<1>::parse(json.as_bytes(), field).ok()?;
    sku.get(SKU_NAME).text().map(Cow::into_owned)
}

/// How many private endpoints there are.
fn endpoints(cell: Cell<'_>) -> Option<i64> {
    let json = cell.json()?;
    let all: Vec<&RawValue> = serde_json::from_str(&json).ok()?;
    i64::try_from(all.len()).ok()
}

/// Tags as a JSON object of texts, masked and sorted; nothing when there are none.
fn tags(cell: Cell<'_>, tokens: &Tokens, row: u64, part: &mut Part) -> Option<String> {
    let Some(json) = cell.json() else {
        if cell.is_present() {
            part.count(&MISSHAPEN, "tags", row, "");
        }
        return None;
    };
    let Ok(tags) = serde_json::from_str::<BTreeMap<String, &RawValue>>(&json) else {
        part.count(&MISSHAPEN, "tags", row, "");
        return None;
    };
    let masked: BTreeMap<String, String> = tags
        .iter()
        .map(|(name, value)| {
            let value = Cell::Json(value.get()).text().unwrap_or_default();
            (
                tokens.text(name, None).into_owned(),
                tokens.text(&value, None).into_owned(),
            )
        })
        .collect();
    if masked.is_empty() {
        return None;
    }
    serde_json::to_string(&masked).ok()
}
