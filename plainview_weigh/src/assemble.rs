//! From facts and the register to one [`Input`] per claim.

mod input;

pub use input::{
    ArgumentInput, ChallengeInput, ClaimInput, FoundNone, Input, ItemInput, PartyInterest, SCHEMA,
    SourceInput, StandardInput,
};
