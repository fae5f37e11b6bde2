//! What was reviewed and what is missing, from the evidence tables and the register: the ledger, the gaps,
//! control totals, and acts by class of who caused them.
//!
//! It asks the engine's views and the readers' notices; every rule of what counts is in the weighing. It
//! never asks who did something.

mod lost;
mod places;
mod series;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use plainview_engine::Engine;
use plainview_register::{MappedTable, Register, Totalled, WithheldState, midnight_ms};
use plainview_weigh::facts::Integrity;
use plainview_weigh::gaps::{Counterpart, Gap, LogSeries, Strength};
use plainview_weigh::ledger::tie_out::{Part, Summed, TieOut, Tied, Total, tie_out};
use plainview_weigh::ledger::{Day, Evidence, Held, Kind, Ledger, ledger};
use serde::{Deserialize, Serialize};

use super::read::SourceRun;
use super::rows::collect;
use places::Places;

/// Most gaps that are kept one by one; definitive ones come first, and all are counted.
const GAPS_MAX: usize = 1_000;

/// What is known of the records' completeness.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Completeness {
    /// What was reviewed, day by day.
    pub(crate) ledger: Ledger,
    /// What records show to be missing or odd: definitive ones first.
    pub(crate) gaps: Vec<Gap>,
    /// How many gaps there are in all.
    pub(crate) gaps_total: u64,
    /// What logs state of their own completeness.
    pub(crate) logs: Vec<LogSeries>,
    /// Requests counted beside requests logged.
    pub(crate) counterparts: Vec<Counterpart>,
    /// Acts by store and class of who caused them.
    pub(crate) acts: Vec<Acts>,
    /// Control totals and how they came out.
    pub(crate) totals: Vec<TieOut>,
    /// What the totals make of their source: integrity and why.
    pub(crate) tied: BTreeMap<String, (Integrity, String)>,
}

/// Acts of one log on one store, by class of who caused them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Acts {
    pub(crate) source: String,
    pub(crate) account: String,
    pub(crate) store: Option<String>,
    pub(crate) record: String,
    pub(crate) class: String,
    pub(crate) principal_kind: String,
    pub(crate) count: u64,
}

/// What of the register completeness depends on, as text: another claim does not change what was reviewed.
pub(crate) fn declared(register: &Register) -> Result<String> {
    Ok(serde_json::to_string(&(
        &register.scope,
        &register.sources,
        &register.parties,
        &register.control_totals,
        &register.withheld,
        &register.standard,
    ))?)
}

/// Everything from the tables, the readers' notices and the register.
pub(crate) fn completeness(
    register: &Register,
    runs: &[SourceRun],
    engine: &Engine,
) -> Result<Completeness> {
    let ties = ties(register, engine)?;
    let failed: BTreeSet<String> = ties
        .iter()
        .filter(|(_, tied)| tied.integrity == Integrity::Failed)
        .map(|(source, _)| source.clone())
        .collect();
    let places = Places::read(register, engine)?;
    let logs = series::logs(engine, &places)?;
    let evidence = Evidence {
        days: (
            Day::of_ms(register.scope.from_ms()),
            Day::after_ms(register.scope.to_ms()),
        ),
        accounts: places.accounts().clone(),
        stores: places.restricted().clone(),
        named: places.named(engine)?,
        events: places.events(engine)?,
        read: places.reads(),
        counted: places.counted(engine)?,
        lost: lost::lost(register, runs, engine, &places)?,
        logs: logs.clone(),
        held: held(register),
        failed,
    };
    let counterparts = series::counterparts(register, engine, &places)?;
    let (gaps, gaps_total) = gaps(register, runs, engine, &logs, &counterparts)?;
    let mut totals = Vec::new();
    let mut tied = BTreeMap::new();
    for (source, result) in ties {
        totals.extend(result.totals);
        tied.insert(source, (result.integrity, result.because));
    }
    Ok(Completeness {
        ledger: ledger(&evidence),
        gaps,
        gaps_total,
        logs,
        counterparts,
        acts: acts(engine, &places)?,
        totals,
        tied,
    })
}

