//! Tests of the gcp-billing reader.

use arrow_array::RecordBatch;
use plainview_records::{Collected, Effect, Format, SourceInput, SourceReport, Table, detect};

use crate::support::{Folder, column, gzip, only, read, shared_data, with_effect};

/// A line of the detailed export, by its CSV names.
const LINE: &[(&str, &str)] = &[
    ("billing_account_id", "000000-AAAAAA-000000"),
    ("service.id", "planted-service"),
    ("service.description", "Cloud Storage"),
    ("sku.id", "SKU-1"),
    ("sku.description", "Standard Storage Frankfurt"),
    ("usage_start_time", "2025-01-05 00:00:00+00:00"),
    ("usage_end_time", "2025-01-06 00:00:00 UTC"),
    ("project.id", "halden-media"),
    ("project.name", "planted-project"),
    (
        "project.labels",
        "[{'key': 'planted-key', 'value': 'planted-value'}]",
    ),
    (
        "labels",
        "[{'key': 'team', 'value': 'media'}, {'key': 'phone', 'value': '+972 50 123 4567'}]",
    ),
    ("system_labels", "[]"),
    ("location.location", "eu"),
    ("location.region", "europe-west3"),
    ("export_time", "2025-01-06 05:49:32.199000+00:00"),
    ("cost", "5e-06"),
    ("currency", "EUR"),
    ("usage.amount", "24909.0"),
    ("usage.unit", "byte-seconds"),
    ("usage.amount_in_pricing_units", "0.25"),
    ("usage.pricing_unit", "gibibyte month"),
    (
        "credits",
        "[{'name': 'Promo', 'amount': -3e-06, 'full_name': None, 'id': 'planted-id', 'type': 'PROMOTION'}, {'name': 'x', 'full_name': \"Year's discount\", 'amount': -0.5}]",
    ),
    ("invoice.month", "202412"),
    ("cost_type", "regular"),
    ("resource.name", "projects/_/buckets/halden-calls"),
    (
        "resource.global_name",
        "//storage.googleapis.com/projects/_/buckets/halden-calls",
    ),
];

fn csv_of(rows: &[&[(&str, &str)]]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(LINE.iter().map(|(name, _)| name))
        .unwrap();
    for changes in rows {
        writer
            .write_record(LINE.iter().map(|(name, usual)| {
                changes
                    .iter()
                    .find(|(changed, _)| changed == name)
                    .map_or(*usual, |(_, new)| *new)
            }))
            .unwrap();
    }
    writer.into_inner().unwrap()
}

/// The same line as `BigQuery` saves it.
const JSON: &str = r#"{"billing_account_id":"000000-AAAAAA-000000","service":{"id":"planted-service","description":"Cloud Storage"},"sku":{"id":"SKU-1","description":"Standard Storage Frankfurt"},"usage_start_time":"2025-01-05 00:00:00 UTC","usage_end_time":"2025-01-06T00:00:00Z","project":{"id":"halden-media","name":"planted-project","labels":[{"key":"planted-key","value":"planted-value"}]},"labels":[{"key":"team","value":"media"}],"location":{"location":"eu","region":"europe-west3","zone":null},"cost":5e-06,"currency":"EUR","usage":{"amount":24909.0,"unit":"byte-seconds","amount_in_pricing_units":"0.25","pricing_unit":"gibibyte month"},"credits":[{"name":"Promo","amount":-3e-06,"full_name":null,"id":"planted-id"}],"invoice":{"month":"202412"},"cost_type":"regular","resource":{"name":"halden-calls"},"tags":[{"key":"planted-tag"}]}"#;

fn read_bytes(name: &str, bytes: &[u8]) -> (Collected, SourceReport) {
    let folder = Folder::new();
    let path = folder.write(name, bytes);
    if !bytes.is_empty() && !bytes.starts_with(b"a,b") {
        assert_eq!(detect(&path).unwrap().format, Format::GcpBilling);
    }
    read(&folder.input(Format::GcpBilling, &[name]))
}

fn charges(sink: &Collected) -> RecordBatch {
    sink.table(Table::Charges).unwrap()
}

