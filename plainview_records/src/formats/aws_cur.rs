//! `aws-cur`: charge lines of the AWS Cost and Usage Report, in its legacy form (CUR) and as CUR 2.0.
//!
//! **Files.** CSV with a header, gzip-compressed CSV, or Parquet, told by their first bytes, and the manifests beside them.
//! Column names are compared without regard to case and without `/` and `_`, so `lineItem/UsageAccountId` (legacy),
//! `lineitem_usageaccountid` and `line_item_usage_account_id` (Athena, Parquet, CUR 2.0) are one column. In CUR 2.0 `product` and
//! `resource_tags` are maps: JSON text in CSV, Arrow maps in Parquet. The header decides; a manifest's `columns` are not read,
//! because real ones name fewer columns than their files hold.
//!
//! **What becomes of it.** One row of `charges` per line:
//!
//! | `charges` | legacy column (CUR 2.0 spells it in snake case) |
//! |---|---|
//! | `account` | `lineItem/UsageAccountId`, else `bill/PayerAccountId` |
//! | `billing_account` | `bill/PayerAccountId`, else the account |
//! | `resource_id`, `container` | `lineItem/ResourceId`; the bucket, where it is the name or the ARN of one and the line is S3's |
//! | `region` | `product/regionCode`, else `product/region`, else `region` of the map `product` |
//! | `service_name` | `product/ProductName`, else `product_name` of the map `product`, else the product code |
//! | `service_category` | FOCUS category of `lineItem/ProductCode`, see `category.rs`; `Other` when it is not listed there |
//! | `charge_category` | by `lineItem/LineItemType`: usage of any kind is `Usage`; `Tax` and `Credit` are themselves; `Fee`, `RIFee`, `SavingsPlanRecurringFee`, `SavingsPlanUpfrontFee` are `Purchase`; `Refund`, `SavingsPlanNegation`, every discount and every other type are `Adjustment` |
//! | `description` | `lineItem/LineItemDescription` |
//! | `sku_id`, `sku_meter` | `product/sku`, `lineItem/UsageType` (`EUC1-TimedStorage-ByteHrs`, `Requests-Tier1`, `DataTransfer-Out-Bytes`) |
//! | `invoice_id`, `invoice_issuer` | `bill/InvoiceId`; `bill/InvoicingEntity`, else `lineItem/LegalEntity`, else `bill/BillingEntity` |
//! | `billing_start`, `billing_end` | `bill/BillingPeriodStartDate`, `bill/BillingPeriodEndDate` |
//! | `charge_start`, `charge_end` | `lineItem/UsageStartDate`, `lineItem/UsageEndDate`, else the two ends of `identity/TimeInterval` |
//! | `pricing_quantity`, `pricing_unit` | `lineItem/UsageAmount`, `pricing/unit` |
//! | `consumed_quantity`, `consumed_unit` | the same, of usage lines only |
//! | `billed_cost`, `list_cost` | `lineItem/UnblendedCost`, `pricing/publicOnDemandCost` |
//! | `effective_cost` | `savingsPlan/SavingsPlanEffectiveCost` of usage under a savings plan, `reservation/EffectiveCost` of `DiscountedUsage`; of a recurring plan fee the commitment left unused; of `RIFee` its unused parts; 0 of `SavingsPlanNegation` and `SavingsPlanUpfrontFee`; else the billed cost |
//! | `currency` | `lineItem/CurrencyCode` |
//! | `tags` | columns `resourceTags/...`, or the map `resource_tags`: a JSON object |
//!
//! `contracted_cost` and `charge_class` stay empty. `ResourceId`, descriptions and tags are masked. Times may be written with a
//! space or with `T` and `Z`; all are UTC.
//!
//! **Restated months.** AWS delivers a month again and again, each time as a whole under a new assembly. A file's assembly is
//! the `assemblyId` (CUR 2.0: `executionId`) of the manifest that names it, else the folder it lies in when that is named like an
//! assembly (a UUID, or a time and a UUID). Of two assemblies of one payer's month one is read: the one that the manifest above
//! the assemblies' own folders names, which AWS overwrites at each delivery; without it the later, where the folders' names begin
//! with their time. Files of the others are named in `cur-superseded`. When nothing says which is newer neither is read
//! (`cur-assemblies-undecided`): a month is never counted twice. Files that no manifest and no folder assigns are read together,
//! and `cur-month-in-several-files` says so unless their names differ in their chunk number only.
//!
//! **Traps.**
//! - A file with a header and no rows is sound: the account had no charges yet.
//! - Tag columns may differ in case only; each is kept under its own name.
//! - A file that a manifest names and that is not there is `cur-file-missing`.
//! - Rows that all lack the same last columns occur in resaved files (`cost-short-rows`).
//! - Account ids that lost their leading zeros, or are written as `1.1E+11`, are kept with a `cur-account-id` doubt.
//! - `EarlyDelete-*` lines are billed in GB-months for bytes that are no longer kept; the view of billed quantities leaves them out.

