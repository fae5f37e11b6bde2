//! From evidence to the ledger: one byte per day while a row is made, runs when it is done.

use std::collections::{BTreeMap, BTreeSet};

use super::{DAY_MS, Day, Days, Evidence, Kind, KnownBy, Ledger, Lost, Read, Row, Run, State};
use crate::gaps::{LogSeries, RestartKind, union};
use crate::sentences::coverage as say;

/// A store or an account as a whole.
type Place = (String, Option<String>);

/// Builds the ledger. The same evidence in any order gives the same rows.
#[must_use]
pub fn ledger(evidence: &Evidence) -> Ledger {
    let mut build = Build::new(evidence);
    let mut rows = Vec::new();
    for (account, store) in build.places() {
        for kind in Kind::ALL {
            if kind.of_stores() == store.is_some() || build.storeless(&account, store.as_ref()) {
                rows.extend(build.row(&account, store.as_deref(), kind));
            }
        }
    }
    rows.sort_by(|a, b| (&a.account, a.kind, &a.store).cmp(&(&b.account, b.kind, &b.store)));
    let notes = build.notes(&rows);
    Ledger {
        from: evidence.days.0,
        until: evidence.days.1,
        rows,
        open: std::mem::take(&mut build.open),
        notes,
    }
}

/// What is known of one store.
#[derive(Debug, Default)]
struct Store {
    by: BTreeSet<KnownBy>,
    named: Vec<Days>,
    events: BTreeSet<(Day, bool)>,
}

/// Records of one account and kind, by store.
type ByStore<'a> = BTreeMap<Option<&'a str>, Vec<&'a Read>>;

/// What one source's digests say of an account: days they cover in full, and days they show to be missing.
struct Digests {
    full: Vec<Days>,
    gaps: Vec<Days>,
}

