//! Whether a marked passage stands where the mark says.
//!
//! Documents are kept masked, so the quote is masked the same way before it is looked for; white
//! space is folded, as quoting rarely keeps line breaks.

use anyhow::Result;
use plainview_engine::Engine;
use plainview_records::Tokens;

use super::read::SourceRun;
use super::rows::collect;

/// Where a passage was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Whether it stands there.
    pub(crate) found: bool,
    /// When the document was sent, epoch seconds.
    pub(crate) recorded_at: Option<i64>,
}

/// Looks passages up in the documents table.
pub(crate) struct Quotes<'a> {
    engine: &'a Engine,
    runs: &'a [SourceRun],
    tokens: &'a Tokens,
}

impl<'a> Quotes<'a> {
    pub(crate) fn new(engine: &'a Engine, runs: &'a [SourceRun], tokens: &'a Tokens) -> Self {
        Self {
            engine,
            runs,
            tokens,
        }
    }

    /// Looks for `quote` in `file` (and `row`, when given) of `source`.
    pub(crate) fn find(
        &self,
        source: &str,
        file: &str,
        row: Option<u64>,
        quote: &str,
    ) -> Result<Place> {
        let Some(run) = self.runs.iter().find(|run| run.id == source) else {
            return Ok(Place::default());
        };
        let file = self.tokens.mask(file);
        let Some(file_no) = run.files.iter().position(|f| named(&f.name, &file)) else {
            return Ok(Place::default());
        };
        if !run.rows.contains_key("documents") {
            return self.find_in_row(run, file_no, row, quote);
        }
        let sql = format!(
            "select cast(sent_at as bigint) as sent_ms, row_no, subject, text from documents
             where source_id = '{}' and file_no = {file_no} order by row_no",
            source.replace('\'', "''")
        );
        let wanted = fold(&self.tokens.text(quote, None));
        let places = collect(self.engine, &sql, |found| {
            let number: u64 = found.number("row_no")?;
            let body = found.maybe("text").unwrap_or_default();
            let subject = found.maybe("subject").unwrap_or_default();
            let stands = row.is_none_or(|row| row == number)
                && (fold(body).contains(&wanted) || fold(subject).contains(&wanted));
            let recorded_at = found
                .maybe("sent_ms")
                .and_then(|ms| ms.parse::<i64>().ok())
                .map(|ms| ms.div_euclid(1000));
            Ok(stands.then_some(Place {
                found: true,
                recorded_at,
            }))
        })?;
        Ok(places.into_iter().flatten().next().unwrap_or_default())
    }
}

impl Quotes<'_> {
    /// Looks for `quote` in the cells of one row of an evidence table, which is where a record that is no
    /// document stands. A mark without a row, or with words that are not in it, is not found.
    fn find_in_row(
        &self,
        run: &SourceRun,
        file_no: usize,
        row: Option<u64>,
        quote: &str,
    ) -> Result<Place> {
        let Some(row) = row else {
            return Ok(Place::default());
        };
        let wanted = fold(&self.tokens.text(quote, None));
        for table in run.rows.keys() {
            let sql = format!(
                "select * from {table} where source_id = '{}' and file_no = {file_no} and row_no = {row}",
                run.id.replace('\'', "''")
            );
            let cells = collect(self.engine, &sql, |found| Ok(found.cells().join(" ")))?;
            if !wanted.is_empty() && cells.iter().any(|cells| fold(cells).contains(&wanted)) {
                return Ok(Place {
                    found: true,
                    recorded_at: None,
                });
            }
        }
        Ok(Place::default())
    }
}

/// A mark may name a file by its path in the case or by the end of that path.
fn named(name: &str, wanted: &str) -> bool {
    name == wanted
        || name
            .strip_suffix(wanted)
            .is_some_and(|head| head.ends_with('/'))
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_whole_or_by_their_end() {
        assert!(named("sources/mail/0001.eml", "sources/mail/0001.eml"));
        assert!(named("sources/mail/0001.eml", "0001.eml"));
        assert!(!named("sources/mail/0001.eml", "1.eml"));
    }

    #[test]
    fn white_space_is_folded() {
        assert_eq!(fold("a\r\n  b\tc "), "a b c");
    }
}
