//! Hostile and damaged texts: whatever comes in, diagnostics come out and nothing panics.

#![allow(clippy::unwrap_used)]

use crate::BASE;
use plainview_register::parse_case;
use proptest::prelude::*;
use std::fmt::Write as _;

/// Parses and renders; the law is that a value is missing exactly when there is an error.
fn survives(text: &str) {
    let parsed = parse_case("case.toml", text);
    for diagnostic in &parsed.diagnostics {
        let shown = diagnostic.to_string();
        assert!(
            shown.contains('^') && diagnostic.line >= 1 && diagnostic.column >= 1,
            "{shown}"
        );
    }
    assert_eq!(parsed.value.is_none(), parsed.has_errors(), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_case_with_something_in_it_replaced(
        at in 0..BASE.len(),
        length in 0usize..40,
        new in "[\\[\\]\"'=#.{}, \t\nа-я0-9a-z\u{202e}]{0,8}",
    ) {
        // The base is ASCII, so every cut is between characters.
        let end = (at + length).min(BASE.len());
        survives(&format!("{}{new}{}", &BASE[..at], &BASE[end..]));
    }

    #[test]
    fn a_case_cut_off_anywhere(at in 0..BASE.len()) {
        survives(&BASE[..at]);
    }

    #[test]
    fn any_text_at_all(text in "\\PC{0,200}") {
        survives(&text);
    }
}

#[test]
fn odd_files_are_reported_and_not_followed() {
    for text in [
        "",
        "\n",
        "\u{feff}",
        "\r\n\r\n",
        "[[party]]",
        "[party]",
        "party = 1",
        "party = [1, {}]",
        "[case]\n[case]",
        "source = [{ id = 'x', map = 3 }]",
        "= 1",
        "\"\"\"",
        "claim.id = 1",
        "[standard.alpha]",
        "[[case]]",
        "[[scope]]",
    ] {
        survives(text);
    }
}

#[test]
fn a_long_chain_of_sources_is_no_stack() {
    let mut text = BASE.to_owned();
    for number in 0..3_000 {
        let next = if number == 2_999 { 0 } else { number + 1 };
        write!(text,
            "\n[[source]]\nid = \"s{number}\"\nformat = \"mail\"\nfiles = [\"x\"]\nkind = \"statement\"\n\
             custodian = \"tenant\"\ncontroller = \"tenant\"\nacquired_at = 2025-07-16\nderived_from = [\"s{next}\"]\n"
        ).unwrap();
    }
    let parsed = parse_case("case.toml", &text);
    let codes: Vec<_> = parsed.diagnostics.iter().map(|d| d.code.as_str()).collect();
    assert_eq!(codes, ["PVR018"]);
}

#[test]
fn a_deep_nesting_is_a_syntax_error() {
    let text = format!("a = {}", "[".repeat(100_000));
    let parsed = parse_case("case.toml", &text);
    assert!(
        parsed
            .diagnostics
            .iter()
            .any(|d| d.code.as_str() == "PVR001")
    );
}
