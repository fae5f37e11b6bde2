//! `s3-access-log`: AWS S3 server access logs, as the service writes them or as JSON objects of the same fields.
//!
//! **Delivery is best effort.** The vendor promises no completeness and no order: a line shows that a request was made, and
//! the absence of a line shows nothing.
//!
//! **Forms.** (1) Text, one request per line, fields separated by one space: `BucketOwner`, `Bucket`, `[Time]`, `RemoteIP`,
//! `Requester`, `RequestID`, `Operation`, `Key`, `"Request-URI"`, `HTTPStatus`, `ErrorCode`, `BytesSent`, `ObjectSize`,
//! `TotalTime`, `TurnAroundTime`, `"Referer"`, `"User-Agent"`, `VersionId` (18 fields, 2014), `HostId`, `SignatureVersion`,
//! `CipherSuite`, `AuthenticationType`, `HostHeader`, `TLSVersion` (24, 2019), `AccessPointARN`, `aclRequired` (26, 2023).
//! `-` is nothing.
//! (2) JSON objects with these names in any case, also under the names that Athena's table has for them, and also under `log`
//! as in rule tests. In JSON the time is ISO 8601.
//!
//! **What is read** is [`ALLOWED`]; each line is a row of `requests`. The Request-URI, and with it every query string, is
//! kept nowhere: the key comes from the Key field. Referer, User-Agent, host header, version and host ids are not read.
//! Fields behind the 26th are counted in a `more-fields` notice.
//!
//! | operation | verb |
//! |---|---|
//! | `REST.GET.OBJECT`, `REST.HEAD.OBJECT`, the same of `WEBSITE`, `..OBJECT_ATTRIBUTES`, `..TORRENT`, `REST.SELECT.*` | read |
//! | `REST.PUT.OBJECT`, `REST.POST.OBJECT`, `REST.PUT.PART`, `REST.POST.UPLOADS`, `REST.POST.UPLOAD` | write |
//! | `REST.DELETE.OBJECT`, `REST.POST.MULTI_OBJECT_DELETE`, `BATCH.DELETE.OBJECT`, `S3.EXPIRE.OBJECT`, `S3.CREATE.DELETEMARKER` | delete |
//! | `REST.COPY.*` | copy |
//! | `REST.GET.BUCKET`, `..BUCKETVERSIONS`, `..SERVICE`, `..UPLOADS`, `..UPLOAD` | list |
//! | every other `GET`, `HEAD`, `PUT`, `DELETE` (policies, access lists, tags, the bucket itself) | configure |
//! | every other (`S3.TRANSITION_*`, `REST.DELETE.UPLOAD`, `REST.OPTIONS.*`, `REST.POST.*`, `SOAP.*`) | other |
//!
//! **Acts.** A copy gives a record of the write (`act_part` 0) and one of the read (`REST.COPY.OBJECT_GET`, 1) with one
//! request id; a batch delete gives `REST.POST.MULTI_OBJECT_DELETE` (0) and one `BATCH.DELETE.OBJECT` per key (1): count acts
//! with `act_part = 0`, objects with the key. What the service does by itself (`S3.*`) has no `act_id`: each line is an act.
//! A multipart upload is several requests, each an act of its own.
//!
//! **Traps.**
//! - Client text may hold quotes and even the end of a line: see `line.rs`. Fields that two readings of a line dispute are
//!   left empty and counted in `ambiguous-line`.
//! - Keys are URL-encoded with `+` for a space, and often twice. The Request-URI, which is encoded once, tells which: it is
//!   compared with the key and not kept. Where it does not tell, the key is decoded once and counted in `key-encoding-unclear`.
//! - The bucket's owner is a canonical id, not an account id: the account is the source's.
//! - A canonical id as requester is an account itself: the owner's is `root`, another's `other-account`.
//! - A signed URL (`QueryString`) can be used by whoever holds it: `signed-url` names no person, whoever signed it.
//! - `BATCH.DELETE.OBJECT` can name `AmazonS3` as requester: who asked is in the record of the batch, here it is `unknown`.
//! - Bytes received are not logged: `bytes_in` is empty, the size of an upload is in `object_bytes`.

mod json;
mod line;
mod words;

use self::line::{Answer, Disputable, FIELDS_KNOWN, Line};
use super::cloudtrail::masked_arn;
use super::cloudwatch_metrics::documents::Written;
use super::network;
use super::s3_inventory::keys::{self, Decoded};
use super::sheet::tally::Repeated;
use super::stream::{Part, Take, json_file, lines_file};
use super::text_log::{form_of, say_account};
use crate::detect::Head;
use crate::run::{Note, Run, SourceFile};
use crate::tables::requests::{RequestRow, network as net, principal};
use crate::{Effect, Error, Tokens};

