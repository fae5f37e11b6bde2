//! The demo case as files on disk: the same for the same seed, sound in its own claims.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use plainview_synth::Error;
use plainview_synth::demo::{self, DemoOptions, Truth, Variant};
use sha2::{Digest as _, Sha256};
use toml_edit::DocumentMut;

use crate::hex;

type Files = BTreeMap<String, Vec<u8>>;

fn write(seed: u64, variant: Variant) -> (tempfile::TempDir, Files, Truth) {
    let dir = tempfile::tempdir().unwrap();
    let truth = demo::write(dir.path(), &DemoOptions { seed, variant }).unwrap();
    let files = files_in(dir.path());
    (dir, files, truth)
}

fn files_in(root: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let parts = path.strip_prefix(root).unwrap().components();
                let parts: Vec<_> = parts
                    .map(|part| part.as_os_str().to_str().unwrap().to_owned())
                    .collect();
                files.insert(parts.join("/"), fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn toml(files: &Files, name: &str) -> DocumentMut {
    String::from_utf8(files[name].clone())
        .unwrap()
        .parse()
        .unwrap()
}

fn text_of<'a>(table: &'a toml_edit::Table, key: &str) -> &'a str {
    table[key].as_str().unwrap()
}

/// CSV rows by column name, split at commas outside quotes: enough for files without line breaks
/// in cells, and independent of the writer's library.
fn rows(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    let split = |line: &str| {
        let (mut cells, mut quoted) = (vec![String::new()], false);
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(String::new()),
                other => cells.last_mut().unwrap().push(other),
            }
        }
        cells
    };
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let mut lines = text.lines();
    let header = split(lines.next().unwrap());
    lines
        .map(|line| header.iter().cloned().zip(split(line)).collect())
        .collect()
}

/// A decimal with ten places as an integer of 10^-10.
fn steps(text: &str) -> u128 {
    let (whole, places) = text.split_once('.').unwrap();
    assert_eq!(places.len(), 10, "{text}");
    format!("{whole}{places}").parse().unwrap()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_does_not() {
    let (_one, first, _) = write(11, Variant::Full);
    let (_two, second, _) = write(11, Variant::Full);
    let (_three, other, _) = write(12, Variant::Full);
    assert!(first == second);
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&first), names(&second));
    for name in [
        "case.toml",
        "truth.json",
        "sources/invoices/focus-2025-02.csv",
    ] {
        assert_ne!(first[name], other[name], "{name}");
    }
}

#[test]
fn digests_in_the_case_are_those_of_the_files() {
    for variant in [Variant::Full, Variant::NoInventory, Variant::NoInvoices] {
        let (_dir, files, _) = write(5, variant);
        let case = toml(&files, "case.toml");
        let entries = case["authentication"].as_array_of_tables().unwrap();
        let mut vouched = Vec::new();
        for entry in entries {
            let source = text_of(entry, "source");
            vouched.push(source.to_owned());
            let prefix = format!("sources/{source}/");
            let mut lines: Vec<String> = files
                .iter()
                .filter(|(name, _)| name.starts_with(&prefix))
                .map(|(path, bytes)| {
                    let name = path.rsplit('/').next().unwrap();
                    format!("{}  {name}\n", hex(&Sha256::digest(bytes)))
                })
                .collect();
            assert!(!lines.is_empty(), "{source}");
            lines.sort();
            let digest = format!("sha256:{}", hex(&Sha256::digest(lines.concat())));
            assert_eq!(text_of(entry, "digest"), digest, "{source}");
        }
        assert!(!vouched.contains(&"leaked-listing".to_owned()));
        let sources = case["source"].as_array_of_tables().unwrap();
        let vouched_or_leaked = vouched.len() + usize::from(variant != Variant::NoInventory);
        assert_eq!(sources.len(), vouched_or_leaked, "{variant:?}");
    }
}

#[test]
fn every_declared_source_has_files_and_every_file_a_source() {
    for variant in [Variant::Full, Variant::NoInventory, Variant::NoInvoices] {
        let (_dir, files, _) = write(5, variant);
        let case = toml(&files, "case.toml");
        let sources = case["source"].as_array_of_tables().unwrap();
        let declared: Vec<String> = sources
            .iter()
            .map(|s| {
                format!(
                    "{}/",
                    s["files"]
                        .as_array()
                        .unwrap()
                        .get(0)
                        .unwrap()
                        .as_str()
                        .unwrap()
                )
            })
            .collect();
        for folder in &declared {
            assert!(
                files.keys().any(|name| name.starts_with(folder)),
                "{folder}"
            );
        }
        for name in files.keys().filter(|name| name.starts_with("sources/")) {
            assert!(
                declared.iter().any(|folder| name.starts_with(folder)),
                "{name}"
            );
        }
        assert_eq!(
            declared.iter().any(|f| f.contains("inventory")),
            variant != Variant::NoInventory
        );
        assert_eq!(
            declared.iter().any(|f| f.contains("invoices")),
            variant != Variant::NoInvoices
        );
    }
}

