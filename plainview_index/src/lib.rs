//! Full-text index of the documents table.
