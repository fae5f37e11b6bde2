//! `storage-blob-logs`: Azure Storage resource logs: one record per request to Blob Storage, in every form they are shipped in.
//!
//! **Forms**, told by their content; any of them may be compressed.
//! 1. Files of a storage account (`insights-logs-storageread/resourceId=.../PT1H.json`): one JSON object after another, with or
//!    without line breaks between and inside them. Viewers write the word `Content` before a record; it is passed over.
//! 2. `{"records": [...]}`: files from before November 2018, sovereign clouds, and Event Hub.
//! 3. Rows of the Log Analytics table `StorageBlobLogs` as JSON objects (command line, data export).
//! 4. The answer of a Log Analytics query: `{"tables": [{"columns": [...], "rows": [...]}]}`, also in its older spelling.
//! 5. The CSV export of that table, with its header in any order, also as the portal writes it (`TimeGenerated [UTC]`).
//!
//! A record may be wrapped in an object under `log`, as shippers do.
//!
//! **What is read** ([`ALLOWED`]): one row of `requests` per record. `account` is the storage account of the record's resource,
//! else of `accountName`, else of the object key; `container` and `key` come from the object key. `uri`, user agents, referers,
//! client request ids, hashes of keys and signatures, and claims are not read; of `requester.upn` only whether it is there.
//! `callerIpAddress` becomes a network class. Fractions of milliseconds are cut off. A documented field that is not read is passed
//! over; a field in no list is named in an `azure-unread-fields` notice.
//!
//! **Who.** `AccountKey` and every kind of SAS name no person and no principal is kept, not even of a delegated SAS, which carries
//! the id of whoever made it. `OAuth` is a `user` when the record has a `upn`, else an `application`. `TrustedAccess` is a
//! `service` of the provider. Lifecycle rules are recorded like any other service.
//!
//! **Traps.**
//! - `statusCode` is a number in one form and text (also `Unknown`) in the other. `error` is `statusText` unless that ends in
//!   `Success`.
//! - One `CopyBlob` gives three records with one `correlationId`; `operationCount` 0 is the one that counts. The requests of a
//!   batch share a `correlationId` too, and count as one act.
//! - The object key of `CopyBlobSource` is a whole URL: it is reduced to its path, and the row belongs to the account of the URL. A
//!   source outside Azure has neither container nor key.
//! - Whatever follows a `?` in an object key is dropped, as it may be a signature.
//! - Containers are created and deleted by requests as well (verb `configure`).
//! - Queue, table and file records have the same categories; they are counted in `storage-log-other-service` and not read.
//! - Event Hub mixes in control-plane events; they go to `activity`, as `azure-activity` reads them.
//! - Row numbers count JSON values and stray lines; a `Content` line is one.

mod layout;
mod operation;
mod place;
mod row;

pub use layout::ALLOWED;

use crate::Error;
use crate::detect::Head;
use crate::formats::azure::fields::{Field, Record, not_json};
use crate::formats::azure::is_storage_log;
use crate::formats::azure::log::{self, Log, first_value, is_answer, is_json, names_all};
use crate::formats::azure_activity;
use crate::formats::stream::Part;
use crate::run::{Run, SourceFile};

use layout::{CELLS, NAMES, OPERATION, TIME, field};
pub(in crate::formats) use row::Rows;

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    if is_json(head.text)
        && names_all(head, &["time", "operationName"])
        && (head.has_field("objectKey") || head.has_field("schemaVersion"))
        && first_value(head.text, "operationName")
            .is_some_and(|operation| is_storage_log(first_value(head.text, "category"), operation))
    {
        return Some("the fields of a storage resource log");
    }
    names_all(
        head,
        &["TimeGenerated", "OperationName", "ObjectKey", "AccountName"],
    )
    .then_some("StorageBlobLogs columns")
    .or_else(|| {
        (is_answer(head.text)
            && ["ObjectKey", "OperationName"]
                .iter()
                .all(|name| head.has_field(name)))
        .then_some("a query's answer with StorageBlobLogs columns")
    })
}

/// Reads every file of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    log::read::<CELLS, Mixed>(run, |run, file| Mixed {
        storage: Rows::new(run, file),
        activity: azure_activity::Rows::new(run, file),
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
            masked_key: String::new(),
        }
    }

    /// Takes a storage resource log record that was met in another log.
    pub(in crate::formats) fn take_json(&mut self, row: u64, json: &[u8], part: &mut Part) {
        if let Some(record) = Record::read(json, field, NAMES, row, part) {
            self.take(row, &record, part);
        }
    }
}

/// A storage resource log in which control-plane events may stand too.
struct Mixed {
    storage: Rows,
    activity: azure_activity::Rows,
}

impl Log<CELLS> for Mixed {
    const NAMES: &'static [&'static str] = NAMES;
    const REQUIRED: &'static [usize] = &[TIME, OPERATION];

    fn field(path: u8, name: &str) -> Field {
        field(path, name)
    }

    fn record(&mut self, row: u64, record: &Record<'_, CELLS>, part: &mut Part) {
        self.storage.take(row, record, part);
    }

    fn json(&mut self, row: u64, json: &[u8], part: &mut Part) {
        let record = match Record::parse(json, field) {
            Ok(record) => record,
            Err(error) => {
                part.note(not_json(&error, row));
                return;
            }
        };
        // The names of data-plane operations are single words.
        if record
            .get(OPERATION)
            .text()
            .is_some_and(|operation| operation.contains('/'))
        {
            self.activity.take_json(row, json, part);
        } else {
            record.count_odd(NAMES, row, part);
            self.storage.take(row, &record, part);
        }
    }
}
