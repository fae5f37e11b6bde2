//! Attainability (METHOD 7.3): before any evidence is opened, the best outcome the declared sources could
//! reach for each claim at each standard, what caps it, and which record or cure to request. It reads the
//! register alone. "Could reach" supposes that every source is complete and says what its side needs; it
//! never predicts what the records say.

use std::collections::{BTreeMap, BTreeSet};

use plainview_register::{
    AuthenticationMethod, Claim, ClaimKind, CureKind, Delivery, PredicateKind, Register, Source,
    Template,
};
use serde::{Deserialize, Serialize};

use crate::assemble::{describe, stakes, standard_of};
use crate::case::{Interest, Side};
use crate::evaluate::{Outcome, Standard};
use crate::facts::Provides;
use crate::interest::interests;

/// What one side could reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reachable {
    /// `for` or `against`.
    pub side: Side,
    /// Best outcome at each standard, keyed by standard id.
    pub best: BTreeMap<String, Outcome>,
    /// Separate qualifying lines at levels 0, 1 and 2, at most.
    pub k: [u32; 3],
    /// What caps it: `gate_G4`, `interest`, `integrity`, `lineage`, `no_source`; sorted, empty without a
    /// cap at the registered standard.
    pub caps: Vec<String>,
    /// Records or cures to request, one sentence each.
    pub request: Vec<String>,
}

/// Attainability of one claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attainable {
    /// Claim id.
    pub claim: String,
    /// Template or kind in words.
    pub template: String,
    /// Registered standard.
    pub standard: Standard,
    /// For the claim, then against it.
    pub sides: Vec<Reachable>,
    /// Why it cannot be tested at all, where it cannot.
    pub not_tested: Option<String>,
}

/// One possible line of evidence: the sources whose keys separate it, and those it needs as frame.
#[derive(Debug, Clone)]
struct Line<'a> {
    own: Vec<&'a Source>,
    frame: Vec<&'a Source>,
}

/// Attainability of every claim, in register order.
#[must_use]
pub fn attainability(register: &Register) -> Vec<Attainable> {
    register
        .claims
        .iter()
        .map(|claim| {
            let (template, kind) = describe(register, claim);
            let not_tested = untestable(claim);
            let sides = if not_tested.is_some() {
                Vec::new()
            } else {
                [Side::For, Side::Against]
                    .into_iter()
                    .map(|side| reachable(register, claim, kind, side))
                    .collect()
            };
            Attainable {
                claim: claim.id.clone(),
                template,
                standard: standard_of(register),
                sides,
                not_tested,
            }
        })
        .collect()
}

fn untestable(claim: &Claim) -> Option<String> {
    match &claim.kind {
        ClaimKind::Template {
            template: Template::UnawareUntil { .. },
        } => Some(crate::sentences::KNOWLEDGE_NOT_TESTED.to_owned()),
        ClaimKind::Process { .. } => {
            Some("claims about the review itself are not part of this version".to_owned())
        }
        _ => None,
    }
}

fn of_kind(register: &Register, wanted: Provides) -> Vec<&Source> {
    register
        .sources
        .iter()
        .filter(|source| Provides::by(source).contains(&wanted))
        .collect()
}

