//! Checks a case and resolves its ids to positions, once, so that every question after it is a matter
//! of looking things up. It answers nothing itself.

use std::collections::{BTreeMap, BTreeSet};

use super::packing::Keys;
use crate::case::{
    ARGUMENTS_MAX, Case, ID_BYTES_MAX, ITEMS_MAX, Interest, PREMISES_MAX, SOURCES_MAX, Side,
};
use crate::error::Error;

/// A case resolved to positions.
#[derive(Debug)]
pub(crate) struct Index {
    /// By source.
    pub(crate) sources: Vec<SourceIndex>,
    /// The source of each item.
    pub(crate) items: Vec<usize>,
    /// Arguments, then defeaters.
    pub(crate) nodes: Vec<Node>,
    /// For each argument its key set at L0, L1 and L2.
    pub(super) keys: Vec<[Keys; 3]>,
}

/// A source with everything it was derived from.
#[derive(Debug)]
pub(crate) struct SourceIndex {
    /// The source and its ancestors, sorted.
    pub(crate) closure: Vec<usize>,
    /// What the custodians and controllers of the closure gain.
    pub(super) gains: Gains,
    /// Whether a claimant controls any of the closure.
    pub(super) touches_claimant: bool,
}

/// An argument or a defeater.
#[derive(Debug)]
pub(crate) struct Node {
    /// Which side it helps.
    pub(crate) side: Side,
    /// What it defeats; `None` for an argument.
    pub(crate) target: Option<usize>,
    /// Items.
    pub(crate) premises: Vec<usize>,
}

/// One way an interest may point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Points {
    True = 1,
    False = 2,
    Unknown = 4,
}

/// The interests of a set of parties.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gains(u8);

impl Gains {
    pub(super) fn of(interest: Interest) -> Self {
        match interest {
            Interest::BenefitsIfTrue => Self(Points::True as u8),
            Interest::BenefitsIfFalse => Self(Points::False as u8),
            Interest::Unknown => Self(Points::Unknown as u8),
            Interest::None => Self(0),
        }
    }

    pub(super) fn has(self, points: Points) -> bool {
        self.0 & points as u8 != 0
    }

    pub(super) fn on(self, side: Side) -> bool {
        match side {
            Side::For => self.has(Points::True),
            Side::Against => self.has(Points::False),
        }
    }

