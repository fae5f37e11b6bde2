//! A column map, checked: what each column of the table is filled with, and how it is converted.

use std::collections::BTreeSet;

use arrow_schema::DataType;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

use super::convert::Reading;
use super::locale::{KNOWN, Locale, unit_factor};
use crate::formats::refused_header;
use crate::run::{Note, Run, SourceFile};
use crate::{MappedColumn, Table, TableMap};

/// What kind of value a table column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text, masked or not.
    Text { masked: bool },
    /// Mail addresses, which become party ids and pseudonyms.
    Addresses,
    /// A time.
    Time,
    /// A whole number.
    Whole,
    /// A decimal number.
    Decimal,
    /// A truth value.
    Flag,
}

/// Where a column's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum From {
    /// The sheet column of this name.
    Column(String),
    /// This text, in every row.
    Value(String),
}

/// One column of the table that is filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filled {
    /// The column of the evidence table.
    pub(super) column: &'static str,
    /// What it holds.
    pub(super) kind: Kind,
    /// Where it comes from.
    pub(super) from: From,
    /// What one unit of its numbers is, in the table's own.
    pub(super) factor: i64,
}

/// A checked map.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The table to fill.
    pub(super) table: Table,
    /// Its filled columns, in the order of the table.
    pub(super) filled: Vec<Filled>,
    /// 1-based row of the header, 0 for none.
    pub(super) header_row: u32,
    /// The sheet of a workbook.
    pub(super) sheet: Option<String>,
    /// The file or the sheet that a second person keyed.
    pub(super) second: Option<String>,
    /// How values are read.
    pub(super) reading: Reading,
}

/// Columns whose text is no free text: ids of accounts, stores, versions and bills, and closed lists.
const UNMASKED: &[&str] = &[
    "provider",
    "account",
    "container",
    "region",
    "version_id",
    "state",
    "etag",
    "meter",
    "statistic",
    "unit",
    "billing_account",
    "sku_id",
    "invoice_id",
    "currency",
    "kind",
    "verb",
    "principal_kind",
    "network",
    "outcome",
    "subscription",
    "event_id",
    "act_id",
];

/// Every column of every table that a sheet can fill: names that outlive the schema they are compared with.
pub(super) const STATIC_NAMES: &[&str] = &[
    "provider",
    "account",
    "container",
    "region",
    "snapshot_at",
    "key",
    "version_id",
    "state",
    "size",
    "created_at",
    "modified_at",
    "etag",
    "content_type",
    "tier",
    "blob_type",
    "is_multipart",
    "encryption",
    "retain_until",
    "legal_hold",
    "replication",
    "meter",
    "start_at",
    "end_at",
    "statistic",
    "value",
    "unit",
    "billing_account",
    "resource_id",
    "service_category",
    "service_name",
    "charge_category",
    "charge_class",
    "description",
    "sku_id",
    "sku_meter",
    "invoice_id",
    "invoice_issuer",
    "billing_start",
    "billing_end",
    "charge_start",
    "charge_end",
    "consumed_quantity",
    "consumed_unit",
    "pricing_quantity",
    "pricing_unit",
    "billed_cost",
    "effective_cost",
    "list_cost",
    "contracted_cost",
    "currency",
    "tags",
    "doc_id",
    "copy_no",
    "kind",
    "sent_at",
    "from_party",
    "to_parties",
    "cc_parties",
    "subject",
    "text",
    "quoted_text",
    "message_id",
    "in_reply_to",
    "thread_id",
    "attachments",
    "at",
    "operation",
    "verb",
    "status",
    "error",
    "bytes_out",
    "bytes_in",
    "object_bytes",
    "duration_ms",
    "principal",
    "principal_kind",
    "auth",
    "network",
    "event_id",
    "act_id",
    "act_part",
    "service",
    "event",
    "category",
    "outcome",
    "resource_type",
    "read_only",
    "details",
    "name",
    "subscription",
    "resource_group",
    "sku",
    "is_hierarchical",
    "allows_shared_keys",
    "allows_public_access",
    "network_default",
    "private_endpoints",
    "key_source",
];

const ADDRESSES: &[&str] = &["from_party", "to_parties", "cc_parties"];

/// The tables that a sheet can fill.
pub(super) const FILLABLE: &[Table] = &[
    Table::Objects,
    Table::Requests,
    Table::Activity,
    Table::Metering,
    Table::Charges,
    Table::Resources,
    Table::Documents,
];

/// The columns a table cannot be filled without.
pub(super) fn needed(table: Table) -> &'static [&'static str] {
    match table {
        Table::Objects => &["container", "key"],
        Table::Metering => &["meter", "start_at", "end_at", "value"],
        Table::Charges => &["charge_start", "charge_end", "currency"],
        Table::Requests => &["at", "operation"],
        Table::Activity => &["at", "event"],
        Table::Resources => &["resource_id", "resource_type"],
        _ => &[],
    }
}

