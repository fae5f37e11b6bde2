//! A review built by hand: a fictional provider, tenant and leak, with every kind of verdict and
//! text that tries to break out of the page. Accounts and domains are reserved ones.

use std::collections::BTreeMap;

use plainview_register::{Account, Claim, ClaimKind, ClaimScope, StorageKind, Template};
use plainview_report::{
    AuthorityReview, CaseReview, ClaimReview, Coverage, Effect, FileReview, IndicatorsPublic,
    NoticeCounts, NoticeExample, NoticeGroup, PartyReview, Review, SCHEMA, ScopeReview,
    SourceReview, cannot_say,
};
use plainview_weigh::facts::{Integrity, RowRef, Scheme, Side};
use plainview_weigh::gates::GateResult;
use plainview_weigh::quantity::{Interval, Month};
use plainview_weigh::reconcile::{Amount, AmountKind, Reconciliation, Tolerance, pair};
use plainview_weigh::sentences;
use plainview_weigh::verdict::{
    ArgumentLine, ArgumentState, AsOf, AtMost, ItemLine, Outcome, Parts, Power, RestsOn, Runs,
    Sentence, Shares, Sides, Standard, Strength, TimelinePoint, Verdict,
};

mod days;
mod stores;

pub(crate) use stores::count_everywhere;

/// Text that tries to break out of wherever it is printed.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
/// A name whose visible order is turned around.
pub(crate) const TURNED: &str = "invoice-\u{202e}gnp.exe\u{202c}";

const ACCOUNT: &str = "111122223333";

fn text(word: &str) -> String {
    word.to_owned()
}

fn texts<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(text).to_vec()
}

pub(crate) fn review() -> Review {
    Review {
        schema: text(SCHEMA),
        register: format!("sha256:{}", "5e".repeat(32)),
        method: text("plainview method 1 (draft), plainview 0.0.0"),
        case: case(),
        claims: vec![
            full_list(),
            no_evidence(),
            not_in_region(),
            contested(),
            unaware(),
        ],
        stores: stores::stores(),
        reconciliation: reconciliation(),
        sources: sources(),
        coverage: coverage(),
        cannot_say: cannot_say(IndicatorsPublic::Unknown),
    }
}

fn case() -> CaseReview {
    let party = |id: &str, name: &str, role: &str| PartyReview {
        id: text(id),
        name: text(name),
        kind: text("organisation"),
        role: text(role),
    };
    CaseReview {
        id: text("demo"),
        title: text("Did the provider\u{2019}s own records list every store?"),
        fictional: true,
        authority: AuthorityReview {
            who: text("The reviewers named below"),
            basis: text("records disclosed by the provider under a court order"),
            approved_by: text("The Example District Court"),
            until: text("2026-12-31"),
        },
        scope: ScopeReview {
            from: text("2025-01-01"),
            to: text("2025-07-01"),
            accounts: texts(["aws/111122223333", "azure/contoso"]),
            stores: Vec::new(),
            measure: text("byte_hours"),
        },
        disclosure: text("public"),
        dispute_date: Some(text("2025-06-10")),
        parties: vec![
            party("provider", "Halden Cloud (fictional)", "provider"),
            party(
                "provider-storage",
                "Halden storage operations (fictional)",
                "team",
            ),
            party("provider-billing", "Halden billing (fictional)", "team"),
            party("tenant", "Norrland Signals Office (fictional)", "tenant"),
            party("auditor", "Example & Sons Auditors (fictional)", "auditor"),
            party("insider", "A former engineer (fictional)", "source"),
        ],
    }
}

fn claim(id: &str, quote: &str, template: Template) -> Claim {
    let day = |month, day| jiff::civil::date(2025, month, day);
    Claim {
        id: text(id),
        text: text(quote),
        claimant: texts(["provider"]),
        stated_at: day(6, 20),
        kind: ClaimKind::Template { template },
        about: texts(["tenant"]),
        scope: ClaimScope {
            accounts: vec![Account {
                provider: text("aws"),
                account: text(ACCOUNT),
            }],
            from: day(1, 1),
            to: day(7, 1),
        },
        residue: Vec::new(),
    }
}

