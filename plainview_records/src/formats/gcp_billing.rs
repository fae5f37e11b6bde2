//! `gcp-billing`: the standard and the detailed usage cost export of Google Cloud Billing to `BigQuery`, saved as CSV or JSON.
//!
//! **Files.** CSV whose header flattens the nested names (`service.description`, also `service_description`), Parquet of that
//! form, or JSON records as `BigQuery` saves them: one object per line, or an array. Any of the text forms may be
//! gzip-compressed. Numbers in JSON may be numbers or texts.
//!
//! **What becomes of it.** One row of `charges` per line, and one more per credit of the line, with the same row number:
//!
//! | `charges` | export field |
//! |---|---|
//! | `account` | `project.id`, else `billing_account_id` (taxes and support belong to no project) |
//! | `billing_account` | `billing_account_id` |
//! | `resource_id`, `container` | `resource.global_name`, else `resource.name` (detailed export); the bucket, where the service is Cloud Storage |
//! | `region` | `location.region`, else `location.location` |
//! | `service_name`, `service_category` | `service.description`, and its FOCUS category (`categories.rs`); `Other` when it is not listed there |
//! | `charge_category` | by `cost_type`: `regular` is `Usage`, `tax` is `Tax`, all others `Adjustment`; `Credit` for the row of a credit |
//! | `description` | of a credit its `full_name`, else its `name` |
//! | `sku_id`, `sku_meter` | `sku.id`, `sku.description` |
//! | `invoice_issuer` | `Google` |
//! | `billing_start`, `billing_end` | the month of `invoice.month`, else the calendar month of the charge |
//! | `charge_start`, `charge_end` | `usage_start_time`, `usage_end_time` |
//! | `consumed_quantity`, `consumed_unit` | `usage.amount`, `usage.unit`, of usage lines |
//! | `pricing_quantity`, `pricing_unit` | `usage.amount_in_pricing_units`, `usage.pricing_unit` |
//! | `billed_cost`, `effective_cost` | `cost`; of a credit its `amount`, which is negative |
//! | `list_cost` | `cost_at_list` |
//! | `currency` | `currency` |
//! | `tags` | `labels`, a JSON object of their keys and values |
//!
//! `cost` is the cost before credits, so a bill's total is the sum over both kinds of rows. Names, descriptions of credits and
//! labels are masked.
//!
//! **Traps.**
//! - Invoice months follow Pacific time; a charge of the first hours of a month may carry the month before.
//! - In CSV, credits and labels may be JSON or the text of Python lists (`[{'name': 'x', 'full_name': None}]`). Credits that
//!   cannot be read are a `gcp-credits` notice with their row: the line is kept, its credits are lost.
//! - Times end in `Z`, `+00:00` or ` UTC`. Numbers may be written `5e-06`.
//! - A byte is billed in `byte-seconds` and priced in `gibibyte month`; both are kept.

mod categories;
mod python;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::detect::Head;
use crate::formats::cost::json::first_character;
use crate::formats::cost::{Bad, Header, Row, Sheet, columns, read_file};
use crate::formats::sheet::tally::Repeated;
use crate::formats::sheet::text::Delimiter;
use crate::formats::stream::{Part, Take, json_file};
use crate::numbers::parse_decimal;
use crate::run::{Note, Run, SourceFile};
use crate::tables::charges::ChargeRow;
use crate::times::{DAY_MS, days_from_civil, parse_iso_ms};
use crate::{Effect, Error, Tokens};

columns! {
    also &["credits: name, full_name, amount", "labels: key, value"];
    BillingAccount: "billing_account_id";
    Service: "service.description";
    SkuId: "sku.id";
    Sku: "sku.description";
    Start: "usage_start_time";
    End: "usage_end_time";
    Project: "project.id";
    Labels: "labels";
    Location: "location.location";
    Region: "location.region";
    Cost: "cost";
    ListCost: "cost_at_list";
    Currency: "currency";
    Amount: "usage.amount";
    Unit: "usage.unit";
    PricingAmount: "usage.amount_in_pricing_units";
    PricingUnit: "usage.pricing_unit";
    Credits: "credits";
    InvoiceMonth: "invoice.month";
    CostType: "cost_type";
    ResourceName: "resource.name";
    GlobalName: "resource.global_name";
}

