//! From a store's state to its collections: patterns, classes of small patterns, and what the bounds left out. It
//! refuses silence: every object of the store is in a collection or in `beyond_collections`, and what a bound folded
//! is counted as unprofiled.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::calendar::{date_of, day_text};
use crate::counters::{Counters, bin_floor, quantile};
use crate::facts::Config;
use crate::features::{Features, Row};
use crate::lexicon::{Claim, lexicon};
use crate::mask;
use crate::profile::{
    CollectionProfile, Measure, RetentionProfile, SizeProfile, SlotProfile, StoreProfile,
    TimeProfile,
};
use crate::profiler::{Group, StoreState};
use crate::sample::{SampleRow, unite};
use crate::score;
use crate::signature::tokens;
use crate::template::slots::{Reading, read};
use crate::template::{Members, Pattern, merge};

/// Sampled objects a collection is read from, at most.
const ROWS_MAX: usize = 1_024;

/// A collection in the making.
#[derive(Debug, Default)]
struct Draft {
    template: String,
    slots: Vec<SlotProfile>,
    counters: Counters,
    rows: Vec<Row>,
    examples: Vec<String>,
    extensions: BTreeMap<String, u64>,
    signatures: u64,
    folded: Measure,
}

impl Draft {
    fn absorb(&mut self, other: Self) {
        // Slots are those of the larger part; both print the same template.
        if other.counters.objects > self.counters.objects {
            self.slots = other.slots;
        }
        self.counters.merge(&other.counters);
        self.rows.extend(other.rows);
        self.examples.extend(other.examples);
        for (extension, objects) in other.extensions {
            *self.extensions.entry(extension).or_insert(0) += objects;
        }
        self.signatures += other.signatures;
        self.folded.objects += other.folded.objects;
        self.folded.bytes = self.folded.bytes.saturating_add(other.folded.bytes);
    }
}

/// The totals and collections of a store.
pub(crate) fn of_store(
    store: &str,
    state: &StoreState,
    config: &Config,
) -> (StoreProfile, Vec<CollectionProfile>) {
    let mut drafts: Vec<Draft> = drafts(state, config);
    drafts.sort_by(|left, right| {
        (Reverse(left.counters.objects), &left.template)
            .cmp(&(Reverse(right.counters.objects), &right.template))
    });
    let mut beyond = Measure::default();
    for draft in drafts.drain(config.collections_max.min(drafts.len())..) {
        beyond.objects += draft.counters.objects;
        beyond.bytes = beyond.bytes.saturating_add(draft.counters.bytes);
    }
    let mut unprofiled = beyond;
    for draft in &drafts {
        unprofiled.objects += draft.folded.objects;
        unprofiled.bytes = unprofiled.bytes.saturating_add(draft.folded.bytes);
    }
    let totals = StoreProfile {
        store: store.to_owned(),
        objects: state.total.objects,
        bytes: state.total.bytes,
        unprofiled,
        beyond_collections: beyond,
        signatures_overflowed: state.overflowed,
    };
    (
        totals,
        drafts
            .into_iter()
            .map(|draft| publish(store, draft, config))
            .collect(),
    )
}

