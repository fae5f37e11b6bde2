//! What one claim covers, and which sources say what exists there (frames) or show what is there
//! (listings and meters).

use std::collections::{BTreeMap, BTreeSet};

use plainview_register::Register;

use crate::coverage::{Frame, Share, UnitId};
use crate::facts::{Delivery, Facts, Integrity, MeterPoint, Provides, StoreSnapshot};
use crate::gaps::{Counterpart, LogSeries, Span, continuity};
use crate::gates::LogUse;
use crate::quantity::{Interval, Month};
use crate::reconcile::{
    Amount, AmountKind, Window, amounts, listed_together, metered, store_listed, tiers_summed,
};

/// Declared bills, meters and lists of which nothing, or not everything, could be read. They might
/// name what no other record names, so they keep gates shut (property P5).
pub(crate) fn missing_registers(register: &Register, facts: &Facts) -> Vec<String> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    seen.extend(facts.snapshots.iter().map(|f| f.source.as_str()));
    seen.extend(facts.meters.iter().map(|f| f.source.as_str()));
    seen.extend(facts.bills.iter().map(|f| f.source.as_str()));
    seen.extend(facts.services.iter().map(|f| f.source.as_str()));
    register
        .sources
        .iter()
        .filter(|source| Provides::by(source) != BTreeSet::from([Provides::Documents]))
        .filter(|source| {
            let fact = facts.sources.iter().find(|fact| fact.id == source.id);
            let must_be_seen = !Provides::by(source).iter().any(|provides| {
                matches!(
                    provides,
                    Provides::Logs | Provides::Configures | Provides::Documents
                )
            });
            (must_be_seen && !seen.contains(source.id.as_str()))
                || fact.is_none_or(|fact| fact.incomplete)
        })
        .map(|source| source.id.clone())
        .collect()
}

/// Registers that fail a control total. Rows may have been taken out of them, so nothing they lack is
/// absent.
pub(crate) fn failed_registers(facts: &Facts) -> Vec<String> {
    facts
        .sources
        .iter()
        .filter(|source| source.integrity == Integrity::Failed)
        .map(|source| source.id.clone())
        .collect()
}

/// Sources that show what is there, taken together because one custodian keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Showing {
    pub(crate) kind: AmountKind,
    pub(crate) sources: BTreeSet<String>,
}

impl Showing {
    /// Source ids joined by `+`.
    pub(crate) fn id(&self) -> String {
        join(&self.sources)
    }
}

pub(crate) fn join(sources: &BTreeSet<String>) -> String {
    sources.iter().cloned().collect::<Vec<_>>().join("+")
}

/// A claim's scope with the facts that fall in it.
#[derive(Debug)]
pub(crate) struct ClaimScope {
    pub(crate) window: Window,
    pub(crate) months: Vec<Month>,
    /// `(provider, account)`, sorted.
    pub(crate) accounts: BTreeSet<(String, String)>,
    /// Facts about these accounts, sorted.
    pub(crate) facts: Facts,
    /// Amount per source, account and month.
    pub(crate) amounts: Vec<Amount>,
    stores: BTreeSet<(String, String, String)>,
    /// Snapshots by source and store, so that a unit never searches all of them.
    shots: BTreeMap<StoreKey, Vec<StoreSnapshot>>,
    readings: BTreeMap<StoreKey, Vec<MeterPoint>>,
}

/// Source, provider, account, container.
type StoreKey = (String, String, String, String);

fn by_store<T: Clone>(
    facts: &[T],
    key: impl Fn(&T) -> Option<StoreKey>,
) -> BTreeMap<StoreKey, Vec<T>> {
    let mut stores: BTreeMap<StoreKey, Vec<T>> = BTreeMap::new();
    for fact in facts {
        if let Some(key) = key(fact) {
            stores.entry(key).or_default().push(fact.clone());
        }
    }
    stores
}

