//! Tests of the gcp-audit reader.

use plainview_records::{Collected, Effect, Format, SourceInput, SourceReport, Table, detect};

use crate::support::{Folder, codes, column, gzip, only, read, shared_data};

/// One read of an object, with every field that is not read saying `canary`.
const READ: &str = r#"{"insertId":"i1","logName":"projects/a-project/logs/cloudaudit.googleapis.com%2Fdata_access",
 "timestamp":"2025-12-15T15:40:29.533794920Z","receiveTimestamp":"2025-12-15T15:40:30Z","severity":"INFO","labels":{"canary":"canary"},
 "resource":{"type":"gcs_bucket","labels":{"project_id":"a-project","bucket_name":"box","location":"EU","other":"canary"}},
 "protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","serviceName":"storage.googleapis.com","methodName":"storage.objects.get",
  "resourceName":"projects/_/buckets/box/objects/calls/972501234567.opus","status":{},
  "authenticationInfo":{"principalEmail":"ana@example.org","oauthInfo":{"oauthClientId":"canary"}},
  "authorizationInfo":[{"permission":"storage.objects.get","granted":true,"resource":"canary","resourceAttributes":{"name":"canary"}}],
  "requestMetadata":{"callerIp":"192.0.2.7","callerSuppliedUserAgent":"canary","callerNetwork":"canary","requestAttributes":{"time":"2025-12-15T15:40:29Z","reason":"canary"}},
  "resourceLocation":{"currentLocations":["eu"]},"request":{"canary":"canary"},"response":{"canary":["canary"]},"metadata":{"tableDeletion":{"reason":"canary"}},
  "serviceData":{"permissionDelta":{"addedPermissions":["canary"]}}}}"#;

/// An event in the activity log with the given payload.
fn event(payload: &str) -> String {
    format!(
        r#"{{"insertId":"i2","logName":"projects/a-project/logs/cloudaudit.googleapis.com%2Factivity","timestamp":"2025-12-15T15:40:29Z","protoPayload":{{{payload}}}}}"#
    )
}

fn read_text(text: impl AsRef<[u8]>) -> (Collected, SourceReport) {
    let folder = Folder::new();
    folder.write("entries.json", text);
    let mut input = folder.input(Format::GcpAudit, &["."]);
    input.account = Some("gcp/of-source".to_owned());
    read(&input)
}

fn cells(sink: &Collected, table: Table, names: &[&str]) -> Vec<Vec<String>> {
    let table = sink.table(table).unwrap();
    names.iter().map(|name| column(&table, name)).collect()
}

#[test]
fn every_wrapping_gives_the_same_request() {
    let one_line = READ.replace('\n', "");
    let lower = one_line
        .replace("\"protoPayload\"", "\"protopayload_auditlog\"")
        .replace("insertId", "insertid")
        .replace("logName", "logname")
        .replace(
            "2025-12-15T15:40:29.533794920Z",
            "2025-12-15 15:40:29.533794 UTC",
        );
    // {"a":1} is eyJhIjoxfQ== and no entry; the real one is encoded here by hand's rule: 3 bytes to 4 letters.
    let encoded = base64(one_line.as_bytes());
    let forms = [
        READ.to_owned(),
        format!("{one_line}\n"),
        format!("[{READ}]"),
        format!("{{\"entries\":[{READ}],\"nextPageToken\":\"x\"}}"),
        lower,
        format!(
            "{{\"specversion\":\"1.0\",\"type\":\"google.cloud.audit.log.v1.written\",\"id\":\"x\",\"data\":{READ}}}"
        ),
        format!(
            "{{\"subscription\":\"s\",\"message\":{{\"data\":\"{encoded}\",\"messageId\":\"1\"}}}}"
        ),
        format!(
            "{{\"receivedMessages\":[{{\"ackId\":\"a\",\"message\":{{\"data\":\"{encoded}\"}}}}]}}"
        ),
        format!("{{\"log\":{READ}}}"),
    ];
    for form in forms {
        let (sink, report) = read_text(&form);
        assert_eq!(report.rows, [(Table::Requests, 1)].into(), "{form}");
        let table = sink.table(Table::Requests).unwrap();
        for (name, expected) in [
            ("provider", "gcp"),
            ("account", "a-project"),
            ("container", "box"),
            ("region", "eu"),
            ("at", "2025-12-15T15:40:29.533Z"),
            ("operation", "storage.objects.get"),
            ("verb", "read"),
            ("status", "OK"),
            ("error", "-"),
            ("principal_kind", "user"),
            ("network", "public"),
            ("event_id", "i1"),
            ("act_id", "i1"),
            ("act_part", "0"),
        ] {
            assert_eq!(column(&table, name), [expected], "{name} of {form}");
        }
        let all = format!("{table:?} {:?} {report:?}", sink.notices);
        for hidden in ["canary", "972501234567", "ana@example.org"] {
            assert!(!all.contains(hidden), "{hidden} in {all}");
        }
        assert!(
            sink.notices
                .iter()
                .all(|notice| notice.effect == Effect::Unread),
            "{:?}",
            sink.notices
        );
    }
}

