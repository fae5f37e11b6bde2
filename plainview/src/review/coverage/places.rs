//! Which accounts, stores and days records speak of.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use plainview_engine::Engine;
use plainview_register::Register;
use plainview_weigh::gaps::union;
use plainview_weigh::ledger::{Counted, Day, Days, Kind, KnownBy, Named, Read, StoreEvent};
use plainview_weigh::quantity::Month;

use crate::review::rows::{Row, collect};

/// A charge or meter of at most this many days says on which days a store existed; a longer one only that it
/// did at some time.
const PRECISE_DAYS: i64 = 2;

/// What logs write where they do not say whose store it is.
const UNKNOWN: &str = "unknown";

/// One kind of record of one source about one account or store.
type About = (Kind, String, Option<String>, String);

/// Where records speak of.
pub(super) struct Places {
    accounts: BTreeSet<String>,
    restricted: BTreeSet<(String, String)>,
    /// `(provider, container)` to the accounts that have one of that name.
    owners: BTreeMap<(String, String), BTreeSet<String>>,
    /// Days spoken of, merged; none where records have no days.
    spoken: BTreeMap<About, Option<Vec<(i64, i64)>>>,
}

impl Places {
    /// Asks the tables.
    pub(super) fn read(register: &Register, engine: &Engine) -> Result<Self> {
        let mut places = Self {
            accounts: register
                .scope
                .accounts
                .iter()
                .map(ToString::to_string)
                .collect(),
            restricted: register
                .scope
                .stores
                .iter()
                .map(|store| (store.account.to_string(), store.container.clone()))
                .collect(),
            owners: BTreeMap::new(),
            spoken: BTreeMap::new(),
        };
        for (account, store) in &places.restricted {
            let provider = provider(account).to_owned();
            places
                .owners
                .entry((provider, store.clone()))
                .or_default()
                .insert(account.clone());
        }
        let sql =
            "select distinct record, source_id, provider, account, container, first_day, last_day
                   from record_days
                   order by record, source_id, provider, account, container, first_day, last_day";
        let rows = collect(engine, sql, spoken)?;
        for (provider, account, container) in rows
            .iter()
            .map(|row| (&row.provider, &row.account, &row.store))
        {
            if let Some(container) = container
                && account != UNKNOWN
            {
                places
                    .owners
                    .entry((provider.clone(), container.clone()))
                    .or_default()
                    .insert(format!("{provider}/{account}"));
            }
        }
        for row in rows {
            let account = places.account(&row.provider, &row.account, row.store.as_deref());
            let about = (row.kind, account, row.store, row.source);
            let days = places
                .spoken
                .entry(about)
                .or_insert_with(|| row.days.map(|_| Vec::new()));
            match (days.as_mut(), row.days) {
                (Some(days), Some(span)) => days.push(span),
                _ => *days = None,
            }
        }
        for days in places.spoken.values_mut().flatten() {
            *days = union(days);
        }
        Ok(places)
    }

    /// Accounts under review.
    pub(super) fn accounts(&self) -> &BTreeSet<String> {
        &self.accounts
    }

    /// Stores that the scope is restricted to.
    pub(super) fn restricted(&self) -> &BTreeSet<(String, String)> {
        &self.restricted
    }

    /// `provider/account`; where a log does not say whose store it is, the only account that has one of that
    /// name.
    pub(super) fn account(&self, provider: &str, account: &str, store: Option<&str>) -> String {
        if account == UNKNOWN
            && let Some(store) = store
            && let Some(owners) = self.owners.get(&(provider.to_owned(), store.to_owned()))
            && let (1, Some(only)) = (owners.len(), owners.first())
        {
            return only.clone();
        }
        format!("{provider}/{account}")
    }

