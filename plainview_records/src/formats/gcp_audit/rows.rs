//! One audit entry to one row of `requests` or `activity`.

use std::borrow::Cow;

use super::details;
use super::entry::{Entry, Held, find};
use super::words;
use crate::Effect;
use crate::Tokens;
use crate::formats::gcs_usage_log::words::verb_of as object_verb;
use crate::formats::network;
use crate::formats::sheet::tally::Repeated;
use crate::formats::stream::raw::{self, Raw};
use crate::formats::stream::{Part, Take};
use crate::run::{Note, Run, SourceFile};
use crate::tables::activity::{ActivityRow, outcome};
use crate::tables::requests::{RequestRow, network as net, principal, verb};
use crate::times::parse_iso_ms;

const OTHER_LOG: Repeated = Repeated {
    code: "other-log-entry",
    effect: Effect::Unread,
    expected: "protoPayload",
    message: "entries of other logs than the audit logs were not read",
};

const TIME_ELSEWHERE: Repeated = Repeated {
    code: "time-elsewhere",
    effect: Effect::Doubt,
    expected: "timestamp",
    message: "entries have no readable time of their own; the time of the request, else of the receipt, was taken",
};

/// Deepest encoding of a record inside a record.
const ENCODINGS_MAX: u32 = 2;

/// The reader of records.
pub(super) struct Entries {
    file_no: u32,
    provider: String,
    account: String,
    region: Option<String>,
    tokens: Tokens,
}

impl Entries {
    pub(super) fn new(run: &Run<'_>, file: &SourceFile) -> Self {
        let (provider, account) = run.input.provider_account("gcp");
        Self {
            file_no: file.no,
            provider,
            account,
            region: run.input.region.clone(),
            tokens: run.input.tokens.clone(),
        }
    }

    /// Takes a record, or what was encoded in one.
    fn record(
        &self,
        row: u64,
        record: Raw<'_>,
        depth: u32,
        part: &mut Part,
    ) -> Result<(), (String, &'static str)> {
        let expected = "a log entry with protoPayload";
        let held = find(record, row, part).map_err(|error| (error.to_string(), expected))?;
        match held {
            Held::Entry(entry) => {
                let entry =
                    Entry::read(entry, row, part).map_err(|error| (error.to_string(), expected))?;
                self.entry(row, &entry, part)
            }
            Held::OtherLog => {
                part.count(&OTHER_LOG, "", row, "");
                Ok(())
            }
            Held::Encoded(bytes) if depth < ENCODINGS_MAX => {
                let inner = raw::record(&bytes).map_err(|error| (error.to_string(), expected))?;
                self.record(row, inner, depth + 1, part)
            }
            Held::Encoded(_) | Held::Nothing => Err(("no protoPayload".to_owned(), expected)),
        }
    }

    fn entry(
        &self,
        row: u64,
        entry: &Entry<'_>,
        part: &mut Part,
    ) -> Result<(), (String, &'static str)> {
        let (at, is_elsewhere) =
            time_of(entry).ok_or_else(|| ("no readable time".to_owned(), "timestamp"))?;
        if is_elsewhere {
            part.count(&TIME_ELSEWHERE, "", row, "");
        }
        let method = entry
            .text("protoPayload.methodName")
            .ok_or_else(|| ("no methodName".to_owned(), "protoPayload.methodName"))?;
        let common = Common::of(entry, method, at, self);
        match words::object_method(common.service, method) {
            Some(operation) => self.request(row, &common, &operation, part),
            None => self.activity(row, &common, method, part),
        }
        part.observe_time(at);
        Ok(())
    }

    fn request(&self, row: u64, common: &Common<'_>, operation: &str, part: &mut Part) {
        let is_copy = common.entry.has("protoPayload.metadata.destination");
        let is_marked = common.entry.has("protoPayload.metadata.audit_context");
        let kind = match common.kind {
            principal::APPLICATION if is_marked => principal::SIGNED_URL,
            kind => kind,
        };
        let method = self.tokens.text(operation, None);
        part.request(&RequestRow {
            file_no: self.file_no,
            row_no: row,
            provider: &self.provider,
            account: &common.account,
            container: common.bucket.as_deref(),
            region: common.region.as_deref(),
            key: common.key.as_deref(),
            at: common.at,
            operation: &method,
            verb: if is_copy {
                verb::COPY
            } else {
                object_verb(operation)
            },
            status: common.code.map(|(name, _)| name),
            error: common.error(),
            bytes_out: None,
            bytes_in: None,
            object_bytes: None,
            duration_ms: None,
            principal: common.principal.as_deref(),
            principal_kind: kind,
            auth: common.auth(),
            network: common.network,
            event_id: common.event_id.as_deref(),
            act_id: common.act_id.as_deref(),
            act_part: common.act_part(),
        });
    }

