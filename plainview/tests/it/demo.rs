//! The demo's own truth, and what becomes of it when evidence is taken away.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::world::{
    arg, copy, demo, demo_case, edit, mend_manifest, notices, page, remove_tables, review_json,
    run, verdict, walk,
};

/// Account and month of every gap against the handed-over list.
fn gaps(review: &Value) -> BTreeSet<(String, String)> {
    review["reconciliation"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["state"] == "gap" && row["right"]["source"] == "inventory-tenant")
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            (text("account"), text("month"))
        })
        .collect()
}

#[test]
fn the_omitted_store_is_exposed_in_the_right_account_and_months() {
    let review = review_json(&demo_case());
    let wanted = ["2025-02", "2025-03"].map(|m| ("111122223333".to_owned(), m.to_owned()));
    assert_eq!(gaps(&review), BTreeSet::from(wanted));
    assert_eq!(verdict(&review, "C1")["outcome"], "contradicted");
    let january = review["reconciliation"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["right"]["source"] == "inventory-tenant" && row["month"] == "2025-01");
    assert_eq!(january.unwrap()["state"], "reconciled");
}

#[test]
fn assurances_alone_carry_no_verdict() {
    let review = review_json(&demo_case());
    let verdict = verdict(&review, "C3");
    assert_eq!(verdict["runs"]["face"], "supported");
    assert_eq!(verdict["runs"]["base"], "not_shown");
    assert!(
        verdict["reasons"]
            .as_array()
            .unwrap()
            .contains(&"interested_only".into())
    );
    assert!(
        demo()
            .1
            .contains("Taken at face value the statements would make this supported.")
    );
}

#[test]
fn no_evidence_prints_its_three_parts() {
    let review = review_json(&demo_case());
    let parts = &verdict(&review, "C2")["parts"];
    assert_eq!(parts["literal"], "true");
    assert_eq!(parts["capability"], "unknown");
    assert_eq!(parts["implied"], "not_shown");
    let page = page(&demo_case());
    for word in ["Literal", "Capability", "Implied"] {
        assert!(page.contains(word), "{word}");
    }
}

#[test]
fn the_published_json_is_canonical_and_the_page_loads_nothing() {
    let bytes = fs::read(demo_case().join(".plainview/out/review.json")).unwrap();
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    let canonical = serde_json_canonicalizer::to_vec(&value).unwrap();
    assert!(
        bytes.trim_ascii_end() == canonical,
        "review.json is not canonical"
    );
    let page = page(&demo_case()).to_lowercase();
    for load in [
        "<script",
        "<link",
        "<iframe",
        "<img",
        "@import",
        "src=\"http",
        "url(http",
    ] {
        assert!(!page.contains(load), "the page holds {load}");
    }
}

#[test]
fn threads_and_salts_change_no_byte() {
    let published = |case: &std::path::Path| {
        let out = case.join(".plainview/out");
        (
            fs::read(out.join("review.json")).unwrap(),
            fs::read(out.join("report.html")).unwrap(),
        )
    };
    let reference = published(&demo_case());
    for (threads, salt) in [("1", None), ("2", None), ("2", Some("ab".repeat(32)))] {
        let case = copy(true);
        if let Some(salt) = &salt {
            fs::write(case.path().join("secrets/salt"), salt).unwrap();
        }
        run(&["review", arg(case.path()), "--threads", threads]).code(1);
        assert!(
            published(case.path()) == reference,
            "threads {threads}, salt {salt:?}"
        );
    }
    let again = tempfile::tempdir().unwrap();
    run(&["demo", arg(&again.path().join("case"))]).code(0);
    assert!(
        published(&again.path().join("case")) == reference,
        "a second demo differs"
    );
}

#[test]
fn nothing_runs_twice_and_a_lost_table_is_made_again() {
    let case = copy(false);
    let before = fs::read(case.path().join(".plainview/out/review.json")).unwrap();
    let again = run(&["review", arg(case.path())]).code(1);
    assert!(!again.err.contains("reading "), "{}", again.err);
    // Eight sources, profile, coverage, facts, weigh.
    assert_eq!(again.err.matches("unchanged").count(), 12, "{}", again.err);
    fs::remove_file(
        case.path()
            .join(".plainview/tables/charges/invoices.parquet"),
    )
    .unwrap();
    let mended = run(&["review", arg(case.path())]).code(1);
    assert_eq!(mended.err.matches("reading ").count(), 1, "{}", mended.err);
    assert!(mended.err.contains("reading invoices"));
    assert!(fs::read(case.path().join(".plainview/out/review.json")).unwrap() == before);
}