/// Base64 as RFC 4648 has it.
fn base64(bytes: &[u8]) -> String {
    let letters: Vec<char> = ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain(['+', '/'])
        .collect();
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let number = three
            .iter()
            .chain([0, 0].iter())
            .take(3)
            .fold(0_usize, |n, &b| n * 256 + usize::from(b));
        for place in 0..4 {
            let is_padding = place > three.len();
            let letter = letters[(number >> (18 - 6 * place)) % 64];
            out.push(if is_padding { '=' } else { letter });
        }
    }
    out
}

#[test]
fn events_say_how_they_ended_and_who_called() {
    let by = |email: &str| {
        format!(
            r#""serviceName":"compute.googleapis.com","methodName":"v1.compute.disks.delete","authenticationInfo":{{"principalEmail":"{email}"}}"#
        )
    };
    let robot = by("robot@p.iam.gserviceaccount.com");
    let payloads = [
        format!(r#"{robot},"status":{{}},"requestMetadata":{{"callerIp":"private"}}"#),
        format!(r#"{robot},"status":{{"code":7,"message":"canary"}},"requestMetadata":{{"callerIp":"gce-internal-ip"}}"#),
        format!(r#"{robot},"authorizationInfo":[{{"permission":"p.x","granted":true}},{{"permission":"p.y"}}]"#),
        by("service-123456789012@compute-system.iam.gserviceaccount.com"),
        r#""serviceName":"compute.googleapis.com","methodName":"v1.compute.disks.delete","authenticationInfo":{}"#.to_owned(),
        r#""methodName":"SetIamPolicy","authenticationInfo":{"principalSubject":"principal://iam.googleapis.com/locations/global/workforcePools/x/subject/y"}"#.to_owned(),
    ];
    let lines: Vec<String> = payloads.iter().map(|payload| event(payload)).collect();
    let (sink, report) = read_text(lines.join("\n"));
    assert_eq!(report.rows, [(Table::Activity, 6)].into());
    let got = cells(
        &sink,
        Table::Activity,
        &[
            "outcome",
            "error",
            "principal_kind",
            "network",
            "verb",
            "service",
            "account",
            "category",
        ],
    );
    assert_eq!(
        got[0],
        [
            "success", "failure", "failure", "success", "success", "success"
        ]
    );
    assert_eq!(
        got[1],
        ["-", "PERMISSION_DENIED", "not granted", "-", "-", "-"]
    );
    assert_eq!(
        got[2],
        [
            "application",
            "application",
            "application",
            "service",
            "unknown",
            "user"
        ]
    );
    assert_eq!(got[3], ["private", "private", "-", "-", "-", "-"]);
    assert_eq!(
        got[4],
        [
            "delete",
            "delete",
            "delete",
            "delete",
            "delete",
            "configure"
        ]
    );
    assert_eq!(got[5][5], "unknown");
    assert_eq!(got[6], ["a-project"; 6]);
    assert_eq!(got[7], ["activity"; 6]);
    let all = format!("{:?} {:?}", sink.table(Table::Activity), sink.notices);
    assert!(!all.contains("canary"), "{all}");
}

#[test]
fn what_was_asked_for_and_not_granted_stays_in_step() {
    let payload = r#""methodName":"M","status":{"code":7},"authorizationInfo":[{"permission":"p.x","granted":true},{"permission":"p.y"}]"#;
    let (sink, _) = read_text(event(payload));
    assert_eq!(
        cells(&sink, Table::Activity, &["details"])[0],
        [
            r#"{"logName":"projects/a-project/logs/cloudaudit.googleapis.com%2Factivity","protoPayload.authorizationInfo.granted":"true\nfalse","protoPayload.authorizationInfo.permission":"p.x\np.y","protoPayload.status.code":"7"}"#
        ]
    );
}

#[test]
fn callers_of_objects_are_told_apart() {
    let read = |who: &str, more: &str| {
        event(&format!(
            r#""serviceName":"storage.googleapis.com","methodName":"storage.objects.get","resourceName":"projects/_/buckets/box/objects/a/b","status":{{}},"authenticationInfo":{{{who}}},"authorizationInfo":[{{"permission":"storage.objects.get"{more}}}]"#
        ))
    };
    let robot = r#""principalEmail":"robot@p.iam.gserviceaccount.com","serviceAccountKeyName":"//iam.googleapis.com/x/keys/1""#;
    let signed = read(robot, r#","granted":true"#).replace(
        r#""status":{}"#,
        r#""status":{},"metadata":{"audit_context":{"canary":"canary"}}"#,
    );
    let copied = read(robot, r#","granted":true"#).replace(
        r#""status":{}"#,
        r#""metadata":{"destination":"projects/_/buckets/canary/objects/canary"}"#,
    );
    let lines = [
        read(robot, r#","granted":true"#),
        signed,
        copied,
        read("", r#","granted":true"#),
        read("", "").replace(r#""status":{}"#, r#""status":{"code":7}"#),
        read("", "").replace(r#""status":{},"#, ""),
    ];
    let (sink, _) = read_text(lines.join("\n"));
    let got = cells(
        &sink,
        Table::Requests,
        &[
            "principal_kind",
            "verb",
            "status",
            "error",
            "auth",
            "key",
            "container",
        ],
    );
    assert_eq!(
        got[0],
        [
            "application",
            "signed-url",
            "application",
            "anonymous",
            "unknown",
            "unknown"
        ]
    );
    assert_eq!(got[1], ["read", "read", "copy", "read", "read", "read"]);
    assert_eq!(got[2], ["OK", "OK", "-", "OK", "PERMISSION_DENIED", "-"]);
    assert_eq!(
        got[3],
        ["-", "-", "-", "-", "PERMISSION_DENIED", "not granted"]
    );
    assert_eq!(
        got[4],
        [
            "serviceAccountKey",
            "serviceAccountKey",
            "serviceAccountKey",
            "-",
            "-",
            "-"
        ]
    );
    assert_eq!(
        (&got[5][0], &got[6][0]),
        (&"a/b".to_owned(), &"box".to_owned())
    );
    assert!(!format!("{:?} {:?}", sink.table(Table::Requests), sink.notices).contains("canary"));
}

#[test]
fn operations_and_policies_are_followed() {
    let operation = |flags: &str| {
        event(
            r#""serviceName":"compute.googleapis.com","methodName":"v1.compute.instances.insert""#,
        )
        .replace(
            r#""insertId":"i2""#,
            &format!(r#""insertId":"i3","operation":{{"id":"op-1","producer":"canary"{flags}}}"#),
        )
    };
    let policy = event(
        r#""serviceName":"storage.googleapis.com","methodName":"storage.setIamPermissions","resourceName":"projects/_/buckets/box",
        "serviceData":{"policyDelta":{"bindingDeltas":[{"action":"ADD","role":"roles/storage.objectViewer","member":"allUsers"},{"action":"ADD","role":"r","member":"user:ana@example.org"}]}}"#,
    );
    let lines = [
        operation(r#","first":true"#),
        operation(r#","last":true"#),
        operation(r#","first":true,"last":true"#),
        operation(""),
        policy,
    ];
    let (sink, _) = read_text(lines.join("\n"));
    let got = cells(
        &sink,
        Table::Activity,
        &[
            "outcome",
            "act_id",
            "act_part",
            "container",
            "verb",
            "details",
        ],
    );
    assert_eq!(
        got[0],
        ["started", "success", "success", "success", "success"]
    );
    assert_eq!(got[1], ["op-1", "op-1", "op-1", "i3", "i2"]);
    assert_eq!(got[2], ["1", "0", "0", "0", "0"]);
    assert_eq!(got[3][4], "box");
    assert_eq!(got[4][4], "configure");
    assert!(got[5][4].contains(
        r#""protoPayload.serviceData.policyDelta.bindingDeltas.member":"allUsers\nuser:"#
    ));
    assert!(!got[5][4].contains("ana@example.org"));
}

#[test]
fn what_is_no_entry_is_said_and_nothing_of_it_shown() {
    let good = event(r#""methodName":"SetIamPolicy""#);
    let lines = [
        good.clone(),
        r#"{"textPayload":"canary","logName":"x"}"#.to_owned(),
        r#"{"canary":"canary"}"#.to_owned(),
        "canary".to_owned(),
        good.replace("2025-12-15T15:40:29Z", "canary"),
        good.replace("methodName", "canaryName"),
        good.replace(r#""timestamp":"#, r#""receiveTimestamp":"#),
        good.replace(
            "{\"insertId\":\"i2\"",
            r#"{"insertId":"i2","insertid":"i4","new":{"x":"canary"}"#,
        ),
    ];
    let (sink, report) = read_text(lines.join("\n"));
    assert_eq!(report.rows, [(Table::Activity, 3)].into());
    let lost: Vec<_> = sink
        .notices
        .iter()
        .filter(|n| n.effect == Effect::Lost)
        .map(|n| (n.code, n.row))
        .collect();
    assert_eq!(
        lost,
        [
            ("bad-row", Some(3)),
            ("bad-row", Some(4)),
            ("bad-row", Some(5)),
            ("bad-row", Some(6))
        ]
    );
    assert_eq!(
        only(&sink.notices, "other-log-entry").effect,
        Effect::Unread
    );
    assert_eq!(only(&sink.notices, "time-elsewhere").row, Some(7));
    assert_eq!(only(&sink.notices, "duplicate-field").found, "insertId");
    let unknown: Vec<_> = sink
        .notices
        .iter()
        .filter(|n| n.code == "unknown-field")
        .map(|n| n.found.as_str())
        .collect();
    assert_eq!(unknown, ["new", "protopayload.canaryName"]);
    let shown: String = sink
        .notices
        .iter()
        .map(|n| n.found.replace("canaryName", ""))
        .collect();
    assert!(!shown.contains("canary"), "{shown}");
    assert!(!format!("{:?}", sink.table(Table::Activity)).contains("canary"));
}

#[test]
fn truncated_and_empty_files_are_said_to_be_so() {
    let good = event(r#""methodName":"SetIamPolicy""#);
    let (sink, report) = read_text(&format!("[{good},{good}")[..good.len() + 30]);
    assert_eq!(report.rows, [(Table::Activity, 1)].into());
    assert_eq!(only(&sink.notices, "file-damaged").effect, Effect::Lost);
    let whole = gzip(format!("{good}\n").repeat(300).as_bytes());
    let (sink, _) = read_text(&whole[..whole.len() - 10]);
    assert!(
        sink.notices.iter().any(|n| n.effect == Effect::Lost),
        "{:?}",
        sink.notices
    );
    assert_eq!(codes(&read_text("[]").0.notices), Vec::<&str>::new());
    assert_eq!(codes(&read_text("").0.notices), ["empty-file"]);
}

#[test]
fn real_entries_are_all_accounted_for() {
    let Some(data) = shared_data() else { return };
    let audit = "gcp_audit/google-cloudevents/testdata/google/events/cloud/audit/v1";
    // Of the rule tests, 14 of 143 and 8 of 25 have no time or no method, and one has `...` for a time.
    for (name, activity, requests, lost) in [
        (
            format!("{audit}/LogEntryData-bigqueryjobcompleted.json"),
            1,
            0,
            0,
        ),
        (
            format!("{audit}/LogEntryData-monitoringCreateTimeSeries.json"),
            1,
            0,
            0,
        ),
        (
            format!("{audit}/LogEntryData-pubsubCreateTopic.json"),
            1,
            0,
            0,
        ),
        (
            "panther_rule_test_events/gcp_audit.jsonl".to_owned(),
            118,
            10,
            15,
        ),
        (
            "panther_rule_test_events/gcp_k8s.jsonl".to_owned(),
            17,
            0,
            8,
        ),
    ] {
        let path = data.join(&name);
        assert_eq!(
            detect(&path).map(|found| found.format),
            Some(Format::GcpAudit),
            "{name}"
        );
        let (sink, report) = read(&SourceInput::new(
            "log",
            Format::GcpAudit,
            data.clone(),
            vec![path],
        ));
        let rows = |table| report.rows.get(&table).copied().unwrap_or(0);
        assert_eq!(
            (rows(Table::Activity), rows(Table::Requests)),
            (activity, requests),
            "{name}"
        );
        let bad: u64 = sink
            .notices
            .iter()
            .filter(|n| n.effect == Effect::Lost)
            .map(|n| n.rows_affected)
            .sum();
        assert_eq!(bad, lost, "{name}");
    }
    let storage = data.join("gcp_audit/google-cloudevents/testdata/google/events/cloud/storage/v1/StorageObjectData-simple.json");
    assert_eq!(detect(&storage), None);
}
