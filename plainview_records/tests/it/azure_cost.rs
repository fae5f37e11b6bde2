//! Tests of the azure-cost reader.

use arrow_array::RecordBatch;
use plainview_records::{Collected, Effect, Format, SourceInput, SourceReport, Table, detect};

use crate::support::{Folder, codes, column, gzip, only, read, shared_data, with_effect};

const SUBSCRIPTION: &str = "11111111-2222-4333-8444-555555555555";
const RESOURCE: &str = "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/RG-Media/providers/Microsoft.Storage/storageAccounts/HaldenMedia";
const RUN_1: &str = "0a1b2c3d-0000-4000-8000-000000000001";
const RUN_2: &str = "0a1b2c3d-0000-4000-8000-000000000002";

/// Name of the newest enterprise form, value.
const EA: &[(&str, &str)] = &[
    ("InvoiceSectionName", "Unassigned"),
    ("AccountName", "planted-account"),
    ("AccountOwnerId", "planted@example.com"),
    ("SubscriptionId", SUBSCRIPTION),
    ("SubscriptionName", "planted-name"),
    ("ResourceGroup", "RG-Media"),
    ("ResourceLocation", "US East 2"),
    ("Date", "01/05/2025"),
    ("ProductName", "Blob Storage - Hot LRS - US East 2"),
    ("MeterCategory", "Storage"),
    ("MeterSubCategory", "Blob Storage"),
    ("MeterId", "meter-7"),
    ("MeterName", "Hot LRS Data Stored"),
    ("UnitOfMeasure", "100 GB/Month"),
    ("Quantity", "1.5"),
    ("EffectivePrice", "2"),
    ("CostInBillingCurrency", "3"),
    ("CostCenter", "planted-cost-centre"),
    ("ConsumedService", "Microsoft.Storage"),
    ("ResourceId", RESOURCE),
    (
        "Tags",
        "\"team\": \"media\",\"phone\": \"+972 50 123 4567\"",
    ),
    ("AdditionalInfo", "{\"VMName\": \"planted-machine\"}"),
    ("ServiceInfo2", "planted-info"),
    ("ChargeType", "Usage"),
    ("BillingAccountId", "12345678"),
    ("BillingCurrencyCode", "EUR"),
    ("BillingPeriodStartDate", "01/01/2025"),
    ("BillingPeriodEndDate", "01/31/2025"),
    ("ServiceFamily", "Storage"),
    ("benefitName", "planted-benefit"),
    ("ResourceLocationNormalized", "eastus2"),
];

fn csv_of(line: &[(&str, &str)], rows: &[&[(&str, &str)]], delimiter: u8) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .from_writer(Vec::new());
    writer
        .write_record(line.iter().map(|(name, _)| name))
        .unwrap();
    for changes in rows {
        let value = |name: &str, usual: &'static str| {
            changes
                .iter()
                .find(|(changed, _)| *changed == name)
                .map_or(usual.to_owned(), |(_, new)| (*new).to_owned())
        };
        let fields = line.iter().map(|(name, usual)| {
            let usual: &'static str = Box::leak(usual.to_string().into_boxed_str());
            value(name, usual)
        });
        writer.write_record(fields).unwrap();
    }
    writer.into_inner().unwrap()
}

fn ea(rows: &[&[(&str, &str)]]) -> Vec<u8> {
    csv_of(EA, rows, b',')
}

fn read_bytes(bytes: &[u8]) -> (Collected, SourceReport) {
    let folder = Folder::new();
    folder.write("export.csv", bytes);
    read(&folder.input(Format::AzureCost, &["export.csv"]))
}

fn charges(sink: &Collected) -> RecordBatch {
    sink.table(Table::Charges).unwrap()
}

fn expect(rows: &RecordBatch, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(column(rows, name), [*value], "{name}");
    }
}