mod category;
mod deliveries;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::detect::Head;
use crate::formats::cost::{Bad, Row, Sheet, columns, read_file};
use crate::formats::focus::row::bucket;
use crate::formats::sheet::tally::Repeated;
use crate::formats::sheet::text::Delimiter;
use crate::formats::stream::Part;
use crate::run::Run;
use crate::tables::charges::ChargeRow;
use crate::times::parse_iso_ms;
use crate::{Effect, Error, Tokens};

columns! {
    also &[
        "resourceTags/*",
        "product: product_name, region",
        "manifest: assemblyId, executionId, reportKeys, dataFiles, billingPeriod",
    ];
    UsageAccount: "lineItem/UsageAccountId";
    LineItemType: "lineItem/LineItemType";
    UsageStart: "lineItem/UsageStartDate";
    UsageEnd: "lineItem/UsageEndDate";
    TimeInterval: "identity/TimeInterval";
    UnblendedCost: "lineItem/UnblendedCost";
    Currency: "lineItem/CurrencyCode";
    Payer: "bill/PayerAccountId";
    BillingStart: "bill/BillingPeriodStartDate";
    BillingEnd: "bill/BillingPeriodEndDate";
    InvoiceId: "bill/InvoiceId";
    InvoicingEntity: "bill/InvoicingEntity";
    BillingEntity: "bill/BillingEntity";
    LegalEntity: "lineItem/LegalEntity";
    ProductCode: "lineItem/ProductCode";
    UsageType: "lineItem/UsageType";
    ResourceId: "lineItem/ResourceId";
    UsageAmount: "lineItem/UsageAmount";
    Description: "lineItem/LineItemDescription";
    PricingUnit: "pricing/unit";
    PublicCost: "pricing/publicOnDemandCost";
    ProductName: "product/ProductName";
    RegionCode: "product/regionCode";
    Region: "product/region";
    Sku: "product/sku";
    PlanEffectiveCost: "savingsPlan/SavingsPlanEffectiveCost";
    PlanCommitment: "savingsPlan/TotalCommitmentToDate";
    PlanUsed: "savingsPlan/UsedCommitment";
    ReservedEffectiveCost: "reservation/EffectiveCost";
    UnusedUpfront: "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod";
    UnusedRecurring: "reservation/UnusedRecurringFee";
    Product: "product";
    Tags: "resource_tags";
}

/// How a report is read.
const SHEET: Sheet = Sheet {
    name: "a Cost and Usage Report",
    columns: SPELLINGS,
    needed: &[
        &[Column::UsageAccount as usize, Column::Payer as usize],
        &[Column::LineItemType as usize],
        &[Column::UsageStart as usize, Column::TimeInterval as usize],
        &[Column::UsageEnd as usize, Column::TimeInterval as usize],
        &[Column::UnblendedCost as usize],
    ],
    wanted: &[
        &[Column::Currency as usize],
        &[Column::BillingStart as usize],
        &[Column::BillingEnd as usize],
        &[Column::ProductCode as usize],
        &[Column::UsageType as usize],
        &[Column::UsageAmount as usize],
        &[Column::PricingUnit as usize],
        &[Column::ResourceId as usize],
        &[
            Column::RegionCode as usize,
            Column::Region as usize,
            Column::Product as usize,
        ],
    ],
    plain,
    family: tag_of,
    delimiter: Delimiter::Comma,
};

