//! `plainview weigh BUNDLE.json`: a verdict from arguments and sources given as JSON.

use std::io::Read as _;

use anyhow::{Context as _, Result};
use plainview_weigh::bundle::{Bundle, expect};
use serde_json::Value;

use crate::cli::WeighArgs;
use crate::exit::Ending;
use crate::term;

pub(crate) fn run(args: &WeighArgs) -> Result<Ending> {
    let mut bytes = Vec::new();
    if args.bundle.as_os_str() == "-" {
        std::io::stdin()
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
    } else {
        bytes = std::fs::read(&args.bundle)
            .with_context(|| format!("cannot read {}", args.bundle.display()))?;
    }
    let bundle = Bundle::parse(&bytes).with_context(|| {
        format!(
            "{} is not a plainview.weigh/0 bundle",
            args.bundle.display()
        )
    })?;
    let value = expect(&bundle)?;
    if args.json {
        term::result(&format!("{}\n", serde_json::to_string_pretty(&value)?));
    } else {
        term::result(&text(bundle.claim(), &value));
    }
    let outcome = value["corroborated"]["base"].as_str().unwrap_or_default();
    Ok(Ending {
        contradicted: matches!(outcome, "contradicted" | "contested"),
        incomplete: false,
    })
}

/// The five runs in the order in which METHOD 9.1 prints them.
const RUNS: [&str; 5] = [
    "face",
    "base",
    "strict",
    "no_claimant",
    "disinterested_only",
];

fn text(claim: &str, value: &Value) -> String {
    let mut out = format!("claim {claim}\n\n{:<14}", "standard");
    for run in RUNS {
        out.push_str(&format!("{run:<20}"));
    }
    out.push('\n');
    for standard in ["any", "balance", "corroborated", "exhaustive"] {
        out.push_str(&format!("{standard:<14}"));
        for run in RUNS {
            let outcome = value[standard][run].as_str().unwrap_or_default();
            out.push_str(&format!("{outcome:<20}"));
        }
        out.push('\n');
    }
    let detail = &value["detail_corroborated_L1"];
    for side in ["for", "against"] {
        let strength = detail[format!("strength_{side}")]
            .as_str()
            .unwrap_or_default();
        out.push_str(&format!(
            "\n{side:<8} {strength:<13} separate lineages by source, custodian, organisation: {}",
            detail[format!("k_{side}")]
        ));
    }
    out.push_str("\n\nrests on");
    for by in ["source", "custodian", "controller"] {
        let f = &value["fragility_balance_or_corr"][by]["f"];
        let text = f.as_u64().map_or_else(
            || format!("\n{by:<11} no removal of up to three changes the outcome"),
            |f| {
                format!(
                    "\n{by:<11} the outcome changes when {f} of them {}",
                    if f == 1 { "goes" } else { "go" }
                )
            },
        );
        out.push_str(&text);
    }
    out.push('\n');
    out
}
