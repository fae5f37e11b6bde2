//! `plainview demo`: a fictional tenant's records, reviewed like any others.
//!
//! The truth is written beside the case for this command's last step only: the review never reads it.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail};
use plainview_register::{ClaimKind, Template};
use plainview_synth::demo::{DemoOptions, Truth, Variant, write};
use plainview_weigh::reconcile::{AmountKind, State};

use crate::case::{CaseFolder, write_salt};
use crate::cli::DemoArgs;
use crate::commands::review::{summary, verdicts};
use crate::exit::Ending;
use crate::review::{Reviewed, review};
use crate::{files, term};

pub(crate) fn run(args: &DemoArgs) -> Result<Ending> {
    let variant = match args.without.as_deref() {
        Some("inventory") => Variant::NoInventory,
        Some(_) => Variant::NoInvoices,
        None => Variant::Full,
    };
    let truth = make(
        &args.dir,
        &DemoOptions {
            seed: args.seed,
            variant,
        },
    )?;
    let case = CaseFolder::open(&args.dir)?;
    let reviewed = review(&case, args.run.threads)?;
    let differences = differences(&case, &reviewed, &truth);
    if args.run.json {
        let mut value = summary(&reviewed);
        value["differences_from_truth"] = serde_json::json!(differences);
        term::result(&format!("{}\n", serde_json::to_string_pretty(&value)?));
    } else {
        term::result(&verdicts(&reviewed.review));
        term::result(&format!("\nThe report: {}\n", reviewed.page.display()));
        if differences.is_empty() {
            term::result("Every outcome equals the demo's own truth (truth.json).\n");
        }
    }
    for difference in &differences {
        term::note(difference);
    }
    Ok(if differences.is_empty() {
        Ending::DONE
    } else {
        Ending::INCOMPLETE
    })
}

/// Writes the demo, or finds the same one already there: a second run resumes.
fn make(dir: &Path, options: &DemoOptions) -> Result<Truth> {
    let path = dir.join("truth.json");
    if path.is_file() && dir.join("case.toml").is_file() {
        let truth: Truth = serde_json::from_str(&files::read_text(&path)?)?;
        if (truth.seed, truth.variant) != (options.seed, options.variant) {
            bail!("{} holds another demo; name another folder", dir.display());
        }
        return Ok(truth);
    }
    term::note(&format!("writing fictional records to {}", dir.display()));
    let truth = write(dir, options)?;
    write_salt(dir, &demo_salt(options.seed))?;
    Ok(truth)
}

/// The demo's secrets come from its seed, so that two demos are the same to the byte.
fn demo_salt(seed: u64) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(format!("plainview demo salt {seed}")).into()
}

/// Where the review and the truth disagree, in words.
fn differences(case: &CaseFolder, reviewed: &Reviewed, truth: &Truth) -> Vec<String> {
    let mut out = Vec::new();
    for (id, expected) in &truth.claims {
        let Some(claim) = reviewed
            .review
            .claims
            .iter()
            .find(|c| c.verdict.claim == *id)
        else {
            out.push(format!("{id}: not in the review"));
            continue;
        };
        let runs = &claim.verdict.runs;
        for (run, found, wanted) in [
            ("base", runs.base, &expected.base),
            ("face", runs.face, &expected.face),
        ] {
            if found.code() != wanted {
                out.push(format!(
                    "{id}: {run} is {}, the truth is {wanted}",
                    found.code()
                ));
            }
        }
    }
    let found = gaps(case, reviewed);
    let wanted: BTreeSet<(String, String)> = truth
        .months
        .iter()
        .map(|month| (truth.account.clone(), month.clone()))
        .collect();
    if found != wanted {
        out.push(format!(
            "gaps against the handed-over list in {found:?}, the truth is {wanted:?}"
        ));
    }
    out
}

/// Account and month of every gap between a bill or meter and a listing that a claim calls full.
fn gaps(case: &CaseFolder, reviewed: &Reviewed) -> BTreeSet<(String, String)> {
    let lists: BTreeSet<&str> = case
        .register
        .claims
        .iter()
        .filter_map(|claim| match &claim.kind {
            ClaimKind::Template {
                template: Template::FullListOfStores { list },
            } => Some(list),
            _ => None,
        })
        .flatten()
        .map(String::as_str)
        .collect();
    reviewed
        .review
        .reconciliation
        .iter()
        .filter(|row| row.state == State::Gap && row.right.kind == AmountKind::Listed)
        .filter(|row| lists.contains(row.right.source.as_str()))
        .map(|row| {
            (
                format!("{}/{}", row.provider, row.account),
                row.month.to_string(),
            )
        })
        .collect()
}
