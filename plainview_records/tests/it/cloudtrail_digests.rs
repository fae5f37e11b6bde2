//! Tests of the CloudTrail reader: digest files, their chain and their signatures.

use mail_parser::decoders::base64::base64_decode;
use plainview_records::{Collected, Effect, SourceReport, Table};
use ring::rand::SystemRandom;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::cloudtrail::read_files;
use crate::support::{codes, column, gzip, hex, only};

const BUCKET: &str = "trail-bucket";

fn key_pair() -> RsaKeyPair {
    let text = include_str!("cloudtrail_test_key.txt");
    let base64: String = text.lines().skip(1).collect();
    RsaKeyPair::from_der(&base64_decode(base64.as_bytes()).unwrap()).unwrap()
}

fn to_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks(3)
        .map(|chunk| {
            let bits = chunk
                .iter()
                .fold(0_u32, |sum, &byte| (sum << 8) | u32::from(byte))
                << (8 * (3 - chunk.len()));
            (0..4)
                .map(|place| {
                    if place <= chunk.len() {
                        char::from(DIGITS[(bits >> (18 - 6 * place)) as usize & 63])
                    } else {
                        '='
                    }
                })
                .collect::<String>()
        })
        .collect()
}

/// The output of `list-public-keys` with the test key.
fn public_keys() -> Vec<u8> {
    let value = to_base64(key_pair().public_key().as_ref());
    json!({"PublicKeyList": [{"Value": value, "Fingerprint": "f1", "ValidityStartTime": 1, "ValidityEndTime": 2}]})
        .to_string()
        .into_bytes()
}

fn sha(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// A trail of one account and region being written hour by hour, as the provider does.
struct Trail {
    /// Name and bytes as delivered.
    files: Vec<(String, Vec<u8>)>,
    previous: Option<(String, String, String)>,
}

impl Trail {
    fn new() -> Self {
        Self {
            files: Vec::new(),
            previous: None,
        }
    }

    /// Key of the log file of an hour.
    fn log_key(hour: u32) -> String {
        format!(
            "AWSLogs/111122223333/CloudTrail/eu-west-1/2025/03/04/111122223333_CloudTrail_eu-west-1_20250304T{hour:02}30Z_RaNd{hour:02}.json.gz"
        )
    }

    fn digest_key(hour: u32) -> String {
        format!(
            "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2025/03/04/111122223333_CloudTrail-Digest_eu-west-1_main_eu-west-1_20250304T{:02}0000Z.json.gz",
            hour + 1
        )
    }

    /// An hour with one log file of one event, and its digest.
    fn hour(&mut self, hour: u32) {
        let log = format!(
            "{{\"Records\":[{{\"eventTime\":\"2025-03-04T{hour:02}:10:00Z\",\"eventName\":\"Decrypt\",\"eventID\":\"e{hour}\"}}]}}"
        );
        let stated = json!({"s3Bucket": BUCKET, "s3Object": Self::log_key(hour), "hashValue": sha(log.as_bytes()), "hashAlgorithm": "SHA-256",
            "newestEventTime": format!("2025-03-04T{hour:02}:10:00Z"), "oldestEventTime": format!("2025-03-04T{hour:02}:10:00Z")});
        self.files.push((Self::log_key(hour), gzip(log.as_bytes())));
        self.digest(hour, &[stated]);
    }

    fn digest(&mut self, hour: u32, logs: &[Value]) {
        let key = Self::digest_key(hour);
        let end = format!("2025-03-04T{:02}:00:00Z", hour + 1);
        let (object, hash, signature) = match &self.previous {
            Some((object, hash, signature)) => (json!(object), json!(hash), json!(signature)),
            None => (Value::Null, Value::Null, Value::Null),
        };
        let text = json!({"awsAccountId": "111122223333", "digestStartTime": format!("2025-03-04T{hour:02}:00:00Z"), "digestEndTime": end,
            "digestS3Bucket": BUCKET, "digestS3Object": key, "digestPublicKeyFingerprint": "f1", "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": null, "oldestEventTime": null, "previousDigestS3Bucket": BUCKET, "previousDigestS3Object": object,
            "previousDigestHashValue": hash, "previousDigestHashAlgorithm": "SHA-256", "previousDigestSignature": signature, "logFiles": logs})
        .to_string();
        let before = signature.as_str().unwrap_or("null").to_owned();
        let signed = format!("{end}\n{BUCKET}/{key}\n{}\n{before}", sha(text.as_bytes()));
        let keys = key_pair();
        let mut signature = vec![0; keys.public().modulus_len()];
        keys.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            signed.as_bytes(),
            &mut signature,
        )
        .unwrap();
        self.previous = Some((key.clone(), sha(text.as_bytes()), hex(&signature)));
        self.files.push((key, gzip(text.as_bytes())));
    }

    fn remove(&mut self, key: &str) {
        let before = self.files.len();
        self.files.retain(|(name, _)| name != key);
        assert_eq!(self.files.len() + 1, before);
    }

    fn file(&mut self, key: &str) -> &mut (String, Vec<u8>) {
        self.files.iter_mut().find(|(name, _)| name == key).unwrap()
    }

    fn read(&self) -> (Collected, SourceReport) {
        let files: Vec<(&str, &[u8])> = self
            .files
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
            .collect();
        read_files(&files)
    }
}

