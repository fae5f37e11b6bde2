//! What the Azure logs and exports have in common: their resource ids, their times, and the three shapes that a row comes in
//! (a JSON object, a row of a query result, a row of a CSV export).

pub(in crate::formats) mod answer;
pub(in crate::formats) mod fields;
pub(in crate::formats) mod log;
pub(in crate::formats) mod sheet;

use std::borrow::Cow;

use crate::formats::sheet::tally::Repeated;
use crate::times::{days_from_civil, parse_iso_ms};
use crate::{Effect, Tokens};

/// A field whose name is in no list of the format.
pub(in crate::formats) const UNREAD_FIELD: Repeated = Repeated {
    code: "azure-unread-fields",
    effect: Effect::Unread,
    expected: "",
    message: "a field that the format does not list was not read",
};

/// A field that stands twice in one record.
pub(in crate::formats) const TWICE: Repeated = Repeated {
    code: "azure-field-twice",
    effect: Effect::Doubt,
    expected: "each field once",
    message: "a field stands more than once in a record; its last value is used",
};

/// A field that holds another kind of value than the format says.
pub(in crate::formats) const MISSHAPEN: Repeated = Repeated {
    code: "azure-field-misshapen",
    effect: Effect::Doubt,
    expected: "",
    message: "a field does not hold the kind of value that the format says and was not read; the record is kept",
};

/// A record that is no JSON object and no part of one.
pub(in crate::formats) const STRAY: Repeated = Repeated {
    code: "azure-content-marker",
    effect: Effect::Unread,
    expected: "",
    message: "the word `Content` stands before records, as some viewers write it; it was passed over",
};

/// The longest name of an unknown field that is remembered, in characters.
const NAME_CHARS_MAX: usize = 100;

/// `name`, cut to a length that a hostile file cannot make memory grow with.
pub(in crate::formats) fn short(name: &str) -> &str {
    match name.char_indices().nth(NAME_CHARS_MAX) {
        None => name,
        Some((end, _)) => &name[..end],
    }
}

/// `text` in lower case, borrowed when it already is.
pub(in crate::formats) fn lower(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        text
    }
}

/// `text` with its identifier-like runs replaced, and without a copy when it has none.
pub(in crate::formats) fn masked<'t>(tokens: &Tokens, text: Cow<'t, str>) -> Cow<'t, str> {
    let changed = match tokens.text(&text, None) {
        Cow::Owned(changed) => Some(changed),
        Cow::Borrowed(_) => None,
    };
    changed.map_or(text, Cow::Owned)
}

/// The segment behind `/kind/` in a resource id, whatever the case of `kind`: the storage account behind `storageAccounts`.
pub(in crate::formats) fn segment<'i>(id: &'i str, kind: &str) -> Option<&'i str> {
    let mut segments = id.split('/');
    while let Some(segment) = segments.next() {
        if segment.eq_ignore_ascii_case(kind) {
            return segments.next().filter(|name| !name.is_empty());
        }
    }
    None
}

/// The type in a resource id, as the id spells it: `Microsoft.Storage/storageAccounts/blobServices`.
pub(in crate::formats) fn type_of(id: &str) -> Option<String> {
    let lower = id.to_ascii_lowercase();
    let start = lower.rfind("/providers/")? + "/providers/".len();
    let mut segments = id.get(start..)?.split('/');
    let mut kind = segments.next().filter(|name| !name.is_empty())?.to_owned();
    // Types and names take turns behind the provider.
    for segment in segments.step_by(2) {
        kind.push('/');
        kind.push_str(segment);
    }
    Some(kind)
}