#[test]
fn without_invoices_nothing_can_be_found_absent() {
    let case = copy(true);
    remove_tables(case.path(), "id = \"invoices\"");
    remove_tables(case.path(), "source = \"invoices\"");
    fs::remove_dir_all(case.path().join("sources/invoices")).unwrap();
    run(&["review", arg(case.path())]);
    let review = review_json(case.path());
    for claim in review["claims"].as_array().unwrap() {
        let verdict = &claim["verdict"];
        assert_ne!(verdict["outcome"], "supported", "{}", verdict["claim"]);
        for argument in verdict["arguments"].as_array().unwrap() {
            if argument["scheme"] == "absence" {
                assert_eq!(argument["state"], "not_earned", "{}", argument["id"]);
            }
        }
    }
    let reasons = verdict(&review, "C4")["reasons"].as_array().unwrap();
    assert!(reasons.contains(&"gate_G1".into()), "{reasons:?}");
    assert_eq!(
        verdict(&review_json(&demo_case()), "C4")["outcome"],
        "supported"
    );
}

#[test]
fn an_emptied_invoice_folder_is_no_clean_source() {
    let case = copy(true);
    for path in walk(&case.path().join("sources/invoices")) {
        fs::remove_file(path).unwrap();
    }
    run(&["review", arg(case.path())]).code(2);
    let review = review_json(case.path());
    assert!(notices(&review, "lost").contains(&"no-such-file".to_owned()));
    for claim in review["claims"].as_array().unwrap() {
        assert_ne!(claim["verdict"]["outcome"], "supported");
    }
    let attempts: Vec<&Value> = verdict(&review, "C4")["arguments"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|a| a["scheme"] == "absence")
        .collect();
    assert!(!attempts.is_empty(), "the attempt is shown");
    for attempt in attempts {
        let gate = attempt["gates"]
            .as_array()
            .unwrap()
            .iter()
            .find(|g| g["gate"] == "G1")
            .unwrap();
        assert_eq!(gate["pass"], false);
    }
}

#[test]
fn an_invented_passage_is_not_found_and_counts_for_nothing() {
    let case = copy(true);
    let file = walk(&case.path().join("sources/invoices"))[0]
        .file_name()
        .unwrap()
        .to_owned();
    let mark = format!(
        "\n[[exhibit]]\nid = \"X1\"\nclaim = \"C4\"\nside = \"against\"\nsource = \"invoices\"\nfile = \"{}\"\nrow = 1\n\
         quote = \"the bakery keeps everything in the north\"\nscheme = \"record-shows\"\nmarked_by = \"panel\"\ndate = 2025-08-02\n",
        file.to_str().unwrap()
    );
    let path = case.path().join("exhibits.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.clone() + &mark).unwrap();
    run(&["review", arg(case.path())]).code(1);
    let review = review_json(case.path());
    let marked = verdict(&review, "C4")["arguments"]
        .as_array()
        .unwrap()
        .iter()
        .find(|a| a["side"] == "against")
        .unwrap();
    assert_eq!(marked["state"], "unverified");
    assert_eq!(verdict(&review, "C4")["outcome"], "supported");
    // A passage that does stand in the row counts.
    fs::write(
        &path,
        text + &mark.replace("the bakery keeps everything in the north", "Object Storage"),
    )
    .unwrap();
    run(&["review", arg(case.path())]).code(1);
    let review = review_json(case.path());
    let marked = verdict(&review, "C4")["arguments"]
        .as_array()
        .unwrap()
        .iter()
        .find(|a| a["side"] == "against")
        .unwrap();
    assert_eq!(marked["state"], "qualifying");
}

#[test]
fn a_second_copy_of_a_bill_or_meter_counts_once() {
    let case = copy(true);
    for (folder, name) in [("invoices", "copy.csv"), ("metering-tenant", "copy.jsonl")] {
        let folder = case.path().join("sources").join(folder);
        let first = walk(&folder)[0].clone();
        fs::copy(first, folder.join(name)).unwrap();
    }
    run(&["review", arg(case.path())]);
    let (before, after) = (review_json(&demo_case()), review_json(case.path()));
    assert_eq!(before["reconciliation"], after["reconciliation"]);
    assert!(notices(&after, "doubt").contains(&"duplicate-file".to_owned()));
}

#[test]
fn a_charge_without_an_amount_opens_the_bill() {
    let case = copy(true);
    let path = walk(&case.path().join("sources/invoices"))[0].clone();
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|h| h == name).unwrap();
    let (unit, amount, priced) = (
        at("ConsumedUnit"),
        at("ConsumedQuantity"),
        at("PricingQuantity"),
    );
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    let mut blanked = 0;
    for record in reader.records() {
        let mut cells: Vec<String> = record.unwrap().iter().map(str::to_owned).collect();
        if cells[unit] == "GB-Mo" && blanked == 0 {
            cells[amount] = "NULL".to_owned();
            cells[priced] = "NULL".to_owned();
            blanked += 1;
        }
        writer.write_record(&cells).unwrap();
    }
    assert_eq!(blanked, 1);
    fs::write(&path, writer.into_inner().unwrap()).unwrap();
    run(&["review", arg(case.path())]);
    let review = review_json(case.path());
    let row = review["reconciliation"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| {
            row["account"] == "111122223333"
                && row["month"] == "2025-01"
                && row["left"]["kind"] == "billed"
        });
    assert_eq!(row.unwrap()["left"]["gib_month"][1], "open");
}

