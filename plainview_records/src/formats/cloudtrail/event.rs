//! One CloudTrail event, out of the form it was shipped in.
//!
//! Looks at the fields of the allow-list and remembers the names of fields that no page of the provider documents; their
//! values are never decoded.

use std::borrow::Cow;

use crate::formats::stream::raw::{NotJson, Raw};
use crate::formats::stream::scan::Scan;

/// What is wrapped in what at most: a message in a queue's record in a log event in an envelope.
const WRAPPED_MAX: u32 = 4;

/// What is done with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Time,
    ShippedTime,
    Source,
    Name,
    Region,
    Category,
    Kind,
    Error,
    ErrorMessage,
    Id,
    SharedId,
    Recipient,
    Address,
    FromConsole,
    ReadOnly,
    IsManagement,
    Endpoint,
    User,
    Parameters,
    Additional,
    Response,
    Resources,
    Insight,
    /// Documented, and never decoded. It is no news, so no notice names it.
    NeverRead,
    /// Holds a whole event, as an object or as JSON text.
    Wrapper,
    /// Its array holds events; see [`super::ENVELOPES`].
    Envelope,
}

/// The names of fields, in the order in which the provider writes them.
const FIELDS: &[(&str, Field)] = &[
    ("eventVersion", Field::NeverRead),
    ("userIdentity", Field::User),
    ("eventTime", Field::Time),
    ("eventSource", Field::Source),
    ("eventName", Field::Name),
    ("awsRegion", Field::Region),
    ("sourceIPAddress", Field::Address),
    ("userAgent", Field::NeverRead),
    ("errorCode", Field::Error),
    ("errorMessage", Field::ErrorMessage),
    ("requestParameters", Field::Parameters),
    ("responseElements", Field::Response),
    ("additionalEventData", Field::Additional),
    ("requestID", Field::NeverRead),
    ("eventID", Field::Id),
    ("readOnly", Field::ReadOnly),
    ("resources", Field::Resources),
    ("eventType", Field::Kind),
    ("apiVersion", Field::NeverRead),
    ("managementEvent", Field::IsManagement),
    ("recipientAccountId", Field::Recipient),
    ("sharedEventID", Field::SharedId),
    ("vpcEndpointId", Field::Endpoint),
    ("vpcEndpointAccountId", Field::NeverRead),
    ("eventCategory", Field::Category),
    ("tlsDetails", Field::NeverRead),
    ("sessionCredentialFromConsole", Field::FromConsole),
    ("@timestamp", Field::ShippedTime),
    ("addendum", Field::NeverRead),
    ("awsAccountId", Field::NeverRead),
    ("edgeDeviceDetails", Field::NeverRead),
    ("eventContext", Field::NeverRead),
    ("insightDetails", Field::Insight),
    ("serviceEventDetails", Field::NeverRead),
    ("CloudTrailEvent", Field::Wrapper),
    ("Message", Field::Wrapper),
    ("Sns", Field::Wrapper),
    ("body", Field::Wrapper),
    ("detail", Field::Wrapper),
    ("log", Field::Wrapper),
    ("message", Field::Wrapper),
    ("Records", Field::Envelope),
    ("logEvents", Field::Envelope),
    ("events", Field::Envelope),
    ("Events", Field::Envelope),
];

/// Finds fields by name, the one behind the last one first.
#[derive(Debug, Default)]
struct Names {
    next: usize,
}

impl Names {
    #[inline]
    fn find(&mut self, name: &str) -> Option<Field> {
        let (before, behind) = FIELDS.split_at(self.next.min(FIELDS.len()));
        let place = match behind.iter().position(|(known, _)| *known == name) {
            Some(place) => self.next + place,
            None => before.iter().position(|(known, _)| *known == name)?,
        };
        self.next = place + 1;
        Some(FIELDS[place].1)
    }
}

/// The field whose name differs from `name` in its case alone: exports through Athena and Glue write lower case.
#[cold]
fn find_in_any_case(name: &str) -> Option<Field> {
    FIELDS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, field)| *field)
        .filter(|field| !matches!(field, Field::Wrapper | Field::Envelope))
}

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
    pub(super) parameters: Parameters<'a>,
    pub(super) additional: Additional<'a>,
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
}

