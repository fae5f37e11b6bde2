//! Record files behind s3://, az:// and gs:// addresses.
