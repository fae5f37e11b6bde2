//! Tests of the mail reader.
