//! Collects items and arguments of one claim and settles whose interest they serve.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use plainview_register::Register;

use super::input::{ArgumentInput, ChallengeInput, ItemInput, PartyInterest, SourceInput};
use crate::case::{CureKind, Integrity, Interest, Side};
use crate::facts::{Cure, Facts, RowRef, Scheme, SourceFact, SourceKind};
use crate::gates::GateResult;
use crate::interest::{Interests, Stakes, interests};

/// UTC day of an instant in seconds; the epoch for instants no calendar holds.
pub(crate) fn day_of(seconds: i64) -> Date {
    Timestamp::from_second(seconds)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_zoned(TimeZone::UTC)
        .date()
}

/// First second of a day in UTC.
pub(crate) fn second_of(day: Date) -> i64 {
    day.to_zoned(TimeZone::UTC)
        .map_or(0, |zoned| zoned.timestamp().as_second())
}

/// What a new item is about.
#[derive(Debug, Clone)]
pub(crate) struct NewItem<'a> {
    pub(crate) source: &'a str,
    /// What the source is used for; with the source it makes the id.
    pub(crate) usage: &'a str,
    pub(crate) side: Side,
    /// Seconds; the acquisition time when unknown.
    pub(crate) recorded_at: Option<i64>,
    pub(crate) says: String,
    pub(crate) file: Option<String>,
    pub(crate) row: Option<RowRef>,
    /// Whether a marked passage stands where it was marked.
    pub(crate) found: bool,
}

impl<'a> NewItem<'a> {
    pub(crate) fn record(source: &'a str, usage: &'a str, side: Side, says: String) -> Self {
        Self {
            source,
            usage,
            side,
            recorded_at: None,
            says,
            file: None,
            row: None,
            found: true,
        }
    }

    pub(crate) fn at(mut self, seconds: Option<i64>) -> Self {
        self.recorded_at = seconds;
        self
    }

    pub(crate) fn row(mut self, row: RowRef) -> Self {
        // A default reference means that no single row was meant.
        self.row = (row != RowRef::default()).then_some(row);
        self
    }
}

/// An argument about to be added.
#[derive(Debug)]
pub(crate) struct NewArgument {
    pub(crate) id: String,
    pub(crate) side: Side,
    pub(crate) scheme: Scheme,
    pub(crate) premises: Vec<String>,
    pub(crate) frame: Vec<String>,
    pub(crate) says: String,
    pub(crate) gates: Vec<GateResult>,
}

/// One claim's items, arguments and interests under construction.
#[derive(Debug)]
pub(crate) struct Builder<'a> {
    register: &'a Register,
    facts: &'a Facts,
    stakes: Stakes<'a>,
    items: BTreeMap<String, (ItemInput, Side)>,
    arguments: BTreeMap<String, ArgumentInput>,
    challenges: Vec<ChallengeInput>,
}