fn runs(face: Outcome, base: Outcome) -> Runs {
    Runs {
        face,
        base,
        strict: base,
        no_claimant: Outcome::NotShown,
        disinterested_only: Outcome::NotShown,
    }
}

fn verdict(claim: &Claim, outcome: Outcome, sentence: String) -> Verdict {
    Verdict {
        schema: text("plainview.verdict/1"),
        claim: claim.id.clone(),
        text: claim.text.clone(),
        claimant: claim.claimant.clone(),
        template: text("full-list-of-stores"),
        predicate_kind: text("observable"),
        outcome,
        standard: Standard::Corroborated,
        level: 1,
        strength: Sides {
            pro: Strength::Scintilla,
            against: Strength::None,
        },
        k: Sides {
            pro: [0, 0, 0],
            against: [0, 0, 0],
        },
        reasons: Vec::new(),
        runs: runs(outcome, outcome),
        runs_by_standard: BTreeMap::new(),
        rests_on: BTreeMap::new(),
        reach: None,
        examined: None,
        power: None,
        at_most: None,
        reconciliation: Vec::new(),
        as_of: AsOf {
            valid: [text("2025-01-01"), text("2025-07-01")],
            known: text("2025-07-15T00:00:00Z"),
            then_held: Outcome::NotShown,
            then_and_now: None,
        },
        timeline: Vec::new(),
        open_challenges: Vec::new(),
        untested_terms: Vec::new(),
        lint: Vec::new(),
        witnesses: Sides {
            pro: Vec::new(),
            against: Vec::new(),
        },
        parts: None,
        arguments: Vec::new(),
        items: Vec::new(),
        sentences: vec![Sentence {
            id: text("outcome"),
            text: sentence,
        }],
        decide: Vec::new(),
        protocol: format!("sha256:{}", "5e".repeat(32)),
        bundle: format!("sha256:{}", "b0".repeat(32)),
        tool: text("plainview 0.0.0"),
    }
}

fn item(id: &str, source: &str, custodian: &str, integrity: Integrity, row: u64) -> ItemLine {
    ItemLine {
        id: text(id),
        source: text(source),
        custodian: text(custodian),
        integrity,
        integrity_because: text("The custodian declared it in writing."),
        self_serving: false,
        says: text("What the record says."),
        file: Some(text("2025-02/invoice.csv")),
        row: Some(RowRef {
            file_no: 0,
            row_no: row,
        }),
    }
}

fn argument(
    id: &str,
    side: Side,
    state: ArgumentState,
    says: &str,
    premises: &[&str],
) -> ArgumentLine {
    ArgumentLine {
        id: text(id),
        side,
        scheme: Scheme::RecordShows,
        premises: premises.iter().map(|id| text(id)).collect(),
        frame: Vec::new(),
        state,
        says: text(says),
        gates: Vec::new(),
    }
}

fn rests_on() -> BTreeMap<String, RestsOn> {
    BTreeMap::from([
        (
            text("source"),
            RestsOn {
                f: Some(2),
                sets: vec![texts(["billing", "metering"]), texts(["inventory"])],
                becomes: vec![Outcome::NotShown, Outcome::NotShown],
            },
        ),
        (
            text("custodian"),
            RestsOn {
                f: Some(1),
                sets: vec![texts(["insider"])],
                becomes: vec![Outcome::Contested],
            },
        ),
        (
            text("controller"),
            RestsOn {
                f: Some(1),
                sets: vec![texts(["provider"])],
                becomes: vec![Outcome::NotShown],
            },
        ),
    ])
}

fn arguments_about_the_list() -> Vec<ArgumentLine> {
    vec![
        argument(
            "a1",
            Side::Against,
            ArgumentState::Qualifying,
            "Billed storage exceeds what the list can hold by at least 3,409.5 GiB-months in March 2025.",
            &["i1"],
        ),
        argument(
            "a2",
            Side::Against,
            ArgumentState::Qualifying,
            "Metered storage exceeds what the list can hold in March 2025.",
            &["i2"],
        ),
        argument(
            "a3",
            Side::For,
            ArgumentState::SelfServing,
            HOSTILE,
            &["i9"],
        ),
    ]
}