#[test]
fn everybody_named_in_the_case_is_declared() {
    let (_dir, files, truth) = write(5, Variant::Full);
    let case = toml(&files, "case.toml");
    let tables = |key: &str| {
        case[key]
            .as_array_of_tables()
            .unwrap()
            .iter()
            .collect::<Vec<_>>()
    };
    let parties: Vec<&str> = tables("party").iter().map(|t| text_of(t, "id")).collect();
    let known = |id: &str| assert!(parties.contains(&id), "{id}");
    for relation in tables("relation") {
        known(text_of(relation, "from"));
        known(text_of(relation, "to"));
    }
    for source in tables("source") {
        known(text_of(source, "custodian"));
        known(text_of(source, "controller"));
    }
    let claims: Vec<&str> = tables("claim").iter().map(|t| text_of(t, "id")).collect();
    assert_eq!(claims, truth.claims.keys().collect::<Vec<_>>());
    assert_eq!(case["case"]["fictional"].as_bool(), Some(true));
    let exhibits = toml(&files, "exhibits.toml");
    for exhibit in exhibits["exhibit"].as_array_of_tables().unwrap() {
        known(text_of(exhibit, "marked_by"));
        assert!(claims.contains(&text_of(exhibit, "claim")));
        let file = &files[text_of(exhibit, "file")];
        let text = String::from_utf8_lossy(file);
        assert!(text.contains(text_of(exhibit, "quote")), "{exhibit}");
        assert!(text_of(exhibit, "file").contains(text_of(exhibit, "source")));
    }
}

/// Every object a set of listings shows, with the interval in which it is known to have existed,
/// is not enough for an exact sum; but the leaked sheet and the model's truth are: its objects
/// are never deleted, so their byte-seconds up to the sheet's time can be summed from it alone.
#[test]
fn the_bill_of_the_north_region_is_the_sum_over_the_omitted_store() {
    let (_dir, files, truth) = write(5, Variant::Full);
    let seconds = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
    let (from, to) = (
        seconds("2025-02-01T00:00:00Z"),
        seconds("2025-03-01T00:00:00Z"),
    );
    let byte_seconds: u128 = rows(&files["sources/leaked-listing/archive-n1-objects.csv"])
        .iter()
        .map(|row| {
            let held = (to - seconds(&row["Uploaded"]).max(from)).max(0);
            row["Size (bytes)"].parse::<u128>().unwrap() * u128::try_from(held).unwrap()
        })
        .sum();
    let month = u128::try_from(to - from).unwrap() << 30;
    let expected = (byte_seconds * 10_000_000_000 * 2 / month).div_ceil(2);
    let billed = stored_lines(&files, "2025-02");
    assert_eq!(
        billed[&("111122223333".to_owned(), "eu-north-1".to_owned())],
        expected
    );
    let stated = &truth.stored[&truth.account]["2025-02"];
    assert_eq!(steps(&stated.omitted_gib_months), expected);
    assert!(
        expected > 5 * 10_000_000_000,
        "clearly more than the tolerance: {expected}"
    );
}

/// Storage lines of a month's bill: account and region to 10^-10 GB-Mo.
fn stored_lines(files: &Files, month: &str) -> BTreeMap<(String, String), u128> {
    let mut sums = BTreeMap::new();
    for row in rows(&files[&format!("sources/invoices/focus-{month}.csv")]) {
        if row["ConsumedUnit"] == "GB-Mo" {
            assert_eq!(row["ServiceCategory"], "Storage");
            assert_eq!(row["ResourceId"], "", "no line names a store");
            let key = (row["SubAccountId"].clone(), row["RegionId"].clone());
            *sums.entry(key).or_insert(0) += steps(&row["ConsumedQuantity"]);
        }
    }
    sums
}