/// The fields this reader may read.
pub const ALLOWED: &[&str] = &[
    "BucketOwner",
    "Bucket",
    "Time",
    "RemoteIP",
    "Requester",
    "RequestID",
    "Operation",
    "Key",
    "HTTPStatus",
    "ErrorCode",
    "BytesSent",
    "ObjectSize",
    "TotalTime",
    "AuthenticationType",
];

const EXPECTED: &str = "lines of an S3 server access log";

const MORE_FIELDS: Repeated = Repeated {
    code: "more-fields",
    effect: Effect::Unread,
    expected: "26 fields",
    message: "fields behind the last known one were not read",
};

const ODD_LENGTH: Repeated = Repeated {
    code: "odd-field-count",
    effect: Effect::Doubt,
    expected: "18, 23, 24 or 26 fields",
    message: "lines have a number of fields that no form of the log has, as a line does that breaks off; they were used",
};

const AMBIGUOUS: Repeated = Repeated {
    code: "ambiguous-line",
    effect: Effect::Doubt,
    expected: "one reading",
    message: "lines can be read in several ways, as when a client sends the end of a line; the disputed fields were left empty",
};

const UNCLEAR_KEY: Repeated = Repeated {
    code: "key-encoding-unclear",
    effect: Effect::Doubt,
    expected: "a Request-URI that holds the key",
    message: "keys may be encoded twice; they were decoded once",
};

const BAD_KEY: Repeated = Repeated {
    code: "key-not-utf8",
    effect: Effect::Doubt,
    expected: "a URL-encoded key in UTF-8",
    message: "keys are not UTF-8 when decoded; they are given as written",
};

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    if head.is_json() {
        let has_all = ["bucket", "remoteip", "requestid", "operation"]
            .iter()
            .all(|name| head.has_field(name));
        return has_all.then_some("JSON fields bucket, remoteip, requestid and operation");
    }
    let line = head.text.lines().next()?;
    Line::parse(line.trim_end().as_bytes())
        .is_ok()
        .then_some("a bracketed time in the third field, and an operation in the seventh")
}

/// Reads every file of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    say_account(run, "aws/111122223333");
    for file in run.plan_data() {
        run.read_once(&file, |run| match form_of(run, &file, EXPECTED) {
            Some(Written::Json) => json_file(run, &file, &[], &|run, file| {
                json::Objects(Requests::new(run, file))
            }),
            Some(Written::Other | Written::Nothing) => {
                lines_file(run, &file, &|run, file| Lines(Requests::new(run, file)))
            }
            None => Ok(()),
        })?;
    }
    Ok(())
}

/// The reader of lines.
struct Lines(Requests);

impl Take for Lines {
    fn take(&mut self, row: u64, record: &[u8], part: &mut Part) {
        let line = match Line::parse(record.trim_ascii_start()) {
            Ok(line) => line,
            Err(found) => {
                let note = Note::lost("bad-row", "a line that is no access log line was not used")
                    .row(row)
                    .measured(found)
                    .expected(EXPECTED);
                part.note(note);
                return;
            }
        };
        let mut asked = Asked {
            owner: line.owner,
            bucket: given(line.bucket),
            at: line.at,
            address: line.address,
            requester: line.requester,
            request_id: given(line.request_id),
            operation: line.operation,
            key: given(line.key),
            uri: line.rest,
            answer: Answer::default(),
            authentication: None,
        };
        if let Disputable::Clear(answer) = line.answer {
            asked.answer = answer;
        } else {
            part.count(&AMBIGUOUS, "status and sizes", row, "");
        }
        if let Disputable::Clear(tail) = line.tail {
            asked.authentication = tail.authentication;
            count_fields(tail.fields, row, part);
        } else {
            part.count(&AMBIGUOUS, "authentication", row, "");
        }
        self.0.push(row, &asked, part);
    }
}

/// Counts lines that are longer than any known form, or of no form at all.
fn count_fields(fields: usize, row: u64, part: &mut Part) {
    match fields {
        18 | 23..=FIELDS_KNOWN => {}
        19..=22 => part.count(&ODD_LENGTH, "", row, ""),
        more => {
            let about = match more - FIELDS_KNOWN {
                1 => "1 field",
                2 => "2 fields",
                3 => "3 fields",
                _ => "4 fields or more",
            };
            part.count(&MORE_FIELDS, about, row, "");
        }
    }
}

/// A field, unless it says that there is nothing.
fn given(field: &str) -> Option<&str> {
    (field != "-").then_some(field)
}

/// One request, in whichever form it was written.
struct Asked<'a> {
    owner: &'a str,
    bucket: Option<&'a str>,
    at: i64,
    address: &'a str,
    requester: &'a str,
    request_id: Option<&'a str>,
    operation: &'a str,
    /// As written: URL-encoded.
    key: Option<&'a str>,
    /// The Request-URI and whatever stands behind it, to compare the key with.
    uri: &'a [u8],
    answer: Answer<'a>,
    authentication: Option<&'a str>,
}