fn items_about_the_list() -> Vec<ItemLine> {
    vec![
        item(
            "i1",
            "billing",
            "provider-billing",
            Integrity::Verified,
            1204,
        ),
        item(
            "i2",
            "metering",
            "provider-storage",
            Integrity::Verified,
            31,
        ),
        ItemLine {
            file: Some(text("home/watermark-7731/list.csv")),
            ..item("i9", "leak", "insider", Integrity::Unverified, 84_242)
        },
    ]
}

fn full_list() -> ClaimReview {
    let claim = claim(
        "C1",
        "This is the full list of the storage this customer holds with us.",
        Template::FullListOfStores {
            list: texts(["inventory"]),
        },
    );
    let custodians = texts(["provider-billing", "provider-storage"]);
    let lines = sentences::Lines {
        k: 2,
        k2: 1,
        own: 2,
        custodians: &custodians,
    };
    let mut verdict = verdict(
        &claim,
        Outcome::Contradicted,
        sentences::contradicted(lines),
    );
    verdict.runs = runs(Outcome::Contested, Outcome::Contradicted);
    verdict.sentences.push(Sentence {
        id: text("face"),
        text: sentences::face(Outcome::Contested, Outcome::Contradicted),
    });
    verdict.sentences.push(Sentence {
        id: text("rests_on"),
        text: sentences::rests_on("controller", &["Halden Cloud (fictional)".to_owned()]),
    });
    verdict.as_of.then_held = Outcome::Contradicted;
    verdict.sentences.extend(
        sentences::then_and_now(Outcome::Contradicted, Outcome::Contradicted).map(|sentence| {
            Sentence {
                id: text("then_held"),
                text: sentence,
            }
        }),
    );
    verdict.rests_on = rests_on();
    verdict.sentences.push(Sentence {
        id: text("rests_on"),
        text: sentences::rests_on("custodian", &["A former engineer (fictional)".to_owned()]),
    });
    verdict.lint = texts(["PV603"]);
    verdict.items = items_about_the_list();
    verdict.arguments = arguments_about_the_list();
    verdict.timeline = vec![
        TimelinePoint {
            known: text("2025-02-01T00:00:00Z"),
            outcome: Outcome::NotShown,
        },
        TimelinePoint {
            known: text("2025-04-03T00:00:00Z"),
            outcome: Outcome::Contradicted,
        },
    ];
    ClaimReview { claim, verdict }
}

fn absence_not_earned() -> ArgumentLine {
    let mut absence = argument(
        "a1",
        Side::For,
        ArgumentState::NotEarned,
        "No listed collection is consistent with recorded calls.",
        &[],
    );
    absence.scheme = Scheme::Absence;
    absence.gates = (1..=7)
        .map(|number| GateResult {
            gate: format!("G{number}"),
            pass: matches!(number, 3 | 5 | 7),
            why: text("As the records stand."),
        })
        .collect();
    absence
}

