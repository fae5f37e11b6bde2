//! `[[source]]` with `[source.map]`, and `[[authentication]]`.
//!
//! It refuses a source without a keeper, a circle of derivations, and two authentications that say
//! different things about the same bytes.

use super::lineage::report_cycles;
use super::names::Names;
use super::{every, set};
use crate::claim::Unit;
use crate::diagnostic::Code;
use crate::location::{BadLocation, Location};
use crate::nearest::nearest;
use crate::register::{Account, Scope};
use crate::section::{IdForm, Section};
use crate::source::{
    Authentication, ColumnMap, Cure, CureKind, Delivery, MappedTable, Source, SourceFormat,
    SourceKind, TableMap,
};
use crate::span::{Spanned, Words};
use std::collections::BTreeMap;

const SOURCE_KEYS: &[&str] = &[
    "id",
    "format",
    "files",
    "location",
    "kind",
    "custodian",
    "controller",
    "delivery",
    "acquired_at",
    "account",
    "region",
    "derived_from",
    "protected",
    "admiralty",
    "expected_notices",
    "cure",
    "cure_party",
    "cure_date",
    "map",
];

pub(super) fn sources(
    root: &Section<'_>,
    names: &Names,
    scope: Option<&Scope>,
) -> Option<Vec<Source>> {
    let sections = root.sections("source");
    report_cycles(&sections);
    let mut sources = every(&sections, |section| source(section, names, scope))?;
    sources.sort_by(|a, b| a.id.cmp(&b.id));
    Some(sources)
}

fn source(section: &Section<'_>, names: &Names, scope: Option<&Scope>) -> Option<Source> {
    section.allow_only(SOURCE_KEYS);
    let sheet = section.sheet;
    let id = section.need_id(IdForm::Lower);
    let format = section.need_word("format");
    let location = location(section);
    let files = section.need_texts("files", "[\"sources/inventory\"]");
    check_patterns(section, &files, location.is_some());
    let kind = section.need_word("kind");
    let custodian = section
        .need_text("custodian", "\"a party id\"")
        .and_then(|id| names.party(sheet, id));
    let controller = section
        .need_text("controller", "\"a party id\"")
        .and_then(|id| names.party(sheet, id));
    let delivery = section.word("delivery").unwrap_or(Delivery::Unknown);
    section.need("acquired_at", "2025-07-15T00:00:00Z");
    let acquired_at = section.instant("acquired_at");
    if format == Some(SourceFormat::S3Inventory) {
        // The inventory itself names buckets only, and a store without its account is no store.
        section.need("account", "\"aws/111122223333\"");
    }
    let account = section.account("account");
    warn_outside(section, account.as_ref(), scope);
    let derived_from = names.source_list(sheet, section.texts("derived_from"));
    if kind == Some(SourceKind::Derived) {
        section.need("derived_from", "[\"the source it was made from\"]");
    }
    let admiralty = section
        .text("admiralty")
        .and_then(|code| admiralty(section, code));
    let map = table_map(section, format);
    Some(Source {
        id: id?.value,
        format: format?,
        files: files.into_iter().map(|file| file.value).collect(),
        location,
        kind: kind?,
        custodian: custodian?,
        controller: controller?,
        delivery,
        acquired_at: acquired_at?,
        account: account.map(|account| account.value),
        region: section.text("region").map(|region| region.value),
        derived_from: derived_from?,
        protected: section.flag("protected").unwrap_or(false),
        admiralty,
        expected_notices: set(section
            .texts("expected_notices")
            .into_iter()
            .map(|code| code.value)),
        cure: cure(section, names),
        map,
    })
}

/// The place that file patterns are relative to.
fn location(section: &Section<'_>) -> Option<Location> {
    let text = section.text("location")?;
    match Location::parse(&text.value) {
        Ok(location) => Some(location),
        Err(bad) => {
            bad_location(section, &text, bad);
            None
        }
    }
}

/// Every full address must be one, and a pattern must stay below a location that is an address.
fn check_patterns(section: &Section<'_>, files: &[Spanned<String>], is_remote: bool) {
    for file in files {
        if Location::is_address(&file.value) {
            if let Err(bad) = Location::parse_pattern(&file.value) {
                bad_location(section, file, bad);
            }
        } else if is_remote && !Location::holds(&file.value) {
            let bad = BadLocation {
                problem: "the pattern leads out of the location".to_owned(),
                expected: "a pattern below the location, such as \"sources/inventory\"",
            };
            bad_location(section, file, bad);
        }
    }
}

fn bad_location(section: &Section<'_>, text: &Spanned<String>, bad: BadLocation) {
    let words = Words {
        message: bad.problem,
        found: format!("`{}`", text.value),
        expected: bad.expected.to_owned(),
        nearest: None,
    };
    section.sheet.report(Code::BadLocation, &text.span, words);
}

