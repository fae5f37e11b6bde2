//! Tests of the CloudTrail reader: events.

use std::collections::BTreeMap;
use std::path::Path;

use plainview_records::{
    Collected, Effect, Format, SourceInput, SourceReport, Table, detect, expand,
};

use crate::support::{Folder, codes, column, gzip, only, read, shared_data};

/// Reads `files`, given as (name, bytes).
pub(crate) fn read_files(files: &[(&str, &[u8])]) -> (Collected, SourceReport) {
    let folder = Folder::new();
    let paths = files
        .iter()
        .map(|(name, bytes)| folder.write(name, bytes))
        .collect();
    read(&SourceInput::new(
        "trail",
        Format::Cloudtrail,
        folder.path().to_owned(),
        paths,
    ))
}

fn read_text(text: &str) -> (Collected, SourceReport) {
    read_files(&[("events.json", text.as_bytes())])
}

/// The cells of the first row, by column; nulls are left out.
fn row(sink: &Collected, table: Table) -> BTreeMap<String, String> {
    let batch = sink.table(table).unwrap();
    assert_eq!(batch.num_rows(), 1);
    batch
        .schema()
        .fields()
        .iter()
        .map(|field| {
            (
                field.name().clone(),
                column(&batch, field.name())[0].clone(),
            )
        })
        .filter(|(_, cell)| cell != "-")
        .collect()
}

fn cells(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned()))
        .collect()
}

const GET: &str = r#"{"eventVersion": "1.09", "userIdentity": {"type": "AssumedRole",
  "principalId": "AROAEXAMPLE:mira", "arn": "arn:aws:sts::444455556666:assumed-role/reader/mira@example.org",
  "accountId": "444455556666", "accessKeyId": "ASIACANARY", "sessionContext": {"sessionIssuer": {"type": "Role",
  "arn": "arn:aws:iam::444455556666:role/reader", "accountId": "444455556666"}}},
  "eventTime": "2025-03-04T05:06:07Z", "eventSource": "s3.amazonaws.com", "eventName": "GetObject",
  "awsRegion": "eu-central-1", "sourceIPAddress": "203.0.113.77", "userAgent": "canary-agent",
  "requestParameters": {"bucketName": "tenant-calls", "key": "calls/4915123456789.opus", "Host": "canary-host"},
  "responseElements": null,
  "additionalEventData": {"SignatureVersion": "SigV4", "AuthenticationMethod": "AuthHeader",
    "bytesTransferredIn": 0.0, "bytesTransferredOut": 48211.0, "x-amz-id-2": "canary-id2"},
  "requestID": "CANARYREQUEST", "eventID": "0b7c1d8e-1111-4222-8333-944455556666", "readOnly": true,
  "resources": [{"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::tenant-calls/calls/4915123456789.opus"},
    {"accountId": "111122223333", "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::tenant-calls"}],
  "eventType": "AwsApiCall", "managementEvent": false, "recipientAccountId": "111122223333",
  "sharedEventID": "aaaaaaaa-1111-4222-8333-944455556666", "eventCategory": "Data",
  "tlsDetails": {"clientProvidedHostHeader": "canary-host"}}"#;

#[test]
fn a_data_event_is_one_request() {
    let (sink, report) = read_text(GET);
    assert_eq!(codes(&sink.notices), [] as [&str; 0]);
    assert_eq!(report.rows, BTreeMap::from([(Table::Requests, 1)]));
    let mut row = row(&sink, Table::Requests);
    let key = row.remove("key").unwrap();
    assert!(
        key.starts_with("calls/") && key.contains(".opus") && key.len() == 24,
        "{key}"
    );
    assert!(
        !key.contains("4915123456789"),
        "the number in the key is masked"
    );
    let principal = row.remove("principal").unwrap();
    let start = "arn:aws:sts::444455556666:assumed-role/reader/";
    assert!(principal.starts_with(start), "{principal}");
    assert!(!principal.contains("example.org"), "the address is masked");
    assert_eq!(
        row,
        cells(&[
            ("source_id", "trail"),
            ("file_no", "0"),
            ("row_no", "1"),
            ("provider", "aws"),
            ("account", "111122223333"),
            ("container", "tenant-calls"),
            ("region", "eu-central-1"),
            ("at", "2025-03-04T05:06:07Z"),
            ("operation", "GetObject"),
            ("verb", "read"),
            ("bytes_out", "48211"),
            ("bytes_in", "0"),
            ("principal_kind", "role"),
            ("auth", "AuthHeader"),
            ("network", "public"),
            ("event_id", "0b7c1d8e-1111-4222-8333-944455556666"),
            ("act_id", "aaaaaaaa-1111-4222-8333-944455556666"),
            ("act_part", "0"),
        ])
    );
}

