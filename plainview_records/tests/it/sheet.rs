//! Tests of the sheet reader.
