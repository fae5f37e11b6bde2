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

/// The names of fields as they are written, in the order in which the provider writes them.
const FIELDS: &[(&str, Field)] = &[
    (r#""eventVersion":"#, Field::NeverRead),
    (r#""userIdentity":"#, Field::User),
    (r#""eventTime":"#, Field::Time),
    (r#""eventSource":"#, Field::Source),
    (r#""eventName":"#, Field::Name),
    (r#""awsRegion":"#, Field::Region),
    (r#""sourceIPAddress":"#, Field::Address),
    (r#""userAgent":"#, Field::NeverRead),
    (r#""errorCode":"#, Field::Error),
    (r#""errorMessage":"#, Field::ErrorMessage),
    (r#""requestParameters":"#, Field::Parameters),
    (r#""responseElements":"#, Field::Response),
    (r#""additionalEventData":"#, Field::Additional),
    (r#""requestID":"#, Field::NeverRead),
    (r#""eventID":"#, Field::Id),
    (r#""readOnly":"#, Field::ReadOnly),
    (r#""resources":"#, Field::Resources),
    (r#""eventType":"#, Field::Kind),
    (r#""apiVersion":"#, Field::NeverRead),
    (r#""managementEvent":"#, Field::IsManagement),
    (r#""recipientAccountId":"#, Field::Recipient),
    (r#""sharedEventID":"#, Field::SharedId),
    (r#""vpcEndpointId":"#, Field::Endpoint),
    (r#""vpcEndpointAccountId":"#, Field::NeverRead),
    (r#""eventCategory":"#, Field::Category),
    (r#""tlsDetails":"#, Field::NeverRead),
    (r#""sessionCredentialFromConsole":"#, Field::FromConsole),
    (r#""@timestamp":"#, Field::ShippedTime),
    (r#""addendum":"#, Field::NeverRead),
    (r#""awsAccountId":"#, Field::NeverRead),
    (r#""edgeDeviceDetails":"#, Field::NeverRead),
    (r#""eventContext":"#, Field::NeverRead),
    (r#""insightDetails":"#, Field::Insight),
    (r#""serviceEventDetails":"#, Field::NeverRead),
    (r#""CloudTrailEvent":"#, Field::Wrapper),
    (r#""Message":"#, Field::Wrapper),
    (r#""Sns":"#, Field::Wrapper),
    (r#""body":"#, Field::Wrapper),
    (r#""detail":"#, Field::Wrapper),
    (r#""log":"#, Field::Wrapper),
    (r#""message":"#, Field::Wrapper),
    (r#""Records":"#, Field::Envelope),
    (r#""logEvents":"#, Field::Envelope),
    (r#""events":"#, Field::Envelope),
    (r#""Events":"#, Field::Envelope),
];

/// The field whose name differs from `name` in its case alone: exports through Athena and Glue write lower case.
#[cold]
fn find_in_any_case(name: &str) -> Option<Field> {
    FIELDS
        .iter()
        .find(|(known, _)| known.trim_matches(['"', ':']).eq_ignore_ascii_case(name))
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

/// Gives `event`, or the event that it wraps.
pub(super) fn give(
    event: &Event<'_>,
    depth: u32,
    each: &mut dyn FnMut(&Event<'_>),
) -> Result<(), NotJson> {
    let inner = event
        .wrapped
        .filter(|(is_sure, _)| *is_sure || event.name.is_none());
    let Some((_, inner)) = inner.filter(|_| depth < WRAPPED_MAX) else {
        each(event);
        return Ok(());
    };
    let mut wrapped = Event::default();
    if inner.is_object() {
        wrapped.read(&mut inner.scan())?;
        return give(&wrapped, depth + 1, each);
    }
    let Some(text) = inner.text() else {
        each(event);
        return Ok(());
    };
    let mut wrapped = Event::default();
    let mut scan = Raw::of(&text).scan();
    wrapped.read(&mut scan)?;
    scan.end()?;
    give(&wrapped, depth + 1, each)
}

impl<'a> Event<'a> {
    /// Reads the object that comes next into this event, which is empty. An object that holds an array of events is refused as
    /// soon as that is met.
    pub(super) fn read(&mut self, scan: &mut Scan<'a>) -> Result<(), NotJson> {
        let event = self;
        scan.known_fields(FIELDS, |scan, field, name| {
            match field.or_else(|| find_in_any_case(name)) {
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
        Ok(())
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

/// Fields of the objects inside an event; the names of those that are passed over keep the others expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inner {
    Account,
    Arn,
    Auth,
    Bucket,
    BytesIn,
    BytesOut,
    InvokedBy,
    Key,
    Kind,
    PrincipalId,
    Session,
    NeverRead,
}

const IDENTITY: &[(&str, Inner)] = &[
    (r#""type":"#, Inner::Kind),
    (r#""principalId":"#, Inner::PrincipalId),
    (r#""arn":"#, Inner::Arn),
    (r#""accountId":"#, Inner::Account),
    (r#""accessKeyId":"#, Inner::NeverRead),
    (r#""userName":"#, Inner::NeverRead),
    (r#""sessionContext":"#, Inner::Session),
    (r#""invokedBy":"#, Inner::InvokedBy),
    (r#""principalid":"#, Inner::PrincipalId),
    (r#""accountid":"#, Inner::Account),
    (r#""invokedby":"#, Inner::InvokedBy),
    (r#""sessioncontext":"#, Inner::Session),
];

const PARAMETERS: &[(&str, Inner)] = &[
    (r#""bucketName":"#, Inner::Bucket),
    (r#""Host":"#, Inner::NeverRead),
    (r#""key":"#, Inner::Key),
    (r#""bucketname":"#, Inner::Bucket),
];

const ADDITIONAL: &[(&str, Inner)] = &[
    (r#""SignatureVersion":"#, Inner::NeverRead),
    (r#""CipherSuite":"#, Inner::NeverRead),
    (r#""bytesTransferredIn":"#, Inner::BytesIn),
    (r#""AuthenticationMethod":"#, Inner::Auth),
    (r#""x-amz-id-2":"#, Inner::NeverRead),
    (r#""bytesTransferredOut":"#, Inner::BytesOut),
];

const RESOURCE: &[(&str, Inner)] = &[
    (r#""accountId":"#, Inner::Account),
    (r#""type":"#, Inner::Kind),
    (r#""ARN":"#, Inner::Arn),
    (r#""arn":"#, Inner::Arn),
    (r#""accountid":"#, Inner::Account),
];

/// Goes over an object, giving each field that is known, and over anything else; gives the whole value.
#[inline]
fn object<'a>(
    scan: &mut Scan<'a>,
    known: &[(&str, Inner)],
    mut each: impl FnMut(&mut Scan<'a>, Inner) -> Result<(), NotJson>,
) -> Result<Raw<'a>, NotJson> {
    if scan.peek() != Some(b'{') {
        return scan.raw();
    }
    let start = scan.at();
    scan.known_fields(known, |scan, field, _| match field {
        Some(field) => each(scan, field),
        None => scan.pass(),
    })?;
    Ok(scan.since(start))
}

impl<'a> Identity<'a> {
    fn read(scan: &mut Scan<'a>) -> Result<Self, NotJson> {
        let mut identity = Self::default();
        object(scan, IDENTITY, |scan, field| {
            match field {
                Inner::Kind => identity.kind = scan.text()?,
                Inner::Arn => identity.arn = scan.text()?,
                Inner::PrincipalId => identity.principal_id = scan.text()?,
                Inner::Account => identity.account = scan.text()?,
                Inner::InvokedBy => identity.invoked_by = scan.text()?,
                Inner::Session => identity.session = Some(scan.raw()?),
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
        let whole = object(scan, PARAMETERS, |scan, field| {
            match field {
                Inner::Bucket => parameters.bucket = scan.text()?,
                Inner::Key => parameters.key = scan.text()?,
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
        let whole = object(scan, ADDITIONAL, |scan, field| {
            match field {
                Inner::BytesOut => additional.bytes_out = scan.text()?,
                Inner::BytesIn => additional.bytes_in = scan.text()?,
                Inner::Auth => additional.auth = scan.text()?,
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
        object(scan, RESOURCE, |scan, field| {
            match field {
                Inner::Kind => resource.kind = scan.text()?,
                Inner::Arn => resource.arn = scan.text()?,
                Inner::Account => resource.account = scan.text()?,
                _ => scan.pass()?,
            }
            Ok(())
        })?;
        Ok(resource)
    }
}