/// Fills the `requests` table.
struct Requests {
    file_no: u32,
    provider: String,
    account: String,
    region: Option<String>,
    tokens: Tokens,
    once: Vec<u8>,
    twice: Vec<u8>,
    masked_key: String,
    /// The last requester and its masked form; one client asks many times in a row.
    requester: (String, String),
}

impl Requests {
    fn new(run: &Run<'_>, file: &SourceFile) -> Self {
        let (provider, account) = run.input.provider_account("aws");
        Self {
            file_no: file.no,
            provider,
            account,
            region: run.input.region.clone(),
            tokens: run.input.tokens.clone(),
            once: Vec::new(),
            twice: Vec::new(),
            masked_key: String::new(),
            requester: (String::new(), String::new()),
        }
    }

    fn push(&mut self, row: u64, asked: &Asked<'_>, part: &mut Part) {
        let key = asked.key.map(|key| {
            let (key, doubt) = decode(key, asked.uri, &mut self.once, &mut self.twice);
            if let Some(doubt) = doubt {
                part.count(doubt, "", row, "");
            }
            key
        });
        let is_masked = key.is_some_and(|key| {
            self.tokens
                .text_into(key, Some(asked.at), &mut self.masked_key)
        });
        if self.requester.0 != asked.requester {
            asked.requester.clone_into(&mut self.requester.0);
            self.requester.1 = masked_arn(&self.tokens, asked.requester, asked.at).into_owned();
        }
        let is_signed_url = asked.authentication == Some("QueryString");
        let is_internal = asked.operation.starts_with("S3.");
        part.request(&RequestRow {
            file_no: self.file_no,
            row_no: row,
            provider: &self.provider,
            account: &self.account,
            container: asked.bucket,
            region: self.region.as_deref(),
            key: if is_masked {
                Some(&self.masked_key)
            } else {
                key
            },
            at: asked.at,
            operation: asked.operation,
            verb: words::verb_of(asked.operation),
            status: asked.answer.status,
            error: asked.answer.error,
            bytes_out: asked.answer.bytes_sent,
            bytes_in: None,
            object_bytes: asked.answer.object_size,
            duration_ms: asked.answer.total_ms,
            principal: given(&self.requester.1),
            principal_kind: if is_signed_url {
                principal::SIGNED_URL
            } else {
                words::kind_of(asked.requester, asked.owner, asked.operation)
            },
            auth: asked.authentication,
            network: if asked.address == "-" {
                Some(net::PROVIDER)
            } else {
                network::class_of(asked.address)
            },
            event_id: asked.request_id,
            act_id: asked.request_id.filter(|_| !is_internal),
            act_part: words::part_of(asked.operation),
        });
        part.observe_time(asked.at);
    }
}

/// The key as it is in the bucket, and what is doubtful about it.
fn decode<'k>(
    key: &'k str,
    uri: &[u8],
    once: &'k mut Vec<u8>,
    twice: &'k mut Vec<u8>,
) -> (&'k str, Option<&'static Repeated>) {
    let decoded = match keys::decode(key, once) {
        Decoded::Same(decoded) => return (decoded, None),
        Decoded::NotUtf8 => return (key, Some(&BAD_KEY)),
        Decoded::Buffer(decoded) => decoded,
    };
    if !has_escape(decoded.as_bytes()) {
        return (decoded, None);
    }
    let path = path_of(uri);
    if ends_in(path, decoded.as_bytes()) {
        return match keys::decode(decoded, twice) {
            Decoded::Same(again) | Decoded::Buffer(again) => (again, None),
            Decoded::NotUtf8 => (decoded, Some(&BAD_KEY)),
        };
    }
    let path = String::from_utf8_lossy(path);
    let is_once = match keys::decode(&path, twice) {
        Decoded::Same(path) | Decoded::Buffer(path) => ends_in(path.as_bytes(), decoded.as_bytes()),
        Decoded::NotUtf8 => false,
    };
    (decoded, (!is_once).then_some(&UNCLEAR_KEY))
}

/// Whether an escape such as `%3D` stands in the text.
fn has_escape(text: &[u8]) -> bool {
    text.windows(3)
        .any(|part| part[0] == b'%' && part[1].is_ascii_hexdigit() && part[2].is_ascii_hexdigit())
}

/// The path of `"GET /path?query HTTP/1.1" ...` or of the same without its first quote.
fn path_of(uri: &[u8]) -> &[u8] {
    let Some(start) = uri.iter().position(|&byte| byte == b' ') else {
        return &[];
    };
    let rest = &uri[start + 1..];
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b' ' | b'?'))
        .unwrap_or(rest.len());
    &rest[..end]
}

/// Whether `path` is `.../key`, whatever the case of the escapes.
fn ends_in(path: &[u8], key: &[u8]) -> bool {
    path.len() > key.len()
        && path[path.len() - key.len() - 1] == b'/'
        && path[path.len() - key.len()..].eq_ignore_ascii_case(key)
}
