//! Interest from declared relations by fixed rules (METHOD 6.2): never typed in as a score, never
//! inferred from anything else. The rules are symmetric: a competitor's records against the claimant
//! weigh like the claimant's for itself.
//!
//! | party | interest |
//! |---|---|
//! | the claimant; whoever is a team of, employed by, owned by, counsel to or a subsidiary of it, in any number of steps | benefits if true |
//! | the claimant's employer, owner, payer, parent and whole (it is a team of), and whoever belongs to those | benefits if true |
//! | whoever is paid by the claimant or by one of those in the row above, auditors included | benefits if true |
//! | a party named in an exculpatory claim, and whoever belongs to it | benefits if true |
//! | litigant against, competitor of, short seller of the claimant or its whole, and whoever belongs to it | benefits if false |
//! | undisclosed or anonymous | unknown |
//! | anyone else | none |
//!
//! Relations count on the day asked: ties change over time (METHOD 18.17).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use plainview_register::{Relation, RelationKind};

use crate::case::Interest;

/// What a claim says about whom, as far as interest needs it.
#[derive(Debug, Clone, Copy)]
pub struct Stakes<'a> {
    /// Who makes the claim.
    pub claimant: &'a [String],
    /// Parties named in it.
    pub about: &'a [String],
    /// Whether it clears those it names.
    pub exculpatory: bool,
}

/// Interests a party has on one day, each with the relation it follows from. Ties may pull both ways;
/// either one then counts (METHOD 18.16). Empty means none.
pub type Interests = BTreeMap<Interest, String>;

/// Ties by which a party belongs to another: what the other gains, it gains.
fn belongs(kind: RelationKind) -> bool {
    matches!(
        kind,
        RelationKind::TeamOf
            | RelationKind::EmployedBy
            | RelationKind::OwnedBy
            | RelationKind::CounselTo
            | RelationKind::SubsidiaryOf
    )
}

/// Ties of the claimant whose other end gains with it.
fn stands_behind(kind: RelationKind) -> bool {
    matches!(
        kind,
        RelationKind::TeamOf
            | RelationKind::EmployedBy
            | RelationKind::OwnedBy
            | RelationKind::SubsidiaryOf
            | RelationKind::PaidBy
    )
}

fn against(kind: RelationKind) -> bool {
    matches!(
        kind,
        RelationKind::LitigantAgainst | RelationKind::CompetitorOf | RelationKind::ShortSellerOf
    )
}

/// A party and every party it belongs to, nearest first, with the tie that led there.
fn upward(
    party: &str,
    relations: &[Relation],
    day: Date,
    follow: fn(RelationKind) -> bool,
) -> Vec<(String, String)> {
    let mut seen = BTreeSet::from([party.to_owned()]);
    let mut found = vec![(party.to_owned(), String::new())];
    let mut at = 0;
    while at < found.len() {
        let (here, _) = found[at].clone();
        at += 1;
        for relation in relations {
            let Some(to) = &relation.to else { continue };
            if relation.from == here
                && follow(relation.kind)
                && relation.holds_on(day)
                && seen.insert(to.clone())
            {
                found.push((to.clone(), format!("{here} {} {to}", words(relation.kind))));
            }
        }
    }
    found
}

/// A relation in words.
fn words(kind: RelationKind) -> String {
    kind.as_str().replace('_', " ")
}

