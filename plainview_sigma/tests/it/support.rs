//! Rules and rows in short form.

use plainview_sigma::{Check, Fields, Finding, Log, Note, Place, Report, RowRef, RuleSet, Stream};

/// A rule over CloudTrail with this detection, indented by four spaces.
pub(crate) fn rule(detection: &str) -> String {
    rule_for("product: aws\n    service: cloudtrail", detection)
}

/// A rule over any logsource.
pub(crate) fn rule_for(logsource: &str, detection: &str) -> String {
    format!(
        "title: A rule\nid: 00000000-0000-4000-8000-000000000001\nlogsource:\n    {logsource}\ndetection:\n{detection}\nlevel: low\n"
    )
}

/// CloudTrail rows of `activity`, with one name in `details`.
pub(crate) fn cloudtrail() -> Stream {
    Stream {
        log: Log::Cloudtrail,
        place: Place::Activity,
        details: vec!["userIdentity.type".to_owned()],
    }
}

/// Row number `row`.
pub(crate) fn at(row: u64) -> RowRef {
    RowRef {
        source: "trail".to_owned(),
        file: "a.json".to_owned(),
        row,
        place: Place::Activity,
        at: "2025-01-01T00:00:00Z".to_owned(),
    }
}

/// Runs rules over rows of one stream; long digit runs count as masked.
pub(crate) fn run(rules: &[&str], stream: Stream, rows: &[&[(&str, &str)]]) -> Report {
    let mut set = RuleSet::default();
    for (number, rule) in rules.iter().enumerate() {
        set.add(&format!("{number}.yml"), rule);
    }
    let masked = |text: &str| text.bytes().filter(u8::is_ascii_digit).count() >= 7;
    let mut check = Check::new(&set, &[stream], &masked);
    for (number, row) in rows.iter().enumerate() {
        let mut fields = Fields::new();
        for (name, text) in *row {
            fields.set(*name, *text);
        }
        check.row(0, &at(number as u64 + 1), fields);
    }
    check.finish()
}

/// The one finding of one rule over CloudTrail rows.
pub(crate) fn one(detection: &str, rows: &[&[(&str, &str)]]) -> Finding {
    let report = run(&[&rule(detection)], cloudtrail(), rows);
    assert_eq!(report.notices, [], "{detection}");
    report.findings.into_iter().next().unwrap()
}

/// What a finding says: its note, the rows hit, the rows undecided, and what is not kept.
pub(crate) fn said(finding: &Finding) -> (Note, Vec<u64>, Vec<u64>, Vec<&str>) {
    let rows = |cited: &plainview_sigma::Cited| cited.rows.iter().map(|r| r.row).collect();
    (
        finding.note,
        rows(&finding.hits),
        rows(&finding.undecided),
        finding.not_kept.iter().map(String::as_str).collect(),
    )
}