#[test]
fn a_registered_test_reads_records_and_carries_no_key_out() {
    let case = copy(true);
    edit(
        case.path(),
        "[scope]",
        "[[predicate]]\nid = \"keys\"\nkind = \"observable\"\ntext = \"any object\"\nsql = \"select source_id, key as container, key as account from objects\"\n\
         [[predicate]]\nid = \"settings\"\nkind = \"observable\"\ntext = \"a setting\"\nsql = \"select * from information_schema.df_settings\"\n[scope]",
    );
    edit(
        case.path(),
        "[[claim]]\nid = \"C5\"",
        "[[claim]]\nid = \"C6\"\ntext = \"None.\"\nclaimant = [\"provider\"]\nstated_at = 2025-06-20\nkind = \"none\"\npredicate = \"keys\"\n[[claim]]\nid = \"C7\"\ntext = \"None.\"\nclaimant = [\"provider\"]\nstated_at = 2025-06-20\nkind = \"none\"\npredicate = \"settings\"\n[[claim]]\nid = \"C5\"",
    );
    run(&["review", arg(case.path())]);
    let facts = fs::read_to_string(case.path().join(".plainview/out/facts.json")).unwrap();
    assert!(
        facts.contains("\"predicate\":\"keys\"") && !facts.contains("disk-01.vhd"),
        "a key is in the facts"
    );
    assert!(facts.contains("a test may read records only"));
}

#[test]
fn without_any_inventory_the_review_says_what_remains() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    let ran = run(&["demo", arg(&case), "--without", "inventory"]).code(0);
    assert!(
        ran.out
            .contains("Every outcome equals the demo's own truth")
    );
    let review = review_json(&case);
    let listed = |row: &Value| row["right"]["kind"] == "listed" || row["left"]["kind"] == "listed";
    assert!(
        !review["reconciliation"]
            .as_array()
            .unwrap()
            .iter()
            .any(listed)
    );
    assert!(
        !review["reconciliation"].as_array().unwrap().is_empty(),
        "billed against metered"
    );
    for text in [&ran.out, &page(&case)] {
        assert!(text.contains("What remains answerable"), "{text}");
    }
    assert!(
        !demo().1.contains("What remains answerable"),
        "nothing is missing there"
    );
    assert!(ran.out.contains("It would take"), "{}", ran.out);
}

#[test]
fn a_rewritten_inventory_with_correct_checksums_stays_unverified() {
    let case = copy(true);
    let sources = case.path().join("sources/inventory-tenant");
    let path = walk(&sources)
        .into_iter()
        .find(|p| p.extension().is_some_and(|e| e == "gz"))
        .unwrap();
    let mut text = String::new();
    MultiGzDecoder::new(&fs::read(&path).unwrap()[..])
        .read_to_string(&mut text)
        .unwrap();
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(
        text.replace("disk", "file")
            .replace("assets", "static")
            .as_bytes(),
    )
    .unwrap();
    fs::write(&path, out.finish().unwrap()).unwrap();
    mend_manifest(&path.with_file_name("manifest.json"));
    run(&["review", arg(case.path())]).code(0);
    let review = review_json(case.path());
    let source = review["sources"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["id"] == "inventory-tenant");
    let source = source.unwrap();
    assert_eq!(source["notices"]["lost"], 0, "its checksums are right");
    assert_eq!(source["integrity"], "unverified");
    assert!(
        source["integrity_because"]
            .as_str()
            .unwrap()
            .contains("other bytes")
    );
    // The list is the frame of every argument against its completeness, and it no longer qualifies.
    assert_eq!(verdict(&review, "C1")["outcome"], "not_shown");
}

#[test]
fn a_gap_smaller_than_the_registered_tolerance_is_none() {
    let case = copy(true);
    edit(
        case.path(),
        "[scope]",
        "[standard]\ntau_floor_gib_month = \"100\"\n[scope]",
    );
    run(&["review", arg(case.path())]).code(0);
    let review = review_json(case.path());
    assert!(gaps(&review).is_empty());
    assert_ne!(verdict(&review, "C1")["outcome"], "contradicted");
}
