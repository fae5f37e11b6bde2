//! Cell by cell, from evidence written by hand: January 2025 has day numbers 20089 to 20119.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::gaps::{LostFiles, Restart};
use crate::ledger::{By, Counted, Held, Named, StoreEvent, groups, strips};

const FROM: Day = Day(20_089);
const UNTIL: Day = Day(20_120);
const A: &str = "aws/111122223333";
const B: &str = "aws/444455556666";

fn day(n: i64) -> Day {
    Day(FROM.0 + n - 1)
}

/// Days of January, the last included.
fn days(first: i64, last: i64) -> Days {
    (day(first), day(last + 1))
}

fn named(account: &str, store: &str) -> Named {
    Named {
        account: account.to_owned(),
        store: store.to_owned(),
        by: KnownBy::Charge,
        days: None,
    }
}

fn read(kind: Kind, account: &str, store: Option<&str>, source: &str, days: Option<Days>) -> Read {
    Read {
        kind,
        account: account.to_owned(),
        store: store.map(str::to_owned),
        source: source.to_owned(),
        days,
    }
}

/// Two stores in A, one in B; both listed and billed all month, A's first with a log on ten days.
fn evidence() -> Evidence {
    Evidence {
        days: (FROM, UNTIL),
        accounts: BTreeSet::from([A.to_owned(), B.to_owned()]),
        named: vec![named(A, "calls"), named(A, "web"), named(B, "bread")],
        read: vec![
            read(
                Kind::Objects,
                A,
                Some("calls"),
                "inventory",
                Some(days(1, 31)),
            ),
            read(
                Kind::Objects,
                A,
                Some("web"),
                "inventory",
                Some(days(1, 31)),
            ),
            read(
                Kind::Objects,
                B,
                Some("bread"),
                "inventory",
                Some(days(1, 31)),
            ),
            read(Kind::Charges, A, None, "invoices", Some(days(1, 31))),
            read(Kind::Charges, B, None, "invoices", Some(days(1, 31))),
            read(Kind::Requests, A, Some("calls"), "log", Some(days(5, 14))),
        ],
        ..Evidence::default()
    }
}

/// The days of one row that are in a state, as days of January, the last included.
fn in_state(
    ledger: &Ledger,
    account: &str,
    store: Option<&str>,
    kind: Kind,
    state: State,
) -> Vec<(i64, i64)> {
    ledger
        .rows
        .iter()
        .filter(|r| r.account == account && r.store.as_deref() == store && r.kind == kind)
        .flat_map(|r| &r.runs)
        .filter(|run| run.2 == state)
        .map(|run| (run.0.0 - FROM.0 + 1, run.1.0 - FROM.0))
        .collect()
}

#[test]
fn days_are_written_as_dates() {
    assert_eq!(FROM.to_string(), "2025-01-01");
    assert_eq!(UNTIL.month(), "2025-02");
    assert_eq!(
        serde_json::to_string(&Run(FROM, UNTIL, State::Presence)).unwrap(),
        r#"["2025-01-01","2025-02-01","presence-only"]"#
    );
    assert_eq!(Day::after_ms(FROM.start_ms()), FROM);
    assert_eq!(Day::after_ms(FROM.start_ms() + 1), day(2));
}