    fn activity(&self, row: u64, common: &Common<'_>, method: &str, part: &mut Part) {
        let entry = common.entry;
        let details = details::of(entry, &self.tokens, common.at);
        let masked = |name: &str| {
            entry
                .text(name)
                .map(|text| self.tokens.text(text, Some(common.at)))
        };
        let (resource_type, resource_id) =
            (masked("resource.type"), masked("protoPayload.resourceName"));
        let (service, event) = (
            self.tokens.text(common.service, None),
            self.tokens.text(method, None),
        );
        part.activity(&ActivityRow {
            file_no: self.file_no,
            row_no: row,
            provider: &self.provider,
            account: &common.account,
            container: common.bucket.as_deref(),
            region: common.region.as_deref(),
            at: common.at,
            service: &service,
            event: &event,
            verb: words::verb_of(method),
            category: common.log,
            outcome: common.outcome(),
            error: common.error(),
            principal: common.principal.as_deref(),
            principal_kind: common.kind,
            network: common.network,
            resource_type: resource_type.as_deref(),
            resource_id: resource_id.as_deref(),
            read_only: read_only(entry),
            event_id: common.event_id.as_deref(),
            act_id: common.act_id.as_deref(),
            act_part: common.act_part(),
            details: details.as_deref(),
        });
    }
}

impl Take for Entries {
    fn take(&mut self, row: u64, record: &[u8], part: &mut Part) {
        let taken = raw::record(record)
            .map_err(|error| (error.to_string(), "one JSON object"))
            .and_then(|record| self.record(row, record, 0, part));
        if let Err((found, expected)) = taken {
            let note = Note::lost("bad-row", "a record that cannot be read was not used")
                .row(row)
                .measured(found)
                .expected(expected);
            part.note(note);
        }
    }
}

/// What rows of both tables share.
struct Common<'e> {
    entry: &'e Entry<'e>,
    at: i64,
    service: &'e str,
    /// The log's name as a category.
    log: Option<&'static str>,
    account: Cow<'e, str>,
    region: Option<Cow<'e, str>>,
    bucket: Option<Cow<'e, str>>,
    key: Option<Cow<'e, str>>,
    principal: Option<String>,
    kind: &'static str,
    network: Option<&'static str>,
    /// The status code's name, and whether it is a failure.
    code: Option<(&'static str, bool)>,
    event_id: Option<Cow<'e, str>>,
    act_id: Option<Cow<'e, str>>,
}

impl<'e> Common<'e> {
    fn of(entry: &'e Entry<'e>, method: &str, at: i64, reader: &'e Entries) -> Self {
        let tokens = &reader.tokens;
        let log = log_of(entry);
        let resource = entry.text("protoPayload.resourceName").unwrap_or("");
        let (bucket, key) = object_of(resource);
        let bucket = bucket.or_else(|| entry.text("resource.labels.bucket_name"));
        let operation = entry
            .text("operation.id")
            .filter(|_| entry.has("operation.first") || entry.has("operation.last"));
        let (principal, kind) = caller(entry, method, log, tokens);
        let mask = |text: &'e str| tokens.text(text, Some(at));
        let code = entry.text("protoPayload.status.code");
        Self {
            entry,
            at,
            service: entry.text("protoPayload.serviceName").unwrap_or("unknown"),
            log,
            account: account_of(entry, resource).map_or(Cow::Borrowed(&*reader.account), |text| {
                tokens.text(text, None)
            }),
            region: region_of(entry)
                .map(|text| Cow::Owned(text.to_ascii_lowercase()))
                .or_else(|| reader.region.as_deref().map(Cow::Borrowed)),
            bucket: bucket.map(Cow::Borrowed),
            key: key.map(mask),
            principal,
            kind,
            network: entry
                .text("protoPayload.requestMetadata.callerIp")
                .and_then(network_of),
            code: match code {
                Some(code) => Some((words::code_name(code).unwrap_or("UNKNOWN"), code != "0")),
                None => entry.has("protoPayload.status").then_some(("OK", false)),
            },
            event_id: entry.text("insertId").map(mask),
            act_id: operation.or_else(|| entry.text("insertId")).map(mask),
        }
    }

    /// Whether something was not granted, and no status says how it ended.
    fn is_refused(&self) -> bool {
        self.code.is_none()
            && self
                .entry
                .texts("protoPayload.authorizationInfo.granted")
                .any(|granted| granted != "true")
    }

    fn is_begin(&self) -> bool {
        self.entry.text("operation.first") == Some("true")
            && self.entry.text("operation.last") != Some("true")
    }

    fn act_part(&self) -> u32 {
        u32::from(self.is_begin())
    }

