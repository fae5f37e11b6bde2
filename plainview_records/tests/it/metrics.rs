//! Tests of the metric readers, CloudWatch and Azure Monitor.

use std::fs;
use std::path::PathBuf;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use plainview_records::{Collected, Effect, Format, Notice, SourceInput, SourceReport, Table};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::support::{codes, read};

/// Reads files given as (name, text) in this order.
fn read_files(format: Format, files: &[(&str, &[u8])]) -> (Collected, SourceReport) {
    let folder = TempDir::new().unwrap();
    let paths: Vec<PathBuf> = files
        .iter()
        .map(|(name, bytes)| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        })
        .collect();
    read(&SourceInput::new(
        "metrics",
        format,
        folder.path().to_owned(),
        paths,
    ))
}

fn aws(text: &str) -> (Collected, SourceReport) {
    read_files(Format::CloudwatchMetrics, &[("m", text.as_bytes())])
}

fn azure(text: &str) -> (Collected, SourceReport) {
    read_files(Format::AzureMonitorMetrics, &[("m", text.as_bytes())])
}

/// Rows as text: account/container/region meter tier start+seconds statistic value unit.
fn rows(sink: &Collected) -> Vec<String> {
    let batch: RecordBatch = sink.table(Table::Metering).unwrap();
    let text = |column: &str, n: usize| {
        let array = batch.column_by_name(column).unwrap().as_string::<i32>();
        if array.is_valid(n) {
            array.value(n).to_owned()
        } else {
            "-".to_owned()
        }
    };
    let time = |column: &str, n: usize| {
        batch
            .column_by_name(column)
            .unwrap()
            .as_primitive::<TimestampMillisecondType>()
            .value(n)
            / 1000
    };
    let value = batch
        .column_by_name("value")
        .unwrap()
        .as_primitive::<Decimal128Type>();
    (0..batch.num_rows())
        .map(|n| {
            format!(
                "{}/{}/{} {} {} {} {}+{} {} {} {}",
                text("provider", n),
                text("account", n),
                text("container", n),
                text("region", n),
                text("meter", n),
                text("tier", n),
                time("start_at", n),
                time("end_at", n) - time("start_at", n),
                text("statistic", n),
                value
                    .value_as_string(n)
                    .trim_end_matches('0')
                    .trim_end_matches('.'),
                text("unit", n),
            )
        })
        .collect()
}

fn notice<'n>(notices: &'n [Notice], code: &str) -> &'n Notice {
    notices
        .iter()
        .find(|n| n.code == code)
        .unwrap_or_else(|| panic!("no {code} among {:?}", codes(notices)))
}

const WRAPPED: &str = r#"{
  "Namespace": "AWS/S3", "MetricName": "BucketSizeBytes", "Region": "eu-central-1", "AccountId": "111122223333",
  "Dimensions": [{"Name": "BucketName", "Value": "tenant-calls"}, {"Name": "StorageType", "Value": "StandardStorage"}],
  "Period": 3600, "Owner": "x", "Label": "BucketSizeBytes",
  "Datapoints": [
    {"Timestamp": "2025-01-01T00:00:00+00:00", "Average": 9007199254740993.25, "Unit": "Bytes"},
    {"Timestamp": "2025-01-02T00:00:00Z", "Average": 1.5E3, "Maximum": 7, "Unit": "Bytes"},
    {"Timestamp": "2025-01-03T00:00:00Z", "Unit": "Bytes"},
    {"Timestamp": "never", "Average": 1},
    {"Timestamp": "2025-01-04T00:00:00Z", "Average": -1},
    {"Timestamp": "2025-01-04T00:00:00Z", "Average": 1, "Unit": "Kilobytes"}
  ]
}"#;

#[test]
fn wrapped_statistics_are_exact_and_daily() {
    let (sink, report) = aws(WRAPPED);
    assert_eq!(
        rows(&sink),
        [
            // More digits than a double holds; and the storage metrics are daily whatever the period says.
            "aws/111122223333/tenant-calls eu-central-1 stored_bytes StandardStorage 1735689600+86400 average 9007199254740993.25 B",
            "aws/111122223333/tenant-calls eu-central-1 stored_bytes StandardStorage 1735776000+86400 average 1500 B",
        ]
    );
    assert_eq!(
        codes(&sink.notices),
        [
            "bad-row",
            "bad-row",
            "bad-row",
            "metric-no-value",
            "metric-unread-fields"
        ]
    );
    let lost: Vec<Option<u64>> = sink
        .notices
        .iter()
        .filter(|n| n.effect == Effect::Lost)
        .map(|n| n.row)
        .collect();
    assert_eq!(lost, [Some(4), Some(5), Some(6)]);
    assert_eq!(
        report.time_range,
        Some((1_735_689_600_000, 1_735_862_400_000))
    );
}

