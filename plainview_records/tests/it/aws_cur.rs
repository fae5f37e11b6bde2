//! Tests of the aws-cur reader.

use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{MapBuilder, StringBuilder};
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use plainview_records::{Collected, Effect, Format, SourceInput, SourceReport, Table, detect};

use crate::support::{Folder, codes, column, gzip, only, read, shared_data, with_effect};

const OLD: &str = "0a1b2c3d-0000-4000-8000-000000000001";
const NEW: &str = "0a1b2c3d-0000-4000-8000-000000000002";
const TIMED_OLD: &str = "20250203T010000.000Z-0a1b2c3d-0000-4000-8000-000000000003";
const TIMED_NEW: &str = "20250204T010000.000Z-0a1b2c3d-0000-4000-8000-000000000004";

/// The columns of a small report, and a whole line of S3 storage.
const LINE: &[(&str, &str)] = &[
    ("identity/LineItemId", "line-1"),
    (
        "identity/TimeInterval",
        "2025-01-05T00:00:00Z/2025-01-06T00:00:00Z",
    ),
    ("bill/InvoiceId", "INV-7"),
    ("bill/InvoicingEntity", "Amazon Web Services EMEA SARL"),
    ("bill/BillingEntity", "AWS"),
    ("bill/PayerAccountId", "123456789012"),
    ("bill/BillingPeriodStartDate", "2025-01-01T00:00:00Z"),
    ("bill/BillingPeriodEndDate", "2025-02-01T00:00:00Z"),
    ("lineItem/UsageAccountId", "111122223333"),
    ("lineItem/LineItemType", "Usage"),
    ("lineItem/UsageStartDate", "2025-01-05 00:00:00"),
    ("lineItem/UsageEndDate", "2025-01-06 00:00:00"),
    ("lineItem/ProductCode", "AmazonS3"),
    ("lineItem/UsageType", "EUC1-TimedStorage-ByteHrs"),
    ("lineItem/Operation", "StandardStorage"),
    ("lineItem/ResourceId", "halden-media"),
    ("lineItem/UsageAmount", "12.5"),
    ("lineItem/CurrencyCode", "USD"),
    ("lineItem/UnblendedCost", "0.30625"),
    (
        "lineItem/LineItemDescription",
        "$0.0245 per GB - first 50 TB / month of storage used",
    ),
    ("pricing/unit", "GB-Mo"),
    ("pricing/publicOnDemandCost", "0.31"),
    ("product/ProductName", "Amazon Simple Storage Service"),
    ("product/region", "eu-central-1"),
    ("product/sku", "QWERTY123"),
    ("reservation/EffectiveCost", ""),
    ("savingsPlan/SavingsPlanEffectiveCost", ""),
    ("savingsPlan/TotalCommitmentToDate", ""),
    ("savingsPlan/UsedCommitment", ""),
    ("resourceTags/user:Owner", "media"),
    ("resourceTags/user:owner", "call +972 50 123 4567"),
];

/// CSV of one row per list of changes to the whole line; `spell` writes the header.
fn csv_of(spell: impl Fn(&str) -> String, rows: &[&[(&str, &str)]]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(LINE.iter().map(|(name, _)| spell(name)))
        .unwrap();
    for changes in rows {
        writer
            .write_record(LINE.iter().map(|(name, value)| {
                changes
                    .iter()
                    .find(|(changed, _)| changed == name)
                    .map_or(*value, |(_, new)| *new)
            }))
            .unwrap();
    }
    writer.into_inner().unwrap()
}

fn legacy(rows: &[&[(&str, &str)]]) -> Vec<u8> {
    csv_of(str::to_owned, rows)
}

fn read_bytes(bytes: &[u8]) -> (Collected, SourceReport) {
    let folder = Folder::new();
    folder.write("report-1.csv", bytes);
    read(&folder.input(Format::AwsCur, &["report-1.csv"]))
}

fn charges(sink: &Collected) -> RecordBatch {
    sink.table(Table::Charges).unwrap()
}

