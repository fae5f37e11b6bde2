//! One activity log record becomes one row of `activity`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::caller::caller;
use super::layout::{
    ADDRESS, CATEGORY, CATEGORY_VALUE, CELLS, CORRELATION, EVENT_ID, HTTP, LEVEL, LOCATION,
    OPERATION, OPERATION_ID, OPERATION_VALUE, PROPERTIES, PROPERTIES_TEXT, PROVIDER,
    PROVIDER_VALUE, RESOURCE, RESOURCE_LOWER, RESOURCE_TYPE, STATUS, STATUS_VALUE, SUBSCRIPTION,
    SUBSTATUS, SUBSTATUS_VALUE, TIME,
};
use super::words::{outcome, says_created, verb};
use crate::Tokens;
use crate::digest::hex;
use crate::formats::azure::fields::{Field, ROOT, Record, cells};
use crate::formats::azure::{instant, masked, segment, type_of};
use crate::formats::network;
use crate::formats::stream::Part;
use crate::run::Note;
use crate::tables::activity::{ActivityRow, outcome as ends};

/// Makes rows of records.
#[derive(Debug, Clone)]
pub(in crate::formats) struct Rows {
    pub(super) file_no: u32,
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
    pub(super) tokens: Tokens,
}

/// The fields of `properties` and of `httpRequest` that are read.
mod inner {
    use super::{Field, ROOT, cells};

    cells! {
        STATUS_CODE: "properties.statusCode",
        EVENT_CATEGORY: "properties.eventCategory",
        MESSAGE: "properties.message",
        CLIENT: "httpRequest.clientIpAddress",
    }

    /// Both objects are open: every service has properties of its own, so nothing in them is news.
    pub(super) fn field(path: u8, name: &str) -> Field {
        match (path, name) {
            (ROOT, "statusCode") => Field::Cell(STATUS_CODE),
            (ROOT, "eventCategory") => Field::Cell(EVENT_CATEGORY),
            (ROOT, "message") => Field::Cell(MESSAGE),
            (ROOT, "clientIpAddress") => Field::Cell(CLIENT),
            _ => Field::Passed,
        }
    }
}

/// The texts of a record that say what happened to what, masked but for the id that places are read from.
struct Said<'c> {
    operation: Cow<'c, str>,
    service: Cow<'c, str>,
    category: Option<Cow<'c, str>>,
    status: Option<Cow<'c, str>>,
    substatus: Option<Cow<'c, str>>,
    resource_type: Option<Cow<'c, str>>,
    /// The resource's id as the record writes it.
    raw_resource: Option<Cow<'c, str>>,
    /// The resource's id, masked, in lower case.
    resource: Option<String>,
}

impl<'c> Said<'c> {
    /// What a record says, if it names an operation.
    fn of(record: &Record<'c, CELLS>, tokens: &Tokens) -> Option<Self> {
        let said = |cells: &[usize]| text(record, cells).map(|text| masked(tokens, text));
        let operation = said(&[OPERATION_VALUE, OPERATION])?;
        let service = said(&[PROVIDER_VALUE, PROVIDER]).unwrap_or_else(|| {
            Cow::Owned(operation.split('/').next().unwrap_or_default().to_owned())
        });
        let raw_resource = text(record, &[RESOURCE, RESOURCE_LOWER]);
        let id = raw_resource.as_deref();
        Some(Self {
            service,
            category: said(&[CATEGORY_VALUE, CATEGORY]),
            status: said(&[STATUS_VALUE, STATUS]),
            substatus: said(&[SUBSTATUS_VALUE, SUBSTATUS]),
            resource_type: said(&[RESOURCE_TYPE])
                .or_else(|| Some(masked(tokens, Cow::Owned(type_of(id?)?)))),
            resource: id.map(|id| tokens.text(id, None).to_ascii_lowercase()),
            raw_resource,
            operation,
        })
    }
}

impl Rows {
    /// Takes one record.
    pub(super) fn take(&mut self, row: u64, record: &Record<'_, CELLS>, part: &mut Part) {
        let at = record.get(TIME).text().as_deref().and_then(instant);
        let (Some(said), Some(at)) = (Said::of(record, &self.tokens), at) else {
            part.note(unusable(row, record));
            return;
        };
        let properties = [PROPERTIES, PROPERTIES_TEXT]
            .iter()
            .find_map(|cell| record.get(*cell).json())
            .unwrap_or_default();
        let properties = read_inner(&properties);
        let status_code = properties.get(inner::STATUS_CODE).text();
        let is_new = [said.substatus.as_deref(), status_code.as_deref()]
            .into_iter()
            .flatten()
            .any(says_created);
        let outcome = outcome(said.status.as_deref());
        let who = caller(record, &self.tokens);
        let id = said.raw_resource.as_deref();
        let region = record.get(LOCATION).text();
        let region = region
            .as_deref()
            .filter(|region| !region.eq_ignore_ascii_case("global"));
        let event_id = record
            .get(EVENT_ID)
            .text()
            .map(|id| masked(&self.tokens, id));
        let details = self.details(record, &said, &properties);
        part.observe_time(at);
        part.activity(&ActivityRow {
            file_no: self.file_no,
            row_no: row,
            provider: "azure",
            account: &self.account(record, id),
            container: id
                .filter(|id| segment(id, "blobServices").is_some())
                .and_then(|id| segment(id, "containers")),
            region: region.or(self.region.as_deref()),
            at,
            service: &said.service,
            event: &said.operation,
            verb: verb(&said.operation, is_new),
            category: said.category.as_deref(),
            outcome,
            error: said
                .substatus
                .as_deref()
                .filter(|_| outcome == ends::FAILURE),
            principal: who.id.as_deref(),
            principal_kind: who.kind,
            network: network_of(record),
            resource_type: said.resource_type.as_deref(),
            resource_id: said.resource.as_deref(),
            read_only: None,
            event_id: event_id.as_deref(),
            act_id: act_id(record, &said).as_deref(),
            // The end of an act is what counts; that there is one cannot be told from the record of its start.
            act_part: u32::from(outcome == ends::STARTED),
            details: details.as_deref(),
        });
    }