#[test]
fn an_enterprise_line_becomes_a_charge() {
    let (sink, report) = read_bytes(&ea(&[&[]]));
    let rows = charges(&sink);
    expect(
        &rows,
        &[
            ("provider", "azure"),
            ("account", "haldenmedia"),
            ("billing_account", "12345678"),
            ("container", "-"),
            ("region", "eastus2"),
            ("service_category", "Storage"),
            ("service_name", "Storage"),
            ("charge_category", "Usage"),
            ("description", "Blob Storage - Hot LRS - US East 2"),
            ("sku_id", "meter-7"),
            ("sku_meter", "Hot LRS Data Stored"),
            ("invoice_issuer", "Microsoft"),
            ("billing_start", "2025-01-01T00:00:00Z"),
            ("billing_end", "2025-02-01T00:00:00Z"),
            ("charge_start", "2025-01-05T00:00:00Z"),
            ("charge_end", "2025-01-06T00:00:00Z"),
            ("consumed_quantity", "1.500000000000"),
            ("consumed_unit", "100 GB/Month"),
            ("billed_cost", "3.000000000000"),
            ("effective_cost", "-"),
            ("currency", "EUR"),
        ],
    );
    let id = column(&rows, "resource_id").remove(0);
    assert!(id.ends_with("/storageaccounts/haldenmedia"), "{id}");
    let tags = column(&rows, "tags").remove(0);
    assert!(
        tags.starts_with("{\"team\": \"media\"") && tags.ends_with('}'),
        "{tags}"
    );
    assert!(!tags.contains("123 4567"), "{tags}");
    assert_eq!(codes(&sink.notices), ["cost-unread-columns"]);
    assert_eq!(report.rows[&Table::Charges], 1);
}

#[test]
fn what_is_not_allowed_is_found_nowhere() {
    let (sink, report) = read_bytes(&ea(&[&[], &[("Date", "never")]]));
    let all = format!("{:?} {:?} {:?}", charges(&sink), sink.notices, report);
    assert!(!all.contains("planted"), "{all}");
}

const PAY_AS_YOU_GO: &[(&str, &str)] = &[
    ("\u{feff}SubscriptionGuid", SUBSCRIPTION),
    ("ResourceLocation", "US East 2"),
    ("UsageDateTime", "2025-01-05 00:00:00"),
    ("MeterCategory", "Storage"),
    ("MeterId", "meter-7"),
    ("MeterName", "Hot LRS Data Stored"),
    ("UsageQuantity", "1.5"),
    ("PreTaxCost", "3"),
    ("InstanceId", RESOURCE),
    ("Tags", "{\"team\": \"media\"}"),
    ("Currency", "EUR"),
    ("UnitOfMeasure", "100 GB/Month"),
];

const CUSTOMER_AGREEMENT: &[(&str, &str)] = &[
    ("billingAccountId", "12345678"),
    ("billingPeriodEndDate", "01/31/2025"),
    ("billingPeriodStartDate", "01/01/2025"),
    ("date", "01/05/2025"),
    ("meterId", "meter-7"),
    ("meterName", "Hot LRS Data Stored"),
    ("meterCategory", "Storage"),
    ("subscriptionId", SUBSCRIPTION),
    ("InstanceName", RESOURCE),
    ("resourceLocation", "eastus2"),
    ("quantity", "1.5"),
    ("unitOfMeasure", "100 GB/Month"),
    ("chargeType", "Usage"),
    ("billingCurrency", "EUR"),
    ("costInBillingCurrency", "3"),
    ("tags", "\"team\": \"media\""),
];

const TRANSLATED: &[(&str, &str)] = &[
    ("Abonnement-GUID (SubscriptionGuid)", SUBSCRIPTION),
    ("Ressourcenstandort (ResourceLocation)", "US East 2"),
    ("UsageDateTime (UsageDateTime)", "2025-01-05"),
    ("Kategorie der Verbrauchseinheit (MeterCategory)", "Storage"),
    ("ID der Verbrauchseinheit (MeterId)", "meter-7"),
    (
        "Name der Verbrauchseinheit (MeterName)",
        "Hot LRS Data Stored",
    ),
    ("UsageQuantity (UsageQuantity)", "1.5"),
    ("PreTaxCost (PreTaxCost)", "3"),
    ("InstanceId (InstanceId)", RESOURCE),
    ("Tags (Tags)", "{\"team\": \"media\"}"),
    ("Currency", "EUR"),
    ("Maßeinheit (UnitOfMeasure)", "100 GB/Month"),
];

