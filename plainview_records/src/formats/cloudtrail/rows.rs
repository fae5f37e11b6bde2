//! Events as rows of `requests` and `activity`.

use std::borrow::Cow;

use crate::formats::sheet::tally::Repeated;
use crate::formats::stream::scan::Scan;
use crate::formats::stream::{Part, Take, raw};
use crate::numbers::parse_decimal;
use crate::run::{Note, Run, SourceFile};
use crate::tables::activity::{ActivityRow, outcome};
use crate::tables::requests::RequestRow;
use crate::times::parse_iso_ms;
use crate::{Effect, Tokens};

use super::details::Details;
use super::event::{self, Event, field};
use super::{identity, verbs};

const UNREAD_FIELD: Repeated = Repeated {
    code: "cloudtrail-unread-field",
    effect: Effect::Unread,
    expected: "",
    message: "a field outside the allow-list was not read",
};

/// What stands where nothing is known.
const UNKNOWN: &str = "unknown";

/// Makes rows of events; one for each thread.
pub(super) struct Events {
    file_no: u32,
    tokens: Tokens,
    /// The account of the source, for events that name none.
    account: String,
    details: Details,
}

impl Events {
    pub(super) fn new(run: &Run<'_>, file: &SourceFile) -> Self {
        Self {
            file_no: file.no,
            tokens: run.input.tokens.clone(),
            account: run.input.provider_account("aws").1,
            details: Details::default(),
        }
    }

    fn event(&mut self, row: u64, event: &Event<'_>, part: &mut Part) {
        for name in &event.unknown {
            part.count(&UNREAD_FIELD, name, row, "");
        }
        let Some(name) = event.name.as_deref().filter(|name| !name.is_empty()) else {
            part.note(bad_row(
                row,
                "a record without eventName",
                "a CloudTrail event",
            ));
            return;
        };
        let Some(at) = event
            .time
            .as_deref()
            .and_then(|t| parse_iso_ms(t.as_bytes()))
        else {
            part.note(bad_row(row, "no readable eventTime", "an ISO 8601 time"));
            return;
        };
        part.observe_time(at);
        let common = Common {
            row,
            at,
            name,
            service: event.source.as_deref().unwrap_or(UNKNOWN),
            part: act_part(event),
        };
        match is_request(&common, event) {
            Some(verb) => self.request(&common, verb, event, part),
            None => self.activity(&common, event, part),
        }
    }

    fn request(&mut self, common: &Common<'_>, verb: &str, event: &Event<'_>, part: &mut Part) {
        let (tokens, at) = (&self.tokens, common.at);
        let mask = |text| masked(tokens, text, at);
        let names = Names::of(event);
        let additional = &event.additional;
        let auth = additional.auth.as_deref();
        let resources = &event.resources;
        let owner = resources.owner.as_deref().or(event.recipient.as_deref());
        part.request(&RequestRow {
            file_no: self.file_no,
            row_no: common.row,
            provider: "aws",
            account: &account(tokens, owner, event, &self.account),
            container: names.bucket().map(mask).as_deref(),
            region: event.region.as_deref().map(mask).as_deref(),
            key: names.key().map(mask).as_deref(),
            at,
            operation: &mask(common.name),
            verb,
            status: None,
            error: event.error.as_deref().map(mask).as_deref(),
            bytes_out: additional.bytes_out.as_deref().and_then(bytes),
            bytes_in: additional.bytes_in.as_deref().and_then(bytes),
            object_bytes: None,
            duration_ms: None,
            principal: identity::id_of(event)
                .map(|id| masked_principal(tokens, id, at))
                .as_deref(),
            principal_kind: identity::kind_of(event, auth),
            auth: auth.map(mask).as_deref(),
            network: identity::network_of(event),
            event_id: event
                .id
                .as_deref()
                .map(|id| masked_id(tokens, id, at))
                .as_deref(),
            act_id: act_id(event).map(|id| masked_id(tokens, id, at)).as_deref(),
            act_part: common.part,
        });
    }

