//! One CloudTrail event, out of the form it was shipped in.
//!
//! Looks at the fields of the allow-list and remembers the names of fields that no page of the provider documents; their
//! values are never decoded.

use std::borrow::Cow;

use crate::formats::stream::raw::{NotJson, Raw};

/// What is wrapped in what at most: a message in a queue's record in a log event in an envelope.
const WRAPPED_MAX: u32 = 4;

/// Documented fields that this reader never decodes. They are no news, so no notice names them.
pub(super) const NEVER_READ: &[&str] = &[
    "addendum",
    "apiVersion",
    "awsAccountId",
    "edgeDeviceDetails",
    "eventContext",
    "eventVersion",
    "requestID",
    "serviceEventDetails",
    "tlsDetails",
    "userAgent",
    "vpcEndpointAccountId",
];

/// Fields that hold a whole event, as an object or as JSON text.
const WRAPPERS: &[&str] = &[
    "CloudTrailEvent",
    "Message",
    "Sns",
    "body",
    "detail",
    "log",
    "message",
];

/// The fields of an event that are looked at.
const READ: &[&str] = &[
    "@timestamp",
    "additionalEventData",
    "awsRegion",
    "errorCode",
    "errorMessage",
    "eventCategory",
    "eventID",
    "eventName",
    "eventSource",
    "eventTime",
    "eventType",
    "insightDetails",
    "managementEvent",
    "readOnly",
    "recipientAccountId",
    "requestParameters",
    "resources",
    "responseElements",
    "sessionCredentialFromConsole",
    "sharedEventID",
    "sourceIPAddress",
    "userIdentity",
    "vpcEndpointId",
];

/// The fields of an event.
#[derive(Debug, Default)]
pub(super) struct Event<'a> {
    pub(super) time: Option<Cow<'a, str>>,
    pub(super) source: Option<Cow<'a, str>>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) region: Option<Cow<'a, str>>,
    pub(super) category: Option<Cow<'a, str>>,
    pub(super) kind: Option<Cow<'a, str>>,
    pub(super) error: Option<Cow<'a, str>>,
    pub(super) error_message: Option<Raw<'a>>,
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) shared_id: Option<Cow<'a, str>>,
    pub(super) recipient: Option<Cow<'a, str>>,
    pub(super) address: Option<Cow<'a, str>>,
    pub(super) from_console: Option<Cow<'a, str>>,
    pub(super) read_only: Option<bool>,
    pub(super) is_management: Option<bool>,
    pub(super) through_endpoint: bool,
    pub(super) user: Identity<'a>,
    pub(super) parameters: Option<Raw<'a>>,
    pub(super) additional: Option<Raw<'a>>,
    pub(super) response: Option<Raw<'a>>,
    pub(super) resources: Resources<'a>,
    /// Names outside the allow-list that are not documented.
    pub(super) unknown: Vec<String>,
    shipped_time: Option<Cow<'a, str>>,
    insight: Option<Raw<'a>>,
    wrapped: Option<(bool, Raw<'a>)>,
}

/// `userIdentity`.
#[derive(Debug, Default)]
pub(super) struct Identity<'a> {
    pub(super) kind: Option<Cow<'a, str>>,
    pub(super) arn: Option<Cow<'a, str>>,
    pub(super) principal_id: Option<Cow<'a, str>>,
    pub(super) account: Option<Cow<'a, str>>,
    pub(super) invoked_by: Option<Cow<'a, str>>,
    pub(super) session: Option<Raw<'a>>,
    pub(super) issuer_arn: Option<Cow<'a, str>>,
}

/// What `resources` says of the bucket, of the object and of the first resource.
#[derive(Debug, Default)]
pub(super) struct Resources<'a> {
    pub(super) bucket: Option<Resource<'a>>,
    pub(super) object: Option<Resource<'a>>,
    pub(super) first: Option<Resource<'a>>,
    /// The account of the first resource that has one; of a bucket before others.
    pub(super) owner: Option<Cow<'a, str>>,
}

/// One resource.
#[derive(Debug, Clone, Default)]
pub(super) struct Resource<'a> {
    pub(super) kind: Option<Cow<'a, str>>,
    pub(super) arn: Option<Cow<'a, str>>,
    pub(super) account: Option<Cow<'a, str>>,
}

/// Gives each event that `record` is or wraps.
pub(super) fn each(record: Raw<'_>, give: &mut dyn FnMut(Event<'_>)) -> Result<(), NotJson> {
    unwrap(record, 0, give)
}

fn unwrap(record: Raw<'_>, depth: u32, give: &mut dyn FnMut(Event<'_>)) -> Result<(), NotJson> {
    let event = Event::read(record)?;
    let inner = event
        .wrapped
        .filter(|(is_sure, _)| *is_sure || event.name.is_none());
    let Some((_, inner)) = inner.filter(|_| depth < WRAPPED_MAX) else {
        give(event);
        return Ok(());
    };
    if inner.is_object() {
        return unwrap(inner, depth + 1, give);
    }
    if let Some(text) = inner.text() {
        return unwrap(Raw::of(&text), depth + 1, give);
    }
    give(event);
    Ok(())
}