    /// The storage account that the event is about, else the subscription, else the source's account.
    fn account(&self, record: &Record<'_, CELLS>, resource: Option<&str>) -> String {
        let of_id = |kind| resource.and_then(|id| segment(id, kind)).map(str::to_owned);
        of_id("storageAccounts")
            .or_else(|| record.get(SUBSCRIPTION).text().map(Cow::into_owned))
            .or_else(|| of_id("subscriptions"))
            .map(|account| account.to_ascii_lowercase())
            .or_else(|| self.account.clone())
            .unwrap_or_else(|| "unknown".to_owned())
    }

    /// What is kept besides the columns, under the names of the management interface and of the other two schemas.
    fn details(
        &self,
        record: &Record<'_, CELLS>,
        said: &Said<'_>,
        properties: &Record<'_, { inner::CELLS }>,
    ) -> Option<String> {
        let level = record.get(LEVEL).text();
        let status_code = properties.get(inner::STATUS_CODE).text();
        let event_category = properties.get(inner::EVENT_CATEGORY).text();
        let message = properties
            .get(inner::MESSAGE)
            .text()
            .filter(|text| is_path(text));
        let (status, substatus) = (said.status.as_deref(), said.substatus.as_deref());
        let texts = [
            status,
            status,
            status,
            substatus,
            substatus,
            substatus,
            level.as_deref(),
            status_code.as_deref(),
            event_category.as_deref(),
            message.as_deref(),
        ];
        let texts: BTreeMap<&str, Cow<'_, str>> = DETAILS
            .iter()
            .zip(texts)
            .filter_map(|(name, text)| Some((*name, self.tokens.text(text?, None))))
            .collect();
        if texts.is_empty() {
            return None;
        }
        serde_json::to_string(&texts).ok()
    }
}

/// The names this reader may put into `details` of the `activity` table: of `message` only the path of an operation.
pub const DETAILS: &[&str] = &[
    "status",
    "resultType",
    "ActivityStatusValue",
    "subStatus",
    "resultSignature",
    "ActivitySubstatusValue",
    "level",
    "properties.statusCode",
    "properties.eventCategory",
    "properties.message",
];

/// The first of these cells that says something, be it a text or an object with a `value`.
fn text<'c>(record: &Record<'c, CELLS>, cells: &[usize]) -> Option<Cow<'c, str>> {
    cells.iter().find_map(|cell| record.get(*cell).value_text())
}

/// The class of the caller's address.
fn network_of(record: &Record<'_, CELLS>) -> Option<&'static str> {
    let class = |text: Cow<'_, str>| network::class_of(&text);
    record.get(ADDRESS).text().and_then(class).or_else(|| {
        let http = record.get(HTTP).json()?;
        read_inner(&http).get(inner::CLIENT).text().and_then(class)
    })
}

/// What cannot be parsed is as good as not there.
fn read_inner(json: &str) -> Record<'_, { inner::CELLS }> {
    Record::parse(json.as_bytes(), inner::field).unwrap_or_else(|_| Record::new())
}

/// The id that the start and the end of one operation on one resource share, in every schema: a correlation spans all the
/// operations of a deployment, and only one schema has ids of operations.
fn act_id(record: &Record<'_, CELLS>, said: &Said<'_>) -> Option<String> {
    let correlation = text(record, &[CORRELATION, OPERATION_ID])?;
    let mut sha256 = Sha256::new();
    sha256.update(said.operation.to_ascii_lowercase());
    sha256.update("\n");
    sha256.update(said.resource.as_deref().unwrap_or_default());
    let what = hex(&sha256.finalize());
    Some(format!(
        "{}/{}",
        correlation.to_ascii_lowercase(),
        &what[..16]
    ))
}

/// Whether a message is nothing but the path of an operation.
fn is_path(text: &str) -> bool {
    text.len() <= 256
        && text.contains('/')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-'))
}

/// The note of a record that no row can be made of.
fn unusable(row: u64, record: &Record<'_, CELLS>) -> Note {
    let is_timed = record.get(TIME).is_present();
    let is_named = record.get(OPERATION).is_present() || record.get(OPERATION_VALUE).is_present();
    let found = match (is_timed, is_named) {
        (false, _) => "no time",
        (true, false) => "no operation",
        (true, true) => "a time or an operation that cannot be read",
    };
    Note::lost("bad-row", "a record that cannot be read was not used")
        .row(row)
        .found(found)
        .expected("a time in ISO 8601 and an operation")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_pass_as_messages() {
        assert!(is_path(
            "Microsoft.Resources/subscriptions/resourcegroups/delete"
        ));
        for text in ["", "delete", "A/B said: hello", "a/b?c=d", "a/b@c"] {
            assert!(!is_path(text), "{text}");
        }
    }
}
