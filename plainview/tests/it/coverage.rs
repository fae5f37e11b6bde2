//! What is taken away is missed: the ledger before and after, cell by cell.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use plainview_synth::listings::{ListingRow, S3Encoding};
use serde_json::Value;

use crate::world::{
    DAY_MS, JANUARY_MS, Ran, arg, copy, edit, inventory, page, put, review_json, run, small_case,
    walk,
};

/// Account, store, kind, day.
type Cell = (String, String, String, String);

const A: &str = "aws/111122223333";
const B: &str = "aws/444455556666";

/// A day of January 2025, counted from 0, as a date.
fn date(day: i64) -> String {
    format!("2025-01-{:02}", day + 1)
}

/// The day after, as the library of dates has it.
fn next(day: &str) -> String {
    let day: jiff::civil::Date = day.parse().unwrap();
    day.tomorrow().unwrap().to_string()
}

/// Every cell of the published ledger with its state.
fn cells(review: &Value) -> BTreeMap<Cell, String> {
    let mut cells = BTreeMap::new();
    for row in review["coverage"]["ledger"]["rows"].as_array().unwrap() {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        for run in row["runs"].as_array().unwrap() {
            let mut day = run[0].as_str().unwrap().to_owned();
            while day != run[1].as_str().unwrap() {
                let cell = (text("account"), text("store"), text("kind"), day.clone());
                let state = run[2].as_str().unwrap().to_owned();
                assert!(cells.insert(cell, state).is_none(), "a cell has one state");
                day = next(&day);
            }
        }
    }
    cells
}

/// Cells whose state differs, with both states.
fn changed(
    before: &BTreeMap<Cell, String>,
    after: &BTreeMap<Cell, String>,
) -> BTreeMap<Cell, (String, String)> {
    let keys = |cells: &BTreeMap<Cell, String>| cells.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(before), keys(after), "the denominator must not move");
    before
        .iter()
        .filter(|(cell, state)| after[*cell] != **state)
        .map(|(cell, state)| (cell.clone(), (state.clone(), after[cell].clone())))
        .collect()
}

fn append(case: &Path, text: &str) {
    let path = case.join("case.toml");
    let old = fs::read_to_string(&path).unwrap();
    fs::write(path, format!("{old}\n{text}")).unwrap();
}

const AZURE: &str = "azure/fictionalaccount";

const TABLES: &str = r#"
[[source]]
id = "listing"
format = "table"
files = ["sources/listing"]
kind = "system-record"
custodian = "provider"
controller = "provider"
acquired_at = 2025-07-01T00:00:00Z
[source.map]
table = "objects"
[source.map.columns]
provider = { value = "azure" }
account = { value = "fictionalaccount" }
container = "store"
key = "key"
size = { column = "size", unit = "B" }
snapshot_at = "listed"
[[source]]
id = "meters"
format = "table"
files = ["sources/meters.csv"]
kind = "system-record"
custodian = "provider"
controller = "provider"
acquired_at = 2025-07-01T00:00:00Z
[source.map]
table = "metering"
[source.map.columns]
provider = { value = "azure" }
account = { value = "fictionalaccount" }
container = "store"
meter = { value = "transactions" }
start_at = "start"
end_at = "end"
statistic = { value = "sum" }
value = "value"
[[source]]
id = "log"
format = "storage-blob-logs"
files = ["sources/log"]
kind = "system-record"
custodian = "provider"
controller = "provider"
delivery = "best-effort"
acquired_at = 2025-07-01T00:00:00Z
"#;

/// One request as a storage account records it.
fn request(store: &str, at: &str, who: &str, id: u32) -> String {
    format!(
        r#"{{"time":"{at}","resourceId":"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/fictionalaccount/blobServices/default","category":"StorageRead","operationName":"GetBlob","operationVersion":"2022-11-02","schemaVersion":"1.0","statusCode":200,"statusText":"Success","callerIpAddress":"10.1.2.3:38208","correlationId":"4dfed43b-801e-001e-47f4-0000{id:08}","identity":{{"type":"{who}"}},"properties":{{"accountName":"fictionalaccount","serviceType":"blob","objectKey":"/fictionalaccount/{store}/a"}},"protocol":"HTTPS","resourceType":"Microsoft.Storage/storageAccounts/blobServices"}}"#
    )
}

