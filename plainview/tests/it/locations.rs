//! Records behind addresses, in real servers: the same result as on a disk, and no request beyond what the register names.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::servers::{AzureAccount, Relay, Rule, put_azure, put_s3, start_azurite, start_s3};
use crate::world::{
    DAY_MS, JANUARY_MS, Ran, arg, copy, demo_case, inventory, notices, put, review_json,
    small_case, walk,
};

/// Runs `plainview` with these variables and no others that speak of stores.
fn run_with(args: &[&str], set: &[(&str, String)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plainview"));
    for (name, _) in std::env::vars() {
        if ["AWS_", "AZURE_", "GOOGLE_"]
            .iter()
            .any(|start| name.starts_with(start))
        {
            command.env_remove(name);
        }
    }
    let output = command
        .args(args)
        .env("NO_COLOR", "1")
        .env("NO_PROXY", "127.0.0.1")
        .envs(set.iter().map(|(name, value)| (*name, value)))
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn s3_settings(port: u16) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}")),
        ("AWS_ACCESS_KEY_ID", "testing".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "testing".to_owned()),
    ]
}

fn azure_settings(port: u16, account: &AzureAccount) -> Vec<(&'static str, String)> {
    vec![
        (
            "AZURE_STORAGE_ENDPOINT",
            format!("http://127.0.0.1:{port}/{}", account.name),
        ),
        ("AZURE_STORAGE_ACCOUNT_NAME", account.name.to_owned()),
        ("AZURE_STORAGE_ACCOUNT_KEY", account.key.clone()),
    ]
}

/// The files of the demo case as keys below `cases/demo`.
fn records() -> Vec<(String, Vec<u8>)> {
    let root = demo_case();
    walk(&root.join("sources"))
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
            (format!("cases/demo/{name}"), fs::read(&path).unwrap())
        })
        .collect()
}

/// Keys that no source asks for.
const OTHERS: &[&str] = &[
    "secret.txt",
    "cases/demo/case.toml",
    "cases/demo/sources-old/inventory.csv",
    "cases/demo/sources/unnamed.csv",
    "cases/other/sources/inventory/manifest.json",
];

/// A copy of the demo without its records, which every source looks for at `location`.
fn case_at(location: &str) -> tempfile::TempDir {
    let case = copy(true);
    fs::remove_dir_all(case.path().join("sources")).unwrap();
    let path = case.path().join("case.toml");
    let text = fs::read_to_string(&path).unwrap();
    let line = format!("[[source]]\nlocation = \"{location}\"\n");
    fs::write(path, text.replace("[[source]]\n", &line)).unwrap();
    case
}

/// What the sources of the demo name.
fn named() -> BTreeSet<String> {
    let text = fs::read_to_string(demo_case().join("case.toml")).unwrap();
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("files = "))
        .flat_map(|list| serde_json::from_str::<Vec<String>>(list).unwrap())
        .collect()
}

