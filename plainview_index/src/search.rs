//! Asks an index.

use std::path::Path;

use tantivy::collector::sort_key::{SortBySimilarityScore, SortByStaticFastValue};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, Occur, PhraseQuery, Query, RangeQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Value as _};
use tantivy::snippet::SnippetGenerator;
use tantivy::{Order, Searcher, TantivyDocument, Term};

use crate::Error;
use crate::query::{Atom, parse};
use crate::schema::{Fields, PLACE, analyzer, prepare};

/// Characters of a snippet, about.
const SNIPPET_CHARS: usize = 240;

/// An index that can be asked.
pub struct Index {
    searcher: Searcher,
    fields: Fields,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index")
            .field("rows", &self.searcher.num_docs())
            .finish_non_exhaustive()
    }
}

/// What a query found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// How many rows in all.
    pub total: u64,
    /// The first of them.
    pub hits: Vec<Hit>,
}

/// One row that a query found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hit {
    /// The source's id.
    pub source: String,
    /// Name of the file within the source, masked.
    pub file: String,
    /// 1-based row in the file.
    pub row: u64,
    /// The document's id.
    pub doc_id: String,
    /// Which copy of the document this is.
    pub copy_no: u64,
    /// The thread it belongs to.
    pub thread_id: Option<String>,
    /// What kind of document.
    pub kind: String,
    /// When it was sent, milliseconds since 1970 UTC.
    pub sent_at: Option<i64>,
    /// Who it is from.
    pub from: Option<String>,
    /// Who it is to.
    pub to: Option<String>,
    /// Who has a copy.
    pub cc: Option<String>,
    /// Its subject or title.
    pub subject: Option<String>,
    /// Where the words stand; none when only fields or dates were asked for.
    pub snippet: Option<Snippet>,
}

/// Which part of a document words were found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What it says itself.
    Text,
    /// What it quotes.
    Quoted,
    /// Its subject or title.
    Subject,
}

impl Part {
    /// The part's name, as fields of a query are called.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Quoted => "quoted",
            Self::Subject => "subject",
        }
    }
}

/// A piece of a document in which words were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// Where it stands.
    pub part: Part,
    /// The piece, as it stands.
    pub text: String,
    /// The words found, as byte ranges of `text`, in order and apart.
    pub marks: Vec<(usize, usize)>,
}