#[test]
fn a_legacy_line_becomes_a_charge() {
    let (sink, report) = read_bytes(&legacy(&[&[]]));
    let rows = charges(&sink);
    let expected = [
        ("provider", "aws"),
        ("account", "111122223333"),
        ("billing_account", "123456789012"),
        ("container", "halden-media"),
        ("resource_id", "halden-media"),
        ("region", "eu-central-1"),
        ("service_category", "Storage"),
        ("service_name", "Amazon Simple Storage Service"),
        ("charge_category", "Usage"),
        ("charge_class", "-"),
        ("sku_id", "QWERTY123"),
        ("sku_meter", "EUC1-TimedStorage-ByteHrs"),
        ("invoice_id", "INV-7"),
        ("invoice_issuer", "Amazon Web Services EMEA SARL"),
        ("billing_start", "2025-01-01T00:00:00Z"),
        ("billing_end", "2025-02-01T00:00:00Z"),
        ("charge_start", "2025-01-05T00:00:00Z"),
        ("charge_end", "2025-01-06T00:00:00Z"),
        ("consumed_quantity", "12.500000000000"),
        ("consumed_unit", "GB-Mo"),
        ("pricing_quantity", "12.500000000000"),
        ("billed_cost", "0.306250000000"),
        ("effective_cost", "0.306250000000"),
        ("list_cost", "0.310000000000"),
        ("contracted_cost", "-"),
        ("currency", "USD"),
    ];
    for (name, value) in expected {
        assert_eq!(column(&rows, name), [value], "{name}");
    }
    assert_eq!(codes(&sink.notices), ["cost-unread-columns"]);
    let unread = &only(&sink.notices, "cost-unread-columns").found;
    assert!(unread.contains("lineItem/Operation"), "{unread}");
    assert!(!unread.contains("resourceTags"), "{unread}");
    assert_eq!(report.rows[&Table::Charges], 1);
    assert_eq!(
        report.time_range,
        Some((1_736_035_200_000, 1_736_121_600_000))
    );
}

#[test]
fn tags_that_differ_in_case_are_both_kept_and_masked() {
    let (sink, _) = read_bytes(&legacy(&[&[]]));
    let tags = column(&charges(&sink), "tags").remove(0);
    assert!(tags.contains("\"user:Owner\":\"media\""), "{tags}");
    assert!(tags.contains("\"user:owner\":\"call "), "{tags}");
    assert!(
        !tags.contains("123 4567") && !tags.contains("1234567"),
        "{tags}"
    );
}

#[test]
fn every_spelling_of_the_header_means_the_same() {
    let snake = |name: &str| {
        let mut out = String::new();
        for c in name.replace('/', "_").chars() {
            if c.is_uppercase() && !out.ends_with(['_', ':']) {
                out.push('_');
            }
            out.extend(c.to_lowercase());
        }
        out
    };
    let (plain, _) = read_bytes(&legacy(&[&[]]));
    let forms: [Vec<u8>; 2] = [
        csv_of(snake, &[&[]]),
        csv_of(|name| name.to_lowercase().replace('/', "_"), &[&[]]),
    ];
    for form in forms {
        let (sink, _) = read_bytes(&form);
        let (ours, theirs) = (charges(&sink), charges(&plain));
        for name in [
            "account",
            "charge_start",
            "sku_meter",
            "billed_cost",
            "container",
            "region",
        ] {
            assert_eq!(column(&ours, name), column(&theirs, name), "{name}");
        }
        assert_ne!(column(&ours, "tags"), ["-"]);
    }
}

