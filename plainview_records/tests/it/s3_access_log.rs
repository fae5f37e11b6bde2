//! Tests of the s3-access-log reader.

use plainview_records::{Collected, Effect, Format, SourceReport, Table, detect};

use crate::support::{Folder, codes, column, gzip, only, read, shared_data};

const OWNER: &str = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
const TAIL: &str = "- hOsT/Id= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader box.s3.eu-west-1.amazonaws.com TLSv1.2 - -";

fn lead(requester: &str, id: &str, operation: &str, key: &str) -> String {
    format!("{OWNER} box [06/Feb/2019:00:00:38 +0000] 192.0.2.3 {requester} {id} {operation} {key}")
}

fn read_text(text: impl AsRef<[u8]>) -> (Collected, SourceReport) {
    let folder = Folder::new();
    folder.write("2019-02-06-00-05-00-ABC", text);
    read(&folder.input(Format::S3AccessLog, &["."]))
}

fn cells(sink: &Collected, names: &[&str]) -> Vec<Vec<String>> {
    let table = sink.table(Table::Requests).unwrap();
    names.iter().map(|name| column(&table, name)).collect()
}

#[test]
fn every_length_of_line_gives_the_same_row() {
    let line = lead(
        "arn:aws:iam::111122223333:user/ana",
        "3E57427F3EXAMPLE",
        "REST.GET.OBJECT",
        "a+b%2Fc.txt",
    );
    let answer =
        r#""GET /a%20b/c.txt?X-Amz-Signature=canary HTTP/1.1" 206 - 113 4000 70 12 "-" "curl/8""#;
    let of_18 = format!("{line} {answer} -");
    let of_24 = format!("{line} {answer} - HOST= SigV4 C AuthHeader h TLSv1.2");
    let of_26 = format!("{line} {answer} {TAIL}");
    let of_28 = format!("{line} {answer} {TAIL} new \"newer\"");
    let (sink, report) = read_text(format!("{of_18}\r\n{of_24}\n\n{of_26}\n{of_28}"));
    assert_eq!(report.rows, [(Table::Requests, 4)].into());
    let table = sink.table(Table::Requests).unwrap();
    for (name, expected) in [
        ("provider", "aws"),
        ("account", "111122223333"),
        ("container", "box"),
        ("key", "a b/c.txt"),
        ("at", "2019-02-06T00:00:38Z"),
        ("operation", "REST.GET.OBJECT"),
        ("verb", "read"),
        ("status", "206"),
        ("error", "-"),
        ("bytes_out", "113"),
        ("bytes_in", "-"),
        ("object_bytes", "4000"),
        ("duration_ms", "70"),
        ("principal_kind", "user"),
        ("network", "public"),
        ("event_id", "3E57427F3EXAMPLE"),
        ("act_id", "3E57427F3EXAMPLE"),
        ("act_part", "0"),
    ] {
        assert_eq!(column(&table, name), [expected; 4], "{name}");
    }
    assert_eq!(
        column(&table, "auth"),
        ["-", "AuthHeader", "AuthHeader", "AuthHeader"]
    );
    assert_eq!(column(&table, "row_no"), ["1", "2", "3", "4"]);
    let more = only(&sink.notices, "more-fields");
    assert_eq!((more.effect, more.rows_affected), (Effect::Unread, 1));
    assert_eq!((more.row, more.found.as_str()), (Some(4), "2 fields"));
    assert_eq!(codes(&sink.notices), ["more-fields"]);
}

