//! Tests of Azure Storage resource logs in every form.
#![allow(clippy::too_many_lines, reason = "tables of cases are long")]

use plainview_records::{Effect, Format, Table};
use proptest::prelude::*;

use crate::azure::{assert_blind, found, read_files, read_text, recognised, rows, told};
use crate::support::{codes, gzip, only, shared_data};

const FORMAT: Format = Format::StorageBlobLogs;

/// What identifies a row in most tests.
const PLACE: &[&str] = &[
    "account",
    "container",
    "key",
    "operation",
    "verb",
    "principal_kind",
];

/// One record as a storage account keeps it; `identity` is JSON, `key` an object key.
fn record(operation: &str, category: &str, identity: &str, key: &str) -> String {
    format!(
        r#"{{"time":"2025-01-02T03:04:05.6789012Z","resourceId":"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/Contoso/blobServices/default","category":"{category}","operationName":"{operation}","operationVersion":"2022-11-02","schemaVersion":"1.0","statusCode":200,"statusText":"Success","durationMs":12,"callerIpAddress":"10.1.2.3:38208","correlationId":"4dfed43b-801e-001e-47f4-2c3e77000000","identity":{identity},"location":"westeurope","properties":{{"accountName":"contoso","serviceType":"blob","objectKey":"{key}","etag":"\"0x8DB\"","requestBodySize":7,"responseBodySize":4096,"lastModifiedTime":"7/5/2022 12:32:21 PM"}},"uri":"https://contoso.blob.core.windows.net{key}?comp=metadata","protocol":"HTTPS","resourceType":"Microsoft.Storage/storageAccounts/blobServices"}}"#
    )
}

fn by_key(operation: &str, key: &str) -> String {
    record(
        operation,
        "StorageRead",
        r#"{"type":"AccountKey","tokenHash":"key1(AB)"}"#,
        key,
    )
}

#[test]
fn a_record_becomes_a_row_with_every_column_in_place() {
    let sink = read_text(FORMAT, &by_key("GetBlob", "/contoso/media/2025/call.opus"));
    let columns = [
        "provider",
        "account",
        "container",
        "region",
        "key",
        "at",
        "operation",
        "verb",
        "status",
        "error",
        "bytes_out",
        "bytes_in",
        "object_bytes",
        "duration_ms",
        "principal",
        "principal_kind",
        "auth",
        "network",
        "event_id",
        "act_id",
        "act_part",
    ];
    assert_eq!(
        rows(&sink, Table::Requests, &columns),
        [
            "azure|contoso|media|westeurope|2025/call.opus|2025-01-02T03:04:05.678Z|GetBlob|read|200|-|4096|7|-|12|-|account-key|AccountKey|private|-|4dfed43b-801e-001e-47f4-2c3e77000000|0"
        ]
    );
    assert_eq!(told(&sink.notices), []);
}

#[test]
fn every_wrapping_gives_the_same_rows() {
    let first = by_key("GetBlob", "/contoso/media/a");
    let second = by_key("PutBlob", "/contoso/media/b");
    let pretty = second.replace(",\"", ",\n  \"");
    let expected = [
        "contoso|media|a|GetBlob|read|account-key",
        "contoso|media|b|PutBlob|write|account-key",
    ];
    for text in [
        format!("{first}\n{second}\n"),
        format!("{first}{second}"),
        format!("\u{feff}{first}\r\n{pretty}\r\n"),
        format!("{{\"records\":[{first},{second}]}}"),
        format!("{{\"records\":[{first}]}}\n{{\"records\":[{second}]}}"),
        format!("[{first},{second}]"),
        format!("{{\"log\":{first}}}\n{{\"log\":{second}}}"),
    ] {
        assert_eq!(recognised(&text), Some(FORMAT), "{text}");
        let sink = read_text(FORMAT, &text);
        assert_eq!(rows(&sink, Table::Requests, PLACE), expected, "{text}");
        assert_eq!(told(&sink.notices), [], "{text}");
    }
    let (sink, _) = read_files(FORMAT, &[("log.gz", &gzip(first.as_bytes()))]);
    assert_eq!(rows(&sink, Table::Requests, PLACE), expected[..1]);
}