#[test]
fn line_item_types_decide_category_quantity_and_effective_cost() {
    let plan = [
        ("savingsPlan/SavingsPlanEffectiveCost", "0.2"),
        ("savingsPlan/TotalCommitmentToDate", "5"),
        ("savingsPlan/UsedCommitment", "3.5"),
        ("reservation/EffectiveCost", "0.1"),
    ];
    // Type, category, consumed quantity, effective cost of a line billed 0.30625.
    let cases = [
        ("Usage", "Usage", "12.500000000000", "0.306250000000"),
        (
            "DiscountedUsage",
            "Usage",
            "12.500000000000",
            "0.100000000000",
        ),
        (
            "SavingsPlanCoveredUsage",
            "Usage",
            "12.500000000000",
            "0.200000000000",
        ),
        ("SavingsPlanNegation", "Adjustment", "-", "0.000000000000"),
        ("SavingsPlanRecurringFee", "Purchase", "-", "1.500000000000"),
        ("SavingsPlanUpfrontFee", "Purchase", "-", "0.000000000000"),
        ("RIFee", "Purchase", "-", "-"),
        ("Fee", "Purchase", "-", "0.306250000000"),
        ("Tax", "Tax", "-", "0.306250000000"),
        ("Credit", "Credit", "-", "0.306250000000"),
        ("Refund", "Adjustment", "-", "0.306250000000"),
        ("EdpDiscount", "Adjustment", "-", "0.306250000000"),
    ];
    let rows: Vec<Vec<(&str, &str)>> = cases
        .iter()
        .map(|(kind, ..)| {
            let mut row = plan.to_vec();
            row.push(("lineItem/LineItemType", kind));
            row
        })
        .collect();
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    let (sink, _) = read_bytes(&legacy(&rows));
    let charges = charges(&sink);
    let (category, quantity, effective) = (
        column(&charges, "charge_category"),
        column(&charges, "consumed_quantity"),
        column(&charges, "effective_cost"),
    );
    for (n, case) in cases.iter().enumerate() {
        let got = (
            case.0,
            category[n].as_str(),
            quantity[n].as_str(),
            effective[n].as_str(),
        );
        assert_eq!(got, *case);
    }
}

#[test]
fn missing_times_come_from_the_interval_and_bad_ones_lose_their_row() {
    let rows: &[&[(&str, &str)]] = &[
        &[
            ("lineItem/UsageStartDate", ""),
            ("lineItem/UsageEndDate", ""),
        ],
        &[("lineItem/UsageStartDate", "yesterday")],
        &[("lineItem/UsageEndDate", ""), ("identity/TimeInterval", "")],
        &[("lineItem/UnblendedCost", "twelve")],
        &[("bill/BillingPeriodEndDate", "")],
    ];
    let (sink, _) = read_bytes(&legacy(rows));
    let charges = charges(&sink);
    assert_eq!(column(&charges, "row_no"), ["1", "5"]);
    assert_eq!(column(&charges, "charge_end"), ["2025-01-06T00:00:00Z"; 2]);
    assert_eq!(
        column(&charges, "billing_end"),
        ["2025-02-01T00:00:00Z", "2025-01-06T00:00:00Z"]
    );
    let lost: Vec<(Option<u64>, &str)> = sink
        .notices
        .iter()
        .filter(|n| n.code == "bad-row")
        .map(|n| (n.row, n.found.as_str()))
        .collect();
    assert_eq!(
        lost,
        [
            (Some(2), "lineItem/UsageStartDate: yesterday"),
            (
                Some(3),
                "lineItem/UsageEndDate: nothing, and no TimeInterval"
            ),
            (Some(4), "lineItem/UnblendedCost: twelve"),
        ]
    );
    assert_eq!(
        only(&sink.notices, "cur-no-billing-period").rows_affected,
        1
    );
}

#[test]
fn widths_are_judged_by_the_first_row() {
    let whole = String::from_utf8(legacy(&[&[], &[], &[]])).unwrap();
    let mut lines: Vec<String> = whole.lines().map(str::to_owned).collect();
    // The last two columns are tags: all rows lack one, and the third has been cut short.
    lines[1] = lines[1].rsplit_once(',').unwrap().0.to_owned();
    lines[2] = lines[2].rsplit_once(',').unwrap().0.to_owned();
    lines[3] = lines[3].split(',').take(5).collect::<Vec<_>>().join(",");
    let (sink, _) = read_bytes(lines.join("\n").as_bytes());
    assert_eq!(charges(&sink).num_rows(), 2);
    assert_eq!(only(&sink.notices, "cost-short-rows").rows_affected, 2);
    let bad = only(&sink.notices, "bad-row");
    assert_eq!((bad.row, bad.found.as_str()), (Some(3), "5 fields"));
}

