//! The ids a file declares, collected before anything is checked against them.
//!
//! It refuses ids used twice: within a kind, and across parties, sources and claims, because pages and
//! files name all three by their bare id.

use crate::diagnostic::Code;
use crate::nearest::nearest;
use crate::section::Section;
use crate::span::{Sheet, Spanned, Words};
use std::collections::BTreeMap;
use toml_edit::Value;

/// Every declared id, by kind.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) parties: Vec<String>,
    /// Parties of kind `person`.
    pub(super) persons: Vec<String>,
    pub(super) sources: Vec<String>,
    /// Sources in an inventory format.
    pub(super) inventories: Vec<String>,
    pub(super) predicates: Vec<String>,
}

impl Names {
    /// Collects ids and reports those used twice.
    pub(super) fn collect(root: &Section<'_>) -> Self {
        let mut shared = Seen::default();
        let mut predicates = Seen::default();
        let parties = root.sections("party");
        let sources = root.sections("source");
        let persons = parties
            .iter()
            .filter(|party| plain(party, "kind").as_deref() == Some("person"));
        let is_inventory = |source: &&Section<'_>| {
            plain(source, "format").is_some_and(|format| format.ends_with("-inventory"))
        };
        Self {
            persons: persons.filter_map(|party| plain(party, "id")).collect(),
            inventories: sources
                .iter()
                .filter(is_inventory)
                .filter_map(|source| plain(source, "id"))
                .collect(),
            parties: shared.add_all(&parties),
            sources: shared.add_all(&sources),
            predicates: {
                shared.add_all(&root.sections("claim"));
                predicates.add_all(&root.sections("predicate"))
            },
        }
    }

    /// The id of a declared party.
    pub(super) fn party(&self, sheet: &Sheet<'_>, id: Spanned<String>) -> Option<String> {
        known(sheet, Code::UnknownParty, "party", &self.parties, id)
    }

    /// The id of a declared source.
    pub(super) fn source(&self, sheet: &Sheet<'_>, id: Spanned<String>) -> Option<String> {
        known(sheet, Code::UnknownSource, "source", &self.sources, id)
    }

    /// The id of a declared predicate.
    pub(super) fn predicate(&self, sheet: &Sheet<'_>, id: Spanned<String>) -> Option<String> {
        known(
            sheet,
            Code::UnknownPredicate,
            "predicate",
            &self.predicates,
            id,
        )
    }

    /// A list of parties; `None` when one is not declared, after reporting them all.
    pub(super) fn party_list(
        &self,
        sheet: &Sheet<'_>,
        ids: Vec<Spanned<String>>,
    ) -> Option<Vec<String>> {
        let known: Vec<_> = ids.into_iter().map(|id| self.party(sheet, id)).collect();
        known
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .map(super::set)
    }

    /// A list of sources; `None` when one is not declared, after reporting them all.
    pub(super) fn source_list(
        &self,
        sheet: &Sheet<'_>,
        ids: Vec<Spanned<String>>,
    ) -> Option<Vec<String>> {
        let known: Vec<_> = ids.into_iter().map(|id| self.source(sheet, id)).collect();
        known
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .map(super::set)
    }
}

/// The id itself when it is in `ids`; otherwise reported with the nearest known one.
pub(super) fn known(
    sheet: &Sheet<'_>,
    code: Code,
    what: &str,
    ids: &[String],
    id: Spanned<String>,
) -> Option<String> {
    if ids.contains(&id.value) {
        return Some(id.value);
    }
    let words = Words {
        message: format!("no {what} has the id `{}`", id.value),
        found: format!("`{}`", id.value),
        expected: if ids.is_empty() {
            format!("the id of a [[{what}]]; none is declared")
        } else {
            format!("the id of a [[{what}]]: {}", ids.join(", "))
        },
        nearest: nearest(&id.value, ids.iter().map(String::as_str)).map(str::to_owned),
    };
    sheet.report(code, &id.span, words);
    None
}

/// Ids seen so far, with their kind and line.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<String, (String, usize)>);

impl Seen {
    /// Adds the ids of a list of sections, reporting those seen before.
    pub(super) fn add_all(&mut self, sections: &[Section<'_>]) -> Vec<String> {
        let mut ids = Vec::new();
        for section in sections {
            let Some(id) = plain(section, "id") else {
                continue;
            };
            let span = section.value_span("id");
            match self.0.get(&id) {
                Some((kind, line)) => {
                    let words = Words {
                        message: format!("the id `{id}` is used twice"),
                        found: format!("`{id}` in {}, and in {kind} on line {line}", section.name),
                        expected: "an id that nothing else in this file has".into(),
                        nearest: None,
                    };
                    section.sheet.report(Code::DuplicateId, &span, words);
                }
                None => {
                    self.0.insert(
                        id.clone(),
                        (section.name.clone(), section.sheet.line_of(span.start)),
                    );
                }
            }
            ids.push(id);
        }
        ids
    }
}

/// A text under a key, without any report: the section's own reader reports.
fn plain(section: &Section<'_>, key: &str) -> Option<String> {
    section.peek(key).and_then(Value::as_str).map(str::to_owned)
}
