//! The stores: what each collection's metadata are consistent with, or why no kind is named.
//!
//! "Consistent with" is the strongest word here. It never says what a store contains, and it
//! prints arrival as a property of objects, never of people.

use plainview_profile::{
    Abstention, CollectionProfile, Family, Kind, KindResult, Outcome, Signal, TimeReading,
    ViewResult,
};

use crate::Error;
use crate::charts::canvas::Caption;
use crate::charts::{sizes, week};
use crate::figures;
use crate::page::{capitalised, shortened};
use crate::review::StoreReview;

/// Stores printed; review.json has them all.
pub(super) const STORES_MAX: usize = 100;
/// Collections printed for each store.
const COLLECTIONS_MAX: usize = 12;

/// Ends the figures of a collection that protected sources alone list.
const FLOORS: &str = ". Counts here are rounded down, and those under ten left out of charts and \
                      tables, because the source is protected.";

pub(super) struct StoreView {
    pub(super) place: String,
    pub(super) container: String,
    pub(super) summary: String,
    pub(super) unprofiled: String,
    pub(super) collections: Vec<CollectionView>,
    pub(super) left_out: String,
}

pub(super) struct CollectionView {
    pub(super) headline: String,
    pub(super) why: String,
    pub(super) template: String,
    pub(super) facts: String,
    pub(super) times: String,
    pub(super) sizes: String,
    pub(super) size_rows: Vec<(String, String)>,
    pub(super) week: String,
    pub(super) hours: Vec<HourRow>,
    pub(super) leading: String,
    pub(super) signals: Vec<SignalView>,
    pub(super) views: Vec<(&'static str, String)>,
    pub(super) examples: Vec<String>,
}

pub(super) struct HourRow {
    pub(super) day: &'static str,
    pub(super) quarters: Vec<String>,
}

pub(super) struct SignalView {
    pub(super) side: &'static str,
    pub(super) family: &'static str,
    pub(super) observed: String,
    pub(super) weight: String,
}

/// Whether a store's totals are exact, or floors because a protected source alone lists it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Floors {
    /// As counted.
    Exact,
    /// Rounded down.
    Protected,
}

pub(super) fn view(store: &StoreReview, number: usize, floors: Floors) -> Result<StoreView, Error> {
    let shown = store.collections.len().min(COLLECTIONS_MAX);
    let region = store.region.as_ref().map_or_else(
        || "No record gives its region.".to_owned(),
        |region| format!("Recorded in {region}."),
    );
    let at_least = match floors {
        Floors::Exact => "",
        Floors::Protected => "at least ",
    };
    let listed = if store.sources.is_empty() {
        "Named by a record, but no source lists what is in it.".to_owned()
    } else {
        format!(
            "Listed by {}: {at_least}{}, {}.",
            figures::listed(&store.sources),
            figures::counted(u128::from(store.objects), "object", "objects"),
            figures::bytes(u128::from(store.bytes)),
        )
    };
    let unprofiled = &store.unprofiled;
    Ok(StoreView {
        place: format!("{} / {} / ", store.provider, store.account),
        container: store.container.clone(),
        summary: format!(
            "{listed} {region} Records speak about it for {}.",
            match store.months.len() {
                0 | 1 => figures::months(&store.months),
                count => format!("{count} months, {}", figures::months(&store.months)),
            }
        ),
        unprofiled: match (unprofiled.objects, unprofiled.bytes) {
            (0, 0) => String::new(),
            (objects, bytes) => capitalised(&format!(
                "{at_least}{} ({}) could not be profiled exactly. They count as not reached.",
                figures::counted(u128::from(objects), "object", "objects"),
                figures::bytes(u128::from(bytes))
            )),
        },
        collections: (store.collections[..shown].iter().enumerate())
            .map(|(place, collection)| collection_view(collection, (number, place), at_least))
            .collect::<Result<_, _>>()?,
        left_out: match store.collections.len() - shown {
            0 => String::new(),
            left => format!(
                "{} not printed here; review.json has them all.",
                figures::counted(left as u128, "more collection is", "more collections are")
            ),
        },
    })
}