    fn activity(&mut self, common: &Common<'_>, event: &Event<'_>, part: &mut Part) {
        let (tokens, at) = (&self.tokens, common.at);
        let mask = |text| masked(tokens, text, at);
        let names = Names::of(event);
        let auth = event.additional.auth.as_deref();
        let resources = &event.resources;
        let resource = resources.bucket.as_ref().or(resources.first.as_ref());
        let details = self.details.of(event, tokens, at);
        part.activity(&ActivityRow {
            file_no: self.file_no,
            row_no: common.row,
            provider: "aws",
            account: &account(tokens, event.recipient.as_deref(), event, &self.account),
            container: names.bucket().map(mask).as_deref(),
            region: event.region.as_deref().map(mask).as_deref(),
            at,
            service: &mask(common.service),
            event: &mask(common.name),
            verb: verbs::activity(common.service, common.name),
            category: event.category.as_deref().map(mask).as_deref(),
            outcome: outcome_of(event),
            error: event.error.as_deref().map(mask).as_deref(),
            principal: identity::id_of(event)
                .map(|id| masked_principal(tokens, id, at))
                .as_deref(),
            principal_kind: identity::kind_of(event, auth),
            network: identity::network_of(event),
            resource_type: resource
                .and_then(|r| r.kind.as_deref())
                .map(mask)
                .as_deref(),
            resource_id: resource
                .and_then(|r| r.arn.as_deref())
                .map(|arn| masked_arn(tokens, arn, at))
                .as_deref(),
            read_only: event.read_only,
            event_id: event
                .id
                .as_deref()
                .map(|id| masked_id(tokens, id, at))
                .as_deref(),
            act_id: act_id(event).map(|id| masked_id(tokens, id, at)).as_deref(),
            act_part: common.part,
            details,
        });
    }
}

impl Events {
    fn take_event(&mut self, row: u64, event: &Event<'_>, part: &mut Part) {
        let given = event::give(event, 0, &mut |event| self.event(row, event, part));
        if let Err(error) = given {
            part.note(bad_row(row, &error.to_string(), "one JSON object"));
        }
    }
}

impl Take for Events {
    const TAKES_FIRST: bool = true;

    fn take(&mut self, row: u64, record: &[u8], part: &mut Part) {
        let mut event = Event::default();
        let read = raw::record(record).and_then(|record| {
            let mut scan = record.scan();
            event.read(&mut scan)?;
            scan.end()
        });
        match read {
            Ok(()) => self.take_event(row, &event, part),
            Err(error) => part.note(bad_row(row, &error.to_string(), "one JSON object")),
        }
    }

    fn take_first(&mut self, row: u64, text: &str, part: &mut Part) -> Option<usize> {
        let mut event = Event::default();
        let mut scan = Scan::new(text);
        event.read(&mut scan).ok()?;
        self.take_event(row, &event, part);
        Some(scan.at())
    }
}

fn bad_row(row: u64, found: &str, expected: &str) -> Note {
    Note::lost("bad-row", "a record that cannot be read was not used")
        .row(row)
        .measured(found)
        .expected(expected)
}

/// What both kinds of rows need.
struct Common<'e> {
    row: u64,
    at: i64,
    name: &'e str,
    service: &'e str,
    part: u32,
}

/// What the event does to a store's objects, when it is a request to one and no event of its control plane.
fn is_request(common: &Common<'_>, event: &Event<'_>) -> Option<&'static str> {
    if event.category.as_deref() == Some("Management") || event.is_management == Some(true) {
        return None;
    }
    let is_data = matches!(event.category.as_deref(), Some("Data" | "NetworkActivity"))
        || event.is_management == Some(false);
    let is_store = verbs::is_store(common.service);
    match verbs::request(common.name) {
        Some(verb) if is_store => Some(verb),
        named if is_data && (is_store || event.resources.object.is_some()) => {
            Some(named.unwrap_or(crate::tables::requests::verb::OTHER))
        }
        _ => None,
    }
}

/// 1 for a record that another account's trail has as well and that counts there: the event has a shared id, and the record
/// was delivered to another account than the one that owns what was acted on.
fn act_part(event: &Event<'_>) -> u32 {
    let owner = event
        .resources
        .owner
        .as_deref()
        .or(event.user.account.as_deref());
    let is_copy = event.shared_id.is_some()
        && matches!(
            (event.recipient.as_deref(), owner),
            (Some(recipient), Some(owner)) if recipient != owner
        );
    u32::from(is_copy)
}

fn act_id<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    event.shared_id.as_deref().or(event.id.as_deref())
}

fn outcome_of(event: &Event<'_>) -> &'static str {
    if event.error.is_some() {
        return outcome::FAILURE;
    }
    let login = event
        .response
        .and_then(|response| field(response, "ConsoleLogin"))
        .and_then(raw::Raw::text);
    match login.as_deref() {
        Some("Failure") => outcome::FAILURE,
        _ => outcome::SUCCESS,
    }
}

/// `text` with its identifier-like runs replaced.
pub(super) fn masked<'t>(tokens: &Tokens, text: &'t str, at: i64) -> Cow<'t, str> {
    tokens.text(text, Some(at))
}

