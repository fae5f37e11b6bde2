//! Tests of the focus reader.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, TimestampMillisecondType};
use arrow_array::{
    Array, ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use plainview_records::formats::focus::{ALLOWED, MANDATORY, Version, version};
use plainview_records::{Collected, Effect, Format, Notice, SourceInput, SourceReport, Table};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::support::{codes, read, shared_data};

fn read_file(path: &Path) -> (Collected, SourceReport) {
    let root = path.parent().unwrap().to_owned();
    read(&SourceInput::new(
        "bill",
        Format::Focus,
        root,
        vec![path.to_owned()],
    ))
}

fn read_bytes(bytes: &[u8]) -> (Collected, SourceReport) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("bill.csv");
    fs::write(&path, bytes).unwrap();
    read_file(&path)
}

fn notice<'n>(notices: &'n [Notice], code: &str) -> &'n Notice {
    notices
        .iter()
        .find(|n| n.code == code)
        .unwrap_or_else(|| panic!("no {code} among {:?}", codes(notices)))
}

fn text(batch: &RecordBatch, column: &str, row: usize) -> Option<String> {
    let array = batch.column_by_name(column).unwrap().as_string::<i32>();
    array.is_valid(row).then(|| array.value(row).to_owned())
}

fn decimal(batch: &RecordBatch, column: &str, row: usize) -> Option<i128> {
    let array = batch
        .column_by_name(column)
        .unwrap()
        .as_primitive::<Decimal128Type>();
    array.is_valid(row).then(|| array.value(row))
}

fn time(batch: &RecordBatch, column: &str, row: usize) -> i64 {
    batch
        .column_by_name(column)
        .unwrap()
        .as_primitive::<TimestampMillisecondType>()
        .value(row)
}

/// The value of a column of a whole, fictional charge.
fn sound(column: &str) -> &'static str {
    match column {
        "BilledCost" => "2.30",
        "ContractedCost" => "2.3e0",
        "EffectiveCost" => "2.3000000000005",
        "ListCost" => "0",
        "BillingAccountId" => "999988887777",
        "SubAccountId" => "111122223333",
        "BillingCurrency" => "USD",
        "BillingPeriodStart" => "2025-01-01T00:00:00Z",
        "BillingPeriodEnd" => "2025-02-01T00:00:00Z",
        "ChargePeriodStart" => "2025-01-05T00:00:00Z",
        "ChargePeriodEnd" => "2025-01-06T00:00:00+00:00",
        "ChargeCategory" => "Usage",
        "InvoiceIssuerName" => "Halden Cloud (fictional)",
        "PricingQuantity" => "100",
        "PricingUnit" => "GB-Mo",
        "ProviderName" => "AWS",
        "ServiceCategory" => "Storage",
        "ServiceName" => "Amazon Simple Storage Service",
        "ResourceId" => "arn:aws:s3:::tenant-calls",
        "Tags" => "{\"owner\": \"+972 50 123 4567\"}",
        _ => "",
    }
}

fn columns() -> Vec<&'static str> {
    MANDATORY
        .iter()
        .copied()
        .chain(["SubAccountId", "ResourceId", "Tags", "x_Discount"])
        .collect()
}