/// What [`Builder::finish`] hands over.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) sources: Vec<SourceInput>,
    pub(crate) items: Vec<ItemInput>,
    pub(crate) arguments: Vec<ArgumentInput>,
    pub(crate) challenges: Vec<ChallengeInput>,
    pub(crate) interests: BTreeMap<String, PartyInterest>,
    pub(crate) names: BTreeMap<String, String>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(register: &'a Register, facts: &'a Facts, stakes: Stakes<'a>) -> Self {
        Self {
            register,
            facts,
            stakes,
            items: BTreeMap::new(),
            arguments: BTreeMap::new(),
            challenges: Vec::new(),
        }
    }

    pub(crate) fn source(&self, id: &str) -> Option<&'a SourceFact> {
        self.facts.sources.iter().find(|source| source.id == id)
    }

    /// Adds an item and returns its id; none when the facts do not hold its source.
    pub(crate) fn item(&mut self, new: NewItem<'_>) -> Option<String> {
        let source = self.source(new.source)?;
        let id = format!("{}/{}", new.source, new.usage);
        let (mut integrity, mut because, cure) = self.integrity(source);
        if !new.found && integrity == Integrity::Verified {
            integrity = Integrity::Unverified;
            "the marked passage was not found at its place".clone_into(&mut because);
        }
        let item = ItemInput {
            id: id.clone(),
            source: new.source.to_owned(),
            integrity,
            integrity_because: because,
            recorded_at: new
                .recorded_at
                .or(source.recorded_at)
                .unwrap_or(source.acquired_at),
            cure,
            interest_lapsed: false,
            conflicted: false,
            says: new.says,
            file: new.file,
            row: new.row,
        };
        self.items.entry(id.clone()).or_insert((item, new.side));
        Some(id)
    }

    pub(crate) fn argument(&mut self, new: NewArgument) {
        let NewArgument {
            id,
            side,
            scheme,
            mut premises,
            mut frame,
            says,
            gates,
        } = new;
        premises.sort();
        premises.dedup();
        frame.sort();
        frame.dedup();
        if premises.is_empty() {
            return;
        }
        let argument = ArgumentInput {
            id: id.clone(),
            side,
            scheme,
            premises,
            frame,
            says,
            gates,
        };
        self.arguments.entry(id).or_insert(argument);
    }

    pub(crate) fn challenge(&mut self, challenge: ChallengeInput) {
        self.challenges.push(challenge);
    }

    /// Side a target speaks for; none when this claim has no such argument or challenge.
    pub(crate) fn side_of(&self, target: &str) -> Option<Side> {
        if let Some(argument) = self.arguments.get(target) {
            return Some(argument.side);
        }
        let challenge = self.challenges.iter().find(|c| c.id == target)?;
        self.side_of(&challenge.target).map(Side::opposite)
    }

    pub(crate) fn has_arguments(&self) -> bool {
        !self.arguments.is_empty()
    }

    /// Integrity with the cure settled: a declared cure whose proof fails makes the item unverified, not
    /// merely uncured (METHOD 18.18).
    fn integrity(&self, source: &SourceFact) -> (Integrity, String, Option<Cure>) {
        let because = source.integrity_because.clone();
        let Some(cure) = &source.cure else {
            return (source.integrity, because, None);
        };
        let dispute = self.register.case.dispute_date.map(second_of);
        let why = if !cure.proven {
            "the declared cure could not be proven"
        } else if cure.kind == CureKind::Precommitted
            && !matches!((cure.at, dispute), (Some(at), Some(dispute)) if at < dispute)
        {
            "it is not shown to have been committed before the dispute"
        } else if cure.kind != CureKind::Precommitted && cure.party.is_none() {
            "the declared cure names no party"
        } else {
            return (source.integrity, because, Some(cure.clone()));
        };
        let integrity = match source.integrity {
            Integrity::Failed => Integrity::Failed,
            _ => Integrity::Unverified,
        };
        (integrity, why.to_owned(), None)
    }

    /// The source and everything it was made from.
    fn closure(&self, id: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut todo = vec![id.to_owned()];
        while let Some(here) = todo.pop() {
            if found.insert(here.clone())
                && let Some(source) = self.source(&here)
            {
                todo.extend(source.derived_from.iter().cloned());
            }
        }
        found
    }

    fn parties(&self, source: &str) -> BTreeSet<String> {
        self.closure(source)
            .iter()
            .filter_map(|id| self.source(id))
            .flat_map(|s| [s.custodian.clone(), s.controller.clone()])
            .collect()
    }

    /// Day on which interest counts: of recording, for statements of acquisition (METHOD 18.17).
    fn day(&self, item: &ItemInput) -> Date {
        let statement = self
            .source(&item.source)
            .filter(|s| s.kind == SourceKind::Statement);
        day_of(statement.map_or(item.recorded_at, |s| s.acquired_at))
    }

    fn interests_on(&self, party: &str, day: Date) -> Interests {
        interests(party, self.stakes, &self.register.relations, day)
    }

    /// Settles interests and sorts everything.
    pub(crate) fn finish(mut self) -> Built {
        let mut gains: BTreeMap<String, Interests> = BTreeMap::new();
        for (item, _) in self.items.values() {
            let day = self.day(item);
            let cure_party = item.cure.as_ref().and_then(|c| c.party.clone());
            for party in self.parties(&item.source).into_iter().chain(cure_party) {
                let here = self.interests_on(&party, day);
                gains.entry(party).or_default().extend(here);
            }
        }
        let chosen: BTreeMap<String, PartyInterest> = gains
            .iter()
            .filter_map(|(party, all)| {
                // Ordered by variant: gaining either way comes before not being known.
                let (value, because) = all.first_key_value()?;
                let value = PartyInterest {
                    value: *value,
                    because: because.clone(),
                };
                Some((party.clone(), value))
            })
            .collect();
        let ids: Vec<String> = self.items.keys().cloned().collect();
        for id in ids {
            let (lapsed, conflicted) = self.standing(&id, &chosen);
            if let Some((item, _)) = self.items.get_mut(&id) {
                item.interest_lapsed = lapsed;
                item.conflicted = conflicted;
            }
        }
        self.hand_over(chosen)
    }

    /// `(lapsed, conflicted)`: how an item's keepers stood on its day, against what their party is
    /// recorded with.
    fn standing(&self, id: &str, chosen: &BTreeMap<String, PartyInterest>) -> (bool, bool) {
        let Some((item, side)) = self.items.get(id) else {
            return (false, false);
        };
        let aligned = match side {
            Side::For => Interest::BenefitsIfTrue,
            Side::Against => Interest::BenefitsIfFalse,
        };
        let day = self.day(item);
        let (mut now, mut recorded) = (BTreeSet::new(), BTreeSet::new());
        for party in self.parties(&item.source) {
            now.extend(self.interests_on(&party, day).into_keys());
            recorded.extend(chosen.get(&party).map(|interest| interest.value));
        }
        let touches =
            |set: &BTreeSet<Interest>| set.contains(&aligned) || set.contains(&Interest::Unknown);
        let lapsed = touches(&recorded) && !touches(&now);
        let conflicted = now.contains(&aligned) && !recorded.contains(&aligned);
        (lapsed, conflicted)
    }

    fn hand_over(self, interests: BTreeMap<String, PartyInterest>) -> Built {
        let used: BTreeSet<String> = self
            .items
            .values()
            .flat_map(|(item, _)| self.closure(&item.source))
            .collect();
        let sources: Vec<SourceInput> = used
            .iter()
            .filter_map(|id| self.source(id))
            .map(|source| SourceInput {
                id: source.id.clone(),
                custodian: source.custodian.clone(),
                controller: source.controller.clone(),
                kind: source.kind,
                derived_from: source
                    .derived_from
                    .iter()
                    .filter(|id| used.contains(*id))
                    .cloned()
                    .collect(),
                delivery: source.delivery,
                protected: self
                    .register
                    .source(&source.id)
                    .is_some_and(|declared| declared.protected),
            })
            .collect();
        let mut parties: BTreeSet<&str> = self.stakes.claimant.iter().map(String::as_str).collect();
        for source in &sources {
            parties.extend([source.custodian.as_str(), source.controller.as_str()]);
        }
        parties.extend(interests.keys().map(String::as_str));
        let names = parties
            .into_iter()
            .map(|id| {
                let name = self.register.party(id).map_or(id, |party| &party.name);
                (id.to_owned(), name.to_owned())
            })
            .collect();
        Built {
            sources,
            items: self.items.into_values().map(|(item, _)| item).collect(),
            arguments: self.arguments.into_values().collect(),
            challenges: self.challenges,
            interests,
            names,
        }
    }
}