impl Kind {
    /// Whether the column holds numbers.
    pub(super) fn is_number(self) -> bool {
        matches!(self, Kind::Whole | Kind::Decimal)
    }
}

impl Plan {
    /// Checks a map; the error says what was found and what was expected.
    pub(super) fn new(map: &TableMap) -> Result<Plan, String> {
        if !FILLABLE.contains(&map.table) {
            let known: Vec<String> = FILLABLE.iter().map(ToString::to_string).collect();
            return Err(format!(
                "map fills table `{}`; expected one of {}",
                map.table,
                known.join(", ")
            ));
        }
        let locale = map.locale.as_deref().unwrap_or("en");
        let locale = Locale::named(locale)
            .ok_or_else(|| format!("locale `{locale}` is not known; expected one of {KNOWN}"))?;
        let zone = zone(map.timezone.as_deref().unwrap_or("UTC"))?;
        let filled = filled_columns(map)?;
        suffices(map.table, &filled)?;
        Ok(Plan {
            table: map.table,
            filled,
            header_row: map.header_row,
            sheet: map.sheet.clone(),
            second: map.second.clone(),
            reading: Reading {
                locale,
                zone,
                date_format: map.date_format.clone(),
                is_1904: false,
            },
        })
    }

    /// Finds the mapped columns in a header and gives its notices; `None` when the file is refused. Without a header row
    /// `names` is the first row of values, and only its width counts.
    pub(super) fn places(
        &self,
        run: &mut Run<'_>,
        file: &SourceFile,
        names: &[String],
    ) -> Option<Places> {
        let numbers: Vec<String>;
        let names = if self.header_row == 0 {
            numbers = (1..=names.len()).map(|n| n.to_string()).collect();
            &numbers
        } else {
            names
        };
        let mut at = Vec::with_capacity(self.filled.len());
        let mut absent = Vec::new();
        let mut used = BTreeSet::new();
        for filled in &self.filled {
            let From::Column(name) = &filled.from else {
                at.push(None);
                continue;
            };
            let place = names.iter().position(|n| n == name);
            match place {
                Some(_) => {
                    used.insert(name.as_str());
                }
                None => absent.push((filled.column, name.as_str())),
            }
            at.push(place);
        }
        if self.refuses(run, file, names, &absent) {
            return None;
        }
        for (column, name) in absent {
            let note = Note::doubt(
                "sheet-column-absent",
                format!("the sheet has no column for `{column}`; it stays empty"),
            )
            .found("no such header")
            .expected(name);
            run.note(Some(file), note);
        }
        tell_others(run, file, names, &used);
        Some(Places {
            at,
            width: names.len(),
        })
    }

    /// Refuses a file that lacks a mapped column which the table needs.
    fn refuses(
        &self,
        run: &mut Run<'_>,
        file: &SourceFile,
        names: &[String],
        absent: &[(&str, &str)],
    ) -> bool {
        let needed = needed(self.table);
        let lacking: Vec<&str> = absent
            .iter()
            .filter(|(c, _)| needed.contains(c))
            .map(|(_, name)| *name)
            .collect();
        if lacking.is_empty() {
            return false;
        }
        let note = Note::lost(
            "sheet-missing-columns",
            format!(
                "the file is refused: mapped columns that the table needs are missing: {}",
                lacking.join(", ")
            ),
        )
        .found(refused_header(names, |place| {
            self.filled
                .iter()
                .any(|filled| matches!(&filled.from, From::Column(name) if *name == names[place]))
        }))
        .expected(lacking.join(", "));
        run.note(Some(file), note);
        true
    }
}

/// Tells of columns that occur twice, and of those that are not read.
fn tell_others(run: &mut Run<'_>, file: &SourceFile, names: &[String], used: &BTreeSet<&str>) {
    let twice: Vec<&str> = used
        .iter()
        .copied()
        .filter(|name| names.iter().filter(|n| n == name).count() > 1)
        .collect();
    if !twice.is_empty() {
        let note = Note::doubt(
            "sheet-duplicate-columns",
            "mapped columns occur twice; the first of each is read",
        )
        .found(twice.join(", "));
        run.note(Some(file), note);
    }
    let unread: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|n| !n.is_empty() && !used.contains(n))
        .take(200)
        .collect();
    if !unread.is_empty() {
        let note = Note::unread(
            "sheet-unread-columns",
            "columns that the map does not name were not read",
        )
        .found(unread.join(", "));
        run.note(Some(file), note);
    }
}

/// Where in a row the values of a plan are.
#[derive(Debug)]
pub(super) struct Places {
    /// For each filled column its place, or `None` for a constant or an absent column.
    at: Vec<Option<usize>>,
    /// How many headers there are.
    pub(super) width: usize,
}

impl Places {
    /// The place of each filled column; a place past the end of every row for those that have none.
    pub(super) fn columns(&self) -> impl Iterator<Item = usize> {
        self.at.iter().map(|at| at.unwrap_or(usize::MAX))
    }
}