const POLICY: &str = r#"{"eventVersion": "1.08", "userIdentity": {"type": "IAMUser",
  "arn": "arn:aws:iam::111122223333:user/dana", "accountId": "111122223333", "userName": "dana",
  "sessionContext": {"attributes": {"mfaAuthenticated": "false", "creationDate": "2025-03-04T05:00:00Z"}}},
  "eventTime": "2025-03-04T05:06:07Z", "eventSource": "s3.amazonaws.com", "eventName": "PutBucketPolicy",
  "awsRegion": "eu-central-1", "sourceIPAddress": "10.0.0.9",
  "requestParameters": {"bucketName": "tenant-calls", "Host": "canary-host", "policy": "", "bucketPolicy": {"Version": "2012-10-17",
    "Statement": [{"Sid": "canary-sid", "Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": "arn:aws:s3:::tenant-calls/*"}]}},
  "responseElements": {"canary": "x"}, "eventID": "0b7c1d8e-1111-4222-8333-944455556666", "readOnly": false,
  "resources": [{"accountId": "111122223333", "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::tenant-calls"}],
  "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": "111122223333",
  "eventCategory": "Management", "sessionCredentialFromConsole": "true"}"#;

#[test]
fn a_management_event_is_one_activity_with_the_configuration_it_sets() {
    let (sink, _) = read_text(POLICY);
    assert_eq!(codes(&sink.notices), [] as [&str; 0]);
    let details = concat!(
        r#"{"eventType":"AwsApiCall","requestParameters.bucketName":"tenant-calls","#,
        r#""requestParameters.bucketPolicy.Statement.Action":"s3:GetObject\ns3:ListBucket","#,
        r#""requestParameters.bucketPolicy.Statement.Effect":"Allow","#,
        r#""requestParameters.bucketPolicy.Statement.Principal":"*","#,
        r#""requestParameters.bucketPolicy.Statement.Resource":"arn:aws:s3:::tenant-calls/*","#,
        r#""sessionCredentialFromConsole":"true","userIdentity.accountId":"111122223333","#,
        r#""userIdentity.sessionContext.attributes.mfaAuthenticated":"false","userIdentity.type":"IAMUser"}"#,
    );
    assert_eq!(
        row(&sink, Table::Activity),
        cells(&[
            ("source_id", "trail"),
            ("file_no", "0"),
            ("row_no", "1"),
            ("provider", "aws"),
            ("account", "111122223333"),
            ("container", "tenant-calls"),
            ("region", "eu-central-1"),
            ("at", "2025-03-04T05:06:07Z"),
            ("service", "s3.amazonaws.com"),
            ("event", "PutBucketPolicy"),
            ("verb", "configure"),
            ("category", "Management"),
            ("outcome", "success"),
            ("principal", "arn:aws:iam::111122223333:user/dana"),
            ("principal_kind", "user"),
            ("network", "private"),
            ("resource_type", "AWS::S3::Bucket"),
            ("resource_id", "arn:aws:s3:::tenant-calls"),
            ("read_only", "false"),
            ("event_id", "0b7c1d8e-1111-4222-8333-944455556666"),
            ("act_id", "0b7c1d8e-1111-4222-8333-944455556666"),
            ("act_part", "0"),
            ("details", details),
        ])
    );
}

/// A JSON string of `text`.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

