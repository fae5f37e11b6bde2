//! Who caused an event: what the claims and the authorization of a record say, and no more of them than that.

use super::layout::{self, AUTHORIZATION, CALLER, CLAIMS};
use crate::Tokens;
use crate::formats::azure::fields::{Cell, Field, ROOT, Record, cells};
use crate::tables::requests::principal;

cells! {
    APP: "claims.appid",
    APP_PROOF: "claims.appidacr",
    KIND: "claims.idtyp",
    OBJECT: "claims.objectidentifier",
    UPN: "claims.upn",
    PRINCIPAL: "authorization.evidence.principalId",
    PRINCIPAL_TYPE: "authorization.evidence.principalType",
}

const EVIDENCE: u8 = 1;

/// Both objects have open lists of fields, so nothing in them is news.
fn field(path: u8, name: &str) -> Field {
    match (path, name) {
        (ROOT, "appid") => Field::Cell(APP),
        (ROOT, "appidacr") => Field::Cell(APP_PROOF),
        (ROOT, "idtyp") => Field::Cell(KIND),
        (ROOT, "http://schemas.microsoft.com/identity/claims/objectidentifier") => {
            Field::Cell(OBJECT)
        }
        (ROOT, "upn" | "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn") => {
            Field::Cell(UPN)
        }
        (ROOT, "evidence") => Field::Object(EVIDENCE),
        (EVIDENCE, "principalId") => Field::Cell(PRINCIPAL),
        (EVIDENCE, "principalType") => Field::Cell(PRINCIPAL_TYPE),
        _ => Field::Passed,
    }
}

/// The caller of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    /// Their id, masked.
    pub(super) id: Option<String>,
    /// One of [`principal`].
    pub(super) kind: &'static str,
}

/// Tells who caused the event of `record`.
pub(super) fn caller(record: &Record<'_, { layout::CELLS }>, tokens: &Tokens) -> Caller {
    let claims = record.get(CLAIMS).json().unwrap_or_default();
    let authorization = record.get(AUTHORIZATION).json().unwrap_or_default();
    // What cannot be parsed says nothing of the caller; the record itself is good.
    let read = |json| Record::<CELLS>::parse(json, field).unwrap_or_else(|_| Record::new());
    let claims = read(claims.as_bytes());
    let evidence = read(authorization.as_bytes());
    let name = record.get(CALLER).text();
    let name = name.as_deref().map(str::trim);
    Caller {
        id: id(name, evidence.get(PRINCIPAL), tokens),
        kind: kind(name, &claims, evidence.get(PRINCIPAL_TYPE)),
    }
}

/// The caller's name, a mail address or an object id, else the object id of the authorization.
fn id(name: Option<&str>, principal: Cell<'_>, tokens: &Tokens) -> Option<String> {
    match name {
        Some(name) if name.contains('@') => Some(tokens.address(name)),
        Some(name) => Some(tokens.text(name, None).into_owned()),
        None => principal
            .text()
            .map(|id| tokens.text(&id, None).into_owned()),
    }
}

/// Tells a user from an application, by the first of these that is there: the token's own word, the type of the
/// authorization's principal, the caller's name, the claims that only one of them has.
fn kind(name: Option<&str>, claims: &Record<'_, CELLS>, principal_type: Cell<'_>) -> &'static str {
    let is = |cell: Cell<'_>, word: &str| {
        cell.text()
            .is_some_and(|text| text.eq_ignore_ascii_case(word))
    };
    let is_service = name.is_some_and(|name| {
        name.get(..10)
            .is_some_and(|start| start.eq_ignore_ascii_case("microsoft."))
    });
    if is(claims.get(KIND), "user") {
        principal::USER
    } else if is(claims.get(KIND), "app") {
        principal::APPLICATION
    } else if is(principal_type, "User") {
        principal::USER
    } else if is(principal_type, "ServicePrincipal") || is(principal_type, "MSI") {
        principal::APPLICATION
    } else if is_service {
        principal::SERVICE
    } else if name.is_some_and(|name| name.contains('@')) || claims.get(UPN).is_present() {
        principal::USER
    } else if ["1", "2"]
        .iter()
        .any(|word| is(claims.get(APP_PROOF), word))
        || name.is_some_and(is_object_id)
        || (claims.get(APP).is_present() && !claims.get(OBJECT).is_present())
    {
        // An application proves itself by a secret or a certificate, and is named by its object id where a user has a name.
        principal::APPLICATION
    } else {
        principal::UNKNOWN
    }
}

/// Whether `text` has the shape of an object id.
fn is_object_id(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