/// Warns of a source whose account is not under review: nothing in it would count.
fn warn_outside(section: &Section<'_>, account: Option<&Spanned<Account>>, scope: Option<&Scope>) {
    let (Some(account), Some(scope)) = (account, scope) else {
        return;
    };
    if scope.accounts.contains(&account.value) {
        return;
    }
    let written = account.value.to_string();
    let reviewed: Vec<String> = scope.accounts.iter().map(ToString::to_string).collect();
    let words = Words {
        message: format!("`{written}` is not under review, so nothing in this source will count"),
        found: format!("`{written}`"),
        expected: format!("an account of [scope]: {}", reviewed.join(", ")),
        nearest: nearest(&written, reviewed.iter().map(String::as_str)).map(str::to_owned),
    };
    section
        .sheet
        .report(Code::SourceOutsideScope, &account.span, words);
}

fn admiralty(section: &Section<'_>, code: Spanned<String>) -> Option<String> {
    let fits = matches!(code.value.as_bytes(), [b'A'..=b'F', b'1'..=b'6']);
    if fits {
        return Some(code.value);
    }
    let words = Words {
        message: format!("`{}` is not an Admiralty code", code.value),
        found: format!("`{}`", code.value),
        expected: "a letter A to F and a digit 1 to 6, such as \"B2\"".into(),
        nearest: None,
    };
    section.sheet.report(Code::UnknownWord, &code.span, words);
    None
}

fn cure(section: &Section<'_>, names: &Names) -> Option<Cure> {
    let kind: Option<CureKind> = section.word("cure");
    let party = section
        .text("cure_party")
        .and_then(|id| names.party(section.sheet, id));
    let date = section.date("cure_date").map(|date| date.value);
    if !section.has("cure") {
        for key in ["cure_party", "cure_date"]
            .into_iter()
            .filter(|key| section.has(key))
        {
            misplaced(
                section,
                key,
                "it belongs to a `cure`, and this source has none",
            );
        }
    }
    let kind = kind?;
    if kind != CureKind::Precommitted {
        section.need("cure_party", "\"a party id\"");
    }
    if kind != CureKind::SelfAuthenticating {
        section.need("cure_date", "2025-01-31");
    }
    Some(Cure { kind, party, date })
}

/// Reports a key that is known but does not belong here.
pub(super) fn misplaced(section: &Section<'_>, key: &str, why: &str) {
    let words = Words {
        message: format!("`{key}` does not belong here: {why}"),
        found: format!("`{key}`"),
        ..Words::default()
    };
    section
        .sheet
        .report(Code::MisplacedKey, &section.key_span(key), words);
}

fn table_map(source: &Section<'_>, format: Option<SourceFormat>) -> Option<TableMap> {
    match format {
        Some(SourceFormat::Table) => {
            let map = source.need_section("map", "[source.map]")?;
            read_map(&map)
        }
        Some(format) if source.has("map") => {
            misplaced(
                source,
                "map",
                &format!("`{format}` has columns of its own; only `table` is mapped"),
            );
            None
        }
        _ => None,
    }
}

fn read_map(map: &Section<'_>) -> Option<TableMap> {
    map.allow_only(&[
        "table",
        "locale",
        "sheet",
        "second",
        "header_row",
        "timezone",
        "date_format",
        "columns",
    ]);
    let table: Option<MappedTable> = map.need_word("table");
    let locale = map
        .text("locale")
        .map_or_else(|| "en".to_owned(), |text| text.value);
    let sheet = map.text("sheet").map(|text| text.value);
    let second = map.text("second").map(|text| text.value);
    let header_row = map
        .integer("header_row", 0..=1_048_576)
        .and_then(|row| u32::try_from(row).ok())
        .unwrap_or(1);
    let timezone = map
        .text("timezone")
        .map_or_else(|| "UTC".to_owned(), |text| text.value);
    let date_format = map.text("date_format").map(|text| text.value);
    let columns = map.need_section("columns", "[source.map.columns]")?;
    let mut out = BTreeMap::new();
    for key in columns.keys() {
        if let Some(table) = table {
            known_column(&columns, key, table);
        }
        if let Some(column) = column(&columns, key) {
            out.insert(key.to_owned(), column);
        }
    }
    if columns.keys().is_empty() {
        let message = "no column is mapped".to_owned();
        let expected = "lines such as key = \"Name of the column in the sheet\"".to_owned();
        columns.sheet.report(
            Code::EmptyText,
            &columns.span,
            Words {
                message,
                expected,
                ..Words::default()
            },
        );
    }
    Some(TableMap {
        table: table?,
        locale,
        sheet,
        second,
        header_row,
        timezone,
        date_format,
        columns: out,
    })
}

