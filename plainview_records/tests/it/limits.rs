//! The bounds: listed once, and for people as they are.

use std::collections::BTreeSet;
use std::path::Path;

use plainview_records::CAPS;

/// A number as the manual writes it.
fn shown(most: u64, unit: &str) -> String {
    for (power, name) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] {
        if unit == "bytes" && most.is_multiple_of(1 << power) {
            return format!("{} {name}", most >> power);
        }
    }
    let digits = most.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text} {unit}")
}

#[test]
fn the_manual_lists_every_bound_as_it_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/limits.md");
    let manual = std::fs::read_to_string(path).unwrap();
    let rows: BTreeSet<String> = CAPS
        .iter()
        .map(|cap| {
            format!(
                "| {} | {} | `{}` |",
                cap.what,
                shown(cap.most, cap.unit),
                cap.notice
            )
        })
        .collect();
    assert_eq!(rows.len(), CAPS.len(), "two bounds read the same");
    let written: BTreeSet<String> = manual
        .lines()
        .filter(|line| line.starts_with("| ") && line.ends_with("` |"))
        .map(str::to_owned)
        .collect();
    let wanted: Vec<&String> = rows.difference(&written).collect();
    let stale: Vec<&String> = written.difference(&rows).collect();
    assert!(
        wanted.is_empty() && stale.is_empty(),
        "the manual lacks {wanted:#?} and has {stale:#?}"
    );
}
