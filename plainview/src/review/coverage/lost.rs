//! What losses are about: a file that could not be read in full speaks of the accounts, stores and days of
//! its other rows, else of those its name holds, else of everything its source does.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use plainview_engine::Engine;
use plainview_records::Effect;
use plainview_register::{Register, Source};
use plainview_weigh::ledger::{Day, Days, Kind, Lost};

use super::kind_of;
use super::places::{Places, covered};
use crate::review::read::SourceRun;
use crate::review::rows::collect;

/// Losses that the statements of delivery say interval by interval: what they are about is missing, and the
/// log files that are there were read.
const STATED_BY_DELIVERIES: &[&str] = &[
    "digest-altered",
    "digest-chain-broken",
    "digest-keys-unreadable",
    "digest-signature-invalid",
    "log-file-altered",
    "log-file-missing",
];

/// File numbers asked about in one query.
const FILES_PER_QUERY: usize = 1_000;

/// Cells that losses make unreadable.
pub(super) fn lost(
    register: &Register,
    runs: &[SourceRun],
    engine: &Engine,
    places: &Places,
) -> Result<Vec<Lost>> {
    let mut out = BTreeSet::new();
    for source in &register.sources {
        let Some(run) = runs.iter().find(|run| run.id == source.id) else {
            continue;
        };
        let kinds: BTreeSet<Kind> = source.fills().iter().filter_map(|t| kind_of(*t)).collect();
        if kinds.is_empty() {
            continue;
        }
        let files: BTreeSet<&str> = run
            .notices
            .iter()
            .filter(|notice| notice.effect == Effect::Lost)
            .filter(|notice| !STATED_BY_DELIVERIES.contains(&notice.code.as_str()))
            .map(|notice| notice.file.as_str())
            .collect();
        let numbers: Vec<usize> = run
            .files
            .iter()
            .enumerate()
            .filter(|(_, file)| files.contains(file.name.as_str()))
            .map(|(number, _)| number)
            .collect();
        let spoken = spoken(engine, places, &source.id, &numbers)?;
        for name in files {
            let number = run.files.iter().position(|file| file.name == name);
            let here = number.and_then(|number| spoken.get(&number));
            match here {
                Some(cells) => out.extend(cells.iter().cloned()),
                None => out.extend(named(name, source, &kinds, places)),
            }
        }
    }
    Ok(out.into_iter().collect())
}

/// What the usable rows of these files speak of.
fn spoken(
    engine: &Engine,
    places: &Places,
    source: &str,
    numbers: &[usize],
) -> Result<BTreeMap<usize, Vec<Lost>>> {
    let mut out: BTreeMap<usize, Vec<Lost>> = BTreeMap::new();
    for chunk in numbers.chunks(FILES_PER_QUERY) {
        let list: Vec<String> = chunk.iter().map(ToString::to_string).collect();
        let sql = format!(
            "select record, file_no, provider, account, container, min(first_day) as first_day,
                    max(last_day) as last_day
             from record_days where source_id = '{source}' and file_no in ({})
             group by record, file_no, provider, account, container
             order by record, file_no, provider, account, container",
            list.join(", ")
        );
        for (number, cell) in collect(engine, &sql, |row| {
            let store = row.maybe("container").map(str::to_owned);
            let kind = Kind::named(&row.text("record")?).unwrap_or(Kind::Objects);
            let days = match row.maybe("first_day") {
                Some(_) => Some(covered(
                    kind,
                    (row.number("first_day")?, row.number("last_day")?),
                )),
                None => None,
            };
            let account = places.account(
                &row.text("provider")?,
                &row.text("account")?,
                store.as_deref(),
            );
            let lost = Lost {
                source: source.to_owned(),
                kind,
                account: Some(account),
                store,
                days,
            };
            Ok((row.number::<usize>("file_no")?, lost))
        })? {
            out.entry(number).or_default().push(cell);
        }
    }
    Ok(out)
}