#[test]
fn get_metric_data_finds_what_was_asked_in_the_same_or_another_file() {
    let queries = r#"[
      {"Id": "size", "AccountId": "111122223333", "MetricStat": {"Metric": {"Namespace": "AWS/S3", "MetricName": "NumberOfObjects",
        "Dimensions": [{"Name": "BucketName", "Value": "b-one"}, {"Name": "StorageType", "Value": "AllStorageTypes"}]},
        "Period": 86400, "Stat": "Average"}},
      {"Id": "out", "MetricStat": {"Metric": {"Namespace": "AWS/S3", "MetricName": "BytesDownloaded",
        "Dimensions": [{"Name": "BucketName", "Value": "b-one"}, {"Name": "FilterId", "Value": "EntireBucket"}]},
        "Period": 3600, "Stat": "Sum"}},
      {"Id": "part", "MetricStat": {"Metric": {"Namespace": "AWS/S3", "MetricName": "BytesDownloaded",
        "Dimensions": [{"Name": "BucketName", "Value": "b-one"}, {"Name": "FilterId", "Value": "logs"}]},
        "Period": 3600, "Stat": "Sum"}}
    ]"#;
    let results = r#"{"MetricDataResults": [
      {"Id": "size", "Label": "x", "Timestamps": ["2025-01-01T00:00:00Z"], "Values": [3.0], "StatusCode": "Complete"},
      {"Id": "out", "Timestamps": ["2025-01-01T00:00:00Z", "2025-01-01T01:00:00Z"], "Values": [10], "StatusCode": "PartialData"},
      {"Id": "part", "Timestamps": ["2025-01-01T00:00:00Z"], "Values": [1]},
      {"Id": "unknown", "Timestamps": ["2025-01-01T00:00:00Z"], "Values": [1]}
    ]}"#;
    let expect = [
        "aws/111122223333/b-one - object_count - 1735689600+86400 average 3 count",
        "aws/unknown/b-one - egress_bytes - 1735689600+3600 sum 10 B",
    ];
    // The queries come after the results in the order of files; they are found all the same.
    let (apart, _) = read_files(
        Format::CloudwatchMetrics,
        &[
            ("a.json", results.as_bytes()),
            ("q.json", queries.as_bytes()),
        ],
    );
    assert_eq!(rows(&apart), expect);
    let together = format!("{{\"MetricDataQueries\": {queries}, {}", &results[1..]);
    let (sink, _) = aws(&together);
    assert_eq!(rows(&sink), expect);
    assert_eq!(
        notice(&sink.notices, "cloudwatch-partial").effect,
        Effect::Lost
    );
    assert_eq!(
        notice(&sink.notices, "cloudwatch-filtered").effect,
        Effect::Unread
    );
    assert_eq!(
        notice(&sink.notices, "cloudwatch-no-metric").rows_affected,
        1
    );
    assert_eq!(notice(&sink.notices, "bad-row").rows_affected, 1);
    assert_eq!(notice(&sink.notices, "metric-no-account").rows_affected, 1);
    // Alone, the results say nothing of buckets.
    assert!(rows(&aws(results).0).is_empty());
}