#[test]
fn every_wrapping_gives_the_same_row() {
    let (plain, _) = read_text(GET);
    let plain = row(&plain, Table::Requests);
    let message = quoted(GET);
    let event_bridge = format!(
        r#"{{"version": "0", "id": "1", "detail-type": "AWS API Call via CloudTrail", "source": "aws.s3",
            "account": "111122223333", "time": "2025-03-04T05:06:08Z", "region": "eu-central-1", "resources": ["x"], "detail": {GET}}}"#
    );
    let forms = [
        ("one line", GET.replace('\n', " ")),
        ("delivered", format!("{{\"Records\": [{GET}]}}")),
        ("array", format!("\u{feff}[\n{GET}\n]\n")),
        ("event bridge", event_bridge.clone()),
        (
            "log events",
            format!(
                "{{\"messageType\": \"DATA_MESSAGE\", \"logGroup\": \"g\", \"logEvents\": [{{\"id\": \"1\", \"timestamp\": 1, \"message\": {message}}}]}}"
            ),
        ),
        (
            "log query",
            format!(
                "{{\"events\": [{{\"logStreamName\": \"s\", \"message\": {message}}}], \"nextToken\": \"t\"}}"
            ),
        ),
        (
            "look-up",
            format!(
                "{{\"Events\": [{{\"EventId\": \"1\", \"EventName\": \"GetObject\", \"EventTime\": \"2025-03-04T06:06:07+01:00\", \"CloudTrailEvent\": {message}}}]}}"
            ),
        ),
        (
            "notification",
            format!(
                "{{\"Records\": [{{\"EventSource\": \"aws:sns\", \"Sns\": {{\"Message\": {message}}}}}]}}"
            ),
        ),
        (
            "queue",
            format!(
                "{{\"Records\": [{{\"messageId\": \"1\", \"body\": {}}}]}}",
                quoted(&event_bridge)
            ),
        ),
        (
            "test event",
            format!("{{\"_rule\": \"R\", \"_expected\": true, \"log\": {GET}}}"),
        ),
    ];
    for (form, text) in forms {
        let (sink, _) = read_text(&text);
        assert_eq!(codes(&sink.notices), [] as [&str; 0], "{form}");
        assert_eq!(row(&sink, Table::Requests), plain, "{form}");
        let (sink, _) = read_files(&[("events.json.gz", &gzip(text.as_bytes()))]);
        assert_eq!(row(&sink, Table::Requests), plain, "{form}, compressed");
    }
}

#[test]
fn lower_case_names_and_shipped_times_are_read() {
    let (sink, _) = read_text(
        r#"{"eventname": "GetRecords", "eventsource": "dynamodb.amazonaws.com", "eventcategory": "Data", "managementevent": false,
            "eventtime": "2023-01-10 21:04:02", "useridentity": {"type": "IAMUser", "accountid": "111122223333"}}
           {"eventName": "ListBuckets", "eventSource": "s3.amazonaws.com", "@timestamp": "2023-01-10T21:04:03.000Z",
            "eventVersion": "1.05", "userIdentity": {"type": "Root", "accountId": "111122223333"}}"#,
    );
    assert_eq!(codes(&sink.notices), [] as [&str; 0]);
    let batch = sink.table(Table::Activity).unwrap();
    assert_eq!(column(&batch, "event"), ["GetRecords", "ListBuckets"]);
    assert_eq!(
        column(&batch, "at"),
        ["2023-01-10T21:04:02Z", "2023-01-10T21:04:03Z"]
    );
    assert_eq!(column(&batch, "category"), ["Data", "-"]);
    assert_eq!(column(&batch, "account"), ["111122223333", "111122223333"]);
    assert_eq!(column(&batch, "principal_kind"), ["user", "root"]);
}

/// An event whose fields after the first are `fields`.
fn event(fields: &str) -> String {
    format!("{{\"eventTime\": \"2025-03-04T05:06:07Z\", {fields}}}\n")
}

