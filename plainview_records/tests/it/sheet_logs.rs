//! Tests of `format = "table"` for requests, events and resources.

use arrow_array::RecordBatch;
use plainview_records::{Collected, Effect, Error, Format, Table, TableMap, read_source};

use crate::sheet::{inline, map, workbook};
use crate::support::{Folder, column, only, read, with_effect};

fn read_bytes(bytes: &[u8], map: TableMap) -> Collected {
    let folder = Folder::new();
    folder.write("sheet", bytes);
    let mut input = folder.input(Format::Table, &["sheet"]);
    input.map = Some(map);
    read(&input).0
}

fn table(sink: &Collected, table: Table) -> RecordBatch {
    sink.table(table).unwrap()
}

fn expect(rows: &RecordBatch, expected: &[(&str, &[&str])]) {
    for (name, values) in expected {
        assert_eq!(column(rows, name), *values, "{name}");
    }
}

#[test]
fn requests_are_filled_with_their_defaults() {
    let map = map(
        Table::Requests,
        &[
            ("at", "Zeit"),
            ("operation", "Anfrage"),
            ("container", "Behälter"),
            ("key", "Objekt"),
            ("verb", "Aktion"),
            ("bytes_out", "Gesendet:KB"),
            ("network", "IP"),
            ("principal", "Benutzer"),
            ("principal_kind", "Art"),
        ],
    );
    let sheet = "Zeit;Anfrage;Behälter;Objekt;Aktion;Gesendet;IP;Benutzer;Art;Gerät\n\
        2025-01-05T10:00:00Z;GET;calls;a/b.opus?X-Amz-Signature=planted;Abruf;2;203.0.113.9;someone@example.com;user;planted\n\
        2025-01-05T10:01:00Z;PUT;calls;c.opus;;;10.1.2.3;;robot;planted\n\
        ;DELETE;calls;d.opus;löschen;;;;;planted\n";
    let sink = read_bytes(sheet.as_bytes(), map);
    let rows = table(&sink, Table::Requests);
    expect(
        &rows,
        &[
            ("provider", &["aws", "aws"]),
            ("account", &["111122223333", "111122223333"]),
            ("key", &["a/b.opus", "c.opus"]),
            ("operation", &["GET", "PUT"]),
            ("verb", &["read", "other"]),
            ("bytes_out", &["2000", "-"]),
            ("network", &["public", "private"]),
            ("principal_kind", &["user", "unknown"]),
            ("act_part", &["0", "0"]),
            ("at", &["2025-01-05T10:00:00Z", "2025-01-05T10:01:00Z"]),
        ],
    );
    assert_eq!(only(&sink.notices, "sheet-query-cut").rows_affected, 1);
    assert_eq!(only(&sink.notices, "bad-row").row, Some(3));
    let all = format!("{rows:?} {:?}", sink.notices);
    for planted in ["planted", "203.0.113.9", "10.1.2.3", "someone@example.com"] {
        assert!(!all.contains(planted), "{planted} in {all}");
    }
}

#[test]
fn events_are_filled_with_their_defaults() {
    let map = map(
        Table::Activity,
        &[
            ("at", "Time"),
            ("event", "Event"),
            ("outcome", "Result"),
            ("verb", "Action"),
            ("read_only", "Read only"),
            ("details", "More"),
        ],
    );
    let sheet = "Time,Event,Result,Action,Read only,More\n\
        2025-01-05T10:00:00Z,CreateBucket,Erfolgreich,anlegen,nein,call +972 50 123 4567\n\
        2025-01-05T11:00:00Z,DeleteBucket,who knows,,,\n";
    let sink = read_bytes(sheet.as_bytes(), map);
    let rows = table(&sink, Table::Activity);
    expect(
        &rows,
        &[
            ("service", &["unknown", "unknown"]),
            ("event", &["CreateBucket", "DeleteBucket"]),
            ("verb", &["create", "other"]),
            ("outcome", &["success", "unknown"]),
            ("principal_kind", &["unknown", "unknown"]),
            ("read_only", &["false", "-"]),
        ],
    );
    assert!(!format!("{rows:?}").contains("123 4567"));
}

