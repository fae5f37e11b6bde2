//! The profiler: observe, merge, finish. It refuses order: its result is a function of the multiset of objects, however
//! they were ordered, split and merged, and it keeps no key beyond the bounded sample.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::collection;
use crate::counters::Counters;
use crate::facts::{Config, ObjectFacts};
use crate::kinds::weights;
use crate::lexicon::lexicon;
use crate::mask;
use crate::profile::{Measure, Profile};
use crate::sample::{Sample, SampleRow};
use crate::signature::{GroupKey, Token, tokens};

/// Why two profilers could not be merged.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Their bounds differ.
    #[error("profilers with different bounds cannot be merged")]
    Bounds,
    /// One is a first pass over a store, the other a second one.
    #[error("a first and a second pass over store `{store}` cannot be merged")]
    Pass {
        /// The store.
        store: String,
    },
}

/// Objects sampled per signature, at most and at least.
const SAMPLE_ROWS_MAX: usize = 512;
const SAMPLE_ROWS_MIN: usize = 64;

/// Counters and sample of the objects of one group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) counters: Counters,
    pub(crate) sample: Sample,
    /// Smallest sampling hash: signatures with the smallest ones are a draw proportional to objects.
    draw: u64,
    /// Smallest sampling hash divided by size: a draw proportional to bytes.
    draw_by_bytes: u64,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            counters: Counters::default(),
            sample: Sample::default(),
            draw: u64::MAX,
            draw_by_bytes: u64::MAX,
        }
    }
}

impl Group {
    fn observe(&mut self, facts: &ObjectFacts<'_>, hash: u64, rows_max: usize) {
        let size = facts.size.and_then(|size| u64::try_from(size).ok());
        self.counters.observe(facts);
        self.draw = self.draw.min(hash);
        self.draw_by_bytes = self.draw_by_bytes.min(hash / size.unwrap_or(0).max(1));
        if self.sample.admits(hash, rows_max) {
            let row = SampleRow {
                hash,
                size,
                created_ms: facts.created_ms,
                modified_ms: facts.modified_ms,
                key: facts.key.into(),
            };
            self.sample.offer(row, rows_max);
        }
    }

    pub(crate) fn merge(&mut self, other: Self, rows_max: usize) {
        self.counters.merge(&other.counters);
        self.sample.merge(other.sample, rows_max);
        self.draw = self.draw.min(other.draw);
        self.draw_by_bytes = self.draw_by_bytes.min(other.draw_by_bytes);
    }
}

/// What is kept of one store.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct StoreState {
    pub(crate) total: Measure,
    pub(crate) groups: BTreeMap<GroupKey, Group>,
    /// Objects of signatures beyond the bound, by claimed extension.
    pub(crate) folded: BTreeMap<u16, Group>,
    /// More signatures than the bound were seen.
    pub(crate) overflowed: bool,
    /// Second pass: the signatures are fixed and counted exactly; all others fold.
    pub(crate) fixed: bool,
    /// The largest draws, by objects and by bytes, that the last pruning kept. They can only fall, so an object above
    /// both cannot bring its signature in: it is folded at once, which keeps floods cheap and changes no result.
    #[serde(skip)]
    draws_kept: Option<(u64, u64)>,
}

impl StoreState {
    /// Sampled objects per signature. It shrinks as signatures are found and never grows again, so what was kept
    /// earlier always includes what is kept in the end.
    pub(crate) fn rows_max(&self, config: &Config) -> usize {
        let signatures = self.groups.len().clamp(1, config.signatures_max.max(1));
        (config.sample_budget / signatures).clamp(SAMPLE_ROWS_MIN, SAMPLE_ROWS_MAX)
    }

    fn observe(
        &mut self,
        key: &[u8],
        extension: u16,
        facts: &ObjectFacts<'_>,
        hash: u64,
        config: &Config,
    ) {
        let size = facts
            .size
            .and_then(|size| u64::try_from(size).ok())
            .unwrap_or(0);
        self.total.objects += 1;
        self.total.bytes = self.total.bytes.saturating_add(size);
        let rows_max = self.rows_max(config);
        if let Some(group) = self.groups.get_mut(key) {
            group.observe(facts, hash, rows_max);
        } else if self.fixed
            || self
                .draws_kept
                .is_some_and(|(draw, by_bytes)| hash > draw && hash / size.max(1) > by_bytes)
        {
            self.folded
                .entry(extension)
                .or_default()
                .observe(facts, hash, SAMPLE_ROWS_MIN);
        } else {
            let group = self.groups.entry(GroupKey::from_bytes(key)).or_default();
            group.observe(facts, hash, rows_max);
            if self.groups.len() > 2 * (config.signatures_max + config.signatures_by_bytes_max) {
                self.prune(config);
            }
        }
    }