#[test]
fn a_line_and_its_credits_become_charges_of_one_row() {
    for bytes in [csv_of(&[&[]]), gzip(&csv_of(&[&[]]))] {
        let (sink, report) = read_bytes("x.csv", &bytes);
        let rows = charges(&sink);
        let expected = [
            ("row_no", ["1", "1", "1"]),
            ("charge_category", ["Usage", "Credit", "Credit"]),
            ("description", ["-", "Promo", "Year's discount"]),
            (
                "billed_cost",
                ["0.000005000000", "-0.000003000000", "-0.500000000000"],
            ),
            (
                "effective_cost",
                ["0.000005000000", "-0.000003000000", "-0.500000000000"],
            ),
            ("consumed_quantity", ["24909.000000000000", "-", "-"]),
            ("consumed_unit", ["byte-seconds", "-", "-"]),
            ("pricing_quantity", ["0.250000000000", "-", "-"]),
            ("pricing_unit", ["gibibyte month", "-", "-"]),
            ("container", ["halden-calls"; 3]),
            ("account", ["halden-media"; 3]),
            ("billing_account", ["000000-AAAAAA-000000"; 3]),
            ("region", ["europe-west3"; 3]),
            ("service_category", ["Storage"; 3]),
            ("sku_meter", ["Standard Storage Frankfurt"; 3]),
            ("billing_start", ["2024-12-01T00:00:00Z"; 3]),
            ("billing_end", ["2025-01-01T00:00:00Z"; 3]),
            ("charge_start", ["2025-01-05T00:00:00Z"; 3]),
            ("charge_end", ["2025-01-06T00:00:00Z"; 3]),
            ("currency", ["EUR"; 3]),
        ];
        for (name, values) in expected {
            assert_eq!(column(&rows, name), values, "{name}");
        }
        let tags = column(&rows, "tags").remove(0);
        assert!(
            tags.contains("\"team\":\"media\"") && !tags.contains("123 4567"),
            "{tags}"
        );
        assert_eq!(report.rows[&Table::Charges], 3);
        assert_eq!(with_effect(&sink.notices, Effect::Lost), [""; 0]);
    }
}

#[test]
fn json_records_say_the_same() {
    let array = format!("[{JSON},\n{JSON}]");
    for (text, records) in [(format!("{JSON}\n{JSON}\n"), 2), (array, 2)] {
        let (sink, _) = read_bytes("x.json", text.as_bytes());
        let rows = charges(&sink);
        assert_eq!(rows.num_rows(), 2 * records);
        let expected = [
            ("row_no", ["1", "1", "2", "2"]),
            ("charge_category", ["Usage", "Credit", "Usage", "Credit"]),
            (
                "billed_cost",
                [
                    "0.000005000000",
                    "-0.000003000000",
                    "0.000005000000",
                    "-0.000003000000",
                ],
            ),
            (
                "consumed_quantity",
                ["24909.000000000000", "-", "24909.000000000000", "-"],
            ),
            (
                "pricing_quantity",
                ["0.250000000000", "-", "0.250000000000", "-"],
            ),
            ("container", ["halden-calls"; 4]),
            ("charge_end", ["2025-01-06T00:00:00Z"; 4]),
            ("tags", ["{\"team\":\"media\"}"; 4]),
        ];
        for (name, values) in expected {
            assert_eq!(column(&rows, name), values, "{name}");
        }
        let unread: Vec<&str> = sink.notices.iter().map(|n| n.found.as_str()).collect();
        assert_eq!(
            unread,
            ["project.labels", "project.name", "service.id", "tags"]
        );
        assert!(
            sink.notices
                .iter()
                .all(|n| n.effect == Effect::Unread && n.rows_affected == 2)
        );
    }
}

#[test]
fn what_is_not_allowed_is_found_nowhere() {
    let broken = JSON.replace("2025-01-05 00:00:00 UTC", "someday");
    let (csv, first) = read_bytes("x.csv", &csv_of(&[&[], &[("credits", "planted {")]]));
    let (json, second) = read_bytes("x.json", format!("{JSON}\n{broken}\n").as_bytes());
    for (sink, report) in [(csv, first), (json, second)] {
        let all = format!("{:?} {:?} {:?}", charges(&sink), sink.notices, report);
        assert!(!all.contains("planted"), "{all}");
    }
}

