//! The verbs around a review: check, new, ask, explain, reconcile, profile, and wrong usage.

use std::fs;

use crate::world::{arg, copy, demo_case, edit, page, review_json, run, verdict};

#[test]
fn all_mistakes_are_shown_at_once_and_no_evidence_is_opened() {
    let case = copy(true);
    edit(
        case.path(),
        "custodian = \"provider-finance\"",
        "custodian = \"provider-finanze\"",
    );
    edit(
        case.path(),
        "template = \"not-in-region eu-north-1\"",
        "template = \"not-in-region\"",
    );
    edit(case.path(), "[scope]", "[scope]\nacounts = []");
    let ran = run(&["check", arg(case.path())]).code(2);
    for part in [
        "provider-finanze",
        "did you mean `provider-finance`",
        "acounts",
        "not-in-region",
        "3 mistakes",
    ] {
        assert!(ran.err.contains(part), "no {part} in:\n{}", ran.err);
    }
    assert!(
        ran.err.matches(" --> case.toml:").count() >= 3,
        "{}",
        ran.err
    );
    assert!(ran.err.contains('^'));
    let ran = run(&["review", arg(case.path())]).code(2);
    assert!(ran.err.contains("no evidence was opened"));
    assert!(!case.path().join(".plainview").exists());
}

#[test]
fn check_says_what_the_sources_could_show_at_best() {
    let case = copy(true);
    let ran = run(&["check", arg(case.path())]).code(0);
    for part in [
        "The register is sound: sha256:",
        "C1",
        "gate_G4",
        "at best",
        "interest",
    ] {
        assert!(ran.out.contains(part), "no {part} in:\n{}", ran.out);
    }
    assert!(
        !case.path().join(".plainview").exists(),
        "check opens no evidence"
    );
    let value = run(&["check", arg(case.path()), "--json"]).code(0).json();
    assert_eq!(value["claims"].as_array().unwrap().len(), 5);
}

#[test]
fn a_case_is_drafted_from_record_files() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("my case");
    let sources = demo_case().join("sources");
    let from = [
        "inventory-tenant",
        "invoices",
        "mail-sales",
        "metering-tenant",
    ]
    .map(|n| sources.join(n));
    let mut args = vec!["new", arg(&case), "--from"];
    args.extend(from.iter().map(|path| arg(path)));
    run(&args).code(0);
    let text = fs::read_to_string(case.join("case.toml")).unwrap();
    let questions = (1..20)
        .filter(|n| text.contains(&format!("# Q{n}")))
        .count();
    assert!((1..=10).contains(&questions), "{questions} questions");
    for part in [
        "s3-inventory",
        "focus",
        "mail",
        "cloudwatch-metrics",
        "aws/111122223333",
        "aws/444455556666",
    ] {
        assert!(
            text.contains(part),
            "the draft does not hold {part}:\n{text}"
        );
    }
    let ran = run(&["check", arg(&case)]).code(2);
    assert!(
        ran.err.contains("# Q1") || ran.err.contains("Q1"),
        "{}",
        ran.err
    );
    assert!(
        run(&["new", arg(&case)])
            .code(2)
            .err
            .contains("exists already")
    );
}

#[test]
fn sql_reads_tables_and_nothing_else() {
    let case = demo_case();
    let case = arg(&case);
    let tables = run(&["ask", case]).code(0).out;
    for table in [
        "objects",
        "charges",
        "metering",
        "documents",
        "notices",
        "listed_snapshots",
    ] {
        assert!(tables.contains(table), "{table} is not listed");
    }
    let count = run(&[
        "ask",
        case,
        "select count(*) as n from charges",
        "--format",
        "json",
    ])
    .code(0);
    assert_eq!(count.json()[0]["n"], 50);
    for sql in [
        "create table x as select 1",
        "insert into charges select * from charges",
        "copy (select 1) to '/tmp/never.csv'",
        "create external table p stored as csv location '/etc/passwd'",
        "set datafusion.execution.batch_size = 1",
        "drop table charges",
        "select * from '/etc/passwd'",
        "select now()",
        "select random()",
        "selekt 1",
    ] {
        let ran = run(&["ask", case, sql]).code(2);
        assert!(ran.err.starts_with("plainview: "), "{sql}: {}", ran.err);
    }
}

