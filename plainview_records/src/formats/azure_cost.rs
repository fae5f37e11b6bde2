//! `azure-cost`: charge lines of Azure Cost Management exports and usage-detail downloads.
//!
//! **Files.** CSV with a header (comma, semicolon, tab or bar), gzip-compressed CSV, or Parquet. Known header sets: enterprise
//! agreement 2019-10-01, 2021-10-01, 2023-12-01-preview (55 columns) and 2024-08-01 (57 columns), customer agreement in camel
//! case (about 60), pay-as-you-go (24), and the older enterprise usage details. Names are compared without regard to case,
//! spaces, `-` and `_`. A translated name with the English one behind it, `Ressourcengruppe (ResourceGroup)`, counts as the
//! English one; of names that are German alone those of the usage details are known. A byte-order mark is skipped.
//!
//! **What becomes of it.** One row of `charges` per line:
//!
//! | `charges` | export column, by its spellings |
//! |---|---|
//! | `account` | the storage account that the resource id names, in lower case, else `SubscriptionId`, `SubscriptionGuid` |
//! | `billing_account` | `BillingAccountId`, else the subscription |
//! | `resource_id` | `ResourceId`, `InstanceId`, `InstanceName`, in lower case because exports and logs differ in it |
//! | `region` | `ResourceLocationNormalized`, else `ResourceLocation`, as the region's id: `US East 2` and `EastUS2` are `eastus2` |
//! | `service_name` | `MeterCategory`, else `ServiceName`, `ConsumedService` |
//! | `service_category` | FOCUS category of the meter category, else of `ServiceFamily`, see `words.rs`; disks of machines (`Storage` consumed by `Microsoft.Compute`) are `Compute` |
//! | `charge_category` | by `ChargeType`: `Usage`, `Purchase`, `Tax` and `Credit` are themselves; all others are `Adjustment`, also what was reserved and not used, because it kept no bytes. Without the column, `Usage` |
//! | `description` | `ProductName`, `Product`, else `MeterSubCategory` |
//! | `sku_id`, `sku_meter` | `MeterId`, `MeterName` |
//! | `invoice_id`, `invoice_issuer` | `InvoiceId`; `ResellerName`, `PartnerName`, else `Microsoft` |
//! | `charge_start`, `charge_end` | `Date`, `UsageDateTime` and the day after: lines are kept per day (UTC) |
//! | `billing_start`, `billing_end` | `BillingPeriodStartDate`, and the day after `BillingPeriodEndDate`, which is the last day itself (the first day of a month is taken as the end it is); else the calendar month |
//! | `pricing_quantity`, `pricing_unit` | `Quantity`, `UsageQuantity`; `UnitOfMeasure`, whose leading count (`100 GB/Month`, `10K`) is part of the unit |
//! | `consumed_quantity`, `consumed_unit` | the same, of usage lines |
//! | `billed_cost`, `list_cost` | `CostInBillingCurrency`, `Cost`, `PreTaxCost`; `PaygCostInBillingCurrency` |
//! | `currency` | `BillingCurrency`, `BillingCurrencyCode`, `Currency` |
//! | `tags` | `Tags`; braces are put around `"k": "v","k2": "v2"` |
//!
//! `effective_cost` and `contracted_cost` stay empty: an export holds actual or amortised costs and does not say which. Resource
//! ids, descriptions and tags are masked. `AdditionalInfo` is never read.
//!
//! **Traps.**
//! - Dates are `MM/DD/YYYY` or ISO. The day never comes first; a file whose days do (`25/01/2025`) loses those rows, and
//!   `azure-cost-day-first` says that its other dates are then wrong too.
//! - Scheduled exports of a month to date hold the same lines again in each run. Of several runs of one period the last is
//!   read where their manifests tell it (`azure-cost-earlier-run` names the others), else none (`azure-cost-runs`).
//! - A line with neither a subscription nor a storage account belongs to nobody and is a bad row.
//! - Rows that all lack the same last columns occur (`cost-short-rows`).

