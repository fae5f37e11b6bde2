//! One file per verb. Each parses nothing and prints through [`crate::term`].

pub(crate) mod ask;
pub(crate) mod check;
pub(crate) mod coverage;
pub(crate) mod demo;
pub(crate) mod explain;
pub(crate) mod find;
pub(crate) mod mark;
pub(crate) mod new;

pub(crate) mod profile;
pub(crate) mod reconcile;
pub(crate) mod records;
pub(crate) mod review;
pub(crate) mod sigma;
pub(crate) mod weigh;