/// Requester, request id, operation, key; then verb, kind, act and part.
const ACTS: [[&str; 8]; 9] = [
    [
        "AmazonS3",
        "ID1",
        "S3.EXPIRE.OBJECT",
        "old.txt",
        "delete",
        "lifecycle",
        "-",
        "0",
    ],
    [
        "AmazonS3",
        "ID2",
        "S3.TRANSITION_SIA.OBJECT",
        "old.txt",
        "other",
        "lifecycle",
        "-",
        "0",
    ],
    [
        "-",
        "ID3",
        "REST.POST.MULTI_OBJECT_DELETE",
        "-",
        "delete",
        "anonymous",
        "ID3",
        "0",
    ],
    [
        "AmazonS3",
        "ID3",
        "BATCH.DELETE.OBJECT",
        "x.txt",
        "delete",
        "unknown",
        "ID3",
        "1",
    ],
    [
        "svc:logging.s3.amazonaws.com",
        "ID4",
        "REST.PUT.OBJECT",
        "x",
        "write",
        "log-delivery",
        "ID4",
        "0",
    ],
    [
        "arn:aws:sts::111122223333:assumed-role/r/s",
        "ID5",
        "REST.COPY.OBJECT",
        "to",
        "copy",
        "role",
        "ID5",
        "0",
    ],
    [
        "arn:aws:sts::111122223333:assumed-role/r/s",
        "ID5",
        "REST.COPY.OBJECT_GET",
        "from",
        "copy",
        "role",
        "ID5",
        "1",
    ],
    [
        OWNER,
        "ID6",
        "REST.GET.OBJECT",
        "x",
        "read",
        "root",
        "ID6",
        "0",
    ],
    [
        OWNER,
        "ID7",
        "REST.GET.OBJECT",
        "signed",
        "read",
        "signed-url",
        "ID7",
        "0",
    ],
];