fn known_column(columns: &Section<'_>, key: &str, table: MappedTable) {
    let known = table.columns();
    if known.contains(&key) {
        return;
    }
    let words = Words {
        message: format!("the table `{table}` has no column `{key}`"),
        found: format!("`{key}`"),
        expected: format!("one of {}", known.join(", ")),
        nearest: nearest(key, known.iter().copied()).map(str::to_owned),
    };
    columns
        .sheet
        .report(Code::UnknownColumn, &columns.key_span(key), words);
}

/// A column is a name, `{ column = "...", unit = "..." }` or `{ value = "..." }`.
fn column(columns: &Section<'_>, key: &str) -> Option<ColumnMap> {
    if columns.peek(key).is_some_and(toml_edit::Value::is_str) {
        return columns.text(key).map(|name| ColumnMap::Column {
            name: name.value,
            unit: None,
        });
    }
    let section = columns.section(key, &format!("column `{key}`"))?;
    section.allow_only(&["column", "unit", "value"]);
    if section.has("value") {
        for other in ["column", "unit"]
            .into_iter()
            .filter(|other| section.has(other))
        {
            misplaced(
                &section,
                other,
                "a column with a `value` is the same on every row",
            );
        }
        return section
            .text("value")
            .map(|text| ColumnMap::Value { value: text.value });
    }
    let name = section.need_text("column", "\"Name of the column in the sheet\"");
    let unit: Option<Unit> = section.word("unit");
    Some(ColumnMap::Column {
        name: name?.value,
        unit,
    })
}

pub(super) fn authentications(root: &Section<'_>, names: &Names) -> Option<Vec<Authentication>> {
    let sections = root.sections("authentication");
    let mut entries = every(&sections, |section| authentication(section, names))?;
    let pairs = sections.iter().zip(&entries).collect::<Vec<_>>();
    report_overlaps(&pairs);
    entries.sort();
    Some(entries)
}

fn authentication(section: &Section<'_>, names: &Names) -> Option<Authentication> {
    section.allow_only(&["source", "party", "method", "date", "digest"]);
    let source = section
        .need_text("source", "\"a source id\"")
        .and_then(|id| names.source(section.sheet, id));
    let party = section
        .need_text("party", "\"a party id\"")
        .and_then(|id| names.party(section.sheet, id));
    let method = section.need_word("method");
    let date = section.need_date("date");
    let digest = section
        .need_text("digest", "\"sha256:...\"")
        .and_then(|digest| sha256(section, digest));
    Some(Authentication {
        source: source?,
        party: party?,
        method: method?,
        date: date?.value,
        digest: digest?,
    })
}

fn sha256(section: &Section<'_>, digest: Spanned<String>) -> Option<String> {
    let hex = digest.value.strip_prefix("sha256:");
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if hex.is_some_and(|hex| hex.len() == 64 && hex.bytes().all(is_hex)) {
        return Some(digest.value);
    }
    let length = hex.map_or(0, |hex| hex.chars().count());
    let words = Words {
        message: "this is not a source digest".into(),
        found: if hex.is_some() {
            format!("`sha256:` and {length} characters")
        } else {
            "no `sha256:` in front".into()
        },
        expected: "`sha256:` and 64 hex digits in lower case, as `plainview records` prints them"
            .into(),
        nearest: None,
    };
    section.sheet.report(Code::BadDigest, &digest.span, words);
    None
}

/// Two entries overlap when they say the same of a source, or bind it to different bytes.
fn report_overlaps(entries: &[(&Section<'_>, &Authentication)]) {
    let mut by_source: BTreeMap<&str, Vec<(&Section<'_>, &Authentication)>> = BTreeMap::new();
    for (section, entry) in entries {
        let earlier = by_source.entry(entry.source.as_str()).or_default();
        let same = earlier
            .iter()
            .find(|(_, other)| other.party == entry.party && other.method == entry.method);
        let other_bytes = earlier
            .iter()
            .find(|(_, other)| other.digest != entry.digest);
        if let Some((first, _)) = other_bytes.or(same) {
            let line = section.sheet.line_of(first.span.start);
            let (message, key) = if other_bytes.is_some() {
                (
                    format!("`{}` is bound to other bytes on line {line}", entry.source),
                    "digest",
                )
            } else {
                (
                    format!(
                        "`{}` already has this authentication on line {line}",
                        entry.source
                    ),
                    "method",
                )
            };
            let words = Words {
                message,
                found: section.sheet.snippet(&section.value_span(key)),
                expected: "one digest per source, and each party and method once".into(),
                nearest: None,
            };
            section.sheet.report(
                Code::OverlappingAuthentication,
                &section.value_span(key),
                words,
            );
        }
        earlier.push((section, entry));
    }
}