#[test]
fn a_metric_stream_is_read_line_by_line() {
    let line = |metric: &str, storage: &str, at: u64, value: &str, unit: &str| {
        format!(
            "{{\"metric_stream_name\":\"s\",\"account_id\":\"111122223333\",\"region\":\"eu-central-1\",\"namespace\":\"AWS/S3\",\
             \"metric_name\":\"{metric}\",\"dimensions\":{{\"BucketName\":\"b-two\",{storage}}},\"timestamp\":{at},\"value\":{value},\"unit\":\"{unit}\"}}"
        )
    };
    let size = line(
        "BucketSizeBytes",
        "\"StorageType\":\"GlacierStorage\"",
        1_735_689_600_000,
        "{\"max\":9.0,\"min\":1.0,\"sum\":10.0,\"count\":4.0}",
        "Bytes",
    );
    let out = line(
        "BytesDownloaded",
        "\"FilterId\":\"EntireBucket\"",
        1_735_689_660_000,
        "{\"max\":9,\"min\":1,\"sum\":10,\"count\":4}",
        "Bytes",
    );
    let other = line(
        "4xxErrors",
        "\"FilterId\":\"EntireBucket\"",
        1_735_689_660_000,
        "{\"sum\":1,\"count\":1}",
        "Count",
    );
    let ec2 = out.replace("AWS/S3", "AWS/EC2");
    let text = format!(
        "{size}\nnot json\n\n{out}{out}\n{other}\n{ec2}\n{}",
        &size[..40]
    );
    let (sink, _) = aws(&text);
    assert_eq!(
        rows(&sink),
        [
            "aws/111122223333/b-two eu-central-1 stored_bytes GlacierStorage 1735689600+86400 average 2.5 B",
            "aws/111122223333/b-two eu-central-1 egress_bytes - 1735689660+60 sum 10 B",
            "aws/111122223333/b-two eu-central-1 egress_bytes - 1735689660+60 sum 10 B",
        ]
    );
    let bad: Vec<Option<u64>> = sink
        .notices
        .iter()
        .filter(|n| n.code == "bad-row")
        .map(|n| n.row)
        .collect();
    assert_eq!(bad, [Some(2), Some(7)]);
    let unread: Vec<&str> = sink
        .notices
        .iter()
        .filter(|n| n.code == "metric-unread")
        .map(|n| n.found.as_str())
        .collect();
    assert_eq!(unread, ["AWS/EC2 BytesDownloaded", "AWS/S3 4xxErrors"]);
}

#[test]
fn storage_lens_is_read_per_account_and_bucket() {
    let line = |metric: &str, unit: &str, dimensions: &str| {
        format!(
            "{{\"metric_stream_name\":\"s\",\"account_id\":\"999988887777\",\"region\":\"us-east-1\",\"namespace\":\"AWS/S3/Storage-Lens\",\
             \"metric_name\":\"{metric}\",\"dimensions\":{{\"aws_account_number\":\"111122223333\",\"aws_region\":\"eu-central-1\",{dimensions}}},\
             \"timestamp\":1735689600000,\"value\":{{\"max\":5,\"min\":5,\"sum\":5,\"count\":1}},\"unit\":\"{unit}\"}}\n"
        )
    };
    let account = "\"record_type\":\"ACCOUNT\"";
    let text = line("StorageBytes", "Bytes", account)
        + &line(
            "ObjectCount",
            "Count",
            "\"record_type\":\"BUCKET\",\"bucket_name\":\"b-four\"",
        )
        + &line("BytesDownloaded", "Bytes", account)
        + &line("StorageBytes", "Bytes", "\"record_type\":\"ORGANIZATION\"")
        + &line(
            "StorageBytes",
            "Bytes",
            &format!("{account},\"storage_class\":\"STANDARD\""),
        )
        + &line("StorageBytes", "Bytes", "\"record_type\":\"BUCKET\"")
        + &line("4xxErrors", "Count", account);
    let (sink, _) = aws(&text);
    // The stream runs in another account and region than the one it measures.
    assert_eq!(
        rows(&sink),
        [
            "aws/111122223333/- eu-central-1 stored_bytes - 1735689600+86400 average 5 B",
            "aws/111122223333/b-four eu-central-1 object_count - 1735689600+86400 average 5 count",
            "aws/111122223333/- eu-central-1 egress_bytes - 1735689600+86400 sum 5 B",
        ]
    );
    let told: Vec<(&str, u64)> = sink
        .notices
        .iter()
        .map(|n| (n.code, n.rows_affected))
        .collect();
    assert_eq!(
        told,
        [
            ("cloudwatch-no-metric", 1),
            ("cloudwatch-filtered", 1),
            ("cloudwatch-filtered", 1),
            ("metric-unread", 1)
        ]
    );
}