/// Each form with its own names, dates and tags: the same charge of haldenmedia.
#[test]
fn every_form_of_the_header_gives_the_same_charge() {
    let german_alone: Vec<(&str, &str)> = TRANSLATED
        .iter()
        .map(|(name, value)| {
            let german = name.split(" (").next().unwrap();
            (german, *value)
        })
        .collect();
    let forms = [PAY_AS_YOU_GO, CUSTOMER_AGREEMENT, TRANSLATED, &german_alone];
    for (n, form) in forms.into_iter().enumerate() {
        for bytes in [
            csv_of(form, &[&[]], b','),
            csv_of(form, &[&[]], b';'),
            gzip(&csv_of(form, &[&[]], b',')),
        ] {
            let folder = Folder::new();
            let path = folder.write("x.csv", &bytes);
            assert_eq!(detect(&path).unwrap().format, Format::AzureCost, "form {n}");
            let (sink, _) = read(&folder.input(Format::AzureCost, &["x.csv"]));
            expect(
                &charges(&sink),
                &[
                    ("account", "haldenmedia"),
                    ("region", "eastus2"),
                    ("charge_start", "2025-01-05T00:00:00Z"),
                    ("billing_start", "2025-01-01T00:00:00Z"),
                    ("billing_end", "2025-02-01T00:00:00Z"),
                    ("consumed_quantity", "1.500000000000"),
                    ("consumed_unit", "100 GB/Month"),
                    ("billed_cost", "3.000000000000"),
                    ("currency", "EUR"),
                    ("tags", "{\"team\": \"media\"}"),
                ],
            );
            assert_eq!(
                with_effect(&sink.notices, Effect::Lost),
                [""; 0],
                "form {n}"
            );
        }
    }
}

#[test]
fn charge_types_and_meters_find_their_words() {
    let rows: &[&[(&str, &str)]] = &[
        &[("ChargeType", "Purchase")],
        &[("ChargeType", "UnusedReservation")],
        &[("ChargeType", "RoundingAdjustment")],
        &[("MeterCategory", "Bandwidth")],
        &[
            ("ConsumedService", "Microsoft.Compute"),
            ("ResourceId", "/subscriptions/x/disks/d"),
        ],
    ];
    let (sink, _) = read_bytes(&ea(rows));
    let all = charges(&sink);
    assert_eq!(
        column(&all, "charge_category"),
        ["Purchase", "Adjustment", "Adjustment", "Usage", "Usage"]
    );
    assert_eq!(
        column(&all, "service_category"),
        ["Storage", "Storage", "Storage", "Networking", "Compute"]
    );
    assert_eq!(column(&all, "consumed_quantity")[..3], ["-", "-", "-"]);
    assert_eq!(column(&all, "account")[4], SUBSCRIPTION);
}

#[test]
fn rows_that_belong_to_nobody_or_no_day_are_lost() {
    let rows: &[&[(&str, &str)]] = &[
        &[("SubscriptionId", ""), ("ResourceId", "")],
        &[("Date", "25/01/2025")],
        &[("Quantity", "1,5")],
        &[("SubscriptionId", "")],
    ];
    let (sink, _) = read_bytes(&ea(rows));
    assert_eq!(column(&charges(&sink), "row_no"), ["4"]);
    let lost: Vec<Option<u64>> = sink
        .notices
        .iter()
        .filter(|n| n.code == "bad-row")
        .map(|n| n.row)
        .collect();
    assert_eq!(lost, [Some(1), Some(2), Some(3)]);
    assert_eq!(only(&sink.notices, "azure-cost-day-first").rows_affected, 1);
}

#[test]
fn empty_truncated_and_foreign_files_are_said() {
    let (sink, _) = read_bytes(&ea(&[]));
    assert_eq!(with_effect(&sink.notices, Effect::Lost), [""; 0]);
    let (sink, _) = read_bytes(b"");
    assert_eq!(with_effect(&sink.notices, Effect::Lost), ["empty-file"]);
    let packed = gzip(&ea(&[&[], &[]]));
    let (sink, _) = read_bytes(&packed[..packed.len() - 12]);
    assert_eq!(with_effect(&sink.notices, Effect::Lost), ["file-damaged"]);
    let (sink, _) = read_bytes(b"a,b\n1,2\n");
    assert_eq!(
        with_effect(&sink.notices, Effect::Lost),
        ["cost-missing-columns"]
    );
}

