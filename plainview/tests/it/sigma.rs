//! `plainview sigma`: rules written here over events written here, from the command line to the cited row.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::world::{Ran, arg, run};

const DELETED: &str = "title: A store is deleted\nlogsource:\n    product: aws\n    service: cloudtrail\ndetection:\n    selection:\n        eventSource: s3.amazonaws.com\n        eventName: DeleteBucket\n    condition: selection\nlevel: high\n";

/// Whether root did it depends on nothing that is dropped; which program was used does.
const AGENT: &str = "title: An odd program\nlogsource:\n    product: aws\n    service: cloudtrail\ndetection:\n    selection:\n        eventName: DeleteBucket\n        userAgent|contains: browser\n    condition: selection\n";

const ELSEWHERE: &str = "title: A process\nlogsource:\n    product: windows\n    category: process_creation\ndetection:\n    selection:\n        Image: x\n    condition: selection\n";

fn event(second: u32, name: &str) -> Value {
    json!({
        "eventVersion": "1.11", "eventTime": format!("2025-02-03T04:05:{second:02}Z"),
        "eventSource": "s3.amazonaws.com", "eventName": name, "awsRegion": "eu-central-1",
        "sourceIPAddress": "198.51.100.7", "userAgent": "a browser of buckets",
        "userIdentity": {"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333"},
        "requestParameters": {"bucketName": "archive"}, "responseElements": null,
        "eventID": format!("00000000-0000-4000-8000-0000000000{second:02}"),
        "eventType": "AwsApiCall", "managementEvent": true, "readOnly": false,
        "recipientAccountId": "111122223333", "eventCategory": "Management",
    })
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn sigma(rules: &[(&str, &str)], json: bool) -> (tempfile::TempDir, Ran) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in rules {
        write(&folder.path().join("rules").join(name), text);
    }
    let trail = json!({"Records": [event(1, "CreateBucket"), event(2, "DeleteBucket")]});
    let file = folder.path().join("logs/trail.json");
    write(&file, &trail.to_string());
    let rules = folder.path().join("rules");
    let mut args = vec!["sigma", arg(&rules), "--files", arg(&file)];
    if json {
        args.push("--json");
    }
    let ran = run(&args);
    (folder, ran)
}

#[test]
fn a_hit_cites_its_row_and_nothing_of_who_did_it() {
    let (_folder, ran) = sigma(
        &[("deep/deleted.yml", DELETED), ("windows.yml", ELSEWHERE)],
        false,
    );
    let ran = ran.code(0);
    assert!(
        ran.out.contains(
            "A store is deleted [high]  deep/deleted.yml\n  1 row matches\n    cloudtrail trail.json row 2 (activity, 2025-02-03T04:05:02"
        ),
        "{}",
        ran.out
    );
    for part in [
        "2 rules: 1 with hits, 0 not decidable here, 0 without a hit, 0 whose log has no row here, 1 not applicable",
        "1 not applicable: its log is not read here: product windows, category process_creation",
    ] {
        assert!(ran.out.contains(part), "no {part} in:\n{}", ran.out);
    }
    for part in ["root", "198.51", "browser"] {
        assert!(!ran.out.contains(part), "{part} in:\n{}", ran.out);
    }
}

#[test]
fn what_is_not_kept_is_named_and_never_clean() {
    let (_folder, ran) = sigma(&[("agent.yml", AGENT)], true);
    let value = ran.code(2).json();
    let rule = &value["rules"][0];
    assert_eq!(rule["note"], "undecided");
    assert_eq!(rule["not_kept"], json!(["userAgent"]));
    assert_eq!(rule["hits"]["count"], 0);
    assert_eq!(rule["undecided"]["count"], 1);
    assert_eq!(rule["undecided"]["rows"][0]["row"], 2);
    assert_eq!(rule["rows"], 2);
}

#[test]
fn a_broken_rule_is_a_notice_and_an_empty_folder_is_an_error() {
    let (_folder, ran) = sigma(
        &[("broken.yml", "title: [x"), ("deleted.yaml", DELETED)],
        false,
    );
    let ran = ran.code(2);
    assert!(
        ran.out.contains("lost: broken.yml: YAML parse error"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("1 row matches"), "{}", ran.out);
    let (_folder, ran) = sigma(&[("readme.txt", "no rule")], false);
    assert!(ran.code(2).err.contains("no rule file"));
}

#[test]
fn either_a_case_or_files() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("deleted.yml"), DELETED);
    let ran = run(&["sigma", arg(folder.path())]);
    assert!(
        ran.code(2)
            .err
            .contains("give either a case folder or --files")
    );
}