#[test]
fn what_the_service_does_is_told_from_what_people_do() {
    let lines = ACTS.map(|[requester, id, operation, key, ..]| match operation {
        "BATCH.DELETE.OBJECT" => format!("{} - 204 - - 1 - - - - {TAIL}", lead(requester, id, operation, key)),
        _ if operation.starts_with("S3.") => format!(
            r#"{OWNER} box [06/Feb/2019:00:00:38 +0000] - {requester} {id} {operation} {key} "-" - - - 7 - - "-" "-" {TAIL}"#
        ),
        _ => {
            let auth = if key == "signed" { "QueryString" } else { "AuthHeader" };
            let tail = TAIL.replace("AuthHeader", auth);
            format!(r#"{} "PUT / HTTP/1.1" 200 - - - - - "-" "x" {tail}"#, lead(requester, id, operation, key))
        }
    });
    let (sink, _) = read_text(lines.join("\n"));
    assert_eq!(codes(&sink.notices), Vec::<&str>::new());
    let got = cells(&sink, &["verb", "principal_kind", "act_id", "act_part"]);
    for (cell, place) in got.iter().zip(4..) {
        assert_eq!(*cell, ACTS.map(|act| act[place]));
    }
    assert_eq!(cells(&sink, &["network"])[0][1..3], ["provider", "public"]);
}

#[test]
fn keys_are_decoded_as_often_as_they_were_encoded() {
    let line = |key: &str, uri: &str| {
        let lead = lead("-", "ID", "REST.GET.OBJECT", key);
        format!("{lead} \"GET {uri} HTTP/1.1\" 200 - - - - - \"-\" \"x\" {TAIL}")
    };
    let bare = lead("AmazonS3", "ID", "BATCH.DELETE.OBJECT", "year%253D2020/x");
    let lines = [
        line("year%253D2020/x", "/year%3D2020/x?prefix=y"),
        line("year%253D2020/x", "/box/year%3d2020/x"),
        line("year%253D2020/x", "/year%253D2020/x"),
        line("%D7%A9%D7%9C", "/%D7%A9%D7%9C"),
        line("%E9", "/%E9"),
        format!("{bare} - 204 - - 1 - - - - {TAIL}"),
    ];
    let (sink, _) = read_text(lines.join("\n"));
    assert_eq!(
        cells(&sink, &["key"])[0],
        [
            "year=2020/x",
            "year=2020/x",
            "year%3D2020/x",
            "של",
            "%E9",
            "year%3D2020/x"
        ]
    );
    assert_eq!(only(&sink.notices, "key-encoding-unclear").row, Some(6));
    assert_eq!(only(&sink.notices, "key-not-utf8").row, Some(5));
}

#[test]
fn a_client_that_writes_the_end_of_a_line_disputes_its_own_fields_only() {
    let forged = r#"x" - ID= SigV4 C QueryString h T - - y"#;
    let line = format!(
        "{} \"GET /a HTTP/1.1\" 403 AccessDenied 113 - 7 - \"-\" \"{forged}\" {TAIL}",
        lead(
            "arn:aws:iam::111122223333:user/ana",
            "ID",
            "REST.GET.OBJECT",
            "a"
        )
    );
    let (sink, report) = read_text(line);
    assert_eq!(report.rows, [(Table::Requests, 1)].into());
    let got = cells(&sink, &["status", "error", "auth", "principal_kind"]);
    assert_eq!(got, [["403"], ["AccessDenied"], ["-"], ["user"]]);
    let notice = only(&sink.notices, "ambiguous-line");
    assert_eq!(
        (notice.effect, notice.found.as_str()),
        (Effect::Doubt, "authentication")
    );
}

#[test]
fn no_field_outside_the_list_is_kept_anywhere() {
    let line = format!(
        "{} \"GET /a/canary?canary=canary HTTP/1.1\" 200 - 113 - 7 - \"http://canary/\" \"canary\" canary canary canary canary AuthHeader canary canary canary canary canary \"canary\"",
        lead("-", "ID", "REST.GET.OBJECT", "a")
    );
    let object = r#"{"bucket":"box","time":"2020-02-14 00:53:48.000","remoteip":"10.1.2.3","requestid":"ID","operation":"REST.GET.OBJECT","key":"a",
        "requesturi":"GET /canary?canary HTTP/1.1","useragent":"canary","referrer":"canary","hostheader":"canary","versionid":"canary","hostid":"canary",
        "p_any_emails":["canary"],"new":{"deep":"canary"},"bytessent":12}"#;
    for (text, rows) in [
        (line.as_str(), 1),
        (object, 1),
        ("canary canary canary\n", 0),
        ("{\"canary\":\"canary\"", 0),
    ] {
        let (sink, report) = read_text(text);
        assert_eq!(report.rows.values().sum::<u64>(), rows, "{text}");
        let all = format!(
            "{:?} {:?} {report:?}",
            sink.table(Table::Requests),
            sink.notices
        );
        assert!(!all.contains("canary"), "{all}");
    }
    // Phone numbers in keys and addresses in ARNs are nobody's business either.
    let line = lead(
        "arn:aws:iam::111122223333:user/ana@example.com",
        "ID",
        "REST.GET.OBJECT",
        "calls/972501234567.opus",
    );
    let (sink, _) = read_text(format!("{line} - 200 - - - - - - - {TAIL}"));
    let all = format!("{:?}", sink.table(Table::Requests));
    assert!(
        !all.contains("972501234567") && !all.contains("ana@example.com"),
        "{all}"
    );
    assert!(all.contains("calls/"));
}

#[test]
fn objects_give_the_rows_that_lines_give() {
    let object = r#"{"bucketowner":"79a5","bucket_name":"box","requestdatetime":"2019-02-06T00:00:38Z","remoteip":"10.0.0.1","requester":"79a5",
        "requestid":"ID","operation":"REST.GET.OBJECT","key":"year%253D2020","request_uri":"GET /year%3D2020 HTTP/1.1","httpstatus":"200","bytessent":"113",
        "objectsize":4000,"totaltime":null,"authtype":"QueryString"}"#;
    let (sink, _) = read_text(format!("[{object},{{\"log\":{object},\"rule\":\"x\"}}]"));
    let got = cells(
        &sink,
        &[
            "container",
            "key",
            "at",
            "status",
            "bytes_out",
            "object_bytes",
            "duration_ms",
            "principal_kind",
            "network",
            "row_no",
        ],
    );
    let twice = |text: &str| vec![text.to_owned(), text.to_owned()];
    assert_eq!(got[0], twice("box"));
    assert_eq!(got[1], twice("year=2020"));
    assert_eq!(got[2], twice("2019-02-06T00:00:38Z"));
    assert_eq!(got[3], twice("200"));
    assert_eq!(got[4], twice("113"));
    assert_eq!(got[5], twice("4000"));
    assert_eq!(got[6], twice("-"));
    assert_eq!(got[7], twice("signed-url"));
    assert_eq!(got[8], twice("private"));
    assert_eq!(got[9], ["1", "2"]);
    assert_eq!(only(&sink.notices, "unknown-field").found, "rule");
}