/// Interests of one party in one claim on one day.
#[must_use]
pub fn interests(party: &str, stakes: Stakes<'_>, relations: &[Relation], day: Date) -> Interests {
    let mut found = Interests::new();
    let mut add = |interest, because: String| {
        found.entry(interest).or_insert(because);
    };
    let claimant_side: BTreeSet<String> = stakes
        .claimant
        .iter()
        .flat_map(|c| upward(c, relations, day, stands_behind))
        .map(|(id, _)| id)
        .collect();
    for (whole, tie) in upward(party, relations, day, belongs) {
        let through = |what: String| {
            if tie.is_empty() {
                what
            } else {
                format!("{what}, through: {tie}")
            }
        };
        if stakes.claimant.contains(&whole) {
            add(
                Interest::BenefitsIfTrue,
                through("it makes the claim".to_owned()),
            );
        } else if claimant_side.contains(&whole) {
            add(
                Interest::BenefitsIfTrue,
                through(format!("{whole} stands behind the claimant")),
            );
        }
        if stakes.exculpatory && stakes.about.contains(&whole) {
            add(
                Interest::BenefitsIfTrue,
                through("the claim clears it".to_owned()),
            );
        }
        for relation in relations
            .iter()
            .filter(|r| r.from == whole && r.holds_on(day))
        {
            let Some(to) = &relation.to else {
                if relation.kind == RelationKind::Anonymous {
                    add(
                        Interest::Unknown,
                        through("its ties are undisclosed".to_owned()),
                    );
                }
                continue;
            };
            if relation.kind == RelationKind::PaidBy && claimant_side.contains(to) {
                add(Interest::BenefitsIfTrue, through(paid(stakes, to)));
            }
            if against(relation.kind) && claimant_side.contains(to) {
                add(
                    Interest::BenefitsIfFalse,
                    through(format!("{} {to}", words(relation.kind))),
                );
            }
            if relation.kind == RelationKind::Anonymous {
                add(
                    Interest::Unknown,
                    through("its ties are undisclosed".to_owned()),
                );
            }
        }
    }
    found
}

/// Who pays, in words.
fn paid(stakes: Stakes<'_>, payer: &str) -> String {
    if stakes.claimant.iter().any(|claimant| claimant == payer) {
        "the claimant pays it".to_owned()
    } else {
        format!("{payer}, which stands behind the claimant, pays it")
    }
}

