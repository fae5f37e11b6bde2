//! A small fictional case and its facts, for the tests of METHOD sections 3 to 12.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use plainview_register::{Register, parse_case};
use plainview_weigh::assemble::{Input, assemble};
use plainview_weigh::facts::{
    BillLine, Delivery, ExhibitFact, Facts, FileFact, Integrity, KindFact, MeterPoint, Provides,
    RegionFact, RowRef, Scheme, ServiceFact, Side, SourceFact, SourceKind, Statistic,
    StoreSnapshot,
};
use plainview_weigh::quantity::Month;
use plainview_weigh::verdict::{Verdict, evaluate};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const GIB: u128 = 1 << 30;
pub(crate) const DAY_MS: i64 = 86_400_000;

const HEAD: &str = r#"
[case]
id = "demo"
title = "A fictional case"
opened = 2025-08-01
dispute_date = 2025-06-10
fictional = true
[case.authority]
who = "the reviewers"
basis = "a fictional mandate"
approved_by = "a fictional board"
until = 2026-12-31

[scope]
from = 2025-01-01
to = 2025-04-01
accounts = ["aws/111122223333"]
measure = "byte_hours"
"#;

const PARTIES: [(&str, &str); 8] = [
    ("provider", "Halden Cloud (fictional)"),
    ("provider-storage", "Halden Cloud storage operations"),
    ("provider-finance", "Halden Cloud finance"),
    ("provider-metering", "Halden Cloud metering"),
    ("provider-sales", "Halden Cloud sales"),
    ("tenant", "Orrin Telecom (fictional)"),
    ("auditor", "Ness Auditors (fictional)"),
    ("institute", "Vik Institute (fictional)"),
];

/// A declared source.
pub(crate) struct Declared {
    pub(crate) id: &'static str,
    pub(crate) format: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) custodian: &'static str,
    pub(crate) controller: &'static str,
    pub(crate) more: &'static str,
}

pub(crate) fn declared(
    id: &'static str,
    format: &'static str,
    custodian: &'static str,
    controller: &'static str,
) -> Declared {
    let kind = match format {
        "focus" => "business-record",
        "mail" => "statement",
        _ => "system-record",
    };
    Declared {
        id,
        format,
        kind,
        custodian,
        controller,
        more: "",
    }
}

/// The teams of the provider, as declared relations.
pub(crate) const TEAMS: &str = r#"
[[relation]]
from = "provider-storage"
kind = "team_of"
to = "provider"
[[relation]]
from = "provider-finance"
kind = "team_of"
to = "provider"
[[relation]]
from = "provider-metering"
kind = "team_of"
to = "provider"
[[relation]]
from = "provider-sales"
kind = "team_of"
to = "provider"
"#;

pub(crate) fn register(sources: &[Declared], rest: &str) -> Register {
    let mut text = HEAD.to_owned();
    for (id, name) in PARTIES {
        write!(
            text,
            "[[party]]\nid = \"{id}\"\nname = \"{name}\"\nkind = \"organisation\"\nrole = \"party\"\n"
        )
        .unwrap();
    }
    for source in sources {
        let Declared {
            id,
            format,
            kind,
            custodian,
            controller,
            more,
        } = source;
        write!(
            text,
            "[[source]]\nid = \"{id}\"\nformat = \"{format}\"\nfiles = [\"sources/{id}\"]\nkind = \"{kind}\"\ncustodian = \"{custodian}\"\ncontroller = \"{controller}\"\nacquired_at = 2025-07-15T00:00:00Z\n{more}\n"
        )
        .unwrap();
        if *format == "s3-inventory" || *format == "cloudwatch-metrics" {
            text.push_str("account = \"aws/111122223333\"\n");
        }
    }
    text.push_str(rest);
    let parsed = parse_case("case.toml", &text);
    parsed
        .value
        .unwrap_or_else(|| panic!("{:#?}\n{text}", parsed.diagnostics))
}

pub(crate) fn month(text: &str) -> Month {
    text.parse().unwrap()
}

pub(crate) fn quarter() -> [Month; 3] {
    [month("2025-01"), month("2025-02"), month("2025-03")]
}

pub(crate) fn source(declared: &Declared) -> SourceFact {
    let (kind, provides) = match declared.format {
        "focus" => (SourceKind::BusinessRecord, Provides::Bills),
        "mail" => (SourceKind::Statement, Provides::Documents),
        "s3-inventory" => (SourceKind::SystemRecord, Provides::Lists),
        _ => (SourceKind::SystemRecord, Provides::Meters),
    };
    SourceFact {
        id: declared.id.to_owned(),
        custodian: declared.custodian.to_owned(),
        controller: declared.controller.to_owned(),
        kind,
        derived_from: Vec::new(),
        delivery: if declared.more.contains("guaranteed") {
            Delivery::Guaranteed
        } else {
            Delivery::Unknown
        },
        integrity: Integrity::Verified,
        integrity_because: "declared by its custodian".to_owned(),
        cure: None,
        acquired_at: 1_752_537_600,
        recorded_at: None,
        provides: BTreeSet::from([provides]),
        files: vec![FileFact {
            name: "a".to_owned(),
            rows: 1,
        }],
        format: declared.format.to_owned(),
        incomplete: false,
        tied_out: false,
    }
}

/// A store of constant size listed at the start of every month and at the end of the last.
pub(crate) fn listed(facts: &mut Facts, source: &str, container: &str, gib: u128) {
    let mut instants: Vec<i64> = quarter().iter().map(|m| m.start_ms()).collect();
    instants.push(month("2025-04").start_ms());
    for at_ms in instants {
        facts.snapshots.push(StoreSnapshot {
            source: source.to_owned(),
            provider: "aws".to_owned(),
            account: ACCOUNT.to_owned(),
            container: container.to_owned(),
            at_ms,
            bytes: gib * GIB,
            objects: 1000,
            created_byte_ms: BTreeMap::new(),
            first_row: RowRef {
                file_no: 1,
                row_no: 1,
            },
        });
    }
}

