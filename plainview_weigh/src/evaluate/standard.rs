//! Strength, standards and outcomes (METHOD 8): two yes/no answers, never one score.

use serde::{Deserialize, Serialize};

/// How strongly one side stands. Ordinal: nothing is ever added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// No undefeated argument.
    None,
    /// Undefeated arguments, but none qualifies: all rest on interested or unverified items.
    Scintilla,
    /// One separate qualifying lineage at the registered level.
    Single,
    /// Two or more.
    Corroborated,
}

/// How much one side must show (METHOD 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standard {
    /// Something undefeated. For triage only, never a headline.
    Any,
    /// A qualifying lineage, and more strength than the other side.
    Balance,
    /// Two separate qualifying lineages, and at most a scintilla on the other side.
    Corroborated,
    /// As corroborated, across two controllers, nothing at all on the other side, reach 1, and no open
    /// challenge.
    Exhaustive,
}

/// What the exhaustive standard asks beyond strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// At least two lineages separate by controller (k2 >= 2).
    pub two_controllers: bool,
    /// Reach is 1 and no challenge is open.
    pub nothing_open: bool,
}

/// The result for one claim at one standard (METHOD 0, 8). `NotTested` is given by whoever builds the
/// case, never by the evaluator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The records support the claim.
    Supported,
    /// The records contradict the claim.
    Contradicted,
    /// Qualifying records point both ways.
    Contested,
    /// Undecided; not a finding that the claim is false.
    NotShown,
    /// No registered test was run.
    NotTested,
}

macro_rules! codes {
    ($($type:ident { $($variant:ident => $code:literal),+ })+) => {$(
        impl $type {
            /// The word that outputs use for this.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.code())
            }
        }
    )+};
}

codes! {
    Strength { None => "none", Scintilla => "scintilla", Single => "single", Corroborated => "corroborated" }
    Standard { Any => "any", Balance => "balance", Corroborated => "corroborated", Exhaustive => "exhaustive" }
    Outcome {
        Supported => "supported", Contradicted => "contradicted", Contested => "contested",
        NotShown => "not_shown", NotTested => "not_tested"
    }
}

impl Standard {
    /// The four standards, weakest first.
    pub const ALL: [Self; 4] = [
        Self::Any,
        Self::Balance,
        Self::Corroborated,
        Self::Exhaustive,
    ];

    /// Whether a side of strength `own` meets this standard against a side of strength `other`.
    pub fn met(self, own: Strength, other: Strength, closing: Closing) -> bool {
        match self {
            Self::Any => own >= Strength::Scintilla,
            Self::Balance => own >= Strength::Single && own > other,
            Self::Corroborated => own == Strength::Corroborated && other <= Strength::Scintilla,
            Self::Exhaustive => {
                own == Strength::Corroborated
                    && other == Strength::None
                    && closing.two_controllers
                    && closing.nothing_open
            }
        }
    }

    /// The outcome of two sides, each with what the exhaustive standard asks of it.
    pub fn outcome(self, for_: (Strength, Closing), against: (Strength, Closing)) -> Outcome {
        let for_met = self.met(for_.0, against.0, for_.1);
        let against_met = self.met(against.0, for_.0, against.1);
        match (for_met, against_met) {
            (true, true) => Outcome::Contested,
            (true, false) => Outcome::Supported,
            (false, true) => Outcome::Contradicted,
            (false, false) if for_.0 >= Strength::Single && against.0 >= Strength::Single => {
                Outcome::Contested
            }
            (false, false) => Outcome::NotShown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 64 cells of METHOD 8, as printed there: rows are the strength of the side for, 0..3, columns
    /// the side against, 0..3; S supported, C contradicted, T contested, - not shown. The exhaustive
    /// table assumes k2 >= 2, reach 1 and no open challenge.
    const TABLE: &str = "
        any          balance      corroborated exhaustive
        - C C C      - - C C      - - - C      - - - C
        S T T T      - - C C      - - - C      - - - -
        S T T T      S S T C      - - T T      - - T T
        S T T T      S S S T      S S T T      S - T T
    ";

    const STRENGTHS: [Strength; 4] = [
        Strength::None,
        Strength::Scintilla,
        Strength::Single,
        Strength::Corroborated,
    ];

    #[test]
    fn sixty_four_cells() {
        let closing = Closing {
            two_controllers: true,
            nothing_open: true,
        };
        let mut lines = TABLE.lines().filter(|line| !line.trim().is_empty());
        let names: Vec<&str> = lines.next().unwrap_or("").split_whitespace().collect();
        assert_eq!(names, Standard::ALL.map(Standard::code));
        let mut cells = 0;
        for (row, for_) in lines.zip(STRENGTHS) {
            for (column, printed) in row.split_whitespace().enumerate() {
                let (standard, against) = (Standard::ALL[column / 4], STRENGTHS[column % 4]);
                let letter = match standard.outcome((for_, closing), (against, closing)) {
                    Outcome::Supported => "S",
                    Outcome::Contradicted => "C",
                    Outcome::Contested => "T",
                    Outcome::NotShown => "-",
                    Outcome::NotTested => "?",
                };
                assert_eq!(letter, printed, "{standard}: for {for_}, against {against}");
                cells += 1;
            }
        }
        assert_eq!(cells, 64);
    }

    #[test]
    fn exhaustive_needs_both_controllers_and_nothing_open() {
        for (two_controllers, nothing_open) in [(false, true), (true, false)] {
            let closing = Closing {
                two_controllers,
                nothing_open,
            };
            let outcome = Standard::Exhaustive
                .outcome((Strength::Corroborated, closing), (Strength::None, closing));
            assert_eq!(outcome, Outcome::NotShown);
        }
    }
}