mod runs;
mod words;

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::detect::Head;
use crate::formats::cost::{Bad, Row, Sheet, columns, read_file};
use crate::formats::focus::row::storage_account;
use crate::formats::sheet::tally::Repeated;
use crate::formats::sheet::text::Delimiter;
use crate::formats::stream::Part;
use crate::run::Run;
use crate::tables::charges::ChargeRow;
use crate::times::{DAY_MS, days_from_civil, parse_iso_ms};
use crate::{Effect, Error, Tokens};

columns! {
    also &["manifest: runInfo.submittedTime"];
    Subscription: "SubscriptionId" | "SubscriptionGuid" | "Abonnement-GUID" | "Abonnement-ID";
    Date: "Date" | "UsageDateTime" | "UsageDate" | "Datum";
    Cost: "CostInBillingCurrency" | "Cost" | "PreTaxCost" | "ExtendedCost" | "Kosten";
    Currency: "BillingCurrency" | "BillingCurrencyCode" | "Currency" | "Währung";
    Quantity: "Quantity" | "UsageQuantity" | "ConsumedQuantity" | "Menge";
    Unit: "UnitOfMeasure" | "Maßeinheit";
    MeterCategory: "MeterCategory" | "Kategorie der Verbrauchseinheit";
    MeterSubCategory: "MeterSubCategory";
    MeterId: "MeterId" | "ID der Verbrauchseinheit";
    MeterName: "MeterName" | "Name der Verbrauchseinheit";
    ServiceName: "ServiceName";
    ConsumedService: "ConsumedService" | "Genutzter Dienst";
    ServiceFamily: "ServiceFamily";
    ResourceId: "ResourceId" | "InstanceId" | "InstanceName";
    Location: "ResourceLocationNormalized" | "ResourceLocation" | "Ressourcenstandort";
    Product: "ProductName" | "Product";
    ChargeType: "ChargeType";
    PaygCost: "PaygCostInBillingCurrency";
    BillingAccount: "BillingAccountId";
    BillingStart: "BillingPeriodStartDate";
    BillingEnd: "BillingPeriodEndDate";
    InvoiceId: "InvoiceId";
    Reseller: "ResellerName" | "PartnerName";
    Tags: "Tags";
}

/// How an export is read.
const SHEET: Sheet = Sheet {
    name: "an Azure cost export",
    columns: SPELLINGS,
    needed: &[
        &[Column::Subscription as usize, Column::ResourceId as usize],
        &[Column::Date as usize],
        &[Column::Cost as usize],
    ],
    wanted: &[
        &[Column::Currency as usize],
        &[Column::Quantity as usize],
        &[Column::Unit as usize],
        &[Column::MeterCategory as usize],
        &[Column::ResourceId as usize],
        &[Column::Location as usize],
    ],
    plain,
    family: no_family,
    delimiter: Delimiter::Sniffed,
};

/// A column name as names are compared: the English one in parentheses where there is one, in lower case, letters and digits.
fn plain(name: &str) -> String {
    let name = name.trim();
    let english = name
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once('('))
        .map(|(_, english)| english)
        .filter(|english| english.chars().any(char::is_alphabetic));
    english
        .unwrap_or(name)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn no_family(_name: &str) -> Option<&str> {
    None
}

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    let names: BTreeSet<String> = head.columns.iter().map(|name| plain(name)).collect();
    let has = |column: Column| {
        SPELLINGS[column as usize]
            .iter()
            .any(|spelling| names.contains(&plain(spelling)))
    };
    let is_export = has(Column::Date)
        && has(Column::Cost)
        && has(Column::MeterCategory)
        && (has(Column::ConsumedService) || has(Column::MeterId));
    if is_export {
        return Some("columns of an Azure cost export: a date, a cost and MeterCategory");
    }
    (head.is_json() && runs::is_manifest(head.text)).then_some("a manifest of an Azure cost export")
}

/// Reads every file of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    let tokens = run.input.tokens.clone();
    for file in runs::plan(run) {
        let Some(hashes) = run.hash_once(&file) else {
            continue;
        };
        read_file(run, &file, &SHEET, &mut |row, part| {
            Line::read(row, part)?.push(file.no, row, &tokens, part)
        })?;
        run.advance(hashes.bytes);
    }
    Ok(())
}

