//! Tests of `format = "table"`: CSV files and XLSX sheets by a column map.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use plainview_records::formats::sheet::suggest_map;
use plainview_records::{
    Collected, Effect, Error, Format, MappedColumn, Notice, SourceInput, SourceReport, Table,
    TableMap, read_source,
};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::support::{codes, read};

/// A map of a table; `column`, `column:unit`, or `=constant` for each table column.
pub(crate) fn map(table: Table, columns: &[(&str, &str)]) -> TableMap {
    let columns: BTreeMap<String, MappedColumn> = columns
        .iter()
        .map(|(column, from)| {
            let mapped = if let Some(value) = from.strip_prefix('=') {
                MappedColumn::Value(value.to_owned())
            } else {
                let (name, unit) = from
                    .split_once(':')
                    .map_or((*from, None), |(name, unit)| (name, Some(unit.to_owned())));
                MappedColumn::Column {
                    name: name.to_owned(),
                    unit,
                }
            };
            ((*column).to_owned(), mapped)
        })
        .collect();
    TableMap {
        table,
        locale: None,
        sheet: None,
        second: None,
        header_row: 1,
        timezone: None,
        date_format: None,
        columns,
    }
}

fn objects_map() -> TableMap {
    map(
        Table::Objects,
        &[
            ("container", "Bucket"),
            ("key", "Object"),
            ("size", "Size:MB"),
            ("modified_at", "Changed"),
        ],
    )
}

fn input(folder: &TempDir, name: &str, bytes: &[u8], map: TableMap) -> SourceInput {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    SourceInput {
        account: Some("aws/111122223333".to_owned()),
        map: Some(map),
        ..SourceInput::new("sheet", Format::Table, folder.path().to_owned(), vec![path])
    }
}

fn read_bytes(bytes: &[u8], map: TableMap) -> (Collected, SourceReport) {
    let folder = TempDir::new().unwrap();
    read(&input(&folder, "sheet", bytes, map))
}

fn text(batch: &RecordBatch, column: &str, row: usize) -> Option<String> {
    let array = batch.column_by_name(column).unwrap().as_string::<i32>();
    array.is_valid(row).then(|| array.value(row).to_owned())
}

fn sizes(batch: &RecordBatch) -> Vec<Option<i64>> {
    batch
        .column_by_name("size")
        .unwrap()
        .as_primitive::<Int64Type>()
        .iter()
        .collect()
}

fn times(batch: &RecordBatch, column: &str) -> Vec<Option<i64>> {
    batch
        .column_by_name(column)
        .unwrap()
        .as_primitive::<TimestampMillisecondType>()
        .iter()
        .collect()
}

fn notice<'n>(notices: &'n [Notice], code: &str) -> &'n Notice {
    notices
        .iter()
        .find(|n| n.code == code)
        .unwrap_or_else(|| panic!("no {code} among {:?}", codes(notices)))
}

#[test]
fn a_german_object_list_is_read() {
    let sheet = "\u{feff}Bucket;Object;Size;Changed;Owner\n\
        calls;a/+972501234567.opus;1.234,5;01.07.2025 12:00;x\n\
        calls;b.opus;0,5 KiB;01.01.2025 12:00;x\n\
        calls;c.opus;1.5;01.01.2025 12:00;x\n\
        calls;d.opus;;;x\n\
        calls;;1;01.01.2025 12:00;x\n\
        calls;e.opus\n\
        ;;;\n\
        calls;f.opus;1;01.01.2025 12:00;x;surplus\n";
    let map = TableMap {
        locale: Some("de".to_owned()),
        timezone: Some("Europe/Berlin".to_owned()),
        date_format: Some("%d.%m.%Y %H:%M".to_owned()),
        ..objects_map()
    };
    let (sink, report) = read_bytes(sheet.as_bytes(), map);
    let objects = sink.table(Table::Objects).unwrap();
    assert_eq!(
        sizes(&objects),
        [Some(1_234_500_000), Some(512), None, None]
    );
    assert_eq!(
        times(&objects, "modified_at"),
        [Some(1_751_364_000_000), Some(1_735_729_200_000), None, None]
    );
    assert_eq!(
        text(&objects, "account", 0).as_deref(),
        Some("111122223333")
    );
    assert_eq!(text(&objects, "provider", 0).as_deref(), Some("aws"));
    assert_eq!(text(&objects, "state", 0).as_deref(), Some("current"));
    let key = text(&objects, "key", 0).unwrap();
    assert!(
        key.starts_with("a/+") && key.contains(".opus") && !key.contains("972501234567"),
        "{key}"
    );
    assert_eq!(report.bytes_listed.current, 1_234_500_512);
    // 1.5 under a German locale is a mistake, not a million and a half; a key is needed; a surplus field moves values.
    let bad: Vec<Option<u64>> = sink
        .notices
        .iter()
        .filter(|n| n.code == "bad-row")
        .map(|n| n.row)
        .collect();
    assert_eq!(bad, [Some(3), Some(5), Some(8)]);
    assert_eq!(notice(&sink.notices, "sheet-unread-columns").found, "Owner");
    assert_eq!(notice(&sink.notices, "sheet-short-rows").rows_affected, 1);
}

