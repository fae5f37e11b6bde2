//! A collection that protected sources alone list, with nothing left that tells two copies of one
//! listing apart.
//!
//! Template, kind, families, weights and size quantiles stay: they are shapes, not counts. No
//! count below ten survives inside a breakdown, or its parts would add up to the exact total.

use std::collections::BTreeMap;

use plainview_profile::{CollectionProfile, Measure, RetentionProfile, SizeProfile, TimeProfile};

use super::rounded;

/// What is printed in place of an observation that quotes counts.
const OBSERVED: &str = "withheld";

pub(super) fn withhold_collection(collection: &mut CollectionProfile) {
    collection.objects = rounded(collection.objects);
    collection.bytes = rounded(collection.bytes);
    collection.signatures = rounded(collection.signatures);
    withhold_measure(&mut collection.folded);
    for slot in &mut collection.slots {
        slot.sampled = rounded(slot.sampled);
        slot.agrees_with_arrival = slot.agrees_with_arrival.map(rounded);
    }
    collection.masked_examples.clear();
    for parts in [
        &mut collection.extensions,
        &mut collection.tiers,
        &mut collection.encryption,
        &mut collection.content_types,
    ] {
        withhold_parts(parts);
    }
    withhold_sizes(&mut collection.sizes);
    withhold_times(&mut collection.times);
    for residue in &mut collection.residues {
        residue.objects = rounded(residue.objects);
        residue.of = rounded(residue.of);
    }
    if let Some(duration) = &mut collection.duration {
        duration.sampled = rounded(duration.sampled);
        for figure in [
            &mut duration.rank_correlation_milli,
            &mut duration.bytes_per_second,
            &mut duration.seconds_p10,
            &mut duration.seconds_p50,
            &mut duration.seconds_p90,
        ] {
            *figure = nearer_zero(*figure);
        }
    }
    withhold_retention(&mut collection.retention);
    let kind = &mut collection.kind;
    for signal in kind.signals_for.iter_mut().chain(&mut kind.signals_against) {
        OBSERVED.clone_into(&mut signal.observed);
    }
}

pub(super) fn withhold_measure(measure: &mut Measure) {
    measure.objects = rounded(measure.objects);
    measure.bytes = rounded(measure.bytes);
}

fn withhold_sizes(sizes: &mut SizeProfile) {
    for count in [&mut sizes.known, &mut sizes.empty, &mut sizes.sampled] {
        *count = rounded(*count);
    }
    // Exact sizes of single objects are what a watermark would be made of.
    sizes.min = None;
    sizes.max = None;
    sizes.top.clear();
    sizes.ln_sigma_milli = sizes.ln_sigma_milli.map(rounded);
    for (_, count) in &mut sizes.histogram {
        *count = part(*count);
    }
    sizes.histogram.retain(|(_, count)| *count > 0);
}

fn withhold_times(times: &mut TimeProfile) {
    for count in [
        &mut times.known,
        &mut times.created_known,
        &mut times.modified_known,
        &mut times.active_days,
        &mut times.busiest_day_objects,
        &mut times.daily_rhythm_milli,
    ] {
        *count = rounded(*count);
    }
    times.first_day = None;
    times.last_day = None;
    for count in &mut times.hour_of_week {
        *count = part(*count);
    }
    withhold_parts(&mut times.months);
}

fn withhold_retention(retention: &mut RetentionProfile) {
    for count in [
        &mut retention.retained,
        &mut retention.retained_year,
        &mut retention.held,
        &mut retention.both_times,
        &mut retention.modified_later,
    ] {
        *count = rounded(*count);
    }
}

fn withhold_parts(parts: &mut BTreeMap<String, u64>) {
    for count in parts.values_mut() {
        *count = part(*count);
    }
    parts.retain(|_, count| *count > 0);
}

/// One part of a breakdown: parts under ten are dropped.
fn part(count: u64) -> u64 {
    if count < 10 { 0 } else { rounded(count) }
}

fn nearer_zero(figure: i64) -> i64 {
    // One significant digit of a magnitude never exceeds it, so it fits unless it is 2^63 itself.
    i64::try_from(rounded(figure.unsigned_abs())).map_or(0, |size| size * figure.signum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_never_add_up_to_a_small_total() {
        assert_eq!([0, 9, 10, 19, 234].map(part), [0, 0, 10, 10, 200]);
        assert_eq!([-47, 0, 47].map(nearer_zero), [-40, 0, 40]);
    }
}
