//! Tests of the focus reader.
