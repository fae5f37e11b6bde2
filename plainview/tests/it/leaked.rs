//! What leaked records look like: a resaved workbook with merged header cells in German, an export whose columns were renamed,
//! and an invoice on paper that two people keyed. Each is mapped from its draft and reviewed.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::world::{arg, notices, review_json, run, small_case};

/// A cell of text.
fn cell(at: &str, text: &str) -> String {
    format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

/// A list of objects as an office kept it: a title, a header over two rows with merged cells, German numbers and dates.
fn workbook() -> Vec<u8> {
    let mut rows = format!("<row r=\"1\">{}</row>", cell("A1", "Bestand Januar"));
    let header = [("A2", "Behälter"), ("B2", "Objekt"), ("C2", "Angaben")];
    let header: String = header.iter().map(|(at, text)| cell(at, text)).collect();
    let below = cell("C3", "Größe (MB)") + &cell("D3", "Geändert");
    write!(
        rows,
        "<row r=\"2\">{header}</row><row r=\"3\">{below}</row>"
    )
    .unwrap();
    for n in 0..40 {
        let at = 4 + n;
        let key = format!("anrufe/2025/01/{:02}/gespraech-{n:03}.opus", 1 + n % 28);
        let cells = [
            // The store's name stands in the first of its merged cells only.
            if n == 0 {
                cell("A4", "anrufe-archiv")
            } else {
                String::new()
            },
            cell(&format!("B{at}"), &key),
            cell(&format!("C{at}"), "1.024,5"),
            cell(
                &format!("D{at}"),
                &format!("{:02}.01.2025 09:30", 1 + n % 28),
            ),
        ];
        write!(rows, "<row r=\"{at}\">{}</row>", cells.concat()).unwrap();
    }
    let merged = "<mergeCells count=\"4\"><mergeCell ref=\"A2:A3\"/><mergeCell ref=\"B2:B3\"/><mergeCell ref=\"C2:D2\"/><mergeCell ref=\"A4:A43\"/></mergeCells>";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let parts = [
        (
            "[Content_Types].xml",
            format!("<Types xmlns=\"{package}/content-types\"/>"),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r0\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"Bestand\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData>{merged}</worksheet>"
            ),
        ),
    ];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A bill whose columns somebody renamed: 40 x 1,024.5 MB kept through January are 38.166... GiB-months.
const BILL: &str = "Linked account;Product;Service family;From;To;Quantity;Unit of measure;Amount;Currency code;Comment\n\
    111122223333;Amazon S3;Storage;2025-01-01;2025-02-01;38.1663;GB-Mo;0.88;USD;comment-7c1\n\
    111122223333;Amazon S3;Storage;2025-01-01;2025-02-01;5000;Requests;0.02;USD;comment-7c1\n";

/// An invoice on paper, as each of two people keyed it: they differ in one description and in one amount.
const KEYED: [&str; 2] = [
    "Konto;Rechnung;Von;Bis;Leistung;Menge;Einheit;Betrag;Währung\n\
     111122223333;R-7;01.01.2025;01.02.2025;Speicher;38,1663;GB-Mo;0,88;USD\n\
     111122223333;R-7;01.01.2025;01.02.2025;Anfragen;5.000;Requests;0,02;USD\n\
     111122223333;R-7;01.01.2025;01.02.2025;Support;1;Stück;29,00;USD\n",
    "Konto;Rechnung;Von;Bis;Leistung;Menge;Einheit;Betrag;Währung\n\
     111122223333;R-7;01.01.2025;01.02.2025;Speicherplatz;38,1663;GB-Mo;0,88;USD\n\
     111122223333;R-7;01.01.2025;01.02.2025;Anfragen;5.000;Requests;0,02;USD\n\
     111122223333;R-7;01.01.2025;01.02.2025;Support;1;Stück;92,00;USD\n",
];

/// The draft for a file, with the answers of somebody who knows it.
fn drafted(file: &Path, answers: &[(&str, &str)]) -> String {
    let mut draft = run(&["records", "--suggest-map", arg(file)]).code(0).out;
    for (from, to) in answers {
        assert!(draft.contains(from), "{from} in {draft}");
        draft = draft.replace(from, to);
    }
    draft
}

fn source(id: &str, files: &str, map: &str) -> String {
    format!(
        "[[source]]\nid = \"{id}\"\nformat = \"table\"\nfiles = [{files}]\nkind = \"business-record\"\ncustodian = \"provider\"\ncontroller = \"provider\"\nacquired_at = 2025-07-01T00:00:00Z\naccount = \"aws/111122223333\"\n{map}\n"
    )
}

/// The case: three sources, each mapped from its draft.
fn leaked_case(folder: &Path) {
    let sources = folder.join("sources");
    fs::create_dir_all(&sources).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = sources.join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let list = write("Bestand.xlsx", &workbook());
    let bill = write("costs.csv", BILL.as_bytes());
    let keyed_a = write("invoice-a.csv", KEYED[0].as_bytes());
    write("invoice-b.csv", KEYED[1].as_bytes());
    let list_map = drafted(
        &list,
        &[
            (
                "# date_format = \"%d.%m.%Y %H:%M\"",
                "date_format = \"%d.%m.%Y %H:%M\"",
            ),
            ("timezone = \"UTC\"", "timezone = \"Europe/Berlin\""),
            (
                "[source.map.columns]\n",
                "[source.map.columns]\nsnapshot_at = { value = \"15.01.2025 12:00\" }\n",
            ),
        ],
    );
    let bill_map = drafted(
        &bill,
        &[(
            "[source.map.columns]\n",
            "[source.map.columns]\ncharge_category = { value = \"Usage\" }\n",
        )],
    );
    let invoice_map = drafted(
        &keyed_a,
        &[
            (
                "# date_format = \"%d.%m.%Y %H:%M\"",
                "date_format = \"%d.%m.%Y\"",
            ),
            ("# second = ", "second = "),
            (
                "[source.map.columns]\n",
                "[source.map.columns]\nservice_category = { value = \"Storage\" }\ncharge_category = { value = \"Usage\" }\n",
            ),
        ],
    );
    small_case(
        folder,
        &[
            source("list", "\"sources/Bestand.xlsx\"", &list_map),
            source("bill", "\"sources/costs.csv\"", &bill_map),
            source(
                "invoice",
                "\"sources/invoice-a.csv\", \"sources/invoice-b.csv\"",
                &invoice_map,
            ),
        ]
        .concat(),
    );
    // The small case brings an inventory of its own, which this one lacks.
    let text = fs::read_to_string(folder.join("case.toml")).unwrap();
    let (head, rest) = text.split_once("[[source]]\nid = \"inventory\"").unwrap();
    let (_, rest) = rest.split_once("[[claim]]").unwrap();
    fs::write(folder.join("case.toml"), format!("{head}[[claim]]{rest}")).unwrap();
}

#[test]
fn drafts_of_leaked_sheets_fit_them() {
    let folder = tempfile::tempdir().unwrap();
    leaked_case(folder.path());
    let text = fs::read_to_string(folder.path().join("case.toml")).unwrap();
    for line in [
        "sheet = \"Bestand\"",
        "header_row = 3",
        "container = \"Behälter\"",
        "key = \"Objekt\"",
        "size = { column = \"Größe (MB)\", unit = \"MB\" }",
        "modified_at = \"Geändert\"",
        "account = \"Linked account\"",
        "consumed_quantity = \"Quantity\"",
        "consumed_unit = \"Unit of measure\"",
        "currency = \"Currency code\"",
        "# not mapped: \"Comment\"",
        "invoice_id = \"Rechnung\"",
        "description = \"Leistung\"",
        "second = \"invoice-b.csv\"",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert_eq!(text.matches("locale = \"de\"").count(), 2, "{text}");
}

#[test]
fn leaked_sheets_are_reviewed() {
    let folder = tempfile::tempdir().unwrap();
    leaked_case(folder.path());
    run(&["check", arg(folder.path())]).code(0);
    // An amount that two people keyed differently was lost, so the review is not whole.
    run(&["review", arg(folder.path())]).code(2);
    let review = review_json(folder.path());
    let stores = review["stores"].as_array().unwrap();
    assert_eq!(stores.len(), 1);
    assert_eq!(stores[0]["container"], "anrufe-archiv");
    assert_eq!(stores[0]["objects"], 40);
    assert_eq!(stores[0]["bytes"], 40 * 1_024_500_000_u64);
    assert_eq!(notices(&review, "lost"), ["keying-amount"]);
    assert!(notices(&review, "doubt").contains(&"keying-differs".to_owned()));
    assert!(notices(&review, "doubt").contains(&"sheet-merged-cells".to_owned()));
    assert!(!review.to_string().contains("comment-7c1"));

    let ask = |sql: &str| -> Value {
        run(&["ask", arg(folder.path()), sql, "--format", "json"])
            .code(0)
            .json()
    };
    let kept = ask(
        "select source_id, month, unit, cast(quantity as varchar) as quantity from billed_quantities where unit = 'GB-Mo' order by source_id",
    );
    let of = |n: usize| {
        let row = &kept.as_array().unwrap()[n];
        (
            row["source_id"].clone(),
            row["month"].clone(),
            row["quantity"].clone(),
        )
    };
    for (n, id) in ["bill", "invoice"].into_iter().enumerate() {
        assert_eq!(
            of(n),
            (id.into(), "2025-01".into(), "38.166300000000".into()),
            "{kept}"
        );
    }
    let lines = ask("select count(*) as lines from charges where source_id = 'invoice'");
    assert_eq!(lines[0]["lines"], 2, "{lines}");
}