#[test]
fn old_and_odd_records_are_told_apart_by_what_they_have() {
    let s3 = "\"eventSource\": \"s3.amazonaws.com\"";
    let text = [
        // Before version 1.07 there is no category.
        event(&format!("{s3}, \"eventVersion\": \"1.02\", \"eventName\": \"PutObject\", \"requestParameters\": {{\"bucketName\": \"b\", \"key\": \"k\"}}")),
        event(&format!("{s3}, \"eventName\": \"GetBucketAcl\", \"requestParameters\": {{\"bucketName\": \"b\"}}")),
        // Another service's data event about an object is a request, without one it is not.
        event("\"eventSource\": \"macie2.amazonaws.com\", \"eventName\": \"RevealOccurrences\", \"eventCategory\": \"Data\", \"resources\": [{\"type\": \"AWS::S3::Object\", \"ARN\": \"arn:aws:s3:::b/k/2\"}]"),
        event("\"eventSource\": \"lambda.amazonaws.com\", \"eventName\": \"Invoke\", \"eventCategory\": \"Data\", \"resources\": [{\"type\": \"AWS::Lambda::Function\", \"ARN\": \"arn:aws:lambda:eu-west-1:111122223333:function:f\"}]"),
        // Parameters as text, null and absent; an access point in the bucket's place.
        event(&format!("{s3}, \"eventName\": \"DeleteBucket\", \"requestParameters\": \"withheld\"")),
        event(&format!("{s3}, \"eventName\": \"CopyObject\", \"eventCategory\": \"Data\", \"requestParameters\": null")),
        event(&format!("{s3}, \"eventName\": \"HeadObject\", \"eventCategory\": \"Data\", \"requestParameters\": {{\"bucketName\": \"arn:aws:s3:eu-west-1:111122223333:accesspoint/p\", \"key\": \"k\"}}, \"resources\": [{{\"type\": \"AWS::S3::Bucket\", \"ARN\": \"arn:aws:s3:::b\"}}]")),
        // An Insights event has no name of its own.
        event("\"eventType\": \"AwsCloudTrailInsight\", \"eventCategory\": \"Insight\", \"insightDetails\": {\"eventSource\": \"s3.amazonaws.com\", \"eventName\": \"canary\"}"),
    ]
    .concat();
    let (sink, report) = read_text(&text);
    assert_eq!(codes(&sink.notices), [] as [&str; 0]);
    let requests = sink.table(Table::Requests).unwrap();
    assert_eq!(column(&requests, "row_no"), ["1", "3", "6", "7"]);
    assert_eq!(
        column(&requests, "operation"),
        ["PutObject", "RevealOccurrences", "CopyObject", "HeadObject"]
    );
    assert_eq!(
        column(&requests, "verb"),
        ["write", "other", "copy", "read"]
    );
    assert_eq!(column(&requests, "container"), ["b", "b", "-", "b"]);
    assert_eq!(column(&requests, "key"), ["k", "k/2", "-", "k"]);
    assert_eq!(column(&requests, "account"), ["unknown"; 4]);
    let activity = sink.table(Table::Activity).unwrap();
    assert_eq!(column(&activity, "row_no"), ["2", "4", "5", "8"]);
    assert_eq!(
        column(&activity, "event"),
        [
            "GetBucketAcl",
            "Invoke",
            "DeleteBucket",
            "AwsCloudTrailInsight"
        ]
    );
    assert_eq!(
        column(&activity, "verb"),
        ["read", "other", "delete", "other"]
    );
    assert_eq!(column(&activity, "container"), ["b", "-", "-", "-"]);
    assert_eq!(column(&activity, "service")[3], "s3.amazonaws.com");
    let at = 1_741_064_767_000;
    assert_eq!(report.time_range, Some((at, at)));
}

