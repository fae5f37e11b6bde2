//! `m365-audit`: the unified audit log of Microsoft 365, for what administrators and programmes do.
//!
//! **Forms**, told by their content; any of them may be compressed.
//! 1. Records of the management activity interface as JSON objects: one after another, in an array, in `{"value": [...]}`.
//! 2. What the administrators' shell gives as JSON: objects with `CreationDate`, `UserIds`, `Operations`, and the record itself as
//!    JSON text in `AuditData`.
//! 3. The CSV export of the compliance portal, with a column `AuditData`. Where the record and a column say the same thing, the
//!    record is used.
//!
//! **What is read** ([`ALLOWED`]): one row of `activity` per record. `account` is the organisation, `service` the workload, `event`
//! the operation, `category` the type of record. `UserId` and `ObjectId` become pseudonyms as a whole, because either may be
//! somebody's name; object ids stay as they are but for masking, and a query string is dropped. The client's address becomes a
//! network class. Details are [`DETAILS`].
//!
//! **What is not read.** Subjects, items, files, folders, sites, recipients, chats, teams, parameters of commands, properties that
//! were changed, devices and user agents.
//!
//! **Nobody is listed by what they opened.** Records of what people do with documents, mails and chats (`FileAccessed`,
//! `MailItemsAccessed`, `MessageSent`, ...) keep their time, workload, operation and outcome, and nothing of who did it, to what, or
//! from where: `principal`, `resource_id` and `network` are null and the kind is `unknown`. An `m365-access-withheld` notice counts
//! them by operation. Administration has to be known for it: a record of the directory, of the compliance centre, of a type that
//! only administrators cause, or one of a few things done to whole sites. Everything else counts as access, also what is unheard of.
//!
//! **Traps.**
//! - `CreationTime` has no zone and is UTC.
//! - `RecordType` and `UserType` are numbers in one form and names in another.
//! - A failed sign-in has the result `Success` in some records; its operation says that it failed.
//! - `ResultStatus` is missing from most records of access; the outcome is then unknown.
//! - Records are delivered more than once: `act_id` is the record's own id.

mod access;
mod layout;
mod row;

pub use layout::ALLOWED;
pub use row::DETAILS;

use crate::Error;
use crate::detect::Head;
use crate::formats::azure::fields::{Field, Record};
use crate::formats::azure::log::{self, Log, is_json, names_all};
use crate::formats::stream::Part;
use crate::run::Run;

use layout::{CELLS, NAMES, TIME, field};
use row::Rows;

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    if names_all(head, &["AuditData"])
        && (names_all(head, &["CreationDate"]) || names_all(head, &["CreationTime"]))
    {
        return Some("AuditData beside a creation date");
    }
    (is_json(head.text)
        && names_all(head, &["CreationTime", "Operation", "Workload"])
        && (head.has_field("OrganizationId") || head.has_field("UserType")))
    .then_some("the fields of a unified audit record")
}

/// Reads every file of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    log::read::<CELLS, Rows>(run, |run, file| {
        let (_, account) = run.input.provider_account("m365");
        Rows {
            file_no: file.no,
            account: run.input.account.is_some().then_some(account),
            tokens: run.input.tokens.clone(),
        }
    })
}

impl Log<CELLS> for Rows {
    const NAMES: &'static [&'static str] = NAMES;
    const REQUIRED: &'static [usize] = &[TIME];

    fn field(path: u8, name: &str) -> Field {
        field(path, name)
    }

    fn record(&mut self, row: u64, record: &Record<'_, CELLS>, part: &mut Part) {
        self.take(row, record, part);
    }

    fn json(&mut self, row: u64, json: &[u8], part: &mut Part) {
        if let Some(record) = Record::read(json, field, NAMES, row, part) {
            self.take(row, &record, part);
        }
    }
}
