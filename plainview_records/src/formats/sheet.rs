//! Reader of the sheet format.

mod locale;
mod suggest;
pub(in crate::formats) mod tally;
pub(in crate::formats) mod text;

use crate::Error;
use crate::run::Run;

/// The fields this reader may read.
pub const ALLOWED: &[&str] = &[];

pub(crate) fn read(run: &mut Run<'_>) -> Result<(), Error> {
    for file in run.plan_data() {
        run.hash(&file);
    }
    Ok(())
}
