//! Reader of the azure_monitor_metrics format.

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