/// Two stores, each listed once in January, metered daily and with a request a day.
fn two_stores(folder: &Path) {
    small_case(folder, TABLES);
    let rows = vec![ListingRow::new("a/b.bin", 100, JANUARY_MS)];
    let at = JANUARY_MS + 10 * DAY_MS;
    put(
        &folder.join("sources/inventory"),
        &inventory("fictional-other", at, S3Encoding::Parquet, rows),
    );
    fs::create_dir_all(folder.join("sources/listing")).unwrap();
    fs::create_dir_all(folder.join("sources/log")).unwrap();
    let (mut meters, mut log) = ("store,start,end,value\n".to_owned(), String::new());
    for (number, store) in (0..).zip(["fictional-calls", "fictional-web"]) {
        fs::write(
            folder.join(format!("sources/listing/{store}.csv")),
            format!("store,key,size,listed\n{store},a/b.bin,100,2025-01-11T00:00:00Z\n"),
        )
        .unwrap();
        for day in 0..31 {
            let (from, until) = (date(day.into()), next(&date(day.into())));
            writeln!(meters, "{store},{from}T00:00:00Z,{until}T00:00:00Z,1").unwrap();
            let who = if day == 0 { "SAS" } else { "TrustedAccess" };
            let at = format!("{from}T12:00:00.0000000Z");
            writeln!(log, "{}", request(store, &at, who, number * 100 + day)).unwrap();
        }
    }
    fs::write(folder.join("sources/meters.csv"), meters).unwrap();
    fs::write(folder.join("sources/log/PT1H.json"), log).unwrap();
}

#[track_caller]
fn reviewed(case: &Path) -> Value {
    let ran = run(&["review", arg(case)]);
    assert!(ran.code < 3, "{}", ran.err);
    review_json(case)
}

#[test]
fn one_listing_taken_away_is_missed_in_its_cells_alone() {
    let folder = tempfile::tempdir().unwrap();
    two_stores(folder.path());
    let before = cells(&reviewed(folder.path()));
    fs::remove_file(folder.path().join("sources/listing/fictional-web.csv")).unwrap();
    let after = cells(&reviewed(folder.path()));
    let changed = changed(&before, &after);
    let expected: BTreeMap<Cell, (String, String)> = (0..31)
        .map(|day| {
            let cell = (AZURE, "fictional-web", "objects", &*date(day));
            (owned(cell), ("reviewed".to_owned(), "unknown".to_owned()))
        })
        .collect();
    assert_eq!(changed, expected);
}

fn owned((account, store, kind, day): (&str, &str, &str, &str)) -> Cell {
    (account.into(), store.into(), kind.into(), day.into())
}

#[test]
fn one_day_of_logs_taken_away_is_missed_on_that_day_alone() {
    let folder = tempfile::tempdir().unwrap();
    two_stores(folder.path());
    let whole = reviewed(folder.path());
    let before = cells(&whole);
    assert!(whole["coverage"]["gaps"].as_array().unwrap().is_empty());
    let path = folder.path().join("sources/log/PT1H.json");
    let text = fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = text
        .lines()
        .filter(|l| !l.contains("2025-01-15T"))
        .collect();
    assert_eq!(text.lines().count() - kept.len(), 2);
    fs::write(&path, kept.join("\n")).unwrap();
    let shortened = reviewed(folder.path());
    let expected: BTreeMap<Cell, (String, String)> = ["fictional-calls", "fictional-web"]
        .into_iter()
        .map(|store| {
            let cell = owned((AZURE, store, "requests", "2025-01-15"));
            (cell, ("presence-only".to_owned(), "missing".to_owned()))
        })
        .collect();
    assert_eq!(changed(&before, &cells(&shortened)), expected);
    // The meter counts 31 requests a store in January; the log has 30. A best-effort log gives a lead.
    let gaps = shortened["coverage"]["gaps"].as_array().unwrap();
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    for gap in gaps {
        assert_eq!(
            (&gap["check"], &gap["strength"]),
            (&"referential".into(), &"lead".into())
        );
        assert_eq!(gap["measure"], 1);
    }
}

#[test]
fn acts_are_counted_once_and_by_class() {
    let folder = tempfile::tempdir().unwrap();
    two_stores(folder.path());
    // The log is delivered again: every record is there twice.
    let path = folder.path().join("sources/log/PT1H.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}{text}")).unwrap();
    let review = reviewed(folder.path());
    let acts = review["coverage"]["acts"].as_array().unwrap();
    let of = |store: &str, kind: &str| {
        let found = acts
            .iter()
            .find(|a| a["store"] == store && a["principal_kind"] == kind);
        let found = found.unwrap();
        (
            found["class"].as_str().unwrap().to_owned(),
            found["acts"].as_u64().unwrap(),
        )
    };
    assert_eq!(acts.len(), 4);
    assert_eq!(of("fictional-web", "service"), ("provider".to_owned(), 30));
    assert_eq!(
        of("fictional-web", "signed-url"),
        ("no-person".to_owned(), 1)
    );
    let page = page(folder.path());
    assert!(
        page.contains("these acts name no person"),
        "said where such acts are counted"
    );
    assert!(page.contains("delivered on a best-effort basis"));
}

