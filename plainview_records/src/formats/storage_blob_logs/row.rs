//! One storage resource log record becomes one row of `requests`.

use std::borrow::Cow;

use super::layout::{
    ACCOUNT, APP, AUTH, BYTES_IN, BYTES_OUT, CALLER, CATEGORY, CELLS, CORRELATION, DURATION, KEY,
    LOCATION, OBJECT, OPERATION, PART, RESOURCE, SERVICE, STATUS, STATUS_TEXT, TABLE, TIME, UPN,
};
use super::operation::verb;
use super::place::{NOWHERE, Place, place, unescaped};
use crate::formats::azure::fields::Record;
use crate::formats::azure::{instant, lower, masked, segment, short};
use crate::formats::network;
use crate::formats::sheet::tally::Repeated;
use crate::formats::stream::Part;
use crate::run::Note;
use crate::tables::requests::{RequestRow, principal};
use crate::{Effect, Tokens};

const OTHER_SERVICE: Repeated = Repeated {
    code: "storage-log-other-service",
    effect: Effect::Unread,
    expected: "records of Blob Storage",
    message: "records of the queue, table and file services are no requests for objects and were not read",
};

const OTHER_ACCOUNT: Repeated = Repeated {
    code: "storage-log-accounts-differ",
    effect: Effect::Doubt,
    expected: "one storage account in a record",
    message: "a record's object key names another storage account than the record's resource; the resource's is used",
};

const UNKNOWN_AUTH: Repeated = Repeated {
    code: "storage-log-auth-unknown",
    effect: Effect::Doubt,
    expected: "AccountKey, SAS, DelegationSas, OAuth, Anonymous or TrustedAccess",
    message: "how the requester was authenticated is in no list; the requester is kept as unknown",
};

const NO_ACCOUNT: Repeated = Repeated {
    code: "storage-log-no-account",
    effect: Effect::Doubt,
    expected: "a resource id, an account name or an object key",
    message: "records name no storage account; they are kept under the source's account, or as `unknown`",
};

/// Makes rows of records.
#[derive(Debug, Clone)]
pub(in crate::formats) struct Rows {
    pub(super) file_no: u32,
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
    pub(super) tokens: Tokens,
    /// Where masked keys are written.
    pub(super) masked_key: String,
}

impl Rows {
    /// Takes one record.
    pub(super) fn take(&mut self, row: u64, record: &Record<'_, CELLS>, part: &mut Part) {
        let operation = record.get(OPERATION).text();
        let at = record.get(TIME).text().as_deref().and_then(instant);
        let (Some(operation), Some(at)) = (operation, at) else {
            part.note(unusable(row, record));
            return;
        };
        let resource = record.get(RESOURCE).text();
        if let Some(service) = other_service(record, resource.as_deref()) {
            part.count(&OTHER_SERVICE, service, row, "");
            return;
        }
        let mut masked_key = std::mem::take(&mut self.masked_key);
        let object_key = record.get(KEY).text();
        let is_url = object_key.as_deref().is_some_and(|key| key.contains("://"));
        let place = object_key.as_deref().map_or(NOWHERE, place);
        let account = {
            let named = record.get(ACCOUNT).text();
            self.account(row, resource.as_deref(), named, &place, is_url, part)
        };
        let key = if is_url {
            place.key.map(unescaped)
        } else {
            place.key.map(Cow::Borrowed)
        };
        let key = match key.as_deref() {
            Some(key) if self.tokens.text_into(key, Some(at), &mut masked_key) => {
                Some(masked_key.as_str())
            }
            key => key,
        };
        let who = Requester::of(row, record, &self.tokens, part);
        let said = |cell: usize| {
            record
                .get(cell)
                .text()
                .map(|text| masked(&self.tokens, text))
        };
        let (operation, status) = (masked(&self.tokens, operation), said(STATUS));
        let error = said(STATUS_TEXT).filter(|text| !text.ends_with("Success"));
        let category = record.get(CATEGORY).text();
        let caller = record.get(CALLER).text();
        let location = said(LOCATION);
        let correlation = record.get(CORRELATION).text();
        part.observe_time(at);
        part.request(&RequestRow {
            file_no: self.file_no,
            row_no: row,
            provider: "azure",
            account: &account,
            container: place.container,
            region: location.as_deref().or(self.region.as_deref()),
            key,
            at,
            operation: &operation,
            verb: verb(&operation, category.as_deref()),
            status: status.as_deref(),
            error: error.as_deref(),
            bytes_out: record.get(BYTES_OUT).count(),
            bytes_in: record.get(BYTES_IN).count(),
            object_bytes: None,
            duration_ms: record.get(DURATION).count(),
            principal: who.id.as_deref(),
            principal_kind: who.kind,
            auth: who.auth.as_deref(),
            network: caller.as_deref().and_then(network::class_of),
            event_id: None,
            act_id: correlation.as_deref(),
            act_part: act_part(record),
        });
        self.masked_key = masked_key;
    }

