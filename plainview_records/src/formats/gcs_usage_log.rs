//! `gcs-usage-log`: hourly usage logs of Google Cloud Storage buckets.
//!
//! **Delivery is not guaranteed**, says the vendor, neither in time nor in full: a row shows that a request was made, and the
//! absence of a row shows nothing. The same request may be in two logs; `act_id` is its request id.
//!
//! **Form.** CSV with a header, every value quoted: `time_micros`, `c_ip`, `c_ip_type`, `c_ip_region`, `cs_method`, `cs_uri`,
//! `sc_status`, `cs_bytes`, `sc_bytes`, `time_taken_micros`, `cs_host`, `cs_referer`, `cs_user_agent`, `s_request_id`,
//! `cs_operation`, `cs_bucket`, `cs_object`. Columns are found by name. An hour can have several logs.
//!
//! **What is read** is [`ALLOWED`]; each row is a row of `requests`. `cs_uri`, in which signed URLs carry their signature, is
//! not read: the key is `cs_object`, which is raw UTF-8 and is not decoded.
//!
//! **Traps.**
//! - Nobody is named: the log has no principal, whoever asked and however. The kind is `unknown` throughout.
//! - What lifecycle rules do is in the log too, told by the constant `GCS Lifecycle Management` as user agent. Any client can
//!   send these words, so they count only where there is no client address. The user agent is compared and not kept.
//! - A request that the log gives no operation for is named by its HTTP method.
//! - `time_micros` is when a request was completed. Times and durations are cut to milliseconds.
//! - The log names no project: the account is the source's.

pub(in crate::formats) mod words;

use std::collections::BTreeSet;

use super::cloudwatch_metrics::documents::Written;
use super::inventory::text::TextFile;
use super::inventory::{At as _, BadCell, BadSlot, Columns, Fields, Taker, bad_row};
use super::network;
use super::text_log::{form_of, say_account};
use crate::detect::Head;
use crate::run::{Note, Run, SourceFile};
use crate::tables::requests::{RequestRow, RequestsBuilder, network as net, principal};
use crate::{Error, Table, Tokens};

/// The fields this reader may read.
pub const ALLOWED: &[&str] = &[
    "time_micros",
    "c_ip",
    "cs_method",
    "sc_status",
    "cs_bytes",
    "sc_bytes",
    "time_taken_micros",
    "s_request_id",
    "cs_operation",
    "cs_bucket",
    "cs_object",
];

// Slots: the order of `SLOTS`.
const TIME: usize = 0;
const ADDRESS: usize = 1;
const METHOD: usize = 2;
const STATUS: usize = 3;
const BYTES_IN: usize = 4;
const BYTES_OUT: usize = 5;
const TAKEN: usize = 6;
const REQUEST_ID: usize = 7;
const OPERATION: usize = 8;
const BUCKET: usize = 9;
const OBJECT: usize = 10;
const AGENT: usize = 11;

/// The columns that are decoded: those of [`ALLOWED`], and the one that is compared with [`LIFECYCLE`].
const SLOTS: &[&str] = &[
    "time_micros",
    "c_ip",
    "cs_method",
    "sc_status",
    "cs_bytes",
    "sc_bytes",
    "time_taken_micros",
    "s_request_id",
    "cs_operation",
    "cs_bucket",
    "cs_object",
    "cs_user_agent",
];

const COLUMNS: Columns = Columns {
    allowed: SLOTS,
    left: &[
        "c_ip_type",
        "c_ip_region",
        "cs_uri",
        "cs_host",
        "cs_referer",
    ],
};

/// What the log has as user agent where lifecycle rules act.
const LIFECYCLE: &str = "GCS Lifecycle Management";

/// 9999-12-31T23:59:59.999Z: what lies behind it is no time that a table can show.
const TIME_MS_MAX: i64 = 253_402_300_799_999;

const EXPECTED: &str = "CSV with the header of a usage log";

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    let has_all = ["timemicros", "csbucket", "csobject"]
        .iter()
        .all(|name| head.has_column(name));
    has_all.then_some("columns time_micros, cs_bucket and cs_object")
}

/// Reads every file of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    say_account(run, "gcp/a-project");
    let mut named = BTreeSet::new();
    for file in run.plan_data() {
        if run.hash_once(&file).is_none() {
            continue;
        }
        match form_of(run, &file, EXPECTED) {
            None => {}
            Some(Written::Json) => {
                let note = Note::lost("not-a-log", "the file is JSON and was not read");
                run.note(Some(&file), note.expected(EXPECTED));
            }
            Some(Written::Other | Written::Nothing) => read_csv(run, &file, &mut named)?,
        }
    }
    Ok(())
}

