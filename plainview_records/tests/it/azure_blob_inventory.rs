//! Tests of the azure_blob_inventory reader.