#[test]
fn what_is_declared_withheld_and_what_is_damaged_stands_in_its_own_cells() {
    let folder = tempfile::tempdir().unwrap();
    two_stores(folder.path());
    let before = cells(&reviewed(folder.path()));
    append(
        folder.path(),
        &format!(
            "[[withheld]]\naccount = \"{A}\"\nkinds = [\"activity\"]\nfrom = 2025-01-10\nto = 2025-01-12\n\
             state = \"denied\"\nby = \"provider\"\nwhy = \"not said\"\n"
        ),
    );
    let log = folder.path().join("sources/log/PT1H.json");
    let text = fs::read_to_string(&log).unwrap();
    fs::write(
        &log,
        text.replace("\"time\":\"2025-01-31T12", "\"time\":\"31.1.2025 12"),
    )
    .unwrap();
    let after = cells(&reviewed(folder.path()));
    let changed = changed(&before, &after);
    let states: BTreeSet<(&str, &str)> = changed
        .iter()
        .map(|((_, _, kind, _), (_, state))| (kind.as_str(), state.as_str()))
        .collect();
    assert_eq!(
        states,
        BTreeSet::from([
            ("activity", "denied"),
            ("requests", "unreadable"),
            ("requests", "missing")
        ])
    );
    for day in ["2025-01-10", "2025-01-11"] {
        assert_eq!(after[&owned((A, "", "activity", day))], "denied");
    }
    // The file's other rows speak of both stores, from the first day to the last but one; on the last day
    // a meter counts a request that the log no longer has.
    assert_eq!(changed.len(), 2 + 60 + 2);
}

/// Control totals of the demo's invoices, one per account, counted by the test: every row but those of the
/// other account is the tenant's.
fn invoice_totals(case: &Path) -> String {
    let (mut a, mut b) = (0, 0);
    for path in walk(&case.join("sources/invoices")) {
        for line in fs::read_to_string(path).unwrap().lines().skip(1) {
            if line.contains("444455556666") {
                b += 1;
            } else {
                a += 1;
            }
        }
    }
    assert!(a > 0 && b > 0);
    let total = |account: &str, rows: u32| {
        format!(
            "[[control_total]]\nsource = \"invoices\"\nwhat = \"rows\"\naccount = \"{account}\"\n\
             value = \"{rows}\"\nparty = \"lindqvist-audit\"\ndate = 2025-07-20\n"
        )
    };
    format!("{}{}", total(A, a), total(B, b))
}

/// Lower bounds of reach of every claim, by count and by measure.
fn reaches(review: &Value) -> BTreeMap<String, Vec<String>> {
    let claims = review["claims"].as_array().unwrap();
    claims
        .iter()
        .map(|claim| &claim["verdict"])
        .filter(|verdict| !verdict["reach"].is_null())
        .map(|verdict| {
            let bounds =
                ["count", "measure"].map(|by| verdict["reach"][by][0].as_str().unwrap().to_owned());
            (
                verdict["claim"].as_str().unwrap().to_owned(),
                bounds.to_vec(),
            )
        })
        .collect()
}