fn read_csv(
    run: &mut Run<'_>,
    file: &SourceFile,
    named: &mut BTreeSet<String>,
) -> Result<(), Error> {
    let mut text = TextFile::open(run, file);
    let names = match text.header() {
        Ok(names) => names.unwrap_or_default(),
        Err(note) => {
            run.note(Some(file), note);
            return Ok(());
        }
    };
    let layout = COLUMNS.layout(run, file, &names, named);
    if layout.places[TIME].is_none() || layout.places[BUCKET].is_none() {
        let note = Note::lost(
            "missing-columns",
            "the file lacks columns without which it cannot be used",
        )
        .measured(format!("{} columns", names.len()))
        .expected("time_micros, cs_bucket");
        run.note(Some(file), note);
        return Ok(());
    }
    let mut usage = Usage::new(run);
    text.rows(run, file, &layout, &mut usage)
}

/// Fills the `requests` table from the rows of one file.
struct Usage {
    builder: RequestsBuilder,
    provider: String,
    account: String,
    tokens: Tokens,
    masked: String,
}

impl Usage {
    fn new(run: &Run<'_>) -> Self {
        let (provider, account) = run.input.provider_account("gcp");
        Self {
            builder: RequestsBuilder::new(&run.input.source_id),
            provider,
            account,
            tokens: run.input.tokens.clone(),
            masked: String::new(),
        }
    }

    fn push(
        &mut self,
        run: &mut Run<'_>,
        file_no: u32,
        row_no: u64,
        row: &impl Fields,
    ) -> Result<(), BadSlot> {
        let at = row
            .count(TIME)
            .at(TIME)?
            .map(|micros| micros / 1000)
            .filter(|at| *at <= TIME_MS_MAX)
            .ok_or_else(|| absent(TIME, "microseconds since 1970, before the year 10000"))?;
        let address = row.text(ADDRESS).at(ADDRESS)?;
        let is_lifecycle = address.is_none() && row.text(AGENT).at(AGENT)? == Some(LIFECYCLE);
        let operation = match row.text(OPERATION).at(OPERATION)? {
            Some(operation) => word(OPERATION, operation)?,
            None => match row.text(METHOD).at(METHOD)? {
                Some(method) => word(METHOD, method)?,
                None => return Err(absent(OPERATION, "an operation or a method")),
            },
        };
        let status = row.text(STATUS).at(STATUS)?;
        let request_id = row.text(REQUEST_ID).at(REQUEST_ID)?;
        let object = row.text(OBJECT).at(OBJECT)?;
        let is_masked =
            object.is_some_and(|key| self.tokens.text_into(key, Some(at), &mut self.masked));
        self.builder.push(&RequestRow {
            file_no,
            row_no,
            provider: &self.provider,
            account: &self.account,
            container: row.text(BUCKET).at(BUCKET)?,
            region: run.input.region.as_deref(),
            key: if is_masked {
                Some(&self.masked)
            } else {
                object
            },
            at,
            operation,
            verb: words::verb_of(operation),
            status: status.map(|text| word(STATUS, text)).transpose()?,
            error: None,
            bytes_out: row.count(BYTES_OUT).at(BYTES_OUT)?,
            bytes_in: row.count(BYTES_IN).at(BYTES_IN)?,
            object_bytes: None,
            duration_ms: row.count(TAKEN).at(TAKEN)?.map(|micros| micros / 1000),
            principal: None,
            principal_kind: if is_lifecycle {
                principal::LIFECYCLE
            } else {
                principal::UNKNOWN
            },
            auth: None,
            network: match address {
                None if is_lifecycle => Some(net::PROVIDER),
                None => None,
                Some(address) => network::class_of(address),
            },
            event_id: request_id,
            act_id: request_id,
            act_part: 0,
        });
        run.observe_time(at);
        Ok(())
    }
}

/// A word of the service's own: what is written to a table as it is must be no text of a client.
fn word(slot: usize, text: &str) -> Result<&str, BadSlot> {
    let is_word = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    if is_word {
        return Ok(text);
    }
    Err(absent(slot, "letters, digits, `.`, `_` and `-`"))
}

fn absent(slot: usize, expected: &'static str) -> BadSlot {
    let found = "something else".to_owned();
    (slot, BadCell { found, expected })
}

impl Taker for Usage {
    #[inline]
    fn take(
        &mut self,
        run: &mut Run<'_>,
        file: &SourceFile,
        row_no: u64,
        row: &impl Fields,
    ) -> Result<(), Error> {
        if self.builder.is_full() {
            run.flush(Table::Requests, file, &mut self.builder)?;
        }
        if let Err((slot, mut cell)) = self.push(run, file.no, row_no, row) {
            if slot == AGENT {
                "a value".clone_into(&mut cell.found);
            }
            run.note(Some(file), bad_row(row_no, SLOTS[slot], cell));
        }
        Ok(())
    }

    fn end(&mut self, run: &mut Run<'_>, file: &SourceFile) -> Result<(), Error> {
        run.flush(Table::Requests, file, &mut self.builder)
    }
}