/// `requestParameters`.
#[derive(Debug, Default)]
pub(super) struct Parameters<'a> {
    pub(super) whole: Option<Raw<'a>>,
    pub(super) bucket: Option<Cow<'a, str>>,
    pub(super) key: Option<Cow<'a, str>>,
}

/// `additionalEventData`.
#[derive(Debug, Default)]
pub(super) struct Additional<'a> {
    pub(super) whole: Option<Raw<'a>>,
    pub(super) bytes_out: Option<Cow<'a, str>>,
    pub(super) bytes_in: Option<Cow<'a, str>>,
    pub(super) auth: Option<Cow<'a, str>>,
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

/// Gives `event`, or each event that it wraps.
pub(super) fn give(
    event: Event<'_>,
    depth: u32,
    each: &mut dyn FnMut(Event<'_>),
) -> Result<(), NotJson> {
    let inner = event
        .wrapped
        .filter(|(is_sure, _)| *is_sure || event.name.is_none());
    let Some((_, inner)) = inner.filter(|_| depth < WRAPPED_MAX) else {
        each(event);
        return Ok(());
    };
    if inner.is_object() {
        return give(Event::read(&mut inner.scan())?, depth + 1, each);
    }
    if let Some(text) = inner.text() {
        let mut scan = Raw::of(&text).scan();
        let event = Event::read(&mut scan)?;
        scan.end()?;
        return give(event, depth + 1, each);
    }
    each(event);
    Ok(())
}

impl<'a> Event<'a> {
    /// Reads the object that comes next. One that holds an array of events is refused as soon as that is met.
    pub(super) fn read(scan: &mut Scan<'a>) -> Result<Self, NotJson> {
        let mut event = Self::default();
        let mut names = Names::default();
        scan.fields(|scan, name| {
            let field = names.find(name).or_else(|| find_in_any_case(name));
            match field {
                Some(Field::Envelope) if scan.peek() == Some(b'[') => {
                    Err(scan.refused("an array of records where one record is expected"))
                }
                Some(Field::Wrapper) => {
                    event.wrapped = Some((name == "CloudTrailEvent", scan.raw()?));
                    Ok(())
                }
                Some(field) if field != Field::Envelope => event.set(field, scan),
                _ => {
                    event.unknown.push(name.to_owned());
                    scan.pass()
                }
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

    /// Takes the value that comes next.
    #[inline]
    fn set(&mut self, field: Field, scan: &mut Scan<'a>) -> Result<(), NotJson> {
        match field {
            Field::User => self.user = Identity::read(scan)?,
            Field::Time => self.time = scan.text()?,
            Field::Source => self.source = scan.text()?,
            Field::Name => self.name = scan.text()?,
            Field::Region => self.region = scan.text()?,
            Field::Address => self.address = scan.text()?,
            Field::Parameters => self.parameters = Parameters::read(scan)?,
            Field::Response => self.response = Some(scan.raw()?),
            Field::Additional => self.additional = Additional::read(scan)?,
            Field::Id => self.id = scan.text()?,
            Field::ReadOnly => self.read_only = scan.flag()?,
            Field::Resources => self.resources = Resources::read(scan)?,
            Field::Kind => self.kind = scan.text()?,
            Field::IsManagement => self.is_management = scan.flag()?,
            Field::Recipient => self.recipient = scan.text()?,
            Field::SharedId => self.shared_id = scan.text()?,
            Field::Category => self.category = scan.text()?,
            Field::Error => self.error = scan.text()?,
            Field::ErrorMessage => self.error_message = Some(scan.raw()?),
            Field::Endpoint => self.through_endpoint = scan.text()?.is_some(),
            Field::FromConsole => self.from_console = scan.text()?,
            Field::Insight => self.insight = Some(scan.raw()?),
            Field::ShippedTime => self.shipped_time = scan.text()?,
            Field::NeverRead | Field::Wrapper | Field::Envelope => scan.pass()?,
        }
        Ok(())
    }

    /// An Insights event has its service inside and no name of its own.
    fn read_insight(&mut self) {
        let Some(insight) = self.insight.filter(|insight| insight.is_object()) else {
            return;
        };
        self.name.clone_from(&self.kind);
        if self.source.is_none() {
            self.source = field(insight, "eventSource").and_then(Raw::text);
        }
    }
}

/// Goes over an object with `each`, and over anything else without it; gives the whole value.
fn object<'a>(
    scan: &mut Scan<'a>,
    each: impl FnMut(&mut Scan<'a>, &str) -> Result<(), NotJson>,
) -> Result<Raw<'a>, NotJson> {
    if scan.peek() != Some(b'{') {
        return scan.raw();
    }
    let start = scan.at();
    scan.fields(each)?;
    Ok(scan.since(start))
}

impl<'a> Identity<'a> {
    fn read(scan: &mut Scan<'a>) -> Result<Self, NotJson> {
        let mut identity = Self::default();
        object(scan, |scan, name| {
            match name {
                "type" => identity.kind = scan.text()?,
                "arn" => identity.arn = scan.text()?,
                "principalId" | "principalid" => identity.principal_id = scan.text()?,
                "accountId" | "accountid" => identity.account = scan.text()?,
                "invokedBy" | "invokedby" => identity.invoked_by = scan.text()?,
                "sessionContext" | "sessioncontext" => identity.session = Some(scan.raw()?),
                _ => scan.pass()?,
            }
            Ok(())
        })?;
        Ok(identity)
    }

    /// The ARN of the role that was assumed, when the session states it.
    pub(super) fn issuer_arn(&self) -> Option<Cow<'a, str>> {
        field(field(self.session?, "sessionIssuer")?, "arn")?.text()
    }
}

impl<'a> Parameters<'a> {
    fn read(scan: &mut Scan<'a>) -> Result<Self, NotJson> {
        let mut parameters = Self::default();
        let whole = object(scan, |scan, name| {
            match name {
                "bucketName" | "bucketname" => parameters.bucket = scan.text()?,
                "key" => parameters.key = scan.text()?,
                _ => scan.pass()?,
            }
            Ok(())
        })?;
        parameters.whole = Some(whole);
        Ok(parameters)
    }
}

impl<'a> Additional<'a> {
    fn read(scan: &mut Scan<'a>) -> Result<Self, NotJson> {
        let mut additional = Self::default();
        let whole = object(scan, |scan, name| {
            match name {
                "bytesTransferredOut" => additional.bytes_out = scan.text()?,
                "bytesTransferredIn" => additional.bytes_in = scan.text()?,
                "AuthenticationMethod" => additional.auth = scan.text()?,
                _ => scan.pass()?,
            }
            Ok(())
        })?;
        additional.whole = Some(whole);
        Ok(additional)
    }
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
    fn read(scan: &mut Scan<'a>) -> Result<Self, NotJson> {
        let mut resources = Self::default();
        if scan.peek() != Some(b'[') {
            scan.pass()?;
            return Ok(resources);
        }
        scan.elements(|scan| {
            let resource = Resource::read(scan)?;
            resources.add(resource);
            Ok(())
        })?;
        if let Some(owner) = resources.bucket.as_ref().and_then(|b| b.account.clone()) {
            resources.owner = Some(owner);
        }
        Ok(resources)
    }

    fn add(&mut self, resource: Resource<'a>) {
        if resource.arn.is_none() && resource.kind.is_none() {
            return;
        }
        let is = |kind: &str| resource.kind.as_deref() == Some(kind);
        if self.bucket.is_none() && is("AWS::S3::Bucket") {
            self.bucket = Some(resource.clone());
        }
        if self.object.is_none() && is("AWS::S3::Object") {
            self.object = Some(resource.clone());
        }
        if self.owner.is_none() {
            self.owner.clone_from(&resource.account);
        }
        if self.first.is_none() {
            self.first = Some(resource);
        }
    }
}

impl<'a> Resource<'a> {
    fn read(scan: &mut Scan<'a>) -> Result<Self, NotJson> {
        let mut resource = Self::default();
        object(scan, |scan, name| {
            match name {
                "type" => resource.kind = scan.text()?,
                "ARN" | "arn" => resource.arn = scan.text()?,
                "accountId" | "accountid" => resource.account = scan.text()?,
                _ => scan.pass()?,
            }
            Ok(())
        })?;
        Ok(resource)
    }
}
