//! `azure-activity`: the Azure Activity log: what was done to resources, in the three schemas it is shipped in.
//!
//! **Forms**, told by their content; any of them may be compressed.
//! 1. The management interface and the portal: camelCase objects with `eventTimestamp` and `{"value", "localizedValue"}` pairs,
//!    one after another, in an array, or in `{"value": [...]}`.
//! 2. Diagnostic settings (storage account, Event Hub): `time`, `resultType`, `identity`, often with ids in capitals, one after
//!    another or in `{"records": [...]}`. The word `Content` before a record is passed over.
//! 3. Rows of the Log Analytics table `AzureActivity`: JSON objects, the answer of a query, or CSV.
//!
//! A record may be wrapped in an object under `log`, as shippers do.
//!
//! **What is read** ([`ALLOWED`]): one row of `activity` per record. `account` is the storage account that the resource id names,
//! else the subscription; `container` is the container it names. `event`, `service` and `category` are spelt as the record spells
//! them, in capitals or not: compare without regard to case. `resource_id` is in lower case, so that it joins. `error` is the
//! sub-status of a failed event.
//!
//! **Not read.** Request and response bodies and everything else in `properties` but `statusCode`, `eventCategory` and a
//! `message` that is nothing but the path of an operation; descriptions, tags, claims, HTTP requests but for the class of their
//! address. `properties` and claims are open lists, so new names in them are no news; a new field beside them is named in an
//! `azure-unread-fields` notice.
//!
//! **Who.** `caller` is kept as a pseudonym, and where a schema has none, the object id of the authorization's principal. Of the
//! claims only what tells a user from an application is looked at, and none is kept.
//!
//! **Acts.** The start and the end of an operation are two records. They share `act_id`: the correlation id and a digest of the
//! operation and the resource, because one correlation spans all operations of a deployment. `act_part` is decided from the record
//! alone: a record that says `Start`, `Started`, `Accepted` or the like is 1, every other is 0 and counts. An act whose end was
//! not recorded therefore has no part 0: it is found as a `started` event without an end.
//!
//! **Verbs.** `.../delete` deletes. `.../write` creates when the record says `Created` or 201, else it configures; the start of a
//! creation does not say so yet. `list...`, `get...` actions read, also `listKeys`.
//!
//! **Details** ([`DETAILS`]): status, sub-status and level, and the three properties, under the names of each schema.
//!
//! **Traps.**
//! - `category` is `Action`, `Write` or `Delete` in old Event Hub records and `Administrative` in newer ones.
//! - `time` occurs with stray spaces (`2021-02-04T07: 45: 44.58Z`); the portal's CSV export writes US times.
//! - `claims`, `authorization`, `httpRequest` and `properties` are objects in one form and JSON text in another.
//! - Event Hub mixes in storage resource logs; they go to `requests`, as `storage-blob-logs` reads them.
//! - Row numbers count JSON values and stray lines; a `Content` line is one.

mod caller;
mod layout;
mod row;
mod words;

pub use layout::ALLOWED;
pub use row::DETAILS;

use crate::Error;
use crate::detect::Head;
use crate::formats::azure::fields::{Field, Record, not_json};
use crate::formats::azure::is_storage_log;
use crate::formats::azure::log::{self, Log, first_value, is_answer, is_json, names_all};
use crate::formats::storage_blob_logs;
use crate::formats::stream::Part;
use crate::run::{Run, SourceFile};

use layout::{CATEGORY, CELLS, NAMES, OPERATION, TIME, field};
pub(in crate::formats) use row::Rows;

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    if !is_json(head.text) {
        return (names_all(head, &["TimeGenerated", "CorrelationId"])
            && (head.has_column("operationnamevalue") || head.has_column("activitystatusvalue")))
        .then_some("AzureActivity columns");
    }
    let is_path = || {
        ["operationName", "OperationNameValue", "OperationName"]
            .iter()
            .find_map(|name| first_value(head.text, name))
            .is_some_and(|operation| operation.contains('/'))
    };
    if is_answer(head.text) {
        return (head.has_field("ActivityStatusValue") || head.has_field("OperationNameValue"))
            .then_some("a query's answer with AzureActivity columns");
    }
    if names_all(head, &["time", "operationName", "resourceId"]) && is_path() {
        return Some("the fields of a diagnostic activity record");
    }
    if names_all(head, &["eventTimestamp", "operationName", "resourceId"]) {
        return Some("the fields of an activity log event");
    }
    (names_all(head, &["TimeGenerated", "OperationNameValue"]) && is_path())
        .then_some("AzureActivity fields")
}

/// Reads every file of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    log::read::<CELLS, Mixed>(run, |run, file| Mixed {
        activity: Rows::new(run, file),
        storage: storage_blob_logs::Rows::new(run, file),
    })
}

impl Rows {
    /// For the records of `file`.
    pub(in crate::formats) fn new(run: &Run<'_>, file: &SourceFile) -> Self {
        let (_, account) = run.input.provider_account("azure");
        Self {
            file_no: file.no,
            account: run.input.account.is_some().then_some(account),
            region: run.input.region.clone(),
            tokens: run.input.tokens.clone(),
        }
    }

    /// Takes a control-plane event that was met in another log.
    pub(in crate::formats) fn take_json(&mut self, row: u64, json: &[u8], part: &mut Part) {
        if let Some(record) = Record::read(json, field, NAMES, row, part) {
            self.take(row, &record, part);
        }
    }
}

/// An activity log in which storage resource logs may stand too.
struct Mixed {
    activity: Rows,
    storage: storage_blob_logs::Rows,
}

impl Log<CELLS> for Mixed {
    const NAMES: &'static [&'static str] = NAMES;
    const REQUIRED: &'static [usize] = &[TIME];

    fn field(path: u8, name: &str) -> Field {
        field(path, name)
    }

    fn record(&mut self, row: u64, record: &Record<'_, CELLS>, part: &mut Part) {
        self.activity.take(row, record, part);
    }

    fn json(&mut self, row: u64, json: &[u8], part: &mut Part) {
        let record = match Record::parse(json, field) {
            Ok(record) => record,
            Err(error) => {
                part.note(not_json(&error, row));
                return;
            }
        };
        let operation = record.get(OPERATION).text();
        let category = record.get(CATEGORY).text();
        if operation.is_some_and(|operation| is_storage_log(category.as_deref(), &operation)) {
            self.storage.take_json(row, json, part);
        } else {
            record.count_odd(NAMES, row, part);
            self.activity.take(row, &record, part);
        }
    }
}
