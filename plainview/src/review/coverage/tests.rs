//! The registered SQL and what is made of it, over small tables written here.

#![allow(clippy::unwrap_used)]

use plainview_engine::{EngineConfig, TableWriter};
use plainview_records::Table;
use plainview_records::tables::activity::{ActivityBuilder, ActivityRow};
use plainview_records::tables::deliveries::{DeliveriesBuilder, DeliveryRow};
use plainview_weigh::gaps::Check;
use plainview_weigh::ledger::State;
use tempfile::TempDir;

use super::*;

const HOUR: i64 = 3_600_000;
/// 2025-01-01T00:00:00Z.
const FROM: i64 = 1_735_689_600_000;

const CASE: &str = r#"
[case]
id = "small"
title = "A small fictional case"
opened = 2025-08-01
fictional = true
[case.authority]
who = "the tests"
basis = "they made the records"
approved_by = "the tests"
until = 2030-01-01
[scope]
from = 2025-01-01
to = 2025-01-04
accounts = ["aws/111122223333"]
[[party]]
id = "provider"
name = "A provider (fictional)"
kind = "organisation"
role = "provider"
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

fn digest(hour: i64, link: &'static str) -> DeliveryRow<'static> {
    DeliveryRow {
        row_no: u64::try_from(hour).unwrap() + 1,
        provider: "aws",
        account: "111122223333",
        region: Some("eu-central-1"),
        kind: "digest",
        name: "digest",
        start_at: FROM + hour * HOUR,
        end_at: FROM + (hour + 1) * HOUR,
        state: "present",
        link: Some(link),
        ..DeliveryRow::default()
    }
}

/// Three days of hourly digests without those of `gone`, whose follower hangs in the air.
fn trail(gone: &[i64]) -> Vec<DeliveryRow<'static>> {
    (0..72)
        .filter(|hour| !gone.contains(hour))
        .map(|hour| {
            let link = match hour {
                0 => "start",
                hour if gone.contains(&(hour - 1)) => "broken",
                _ => "linked",
            };
            digest(hour, link)
        })
        .collect()
}

fn event(name: &'static str, verb: &'static str, hour: i64) -> ActivityRow<'static> {
    ActivityRow {
        row_no: u64::try_from(hour).unwrap() + 1,
        provider: "aws",
        account: "111122223333",
        container: Some("fictional-web"),
        at: FROM + hour * HOUR,
        service: "s3.amazonaws.com",
        event: name,
        verb,
        outcome: "success",
        principal_kind: "role",
        ..ActivityRow::default()
    }
}