/// `userIdentity`, further fields, and the kind of principal they mean.
const PRINCIPALS: &[(&str, &str, &str)] = &[
    (
        r#"{"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/dana"}"#,
        "",
        "user",
    ),
    (
        r#"{"type": "Root", "arn": "arn:aws:iam::111122223333:root"}"#,
        "",
        "root",
    ),
    (
        r#"{"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/reader/s"}"#,
        "",
        "role",
    ),
    (
        r#"{"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForConfig/s",
            "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"}}}"#,
        "",
        "service",
    ),
    (
        r#"{"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}"#,
        "",
        "service",
    ),
    (
        r#"{"type": "AWSService", "invokedBy": "delivery.logs.amazonaws.com"}"#,
        "",
        "log-delivery",
    ),
    (
        r#"{"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}"#,
        "",
        "log-delivery",
    ),
    (
        r#"{"type": "AWSService"}"#,
        r#""sourceIPAddress": "delivery.logs.amazonaws.com","#,
        "log-delivery",
    ),
    (
        r#"{"type": "AWSAccount", "accountId": "444455556666", "principalId": "AIDAEXAMPLE"}"#,
        "",
        "other-account",
    ),
    (
        r#"{"type": "AWSAccount", "accountId": "anonymous", "principalId": ""}"#,
        "",
        "anonymous",
    ),
    (
        r#"{"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL"}"#,
        "",
        "anonymous",
    ),
    (r#"{"type": "FederatedUser"}"#, "", "user"),
    (r#"{"type": "WebIdentityUser"}"#, "", "user"),
    (r#"{"type": "SAMLUser"}"#, "", "user"),
    (r#"{"accountId": "111122223333"}"#, "", "unknown"),
    ("null", "", "unknown"),
    (
        r#"{"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/dana"}"#,
        r#""additionalEventData": {"AuthenticationMethod": "QueryString"},"#,
        "signed-url",
    ),
];

#[test]
fn principals_are_told_apart() {
    for (identity, more, kind) in PRINCIPALS {
        let text = event(&format!(
            "{more} \"userIdentity\": {identity}, \"eventSource\": \"s3.amazonaws.com\", \"eventName\": \"GetObject\", \"eventCategory\": \"Data\""
        ));
        let (sink, _) = read_text(&text);
        assert_eq!(
            row(&sink, Table::Requests)["principal_kind"],
            *kind,
            "{identity}"
        );
    }
}

#[test]
fn networks_are_classes_and_never_addresses() {
    for (address, network) in [
        ("203.0.113.77", "public"),
        ("2001:db8::9", "public"),
        ("10.9.8.7", "private"),
        ("AWS Internal", "provider"),
        ("cloudtrail.amazonaws.com", "provider"),
        ("HIDDEN_DUE_TO_SECURITY_REASONS", "-"),
    ] {
        let text = event(&format!(
            "\"eventName\": \"Decrypt\", \"sourceIPAddress\": \"{address}\""
        ));
        let (sink, _) = read_text(&text);
        assert_eq!(
            column(&sink.table(Table::Activity).unwrap(), "network"),
            [network]
        );
    }
    let text = event(
        "\"eventName\": \"Decrypt\", \"sourceIPAddress\": \"203.0.113.77\", \"vpcEndpointId\": \"vpce-1\"",
    );
    assert_eq!(
        row(&read_text(&text).0, Table::Activity)["network"],
        "private"
    );
}

#[test]
fn the_owners_record_of_a_shared_event_counts() {
    let shared = |recipient: &str, more: &str| {
        event(&format!(
            "\"eventName\": \"GetObject\", \"eventSource\": \"s3.amazonaws.com\", \"eventCategory\": \"Data\",
             \"userIdentity\": {{\"type\": \"AWSAccount\", \"accountId\": \"444455556666\"}}, {more}
             \"recipientAccountId\": \"{recipient}\", \"sharedEventID\": \"s-1\", \"eventID\": \"e-{recipient}\""
        ))
    };
    let bucket =
        "\"resources\": [{\"type\": \"AWS::S3::Bucket\", \"accountId\": \"111122223333\"}],";
    let text = [
        shared("111122223333", bucket),
        shared("444455556666", bucket),
        // Without an owner the caller's record counts.
        shared("111122223333", ""),
        shared("444455556666", ""),
    ]
    .concat();
    let batch = read_text(&text).0.table(Table::Requests).unwrap();
    assert_eq!(column(&batch, "act_part"), ["0", "1", "1", "0"]);
    assert_eq!(column(&batch, "act_id"), ["s-1"; 4]);
    // Whoever asked, the store is its owner's.
    assert_eq!(column(&batch, "account")[..2], ["111122223333"; 2]);
    let alone = event(
        "\"eventName\": \"GetObject\", \"eventSource\": \"s3.amazonaws.com\", \"recipientAccountId\": \"111122223333\", \"userIdentity\": {\"accountId\": \"444455556666\"}",
    );
    assert_eq!(row(&read_text(&alone).0, Table::Requests)["act_part"], "0");
}

#[test]
fn outcomes_follow_errors_and_sign_in_answers() {
    let text = [
        event("\"eventName\": \"CreateBucket\", \"eventSource\": \"s3.amazonaws.com\", \"errorCode\": \"AccessDenied\", \"errorMessage\": \"canary-message\", \"requestParameters\": {\"bucketName\": \"b\"}"),
        event("\"eventName\": \"ConsoleLogin\", \"eventSource\": \"signin.amazonaws.com\", \"errorMessage\": \"Failed authentication\", \"responseElements\": {\"ConsoleLogin\": \"Failure\"}"),
        event("\"eventName\": \"ConsoleLogin\", \"eventSource\": \"signin.amazonaws.com\", \"responseElements\": {\"ConsoleLogin\": \"Success\"}, \"additionalEventData\": {\"MFAUsed\": \"No\", \"LoginTo\": \"canary\"}"),
    ]
    .concat();
    let batch = read_text(&text).0.table(Table::Activity).unwrap();
    assert_eq!(column(&batch, "outcome"), ["failure", "failure", "success"]);
    assert_eq!(column(&batch, "error"), ["AccessDenied", "-", "-"]);
    assert_eq!(column(&batch, "verb"), ["create", "sign-in", "sign-in"]);
    assert_eq!(
        column(&batch, "details"),
        [
            r#"{"requestParameters.bucketName":"b"}"#,
            r#"{"errorMessage":"Failed authentication","responseElements.ConsoleLogin":"Failure"}"#,
            r#"{"additionalEventData.MFAUsed":"No","responseElements.ConsoleLogin":"Success"}"#,
        ]
    );
}

#[test]
fn byte_counts_keep_their_whole_part() {
    for (written, bytes) in [
        ("0.0", "0"),
        ("1048576.0", "1048576"),
        ("1.5E3", "1500"),
        ("7", "7"),
        ("\"9\"", "9"),
        ("9007199254740993.0", "9007199254740993"),
        ("-1.0", "-"),
        ("1e30", "-"),
        ("null", "-"),
        ("{}", "-"),
    ] {
        let text = event(&format!(
            "\"eventName\": \"GetObject\", \"eventSource\": \"s3.amazonaws.com\", \"additionalEventData\": {{\"bytesTransferredOut\": {written}}}"
        ));
        let batch = read_text(&text).0.table(Table::Requests).unwrap();
        assert_eq!(column(&batch, "bytes_out"), [bytes], "{written}");
    }
}

#[test]
fn bad_records_are_counted_and_the_rest_is_used() {
    let good = event("\"eventName\": \"Decrypt\"");
    let text = format!(
        "{good}{{\"eventName\": \"NoTime\"}}\n{{\"eventTime\": \"2025-03-04T05:06:07Z\"}}\nno json\n{{\"a\": tru}}\n{{\"eventTime\": \"soon\", \"eventName\": \"X\"}}\n{good}"
    );
    let (sink, report) = read_text(&text);
    assert_eq!(report.rows[&Table::Activity], 2);
    let bad: Vec<_> = sink
        .notices
        .iter()
        .map(|n| {
            (
                n.code,
                n.row.unwrap(),
                n.effect,
                n.rows_affected,
                n.found.as_str(),
            )
        })
        .collect();
    assert_eq!(
        bad,
        [
            ("bad-row", 2, Effect::Lost, 1, "no readable eventTime"),
            ("bad-row", 3, Effect::Lost, 1, "a record without eventName"),
            (
                "bad-row",
                4,
                Effect::Lost,
                1,
                "text that is not JSON, at byte 2"
            ),
            (
                "bad-row",
                5,
                Effect::Lost,
                1,
                "text that is not JSON, at byte 10"
            ),
            ("bad-row", 6, Effect::Lost, 1, "no readable eventTime"),
        ]
    );
}

#[test]
fn truncated_and_empty_files_are_told() {
    let whole = format!("{{\"Records\": [{POLICY},{POLICY}]}}");
    let (sink, report) = read_text(&whole[..whole.len() - 40]);
    assert_eq!(report.rows[&Table::Activity], 1);
    assert_eq!(codes(&sink.notices), ["file-damaged"]);
    assert_eq!(sink.notices[0].effect, Effect::Lost);
    let packed = gzip(whole.as_bytes());
    let (sink, _) = read_files(&[("e.json.gz", &packed[..packed.len() - 30])]);
    assert_eq!(codes(&sink.notices), ["file-damaged"]);
    let (sink, report) = read_text("");
    assert_eq!(codes(&sink.notices), ["empty-file"]);
    assert!(report.rows.is_empty());
    // A whole file about nothing.
    let (sink, report) = read_text("{\"Records\":[]}\n");
    assert_eq!(codes(&sink.notices), [] as [&str; 0]);
    assert!(report.rows.is_empty());
}

#[test]
fn a_field_that_nobody_documents_is_named_and_counted() {
    let one =
        event("\"eventName\": \"Decrypt\", \"futureField\": \"canary\", \"userAgent\": \"canary\"");
    let (sink, _) = read_text(&one.repeat(3));
    let notice = only(&sink.notices, "cloudtrail-unread-field");
    assert_eq!(
        (notice.effect, notice.rows_affected, notice.found.as_str()),
        (Effect::Unread, 3, "futureField")
    );
}

#[test]
fn what_may_not_be_read_is_nowhere() {
    let canaries = r#""accessKeyId": "AKIA-CANARY", "userName": "canary-user""#;
    let text = format!(
        "{GET}\n{POLICY}\n{}",
        event(&format!(
            r#""eventName": "RunInstances", "eventSource": "ec2.amazonaws.com", "userIdentity": {{"type": "IAMUser", {canaries}}},
               "userAgent": "canary", "errorCode": "Client.X", "errorMessage": "canary", "requestParameters": {{"userData": "canary", "tagSet": [{{"k": "canary"}}],
               "externalId": "canary", "masterUserPassword": "canary", "containerDefinitions": [{{"command": ["canary"]}}]}},
               "responseElements": {{"credentials": {{"sessionToken": "canary"}}}}, "serviceEventDetails": {{"x": "canary"}}, "addendum": {{"x": "canary"}},
               "edgeDeviceDetails": "canary", "tlsDetails": {{"x": "canary"}}, "requestID": "canary", "apiVersion": "canary", "eventContext": {{"x": "canary"}},
               "newField": {{"x": "canary"}}, "additionalEventData": {{"LoginTo": "canary", "x-amz-id-2": "canary"}}, "broken": "#
        )) // The last event is no JSON, so its own text must not come back either.
    ) + &event(
        r#""eventName": "RunInstances", "userIdentity": {"type": "IAMUser", "accessKeyId": "canary", "userName": "canary"}, "requestParameters": {"userData": "canary", "name": {"deep": "canary"}}"#,
    );
    let (sink, report) = read_text(&text);
    let mut shown = format!("{:?}{report:?}", sink.notices);
    for table in [Table::Requests, Table::Activity] {
        let batch = sink.table(table).unwrap();
        for field in batch.schema().fields() {
            shown += &column(&batch, field.name()).join("\n");
        }
    }
    assert!(shown.contains("RunInstances"), "the event was read");
    assert!(!shown.to_lowercase().contains("canary"), "{shown}");
    assert!(!shown.contains("203.0.113.77"));
}

#[test]
fn files_are_recognised_by_their_content() {
    let folder = Folder::new();
    for (name, text) in [
        ("delivered", format!("{{\"Records\": [{GET}]}}")),
        ("empty", "{\"Records\":[]}".to_owned()),
        ("lines", GET.replace('\n', " ")),
        (
            "look-up",
            format!("{{\"Events\": [{{\"CloudTrailEvent\": {}}}]}}", quoted(GET)),
        ),
        (
            "digest",
            "{\"awsAccountId\": \"1\", \"digestS3Object\": \"k\", \"logFiles\": []}".to_owned(),
        ),
        (
            "keys",
            "{\"PublicKeyList\": [{\"Fingerprint\": \"x\"}]}".to_owned(),
        ),
    ] {
        let path = folder.write(name, gzip(text.as_bytes()));
        assert_eq!(
            detect(&path).map(|d| d.format),
            Some(Format::Cloudtrail),
            "{name}"
        );
    }
    let notification = r#"{"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1", "eventName": "ObjectCreated:Put",
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"arn": "b", "name": "x.amazonaws.com"}}}]}"#;
    let path = folder.write("notification", notification);
    assert_ne!(detect(&path).map(|d| d.format), Some(Format::Cloudtrail));
}