    /// Accounts and stores with the sources that have records of them.
    pub(super) fn of_source<'a>(
        &'a self,
        source: &'a str,
    ) -> impl Iterator<Item = (Kind, &'a str, Option<&'a str>)> {
        self.spoken
            .keys()
            .filter(move |(_, _, _, of)| of == source)
            .map(|(kind, account, store, _)| (*kind, account.as_str(), store.as_deref()))
    }

    /// Every store that any record names, as `(account, store)`.
    pub(super) fn stores(&self) -> BTreeSet<(&str, &str)> {
        self.spoken
            .keys()
            .filter_map(|(_, account, store, _)| Some((account.as_str(), store.as_deref()?)))
            .collect()
    }

    /// What was read, as runs of days.
    pub(super) fn reads(&self) -> Vec<Read> {
        let mut out = Vec::new();
        for ((kind, account, store, source), days) in &self.spoken {
            let read = |days: Option<Days>| Read {
                kind: *kind,
                account: account.clone(),
                store: store.clone(),
                source: source.clone(),
                days,
            };
            match days {
                None => out.push(read(None)),
                Some(days) => out.extend(
                    days.iter()
                        .map(|span| covered(*kind, *span))
                        .map(|span| read(Some(span))),
                ),
            }
        }
        out
    }

    /// Stores that records name, and from when to when where they say so to the day.
    pub(super) fn named(&self, engine: &Engine) -> Result<Vec<Named>> {
        let mut out = Vec::new();
        for ((kind, account, store, _), days) in &self.spoken {
            let Some(store) = store else { continue };
            let by = match kind {
                Kind::Charges => KnownBy::Charge,
                Kind::Metering => KnownBy::Meter,
                Kind::Resources => KnownBy::Resource,
                Kind::Activity => KnownBy::Event,
                Kind::Objects | Kind::Requests => KnownBy::Reading,
            };
            let precise = *kind != Kind::Charges;
            let days = days.as_ref().filter(|_| precise);
            out.push(Named {
                account: account.clone(),
                store: store.clone(),
                by,
                days: days.and_then(|days| Some((Day(days.first()?.0), Day(days.last()?.1)))),
            });
        }
        let sql = format!(
            "select provider, account, container, 'charge' as record,
                    min(cast(charge_start as bigint)) as first_ms, max(cast(charge_end as bigint)) as last_ms
             from charges
             where container is not null
               and cast(charge_end as bigint) - cast(charge_start as bigint) <= {}
             group by provider, account, container
             union all
             select provider, account, container, 'event', min(cast(at as bigint)), max(cast(at as bigint)) + 1
             from activity where container is not null and outcome = 'success'
             group by provider, account, container
             order by provider, account, container, record",
            PRECISE_DAYS * plainview_weigh::ledger::DAY_MS
        );
        out.extend(collect(engine, &sql, |row| {
            let store = row.text("container")?;
            Ok(Named {
                account: self.account(&row.text("provider")?, &row.text("account")?, Some(&store)),
                store,
                by: match row.text("record")?.as_str() {
                    "charge" => KnownBy::Charge,
                    _ => KnownBy::Event,
                },
                days: Some((
                    Day::of_ms(row.number("first_ms")?),
                    Day::after_ms(row.number("last_ms")?),
                )),
            })
        })?);
        Ok(out)
    }

    /// Events that certainly began or ended a store.
    pub(super) fn events(&self, engine: &Engine) -> Result<Vec<StoreEvent>> {
        let sql =
            "select distinct provider, account, container, cast(at as bigint) as at_ms, is_start
                   from store_events order by provider, account, container, at_ms, is_start";
        collect(engine, sql, |row| {
            let store = row.text("container")?;
            Ok(StoreEvent {
                account: self.account(&row.text("provider")?, &row.text("account")?, Some(&store)),
                store,
                day: Day::of_ms(row.number("at_ms")?),
                created: row.text("is_start")? == "true",
            })
        })
    }

    /// Periods for which a bill or a meter counts requests.
    pub(super) fn counted(&self, engine: &Engine) -> Result<Vec<Counted>> {
        let sql =
            "select distinct provider, account, container, cast(start_at as bigint) as start_ms,
                          cast(end_at as bigint) as end_ms
                   from counted_requests order by provider, account, container, start_ms, end_ms";
        collect(engine, sql, |row| {
            let store = row.maybe("container").map(str::to_owned);
            Ok(Counted {
                account: self.account(
                    &row.text("provider")?,
                    &row.text("account")?,
                    store.as_deref(),
                ),
                store,
                days: (
                    Day::of_ms(row.number("start_ms")?),
                    Day::after_ms(row.number("end_ms")?),
                ),
            })
        })
    }
}

/// A row of `record_days`.
struct Spoken {
    kind: Kind,
    source: String,
    provider: String,
    account: String,
    store: Option<String>,
    days: Option<(i64, i64)>,
}

fn spoken(row: &Row<'_>) -> Result<Spoken> {
    let record = row.text("record")?;
    let days = match (row.maybe("first_day"), row.maybe("last_day")) {
        (Some(_), Some(_)) => Some((row.number("first_day")?, row.number("last_day")?)),
        _ => None,
    };
    Ok(Spoken {
        kind: Kind::named(&record)
            .ok_or_else(|| anyhow::anyhow!("record_days names no such kind of record: {record}"))?,
        source: row.text("source_id")?,
        provider: row.text("provider")?,
        account: row.text("account")?,
        store: row.maybe("container").map(str::to_owned),
        days,
    })
}

/// The days that records of a kind make reviewed: a listing stands for its calendar months.
pub(super) fn covered(kind: Kind, (from, until): (i64, i64)) -> Days {
    if kind != Kind::Objects {
        return (Day(from), Day(until));
    }
    let first = Month::of(Day(from).start_ms());
    let last = Month::of(Day(until - 1).start_ms());
    (Day::of_ms(first.start_ms()), Day::of_ms(last.end_ms()))
}

fn provider(account: &str) -> &str {
    account.split('/').next().unwrap_or(account)
}