fn completeness_of(
    folder: &TempDir,
    digests: &[DeliveryRow<'_>],
    events: &[ActivityRow<'_>],
) -> Completeness {
    let write = |table: Table, batch: arrow_array::RecordBatch| {
        let path = folder.path().join(table.as_str()).join("trail.parquet");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut writer = TableWriter::create(&path, table.schema()).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
    };
    let mut deliveries = DeliveriesBuilder::new("trail");
    for row in digests {
        deliveries.push(row);
    }
    write(Table::Deliveries, deliveries.finish().unwrap());
    let mut activity = ActivityBuilder::new("trail");
    for row in events {
        activity.push(row);
    }
    write(Table::Activity, activity.finish().unwrap());
    let config = EngineConfig {
        tables: folder.path().to_path_buf(),
        threads: 2,
        memory_bytes_max: 64 << 20,
    };
    let engine = Engine::open(&config, &crate::review::schemas(), &[]).unwrap();
    let register = plainview_register::parse_case("case.toml", CASE)
        .value
        .unwrap();
    completeness(&register, &[], &engine).unwrap()
}

fn activity_states(complete: &Completeness) -> Vec<(String, State)> {
    let rows = &complete.ledger.rows;
    let row = rows.iter().find(|row| row.kind == Kind::Activity).unwrap();
    row.runs
        .iter()
        .map(|run| (format!("{}..{}", run.0, run.1), run.2))
        .collect()
}

/// Hours 30 and 31 are on the second day: one broken link, two hours uncovered, one day missing.
#[test]
fn two_consecutive_digests_taken_away_are_missed() {
    let folder = tempfile::tempdir().unwrap();
    let events = [event("PutBucketTagging", "configure", 40)];
    let whole = completeness_of(&folder, &trail(&[]), &events);
    assert!(whole.gaps.is_empty(), "{:?}", whole.gaps);
    assert_eq!(
        activity_states(&whole),
        [("2025-01-01..2025-01-04".to_owned(), State::Reviewed)]
    );
    let folder = tempfile::tempdir().unwrap();
    let broken = completeness_of(&folder, &trail(&[30, 31]), &events);
    let seen: Vec<(Check, u64, &str)> = broken
        .gaps
        .iter()
        .map(|gap| (gap.check, gap.measure, gap.from.as_deref().unwrap()))
        .collect();
    assert_eq!(
        seen,
        [
            (Check::Chain, 1, "2025-01-02T08:00:00Z"),
            (Check::Heartbeat, 7_200, "2025-01-02T06:00:00Z"),
        ]
    );
    assert_eq!(
        activity_states(&broken),
        [
            ("2025-01-01..2025-01-02".to_owned(), State::Reviewed),
            ("2025-01-02..2025-01-03".to_owned(), State::Missing),
            ("2025-01-03..2025-01-04".to_owned(), State::Reviewed),
        ]
    );
    assert_eq!(whole.ledger.rows.len(), broken.ledger.rows.len());
    for (before, after) in whole.ledger.rows.iter().zip(&broken.ledger.rows) {
        assert_eq!(before.runs != after.runs, before.kind == Kind::Activity);
    }
}

#[test]
fn a_named_log_file_that_is_not_here_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = trail(&[]);
    rows.push(DeliveryRow {
        kind: "log-file",
        state: "missing",
        link: None,
        ..digest(50, "linked")
    });
    let made = completeness_of(&folder, &rows, &[]);
    assert_eq!(made.gaps.len(), 1);
    assert_eq!(
        (made.gaps[0].check, made.gaps[0].measure),
        (Check::Referential, 1)
    );
    assert_eq!(
        activity_states(&made)[1],
        ("2025-01-03..2025-01-04".to_owned(), State::Missing)
    );
}

/// Created on the second day, deleted on the third.
#[test]
fn control_plane_events_bound_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let events = [
        event("CreateBucket", "create", 30),
        event("DeleteBucket", "delete", 50),
    ];
    let made = completeness_of(&folder, &trail(&[]), &events);
    let row = made
        .ledger
        .rows
        .iter()
        .find(|row| row.kind == Kind::Objects)
        .unwrap();
    assert_eq!(row.store.as_deref(), Some("fictional-web"));
    let days: Vec<String> = row
        .runs
        .iter()
        .map(|run| format!("{}..{}", run.0, run.1))
        .collect();
    assert_eq!(days, ["2025-01-02..2025-01-04"]);
}

/// Every table and view that holds what logs say is one that a test over logs is known by.
#[test]
fn every_view_over_logs_is_known_as_one() {
    use plainview_weigh::assemble::LOG_TABLES;
    let words = |sql: &str| -> BTreeSet<String> {
        // Words in quotes are values.
        let code: Vec<&str> = sql
            .lines()
            .filter(|line| !line.trim_start().starts_with("--"))
            .collect();
        let code = code.join("\n");
        let names: String = code.split('\'').step_by(2).collect();
        names
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .map(str::to_owned)
            .collect()
    };
    let mut over_logs: BTreeSet<String> = ["requests", "activity", "deliveries"]
        .map(str::to_owned)
        .into();
    for view in plainview_engine::VIEWS {
        if words(view.sql).iter().any(|word| over_logs.contains(word)) {
            over_logs.insert(view.name.to_owned());
        }
    }
    let known: BTreeSet<String> = LOG_TABLES.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(over_logs, known);
}