/// Possible lines of one side, and whether they are arguments from absence.
fn lines<'a>(register: &'a Register, claim: &Claim, side: Side) -> (Vec<Line<'a>>, bool) {
    let lists = of_kind(register, Provides::Lists);
    let bills = of_kind(register, Provides::Bills);
    let meters = of_kind(register, Provides::Meters);
    let frames: Vec<&Source> = bills.iter().chain(&meters).copied().collect();
    let alone = |sources: &[&'a Source]| -> Vec<Line<'a>> {
        sources
            .iter()
            .map(|source| Line {
                own: vec![source],
                frame: Vec::new(),
            })
            .collect()
    };
    let against_frames = |shown: &[&'a Source], frames: &[&'a Source]| -> Vec<Line<'a>> {
        let mut found = Vec::new();
        for frame in frames {
            for source in shown {
                if source.id != frame.id {
                    found.push(Line {
                        own: vec![source],
                        frame: vec![frame],
                    });
                }
            }
        }
        found
    };
    let everything: Vec<&Source> = lists.iter().chain(&frames).copied().collect();
    match (&claim.kind, side) {
        (ClaimKind::Template { template }, side) => match (template, side) {
            (Template::FullListOfStores { list }, side) => {
                let list: Vec<&Source> = lists
                    .iter()
                    .copied()
                    .filter(|s| list.contains(&s.id))
                    .collect();
                let found = frames
                    .iter()
                    .map(|frame| Line {
                        own: vec![*frame],
                        frame: list.clone(),
                    })
                    .collect();
                (found, side == Side::For)
            }
            (Template::NoEvidenceOf { .. }, Side::For) => (against_frames(&lists, &frames), true),
            (Template::NoEvidenceOf { .. }, Side::Against) => (alone(&lists), false),
            (Template::NotInRegion { .. }, Side::For) => {
                let mut found = against_frames(&lists, &frames);
                found.extend(against_frames(&meters, &bills));
                (found, true)
            }
            (Template::NotInRegion { .. }, Side::Against) => (alone(&everything), false),
            (Template::NotACustomerOf { .. }, Side::For) => (against_frames(&bills, &frames), true),
            (Template::NotACustomerOf { .. }, Side::Against) => (alone(&bills), false),
            (Template::UnawareUntil { .. }, _) => (Vec::new(), false),
        },
        (ClaimKind::Exists { .. }, Side::For)
        | (ClaimKind::None { .. } | ClaimKind::FoundNone { .. }, Side::Against) => {
            (alone(&register.sources.iter().collect::<Vec<_>>()), false)
        }
        (ClaimKind::Exists { .. }, Side::Against)
        | (ClaimKind::None { .. } | ClaimKind::FoundNone { .. }, Side::For) => {
            (against_frames(&lists, &frames), true)
        }
        (ClaimKind::Quantity { .. }, _) => (alone(&everything), false),
        (ClaimKind::Process { .. }, _) => (Vec::new(), false),
    }
}

fn reachable(register: &Register, claim: &Claim, kind: PredicateKind, side: Side) -> Reachable {
    let (possible, absence) = lines(register, claim, side);
    let mut caps = BTreeSet::new();
    let mut request = BTreeSet::new();
    if possible.is_empty() {
        caps.insert("no_source");
        request.insert(no_source(absence));
    }
    let blocked = absence && kind == PredicateKind::Latent;
    if blocked {
        caps.insert("gate_G4");
        request.insert(
            "sealed known positives, planted by a party without interest, that measure how often the test misses"
                .to_owned(),
        );
    }
    let mut good = Vec::new();
    let mut heard = false;
    for line in possible {
        let mut ok = !blocked;
        let mut earned = !blocked;
        for source in line.own.iter().chain(&line.frame) {
            for (cap, ask) in obstacles(register, claim, source, side, absence) {
                // A shut gate leaves no line; any other obstacle leaves one that is heard.
                earned &= !cap.starts_with("gate");
                caps.insert(cap);
                request.insert(ask);
                ok = false;
            }
        }
        heard |= earned;
        if ok {
            good.push(line);
        }
    }
    let k = [0, 1, 2].map(|level| separate(register, &good, level));
    let standard = standard_of(register);
    let level = usize::from(register.standard.level).min(2);
    if good.is_empty() {
        // What blocks every line is what caps it; lineage is not yet the question.
    } else if k[level] < 2 && standard >= Standard::Corroborated {
        caps.insert("lineage");
        request.insert(format!(
            "a second {} kept by another custodian",
            if absence {
                "listing or meter"
            } else {
                "record"
            }
        ));
    } else {
        // Enough lines qualify, so what holds the others back is no cap.
        caps.clear();
        request.clear();
    }
    Reachable {
        side,
        best: best(side, heard, k, level),
        k,
        caps: caps.into_iter().map(str::to_owned).collect(),
        request: request.into_iter().collect(),
    }
}

/// Best outcome at each standard: a line that is heard is enough for `any`; the others need lines that
/// could qualify.
fn best(side: Side, heard: bool, k: [u32; 3], level: usize) -> BTreeMap<String, Outcome> {
    let won = match side {
        Side::For => Outcome::Supported,
        Side::Against => Outcome::Contradicted,
    };
    Standard::ALL
        .iter()
        .map(|standard| {
            let reached = match standard {
                Standard::Any => heard,
                Standard::Balance => k[level] >= 1,
                Standard::Corroborated => k[level] >= 2,
                Standard::Exhaustive => k[level] >= 2 && k[2] >= 2,
            };
            let outcome = if reached { won } else { Outcome::NotShown };
            (standard.code().to_owned(), outcome)
        })
        .collect()
}

fn no_source(absence: bool) -> String {
    if absence {
        "a bill or meter of every account and month, and a listing of every store".to_owned()
    } else {
        "a record that would show it".to_owned()
    }
}

