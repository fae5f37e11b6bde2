//! What a protected source keeps out of every output (DESIGN 4): custodian, paths, dates, file and
//! row numbers and exact totals.
//!
//! This is the last door before publication: it does not trust that a caller already closed it.
//! Two differently watermarked copies of one leak must come out of here the same.

mod collections;
mod coverage;
mod totals;

use std::collections::{BTreeMap, BTreeSet};

use plainview_register::{ClaimKind, Template};

use crate::Review;
use crate::review::{SourceReview, StoreReview};

/// What stands in place of something withheld.
pub(crate) const WITHHELD: &str = "a withheld party";

/// What no published text may carry.
struct Secrets {
    /// Names of keepers, with what stands in their place.
    names: BTreeMap<String, String>,
    /// Exact totals.
    totals: BTreeSet<u64>,
}

impl Secrets {
    fn out_of(&self, text: &str) -> String {
        totals::floored(&without(text, &self.names), &self.totals)
    }
}

/// The review as any output may show it: what protected sources keep back is gone.
pub fn published(review: &Review) -> Review {
    withhold(review)
}

/// The review as it may be published.
pub(crate) fn withhold(review: &Review) -> Review {
    let mut review = review.clone();
    let protected: BTreeSet<String> = review
        .sources
        .iter()
        .filter(|source| source.protected)
        .map(|source| source.id.clone())
        .collect();
    if protected.is_empty() {
        return review;
    }
    let totals = totals::totals(&review);
    let keepers = keepers_of_protected_alone(&review);
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for keeper in &keepers {
        names.insert(keeper.clone(), WITHHELD.to_owned());
        for party in review
            .case
            .parties
            .iter()
            .filter(|party| party.id == *keeper)
        {
            names.insert(party.name.clone(), WITHHELD.to_owned());
        }
    }
    review
        .case
        .parties
        .retain(|party| !keepers.contains(&party.id));
    for source in review.sources.iter_mut().filter(|source| source.protected) {
        withhold_source(source);
    }
    let secrets = Secrets { names, totals };
    for source in &mut review.sources {
        source.integrity_because = secrets.out_of(&source.integrity_because);
    }
    for group in &mut review.coverage.groups {
        if protected.contains(&group.source) {
            group.notices = rounded(group.notices);
            group.rows_affected = rounded(group.rows_affected);
            group.message = secrets.out_of(&group.message);
            for example in &mut group.examples {
                example.file = None;
                example.row = None;
                example.found = secrets.out_of(&example.found);
                example.expected = secrets.out_of(&example.expected);
            }
        }
    }
    coverage::withhold_coverage(&mut review.coverage, &protected, &secrets);
    let sources = &review.sources;
    for store in &mut review.stores {
        if listed_by_protected_alone(store, sources) {
            withhold_store(store);
        }
    }
    for claim in &mut review.claims {
        withhold_verdict(&mut claim.verdict, &protected, &secrets);
    }
    review
}

/// Parties whose only part in the case is to keep a protected source. A party that a claim names
/// is public already.
fn keepers_of_protected_alone(review: &Review) -> BTreeSet<String> {
    let keepers = |protected: bool| -> BTreeSet<&String> {
        let of_kind = review
            .sources
            .iter()
            .filter(move |source| source.protected == protected);
        of_kind
            .flat_map(|source| [&source.custodian, &source.controller])
            .flatten()
            .collect()
    };
    let open = keepers(false);
    let speakers: BTreeSet<&String> = review
        .claims
        .iter()
        .flat_map(|claim| {
            let persons: &[String] = match &claim.claim.kind {
                ClaimKind::Template {
                    template: Template::UnawareUntil { persons, .. },
                } => persons,
                _ => &[],
            };
            claim
                .claim
                .claimant
                .iter()
                .chain(&claim.claim.about)
                .chain(persons)
        })
        .collect();
    keepers(true)
        .into_iter()
        .filter(|keeper| !open.contains(keeper) && !speakers.contains(keeper))
        .cloned()
        .collect()
}