/// A CSV of one row per list of changes to the sound charge.
fn csv_of(columns: &[&str], rows: &[&[(&str, &str)]]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns).unwrap();
    for changes in rows {
        let row = columns.iter().map(|column| {
            changes
                .iter()
                .find(|(name, _)| name == column)
                .map_or_else(|| sound(column), |(_, value)| *value)
        });
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

#[test]
fn the_real_sample_gives_its_charges_and_its_notices() {
    let Some(data) = shared_data() else { return };
    let (sink, report) = read_file(&data.join("focus/focus_1.0_sample_300.csv"));
    let charges = sink.table(Table::Charges).unwrap();
    assert_eq!(charges.num_rows(), 300);
    assert_eq!(report.rows[&Table::Charges], 300);
    let storage = (0..300)
        .filter(|&n| text(&charges, "service_category", n).as_deref() == Some("Storage"))
        .count();
    assert_eq!(storage, 44);

    // FORMATS section 5 predicts: no zone in date-times, an extra column Id, broken ARNs.
    let zones: Vec<&Notice> = sink
        .notices
        .iter()
        .filter(|n| n.code == "focus-time-without-zone")
        .collect();
    assert_eq!(zones.len(), 4, "{zones:?}");
    assert!(
        zones
            .iter()
            .all(|n| n.effect == Effect::Doubt && n.rows_affected == 300)
    );
    let unread = notice(&sink.notices, "focus-unread-columns");
    assert_eq!(unread.effect, Effect::Unread);
    assert!(unread.message.contains("FOCUS 1.0"), "{}", unread.message);
    assert!(unread.message.contains(" Id,"), "{}", unread.message);
    assert!(notice(&sink.notices, "focus-broken-arn").rows_affected > 0);
    assert!(
        sink.notices.iter().all(|n| n.effect != Effect::Lost),
        "{:?}",
        codes(&sink.notices)
    );

    // The first row, as the file has it.
    assert_eq!(text(&charges, "provider", 0).as_deref(), Some("aws"));
    assert_eq!(text(&charges, "account", 0).as_deref(), Some("51738928782"));
    assert_eq!(
        text(&charges, "billing_account", 0).as_deref(),
        Some("1234567890123")
    );
    assert_eq!(decimal(&charges, "billed_cost", 0), Some(800_000));
    assert_eq!(
        decimal(&charges, "consumed_quantity", 0),
        Some(2_000_000_000_000)
    );
    assert_eq!(time(&charges, "charge_start", 0), 1_726_696_800_000);
    assert_eq!(text(&charges, "charge_class", 0), None);
    assert_eq!(text(&charges, "tags", 0), None);
}

#[test]
fn older_samples_and_native_exports_are_refused_by_name() {
    let Some(data) = shared_data() else { return };
    let validator = data.join("focus/focus-spec-validator/tests/samples");
    let native =
        data.join("focus/focus_converters/focus_converter_base/tests/provider_config_tests");
    let check = |path: &Path, missing: &[&str], present: &[&str]| {
        let (sink, report) = read_file(path);
        let notice = notice(&sink.notices, "focus-missing-columns");
        assert_eq!(notice.effect, Effect::Lost);
        assert!(report.rows.is_empty(), "{path:?}");
        let named: Vec<&str> = notice.expected.split(", ").collect();
        assert!(
            missing.iter().all(|column| named.contains(column)),
            "{path:?}: {named:?}"
        );
        assert!(
            !present.iter().any(|column| named.contains(column)),
            "{path:?}: {named:?}"
        );
    };
    check(
        &validator.join("all_pass.csv"),
        &[
            "BillingCurrency",
            "ChargeCategory",
            "EffectiveCost",
            "InvoiceIssuerName",
            "ListCost",
            "ProviderName",
        ],
        &["BilledCost", "ServiceName", "ChargePeriodStart"],
    );
    check(&validator.join("fail_invoice_issuer.csv"), MANDATORY, &[]);
    check(
        &validator.join("multiple_failure_example_namespaced.csv"),
        MANDATORY,
        &[],
    );
    check(&validator.join("sample.parquet"), &["ListCost"], &[]);
    check(
        &native.join("aws/sample-anonymous-aws-export-dataset.csv"),
        MANDATORY,
        &[],
    );
    check(
        &native.join("azure/sample-anonymous-ea-export-dataset.csv"),
        &["BilledCost", "ProviderName"],
        &["BillingAccountId", "PublisherName"],
    );
    check(
        &native.join("oci/reports_cost-csv_0000000030000269.csv"),
        MANDATORY,
        &[],
    );
}

#[test]
fn the_mandatory_columns_are_those_of_the_specification() {
    let Some(data) = shared_data() else { return };
    let table = fs::read_to_string(data.join("focus/focus-1.2-columns.tsv")).unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    let mandatory: Vec<&str> = rows
        .iter()
        .filter(|r| r[2] == "Mandatory")
        .map(|r| r[0])
        .collect();
    assert_eq!(mandatory, MANDATORY);
    let known: Vec<&str> = rows.iter().map(|r| r[0]).collect();
    assert!(ALLOWED.iter().all(|column| known.contains(column)));
    for row in &rows {
        let expect = match row[6] {
            "1.1" => Version::V1_1,
            "1.2" => Version::V1_2,
            _ => Version::V1_0,
        };
        assert_eq!(version([row[0]]), expect, "{}", row[0]);
    }
}

#[test]
fn a_sound_row_becomes_a_charge() {
    let (sink, _) = read_bytes(&csv_of(&columns(), &[&[]]));
    let charges = sink.table(Table::Charges).unwrap();
    assert_eq!(charges.num_rows(), 1);
    assert_eq!(
        text(&charges, "account", 0).as_deref(),
        Some("111122223333")
    );
    assert_eq!(
        text(&charges, "container", 0).as_deref(),
        Some("tenant-calls")
    );
    assert_eq!(decimal(&charges, "billed_cost", 0), Some(2_300_000_000_000));
    assert_eq!(
        decimal(&charges, "contracted_cost", 0),
        Some(2_300_000_000_000)
    );
    // 2.3000000000005 lies half way; half to even rounds it down.
    assert_eq!(
        decimal(&charges, "effective_cost", 0),
        Some(2_300_000_000_000)
    );
    assert_eq!(notice(&sink.notices, "decimal-rounded").rows_affected, 1);
    assert_eq!(time(&charges, "charge_end", 0), 1_736_121_600_000);
    let unread = notice(&sink.notices, "focus-unread-columns");
    assert!(unread.found.contains("x_Discount"), "{}", unread.found);
    let tags = text(&charges, "tags", 0).unwrap();
    assert!(
        tags.starts_with("{\"owner\": \"+") && !tags.contains("123 4567"),
        "{tags}"
    );
}

#[test]
fn azure_and_fallback_accounts_are_found() {
    let storage =
        "/subscriptions/0000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/Contoso";
    let rows: &[&[(&str, &str)]] = &[
        &[
            ("ProviderName", "Microsoft"),
            ("ResourceId", storage),
            ("SubAccountId", "/subscriptions/0000"),
        ],
        &[
            ("ProviderName", "Microsoft"),
            ("ResourceId", "NULL"),
            ("SubAccountId", "/subscriptions/0000"),
        ],
        &[("SubAccountId", "NULL")],
        &[("SubAccountId", ""), ("BillingAccountId", "NULL")],
    ];
    let (sink, _) = read_bytes(&csv_of(&columns(), rows));
    let charges = sink.table(Table::Charges).unwrap();
    let accounts: Vec<Option<String>> = (0..charges.num_rows())
        .map(|n| text(&charges, "account", n))
        .collect();
    assert_eq!(
        accounts,
        [
            Some("contoso".into()),
            Some("0000".into()),
            Some("999988887777".into())
        ]
    );
    let bad = notice(&sink.notices, "bad-row");
    assert_eq!((bad.row, bad.effect), (Some(4), Effect::Lost));
}

#[test]
fn nulls_where_none_may_be_are_doubted_and_kept() {
    let rows: &[&[(&str, &str)]] = &[
        &[("ContractedCost", "NULL")],
        &[("ContractedCost", "NULL")],
        &[],
    ];
    let (sink, _) = read_bytes(&csv_of(&columns(), rows));
    let charges = sink.table(Table::Charges).unwrap();
    assert_eq!(charges.num_rows(), 3);
    assert_eq!(decimal(&charges, "contracted_cost", 0), None);
    let null = notice(&sink.notices, "focus-null");
    assert_eq!((null.effect, null.rows_affected), (Effect::Doubt, 2));
    assert_eq!(null.found, "ContractedCost");
}

#[test]
fn bad_rows_are_named_and_the_rest_is_kept() {
    let mut bytes = csv_of(
        &columns(),
        &[
            &[],
            &[("BilledCost", "1,5")],
            &[("ChargePeriodStart", "soon")],
            &[],
        ],
    );
    bytes.extend_from_slice(b"only,three,fields\n");
    let (sink, report) = read_bytes(&bytes);
    assert_eq!(report.rows[&Table::Charges], 2);
    let bad: Vec<Option<u64>> = sink
        .notices
        .iter()
        .filter(|n| n.code == "bad-row")
        .map(|n| n.row)
        .collect();
    assert_eq!(bad, [Some(2), Some(3), Some(5)]);
    let charges = sink.table(Table::Charges).unwrap();
    let rows = charges
        .column_by_name("row_no")
        .unwrap()
        .as_primitive::<arrow_array::types::UInt64Type>();
    assert_eq!(rows.values(), &[1, 4]);
}

#[test]
fn parquet_and_csv_give_the_same_charges() {
    let columns: Vec<&str> = columns()
        .into_iter()
        .filter(|c| *c != "EffectiveCost")
        .collect();
    let mut arrays: Vec<(&str, ArrayRef)> = columns
        .iter()
        .map(|column| {
            let array: ArrayRef = match *column {
                // As some exports have it: costs as doubles, times as timestamps.
                "BilledCost" => Arc::new(Float64Array::from(vec![2.3])),
                "ChargePeriodStart" => Arc::new(
                    TimestampMicrosecondArray::from(vec![1_736_035_200_000_000])
                        .with_timezone("UTC"),
                ),
                _ => Arc::new(StringArray::from(vec![
                    Some(sound(column)).filter(|v| !v.is_empty()),
                ])),
            };
            (*column, array)
        })
        .collect();
    arrays.push((
        "EffectiveCost",
        Arc::new(StringArray::from(vec![sound("EffectiveCost")])),
    ));
    let batch = RecordBatch::try_from_iter(arrays).unwrap();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("bill.parquet");
    let file = fs::File::create(&path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();

    let (from_parquet, _) = read_file(&path);
    let all: Vec<&str> = columns.iter().copied().chain(["EffectiveCost"]).collect();
    let (from_csv, _) = read_bytes(&csv_of(&all, &[&[]]));
    assert_eq!(
        from_parquet.table(Table::Charges).unwrap(),
        from_csv.table(Table::Charges).unwrap()
    );
    assert_eq!(from_parquet.table(Table::Charges).unwrap().num_rows(), 1);

    // Cut in half it is no Parquet any more; nothing is read and nothing panics.
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let (sink, report) = read_file(&path);
    assert!(report.rows.is_empty());
    assert_eq!(codes(&sink.notices), ["file-damaged"]);
}

#[test]
fn gzip_of_many_members_is_read_and_a_cut_one_is_told() {
    use std::io::Write as _;
    let bytes = csv_of(&columns(), &[&[], &[], &[]]);
    let mut packed = Vec::new();
    for half in [&bytes[..bytes.len() / 2], &bytes[bytes.len() / 2..]] {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(half).unwrap();
        packed.extend(encoder.finish().unwrap());
    }
    let (_, report) = read_bytes(&packed);
    assert_eq!(report.rows[&Table::Charges], 3);
    let (sink, _) = read_bytes(&packed[..packed.len() - 12]);
    assert!(
        sink.notices
            .iter()
            .any(|n| n.code == "file-damaged" && n.effect == Effect::Lost)
    );
}

#[test]
fn empty_header_only_and_garbage_files_are_told() {
    assert_eq!(codes(&read_bytes(b"").0.notices), ["empty-file"]);
    let (sink, report) = read_bytes(&csv_of(&columns(), &[]));
    assert_eq!(codes(&sink.notices), ["focus-unread-columns"]);
    assert!(report.rows.is_empty());
    assert_eq!(
        codes(&read_bytes(&[0, 159, 146, 150, 0, 1, 2]).0.notices),
        ["sheet-not-text"]
    );
    assert_eq!(
        codes(&read_bytes(b"PK\x03\x04....").0.notices),
        ["archive-damaged"]
    );
    assert_eq!(
        codes(&read_bytes(b"PAR1garbagePAR1").0.notices),
        ["file-damaged"]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_bytes(&bytes);
    }

    #[test]
    fn arbitrary_fields_never_panic(fields in proptest::collection::vec("[ -~é\"]{0,12}", 25)) {
        let columns = columns();
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&columns).unwrap();
        writer.write_record(&fields).unwrap();
        read_bytes(&writer.into_inner().unwrap());
    }
}