/// Percent-decoded.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(value) if byte == b'%' => {
                bytes.push(value);
                rest = &after[2..];
            }
            _ => {
                bytes.push(if byte == b'+' { b' ' } else { byte });
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Every request reads, and asks for nothing but the named prefixes; the keys that were read.
fn asked_for(requests: &[String], bucket: &str) -> BTreeSet<String> {
    let named: Vec<String> = named().iter().map(|n| format!("cases/demo/{n}")).collect();
    let mut read = BTreeSet::new();
    assert!(!requests.is_empty());
    for request in requests {
        let (method, target) = request.split_once(' ').unwrap();
        assert!(["GET", "HEAD"].contains(&method), "{request}");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let fields: Vec<(String, String)> = query
            .split('&')
            .filter_map(|field| field.split_once('='))
            .map(|(name, value)| (name.to_owned(), decoded(value)))
            .collect();
        let list = fields.iter().find(|(name, _)| name == "prefix");
        if let Some((_, prefix)) = list {
            assert!(
                named.iter().any(|n| *prefix == format!("{n}/")),
                "listed beyond what is named: {request}"
            );
            assert!(path.trim_end_matches('/').ends_with(bucket), "{request}");
            continue;
        }
        let key = decoded(path);
        let key = key.split_once(&format!("{bucket}/")).unwrap().1.to_owned();
        let is_named = |n: &String| key == *n || key.starts_with(&format!("{n}/"));
        assert!(
            named.iter().any(is_named),
            "read beyond what is named: {request}"
        );
        if method == "GET" {
            read.insert(key);
        }
    }
    read
}

/// The review of `case` is that of the same files on a disk, asks for nothing else, and does not fetch twice.
fn same_as_on_disk(
    case: &Path,
    settings: &[(&str, String)],
    relay: &Relay,
    bucket: &str,
    replace: &dyn Fn(&str, &[u8]),
) {
    let folder = arg(case);
    let published = |root: &Path| {
        let out = root.join(".plainview/out");
        (
            fs::read(out.join("review.json")).unwrap(),
            fs::read(out.join("report.html")).unwrap(),
        )
    };
    // `check` lists and reads nothing.
    let checked = run_with(&["check", folder, "--json"], settings)
        .code(0)
        .json();
    assert_eq!(checked["missing"], Value::Array(vec![]));
    let asked = asked_for(&relay.requests(), bucket);
    assert!(asked.is_empty(), "{asked:?}");

    let ran = run_with(&["review", folder], settings);
    assert!(ran.code < 2, "{}{}", ran.out, ran.err);
    let (review, page) = published(case);
    let (wanted, wanted_page) = published(&demo_case());
    assert!(
        review == wanted,
        "{bucket}: review.json differs from the one on disk"
    );
    assert!(
        page == wanted_page,
        "{bucket}: report.html differs from the one on disk"
    );
    let all: BTreeSet<String> = records().into_iter().map(|(key, _)| key).collect();
    assert_eq!(asked_for(&relay.requests(), bucket), all);

    // Again: lists only, and reads no source again.
    let again = run_with(&["review", folder], settings);
    assert!(again.code < 2, "{}", again.err);
    assert_eq!(
        again.err.matches("unchanged, not read again").count(),
        checked["sources"].as_array().unwrap().len()
    );
    assert!(asked_for(&relay.requests(), bucket).is_empty());
    assert!(published(case).0 == wanted);

    // One key is replaced: it alone is fetched, and its source alone is read.
    let (key, bytes) = records()
        .into_iter()
        .find(|(key, _)| key.contains("/invoices/"))
        .unwrap();
    let longer = [&bytes[..], b"\n"].concat();
    replace(&key, &longer);
    run_with(&["review", folder], settings);
    assert_eq!(
        asked_for(&relay.requests(), bucket),
        BTreeSet::from([key.clone()])
    );
    replace(&key, &bytes);
    run_with(&["review", folder], settings);
    assert!(published(case).0 == wanted, "and back");
}

#[test]
fn a_case_in_two_stores_gives_what_it_gives_on_a_disk() {
    let account = AzureAccount::fictional();
    let (Some(s3), Some(azurite)) = (start_s3(), start_azurite(&account)) else {
        return;
    };
    for (key, bytes) in records() {
        put_s3(s3.port, "fictional-records", &key, &bytes);
        put_azure(azurite.port, &account, "fictional-records", &key, &bytes);
    }
    for key in OTHERS {
        put_s3(s3.port, "fictional-records", key, b"not asked for");
        put_azure(
            azurite.port,
            &account,
            "fictional-records",
            key,
            b"not asked for",
        );
    }
    let relay = Relay::start(s3.port);
    let case = case_at("s3://fictional-records/cases/demo");
    same_as_on_disk(
        case.path(),
        &s3_settings(relay.port),
        &relay,
        "fictional-records",
        &|key, bytes| put_s3(s3.port, "fictional-records", key, bytes),
    );
    let relay = Relay::start(azurite.port);
    let case = case_at("az://fictional-records/cases/demo/");
    same_as_on_disk(
        case.path(),
        &azure_settings(relay.port, &account),
        &relay,
        "fictional-records",
        &|key, bytes| put_azure(azurite.port, &account, "fictional-records", key, bytes),
    );
}

/// A small case whose blob inventory lies in the bucket `fictional`.
fn blobs_case(files: &str) -> tempfile::TempDir {
    let case = tempfile::tempdir().unwrap();
    small_case(
        case.path(),
        &format!(
            "[[source]]\nid = \"blobs\"\nformat = \"auto\"\nlocation = \"s3://fictional/r\"\nfiles = [{files}]\n\
             kind = \"system-record\"\ncustodian = \"provider\"\ncontroller = \"provider\"\n\
             acquired_at = 2025-07-01T00:00:00Z\n"
        ),
    );
    let rows = vec![plainview_synth::listings::ListingRow::new(
        "a", 1, JANUARY_MS,
    )];
    let encoding = plainview_synth::listings::S3Encoding::CsvGz {
        rows_per_member: 10,
    };
    let listed = inventory("fictional", JANUARY_MS + DAY_MS, encoding, rows);
    put(&case.path().join("sources/inventory"), &listed);
    case
}

fn blob(name: &str) -> Vec<u8> {
    format!("Name,Content-Length,Last-Modified\nstore/{name},7,2025-01-10T00:00:00Z\n").into_bytes()
}

/// Names of the files of a source in a review, with their rows.
fn files(case: &Path, source: &str) -> Vec<(String, u64)> {
    let review = review_json(case);
    let sources = review["sources"].as_array().unwrap();
    let found = sources.iter().find(|s| s["id"] == source).unwrap();
    let list = found["files"].as_array().unwrap();
    list.iter()
        .map(|file| {
            let name = file["name"].as_str().unwrap().to_owned();
            (name, file["rows"].as_u64().unwrap())
        })
        .collect()
}

fn answer(status: &str, headers: &str, length: usize, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nLast-Modified: Wed, 01 Jan 2025 00:00:00 GMT\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// Names that are harmless as keys and not as paths.
fn odd_names() -> Vec<String> {
    let long = "x".repeat(240);
    vec![
        "plain.csv".to_owned(),
        "Plain.csv".to_owned(),
        "back\\slash.csv".to_owned(),
        "con.csv".to_owned(),
        "ends.".to_owned(),
        "spa ce/ü.csv".to_owned(),
        format!("{long}.csv"),
        "deep".to_owned(),
        "deep/er.csv".to_owned(),
    ]
}

/// Answers of a store that lost a file, denies one, and replaces one while it is read.
fn break_off(relay: &Relay) {
    for (target, status) in [
        ("gone.csv", "404 Not Found"),
        ("denied.csv", "403 Forbidden"),
    ] {
        relay.rule(Rule {
            method: "GET",
            target: target.to_owned(),
            times: usize::MAX,
            answer: answer(status, "", 0, b""),
        });
    }
    // Half of an older version, after which the server holds another.
    relay.rule(Rule {
        method: "GET",
        target: "torn.csv".to_owned(),
        times: 1,
        answer: answer(
            "200 OK",
            "ETag: \"older\"\r\n",
            1_000,
            b"Name,Content-Length\n",
        ),
    });
}

#[test]
fn hostile_keys_lie_nowhere_else_and_lost_keys_are_named() {
    let Some(s3) = start_s3() else { return };
    let odd = odd_names();
    for (number, name) in odd.iter().enumerate() {
        put_s3(
            s3.port,
            "fictional",
            &format!("r/in/{name}"),
            &blob(&number.to_string()),
        );
    }
    put_s3(
        s3.port,
        "fictional",
        "r/in/empty-segment//x.csv",
        &blob("lost-1"),
    );
    put_s3(
        s3.port,
        "fictional",
        "r/in/a/../../../out.csv",
        &blob("lost-2"),
    );
    put_s3(s3.port, "fictional", "r/in/.hidden/x.csv", &blob("hidden"));
    put_s3(s3.port, "fictional", "r/in/folder/", b"");
    for name in ["gone.csv", "denied.csv", "torn.csv"] {
        put_s3(s3.port, "fictional", &format!("r/in/{name}"), &blob(name));
    }
    let relay = Relay::start(s3.port);
    break_off(&relay);
    let case = blobs_case("\"in\"");
    let ran = run_with(&["review", arg(case.path())], &s3_settings(relay.port)).code(2);
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    let mut names: Vec<String> = odd.iter().map(|name| format!("in/{name}")).collect();
    let mut found = files(case.path(), "blobs");
    names.sort();
    found.sort();
    let wanted: Vec<(String, u64)> = names.into_iter().map(|name| (name, 1)).collect();
    assert_eq!(found, wanted);
    let review = review_json(case.path());
    let lost: BTreeSet<String> = notices(&review, "lost").into_iter().collect();
    let codes = ["key-changed", "key-denied", "key-unusual", "key-vanished"];
    assert_eq!(lost, codes.map(str::to_owned).into_iter().collect());
    assert!(notices(&review, "unread").contains(&"hidden-file".to_owned()));
    for entry in walk(case.path()) {
        let name = entry.file_name().unwrap().to_str().unwrap();
        assert!(
            !name.contains("out.csv") && !name.contains('\\'),
            "{}",
            entry.display()
        );
    }
    let outside = case.path().parent().unwrap().join("out.csv");
    assert!(!outside.exists());
    // The store no longer lists a file: it is gone here too.
    assert!(
        relay
            .requests()
            .iter()
            .all(|request| !request.contains(".hidden") || request.contains("list-type=2"))
    );
}

#[test]
fn what_cannot_be_reached_is_said_with_its_address_and_no_result_is_made() {
    let case = blobs_case("\"in\"");
    let folder = arg(case.path());
    let nothing = run_with(&["review", folder], &[]).code(2);
    assert!(nothing.err.contains("s3://fictional/r"), "{}", nothing.err);
    assert!(nothing.err.contains("AWS_ACCESS_KEY_ID"), "{}", nothing.err);
    assert!(!case.path().join(".plainview/out/review.json").exists());
    let mut plain = s3_settings(1);
    plain[0].1 = "http://storage.example".to_owned();
    let refused = run_with(&["review", folder], &plain).code(2);
    assert!(refused.err.contains("plain HTTP"), "{}", refused.err);
    let Some(s3) = start_s3() else { return };
    let absent = run_with(&["review", folder], &s3_settings(s3.port)).code(2);
    assert!(
        absent.err.contains("s3://fictional/r/in/") && absent.err.contains("expected a bucket"),
        "{}",
        absent.err
    );
    // The bucket is there and the prefix is empty: a loss, said in the report.
    put_s3(s3.port, "fictional", "r/else/x.csv", &blob("x"));
    run_with(&["review", folder], &s3_settings(s3.port)).code(2);
    let review = review_json(case.path());
    assert!(notices(&review, "lost").contains(&"no-such-file".to_owned()));
}

#[test]
fn addresses_may_stand_among_files_and_on_the_command_line() {
    let Some(s3) = start_s3() else { return };
    put_s3(s3.port, "fictional", "r/in/a.csv", &blob("a"));
    put_s3(s3.port, "elsewhere", "x/2025/b.csv", &blob("b"));
    put_s3(s3.port, "elsewhere", "x/2024/c.csv", &blob("c"));
    let relay = Relay::start(s3.port);
    let case = blobs_case("\"in/*.csv\", \"s3://elsewhere/x/2025*/*.csv\"");
    let settings = s3_settings(relay.port);
    let ran = run_with(&["review", arg(case.path())], &settings);
    assert!(ran.code < 2, "{}", ran.err);
    assert_eq!(
        files(case.path(), "blobs"),
        [
            ("elsewhere/x/2025/b.csv".to_owned(), 1),
            ("in/a.csv".to_owned(), 1)
        ]
    );
    let requests = relay.requests();
    assert!(requests.iter().all(|r| !r.contains("2024")), "{requests:?}");
    // What it was recognised as stands in the review.
    let review = review_json(case.path());
    let source = &review["sources"].as_array().unwrap()[0];
    let recognised = source["files"][0]["recognised"].as_str().unwrap();
    assert!(
        recognised.starts_with("azure-blob-inventory: "),
        "{recognised}"
    );
    let value = run_with(
        &[
            "records",
            "s3://fictional/r",
            "s3://elsewhere/x/2024/c.csv",
            "--json",
        ],
        &settings,
    )
    .code(0)
    .json();
    assert_eq!(value["groups"][0]["rows"]["objects"], 2);
    assert_eq!(value["unrecognised"], Value::Array(vec![]));
}

#[test]
fn the_crate_that_reads_stores_calls_nothing_that_writes_to_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plainview_locations/src");
    let writes = [
        ".put(",
        ".put_opts(",
        ".put_multipart",
        ".delete(",
        ".delete_stream(",
        ".copy(",
        ".copy_opts(",
        ".copy_if_not_exists(",
        ".rename(",
        ".rename_opts(",
        ".rename_if_not_exists(",
        "MultipartUpload",
        "PutPayload",
        "BufWriter",
        "WriteMultipart",
        "signed_url",
    ];
    let mut seen = 0;
    for path in walk(&folder) {
        let text = fs::read_to_string(&path).unwrap();
        seen += 1;
        for write in writes {
            assert!(!text.contains(write), "{}: {write}", path.display());
        }
    }
    assert!(seen >= 7);
}
