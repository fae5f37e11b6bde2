//! One unified audit record becomes one row of `activity`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::access::{is_command, is_content, reaches};
use super::layout::{
    ADDRESS, AUDIT_DATA, CELLS, ID, OBJECT, OPERATION, ORGANISATION, RECORD_TYPE, RESULT, TIME,
    USER, USER_TYPE, WORKLOAD, field,
};
use crate::formats::azure::fields::{Cell, Record};
use crate::formats::azure::{MISSHAPEN, instant, short};
use crate::formats::network;
use crate::formats::sheet::tally::Repeated;
use crate::formats::stream::Part;
use crate::run::Note;
use crate::tables::activity::{ActivityRow, outcome, verb};
use crate::tables::requests::principal;
use crate::{Effect, Tokens};

/// The names this reader may put into `details` of the `activity` table.
pub const DETAILS: &[&str] = &["RecordType", "ResultStatus", "UserType"];

const WITHHELD: Repeated = Repeated {
    code: "m365-access-withheld",
    effect: Effect::Unread,
    expected: "",
    message: "records of what people do with documents, mails and chats name nobody and no object here, so that nobody can be listed by what they opened",
};

/// Makes rows of records.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    pub(super) file_no: u32,
    pub(super) account: Option<String>,
    pub(super) tokens: Tokens,
}

/// Who a record names, and what.
#[derive(Default)]
struct Named {
    principal: Option<String>,
    object: Option<String>,
    network: Option<&'static str>,
}

impl Rows {
    /// Takes one record, with what its `AuditData` says of it.
    pub(super) fn take(&mut self, row: u64, record: &Record<'_, CELLS>, part: &mut Part) {
        let inner = record.get(AUDIT_DATA);
        let Some(json) = inner.json() else {
            if inner.is_present() {
                part.count(&MISSHAPEN, "AuditData", row, "");
            }
            self.plain(row, record, part);
            return;
        };
        let Ok(mut whole) = Record::parse(json.as_bytes(), field) else {
            part.count(&MISSHAPEN, "AuditData", row, "");
            self.plain(row, record, part);
            return;
        };
        whole.count_odd(super::NAMES, row, part);
        for cell in 0..CELLS {
            if !whole.get(cell).is_present() {
                whole.fill(cell, record.get(cell));
            }
        }
        self.plain(row, &whole, part);
    }

    /// Takes a record whose cells are filled.
    fn plain(&self, row: u64, record: &Record<'_, CELLS>, part: &mut Part) {
        let at = record.get(TIME).text().as_deref().and_then(instant);
        let operation = record.get(OPERATION).text();
        let (Some(operation), Some(at)) = (operation, at) else {
            part.note(unusable(row, record));
            return;
        };
        let masked = |cell: usize| {
            record
                .get(cell)
                .text()
                .map(|text| self.tokens.text(&text, None).into_owned())
        };
        let (workload, record_type) = (record.get(WORKLOAD).text(), masked(RECORD_TYPE));
        let operation = self.tokens.text(&operation, None);
        let is_content = is_content(workload.as_deref(), record_type.as_deref(), &operation);
        let (named, kind) = if is_content {
            part.count(&WITHHELD, short(&operation), row, "");
            (Named::default(), principal::UNKNOWN)
        } else {
            (self.named(record), kind(record.get(USER_TYPE)))
        };
        let result = masked(RESULT);
        let id = masked(ID);
        let account = record
            .get(ORGANISATION)
            .text()
            .map(|id| id.to_ascii_lowercase())
            .or_else(|| self.account.clone())
            .unwrap_or_else(|| "unknown".to_owned());
        let service = workload.as_deref().unwrap_or("unknown");
        let service = self.tokens.text(service, None);
        let outcome = ended(result.as_deref(), &operation);
        let error = result.as_deref().filter(|_| outcome == outcome::FAILURE);
        let user_type = masked(USER_TYPE).filter(|_| !is_content);
        let details = details([
            record_type.as_deref(),
            result.as_deref(),
            user_type.as_deref(),
        ]);
        part.observe_time(at);
        part.activity(&ActivityRow {
            file_no: self.file_no,
            row_no: row,
            provider: "m365",
            account: &account,
            container: None,
            region: None,
            at,
            service: &service,
            event: &operation,
            verb: done(&operation, is_content),
            category: record_type.as_deref(),
            outcome,
            error,
            principal: named.principal.as_deref(),
            principal_kind: kind,
            network: named.network,
            resource_type: None,
            resource_id: named.object.as_deref(),
            read_only: None,
            event_id: id.as_deref(),
            act_id: id.as_deref(),
            act_part: 0,
            details: details.as_deref(),
        });
    }

