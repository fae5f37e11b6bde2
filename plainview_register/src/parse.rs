//! `case.toml` -> [`Register`] and `exhibits.toml` -> [`Exhibits`], with every mistake in one go.
//!
//! Ids are collected first, so that a reference is checked where it is written and a section with a
//! mistake of its own still counts as declared. It refuses to hand out a register with any error.

mod names;

mod head;

mod parties;

mod sources;

mod lineage;

mod claims;

mod coverage;

mod exhibits;

use crate::diagnostic::{Diagnostic, Parsed, Severity};
use crate::exhibit::Exhibits;
use crate::register::Register;
use crate::section::Section;
use crate::span::Sheet;
use crate::syntax::Syntax;
use names::Names;

/// The sections of `case.toml`.
const SECTIONS: &[&str] = &[
    "case",
    "scope",
    "party",
    "relation",
    "source",
    "authentication",
    "control_total",
    "withheld",
    "predicate",
    "claim",
    "standard",
];

/// Reads `case.toml`. `file_name` is what diagnostics call the file.
///
/// The value is `None` exactly when a diagnostic is an error; warnings leave a value.
pub fn parse_case(file_name: &str, text: &str) -> Parsed<Register> {
    read(file_name, text, |root| {
        root.allow_only(SECTIONS);
        let names = Names::collect(root);
        let case = head::case(root);
        let scope = head::scope(root);
        let standard = head::standard(root);
        let parties = parties::parties(root);
        let relations = parties::relations(root, &names);
        let sources = sources::sources(root, &names, scope.as_ref());
        let authentications = sources::authentications(root, &names);
        let control_totals =
            coverage::control_totals(root, &names, sources.as_deref(), scope.as_ref());
        let withheld = coverage::withheld(root, &names, scope.as_ref());
        let predicates = claims::predicates(root);
        let claims = claims::claims(root, &names, scope.as_ref());
        Some(Register {
            case: case?,
            scope: scope?,
            parties: parties?,
            relations: relations?,
            sources: sources?,
            authentications: authentications?,
            control_totals: control_totals?,
            withheld: withheld?,
            predicates: predicates?,
            claims: claims?,
            standard: standard?,
        })
    })
}

/// Reads `exhibits.toml` against the register of its case.
pub fn parse_exhibits(file_name: &str, text: &str, register: &Register) -> Parsed<Exhibits> {
    read(file_name, text, |root| exhibits::exhibits(root, register))
}

/// The common frame: syntax, one pass over the document, and the rule that an error leaves no value.
fn read<T>(file_name: &str, text: &str, pass: impl FnOnce(&Section<'_>) -> Option<T>) -> Parsed<T> {
    // A byte-order mark is invisible in an editor and must not shift the first line's columns.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let sheet = Sheet::new(file_name, text);
    let syntax = Syntax::read(&sheet);
    let value = syntax
        .document
        .as_ref()
        .and_then(|document| pass(&Section::root(&sheet, document.as_table())));
    let show = |diagnostic: &Diagnostic| syntax.may_show(diagnostic.code);
    let diagnostics: Vec<_> = sheet.finish().into_iter().filter(show).collect();
    let failed = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    Parsed {
        value: value.filter(|_| !failed),
        diagnostics,
    }
}

/// Reads every section of a list; `None` when one of them could not be read, after reading them all.
fn every<T>(
    sections: &[Section<'_>],
    mut one: impl FnMut(&Section<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = sections.iter().map(&mut one).collect();
    read.into_iter().collect()
}

/// The values of a list that is a set in meaning: sorted, without repeats.
fn set<T: Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let set: std::collections::BTreeSet<T> = values.into_iter().collect();
    set.into_iter().collect()
}