/// Patterns of their own first; patterns below the threshold join the class of their extension, and small classes join
/// the class of what their extensions claim (PROFILE section 5.3). A class of one pattern keeps that pattern's template.
fn drafts(state: &StoreState, config: &Config) -> Vec<Draft> {
    let rows_max = state.rows_max(config);
    let mut by_template: BTreeMap<String, Draft> = BTreeMap::new();
    let mut small: BTreeMap<u16, Vec<(Pattern, Members)>> = BTreeMap::new();
    for (pattern, members) in merge(&state.groups) {
        if members.objects >= config.objects_min {
            put(
                &mut by_template,
                from_pattern(&pattern, &members, state, rows_max, config),
            );
        } else {
            small
                .entry(pattern.extension)
                .or_default()
                .push((pattern, members));
        }
    }
    let mut classes: BTreeMap<u16, Draft> = BTreeMap::new();
    for (extension, group) in &state.folded {
        classes.insert(*extension, from_folded(*extension, group));
    }
    for (extension, patterns) in small {
        if let ([(pattern, members)], None) = (patterns.as_slice(), classes.get(&extension)) {
            classes.insert(
                extension,
                from_pattern(pattern, members, state, rows_max, config),
            );
            continue;
        }
        let draft = from_class(extension, &patterns, state, rows_max);
        classes.entry(extension).or_default().absorb(draft);
    }
    let mut by_claim: BTreeMap<Option<Claim>, Vec<(u16, Draft)>> = BTreeMap::new();
    for (extension, mut draft) in classes {
        if draft.template.is_empty() {
            draft.template = class_template(extension);
        }
        if draft.counters.objects >= config.objects_min {
            put(&mut by_template, draft);
        } else {
            let claim = lexicon()
                .by_number(extension)
                .map(|extension| extension.claim);
            by_claim.entry(claim).or_default().push((extension, draft));
        }
    }
    for (claim, drafts) in by_claim {
        let several = drafts.len() > 1;
        let mut joined = Draft::default();
        for (_, draft) in drafts {
            let template = if several {
                String::new()
            } else {
                draft.template.clone()
            };
            joined.template = template;
            joined.absorb(draft);
        }
        if several {
            joined.slots.clear();
            joined.template = format!(
                "{{path}}/{{name}}.{{ext:{}}}",
                claim.map_or("none", Claim::word)
            );
        }
        put(&mut by_template, joined);
    }
    by_template.into_values().collect()
}

fn put(by_template: &mut BTreeMap<String, Draft>, draft: Draft) {
    match by_template.get_mut(&draft.template) {
        Some(existing) => existing.absorb(draft),
        None => {
            by_template.insert(draft.template.clone(), draft);
        }
    }
}

fn class_template(extension: u16) -> String {
    match lexicon().by_number(extension) {
        Some(extension) => format!("{{path}}/{{name}}.{}", extension.text),
        None => "{path}/{name}".to_owned(),
    }
}

fn extension_text(extension: u16) -> String {
    lexicon()
        .by_number(extension)
        .map_or_else(String::new, |extension| extension.text.to_owned())
}

fn from_pattern(
    pattern: &Pattern,
    members: &Members,
    state: &StoreState,
    rows_max: usize,
    config: &Config,
) -> Draft {
    let groups: Vec<&Group> = members
        .keys
        .iter()
        .filter_map(|key| state.groups.get(key))
        .collect();
    let rows = unite(groups.iter().map(|group| &group.sample), rows_max, ROWS_MAX);
    let reading = read(pattern, &rows, members.objects, config.literal_objects_min);
    let mut draft = from_groups(pattern.extension, &groups);
    draft.examples = examples(&rows);
    draft.rows = rows
        .iter()
        .zip(reading.key_times)
        .map(|(row, key_time)| Row::new(row, key_time))
        .collect();
    let Reading {
        template, slots, ..
    } = reading;
    draft.template = template;
    draft.slots = slots;
    draft
}

fn from_class(
    extension: u16,
    patterns: &[(Pattern, Members)],
    state: &StoreState,
    rows_max: usize,
) -> Draft {
    let keys = patterns.iter().flat_map(|(_, members)| &members.keys);
    let groups: Vec<&Group> = keys.filter_map(|key| state.groups.get(key)).collect();
    let rows = unite(groups.iter().map(|group| &group.sample), rows_max, ROWS_MAX);
    let mut draft = from_groups(extension, &groups);
    draft.examples = examples(&rows);
    draft.rows = rows.iter().map(|row| Row::new(row, None)).collect();
    draft
}

fn from_folded(extension: u16, group: &Group) -> Draft {
    let mut draft = from_groups(extension, &[group]);
    let rows: Vec<SampleRow> = group.sample.clone().into();
    draft.examples = examples(&rows);
    draft.rows = rows.iter().map(|row| Row::new(row, None)).collect();
    draft.signatures = 0;
    draft.folded = Measure {
        objects: group.counters.objects,
        bytes: group.counters.bytes,
    };
    draft
}