/// How an export is read.
const SHEET: Sheet = Sheet {
    name: "a Google Cloud billing export",
    columns: SPELLINGS,
    needed: &[
        &[Column::BillingAccount as usize, Column::Project as usize],
        &[Column::Start as usize],
        &[Column::End as usize],
        &[Column::Cost as usize],
    ],
    wanted: &[
        &[Column::Service as usize],
        &[Column::Sku as usize],
        &[Column::Currency as usize],
        &[Column::Amount as usize, Column::PricingAmount as usize],
        &[Column::Credits as usize],
        &[Column::CostType as usize],
    ],
    plain,
    family: no_family,
    delimiter: Delimiter::Comma,
};

/// A column name as names are compared: lower case, without `.` and `_`.
fn plain(name: &str) -> String {
    name.trim()
        .chars()
        .filter(|c| !matches!(c, '.' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

fn no_family(_name: &str) -> Option<&str> {
    None
}

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    let has = |name: &str| head.columns.iter().any(|column| plain(column) == name);
    if has("billingaccountid") && has("usagestarttime") && has("cost") {
        return Some("columns billing_account_id, usage_start_time and cost");
    }
    let is_json = head.is_json()
        && ["billing_account_id", "usage_start_time", "cost", "sku"]
            .iter()
            .all(|name| head.has_field(name));
    is_json.then_some("fields billing_account_id, usage_start_time, sku and cost")
}

/// Reads every file of the source.
pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    for file in run.plan_data() {
        let Some(hashes) = run.hash_once(&file) else {
            continue;
        };
        let tokens = run.input.tokens.clone();
        if matches!(first_character(&file.path), Some(b'{' | b'[')) {
            json_file(run, &file, &[], &|run: &Run<'_>, file: &SourceFile| {
                Records {
                    file_no: file.no,
                    header: Header::of(&SHEET),
                    tokens: run.input.tokens.clone(),
                }
            })?;
        } else {
            read_file(run, &file, &SHEET, &mut |row, part| {
                take(file.no, row, &tokens, part)
            })?;
        }
        run.advance(hashes.bytes);
    }
    Ok(())
}

const UNREAD: Repeated = Repeated {
    code: "cost-unread-columns",
    effect: Effect::Unread,
    expected: "",
    message: "fields outside the allow-list were not read",
};
const CREDITS: Repeated = Repeated {
    code: "gcp-credits",
    effect: Effect::Lost,
    expected: "a list of objects with name and amount",
    message: "credits that cannot be read were not used; the lines they belong to were",
};
const LABELS: Repeated = Repeated {
    code: "gcp-labels",
    effect: Effect::Doubt,
    expected: "a list of objects with key and value",
    message: "labels that cannot be read were left out",
};
const BACKWARD: Repeated = Repeated {
    code: "cost-period",
    effect: Effect::Doubt,
    expected: "an end after the start",
    message: "charge periods that end before they start were kept as they are",
};

/// Records of a JSON export, made into the rows that the CSV form has.
struct Records {
    file_no: u32,
    header: Header,
    tokens: Tokens,
}

impl Take for Records {
    fn take(&mut self, row: u64, record: &[u8], part: &mut Part) {
        let record: BTreeMap<String, Value> = match serde_json::from_slice(record) {
            Ok(record) => record,
            Err(error) => {
                let note = Note::lost("bad-row", "a record that is no JSON object was not used")
                    .row(row)
                    .measured(format!(
                        "{:?} error, column {}",
                        error.classify(),
                        error.column()
                    ))
                    .expected("a JSON object");
                part.note(note);
                return;
            }
        };
        let mut fields = vec![None; SPELLINGS.len()];
        for (name, value) in record {
            keep(&name, value, &mut fields, row, part);
        }
        let get = |place: usize| {
            fields
                .get(place)
                .and_then(|field: &Option<String>| field.as_deref())
        };
        let taken = Row::new(row, &self.header, &get);
        if let Err(bad) = take(self.file_no, &taken, &self.tokens, part) {
            part.note(bad.note(row));
        }
    }
}

/// Puts the fields of an object where the columns of the same names are; names of others are counted.
fn keep(name: &str, value: Value, fields: &mut [Option<String>], row: u64, part: &mut Part) {
    let place = SPELLINGS
        .iter()
        .position(|spellings| spellings.contains(&name));
    match (place, value) {
        (Some(place), Value::String(text)) => fields[place] = Some(text),
        (_, Value::Null) => {}
        (Some(place), value) => fields[place] = Some(value.to_string()),
        (None, Value::Object(inner)) if !name.contains('.') => {
            for (field, value) in inner {
                keep(&format!("{name}.{field}"), value, fields, row, part);
            }
        }
        (None, _) => part.count(&UNREAD, name, row, ""),
    }
}