    pub(super) fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// Positions by id.
type Positions<'c> = BTreeMap<&'c str, usize>;

impl Index {
    pub(super) fn new(case: &Case) -> Result<Self, Error> {
        check_limits(case)?;
        let source_at = positions("source", case.sources.iter().map(|source| &source.id))?;
        let item_at = positions("item", case.items.iter().map(|item| &item.id))?;
        let node_ids = case.arguments.iter().map(|argument| &argument.id);
        let node_ids = node_ids.chain(case.defeaters.iter().map(|defeater| &defeater.id));
        let node_at = positions("argument or defeater", node_ids)?;

        let sources = source_indexes(case, &source_at)?;
        let items = case
            .items
            .iter()
            .map(|item| {
                let by = || format!("item `{}`", item.id);
                find(&source_at, "source", &item.source, by)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let nodes = nodes(case, &item_at, &node_at)?;
        let keys = argument_keys(case, &sources, &items, &nodes);
        Ok(Self {
            sources,
            items,
            nodes,
            keys,
        })
    }
}

fn check_limits(case: &Case) -> Result<(), Error> {
    let premises = case
        .arguments
        .iter()
        .map(|argument| argument.premises.len());
    let premises = premises.chain(
        case.defeaters
            .iter()
            .map(|defeater| defeater.premises.len()),
    );
    let frames = case.arguments.iter().map(|argument| argument.frame.len());
    let derived = case.sources.iter().map(|source| source.derived_from.len());
    for (what, found, limit) in [
        ("sources", case.sources.len(), SOURCES_MAX),
        ("items", case.items.len(), ITEMS_MAX),
        ("arguments", case.arguments.len(), ARGUMENTS_MAX),
        ("defeaters", case.defeaters.len(), ARGUMENTS_MAX),
        (
            "premises of one argument",
            premises.max().unwrap_or(0),
            PREMISES_MAX,
        ),
        (
            "frame items of one argument",
            frames.max().unwrap_or(0),
            PREMISES_MAX,
        ),
        (
            "origins of one source",
            derived.max().unwrap_or(0),
            PREMISES_MAX,
        ),
    ] {
        if found > limit {
            return Err(Error::Limit { what, found, limit });
        }
    }
    Ok(())
}

fn positions<'c>(
    kind: &'static str,
    ids: impl Iterator<Item = &'c String>,
) -> Result<Positions<'c>, Error> {
    let mut found = BTreeMap::new();
    for (at, id) in ids.enumerate() {
        if id.is_empty() || id.len() > ID_BYTES_MAX {
            let id = id.chars().take(64).collect();
            return Err(Error::Id { kind, id });
        }
        if found.insert(id.as_str(), at).is_some() {
            let id = id.clone();
            return Err(Error::Duplicate { kind, id });
        }
    }
    Ok(found)
}

fn find(
    positions: &Positions<'_>,
    kind: &'static str,
    id: &str,
    by: impl Fn() -> String,
) -> Result<usize, Error> {
    positions.get(id).copied().ok_or_else(|| Error::Unknown {
        by: by(),
        kind,
        id: id.chars().take(64).collect(),
    })
}

fn source_indexes(case: &Case, source_at: &Positions<'_>) -> Result<Vec<SourceIndex>, Error> {
    let mut origins = Vec::with_capacity(case.sources.len());
    for source in &case.sources {
        let by = || format!("source `{}`", source.id);
        let from = source.derived_from.iter();
        let from = from.map(|id| find(source_at, "source", id, by));
        origins.push(from.collect::<Result<Vec<usize>, _>>()?);
    }
    refuse_cycle(case, &origins)?;
    Ok((0..case.sources.len())
        .map(|start| {
            let mut closure = BTreeSet::new();
            let mut waiting = vec![start];
            while let Some(at) = waiting.pop() {
                if closure.insert(at) {
                    waiting.extend(&origins[at]);
                }
            }
            let (mut gains, mut touches_claimant) = (Gains::default(), false);
            for &at in &closure {
                let source = &case.sources[at];
                for party in [&source.custodian, &source.controller] {
                    let interest = case.interests.get(party).copied().unwrap_or_default();
                    gains.0 |= Gains::of(interest).0;
                }
                touches_claimant |= case.claimants.contains(&source.controller);
            }
            SourceIndex {
                closure: closure.into_iter().collect(),
                gains,
                touches_claimant,
            }
        })
        .collect())
}

/// Takes away sources whose origins are all gone; whatever is left leads into a cycle.
fn refuse_cycle(case: &Case, origins: &[Vec<usize>]) -> Result<(), Error> {
    let mut left: BTreeSet<usize> = (0..origins.len()).collect();
    let mut waiting: Vec<usize> = origins.iter().map(Vec::len).collect();
    let mut children = vec![Vec::new(); origins.len()];
    for (child, from) in origins.iter().enumerate() {
        for &origin in from {
            children[origin].push(child);
        }
    }
    let mut free: Vec<usize> = (0..origins.len()).filter(|&at| waiting[at] == 0).collect();
    while let Some(at) = free.pop() {
        left.remove(&at);
        for &child in &children[at] {
            waiting[child] -= 1;
            if waiting[child] == 0 {
                free.push(child);
            }
        }
    }
    let Some(&start) = left.first() else {
        return Ok(());
    };
    // Every source left has an origin that is left, so following them must come round.
    let (mut path, mut at) = (Vec::new(), start);
    while !path.contains(&at) {
        path.push(at);
        at = origins[at]
            .iter()
            .copied()
            .find(|origin| left.contains(origin))
            .unwrap_or(at);
    }
    let round = path.iter().position(|&seen| seen == at).unwrap_or(0);
    let mut cycle: Vec<&str> = path[round..]
        .iter()
        .map(|&at| case.sources[at].id.as_str())
        .collect();
    let smallest = (0..cycle.len()).min_by_key(|&at| cycle[at]).unwrap_or(0);
    cycle.rotate_left(smallest);
    let through = match &cycle[1..] {
        [] => "itself".to_owned(),
        others => others
            .iter()
            .map(|id| format!("`{id}`"))
            .collect::<Vec<_>>()
            .join(", "),
    };
    Err(Error::Cycle {
        id: cycle[0].to_owned(),
        through,
    })
}

fn nodes(
    case: &Case,
    item_at: &Positions<'_>,
    node_at: &Positions<'_>,
) -> Result<Vec<Node>, Error> {
    let premises = |kind: &'static str, id: &String, items: &[String]| {
        if items.is_empty() {
            let id = id.clone();
            return Err(Error::NoPremises { kind, id });
        }
        let by = || format!("{kind} `{id}`");
        let found = items.iter().map(|item| find(item_at, "item", item, by));
        found.collect::<Result<Vec<usize>, _>>()
    };
    let mut nodes: Vec<Node> = Vec::with_capacity(case.arguments.len() + case.defeaters.len());
    for argument in &case.arguments {
        let own: BTreeSet<&String> = argument.premises.iter().collect();
        if let Some(item) = argument.frame.iter().find(|item| !own.contains(item)) {
            let (id, item) = (argument.id.clone(), item.clone());
            return Err(Error::Frame { id, item });
        }
        nodes.push(Node {
            side: argument.side,
            target: None,
            premises: premises("argument", &argument.id, &argument.premises)?,
        });
    }
    for defeater in &case.defeaters {
        let target = node_at.get(defeater.target.as_str()).copied();
        let target = target.filter(|&target| target < nodes.len());
        let target = target.ok_or_else(|| Error::Target {
            id: defeater.id.clone(),
            target: defeater.target.chars().take(64).collect(),
        })?;
        nodes.push(Node {
            side: nodes[target].side.opposite(),
            target: Some(target),
            premises: premises("defeater", &defeater.id, &defeater.premises)?,
        });
    }
    Ok(nodes)
}

