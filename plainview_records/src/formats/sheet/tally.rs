//! Counts what happens again and again in one file, so that it becomes one notice and not one per row.

use std::collections::BTreeMap;

use crate::Effect;
use crate::run::{Note, Run, SourceFile};

/// What is known about one repeated thing.
#[derive(Debug)]
struct Entry {
    effect: Effect,
    rows: u64,
    first_row: u64,
    found: String,
    expected: &'static str,
    message: &'static str,
}

/// The repeated things of one file, by notice code and by what they are about (a column, a metric).
#[derive(Debug, Default)]
pub(in crate::formats) struct Tally(BTreeMap<&'static str, BTreeMap<String, Entry>>);

/// The words of a repeated notice that do not change from row to row.
#[derive(Debug, Clone, Copy)]
pub(in crate::formats) struct Repeated {
    /// The notice code.
    pub(in crate::formats) code: &'static str,
    /// What it means for the rows.
    pub(in crate::formats) effect: Effect,
    /// What was expected.
    pub(in crate::formats) expected: &'static str,
    /// One sentence for a reader of the report.
    pub(in crate::formats) message: &'static str,
}

/// The most different things that one code is counted under in one file; more are counted together.
const ABOUT_MAX: usize = 1000;

impl Tally {
    /// Counts one row. `about` names the column or the like, `found` is shown for the first row only.
    pub(in crate::formats) fn add(&mut self, what: &Repeated, about: &str, row: u64, found: &str) {
        let entries = self.0.entry(what.code).or_default();
        // Met before in all but the first row: found without building a key.
        if let Some(entry) = entries.get_mut(about) {
            entry.rows += 1;
            return;
        }
        let about = if entries.len() < ABOUT_MAX {
            about
        } else {
            "others"
        };
        let entry = entries.entry(about.to_owned()).or_insert_with(|| Entry {
            effect: what.effect,
            rows: 0,
            first_row: row,
            found: found.chars().take(200).collect(),
            expected: what.expected,
            message: what.message,
        });
        entry.rows += 1;
    }

    /// Adds the counts of `later`, which were made of rows after these and numbered as if only `rows` fewer came before.
    pub(in crate::formats) fn merge(&mut self, later: Self, rows: u64) {
        for (code, entries) in later.0 {
            let ours = self.0.entry(code).or_default();
            for (about, mut entry) in entries {
                entry.first_row += rows;
                let about = if ours.len() < ABOUT_MAX || ours.contains_key(&about) {
                    about
                } else {
                    "others".to_owned()
                };
                match ours.entry(about) {
                    std::collections::btree_map::Entry::Occupied(mut met) => {
                        met.get_mut().rows += entry.rows;
                    }
                    std::collections::btree_map::Entry::Vacant(place) => {
                        place.insert(entry);
                    }
                }
            }
        }
    }

    /// Gives every count as one notice of `file`, and starts again.
    pub(in crate::formats) fn give(&mut self, run: &mut Run<'_>, file: &SourceFile) {
        for (code, entries) in std::mem::take(&mut self.0) {
            for (about, entry) in entries {
                let found = match (about.is_empty(), entry.found.is_empty()) {
                    (true, _) => entry.found,
                    (false, true) => about,
                    (false, false) => format!("{about}: {}", entry.found),
                };
                let note = Note::new(code, entry.effect, entry.message)
                    .row(entry.first_row)
                    .rows(entry.rows)
                    .found(found)
                    .expected(entry.expected);
                run.note(Some(file), note);
            }
        }
    }
}