fn no_evidence() -> ClaimReview {
    let mut claim = claim(
        "C2",
        "We reviewed this and found no evidence of recorded calls being kept on our platform to \
         harm people.",
        Template::NoEvidenceOf {
            storage_kind: StorageKind::RecordedCalls,
        },
    );
    claim.residue = texts(["to harm people"]);
    let reasons = texts(["interested_only", "gate_G1", "latent_without_sensitivity"]);
    let decide = texts([
        "sealed known positives planted by a party without an interest",
        "an inventory of account aws/111122223333 for March 2025",
    ]);
    let sentence = sentences::not_shown(&reasons, &decide);
    let mut verdict = verdict(&claim, Outcome::NotShown, sentence);
    verdict.runs = runs(Outcome::Supported, Outcome::NotShown);
    verdict.reasons = reasons;
    verdict.decide = decide;
    verdict.untested_terms.clone_from(&claim.residue);
    verdict.parts = Some(Parts {
        literal: text("true"),
        unverified_hits: 1,
        capability: text("unknown"),
        capability_because: sentences::capability_unknown(1, 12, "store-month"),
        implied: Outcome::NotShown,
    });
    let share = |lo: &str, hi: &str| [text(lo), text(hi)];
    verdict.reach = Some(Shares {
        count: share("0.916666", "0.916667"),
        measure: share("0.604909", "0.642729"),
    });
    verdict.power = Some(Power {
        design_count: 1,
        units: 12,
        adversarial_reachable: text("unknown"),
        adversarial_stated: text("unknown"),
        sensitivity_lower: None,
        assumes_perfect_test: true,
    });
    verdict.at_most = Some(AtMost {
        units: None,
        of: 12,
        confidence: text("0.95"),
        unreached: 1,
        note: text(sentences::NOT_BOUNDED),
    });
    verdict.sentences.push(Sentence {
        id: text("found_none"),
        text: sentences::found_none(
            "true",
            &sentences::capability_unknown(1, 12, "store-month"),
            Outcome::NotShown,
        ),
    });
    verdict.sentences.push(Sentence {
        id: text("at_most"),
        text: sentences::no_bound("store-month", sentences::NOT_BOUNDED),
    });
    verdict.arguments = vec![absence_not_earned()];
    verdict.open_challenges = texts(["d1"]);
    ClaimReview { claim, verdict }
}

fn not_in_region() -> ClaimReview {
    let claim = claim(
        "C3",
        "None of it is stored in eu-north-1.",
        Template::NotInRegion {
            region: text("eu-north-1"),
        },
    );
    let custodians = texts([
        "Halden storage operations (fictional)",
        "Example & Sons Auditors",
    ]);
    let lines = sentences::Lines {
        k: 2,
        k2: 2,
        own: 1,
        custodians: &custodians,
    };
    let sentence = sentences::supported("0.958333", "corroborated", lines);
    let verdict = verdict(&claim, Outcome::Supported, sentence);
    ClaimReview { claim, verdict }
}

fn contested() -> ClaimReview {
    let claim = claim(
        "C4",
        "They are not a customer of speech recognition.",
        Template::NotACustomerOf {
            service: text("speech recognition"),
        },
    );
    let verdict = verdict(&claim, Outcome::Contested, sentences::contested());
    ClaimReview { claim, verdict }
}

fn unaware() -> ClaimReview {
    let claim = claim(
        "C5",
        HOSTILE,
        Template::UnawareUntil {
            until: jiff::civil::date(2025, 6, 1),
            persons: texts(["executive"]),
            topic: text("the store"),
        },
    );
    let sentence = sentences::not_tested(sentences::KNOWLEDGE_NOT_TESTED);
    let verdict = verdict(&claim, Outcome::NotTested, sentence);
    ClaimReview { claim, verdict }
}

/// What one source says of one account-month, in whole GiB-months.
fn amount(
    (provider, account): (&str, &str),
    month: u8,
    (kind, source): (AmountKind, &str),
    (lo, hi): (u128, Option<u128>),
) -> Amount {
    let month = Month::new(2025, month).unwrap();
    let one = (1_u128 << 30) * u128::from(month.hours()) * 3_600_000;
    Amount {
        provider: text(provider),
        account: text(account),
        month,
        kind,
        source: text(source),
        interval: Interval {
            lo: lo * one,
            hi: hi.map(|hi| hi * one),
        },
        notes: match kind {
            AmountKind::Listed => texts(["Listed bytes include 1% overhead for versions"]),
            _ => Vec::new(),
        },
    }
}

