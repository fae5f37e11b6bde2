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
use crate::formats::azure::{instant, segment, type_of};
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

/// The texts of a record that say what happened.
struct Said<'c> {
    operation: Cow<'c, str>,
    category: Option<Cow<'c, str>>,
    status: Option<Cow<'c, str>>,
    substatus: Option<Cow<'c, str>>,
    /// The resource's id, masked, in lower case.
    resource: Option<String>,
}

impl Rows {
    /// Takes one record.
    pub(super) fn take(&mut self, row: u64, record: &Record<'_, CELLS>, part: &mut Part) {
        let at = record.get(TIME).text().as_deref().and_then(instant);
        let operation = text(record, &[OPERATION_VALUE, OPERATION]);
        let (Some(operation), Some(at)) = (operation, at) else {
            part.note(unusable(row, record));
            return;
        };
        let raw_resource = text(record, &[RESOURCE, RESOURCE_LOWER]);
        let said = Said {
            operation: Cow::Owned(self.tokens.text(&operation, None).into_owned()),
            category: text(record, &[CATEGORY_VALUE, CATEGORY]),
            status: text(record, &[STATUS_VALUE, STATUS]),
            substatus: text(record, &[SUBSTATUS_VALUE, SUBSTATUS]),
            resource: raw_resource
                .as_deref()
                .map(|id| self.tokens.text(id, None).to_ascii_lowercase()),
        };
        let properties = [PROPERTIES, PROPERTIES_TEXT]
            .iter()
            .find_map(|cell| record.get(*cell).json())
            .unwrap_or_default();
        let http = record.get(HTTP).json().unwrap_or_default();
        let properties = read_inner(&properties);
        let http = read_inner(&http);
        let address = record
            .get(ADDRESS)
            .text()
            .or_else(|| http.get(inner::CLIENT).text());
        let outcome = outcome(said.status.as_deref());
        let is_new = [
            said.substatus.clone(),
            properties.get(inner::STATUS_CODE).text(),
        ]
        .iter()
        .flatten()
        .any(|word| says_created(word));
        let who = caller(record, &self.tokens);
        let account = self.account(record, raw_resource.as_deref());
        let container = raw_resource
            .as_deref()
            .filter(|id| segment(id, "blobServices").is_some())
            .and_then(|id| segment(id, "containers"));
        let region = record.get(LOCATION).text();
        let region = region
            .as_deref()
            .filter(|r| !r.eq_ignore_ascii_case("global"));
        let service = text(record, &[PROVIDER_VALUE, PROVIDER])
            .unwrap_or_else(|| Cow::Borrowed(said.operation.split('/').next().unwrap_or_default()));
        let service = self.tokens.text(&service, None);
        let resource_type = text(record, &[RESOURCE_TYPE])
            .or_else(|| raw_resource.as_deref().and_then(type_of).map(Cow::Owned));
        let mask = |word: &Option<Cow<'_, str>>| {
            word.as_deref()
                .map(|word| self.tokens.text(word, None).into_owned())
        };
        let category = mask(&said.category);
        let error = (outcome == ends::FAILURE)
            .then(|| mask(&said.substatus))
            .flatten();
        let resource_type = mask(&resource_type);
        let event_id = mask(&record.get(EVENT_ID).text());
        let details = self.details(record, &said, &properties);
        let act_id = act_id(record, &said);
        part.observe_time(at);
        part.activity(&ActivityRow {
            file_no: self.file_no,
            row_no: row,
            provider: "azure",
            account: &account,
            container,
            region: region.or(self.region.as_deref()),
            at,
            service: &service,
            event: &said.operation,
            verb: verb(&said.operation, is_new),
            category: category.as_deref(),
            outcome,
            error: error.as_deref(),
            principal: who.id.as_deref(),
            principal_kind: who.kind,
            network: address.as_deref().and_then(network::class_of),
            resource_type: resource_type.as_deref(),
            resource_id: said.resource.as_deref(),
            read_only: None,
            event_id: event_id.as_deref(),
            act_id: act_id.as_deref(),
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
