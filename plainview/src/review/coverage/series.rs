//! What logs state of their own completeness, what other records count beside them, and their hours.

use std::collections::BTreeMap;

use anyhow::Result;
use plainview_engine::Engine;
use plainview_register::Register;
use plainview_weigh::facts::Delivery;
use plainview_weigh::gaps::{
    Counterpart, FileNames, Hours, LogSeries, LostFiles, Restart, RestartKind, Span, union,
};
use plainview_weigh::ledger::Kind;
use plainview_weigh::quantity::Month;

use super::places::Places;
use crate::review::read::SourceRun;
use crate::review::rows::{Row, collect};

/// Files of one numbering that make it a numbering.
const NUMBERED_MIN: usize = 3;

const HOUR_MS: i64 = 3_600_000;

/// Source, provider, account, region.
type Trail = (String, String, String, Option<String>);

/// One series per source, account and region with digests, and one without any for every other log.
pub(super) fn logs(engine: &Engine, places: &Places) -> Result<Vec<LogSeries>> {
    let mut trails: BTreeMap<Trail, LogSeries> = BTreeMap::new();
    digests(engine, &mut trails)?;
    lost_files(engine, &mut trails)?;
    let mut out: Vec<LogSeries> = trails
        .into_iter()
        .map(|((source, provider, account, region), log)| LogSeries {
            source,
            provider,
            account,
            region,
            covered: union(&log.covered),
            ..log
        })
        .collect();
    for read in places.reads() {
        let Some((provider, account)) = read.account.split_once('/') else {
            continue;
        };
        let known = out.iter().any(|log| {
            (&log.source, log.provider.as_str(), log.account.as_str())
                == (&read.source, provider, account)
        });
        if matches!(read.kind, Kind::Requests | Kind::Activity) && !known {
            out.push(LogSeries {
                source: read.source.clone(),
                provider: provider.to_owned(),
                account: account.to_owned(),
                ..LogSeries::default()
            });
        }
    }
    out.sort();
    Ok(out)
}

fn trail(row: &Row<'_>) -> Result<Trail> {
    Ok((
        row.text("source_id")?,
        row.text("provider")?,
        row.text("account")?,
        row.maybe("region").map(str::to_owned),
    ))
}

fn digests(engine: &Engine, trails: &mut BTreeMap<Trail, LogSeries>) -> Result<()> {
    let sql = "select source_id, provider, account, region, cast(start_at as bigint) as start_ms,
                      cast(end_at as bigint) as end_ms, link, is_altered
               from digest_intervals
               order by source_id, provider, account, region, start_ms, end_ms";
    for (trail, span, link, altered) in collect(engine, sql, |row| {
        let span: Span = (row.number("start_ms")?, row.number("end_ms")?);
        let altered: u8 = row.number("is_altered")?;
        Ok((trail(row)?, span, row.text("link")?, altered > 0))
    })? {
        let log = trails.entry(trail).or_default();
        let kind = match (altered, link.as_str()) {
            (true, _) | (_, "altered") => Some(RestartKind::Altered),
            (_, "start") => Some(RestartKind::Start),
            (_, "broken") => Some(RestartKind::Broken),
            _ => None,
        };
        log.restarts.extend(kind.map(|kind| Restart {
            at_ms: span.0,
            kind,
        }));
        if !altered {
            log.covered.push(span);
        }
    }
    Ok(())
}

fn lost_files(engine: &Engine, trails: &mut BTreeMap<Trail, LogSeries>) -> Result<()> {
    let sql = "select source_id, provider, account, region, cast(start_at as bigint) as start_ms,
                      cast(end_at as bigint) as end_ms, state, files
               from lost_log_files
               order by source_id, provider, account, region, start_ms, end_ms, state";
    for (trail, lost) in collect(engine, sql, |row| {
        let lost = LostFiles {
            from_ms: row.number("start_ms")?,
            until_ms: row.number("end_ms")?,
            altered: row.text("state")? == "altered",
            files: row.number("files")?,
        };
        Ok((trail(row)?, lost))
    })? {
        trails.entry(trail).or_default().lost.push(lost);
    }
    Ok(())
}

/// Account, store, month.
type Counting = (String, Option<String>, String);

/// Requests that each log holds, by month, of a store and of its whole account.
type Logged = BTreeMap<String, BTreeMap<Counting, u64>>;

fn logged(engine: &Engine, places: &Places) -> Result<Logged> {
    let mut logged = Logged::new();
    let sql = "select * from logged_months order by source_id, provider, account, container, month";
    for (source, (account, store, month), acts) in collect(engine, sql, |row| {
        Ok((
            row.text("source_id")?,
            counting(row, places)?,
            row.number::<u64>("acts")?,
        ))
    })? {
        let of_source = logged.entry(source).or_default();
        if store.is_some() {
            *of_source
                .entry((account.clone(), store, month.clone()))
                .or_default() += acts;
        }
        *of_source.entry((account, None, month)).or_default() += acts;
    }
    Ok(logged)
}

fn counting(row: &Row<'_>, places: &Places) -> Result<Counting> {
    let store = row.maybe("container").map(str::to_owned);
    let account = places.account(
        &row.text("provider")?,
        &row.text("account")?,
        store.as_deref(),
    );
    Ok((account, store, row.text("month")?))
}

