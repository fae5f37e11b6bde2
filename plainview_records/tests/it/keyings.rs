//! Tests of lines that two people keyed.

use plainview_records::{Collected, Effect, Format, Notice, SourceReport, Table, TableMap};

use crate::sheet::{inline, map};
use crate::support::{Folder, codes, column, only, read, with_effect};

fn charges_map(second: &str) -> TableMap {
    TableMap {
        second: Some(second.to_owned()),
        locale: Some("de".to_owned()),
        date_format: Some("%d.%m.%Y".to_owned()),
        ..map(
            Table::Charges,
            &[
                ("charge_start", "Von"),
                ("charge_end", "Bis"),
                ("description", "Leistung"),
                ("billed_cost", "Betrag"),
                ("currency", "Währung"),
            ],
        )
    }
}

const HEADER: &str = "Von;Bis;Leistung;Betrag;Währung;Notiz\n";
const LINE_1: &str = "01.01.2025;01.02.2025;Speicher;1.234,50;EUR;planted\n";
const LINE_2: &str = "01.01.2025;01.02.2025;Verkehr;12;EUR;planted\n";

fn read_both(first: &str, second: &str) -> (Collected, SourceReport) {
    let folder = Folder::new();
    folder.write("a.csv", first);
    folder.write("b.csv", second);
    let mut input = folder.input(Format::Table, &["a.csv", "b.csv"]);
    input.map = Some(charges_map("b.csv"));
    read(&input)
}

fn costs(sink: &Collected) -> Vec<String> {
    sink.table(Table::Charges)
        .map(|rows| column(&rows, "billed_cost"))
        .unwrap_or_default()
}

fn lost(notices: &[Notice]) -> Vec<(Option<u64>, &str)> {
    notices
        .iter()
        .filter(|n| n.effect == Effect::Lost)
        .map(|n| (n.row, n.found.as_str()))
        .collect()
}

#[test]
fn keyings_that_agree_are_used_once_whatever_their_spelling() {
    let second = "Von;Bis;Leistung;Betrag;Währung\n\
        01.01.2025;01.02.2025;Speicher;1234,5;EUR\n\
        ;;;;\n\
        01.01.2025;01.02.2025;Verkehr;12,00;EUR\n";
    let (sink, report) = read_both(&format!("{HEADER}{LINE_1}{LINE_2}"), second);
    assert_eq!(costs(&sink), ["1234.500000000000", "12.000000000000"]);
    assert_eq!(codes(&sink.notices), ["sheet-unread-columns"]);
    assert_eq!(report.rows[&Table::Charges], 2);
    assert_eq!(report.files[1].rows, 0);
    let same = format!("{HEADER}{LINE_1}");
    assert_eq!(costs(&read_both(&same, &same).0), ["1234.500000000000"]);
}

#[test]
fn a_difference_in_an_amount_loses_the_row_and_any_other_is_a_doubt() {
    let second = "Von;Bis;Leistung;Betrag;Währung\n\
        01.01.2025;01.02.2025;Speicher;1.243,50;EUR\n\
        01.01.2025;01.03.2025;Verkehr;12;EUR\n\
        01.01.2025;01.02.2025;Support;7;USD\n";
    let third = "01.01.2025;01.02.2025;Support;7;EUR;planted\n";
    let (sink, _) = read_both(&format!("{HEADER}{LINE_1}{LINE_2}{third}"), second);
    assert_eq!(costs(&sink), ["12.000000000000"]);
    assert_eq!(
        lost(&sink.notices),
        [
            (Some(1), "billed_cost: 1234.5 and 1243.5"),
            (Some(3), "currency: EUR and USD"),
        ]
    );
    let doubt = only(&sink.notices, "keying-differs");
    assert_eq!(
        (doubt.row, doubt.found.as_str()),
        (
            Some(2),
            "charge_end: 2025-02-01T00:00:00Z and 2025-03-01T00:00:00Z"
        )
    );
    let rows = sink.table(Table::Charges).unwrap();
    assert_eq!(column(&rows, "charge_end"), ["2025-02-01T00:00:00Z"]);
    assert!(!format!("{rows:?} {:?}", sink.notices).contains("planted"));
}

