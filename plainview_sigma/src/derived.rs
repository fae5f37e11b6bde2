//! Fields that a row holds in another form, or for some rows only.
//!
//! A row may hold such a field as one value, as one of a few values, or not at all; the last is not the same as null.

use crate::event::Fields;
use crate::logs::{Log, Place, Stream};

/// CloudTrail's `userIdentity.arn`: what `principal` holds when it holds an ARN, for the reader prefers it to all else.
pub(crate) const ARN: &str = "userIdentity.arn";

/// CloudTrail's `eventSource` of a request.
pub(crate) const SOURCE: &str = "eventSource";

/// CloudTrail's `userIdentity.type` of a request.
pub(crate) const TYPE: &str = "userIdentity.type";

/// The service that a GCP request was made to.
pub(crate) const SERVICE: &str = "protoPayload.serviceName";

/// CloudTrail's messages.
const MESSAGE: &str = "errorMessage";

/// A message of Azure's log.
const AZURE_MESSAGE: &str = "properties.message";

/// What a row says of a derived field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Held {
    /// Nothing: it may be anything.
    Unknown,
    /// It is what the row's fields hold under its name, or null.
    AsGiven,
    /// It is one of these.
    OneOf(&'static [&'static str]),
}

/// A derived field of a stream.
pub(crate) struct Derived {
    /// The name that rules are resolved to.
    pub(crate) name: &'static str,
    /// What a row says of it.
    pub(crate) held: fn(&Fields<'_>) -> Held,
}

/// The derived fields of `stream` that not every row holds.
pub(crate) fn of(stream: &Stream) -> &'static [Derived] {
    match (stream.log, stream.place) {
        (Log::Cloudtrail, Place::Activity) => &[Derived {
            name: MESSAGE,
            held: message,
        }],
        (Log::Cloudtrail, Place::Requests) => &[
            Derived {
                name: SOURCE,
                held: source,
            },
            Derived {
                name: TYPE,
                held: kind,
            },
        ],
        (Log::AzureActivity, Place::Activity) => &[Derived {
            name: AZURE_MESSAGE,
            held: azure_message,
        }],
        (Log::GcpAudit, Place::Requests) => &[Derived {
            name: SERVICE,
            // Requests to objects of a bucket are the only ones in the table.
            held: |_| Held::OneOf(&["storage.googleapis.com"]),
        }],
        _ => &[],
    }
}

/// Adds what follows from other columns for every row of a log.
pub(crate) fn complete(log: Log, fields: &mut Fields<'_>) {
    if log == Log::Cloudtrail
        && let Some(principal) = fields.get("principal")
        && principal.starts_with("arn:")
    {
        let arn = principal.to_owned();
        fields.set(ARN, arn);
    }
}

/// Messages are kept for sign-ins, where they are a fixed few; those of other services quote what was asked for.
fn message(fields: &Fields<'_>) -> Held {
    if fields.get("service") == Some("signin.amazonaws.com") {
        Held::AsGiven
    } else {
        Held::Unknown
    }
}

/// A message is kept when it is nothing but the path of an operation; where there is none, there may have been another.
fn azure_message(fields: &Fields<'_>) -> Held {
    if fields.get(AZURE_MESSAGE).is_some() {
        Held::AsGiven
    } else {
        Held::Unknown
    }
}

/// Requests are those to object stores: a directory bucket is S3 Express and is known by its name, another plain name is S3;
/// an ARN in its place is of some other door to the store.
fn source(fields: &Fields<'_>) -> Held {
    match fields.get("container") {
        Some(name) if name.starts_with("arn:") => Held::Unknown,
        Some(name) if name.ends_with("--x-s3") => Held::OneOf(&["s3express.amazonaws.com"]),
        Some(_) => Held::OneOf(&["s3.amazonaws.com"]),
        None => Held::Unknown,
    }
}

/// The types of identity that the reader takes for one kind of principal.
fn kind(fields: &Fields<'_>) -> Held {
    Held::OneOf(match fields.get("principal_kind") {
        Some("root") => &["Root"],
        Some("role") => &["AssumedRole", "Role"],
        Some("user") => &[
            "Directory",
            "FederatedUser",
            "IAMUser",
            "IdentityCenterUser",
            "SAMLUser",
            "WebIdentityUser",
        ],
        Some("log-delivery") => &["AWSService"],
        Some("service") => &["AWSService", "AssumedRole", "Role"],
        Some("anonymous" | "other-account") => &["AWSAccount"],
        _ => return Held::Unknown,
    })
}