/// Requests that bills and meters count in a month beside those each log holds of the same account or store.
pub(super) fn counterparts(
    register: &Register,
    engine: &Engine,
    places: &Places,
) -> Result<Vec<Counterpart>> {
    let logged = logged(engine, places)?;
    let sql = "select source_id, provider, account, container, to_char(start_at, '%Y-%m') as month,
                      sum(counted) as counted
               from counted_requests
               where to_char(start_at, '%Y-%m') = to_char(end_at - interval '1 millisecond', '%Y-%m')
               group by source_id, provider, account, container, to_char(start_at, '%Y-%m')
               order by source_id, provider, account, container, month";
    let counted = collect(engine, sql, |row| {
        Ok((
            row.text("source_id")?,
            counting(row, places)?,
            row.number::<u64>("counted")?,
        ))
    })?;
    let mut out = Vec::new();
    for (counted_by, place, requests) in counted {
        let Ok(whole) = place.2.parse::<Month>() else {
            continue;
        };
        let inside = register.scope.from_ms() <= whole.start_ms()
            && whole.end_ms() <= register.scope.to_ms()
            && places.accounts().contains(&place.0);
        if !inside {
            continue;
        }
        for (source, months) in &logged {
            let any = months
                .keys()
                .any(|(account, store, _)| (account, store) == (&place.0, &place.1));
            if any {
                out.push(Counterpart {
                    source: source.clone(),
                    delivery: delivery(register, source),
                    counted_by: counted_by.clone(),
                    account: place.0.clone(),
                    store: place.1.clone(),
                    from_ms: whole.start_ms(),
                    until_ms: whole.end_ms(),
                    counted: requests,
                    logged: months.get(&place).copied().unwrap_or(0),
                });
            }
        }
    }
    Ok(out)
}

fn delivery(register: &Register, source: &str) -> Delivery {
    match register.source(source).map(|source| source.delivery) {
        Some(plainview_register::Delivery::Guaranteed) => Delivery::Guaranteed,
        Some(plainview_register::Delivery::BestEffort) => Delivery::BestEffort,
        Some(plainview_register::Delivery::Unknown) | None => Delivery::Unknown,
    }
}

/// Requests per log, account and hour within the scope.
pub(super) fn hours(engine: &Engine, period: Span) -> Result<Vec<Hours>> {
    let sql = format!(
        "select source_id, provider, account, hour, sum(acts) as acts from act_hours
         where hour >= {} and hour < {}
         group by source_id, provider, account, hour order by source_id, provider, account, hour",
        period.0.div_euclid(HOUR_MS),
        period.1.div_euclid(HOUR_MS)
    );
    let mut out: Vec<Hours> = Vec::new();
    for (source, account, hour, acts) in collect(engine, &sql, |row| {
        Ok((
            row.text("source_id")?,
            format!("{}/{}", row.text("provider")?, row.text("account")?),
            row.number::<i64>("hour")?,
            row.number::<u64>("acts")?,
        ))
    })? {
        let same = |last: &&mut Hours| (&last.source, &last.account) == (&source, &account);
        let Some(last) = out.last_mut().filter(same) else {
            out.push(Hours {
                source,
                account,
                first: hour,
                counts: vec![acts],
            });
            continue;
        };
        let at = usize::try_from(hour - last.first).unwrap_or(0);
        last.counts.resize(at, 0);
        last.counts.push(acts);
    }
    Ok(out)
}

/// Data files of a source whose names differ in their last number alone, where more are there than not.
pub(super) fn numbered_files(runs: &[SourceRun]) -> Vec<FileNames> {
    let mut out = Vec::new();
    for run in runs {
        let mut groups: BTreeMap<(String, String), Vec<u64>> = BTreeMap::new();
        for file in run.files.iter().filter(|file| file.data) {
            if let Some((prefix, number, suffix)) = last_number(&file.name) {
                groups
                    .entry((prefix.to_owned(), suffix.to_owned()))
                    .or_default()
                    .push(number);
            }
        }
        for numbers in groups.into_values().filter(|n| n.len() >= NUMBERED_MIN) {
            let span = numbers.iter().max().zip(numbers.iter().min());
            // More holes than files: these numbers are no numbering.
            if span.is_some_and(|(max, min)| (max - min) / 2 < numbers.len() as u64) {
                out.push(FileNames {
                    source: run.id.clone(),
                    numbers,
                });
            }
        }
    }
    out
}

/// What stands before the last number of a name, the number, and what stands after it.
fn last_number(name: &str) -> Option<(&str, u64, &str)> {
    let end = name.rfind(|c: char| c.is_ascii_digit())? + 1;
    let start = name[..end]
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| {
            at + name[at..].chars().next().map_or(1, char::len_utf8)
        });
    let number = name[start..end].parse().ok()?;
    Some((&name[..start], number, &name[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_is_found() {
        assert_eq!(
            last_number("a/part-00012.csv"),
            Some(("a/part-", 12, ".csv"))
        );
        assert_eq!(last_number("ü7"), Some(("ü", 7, "")));
        assert_eq!(last_number("none"), None);
        assert_eq!(last_number("99999999999999999999999"), None);
    }
}
