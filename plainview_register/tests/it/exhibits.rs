//! `exhibits.toml`: what is read, and every mistake it can hold.

#![allow(clippy::unwrap_used)]

use crate::BASE;
use plainview_register::{ChallengeTarget, Code, Exhibits, Parsed, parse_case, parse_exhibits};

const GOOD: &str = r#"
[[exhibit]]
id = "E1"
claim = "C1"
side = "against"
source = "sheet"
file = "sheet.csv"
row = 3
quote = "a bucket that the list does not name"
scheme = "record-shows"
marked_by = "tenant"
date = 2025-08-02

[[challenge]]
id = "D1"
target = "E1"
source = "sheet"
file = "sheet.csv"
quote = "the row was a test"
marked_by = "provider"
date = 2025-08-03

[[challenge]]
id = "D2"
target = "D1"
source = "sheet"
file = "sheet.csv"
quote = "it was not"
marked_by = "tenant"
date = 2025-08-04

[[challenge]]
id = "D3"
target = "C1/gap/invoices"
source = "sheet"
file = "sheet.csv"
quote = "another payer"
marked_by = "provider"
date = 2025-08-04
"#;

fn read(text: &str) -> Parsed<Exhibits> {
    let register = parse_case("case.toml", BASE).value.unwrap();
    parse_exhibits("exhibits.toml", text, &register)
}

#[test]
fn exhibits_and_challenges_are_read() {
    let exhibits = read(GOOD).value.unwrap();
    assert_eq!(
        (exhibits.exhibits.len(), exhibits.exhibits[0].row),
        (1, Some(3))
    );
    let targets: Vec<_> = exhibits
        .challenges
        .iter()
        .map(|challenge| challenge.target.clone())
        .collect();
    let expected = [
        ChallengeTarget::Exhibit("E1".into()),
        ChallengeTarget::Challenge("D1".into()),
        ChallengeTarget::Argument("C1/gap/invoices".into()),
    ];
    assert_eq!(targets, expected);
    assert!(
        exhibits
            .canonical_json()
            .contains("\"schema\":\"plainview.exhibits/1\"")
    );
}

#[test]
fn an_empty_file_holds_no_exhibits() {
    assert_eq!(read("# nothing yet\n").value, Some(Exhibits::default()));
}

/// Text replaced, its replacement, the code it must give, and the nearest name where there is one.
const MISTAKES: &[(&str, &str, Code, Option<&str>)] = &[
    (
        "claim = \"C1\"",
        "claim = \"C11\"",
        Code::UnknownClaim,
        Some("C1"),
    ),
    (
        "source = \"sheet\"",
        "source = \"shete\"",
        Code::UnknownSource,
        Some("sheet"),
    ),
    (
        "marked_by = \"tenant\"",
        "marked_by = \"tennant\"",
        Code::UnknownParty,
        Some("tenant"),
    ),
    (
        "side = \"against\"",
        "side = \"agianst\"",
        Code::UnknownWord,
        Some("against"),
    ),
    (
        "scheme = \"record-shows\"",
        "scheme = \"indicator\"",
        Code::UnknownWord,
        None,
    ),
    ("row = 3", "row = 0", Code::BadNumber, None),
    ("row = 3", "row = \"3\"", Code::WrongType, None),
    (
        "quote = \"it was not\"",
        "quote = \"\"",
        Code::EmptyText,
        None,
    ),
    ("date = 2025-08-02", "", Code::MissingKey, None),
    ("id = \"D2\"", "id = \"E1\"", Code::DuplicateId, None),
    (
        "[[exhibit]]",
        "[[exhibits]]",
        Code::UnknownSection,
        Some("exhibit"),
    ),
    ("target = \"D1\"", "target = \"D3\"", Code::BadTarget, None),
    ("target = \"D1\"", "target = \"D2\"", Code::BadTarget, None),
    ("target = \"D1\"", "target = \"C1\"", Code::BadTarget, None),
    ("target = \"D1\"", "target = \"C1/\"", Code::BadTarget, None),
    (
        "target = \"D1\"",
        "target = \"C99/gap/invoices\"",
        Code::BadTarget,
        None,
    ),
];

#[test]
fn every_mistake_is_found() {
    for (old, new, code, nearest) in MISTAKES {
        assert!(GOOD.contains(*old), "{old}");
        let parsed = read(&GOOD.replacen(old, new, 1));
        assert!(parsed.value.is_none(), "{new}");
        let hit = parsed
            .diagnostics
            .iter()
            .find(|diagnostic| diagnostic.code == *code);
        let hit = hit.unwrap_or_else(|| panic!("{new}: {:?}", parsed.diagnostics));
        if nearest.is_some() {
            assert_eq!(hit.nearest.as_deref(), *nearest, "{new}");
        }
        assert_eq!(hit.file, "exhibits.toml");
    }
}

#[test]
fn a_challenge_of_a_claim_is_told_to_be_an_exhibit() {
    let parsed = read(&GOOD.replacen("target = \"D1\"", "target = \"C1\"", 1));
    assert!(
        parsed.diagnostics[0]
            .message
            .contains("a passage against a claim is an exhibit")
    );
}