/// Six hours from midnight, with the public keys.
fn six_hours() -> Trail {
    let mut trail = Trail::new();
    trail
        .files
        .push(("public-keys.json".to_owned(), public_keys()));
    for hour in 0..6 {
        trail.hour(hour);
    }
    trail
}

/// Kind, hour of start, state, link and signature of each row.
fn deliveries(sink: &Collected) -> Vec<String> {
    let batch = sink.table(Table::Deliveries).unwrap();
    let columns =
        ["kind", "start_at", "state", "link", "signature"].map(|name| column(&batch, name));
    (0..batch.num_rows())
        .map(|row| {
            let [kind, start, state, link, signature] = columns.each_ref().map(|c| c[row].as_str());
            format!("{kind} {} {state} {link} {signature}", &start[11..13])
        })
        .collect()
}

fn digests(sink: &Collected) -> Vec<String> {
    deliveries(sink)
        .into_iter()
        .filter(|row| row.starts_with("digest"))
        .collect()
}

fn lost(sink: &Collected) -> Vec<&str> {
    sink.notices
        .iter()
        .filter(|notice| notice.effect == Effect::Lost)
        .map(|notice| notice.code)
        .collect()
}

#[test]
fn a_whole_chain_is_linked_present_and_valid() {
    let (sink, report) = six_hours().read();
    assert_eq!(codes(&sink.notices), [] as [&str; 0]);
    assert_eq!(report.rows[&Table::Activity], 6);
    assert_eq!(report.rows[&Table::Deliveries], 12);
    assert_eq!(
        deliveries(&sink),
        [
            "digest 00 present start valid",
            "log-file 00 present - -",
            "digest 01 present linked valid",
            "log-file 01 present - -",
            "digest 02 present linked valid",
            "log-file 02 present - -",
            "digest 03 present linked valid",
            "log-file 03 present - -",
            "digest 04 present linked valid",
            "log-file 04 present - -",
            "digest 05 present linked unchecked",
            "log-file 05 present - -",
        ]
    );
    let batch = sink.table(Table::Deliveries).unwrap();
    assert_eq!(column(&batch, "account")[0], "111122223333");
    assert_eq!(column(&batch, "region")[0], "eu-west-1");
    assert_eq!(column(&batch, "end_at")[0], "2025-03-04T01:00:00Z");
    assert_eq!(
        column(&batch, "first_event_at")[..2],
        ["-", "2025-03-04T00:10:00Z"]
    );
    assert_eq!(column(&batch, "row_no")[..4], ["1", "2", "1", "2"]);
    let log = "{\"Records\":[{\"eventTime\":\"2025-03-04T00:10:00Z\",\"eventName\":\"Decrypt\",\"eventID\":\"e0\"}]}";
    assert_eq!(column(&batch, "sha256")[1], sha(log.as_bytes()));
    assert!(column(&batch, "name")[1].ends_with("_RaNd00.json.gz"));
}