#[test]
fn odd_rows_are_said() {
    let rows: &[&[(&str, &str)]] = &[
        &[("project.id", ""), ("cost_type", "tax"), ("credits", "[]")],
        &[("usage_start_time", "someday")],
        &[("cost", "free")],
        &[("credits", "not a list"), ("invoice.month", "")],
        &[("project.id", ""), ("billing_account_id", "")],
        &[("invoice.month", "2024-12")],
        &[
            ("labels", "{"),
            ("credits", "[]"),
            ("service.description", "Compute Engine"),
        ],
    ];
    let (sink, _) = read_bytes("x.csv", &csv_of(rows));
    let rows = charges(&sink);
    assert_eq!(column(&rows, "row_no"), ["1", "4", "7"]);
    assert_eq!(column(&rows, "account")[0], "000000-AAAAAA-000000");
    assert_eq!(column(&rows, "charge_category"), ["Tax", "Usage", "Usage"]);
    assert_eq!(column(&rows, "billing_start")[1], "2025-01-01T00:00:00Z");
    assert_eq!(
        column(&rows, "container"),
        ["halden-calls", "halden-calls", "-"]
    );
    let bad: Vec<Option<u64>> = sink
        .notices
        .iter()
        .filter(|n| n.code == "bad-row")
        .map(|n| n.row)
        .collect();
    assert_eq!(bad, [Some(2), Some(3), Some(5), Some(6)]);
    assert_eq!(only(&sink.notices, "gcp-credits").row, Some(4));
    assert_eq!(only(&sink.notices, "gcp-labels").row, Some(7));
}

#[test]
fn empty_truncated_and_foreign_files_are_said() {
    let (sink, _) = read_bytes("x.csv", &csv_of(&[]));
    assert_eq!(with_effect(&sink.notices, Effect::Lost), [""; 0]);
    let (sink, _) = read_bytes("x.csv", b"");
    assert_eq!(with_effect(&sink.notices, Effect::Lost), ["empty-file"]);
    let packed = gzip(&csv_of(&[&[], &[]]));
    let (sink, _) = read_bytes("x.csv", &packed[..packed.len() - 12]);
    assert_eq!(with_effect(&sink.notices, Effect::Lost), ["file-damaged"]);
    let (sink, _) = read_bytes("x.csv", b"a,b\n1,2\n");
    assert_eq!(
        with_effect(&sink.notices, Effect::Lost),
        ["cost-missing-columns"]
    );
    let cut = format!("{JSON}\n{}", &JSON[..JSON.len() - 40]);
    let (sink, _) = read_bytes("x.json", cut.as_bytes());
    assert_eq!(charges(&sink).num_rows(), 2);
    assert_eq!(with_effect(&sink.notices, Effect::Lost), ["file-damaged"]);
}

#[test]
fn real_exports_give_all_their_rows() {
    let Some(data) = shared_data() else { return };
    let folder = data.join("cost_exports/koku/gcp");
    // File, lines, credits counted in the file.
    let cases = [
        (
            "202011_30c31bca571d9b7f3b2c8459dd8bc34a_2020-11-08:2020-11-11.csv",
            25,
            8,
        ),
        ("2022-08-01_5.csv", 9, 0),
    ];
    for (name, lines, credits) in cases {
        let path = folder.join(name);
        assert_eq!(detect(&path).unwrap().format, Format::GcpBilling, "{name}");
        let (sink, _) = read(&SourceInput::new(
            "bill",
            Format::GcpBilling,
            folder.clone(),
            vec![path],
        ));
        let kinds = column(&charges(&sink), "charge_category");
        let count = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
        assert_eq!(
            (count("Usage"), count("Credit")),
            (lines, credits),
            "{name}"
        );
        assert_eq!(with_effect(&sink.notices, Effect::Lost), [""; 0], "{name}");
    }
}