#[test]
fn empty_truncated_and_foreign_files_are_said() {
    let header_only = legacy(&[]);
    let (sink, report) = read_bytes(&header_only);
    assert_eq!(with_effect(&sink.notices, Effect::Lost), [""; 0]);
    assert_eq!(report.rows.get(&Table::Charges), None);

    let (sink, _) = read_bytes(b"");
    assert_eq!(with_effect(&sink.notices, Effect::Lost), ["empty-file"]);

    let packed = gzip(&legacy(&[&[], &[]]));
    let (sink, _) = read_bytes(&packed[..packed.len() - 12]);
    assert_eq!(with_effect(&sink.notices, Effect::Lost), ["file-damaged"]);

    let (sink, _) = read_bytes(b"a,b\n1,2\n");
    let note = only(&sink.notices, "cost-missing-columns");
    assert_eq!(note.effect, Effect::Lost);
    assert!(
        note.expected
            .starts_with("lineItem/UsageAccountId, lineItem/LineItemType")
    );

    let (sink, _) = read_bytes(b"PAR1 and no more");
    assert_eq!(with_effect(&sink.notices, Effect::Lost), ["file-damaged"]);
    let (sink, _) = read_bytes(b"ORC and no more");
    assert_eq!(
        with_effect(&sink.notices, Effect::Lost),
        ["cost-not-readable"]
    );
}

/// A report of CUR 2.0: the map columns as JSON text.
const CUR_2: &str = "bill_payer_account_id,bill_billing_period_start_date,bill_billing_period_end_date,line_item_usage_account_id,line_item_line_item_type,line_item_usage_start_date,line_item_usage_end_date,line_item_product_code,line_item_usage_type,line_item_resource_id,line_item_usage_amount,line_item_currency_code,line_item_unblended_cost,pricing_unit,line_item_iam_principal,product,resource_tags\n\
123456789012,2025-01-01T00:00:00.000Z,2025-02-01T00:00:00.000Z,111122223333,Usage,2025-01-05T00:00:00.000Z,2025-01-06T00:00:00.000Z,AmazonS3,Requests-Tier1,arn:aws:s3:::halden-media,1000,USD,5.0E-3,Requests,arn:aws:iam::111122223333:user/someone,\"{\"\"product_name\"\":\"\"Amazon Simple Storage Service\"\",\"\"region\"\":\"\"eu-central-1\"\",\"\"group\"\":\"\"S3-API-Tier1\"\"}\",\"{\"\"user_owner\"\":\"\"media\"\"}\"\n\
123456789012,2025-01-01T00:00:00.000Z,2025-02-01T00:00:00.000Z,111122223333,Usage,2025-01-05T00:00:00.000Z,2025-01-06T00:00:00.000Z,AmazonS3,DataTransfer-Out-Bytes,halden-media,2,USD,0.18,GB,,not json,{}\n";

#[test]
fn cur_2_in_csv_carries_maps_as_json_text() {
    for bytes in [CUR_2.as_bytes().to_vec(), gzip(CUR_2.as_bytes())] {
        let (sink, _) = read_bytes(&bytes);
        let rows = charges(&sink);
        assert_eq!(column(&rows, "container"), ["halden-media"; 2]);
        assert_eq!(column(&rows, "region"), ["eu-central-1", "-"]);
        assert_eq!(
            column(&rows, "service_name"),
            ["Amazon Simple Storage Service", "AmazonS3"]
        );
        assert_eq!(column(&rows, "tags"), ["{\"user_owner\":\"media\"}", "-"]);
        assert_eq!(
            column(&rows, "billed_cost"),
            ["0.005000000000", "0.180000000000"]
        );
        assert_eq!(
            column(&rows, "sku_meter"),
            ["Requests-Tier1", "DataTransfer-Out-Bytes"]
        );
        assert_eq!(only(&sink.notices, "cur-product-map").row, Some(2));
        assert_eq!(
            only(&sink.notices, "cost-unread-columns").found,
            "line_item_iam_principal"
        );
    }
}