impl ClaimScope {
    pub(crate) fn new(
        window: Window,
        accounts: BTreeSet<(String, String)>,
        stores: BTreeSet<(String, String, String)>,
        facts: &Facts,
    ) -> Self {
        let mut facts = facts.clone();
        let inside = |provider: &str, account: &str| {
            accounts.contains(&(provider.to_owned(), account.to_owned()))
        };
        facts.snapshots.retain(|f| inside(&f.provider, &f.account));
        facts.meters.retain(|f| inside(&f.provider, &f.account));
        facts.bills.retain(|f| inside(&f.provider, &f.account));
        facts
            .named_stores
            .retain(|f| inside(&f.provider, &f.account));
        facts.regions.retain(|f| inside(&f.provider, &f.account));
        facts.services.retain(|f| inside(&f.provider, &f.account));
        facts.kinds.retain(|f| inside(&f.provider, &f.account));
        let amounts = amounts(&facts, window);
        let shots = by_store(&facts.snapshots, |s| {
            Some((
                s.source.clone(),
                s.provider.clone(),
                s.account.clone(),
                s.container.clone(),
            ))
        });
        let readings = by_store(&facts.meters, |m| {
            Some((
                m.source.clone(),
                m.provider.clone(),
                m.account.clone(),
                m.container.clone()?,
            ))
        });
        Self {
            shots,
            readings,
            months: Month::covering(window.from_ms, window.to_ms),
            window,
            accounts,
            facts,
            amounts,
            stores,
        }
    }

    /// Whether the scope is restricted to stores and this is none of them.
    pub(crate) fn excludes(&self, provider: &str, account: &str, container: &str) -> bool {
        let store = (
            provider.to_owned(),
            account.to_owned(),
            container.to_owned(),
        );
        !self.stores.is_empty() && !self.stores.contains(&store)
    }

    /// Whether a month, or a fact without one, falls in the claim's period.
    pub(crate) fn covers(&self, month: Option<Month>) -> bool {
        month.is_none_or(|month| self.months.contains(&month))
    }

    /// `(provider/account, month)` of the stated scope.
    pub(crate) fn cells(&self) -> Vec<(String, Month)> {
        let mut cells = Vec::new();
        for (provider, account) in &self.accounts {
            for month in &self.months {
                cells.push((format!("{provider}/{account}"), *month));
            }
        }
        cells
    }

    /// Logs of the claim's accounts and period, with how whole they are; an account without one stands there
    /// with none.
    pub(crate) fn logs(&self) -> Vec<LogUse> {
        let period = (self.window.from_ms, self.window.to_ms);
        let mut out = Vec::new();
        for (provider, account) in &self.accounts {
            let account = (provider.as_str(), account.as_str());
            let name = format!("{}/{}", account.0, account.1);
            let before = out.len();
            for log in &self.facts.logs {
                if (log.provider.as_str(), log.account.as_str()) == account {
                    out.push(self.log(log, &name, period));
                }
            }
            if out.len() == before {
                out.push(LogUse {
                    source: String::new(),
                    account: name,
                    guaranteed: false,
                    continuity: Share::of_counts(0, 1),
                    restarted: false,
                    unmatched: 0,
                });
            }
        }
        out
    }

    fn log(&self, log: &LogSeries, account: &str, period: Span) -> LogUse {
        let delivery = self
            .facts
            .sources
            .iter()
            .find(|s| s.id == log.source)
            .map_or(Delivery::Unknown, |s| s.delivery);
        let lacking = |pair: &&Counterpart| {
            pair.source == log.source
                && pair.account == account
                && pair.from_ms < period.1
                && pair.until_ms > period.0
        };
        LogUse {
            source: log.source.clone(),
            account: account.to_owned(),
            guaranteed: delivery == Delivery::Guaranteed,
            continuity: continuity(period, &log.sound(period)),
            restarted: log.restarted(period).is_some(),
            unmatched: self
                .facts
                .counterparts
                .iter()
                .filter(lacking)
                .map(|pair| pair.counted.saturating_sub(pair.logged))
                .sum(),
        }
    }

    /// Amounts of one bill or meter, keyed by account and month.
    pub(crate) fn of_source(&self, kind: AmountKind, source: &str) -> Vec<&Amount> {
        self.amounts
            .iter()
            .filter(|a| a.kind == kind && a.source == source)
            .collect()
    }