fn collection_view(
    collection: &CollectionProfile,
    place: (usize, usize),
    at_least: &str,
) -> Result<CollectionView, Error> {
    let kind = &collection.kind;
    let buckets = octaves(&collection.sizes.histogram);
    let (size_chart, week_chart) = charts(collection, &buckets, place)?;
    let mut facts = format!(
        "{at_least}{}, {}",
        figures::counted(u128::from(collection.objects), "object", "objects"),
        figures::bytes(u128::from(collection.bytes))
    );
    if let (Some(p10), Some(p50), Some(p90)) = (
        collection.sizes.p10,
        collection.sizes.p50,
        collection.sizes.p90,
    ) {
        facts = format!(
            "{facts}; half are smaller than {}, eight in ten between {} and {}",
            figures::bytes(u128::from(p50)),
            figures::bytes(u128::from(p10)),
            figures::bytes(u128::from(p90))
        );
    }
    let sides = [
        ("For", &kind.signals_for),
        ("Against", &kind.signals_against),
    ];
    Ok(CollectionView {
        headline: headline(kind),
        why: why(kind),
        template: shortened(&collection.template),
        facts: capitalised(&facts) + if at_least.is_empty() { "." } else { FLOORS },
        times: times(collection),
        sizes: size_chart,
        size_rows: (buckets.iter().filter(|bucket| bucket.1 > 0))
            .map(|(floor, count)| {
                let range = format!(
                    "{} to {}",
                    figures::bytes(u128::from(*floor)),
                    figures::bytes(u128::from(*floor) * 2)
                );
                (range, figures::grouped(u128::from(*count)))
            })
            .collect(),
        week: week_chart,
        hours: hours(&collection.times.hour_of_week),
        leading: phrase(&kind.leading),
        signals: (sides.into_iter())
            .flat_map(|(side, signals)| signals.iter().map(move |signal| signal_view(side, signal)))
            .collect(),
        views: vec![
            (
                "Names and metadata",
                outcome(&collection.views.names_and_metadata),
            ),
            ("Names masked", outcome(&collection.views.masked_names)),
            (
                "Sizes and times only",
                outcome(&collection.views.sizes_and_times_only),
            ),
        ],
        examples: collection
            .masked_examples
            .iter()
            .map(|key| shortened(key))
            .collect(),
    })
}

fn charts(
    collection: &CollectionProfile,
    buckets: &[(u64, u64)],
    (store, place): (usize, usize),
) -> Result<(String, String), Error> {
    let sizes = if buckets.is_empty() {
        String::new()
    } else {
        let caption = Caption {
            id: &format!("sizes-{store}-{place}"),
            title: "How large the objects are",
            description: "Objects by size, in powers of two of bytes; the table below has the \
                          counts.",
        };
        sizes::draw(buckets, &caption)?
    };
    let readable = matches!(
        collection.times.reading,
        TimeReading::Individual | TimeReading::Grid
    );
    let week = match <&[u64; week::HOURS]>::try_from(collection.times.hour_of_week.as_slice()) {
        Ok(counts) if readable && counts.iter().any(|count| *count > 0) => {
            let caption = Caption {
                id: &format!("week-{store}-{place}"),
                title: "When the objects arrived",
                description: "Objects by hour of the week in UTC, shaded more strongly where more arrived; the \
                              table below has the counts.",
            };
            week::draw(counts, &caption)?
        }
        _ => String::new(),
    };
    Ok((sizes, week))
}

fn headline(kind: &KindResult) -> String {
    match kind.outcome {
        Outcome::Kind => format!("Consistent with {}", phrase(&kind.id)),
        Outcome::Opaque => "Opaque: nothing in names or sizes speaks".to_owned(),
        Outcome::Unknown => "No kind is named".to_owned(),
    }
}

