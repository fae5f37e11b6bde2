//! Lineage: `derived_from` must lead back to an origin (METHOD section 1: acyclic).
//!
//! It works without recursion, so that a long chain of sources cannot exhaust the stack.

use crate::diagnostic::Code;
use crate::section::Section;
use crate::span::{Span, Words};
use std::collections::{BTreeMap, BTreeSet};
use toml_edit::Value;

/// One source's ancestors, with the place where each is named.
type Edges = BTreeMap<String, Vec<(String, Span)>>;

/// Reports each circle once, at the entry that closes it.
pub(super) fn report_cycles(sources: &[Section<'_>]) {
    let Some(first) = sources.first() else { return };
    let (order, mut edges) = edges(sources);
    loop {
        drop_acyclic(&mut edges);
        let Some(start) = order.iter().find(|id| edges.contains_key(*id)) else {
            return;
        };
        let (path, span) = walk(&edges, start);
        let words = Words {
            message: format!(
                "`{}` is derived from itself",
                path.first().map_or("", String::as_str)
            ),
            found: path.join(" <- "),
            expected: "sources whose `derived_from` leads back to an origin".into(),
            nearest: None,
        };
        first.sheet.report(Code::DerivationCycle, &span, words);
        for id in &path {
            edges.remove(id);
        }
    }
}

fn edges(sources: &[Section<'_>]) -> (Vec<String>, Edges) {
    let mut order = Vec::new();
    let mut edges = Edges::new();
    for source in sources {
        let Some(id) = source.peek("id").and_then(Value::as_str) else {
            continue;
        };
        let list = source.peek("derived_from").and_then(Value::as_array);
        let entries = list.into_iter().flatten().filter_map(|entry| {
            let span = entry
                .span()
                .unwrap_or_else(|| source.key_span("derived_from"));
            entry.as_str().map(|ancestor| (ancestor.to_owned(), span))
        });
        order.push(id.to_owned());
        edges.entry(id.to_owned()).or_default().extend(entries);
    }
    (order, edges)
}

/// Removes, again and again, every source without an ancestor that is still there, and every edge to a
/// source that is gone: what stays lies on a circle or leads to one.
fn drop_acyclic(edges: &mut Edges) {
    let mut children: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    let ids: BTreeSet<String> = edges.keys().cloned().collect();
    for (id, ancestors) in edges.iter_mut() {
        ancestors.retain(|(ancestor, _)| ids.contains(ancestor));
        open.insert(id.clone(), ancestors.len());
        for (ancestor, _) in ancestors.iter() {
            children
                .entry(ancestor.clone())
                .or_default()
                .push(id.clone());
        }
    }
    let mut ready: Vec<String> = open
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(id, _)| id.clone())
        .collect();
    while let Some(id) = ready.pop() {
        edges.remove(&id);
        for child in children.remove(&id).unwrap_or_default() {
            if let Some(count) = open.get_mut(&child) {
                *count -= 1;
                if *count == 0 {
                    ready.push(child);
                }
            }
        }
    }
    let left: BTreeSet<String> = edges.keys().cloned().collect();
    for ancestors in edges.values_mut() {
        ancestors.retain(|(ancestor, _)| left.contains(ancestor));
    }
}

/// Follows ancestors from `start` until one repeats: the circle, closed, and the place that closes it.
fn walk(edges: &Edges, start: &str) -> (Vec<String>, Span) {
    let mut path = vec![start.to_owned()];
    let mut at = start.to_owned();
    while let Some((ancestor, span)) = edges.get(&at).and_then(|ancestors| ancestors.first()) {
        let seen = path.iter().position(|id| id == ancestor);
        path.push(ancestor.clone());
        if let Some(seen) = seen {
            return (path.split_off(seen), span.clone());
        }
        at.clone_from(ancestor);
    }
    // Every source left has an ancestor left, so the walk above always closes.
    (path, 0..0)
}
