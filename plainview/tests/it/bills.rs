//! Bills in the providers' own forms say what the same bill says as FOCUS.

use std::fs;
use std::path::{Path, PathBuf};

use plainview_synth::listings::{ListingRow, S3Encoding};
use serde_json::Value;

use crate::world::{DAY_MS, JANUARY_MS, arg, inventory, put, run};

const GIB: u64 = 1 << 30;

/// Ten GiB in one store through all of January, listed on its first and last days.
fn ten_gib(folder: &Path) -> PathBuf {
    let listed = folder.join("inventory");
    for (n, day) in [0, 31].into_iter().enumerate() {
        let rows = vec![ListingRow::new(
            "video/a.mp4",
            10 * GIB,
            JANUARY_MS - DAY_MS,
        )];
        let at = JANUARY_MS + day * DAY_MS;
        put(
            &listed.join(n.to_string()),
            &inventory("halden-media", at, S3Encoding::Parquet, rows),
        );
    }
    listed
}

/// Lines of a bill: usage type, unit, quantity. Two of them keep bytes; one is a fee for bytes no longer kept.
const LINES: &[(&str, &str, &str)] = &[
    ("EUC1-TimedStorage-ByteHrs", "GB-Mo", "6.5"),
    ("EUC1-TimedStorage-SIA-ByteHrs", "GB-Mo", "3.5"),
    ("EUC1-EarlyDelete-SIA", "GB-Mo", "40"),
    ("EUC1-Requests-Tier1", "Requests", "123456"),
    ("EUC1-DataTransfer-Out-Bytes", "GB", "77"),
    ("EUC1-TagStorage-TagHrs", "Tag-Mo", "9"),
];

fn focus() -> String {
    let mut text = String::from(
        "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,ChargeClass,ChargeDescription,ChargePeriodEnd,ChargePeriodStart,ContractedCost,EffectiveCost,InvoiceIssuerName,ListCost,PricingQuantity,PricingUnit,ProviderName,PublisherName,ServiceCategory,ServiceName,SubAccountId,RegionId,SkuMeter,ConsumedQuantity,ConsumedUnit\n",
    );
    for (meter, unit, quantity) in LINES {
        text += &format!(
            "1,999988887777,x,USD,2025-02-01T00:00:00Z,2025-01-01T00:00:00Z,Usage,,x,2025-02-01T00:00:00Z,2025-01-01T00:00:00Z,1,1,AWS,1,{quantity},{unit},AWS,AWS,Storage,Amazon Simple Storage Service,111122223333,eu-central-1,{meter},{quantity},{unit}\n"
        );
    }
    text
}

fn cur(legacy: bool) -> String {
    let header = "bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,lineItem/UsageAccountId,lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/UsageType,lineItem/UsageAmount,lineItem/CurrencyCode,lineItem/UnblendedCost,pricing/unit,product/region";
    let mut text = if legacy {
        header.to_owned()
    } else {
        let snake: String = header
            .chars()
            .flat_map(|c| match c {
                '/' => vec!['_'],
                c if c.is_uppercase() => vec!['_', c.to_ascii_lowercase()],
                c => vec![c],
            })
            .collect();
        snake.replace("__", "_")
    };
    text.push('\n');
    // A tax on the whole and a credit: neither keeps bytes.
    let kinds = LINES
        .iter()
        .map(|line| ("Usage", *line))
        .chain([("Tax", ("", "", "1")), ("Credit", LINES[0])]);
    for (kind, (meter, unit, quantity)) in kinds {
        text += &format!(
            "999988887777,2025-01-01 00:00:00,2025-02-01 00:00:00,111122223333,{kind},2025-01-01T00:00:00Z,2025-02-01T00:00:00Z,AmazonS3,{meter},{quantity},USD,1,{unit},eu-central-1\n"
        );
    }
    text
}

/// What the bill of January says beside the list: its amounts, and whether they agree.
fn compared(listed: &Path, folder: &Path, bill: &str) -> Value {
    let path = folder.join("bill.csv");
    fs::write(&path, bill).unwrap();
    let args = [
        "reconcile",
        arg(listed),
        arg(&path),
        "--account",
        "aws/111122223333",
        "--json",
    ];
    let value = run(&args).json();
    let rows: Vec<&Value> = value["reconciliation"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["month"] == "2025-01" && row["left"]["kind"] == "billed")
        .collect();
    assert_eq!(rows.len(), 1, "{value}");
    let mut row = rows[0].clone();
    for side in ["left", "right"] {
        row[side].as_object_mut().unwrap().remove("source");
        row[side].as_object_mut().unwrap().remove("sources");
    }
    row
}

#[test]
fn a_cost_and_usage_report_reconciles_as_focus_does() {
    let folder = tempfile::tempdir().unwrap();
    let listed = ten_gib(folder.path());
    let as_focus = compared(&listed, folder.path(), &focus());
    assert_eq!(as_focus["state"], "reconciled", "{as_focus}");
    assert_eq!(as_focus["left"]["kind"], "billed");
    for legacy in [true, false] {
        let as_cur = compared(&listed, folder.path(), &cur(legacy));
        assert_eq!(as_cur["state"], "reconciled", "{as_cur}");
        for field in ["left", "right", "resolution", "tau"] {
            assert_eq!(as_cur[field], as_focus[field], "{field}");
        }
    }
    // Twenty GiB-months billed and ten listed: the report shows it, in either form.
    let more = cur(true).replace(",6.5,", ",16.5,");
    assert_eq!(compared(&listed, folder.path(), &more)["state"], "gap");
}
