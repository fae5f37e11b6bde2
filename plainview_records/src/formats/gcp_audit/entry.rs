//! The allowed fields of one log entry, whatever it is wrapped in and however its names are spelled.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;

use super::ALLOWED;
use crate::Effect;
use crate::formats::sheet::tally::Repeated;
use crate::formats::stream::Part;
use crate::formats::stream::raw::{NotJson, Raw};

/// Fields that audit entries are documented to have and this reader leaves alone, in lower case; `*` stands for any rest.
const LEFT: &[&str] = &[
    "apphub*",
    "errorgroups*",
    "httprequest*",
    "jsonpayload*",
    "labels*",
    "operation.producer",
    "protopayload.@type",
    "protopayload.at_sign_type",
    "protopayload.authenticationinfo.authorityselector",
    "protopayload.authenticationinfo.oauthinfo*",
    "protopayload.authenticationinfo.serviceaccountdelegationinfo*",
    "protopayload.authenticationinfo.thirdpartyprincipal*",
    "protopayload.authorizationinfo.resource*",
    "protopayload.metadata*",
    "protopayload.policyviolationinfo*",
    "protopayload.request",
    "protopayload.requestjson",
    "protopayload.requestmetadata*",
    "protopayload.resourcelocation.originallocations",
    "protopayload.resourceoriginalstate*",
    "protopayload.response*",
    "protopayload.servicedata*",
    "protopayload.status.details*",
    "protopayload.status.message",
    "resource.labels*",
    "sourcelocation*",
    "spanid*",
    "split*",
    "textpayload",
    "trace*",
];

/// Fields of what entries are wrapped in, in lower case.
const WRAPPING: &[&str] = &[
    "ackid",
    "attributes",
    "datacontenttype",
    "dataschema",
    "deliveryattempt",
    "id",
    "message_id",
    "messageid",
    "methodname",
    "orderingkey",
    "publish_time",
    "publishtime",
    "recordedtime",
    "resourcename",
    "servicename",
    "source",
    "specversion",
    "subject",
    "subscription",
    "time",
    "type",
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
    message: "a field that the provider does not document was not read",
};

const REPEATED_FIELD: Repeated = Repeated {
    code: "duplicate-field",
    effect: Effect::Doubt,
    expected: "each field once",
    message: "a field occurs twice with two values in an entry, as with names that differ in case; the first one was read",
};

/// Deepest wrapping that is looked into.
const WRAPS_MAX: u32 = 3;

/// Deepest field that is looked at.
const DEPTH_MAX: u32 = 8;

/// Most values of one field that are kept.
const VALUES_MAX: usize = 256;

/// What a record holds.
pub(super) enum Held<'r> {
    /// An audit entry.
    Entry(Raw<'r>),
    /// The bytes of another record, which was encoded.
    Encoded(Vec<u8>),
    /// An entry of another log.
    OtherLog,
    /// Nothing that is known.
    Nothing,
}

/// Looks for the audit entry in a record.
pub(super) fn find<'r>(record: Raw<'r>, row: u64, part: &mut Part) -> Result<Held<'r>, NotJson> {
    let mut record = record;
    for _ in 0..=WRAPS_MAX {
        let (mut is_entry, mut is_other, mut inside) = (false, false, None);
        let mut unknown = Vec::new();
        record.fields(|name, value| {
            if name.eq_ignore_ascii_case("protoPayload")
                || name.eq_ignore_ascii_case("protopayload_auditlog")
            {
                is_entry |= value.is_object();
            } else if ["textPayload", "jsonPayload"].contains(&name) {
                is_other = true;
            } else if ["data", "log", "message"].contains(&name) {
                inside = inside.or(Some(value));
            } else if !WRAPPING.contains(&name.to_ascii_lowercase().as_str()) {
                unknown.push(name.to_owned());
            }
        })?;
        if is_entry {
            return Ok(Held::Entry(record));
        }
        if is_other {
            return Ok(Held::OtherLog);
        }
        let Some(next) = inside else {
            return Ok(Held::Nothing);
        };
        for name in unknown {
            part.count(&UNKNOWN_FIELD, &name, row, "");
        }
        if next.is_object() {
            record = next;
            continue;
        }
        let Some(text) = next.text() else {
            return Ok(Held::Nothing);
        };
        if text.trim_start().starts_with('{') {
            return Ok(Held::Encoded(text.into_owned().into_bytes()));
        }
        return Ok(base64_decode(text.as_bytes())
            .filter(|bytes| bytes.trim_ascii_start().starts_with(b"{"))
            .map_or(Held::Nothing, Held::Encoded));
    }
    Ok(Held::Nothing)
}

/// The allowed fields of one entry.
#[derive(Default)]
pub(super) struct Entry<'r> {
    /// Place in [`ALLOWED`] and value, in the order met. Objects that are listed themselves have an empty value.
    met: Vec<(usize, Cow<'r, str>)>,
}

impl<'r> Entry<'r> {
    /// Reads an entry; what it has beside is counted by name.
    pub(super) fn read(entry: Raw<'r>, row: u64, part: &mut Part) -> Result<Self, NotJson> {
        let mut walk = Walk {
            met: Vec::new(),
            path: String::new(),
            row,
            part,
        };
        walk.object(entry, 0)?;
        Ok(Self { met: walk.met })
    }