#[test]
fn rows_of_one_keying_alone_are_lost() {
    let whole = format!("{HEADER}{LINE_1}{LINE_2}");
    let short = format!("{HEADER}{LINE_1}");
    let (sink, _) = read_both(&whole, &short);
    assert_eq!(costs(&sink).len(), 1);
    assert_eq!(only(&sink.notices, "keying-row-alone").row, Some(2));
    let (sink, _) = read_both(&short, &whole);
    assert_eq!(costs(&sink).len(), 1);
    assert_eq!(only(&sink.notices, "keying-row-alone").rows_affected, 1);
}

#[test]
fn rows_that_one_of_them_wrote_badly_are_lost() {
    let bad = LINE_1.replace("1.234,50", "viel");
    let whole = format!("{HEADER}{LINE_1}{LINE_2}");
    let (sink, _) = read_both(&whole, &format!("{HEADER}{bad}{LINE_2}"));
    assert_eq!(costs(&sink), ["12.000000000000"]);
    assert_eq!(only(&sink.notices, "keying-amount").row, Some(1));
    let (sink, _) = read_both(&format!("{HEADER}{bad}{LINE_2}"), &whole);
    assert_eq!(costs(&sink), ["12.000000000000"]);
    assert_eq!(lost(&sink.notices), [(Some(1), "billed_cost: viel")]);
}

#[test]
fn one_keying_alone_is_no_record() {
    let whole = format!("{HEADER}{LINE_1}");
    let folder = Folder::new();
    folder.write("a.csv", &whole);
    folder.write("c.csv", format!("{HEADER}{LINE_2}"));
    for patterns in [&["a.csv"][..], &["a.csv", "c.csv"]] {
        let mut input = folder.input(Format::Table, patterns);
        input.map = Some(charges_map("b.csv"));
        let (sink, report) = read(&input);
        assert_eq!(report.rows.get(&Table::Charges), None);
        assert_eq!(
            with_effect(&sink.notices, Effect::Lost),
            vec!["keying-absent"; patterns.len()]
        );
    }
    // A second keying that cannot be read bears out nothing.
    let (sink, _) = read_both(&whole, "");
    assert_eq!(costs(&sink), [""; 0]);
    assert_eq!(
        with_effect(&sink.notices, Effect::Lost),
        ["empty-file", "keying-row-alone"]
    );
}

#[test]
fn two_sheets_of_one_workbook_are_two_keyings() {
    let sheet = |amount: &str| {
        let cells = |row: u32, texts: [&str; 4]| {
            let cells: String = ["A", "B", "C", "D"]
                .iter()
                .zip(texts)
                .map(|(letter, text)| inline(&format!("{letter}{row}"), text))
                .collect();
            format!("<row r=\"{row}\">{cells}</row>")
        };
        format!(
            "{}{}{}",
            cells(1, ["Von", "Bis", "Betrag", "Währung"]),
            cells(2, ["01.01.2025", "01.02.2025", "10,50", "EUR"]),
            cells(3, ["01.02.2025", "01.03.2025", amount, "EUR"])
        )
    };
    let bytes = crate::sheet::workbook_of(&[("Anna", &sheet("20")), ("Ben", &sheet("21"))], "");
    let folder = Folder::new();
    folder.write("keyed.xlsx", bytes);
    let mut input = folder.input(Format::Table, &["keyed.xlsx"]);
    let mut two = charges_map("Ben");
    two.columns.remove("description");
    input.map = Some(two.clone());
    let (sink, _) = read(&input);
    assert_eq!(costs(&sink), ["10.500000000000"]);
    assert_eq!(lost(&sink.notices), [(Some(2), "billed_cost: 20 and 21")]);
    two.second = Some("Carla".to_owned());
    input.map = Some(two);
    let (sink, _) = read(&input);
    assert_eq!(costs(&sink), [""; 0]);
    assert_eq!(
        with_effect(&sink.notices, Effect::Lost),
        ["sheet-absent", "keying-row-alone", "keying-row-alone"]
    );
}