impl<'a> Event<'a> {
    fn read(record: Raw<'a>) -> Result<Self, NotJson> {
        let mut event = Self::default();
        record.fields(|name, value| {
            if event.set(name, value) || NEVER_READ.contains(&name) {
                return;
            }
            if WRAPPERS.contains(&name) {
                event.wrapped = Some((name == "CloudTrailEvent", value));
                return;
            }
            // Exports through Athena and Glue write every name in lower case.
            let same = |known: &&&str| known.eq_ignore_ascii_case(name);
            if let Some(known) = READ.iter().find(same) {
                event.set(known, value);
            } else if !NEVER_READ.iter().any(|known| same(&known)) {
                event.unknown.push(name.to_owned());
            }
        })?;
        if event.time.is_none() {
            event.time = event.shipped_time.take();
        }
        if event.name.is_none() {
            event.read_insight();
        }
        Ok(event)
    }

    /// Takes a field of the allow-list; whether it is one.
    fn set(&mut self, name: &str, value: Raw<'a>) -> bool {
        match name {
            "userIdentity" => self.user = Identity::read(value),
            "eventTime" => self.time = value.text(),
            "eventSource" => self.source = value.text(),
            "eventName" => self.name = value.text(),
            "awsRegion" => self.region = value.text(),
            "sourceIPAddress" => self.address = value.text(),
            "requestParameters" => self.parameters = Some(value),
            "responseElements" => self.response = Some(value),
            "additionalEventData" => self.additional = Some(value),
            "eventID" => self.id = value.text(),
            "readOnly" => self.read_only = value.flag(),
            "resources" => self.resources = Resources::read(value),
            "eventType" => self.kind = value.text(),
            "managementEvent" => self.is_management = value.flag(),
            "recipientAccountId" => self.recipient = value.text(),
            "sharedEventID" => self.shared_id = value.text(),
            "eventCategory" => self.category = value.text(),
            "errorCode" => self.error = value.text(),
            "errorMessage" => self.error_message = Some(value),
            "vpcEndpointId" => self.through_endpoint = value.text().is_some(),
            "sessionCredentialFromConsole" => self.from_console = value.text(),
            "insightDetails" => self.insight = Some(value),
            "@timestamp" => self.shipped_time = value.text(),
            _ => return false,
        }
        true
    }

    /// An Insights event has its service inside and no name of its own.
    fn read_insight(&mut self) {
        let Some(insight) = self.insight.filter(|insight| insight.is_object()) else {
            return;
        };
        self.name.clone_from(&self.kind);
        let source = &mut self.source;
        // What is inside was found whole when the event was read.
        let _ = insight.fields(|name, value| {
            if name == "eventSource" && source.is_none() {
                *source = value.text();
            }
        });
    }
}

impl<'a> Identity<'a> {
    fn read(value: Raw<'a>) -> Self {
        let mut identity = Self::default();
        if !value.is_object() {
            return identity;
        }
        // A value of a record that was read to its end is whole.
        let _ = value.fields(|name, value| match name {
            "type" => identity.kind = value.text(),
            "arn" => identity.arn = value.text(),
            "principalId" | "principalid" => identity.principal_id = value.text(),
            "accountId" | "accountid" => identity.account = value.text(),
            "invokedBy" | "invokedby" => identity.invoked_by = value.text(),
            "sessionContext" | "sessioncontext" => identity.session = Some(value),
            _ => {}
        });
        identity.issuer_arn = identity.session.and_then(issuer_arn);
        identity
    }
}

fn issuer_arn(session: Raw<'_>) -> Option<Cow<'_, str>> {
    let issuer = field(session, "sessionIssuer")?;
    field(issuer, "arn")?.text()
}

/// The field `name` of an object.
pub(super) fn field<'a>(object: Raw<'a>, name: &str) -> Option<Raw<'a>> {
    let mut found = None;
    if object.is_object() {
        // A value of a record that was read to its end is whole.
        let _ = object.fields(|met, value| {
            if met == name {
                found = Some(value);
            }
        });
    }
    found
}

impl<'a> Resources<'a> {
    fn read(value: Raw<'a>) -> Self {
        let mut resources = Self::default();
        if !value.is_array() {
            return resources;
        }
        let _ = value.elements(|element| {
            let resource = Resource::read(element);
            if resource.arn.is_none() && resource.kind.is_none() {
                return;
            }
            let is = |kind: &str| resource.kind.as_deref() == Some(kind);
            if is("AWS::S3::Bucket") && resources.bucket.is_none() {
                resources.bucket = Some(resource.clone());
            }
            if is("AWS::S3::Object") && resources.object.is_none() {
                resources.object = Some(resource.clone());
            }
            if resources.owner.is_none() {
                resources.owner.clone_from(&resource.account);
            }
            if resources.first.is_none() {
                resources.first = Some(resource);
            }
        });
        if let Some(owner) = resources.bucket.as_ref().and_then(|b| b.account.clone()) {
            resources.owner = Some(owner);
        }
        resources
    }
}

impl<'a> Resource<'a> {
    fn read(value: Raw<'a>) -> Self {
        let mut resource = Self::default();
        if value.is_object() {
            let _ = value.fields(|name, value| match name {
                "type" => resource.kind = value.text(),
                "ARN" | "arn" => resource.arn = value.text(),
                "accountId" | "accountid" => resource.account = value.text(),
                _ => {}
            });
        }
        resource
    }
}