#[test]
fn cloudwatch_csv_is_read_by_its_header() {
    let text = "\u{feff}Bucket;Metric;Timestamp;Value;Statistic;Period;Unit;Account;Note\n\
        b-three;BucketSizeBytes;2025-01-01T00:00:00Z;12;Average;;Bytes;444455556666;x\n\
        b-three;AllRequests;2025-01-01 00:00;7;Sum;3600;Count;444455556666;x\n\
        b-three;AllRequests;2025-01-01 00:00;7;Sum;;Count;444455556666;x\n\
        b-three;AllRequests;2025-01-01 00:00;;Sum;60;Count;444455556666;x\n\
        b-three;AllRequests;2025-01-01 00:00;7;p99;60;Count;444455556666;x\n\
        short;row\n";
    let (sink, _) = aws(text);
    assert_eq!(
        rows(&sink),
        [
            "aws/444455556666/b-three - stored_bytes - 1735689600+86400 average 12 B",
            "aws/444455556666/b-three - transactions - 1735689600+3600 sum 7 count",
        ]
    );
    assert_eq!(
        codes(&sink.notices),
        [
            "bad-row",
            "bad-row",
            "metric-no-period",
            "metric-no-value",
            "metric-unread-fields"
        ]
    );
}

const ANSWER: &str = r#"{"cost": 59, "timespan": "2025-01-01T00:00:00Z/2025-01-02T00:00:00Z", "interval": "PT1H",
  "namespace": "Microsoft.Storage/storageAccounts", "resourceregion": "westeurope", "value": [
  {"id": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/Contoso/providers/Microsoft.Insights/metrics/UsedCapacity",
   "type": "Microsoft.Insights/metrics", "name": {"value": "UsedCapacity", "localizedValue": "Used capacity"}, "unit": "Bytes",
   "timeseries": [{"metadatavalues": [], "data": [
     {"timeStamp": "2025-01-01T00:00:00Z", "average": 123456789012345678.5},
     {"timeStamp": "2025-01-01T01:00:00Z"}]}]},
  {"id": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/contoso/providers/Microsoft.Insights/metrics/Egress",
   "name": {"value": "Egress"}, "unit": "Bytes", "timeseries": [{"data": [{"timeStamp": "2025-01-01T00:00:00Z", "total": 5}]}]},
  {"id": "/subscriptions/0", "name": {"value": "Ingress"}, "unit": "Bytes", "timeseries": [{"data": [{"timeStamp": "2025-01-01T00:00:00Z", "total": 5}]}]},
  {"id": "/x/storageAccounts/contoso/y", "name": {"value": "Availability"}, "timeseries": [{"data": [{"timeStamp": "2025-01-01T00:00:00Z", "average": 100}]}]}
]}"#;

#[test]
fn azure_answers_are_read_per_storage_account() {
    let (sink, _) = azure(ANSWER);
    assert_eq!(
        rows(&sink),
        [
            "azure/contoso/- westeurope stored_bytes - 1735689600+3600 average 123456789012345678.5 B",
            "azure/contoso/- westeurope egress_bytes - 1735689600+3600 sum 5 B",
        ]
    );
    assert_eq!(
        codes(&sink.notices),
        ["bad-row", "metric-no-value", "metric-unread"]
    );
}

#[test]
fn used_capacity_gives_way_to_blob_capacity() {
    let record = |metric: &str, time: &str, average: u64| {
        format!(
            "{{\"time\":\"{time}\",\"resourceId\":\"/SUBSCRIPTIONS/0/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/CONTOSO\",\
             \"metricName\":\"{metric}\",\"timeGrain\":\"PT1H\",\"count\":1,\"total\":{average},\"minimum\":{average},\"maximum\":{average},\"average\":{average}}}\n"
        )
    };
    let used = record("UsedCapacity", "2025-01-01T00:00:00.0000000Z", 30)
        + &record("UsedCapacity", "2025-01-02T00:00:00.0000000Z", 31)
        + &record("Transactions", "2025-01-02T00:00:00.0000000Z", 8);
    let blob = record("BlobCapacity", "2025-01-01T05:00:00.0000000Z", 20);
    let (sink, _) = read_files(
        Format::AzureMonitorMetrics,
        &[("1-used", used.as_bytes()), ("2-blob", blob.as_bytes())],
    );
    assert_eq!(
        rows(&sink),
        [
            "azure/contoso/- - stored_bytes - 1735776000+3600 average 31 B",
            "azure/contoso/- - transactions - 1735776000+3600 sum 8 count",
            "azure/contoso/- - stored_bytes - 1735707600+3600 average 20 B",
        ]
    );
    assert_eq!(
        notice(&sink.notices, "azure-used-capacity-not-kept").effect,
        Effect::Unread
    );
}