/// A report of CUR 2.0 with Arrow maps.
fn cur_2_batch() -> RecordBatch {
    let text = |value: &str| Arc::new(StringArray::from(vec![value])) as ArrayRef;
    let at = |ms: i64| Arc::new(TimestampMillisecondArray::from(vec![ms])) as ArrayRef;
    let map = |pairs: &[(&str, &str)]| {
        let mut builder = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
        for (key, value) in pairs {
            builder.keys().append_value(key);
            builder.values().append_value(value);
        }
        builder.append(true).unwrap();
        Arc::new(builder.finish()) as ArrayRef
    };
    RecordBatch::try_from_iter([
        ("bill_payer_account_id", text("123456789012")),
        ("bill_billing_period_start_date", at(1_735_689_600_000)),
        ("bill_billing_period_end_date", at(1_738_368_000_000)),
        ("line_item_usage_account_id", text("111122223333")),
        ("line_item_line_item_type", text("Usage")),
        ("line_item_usage_start_date", at(1_736_035_200_000)),
        ("line_item_usage_end_date", at(1_736_121_600_000)),
        ("line_item_product_code", text("AmazonS3")),
        ("line_item_usage_type", text("TimedStorage-ByteHrs")),
        ("line_item_resource_id", text("halden-media")),
        (
            "line_item_usage_amount",
            Arc::new(Float64Array::from(vec![0.1])) as ArrayRef,
        ),
        ("line_item_currency_code", text("EUR")),
        (
            "line_item_unblended_cost",
            Arc::new(Float64Array::from(vec![2.3e-5])) as ArrayRef,
        ),
        ("pricing_unit", text("GB-Mo")),
        ("line_item_user_identifier", text("planted-user")),
        (
            "product",
            map(&[
                ("product_name", "Amazon Simple Storage Service"),
                ("region", "eu-north-1"),
            ]),
        ),
        (
            "resource_tags",
            map(&[("user_team", "video"), ("user_cost", "7")]),
        ),
    ])
    .unwrap()
}

#[test]
fn cur_2_in_parquet_carries_arrow_maps() {
    let batch = cur_2_batch();
    let folder = Folder::new();
    let path = folder.path().join("cur2-00001.snappy.parquet");
    let file = std::fs::File::create(&path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    assert_eq!(detect(&path).unwrap().format, Format::AwsCur);
    let (sink, _) = read(&folder.input(Format::AwsCur, &["*.parquet"]));
    let rows = charges(&sink);
    let expected = [
        ("region", "eu-north-1"),
        ("service_name", "Amazon Simple Storage Service"),
        ("consumed_quantity", "0.100000000000"),
        ("billed_cost", "0.000023000000"),
        ("charge_start", "2025-01-05T00:00:00Z"),
        ("billing_end", "2025-02-01T00:00:00Z"),
        ("tags", "{\"user_cost\":\"7\",\"user_team\":\"video\"}"),
    ];
    for (name, value) in expected {
        assert_eq!(column(&rows, name), [value], "{name}");
    }
    assert_eq!(
        only(&sink.notices, "cost-unread-columns").found,
        "line_item_user_identifier"
    );
}

fn manifest(assembly: &str, keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("\"{key}\"")).collect();
    format!(
        "{{\"assemblyId\": \"{assembly}\", \"account\": \"123456789012\", \"columns\": [{{\"category\": \"lineItem\", \"name\": \"UsageType\"}}], \"billingPeriod\": {{\"start\": \"20250101T000000.000Z\", \"end\": \"20250201T000000.000Z\"}}, \"reportKeys\": [{}]}}",
        keys.join(", ")
    )
}

/// Two deliveries of one month, the later one restated; what lies above them says which is current.
fn restated(above: Option<&str>) -> Folder {
    let folder = Folder::new();
    let period = "p/r/20250101-20250201";
    for (assembly, cost) in [(OLD, "1"), (NEW, "2")] {
        let name = format!("{period}/{assembly}/r-1.csv.gz");
        folder.write(&name, gzip(&legacy(&[&[("lineItem/UnblendedCost", cost)]])));
        let own = manifest(assembly, &[&format!("/{name}")]);
        folder.write(&format!("{period}/{assembly}/r-Manifest.json"), &own);
        if above == Some(assembly) {
            folder.write(&format!("{period}/r-Manifest.json"), &own);
        }
    }
    folder
}

#[test]
fn of_two_deliveries_of_a_month_the_current_one_is_read() {
    for (current, cost) in [(OLD, "1.000000000000"), (NEW, "2.000000000000")] {
        let folder = restated(Some(current));
        let (sink, report) = read(&folder.input(Format::AwsCur, &["p"]));
        assert_eq!(column(&charges(&sink), "billed_cost"), [cost]);
        let note = only(&sink.notices, "cur-superseded");
        assert_eq!(note.effect, Effect::Unread);
        assert!(note.expected.contains(current), "{note:?}");
        assert_eq!(with_effect(&sink.notices, Effect::Lost), [""; 0]);
        assert_eq!(report.files.len(), 5);
    }
}