    /// The storage account of a record: its resource's, else the one it names, else its key's, else the source's.
    fn account<'c>(
        &'c self,
        row: u64,
        resource: Option<&'c str>,
        named: Option<Cow<'c, str>>,
        place: &Place<'c>,
        is_url: bool,
        part: &mut Part,
    ) -> Cow<'c, str> {
        // A copy's source may lie in another account; the request for it was made there.
        if is_url && let Some(account) = place.account {
            return lower(Cow::Borrowed(account));
        }
        let own = resource
            .and_then(|id| segment(id, "storageAccounts"))
            .map(Cow::Borrowed)
            .or(named)
            .map(lower);
        match (own, place.account) {
            (Some(own), Some(other)) => {
                if !own.eq_ignore_ascii_case(other) {
                    part.count(&OTHER_ACCOUNT, &own, row, "");
                }
                own
            }
            (Some(own), None) => own,
            (None, Some(other)) => lower(Cow::Borrowed(other)),
            (None, None) => {
                part.count(&NO_ACCOUNT, "", row, "");
                Cow::Borrowed(self.account.as_deref().unwrap_or("unknown"))
            }
        }
    }
}

/// The note of a record that no row can be made of.
fn unusable(row: u64, record: &Record<'_, CELLS>) -> Note {
    let found = match (
        record.get(TIME).is_present(),
        record.get(OPERATION).is_present(),
    ) {
        (false, _) => "no time",
        (true, false) => "no operation",
        (true, true) => "a time or an operation that cannot be read",
    };
    Note::lost("bad-row", "a record that cannot be read was not used")
        .row(row)
        .found(found)
        .expected("`time` in ISO 8601 and `operationName`")
}

/// The service of a record that is none of Blob Storage.
fn other_service(record: &Record<'_, CELLS>, resource: Option<&str>) -> Option<&'static str> {
    const SERVICES: [(&str, &str, &str); 3] = [
        ("queue", "queueServices", "StorageQueueLogs"),
        ("table", "tableServices", "StorageTableLogs"),
        ("file", "fileServices", "StorageFileLogs"),
    ];
    let service = record.get(SERVICE).text();
    let table = record.get(TABLE).text();
    SERVICES.into_iter().find_map(|(name, behind, logs)| {
        let is = service
            .as_deref()
            .is_some_and(|s| s.eq_ignore_ascii_case(name))
            || table
                .as_deref()
                .is_some_and(|t| t.eq_ignore_ascii_case(logs))
            || resource.is_some_and(|id| segment(id, behind).is_some());
        is.then_some(name)
    })
}

/// Who made a request.
struct Requester<'c> {
    /// The id of a user or an application, masked; of nobody else, as a delegated signature carries that of whoever made it.
    id: Option<Cow<'c, str>>,
    /// One of [`principal`].
    kind: &'static str,
    /// How they were authenticated.
    auth: Option<Cow<'c, str>>,
}

impl<'c> Requester<'c> {
    /// What the record can show.
    fn of(row: u64, record: &Record<'c, CELLS>, tokens: &Tokens, part: &mut Part) -> Self {
        let auth = record.get(AUTH).text();
        let kind = kind(record, auth.as_deref());
        if kind == principal::UNKNOWN
            && let Some(auth) = auth.as_deref()
        {
            part.count(&UNKNOWN_AUTH, short(auth), row, "");
        }
        let id = if kind == principal::USER || kind == principal::APPLICATION {
            record.get(OBJECT).text().or_else(|| record.get(APP).text())
        } else {
            None
        };
        Self {
            id: id.map(|id| masked(tokens, id)),
            kind,
            auth: auth.map(|auth| masked(tokens, auth)),
        }
    }
}

/// Who made the request, as far as the record says. A key and a signed URL can be used by anybody who holds them.
fn kind(record: &Record<'_, CELLS>, auth: Option<&str>) -> &'static str {
    let Some(auth) = auth else {
        return principal::UNKNOWN;
    };
    let is = |known: &str| auth.eq_ignore_ascii_case(known);
    let is_signed = auth
        .get(auth.len().saturating_sub(3)..)
        .is_some_and(|end| end.eq_ignore_ascii_case("sas"));
    if is("AccountKey") || is("SharedKey") {
        principal::ACCOUNT_KEY
    } else if is_signed {
        principal::SIGNED_URL
    } else if is("OAuth") {
        if record.get(UPN).is_present() {
            principal::USER
        } else if record.get(APP).is_present() || record.get(OBJECT).is_present() {
            principal::APPLICATION
        } else {
            principal::UNKNOWN
        }
    } else if is("Anonymous") || is("AnonymousPreflight") {
        principal::ANONYMOUS
    } else if is("TrustedAccess") {
        principal::SERVICE
    } else {
        principal::UNKNOWN
    }
}

/// The record's number within its act; a number that cannot be read is 0, so that no act is lost.
fn act_part(record: &Record<'_, CELLS>) -> u32 {
    record
        .get(PART)
        .count()
        .and_then(|count| u32::try_from(count).ok())
        .unwrap_or(0)
}