    /// Folds the signatures outside both draws. A signature inside one of them in the end was inside it whenever its
    /// deciding object had been seen, so which signatures remain does not depend on order.
    fn prune(&mut self, config: &Config) {
        if self.fixed || self.groups.len() <= config.signatures_max {
            return;
        }
        self.overflowed = true;
        let mut by_objects: Vec<(u64, &GroupKey)> = self
            .groups
            .iter()
            .map(|(key, group)| (group.draw, key))
            .collect();
        let mut by_bytes: Vec<(u64, &GroupKey)> = self
            .groups
            .iter()
            .map(|(key, group)| (group.draw_by_bytes, key))
            .collect();
        by_objects.sort_unstable();
        by_bytes.sort_unstable();
        let last = |draws: &[(u64, &GroupKey)], count: usize| {
            draws
                .get(count.saturating_sub(1))
                .map_or(u64::MAX, |(draw, _)| *draw)
        };
        let draws_kept = (
            last(&by_objects, config.signatures_max),
            last(&by_bytes, config.signatures_by_bytes_max),
        );
        let kept: BTreeSet<GroupKey> = by_objects
            .iter()
            .take(config.signatures_max)
            .chain(by_bytes.iter().take(config.signatures_by_bytes_max))
            .map(|(_, key)| (*key).clone())
            .collect();
        self.draws_kept = Some(draws_kept);
        for (key, group) in std::mem::take(&mut self.groups) {
            if kept.contains(&key) {
                self.groups.insert(key, group);
            } else {
                self.folded
                    .entry(key.extension())
                    .or_default()
                    .merge(group, SAMPLE_ROWS_MIN);
            }
        }
    }

    fn merge(&mut self, other: Self, config: &Config) {
        self.total.objects += other.total.objects;
        self.total.bytes = self.total.bytes.saturating_add(other.total.bytes);
        self.overflowed |= other.overflowed;
        for (key, group) in other.groups {
            self.groups
                .entry(key)
                .or_default()
                .merge(group, SAMPLE_ROWS_MAX);
        }
        for (extension, group) in other.folded {
            self.folded
                .entry(extension)
                .or_default()
                .merge(group, SAMPLE_ROWS_MIN);
        }
        self.settle(config);
    }

    /// Brings the state to its bounds: a function of what was seen.
    fn settle(&mut self, config: &Config) {
        self.prune(config);
        let rows_max = self.rows_max(config);
        for group in self.groups.values_mut() {
            group.sample.trim(rows_max);
        }
    }

    /// After a first pass that overflowed, counts of single signatures are not exact (some were folded before they were
    /// drawn again), so all of them fold; after a second pass they are exact and stay.
    fn close(&mut self, config: &Config) {
        self.settle(config);
        if self.overflowed && !self.fixed {
            for (key, group) in std::mem::take(&mut self.groups) {
                self.folded
                    .entry(key.extension())
                    .or_default()
                    .merge(group, SAMPLE_ROWS_MIN);
            }
        }
        self.groups.retain(|_, group| group.counters.objects > 0);
    }
}

/// Reused buffers of one profiler; they hold nothing between objects that matters.
#[derive(Debug, Clone, Default)]
struct Scratch {
    tokens: Vec<Token>,
    group: Vec<u8>,
    masked: Vec<u8>,
}

/// Builds the use profile of any number of stores.
///
/// ```
/// use plainview_profile::{Config, ObjectFacts, Profiler};
///
/// let mut profiler = Profiler::new(Config::default());
/// profiler.observe("aws/111122223333/archive", &ObjectFacts { key: "2025/01/02/a.pdf", size: Some(4_096), ..ObjectFacts::default() });
/// let profile = profiler.finish();
/// assert_eq!(profile.stores[0].objects, 1);
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Profiler {
    config: Config,
    total: Measure,
    stores: BTreeMap<String, StoreState>,
    #[serde(skip)]
    scratch: Scratch,
}