fn gaps(
    register: &Register,
    runs: &[SourceRun],
    engine: &Engine,
    logs: &[LogSeries],
    counterparts: &[Counterpart],
) -> Result<(Vec<Gap>, u64)> {
    use plainview_weigh::gaps;
    let period = (register.scope.from_ms(), register.scope.to_ms());
    let accounts: BTreeSet<String> = register
        .scope
        .accounts
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut all: Vec<Gap> = logs
        .iter()
        .filter(|log| !log.covered.is_empty())
        .filter(|log| accounts.contains(&format!("{}/{}", log.provider, log.account)))
        .flat_map(|log| gaps::series(log, period))
        .collect();
    all.extend(gaps::counterparts(counterparts));
    let alpha = plainview_weigh::statistics::Alpha::parse(register.standard.alpha.as_str());
    for hours in series::hours(engine, period)? {
        all.extend(gaps::hours(&hours, alpha));
    }
    for names in series::numbered_files(runs) {
        all.extend(gaps::numbered_files(&names));
    }
    all.sort();
    all.sort_by_key(|gap| gap.strength != Strength::Definitive);
    let total = all.len() as u64;
    all.truncate(GAPS_MAX);
    Ok((all, total))
}

/// Control totals of every source that has one.
fn ties(register: &Register, engine: &Engine) -> Result<Vec<(String, Tied)>> {
    if register.control_totals.is_empty() {
        return Ok(Vec::new());
    }
    let mut parts: BTreeMap<String, Vec<Part>> = BTreeMap::new();
    let sql =
        "select * from control_sums order by source_id, record, provider, account, month, currency";
    for (source, part) in collect(engine, sql, |row| {
        let part = Part {
            account: format!("{}/{}", row.text("provider")?, row.text("account")?),
            month: row.maybe("month").map(str::to_owned),
            currency: row.maybe("currency").map(str::to_owned),
            rows: row.number("row_count")?,
            cost: row.maybe("cost").map(str::to_owned),
            bytes: row.maybe("bytes").map(str::to_owned),
        };
        Ok((row.text("source_id")?, part))
    })? {
        parts.entry(source).or_default().push(part);
    }
    let none = Vec::new();
    Ok(register
        .sources
        .iter()
        .filter_map(|source| {
            let totals: Vec<Total> = register
                .control_totals
                .iter()
                .filter(|total| total.source == source.id)
                .map(|total| stated(register, total, &source.custodian))
                .collect();
            let parts = parts.get(&source.id).unwrap_or(&none);
            Some((source.id.clone(), tie_out(&source.id, parts, &totals)?))
        })
        .collect())
}

fn stated(register: &Register, total: &plainview_register::ControlTotal, custodian: &str) -> Total {
    Total {
        what: match total.what {
            Totalled::Rows => Summed::Rows,
            Totalled::Cost => Summed::Cost,
            Totalled::Bytes => Summed::Bytes,
        },
        account: total.account.as_ref().map(ToString::to_string),
        month: total.month.clone(),
        value: total.value.to_string(),
        currency: total.currency.clone(),
        tolerance: total.tolerance.to_string(),
        kept_by: register
            .party(&total.party)
            .map_or_else(|| total.party.clone(), |party| party.name.clone()),
        date: total.date.to_string(),
        from: total.from.clone(),
        kept_apart: total.party != custodian,
    }
}

/// The kind of cell that rows of an evidence table are about.
fn kind_of(table: MappedTable) -> Option<Kind> {
    Kind::named(table.as_str())
}

fn held(register: &Register) -> Vec<Held> {
    let mut out = Vec::new();
    for part in &register.withheld {
        let kinds: BTreeSet<Kind> = if part.kinds.is_empty() {
            Kind::ALL.into_iter().collect()
        } else {
            part.kinds.iter().filter_map(|t| kind_of(*t)).collect()
        };
        let from = part.from.map_or(register.scope.from_ms(), midnight_ms);
        let to = part.to.map_or(register.scope.to_ms(), midnight_ms);
        let stores: Vec<Option<String>> = if part.stores.is_empty() {
            vec![None]
        } else {
            part.stores.iter().cloned().map(Some).collect()
        };
        for store in stores {
            out.push(Held {
                account: part.account.to_string(),
                store,
                kinds: kinds.clone(),
                days: (Day::of_ms(from), Day::after_ms(to)),
                denied: part.state == WithheldState::Denied,
            });
        }
    }
    out
}

fn acts(engine: &Engine, places: &Places) -> Result<Vec<Acts>> {
    let sql = "select record, source_id, provider, account, container, class, principal_kind, sum(acts) as acts
               from act_days
               group by record, source_id, provider, account, container, class, principal_kind
               order by record, source_id, provider, account, container, class, principal_kind";
    collect(engine, sql, |row| {
        let store = row.maybe("container").map(str::to_owned);
        Ok(Acts {
            source: row.text("source_id")?,
            account: places.account(
                &row.text("provider")?,
                &row.text("account")?,
                store.as_deref(),
            ),
            store,
            record: row.text("record")?,
            class: row.text("class")?,
            principal_kind: row.text("principal_kind")?,
            count: row.number("acts")?,
        })
    })
}

#[cfg(test)]
mod tests;