#[test]
fn two_deliveries_that_nothing_orders_are_not_read() {
    let folder = restated(None);
    let (sink, report) = read(&folder.input(Format::AwsCur, &["p"]));
    assert_eq!(
        with_effect(&sink.notices, Effect::Lost),
        ["cur-assemblies-undecided"; 2]
    );
    assert_eq!(report.rows.get(&Table::Charges), None);
}

#[test]
fn deliveries_named_by_their_time_are_ordered_by_it() {
    let folder = Folder::new();
    for (assembly, cost) in [(TIMED_OLD, "1"), (TIMED_NEW, "2")] {
        let name = format!("data/BILLING_PERIOD=2025-01/{assembly}/e-00001.csv");
        folder.write(&name, legacy(&[&[("lineItem/UnblendedCost", cost)]]));
    }
    let (sink, _) = read(&folder.input(Format::AwsCur, &["data"]));
    assert_eq!(column(&charges(&sink), "billed_cost"), ["2.000000000000"]);
    assert_eq!(
        codes(&sink.notices)
            .iter()
            .filter(|c| **c == "cur-superseded")
            .count(),
        1
    );
}

#[test]
fn files_without_a_manifest_are_parts_of_one_report_or_in_doubt() {
    let folder = Folder::new();
    folder.write(
        "chunks/r-00001.csv",
        legacy(&[&[("lineItem/UnblendedCost", "1")]]),
    );
    folder.write(
        "chunks/r-00002.csv",
        legacy(&[&[("lineItem/UnblendedCost", "2")]]),
    );
    let (sink, _) = read(&folder.input(Format::AwsCur, &["chunks"]));
    assert_eq!(
        column(&charges(&sink), "billed_cost"),
        ["1.000000000000", "2.000000000000"]
    );
    assert_eq!(with_effect(&sink.notices, Effect::Doubt), [""; 0]);

    folder.write(
        "copies/january.csv",
        legacy(&[&[("lineItem/UnblendedCost", "1")]]),
    );
    folder.write(
        "copies/january-final.csv",
        legacy(&[&[("lineItem/UnblendedCost", "2")]]),
    );
    let (sink, _) = read(&folder.input(Format::AwsCur, &["copies"]));
    assert_eq!(charges(&sink).num_rows(), 2);
    assert_eq!(
        with_effect(&sink.notices, Effect::Doubt),
        ["cur-month-in-several-files"; 2]
    );
}

#[test]
fn a_loose_file_does_not_add_to_a_delivered_month_and_a_missing_one_is_named() {
    let folder = restated(Some(NEW));
    folder.write("p/copy.csv", legacy(&[&[("lineItem/UnblendedCost", "4")]]));
    let period = "p/r/20250101-20250201";
    let keys = [
        format!("/{period}/{NEW}/r-1.csv.gz"),
        format!("/{period}/{NEW}/r-2.csv.gz"),
    ];
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    folder.write(&format!("{period}/r-Manifest.json"), manifest(NEW, &keys));
    folder.write("p/notes.json", "{\"a\": 1}");
    let (sink, _) = read(&folder.input(Format::AwsCur, &["p"]));
    assert_eq!(column(&charges(&sink), "billed_cost"), ["2.000000000000"]);
    assert_eq!(only(&sink.notices, "cur-month-held").file, "p/copy.csv");
    assert_eq!(
        only(&sink.notices, "cur-file-missing").expected,
        "r-2.csv.gz"
    );
    assert_eq!(only(&sink.notices, "cur-no-manifest").file, "p/notes.json");
}

#[test]
fn reports_and_manifests_are_told_by_their_content() {
    let folder = Folder::new();
    let told = |name: &str, bytes: &[u8]| detect(&folder.write(name, bytes)).map(|d| d.format);
    assert_eq!(told("a", &legacy(&[])), Some(Format::AwsCur));
    assert_eq!(told("b", &gzip(CUR_2.as_bytes())), Some(Format::AwsCur));
    assert_eq!(
        told("c", manifest(NEW, &["k"]).as_bytes()),
        Some(Format::AwsCur)
    );
    assert_ne!(
        told("d", b"BilledCost,ServiceCategory\n1,Storage\n"),
        Some(Format::AwsCur)
    );
}