#[test]
fn what_was_read_is_reviewed_and_the_rest_is_not_assumed() {
    let ledger = ledger(&evidence());
    // 3 stores x 3 kinds, 2 accounts x 3 kinds.
    assert_eq!(ledger.rows.len(), 15);
    assert_eq!(
        in_state(&ledger, A, Some("calls"), Kind::Objects, State::Reviewed),
        [(1, 31)]
    );
    assert_eq!(
        in_state(&ledger, A, Some("calls"), Kind::Requests, State::Presence),
        [(5, 14)]
    );
    assert_eq!(
        in_state(&ledger, A, Some("calls"), Kind::Requests, State::Unknown),
        [(1, 4), (15, 31)]
    );
    assert_eq!(
        in_state(&ledger, B, None, Kind::Charges, State::Reviewed),
        [(1, 31)]
    );
    assert_eq!(
        in_state(&ledger, B, None, Kind::Activity, State::Unknown),
        [(1, 31)]
    );
    assert!(ledger.notes.contains(&say::BEST_EFFORT.to_owned()));
    let by_kind = groups(&ledger, By::Kind);
    assert_eq!(by_kind[0].kind, Kind::Objects);
    assert_eq!(by_kind[0].days, BTreeMap::from([(State::Reviewed, 93)]));
    assert_eq!(
        by_kind[1].days,
        BTreeMap::from([(State::Presence, 10), (State::Unknown, 83)])
    );
    assert_eq!(by_kind[1].reviewed, ["0.000000", "0.000000"]);
}

#[test]
fn taking_one_listing_away_takes_its_cells_and_no_other() {
    let before = ledger(&evidence());
    let mut evidence = evidence();
    evidence
        .read
        .retain(|r| !(r.kind == Kind::Objects && r.store.as_deref() == Some("web")));
    let after = ledger(&evidence);
    assert_eq!(before.rows.len(), after.rows.len());
    for (old, new) in before.rows.iter().zip(&after.rows) {
        let changed = old.kind == Kind::Objects && old.store.as_deref() == Some("web");
        assert_eq!(old.runs != new.runs, changed, "{old:?}");
    }
    assert_eq!(
        in_state(&after, A, Some("web"), Kind::Objects, State::Unknown),
        [(1, 31)]
    );
}

#[test]
fn a_store_lives_from_its_beginning_to_its_end() {
    let mut evidence = evidence();
    let event = |day_no, created| StoreEvent {
        account: A.to_owned(),
        store: "web".to_owned(),
        day: day(day_no),
        created,
    };
    evidence.read.retain(|r| r.store.as_deref() != Some("web"));
    evidence.events = vec![event(20, false), event(10, true), event(25, true)];
    let made = ledger(&evidence);
    assert_eq!(
        in_state(&made, A, Some("web"), Kind::Objects, State::Unknown),
        [(10, 20), (25, 31)]
    );
    // A record that names it earlier is not overruled by an event.
    evidence.named.push(Named {
        days: Some(days(3, 4)),
        ..named(A, "web")
    });
    let named = ledger(&evidence);
    assert_eq!(
        in_state(&named, A, Some("web"), Kind::Objects, State::Unknown),
        [(3, 4), (10, 20), (25, 31)]
    );
    evidence.named.pop();
    evidence.events = vec![event(20, false)];
    let ended = ledger(&evidence);
    assert_eq!(
        in_state(&ended, A, Some("web"), Kind::Objects, State::Unknown),
        [(1, 20)]
    );
}

fn trail(hours: impl Fn(i64) -> bool, lost: Vec<LostFiles>) -> LogSeries {
    let hour = 3_600_000;
    let spans: Vec<(i64, i64)> = (0..31 * 24)
        .filter(|h| hours(*h))
        .map(|h| (FROM.start_ms() + h * hour, FROM.start_ms() + (h + 1) * hour))
        .collect();
    LogSeries {
        source: "log".to_owned(),
        provider: "aws".to_owned(),
        account: "111122223333".to_owned(),
        region: None,
        covered: union(&spans),
        restarts: Vec::new(),
        lost,
    }
}