/// A column name as names are compared: lower case, without `/` and `_`.
fn plain(name: &str) -> String {
    name.trim()
        .chars()
        .filter(|c| !matches!(c, '/' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The tag that a column holds.
fn tag_of(name: &str) -> Option<&str> {
    ["resourceTags/", "resource_tags_", "resourcetags_"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
}

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    let has = |name: &str| head.columns.iter().any(|column| plain(column) == name);
    if has("lineitemlineitemtype") && (has("lineitemusagestartdate") || has("identitytimeinterval"))
    {
        return Some("columns lineItem/LineItemType and lineItem/UsageStartDate");
    }
    if head.is_json() && deliveries::is_manifest(head.text) {
        return Some("a manifest of a Cost and Usage Report");
    }
    None
}

/// Reads every file of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    let tokens = run.input.tokens.clone();
    for (file, bytes) in deliveries::plan(run, &SHEET) {
        read_file(run, &file, &SHEET, &mut |row, part| {
            let line = Line::read(row, part)?;
            line.push(file.no, row, &tokens, part);
            Ok(())
        })?;
        run.advance(bytes);
    }
    Ok(())
}

const ACCOUNT_ID: Repeated = Repeated {
    code: "cur-account-id",
    effect: Effect::Doubt,
    expected: "twelve digits",
    message: "account ids that are not twelve digits were kept as they are; a spreadsheet may have changed them",
};
const BACKWARD: Repeated = Repeated {
    code: "cost-period",
    effect: Effect::Doubt,
    expected: "an end after the start",
    message: "charge periods that end before they start were kept as they are",
};
const NO_BILL: Repeated = Repeated {
    code: "cur-no-billing-period",
    effect: Effect::Doubt,
    expected: "bill/BillingPeriodStartDate and bill/BillingPeriodEndDate",
    message: "rows that name no billing period carry the period of their charge instead",
};
const BAD_MAP: Repeated = Repeated {
    code: "cur-product-map",
    effect: Effect::Doubt,
    expected: "a JSON object of texts",
    message: "the map `product` cannot be read in some rows; region and service name may be missing there",
};

/// What is read of the map `product` of CUR 2.0.
#[derive(Debug, Default, Deserialize)]
struct ProductMap {
    product_name: Option<String>,
    region: Option<String>,
}

impl ProductMap {
    fn read(row: &Row<'_>, part: &mut Part) -> Self {
        let Some(text) = row.text(Column::Product as usize) else {
            return Self::default();
        };
        serde_json::from_str(text).unwrap_or_else(|_| {
            part.count(&BAD_MAP, "", row.no, "");
            Self::default()
        })
    }
}

/// What a line item is, as its type says.
fn charge_category(line_item_type: &str) -> &'static str {
    match line_item_type {
        "Usage" | "DiscountedUsage" | "SavingsPlanCoveredUsage" => "Usage",
        "Tax" => "Tax",
        "Credit" => "Credit",
        "Fee" | "RIFee" | "SavingsPlanRecurringFee" | "SavingsPlanUpfrontFee" => "Purchase",
        _ => "Adjustment",
    }
}

/// The parts of a line that can make it unusable, read.
struct Line {
    charge_start: i64,
    charge_end: i64,
    billing: (i64, i64),
    amount: Option<i128>,
    billed: Option<i128>,
    effective: Option<i128>,
    list: Option<i128>,
}

impl Line {
    fn read(row: &Row<'_>, part: &mut Part) -> Result<Self, Bad> {
        let (charge_start, charge_end) = charge_period(row)?;
        if charge_end <= charge_start {
            part.count(&BACKWARD, "", row.no, "");
        }
        let bill = (
            time(row, Column::BillingStart)?,
            time(row, Column::BillingEnd)?,
        );
        let billing = if let (Some(start), Some(end)) = bill {
            (start, end)
        } else {
            part.count(&NO_BILL, "", row.no, "");
            (charge_start, charge_end)
        };
        let billed = row.number(Column::UnblendedCost as usize, part)?;
        Ok(Line {
            charge_start,
            charge_end,
            billing,
            amount: row.number(Column::UsageAmount as usize, part)?,
            billed,
            effective: effective_cost(row, billed, part)?,
            list: row.number(Column::PublicCost as usize, part)?,
        })
    }

    fn push(&self, file_no: u32, row: &Row<'_>, tokens: &Tokens, part: &mut Part) {
        let near = Some(self.charge_start);
        let map = ProductMap::read(row, part);
        let text = |column: Column| row.text(column as usize);
        let account = row.first_or_unknown(
            &[Column::UsageAccount as usize, Column::Payer as usize],
            part,
        );
        if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
            part.count(&ACCOUNT_ID, "", row.no, "");
        }
        let code = row.first_or_unknown(&[Column::ProductCode as usize], part);
        let resource = text(Column::ResourceId);
        let category = charge_category(text(Column::LineItemType).unwrap_or_default());
        let (unit, is_usage) = (text(Column::PricingUnit), category == "Usage");
        let issuer = row.first_or_unknown(
            &[
                Column::InvoicingEntity as usize,
                Column::LegalEntity as usize,
                Column::BillingEntity as usize,
            ],
            part,
        );
        let currency = row.first_or_unknown(&[Column::Currency as usize], part);
        let tags = tags(row);
        part.observe_time(self.charge_start);
        part.observe_time(self.charge_end);
        part.charge(&ChargeRow {
            file_no,
            row_no: row.no,
            provider: "aws",
            billing_account: text(Column::Payer).unwrap_or(account),
            account,
            container: resource.and_then(|r| bucket(r, code)),
            region: row
                .first(&[Column::RegionCode as usize, Column::Region as usize])
                .or(map.region.as_deref()),
            resource_id: resource.map(|r| tokens.text(r, near)).as_deref(),
            service_category: category::of(code),
            service_name: text(Column::ProductName)
                .or(map.product_name.as_deref())
                .unwrap_or(code),
            charge_category: category,
            charge_class: None,
            description: text(Column::Description)
                .map(|d| tokens.text(d, near))
                .as_deref(),
            sku_id: text(Column::Sku),
            sku_meter: text(Column::UsageType),
            invoice_id: text(Column::InvoiceId),
            invoice_issuer: issuer,
            billing_start: self.billing.0,
            billing_end: self.billing.1,
            charge_start: self.charge_start,
            charge_end: self.charge_end,
            consumed_quantity: self.amount.filter(|_| is_usage),
            consumed_unit: unit.filter(|_| is_usage),
            pricing_quantity: self.amount,
            pricing_unit: unit,
            billed_cost: self.billed,
            effective_cost: self.effective,
            list_cost: self.list,
            contracted_cost: None,
            currency,
            tags: tags.as_deref().map(|t| tokens.text(t, near)).as_deref(),
        });
    }
}