#[test]
fn bills_meters_and_truth_agree_month_by_month() {
    let (_dir, files, truth) = write(5, Variant::Full);
    let text =
        String::from_utf8(files["sources/metering-tenant/account-storage.jsonl"].clone()).unwrap();
    let readings: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // One region all through, the other from 3 February on.
    assert_eq!(readings.len(), 90 + 57);
    assert!(
        readings
            .iter()
            .all(|r| r["dimensions"]["record_type"] == "ACCOUNT")
    );
    assert!(
        readings
            .iter()
            .all(|r| r["dimensions"]["BucketName"].is_null())
    );
    for (month, days) in [("2025-01", 31_u128), ("2025-02", 28), ("2025-03", 31)] {
        let lines = stored_lines(&files, month);
        for (account, stored) in &truth.stored {
            let id = account.strip_prefix("aws/").unwrap();
            let billed: u128 = lines
                .iter()
                .filter(|(key, _)| key.0 == id)
                .map(|(_, q)| q)
                .sum();
            let all = steps(&stored[month].all_gib_months);
            // One line a region, each rounded to a step.
            assert!(billed.abs_diff(all) <= 1, "{account} {month}");
        }
        let metered: u128 = readings
            .iter()
            .filter(|r| {
                let ms = r["timestamp"].as_i64().unwrap();
                jiff::Timestamp::from_millisecond(ms)
                    .unwrap()
                    .to_string()
                    .starts_with(month)
            })
            .map(|r| u128::from(r["value"]["sum"].as_u64().unwrap()))
            .sum();
        let all = steps(&truth.stored[&truth.account][month].all_gib_months);
        let metered = metered * 10_000_000_000 / (days << 30);
        assert!(metered.abs_diff(all) < 1_000, "{month}: {metered} {all}");
    }
    assert_eq!(truth.months, ["2025-02", "2025-03"]);
    assert_eq!(
        truth.stored[&truth.account]["2025-01"].omitted_gib_months,
        "0.0000000000"
    );
}

#[test]
fn the_omitted_store_is_named_by_the_leak_alone() {
    let (_dir, files, truth) = write(5, Variant::Full);
    let name = truth.omitted_store.rsplit('/').next().unwrap();
    let mut rows_listed = 0;
    for (file, bytes) in &files {
        let mut text = bytes.clone();
        if file.strip_suffix(".gz").is_some() {
            text.clear();
            flate2::read::MultiGzDecoder::new(bytes.as_slice())
                .read_to_end(&mut text)
                .unwrap();
            rows_listed += String::from_utf8_lossy(&text).lines().count();
        }
        let found = text.windows(name.len()).any(|part| part == name.as_bytes());
        let expected = file == "truth.json" || file.starts_with("sources/leaked-listing/");
        assert_eq!(found, expected, "{file}");
    }
    assert!((20_000..150_000).contains(&rows_listed), "{rows_listed}");
}

#[test]
fn manifests_state_the_right_sizes_and_md5s() {
    let (_dir, files, _) = write(5, Variant::Full);
    let mut manifests = 0;
    for (name, bytes) in files
        .iter()
        .filter(|(name, _)| name.ends_with("/manifest.json"))
    {
        manifests += 1;
        let folder = name.strip_suffix("manifest.json").unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        for file in manifest["files"].as_array().unwrap() {
            let base = file["key"].as_str().unwrap().rsplit('/').next().unwrap();
            let data = &files[&format!("{folder}{base}")];
            assert_eq!(file["size"].as_u64().unwrap(), data.len() as u64);
            assert_eq!(
                file["MD5checksum"].as_str().unwrap(),
                hex(&md5::Md5::digest(data))
            );
        }
        let checksum = String::from_utf8(files[&format!("{folder}manifest.checksum")].clone());
        assert_eq!(checksum.unwrap(), hex(&md5::Md5::digest(bytes)) + "\n");
    }
    assert_eq!(manifests, 15 * 2 * 3);
}

#[test]
fn truth_on_disk_is_the_truth_returned() {
    for variant in [Variant::Full, Variant::NoInventory, Variant::NoInvoices] {
        let (_dir, files, truth) = write(9, variant);
        let read: Truth = serde_json::from_slice(&files["truth.json"]).unwrap();
        assert_eq!(read, truth);
        assert_eq!(truth.months.is_empty(), variant == Variant::NoInventory);
    }
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("mine.txt"), "mine").unwrap();
    let options = DemoOptions {
        seed: 1,
        variant: Variant::Full,
    };
    let error = demo::write(dir.path(), &options).unwrap_err();
    assert!(matches!(error, Error::NotEmpty { .. }), "{error}");
    assert_eq!(files_in(dir.path()).len(), 1);
}