/// What keeps a source from qualifying on a side, with what to request.
fn obstacles(
    register: &Register,
    claim: &Claim,
    source: &Source,
    side: Side,
    absence: bool,
) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if !verifiable(register, source) {
        found.push((
            "integrity",
            format!(
                "a check of the originals of {}: the custodian's declaration, a second copy by another road, or a signature",
                source.id
            ),
        ));
    }
    if aligned(register, claim, source, side) && !cured(register, claim, source, side) {
        found.push((
            "interest",
            format!(
                "{} taken out by a party without interest, held by one since it was made, or committed before the dispute",
                source.id
            ),
        ));
    }
    let provides = Provides::by(source);
    let log = provides.contains(&Provides::Meters) || provides.contains(&Provides::Logs);
    let best_effort =
        source.delivery == Delivery::BestEffort || (log && source.delivery != Delivery::Guaranteed);
    if absence && best_effort {
        found.push((
            "gate_G3",
            format!(
                "a log or meter series with guaranteed delivery in place of {}",
                source.id
            ),
        ));
    }
    found
}

/// Whether any road to `Verified` is declared. A mail can also verify by its own signature, which only
/// its bytes tell.
fn verifiable(register: &Register, source: &Source) -> bool {
    Provides::by(source) == BTreeSet::from([Provides::Documents])
        || register.authentications_of(&source.id).any(|entry| {
            matches!(
                entry.method,
                AuthenticationMethod::CustodianDeclaration
                    | AuthenticationMethod::SecondCopy
                    | AuthenticationMethod::Signature
            )
        })
}

fn closure<'a>(register: &'a Register, source: &'a Source) -> Vec<&'a Source> {
    let mut found: Vec<&Source> = vec![source];
    let mut at = 0;
    while at < found.len() {
        for id in &found[at].derived_from {
            if let Some(ancestor) = register.source(id)
                && !found.iter().any(|seen| seen.id == ancestor.id)
            {
                found.push(ancestor);
            }
        }
        at += 1;
    }
    found
}

fn gains(register: &Register, claim: &Claim, party: &str) -> BTreeSet<Interest> {
    interests(party, stakes(claim), &register.relations, claim.stated_at)
        .into_keys()
        .collect()
}

fn want(side: Side) -> Interest {
    match side {
        Side::For => Interest::BenefitsIfTrue,
        Side::Against => Interest::BenefitsIfFalse,
    }
}

fn aligned(register: &Register, claim: &Claim, source: &Source, side: Side) -> bool {
    closure(register, source)
        .iter()
        .flat_map(|s| [&s.custodian, &s.controller])
        .any(|party| gains(register, claim, party).contains(&want(side)))
}

/// Whether the declared cure could hold: its proof is checked only once evidence is opened.
fn cured(register: &Register, claim: &Claim, source: &Source, side: Side) -> bool {
    let Some(cure) = &source.cure else {
        return false;
    };
    let gains = cure
        .party
        .as_ref()
        .map(|party| gains(register, claim, party));
    match cure.kind {
        CureKind::Precommitted => matches!(
            (cure.date, register.case.dispute_date),
            (Some(at), Some(dispute)) if at < dispute
        ),
        CureKind::SelfAuthenticating => gains.is_some_and(|g| !g.contains(&want(side))),
        CureKind::ThirdPartyCustody | CureKind::IndependentExtraction => {
            gains.is_some_and(|g| g.is_empty())
        }
    }
}

/// Largest number of pairwise separate lines at a level, exact up to 20 lines, else greedy in order.
fn separate(register: &Register, lines: &[Line<'_>], level: u8) -> u32 {
    let keys: BTreeSet<BTreeSet<String>> = lines
        .iter()
        .map(|line| {
            line.own
                .iter()
                .flat_map(|source| closure(register, source))
                .flat_map(|source| {
                    let mut keys = vec![format!("s:{}", source.id)];
                    if level >= 1 {
                        keys.push(format!("c:{}", source.custodian));
                    }
                    if level >= 2 {
                        keys.push(format!("o:{}", source.controller));
                    }
                    keys
                })
                .collect()
        })
        .collect();
    let keys: Vec<BTreeSet<String>> = keys.into_iter().collect();
    if keys.len() <= 20 {
        pack(&keys, &BTreeSet::new())
    } else {
        let mut used = BTreeSet::new();
        let mut count = 0;
        for key in keys {
            if used.is_disjoint(&key) {
                used.extend(key);
                count += 1;
            }
        }
        count
    }
}

fn pack(keys: &[BTreeSet<String>], used: &BTreeSet<String>) -> u32 {
    let Some((first, rest)) = keys.split_first() else {
        return 0;
    };
    let without = pack(rest, used);
    if used.is_disjoint(first) {
        let with: BTreeSet<String> = used.union(first).cloned().collect();
        without.max(1 + pack(rest, &with))
    } else {
        without
    }
}
