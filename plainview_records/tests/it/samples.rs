//! Every file of the real samples, with what it is by its maker's word: the table is written by hand from the samples' README
//! and from the files themselves, and no file may be taken for anything else.

use std::collections::{BTreeMap, BTreeSet};

use plainview_records::{Effect, FileRole, Format, SourceInput, expand};

use crate::support::{read, shared_data};

/// The files whose name begins like this, except those that an earlier line has, and their format.
const FORMATS: &[(&str, Option<Format>)] = &[
    ("README.md", Some(Format::Document)),
    (
        "aws_cloudtrail/invictus-ir/README.md",
        Some(Format::Document),
    ),
    ("aws_cloudtrail/invictus-ir/LICENSE", None),
    (
        "aws_cloudtrail/invictus-ir/CloudTrail/",
        Some(Format::Cloudtrail),
    ),
    ("aws_cloudtrail/stratus-red-team/LICENSE", None),
    (
        "aws_cloudtrail/stratus-red-team/docs/",
        Some(Format::Cloudtrail),
    ),
    (
        "aws_s3_access/logstash-patterns-core/s3_access_lines.log",
        Some(Format::S3AccessLog),
    ),
    (
        "aws_s3_access/opensearch-catalog/raw.log",
        Some(Format::S3AccessLog),
    ),
    // Lines quoted in a test of another program, and wrapped in that program's own documents.
    ("aws_s3_access/", None),
    ("aws_s3_inventory/orcabus-filemanager/LICENSE", None),
    ("aws_s3_inventory/", Some(Format::S3Inventory)),
    ("azure_resource_graph/backstage/LICENSE", None),
    ("azure_resource_graph/", Some(Format::AzureResourceGraph)),
    (
        "azure_storage_logs/dynatrace/log3.",
        Some(Format::AzureActivity),
    ),
    // A metric behind the word "Content", which no reader of metrics takes.
    ("azure_storage_logs/dynatrace/log2.", None),
    ("azure_storage_logs/dynatrace/LICENSE", None),
    ("azure_storage_logs/", Some(Format::StorageBlobLogs)),
    // Records of calls: no record of a cloud.
    ("cdr/", None),
    ("cost_exports/koku/aws/", Some(Format::AwsCur)),
    ("cost_exports/koku/test_cur.csv", Some(Format::AwsCur)),
    ("cost_exports/koku/unpacked/", Some(Format::AwsCur)),
    ("cost_exports/koku/azure/", Some(Format::AzureCost)),
    ("cost_exports/koku/gcp/", Some(Format::GcpBilling)),
    // OpenShift reports, tar archives, and a table of numbers.
    ("cost_exports/koku/", None),
    ("cost_exports/opencost/pkg/", Some(Format::AzureCost)),
    ("cost_exports/opencost/", None),
    ("durations/", None),
    ("focus/focus_1.0_sample_300.csv", Some(Format::Focus)),
    // A draft from before FOCUS 1.0 with its two telling columns: its reader names the columns it lacks.
    (
        "focus/focus-spec-validator/tests/samples/all_pass.csv",
        Some(Format::Focus),
    ),
    (
        "focus/focus_converters/focus_converter_base/tests/provider_config_tests/aws/",
        Some(Format::AwsCur),
    ),
    (
        "focus/focus_converters/focus_converter_base/tests/provider_config_tests/azure/",
        Some(Format::AzureCost),
    ),
    // Oracle's bills have no reader; the rest are columns of drafts, rules and licences.
    ("focus/", None),
    ("gcp_audit/google-cloudevents/LICENSE", None),
    (
        "gcp_audit/google-cloudevents/testdata/google/events/cloud/audit/",
        Some(Format::GcpAudit),
    ),
    // What a bucket's object is, as an event: no audit entry.
    ("gcp_audit/", None),
    // Listings in a form of their own: sheets, for which only a map can say what is what.
    ("listings/", None),
    ("mail/libratom/LICENSE", None),
    // The output of a program about a mail.
    (
        "mail/libratom/tests/emails.zip/emails/sample_output_multipart",
        None,
    ),
    ("mail/libratom/tests/emails.zip/", Some(Format::Mail)),
    ("ocsf_prowler_findings/", None),
    (
        "panther_rule_test_events/aws_cloudtrail.jsonl",
        Some(Format::Cloudtrail),
    ),
    (
        "panther_rule_test_events/aws_s3_server_access.jsonl",
        Some(Format::S3AccessLog),
    ),
    (
        "panther_rule_test_events/azure_activity.jsonl",
        Some(Format::AzureActivity),
    ),
    (
        "panther_rule_test_events/gcp_audit.jsonl",
        Some(Format::GcpAudit),
    ),
    // Kubernetes engines write their audit entries to the same log.
    (
        "panther_rule_test_events/gcp_k8s.jsonl",
        Some(Format::GcpAudit),
    ),
    // Sign-ins and load balancers: other logs, without a reader.
    ("panther_rule_test_events/", None),
    ("sigma_cloud_rules/", None),
];

