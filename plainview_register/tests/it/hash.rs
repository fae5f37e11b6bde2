//! Hash laws: the spelling of a case never changes its hash, its content always does.

#![allow(clippy::unwrap_used)]

use crate::BASE;
use plainview_register::{Register, parse_case};
use proptest::prelude::*;

fn register(text: &str) -> Register {
    let parsed = parse_case("case.toml", text);
    parsed
        .value
        .unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

fn hash(text: &str) -> String {
    register(text).sha256()
}

/// The sections of a file: a header and its lines, nested headers kept with their parent.
fn sections(text: &str) -> Vec<Vec<String>> {
    let mut out: Vec<Vec<String>> = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let nested = line.starts_with("[case.") || line.starts_with("[source.");
        if line.starts_with('[') && !nested {
            out.push(Vec::new());
        }
        out.last_mut().unwrap().push(line.to_owned());
    }
    out
}

/// Reverses the key lines between two headers.
fn reversed_keys(section: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    let mut run: Vec<String> = Vec::new();
    for line in section {
        if line.starts_with('[') {
            out.extend(run.drain(..).rev());
            out.push(line.clone());
        } else {
            run.push(line.clone());
        }
    }
    out.extend(run.drain(..).rev());
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn section_and_key_order_do_not_change_the_hash(
        order in Just((0..sections(BASE).len()).collect::<Vec<_>>()).prop_shuffle(),
        reverse in any::<bool>(),
    ) {
        let all = sections(BASE);
        let mut text = String::new();
        for index in order {
            let lines = if reverse { reversed_keys(&all[index]) } else { all[index].clone() };
            text.push_str(&lines.join("\n"));
            text.push('\n');
        }
        prop_assert_eq!(hash(&text), hash(BASE));
    }
}

#[test]
fn whitespace_comments_and_line_ends_do_not_change_the_hash() {
    let loose = BASE
        .replace(" = ", "   =  ")
        .replace('\n', "   # a comment\r\n");
    assert_ne!(loose, BASE);
    assert_eq!(hash(&loose), hash(BASE));
    assert_eq!(hash(&format!("\u{feff}{BASE}")), hash(BASE));
}

#[test]
fn another_spelling_of_the_same_value_does_not_change_the_hash() {
    for (old, new) in [
        ("opened = 2025-08-01", "opened = \"2025-08-01\""),
        ("alpha = \"0.05\"", "alpha = 0.050"),
        (
            "acquired_at = 2025-07-16",
            "acquired_at = 2025-07-16T02:00:00+02:00",
        ),
        (
            "accounts = [\"aws/111122223333\", \"azure/examplestore\"]",
            "accounts = [\"azure/examplestore\", \"aws/111122223333\"]",
        ),
        ("id = \"base\"", "id = 'base'"),
        ("value = \"40\"", "value = 40"),
        ("stores = []\n", ""),
        ("measure = \"byte_hours\"\n", ""),
        (
            "standard = \"corroborated\"",
            "standard = \"corroborated\"\npower = \"0.95\"",
        ),
        ("\"ops@halden.example\"", "\"Ops@Halden.example\""),
    ] {
        assert!(BASE.contains(old), "{old}");
        assert_eq!(
            hash(&BASE.replacen(old, new, 1)),
            hash(BASE),
            "{old} -> {new}"
        );
    }
}