impl Profiler {
    /// An empty profiler with these bounds.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            total: Measure::default(),
            stores: BTreeMap::new(),
            scratch: Scratch::default(),
        }
    }

    /// Takes in one current object of a store (`provider/account/container`).
    pub fn observe(&mut self, store: &str, facts: &ObjectFacts<'_>) {
        let scratch = &mut self.scratch;
        tokens(facts.key, &mut scratch.tokens);
        let extension = lexicon()
            .extension(facts.key)
            .map_or(0, |extension| extension.number);
        GroupKey::write(
            extension,
            lexicon().directory(facts.key),
            &scratch.tokens,
            &mut scratch.group,
        );
        mask::for_sampling(facts.key, &scratch.tokens, &mut scratch.masked);
        for number in [facts.size, facts.created_ms, facts.modified_ms] {
            scratch
                .masked
                .extend_from_slice(&number.unwrap_or(i64::MIN).to_le_bytes());
        }
        let hash = xxh3_64(&scratch.masked);
        self.total.objects += 1;
        let size = facts
            .size
            .and_then(|size| u64::try_from(size).ok())
            .unwrap_or(0);
        self.total.bytes = self.total.bytes.saturating_add(size);
        if let Some(state) = self.stores.get_mut(store) {
            state.observe(&scratch.group, extension, facts, hash, &self.config);
            return;
        }
        let state = self.stores.entry(store.to_owned()).or_default();
        state.observe(&scratch.group, extension, facts, hash, &self.config);
        if self.stores.len() > self.config.stores_max.saturating_mul(2) {
            self.prune_stores();
        }
    }

    fn prune_stores(&mut self) {
        let excess = self.stores.len().saturating_sub(self.config.stores_max);
        if excess == 0 {
            return;
        }
        let mut ranked: Vec<(Reverse<u64>, String)> = self
            .stores
            .keys()
            .map(|name| (Reverse(xxh3_64(name.as_bytes())), name.clone()))
            .collect();
        ranked.sort_unstable();
        for (_, name) in ranked.iter().take(excess) {
            self.stores.remove(name);
        }
    }

    /// Joins two profilers over different objects, as if one had seen all.
    pub fn merge(mut self, other: Self) -> Result<Self, Error> {
        if self.config != other.config {
            return Err(Error::Bounds);
        }
        self.total.objects += other.total.objects;
        self.total.bytes = self.total.bytes.saturating_add(other.total.bytes);
        for (store, state) in other.stores {
            match self.stores.get_mut(&store) {
                Some(own) if own.fixed != state.fixed => return Err(Error::Pass { store }),
                Some(own) => own.merge(state, &self.config),
                None => {
                    self.stores.insert(store, state);
                }
            }
        }
        self.prune_stores();
        Ok(self)
    }

    /// Whether a store had more signatures than the bound, so that only a second pass tells its large collections apart.
    pub fn needs_second_pass(&self) -> bool {
        self.stores.values().any(|state| {
            state.overflowed || !state.fixed && state.groups.len() > self.config.signatures_max
        })
    }

    /// A profiler for a second pass over the same objects: of stores that overflowed, the drawn signatures are fixed and
    /// will be counted exactly; everything else folds into classes and counts as unprofiled.
    ///
    /// A signature with a share `s` of a store's objects is missed with a chance of about `exp(-s x signatures_max)`
    /// (or by its bytes, with `signatures_by_bytes_max`). Someone who chooses keys by their hash can displace it; the
    /// objects then show up as unprofiled.
    #[must_use]
    pub fn second_pass(&self) -> Self {
        let mut next = Self::new(self.config);
        for (store, state) in &self.stores {
            let mut state = state.clone();
            state.settle(&self.config);
            if state.overflowed {
                let groups = state
                    .groups
                    .into_keys()
                    .map(|key| (key, Group::default()))
                    .collect();
                let fixed = StoreState {
                    groups,
                    overflowed: true,
                    fixed: true,
                    ..StoreState::default()
                };
                next.stores.insert(store.clone(), fixed);
            }
        }
        next
    }

    /// Merges templates, computes features and scores kinds.
    pub fn finish(mut self) -> Profile {
        self.prune_stores();
        let mut profile = Profile {
            weights: weights::version(),
            stores: Vec::new(),
            collections: Vec::new(),
            unprofiled: self.total,
        };
        for (store, mut state) in self.stores {
            if state.total.objects == 0 {
                continue;
            }
            profile.unprofiled.objects = profile
                .unprofiled
                .objects
                .saturating_sub(state.total.objects);
            profile.unprofiled.bytes = profile.unprofiled.bytes.saturating_sub(state.total.bytes);
            state.close(&self.config);
            let (totals, collections) = collection::of_store(&store, &state, &self.config);
            profile.stores.push(totals);
            profile.collections.extend(collections);
        }
        profile
    }
}
