//! Where the records come from, and what could not be read of them.
//!
//! What a reader did not use is printed before what it did not mean to use, and an empty list is
//! never printed as a clean bill.

use crate::Review;
use crate::figures;
use crate::page::{party_name, shortened};
use crate::review::{CaseReview, Effect, FileReview, NoticeExample, NoticeGroup, SourceReview};

pub(super) struct SourceView {
    pub(super) id: String,
    pub(super) protected: bool,
    pub(super) what: String,
    pub(super) kept_by: String,
    pub(super) integrity: &'static str,
    pub(super) because: String,
    pub(super) rows: String,
    pub(super) files: Vec<(String, String, String)>,
    pub(super) notices: String,
}

pub(super) struct CoverageView {
    pub(super) heading: &'static str,
    pub(super) explained: &'static str,
    pub(super) empty: &'static str,
    pub(super) groups: Vec<GroupView>,
}

pub(super) struct GroupView {
    pub(super) source: String,
    pub(super) message: String,
    pub(super) code: String,
    pub(super) count: String,
    pub(super) rows: String,
    pub(super) expected: bool,
    pub(super) examples: Vec<String>,
}

pub(super) fn view(case: &CaseReview, source: &SourceReview) -> SourceView {
    let name = |id: &Option<String>| id.as_ref().map(|id| party_name(case, id));
    let at_least = if source.protected { "at least " } else { "" };
    let tables: Vec<String> = source
        .tables
        .iter()
        .map(|(table, rows)| {
            format!(
                "{at_least}{} into {table}",
                figures::counted(u128::from(*rows), "row", "rows")
            )
        })
        .collect();
    let acquired = source.acquired_at.as_ref();
    SourceView {
        id: source.id.clone(),
        protected: source.protected,
        what: format!(
            "{}, {}{}. Delivery: {}.",
            format_name(&source.format),
            match source.kind.as_str() {
                "system-record" => "a record a system keeps by itself",
                "business-record" => "a record of ordinary business",
                "statement" => "a statement",
                _ => "a derived record",
            },
            match source.derived_from.as_slice() {
                [] => String::new(),
                list => format!(" made from {}", figures::listed(list)),
            },
            figures::words(&source.delivery)
        ),
        kept_by: match (name(&source.custodian), name(&source.controller)) {
            (None, None) => "Who kept it is withheld.".to_owned(),
            (Some(keeper), Some(owner)) if keeper != owner => {
                format!("Kept by {keeper}, under the control of {owner}.")
            }
            (Some(keeper), _) | (None, Some(keeper)) => format!("Kept by {keeper}."),
        } + &acquired.map_or_else(String::new, |at| {
            format!(" In the reviewer's hands since {}.", figures::date(at))
        }),
        integrity: match source.integrity.as_str() {
            "verified" => "Verified.",
            "failed" => "Failed its check; not used.",
            _ => "Unverified.",
        },
        because: source.integrity_because.clone(),
        rows: format!(
            "{}{}, {}: {}.",
            if source.protected { "At least " } else { "" },
            figures::counted(u128::from(source.files_total), "file", "files"),
            figures::bytes(u128::from(source.bytes_total)),
            if tables.is_empty() {
                "no rows".to_owned()
            } else {
                figures::listed(&tables)
            }
        ),
        files: source.files.iter().map(file).collect(),
        notices: notices(source),
    }
}

/// A file's name and what it was recognised as, its rows and its bytes.
fn file(file: &FileReview) -> (String, String, String) {
    let name = shortened(&file.name);
    (
        match &file.recognised {
            Some(why) => format!("{name} ({why})"),
            None => name,
        },
        figures::grouped(u128::from(file.rows)),
        figures::grouped(u128::from(file.bytes)),
    )
}

/// A record format as its makers call it; one this page does not know, by its id.
fn format_name(id: &str) -> &str {
    match id {
        "s3-inventory" => "Amazon S3 Inventory",
        "azure-blob-inventory" => "Azure Blob Inventory",
        "focus" => "FOCUS billing data",
        "mail" => "Mail",
        "cloudwatch-metrics" => "CloudWatch metrics",
        "azure-monitor-metrics" => "Azure Monitor metrics",
        "table" => "A table read by a column map",
        other => other,
    }
}

fn notices(source: &SourceReview) -> String {
    let counts = &source.notices;
    let mut parts = Vec::new();
    for (count, what) in [
        (counts.lost, "about what could not be used"),
        (counts.doubt, "about what is odd"),
        (counts.unread, "about what was not read by design"),
    ] {
        if count > 0 {
            parts.push(format!(
                "{} {what}",
                figures::counted(u128::from(count), "notice", "notices")
            ));
        }
    }
    if parts.is_empty() {
        String::new()
    } else {
        format!("{}.", figures::listed(&parts))
    }
}

pub(super) fn coverage(review: &Review) -> Vec<CoverageView> {
    let groups = |effect: Effect| {
        let of_effect = review
            .coverage
            .groups
            .iter()
            .filter(move |group| group.effect == effect);
        of_effect.map(|group| group_view(review, group)).collect()
    };
    vec![
        CoverageView {
            heading: "Could not be used",
            explained: "Rows and files that were handed over and are missing from everything above.",
            empty: "The readers used every row of the files they were given. That says nothing \
                    about records nobody handed over.",
            groups: groups(Effect::Lost),
        },
        CoverageView {
            heading: "Used, but odd",
            explained: "Kept, with a doubt that a reader of this report should know.",
            empty: "The readers noted no oddity. They look for known traps only.",
            groups: groups(Effect::Doubt),
        },
        CoverageView {
            heading: "Not read, by design",
            explained: "Columns outside the short list this tool may read. Content is never on it.",
            empty: "No column outside the short list was met.",
            groups: groups(Effect::Unread),
        },
    ]
}

fn group_view(review: &Review, group: &NoticeGroup) -> GroupView {
    let protected = review
        .sources
        .iter()
        .any(|source| source.protected && source.id == group.source);
    let at_least = if protected { "at least " } else { "" };
    GroupView {
        source: group.source.clone(),
        message: shortened(&group.message),
        code: group.code.clone(),
        count: format!("{at_least}{}", figures::grouped(u128::from(group.notices))),
        rows: format!(
            "{at_least}{}",
            figures::grouped(u128::from(group.rows_affected))
        ),
        expected: group.expected,
        examples: group
            .examples
            .iter()
            .map(example)
            .filter(|text| !text.is_empty())
            .collect(),
    }
}

fn example(example: &NoticeExample) -> String {
    let mut place = example.file.as_deref().map(shortened).unwrap_or_default();
    if let Some(row) = example.row {
        let row = format!("row {}", figures::grouped(u128::from(row)));
        place = if place.is_empty() {
            row
        } else {
            format!("{place}, {row}")
        };
    }
    let (found, expected) = (shortened(&example.found), shortened(&example.expected));
    let said = match (found.is_empty(), expected.is_empty()) {
        (true, true) => String::new(),
        (false, true) => format!("found {found}"),
        (true, false) => format!("expected {expected}"),
        (false, false) => format!("found {found}, expected {expected}"),
    };
    match (place.is_empty(), said.is_empty()) {
        (false, false) => format!("{place}: {said}"),
        (false, true) => place,
        (true, _) => said,
    }
}