const DAY_FIRST: Repeated = Repeated {
    code: "azure-cost-day-first",
    effect: Effect::Doubt,
    expected: "MM/DD/YYYY",
    message: "dates whose day comes first were found; the days and months of other dates in this file may be exchanged",
};

/// The parts of a line that can make it unusable, read.
struct Line<'r> {
    day: i64,
    billing: (i64, i64),
    resource: Option<String>,
    subscription: Option<&'r str>,
    quantity: Option<i128>,
    billed: Option<i128>,
    list: Option<i128>,
}

impl<'r> Line<'r> {
    fn read(row: &Row<'r>, part: &mut Part) -> Result<Self, Bad> {
        let day = date(row, Column::Date, part)?.ok_or_else(|| Bad {
            column: row.name(Column::Date as usize),
            found: "nothing".to_owned(),
            expected: "a date such as 01/31/2025 or 2025-01-31",
        })?;
        Ok(Line {
            day,
            billing: billing_period(row, day, part)?,
            resource: row.text(Column::ResourceId as usize).map(str::to_lowercase),
            subscription: row.text(Column::Subscription as usize),
            quantity: row.number(Column::Quantity as usize, part)?,
            billed: row.number(Column::Cost as usize, part)?,
            list: row.number(Column::PaygCost as usize, part)?,
        })
    }

    /// Appends the charge, unless it belongs to nobody.
    fn push(
        &self,
        file_no: u32,
        row: &Row<'r>,
        tokens: &Tokens,
        part: &mut Part,
    ) -> Result<(), Bad> {
        let text = |column: Column| row.text(column as usize);
        let near = Some(self.day);
        let resource = self.resource.as_deref();
        let named = resource.and_then(storage_account);
        let account = named.as_deref().or(self.subscription).ok_or_else(|| Bad {
            column: row.name(Column::Subscription as usize),
            found: "nothing, and no storage account".to_owned(),
            expected: "a subscription id",
        })?;
        let kind = text(Column::ChargeType).unwrap_or("Usage");
        let (unit, is_used) = (text(Column::Unit), kind.eq_ignore_ascii_case("usage"));
        let service = row.first_or_unknown(SERVICE, part);
        let consumed_by = text(Column::ConsumedService).unwrap_or_default();
        let tags = text(Column::Tags).and_then(tags);
        let currency = row.first_or_unknown(&[Column::Currency as usize], part);
        part.observe_time(self.day);
        part.observe_time(self.day + DAY_MS);
        part.charge(&ChargeRow {
            file_no,
            row_no: row.no,
            provider: "azure",
            billing_account: text(Column::BillingAccount)
                .or(self.subscription)
                .unwrap_or(account),
            account,
            container: None,
            region: text(Column::Location).map(words::region).as_deref(),
            resource_id: resource.map(|id| tokens.text(id, near)).as_deref(),
            service_category: words::category(service, text(Column::ServiceFamily), consumed_by),
            service_name: service,
            charge_category: words::charge_category(kind),
            charge_class: None,
            description: row
                .first(&[Column::Product as usize, Column::MeterSubCategory as usize])
                .map(|t| tokens.text(t, near))
                .as_deref(),
            sku_id: text(Column::MeterId),
            sku_meter: text(Column::MeterName),
            invoice_id: text(Column::InvoiceId),
            invoice_issuer: text(Column::Reseller).unwrap_or("Microsoft"),
            billing_start: self.billing.0,
            billing_end: self.billing.1,
            charge_start: self.day,
            charge_end: self.day + DAY_MS,
            consumed_quantity: self.quantity.filter(|_| is_used),
            consumed_unit: unit.filter(|_| is_used),
            pricing_quantity: self.quantity,
            pricing_unit: unit,
            billed_cost: self.billed,
            effective_cost: None,
            list_cost: self.list,
            contracted_cost: None,
            currency,
            tags: tags.as_deref().map(|t| tokens.text(t, near)).as_deref(),
        });
        Ok(())
    }
}

/// The columns that name the service, best first.
const SERVICE: &[usize] = &[
    Column::MeterCategory as usize,
    Column::ServiceName as usize,
    Column::ConsumedService as usize,
];