/// Events in a file, counted from its JSON alone.
fn events_in(path: &Path) -> u64 {
    let value: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let records = value.get("Records").unwrap_or(&value);
    records.as_array().unwrap().len() as u64
}

#[test]
fn real_trails_give_one_row_per_event() {
    let Some(data) = shared_data() else { return };
    for (folder, files, events, requests) in [
        ("invictus-ir/CloudTrail", 55, 2900, 0),
        ("stratus-red-team/docs/detonation-logs", 35, 310, 0),
    ] {
        let root = data.join("aws_cloudtrail").join(folder);
        let (paths, _) = expand(&root, &["*.json".to_owned()]);
        assert_eq!(paths.len(), files);
        let (sink, report) = read(&SourceInput::new(
            "trail",
            Format::Cloudtrail,
            root,
            paths.clone(),
        ));
        assert_eq!(codes(&sink.notices), [] as [&str; 0], "{folder}");
        for (path, file) in paths.iter().zip(&report.files) {
            assert_eq!(file.rows, events_in(path), "{}", file.name);
            assert_eq!(detect(path).map(|d| d.format), Some(Format::Cloudtrail));
        }
        let count = |table| report.rows.get(&table).copied().unwrap_or_default();
        assert_eq!(count(Table::Requests), requests);
        assert_eq!(count(Table::Activity), events);
    }
}