#[test]
fn bad_truncated_and_empty_files_are_said_to_be_so() {
    let good = format!(
        "{} - 200 - - - - - - - {TAIL}\n",
        lead("-", "ID", "REST.GET.OBJECT", "a")
    );
    let (sink, report) = read_text(format!(
        "{good}not a line\n{good}{}",
        &good[..good.len() / 2]
    ));
    assert_eq!(report.rows, [(Table::Requests, 2)].into());
    let lost: Vec<_> = sink
        .notices
        .iter()
        .map(|n| (n.code, n.effect, n.row))
        .collect();
    assert_eq!(
        lost,
        [
            ("bad-row", Effect::Lost, Some(2)),
            ("bad-row", Effect::Lost, Some(4))
        ]
    );

    let whole = gzip(good.repeat(1000).as_bytes());
    let (sink, report) = read_text(&whole[..whole.len() - 20]);
    let damaged = only(&sink.notices, "file-damaged");
    assert_eq!(damaged.effect, Effect::Lost);
    assert!(
        report
            .rows
            .get(&Table::Requests)
            .is_none_or(|rows| *rows < 1000)
    );

    let (sink, _) = read_text("");
    assert_eq!(codes(&sink.notices), ["empty-file"]);
    let (sink, _) = read_text(b"PAR1xxxx");
    assert_eq!(only(&sink.notices, "not-a-log").effect, Effect::Lost);
}

#[test]
fn no_account_is_unknown_and_said_once() {
    let folder = Folder::new();
    let good = format!(
        "{} - 200 - - - - - - - {TAIL}\n",
        lead("-", "ID", "REST.GET.OBJECT", "a")
    );
    folder.write("a", &good);
    folder.write("b", format!("{good}{good}"));
    let mut input = folder.input(Format::S3AccessLog, &["."]);
    input.account = None;
    let (sink, _) = read(&input);
    assert_eq!(codes(&sink.notices), ["account-unknown"]);
    assert_eq!(cells(&sink, &["account"])[0], ["unknown"; 3]);
}

#[test]
fn real_lines_are_all_read() {
    let Some(data) = shared_data() else { return };
    for (name, rows, lost) in [
        ("aws_s3_access/opensearch-catalog/raw.log", 18, 0),
        (
            "aws_s3_access/logstash-patterns-core/s3_access_lines.log",
            3,
            0,
        ),
        // Five of the sixteen rule tests have no time.
        ("panther_rule_test_events/aws_s3_server_access.jsonl", 11, 5),
    ] {
        let path = data.join(name);
        assert_eq!(
            detect(&path).map(|found| found.format),
            Some(Format::S3AccessLog),
            "{name}"
        );
        let input = plainview_records::SourceInput::new(
            "log",
            Format::S3AccessLog,
            data.clone(),
            vec![path],
        );
        let (sink, report) = read(&input);
        assert_eq!(report.rows.get(&Table::Requests), Some(&rows), "{name}");
        let bad: u64 = sink
            .notices
            .iter()
            .filter(|n| n.effect == Effect::Lost)
            .map(|n| n.rows_affected)
            .sum();
        assert_eq!(bad, lost, "{name}");
        if name.starts_with("panther") {
            let snowflake = "logs/logdir/year=2020/month=09/day=30/hour=19/file.json.gz";
            assert!(cells(&sink, &["key"])[0].iter().any(|key| key == snowflake));
        }
    }
}