    /// Bills and meters that say what exists.
    pub(crate) fn frames(&self) -> BTreeSet<(AmountKind, String)> {
        self.amounts
            .iter()
            .filter(|a| a.kind != AmountKind::Listed)
            .map(|a| (a.kind, a.source.clone()))
            .collect()
    }

    /// Listings, grouped by keeper: what one custodian keeps in several files is one showing.
    pub(crate) fn listings(&self) -> Vec<Showing> {
        let sources: BTreeSet<&str> = self
            .facts
            .snapshots
            .iter()
            .map(|s| s.source.as_str())
            .collect();
        let mut groups: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for id in sources {
            let keeper = self.facts.sources.iter().find(|s| s.id == id).map_or_else(
                || (String::new(), id.to_owned()),
                |s| (s.custodian.clone(), s.controller.clone()),
            );
            groups.entry(keeper).or_default().insert(id.to_owned());
        }
        groups
            .into_values()
            .map(|sources| Showing {
                kind: AmountKind::Listed,
                sources,
            })
            .collect()
    }

    /// What the showing's sources together show of one account-month.
    pub(crate) fn shown(
        &self,
        showing: &Showing,
        provider: &str,
        account: &str,
        month: Month,
    ) -> Option<Amount> {
        match showing.kind {
            AmountKind::Listed => listed_together(
                &self.facts,
                &showing.sources,
                (provider, account),
                month,
                self.window,
            ),
            kind => self
                .amounts
                .iter()
                .find(|a| {
                    a.kind == kind
                        && showing.sources.contains(&a.source)
                        && a.month == month
                        && (a.provider.as_str(), a.account.as_str()) == (provider, account)
                })
                .cloned(),
        }
    }

    /// Every unit any record names, with who names it.
    pub(crate) fn frame(&self) -> Frame {
        let mut frame = Frame::default();
        for month in &self.months {
            for (source, unit) in self.listed_units(*month, false) {
                frame.know(unit, &source);
            }
            for point in &self.facts.meters {
                let Some(container) = &point.container else {
                    continue;
                };
                if point.start_ms < month.end_ms() && point.end_ms > month.start_ms() {
                    let unit = self.unit(&point.provider, &point.account, container, *month);
                    frame_know(&mut frame, unit, &point.source);
                }
            }
        }
        for named in &self.facts.named_stores {
            if self.covers(Some(named.month)) {
                let unit = self.unit(
                    &named.provider,
                    &named.account,
                    &named.container,
                    named.month,
                );
                frame_know(&mut frame, unit, &named.source);
            }
        }
        for region in &self.facts.regions {
            if let (Some(container), Some(month)) = (&region.container, region.month)
                && self.covers(Some(month))
            {
                let unit = self.unit(&region.provider, &region.account, container, month);
                frame_know(&mut frame, unit, &region.source);
            }
        }
        frame
    }

    fn unit(&self, provider: &str, account: &str, container: &str, month: Month) -> Option<UnitId> {
        (!self.excludes(provider, account, container)).then(|| UnitId {
            provider: provider.to_owned(),
            account: account.to_owned(),
            container: container.to_owned(),
            month,
        })
    }

    /// Units of listings in one month. A store was *examined* in a month when a snapshot was taken in
    /// it, at either end included, or snapshots enclose it; it is *known* there also when listed objects
    /// prove by their creation times that it existed.
    fn listed_units(&self, month: Month, examined_only: bool) -> Vec<(String, UnitId)> {
        let from = month.start_ms().max(self.window.from_ms);
        let to = month.end_ms().min(self.window.to_ms);
        let mut units = Vec::new();
        for ((source, provider, account, container), shots) in &self.shots {
            let inside = shots.iter().any(|s| (from..=to).contains(&s.at_ms));
            let enclosed =
                shots.iter().any(|s| s.at_ms < from) && shots.iter().any(|s| s.at_ms > to);
            let proven = shots.iter().any(|s| {
                s.created_byte_ms
                    .get(&month)
                    .is_some_and(|lower| *lower > 0)
            });
            if (inside || enclosed || (proven && !examined_only))
                && let Some(unit) = self.unit(provider, account, container, month)
            {
                units.push((source.to_owned(), unit));
            }
        }
        units
    }