#[test]
fn labelled_test_events_are_rows_or_notices() {
    let Some(data) = shared_data() else { return };
    let root = data.join("panther_rule_test_events");
    let path = root.join("aws_cloudtrail.jsonl");
    // Counted from the JSON: a row needs a name and a time, in either spelling.
    let text = std::fs::read_to_string(&path).unwrap();
    let (mut rows, mut bad) = (0, 0);
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let log = &value["log"];
        let text = |name: &str| {
            let field = log.get(name).or_else(|| log.get(name.to_lowercase()));
            field.and_then(serde_json::Value::as_str)
        };
        // Two events have `redacted` and `...` where their time was.
        let has_time = text("eventTime").is_some_and(|time| time.starts_with("20"));
        if has_time && text("eventName").is_some() {
            rows += 1;
        } else {
            bad += 1;
        }
    }
    assert_eq!(rows + bad, 461);
    let (sink, report) = read(&SourceInput::new(
        "trail",
        Format::Cloudtrail,
        root,
        vec![path.clone()],
    ));
    let given: u64 = report.rows.values().sum();
    assert_eq!(given, rows);
    let lost: u64 = sink
        .notices
        .iter()
        .filter(|n| n.effect == Effect::Lost)
        .map(|n| n.rows_affected)
        .sum();
    assert_eq!(lost, bad);
    assert_eq!(detect(&path).map(|d| d.format), Some(Format::Cloudtrail));
}
