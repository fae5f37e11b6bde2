//! Drafts: as drafted a case points at its open questions only; with them answered it parses.

#![allow(clippy::unwrap_used)]

use jiff::civil::date;
use plainview_register::draft::{Draft, DraftSource, QUESTIONS_MAX, case_toml};
use plainview_register::{
    Account, ClaimKind, ColumnMap, MappedTable, SourceFormat, TableMap, Unit, parse_case,
};
use std::collections::BTreeMap;

fn source(id: &str, format: SourceFormat, accounts: &[&str]) -> DraftSource {
    DraftSource {
        id: id.into(),
        format,
        paths: vec![format!("sources/{id}")],
        accounts: accounts
            .iter()
            .map(|account| Account::parse(account).unwrap())
            .collect(),
        period: None,
        rows: 3_000,
        map: None,
    }
}

fn draft(files: Vec<DraftSource>) -> Draft {
    Draft {
        id: "My Case".into(),
        title: "Calls in the cloud".into(),
        opened: date(2025, 8, 1),
        files,
    }
}

fn full() -> Draft {
    let map = TableMap {
        table: MappedTable::Objects,
        locale: "de".into(),
        sheet: Some("Blatt \"1\"".into()),
        second: Some("Blatt 2".into()),
        header_row: 2,
        timezone: "UTC".into(),
        date_format: Some("%d.%m.%Y".into()),
        columns: BTreeMap::from([
            (
                "key".into(),
                ColumnMap::Column {
                    name: "Objekt \\ Pfad".into(),
                    unit: None,
                },
            ),
            (
                "size".into(),
                ColumnMap::Column {
                    name: "Größe".into(),
                    unit: Some(Unit::MB),
                },
            ),
            (
                "provider".into(),
                ColumnMap::Value {
                    value: "aws".into(),
                },
            ),
        ]),
    };
    draft(vec![
        DraftSource {
            period: Some((date(2019, 5, 1), date(2025, 3, 2))),
            ..source("Inventory A", SourceFormat::S3Inventory, &[])
        },
        DraftSource {
            period: Some((date(2025, 1, 1), date(2025, 4, 1))),
            ..source("bill", SourceFormat::Focus, &["aws/111122223333"])
        },
        source(
            "bill",
            SourceFormat::CloudwatchMetrics,
            &["aws/111122223333"],
        ),
        source("provider", SourceFormat::Mail, &[]),
        DraftSource {
            map: Some(map),
            ..source("sheet", SourceFormat::Table, &[])
        },
        source("unmapped", SourceFormat::Table, &[]),
    ])
}

/// Every shape a draft can take, by what the files leave open.
fn drafts() -> Vec<(&'static str, Draft)> {
    vec![
        ("empty", draft(Vec::new())),
        (
            "without a title",
            Draft {
                id: "§".into(),
                title: String::new(),
                ..draft(Vec::new())
            },
        ),
        ("full", full()),
        (
            "an inventory alone",
            draft(vec![source("inventory", SourceFormat::S3Inventory, &[])]),
        ),
        (
            "inventories of two possible accounts",
            draft(vec![
                source("one", SourceFormat::S3Inventory, &[]),
                source("two", SourceFormat::S3Inventory, &[]),
                source(
                    "bill",
                    SourceFormat::Focus,
                    &["aws/111122223333", "aws/444455556666"],
                ),
            ]),
        ),
        (
            "hostile names",
            draft(vec![source(
                "a\"]\n[x]\nb = \"c\\",
                SourceFormat::Mail,
                &[],
            )]),
        ),
    ]
}

fn questions(text: &str) -> Vec<String> {
    let number = |line: &str| {
        line.strip_prefix("# Q")?
            .split_once(". ")
            .map(|(number, _)| format!("Q{number}"))
    };
    text.lines().filter_map(number).collect()
}

/// Answers every question the way a person would: between the quotes of the value that carries it.
fn answered(text: &str, template: &str) -> String {
    let answer = |line: &str| -> Option<String> {
        let (assignment, _) = line.split_once("  # Q")?;
        let (key, _) = assignment.split_once(" = ")?;
        let value = match key {
            "until" => "2026-12-31",
            "from" => "2025-01-01",
            "to" => "2025-04-01",
            "stated_at" => "2025-06-20",
            "account" => "aws/111122223333",
            "accounts" => return Some("accounts = [\"aws/111122223333\"]".into()),
            "template" => template,
            _ => "an answer",
        };
        Some(format!("{key} = \"{value}\""))
    };
    let lines: Vec<String> = text
        .lines()
        .map(|line| answer(line).unwrap_or_else(|| line.to_owned()))
        .collect();
    lines.join("\n")
}

