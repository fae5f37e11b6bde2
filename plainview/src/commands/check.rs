//! `plainview check CASE`: is the register sound, are its sources there, and what could they show?
//! Opens no evidence.

use anyhow::Result;
use plainview_weigh::attain::{Attainable, attainability};
use plainview_weigh::case::Side;
use serde_json::json;

use crate::case::CaseFolder;
use crate::cli::CheckArgs;
use crate::exit::Ending;
use crate::worker::{self, Held};
use crate::{places, term};

pub(crate) fn run(args: &CheckArgs) -> Result<Ending> {
    let case = CaseFolder::open(&args.case)?;
    for warning in &case.warnings {
        term::note(&warning.to_string());
    }
    let mut missing = Vec::new();
    let mut sources = Vec::new();
    for source in &case.register.sources {
        let (files, whole) = places::count(&case.root, source.location.as_ref(), &source.files)?;
        if files == 0 || !whole {
            missing.push(source.id.clone());
        }
        sources
            .push(json!({"source": source.id, "format": source.format.as_str(), "files": files}));
    }
    let reach = attainability(&case.register);
    let sandbox = documents_held(&case);
    if args.json {
        let value = json!({
            "register": case.register.sha256(),
            "sources": sources,
            "missing": missing,
            "claims": reach,
            "sandbox": sandbox,
        });
        term::result(&format!("{}\n", serde_json::to_string_pretty(&value)?));
    } else {
        term::result(&format!(
            "The register is sound: {}\n",
            case.register.sha256()
        ));
        for source in &sources {
            term::result(&format!(
                "  {:<24} {:<24} {} files\n",
                source["source"].as_str().unwrap_or_default(),
                source["format"].as_str().unwrap_or_default(),
                source["files"]
            ));
        }
        for id in &missing {
            term::result(&format!(
                "  source {id}: no file is there yet, or not all of them\n"
            ));
        }
        if let Some(sandbox) = &sandbox {
            term::result(&format!("  parsers of documents: {sandbox}\n"));
        }
        term::result("\nWhat these sources could show at best, before any of them is opened:\n");
        for claim in &reach {
            term::result(&attain_text(claim));
        }
    }
    Ok(if missing.is_empty() {
        Ending::DONE
    } else {
        Ending::INCOMPLETE
    })
}

/// Whether parsers of documents can be confined here, tried out; none when the case has no document to parse.
fn documents_held(case: &CaseFolder) -> Option<String> {
    let parses = case
        .register
        .sources
        .iter()
        .any(|source| matches!(source.format.as_str(), "document" | "auto"));
    parses.then(|| match worker::held() {
        Held::All => "confined; files, network and other programs are denied".to_owned(),
        Held::Not(why) => {
            format!("cannot be confined here ({why}); PDF, Word and Excel files will not be read")
        }
    })
}

/// One claim: the best outcome on each side at the registered standard, what caps it, what to ask for.
fn attain_text(claim: &Attainable) -> String {
    let mut out = format!("\n{}  {}\n", claim.claim, claim.template);
    if let Some(why) = &claim.not_tested {
        out.push_str(&term::wrap(&format!("Cannot be tested: {why}"), 4));
    }
    for side in &claim.sides {
        let word = if side.side == Side::For {
            "for"
        } else {
            "against"
        };
        let best: Vec<String> = side
            .best
            .iter()
            .map(|(standard, outcome)| format!("{standard} {}", outcome.code()))
            .collect();
        out.push_str(&term::wrap(
            &format!(
                "{word}: at best {}; separate lines by source, custodian, organisation: {}, {}, {}",
                best.join(", "),
                side.k[0],
                side.k[1],
                side.k[2]
            ),
            4,
        ));
        if !side.caps.is_empty() {
            out.push_str(&term::wrap(
                &format!("capped by {}", side.caps.join(", ")),
                8,
            ));
        }
        for request in &side.request {
            out.push_str(&term::wrap(request, 8));
        }
    }
    out
}