    fn outcome(&self) -> &'static str {
        if self.code.is_some_and(|(_, failed)| failed) || self.is_refused() {
            outcome::FAILURE
        } else if self.is_begin() {
            outcome::STARTED
        } else {
            outcome::SUCCESS
        }
    }

    fn error(&self) -> Option<&'static str> {
        match self.code {
            Some((name, true)) => Some(name),
            _ => self.is_refused().then_some("not granted"),
        }
    }

    /// How the caller was authenticated, as far as the entry says.
    fn auth(&self) -> Option<&'static str> {
        self.entry
            .has("protoPayload.authenticationInfo.serviceAccountKeyName")
            .then_some("serviceAccountKey")
    }
}

/// The time of an entry, and whether it is not its own.
fn time_of(entry: &Entry<'_>) -> Option<(i64, bool)> {
    let moment = |name: &str| {
        let text = entry.text(name)?.trim();
        // BigQuery writes the zone as a word.
        let text = text.strip_suffix(" UTC").unwrap_or(text);
        parse_iso_ms(text.as_bytes())
    };
    if let Some(at) = moment("timestamp") {
        return Some((at, false));
    }
    moment("protoPayload.requestMetadata.requestAttributes.time")
        .or_else(|| moment("receiveTimestamp"))
        .map(|at| (at, true))
}

/// The category in `projects/P/logs/cloudaudit.googleapis.com%2Factivity`.
fn log_of(entry: &Entry<'_>) -> Option<&'static str> {
    let name = entry.text("logName")?;
    let tail = name
        .rsplit_once("cloudaudit.googleapis.com")
        .map(|(_, tail)| {
            tail.trim_start_matches("%2F")
                .trim_start_matches(['/', '_'])
        })?;
    match tail {
        "activity" => Some("activity"),
        "data_access" => Some("data_access"),
        "system_event" => Some("system_event"),
        "policy" => Some("policy"),
        _ => None,
    }
}

/// Bucket and key of `projects/_/buckets/B/objects/K`.
fn object_of(resource: &str) -> (Option<&str>, Option<&str>) {
    let Some((_, rest)) = resource.split_once("/buckets/") else {
        return (None, None);
    };
    if !resource.starts_with("projects/_/") {
        return (None, None);
    }
    match rest.split_once("/objects/") {
        Some((bucket, key)) => (Some(bucket), (!key.is_empty()).then_some(key)),
        None => (
            rest.split('/').next().filter(|bucket| !bucket.is_empty()),
            None,
        ),
    }
}

/// The project of an entry.
fn account_of<'e>(entry: &'e Entry<'_>, resource: &'e str) -> Option<&'e str> {
    let project = |text: &'e str| {
        let rest = text.strip_prefix("projects/")?;
        rest.split('/')
            .next()
            .filter(|id| !id.is_empty() && *id != "_")
    };
    entry
        .text("resource.labels.project_id")
        .or_else(|| entry.text("logName").and_then(project))
        .or_else(|| project(resource))
}

/// The place of an entry, when it names one only.
fn region_of<'e>(entry: &'e Entry<'_>) -> Option<&'e str> {
    let mut places = entry.texts("protoPayload.resourceLocation.currentLocations");
    let only = places.next().filter(|_| places.next().is_none());
    only.or_else(|| entry.text("resource.labels.location"))
        .or_else(|| entry.text("resource.labels.zone"))
}

fn network_of(address: &str) -> Option<&'static str> {
    match address {
        "private" | "gce-internal-ip" => Some(net::PRIVATE),
        _ => network::class_of(address),
    }
}

/// Who called: a token or a subject, masked, and the kind.
fn caller(
    entry: &Entry<'_>,
    method: &str,
    log: Option<&str>,
    tokens: &Tokens,
) -> (Option<String>, &'static str) {
    if let Some(email) = entry.text("protoPayload.authenticationInfo.principalEmail") {
        let shown = if email.contains('@') {
            tokens.address(email)
        } else {
            tokens.text(email, None).into_owned()
        };
        return (Some(shown), words::kind_of_email(email));
    }
    if let Some(subject) = entry.text("protoPayload.authenticationInfo.principalSubject") {
        let shown = tokens.text(subject, None).into_owned();
        return (Some(shown), words::kind_of_subject(subject));
    }
    if log == Some("system_event") {
        return (None, principal::SERVICE);
    }
    let was_granted = entry
        .texts("protoPayload.authorizationInfo.granted")
        .any(|granted| granted == "true");
    let is_object =
        words::object_method(entry.text("protoPayload.serviceName").unwrap_or(""), method)
            .is_some();
    let is_empty = entry.has("protoPayload.authenticationInfo");
    if is_object && is_empty && was_granted {
        (None, principal::ANONYMOUS)
    } else {
        (None, principal::UNKNOWN)
    }
}

/// Whether the entry says that it changes nothing: every permission it names is one to read.
fn read_only(entry: &Entry<'_>) -> Option<bool> {
    let mut types = entry
        .texts("protoPayload.authorizationInfo.permissionType")
        .peekable();
    types.peek()?;
    Some(types.all(|kind| kind.ends_with("_READ")))
}