/// A time as Azure writes it: ISO 8601 to seven digits, also with stray spaces (`2021-02-04T07: 45: 44.58Z`), or as the
/// portal's CSV export shows it (`7/28/2021, 9:00:00.000 AM`, UTC). Milliseconds since 1970 UTC.
pub(in crate::formats) fn instant(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(at) = parse_iso_ms(text.as_bytes()) {
        return Some(at);
    }
    if text.len() > 64 {
        return None;
    }
    if text.contains('/') {
        return portal_instant(text);
    }
    let (date, time) = text.split_once(['T', 't'])?;
    let joined: String = [date, "T", time].concat().split_whitespace().collect();
    parse_iso_ms(joined.as_bytes())
}

/// `M/D/YYYY[,] h:mm:ss[.fff] AM|PM`.
fn portal_instant(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once([',', ' '])?;
    let mut parts = date.split('/').map(|part| part.parse::<i64>().ok());
    let (month, day, year) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() {
        return None;
    }
    let days = days_from_civil(year, month, day)?;
    let (clock, half) = rest.trim().rsplit_once([' ', '\u{202f}'])?;
    let (hour, behind) = clock.split_once(':')?;
    let hour: i64 = hour.parse().ok()?;
    let shift = match half.to_ascii_uppercase().as_str() {
        "AM" => 0,
        "PM" => 12,
        _ => return None,
    };
    if !(1..=12).contains(&hour) {
        return None;
    }
    let clock = format!("1970-01-01T{:02}:{behind}", hour % 12 + shift);
    Some(days * crate::times::DAY_MS + parse_iso_ms(clock.as_bytes())?)
}

/// Whether a record in Azure Monitor's envelope is a storage resource log and no control-plane event: by its category, or, where
/// that is missing, by an operation that is one word (`GetBlob`) and no path (`Microsoft.Storage/storageAccounts/write`).
pub(in crate::formats) fn is_storage_log(category: Option<&str>, operation: &str) -> bool {
    match category {
        Some(category) => ["storageread", "storagewrite", "storagedelete"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(category)),
        None => !operation.is_empty() && !operation.contains(['/', ' ']),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_spelling() {
        let cases = [
            ("2023-12-12T12:13:59.5519123Z", Some(1_702_383_239_551)),
            ("2021-02-04T07: 45: 44.58Z", Some(1_612_424_744_580)),
            (" 2021-02-04T07:45:44Z ", Some(1_612_424_744_000)),
            ("7/28/2021, 9:00:00.000 AM", Some(1_627_462_800_000)),
            ("7/28/2021 12:00:00 PM", Some(1_627_473_600_000)),
            ("7/28/2021, 12:30:00.5 AM", Some(1_627_432_200_500)),
            ("7/28/2021, 13:00:00 PM", None),
            ("13/28/2021, 1:00:00 PM", None),
            ("7/28/2021, 1:00:00", None),
            ("", None),
            ("yesterday", None),
            ("T", None),
        ];
        for (text, expected) in cases {
            assert_eq!(instant(text), expected, "{text}");
        }
    }

    #[test]
    fn segments_of_ids_are_found_in_any_case() {
        let id = "/SUBSCRIPTIONS/0/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/CONTOSO/blobServices/default";
        assert_eq!(segment(id, "storageAccounts"), Some("CONTOSO"));
        assert_eq!(segment(id, "subscriptions"), Some("0"));
        assert_eq!(segment(id, "containers"), None);
        assert_eq!(segment("/storageAccounts/", "storageAccounts"), None);
    }

    #[test]
    fn types_are_read_from_ids() {
        for (id, expected) in [
            (
                "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/contoso",
                Some("Microsoft.Storage/storageAccounts"),
            ),
            (
                "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/contoso/blobServices/default/containers/media",
                Some("Microsoft.Storage/storageAccounts/blobServices/containers"),
            ),
            (
                "/subscriptions/0/providers/Microsoft.Storage/storageAccounts/contoso/providers/Microsoft.Authorization/roleAssignments/r",
                Some("Microsoft.Authorization/roleAssignments"),
            ),
            ("/subscriptions/0/resourceGroups/rg", None),
            ("/providers/", None),
        ] {
            assert_eq!(type_of(id).as_deref(), expected, "{id}");
        }
    }
}
