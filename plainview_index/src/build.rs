//! Writes an index, row by row.

use std::path::Path;

use tantivy::{IndexWriter, TantivyDocument};

use crate::schema::{Fields, prepare};
use crate::{Document, Error};

/// Memory that rows may take before they are written out, in bytes.
const MEMORY_BYTES: usize = 64 << 20;

/// An index in the making.
pub struct IndexBuilder {
    writer: IndexWriter,
    fields: Fields,
    rows: u64,
}

impl std::fmt::Debug for IndexBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IndexBuilder")
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

impl IndexBuilder {
    /// An empty index in `folder`, which exists and is empty.
    pub fn create(folder: &Path) -> Result<Self, Error> {
        let fields = Fields::new();
        let index = tantivy::Index::create_in_dir(folder, fields.schema.clone())?;
        prepare(&index);
        // One thread, so that rows keep their order.
        let writer = index.writer_with_num_threads(1, MEMORY_BYTES)?;
        Ok(Self {
            writer,
            fields,
            rows: 0,
        })
    }

    /// Adds the next row of the table.
    pub fn add(&mut self, row: &Document<'_>) -> Result<(), Error> {
        let fields = &self.fields;
        let mut document = TantivyDocument::new();
        document.add_u64(fields.place, self.rows);
        document.add_u64(fields.row, row.row);
        document.add_u64(fields.copy, row.copy_no);
        document.add_text(fields.source, row.source);
        document.add_text(fields.file, row.file);
        document.add_text(fields.doc, row.doc_id);
        document.add_text(fields.kind, row.kind);
        if let Some(ms) = row.sent_at {
            document.add_i64(fields.date, ms);
        }
        let optional = [
            (fields.thread, row.thread_id),
            (fields.from, row.from),
            (fields.to, row.to),
            (fields.cc, row.cc),
            (fields.subject, row.subject),
            (fields.text, row.text),
            (fields.quoted, row.quoted),
        ];
        for (field, value) in optional {
            if let Some(value) = value {
                document.add_text(field, value);
            }
        }
        self.writer.add_document(document)?;
        self.rows += 1;
        Ok(())
    }

    /// Ends the index; gives how many rows it holds.
    pub fn finish(mut self) -> Result<u64, Error> {
        self.writer.commit()?;
        self.writer.wait_merging_threads()?;
        Ok(self.rows)
    }
}