fn reconciliation() -> Vec<Reconciliation> {
    use AmountKind::{Billed, Listed, Metered};
    let (aws, azure) = (("aws", ACCOUNT), ("azure", "contoso"));
    let months = [
        (31_000, 30_000, Some(31_400)),
        (36_700, 36_000, Some(37_200)),
        (52_900, 47_000, Some(49_490)),
        (58_100, 47_900, Some(49_900)),
        (63_500, 48_600, Some(50_500)),
        (66_000, 20_000, None),
    ];
    let mut rows = Vec::new();
    for (month, (billed, lo, hi)) in (1_u8..).zip(months) {
        let bill = (billed, Some(billed + 1));
        let reading = (billed - 900, Some(billed + 700));
        let list = amount(aws, month, (Listed, "inventory"), (lo, hi));
        for frame in [
            amount(aws, month, (Billed, "billing"), bill),
            amount(aws, month, (Metered, "metering"), reading),
        ] {
            rows.push(pair(&frame, &list, &Tolerance::default()));
        }
    }
    for month in 1..=2 {
        let meter = amount(azure, month, (Metered, "metering"), (310, Some(318)));
        let list = amount(azure, month, (Listed, "blob-inventory"), (309, Some(316)));
        rows.push(pair(&meter, &list, &Tolerance::default()));
    }
    rows
}

fn sources() -> Vec<SourceReview> {
    let source = |id: &str, format: &str, custodian: &str, table: &str, rows: u64| SourceReview {
        id: text(id),
        format: text(format),
        custodian: Some(text(custodian)),
        controller: Some(text("provider")),
        kind: text("system-record"),
        delivery: text("guaranteed"),
        protected: false,
        acquired_at: Some(text("2025-07-15T00:00:00Z")),
        derived_from: Vec::new(),
        integrity: text("verified"),
        integrity_because: text(
            "The custodian declared on 15 July 2025 that these are the originals.",
        ),
        files: vec![FileReview {
            name: text(TURNED),
            rows,
            bytes: rows * 80,
            recognised: None,
        }],
        files_total: 1,
        bytes_total: rows * 80,
        tables: BTreeMap::from([(text(table), rows)]),
        notices: NoticeCounts {
            lost: 1,
            unread: 4,
            doubt: 0,
        },
    };
    vec![
        SourceReview {
            kind: text("business-record"),
            ..source("billing", "focus", "provider-billing", "charges", 21_400)
        },
        SourceReview {
            integrity: text("unverified"),
            integrity_because: text("Checksums match, which alone verifies nothing."),
            ..source(
                "inventory",
                "s3-inventory",
                "provider-storage",
                "objects",
                1_204_331,
            )
        },
        SourceReview {
            protected: true,
            controller: Some(text("insider")),
            kind: text("statement"),
            integrity: text("unverified"),
            integrity_because: text("Nothing was checked; insider handed it over."),
            files: vec![FileReview {
                name: text("home/watermark-7731/list.csv"),
                rows: 98_765,
                bytes: 7_654_321,
                recognised: None,
            }],
            files_total: 1,
            bytes_total: 7_654_321,
            ..source("leak", "table", "insider", "objects", 98_765)
        },
    ]
}

fn coverage() -> Coverage {
    let group = |effect, source: &str, code: &str, message: &str, rows, examples| NoticeGroup {
        effect,
        source: text(source),
        code: text(code),
        message: text(message),
        notices: 3,
        rows_affected: rows,
        expected: effect == Effect::Doubt,
        examples,
    };
    let example = |file: &str, row, found: &str| NoticeExample {
        file: Some(text(file)),
        row,
        found: text(found),
        expected: text("an integer"),
    };
    Coverage {
        groups: vec![
            group(
                Effect::Lost,
                "inventory",
                "file-cut-short",
                "A file ends in the middle of a row.",
                40_112,
                vec![
                    example("data/part-0003.csv.gz", Some(77_001), HOSTILE),
                    example(&"x".repeat(900), None, ""),
                ],
            ),
            group(
                Effect::Lost,
                "leak",
                "bad-row",
                "A row could not be read.",
                17,
                vec![example("home/watermark-7731/list.csv", Some(84_242), "n/a")],
            ),
            group(
                Effect::Doubt,
                "billing",
                "negative-cost",
                "A cost is negative.",
                3,
                Vec::new(),
            ),
        ],
        ledger: days::ledger(),
        gaps: days::gaps(),
        gaps_total: 2,
        acts: days::acts(),
        control_totals: days::control_totals(),
    }
}