#[test]
fn another_value_changes_the_hash() {
    let mut seen = std::collections::BTreeSet::from([hash(BASE)]);
    for (old, new) in [
        ("recorded calls?", "recorded calls."),
        ("until = 2026-12-31", "until = 2026-12-30"),
        ("to = 2025-04-01", "to = 2025-04-02"),
        ("fictional = true", "fictional = false"),
        ("stores = []", "stores = [\"aws/111122223333/calls\"]"),
        ("name = \"Storage team\"", "name = \"The storage team\""),
        ("kind = \"team_of\"", "kind = \"employed_by\""),
        ("to_date = 2030-01-01", "to_date = 2030-01-02"),
        ("delivery = \"guaranteed\"", "delivery = \"best-effort\""),
        ("2025-07-15T00:00:00Z", "2025-07-15T00:00:01Z"),
        ("cure_date = 2025-07-15", "cure_date = 2025-07-14"),
        ("unit = \"MB\"", "unit = \"MiB\""),
        ("{ value = \"aws\" }", "\"aws\""),
        ("852b855", "852b854"),
        ("like 'www%'", "like 'web%'"),
        ("residue = [\"that target people\"]\n", ""),
        ("value = \"40\"", "value = \"40.000001\""),
        ("op = \"<=\"", "op = \"<\""),
        (
            "template = \"unaware-until 2025-06-01\"",
            "template = \"unaware-until 2025-06-02\"",
        ),
        ("alpha = \"0.05\"", "alpha = \"0.051\""),
        ("expected_notices = [\"bad-row\"]\n", ""),
    ] {
        assert!(BASE.contains(old), "{old}");
        assert!(
            seen.insert(hash(&BASE.replacen(old, new, 1))),
            "{old} -> {new} did not change the hash"
        );
    }
}

#[test]
fn where_a_copy_lies_does_not_change_the_hash_and_which_files_does() {
    let files = "files = [\"sources/inventory\"]\n";
    assert!(BASE.contains(files));
    let elsewhere = |location: &str| {
        let line = format!("{files}location = \"{location}\"\n");
        hash(&BASE.replacen(files, &line, 1))
    };
    assert_eq!(hash(BASE), elsewhere("s3://bucket/prefix"));
    assert_eq!(hash(BASE), elsewhere("az://container"));
    let address = BASE.replacen(files, "files = [\"s3://bucket/sources/inventory\"]\n", 1);
    assert_ne!(hash(BASE), hash(&address));
}

#[test]
fn the_canonical_form_holds_no_float_and_is_sorted() {
    let text = register(BASE).canonical_json();
    assert!(text.starts_with("{\"authentications\":["), "{text}");
    assert!(text.contains("\"alpha\":\"0.05\""));
    assert!(text.contains("\"schema\":\"plainview.register/1\""));
    let at = |id: &str| text.find(&format!("\"id\":\"{id}\"")).unwrap();
    assert!(at("director") < at("provider") && at("provider") < at("tenant"));
    assert!(!text.contains('\n') && !text.contains("null"));
}

#[test]
fn the_defaults_are_those_of_the_method() {
    let text = BASE.replacen(
        "[standard]\nalpha = \"0.05\"\nstandard = \"corroborated\"\n",
        "",
        1,
    );
    let standard = register(&text).standard;
    let got = [
        standard.alpha,
        standard.power,
        standard.reach,
        standard.continuity,
        standard.design_share,
        standard.tau_floor_gib_month,
        standard.tau_share,
    ];
    assert_eq!(
        got.map(|d| d.to_string()),
        ["0.05", "0.95", "0.95", "0.99", "0.01", "1", "0.005"]
    );
    assert_eq!(
        (standard.level, standard.removal_depth, standard.d_tol),
        (1, 3, 0)
    );
    assert_eq!(
        (standard.standard.as_str(), standard.m_tol_gib_month),
        ("corroborated", None)
    );
}

#[test]
fn a_claim_takes_its_scope_from_the_case_where_it_is_silent() {
    let register = register(BASE);
    let scope = &register.claim("C1").unwrap().scope;
    assert_eq!(
        (scope.from, scope.to, &scope.accounts),
        (
            register.scope.from,
            register.scope.to,
            &register.scope.accounts
        )
    );
    let own = &register.claim("C5").unwrap().scope;
    let months: Vec<String> = own.months().iter().map(ToString::to_string).collect();
    assert_eq!(
        (own.accounts.len(), months),
        (1, vec!["2025-02".to_owned()])
    );
    assert!(register.party("director").is_some() && register.source("sheet").is_some());
    assert!(register.party("nobody").is_none() && register.predicate("public-web").is_some());
}