fn shares(case: &Path) -> BTreeMap<(String, String), String> {
    let ran: Ran = run(&["coverage", arg(case), "--by", "account", "--json"]);
    let groups = ran.json()["groups"].as_array().unwrap().clone();
    groups
        .iter()
        .map(|g| {
            let text = |key: &str| g[key].as_str().unwrap().to_owned();
            (
                (text("name"), text("kind")),
                g["reviewed"][0].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

/// G1 fails in every argument that has gates, and no claim's reach is larger than before.
fn no_frame_and_no_more_reach(before: &Value, after: &Value) {
    let mut gates = 0;
    for claim in after["claims"].as_array().unwrap() {
        for argument in claim["verdict"]["arguments"].as_array().unwrap() {
            for gate in argument["gates"].as_array().unwrap() {
                if gate["gate"] == "G1" {
                    gates += 1;
                    assert_eq!(gate["pass"], false, "{gate}");
                }
            }
        }
    }
    assert!(gates > 0);
    let before = reaches(before);
    for (claim, bounds) in reaches(after) {
        for (new, old) in bounds.iter().zip(&before[&claim]) {
            assert!(new <= old, "{claim}: {new} {old}");
        }
    }
}

/// The published source called `invoices`.
fn invoices(review: &Value) -> Value {
    let sources = review["sources"].as_array().unwrap().clone();
    sources.into_iter().find(|s| s["id"] == "invoices").unwrap()
}

#[test]
fn an_account_dropped_from_the_invoices_opens_what_it_held() {
    let case = copy(true);
    append(case.path(), &invoice_totals(case.path()));
    let before = reviewed(case.path());
    let shares_before = shares(case.path());
    let totals = before["coverage"]["control_totals"].as_array().unwrap();
    assert!(totals.len() == 2 && totals.iter().all(|t| t["holds"] == true));
    assert_eq!(invoices(&before)["integrity"], "verified");

    for path in walk(&case.path().join("sources/invoices")) {
        let text = fs::read_to_string(&path).unwrap();
        let kept: Vec<&str> = text
            .lines()
            .filter(|l| !l.contains("444455556666"))
            .collect();
        fs::write(&path, kept.join("\n") + "\n").unwrap();
    }
    let ran = run(&["review", arg(case.path())]).code(2);
    assert!(ran.out.contains("The report: "));
    let after = review_json(case.path());
    assert_eq!(invoices(&after)["integrity"], "failed");
    let because = invoices(&after)["integrity_because"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        because.contains(B) && because.contains("does not tie out"),
        "{because}"
    );
    let holds: Vec<bool> = after["coverage"]["control_totals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t["holds"].as_bool().unwrap())
        .collect();
    assert_eq!(holds, [true, false]);

    let (old, new) = (cells(&before), cells(&after));
    let changed = changed(&old, &new);
    for (cell, state) in &new {
        let (account, _, kind, _) = cell;
        if account == B {
            assert_eq!(state, "unknown", "{cell:?}");
        } else if kind != "charges" {
            assert!(!changed.contains_key(cell), "{cell:?}");
        } else {
            // The rest of a register that fails counts as not read either.
            assert_eq!(state, "unknown", "{cell:?}");
        }
    }
    assert!(after["coverage"]["ledger"]["open"][B] == "invoices");

    no_frame_and_no_more_reach(&before, &after);
    for (group, share) in shares(case.path()) {
        assert!(share <= shares_before[&group], "{group:?}");
    }
}

#[test]
fn the_verb_fits_a_terminal_and_says_the_same_as_the_review() {
    let folder = tempfile::tempdir().unwrap();
    two_stores(folder.path());
    let ran = run(&["coverage", arg(folder.path()), "--by", "store"]).code(0);
    assert!(ran.out.contains("presence-only"), "{}", ran.out);
    assert!(
        ran.out
            .lines()
            .all(|line| line.starts_with(|c: char| c.is_whitespace()) || line.len() < 400)
    );
    let json = run(&["coverage", arg(folder.path()), "--json"]).json();
    assert_eq!(
        json["ledger"],
        review_json(folder.path())["coverage"]["ledger"]
    );
    for by in ["account", "kind", "month"] {
        let ran = run(&["coverage", arg(folder.path()), "--by", by]);
        assert!(ran.out.contains("requests"), "{by}: {}", ran.out);
    }
    run(&["coverage", arg(folder.path()), "--by", "person"]).code(64);
}

#[test]
fn a_tolerance_and_a_keeper_decide_what_a_total_is_worth() {
    let case = copy(true);
    // The custodian's own totals hold and verify nothing.
    let own = invoice_totals(case.path()).replace("lindqvist-audit", "provider-finance");
    crate::world::remove_tables(case.path(), "source = \"invoices\"");
    append(case.path(), &own);
    let review = reviewed(case.path());
    let sources = review["sources"].as_array().unwrap();
    let invoices = sources.iter().find(|s| s["id"] == "invoices").unwrap();
    assert_eq!(invoices["integrity"], "unverified", "{invoices}");
    edit(
        case.path(),
        "what = \"rows\"\naccount = \"aws/444455556666\"",
        "what = \"rows\"\ntolerance = \"0\"\naccount = \"aws/444455556666\"",
    );
    assert_eq!(cells(&reviewed(case.path())), cells(&review));
}

const TRAIL: &str = r#"
[[source]]
id = "trail"
format = "cloudtrail"
files = ["sources/trail"]
kind = "system-record"
custodian = "provider"
controller = "provider"
delivery = "guaranteed"
acquired_at = 2025-07-01T00:00:00Z
"#;

/// Key of the digest that covers an hour of January 2025, counted from 0.
fn digest_key(hour: u32) -> String {
    let (day, of_day) = ((hour + 1) / 24 + 1, (hour + 1) % 24);
    format!(
        "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2025/01/{day:02}/111122223333_CloudTrail-Digest_eu-west-1_main_eu-west-1_202501{day:02}T{of_day:02}0000Z.json.gz"
    )
}

/// Digests of the first four days of January, each with the hash of the one before, and one log file a day.
fn trail(folder: &Path) {
    let zipped = |bytes: &[u8]| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut out, bytes).unwrap();
        out.finish().unwrap()
    };
    let save = |key: &str, bytes: &[u8]| {
        let path = folder.join("sources/trail").join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, zipped(bytes)).unwrap();
    };
    let time = |hour: u32| format!("2025-01-{:02}T{:02}:00:00Z", hour / 24 + 1, hour % 24);
    let mut previous = (Value::Null, Value::Null, Value::Null);
    for hour in 0..96 {
        let mut logs = Vec::new();
        if hour % 24 == 9 {
            let day = hour / 24 + 1;
            let log = format!(
                "{{\"Records\":[{{\"eventVersion\":\"1.08\",\"userIdentity\":{{\"type\":\"AWSService\",\"invokedBy\":\"s3.amazonaws.com\"}},\"eventTime\":\"2025-01-{day:02}T09:10:00Z\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"ListBuckets\",\"awsRegion\":\"eu-west-1\",\"eventID\":\"e{hour}\",\"recipientAccountId\":\"111122223333\"}}]}}"
            );
            let key = format!(
                "AWSLogs/111122223333/CloudTrail/eu-west-1/2025/01/{day:02}/111122223333_CloudTrail_eu-west-1_202501{day:02}T0915Z_RaNd{hour:02}.json.gz"
            );
            let hash = plainview_synth::digest::sha256_hex(log.as_bytes());
            logs.push(serde_json::json!({"s3Bucket": "trail", "s3Object": key, "hashValue": hash, "hashAlgorithm": "SHA-256",
                "newestEventTime": time(hour), "oldestEventTime": time(hour)}));
            save(&key, log.as_bytes());
        }
        let key = digest_key(hour);
        let text = serde_json::json!({"awsAccountId": "111122223333", "digestStartTime": time(hour), "digestEndTime": time(hour + 1),
            "digestS3Bucket": "trail", "digestS3Object": key, "digestPublicKeyFingerprint": "f1", "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": null, "oldestEventTime": null, "previousDigestS3Bucket": "trail", "previousDigestS3Object": previous.0,
            "previousDigestHashValue": previous.1, "previousDigestHashAlgorithm": "SHA-256", "previousDigestSignature": previous.2, "logFiles": logs})
        .to_string();
        let hash = plainview_synth::digest::sha256_hex(text.as_bytes());
        previous = (key.clone().into(), hash.into(), "00".into());
        save(&key, text.as_bytes());
    }
}

#[test]
fn two_consecutive_digests_taken_away_are_missed_on_their_day_alone() {
    let folder = tempfile::tempdir().unwrap();
    two_stores(folder.path());
    append(folder.path(), TRAIL);
    edit(folder.path(), "to = 2025-02-01", "to = 2025-01-05");
    trail(folder.path());
    let whole = reviewed(folder.path());
    let before = cells(&whole);
    for day in 0..4 {
        assert_eq!(before[&owned((A, "", "activity", &date(day)))], "reviewed");
    }
    // Hours 30 and 31: six and seven o'clock on the second.
    for hour in [30, 31] {
        fs::remove_file(folder.path().join("sources/trail").join(digest_key(hour))).unwrap();
    }
    let broken = reviewed(folder.path());
    let cell = owned((A, "", "activity", "2025-01-02"));
    let expected = BTreeMap::from([(cell, ("reviewed".to_owned(), "missing".to_owned()))]);
    assert_eq!(changed(&before, &cells(&broken)), expected);
    let gaps: Vec<(&str, &str, u64)> = broken["coverage"]["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|gap| gap["strength"] == "definitive")
        .map(|gap| {
            let text = |key: &str| gap[key].as_str().unwrap();
            (
                text("check"),
                text("from"),
                gap["measure"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        gaps,
        [
            ("chain", "2025-01-02T08:00:00Z", 1),
            ("heartbeat", "2025-01-02T06:00:00Z", 7_200)
        ]
    );
}