/// Why that headline, in one sentence.
fn why(kind: &KindResult) -> String {
    match (kind.outcome, kind.abstention) {
        (Outcome::Kind, _) => {
            let families: Vec<&str> = kind.families_for.iter().map(|one| family(*one)).collect();
            format!(
                "{} {} for it: {}. Other uses with the same traces are not excluded.",
                figures::counted(
                    families.len() as u128,
                    "kind of trace",
                    "independent kinds of trace"
                ),
                if families.len() == 1 {
                    "speaks"
                } else {
                    "speak"
                },
                figures::listed(&families)
            )
        }
        (Outcome::Opaque, _) => {
            "Names look random or sizes look encrypted, and nothing else speaks. That is a finding \
             in itself, not a guess at what is behind it."
                .to_owned()
        }
        (Outcome::Unknown, reason) => match reason {
            Some(Abstention::TooFewObjects) => "There are too few objects to say.",
            Some(Abstention::NoClearSignal) | None => "Nothing speaks clearly for any kind.",
            Some(Abstention::SmallMargin) => "Two kinds fit about as well.",
            Some(Abstention::SignalsConflict) => {
                "Some traces speak clearly against the kind that fits best."
            }
            Some(Abstention::TooFewFamilies) => {
                "The kind that fits best needs more independent kinds of trace than there are."
            }
        }
        .to_owned(),
    }
}

fn phrase(id: &str) -> String {
    match Kind::from_id(id) {
        Some(kind) => kind.phrase().to_owned(),
        None if id == "opaque" => "opaque storage".to_owned(),
        None => figures::words(id),
    }
}

fn outcome(view: &ViewResult) -> String {
    match view.outcome {
        Outcome::Kind => format!("consistent with {}", phrase(&view.id)),
        Outcome::Opaque => "opaque".to_owned(),
        Outcome::Unknown => "no kind is named".to_owned(),
    }
}

fn times(collection: &CollectionProfile) -> String {
    let times = &collection.times;
    let (Some(first), Some(last)) = (&times.first_day, &times.last_day) else {
        return match times.known {
            0 => "No arrival times are listed.",
            _ => "The days of arrival are withheld.",
        }
        .to_owned();
    };
    let read = match times.reading {
        TimeReading::Individual => "one by one",
        TimeReading::Grid => "on a regular grid of seconds",
        TimeReading::Bulk => "with times set in bulk, so nothing is read from them",
        TimeReading::TooFew => "with too few times to read anything from them",
    };
    format!(
        "Arrived {} to {}, {read}.",
        figures::date(first),
        figures::date(last)
    )
}

fn family(family: Family) -> &'static str {
    match family {
        Family::Names => "names",
        Family::SizeShape => "shape of sizes",
        Family::Residue => "size remainders",
        Family::Arrival => "arrival",
        Family::Duration => "size against duration",
        Family::Retention => "retention",
        Family::Tiers => "storage tiers",
    }
}

fn signal_view(side: &'static str, signal: &Signal) -> SignalView {
    SignalView {
        side,
        family: family(signal.family),
        observed: shortened(&signal.observed),
        weight: signal.weight.replacen('-', "\u{2212}", 1),
    }
}

/// The log histogram joined to powers of two, without holes between its ends.
fn octaves(histogram: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut buckets: Vec<(u64, u64)> = Vec::new();
    for (floor, count) in histogram {
        let octave = 1_u64 << floor.max(&1).ilog2();
        while let Some((last, _)) = buckets.last()
            && *last < octave
        {
            let next = last * 2;
            buckets.push((next, 0));
        }
        match buckets.last_mut() {
            Some((last, total)) if *last == octave => *total = total.saturating_add(*count),
            _ => buckets.push((octave, *count)),
        }
    }
    buckets
}

fn hours(counts: &[u64]) -> Vec<HourRow> {
    const DAYS: [&str; 7] = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    let sum = |quarter: &[u64]| quarter.iter().map(|count| u128::from(*count)).sum();
    (DAYS.iter().zip(counts.chunks_exact(24)))
        .map(|(day, hours)| HourRow {
            day,
            quarters: hours
                .chunks_exact(6)
                .map(|six| figures::grouped(sum(six)))
                .collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octaves_join_bins_and_fill_holes() {
        let bins = [(1024, 1), (1152, 2), (8192, 5)];
        assert_eq!(octaves(&bins), [(1024, 3), (2048, 0), (4096, 0), (8192, 5)]);
        assert_eq!(octaves(&[]), []);
    }

    #[test]
    fn the_week_table_sums_quarters_of_days() {
        let mut counts = vec![0; 168];
        counts[0] = 1;
        counts[5] = 2;
        counts[167] = 7;
        let rows = hours(&counts);
        assert_eq!(rows[0].quarters, ["3", "0", "0", "0"]);
        assert_eq!(rows[6].quarters, ["0", "0", "0", "7"]);
    }
}