struct Build<'a> {
    evidence: &'a Evidence,
    stores: BTreeMap<(String, String), Store>,
    /// Accounts of which a store is known.
    stored: BTreeSet<String>,
    read: BTreeMap<(&'a str, Kind), ByStore<'a>>,
    lost: BTreeMap<Kind, Vec<&'a Lost>>,
    /// By account and source.
    digests: BTreeMap<(String, &'a str), Digests>,
    /// By account and store.
    counted: BTreeMap<(&'a str, Option<&'a str>), Vec<Days>>,
    /// Days on which some log has a request to some store of the account.
    requested: BTreeMap<&'a str, Vec<(i64, i64)>>,
    open: BTreeMap<String, String>,
}

impl<'a> Build<'a> {
    fn new(evidence: &'a Evidence) -> Self {
        let mut read: BTreeMap<(&str, Kind), ByStore<'_>> = BTreeMap::new();
        let mut requested: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
        for one in &evidence.read {
            let by_store = read.entry((&one.account, one.kind)).or_default();
            by_store.entry(one.store.as_deref()).or_default().push(one);
            if let (Kind::Requests, Some((from, until))) = (one.kind, one.days) {
                requested
                    .entry(&one.account)
                    .or_default()
                    .push((from.0, until.0));
            }
        }
        for spans in requested.values_mut() {
            *spans = union(spans);
        }
        let mut lost: BTreeMap<Kind, Vec<&Lost>> = BTreeMap::new();
        for one in &evidence.lost {
            lost.entry(one.kind).or_default().push(one);
        }
        let mut counted: BTreeMap<(&str, Option<&str>), Vec<Days>> = BTreeMap::new();
        for one in &evidence.counted {
            counted
                .entry((&one.account, one.store.as_deref()))
                .or_default()
                .push(one.days);
        }
        let stores = stores(evidence);
        let mut build = Self {
            evidence,
            stored: stores.keys().map(|(account, _)| account.clone()).collect(),
            stores,
            read,
            lost,
            digests: digests(evidence),
            counted,
            requested,
            open: BTreeMap::new(),
        };
        build.open = build.open_accounts();
        build
    }

    /// Accounts of the scope, their stores, and accounts that records name outside it.
    fn places(&self) -> Vec<Place> {
        let mut places: BTreeSet<Place> = BTreeSet::new();
        for account in &self.evidence.accounts {
            places.insert((account.clone(), None));
        }
        for (account, store) in self.stores.keys() {
            if self.evidence.accounts.contains(account) {
                places.insert((account.clone(), Some(store.clone())));
            }
        }
        for one in &self.evidence.read {
            if !self.evidence.accounts.contains(&one.account) {
                places.insert((one.account.clone(), None));
            }
        }
        places.into_iter().collect()
    }

    /// Whether nothing names a store of the account, so that cells of stores are kept for it as a whole.
    fn storeless(&self, account: &str, store: Option<&String>) -> bool {
        store.is_none()
            && (!self.evidence.accounts.contains(account) || !self.stored.contains(account))
    }

    /// Accounts that a failing register of charges, meters or resources should name and does not, and that
    /// no sound register of the kind names either.
    fn open_accounts(&self) -> BTreeMap<String, String> {
        let mut open = BTreeMap::new();
        for source in &self.evidence.failed {
            for kind in [Kind::Charges, Kind::Metering, Kind::Resources] {
                let of_kind = || self.evidence.read.iter().filter(|one| one.kind == kind);
                let providers: BTreeSet<&str> = of_kind()
                    .filter(|one| one.source == *source)
                    .map(|one| provider(&one.account))
                    .collect();
                for account in &self.evidence.accounts {
                    let named = of_kind().any(|one| {
                        one.account == *account
                            && (one.source == *source
                                || !self.evidence.failed.contains(&one.source))
                    });
                    if !named && providers.contains(provider(account)) {
                        open.insert(account.clone(), source.clone());
                    }
                }
            }
        }
        open
    }

    fn row(&self, account: &str, store: Option<&str>, kind: Kind) -> Option<Row> {
        let outside = !self.evidence.accounts.contains(account)
            || store.is_some_and(|store| {
                !self.evidence.stores.is_empty()
                    && !self
                        .evidence
                        .stores
                        .contains(&(account.to_owned(), store.to_owned()))
            });
        let known =
            store.and_then(|store| self.stores.get(&(account.to_owned(), store.to_owned())));
        let alive = known.map_or_else(
            || vec![self.evidence.days],
            |known| lifetime(known, self.evidence.days),
        );
        let mut row = Painter::new(self.evidence.days, &alive, outside);
        if outside {
            let named = self.read.contains_key(&(account, kind));
            if !named && store.is_none() {
                return None;
            }
        } else {
            self.paint(&mut row, account, store, kind);
        }
        let runs = row.runs();
        (!runs.is_empty()).then(|| Row {
            account: account.to_owned(),
            store: store.map(str::to_owned),
            kind,
            known_by: known.map(|known| known.by.clone()).unwrap_or_default(),
            sources: row.sources,
            runs,
        })
    }

    /// Weak states first; a stronger one paints over them.
    fn paint(&self, row: &mut Painter, account: &str, store: Option<&str>, kind: Kind) {
        let sound = self.sound(account, store, kind);
        let lost: Vec<&Lost> = self
            .lost
            .get(&kind)
            .into_iter()
            .flatten()
            .copied()
            .filter(|one| {
                one.account.as_deref().is_none_or(|of| of == account)
                    && (store.is_none() || one.store.is_none() || one.store.as_deref() == store)
            })
            .collect();
        let is_log = matches!(kind, Kind::Requests | Kind::Activity);
        let digests = if is_log {
            self.digests_of(account, &sound, kind)
        } else {
            Vec::new()
        };
        if kind == Kind::Requests {
            for days in self.uncounted(account, store, &sound) {
                row.set(days, State::Missing, None);
            }
        }
        if is_log {
            for one in &sound {
                row.set(
                    one.days.unwrap_or(row.days),
                    State::Presence,
                    Some(&one.source),
                );
            }
            for (source, digests) in &digests {
                for days in &digests.gaps {
                    row.set(*days, State::Missing, Some(source));
                }
            }
        }
        self.paint_held(row, account, store, kind);
        for one in &lost {
            row.set(
                one.days.unwrap_or(row.days),
                State::Unreadable,
                Some(&one.source),
            );
        }
        let mut whole: Vec<(&str, Vec<Days>)> = Vec::new();
        if is_log {
            whole.extend(
                digests
                    .iter()
                    .map(|(s, digests)| (*s, digests.full.clone())),
            );
        } else {
            for one in &sound {
                whole.push((&one.source, vec![one.days.unwrap_or(row.days)]));
            }
        }
        for (source, days) in whole {
            for span in days {
                row.reviewed(span, source, &lost);
            }
        }
        if self.open.contains_key(account) {
            row.open();
        }
    }

    fn paint_held(&self, row: &mut Painter, account: &str, store: Option<&str>, kind: Kind) {
        for denied in [false, true] {
            let state = if denied {
                State::Denied
            } else {
                State::Withheld
            };
            for held in &self.evidence.held {
                let here = held.account == account
                    && held.kinds.contains(&kind)
                    && held.denied == denied
                    && (held.store.is_none() || held.store.as_deref() == store);
                if here {
                    row.set(held.days, state, None);
                }
            }
        }
    }

    /// What was read of the row, from sources that fail no control total: of its own store, of its whole
    /// account where the kind is metered, or of anything of the account for kinds of the account.
    fn sound(&self, account: &str, store: Option<&str>, kind: Kind) -> Vec<&'a Read> {
        let Some(by_store) = self.read.get(&(account, kind)) else {
            return Vec::new();
        };
        let lists: Vec<&Vec<&Read>> = match store {
            None => by_store.values().collect(),
            Some(_) if kind == Kind::Metering => [by_store.get(&store), by_store.get(&None)]
                .into_iter()
                .flatten()
                .collect(),
            Some(_) => by_store.get(&store).into_iter().collect(),
        };
        lists
            .into_iter()
            .flatten()
            .copied()
            .filter(|one| !self.evidence.failed.contains(&one.source))
            .collect()
    }

    /// Sources whose digests speak of the row. A trail need not record requests, so it speaks of those to a
    /// store only when it holds some.
    fn digests_of(&self, account: &str, sound: &[&Read], kind: Kind) -> Vec<(&'a str, &Digests)> {
        self.digests
            .range((account.to_owned(), "")..)
            .take_while(|((owner, _), _)| owner == account)
            .filter(|((_, source), _)| {
                !self.evidence.failed.contains(*source)
                    && (kind == Kind::Activity || sound.iter().any(|one| one.source == *source))
            })
            .map(|((_, source), digests)| (*source, digests))
            .collect()
    }

    /// Days on which bills or meters count requests of which no log holds any. A count of a whole account
    /// says nothing of one store while the log holds requests to another; a count of several days says
    /// nothing of one of them while the log holds some of another.
    fn uncounted(&self, account: &str, store: Option<&str>, sound: &[&Read]) -> Vec<Days> {
        let own: Vec<(i64, i64)> = sound
            .iter()
            .filter_map(|one| one.days)
            .map(|(from, until)| (from.0, until.0))
            .collect();
        let any = self.requested.get(account).map_or(&[][..], Vec::as_slice);
        let mut asked = vec![(None, any)];
        if store.is_some() {
            asked.push((store, &own[..]));
        }
        let mut out = Vec::new();
        for (key, seen) in asked {
            let counted = self.counted.get(&(account, key)).into_iter().flatten();
            out.extend(counted.copied().filter(|days| {
                !seen
                    .iter()
                    .any(|(from, until)| *from < days.1.0 && days.0.0 < *until)
            }));
        }
        out
    }

    fn notes(&self, rows: &[Row]) -> Vec<String> {
        let mut notes = Vec::new();
        let only = |by: &BTreeSet<KnownBy>| *by == BTreeSet::from([KnownBy::Reading]);
        let by_reading: BTreeSet<(&str, &Option<String>)> = rows
            .iter()
            .filter(|row| row.store.is_some() && only(&row.known_by))
            .map(|row| (row.account.as_str(), &row.store))
            .collect();
        if !by_reading.is_empty() {
            notes.push(say::known_by_reading(by_reading.len() as u64));
        }
        for (account, source) in &self.open {
            notes.push(say::open_account(account, source));
        }
        let presence = |run: &Run| run.2 == State::Presence;
        if rows.iter().any(|row| row.runs.iter().any(presence)) {
            notes.push(say::BEST_EFFORT.to_owned());
        }
        notes
    }
}

