//! Facts, profiles and verdicts to the one value that is published.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use plainview_profile::{CollectionProfile, Measure, Profile};
use plainview_records::Effect;
use plainview_register::{Register, Source};
use plainview_report::{
    ActsReview, CaseReview, ClaimReview, Coverage, FileReview, IndicatorsPublic, NoticeCounts,
    NoticeExample, NoticeGroup, Review, SCHEMA, SourceReview, StoreReview, cannot_say,
};
use plainview_weigh::facts::{Facts, Integrity, SourceFact};
use plainview_weigh::quantity::Month;
use plainview_weigh::reconcile::{Tolerance, Window, reconcile};
use plainview_weigh::verdict::Verdict;

use super::coverage::Completeness;
use super::facts::split_store;
use super::read::{NoticeRun, SourceRun};

/// Version of the method that verdicts and figures follow.
const METHOD: &str = "plainview.method/1";

/// Examples shown per group of notices; the counts are whole.
const EXAMPLES_MAX: usize = 3;

/// Puts the review together.
pub(crate) fn review(
    register: &Register,
    runs: &[SourceRun],
    profiles: &BTreeMap<String, Profile>,
    (facts, complete): (&Facts, Completeness),
    verdicts: Vec<Verdict>,
) -> Result<Review> {
    let window = Window {
        from_ms: register.scope.from_ms(),
        to_ms: register.scope.to_ms(),
    };
    let accounts: BTreeSet<String> = register
        .scope
        .accounts
        .iter()
        .map(ToString::to_string)
        .collect();
    let reconciliation = reconcile(facts, window, &tolerance(register)?)
        .into_iter()
        .filter(|row| accounts.contains(&format!("{}/{}", row.provider, row.account)))
        .collect();
    let claims = verdicts
        .into_iter()
        .filter_map(|verdict| {
            let claim = register.claim(&verdict.claim)?.clone();
            Some(ClaimReview { claim, verdict })
        })
        .collect();
    Ok(Review {
        schema: SCHEMA.to_owned(),
        register: register.sha256(),
        method: METHOD.to_owned(),
        case: CaseReview::of(register),
        claims,
        stores: stores(profiles, facts),
        reconciliation,
        sources: register
            .sources
            .iter()
            .map(|s| source(s, runs, facts))
            .collect(),
        coverage: coverage(notices(register, runs), complete),
        cannot_say: remaining(facts)
            .into_iter()
            .chain(cannot_say(IndicatorsPublic::Unknown))
            .collect(),
    })
}

/// What was reviewed day by day, what is missing, and who kept it from being seen.
fn coverage(groups: Vec<NoticeGroup>, complete: Completeness) -> Coverage {
    Coverage {
        groups,
        ledger: complete.ledger,
        gaps: complete.gaps,
        gaps_total: complete.gaps_total,
        acts: complete
            .acts
            .into_iter()
            .map(|acts| ActsReview {
                source: acts.source,
                account: acts.account,
                store: acts.store,
                record: acts.record,
                class: acts.class,
                principal_kind: acts.principal_kind,
                acts: acts.count,
            })
            .collect(),
        control_totals: complete.totals,
    }
}

/// What is missing among the records as a whole, and what remains answerable without it.
pub(crate) fn remaining(facts: &Facts) -> Vec<String> {
    let mut out = Vec::new();
    let frames = !facts.bills.is_empty() || !facts.meters.is_empty();
    if facts.snapshots.is_empty() {
        let rest = if frames {
            "how much was billed and metered in each account and month, where charges place data, and which services were charged"
        } else {
            "what documents say"
        };
        out.push(format!(
            "No listing of any store is among the records, so which stores there are, and what they are consistent with, was not looked at. What remains answerable: {rest}."
        ));
    }
    if !frames {
        out.push(
            "No bill or meter is among the records, so nothing says how much there is: a store that no listing shows would not be missed, and nothing can be found absent. What remains answerable: what the listings and documents show is there."
                .to_owned(),
        );
    }
    out
}

/// The tolerance that the register sets.
fn tolerance(register: &Register) -> Result<Tolerance> {
    Ok(Tolerance {
        floor_gib_month: register.standard.tau_floor_gib_month.to_string().parse()?,
        share: register.standard.tau_share.to_string().parse()?,
    })
}

/// One entry per store and listing; listings that agree to the last figure share one.
fn stores(profiles: &BTreeMap<String, Profile>, facts: &Facts) -> Vec<StoreReview> {
    let mut out: Vec<StoreReview> = Vec::new();
    for (source, profile) in profiles {
        for store in &profile.stores {
            let Some((provider, account, container)) = split_store(&store.store) else {
                continue;
            };
            let collections: Vec<CollectionProfile> = profile
                .collections
                .iter()
                .filter(|c| c.store == store.store)
                .cloned()
                .collect();
            let entry = StoreReview {
                provider: provider.to_owned(),
                account: account.to_owned(),
                container: container.to_owned(),
                region: region(facts, source, provider, account, container),
                sources: vec![source.clone()],
                months: months(facts, source, provider, account, container),
                objects: store.objects,
                bytes: store.bytes,
                unprofiled: Measure {
                    objects: store.unprofiled.objects,
                    bytes: store.unprofiled.bytes,
                },
                collections,
            };
            let same = out.iter_mut().find(|other| {
                (&other.provider, &other.account, &other.container)
                    == (&entry.provider, &entry.account, &entry.container)
                    && (&other.region, &other.months, &other.collections)
                        == (&entry.region, &entry.months, &entry.collections)
                    && (other.objects, other.bytes) == (entry.objects, entry.bytes)
            });
            match same {
                Some(other) => other.sources.extend(entry.sources),
                None => out.push(entry),
            }
        }
    }
    out.sort_by(|a, b| {
        (&a.provider, &a.account, &a.container, &a.sources).cmp(&(
            &b.provider,
            &b.account,
            &b.container,
            &b.sources,
        ))
    });
    out
}