#[test]
fn explain_follows_the_evidence() {
    let case = demo_case();
    let case = arg(&case);
    let ran = run(&["explain", case, "C1"]).code(1);
    for part in [
        "C1/gap/invoices (counts)",
        "2025-02",
        "2025-03",
        "provider-finance",
        "Without source",
    ] {
        assert!(ran.out.contains(part), "no {part} in:\n{}", ran.out);
    }
    for source in ["invoices", "inventory-tenant"] {
        let ran = run(&["explain", case, "C1", "--without", source]).code(0);
        assert!(
            ran.out.starts_with("C1  Undecided"),
            "without {source}: {}",
            ran.out
        );
    }
    let early = run(&["explain", case, "C1", "--known-by", "2024-01-01"]).code(0);
    assert!(early.out.starts_with("C1  Undecided"), "{}", early.out);
    assert!(run(&["explain", case, "C9"]).code(2).err.contains("C1, C2"));
    assert!(
        run(&["explain", case, "C1", "--without", "nothing"])
            .code(2)
            .err
            .contains("nothing")
    );
}

#[test]
fn reconcile_needs_no_case() {
    let sources = demo_case().join("sources");
    let (inventory, invoices) = (sources.join("inventory-tenant"), sources.join("invoices"));
    let files = [arg(&inventory), arg(&invoices)];
    let args = [
        "reconcile",
        files[0],
        files[1],
        "--account",
        "aws/111122223333",
        "--json",
    ];
    let value = run(&args).code(1).json();
    let gaps: Vec<&str> = value["reconciliation"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["state"] == "gap")
        .map(|row| row["month"].as_str().unwrap())
        .collect();
    assert_eq!(gaps, ["2025-02", "2025-03"]);
    let text = run(&args[..5]).code(1).out;
    assert!(
        text.contains("GAP: at least") && text.contains("GiB-months"),
        "{text}"
    );
    let metering = sources.join("metering-tenant");
    let ran = run(&["reconcile", files[0], arg(&metering)]).code(1);
    assert!(
        ran.err
            .contains("the only one billed or metered is aws/111122223333"),
        "{}",
        ran.err
    );
}

#[test]
fn profile_needs_no_case() {
    let sources = demo_case().join("sources/inventory-bakery");
    let ran = run(&["profile", arg(&sources)]).code(0);
    assert!(
        ran.out.contains("tern-backup-nightly") && ran.out.contains("consistent with"),
        "{}",
        ran.out
    );
}

#[test]
fn wrong_usage_is_64() {
    run(&["revew"]).code(64);
    run(&["review"]).code(64);
    run(&["demo", "--without", "everything"]).code(64);
    let folder = tempfile::tempdir().unwrap();
    assert!(
        run(&["review", arg(folder.path())])
            .code(64)
            .err
            .contains("no case.toml")
    );
    run(&["--help"]).code(0);
    let busy = folder.path().join("x");
    fs::write(&busy, "mine").unwrap();
    assert!(
        run(&["demo", arg(folder.path())])
            .code(2)
            .err
            .contains("empty")
    );
    assert_eq!(fs::read_to_string(busy).unwrap(), "mine");
}

#[test]
fn hostile_text_reaches_neither_page_nor_terminal_raw() {
    let case = copy(true);
    edit(
        case.path(),
        "title = \"",
        "title = \"<script>alert(1)</script>\\u202E\\u001B[2J ",
    );
    let ran = run(&["review", arg(case.path())]).code(1);
    let page = page(case.path());
    assert!(!page.contains("<script>alert"));
    assert!(!page.contains('\u{202e}') && !page.contains('\u{1b}'));
    assert!(page.contains("&lt;script&gt;") || page.contains("&#60;script&#62;"));
    assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'));
    assert_eq!(
        verdict(&review_json(case.path()), "C1")["outcome"],
        "contradicted"
    );
}

/// The register says which columns a map may fill; the tables say which there are. They must not drift.
#[test]
fn a_column_map_may_fill_exactly_the_columns_of_its_table() {
    for table in plainview_register::MappedTable::ALL {
        let schema = plainview_records::Table::named(table.as_str())
            .unwrap()
            .schema();
        // Every row first says where it stands; no map fills that.
        let own = ["source_id", "file_no", "row_no"];
        let columns: Vec<&str> = schema
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .filter(|name| !own.contains(name))
            .collect();
        assert_eq!(table.columns(), columns, "{table}");
    }
}