#[test]
fn the_word_content_before_records_is_passed_over() {
    let first = by_key("GetBlob", "/contoso/media/a");
    let second = by_key("GetBlob", "/contoso/media/b");
    let text = format!(
        "Content\n{}\n\n\nContent {second}\n",
        first.replace(",\"", ",\n\"")
    );
    assert_eq!(recognised(&text), Some(FORMAT));
    let sink = read_text(FORMAT, &text);
    assert_eq!(rows(&sink, Table::Requests, &["key"]), ["a", "b"]);
    assert_eq!(
        told(&sink.notices),
        [("azure-content-marker", Effect::Unread, 2)]
    );
}

#[test]
fn who_asked_is_told_by_what_the_record_can_show() {
    let oauth = |fields: &str| format!(r#"{{"type":"OAuth","requester":{{{fields}}}}}"#);
    let object = r#""objectId":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee""#;
    let app = r#""appId":"cccccccc-bbbb-cccc-dddd-eeeeeeeeeeee""#;
    let cases = [
        (
            r#"{"type":"AccountKey"}"#.to_owned(),
            "account-key|AccountKey|-",
        ),
        (r#"{"type":"SAS"}"#.to_owned(), "signed-url|SAS|-"),
        (
            format!(r#"{{"type":"DelegationSas","requester":{{{object}}}}}"#),
            "signed-url|DelegationSas|-",
        ),
        (
            r#"{"type":"UserDelegationSAS"}"#.to_owned(),
            "signed-url|UserDelegationSAS|-",
        ),
        (
            r#"{"type":"Anonymous"}"#.to_owned(),
            "anonymous|Anonymous|-",
        ),
        (
            r#"{"type":"TrustedAccess"}"#.to_owned(),
            "service|TrustedAccess|-",
        ),
        (
            oauth(&format!(r#"{app},{object},"upn":"someone@example.com""#)),
            "user|OAuth|aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        ),
        (
            oauth(&format!(r#"{app},{object},"upn":"""#)),
            "application|OAuth|aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        ),
        (
            oauth(app),
            "application|OAuth|cccccccc-bbbb-cccc-dddd-eeeeeeeeeeee",
        ),
        (oauth(""), "unknown|OAuth|-"),
        ("{}".to_owned(), "unknown|-|-"),
        ("null".to_owned(), "unknown|-|-"),
        (r#"{"type":"Kerberos"}"#.to_owned(), "unknown|Kerberos|-"),
    ];
    let text: Vec<String> = cases
        .iter()
        .map(|(identity, _)| record("GetBlob", "StorageRead", identity, "/contoso/media/a"))
        .collect();
    let sink = read_text(FORMAT, &text.join("\n"));
    let expected: Vec<&str> = cases.iter().map(|(_, row)| *row).collect();
    assert_eq!(
        rows(
            &sink,
            Table::Requests,
            &["principal_kind", "auth", "principal"]
        ),
        expected
    );
    assert_eq!(
        found(&sink.notices, "storage-log-auth-unknown"),
        ["Kerberos", "OAuth"]
    );
}

#[test]
fn one_copy_is_one_act() {
    let part = |n: u32, operation: &str, key: &str| {
        by_key(operation, key).replace(
            "\"serviceType\"",
            &format!("\"operationCount\":{n},\"serviceType\""),
        )
    };
    let text = [
        part(0, "CopyBlob", "/contoso/media/b"),
        part(
            1,
            "CopyBlobSource",
            "https://fabrikam.blob.core.windows.net/raw/a%20c?sv=2021&sig=CANARY",
        ),
        part(2, "CopyBlobDestination", "/contoso/media/b"),
        part(
            1,
            "CopyBlobSource",
            "https://files.example.org/raw/a?token=CANARY",
        ),
    ]
    .join("\n");
    let sink = assert_blind(FORMAT, &text, "CANARY");
    assert_eq!(
        rows(
            &sink,
            Table::Requests,
            &["account", "container", "key", "verb", "act_part"]
        ),
        [
            "contoso|media|b|copy|0",
            "fabrikam|raw|a c|copy|1",
            "contoso|media|b|copy|2",
            "contoso|-|-|copy|1",
        ]
    );
    let acts = rows(&sink, Table::Requests, &["act_id"]);
    assert!(acts.iter().all(|act| act == &acts[0]), "{acts:?}");
}

#[test]
fn other_services_and_unheard_of_fields_are_counted() {
    let blob = by_key("GetBlob", "/contoso/media/a");
    let text = [
        blob.replace("\"serviceType\":\"blob\"", "\"serviceType\":\"queue\""),
        blob.replace("blobServices/default", "fileServices/default")
            .replace("\"serviceType\":\"blob\",", ""),
        blob.replace("\"etag\"", "\"newProperty\":\"x\",\"etag\""),
        blob.replace("\"location\"", "\"newField\":{\"a\":[1,2]},\"location\""),
        blob.replace("\"location\"", "\"newField\":null,\"location\""),
        blob.replace("/contoso/media/a", "/fabrikam/media/a"),
    ]
    .join("\n");
    let sink = read_text(FORMAT, &text);
    assert_eq!(
        rows(&sink, Table::Requests, &["row_no"]),
        ["3", "4", "5", "6"]
    );
    assert_eq!(
        told(&sink.notices),
        [
            ("azure-unread-fields", Effect::Unread, 2),
            ("azure-unread-fields", Effect::Unread, 1),
            ("storage-log-accounts-differ", Effect::Doubt, 1),
            ("storage-log-other-service", Effect::Unread, 1),
            ("storage-log-other-service", Effect::Unread, 1),
        ]
    );
    assert_eq!(
        found(&sink.notices, "azure-unread-fields"),
        ["newField", "newProperty"]
    );
    assert_eq!(
        found(&sink.notices, "storage-log-other-service"),
        ["file", "queue"]
    );
}

/// The header of Log Analytics and one row, in their order.
const COLUMNS: &[(&str, &str)] = &[
    ("TimeGenerated", "2025-01-02T03:04:05.6789012Z"),
    ("AccessTier", "Hot"),
    ("AccountName", "contoso"),
    ("AuthenticationHash", "HASH-CANARY"),
    ("AuthenticationType", "OAuth"),
    ("AuthorizationDetails", "[{\"action\":\"CANARY\"}]"),
    ("CallerIpAddress", "203.0.113.9:1024"),
    ("Category", "StorageRead"),
    ("ClientRequestId", "CANARY"),
    ("ConditionsUsed", "CANARY"),
    ("ContentLengthHeader", "0"),
    ("CorrelationId", "act-1"),
    ("DestinationUri", "https://x/CANARY"),
    ("DurationMs", "12.75"),
    ("Etag", "\"CANARY\""),
    ("LastModifiedTime", "2025-01-01T00:00:00Z"),
    ("Location", "westeurope"),
    ("MetricResponseType", "Success"),
    ("ObjectKey", "/contoso/media/a?sig=CANARY"),
    ("OperationCount", "0"),
    ("OperationName", "GetBlob"),
    ("OperationVersion", "2022-11-02"),
    ("Protocol", "HTTPS"),
    ("ReferrerHeader", "CANARY"),
    ("RehydratePriority", ""),
    ("RequestBodySize", "0"),
    ("RequesterAppId", "app"),
    ("RequesterAudience", "CANARY"),
    ("RequesterObjectId", "object"),
    ("RequesterTenantId", "CANARY"),
    ("RequesterTokenIssuer", "CANARY"),
    ("RequesterUpn", "canary@example.com"),
    ("RequestHeaderSize", "1"),
    ("RequestMd5", "CANARY"),
    ("ResponseBodySize", "4096"),
    ("ResponseHeaderSize", "1"),
    ("ResponseMd5", "CANARY"),
    ("SasExpiryStatus", "CANARY"),
    ("SchemaVersion", "1.0"),
    ("ServerLatencyMs", "3.5"),
    ("ServiceType", "blob"),
    ("SourceAccessTier", ""),
    ("SourceUri", "https://x/CANARY"),
    ("StatusCode", "Unknown"),
    ("StatusText", "ClientOtherError"),
    ("TlsVersion", "TLS 1.2"),
    ("Uri", "https://x/y?sig=CANARY"),
    ("UserAgentHeader", "CANARY/1.0"),
    ("Type", "StorageBlobLogs"),
    ("TenantId", "CANARY"),
    (
        "_ResourceId",
        "/subscriptions/0/resourcegroups/rg/providers/microsoft.storage/storageaccounts/contoso",
    ),
    ("_SubscriptionId", "CANARY"),
    ("_BilledSize", "1"),
    ("_IsBillable", "true"),
    ("SourceSystem", "CANARY"),
];

const ANALYTICS: &[&str] = &[
    "account",
    "container",
    "key",
    "at",
    "operation",
    "status",
    "error",
    "bytes_out",
    "duration_ms",
    "principal",
    "principal_kind",
    "network",
    "act_id",
    "act_part",
];
const ANALYTICS_ROW: &str = "contoso|media|a|2025-01-02T03:04:05.678Z|GetBlob|Unknown|ClientOtherError|4096|12|object|user|public|act-1|0";

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn csv(columns: &[(&str, &str)]) -> String {
    let line = |part: fn(&(&str, &str)) -> String| {
        columns.iter().map(part).collect::<Vec<_>>().join(",") + "\r\n"
    };
    line(|(name, _)| quoted(name)) + &line(|(_, value)| quoted(value))
}

fn json_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[test]
fn log_analytics_is_read_in_its_four_forms_and_blindly() {
    assert_eq!(COLUMNS.len(), 55, "as the table is documented");
    let object = COLUMNS
        .iter()
        .map(|(name, value)| format!("{}:{}", json_text(name), json_text(value)))
        .collect::<Vec<_>>()
        .join(",");
    let values = COLUMNS
        .iter()
        .map(|(_, v)| json_text(v))
        .collect::<Vec<_>>()
        .join(",");
    let answer = |tables: &str, columns: &str, name: &str, rows: &str| {
        let names = COLUMNS
            .iter()
            .map(|(n, _)| format!("{{\"{name}\":\"{n}\",\"type\":\"string\"}}"))
            .collect::<Vec<_>>()
            .join(", ");
        format!(
            "{{\"{tables}\": [{{\"name\": \"PrimaryResult\", \"{columns}\": [{names}], \"{rows}\": [[{values}]]}}]}}"
        )
    };
    let portal: Vec<(&str, &str)> = COLUMNS
        .iter()
        .map(|&(name, value)| match name {
            "TimeGenerated" => ("TimeGenerated [UTC]", "1/2/2025, 3:04:05.678 AM"),
            "LastModifiedTime" => ("LastModifiedTime [UTC]", value),
            _ => (name, value),
        })
        .collect();
    let mut backwards = COLUMNS.to_vec();
    backwards.reverse();
    for text in [
        csv(COLUMNS),
        format!("\u{feff}{}", csv(&backwards)),
        csv(&portal),
        format!("{{{object}}}\n"),
        format!("[{{{object}}}]"),
        answer("tables", "columns", "name", "rows"),
        answer("Tables", "Columns", "ColumnName", "Rows"),
    ] {
        assert_eq!(recognised(&text), Some(FORMAT), "{text}");
        let sink = assert_blind(FORMAT, &text, "CANARY");
        assert_eq!(
            rows(&sink, Table::Requests, ANALYTICS),
            [ANALYTICS_ROW],
            "{text}"
        );
        assert_eq!(told(&sink.notices), [], "{text}");
    }
}

#[test]
fn oddities_of_tables_are_told() {
    let few: Vec<(&str, &str)> = COLUMNS
        .iter()
        .copied()
        .filter(|(name, _)| ["TimeGenerated", "OperationName", "ObjectKey"].contains(name))
        .chain([("Newest", "CANARY")])
        .collect();
    let text = csv(&few) + "2025-01-02T03:04:05Z,short\n";
    let sink = assert_blind(FORMAT, &text, "CANARY");
    assert_eq!(
        rows(&sink, Table::Requests, &["account", "key"]),
        ["contoso|a"]
    );
    assert_eq!(
        told(&sink.notices),
        [
            ("bad-row", Effect::Lost, 1),
            ("azure-unread-fields", Effect::Unread, 2),
        ]
    );
    let sink = read_text(FORMAT, "AccountName,ObjectKey\ncontoso,/contoso/media/a\n");
    let missing = only(&sink.notices, "azure-missing-columns");
    assert_eq!(
        (missing.effect, missing.expected.as_str()),
        (Effect::Lost, "time, operationName")
    );

    let answer = r#"{"error":{"code":"PartialError","message":"CANARY"},"tables":[
        {"rows":[["too early"]],"columns":[{"name":"TimeGenerated"},{"name":"OperationName"},{"name":"ObjectKey"}]},
        {"columns":[{"name":"TimeGenerated"},{"name":"OperationName"},{"name":"ObjectKey"},{"name":"More"}],
         "rows":[["2025-01-02T03:04:05Z","GetBlob","/contoso/media/a",{"CANARY":1}],["2025-01-02T03:04:05Z"],7,
                 [null,null,null,null]]}]}"#;
    let sink = assert_blind(FORMAT, answer, "CANARY");
    assert_eq!(rows(&sink, Table::Requests, &["row_no", "key"]), ["2|a"]);
    assert_eq!(
        told(&sink.notices),
        [
            ("bad-row", Effect::Lost, 1),
            ("bad-row", Effect::Lost, 1),
            ("bad-row", Effect::Lost, 1),
            ("bad-row", Effect::Lost, 1),
            ("azure-answer-partial", Effect::Lost, 0),
            ("azure-unread-fields", Effect::Unread, 4),
        ]
    );
    let sink = read_text(FORMAT, &answer[..answer.len() - 40]);
    assert_eq!(codes(&sink.notices).last(), Some(&"file-damaged"));
}

#[test]
fn a_string_in_a_disallowed_field_comes_out_nowhere() {
    let text = by_key("GetBlob", "/contoso/media/a?sig=CANARY")
        .replace("\"tokenHash\":\"key1(AB)\"", r#""tokenHash":"CANARY","authorization":[{"CANARY":"CANARY"}],"requester":{"upn":"CANARY","audience":"CANARY","tokenIssuer":"CANARY","tenantId":"CANARY"},"other":"CANARY""#)
        .replace("\"etag\":\"\\\"0x8DB\\\"\"", r#""etag":"CANARY","userAgentHeader":"CANARY","referrerHeader":"CANARY","clientRequestId":"CANARY","conditionsUsed":"CANARY","requestMd5":"CANARY","serverMd5":"CANARY","smbPrimarySID":"CANARY","sourceUri":"https://CANARY","other":"CANARY""#)
        .replace("comp=metadata", "sig=CANARY")
        .replace("\"protocol\":\"HTTPS\"", r#""protocol":"CANARY","tenantId":"CANARY","other":["CANARY"]"#);
    let sink = assert_blind(FORMAT, &text, "CANARY");
    assert_eq!(
        rows(&sink, Table::Requests, &["key", "network"]),
        ["a|private"]
    );
    // The address is a class, and a broken record is told by its place alone.
    assert_blind(FORMAT, &text, "10.1.2.3");
    for end in [text.len() / 2, text.len() * 3 / 4, text.len() - 1] {
        let sink = assert_blind(FORMAT, &text[..end], "CANARY");
        assert_eq!(codes(&sink.notices), ["file-damaged"]);
    }
    let broken = text.replace("\"statusCode\":200", "\"statusCode\":CANARY");
    let sink = assert_blind(FORMAT, &broken, "CANARY");
    assert_eq!(codes(&sink.notices), ["bad-row"]);
}

#[test]
fn runs_in_keys_and_principals_are_masked() {
    let text = record(
        "GetBlob",
        "StorageRead",
        r#"{"type":"OAuth","requester":{"upn":"a@example.com","objectId":"someone@example.com"}}"#,
        "/contoso/media/+4915112345678/someone@example.com.opus",
    );
    let sink = assert_blind(FORMAT, &text, "4915112345678");
    let row = &rows(&sink, Table::Requests, &["key", "principal"])[0];
    assert!(!row.contains("someone"), "{row}");
}

#[test]
fn hostile_records_are_told_and_their_neighbours_kept() {
    let good = by_key("GetBlob", "/contoso/media/a");
    let deep = format!("{}{}", "[".repeat(60), "]".repeat(60));
    let change = |from: &str, to: &str| good.replace(from, to);
    let kept_with_doubt = [
        (
            change("\"durationMs\":12", "\"durationMs\":1e400"),
            "-|4096|0",
        ),
        (change("\"durationMs\":12", "\"durationMs\":-5"), "-|4096|0"),
        (
            change("\"durationMs\":12", "\"durationMs\":[12]"),
            "-|4096|0",
        ),
        (
            change("\"durationMs\":12", "\"durationMs\":\"0\""),
            "0|4096|0",
        ),
        (change("\"durationMs\":12", "\"durationMs\":{}"), "-|4096|0"),
        (change("4096", "123456789012345678901234567890"), "12|-|0"),
        (change("4096", "\"4096\""), "12|4096|0"),
        (
            change("\"etag\"", "\"operationCount\":99999999999,\"etag\""),
            "12|4096|0",
        ),
        (
            change("\"etag\"", "\"operationCount\":\"2\",\"etag\""),
            "12|4096|2",
        ),
        (
            change(
                "\"location\":\"westeurope\"",
                &format!("\"location\":{deep}"),
            ),
            "12|4096|0",
        ),
        (
            change(
                "\"location\":\"westeurope\"",
                &format!("\"unheard\":{deep}"),
            ),
            "12|4096|0",
        ),
        (
            change("\"location\":\"westeurope\"", "\"durationMs\":13"),
            "13|4096|0",
        ),
    ];
    let text: Vec<&str> = kept_with_doubt
        .iter()
        .map(|(record, _)| record.as_str())
        .collect();
    let expected: Vec<&str> = kept_with_doubt.iter().map(|(_, row)| *row).collect();
    let sink = read_text(FORMAT, &text.join("\n"));
    assert_eq!(
        rows(
            &sink,
            Table::Requests,
            &["duration_ms", "bytes_out", "act_part"]
        ),
        expected
    );
    assert_eq!(found(&sink.notices, "azure-field-twice"), ["durationMs"]);
    assert_eq!(with_lost(&sink.notices), 0);
    let deeper = change(
        "westeurope\"",
        &format!("\",\"unheard\":{}{}", "[".repeat(5000), "]".repeat(5000)),
    );
    let sink = read_text(FORMAT, &format!("{deeper}\n{good}"));
    assert_eq!(rows(&sink, Table::Requests, &["row_no"]), ["2"]);
    assert_eq!(codes(&sink.notices), ["json-too-deep"]);

    let unusable = [
        change(
            "\"time\":\"2025-01-02T03:04:05.6789012Z\"",
            "\"time\":\"soon\"",
        ),
        change("\"time\":\"2025-01-02T03:04:05.6789012Z\",", ""),
        change(
            "\"time\":\"2025-01-02T03:04:05.6789012Z\"",
            "\"time\":17358",
        ),
        change("\"operationName\":\"GetBlob\"", "\"operationName\":null"),
        change(
            "\"operationName\":\"GetBlob\"",
            "\"operationName\":{\"a\":1}",
        ),
        change(
            "\"operationName\":\"GetBlob\"",
            "\"operationName\":\"\\ud800\"",
        ),
        change("\"statusCode\":200", "\"statusCode\":01"),
        "{}".to_owned(),
        "{\"a\"}".to_owned(),
        "plain words".to_owned(),
    ];
    for bad in unusable {
        let sink = read_text(FORMAT, &format!("{good}\n{bad}\n{good}"));
        assert_eq!(
            rows(&sink, Table::Requests, &["row_no"]),
            ["1", "3"],
            "{bad}"
        );
        assert_eq!(only(&sink.notices, "bad-row").row, Some(2), "{bad}");
    }
    for odd in ["\"text\"", "7", "-1.5e3", "true", "[{}]"] {
        let bad = good.replace(
            "\"properties\":{",
            &format!("\"properties\":{odd},\"rest\":{{"),
        );
        let sink = read_text(FORMAT, &bad);
        assert_eq!(
            rows(&sink, Table::Requests, &["account", "key"]),
            ["contoso|-"],
            "{odd}"
        );
        assert_eq!(
            codes(&sink.notices),
            ["azure-field-misshapen", "azure-unread-fields"],
            "{odd}"
        );
    }
}

fn with_lost(notices: &[plainview_records::Notice]) -> usize {
    notices.iter().filter(|n| n.effect == Effect::Lost).count()
}

#[test]
fn empty_and_foreign_files_are_told() {
    for (text, expected) in [
        ("", vec!["empty-file"]),
        (" \n", vec!["empty-file"]),
        ("{\"records\":[]}", vec![]),
        ("a,b\n1,2\n", vec!["azure-missing-columns"]),
        ("PAR1", vec!["azure-log-not-text"]),
        ("{\"records\":[", vec!["file-damaged"]),
    ] {
        let sink = read_text(FORMAT, text);
        assert_eq!(codes(&sink.notices), expected, "{text:?}");
        assert!(sink.batches.is_empty());
    }
    assert_eq!(
        recognised(
            "{\"time\":\"x\",\"operationName\":\"MICROSOFT.STORAGE/X\",\"schemaVersion\":1}"
        ),
        None
    );
}

#[test]
fn real_records_are_read() {
    let Some(data) = shared_data() else { return };
    let folder = data.join("azure_storage_logs/dynatrace");
    // Each of these files holds one record; the one called .sh and the one called .json hold the same.
    for name in ["log.json.raw", "log1.json", "log1.sh"] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        assert_eq!(
            recognised(&String::from_utf8_lossy(&bytes)),
            Some(FORMAT),
            "{name}"
        );
        let (sink, _) = read_files(FORMAT, &[(name, &bytes)]);
        assert_eq!(
            rows(&sink, Table::Requests, PLACE),
            [
                "functiondynatracesa4ni6|azure-webjobs-eventhub|nippon.servicebus.windows.net/http/$default/checkpoint/0|SetBlobMetadata|write|account-key"
            ],
            "{name}"
        );
        assert_eq!(with_lost(&sink.notices), 0, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), start in 0..4_usize) {
        let start: &[u8] = [&b""[..], b"{", b"{\"tables\":[{\"columns\":[", b"TimeGenerated,OperationName\n"][start];
        read_files(FORMAT, &[("log", &[start, &bytes].concat())]);
    }

    #[test]
    fn any_value_in_any_place_never_panics(at in 0..24_usize, value in "(null|-?[0-9]{1,45}(\\.[0-9]{1,30})?(e-?[0-9]{1,3})?|\"[ -!#-\\[\\]-~]{0,9}\"|\\[\\]|\\{\\})") {
        let record = by_key("GetBlob", "/contoso/media/a");
        let places: Vec<usize> = record.match_indices(':').map(|(place, _)| place).filter(|place| record[..*place].ends_with('"')).collect();
        let place = places[at % places.len()] + 1;
        let end = place + record[place..].find([',', '}']).unwrap();
        read_files(FORMAT, &[("log", [&record[..place], value.as_str(), &record[end..]].concat().as_bytes())]);
    }
}