/// What a file's name says it is about, else everything its source speaks of.
fn named(name: &str, source: &Source, kinds: &BTreeSet<Kind>, places: &Places) -> Vec<Lost> {
    let days = days_in(name);
    let segments: BTreeSet<&str> = name.split('/').collect();
    let stores: Vec<(&str, &str)> = places
        .stores()
        .into_iter()
        .filter(|(_, store)| segments.contains(store))
        .collect();
    let read: Vec<(Kind, &str)> = places
        .of_source(&source.id)
        .map(|(kind, account, _)| (kind, account))
        .collect();
    let kinds: BTreeSet<Kind> = if read.is_empty() || kinds.len() == 1 {
        kinds.clone()
    } else {
        read.iter().map(|(kind, _)| *kind).collect()
    };
    let mut about: Vec<(Option<String>, Option<String>)> = stores
        .into_iter()
        .map(|(account, store)| (Some(account.to_owned()), Some(store.to_owned())))
        .collect();
    if about.is_empty() {
        let in_name = |account: &&String| {
            let id = account.rsplit('/').next().unwrap_or(account);
            segments.contains(id) || name.split(['_', '-', '.', '/']).any(|word| word == id)
        };
        about.extend(
            places
                .accounts()
                .iter()
                .filter(in_name)
                .map(|account| (Some(account.clone()), None)),
        );
    }
    if about.is_empty() {
        let accounts: BTreeSet<String> = match &source.account {
            Some(account) => BTreeSet::from([account.to_string()]),
            None => read.iter().map(|(_, of)| (*of).to_owned()).collect(),
        };
        about.extend(accounts.into_iter().map(|account| (Some(account), None)));
    }
    if about.is_empty() {
        about.push((None, None));
    }
    let mut out = Vec::new();
    for kind in kinds {
        for (account, store) in &about {
            out.push(Lost {
                source: source.id.clone(),
                kind,
                account: account.clone(),
                store: store.clone().filter(|_| kind.of_stores()),
                days: days.map(|(from, until)| covered(kind, (from.0, until.0))),
            });
        }
    }
    out
}

/// The day, or else the month, that a file's name holds: `2025-03-05`, `2025/03/05`, `20250305` or `2025-03`.
fn days_in(name: &str) -> Option<Days> {
    let text: Vec<char> = name.chars().collect();
    let digit = |at: usize| text.get(at).is_some_and(char::is_ascii_digit);
    let number = |from: usize, length: usize| -> Option<i16> {
        let part: String = text.get(from..from + length)?.iter().collect();
        part.parse().ok()
    };
    let mut month = None;
    for at in 0..text.len() {
        if (at > 0 && digit(at - 1)) || !(at..at + 4).all(digit) {
            continue;
        }
        let Some(year) = number(at, 4).filter(|year| (1990..2100).contains(year)) else {
            continue;
        };
        let dashed = text
            .get(at + 4)
            .is_some_and(|c| matches!(c, '-' | '/' | '_'));
        let step = usize::from(dashed);
        let Some(of_year) = number(at + 4 + step, 2).and_then(|m| i8::try_from(m).ok()) else {
            continue;
        };
        let of_month = number(at + 6 + 2 * step, 2).and_then(|d| i8::try_from(d).ok());
        if let Some(day) = of_month
            && let Ok(date) = jiff::civil::Date::new(year, of_year, day)
        {
            let day = Day::of_ms(plainview_register::midnight_ms(date));
            return Some((day, Day(day.0 + 1)));
        }
        if let Ok(date) = jiff::civil::Date::new(year, of_year, 1)
            && dashed
        {
            let ms = plainview_register::midnight_ms(date);
            let whole = plainview_weigh::quantity::Month::of(ms);
            month = month.or(Some((Day::of_ms(ms), Day::of_ms(whole.end_ms()))));
        }
    }
    month
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_found_in_names() {
        let text = |name| days_in(name).map(|(a, b)| format!("{a}..{b}"));
        for (name, expected) in [
            (
                "logs/2025-03-05-10-15-00-AAAA",
                Some("2025-03-05..2025-03-06"),
            ),
            (
                "AWSLogs/111122223333/CloudTrail/eu/2025/03/05/x.json.gz",
                Some("2025-03-05..2025-03-06"),
            ),
            (
                "trail_20250305T0000Z_abc.json.gz",
                Some("2025-03-05..2025-03-06"),
            ),
            ("invoices/2025-03.csv", Some("2025-03-01..2025-04-01")),
            ("111122223333/part-00001.csv", None),
            ("2025-13-40.csv", None),
            ("", None),
        ] {
            assert_eq!(text(name).as_deref(), expected, "{name}");
        }
    }
}
