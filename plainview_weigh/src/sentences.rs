//! The fixed sentences of METHOD 12, 9 and 10.4 with their values filled in. There is no other text
//! generation: a sentence that is not here is not printed about an outcome. None of them names a
//! likelihood of truth, and none says knew, lied or guilty.

use crate::evaluate::Outcome;

pub mod coverage;

/// First two sentences of every undecided verdict; no export or summary may drop them.
pub const UNDECIDED: &str = "Undecided. This is not a finding that it did not happen.";

/// Printed instead of a bound when storage may be unlisted (METHOD 7.3, G6).
pub const NOT_BOUNDED: &str = "not bounded (unlisted storage)";

/// Why `unaware-until` claims are not tested.
pub const KNOWLEDGE_NOT_TESTED: &str = "knowledge events are not part of this version";

/// What a contradiction cites.
#[derive(Debug, Clone, Copy)]
pub struct Lines<'a> {
    /// Separate lines of evidence at the registered level.
    pub k: usize,
    /// Organisations.
    pub k2: usize,
    /// Of the lines, those that rest on the claimant's own records.
    pub own: usize,
    /// Printed names of the keepers.
    pub custodians: &'a [String],
}

fn lines_of_evidence(k: usize) -> String {
    match k {
        1 => "1 separate line of evidence".to_owned(),
        k => format!("{k} separate lines of evidence"),
    }
}

