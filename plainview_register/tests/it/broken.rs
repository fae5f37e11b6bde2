//! Every mistake a case can hold: code, line, column, length and suggestion, from a file of edits.
//!
//! `broken.txt` holds edits of `base.toml`. `- ` lines are replaced by `+ ` lines (appended at the end
//! when there are none). `«` and `»` enclose where the caret must stand, and one `! ` line for each such
//! place, in order, names the code and, after it, the nearest name. The diagnostics must be exactly those.

#![allow(clippy::unwrap_used)]

use crate::BASE;
use plainview_register::{Code, parse_case};
use std::collections::BTreeSet;

#[derive(Debug, Default)]
struct Edit {
    name: String,
    old: Vec<String>,
    new: Vec<String>,
    expected: Vec<(String, Option<String>)>,
}

fn edits() -> Vec<Edit> {
    let mut out: Vec<Edit> = Vec::new();
    for line in include_str!("broken.txt").lines() {
        if let Some(name) = line.strip_prefix("## ") {
            out.push(Edit {
                name: name.to_owned(),
                ..Edit::default()
            });
            continue;
        }
        let Some(edit) = out.last_mut() else { continue };
        let (mark, rest) = line.split_at(line.len().min(2));
        match mark {
            "- " => edit.old.push(rest.to_owned()),
            "+ " | "+" => edit.new.push(rest.to_owned()),
            "! " => {
                let (code, nearest) = rest
                    .split_once(' ')
                    .map_or((rest, None), |(code, nearest)| (code, Some(nearest)));
                edit.expected
                    .push((code.to_owned(), nearest.map(str::to_owned)));
            }
            _ => assert!(line.is_empty(), "{}: `{line}`", edit.name),
        }
    }
    out
}

fn marked(edit: &Edit) -> String {
    let (old, new) = (edit.old.join("\n") + "\n", edit.new.join("\n") + "\n");
    if edit.old.is_empty() {
        return format!("{BASE}\n{new}");
    }
    assert_eq!(
        BASE.matches(&old).count(),
        1,
        "{}: the text to replace must occur once",
        edit.name
    );
    BASE.replacen(&old, &new, 1)
}

/// Removes the marks; gives the line, column and length of each.
fn unmark(text: &str) -> (String, Vec<(u32, u32, u32)>) {
    let (mut plain, mut places) = (String::new(), Vec::new());
    let (mut line, mut column, mut start) = (1, 1, 0);
    for c in text.chars() {
        match c {
            '«' => start = column,
            '»' => places.push((line, start, (column - start).max(1))),
            '\n' => (line, column) = (line + 1, 1),
            _ => column += 1,
        }
        if !matches!(c, '«' | '»') {
            plain.push(c);
        }
    }
    (plain, places)
}

#[test]
fn every_mistake_is_found_where_it_stands() {
    let mut failures = Vec::new();
    for edit in edits() {
        let (text, places) = unmark(&marked(&edit));
        let parsed = parse_case("case.toml", &text);
        let got: Vec<_> = parsed
            .diagnostics
            .iter()
            .map(|d| {
                (
                    (d.line, d.column, d.span_chars),
                    d.code.as_str().to_owned(),
                    d.nearest.clone(),
                )
            })
            .collect();
        assert_eq!(
            places.len(),
            edit.expected.len(),
            "{}: marks and expectations differ",
            edit.name
        );
        let expected: Vec<_> = places
            .into_iter()
            .zip(edit.expected)
            .map(|(place, (code, nearest))| (place, code, nearest))
            .collect();
        if got != expected {
            let shown: Vec<String> = parsed.diagnostics.iter().map(ToString::to_string).collect();
            failures.push(format!(
                "## {}\nexpected {expected:?}\ngot      {got:?}\n{}",
                edit.name,
                shown.join("\n")
            ));
        }
        assert_eq!(parsed.value.is_none(), parsed.has_errors(), "{}", edit.name);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn every_code_of_a_case_has_an_edit() {
    let tested: BTreeSet<String> = edits()
        .into_iter()
        .flat_map(|edit| edit.expected)
        .map(|(code, _)| code)
        .collect();
    // Codes of exhibits.toml, and the one that is about what a case does not have at all.
    let elsewhere = [Code::UnknownClaim, Code::BadTarget, Code::NoClaims];
    for code in Code::ALL.iter().filter(|code| !elsewhere.contains(code)) {
        assert!(
            tested.contains(code.as_str()),
            "{code} ({}) has no edit in broken.txt",
            code.meaning()
        );
    }
}

#[test]
fn the_base_case_is_without_fault() {
    assert_eq!(parse_case("case.toml", BASE).diagnostics, []);
}

#[test]
fn a_case_without_claims_is_a_case_with_a_warning() {
    let (claimless, _) = BASE.split_once("[[claim]]").unwrap();
    let parsed = parse_case("case.toml", claimless);
    let codes: Vec<Code> = parsed.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, [Code::NoClaims]);
    assert!(
        parsed
            .value
            .is_some_and(|register| register.claims.is_empty())
    );
}

#[test]
fn a_missing_section_is_named() {
    let parsed = parse_case("case.toml", "");
    let missing: Vec<&str> = parsed
        .diagnostics
        .iter()
        .map(|d| d.message.as_str())
        .collect();
    assert!(
        missing.contains(&"the file has no section `[case]`"),
        "{missing:?}"
    );
    assert!(
        missing.contains(&"the file has no section `[scope]`"),
        "{missing:?}"
    );
}

#[test]
fn all_mistakes_of_a_file_come_at_once() {
    let text = BASE
        .replacen(
            "custodian = \"provider-storage\"",
            "custodian = \"provder-storage\"",
            1,
        )
        .replacen("format = \"focus\"", "fromat = \"focus\"", 1)
        .replacen(
            "no-evidence-of recorded_calls",
            "no-evidence-of recorded_call",
            1,
        )
        .replacen("to = 2025-04-01", "to = 2024-04-01", 1);
    let codes: Vec<Code> = parse_case("case.toml", &text)
        .diagnostics
        .iter()
        .map(|d| d.code)
        .collect();
    let expected = [
        Code::EmptyPeriod,
        Code::UnknownParty,
        Code::MissingKey,
        Code::UnknownKey,
        Code::UnknownStorageKind,
    ];
    assert_eq!(codes, expected);
}

#[test]
fn a_refused_relation_is_explained() {
    for (kind, ground) in [
        ("same_nationality_as", "nationality"),
        ("citizen_of_same_country", "nationality"),
        ("shares_ethnicity_with", "ethnicity"),
        ("same_religion_as", "religion"),
        ("married_to", "family"),
        ("cousin_of", "family"),
    ] {
        let text = BASE.replacen("\"team_of\"", &format!("\"{kind}\""), 1);
        let parsed = parse_case("case.toml", &text);
        assert!(parsed.value.is_none(), "{kind}");
        let [only] = parsed.diagnostics.as_slice() else {
            panic!("{kind}: {:?}", parsed.diagnostics)
        };
        assert_eq!(only.code, Code::RefusedRelation, "{kind}");
        assert!(
            only.message
                .starts_with(&format!("a relation may not rest on {ground}: ")),
            "{}",
            only.message
        );
        assert!(
            only.message.contains(
                "never inferred from a person's nationality, ethnicity, religion or family"
            )
        );
    }
}