/// Every party that a claimant is or controls: its teams, subsidiaries and what it owns, in any number
/// of steps, and the whole it is a team of. Their systems are "the claimant's own" (METHOD 9.1, 10.4).
#[must_use]
pub fn controlled(claimant: &[String], relations: &[Relation], day: Date) -> BTreeSet<String> {
    let within = |kind: RelationKind| {
        matches!(
            kind,
            RelationKind::TeamOf | RelationKind::OwnedBy | RelationKind::SubsidiaryOf
        )
    };
    let mut inside: BTreeSet<String> = claimant
        .iter()
        .flat_map(|c| upward(c, relations, day, |k| k == RelationKind::TeamOf))
        .map(|(id, _)| id)
        .collect();
    loop {
        let more: Vec<String> = relations
            .iter()
            .filter(|r| within(r.kind) && r.holds_on(day))
            .filter(|r| r.to.as_ref().is_some_and(|to| inside.contains(to)))
            .filter(|r| !inside.contains(&r.from))
            .map(|r| r.from.clone())
            .collect();
        if more.is_empty() {
            return inside;
        }
        inside.extend(more);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn tie(from: &str, kind: RelationKind, to: &str) -> Relation {
        Relation {
            from: from.to_owned(),
            kind,
            to: Some(to.to_owned()),
            from_date: None,
            to_date: None,
        }
    }

    fn day() -> Date {
        "2025-06-01".parse().unwrap()
    }

    fn of(party: &str, relations: &[Relation]) -> Vec<Interest> {
        let claimant = ["provider".to_owned()];
        let about = ["tenant".to_owned()];
        let stakes = Stakes {
            claimant: &claimant,
            about: &about,
            exculpatory: true,
        };
        interests(party, stakes, relations, day())
            .into_keys()
            .collect()
    }

    #[test]
    fn whoever_belongs_to_the_claimant_gains_with_it() {
        use RelationKind::{CounselTo, EmployedBy, OwnedBy, PaidBy, SubsidiaryOf, TeamOf};
        let relations = [
            tie("sales", TeamOf, "provider"),
            tie("clerk", EmployedBy, "sales"),
            tie("law-firm", CounselTo, "provider"),
            tie("daughter", SubsidiaryOf, "provider"),
            tie("provider", OwnedBy, "holding"),
            tie("auditor", PaidBy, "provider"),
            tie("parent-auditor", PaidBy, "holding"),
            tie("tenant-ops", TeamOf, "tenant"),
        ];
        for party in [
            "provider",
            "sales",
            "clerk",
            "law-firm",
            "daughter",
            "holding",
            "auditor",
            "parent-auditor",
            "tenant",
            "tenant-ops",
        ] {
            assert_eq!(of(party, &relations), [Interest::BenefitsIfTrue], "{party}");
        }
        assert!(of("press", &relations).is_empty());
    }

    /// F8: the competitor's side mirrors the claimant's, step for step.
    #[test]
    fn rivals_mirror_the_claimant() {
        use RelationKind::{CompetitorOf, EmployedBy, LitigantAgainst, ShortSellerOf, TeamOf};
        let relations = [
            tie("rival", CompetitorOf, "provider"),
            tie("rival-lab", TeamOf, "rival"),
            tie("rival-clerk", EmployedBy, "rival-lab"),
            tie("plaintiff", LitigantAgainst, "provider"),
            tie("fund", ShortSellerOf, "provider"),
        ];
        for party in ["rival", "rival-lab", "rival-clerk", "plaintiff", "fund"] {
            assert_eq!(
                of(party, &relations),
                [Interest::BenefitsIfFalse],
                "{party}"
            );
        }
    }

    /// Only declared ties count: roles, kinds and names of parties are not even an input, and a customer
    /// or an auditor as such has no interest.
    #[test]
    fn nothing_else_makes_an_interest() {
        use RelationKind::{AuditorOf, CustomerOf};
        let relations = [
            tie("other-customer", CustomerOf, "provider"),
            tie("court-auditor", AuditorOf, "provider"),
        ];
        for party in [
            "other-customer",
            "court-auditor",
            "provider-namesake",
            "whistleblower",
        ] {
            assert!(of(party, &relations).is_empty(), "{party}");
        }
    }

    #[test]
    fn ties_hold_in_their_period_only() {
        let mut past = tie("clerk", RelationKind::EmployedBy, "provider");
        past.to_date = Some("2025-06-01".parse().unwrap());
        assert!(of("clerk", &[past.clone()]).is_empty());
        past.to_date = Some("2025-06-02".parse().unwrap());
        assert_eq!(of("clerk", &[past]), [Interest::BenefitsIfTrue]);
    }

    #[test]
    fn ties_both_ways_are_both_kept_and_cycles_end() {
        use RelationKind::{EmployedBy, LitigantAgainst, OwnedBy};
        let relations = [
            tie("clerk", EmployedBy, "provider"),
            tie("clerk", LitigantAgainst, "provider"),
            tie("a", OwnedBy, "b"),
            tie("b", OwnedBy, "a"),
        ];
        assert_eq!(
            of("clerk", &relations),
            [Interest::BenefitsIfTrue, Interest::BenefitsIfFalse]
        );
        assert!(of("a", &relations).is_empty());
    }

    #[test]
    fn undisclosed_ties_are_unknown() {
        let hidden = Relation {
            from: "leaker".to_owned(),
            kind: RelationKind::Anonymous,
            to: None,
            from_date: None,
            to_date: None,
        };
        assert_eq!(of("leaker", &[hidden]), [Interest::Unknown]);
    }

    #[test]
    fn the_claimants_own_systems() {
        use RelationKind::{CounselTo, TeamOf};
        let relations = [
            tie("sales", TeamOf, "provider"),
            tie("storage", TeamOf, "provider"),
            tie("law-firm", CounselTo, "provider"),
        ];
        let own = controlled(&["sales".to_owned()], &relations, day());
        let expect: BTreeSet<String> = ["provider", "sales", "storage"].map(str::to_owned).into();
        assert_eq!(own, expect);
    }
}