    /// Units that a showing examined.
    pub(crate) fn examined(&self, showing: &Showing) -> BTreeSet<UnitId> {
        let mut units = BTreeSet::new();
        for month in &self.months {
            match showing.kind {
                AmountKind::Listed => units.extend(
                    self.listed_units(*month, true)
                        .into_iter()
                        .filter(|(source, _)| showing.sources.contains(source))
                        .map(|(_, unit)| unit),
                ),
                _ => units.extend(self.metered_units(showing, *month)),
            }
        }
        units
    }

    fn metered_units(&self, showing: &Showing, month: Month) -> Vec<UnitId> {
        self.facts
            .meters
            .iter()
            .filter(|p| showing.sources.contains(&p.source))
            .filter(|p| p.start_ms < month.end_ms() && p.end_ms > month.start_ms())
            .filter_map(|p| {
                let container = p.container.as_deref()?;
                self.unit(&p.provider, &p.account, container, month)
            })
            .collect()
    }

    /// Byte time of the examined units against the larger of billed or metered and inventoried
    /// (METHOD 5.3); without a bill or meter nothing bounds the denominator.
    pub(crate) fn measure(&self, showings: &[&Showing], examined: &BTreeSet<UnitId>) -> Share {
        let (mut part, mut whole) = (Interval::exact(0), Interval::exact(0));
        for (provider, account) in &self.accounts {
            for month in &self.months {
                let here = |a: &&Amount| {
                    a.month == *month && (&a.provider, &a.account) == (provider, account)
                };
                part =
                    part.plus(self.examined_bytes(showings, examined, (provider, account), *month));
                let mut cell = Interval::unknown();
                let mut framed = false;
                for amount in self.amounts.iter().filter(here) {
                    if amount.kind == AmountKind::Listed {
                        continue;
                    }
                    cell = if framed {
                        cell.larger(amount.interval)
                    } else {
                        amount.interval
                    };
                    framed = true;
                }
                for amount in self.amounts.iter().filter(here) {
                    if amount.kind == AmountKind::Listed {
                        cell = cell.larger(amount.interval);
                    }
                }
                whole = whole.plus(cell);
            }
        }
        Share { part, whole }
    }

    fn examined_bytes(
        &self,
        showings: &[&Showing],
        examined: &BTreeSet<UnitId>,
        (provider, account): (&str, &str),
        month: Month,
    ) -> Interval {
        let Some(window) = self.window.within(month) else {
            return Interval::exact(0);
        };
        let mut total = Interval::exact(0);
        let units = examined
            .iter()
            .filter(|u| u.month == month && u.provider == provider && u.account == account);
        for unit in units {
            let mut best = Interval::unknown();
            for showing in showings {
                for source in &showing.sources {
                    let shots: Vec<&StoreSnapshot> = self
                        .shots
                        .get(&key(source, unit))
                        .into_iter()
                        .flatten()
                        .collect();
                    if !shots.is_empty() {
                        best = best.tighter(store_listed(&shots, month, window));
                    }
                }
            }
            if showings.iter().any(|s| s.kind == AmountKind::Metered) {
                best = best.tighter(self.metered_store(showings, unit, window));
            }
            total = total.plus(best);
        }
        total
    }

    /// Each meter is a record of its own; what several of them read is never added up.
    fn metered_store(&self, showings: &[&Showing], unit: &UnitId, window: Window) -> Interval {
        showings
            .iter()
            .flat_map(|showing| &showing.sources)
            .filter_map(|source| self.readings.get(&key(source, unit)))
            .map(|points| {
                let points: Vec<&MeterPoint> = points.iter().collect();
                metered(&tiers_summed(&points), window)
            })
            .fold(Interval::unknown(), Interval::tighter)
    }
}

fn key(source: &str, unit: &UnitId) -> StoreKey {
    (
        source.to_owned(),
        unit.provider.clone(),
        unit.account.clone(),
        unit.container.clone(),
    )
}

fn frame_know(frame: &mut Frame, unit: Option<UnitId>, source: &str) {
    if let Some(unit) = unit {
        frame.know(unit, source);
    }
}
