//! Whether the pages of an answer are all here: a query's answer comes in pages of at most a thousand rows.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::formats::azure::fields::Cell;
use crate::run::{Note, Run, SourceFile};

/// What one page says of itself, if it says that it is one.
#[derive(Debug, Default)]
pub(super) struct Page {
    says_so: bool,
    has_more: bool,
    count: Option<u64>,
    total: Option<u64>,
}

impl Page {
    /// Takes a field that stands beside the rows; whether it is one of a page's.
    pub(super) fn beside(&mut self, name: &str, value: &RawValue) -> bool {
        let cell = Cell::Json(value.get());
        let number = || cell.count().and_then(|n| u64::try_from(n).ok());
        match name {
            "count" | "Count" => self.count = number(),
            "total_records" | "totalRecords" | "TotalRecords" => self.total = number(),
            "skip_token" | "$skipToken" | "skipToken" | "SkipToken" => {
                self.has_more |= cell.is_present();
            }
            "resultTruncated" | "result_truncated" | "ResultTruncated" => {
                self.has_more |= cell.flag() == Some(true);
            }
            "facets" | "Facets" => {}
            _ => return false,
        }
        self.says_so = true;
        true
    }
}

/// The pages that say the same total.
#[derive(Debug)]
struct Answer {
    rows: u64,
    /// Pages that no other follows.
    lasts: u64,
    /// The file of the latest page.
    file: SourceFile,
}

/// The pages of a source so far.
#[derive(Debug, Default)]
pub(super) struct Pages {
    answers: BTreeMap<Option<u64>, Answer>,
    /// Pages that hold fewer rows than they say.
    short: Vec<(SourceFile, u64, u64)>,
}

/// The most pages that are told one by one.
const SHORT_MAX: usize = 1000;

impl Pages {
    /// Adds a page with so many rows.
    pub(super) fn add(&mut self, page: &Page, rows: u64, file: &SourceFile) {
        if !page.says_so {
            return;
        }
        if let Some(count) = page.count.filter(|count| *count > rows)
            && self.short.len() < SHORT_MAX
        {
            self.short.push((file.clone(), rows, count));
        }
        let answer = self.answers.entry(page.total).or_insert_with(|| Answer {
            rows: 0,
            lasts: 0,
            file: file.clone(),
        });
        // A page that lost rows is told as such, and its answer is not told again for them.
        answer.rows += rows.max(page.count.unwrap_or(0));
        answer.lasts += u64::from(!page.has_more);
        answer.file = file.clone();
    }

    /// Tells which answers lack pages. Several answers may have one total: each has a last page, and as many rows as it says.
    pub(super) fn tell(&self, run: &mut Run<'_>) {
        for (file, rows, count) in &self.short {
            let note = Note::lost(
                "azure-graph-rows-missing",
                "a page holds fewer rows than it says",
            )
            .rows(count - rows)
            .measured(format!("{rows} rows"))
            .expected(format!("{count} rows"));
            run.note(Some(file), note);
        }
        for (total, answer) in &self.answers {
            let missing = match *total {
                None | Some(0) if answer.lasts > 0 => continue,
                None | Some(0) => None,
                Some(total) => {
                    let answers = answer.rows.div_ceil(total).max(answer.lasts).max(1);
                    match answers.saturating_mul(total) - answer.rows {
                        0 => continue,
                        missing => Some((missing, total)),
                    }
                }
            };
            let note = Note::lost(
                "azure-graph-pages-missing",
                "further pages of the answer are not here: the resources on them are not known",
            );
            let note = match missing {
                Some((missing, total)) => note
                    .rows(missing)
                    .measured(format!("{} rows", answer.rows))
                    .expected(format!("{total} rows in each whole answer")),
                None => note
                    .measured("a token for a next page")
                    .expected("a last page"),
            };
            run.note(Some(&answer.file), note);
        }
    }
}