/// The key sets of METHOD 6.1 over the premises that are not frame. Sources, custodians and controllers
/// are numbered apart: one party that keeps one source and controls another does not link them by that.
fn argument_keys(
    case: &Case,
    sources: &[SourceIndex],
    items: &[usize],
    nodes: &[Node],
) -> Vec<[Keys; 3]> {
    let mut numbers: BTreeMap<(u8, &str), u32> = BTreeMap::new();
    let mut number = |level: u8, id| -> u32 {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        *numbers.entry((level, id)).or_insert(next)
    };
    let mut keys = Vec::with_capacity(case.arguments.len());
    for (argument, node) in case.arguments.iter().zip(nodes) {
        let frame: BTreeSet<&String> = argument.frame.iter().collect();
        let own: Vec<usize> = argument
            .premises
            .iter()
            .zip(&node.premises)
            .filter(|(id, _)| !frame.contains(id))
            .map(|(_, &item)| item)
            .collect();
        let own = if own.is_empty() { &node.premises } else { &own };
        let closure: BTreeSet<usize> = own
            .iter()
            .flat_map(|&item| sources[items[item]].closure.iter().copied())
            .collect();
        let mut set = BTreeSet::new();
        keys.push([0, 1, 2].map(|level| {
            for &at in &closure {
                let source = &case.sources[at];
                let id = [&source.id, &source.custodian, &source.controller][usize::from(level)];
                set.insert(number(level, id));
            }
            set.iter().copied().collect()
        }));
    }
    keys
}
