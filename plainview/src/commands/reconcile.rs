//! `plainview reconcile FILES`: listed against billed or metered, without a case.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use plainview_records::Format;
use plainview_weigh::reconcile::{
    ASSUMPTION_A1, Reconciliation, State, Tolerance, reconcile, span,
};
use serde_json::json;

use crate::adhoc::{self, Adhoc, Options, Sorted};
use crate::cli::ReconcileArgs;
use crate::exit::Ending;
use crate::{review, term};

pub(crate) fn run(args: &ReconcileArgs) -> Result<Ending> {
    let mut options = Options {
        account: args.account.clone(),
        ..Options::default()
    };
    let mut sorted = adhoc::sort(&args.files, &options)?;
    sorted
        .groups
        .retain(|group| !matches!(group.format, Format::Mail | Format::Table));
    if sorted.groups.is_empty() {
        bail!("no inventory, bill or meter export is recognised among these files");
    }
    let mut assumed = None;
    if options.account.is_none()
        && sorted
            .groups
            .iter()
            .any(|g| g.format == Format::S3Inventory)
    {
        let accounts = accounts(&sorted)?;
        if let [only] = accounts.as_slice() {
            assumed = Some(only.clone());
        } else {
            term::note(&format!(
                "The inventory names no account, so it is compared with nothing. Say whose it is with --account: billed or metered are {}.",
                if accounts.is_empty() {
                    "none".to_owned()
                } else {
                    accounts.join(", ")
                }
            ));
        }
        options.account.clone_from(&assumed);
    }
    let loaded = Adhoc::load(&sorted, &options)?;
    let facts = review::from_tables(&loaded.engine)?;
    let rows = span(&facts)
        .map(|window| reconcile(&facts, window, &Tolerance::default()))
        .unwrap_or_default();
    let incomplete = adhoc::lost(&loaded.notices) || !sorted.unknown.is_empty() || rows.is_empty();
    if args.json {
        let value = json!({
            "reconciliation": rows, "assumption": ASSUMPTION_A1,
            "account_assumed": assumed, "notices": loaded.notices,
        });
        term::result(&format!("{}\n", serde_json::to_string_pretty(&value)?));
    } else {
        if let Some(account) = &assumed {
            term::note(&format!(
                "The inventory names no account; the only one billed or metered is {account}. Use --account to say otherwise."
            ));
        }
        term::result(&text(&rows));
        term::result(&super::records::notices_text(&loaded.notices));
    }
    let contradicted = rows.iter().any(|row| row.state == State::Gap);
    Ok(Ending {
        contradicted,
        incomplete,
    })
}

/// The accounts that bills and meters name.
fn accounts(sorted: &Sorted) -> Result<Vec<String>> {
    let frames = sorted.only(
        sorted
            .groups
            .iter()
            .filter(|g| !matches!(g.format, Format::S3Inventory | Format::AzureBlobInventory))
            .cloned()
            .collect(),
    );
    let facts = review::from_tables(&Adhoc::load(&frames, &Options::default())?.engine)?;
    let bills = facts
        .bills
        .iter()
        .map(|b| format!("{}/{}", b.provider, b.account));
    let meters = facts
        .meters
        .iter()
        .map(|m| format!("{}/{}", m.provider, m.account));
    let accounts: BTreeSet<String> = bills.chain(meters).collect();
    Ok(accounts.into_iter().collect())
}

fn text(rows: &[Reconciliation]) -> String {
    if rows.is_empty() {
        return "Nothing to compare: no account and month has two kinds of record.\n".to_owned();
    }
    let mut out = String::new();
    for row in rows {
        out.push_str(&row_text(row));
    }
    out.push_str(&format!("\n{ASSUMPTION_A1}\nAll amounts in GiB-months (2^30 bytes kept for the month), as [least, most].\n"));
    out
}

/// One comparison in words.
pub(crate) fn row_text(row: &Reconciliation) -> String {
    let word = match row.state {
        State::Gap => format!(
            "GAP: at least {} {} and not {}",
            row.gap[0],
            row.left.kind.participle(),
            row.right.kind.participle()
        ),
        State::Excess => format!(
            "EXCESS: {} more than is {}",
            row.right.kind.participle(),
            row.left.kind.participle()
        ),
        State::Reconciled => format!("reconciled to within {}", row.resolution),
        State::Open => "open: one side is not bounded".to_owned(),
    };
    let mut out = format!(
        "{}/{} {}  {} [{}, {}]  {} [{}, {}]\n    {word} (tolerance {})\n",
        row.provider,
        row.account,
        row.month,
        row.left.kind.participle(),
        row.left.gib_month[0],
        row.left.gib_month[1],
        row.right.kind.participle(),
        row.right.gib_month[0],
        row.right.gib_month[1],
        row.tau
    );
    for note in &row.notes {
        out.push_str(&format!("    {note}\n"));
    }
    term::harmless(&out)
}