#[test]
fn digests_make_days_whole_and_two_in_a_row_take_one_day() {
    let mut evidence = evidence();
    evidence.logs = vec![trail(|_| true, Vec::new())];
    let whole = ledger(&evidence);
    assert_eq!(
        in_state(&whole, A, None, Kind::Activity, State::Reviewed),
        [(1, 31)]
    );
    assert_eq!(
        in_state(&whole, A, Some("calls"), Kind::Requests, State::Reviewed),
        [(1, 31)]
    );
    // The trail holds no request to this store, so it need not record any.
    assert_eq!(
        in_state(&whole, A, Some("web"), Kind::Requests, State::Unknown),
        [(1, 31)]
    );
    // Hours 50 and 51 are on the third day.
    evidence.logs = vec![trail(|h| h != 50 && h != 51, Vec::new())];
    let broken = ledger(&evidence);
    for (kind, store) in [(Kind::Activity, None), (Kind::Requests, Some("calls"))] {
        assert_eq!(in_state(&broken, A, store, kind, State::Missing), [(3, 3)]);
        assert_eq!(
            in_state(&broken, A, store, kind, State::Reviewed),
            [(1, 2), (4, 31)]
        );
    }
    // A named file that is not here takes its day too.
    let from = day(7).start_ms();
    let lost = LostFiles {
        from_ms: from,
        until_ms: from + 3_600_000,
        altered: false,
        files: 1,
    };
    evidence.logs = vec![trail(|_| true, vec![lost])];
    let lost = ledger(&evidence);
    assert_eq!(
        in_state(&lost, A, None, Kind::Activity, State::Missing),
        [(7, 7)]
    );
}

#[test]
fn before_logging_was_started_nothing_is_missing() {
    let mut evidence = evidence();
    let mut log = trail(|h| h >= 240, Vec::new());
    log.restarts = vec![Restart {
        at_ms: day(11).start_ms(),
        kind: RestartKind::Start,
    }];
    evidence.logs = vec![log.clone()];
    let made = ledger(&evidence);
    assert_eq!(
        in_state(&made, A, None, Kind::Activity, State::Unknown),
        [(1, 10)]
    );
    log.restarts.clear();
    evidence.logs = vec![log];
    let made = ledger(&evidence);
    assert_eq!(
        in_state(&made, A, None, Kind::Activity, State::Missing),
        [(1, 10)]
    );
}

#[test]
fn counted_requests_without_a_log_are_missing() {
    let mut evidence = evidence();
    let count = |store: Option<&str>, first, last| Counted {
        account: A.to_owned(),
        store: store.map(str::to_owned),
        days: days(first, last),
    };
    // Days 14 and 15 by themselves, a week that the log touches, and one that it does not.
    evidence.counted = vec![
        count(Some("calls"), 14, 14),
        count(Some("calls"), 15, 15),
        count(Some("calls"), 1, 7),
        count(Some("calls"), 20, 26),
        count(None, 10, 10),
        count(None, 31, 31),
    ];
    let made = ledger(&evidence);
    assert_eq!(
        in_state(&made, A, Some("calls"), Kind::Requests, State::Missing),
        [(15, 15), (20, 26), (31, 31)]
    );
    assert_eq!(
        in_state(&made, A, Some("web"), Kind::Requests, State::Missing),
        [(31, 31)]
    );
}

#[test]
fn losses_and_refusals_stay_where_they_are() {
    let mut evidence = evidence();
    evidence.lost = vec![Lost {
        source: "inventory".to_owned(),
        kind: Kind::Objects,
        account: Some(A.to_owned()),
        store: Some("calls".to_owned()),
        days: None,
    }];
    evidence.held = vec![
        Held {
            account: A.to_owned(),
            store: None,
            kinds: BTreeSet::from([Kind::Requests]),
            days: days(1, 10),
            denied: false,
        },
        Held {
            account: B.to_owned(),
            store: None,
            kinds: BTreeSet::from([Kind::Activity]),
            days: days(1, 31),
            denied: true,
        },
    ];
    let made = ledger(&evidence);
    assert_eq!(
        in_state(&made, A, Some("calls"), Kind::Objects, State::Unreadable),
        [(1, 31)]
    );
    assert_eq!(
        in_state(&made, A, Some("web"), Kind::Objects, State::Reviewed),
        [(1, 31)]
    );
    assert_eq!(
        in_state(&made, A, Some("calls"), Kind::Requests, State::Withheld),
        [(1, 10)]
    );
    assert_eq!(
        in_state(&made, A, Some("calls"), Kind::Requests, State::Presence),
        [(11, 14)]
    );
    assert_eq!(
        in_state(&made, B, None, Kind::Activity, State::Denied),
        [(1, 31)]
    );
    // Another source that read it in full makes up for the loss.
    evidence.read.push(read(
        Kind::Objects,
        A,
        Some("calls"),
        "audit",
        Some(days(1, 31)),
    ));
    let made = ledger(&evidence);
    assert_eq!(
        in_state(&made, A, Some("calls"), Kind::Objects, State::Reviewed),
        [(1, 31)]
    );
}