/// Tags as a JSON object, if there are any.
fn tags(text: &str) -> Option<Cow<'_, str>> {
    match text {
        "{}" => None,
        _ if text.starts_with('"') => Some(Cow::Owned(format!("{{{text}}}"))),
        _ => Some(Cow::Borrowed(text)),
    }
}

/// A day, milliseconds since 1970 UTC.
fn date(row: &Row<'_>, column: Column, part: &mut Part) -> Result<Option<i64>, Bad> {
    let Some(text) = row.text(column as usize) else {
        return Ok(None);
    };
    if let Some(ms) = parse_iso_ms(text.as_bytes()).or_else(|| month_first(text)) {
        return Ok(Some(ms - ms.rem_euclid(DAY_MS)));
    }
    if day_first(text) {
        part.count(&DAY_FIRST, row.name(column as usize), row.no, text);
    }
    Err(Bad {
        column: row.name(column as usize),
        found: text.to_owned(),
        expected: "a date such as 01/31/2025 or 2025-01-31",
    })
}

/// The three numbers of `a/b/yyyy`, with or without a time behind it.
fn slashed(text: &str) -> Option<(i64, i64, i64)> {
    let mut parts = text.split(' ').next()?.split('/');
    let mut number = |digits: std::ops::RangeInclusive<usize>| -> Option<i64> {
        let part = parts.next()?;
        let is_number = digits.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        part.parse().ok().filter(|_| is_number)
    };
    let all = (number(1..=2)?, number(1..=2)?, number(4..=4)?);
    parts.next().is_none().then_some(all)
}

fn month_first(text: &str) -> Option<i64> {
    let (month, day, year) = slashed(text)?;
    days_from_civil(year, month, day).map(|days| days * DAY_MS)
}

fn day_first(text: &str) -> bool {
    slashed(text).is_some_and(|(day, month, year)| days_from_civil(year, month, day).is_some())
}

/// The bill's period, its end exclusive; without one the calendar month of `day`.
fn billing_period(row: &Row<'_>, day: i64, part: &mut Part) -> Result<(i64, i64), Bad> {
    let start = date(row, Column::BillingStart, part)?;
    let last = date(row, Column::BillingEnd, part)?;
    if let Some((start, last)) = start.zip(last) {
        let is_end = last > start && month_of(last).0 == last;
        return Ok((start, if is_end { last } else { last + DAY_MS }));
    }
    Ok(month_of(day))
}

/// The calendar month that a day lies in.
fn month_of(day: i64) -> (i64, i64) {
    let civil = jiff::Timestamp::from_millisecond(day)
        .map(|instant| instant.to_zoned(jiff::tz::TimeZone::UTC).date())
        .unwrap_or_default();
    let start = days_from_civil(civil.year().into(), civil.month().into(), 1).unwrap_or_default();
    (
        start * DAY_MS,
        (start + i64::from(civil.days_in_month())) * DAY_MS,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_their_english_form() {
        assert_eq!(plain("Ressourcengruppe (ResourceGroup)"), "resourcegroup");
        assert_eq!(plain("Dienstinformation 1 (ServiceInfo1)"), "serviceinfo1");
        assert_eq!(plain("billing_account-Id "), "billingaccountid");
        assert_eq!(plain("Maßeinheit"), "maßeinheit");
        assert_eq!(plain("Preis (€)"), "preis");
    }

    #[test]
    fn days_and_months_are_told_apart() {
        assert_eq!(month_first("02/01/2021"), Some(1_612_137_600_000));
        assert_eq!(month_first("9/2/2023"), Some(1_693_612_800_000));
        assert_eq!(month_first("09/02/2023 00:00:00"), Some(1_693_612_800_000));
        assert_eq!(month_first("25/01/2025"), None);
        assert!(day_first("25/01/2025"));
        assert!(!day_first("2025-01-25"));
        assert_eq!(month_first("3/1/21"), None);
        // February 2024: 29 days.
        assert_eq!(
            month_of(1_708_473_600_000),
            (1_706_745_600_000, 1_709_251_200_000)
        );
    }
}
