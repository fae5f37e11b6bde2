//! `plainview explain CASE CLAIM`: one verdict as a tree, and what it would be with less evidence.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use plainview_weigh::assemble::Input;
use plainview_weigh::case::Side;
use plainview_weigh::verdict::{ArgumentLine, ArgumentState, ItemLine, Outcome, Verdict, evaluate};

use crate::case::CaseFolder;
use crate::cli::ExplainArgs;
use crate::exit::Ending;
use crate::{files, review, term};

pub(crate) fn run(args: &ExplainArgs) -> Result<Ending> {
    let case = CaseFolder::open(&args.case)?;
    if case.register.claim(&args.claim).is_none() {
        let known: Vec<&str> = case.register.claims.iter().map(|c| c.id.as_str()).collect();
        bail!("no claim {}; the case has {}", args.claim, known.join(", "));
    }
    let path = review::input_path(&case, &args.claim);
    let text = files::read_text(&path)
        .context("the case has not been reviewed yet: run `plainview review` first")?;
    let mut input = Input::from_json(&text)?;
    for source in &args.without {
        if case.register.source(source).is_none() {
            let known: Vec<&str> = case
                .register
                .sources
                .iter()
                .map(|s| s.id.as_str())
                .collect();
            bail!("no source `{source}`; the case has {}", known.join(", "));
        }
    }
    remove_sources(&mut input, &args.without);
    if let Some(date) = &args.known_by {
        let day: jiff::civil::Date = date.parse().with_context(|| format!("{date} is no date"))?;
        let end = plainview_register::midnight_ms(day.tomorrow()?).div_euclid(1000);
        input.items.retain(|item| item.recorded_at < end);
        drop_unsupported(&mut input);
    }
    let verdict = evaluate(&input)?;
    if args.json {
        term::result(&format!("{}\n", serde_json::to_string_pretty(&verdict)?));
    } else {
        term::result(&tree(&verdict));
    }
    let contradicted = matches!(verdict.outcome, Outcome::Contradicted | Outcome::Contested);
    Ok(Ending {
        contradicted,
        incomplete: false,
    })
}

/// Takes sources away together with everything derived from them.
fn remove_sources(input: &mut Input, removed: &[String]) {
    let mut gone: BTreeSet<String> = removed.iter().cloned().collect();
    loop {
        let more: Vec<String> = input
            .sources
            .iter()
            .filter(|s| !gone.contains(&s.id) && s.derived_from.iter().any(|d| gone.contains(d)))
            .map(|s| s.id.clone())
            .collect();
        if more.is_empty() {
            break;
        }
        gone.extend(more);
    }
    input.items.retain(|item| !gone.contains(&item.source));
    drop_unsupported(input);
}

/// An argument or challenge stands on all of its premises or not at all.
fn drop_unsupported(input: &mut Input) {
    let items: BTreeSet<&str> = input.items.iter().map(|i| i.id.as_str()).collect();
    let whole = |premises: &[String]| premises.iter().all(|p| items.contains(p.as_str()));
    input
        .arguments
        .retain(|argument| whole(&argument.premises) && whole(&argument.frame));
    let mut targets: BTreeSet<String> = input.arguments.iter().map(|a| a.id.clone()).collect();
    input.challenges.retain(|challenge| {
        let stands = whole(&challenge.premises) && targets.contains(&challenge.target);
        if stands {
            targets.insert(challenge.id.clone());
        }
        stands
    });
}

fn tree(verdict: &Verdict) -> String {
    let mut out = format!(
        "{}  {}\n",
        verdict.claim,
        term::bold(term::outcome_word(verdict.outcome))
    );
    out.push_str(&term::wrap(&format!("\u{201c}{}\u{201d}", verdict.text), 2));
    for sentence in &verdict.sentences {
        out.push_str(&term::wrap(&sentence.text, 2));
    }
    for (side, word) in [(Side::For, "For"), (Side::Against, "Against")] {
        let arguments: Vec<&ArgumentLine> = verdict
            .arguments
            .iter()
            .filter(|a| a.side == side)
            .collect();
        out.push_str(&format!("\n{word}: {} arguments\n", arguments.len()));
        for argument in arguments {
            out.push_str(&argument_text(verdict, argument));
        }
    }
    if !verdict.reasons.is_empty() {
        out.push_str(&format!(
            "\nWhy not decided: {}\n",
            verdict.reasons.join(", ")
        ));
    }
    out.push_str("\nRuns: ");
    let runs = &verdict.runs;
    out.push_str(&format!(
        "face {}, base {}, strict {}, without the claimant's records {}, disinterested only {}\n",
        runs.face.code(),
        runs.base.code(),
        runs.strict.code(),
        runs.no_claimant.code(),
        runs.disinterested_only.code()
    ));
    for (by, rests) in &verdict.rests_on {
        for (set, outcome) in rests.sets.iter().zip(&rests.becomes) {
            out.push_str(&format!(
                "Without {by} {}: {}\n",
                set.join(" and "),
                outcome.code()
            ));
        }
    }
    out
}

fn argument_text(verdict: &Verdict, argument: &ArgumentLine) -> String {
    let state = state_words(argument.state);
    let mut out = format!("  {} ({state})\n", argument.id);
    out.push_str(&term::wrap(&argument.says, 6));
    for gate in &argument.gates {
        let mark = if gate.pass { "pass" } else { "FAIL" };
        out.push_str(&term::wrap(
            &format!("{} {mark}: {}", gate.gate, gate.why),
            6,
        ));
    }
    for premise in &argument.premises {
        if let Some(item) = verdict.items.iter().find(|item| item.id == *premise) {
            out.push_str(&item_text(item));
        }
    }
    out
}

/// A leaf: what the item says, who keeps it, and where it is written.
fn item_text(item: &ItemLine) -> String {
    let place = match (&item.file, &item.row) {
        (Some(file), Some(row)) => format!("{file}, row {}", row.row_no),
        (Some(file), None) => file.clone(),
        _ => item.source.clone(),
    };
    let serving = if item.self_serving {
        ", serves its keeper"
    } else {
        ""
    };
    let mut out = format!(
        "      - {} kept by {} [{place}]{serving}\n",
        item.id, item.custodian
    );
    out.push_str(&term::wrap(&item.says, 10));
    out.push_str(&term::wrap(&item.integrity_because, 10));
    out
}

/// What became of an argument, in words.
fn state_words(state: ArgumentState) -> &'static str {
    match state {
        ArgumentState::Qualifying => "counts",
        ArgumentState::SelfServing => "heard, serves its keeper",
        ArgumentState::Unverified => "heard, not verified",
        ArgumentState::Defeated => "taken out by a challenge",
        ArgumentState::NotEarned => "not earned: a gate fails",
        ArgumentState::Dead => "dead: a record failed its check",
    }
}