#[test]
fn missing_columns_refuse_or_are_doubted_by_name() {
    let (sink, report) = read_bytes(b"Bucket,Size,Changed\ncalls,1,2025-01-01\n", objects_map());
    let refused = notice(&sink.notices, "sheet-missing-columns");
    assert_eq!(
        (refused.effect, refused.expected.as_str()),
        (Effect::Lost, "Object")
    );
    assert!(report.rows.is_empty());
    let (sink, report) = read_bytes(
        b"Bucket,Object,Changed\ncalls,a,2025-01-01\n",
        objects_map(),
    );
    assert_eq!(report.rows[&Table::Objects], 1);
    let absent = notice(&sink.notices, "sheet-column-absent");
    assert_eq!(
        (absent.effect, absent.expected.as_str()),
        (Effect::Doubt, "Size")
    );
}

#[test]
fn headerless_sheets_are_read_by_number_and_headers_further_down_by_row() {
    let by_number = TableMap {
        header_row: 0,
        ..map(Table::Objects, &[("container", "1"), ("key", "3")])
    };
    let (sink, _) = read_bytes(b"calls,x,a\ncalls,y,b\n", by_number);
    let objects = sink.table(Table::Objects).unwrap();
    assert_eq!(
        (0..2)
            .map(|n| text(&objects, "key", n).unwrap())
            .collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!(notice(&sink.notices, "sheet-unread-columns").found, "2");

    let below = TableMap {
        header_row: 4,
        ..objects_map()
    };
    let (sink, report) = read_bytes(
        b"Report of stores\n\nmade in,2025\nBucket,Object,Size,Changed\ncalls,a,1,2025-01-01\n",
        below,
    );
    assert_eq!(report.rows[&Table::Objects], 1, "{:?}", sink.notices);
    let (sink, _) = read_bytes(
        b"a,b\n",
        TableMap {
            header_row: 9,
            ..objects_map()
        },
    );
    assert_eq!(codes(&sink.notices), ["sheet-no-header"]);
}

#[test]
fn metering_is_filled_in_bytes() {
    let metering = map(
        Table::Metering,
        &[
            ("meter", "Metric"),
            ("start_at", "From"),
            ("end_at", "To"),
            ("value", "Value:GiB"),
            ("account", "=444455556666"),
            ("container", "Store"),
        ],
    );
    let (sink, _) = read_bytes(
        b"Metric,From,To,Value,Store\nBucketSizeBytes,2025-01-01,2025-01-02,1.5,calls\nstored_bytes,2025-01-02,2025-01-01,1,calls\nspeed,2025-01-01,2025-01-02,1,calls\n",
        metering,
    );
    let rows = sink.table(Table::Metering).unwrap();
    assert_eq!(rows.num_rows(), 1);
    let value = rows
        .column_by_name("value")
        .unwrap()
        .as_primitive::<Decimal128Type>()
        .value(0);
    assert_eq!(value, 1_610_612_736 * 1_000_000_000_000);
    assert_eq!(text(&rows, "statistic", 0).as_deref(), Some("average"));
    assert_eq!(text(&rows, "account", 0).as_deref(), Some("444455556666"));
    assert_eq!(
        sink.notices.iter().filter(|n| n.code == "bad-row").count(),
        2
    );
}

#[test]
fn charges_are_filled_with_their_defaults() {
    let charges = map(
        Table::Charges,
        &[
            ("charge_start", "From"),
            ("charge_end", "To"),
            ("billed_cost", "Amount"),
            ("currency", "=EUR"),
            ("provider", "=Azure"),
        ],
    );
    let (sink, _) = read_bytes(
        b"From,To,Amount\n2025-01-01,2025-02-01,\"($1,234.50)\"\nTotal,,1\n",
        charges,
    );
    let rows = sink.table(Table::Charges).unwrap();
    assert_eq!(
        rows.column_by_name("billed_cost")
            .unwrap()
            .as_primitive::<Decimal128Type>()
            .value(0),
        -1_234_500_000_000_000
    );
    assert_eq!(text(&rows, "provider", 0).as_deref(), Some("azure"));
    assert_eq!(
        text(&rows, "service_category", 0).as_deref(),
        Some("unknown")
    );
    assert_eq!(codes(&sink.notices), ["bad-row"]);
}

#[test]
fn documents_are_filled_and_masked() {
    let documents = map(
        Table::Documents,
        &[
            ("text", "Body"),
            ("from_party", "From"),
            ("to_parties", "To"),
        ],
    );
    let (sink, _) = read_bytes(b"From;To;Body\nJane <jane@elsewhere.example>;\"a@x.example; b@x.example\";call +972 50 123 4567\n", documents);
    let rows = sink.table(Table::Documents).unwrap();
    assert_eq!(text(&rows, "to_parties", 0).unwrap().split(", ").count(), 2);
    assert!(
        !text(&rows, "from_party", 0)
            .unwrap()
            .to_lowercase()
            .contains("jane")
    );
    assert!(!text(&rows, "text", 0).unwrap().contains("123 4567"));
}

#[test]
fn windows_1252_is_read_with_a_doubt() {
    let mut sheet = b"Bucket,Object,Size,Changed\ncalls,caf".to_vec();
    sheet.push(0xe9);
    sheet.extend_from_slice(b".txt,1,2025-01-01\n");
    let (sink, _) = read_bytes(&sheet, objects_map());
    let objects = sink.table(Table::Objects).unwrap();
    assert_eq!(text(&objects, "key", 0).as_deref(), Some("caf\u{e9}.txt"));
    assert_eq!(notice(&sink.notices, "not-utf8").effect, Effect::Doubt);
}

#[test]
fn maps_that_make_no_sense_are_errors() {
    let check = |map: TableMap, expect: &str| {
        let folder = TempDir::new().unwrap();
        let error =
            read_source(&input(&folder, "s", b"a\n", map), &mut Collected::default()).unwrap_err();
        let Error::Input { problem, .. } = error else {
            panic!("{error}")
        };
        assert!(problem.contains(expect), "{problem}");
    };
    check(map(Table::Objects, &[("key", "a")]), "container");
    check(
        map(
            Table::Objects,
            &[("container", "a"), ("key", "b"), ("colour", "c")],
        ),
        "colour",
    );
    check(
        TableMap {
            locale: Some("tlh".to_owned()),
            ..objects_map()
        },
        "tlh",
    );
    check(
        TableMap {
            timezone: Some("Atlantis".to_owned()),
            ..objects_map()
        },
        "Atlantis",
    );
    check(
        map(
            Table::Objects,
            &[("container", "a"), ("key", "b"), ("size", "c:furlong")],
        ),
        "furlong",
    );
    check(
        map(Table::Objects, &[("container", "a"), ("key", "b:MB")]),
        "cannot have the unit",
    );
    check(
        map(Table::Documents, &[("doc_id", "a")]),
        "neither text nor subject",
    );
    check(map(Table::Notices, &[]), "notices");
    let folder = TempDir::new().unwrap();
    let without = SourceInput {
        map: None,
        ..input(&folder, "s", b"a\n", objects_map())
    };
    assert!(matches!(
        read_source(&without, &mut Collected::default()),
        Err(Error::Input { .. })
    ));
}

/// A workbook of one sheet, from the XML of its rows.
pub(crate) fn workbook(rows: &str, after: &str) -> Vec<u8> {
    workbook_of(&[("Stores", rows)], after)
}

/// A workbook of sheets, each from its name and the XML of its rows.
pub(crate) fn workbook_of(sheets: &[(&str, &str)], after: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let mut names = String::new();
    let mut relations = String::new();
    for (n, (name, _)) in (1..).zip(sheets) {
        write!(
            names,
            "<sheet name=\"{name}\" sheetId=\"{n}\" r:id=\"r{n}\"/>"
        )
        .unwrap();
        write!(relations, "<Relationship Id=\"r{n}\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>").unwrap();
    }
    let mut parts = vec![
        (
            "[Content_Types].xml".to_owned(),
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"
                .to_owned(),
        ),
        (
            "_rels/.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r0\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!(
                "<workbook xmlns=\"{spreadsheet}\" xmlns:r=\"{office}\"><sheets>{names}</sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!("<Relationships xmlns=\"{package}\">{relations}</Relationships>"),
        ),
        (
            "xl/styles.xml".to_owned(),
            format!(
                "<styleSheet xmlns=\"{spreadsheet}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
            ),
        ),
    ];
    for (n, (_, rows)) in (1..).zip(sheets) {
        parts.push((
            format!("xl/worksheets/sheet{n}.xml"),
            format!("<worksheet xmlns=\"{spreadsheet}\"><sheetData>{rows}</sheetData>{after}</worksheet>"),
        ));
    }
    for (name, text) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub(crate) fn inline(at: &str, text: &str) -> String {
    format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

/// Header in row 2; a merged bucket over rows 3 and 4; a date cell, a serial number without a style, an error.
fn stores() -> Vec<u8> {
    let header: String = [
        ("A2", "Bucket"),
        ("B2", "Object"),
        ("C2", "Size"),
        ("D2", "Changed"),
        ("E2", "Note"),
    ]
    .iter()
    .map(|(at, t)| inline(at, t))
    .collect();
    let rows = format!(
        "<row r=\"1\">{}</row><row r=\"2\">{header}</row>\
         <row r=\"3\">{}{}<c r=\"C3\"><v>0.1</v></c><c r=\"D3\" s=\"1\"><v>45658.5</v></c></row>\
         <row r=\"4\">{}<c r=\"C4\"><v>2</v></c><c r=\"D4\"><v>45658</v></c></row>\
         <row r=\"6\">{}{}<c r=\"C6\" t=\"e\"><v>#DIV/0!</v></c></row>",
        inline("A1", "Report"),
        inline("A3", "calls"),
        inline("B3", "a.opus"),
        inline("B4", "b.opus"),
        inline("A6", "calls"),
        inline("B6", "c.opus"),
    );
    workbook(
        &rows,
        "<mergeCells count=\"1\"><mergeCell ref=\"A3:A4\"/></mergeCells>",
    )
}

#[test]
fn a_workbook_is_read_with_its_dates_and_merged_cells() {
    let map = TableMap {
        header_row: 2,
        sheet: Some("Stores".to_owned()),
        ..objects_map()
    };
    let (sink, report) = read_bytes(&stores(), map.clone());
    assert_eq!(
        report.rows.get(&Table::Objects),
        Some(&2),
        "{:?}",
        sink.notices
    );
    let objects = sink.table(Table::Objects).unwrap();
    assert_eq!(sizes(&objects), [Some(100_000), Some(2_000_000)]);
    assert_eq!(
        times(&objects, "modified_at"),
        [Some(1_735_732_800_000), Some(1_735_689_600_000)]
    );
    assert_eq!(text(&objects, "container", 1).as_deref(), Some("calls"));
    assert_eq!(notice(&sink.notices, "sheet-merged-cells").row, Some(2));
    // Row 6 of the sheet is the fourth below its header.
    assert_eq!(notice(&sink.notices, "bad-row").row, Some(4));
    assert_eq!(notice(&sink.notices, "sheet-unread-columns").found, "Note");

    let (sink, _) = read_bytes(
        &stores(),
        TableMap {
            sheet: Some("Other".to_owned()),
            ..map
        },
    );
    let absent = notice(&sink.notices, "sheet-absent");
    assert_eq!(
        (absent.found.as_str(), absent.expected.as_str()),
        ("Stores", "Other")
    );
}

#[test]
fn hostile_workbooks_are_refused() {
    let whole = stores();
    for cut in [whole.len() / 2, whole.len() - 30] {
        let (sink, report) = read_bytes(&whole[..cut], objects_map());
        assert_eq!(codes(&sink.notices), ["file-damaged"]);
        assert!(report.rows.is_empty());
    }
    // 70 MiB of shared texts from some 70 KiB of file.
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("[Content_Types].xml", options).unwrap();
    zip.start_file("xl/sharedStrings.xml", options).unwrap();
    for _ in 0..70 {
        zip.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = zip.finish().unwrap().into_inner();
    assert!(bomb.len() < 1 << 20);
    assert_eq!(
        codes(&read_bytes(&bomb, objects_map()).0.notices),
        ["file-too-large"]
    );
}

#[test]
fn empty_header_only_and_garbage_files_are_told() {
    assert_eq!(
        codes(&read_bytes(b"", objects_map()).0.notices),
        ["empty-file"]
    );
    let (sink, report) = read_bytes(b"Bucket,Object,Size,Changed\n", objects_map());
    assert!(sink.notices.is_empty() && report.rows.is_empty());
    assert_eq!(
        codes(&read_bytes(&[0, 1, 2, 254], objects_map()).0.notices),
        ["sheet-not-text"]
    );
    assert_eq!(
        codes(&read_bytes(&[0xff, 0xfe, b'a', 0], objects_map()).0.notices),
        ["sheet-utf16"]
    );
    assert_eq!(
        codes(&read_bytes(b"PK\x03\x04garbage", objects_map()).0.notices),
        ["file-damaged"]
    );
    let mut unclosed = b"Bucket,Object,Size,Changed\ncalls,a,1,2025-01-01\ncalls,\"".to_vec();
    unclosed.resize(3 << 20, b'x');
    let (sink, report) = read_bytes(&unclosed, objects_map());
    assert_eq!(report.rows[&Table::Objects], 1);
    assert_eq!(codes(&sink.notices), ["record-too-long"]);
}

#[test]
fn maps_are_drafted_from_text_and_workbooks() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("list.csv");
    fs::write(
        &path,
        "Our stores\n\nBucket name;Object;Size (MB);Last modified;Remark\ncalls;a;1;2025-01-01;x\n",
    )
    .unwrap();
    let draft = suggest_map(&path);
    for line in [
        "table = \"objects\"",
        "header_row = 3",
        "key = \"Object\"",
        "size = { column = \"Size (MB)\", unit = \"MB\" }",
        "# not mapped: \"Remark\"",
    ] {
        assert!(draft.contains(line), "{line} in {draft}");
    }
    let path = folder.path().join("stores.xlsx");
    fs::write(&path, stores()).unwrap();
    let draft = suggest_map(&path);
    assert!(
        draft.contains("sheet = \"Stores\"") && draft.contains("header_row = 2"),
        "{draft}"
    );
    assert!(draft.contains("container = \"Bucket\""), "{draft}");
    assert!(suggest_map(&folder.path().join("absent")).starts_with("# no map"));
    fs::write(&path, [0, 1, 2]).unwrap();
    assert!(suggest_map(&path).starts_with("# no map"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), header in any::<bool>()) {
        let bytes = if header { [b"Bucket,Object,Size,Changed\n", bytes.as_slice()].concat() } else { bytes };
        read_bytes(&bytes, objects_map());
    }

    #[test]
    fn arbitrary_cells_never_panic(size in "[-+0-9.,'()eE$ KMiB]{0,30}", changed in "[-0-9:TZ .+]{0,30}") {
        for locale in ["en", "de", "fr", "de-CH", "en-IN"] {
            let map = TableMap { locale: Some(locale.to_owned()), timezone: Some("Europe/Berlin".to_owned()), ..objects_map() };
            let sheet = format!("Bucket;Object;Size;Changed\nb;k;{size};{changed}\n");
            read_bytes(sheet.as_bytes(), map);
        }
    }

    #[test]
    fn damaged_workbooks_never_panic(at in 0_usize..2000, byte in any::<u8>()) {
        let mut bytes = stores();
        let at = at % bytes.len();
        bytes[at] = byte;
        read_bytes(&bytes, TableMap { header_row: 2, ..objects_map() });
    }
}
