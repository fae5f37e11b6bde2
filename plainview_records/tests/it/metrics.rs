//! Tests of the metrics reader.
