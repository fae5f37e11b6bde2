//! Who made a request, as far as `userIdentity` says; never a key, and never a person where only a key or a URL is known.

use crate::formats::network;
use crate::tables::requests::{network as class, principal};

use super::event::Event;

/// Services of the provider that deliver logs into the tenant's stores.
const LOG_DELIVERY: &[&str] = &[
    "cloudtrail.",
    "delivery.logs.",
    "logdelivery.",
    "logging.s3.",
];

/// The kind of principal; see [`principal`]. `auth` is how the request was signed, where the event says.
pub(super) fn kind_of(event: &Event<'_>, auth: Option<&str>) -> &'static str {
    let user = &event.user;
    let address = event.address.as_deref().unwrap_or_default();
    let service = user.invoked_by.as_deref().unwrap_or(address);
    let kind = match user.kind.as_deref() {
        Some("AWSService") if is_log_delivery(service) || is_log_delivery(address) => {
            return principal::LOG_DELIVERY;
        }
        Some("AWSService") => return principal::SERVICE,
        Some("AWSAccount") if is_anonymous(event) => return principal::ANONYMOUS,
        Some("AWSAccount") => principal::OTHER_ACCOUNT,
        Some("AssumedRole" | "Role") if is_service_linked(event) => return principal::SERVICE,
        Some("AssumedRole" | "Role") => principal::ROLE,
        Some("Root") => principal::ROOT,
        Some(
            "IAMUser" | "FederatedUser" | "WebIdentityUser" | "SAMLUser" | "IdentityCenterUser"
            | "Directory",
        ) => principal::USER,
        _ => principal::UNKNOWN,
    };
    // Whoever holds a presigned URL can use it: the signer need not be the one who did.
    if auth == Some("QueryString") {
        principal::SIGNED_URL
    } else {
        kind
    }
}

fn is_log_delivery(service: &str) -> bool {
    LOG_DELIVERY.iter().any(|name| service.starts_with(name))
}

fn is_anonymous(event: &Event<'_>) -> bool {
    [&event.user.account, &event.user.principal_id]
        .into_iter()
        .flatten()
        .any(|id| id.eq_ignore_ascii_case("anonymous") || &**id == "ANONYMOUS_PRINCIPAL")
}

/// Whether the role is one of those that services make for themselves. Its name tells it; the role's own ARN is looked for only
/// where that of the session is not given.
fn is_service_linked(event: &Event<'_>) -> bool {
    match &event.user.arn {
        Some(arn) => arn.contains("/AWSServiceRoleFor"),
        None => event
            .user
            .issuer_arn()
            .is_some_and(|arn| arn.contains("/AWSServiceRoleFor")),
    }
}

/// The id of the principal, as it is written: an ARN, else the service, else the account, else the provider's own id.
pub(super) fn id_of<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    let user = &event.user;
    let is_service = user.kind.as_deref() == Some("AWSService");
    user.arn
        .as_deref()
        .or(user.invoked_by.as_deref().filter(|_| is_service))
        .or(user.principal_id.as_deref())
        .or(user.account.as_deref())
        .filter(|id| !id.is_empty())
}

/// The class of the address, see [`class`].
pub(super) fn network_of(event: &Event<'_>) -> Option<&'static str> {
    if event.through_endpoint {
        return Some(class::PRIVATE);
    }
    let address = event.address.as_deref()?;
    network::class_of(address).or_else(|| {
        let is_provider = address == "AWS Internal"
            || address.ends_with(".amazonaws.com")
            || address.ends_with(".amazonaws.com.cn")
            || address.ends_with(".amazon.com");
        is_provider.then_some(class::PROVIDER)
    })
}