impl Index {
    /// Opens the index in `folder`.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let index = tantivy::Index::open_in_dir(folder)?;
        prepare(&index);
        Ok(Self {
            searcher: index.reader()?.searcher(),
            fields: Fields::new(),
        })
    }

    /// The first `limit` rows that `query` finds, best first.
    pub fn find(&self, query: &str, limit: usize) -> Result<Found, Error> {
        let query = self.query(query)?;
        // Nothing is as relevant as anything else to a date: the order of the table decides then.
        let order = (
            (SortBySimilarityScore, Order::Desc),
            (SortByStaticFastValue::<u64>::for_field(PLACE), Order::Asc),
        );
        let top = TopDocs::with_limit(limit.max(1)).order_by(order);
        let (total, found) = self.searcher.search(&query, &(Count, top))?;
        let snippets = self.snippets(&query)?;
        let mut hits = Vec::new();
        for (_, address) in found.into_iter().take(limit) {
            let document: TantivyDocument = self.searcher.doc(address)?;
            hits.push(self.hit(&document, &snippets));
        }
        Ok(Found {
            total: total as u64,
            hits,
        })
    }

    fn query(&self, query: &str) -> Result<BooleanQuery, Error> {
        let mut all: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for clause in parse(query)? {
            let any = clause
                .any
                .iter()
                .map(|atom| self.atom(atom))
                .collect::<Result<Vec<_>, _>>()?;
            let occur = if clause.not {
                Occur::MustNot
            } else {
                Occur::Must
            };
            all.push((occur, Box::new(BooleanQuery::union(any))));
        }
        Ok(BooleanQuery::new(all))
    }

    fn atom(&self, atom: &Atom) -> Result<Box<dyn Query>, Error> {
        match atom {
            Atom::Words { field, text } => {
                let fields = match field {
                    Some(name) => vec![self.fields.named(name).ok_or_else(|| {
                        Error::Query(format!("found field `{name}`, which the index has not"))
                    })?],
                    None => self.fields.words().to_vec(),
                };
                let words = words(text);
                if words.is_empty() {
                    return Err(Error::Query(format!(
                        "found `{text}`, expected a word with letters or digits"
                    )));
                }
                let any = fields.iter().map(|field| phrase(*field, &words)).collect();
                Ok(Box::new(BooleanQuery::union(any)))
            }
            Atom::Sent { from, to } => {
                use std::ops::Bound;
                let term = |ms: i64| Term::from_field_i64(self.fields.date, ms);
                let lower = from.map_or(Bound::Unbounded, |ms| Bound::Included(term(ms)));
                let upper = to.map_or(Bound::Unbounded, |ms| Bound::Excluded(term(ms)));
                // A range without any end would find nothing to tell its field by.
                let lower = match (&lower, &upper) {
                    (Bound::Unbounded, Bound::Unbounded) => Bound::Included(term(i64::MIN)),
                    _ => lower,
                };
                Ok(Box::new(RangeQuery::new(lower, upper)))
            }
        }
    }

    fn snippets(&self, query: &dyn Query) -> Result<Vec<(Part, Field, SnippetGenerator)>, Error> {
        let parts = [
            (Part::Text, self.fields.text),
            (Part::Quoted, self.fields.quoted),
            (Part::Subject, self.fields.subject),
        ];
        let mut snippets = Vec::new();
        for (part, field) in parts {
            let mut generator = SnippetGenerator::create(&self.searcher, query, field)?;
            generator.set_max_num_chars(SNIPPET_CHARS);
            snippets.push((part, field, generator));
        }
        Ok(snippets)
    }

    fn hit(&self, document: &TantivyDocument, snippets: &[(Part, Field, SnippetGenerator)]) -> Hit {
        let fields = &self.fields;
        let text = |field: Field| {
            document
                .get_first(field)
                .and_then(|value| value.as_str())
                .map(str::to_owned)
        };
        let number = |field: Field| {
            document
                .get_first(field)
                .and_then(|value| value.as_u64())
                .unwrap_or_default()
        };
        Hit {
            source: text(fields.source).unwrap_or_default(),
            file: text(fields.file).unwrap_or_default(),
            row: number(fields.row),
            doc_id: text(fields.doc).unwrap_or_default(),
            copy_no: number(fields.copy),
            thread_id: text(fields.thread),
            kind: text(fields.kind).unwrap_or_default(),
            sent_at: document
                .get_first(fields.date)
                .and_then(|value| value.as_i64()),
            from: text(fields.from),
            to: text(fields.to),
            cc: text(fields.cc),
            subject: text(fields.subject),
            snippet: snippets
                .iter()
                .find_map(|(part, field, generator)| snippet(*part, &text(*field)?, generator)),
        }
    }
}

/// The piece of `text` where most of what is looked for stands.
fn snippet(part: Part, text: &str, generator: &SnippetGenerator) -> Option<Snippet> {
    let found = generator.snippet(text);
    let mut marks: Vec<(usize, usize)> = found
        .highlighted()
        .iter()
        .map(|range| (range.start, range.end))
        .collect();
    marks.sort_unstable();
    marks.dedup_by(|next, before| next.0 < before.1);
    (!marks.is_empty()).then(|| Snippet {
        part,
        text: found.fragment().to_owned(),
        marks,
    })
}

/// The words of a text, as the index has them.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut analyzer = analyzer();
    let mut stream = analyzer.token_stream(text);
    stream.process(&mut |token| words.push(token.text.clone()));
    words
}

/// One word, or several in a row, in one field.
fn phrase(field: Field, words: &[String]) -> Box<dyn Query> {
    let terms: Vec<Term> = words
        .iter()
        .map(|word| Term::from_field_text(field, word))
        .collect();
    match <[Term; 1]>::try_from(terms) {
        Ok([term]) => Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)),
        Err(terms) => Box::new(PhraseQuery::new(terms)),
    }
}
