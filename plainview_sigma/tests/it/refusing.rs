//! Rules that are set aside, and rule files that cannot be used.

use plainview_sigma::{DOCUMENT_BYTES_MAX, Note, RuleSet, Standing};

use crate::support::{cloudtrail, rule, rule_for, run};

const SELECTION: &str = "    selection:\n        eventName: x\n    condition: selection";

fn why(text: &str) -> String {
    let mut set = RuleSet::default();
    set.add("rule.yml", text);
    assert_eq!(set.notices, []);
    match &set.rules[0].standing {
        Standing::Aside(why) => why.clone(),
        Standing::Run => "run".to_owned(),
    }
}

#[test]
fn other_products_and_services_are_not_applicable() {
    assert_eq!(why(&rule(SELECTION)), "run");
    assert_eq!(
        why(&rule_for(
            "product: azure\n    service: signinlogs",
            SELECTION
        )),
        "its log is not read here: product azure, service signinlogs"
    );
    assert_eq!(
        why(&rule_for(
            "product: windows\n    category: process_creation",
            SELECTION
        )),
        "its log is not read here: product windows, category process_creation"
    );
}

#[test]
fn counting_rules_and_placeholders_are_not_applicable() {
    let correlation = "title: Many\ncorrelation:\n    type: event_count\n    rules:\n        - some-rule\n    group-by:\n        - userIdentity.arn\n    timespan: 1h\n    condition:\n        gte: 10\n";
    assert!(why(correlation).starts_with("a correlation rule counts events together"));
    let within = rule(&format!("{SELECTION}\n    timeframe: 5m"));
    assert!(why(&within).starts_with("it counts events within a time frame"));
    let open = rule(
        "    selection:\n        userIdentity.arn|expand: '%Admins%'\n    condition: selection",
    );
    assert!(why(&open).starts_with("it has placeholders"));
}

#[test]
fn a_rule_that_cannot_be_parsed_is_a_notice_and_the_others_are_run() {
    let broken = "title: Broken\nlogsource:\n    product: aws\ndetection:\n    selection:\n        a: b\n    condition: selection and and\n";
    let report = run(
        &["a: [b", "", broken, &rule(SELECTION)],
        cloudtrail(),
        &[&[("event", "x")]],
    );
    let files: Vec<&str> = report.notices.iter().map(|n| n.file.as_str()).collect();
    assert_eq!(files, ["0.yml", "1.yml", "2.yml"]);
    assert!(report.notices.iter().all(|n| n.lost));
    assert!(report.is_incomplete());
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].note, Note::Hit);
}

#[test]
fn an_unknown_selection_is_a_notice_and_not_a_miss() {
    let text = rule("    selection:\n        eventName: x\n    condition: selection and filter");
    let report = run(&[&text], cloudtrail(), &[&[("event", "x")]]);
    assert_eq!(report.findings[0].note, Note::NotApplicable);
    assert_eq!(report.notices.len(), 1);
}

#[test]
fn odd_metadata_is_a_remark_and_loses_nothing() {
    let text = rule(SELECTION).replace("level: low", "level: purple");
    let report = run(&[&text], cloudtrail(), &[&[("event", "x")]]);
    assert_eq!(report.findings[0].note, Note::Hit);
    assert_eq!(report.notices.len(), 1);
    assert!(!report.is_incomplete());
}

#[test]
fn an_endless_rule_file_is_not_parsed() {
    let mut set = RuleSet::default();
    set.add("big.yml", &" ".repeat(DOCUMENT_BYTES_MAX + 1));
    assert!(set.notices[0].lost && set.rules.is_empty());
}