fn provider(account: &str) -> &str {
    account.split('/').next().unwrap_or(account)
}

/// Every store that any record names.
fn stores(evidence: &Evidence) -> BTreeMap<(String, String), Store> {
    let mut stores: BTreeMap<(String, String), Store> = BTreeMap::new();
    for one in &evidence.named {
        let store = stores
            .entry((one.account.clone(), one.store.clone()))
            .or_default();
        store.by.insert(one.by);
        store.named.extend(one.days);
    }
    for (account, store) in &evidence.stores {
        let known = stores.entry((account.clone(), store.clone())).or_default();
        known.by.insert(KnownBy::Register);
    }
    for event in &evidence.events {
        let store = stores
            .entry((event.account.clone(), event.store.clone()))
            .or_default();
        store.by.insert(KnownBy::Event);
        store.events.insert((event.day, event.created));
    }
    stores
}

/// The days of the scope on which a store existed: all of them, but for what certain events exclude and no
/// record contradicts.
fn lifetime(store: &Store, scope: Days) -> Vec<Days> {
    let mut spans: Vec<(i64, i64)> = store.named.iter().map(|(a, b)| (a.0, b.0)).collect();
    // On one day an end stands before a beginning, so that the longer life is assumed.
    let mut start = match store.events.first() {
        Some((_, true)) => None,
        _ => Some(scope.0.0),
    };
    for (day, created) in &store.events {
        match (created, start) {
            (true, None) => start = Some(day.0),
            (false, Some(from)) => {
                spans.push((from, day.0 + 1));
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        spans.push((from, scope.1.0));
    }
    union(&spans)
        .into_iter()
        .map(|(a, b)| (Day(a.max(scope.0.0)), Day(b.min(scope.1.0))))
        .filter(|(a, b)| a < b)
        .collect()
}

fn digests(evidence: &Evidence) -> BTreeMap<(String, &str), Digests> {
    let mut logs: BTreeMap<(String, &str), Vec<&LogSeries>> = BTreeMap::new();
    // A log that states nothing of its own completeness has no digests to judge it by.
    for log in evidence.logs.iter().filter(|log| !log.covered.is_empty()) {
        let account = format!("{}/{}", log.provider, log.account);
        logs.entry((account, &log.source)).or_default().push(log);
    }
    logs.into_iter()
        .map(|(key, series)| (key, full_days(&series, evidence.days)))
        .collect()
}

/// Days that every region's digests cover soundly, and the others; days before logging was started anywhere
/// are neither.
fn full_days(series: &[&LogSeries], scope: Days) -> Digests {
    let period = (scope.0.start_ms(), scope.1.start_ms());
    let sound: Vec<Vec<(i64, i64)>> = series.iter().map(|log| log.sound(period)).collect();
    let began = |log: &&LogSeries| {
        let first = log.covered.first()?.0;
        log.restarts
            .iter()
            .any(|r| r.kind == RestartKind::Start && r.at_ms == first)
            .then_some(Day::of_ms(first))
    };
    let starts: Option<Vec<Day>> = series.iter().map(began).collect();
    let begin = starts
        .and_then(|starts| starts.into_iter().min())
        .unwrap_or(scope.0);
    let (mut full, mut gaps) = (Vec::new(), Vec::new());
    for day in scope.0.0..scope.1.0 {
        let (from, until) = (day * DAY_MS, (day + 1) * DAY_MS);
        let covered = sound
            .iter()
            .all(|spans| spans.iter().any(|(a, b)| *a <= from && until <= *b));
        if covered {
            full.push((day, day + 1));
        } else if Day(day) >= begin {
            gaps.push((day, day + 1));
        }
    }
    let days = |spans: &[(i64, i64)]| {
        let merged = union(spans).into_iter();
        merged.map(|(a, b)| (Day(a), Day(b))).collect()
    };
    Digests {
        full: days(&full),
        gaps: days(&gaps),
    }
}

/// The days of one row while it is made.
struct Painter {
    days: Days,
    cells: Vec<Option<State>>,
    sources: BTreeSet<String>,
}

impl Painter {
    fn new(days: Days, alive: &[Days], outside: bool) -> Self {
        let length = usize::try_from(days.1.0 - days.0.0).unwrap_or(0);
        let mut painter = Self {
            days,
            cells: vec![None; length],
            sources: BTreeSet::new(),
        };
        let first = if outside {
            State::OutOfScope
        } else {
            State::Unknown
        };
        for span in alive {
            for at in painter.range(*span) {
                painter.cells[at] = Some(first);
            }
        }
        painter
    }

    fn range(&self, (from, until): Days) -> std::ops::Range<usize> {
        let at = |day: Day| {
            usize::try_from((day.0 - self.days.0.0).max(0))
                .unwrap_or(0)
                .min(self.cells.len())
        };
        let (from, until) = (at(from), at(until));
        from..until.max(from)
    }

    fn set(&mut self, days: Days, state: State, source: Option<&str>) {
        let mut painted = false;
        for at in self.range(days) {
            if let Some(cell) = &mut self.cells[at] {
                *cell = state;
                painted = true;
            }
        }
        if painted {
            self.sources.extend(source.map(str::to_owned));
        }
    }

    /// Reviewed by `source`, but for the days on which it lost something itself.
    fn reviewed(&mut self, days: Days, source: &str, lost: &[&Lost]) {
        let own: Vec<(i64, i64)> = lost
            .iter()
            .filter(|one| one.source == source)
            .map(|one| one.days.unwrap_or(self.days))
            .map(|(a, b)| (a.0, b.0))
            .collect();
        for (from, until) in crate::gaps::uncovered((days.0.0, days.1.0), &own) {
            self.set((Day(from), Day(until)), State::Reviewed, Some(source));
        }
    }

    /// What exists is not known: nothing but a declaration stands.
    fn open(&mut self) {
        for cell in self.cells.iter_mut().flatten() {
            if !matches!(cell, State::Denied | State::Withheld | State::OutOfScope) {
                *cell = State::Unknown;
            }
        }
    }

    fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (day, cell) in (self.days.0.0..).zip(&self.cells) {
            let Some(state) = cell else { continue };
            match runs.last_mut() {
                Some(last) if last.2 == *state && last.1.0 == day => last.1 = Day(day + 1),
                _ => runs.push(Run(Day(day), Day(day + 1), *state)),
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests;
