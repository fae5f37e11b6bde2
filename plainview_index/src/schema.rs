//! The fields of the index, and how words are made of text.
//!
//! Words are runs of letters and digits, in lower case and without accents. Words longer than [`WORD_BYTES_MAX`] are not words.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{
    AsciiFoldingFilter, LowerCaser, RemoveLongFilter, SimpleTokenizer, TextAnalyzer,
};

/// The name of our way of making words; part of every index, so that another version's index is not taken for ours.
const WORDS: &str = "plainview-words-1";
/// The longest word, in bytes.
const WORD_BYTES_MAX: usize = 80;

/// The fields, by handle.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    /// Position in the table: decides between equals.
    pub(crate) place: Field,
    pub(crate) source: Field,
    pub(crate) file: Field,
    pub(crate) row: Field,
    pub(crate) doc: Field,
    pub(crate) copy: Field,
    pub(crate) thread: Field,
    pub(crate) kind: Field,
    pub(crate) date: Field,
    pub(crate) from: Field,
    pub(crate) to: Field,
    pub(crate) cc: Field,
    pub(crate) subject: Field,
    pub(crate) text: Field,
    pub(crate) quoted: Field,
}

/// The name of the field that holds the position in the table.
pub(crate) const PLACE: &str = "place";

impl Fields {
    pub(crate) fn new() -> Self {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(WORDS)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let words = TextOptions::default()
            .set_indexing_options(indexing)
            .set_stored();
        let mut schema = Schema::builder();
        let place = schema.add_u64_field(PLACE, FAST);
        let row = schema.add_u64_field("row", STORED);
        let copy = schema.add_u64_field("copy", STORED);
        let date = schema.add_i64_field("date", INDEXED | FAST | STORED);
        let mut text = |name: &str| schema.add_text_field(name, words.clone());
        let [source, file, doc, thread, kind, from] =
            ["source", "file", "doc", "thread", "kind", "from"].map(&mut text);
        let [to, cc, subject, body, quoted] =
            ["to", "cc", "subject", "text", "quoted"].map(&mut text);
        Self {
            place,
            source,
            file,
            row,
            doc,
            copy,
            thread,
            kind,
            date,
            from,
            to,
            cc,
            subject,
            text: body,
            quoted,
            schema: schema.build(),
        }
    }

    /// The text field that a query calls `name`.
    pub(crate) fn named(&self, name: &str) -> Option<Field> {
        Some(match name {
            "source" => self.source,
            "file" => self.file,
            "doc" => self.doc,
            "thread" => self.thread,
            "kind" => self.kind,
            "from" => self.from,
            "to" => self.to,
            "cc" => self.cc,
            "subject" => self.subject,
            "text" => self.text,
            "quoted" => self.quoted,
            _ => return None,
        })
    }

    /// The fields that a word without a field is looked for in.
    pub(crate) fn words(&self) -> [Field; 3] {
        [self.subject, self.text, self.quoted]
    }
}

/// Gives an index our way of making words.
pub(crate) fn prepare(index: &tantivy::Index) {
    index.tokenizers().register(WORDS, analyzer());
}

/// Our way of making words.
pub(crate) fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(WORD_BYTES_MAX))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .build()
}