    /// The first value of a field of [`ALLOWED`], unless it is empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.texts(name).find(|text| !text.is_empty())
    }

    /// Every value of a field.
    pub(super) fn texts<'e>(&'e self, name: &str) -> impl Iterator<Item = &'e str> + use<'e, 'r> {
        let place = place_of(name);
        self.met
            .iter()
            .filter(move |(met, _)| Some(*met) == place)
            .map(|(_, text)| &**text)
    }

    /// Whether the field is there, be it empty.
    pub(super) fn has(&self, name: &str) -> bool {
        self.texts(name).next().is_some()
    }
}

/// The place of a canonical name in [`ALLOWED`].
fn place_of(name: &str) -> Option<usize> {
    ALLOWED.binary_search(&name).ok()
}

/// The place of a path in lower case.
fn place_of_path(path: &str) -> Option<usize> {
    ALLOWED
        .iter()
        .position(|allowed| allowed.eq_ignore_ascii_case(path))
}

/// Whether an allowed name begins with this path and a dot.
fn leads_to_any(path: &str) -> bool {
    ALLOWED.iter().any(|allowed| {
        allowed.len() > path.len()
            && allowed.as_bytes()[path.len()] == b'.'
            && allowed[..path.len()].eq_ignore_ascii_case(path)
    })
}

fn is_left(path: &str) -> bool {
    LEFT.iter().any(|left| match left.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => *left == path,
    })
}

/// The one path whose elements lack a field when it is false.
const AUTHORIZATION: &str = "protopayload.authorizationinfo";

struct Walk<'r, 'p> {
    met: Vec<(usize, Cow<'r, str>)>,
    /// In lower case.
    path: String,
    row: u64,
    part: &'p mut Part,
}

impl<'r> Walk<'r, '_> {
    fn object(&mut self, object: Raw<'r>, depth: u32) -> Result<(), NotJson> {
        let length = self.path.len();
        let mut outcome = Ok(());
        object.fields(|name, value| {
            if length > 0 {
                self.path.push('.');
            }
            if length == 0 && name.eq_ignore_ascii_case("protopayload_auditlog") {
                self.path.push_str("protopayload");
            } else {
                self.path
                    .extend(name.chars().map(|letter| letter.to_ascii_lowercase()));
            }
            if outcome.is_ok() {
                outcome = self.value(name, value, depth);
            }
            self.path.truncate(length);
        })?;
        outcome
    }

    fn value(&mut self, name: &str, value: Raw<'r>, depth: u32) -> Result<(), NotJson> {
        let place = place_of_path(&self.path);
        let leads = leads_to_any(&self.path);
        if place.is_none() && !leads {
            if is_left(&self.path) {
                self.part.count(&LEFT_FIELD, &self.path, self.row, "");
            } else {
                let shown = format!("{}{name}", &self.path[..self.path.len() - name.len()]);
                self.part.count(&UNKNOWN_FIELD, &shown, self.row, "");
            }
            return Ok(());
        }
        if depth > DEPTH_MAX {
            return Ok(());
        }
        if value.is_array() {
            let mut outcome = Ok(());
            value.elements(|element| {
                if outcome.is_ok() {
                    outcome = self.one(place, leads, element, depth);
                }
            })?;
            outcome
        } else {
            self.one(place, leads, value, depth)
        }
    }

    /// Takes a value, or an element of an array.
    fn one(
        &mut self,
        place: Option<usize>,
        leads: bool,
        value: Raw<'r>,
        depth: u32,
    ) -> Result<(), NotJson> {
        if value.is_object() {
            if let Some(place) = place {
                self.keep(place, Cow::Borrowed(""));
            }
            if leads {
                let before = self.met.len();
                self.object(value, depth + 1)?;
                self.not_granted(before);
            }
        } else if let (Some(place), Some(text)) = (place, value.text()) {
            self.keep(place, text);
        }
        Ok(())
    }

    /// An element of `authorizationInfo` that does not say it was granted was not.
    fn not_granted(&mut self, before: usize) {
        if self.path != AUTHORIZATION {
            return;
        }
        let granted = place_of("protoPayload.authorizationInfo.granted");
        if let Some(granted) = granted
            && !self.met[before..].iter().any(|(met, _)| *met == granted)
        {
            self.keep(granted, Cow::Borrowed("false"));
        }
    }

    fn keep(&mut self, place: usize, text: Cow<'r, str>) {
        let mut others = self.met.iter().filter(|(met, _)| *met == place);
        let is_list = is_list(ALLOWED[place]);
        if is_list {
            if others.count() < VALUES_MAX {
                self.met.push((place, text));
            }
        } else if let Some((_, first)) = others.next() {
            if *first != text {
                self.part
                    .count(&REPEATED_FIELD, ALLOWED[place], self.row, "");
            }
        } else {
            self.met.push((place, text));
        }
    }
}

/// Whether the field is inside an array, and may have several values.
fn is_list(name: &str) -> bool {
    [
        "protoPayload.authorizationInfo.",
        "protoPayload.authenticationInfo.serviceAccountDelegationInfo.",
        "protoPayload.metadata.event.",
        "protoPayload.resourceLocation.",
        "protoPayload.serviceData.",
    ]
    .iter()
    .any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        assert!(ALLOWED.is_sorted());
        assert!(LEFT.is_sorted());
        assert!(WRAPPING.is_sorted());
        assert!(leads_to_any("protopayload.status"));
        assert!(!leads_to_any("protopayload.request"));
        assert!(is_left("protopayload.metadata.tabledeletion"));
        assert!(!is_left("protopayload.new"));
    }
}