fn from_groups(extension: u16, groups: &[&Group]) -> Draft {
    let mut draft = Draft {
        signatures: u64::try_from(groups.len()).unwrap_or(u64::MAX),
        ..Draft::default()
    };
    for group in groups {
        draft.counters.merge(&group.counters);
    }
    draft
        .extensions
        .insert(extension_text(extension), draft.counters.objects);
    draft
}

/// Masked keys of the rows with the smallest hashes.
fn examples(rows: &[SampleRow]) -> Vec<String> {
    let mut list = Vec::new();
    let masked = rows.iter().take(3).map(|row| {
        tokens(&row.key, &mut list);
        let extension = lexicon()
            .extension(&row.key)
            .map_or(0, |extension| extension.tokens);
        mask::example(&row.key, &list, extension)
    });
    masked.collect()
}

fn publish(store: &str, mut draft: Draft, config: &Config) -> CollectionProfile {
    draft.rows.sort_unstable_by_key(|left| left.hash);
    draft.rows.truncate(ROWS_MAX);
    draft.examples.sort_unstable();
    draft.examples.dedup();
    draft.examples.truncate(3);
    let features = Features::of(
        &draft.counters,
        &draft.rows,
        &draft.slots,
        &draft.template,
        &draft.extensions,
    );
    let (kind, views) = score::explain(&features, config.objects_min);
    let counters = &draft.counters;
    CollectionProfile {
        store: store.to_owned(),
        template: draft.template,
        objects: counters.objects,
        bytes: counters.bytes,
        signatures: draft.signatures,
        folded: draft.folded,
        slots: draft.slots,
        masked_examples: draft.examples,
        extensions: draft.extensions,
        sizes: sizes(counters, &features),
        times: times(counters, &features),
        residues: features.residues.clone(),
        duration: features.duration,
        tiers: counters.tiers.clone(),
        encryption: counters.encryption.clone(),
        content_types: counters.content_types.clone(),
        retention: RetentionProfile {
            retained: counters.retained,
            retained_year: counters.retained_year,
            held: counters.held,
            both_times: counters.both_times,
            modified_later: counters.modified_later,
            modified_later_seconds_p50: quantile(&counters.lag_bins, 500).map(|octave| 1 << octave),
        },
        kind,
        views,
    }
}

fn sizes(counters: &Counters, features: &Features) -> SizeProfile {
    let at = |permille: u64| quantile(&counters.size_bins, permille).map(bin_floor);
    SizeProfile {
        known: counters.sized,
        empty: counters.empty,
        min: counters.size_min,
        p10: at(100),
        p25: at(250),
        p50: at(500),
        p75: at(750),
        p90: at(900),
        p99: at(990),
        max: counters.size_max,
        ln_sigma_milli: features.ln_sigma_milli,
        histogram: counters
            .size_bins
            .iter()
            .map(|(bin, count)| (bin_floor(*bin), *count))
            .collect(),
        top: features.top_sizes.iter().copied().take(5).collect(),
        sampled: features.sampled_sizes,
    }
}

fn times(counters: &Counters, features: &Features) -> TimeProfile {
    let mut months: BTreeMap<String, u64> = BTreeMap::new();
    for (day, count) in &counters.days {
        let (year, month, _) = date_of(i64::from(*day));
        *months.entry(format!("{year:04}-{month:02}")).or_insert(0) += count;
    }
    let day = |day: Option<&u16>| day.map(|day| day_text(i64::from(*day)));
    TimeProfile {
        known: counters.arrivals,
        created_known: counters.created_known,
        modified_known: counters.modified_known,
        reading: features.time_reading,
        first_day: day(counters.days.keys().next()),
        last_day: day(counters.days.keys().next_back()),
        active_days: u64::try_from(counters.days.len()).unwrap_or(u64::MAX),
        busiest_day_objects: counters.days.values().max().copied().unwrap_or(0),
        hour_of_week: (0..168)
            .map(|hour| counters.hour_of_week.get(&hour).copied().unwrap_or(0))
            .collect(),
        daily_rhythm_milli: features.daily_rhythm_milli,
        months,
    }
}
