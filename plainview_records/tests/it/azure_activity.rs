//! Tests of the Azure Activity log in its three schemas.
#![allow(clippy::too_many_lines, reason = "tables of cases are long")]

use plainview_records::{Effect, Format, Notice, Table};
use proptest::prelude::*;

use crate::azure::{assert_blind, found, read_files, read_text, recognised, rows, told};
use crate::support::{codes, only, shared_data};

const FORMAT: Format = Format::AzureActivity;

const STORE: &str = "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/Contoso";
const WHAT: &[&str] = &["account", "container", "verb", "outcome", "act_part"];

/// A record of a diagnostic setting.
fn diagnostic(operation: &str, resource: &str, result: &str, signature: &str) -> String {
    format!(
        r#"{{"RoleLocation":"x","time":"2025-01-02T03:04:05.6789012Z","resourceId":"{resource}","operationName":"{operation}","category":"Administrative","resultType":"{result}","resultSignature":"{signature}","durationMs":"0","callerIpAddress":"203.0.113.9","correlationId":"0C808BF1-beec-4a23-88d7-ed1a5adcbee6","identity":{{"claims":{{"idtyp":"user","appid":"a"}}}},"level":"Information","properties":{{"statusCode":"OK","eventCategory":"Administrative","message":"{operation}"}},"tenantId":"t"}}"#
    )
}

/// The same event as the management interface says it.
fn managed(operation: &str, resource: &str, status: &str, substatus: &str) -> String {
    format!(
        r#"{{"authorization":{{"action":"{operation}","scope":"{resource}"}},"caller":"someone@example.com","channels":"Operation","claims":{{"appid":"a","http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn":"someone@example.com"}},"correlationId":"0c808bf1-beec-4a23-88d7-ed1a5adcbee6","description":"","eventDataId":"e-1","eventName":{{"value":"EndRequest","localizedValue":"End request"}},"category":{{"value":"Administrative","localizedValue":"Verwaltung"}},"eventTimestamp":"2025-01-02T03:04:05.6789012Z","httpRequest":{{"clientIpAddress":"10.0.0.1","method":"PUT","uri":"https://management.azure.com/x?CANARY"}},"id":"{resource}/events/e-1","level":"Informational","operationId":"o-1","operationName":{{"value":"{operation}","localizedValue":"Do it"}},"properties":{{"statusCode":"OK","requestbody":"{{\"a\":1}}"}},"resourceGroupName":"rg","resourceId":"{resource}","resourceProviderName":{{"value":"Microsoft.Storage","localizedValue":"Storage"}},"resourceType":{{"value":"Microsoft.Storage/storageAccounts","localizedValue":"x"}},"status":{{"value":"{status}","localizedValue":"x"}},"subStatus":{{"value":"{substatus}","localizedValue":"x"}},"submissionTimestamp":"2025-01-02T03:05:05Z","subscriptionId":"00000000-0000-0000-0000-00000000000A","tenantId":"t","relatedEvents":[]}}"#
    )
}