/// The store's region in this listing, when it is one.
fn region(
    facts: &Facts,
    source: &str,
    provider: &str,
    account: &str,
    container: &str,
) -> Option<String> {
    let regions: BTreeSet<&str> = facts
        .regions
        .iter()
        .filter(|r| {
            (r.source.as_str(), r.provider.as_str(), r.account.as_str())
                == (source, provider, account)
                && r.container.as_deref() == Some(container)
        })
        .map(|r| r.region.as_str())
        .collect();
    (regions.len() == 1)
        .then(|| regions.into_iter().next().map(str::to_owned))
        .flatten()
}

fn months(
    facts: &Facts,
    source: &str,
    provider: &str,
    account: &str,
    container: &str,
) -> Vec<String> {
    let months: BTreeSet<String> = facts
        .snapshots
        .iter()
        .filter(|s| {
            (
                s.source.as_str(),
                s.provider.as_str(),
                s.account.as_str(),
                s.container.as_str(),
            ) == (source, provider, account, container)
        })
        .map(|s| Month::of(s.at_ms).to_string())
        .collect();
    months.into_iter().collect()
}

fn source(source: &Source, runs: &[SourceRun], facts: &Facts) -> SourceReview {
    let run = runs.iter().find(|run| run.id == source.id);
    let fact = facts.sources.iter().find(|fact| fact.id == source.id);
    let files: Vec<FileReview> = run.map_or_else(Vec::new, |run| {
        run.files
            .iter()
            .map(|f| FileReview {
                name: f.name.clone(),
                rows: f.rows,
                bytes: f.bytes,
                recognised: f.recognised.clone(),
            })
            .collect()
    });
    SourceReview {
        id: source.id.clone(),
        format: source.format.as_str().to_owned(),
        custodian: Some(source.custodian.clone()),
        controller: Some(source.controller.clone()),
        kind: source.kind.as_str().to_owned(),
        delivery: source.delivery.as_str().to_owned(),
        protected: source.protected,
        acquired_at: Some(source.acquired_at.to_string()),
        derived_from: source.derived_from.clone(),
        integrity: integrity_word(fact).to_owned(),
        integrity_because: fact
            .map(|f| f.integrity_because.clone())
            .unwrap_or_default(),
        files_total: files.len() as u64,
        bytes_total: files.iter().map(|f| f.bytes).sum(),
        files,
        tables: run.map(|run| run.rows.clone()).unwrap_or_default(),
        notices: counts(run),
    }
}

fn integrity_word(fact: Option<&SourceFact>) -> &'static str {
    match fact.map(|fact| fact.integrity) {
        Some(Integrity::Verified) => "verified",
        Some(Integrity::Failed) => "failed",
        Some(Integrity::Unverified) | None => "unverified",
    }
}

fn counts(run: Option<&SourceRun>) -> NoticeCounts {
    let mut counts = NoticeCounts::default();
    for notice in run.into_iter().flat_map(|run| &run.notices) {
        match notice.effect {
            Effect::Lost => counts.lost += 1,
            Effect::Unread => counts.unread += 1,
            Effect::Doubt => counts.doubt += 1,
        }
    }
    counts
}

/// Notices grouped by effect, source and code: what was lost first.
fn notices(register: &Register, runs: &[SourceRun]) -> Vec<NoticeGroup> {
    let mut groups: BTreeMap<(Effect, &str, &str), Vec<&NoticeRun>> = BTreeMap::new();
    for run in runs {
        for notice in &run.notices {
            groups
                .entry((notice.effect, &run.id, &notice.code))
                .or_default()
                .push(notice);
        }
    }
    groups
        .into_iter()
        .map(|((effect, source, code), notices)| NoticeGroup {
            effect: published(effect),
            source: source.to_owned(),
            code: code.to_owned(),
            message: notices[0].message.clone(),
            notices: notices.len() as u64,
            rows_affected: notices.iter().map(|n| n.rows_affected).sum(),
            expected: register
                .source(source)
                .is_some_and(|s| s.expected_notices.iter().any(|c| c == code)),
            examples: notices
                .iter()
                .take(EXAMPLES_MAX)
                .map(|n| NoticeExample {
                    file: Some(n.file.clone()),
                    row: n.row,
                    found: n.found.clone(),
                    expected: n.expected.clone(),
                })
                .collect(),
        })
        .collect()
}

fn published(effect: Effect) -> plainview_report::Effect {
    match effect {
        Effect::Lost => plainview_report::Effect::Lost,
        Effect::Unread => plainview_report::Effect::Unread,
        Effect::Doubt => plainview_report::Effect::Doubt,
    }
}