#[test]
fn two_digests_removed_in_a_row_are_one_broken_link_over_both_intervals() {
    let mut trail = six_hours();
    trail.remove(&Trail::digest_key(2));
    trail.remove(&Trail::digest_key(3));
    let (sink, _) = trail.read();
    assert_eq!(
        digests(&sink),
        [
            "digest 00 present start valid",
            "digest 01 present linked unchecked",
            "digest 04 present broken valid",
            "digest 05 present linked unchecked",
        ]
    );
    assert_eq!(lost(&sink), ["digest-chain-broken"]);
    // The gap: from the end of the one before to the start of the one behind.
    let batch = sink.table(Table::Deliveries).unwrap();
    let row = column(&batch, "link")
        .iter()
        .position(|link| link == "broken")
        .unwrap();
    assert_eq!(column(&batch, "start_at")[row], "2025-03-04T04:00:00Z");
    assert_eq!(column(&batch, "end_at")[row - 1], "2025-03-04T02:00:00Z");
}

#[test]
fn a_source_that_begins_inside_a_chain_is_not_a_broken_one() {
    let mut trail = six_hours();
    for hour in 0..2 {
        trail.remove(&Trail::digest_key(hour));
        trail.remove(&Trail::log_key(hour));
    }
    let (sink, _) = trail.read();
    assert_eq!(digests(&sink)[0], "digest 02 present first valid");
    assert_eq!(codes(&sink.notices), ["digest-chain-begins"]);
    assert_eq!(sink.notices[0].effect, Effect::Doubt);
}

#[test]
fn a_restart_inside_a_chain_is_told() {
    let mut trail = six_hours();
    trail.previous = None;
    trail.hour(9);
    trail.hour(10);
    let (sink, _) = trail.read();
    assert_eq!(
        digests(&sink)[5..],
        [
            "digest 05 present linked unchecked",
            "digest 09 present start valid",
            "digest 10 present linked unchecked",
        ]
    );
    assert_eq!(codes(&sink.notices), ["digest-chain-restarted"]);
}

#[test]
fn missing_and_altered_log_files_are_told() {
    let mut trail = six_hours();
    trail.remove(&Trail::log_key(1));
    trail.file(&Trail::log_key(3)).1 = gzip(b"{\"Records\":[]}");
    let (sink, _) = trail.read();
    let logs: Vec<String> = deliveries(&sink)
        .into_iter()
        .filter(|row| row.starts_with("log"))
        .collect();
    assert_eq!(
        logs,
        [
            "log-file 00 present - -",
            "log-file 01 missing - -",
            "log-file 02 present - -",
            "log-file 03 altered - -",
            "log-file 04 present - -",
            "log-file 05 present - -",
        ]
    );
    assert_eq!(lost(&sink), ["log-file-missing", "log-file-altered"]);
    let missing = only(&sink.notices, "log-file-missing");
    assert_eq!(missing.row, Some(2));
    assert!(
        missing.found.ends_with("_RaNd##.json.gz"),
        "masked: {}",
        missing.found
    );
}

#[test]
fn files_saved_again_are_found_by_their_bytes() {
    let mut trail = six_hours();
    // Saved uncompressed, renamed, and hashed as compressed by another tool.
    let plain = |hour: u32| {
        format!("{{\"Records\":[{{\"eventTime\":\"2025-03-04T{hour:02}:10:00Z\",\"eventName\":\"Decrypt\",\"eventID\":\"e{hour}\"}}]}}").into_bytes()
    };
    *trail.file(&Trail::log_key(0)) = (
        "111122223333_CloudTrail_eu-west-1_20250304T0030Z_RaNd00.json".to_owned(),
        plain(0),
    );
    trail.file(&Trail::log_key(1)).0 = "renamed.json.gz".to_owned();
    *trail.file(&Trail::log_key(2)) = ("renamed-plain.json".to_owned(), plain(2));
    let compressed = gzip(b"{\"Records\":[ ]}");
    let stated = json!({"s3Object": Trail::log_key(6), "hashValue": sha(&compressed), "hashAlgorithm": "SHA-256"});
    trail.files.push((Trail::log_key(6), compressed));
    trail.digest(6, &[stated]);
    let (sink, _) = trail.read();
    assert_eq!(codes(&sink.notices), [] as [&str; 0]);
    assert!(
        deliveries(&sink)
            .iter()
            .all(|row| row.contains(" present "))
    );
}