#[test]
fn a_draft_asks_at_most_ten_questions_and_each_has_a_value() {
    for (name, draft) in drafts() {
        let text = case_toml(&draft);
        let asked = questions(&text);
        assert!(
            !asked.is_empty() && asked.len() <= QUESTIONS_MAX,
            "{name}: {asked:?}\n{text}"
        );
        for (index, number) in asked.iter().enumerate() {
            assert_eq!(*number, format!("Q{}", index + 1), "{name}");
            assert!(
                text.lines()
                    .any(|line| line.ends_with(&format!("  # {number}"))),
                "{name}: {number} fills nothing"
            );
        }
    }
}

#[test]
fn an_unanswered_draft_points_at_its_questions_and_at_nothing_else() {
    for (name, draft) in drafts() {
        let text = case_toml(&draft);
        let parsed = parse_case("case.toml", &text);
        let blanks: Vec<usize> = text
            .lines()
            .enumerate()
            .filter(|(_, line)| line.contains("  # Q"))
            .map(|(index, _)| index + 1)
            .collect();
        let pointed: Vec<usize> = parsed.diagnostics.iter().map(|d| d.line as usize).collect();
        let shown: Vec<String> = parsed.diagnostics.iter().map(ToString::to_string).collect();
        assert_eq!(pointed, blanks, "{name}\n{}\n{text}", shown.join("\n"));
    }
}

#[test]
fn an_answered_draft_parses_with_every_template() {
    let templates = [
        ("full-list-of-stores", "list = [\"inventory-a\"]"),
        ("no-evidence-of recorded_calls", ""),
        ("not-in-region eu-central-1", ""),
        ("not-a-customer-of Speech", ""),
        (
            "unaware-until 2025-01-31",
            "persons = [\"a-person\"]\ntopic = \"calls\"",
        ),
    ];
    let drafted = case_toml(&full());
    for (template, options) in templates {
        assert!(
            drafted.contains(&format!("#   {template}")),
            "{template} is not among the examples"
        );
        let text = answered(&drafted, template);
        let text = text.replacen(
            "about = [\"tenant\"]",
            &format!("about = [\"tenant\"]\n{options}"),
            1,
        ) + "\n[[party]]\nid = \"a-person\"\nname = \"A\"\nkind = \"person\"\nrole = \"staff\"\n";
        let parsed = parse_case("case.toml", &text);
        let shown: Vec<String> = parsed.diagnostics.iter().map(ToString::to_string).collect();
        let register = parsed
            .value
            .unwrap_or_else(|| panic!("{template}\n{}", shown.join("\n")));
        let ClaimKind::Template { template: read } = &register.claims[0].kind else {
            panic!("{template}")
        };
        assert_eq!(template.split(' ').next().unwrap(), read.word());
    }
}

#[test]
fn every_answered_draft_parses() {
    for (name, draft) in drafts() {
        let text = answered(&case_toml(&draft), "not-in-region eu-central-1");
        let parsed = parse_case("case.toml", &text);
        assert!(
            parsed.value.is_some(),
            "{name}: {:?}\n{text}",
            parsed.diagnostics
        );
    }
}

#[test]
fn what_the_files_say_is_filled_in() {
    let text = answered(&case_toml(&full()), "full-list-of-stores");
    let register = parse_case("case.toml", &text).value.unwrap();
    assert_eq!(register.case.id, "my-case");
    // The bill states its period; the inventory's oldest object does not set it.
    assert_eq!(
        (register.scope.from, register.scope.to),
        (date(2025, 1, 1), date(2025, 4, 1))
    );
    assert!(text.contains("# 3 months, 2025-01 to 2025-03.") && text.contains("# 3,000 rows"));
    let ids: Vec<&str> = register
        .sources
        .iter()
        .map(|source| source.id.as_str())
        .collect();
    assert_eq!(
        ids,
        ["bill", "bill-2", "inventory-a", "provider-2", "sheet"]
    );
    let inventory = register.source("inventory-a").unwrap();
    assert_eq!(
        inventory.account.as_ref().unwrap().to_string(),
        "aws/111122223333"
    );
    assert_eq!(register.source("sheet").unwrap().map, full().files[4].map);
}

#[test]
fn the_empty_case_is_the_same_every_time() {
    assert_eq!(case_toml(&draft(Vec::new())), case_toml(&draft(Vec::new())));
}
