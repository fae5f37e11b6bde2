//! `plainview review CASE`: the main job.

use anyhow::Result;
use plainview_report::Review;
use serde_json::json;

use crate::case::CaseFolder;
use crate::cli::ReviewArgs;
use crate::exit::Ending;
use crate::review::{Reviewed, review};
use crate::term;

pub(crate) fn run(args: &ReviewArgs) -> Result<Ending> {
    let mut case = CaseFolder::open(&args.case)?;
    case.unsandboxed = args.unsandboxed;
    let reviewed = review(&case, args.run.threads)?;
    if args.run.json {
        term::result(&format!(
            "{}\n",
            serde_json::to_string_pretty(&summary(&reviewed))?
        ));
    } else {
        term::result(&verdicts(&reviewed.review));
        term::result(&format!("\nThe report: {}\n", reviewed.page.display()));
        if reviewed.ending.incomplete {
            term::note("Some records could not be used; the report says which (exit code 2).");
        }
    }
    Ok(reviewed.ending)
}

/// What `--json` prints: outcomes and where everything is.
pub(crate) fn summary(reviewed: &Reviewed) -> serde_json::Value {
    let claims: Vec<_> = reviewed
        .review
        .claims
        .iter()
        .map(|c| {
            json!({
                "claim": c.verdict.claim,
                "outcome": c.verdict.outcome,
                "face": c.verdict.runs.face,
                "reasons": c.verdict.reasons,
                "bundle": c.verdict.bundle,
            })
        })
        .collect();
    json!({
        "report": reviewed.page.display().to_string(),
        "register": reviewed.review.register,
        "claims": claims,
        "exit_code": reviewed.ending.code(),
        "failure": if reviewed.ending.incomplete { json!("records_lost") } else { json!(null) },
    })
}

/// Every claim with its verdict's sentences, for the terminal.
pub(crate) fn verdicts(review: &Review) -> String {
    let mut out = String::new();
    for claim in &review.claims {
        let verdict = &claim.verdict;
        let word = term::outcome_word(verdict.outcome);
        out.push_str(&format!("\n{}  {}\n", verdict.claim, term::bold(word)));
        out.push_str(&term::wrap(&format!("\u{201c}{}\u{201d}", verdict.text), 4));
        for sentence in &verdict.sentences {
            out.push_str(&term::wrap(&sentence.text, 4));
        }
    }
    let missing = review
        .cannot_say
        .iter()
        .filter(|s| s.contains("What remains answerable"));
    for sentence in missing {
        out.push('\n');
        out.push_str(&term::wrap(sentence, 0));
    }
    out
}