#[test]
fn an_altered_digest_is_told_by_the_next_one() {
    let mut trail = six_hours();
    let file = trail.file(&Trail::digest_key(2));
    let mut text = String::new();
    std::io::Read::read_to_string(
        &mut flate2::read::GzDecoder::new(file.1.as_slice()),
        &mut text,
    )
    .unwrap();
    // An entry is taken out of the list.
    let mut value: Value = serde_json::from_str(&text).unwrap();
    value["logFiles"] = json!([]);
    file.1 = gzip(value.to_string().as_bytes());
    let (sink, _) = trail.read();
    assert_eq!(
        digests(&sink)[1..4],
        [
            "digest 01 present linked valid",
            "digest 02 altered linked invalid",
            "digest 03 present altered valid",
        ]
    );
    assert_eq!(lost(&sink), ["digest-altered", "digest-signature-invalid"]);
}

#[test]
fn a_chain_that_was_made_again_fails_by_its_signature() {
    let mut trail = six_hours();
    // Hashes fit, but the signature is another text's.
    let mut forged = Trail::new();
    forged.hour(0);
    let signature = forged.previous.clone().unwrap().2;
    let last = trail.previous.as_mut().unwrap();
    assert_ne!(last.2, signature);
    last.2 = signature;
    trail.hour(6);
    let (sink, _) = trail.read();
    assert_eq!(
        digests(&sink)[5..],
        [
            "digest 05 present linked invalid",
            "digest 06 present linked unchecked"
        ]
    );
    assert_eq!(lost(&sink), ["digest-signature-invalid"]);
}

#[test]
fn without_keys_signatures_are_unchecked_and_that_is_said_once() {
    let mut trail = six_hours();
    trail.remove("public-keys.json");
    let (sink, _) = trail.read();
    assert!(digests(&sink).iter().all(|row| row.ends_with(" unchecked")));
    assert_eq!(codes(&sink.notices), ["digest-signatures-unchecked"]);
    // A key of another fingerprint helps nothing.
    let other = String::from_utf8(public_keys())
        .unwrap()
        .replace("\"f1\"", "\"f2\"");
    trail
        .files
        .push(("keys.json".to_owned(), other.into_bytes()));
    let (sink, _) = trail.read();
    assert!(digests(&sink).iter().all(|row| row.ends_with(" unchecked")));
}

#[test]
fn bad_digests_and_keys_are_notices() {
    let keys =
        json!({"PublicKeyList": [{"Value": "AAAA", "Fingerprint": "f9"}, {"Fingerprint": "f8"}]})
            .to_string();
    let digest = json!({"awsAccountId": "111122223333", "digestS3Object": "k", "digestStartTime": "canary", "digestEndTime": "2025-03-04T01:00:00Z", "logFiles": []}).to_string();
    let (sink, report) = read_files(&[
        ("keys.json", keys.as_bytes()),
        ("digest.json", digest.as_bytes()),
        ("cut.json", b"{\"digestS3Object\": \"k\", \"logFiles\": ["),
        ("list.json", b"[{\"digestS3Object\": \"k\"}]"),
    ]);
    assert!(report.rows.is_empty());
    let found: Vec<_> = sink
        .notices
        .iter()
        .map(|n| (n.code, n.found.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("digest-keys-unreadable", "2 of 2 keys"),
            ("digest-unreadable", "no readable digestStartTime"),
            ("digest-unreadable", "JSON that ends early, at byte 37"),
            ("digest-unreadable", "JSON of another shape, at byte 0"),
        ]
    );
}

#[test]
fn the_same_digest_twice_is_read_once() {
    let mut trail = six_hours();
    let (_, packed) = trail.file(&Trail::digest_key(0)).clone();
    let mut text = Vec::new();
    std::io::Read::read_to_end(
        &mut flate2::read::GzDecoder::new(packed.as_slice()),
        &mut text,
    )
    .unwrap();
    trail.files.push(("again.json".to_owned(), text));
    let (sink, report) = trail.read();
    assert_eq!(codes(&sink.notices), ["duplicate-file"]);
    assert_eq!(report.rows[&Table::Deliveries], 12);
}