    /// Who and what a record of administration names.
    fn named(&self, record: &Record<'_, CELLS>) -> Named {
        let object = record.get(OBJECT).text();
        Named {
            principal: record.get(USER).text().and_then(|user| self.key(&user)),
            object: object
                .and_then(|object| self.key(object.split('?').next().unwrap_or_default())),
            network: record
                .get(ADDRESS)
                .text()
                .as_deref()
                .and_then(network::class_of),
        }
    }

    /// The pseudonym of a user or an object. An object id stays as it is but for masking; anything else may be somebody's name.
    fn key(&self, text: &str) -> Option<String> {
        const NOBODY: &[&str] = &["", "Not Available", "NOT-FOUND", "Unknown", "Unsupported"];
        let text = text.trim();
        if NOBODY.iter().any(|word| word.eq_ignore_ascii_case(text)) {
            return None;
        }
        let bare = text.strip_prefix("ServicePrincipal_").unwrap_or(text);
        let is_id = bare.len() == 36
            && bare
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        Some(if is_id {
            self.tokens.text(text, None).into_owned()
        } else {
            self.tokens.address(text)
        })
    }
}

/// The details of a row, in the order of [`DETAILS`].
fn details(texts: [Option<&str>; 3]) -> Option<String> {
    let texts: BTreeMap<&str, &str> = DETAILS
        .iter()
        .zip(texts)
        .filter_map(|(name, text)| Some((*name, text?)))
        .collect();
    if texts.is_empty() {
        return None;
    }
    serde_json::to_string(&texts).ok()
}

/// Who a type of user is, by its number or its name.
fn kind(user_type: Cell<'_>) -> &'static str {
    match user_type.text().unwrap_or(Cow::Borrowed("")).as_ref() {
        "0" | "Regular" | "2" | "Admin" | "10" | "Guest" => principal::USER,
        "3" | "DcAdmin" | "4" | "System" | "7" | "CustomPolicy" | "8" | "SystemPolicy" => {
            principal::SERVICE
        }
        "5" | "Application" | "6" | "ServicePrincipal" => principal::APPLICATION,
        _ => principal::UNKNOWN,
    }
}

/// How an operation ended.
fn ended(result: Option<&str>, operation: &str) -> &'static str {
    let is = |words: &[&str]| {
        result.is_some_and(|result| words.iter().any(|word| word.eq_ignore_ascii_case(result)))
    };
    if operation.eq_ignore_ascii_case("UserLoginFailed") || is(&["Failed", "Failure", "False"]) {
        outcome::FAILURE
    } else if is(&["Succeeded", "Success", "True", "PartiallySucceeded"]) {
        outcome::SUCCESS
    } else {
        outcome::UNKNOWN
    }
}

/// What an operation does. What is done to content creates and deletes no resource.
fn done(operation: &str, is_content: bool) -> &'static str {
    if is_content {
        return if reaches(operation) {
            verb::READ
        } else {
            verb::OTHER
        };
    }
    let starts = |words: &[&str]| {
        words.iter().any(|word| {
            operation
                .get(..word.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(word))
        })
    };
    let is_joined = [
        " to ",
        " from ",
        "owner",
        "member",
        "permission",
        "policy",
        "credential",
    ]
    .iter()
    .any(|word| operation.to_ascii_lowercase().contains(word));
    if starts(&["UserLog"]) {
        verb::SIGN_IN
    } else if is_command(operation) && starts(&["Get-", "Search-", "Test-"]) {
        verb::READ
    } else if starts(&[
        "Set", "Update", "Enable", "Disable", "Change", "Consent", "Grant", "Revoke", "Reset",
    ]) {
        verb::CONFIGURE
    } else if starts(&["Add", "New-", "Create"]) || operation.ends_with("Created") {
        // To join something to what exists changes that; `Add user.` makes a user.
        if is_joined || starts(&["Add-"]) {
            verb::CONFIGURE
        } else {
            verb::CREATE
        }
    } else if starts(&["Delete", "Remove", "Hard delete"]) || operation.ends_with("Deleted") {
        if is_joined {
            verb::CONFIGURE
        } else {
            verb::DELETE
        }
    } else if operation.ends_with("Added")
        || operation.ends_with("Removed")
        || operation.ends_with("Modified")
        || operation.ends_with("Changed")
    {
        verb::CONFIGURE
    } else {
        verb::OTHER
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
        .expected("`CreationTime` in ISO 8601 and `Operation`")
}