/// A credit of a line.
#[derive(Debug, Deserialize)]
struct Credit {
    name: Option<String>,
    full_name: Option<String>,
    amount: Value,
}

/// A label.
#[derive(Debug, Deserialize)]
struct Label {
    key: String,
    value: Option<String>,
}

/// The elements of a list that is JSON or the text of a Python list.
fn list<T: for<'de> Deserialize<'de>>(text: &str) -> Option<Vec<T>> {
    serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&python::as_json(text)))
        .ok()
}

/// Takes a line and its credits.
fn take(file_no: u32, row: &Row<'_>, tokens: &Tokens, part: &mut Part) -> Result<(), Bad> {
    let line = Line::read(row, part)?;
    part.observe_time(line.charge.0);
    part.observe_time(line.charge.1);
    line.push(file_no, row, tokens, part);
    Ok(())
}

/// The parts of a line that can make it unusable, read.
struct Line<'r> {
    account: &'r str,
    billing_account: &'r str,
    charge: (i64, i64),
    billing: (i64, i64),
    amount: Option<i128>,
    pricing_amount: Option<i128>,
    cost: Option<i128>,
    list: Option<i128>,
}

impl<'r> Line<'r> {
    fn read(row: &Row<'r>, part: &mut Part) -> Result<Self, Bad> {
        let charge = (time(row, Column::Start)?, time(row, Column::End)?);
        if charge.1 <= charge.0 {
            part.count(&BACKWARD, "", row.no, "");
        }
        let billing_account = row.text(Column::BillingAccount as usize);
        let account = row
            .text(Column::Project as usize)
            .or(billing_account)
            .ok_or_else(|| Bad {
                column: row.name(Column::Project as usize),
                found: "nothing, and no billing_account_id".to_owned(),
                expected: "a project id",
            })?;
        Ok(Line {
            account,
            billing_account: billing_account.unwrap_or(account),
            charge,
            billing: billing_month(row, charge.0)?,
            amount: row.number(Column::Amount as usize, part)?,
            pricing_amount: row.number(Column::PricingAmount as usize, part)?,
            cost: row.number(Column::Cost as usize, part)?,
            list: row.number(Column::ListCost as usize, part)?,
        })
    }

    /// Appends the charge and one of each credit.
    fn push(&self, file_no: u32, row: &Row<'r>, tokens: &Tokens, part: &mut Part) {
        let text = |column: Column| row.text(column as usize);
        let near = Some(self.charge.0);
        let category = match text(Column::CostType) {
            None | Some("regular") => "Usage",
            Some("tax") => "Tax",
            Some(_) => "Adjustment",
        };
        let is_usage = category == "Usage";
        let service = row.first_or_unknown(&[Column::Service as usize], part);
        let labels = labels(row, part);
        let resource_id = row
            .first(&[Column::GlobalName as usize, Column::ResourceName as usize])
            .map(|r| tokens.text(r, near));
        let tags = labels.as_deref().map(|l| tokens.text(l, near));
        let line = ChargeRow {
            file_no,
            row_no: row.no,
            provider: "gcp",
            billing_account: self.billing_account,
            account: self.account,
            container: row
                .first(&[Column::ResourceName as usize, Column::GlobalName as usize])
                .filter(|_| service == "Cloud Storage")
                .map(bucket),
            region: row.first(&[Column::Region as usize, Column::Location as usize]),
            resource_id: resource_id.as_deref(),
            service_category: categories::of(service),
            service_name: service,
            charge_category: category,
            charge_class: None,
            description: None,
            sku_id: text(Column::SkuId),
            sku_meter: text(Column::Sku),
            invoice_id: None,
            invoice_issuer: "Google",
            billing_start: self.billing.0,
            billing_end: self.billing.1,
            charge_start: self.charge.0,
            charge_end: self.charge.1,
            consumed_quantity: self.amount.filter(|_| is_usage),
            consumed_unit: text(Column::Unit).filter(|_| is_usage),
            pricing_quantity: self.pricing_amount,
            pricing_unit: text(Column::PricingUnit),
            billed_cost: self.cost,
            effective_cost: self.cost,
            list_cost: self.list,
            contracted_cost: None,
            currency: row.first_or_unknown(&[Column::Currency as usize], part),
            tags: tags.as_deref(),
        };
        part.charge(&line);
        for (name, amount) in credits(row, part) {
            let description = name.as_deref().map(|n| tokens.text(n, near));
            part.charge(&credit_of(&line, description.as_deref(), amount));
        }
    }
}

