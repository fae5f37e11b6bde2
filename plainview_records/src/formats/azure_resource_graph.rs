//! `azure-resource-graph`: what Azure's own register of resources answers: storage accounts, containers, key vaults, and whatever
//! stands beside them.
//!
//! **Forms**, told by their content; any of them may be compressed.
//! 1. The command line: `{"count", "data": [...], "skip_token", "total_records"}`.
//! 2. The management interface: `{"count", "data", "totalRecords", "$skipToken", "resultTruncated"}`, where `data` is an array of
//!    objects or a table of `columns` and `rows`.
//! 3. Resources as objects, one after another or in an array, without anything around them.
//! 4. The portal's CSV export, where objects are JSON text.
//!
//! **What is read** ([`ALLOWED`]): one row of `resources` per resource. `account` is the storage account that the id names, else
//! the subscription. Ids, types, subscriptions and resource groups are in lower case, so that they join with logs, which spell
//! them otherwise. The type is the id's own when there is no column for it. Names, ids and tags are masked. Column names are
//! compared without regard to case.
//!
//! **Properties** are read for storage accounts, their blob containers and key vaults only: whether there is a hierarchical
//! namespace, shared keys and public access, the network default, the number of private endpoints, who keeps the encryption key,
//! when it was made. Everything else in them is passed over, as are identities, plans and managers. A column in no list is named in
//! an `azure-unread-fields` notice.
//!
//! **Traps.**
//! - An answer comes in pages of at most a thousand rows. A source whose pages say that more follow, or together hold fewer rows
//!   than they say there are, gets a lost `azure-graph-pages-missing` with the number that is missing; a page that holds fewer rows
//!   than it says a lost `azure-graph-rows-missing`. Arrays, single resources and CSV say nothing of further pages.
//! - An empty text is as good as null (`kind`, `managedBy`), and so are `{}` and null tags.
//! - `publicAccess` of a container is a level; any but `None` lets anonymous readers in where the account allows it.
//! - The register holds what is there now. What was deleted before is not in it.

mod layout;
mod pages;
mod properties;
mod row;

pub use layout::ALLOWED;

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::value::RawValue;

use crate::detect::Head;
use crate::formats::azure::fields::{Field, Record};
use crate::formats::azure::log::{self, Log, is_json, names_all};
use crate::formats::stream::Part;
use crate::run::{Run, SourceFile};
use crate::{Error, Tokens};

use layout::{CELLS, ID, NAMES, field};
use pages::{Page, Pages};

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    let is_page = is_json(head.text)
        && names_all(head, &["data", "count"])
        && ["total_records", "totalRecords", "skip_token", "$skipToken"]
            .iter()
            .any(|name| head.has_field(name));
    if is_page {
        return Some("a page of a resource query");
    }
    (names_all(head, &["id", "type", "resourceGroup", "subscriptionId"])
        && head.text.contains("/subscriptions/"))
    .then_some("the columns of a resource")
}

/// Reads every file of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    let pages = Arc::new(Mutex::new(Pages::default()));
    log::read::<CELLS, Resources>(run, |run, file| Resources {
        file_no: file.no,
        tokens: run.input.tokens.clone(),
        page: Page::default(),
        pages: Arc::clone(&pages),
    })?;
    let pages = pages.lock().unwrap_or_else(PoisonError::into_inner);
    pages.tell(run);
    Ok(())
}

/// Resources on their way to the table, and the pages they came on.
struct Resources {
    file_no: u32,
    tokens: Tokens,
    page: Page,
    pages: Arc<Mutex<Pages>>,
}

impl Log<CELLS> for Resources {
    const NAMES: &'static [&'static str] = NAMES;
    const REQUIRED: &'static [usize] = &[ID];
    const IS_ANSWER: bool = true;

    fn field(path: u8, name: &str) -> Field {
        field(path, name)
    }

    fn record(&mut self, row: u64, record: &Record<'_, CELLS>, part: &mut Part) {
        row::take(self.file_no, &self.tokens, row, record, part);
    }

    fn json(&mut self, row: u64, json: &[u8], part: &mut Part) {
        if let Some(record) = Record::read(json, field, NAMES, row, part) {
            self.record(row, &record, part);
        }
    }

    fn beside(&mut self, name: &str, value: &RawValue) -> bool {
        self.page.beside(name, value)
    }

    fn ended(&mut self, rows: u64, file: &SourceFile) {
        let page = std::mem::take(&mut self.page);
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.add(&page, rows, file);
    }
}