/// Records in the files whose name begins like this: rows, and rows that are named as lost.
///
/// The numbers are the README's, and where it gives none those that a CSV or JSON library counts in the file.
const RECORDS: &[(&str, u64)] = &[
    ("aws_cloudtrail/invictus-ir/CloudTrail/", 2_900),
    ("aws_cloudtrail/stratus-red-team/docs/", 310),
    (
        "aws_s3_access/logstash-patterns-core/s3_access_lines.log",
        3,
    ),
    ("aws_s3_access/opensearch-catalog/raw.log", 18),
    (
        "aws_s3_inventory/orcabus-filemanager/csv_inventory.csv.gz",
        5,
    ),
    (
        "aws_s3_inventory/orcabus-filemanager/csv_inventory_no_version.csv.gz",
        2,
    ),
    ("aws_s3_inventory/orcabus-filemanager/orc_inventory.orc", 5),
    (
        "aws_s3_inventory/orcabus-filemanager/parquet_inventory.parquet",
        5,
    ),
    ("azure_resource_graph/", 1),
    ("azure_storage_logs/dynatrace/", 5),
    ("cost_exports/koku/aws/2022-07-01-alt-columns.csv", 2),
    ("cost_exports/koku/aws/2023-06-01-not-final.csv", 3),
    ("cost_exports/koku/aws/2023-06-01.csv", 3),
    ("cost_exports/koku/aws/empty_frame.csv", 0),
    ("cost_exports/koku/test_cur.csv", 2 * 19),
    ("cost_exports/koku/unpacked/koku-local/", 13_380),
    ("cost_exports/koku/unpacked/my-prefix/", 6_190),
    ("cost_exports/koku/azure/", 3 + 5 + 4 + 3),
    // Twenty-five lines, eight of them with a credit, which is a charge of its own.
    ("cost_exports/koku/gcp/202011_", 25 + 8),
    ("cost_exports/koku/gcp/2022-08-01_5.csv", 9),
    (
        "cost_exports/opencost/pkg/cloud/azure/resources/billingexports/headersets/",
        6,
    ),
    (
        "cost_exports/opencost/pkg/cloud/azure/resources/billingexports/values/",
        1 + 87 + 1,
    ),
    ("focus/focus_1.0_sample_300.csv", 300),
    (
        "focus/focus_converters/focus_converter_base/tests/provider_config_tests/aws/",
        1_281,
    ),
    (
        "focus/focus_converters/focus_converter_base/tests/provider_config_tests/azure/",
        27,
    ),
    ("gcp_audit/", 3),
    ("mail/libratom/tests/emails.zip/", 100),
    ("panther_rule_test_events/aws_cloudtrail.jsonl", 461),
    ("panther_rule_test_events/aws_s3_server_access.jsonl", 16),
    ("panther_rule_test_events/azure_activity.jsonl", 214),
    ("panther_rule_test_events/gcp_audit.jsonl", 143),
    ("panther_rule_test_events/gcp_k8s.jsonl", 25),
];

/// The value of the first line that a name begins like.
fn first<'t, T>(table: &'t [(&str, T)], name: &str) -> Option<&'t T> {
    let line = table.iter().find(|(start, _)| name.starts_with(start));
    line.map(|(_, value)| value)
}

#[test]
fn every_real_file_is_what_it_is_and_every_record_is_a_row_or_a_notice() {
    let Some(root) = shared_data() else { return };
    let (files, notices) = expand(&root, &[".".to_owned()]);
    assert!(
        notices.iter().all(|n| n.code == "hidden-file"),
        "{notices:?}"
    );
    let listed = files.len();
    let mut input = SourceInput::new("samples", Format::Auto, root, files);
    // Every notice by itself, so that lost rows can be counted by file.
    input.limits.notices_per_code_max = u64::MAX;
    let (sink, report) = read(&input);

    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    let mut archives = 0;
    for file in &report.files {
        if file.role == FileRole::Archive {
            archives += 1;
            continue;
        }
        let expected = first(FORMATS, &file.name)
            .unwrap_or_else(|| panic!("the table has no line for {}", file.name));
        used.insert(FORMATS.iter().position(|(s, _)| file.name.starts_with(s)));
        let found = file.told_by.as_ref().map(|told| told.format);
        if found != *expected {
            wrong.push(format!(
                "{}: {expected:?} was taken for {:?}",
                file.name, file.told_by
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(archives, 1, "the archive of mails");
    // 101 mails and outputs take the place of the archive.
    assert_eq!(report.files.len(), listed + 101);
    let unused: Vec<&str> = (0..FORMATS.len())
        .filter(|line| !used.contains(&Some(*line)))
        .map(|line| FORMATS[line].0)
        .filter(|start| !start.ends_with("LICENSE"))
        .collect();
    assert!(unused.is_empty(), "no file is meant by {unused:?}");

    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    let mut add = |name: &str, records: u64| {
        if let Some((start, _)) = RECORDS.iter().find(|(start, _)| name.starts_with(start)) {
            *counted.entry(start).or_default() += records;
        }
    };
    for file in &report.files {
        add(&file.name, file.rows);
    }
    let mut unknown = 0;
    for notice in sink.notices.iter().filter(|n| n.effect == Effect::Lost) {
        match notice.code {
            "format-unknown" => unknown += 1,
            // Rows of a file that is refused whole are not counted anywhere.
            "focus-missing-columns" => {}
            _ => add(&notice.file, notice.rows_affected),
        }
    }
    let wanted: BTreeMap<&str, u64> = RECORDS.iter().copied().collect();
    assert_eq!(counted, wanted);
    let untold = report
        .files
        .iter()
        .filter(|file| file.role == FileRole::Other && file.told_by.is_none());
    assert_eq!(
        unknown,
        untold.count(),
        "what is of no format is a loss, file by file"
    );
}
