//! Sigma rules over the evidence tables.
