//! Exit codes, decided in one expression for every verb.

use std::process::ExitCode;

/// How a verb ended, when it did not fail outright.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ending {
    /// Something is contradicted or contested.
    pub(crate) contradicted: bool,
    /// Something could not be reviewed or verified in full.
    pub(crate) incomplete: bool,
}

impl Ending {
    /// Everything done, nothing contradicted.
    pub(crate) const DONE: Self = Self {
        contradicted: false,
        incomplete: false,
    };

    /// Done, but not in full.
    pub(crate) const INCOMPLETE: Self = Self {
        contradicted: false,
        incomplete: true,
    };

    /// The code: 2 outranks 1 (DESIGN section 7).
    pub(crate) fn code(self) -> u8 {
        if self.incomplete {
            2
        } else {
            u8::from(self.contradicted)
        }
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(ending.code())
    }
}

/// Wrong usage: the command line or the register is not understood.
pub(crate) const USAGE: u8 = 64;