fn kind(column: &str, data_type: &DataType) -> Kind {
    match data_type {
        DataType::Timestamp(_, _) => Kind::Time,
        DataType::Int64 | DataType::UInt32 => Kind::Whole,
        DataType::Decimal128(_, _) => Kind::Decimal,
        DataType::Boolean => Kind::Flag,
        _ if ADDRESSES.contains(&column) => Kind::Addresses,
        _ => Kind::Text {
            masked: !UNMASKED.contains(&column),
        },
    }
}

/// The columns that a map fills, in the order of the table.
fn filled_columns(map: &TableMap) -> Result<Vec<Filled>, String> {
    let schema = map.table.schema();
    let mut filled = Vec::new();
    let mut known = BTreeSet::new();
    for field in schema.fields().iter().skip(3) {
        known.insert(field.name().as_str());
        let Some(mapped) = map.columns.get(field.name()) else {
            continue;
        };
        let column = STATIC_NAMES
            .iter()
            .copied()
            .find(|name| name == field.name())
            .ok_or_else(|| format!("column `{}` cannot be filled from a sheet", field.name()))?;
        let kind = kind(column, field.data_type());
        let (from, unit) = match mapped {
            MappedColumn::Column { name, unit } => {
                (From::Column(name.trim().to_owned()), unit.as_deref())
            }
            MappedColumn::Value(value) => (From::Value(value.clone()), None),
        };
        let factor = unit.map_or(Ok(1), |unit| factor(column, kind, unit))?;
        filled.push(Filled {
            column,
            kind,
            from,
            factor,
        });
    }
    if let Some(unknown) = map
        .columns
        .keys()
        .find(|name| !known.contains(name.as_str()))
    {
        let known: Vec<&str> = known.into_iter().collect();
        return Err(format!(
            "table `{}` has no column `{unknown}`; expected one of {}",
            map.table,
            known.join(", ")
        ));
    }
    Ok(filled)
}

fn factor(column: &str, kind: Kind, unit: &str) -> Result<i64, String> {
    if !matches!(kind, Kind::Whole | Kind::Decimal) {
        return Err(format!(
            "column `{column}` holds no numbers and cannot have the unit `{unit}`"
        ));
    }
    unit_factor(unit).ok_or_else(|| {
        format!(
            "unit `{unit}` of column `{column}` is not known; expected B, KB, MB, GB, TB, PB, KiB, MiB, GiB, TiB, PiB or count"
        )
    })
}

/// Whether the table can be filled with these columns.
fn suffices(table: Table, filled: &[Filled]) -> Result<(), String> {
    let gives = |column: &str| filled.iter().any(|f| f.column == column);
    let lacking: Vec<&str> = needed(table)
        .iter()
        .copied()
        .filter(|column| !gives(column))
        .collect();
    if !lacking.is_empty() {
        return Err(format!(
            "the map gives no {}; table `{table}` cannot be filled without",
            lacking.join(", ")
        ));
    }
    if table == Table::Documents && !gives("text") && !gives("subject") {
        return Err(
            "the map gives neither text nor subject; table `documents` needs one of them"
                .to_owned(),
        );
    }
    Ok(())
}

/// `UTC`, `+02:00`, or a name of the IANA database as it is bundled, never the machine's own.
fn zone(name: &str) -> Result<TimeZone, String> {
    if name.eq_ignore_ascii_case("utc") || name == "Z" {
        return Ok(TimeZone::UTC);
    }
    if let Some(offset) = fixed_offset(name) {
        return Ok(TimeZone::fixed(offset));
    }
    TimeZoneDatabase::bundled()
        .get(name)
        .map_err(|_| format!("timezone `{name}` is not known; expected UTC, an offset such as +02:00, or a name such as Europe/Berlin"))
}

fn fixed_offset(text: &str) -> Option<Offset> {
    let sign = match text.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text[1..].split_once(':').unwrap_or((&text[1..], "0"));
    let seconds = (hours
        .parse::<i32>()
        .ok()?
        .checked_mul(60)?
        .checked_add(minutes.parse::<i32>().ok()?)?)
    .checked_mul(60)?;
    Offset::from_seconds(sign * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_every_table_can_be_filled() {
        for table in FILLABLE {
            for field in table.schema().fields().iter().skip(3) {
                assert!(
                    STATIC_NAMES.contains(&field.name().as_str()),
                    "{}",
                    field.name()
                );
            }
        }
    }

    #[test]
    fn zones_are_utc_offsets_or_names() {
        assert_eq!(zone("UTC"), Ok(TimeZone::UTC));
        assert!(zone("+05:30").is_ok() && zone("-03").is_ok());
        assert!(zone("Europe/Berlin").is_ok());
        assert!(zone("Atlantis/Capital").is_err_and(|e| e.contains("Atlantis")));
        assert!(zone("+999999999999:0").is_err());
        assert!(zone("").is_err());
    }
}