#[test]
fn resources_are_filled_and_azure_ids_are_in_lower_case() {
    let map = map(
        Table::Resources,
        &[
            ("provider", "Cloud"),
            ("account", "Konto"),
            ("resource_id", "Id"),
            ("resource_type", "Typ"),
            ("allows_shared_keys", "Keys"),
        ],
    );
    let sheet = "Cloud,Konto,Id,Typ,Keys\n\
        Azure,haldenmedia,/Subscriptions/X/HaldenMedia,Microsoft.Storage/storageAccounts,ja\n\
        aws,111122223333,arn:aws:s3:::Media,AWS::S3::Bucket,\n\
        aws,111122223333,,AWS::S3::Bucket,\n";
    let sink = read_bytes(sheet.as_bytes(), map);
    expect(
        &table(&sink, Table::Resources),
        &[
            ("provider", &["azure", "aws"]),
            (
                "resource_id",
                &["/subscriptions/x/haldenmedia", "arn:aws:s3:::Media"],
            ),
            (
                "resource_type",
                &["microsoft.storage/storageaccounts", "aws::s3::bucket"],
            ),
            ("allows_shared_keys", &["true", "-"]),
            ("name", &["-", "-"]),
        ],
    );
    assert_eq!(with_effect(&sink.notices, Effect::Lost), ["bad-row"]);
}

#[test]
fn maps_without_the_needed_columns_are_errors() {
    let folder = Folder::new();
    folder.write("sheet", "a\n1\n");
    for (table, columns, lacking) in [
        (Table::Requests, &[("at", "a")][..], "operation"),
        (Table::Activity, &[("event", "a")], "at"),
        (Table::Resources, &[("resource_id", "a")], "resource_type"),
        (Table::Deliveries, &[], "deliveries"),
    ] {
        let mut input = folder.input(Format::Table, &["sheet"]);
        input.map = Some(map(table, columns));
        let error = read_source(&input, &mut Collected::default()).unwrap_err();
        let Error::Input { problem, .. } = error else {
            panic!("{error:?}")
        };
        assert!(problem.contains(lacking), "{problem}");
    }
}

/// A header over two rows: `Konto` is merged down into the second, `Zeitraum` lies over two columns of it.
#[test]
fn header_cells_merged_downwards_name_their_column() {
    let rows = format!(
        "<row r=\"1\">{}{}{}</row><row r=\"2\">{}{}</row><row r=\"3\">{}{}{}{}</row>",
        inline("A1", "Konto"),
        inline("B1", "Zeitraum"),
        inline("D1", "Währung"),
        inline("B2", "Von"),
        inline("C2", "Bis"),
        inline("A3", "111122223333"),
        inline("B3", "2025-01-01"),
        inline("C3", "2025-02-01"),
        inline("D3", "EUR"),
    );
    let merged = "<mergeCells count=\"3\"><mergeCell ref=\"A1:A2\"/><mergeCell ref=\"B1:C1\"/><mergeCell ref=\"D1:D2\"/></mergeCells>";
    let bytes = workbook(&rows, merged);
    let folder = Folder::new();
    let path = folder.write("sheet.xlsx", &bytes);
    let draft = plainview_records::formats::sheet::suggest_map(&path);
    for line in [
        "header_row = 2",
        "account = \"Konto\"",
        "charge_start = \"Von\"",
        "charge_end = \"Bis\"",
        "currency = \"Währung\"",
        "locale = \"de\"",
    ] {
        assert!(draft.contains(line), "{line} in {draft}");
    }
    let map = TableMap {
        header_row: 2,
        locale: Some("de".to_owned()),
        ..map(
            Table::Charges,
            &[
                ("account", "Konto"),
                ("charge_start", "Von"),
                ("charge_end", "Bis"),
                ("currency", "Währung"),
            ],
        )
    };
    let sink = read_bytes(&bytes, map);
    expect(
        &table(&sink, Table::Charges),
        &[("account", &["111122223333"]), ("currency", &["EUR"])],
    );
    assert_eq!(sink.notices, []);
}