fn manifest(submitted: &str) -> String {
    format!(
        "{{\"manifestVersion\": \"2024-04-01\", \"exportConfig\": {{\"exportName\": \"daily\"}}, \"runInfo\": {{\"submittedTime\": \"{submitted}\", \"runId\": \"x\"}}, \"blobs\": []}}"
    )
}

#[test]
fn of_several_runs_of_a_period_the_last_is_read() {
    let folder = Folder::new();
    let period = "daily/20250101-20250131";
    for (run, submitted, cost) in [
        (RUN_1, "2025-01-21T02:00:00Z", "1"),
        (RUN_2, "2025-01-20T02:00:00Z", "2"),
    ] {
        folder.write(
            &format!("{period}/{run}/part_0_0001.csv"),
            ea(&[&[("CostInBillingCurrency", cost)]]),
        );
        folder.write(
            &format!("{period}/{run}/manifest.json"),
            manifest(submitted),
        );
    }
    let (sink, report) = read(&folder.input(Format::AzureCost, &["daily"]));
    assert_eq!(column(&charges(&sink), "billed_cost"), ["1.000000000000"]);
    let note = only(&sink.notices, "azure-cost-earlier-run");
    assert_eq!(
        (note.effect, note.file.contains(RUN_2)),
        (Effect::Unread, true)
    );
    assert_eq!(with_effect(&sink.notices, Effect::Lost), [""; 0]);
    assert_eq!(report.files.len(), 4);

    let data = format!("{period}/*/*.csv");
    let (sink, report) = read(&folder.input(Format::AzureCost, &[&data]));
    assert_eq!(
        with_effect(&sink.notices, Effect::Lost),
        ["azure-cost-runs"; 2]
    );
    assert_eq!(report.rows.get(&Table::Charges), None);
}

#[test]
fn real_exports_give_all_their_rows() {
    let Some(data) = shared_data() else { return };
    let opencost = "cost_exports/opencost/pkg/cloud/azure/resources/billingexports";
    let koku = "cost_exports/koku/azure";
    let cases = [
        ("focus/focus_converters/focus_converter_base/tests/provider_config_tests/azure/sample-anonymous-ea-export-dataset.csv".to_owned(), 27, 0),
        (format!("{koku}/azure_camelCased.csv"), 3, 0),
        (format!("{koku}/azure_version_2.csv"), 5, 0),
        (format!("{koku}/camel_azure_version_2.csv"), 4, 0),
        (format!("{koku}/costreport_a243c6f2-199f-4074-9a2c-40e671cf1584.csv"), 3, 0),
        (format!("{koku}/empty_frame.csv"), 0, 0),
        // Its only row names neither a subscription nor a resource.
        (format!("{opencost}/headersets/BOM.csv"), 0, 1),
        (format!("{opencost}/headersets/Enterprise.csv"), 1, 0),
        (format!("{opencost}/headersets/EnterpriseCamel.csv"), 1, 0),
        (format!("{opencost}/headersets/German.csv"), 1, 0),
        (format!("{opencost}/headersets/PayAsYouGo.csv"), 1, 0),
        (format!("{opencost}/headersets/YA.csv"), 1, 0),
        (format!("{opencost}/values/MissingBrackets.csv"), 1, 0),
        (format!("{opencost}/values/Template.csv"), 87, 0),
        (format!("{opencost}/values/VirtualMachine.csv"), 1, 0),
    ];
    for (name, rows, lost) in cases {
        let path = data.join(&name);
        assert_eq!(detect(&path).unwrap().format, Format::AzureCost, "{name}");
        let root = path.parent().unwrap().to_owned();
        let (sink, report) = read(&SourceInput::new(
            "bill",
            Format::AzureCost,
            root,
            vec![path],
        ));
        let taken = report.rows.get(&Table::Charges).copied().unwrap_or(0);
        let bad = with_effect(&sink.notices, Effect::Lost);
        assert_eq!(
            (taken, bad.len()),
            (rows, lost),
            "{name}: {:?}",
            sink.notices
        );
    }
}