/// Names joined as prose.
#[must_use]
pub fn list(names: &[String]) -> String {
    match names {
        [] => "nobody".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// "The records support this ...". `share` is the lower bound of reach, or empty where the claim has no
/// units.
#[must_use]
pub fn supported(share: &str, standard: &str, lines: Lines<'_>) -> String {
    let share = if share.is_empty() {
        "all".to_owned()
    } else {
        format!("at least {}", percent(share))
    };
    format!(
        "The records support this for {share} of what the statement covers, under the {standard} standard: {} kept by {}.",
        lines_of_evidence(lines.k),
        list(lines.custodians)
    )
}

/// "The records contradict this ...".
#[must_use]
pub fn contradicted(lines: Lines<'_>) -> String {
    let organisations = match lines.k2 {
        1 => "1 organisation".to_owned(),
        n => format!("{n} organisations"),
    };
    format!(
        "The records contradict this: {} ({organisations}), of which {} are the claimant's own records.",
        lines_of_evidence(lines.k),
        lines.own
    )
}

/// "Qualifying records point both ways."
#[must_use]
pub fn contested() -> String {
    "Qualifying records point both ways.".to_owned()
}

/// The undecided sentence with its reasons and what would decide it.
#[must_use]
pub fn not_shown(reasons: &[String], decide: &[String]) -> String {
    let reasons = if reasons.is_empty() {
        "the standard is not met".to_owned()
    } else {
        reasons
            .iter()
            .map(|code| reason(code))
            .collect::<Vec<_>>()
            .join("; ")
    };
    let decide = if decide.is_empty() {
        "records of another kind".to_owned()
    } else {
        decide.join("; or ")
    };
    format!(
        "{UNDECIDED} The records do not show this either way: {reasons}. It would take {decide}."
    )
}

/// A claim for which no registered test was run.
#[must_use]
pub fn not_tested(why: &str) -> String {
    format!("Not tested: {why}.")
}

/// A reason code in words.
#[must_use]
pub fn reason(code: &str) -> String {
    let text = match code {
        "no_argument" => "no record speaks for or against it",
        "interested_only" => "what speaks for one side comes only from those who gain by it",
        "unverified_only" => {
            "what speaks for one side rests on records whose originals were not checked"
        }
        "single_lineage" => "there is only one separate line of evidence",
        "gate_G1" => "the list of what exists is not closed (gate G1)",
        "gate_G2" => "too little of what the statement covers could be looked at (gate G2)",
        "gate_G3" => "a log without guaranteed delivery is needed (gate G3)",
        "gate_G4" => "how often the test misses is not known (gate G4)",
        "gate_G5" => "neither everything nor a verifiable sample was examined (gate G5)",
        "gate_G6" => "more than is tolerated may sit where nobody looked (gate G6)",
        "gate_G7" => "the test found something (gate G7)",
        "latent_without_sensitivity" => {
            "records only hint at what it is about, and how often the hint is missed was not measured"
        }
        "best_effort_log" => "a log without guaranteed delivery cannot prove absence",
        "residue_only" => "nothing in the statement can be tested from records",
        other => other,
    };
    text.to_owned()
}

/// The face-value sentence of METHOD 9.1, printed when face and base differ.
#[must_use]
pub fn face(face: Outcome, base: Outcome) -> String {
    format!(
        "Taken at face value the statements would make this {}. Setting aside self-serving statements it is {}.",
        face.code(),
        base.code()
    )
}

/// The three parts of a "no evidence" statement.
#[must_use]
pub fn found_none(literal: &str, capability: &str, implied: Outcome) -> String {
    let literal = match literal {
        "true" => "Literally true: the review listed no hit.",
        "false" => "Literally false: the review's own tests list a hit.",
        _ => "Literally empty: no test has a result.",
    };
    format!(
        "{literal} {capability} Implied statement: {}.",
        implied.code()
    )
}

/// What one unit is, counted: a store or an account in a month.
fn counted(n: u64, unit: &str) -> String {
    match n {
        1 => format!("1 {unit}"),
        n => format!("{n} {unit}s"),
    }
}

/// The capability sentence. `unit` is what is counted: `store-month` or `account-month`.
#[must_use]
pub fn capability(
    design: u64,
    (units, unit): (u64, &str),
    adversarial: &str,
    stated: &str,
    withheld: u64,
) -> String {
    format!(
        "If {design} of {} had it, the review had a {} chance of finding at least one when it was placed where the review looked least ({} if it sat in the {} it did not look at).",
        counted(units, unit),
        percent(adversarial),
        percent(stated),
        counted(withheld, unit)
    )
}

/// The capability sentence where sensitivity was never measured.
#[must_use]
pub fn capability_unknown(design: u64, units: u64, unit: &str) -> String {
    format!(
        "Capability unknown: whether the review would have found it in {design} of {} was never measured with known positives.",
        counted(units, unit)
    )
}

/// The bound where `upper` of `units` may have it. Where everything was looked at there is no sample and
/// so no confidence to state.
#[must_use]
pub fn at_most(upper: u64, units: u64, unit: &str, confidence: &str) -> String {
    match (upper, units) {
        (0, 1) => format!("The only {unit} was looked at, and it does not have it."),
        (0, units) => {
            format!("Every one of the {units} {unit}s was looked at, and none has it.")
        }
        _ => format!(
            "With {} confidence no more than {upper} of {} have it, counting every {unit} that was not looked at.",
            percent(confidence),
            counted(units, unit)
        ),
    }
}

/// The bound where there is none, with the note why.
#[must_use]
pub fn no_bound(unit: &str, note: &str) -> String {
    format!("How many {unit}s have it is {note}.")
}

/// The then-and-now pair of METHOD 10.4; none where no fixed sentence applies.
#[must_use]
pub fn then_and_now(then_held: Outcome, now: Outcome) -> Option<String> {
    let text = match (then_held, now) {
        (Outcome::Contradicted, Outcome::Contradicted) => {
            "Records in the claimant's own systems contradicted this when it was said, and still do."
        }
        (_, Outcome::Contradicted) => {
            "Contradicted by records now known; records the claimant then held did not meet the standard for contradicting it."
        }
        (Outcome::Contradicted, _) => {
            "Contradicted by records then held; later records changed the result."
        }
        _ => return None,
    };
    Some(text.to_owned())
}

/// The single-point-of-failure sentence of METHOD 9.2.
#[must_use]
pub fn rests_on(grouping: &str, names: &[String]) -> String {
    let word = match grouping {
        "controller" => "organisation",
        other => other,
    };
    let each = if names.len() > 1 {
        ", each of them needed"
    } else {
        ""
    };
    format!("Rests on a single {word}: {}{each}.", list(names))
}

/// The untested part of a statement (METHOD 2.1).
#[must_use]
pub fn residue(terms: &[String]) -> String {
    format!(
        "This part of the statement was not tested: {}.",
        terms
            .iter()
            .map(|term| format!("\"{term}\""))
            .collect::<Vec<_>>()
            .join(", ")
    )
}

/// `0.888462` as `88.8462%`: moves the point, so nothing is rounded again.
#[must_use]
pub fn percent(fraction: &str) -> String {
    let (whole, part) = fraction.split_once('.').unwrap_or((fraction, ""));
    let padded = format!("{part:0<2}");
    let (up, rest) = padded.split_at(2);
    let digits = format!("{whole}{up}");
    let digits = digits.trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() {
        format!("{digits}%")
    } else {
        format!("{digits}.{rest}%")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_moves_the_point() {
        for (fraction, text) in [
            ("0.888462", "88.8462%"),
            ("0.95", "95%"),
            ("1.000000", "100%"),
            ("0.000000", "0%"),
            ("0.9", "90%"),
            ("1", "100%"),
            ("0.005", "0.5%"),
        ] {
            assert_eq!(percent(fraction), text);
        }
    }

    /// A census is no sample: no confidence is stated for it.
    #[test]
    fn bounds_say_what_was_looked_at() {
        assert_eq!(
            at_most(0, 3, "store-month", "0.95"),
            "Every one of the 3 store-months was looked at, and none has it."
        );
        assert_eq!(
            at_most(1, 4, "store-month", "0.95"),
            "With 95% confidence no more than 1 of 4 store-months have it, counting every store-month that was not looked at."
        );
        assert_eq!(
            no_bound("account-month", NOT_BOUNDED),
            "How many account-months have it is not bounded (unlisted storage)."
        );
        assert_eq!(
            capability_unknown(1, 1, "store-month"),
            "Capability unknown: whether the review would have found it in 1 of 1 store-month was never measured with known positives."
        );
    }

    #[test]
    fn undecided_always_opens_with_its_two_sentences() {
        let empty = not_shown(&[], &[]);
        let full = not_shown(&["interested_only".to_owned()], &["more".to_owned()]);
        assert!(empty.starts_with(UNDECIDED) && full.starts_with(UNDECIDED));
        assert!(full.ends_with("It would take more."));
    }

    #[test]
    fn then_and_now_has_three_sentences_and_no_more() {
        use Outcome::{Contradicted, NotShown, Supported};
        assert!(then_and_now(Contradicted, Contradicted).is_some());
        assert!(then_and_now(NotShown, Contradicted).is_some());
        assert!(then_and_now(Contradicted, Supported).is_some());
        assert!(then_and_now(NotShown, Supported).is_none());
    }
}