/// Fields outside the allow-list, each with a planted text.
#[test]
fn what_is_not_allowed_is_found_nowhere() {
    let planted = "planted-9f3";
    let mut header: Vec<&str> = LINE.iter().map(|(name, _)| *name).collect();
    let mut row: Vec<&str> = LINE.iter().map(|(_, value)| *value).collect();
    let operation = header
        .iter()
        .position(|n| *n == "lineItem/Operation")
        .unwrap();
    row[operation] = planted;
    row[0] = planted;
    for name in [
        "line_item_iam_principal",
        "line_item_user_identifier",
        "costCategory/Team",
        "discount",
        "noTags/user:app",
    ] {
        header.push(name);
        row.push(planted);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    writer.write_record(&row).unwrap();
    let (sink, report) = read_bytes(&writer.into_inner().unwrap());
    assert_eq!(charges(&sink).num_rows(), 1);
    let all = format!("{:?} {:?} {:?}", charges(&sink), sink.notices, report);
    assert!(!all.contains(planted), "{all}");
}

fn sample(path: &Path) -> (Collected, SourceReport) {
    let root = path.parent().unwrap().to_owned();
    read(&SourceInput::new(
        "bill",
        Format::AwsCur,
        root,
        vec![path.to_owned()],
    ))
}

#[test]
fn real_reports_give_all_their_rows() {
    let Some(data) = shared_data() else { return };
    let cases = [
        (
            "focus/focus_converters/focus_converter_base/tests/provider_config_tests/aws/sample-anonymous-aws-export-dataset.csv",
            1281,
        ),
        ("cost_exports/koku/aws/2022-07-01-alt-columns.csv", 2),
        ("cost_exports/koku/aws/2023-06-01.csv", 3),
        ("cost_exports/koku/aws/2023-06-01-not-final.csv", 3),
        ("cost_exports/koku/aws/empty_frame.csv", 0),
        ("cost_exports/koku/test_cur.csv", 19),
        ("cost_exports/koku/test_cur.csv.gz", 19),
    ];
    for (name, rows) in cases {
        let path = data.join(name);
        assert_eq!(detect(&path).unwrap().format, Format::AwsCur, "{name}");
        let (sink, report) = sample(&path);
        assert_eq!(with_effect(&sink.notices, Effect::Lost), [""; 0], "{name}");
        assert_eq!(
            report.rows.get(&Table::Charges).copied().unwrap_or(0),
            rows,
            "{name}"
        );
    }
    let (sink, _) = sample(&data.join(cases[0].0));
    let rows = charges(&sink);
    // 799 lines of the file have the product code AmazonS3, 15 AmazonEFS; 12 are taxes.
    let categories = column(&rows, "service_category");
    assert_eq!(categories.iter().filter(|c| *c == "Storage").count(), 814);
    let kinds = column(&rows, "charge_category");
    assert_eq!(kinds.iter().filter(|c| *c == "Tax").count(), 12);
    let meters = column(&rows, "sku_meter");
    let stored = |suffix: &str| meters.iter().filter(|m| m.ends_with(suffix)).count();
    assert_eq!(stored("TimedStorage-GlacierByteHrs"), 26);
    // 178 with a region's prefix, 30 of us-east-1, which has none.
    assert_eq!(stored("Requests-Tier2"), 208);
}

#[test]
fn real_deliveries_are_read_with_their_manifests() {
    let Some(data) = shared_data() else { return };
    let root = data.join("cost_exports/koku/unpacked");
    let (files, _) = plainview_records::expand(&root, &[".".to_owned()]);
    let input = SourceInput::new("bill", Format::AwsCur, root, files);
    let (sink, report) = read(&input);
    assert_eq!(report.rows[&Table::Charges], 13_380 + 6_190);
    assert_eq!(report.files.len(), 6);
    assert_eq!(with_effect(&sink.notices, Effect::Lost), [""; 0]);
}
