//! Rules written here over rows written here; every expectation is worked out from the rule by hand.
#![allow(clippy::unwrap_used)]

mod deciding;
mod refusing;
mod support;