#[test]
fn the_three_schemas_say_the_same_of_one_event() {
    let write = "Microsoft.Storage/storageAccounts/write";
    let columns = [
        "provider",
        "account",
        "container",
        "region",
        "at",
        "service",
        "event",
        "verb",
        "category",
        "outcome",
        "error",
        "principal_kind",
        "resource_type",
        "resource_id",
        "read_only",
        "act_part",
    ];
    let expected = format!(
        "azure|contoso|-|-|2025-01-02T03:04:05.678Z|Microsoft.Storage|{write}|create|Administrative|success|-|user|Microsoft.Storage/storageAccounts|{}|-|0",
        STORE.to_lowercase()
    );
    let analytics = [
        ("TimeGenerated", "2025-01-02T03:04:05.6789012Z"),
        ("OperationName", "Create/Update Storage Account"),
        ("OperationNameValue", write),
        ("Level", "Informational"),
        ("ActivityStatus", "Succeeded"),
        ("ActivityStatusValue", "Success"),
        ("ActivitySubstatusValue", "Created"),
        ("Caller", "someone@example.com"),
        ("CallerIpAddress", "203.0.113.9"),
        ("Category", "Administrative"),
        ("CategoryValue", "Administrative"),
        ("Claims", r#"{"idtyp":"user","name":"CANARY"}"#),
        ("Claims_d", r#"{"idtyp":"user","name":"CANARY"}"#),
        ("CorrelationId", "0c808bf1-beec-4a23-88d7-ed1a5adcbee6"),
        ("EventDataId", "e-1"),
        ("HTTPRequest", r#"{"method":"CANARY"}"#),
        (
            "Properties",
            r#"{"statusCode":"Created","responseBody":"CANARY"}"#,
        ),
        (
            "Properties_d",
            r#"{"statusCode":"Created","responseBody":"CANARY"}"#,
        ),
        ("ResourceGroup", "rg"),
        ("ResourceProviderValue", "Microsoft.Storage"),
        ("ResourceId", STORE),
        ("_ResourceId", "/subscriptions/lower"),
        ("SubscriptionId", "s"),
        ("Type", "AzureActivity"),
    ];
    let escaped = |text: &str| format!("\"{}\"", text.replace('"', "\\\""));
    let object: Vec<String> = analytics
        .iter()
        .map(|(n, v)| format!("\"{n}\":{}", escaped(v)))
        .collect();
    let names: Vec<String> = analytics
        .iter()
        .map(|(n, _)| format!("{{\"name\":\"{n}\"}}"))
        .collect();
    let values: Vec<String> = analytics.iter().map(|(_, v)| escaped(v)).collect();
    let header: Vec<&str> = analytics.iter().map(|(n, _)| *n).collect();
    let cells: Vec<String> = analytics
        .iter()
        .map(|(_, v)| format!("\"{}\"", v.replace('"', "\"\"")))
        .collect();
    let mut ids = Vec::new();
    for text in [
        diagnostic(write, STORE, "Success", "Succeeded.Created"),
        format!(
            "{{\"records\":[{}]}}",
            diagnostic(write, STORE, "Success", "201")
        ),
        managed(write, STORE, "Succeeded", "Created (HTTP Status Code: 201)"),
        format!(
            "{{\"value\":[{}]}}",
            managed(write, STORE, "Succeeded", "Created")
        ),
        format!("[{}]", managed(write, STORE, "Succeeded", "Created")),
        format!(
            "{{\"log\":{}}}",
            diagnostic(write, STORE, "Succeeded", "Succeeded.Created")
        ),
        format!("{{{}}}", object.join(",")),
        format!(
            "{{\"tables\":[{{\"columns\":[{}],\"rows\":[[{}]]}}]}}",
            names.join(","),
            values.join(",")
        ),
        format!("{}\n{}\n", header.join(","), cells.join(",")),
    ] {
        assert_eq!(recognised(&text), Some(FORMAT), "{text}");
        let sink = read_text(FORMAT, &text);
        assert_eq!(
            rows(&sink, Table::Activity, &columns),
            [expected.as_str()],
            "{text}"
        );
        assert_eq!(told(&sink.notices), [], "{text}");
        ids.extend(rows(&sink, Table::Activity, &["act_id"]));
        let (sink, report) = read_files(FORMAT, &[("log", text.as_bytes())]);
        assert!(
            !crate::azure::everything(&sink, &report).contains("CANARY"),
            "{text}"
        );
    }
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn starts_and_ends_are_one_act_of_which_the_end_counts() {
    let delete = "Microsoft.Storage/storageAccounts/delete";
    let container = format!("{STORE}/blobServices/default/containers/media");
    let text = [
        diagnostic(delete, STORE, "Start", "Started."),
        diagnostic(
            &delete.to_uppercase(),
            &STORE.to_uppercase(),
            "Success",
            "Succeeded.",
        ),
        diagnostic(
            "Microsoft.Storage/storageAccounts/blobServices/containers/write",
            &container,
            "Accept",
            "Accepted.Created",
        ),
        diagnostic(
            "Microsoft.Storage/storageAccounts/blobServices/containers/write",
            &container,
            "Success",
            "Succeeded.Created",
        ),
        diagnostic(
            "Microsoft.Storage/storageAccounts/blobServices/containers/write",
            &container,
            "Success",
            "Succeeded.OK",
        ),
        diagnostic(
            "MICROSOFT.STORAGE/STORAGEACCOUNTS/BLOBSERVICES/CONTAINERS/DELETE",
            &container,
            "Failure",
            "Failed.Conflict",
        ),
        diagnostic(
            "Microsoft.Resources/deployments/write",
            "/subscriptions/0A/resourceGroups/rg",
            "Success",
            "Succeeded.",
        )
        .replace("\"0c808", "\"1c808"),
    ]
    .join("\n");
    let sink = read_text(FORMAT, &text);
    assert_eq!(
        rows(&sink, Table::Activity, WHAT),
        [
            "contoso|-|delete|started|1",
            "contoso|-|delete|success|0",
            "contoso|media|create|started|1",
            "contoso|media|create|success|0",
            "contoso|media|configure|success|0",
            "contoso|media|delete|failure|0",
            "0a|-|configure|success|0",
        ]
    );
    assert_eq!(
        rows(&sink, Table::Activity, &["error"])[5],
        "Failed.Conflict"
    );
    let ids = rows(&sink, Table::Activity, &["act_id"]);
    assert_eq!(ids[0], ids[1], "case does not part an act");
    assert_eq!(ids[2], ids[3]);
    assert_ne!(ids[0], ids[2], "one correlation holds several acts");
}

#[test]
fn who_acted_is_told_without_keeping_claims() {
    let upn = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";
    let object = "http://schemas.microsoft.com/identity/claims/objectidentifier";
    let with = |caller: &str, claims: &str, evidence: &str| {
        format!(
            r#"{{"eventTimestamp":"2025-01-02T03:04:05Z","operationName":"A/b/write","resourceId":"/x",{caller}"claims":{claims},"authorization":{{"evidence":{evidence}}}}}"#
        )
    };
    let id = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    let cases = [
        (
            with(
                "",
                r#"{"idtyp":"user"}"#,
                r#"{"principalId":"p","principalType":"ServicePrincipal"}"#,
            ),
            "user|p",
        ),
        (with("", r#"{"idtyp":"app"}"#, "{}"), "application|-"),
        (
            with("", "{}", r#"{"principalId":"p","principalType":"User"}"#),
            "user|p",
        ),
        (
            with(
                "",
                "null",
                r#"{"principalId":"p","principalType":"ServicePrincipal"}"#,
            ),
            "application|p",
        ),
        (
            with("\"caller\":\"Microsoft.Advisor\",", "{}", "null"),
            "service|Microsoft.Advisor",
        ),
        (
            with(&format!("\"caller\":\"{id}\","), r#"{"appid":"a"}"#, "null"),
            &*format!("application|{id}"),
        ),
        (
            with(
                "",
                &format!(r#"{{"{upn}":"someone@example.com","appid":"a"}}"#),
                "null",
            ),
            "user|-",
        ),
        (
            with(
                "",
                &format!(r#"{{"appid":"a","{object}":"{id}","appidacr":"2"}}"#),
                "null",
            ),
            "application|-",
        ),
        (
            with(
                "",
                &format!(r#"{{"appid":"a","{object}":"{id}","appidacr":"0"}}"#),
                "null",
            ),
            "unknown|-",
        ),
        (with("", r#"{"appid":"a"}"#, "null"), "application|-"),
        (with("", r#""{\"idtyp\":\"app\"}""#, "7"), "application|-"),
        (with("", r#""{\"idtyp\":""#, "[]"), "unknown|-"),
        (with("", "[1]", "null"), "unknown|-"),
    ]
    .map(|(record, expected)| (record, expected.to_owned()));
    for (record, expected) in &cases {
        let sink = read_text(FORMAT, record);
        assert_eq!(
            rows(&sink, Table::Activity, &["principal_kind", "principal"]),
            [expected.as_str()],
            "{record}"
        );
    }
    let record = with("\"caller\":\"someone@example.com\",", "{}", "null");
    let sink = assert_blind(FORMAT, &record, "someone");
    let row = &rows(&sink, Table::Activity, &["principal_kind", "principal"])[0];
    assert!(row.starts_with("user|") && row.contains('@'), "{row}");
}

#[test]
fn a_string_in_a_disallowed_field_comes_out_nowhere() {
    let claims = r#""claims":{"name":"CANARY","ipaddr":"198.51.100.77","groups":"CANARY","puid":"CANARY","http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn":"CANARY@example.com","http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress":"CANARY@example.com","http://schemas.microsoft.com/identity/claims/objectidentifier":"CANARY","appid":"CANARY","aio":"CANARY","other":{"a":["CANARY"]}},"authorization":{"scope":"CANARY","action":"CANARY","role":"CANARY","evidence":{"role":"CANARY","roleAssignmentId":"CANARY"}}"#;
    let body = r#""properties":{"requestbody":"{\"CANARY\":\"CANARY\"}","responseBody":{"keys":["CANARY"]},"message":"CANARY said: hello","entity":"CANARY","policies":"CANARY","CANARY":"CANARY"}"#;
    let write = "Microsoft.Storage/storageAccounts/write";
    for record in [
        diagnostic(write, STORE, "Success", "200")
            .replace(r#""claims":{"idtyp":"user","appid":"a"}"#, claims)
            .replace("\"tenantId\":\"t\"", &format!("\"tenantId\":\"CANARY\",\"resultDescription\":\"CANARY\",\"jobId\":\"CANARY\",\"uri\":\"https://x?CANARY\",\"unheard\":\"CANARY\",{}", body.replace("\"properties\"", "\"p\""))),
        managed(write, STORE, "Succeeded", "")
            .replace("\"description\":\"\"", "\"description\":\"CANARY\",\"unheard\":[\"CANARY\"]")
            .replace(r#""properties":{"statusCode":"OK","requestbody":"{\"a\":1}"}"#, body)
            .replace("\"relatedEvents\":[]", "\"relatedEvents\":[\"CANARY\"]"),
    ] {
        let sink = assert_blind(FORMAT, &record, "CANARY");
        assert_eq!(rows(&sink, Table::Activity, &["account"]), ["contoso"]);
        assert!(found(&sink.notices, "azure-unread-fields").contains(&"unheard"));
        assert_blind(FORMAT, &record
                .replace("203.0.113.9", "198.51.100.77")
                .replace("10.0.0.1", "198.51.100.77"), "198.51.100.77");
        assert_blind(FORMAT, &record[..record.len() - 9], "CANARY");
    }
}

#[test]
fn odd_times_and_wrong_types_are_read_or_told() {
    let good = diagnostic("A/b/write", STORE, "Success", "200");
    let change = |from: &str, to: &str| good.replace(from, to);
    let deep = format!("{}{}", "[".repeat(60), "]".repeat(60));
    for kept in [
        change("2025-01-02T03:04:05.6789012Z", "2025-01-02T03: 04: 05.678Z"),
        change("\"durationMs\":\"0\"", "\"durationMs\":0"),
        change("\"level\":\"Information\"", "\"level\":4"),
        change("\"properties\":{", "\"properties\":[{\"a\":1}],\"x\":{"),
        change(
            "\"properties\":{",
            "\"properties\":\"{\\\"statusCode\\\":\\\"OK\\\"}\",\"x\":{",
        ),
        change("\"properties\":{", "\"properties\":\"no json\",\"x\":{"),
        change("\"identity\":{", "\"identity\":7,\"x\":{"),
        change("\"tenantId\":\"t\"", &format!("\"tenantId\":{deep}")),
        change("\"level\":\"Information\"", &format!("\"claims\":{deep}")),
    ] {
        let sink = read_text(FORMAT, &kept);
        assert_eq!(
            rows(&sink, Table::Activity, &["at", "outcome", "event"]),
            ["2025-01-02T03:04:05.678Z|success|A/b/write"],
            "{kept}"
        );
        assert!(
            sink.notices.iter().all(|n| n.effect != Effect::Lost),
            "{kept}"
        );
    }
    for lost in [
        change("2025-01-02T03:04:05.6789012Z", "noon"),
        change(
            "\"operationName\":\"A/b/write\"",
            "\"operationName\":{\"localizedValue\":\"x\"}",
        ),
        change("\"operationName\":\"A/b/write\"", "\"operationName\":[]"),
        change("\"operationName\":\"A/b/write\",", ""),
        "{\"a\":}".to_owned(),
        "[]x".to_owned(),
    ] {
        let sink = read_text(FORMAT, &format!("{good}\n{lost}\n{good}"));
        let lost_rows: Vec<&Notice> = sink
            .notices
            .iter()
            .filter(|n| n.effect == Effect::Lost)
            .collect();
        assert_eq!(lost_rows.len(), 1, "{lost}: {:?}", sink.notices);
        assert_eq!(rows(&sink, Table::Activity, &["event"]).len(), 2, "{lost}");
    }
    let twice = change(
        "\"resultType\":\"Success\"",
        "\"resultType\":\"Failure\",\"resultType\":\"Success\"",
    );
    let sink = read_text(FORMAT, &twice);
    assert_eq!(rows(&sink, Table::Activity, &["outcome"]), ["success"]);
    assert_eq!(
        only(&sink.notices, "azure-field-twice").effect,
        Effect::Doubt
    );
}

#[test]
fn storage_records_in_between_go_to_requests_and_back() {
    let event = diagnostic(
        "Microsoft.Storage/storageAccounts/write",
        STORE,
        "Success",
        "200",
    );
    let request = format!(
        r#"{{"time":"2025-01-02T03:04:05Z","resourceId":"{STORE}/blobServices/default","category":"StorageRead","operationName":"GetBlob","statusCode":200,"properties":{{"objectKey":"/contoso/media/a","accountName":"contoso"}}}}"#
    );
    let text = format!("{{\"records\":[{event},{request},{event}]}}");
    assert_eq!(recognised(&text), Some(FORMAT));
    for format in [FORMAT, Format::StorageBlobLogs] {
        let sink = read_text(format, &text);
        assert_eq!(
            rows(&sink, Table::Activity, &["row_no"]),
            ["1", "3"],
            "{format}"
        );
        assert_eq!(
            rows(&sink, Table::Requests, &["row_no", "container"]),
            ["2|media"],
            "{format}"
        );
        assert_eq!(told(&sink.notices), [], "{format}");
    }
}

#[test]
fn empty_truncated_and_foreign_files_are_told() {
    let event = diagnostic("A/b/write", STORE, "Success", "200");
    for (text, expected) in [
        (String::new(), vec!["empty-file"]),
        ("{\"value\":[]}".to_owned(), vec![]),
        ("a;b\n1;2\n".to_owned(), vec!["azure-missing-columns"]),
        (event[..event.len() / 2].to_owned(), vec!["file-damaged"]),
    ] {
        let sink = read_text(FORMAT, &text);
        assert_eq!(codes(&sink.notices), expected, "{text:?}");
        assert!(sink.batches.is_empty());
    }
}

#[test]
fn the_details_are_named_as_every_schema_names_them() {
    let sink = read_text(FORMAT, &diagnostic("A/b/write", STORE, "Success", "200"));
    let details = &rows(&sink, Table::Activity, &["details"])[0];
    assert_eq!(
        details,
        r#"{"ActivityStatusValue":"Success","ActivitySubstatusValue":"200","level":"Information","properties.eventCategory":"Administrative","properties.message":"A/b/write","properties.statusCode":"OK","resultSignature":"200","resultType":"Success","status":"Success","subStatus":"200"}"#
    );
    for name in ["status", "level", "properties.message"] {
        assert!(FORMAT.details().contains(&name), "{name}");
    }
}

#[test]
fn real_events_are_read() {
    let Some(data) = shared_data() else { return };
    let path = data.join("panther_rule_test_events/azure_activity.jsonl");
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(recognised(&String::from_utf8_lossy(&bytes)), Some(FORMAT));
    let (sink, report) = read_files(FORMAT, &[("events", &bytes)]);
    // 214 lines; 18 of them are storage resource logs, by their one-word operations.
    let text = String::from_utf8_lossy(&bytes);
    let storage = text
        .lines()
        .filter(|line| {
            ["Blob\"", "blob\"", "Properties\"", "Metadata\""]
                .iter()
                .any(|end| {
                    line.split_once("\"operationName\": \"")
                        .is_some_and(|(_, behind)| {
                            let operation = &behind[..=behind.find('"').unwrap()];
                            !operation.contains('/') && operation.ends_with(end)
                        })
                })
        })
        .count();
    assert_eq!((text.lines().count(), storage), (214, 18));
    assert_eq!(report.rows[&Table::Activity], 196);
    assert_eq!(report.rows[&Table::Requests], 18);
    assert!(
        sink.notices
            .iter()
            .all(|notice| notice.effect != Effect::Lost),
        "{:?}",
        sink.notices
    );
    let everything = crate::azure::everything(&sink, &report);
    for secret in [
        "SIGNATURE_HERE",
        "attacker@example.com",
        "python-requests",
        "8.8.8.8",
    ] {
        assert!(
            text.contains(secret) && !everything.contains(secret),
            "{secret}"
        );
    }

    let folder = data.join("azure_storage_logs/dynatrace");
    for name in ["log3.json", "log3.sh"] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        assert_eq!(
            recognised(&String::from_utf8_lossy(&bytes)),
            Some(FORMAT),
            "{name}"
        );
        let (sink, _) = read_files(FORMAT, &[(name, &bytes)]);
        assert_eq!(
            rows(
                &sink,
                Table::Activity,
                &["account", "verb", "outcome", "principal_kind", "network"]
            ),
            ["69349acf-2a6c-409d-a925-96ba0c5f099f|delete|success|user|public"],
            "{name}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_value_in_any_place_never_panics(at in 0..64_usize, value in "(null|-?[0-9]{1,45}(\\.[0-9]{1,30})?|\"[ -!#-\\[\\]-~]{0,9}\"|\\[\\]|\\{\\}|\\{\"value\":[0-9\\]]\\})") {
        let record = managed("A/b/write", STORE, "Succeeded", "Created");
        let places: Vec<usize> = record.match_indices("\":").map(|(place, _)| place + 2).collect();
        let place = places[at % places.len()];
        let end = place + record[place..].find([',', '}']).unwrap();
        read_files(FORMAT, &[("log", [&record[..place], value.as_str(), &record[end..]].concat().as_bytes())]);
    }
}