pub(crate) fn billed(facts: &mut Facts, source: &str, gib_month: &str) {
    for month in quarter() {
        facts.bills.push(BillLine {
            source: source.to_owned(),
            provider: "aws".to_owned(),
            account: ACCOUNT.to_owned(),
            month,
            unit: "GB-Mo".to_owned(),
            quantity: gib_month.to_owned(),
            rounding: "0".to_owned(),
            lines: 1,
            first_row: RowRef {
                file_no: 1,
                row_no: 7,
            },
        });
    }
}

/// Daily readings of a store of constant size.
pub(crate) fn metered(facts: &mut Facts, source: &str, container: &str, gib: u128) {
    let (mut at, end) = (month("2025-01").start_ms(), month("2025-04").start_ms());
    while at < end {
        facts.meters.push(MeterPoint {
            source: source.to_owned(),
            provider: "aws".to_owned(),
            account: ACCOUNT.to_owned(),
            container: Some(container.to_owned()),
            start_ms: at,
            end_ms: at + DAY_MS,
            bytes: gib * GIB,
            statistic: Statistic::Average,
            first_row: RowRef {
                file_no: 1,
                row_no: 2,
            },
        });
        at += DAY_MS;
    }
}

pub(crate) fn placed(facts: &mut Facts, source: &str, container: &str, region: &str) {
    for month in quarter() {
        facts.regions.push(RegionFact {
            source: source.to_owned(),
            provider: "aws".to_owned(),
            account: ACCOUNT.to_owned(),
            container: Some(container.to_owned()),
            region: region.to_owned(),
            month: Some(month),
            rows: 10,
            first_row: RowRef {
                file_no: 1,
                row_no: 1,
            },
        });
    }
}

pub(crate) fn kind(facts: &mut Facts, source: &str, container: &str, kind: &str) {
    facts.kinds.push(KindFact {
        source: source.to_owned(),
        provider: "aws".to_owned(),
        account: ACCOUNT.to_owned(),
        container: container.to_owned(),
        template: "{yyyy}/{mm}/{dd}/{hex:32}.opus".to_owned(),
        kind: kind.to_owned(),
        objects: 1000,
        bytes: 5 * GIB,
        months: quarter().to_vec(),
        families_for: 3,
    });
}

pub(crate) fn charged(facts: &mut Facts, source: &str, service: &str) {
    for month in quarter() {
        facts.services.push(ServiceFact {
            source: source.to_owned(),
            provider: "aws".to_owned(),
            account: ACCOUNT.to_owned(),
            service_category: "Storage".to_owned(),
            service_name: service.to_owned(),
            month,
            rows: 3,
            first_row: RowRef {
                file_no: 1,
                row_no: 7,
            },
        });
    }
}

pub(crate) fn exhibit(facts: &mut Facts, id: &str, claim: &str, source: &str, side: Side) {
    facts.exhibits.push(ExhibitFact {
        id: id.to_owned(),
        claim: claim.to_owned(),
        side,
        source: source.to_owned(),
        file: "letter.eml".to_owned(),
        row: Some(1),
        quote: "we keep nothing of the kind".to_owned(),
        scheme: Scheme::Testimony,
        marked_by: "institute".to_owned(),
        date: "2025-08-02".to_owned(),
        recorded_at: Some(1_747_000_000),
        found: true,
    });
}

pub(crate) fn claim(id: &str, claimant: &str, rest: &str) -> String {
    format!(
        "[[claim]]\nid = \"{id}\"\ntext = \"we found nothing\"\nclaimant = [\"{claimant}\"]\nstated_at = 2025-06-20\nabout = [\"tenant\"]\n{rest}\n"
    )
}

pub(crate) fn input(register: &Register, facts: &Facts, claim: &str) -> Input {
    assemble(register, facts)
        .into_iter()
        .find(|input| input.claim.id == claim)
        .unwrap()
}

pub(crate) fn weigh(register: &Register, facts: &Facts, claim: &str) -> Verdict {
    evaluate(&input(register, facts, claim)).unwrap()
}

pub(crate) fn sentence<'a>(verdict: &'a Verdict, id: &str) -> &'a str {
    let found = verdict.sentences.iter().find(|s| s.id == id);
    found.map_or("", |sentence| &sentence.text)
}

/// A neutral claimant, two listings by different keepers, one bill; everything in eu-central-1.
pub(crate) fn absence_case() -> (Register, Facts) {
    let sources = [
        declared("list-a", "s3-inventory", "provider-storage", "provider"),
        declared("list-b", "s3-inventory", "auditor", "auditor"),
        declared("billing", "focus", "provider-finance", "provider"),
    ];
    let rest = format!(
        "{TEAMS}{}{}{}",
        claim(
            "C1",
            "institute",
            "template = \"not-in-region il-central-1\""
        ),
        claim(
            "C2",
            "institute",
            "template = \"not-in-region eu-central-1\""
        ),
        claim(
            "C3",
            "institute",
            "template = \"no-evidence-of recorded_calls\""
        ),
    );
    let register = register(&sources, &rest);
    let mut facts = Facts {
        sources: sources.iter().map(source).collect(),
        ..Facts::default()
    };
    for list in ["list-a", "list-b"] {
        listed(&mut facts, list, "archive", 100);
        placed(&mut facts, list, "archive", "eu-central-1");
        kind(&mut facts, list, "archive", "logs_telemetry");
    }
    billed(&mut facts, "billing", "100");
    (register, facts)
}