/// The id of a principal: an account id as it is, else as [`masked_arn`].
pub(super) fn masked_principal<'t>(tokens: &Tokens, text: &'t str, at: i64) -> Cow<'t, str> {
    if is_account(text) {
        Cow::Borrowed(text)
    } else {
        masked_arn(tokens, text, at)
    }
}

/// `text` masked, but for the account id where it is an ARN: an account is no person, and `account` columns show it too.
pub(in crate::formats) fn masked_arn<'t>(tokens: &Tokens, text: &'t str, at: i64) -> Cow<'t, str> {
    let Some(start) = account_start(text) else {
        return masked(tokens, text, at);
    };
    let (before, rest) = text.split_at(start);
    let end = rest.find(':').unwrap_or(rest.len());
    let (account, after) = rest.split_at(end);
    match (masked(tokens, before, at), masked(tokens, after, at)) {
        (Cow::Borrowed(_), Cow::Borrowed(_)) if is_account(account) => Cow::Borrowed(text),
        (before, after) if is_account(account) => Cow::Owned(format!("{before}{account}{after}")),
        _ => masked(tokens, text, at),
    }
}

/// Where the account id of an ARN begins.
fn account_start(text: &str) -> Option<usize> {
    if !text.starts_with("arn:") {
        return None;
    }
    text.match_indices(':').nth(3).map(|(at, _)| at + 1)
}

/// Whether `text` has the form of an account id.
fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The account of a row: `first`, else the account of the caller, else that of the source.
fn account<'e>(
    tokens: &Tokens,
    first: Option<&'e str>,
    event: &'e Event<'_>,
    of_source: &'e str,
) -> Cow<'e, str> {
    let account = first
        .or(event.user.account.as_deref())
        .filter(|account| !account.is_empty())
        .unwrap_or(of_source);
    masked_account(tokens, account)
}

/// An account id as it is; anything else in its place is masked.
pub(super) fn masked_account<'t>(tokens: &Tokens, account: &'t str) -> Cow<'t, str> {
    if is_account(account) {
        Cow::Borrowed(account)
    } else {
        tokens.text(account, None)
    }
}

/// An event id: a UUID names nobody; anything else in its place is masked.
fn masked_id<'t>(tokens: &Tokens, id: &'t str, at: i64) -> Cow<'t, str> {
    let is_uuid = id.len() == 36
        && id.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if is_uuid {
        Cow::Borrowed(id)
    } else {
        masked(tokens, id, at)
    }
}

/// Bucket and key of a request.
struct Names<'e> {
    bucket: Option<&'e str>,
    key: Option<&'e str>,
    bucket_arn: Option<&'e str>,
    object_arn: Option<&'e str>,
}

impl<'e> Names<'e> {
    fn of(event: &'e Event<'_>) -> Self {
        let (resources, parameters) = (&event.resources, &event.parameters);
        let is_store = event.source.as_deref().is_some_and(verbs::is_store);
        let given = |text: &'e Option<Cow<'_, str>>| {
            text.as_deref().filter(|text| is_store && !text.is_empty())
        };
        Self {
            bucket: given(&parameters.bucket),
            key: given(&parameters.key),
            bucket_arn: resources.bucket.as_ref().and_then(|r| r.arn.as_deref()),
            object_arn: resources.object.as_ref().and_then(|r| r.arn.as_deref()),
        }
    }

    fn bucket(&self) -> Option<&'e str> {
        // An access point stands in the place of its bucket.
        let named = self.bucket;
        named.filter(|name| !name.starts_with("arn:")).or_else(|| {
            let arn = self.bucket_arn.or(self.object_arn);
            arn.and_then(store_path)
                .map(|path| path.split('/').next().unwrap_or_default())
                .or(named)
        })
    }

    fn key(&self) -> Option<&'e str> {
        self.key
            .or_else(|| Some(store_path(self.object_arn?)?.split_once('/')?.1))
    }
}

/// `bucket[/key]` of an ARN such as `arn:aws:s3:::bucket/key`.
fn store_path(arn: &str) -> Option<&str> {
    let path = arn.split_once(":s3:::")?.1;
    (!path.is_empty()).then_some(path)
}

/// A count of bytes; the log writes it as a decimal such as `1024.0`.
fn bytes(written: &str) -> Option<i64> {
    let whole = parse_decimal(written)?.scaled / 1_000_000_000_000;
    i64::try_from(whole).ok().filter(|bytes| *bytes >= 0)
}