#[test]
fn azure_tiers_and_csv_are_read() {
    let tiers = r#"{"interval": "PT1H", "value": [{"id": "/x/storageAccounts/contoso/blobServices/default", "name": {"value": "BlobCapacity"},
      "unit": "Bytes", "timeseries": [
        {"metadatavalues": [{"name": {"value": "tier"}, "value": "Hot"}], "data": [{"timeStamp": "2025-01-01T00:00:00Z", "average": 1}]},
        {"metadatavalues": [{"name": {"value": "tier"}, "value": "Archive"}], "data": [{"timeStamp": "2025-01-01T00:00:00Z", "average": 2}]}]}]}"#;
    assert_eq!(
        rows(&azure(tiers).0),
        [
            "azure/contoso/- - stored_bytes Hot 1735689600+3600 average 1 B",
            "azure/contoso/- - stored_bytes Archive 1735689600+3600 average 2 B",
        ]
    );
    let csv = "account,metric,timestamp,interval,statistic,value,unit,tier\n\
        Contoso,BlobCount,2025-01-01T00:00:00Z,P1D,Average,9,Count,Cool\n\
        contoso,Egress,2025-01-01T00:00:00Z,,Total,9,Bytes,\n\
        ,Egress,2025-01-01T00:00:00Z,P1D,Total,9,Bytes,\n";
    let (sink, _) = azure(csv);
    assert_eq!(
        rows(&sink),
        ["azure/contoso/- - object_count Cool 1735689600+86400 average 9 count"]
    );
    assert_eq!(codes(&sink.notices), ["bad-row", "metric-no-period"]);
}

#[test]
fn empty_cut_and_garbage_files_are_told() {
    for format in [Format::CloudwatchMetrics, Format::AzureMonitorMetrics] {
        let header: &[u8] = if format == Format::CloudwatchMetrics {
            b"bucket,metric,timestamp,value,account\n"
        } else {
            b"account,metric,timestamp,value\n"
        };
        let check = |bytes: &[u8], expect: &[&str]| {
            let (sink, report) = read_files(format, &[("m", bytes)]);
            assert_eq!(
                codes(&sink.notices),
                expect,
                "{:?}",
                String::from_utf8_lossy(bytes)
            );
            assert!(report.rows.is_empty());
            assert!(sink.notices.iter().all(|n| n.effect == Effect::Lost));
        };
        check(b"", &["empty-file"]);
        check(b"  \n", &["empty-file"]);
        check(&[0, 1, 2, 3, 255], &["sheet-not-text"]);
        check(b"a,b\n1,2\n", &["metric-missing-columns"]);
        check(header, &[]);
        let half = if format == Format::CloudwatchMetrics {
            &WRAPPED[..WRAPPED.len() / 2]
        } else {
            &ANSWER[..ANSWER.len() / 2]
        };
        check(half.as_bytes(), &["file-damaged"]);
        let deep = "[".repeat(100_000);
        check(deep.as_bytes(), &["bad-row"]);
    }
    assert_eq!(
        codes(&aws("{\"a\": 1}").0.notices),
        ["metric-unread-fields", "cloudwatch-unknown-form"]
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
    );
    assert_eq!(
        codes(&azure("{\"a\": 1}").0.notices),
        ["azure-metrics-unknown-form"]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), json in any::<bool>()) {
        let bytes = if json { [b"{", bytes.as_slice()].concat() } else { bytes };
        read_files(Format::CloudwatchMetrics, &[("m", &bytes)]);
        read_files(Format::AzureMonitorMetrics, &[("m", &bytes)]);
    }

    #[test]
    fn answers_with_other_values_never_panic(value in "(null|-?[0-9]{1,45}(\\.[0-9]{1,30})?(e-?[0-9]{1,3})?|\"[ -!#-Z]{0,9}\"|\\[\\]|\\{\\})") {
        aws(&WRAPPED.replace("1.5E3", &value));
        aws(&WRAPPED.replace("3600", &value));
        aws(&WRAPPED.replace("\"2025-01-02T00:00:00Z\"", &value));
        azure(&ANSWER.replace("123456789012345678.5", &value));
        azure(&ANSWER.replace("\"PT1H\"", &value));
        azure(&ANSWER.replace("\"2025-01-01T01:00:00Z\"", &value));
    }
}
