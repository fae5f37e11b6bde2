//! `gcp-audit`: GCP Cloud Audit Logs.

use crate::Error;
use crate::detect::Head;
use crate::run::Run;

/// The fields this reader may read.
pub const ALLOWED: &[&str] = &[];

/// The names this reader may put into `details` of the `activity` table.
pub const DETAILS: &[&str] = &[];

/// How a file is known to be of this format, if it is.
pub(crate) fn recognise(_head: &Head<'_>) -> Option<&'static str> {
    None
}

/// Reads every file of the source.
pub(crate) fn read(_run: &mut Run<'_>) -> Result<(), Error> {
    Err(Error::Internal("this format has no reader".to_owned()))
}
