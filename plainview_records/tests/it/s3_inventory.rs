//! Tests of the s3_inventory reader.