/// A time that may be absent.
fn time(row: &Row<'_>, column: Column) -> Result<Option<i64>, Bad> {
    let Some(text) = row.text(column as usize) else {
        return Ok(None);
    };
    let ms = parse_iso_ms(text.as_bytes()).ok_or_else(|| Bad {
        column: row.name(column as usize),
        found: text.to_owned(),
        expected: "a time such as 2025-01-31T00:00:00Z",
    })?;
    Ok(Some(ms))
}

/// When the charge was incurred.
fn charge_period(row: &Row<'_>) -> Result<(i64, i64), Bad> {
    let interval = row
        .text(Column::TimeInterval as usize)
        .and_then(|text| text.split_once('/'));
    let end_of = |column: Column, of_interval: Option<&str>| {
        if let Some(ms) = time(row, column)? {
            return Ok(ms);
        }
        of_interval
            .and_then(|text| parse_iso_ms(text.trim().as_bytes()))
            .ok_or_else(|| Bad {
                column: row.name(column as usize),
                found: "nothing, and no TimeInterval".to_owned(),
                expected: "a time such as 2025-01-31T00:00:00Z",
            })
    };
    Ok((
        end_of(Column::UsageStart, interval.map(|(start, _)| start))?,
        end_of(Column::UsageEnd, interval.map(|(_, end)| end))?,
    ))
}

/// What the line costs once commitments are spread over what they cover.
fn effective_cost(
    row: &Row<'_>,
    billed: Option<i128>,
    part: &mut Part,
) -> Result<Option<i128>, Bad> {
    let mut number = |column: Column| row.number(column as usize, part);
    Ok(
        match row.text(Column::LineItemType as usize).unwrap_or_default() {
            "SavingsPlanCoveredUsage" => number(Column::PlanEffectiveCost)?,
            "DiscountedUsage" => number(Column::ReservedEffectiveCost)?,
            "SavingsPlanNegation" | "SavingsPlanUpfrontFee" => Some(0),
            "SavingsPlanRecurringFee" => {
                let (all, used) = (number(Column::PlanCommitment)?, number(Column::PlanUsed)?);
                all.zip(used).map(|(all, used)| all - used)
            }
            "RIFee" => {
                let upfront = number(Column::UnusedUpfront)?;
                let recurring = number(Column::UnusedRecurring)?;
                upfront.zip(recurring).map(|(a, b)| a + b)
            }
            _ => billed,
        },
    )
}

/// The tags of a row as a JSON object, if it has any.
fn tags(row: &Row<'_>) -> Option<String> {
    if let Some(map) = row.text(Column::Tags as usize) {
        return (map != "{}").then(|| map.to_owned());
    }
    let tags: BTreeMap<&str, &str> = row.family().collect();
    if tags.is_empty() {
        return None;
    }
    serde_json::to_string(&tags).ok()
}