/// The charge of a credit that was given on `line`.
fn credit_of<'c>(
    line: &ChargeRow<'c>,
    description: Option<&'c str>,
    amount: i128,
) -> ChargeRow<'c> {
    ChargeRow {
        charge_category: "Credit",
        description,
        consumed_quantity: None,
        consumed_unit: None,
        pricing_quantity: None,
        pricing_unit: None,
        billed_cost: Some(amount),
        effective_cost: Some(amount),
        list_cost: None,
        ..*line
    }
}

/// The bucket that a resource name of Cloud Storage ends in.
fn bucket(name: &str) -> &str {
    name.rsplit_once("buckets/")
        .map_or(name, |(_, bucket)| bucket)
}

/// The credits of a line that can be read: name and amount.
fn credits(row: &Row<'_>, part: &mut Part) -> Vec<(Option<String>, i128)> {
    let Some(text) = row
        .text(Column::Credits as usize)
        .filter(|text| *text != "[]")
    else {
        return Vec::new();
    };
    let read = |credit: Credit| {
        let amount = match &credit.amount {
            Value::String(text) => parse_decimal(text),
            Value::Number(number) => parse_decimal(&number.to_string()),
            _ => None,
        };
        Some((credit.full_name.or(credit.name), amount?.scaled))
    };
    let credits: Option<Vec<_>> =
        list::<Credit>(text).and_then(|all| all.into_iter().map(read).collect());
    credits.unwrap_or_else(|| {
        part.count(&CREDITS, "", row.no, "");
        Vec::new()
    })
}

/// The labels of a line as a JSON object.
fn labels(row: &Row<'_>, part: &mut Part) -> Option<String> {
    let text = row
        .text(Column::Labels as usize)
        .filter(|text| *text != "[]")?;
    let Some(labels) = list::<Label>(text) else {
        part.count(&LABELS, "", row.no, "");
        return None;
    };
    let map: BTreeMap<String, Option<String>> =
        labels.into_iter().map(|l| (l.key, l.value)).collect();
    serde_json::to_string(&map).ok()
}

fn time(row: &Row<'_>, column: Column) -> Result<i64, Bad> {
    let bad = |found: &str| Bad {
        column: row.name(column as usize),
        found: found.to_owned(),
        expected: "a time such as 2025-01-31 00:00:00+00:00",
    };
    let text = row.text(column as usize).ok_or_else(|| bad("nothing"))?;
    let plain = text.strip_suffix(" UTC").unwrap_or(text);
    parse_iso_ms(plain.as_bytes()).ok_or_else(|| bad(text))
}

/// The month of the invoice, else that of the charge; its end is exclusive.
fn billing_month(row: &Row<'_>, start: i64) -> Result<(i64, i64), Bad> {
    let month = match row.text(Column::InvoiceMonth as usize) {
        None => jiff::Timestamp::from_millisecond(start)
            .ok()
            .map(|instant| instant.to_zoned(jiff::tz::TimeZone::UTC).date())
            .map(|day| (i64::from(day.year()), i64::from(day.month()))),
        Some(text) => text
            .parse::<i64>()
            .ok()
            .filter(|_| text.len() == 6)
            .map(|number| (number / 100, number % 100)),
    };
    month
        .and_then(|(year, month)| {
            let (next_year, next) = if month == 12 {
                (year + 1, 1)
            } else {
                (year, month + 1)
            };
            let first = days_from_civil(year, month, 1)?;
            let end = days_from_civil(next_year, next, 1)?;
            Some((first * DAY_MS, end * DAY_MS))
        })
        .ok_or_else(|| Bad {
            column: row.name(Column::InvoiceMonth as usize),
            found: row
                .text(Column::InvoiceMonth as usize)
                .unwrap_or_default()
                .to_owned(),
            expected: "a month such as 202501",
        })
}
