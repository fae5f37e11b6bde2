//! Whether a marked passage stands where the mark says.
//!
//! Documents are kept masked, so a quote is looked for as it stands and as masking makes it; white space is folded, as
//! quoting rarely keeps line breaks. A passage may stand in a document's own words or only in what it quotes, which is told.

use anyhow::Result;
use plainview_engine::Engine;
use plainview_records::Tokens;

use super::read::SourceRun;
use super::rows::{Row, collect};

/// Where a passage was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Whether it stands there.
    pub(crate) found: bool,
    /// When the document was sent, epoch seconds.
    pub(crate) recorded_at: Option<i64>,
    /// Whether it stands only in what the document quotes.
    pub(crate) quoted: bool,
}

/// A row in which a passage stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The document's id; empty in tables of anything else.
    pub(crate) doc_id: String,
    /// 1-based row in its file.
    pub(crate) row: u64,
    /// When the document was sent, epoch seconds.
    pub(crate) recorded_at: Option<i64>,
    /// Whether it stands only in what the document quotes.
    pub(crate) quoted: bool,
}

/// Looks passages up in the evidence tables.
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

    /// Looks for `quote` in `file` (and `row`, when given) of `source`: the first place in own words, else the first at all.
    pub(crate) fn find(
        &self,
        source: &str,
        file: &str,
        row: Option<u64>,
        quote: &str,
    ) -> Result<Place> {
        let places = self.all(source, file, row, quote)?;
        let first = places
            .iter()
            .find(|place| !place.quoted)
            .or_else(|| places.first());
        Ok(first.map_or_else(Place::default, |standing| Place {
            found: true,
            recorded_at: standing.recorded_at,
            quoted: standing.quoted,
        }))
    }

    /// Every row of `file` (or the one `row`) in which `quote` stands. `file` may also be the id of a document.
    pub(crate) fn all(
        &self,
        source: &str,
        file: &str,
        row: Option<u64>,
        quote: &str,
    ) -> Result<Vec<Standing>> {
        self.look(source, file, row, &Wanted::new(quote, self.tokens))
    }

    fn look(
        &self,
        source: &str,
        file: &str,
        row: Option<u64>,
        wanted: &Wanted,
    ) -> Result<Vec<Standing>> {
        let Some(run) = self.runs.iter().find(|run| run.id == source) else {
            return Ok(Vec::new());
        };
        if wanted.is_nothing() {
            return Ok(Vec::new());
        }
        let name = self.tokens.mask(file);
        let file_no = run.files.iter().position(|f| named(&f.name, &name));
        if run.rows.contains_key("documents") {
            let place = match file_no {
                Some(file_no) => format!("file_no = {file_no}"),
                None => format!("doc_id = '{}'", file.replace('\'', "''")),
            };
            return self.in_documents(source, &place, row, wanted);
        }
        match file_no.zip(row) {
            Some((file_no, row)) => self.in_row(run, file_no, row, wanted),
            None => Ok(Vec::new()),
        }
    }

    /// Every row of `file` (or the one `row`) in which `quote` stands exactly so, without masking it first.
    pub(crate) fn verbatim(
        &self,
        source: &str,
        file: &str,
        row: Option<u64>,
        quote: &str,
    ) -> Result<Vec<Standing>> {
        self.look(source, file, row, &Wanted::verbatim(quote))
    }

    fn in_documents(
        &self,
        source: &str,
        place: &str,
        row: Option<u64>,
        wanted: &Wanted,
    ) -> Result<Vec<Standing>> {
        let sql = format!(
            "select cast(sent_at as bigint) as sent_ms, doc_id, row_no, subject, text, quoted_text from documents
             where source_id = '{}' and {place} order by file_no, row_no",
            source.replace('\'', "''")
        );
        let stands =
            |found: &Row<'_>, column| found.maybe(column).is_some_and(|text| wanted.is_in(text));
        let places = collect(self.engine, &sql, |found| {
            let number: u64 = found.number("row_no")?;
            let own = stands(found, "text") || stands(found, "subject");
            let quoted = !own && stands(found, "quoted_text");
            if row.is_some_and(|row| row != number) || !(own || quoted) {
                return Ok(None);
            }
            let recorded_at = found
                .maybe("sent_ms")
                .and_then(|ms| ms.parse::<i64>().ok())
                .map(|ms| ms.div_euclid(1000));
            Ok(Some(Standing {
                doc_id: found.text("doc_id")?,
                row: number,
                recorded_at,
                quoted,
            }))
        })?;
        Ok(places.into_iter().flatten().collect())
    }

    /// Looks in the cells of one row of an evidence table, which is where a record that is no document stands. A mark
    /// without a row, or with words that are not in it, is not found.
    fn in_row(
        &self,
        run: &SourceRun,
        file_no: usize,
        row: u64,
        wanted: &Wanted,
    ) -> Result<Vec<Standing>> {
        for table in run.rows.keys() {
            let sql = format!(
                "select * from {table} where source_id = '{}' and file_no = {file_no} and row_no = {row}",
                run.id.replace('\'', "''")
            );
            let cells = collect(self.engine, &sql, |found| Ok(found.cells().join(" ")))?;
            if cells.iter().any(|cells| wanted.is_in(cells)) {
                return Ok(vec![Standing {
                    doc_id: String::new(),
                    row,
                    recorded_at: None,
                    quoted: false,
                }]);
            }
        }
        Ok(Vec::new())
    }
}

/// A passage in both its forms: copied from masked text, and copied from the record itself.
struct Wanted {
    as_given: String,
    masked: String,
}

impl Wanted {
    fn new(quote: &str, tokens: &Tokens) -> Self {
        Self {
            as_given: fold(quote),
            masked: fold(&tokens.text(quote, None)),
        }
    }

    fn verbatim(quote: &str) -> Self {
        Self {
            as_given: fold(quote),
            masked: fold(quote),
        }
    }

    fn is_nothing(&self) -> bool {
        self.as_given.is_empty()
    }

    fn is_in(&self, text: &str) -> bool {
        let text = fold(text);
        text.contains(&self.masked) || text.contains(&self.as_given)
    }
}

/// A mark may name a file by its path in the case or by the end of that path.
fn named(name: &str, wanted: &str) -> bool {
    name == wanted
        || name
            .strip_suffix(wanted)
            .is_some_and(|head| head.ends_with('/'))
}

/// Runs of white space as one space each: form feeds between pages too, so a passage may run over a page.
pub(crate) fn fold(text: &str) -> String {
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
        assert_eq!(fold("a\r\n  b\u{c}c "), "a b c");
    }

    #[test]
    fn passages_are_found_masked_and_as_they_were() {
        let tokens = Tokens::public();
        let quote = "call +972 50 123 4567 now";
        let text = tokens.text(quote, None).into_owned();
        assert_ne!(text, quote);
        assert!(Wanted::new(quote, &tokens).is_in(&text));
        assert!(Wanted::new(&text, &tokens).is_in(&text));
        assert!(!Wanted::new("call me", &tokens).is_in(&text));
    }
}