#[test]
fn a_failing_register_opens_the_account_it_lacks() {
    let mut evidence = evidence();
    let before = groups(&ledger(&evidence), By::Account);
    evidence
        .read
        .retain(|r| !(r.kind == Kind::Charges && r.account == B));
    evidence.failed = BTreeSet::from(["invoices".to_owned()]);
    let made = ledger(&evidence);
    assert_eq!(
        made.open,
        BTreeMap::from([(B.to_owned(), "invoices".to_owned())])
    );
    for row in made.rows.iter().filter(|r| r.account == B) {
        assert_eq!(row.runs, [Run(FROM, UNTIL, State::Unknown)], "{row:?}");
    }
    assert_eq!(
        in_state(&made, A, None, Kind::Charges, State::Unknown),
        [(1, 31)]
    );
    assert_eq!(
        in_state(&made, A, Some("calls"), Kind::Objects, State::Reviewed),
        [(1, 31)]
    );
    for (old, new) in before.iter().zip(groups(&made, By::Account)) {
        assert!(new.reviewed[0] <= old.reviewed[0], "{old:?} {new:?}");
        if new.name == B {
            assert_eq!(new.reviewed[0], "0.000000");
        }
    }
}

#[test]
fn stores_outside_the_scope_are_shown_and_not_counted() {
    let mut evidence = evidence();
    evidence.stores = BTreeSet::from([(A.to_owned(), "calls".to_owned())]);
    evidence.read.push(read(
        Kind::Charges,
        "aws/123456789012",
        None,
        "invoices",
        Some(days(1, 31)),
    ));
    let made = ledger(&evidence);
    assert_eq!(
        in_state(&made, A, Some("web"), Kind::Objects, State::OutOfScope),
        [(1, 31)]
    );
    assert_eq!(
        in_state(
            &made,
            "aws/123456789012",
            None,
            Kind::Charges,
            State::OutOfScope
        ),
        [(1, 31)]
    );
    let objects = &groups(&made, By::Account)[0];
    assert_eq!((objects.name.as_str(), objects.kind), (A, Kind::Objects));
    assert_eq!(objects.reviewed, ["1.000000", "1.000000"]);
}

#[test]
fn strips_add_up_to_the_rows() {
    let made = ledger(&evidence());
    let strips = strips(&made);
    let requests = strips
        .iter()
        .find(|s| s.account == A && s.kind == Kind::Requests)
        .unwrap();
    let two_unknown = BTreeMap::from([(State::Unknown, 2)]);
    let mixed = BTreeMap::from([(State::Presence, 1), (State::Unknown, 1)]);
    assert_eq!(
        requests.runs,
        [
            (day(1), day(5), two_unknown.clone()),
            (day(5), day(15), mixed),
            (day(15), UNTIL, two_unknown),
        ]
    );
}

#[test]
fn order_never_matters() {
    let mut evidence = evidence();
    evidence.logs = vec![trail(|h| h != 3, Vec::new())];
    let before = ledger(&evidence);
    evidence.read.reverse();
    evidence.named.reverse();
    assert_eq!(before, ledger(&evidence));
}