/// Whether a store's totals are those of protected sources and of no other.
pub(crate) fn listed_by_protected_alone(store: &StoreReview, sources: &[SourceReview]) -> bool {
    let protected = |id: &String| sources.iter().any(|one| one.protected && one.id == *id);
    !store.sources.is_empty() && store.sources.iter().all(protected)
}

fn withhold_store(store: &mut StoreReview) {
    store.objects = rounded(store.objects);
    store.bytes = rounded(store.bytes);
    collections::withhold_measure(&mut store.unprofiled);
    store
        .collections
        .iter_mut()
        .for_each(collections::withhold_collection);
}

fn withhold_source(source: &mut SourceReview) {
    source.custodian = None;
    source.controller = None;
    source.acquired_at = None;
    source.files.clear();
    source.files_total = rounded(source.files_total);
    source.bytes_total = rounded(source.bytes_total);
    source
        .tables
        .values_mut()
        .for_each(|rows| *rows = rounded(*rows));
    source.notices.lost = rounded(source.notices.lost);
    source.notices.unread = rounded(source.notices.unread);
    source.notices.doubt = rounded(source.notices.doubt);
}

fn withhold_verdict(
    verdict: &mut plainview_weigh::verdict::Verdict,
    protected: &BTreeSet<String>,
    secrets: &Secrets,
) {
    for item in verdict
        .items
        .iter_mut()
        .filter(|item| protected.contains(&item.source))
    {
        WITHHELD.clone_into(&mut item.custodian);
        item.file = None;
        item.row = None;
    }
    for groups in verdict.rests_on.values_mut() {
        for member in groups.sets.iter_mut().flatten() {
            if let Some(stand_in) = secrets.names.get(member) {
                member.clone_from(stand_in);
            }
        }
    }
    let texts = verdict
        .sentences
        .iter_mut()
        .map(|sentence| &mut sentence.text);
    for text in texts.chain(&mut verdict.decide) {
        *text = secrets.out_of(text);
    }
    if let Some(parts) = &mut verdict.parts {
        parts.capability_because = secrets.out_of(&parts.capability_because);
    }
    for argument in &mut verdict.arguments {
        argument.says = secrets.out_of(&argument.says);
        for gate in &mut argument.gates {
            gate.why = secrets.out_of(&gate.why);
        }
    }
    for item in &mut verdict.items {
        item.says = secrets.out_of(&item.says);
        item.integrity_because = secrets.out_of(&item.integrity_because);
    }
}

/// The text with every whole-word occurrence of a name replaced.
fn without(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut out = text.to_owned();
    for (name, stand_in) in names.iter().rev() {
        let mut from = 0;
        while let Some(at) = out[from..].find(name.as_str()).map(|at| at + from) {
            let end = at + name.len();
            let joins = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '_';
            let before = out[..at].chars().next_back().is_some_and(joins);
            let after = out[end..].chars().next().is_some_and(joins);
            if name.is_empty() || before || after {
                from = end.max(at + 1);
                while !out.is_char_boundary(from) {
                    from += 1;
                }
            } else {
                out.replace_range(at..end, stand_in);
                from = at + stand_in.len();
            }
        }
    }
    out
}

/// One significant digit, rounded down: a floor that two copies of one leak share.
pub(crate) fn rounded(count: u64) -> u64 {
    let mut unit = 1;
    while count / unit >= 10 {
        unit *= 10;
    }
    count / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_keep_one_digit() {
        assert_eq!(
            [0, 7, 10, 19, 20, 98_765].map(rounded),
            [0, 7, 10, 10, 20, 90_000]
        );
        assert_eq!(rounded(u64::MAX), 10_000_000_000_000_000_000);
    }

    #[test]
    fn names_are_replaced_as_whole_words() {
        let names = BTreeMap::from([("source-a".to_owned(), WITHHELD.to_owned())]);
        assert_eq!(
            without("kept by source-a.", &names),
            "kept by a withheld party."
        );
        assert_eq!(
            without("kept by source-ab and xsource-a", &names),
            "kept by source-ab and xsource-a"
        );
    }
}
