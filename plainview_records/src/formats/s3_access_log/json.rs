//! Access log records as JSON objects, as log pipelines and Athena write them.

use std::borrow::Cow;

use super::line::{Answer, is_operation, is_word};
use super::{ALLOWED, Asked, Requests};
use crate::Effect;
use crate::formats::inventory::plain;
use crate::formats::sheet::tally::Repeated;
use crate::formats::stream::raw::{self, NotJson, Raw};
use crate::formats::stream::{Part, Take};
use crate::numbers::parse_count;
use crate::run::Note;
use crate::times::parse_iso_ms;

/// Names that Athena's table has for fields of the allow-list.
const ALIASES: &[(&str, &str)] = &[
    ("bucketname", "Bucket"),
    ("requestdatetime", "Time"),
    ("authtype", "AuthenticationType"),
];

/// Fields that the log defines and this reader leaves alone, in every spelling.
const LEFT: &[&str] = &[
    "requesturi",
    "turnaroundtime",
    "referer",
    "referrer",
    "useragent",
    "versionid",
    "hostid",
    "signatureversion",
    "sigv",
    "ciphersuite",
    "hostheader",
    "endpoint",
    "tlsversion",
    "accesspointarn",
    "aclrequired",
];

const LEFT_FIELD: Repeated = Repeated {
    code: "field-not-read",
    effect: Effect::Unread,
    expected: "",
    message: "a field outside the allow-list was not read",
};

const UNKNOWN_FIELD: Repeated = Repeated {
    code: "unknown-field",
    effect: Effect::Unread,
    expected: "",
    message: "a field that this format does not define was not read",
};

const REPEATED_FIELD: Repeated = Repeated {
    code: "duplicate-field",
    effect: Effect::Doubt,
    expected: "each field once",
    message: "a field occurs twice in a record; the first one was read",
};

/// The reader of objects.
pub(super) struct Objects(pub(super) Requests);

/// The fields of one object, in the order of [`ALLOWED`].
#[derive(Default)]
struct Fields<'r> {
    values: [Option<Cow<'r, str>>; ALLOWED.len()],
    uri: Option<Cow<'r, str>>,
    nested: Option<Raw<'r>>,
}

impl Take for Objects {
    fn take(&mut self, row: u64, record: &[u8], part: &mut Part) {
        let mut fields = Fields::default();
        let read = raw::record(record).and_then(|record| {
            fields.collect(record, row, part)?;
            match fields.nested.take() {
                Some(nested) => fields.collect(nested, row, part),
                None => Ok(()),
            }
        });
        let done = match read {
            Err(error) => Err((error.to_string(), "one JSON object")),
            Ok(()) => self.row(row, &fields, part),
        };
        if let Err((found, expected)) = done {
            let note = Note::lost("bad-row", "a record that cannot be read was not used")
                .row(row)
                .measured(found)
                .expected(expected);
            part.note(note);
        }
    }
}

impl<'r> Fields<'r> {
    fn collect(&mut self, record: Raw<'r>, row: u64, part: &mut Part) -> Result<(), NotJson> {
        record.fields(|name, value| {
            let plain_name = plain(name);
            if plain_name == "log" && value.is_object() {
                self.nested.get_or_insert(value);
            } else if let Some(slot) = slot_of(&plain_name) {
                if self.values[slot].is_none() {
                    self.values[slot] = value.text().filter(|text| !text.is_empty());
                } else {
                    part.count(&REPEATED_FIELD, ALLOWED[slot], row, "");
                }
            } else if LEFT.contains(&plain_name.as_str()) {
                if plain_name == "requesturi" {
                    self.uri = value.text();
                }
                part.count(&LEFT_FIELD, name, row, "");
            } else {
                part.count(&UNKNOWN_FIELD, name, row, "");
            }
        })
    }

    /// A field by its name in [`ALLOWED`], as written.
    fn written(&self, name: &str) -> Option<&str> {
        let slot = ALLOWED.iter().position(|&allowed| allowed == name)?;
        self.values[slot].as_deref()
    }

    /// As [`Self::written`]; `-` is nothing.
    fn text(&self, name: &str) -> Option<&str> {
        self.written(name).filter(|text| *text != "-")
    }

    /// As [`Self::text`], as a word of the service's own.
    fn word(&self, name: &'static str) -> Result<Option<&str>, Bad> {
        match self.text(name) {
            Some(text) if !is_word(text.as_bytes()) => {
                Err((format!("no word in {name}"), "a word"))
            }
            text => Ok(text),
        }
    }

    /// As [`Self::text`], as a whole number.
    fn count(&self, name: &'static str) -> Result<Option<i64>, Bad> {
        match self.text(name) {
            None => Ok(None),
            Some(text) => match parse_count(text.as_bytes()) {
                Some(count) => Ok(Some(count)),
                None => Err((format!("no number in {name}"), "a whole number")),
            },
        }
    }
}

fn slot_of(plain_name: &str) -> Option<usize> {
    ALLOWED
        .iter()
        .position(|allowed| plain(allowed) == plain_name)
        .or_else(|| {
            let (_, name) = ALIASES.iter().find(|(alias, _)| *alias == plain_name)?;
            ALLOWED.iter().position(|allowed| allowed == name)
        })
}

/// What was found and what was expected.
type Bad = (String, &'static str);

impl Objects {
    fn row(&mut self, row: u64, fields: &Fields<'_>, part: &mut Part) -> Result<(), Bad> {
        let at = fields
            .text("Time")
            .and_then(|text| parse_iso_ms(text.as_bytes()))
            .ok_or_else(|| ("no readable Time".to_owned(), "ISO 8601"))?;
        let operation = fields
            .text("Operation")
            .filter(|text| is_operation(text.as_bytes()))
            .ok_or_else(|| {
                (
                    "no readable Operation".to_owned(),
                    "REST.GET.OBJECT or the like",
                )
            })?;
        // A pipeline that leaves out what is `-` leaves out the address of what the service does by itself.
        let absent = if operation.starts_with("S3.") {
            "-"
        } else {
            ""
        };
        let asked = Asked {
            owner: fields.text("BucketOwner").unwrap_or("-"),
            bucket: fields.text("Bucket"),
            at,
            address: fields.written("RemoteIP").unwrap_or(absent),
            requester: fields.text("Requester").unwrap_or("-"),
            request_id: fields.text("RequestID"),
            operation,
            key: fields.text("Key"),
            uri: fields.uri.as_deref().unwrap_or_default().as_bytes(),
            answer: Answer {
                status: fields.word("HTTPStatus")?,
                error: fields.word("ErrorCode")?,
                bytes_sent: fields.count("BytesSent")?,
                object_size: fields.count("ObjectSize")?,
                total_ms: fields.count("TotalTime")?,
            },
            authentication: fields.word("AuthenticationType")?,
        };
        self.0.push(row, &asked, part);
        Ok(())
    }
}
